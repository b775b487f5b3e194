"""The kinds of values in a scenario file: how each is read, what is said when it is none, its JSON Schema."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from simrisk.errors import ScenarioError
from simrisk.scenario.distributions import durations, efforts, exactly, factor, factors, largest, read_distribution
from simrisk.scenario.faults import did_you_mean
from simrisk.scenario.model import Distribution
from simrisk.scenario.units import WEEKDAYS, Units, exact, fault, is_number, money, round_half_up, shown

LARGEST_MONEY = Fraction(10**15)  # cents; leaves room to add 9,000 of them in an int64
LARGEST_MINUTES = 10**9  # nineteen centuries of full days
LARGEST_DRAW = 2.0**50  # minutes; a thousand such times still add up in an int64
EARLIEST, LATEST = date(1900, 1, 1), date(2400, 12, 31)
ID = re.compile(r"[A-Za-z0-9_-]+")

_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%")
_LEVEL = re.compile(r"[0-9]{1,3}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")

Quantity = Fraction | Distribution
"""A value given plainly, or as a distribution."""


@dataclass(frozen=True)
class Names:
    """Names as written: one text, or a list of them. `place(i)` is where name i stands, relative to the field."""

    items: tuple[str, ...]
    single: bool = False

    def place(self, number: int) -> str:
        """Where name `number` stands, relative to the field."""
        return "" if self.single else f"[{number}]"


@dataclass(frozen=True, eq=False)
class Value:
    """How pydantic reads one kind of value: by a reader that raises issues relative to the field; and its JSON Schema.

    A schema refers to a definition of `simrisk.scenario.schema` as ``{"definition": name}``.
    """

    read: Callable[[Any, Units], object]
    schema: dict[str, Any]

    def _validate(self, value: object, info: core_schema.ValidationInfo) -> object:
        try:
            return self.read(value, info.context if isinstance(info.context, Units) else Units())
        except ScenarioError as error:
            raise PydanticCustomError("issues", "{text}", {"text": str(error), "issues": error.issues}) from None

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> core_schema.CoreSchema:
        """Replace whatever pydantic would check."""
        return core_schema.with_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        """Return the schema as given."""
        return copy.deepcopy(self.schema)


def read_text(value: object, _: Units) -> str:
    """Read a text."""
    if not isinstance(value, str):
        raise fault("wrong-type", f"This is a text in quotes; got {shown(value)}.")
    return value


def read_flag(value: object, _: Units) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise fault("wrong-type", f"This is true or false, without quotes; got {shown(value)}.")
    return value


def read_date(value: object, _: Units) -> date:
    """Read a date within the years a project can have."""
    if isinstance(value, datetime):
        raise fault("wrong-type", f"This is a date without a time, such as {value.date()}; got {value}.")
    if not isinstance(value, date):
        hint = " Dates stand without quotes." if isinstance(value, str) and _ISO_DATE.fullmatch(value) else ""
        raise fault("wrong-type", f"This is a date such as 2026-01-05; got {shown(value)}.{hint}")
    if not EARLIEST <= value <= LATEST:
        raise fault("out-of-range", f"Dates here lie between {EARLIEST} and {LATEST}; got {value}.")
    return value


def whole(least: int, most: int) -> Value:
    """Whole numbers from `least` to `most`."""

    def read(value: object, _: Units) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise fault("wrong-type", f"This is a whole number, without quotes; got {shown(value)}.")
        if not least <= value <= most:
            raise fault("out-of-range", f"This is a whole number from {least} to {most}; got {shown(value)}.")
        return value

    return Value(read, {"type": "integer", "minimum": least, "maximum": most})


def share(slug: str, what: str, *, above_zero: bool) -> Value:
    """Shares: 0 to 1."""

    def read(value: object, _: Units) -> Fraction:
        number = exact(value)
        if not 0 <= number <= 1 or (above_zero and number == 0):
            limits = "above 0 and at most 1" if above_zero else "from 0 to 1"
            hint = (
                f" {shown(value)} % is {Decimal(str(value)) / 100}." if is_number(value) and 5 <= number <= 100 else ""
            )
            raise fault(slug, f"{what} is a number {limits}; got {shown(value)}.{hint}")
        return number

    return Value(read, {"type": "number", "exclusiveMinimum" if above_zero else "minimum": 0, "maximum": 1})


def one_of(*words: str) -> Value:
    """One of some words."""

    def read(value: object, _: Units) -> str:
        if value not in words:
            listed = ", ".join(f"'{word}'" for word in words)
            hint = did_you_mean(value, words) if isinstance(value, str) else ""
            raise fault("wrong-type", f"This is one of {listed}; got {shown(value)}.{hint}")
        return str(value)

    return Value(read, {"enum": list(words)})


def read_duration(value: object, units: Units) -> int:
    """Read a fixed duration, in whole working minutes."""
    return round_half_up(_counted(units.duration(value), value))


def read_fixed_effort(value: object, units: Units) -> int:
    """Read a fixed effort, in whole minutes."""
    return round_half_up(_counted(units.effort(value), value))


def _counted(minutes: Fraction, value: object) -> Fraction:
    if minutes > LARGEST_MINUTES:
        raise fault("out-of-range", f"{shown(value)} is more than {LARGEST_MINUTES} minutes, the most that is counted.")
    return minutes


def read_uncertain_duration(value: object, units: Units) -> Quantity:
    """Read a duration that may be uncertain."""
    if not isinstance(value, dict):
        return _counted(units.duration(value), value)
    duration = read_distribution(value, durations(units))
    if not (most := largest(duration)) < LARGEST_DRAW:
        found = f"This duration could come out at {most:.0e} minutes, more than can be counted. Narrow its spread."
        raise fault("out-of-range", found)
    return duration


def read_uncertain_effort(value: object, units: Units) -> Quantity:
    """Read an effort that may be uncertain."""
    if isinstance(value, dict):
        return read_distribution(value, efforts(units))
    return _counted(units.effort(value), value)


def read_factor(value: object, units: Units) -> Distribution:
    """Read a distribution of plain factors."""
    if not isinstance(value, dict):
        example = "{ low = 0.8, likely = 1.0, high = 1.6 } or { median = 1.0, sigma = 0.37 }"
        raise fault("wrong-type", f"This is a distribution of factors such as {example}; got {shown(value)}.")
    return read_distribution(value, factors(units))


def read_uncertain_factor(value: object, units: Units) -> Distribution:
    """Read a factor that may be uncertain."""
    return read_distribution(value, factors(units)) if isinstance(value, dict) else exactly(factor(value))


def read_money(value: object, _: Units) -> int:
    """Read an amount of money, in cents."""
    cents = money(value)
    if cents > LARGEST_MONEY:
        raise fault("out-of-range", f"An amount of money here is at most 10^13; got {shown(value)}.")
    return round_half_up(cents)


def read_rate(value: object, units: Units) -> Fraction:
    """Read money per time, in cents per working minute."""
    rate = units.rate(value)
    if rate > 10**9:
        raise fault("out-of-range", f"A rate here is at most 600 million per hour; got {shown(value)}.")
    return rate


def read_money_or_rate(value: object, units: Units) -> int | Fraction:
    """Read money spent at once (int, cents) or, with a slash, by time (Fraction, cents per working minute)."""
    if isinstance(value, str) and "/" in value:
        return read_rate(value, units)
    return read_money(value, units)


def read_percentage(value: object, _: Units) -> Fraction:
    """Read ``"10%"``, or the same as 0.1."""
    if isinstance(value, str):
        match = _PERCENT.fullmatch(value.strip())
        number = Fraction(match[1]) / 100 if match and len(value) < 20 else None
    else:
        number = exact(value) if is_number(value) else None
    if number is None:
        raise fault("wrong-type", f'This is a percentage such as "10%"; got {shown(value)}.')
    if number < 0 or number > (1 if is_number(value) else 10):
        raise fault("out-of-range", f'This is a percentage such as "10%", or 0.1; got {shown(value)}.')
    return number


def read_names(value: object, _: Units) -> Names:
    """Read one name, or a list of names."""
    if isinstance(value, str):
        return Names((value,), single=True)
    if not isinstance(value, list):
        raise fault("wrong-type", f'This is a list of names such as ["build", "test-*"]; got {shown(value)}.')
    issues = []
    for place, name in enumerate(value):
        if not isinstance(name, str):
            issue = fault("wrong-type", f"This is a name in quotes; got {shown(name)}.").issues[0]
            issues.append(replace(issue, where=f"[{place}]"))
    if issues:
        raise ScenarioError(*issues)
    return Names(tuple(value))


def read_weekdays(value: object, _: Units) -> tuple[int, ...]:
    """Read the working days of a week, as Python weekday numbers."""
    if not isinstance(value, list):
        raise fault("wrong-type", f'This is a list of days such as ["mon", "tue"]; got {shown(value)}.')
    if not value:
        raise fault("no-working-days", 'A work week has at least one day, such as ["mon"].')
    issues = []
    for place, day in enumerate(value):
        if day not in WEEKDAYS:
            hint = did_you_mean(day, WEEKDAYS) if isinstance(day, str) else ""
            issue = fault("wrong-type", f"A day is one of {', '.join(WEEKDAYS)}; got {shown(day)}.{hint}").issues[0]
            issues.append(replace(issue, where=f"[{place}]"))
    if issues:
        raise ScenarioError(*issues)
    return tuple(sorted({WEEKDAYS.index(day) for day in value}))


def read_day_hours(value: object, _: Units) -> int:
    """Read the working hours of a day, as minutes."""
    minutes = exact(value) * 60
    if not 0 < minutes <= 24 * 60 or minutes.denominator != 1:
        raise fault(
            "out-of-range", f"A working day has above 0 and at most 24 hours, in whole minutes; got {shown(value)}."
        )
    return int(minutes)


def read_levels(value: object, _: Units) -> dict[int, Fraction]:
    """Read skill level -> efficiency."""
    if not isinstance(value, dict):
        raise fault("wrong-type", f"This is a table such as {{ 1 = 0.5, 2 = 0.8, 3 = 1.0 }}; got {shown(value)}.")
    issues, levels = [], {}
    for level, number in value.items():
        try:
            if not _LEVEL.fullmatch(level) or int(level) > 100:
                raise fault("wrong-type", f"A skill level is a whole number from 0 to 100; got {shown(level)}.")
            efficiency = exact(number)
            if not 0 < efficiency <= 10:
                found = f"An efficiency is above 0 and at most 10; got {shown(number)}."
                raise fault("out-of-range", f"{found} A level that cannot do the work is left out.")
            levels[int(level)] = efficiency
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=level))
    if issues:
        raise ScenarioError(*issues)
    return dict(sorted(levels.items()))


_NUMBER = r"[0-9]+(_[0-9]+)*(\.[0-9]+)?"
_TABLE = {"definition": "Distribution"}


def pattern(expression: str, example: str) -> dict[str, Any]:
    """Return the JSON Schema of a text, with an example that editors offer."""
    return {"type": "string", "pattern": f"^{expression}$", "examples": [example]}


_DURATION = pattern(rf"{_NUMBER} *(m|h|d|w)", "2.5d")
LAG_SCHEMA = {"anyOf": [pattern(rf"-?{_NUMBER} *(m|h|d|w)", "3d"), _TABLE]}
_EFFORT = pattern(rf"{_NUMBER} *(m|h|d|w|mo)", "80h")
_MONEY = [{"type": "number", "minimum": 0}, pattern(rf"{_NUMBER} *[kKmM]?", "350k")]
_RATE = pattern(rf"{_NUMBER} *[kKmM]? */ *(h|d|w|mo|y)", "200k/y")
_NAMES = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_WEEKDAYS = {"type": "array", "minItems": 1, "items": {"enum": list(WEEKDAYS)}}
_LEVELS = {"type": "object", "patternProperties": {"^[0-9]+$": {"type": "number"}}, "additionalProperties": False}

Text = Annotated[str, Value(read_text, {"type": "string"})]
Flag = Annotated[bool, Value(read_flag, {"type": "boolean"})]
Day = Annotated[date, Value(read_date, {"type": "string", "format": "date"})]
Duration = Annotated[int, Value(read_duration, _DURATION)]
FixedEffort = Annotated[int, Value(read_fixed_effort, _EFFORT)]
UncertainDuration = Annotated[Quantity, Value(read_uncertain_duration, {"anyOf": [_DURATION, _TABLE]})]
UncertainEffort = Annotated[Quantity, Value(read_uncertain_effort, {"anyOf": [_EFFORT, _TABLE]})]
Factor = Annotated[Distribution, Value(read_factor, {"anyOf": [_TABLE, {"definition": "NamedPrior"}]})]
UncertainFactor = Annotated[
    Distribution, Value(read_uncertain_factor, {"anyOf": [{"type": "number", "minimum": 0}, _TABLE]})
]
Money = Annotated[int, Value(read_money, {"anyOf": _MONEY})]
Rate = Annotated[Fraction, Value(read_rate, _RATE)]
MoneyOrRate = Annotated[int | Fraction, Value(read_money_or_rate, {"anyOf": [*_MONEY, _RATE]})]
Percentage = Annotated[
    Fraction,
    Value(
        read_percentage,
        {"anyOf": [pattern(r"[0-9]+(\.[0-9]+)? *%", "10%"), {"type": "number", "minimum": 0, "maximum": 1}]},
    ),
]
NameList = Annotated[Names, Value(read_names, _NAMES)]
Weekdays = Annotated[tuple[int, ...], Value(read_weekdays, _WEEKDAYS)]
DayHours = Annotated[int, Value(read_day_hours, {"type": "number", "exclusiveMinimum": 0, "maximum": 24})]
Levels = Annotated[dict[int, Fraction], Value(read_levels, _LEVELS)]
Chance = Annotated[Fraction, share("probability-range", "A chance", above_zero=False)]
Proportion = Annotated[Fraction, share("out-of-range", "This", above_zero=False)]
PositiveShare = Annotated[Fraction, share("out-of-range", "This", above_zero=True)]
