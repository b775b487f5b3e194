"""The event kernel: blocks of trials, each a walk from one minute in which something happens to the next."""

from __future__ import annotations

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel
from simrisk_kernels.absence import place_absence
from simrisk_kernels.bundle import open_outcomes, open_plan, open_state
from simrisk_kernels.chain import clear_chain, walk_back
from simrisk_kernels.costs import OVER, close_month, total_cost, write_cash
from simrisk_kernels.cover import allocate, drop_for_absence, next_threshold
from simrisk_kernels.equipment import count_units, reset_equipment
from simrisk_kernels.gates import move_gate, next_gate_event, release_gates, reset_gates
from simrisk_kernels.labels import label_waiting, label_work
from simrisk_kernels.layout import BY_POOL, CENSORED, FINISHED, MILLION, NEVER, ON_CLOCK, STOPPED
from simrisk_kernels.leave import mark_plan_days, place_leave, reset_days
from simrisk_kernels.people import (
    bring_people_back,
    count_time,
    ramp_day,
    ramps,
    reset_levels,
    reset_people,
    send_people_away,
    works_on,
)
from simrisk_kernels.pools import count_presence, move_heads, pool_rate, reset_pools
from simrisk_kernels.quantile import stream_value
from simrisk_kernels.random import FIRST, stream_key
from simrisk_kernels.risks import reset_risks
from simrisk_kernels.sprints import close_sprints, end_sprints, open_sprint, reset_sprints, sprint_end
from simrisk_kernels.state import BEGUN, CONTRACTOR
from simrisk_kernels.tasks import complete_parts, reach_dates, reset_tasks, settle_tasks


@inlined_kernel
def prepare_state(plan, state, seed):
    """Fill what all trials of a run share: stream keys and the plan's calendar of people."""
    for i in range(len(plan.draws)):
        state.keys[i] = stream_key(seed, plan.draws[i].hash)
    for i in range(len(plan.criteria)):
        state.criterion_keys[i] = stream_key(seed, plan.criteria[i].hash)
    for i in range(len(plan.blocks)):
        state.block_keys[i] = stream_key(seed, plan.blocks[i].hash)
    for i in range(len(plan.risks)):
        state.risk_keys[i] = stream_key(seed, plan.risks[i].hash)
    for i in range(len(plan.parts)):
        state.contractor_keys[i] = stream_key(seed, plan.parts[i].contractor)
    state.clock[0].contractors = 0
    state.clock[0].descopes = 0
    for c in range(len(plan.covers)):
        if plan.covers[c].contractor_after < NEVER:
            state.clock[0].contractors = 1
        if plan.covers[c].descope_after < NEVER:
            state.clock[0].descopes = 1
    mark_plan_days(plan, state)


@inlined_kernel
def reset_trial(plan, state, trial):
    """Draw the world of one trial and put the clock at 0."""
    clock = state.clock[0]
    clock.trial = trial
    clock.now = 0
    clock.done = 0
    clock.stopped = 0
    clock.month = 0
    clock.common = 1.0
    common = plan.project[0].common
    if common >= 0:
        clock.common = stream_value(plan, state.keys, trial, common, FIRST)
    reset_days(plan, state)
    place_leave(plan, state)
    place_absence(plan, state)
    reset_people(plan, state)
    reset_levels(plan, state)
    reset_pools(plan, state)
    reset_equipment(plan, state)
    reset_risks(plan, state)
    reset_gates(plan, state)
    reset_tasks(plan, state)
    release_gates(plan, state)
    reset_sprints(plan, state)


@kernel
def set_rates(plan, state):
    """Write the rate of every begun part from now on; return the next minute at which a ramp changes one."""
    clock, day_minutes = state.clock[0], plan.project[0].day_minutes
    tomorrow = (clock.now // day_minutes + 1) * day_minutes
    changes = NEVER
    for i in range(clock.n_ready):
        part = state.ready[i]
        now, record = state.parts[part], plan.parts[part]
        now.rate = -1
        if now.state != BEGUN:
            continue
        if record.kind == ON_CLOCK:
            now.rate = MILLION
        elif now.contract >= 0:
            now.rate = plan.contractor_rates[part, now.contract]
        elif record.kind == BY_POOL:
            if now.heads > 0:
                now.rate = pool_rate(plan, state, part)
                if state.pools[record.pool].ramping:
                    changes = tomorrow
        else:
            now.rate = slowest_rate(plan, state, part)
            for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
                if now.rate >= 0 and ramps(plan, state, state.slot_owner[s]):
                    changes = tomorrow
    return changes


@kernel
def slowest_rate(plan, state, part):
    """Return the rate of the slowest of those who hold `part`; -1 when one of them cannot work on it now."""
    record = plan.parts[part]
    slowest = NEVER
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        if not works_on(state, owner, part):
            return -1
        day = ramp_day(plan, state, owner)
        slowest = min(slowest, plan.rates[owner, state.slot_efficiency[s], day])
    return slowest


@kernel
def next_event(plan, state):
    """Return the next minute in which something may happen."""
    clock = state.clock[0]
    soonest = set_rates(plan, state)
    for i in range(clock.n_ready):
        part = state.parts[state.ready[i]]
        if part.state == BEGUN and part.rate > 0:
            soonest = min(soonest, clock.now + (part.left + part.rate - 1) // part.rate)
        if part.call > clock.now:
            soonest = min(soonest, part.call)
    for p in range(len(plan.people)):
        soonest = min(soonest, state.people[p].next_change)
        if state.people[p].rejoined > clock.now:
            soonest = min(soonest, state.people[p].rejoined)
    if clock.ceremony_end > clock.now:
        soonest = min(soonest, clock.ceremony_end)
    soonest = min(soonest, clock.next_date, clock.opens, clock.next_pool, plan.months[clock.month])
    if clock.now < plan.project[0].status:
        soonest = min(soonest, plan.project[0].status)
    if clock.ending < len(plan.sprints):
        soonest = min(soonest, sprint_end(plan, state, clock.ending))
    soonest = min(soonest, next_gate_event(plan, state))
    if clock.n_away > 0:
        soonest = min(soonest, next_threshold(plan, state))
    return soonest


@kernel
def pass_time(plan, state, until):
    """Work, wait and be away from now until the minute `until`, in which nothing changes on the way."""
    clock = state.clock[0]
    minutes = until - clock.now
    count_time(plan, state, minutes)
    count_presence(plan, state, minutes)
    count_units(plan, state, minutes)
    for i in range(clock.n_ready):
        part = state.ready[i]
        now, record = state.parts[part], plan.parts[part]
        ordinary = plan.tasks[record.task].gate < 0
        if now.state != BEGUN or now.rate < 0:
            if ordinary:
                now.label = label_waiting(plan, state, part)
                state.spent[part, now.label] += minutes
            continue
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
            owner = state.slot_owner[s]
            if owner != CONTRACTOR and works_on(state, owner, part):
                state.people[owner].worked += minutes
    clock.now = until


@inlined_kernel
def settle_minute(plan, state):
    """Let happen what happens in this minute, in the order of the model; return whether the trial is over."""
    clock = state.clock[0]
    bring_people_back(plan, state)
    move_heads(plan, state)
    open_sprint(plan, state)
    reach_dates(plan, state)
    settle_tasks(plan, state)
    again = True
    while again:
        complete_parts(plan, state)
        settle_tasks(plan, state)
        while move_gate(plan, state):
            settle_tasks(plan, state)
        over = clock.tasks_left == 0 and clock.gates_left == 0 and clock.now >= plan.project[0].status
        if clock.stopped or over:
            return True
        send_people_away(plan, state)
        again = False
        while clock.descopes and drop_for_absence(plan, state):
            settle_tasks(plan, state)
            again = True
        again = allocate(plan, state) or again
        settle_tasks(plan, state)
    end_sprints(plan, state)
    return False


@inlined_kernel
def run_trial(plan, state):
    """Run the trial that `reset_trial` has set up; return how it ended. The clock stands at its end."""
    horizon = plan.project[0].horizon
    while not settle_minute(plan, state):
        minute = next_event(plan, state)
        if minute > horizon:
            pass_time(plan, state, horizon)
            return CENSORED
        pass_time(plan, state, minute)
        close_month(plan, state)
    return STOPPED if state.clock[0].stopped else FINISHED


@inlined_kernel
def write_outcome(plan, state, outcome, out, row):
    """Write one trial into row `row` of the outcomes."""
    out.end[row] = state.clock[0].now
    out.outcome[row] = outcome
    out.cost[row] = total_cost(plan, state, OVER)
    write_cash(plan, state, out.cash, row)
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
        out.task_contractor[row, t] = task.contractor
    for p in range(len(plan.people)):
        person = state.people[p]
        out.person_worked[row, p] = person.worked
        out.person_ceremony[row, p] = person.ceremony
        out.person_leave[row, p] = person.leave
        out.person_absence[row, p] = person.absence
        out.person_departed[row, p] = person.departed
        out.person_left[row, p] = person.left_at
        out.person_critical[row, p] = state.critical_people[p]
    for g in range(len(plan.gates)):
        gate = state.gates[g]
        out.gate_attempts[row, g] = gate.attempts
        out.gate_first[row, g] = gate.first
        out.gate_finish[row, g] = gate.finish
        out.gate_outcome[row, g] = gate.outcome
        out.gate_critical[row, g] = gate.critical
    head = plan.project[0].head_unit
    for p in range(len(plan.pools)):
        pool = state.pools[p]
        out.pool_worked[row, p] = (2 * pool.worked + head) // (2 * head)
        out.pool_present[row, p] = (2 * pool.present + head) // (2 * head)
        out.pool_critical[row, p] = pool.critical
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
    plan = open_plan(packed_plan)
    state = open_state(workspace)
    out = open_outcomes(outcomes)
    prepare_state(plan, state, seed)
    for i in range(n):
        reset_trial(plan, state, first + i)
        outcome = run_trial(plan, state)
        close_sprints(plan, state)
        write_outcome(plan, state, outcome, out, row + i)
    return 0
