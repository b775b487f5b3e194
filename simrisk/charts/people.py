"""What people's time goes into: work, ceremonies, what is left free, leave, absence, being gone."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import PercentFormatter

from simrisk.charts.canvas import BAND, CURVE, INK, NAMES_LEFT, STYLE, TARGET, headline, tall_axes
from simrisk.charts.frame import percent, project, shortened
from simrisk.charts.rows import GRID, add_bar, list_rows
from simrisk.dataset import Results
from simrisk.measures.occupation import Occupation, ranked

MOST_ROWS = 15
ROW_INCHES = 0.36
LEAST_SHARE = 0.06  # of a bar that has its number in it
# Colour, hatch and colour of the number of each use; what is not there at the right.
LOOKS = {
    "work": (CURVE, "", "white"),
    "ceremonies": (BAND, "///", INK),
    "free": ("#F3F3F3", "", INK),
    "leave": ("#F0E442", r"\\\\", INK),
    "absence": (TARGET, "...", "white"),
    "gone": ("#6E6E6E", "xxx", "white"),
}
HATCHED = {"leave": "#857A00", "free": GRID}  # colour of edges and hatches, where not white
NAMES = {"free": "free", "leave": "on leave", "absence": "absent unplanned", "gone": "gone, not replaced yet"}


def plot_people(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw a bar for everybody: mean shares of their time until the finish, the busiest first.

    Of a person the time employed, of a pool that of its heads who are there; over the trials that finished.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are rows.

    Returns
    -------
    matplotlib Axes
    """
    everybody = ranked(dataset)
    rows, left_out = everybody[:MOST_ROWS], max(len(everybody) - MOST_ROWS, 0)
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(max(len(rows) + bool(left_out), 1) * ROW_INCHES) if ax is None else ax
        for place, row in enumerate(rows):
            _draw(axes, row, place)
        list_rows(axes, [row.label for row in rows], f"... and {left_out:,} less busy" if left_out else "")
        _dress(axes, dataset, rows)
    return axes


def _draw(axes: Axes, row: Occupation, place: int) -> None:
    begin = 0.0
    for use, (color, hatch, ink) in LOOKS.items():
        share = row.shares[use].value if use in row.shares else 0.0
        if share <= 0:
            continue
        look = {"facecolor": color, "edgecolor": HATCHED.get(use, "white"), "hatch": hatch, "linewidth": 0.6}
        add_bar(axes, begin, begin + share, (place, 0.72), gid=f"{use}-{row.label}", **look)
        if share >= LEAST_SHARE:
            axes.text(
                begin + share / 2,
                place,
                percent(share),
                ha="center",
                va="center",
                fontsize=11,
                color=ink,
                zorder=4,
            )
        begin += share


def _dress(axes: Axes, run: Results, rows: list[Occupation]) -> None:
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.set_xlabel("share of the time employed, or there (pools); mean of the trials that finished", fontsize=11)
    axes.tick_params(axis="x", labelsize=11)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    used = [use for use in LOOKS if any(row.shares[use].value > 0 for row in rows if use in row.shares)]
    handles = [
        Patch(
            facecolor=LOOKS[use][0], hatch=LOOKS[use][1], edgecolor=HATCHED.get(use, "white"), label=NAMES.get(use, use)
        )
        for use in used
    ]
    if handles:
        axes.legend(
            handles=handles,
            loc="upper left",
            bbox_to_anchor=(NAMES_LEFT, 0),
            ncols=6,
            frameon=False,
            fontsize=11,
            columnspacing=1.2,
            handlelength=1.6,
            borderaxespad=4.6,
        )
    headline(axes, _title(run, rows))


def _title(run: Results, rows: list[Occupation]) -> str:
    name = project(run)
    if not rows:
        return f"{name}: no trial finished" if (run.sizes["person"] + run.sizes["pool"]) else f"{name}: nobody"
    return f"{name}: {shortened(rows[0].label, 20)} is busiest, at work {percent(rows[0].busy)} of the time"
