"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Protocol

import click

from simrisk.cli.console import AnyFunction

MOST_TRIALS = 10_000_000  # beyond it the results would not fit in memory
MOST_SEED = 2**63 - 1


class Decorator(Protocol):
    """What a function of a command is dressed with."""

    def __call__(self, function: AnyFunction, /) -> AnyFunction:
        """Return the function, with options."""


class WholeNumber(click.IntRange):
    """A whole number within limits, and the limits in the message when it is none."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number."""
        try:
            number = int(value)
        except ValueError:
            number = None
        if number is None or not self.min <= number <= self.max:  # type: ignore[operator]
            self.fail(f"a whole number from {self.min:,} to {self.max:,} is needed; got '{value}'.", param, ctx)
        return number

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What the help shows for the value."""
        return "N"

    def _describe_range(self) -> str:
        """Nothing: limits so far away would only crowd the help."""
        return ""


def folder(context: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """A folder's name.

    Raises
    ------
    click.BadParameter
    """
    if value is not None and not value.strip():
        raise click.BadParameter("the name of a folder is needed; got an empty one.")
    return None if value is None else Path(value)


def file_name(context: click.Context, parameter: click.Parameter, value: str | None) -> Path | None:
    """A file's name.

    Raises
    ------
    click.BadParameter
    """
    if value is not None and not value.strip():
        raise click.BadParameter("the name of a file is needed; got an empty one.")
    return None if value is None else Path(value)


def _changes(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    pairs = []
    for given in values:
        # the bytes as they were typed, in a locale without their letters too
        value = given.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        key, equals, text = value.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"'{value}' is not KEY=VALUE, such as people.APEX.focus=0.7.")
        pairs.append((key.strip(), text.strip()))
    return tuple(pairs)


def _single(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Changes of one value each; what would be several elsewhere is refused, so that it means the same everywhere."""
    pairs = _changes(context, parameter, values)
    if any("," in text or ".." in text for _, text in pairs):
        from simrisk.scenario.several import values_of

        for key, text in pairs:
            if len(values_of(key, text)) > 1:
                raise click.BadParameter(
                    f"{key}={text} has several values; `simrisk sweep` and `simrisk run` try each of them. "
                    f"One text with a comma is quoted: '{key}=\"{text}\"'."
                )
    return pairs


changes_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_single,
    help="Change one value of the file, e.g. people.APEX.focus=0.7; may be repeated.",
)

several_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=V1,V2,...",
    callback=_changes,
    help="Change a value of the file, e.g. people.APEX.focus=0.7. Several values (0.7,0.8 or 0.5..0.9:0.1) give a "
    "table; may be repeated, for every combination.",
)


with_option = click.option(
    "--with", "with_", multiple=True, metavar="NAME", help="Switch a mitigation on; may be repeated."
)

without_option = click.option(
    "--without",
    multiple=True,
    metavar="NAME",
    help="Switch a mitigation or a risk off, with 'risks' all of them; may be repeated.",
)


sampling_option = click.option(
    "--sampling",
    type=click.Choice(["independent", "lhs"]),
    default="independent",
    show_default=True,
    help="Each trial on its own, or Latin hypercubes of 256 trials: the same precision from fewer trials.",
)


threads_option = click.option(
    "--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]"
)


def trials_option(meaning: str) -> Decorator:
    """`--trials`: what they are, and how many by default."""
    return click.option("--trials", type=WholeNumber(1, MOST_TRIALS), help=meaning)


def seed_option(default: str) -> Decorator:
    """`--seed`: whose dice by default."""
    return click.option("--seed", type=WholeNumber(0, MOST_SEED), help=f"Which dice. [default: {default}]")


def no_charts_option(meaning: str) -> Decorator:
    """`--no-charts`, which the command gets as `charts`."""

    def wanted(context: click.Context, parameter: click.Parameter, value: object) -> bool:
        return not value

    return click.option("--no-charts", "charts", is_flag=True, callback=wanted, help=meaning)


def split_until(value: str) -> tuple[str, str]:
    """``finish.p80=4h`` as metric and width.

    Raises
    ------
    click.UsageError
    """
    metric, equals, width = (part.strip() for part in value.partition("="))
    if not equals or not metric or not width:
        raise click.UsageError(f"--until: '{value}' is not METRIC=WIDTH, such as finish.p80=4h.")
    return metric, width


class Width:
    """A half width as the user gave it: a duration, an amount, a share or a number, after the kind of metric.

    Parameters
    ----------
    text : str
        E.g. ``4h``, ``1%``, ``2k``.
    kind : str
        Kind of the metric.
    day_minutes, week_days : int
        Lengths of the project's day and week.

    Raises
    ------
    click.UsageError
    """

    def __init__(self, text: str, kind: str, *, day_minutes: int, week_days: int) -> None:
        from simrisk.scenario.units import Units

        self.text = text
        self._timed, self._money = kind in ("finish", "duration", "effort"), kind == "money"
        self._units = Units(day_minutes, week_days)
        self.value = self._read(text)
        if not math.isfinite(self.value) or self.value <= 0:
            raise click.UsageError(f"--until: the width must be greater than 0; got '{text}'.")
        self.unit = text.lstrip("0123456789._ ") if self._timed or text.endswith("%") else ""

    def _read(self, text: str) -> float:
        from simrisk.errors import ScenarioError
        from simrisk.scenario.units import money

        try:
            if self._timed:
                return float(self._units.duration(text))
            if self._money:
                return float(money(text)) / 100
            return float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ScenarioError as error:
            raise click.UsageError(f"--until: {error.issues[0].found}") from None
        except ValueError:
            raise click.UsageError(f"--until: '{text}' is not a number or a percentage such as 1%.") from None

    def shown(self, reached: float) -> str:
        """Another width, in the unit of this one."""
        number = reached / self._read(f"1{self.unit}")
        return f"{number:,.0f}{self.unit}" if number >= 100 else f"{number:.3g}{self.unit}"
