"""Stairs: steps that lead from one date to another, each with its interval and its length beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from simrisk.charts.bars import days_text
from simrisk.charts.canvas import EDGE, INK, QUIET
from simrisk.charts.clock import Clock
from simrisk.charts.letters import ems
from simrisk.charts.rows import add_bar

ROOM = 0.1  # of the width of the axes, for what is said beside a step
THICK = 0.62  # height of a bar
LETTERS, ASIDE = 12.0, 7.0  # points: size of what is said beside a step, and how far from it
LEAST_DAYS = 20.0  # in the picture


@dataclass(frozen=True)
class Stair:
    """A step.

    Parameters
    ----------
    begin, end : float
        Working minutes; one that takes time off ends before it begins.
    low, high : float or None
        Between which minutes its end lies with 95 % confidence; None: nothing bounds it.
    color : str
    """

    begin: float
    end: float
    low: float | None
    high: float | None
    color: str


def fit_stairs(axes: Axes, clock: Clock, stairs: Sequence[Stair], moments: Sequence[float]) -> None:
    """Set the limits so that all steps, their intervals and other `moments`, as day numbers, are in the picture."""
    found = [float(clock.x(minute)) for stair in stairs for minute in (stair.begin, stair.end)] + list(moments)
    for stair in stairs:
        found += [float(clock.x(max(end, 0.0))) for end in (stair.low, stair.high) if end is not None]
    low, high = min(found), max(found)
    width = max(high - low, LEAST_DAYS)
    air, middle = ROOM * width / (1 - 2 * ROOM), (low + high) / 2
    axes.set_xlim(middle - width / 2 - air, middle + width / 2 + air)
    axes.set_ylim(max(len(stairs), 1) - 0.4, -0.6)


def draw_stairs(axes: Axes, clock: Clock, stairs: Sequence[Stair], level: float) -> None:
    """Draw the steps from the top down; no length is written across the line at minute `level`."""
    for row, stair in enumerate(stairs):
        _draw(axes, clock, stair, row, float(clock.x(level)))
        if row:
            axes.plot([clock.x(stair.begin)] * 2, [row - 1, row], color=QUIET, linewidth=0.9, zorder=2)


def _draw(axes: Axes, clock: Clock, stair: Stair, row: int, level: float) -> None:
    start, stop = float(clock.x(stair.begin)), float(clock.x(stair.end))
    less = stair.end < stair.begin
    add_bar(
        axes,
        start,
        stop,
        (row, THICK),
        facecolor="white" if less else stair.color,
        edgecolor=stair.color,
        hatch="////" if less else "",
        linewidth=1.2,
        gid=f"step-{row}",
    )
    left, right = axes.get_xlim()
    bounds = [
        left if stair.low is None else float(clock.x(max(stair.low, 0.0))),
        right if stair.high is None else float(clock.x(stair.high)),
    ]
    known = [bound for bound, end in zip(bounds, (stair.low, stair.high), strict=True) if end is not None]
    if known:  # of a single trial nothing is known
        look = {"color": INK, "linewidth": 1.0, "marker": "|", "markersize": 7, "zorder": 4}
        axes.plot(bounds, [row, row], gid=f"interval-{row}", **look)  # type: ignore[arg-type]
    _say(axes, days_text(stair.end - stair.begin, clock.dates.day_minutes), row, (start, stop, *known), level)


def _say(axes: Axes, text: str, row: int, ends: tuple[float, ...], level: float) -> None:
    """How long it is: to the right, or to the left where `level` would run through the text or it would end outside."""
    (low, high), box = axes.get_xlim(), axes.get_position()
    inch = (high - low) / (box.width * axes.figure.get_figwidth())  # type: ignore[union-attr]
    wide = (ems(text, "bold") * LETTERS + 2 * ASIDE) / 72 * inch
    edge = low + (1 - EDGE / 2 - box.x0) / box.width * (high - low)
    right_fits = max(ends) + wide <= edge
    crossed_right, crossed_left = max(ends) < level < max(ends) + wide, min(ends) - wide < level < min(ends)
    left = (crossed_right and not crossed_left) or not right_fits
    axes.annotate(
        text,
        (min(ends) if left else max(ends), row),
        (-ASIDE if left else ASIDE, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=LETTERS,
        weight="bold",
        zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # the line of P80 stops at it
    )
