"""What changes during a trial: the workspace of one thread, allocated once and reset for every trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import N_CAUSES, NEVER, PlanArrays

# What a person does on a day.
PRESENT, ON_LEAVE, ABSENT, NOT_EMPLOYED = range(4)

# How far a part is.
DORMANT, READY, BEGUN, DONE = range(4)

# How far a gate is.
PENDING, IN_REVIEW, PASSED = range(3)

CLOCK = np.dtype(
    [
        ("now", np.int64),
        ("trial", np.int64),
        ("common", np.float64),
        ("n_ready", np.int64),  # parts in `ready`
        ("n_finished", np.int64),  # parts in `finished`
        ("tasks_left", np.int64),
        ("gates_left", np.int64),
        ("n_away", np.int64),  # people not present
        ("done", np.int64),  # millionths done on ordinary tasks so far
        ("ceremony_end", np.int64),
        ("next_date", np.int64),  # next earliest date of a task
        ("next_sprint", np.int64),  # the sprint that opens next
        ("opens", np.int64),  # when it opens; NEVER while a gate is pending
        ("ending", np.int64),  # the sprint that ends next
        ("stopped", np.int64),
    ],
    align=True,
)

PERSON_STATE = np.dtype(
    [
        ("status", np.int64),  # PRESENT ...
        ("next_change", np.int64),  # minute at which the status changes
        ("away_since", np.int64),  # NEVER: not away
        ("known_until", np.int64),  # on leave: its end
        ("ceremony_until", np.int64),
        ("held", np.int64),  # ordinary part; -1
        ("urgent", np.int64),  # rework part; -1
        ("worked", np.int64),
        ("ceremony", np.int64),
        ("leave", np.int64),
        ("absence", np.int64),
    ],
    align=True,
)

TASK_STATE = np.dtype(
    [
        ("waits", np.int64),  # predecessors, sprint, date and gates still to come
        ("parts_left", np.int64),
        ("ready", np.int64),  # minute
        ("start", np.int64),
        ("finish", np.int64),
        ("dropped_by", np.int64),  # gate; -1
        ("effort", np.int64),
        ("handovers", np.int64),
        ("critical", np.int64),
    ],
    align=True,
)

PART_STATE = np.dtype(
    [
        ("state", np.int64),
        ("left", np.int64),  # millionths
        ("handover_mark", np.int64),  # while more than this is left, the handover is being paid
        ("overrun_mark", np.int64),  # at or below this, more than the plan has been done
        ("rate", np.int64),  # millionths per minute from now on; -1: nobody works on it
        ("finish", np.int64),
        ("label", np.int64),  # of the last minute
    ],
    align=True,
)

GATE_STATE = np.dtype(
    [
        ("state", np.int64),
        ("attempts", np.int64),
        ("first", np.int64),  # minute at which the first review began
        ("review_end", np.int64),
        ("extended_until", np.int64),
        ("rework_left", np.int64),  # 1 while rework is not finished
        ("n_required", np.int64),  # required tasks known to be finished, in the order of the list
        ("finish", np.int64),
        ("outcome", np.int64),
        ("critical", np.int64),
    ],
    align=True,
)

SPRINT_STATE = np.dtype(
    [
        ("start", np.int64),
        ("done_at_start", np.int64),
        ("goal", np.int64),
        ("carry_over", np.int64),
        ("velocity", np.int64),
    ],
    align=True,
)


class State(NamedTuple):
    """The workspace of one thread."""

    clock: np.recarray  # (1,) CLOCK
    keys: np.ndarray  # (n_draws,) uint64, stream keys under this run's seed
    criterion_keys: np.ndarray  # (n_criteria,) uint64
    met: np.ndarray  # (n_criteria,) uint8: passed at an earlier review
    block_keys: np.ndarray  # (n_blocks,) uint64
    plan_days: np.ndarray  # (n_people, n_days) uint8: employment and dated leave
    days: np.ndarray  # (n_people, n_days) uint8: what this trial adds
    plan_off: np.ndarray  # (n_days,) int64: people on dated leave
    off: np.ndarray  # (n_days,) int64: people on leave
    firing: np.ndarray  # (n_absences,) int64: presence minute of the next firing
    spell: np.ndarray  # (n_absences,) int64: number of the next spell
    people: np.recarray
    tasks: np.recarray
    parts: np.recarray
    gates: np.recarray
    sprints: np.recarray
    slot_owner: np.ndarray  # (n_slots,) int64: -1 while nobody in particular owns it
    slot_efficiency: np.ndarray  # (n_slots,) int64
    pick_person: np.ndarray  # (n_slots,) int64: a `together` part about to begin
    pick_efficiency: np.ndarray  # (n_slots,) int64
    touched: np.ndarray  # (n_parts, n_people) uint8: who has owned it
    spent: np.ndarray  # (n_parts, N_CAUSES) int64: minutes since its task became ready, by label
    ready: np.ndarray  # (n_parts,) int64: ready, unfinished parts in allocation order
    finished: np.ndarray  # (n_parts,) int64: parts completed in this step
    critical_people: np.ndarray  # (n_people,) uint8
    chain: np.ndarray  # (N_CAUSES,) int64


def new_state(plan: PlanArrays) -> State:
    """Allocate a workspace for `plan`; `prepare_state` fills what all trials share."""
    n_people, n_parts, n_days = len(plan.people), len(plan.parts), int(plan.project[0].n_days)
    n_slots = int(plan.parts.n_slots.sum()) if n_parts else 0

    def records(n: int, dtype: np.dtype) -> np.recarray:
        return np.zeros(n, dtype).view(np.recarray)

    return State(
        clock=records(1, CLOCK),
        keys=np.zeros(len(plan.draws), np.uint64),
        criterion_keys=np.zeros(len(plan.criteria), np.uint64),
        met=np.zeros(len(plan.criteria), np.uint8),
        block_keys=np.zeros(len(plan.blocks), np.uint64),
        plan_days=np.zeros((n_people, n_days), np.uint8),
        days=np.zeros((n_people, n_days), np.uint8),
        plan_off=np.zeros(n_days, np.int64),
        off=np.zeros(n_days, np.int64),
        firing=np.zeros(len(plan.absences), np.int64),
        spell=np.zeros(len(plan.absences), np.int64),
        people=records(n_people, PERSON_STATE),
        tasks=records(len(plan.tasks), TASK_STATE),
        parts=records(n_parts, PART_STATE),
        gates=records(len(plan.gates), GATE_STATE),
        sprints=records(len(plan.sprints), SPRINT_STATE),
        slot_owner=np.zeros(n_slots, np.int64),
        slot_efficiency=np.zeros(n_slots, np.int64),
        pick_person=np.zeros(n_slots, np.int64),
        pick_efficiency=np.zeros(n_slots, np.int64),
        touched=np.zeros((n_parts, n_people), np.uint8),
        spent=np.zeros((n_parts, N_CAUSES), np.int64),
        ready=np.zeros(n_parts, np.int64),
        finished=np.zeros(n_parts, np.int64),
        critical_people=np.zeros(n_people, np.uint8),
        chain=np.zeros(N_CAUSES, np.int64),
    )


@kernel
def insert_ready(state, part):
    """Put `part` into the list of ready parts, which is kept in allocation order."""
    clock = state.clock[0]
    i = clock.n_ready
    while i > 0 and state.ready[i - 1] > part:
        state.ready[i] = state.ready[i - 1]
        i -= 1
    state.ready[i] = part
    clock.n_ready += 1


@kernel
def forget_done(state):
    """Take finished parts out of the list of ready parts."""
    clock = state.clock[0]
    kept = 0
    for i in range(clock.n_ready):
        part = state.ready[i]
        if state.parts[part].state != DONE:
            state.ready[kept] = part
            kept += 1
    clock.n_ready = kept


@kernel
def whole_days(minute, day_minutes):
    """Return the first start of a working day at or after `minute`."""
    return (minute + day_minutes - 1) // day_minutes * day_minutes if minute < NEVER else NEVER
