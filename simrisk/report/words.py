"""Figures as people read them: dates, money, percentages and their intervals."""

from __future__ import annotations

from datetime import date

from simrisk.measures import Measure
from simrisk.measures.figure import MOMENTS

NOTHING = "-"
BEYOND = "beyond"
STOPPED = "stopped"


def figure(measure: Measure, horizon: date, *, day_minutes: int) -> str:
    """The value of a measure as a person reads it; finishes as dates, durations in working days, effort in hours."""
    if measure.beyond_horizon and measure.stopped:
        return STOPPED
    if measure.beyond_horizon:
        return f"{BEYOND} {horizon}" if measure.kind in MOMENTS else BEYOND
    if measure.date is not None:
        return str(measure.date)
    return NOTHING if measure.value is None else number(measure, measure.value, day_minutes)


def number(measure: Measure, value: float, day_minutes: int) -> str:
    """One number in the unit of a measure."""
    if measure.kind == "share":
        return percent(value)
    if measure.kind == "money":
        return money(value)
    if measure.kind == "ratio":
        return f"{value:.3f}"
    if measure.kind == "count":
        return f"{value:.2f}"
    return f"{value / 60:,.0f} h" if measure.kind == "effort" else days(value, day_minutes)


def interval(measure: Measure, *, day_minutes: int) -> str:
    """The 95 % interval of a measure; an end that no trial bounds is "?" below and "beyond" above."""
    beyond = STOPPED if measure.high_stopped else BEYOND
    if measure.exact or (measure.low is None and measure.high is None):
        return NOTHING
    if measure.kind in MOMENTS:
        low, high = measure.low_date, measure.high_date
        first = "?" if low is None else str(low)
        same_year = low is not None and high is not None and low.year == high.year
        last = beyond if high is None else f"{high:%m-%d}" if same_year else str(high)
        return f"{first} .. {last}"
    low_text = "?" if measure.low is None else number(measure, measure.low, day_minutes)
    high_text = beyond if measure.high is None else number(measure, measure.high, day_minutes)
    return between(low_text, high_text)


def between(low: str, high: str) -> str:
    """An interval; a unit that both ends have is said once."""
    for unit in (" %", " h"):
        if low.endswith(unit) and high.endswith(unit):
            low = low.removesuffix(unit)
    return f"{low} .. {high}"


def percent(value: float) -> str:
    """A share in percent with one decimal; only what is exactly 0 or 1 says so."""
    if 0 < value < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= value < 1:
        return "> 99.9 %"
    return "0 %" if value == 0 else "100 %" if value == 1 else f"{100 * value:.1f} %"


def money(value: float) -> str:
    """An amount with thousands separators, cents only when it is small."""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.2f}"


def days(minutes: float, day_minutes: int) -> str:
    """Working minutes as working days with one decimal; a little below nothing is nothing."""
    return f"{round(minutes / day_minutes, 1) + 0.0:,.1f}"


def count(n: int, noun: str) -> str:
    """``1 trial``, ``20 trials``."""
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"
