"""Tasks: what makes them ready, what their starts and ends bring about, completion and dropping."""

from __future__ import annotations

import math

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import bit
from simrisk_kernels.dates import add_date, take_date
from simrisk_kernels.efforts import reset_part
from simrisk_kernels.equipment import give_back, take_equipment
from simrisk_kernels.labels import end_of_task
from simrisk_kernels.layout import (
    FINISH_FINISH,
    FINISH_START,
    GATE,
    N_CAUSES,
    NEVER,
    ON_CLOCK,
    RISK,
    START_START,
    WORK,
)
from simrisk_kernels.people import find_abilities, is_another, is_freer
from simrisk_kernels.progress import count_work, find_spent_up, set_done, set_ready
from simrisk_kernels.quantile import drawn_value
from simrisk_kernels.random import FIRST
from simrisk_kernels.risks import delay_by_risks, strike
from simrisk_kernels.state import BY_GATE, DONE


@kernel
def count_conditions(plan, state):
    """Write how many things each task has to wait for, before its start and before its end."""
    for t in range(len(plan.tasks)):
        record = plan.tasks[t]
        before_start, before_end = record.n_gates, 0
        for link in range(record.link_ptr, record.link_ptr + record.n_links):
            if plan.links[link].kind <= START_START:
                before_start += 1
            else:
                before_end += 1
        if record.sprint >= 0 and plan.project[0].pull == 0:
            before_start += 1
        if record.not_before > 0:
            before_start += 1
        state.conditions[t] = before_start
        state.end_conditions[t] = before_end


@kernel
def reset_tasks(plan, state):
    """Draw all efforts and lags and put every task at minute 0; tasks that wait for nothing become ready."""
    project, clock = plan.project[0], state.clock[0]
    clock.n_queued = 0
    clock.n_moved = 0
    clock.n_started = 0
    clock.tasks_left = 0
    clock.next_date = NEVER
    clock.n_dates = 0
    for t in range(len(plan.tasks)):
        reset_task(plan, state, t)
    for link in range(len(plan.links)):
        state.links[link].release = NEVER
        state.links[link].satisfied = 0
        state.links[link].lag = draw_lag(plan, state, link)
    for t in range(project.n_tasks):
        if plan.tasks[t].finished >= 0:
            count_as_finished(plan, state, t)
    for t in range(project.n_tasks):
        if state.tasks[t].waits == 0:
            note_move(state, t)


@kernel
def draw_lag(plan, state, link):
    """Return the lag of `link` in whole minutes; only a finish that is known ahead can have a negative one."""
    record = plan.links[link]
    if record.lag < 0:
        return 0
    value = drawn_value(plan, state, record.lag, FIRST)
    lag = int(math.floor(value + 0.5))  # noqa: RUF046  (a float in compiled code)
    before = plan.tasks[record.before]
    from_finish = record.kind in (FINISH_START, FINISH_FINISH)
    if from_finish and before.n_parts > 0 and plan.parts[plan.task_parts[before.part_ptr]].kind == ON_CLOCK:
        return lag
    return max(0, lag)


@kernel
def reset_task(plan, state, task):
    """Draw the efforts of a task and let it wait for everything it has to wait for."""
    record, now = plan.tasks[task], state.tasks[task]
    now.waits = state.conditions[task]
    now.end_waits = state.end_conditions[task]
    if record.not_before > 0:
        expect_date(state, record.not_before, 2 * task)
    now.parts_left = record.n_parts
    now.ready = -1
    now.released = NEVER
    now.start = -1
    now.begun = 0
    now.first_part = -1
    now.start_label = WORK
    now.finish = -1
    now.end_link = -1
    now.end_label = WORK
    now.dropped = 0
    now.dropped_by = -1
    now.effort = 0
    now.handovers = 0
    now.contractor = 0
    now.critical = 0
    now.awaited = 0
    if record.gate >= 0:
        return
    state.clock[0].tasks_left += 1
    drawn = -1
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        minutes = reset_part(plan, state, part, FIRST)
        if plan.parts[part].draw != drawn:
            now.effort += minutes
        drawn = plan.parts[part].draw


@kernel
def expect_date(state, minute, thing):
    """Something comes in `minute`, which is later than now."""
    add_date(state, minute, thing)
    state.clock[0].next_dated = min(state.clock[0].next_dated, minute)


@kernel
def count_as_finished(plan, state, task):
    """`task` was finished before the trial: its links go on from then, its parts have nothing left to do."""
    record, now = plan.tasks[task], state.tasks[task]
    state.clock[0].tasks_left -= 1
    now.start = record.finished
    now.finish = record.finished
    now.effort = 0
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        state.parts[plan.task_parts[i]].state = DONE
        state.parts[plan.task_parts[i]].left = 0
    close_task(plan, state, task)
    raise_levels(plan, state, task)
    for i in range(record.out_ptr, record.out_ptr + record.n_out):
        link = plan.task_out[i]
        expect_link(plan, state, link, record.finished + max(0, state.links[link].lag))


@kernel
def close_task(plan, state, task):
    """`task` is finished or dropped: ceremonies do not count with its parts any more."""
    record = plan.tasks[task]
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        state.unfinished[part >> 6] &= ~bit(part)


@kernel
def raise_levels(plan, state, task):
    """What people have learnt by finishing `task` counts from now on."""
    record = plan.tasks[task]
    for i in range(record.raise_ptr, record.raise_ptr + record.n_raises):
        lesson = plan.raises[i]
        if state.levels[lesson.person, lesson.skill] < lesson.level:
            state.levels[lesson.person, lesson.skill] = lesson.level
            find_abilities(plan, state, lesson.person)
            is_another(state, lesson.person)


@kernel
def expect_link(plan, state, link, minute):
    """`link` is satisfied in `minute`: in this step if that is now or over, else when it comes."""
    clock, now = state.clock[0], state.links[link]
    if now.satisfied:
        return
    if minute <= clock.now:
        now.satisfied = 1
        now.by_end = state.tasks[plan.links[link].before].finish >= 0
        now.release = clock.now
        state.queue[clock.n_queued] = link
        clock.n_queued += 1
    else:
        now.release = minute
        expect_date(state, minute, 2 * plan.project[0].n_tasks + link)


@kernel
def expect_links_of_finish(plan, state, task):
    """`task` is finished or dropped: what its links wait for is known now."""
    record, minute = plan.tasks[task], state.clock[0].now
    for i in range(record.out_ptr, record.out_ptr + record.n_out):
        link = plan.task_out[i]
        kind, lag = plan.links[link].kind, state.links[link].lag
        if kind in (FINISH_START, FINISH_FINISH):
            expect_link(plan, state, link, minute + max(0, lag))


@kernel
def expect_links_of_start(plan, state, task):
    """`task` has started: what its links wait for is known now where it depends on the start."""
    record, now = plan.tasks[task], state.tasks[task]
    if state.from_start[task] == 0:
        return
    for i in range(record.out_ptr, record.out_ptr + record.n_out):
        link = plan.task_out[i]
        kind, lag = plan.links[link].kind, state.links[link].lag
        if kind in (FINISH_START, FINISH_FINISH):
            if lag < 0:
                expect_link(plan, state, link, now.start + max(0, now.effort + lag))
        else:
            expect_link(plan, state, link, now.start + lag)


@kernel
def note_move(state, task):
    """The last condition or the last part of `task` has come: `settle_tasks` looks at it in this step."""
    state.moved[state.clock[0].n_moved] = task
    state.clock[0].n_moved += 1


@kernel
def count_down(state, task):
    """One of the things that hold the start of `task` has come."""
    state.tasks[task].waits -= 1
    if state.tasks[task].waits == 0:
        note_move(state, task)


@kernel
def settle_tasks(plan, state):
    """Let what was satisfied in this step bring about what it does: readiness, milestones, ends, and what they do."""
    clock = state.clock[0]
    n_links = n_tasks = 0
    while n_links < clock.n_queued or n_tasks < clock.n_moved:
        if n_links < clock.n_queued:
            link = plan.links[state.queue[n_links]]
            n_links += 1
            if link.kind <= START_START:
                count_down(state, link.after)
            else:
                state.tasks[link.after].end_waits -= 1
                if state.tasks[link.after].end_waits == 0:
                    note_move(state, link.after)
            continue
        task = state.moved[n_tasks]
        n_tasks += 1
        now = state.tasks[task]
        if now.ready < 0 and now.waits == 0 and now.finish < 0:
            meet_conditions(plan, state, task)
        if now.released == clock.now and now.start < 0 and plan.tasks[task].n_parts == 0:
            reach_milestone(plan, state, task)
        finish_if_done(plan, state, task)
    clock.n_queued = 0
    clock.n_moved = 0


@kernel
def meet_conditions(plan, state, task):
    """All conditions of `task` are satisfied in this minute: it is ready, or a risk delays it."""
    clock, now = state.clock[0], state.tasks[task]
    now.ready = clock.now
    delay = delay_by_risks(plan, state, task)
    if delay == 0:
        make_ready(plan, state, task)
    else:
        now.released = clock.now + delay
        expect_date(state, now.released, 2 * task + 1)


@kernel
def make_ready(plan, state, task):
    """Let the parts of `task` be taken from this minute on."""
    record, now = plan.tasks[task], state.tasks[task]
    now.released = state.clock[0].now
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        if now.released > now.ready:
            state.parts[part].label = RISK
        set_ready(plan, state, part)


@kernel
def reach_milestone(plan, state, task):
    """A task without parts is ready: it starts."""
    now = state.tasks[task]
    now.start = state.clock[0].now
    now.begun = 1
    now.start_label = RISK if now.released > now.ready else WORK
    strike(plan, state, task)
    expect_links_of_start(plan, state, task)


@kernel
def start_task(plan, state, task, part):
    """The first part of `task` has been taken; links from its start follow after the allocation pass."""
    clock, now = state.clock[0], state.tasks[task]
    now.start = clock.now
    now.begun = 1
    now.first_part = part
    now.start_label = state.parts[part].label
    if state.from_start[task]:  # or nobody will ask
        for cause in range(N_CAUSES):
            state.start_spent[task, cause] = state.spent[part, cause]
    take_equipment(plan, state, task)
    state.started[clock.n_started] = task
    clock.n_started += 1


@kernel
def follow_starts(plan, state):
    """What the starts of this pass bring about: risks strike, links from a start; return whether one was satisfied."""
    clock = state.clock[0]
    for i in range(clock.n_started):
        strike(plan, state, state.started[i])
        expect_links_of_start(plan, state, state.started[i])
    clock.n_started = 0
    return clock.n_queued > 0


@kernel
def reach_dates(plan, state):
    """Step 1: earliest dates are reached, lags and the delays of risks end."""
    clock, n_tasks = state.clock[0], plan.project[0].n_tasks
    while clock.next_date == clock.now:
        thing = take_date(state)
        if thing >= 2 * n_tasks:
            link = thing - 2 * n_tasks
            if state.links[link].release == clock.now:
                expect_link(plan, state, link, clock.now)
        elif thing & 1 == 0:
            count_down(state, thing >> 1)
        elif state.tasks[thing >> 1].finish < 0:
            make_ready(plan, state, thing >> 1)
            note_move(state, thing >> 1)


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
            is_freer(state, owner)


@kernel
def finish_if_done(plan, state, task):
    """Finish `task` if it has started, all its parts are done and nothing holds its end."""
    now = state.tasks[task]
    if now.start < 0 or now.finish >= 0 or now.parts_left > 0 or now.end_waits > 0:
        return
    now.finish = state.clock[0].now
    now.end_label, now.end_link = end_of_task(plan, state, task)
    raise_levels(plan, state, task)
    leave_task(plan, state, task)


@kernel
def leave_task(plan, state, task):
    """`task` is finished or dropped in this minute."""
    state.clock[0].tasks_left -= 1
    if state.tasks[task].awaited:
        state.clock[0].gates_stir = 1
    close_task(plan, state, task)
    give_back(plan, state, task)
    expect_links_of_finish(plan, state, task)


@kernel
def complete_parts(plan, state):
    """Step 2: parts whose work is done are completed, and with them tasks."""
    n = find_spent_up(plan, state)
    state.clock[0].parts_spent = 0
    for i in range(n):
        set_done(plan, state, state.finished[i])
    for i in range(n):
        part = state.finished[i]
        release_owners(plan, state, part)
        task = plan.parts[part].task
        state.tasks[task].parts_left -= 1
        if state.tasks[task].parts_left == 0:
            if plan.tasks[task].gate >= 0:
                state.gates[plan.tasks[task].gate].rework_left = 0
                state.clock[0].gates_stir = 1
            else:
                note_move(state, task)


@kernel
def drop_task(plan, state, task, dropped, by):
    """A gate or a policy (`dropped`) drops `task` in this minute; `by` is the gate, or the part that made it so."""
    clock, record, now = state.clock[0], plan.tasks[task], state.tasks[task]
    now.end_label = GATE
    if dropped != BY_GATE:
        count_work(plan, state, by)
        now.end_label = state.parts[by].label
        for cause in range(N_CAUSES):
            state.drop_spent[task, cause] = state.spent[by, cause]
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        part = plan.task_parts[i]
        if state.parts[part].state != DONE:
            set_done(plan, state, part)
            release_owners(plan, state, part)
    now.dropped = dropped
    now.dropped_by = by
    begun = now.start >= 0
    now.finish = clock.now
    if not begun:
        now.start = clock.now
        expect_links_of_start(plan, state, task)
    leave_task(plan, state, task)
