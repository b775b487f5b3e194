"""Moments of two plans with other working days are compared by their dates, not by the minutes since the start."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

import simrisk
from simrisk.compare import compare
from simrisk.dataset import RunDates
from simrisk.measures.difference import Difference

DAY = 480
# two weeks of January 2026, the later plan from the second Monday on
FIRST, SECOND = np.arange("2026-01-05", "2026-01-17", dtype="datetime64[D]"), np.datetime64("2026-01-12")
WEEKDAYS = FIRST[np.is_busday(FIRST)]
WHOLE = RunDates(WEEKDAYS, DAY)
LATER = RunDates(WEEKDAYS[WEEKDAYS >= SECOND], DAY)
HOLIDAY = RunDates(np.delete(WEEKDAYS, 2), DAY)  # Wednesday
SHORT = RunDates(WEEKDAYS, 360)
PLAN = """
[project]
name = "Ten days"
start = {start}
holidays = [{holidays}]
[people.ANA]
[tasks.only]
effort = {{ low = "8d", likely = "10d", high = "12d" }}
who = "ANA"
"""


@pytest.mark.parametrize(
    ("here", "there", "minutes", "expected"),
    [
        (WHOLE, WHOLE, [0, 1, 480, 481, 4_800], [0, 1, 480, 481, 4_800]),
        # Monday 5 January to Friday 9 January are the five working days before the later plan begins
        (WHOLE, LATER, [480, 2_400, 2_401, 2_880], [-1_920, 0, 1, 480]),
        (LATER, WHOLE, [1, 480], [2_401, 2_880]),
        # Wednesday is none there: what ends in it ends with Tuesday, Thursday is the third day
        (WHOLE, HOLIDAY, [960, 961, 1_440, 1_441, 1_920], [960, 960, 960, 961, 1_440]),
        (HOLIDAY, WHOLE, [960, 961, 1_440], [960, 1_441, 1_920]),
        # half of an eight-hour day is half of one with six hours
        (WHOLE, SHORT, [240, 480, 720], [180, 360, 540]),
        (WHOLE, LATER, [np.inf], [np.inf]),
    ],
)
def test_the_same_moment_on_another_calendar(
    here: RunDates, there: RunDates, minutes: list[float], expected: list[float]
) -> None:
    assert here.on(there, np.array(minutes, float)).tolist() == expected


def test_a_start_belongs_to_the_day_that_it_begins() -> None:
    assert WHOLE.on(HOLIDAY, np.array([959.0, 960.0, 1_440.0]), starts=True).tolist() == [959, 960, 960]
    assert WHOLE.on(LATER, np.array([2_400.0]), starts=True).tolist() == [0]


def test_days_after_the_last_one_are_those_of_the_longer_calendar() -> None:
    ended = RunDates(WEEKDAYS[:3], DAY)
    assert WHOLE.alike(ended)
    assert not WHOLE.alike(LATER)
    assert not WHOLE.alike(SHORT)
    assert WHOLE.on(ended, np.array([1_920.0])).tolist() == [1_920]


def moved(metric: str, start: str = "2026-01-05", holidays: str = "") -> Difference:
    """How the plan differs from the one that begins on 5 January without holidays."""
    runs = [
        simrisk.simulate(simrisk.loads(PLAN.format(start=s, holidays=h)), trials=400, seed=2)
        for s, h in (("2026-01-05", ""), (start, holidays))
    ]
    found = compare(*runs, [metric]).of(metric)
    assert found is not None
    return found


@pytest.mark.parametrize("metric", ["finish.p80", "finish.mean", "task.only.finish.p50", "baseline.finish"])
def test_a_plan_that_starts_two_weeks_later_is_ten_working_days_later(metric: str) -> None:
    found = moved(metric, start="2026-01-19")
    assert (found.value, found.low, found.high) == pytest.approx((10 * DAY,) * 3)
    assert found.verdict == "worse"


def test_a_holiday_makes_it_a_day_later_and_takes_no_longer() -> None:
    found = moved("finish.p80", holidays="2026-01-08")
    assert (found.value, found.low, found.high, found.verdict) == (DAY, DAY, DAY, "worse")
    assert found.before is not None
    assert found.after is not None
    assert found.after.date > found.before.date  # type: ignore[operator]
    assert moved("finish.sd", holidays="2026-01-08").value == 0


def test_holidays_after_everything_change_nothing() -> None:
    assert moved("finish.p80", holidays="2026-03-02").verdict == "no change"


def test_dates_there_and_back() -> None:
    """A minute of a day that both work is the same date in both."""
    for day in range(1, 6):
        minute = float(LATER.on(WHOLE, np.array([DAY * day - 1.0]))[0])
        assert WHOLE.finish_date(minute) == LATER.finish_date(DAY * day - 1) == date(2026, 1, 11) + timedelta(day)
