"""The worth: how much earlier P80 would be without each cause, the largest first, and the money beside it."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from simrisk.charts.bars import days_text, name_rows, title_rows
from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET, new_axes
from simrisk.charts.days import day_text
from simrisk.charts.frame import SMALLEST, count, project, shortened
from simrisk.charts.money import money_text
from simrisk.charts.rows import add_bar
from simrisk.measures import measure
from simrisk.measures.difference import Difference
from simrisk.whatif.study import WhatIf
from simrisk.whatif.worth import Worth

METRIC, COST = "finish.p80", "cost.mean"
MOST = 14  # causes shown
NAME_LETTERS = 38
MARGINS = {"left": 0.355, "right": 0.86, "bottom": 0.2, "top": 0.8}
LEAST_ROWS = 6  # there is room for
THICK = 0.62  # height of a bar
ROOM, AIR = 0.13, 0.03  # of the width of the axes, for what is said beside a bar, and on the other side
KINDS = {  # how bars look, and what the legend says of them
    "dice": (CURVE, "", "left to chance"),
    "scarce": ("#E69F00", "", "somebody everything waits for"),
    "rule": (TARGET, "////", "a rule of the plan"),
    "mitigation": ("#009E73", "xxx", "with a mitigation"),
}


def plot_worth(found: WhatIf, *, ax: Axes | None = None) -> Axes:
    """Draw by how many working days P80 would be earlier without each cause, or with a mitigation.

    Single causes of which that is more than noise; groups of them are left out. The thin lines are the 95 % intervals.

    Parameters
    ----------
    found : WhatIf
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    worths = _ranked(found)
    largest = sorted(worths, key=lambda worth: -abs(_gain(worth).value or 0.0))[:MOST]
    shown = [worth for worth in worths if worth in largest]
    with matplotlib.rc_context(STYLE):
        axes = new_axes() if ax is None else ax
        if ax is None:
            axes.figure.subplots_adjust(**MARGINS)
        if not shown:
            title_rows(axes, f"{project(found.base)}: no single cause moves P80 for sure", _level(found))
            axes.set_axis_off()
            return axes
        day = int(found.base.attrs["day_minutes"])
        _set_range(axes, shown, day)
        for row, worth in enumerate(shown):
            _draw(axes, worth, row, day)
        _dress(axes, found, shown, len(worths) - len(shown))
    return axes


def _ranked(found: WhatIf) -> list[Worth]:
    """Single causes that move P80 for sure, the largest first."""
    single = [worth for worth in found.worths if _is_single(worth) and worth.is_sure(METRIC) and _has_ends(worth)]
    return sorted(single, key=lambda worth: -_gain(worth).value)  # type: ignore[operator]


def _is_single(worth: Worth) -> bool:
    """Whether it is no group; the whole of a person's time away stands for its parts."""
    name = worth.cause.name
    if name.startswith("person.") and worth.cause.kind == "dice":
        return name.endswith(".away")
    return not worth.cause.members


def _has_ends(worth: Worth) -> bool:
    gain = worth.gain(METRIC)
    return gain is not None and None not in (gain.value, gain.low, gain.high)


def _gain(worth: Worth) -> Difference:
    gain = worth.gain(METRIC)
    assert gain is not None
    return gain


def _ends(worth: Worth, day: int) -> tuple[float, float, float]:
    """The gain and its interval in working days."""
    gain = _gain(worth)
    assert gain.value is not None
    return gain.value / day, (gain.low or 0.0) / day, (gain.high or 0.0) / day


def _set_range(axes: Axes, shown: Sequence[Worth], day: int) -> None:
    ends = [0.0, *(end for worth in shown for end in _ends(worth, day))]
    low, high = min(ends), max(ends)
    width = high - low
    axes.set_xlim(low - AIR * width if low < 0 else 0.0, high + ROOM * width)
    axes.set_ylim(max(len(shown), LEAST_ROWS) - 0.4, -0.6)


def _draw(axes: Axes, worth: Worth, row: int, day: int) -> None:
    color, hatch, _ = KINDS[worth.cause.kind]
    value, low, high = _ends(worth, day)
    look = {"facecolor": color} if not hatch else {"facecolor": "white", "hatch": hatch}
    add_bar(axes, 0.0, value, (row, THICK), edgecolor=color, linewidth=1.2, gid=f"worth-{row}", **look)
    axes.plot([low, high], [row, row], color=INK, linewidth=1.0, marker="|", markersize=7, zorder=4)
    axes.annotate(
        days_text(value * day, day).removeprefix("+"),
        (max(high, 0.0), row),  # of a bar to the left of nothing on the right, where there is room
        (7, 0),
        textcoords="offset points",
        ha="left",
        va="center",
        fontsize=SMALLEST,
        weight="bold",
        zorder=5,
    )


def _dress(axes: Axes, found: WhatIf, shown: Sequence[Worth], left_out: int) -> None:
    names = [shortened(_name(worth), NAME_LETTERS) for worth in shown]
    name_rows(axes, list(range(len(shown))), names)
    axes.axvline(0.0, color=INK, linewidth=1.2, zorder=4)
    axes.set_xlabel("working days by which P80 would be earlier", fontsize=SMALLEST)
    for row, worth in enumerate(shown):
        axes.annotate(
            _saved(worth),
            (1, row),
            (72, 0),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            va="center",
            fontsize=SMALLEST,
            annotation_clip=False,
        )
    axes.annotate(
        f"mean cost {found.base.attrs['currency']}",
        (1, 1),
        (72, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="right",
        va="bottom",
        fontsize=SMALLEST,
        color=QUIET,
        annotation_clip=False,
    )
    kinds = [kind for kind in KINDS if any(worth.cause.kind == kind for worth in shown)]
    patches = [
        Patch(facecolor="white" if hatch else color, edgecolor=color, hatch=hatch, label=label)
        for color, hatch, label in (KINDS[kind] for kind in kinds)
    ]
    axes.legend(
        handles=patches,
        loc="upper left",
        bbox_to_anchor=(-0.5, -0.17),
        ncols=len(patches),
        frameon=False,
        fontsize=SMALLEST,
        borderaxespad=0,
    )
    more = f" {left_out} more with less." if left_out else ""
    title_rows(axes, _title(found, shown[0]), f"{_level(found)} Each cause by itself; lines: 95 %.{more}", lines=1)


def _name(worth: Worth) -> str:
    entry = worth.cause.mitigation
    return worth.cause.title if entry is None else entry.name


def _saved(worth: Worth) -> str:
    """How much less it would cost."""
    gain = worth.gain(COST)
    if gain is None or gain.value is None:
        return "?"
    sign = "\N{MINUS SIGN}" if gain.value > 0 else "+" if gain.value < 0 else ""
    return sign + money_text(abs(gain.value))


def _level(found: WhatIf) -> str:
    level = measure(found.base, METRIC)
    return "P80 is beyond the horizon." if level.date is None else f"P80 is {day_text(level.date)}."


def _title(found: WhatIf, first: Worth) -> str:
    value = _gain(first).value
    assert value is not None
    days = round(abs(value) / int(found.base.attrs["day_minutes"]))
    way = "earlier" if value > 0 else "later"
    how = f"With '{_name(first)}'" if first.cause.kind == "mitigation" else f"Without {_name(first)}"
    return f"{how} P80 is {count(days, 'working day')} {way}"
