"""The S-curve: how sure each finish date is, with deadline, plan without dice, P50, P80, and the logic alone."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction
from typing import Literal

import matplotlib
import numpy as np
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from simrisk.charts.canvas import BAND, CURVE, INK, LOGIC, QUIET, STYLE, TARGET, new_axes
from simrisk.charts.days import DayFormatter, day_number, day_text
from simrisk.dataset import Results, RunDates
from simrisk.measures import measure, quantile
from simrisk.measures.project import CENSORED, STOPPED

MOST_STEPS = 400  # points of the curve that are drawn, the marked ones among them
MARKED = (50, 80)
CUT_OFF = 0.005  # share of the latest trials that need not be in the picture
TITLE_WIDTH, DETAIL_WIDTH = 58, 96  # characters that fit on one line at full size
LEAST_DAYS = 5.0  # in the picture: of fewer, matplotlib would mark hours
WORKED_PART = 0.5  # of a day on the axis
LETTER = 0.092  # inches of a letter of the labels above the axes
LOOKS = {"without dice": (QUIET, "-."), "deadline": (TARGET, "--")}
Side = Literal["left", "center", "right"]
UNFINISHED = ((CENSORED, "did not finish by the horizon"), (STOPPED, "were stopped at a gate"))
BAND_LABEL = "95 % confidence band of the whole curve (Dvoretzky-Kiefer-Wolfowitz)"
LOGIC_LABEL = "logic only: nothing is ever short"
LABEL = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 2.0}


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
        clock = _Clock(dataset)
        ends = _x_range(dataset, clock)
        _draw_curve(axes, dataset, clock, ends)
        axes.set_xlim(*ends)
        axes.set_ylim(0, 1.01)
        for percent in MARKED:
            _mark_quantile(axes, dataset, clock, percent)
        _mark_targets(axes, dataset, clock)
        _dress(axes, dataset, clock)
    return axes


class _Clock:
    """Working minutes to matplotlib's day numbers.

    A day's tick is the end of that day: at the tick the curve has everything that is finished by then,
    and what is finished within the day lies in the half day before, nearer to its own tick than to another.
    """

    def __init__(self, run: Results) -> None:
        self.dates = RunDates.of(run)
        self.numbers = self.dates.days.astype("datetime64[D]").astype(np.float64)  # days since 1970, as matplotlib's
        self.horizon = int(run.attrs["horizon"])

    def x(self, minutes: np.ndarray | float) -> np.ndarray:
        """Day number of the moment at which something finishes."""
        day = np.clip(np.ceil(np.asarray(minutes) / self.dates.day_minutes) - 1, 0, len(self.numbers) - 1)
        left = day + 1 - np.asarray(minutes) / self.dates.day_minutes  # share of the day that remains
        found: np.ndarray = self.numbers[day.astype(int)] - WORKED_PART * left
        return found

    def horizon_date(self) -> date:
        """The last day that was simulated."""
        return self.dates.finish_date(self.horizon)


def _targets(run: Results, clock: _Clock) -> dict[str, tuple[float, date]]:
    """Moments beside the curve: label, minute of the moment in day numbers, its date."""
    found = {}
    plan = measure(run, "baseline.finish")
    if plan.value is not None and plan.date is not None:
        found["without dice"] = (float(clock.x(plan.value)), plan.date)
    if "deadline" in run.attrs:
        deadline = date.fromisoformat(run.attrs["deadline"])
        found["deadline"] = (day_number(deadline), deadline)
    return found


def _x_range(run: Results, clock: _Clock) -> tuple[float, float]:
    """From where the curve lifts off to where it is nearly at the top, targets included, with some air."""
    finish = run["project_finish"].values
    known = finish[np.isfinite(finish)]
    moments = [x for x, _ in _targets(run, clock).values()]
    if len(known):
        low, high = (quantile(known, share).value for share in (Fraction(1, 1000), Fraction(1 - CUT_OFF)))
        moments += [float(clock.x(low)), float(clock.x(high))]
    logic = run["logic_finish"].values
    if _has_logic(run) and np.isfinite(logic).any():
        moments.append(float(clock.x(quantile(logic[np.isfinite(logic)], Fraction(1, 100)).value)))
    if (run["project_outcome"].values == CENSORED).sum() > CUT_OFF * len(finish):
        moments.append(float(clock.x(clock.horizon)))
    first, last = min(moments, default=0.0), max(moments, default=0.0)
    width = max(last - first, 14.0)
    first, last = first - 0.08 * width, last + 0.06 * width
    spare = max(LEAST_DAYS - (last - first), 0.0) / 2
    return first - spare, last + spare


def _draw_curve(axes: Axes, run: Results, clock: _Clock, ends: tuple[float, float]) -> None:
    n = run.sizes["trial"]
    x, y = _steps(run["project_finish"].values, clock, ends)
    if _has_logic(run):
        axes.plot(
            *_steps(run["logic_finish"].values, clock, ends),
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
    trials = f"{n:,} simulated projects" if n != 1 else "1 simulated project"
    axes.plot(x, y, drawstyle="steps-post", color=CURVE, linewidth=2.8, label=trials, gid="finish-curve")


def _steps(finish: np.ndarray, clock: _Clock, ends: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    """The share finished by each moment, from before the left end to behind the right one."""
    minutes, counts = np.unique(finish[np.isfinite(finish)], return_counts=True)
    shares = np.cumsum(counts) / len(finish)
    if len(minutes) > MOST_STEPS:
        marked = np.searchsorted(shares, [percent / 100 for percent in MARKED if percent / 100 <= shares[-1]])
        kept = np.union1d(np.linspace(0, len(minutes) - 1, MOST_STEPS).astype(int), marked)
        minutes, shares = minutes[kept], shares[kept]
    x = np.concatenate([[ends[0] - 1], clock.x(minutes), [ends[1] + 1]])
    y = np.concatenate([[0.0], shares, shares[-1:] if len(shares) else [0.0]])
    return x, y


def _has_logic(run: Results) -> bool:
    """Whether the logic alone gives other finishes."""
    return not np.array_equal(run["logic_finish"].values, run["project_finish"].values)


def _mark_quantile(axes: Axes, run: Results, clock: _Clock, percent: int) -> None:
    """Guide from the axis to the curve and down to the date, with the date beside the point."""
    found = measure(run, f"finish.p{percent}")
    level = percent / 100
    left, right = axes.get_xlim()
    if found.value is None or found.date is None:
        axes.plot([left, right], [level, level], color=INK, linewidth=1.2, linestyle=":")
        beyond = "stopped at a gate" if found.stopped else f"beyond the horizon ({day_text(clock.horizon_date())})"
        text = f"P{percent}: {beyond}"
        inset = right - 0.01 * (right - left)
        axes.text(inset, level + 0.015, text, ha="right", va="bottom", fontsize=13, weight="bold", bbox=LABEL)
        return
    x = float(clock.x(found.value))
    axes.plot([left, x, x], [level, level, 0], color=INK, linewidth=1.2, linestyle=":")
    axes.plot([x], [level], marker="o", markersize=9, color=CURVE, markeredgecolor="white", gid=f"P{percent}", zorder=5)
    aside = (x - left) / (right - left) > 0.68  # no room for the label to the right
    axes.annotate(
        f"P{percent}: {day_text(found.date)}",
        (x, level),
        xytext=(-12, 6) if aside else (12, -6),
        textcoords="offset points",
        ha="right" if aside else "left",
        va="bottom" if aside else "top",
        fontsize=15 if percent == 80 else 13,
        weight="bold",
        bbox=LABEL,
        zorder=6,
    )


def _mark_targets(axes: Axes, run: Results, clock: _Clock) -> None:
    """Deadline and plan as vertical lines, named above the axes; no line runs through the other's name."""
    labels = {}
    for name, (_, day) in _targets(run, clock).items():
        chance = f" ({_percent(measure(run, 'finish.on_time').value or 0.0)} chance)" if name == "deadline" else ""
        labels[name] = f"{'plan ' if name == 'without dice' else ''}{name}: {day_text(day)}{chance}"
    left, right = axes.get_xlim()
    places = [(x, name) for name, (x, _) in _targets(run, clock).items()]
    inches = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    widths = {name: LETTER * len(label) / inches for name, label in labels.items()}
    shares = {name: (x - left) / (right - left) for x, name in places}
    for name, (row, side) in _rows(shares, widths).items():
        color, line = LOOKS[name]
        x, height = next(x for x, other in places if other == name), (1.02, 1.085)[row]
        across = axes.get_xaxis_transform()
        axes.plot(
            [x, x],
            [0, height],
            transform=across,
            color=color,
            linewidth=2,
            linestyle=line,
            clip_on=False,
            gid=name,
            zorder=1.5,
        )
        axes.text(
            x,
            height,
            labels[name],
            transform=across,
            color=color,
            weight="bold",
            fontsize=11.5,
            ha=side,
            va="bottom",
            bbox={**LABEL, "pad": 0.5},
            zorder=2 + (1 - row),
        )


def _rows(shares: dict[str, float], widths: dict[str, float]) -> dict[str, tuple[int, Side]]:
    """Row (0 is the lower) and side of each label: the lower one points away from the other's line if it can.

    Parameters
    ----------
    shares, widths : dict
        Where each line stands and how long its label is, as shares of the width of the axes.
    """

    def inward(name: str) -> Side:
        if shares[name] + widths[name] / 2 > 1:
            return "right"
        return "left" if shares[name] < widths[name] / 2 else "center"

    if len(shares) < 2:
        return {name: (0, inward(name)) for name in shares}
    first, last = sorted(shares, key=lambda name: shares[name])
    if shares[first] >= widths[first]:
        return {first: (0, "right"), last: (1, inward(last))}
    if shares[last] + widths[last] <= 1:
        return {last: (0, "left"), first: (1, inward(first))}
    return {first: (0, "left"), last: (1, "right")}


def _dress(axes: Axes, run: Results, clock: _Clock) -> None:
    title, detail = _answer(run, clock)
    size = min(18.0, 18.0 * TITLE_WIDTH / len(title))
    axes.text(0, 1.245, title, transform=axes.transAxes, fontsize=size, weight="bold", va="bottom")
    size = min(12.0, 12.0 * DETAIL_WIDTH / max(len(detail), 1))
    axes.text(0, 1.165, detail, transform=axes.transAxes, fontsize=size, color=QUIET, va="bottom")
    axes.set_ylabel("chance to be finished by then")
    axes.set_yticks(np.arange(0, 1.01, 0.1))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
    axes.grid(axis="y", color="#E3E3E3", linewidth=0.8)
    axes.set_axisbelow(True)
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(DayFormatter())
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


def _answer(run: Results, clock: _Clock) -> tuple[str, str]:
    """The title, which is the answer, and a line below it."""
    name = str(run.attrs["title"])
    name = name if len(name) <= 40 else name[:39].rstrip() + "\N{HORIZONTAL ELLIPSIS}"
    p80 = measure(run, "finish.p80")
    deadline = run.attrs.get("deadline")
    if p80.date is None and p80.stopped:
        title = f"{name}: no date is 80 % sure, it may be stopped"
    elif p80.date is None:
        title = f"{name}: no date is 80 % sure before {day_text(clock.horizon_date())}"
    else:
        title = f"{name}: 80 % sure to be finished by {day_text(p80.date)}"
    details = []
    if p80.date is not None and deadline:
        late = (p80.date - date.fromisoformat(deadline)).days
        days = f"{abs(late)} calendar day{'' if abs(late) == 1 else 's'}"
        place = f"{days} {'after' if late > 0 else 'before'}" if late else "the day of"
        details.append(f"That is {place} the deadline.")
    if p80.high is None and not p80.beyond_horizon:
        details.append("Too few trials to be sure of it.")
    outcome, n = run["project_outcome"].values, run.sizes["trial"]
    counts = ((int((outcome == flag).sum()), what) for flag, what in UNFINISHED)
    if some := [f"{count:,} {what}" for count, what in counts if count]:
        details.append(f"Of {n:,} trials {' and '.join(some)}.")
    return title, " ".join(details)


def _percent(share: float) -> str:
    percent = 100 * share
    if 0 < percent < 0.5:
        return "< 1 %"
    return "> 99 %" if 99.5 <= percent < 100 else f"{percent:.0f} %"
