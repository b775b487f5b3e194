"""Charts of bars, each with its name at the left: the title above the names, distances in days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib import dates as mdates
from matplotlib.axes import Axes

from simrisk.charts.canvas import EDGE, HEIGHT, INK, QUIET, WIDTH, new_axes, room_for_names
from simrisk.charts.frame import SMALLEST, date_axis, say
from simrisk.charts.letters import within

WEEKS = 63.0  # days that are marked week by week
FULL_ROWS = 6  # that fill a slide


def slide_of_rows(margins: Mapping[str, float], rows: int) -> Axes:
    """Axes on a new slide-sized figure, on a flatter one when rows are too few for it.

    Parameters
    ----------
    margins : mapping of str to float
        Of a whole slide, as `Figure.subplots_adjust` takes them.
    """
    axes = new_axes()
    below, above = HEIGHT * margins["bottom"], HEIGHT * (1 - margins["top"])
    spare = (HEIGHT - below - above) * max(FULL_ROWS - max(rows, 1), 0) / FULL_ROWS
    height = HEIGHT - spare
    axes.figure.set_figheight(height)  # type: ignore[union-attr]
    axes.figure.subplots_adjust(**{**margins, "bottom": below / height, "top": 1 - above / height})
    return axes


def title_rows(axes: Axes, title: str, detail: str, *, lines: int = 0) -> None:
    """Write the answer above axes of rows, from the left edge of their names; long ones are set smaller.

    Parameters
    ----------
    lines : int
        Rows of names of lines between it and the axes.
    """
    say(axes, title, detail, rows=lines, left=EDGE)


def name_rows(axes: Axes, places: Sequence[float], names: Sequence[str], quiet: Sequence[bool] | None = None) -> None:
    """Write the names of rows at their left, cut to the room there is; those of quiet ones are lighter."""
    axes.set_yticks(places, [within(name, room_for_names(axes), SMALLEST) for name in names])
    axes.tick_params(axis="y", length=0, labelsize=SMALLEST)
    for label, faint in zip(axes.get_yticklabels(), quiet or [False] * len(names), strict=True):
        label.set_color(QUIET if faint else INK)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)


def dates_below(axes: Axes) -> None:
    """Dates below the axes; Mondays when it is a matter of weeks."""
    date_axis(axes)
    left, right = axes.get_xlim()
    if right - left < WEEKS:
        axes.xaxis.set_major_locator(mdates.WeekdayLocator(byweekday=mdates.MO, interval=1))  # type: ignore[no-untyped-call]


def days_text(minutes: float, day_minutes: int) -> str:
    """``+12 d``, of little one decimal: working days."""
    days = round(minutes / day_minutes, 1) + 0.0  # no sign at a little that is written as nothing
    sign = "+" if days > 0 else "\N{MINUS SIGN}" if days < 0 else ""
    return f"{sign}{abs(days):,.0f} d" if abs(days) >= 9.95 else f"{sign}{abs(days):.1f} d"


def width_of(axes: Axes, text: str, letter: float = 0.105) -> float:
    """About how wide a text is, in units of the horizontal axis; `letter` in inches."""
    left, right = axes.get_xlim()
    return len(text) * letter / (WIDTH * axes.get_position().width) * (right - left)
