"""Two runs beside each other: how far each of the main figures has moved, with its interval, and which way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simrisk.charts.bars import name_rows, title_rows
from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET, tall_axes
from simrisk.charts.frame import SMALLEST, count, told_apart
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.charts.rows import add_bar
from simrisk.compare import Comparison
from simrisk.measures.difference import Difference, margin

ROWS = {
    "finish.mean": "mean finish",
    "finish.p50": "P50 of the finish",
    "finish.p80": "P80 of the finish",
    "finish.p90": "P90 of the finish",
    "baseline.finish": "plan without dice",
    "cost.mean": "mean cost",
    "cost.p50": "P50 of the cost",
    "cost.p80": "P80 of the cost",
    "finish.on_time": "deadline met",
    "cost.in_budget": "budget kept",
    "joint": "deadline and budget",
    "censored": "not finished by the horizon",
    "stopped": "stopped at a gate",
}
RARE = ("censored", "stopped")  # left out where it never happens
# verdict: marker, size, colour, filled; the shapes tell them apart in grey
LOOKS = {
    "worse": ("D", 8.0, TARGET, True),
    "better": ("o", 9.0, CURVE, True),
    "changed": ("^", 9.0, INK, True),
    "undecided": ("o", 8.5, QUIET, False),
    "no change": ("s", 5.5, QUIET, True),
}
# of a figure that is a number in one of the runs only
BEYOND: dict[str, tuple[str, Literal["left", "right"]]] = {
    "worse": ("beyond the horizon now \N{RIGHTWARDS ARROW}", "right"),
    "better": ("\N{LEFTWARDS ARROW} from beyond the horizon", "left"),
}
BAND = "#E9E9E9"
ROW, BELOW, BETWEEN = 0.31, 0.56, 0.12  # inches: a row; an axis with its label; the air under that
RIGHT = 0.785  # of the figure: behind it stands in words how far it moved
NAME_LETTERS = 42
AIR = 0.07  # of the width of a panel, on either side


@dataclass(frozen=True)
class _Panel:
    """Figures with one unit.

    Parameters
    ----------
    kind : "finish", "money" or "share"
    label : str
        Of the axis.
    scale : float
        From the figures' unit to that of the axis.
    rows : tuple of Difference
    within : tuple of float
        For each: so far from 0, in the axis' unit, nobody calls it a change.
    """

    kind: str
    label: str
    scale: float
    rows: tuple[Difference, ...] = ()
    within: tuple[float, ...] = ()

    @property
    def height(self) -> float:
        """Inches, without what stands below it."""
        return ROW * len(self.rows)

    def ends(self) -> tuple[float, float]:
        """All intervals and the moment of no change in the picture."""
        values = [v * self.scale for d in self.rows for v in (d.value, d.low, d.high) if v is not None]
        band = 2 * max(self.within) or 1.0
        low, high = min([-band, *values]), max([band, *values])
        air = AIR * (high - low)
        return low - air, high + air


def plot_differences(comparison: Comparison, *, ax: Axes | None = None) -> Axes:
    """Draw how far the main figures of two runs are apart, with their 95 % intervals, in days, money and points.

    Diamonds are worse for sure, dots better, hollow ones may be chance; what lies within the grey band with its whole
    interval is no change.

    Parameters
    ----------
    comparison : Comparison
        As `simrisk.compare.compare` returns it; of its figures the project's own are drawn.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure as high as it needs to be.

    Returns
    -------
    matplotlib Axes
        It has an inset for each unit.
    """
    panels = _panels(comparison)
    whole = sum(panel.height + BELOW for panel in panels) + BETWEEN * (len(panels) - 1)
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(whole) if ax is None else ax
        if ax is None:
            axes.figure.subplots_adjust(right=RIGHT)
        axes.set(xticks=[], yticks=[])
        for spine in axes.spines.values():
            spine.set_visible(False)
        top = whole
        for place, panel in enumerate(panels):
            height = panel.height
            inset = axes.inset_axes((0, (top - height) / whole, 1, height / whole))
            _draw(inset, panel, first=place == 0)
            top -= height + BELOW + BETWEEN
        _explain(axes, comparison, panels)
        names = told_apart(comparison.names, NAME_LETTERS)
        title_rows(axes, _title(panels), f"{names[1]} against {names[0]}", lines=1)
    return axes


def _panels(comparison: Comparison) -> list[_Panel]:
    shown = [known for name in ROWS if (known := comparison.of(name)) is not None and not _never(known)]
    currencies = dict.fromkeys(str(run.attrs["currency"]) for run in (comparison.before, comparison.after))
    day_minutes = int(comparison.after.attrs["day_minutes"])
    found = []
    for panel in (
        _Panel("finish", "working days: later \N{RIGHTWARDS ARROW}", 1 / day_minutes),
        _Panel("money", f"{', '.join(currencies)}: dearer \N{RIGHTWARDS ARROW}", 1.0),
        _Panel("share", "percentage points: more often \N{RIGHTWARDS ARROW}", 100.0),
    ):
        rows = tuple(d for d in shown if d.kind == panel.kind)
        sides = [d.before or d.after for d in rows]
        within = tuple(panel.scale * margin(side, day_minutes) for side in sides if side is not None)
        if rows:
            found.append(replace(panel, rows=rows, within=within))
    return found


def _never(found: Difference) -> bool:
    """Whether it is something that happens in neither run."""
    sides = [side.value for side in (found.before, found.after) if side is not None]
    return found.name in RARE and not any(sides)


def _draw(axes: Axes, panel: _Panel, *, first: bool) -> None:
    low, high = panel.ends()
    axes.set_xlim(low, high)
    axes.set_ylim(len(panel.rows) - 0.5, -0.5)
    axes.axvline(0, color=INK, linewidth=1.4, zorder=1, gid=f"no-change-{panel.kind}")
    for row, found in enumerate(panel.rows):
        _draw_row(axes, panel, found, row)
    name_rows(axes, [float(row) for row in range(len(panel.rows))], [ROWS[found.name] for found in panel.rows])
    if panel.kind == "money":
        axes.xaxis.set_major_formatter(MoneyFormatter())
    axes.locator_params(axis="x", nbins=6)
    axes.tick_params(axis="x", labelsize=SMALLEST)
    axes.set_xlabel(panel.label, fontsize=SMALLEST, labelpad=2)
    if first:
        axes.annotate(
            "no change",
            (0, 1),
            (0, 3),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha="center",
            fontsize=SMALLEST,
            weight="bold",
            annotation_clip=False,
        )


def _draw_row(axes: Axes, panel: _Panel, found: Difference, row: int) -> None:
    left, right = axes.get_xlim()
    band = panel.within[row]
    add_bar(axes, -band, band, (row, 1.0), facecolor=BAND, zorder=0.5)
    marker, size, color, filled = LOOKS.get(found.verdict, LOOKS["changed"])
    if found.value is not None:
        ends = [edge if end is None else end * panel.scale for end, edge in ((found.low, left), (found.high, right))]
        axes.plot(ends, [row, row], color=color, linewidth=2.0, zorder=3, gid=f"interval-{found.name}")
        axes.plot(
            [found.value * panel.scale],
            [row],
            linestyle="none",
            marker=marker,
            markersize=size,
            markerfacecolor=color if filled else "white",
            markeredgecolor=color,
            markeredgewidth=1.8,
            zorder=4,
            gid=found.name,
        )
    elif found.verdict in BEYOND:
        said, side = BEYOND[found.verdict]
        edge = 1.0 if side == "right" else 0.0
        look = {"color": color, "fontsize": SMALLEST, "va": "center"}
        axes.text(edge, row, said, transform=axes.get_yaxis_transform(), ha=side, **look)  # type: ignore[arg-type]
    axes.annotate(
        f"{_amount(panel, found)}{found.verdict}",
        (1, row),
        (10, 0),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        va="center",
        fontsize=SMALLEST,
        color=QUIET if found.verdict in ("no change", "undecided") else INK,
        annotation_clip=False,
    )


def _amount(panel: _Panel, found: Difference) -> str:
    """How far it moved, in words; empty where that is no number."""
    if not found.value:
        return ""
    sign = "+" if found.value > 0 else "\N{MINUS SIGN}"
    size = abs(found.value * panel.scale)
    if panel.kind == "money":
        return f"{sign}{money_text(size)} "
    unit = " d" if panel.kind == "finish" else " pt"
    digits = 0 if size >= 99.5 else 1 if size >= 0.095 else 2
    return f"{sign}{size:,.{digits}f}{unit} "


def _explain(axes: Axes, comparison: Comparison, panels: Sequence[_Panel]) -> None:
    """What the markers, lines and the band are, below everything."""
    seen = {found.verdict for panel in panels for found in panel.rows if found.value is not None}
    handles: list[Line2D | Patch] = []
    for verdict, (marker, size, color, filled) in LOOKS.items():
        if verdict in seen:
            face = color if filled else "white"
            handles.append(
                Line2D([], [], linestyle="none", marker=marker, markersize=size, markerfacecolor=face,
                       markeredgecolor=color, markeredgewidth=1.8, label=verdict)
            )  # fmt: skip
    dice = "same dice" if comparison.paired else "other dice"
    handles += [
        Line2D([], [], color=INK, linewidth=2, label=f"95 % interval ({dice})"),
        Patch(color=BAND, label="no change if all within"),
    ]
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(-0.42, 0.0),
        ncols=4,
        frameon=False,
        fontsize=SMALLEST,
        borderaxespad=0.4,
    )


def _title(panels: Sequence[_Panel]) -> str:
    verdicts = [found.verdict for panel in panels for found in panel.rows]
    worse, better, undecided = (verdicts.count(word) for word in ("worse", "better", "undecided"))
    if worse or better:
        parts = [(worse, "worse"), (better, "better")]
        parts.sort(key=lambda part: -part[0])
        said = [
            f"{n if i else count(n, 'figure')} {'is' if n == 1 else 'are'} {w}" for i, (n, w) in enumerate(parts) if n
        ]
        return ", ".join(said) + (f", {undecided} undecided" if undecided else "")
    if undecided:
        return f"Nothing is better or worse for sure: {count(undecided, 'figure')} undecided"
    if all(found.value == 0 for panel in panels for found in panel.rows):
        return "Nothing has changed"
    return "Nothing has changed that counts"
