"""Leave: who is employed and on dated leave, and where a trial puts the days of random leave."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.random import draw_word
from simrisk_kernels.state import NOT_EMPLOYED, ON_LEAVE, PRESENT


@kernel
def mark_plan_days(plan, state):
    """Write employment and dated leave, which all trials share, into `plan_days` and `plan_off`.

    Cost: people times days, once per run.
    """
    day_minutes, n_days = plan.project[0].day_minutes, plan.project[0].n_days
    for day in range(n_days):
        state.plan_off[day] = 0
    for p in range(len(plan.people)):
        person = plan.people[p]
        for day in range(n_days):
            employed = person.start <= day * day_minutes and day * day_minutes < person.end
            state.plan_days[p, day] = PRESENT if employed else NOT_EMPLOYED
        for i in range(person.leave_ptr, person.leave_ptr + person.n_leave):
            for day in range(max(0, plan.leave[i, 0]), min(n_days, plan.leave[i, 1])):
                if state.plan_days[p, day] == PRESENT:
                    state.plan_days[p, day] = ON_LEAVE
                    state.plan_off[day] += 1


@kernel
def reset_days(plan, state):
    """Begin a trial with the days of the plan."""
    n_days = plan.project[0].n_days
    for day in range(n_days):
        state.off[day] = state.plan_off[day]
    for p in range(len(plan.people)):
        for day in range(n_days):
            state.days[p, day] = state.plan_days[p, day]


@kernel
def block_fits(plan, state, person, first, length):
    """Return whether `person` may be on leave on the `length` days from `first` on."""
    for day in range(first, first + length):
        if state.days[person, day] != PRESENT or plan.blackout[day] or state.off[day] >= plan.project[0].max_off:
            return False
    return True


@kernel
def place_leave(plan, state):
    """Place the blocks of random leave of one trial in `days` and `off`."""
    n_days = plan.project[0].n_days
    for b in range(len(plan.blocks)):
        block = plan.blocks[b]
        word = draw_word(state.block_keys[b], state.clock[0].trial, block.index)
        first = block.first_day + ((word * block.n_starts) >> 32)
        last = min(block.limit_day, n_days) - block.length
        while first <= last and not block_fits(plan, state, block.person, first, block.length):
            first += 1
        if first <= last:
            for day in range(first, first + block.length):
                state.days[block.person, day] = ON_LEAVE
                state.off[day] += 1
