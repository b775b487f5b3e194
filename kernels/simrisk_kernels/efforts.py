"""Efforts: what is drawn for the parts of tasks and of rework, and how it is shared."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS, bit
from simrisk_kernels.days import quotient
from simrisk_kernels.layout import MILLION, N_CAUSES, NEVER, ON_CLOCK, ONE_PERSON, WORK
from simrisk_kernels.quantile import drawn_value, round_minutes
from simrisk_kernels.random import FIRST
from simrisk_kernels.state import DORMANT


@kernel
def share_of(minutes, share, n_shares):
    """Return share number `share` of `minutes` in millionths; the first shares get what does not divide."""
    total = minutes * MILLION
    if n_shares == 1:
        return total
    whole = quotient(total, n_shares)
    return whole + (1 if share < total - whole * n_shares else 0)


@kernel
def find_planned(plan, state):
    """Write what is planned for each part into `planned`."""
    for part in range(len(plan.parts)):
        record = plan.parts[part]
        minutes = max(0, round_minutes(plan.draws[record.draw].planned) - record.done)
        state.planned[part] = share_of(minutes, record.share, record.n_shares)


@kernel
def draw_effort(plan, state, part, index):
    """Return the drawn minutes of a part's effort or duration, all factors in it and what was done before taken off."""
    record = plan.parts[part]
    value = drawn_value(plan, state, record.draw, index)
    if record.kind != ON_CLOCK:
        value *= state.clock[0].common
    task = plan.tasks[record.task]
    for i in range(task.risk_ptr, task.risk_ptr + task.n_risks):
        risk = plan.task_risks[i]
        if state.risks[risk].happens and plan.risks[risk].factor >= 0:
            value *= drawn_value(plan, state, plan.risks[risk].factor, FIRST)
    return max(0, round_minutes(value) - record.done)


@kernel
def reset_part(plan, state, part, index):
    """Draw the effort of a part (`index` of the draw), give it back to those planned and return its minutes."""
    record, now = plan.parts[part], state.parts[part]
    for w in range(state.touched.shape[1]):
        state.touched[part, w] = NO_BITS
    for cause in range(N_CAUSES):
        state.spent[part, cause] = 0
    minutes = draw_effort(plan, state, part, index)
    now.state = DORMANT
    now.left = share_of(minutes, record.share, record.n_shares)
    now.overrun_mark = max(0, now.left - state.planned[part])
    now.handover_mark = NEVER
    now.finish = -1
    now.label = WORK
    now.rate = -1
    now.heads = 0
    now.call = NEVER
    now.n_calls = 0
    now.contract = -1
    now.contracted = 0
    for s in range(record.n_slots):
        state.slot_owner[record.slot_ptr + s] = -1
        state.slot_works[record.slot_ptr + s] = 0
        if record.kind != ONE_PERSON or record.n_planned == 1:
            c = record.cand_ptr + s
            person = plan.candidates[c].person
            state.slot_owner[record.slot_ptr + s] = person
            state.slot_efficiency[record.slot_ptr + s] = state.ability[c]
            state.touched[part, person >> 6] |= bit(person)
    return minutes
