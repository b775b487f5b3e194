"""The tornado: how far each factor moves P80 of the finish, or of the cost, the largest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.bars import dates_below, days_text, name_rows, slide_of_rows, title_rows, width_of
from simrisk.charts.canvas import CURVE, INK, STYLE, TARGET
from simrisk.charts.clock import Clock
from simrisk.charts.days import day_text
from simrisk.charts.frame import LABEL, SMALLEST, Line, Side, count, name_lines, project, shortened
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.charts.rows import add_bar
from simrisk.dataset import Results
from simrisk.measures import Measure, measure
from simrisk.measures.drivers import Of, Swing, tornado
from simrisk.measures.factors import factor_name

ASIDE = 0.13  # rows between the middle of a bar and the intervals of its ends
MOST = 12  # factors shown
NAME_LETTERS = 33
MARGINS = {"left": 0.345, "right": 0.965, "bottom": 0.13, "top": 0.76}
THICK, THIN = 0.66, 0.36  # heights of bars; the thin one lies on the other when both are on one side
ROOM = 0.125  # of the width of the axes, for what is said at an end of a bar
FIRST_DATES = 20  # days in the picture at least


@dataclass(frozen=True)
class _Scale:
    """Where figures stand on the axis, and how they are said."""

    run: Results
    of: Of
    clock: Clock

    def x(self, value: float) -> float:
        """Place of a finish in minutes, or of a cost."""
        return float(self.clock.x(value)) if self.of == "finish" else value

    def said(self, change: float) -> str:
        """A distance: working days, or money."""
        if self.of == "finish":
            return days_text(change, self.clock.dates.day_minutes)
        sign = "+" if change > 0 else "\N{MINUS SIGN}" if change < 0 else ""
        return sign + money_text(abs(change))


def plot_tornado(dataset: Results, *, of: Of = "finish", ax: Axes | None = None) -> Axes:
    """Draw P80 among the trials in which a factor is in its low tenth, and in its high tenth.

    Bars go from P80 of all trials to either; the thin lines are the 95 % intervals. Empty bars may be chance.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    of : "finish" or "cost"
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    found = [made for made in tornado(dataset, of) if made.low.value is not None or made.high.value is not None]
    shown = found[:MOST]
    with matplotlib.rc_context(STYLE):
        axes = slide_of_rows(MARGINS, len(shown)) if ax is None else ax
        scale = _Scale(dataset, of, Clock(dataset))
        level = measure(dataset, f"{of}.p80")
        _set_range(axes, scale, shown, level)
        for row, made in enumerate(shown):
            _draw_bars(axes, scale, made, level, row)
        _dress(axes, scale, shown, level, len(found))
    return axes


def _set_range(axes: Axes, scale: _Scale, shown: Sequence[Swing], level: Measure) -> None:
    """All ends and their intervals in the picture, with room for what is said there."""
    ends = [end for made in shown for end in (made.low, made.high)]
    values = [v for end in (*ends, level) for v in (end.value, end.low, end.high) if v is not None]
    places = [scale.x(value) for value in values]
    low, high = min(places, default=0.0), max(places, default=1.0)
    width = max(high - low, FIRST_DATES if scale.of == "finish" else max(abs(high), 1.0) * 0.01)
    air = ROOM * width / (1 - 2 * ROOM)
    middle = (low + high) / 2
    axes.set_xlim(middle - width / 2 - air, middle + width / 2 + air)
    axes.set_ylim(max(len(shown), 1) - 0.4, -0.6)


def _draw_bars(axes: Axes, scale: _Scale, made: Swing, level: Measure, row: int) -> None:
    right = axes.get_xlim()[1]
    zero = right if level.value is None else scale.x(level.value)
    ends = []
    for name, end, color, hatch in (("low", made.low, CURVE, ""), ("high", made.high, TARGET, "////")):
        ends.append((name, end, color, hatch, right if end.value is None else scale.x(end.value)))
    ends.sort(key=lambda entry: -abs(entry[4] - zero))
    one_side = (ends[0][4] - zero) * (ends[1][4] - zero) > 0
    for place, (name, _, color, hatch, x) in enumerate(ends):
        add_bar(
            axes,
            zero,
            x,
            (row, THIN if place and one_side else THICK),
            facecolor="white" if made.is_noise else color,
            edgecolor=color if made.is_noise else "white" if hatch else color,
            hatch=hatch,
            linewidth=1.2 if made.is_noise else 0,
            gid=f"{name}-{row}",
            zorder=2 + place,
        )
    for name, end, *_ in ends:
        at = row + (ASIDE if name == "high" else -ASIDE)
        _draw_interval(axes, scale, end, at, gid=f"{name}-interval-{row}")
    _say_ends(axes, scale, made, level, row)


def _draw_interval(axes: Axes, scale: _Scale, end: Measure, at: float, *, gid: str) -> None:
    """A thin line; where no trial bounds it, it goes on to the edge."""
    if end.value is None:
        return
    left, right = axes.get_xlim()
    places = [left if end.low is None else scale.x(end.low), right if end.high is None else scale.x(end.high)]
    axes.plot(places, [at, at], color=INK, linewidth=1.0, marker="|", markersize=7, gid=gid, zorder=5)


def _say_ends(axes: Axes, scale: _Scale, made: Swing, level: Measure, row: int) -> None:
    """How far from P80 the ends are, to the left of all that is drawn and to its right; what has no end says so."""
    if level.value is None:
        return
    known = [end for end in (made.low, made.high) if end.value is not None]
    known.sort(key=lambda end: end.value or 0.0)
    drawn = [m for end in known for m in (end.value, end.low, end.high) if m is not None]
    places = [scale.x(minute) for minute in (*drawn, level.value)]
    _say(axes, scale.said((known[0].value or 0.0) - level.value), min(places), row)
    if len(known) == 2:
        _say(axes, scale.said((known[1].value or 0.0) - level.value), max(places), row, to_the="right")
        return
    never = made.low if made.low.value is None else made.high
    _say(axes, "stopped" if never.stopped else "beyond", axes.get_xlim()[1], row)


def _say(axes: Axes, text: str, x: float, row: int, *, to_the: Side = "left") -> None:
    """A word beside what is drawn up to a place; where there is no room, on what is drawn."""
    ends, room = axes.get_xlim(), width_of(axes, text) * 1.15
    inside = ends[0] if to_the == "left" else ends[1]
    if abs(inside - x) < room:
        x, to_the = inside, "right" if to_the == "left" else "left"
    axes.annotate(
        text,
        (x, row),
        (-6 if to_the == "left" else 6, 0),
        textcoords="offset points",
        ha="right" if to_the == "left" else "left",
        va="center",
        fontsize=SMALLEST,
        bbox={**LABEL, "pad": 0.5},
        zorder=6,
    )


def _dress(axes: Axes, scale: _Scale, shown: Sequence[Swing], level: Measure, n_found: int) -> None:
    run, what = scale.run, "date" if scale.of == "finish" else "cost"
    names = [factor_name(run, made.factor) for made in shown]
    name_rows(axes, range(len(shown)), names, [made.is_noise for made in shown])
    if scale.of == "finish":
        dates_below(axes)
    else:
        axes.xaxis.set_major_formatter(MoneyFormatter())
        axes.set_xlabel(str(run.attrs["currency"]))
    if level.value is not None:
        said = day_text(level.date) if level.date is not None else money_text(level.value, str(run.attrs["currency"]))
        name_lines(axes, [Line("P80", scale.x(level.value), f"P80: {said}", INK, "-")])
    title = _title(scale, shown, what)
    detail = "P80 in the low (plain) and in the high tenth (hatched) of each."
    if any(made.is_noise for made in shown):
        detail += " Empty: may be chance."
    if n_found > len(shown):
        detail += f" {n_found - len(shown):,} not shown."
    title_rows(axes, title, detail, lines=1)


def _title(scale: _Scale, shown: Sequence[Swing], what: str) -> str:
    sure = [made for made in shown if not made.is_noise]
    if not sure:
        return f"{project(scale.run)}: no single factor moves the {what} for sure"
    first = sure[0]
    name = shortened(factor_name(scale.run, first.factor), NAME_LETTERS)
    name = name[:1].upper() + name[1:] if name.startswith(("another", "risk")) else f"The {name}"
    if first.change.value is None:
        return f"{name} moves the {what} most, beyond the horizon"
    if scale.of == "cost":
        return f"{name} moves P80 of the cost most: by {money_text(abs(first.change.value))}"
    days = round(abs(first.change.value) / scale.clock.dates.day_minutes)
    return f"{name} moves P80 most: by {count(days, 'working day')}"
