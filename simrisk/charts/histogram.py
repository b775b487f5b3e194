"""When the project finishes, as bars: the share of all trials by week or month, on time and late."""

from __future__ import annotations

from datetime import date
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from simrisk.charts.canvas import BAND, CURVE, INK, LOGIC, QUIET, STYLE, TARGET
from simrisk.charts.clock import Clock, deadline_of
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import SMALLEST, Line, count, date_axis, name_lines, percent, project, say, slide
from simrisk.dataset import Results
from simrisk.measures import measure
from simrisk.measures.estimates import Estimate
from simrisk.measures.histogram import Histogram, histogram

ASIDE = 0.085  # width of a bar beside the dates, with its gap, as a share of the axes


def plot_histogram(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw how many of all trials finish in each week, month or whatever fits, those on time hatched.

    What finishes after the last bin, not by the horizon or never has bars of its own at the right. The thin lines are
    the 95 % intervals.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    bins = histogram(dataset)
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=3, bottom=0.2) if ax is None else ax
        clock = Clock(dataset)
        others = _others(bins)
        left, right = _date_range(dataset, bins, clock)
        whole = (right - left) / (1 - ASIDE * len(others))
        axes.set_xlim(left, left + whole)
        _draw_bins(axes, dataset, bins)
        tallest = max([*np.nan_to_num(bins.high), *(other.high for _, other in others), 0.01])
        axes.set_ylim(0, min(1.12 * tallest, 1.1))
        _draw_others(axes, others, (right, whole))
        name_lines(axes, _lines(dataset))
        _dress(axes, dataset, bins, (right - left) / whole)
    return axes


def _others(bins: Histogram) -> list[tuple[str, Estimate]]:
    """Bars beside the dates: what is said of them and how often they are."""
    named = (("later", bins.later), ("not by\nhorizon", bins.censored), ("stopped\nat a gate", bins.stopped))
    return [(name, share) for name, share in named if share.value > 0]


def _date_range(run: Results, bins: Histogram, clock: Clock) -> tuple[float, float]:
    """Day numbers that have all bins, the deadline and the quantiles in them, with some air."""
    moments = [line.x for line in _lines(run)]
    if len(bins.first):
        moments += [float(bins.first[0].astype(int)) - 0.5, float(bins.last[-1].astype(int)) + 0.5]
    else:
        moments += [float(clock.numbers[0]), day_number(clock.horizon_date())]
    low, high = min(moments), max(moments)
    air = 0.02 * max(high - low, 7.0)
    return low - air, high + air


def _draw_bins(axes: Axes, run: Results, bins: Histogram) -> None:
    left = bins.first.astype("datetime64[D]").astype(np.float64) - 0.5
    width = bins.last.astype("datetime64[D]").astype(np.float64) + 0.5 - left
    n = run.sizes["trial"]
    early = bins.on_time / n
    late = bins.hits / n - early
    gap = 0.06 * width
    if not len(left):
        return
    look: dict[str, Any] = {"align": "edge", "linewidth": 0.6, "edgecolor": "white"}
    placed = (left + gap / 2, width - gap)
    if "deadline" in run.attrs:
        axes.bar(placed[0], early, placed[1], color=CURVE, hatch="///", label="on time", gid="on-time", **look)
        axes.bar(placed[0], late, placed[1], bottom=early, color=BAND, label="late", gid="late", **look)
    else:
        axes.bar(placed[0], early, placed[1], color=BAND, gid="finished", **look)
    middle = left + width / 2
    axes.vlines(middle, bins.low, bins.high, color=INK, linewidth=0.9, alpha=0.7, gid="intervals", zorder=3)


def _draw_others(axes: Axes, others: list[tuple[str, Estimate]], beside: tuple[float, float]) -> None:
    """Bars at the right end, named below the axis like the dates."""
    right, whole = beside
    top = axes.get_ylim()[1]
    for k, (name, share) in enumerate(others):
        x = right + whole * ASIDE * (k + 0.5)
        axes.bar([x], [share.value], 0.55 * ASIDE * whole, color=LOGIC, hatch="xx", edgecolor="white", gid=name)
        axes.vlines([x], [share.low], [share.high], color=INK, linewidth=0.9, alpha=0.7, zorder=3)
        axes.text(x, share.high + 0.015 * top, percent(share.value), ha="center", va="bottom", fontsize=12)
        across = axes.get_xaxis_transform()
        axes.text(x, -0.035, name, transform=across, ha="center", va="top", fontsize=SMALLEST, linespacing=1.1)
    if others:
        axes.axvline(right, color=QUIET, linewidth=0.8)


def _lines(run: Results) -> list[Line]:
    found = []
    deadline = deadline_of(run)
    if deadline is not None:
        chance = percent(measure(run, "finish.on_time").value or 0.0)
        text = f"deadline: {day_text(deadline)} ({chance} chance)"
        found.append(Line("deadline", day_number(deadline) + 0.5, text, TARGET, "--"))  # the end of that day
    for level in (50, 80):
        day = measure(run, f"finish.p{level}").date
        if day is not None:
            found.append(Line(f"P{level}", day_number(day), f"P{level}: {day_text(day)}", INK, ":"))
    return found


def _dress(axes: Axes, run: Results, bins: Histogram, dates: float) -> None:
    title, detail = _answer(run)
    say(axes, title, detail, rows=3)
    axes.set_ylabel(f"chance to finish in that {bins.unit}")
    shown = MaxNLocator(6, steps=[1, 2, 5, 10]).tick_values(0, min(axes.get_ylim()[1], 1.0))
    axes.set_yticks([y for y in shown if 0 <= y <= axes.get_ylim()[1]])
    decimals = 0 if all(abs(100 * y - round(100 * y)) < 1e-6 for y in shown) else 1
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=decimals, symbol=" %"))
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    left, right = axes.get_xlim()
    end = left + dates * (right - left)
    date_axis(axes)
    axes.set_xticks([x for x in axes.get_xticks() if left <= x <= end - 0.02 * (right - left)])
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles,
            labels,
            loc="upper left",
            bbox_to_anchor=(0, -0.17),
            ncols=2,
            frameon=False,
            fontsize=SMALLEST,
            borderaxespad=0,
        )


def _answer(run: Results) -> tuple[str, str]:
    """The range that has nine of ten finishes; what does not finish is said where that is more than the rest."""
    name, n = project(run, 28), run.sizes["trial"]
    ends: list[date | None] = [measure(run, f"finish.{p}").date for p in ("p5", "p50", "p95")]
    low, middle, high = ends
    trials = f"{count(n, 'simulated project')}; thin lines: 95 % intervals."
    if low is not None and low == high:
        return f"{name}: finished on {day_text(low)}", trials
    if low is not None and high is not None:
        return f"{name}: 90 % sure to finish from {day_text(low)} to {day_text(high)}", trials
    if middle is not None and low is not None:
        never = _never(run)
        return f"{name}: {percent(never)} do not finish, half do by {day_text(middle)}", trials
    return f"{name}: {percent(_never(run))} of the trials do not finish", trials


def _never(run: Results) -> float:
    return sum(measure(run, name).value or 0.0 for name in ("censored", "stopped"))
