"""The driving chain: the label of every minute a part waits or works, and the walk back from the finish."""

from __future__ import annotations

from simrisk_kernels._jit import inlined_kernel, kernel
from simrisk_kernels.layout import (
    ABSENCE,
    BUSY,
    CALENDAR,
    DUE_MINUTE,
    DUE_SPRINT,
    GATE,
    HANDOVER,
    HIRING,
    LEAVE,
    ONE_PERSON,
    OVERRUN,
    WORK,
)
from simrisk_kernels.sprints import sprint_end
from simrisk_kernels.state import ABSENT, BEGUN, NOT_EMPLOYED, ON_LEAVE, whole_days

# What the walk stands on.
NOTHING, ON_TASK, ON_SPRINT, ON_GATE = range(4)


@kernel
def label_person(state, person, part):
    """Return why `part` waits for `person`; -1 when it does not."""
    who = state.people[person]
    if who.status == NOT_EMPLOYED:
        return HIRING
    if who.status == ON_LEAVE:
        return LEAVE
    if who.status == ABSENT:
        return ABSENCE
    if who.ceremony_until > state.clock[0].now:
        return CALENDAR
    if who.urgent >= 0:
        return GATE
    if who.held >= 0 and who.held != part:
        return BUSY
    return -1


@kernel
def label_waiting(plan, state, part):
    """Return the label of a ready part that nobody works on this minute."""
    record = plan.parts[part]
    label = -1
    if record.kind == ONE_PERSON and state.parts[part].state != BEGUN:
        for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
            label = max(label, label_person(state, plan.candidates[c].person, part))
    else:
        for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
            label = max(label, label_person(state, state.slot_owner[s], part))
    return label if label >= 0 else BUSY


@kernel
def minutes_above(left, mark, rate, minutes):
    """Return how many of the next `minutes` begin with more than `mark` left, at `rate`."""
    if left <= mark:
        return 0
    if rate == 0:
        return minutes
    return min(minutes, (left - mark + rate - 1) // rate)


@kernel
def label_work(state, part, rate, minutes):
    """Add `minutes` of work, not yet taken off `left`, to the labels of `part`."""
    now = state.parts[part]
    handover = minutes_above(now.left, now.handover_mark, rate, minutes)
    beginning = now.left - handover * rate
    work = minutes_above(beginning, now.overrun_mark, rate, minutes - handover)
    state.spent[part, HANDOVER] += handover
    state.spent[part, WORK] += work
    state.spent[part, OVERRUN] += minutes - handover - work
    if minutes > handover + work:
        now.label = OVERRUN
    elif work > 0:
        now.label = WORK
    else:
        now.label = HANDOVER


@kernel
def last_part(plan, state, task):
    """Return the part of a finished task that was done last."""
    record = plan.tasks[task]
    best = -1
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        now = state.parts[part]
        if now.finish == state.tasks[task].finish and (best < 0 or now.label > state.parts[best].label):
            best = part
    return best


@kernel
def finish_label(plan, state, task):
    """Return the label with which a task ended."""
    if state.tasks[task].dropped_by >= 0:
        return GATE
    return state.parts[last_part(plan, state, task)].label


@kernel
def find_last(plan, state):
    """Return (kind, index) of what ended in the minute of the finish."""
    finish = state.clock[0].now
    kind, best, rank = NOTHING, -1, -1
    for g in range(len(plan.gates)):
        if state.gates[g].finish == finish and rank < GATE:
            kind, best, rank = ON_GATE, g, GATE
    for t in range(plan.project[0].n_tasks):
        task = state.tasks[t]
        if task.finish == finish and task.dropped_by < 0 and finish_label(plan, state, t) > rank:
            kind, best, rank = ON_TASK, t, finish_label(plan, state, t)
    return kind, best


@kernel
def cross_task(plan, state, task):
    """Add the stretch of `task` to the chain and return what made it ready."""
    now, record = state.tasks[task], plan.tasks[task]
    if now.dropped_by >= 0:
        return ON_GATE, now.dropped_by
    part = last_part(plan, state, task)
    now.critical = 1
    for cause in range(len(state.chain)):
        state.chain[cause] += state.spent[part, cause]
    for p in range(len(plan.people)):
        state.critical_people[p] |= state.touched[part, p]
    kind, index, rank = NOTHING, -1, -1
    for i in range(record.prev_ptr, record.prev_ptr + record.n_prev):
        before = plan.task_prev[i]
        if state.tasks[before].finish == now.ready and finish_label(plan, state, before) > rank:
            kind, index, rank = ON_TASK, before, finish_label(plan, state, before)
    if record.sprint >= 0 and plan.project[0].pull == 0 and rank < CALENDAR:
        if state.sprints[record.sprint].start == now.ready:
            kind, index, rank = ON_SPRINT, record.sprint, CALENDAR
    if record.not_before > 0 and record.not_before == now.ready and rank < CALENDAR:
        kind, index, rank = NOTHING, -1, CALENDAR
    for i in range(record.gate_ptr, record.gate_ptr + record.n_gates):
        gate = plan.task_gates[i]
        if state.gates[gate].finish == now.ready and rank < GATE:
            kind, index, rank = ON_GATE, gate, GATE
    if kind == NOTHING:
        state.chain[CALENDAR] += now.ready
    return kind, index


@kernel
def cross_sprint(plan, state, sprint):
    """Add the wait for the opening of `sprint` to the chain and return what it waited for."""
    opened, record = state.sprints[sprint].start, plan.sprints[sprint]
    kind, index, rank, since = NOTHING, -1, -1, 0
    if record.planned == opened:
        rank = CALENDAR
    for i in range(record.gate_ptr, record.gate_ptr + record.n_gates):
        gate = plan.sprint_gates[i]
        finish = state.gates[gate].finish
        if finish == opened and rank < GATE:
            kind, index, rank, since = ON_GATE, gate, GATE, finish
        elif whole_days(finish, plan.project[0].day_minutes) == opened and rank < CALENDAR:
            kind, index, rank, since = ON_GATE, gate, CALENDAR, finish
    if rank < CALENDAR:
        kind, index, since = ON_SPRINT, sprint - 1, state.sprints[sprint - 1].start
    state.chain[CALENDAR] += opened - since
    return kind, index


@kernel
def cross_gate(plan, state, gate):
    """Add the reviews of `gate` to the chain and return what made the first one begin."""
    now, record = state.gates[gate], plan.gates[gate]
    now.critical = 1
    state.chain[GATE] += now.finish - now.first
    kind, index, rank = NOTHING, -1, -1
    for i in range(record.require_ptr, record.require_ptr + record.n_requires):
        task = plan.gate_requires[i]
        if state.tasks[task].finish == now.first and finish_label(plan, state, task) > rank:
            kind, index, rank = ON_TASK, task, finish_label(plan, state, task)
    if rank < CALENDAR:
        if record.due_kind == DUE_SPRINT and sprint_end(plan, state, record.due) == now.first:
            kind, index = ON_SPRINT, record.due
            state.chain[CALENDAR] += now.first - state.sprints[record.due].start
        elif record.due_kind == DUE_MINUTE and record.due == now.first:
            kind = NOTHING
    if kind == NOTHING:
        state.chain[CALENDAR] += now.first
    return kind, index


@kernel
def clear_chain(state):
    """Begin with an empty chain."""
    for cause in range(len(state.chain)):
        state.chain[cause] = 0
    for p in range(len(state.critical_people)):
        state.critical_people[p] = 0


@inlined_kernel
def walk_back(plan, state):
    """Add up `chain`, which is clear, and mark what is critical in a finished trial.

    Assumes: the clock stands at the finish. Cost: the number of things on the chain.
    """
    kind, index = find_last(plan, state)
    while kind != NOTHING:
        if kind == ON_TASK:
            kind, index = cross_task(plan, state, index)
        elif kind == ON_SPRINT:
            kind, index = cross_sprint(plan, state, index)
        else:
            kind, index = cross_gate(plan, state, index)
