"""The event kernel: blocks of trials, each a walk from one minute in which something happens to the next."""

from __future__ import annotations

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel
from simrisk_kernels.absence import place_absence
from simrisk_kernels.bundle import bundle_outcomes, bundle_plan, bundle_state
from simrisk_kernels.chain import clear_chain, label_waiting, label_work, walk_back
from simrisk_kernels.costs import total_cost
from simrisk_kernels.cover import allocate, next_threshold
from simrisk_kernels.gates import move_gates, next_gate_event, reset_gates
from simrisk_kernels.layout import CENSORED, FINISHED, NEVER, STOPPED
from simrisk_kernels.leave import mark_plan_days, place_leave, reset_days
from simrisk_kernels.people import (
    bring_people_back,
    count_time,
    ramp_day,
    reset_people,
    send_people_away,
    works_on,
)
from simrisk_kernels.quantile import draw_value
from simrisk_kernels.random import draw_word, stream_key
from simrisk_kernels.sprints import close_sprints, end_sprints, open_sprint, reset_sprints, sprint_end
from simrisk_kernels.state import BEGUN
from simrisk_kernels.tasks import FIRST, complete_parts, reach_dates, reset_tasks


@inlined_kernel
def prepare_state(plan, state, seed):
    """Fill what all trials of a run share: stream keys and the plan's calendar of people."""
    for i in range(len(plan.draws)):
        state.keys[i] = stream_key(seed, plan.draws[i].hash)
    for i in range(len(plan.criteria)):
        state.criterion_keys[i] = stream_key(seed, plan.criteria[i].hash)
    for i in range(len(plan.blocks)):
        state.block_keys[i] = stream_key(seed, plan.blocks[i].hash)
    mark_plan_days(plan, state)


@inlined_kernel
def reset_trial(plan, state, trial):
    """Draw the world of one trial and put the clock at 0."""
    clock = state.clock[0]
    clock.trial = trial
    clock.now = 0
    clock.done = 0
    clock.stopped = 0
    clock.common = 1.0
    common = plan.project[0].common
    if common >= 0:
        clock.common = draw_value(plan, common, draw_word(state.keys[common], trial, FIRST))
    reset_days(plan, state)
    place_leave(plan, state)
    place_absence(plan, state)
    reset_people(plan, state)
    reset_gates(plan, state)
    reset_tasks(plan, state)
    reset_sprints(plan, state)


@kernel
def set_rates(plan, state):
    """Write the rate of every begun part from now on; return the next minute at which a ramp changes one."""
    changes = NEVER
    for i in range(state.clock[0].n_ready):
        part = state.ready[i]
        state.parts[part].rate = -1
        if state.parts[part].state != BEGUN:
            continue
        record = plan.parts[part]
        slowest = NEVER
        for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
            owner = state.slot_owner[s]
            if not works_on(state, owner, part):
                slowest = -1
                break
            day = ramp_day(plan, state, owner)
            slowest = min(slowest, plan.rates[owner, state.slot_efficiency[s], day])
            if day < plan.people[owner].ramp_days:
                day_minutes = plan.project[0].day_minutes
                changes = (state.clock[0].now // day_minutes + 1) * day_minutes
        state.parts[part].rate = slowest
    return changes


@kernel
def next_event(plan, state):
    """Return the next minute in which something may happen."""
    clock = state.clock[0]
    soonest = set_rates(plan, state)
    for i in range(clock.n_ready):
        part = state.parts[state.ready[i]]
        if part.state == BEGUN and part.rate > 0:
            soonest = min(soonest, clock.now + (part.left + part.rate - 1) // part.rate)
    for p in range(len(plan.people)):
        soonest = min(soonest, state.people[p].next_change)
    if clock.ceremony_end > clock.now:
        soonest = min(soonest, clock.ceremony_end)
    soonest = min(soonest, clock.next_date, clock.opens)
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
            clock.done += done
        now.left -= done
        for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
            state.people[state.slot_owner[s]].worked += minutes
    clock.now = until


@inlined_kernel
def settle_minute(plan, state):
    """Let happen what happens in this minute, in the order of the model; return whether the trial is over."""
    clock = state.clock[0]
    bring_people_back(plan, state)
    open_sprint(plan, state)
    reach_dates(plan, state)
    again = True
    while again:
        complete_parts(plan, state)
        move_gates(plan, state)
        if clock.stopped or (clock.tasks_left == 0 and clock.gates_left == 0):
            return True
        send_people_away(plan, state)
        again = allocate(plan, state)
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
    return STOPPED if state.clock[0].stopped else FINISHED


@inlined_kernel
def write_outcome(plan, state, outcome, out, row):
    """Write one trial into row `row` of the outcomes."""
    out.end[row] = state.clock[0].now
    out.outcome[row] = outcome
    out.cost[row] = total_cost(plan, state)
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
        out.task_dropped[row, t] = task.dropped_by >= 0
        out.task_critical[row, t] = task.critical
    for p in range(len(plan.people)):
        person = state.people[p]
        out.person_worked[row, p] = person.worked
        out.person_ceremony[row, p] = person.ceremony
        out.person_leave[row, p] = person.leave
        out.person_absence[row, p] = person.absence
        out.person_critical[row, p] = state.critical_people[p]
    for g in range(len(plan.gates)):
        gate = state.gates[g]
        out.gate_attempts[row, g] = gate.attempts
        out.gate_first[row, g] = gate.first
        out.gate_finish[row, g] = gate.finish
        out.gate_outcome[row, g] = gate.outcome
        out.gate_critical[row, g] = gate.critical
    for k in range(len(plan.sprints)):
        sprint = state.sprints[k]
        out.sprint_start[row, k] = sprint.start
        out.sprint_goal[row, k] = sprint.goal
        out.sprint_carry_over[row, k] = sprint.carry_over
        out.sprint_velocity[row, k] = sprint.velocity


@entry_kernel
def run_trials(plan_arrays, workspace, seed, first, n, outcomes, row):
    """Run trials `first` to `first + n - 1` and write them to the rows of `outcomes` from `row` on.

    Reads: plan_arrays (`PlanArrays`). Writes: outcomes (`Outcomes`), and workspace (`State`), which belongs to one
    thread.
    Assumes: seed is uint64; the plan is lowered by `simrisk.compile`, nothing is checked here.
    Cost: per trial, the number of events times the people and the parts that are ready.
    Same for: any split of the trials into calls, any thread.
    """
    plan = bundle_plan(plan_arrays)
    state = bundle_state(workspace)
    out = bundle_outcomes(outcomes)
    prepare_state(plan, state, seed)
    for i in range(n):
        reset_trial(plan, state, first + i)
        outcome = run_trial(plan, state)
        close_sprints(plan, state)
        write_outcome(plan, state, outcome, out, row + i)
    return 0
