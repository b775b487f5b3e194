"""Rows of names over a calendar or a scale: what the charts of tasks, gates and people have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from simrisk.charts.canvas import INK, QUIET, room_for_names
from simrisk.charts.days import day_number, day_text, show_days
from simrisk.charts.letters import within
from simrisk.dataset import Results, RunDates

SHADE, GRID = "#F3F3F3", "#E3E3E3"


class DaySpans:
    """Working minutes of a run as matplotlib's day numbers; the working hours of a day take up all of it."""

    def __init__(self, run: Results | RunDates) -> None:
        self.dates = run if isinstance(run, RunDates) else RunDates.of(run)
        self.numbers = self.dates.days.astype("datetime64[D]").astype(np.float64)  # days since 1970, as matplotlib's

    def starts(self, minutes: np.ndarray | float) -> np.ndarray:
        """Where something that starts in these minutes does; the instant between two days is in the second."""
        days = np.asarray(minutes, dtype=np.float64) / self.dates.day_minutes
        return self._at(days, np.floor(days))

    def ends(self, minutes: np.ndarray | float) -> np.ndarray:
        """Where something that ends in these minutes does; the instant between two days is in the first."""
        days = np.asarray(minutes, dtype=np.float64) / self.dates.day_minutes
        return self._at(days, np.ceil(days) - 1)

    def _at(self, days: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Day number of a moment on a day; +inf stays what it is."""
        known = np.isfinite(days)
        place = np.clip(np.where(known, day, 0), 0, len(self.numbers) - 1)
        found: np.ndarray = np.where(known, self.numbers[place.astype(int)] + days - place, np.inf)
        return found


def names_of(run: Results, dim: str, text: str = "name") -> list[str]:
    """What the members of a dimension are called: their names; their ids where two have the same name or one none."""
    ids = [str(label) for label in run[dim].values]
    names = [str(name) for name in run[f"{dim}_{text}"].values]
    return names if len(set(names)) == len(names) and all(names) else ids


def list_rows(axes: Axes, names: Sequence[str], more: str = "", *, size: float = 11.0) -> None:
    """Write a name at each row, from the top, each line cut to the room there is; `more` says how many are left out."""
    room = room_for_names(axes)
    places = list(range(len(names)))
    labels = ["\n".join(within(line, room, size) for line in name.split("\n")) for name in names]
    if more:
        places, labels = [*places, len(names)], [*labels, more]
    axes.set_yticks(places, labels, fontsize=size)
    axes.set_ylim(max(len(places), 1) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    if more:
        axes.get_yticklabels()[-1].set_color(QUIET)


def add_bar(axes: Axes, begin: float, end: float, place: tuple[float, float], **looks: Any) -> Rectangle:
    """Add a bar from `begin` to `end`; `place` is the middle of its height and its height.

    Limits are left alone, and it takes a tenth of the time of ``Axes.barh``.
    """
    middle, height = place
    bar = Rectangle((begin, middle - height / 2), end - begin, height, **{"linewidth": 0, "zorder": 3, **looks})
    axes.add_artist(bar)
    return bar


def set_calendar(axes: Axes, first: float, last: float, *, both: bool = False) -> None:
    """Dates from `first` to `last` below the axes, and above them, too, when rows are many."""
    axes.set_xlim(first, last)
    show_days(axes.xaxis, least=3, most=8)
    axes.tick_params(axis="x", labelsize=11, labeltop=both, top=both)
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def mark_deadline(axes: Axes, run: Results) -> str:
    """A line at the end of the deadline's day; return what it is called, empty when there is none."""
    if "deadline" not in run.attrs:
        return ""
    deadline = date.fromisoformat(run.attrs["deadline"])
    x = day_number(deadline) + 1
    axes.axvline(x, color=INK, linewidth=1.6, linestyle="--", zorder=5, gid="deadline")
    return f"deadline {day_text(deadline)}"
