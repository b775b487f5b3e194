"""Tasks and parts: efforts, readiness, completion and dropping."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import MILLION, N_CAUSES, NEVER, ONE_PERSON, WORK
from simrisk_kernels.quantile import draw_value, round_minutes
from simrisk_kernels.random import draw_word
from simrisk_kernels.state import BEGUN, DONE, DORMANT, READY, forget_done, insert_ready

FIRST = np.int64(0)  # index of a draw that is made once; typed: a plain 0 would be compiled apart


@kernel
def share_of(minutes, share, n_shares):
    """Return share number `share` of `minutes` in millionths; the first shares get what does not divide."""
    total = minutes * MILLION
    return total // n_shares + (1 if share < total % n_shares else 0)


@kernel
def reset_part(plan, state, part, index):
    """Draw the effort of a part (`index` of the draw), give it back to those planned and return its minutes."""
    record, now = plan.parts[part], state.parts[part]
    for p in range(len(plan.people)):
        state.touched[part, p] = 0
    for cause in range(N_CAUSES):
        state.spent[part, cause] = 0
    word = draw_word(state.keys[record.draw], state.clock[0].trial, index)
    minutes = round_minutes(draw_value(plan, record.draw, word) * state.clock[0].common)
    planned = share_of(round_minutes(plan.draws[record.draw].planned), record.share, record.n_shares)
    now.state = DORMANT
    now.left = share_of(minutes, record.share, record.n_shares)
    now.overrun_mark = max(0, now.left - planned)
    now.handover_mark = NEVER
    now.finish = -1
    now.label = WORK
    for s in range(record.n_slots):
        state.slot_owner[record.slot_ptr + s] = -1
        if record.kind != ONE_PERSON or record.n_planned == 1:
            candidate = plan.candidates[record.cand_ptr + s]
            state.slot_owner[record.slot_ptr + s] = candidate.person
            state.slot_efficiency[record.slot_ptr + s] = candidate.efficiency
            state.touched[part, candidate.person] = 1
    return minutes


@kernel
def reset_tasks(plan, state):
    """Draw all efforts and put every task at minute 0; tasks that wait for nothing become ready."""
    project, clock = plan.project[0], state.clock[0]
    clock.n_ready = 0
    clock.tasks_left = project.n_tasks
    clock.next_date = NEVER
    for t in range(len(plan.tasks)):
        record, task = plan.tasks[t], state.tasks[t]
        task.waits = record.n_prev + record.n_gates
        if record.sprint >= 0 and project.pull == 0:
            task.waits += 1
        if record.not_before > 0:
            task.waits += 1
            clock.next_date = min(clock.next_date, record.not_before)
        task.parts_left = record.n_parts
        task.ready = -1
        task.start = -1
        task.finish = -1
        task.dropped_by = -1
        task.effort = 0
        task.handovers = 0
        task.critical = 0
        if record.gate < 0:
            drawn = -1
            for i in range(record.part_ptr, record.part_ptr + record.n_parts):
                part = plan.task_parts[i]
                minutes = reset_part(plan, state, part, FIRST)
                if plan.parts[part].draw != drawn:
                    task.effort += minutes
                drawn = plan.parts[part].draw
    for t in range(project.n_tasks):
        if state.tasks[t].waits == 0:
            make_ready(plan, state, t)


@kernel
def make_ready(plan, state, task):
    """Let the parts of `task` be taken from this minute on."""
    record = plan.tasks[task]
    state.tasks[task].ready = state.clock[0].now
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        state.parts[part].state = READY
        insert_ready(state, part)


@kernel
def count_down(plan, state, task):
    """One of the things `task` waited for has come."""
    now = state.tasks[task]
    now.waits -= 1
    if now.waits == 0 and now.finish < 0:
        make_ready(plan, state, task)


@kernel
def reach_dates(plan, state):
    """Step 1: earliest dates are reached."""
    clock = state.clock[0]
    if clock.next_date != clock.now:
        return
    clock.next_date = NEVER
    for t in range(plan.project[0].n_tasks):
        date = plan.tasks[t].not_before
        if date == clock.now and date > 0:
            count_down(plan, state, t)
        elif date > clock.now:
            clock.next_date = min(clock.next_date, date)


@kernel
def release_owners(plan, state, part):
    """Nobody holds `part` any more."""
    record = plan.parts[part]
    for s in range(record.slot_ptr, record.slot_ptr + record.n_slots):
        owner = state.slot_owner[s]
        if owner >= 0:
            if state.people[owner].held == part:
                state.people[owner].held = -1
            if state.people[owner].urgent == part:
                state.people[owner].urgent = -1


@kernel
def finish_task(plan, state, task):
    """`task` is finished or dropped in this minute."""
    record = plan.tasks[task]
    state.tasks[task].finish = state.clock[0].now
    if record.gate >= 0:
        state.gates[record.gate].rework_left = 0
        return
    state.clock[0].tasks_left -= 1
    for i in range(record.next_ptr, record.next_ptr + record.n_next):
        count_down(plan, state, plan.task_next[i])


@kernel
def complete_parts(plan, state):
    """Step 2: parts whose work is done are completed, and with them tasks."""
    clock = state.clock[0]
    clock.n_finished = 0
    for i in range(clock.n_ready):
        part = state.ready[i]
        now = state.parts[part]
        if now.state == BEGUN and now.left <= 0:
            now.state = DONE
            now.finish = clock.now
            state.finished[clock.n_finished] = part
            clock.n_finished += 1
    if clock.n_finished == 0:
        return
    forget_done(state)
    for i in range(clock.n_finished):
        part = state.finished[i]
        release_owners(plan, state, part)
        task = plan.parts[part].task
        state.tasks[task].parts_left -= 1
        if state.tasks[task].parts_left == 0:
            finish_task(plan, state, task)


@kernel
def drop_task(plan, state, task, gate):
    """`gate` drops `task` in this minute."""
    record, now = plan.tasks[task], state.tasks[task]
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        if state.parts[part].state != DONE:
            state.parts[part].state = DONE
            release_owners(plan, state, part)
    forget_done(state)
    now.dropped_by = gate
    if now.start < 0:
        now.start = state.clock[0].now
    finish_task(plan, state, task)
