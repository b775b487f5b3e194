"""Working minutes on an axis of dates, and curves over it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.charts.days import day_number
from simrisk.dataset import Results, RunDates
from simrisk.measures import quantile

WORKED_PART = 0.5  # of a day on the axis
MOST_STEPS = 400  # points of a curve that are drawn
LEAST_DAYS = 5.0  # in a picture: of fewer, matplotlib would mark hours
LIFTED, CUT_OFF = Fraction(1, 1000), Fraction(995, 1000)  # of the trials that finish: where a curve begins and ends


class Clock:
    """Working minutes to matplotlib's day numbers.

    A day's tick is the end of that day: at the tick a curve has everything that is finished by then,
    and what is finished within the day lies in the half day before, nearer to its own tick than to another.
    """

    def __init__(self, run: Results) -> None:
        self.dates = RunDates.of(run)
        self.numbers = self.dates.days.astype("datetime64[D]").astype(np.float64)  # days since 1970, as matplotlib's
        self.horizon = int(run.attrs["horizon"])

    def x(self, minutes: np.ndarray | float) -> np.ndarray:
        """Day number of the moment at which something finishes."""
        day = np.clip(np.ceil(np.asarray(minutes) / self.dates.day_minutes) - 1, 0, len(self.numbers) - 1)
        left = day + 1 - np.asarray(minutes) / self.dates.day_minutes  # share of the day that remains
        found: np.ndarray = self.numbers[day.astype(int)] - WORKED_PART * left
        return found

    def horizon_date(self) -> date:
        """The last day that was simulated."""
        return self.dates.finish_date(self.horizon)


def deadline_of(run: Results) -> date | None:
    """The date that lateness is measured against."""
    return date.fromisoformat(run.attrs["deadline"]) if "deadline" in run.attrs else None


def deadline_x(run: Results) -> float | None:
    """Its day number."""
    deadline = deadline_of(run)
    return None if deadline is None else day_number(deadline)


class Part(NamedTuple):
    """What of a curve has to be in the picture: from its quantile `low` to its quantile `high`."""

    finish: np.ndarray
    clock: Clock
    low: Fraction = LIFTED
    high: Fraction = CUT_OFF


def range_of(parts: Sequence[Part], moments: Sequence[float] = ()) -> tuple[float, float]:
    """Day numbers from which to which curves and moments are in the picture, with some air."""
    found = list(moments)
    for part in parts:
        known = part.finish[np.isfinite(part.finish)]
        if len(known):
            found += [float(part.clock.x(quantile(known, share).value)) for share in (part.low, part.high)]
    first, last = min(found, default=0.0), max(found, default=0.0)
    width = max(last - first, 14.0)
    first, last = first - 0.08 * width, last + 0.06 * width
    spare = max(LEAST_DAYS - (last - first), 0.0) / 2
    return first - spare, last + spare


def steps(
    finish: np.ndarray, clock: Clock, ends: tuple[float, float], marked: tuple[int, ...] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """The share finished by each moment as a curve of steps, thinned to what can be seen.

    Parameters
    ----------
    finish : (n_trials,), working minutes, inf where it did not finish
    ends : (left, right)
        Day numbers; the curve begins before the left one and ends behind the right one.
    marked : tuple of int
        Percentages at which the curve stays exact.

    Returns
    -------
    x, y : (n_steps,)
        Day numbers; shares of all trials.
    """
    minutes, counts = np.unique(finish[np.isfinite(finish)], return_counts=True)
    shares = np.cumsum(counts) / len(finish)
    if len(minutes) > MOST_STEPS:
        exact = np.searchsorted(shares, [percent / 100 for percent in marked if percent / 100 <= shares[-1]])
        kept = np.union1d(np.linspace(0, len(minutes) - 1, MOST_STEPS).astype(int), exact)
        minutes, shares = minutes[kept], shares[kept]
    x = np.concatenate([[ends[0] - 1], clock.x(minutes), [ends[1] + 1]])
    y = np.concatenate([[0.0], shares, shares[-1:] if len(shares) else [0.0]])
    return x, y
