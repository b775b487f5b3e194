"""The S-curve: how sure each finish date is, with deadline, plan without dice, P50, P80, and the logic alone."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from simrisk.charts.canvas import BAND, CURVE, INK, LOGIC, QUIET, STYLE, TARGET, new_axes
from simrisk.charts.clock import CUT_OFF, Clock, Part, deadline_of, range_of, steps
from simrisk.charts.days import day_number, day_text
from simrisk.charts.frame import LABEL, Line, chance_axis, count, date_axis, name_lines, percent, project, say
from simrisk.dataset import Results
from simrisk.measures import measure
from simrisk.measures.project import CENSORED, STOPPED

MARKED = (50, 80)
LOOKS = {"without dice": (QUIET, "-."), "deadline": (TARGET, "--")}
UNFINISHED = ((CENSORED, "did not finish by the horizon"), (STOPPED, "were stopped at a gate"))
BAND_LABEL = "95 % confidence band of the whole curve (Dvoretzky-Kiefer-Wolfowitz)"
LOGIC_LABEL = "logic only: nothing is ever short"


def plot_finish(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw the share of all trials that are finished by each date.

    The lighter curve is that of the same trials with unlimited people and equipment; where that changes nothing there
    is none.
    The band is that of Dvoretzky, Kiefer and Wolfowitz with Massart's constant (Annals of Probability
    18, 1990, 1269-1283): with 95 % probability the whole curve of infinitely many trials lies in it.

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
    with matplotlib.rc_context(STYLE):
        axes = new_axes() if ax is None else ax
        clock = Clock(dataset)
        ends = _x_range(dataset, clock)
        _draw_curve(axes, dataset, clock, ends)
        axes.set_xlim(*ends)
        chance_axis(axes)
        for level in MARKED:
            _mark_quantile(axes, dataset, clock, level)
        _mark_targets(axes, dataset, clock)
        _dress(axes, dataset, clock)
    return axes


def _targets(run: Results, clock: Clock) -> dict[str, tuple[float, date]]:
    """Moments beside the curve: label, minute of the moment in day numbers, its date."""
    found = {}
    plan = measure(run, "baseline.finish")
    if plan.value is not None and plan.date is not None:
        found["without dice"] = (float(clock.x(plan.value)), plan.date)
    deadline = deadline_of(run)
    if deadline is not None:
        found["deadline"] = (day_number(deadline), deadline)
    return found


def _x_range(run: Results, clock: Clock) -> tuple[float, float]:
    """From where the curve lifts off to where it is nearly at the top, targets included, with some air."""
    finish, logic = run["project_finish"].values, run["logic_finish"].values
    moments = [x for x, _ in _targets(run, clock).values()]
    if (run["project_outcome"].values == CENSORED).sum() > (1 - CUT_OFF) * len(finish):
        moments.append(float(clock.x(clock.horizon)))
    parts = [Part(finish, clock)]
    if _has_logic(run):
        parts.append(Part(logic, clock, Fraction(1, 100), Fraction(1, 100)))
    return range_of(parts, moments)


def _draw_curve(axes: Axes, run: Results, clock: Clock, ends: tuple[float, float]) -> None:
    n = run.sizes["trial"]
    x, y = steps(run["project_finish"].values, clock, ends, MARKED)
    if _has_logic(run):
        axes.plot(
            *steps(run["logic_finish"].values, clock, ends, MARKED),
            drawstyle="steps-post",
            color=LOGIC,
            linewidth=1.8,
            label=LOGIC_LABEL,
            gid="logic-curve",
        )
    half = math.sqrt(math.log(2 / 0.05) / (2 * n))
    axes.fill_between(
        x,
        np.clip(y - half, 0, 1),
        np.clip(y + half, 0, 1),
        step="post",
        color=BAND,
        alpha=0.4,
        linewidth=0,
        label=BAND_LABEL,
    )
    trials = count(n, "simulated project")
    axes.plot(x, y, drawstyle="steps-post", color=CURVE, linewidth=2.8, label=trials, gid="finish-curve")


def _has_logic(run: Results) -> bool:
    """Whether the logic alone gives other finishes."""
    return not np.array_equal(run["logic_finish"].values, run["project_finish"].values)


def _mark_quantile(axes: Axes, run: Results, clock: Clock, percentage: int) -> None:
    """Guide from the axis to the curve and down to the date, with the date beside the point."""
    found = measure(run, f"finish.p{percentage}")
    level = percentage / 100
    left, right = axes.get_xlim()
    if found.value is None or found.date is None:
        axes.plot([left, right], [level, level], color=INK, linewidth=1.2, linestyle=":")
        beyond = "stopped at a gate" if found.stopped else f"beyond the horizon ({day_text(clock.horizon_date())})"
        text = f"P{percentage}: {beyond}"
        inset = right - 0.01 * (right - left)
        axes.text(inset, level + 0.015, text, ha="right", va="bottom", fontsize=13, weight="bold", bbox=LABEL)
        return
    x = float(clock.x(found.value))
    axes.plot([left, x, x], [level, level, 0], color=INK, linewidth=1.2, linestyle=":")
    axes.plot(
        [x], [level], marker="o", markersize=9, color=CURVE, markeredgecolor="white", gid=f"P{percentage}", zorder=5
    )
    aside = (x - left) / (right - left) > 0.68  # no room for the label to the right
    axes.annotate(
        f"P{percentage}: {day_text(found.date)}",
        (x, level),
        xytext=(-12, 6) if aside else (12, -6),
        textcoords="offset points",
        ha="right" if aside else "left",
        va="bottom" if aside else "top",
        fontsize=15 if percentage == 80 else 13,
        weight="bold",
        bbox=LABEL,
        zorder=6,
    )


def _mark_targets(axes: Axes, run: Results, clock: Clock) -> None:
    """Deadline and plan as vertical lines, named above the axes."""
    lines = []
    for name, (x, day) in _targets(run, clock).items():
        chance = f" ({percent(measure(run, 'finish.on_time').value or 0.0)} chance)" if name == "deadline" else ""
        text = f"{'plan ' if name == 'without dice' else ''}{name}: {day_text(day)}{chance}"
        lines.append(Line(name, x, text, *LOOKS[name]))
    name_lines(axes, lines)


def _dress(axes: Axes, run: Results, clock: Clock) -> None:
    say(axes, *_answer(run, clock))
    date_axis(axes)
    parts = dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))  # label -> line or band
    order = sorted(parts, key=lambda label: (label == LOGIC_LABEL, label == BAND_LABEL))  # columns fill from the top
    axes.legend(
        [parts[label] for label in order],
        order,
        loc="upper left",
        bbox_to_anchor=(0, -0.165),
        ncols=2,
        frameon=False,
        fontsize=10,
        columnspacing=1.5,
        borderaxespad=0,
    )


def _answer(run: Results, clock: Clock) -> tuple[str, str]:
    """The title, which is the answer, and a line below it."""
    name = project(run)
    p80 = measure(run, "finish.p80")
    deadline = deadline_of(run)
    if p80.date is None and p80.stopped:
        title = f"{name}: no date is 80 % sure, it may be stopped"
    elif p80.date is None:
        title = f"{name}: no date is 80 % sure before {day_text(clock.horizon_date())}"
    else:
        title = f"{name}: 80 % sure to be finished by {day_text(p80.date)}"
    details = []
    if p80.date is not None and deadline is not None:
        late = (p80.date - deadline).days
        place = f"{count(abs(late), 'calendar day')} {'after' if late > 0 else 'before'}" if late else "the day of"
        details.append(f"That is {place} the deadline.")
    if p80.high is None and not p80.beyond_horizon:
        details.append("Too few trials to be sure of it.")
    outcome, n = run["project_outcome"].values, run.sizes["trial"]
    counts = ((int((outcome == flag).sum()), what) for flag, what in UNFINISHED)
    if some := [f"{count:,} {what}" for count, what in counts if count]:
        details.append(f"Of {n:,} trials {' and '.join(some)}.")
    return title, " ".join(details)
