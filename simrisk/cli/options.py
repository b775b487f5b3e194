"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import math

import click


def _changes(
    context: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    pairs = []
    for value in values:
        key, equals, text = value.partition("=")
        if not equals or not key.strip():
            raise click.BadParameter(f"'{value}' is not KEY=VALUE, such as people.APEX.focus=0.7.")
        pairs.append((key.strip(), text.strip()))
    return tuple(pairs)


changes_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="KEY=VALUE",
    callback=_changes,
    help="Change one value of the file, e.g. people.APEX.focus=0.7; may be repeated.",
)


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


def read_width(width: str, kind: str, *, day_minutes: int, week_days: int) -> float:
    """A half width in the unit of a metric of this kind: a duration, an amount, a share or a number.

    Raises
    ------
    click.UsageError
    """
    from simrisk.errors import ScenarioError
    from simrisk.scenario.units import Units, money

    try:
        if kind in ("finish", "duration", "effort"):
            found = float(Units(day_minutes, week_days).duration(width))
        elif kind == "money":
            found = float(money(width)) / 100
        else:
            found = float(width.removesuffix("%")) / (100 if width.endswith("%") else 1)
    except ScenarioError as error:
        raise click.UsageError(f"--until: {error.issues[0].found}") from None
    except ValueError:
        raise click.UsageError(f"--until: '{width}' is not a number or a percentage such as 1%.") from None
    if not math.isfinite(found) or found <= 0:
        raise click.UsageError(f"--until: the width must be greater than 0; got '{width}'.")
    return found
