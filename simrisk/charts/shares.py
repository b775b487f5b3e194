"""The shares: from the plan without dice to P80, a step for the share of each cause that is left to chance."""

from __future__ import annotations

import math

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.bars import dates_below, days_text, name_rows, title_rows, width_of
from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET, new_axes
from simrisk.charts.clock import Clock, deadline_of, deadline_x
from simrisk.charts.days import day_text
from simrisk.charts.frame import Line, count, name_lines, project, shortened
from simrisk.charts.rows import add_bar
from simrisk.measures import measure
from simrisk.whatif.shapley import Shapley, Share
from simrisk.whatif.study import WhatIf

METRIC = "finish.p80"
MARGINS = {"left": 0.345, "right": 0.965, "bottom": 0.13, "top": 0.7}
NAME_LETTERS = 36
ROOM = 0.11  # of the width of the axes, for what is said beside a step
LEAST_ROWS = 6  # there is room for
THICK = 0.62  # height of a bar
LEAST_DAYS = 20.0  # in the picture


def plot_shares(found: WhatIf, *, ax: Axes | None = None) -> Axes:
    """Draw what each cause adds to the plan without dice until P80 is reached: its Shapley value.

    The thin lines are the 95 % intervals of the shares. `simrisk.whatif.shapley` works them out.

    Parameters
    ----------
    found : WhatIf
        With shares of P80 of the finish.
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    shared = found.shares[METRIC]
    with matplotlib.rc_context(STYLE):
        axes = new_axes() if ax is None else ax
        if ax is None:
            axes.figure.subplots_adjust(**MARGINS)
        clock = Clock(found.base)
        places = _places(shared)
        _set_range(axes, found, clock, places, shared)
        level = measure(found.base, METRIC).value
        assert level is not None
        for row, (share, place) in enumerate(zip(shared.shares, places, strict=True)):
            _draw_step(axes, clock, share, place, row, float(clock.x(level)))
            if row:
                axes.plot([clock.x(place[0])] * 2, [row - 1, row], color=QUIET, linewidth=0.9, zorder=2)
        _dress(axes, found, clock, shared)
    return axes


def _places(shared: Shapley) -> list[tuple[float, float]]:
    """From which minute to which each share leads."""
    places, at = [], shared.planned
    for share in shared.shares:
        places.append((at, at + share.value.value))
        at = places[-1][1]
    return places


def _ends(clock: Clock, share: Share, begin: float) -> list[float]:
    """Where the interval of a share begins and ends; where it is not known, nowhere."""
    ends = (share.value.low, share.value.high)
    return [float(clock.x(max(begin + end, 0.0))) for end in ends if math.isfinite(end)]


def _set_range(axes: Axes, found: WhatIf, clock: Clock, places: list[tuple[float, float]], shared: Shapley) -> None:
    moments = [float(clock.x(minute)) for place in places for minute in place]
    for share, (begin, _) in zip(shared.shares, places, strict=True):
        moments += _ends(clock, share, begin)
    deadline = deadline_x(found.base)
    moments += [] if deadline is None else [deadline]
    low, high = min(moments), max(moments)
    width = max(high - low, LEAST_DAYS)
    air, middle = ROOM * width / (1 - 2 * ROOM), (low + high) / 2
    axes.set_xlim(middle - width / 2 - air, middle + width / 2 + air)
    axes.set_ylim(max(len(places), LEAST_ROWS) - 0.4, -0.6)


def _draw_step(axes: Axes, clock: Clock, share: Share, place: tuple[float, float], row: int, level: float) -> None:
    begin, end = place
    start, stop = float(clock.x(begin)), float(clock.x(end))
    less = end < begin
    look = {"facecolor": "white", "hatch": "////"} if less else {"facecolor": CURVE}
    add_bar(axes, start, stop, (row, THICK), edgecolor=CURVE, linewidth=1.2, gid=f"share-{row}", **look)
    bounds = _ends(clock, share, begin)
    if bounds:
        axes.plot(bounds, [row] * len(bounds), color=INK, linewidth=1.0, marker="|", markersize=7, zorder=4)
    text = days_text(end - begin, clock.dates.day_minutes)
    wide, edge = width_of(axes, text) * 1.2, max(start, stop, *bounds)
    left = edge < level < edge + wide or edge + wide > axes.get_xlim()[1]
    axes.annotate(
        text,
        (min(start, stop, *bounds) if left else edge, row),
        (-7 if left else 7, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=12,
        weight="bold",
        zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
    )


def _dress(axes: Axes, found: WhatIf, clock: Clock, shared: Shapley) -> None:
    run, level = found.base, measure(found.base, METRIC)
    assert level.value is not None
    assert level.date is not None
    names = [shortened(share.title, NAME_LETTERS) for share in shared.shares]
    name_rows(axes, list(range(len(names))), names)
    dates_below(axes)
    planned = clock.dates.finish_date(shared.planned)
    lines = [
        Line("plan", float(clock.x(shared.planned)), f"plan without dice: {day_text(planned)}", QUIET, "-."),
        Line("P80", float(clock.x(level.value)), f"P80: {day_text(level.date)}", INK, "-"),
    ]
    deadline, place = deadline_of(run), deadline_x(run)
    if deadline is not None and place is not None:
        lines.append(Line("deadline", place, f"deadline: {day_text(deadline)}", TARGET, "--"))
    name_lines(axes, lines)
    days = round((level.value - shared.planned) / clock.dates.day_minutes)
    title = f"{project(run)}: chance makes P80 {count(abs(days), 'working day')} {'later' if days >= 0 else 'earlier'}"
    detail = "Each cause's share of it (Shapley values: they add up); lines are 95 % intervals."
    title_rows(axes, title, detail, lines=len(lines))
