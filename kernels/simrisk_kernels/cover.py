"""Cover: whose work is offered to others, who takes it, and the allocation pass that asks them."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit, trailing_zeros, without_lowest
from simrisk_kernels.equipment import has_equipment
from simrisk_kernels.layout import BY_POOL, NEVER, ON_CLOCK, ONE_PERSON, TOGETHER
from simrisk_kernels.people import is_busier, is_free, wake
from simrisk_kernels.pools import share_heads_anew, take_heads
from simrisk_kernels.progress import count_work, set_begun
from simrisk_kernels.quantile import draw_value, round_minutes
from simrisk_kernels.random import draw_word
from simrisk_kernels.state import BEGUN, BY_POLICY, CONTRACTOR, DEPARTED, NOT_EMPLOYED, PRESENT
from simrisk_kernels.tasks import drop_task, follow_starts, start_task

NOBODY_PICKED = np.int64(0)  # typed: a plain 0 would be compiled apart
ORDINARY = np.bool_(False)  # work, not urgent


@kernel
def find_policy(plan, task, person):
    """Return the index of the policy that counts for `task` when `person` is away."""
    policy = plan.tasks[task].cover
    return policy if policy >= 0 else plan.people[person].cover


@kernel
def is_overdue(plan, state, person, after):
    """Return whether `person` is away by `after` minutes, or known to be; somebody gone for good always is."""
    who = state.people[person]
    if who.status == PRESENT:
        return False
    now = state.clock[0].now
    if who.status == NOT_EMPLOYED:
        return now >= plan.people[person].end
    if who.status == DEPARTED and plan.people[person].replace < 0:
        return True
    if after == NEVER:
        return False
    return max(now, who.known_until) - who.away_since >= after


@kernel
def all_overdue(plan, state, part, after):
    """Return whether nobody planned for `part` will begin it: all are overdue by `after` or unable, one is overdue."""
    record = plan.parts[part]
    any_overdue = False
    for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
        if is_overdue(plan, state, plan.candidates[c].person, after):
            any_overdue = True
        elif state.ability[c] >= 0:
            return False
    return any_overdue


@kernel
def is_lost(plan, state, part, after):
    """Return whether the owner of `part`, which is of one person, is overdue by `after`."""
    if state.parts[part].state != BEGUN:
        return all_overdue(plan, state, part, after)
    owner = state.slot_owner[plan.parts[part].slot_ptr]
    return owner >= 0 and is_overdue(plan, state, owner, after)


@kernel
def policy_of(plan, state, part):
    """Return the index of the policy that counts for `part`, which is of one person, or of one of several."""
    record = plan.parts[part]
    owner = state.slot_owner[record.slot_ptr]
    if state.parts[part].state != BEGUN:
        owner = plan.candidates[record.cand_ptr].person
    return find_policy(plan, record.task, owner)


@kernel
def hold(plan, state, part, person, urgent):
    """Let the person hold `part` from now on."""
    if urgent:
        state.people[person].urgent = part
    else:
        state.people[person].held = part
    state.touched[part, person >> 6] |= bit(person)
    is_busier(state, person)


@kernel
def begin_part(plan, state, part):
    """`part` begins in this minute."""
    set_begun(plan, state, part)
    task = plan.parts[part].task
    if plan.tasks[task].gate < 0 and state.tasks[task].start < 0:
        start_task(plan, state, task, part)


@kernel
def pay_handover(plan, state, part, policy):
    """`part` has changed hands: add the cost to what is left."""
    now = state.parts[part]
    count_work(plan, state, part)
    if now.left <= now.handover_mark:
        now.handover_mark = now.left
    now.left += plan.covers[policy].cost
    record = plan.tasks[plan.parts[part].task]
    state.tasks[plan.parts[part].task].handovers += 1
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        state.handed[plan.task_parts[i] >> 6] |= bit(plan.task_parts[i])


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
        person = plan.candidates[record.cand_ptr + c].person
        wake(plan, state, person)
        if not is_free(state, person, urgent) or holds_slot(plan, state, part, person):
            continue
        if state.ability[record.cand_ptr + c] < 0:
            continue
        picked = False
        for s in range(n_picked):
            picked = picked or state.pick_person[record.slot_ptr + s] == person
        if not picked:
            return c
    state.offered[part >> 6] |= bit(part)
    return -1


@kernel
def hand_over(plan, state, part, urgent):
    """Offer the slots of `part`, which has begun, whose owners are overdue."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        if owner == CONTRACTOR or state.people[owner].status == PRESENT:
            continue
        policy = find_policy(plan, record.task, owner)
        if not is_overdue(plan, state, owner, plan.covers[policy].after):
            continue
        c = find_stand_in(plan, state, part, urgent, NOBODY_PICKED)
        if c < 0:
            continue
        count_work(plan, state, part)
        if urgent:
            state.people[owner].urgent = -1
        else:
            state.people[owner].held = -1
        is_busier(state, owner)
        person = plan.candidates[record.cand_ptr + c].person
        state.slot_owner[s] = person
        state.slot_efficiency[s] = state.ability[record.cand_ptr + c]
        hold(plan, state, part, person, urgent)
        pay_handover(plan, state, part, policy)


@kernel
def take_one(plan, state, part, urgent):
    """Give `part`, which nobody holds, to the first free of its people, or, all of them overdue, to a stand-in."""
    record = plan.parts[part]
    policy = find_policy(plan, record.task, plan.candidates[record.cand_ptr].person)
    taker = -1
    for c in range(record.n_planned):
        person = plan.candidates[record.cand_ptr + c].person
        if is_free(state, person, urgent) and state.ability[record.cand_ptr + c] >= 0:
            taker = c
            break
    handed = False
    if taker < 0 and all_overdue(plan, state, part, plan.covers[policy].after):
        taker = find_stand_in(plan, state, part, urgent, NOBODY_PICKED)
        handed = taker >= 0
    if taker < 0:
        return
    person = plan.candidates[record.cand_ptr + taker].person
    state.slot_owner[record.slot_ptr] = person
    state.slot_efficiency[record.slot_ptr] = state.ability[record.cand_ptr + taker]
    begin_part(plan, state, part)
    hold(plan, state, part, person, urgent)
    if handed:
        pay_handover(plan, state, part, policy)


@kernel
def take_together(plan, state, part, urgent):
    """Begin `part` when each of its slots has its owner free, or a free stand-in where the owner is overdue."""
    record = plan.parts[part]
    for s in range(record.n_slots):
        slot = record.slot_ptr + s
        owner, c = state.slot_owner[slot], record.cand_ptr + s
        efficiency = state.ability[c]
        if efficiency < 0 or not is_free(state, owner, urgent):
            policy = find_policy(plan, record.task, owner)
            if not is_overdue(plan, state, owner, plan.covers[policy].after):
                return
            c = find_stand_in(plan, state, part, urgent, s)
            if c < 0:
                return
            owner = plan.candidates[record.cand_ptr + c].person
            efficiency = state.ability[record.cand_ptr + c]
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
def take_on_clock(plan, state, part):
    """Begin `part`, which runs on the clock, when everybody it needs is free at once."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        if not is_free(state, state.slot_owner[s], ORDINARY):
            return
    begin_part(plan, state, part)
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        hold(plan, state, part, state.slot_owner[s], ORDINARY)


@kernel
def call_contractor(plan, state, part):
    """Call a contractor for `part`, which nobody took, cancel the call, or let the contractor take it."""
    clock, now, record = state.clock[0], state.parts[part], plan.parts[part]
    policy = policy_of(plan, state, part)
    after = plan.covers[policy].contractor_after
    if after == NEVER or plan.contractor_rates[part, policy] < 0 or not is_lost(plan, state, part, after):
        now.call = NEVER
        return
    if now.call == NEVER:
        word = draw_word(state.contractor_keys[part], clock.trial, now.n_calls, plan.project[0].strata)
        now.call = clock.now + round_minutes(draw_value(plan, plan.covers[policy].lead, word))
        now.n_calls += 1
    if now.call > clock.now or not has_equipment(plan, state, record.task):
        return
    count_work(plan, state, part)
    owner = state.slot_owner[record.slot_ptr]
    if owner >= 0 and state.people[owner].held == part:
        state.people[owner].held = -1
        is_busier(state, owner)
    if now.state != BEGUN:
        begin_part(plan, state, part)
    state.slot_owner[record.slot_ptr] = CONTRACTOR
    now.contract = policy
    now.call = NEVER
    state.stale[part >> 6] |= bit(part)
    pay_handover(plan, state, part, policy)
    state.tasks[record.task].contractor = 1


@kernel
def put_heads_on(plan, state, part):
    """Let the heads that `part` gets of its pool go on with it, or begin it."""
    now = state.parts[part]
    heads = take_heads(plan, state, part)
    if heads != now.heads:
        count_work(plan, state, part)
        now.heads = heads
        state.stale[part >> 6] |= bit(part)
    if heads > 0 and now.state != BEGUN:
        begin_part(plan, state, part)


@kernel
def find_hands(plan, state, part):
    """Offer `part`, which is ready or begun, to whoever may take it now."""
    record, now = plan.parts[part], state.parts[part]
    urgent = plan.tasks[record.task].gate >= 0
    state.offered[part >> 6] &= ~bit(part)
    if record.kind == BY_POOL:
        if has_equipment(plan, state, record.task):
            put_heads_on(plan, state, part)
        return
    if now.state == BEGUN:
        if record.kind != ON_CLOCK:
            hand_over(plan, state, part, urgent)
    elif has_equipment(plan, state, record.task):
        if record.kind == ONE_PERSON:
            take_one(plan, state, part, urgent)
        elif record.kind == TOGETHER:
            take_together(plan, state, part, urgent)
        else:
            take_on_clock(plan, state, part)
    if state.clock[0].contractors and record.kind == ONE_PERSON and not urgent and now.contract < 0:
        call_contractor(plan, state, part)


@kernel
def without_waiting(plan, state, part, w, rest):
    """Return `rest`, hot parts of word `w`, without those that wait for nobody but the owners of `part`, taken now."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        if owner >= 0:
            waiting = state.alone[owner, w] & ~state.begun[w] & rest
            state.offered[w] &= ~waiting
            rest ^= waiting
    return rest


@kernel
def allocate(plan, state):
    """Step 6: offer the hot parts in allocation order, then what the starts of this pass bring about.

    For a part that is not hot nothing has changed since it was offered last, and in a pass people only get less free.
    Returns whether a part with nothing to do was begun or a link satisfied, so that the minute goes round once more.
    """
    again = False
    if len(state.pools) > 0:
        share_heads_anew(state)
    for w in range(len(state.hot)):
        rest = state.hot[w]
        state.hot[w] = NO_BITS
        while rest != NO_BITS:
            part = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            begun = state.parts[part].state == BEGUN
            find_hands(plan, state, part)
            if not begun and state.parts[part].state == BEGUN:
                again = again or state.parts[part].left <= 0
                if state.clock[0].contractors == 0:
                    rest = without_waiting(plan, state, part, w, rest)
    if state.clock[0].n_started == 0:
        return again
    return follow_starts(plan, state) or again


@kernel
def may_drop(plan, state, policy):
    """Return whether there is a task that `policy` would drop."""
    cover = plan.covers[policy]
    for i in range(cover.drop_ptr, cover.drop_ptr + max(0, cover.n_drops)):
        if state.tasks[plan.cover_drops[i]].finish < 0:
            return True
    if cover.n_drops < 0:
        for t in range(plan.project[0].n_tasks):
            if plan.tasks[t].optional and state.tasks[t].start < 0:
                return True
    return False


@kernel
def find_drop(plan, state):
    """Return the first part whose owner has been away for so long that there is something to drop; -1: none."""
    for w in range(len(state.ready)):
        rest = state.ready[w]
        while rest != NO_BITS:
            part = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            record = plan.parts[part]
            if record.kind != ONE_PERSON or plan.tasks[record.task].gate >= 0 or state.parts[part].contract >= 0:
                continue
            policy = policy_of(plan, state, part)
            after = plan.covers[policy].descope_after
            if after < NEVER and is_lost(plan, state, part, after) and may_drop(plan, state, policy):
                return part
    return -1


@kernel
def drop_for_absence(plan, state):
    """Step 5, for one part: the first whose owner has been away for long enough drops tasks; return whether one did."""
    part = find_drop(plan, state)
    if part < 0:
        return False
    cover = plan.covers[policy_of(plan, state, part)]
    for i in range(cover.drop_ptr, cover.drop_ptr + max(0, cover.n_drops)):
        if state.tasks[plan.cover_drops[i]].finish < 0:
            drop_task(plan, state, plan.cover_drops[i], BY_POLICY, part)
    if cover.n_drops < 0:
        for t in range(plan.project[0].n_tasks):
            if plan.tasks[t].optional and state.tasks[t].start < 0:
                drop_task(plan, state, t, BY_POLICY, part)
    return True


@kernel
def meet_contractors(state):
    """Contractors who arrive in this minute are offered their parts."""
    for w in range(len(state.ready)):
        rest = state.ready[w]
        while rest != NO_BITS:
            part = (w << 6) + trailing_zeros(rest)
            rest = without_lowest(rest)
            if state.parts[part].call == state.clock[0].now:
                state.hot[w] |= bit(part)


@kernel
def next_arrival(state):
    """Return the next minute in which a contractor who has been called arrives."""
    clock = state.clock[0]
    soonest = NEVER
    for w in range(len(state.ready)):
        rest = state.ready[w]
        while rest != NO_BITS:
            call = state.parts[(w << 6) + trailing_zeros(rest)].call
            rest = without_lowest(rest)
            if call > clock.now:
                soonest = min(soonest, call)
    return soonest
