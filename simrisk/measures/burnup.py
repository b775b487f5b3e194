"""The burn-up: which share of the work is finished by each date, over the trials and in the plan without dice.

The work of a trial is the effort of all its tasks that are not dropped; a task counts with all of it when it is
finished and not before (the 0/100 rule of earned value: Fleming and Koppelman, Earned Value Project Management, 2010,
ch. 7). Rework that gates ask for is not counted. A trial that stands still stays where it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column
from simrisk.measures.blocks import Blocks, blocks_among
from simrisk.measures.estimates import Estimate, quantile
from simrisk.measures.moments import several_quantiles

MOST_TRIALS = 1 << 17  # that are looked at: so many know a share to 0.3 %, and whole Latin hypercubes fit in
MOST_DATES = 60


class Burnup(NamedTuple):
    """Share of the work that is finished by each of k minutes.

    Parameters
    ----------
    minutes : (k,) int64, ends of working days, ascending
    done : (k, n) float64
        Of each trial, from 0 to 1.
    plan : (k,) float64
        Without dice.
    blocks : Blocks, optional
        Of these trials.
    """

    minutes: np.ndarray
    done: np.ndarray
    plan: np.ndarray
    blocks: Blocks | None = None

    def level(self, place: int, p: Fraction) -> Estimate:
        """The share that has been reached by one of the minutes in all but `p` of the trials: its `p` quantile."""
        return quantile(self.done[place], p, self.blocks)

    def levels(self, shares: Sequence[Fraction]) -> np.ndarray:
        """Quantiles over the trials, (len(shares), k)."""
        return np.array([several_quantiles(of_date, shares) for of_date in self.done]).T


def dates(run: Results, most: int = MOST_DATES) -> np.ndarray:
    """Ends of at most `most` working days, evenly over the time in which nearly all trials end, and the deadline."""
    day_minutes, first = int(run.attrs["day_minutes"]), int(run.attrs["status_minute"])
    ends = run["project_end"].values.astype(np.float64)
    planned = float(run["baseline_finish"])
    last = max(several_quantiles(ends, [Fraction(19, 20)])[0], planned if np.isfinite(planned) else 0.0)
    last_day = max(-(-int(last) // day_minutes), first // day_minutes + 1)
    days = np.linspace(first // day_minutes, last_day, most)
    found = np.ceil(days).astype(np.int64) * day_minutes
    deadline = max(int(run.attrs.get("deadline_minute", 0)), int(found[0]))
    return np.unique(np.append(found, deadline))


def burnup(run: Results, minutes: np.ndarray | None = None) -> Burnup:
    """How the finished work grows, of the first `MOST_TRIALS` trials.

    The memory needed is that of 8 bytes a date and trial, whatever the number of tasks; time goes with trials x tasks.

    Parameters
    ----------
    minutes : (k,) int64, optional
        Ascending; default: `dates`.
    """
    minutes = dates(run) if minutes is None else minutes
    n = min(run.sizes["trial"], MOST_TRIALS)
    trials, whole = np.arange(n), np.zeros(n, np.int64)
    done = np.zeros((len(minutes) + 1, n), np.int64)  # the last row: later, or never
    for task in run["task"].values:
        finish = column(run, "task_finish", "task", task)[:n]
        kept = ~column(run, "task_dropped", "task", task)[:n].astype(bool)
        effort = np.where(kept, column(run, "task_effort", "task", task)[:n], 0)
        done[_places(minutes, finish), trials] += effort
        whole += effort
    shares = done.view(np.float64)  # in the memory of the minutes, a date after the other
    reached = np.zeros(n, np.int64)
    for minutes_done, share in zip(done, shares, strict=True):
        reached += minutes_done
        share[:] = _of_whole(reached, whole)
    blocks = blocks_among(run["trial"].values[:n], int(run.attrs["block"]))
    return Burnup(minutes, shares[:-1], _plan(run, minutes), blocks)


def _places(minutes: np.ndarray, finish: np.ndarray) -> np.ndarray:
    """The first of the minutes at which each is finished; their number when at none."""
    found: np.ndarray = np.where(finish < 0, len(minutes), np.searchsorted(minutes, finish))
    return found


def _plan(run: Results, minutes: np.ndarray) -> np.ndarray:
    effort = run["baseline_task_effort"].values.astype(np.int64)
    done = np.zeros(len(minutes) + 1, np.int64)
    np.add.at(done, _places(minutes, run["baseline_task_finish"].values), effort)
    return _of_whole(np.cumsum(done)[:-1], effort.sum())


def _of_whole(done: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Shares; of no work at all everything is done."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, done / whole, 1.0)
