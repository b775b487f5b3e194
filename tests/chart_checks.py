"""What every chart is held to, and runs that are hard to draw."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import xarray as xr
from matplotlib import dates as mdates
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from outcomes import CALENDAR, DAY, a_plan, a_run, a_wide_scenario, made_up_finishes, without
from pictures import assert_readable
from simrisk_kernels.layout import STOP

LONG = "The extraordinarily long name of something, with all its parts and more"


def found(axes: Axes, gid: str) -> Any:
    """The only artist with this gid."""
    (artist,) = axes.findobj(lambda artist: artist.get_gid() == gid)
    return artist


def gids(axes: Axes, prefix: str) -> list[str]:
    """Gids that begin so."""
    with_gid: list[Artist] = axes.findobj(lambda artist: (artist.get_gid() or "").startswith(prefix))
    return [artist.get_gid() or "" for artist in with_gid]


def moment(minute: float, *, end: bool) -> float:
    """Day number of a moment, from the calendar; the working hours of a day take up all of it."""
    day = CALENDAR.finish_date(minute) if end else CALENDAR.start_date(minute)
    return float(mdates.date2num(day)) + minute / DAY - CALENDAR.day_of(day)


def nothing_overlaps(axes: Axes) -> None:
    """No text meets another or leaves the picture, in letters that the font has or in others."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)  # as when a chart is saved
        assert_readable(axes)


def quantile(values: np.ndarray, percent: int) -> float:
    """Order statistic number ceil(p n), the naive way; what is below 0 never happened and sorts last."""
    ordered = sorted(np.inf if value < 0 else float(value) for value in values)
    return ordered[-(-percent * len(ordered) // 100) - 1]


def many(run: xr.Dataset, dim: str, n: int) -> xr.Dataset:
    """A run with so many members of a dimension, by repetition."""
    repeated = run.isel({dim: np.resize(np.arange(run.sizes[dim]), n)})
    kind = repeated[dim].dtype.kind
    return repeated.assign_coords(
        {dim: np.arange(1, n + 1) if kind == "i" else np.array([f"{dim} {i}" for i in range(n)], object)}
    )


def renamed(run: xr.Dataset, text: str) -> xr.Dataset:
    """A run in which everything has this name, and a number."""
    names = {
        name: (run[name].dims, np.array([f"{text} {i}" for i in range(run[name].size)], object))
        for name in ("task_name", "gate_name", "sprint_name", "person_role")
    }
    labels = {dim: [f"{text} {i}" for i in range(run.sizes[dim])] for dim in ("task", "gate", "person", "pool")}
    return run.assign(names).assign_coords(labels)


def stopping(run: xr.Dataset) -> xr.Dataset:
    """A run whose gate stops the project in two of five trials."""
    changed = run.copy(deep=True)
    some = np.arange(run.sizes["trial"]) % 5 < 2
    changed["gate_outcome"].values[some] = STOP
    changed["project_outcome"].values[some] = 2
    changed["project_finish"].values[some] = np.inf
    return changed


HARD: dict[str, Callable[[], xr.Dataset]] = {
    "plain": a_run,
    "sound": lambda: a_run(*made_up_finishes(3000, censored=0, stopped=0)),
    "one trial": lambda: a_run(np.array([100 * DAY])),
    "all equal": lambda: a_run(np.full(300, 120 * DAY)),
    "all censored": lambda: a_run(*made_up_finishes(200, censored=200, stopped=0)),
    "all stopped": lambda: a_run(*made_up_finishes(200, censored=0, stopped=200)),
    "some stopped": lambda: stopping(a_run()),
    "no targets": lambda: a_run(plan=without(deadline=None, budget=None)),
    "late deadline": lambda: a_run(plan=without(deadline=date(2026, 12, 18))),
    "early deadline": lambda: a_run(plan=without(deadline=date(2026, 1, 6))),
    "pools": lambda: a_run(plan=a_plan(a_wide_scenario())),
    "one task": lambda: a_run().isel(task=[0], gate=[], person=[], sprint=[]),
    "nothing": lambda: a_run().isel(task=[], gate=[], person=[], sprint=[]),
    "2,000 tasks": lambda: many(a_run(*made_up_finishes(200)), "task", 2000),
    "many": lambda: many(many(many(a_run(*made_up_finishes(200)), "gate", 30), "person", 40), "sprint", 60),
    "long names": lambda: renamed(a_run(plan=without(name=LONG)), LONG),
    "letters": lambda: renamed(a_run(plan=without(name="\u8a08\u753b $a_{$ b$")), "\u8a08\u753b $a_{$ b$ größer"),
}


@cache
def hard(case: str) -> xr.Dataset:
    """A run that is hard to draw."""
    return HARD[case]()
