"""Money spent by the end of each month: the range over the trials, the plan without dice, the budget."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from simrisk.charts.canvas import BAND, CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.days import date_of
from simrisk.charts.frame import LABEL, SMALLEST, count, date_axis, percent, project, say, slide, spread
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.dataset import Results
from simrisk.measures import measure
from simrisk.measures.cashflow import Spent, spent

FANS = ((5, 95, 0.28), (25, 75, 0.55))  # quantiles of the bands, and how dark
NAMED = (5, 25, 50, 75, 80, 95)  # named at the right end: the lines and the edges of the bands
RIGHT = 0.84  # of the axes in the figure: names stand behind it
LEAST_APART = 0.068  # of the names, as a share of the height
# from a name to the end of its line
LEADER = {"arrowstyle": "-", "color": "#9C9C9C", "linewidth": 0.8, "shrinkA": 1, "shrinkB": 0, "relpos": (0, 0.5)}


def plot_cash(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw what is spent by the end of each month, over the trials that finished.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw, with room to its right; default: a new slide-sized figure.

    Returns
    -------
    matplotlib Axes
    """
    known = spent(dataset)
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=0, right=RIGHT, bottom=0.15) if ax is None else ax
        n = max(known.settled(95) + 1, _planned(known)) if len(known.first) else 0
        x = _ends(known, n)
        tops = [0.0]
        if n and not np.isnan(known.value).all():
            for low, high, alpha in FANS:
                ends = (_from_zero(known.level(low), n), _from_zero(known.level(high), n))
                gid = f"fan-{low}-{high}"
                axes.fill_between(x, *ends, color=BAND, alpha=alpha, linewidth=0, gid=gid)
            axes.plot(x, _from_zero(known.level(50), n), color=CURVE, linewidth=2.8, gid="P50")
            axes.plot(x, _from_zero(known.level(80), n), color=CURVE, linewidth=2, linestyle=(0, (5, 1.5)), gid="P80")
            tops.append(float(known.level(95)[n - 1]))
        if n:
            axes.plot(x, _from_zero(known.plan, n), color=QUIET, linewidth=2, linestyle="-.", gid="plan")
            tops.append(float(known.plan[n - 1]))
        limit = _limit(dataset)
        tops += [limit or 0.0]
        axes.set_xlim(x[0], x[-1])
        axes.set_ylim(0, 1.1 * (max(tops) or 1.0))
        _mark_budget(axes, dataset, limit)
        _name_lines(axes, dataset, known, n)
        _dress(axes, dataset, known)
    return axes


def _planned(known: Spent) -> int:
    """How many months the plan without dice spends in."""
    return int(np.argmax(known.plan == known.plan[-1])) + 1


def _ends(known: Spent, n: int) -> np.ndarray:
    """Day numbers of the start of the first month and the ends of `n` months."""
    if not n:
        return np.array([0.0, 31.0])
    last = known.last[:n].astype("datetime64[D]").astype(np.float64)
    return np.concatenate([[float(known.first[0].astype("datetime64[D]").astype(int))], last])


def _from_zero(values: np.ndarray, n: int) -> np.ndarray:
    return np.concatenate([[0.0], values[:n]])


def _limit(run: Results) -> float | None:
    return run.attrs["budget_limit_cents"] / 100 if "budget_limit_cents" in run.attrs else None


def _mark_budget(axes: Axes, run: Results, limit: float | None) -> None:
    if limit is None:
        return
    axes.axhline(limit, color=TARGET, linewidth=2, linestyle="--", gid="budget", zorder=3)
    extra = " with contingency" if limit > run.attrs["budget_cents"] / 100 else ""
    text = f"budget{extra}: {money_text(limit, run.attrs['currency'])}"
    share = limit / axes.get_ylim()[1]
    # the curves rise from the lower left: a low budget is named where they are above it
    low = share < 0.5
    axes.annotate(
        text,
        (1 if low else 0, limit),
        (-6 if low else 6, -5 if low and share > 0.1 else 5),
        xycoords=axes.get_yaxis_transform(),
        textcoords="offset points",
        ha="right" if low else "left",
        va="top" if low and share > 0.1 else "bottom",
        color=TARGET,
        weight="bold",
        fontsize=11.5,
        bbox={**LABEL, "pad": 0.5},
        zorder=6,
    )


def _name_lines(axes: Axes, run: Results, known: Spent, n: int) -> None:
    """Name and last value of each line, behind the axes, moved apart where they are near each other."""
    if not n:
        return
    named = [("plan", "plan without dice", float(known.plan[n - 1]), QUIET, "normal")]
    if not np.isnan(known.value).all():
        for level in NAMED:
            weight = "bold" if level in (50, 80) else "normal"
            named.append((f"P{level}", f"P{level}", float(known.level(level)[n - 1]), INK, weight))
    top = axes.get_ylim()[1]
    heights = spread([value / top for _, _, value, _, _ in named], LEAST_APART, 0.0, 1.0)
    for (gid, name, value, color, weight), height in zip(named, heights, strict=True):
        words = f"{name} {money_text(value)}" if gid != "plan" else f"plan {money_text(value)}"
        axes.annotate(
            words,
            (1, value / top),
            (1.022, height),
            xycoords="axes fraction",
            textcoords="axes fraction",
            ha="left",
            va="center",
            fontsize=SMALLEST + 1,
            color=color,
            weight=weight,
            gid=f"name-{gid}",
            arrowprops=LEADER,
            annotation_clip=False,
        )


def _their_own(p80: float | None, known: Spent) -> str:
    """P80 of the trials that finished, where it is another than that of all, which the title has."""
    own = money_text(float(known.level(80)[-1]))
    return "" if p80 is None or own == money_text(p80) else f": their P80 is {own}"


def _dress(axes: Axes, run: Results, known: Spent) -> None:
    say(axes, *_answer(run, known), rows=0)
    axes.set_ylabel(f"{run.attrs['currency']} spent by then")
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(MoneyFormatter())
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    date_axis(axes)


def _answer(run: Results, known: Spent) -> tuple[str, str]:
    """What is enough four times out of five, and when the budget is used up."""
    name, currency = project(run, 32), run.attrs["currency"]
    p80 = measure(run, "cost.p80")
    if p80.value is None:
        title = f"{name}: no sum is 80 % sure to be enough"
    else:
        title = f"{name}: {money_text(p80.value, currency)} is enough in 4 of 5 cases"
    details = []
    limit = _limit(run)
    if limit is not None and len(known.first) and not np.isnan(known.value).all():
        month = known.month_of(limit, 50)
        if month is not None:
            day = date_of(float(known.first[month].astype("datetime64[D]").astype(int)))
            details.append(f"Half have used up the budget by the end of {day:%B %Y}.")
    planned = measure(run, "baseline.cost").value
    if planned is not None and not details:
        details.append(f"Without dice it is {money_text(planned, currency)}.")
    if 0 < known.share < 1:
        details.append(f"Over the {percent(known.share)} that finish{_their_own(p80.value, known)}.")
    if known.share == 0:
        details = [f"None of {count(run.sizes['trial'], 'trial')} finished; the line is the plan without dice."]
    return title, " ".join(details)
