"""How trials of a plain plan begin: what all of them share, what is drawn, how people and tasks stand at minute 0."""

from __future__ import annotations

from simrisk_kernels._jit import inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.bits import NO_BITS, bit
from simrisk_kernels.blocks import draw_block
from simrisk_kernels.dates import add_date
from simrisk_kernels.layout import NEVER, ON_CLOCK, PAID_WORKED, UNPAID
from simrisk_kernels.leave import mark_plan_days, place_leave, reset_rules
from simrisk_kernels.plain_absence import prepare_absence, reset_plain_absence
from simrisk_kernels.plain_layout import MOST_PEOPLE, NO_CHANGE
from simrisk_kernels.plain_outcomes import fill
from simrisk_kernels.quantile import round_minutes
from simrisk_kernels.random import fill_keys
from simrisk_kernels.state import ABSENT, BLOCK_TRIALS, NOT_EMPLOYED, ON_LEAVE, PRESENT
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
    prepare_absence(plan, state)
    clock.by_month, clock.ramping, clock.free = 0, 0, 1
    for p in range(len(state.change)):
        state.change[p] = NO_CHANGE
    for p in range(len(plan.people)):
        for w in range(state.days.shape[2]):
            state.days[p, NOT_EMPLOYED, w] = state.plan_days[p, NOT_EMPLOYED, w]
        if plan.people[p].paid != UNPAID:
            clock.free = 0
        if plan.people[p].paid == PAID_WORKED:
            clock.by_month = 1
        if plan.people[p].ramp_days > 0:
            clock.ramping = 1
    project = plan.project[0]
    if project.cost_once != 0 or project.cost_whole != 0 or project.cost_num != 0:
        clock.free = 0
    if len(plan.charges) + len(plan.equipment) > 0:
        clock.free = 0
    clock.lagging, clock.dated, clock.single = 0, 0, 1
    for link in range(len(plan.links)):
        state.lags[link] = 0
        state.after[link] = plan.links[plan.task_out[link]].after
        if plan.links[link].lag >= 0:
            clock.lagging = 1
    for t in range(len(plan.tasks)):
        record, task = plan.tasks[t], state.tasks[t]
        task.n_parts = record.n_parts
        task.part_ptr = record.part_ptr
        task.out_ptr = record.out_ptr
        task.n_out = record.n_out
        task.conditions = record.n_links
        if record.not_before > 0:
            task.conditions += 1
            clock.dated = 1
        if record.n_parts != 1:
            clock.single = 0
    prepare_parts(plan, state)


@kernel
def prepare_parts(plan, state):
    """Write who can do each part."""
    for w in range(len(state.ready)):
        for p in range(len(plan.people)):
            state.able[p, w] = NO_BITS
    for q in range(len(plan.parts)):
        record, part = plan.parts[q], state.parts[q]
        part.task = record.task
        part.cand_ptr = record.cand_ptr
        part.n_planned = record.n_planned
        part.on_clock = 1 if record.kind == ON_CLOCK else 0
        part.n_shares = record.n_shares
        for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
            person = plan.candidates[c].person
            efficiency = efficiency_of(plan, record.task, c)
            state.who[c] = -1
            if efficiency >= 0:
                state.who[c] = person + efficiency * MOST_PEOPLE
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
    reset_plain_tasks(plan, state)


@pasted_kernel
def reset_plain_tasks(plan, state):
    """No task has begun; those that wait for nothing become ready."""
    clock, n = state.clock[0], len(plan.tasks)
    fill(state.start, n, -1)
    fill(state.finish, n, -1)
    for t in range(n):
        conditions = state.tasks[t].conditions
        state.waits[t] = conditions
        state.parts_left[t] = state.tasks[t].n_parts
        if conditions == 0:
            state.moved[clock.n_moved] = t
            clock.n_moved += 1
    if clock.dated:
        for t in range(n):
            if plan.tasks[t].not_before > 0:
                add_date(state, plan.tasks[t].not_before, t)


@pasted_kernel
def reset_plain_people(plan, state):
    """Give everybody their leave and ask them all in the first pass."""
    for p in range(len(plan.people)):
        for w in range(state.days.shape[2]):
            state.days[p, PRESENT, w] = state.plan_days[p, PRESENT, w]
            state.days[p, ON_LEAVE, w] = state.plan_days[p, ON_LEAVE, w]
            state.days[p, ABSENT, w] = NO_BITS
    reset_rules(plan, state)
    place_leave(plan, state)
    for w in range(len(state.fresh)):
        state.fresh[w] = NO_BITS
        state.idle[w] = NO_BITS
        state.free[w] = NO_BITS
    for p in range(len(plan.people)):
        reset_plain_absence(plan, state, p)
        state.worked[p] = 0
        state.change[p] = NO_CHANGE
        state.held[p] = -1
        state.fresh[p >> 6] |= bit(p)
    if state.clock[0].by_month:
        for p in range(len(plan.people)):
            for m in range(len(plan.months)):
                state.by_month[p, m] = 0
