"""How a figure settles as trials are added: with its interval from the first 50, 100, 200 ... of them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from simrisk.charts.canvas import CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.days import show_days
from simrisk.charts.frame import LABEL, SMALLEST, count, percent, project, say, slide, spread
from simrisk.charts.scale import Scale, spoken
from simrisk.dataset import Results
from simrisk.measures import Measure
from simrisk.measures.convergence import asked_for, convergence, nested_sizes, shown_metrics

RIGHT = 0.83  # of the axes in the figure: names stand behind it
LOOKS = ((CURVE, "o", "-"), (QUIET, "s", (0, (4, 1.5))))
LEAST_APART = 0.15
VALUE_LETTERS = 13  # of a line behind the axes
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
        scale = Scale(dataset, series[0][-1].kind)
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


def _limits(series: Sequence[Sequence[Measure]], scale: Scale, wanted: float | None) -> tuple[float, float]:
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
    axes: Axes, sizes: Sequence[int], found: Sequence[Measure], scale: Scale, look: tuple[str, str, object]
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


def _draw_wanted(axes: Axes, last: Measure, scale: Scale, wanted: float, text: str) -> None:
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


def _name(axes: Axes, series: Sequence[Sequence[Measure]], scale: Scale) -> None:
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


def _dress(axes: Axes, run: Results, series: Sequence[Sequence[Measure]], scale: Scale, sizes: Sequence[int]) -> None:
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
        show_days(axes.yaxis, least=3, most=7)
    else:
        axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 5, 10]))
        axes.yaxis.set_major_formatter(scale.formatter())
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines["left"].set_color(INK)


def _answer(run: Results, last: Measure, scale: Scale) -> tuple[str, str]:
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
