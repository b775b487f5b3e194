"""Absence: hazards that run while a person is present, spells in whole days that leave splits."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER
from simrisk_kernels.quantile import draw_value, round_minutes
from simrisk_kernels.random import draw_word
from simrisk_kernels.state import ABSENT, NOT_EMPLOYED, PRESENT


@kernel
def draw_gap(plan, state, kind):
    """Return the minutes of presence until spell number `spell[kind]` fires, at least 1."""
    draw = plan.absences[kind].gap
    word = draw_word(state.keys[draw], state.clock[0].trial, state.spell[kind])
    return max(1, round_minutes(draw_value(plan, draw, word)))


@kernel
def draw_spell(plan, state, kind):
    """Return the working days of spell number `spell[kind]`, at least 1."""
    draw = plan.absences[kind].duration
    word = draw_word(state.keys[draw], state.clock[0].trial, state.spell[kind])
    day_minutes = plan.project[0].day_minutes
    return max(1, (2 * round_minutes(draw_value(plan, draw, word)) + day_minutes) // (2 * day_minutes))


@kernel
def mark_spell(plan, state, person, day, length):
    """Take the first `length` days from `day` on that are still days of presence."""
    while day < plan.project[0].n_days and length > 0:
        if state.days[person, day] == PRESENT:
            state.days[person, day] = ABSENT
            length -= 1
        day += 1


@kernel
def serve_firings(plan, state, person, day, presence):
    """Turn everything that has fired by `presence` minutes, the end of `day`, into spells after `day`.

    Returns the presence minute of the next firing.
    """
    first, n_kinds = plan.people[person].absence_ptr, plan.people[person].n_absence
    while True:
        kind = first
        for k in range(first + 1, first + n_kinds):
            if state.firing[k] < state.firing[kind]:
                kind = k
        if state.firing[kind] > presence:
            return state.firing[kind]
        mark_spell(plan, state, person, day + 1, draw_spell(plan, state, kind))
        state.spell[kind] += 1
        state.firing[kind] = presence + draw_gap(plan, state, kind)


@kernel
def place_absence(plan, state):
    """Place the spells of absence of one trial in `days`, after `place_leave`."""
    day_minutes, n_days = plan.project[0].day_minutes, plan.project[0].n_days
    for p in range(len(plan.people)):
        person = plan.people[p]
        next_firing = NEVER
        for k in range(person.absence_ptr, person.absence_ptr + person.n_absence):
            state.spell[k] = 0
            state.firing[k] = draw_gap(plan, state, k)
            next_firing = min(next_firing, state.firing[k])
        if next_firing == NEVER:
            continue
        presence = 0
        for day in range(n_days):
            status = state.days[p, day]
            if status == PRESENT:
                presence += day_minutes
                if next_firing <= presence:
                    next_firing = serve_firings(plan, state, p, day, presence)
            elif status == NOT_EMPLOYED and presence > 0:
                break
