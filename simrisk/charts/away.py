"""Who would be missed when: by how much later P80 is when somebody is unexpectedly away from each week on."""

from __future__ import annotations

import math
from datetime import timedelta

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from simrisk.charts.canvas import CURVE, INK, NAMES_LEFT, QUIET, STYLE, TARGET, headline, mixed, tall_axes
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import count, shortened
from simrisk.charts.rows import SHADE, list_rows, set_calendar
from simrisk.measures.difference import Difference
from simrisk.whatif.away import Absences, Absentee

MOST_PEOPLE = 12
ROW_INCHES = 0.3
STEPS = (0.25, 0.45, 0.7, 1.0)  # how much of its colour each class has, from the least to the most
NICE = (0.5, 1, 2, 3, 5, 10, 20, 30, 50, 100, 200)  # days between classes
RIGHT = 0.885  # of the figure: beside the rows stand the worst figures
EARLIER, HATCH = mixed(CURVE, 0.6), r"\\\\"  # hatched: in grey it is as dark as what is later


def plot_away(found: Absences, *, ax: Axes | None = None) -> Axes:
    """Draw for everybody and each week by how many working days P80 is later when they are away from it on.

    Parameters
    ----------
    found : Absences
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are people.

    Returns
    -------
    matplotlib Axes
    """
    day = found.scenario.project.day_minutes
    ranked = [*found.missed, *(one for one in found.people if one not in found.missed)]
    people, left_out = ranked[:MOST_PEOPLE], max(len(ranked) - MOST_PEOPLE, 0)
    rows = [(one, days) for one in people for days in found.lengths]
    width = _class_width(max((_most(one, day) for one in people), default=0.0))
    with matplotlib.rc_context(STYLE):
        axes = _new_axes(len(rows) + bool(left_out)) if ax is None else ax
        ends = [*(day_number(first) for first in found.weeks.dates)]
        ends.append(day_number(found.weeks.dates[-1] + timedelta(days=7)))
        for row, (one, days) in enumerate(rows):
            for place, cell in enumerate(one.cells[days]):
                _draw(axes, cell, (ends[place], ends[place + 1]), row, width * day, f"{one.person}-{days}-{place}")
            _say_worst(axes, one, found.lengths.index(days), row, day)
            if one.place is not None:
                _frame(axes, (ends[one.place], ends[one.place + 1]), row)
            if row % len(found.lengths) == 0 and row:
                axes.axhline(row - 0.5, color="white", linewidth=4, zorder=4)
        names = [_name(found, one, days) for one, days in rows]
        list_rows(axes, names, f"... and {left_out} more" if left_out else "", size=10.5)
        set_calendar(axes, ends[0], ends[-1])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xlabel(
            "first day away; beside the rows P80 of the framed week, measured again", fontsize=11, labelpad=3
        )
        earlier = any(_earlier(cell) for one, days in rows for cell in one.cells[days])
        _legend(axes, width, earlier=earlier)
        headline(axes, _title(found))
    return axes


def _new_axes(rows: int) -> Axes:
    axes = tall_axes(max(rows, 6) * ROW_INCHES)
    axes.figure.subplots_adjust(right=RIGHT)
    return axes


def _name(found: Absences, one: Absentee, days: int) -> str:
    """The person beside the first of their rows, how long they are away beside each."""
    weeks = f"{days // len(found.scenario.project.work_week)} w"
    return f"{shortened(one.person, 20)}   {weeks}" if days == found.lengths[0] else weeks


def _most(one: Absentee, day: int) -> float:
    """By how many days P80 is later at worst, for sure."""
    values = [_days(cell, day) for cells in one.cells.values() for cell in cells if _sure(cell)]
    return max((value for value in values if math.isfinite(value)), default=0.0)


def _days(cell: Difference | None, day: int) -> float:
    if cell is None or (cell.value is None and not cell.low):
        return math.nan
    return math.inf if cell.value is None else cell.value / day


def _sure(cell: Difference | None) -> bool:
    return cell is not None and ((cell.low or 0.0) > 0 or (cell.high or 0.0) < 0)


def _earlier(cell: Difference | None) -> bool:
    """Whether P80 is earlier for sure; how much is not told apart."""
    return cell is not None and _sure(cell) and cell.value is not None and cell.value < 0


def _class_width(most: float) -> float:
    """Days of a class, so that the last of them begins below the most."""
    return next((nice for nice in NICE if nice * len(STEPS) >= most), NICE[-1])


def _draw(axes: Axes, cell: Difference | None, ends: tuple[float, float], row: int, width: float, gid: str) -> None:
    if cell is None:
        return
    face: str | tuple[float, float, float] = SHADE
    hatch = ""
    if _earlier(cell):
        face, hatch = EARLIER, HATCH
    elif _sure(cell) and cell.value is not None:
        place = min(int(abs(cell.value) / width), len(STEPS) - 1)
        face = mixed(TARGET, STEPS[place])
    elif cell.value is None:
        face = INK
    low, high = ends
    look = {"facecolor": face, "hatch": hatch, "edgecolor": "white", "linewidth": 0, "zorder": 2}
    axes.add_artist(Rectangle((low, row - 0.46), high - low, 0.92, gid=gid, **look))  # type: ignore[arg-type]


def _say_worst(axes: Axes, one: Absentee, place: int, row: int, day: int) -> None:
    """Beside the row: what the framed week does, from other trials."""
    cell = one.later[place] if one.later else None
    said = "chance" if cell is None else "beyond" if cell.value is None else f"{cell.value / day:+.1f} d"
    across = axes.get_yaxis_transform()
    color = INK if _sure(cell) else QUIET
    said = said.replace("-", "\N{MINUS SIGN}")
    axes.text(1.012, row, said, transform=across, va="center", fontsize=10.5, color=color)


def _frame(axes: Axes, ends: tuple[float, float], row: int) -> None:
    low, high = ends
    look = {"facecolor": "none", "edgecolor": INK, "linewidth": 1.4, "zorder": 5}
    axes.add_artist(Rectangle((low, row - 0.46), high - low, 0.92, **look))  # type: ignore[arg-type]


def _legend(axes: Axes, width: float, *, earlier: bool) -> None:
    edges = [width * step for step in range(len(STEPS))]
    names = [
        f"P80 up to {edges[1]:g} d later",
        *(f"{low:g} to {low + width:g}" for low in edges[1:-1]),
        f"over {edges[-1]:g}",
    ]
    handles = [Patch(color=mixed(TARGET, step), label=name) for step, name in zip(STEPS, names, strict=True)]
    if earlier:
        handles.append(Patch(facecolor=EARLIER, hatch=HATCH, edgecolor="white", linewidth=0, label="earlier"))
    handles.append(Patch(color=SHADE, label="may be chance"))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=6,
        frameon=False,
        fontsize=11,
        columnspacing=1.2,
        handlelength=1.4,
        borderaxespad=5.0,
    )


def _title(found: Absences) -> str:
    name = shortened(found.scenario.project.name, 28)
    first = next(iter(found.missed), None)
    value = None if first is None else first.later[-1].value
    if first is None or first.place is None or value is None:
        return f"{name}: no one person's absence moves P80 beyond chance"
    weeks = found.lengths[-1] // len(found.scenario.project.work_week)
    later = f"{value / found.scenario.project.day_minutes:.0f} days later"
    who = f"{shortened(first.person, 14)} is away {count(weeks, 'week')}"
    return f"{name}: P80 is {later} when {who} from {day_text(found.weeks.dates[first.place])}"
