"""The plan without dice as people read it: when each task runs, what sets the date, how loaded everybody is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import numpy as np

from simrisk.dataset import Results
from simrisk.scenario.health.load import Resource, capacity, resources
from simrisk.scenario.health.view import View, Window
from simrisk.scenario.model import Equipment, Scenario
from simrisk_kernels.layout import CAUSES, OUTCOMES

if TYPE_CHECKING:
    from simrisk.engines.reference import Trial

Kind = Literal["task", "milestone", "gate"]
Row = dict[str, "int | float | list[int]"]


@dataclass(frozen=True)
class Bar:
    """A task, milestone or gate on the time axis.

    Parameters
    ----------
    start, finish : int, optional
        Working minutes; None: not in this trial. Of a gate its first review and its passing.
    critical : bool
        Whether it is on the chain that sets the date.
    """

    id: str
    name: str
    kind: Kind
    who: tuple[str, ...]
    sprint: int | None
    start: int | None
    finish: int | None
    critical: bool
    dropped: bool = False


@dataclass(frozen=True)
class Stretch:
    """A piece of the chain that sets the date: from minute `start` to `finish` everything waited for this."""

    start: int
    finish: int
    cause: str
    what: str


@dataclass(frozen=True)
class Load:
    """What is asked of a person, pool or kind of equipment, and what there is, by period; minutes of focused work."""

    id: str
    kind: Literal["person", "pool", "equipment"]
    asked: tuple[Fraction, ...]
    has: tuple[Fraction, ...]


@dataclass(frozen=True)
class Period:
    """A sprint or a calendar month."""

    name: str
    window: Window
    sprint: bool


@dataclass(frozen=True)
class Baseline:
    """The trial without dice, and what the plan asks of everybody.

    Parameters
    ----------
    view : View
        The scenario and its calendar.
    outcome : str
        finished, censored or stopped.
    end : int
        Working minute in which it ended.
    cost : int
        Cents.
    bars : tuple of Bar
        In the order of the file, gates after the tasks.
    sprints : tuple of (name, opening minute)
        As they opened; None: it did not.
    chain : tuple of Stretch
        From the start to the finish; empty when it did not finish.
    periods, loads : tuple
        Sprints, or months when tasks are in none; the load in each.
    """

    view: View
    outcome: str
    end: int
    cost: int
    bars: tuple[Bar, ...]
    sprints: tuple[tuple[str, int | None], ...]
    chain: tuple[Stretch, ...]
    periods: tuple[Period, ...]
    loads: tuple[Load, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario it is the baseline of."""
        return self.view.scenario

    @property
    def by_sprint(self) -> bool:
        """Whether the periods are sprints."""
        return bool(self.periods) and self.periods[0].sprint

    def start_date(self, minute: int) -> date:
        """Day on which something that starts at this minute starts."""
        return self.view.calendar.start_date(minute)

    def finish_date(self, minute: int) -> date:
        """Day on which something that ends at this minute ends."""
        return self.view.calendar.finish_date(minute)

    def heads(self) -> tuple[tuple[date, ...], dict[str, tuple[Fraction, ...]]]:
        """Return the months until the deadline, else until the end, and the heads of each pool in them, as planned."""
        return pool_heads(self.view, self.view.deadline_day or self.last_day)

    @property
    def last_day(self) -> int:
        """The day after the last one of interest: that of the end or of the deadline."""
        return max(-(-self.end // self.view.day_minutes), self.view.deadline_day or 0, 1)


def baseline_of(scenario: Scenario) -> Baseline:
    """Run the plan without dice, with the reference engine."""
    from simrisk.compile import baseline_plan, compile_plan
    from simrisk.engines.reference import run_trial

    return describe(scenario, run_trial(baseline_plan(compile_plan(scenario)), 0, 0))


def describe(scenario: Scenario, trial: Trial) -> Baseline:
    """Turn a trial's integers into the baseline's names."""
    return _described(View(scenario), trial.outcome, _chain(trial.stretches, trial.names))


def planned(scenario: Scenario | View, run: Results) -> Baseline:
    """Take the plan without dice from a run of the scenario, without running anything.

    A run does not keep the stretches of the chain, so `chain` is empty; of a gate there is the moment of its passing
    alone, and of a plan that does not finish no cost.
    """
    view = scenario if isinstance(scenario, View) else View(scenario)
    gates = run["baseline_gate_finish"].values.tolist()
    finish, cost = (float(run[f"baseline_{what}"]) for what in ("finish", "cost"))
    outcome = int(run["baseline_outcome"])
    horizon = int(run.attrs["horizon"])
    end = finish if np.isfinite(finish) else horizon if OUTCOMES[outcome] == "censored" else max([0, *gates])
    row: Row = {
        "end": round(end),
        "outcome": outcome,
        "cost": round(100 * cost) if np.isfinite(cost) else 0,
        "task_dropped": [0] * len(view.scenario.tasks),
        "gate_first": gates,
        "gate_finish": gates,
    }
    for name in ("task_start", "task_finish", "task_critical", "gate_critical", "sprint_start"):
        row[name] = run[f"baseline_{name}"].values.tolist()
    return _described(view, row, ())


def _described(view: View, row: Row, chain: tuple[Stretch, ...]) -> Baseline:
    scenario, end = view.scenario, _number(row["end"])
    bars = (*_task_bars(view, row), *_gate_bars(view, row))
    last = max(-(-end // view.day_minutes), view.deadline_day or 0, 1)
    periods = _periods(view, last)
    loads = tuple(_load(view, resource, periods, bars) for resource in resources(view))
    opened = _numbers(row["sprint_start"])
    names = scenario.sprints.names if scenario.sprints else ()
    return Baseline(
        view=view,
        outcome=OUTCOMES[_number(row["outcome"])],
        end=end,
        cost=_number(row["cost"]),
        bars=bars,
        sprints=tuple((name, _or_none(minute)) for name, minute in zip(names, opened, strict=True)),
        chain=chain,
        periods=periods,
        loads=loads,
    )


def _number(value: float | list[int]) -> int:
    assert not isinstance(value, list)
    return int(value)


def _numbers(value: float | list[int]) -> list[int]:
    assert isinstance(value, list)
    return [int(entry) for entry in value]


def _or_none(minute: int) -> int | None:
    return None if minute < 0 else minute


def _task_bars(view: View, row: Row) -> list[Bar]:
    columns = (_numbers(row[name]) for name in ("task_start", "task_finish", "task_critical", "task_dropped"))
    return [
        Bar(
            id=task.id,
            name=task.name,
            kind="milestone" if task.share == "milestone" else "task",
            who=task.who,
            sprint=task.sprint,
            start=_or_none(start),
            finish=_or_none(finish),
            critical=bool(critical),
            dropped=bool(dropped),
        )
        for task, start, finish, critical, dropped in zip(view.scenario.tasks, *columns, strict=True)
    ]


def _gate_bars(view: View, row: Row) -> list[Bar]:
    columns = (_numbers(row[name]) for name in ("gate_first", "gate_finish", "gate_critical"))
    found = []
    for gate, first, finish, critical in zip(view.scenario.gates, *columns, strict=True):
        start = finish if first < 0 else first  # one that had passed before has no review
        due = gate.due if isinstance(gate.due, int) else None
        found.append(
            Bar(gate.id, gate.name, "gate", (), due, _or_none(start), _or_none(finish), critical=bool(critical))
        )
    return found


def _chain(stretches: list[tuple[int, int, int]], names: list[str]) -> tuple[Stretch, ...]:
    """Join neighbouring stretches of one task or gate for one cause."""
    found: list[Stretch] = []
    for (begin, end, label), what in zip(stretches, names, strict=True):
        cause = CAUSES[label]
        if found and (found[-1].cause, found[-1].what) == (cause, what):
            found[-1] = Stretch(found[-1].start, end, cause, what)
        else:
            found.append(Stretch(begin, end, cause, what))
    return tuple(found)


def _periods(view: View, last_day: int) -> tuple[Period, ...]:
    if view.sprints and all(task.sprint is not None for task in view.scenario.tasks if task.efforts):
        return tuple(Period(str(number), window, sprint=True) for number, window in enumerate(view.sprints, 1))
    return tuple(
        Period(f"{first:%b %y}", (begin, min(end, last_day)), sprint=False)
        for first, (begin, end) in view.month_windows(last_day)
        if begin < last_day
    )


def _load(view: View, resource: Resource, periods: tuple[Period, ...], bars: tuple[Bar, ...]) -> Load:
    """Return the load by sprint as planned, or by month as the trial has it, which is at most what there is.

    By month the work of a task is spread over its time, as there is capacity in it.
    """
    by_sprint = bool(periods) and periods[0].sprint
    spans = {bar.id: (bar.start, bar.finish) for bar in bars}
    asked = [Fraction(0)] * len(periods)
    for name, minutes in resource.demand.items():
        sprint = view.tasks[name].sprint
        start, finish = spans[name]
        if by_sprint and sprint is not None:
            asked[sprint - 1] += minutes
        elif start is not None and finish is not None:
            first = start // view.day_minutes
            days = (first, max(-(-finish // view.day_minutes), first + 1))
            weights = [_share(view, resource, period.window, days) for period in periods]
            total = sum(weights, Fraction(0))
            for place, weight in enumerate(weights):
                asked[place] += minutes * weight / total if total else Fraction(0)
    has = tuple(capacity(view, resource, period.window, sprint=by_sprint) for period in periods)
    if not by_sprint:
        asked = [min(pair) for pair in zip(asked, has, strict=True)]
    kind: Literal["person", "pool", "equipment"] = "person"
    if isinstance(resource.thing, Equipment):
        kind = "equipment"
    elif resource.thing.id in view.pools:
        kind = "pool"
    return Load(resource.thing.id, kind, tuple(asked), has)


def _share(view: View, resource: Resource, period: Window, task: Window) -> Fraction:
    """Capacity in the days that a period and a task have in common."""
    begin, end = max(period[0], task[0]), min(period[1], task[1])
    return capacity(view, resource, (begin, end)) if begin < end else Fraction(0)


def pool_heads(view: View, end_day: int) -> tuple[tuple[date, ...], dict[str, tuple[Fraction, ...]]]:
    """Return the months until a day, and the mean heads of each pool in each of them, as planned."""
    months = [entry for entry in view.month_windows(end_day) if entry[1][0] < min(entry[1][1], end_day)]
    heads = {
        pool.id: tuple(view.head_days(pool, window) / (window[1] - window[0]) for _, window in months)
        for pool in view.scenario.pools
    }
    return tuple(first for first, _ in months), heads
