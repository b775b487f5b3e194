"""What is known of a trial of a plain plan when it is over: times, money and the driving chain."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import inlined_kernel, kernel
from simrisk_kernels.bits import ALL_BITS, LOWEST, NO_BITS, from_place, has_bit, ones
from simrisk_kernels.costs import pay_of_charges, pay_of_people, pay_of_project
from simrisk_kernels.efforts import share_of
from simrisk_kernels.labels import minutes_above
from simrisk_kernels.layout import (
    ABSENCE,
    BUSY,
    CALENDAR,
    FINISHED,
    HIRING,
    LEAVE,
    MILLION,
    N_CAUSES,
    OVERRUN,
    WORK,
)
from simrisk_kernels.plain_absence import absent_between, absent_until, day_at, mark_absence, presence_at
from simrisk_kernels.plain_layout import WHO, WHO_BITS
from simrisk_kernels.quantile import IN_BLOCK, drawn_value, round_minutes
from simrisk_kernels.random import FIRST
from simrisk_kernels.state import ABSENT, NOT_EMPLOYED, ON_LEAVE, PRESENT

NO_LABEL = -1  # of a condition that was not compared


@kernel
def write_times(plan, state, out, row, end):
    """Write how long people worked and were away until `end`.

    A plan of logic alone may go on beyond the days that are written out, when everybody is there.
    """
    project = plan.project[0]
    day_minutes, n_days, planned = project.day_minutes, project.n_days, min(end, project.planned_end)
    today = min(day_at(state, end), n_days)
    minutes = end - today * day_minutes
    for p in range(len(plan.people)):
        presence = np.int64(state.before[today, p])
        hired = min(today, np.int64(state.team[p].hired))
        leave = (today - hired) * day_minutes - presence
        if today < n_days:
            if state.before[today + 1, p] > presence:
                presence += minutes
            elif today >= state.team[p].hired:
                leave += minutes
        out.person_leave[row, p] = leave
        out.person_worked[row, p] = state.team[p].worked
        until = presence if planned == end else min(np.int64(state.team[p].whole), presence_at(plan, state, p, planned))
        out.person_absence[row, p], out.person_absence_planned[row, p] = absent_until(plan, state, p, presence, until)


@kernel
def find_labels(plan, state, q, w):
    """Return which days of word `w` are days on which somebody planned for a part is not employed, absent or on leave.

    The later in the order of causes counts.
    """
    part = state.parts[q]
    hiring = absence = leave = NO_BITS
    for c in range(part.cand_ptr, part.cand_ptr + part.n_planned):
        person = plan.candidates[c].person
        mark_absence(plan, state, person)
        hiring |= state.days[person, NOT_EMPLOYED, w]
        absence |= state.days[person, ABSENT, w]
        leave |= state.days[person, ON_LEAVE, w]
    absence &= ~hiring
    return hiring, absence, leave & ~(hiring | absence)


@kernel
def count_away(plan, state, q, first, end):
    """Add the minutes from `first` to `end` in which somebody away is why a part waits to `spent`.

    Beyond the days that are written out, as in a plan of logic alone, everybody is there.

    Returns
    -------
    int, int
        The other minutes, and the label of the last minute; -1: it is one of those.
    """
    day_minutes = plan.project[0].day_minutes
    from_day, to_day = day_at(state, np.int64(first)), day_at(state, np.int64(end) - 1)
    rest, label = end - first, NO_LABEL
    for w in range(from_day >> 6, min((to_day >> 6) + 1, state.days.shape[2])):
        found = find_labels(plan, state, q, w)
        mask = ALL_BITS
        if w == from_day >> 6:
            mask &= from_place(from_day)
        if w == to_day >> 6:
            mask &= ~(from_place(to_day) << LOWEST)
        for i in range(3):
            cause = HIRING if i == 0 else ABSENCE if i == 1 else LEAVE
            days = found[i] & mask
            if days == NO_BITS:
                continue
            minutes = ones(days) * day_minutes
            if w == from_day >> 6 and days >> np.uint64(from_day & 63) & LOWEST != NO_BITS:
                minutes -= first - from_day * day_minutes
            if w == to_day >> 6 and days >> np.uint64(to_day & 63) & LOWEST != NO_BITS:
                minutes -= (to_day + 1) * day_minutes - end
                label = cause
            state.spent[cause] += minutes
            rest -= minutes
    return rest, label


@kernel
def count_pauses(plan, state, person, first, end):
    """Add the minutes in which who works on a part from `first` to `end` is away to `spent`; return the others."""
    begin, over = presence_at(plan, state, person, first), presence_at(plan, state, person, end - 1) + 1
    absence = absent_between(plan, state, person, begin, over, 0)
    state.spent[ABSENCE] += absence
    state.spent[LEAVE] += end - first - (over - begin)
    return over - begin - absence


@kernel
def drawn_minutes(state, place):
    """Return the minutes that were drawn for the part at a place of `task_parts`."""
    return np.int64(state.drawn[state.clock[0].trial & IN_BLOCK, place])


@kernel
def left_of(plan, state, q):
    """Return what there is to do of a part, in millionths."""
    part = state.parts[q]
    if part.n_shares == 1:
        return drawn_minutes(state, part.place) * MILLION
    return share_of(drawn_minutes(state, part.place), plan.parts[q].share, plan.parts[q].n_shares)


@kernel
def planned_minutes(plan, q):
    """Return the minutes of work that are planned for a part, or for all of whose shares it is one."""
    return max(0, round_minutes(plan.draws[plan.parts[q].draw].planned) - plan.parts[q].done)


@kernel
def planned_mark(plan, state, q):
    """Return with how much left of a part as much has been done of it as was planned."""
    planned = share_of(planned_minutes(plan, q), plan.parts[q].share, plan.parts[q].n_shares)
    return max(0, left_of(plan, state, q) - planned)


@kernel
def planned_on_ramp(plan, state, q, mark):
    """Return the minutes of work of a part before `mark` is left, of somebody who becomes faster day by day."""
    part = state.parts[q]
    person, day_minutes = part.who & WHO, plan.project[0].day_minutes
    record, present, absent = plan.people[person], state.days[person, PRESENT], state.days[person, ABSENT]
    mark_absence(plan, state, person)
    minute, left, planned = np.int64(part.start), left_of(plan, state, q), 0
    while left > mark and minute < part.finish:
        day = minute // day_minutes
        end = min((day + 1) * day_minutes, np.int64(part.finish))
        if has_bit(present, day) and not has_bit(absent, day):
            rate = plan.rates[person, part.who >> WHO_BITS, min(record.ramp_days, day - record.start_day)]
            planned += minutes_above(left, mark, rate, end - minute)
            left -= rate * (end - minute)
        minute = end
    return planned


@kernel
def spend(plan, state, q):
    """Write the minutes of a part since its task was ready to `spent`, by label; return the label of the last one."""
    for cause in range(N_CAUSES):
        state.spent[cause] = 0
    part = state.parts[q]
    ready, label = state.ready_at[part.task], WORK
    if part.start > ready:
        busy, label = count_away(plan, state, q, ready, part.start)
        state.spent[BUSY] += busy
        if label == NO_LABEL:
            label = BUSY
    if part.finish == part.start:
        return label
    minutes = np.int64(part.finish - part.start)
    if state.clock[0].even and not part.on_clock:
        minutes = count_pauses(plan, state, part.who & WHO, part.start, part.finish)
        planned = min(minutes, planned_minutes(plan, q))
        state.spent[WORK] += planned
        state.spent[OVERRUN] += minutes - planned
        return OVERRUN if minutes > planned else WORK
    rate, ramps, mark = MILLION, False, planned_mark(plan, state, q)
    if not part.on_clock:
        record, day = plan.people[part.who & WHO], day_at(state, np.int64(part.start))
        minutes = count_pauses(plan, state, part.who & WHO, part.start, part.finish)
        ramps = record.ramp_days > 0 and day - record.start_day < record.ramp_days
        rate = plan.rates[part.who & WHO, part.who >> WHO_BITS, record.ramp_days]
    planned = (
        planned_on_ramp(plan, state, q, mark) if ramps else minutes_above(left_of(plan, state, q), mark, rate, minutes)
    )
    state.spent[WORK] += planned
    state.spent[OVERRUN] += minutes - planned
    return OVERRUN if minutes > planned else WORK


@kernel
def last_part_of(plan, state, task):
    """Return the part of a task that was done last, of several the one with the later label; -1: it has none."""
    record = plan.tasks[task]
    if record.n_parts == 1:
        return plan.task_parts[record.part_ptr]
    best, rank = -1, NO_LABEL
    for i in range(record.part_ptr, record.part_ptr + record.n_parts):
        q = plan.task_parts[i]
        if best < 0 or state.parts[q].finish > state.parts[best].finish:
            best, rank = q, NO_LABEL
        elif state.parts[q].finish == state.parts[best].finish:
            if rank == NO_LABEL:
                rank = spend(plan, state, best)
            label = spend(plan, state, q)
            if label > rank:
                best, rank = q, label
    return best


@kernel
def label_of_end(plan, state, task):
    """Return the label of the last minute of a task."""
    q = last_part_of(plan, state, task)
    return spend(plan, state, q) if q >= 0 else WORK


@kernel
def find_last_task(plan, state):
    """Return the task that ended with the trial, of several the one with the latest label; -1: there is none."""
    end, best, rank = state.clock[0].now, -1, NO_LABEL
    for t in range(len(plan.tasks)):
        if state.finish[t] == end:
            if best < 0:
                best = t
                continue
            if rank == NO_LABEL:
                rank = label_of_end(plan, state, best)
            label = label_of_end(plan, state, t)
            if label > rank:
                best, rank = t, label
    return best


@kernel
def label_of_link(plan, state, link):
    """Return the label of the last minute before a link was satisfied."""
    return CALENDAR if state.lags[link] > 0 else label_of_end(plan, state, plan.links[link].before)


@kernel
def find_link(plan, state, task):
    """Return the link that was satisfied when the task became ready, of several the one with the latest label; or -1.

    An earliest date in the same minute counts like the end of a lag and comes after links.
    """
    record, ready = plan.tasks[task], state.ready_at[task]
    best, rank = -1, NO_LABEL
    for link in range(record.link_ptr, record.link_ptr + record.n_links):
        if state.finish[plan.links[link].before] + state.lags[link] == ready:
            if best < 0:
                best = link
                continue
            if rank == NO_LABEL:
                rank = label_of_link(plan, state, best)
            label = label_of_link(plan, state, link)
            if label > rank:
                best, rank = link, label
    if best >= 0 and record.not_before > 0 and record.not_before == ready:
        if label_of_link(plan, state, best) < CALENDAR:
            return -1
    return best


@inlined_kernel
def walk_plain(plan, state, out, row):
    """Walk back from the finish, add up the chain and mark what is critical."""
    for cause in range(N_CAUSES):
        state.chain[cause] = 0
    task = find_last_task(plan, state)
    while task >= 0:
        out.task_critical[row, task] = 1
        q = last_part_of(plan, state, task)
        if q >= 0:
            spend(plan, state, q)
            for cause in range(N_CAUSES):
                state.chain[cause] += state.spent[cause]
            part = state.parts[q]
            minutes = part.finish - state.ready_at[task]
            out.task_chain[row, task] = minutes
            if not part.on_clock:
                out.person_critical[row, part.who & WHO] = 1
                out.person_chain[row, part.who & WHO] += minutes
        link = find_link(plan, state, task)
        if link < 0:
            state.chain[CALENDAR] += state.ready_at[task]
            task = -1
        else:
            state.chain[CALENDAR] += state.lags[link]
            task = plan.links[link].before
    for cause in range(N_CAUSES):
        out.chain[row, cause] = state.chain[cause]


@kernel
def fill(values, n, value):
    """Let the first `n` values of a row be `value`."""
    for i in range(n):
        values[i] = value


@kernel
def copy(values, others, n):
    """Let the first `n` values of a row be those of another one."""
    for i in range(n):
        values[i] = others[i]


@kernel
def write_efforts(plan, state, out, row):
    """Write the minutes drawn for each task, all parts."""
    if state.clock[0].single:
        copy(out.task_effort[row], state.drawn[state.clock[0].trial & IN_BLOCK], len(plan.tasks))
        return
    for t in range(len(plan.tasks)):
        first, effort, drawn = plan.tasks[t].part_ptr, 0, -1
        for i in range(first, first + plan.tasks[t].n_parts):
            draw = plan.parts[plan.task_parts[i]].draw
            if draw != drawn:
                effort += drawn_minutes(state, i)
            drawn = draw
        out.task_effort[row, t] = effort


@kernel
def write_money(plan, state, out, row):
    """Write what the trial cost, and when that was spent."""
    clock, n_months = state.clock[0], len(plan.months)
    out.cost[row] = 0
    fill(out.cash[row], n_months, 0)
    if clock.free:
        return
    end, before, month = clock.now, 0, 0
    while plan.months[month] <= end:
        clock.now = plan.months[month]
        if clock.by_month:
            work_until(plan, state, month)
        spent = pay_until_now(plan, state)
        out.cash[row, month] = spent - before
        before = spent
        month += 1
    clock.now = end
    if clock.by_month:
        work_until(plan, state, month)
    out.cost[row] = pay_until_now(plan, state)
    out.cash[row, month] = out.cost[row] - before


@kernel
def work_until(plan, state, month):
    """Let everybody have worked what they had by the end of a month."""
    for p in range(len(plan.people)):
        worked = 0
        for m in range(month + 1):
            worked += state.by_month[p, m]
        state.people[p].worked = worked


@kernel
def pay_until_now(plan, state):
    """Return the cents spent until now."""
    return pay_of_project(plan, state) + pay_of_people(plan, state) + pay_of_charges(plan, state)


@inlined_kernel
def write_plain(plan, state, outcome, out, row):
    """Write one trial into row `row` of the outcomes."""
    n_tasks, n_people = len(plan.tasks), len(plan.people)
    end = state.clock[0].now
    out.end[row] = end
    out.outcome[row] = outcome
    write_money(plan, state, out, row)
    out.common_factor[row] = 1.0
    if plan.project[0].common >= 0:
        out.common_factor[row] = drawn_value(plan, state, plan.project[0].common, FIRST)
    copy(out.task_start[row], state.start, n_tasks)
    copy(out.task_finish[row], state.finish, n_tasks)
    write_efforts(plan, state, out, row)
    fill(out.task_handovers[row], n_tasks, 0)
    fill(out.task_dropped[row], n_tasks, 0)
    fill(out.task_critical[row], n_tasks, 0)
    fill(out.task_chain[row], n_tasks, 0)
    fill(out.task_contractor[row], n_tasks, 0)
    write_times(plan, state, out, row, end)
    fill(out.person_ceremony[row], n_people, 0)
    fill(out.person_departed[row], n_people, 0)
    fill(out.person_left[row], n_people, -1)
    fill(out.person_critical[row], n_people, 0)
    fill(out.person_chain[row], n_people, 0)
    fill(out.chain[row], N_CAUSES, 0)
    for e in range(len(plan.equipment)):
        out.equipment_used[row, e] = 0
    if outcome == FINISHED:
        walk_plain(plan, state, out, row)
