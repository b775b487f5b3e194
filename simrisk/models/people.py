"""People: when somebody is employed and how much work a minute of theirs is worth.

Rates are whole millionths of a minute of work per minute of clock, so that both engines count work in integers. The
product of fte, focus, ramp and efficiency is taken exactly, as the decimals are written, and rounded half to even once.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from simrisk_kernels.layout import MILLION, NEVER, PAID_EMPLOYED, PAID_WORKED, PERSON, UNPAID

from simrisk.models.calendar import days_until
from simrisk.models.slices import records
from simrisk.scenario.model import Person, Scenario
from simrisk.scenario.units import WorkingCalendar

UNABLE = -1


def skill_factor(scenario: Scenario, person: Person, skills: tuple[str, ...]) -> Fraction | None:
    """Return the efficiency at which `person` does work that takes `skills`; None: they cannot do it."""
    if not skills:
        return Fraction(1)
    level = min(person.skills.get(skill, 0) for skill in skills)
    factor = scenario.efficiency.get(level) if scenario.efficiency else Fraction(int(level >= 1))
    return factor or None  # at a factor of 0 nothing would ever be done


def ramp_days(person: Person, calendar: WorkingCalendar) -> int:
    """Return the length of the ramp in working days; nobody ramps up who was there before the project."""
    return 0 if person.start is None else days_until(person.ramp, calendar)


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
                pay.numerator,
                pay.denominator,
                *leave[i],
                *absences[i],
            )
        )
    return records(rows, PERSON)
