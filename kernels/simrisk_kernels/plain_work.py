"""When somebody gets a part of a plain plan done who takes it now, and what they have worked until then."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel, rare_kernel
from simrisk_kernels.layout import NEVER
from simrisk_kernels.plain_absence import absent_between, day_at, end_behind_spells, minute_at, next_spell, presence_at
from simrisk_kernels.plain_layout import NO_SPELL, WHO_BITS
from simrisk_kernels.plain_outcomes import drawn_minutes, left_of
from simrisk_kernels.seldom import seldom


@pasted_kernel
def end_of_work(plan, state, near, person, q, today, now):
    """Return when a person, who is there, gets a part done that they begin now; count what they work until then.

    `near` is `state`, or what `plain_quick.open_quick` makes of it.
    """
    clock, who, day_minutes = near.clock[0], near.team[person], plan.project[0].day_minutes
    presence = near.before[today, person] + now - today * day_minutes
    if seldom(clock.even == 0):
        return end_of_uneven_work(plan, state, person, q, presence, today, now)
    minutes = drawn_minutes(near, near.parts[q].place)
    if minutes == 0:
        return now
    end, spell = presence + minutes, np.int64(who.spell)
    if seldom(end > who.first):
        end = end_behind_spells(plan, state, person, end)
    if seldom(end > who.whole):
        due = minute_at(plan, state, person, end)
    else:
        due = end + near.skipped[person, day_at(near, end - 1)] * day_minutes
    if seldom((clock.by_month != 0) | (due > plan.project[0].horizon)):
        count_worked(plan, state, person, presence, end, spell)
    else:
        who.worked += minutes
    return due


@rare_kernel
def end_of_uneven_work(plan, state, person, q, presence, today, now):
    """Return what `end_of_work` does, of work that takes some people longer than others, or of which each does a share.

    Somebody on a ramp works at another rate every day, so the days of the ramp are walked one by one.
    """
    record, who, day_minutes = plan.people[person], state.team[person], plan.project[0].day_minutes
    efficiency, left, spell = state.parts[q].who >> WHO_BITS, left_of(plan, state, q), np.int64(who.spell)
    if left == 0:
        return now
    end, day = presence, today
    stop = state.before[day, person] + day_minutes
    done = False
    while not done and day - record.start_day < record.ramp_days:
        rate = plan.rates[person, efficiency, day - record.start_day]
        minutes = (left + rate - 1) // rate if rate > 0 else NEVER
        if end + minutes <= stop:
            end += minutes
            done = True
            continue
        left -= rate * (stop - end)
        end = skip_spells(plan, state, person, stop)
        day = minute_at(plan, state, person, end + 1) // day_minutes
        stop = end + day_minutes
    if not done:
        rate = plan.rates[person, efficiency, record.ramp_days]
        minutes = (left + rate - 1) // rate if rate > 0 else NEVER
        end = end_behind_spells(plan, state, person, end + minutes) if minutes < NEVER else NEVER
    count_worked(plan, state, person, presence, end, spell)
    return minute_at(plan, state, person, end)


@kernel
def skip_spells(plan, state, person, presence):
    """Return the presence after the spells that begin at a presence, one after the other; NEVER: they do not end."""
    who = state.team[person]
    while presence >= who.first:
        if who.end == NO_SPELL:
            return NEVER
        presence = np.int64(who.end)
        next_spell(plan, state, person)
    return presence


@rare_kernel
def count_worked(plan, state, person, first, end, spell):
    """Count minutes of work between two presences, as far as the trial may last; in months, where these count."""
    limit, before = min(end, presence_at(plan, state, person, plan.project[0].horizon)), 0
    if state.clock[0].by_month:
        for m in range(len(plan.months)):
            until = min(limit, presence_at(plan, state, person, plan.months[m]))
            worked = worked_between(plan, state, person, first, until, spell)
            state.by_month[person, m] += worked - before
            before = worked
    state.team[person].worked += worked_between(plan, state, person, first, limit, spell)


@kernel
def worked_between(plan, state, person, first, end, spell):
    """Return the minutes between two presences without absence, of which `spell` is the first from then on."""
    return end - first - absent_between(plan, state, person, first, end, spell) if end > first else 0
