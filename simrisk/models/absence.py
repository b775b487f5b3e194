"""Absence: unplanned spells away, a constant hazard for each kind that runs only while the person is present."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.calendar import YEAR_WEEKS
from simrisk.models.facts import Row, cut
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.plan import Plan
from simrisk.scenario.model import Distribution, Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import ABSENCE_KIND

if TYPE_CHECKING:
    from simrisk.models.world import World


def lower_absences(
    scenario: Scenario, calendar: WorkingCalendar, draws: DrawBuilder
) -> tuple[np.recarray, list[tuple[int, int]]]:
    """Return the kinds of absence of all people, shape (n,), and each person's slice of them."""
    rows: list[tuple[int, ...]] = []
    slices = []
    year = YEAR_WEEKS * len(calendar.work_week) * calendar.day_minutes
    for person in scenario.people:
        slices.append((len(rows), len(person.absence)))
        for absence in person.absence:
            mean = year / absence.per_year
            stream = f"person/{person.id}/{absence.kind}"
            rows.append(
                (
                    draws.add(stream, Distribution("exponential", (mean,), mean)),
                    draws.add(f"{stream}/duration", absence.duration),
                )
            )
    return records(rows, ABSENCE_KIND), slices


def absent_on(plan: Plan, person: str, first: int, days: int) -> Plan:
    """Return the plan in which somebody is absent on given days in every trial, and nobody knew or knows for how long.

    They are absent on those of the days on which they would be present; the clocks of absence and departure run on as
    if they were, so that whatever else happens to them happens all the same.

    Parameters
    ----------
    person : str
        Id of the plan's.
    first : int
        Working day, from 0 on; days before the status date are over.
    days : int
        Working days, one after the other; 0: none.
    """
    people = plan.arrays.people.copy()
    place = plan.person_ids.index(person)
    people.absent_first[place], people.absent_end[place] = first, first + days
    return dataclasses.replace(plan, arrays=plan.arrays._replace(people=people))


class Spells:
    """The clocks of one person's kinds of absence; they run on days of presence only."""

    def __init__(self, world: World, person: Row) -> None:
        self.world = world
        self.day_minutes: int = world.facts.project.day_minutes
        self.kinds = cut(world.facts.absences, person.absence_ptr, person.n_absence)
        self.presence = 0  # minutes
        self.days_to_come = 0  # of spells that have fired
        self.spells: list[tuple[int, int]] = []  # (kind, days) of those that have fired and are not over
        self.spell = [0] * len(self.kinds)  # number of the next one
        self.fires_at = [self.gap(kind) for kind in range(len(self.kinds))]  # minute of presence

    def gap(self, kind: int) -> int:
        """Return the minutes of presence until the next firing of a kind."""
        return max(1, self.world.draws.minutes(self.kinds[kind].gap, self.spell[kind]))

    def length(self, kind: int) -> int:
        """Return the working days of the next spell of a kind: half up, at least one."""
        minutes = self.world.draws.minutes(self.kinds[kind].duration, self.spell[kind])
        return max(1, (2 * minutes + self.day_minutes) // (2 * self.day_minutes))

    def absent_today(self) -> bool:
        """Live through a day on which the person would be present; return whether a spell takes it."""
        if self.days_to_come > 0:
            self.days_to_come -= 1
            return True
        self.spells = []
        self.presence += self.day_minutes
        fired = [kind for kind in range(len(self.kinds)) if self.fires_at[kind] <= self.presence]
        for kind in sorted(fired, key=lambda kind: (self.fires_at[kind], kind)):
            self.spells.append((kind, self.length(kind)))
            self.days_to_come += self.spells[-1][1]
            self.spell[kind] += 1
            self.fires_at[kind] = self.presence + self.gap(kind)
        return False

    def end(self) -> None:
        """What is left of spells that have fired is void."""
        self.days_to_come = 0
        self.spells = []

    def left(self) -> list[tuple[int, int]]:
        """Return (kind, days) of the spells that today's day of absence is in or before, it and what comes after it."""
        days = self.days_to_come + 1
        found: list[tuple[int, int]] = []
        for kind, length in reversed(self.spells):
            if days > 0:
                found.append((kind, min(length, days)))
            days -= length
        return found[::-1]
