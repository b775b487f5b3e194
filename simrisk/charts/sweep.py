"""The sweep: dates, or other figures, against the values that were tried."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import matplotlib
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET, headline, tall_axes
from simrisk.charts.days import DayFormatter, day_number, show_days
from simrisk.charts.frame import SMALLEST, project, say, shortened, slide, spread
from simrisk.charts.heat import draw_heat, heat_legend
from simrisk.charts.scale import spoken
from simrisk.charts.variants import LOOKS, Place, PointRow, Spot, deadline_near, draw_rows, limits, whisker
from simrisk.measures.difference import direction
from simrisk.whatif.grid import Axis
from simrisk.whatif.sweep import Sweep

MOST_ROWS, MOST_LINES, MOST_TICKS = 40, 7, 9
MAIN = "finish.p80"
COLORS = (CURVE, TARGET, "#009E73", "#CC79A7", "#E69F00", "#56B4E9", INK)  # Okabe and Ito
MARKERS = "osD^vPX"
RIGHT = 0.83  # of the axes in the figure: names of lines stand behind it
ROW_INCHES, LEAST_INCHES = 0.42, 2.4
KEY_LETTERS, VALUE_LETTERS = 52, 13
_NUMBER = re.compile(r"([+-]?[0-9][0-9_]*(?:\.[0-9_]+)?)\s*(\D*)")


class Ruler(NamedTuple):
    """A key on an axis of numbers or dates."""

    key: str
    places: tuple[float, ...]
    names: tuple[str, ...]
    unit: str
    dated: bool


def plot_sweep(found: Sweep, *, metrics: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the figures of a sweep.

    One key of numbers: its figures against its values. Two keys, one of them of numbers: a line for each value of the
    other; many values of both: a heat map of what the figure moves by. Anything else: a row for each variant.

    Parameters
    ----------
    found : Sweep
    metrics : sequence of str, optional
        Of one kind, at most three. Default: dates, or the first that was asked for and those of its kind.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure.

    Returns
    -------
    matplotlib Axes
    """
    shown = tuple(metrics) or _metrics(found)
    kind = _kind(found, shown[0])
    rulers = [_ruler(axis) for axis in found.grid.axes]
    with matplotlib.rc_context(STYLE):
        if len(rulers) == 1 and rulers[0] is not None:
            return _lines(found, shown, kind, rulers[0], 0, ax)
        if len(rulers) == 2 and any(rulers):
            across = max((0, 1), key=lambda i: (rulers[i] is not None, len(found.grid.axes[i].values)))
            ruler = rulers[across]
            if ruler is not None and len(found.grid.axes[1 - across].values) <= MOST_LINES:
                return _lines(found, (_main(shown),), kind, ruler, across, ax)
            axes = draw_heat(found, _main(shown), Place(found.base, kind), ax)
            say(axes, _answer(found, _main(shown), kind), heat_legend(found, spoken(_main(shown)), kind), rows=0)
            return axes
        return _rows(found, shown, kind, ax)


def _main(metrics: Sequence[str]) -> str:
    return MAIN if MAIN in metrics else metrics[0]


def _metrics(found: Sweep) -> tuple[str, ...]:
    """Dates first; else those of the kind of the first."""
    kinds = [_kind(found, metric) for metric in found.metrics]
    wanted = "finish" if "finish" in kinds else kinds[0]
    return tuple(metric for metric, kind in zip(found.metrics, kinds, strict=True) if kind == wanted)[: len(LOOKS)]


def _kind(found: Sweep, metric: str) -> str:
    return next(out.figures[metric].kind for out in (*found.outcomes, found.own) if metric in out.figures)


def _ruler(axis: Axis) -> Ruler | None:
    """A key of numbers of one unit, or of dates; None when it is neither."""
    try:
        days = tuple(day_number(date.fromisoformat(name)) for name in axis.names)
        return Ruler(axis.key, days, axis.names, "", True)
    except ValueError:
        pass
    parts = [_NUMBER.fullmatch(name) for name in axis.names]
    units = {part[2] if part else None for part in parts}
    if None in units or len(units) > 1:
        return None
    numbers = tuple(float(part[1].replace("_", "")) for part in parts if part)
    return Ruler(axis.key, numbers, axis.names, str(units.pop()), False)


# Lines


class _Series(NamedTuple):
    """A line: its name, its look, and for each of its points where it is across, where up, and which variant it is."""

    name: str
    color: str
    marker: str
    points: list[tuple[float, Spot, int]]


def _lines(found: Sweep, metrics: Sequence[str], kind: str, ruler: Ruler, across: int, ax: Axes | None) -> Axes:
    place = Place(found.base, kind)
    series = _series(found, metrics, place, ruler, across)
    axes = slide(rows=0, right=RIGHT, bottom=0.165 if ruler.dated else 0.13) if ax is None else ax
    spots = [spot for line in series for _, spot, _ in line.points]
    own = [place.spot(found.own, metric) for metric in metrics]
    ends = limits([*spots, *own], kind)
    deadline = deadline_near(found.base, ends) if kind == "finish" else None
    if deadline is not None:
        ends = min(ends[0], deadline - 1), max(ends[1], deadline + 1)
    axes.set_ylim(ends)
    low, high = min(ruler.places), max(ruler.places)
    air = 0.05 * (high - low) or 1.0
    axes.set_xlim(low - air, high + air)
    for line in series:
        _draw_line(axes, line, found.reference)
    if found.reference is None:
        for metric, spot in zip(metrics, own, strict=True):
            if math.isfinite(spot.value):
                axes.axhline(spot.value, color=INK, linewidth=1.3, linestyle=":", zorder=1.5, gid=f"own-{metric}")
    if deadline is not None:
        axes.axhline(deadline, color=TARGET, linewidth=1.8, linestyle="--", zorder=1.5, gid="deadline")
    _name_lines(axes, series)
    _dress(axes, place, ruler, metrics)
    other = found.grid.axes[1 - across].key if len(found.grid.axes) > 1 else ""
    about = f"{spoken(metrics[0])}, a line for each {shortened(other, 30)}. " if other else ""
    say(axes, _answer(found, _main(metrics), kind), about + _legend(found, deadline is not None), rows=0)
    return axes


def _legend(found: Sweep, deadline: bool) -> str:
    """What lines and rings are."""
    said = "The same dice in all; bars: 95 % intervals."
    if found.variants.own is not None:
        said += " Dotted: as in the file." if found.reference is None else " Ring: as in the file."
    return f"{said} Dashed: deadline." if deadline else said


def _series(found: Sweep, metrics: Sequence[str], place: Place, ruler: Ruler, across: int) -> list[_Series]:
    points = found.grid.points
    index = {value: i for i, value in enumerate(found.grid.axes[across].values)}

    def line(metric: str, members: Sequence[int]) -> list[tuple[float, Spot, int]]:
        made = [(ruler.places[index[points[n][across]]], place.spot(found.outcomes[n], metric), n) for n in members]
        return sorted(made, key=lambda point: point[0])

    if len(found.grid.axes) == 1:
        looks = LOOKS[1:] if len(metrics) == 1 else LOOKS
        return [
            _Series(spoken(metric), color, marker, line(metric, range(len(points))))
            for metric, (color, marker) in zip(metrics, looks, strict=False)
        ]
    other = found.grid.axes[1 - across]
    return [
        _Series(
            name, COLORS[i], MARKERS[i], line(metrics[0], [n for n, p in enumerate(points) if p[1 - across] == value])
        )
        for i, (value, name) in enumerate(zip(other.values, other.names, strict=True))
    ]


def _draw_line(axes: Axes, line: _Series, reference: int | None) -> None:
    known = [(x, spot, n) for x, spot, n in line.points if math.isfinite(spot.value)]
    for x, spot, n in known:
        whisker(axes, x, spot, line.color, upright=True)
        if n == reference:
            axes.plot(
                [x],
                [spot.value],
                marker="o",
                markersize=16,
                markerfacecolor="none",
                markeredgecolor=INK,
                markeredgewidth=1.4,
                linestyle="none",
                gid=f"own-{line.name}",
                zorder=5,
            )
    face = "white" if line.marker == "s" and line.color == QUIET else line.color
    axes.plot(
        [x for x, _, _ in known],
        [spot.value for _, spot, _ in known],
        color=line.color,
        marker=line.marker,
        markerfacecolor=face,
        markeredgecolor=line.color,
        markersize=7.5,
        linewidth=1.8,
        gid=f"line-{line.name}",
        zorder=4,
    )
    top = axes.get_ylim()[1]
    for x, spot, _ in line.points:
        if math.isnan(spot.value):
            axes.plot([x], [top], marker="^", markersize=9, color=line.color, clip_on=False, zorder=5)


def _name_lines(axes: Axes, series: Sequence[_Series]) -> None:
    """The name of each line behind its last point."""
    bottom, top = axes.get_ylim()
    known = [
        (line, ends[-1]) for line in series if (ends := [s.value for _, s, _ in line.points if math.isfinite(s.value)])
    ]
    heights = [(y - bottom) / (top - bottom) for _, y in known]
    for (line, _), height in zip(known, spread(heights, 0.06, 0.03, 0.97), strict=True):
        axes.annotate(
            shortened(line.name, VALUE_LETTERS),
            (1.015, height),
            xycoords="axes fraction",
            va="center",
            fontsize=SMALLEST + 1,
            weight="bold",
            color=line.color,
            annotation_clip=False,
        )


def _dress(axes: Axes, place: Place, ruler: Ruler, metrics: Sequence[str]) -> None:
    if place.kind == "finish":
        show_days(axes.yaxis, least=3, most=7)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(place.scale.formatter())
        axes.set_ylabel(place.scale.label(metrics))
    if ruler.dated:
        axes.xaxis.set_major_formatter(DayFormatter())
    if len(ruler.places) <= MOST_TICKS:
        axes.xaxis.set_major_locator(FixedLocator(sorted(ruler.places)))
        if not ruler.dated:
            names = dict(zip(ruler.places, ruler.names, strict=True))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: names.get(x, "")))
    elif ruler.dated:
        show_days(axes.xaxis, least=4, most=8)
    else:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,g}{ruler.unit}"))
    axes.set_xlabel(shortened(ruler.key, KEY_LETTERS))
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)


# Rows


def _rows(found: Sweep, metrics: Sequence[str], kind: str, ax: Axes | None) -> Axes:
    rows = [] if found.reference is not None else [PointRow("as in the file", found.own, reference=True)]
    several = len(found.grid.axes) > 1
    for number, (point, outcome) in enumerate(zip(found.grid.points, found.outcomes, strict=True)):
        named = [axis.names[axis.values.index(value)] for axis, value in zip(found.grid.axes, point, strict=True)]
        said = "as in the file" if found.variants.own is not None else "the first"
        rows.append(PointRow(", ".join(named) if several else named[0], outcome, number == found.reference, said))
    shown, left_out = rows[:MOST_ROWS], max(len(rows) - MOST_ROWS, 0)
    height = max((len(shown) + bool(left_out)) * ROW_INCHES, LEAST_INCHES)
    axes = tall_axes(height) if ax is None else ax
    draw_rows(axes, found.base, shown, metrics, kind, more=f"... and {left_out} more" if left_out else "")
    headline(axes, _answer(found, _main(metrics), kind))
    axes.annotate(
        shortened(", ".join(axis.key for axis in found.grid.axes), 80),
        (-0.33, 1),
        (0, 18),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=12,
        color=QUIET,
        annotation_clip=False,
    )
    return axes


# Words


def _answer(found: Sweep, metric: str, kind: str) -> str:
    """Which values are best."""
    place, name, better = Place(found.base, kind), project(found.base, 26), direction(metric)
    moves = [
        (0.0 if (moved := outcome.differences.get(metric)) is None else moved.value, n)
        for n, outcome in enumerate(found.outcomes)
        if metric in outcome.figures and outcome.figures[metric].value is not None
    ]
    known = [(move, n) for move, n in moves if move is not None]
    if not known:
        return f"{name}: {spoken(metric)} is beyond the horizon in all of them"
    best = max(known, key=lambda each: (each[0], -each[1]))[1] if better > 0 else min(known)[1]
    text = place.scale.text(found.outcomes[best].figures[metric])
    moved = found.outcomes[best].differences.get(metric)
    if {move for move, _ in known} == {0.0}:
        return f"{name}: {spoken(metric)} is {text} in all of them"
    if moved is None or moved.verdict in ("no change", "undecided"):
        return f"{name}: nothing here is surely better for {spoken(metric)}"
    word = {1: "highest", -1: "earliest" if kind == "finish" else "lowest"}.get(better, "smallest")
    values = [
        f"{axis.key.rpartition('.')[2]} {shortened(axis.names[axis.values.index(value)], VALUE_LETTERS)}"
        for axis, value in zip(found.grid.axes, found.grid.points[best], strict=True)
    ]
    return f"{name}: {spoken(metric)} is {word} with {', '.join(values)}: {text}"
