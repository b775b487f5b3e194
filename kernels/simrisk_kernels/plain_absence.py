"""Presence in a plain plan, counted in minutes: who is there is a comparison, when work ends an addition.

Nobody leaves for good and nothing but leave and absence keeps people from being there. So the days on which somebody
would be there but for absence are numbered, and a minute of these days is given by how many minutes of them come
before it: by its presence. A hazard that runs while somebody is there fires at a certain presence, a spell takes the
whole days that follow, and so it is two numbers of minutes, too. Work that begins at a presence ends as many minutes
later as it takes, and as many more as the spells in between. Only the end has to be put back into the calendar.

Days are numbered once per run; those of people with random leave in every trial. For people with dated leave and one
kind of absence, which are most, the first spells are worked out in a block of trials at once. Other spells are drawn
when somebody asks for what comes after the one before, and noted until the trial is over.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel, rare_kernel
from simrisk_kernels.absence import draw_gap
from simrisk_kernels.bits import LOWEST, NO_BITS, copy_bits, has_bit, ones
from simrisk_kernels.layout import NEVER
from simrisk_kernels.plain_layout import NO_SPELL
from simrisk_kernels.quantile import IN_BLOCK, draw_minutes
from simrisk_kernels.seldom import seldom
from simrisk_kernels.state import ABSENT, BLOCK_TRIALS, NOT_EMPLOYED, ON_LEAVE, PRESENT, SPELLS

LONGEST = 3 << 29  # minutes until a spell fires, or that it takes, are cut off here: longer than all horizons


@kernel
def prepare_presence(plan, state):
    """Number the days on which everybody is there but for absence."""
    state.clock[0].inverse, state.clock[0].shift = inverse_of(plan.project[0].day_minutes)
    for p in range(len(plan.people)):
        state.team[p].varies = 0
    for b in range(len(plan.blocks)):
        state.team[plan.blocks[b].person].varies = 1
    for p in range(len(plan.people)):
        state.team[p].hired = 0
        for w in range(state.days.shape[2]):
            state.team[p].hired += ones(state.plan_days[p, NOT_EMPLOYED, w])
            state.days[p, PRESENT, w] = state.plan_days[p, PRESENT, w]
            state.days[p, ON_LEAVE, w] = state.plan_days[p, ON_LEAVE, w]
        number_days(plan, state, p)
        state.team[p].quick = 1 if plan.people[p].n_absence <= 1 and not state.team[p].varies else 0


@kernel
def number_days(plan, state, person):
    """Number the days on which somebody is there but for absence.

    Every day is written where the next of these days goes, without asking whether it is one: leave is hard to predict.
    """
    who, day_minutes, n_days = state.team[person], plan.project[0].day_minutes, plan.project[0].n_days
    present, skipped, n = state.days[person, PRESENT], state.skipped[person], np.int64(0)
    for w in range((n_days + 63) >> 6):
        word = present[w]
        for day in range(w << 6, min(n_days, (w + 1) << 6)):
            state.before[day, person] = n * day_minutes
            skipped[n] = day - n
            n += np.int64(word & LOWEST)
            word >>= LOWEST
    state.before[n_days, person] = n * day_minutes
    who.whole = n * day_minutes
    who.open = 1 if has_bit(present, n_days - 1) else 0


@kernel
def inverse_of(day_minutes):
    """Return what a minute is multiplied by, and how far it is shifted then, to give its day."""
    length = 1
    while 1 << length <= day_minutes:
        length += 1
    return (1 << (31 + length)) // day_minutes + 1, 31 + length


@pasted_kernel
def day_at(state, minute):
    """Return minute // day_minutes, by a multiplication: exact for 0 <= minute < 2**31 (Granlund, Montgomery 1994)."""
    return (minute * state.clock[0].inverse) >> state.clock[0].shift


@kernel
def reset_presence(state, person):
    """Turn to the first spell; if it has not been drawn, whoever asks for it gets it."""
    who = state.team[person]
    who.first, who.end, who.spell, who.n_spells, who.lost = 0, 0, -1, 0, 0
    who.worked, who.marked = 0, 0
    if who.quick:
        lane, place = state.clock[0].trial & IN_BLOCK, person * SPELLS
        who.first, who.end, who.spell = state.block_first[lane, place], state.block_end[lane, place], 0


@kernel
def draw_length(plan, state, kind):
    """Return the minutes that a spell takes, whole days, at least one: `absence.draw_length` says which."""
    spell, day_minutes = state.spell[kind], plan.project[0].day_minutes
    if spell < SPELLS:
        minutes = state.durations[kind * SPELLS + spell, state.clock[0].trial & IN_BLOCK]
    else:
        minutes = min(LONGEST, draw_minutes(plan, state, plan.absences[kind].duration, spell))
    return max(1, day_at(state, minutes + (day_minutes >> 1))) * day_minutes


@rare_kernel
def draw_spell(plan, state, person):
    """Draw the next spell of a person and note it behind the others."""
    record, who, day_minutes = plan.people[person], state.team[person], plan.project[0].day_minutes
    kind, firing, lost = -1, NEVER, np.int64(who.lost)
    for k in range(record.absence_ptr, record.absence_ptr + record.n_absence):
        if who.n_spells == 0:
            state.spell[k] = 0
            state.firing[k] = draw_gap(plan, state, k)
        if state.firing[k] < firing:
            kind, firing = k, state.firing[k]
    first = end = NO_SPELL
    if firing + lost <= who.whole:
        served = day_at(state, firing + day_minutes - 1) * day_minutes  # there at the end of the day on which it fires
        begin = served + lost
        if begin < who.whole:
            length = draw_length(plan, state, kind)
            first = begin
            if begin + length < who.whole:
                end = begin + length
            who.lost = lost + length if end < NO_SPELL else LONGEST
            state.spell[kind] += 1
            state.firing[kind] = served + draw_gap(plan, state, kind)
    state.spell_first[person, who.n_spells] = first
    state.spell_end[person, who.n_spells] = end
    who.n_spells += 1


@kernel
def draw_spells(plan, state):
    """Work out the first spells of all people who are quick in the trials of the block that has just been drawn."""
    for p in range(len(plan.people)):
        if state.team[p].quick and plan.people[p].n_absence == 1:
            for lane in range(BLOCK_TRIALS):
                state.passed[0, lane] = 0
            for number in range(SPELLS):
                draw_lanes(plan, state, p, number)


@kernel
def draw_lanes(plan, state, person, number):
    """Work out one spell of a person in a block of trials, as `draw_spell` does, from the day behind the one before.

    Every loop over the trials is a function of its own, which LLVM makes vectors of.
    """
    day_minutes, n_days = plan.project[0].day_minutes, state.team[person].whole // plan.project[0].day_minutes
    draw, place = plan.people[person].absence_ptr * SPELLS + number, person * SPELLS + number
    passed, first, end = state.passed[0], state.first_lanes[0], state.end_lanes[0]
    begin_lanes(first, passed, state.gaps[draw], day_minutes, n_days)
    end_lanes(end, first, state.durations[draw], day_minutes, n_days)
    for lane in range(BLOCK_TRIALS):
        passed[lane] = end[lane]
    minutes_of_days(first, day_minutes, n_days)
    minutes_of_days(end, day_minutes, n_days)
    for lane in range(BLOCK_TRIALS):
        state.block_first[lane, place] = first[lane]
        state.block_end[lane, place] = end[lane]


@kernel
def begin_lanes(first, passed, gaps, day_minutes, n_days):
    """Write before which day of presence the spell begins: behind the one on which it fires."""
    for lane in range(BLOCK_TRIALS):
        days = np.int32(np.float64(max(np.int32(1), gaps[lane]) + day_minutes - 1) / day_minutes)
        first[lane] = min(n_days, passed[lane] + days)


@kernel
def end_lanes(end, first, durations, day_minutes, n_days):
    """Write before which day of presence it ends."""
    for lane in range(BLOCK_TRIALS):
        days = np.int32(np.float64(durations[lane] + (day_minutes >> 1)) / day_minutes)
        end[lane] = min(n_days, first[lane] + max(np.int32(1), days))


@kernel
def minutes_of_days(days, day_minutes, n_days):
    """Write minutes in place of days of presence; what is not before the last of them does not come."""
    for lane in range(BLOCK_TRIALS):
        days[lane] = days[lane] * day_minutes if days[lane] < n_days else NO_SPELL


@kernel
def spell_of(plan, state, person, number):
    """Return the presences at which a person's spell of a number begins and ends; NO_SPELL: it does not."""
    who = state.team[person]
    if number < SPELLS and who.quick:
        lane, place = state.clock[0].trial & IN_BLOCK, person * SPELLS + number
        return np.int64(state.block_first[lane, place]), np.int64(state.block_end[lane, place])
    while number >= who.n_spells:
        draw_spell(plan, state, person)
    return np.int64(state.spell_first[person, number]), np.int64(state.spell_end[person, number])


@pasted_kernel
def next_spell(plan, state, person):
    """Turn to the next spell of a person."""
    who = state.team[person]
    who.spell += 1
    who.first, who.end = spell_of(plan, state, person, np.int64(who.spell))


@rare_kernel
def turn_to(plan, state, person, presence):
    """Turn to the spell of a person that ends after a presence."""
    while presence >= state.team[person].end:
        next_spell(plan, state, person)


@rare_kernel
def end_behind_spells(plan, state, person, end):
    """Return the presence at which work ends that would end at one but for absence; NEVER: that does not end."""
    who = state.team[person]
    while end > who.first:
        if who.end == NO_SPELL:
            return NEVER
        end += who.end - who.first
        next_spell(plan, state, person)
    return end


@pasted_kernel
def is_there(plan, state, near, person, today):
    """Return whether a person is there today; `near` is `state`, or what `plain_quick.open_quick` makes of it."""
    who = near.team[person]
    presence = np.int64(near.before[today, person])
    if seldom(presence >= who.end):
        turn_to(plan, state, person, presence)
    return near.before[today + 1, person] > presence and presence < who.first


@kernel
def presence_at(plan, state, person, minute):
    """Return a person's presence before a minute; absence counts as presence."""
    n_days, day_minutes, who = plan.project[0].n_days, plan.project[0].day_minutes, state.team[person]
    day = day_at(state, np.int64(minute))
    if day >= n_days:
        return who.whole + (minute - n_days * day_minutes) * who.open
    presence = state.before[day, person]
    if state.before[day + 1, person] > presence:
        return presence + minute - day * day_minutes
    return presence


@rare_kernel
def minute_at(plan, state, person, presence):
    """Return the minute before which a person's presence, which is above 0, is complete; NEVER: it never is."""
    n_days, day_minutes = plan.project[0].n_days, plan.project[0].day_minutes
    whole = np.int64(state.team[person].whole)
    if presence > whole:
        return presence - whole + n_days * day_minutes if state.team[person].open else NEVER
    place = day_at(state, presence - 1)
    return presence + state.skipped[person, place] * day_minutes


@kernel
def absent_between(plan, state, person, first, end, spell):
    """Return the minutes of absence between two presences; all spells before number `spell` are over before."""
    minutes = 0
    while True:
        begin, over = spell_of(plan, state, person, spell)
        if begin >= end:
            return minutes
        minutes += max(0, min(end, over) - max(first, begin))
        spell += 1


@kernel
def absent_until(plan, state, person, presence, planned):
    """Return the minutes of absence before a presence, and before another one that is not above it.

    Of somebody who is quick all first spells are looked at: how many there were is hard to predict.
    """
    absence, absence_planned, spell = np.int64(0), np.int64(0), 0
    if state.team[person].quick:
        lane, place = state.clock[0].trial & IN_BLOCK, person * SPELLS
        for i in range(SPELLS):
            first, end = np.int64(state.block_first[lane, place + i]), np.int64(state.block_end[lane, place + i])
            absence += max(0, min(end, presence) - first)
            absence_planned += max(0, min(end, planned) - first)
        if state.block_end[lane, place + SPELLS - 1] >= presence:
            return absence, absence_planned
        spell = SPELLS
    while True:
        first, end = spell_of(plan, state, person, spell)
        if first >= presence:
            return absence, absence_planned
        absence += min(end, presence) - first
        absence_planned += max(0, min(end, planned) - first)
        spell += 1


@kernel
def return_of(plan, state, person):
    """Return the minute in which somebody who is away today returns; NEVER: they do not."""
    who = state.team[person]
    presence, spell = np.int64(state.before[state.clock[0].today, person]), np.int64(who.spell)
    begin, over = np.int64(who.first), np.int64(who.end)
    while presence >= begin and presence < who.whole:
        presence = over
        spell += 1
        begin, over = spell_of(plan, state, person, spell)
    if presence >= who.whole:
        return NEVER
    return minute_at(plan, state, person, presence + 1) - 1


@kernel
def day_of(state, person, place):
    """Return a day of a person's days of presence."""
    return place + np.int64(state.skipped[person, place])


@kernel
def mark_absence(plan, state, person):
    """Write the days of a person's spells that begin before the end of the trial, unless that is done."""
    who = state.team[person]
    if who.marked:
        return
    who.marked = 1
    for w in range(state.days.shape[2]):
        state.days[person, ABSENT, w] = NO_BITS
    until, spell = min(np.int64(who.whole), presence_at(plan, state, person, state.clock[0].now)), 0
    first, end = spell_of(plan, state, person, spell)
    while first < until:
        day = day_of(state, person, day_at(state, first))
        stop = day_of(state, person, day_at(state, min(end, np.int64(who.whole)) - 1)) + 1
        copy_bits(state.days[person, PRESENT], state.days[person, ABSENT], day, stop)
        spell += 1
        first, end = spell_of(plan, state, person, spell)
