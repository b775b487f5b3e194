"""Sprints: when they open, whom their ceremonies hold, and what is counted at their end."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit, shares_bits, trailing_zeros, without_lowest
from simrisk_kernels.days import whole_days
from simrisk_kernels.layout import DUE_SPRINT, MILLION, NEVER, ON_CLOCK
from simrisk_kernels.people import cut_ceremony, is_busier, wake
from simrisk_kernels.progress import count_all_work
from simrisk_kernels.state import DONE, PASSED, PENDING, PRESENT
from simrisk_kernels.tasks import count_down


@kernel
def mark_sprints(plan, state):
    """Write which parts are due by the end of each sprint, and which tasks are its own."""
    n = 0
    for k in range(len(plan.sprints)):
        state.sprint_ptr[k] = n
        for w in range(len(state.unfinished)):
            state.of_sprints[k, w] = NO_BITS
        for t in range(plan.project[0].n_tasks):
            task = plan.tasks[t]
            if task.sprint == k:
                state.sprint_tasks[n] = t
                n += 1
        for part in range(len(plan.parts)):
            sprint = plan.tasks[plan.parts[part].task].sprint
            if 0 <= sprint <= k and plan.parts[part].kind != ON_CLOCK:
                state.of_sprints[k, part >> 6] |= bit(part)
    state.sprint_ptr[len(plan.sprints)] = n


@kernel
def reset_sprints(plan, state):
    """No sprint has opened yet."""
    clock = state.clock[0]
    clock.next_sprint = 0
    clock.ending = 0
    clock.ends = NEVER
    clock.ceremony_end = NEVER
    for k in range(len(plan.sprints)):
        sprint = state.sprints[k]
        sprint.start = -1
        sprint.done_at_start = 0
        sprint.goal = 0
        sprint.carry_over = 0
        sprint.velocity = 0
    plan_opening(plan, state)


@kernel
def plan_opening(plan, state):
    """Work out when the next sprint opens, as far as it is known now."""
    clock = state.clock[0]
    clock.opens = NEVER
    k = clock.next_sprint
    if k == len(plan.sprints):
        return
    record = plan.sprints[k]
    opens = record.planned
    if k > 0:
        opens = max(opens, sprint_end(plan, state, k - 1))
    for i in range(record.gate_ptr, record.gate_ptr + record.n_gates):
        gate = state.gates[plan.sprint_gates[i]]
        if gate.state != PASSED:
            return
        opens = max(opens, whole_days(gate.finish, plan.project[0].day_minutes))
    clock.opens = opens


@kernel
def sprint_end(plan, state, sprint):
    """Return the minute at which a sprint that has opened ends; NEVER if it has not opened."""
    start = state.sprints[sprint].start
    return start + plan.sprints[sprint].length if start >= 0 else NEVER


@kernel
def open_sprint(plan, state):
    """Open the next sprint if it is time; its tasks become ready, its ceremony begins."""
    clock = state.clock[0]
    if clock.opens != clock.now:
        return
    k = clock.next_sprint
    count_all_work(plan, state)
    state.sprints[k].start = clock.now
    state.sprints[k].done_at_start = clock.done
    clock.next_sprint += 1
    clock.ends = sprint_end(plan, state, clock.ending)
    plan_opening(plan, state)
    plan_reviews(plan, state, k)
    if plan.project[0].pull == 0:
        for i in range(state.sprint_ptr[k], state.sprint_ptr[k + 1]):
            count_down(state, state.sprint_tasks[i])
    if plan.project[0].ceremony > 0 and clock.now >= plan.project[0].status:
        hold_ceremony(plan, state)


@kernel
def plan_reviews(plan, state, sprint):
    """It is known now when `sprint` ends, and with it when the gates that are due then may be reviewed."""
    clock = state.clock[0]
    for g in range(len(plan.gates)):
        record, gate = plan.gates[g], state.gates[g]
        if record.due_kind == DUE_SPRINT and record.due == sprint and gate.state == PENDING:
            gate.begins = max(sprint_end(plan, state, sprint), plan.project[0].status)
            clock.next_gate = min(clock.next_gate, max(gate.begins, clock.now))


@kernel
def hold_ceremony(plan, state):
    """Hold everybody present who is named in, or owns, a part of an unfinished task, unless they do rework."""
    end = state.clock[0].now + plan.project[0].ceremony
    state.clock[0].ceremony_end = min(state.clock[0].ceremony_end, end)
    for p in range(len(plan.people)):
        if shares_bits(state.named[p], state.unfinished):
            hold_person(plan, state, p, end)
    for w in range(len(state.unfinished)):
        rest = state.unfinished[w] & state.handed[w]
        while rest != NO_BITS:
            hold_stand_ins(plan, state, (w << 6) + trailing_zeros(rest), end)
            rest = without_lowest(rest)


@kernel
def hold_stand_ins(plan, state, part, end):
    """Hold those who own `part` without being named in it."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        if state.slot_owner[s] >= 0:
            hold_person(plan, state, state.slot_owner[s], end)


@kernel
def hold_person(plan, state, person, end):
    """Hold one person until `end`, if present and not doing rework."""
    who = state.people[person]
    if who.ceremony_until == end:
        return
    wake(plan, state, person)
    if who.status == PRESENT and who.urgent < 0:
        cut_ceremony(who, state.clock[0].now)
        who.ceremony += end - state.clock[0].now
        who.ceremony_until = end
        is_busier(state, person)


@kernel
def end_sprints(plan, state):
    """Count what is counted at the end of a sprint, when the minute is settled."""
    clock = state.clock[0]
    while clock.ends == clock.now:
        count_all_work(plan, state)
        count_sprint(plan, state, clock.ending)
        clock.ending += 1
        clock.ends = sprint_end(plan, state, clock.ending) if clock.ending < len(plan.sprints) else NEVER


@kernel
def count_sprint(plan, state, sprint):
    """Write the goal, carry-over and velocity of one sprint as of now."""
    now = state.sprints[sprint]
    left = 0
    for w in range(len(state.unfinished)):
        rest = state.unfinished[w] & state.of_sprints[sprint, w]
        while rest != NO_BITS:
            part = state.parts[(w << 6) + trailing_zeros(rest)]
            rest = without_lowest(rest)
            if part.state != DONE:
                left += part.left
    now.goal = 1
    for i in range(state.sprint_ptr[sprint], state.sprint_ptr[sprint + 1]):
        task = state.sprint_tasks[i]
        finish = state.tasks[task].finish
        if plan.tasks[task].optional == 0 and (finish < 0 or finish > state.clock[0].now):
            now.goal = 0
            break
    now.carry_over = (left + MILLION // 2) // MILLION
    now.velocity = 0
    if now.start >= 0:
        now.velocity = (state.clock[0].done - now.done_at_start + MILLION // 2) // MILLION


@kernel
def close_sprints(plan, state):
    """Count the sprints that have not ended when the trial is over."""
    clock = state.clock[0]
    while clock.ending < len(plan.sprints):
        count_sprint(plan, state, clock.ending)
        clock.ending += 1
