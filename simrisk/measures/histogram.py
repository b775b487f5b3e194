"""How the finishes are spread over days, weeks, months, quarters or years: counts with exact intervals."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

from simrisk.dataset import Results, RunDates
from simrisk.measures import estimates, project
from simrisk.measures.estimates import Estimate

Unit = Literal["day", "week", "month", "quarter", "year"]

MOST_BINS: tuple[tuple[Unit, int], ...] = (("day", 30), ("week", 60), ("month", 60), ("quarter", 60))
MOST_BETWEEN = 4  # times as many fit between the first finish or the deadline and the last of them: bars, no threads
SHOWN = Fraction(995, 1000)  # of the trials that finished are in a bin of their own; the rest are "later"
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Histogram:
    """Finishes by calendar period.

    Parameters
    ----------
    unit : str
        "day", "week" (from Monday), "month", "quarter" or "year".
    first, last : (n_bins,) datetime64[D]
        First and last day of each bin; they follow each other without a gap.
    hits, on_time : (n_bins,) int
        Trials that finish in the bin; of those the ones that meet the deadline (all without one).
    value, low, high : (n_bins,) float
        Share of all trials with its 95 % interval, as `estimates.shares` has it.
    later, censored, stopped : Estimate
        Share of all trials that finish after the last bin, not by the horizon, never.
    """

    unit: Unit
    first: np.ndarray
    last: np.ndarray
    hits: np.ndarray
    on_time: np.ndarray
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    later: Estimate
    censored: Estimate
    stopped: Estimate


def histogram(run: Results) -> Histogram:
    """Count finishes in the finest unit that does not need too many bins."""
    done = project.finished(run)
    finish = run["project_finish"].values
    dates = RunDates.of(run)
    day = np.clip(np.ceil(finish[done] / dates.day_minutes).astype(np.int64) - 1, 0, len(dates.days) - 1)
    days = dates.days[day]
    unit, edges = _edges(days, _deadline(run))
    place = np.full(len(finish), -1)
    place[done] = np.searchsorted(edges, days, side="right") - 1
    n_bins = max(len(edges) - 1, 0)
    inside = (place >= 0) & (place < n_bins)
    in_time = project.on_time(run) if "deadline_minute" in run.attrs else done
    value, low, high = _shares(run, place, n_bins)
    blocks, outcome = project.blocks(run), run["project_outcome"].values
    return Histogram(
        unit,
        edges[:-1],
        edges[1:] - np.timedelta64(1, "D"),
        np.bincount(place[inside], minlength=n_bins),
        np.bincount(place[inside & in_time], minlength=n_bins),
        value,
        low,
        high,
        estimates.share_of(done & ~inside, blocks),
        estimates.share_of(outcome == project.CENSORED, blocks),
        estimates.share_of(outcome == project.STOPPED, blocks),
    )


def _shares(run: Results, place: np.ndarray, n_bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Share of all trials in each bin; one column at a time, so that memory does not grow with the bins."""
    blocks = project.blocks(run)
    if not n_bins:
        return np.empty(0), np.empty(0), np.empty(0)
    found = [estimates.share_of(place == k, blocks) for k in range(n_bins)]
    value, low, high = np.array(found).T
    return value, low, high


def _deadline(run: Results) -> np.ndarray:
    """Its day, (0 or 1,) datetime64[D]."""
    return np.array([run.attrs["deadline"]] if "deadline" in run.attrs else [], "datetime64[D]")


def _edges(days: np.ndarray, deadline: np.ndarray) -> tuple[Unit, np.ndarray]:
    """First days of the bins, and of the one after the last: (n_bins + 1,) datetime64[D]; empty without days."""
    if not len(days):
        return "month", np.empty(0, "datetime64[D]")
    first, end = days.min(), days[_rank(days)]
    begin, last = min([first, *deadline]), max([end, *deadline])
    for unit, most in MOST_BINS:
        edges = _of_unit(unit, first, end)
        if len(edges) - 1 <= most and len(_of_unit(unit, begin, last)) - 1 <= MOST_BETWEEN * most:
            return unit, edges
    return "year", _of_unit("year", first, end)


def _rank(days: np.ndarray) -> int:
    """Which of the days is the last that needs a bin of its own."""
    wanted = estimates.quantile(days.astype(np.int64).astype(np.float64), SHOWN).value
    return int(np.argmax(days.astype(np.int64) == wanted))


def _of_unit(unit: Unit, first: np.datetime64, end: np.datetime64) -> np.ndarray:
    """Edges from the beginning of the unit that has `first` to the end of the one that has `end`."""
    if unit in MONTHS:
        size = MONTHS[unit]
        months = [int(day.astype("datetime64[M]").astype(np.int64)) // size for day in (first, end)]
        return (np.arange(months[0], months[1] + 2) * size).astype("datetime64[M]").astype("datetime64[D]")
    low, high = int(first.astype(np.int64)), int(end.astype(np.int64))
    if unit == "day":
        return np.arange(low, high + 2).astype("datetime64[D]")
    monday = low - (low + 3) % 7  # day 0, 1 January 1970, was a Thursday
    return np.arange(monday, high + 8, 7).astype("datetime64[D]")
