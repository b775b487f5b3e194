"""The waterfall: from the plan without dice to P80, a step for each cause on the driving chain."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.bars import dates_below, name_rows, slide_of_rows, title_rows
from simrisk.charts.canvas import CURVE, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock, deadline_of, deadline_x
from simrisk.charts.days import day_text
from simrisk.charts.frame import Line, count, name_lines, project
from simrisk.charts.stairs import Stair, draw_stairs, fit_stairs
from simrisk.dataset import Results
from simrisk.measures.project import CAUSES
from simrisk.measures.waterfall import Step, Waterfall, waterfall

MARGINS = {"left": 0.25, "right": 0.965, "bottom": 0.13, "top": 0.7}
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
        stairs = _stairs(found, steps)
        deadline = deadline_x(dataset)
        moments = [float(clock.x(float(dataset["baseline_finish"].item())))]
        fit_stairs(axes, clock, stairs, moments if deadline is None else [*moments, deadline])
        assert found.level.value is not None
        draw_stairs(axes, clock, stairs, found.level.value)
        _dress(axes, dataset, clock, found, steps)
    return axes


def _why_not(run: Results) -> str:
    plan = "The plan without dice" if run["baseline_finish"].item() == float("inf") else "P80"
    return f"{plan} is beyond the horizon."


def _in_order(found: Waterfall) -> list[Step]:
    """Those that change something: the largest first, those that take time off at the end."""
    some = [step for step in found.steps if step.expected != step.planned]
    return sorted(some, key=lambda step: step.planned - step.expected)


def _stairs(found: Waterfall, steps: list[Step]) -> list[Stair]:
    """The steps, each from where the one before leads."""
    assert found.plan.value is not None
    stairs, at = [], found.plan.value
    for step in steps:
        low, high = (None if end is None else at + end for end in (step.change.low, step.change.high))
        stairs.append(Stair(at, at + step.expected - step.planned, low, high, COLORS.get(step.cause, QUIET)))
        at = stairs[-1].end
    return stairs


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
