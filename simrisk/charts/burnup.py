"""The burn-up: how much of the work is finished by each date, as a fan over the trials, beside the plan."""

from __future__ import annotations

from datetime import date

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from simrisk.charts.canvas import BAND, CURVE, INK, QUIET, STYLE, TARGET, new_axes
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import percent, project, say
from simrisk.charts.rows import GRID, DaySpans, set_calendar
from simrisk.dataset import Results
from simrisk.measures.burnup import Burnup, burnup
from simrisk.measures.moments import HALF, tenths

LEVELS = (tenths(1), HALF / 2, HALF, 3 * HALF / 2, tenths(9))
TITLE_ROWS = 1.5  # of room between the title and the axes, where the sprints have their numbers
LEAST_APART = 0.028  # of the width, between the numbers of sprints


def plot_burnup(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw P10 to P90, P25 to P75 and the median of the share of the work that is finished by each date.

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
    found = burnup(dataset)
    clock = DaySpans(dataset)
    with matplotlib.rc_context(STYLE):
        axes = new_axes() if ax is None else ax
        x = clock.ends(found.minutes)
        x[0] = clock.starts(found.minutes[0])  # the first moment is the beginning of a day
        _draw_fan(axes, found, x)
        air = 0.015 * float(x[-1] - x[0])
        set_calendar(axes, float(x[0]) - air, float(x[-1]) + air)
        _mark_sprints(axes, dataset, clock)
        _mark_deadline(axes, dataset)
        _dress(axes, dataset, clock, found)
    return axes


def _draw_fan(axes: Axes, found: Burnup, x: np.ndarray) -> None:
    p10, p25, p50, p75, p90 = found.levels(LEVELS)
    axes.fill_between(x, p10, p90, color=BAND, alpha=0.35, linewidth=0, gid="p10-p90")
    axes.fill_between(x, p25, p75, color=BAND, alpha=0.75, linewidth=0, gid="p25-p75")
    axes.plot(x, p50, color=CURVE, linewidth=2.8, gid="p50", zorder=4)
    axes.plot(x, found.plan, color=INK, linewidth=2, linestyle="-.", gid="plan", zorder=3)


def _mark_sprints(axes: Axes, run: Results, clock: DaySpans) -> None:
    """Where the sprints open in the plan without dice, with their numbers as far as there is room."""
    first, last = axes.get_xlim()
    before = -np.inf
    across = axes.get_xaxis_transform()
    for number, opened in zip(run["sprint"].values, run["baseline_sprint_start"].values, strict=True):
        x = float(clock.starts(float(opened)))
        if opened < 0 or not first <= x <= last:
            continue
        axes.plot([x, x], [0, 1.0], transform=across, color=QUIET, linewidth=0.9, linestyle=":", gid=f"sprint-{number}")
        if x - before >= LEAST_APART * (last - first):
            axes.text(x, 1.012, str(number), transform=across, ha="center", fontsize=11, color=QUIET)
            before = x


def _mark_deadline(axes: Axes, run: Results) -> None:
    if "deadline" not in run.attrs:
        return
    x = day_number(date.fromisoformat(run.attrs["deadline"])) + 1
    axes.axvline(x, ymax=1.0, color=TARGET, linewidth=2, linestyle="--", gid="deadline", zorder=3)


def _dress(axes: Axes, run: Results, clock: DaySpans, found: Burnup) -> None:
    axes.set_ylim(0, 1.01)
    axes.set_yticks(np.arange(0, 1.01, 0.2))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_ylabel("share of the work in finished tasks")
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=CURVE, linewidth=2.8, label="median of the trials"),
        Patch(color=BAND, alpha=0.75, label="middle half of the trials (P25 to P75)"),
        Patch(color=BAND, alpha=0.35, label="four of five trials (P10 to P90)"),
        Line2D([], [], color=INK, linewidth=2, linestyle="-.", label="plan without dice"),
    ]
    if "deadline" in run.attrs:
        said = f"deadline {day_text(date.fromisoformat(run.attrs['deadline']))}"
        handles.append(Line2D([], [], color=TARGET, linewidth=2, linestyle="--", label=said))
    if (run["baseline_sprint_start"].values >= 0).any():
        label = "sprint opens in the plan, by number"
        handles.append(Line2D([], [], color=QUIET, linewidth=0.9, linestyle=":", label=label))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(0, -0.17),
        ncols=2,
        frameon=False,
        fontsize=11,
        columnspacing=1.5,
        borderaxespad=0,
        labelspacing=0.3,
    )
    say(axes, *_answer(run, clock, found), rows=TITLE_ROWS)


def _answer(run: Results, clock: DaySpans, found: Burnup) -> tuple[str, str]:
    """How much is done by the deadline, else when half of it is, and a line below."""
    name = project(run, 32)
    minute = run.attrs.get("deadline_minute")
    if minute is not None:
        place = int(np.searchsorted(found.minutes, minute))
        low, done, high = (found.level(place, p).value for p in (tenths(1), HALF, tenths(9)))
        title = f"{name}: {percent(done)} of the work done by the deadline"
        planned = percent(float(found.plan[place]))
        first, last = percent(low), percent(high)
        between = first if first == last else f"{first.removesuffix(' %')} to {last}"
        said = f"{between} in four of five"
        return title, f"In the middle of the trials; {said}, {planned} in the plan without dice."
    middle = found.levels([HALF])[0]
    place = int(np.argmax(middle >= 0.5))
    if middle[place] < 0.5:
        return f"{name}: half of the trials never do half of the work", ""
    day = day_text(clock.dates.finish_date(float(found.minutes[place])))
    return f"{name}: half of the work is done by {day}", "In the middle of the trials."
