"""A graph of activities: what waits for what, an order in which to work them out, and what comes after what."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simrisk_kernels.network_layout import BEHIND, FIXED

NO_ROW = -1


class NotANetworkError(Exception):
    """The plan holds something that depends on what happens first; the message says what."""


@dataclass
class Activity:
    """An activity of a network under construction.

    Parameters
    ----------
    kind : int
        How its length comes about.
    base : int
        No start before this minute.
    length : int
        Minutes of a fixed one.
    most : int
        Its length is never more.
    longest : int
        Where its length is cut off.
    draw, ptr, n, row : int
        As in the record of the kernel.
    waits : list of (activity, minutes)
        What it waits for, to its end and so much longer.
    after : list of activity
        What has to be worked out before, without being waited for.
    """

    kind: int = FIXED
    base: int = 0
    length: int = 0
    most: int = 0
    longest: int = 0
    draw: int = -1
    ptr: int = 0
    n: int = 0
    row: int = NO_ROW
    waits: list[tuple[int, int]] = field(default_factory=list)
    after: list[int] = field(default_factory=list)

    @property
    def needs(self) -> list[int]:
        """All that has to be worked out before."""
        return [before for before, _ in self.waits] + self.after + ([self.row] if self.row >= 0 else [])


class Graph:
    """Activities in the order in which they were added."""

    def __init__(self) -> None:
        self.activities: list[Activity] = []

    def add(self, activity: Activity) -> int:
        """Add an activity; return its number."""
        self.activities.append(activity)
        return len(self.activities) - 1

    def __getitem__(self, number: int) -> Activity:
        return self.activities[number]

    def order(self) -> list[int]:
        """Return the numbers in an order in which each comes after all it needs, as near to theirs as can be.

        Raises
        ------
        NotANetworkError
            Some need each other.
        """
        needed = [len(set(activity.needs)) for activity in self.activities]
        following: list[list[int]] = [[] for _ in self.activities]
        for number, activity in enumerate(self.activities):
            for before in set(activity.needs):
                following[before].append(number)
        free = [number for number, n in enumerate(needed) if n == 0]
        order = []
        while free:
            number = heapq.heappop(free)
            order.append(number)
            for after in following[number]:
                needed[after] -= 1
                if needed[after] == 0:
                    heapq.heappush(free, after)
        if len(order) < len(self.activities):
            raise NotANetworkError("what happens first depends on what happens later")
        return order

    def alike_together(self, order: Iterable[int]) -> list[int]:
        """Return activities, given in order, level by level, those of a level that are alike behind each other.

        A level is how many have to be worked out before, one after the other. Alike are those of one kind with as many
        links: the processor then foresees how often loops over links go round.
        """
        chosen = list(order)
        levels, followers = [0] * len(self.activities), [0] * len(self.activities)
        for number in chosen:
            activity = self.activities[number]
            levels[number] = max((1 + levels[before] for before in activity.needs), default=0)
            for before, _ in activity.waits:
                followers[before] += 1

        def likeness(number: int) -> tuple[int, int, int, int]:
            activity = self.activities[number]
            return levels[number], activity.kind, len(activity.waits), followers[number]

        return sorted(chosen, key=likeness)

    def descendants(self) -> list[int]:
        """Return for each activity the set, as bits, of those that never end before it has.

        A lag that may be negative breaks the chain.
        """
        bits = [1 << number for number in range(len(self.activities))]
        for number in reversed(self.order()):
            if self.activities[number].kind != BEHIND:
                for before, _ in self.activities[number].waits:
                    bits[before] |= bits[number]
        return bits

    def latest_ends(self, order: Iterable[int]) -> list[int]:
        """Return for each activity a minute that its end never passes."""
        ends = [0] * len(self.activities)
        for number in order:
            activity = self.activities[number]
            start = max([activity.base, *(ends[before] + lag for before, lag in activity.waits)])
            ends[number] = start + activity.most
        return ends

    def needed_for(self, goals: Iterable[int]) -> set[int]:
        """Return the activities on which the ends of `goals` depend, themselves included."""
        found = set(goals)
        ahead = list(found)
        while ahead:
            new = set(self.activities[ahead.pop()].needs) - found
            found |= new
            ahead.extend(new)
        return found


@dataclass(frozen=True)
class Links:
    """Links between rows, by one of their ends.

    Parameters
    ----------
    ptr : (n + 1,) int64
        Slices of the two below.
    rows, lags : (n_links,) int32
    """

    ptr: NDArray[np.int64]
    rows: NDArray[np.int32]
    lags: NDArray[np.int32]


def links_by(ends: NDArray[np.int64], n: int) -> Links:
    """Return links, (n_links, 3): own row, other row, lag, in slices by own row."""
    ordered = ends[np.lexsort((ends[:, 1], ends[:, 0]))]
    ptr = np.concatenate(([0], np.cumsum(np.bincount(ordered[:, 0], minlength=n))))
    rows, lags = (np.ascontiguousarray(ordered[:, column], np.int32) for column in (1, 2))
    return Links(ptr.astype(np.int64), rows, lags)
