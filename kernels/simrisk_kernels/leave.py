"""Leave: dated leave from the plan, random leave placed anew in every trial, in bits of days."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit, from_place, has_bit, move_bits, trailing_zeros
from simrisk_kernels.copies import copy
from simrisk_kernels.quantile import IN_BLOCK
from simrisk_kernels.state import NOT_EMPLOYED, ON_LEAVE, PRESENT


@kernel
def mark_plan_days(plan, state):
    """Write employment and dated leave, which all trials share, into `plan_days`, `plan_off` and `plan_full`.

    Cost: people times days, once per run.
    """
    day_minutes, n_days = plan.project[0].day_minutes, plan.project[0].n_days
    for w in range(len(state.plan_full)):
        state.plan_full[w] = NO_BITS
        for k in range(len(state.plan_off)):
            state.plan_off[k, w] = NO_BITS
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
                    count_off(state.plan_off, state.plan_full, day >> 6, bit(day))
    for day in range(n_days):
        if plan.blackout[day]:
            state.plan_full[day >> 6] |= bit(day)


@kernel
def count_off(off, full, w, days):
    """Count one more person off on `days`, bits of word `w`; days on which the last row is reached are full."""
    for k in range(len(off)):
        reached = off[k, w]
        off[k, w] = reached | days
        if k == len(off) - 1:
            full[w] |= days
        days &= reached


@kernel
def reset_days(plan, state):
    """Begin a trial with the days of the plan."""
    copy(state.plan_days, state.days)
    reset_rules(plan, state)


@kernel
def reset_rules(plan, state):
    """Begin a trial with the plan's dated leave alone under the rules of the team."""
    if len(plan.blocks) == 0:
        return
    copy(state.plan_full, state.full)
    copy(state.plan_off, state.off)


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
    n_days, lane = plan.project[0].n_days, state.clock[0].trial & IN_BLOCK
    for b in range(len(plan.blocks)):
        block = plan.blocks[b]
        last = min(block.limit_day, n_days) - block.length
        present, on_leave = state.days[block.person, PRESENT], state.days[block.person, ON_LEAVE]
        day = first_place(present, state.full, np.int64(state.leave_days[b, lane]), block.length, last)
        if day > last:
            continue
        end = day + block.length
        while day < end:
            w = day >> 6
            days = from_place(day)
            day = (w + 1) << 6
            if day > end:
                days &= ~from_place(end)
            present[w] ^= days
            on_leave[w] |= days
            count_off(state.off, state.full, w, days)
