"""Finish and cost of every trial together: what is kept of deadline and budget, and which pairs are 70 % sure."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from simrisk.charts.canvas import BAND, CURVE, INK, QUIET, STYLE, TARGET
from simrisk.charts.clock import CUT_OFF, LIFTED, MOST_STEPS, Clock, Part, deadline_of, range_of
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import LABEL, SMALLEST, Line, date_axis, name_lines, percent, project, say, slide
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.dataset import Results
from simrisk.measures import measure, quantile
from simrisk.measures.joint import Frontier, Quadrant, joint_chance, joint_frontier, quadrants

MOST_POINTS = 2000  # trials that are drawn
MARKS = {50: ("o", 9.0), 80: ("s", 9.0)}
RIGHT = 0.69  # of the axes in the figure: what the marks mean stands beside them
EDGE = 0.045  # axes widths between the axes and what stands beside them


def plot_joint(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw finish and cost of the trials, deadline and budget, and the line of pairs that are both kept in 70 %.

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
    frontier = joint_frontier(dataset)
    with matplotlib.rc_context(STYLE):
        axes = slide(rows=1, right=RIGHT, bottom=0.15) if ax is None else ax
        clock = Clock(dataset)
        axes.set_xlim(*_dates(dataset, clock))
        axes.set_ylim(*_costs(dataset))
        _draw_trials(axes, dataset, clock)
        _draw_targets(axes, dataset)
        _draw_frontier(axes, frontier, clock)
        handles = _draw_marks(axes, dataset, frontier, clock)
        parts = quadrants(dataset)
        if len(parts) > 1:
            _draw_quadrants(axes, parts)
        if handles:
            place = (1 + EDGE, 0.0)
            axes.legend(
                handles=handles,
                loc="lower left",
                bbox_to_anchor=place,
                frameon=False,
                fontsize=SMALLEST,
                labelspacing=0.9,
                handletextpad=0.6,
                borderaxespad=0,
                borderpad=0,
            )
        _dress(axes, dataset, frontier)
    return axes


def _dates(run: Results, clock: Clock) -> tuple[float, float]:
    deadline = deadline_of(run)
    moments = [] if deadline is None else [day_number(deadline)]
    if not np.isfinite(run["project_finish"].values).any():
        moments += [float(clock.numbers[0]), float(clock.x(clock.horizon))]
    return range_of([Part(run["project_finish"].values, clock)], moments)


def _limit(run: Results) -> float | None:
    return run.attrs["budget_limit_cents"] / 100 if "budget_limit_cents" in run.attrs else None


def _costs(run: Results) -> tuple[float, float]:
    """From which to which cost nearly all trials and the budget are in the picture."""
    cost = run["project_cost"].values
    known = cost[np.isfinite(cost)]
    found = [quantile(known, share).value for share in (LIFTED, CUT_OFF)] if len(known) else []
    limit = _limit(run)
    if limit is not None:
        found.append(limit)
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = 0.08 * (high - low) or 0.1 * max(abs(high), 1.0)
    return max(low - room, min(low, 0.0)) if low >= 0 else low - room, high + room


def _draw_trials(axes: Axes, run: Results, clock: Clock) -> None:
    """Some of the trials, evenly taken: a fair sample, because they are in no order."""
    finish, cost = run["project_finish"].values, run["project_cost"].values
    step = max(math.ceil(len(finish) / MOST_POINTS), 1)
    finish, cost = finish[::step], cost[::step]
    done = np.isfinite(finish)
    x, y = clock.x(finish[done]), cost[done]
    look = {"linestyle": "none", "marker": "o", "markersize": 3.4, "markeredgewidth": 0, "rasterized": True}
    axes.plot(x, y, color=BAND, alpha=0.55, gid="trials", **look)  # type: ignore[arg-type]


def _draw_targets(axes: Axes, run: Results) -> None:
    deadline, limit = deadline_of(run), _limit(run)
    if deadline is not None:
        text = f"deadline: {day_text(deadline)}"
        name_lines(axes, [Line("deadline", day_number(deadline), text, TARGET, "--")])
    if limit is not None:
        axes.axhline(limit, color=TARGET, linewidth=2, linestyle="--", gid="budget", zorder=1.5)
        extra = " with contingency" if limit > run.attrs["budget_cents"] / 100 else ""
        low, high = axes.get_ylim()
        above = (limit - low) / (high - low) < 0.9
        left, right = axes.get_xlim()
        at_left = deadline is not None and day_number(deadline) - left > 0.55 * (right - left)  # else through the words
        axes.annotate(
            f"budget{extra}: {money_text(limit, run.attrs['currency'])}",
            (0 if at_left else 1, limit),
            (4 if at_left else -4, 5 if above else -5),
            xycoords=axes.get_yaxis_transform(),
            textcoords="offset points",
            ha="left" if at_left else "right",
            va="bottom" if above else "top",
            color=TARGET,
            weight="bold",
            fontsize=11.5,
            bbox={**LABEL, "pad": 0.5},
            zorder=4,
        )


def _draw_frontier(axes: Axes, frontier: Frontier, clock: Clock) -> None:
    """The staircase, up and to the right as far as the picture goes."""
    n = len(frontier.finish)
    if not n:
        return
    kept = np.unique(np.concatenate([np.linspace(0, n - 1, min(n, MOST_STEPS)).astype(int), [frontier.even]]))
    x, y = clock.x(frontier.finish[kept]), frontier.cost[kept]
    right, top = axes.get_xlim()[1], axes.get_ylim()[1]
    x, y = np.concatenate([x[:1], x, [right + 1]]), np.concatenate([[max(top, y[0]) * 2], y, y[-1:]])
    axes.plot(x, y, drawstyle="steps-post", color=INK, linewidth=2.2, gid="frontier", zorder=3)


def _draw_marks(axes: Axes, run: Results, frontier: Frontier, clock: Clock) -> list[Line2D]:
    """P50 and P80 of both, and the evenly sure pair on the line, with what each means."""
    currency, handles = run.attrs["currency"], []
    if len(frontier.finish):
        handles.append(Line2D([], [], color=INK, linewidth=2.2, label="this date and this cost are\nboth kept in 70 %"))
        k = frontier.even
        words = f"{day_text(clock.dates.finish_date(frontier.finish[k]))} and\n{money_text(frontier.cost[k], currency)}"
        handles.append(
            _mark(axes, (frontier.finish[k], frontier.cost[k]), clock, ("D", 10.0), "even", f"{words}: both in 70 %")
        )
    for level, look in MARKS.items():
        date, cost = measure(run, f"finish.p{level}"), measure(run, f"cost.p{level}")
        if date.value is None or cost.value is None:
            continue
        chance = percent(joint_chance(run, date.value, cost.value).value)
        words = f"P{level} date and P{level} cost:\nboth kept in {chance}"
        handles.append(_mark(axes, (date.value, cost.value), clock, look, f"P{level}", words))
    return handles


def _mark(axes: Axes, at: tuple[float, float], clock: Clock, look: tuple[str, float], gid: str, words: str) -> Line2D:
    style = {"marker": look[0], "markersize": look[1], "linestyle": "none", "markeredgecolor": "white"}
    color = INK if gid == "even" else CURVE
    axes.plot([float(clock.x(at[0]))], [at[1]], color=color, gid=gid, zorder=5, **style)  # type: ignore[arg-type]
    return Line2D([], [], color=color, label=words, **style)  # type: ignore[arg-type]


def _draw_quadrants(axes: Axes, parts: tuple[Quadrant, ...]) -> None:
    """Beside the axes a small plan of the quadrants with the share of trials in each."""
    columns = list(dict.fromkeys(part.on_time for part in parts))
    rows = list(dict.fromkeys(part.in_budget for part in reversed(parts)))  # more money is higher up
    height = 0.145 * len(rows)
    inset = axes.inset_axes((1 + EDGE + 0.105, 0.94 - height, 0.3, height))
    inset.set_xlim(0, len(columns))
    inset.set_ylim(len(rows), 0)
    share = {(part.on_time, part.in_budget): part.share.value for part in parts}
    for row, cheap in enumerate(rows):
        for column, early in enumerate(columns):
            text = percent(share[early, cheap])
            kept = early is not False and cheap is not False
            inset.text(
                column + 0.5,
                row + 0.5,
                text,
                ha="center",
                va="center",
                fontsize=14,
                weight="bold" if kept else "normal",
                gid=f"share-{early}-{cheap}",
            )
    names = {True: "on time", False: "late", None: ""}
    inset.set_xticks([k + 0.5 for k in range(len(columns))], [names[early] for early in columns], fontsize=SMALLEST)
    names = {True: "in\nbudget", False: "over\nbudget", None: ""}
    inset.set_yticks([k + 0.5 for k in range(len(rows))], [names[cheap] for cheap in rows], fontsize=SMALLEST)
    inset.tick_params(length=0, labeltop=True, labelbottom=False)
    for spine in inset.spines.values():
        spine.set(visible=True, color="#BDBDBD")
    if len(columns) > 1:
        inset.axvline(1, color=TARGET, linewidth=2, linestyle="--")
    if len(rows) > 1:
        inset.axhline(1, color=TARGET, linewidth=2, linestyle="--")


def _dress(axes: Axes, run: Results, frontier: Frontier) -> None:
    say(axes, *_answer(run, frontier), rows=1)
    axes.set_ylabel(f"cost, {run.attrs['currency']}")
    axes.yaxis.set_major_locator(MaxNLocator(6, steps=[1, 2, 2.5, 5, 10]))
    axes.yaxis.set_major_formatter(MoneyFormatter())
    axes.grid(color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    date_axis(axes)
    for spine in ("left", "bottom"):
        axes.spines[spine].set_color(QUIET)


def _answer(run: Results, frontier: Frontier) -> tuple[str, str]:
    name, n = project(run, 28), run.sizes["trial"]
    shown = "" if n <= MOST_POINTS else f" {math.ceil(n / math.ceil(n / MOST_POINTS)):,} of {n:,} trials are drawn."
    if not len(frontier.finish):
        return f"{name}: no date and cost are 70 % sure together", f"Too many trials do not finish.{shown}"
    k = frontier.even
    day = day_text(Clock(run).dates.finish_date(frontier.finish[k]))
    cost = money_text(frontier.cost[k], run.attrs["currency"])
    alone = percent(float(max(frontier.finish_share[k], frontier.cost_share[k])))
    together = alone == percent(float(frontier.level))
    said = "The late ones are the expensive ones." if together else f"For that each has to be {alone} sure alone."
    title = f"{name}: {day} and {cost} are 70 % sure together"
    return title, f"{said}{shown}"
