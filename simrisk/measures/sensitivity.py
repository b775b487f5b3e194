"""How much of the uncertainty of the finish comes with that of a task: cruciality and schedule sensitivity index."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column, remembered
from simrisk.measures import correlation, estimates, project
from simrisk.measures.blocks import Blocks
from simrisk.measures.correlation import UNKNOWN, magnitude
from simrisk.measures.estimates import Estimate, half_width


class Durations(NamedTuple):
    """A task in the trials that finished.

    Parameters
    ----------
    minutes : (n,) int
        From its start to its finish, working minutes.
    ran : (n,) bool
        Whether it did: it was not dropped.
    """

    minutes: np.ndarray
    ran: np.ndarray


def durations(run: Results, task: str) -> Durations:
    """How long a task took in each trial that finished."""
    done = project.finished(run)
    start, finish, dropped = (
        column(run, f"task_{what}", "task", task)[done] for what in ("start", "finish", "dropped")
    )
    return Durations(finish - start, (start >= 0) & (finish >= 0) & ~dropped)


class Sensitivity(NamedTuple):
    """Both figures of a task, and the share of all trials in which it ran to its end."""

    cruciality: Estimate
    ssi: Estimate
    share: float


def sensitivity_of(run: Results, task: str) -> Sensitivity:
    """Both figures of a task: its durations are worked out once."""

    def found() -> Sensitivity:
        taken = durations(run, task)
        share = float(taken.ran.sum()) / run.sizes["trial"]
        return Sensitivity(cruciality(run, task, taken), schedule_sensitivity(run, task, taken), share)

    return remembered(run, ("sensitivity", task), found)


def cruciality(run: Results, task: str, taken: Durations | None = None, *, ranked: bool = False) -> Estimate:
    """How closely the finish of the project goes with the duration of a task: the size of their correlation.

    Over the trials that finished and in which the task ran; nan when its duration, or the finish, never varies
    (Williams, Journal of the Operational Research Society 43, 1992, 353-357; Elmaghraby, European Journal of
    Operational Research 127, 2000, 220-238). The interval is that of `simrisk.measures.correlation`.

    Parameters
    ----------
    taken : Durations, optional
        Those of the task, if they are known.
    ranked : bool
        Spearman's correlation instead of Pearson's: the same for anything that grows with the duration.
    """
    taken, done = taken or durations(run, task), project.finished(run)
    blocks = project.finished_blocks(run)
    finish = run["project_finish"].values[done]
    of = correlation.spearman if ranked else correlation.pearson
    return magnitude(of(taken.minutes[taken.ran], finish[taken.ran], None if blocks is None else blocks[taken.ran]))


def schedule_sensitivity(run: Results, task: str, taken: Durations | None = None) -> Estimate:
    """Criticality of a task times the spread of its duration over the spread of the finish.

    The schedule sensitivity index (PMI, A Guide to the Project Management Body of Knowledge, 2004; Vanhoucke, Omega
    38, 2010, 416-426): large for a task that often sets the date and varies much. Over the trials that finished, the
    spread of the duration over those of them in which it ran; nan when the finish never varies.
    """
    done = project.finished(run)
    critical = column(run, "task_critical", "task", task)[done]
    return sensitivity_index(
        taken or durations(run, task), critical, run["project_finish"].values[done], project.finished_blocks(run)
    )


def sensitivity_index(
    taken: Durations, critical: np.ndarray, finish: np.ndarray, blocks: Blocks | None = None
) -> Estimate:
    """The index of one task from its trials.

    The interval comes from the delta method on the logarithm, in which the relative errors of the three figures add
    up with their signs. Of a task that never was critical it reaches from 0 to the upper end of its criticality times
    the ratio of the spreads.

    Parameters
    ----------
    taken : Durations
        (n,) each
    critical : (n,) bool
    finish : (n,) finite numbers
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    n, ran = len(finish), taken.ran
    if n < correlation.FEWEST_KNOWN or ran.sum() < correlation.FEWEST_KNOWN:
        return UNKNOWN
    own, whole = (np.square(x - x.mean(dtype=np.float64)) for x in (taken.minutes[ran], finish))
    if not whole.any():
        return UNKNOWN
    if not own.any():
        return Estimate(0.0, 0.0, 0.0)
    often = float(critical.mean())
    ratio = math.sqrt(own.sum() / (len(own) - 1) * (n - 1) / whole.sum())
    if n < correlation.FEWEST:
        return Estimate(often * ratio, math.nan, math.nan)
    if often == 0:
        return Estimate(0.0, 0.0, estimates.share_of(critical, blocks).high * ratio)
    influence = critical / often - 1 - (whole / whole.mean() - 1) / 2
    influence[ran] += (own / own.mean() - 1) / 2 * (n / len(own))
    factor = math.exp(half_width(influence, blocks))
    return Estimate(often * ratio, often * ratio / factor, often * ratio * factor)
