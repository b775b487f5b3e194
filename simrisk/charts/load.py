"""Load against capacity: what the plan asks of each person, pool and kind of equipment, by sprint or month."""

from __future__ import annotations

from fractions import Fraction

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Patch, Rectangle

from simrisk.baseline import Baseline
from simrisk.charts.canvas import BAND, INK, NAMES_LEFT, STYLE, TARGET, headline, tall_axes
from simrisk.charts.frame import NAME_LETTERS, shortened
from simrisk.charts.rows import list_rows

ROW_INCHES = 0.3
ROOMY, MOST_NUMBERED = 14, 30  # periods whose numbers have a sign of their unit; beyond which there are none
# Up to which share of what there is, its colour, that of the number on it, and its name.
CLASSES = (
    (Fraction(0), "#F3F3F3", INK, "nothing planned"),
    (Fraction(4, 5), "#CFE8F7", INK, "up to 80 %"),
    (Fraction(1), BAND, INK, "up to 100 %"),
    (Fraction(3, 2), "#F0A36B", INK, "over 100 %"),
    (None, TARGET, "white", "over 150 %"),
)


def plot_load(baseline: Baseline, *, ax: Axes | None = None) -> Axes:
    """Draw a cell for everybody and every period, coloured and numbered by the share of their time that is planned.

    Parameters
    ----------
    baseline : Baseline
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are rows.

    Returns
    -------
    matplotlib Axes
    """
    loads, periods = baseline.loads, baseline.periods
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(len(loads) * ROW_INCHES) if ax is None else ax
        for row, load in enumerate(loads):
            for column, (asked, has) in enumerate(zip(load.asked, load.has, strict=True)):
                color, ink = _look(asked, has)
                axes.add_patch(Rectangle((column - 0.48, row - 0.46), 0.96, 0.92, color=color, linewidth=0))
                if asked and len(periods) <= MOST_NUMBERED:
                    _write(axes, (column, row), asked / has if has else None, ink, roomy=len(periods) <= ROOMY)
        _dress(axes, baseline)
    return axes


def _write(axes: Axes, place: tuple[int, int], share: Fraction | None, ink: str, *, roomy: bool) -> None:
    """The share in a cell, in percent; None: something is planned where there is no time at all."""
    text = "none" if share is None else f"{round(float(100 * share))}" + (" %" if roomy else "")
    weight = "bold" if share is None or share > 1 else "normal"  # in grey the colours alone do not say so
    axes.text(*place, text, ha="center", va="center", fontsize=10 if roomy else 8.5, color=ink, weight=weight)


def _look(asked: Fraction, has: Fraction) -> tuple[str, str]:
    """Return the colour of a cell and of its number."""
    share = Fraction(10) if asked and not has else asked / has if has else Fraction(0)
    return next((color, ink) for limit, color, ink, _ in CLASSES if limit is None or share <= limit)


def _dress(axes: Axes, baseline: Baseline) -> None:
    loads, periods = baseline.loads, baseline.periods
    axes.set_xlim(-0.5, max(len(periods), 1) - 0.5)
    list_rows(axes, [load.id for load in loads], size=10)
    by_sprint = baseline.by_sprint
    step = 1 if by_sprint or len(periods) <= 20 else -(-len(periods) // 20)
    shown = range(0, len(periods), step)
    labels = [periods[place].name.replace(" ", "\n") for place in shown]
    axes.set_xticks(list(shown), labels, fontsize=10)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel("sprint, as planned" if by_sprint else "month, as the plan without dice has it", fontsize=11)
    used = {_look(*pair)[0] for load in loads for pair in zip(load.asked, load.has, strict=True)}
    handles = [Patch(facecolor=color, label=name) for _, color, _, name in CLASSES if color in used]
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=len(CLASSES),
        frameon=False,
        fontsize=10,
        columnspacing=1.4,
        borderaxespad=5.5,
    )
    headline(axes, _title(baseline))


def _title(baseline: Baseline) -> str:
    over = sum(asked > has for load in baseline.loads for asked, has in zip(load.asked, load.has, strict=True))
    cells = sum(asked > 0 for load in baseline.loads for asked in load.asked)
    name = shortened(baseline.scenario.project.name, NAME_LETTERS)
    if not baseline.by_sprint:
        unit = " in percent of" if len(baseline.periods) <= MOST_NUMBERED else " against"
        return f"{name}: load{unit} the time there is"
    return f"{name}: {over} of {cells} planned loads are more than the time there is"
