"""Progress: what has been done on parts and for what they waited, counted when something about them changes.

A part goes on in one way (a rate, or a label of waiting) until something it depends on changes. Whatever changes
something marks the parts concerned as stale; at the end of the minute `set_paces` finds out how they go on, and when
that ends. So an event costs as much as it touches.
"""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit, has_bit, trailing_zeros, without_lowest
from simrisk_kernels.days import quotient
from simrisk_kernels.labels import label_waiting, label_work
from simrisk_kernels.layout import BY_POOL, MILLION, NEVER, ON_CLOCK
from simrisk_kernels.people import ramp_of, wake, works_on
from simrisk_kernels.pools import pool_rate
from simrisk_kernels.state import BEGUN, CONTRACTOR, DONE, READY

OPEN = -1  # of the parts of a word: which is due first has to be found out anew


@kernel
def reset_progress(state):
    """No part is ready."""
    state.clock[0].parts_spent = 0
    state.clock[0].next_due = NEVER
    for w in range(len(state.ready)):
        state.ready[w] = NO_BITS
        state.hot[w] = NO_BITS
        state.stale[w] = NO_BITS
        state.begun[w] = NO_BITS
        state.unfinished[w] = state.of_tasks[w]
        state.offered[w] = NO_BITS
        state.handed[w] = NO_BITS
        state.spent_up[w] = NO_BITS
        state.due_by_word[w] = NEVER
    for part in range(len(state.due)):
        state.due[part] = NEVER


@kernel
def set_ready(plan, state, part):
    """Let `part` be taken from this minute on."""
    record = plan.parts[part]
    for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
        wake(plan, state, plan.candidates[c].person)
    state.parts[part].state = READY
    state.parts[part].since = state.clock[0].now
    state.ready[part >> 6] |= bit(part)
    state.hot[part >> 6] |= bit(part)
    state.stale[part >> 6] |= bit(part)


@kernel
def set_begun(plan, state, part):
    """`part` is taken in this minute."""
    if state.parts[part].since != state.clock[0].now:
        count_work(plan, state, part)
    state.parts[part].state = BEGUN
    state.begun[part >> 6] |= bit(part)
    state.stale[part >> 6] |= bit(part)
    if state.parts[part].left <= 0:
        state.spent_up[part >> 6] |= bit(part)
        state.clock[0].parts_spent = 1


@kernel
def set_done(plan, state, part):
    """`part` is done or dropped in this minute."""
    if has_bit(state.ready, part) and state.parts[part].since != state.clock[0].now:
        count_work(plan, state, part)
    state.parts[part].state = DONE
    state.parts[part].finish = state.clock[0].now
    rest = ~bit(part)
    state.ready[part >> 6] &= rest
    state.hot[part >> 6] &= rest
    state.stale[part >> 6] &= rest
    state.begun[part >> 6] &= rest
    state.offered[part >> 6] &= rest
    state.spent_up[part >> 6] &= rest
    move_due(state, part, NEVER)
    if plan.parts[part].kind == BY_POOL:
        for w in range(len(state.ready)):
            state.hot[w] |= state.ready[w] & state.of_pools[w]


@kernel
def move_due(state, part, minute):
    """Let `part` be due in another minute, NEVER or one to come; if it was the first of its word, that is open then."""
    word = part >> 6
    if state.due[part] == state.due_by_word[word]:
        state.due_by_word[word] = OPEN
    state.due[part] = minute
    if minute < state.due_by_word[word]:
        state.due_by_word[word] = minute


@kernel
def find_due(state):
    """Return the minute in which a part is due first."""
    first = NEVER
    for w in range(len(state.due_by_word)):
        if state.due_by_word[w] == OPEN:
            soonest = NEVER
            rest = state.begun[w]
            while rest != NO_BITS:
                soonest = min(soonest, state.due[(w << 6) + trailing_zeros(rest)])
                rest = without_lowest(rest)
            state.due_by_word[w] = soonest
        first = min(first, state.due_by_word[w])
    return first


@kernel
def count_work(plan, state, part):
    """Add the minutes since they were counted last to what was done on `part` or to its waiting."""
    clock, now = state.clock[0], state.parts[part]
    minutes = clock.now - now.since
    if minutes == 0:
        return
    now.since = clock.now
    record = plan.parts[part]
    ordinary = plan.tasks[record.task].gate < 0
    if now.rate < 0:
        if ordinary:
            now.label = now.waits_for
            state.spent[part, now.label] += minutes
        return
    done = min(now.left, now.rate * minutes)
    if ordinary:
        label_work(state, part, now.rate, minutes)
        if record.kind != ON_CLOCK:
            clock.done += done
    now.left -= done
    if now.contract >= 0:
        now.contracted += minutes
    if record.kind == BY_POOL:
        state.pools[record.pool].worked += now.heads * minutes
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        if state.slot_works[s]:
            state.people[state.slot_owner[s]].worked += minutes


@kernel
def count_all_work(plan, state):
    """Bring what was done on all parts up to now."""
    for w in range(len(state.ready)):
        rest = state.ready[w]
        while rest != NO_BITS:
            count_work(plan, state, (w << 6) + trailing_zeros(rest))
            rest = without_lowest(rest)


@kernel
def begun_rate(plan, state, part):
    """Return (the rate at which `part`, which has begun, goes on, whether a ramp changes it tomorrow).

    It is that of the slowest of those who hold it; -1 when one of them cannot work on it now.
    """
    now, record = state.parts[part], plan.parts[part]
    slowest, ramping, all_work = NEVER, False, True
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        works = owner != CONTRACTOR and works_on(state, owner, part)
        state.slot_works[s] = works
        all_work = all_work and works
        if works and record.kind != ON_CLOCK:
            day, ramped = ramp_of(plan, state, owner)
            slowest = min(slowest, plan.rates[owner, state.slot_efficiency[s], day])
            ramping = ramping or day < ramped
    if record.kind == ON_CLOCK:
        return MILLION, False
    if now.contract >= 0:
        return plan.contractor_rates[part, now.contract], False
    if record.kind == BY_POOL:
        if now.heads == 0:
            return -1, False
        rate = pool_rate(plan, state, part)
        return rate, state.pools[record.pool].ramping == 1
    if not all_work:
        return -1, False
    return slowest, ramping


@kernel
def set_pace(plan, state, part):
    """Find out how `part` goes on from now, and until when."""
    clock, now = state.clock[0], state.parts[part]
    if now.since != clock.now:
        count_work(plan, state, part)
    now.rate = -1
    due = NEVER
    if now.state == BEGUN:
        now.rate, ramping = begun_rate(plan, state, part)
        if now.rate > 0:
            due = clock.now + quotient(now.left + now.rate - 1, now.rate)
        if ramping:
            due = min(due, (clock.today + 1) * plan.project[0].day_minutes)
    if now.rate < 0 and plan.tasks[plan.parts[part].task].gate < 0:
        now.waits_for = label_waiting(plan, state, part)
    move_due(state, part, due)


@kernel
def set_paces(plan, state):
    """At the end of a minute: find out how the stale parts go on."""
    for w in range(len(state.stale)):
        rest = state.stale[w]
        if rest == NO_BITS:
            continue
        state.stale[w] = NO_BITS
        while rest != NO_BITS:
            set_pace(plan, state, (w << 6) + trailing_zeros(rest))
            rest = without_lowest(rest)


@kernel
def find_spent_up(plan, state):
    """Write the begun parts that have nothing left to do to `finished`; return their number."""
    clock = state.clock[0]
    n = 0
    for w in range(len(state.ready)):
        if state.due_by_word[w] == clock.now:
            rest = state.begun[w]
            while rest != NO_BITS:
                part = (w << 6) + trailing_zeros(rest)
                rest = without_lowest(rest)
                if state.due[part] == clock.now:
                    count_work(plan, state, part)
                    state.stale[w] |= bit(part)
                    state.spent_up[w] |= bit(part)
        rest = state.spent_up[w]
        state.spent_up[w] = NO_BITS
        while rest != NO_BITS:
            part = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            if state.parts[part].left <= 0:
                state.finished[n] = part
                n += 1
    return n
