"""Durations, money, rates and the working calendar: the units of a scenario, all exact."""

from __future__ import annotations

import math
import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from simrisk.errors import Issue, ScenarioError

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTH_WEEKS = Fraction(52, 12)
YEAR_WEEKS = 52

_NUMBER = r"(?P<number>[+-]?[0-9]+(?:_[0-9]+)*(?:\.[0-9]+(?:_[0-9]+)*)?)"
_QUANTITY = re.compile(_NUMBER + r"\s*(?P<unit>[A-Za-z]*)")
_MONEY = re.compile(_NUMBER + r"\s*(?P<scale>[kKmM]?)")
_SCALES = {"": 1, "k": 1_000, "m": 1_000_000}
_SMALLEST, _LARGEST = Decimal("1e-18"), Decimal("1e18")
_LONGEST_TEXT = 40  # a number of a thousand digits is a mistake, and slow to convert


@dataclass(frozen=True)
class WorkingCalendar:
    """Working days of a project, and the clock that counts their minutes.

    Day 0 is the first working day on or after `start`; days before it have negative numbers.

    Parameters
    ----------
    start : date
    work_week : tuple of int
        Python weekday numbers (Monday 0), ascending, at least one.
    holidays : frozenset of date
    day_minutes : int
        Working minutes of a day, > 0.
    """

    start: date
    work_week: tuple[int, ...]
    holidays: frozenset[date]
    day_minutes: int

    @cached_property
    def _free(self) -> list[int]:
        """Ordinals of the holidays that fall on days of the work week, ascending."""
        return sorted(day.toordinal() for day in self.holidays if day.weekday() in self.work_week)

    @cached_property
    def _before_weekday(self) -> tuple[int, ...]:
        """Working days of a week that lie before each weekday, shape (7,)."""
        return tuple(bisect_left(self.work_week, weekday) for weekday in range(7))

    @cached_property
    def _origin(self) -> int:
        return self._count(self.start.toordinal())

    def _count(self, ordinal: int) -> int:
        """Working days before `ordinal`, counted from 0001-01-01, which is a Monday."""
        weeks, weekday = divmod(ordinal - 1, 7)
        return weeks * len(self.work_week) + self._before_weekday[weekday] - bisect_left(self._free, ordinal)

    def day_of(self, day: date) -> int:
        """Return the number of the first working day on or after `day`; negative before day 0."""
        return self._count(day.toordinal()) - self._origin

    def minute_of(self, day: date) -> int:
        """First working minute on or after `day`."""
        return self.day_of(day) * self.day_minutes

    def end_of(self, day: date) -> int:
        """End of the last working day on or before `day`, in working minutes."""
        return (self._count(day.toordinal() + 1) - self._origin) * self.day_minutes

    def date_of_day(self, number: int) -> date:
        """Calendar date of working day `number`, which may be negative; the last date there is for days after it."""
        wanted = number + self._origin
        passed = 0
        while True:
            weeks, place = divmod(wanted + passed, len(self.work_week))
            ordinal = weeks * 7 + self.work_week[place] + 1
            holidays = bisect_right(self._free, ordinal)
            if holidays == passed:
                return date.fromordinal(min(ordinal, date.max.toordinal()))
            passed = holidays

    def finish_date(self, minute: float) -> date:
        """Day on which something that ends at `minute` ends: minute 480 of 8-hour days belongs to day 0."""
        day = math.ceil(minute / self.day_minutes) - 1
        return self.date_of_day(max(day, 0) if minute >= 0 else day)

    def start_date(self, minute: float) -> date:
        """Day on which something that starts at `minute` starts: minute 480 of 8-hour days belongs to day 1."""
        return self.date_of_day(math.floor(minute / self.day_minutes))

    def days(self, count: int) -> list[date]:
        """Return the first `count` working days."""
        found: list[date] = []
        ordinal = self.start.toordinal()
        free = set(self._free)
        while len(found) < count:
            if (ordinal - 1) % 7 in self.work_week and ordinal not in free:
                found.append(date.fromordinal(ordinal))
            ordinal += 1
        return found


@dataclass(frozen=True)
class Units:
    """How long a day and a week are; turns written durations, efforts, money and rates into exact numbers.

    Parameters
    ----------
    day_minutes, week_days : int
        Working minutes of a day, working days of a week.
    folder : str
        Where files that the scenario names are looked for.
    """

    day_minutes: int = 480
    week_days: int = 5
    folder: str = ""

    @property
    def week_minutes(self) -> int:
        """Working minutes of a week."""
        return self.day_minutes * self.week_days

    def minutes(self, unit: str) -> Fraction:
        """Working minutes of one `m`, `h`, `d`, `w`, `mo` or `y`."""
        return {
            "m": Fraction(1),
            "h": Fraction(60),
            "d": Fraction(self.day_minutes),
            "w": Fraction(self.week_minutes),
            "mo": self.week_minutes * MONTH_WEEKS,
            "y": Fraction(self.week_minutes * YEAR_WEEKS),
        }[unit]

    def duration(self, value: object) -> Fraction:
        """Working minutes of a duration such as ``"2.5d"``.

        Raises
        ------
        ScenarioError
            bare-number, unknown-unit, wrong-type or negative: an issue without a place.
        """
        number, unit = split_quantity(value, "a duration", ("m", "h", "d", "w"))
        return number * self.minutes(unit)

    def effort(self, value: object) -> Fraction:
        """Minutes of one person's full-time work of an effort such as ``"80h"`` or ``"3mo"``.

        Raises
        ------
        ScenarioError
            As `duration`.
        """
        number, unit = split_quantity(value, "an effort", ("m", "h", "d", "w", "mo"))
        return number * self.minutes(unit)

    def rate(self, value: object) -> Fraction:
        """Cents per working minute of a rate such as ``"200k/y"`` or ``"95/h"``.

        Raises
        ------
        ScenarioError
            bare-number, unknown-unit, wrong-type or negative: an issue without a place.
        """
        if is_number(value):
            raise fault(
                "bare-number", f"A rate needs a time: '{value}/h', or per d, w, mo or y; got the number {value}."
            )
        if not isinstance(value, str):
            raise fault("wrong-type", f"A rate is a text such as '95/h' or '200k/y'; got {shown(value)}.")
        amount, slash, unit = value.partition("/")
        unit = unit.strip()
        if not slash:
            raise fault("bare-number", f"A rate needs a time: '{value}/h', or per d, w, mo or y; got '{value}'.")
        if unit not in ("h", "d", "w", "mo", "y"):
            raise fault("unknown-unit", f"A rate is per h, d, w, mo or y; got '{value}'.")
        return money(amount) / self.minutes(unit)


def money(value: object) -> Fraction:
    """Cents of an amount of money: a number, or a text with ``k`` (thousand) or ``m`` (million).

    Raises
    ------
    ScenarioError
        wrong-type or negative: an issue without a place.
    """
    if is_number(value):
        amount = exact(value)
    else:
        text = value.strip() if isinstance(value, str) else ""
        match = _MONEY.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
        if match is None:
            raise fault("wrong-type", f"An amount of money is a number such as 350_000, or '350k'; got {shown(value)}.")
        amount = Fraction(match["number"].replace("_", "")) * _SCALES[match["scale"].lower()]
    if amount < 0:
        raise fault("negative", f"An amount of money cannot be negative; got {shown(value)}.")
    return amount * 100


def split_quantity(value: object, what: str, units: tuple[str, ...]) -> tuple[Fraction, str]:
    """Split ``"2.5d"`` into its number and its unit.

    Parameters
    ----------
    value : object
        As read from the file.
    what : str
        What it should be, with its article, for the message: ``"a duration"``.
    units : tuple of str
        The units allowed here.

    Raises
    ------
    ScenarioError
        bare-number, unknown-unit, wrong-type or negative: an issue without a place.
    """
    listed = ", ".join(units[:-1]) + " or " + units[-1]
    if is_number(value):
        raise fault(
            "bare-number", f"{what.capitalize()} needs a unit ({listed}), such as '{value}h'; got the number {value}."
        )
    if not isinstance(value, str):
        raise fault("wrong-type", f"{what.capitalize()} is a text such as '8h' (units {listed}); got {shown(value)}.")
    text = value.strip()
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST_TEXT else None
    if match is None:
        raise fault(
            "wrong-type", f"{what.capitalize()} is a number and a unit ({listed}), such as '8h'; got {shown(value)}."
        )
    number, unit = Fraction(match["number"].replace("_", "")), match["unit"]
    if not unit:
        raise fault("bare-number", f"{what.capitalize()} needs a unit ({listed}), such as '{text}h'; got '{text}'.")
    if unit not in units:
        raise fault("unknown-unit", f"The units of {what} are {listed}; got '{text}'.")
    if number < 0:
        raise fault("negative", f"{what.capitalize()} cannot be negative; got '{text}'.")
    return number, unit


def is_number(value: object) -> bool:
    """Whether a value read from the file is a number; true and false are none."""
    return isinstance(value, int | float | Decimal | Fraction) and not isinstance(value, bool)


def exact(value: object) -> Fraction:
    """Return the number as it was written, as a fraction.

    Raises
    ------
    ScenarioError
        wrong-type: not a finite number; out-of-range: more digits than any quantity here has.
    """
    if not isinstance(value, int | float | Decimal | Fraction) or isinstance(value, bool):
        raise fault("wrong-type", f"This is a number; got {shown(value)}.")
    number = Decimal(repr(value)) if isinstance(value, float) else value
    if isinstance(number, Decimal) and not number.is_finite():
        raise fault("wrong-type", f"This is a finite number; got {value}.")
    # compared before it is converted: 1e999999 would become a fraction of a million digits
    if (
        number
        and not _SMALLEST
        <= (number if isinstance(number, Decimal) else Decimal(int(number) or 1)).copy_abs()
        <= _LARGEST
    ):
        raise fault("out-of-range", f"A number here is between 10^-18 and 10^18, or 0; got {shown(value)}.")
    return Fraction(number)


def round_half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves up."""
    return math.floor(value + Fraction(1, 2))


def shown(value: object) -> str:
    """Return a value of the file as a message shows it, in few characters."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= _LONGEST_TEXT else f"'{value[: _LONGEST_TEXT - 3]}...'"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "an empty list" if not value else "a list"
    text = str(value)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "..."


def hours(minutes: float | Fraction) -> str:
    """Return working minutes as a message shows them: ``8h``, ``7.5h``."""
    return f"{float(minutes) / 60:.4g}h" if minutes < 600_000 else f"{float(minutes) / 60:.0f}h"


def percent(share: float | Fraction) -> str:
    """Return a share as a message shows it: ``5 %``, ``87.7 %``."""
    return f"{100 * float(share):.3g} %"


def fault(slug: str, found: str, where: str = "") -> ScenarioError:
    """Make an exception for one issue without file and line; whoever knows the place fills it in."""
    return ScenarioError(Issue(slug, "error", "", 0, where, found))
