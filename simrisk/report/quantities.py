"""Uncertain quantities, durations, shares and rates of a scenario in words, as a reader of a report checks them."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from simrisk.report import words
from simrisk.scenario.model import Distribution, Project
from simrisk.scenario.units import YEAR_WEEKS, hours

Shown = Callable[[float], str]
MOST_VALUES = 6  # of a list of values, spelled out
NAMES = {"pert": "PERT", "triangular": "triangular", "normal": "normal, cut off at 0", "gamma": "gamma"}


def plain(value: float) -> str:
    """A factor or a share as it is."""
    return f"{value:.4g}"


def effort(minutes: float) -> str:
    """Minutes of effort in hours."""
    return hours(minutes)


def duration(day_minutes: int) -> Shown:
    """How working minutes are shown on this calendar: in days from one day on, else in hours."""

    def shown(minutes: float) -> str:
        return f"{minutes / day_minutes:.4g}d" if abs(minutes) >= day_minutes else hours(minutes)

    return shown


def spread(distribution: Distribution, shown: Shown = plain) -> str:
    """A distribution in words: its family and what it was given."""
    kind, params = distribution.kind, distribution.params
    if kind == "exactly":
        return f"exactly {shown(params[0])}"
    if kind in ("pert", "triangular"):
        low, likely, high = map(shown, params)
        return f"{NAMES[kind]}: low {low}, likely {likely}, high {high}"
    if kind == "lognormal":
        return f"log-normal: median {shown(params[0])}, log-sd {plain(params[1])}"
    if kind == "normal":
        return f"{NAMES[kind]}: mean {shown(params[0])}, sd {shown(params[1])}"
    if kind in ("gamma", "weibull"):
        return f"{NAMES.get(kind, 'Weibull')}: shape {plain(params[0])}, scale {shown(params[1])}"
    if kind == "uniform":
        return f"uniform: from {shown(params[0])} to {shown(params[1])}"
    if kind == "exponential":
        return f"exponential: mean {shown(params[0])}"
    if kind == "scipy":
        shapes = f", shape {', '.join(map(plain, params[2:]))}" if params[2:] else ""
        return f"{distribution.name} (scipy.stats): from {shown(params[0])}, scale {shown(params[1])}{shapes}"
    return _values(distribution, shown)


def _values(distribution: Distribution, shown: Shown) -> str:
    pairs = list(zip(distribution.params, distribution.weights, strict=True))
    if len(pairs) > MOST_VALUES:
        return f"{len(pairs)} values from {shown(pairs[0][0])} to {shown(pairs[-1][0])}"
    return ", ".join(f"{shown(value)} ({words.percent(weight)})" for value, weight in pairs)


def share(value: Fraction) -> str:
    """An exact share or number of heads."""
    return f"{float(value):.4g}"


def rate(cents_per_minute: Fraction | None, project: Project) -> str:
    """Pay by the year and by the hour."""
    if cents_per_minute is None:
        return words.NOTHING
    year = YEAR_WEEKS * len(project.work_week) * project.day_minutes
    by_year, by_hour = (float(cents_per_minute * minutes / 100) for minutes in (year, 60))
    return f"{words.money(round(by_year))} a year ({words.money(round(by_hour, 2))} an hour)"
