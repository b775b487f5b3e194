"""People: when somebody is employed and how much work a minute of theirs is worth.

Rates are whole millionths of a minute of work per minute of clock, so that both engines count work in integers. The
product of fte, focus, ramp and efficiency is taken exactly, as the decimals are written, and rounded half to even once.
"""

from __future__ import annotations

from collections.abc import Generator
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
import simpy
from numpy.typing import NDArray

from simrisk.models.absence import Spells
from simrisk.models.calendar import days_until
from simrisk.models.clock import Step
from simrisk.models.cover import watch_thresholds
from simrisk.models.departures import Farewell, lower_departure
from simrisk.models.events import Kind
from simrisk.models.presence import PersonalCalendar, Reason, Taken
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario.ability import productivity_on
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
    """The rates of all people: by person, efficiency and working day of their ramp, then of their replacement's."""

    def __init__(self, scenario: Scenario, calendar: WorkingCalendar) -> None:
        self._people = scenario.people
        self._ramps = [ramps_of(person, calendar) for person in scenario.people]
        self._factors: list[dict[Fraction, int]] = [{} for _ in scenario.people]

    def index(self, person: int, factor: Fraction | None) -> int:
        """Return the place of an efficiency among those of `person`; `UNABLE` for None."""
        if factor is None:
            return UNABLE
        factors = self._factors[person]
        return factors.setdefault(factor, len(factors))

    def finish(self) -> NDArray[np.int64]:
        """Return the rates, shape (n_people, n_efficiencies, days of ramps)."""
        most = max((len(factors) for factors in self._factors), default=0)
        longest = max((len(ramps) for ramps in self._ramps), default=1)
        rates = np.zeros((len(self._people), max(1, most), longest), np.int64)
        for i, person in enumerate(self._people):
            for factor, place in self._factors[i].items():
                rates[i, place] = rate(person, factor)  # behind the ramps, too
                for day, productivity in enumerate(self._ramps[i]):
                    rates[i, place, day] = rate(person, factor, productivity)
        return rates


def ramps_of(person: Person, calendar: WorkingCalendar) -> list[Fraction]:
    """Return the productivity on each day of the person's ramp and the full one, then of their replacement's."""
    own = productivities(ramp_days(person, calendar), person.ramp_from)
    departure = person.departure
    if departure is None:
        return own
    return own + productivities(days_until(departure.ramp, calendar), departure.ramp_from)


def productivities(ramp: int, ramp_from: Fraction) -> list[Fraction]:
    """Return the productivity on each day of a ramp of so many days, then the full one."""
    return [productivity_on(ramp_from, day, ramp) for day in range(ramp + 1)]


def rate(person: Person, factor: Fraction, productivity: Fraction = Fraction(1)) -> int:
    """Return the millionths of a minute of work done per minute at an efficiency, on a day of this productivity."""
    return whole_rate(person.fte * person.focus * productivity * factor)


def whole_rate(factor: Fraction) -> int:
    """Return a rate in millionths, halves to even."""
    return round(factor * MILLION)  # so a Fraction rounds


def lower_people(
    scenario: Scenario,
    calendar: WorkingCalendar,
    draws: DrawBuilder,
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
        ramp = ramp_days(person, calendar)
        rows.append(
            (
                -NEVER if first is None else first * calendar.day_minutes,
                NEVER if end is None else end * calendar.day_minutes,
                0 if first is None else first,
                ramp,
                covers[i],
                paid,
                *divmod(pay.numerator, pay.denominator),
                pay.denominator,
                *leave[i],
                *absences[i],
                *lower_departure(person, calendar, draws, ramp),
                *(0, 0),  # see `absent_on`
            )
        )
    return records(rows, PERSON)


NOTED = {
    Reason.PRESENT: Kind.RETURNS,
    Reason.LEAVE: Kind.LEAVE,
    Reason.ABSENT: Kind.ABSENT,
    Reason.TAKEN: Kind.TAKEN,
    Reason.GONE: Kind.RETIRES,
}


class Worker:
    """A person in one trial: lives day by day, and holds at most one ordinary and one urgent piece of work."""

    def __init__(self, world: World, index: int, leave_days: set[int]) -> None:
        self.world = world
        self.index = index
        self.name = world.facts.plan.person_ids[index]
        self.record = world.facts.people[index]
        self.farewell = Farewell(world, self.name, self.record)
        self.calendar = PersonalCalendar(world.facts, self.record, leave_days, self.farewell)
        self.spells = Spells(world, self.record)
        self.taken = Taken(any(entry.person == index for entry in world.facts.risk_away))
        self.left_at: int | None = None
        self.reason = Reason.NOT_YET
        self.changed_at: int = world.facts.project.status
        self.away_since = 0
        self.ordinary: Part | None = None
        self.urgent: Part | None = None
        self.ceremony_since: int | None = None
        self.ceremony_end = 0
        self.worked = 0
        self.ceremony_minutes = 0
        self.absent_as_planned = 0  # minutes of absence until the planned end
        self.away_minutes = {Reason.LEAVE: 0, Reason.ABSENT: 0, Reason.TAKEN: 0}

    # Presence

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: be there or away, a working day at a time."""
        clock, project = self.world.clock, self.world.facts.project
        for day in range(project.status // project.day_minutes, project.n_days):
            if self.taken.is_possible:
                yield clock.silently_at(day * project.day_minutes, Step.RETURN, self.index)  # nobody knows before
            reason = self.reason_on(day)
            if reason is not self.reason:
                step = Step.RETURN if reason is Reason.PRESENT else Step.GO
                yield clock.at(day * project.day_minutes, step, self.index)
                self.note_new_strength(reason, day)
                self.become(reason, day)
            elif self.calendar.ramps_on(day):
                yield clock.at(day * project.day_minutes, Step.RETURN, self.index)  # the rate changes today
                self.note_new_strength(reason, day)
            if day == self.farewell.leaves:
                yield clock.at(day * project.day_minutes, Step.GO, self.index)
                self.left_at = clock.now
                self.taken.end()
                comes = () if self.farewell.is_for_good else (self.farewell.comes * project.day_minutes,)
                self.world.note(Kind.LEAVES, who=(self.name,), more=comes)

    def reason_on(self, day: int) -> Reason:
        """Return how it is on a working day; asked once a day, in order, for the clocks of absence run on presence."""
        if day == self.farewell.leaves:
            self.spells.end()
            self.taken.end()
        reason = self.calendar.reason_on(day)
        if reason is not Reason.PRESENT:
            return reason
        if self.spells.absent_today():
            return Reason.ABSENT
        self.farewell.live_through(day, self.spells.presence)
        if self.record.absent_first <= day < self.record.absent_end:
            return Reason.ABSENT
        return Reason.TAKEN if self.taken.takes(day) else Reason.PRESENT

    def take_away(self, days: int) -> None:
        """Be taken by a risk for so many days, from tomorrow on, on which they would be present."""
        self.taken.add(self.world.clock.now // self.world.facts.project.day_minutes, days)

    def become(self, reason: Reason, day: int) -> None:
        """Return, arrive or go."""
        now = self.world.clock.now
        was_away = self.is_away
        self.note_time_away(now)
        self.note_change(reason, day)
        self.reason = reason
        if reason is Reason.PRESENT:
            return
        self.end_ceremony()
        if self.is_away and not was_away:
            self.away_since = self.calendar.leave_start(day) * self.world.facts.project.day_minutes
            watch_thresholds(self)

    def note_change(self, reason: Reason, day: int) -> None:
        """Note for the story why they come or go; of who leaves and who comes instead it is noted elsewhere."""
        kind = NOTED.get(reason)
        more: tuple[str | int, ...] = ()
        if reason is Reason.ABSENT:
            kinds = self.world.facts.persons[self.name].absence
            more = tuple(word for spell, days in self.spells.left() for word in (kinds[spell].kind, days))
        elif reason is Reason.LEAVE:
            more = (self.calendar.leave_from(day),)
        elif reason is Reason.PRESENT and self.reason is Reason.NOT_YET:
            kind = Kind.ARRIVES if 0 < day == self.calendar.start else None  # else they were there before
        elif self.farewell.is_for_good if reason is Reason.GONE else day == self.farewell.comes:
            kind = None
        if kind is not None:
            self.world.note(kind, who=(self.name,), more=more)

    def note_new_strength(self, reason: Reason, day: int) -> None:
        """Note for the story that a replacement has come, later than who left, or that a ramp is over."""
        if day == self.farewell.comes != self.farewell.leaves:
            self.world.note(Kind.REPLACED, who=(self.name,))
        elif reason is Reason.PRESENT and self.calendar.ramp_ends_on(day):
            self.world.note(Kind.RAMPED, who=(self.name,))

    def note_time_away(self, now: int) -> None:
        """Add the time since the last change to what it was spent on."""
        if self.reason in self.away_minutes:
            self.away_minutes[self.reason] += now - self.changed_at
        if self.reason in (Reason.ABSENT, Reason.TAKEN):
            planned = min(now, self.world.facts.project.planned_end)
            self.absent_as_planned += max(0, planned - self.changed_at)
        self.changed_at = now

    @property
    def is_present(self) -> bool:
        """Whether employed and not away."""
        return self.reason is Reason.PRESENT

    @property
    def is_away(self) -> bool:
        """Whether on leave, absent, departed or no longer employed; before employment nobody is away."""
        return self.reason not in (Reason.NOT_YET, Reason.PRESENT)

    @property
    def is_gone(self) -> bool:
        """Whether employment is over, or they left and nobody comes."""
        return self.reason is Reason.GONE

    @property
    def known_return(self) -> int | None:
        """The minute until which somebody on leave, or departed, is known to be away, at least."""
        if self.reason not in (Reason.LEAVE, Reason.DEPARTED):
            return None
        day_minutes = self.world.facts.project.day_minutes
        end = self.calendar.known_end(self.world.clock.now // day_minutes)
        return NEVER if end == NEVER else end * day_minutes

    @property
    def absent_minutes(self) -> int:
        """Minutes of absence, those taken by risks among them."""
        return self.away_minutes[Reason.ABSENT] + self.away_minutes[Reason.TAKEN]

    def employed_minutes(self, end: int) -> int:
        """Return the minutes until `end` in which they are employed and not departed."""
        first, last = self.employment_until(end)
        return int(max(0, last - first)) - self.departed_minutes(end)

    def departed_minutes(self, end: int) -> int:
        """Return the minutes until `end` between their leaving and the replacement's arrival."""
        return int(self.farewell.unpaid_minutes(*self.employment_until(end)))

    def employment_until(self, end: int) -> tuple[int, int]:
        """Return the first minute of employment that is simulated, and the last one, at most `end`."""
        return max(self.world.facts.project.status, self.record.start), min(self.record.end, end)

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
        return self.world.facts.rates[self.index][efficiency][self.calendar.place_in_ramp(today)]

    def factor_at(self, efficiency: int) -> float:
        """Return how much of a full minute's work a minute of theirs is at an efficiency, after any ramp, about."""
        person = self.world.facts.persons[self.name]
        full: int = self.world.facts.rates[self.index][efficiency][self.record.ramp_days]
        return full / float(person.fte * person.focus * MILLION)
