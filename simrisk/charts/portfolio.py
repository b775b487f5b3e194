"""Mitigations against money: P80 of each set worth running, and the frontier of those that nothing cheaper beats."""

from __future__ import annotations

import math
import textwrap

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from simrisk.charts.canvas import CURVE, INK, LOGIC, QUIET, STYLE, TITLE, tall_axes
from simrisk.charts.frame import percent, shortened
from simrisk.charts.letters import fitting_size
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.measures.difference import Difference
from simrisk.whatif.portfolio import Choice, Portfolio

HEIGHT = 3.6  # inches of the axes
LINE = 0.21  # inches of a line of the list below them
MOST_SETS = 10
INDENT = 0.25  # inches from the number of a set to its names
LEFT = -0.06  # where texts begin, as a share of the width of the axes
LETTERS = 92  # of a line of the list
LEGEND = "Bars: 95 % intervals. Grey: sets that come near. In percent: how often it is on the frontier, trials redrawn."


def plot_portfolio(found: Portfolio, *, ax: Axes | None = None) -> Axes:
    """Draw by how many working days P80 is earlier with each set of mitigations, against what the set costs.

    Parameters
    ----------
    found : Portfolio
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure.

    Returns
    -------
    matplotlib Axes
    """
    day = found.scenario.project.day_minutes
    known = [place for place, choice in enumerate(found.choices) if choice.earlier.value is not None]
    frontier = [place for place in found.frontier if place in known]
    with matplotlib.rc_context(STYLE):
        lines = _lines(found, frontier)
        axes = _new_axes(len(lines)) if ax is None else ax
        for place in known:
            if place not in frontier:
                _point(axes, found.choices[place], day, LOGIC, "others")
        points = [(found.choices[place].extra.value, _days(found.choices[place].earlier, day)) for place in frontier]
        axes.step(*np.reshape(points, (-1, 2)).T, where="post", color=CURVE, linewidth=2, gid="frontier", zorder=3)
        for number, place in enumerate(frontier):
            _point(axes, found.choices[place], day, CURVE, f"set-{number}")
            look = {"fontsize": 11, "weight": "bold", "color": CURVE, "zorder": 6}
            axes.annotate(str(number + 1), points[number], (7, 6), textcoords="offset points", **look)  # type: ignore[arg-type]
        if not any(not found.choices[place].chosen for place in frontier):
            look = {"fontsize": 11, "color": QUIET, "ha": "right"}
            axes.annotate("the plan as it is", (0, 0), (-7, 6), textcoords="offset points", **look)  # type: ignore[arg-type]
        if found.budget is not None:
            axes.axvline(found.budget, color=INK, linewidth=1.6, linestyle="--", gid="budget")
        axes.axhline(0, color=QUIET, linewidth=0.8, zorder=1)
        axes.xaxis.set_major_locator(MaxNLocator(7))
        axes.xaxis.set_major_formatter(MoneyFormatter())
        budget = "" if found.budget is None else f" (dashed: the budget of {money_text(found.budget)})"
        axes.set_xlabel(f"added to the mean cost, {found.scenario.project.currency}{budget}")
        axes.set_ylabel("P80 earlier, working days")
        axes.grid(color="#E3E3E3", linewidth=0.8)
        axes.set_axisbelow(True)
        _list(axes, lines)
        _say(axes, _title(found, day))
    return axes


def _new_axes(lines: int) -> Axes:
    axes = tall_axes(HEIGHT, below=0.95 + LINE * lines)
    axes.figure.subplots_adjust(left=0.1)
    return axes


def _days(found: Difference, day: int) -> float:
    return math.nan if found.value is None else 0.0 - found.value / day


def _point(axes: Axes, choice: Choice, day: int, color: str, gid: str) -> None:
    """A set, with the interval of its days."""
    x, y = choice.extra.value, _days(choice.earlier, day)
    low, high = (math.nan if end is None else 0.0 - end / day for end in (choice.earlier.high, choice.earlier.low))
    front = gid != "others"
    axes.plot([x, x], [low, high], color=color, linewidth=1.6 if front else 0.8, zorder=4 if front else 2)
    axes.plot([x], [y], color=color, marker="o", markersize=7 if front else 4, zorder=5 if front else 2, gid=gid)


def _say(axes: Axes, text: str) -> None:
    """The title, from where the list below begins; the usual one begins left of names that stand beside rows."""
    box, width = axes.get_position(), axes.figure.get_figwidth()  # type: ignore[union-attr]
    size = fitting_size(text, (box.x1 - box.x0 - LEFT * box.width) * width, 15.0, "bold")
    look = {"xycoords": "axes fraction", "textcoords": "offset points", "fontsize": size, "weight": "bold"}
    look["label"] = TITLE
    axes.annotate(text, (LEFT, 1), (0, 40), **look)  # type: ignore[arg-type]


def _lines(found: Portfolio, frontier: list[int]) -> list[tuple[str, str]]:
    """Number and text of each line below: which set each number is, and how robust."""
    lines = [("", LEGEND)]
    for number, place in enumerate(frontier[:MOST_SETS]):
        choice = found.choices[place]
        names = " + ".join(entry.name for entry in choice.chosen) or "the plan as it is"
        parts = textwrap.wrap(f"{names}, {percent(choice.robust)}", LETTERS, break_on_hyphens=False)
        lines += [(str(number + 1) if part is parts[0] else "", part) for part in parts]
    more = len(frontier) - MOST_SETS
    return [*lines, ("", f"and {more} more")] if more > 0 else lines


def _list(axes: Axes, lines: list[tuple[str, str]]) -> None:
    """Write the lines below."""
    below = -0.62  # inches to the first line
    size = axes.get_position(), axes.figure.get_size_inches()  # type: ignore[union-attr]
    width, height = size[0].width * size[1][0], size[0].height * size[1][1]
    for row, (number, line) in enumerate(lines):
        at, right = (below - LINE * row) / height, INDENT / width if row else 0
        for left, text in ((LEFT, number), (LEFT + right, line)):
            axes.text(left, at, text, transform=axes.transAxes, fontsize=11, va="top", color=INK if row else QUIET)


def _title(found: Portfolio, day: int) -> str:
    name = shortened(found.scenario.project.name, 30)
    best = found.recommended
    if best is None:
        within = "" if found.budget is None else " within the budget"
        return f"{name}: no mitigation{within} makes P80 earlier for sure"
    days = f"{_days(best.earlier, day):.1f}"
    if best.extra.value <= 0:
        saved = money_text(-best.extra.value, found.scenario.project.currency)
        return f"{name}: P80 {days} days earlier, and {saved} saved on average"
    money = money_text(best.extra.value, found.scenario.project.currency)
    return f"{name}: {money} more on average makes P80 {days} days earlier"
