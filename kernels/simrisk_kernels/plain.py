"""The kernel of plain plans (`plain_layout.py` says which these are): from one end of work to the next.

What a person does is not followed: whoever takes a part gets it done in the minute that their days of presence say. So
something happens only when a part is done, when somebody returns for whom something is waiting, and on dates.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.bits import ALL_BITS, LOWEST, NO_BITS, bit, has_bit, ones, trailing_zeros, without_lowest
from simrisk_kernels.bundle import empty_plan, make_opener, open_outcomes, open_plan
from simrisk_kernels.dates import add_date, take_date
from simrisk_kernels.layout import CENSORED, FINISHED
from simrisk_kernels.plain_absence import day_at, is_there, return_of
from simrisk_kernels.plain_layout import FOUR, NO_CHANGE, WHO, new_plain_state
from simrisk_kernels.plain_outcomes import drawn_minutes, write_plain
from simrisk_kernels.plain_quick import prepare_quick, run_quick_trial
from simrisk_kernels.plain_start import prepare_plain, reset_plain
from simrisk_kernels.plain_work import end_of_work
from simrisk_kernels.smallest import equal_ones, put, smallest

NOBODY, AWAY = np.int64(-1), np.int64(-2)  # who takes a part

open_plain_state = make_opener("plain state", new_plain_state(empty_plan()))


@pasted_kernel
def finish_plain(plan, state, task):
    """`task` is finished now: what waits for it waits for one thing less."""
    clock, now = state.clock[0], state.tasks[task]
    state.finish[task] = clock.now
    clock.tasks_left -= 1
    if clock.simple:
        make_ready(state, now.heir_ptr, now.n_heirs)
        return
    n_moved = clock.n_moved
    for i in range(now.out_ptr, now.out_ptr + now.n_out):
        if clock.lagging and state.lags[plan.task_out[i]] > 0:
            add_date(state, clock.now + state.lags[plan.task_out[i]], state.after[i])
        else:
            n_moved = meet_condition(state, state.after[i], n_moved)
    clock.n_moved = n_moved


@pasted_kernel
def meet_condition(state, task, n_moved):
    """One of the things that hold the start of `task` has come; return how many tasks have become ready in this step.

    It is written behind the others in any case: a branch would be predicted wrongly too often.
    """
    waits = state.waits[task] - 1
    state.waits[task] = waits
    state.moved[n_moved] = task
    return n_moved + (1 if waits == 0 else 0)


@pasted_kernel
def make_ready(state, first, n):
    """One condition of each of `n` heirs, a multiple of FOUR, has come; those for which it was the last are ready.

    Nothing branches here: how many tasks lie behind another one, and for which of them it was the last they waited for,
    would be predicted wrongly too often.
    """
    clock = state.clock[0]
    if len(state.new) == 1:
        new = NO_BITS
        for four in range(first, first + n, FOUR):
            for i in range(FOUR):
                new |= met(state, four + i) << np.uint64(state.heir_parts[four + i])
        state.new[0] |= new
        clock.n_new += ones(new)
        clock.high = 0
        return
    n_new, low, high = clock.n_new, clock.low, clock.high
    for four in range(first, first + n, FOUR):
        for i in range(FOUR):
            one = met(state, four + i)
            q = np.int64(state.heir_parts[four + i])
            state.new[q >> 6] |= one << np.uint64(q & 63)
            n_new += np.int64(one)
            low = min(low, q >> 6) if one else low
            high = max(high, q >> 6) if one else high
    clock.n_new, clock.low, clock.high = n_new, low, high


@pasted_kernel
def met(state, heir):
    """One condition of a heir has come; return 1 (uint64) if it was the last, 0 otherwise."""
    task = state.heirs[heir]
    waits = state.waits[task] - 1
    state.waits[task] = waits
    state.ready_at[task] = state.clock[0].now
    return np.uint64(waits == 0)


@pasted_kernel
def complete(plan, state, q):
    """A part is done now."""
    part = state.parts[q]
    part.finish = state.clock[0].now
    if not state.clock[0].single:
        state.parts_left[part.task] -= 1
        if state.parts_left[part.task] > 0:
            return
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
        if clock.single:
            release(plan, state, np.int64(task.part))
            continue
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
        state.clock[0].n_moved = meet_condition(state, thing, state.clock[0].n_moved)
    else:
        complete(plan, state, thing - len(plan.tasks))


@pasted_kernel
def take(plan, state, q, who):
    """Somebody, `who` says how fast, takes a part."""
    clock, part, person = state.clock[0], state.parts[q], who & WHO
    state.ready[q >> 6] &= ~bit(q)
    state.idle[person >> 6] &= ~bit(person)
    state.held[person] = q
    part.start = clock.now
    part.who = who
    if clock.single or state.start[part.task] < 0:
        state.start[part.task] = clock.now
    put(state.change, person, min(end_of_work(plan, state, state, person, q, clock.today, clock.now), NO_CHANGE))


@pasted_kernel
def first_of(state, person):
    """Return the first ready part that a person can do; -1: none."""
    for w in range(state.clock[0].low, state.clock[0].high + 1):
        both = (state.ready[w] | state.new[w]) & state.able[person, w]
        if both != NO_BITS:
            return (w << 6) + trailing_zeros(both)
    return -1


@kernel
def wait_for(plan, state, person):
    """Ask a person, who is away, again on their return."""
    back = return_of(plan, state, person)
    if back < NO_CHANGE:
        state.idle[person >> 6] &= ~bit(person)
        put(state.change, person, back)


@kernel
def wait_for_all(plan, state, q):
    """Nobody has taken a part that is new: those of its people who would be free are away."""
    part = state.parts[q]
    for c in range(part.cand_ptr, part.cand_ptr + part.n_able):
        who = np.int64(state.who[c])
        if has_bit(state.idle, who & WHO):
            wait_for(plan, state, who & WHO)


@inlined_kernel
def ask_fresh(plan, state):
    """Put those who have become free into `idle`, and into `free` if they are there; return how many, and one."""
    n_free, one = 0, np.int64(0)
    for w in range(len(state.fresh)):
        rest = state.fresh[w]
        state.fresh[w] = NO_BITS
        state.idle[w] |= rest
        while rest != NO_BITS:
            person = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            if is_there(plan, state, state, person, state.clock[0].today):
                state.free[w] |= bit(person)
                n_free += 1
                one = person
            elif first_of(state, person) >= 0:
                wait_for(plan, state, person)
    return n_free, one


@pasted_kernel
def find_taker(plan, state, q):
    """Return the first of those planned for a part who is free, and how fast they are (`who`).

    Otherwise AWAY, if somebody would be free who is away, or NOBODY.
    """
    part, found = state.parts[q], NOBODY
    if state.clock[0].sorted:
        for w in range(len(state.idle)):
            idle = state.idle[w] & state.takers[q, w]
            while idle != NO_BITS:
                person = (w << 6) + trailing_zeros(idle)
                if is_there(plan, state, state, person, state.clock[0].today):
                    return person
                found = AWAY
                idle = without_lowest(idle)
        return found
    for c in range(part.cand_ptr, part.cand_ptr + part.n_able):
        who = np.int64(state.who[c])
        if has_bit(state.idle, who & WHO):
            if is_there(plan, state, state, who & WHO, state.clock[0].today):
                return who
            found = AWAY
    return found


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
def give(plan, state, n_free, one):
    """Give ready parts, in allocation order, each to the first of those planned for it who is free.

    What was ready before can only be for those who have become free, `n_free` of them, of whom `one` is the last; what
    is new for everybody.
    """
    clock = state.clock[0]
    n_new, alone = clock.n_new, n_free == 1
    clock.n_new = 0
    for w in range(clock.low, clock.high + 1):
        new = state.new[w]
        rest = new
        if n_free > 0:
            rest |= state.ready[w] & (state.able[one, w] if alone else wanted_by_free(state, w))
        state.new[w] = NO_BITS
        state.ready[w] |= new
        while rest != NO_BITS:
            q = (w << 6) + trailing_zeros(rest)
            lowest = rest & (~rest + LOWEST)
            rest ^= lowest
            is_new = new & lowest != NO_BITS
            n_new -= 1 if is_new else 0
            who = find_taker(plan, state, q)
            if who >= 0:
                person = who & WHO
                own = bit(person)
                n_free -= 1 if state.free[person >> 6] & own != NO_BITS else 0
                state.free[person >> 6] &= ~own
                rest &= new if n_free == 0 else ALL_BITS
                take(plan, state, q, who)
            elif who == AWAY and is_new:
                wait_for_all(plan, state, q)
        if n_free + n_new == 0:
            return
    for w in range(len(state.free)):
        state.free[w] = NO_BITS


@inlined_kernel
def allocate_plain(plan, state):
    """The allocation pass: only people who have become free are looked at, and who might take what is new."""
    clock = state.clock[0]
    clock.today = min(day_at(state, clock.now), plan.project[0].n_days - 1)
    while clock.low < clock.high and state.ready[clock.low] | state.new[clock.low] == NO_BITS:
        clock.low += 1
    n_free, one = ask_fresh(plan, state)
    if n_free + clock.n_new > 0:
        give(plan, state, n_free, one)


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
            put(state.change, person, NO_CHANGE)
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
        if state.clock[0].quick:
            prepare_quick(plan, state)
    for i in range(n):
        reset_plain(plan, state, first + i)
        if state.clock[0].quick:
            outcome = run_quick_trial(plan, state)
        else:
            outcome = run_plain_trial(plan, state)
        write_plain(plan, state, outcome, out, row + i)
    return 0
