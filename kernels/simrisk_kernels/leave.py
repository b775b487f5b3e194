"""Leave: dated leave from the plan, random leave placed anew in every trial, in bits of days."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit, from_place, has_bit, move_bits, trailing_zeros
from simrisk_kernels.layout import NEVER
from simrisk_kernels.random import draw_word
from simrisk_kernels.state import NOT_EMPLOYED, ON_LEAVE, PRESENT


@kernel
def mark_plan_days(plan, state):
    """Write employment and dated leave, which all trials share, into `plan_days`, `plan_off` and `plan_full`.

    Cost: people times days, once per run.
    """
    day_minutes, n_days, max_off = plan.project[0].day_minutes, plan.project[0].n_days, plan.project[0].max_off
    for day in range(n_days):
        state.plan_off[day] = 0
        state.plan_full[day >> 6] = NO_BITS
    for p in range(len(plan.people)):
        person = plan.people[p]
        for status in range(state.days.shape[1]):
            for w in range(state.days.shape[2]):
                state.plan_days[p, status, w] = NO_BITS
        for day in range(n_days):
            employed = person.start <= day * day_minutes and day * day_minutes < person.end
            state.plan_days[p, PRESENT if employed else NOT_EMPLOYED, day >> 6] |= bit(day)
        present, on_leave = state.plan_days[p, PRESENT], state.plan_days[p, ON_LEAVE]
        for i in range(person.leave_ptr, person.leave_ptr + person.n_leave):
            for day in range(max(0, plan.leave[i, 0]), min(n_days, plan.leave[i, 1])):
                if has_bit(present, day):
                    move_bits(present, on_leave, day, day + 1)
                    state.plan_off[day] += 1
    for day in range(n_days):
        if plan.blackout[day] or state.plan_off[day] >= max_off:
            state.plan_full[day >> 6] |= bit(day)


@kernel
def reset_days(plan, state):
    """Begin a trial with the days of the plan."""
    for p in range(len(plan.people)):
        for status in range(state.days.shape[1]):
            for w in range(state.days.shape[2]):
                state.days[p, status, w] = state.plan_days[p, status, w]
    reset_rules(plan, state)


@kernel
def reset_rules(plan, state):
    """Begin a trial with the plan's dated leave alone under the rules of the team."""
    if len(plan.blocks) == 0:
        return
    for w in range(len(state.full)):
        state.full[w] = state.plan_full[w]
    if plan.project[0].max_off < NEVER:
        for day in range(plan.project[0].n_days):
            state.off[day] = state.plan_off[day]


@kernel
def first_place(free, full, first, length, last):
    """Return the first day from `first` to `last` from which `length` days are in `free` and none is in `full`."""
    while first <= last:
        day, end = first, first + length
        while day < end:
            w = day >> 6
            taken = (~free[w] | full[w]) & from_place(day)
            stop = (w + 1) << 6
            if stop > end:
                taken &= ~from_place(end)
            if taken != NO_BITS:
                first = (w << 6) + trailing_zeros(taken) + 1
                break
            day = stop
        if day >= end:
            return first
    return first


@kernel
def place_leave(plan, state):
    """Place the blocks of random leave of one trial in `days`, `off` and `full`."""
    n_days, max_off = plan.project[0].n_days, plan.project[0].max_off
    for b in range(len(plan.blocks)):
        block = plan.blocks[b]
        word = draw_word(state.block_keys[b], state.clock[0].trial, block.index, plan.project[0].strata)
        first = block.first_day + ((word * block.n_starts) >> 32)
        last = min(block.limit_day, n_days) - block.length
        present = state.days[block.person, PRESENT]
        first = first_place(present, state.full, first, block.length, last)
        if first > last:
            continue
        move_bits(present, state.days[block.person, ON_LEAVE], first, first + block.length)
        if max_off < NEVER:
            for day in range(first, first + block.length):
                state.off[day] += 1
                if state.off[day] >= max_off:
                    state.full[day >> 6] |= bit(day)
