"""The shares: from the plan without dice to P80, a step for the share of each cause that is left to chance."""

from __future__ import annotations

import math

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.bars import dates_below, name_rows, slide_of_rows, title_rows
from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock, deadline_of, deadline_x
from simrisk.charts.days import day_text
from simrisk.charts.frame import Line, count, name_lines, project, shortened
from simrisk.charts.stairs import Stair, draw_stairs, fit_stairs
from simrisk.measures import measure
from simrisk.whatif.shapley import Shapley
from simrisk.whatif.study import WhatIf

METRIC = "finish.p80"
MARGINS = {"left": 0.345, "right": 0.965, "bottom": 0.13, "top": 0.7}
NAME_LETTERS = 36


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
        axes = slide_of_rows(MARGINS, len(shared.shares)) if ax is None else ax
        clock = Clock(found.base)
        stairs, deadline = _stairs(shared), deadline_x(found.base)
        level = measure(found.base, METRIC).value
        assert level is not None
        moments = [float(clock.x(level))]
        fit_stairs(axes, clock, stairs, moments if deadline is None else [*moments, deadline])
        draw_stairs(axes, clock, stairs, level)
        _dress(axes, found, clock, shared)
    return axes


def _stairs(shared: Shapley) -> list[Stair]:
    """A step for each share, from where the one before leads."""
    stairs, at = [], shared.planned
    for share in shared.shares:
        value = share.value.value
        low, high = (end if math.isfinite(end) else value for end in (share.value.low, share.value.high))
        stairs.append(Stair(at, at + value, at + low, at + high, CURVE))
        at = stairs[-1].end
    return stairs


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
    detail = f"Each cause's share of it (Shapley values{_together(shared, days, clock)}); lines are 95 % intervals."
    title_rows(axes, title, detail, lines=len(lines))


def _together(shared: Shapley, days: int, clock: Clock) -> str:
    """What the shares add up to, where it is not what P80 of all trials says: they come from fewer at a time."""
    told = round(shared.total.value / clock.dates.day_minutes)
    return ": they add up" if told == days else f", of {shared.trials:,} trials at a time: {told:,} days together"
