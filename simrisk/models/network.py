"""Networks: a plan in which nothing is ever short, as activities that can be worked out one after the other.

The other way to know what `logic_plan` leaves of a plan, without walking from event to event: the end of an activity is
the latest of what it waits for, plus its length. What depends on what happens first has no such form: then
`network_of` returns None, and the plan is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simrisk.models.activities import Activities
from simrisk.models.drawn import shapes_of
from simrisk.models.graph import NO_ROW, Activity, NotANetworkError, links_by
from simrisk.models.slices import records
from simrisk.plan import Plan
from simrisk_kernels.network_layout import (
    ACTIVITY,
    ALONE,
    BEHIND,
    DELAY,
    NETWORK,
    NEXT_DAY,
    PIECE_OF_WORK,
    REVIEW,
    TIME_LIMIT,
    NetworkArrays,
)

MANY = 3_000  # activities, from which on the processor cannot remember how many links each has


@dataclass(frozen=True)
class Network:
    """A plan in which nothing is ever short, and where its tasks and gates are in the arrays.

    Parameters
    ----------
    plan : Plan
        As `logic_plan` returns it.
    arrays : NetworkArrays
    latest_finish : int
        A minute after which no trial is finished.
    task_rows : (n_tasks,) int64
        The activity that is critical when the task is; -1: finished before the status date.
    work_rows : (n_tasks,) int64
        The activity that is as long as the task's work; -1: finished before, or a milestone.
    gate_rows : (n_gates,) int64
        -1: passed before the status date.
    """

    plan: Plan
    arrays: NetworkArrays
    latest_finish: int
    task_rows: NDArray[np.int64]
    work_rows: NDArray[np.int64]
    gate_rows: NDArray[np.int64]


def network_of(plan: Plan) -> Network | None:
    """Return a plan in which nothing is ever short as a network; None if it is none.

    It is none when a gate may drop tasks that could be unfinished, when somebody learns in the plan what changes the
    rate of work that may be before or after, when several risks delay tasks in a circle, and when a time of 2**28
    minutes is possible.

    Parameters
    ----------
    plan : Plan
        As `logic_plan` returns it.
    """
    try:
        return lower_network(plan)
    except NotANetworkError:
        return None


def lower_network(plan: Plan) -> Network:
    """Return a plan in which nothing is ever short, as `logic_plan` returns it, as a network.

    Raises
    ------
    NotANetworkError
        It is none; the message says why.
    """
    found = Activities(plan)
    order = found.graph.order()
    ends = found.graph.latest_ends(order)
    if max(ends, default=0) >= TIME_LIMIT:
        raise NotANetworkError("a time may be too large")
    goals = [spot.end for task, spot in zip(found.tasks, found.spots, strict=True) if task.finished < 0]
    goals += [number for gate, number in zip(found.facts.gates, found.gates, strict=True) if gate.passed < 0]
    needed = found.graph.needed_for(goals)
    order = [number for number in order if number in needed]
    if len(order) >= MANY:
        order = found.graph.alike_together(order)
    rows = np.full(len(found.graph.activities) + 1, NO_ROW, np.int64)  # the last for NO_ROW itself
    rows[order] = np.arange(len(order))
    starts = [NO_ROW if task.finished >= 0 else s.start for task, s in zip(found.tasks, found.spots, strict=True)]
    passed = [NO_ROW if gate.passed >= 0 else n for gate, n in zip(found.facts.gates, found.gates, strict=True)]
    return Network(
        plan=plan,
        arrays=_arrays(found, [found.graph[number] for number in order], rows, goals),
        latest_finish=min(int(found.facts.project.horizon), max(ends, default=0)),
        task_rows=rows[np.array(starts, np.int64)],
        work_rows=rows[np.array([spot.work for spot in found.spots], np.int64)],
        gate_rows=rows[np.array(passed, np.int64)],
    )


def _arrays(found: Activities, activities: list[Activity], rows: NDArray[np.int64], goals: list[int]) -> NetworkArrays:
    """Return the arrays of activities that are in order; `rows` says where each number is now."""
    n, project = len(activities), found.facts.project
    links = [
        (row, int(rows[before]), lag, activity.kind != BEHIND)
        for row, activity in enumerate(activities)
        for before, lag in activity.waits
    ]
    ends = np.array([link[:3] for link in links], np.int64).reshape(-1, 3)
    before, after = links_by(ends, n), links_by(ends[:, [1, 0, 2]], n)
    followed = {link[1] for link in links if link[3]}  # what follows ends no earlier
    facts = (project.horizon, project.status, project.day_minutes, project.common)
    table = [(a.draw, a.ptr, a.n, int(rows[a.row]), a.longest) for a in activities]
    kinds = np.array([a.kind for a in activities], np.int8)
    shapes = shapes_of(found.plan.arrays, kinds, activities)
    kinds[shapes.draw >= 0] = ALONE
    return NetworkArrays(
        facts=records([facts], NETWORK),
        kinds=kinds,
        mornings=np.flatnonzero(kinds == NEXT_DAY),
        activities=records(table, ACTIVITY),
        shapes=shapes,
        bases=np.array([a.base for a in activities], np.int32),
        in_ptr=before.ptr,
        in_rows=before.rows,
        in_lags=before.lags,
        out_ptr=after.ptr,
        out_rows=after.rows,
        out_lags=after.lags,
        ends=np.array(sorted({int(rows[goal]) for goal in goals} - followed), np.int64),
        lengths=np.array([a.length for a in activities], np.int32),
        pieces=records(found.pieces, PIECE_OF_WORK),
        factors=np.array(found.factors, np.int64),
        delays=records(found.delays, DELAY),
        others=rows[np.array(found.others, np.int64)],
        reviews=records(found.reviews, REVIEW),
        stops=rows[np.array(found.stops, np.int64)],
        multiplying=np.array(sorted(set(found.factors)), np.int64),
        delaying=np.array(sorted({risk for risk, *_ in found.delays}), np.int64),
    )
