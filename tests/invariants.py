"""What always holds for the outcomes of a run, whatever the plan (docs/model.md)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from simrisk.plan import Plan
from simrisk_kernels.layout import (
    CALENDAR,
    EXACT,
    FINISH_FINISH,
    FINISH_START,
    FINISHED,
    GATE,
    START_START,
    Outcomes,
)


def assert_invariants(plan: Plan, out: Outcomes) -> None:
    """Raise AssertionError if anything of what always holds does not."""
    assert_sums(plan, out)
    assert_time(plan, out)
    assert_order(plan, out)
    assert_links(plan, out)


def assert_sums(plan: Plan, out: Outcomes) -> None:
    """The chain adds up to the finish, the months to the cost."""
    finished = out.outcome == FINISHED
    assert (out.chain.sum(axis=1)[finished] == out.end[finished]).all()
    assert (out.chain[~finished] == 0).all()
    assert (out.chain >= 0).all()
    assert_owners(out)
    assert (out.end <= plan.horizon).all()
    assert (out.cost >= 0).all()
    assert (out.cash.sum(axis=1) == out.cost).all()
    assert (out.cash >= 0).all()


def assert_owners(out: Outcomes) -> None:
    """Tasks and gates share the chain among them: what is nobody's is `calendar`; who has minutes of it is on it."""
    owned = out.task_chain.sum(axis=1) + out.gate_chain.sum(axis=1)
    assert (owned <= out.chain.sum(axis=1)).all()
    assert (out.chain.sum(axis=1) - owned <= out.chain[:, CALENDAR]).all()
    assert (out.gate_chain.sum(axis=1) <= out.chain[:, GATE]).all()
    for name in ("task", "person", "pool", "gate"):
        minutes, critical = getattr(out, f"{name}_chain"), getattr(out, f"{name}_critical")
        assert (minutes >= 0).all()
        assert (minutes.max(axis=1, initial=0) <= out.chain.sum(axis=1)).all()
        assert critical[minutes > 0].all()


def assert_time(plan: Plan, out: Outcomes) -> None:
    """Nobody is in two places, no pool and no equipment is used more than there is."""
    arrays, status = plan.arrays, int(plan.arrays.project[0].status)
    people = arrays.people
    end = out.end[:, None]
    employed = np.clip(np.minimum(people.end, end) - np.maximum(people.start, status), 0, None)
    busy = out.person_worked + out.person_ceremony
    away = out.person_leave + out.person_absence + out.person_departed
    assert (out.person_absence_planned <= out.person_absence).all()
    assert (busy + away <= employed).all(), "somebody did two things at once, or worked while away"
    left = out.person_left >= 0
    assert (out.person_left[left] <= np.broadcast_to(end, left.shape)[left]).all()
    assert (out.pool_worked <= out.pool_present).all()
    units = arrays.equipment.units
    assert (out.equipment_used <= units * np.clip(end - status, 0, None)).all()
    assert (out.equipment_used >= 0).all()


def assert_order(plan: Plan, out: Outcomes) -> None:
    """Nothing ends before it begins, nothing begins before it may, no gate passes with a required task undone."""
    arrays, status = plan.arrays, int(plan.arrays.project[0].status)
    tasks = arrays.tasks[: len(plan.task_ids)]
    done = out.task_finish >= 0
    assert (out.task_start[done] <= out.task_finish[done]).all()
    assert done[out.outcome == FINISHED].all()
    begun = (out.task_start >= 0) & (tasks.finished < 0)
    assert (out.task_start >= np.maximum(tasks.not_before, status))[begun & (out.task_dropped == 0)].all()
    for g in range(len(plan.gate_ids)):
        record = arrays.gates[g]
        reviewed = out.gate_first[:, g] >= 0
        for task in arrays.gate_requires[record.require_ptr : record.require_ptr + record.n_requires]:
            finish = out.task_finish[reviewed, task]
            assert ((finish >= 0) & (finish <= out.gate_first[reviewed, g])).all()
    starts = out.sprint_start
    for k, (one, other) in enumerate(pairwise(range(starts.shape[1]))):
        opened = starts[:, other] >= 0
        assert (starts[opened, other] >= starts[opened, one] + arrays.sprints[k].length).all()


def assert_links(plan: Plan, out: Outcomes) -> None:
    """Every link with a certain lag that is not negative holds what it should."""
    arrays = plan.arrays
    finished_before = arrays.tasks.finished
    for link in arrays.links:
        lag = 0
        if link.lag >= 0:
            draw = arrays.draws[link.lag]
            if draw.table != EXACT or draw.location < 0:
                continue
            lag = int(np.floor(draw.location + 0.5))
        before, after = int(link.before), int(link.after)
        if finished_before[after] >= 0:
            continue
        times = out.task_finish if link.kind in (FINISH_START, FINISH_FINISH) else out.task_start
        held = out.task_start if link.kind in (FINISH_START, START_START) else out.task_finish
        counts = (held[:, after] >= 0) & (out.task_dropped[:, after] == 0)
        assert (times[counts, before] >= 0).all()
        assert (held[counts, after] >= times[counts, before] + lag).all()
