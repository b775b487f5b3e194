"""Cover: whose work is offered to others, who takes it, and the allocation pass that asks them."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER, ONE_PERSON
from simrisk_kernels.people import is_free
from simrisk_kernels.state import BEGUN, NOT_EMPLOYED, PRESENT

NOBODY_PICKED = np.int64(0)  # typed: a plain 0 would be compiled apart


@kernel
def find_policy(plan, task, person):
    """Return the index of the policy that counts for `task` when `person` is away."""
    policy = plan.tasks[task].cover
    return policy if policy >= 0 else plan.people[person].cover


@kernel
def is_overdue(plan, state, person, policy):
    """Return whether the work of `person` is offered to others now."""
    who = state.people[person]
    if who.status == PRESENT:
        return False
    now = state.clock[0].now
    if who.status == NOT_EMPLOYED:
        return now >= plan.people[person].end
    if plan.covers[policy].after == NEVER:
        return False
    return max(now, who.known_until) - who.away_since >= plan.covers[policy].after


@kernel
def hold(plan, state, part, person, urgent):
    """Let the person hold `part` from now on."""
    if urgent:
        state.people[person].urgent = part
    else:
        state.people[person].held = part
    state.touched[part, person] = 1


@kernel
def begin_part(plan, state, part):
    """`part` begins in this minute."""
    state.parts[part].state = BEGUN
    task = state.tasks[plan.parts[part].task]
    if task.start < 0:
        task.start = state.clock[0].now


@kernel
def pay_handover(plan, state, part, policy):
    """`part` has changed hands: add the cost to what is left."""
    now = state.parts[part]
    if now.left <= now.handover_mark:
        now.handover_mark = now.left
    now.left += plan.covers[policy].cost
    state.tasks[plan.parts[part].task].handovers += 1


@kernel
def holds_slot(plan, state, part, person):
    """Return whether the person owns a slot of `part`."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        if state.slot_owner[s] == person:
            return True
    return False


@kernel
def find_stand_in(plan, state, part, urgent, n_picked):
    """Return the first candidate who is free, able, and neither in `part` nor among those picked; -1: nobody."""
    record = plan.parts[part]
    for c in range(record.n_cand):
        candidate = plan.candidates[record.cand_ptr + c]
        person = candidate.person
        if candidate.efficiency < 0 or not is_free(state, person, urgent) or holds_slot(plan, state, part, person):
            continue
        picked = False
        for s in range(n_picked):
            picked = picked or state.pick_person[record.slot_ptr + s] == person
        if not picked:
            return c
    return -1


@kernel
def hand_over(plan, state, part, urgent):
    """Offer the slots of `part`, which has begun, whose owners are overdue."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        policy = find_policy(plan, record.task, owner)
        if not is_overdue(plan, state, owner, policy):
            continue
        c = find_stand_in(plan, state, part, urgent, NOBODY_PICKED)
        if c < 0:
            continue
        if urgent:
            state.people[owner].urgent = -1
        else:
            state.people[owner].held = -1
        candidate = plan.candidates[record.cand_ptr + c]
        state.slot_owner[s] = candidate.person
        state.slot_efficiency[s] = candidate.efficiency
        hold(plan, state, part, candidate.person, urgent)
        pay_handover(plan, state, part, policy)


@kernel
def take_one(plan, state, part, urgent):
    """Give `part`, which nobody holds, to the first free of its people, or, all of them overdue, to a stand-in."""
    record = plan.parts[part]
    policy = find_policy(plan, record.task, plan.candidates[record.cand_ptr].person)
    n_overdue = n_hopeless = 0
    taker = -1
    for c in range(record.n_planned):
        candidate = plan.candidates[record.cand_ptr + c]
        if candidate.efficiency >= 0 and is_free(state, candidate.person, urgent):
            taker = c
            break
        if is_overdue(plan, state, candidate.person, policy):
            n_overdue += 1
        elif candidate.efficiency < 0:
            n_hopeless += 1
    handed = False
    if taker < 0 and n_overdue > 0 and n_overdue + n_hopeless == record.n_planned:
        taker = find_stand_in(plan, state, part, urgent, NOBODY_PICKED)
        handed = taker >= 0
    if taker < 0:
        return
    candidate = plan.candidates[record.cand_ptr + taker]
    state.slot_owner[record.slot_ptr] = candidate.person
    state.slot_efficiency[record.slot_ptr] = candidate.efficiency
    hold(plan, state, part, candidate.person, urgent)
    begin_part(plan, state, part)
    if handed:
        pay_handover(plan, state, part, policy)


@kernel
def take_together(plan, state, part, urgent):
    """Begin `part` when each of its slots has its owner free, or a free stand-in where the owner is overdue."""
    record = plan.parts[part]
    for s in range(record.n_slots):
        slot = record.slot_ptr + s
        owner, efficiency = state.slot_owner[slot], state.slot_efficiency[slot]
        if efficiency < 0 or not is_free(state, owner, urgent):
            if not is_overdue(plan, state, owner, find_policy(plan, record.task, owner)):
                return
            c = find_stand_in(plan, state, part, urgent, s)
            if c < 0:
                return
            candidate = plan.candidates[record.cand_ptr + c]
            owner, efficiency = candidate.person, candidate.efficiency
        state.pick_person[slot] = owner
        state.pick_efficiency[slot] = efficiency
    begin_part(plan, state, part)
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        if owner != state.pick_person[s]:
            pay_handover(plan, state, part, find_policy(plan, record.task, owner))
        state.slot_owner[s] = state.pick_person[s]
        state.slot_efficiency[s] = state.pick_efficiency[s]
        hold(plan, state, part, state.slot_owner[s], urgent)


@kernel
def allocate(plan, state):
    """Step 6: one pass over all ready parts in order.

    Returns whether a part with nothing to do was begun, so that the minute goes round once more.
    """
    clock = state.clock[0]
    again = False
    for i in range(clock.n_ready):
        part = state.ready[i]
        record = plan.parts[part]
        urgent = plan.tasks[record.task].gate >= 0
        if state.parts[part].state == BEGUN:
            if clock.n_away > 0:
                hand_over(plan, state, part, urgent)
        else:
            if record.kind == ONE_PERSON:
                take_one(plan, state, part, urgent)
            else:
                take_together(plan, state, part, urgent)
            again = again or (state.parts[part].state == BEGUN and state.parts[part].left <= 0)
    return again


@kernel
def next_threshold(plan, state):
    """Return the next minute at which somebody's absence passes a threshold."""
    soonest = NEVER
    now = state.clock[0].now
    for p in range(len(plan.people)):
        since = state.people[p].away_since
        if since != NEVER and state.people[p].status != NOT_EMPLOYED:
            for c in range(len(plan.covers)):
                threshold = since + plan.covers[c].after
                if now < threshold < soonest:
                    soonest = threshold
    return soonest
