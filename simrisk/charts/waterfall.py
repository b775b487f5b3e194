"""The waterfall: from the plan without dice to P80, a step for each cause on the driving chain."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.bars import dates_below, days_text, name_rows, slide_of_rows, title_rows, width_of
from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock, deadline_of, deadline_x
from simrisk.charts.days import day_text
from simrisk.charts.frame import Line, count, name_lines, project
from simrisk.charts.rows import add_bar
from simrisk.dataset import Results
from simrisk.measures.project import CAUSES
from simrisk.measures.waterfall import Step, Waterfall, waterfall

MARGINS = {"left": 0.25, "right": 0.965, "bottom": 0.13, "top": 0.7}
ROOM = 0.1  # of the width of the axes, for what is said beside a step
THICK = 0.62  # height of a bar
LEAST_DAYS = 20.0  # in the picture
COLORS = {
    "work": "#9C9C9C",
    "overrun": "#D55E00",
    "busy": "#0072B2",
    "calendar": "#6E6E6E",
    "leave": "#009E73",
    "absence": "#CC79A7",
    "gate": "#E69F00",
    "handover": "#56B4E9",
    "hiring": "#B8A800",
    "risk": "#222222",
}


def plot_waterfall(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw what each cause adds to the planned finish, or takes off it, until P80 is reached.

    The thin lines are the 95 % intervals of the steps. The steps are worked out by `simrisk.measures.waterfall`.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    found = waterfall(dataset)
    with matplotlib.rc_context(STYLE):
        steps = [] if found is None else _in_order(found)
        axes = slide_of_rows(MARGINS, len(steps)) if ax is None else ax
        if found is None:
            title_rows(axes, f"{project(dataset)}: no way from the plan to P80", _why_not(dataset))
            axes.set_axis_off()
            return axes
        clock = Clock(dataset)
        places = _places(found, steps)
        _set_range(axes, dataset, clock, places, steps)
        for row, (step, (begin, end)) in enumerate(zip(steps, places, strict=True)):
            _draw_step(axes, clock, step, (begin, end), row, places[-1][1])
            if row:
                axes.plot([clock.x(begin)] * 2, [row - 1, row], color=QUIET, linewidth=0.9, zorder=2)
        _dress(axes, dataset, clock, found, steps)
    return axes


def _why_not(run: Results) -> str:
    plan = "The plan without dice" if run["baseline_finish"].item() == float("inf") else "P80"
    return f"{plan} is beyond the horizon."


def _in_order(found: Waterfall) -> list[Step]:
    """Those that change something: the largest first, those that take time off at the end."""
    some = [step for step in found.steps if step.expected != step.planned]
    return sorted(some, key=lambda step: step.planned - step.expected)


def _places(found: Waterfall, steps: list[Step]) -> list[tuple[float, float]]:
    """From which minute to which each step leads."""
    assert found.plan.value is not None
    places, at = [], found.plan.value
    for step in steps:
        places.append((at, at + step.expected - step.planned))
        at = places[-1][1]
    return places


def _set_range(axes: Axes, run: Results, clock: Clock, places: list[tuple[float, float]], steps: list[Step]) -> None:
    moments = [float(clock.x(minute)) for place in places for minute in place]
    moments += [float(clock.x(float(run["baseline_finish"].item())))]
    for step, (begin, _) in zip(steps, places, strict=True):
        ends = (step.change.low, step.change.high)
        moments += [float(clock.x(max(begin + end, 0.0))) for end in ends if end is not None]
    deadline = deadline_x(run)
    moments += [] if deadline is None else [deadline]
    low, high = min(moments), max(moments)
    width = max(high - low, LEAST_DAYS)
    air, middle = ROOM * width / (1 - 2 * ROOM), (low + high) / 2
    axes.set_xlim(middle - width / 2 - air, middle + width / 2 + air)
    axes.set_ylim(max(len(steps), 1) - 0.4, -0.6)


def _draw_step(axes: Axes, clock: Clock, step: Step, place: tuple[float, float], row: int, level: float) -> None:
    begin, end = place
    color = COLORS.get(step.cause, QUIET)
    start, stop = float(clock.x(begin)), float(clock.x(end))
    less = end < begin
    add_bar(
        axes,
        start,
        stop,
        (row, THICK),
        facecolor="white" if less else color,
        edgecolor=color,
        hatch="////" if less else "",
        linewidth=1.2,
        gid=f"step-{row}",
    )
    low, high = step.change.low, step.change.high
    bounds = []
    if low is not None and high is not None:  # else there are too few trials for an interval
        bounds = [float(clock.x(max(begin + low, 0.0))), float(clock.x(begin + high))]
        look = {"color": INK, "linewidth": 1.0, "marker": "|", "markersize": 7, "zorder": 4}
        axes.plot(bounds, [row, row], gid=f"interval-{row}", **look)  # type: ignore[arg-type]
    _say_step(axes, days_text(end - begin, clock.dates.day_minutes), row, (start, stop, *bounds), float(clock.x(level)))


def _say_step(axes: Axes, text: str, row: int, ends: tuple[float, ...], level: float) -> None:
    """How long it is, to the right of it, or to its left where P80 would run through the text or there is no room."""
    wide = width_of(axes, text) * 1.2
    left = max(ends) < level < max(ends) + wide or max(ends) + wide > axes.get_xlim()[1]
    axes.annotate(
        text,
        (min(ends) if left else max(ends), row),
        (-7 if left else 7, 0),
        textcoords="offset points",
        ha="right" if left else "left",
        va="center",
        fontsize=12,
        weight="bold",
        zorder=5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},  # the line of P80 stops at it
    )


def _dress(axes: Axes, run: Results, clock: Clock, found: Waterfall, steps: list[Step]) -> None:
    plan, level = found.plan, found.level
    assert plan.value is not None
    assert plan.date is not None
    assert level.value is not None
    assert level.date is not None
    name_rows(axes, range(len(steps)), [CAUSES.get(step.cause, step.cause) for step in steps])
    dates_below(axes)
    lines = [
        Line("plan", float(clock.x(plan.value)), f"plan without dice: {day_text(plan.date)}", QUIET, "-."),
        Line("P80", float(clock.x(level.value)), f"P80: {day_text(level.date)}", CURVE, "-"),
    ]
    deadline, place = deadline_of(run), deadline_x(run)
    if deadline is not None and place is not None:
        lines.append(Line("deadline", place, f"deadline: {day_text(deadline)}", TARGET, "--"))
    name_lines(axes, lines)
    title_rows(axes, _title(run, level.value - plan.value), _detail(found), lines=3)


def _title(run: Results, minutes: float) -> str:
    days = round(abs(minutes) / int(run.attrs["day_minutes"]))
    if days == 0:
        return f"{project(run)}: P80 is the planned finish"
    more = "later" if minutes > 0 else "earlier"
    return f"{project(run)}: P80 is {count(days, 'working day')} {more} than planned"


def _detail(found: Waterfall) -> str:
    trials = count(found.trials, "trial")
    return f"Where the time between them goes, on the chain that sets the date; from the {trials} around P80."
