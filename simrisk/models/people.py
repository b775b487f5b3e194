"""People: when somebody is employed and how much work a minute of theirs is worth.

Rates are whole millionths of a minute of work per minute of clock, so that both engines count work in integers. The
product of fte, focus, ramp and efficiency is taken exactly, as the decimals are written, and rounded half to even once.
"""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from simrisk.models.absence import Spells
from simrisk.models.calendar import days_until
from simrisk.models.clock import Step
from simrisk.models.cover import watch_thresholds
from simrisk.models.facts import Facts, Row
from simrisk.models.slices import records
from simrisk.scenario.model import Person, Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import MILLION, NEVER, PAID_EMPLOYED, PAID_WORKED, PERSON, UNPAID

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.world import World

UNABLE = -1


def ramp_days(person: Person, calendar: WorkingCalendar) -> int:
    """Return the length of the ramp in working days; it begins with employment, by default with the project."""
    return days_until(person.ramp, calendar)


def employment_days(person: Person, calendar: WorkingCalendar) -> tuple[int | None, int | None]:
    """Return the first working day of employment and the day after the last; None: open."""
    start = None if person.start is None else calendar.day_of(person.start)
    end = None if person.end is None else calendar.end_of(person.end) // calendar.day_minutes
    return start, end


class RateTable:
    """The rates of all people: by person, efficiency and working day of the ramp."""

    def __init__(self, scenario: Scenario, calendar: WorkingCalendar) -> None:
        self._people = scenario.people
        self._ramps = [ramp_days(person, calendar) for person in scenario.people]
        self._factors: list[dict[Fraction, int]] = [{} for _ in scenario.people]

    def index(self, person: int, factor: Fraction | None) -> int:
        """Return the place of an efficiency among those of `person`; `UNABLE` for None."""
        if factor is None:
            return UNABLE
        factors = self._factors[person]
        return factors.setdefault(factor, len(factors))

    def finish(self) -> NDArray[np.int64]:
        """Return the rates, shape (n_people, n_efficiencies, longest ramp + 1); full ones after the own ramp."""
        most = max((len(factors) for factors in self._factors), default=0)
        longest = max(self._ramps, default=0)
        rates = np.zeros((len(self._people), max(1, most), longest + 1), np.int64)
        for i, person in enumerate(self._people):
            for factor, place in self._factors[i].items():
                for day in range(longest + 1):
                    rates[i, place, day] = rate(person, factor, day, self._ramps[i])
        return rates


def rate(person: Person, factor: Fraction, day: int, ramp: int) -> int:
    """Return the millionths of a minute of work done per minute on working day `day` of a ramp of `ramp` days."""
    productivity = Fraction(1)
    if day < ramp:
        productivity = person.ramp_from + (1 - person.ramp_from) * Fraction(day, ramp)
    return round(person.fte * person.focus * productivity * factor * MILLION)  # Fraction rounds half to even


def lower_people(
    scenario: Scenario,
    calendar: WorkingCalendar,
    leave: list[tuple[int, int]],
    absences: list[tuple[int, int]],
    covers: list[int],
) -> np.recarray:
    """Return the people's records, shape (n_people,).

    Parameters
    ----------
    leave, absences : list of (first, n)
        Each person's slice of the leave and of the kinds of absence.
    covers : list of int
        Each person's policy.
    """
    rows = []
    for i, person in enumerate(scenario.people):
        first, end = employment_days(person, calendar)
        pay = Fraction(0) if person.rate is None else person.rate * person.fte
        paid = UNPAID if person.rate is None else PAID_EMPLOYED if person.paid == "employed" else PAID_WORKED
        rows.append(
            (
                -NEVER if first is None else first * calendar.day_minutes,
                NEVER if end is None else end * calendar.day_minutes,
                0 if first is None else first,
                ramp_days(person, calendar),
                covers[i],
                paid,
                *divmod(pay.numerator, pay.denominator),
                pay.denominator,
                *leave[i],
                *absences[i],
            )
        )
    return records(rows, PERSON)


class Reason(Enum):
    """Whether somebody is there, and if not, why."""

    NOT_YET = "not yet employed"
    PRESENT = "present"
    LEAVE = "on leave"
    ABSENT = "absent"
    GONE = "no longer employed"


class Worker:
    """A person in one trial: lives day by day, and holds at most one ordinary and one urgent piece of work."""

    def __init__(self, world: World, index: int, leave_days: set[int]) -> None:
        self.world = world
        self.index = index
        self.name = world.facts.plan.person_ids[index]
        self.record = world.facts.people[index]
        self.calendar = PersonalCalendar(world.facts, self.record, leave_days)
        self.spells = Spells(world, self.record)
        self.reason = Reason.NOT_YET
        self.changed_at = 0
        self.away_since = 0
        self.ordinary: Part | None = None
        self.urgent: Part | None = None
        self.ceremony_since: int | None = None
        self.ceremony_end = 0
        self.worked = 0
        self.ceremony_minutes = 0
        self.away_minutes = {Reason.LEAVE: 0, Reason.ABSENT: 0}

    # Presence

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: be there or away, a working day at a time."""
        clock, day_minutes = self.world.clock, self.world.facts.project.day_minutes
        for day in range(self.world.facts.project.n_days):
            reason = self.reason_on(day)
            if reason is not self.reason:
                yield clock.at(day * day_minutes, Step.RETURN if reason is Reason.PRESENT else Step.GO, self.index)
                self.become(reason, day)
            elif self.calendar.ramps_on(day):
                yield clock.at(day * day_minutes, Step.RETURN, self.index)  # the rate changes today

    def reason_on(self, day: int) -> Reason:
        """Return how it is on a working day; asked once a day, in order, for the clocks of absence run on presence."""
        reason = self.calendar.reason_on(day)
        if reason is not Reason.PRESENT:
            return reason
        return Reason.ABSENT if self.spells.absent_today() else Reason.PRESENT

    def become(self, reason: Reason, day: int) -> None:
        """Return, arrive or go."""
        now = self.world.clock.now
        was_away = self.is_away
        self.note_time_away(now)
        self.reason = reason
        self.world.note(f"{self.name} is {reason.value}")
        if reason is Reason.PRESENT:
            return
        self.end_ceremony()
        if self.is_away and not was_away:
            self.away_since = self.calendar.leave_start(day) * self.world.facts.project.day_minutes
            watch_thresholds(self)

    def note_time_away(self, now: int) -> None:
        """Add the time since the last change to what it was spent on."""
        if self.reason in self.away_minutes:
            self.away_minutes[self.reason] += now - self.changed_at
        self.changed_at = now

    @property
    def is_present(self) -> bool:
        """Whether employed and not away."""
        return self.reason is Reason.PRESENT

    @property
    def is_away(self) -> bool:
        """Whether on leave, absent or no longer employed; before employment nobody is away."""
        return self.reason in (Reason.LEAVE, Reason.ABSENT, Reason.GONE)

    @property
    def is_gone(self) -> bool:
        """Whether employment is over."""
        return self.reason is Reason.GONE

    @property
    def known_return(self) -> int | None:
        """The minute until which somebody on leave is known to be away, at least."""
        if self.reason is not Reason.LEAVE:
            return None
        day_minutes = self.world.facts.project.day_minutes
        end = self.calendar.leave_end(self.world.clock.now // day_minutes)
        return NEVER if end == NEVER else end * day_minutes

    # Ceremonies

    def begin_ceremony(self, end: int) -> None:
        """Be held by a ceremony until `end`."""
        if self.ceremony_since is None:
            self.ceremony_since = self.world.clock.now
        self.ceremony_end = end

    def end_ceremony(self) -> None:
        """Be released, at its end or by going away."""
        if self.ceremony_since is not None:
            self.ceremony_minutes += self.world.clock.now - self.ceremony_since
            self.ceremony_since = None

    # Work

    def is_free_for(self, part: Part) -> bool:
        """Whether they could take a piece of work now."""
        if not self.is_present or self.ceremony_since is not None or self.urgent is not None:
            return False
        return part.job.is_urgent or self.ordinary is None

    def hold(self, part: Part) -> None:
        """Take a piece of work."""
        if part.job.is_urgent:
            self.urgent = part
        else:
            self.ordinary = part

    def let_go(self, part: Part) -> None:
        """Be free of a piece of work."""
        if self.urgent is part:
            self.urgent = None
        if self.ordinary is part:
            self.ordinary = None

    def works_on(self, part: Part) -> bool:
        """Whether they are at it now: there, not in a ceremony, and with nothing more urgent."""
        if not self.is_present or self.ceremony_since is not None:
            return False
        return self.urgent is part or (self.urgent is None and self.ordinary is part)

    def rate_at(self, efficiency: int) -> int:
        """Return the millionths of a minute of work they do in a minute of today."""
        today = self.world.clock.now // self.world.facts.project.day_minutes
        ramp_day = min(self.record.ramp_days, today - self.record.start_day)
        return self.world.facts.rates[self.index][efficiency][ramp_day if self.record.ramp_days else 0]


class PersonalCalendar:
    """When somebody is employed and on leave, in working days."""

    def __init__(self, facts: Facts, record: Row, leave_days: set[int]) -> None:
        day_minutes = facts.project.day_minutes
        self.record = record
        self.leave_days = leave_days
        self.n_days: int = facts.project.n_days
        self.start = record.start // day_minutes
        self.end = record.end // day_minutes

    def reason_on(self, day: int) -> Reason:
        """Return how it is on a working day, absence aside."""
        if day < self.start:
            return Reason.NOT_YET
        if day >= self.end:
            return Reason.GONE
        return Reason.LEAVE if day in self.leave_days else Reason.PRESENT

    def ramps_on(self, day: int) -> bool:
        """Whether the rate of this day differs from that of the day before."""
        return 0 < day - int(self.record.start_day) <= int(self.record.ramp_days)

    def leave_start(self, day: int) -> int:
        """Return the first day of the leave that lasts until `day`; leave may have begun before the project."""
        while day - 1 in self.leave_days:
            day -= 1
        return day

    def leave_end(self, day: int) -> int:
        """Return the day on which leave of `day` ends; `NEVER` when it lasts to the end of employment or horizon."""
        while day in self.leave_days:
            day += 1
        return NEVER if day >= min(self.end, self.n_days) else day
