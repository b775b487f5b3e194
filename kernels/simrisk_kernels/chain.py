"""The driving chain: the walk back from the finish, over everything that something else waited for."""

from __future__ import annotations

from simrisk_kernels._jit import inlined_kernel, kernel
from simrisk_kernels.bits import NO_BITS, trailing_zeros, without_lowest
from simrisk_kernels.days import whole_days
from simrisk_kernels.labels import last_part, link_label, planned_share, stands_at_end
from simrisk_kernels.layout import (
    CALENDAR,
    DUE_MINUTE,
    DUE_SPRINT,
    GATE,
    OVERRUN,
    RISK,
    START_START,
    WORK,
)
from simrisk_kernels.sprints import sprint_end
from simrisk_kernels.state import BY_GATE

# What the walk stands on.
NOTHING, ON_TASK, ON_SPRINT, ON_GATE, ON_LINK = range(5)


@kernel
def find_last(plan, state):
    """Return (kind, index) of what ended in the minute of the finish."""
    finish = state.clock[0].now
    kind, best, rank = NOTHING, -1, -1
    for g in range(len(plan.gates)):
        own_rank = GATE if plan.gates[g].passed < 0 else CALENDAR
        if state.gates[g].finish == finish and own_rank > rank:
            kind, best, rank = ON_GATE, g, own_rank
    for t in range(plan.project[0].n_tasks):
        task = state.tasks[t]
        if task.finish == finish and task.dropped != BY_GATE and task_label(plan, state, t) > rank:
            kind, best, rank = ON_TASK, t, task_label(plan, state, t)
    if kind == NOTHING:
        state.chain[CALENDAR] += finish
    return kind, best


@kernel
def task_label(plan, state, task):
    """Return how the end of a task counts against other things of the same minute."""
    return CALENDAR if plan.tasks[task].finished >= 0 else state.tasks[task].end_label


@kernel
def give_minutes(plan, state, task, part, minutes):
    """Count minutes of the chain for a task, and for all who had a hand in this part of it."""
    state.task_chain[task] += minutes
    for w in range(len(state.critical_people)):
        rest = state.touched[part, w]
        while rest != NO_BITS:
            state.person_chain[(w << 6) + trailing_zeros(rest)] += minutes
            rest = without_lowest(rest)
    if plan.parts[part].pool >= 0:
        state.pool_chain[plan.parts[part].pool] += minutes


@kernel
def take_stretch(plan, state, task, part, spent, row):
    """Add a task's delays by risks and row `row` of `spent`, the time of one of its parts; they are critical."""
    now = state.tasks[task]
    now.critical = 1
    state.chain[RISK] += now.released - now.ready
    state.task_chain[task] += now.released - now.ready
    if part < 0:
        return
    minutes = 0
    for cause in range(len(state.chain)):
        state.chain[cause] += spent[row, cause]
        minutes += spent[row, cause]
    for w in range(len(state.critical_people)):
        state.critical_people[w] |= state.touched[part, w]
    if plan.parts[part].pool >= 0:
        state.pools[plan.parts[part].pool].critical = 1
    give_minutes(plan, state, task, part, minutes)


@kernel
def cross_task(plan, state, task):
    """Go back over a task from its end and return what came before."""
    now = state.tasks[task]
    if plan.tasks[task].finished >= 0:
        state.chain[CALENDAR] += now.finish
        return NOTHING, -1
    if now.dropped == BY_GATE:
        return ON_GATE, now.dropped_by
    if now.dropped:
        cause = plan.parts[now.dropped_by].task
        take_stretch(plan, state, cause, now.dropped_by, state.drop_spent, task)
        return find_condition(plan, state, cause)
    if now.end_link >= 0:
        return ON_LINK, now.end_link
    part = last_part(plan, state, task)
    take_stretch(plan, state, task, part, state.spent, part)
    return find_condition(plan, state, task)


@kernel
def cross_link(plan, state, link):
    """Go back over a link and what its predecessor did before it was satisfied; return what came before."""
    record, now = plan.links[link], state.links[link]
    task, before = record.before, state.tasks[record.before]
    stands_at = now.release - max(0, now.lag)
    state.chain[CALENDAR] += now.release - stands_at
    if stands_at_end(plan, state, link) or plan.tasks[task].finished >= 0:
        return ON_TASK, task
    take_stretch(plan, state, task, before.first_part, state.start_spent, task)
    minutes = stands_at - before.start
    if minutes > 0:
        planned = planned_share(plan, state, task, minutes)
        state.chain[WORK] += planned
        state.chain[OVERRUN] += minutes - planned
        give_minutes(plan, state, task, before.first_part, minutes)
    return find_condition(plan, state, task)


@kernel
def find_condition(plan, state, task):
    """Return (kind, index) of what satisfied the last of the conditions of a task."""
    now, record = state.tasks[task], plan.tasks[task]
    kind, index, rank = NOTHING, -1, -1
    for link in range(record.link_ptr, record.link_ptr + record.n_links):
        if plan.links[link].kind <= START_START and state.links[link].release == now.ready:
            if link_label(plan, state, link) > rank:
                kind, index, rank = ON_LINK, link, link_label(plan, state, link)
    if record.sprint >= 0 and plan.project[0].pull == 0 and rank < CALENDAR:
        if state.sprints[record.sprint].start == now.ready:
            kind, index, rank = ON_SPRINT, record.sprint, CALENDAR
    if record.not_before > 0 and record.not_before == now.ready and rank < CALENDAR:
        kind, index, rank = NOTHING, -1, CALENDAR
    for i in range(record.gate_ptr, record.gate_ptr + record.n_gates):
        gate = plan.task_gates[i]
        own_rank = GATE if plan.gates[gate].passed < 0 else CALENDAR
        if state.gates[gate].finish == now.ready and own_rank > rank:
            kind, index, rank = ON_GATE, gate, own_rank
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
        if finish == opened and plan.gates[gate].passed < 0 and rank < GATE:
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
    if record.passed >= 0:
        state.chain[CALENDAR] += now.finish
        return NOTHING, -1
    now.critical = 1
    state.chain[GATE] += now.finish - now.first
    state.gate_chain[gate] += now.finish - now.first
    kind, index, rank = NOTHING, -1, -1
    for i in range(record.require_ptr, record.require_ptr + record.n_requires):
        task = plan.gate_requires[i]
        if state.tasks[task].finish == now.first and task_label(plan, state, task) > rank:
            kind, index, rank = ON_TASK, task, task_label(plan, state, task)
    if rank < CALENDAR:
        if record.due_kind == DUE_SPRINT and sprint_end(plan, state, record.due) == now.first:
            kind, index = ON_SPRINT, record.due
            state.chain[CALENDAR] += now.first - state.sprints[record.due].start
        elif 0 < plan.project[0].status == now.first or (record.due_kind == DUE_MINUTE and record.due == now.first):
            kind = NOTHING
    if kind == NOTHING:
        state.chain[CALENDAR] += now.first
    return kind, index


@kernel
def clear_chain(state):
    """Begin with an empty chain."""
    for cause in range(len(state.chain)):
        state.chain[cause] = 0
    for w in range(len(state.critical_people)):
        state.critical_people[w] = NO_BITS
    for t in range(len(state.task_chain)):
        state.task_chain[t] = 0
    for p in range(len(state.person_chain)):
        state.person_chain[p] = 0
    for p in range(len(state.pool_chain)):
        state.pool_chain[p] = 0
    for g in range(len(state.gate_chain)):
        state.gate_chain[g] = 0


@inlined_kernel
def walk_back(plan, state):
    """Add up `chain`, which is clear, by cause and by whose minutes they are, and mark what is critical.

    Assumes: the clock stands at the finish of a finished trial. Cost: the number of things on the chain.
    """
    kind, index = find_last(plan, state)
    while kind != NOTHING:
        if kind == ON_TASK:
            kind, index = cross_task(plan, state, index)
        elif kind == ON_LINK:
            kind, index = cross_link(plan, state, index)
        elif kind == ON_SPRINT:
            kind, index = cross_sprint(plan, state, index)
        else:
            kind, index = cross_gate(plan, state, index)
