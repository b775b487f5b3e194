"""Leave: days off that are known long before, dated or placed at random under the team's rules."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simrisk.models.calendar import YEAR_WEEKS, horizon_days
from simrisk.models.facts import Facts, cut
from simrisk.models.people import employment_days
from simrisk.models.quantities import Draws, stream_hash
from simrisk.models.slices import records
from simrisk.scenario.model import DateRange, LeaveAllowance, Person, Scenario
from simrisk.scenario.units import WorkingCalendar, round_half_up
from simrisk_kernels.layout import BLOCK


def lower_leave(scenario: Scenario, calendar: WorkingCalendar) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    """Return the dated leave, shape (n, 2), and each person's slice of it."""
    spans: list[tuple[int, int]] = []
    slices = []
    for person in scenario.people:
        own = leave_spans(person, calendar)
        slices.append((len(spans), len(own)))
        spans.extend(own)
    return np.array(spans, np.int64).reshape(-1, 2), slices


def leave_spans(person: Person, calendar: WorkingCalendar) -> list[tuple[int, int]]:
    """Return the dated leave of `person` within employment as [first day, day after the last), joined, ascending."""
    first_day, end_day = employment_days(person, calendar)
    spans: list[tuple[int, int]] = []
    for begin, after in sorted(span_of(dates, calendar) for dates in person.leave):
        first = begin if first_day is None else max(begin, first_day)
        end = after if end_day is None else min(after, end_day)
        if first >= end:
            continue
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(end, spans[-1][1]))
        else:
            spans.append((first, end))
    return spans


def span_of(dates: DateRange, calendar: WorkingCalendar) -> tuple[int, int]:
    """Return the working days of a range of dates as [first day, day after the last)."""
    return calendar.day_of(dates.first), calendar.end_of(dates.last) // calendar.day_minutes


def lower_blackout(scenario: Scenario, calendar: WorkingCalendar) -> NDArray[np.uint8]:
    """Return 1 for every day without random leave, shape (days until the horizon,)."""
    blackout = np.zeros(horizon_days(scenario, calendar), np.uint8)
    for dates in scenario.leave.blackout:
        first, end = span_of(dates, calendar)
        blackout[max(0, first) : max(0, end)] = 1
    return blackout


def lower_blocks(scenario: Scenario, calendar: WorkingCalendar) -> np.recarray:
    """Return the blocks of random leave in the order in which they are placed, shape (n,)."""
    rows = []
    for i, person in enumerate(scenario.people):
        if person.allowance is None:
            continue
        name_hash = stream_hash(f"person/{person.id}//pto")
        for index, (first, starts, length, limit) in enumerate(blocks_of(person, scenario, calendar)):
            rows.append((i, name_hash, index, first, starts, length, limit))
    return records(rows, BLOCK)


def blocks_of(person: Person, scenario: Scenario, calendar: WorkingCalendar) -> list[tuple[int, int, int, int]]:
    """Return (first day it may be drawn for, number of such days, length, limit) of each block of random leave."""
    if person.allowance is None:
        return []
    first_day, end_day = employment_days(person, calendar)
    start = max(0, first_day or 0)
    limit = horizon_days(scenario, calendar)
    limit = limit if end_day is None else min(limit, end_day)
    if person.allowance.by is None:
        periods = yearly_periods(start, limit, person.allowance.days, len(calendar.work_week) * YEAR_WEEKS)
    else:
        periods = [period_until(person.allowance, start, end_day, calendar)]
        limit = min(limit, periods[0][1])
    blocks = []
    for first, end, days in periods:
        for taken in range(0, days if first < end else 0, scenario.leave.block):
            length = min(days - taken, scenario.leave.block)
            blocks.append((first, max(1, end - first - length + 1), length, limit))
    return blocks


def yearly_periods(start: int, end: int, days: Fraction, year: int) -> list[tuple[int, int, int]]:
    """Return the periods of `year` working days between two days, and the days of leave in each."""
    periods = []
    for first in range(start, end, year):
        last = min(first + year, end)
        periods.append((first, last, round_half_up(days * (last - first) / year)))
    return periods


def period_until(
    allowance: LeaveAllowance, start: int, end_day: int | None, calendar: WorkingCalendar
) -> tuple[int, int, int]:
    """Return the one period that ends with the allowance's last date, or with employment if that is earlier."""
    assert allowance.by is not None
    end = calendar.end_of(allowance.by) // calendar.day_minutes
    return start, end if end_day is None else min(end, end_day), round_half_up(allowance.days)


def leave_days(facts: Facts, draws: Draws) -> list[set[int]]:
    """Return each person's days of leave in one trial: the dated ones, and the random ones as they find a place."""
    days = [
        {day for first, end in cut(facts.leave, person.leave_ptr, person.n_leave) for day in range(first, end)}
        for person in facts.people
    ]
    for block in facts.blocks:
        word = draws.word(block.hash, block.index)
        first = block.first_day + ((word * block.n_starts) >> 32)
        while first + block.length <= block.limit_day and not is_admissible(
            facts, days, block.person, first, block.length
        ):
            first += 1
        if first + block.length <= block.limit_day:
            days[block.person].update(range(first, first + block.length))
    return days


def is_admissible(facts: Facts, days: list[set[int]], person: int, first: int, length: int) -> bool:
    """Whether a person may take random leave on all of these days."""
    employment, day_minutes = facts.people[person], facts.project.day_minutes
    for day in range(first, first + length):
        others = sum(day in taken for i, taken in enumerate(days) if i != person)
        employed = employment.start <= day * day_minutes < employment.end
        if not employed or day in days[person] or facts.blackout[day] or others >= facts.project.max_off:
            return False
    return True
