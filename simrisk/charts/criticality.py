"""Who sets the date: tasks and gates, people and pools, by how often and how long they are on the driving chain."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from matplotlib.axes import Axes

from simrisk.charts.bars import name_rows, slide_of_rows, title_rows
from simrisk.charts.canvas import CURVE, INK, STYLE, TARGET
from simrisk.charts.frame import SMALLEST, percent, project, shortened
from simrisk.charts.rows import add_bar, names_of
from simrisk.dataset import Results
from simrisk.measures.chain import Member, chain_members

MOST = 15  # members shown
FEWEST_OTHERS = 5  # rows that are kept for people and pools, if there are so many
NAME_LETTERS = 30
MARGINS = {"left": 0.315, "right": 0.965, "bottom": 0.115, "top": 0.8}
THICK = 0.68  # height of a bar
GAP = 0.9  # rows between the groups
ROOM = 0.3  # of the width of the axes, for what is said at the bars
LOOKS = {"task": (CURVE, ""), "gate": ("#E69F00", "xxxx"), "person": (TARGET, "////"), "pool": ("#009E73", "---")}
SAID = {"task": "tasks", "gate": "gates", "person": "people", "pool": "pools"}


def plot_criticality(dataset: Results, *, ax: Axes | None = None) -> Axes:
    """Draw how much of the driving chain tasks, gates, people and pools have on average, and how often they are on it.

    Tasks and gates share the chain among them; several people, or a person and a task, can have the same days.

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
    found = [member for member in chain_members(dataset) if member.minutes.value > 0]
    groups = _shown(found)
    with matplotlib.rc_context(STYLE):
        axes = slide_of_rows(MARGINS, sum(map(len, groups)) + len(groups) - 1) if ax is None else ax
        names = _Names(dataset)
        places = _draw(axes, groups, int(dataset.attrs["day_minutes"]))
        _dress(axes, dataset, names, groups, places, len(found))
    return axes


class _Names:
    """What members are called."""

    def __init__(self, run: Results) -> None:
        self._names = {
            dim: dict(zip(run[dim].values.tolist(), names_of(run, dim), strict=True)) for dim in ("task", "gate")
        }

    def of(self, member: Member) -> str:
        """Its name, or its id."""
        return str(self._names.get(member.dim, {}).get(member.label, member.label))


def _shown(found: Sequence[Member]) -> list[list[Member]]:
    """Tasks and gates, people and pools: those with most of the chain."""
    work = [member for member in found if member.dim in ("task", "gate")]
    hands = [member for member in found if member.dim in ("person", "pool")]
    kept = min(len(hands), max(FEWEST_OTHERS, MOST - len(work)))
    return [group for group in (work[: MOST - kept], hands[:kept]) if group]


def _draw(axes: Axes, groups: Sequence[Sequence[Member]], day_minutes: int) -> list[float]:
    """Draw the bars; returns where each row is."""
    places: list[float] = []
    at = 0.0
    longest = max((m.minutes.value / day_minutes for group in groups for m in group), default=1.0)
    most = max((np.nan_to_num(m.minutes.high) / day_minutes for group in groups for m in group), default=1.0)
    axes.set_xlim(0, max(longest, most) / (1 - ROOM))
    for group in groups:
        for member in group:
            _draw_member(axes, member, at, day_minutes, len(places))
            places.append(at)
            at += 1
        at += GAP
    axes.set_ylim(max(at - GAP, 1) - 0.4, -0.6)
    return places


def _draw_member(axes: Axes, member: Member, at: float, day_minutes: int, row: int) -> None:
    color, hatch = LOOKS[member.dim]
    days, low, high = (minutes / day_minutes for minutes in member.minutes)
    add_bar(axes, 0, days, (at, THICK), facecolor=color, edgecolor="white", hatch=hatch, gid=f"bar-{row}")
    end = days
    if not np.isnan(low):
        axes.plot(
            [low, high], [at, at], color=INK, linewidth=1.0, marker="|", markersize=6, gid=f"interval-{row}", zorder=4
        )
        end = max(days, high)
    number = f"{days:,.0f}" if days >= 9.95 else f"{days:.1f}"
    axes.annotate(
        f"{number} d, in {percent(member.often.value)} of trials",
        (end, at),
        (7, 0),
        textcoords="offset points",
        va="center",
        fontsize=SMALLEST,
        zorder=4,
    )


def _dress(
    axes: Axes,
    run: Results,
    names: _Names,
    groups: Sequence[Sequence[Member]],
    places: Sequence[float],
    n_found: int,
) -> None:
    members = [member for group in groups for member in group]
    name_rows(axes, places, [names.of(member) for member in members])
    axes.set_xlabel("working days of the chain that sets the date, mean of the trials that finished")
    if not members:
        title_rows(axes, f"{project(run)}: nothing sets the date", "No trial finished, or none took any time.")
        return
    what = ", ".join(_kinds(members))
    detail = f"{what[:1].upper()}{what[1:]} with most of the chain"
    hidden = n_found - len(members)
    detail += f"; {hidden:,} with less are not shown." if hidden else "."
    title_rows(axes, _title(run, names, groups), detail)


def _kinds(members: Sequence[Member]) -> list[str]:
    """Kinds that are there, each with its look."""
    looks = {"task": "plain", "gate": "crossed", "person": "hatched", "pool": "striped"}
    dims = dict.fromkeys(member.dim for member in members)
    return [f"{SAID[dim]} ({looks[dim]})" for dim in dims]


def _title(run: Results, names: _Names, groups: Sequence[Sequence[Member]]) -> str:
    """Who has most of the chain: a person or pool if there is any, and a task or gate."""
    first = [shortened(names.of(group[0]), NAME_LETTERS) for group in groups]
    if len(first) == 1:
        return f"{project(run)}: {first[0]} sets the date most"
    return f"{first[1]} and {first[0]} set the date most"
