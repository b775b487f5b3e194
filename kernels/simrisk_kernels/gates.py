"""Gates: reviews, criteria, rework, extensions, and what happens when the reviews are used up."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.efforts import reset_part
from simrisk_kernels.layout import (
    DESCOPE,
    DESCOPED,
    DUE_MINUTE,
    DUE_SPRINT,
    GO,
    NEVER,
    PROCEED,
    STOP,
    UNDECIDED,
    WAIVED,
)
from simrisk_kernels.quantile import draw_minutes
from simrisk_kernels.random import draw_word
from simrisk_kernels.sprints import open_sprint, plan_opening
from simrisk_kernels.state import BY_GATE, IN_REVIEW, PASSED, PENDING
from simrisk_kernels.tasks import count_down, drop_task, make_ready


@kernel
def reset_gates(plan, state):
    """No gate has been reviewed yet, no criterion has been met."""
    state.clock[0].gates_left = len(plan.gates)
    state.clock[0].gates_stir = 1
    state.clock[0].next_gate = NEVER
    for c in range(len(plan.criteria)):
        state.met[c] = 0
    for g in range(len(plan.gates)):
        gate = state.gates[g]
        gate.state = PENDING
        gate.attempts = 0
        gate.first = -1
        gate.review_end = NEVER
        gate.begins = first_minute(plan, g)
        gate.rework_left = 0
        gate.n_required = 0
        gate.finish = -1
        gate.outcome = UNDECIDED
        gate.critical = 0
        if plan.gates[g].passed >= 0:
            gate.state = PASSED
            gate.finish = plan.gates[g].passed
            gate.outcome = GO
            state.clock[0].gates_left -= 1


@kernel
def release_gates(plan, state):
    """At the start of a trial: what gates that passed before it blocked is free."""
    for g in range(len(plan.gates)):
        if plan.gates[g].passed >= 0:
            release_tasks(plan, state, g)


@kernel
def first_minute(plan, gate):
    """Return the minute from which on the clock lets a gate be reviewed; NEVER when that is the end of a sprint."""
    record = plan.gates[gate]
    if record.passed >= 0 or record.due_kind == DUE_SPRINT:
        return NEVER
    return max(plan.project[0].status, record.due if record.due_kind == DUE_MINUTE else 0)


@kernel
def may_begin(plan, state, gate):
    """Return whether a review of a pending gate begins in this minute."""
    record, now = plan.gates[gate], state.gates[gate]
    if now.rework_left or now.begins > state.clock[0].now:
        return False
    while now.n_required < record.n_requires:
        task = state.tasks[plan.gate_requires[record.require_ptr + now.n_required]]
        if task.finish < 0:
            task.awaited = 1
            return False
        now.n_required += 1
    return True


@kernel
def meet_criteria(plan, state, gate):
    """Draw the criteria that are still open; return whether all are met."""
    record = plan.gates[gate]
    review = state.gates[gate].attempts
    all_met = True
    for c in range(record.criterion_ptr, record.criterion_ptr + record.n_criteria):
        if state.met[c] == 0:
            criterion = plan.criteria[c]
            word = draw_word(state.criterion_keys[c], state.clock[0].trial, review, plan.project[0].strata)
            if word < (criterion.chance if review == 0 else criterion.later):
                state.met[c] = 1
            else:
                all_met = False
    return all_met


@kernel
def demand_rework(plan, state, gate):
    """A no-go: the extension runs, the rework is drawn and becomes urgent."""
    record, now = plan.gates[gate], state.gates[gate]
    review = now.attempts - 1
    now.state = PENDING
    now.review_end = NEVER
    now.begins = state.clock[0].now + draw_minutes(plan, state, record.extend, review)
    rework = plan.tasks[record.rework]
    if rework.n_parts > 0:
        now.rework_left = 1
        state.tasks[record.rework].parts_left = rework.n_parts
        state.tasks[record.rework].ready = state.clock[0].now
        for i in range(rework.part_ptr, rework.part_ptr + rework.n_parts):
            reset_part(plan, state, plan.task_parts[i], review)
        make_ready(plan, state, record.rework)


@kernel
def drop_scope(plan, state, gate):
    """Drop the tasks the gate names, or the optional ones not begun."""
    record = plan.gates[gate]
    if record.n_drops >= 0:
        for i in range(record.drop_ptr, record.drop_ptr + record.n_drops):
            if state.tasks[plan.gate_drops[i]].finish < 0:
                drop_task(plan, state, plan.gate_drops[i], BY_GATE, gate)
        return
    for t in range(plan.project[0].n_tasks):
        if plan.tasks[t].optional and state.tasks[t].start < 0:
            drop_task(plan, state, t, BY_GATE, gate)


@kernel
def release_tasks(plan, state, gate):
    """`gate` does not hold its tasks any more."""
    record = plan.gates[gate]
    for i in range(record.task_ptr, record.task_ptr + record.n_tasks):
        count_down(state, plan.gate_tasks[i])


@kernel
def pass_gate(plan, state, gate, outcome):
    """The gate passes, and what it blocks is released in this minute; or it stops the project."""
    now = state.gates[gate]
    now.state = PASSED
    now.review_end = NEVER
    now.begins = NEVER
    now.finish = state.clock[0].now
    now.outcome = outcome
    if outcome == STOP:
        state.clock[0].stopped = 1
        return
    state.clock[0].gates_left -= 1
    if outcome == DESCOPED:
        drop_scope(plan, state, gate)
    release_tasks(plan, state, gate)
    plan_opening(plan, state)
    open_sprint(plan, state)


@kernel
def decide(plan, state, gate):
    """A review ends."""
    record, now = plan.gates[gate], state.gates[gate]
    go = meet_criteria(plan, state, gate)
    now.attempts += 1
    if go:
        outcome = GO
    elif record.has_no_go == 0:
        outcome = WAIVED
    elif now.attempts <= record.max_extensions:
        outcome = UNDECIDED
    elif record.then == PROCEED:
        outcome = WAIVED
    elif record.then == DESCOPE:
        outcome = DESCOPED
    else:
        outcome = STOP
    if outcome == UNDECIDED:
        demand_rework(plan, state, gate)
    else:
        pass_gate(plan, state, gate, outcome)


@kernel
def find_ending(plan, state):
    """Return the first gate whose review ends in this minute; -1: none."""
    for g in range(len(plan.gates)):
        if state.gates[g].review_end == state.clock[0].now:
            return g
    return -1


@kernel
def find_due(plan, state):
    """Return the first gate whose review begins in this minute; -1: none."""
    for g in range(len(plan.gates)):
        if state.gates[g].state == PENDING and may_begin(plan, state, g):
            return g
    return -1


@kernel
def move_gate(plan, state):
    """Step 3, for one gate: decide a review that ends, else begin one that is due; return whether a gate moved."""
    clock = state.clock[0]
    if clock.stopped:
        return False
    g = find_ending(plan, state) if clock.next_gate == clock.now else -1
    if g >= 0:
        decide(plan, state, g)
        return True
    g = find_due(plan, state)
    if g < 0:
        return False
    gate = state.gates[g]
    gate.state = IN_REVIEW
    if gate.first < 0:
        gate.first = clock.now
    gate.review_end = clock.now + draw_minutes(plan, state, plan.gates[g].review, gate.attempts)
    clock.next_gate = min(clock.next_gate, gate.review_end)
    return True


@kernel
def next_gate_event(plan, state):
    """Return the next minute at which a review begins or ends by the clock alone."""
    soonest = NEVER
    for g in range(len(plan.gates)):
        gate = state.gates[g]
        begins = gate.begins if gate.begins > state.clock[0].now else NEVER
        soonest = min(soonest, begins, gate.review_end)
    return soonest
