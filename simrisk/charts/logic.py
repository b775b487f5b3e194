"""What limited people and equipment cost in time: the S-curve beside that of the same trials by logic alone."""

from __future__ import annotations

import math
from datetime import date

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from simrisk.charts.canvas import CURVE, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock, Part, deadline_of, range_of, steps
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import (
    SMALLEST,
    Gap,
    Line,
    chance_axis,
    date_axis,
    from_to,
    mark_gap,
    name_lines,
    percent,
    project,
    say,
    slide,
)
from simrisk.dataset import Results
from simrisk.measures import Measure, measure

MARKED = (50, 80)


def plot_logic(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw the chance to be finished by each date, as it is and with unlimited people and equipment.

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
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=1) if ax is None else ax
        clock = Clock(dataset)
        real, logic = dataset["project_finish"].values, dataset["logic_finish"].values
        deadline = deadline_of(dataset)
        moments = [] if deadline is None else [day_number(deadline)]
        if not (np.isfinite(real).any() or np.isfinite(logic).any()):
            moments += [float(clock.numbers[0]), float(clock.x(clock.horizon))]
        ends = range_of([Part(real, clock), Part(logic, clock)], moments)
        for finish, color, line, label, gid in (
            (real, CURVE, "-", "with the people and equipment that there are", "finish-curve"),
            (
                logic,
                QUIET,
                (0, (4, 1.5)),
                "logic only: nobody is ever busy or away",
                "logic-curve",
            ),
        ):
            x, y = steps(finish, clock, ends, MARKED)
            axes.plot(x, y, drawstyle="steps-post", color=color, linestyle=line, linewidth=2.6, label=label, gid=gid)
        axes.set_xlim(*ends)
        chance_axis(axes)
        for level in MARKED:
            _mark_gap(axes, dataset, clock, level)
        if deadline is not None:
            name_lines(axes, [_deadline(dataset, deadline)])
        _dress(axes, dataset)
    return axes


def _deadline(run: Results, day: date) -> Line:
    chances = [percent(measure(run, f"{name}.on_time").value or 0.0) for name in ("finish", "logic")]
    text = f"deadline: {day_text(day)} ({chances[0]} chance, by logic {chances[1]})"
    return Line("deadline", day_number(day), text, TARGET, "--")


def _mark_gap(axes: Axes, run: Results, clock: Clock, level: int) -> None:
    """An arrow from one curve to the other, with the working days between them and both dates."""
    logic, real = _pair(run, level)
    if logic.value is None or real.value is None or logic.date is None or real.date is None:
        return
    start, end = float(clock.x(logic.value)), float(clock.x(real.value))
    text = f"P{level}: {_days(run, measure(run, f'logic.gap.p{level}'))}"
    gap = Gap(f"gap-{level}", start, end, level / 100, text, from_to(logic.date, real.date))
    mark_gap(axes, gap, important=level == 80)


def _pair(run: Results, level: int) -> tuple[Measure, Measure]:
    return measure(run, f"logic.finish.p{level}"), measure(run, f"finish.p{level}")


def _days(run: Results, gap: Measure) -> str:
    """``77 working days (± 3)``, or what is saved."""
    assert gap.value is not None
    days = [figure / int(run.attrs["day_minutes"]) for figure in (gap.value, gap.half_width)]
    number = f"{abs(days[0]):.0f}" if abs(days[0]) >= 9.5 else f"{abs(days[0]):.1f}"
    half = "< 0.1" if days[1] < 0.05 else f"{days[1]:.{0 if days[1] >= 9.5 else 1}f}"
    error = f" (± {half})" if days[1] and math.isfinite(days[1]) else ""
    noun = "working day" if number in ("1", "1.0") else "working days"
    return f"{number} {noun}{error}{' saved' if days[0] < 0 else ''}"


def _dress(axes: Axes, run: Results) -> None:
    say(axes, *_answer(run), rows=1)
    date_axis(axes)
    axes.legend(
        loc="upper left",
        bbox_to_anchor=(0, -0.165),
        ncols=2,
        frameon=False,
        fontsize=SMALLEST,
        columnspacing=1.5,
        borderaxespad=0,
    )


def _answer(run: Results) -> tuple[str, str]:
    """What the limits cost at P80, and how sure that is."""
    name = project(run, 28)
    logic, real = _pair(run, 80)
    if logic.value is None:
        return f"{name}: no date is 80 % sure, not even by logic alone", ""
    limits = _limits(run)
    if real.value is None:
        said = f"Limited {limits} keep it from being 80 % sure."
        return f"{name}: 80 % sure by {day_text(_known(logic))} by logic alone, never as it is", said
    gap = measure(run, "logic.gap.p80")
    assert gap.value is not None
    share = percent(abs(gap.value) / max(real.value, 1.0))
    if gap.value == 0:
        return f"{name}: limited {limits} cost no time at P80", ""
    detail = f"That is {share} of the time until P80. ± is the 95 % interval."
    if gap.value < 0:
        return f"{name}: limited {limits} save {_days(run, gap).partition(' working')[0]} working days at P80", detail
    return f"{name}: limited {limits} cost {_days(run, gap).partition(' (')[0]} at P80", detail


def _limits(run: Results) -> str:
    people = run.sizes["person"] + run.sizes["pool"] > 0
    return "people" if people else "equipment" if run.sizes["equipment"] else "resources"


def _known(found: Measure) -> date:
    assert found.date is not None
    return found.date
