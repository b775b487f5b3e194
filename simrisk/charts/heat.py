"""A heat map of two keys: what a figure moves by at every pair of values."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from simrisk.charts.canvas import CURVE, INK, QUIET, TARGET, mixed
from simrisk.charts.frame import shortened, slide
from simrisk.charts.rows import SHADE
from simrisk.charts.variants import Place
from simrisk.measures.difference import Difference, direction
from simrisk.whatif.sweep import Sweep

PALEST = 0.25
VALUE_LETTERS, KEY_LETTERS = 12, 40


def draw_heat(found: Sweep, metric: str, place: Place, ax: Axes | None = None) -> Axes:
    """Draw a field for every pair of values, the first key down and the second across.

    Its colour says whether the figure is better (blue) or worse than in the plan as in the file, where that is more
    than noise; its number by how much.
    """
    rows, columns = found.grid.axes
    axes = slide(rows=0, left=0.13, bottom=0.14) if ax is None else ax
    moves = [outcome.differences.get(metric) for outcome in found.outcomes]
    known = [abs(move.value) for move in moves if move is not None and move.value is not None]
    most, size = max(known, default=0.0) or 1.0, min(11.0, 130 / len(columns.values), 130 / len(rows.values))
    for number, move in enumerate(moves):
        row, column = divmod(number, len(columns.values))
        own = number == found.reference
        beyond = found.outcomes[number].figures.get(metric) is None or (move is not None and move.value is None)
        text = "own" if own else "?" if beyond or move is None else _number(move, place)
        face, ink = _look(move, metric, most)
        axes.add_artist(
            Rectangle(
                (column - 0.5, row - 0.5),
                1,
                1,
                facecolor=face,
                edgecolor=INK if own else "white",
                linewidth=1.8 if own else 0.6,
                zorder=3 if own else 2,
                gid=f"field-{number}",
            )
        )
        axes.text(column, row, text, ha="center", va="center", fontsize=size, color=ink, zorder=4)
    axes.set_xlim(-0.5, len(columns.values) - 0.5)
    axes.set_ylim(len(rows.values) - 0.5, -0.5)
    names = [[shortened(name, VALUE_LETTERS) for name in axis.names] for axis in (columns, rows)]
    axes.set_xticks(range(len(names[0])), names[0], fontsize=size)
    axes.set_yticks(range(len(names[1])), names[1], fontsize=size)
    axes.set_xlabel(shortened(columns.key, KEY_LETTERS))
    axes.set_ylabel(shortened(rows.key, KEY_LETTERS))
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    return axes


def heat_legend(found: Sweep, name: str, kind: str) -> str:
    """What numbers and colours mean."""
    units = {"finish": "Working days", "duration": "Working days", "share": "Points", "money": "Thousands"}
    against = "framed one, as in the file" if found.reference is not None else "plan as in the file"
    return (
        f"{units.get(kind, 'How much')} by which {name} moves against the {against}. Blue: better; grey: may be chance."
    )


def _number(move: Difference, place: Place) -> str:
    assert move.value is not None
    per = {"finish": place.scale.day_minutes, "duration": place.scale.day_minutes, "share": 0.01, "money": 1000.0}
    value = move.value / per.get(move.kind, 1.0)
    shown = f"{value:+.0f}" if abs(value) >= 9.5 else f"{value:+.1f}"
    return shown.replace("-", "\N{MINUS SIGN}") if value else "0"


def _look(move: Difference | None, metric: str, most: float) -> tuple[str | tuple[float, float, float], str]:
    """Colour of a field and of its number."""
    if move is None or move.value is None or move.verdict in ("no change", "undecided"):
        return SHADE, QUIET
    strength = min(PALEST + (1 - PALEST) * abs(move.value) / most, 1.0) if math.isfinite(most) else 1.0
    good = move.value * (direction(metric) or -1) > 0
    return mixed(CURVE if good else TARGET, strength), "white" if strength > 0.75 else INK
