"""The gates over time: how likely each has been passed by each date, and how likely it has been reviewed."""

from __future__ import annotations

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from simrisk.charts.canvas import BAND, CURVE, INK, NAMES_LEFT, QUIET, STYLE, headline, room_for_names, tall_axes
from simrisk.charts.days import day_text
from simrisk.charts.frame import percent, project, shortened
from simrisk.charts.letters import ems, wrapped
from simrisk.charts.rows import (
    DaySpans,
    list_rows,
    mark_deadline,
    names_of,
    set_calendar,
)
from simrisk.dataset import Results
from simrisk.measures import Measure, measure
from simrisk.measures.moments import HALF, Steps, gate_passed, moments, several_quantiles, steps, tenths
from simrisk.measures.schedule import gates_in_order

MOST_ROWS, MOST_STEPS = 15, 80
ROW_INCHES, LEAST_INCHES = 0.85, 1.7
CURVE_HEIGHT, FOOT = 0.72, 0.4  # of a row: of the curve, and where it stands below the middle
MARKED = {"p10": tenths(1), "p50": HALF, "p80": tenths(8)}
MOST_LINES = 4  # of a label
NAME_LETTERS = 29  # of a gate in the title
SIZE, AIR = 11.0, 11.0  # points: of names and dates, and beside a date


def plot_gates(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw for every gate how often it has been passed by each date, and how often reviewed for the first time.

    Parameters
    ----------
    dataset : xarray.Dataset
        A run.
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are gates.

    Returns
    -------
    matplotlib Axes
    """
    gates = gates_in_order(dataset)
    left_out, gates = max(len(gates) - MOST_ROWS, 0), gates[:MOST_ROWS]
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(max((len(gates) + bool(left_out)) * ROW_INCHES, LEAST_INCHES)) if ax is None else ax
        clock = DaySpans(dataset)
        curves = [_curves(dataset, gate) for gate in gates]
        set_calendar(axes, *_ends(dataset, clock, gates))
        names = dict(zip(map(str, dataset["gate"].values), names_of(dataset, "gate"), strict=True))
        for place, (gate, (reviewed, passed)) in enumerate(zip(gates, curves, strict=True)):
            _draw(axes, clock, gate, place, reviewed, passed)
            _mark(axes, dataset, clock, gate, place)
        room = room_for_names(axes)
        labels = [_label(dataset, gate, wrapped(names[gate], room, SIZE)) for gate in gates]
        list_rows(axes, labels, f"... and {left_out:,} more" if left_out else "")
        _dress(axes, dataset, gates)
    return axes


def _curves(run: Results, gate: str) -> tuple[Steps, Steps]:
    reviewed = steps(moments(run, "gate_first_review", "gate", gate), MOST_STEPS)
    return reviewed, steps(gate_passed(run, gate), MOST_STEPS, tuple(MARKED.values()))


def _ends(run: Results, clock: DaySpans, gates: list[str]) -> tuple[float, float]:
    """From where the first curve lifts off to where the last is nearly at its top, plan and deadline included."""
    found: list[float] = [float(m) for m in run["baseline_gate_finish"].values if m >= 0]
    for gate in gates:
        for values in (moments(run, "gate_first_review", "gate", gate), gate_passed(run, gate)):
            known = values[np.isfinite(values)]
            if len(known):
                found += several_quantiles(known, (tenths(1) / 10, 1 - tenths(1) / 2))
    if "deadline_minute" in run.attrs:
        found.append(float(run.attrs["deadline_minute"]))
    found = found or [float(run.attrs["status_minute"]), float(run.attrs["horizon"])]
    first, last = float(clock.starts(min(found))), float(clock.ends(max(found)))
    air = max(0.03 * (last - first), 3.0)
    return first - air, last + air


def _draw(axes: Axes, clock: DaySpans, gate: str, place: int, reviewed: Steps, passed: Steps) -> None:
    foot, (first, last) = place + FOOT, axes.get_xlim()
    beyond = clock.numbers[-1] + last - first  # of the axes, to the right
    axes.plot([first, last], [foot, foot], color=QUIET, linewidth=0.8, zorder=1)

    def curve(found: Steps) -> tuple[np.ndarray, np.ndarray]:
        shares = np.concatenate([[0.0], found.shares, found.shares[-1:] if len(found.shares) else [0.0]])
        return np.concatenate([[first], clock.ends(found.minutes), [beyond]]), foot - CURVE_HEIGHT * shares

    x, y = curve(passed)
    axes.fill_between(x, foot, y, step="post", color=BAND, alpha=0.35, linewidth=0, zorder=2)
    axes.plot(x, y, drawstyle="steps-post", color=CURVE, linewidth=2.2, gid=f"passed-{gate}", zorder=3)
    axes.plot(
        *curve(reviewed),
        drawstyle="steps-post",
        color=QUIET,
        linewidth=1.4,
        linestyle="--",
        gid=f"reviewed-{gate}",
        zorder=2.5,
    )


def _mark(axes: Axes, run: Results, clock: DaySpans, gate: str, place: int) -> None:
    """P10, P50 and P80 of the passing on the curve, the last two with their dates; and the plan without dice."""
    foot = place + FOOT
    planned = int(run["baseline_gate_finish"].sel(gate=gate))
    if planned >= 0:
        look = {"marker": "D", "markersize": 7, "color": "white", "markeredgecolor": INK, "clip_on": False}
        axes.plot([float(clock.ends(planned))], [foot], gid=f"plan-{gate}", zorder=5, **look)  # type: ignore[arg-type]
    for figure, share in MARKED.items():
        found = measure(run, f"gate.{gate}.finish.{figure}")
        if found.value is None or found.date is None:
            continue
        x, y = float(clock.ends(found.value)), foot - CURVE_HEIGHT * float(share)
        axes.plot(
            [x], [y], marker="o", markersize=7, color=CURVE, markeredgecolor="white", gid=f"{figure}-{gate}", zorder=5
        )
        if figure != "p10":
            _write(axes, x, y, f"{figure.upper()} {day_text(found.date)}", bold=figure == "p80")


def _write(axes: Axes, x: float, y: float, text: str, *, bold: bool) -> None:
    """A date beside its mark: P80 below the curve to the right, P50 above it to the left, where there is room."""
    left, right = axes.get_xlim()
    inches = axes.get_position().width * axes.figure.get_figwidth()  # type: ignore[union-attr]
    width = (ems(text, "bold" if bold else "normal") * SIZE + AIR) / 72 / inches * (right - left)
    aside = x + width <= right if bold else x - width < left
    if not bold and aside:
        return  # the mark alone: a date to its right would run into the curve
    axes.annotate(
        text,
        (x, y),
        xytext=(9, -1) if aside else (-8, 2),
        textcoords="offset points",
        ha="left" if aside else "right",
        va="top" if aside else "bottom",
        fontsize=SIZE,
        weight="bold" if bold else "normal",
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 0.8},
        zorder=6,
    )


def _label(run: Results, gate: str, name: str) -> str:
    """The name, and what the reviews decide."""
    lines = [name]
    go = measure(run, f"gate.{gate}.p_go")
    if go.value is not None:
        lines.append(f"go at first review {percent(go.value)}")
    for figure, said in (("p_stop", "stops the project"), ("p_waived", "passed without a go")):
        share = measure(run, f"gate.{gate}.{figure}").value
        if share and (figure == "p_stop" or share >= 0.005):
            lines.append(f"{said} {percent(share)}")
    return "\n".join("\n".join(lines).split("\n")[:MOST_LINES])


def _dress(axes: Axes, run: Results, gates: list[str]) -> None:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=CURVE, linewidth=2.2, label="passed by then: from never (0 %) to always (100 %)"),
        Line2D([], [], color=QUIET, linewidth=1.4, linestyle="--", label="reviewed for the first time"),
        Line2D([], [], marker="o", color=CURVE, linestyle="none", label="P10, P50 and P80 of the passing"),
        Line2D(
            [],
            [],
            marker="D",
            color="white",
            markeredgecolor=INK,
            linestyle="none",
            label="passed in the plan without dice",
        ),
    ]
    if deadline := mark_deadline(axes, run):
        handles.append(Line2D([], [], color=INK, linewidth=1.6, linestyle="--", label=deadline))
    axes.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(NAMES_LEFT, 0),
        ncols=2,
        frameon=False,
        fontsize=11,
        columnspacing=1.4,
        borderaxespad=3.6,
    )
    headline(axes, _title(run, gates))


def _title(run: Results, gates: list[str]) -> str:
    """What is said of the gate that is passed last."""
    name = project(run)
    names = dict(zip(map(str, run["gate"].values), names_of(run, "gate"), strict=True))
    found: dict[str, Measure] = {gate: measure(run, f"gate.{gate}.finish.p80") for gate in gates}
    if not found:
        return f"{name}: no gates"
    for gate, p80 in found.items():
        if p80.date is None:
            return f"{name}: no date is 80 % sure for {shortened(names[gate], NAME_LETTERS)}"
    gate = max(found, key=lambda gate: found[gate].value or 0.0)
    day = found[gate].date
    assert day is not None
    return f"{name}: 80 % sure to pass {shortened(names[gate], NAME_LETTERS)} by {day_text(day)}"
