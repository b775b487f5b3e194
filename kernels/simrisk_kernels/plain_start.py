"""How trials of a plain plan begin: what all of them share, what is drawn, how people and tasks stand at minute 0."""

from __future__ import annotations

from simrisk_kernels._jit import inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.bits import NO_BITS, bit
from simrisk_kernels.blocks import draw_block
from simrisk_kernels.dates import add_date
from simrisk_kernels.layout import MILLION, NEVER, ON_CLOCK, PAID_WORKED, UNPAID
from simrisk_kernels.leave import mark_plan_days, place_leave, reset_rules
from simrisk_kernels.plain_absence import draw_spells, number_days, prepare_presence, reset_presence
from simrisk_kernels.plain_layout import FOUR, MOST_PEOPLE, NO_CHANGE
from simrisk_kernels.plain_outcomes import fill
from simrisk_kernels.quantile import round_minutes
from simrisk_kernels.random import fill_keys
from simrisk_kernels.state import BLOCK_TRIALS, NOT_EMPLOYED, ON_LEAVE, PRESENT
from simrisk_kernels.tasks import draw_lag

MOST_MINUTES = 2.0**31 - 1  # that 32 bits hold


@inlined_kernel
def prepare_plain(plan, state, seed):
    """Fill what all trials of a run share."""
    clock = state.clock[0]
    clock.prepared = 1
    clock.seed = seed
    fill_keys(state.keys, seed, plan.draws)
    fill_keys(state.block_keys, seed, plan.blocks)
    clock.block = -1
    mark_plan_days(plan, state)
    prepare_presence(plan, state)
    clock.by_month, clock.even, clock.free = 0, 1, 1
    for w in range(len(state.everybody)):
        state.everybody[w] = NO_BITS
    for p in range(len(state.change)):
        state.change[p] = NO_CHANGE
    for p in range(len(plan.people)):
        state.everybody[p >> 6] |= bit(p)
        for w in range(state.days.shape[2]):
            state.days[p, NOT_EMPLOYED, w] = state.plan_days[p, NOT_EMPLOYED, w]
        if plan.people[p].paid != UNPAID:
            clock.free = 0
        if plan.people[p].paid == PAID_WORKED:
            clock.by_month = 1
        for e in range(plan.rates.shape[1]):
            for day in range(plan.people[p].ramp_days + 1):
                if plan.rates[p, e, day] != MILLION:
                    clock.even = 0
    project = plan.project[0]
    if project.cost_once != 0 or project.cost_whole != 0 or project.cost_num != 0:
        clock.free = 0
    if len(plan.charges) + len(plan.equipment) > 0:
        clock.free = 0
    clock.lagging, clock.dated, clock.single, clock.simple = 0, 0, 1, 1
    for link in range(len(plan.links)):
        state.lags[link] = 0
        state.after[link] = plan.links[plan.task_out[link]].after
        if plan.links[link].lag >= 0:
            clock.lagging, clock.simple = 1, 0
    for t in range(len(plan.tasks)):
        record, task = plan.tasks[t], state.tasks[t]
        task.n_parts = record.n_parts
        task.part_ptr = record.part_ptr
        task.part = plan.task_parts[record.part_ptr] if record.n_parts > 0 else -1
        task.out_ptr = record.out_ptr
        task.n_out = record.n_out
        task.conditions = record.n_links
        if record.not_before > 0:
            task.conditions += 1
            clock.dated = 1
        if record.n_parts != 1:
            clock.single, clock.simple, clock.even = 0, 0, 0
    prepare_heirs(plan, state)
    prepare_parts(plan, state)


@kernel
def prepare_heirs(plan, state):
    """Write the tasks behind each task, in fours."""
    n, none = 0, len(plan.tasks)
    for t in range(len(plan.tasks)):
        task = state.tasks[t]
        task.heir_ptr = n
        for i in range(task.out_ptr, task.out_ptr + task.n_out):
            state.heirs[n] = state.after[i]
            state.heir_parts[n] = max(0, state.tasks[state.after[i]].part)
            n += 1
        while n % FOUR > 0:
            state.heirs[n] = none
            state.heir_parts[n] = 0
            n += 1
        task.n_heirs = n - task.heir_ptr


@kernel
def prepare_parts(plan, state):
    """Write who can do each part."""
    for w in range(len(state.ready)):
        for p in range(len(plan.people)):
            state.able[p, w] = NO_BITS
    clock = state.clock[0]
    clock.sorted = clock.even
    for q in range(len(plan.parts)):
        record, part, last = plan.parts[q], state.parts[q], -1
        for v in range(len(state.idle)):
            state.takers[q, v] = NO_BITS
        part.task = record.task
        part.cand_ptr = record.cand_ptr
        part.n_planned = record.n_planned
        part.n_able = 0
        part.on_clock = 1 if record.kind == ON_CLOCK else 0
        if part.on_clock:
            clock.simple = 0
        part.n_shares = record.n_shares
        if record.n_shares != 1:
            clock.even, clock.sorted = 0, 0
        for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
            person = plan.candidates[c].person
            efficiency = efficiency_of(plan, record.task, c)
            if efficiency >= 0:
                state.who[record.cand_ptr + part.n_able] = person + efficiency * MOST_PEOPLE
                part.n_able += 1
                state.takers[q, person >> 6] |= bit(person)
                clock.sorted = clock.sorted if person > last else 0
                last = person
                state.able[person, q >> 6] |= bit(q)
    for i in range(len(plan.task_parts)):
        state.parts[plan.task_parts[i]].place = i


@kernel
def efficiency_of(plan, task, candidate):
    """Return the index of a candidate's efficiency at `task`, which nothing in the plan changes; -1: cannot do it."""
    record, person = plan.tasks[task], plan.candidates[candidate].person
    level = 0
    for i in range(record.n_skills):
        own = plan.levels[person, plan.task_skills[record.skill_ptr + i]]
        level = own if i == 0 else min(level, own)
    return plan.abilities[candidate, level]


@kernel
def draw_efforts(plan, state):
    """Draw the minutes of all parts in the trials of the block that has just been drawn."""
    common = plan.project[0].common
    for i in range(len(plan.task_parts)):
        part = plan.parts[plan.task_parts[i]]
        draw, done = part.draw, part.done
        scaled = common >= 0 and part.kind != ON_CLOCK
        for lane in range(BLOCK_TRIALS):
            value = state.values[draw, lane]
            if scaled:
                value *= state.values[common, lane]
            state.minutes[0, lane] = max(0, round_minutes(min(value, MOST_MINUTES)) - done)
        for lane in range(BLOCK_TRIALS):
            state.drawn[lane, i] = state.minutes[0, lane]


@inlined_kernel
def reset_plain(plan, state, trial):
    """Draw the world of one trial and put the clock at 0; tasks that wait for nothing become ready."""
    clock = state.clock[0]
    clock.trial = trial
    if trial // BLOCK_TRIALS != clock.block:
        draw_block(plan, state)
        draw_efforts(plan, state)
        draw_spells(plan, state)
    clock.now = 0
    clock.n_moved = 0
    clock.n_dates = 0
    clock.next_date = NEVER
    clock.tasks_left = len(plan.tasks)
    reset_plain_people(plan, state)
    for w in range(len(state.ready)):
        state.ready[w] = NO_BITS
        state.new[w] = NO_BITS
    clock.n_new = 0
    clock.low, clock.high = 0, -1
    if clock.lagging:
        for link in range(len(plan.links)):
            state.lags[link] = draw_lag(plan, state, link)
    fill(state.start, len(plan.tasks), -1)
    fill(state.finish, len(plan.tasks), -1)
    if not clock.quick:
        reset_plain_tasks(plan, state)


@pasted_kernel
def reset_plain_tasks(plan, state):
    """No task has begun; those that wait for nothing become ready."""
    clock, n = state.clock[0], len(plan.tasks)
    for t in range(n):
        conditions = state.tasks[t].conditions
        state.waits[t] = conditions
        state.parts_left[t] = state.tasks[t].n_parts
        if conditions == 0:
            state.moved[clock.n_moved] = t
            clock.n_moved += 1
    state.waits[n] = NO_CHANGE
    if clock.dated:
        for t in range(n):
            if plan.tasks[t].not_before > 0:
                add_date(state, plan.tasks[t].not_before, t)


@pasted_kernel
def reset_plain_people(plan, state):
    """Give everybody their leave and ask them all in the first pass."""
    n_people = len(plan.people)
    if len(plan.blocks) > 0:
        reset_random_leave(plan, state)
    for w in range(len(state.fresh)):
        state.fresh[w] = state.everybody[w]
        state.idle[w] = NO_BITS
        state.free[w] = NO_BITS
    fill(state.change, n_people, NO_CHANGE)
    fill(state.held, n_people, -1)
    for p in range(n_people):
        reset_presence(state, p)
    if state.clock[0].by_month:
        for p in range(n_people):
            for m in range(len(plan.months)):
                state.by_month[p, m] = 0


@kernel
def reset_random_leave(plan, state):
    """Place random leave anew, and number the days of those who have it."""
    for p in range(len(plan.people)):
        if state.team[p].varies:
            for w in range(state.days.shape[2]):
                state.days[p, PRESENT, w] = state.plan_days[p, PRESENT, w]
                state.days[p, ON_LEAVE, w] = state.plan_days[p, ON_LEAVE, w]
    reset_rules(plan, state)
    place_leave(plan, state)
    for p in range(len(plan.people)):
        if state.team[p].varies:
            number_days(plan, state, p)
