"""People: who is present, what they hold, and how fast they work."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER
from simrisk_kernels.state import ABSENT, DEPARTED, NOT_EMPLOYED, ON_LEAVE, PRESENT, TAKEN


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
        person.departed = 0


@kernel
def ability(plan, state, task, candidate):
    """Return the index of a candidate's efficiency at `task` with the levels of now; -1: cannot do it, is not asked."""
    record, person = plan.tasks[task], plan.candidates[candidate].person
    level = 0
    for i in range(record.n_skills):
        own = state.levels[person, plan.task_skills[record.skill_ptr + i]]
        level = own if i == 0 else min(level, own)
    return plan.abilities[candidate, level]


@kernel
def reset_levels(plan, state):
    """Everybody is as skilled as in the plan."""
    for p in range(len(plan.people)):
        for s in range(plan.levels.shape[1]):
            state.levels[p, s] = plan.levels[p, s]


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
def known_return(plan, state, person, day):
    """Return the minute until which somebody who goes away on `day` is known to be away; NEVER: for good."""
    day_minutes, n_days = plan.project[0].day_minutes, plan.project[0].n_days
    while state.days[person, day] == ON_LEAVE or state.days[person, day] == DEPARTED:
        day += 1
        if day == n_days or day * day_minutes >= plan.people[person].end:
            return NEVER
        if state.people[person].rejoined == day * day_minutes and day == n_days - 1:
            return NEVER
    return day * day_minutes


@kernel
def send_people_away(plan, state):
    """Step 4: leave, absence, departures and the end of employment begin."""
    now, day_minutes = state.clock[0].now, plan.project[0].day_minutes
    for p in range(len(plan.people)):
        person = state.people[p]
        if person.leaves_at == now:
            person.left_at = now
        if person.next_change == now:
            day = now // day_minutes
            if person.status == PRESENT:
                state.clock[0].n_away += 1
            person.status = state.days[p, day]
            person.next_change = find_change(plan, state, p, day)
            person.ceremony_until = min(person.ceremony_until, now)
            if person.away_since == NEVER:
                person.away_since = away_since(plan, p, now)
            if person.status in (ON_LEAVE, DEPARTED):
                person.known_until = known_return(plan, state, p, day)


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
    record, now = plan.people[person], state.clock[0].now
    rejoined, day_minutes = state.people[person].rejoined, plan.project[0].day_minutes
    if rejoined <= now:
        return record.replace_ptr + min(record.replace_days, (now - rejoined) // day_minutes)
    if record.ramp_days == 0:
        return 0
    return min(record.ramp_days, now // day_minutes - record.start_day)


@kernel
def ramps(plan, state, person):
    """Return whether the person's rate is another one tomorrow."""
    record = plan.people[person]
    if state.people[person].rejoined <= state.clock[0].now:
        return ramp_day(plan, state, person) < record.replace_ptr + record.replace_days
    return ramp_day(plan, state, person) < record.ramp_days


@kernel
def count_time(plan, state, minutes):
    """Add `minutes` to everybody's leave, absence, ceremonies or time of having departed."""
    now = state.clock[0].now
    if now < plan.project[0].status:
        return
    for p in range(len(plan.people)):
        person = state.people[p]
        if person.status == ON_LEAVE:
            person.leave += minutes
        elif person.status in (ABSENT, TAKEN):
            person.absence += minutes
        elif person.status == DEPARTED:
            person.departed += minutes
        elif person.status == PRESENT and person.ceremony_until > now:
            person.ceremony += minutes
