"""Absence in a plain plan: one spell ahead of what has to be known.

Nobody leaves for good and nothing but leave keeps people from being there. So whoever has dated leave alone is there on
the same days in every trial but for their absence, and it is enough to count these days: a hazard that runs while
somebody is there fires on a day of a certain number, and a spell takes as many of the days that follow.
"""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.absence import draw_gap, draw_length, reset_absence, serve_until
from simrisk_kernels.bits import has_bit, move_bits
from simrisk_kernels.layout import NEVER
from simrisk_kernels.state import ABSENT, PRESENT

DAYS_SERVED = 32  # by which the absence of people with random leave is placed ahead of what has to be known


@kernel
def prepare_absence(plan, state):
    """Count the days on which everybody is there when they are not absent."""
    for p in range(len(plan.people)):
        state.varies[p] = 0
        n = 0
        for day in range(plan.project[0].n_days):
            if has_bit(state.plan_days[p, PRESENT], day):
                state.day_of[p, n] = day
                n += 1
        state.n_there[p] = n
    for b in range(len(plan.blocks)):
        state.varies[plan.blocks[b].person] = 1


@kernel
def reset_plain_absence(plan, state, person):
    """Draw when the first spell of each kind fires; nothing is placed yet."""
    if state.varies[person]:
        reset_absence(plan, state, person)
        state.known[person] = state.people[person].frontier
        return
    record = plan.people[person]
    for k in range(record.absence_ptr, record.absence_ptr + record.n_absence):
        state.spell[k] = 0
        state.firing[k] = draw_gap(plan, state, k)
    state.lost[person] = 0
    look_ahead(plan, state, person)


@kernel
def look_ahead(plan, state, person):
    """Find the next spell: the days up to the one on which it fires are known."""
    record, day_minutes = plan.people[person], plan.project[0].day_minutes
    kind, firing = -1, NEVER
    for k in range(record.absence_ptr, record.absence_ptr + record.n_absence):
        if state.firing[k] < firing:
            kind, firing = k, state.firing[k]
    state.known[person] = plan.project[0].n_days
    if kind < 0:
        return
    place = (firing + day_minutes - 1) // day_minutes + state.lost[person]
    if place <= state.n_there[person]:
        state.next_kind[person] = kind
        state.next_place[person] = place
        state.known[person] = state.day_of[person, place - 1] + 1


@kernel
def know_more(plan, state, person):
    """Place somebody's absence on some more days: up to where the next spell but one fires."""
    if state.varies[person]:
        end = min(state.people[person].frontier + DAYS_SERVED, plan.project[0].n_days)
        serve_until(plan, state, person, end)
        state.known[person] = end
        return
    kind, place, n_there = state.next_kind[person], state.next_place[person], state.n_there[person]
    length = min(draw_length(plan, state, kind), n_there - place)
    if length > 0:
        end = state.day_of[person, place + length - 1] + 1
        move_bits(state.days[person, PRESENT], state.days[person, ABSENT], state.known[person], end)
    state.spell[kind] += 1
    there = (place - state.lost[person]) * plan.project[0].day_minutes
    state.firing[kind] = there + draw_gap(plan, state, kind)
    state.lost[person] += length
    look_ahead(plan, state, person)


@kernel
def know_until(plan, state, person, end):
    """Place somebody's absence on all days before `end`."""
    while state.known[person] < end:
        know_more(plan, state, person)
