"""What stands around a chart: the title that is the answer, axes of dates, and lines named above the axes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from simrisk.charts.canvas import EDGE, HEIGHT, INK, QUIET, TITLE, WIDTH, new_axes
from simrisk.charts.days import day_text, show_days
from simrisk.charts.letters import Weight, fitting_size
from simrisk.dataset import Results

NAME_LETTERS = 40  # of a project's name in a title
ROW = 0.205  # inches between rows of names above the axes
HEADING = 0.68  # inches of the title and the line below it, with the air above them
LABEL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 2.0}
SMALLEST = 11.0  # points of a label
ROOM = 0.34  # share of the width that the words of a distance need
TOUCH = 0.004  # share of the width by which a line may stand in the edge of a name
Side = Literal["left", "center", "right"]


def shortened(text: str, letters: int) -> str:
    """A text that is too long, cut so that one sees it."""
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def told_apart(names: tuple[str, str], letters: int) -> tuple[str, str]:
    """Two names without the folders that they have in common; of one that is too long both ends are left."""
    alike = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(*names, strict=False))
    same = "".join(letter for letter, _ in alike).rfind("/") + 1
    first, second = (_ends(name[same:] or name, letters) for name in names)
    return first, second


def _ends(text: str, letters: int) -> str:
    if len(text) <= letters:
        return text
    head = (letters - 1) // 2
    return text[:head].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + text[head + 1 - letters :].lstrip()


def project(run: Results, letters: int = NAME_LETTERS) -> str:
    """The project's name, short enough for a title."""
    return shortened(str(run.attrs["title"]), letters)


def percent(share: float) -> str:
    """A share in whole percent; only what is exactly 0 or 1 says so."""
    percentage = 100 * share
    if 0 < percentage <= 0.5:
        return "< 1 %"
    return "> 99 %" if 99.5 <= percentage < 100 else f"{percentage:.0f} %"


def count(n: int, noun: str) -> str:
    """``1 day``, ``20 days``."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def slide(*, rows: int, **margins: float) -> Axes:
    """Axes on a new slide-sized figure, with room above for title, detail and `rows` of names.

    Parameters
    ----------
    margins : float
        Others than the usual ones, as `Figure.subplots_adjust` takes them.
    """
    axes = new_axes()
    above = 0.1 + ROW * rows + HEADING
    axes.figure.subplots_adjust(**{"top": 1 - above / HEIGHT, **margins})
    return axes


def say(axes: Axes, title: str, detail: str = "", *, rows: float = 2, left: float | None = None) -> None:
    """Write the answer above the axes, and a line below it; long ones are set smaller.

    Parameters
    ----------
    rows : float
        Of names that stand between them and the axes.
    left : float, optional
        Where they begin, as a share of the figure's width; default: where the axes do.
    """
    box = axes.get_position()
    begin = box.x0 if left is None else left
    room = WIDTH * (1 - EDGE - begin)
    above = 72 * (0.1 + ROW * rows)  # points
    looks: tuple[tuple[str, float, float, Weight, str], ...] = (
        (title, above + 17, 18.0, "bold", INK),
        (detail, above, 12.0, "normal", QUIET),
    )
    for text, lift, size, weight, color in looks:
        axes.annotate(
            text,
            ((begin - box.x0) / box.width, 1),
            (0, lift),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=fitting_size(text, room, size, weight),
            weight=weight,
            color=color,
            va="bottom",
            annotation_clip=False,
            label=TITLE if weight == "bold" else "",
        )


def date_axis(axes: Axes) -> None:
    """Dates below the axes, the year where it changes."""
    show_days(axes.xaxis, least=4, most=9)


def from_to(first: date, last: date) -> str:
    """``15 Apr to 5 Aug 2027``: the year of both once where it is the same; one day where both are."""
    if first == last:
        return day_text(last)
    start = f"{first.day} {first:%b}" if first.year == last.year else day_text(first)
    return f"{start} to {day_text(last)}"


class Line(NamedTuple):
    """A vertical line with its name above the axes."""

    gid: str
    x: float
    text: str
    color: str
    style: str


def name_lines(axes: Axes, lines: Sequence[Line]) -> None:
    """Draw vertical lines, named above the axes; no name meets another, and no line runs through another's name.

    The limits of the axes are those that are set.
    """
    left, right = axes.get_xlim()
    height = axes.get_position().height * axes.figure.get_figheight()  # type: ignore[union-attr]
    across = axes.get_xaxis_transform()
    texts = [
        axes.text(
            line.x,
            1.0,
            line.text,
            transform=across,
            color=line.color,
            weight="bold",
            fontsize=11.5,
            va="bottom",
            bbox={**LABEL, "pad": 0.5},
        )
        for line in lines
    ]
    inverse = axes.transAxes.inverted()
    boxes = [text.get_window_extent().transformed(inverse) for text in texts]
    spots = [Spot((line.x - left) / (right - left), box.width) for line, box in zip(lines, boxes, strict=True)]
    for line, text, (row, side) in zip(lines, texts, places(spots), strict=True):
        top = 1 + (0.06 + ROW * row) / height
        look = {"color": line.color, "linewidth": 2, "linestyle": line.style, "clip_on": False, "zorder": 1.5}
        axes.plot([line.x, line.x], [0, top], transform=across, gid=line.gid, **look)  # type: ignore[arg-type]
        text.set(position=(line.x, top), horizontalalignment=side, zorder=2 + (len(lines) - row))


class Spot(NamedTuple):
    """Where a line stands and how long its name is, as shares of the width of the axes."""

    x: float
    width: float

    def ends(self, side: Side) -> tuple[float, float]:
        """From where to where the name goes."""
        start = {"left": self.x, "center": self.x - self.width / 2, "right": self.x - self.width}[side]
        return start, start + self.width


def places(spots: Sequence[Spot]) -> list[tuple[int, Side]]:
    """Row (0 is the lowest) and side of each name: as few rows as possible, names to the right of their line first."""
    for rows in range(1, len(spots) + 1):
        for found in _arrangements(spots, rows, []):
            return found
    return [(row, "left" if spot.x < 1 / 2 else "right") for row, spot in enumerate(spots)]  # too long for any


def _arrangements(spots: Sequence[Spot], rows: int, begun: list[tuple[int, Side]]) -> Iterator[list[tuple[int, Side]]]:
    if len(begun) == len(spots):
        yield begun
        return
    spot = spots[len(begun)]
    sides: tuple[Side, ...] = ("left", "right", "center")
    for row, side in itertools.product(range(rows), sides):
        low, high = spot.ends(side)
        if low < -0.06 or high > 1.03:
            continue
        apart = (_apart(spot, row, side, spots[i], *other) for i, other in enumerate(begun))
        if all(apart):
            yield from _arrangements(spots, rows, [*begun, (row, side)])


def _apart(spot: Spot, row: int, side: Side, other: Spot, its_row: int, its_side: Side) -> bool:
    """Whether neither the names meet nor the line of the upper one runs through the lower."""
    if row == its_row:
        (low, high), (its_low, its_high) = spot.ends(side), other.ends(its_side)
        return high + 0.01 <= its_low or its_high + 0.01 <= low
    lower, above, its = (spot, other, side) if row < its_row else (other, spot, its_side)
    low, high = lower.ends(its)
    return not low + TOUCH < above.x < high - TOUCH


class Gap(NamedTuple):
    """A distance between two curves at one height, and what is said of it."""

    gid: str
    start: float
    end: float
    height: float
    text: str
    detail: str


def mark_gap(axes: Axes, gap: Gap, *, important: bool = False) -> None:
    """Draw an arrow from curve to curve, its words where no curve is: above the left one or below the right one."""
    left, right = axes.get_xlim()
    low, high = sorted((gap.start, gap.end))
    arrow = {
        "arrowstyle": "-|>,head_width=0.35,head_length=0.6",
        "color": INK,
        "linewidth": 2,
        "shrinkA": 0,
        "shrinkB": 0,
    }
    if gap.start != gap.end:
        axes.annotate("", (gap.end, gap.height), (gap.start, gap.height), arrowprops=arrow, zorder=5)
    ends, heights = [gap.start, gap.end], [gap.height, gap.height]
    axes.plot(ends, heights, color=INK, linestyle="none", marker="o", markersize=6, gid=gap.gid, zorder=5)
    room = (low - left, right - high)
    place, lift, aside, side = (low, 25, -12, "right") if room[0] > room[1] else (high, -9, 12, "left")
    if max(room) < ROOM * (right - left):  # the curves are at the edges: the middle is empty
        place, lift, aside, side = (low + high) / 2, -13, 0, "center"
    for words, at, size, weight in (
        (gap.text, lift, 14 if important else 12.5, "bold"),
        (gap.detail, lift - 17, 11.5, "normal"),
    ):
        axes.annotate(
            words,
            (place, gap.height),
            (aside, at),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=size,
            weight=weight,
            bbox={**LABEL, "pad": 1.0},
            zorder=6,
        )


def chance_axis(axes: Axes) -> None:
    """Percentages from 0 to 100 beside an S-curve."""
    axes.set_ylim(0, 1.01)
    axes.set_ylabel("chance to be finished by then")
    axes.set_yticks(np.arange(0, 1.01, 0.1))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)


def spread(heights: Sequence[float], least: float, low: float, high: float) -> list[float]:
    """Heights moved apart as little as needed so that neighbours are `least` apart, within `low` to `high`.

    Parameters
    ----------
    heights : sequence of float
        In any order; equal ones keep theirs.
    """

    def inside(centre: float, size: int) -> float:
        half = least * (size - 1) / 2
        return min(max(centre, low + half), max(high - half, low + half))

    order = sorted(range(len(heights)), key=lambda i: heights[i])
    groups: list[tuple[float, int]] = []  # labels that touch: their middle, how many
    for i in order:
        groups.append((inside(heights[i], 1), 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < least * (groups[-1][1] + groups[-2][1]) / 2:
            (upper, more), (lower, some) = groups.pop(), groups.pop()
            groups.append((inside((upper * more + lower * some) / (more + some), more + some), more + some))
    found = [0.0] * len(heights)
    rank = iter(order)
    for middle, size in groups:
        for k in range(size):
            found[next(rank)] = middle + least * (k - (size - 1) / 2)
    return found
