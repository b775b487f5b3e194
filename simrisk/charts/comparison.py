"""Two runs beside each other: both S-curves, and how far P50 and P80 have moved."""

from __future__ import annotations

import json
import math
from datetime import date
from fractions import Fraction

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
    count,
    date_axis,
    from_to,
    mark_gap,
    name_lines,
    percent,
    say,
    slide,
    told_apart,
)
from simrisk.dataset import Results
from simrisk.measures import measure
from simrisk.measures.distance import moved, same_worlds
from simrisk.measures.estimates import Estimate

MARKED = (50, 80)
LETTERS = 40  # of a run's name
DASHED = (0, (4, 1.5))


def plot_comparison(
    before: Results, after: Results, *, names: tuple[str, str] | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the chance to be finished by each date of two runs, with what P50 and P80 have moved by.

    Parameters
    ----------
    before, after : xarray.Dataset
        Runs, of as many trials each as they have.
    names : (before, after), optional
        What they are called; default: the first that tells them apart of title, scenario, and what was switched.
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    runs = (before, after)
    called = told_apart(names_of(before, after) if names is None else names, LETTERS)
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=2) if ax is None else ax
        clocks = tuple(Clock(run) for run in runs)
        lines = _deadlines(before, after)
        finishes = tuple(run["project_finish"].values for run in runs)
        moments = [line.x for line in lines]
        if not any(np.isfinite(finish).any() for finish in finishes):
            moments += [float(clocks[0].numbers[0]), float(clocks[0].x(clocks[0].horizon))]
        ends = range_of([Part(finish, clock) for finish, clock in zip(finishes, clocks, strict=True)], moments)
        looks = ((QUIET, DASHED, "before"), (CURVE, "-", "after"))
        for run, finish, clock, name, (color, style, gid) in zip(runs, finishes, clocks, called, looks, strict=True):
            label = f"{name} ({count(run.sizes['trial'], 'trial')})"
            x, y = steps(finish, clock, ends, MARKED)
            axes.plot(
                x,
                y,
                drawstyle="steps-post",
                color=color,
                linestyle=style,
                linewidth=2.6,
                label=label,
                gid=gid,
            )
        axes.set_xlim(*ends)
        chance_axis(axes)
        days = tuple(_days(finish, clock) for finish, clock in zip(finishes, clocks, strict=True))
        shifts = {level: moved(before, after, Fraction(level, 100), (days[0], days[1])) for level in MARKED}
        for level in MARKED:
            _mark(axes, runs, (clocks[0], clocks[1]), level, shifts[level])
        name_lines(axes, lines)
        date_axis(axes)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0, -0.165),
            ncols=1,
            frameon=False,
            fontsize=SMALLEST,
            borderaxespad=0,
        )
        say(axes, *_answer(before, after, called, shifts[80]))
    return axes


def names_of(before: Results, after: Results) -> tuple[str, str]:
    """What tells two runs apart: their titles, their scenarios, or what was changed and switched."""
    for word in (lambda run: str(run.attrs["title"]), lambda run: str(run.attrs["scenario"]), _switched):
        first, second = word(before), word(after)
        if first != second:
            return first, second
    return "before", "after"


def _switched(run: Results) -> str:
    """What the command line changed."""
    parts = [
        f"{how} {', '.join(found)}"
        for how, name in (("with", "switched_on"), ("without", "switched_off"))
        if (found := json.loads(run.attrs[name]))
    ]
    parts += [f"{key} = {value}" for key, value in json.loads(run.attrs["scenario_changes"])]
    return "; ".join(parts) or "as in the file"


def _days(finish: np.ndarray, clock: Clock) -> np.ndarray:
    """Finishes as day numbers, inf where there is none."""
    done = np.isfinite(finish)
    found = np.full(len(finish), np.inf)
    found[done] = clock.x(finish[done])
    return found


def _deadlines(before: Results, after: Results) -> list[Line]:
    """One line where both have the same deadline, else one for each that has one."""
    days = [deadline_of(run) for run in (before, after)]
    chances = [
        None if day is None else percent(measure(run, "finish.on_time").value or 0.0)
        for run, day in zip((before, after), days, strict=True)
    ]
    if days[0] is not None and days[0] == days[1]:
        text = f"deadline: {day_text(days[0])} (chance {chances[0]}, now {chances[1]})"
        return [Line("deadline", day_number(days[0]), text, TARGET, "--")]
    found = []
    for day, chance, word, color in zip(days, chances, ("before", "now"), (QUIET, TARGET), strict=True):
        if day is not None:
            text = f"deadline {word}: {day_text(day)} ({chance} chance)"
            found.append(Line(f"deadline-{word}", day_number(day), text, color, "--"))
    return found


def _mark(axes: Axes, runs: tuple[Results, Results], clocks: tuple[Clock, Clock], level: int, shift: Estimate) -> None:
    first, second = (measure(run, f"finish.p{level}") for run in runs)
    if first.value is None or second.value is None or first.date is None or second.date is None:
        return
    start, end = float(clocks[0].x(first.value)), float(clocks[1].x(second.value))
    text = f"P{level}: {_words(first.date, second.date, shift)}"
    gap = Gap(f"P{level}", start, end, level / 100, text, from_to(first.date, second.date))
    mark_gap(axes, gap, important=level == 80)


def _words(first: date, second: date, shift: Estimate) -> str:
    """``35 days earlier (± 3)``: the days between the dates that are shown."""
    half = shift.half_width
    error = "" if not half or not math.isfinite(half) else f" (± {half:.0f})" if half >= 0.5 else " (± < 1)"
    days = (second - first).days
    if not days:
        return f"the same day{error}"
    return f"{count(abs(days), 'day')} {'later' if days > 0 else 'earlier'}{error}"


def _answer(before: Results, after: Results, called: tuple[str, str], shift: Estimate) -> tuple[str, str]:
    """How far P80 moved, whether that is more than chance, and what the intervals are of."""
    dice = "Same dice in both." if same_worlds(before, after) else "Each run has dice of its own."
    first, second = (measure(run, "finish.p80") for run in (before, after))
    if first.date is None or second.date is None:
        if first.date is None and second.date is None:
            return "Neither run has a date that is 80 % sure", dice
        name, day = (called[0], first.date) if first.date is not None else (called[1], second.date)
        assert day is not None
        return f"Only {name} has a date that is 80 % sure: {day_text(day)}", dice
    detail = f"{dice} Calendar days; ± is the 95 % interval."
    title = f"P80 is {_words(first.date, second.date, shift).partition(' (')[0]}: {day_text(second.date)}"
    if not math.isfinite(shift.half_width):
        return title, f"{dice} There are too few trials to be sure."
    if shift.low <= 0 <= shift.high and first.date != second.date:
        return f"P80 is {day_text(second.date)}: no move that is more than chance", detail
    return title, detail
