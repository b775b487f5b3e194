"""The simulated schedule: tasks, milestones and gates in their order, and when each is likely to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from simrisk.dataset import Results
from simrisk.measures.moments import HALF, gate_passed, moments, several_quantiles, tenths
from simrisk.measures.project import shares_critical

Kind = Literal["task", "milestone", "gate"]


class Span(NamedTuple):
    """When something is likely to run, in working minutes; +inf: too often never."""

    early: float  # P10 of its start
    start: float  # P50 of its start
    finish: float  # P50 of its finish
    late: float  # P90 of its finish


@dataclass(frozen=True)
class Activity:
    """A task, milestone or gate.

    Parameters
    ----------
    id : str
    kind : str
    sprint : int
        From 1; 0: none. Of a gate the one in which the plan without dice passes it.
    start, finish : float
        Without dice, working minutes; below 0: not reached.
    critical : float
        Share of the finished trials in which it is on the driving chain; nan when none finished.
    """

    id: str
    kind: Kind
    sprint: int
    start: float
    finish: float
    critical: float


def activities(run: Results, most: int) -> tuple[list[Activity], int]:
    """At most so many of them, by sprint and planned start, and how many are left out.

    All gates are kept, if there are not more, and of the tasks those most often on the driving chain.
    """
    found = [*_tasks(run), *_gates(run)]
    left_out = max(len(found) - most, 0)
    if left_out:
        found = sorted(found, key=lambda one: (one.kind != "gate", -np.nan_to_num(one.critical)))[:most]
    last = max((one.sprint for one in found), default=0) + 1
    return sorted(found, key=lambda one: (one.sprint or last, one.start < 0, one.start, one.kind == "gate")), left_out


def likely(run: Results, one: Activity) -> Span:
    """When it is likely to run, over all trials; of a gate twice the middle of its passing."""
    if one.kind == "gate":
        early, middle, late = several_quantiles(gate_passed(run, one.id), (tenths(1), HALF, tenths(9)))
        return Span(early, middle, middle, late)
    starts = moments(run, "task_start", "task", one.id)
    finishes = moments(run, "task_finish", "task", one.id)
    return Span(*several_quantiles(starts, (tenths(1), HALF)), *several_quantiles(finishes, (HALF, tenths(9))))


def gates_in_order(run: Results) -> list[str]:
    """The gates as the plan without dice passes them; what it does not pass comes last."""
    planned = run["baseline_gate_finish"].values
    order = np.argsort(np.where(planned < 0, np.iinfo(np.int32).max, planned), kind="stable")
    return [str(run["gate"].values[i]) for i in order]


def _tasks(run: Results) -> list[Activity]:
    starts, finishes = (run[f"baseline_task_{end}"].values.astype(float) for end in ("start", "finish"))
    critical = shares_critical(run, "task").value
    columns = (run["task"].values, run["task_milestone"].values, run["task_sprint"].values, starts, finishes, critical)
    return [
        Activity(str(task), "milestone" if milestone else "task", int(sprint), *numbers)
        for task, milestone, sprint, *numbers in zip(*columns, strict=True)
    ]


def _gates(run: Results) -> list[Activity]:
    planned = run["baseline_gate_finish"].values.astype(float)
    opened = run["baseline_sprint_start"].values
    critical = shares_critical(run, "gate").value
    return [
        Activity(str(gate), "gate", int(((opened >= 0) & (opened < end)).sum()), end, end, share)
        for gate, end, share in zip(run["gate"].values, planned, critical, strict=True)
    ]
