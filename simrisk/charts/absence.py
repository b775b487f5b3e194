"""The absence of each person against the finish: how much later P80 is when they are away so long."""

from __future__ import annotations

import math
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from simrisk.charts.canvas import CURVE, INK, NAMES_LEFT, QUIET, STYLE, TARGET, headline, mixed, tall_axes
from simrisk.charts.frame import count, project, shortened
from simrisk.charts.rows import SHADE, list_rows
from simrisk.dataset import Results
from simrisk.measures.absence import CLASSES, Absences, Cell, absences

MOST_ROWS = 15
ROW_INCHES, BELOW = 0.36, 0.7  # of a row; of the legend
PALEST = 0.25  # how much of its colour the palest cell has


def plot_absence(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw for everybody by how many working days P80 is later in trials in which they are away so many weeks.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are people.

    Returns
    -------
    matplotlib Axes
    """
    found = absences(dataset)
    people, left_out = list(found.cells)[:MOST_ROWS], max(len(found.cells) - MOST_ROWS, 0)
    day_minutes = int(dataset.attrs["day_minutes"])
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(max(len(people) + bool(left_out), 1) * ROW_INCHES, below=BELOW) if ax is None else ax
        most = max((abs(_days(found, cell, day_minutes)) for cell in _sure(found)), default=1.0)
        for row, person in enumerate(people):
            for place, cell in enumerate(found.cells[person]):
                gid = f"{person}-{CLASSES[place]}"
                _draw(axes, cell, (place, row), _days(found, cell, day_minutes), gid, most)
        more = f"... and {left_out:,} more" if left_out else ""
        list_rows(axes, people, more)
        _dress(axes, found, people, day_minutes)
        headline(axes, _title(dataset, found, day_minutes))
    return axes


def _sure(found: Absences) -> list[Cell]:
    """Cells of a difference that is no matter of chance, and a number."""
    return [cell for cells in found.cells.values() for cell in cells if cell.sure and math.isfinite(cell.finish.value)]


def _days(found: Absences, cell: Cell, day_minutes: int) -> float:
    """By how many working days P80 is later; nan when it cannot be said."""
    if cell.few or math.isinf(found.overall):
        return math.nan
    return (cell.finish.value - found.overall) / day_minutes


def _draw(axes: Axes, cell: Cell, place: tuple[int, int], days: float, gid: str, most: float) -> None:
    column, row = place
    face: str | tuple[float, float, float] = SHADE
    ink, hatch = QUIET, ""
    if cell.few:
        text, face, hatch = "too few" if cell.trials else "never", "white", "///"
    elif math.isnan(days):
        text = "-"
    elif math.isinf(days):
        text, face, ink = "beyond", TARGET, "white"
    else:
        text = f"{days:+.0f}".replace("-", "\N{MINUS SIGN}") if round(days) else "0"
    if cell.sure and math.isfinite(days):
        strength = min(PALEST + (1 - PALEST) * abs(days) / most, 1.0)
        face = mixed(TARGET if days > 0 else CURVE, strength)
        ink = "white" if strength > 0.8 else INK
    look = {"facecolor": face, "edgecolor": "#D8D8D8" if hatch else face, "hatch": hatch, "linewidth": 0.5}
    axes.add_artist(Rectangle((column - 0.48, row - 0.44), 0.96, 0.88, gid=gid, **look))  # type: ignore[arg-type]
    box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0} if hatch else None
    weight = "bold" if cell.sure else "normal"
    axes.text(column, row, text, ha="center", va="center", fontsize=11, color=ink, weight=weight, bbox=box)


def _dress(axes: Axes, found: Absences, people: list[str], day_minutes: int) -> None:
    axes.set_xlim(-0.5, len(CLASSES) - 0.5)
    axes.set_xticks(range(len(CLASSES)), CLASSES, fontsize=11)
    axes.xaxis.tick_top()  # beside the rows, however few they are
    axes.xaxis.set_label_position("top")
    axes.tick_params(length=0, pad=1)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel("weeks of unplanned absence until the end of the plan without dice", fontsize=11, labelpad=6)
    handles = _keys(found, [cell for person in people for cell in found.cells[person]], day_minutes)
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=5,
        frameon=False,
        fontsize=11,
        columnspacing=1.4,
        borderaxespad=1.4,
    )


def _keys(found: Absences, cells: list[Cell], day_minutes: int) -> list[Patch]:
    """What the numbers are, and the cells, of those that are there."""
    sure = [_days(found, cell, day_minutes) for cell in cells if cell.sure and not cell.few]
    looks: list[tuple[str, bool, dict[str, Any]]] = [
        ("later", any(days > 0 for days in sure), {"color": mixed(TARGET, 0.7)}),
        ("earlier", any(days < 0 for days in sure), {"color": mixed(CURVE, 0.7)}),
        ("may be chance", any(not cell.sure and not cell.few for cell in cells), {"color": SHADE}),
        (
            "under 50 trials",
            any(cell.few for cell in cells),
            {"facecolor": "white", "edgecolor": "#B8B8B8", "hatch": "///"},
        ),
    ]
    unit = Patch(facecolor="none", edgecolor="none", label="P80, working days:")
    return [unit, *(Patch(label=label, **look) for label, there, look in looks if there)]


def _title(run: Results, found: Absences, day_minutes: int) -> str:
    name = project(run)
    if math.isinf(found.overall):
        return f"{name}: no date is 80 % sure, whoever is away"
    if all(cell.few for cells in found.cells.values() for cell in cells):
        return f"{name}: too few trials to tell what absence does"
    known = [
        (_days(found, cell, day_minutes), person, CLASSES[place])
        for person, cells in found.cells.items()
        for place, cell in enumerate(cells)
        if cell.sure and math.isfinite(cell.finish.value) and place
    ]
    days, person, weeks = max(known, default=(0.0, "", ""))
    if round(days) < 1:
        return f"{name}: nobody's absence makes P80 later beyond chance"
    said = count(round(days), "working day")
    away = f"{weeks} week{'' if weeks == 'up to 1' else 's'}"
    return f"{name}: P80 is {said} later when {shortened(person, 16)} is away {away}"
