"""Absence and departure: hazards that run while a person is present, spells in whole days that leave splits."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER
from simrisk_kernels.quantile import draw_minutes
from simrisk_kernels.random import FIRST
from simrisk_kernels.state import ABSENT, DEPARTED, NOT_EMPLOYED, PRESENT


@kernel
def draw_gap(plan, state, kind):
    """Return the minutes of presence until spell number `spell[kind]` fires, at least 1."""
    return max(1, draw_minutes(plan, state, plan.absences[kind].gap, state.spell[kind]))


@kernel
def draw_days(plan, state, draw, index):
    """Return a drawn time in whole working days, rounded half up."""
    day_minutes = plan.project[0].day_minutes
    return (2 * draw_minutes(plan, state, draw, index) + day_minutes) // (2 * day_minutes)


@kernel
def mark_spell(plan, state, person, day, length, status, has_left):
    """Take the first `length` days from `day` on that are still days of presence, until the person leaves."""
    end = plan.project[0].n_days
    if not has_left and 0 <= state.people[person].leaves_at < NEVER:
        end = state.people[person].leaves_at // plan.project[0].day_minutes
    while day < end and length > 0:
        if state.days[person, day] == PRESENT:
            state.days[person, day] = status
            length -= 1
        day += 1


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
    for later in range(leaving, project.n_days):
        status = state.days[person, later]
        if later < arrival and status != NOT_EMPLOYED:
            state.days[person, later] = DEPARTED
        elif status == ABSENT:
            state.days[person, later] = PRESENT


@kernel
def serve_firings(plan, state, person, day, presence, notice):
    """Turn everything that has fired by `presence` minutes, the end of `day`, into spells after `day`.

    `notice` is the presence minute at which notice is given. Returns that of the next firing of anything.
    """
    first, n_kinds = plan.people[person].absence_ptr, plan.people[person].n_absence
    while True:
        kind, firing = -1, NEVER
        for k in range(first, first + n_kinds):
            if state.firing[k] < firing:
                kind, firing = k, state.firing[k]
        given = state.people[person].leaves_at != -1
        if not given and notice < firing and notice <= presence:
            state.people[person].leaves_at = NEVER  # given; overwritten unless there is nothing to leave
            give_notice(plan, state, person, day)
            given = True
        if firing > presence:
            return firing if given else min(firing, notice)
        length = max(1, draw_days(plan, state, plan.absences[kind].duration, state.spell[kind]))
        has_left = (day + 1) * plan.project[0].day_minutes > state.people[person].leaves_at
        mark_spell(plan, state, person, day + 1, length, ABSENT, has_left)
        state.spell[kind] += 1
        state.firing[kind] = presence + draw_gap(plan, state, kind)


@kernel
def place_absence(plan, state):
    """Place the spells of absence and the departures of one trial in `days`, after `place_leave`."""
    day_minutes, n_days = plan.project[0].day_minutes, plan.project[0].n_days
    for p in range(len(plan.people)):
        person, who = plan.people[p], state.people[p]
        who.leaves_at = -1
        who.left_at = -1
        who.rejoined = NEVER
        notice = NEVER
        if person.departure >= 0:
            notice = max(1, draw_minutes(plan, state, person.departure, FIRST))
        next_firing = notice
        for k in range(person.absence_ptr, person.absence_ptr + person.n_absence):
            state.spell[k] = 0
            state.firing[k] = draw_gap(plan, state, k)
            next_firing = min(next_firing, state.firing[k])
        if next_firing == NEVER:
            continue
        presence = 0
        for day in range(plan.project[0].status // day_minutes, n_days):
            status = state.days[p, day]
            if status == PRESENT:
                presence += day_minutes
                if next_firing <= presence:
                    next_firing = serve_firings(plan, state, p, day, presence, notice)
            elif status == NOT_EMPLOYED and presence > 0:
                break
