"""Values that stand in one table only: a sprint's length, a horizon, days of leave, a gate's due, heads of a pool."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from simrisk.errors import ScenarioError
from simrisk.scenario.fields import Value, pattern, read_date, read_weekdays
from simrisk.scenario.model import LeaveAllowance
from simrisk.scenario.units import WEEKDAYS, Units, exact, fault, is_number, shown, split_quantity

END_OF_SPRINT = re.compile(r"end of sprint ([0-9]{1,6})")
MOST_HEADS = 100_000
LEAST_PER_YEAR = Fraction(1, 10**6)  # the minutes until something rarer could not be counted
_DAY_KEY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _read_length(value: object, _: Units) -> tuple[int, str]:
    """Read a sprint's length: calendar weeks or working days."""
    number, unit = split_quantity(value, "a sprint's length", ("d", "w"))
    if number.denominator != 1 or not 1 <= number <= 1000:
        raise fault(
            "out-of-range", f"A sprint is 1 to 1000 whole weeks (w) or working days (d) long; got {shown(value)}."
        )
    return int(number), unit


def _read_horizon(value: object, _: Units) -> tuple[Fraction, str]:
    """Read the horizon: calendar weeks, or working time."""
    number, unit = split_quantity(value, "the horizon", ("m", "h", "d", "w"))
    if number == 0:
        raise fault(
            "out-of-range",
            "The horizon is where a trial is given up; it lies after the start. Leave it out for the default.",
        )
    if unit == "w" and (number * 7).denominator != 1:
        raise fault(
            "out-of-range", f"The horizon is in calendar weeks; this is no whole number of days: {shown(value)}."
        )
    return number, unit


def _read_work_week(value: object, units: Units) -> tuple[int, ...]:
    """Read the days of a work week, each once."""
    days = read_weekdays(value, units)
    if isinstance(value, list) and len(days) < len(value):
        place = next(place for place, day in enumerate(value) if day in value[:place])
        raise fault("duplicate", f"{shown(value[place])} stands here twice; name each day once.", f"[{place}]")
    return days


def _read_allowance(value: object, units: Units) -> LeaveAllowance:
    """Read days of leave per 52 weeks, or until a date."""
    if not isinstance(value, dict):
        if not is_number(value):
            example = "5, or { days = 5, by = 2026-06-30 }"
            raise fault("wrong-type", f"This is a number of days per 52 weeks such as {example}; got {shown(value)}.")
        return LeaveAllowance(_days(value), None)
    for key in value:
        if key not in ("days", "by"):
            raise fault("unknown-key", f"'{key}' is not a key of pto_days; it has days and by.", key)
    if "days" not in value:
        raise fault("missing-key", "'days' is missing: how many days of leave.")
    issues = []
    days, by = Fraction(0), None
    for key in value:
        try:
            if key == "days":
                days = _days(value[key])
            else:
                by = read_date(value[key], units)
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=key))
    if issues:
        raise ScenarioError(*issues)
    return LeaveAllowance(days, by)


def _days(value: object) -> Fraction:
    days = exact(value)
    if not 0 <= days <= 366:
        raise fault("out-of-range", f"Days of leave are from 0 to 366; got {shown(value)}.")
    return days


def _read_per_year(value: object, _: Units) -> Fraction:
    number = exact(value)
    if number and not LEAST_PER_YEAR <= number <= 1000:
        found = f"How often in a year is 0, or from {float(LEAST_PER_YEAR):f} to 1000; got {shown(value)}."
        raise fault("out-of-range", found)
    return number


def _read_due(value: object, units: Units) -> int | date:
    """Read when a gate is due: the end of a sprint, or a date."""
    if isinstance(value, str):
        match = END_OF_SPRINT.fullmatch(value.strip())
        if match is None:
            raise fault(
                "wrong-type",
                f'This is "end of sprint 2", or a date such as 2026-03-02 without quotes; got {shown(value)}.',
            )
        return int(match[1])
    return read_date(value, units)


def _read_limit(value: object, _: Units) -> object:
    """Read a limit of an expectation: which kind fits is up to its metric."""
    if is_number(value):
        exact(value)
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, str) or type(value) is date:
        return value
    raise fault("wrong-type", f'A limit is a number, a date, or a duration such as "3d"; got {shown(value)}.')


def _read_heads(value: object, _: Units) -> Fraction:
    """Read a number of heads: thousandths are the smallest part of one."""
    number = exact(value)
    if not 0 <= number <= MOST_HEADS or (number * 1000).denominator != 1:
        found = f"A number of heads is from 0 to {MOST_HEADS}, with at most three decimals; got {shown(value)}."
        raise fault("out-of-range", found)
    return number


def _read_most_heads(value: object, units: Units) -> Fraction:
    number = _read_heads(value, units)
    if not number:
        raise fault("out-of-range", "Without any heads the work is never done; this is above 0.")
    return number


def _read_headcount(value: object, units: Units) -> tuple[tuple[date, Fraction], ...]:
    """Read heads from each date on, by ascending date."""
    if not isinstance(value, dict) or not value:
        example = "{ 2026-01-01 = 1, 2026-03-01 = 2.5 }"
        raise fault("wrong-type", f"This is a table of heads from each date on, such as {example}; got {shown(value)}.")
    issues, heads = [], {}
    for day, number in value.items():
        try:
            heads[_day_of_key(day, units)] = _read_heads(number, units)
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=day))
    if issues:
        raise ScenarioError(*issues)
    return tuple(sorted(heads.items()))


def _day_of_key(text: str, units: Units) -> date:
    try:
        day = date.fromisoformat(text) if _DAY_KEY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise fault("wrong-type", f"A number of heads holds from a date on, such as 2026-01-01; got {shown(text)}.")
    return read_date(day, units)


def _read_monthly(value: object, units: Units) -> tuple[Fraction, ...]:
    """Read heads month by month."""
    if not isinstance(value, list) or not value:
        found = f"This is a list of heads, one number for each month, such as [1, 2, 3]; got {shown(value)}."
        raise fault("wrong-type", found)
    issues, heads = [], []
    for place, number in enumerate(value):
        try:
            heads.append(_read_heads(number, units))
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=f"[{place}]"))
    if issues:
        raise ScenarioError(*issues)
    return tuple(heads)


def _read_rho(value: object, _: Units) -> Fraction:
    number = exact(value)
    if not -1 < number < 1:
        raise fault("out-of-range", f"A correlation lies between -1 and 1, both excluded; got {shown(value)}.")
    return number


def _as_written(value: object, _: Units) -> object:
    return value


_WEEKDAYS = {"type": "array", "minItems": 1, "items": {"enum": list(WEEKDAYS)}}
_DATE = {"type": "string", "format": "date"}
_PRIOR = {"definition": "NamedPrior"}
_DAYS = {"anyOf": [{"type": "number", "minimum": 0}, {"definition": "DaysBy"}, _PRIOR]}
_HEADS = {"type": "number", "minimum": 0, "maximum": MOST_HEADS}
_BY_DATE = {
    "type": "object",
    "minProperties": 1,
    "patternProperties": {"^[0-9]{4}-[0-9]{2}-[0-9]{2}$": _HEADS},
    "additionalProperties": False,
}
_NUMBER = {"type": "number", "minimum": 0}
_HAZARD = {"anyOf": [_NUMBER, _PRIOR]}
_AMOUNT = pattern(r"[0-9]+(_[0-9]+)*(\.[0-9]+)? *(m|h|d|w|mo)", "30h")
_QUANTITY = {"anyOf": [_AMOUNT, {"definition": "Distribution"}]}


def _each(entry: dict[str, Any], alone: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the JSON Schema of one quantity, or one for each of several people."""
    return {"anyOf": [*alone, {"type": "object", "additionalProperties": entry}]}


Length = Annotated[tuple[int, str], Value(_read_length, pattern("[0-9_]+ *[dw]", "2w"))]
WorkWeek = Annotated[tuple[int, ...], Value(_read_work_week, {**_WEEKDAYS, "uniqueItems": True})]
Horizon = Annotated[tuple[Fraction, str], Value(_read_horizon, pattern(r"[0-9_]+(\.[0-9]+)? *(m|h|d|w)", "78w"))]
Allowance = Annotated[LeaveAllowance, Value(_read_allowance, _DAYS)]
PerYear = Annotated[Fraction, Value(_read_per_year, _NUMBER)]
Hazard = Annotated[Fraction, Value(_read_per_year, _HAZARD)]
Due = Annotated[int | date, Value(_read_due, {"anyOf": [pattern("end of sprint [0-9]+", "end of sprint 2"), _DATE]})]
Limit = Annotated[object, Value(_read_limit, {"anyOf": [{"type": "number"}, {"type": "string"}]})]
Headcount = Annotated[tuple[tuple[date, Fraction], ...], Value(_read_headcount, _BY_DATE)]
Monthly = Annotated[tuple[Fraction, ...], Value(_read_monthly, {"type": "array", "minItems": 1, "items": _HEADS})]
MostHeads = Annotated[
    Fraction, Value(_read_most_heads, {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_HEADS})
]
Rho = Annotated[Fraction, Value(_read_rho, {"type": "number", "exclusiveMinimum": -1, "exclusiveMaximum": 1})]
Done = Annotated[object, Value(_as_written, _each(_AMOUNT, [_AMOUNT]))]
Remaining = Annotated[object, Value(_as_written, _each(_QUANTITY, _QUANTITY["anyOf"]))]
Anything = Annotated[object, Value(_as_written, {})]
