"""Absence and departure: hazards that run while a person is present, spells in whole days that leave splits.

They are placed as far ahead as somebody asks (`serve_until`): most trials end long before the horizon.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import from_place, move_bits, next_gap, next_one, nth_place, ones
from simrisk_kernels.days import day_of
from simrisk_kernels.layout import NEVER
from simrisk_kernels.quantile import IN_BLOCK, draw_minutes
from simrisk_kernels.random import FIRST
from simrisk_kernels.state import ABSENT, DEPARTED, ON_LEAVE, PRESENT, SPELLS


@kernel
def draw_gap(plan, state, kind):
    """Return the minutes of presence until spell number `spell[kind]` fires, at least 1."""
    spell = state.spell[kind]
    if spell < SPELLS:
        return max(1, np.int64(state.gaps[kind * SPELLS + spell, state.clock[0].trial & IN_BLOCK]))
    return max(1, draw_minutes(plan, state, plan.absences[kind].gap, spell))


@kernel
def draw_length(plan, state, kind):
    """Return the days that spell number `spell[kind]` takes, at least 1."""
    spell = state.spell[kind]
    if spell < SPELLS:
        minutes = np.int64(state.durations[kind * SPELLS + spell, state.clock[0].trial & IN_BLOCK])
    else:
        minutes = draw_minutes(plan, state, plan.absences[kind].duration, spell)
    return max(1, in_days(plan, state, minutes))


@kernel
def in_days(plan, state, minutes):
    """Return minutes in whole working days, rounded half up."""
    return day_of(state, minutes + (plan.project[0].day_minutes >> 1))


@kernel
def draw_days(plan, state, draw, index):
    """Return a drawn time in whole working days, rounded half up."""
    return in_days(plan, state, draw_minutes(plan, state, draw, index))


@kernel
def mark_spell(plan, state, person, day, length, status, has_left):
    """Take the first `length` days from `day` on that are still days of presence, until the person leaves."""
    end = plan.project[0].n_days
    if not has_left and 0 <= state.people[person].leaves_at < NEVER:
        end = state.people[person].leaves_at // plan.project[0].day_minutes
    present, away = state.days[person, PRESENT], state.days[person, status]
    while length > 0:
        day = next_one(present, day, end)
        if day == end:
            return
        stop = next_gap(present, day, min(end, day + length))
        move_bits(present, away, day, stop)
        length -= stop - day


@kernel
def give_notice(plan, state, person, day):
    """A person gives notice on `day`: take the days between their leaving and the arrival of the replacement."""
    record, who, project = plan.people[person], state.people[person], plan.project[0]
    leaving = day + 1 + draw_days(plan, state, record.notice, FIRST)
    if leaving >= project.n_days - 1 or leaving * project.day_minutes >= record.end:
        return
    who.leaves_at = leaving * project.day_minutes
    arrival = project.n_days
    if record.replace >= 0:
        arrival = leaving + draw_days(plan, state, record.replace, FIRST)
        who.rejoined = arrival * project.day_minutes
        arrival = min(arrival, project.n_days)
    for status in (PRESENT, ON_LEAVE, ABSENT):
        move_bits(state.days[person, status], state.days[person, DEPARTED], leaving, arrival)
    move_bits(state.days[person, ABSENT], state.days[person, PRESENT], arrival, project.n_days)


@kernel
def serve_firings(plan, state, person, day, presence):
    """Turn everything that has fired by `presence` minutes, the end of `day`, into spells after `day`."""
    first, n_kinds, who = plan.people[person].absence_ptr, plan.people[person].n_absence, state.people[person]
    while True:
        kind, firing = -1, NEVER
        for k in range(first, first + n_kinds):
            if state.firing[k] < firing:
                kind, firing = k, state.firing[k]
        if who.leaves_at == -1 and who.notice < firing and who.notice <= presence:
            who.leaves_at = NEVER  # given; overwritten unless there is nothing to leave
            give_notice(plan, state, person, day)
        if firing > presence:
            who.next_firing = firing if who.leaves_at != -1 else min(firing, who.notice)
            return
        length = draw_length(plan, state, kind)
        has_left = (day + 1) * plan.project[0].day_minutes > who.leaves_at
        mark_spell(plan, state, person, day + 1, length, ABSENT, has_left)
        state.spell[kind] += 1
        state.firing[kind] = presence + draw_gap(plan, state, kind)


@kernel
def reset_absence(plan, state, person):
    """Draw when the first spell of each kind fires, and when notice is given; nothing is placed yet."""
    record, who = plan.people[person], state.people[person]
    who.leaves_at = -1
    who.left_at = -1
    who.rejoined = NEVER
    who.notice = NEVER
    if record.departure >= 0:
        who.notice = max(1, draw_minutes(plan, state, record.departure, FIRST))
    who.next_firing = who.notice
    for k in range(record.absence_ptr, record.absence_ptr + record.n_absence):
        state.spell[k] = 0
        state.firing[k] = draw_gap(plan, state, k)
        who.next_firing = min(who.next_firing, state.firing[k])
    who.presence = 0
    who.frontier = day_of(state, plan.project[0].status)
    if who.next_firing == NEVER:
        who.frontier = plan.project[0].n_days


@kernel
def serve_until(plan, state, person, end):
    """Place the spells that fire before day `end`: what a person does on the days up to it is known then."""
    who, day_minutes = state.people[person], plan.project[0].day_minutes
    present = state.days[person, PRESENT]
    day = who.frontier
    while day < end:
        w = day >> 6
        stop = min(end, (w + 1) << 6)
        rest = present[w] & from_place(day)
        if stop & 63:
            rest &= ~from_place(stop)
        here = ones(rest)
        if who.next_firing > who.presence + here * day_minutes:
            who.presence += here * day_minutes
            day = stop
            continue
        # the day of presence on which it is
        to_come = day_of(state, who.next_firing - who.presence - 1) + 1
        day = (w << 6) + nth_place(rest, to_come - 1)
        who.presence += to_come * day_minutes
        serve_firings(plan, state, person, day, who.presence)
        day += 1
    who.frontier = max(who.frontier, end)


@kernel
def be_absent(plan, state, person):
    """Take the days on which a person is absent in every trial, if they would be present then.

    What fires by then has been placed before: clocks run on those days as if the person were there.
    """
    record, first_day = plan.people[person], day_of(state, plan.project[0].status)
    first, end = max(first_day, record.absent_first), min(plan.project[0].n_days, record.absent_end)
    if first >= end:
        return
    serve_until(plan, state, person, end)
    present, absent = state.days[person, PRESENT], state.days[person, ABSENT]
    day = next_one(present, first, end)
    while day < end:
        move_bits(present, absent, day, day + 1)
        day = next_one(present, day + 1, end)
