"""The plan without dice as a Gantt chart: tasks by sprint, gates, the chain that sets the date, the deadline."""

from __future__ import annotations

import math

import matplotlib
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simrisk.baseline import Bar, Baseline
from simrisk.charts.canvas import BAND, INK, QUIET, STYLE, TARGET, headline, tall_axes
from simrisk.charts.days import day_number, day_text, show_days
from simrisk.charts.frame import NAME_LETTERS, shortened
from simrisk.charts.rows import GRID, SHADE, list_rows

ROW_INCHES = 0.235
SLIDE_ROWS = 18  # that can be read on a slide


def plot_gantt(baseline: Baseline, *, most: int | None = None, ax: Axes | None = None) -> Axes:
    """Draw every task, milestone and gate over the calendar, those that set the date in another colour.

    Of more than `most` the gates, those that set the date and the longest of the others are drawn.

    Parameters
    ----------
    baseline : Baseline
    most : int, optional
        Rows; `SLIDE_ROWS` can be read on a slide. Default: all.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are rows.

    Returns
    -------
    matplotlib Axes
    """
    bars = ordered(baseline)
    if most is not None and len(bars) > most:
        kept = set(map(id, sorted(bars, key=_matters, reverse=True)[:most]))
        bars = [bar for bar in bars if id(bar) in kept]
    left_out = len(baseline.bars) - len(bars)
    with matplotlib.rc_context(STYLE):
        axes = tall_axes((len(bars) + bool(left_out)) * ROW_INCHES) if ax is None else ax
        for place, bar in enumerate(bars):
            _draw(axes, baseline, bar, place)
        _shade_sprints(axes, baseline, bars)
        _dress(axes, baseline, bars, left_out)
    return axes


def _matters(bar: Bar) -> tuple[bool, bool, int]:
    """What to draw first: what sets the date, gates, and what takes long."""
    return bar.critical, bar.kind == "gate", (bar.finish or 0) - (bar.start or 0)


def ordered(baseline: Baseline) -> list[Bar]:
    """Return the bars from top to bottom: by sprint, gates after the tasks, by start; what never began last."""
    never = baseline.end + 1
    last_sprint = len(baseline.sprints) + 1
    return sorted(
        baseline.bars,
        key=lambda bar: (bar.sprint or last_sprint, bar.kind == "gate", never if bar.start is None else bar.start),
    )


def moment(baseline: Baseline, minute: int, *, end: bool) -> float:
    """Return a working minute as matplotlib's day number; the working hours of a day take up all of it.

    Parameters
    ----------
    end : bool
        The instant between two days belongs to the day before.
    """
    day_minutes = baseline.view.day_minutes
    day = math.ceil(minute / day_minutes) - 1 if end and minute > 0 else minute // day_minutes
    share = minute / day_minutes - day
    return day_number(baseline.view.calendar.date_of_day(day)) + share


def _draw(axes: Axes, baseline: Baseline, bar: Bar, place: int) -> None:
    color = TARGET if bar.critical else BAND
    if bar.start is None:
        return
    start = moment(baseline, bar.start, end=False)
    finish = moment(baseline, baseline.end if bar.finish is None else bar.finish, end=True)
    if bar.kind == "task":
        axes.barh(place, max(finish - start, 0.4), left=start, height=0.68, color=color, gid=f"bar-{bar.id}", zorder=3)
        return
    axes.plot(
        [finish],
        [place],
        marker="D" if bar.kind == "milestone" else "o",
        markersize=8,
        color=color if bar.critical else "white",
        markeredgecolor=TARGET if bar.critical else INK,
        linestyle="none",
        gid=f"bar-{bar.id}",
        zorder=4,
    )


def _shade_sprints(axes: Axes, baseline: Baseline, bars: list[Bar]) -> None:
    """A band behind the rows of every second sprint, and a line where each opened."""
    for number, (_, opened) in enumerate(baseline.sprints, 1):
        rows = [place for place, bar in enumerate(bars) if bar.sprint == number]
        if not rows:
            continue
        if number % 2:
            axes.axhspan(rows[0] - 0.5, rows[-1] + 0.5, color=SHADE, linewidth=0, zorder=0)
        if opened is not None:
            x = moment(baseline, opened, end=False)
            axes.plot([x, x], [rows[0] - 0.5, rows[-1] + 0.5], color=QUIET, linewidth=1.4, zorder=2)


def _names(bars: list[Bar]) -> list[str]:
    """What they are called: their names; their ids where two have the same name."""
    names = [bar.name or bar.id for bar in bars]
    return names if len(set(names)) == len(names) else [bar.id for bar in bars]


def _dress(axes: Axes, baseline: Baseline, bars: list[Bar], left_out: int) -> None:
    list_rows(axes, _names(bars), f"... and {left_out:,} more" if left_out else "", size=9.5)
    first = moment(baseline, 0, end=False)
    last = moment(baseline, baseline.last_day * baseline.view.day_minutes, end=True)
    margin = max((last - first) * 0.02, 1.0)
    axes.set_xlim(first - margin, last + margin)
    project = baseline.scenario.project
    handles: list[Line2D | Patch] = [Patch(color=TARGET, label="sets the date"), Patch(color=BAND, label="has time")]
    kinds = {bar.kind for bar in bars}
    for kind, marker in (("milestone", "D"), ("gate", "o")):
        if kind in kinds:
            look = {"marker": marker, "color": "white", "markeredgecolor": INK, "linestyle": "none"}
            handles.append(Line2D([], [], label=kind, **look))  # type: ignore[arg-type]
    if any(opened is not None for _, opened in baseline.sprints):
        handles.append(Line2D([], [], color=QUIET, linewidth=1.4, label="sprint opens"))
    if project.deadline is not None:
        x = day_number(project.deadline) + 1  # the end of that day
        axes.axvline(x, color=INK, linewidth=1.6, linestyle="--", zorder=5, gid="deadline")
        text = f"deadline {day_text(project.deadline)}"
        handles.append(Line2D([], [], color=INK, linewidth=1.6, linestyle="--", label=text))
    axes.legend(
        handles=handles, loc="upper left", bbox_to_anchor=(0, 0), ncols=3, frameon=False, fontsize=10, borderaxespad=3.6
    )
    show_days(axes.xaxis, least=4, most=10)
    axes.tick_params(axis="x", labeltop=True, top=True, labelsize=10)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    headline(axes, _title(baseline))


def _title(baseline: Baseline) -> str:
    end = day_text(baseline.finish_date(baseline.end))
    name = shortened(baseline.scenario.project.name, NAME_LETTERS)
    said = {"finished": f"without dice finished on {end}", "stopped": f"without dice stopped on {end}"}
    return f"{name}: {said.get(baseline.outcome, f'without dice not finished by {end}')}"
