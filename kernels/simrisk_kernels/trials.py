"""The event kernel: blocks of trials, each a walk from one minute in which something happens to the next."""

from __future__ import annotations

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel
from simrisk_kernels.bits import NO_BITS, bit, has_bit
from simrisk_kernels.blocks import draw_block
from simrisk_kernels.bundle import open_outcomes, open_plan, open_small_plan, open_small_state, open_state
from simrisk_kernels.chain import clear_chain, walk_back
from simrisk_kernels.costs import close_month, count_everything, prepare_months, write_costs
from simrisk_kernels.cover import (
    allocate,
    drop_for_absence,
    meet_contractors,
    next_arrival,
)
from simrisk_kernels.days import day_of, share_of_minute
from simrisk_kernels.efforts import find_planned
from simrisk_kernels.equipment import count_units, reset_equipment
from simrisk_kernels.gates import move_gate, next_gate_event, release_gates, reset_gates
from simrisk_kernels.layout import BY_POOL, CENSORED, FINISHED, NEVER, ONE_PERSON, START_FINISH, START_START, STOPPED
from simrisk_kernels.leave import mark_plan_days, place_leave, reset_days
from simrisk_kernels.people import (
    bring_people_back,
    end_ceremonies,
    leave_unfollowed,
    pass_thresholds,
    plan_absences,
    reset_levels,
    reset_people,
    send_people_away,
)
from simrisk_kernels.pools import move_heads, reset_pools
from simrisk_kernels.progress import find_due, reset_progress, set_paces
from simrisk_kernels.quantile import drawn_value
from simrisk_kernels.random import FIRST, fill_keys, stream_key
from simrisk_kernels.risks import reset_risks
from simrisk_kernels.sprints import close_sprints, end_sprints, mark_sprints, open_sprint, reset_sprints
from simrisk_kernels.tasks import complete_parts, count_conditions, reach_dates, reset_tasks, settle_tasks


@inlined_kernel
def prepare_state(plan, state, seed):
    """Fill what all trials of a run share: stream keys and the plan's calendar of people."""
    state.clock[0].prepared = 1
    state.clock[0].seed = seed
    state.clock[0].per_minute = share_of_minute(plan.project[0].day_minutes)
    fill_keys(state.keys, seed, plan.draws)
    fill_keys(state.criterion_keys, seed, plan.criteria)
    fill_keys(state.block_keys, seed, plan.blocks)
    fill_keys(state.risk_keys, seed, plan.risks)
    for i in range(len(plan.parts)):
        state.contractor_keys[i] = stream_key(seed, plan.parts[i].contractor)
    state.clock[0].contractors = 0
    state.clock[0].descopes = 0
    for c in range(len(plan.covers)):
        if plan.covers[c].contractor_after < NEVER:
            state.clock[0].contractors = 1
        if plan.covers[c].descope_after < NEVER:
            state.clock[0].descopes = 1
    state.clock[0].block = -1
    mark_thresholds(plan, state)
    prepare_months(plan, state)
    mark_plan_days(plan, state)
    mark_parts(plan, state)
    mark_sprints(plan, state)
    find_planned(plan, state)
    count_conditions(plan, state)
    reset_levels(plan, state)


@kernel
def mark_thresholds(plan, state):
    """Write after how many minutes of somebody's absence some policy does something, each number once."""
    clock = state.clock[0]
    clock.thresholds = 0
    for c in range(len(plan.covers)):
        cover = plan.covers[c]
        for after in (cover.after, cover.contractor_after, cover.descope_after):
            known = after == NEVER
            for i in range(clock.thresholds):
                known = known or state.afters[i] == after
            if not known:
                state.afters[clock.thresholds] = after
                clock.thresholds += 1


@kernel
def mark_parts(plan, state):
    """Mark the parts that people might hold, those of tasks, of pools and of equipment."""
    for w in range(len(state.ready)):
        for p in range(len(plan.people)):
            state.of_person[p, w] = NO_BITS
            state.named[p, w] = NO_BITS
            state.alone[p, w] = NO_BITS
        state.of_pools[w] = NO_BITS
        state.of_equipment[w] = NO_BITS
        state.of_tasks[w] = NO_BITS
    for t in range(len(plan.tasks)):
        state.from_start[t] = 0
    for i in range(len(plan.links)):
        link = plan.links[i]
        if link.kind in (START_START, START_FINISH) or link.lag >= 0:
            state.from_start[link.before] = 1
    for part in range(len(plan.parts)):
        record = plan.parts[part]
        for c in range(record.cand_ptr, record.cand_ptr + record.n_cand):
            state.of_person[plan.candidates[c].person, part >> 6] |= bit(part)
            if c < record.cand_ptr + record.n_planned:
                state.named[plan.candidates[c].person, part >> 6] |= bit(part)
        if plan.tasks[record.task].gate < 0:
            state.of_tasks[part >> 6] |= bit(part)
            if record.kind == ONE_PERSON and record.n_planned == 1:
                state.alone[plan.candidates[record.cand_ptr].person, part >> 6] |= bit(part)
        if record.kind == BY_POOL:
            state.of_pools[part >> 6] |= bit(part)
        if plan.tasks[record.task].n_uses > 0:
            state.of_equipment[part >> 6] |= bit(part)


@inlined_kernel
def reset_trial(plan, state, trial):
    """Draw the world of one trial and put the clock at 0."""
    clock = state.clock[0]
    clock.trial = trial
    draw_block(plan, state)
    clock.now = 0
    clock.today = 0
    clock.done = 0
    clock.stopped = 0
    clock.month = 0
    clock.next_month = plan.months[0] if clock.monthly else NEVER
    clock.next_call = NEVER
    clock.next_dated = 0
    clock.common = 1.0
    common = plan.project[0].common
    if common >= 0:
        clock.common = drawn_value(plan, state, common, FIRST)
    reset_days(plan, state)
    place_leave(plan, state)
    reset_people(plan, state)
    if len(plan.raises) > 0:
        reset_levels(plan, state)
    reset_pools(plan, state)
    reset_equipment(plan, state)
    reset_risks(plan, state)
    reset_gates(plan, state)
    reset_progress(state)
    reset_tasks(plan, state)
    release_gates(plan, state)
    reset_sprints(plan, state)


@kernel
def next_event(plan, state):
    """Return the next minute in which something may happen."""
    clock = state.clock[0]
    clock.next_due = find_due(state)
    if clock.next_dated <= clock.now:
        clock.next_dated = find_dated(plan, state)
    soonest = min(clock.next_due, clock.next_threshold, clock.next_dated)
    if clock.contractors:
        clock.next_call = next_arrival(state)
        soonest = min(soonest, clock.next_call)
    if clock.next_person < soonest:
        leave_unfollowed(state, soonest)
    return min(soonest, clock.next_person)


@kernel
def find_dated(plan, state):
    """Return the next minute in which something is due that is planned: it changes only when one of them comes.

    But for what is told: a date that is added (`expect_date`), and a gate that moves (`move_gates`).
    """
    clock = state.clock[0]
    of_sprints = min(clock.next_gate, clock.opens, clock.ends)  # apart, so that they need not be in turn
    soonest = min(clock.next_date, clock.next_pool, clock.next_month, clock.ceremony_end)
    if clock.now < plan.project[0].status:
        soonest = min(soonest, plan.project[0].status)
    return min(soonest, of_sprints)


@inlined_kernel
def settle_start(plan, state):
    """Step 1: let happen what comes by the clock alone."""
    clock = state.clock[0]
    if clock.next_threshold == clock.now:
        pass_thresholds(state)
    if clock.next_call == clock.now:
        meet_contractors(state)
    if clock.next_person == clock.now:
        bring_people_back(plan, state)
    if clock.next_dated == clock.now:
        if clock.next_pool == clock.now:
            move_heads(plan, state)
        if clock.ceremony_end == clock.now:
            end_ceremonies(plan, state)
        if clock.opens == clock.now:
            open_sprint(plan, state)
        if clock.next_date == clock.now:
            reach_dates(plan, state)
    if clock.n_queued + clock.n_moved > 0:
        settle_tasks(plan, state)


@inlined_kernel
def settle_round(plan, state):
    """Steps 2 to 5; return whether the trial is over."""
    clock = state.clock[0]
    if clock.next_due == clock.now or clock.parts_spent:
        complete_parts(plan, state)
    if clock.n_queued + clock.n_moved > 0:
        settle_tasks(plan, state)
    if clock.gates_stir or clock.next_gate == clock.now:
        move_gates(plan, state)
    if clock.stopped or (clock.tasks_left == 0 and clock.gates_left == 0 and clock.now >= plan.project[0].status):
        return True
    if clock.next_person == clock.now:
        send_people_away(plan, state)
    clock.sent_away = clock.now
    return False


@inlined_kernel
def settle_minute(plan, state):
    """Let happen what happens in this minute, in the order of the model; return whether the trial is over."""
    clock = state.clock[0]
    settle_start(plan, state)
    again = True
    while again:
        if settle_round(plan, state):
            return True
        again = False
        while clock.descopes and drop_for_absence(plan, state):
            settle_tasks(plan, state)
            again = True
        again = allocate(plan, state) or again
        if clock.n_queued + clock.n_moved > 0:
            settle_tasks(plan, state)
    if clock.ends == clock.now:
        end_sprints(plan, state)
    set_paces(plan, state)
    if clock.away_moves:
        plan_absences(state)
    return False


@kernel
def move_gates(plan, state):
    """Step 3: let gates move, one at a time, until none does; then see when the clock alone moves one next."""
    clock = state.clock[0]
    while move_gate(plan, state):
        settle_tasks(plan, state)
    clock.gates_stir = 0
    clock.next_gate = next_gate_event(plan, state)
    clock.next_dated = 0


@inlined_kernel
def run_trial(plan, state):
    """Run the trial that `reset_trial` has set up; return how it ended. The clock stands at its end."""
    clock, horizon = state.clock[0], plan.project[0].horizon
    while not settle_minute(plan, state):
        minute = next_event(plan, state)
        clock.now = min(minute, horizon)
        clock.today = day_of(state, clock.now)
        if minute > horizon:
            return CENSORED
        if clock.now == clock.next_month:
            close_month(plan, state)
    return STOPPED if clock.stopped else FINISHED


@inlined_kernel
def write_outcome(plan, state, outcome, out, row):
    """Write one trial into row `row` of the outcomes."""
    out.end[row] = state.clock[0].now
    out.outcome[row] = outcome
    write_costs(plan, state, out, row)
    out.common_factor[row] = state.clock[0].common
    clear_chain(state)
    if outcome == FINISHED:
        walk_back(plan, state)
    for cause in range(len(state.chain)):
        out.chain[row, cause] = state.chain[cause]
    for t in range(plan.project[0].n_tasks):
        task = state.tasks[t]
        out.task_start[row, t] = task.start
        out.task_finish[row, t] = task.finish
        out.task_effort[row, t] = task.effort
        out.task_handovers[row, t] = task.handovers
        out.task_dropped[row, t] = task.dropped > 0
        out.task_critical[row, t] = task.critical
        out.task_chain[row, t] = state.task_chain[t]
        out.task_contractor[row, t] = task.contractor
    for p in range(len(plan.people)):
        person = state.people[p]
        out.person_worked[row, p] = person.worked
        out.person_ceremony[row, p] = person.ceremony - max(0, person.ceremony_until - state.clock[0].now)
        out.person_leave[row, p] = person.leave
        out.person_absence[row, p] = person.absence
        out.person_absence_planned[row, p] = person.absence_planned
        out.person_departed[row, p] = person.departed
        out.person_left[row, p] = person.left_at
        out.person_critical[row, p] = has_bit(state.critical_people, p)
        out.person_chain[row, p] = state.person_chain[p]
    for g in range(len(plan.gates)):
        gate = state.gates[g]
        out.gate_attempts[row, g] = gate.attempts
        out.gate_first[row, g] = gate.first
        out.gate_finish[row, g] = gate.finish
        out.gate_outcome[row, g] = gate.outcome
        out.gate_critical[row, g] = gate.critical
        out.gate_chain[row, g] = state.gate_chain[g]
    head = plan.project[0].head_unit
    for p in range(len(plan.pools)):
        pool = state.pools[p]
        out.pool_worked[row, p] = (2 * pool.worked + head) // (2 * head)
        out.pool_present[row, p] = (2 * pool.present + head) // (2 * head)
        out.pool_critical[row, p] = pool.critical
        out.pool_chain[row, p] = state.pool_chain[p]
    for e in range(len(plan.equipment)):
        out.equipment_used[row, e] = state.units_used[e]
    for r in range(len(plan.risks)):
        out.risk_happened[row, r] = state.risks[r].happens
    for k in range(len(plan.sprints)):
        sprint = state.sprints[k]
        out.sprint_start[row, k] = sprint.start
        out.sprint_goal[row, k] = sprint.goal
        out.sprint_carry_over[row, k] = sprint.carry_over
        out.sprint_velocity[row, k] = sprint.velocity


@entry_kernel
def run_trials(packed_plan, workspace, seed, first, n, outcomes, row):
    """Run trials `first` to `first + n - 1` and write them to the rows of `outcomes` from `row` on.

    Reads: packed_plan (`PlanArrays`). Writes: outcomes (`Outcomes`), and workspace (`State`), which belongs to one
    thread; all three as `bundle.pack` gives them.
    Assumes: seed is uint64; the plan is lowered by `simrisk.compile`, nothing is checked here.
    Cost: per trial, the number of events times the people and the parts that are ready.
    Same for: any split of the trials into calls, any thread.
    """
    run_rows(open_plan(packed_plan), open_state(workspace), seed, first, n, open_outcomes(outcomes), row)
    return 0


@entry_kernel
def run_small(packed_plan, workspace, seed, first, n, outcomes, row):
    """Do for a small plan what `run_trials` does for any.

    Reads, writes: as `run_trials`, but packed_plan and workspace are as `bundle.pack_small` gives them.
    """
    run_rows(open_small_plan(packed_plan), open_small_state(workspace), seed, first, n, open_outcomes(outcomes), row)
    return 0


@inlined_kernel
def run_rows(plan, state, seed, first, n, out, row):
    """Run trials `first` to `first + n - 1`, after what they share where that is not there yet."""
    if state.clock[0].prepared == 0 or state.clock[0].seed != seed:
        prepare_state(plan, state, seed)
    for i in range(n):
        reset_trial(plan, state, first + i)
        outcome = run_trial(plan, state)
        count_everything(plan, state)
        count_units(plan, state)
        close_sprints(plan, state)
        write_outcome(plan, state, outcome, out, row + i)
