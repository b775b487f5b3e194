"""Charts of bars, each with its name at the left: the title above the names, distances in days."""

from __future__ import annotations

from matplotlib import dates as mdates
from matplotlib.axes import Axes

from simrisk.charts.canvas import INK, QUIET, WIDTH
from simrisk.charts.frame import ROW, SMALLEST, date_axis

TITLE_LETTERS, DETAIL_LETTERS = 58, 96  # that fit on one line of a slide at full size
WEEKS = 63.0  # days that are marked week by week
EDGE = 0.03  # of the figure, left of the title


def title_rows(axes: Axes, title: str, detail: str, *, lines: int = 0) -> None:
    """Write the answer above axes of rows, from the left edge of their names; long ones are set smaller.

    Parameters
    ----------
    lines : int
        Rows of names of lines between it and the axes.
    """
    box = axes.get_position()
    left = (EDGE - box.x0) / box.width
    above = 72 * (0.1 + ROW * lines)  # points
    for text, lift, most, size, look in (
        (title, above + 17, TITLE_LETTERS, 18.0, {"weight": "bold"}),
        (detail, above, DETAIL_LETTERS, 12.0, {"color": QUIET}),
    ):
        axes.annotate(
            text,
            (left, 1),
            (0, lift),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=min(size, size * most / max(len(text), 1)),
            va="bottom",
            annotation_clip=False,
            **look,  # type: ignore[arg-type]
        )


def name_rows(axes: Axes, places: list[float], names: list[str], quiet: list[bool] | None = None) -> None:
    """Write the names of rows at their left; those of quiet ones are lighter."""
    axes.set_yticks(places, names)
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
    days = minutes / day_minutes
    sign = "+" if days > 0 else "\N{MINUS SIGN}" if days < 0 else ""
    return f"{sign}{abs(days):,.0f} d" if abs(days) >= 9.95 else f"{sign}{abs(days):.1f} d"


def width_of(axes: Axes, text: str, letter: float = 0.105) -> float:
    """About how wide a text is, in units of the horizontal axis; `letter` in inches."""
    left, right = axes.get_xlim()
    return len(text) * letter / (WIDTH * axes.get_position().width) * (right - left)
