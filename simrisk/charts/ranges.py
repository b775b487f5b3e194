"""The simulated Gantt chart: when tasks are likely to run, and milestones and gates to be reached."""

from __future__ import annotations

from typing import Any, NamedTuple

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simrisk.charts.canvas import BAND, INK, NAMES_LEFT, QUIET, STYLE, TARGET, headline, tall_axes
from simrisk.charts.days import day_text
from simrisk.charts.frame import project
from simrisk.charts.rows import (
    GRID,
    SHADE,
    DaySpans,
    add_bar,
    list_rows,
    mark_deadline,
    names_of,
    set_calendar,
)
from simrisk.dataset import Results
from simrisk.measures import measure
from simrisk.measures.schedule import Activity, Span, activities, likely

MOST_ROWS, FEW_ROWS = 60, 12
ROW_INCHES, FEW_INCHES, FEWEST = 0.235, 2.9, 0.36  # of each of many rows; of few together, and each of very few
FAINT = 0.35  # opacity of a bar's ends
THIN = 0.16  # height of the plan's bar
OFTEN, SOMETIMES = 0.5, 0.1  # how often something sets the date, to be drawn in the colours below


class Look(NamedTuple):
    """How a bar looks that sets the date in at least such a share of the trials."""

    limit: float
    color: str
    bar: dict[str, Any]


LOOKS = (
    Look(OFTEN, TARGET, {"facecolor": TARGET, "edgecolor": TARGET}),
    Look(SOMETIMES, "#F0A36B", {"facecolor": "#F7C7A3", "edgecolor": TARGET, "hatch": "////"}),  # grey is as BAND's
    Look(0.0, BAND, {"facecolor": BAND, "edgecolor": BAND}),
)


def plot_ranges(dataset: Results, *, most: int = MOST_ROWS, ax: Axes | None = None) -> Axes:
    """Draw for every task a bar from the middle of its starts to the middle of its finishes.

    The bar is fainter from P10 of the starts and until P90 of the finishes; a thin one below is the plan without dice.
    Of more than `most` tasks and gates the gates and the tasks most often on the driving chain are drawn.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    most : int
        Rows; 18 can be read on a slide.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are rows.

    Returns
    -------
    matplotlib Axes
    """
    rows, left_out = activities(dataset, most)
    spans = [likely(dataset, row) for row in rows]
    with matplotlib.rc_context(STYLE):
        n_rows = max(len(rows) + bool(left_out), 1)
        height = max(n_rows * ROW_INCHES, min(n_rows * FEWEST, FEW_INCHES))
        axes = tall_axes(height) if ax is None else ax
        clock = DaySpans(dataset)
        ends = _ends(dataset, clock, rows, spans)
        small = len(rows) > FEW_ROWS
        set_calendar(axes, *ends, both=small)
        for place, (row, span) in enumerate(zip(rows, spans, strict=True)):
            _draw(axes, clock, row, span, place)
        more = f"... and {left_out:,} more" if left_out else ""
        list_rows(axes, _names(dataset, rows), more, size=9.5 if small else 11.0)
        _shade_sprints(axes, rows)
        _dress(axes, dataset, rows)
    return axes


def _names(run: Results, rows: list[Activity]) -> list[str]:
    tasks = dict(zip(map(str, run["task"].values), names_of(run, "task"), strict=True))
    gates = dict(zip(map(str, run["gate"].values), names_of(run, "gate"), strict=True))
    return [(gates if row.kind == "gate" else tasks)[row.id] for row in rows]


def _ends(run: Results, clock: DaySpans, rows: list[Activity], spans: list[Span]) -> tuple[float, float]:
    """From the first start to the last finish, with some air."""
    starts = [m for row, span in zip(rows, spans, strict=True) for m in (row.start, span.early) if 0 <= m < np.inf]
    finishes = [m for row, span in zip(rows, spans, strict=True) for m in (row.finish, *span) if 0 <= m < np.inf]
    first = float(clock.starts(min(starts, default=float(run.attrs["status_minute"]))))
    last = float(clock.ends(max(finishes, default=float(run.attrs["horizon"]))))
    if "deadline" in run.attrs:
        deadline = float(clock.ends(float(run.attrs["deadline_minute"])))
        first, last = min(first, deadline), max(last, deadline)
    air = max(0.02 * (last - first), 1.0)
    return first - air, last + air


def _draw(axes: Axes, clock: DaySpans, row: Activity, span: Span, place: int) -> None:
    """Draw one row; what is too often never reached goes on to the edge, with an arrow."""
    edge = axes.get_xlim()[1]
    look = next(look for look in LOOKS if look.limit == 0.0 or row.critical >= look.limit)
    color = look.color
    _draw_plan(axes, clock, row, place)
    if np.isinf(span.early):
        axes.text(0.99, place, "hardly ever", transform=axes.get_yaxis_transform(), ha="right", va="center", fontsize=9)
        return
    early = float(clock.ends(span.early) if row.kind == "gate" else clock.starts(span.early))
    late = min(float(clock.ends(span.late)), edge)
    if row.kind == "task":
        start, finish = min(float(clock.starts(span.start)), edge), min(float(clock.ends(span.finish)), edge)
        add_bar(axes, early, late, (place - 0.1, 0.5), color=color, alpha=FAINT, gid=f"range-{row.id}")
        width = max(finish - start, 0.002 * (edge - axes.get_xlim()[0]))
        add_bar(axes, start, start + width, (place - 0.1, 0.5), **look.bar, gid=f"bar-{row.id}")
    else:
        axes.plot([early, late], [place - 0.1] * 2, color=color, linewidth=2.2, gid=f"range-{row.id}", zorder=3)
        if np.isfinite(span.finish):
            axes.plot(
                [float(clock.ends(span.finish))],
                [place - 0.1],
                marker="D" if row.kind == "milestone" else "o",
                markersize=7,
                color=color,
                markeredgecolor=INK,
                linestyle="none",
                gid=f"bar-{row.id}",
                zorder=4,
            )
    if late >= edge:
        axes.plot([edge], [place - 0.1], marker=">", markersize=6, color=INK, clip_on=False, zorder=5)


def _draw_plan(axes: Axes, clock: DaySpans, row: Activity, place: int) -> None:
    """The plan without dice, thin and below."""
    if row.start < 0:
        return
    start = float(clock.ends(row.start) if row.kind == "gate" else clock.starts(row.start))
    finish = axes.get_xlim()[1] if row.finish < 0 else float(clock.ends(row.finish))
    if row.kind == "task":
        add_bar(axes, start, max(finish, start + 0.4), (place + 0.3, THIN), color=INK, gid=f"plan-{row.id}")
    else:
        axes.plot([finish], [place + 0.3], marker="d", markersize=4.5, color=INK, gid=f"plan-{row.id}", zorder=3)


def _shade_sprints(axes: Axes, rows: list[Activity]) -> None:
    """A band behind the rows of every second sprint, and its number at the right."""
    places: dict[int, list[int]] = {}
    for place, row in enumerate(rows):
        if row.sprint:
            places.setdefault(row.sprint, []).append(place)
    for number, own in places.items():
        if number % 2:
            axes.axhspan(own[0] - 0.5, own[-1] + 0.5, color=SHADE, linewidth=0, zorder=0)
        where = (1.004, (own[0] + own[-1]) / 2)
        across = axes.get_yaxis_transform()
        axes.text(*where, str(number), transform=across, fontsize=9, color=QUIET, va="center", gid=f"sprint-{number}")


def _dress(axes: Axes, run: Results, rows: list[Activity]) -> None:
    handles: list[Line2D | Patch] = [
        Patch(color=INK, alpha=0.75, label="from P50 of the start to P50 of the finish"),
        Patch(color=INK, alpha=0.25, label="from P10 of the start to P90 of the finish"),
        Line2D([], [], color=INK, linewidth=3, label="plan without dice"),
    ]
    if run.sizes["trial"] and np.isfinite([row.critical for row in rows]).any():
        names = ("sets the date in over half the trials", "in a tenth to a half", "in fewer than a tenth")
        handles += [Patch(**look.bar, linewidth=0, label=name) for look, name in zip(LOOKS, names, strict=True)]
    kinds = {row.kind for row in rows}
    for kind, marker in (("milestone", "D"), ("gate", "o")):
        if kind in kinds:
            look = {"marker": marker, "color": "white", "markeredgecolor": INK, "linestyle": "none"}
            handles.append(Line2D([], [], label=f"{kind}, P50", **look))  # type: ignore[arg-type]
    if any(row.sprint for row in rows):
        handles.append(Patch(facecolor=SHADE, edgecolor=GRID, label="sprint, its number at the right"))
    if deadline := mark_deadline(axes, run):
        handles.append(Line2D([], [], color=INK, linewidth=1.6, linestyle="--", label=deadline))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=3,
        frameon=False,
        fontsize=10,
        columnspacing=1.4,
        borderaxespad=3.6,
    )
    headline(axes, _title(run))


def _title(run: Results) -> str:
    name = project(run)
    early, late = (measure(run, f"finish.{p}") for p in ("p10", "p90"))
    if early.date is None:
        return f"{name}: fewer than one trial in ten is finished"
    if late.date is None:
        why = "may be stopped" if late.stopped else "in one trial of ten not by the horizon"
        return f"{name}: finished from {day_text(early.date)} on, {why}"
    if early.date == late.date:
        return f"{name}: finished on {day_text(early.date)}, four times out of five"
    return f"{name}: 80 % chance to finish between {day_text(early.date)} and {day_text(late.date)}"
