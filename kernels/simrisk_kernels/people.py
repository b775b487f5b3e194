"""People: who is present, what they hold, and how fast they work."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER
from simrisk_kernels.state import ABSENT, NOT_EMPLOYED, ON_LEAVE, PRESENT


@kernel
def find_change(plan, state, person, day):
    """Return the minute of the first day after `day` on which the person's status is another."""
    n_days = plan.project[0].n_days
    status = state.days[person, day]
    day += 1
    while day < n_days and state.days[person, day] == status:
        day += 1
    return day * plan.project[0].day_minutes if day < n_days else NEVER


@kernel
def reset_people(plan, state):
    """Put everybody at minute 0; who is away on the first day goes away in the first minute."""
    state.clock[0].n_away = 0
    first_day = np.int64(0)  # typed: a plain 0 would be compiled apart
    for p in range(len(plan.people)):
        person = state.people[p]
        person.status = PRESENT
        person.next_change = 0
        if state.days[p, first_day] == NOT_EMPLOYED:
            person.status = NOT_EMPLOYED
            person.next_change = find_change(plan, state, p, first_day)
            state.clock[0].n_away += 1
        elif state.days[p, first_day] == PRESENT:
            person.next_change = find_change(plan, state, p, first_day)
        person.away_since = NEVER
        person.known_until = -NEVER
        person.ceremony_until = 0
        person.held = -1
        person.urgent = -1
        person.worked = 0
        person.ceremony = 0
        person.leave = 0
        person.absence = 0


@kernel
def bring_people_back(plan, state):
    """Step 1: returns and arrivals."""
    now, day_minutes = state.clock[0].now, plan.project[0].day_minutes
    for p in range(len(plan.people)):
        person = state.people[p]
        if person.next_change == now and person.status != PRESENT:
            day = now // day_minutes
            if state.days[p, day] == PRESENT:
                person.status = PRESENT
                person.away_since = NEVER
                person.next_change = find_change(plan, state, p, day)
                state.clock[0].n_away -= 1


@kernel
def away_since(plan, person, now):
    """Return the first minute away of somebody who goes away now; leave may have begun before the project."""
    record = plan.people[person]
    if now == 0:
        for i in range(record.leave_ptr, record.leave_ptr + record.n_leave):
            if plan.leave[i, 0] < 0 and plan.leave[i, 1] >= 0:
                return plan.leave[i, 0] * plan.project[0].day_minutes
    return now


@kernel
def send_people_away(plan, state):
    """Step 4: leave, absence and the end of employment begin."""
    now, day_minutes = state.clock[0].now, plan.project[0].day_minutes
    for p in range(len(plan.people)):
        person = state.people[p]
        if person.next_change == now:
            day = now // day_minutes
            if person.status == PRESENT:
                state.clock[0].n_away += 1
            person.status = state.days[p, day]
            person.next_change = find_change(plan, state, p, day)
            person.ceremony_until = min(person.ceremony_until, now)
            if person.away_since == NEVER:
                person.away_since = away_since(plan, p, now)
            if person.status == ON_LEAVE:
                leaves = person.next_change == plan.people[p].end
                person.known_until = NEVER if leaves else person.next_change


@kernel
def is_free(state, person, urgent):
    """Return whether the person can take a part now: an urgent one (`urgent`) or an ordinary one."""
    who = state.people[person]
    if who.status != PRESENT or who.ceremony_until > state.clock[0].now or who.urgent >= 0:
        return False
    return urgent or who.held < 0


@kernel
def works_on(state, person, part):
    """Return whether the person, who holds `part`, can work on it this minute."""
    who = state.people[person]
    if who.status != PRESENT or who.ceremony_until > state.clock[0].now:
        return False
    return who.urgent == part or (who.urgent < 0 and who.held == part)


@kernel
def ramp_day(plan, state, person):
    """Return the index into the person's rates today."""
    who = plan.people[person]
    if who.ramp_days == 0:
        return 0
    return min(who.ramp_days, state.clock[0].now // plan.project[0].day_minutes - who.start_day)


@kernel
def count_time(plan, state, minutes):
    """Add `minutes` to everybody's leave, absence or ceremonies."""
    now = state.clock[0].now
    for p in range(len(plan.people)):
        person = state.people[p]
        if person.status == ON_LEAVE:
            person.leave += minutes
        elif person.status == ABSENT:
            person.absence += minutes
        elif person.status == PRESENT and person.ceremony_until > now:
            person.ceremony += minutes
