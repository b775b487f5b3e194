"""People: who is present, what they hold, and how fast they work."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.absence import be_absent, reset_absence, serve_until
from simrisk_kernels.bits import NO_BITS, bit, has_bit, next_gap, trailing_zeros, without_lowest
from simrisk_kernels.days import day_of
from simrisk_kernels.layout import NEVER
from simrisk_kernels.state import ABSENT, DEPARTED, NOT_EMPLOYED, ON_LEAVE, PRESENT, TAKEN

DAYS_AHEAD = 128  # days by which absence is placed ahead of what somebody needs to know


@kernel
def status_on(state, person, day):
    """Return what a person does on a day."""
    for status in (PRESENT, ON_LEAVE, ABSENT, NOT_EMPLOYED, DEPARTED):
        if has_bit(state.days[person, status], day):
            return status
    return TAKEN


@kernel
def plan_change(plan, state, person, now, day, status):
    """Work out when the `status` of a person in the minute `now` of `day` changes next, they leave or are replaced."""
    who, n_days = state.people[person], plan.project[0].n_days
    days = state.days[person, status]
    change = next_gap(days, day + 1, n_days)
    while change > who.frontier and who.frontier < n_days:
        serve_until(plan, state, person, min(who.frontier + DAYS_AHEAD, n_days))
        change = next_gap(days, day + 1, n_days)
    soonest = change * plan.project[0].day_minutes if change < n_days else NEVER
    if who.leaves_at > now:
        soonest = min(soonest, who.leaves_at)
    if who.rejoined > now:
        soonest = min(soonest, who.rejoined)
    who.changes = soonest


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
    on_leave, departed = state.days[person, ON_LEAVE], state.days[person, DEPARTED]
    while has_bit(on_leave, day) or has_bit(departed, day):
        day += 1
        if day == n_days or day * day_minutes >= plan.people[person].end:
            return NEVER
        if state.people[person].rejoined == day * day_minutes and day == n_days - 1:
            return NEVER
    return day * day_minutes


@kernel
def cut_ceremony(who, now):
    """A ceremony, if one holds `who`, is over for them: the minutes to come of it do not count."""
    if who.ceremony_until > now:
        who.ceremony -= who.ceremony_until - now
        who.ceremony_until = now


@kernel
def change_status(plan, state, person):
    """Let the person be from the minute `changes` on what the day says."""
    who = state.people[person]
    now = who.changes
    day = day_of(state, now)
    if who.leaves_at == now:
        who.left_at = now
    status = status_on(state, person, day)
    state.away[person >> 6] |= bit(person)
    if status == PRESENT:
        state.away[person >> 6] ^= bit(person)
        who.away_since = NEVER
    elif status != who.status:
        cut_ceremony(who, now)
        if who.away_since == NEVER:
            who.away_since = away_since(plan, person, now)
        if status in (ON_LEAVE, DEPARTED):
            who.known_until = known_return(plan, state, person, day)
    who.status = status
    plan_change(plan, state, person, now, day, status)


@kernel
def catch_up(plan, state, person, until):
    """Let the person change as often as they would have before the minute `until`, while nobody asked."""
    while state.people[person].changes < until:
        change_status(plan, state, person)


@kernel
def wake(plan, state, person):
    """The person matters from this minute on: what they do is followed again, as if it had been all the time."""
    clock, who = state.clock[0], state.people[person]
    if state.next_change[person] != NEVER:
        if who.status != PRESENT:
            clock.away_moves = 1
        return
    catch_up(plan, state, person, clock.now + 1 if clock.sent_away == clock.now else clock.now)
    if who.changes == clock.now:
        if has_bit(state.days[person, PRESENT], clock.today):
            change_status(plan, state, person)
        else:
            clock.next_person = clock.now
    state.next_change[person] = who.changes
    clock.away_moves = 1


@kernel
def is_waited_for(state, person):
    """Return whether the person holds a part, or a ready part that nobody holds is planned for them."""
    who = state.people[person]
    waited_for = who.held >= 0 or who.urgent >= 0
    for w in range(len(state.ready)):
        waited_for = waited_for or state.named[person, w] & state.ready[w] & ~state.begun[w] != NO_BITS
    return waited_for


@kernel
def matters(state, person):
    """Return whether somebody waits for the person, or would take them as a stand-in, or a ceremony holds them."""
    needed = state.people[person].ceremony_until > state.clock[0].now or is_waited_for(state, person)
    for w in range(len(state.ready)):
        needed = needed or state.of_person[person, w] & state.offered[w] & state.ready[w] != NO_BITS
    return needed


@kernel
def follow(state, person):
    """Follow what the person does only while they matter."""
    state.next_change[person] = state.people[person].changes if matters(state, person) else NEVER


@kernel
def leave_unfollowed(state, until):
    """Do not follow any more who would be the next to change, before `until`, and does not matter; see who is next.

    Assumes: there are people, which is so when one of them is to change.
    """
    waits = True
    while waits:
        person, soonest = 0, state.next_change[0]
        for p in range(1, len(state.next_change)):
            if state.next_change[p] < soonest:
                person, soonest = p, state.next_change[p]
        waits = soonest < until and not matters(state, person)
        if waits:
            state.next_change[person] = NEVER
    state.clock[0].next_person = soonest


@kernel
def find_next_change(state):
    """Find out when somebody who is followed goes or comes next."""
    soonest = NEVER
    for p in range(len(state.next_change)):
        soonest = min(soonest, state.next_change[p])
    state.clock[0].next_person = soonest


@kernel
def reset_people(plan, state):
    """Put everybody at minute 0; who is away on the first day goes away in the first minute."""
    clock = state.clock[0]
    clock.next_person = 0
    clock.sent_away = -1
    clock.away_moves = 0
    clock.next_threshold = NEVER
    for w in range(len(state.away)):
        state.away[w] = NO_BITS
    for p in range(len(plan.people)):
        person = state.people[p]
        reset_absence(plan, state, p)
        be_absent(plan, state, p)
        person.status = PRESENT
        person.changes = 0
        status = status_on(state, p, clock.today)
        if status in (PRESENT, NOT_EMPLOYED):
            person.status = status
            plan_change(plan, state, p, clock.now, clock.today, status)
        if person.status != PRESENT:
            state.away[p >> 6] |= bit(p)
        state.next_change[p] = person.changes
        person.since = 0
        person.away_since = NEVER
        person.known_until = -NEVER
        person.ceremony_until = 0
        person.held = -1
        person.urgent = -1
        person.worked = 0
        person.ceremony = 0
        person.leave = 0
        person.absence = 0
        person.absence_planned = 0
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
def find_abilities(plan, state, person):
    """Note what the person, whose levels are others now, can do from this minute on."""
    for part in range(len(plan.parts)):
        record = plan.parts[part]
        for c in range(record.cand_ptr, record.cand_ptr + record.n_cand):
            if plan.candidates[c].person == person:
                state.ability[c] = ability(plan, state, record.task, c)


@kernel
def reset_levels(plan, state):
    """Everybody is as skilled as in the plan."""
    for p in range(len(plan.people)):
        for s in range(plan.levels.shape[1]):
            state.levels[p, s] = plan.levels[p, s]
    for part in range(len(plan.parts)):
        record = plan.parts[part]
        for c in range(record.cand_ptr, record.cand_ptr + record.n_cand):
            state.ability[c] = ability(plan, state, record.task, c)


@kernel
def is_busier(state, person):
    """The person takes something or stops: what waits for them, or they hold, goes on in another way."""
    for w in range(len(state.ready)):
        state.stale[w] |= state.named[person, w] & state.ready[w] & ~state.begun[w]
    who = state.people[person]
    if who.held >= 0:
        state.stale[who.held >> 6] |= bit(who.held)
    if who.urgent >= 0:
        state.stale[who.urgent >> 6] |= bit(who.urgent)


@kernel
def is_another(state, person):
    """Something about the person is different from this minute on: what they might hold is looked at anew."""
    is_freer(state, person)
    who = state.people[person]
    if who.held >= 0:
        state.hot[who.held >> 6] |= bit(who.held)
    if who.urgent >= 0:
        state.hot[who.urgent >> 6] |= bit(who.urgent)


@kernel
def is_freer(state, person):
    """The person has time again: what waits for them is offered, and what they still hold goes on in another way."""
    is_busier(state, person)
    for w in range(len(state.ready)):
        waiting = state.named[person, w] & ~state.begun[w]
        state.hot[w] |= (waiting | (state.of_person[person, w] & state.offered[w])) & state.ready[w]


@kernel
def bring_people_back(plan, state):
    """Step 1: returns and arrivals."""
    now = state.clock[0].now
    for p in range(len(plan.people)):
        if state.next_change[p] == now and state.people[p].status != PRESENT:
            if has_bit(state.days[p, PRESENT], state.clock[0].today):
                change_status(plan, state, p)
                is_another(state, p)
                follow(state, p)
    state.clock[0].away_moves = 1


@kernel
def end_ceremonies(plan, state):
    """Step 1: ceremonies end."""
    clock = state.clock[0]
    clock.ceremony_end = NEVER
    for p in range(len(plan.people)):
        until = state.people[p].ceremony_until
        if until == clock.now:
            is_freer(state, p)
        elif until > clock.now:
            clock.ceremony_end = min(clock.ceremony_end, until)


@kernel
def send_people_away(plan, state):
    """Step 4: leave, absence, departures and the end of employment begin."""
    clock = state.clock[0]
    for p in range(len(plan.people)):
        if state.next_change[p] == clock.now:
            change_status(plan, state, p)
            is_another(state, p)
            follow(state, p)
    clock.next_person = NEVER
    clock.away_moves = 1


@kernel
def pass_thresholds(state):
    """Somebody has been away for as long as some policy says: what they might hold is looked at anew."""
    for w in range(len(state.away)):
        rest = state.away[w]
        while rest != NO_BITS:
            person = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            if is_waited_for(state, person):
                is_another(state, person)
    state.clock[0].away_moves = 1


@kernel
def plan_absences(state):
    """Work out when somebody goes or comes next, and when somebody's absence passes a threshold."""
    clock = state.clock[0]
    clock.away_moves = 0
    find_next_change(state)
    clock.next_threshold = NEVER
    if clock.thresholds == 0:
        return
    for w in range(len(state.away)):
        rest = state.away[w]
        while rest != NO_BITS:
            plan_threshold(state, (w << 6) + trailing_zeros(rest))
            rest = without_lowest(rest)


@kernel
def plan_threshold(state, person):
    """Let the next threshold be one that the absence of this person passes, if it comes sooner and somebody waits."""
    clock, who = state.clock[0], state.people[person]
    if who.away_since == NEVER or who.status == NOT_EMPLOYED or not is_waited_for(state, person):
        return
    for i in range(clock.thresholds):
        passes = who.away_since + state.afters[i]
        if clock.now < passes < clock.next_threshold:
            clock.next_threshold = passes


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
def ramp_of(plan, state, person):
    """Return (the index into the person's rates today, the one with which the ramp is over)."""
    record, clock = plan.people[person], state.clock[0]
    rejoined = state.people[person].rejoined
    if rejoined <= clock.now:
        days = record.replace_days
        return record.replace_ptr + min(days, day_of(state, clock.now - rejoined)), record.replace_ptr + days
    if record.ramp_days == 0:
        return 0, 0
    return min(record.ramp_days, clock.today - record.start_day), record.ramp_days
