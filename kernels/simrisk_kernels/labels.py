"""Labels: why a part waits, how its work counts, and the label of the last minute before something ended."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.days import quotient
from simrisk_kernels.layout import (
    ABSENCE,
    BUSY,
    BY_POOL,
    CALENDAR,
    GATE,
    HANDOVER,
    HIRING,
    LEAVE,
    MILLION,
    ONE_PERSON,
    OVERRUN,
    RISK,
    START_FINISH,
    START_START,
    WORK,
)
from simrisk_kernels.state import ABSENT, BEGUN, DEPARTED, NOT_EMPLOYED, ON_LEAVE, TAKEN


@kernel
def label_person(state, person, part):
    """Return why `part` waits for `person`; -1 when it does not."""
    who = state.people[person]
    if who.status in (NOT_EMPLOYED, DEPARTED):
        return HIRING
    if who.status == ON_LEAVE:
        return LEAVE
    if who.status == ABSENT:
        return ABSENCE
    if who.status == TAKEN:
        return RISK
    if who.ceremony_until > state.clock[0].now:
        return CALENDAR
    if who.urgent >= 0:
        return GATE
    if who.held >= 0 and who.held != part:
        return BUSY
    return -1


@kernel
def label_waiting(plan, state, part):
    """Return the label of a ready part that nobody works on this minute."""
    record = plan.parts[part]
    if record.kind == BY_POOL:
        return HIRING if state.pools[record.pool].total == 0 else BUSY
    label = -1
    if record.kind == ONE_PERSON and state.parts[part].state != BEGUN:
        for c in range(record.cand_ptr, record.cand_ptr + record.n_planned):
            label = max(label, label_person(state, plan.candidates[c].person, part))
    else:
        for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
            label = max(label, label_person(state, state.slot_owner[s], part))
    return label if label >= 0 else BUSY


@kernel
def minutes_above(left, mark, rate, minutes):
    """Return how many of the next `minutes` begin with more than `mark` left, at `rate`."""
    if left <= mark:
        return 0
    if left - (minutes - 1) * rate > mark:
        return minutes
    return quotient(left - mark + rate - 1, rate)


@kernel
def label_work(state, part, rate, minutes):
    """Add `minutes` of work, not yet taken off `left`, to the labels of `part`."""
    now = state.parts[part]
    handover = minutes_above(now.left, now.handover_mark, rate, minutes)
    beginning = now.left - handover * rate
    work = minutes_above(beginning, now.overrun_mark, rate, minutes - handover)
    state.spent[part, HANDOVER] += handover
    state.spent[part, WORK] += work
    state.spent[part, OVERRUN] += minutes - handover - work
    if minutes > handover + work:
        now.label = OVERRUN
    elif work > 0:
        now.label = WORK
    else:
        now.label = HANDOVER


@kernel
def last_part(plan, state, task):
    """Return the part of a task whose parts are all done that was done last; -1: it has none."""
    record = plan.tasks[task]
    best = -1
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        now = state.parts[part]
        later = best < 0 or now.finish > state.parts[best].finish
        if later or (now.finish == state.parts[best].finish and now.label > state.parts[best].label):
            best = part
    return best


@kernel
def planned_share(plan, state, task, minutes):
    """Return how many of the first `minutes` of a task on the clock are planned ones."""
    part = plan.task_parts[plan.tasks[task].part_ptr]
    planned = state.tasks[task].effort * MILLION - state.parts[part].overrun_mark
    return min(minutes, planned // MILLION)


@kernel
def stands_at_end(plan, state, link):
    """Return whether what satisfied `link` was the end of its predecessor, and not its start or a minute between."""
    record = plan.links[link]
    if record.kind in (START_START, START_FINISH):
        return state.tasks[record.before].begun == 0
    return state.links[link].lag >= 0 or state.links[link].by_end == 1


@kernel
def link_label(plan, state, link):
    """Return the label of the last minute before what has satisfied `link`."""
    record, now = plan.links[link], state.links[link]
    before = state.tasks[record.before]
    if now.lag > 0 or plan.tasks[record.before].finished >= 0:
        return CALENDAR
    if stands_at_end(plan, state, link):
        return before.end_label
    minutes = now.release - before.start
    if minutes == 0:
        return before.start_label
    return WORK if planned_share(plan, state, record.before, minutes) == minutes else OVERRUN


@kernel
def end_of_task(plan, state, task):
    """Return (label, link) of what came last before the end of a task that is not dropped; link -1: its own parts."""
    now, record = state.tasks[task], plan.tasks[task]
    label, end_link = -1, -1
    part = last_part(plan, state, task)
    if part < 0 and now.start == now.finish:
        return RISK if now.released > now.ready else WORK, end_link
    if part >= 0 and state.parts[part].finish == now.finish:
        return state.parts[part].label, end_link
    for link in range(record.link_ptr, record.link_ptr + record.n_links):
        holds_end = plan.links[link].kind > START_START
        if holds_end and state.links[link].release == now.finish and link_label(plan, state, link) > label:
            label, end_link = link_label(plan, state, link), link
    return label, end_link
