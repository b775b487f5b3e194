"""Gate policies: P50 and P80 with each of them, against the plan as written."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes

from simrisk.charts.canvas import NAMES_LEFT, QUIET, STYLE, headline, tall_axes
from simrisk.charts.days import day_text
from simrisk.charts.frame import project, shortened
from simrisk.charts.variants import PointRow, draw_rows
from simrisk.whatif.policies import ALL, POLICIES, Policies

METRICS, MAIN = ("finish.p50", "finish.p80"), "finish.p80"
ROW_INCHES, LEAST_INCHES = 0.36, 2.4
NAME_LETTERS = 24  # of a gate in the title


def plot_policies(found: Policies, *, ax: Axes | None = None) -> Axes:
    """Draw P50 and P80 of the finish with every policy of every gate.

    Policies that make no sense, and those that the plan has already, are left out.

    Parameters
    ----------
    found : Policies
    ax : matplotlib Axes, optional
        Where to draw; default: a new figure, as tall as there are policies.

    Returns
    -------
    matplotlib Axes
    """
    rows = [PointRow("as written", found.own, reference=True)]
    names = {gate.id: gate.name for gate in found.gates} | {ALL: "all gates"}
    last = None
    for decided in found.decided:
        if decided.outcome is None or decided.same:
            continue
        gate = decided.option.gate
        if gate != last:
            rows.append(PointRow(names[gate]))
            last = gate
        rows.append(PointRow(POLICIES[decided.option.policy], decided.outcome))
    with matplotlib.rc_context(STYLE):
        axes = tall_axes(max(len(rows) * ROW_INCHES, LEAST_INCHES)) if ax is None else ax
        draw_rows(axes, found.base, rows, METRICS, "finish")
        headline(axes, _title(found, names))
        when = "at the first no-go" if found.when == "first" else "after the extensions as written"
        axes.annotate(
            f"Proceed, descope, stop: {when}. The same dice in all.",
            (NAMES_LEFT, 1),
            (0, 18),
            xycoords="axes fraction",
            textcoords="offset points",
            fontsize=12,
            color=QUIET,
            annotation_clip=False,
        )
    return axes


def _title(found: Policies, names: dict[str, str]) -> str:
    """The policy that moves P80 most for sure; earlier before later."""
    own = found.own.figures[MAIN]
    sure = [
        (moved.value, number, decided)
        for number, decided in enumerate(found.decided)
        if decided.outcome is not None
        and (moved := decided.outcome.differences.get(MAIN)) is not None
        and moved.value is not None
        and moved.verdict in ("better", "worse")
    ]
    level = "as written P80 is no date" if own.date is None else f"as written P80 is {day_text(own.date)}"
    if not sure:
        return f"{project(found.base, 26)}: {level}; no policy surely moves it"
    best = min(sure, key=lambda each: (each[0], each[1]))
    decided = best[2] if best[0] < 0 else max(sure, key=lambda each: (each[0], -each[1]))[2]
    assert decided.outcome is not None
    days = (decided.outcome.differences[MAIN].value or 0.0) / int(found.base.attrs["day_minutes"])
    gate, policy = shortened(names[decided.option.gate], NAME_LETTERS), POLICIES[decided.option.policy]
    said = f"{abs(days):,.1f} days {'later' if days > 0 else 'earlier'}"
    return f"{project(found.base, 26)}: '{policy}' for {gate}: P80 {said}"
