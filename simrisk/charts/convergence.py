"""How a figure settles as trials are added: with its interval from the first 50, 100, 200 ... of them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, Formatter, FuncFormatter, MaxNLocator, NullLocator, PercentFormatter

from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock
from simrisk.charts.days import DayFormatter, day_text
from simrisk.charts.frame import LABEL, SMALLEST, count, percent, project, say, shortened, slide, spread
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.dataset import Results
from simrisk.measures import Measure
from simrisk.measures.convergence import asked_for, convergence, nested_sizes, shown_metrics
from simrisk.measures.figure import PERCENTILE

RIGHT = 0.83  # of the axes in the figure: names stand behind it
LOOKS = ((CURVE, "o", "-"), (QUIET, "s", (0, (4, 1.5))))
LEAST_APART = 0.15
VALUE_LETTERS, NAME_LETTERS = 13, 44  # of a line behind the axes; of a metric beside them
SPOKEN = {"finish": "", "cost": "cost", "delay": "delay"}
HALVING = 4  # times as many trials halve an interval: it narrows with their square root


def plot_convergence(dataset: Results, *, metrics: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw a figure with its 95 % interval from the first trials, more and more of them, up to the whole run.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    metrics : sequence of str
        At most two, of one kind. Default: what ``--until`` asked for, with the wanted width as a band; else P80 and the
        mean of the finish.
    ax : matplotlib Axes, optional
        Where to draw, with room to its right; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    MetricError
        ``unknown-metric``, ``no-convergence``
    """
    asked = asked_for(dataset)
    names = tuple(metrics) or shown_metrics(dataset)
    sizes = nested_sizes(dataset.sizes["trial"])
    series = [convergence(dataset, name, sizes) for name in names]
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=0, right=RIGHT, bottom=0.155) if ax is None else ax
        scale = _Scale(dataset, series[0][-1].kind)
        axes.set_xscale("log")
        axes.set_xlim(sizes[0] / 1.25, sizes[-1] * 1.12)
        wanted = asked[1] if asked and names == (asked[0],) else None
        axes.set_ylim(*_limits(series, scale, wanted))
        for found, look in zip(series, LOOKS, strict=False):
            _draw(axes, sizes, found, scale, look)
        if wanted is not None and series[0][-1].value is not None:
            _draw_wanted(axes, series[0][-1], scale, wanted, asked[2] if asked else "")
        _name(axes, series, scale)
        _dress(axes, dataset, series, scale, sizes)
    return axes


class _Scale:
    """Figures of one kind on the axis and in words."""

    def __init__(self, run: Results, kind: str) -> None:
        self.kind, self.clock, self.currency = kind, Clock(run), str(run.attrs["currency"])
        self.day_minutes = int(run.attrs["day_minutes"])

    def y(self, value: float | None) -> float:
        """Where a figure is on the axis; nan when it is none."""
        if value is None or not math.isfinite(value):
            return math.nan
        if self.kind == "finish":
            return float(self.clock.x(value))
        return value / {"duration": self.day_minutes, "effort": 60}.get(self.kind, 1)

    def text(self, found: Measure) -> str:
        """A figure in words."""
        if found.value is None:
            return "no value"
        if self.kind == "finish" and found.date is not None:
            return day_text(found.date)
        return self.width(found.value)

    def width(self, value: float) -> str:
        """The width of an interval in words; of dates in working days."""
        if self.kind in ("finish", "duration"):
            days = value / self.day_minutes
            return f"{days:.{1 if days < 9.95 else 0}f} working days"
        if self.kind == "effort":
            return f"{value / 60:,.3g} h"
        if self.kind == "money":
            return money_text(value, self.currency)
        return f"{100 * value:.2g} %" if self.kind == "share" else f"{value:.3g}"

    def formatter(self) -> Formatter:
        """Of the axis."""
        if self.kind == "finish":
            return DayFormatter()
        if self.kind == "money":
            return MoneyFormatter()
        if self.kind == "share":
            return PercentFormatter(1.0, symbol=" %")
        return FuncFormatter(lambda y, _: f"{y:,.6g}")

    def label(self, names: Sequence[str]) -> str:
        """Of the axis."""
        unit = {"duration": ", working days", "effort": ", hours", "money": f", {self.currency}"}.get(self.kind, "")
        return f"{' and '.join(shortened(name, NAME_LETTERS) for name in names)}{unit}"


def _limits(series: Sequence[Sequence[Measure]], scale: _Scale, wanted: float | None) -> tuple[float, float]:
    """All finite ends of the intervals, with some air."""
    drawn = [each for found in series for each in found if each.value is not None]
    figures = [end for each in drawn for end in (each.low, each.value, each.high)]
    if wanted is not None and series[0][-1].value is not None:
        figures += [series[0][-1].value - wanted, series[0][-1].value + wanted]
    known = [y for y in map(scale.y, figures) if math.isfinite(y)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = 0.08 * (high - low)
    if not room:
        room = 2.0 if scale.kind == "finish" else 0.05 * abs(high) or 1.0
    return low - room, high + room


def _draw(
    axes: Axes, sizes: Sequence[int], found: Sequence[Measure], scale: _Scale, look: tuple[str, str, object]
) -> None:
    """Points with their intervals; an end that no trial bounds is at the edge of the picture."""
    color, marker, style = look
    bottom, top = axes.get_ylim()
    value = np.array([scale.y(each.value) for each in found])
    low, high = (
        np.array([scale.y(end) for end in ends]) for ends in zip(*((e.low, e.high) for e in found), strict=True)
    )
    name = found[-1].name
    shown = np.isfinite(value)
    if not shown.any():
        return
    low, high = np.where(np.isnan(low), bottom, low), np.where(np.isnan(high), top, high)
    several = len(sizes) > 1
    if several:
        x = np.asarray(sizes)[shown]
        axes.fill_between(x, low[shown], high[shown], color=color, alpha=0.16, linewidth=0, gid=f"band-{name}")
    axes.vlines(np.asarray(sizes)[shown], low[shown], high[shown], color=color, linewidth=1.6, alpha=0.8)
    axes.plot(
        np.asarray(sizes)[shown],
        value[shown],
        color=color,
        marker=marker,
        markersize=7,
        markeredgecolor="white",
        linestyle=style,
        linewidth=2,
        gid=name,
        zorder=4,
    )
    if shown[-1]:
        axes.axhline(value[-1], color=color, linewidth=1.1, linestyle=":", zorder=1.5, gid=f"last-{name}")


def _draw_wanted(axes: Axes, last: Measure, scale: _Scale, wanted: float, text: str) -> None:
    assert last.value is not None
    low, high = scale.y(last.value - wanted), scale.y(last.value + wanted)
    axes.axhspan(low, high, color="#F0E442", alpha=0.35, linewidth=0, zorder=0, gid="wanted")
    for y in (low, high):
        axes.axhline(y, color=TARGET, linewidth=1.4, linestyle="--", zorder=1.2)
    axes.annotate(
        f"wanted: ± {text}",
        (1, high),
        (-4, 3),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha="right",
        va="bottom",
        color=TARGET,
        weight="bold",
        fontsize=11.5,
        bbox={**LABEL, "pad": 0.5},
        zorder=5,
    )


def _name(axes: Axes, series: Sequence[Sequence[Measure]], scale: _Scale) -> None:
    """The last figure of each, behind the axes."""
    bottom, top = axes.get_ylim()
    known = [(found[-1], look) for found, look in zip(series, LOOKS, strict=False) if found[-1].value is not None]
    heights = [(scale.y(last.value) - bottom) / (top - bottom) for last, _ in known]
    for (last, look), height in zip(known, spread(heights, LEAST_APART, 0.05, 0.95), strict=True):
        text = textwrap.fill(scale.text(last), VALUE_LETTERS)
        axes.annotate(
            f"{spoken(last.name)}\n{text}" if len(known) > 1 or spoken(last.name) != last.name else text,
            (1.015, height),
            xycoords="axes fraction",
            va="center",
            fontsize=SMALLEST + 1,
            weight="bold",
            color=look[0],
            annotation_clip=False,
        )


def spoken(name: str) -> str:
    """``P80`` of ``finish.p80``, ``mean cost`` of ``cost.mean``; other names as they are."""
    head, _, rest = name.partition(".")
    if head in SPOKEN and (rest == "mean" or PERCENTILE.fullmatch(rest)):
        return f"{rest.replace('p', 'P')} {SPOKEN[head]}".strip()
    return shortened(name, NAME_LETTERS)


def _dress(axes: Axes, run: Results, series: Sequence[Sequence[Measure]], scale: _Scale, sizes: Sequence[int]) -> None:
    title, detail = _answer(run, series[0][-1], scale)
    over = series[-1][-1].share
    if 0 < over < 1 and series[-1][-1].name.endswith("mean"):
        detail = f"{detail} The mean is over the {percent(over)} that finish.".strip()
    say(axes, title, detail, rows=0)
    axes.xaxis.set_major_locator(FixedLocator(list(sizes)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda n, _: f"{n:,.0f}"))
    axes.set_xlabel("trials")
    names = {"finish": "finish"}.get(scale.kind) or scale.label([found[-1].name for found in series])
    axes.set_ylabel(names)
    if not axes.lines:
        axes.set_yticks([])
    elif scale.kind == "finish":
        axes.yaxis.set_major_locator(mdates.AutoDateLocator(minticks=3, maxticks=7))  # type: ignore[no-untyped-call]
        axes.yaxis.set_major_formatter(scale.formatter())
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(scale.formatter())
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines["left"].set_color(INK)


def _answer(run: Results, last: Measure, scale: _Scale) -> tuple[str, str]:
    """How well the figure is known, and what it takes to know it twice as well."""
    name, n = project(run, 32), run.sizes["trial"]
    half = last.half_width
    if last.value is None:
        return f"{name}: {spoken(last.name)} has no value, too few trials finish", ""
    if not math.isfinite(half):
        return (
            f"{name}: too few trials to know {spoken(last.name)}",
            f"Its 95 % interval has no end after {count(n, 'trial')}.",
        )
    title = f"{name}: {spoken(last.name)} is known to ± {scale.width(half)}"
    if not half:
        return title, f"Nothing varies in {count(n, 'trial')}."
    return title, f"95 % interval of {count(n, 'trial')}; {HALVING * n:,} would halve it."
