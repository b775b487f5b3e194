"""The kernel of plain plans (`plain_layout.py` says which these are): from one end of work to the next.

What a person does is not followed: whoever takes a part gets it done in the minute that their days of presence say. So
something happens only when a part is done, when somebody returns for whom something is waiting, and on dates.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.bits import LOWEST, NO_BITS, bit, has_bit, next_gap, next_one, trailing_zeros, without_lowest
from simrisk_kernels.bundle import empty_plan, make_opener, open_outcomes, open_plan
from simrisk_kernels.dates import add_date, take_date
from simrisk_kernels.layout import CENSORED, FINISHED, MILLION, NEVER
from simrisk_kernels.plain_absence import know_more, know_until
from simrisk_kernels.plain_layout import NO_CHANGE, WHO, WHO_BITS, new_plain_state
from simrisk_kernels.plain_outcomes import drawn_minutes, left_of, write_plain
from simrisk_kernels.plain_start import prepare_plain, reset_plain
from simrisk_kernels.smallest import equal_ones, smallest
from simrisk_kernels.state import PRESENT

open_plain_state = make_opener("plain state", new_plain_state(empty_plan()))


@pasted_kernel
def finish_plain(plan, state, task):
    """`task` is finished now: what waits for it waits for one thing less."""
    clock, now = state.clock[0], state.tasks[task]
    state.finish[task] = clock.now
    clock.tasks_left -= 1
    for i in range(now.out_ptr, now.out_ptr + now.n_out):
        lag = 0
        if clock.lagging:
            lag = state.lags[plan.task_out[i]]
        if lag > 0:
            add_date(state, clock.now + lag, state.after[i])
        else:
            meet_condition(state, state.after[i])


@pasted_kernel
def meet_condition(state, task):
    """One of the things that hold the start of `task` has come."""
    clock = state.clock[0]
    state.waits[task] -= 1
    if state.waits[task] == 0:
        state.moved[clock.n_moved] = task
        clock.n_moved += 1


@pasted_kernel
def complete(plan, state, q):
    """A part is done now."""
    part = state.parts[q]
    part.finish = state.clock[0].now
    state.parts_left[part.task] -= 1
    if state.parts_left[part.task] == 0:
        finish_plain(plan, state, part.task)


@pasted_kernel
def release(plan, state, q):
    """Let a part be taken from this minute on; on the clock, it begins."""
    clock, part = state.clock[0], state.parts[q]
    if part.on_clock:
        part.start = clock.now
        state.start[part.task] = clock.now
        add_date(state, clock.now + drawn_minutes(state, part.place), len(plan.tasks) + q)
        return
    state.ready[q >> 6] |= bit(q)
    state.new[q >> 6] |= bit(q)
    clock.n_new += 1
    clock.low = min(clock.low, q >> 6)
    clock.high = max(clock.high, q >> 6)


@pasted_kernel
def settle_plain(plan, state):
    """Tasks of which the last condition has come are ready; those without parts are over at once."""
    clock, n = state.clock[0], 0
    while n < clock.n_moved:
        t = state.moved[n]
        n += 1
        task = state.tasks[t]
        state.ready_at[t] = clock.now
        if task.n_parts == 0:
            state.start[t] = clock.now
            finish_plain(plan, state, t)
        for i in range(task.part_ptr, task.part_ptr + task.n_parts):
            release(plan, state, plan.task_parts[i])
    clock.n_moved = 0


@pasted_kernel
def reach_date(plan, state):
    """A date, the end of a lag or that of a part on the clock has come."""
    thing = take_date(state)
    if thing < len(plan.tasks):
        meet_condition(state, thing)
    else:
        complete(plan, state, thing - len(plan.tasks))


@pasted_kernel
def next_away(plan, state, person, day):
    """Return the first day after `day` on which a person who is there on `day` is not; the number of days: none."""
    n_days, present = plan.project[0].n_days, state.days[person, PRESENT]
    away = next_gap(present, day + 1, n_days)
    while away > state.known[person] and state.known[person] < n_days:
        know_more(plan, state, person)
        away = next_gap(present, day + 1, n_days)
    return away


@kernel
def next_there(plan, state, person, day):
    """Return the first day from `day` on on which a person is there; the number of days: none."""
    n_days, present = plan.project[0].n_days, state.days[person, PRESENT]
    there = next_one(present, day, n_days)
    while there >= state.known[person] and state.known[person] < n_days:
        know_more(plan, state, person)
        there = next_one(present, day, n_days)
    return there


@pasted_kernel
def count_worked(plan, state, person, first, end):
    """Count minutes of work, as far as the trial may last."""
    end = min(end, plan.project[0].horizon)
    if end <= first:
        return
    state.worked[person] += end - first
    if state.clock[0].by_month:
        for m in range(len(plan.months)):
            if first < min(end, plan.months[m]):
                state.by_month[person, m] += min(end, plan.months[m]) - first
                first = min(end, plan.months[m])


@pasted_kernel
def is_there(plan, state, person, today):
    """Return whether a person is there today."""
    know_until(plan, state, person, today + 1)
    return has_bit(state.days[person, PRESENT], today)


@pasted_kernel
def end_of_work(plan, state, person, efficiency, left, today):
    """Return when a person, who is there, gets `left` done who begins now; count what they work until then."""
    n_days, day_minutes = plan.project[0].n_days, plan.project[0].day_minutes
    minute, day = state.clock[0].now, today
    while True:
        away = next_away(plan, state, person, day)
        end = away * day_minutes if away < n_days else NEVER
        place = 0
        if state.clock[0].ramping:
            record = plan.people[person]
            place = min(record.ramp_days, day - record.start_day)
            if place < record.ramp_days:
                end = min(end, (day + 1) * day_minutes)
        rate = plan.rates[person, efficiency, place]
        due = NEVER
        if rate == MILLION:
            due = minute + (left + MILLION - 1) // MILLION  # the same, but by a constant
        elif rate > 0:
            due = minute + (left + rate - 1) // rate
        elif left == 0:
            due = minute  # nothing takes no time, even of somebody who does nothing yet
        count_worked(plan, state, person, minute, min(due, end))
        if due <= end:
            return due
        left -= rate * (end - minute)
        if end == away * day_minutes:
            day = next_there(plan, state, person, away)
            if day == n_days:
                return NEVER
        else:
            day += 1
        minute = day * day_minutes


@pasted_kernel
def take(plan, state, q, who, today):
    """Somebody, `who` says how fast, takes a part."""
    clock, part, person = state.clock[0], state.parts[q], who & WHO
    state.ready[q >> 6] &= ~bit(q)
    state.idle[person >> 6] &= ~bit(person)
    state.held[person] = q
    part.start = clock.now
    part.who = who
    if state.start[part.task] < 0:
        state.start[part.task] = clock.now
    due = end_of_work(plan, state, person, who >> WHO_BITS, left_of(plan, state, q), today)
    state.change[person] = min(due, NO_CHANGE)


@pasted_kernel
def first_of(state, person):
    """Return the first ready part that a person can do; -1: none."""
    for w in range(state.clock[0].low, state.clock[0].high + 1):
        both = state.ready[w] & state.able[person, w]
        if both != NO_BITS:
            return (w << 6) + trailing_zeros(both)
    return -1


@kernel
def wait_for(plan, state, person, today):
    """Ask a person, who is away, again on their return."""
    back = next_there(plan, state, person, today)
    if back < plan.project[0].n_days:
        state.idle[person >> 6] &= ~bit(person)
        state.change[person] = back * plan.project[0].day_minutes


@kernel
def wait_for_all(plan, state, q, today):
    """Nobody has taken a part that is new: those of its people who would be free are away."""
    part = state.parts[q]
    for c in range(part.cand_ptr, part.cand_ptr + part.n_planned):
        who = np.int64(state.who[c])
        if who >= 0 and has_bit(state.idle, who & WHO):
            wait_for(plan, state, who & WHO, today)


@inlined_kernel
def ask_fresh(plan, state, today):
    """Put those who have become free into `idle`, and into `free` if they are there; return how many, and one."""
    n_free, one = 0, np.int64(0)
    for w in range(len(state.fresh)):
        rest = state.fresh[w]
        state.fresh[w] = NO_BITS
        state.idle[w] |= rest
        while rest != NO_BITS:
            person = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            if is_there(plan, state, person, today):
                state.free[w] |= bit(person)
                n_free += 1
                one = person
            elif first_of(state, person) >= 0:
                wait_for(plan, state, person, today)
    return n_free, one


@inlined_kernel
def give_one(plan, state, person, today):
    """Nothing is new: let the only person who has become free take the first part that they can do."""
    state.free[person >> 6] = NO_BITS
    q = first_of(state, person)
    if q < 0:
        return
    c = np.int64(state.parts[q].cand_ptr)
    while state.who[c] & WHO != person:
        c += 1
    take(plan, state, q, np.int64(state.who[c]), today)


@pasted_kernel
def find_taker(plan, state, q, today):
    """Return the first of those planned for a part who is free, and how fast they are (`who`); -1: nobody."""
    part = state.parts[q]
    for c in range(part.cand_ptr, part.cand_ptr + part.n_planned):
        who = np.int64(state.who[c])
        person = who & WHO
        if who >= 0 and has_bit(state.idle, person) and is_there(plan, state, person, today):
            return who
    return -1


@pasted_kernel
def wanted_by_free(state, w):
    """Return the parts of word `w` that those who have become free can do."""
    wanted = NO_BITS
    for v in range(len(state.free)):
        rest = state.free[v]
        while rest != NO_BITS:
            wanted |= state.able[(v << 6) + trailing_zeros(rest), w]
            rest = without_lowest(rest)
    return wanted


@inlined_kernel
def give_all(plan, state, n_free, today):
    """Give ready parts, in allocation order, each to the first of those planned for it who is free.

    What was ready before can only be for those who have become free, `n_free` of them; what is new for everybody.
    """
    clock = state.clock[0]
    for w in range(clock.low, clock.high + 1):
        new = state.new[w]
        state.new[w] = NO_BITS
        rest = new
        if n_free > 0:
            rest |= state.ready[w] & wanted_by_free(state, w)
        while rest != NO_BITS:
            q = (w << 6) + trailing_zeros(rest)
            lowest = rest & (~rest + LOWEST)
            rest ^= lowest
            if new & lowest != NO_BITS:
                clock.n_new -= 1
            who = find_taker(plan, state, q, today)
            if who >= 0:
                person = who & WHO
                if has_bit(state.free, person):
                    state.free[person >> 6] &= ~bit(person)
                    n_free -= 1
                    if n_free == 0:
                        rest &= new
                take(plan, state, q, who, today)
            elif new & lowest != NO_BITS:
                wait_for_all(plan, state, q, today)
        if n_free + clock.n_new == 0:
            return
    for w in range(len(state.free)):
        state.free[w] = NO_BITS


@inlined_kernel
def allocate_plain(plan, state):
    """The allocation pass: only people who have become free are looked at, and who might take what is new."""
    clock = state.clock[0]
    today = min(clock.now // plan.project[0].day_minutes, plan.project[0].n_days - 1)
    while clock.low < clock.high and state.ready[clock.low] == NO_BITS:
        clock.low += 1
    n_free, one = ask_fresh(plan, state, today)
    if state.clock[0].n_new > 0 or n_free > 1:
        give_all(plan, state, n_free, today)
    elif n_free == 1:
        give_one(plan, state, one, today)


@pasted_kernel
def complete_changes(plan, state):
    """Complete what people get done in this minute; they, and who returns, are asked next."""
    now = state.clock[0].now
    for w in range(len(state.fresh)):
        rest = equal_ones(state.change, w, now)
        state.fresh[w] |= rest
        while rest != NO_BITS:
            person = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            state.change[person] = NO_CHANGE
            q = np.int64(state.held[person])
            if q >= 0:
                state.held[person] = -1
                complete(plan, state, q)


@inlined_kernel
def run_plain_trial(plan, state):
    """Run the trial that `reset_plain` has set up; return how it ended. The clock stands at its end."""
    clock, horizon = state.clock[0], plan.project[0].horizon
    while True:
        complete_changes(plan, state)
        while clock.next_date == clock.now:
            reach_date(plan, state)
        settle_plain(plan, state)
        if clock.tasks_left == 0:
            return FINISHED
        allocate_plain(plan, state)
        minute = min(smallest(state.change), clock.next_date)
        if minute > horizon:
            clock.now = horizon
            return CENSORED
        clock.now = minute


@entry_kernel
def run_plain(packed_plan, workspace, seed, first, n, outcomes, row):
    """Do for a plain plan what `trials.run_trials` does for any.

    Reads: packed_plan (`PlanArrays`, of which `plain_layout.is_plain` holds). Writes: outcomes (`Outcomes`), and
    workspace (`PlainState`), which belongs to one thread; all three as `bundle.pack` gives them.
    Assumes: as `run_trials`.
    Cost: per trial, the number of parts.
    Same for: any split of the trials into calls, any thread.
    """
    plan = open_plan(packed_plan)
    state = open_plain_state(workspace)
    out = open_outcomes(outcomes)
    if state.clock[0].prepared == 0 or state.clock[0].seed != seed:
        prepare_plain(plan, state, seed)
    for i in range(n):
        reset_plain(plan, state, first + i)
        outcome = run_plain_trial(plan, state)
        write_plain(plan, state, outcome, out, row + i)
    return 0
