"""Durations, money, rates and the working calendar against their definitions."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simrisk.errors import ScenarioError
from simrisk.scenario.units import Units, WorkingCalendar, money, round_half_up

UNITS = Units(day_minutes=450, week_days=4)
START = date(2026, 1, 1)

calendars = st.builds(
    WorkingCalendar,
    start=st.dates(date(2025, 12, 1), date(2026, 3, 1)),
    work_week=st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days))),
    holidays=st.frozensets(st.dates(date(2025, 11, 1), date(2026, 6, 1)), max_size=60),
    day_minutes=st.sampled_from([1, 450, 480, 1440]),
)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("80h", 4800),
        ("1_000m", 1000),
        ("2.5d", Fraction(5, 2) * 450),
        ("2w", 2 * 4 * 450),
        ("0.1h", 6),
        (" 8 h ", 480),
        ("0m", 0),
        ("1_0.2_5m", Fraction(41, 4)),
    ],
)
def test_durations(text: str, minutes: Fraction) -> None:
    assert UNITS.duration(text) == minutes
    assert UNITS.effort(text) == minutes


def test_a_person_month_is_a_twelfth_of_52_weeks() -> None:
    assert 12 * UNITS.effort("1mo") == 52 * UNITS.effort("1w")


def test_decimals_are_exact() -> None:
    assert UNITS.duration("0.1m") * 3 == Fraction(3, 10)


@pytest.mark.parametrize(
    ("value", "slug"),
    [
        (80, "bare-number"),
        (2.5, "bare-number"),
        ("80", "bare-number"),
        ("80 hours", "unknown-unit"),
        ("1y", "unknown-unit"),
        ("80H", "unknown-unit"),
        ("-3h", "negative"),
        ("", "wrong-type"),
        ("h", "wrong-type"),
        ("1__0h", "wrong-type"),
        (".5h", "wrong-type"),
        ("1e3h", "wrong-type"),
        ("٣h", "wrong-type"),
        ("1h30m", "wrong-type"),
        (True, "wrong-type"),
        ([], "wrong-type"),
        ("9" * 100 + "h", "wrong-type"),
    ],
)
def test_what_is_no_effort(value: object, slug: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        UNITS.effort(value)
    assert [issue.slug for issue in caught.value.issues] == [slug]


def test_a_duration_has_no_months() -> None:
    with pytest.raises(ScenarioError, match="m, h, d or w"):
        UNITS.duration("1mo")


@pytest.mark.parametrize(
    ("value", "cents"),
    [(350_000, 35_000_000), ("350k", 35_000_000), ("1.5m", 150_000_000), ("2_000", 200_000), (0.1, 10), ("0.005", 0.5)],
)
def test_money(value: object, cents: float) -> None:
    assert money(value) == Fraction(str(cents))


@pytest.mark.parametrize(
    ("text", "cents_per_minute"),
    [
        ("60/h", Fraction(100)),
        ("450/d", Fraction(100)),
        ("1_800/w", Fraction(100)),
        ("200k/y", Fraction(20_000_000, 52 * 4 * 450)),
        ("12k/mo", Fraction(1_200_000 * 12, 52 * 4 * 450)),
        ("95 / h", Fraction(9500, 60)),
    ],
)
def test_rates(text: str, cents_per_minute: Fraction) -> None:
    assert UNITS.rate(text) == cents_per_minute


@pytest.mark.parametrize(
    ("value", "slug"),
    [
        (95, "bare-number"),
        ("95", "bare-number"),
        ("95/m", "unknown-unit"),
        ("95/", "unknown-unit"),
        ("x/h", "wrong-type"),
    ],
)
def test_what_is_no_rate(value: object, slug: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        UNITS.rate(value)
    assert caught.value.issues[0].slug == slug


@given(st.fractions(min_value=0, max_value=1000))
def test_halves_round_up(value: Fraction) -> None:
    whole = round_half_up(value)
    assert whole - Fraction(1, 2) <= value < whole + Fraction(1, 2)


def naive_days(calendar: WorkingCalendar, first: date, last: date) -> list[date]:
    """Every working day between two dates, by looking at each."""
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [day for day in days if day.weekday() in calendar.work_week and day not in calendar.holidays]


@given(calendars, st.dates(date(2025, 10, 1), date(2027, 1, 1)))
def test_calendar_counts_the_days_one_by_one(calendar: WorkingCalendar, day: date) -> None:
    if day >= calendar.start:
        number = len(naive_days(calendar, calendar.start, day - timedelta(days=1)))
    else:
        number = -len(naive_days(calendar, day, calendar.start - timedelta(days=1)))
    assert calendar.day_of(day) == number
    assert calendar.minute_of(day) == number * calendar.day_minutes
    assert calendar.end_of(day) == calendar.minute_of(day + timedelta(days=1))
    found = calendar.date_of_day(number)
    assert naive_days(calendar, day, found) == [found]
    assert bool(naive_days(calendar, day, day)) == (found == day)


@given(calendars, st.integers(-200, 600))
def test_days_and_dates_are_inverse(calendar: WorkingCalendar, number: int) -> None:
    assert calendar.day_of(calendar.date_of_day(number)) == number
    if 0 <= number < 300:
        assert calendar.days(number + 1)[number] == calendar.date_of_day(number)


@given(calendars, st.integers(1, 100_000))
def test_an_instant_between_days_belongs_to_both(calendar: WorkingCalendar, minute: int) -> None:
    day, within = divmod(minute, calendar.day_minutes)
    assert calendar.start_date(minute) == calendar.date_of_day(day)
    assert calendar.finish_date(minute) == calendar.date_of_day(day if within else day - 1)


def test_the_calendar_at_its_first_day() -> None:
    calendar = WorkingCalendar(date(2026, 1, 3), (0, 1, 2, 3, 4), frozenset({date(2026, 1, 5)}), 480)
    tuesday = date(2026, 1, 6)
    assert calendar.days(2) == [tuesday, date(2026, 1, 7)]
    assert [calendar.finish_date(minute) for minute in (0, 1, 480, 480.5)] == [
        tuesday,
        tuesday,
        tuesday,
        date(2026, 1, 7),
    ]
    assert calendar.start_date(0) == tuesday
    assert calendar.date_of_day(-1) == date(2026, 1, 2)
    assert calendar.end_of(date(2026, 1, 5)) == 0


def test_a_day_after_all_dates__is_shown_as_the_last_date() -> None:
    calendar = WorkingCalendar(date(2026, 1, 5), (0, 1, 2, 3, 4), frozenset(), 480)
    assert calendar.date_of_day(10**9) == date.max
