"""Variants on an axis: where a figure of one stands, with its interval, and rows of points, one for each variant."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from simrisk.charts.canvas import CURVE, INK, NAMES_LEFT, QUIET
from simrisk.charts.clock import deadline_of
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import SMALLEST, percent, shortened
from simrisk.charts.money import money_text
from simrisk.charts.rows import GRID, SHADE, DaySpans, list_rows, set_calendar
from simrisk.charts.scale import Scale, spoken
from simrisk.dataset import Results
from simrisk.measures.difference import Difference
from simrisk.whatif.variants import Tried

LOOKS = ((QUIET, "s"), (CURVE, "o"), (INK, "D"))  # of the first metric, the second ...
AIR = 0.06  # of the range, at both ends
LEAST = {"finish": 5.0, "share": 0.02}  # range of an axis
NEAR = 0.3  # of the range: a deadline that is further away is not drawn
NAME_LETTERS = 27
BESIDE = 0.14  # of the width of the axes, for what is said at the right
OFF = {"stopped": "stopped", "beyond": "beyond the horizon"}


class Spot(NamedTuple):
    """Where a figure stands on an axis, with the ends of its interval; nan where it is none."""

    value: float
    low: float
    high: float


class Place:
    """The axis of one kind of figure.

    Parameters
    ----------
    base : Run
    kind : str
        Of the figures.
    """

    def __init__(self, base: Results, kind: str) -> None:
        self.kind, self.scale = kind, Scale(base, kind)

    def spot(self, outcome: Tried, metric: str) -> Spot:
        """Where a figure of a variant stands; an end that nothing bounds is infinite."""
        found = outcome.figures.get(metric)
        if found is None or found.value is None:
            return Spot(math.nan, math.nan, math.nan)
        low, high = -math.inf if found.low is None else found.low, math.inf if found.high is None else found.high
        return Spot(self.at(outcome, found.value), self.at(outcome, low), self.at(outcome, high))

    def at(self, outcome: Tried, value: float) -> float:
        """Where a number stands."""
        if not math.isfinite(value):
            return value
        return float(DaySpans(outcome.dates).ends(value)) if self.kind == "finish" else self.scale.y(value)


def limits(spots: Sequence[Spot], kind: str) -> tuple[float, float]:
    """From where to where an axis goes that has all figures and their intervals, with some air."""
    ends = [end for spot in spots for end in spot if math.isfinite(end)]
    low, high = min(ends, default=0.0), max(ends, default=1.0)
    width = max(high - low, LEAST.get(kind, 0.02 * max(abs(low), abs(high)) or 1.0))
    middle = (low + high) / 2
    return middle - (0.5 + AIR) * width, middle + (0.5 + AIR) * width


def deadline_near(base: Results, ends: tuple[float, float]) -> float | None:
    """Where the deadline stands, when it is near enough to be in the picture."""
    day = deadline_of(base)
    if day is None:
        return None
    at, width = day_number(day) + 1, ends[1] - ends[0]
    return at if ends[0] - NEAR * width <= at <= ends[1] + NEAR * width else None


def whisker(axes: Axes, across: float, spot: Spot, color: str, *, upright: bool) -> None:
    """The interval of a figure, up to the edge of the picture where it has no end."""
    low, high = axes.get_ylim() if upright else axes.get_xlim()
    ends = [max(spot.low, low), min(spot.high, high)]
    line = ([across, across], ends) if upright else (ends, [across, across])
    axes.plot(*line, color=color, linewidth=1.5, alpha=0.85, solid_capstyle="butt", zorder=3)


@dataclass(frozen=True)
class PointRow:
    """A row: a variant, or a heading where there is none.

    Parameters
    ----------
    name : str
    outcome : Tried, optional
    reference : bool
        Whether the others are compared with it.
    said : str
        At its right, of the reference.
    """

    name: str
    outcome: Tried | None = None
    reference: bool = False
    said: str = ""


def draw_rows(
    axes: Axes, base: Results, rows: Sequence[PointRow], metrics: Sequence[str], kind: str, *, more: str = ""
) -> None:
    """Draw a row for each variant: its figures as points with their intervals, at the right what the last moves by.

    Parameters
    ----------
    metrics : sequence of str
        At most three, of one kind.
    more : str
        Below the last row, how many are left out.
    """
    place, main = Place(base, kind), metrics[-1]
    spots = {
        (row, metric): place.spot(entry.outcome, metric)
        for row, entry in enumerate(rows)
        if entry.outcome is not None and not _is_off(entry.outcome, main)
        for metric in metrics
    }
    ends = limits(list(spots.values()), kind)
    deadline = deadline_near(base, ends) if kind == "finish" else None
    if deadline is not None:
        ends = min(ends[0], deadline - 1), max(ends[1], deadline + 1)
    _set_axis(axes, place, ends)
    looks = LOOKS[1:] if len(metrics) == 1 else LOOKS
    for number, entry in enumerate(rows):
        if entry.outcome is None:
            continue
        if entry.reference:
            axes.axhspan(number - 0.5, number + 0.5, color=SHADE, linewidth=0, zorder=0)
        if _is_off(entry.outcome, main):
            _say_off(axes, entry.outcome, main, number)
            continue
        for metric, look in zip(metrics, looks, strict=False):
            _draw_point(axes, spots[number, metric], number, look, f"{metric}-{number}")
        _say_move(axes, place, entry, number, main)
    list_rows(axes, [shortened(row.name, NAME_LETTERS) for row in rows], more)
    for label, row in zip(axes.get_yticklabels(), rows, strict=False):
        label.set_fontweight("bold" if row.outcome is None else "normal")
    reference = next((row.outcome for row in rows if row.reference), None)
    if reference is not None:
        for metric, (color, _) in zip(metrics, looks, strict=False):
            x = place.spot(reference, metric).value
            if math.isfinite(x):
                axes.axvline(x, color=color, linewidth=1.2, linestyle=":", zorder=1.5, gid=f"reference-{metric}")
    axes.annotate(
        f"{spoken(metrics[-1])} moves by",
        (1, 1),
        (0, 3),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=SMALLEST,
        color=QUIET,
        annotation_clip=False,
    )
    _dress(axes, base, metrics, looks, deadline)


def _set_axis(axes: Axes, place: Place, ends: tuple[float, float]) -> None:
    width = ends[1] - ends[0]
    axes.spines["left"].set_visible(False)
    if place.kind == "finish":
        set_calendar(axes, ends[0], ends[1])
    else:
        axes.set_xlim(ends)
        axes.xaxis.set_major_formatter(place.scale.formatter())
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
    axes.set_xlim(ends[0], ends[1] + BESIDE * width)


def _is_off(outcome: Tried, metric: str) -> bool:
    """Whether a figure is no number: it would take points of other figures to see how far away it is."""
    found = outcome.figures.get(metric)
    return found is None or found.value is None


def _say_off(axes: Axes, outcome: Tried, metric: str, row: int) -> None:
    found = outcome.figures.get(metric)
    text = "" if found is None else f"{spoken(metric)} {OFF['stopped' if found.stopped else 'beyond']}"
    stopped = outcome.figures.get("stopped")
    if found is not None and found.stopped and stopped is not None and stopped.value:
        text = f"{percent(stopped.value)} of the trials are stopped, so {spoken(metric)} is no date"
    axes.annotate(
        text,
        (0.02, row),
        xycoords=axes.get_yaxis_transform(),
        ha="left",
        va="center",
        fontsize=SMALLEST,
        color=QUIET,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0},
        zorder=4,
    )


def _draw_point(axes: Axes, spot: Spot, row: int, look: tuple[str, str], gid: str) -> None:
    color, marker = look
    if math.isnan(spot.value):
        return
    whisker(axes, row, spot, color, upright=False)
    axes.plot(
        [spot.value],
        [row],
        marker=marker,
        color="white" if marker == "s" else color,
        markeredgecolor=color,
        markersize=7,
        markeredgewidth=1.6,
        linestyle="none",
        gid=gid,
        zorder=4,
    )


def _say_move(axes: Axes, place: Place, entry: PointRow, row: int, metric: str) -> None:
    assert entry.outcome is not None
    moved = entry.outcome.differences.get(metric)
    text = entry.said if entry.reference else "" if moved is None else move_text(moved, place)
    sure = moved is not None and moved.verdict not in ("no change", "undecided")
    axes.annotate(
        text,
        (1, row),
        (0, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="center",
        fontsize=SMALLEST,
        weight="bold" if sure else "normal",
        color=INK if sure else QUIET,
        annotation_clip=False,
    )


def move_text(found: Difference, place: Place) -> str:
    """``+12 ± 1 d``: what it moves by, with its interval."""
    if found.value is None:
        return "?"
    if found.value == found.low == found.high == 0:
        return "0"
    word = {"finish": " d", "duration": " d", "share": " pt"}.get(found.kind, "")
    half = None if found.low is None or found.high is None else (found.high - found.low) / 2
    error = "?" if half is None else _short(half, found.kind, place)
    sign = "+" if found.value > 0 else "\N{MINUS SIGN}" if found.value < 0 else ""
    return f"{sign}{_short(abs(found.value), found.kind, place)} \N{PLUS-MINUS SIGN} {error}{word}"


def _short(amount: float, kind: str, place: Place) -> str:
    if kind == "money":
        return money_text(amount)
    days = place.scale.day_minutes
    number = amount / {"finish": days, "duration": days, "effort": 60, "share": 0.01}.get(kind, 1.0)
    return (
        f"{number:,.0f}"
        if number >= 9.95
        else f"{number:.1f}"
        if kind in ("finish", "duration", "share")
        else f"{number:.3g}"
    )


def _dress(
    axes: Axes, base: Results, metrics: Sequence[str], looks: Sequence[tuple[str, str]], deadline: float | None
) -> None:
    handles: list[Any] = [
        Line2D(
            [],
            [],
            color=color,
            marker=marker,
            markerfacecolor="white" if marker == "s" else color,
            markersize=7,
            markeredgewidth=1.6,
            linewidth=1.5,
            label=f"{spoken(metric)} with its 95 % interval",
        )
        for metric, (color, marker) in zip(metrics, looks, strict=False)
    ]
    if deadline is not None:
        axes.axvline(deadline, color=INK, linewidth=1.6, linestyle="--", zorder=1.6, gid="deadline")
        day = deadline_of(base)
        assert day is not None
        handles.append(Line2D([], [], color=INK, linewidth=1.6, linestyle="--", label=f"deadline {day_text(day)}"))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=2,
        frameon=False,
        fontsize=11,
        columnspacing=1.4,
        borderaxespad=3.6,
    )
