"""Pools: roles with a number of heads over time that are shared out anew among parts whenever something happens."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from simrisk.models.calendar import days_until, status_minute
from simrisk.models.clock import Step
from simrisk.models.events import Kind
from simrisk.models.facts import Row, cut
from simrisk.models.people import productivities, whole_rate
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario import pools
from simrisk.scenario.model import Pool, Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import NEVER, PAID_EMPLOYED, PAID_WORKED, PIECE, POOL, UNPAID

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.world import World


def head_unit(scenario: Scenario) -> int:
    """Return the number of parts of a head in which all heads are whole numbers."""
    return pools.head_unit(scenario.pools, scenario.tasks)


def max_heads(limit: Fraction | None, unit: int) -> int:
    """Return the parts of a head that may work on a task at once."""
    return NEVER if limit is None else int(limit * unit)


@dataclass
class Hire:
    """Heads that are planned to come together: how many are left of them, and how many went when."""

    left: int
    start: int
    delay: int  # draw; -1
    ramps: bool
    gone: list[tuple[int, int]] = field(default_factory=list)  # (size, minute)


def hires_of(pool: Pool, scenario: Scenario, calendar: WorkingCalendar, draws: DrawBuilder) -> list[Hire]:
    """Return the hires of a pool in the order in which they are planned; those planned last go first."""
    unit, status = head_unit(scenario), status_minute(scenario, calendar)
    hires: list[Hire] = []
    before = Fraction(0)
    for number, (first, heads) in enumerate(pool.headcount):
        minute, change = calendar.minute_of(first), int((heads - before) * unit)
        before = heads
        if change > 0:
            slips = number > 0 and minute > status
            delay = draws.add(f"pool/{pool.id}/{first.isoformat()}", pool.hire_delay) if slips else -1
            hires.append(Hire(change, minute, delay, number > 0))
        for hire in reversed(hires):
            goes = min(hire.left, max(0, -change))
            if goes > 0:
                hire.left -= goes
                hire.gone.append((goes, minute))
                change += goes
    return hires


def lower_pools(
    scenario: Scenario, calendar: WorkingCalendar, draws: DrawBuilder
) -> tuple[np.recarray, np.recarray, NDArray[np.int64]]:
    """Return the pools, shape (n_pools,), their pieces, and the rates of a head, shape (n_pools, longest ramp + 1)."""
    rows: list[tuple[int, ...]] = []
    pieces: list[tuple[int, ...]] = []
    ramps: list[list[Fraction]] = []
    for pool in scenario.pools:
        first = len(pieces)
        for hire in hires_of(pool, scenario, calendar, draws):
            for size, end in [*hire.gone, (hire.left, NEVER)]:
                if size > 0 and hire.start < end:
                    pieces.append((size, hire.start, end, hire.delay, int(hire.ramps)))
        pay = (pool.rate or Fraction(0)) / head_unit(scenario)
        paid = UNPAID if pool.rate is None else PAID_EMPLOYED if pool.paid == "employed" else PAID_WORKED
        ramp = days_until(pool.ramp, calendar)
        shares = *divmod(pay.numerator, pay.denominator), pay.denominator
        rows.append((first, len(pieces) - first, paid, *shares, ramp))
        ramps.append([pool.focus * productivity for productivity in productivities(ramp, pool.ramp_from)])
    rates = np.zeros((len(ramps), max(map(len, ramps), default=1)), np.int64)
    for i, ramp_of in enumerate(ramps):
        rates[i, : len(ramp_of)] = [whole_rate(productivity) for productivity in ramp_of]
    return records(rows, POOL), records(pieces, PIECE), rates


class Heads:
    """Heads of a pool that come and go together in one trial."""

    def __init__(self, world: World, piece: Row) -> None:
        day_minutes: int = world.facts.project.day_minutes
        self.size: int = piece.heads
        self.start: int = piece.start
        self.end: int = piece.end
        self.ramps: bool = bool(piece.ramps)
        if piece.delay >= 0:
            slipped = piece.start + world.draws.minutes(piece.delay)
            self.start = -(-slipped // day_minutes) * day_minutes

    def are_there(self, minute: int) -> bool:
        """Whether they have come and not gone again."""
        return self.start <= minute < self.end

    def minutes_there(self, begin: int, end: int) -> int:
        """Return the minutes between two in which they are there."""
        return max(0, min(self.end, end) - max(self.start, begin))


class Crew:
    """A pool in one trial."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.index = index
        self.name = world.facts.plan.pool_ids[index]
        self.record = world.facts.pools[index]
        pieces = cut(world.facts.pieces, self.record.piece_ptr, self.record.n_pieces)
        self.heads = [Heads(world, piece) for piece in pieces]
        self.there = 0  # parts of a head
        self.pace = 0  # millionths of work that all who are there do in a minute, times parts of a head
        self.idle = 0  # parts of a head that this allocation pass has not given away yet
        self.worked = 0  # minutes times parts of a head

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: heads come, go and learn."""
        self.count()
        for minute in sorted(self.changes()):
            yield self.world.clock.at(minute, Step.RETURN, self.index)
            before = self.there
            self.count()
            if self.there != before:
                self.world.note(Kind.STAFFED, who=(self.name,), more=(self.in_heads(self.there),))

    def changes(self) -> set[int]:
        """Return the minutes from now on at which something changes."""
        now, day_minutes = self.world.clock.now, self.world.facts.project.day_minutes
        minutes: set[int] = set()
        for heads in self.heads:
            learning = range(heads.start, heads.start + (self.record.ramp_days + 1) * day_minutes, day_minutes)
            minutes.update(learning if heads.ramps else [heads.start])
            minutes.add(heads.end)
        return {minute for minute in minutes if now <= minute <= self.world.facts.project.horizon}

    def count(self) -> None:
        """Count who is there, and how fast they are together, until the next change."""
        now = self.world.clock.now
        there = [heads for heads in self.heads if heads.are_there(now)]
        self.there = sum(heads.size for heads in there)
        self.pace = sum(heads.size * self.rate_on(now, heads) for heads in there)

    def in_heads(self, size: int) -> float:
        """Return parts of a head as heads."""
        return size / int(self.world.facts.project.head_unit)

    def assemble(self) -> None:
        """All heads are to be shared out anew."""
        self.idle = self.there

    def lend(self, part: Part) -> None:
        """Give a part what it can get of the heads that are left."""
        heads = min(self.idle, int(part.record.max_heads)) if part.can_be_taken else 0
        self.idle -= heads
        part.get_heads(heads)

    def rate_of(self, size: int) -> int:
        """Return the millionths of work that some of its heads do in a minute, halves to even."""
        return round(Fraction(size * self.pace, self.there * self.world.facts.project.head_unit))

    def rate_on(self, now: int, heads: Heads) -> int:
        """Return the millionths of work that one of these heads does in a minute of the day of `now`."""
        ramp, day_minutes = int(self.record.ramp_days), self.world.facts.project.day_minutes
        days = now // day_minutes - heads.start // day_minutes
        return self.world.facts.pool_rates[self.index][min(ramp, days) if heads.ramps else ramp]

    def present(self, end: int) -> int:
        """Return the minutes times parts of a head that were there until `end`."""
        status = self.world.facts.project.status
        return sum(heads.size * heads.minutes_there(status, end) for heads in self.heads)
