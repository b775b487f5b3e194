"""Away: what it would do to the date if somebody were unexpectedly away, person by person and week by week."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.measures import measure
from simrisk.measures.difference import Difference, difference
from simrisk.measures.estimates import half_width
from simrisk.models.absence import absent_on
from simrisk.models.sampling import sampled
from simrisk.plan import Plan
from simrisk.scenario.cadence import calendar_of
from simrisk.scenario.model import Scenario
from simrisk.whatif.worlds import Worlds

Progress = Callable[[int], None]

P80 = "finish.p80"
TRIALS = 1_200  # of each cell, unless somebody asks for others
WEEKS = (2, 4)  # how long somebody is away
MORE = 3  # times the trials of a cell, for the few runs that are looked at closely
MOST_WEEKS = 120  # that are looked at
BAND = (0.7, 0.9)  # quantiles of which a cell is the mean
HARDLY = 0.05  # of the trials: who has work left in fewer is not looked at any more


@dataclass(frozen=True)
class Absentee:
    """One person, and what their absence would do.

    Parameters
    ----------
    person : str
    cells : mapping
        By working days away, of each week: how P80 (`around_p80`) differs when they are away from its first day on.
        None where they have work left in hardly any trial, or are not employed.
    place : int, optional
        Of the worst week for the longest absence; None: it would never move P80 by more than noise.
    later : tuple of Difference
        By how much P80 is later when they are away from that week on, of each length. From other trials than those by
        which the week was chosen, so that the choice does not flatter it.
    """

    person: str
    cells: Mapping[int, tuple[Difference | None, ...]]
    place: int | None = None
    later: tuple[Difference, ...] = ()

    def worst(self, days: int) -> int | None:
        """Return the place of the week in which being away so long would move P80 most; None: it never would.

        Of those that are sure the one that is largest together with the weeks beside it: together they have less noise.
        """
        cells = self.cells[days]
        sure = [place for place, cell in enumerate(cells) if is_later(cell)]

        def around(place: int) -> float:
            near = [cell.value or 0.0 for cell in cells[max(place - 1, 0) : place + 2] if cell is not None]
            return sum(near) / len(near)

        return max(sure, key=lambda place: (around(place), -place), default=None)


def is_later(cell: Difference | None) -> bool:
    """Whether P80 is later by more than the noise of the simulation."""
    return cell is not None and cell.low is not None and cell.low > 0


@dataclass(frozen=True)
class Weeks:
    """The weeks that are looked at: from the first day that is simulated until P80.

    Parameters
    ----------
    first_days : tuple of int
        The first working day of each.
    dates : tuple of date
        Their calendar dates.
    """

    first_days: tuple[int, ...]
    dates: tuple[date, ...]


@dataclass(frozen=True)
class Absences:
    """Everybody's absences of a plan.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
        The dice.
    base : Run
        The plan as it is.
    level : Run
        The same with the scenario's own trials, when these are more: where P80 is for every command.
    other : Run
        The same on other trials, and more of them: for the worst weeks, and what cover would buy.
    weeks : Weeks
    lengths : tuple of int
        Working days away.
    people : tuple of Absentee
        Who has work, in the order of the plan.
    """

    scenario: Scenario
    worlds: Worlds
    base: Run
    level: Run
    other: Run
    weeks: Weeks
    lengths: tuple[int, ...]
    people: tuple[Absentee, ...]

    def of(self, person: str) -> Absentee:
        """Return what the absence of somebody would do."""
        return next(one for one in self.people if one.person == person)

    @property
    def missed(self) -> tuple[Absentee, ...]:
        """Who would be missed for sure, on other trials as well; the most first."""
        known = (one for one in self.people if one.later and is_later(one.later[-1]))
        return tuple(sorted(known, key=lambda one: -(one.later[-1].value or 0.0)))


class Survey:
    """The absences of a plan, step by step.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
    people : sequence of str, optional
        Whose; default: everybody's who has a task.
    weeks : sequence of int
        How long each is away.
    """

    def __init__(
        self, scenario: Scenario, worlds: Worlds, *, people: Sequence[str] = (), weeks: Sequence[int] = WEEKS
    ) -> None:
        self.scenario, self.worlds = scenario, worlds
        week = len(scenario.project.work_week)
        self.lengths = tuple(sorted({n * week for n in weeks}))
        self.plan = compile_plan(scenario)
        busy = {name for task in scenario.tasks for name in task.who}
        self.asked = tuple(name for name in self.plan.person_ids if name in (people or busy))

    @cached_property
    def base(self) -> Run:
        """The plan as it is."""
        return self.worlds.run(self.plan)

    @cached_property
    def level(self) -> Run:
        """The plan as it is with the scenario's own trials, when these are more."""
        trials = self.scenario.simulation.trials
        return self.worlds.run(self.plan, trials=trials) if trials > self.worlds.trials else self.base

    @cached_property
    def weeks(self) -> Weeks:
        """Calendar weeks until P80, or the median, or the deadline: whichever is a date first."""
        calendar, status = calendar_of(self.scenario.project), int(self.plan.arrays.project[0].status)
        first = status // self.plan.day_minutes
        known = (measure(self.base, name).value for name in (P80, "finish.p50"))
        minute = next((value for value in known if value is not None), self.plan.deadline)
        last = int((self.plan.horizon if minute is None else minute) - 1) // self.plan.day_minutes
        monday = calendar.date_of_day(first)
        monday -= timedelta(days=monday.weekday())
        days: list[int] = []
        while len(days) < MOST_WEEKS:
            begin, after = calendar.day_of(monday), calendar.day_of(monday + timedelta(days=7))
            if begin > last:
                break
            if after > max(begin, first):  # a week without working days is none
                days.append(max(begin, first))
            monday += timedelta(days=7)
        return Weeks(tuple(days), tuple(calendar.date_of_day(day) for day in days))

    @cached_property
    def has_work(self) -> dict[str, np.ndarray]:
        """Of each person, for each week: whether they have work left in more than hardly any trial, (n_weeks,) bool."""
        last = last_work(self.plan, self.worlds)
        begins = np.array(self.weeks.first_days) * self.plan.day_minutes
        people = self.plan.arrays.people
        found = {}
        for name in self.asked:
            place = self.plan.person_ids.index(name)
            left = (last[:, [place]] > begins).mean(axis=0) >= HARDLY
            found[name] = left & (people.end[place] > begins)
        return {name: weeks for name, weeks in found.items() if weeks.any()}

    @property
    def runs(self) -> int:
        """How many times the trials are run."""
        return len(self.lengths) * sum(int(weeks.sum()) for weeks in self.has_work.values())

    def price(self, progress: Progress | None = None) -> Absences:
        """Run every absence; `progress` is told how many more trials are done."""
        wanted = [
            (name, days, day if some else None)
            for name, weeks in self.has_work.items()
            for days in self.lengths
            for day, some in zip(self.weeks.first_days, weeks, strict=True)
        ]
        found = iter(self._cells(wanted, progress))
        people = tuple(
            Absentee(name, {days: tuple(next(found) for _ in self.weeks.dates) for days in self.lengths})
            for name in self.has_work
        )
        other = on_other_trials(self.worlds, self.plan)
        closer = tuple(self._closer(one, other) for one in people)
        return Absences(self.scenario, self.worlds, self.base, self.level, other, self.weeks, self.lengths, closer)

    def _closer(self, one: Absentee, other: Run) -> Absentee:
        """Look closely at the worst week."""
        place = one.worst(self.lengths[-1])
        if place is None:
            return one
        first = self.weeks.first_days[place]
        plans = (absent_on(self.plan, one.person, first, days) for days in self.lengths)
        later = tuple(difference(other, on_other_trials(self.worlds, plan), P80) for plan in plans)
        return replace(one, place=place, later=later)

    def _cells(
        self, wanted: Sequence[tuple[str, int, int | None]], progress: Progress | None
    ) -> list[Difference | None]:
        """Run many short runs side by side, each on a thread of its own."""
        alone = replace(self.worlds, threads=1)

        def cell(one: tuple[str, int, int | None]) -> Difference | None:
            name, days, first = one
            if first is None:
                return None
            run = alone.run(absent_on(self.plan, name, first, days))
            return around_p80(self.base, run)

        found = []
        with ThreadPoolExecutor(self.worlds.threads or os.cpu_count() or 1) as pool:
            try:
                for one, priced in zip(wanted, pool.map(cell, wanted), strict=True):
                    found.append(priced)
                    if progress and one[2] is not None:
                        progress(self.worlds.trials)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return found


def around_p80(before: Run, after: Run) -> Difference:
    """How the mean of all quantiles from P70 to P90 differs: P80 as good as, with half the noise.

    A trial that moves within the band moves that mean by as much as it moves, instead of P80 by all or nothing: the
    mean of quantiles from a to b is that of x held within them, each trial moves it by x so held over b - a
    (Huber and Ronchetti, Robust Statistics, 2009, section 3.3). Where P90 is no date it is P80 alone.
    """
    found = difference(before, after, P80)
    values = [np.asarray(run["project_finish"].values, np.float64) for run in (before, after)]
    if np.array_equal(values[0], values[1]) or not found.paired:
        return found
    n = len(values[0])
    first, last = math.ceil(BAND[0] * n), math.ceil(BAND[1] * n)
    in_order = [np.sort(column) for column in values]
    if last - first < 1 or not all(math.isfinite(column[last - 1]) for column in in_order):
        return found
    moved = float(in_order[1][first:last].mean() - in_order[0][first:last].mean())
    held = [np.clip(x, y[first], y[last - 1]) for x, y in zip(values, in_order, strict=True)]
    sample = None if found.before is None else found.before.sample
    influence = (held[1] - held[0]) * (n / (last - first))
    half = half_width(influence - influence.mean(), None if sample is None else sample.blocks)
    return replace(found, value=moved, low=moved - half, high=moved + half)


def last_work(plan: Plan, worlds: Worlds) -> np.ndarray:
    """Return when the last task is finished that each person has a part in, (n_trials, n_people) minutes.

    A part is planned for them, or has changed hands in that trial and they are among those asked.
    """
    found = engines.run(
        sampled(plan, worlds.sampling),
        trials=worlds.trials,
        seed=worlds.seed,
        engine=worlds.engine,
        threads=worlds.threads,
    )
    arrays, n_tasks = plan.arrays, len(plan.task_ids)
    last = np.zeros((worlds.trials, len(plan.person_ids)), np.int64)
    for part in arrays.parts:
        gate = int(arrays.tasks[part.task].gate)
        if part.task < n_tasks:
            ends, handed = found.task_finish[:, part.task], found.task_handovers[:, part.task] > 0
        else:
            handed = found.gate_attempts[:, gate] > 1
            ends = np.where(handed, found.gate_finish[:, gate], 0)
        ends = np.where(ends < 0, found.end, ends)  # of trials that did not finish
        for place in range(part.n_cand):
            person = int(arrays.candidates.person[part.cand_ptr + place])
            theirs = ends if place < part.n_planned else np.where(handed, ends, 0)
            np.maximum(last[:, person], theirs, out=last[:, person])
    return last


def on_other_trials(worlds: Worlds, plan: Plan, progress: Progress | None = None) -> Run:
    """Run trials that come after those of the cells."""
    return worlds.run(plan, first=worlds.trials, trials=MORE * worlds.trials, progress=progress)
