"""Times of people: how long they were on leave, absent or gone, counted in sets of days."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.absence import serve_until
from simrisk_kernels.bits import count_bits, has_bit
from simrisk_kernels.days import day_of
from simrisk_kernels.state import ABSENT, DEPARTED, ON_LEAVE, TAKEN


@kernel
def minutes_on(plan, state, days, since, until):
    """Return how many minutes from `since` to `until` are on `days`, a set; 0 where they come the other way round."""
    if since >= until:
        return 0
    day_minutes = plan.project[0].day_minutes
    first, last = day_of(state, since), day_of(state, until)
    minutes = count_bits(days, first, last) * day_minutes
    if has_bit(days, first):
        minutes -= since - first * day_minutes
    if has_bit(days, last):
        minutes += until - last * day_minutes
    return minutes


@kernel
def minutes_absent(plan, state, person, since, until):
    """Return how many minutes from `since` to `until` the person is absent, or taken away by a risk."""
    minutes = minutes_on(plan, state, state.days[person, ABSENT], since, until)
    if len(plan.risk_away) > 0:
        minutes += minutes_on(plan, state, state.days[person, TAKEN], since, until)
    return minutes


@kernel
def count_time(plan, state, person, until):
    """Add the time since it was counted last to the person's leave, absence or time of having departed."""
    who = state.people[person]
    since = max(who.since, plan.project[0].status)
    until = min(until, plan.project[0].n_days * plan.project[0].day_minutes)  # beyond, everybody is there
    if since >= until:
        return
    who.since = until
    planned_end = plan.project[0].planned_end
    who.leave += minutes_on(plan, state, state.days[person, ON_LEAVE], since, until)
    if plan.people[person].n_absence > 0 or plan.people[person].absent_end > 0 or len(plan.risk_away) > 0:
        who.absence += minutes_absent(plan, state, person, since, until)
        who.absence_planned += minutes_absent(plan, state, person, since, min(until, planned_end))
    if plan.people[person].departure >= 0:
        who.departed += minutes_on(plan, state, state.days[person, DEPARTED], since, until)


@kernel
def count_everybody(plan, state):
    """Bring everybody's times up to now, and note who has left: also now, when others have gone away in this minute."""
    clock = state.clock[0]
    end = clock.now + 1 if clock.sent_away == clock.now else clock.now
    for p in range(len(plan.people)):
        serve_until(plan, state, p, min(clock.today + 1, plan.project[0].n_days))
        count_time(plan, state, p, clock.now)
        if 0 <= state.people[p].leaves_at < end:
            state.people[p].left_at = state.people[p].leaves_at
