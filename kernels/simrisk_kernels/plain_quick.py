"""The trials of quick plans: small plain plans in which tasks wait for nothing but the ends of others.

It is the loop of `plain.py`, step by step, for at most 16 people and 64 parts: when each person is next due is a vector
that stays in a register, with the person in its lowest bits, so that the smallest number tells both; every set is a
word, and every table lies at a place that the compiler knows.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel, rare_kernel
from simrisk_kernels.bits import ALL_BITS, LOWEST, NO_BITS, bit, trailing_zeros, without_lowest
from simrisk_kernels.bundle import make_inner_opener
from simrisk_kernels.layout import CENSORED, FINISHED
from simrisk_kernels.plain_absence import day_at, is_there, return_of
from simrisk_kernels.plain_layout import (
    FEW,
    FEW_BITS,
    NO_CHANGE,
    QUICK_ROOM,
    WHO,
    WORD_BITS,
    first_tables,
    quick_places,
)
from simrisk_kernels.plain_work import end_of_work
from simrisk_kernels.registers import SIXTEEN, least, no_numbers, open_ones, with_number
from simrisk_kernels.seldom import seldom

open_quick = make_inner_opener("quick state", first_tables(QUICK_ROOM), quick_places())


@kernel
def prepare_quick(plan, state):
    """Write which parts must be done before each is ready."""
    for q in range(len(state.needs)):
        state.needs[q] = ALL_BITS
    for q in range(len(plan.parts)):
        task = plan.tasks[state.parts[q].task]
        state.needs[q] = NO_BITS
        for link in range(task.link_ptr, task.link_ptr + task.n_links):
            state.needs[q] |= bit(state.tasks[plan.links[link].before].part)


@pasted_kernel
def open_parts(quick, n_sixteens, done):
    """Return the parts for which everything is done that must be before."""
    found = NO_BITS
    for i in range(n_sixteens):
        found |= open_ones(quick.needs, i, done) << np.uint64(i * SIXTEEN)
    return found


@pasted_kernel
def first_idle(plan, state, quick, q, idle, today):
    """Return the first of those planned for a part who is idle and there, and how fast they are (`who`); or -1."""
    if quick.clock[0].sorted:
        able = idle & quick.takers[q, 0]
        while able != NO_BITS:
            person = trailing_zeros(able)
            if is_there(plan, state, quick, person, today):
                return person
            able = without_lowest(able)
        return np.int64(-1)
    part = quick.parts[q]
    for c in range(part.cand_ptr, part.cand_ptr + part.n_able):
        who = np.int64(quick.who[c])
        if idle & bit(who & WHO) != NO_BITS and is_there(plan, state, quick, who & WHO, today):
            return who
    return np.int64(-1)


@pasted_kernel
def due_at(plan, person, minute):
    """Return what `due` holds of a person: the minute, or one beyond the horizon, and who it is."""
    return (min(minute, plan.project[0].horizon + 1) << FEW_BITS) + person


@rare_kernel
def back_of(plan, state, person, today):
    """Return when somebody returns who is away today; NEVER: they do not."""
    state.clock[0].today = today
    return return_of(plan, state, person)


@pasted_kernel
def wait_for(plan, state, person, today, idle, due, first):
    """Ask a person, who is away, again on their return; return who is idle, who is due when, and who first."""
    back = back_of(plan, state, person, today)
    if back < NO_CHANGE:
        then = due_at(plan, person, back)
        return idle & ~bit(person), with_number(due, person, then), min(first, then)
    return idle, due, first


@pasted_kernel
def ask_fresh(plan, state, quick, fresh, today, waiting, idle, due, first):
    """Ask those who have become free; return those who are there and the parts that they can do, and what has changed.

    Who is away is asked again on their return if something is `waiting` for them.
    """
    free, wanted = NO_BITS, NO_BITS
    idle |= fresh
    while fresh != NO_BITS:
        person = trailing_zeros(fresh)
        fresh = without_lowest(fresh)
        able = quick.able[person, 0]
        if is_there(plan, state, quick, person, today):
            free |= bit(person)
            wanted |= able
        elif seldom(waiting & able != NO_BITS):
            idle, due, first = wait_for(plan, state, person, today, idle, due, first)
    return free, wanted, idle, due, first


@pasted_kernel
def take(plan, state, quick, q, who, today, now):
    """Somebody, `who` says how fast, takes a part; return when they are due."""
    part, person = quick.parts[q], who & WHO
    quick.held[person] = q
    quick.start[part.task] = now
    part.start = now
    part.who = who
    return due_at(plan, person, end_of_work(plan, state, quick, person, q, today, now))


@pasted_kernel
def give(plan, state, quick, free, wanted, new, now, today, ready, idle, due, first):
    """Give ready parts, in allocation order, each to the first of those planned for it who is idle and there."""
    rest = new | (ready & wanted)
    ready |= new
    while rest != NO_BITS:
        q = trailing_zeros(rest)
        own = rest & (~rest + LOWEST)
        rest ^= own
        is_new = new & own != NO_BITS
        if is_new:
            quick.ready_at[quick.parts[q].task] = now
        who = first_idle(plan, state, quick, q, idle, today)
        if who >= 0:
            person = who & WHO
            ready &= ~own
            idle &= ~bit(person)
            free &= ~bit(person)
            if free == NO_BITS:
                rest &= new
            then = take(plan, state, quick, q, who, today, now)
            due, first = with_number(due, person, then), min(first, then)
        elif is_new:
            away = idle & quick.takers[q, 0]
            while seldom(away != NO_BITS):
                idle, due, first = wait_for(plan, state, trailing_zeros(away), today, idle, due, first)
                away = without_lowest(away)
    return ready, idle, due, first


@pasted_kernel
def complete(quick, now, done, due, first):
    """Complete what people get done in this minute; return who is to be asked next, and what has changed."""
    fresh = NO_BITS
    while first >> FEW_BITS == now:
        person = first & (FEW - 1)
        fresh |= bit(person)
        due = with_number(due, person, np.int64(NO_CHANGE))
        q = np.int64(quick.held[person])
        if q >= 0:
            part = quick.parts[q]
            part.finish = now
            quick.finish[part.task] = now
            quick.held[person] = -1
            done |= bit(q)
        first = least(due)
    return fresh, done, due, first


@kernel
def run_quick_trial(plan, state):
    """Run the trial that `reset_plain` has set up; return how it ended. The clock stands at its end."""
    quick = open_quick(state)
    clock, n_parts, last_day = quick.clock[0], len(plan.parts), plan.project[0].n_days - 1
    n_sixteens, everything = (n_parts + SIXTEEN - 1) // SIXTEEN, ALL_BITS >> np.uint64(WORD_BITS - n_parts)
    now, done, ready, idle, fresh = np.int64(0), NO_BITS, NO_BITS, NO_BITS, quick.everybody[0]
    due, first = no_numbers(), np.int64(NO_CHANGE)
    known = new = open_parts(quick, n_sixteens, done)
    while True:
        today = min(day_at(quick, now), last_day)
        free, wanted, idle, due, first = ask_fresh(plan, state, quick, fresh, today, ready | new, idle, due, first)
        ready, idle, due, first = give(plan, state, quick, free, wanted, new, now, today, ready, idle, due, first)
        now = first >> FEW_BITS
        if seldom(now > plan.project[0].horizon):
            clock.now = plan.project[0].horizon
            return CENSORED
        fresh, done, due, first = complete(quick, now, done, due, first)
        if done == everything:
            clock.now = now
            return FINISHED
        new = open_parts(quick, n_sixteens, done) & ~known
        known |= new
