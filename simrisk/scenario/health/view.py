"""A scenario, and what several checks of its health need of it: windows, load, capacity, durations."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from simrisk.scenario.ability import planned_minutes, productivity_on
from simrisk.scenario.cadence import calendar_of, planned_sprints
from simrisk.scenario.model import Person, Pool, Scenario, Task
from simrisk.scenario.units import WorkingCalendar

if TYPE_CHECKING:
    from simrisk.scenario.health.network import Network

FOREVER = 1 << 40
Window = tuple[int, int]  # first working day, and the one after the last


@dataclass(frozen=True, eq=False)
class View:
    """A scenario, and what several checks need of it; days are working days of the project, minutes working minutes."""

    scenario: Scenario

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The project's calendar."""
        return calendar_of(self.scenario.project)

    @cached_property
    def day_minutes(self) -> int:
        """Working minutes of a day."""
        return self.scenario.project.day_minutes

    @cached_property
    def sprints(self) -> tuple[Window, ...]:
        """The sprints as planned."""
        planned = self.scenario.sprints
        return planned_sprints(self.calendar, planned) if planned else ()

    @cached_property
    def first_day(self) -> int:
        """The day from which work is still to be done: that of the status date, else the first."""
        status = self.scenario.project.status_date
        return 0 if status is None else self.calendar.day_of(status)

    @cached_property
    def people(self) -> dict[str, Person]:
        """People by id."""
        return {person.id: person for person in self.scenario.people}

    @cached_property
    def pools(self) -> dict[str, Pool]:
        """Pools by id."""
        return {pool.id: pool for pool in self.scenario.pools}

    @cached_property
    def tasks(self) -> dict[str, Task]:
        """Tasks by id."""
        return {task.id: task for task in self.scenario.tasks}

    @cached_property
    def load(self) -> dict[str, dict[str, Fraction]]:
        """Task -> person or pool -> planned minutes of focused work."""
        return {task.id: planned_minutes(self.scenario, task) for task in self.scenario.tasks}

    @cached_property
    def asked(self) -> dict[str, Fraction]:
        """Person or pool -> planned minutes of focused work in all."""
        total: dict[str, Fraction] = {}
        for shares in self.load.values():
            for name, minutes in shares.items():
                total[name] = total.get(name, Fraction(0)) + minutes
        return total

    @cached_property
    def deadline_day(self) -> int | None:
        """The day after the last one on which the plan is on time."""
        deadline = self.scenario.project.deadline
        return None if deadline is None else self.calendar.end_of(deadline) // self.day_minutes

    @cached_property
    def lessons(self) -> tuple[tuple[str, str, int], ...]:
        """Person, skill and level of everything that tasks still to be done teach."""
        return tuple(lesson for task in self.scenario.tasks for lesson in task.raises)

    @cached_property
    def network(self) -> Network | None:
        """The logic without resources; None when it runs in a circle."""
        from simrisk.scenario.health.network import network_of

        return network_of(self)

    @cached_property
    def end_day(self) -> int:
        """The day after the last one planned: the end of the sprints or of what the logic needs."""
        logic = 0 if self.network is None else -(-self.network.finish // self.day_minutes)
        return max(logic, self.sprints[-1][1] if self.sprints else 0)

    # People

    def capacity(self, person: Person, window: Window) -> Fraction:
        """Minutes of focused work a person has, after dated leave and the ramp, before ceremonies."""
        days = self._productive_days(person, window[1])
        return (days[window[1]] - days[min(window)]) * self.day_minutes * person.fte * person.focus

    def capacity_in_sprint(self, person: Person, window: Window) -> Fraction:
        """Minutes of focused work a person has in a sprint, after ceremonies and dated leave."""
        return self.capacity(person, window) - self._ceremony(person, window)

    def capacity_in_all(self, person: Person, window: Window) -> Fraction:
        """Minutes of focused work a person has, after dated leave and the ceremonies of sprints that begin in it."""
        held = (self._ceremony(person, sprint) for sprint in self.sprints if window[0] <= sprint[0] < window[1])
        return self.capacity(person, window) - sum(held, Fraction(0))

    def _ceremony(self, person: Person, window: Window) -> Fraction:
        """Minutes of focused work that the ceremonies of a sprint take: its first minutes, of whoever is there."""
        left = self.scenario.sprints.ceremonies if self.scenario.sprints else 0
        total = Fraction(0)
        for day in range(*window):
            if left <= 0:
                break
            if self.present(person, self.calendar.date_of_day(day)):
                total += min(left, self.day_minutes) * self.ramp(person, day)
            left -= self.day_minutes
        return total * person.fte * person.focus

    def _productive_days(self, person: Person, end: int) -> list[Fraction | int]:
        """Productive days before each working day up to `end`, as if full-time and undistracted."""
        known = self._productive.setdefault(person.id, [0])
        while len(known) <= end:
            day = len(known) - 1
            there = self.present(person, self.calendar.date_of_day(day))
            known.append(known[-1] + (self.ramp(person, day) if there else 0))
        return known

    @cached_property
    def _productive(self) -> dict[str, list[Fraction | int]]:
        return {}

    def present(self, person: Person, day: date) -> bool:
        """Whether a person is employed on `day` and has not asked for leave."""
        return self.employed(person, day) and not any(leave.first <= day <= leave.last for leave in person.leave)

    def employed(self, person: Person, day: date) -> bool:
        """Whether a person is employed on `day`."""
        return (person.start is None or person.start <= day) and (person.end is None or day <= person.end)

    def ramp(self, person: Person, day: int) -> Fraction | int:
        """Productivity of a person on a working day while they settle in."""
        days = -(-person.ramp // self.day_minutes)
        if not days:
            return 1
        return productivity_on(
            person.ramp_from, day - (0 if person.start is None else self.calendar.day_of(person.start)), days
        )

    # Pools

    def heads(self, pool: Pool, day: date) -> Fraction:
        """Heads of a pool on a day, as planned."""
        place = bisect_right([first for first, _ in pool.headcount], day)
        return pool.headcount[place - 1][1] if place else Fraction(0)

    def head_days(self, pool: Pool, window: Window) -> Fraction:
        """Heads times working days of a pool in a window, as planned."""
        total = Fraction(0)
        for place, (first, heads) in enumerate(pool.headcount):
            begin = max(self.calendar.day_of(first), window[0])
            end = window[1]
            if place + 1 < len(pool.headcount):
                end = min(end, self.calendar.day_of(pool.headcount[place + 1][0]))
            total += heads * max(end - begin, 0)
        return total

    def pool_capacity(self, pool: Pool, window: Window) -> Fraction:
        """Minutes of focused work of a pool in a window: hires come on time, and ramp up."""
        lost = sum(share for day, share in self._ramping(pool).items() if window[0] <= day < window[1])
        return (self.head_days(pool, window) - lost) * self.day_minutes * pool.focus

    def _ramping(self, pool: Pool) -> dict[int, Fraction]:
        """Heads that a pool lacks on each working day because some of them are not fully productive yet."""
        known = self._lost.get(pool.id)
        if known is None:
            known = self._lost[pool.id] = {}
            days = -(-pool.ramp // self.day_minutes)
            for size, first, end in self._hires(pool):
                for day in range(first, min(first + days, end)):
                    share = size * (1 - productivity_on(pool.ramp_from, day - first, days))
                    known[day] = known.get(day, Fraction(0)) + share
        return known

    @cached_property
    def _lost(self) -> dict[str, dict[int, Fraction]]:
        return {}

    def _hires(self, pool: Pool) -> list[tuple[Fraction, int, int]]:
        """Heads, first day and the day after the last one of all but the first number; who came last goes first."""
        found, there = [], []
        heads = pool.headcount[0][1]
        for day, (_, count) in ((self.calendar.day_of(step[0]), step) for step in pool.headcount[1:]):
            if count > heads:
                there.append((count - heads, day))
            fewer = max(heads - count, Fraction(0))
            while fewer and there:
                size, first = there.pop()
                gone = min(size, fewer)
                found.append((gone, first, day))
                fewer -= gone
                if size > gone:
                    there.append((size - gone, first))
            heads = count
        return [*found, *((size, first, FOREVER) for size, first in there)]

    def month_windows(self, end: int) -> tuple[tuple[date, Window], ...]:
        """Return the calendar months from the first day of work to day `end`: their first dates and working days."""
        found = []
        first = self.calendar.date_of_day(self.first_day).replace(day=1)
        while True:
            after = (first + timedelta(days=32)).replace(day=1)
            window = (max(self.calendar.day_of(first), self.first_day), self.calendar.day_of(after))
            found.append((first, window))
            if window[1] >= end:
                return tuple(found)
            first = after
