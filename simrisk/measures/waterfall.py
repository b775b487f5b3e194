"""From the planned finish to a level of the finish in steps, one for each cause on the driving chain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simrisk.dataset import Results
from simrisk.dataset.ranks import quantile_rank
from simrisk.measures import project
from simrisk.measures.blocks import Blocks
from simrisk.measures.drivers import P80
from simrisk.measures.estimates import Estimate, enclosing_ranks
from simrisk.measures.figure import Measure, figure_of
from simrisk.measures.metrics import measure
from simrisk.measures.project import ratios

WINDOW = Fraction(1, 40)  # of all trials, on either side of the level


@dataclass(frozen=True)
class Step:
    """What one cause adds to the planned finish.

    Parameters
    ----------
    cause : str
    planned, expected : int
        Working minutes of it in the chain without dice, and in those at the level.
    change : Measure
        The second minus the first; a duration.
    """

    cause: str
    planned: int
    expected: int
    change: Measure


@dataclass(frozen=True)
class Waterfall:
    """The way from the planned finish to a level of the finish.

    Parameters
    ----------
    plan, level : Measure
        Finishes.
    steps : tuple of Step
        One for each cause, in the order of `cause`; their minutes add up to the level minus the plan exactly.
    trials : int
        How many trials around the level say what their chains are made of.
    """

    plan: Measure
    level: Measure
    steps: tuple[Step, ...]
    trials: int


def waterfall(run: Results, p: Fraction = P80) -> Waterfall | None:
    """What makes a level of the finish later, or earlier, than the plan without dice.

    A chain adds up to the finish of its trial, so the chains of the trials that finish about then say what the level
    is made of: a cause has the share of the level that it has in those chains. Those are the trials between the
    ends of the interval of the level, and at least 2.5 % of all trials on either side of it. What is left when
    minutes are rounded goes to the causes with the largest remainders.

    The interval of a step has both errors in it, as independent: that of the share (see `ratios`) and that of the
    level.

    Returns
    -------
    Waterfall or None
        None when the level, or the plan, is beyond the horizon.
    """
    plan, level = measure(run, "baseline.finish"), measure(run, f"finish.p{float(100 * p):g}")
    if plan.value is None or level.value is None:
        return None
    blocks = project.blocks(run)
    window = around(run["project_finish"].values, p, blocks)
    shares = ratios(run["chain_minutes"].values[window], None if blocks is None else blocks[window])
    expected = apportioned(int(level.value), shares.value)
    planned = run["baseline_chain_minutes"].values.tolist()
    steps = []
    for i, cause in enumerate(run["cause"].values.tolist()):
        share = Estimate(*(float(ends[i]) for ends in shares))
        known = changed(expected[i] - planned[i], share, level)
        steps.append(Step(cause, planned[i], expected[i], figure_of(run, cause, "duration", known)))
    return Waterfall(plan, level, tuple(steps), int(window.sum()))


def around(finish: np.ndarray, p: Fraction, blocks: Blocks | None = None) -> np.ndarray:
    """Trials about as late as a level, (n_trials,) bool: those of its interval, and `WINDOW` on either side.

    Trials that did not finish are none of them.
    """
    n = len(finish)
    rank, aside = quantile_rank(n, p), math.ceil(n * WINDOW)
    low, high = enclosing_ranks(finish, p, blocks)
    first, last = max(min(low, rank - aside), 1), min(max(high, rank + aside), n)
    ordered = np.partition(finish, (first - 1, last - 1))
    found: np.ndarray = (finish >= ordered[first - 1]) & (finish <= ordered[last - 1]) & np.isfinite(finish)
    return found


def apportioned(whole: int, shares: np.ndarray) -> list[int]:
    """Parts in whole numbers that add up to `whole`; what is missing goes to the largest remainders (Hamilton)."""
    if whole == 0:
        return [0] * len(shares)
    exact = shares * whole
    parts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - parts), kind="stable")
    parts[order[: whole - int(parts.sum())]] += 1
    found: list[int] = parts.tolist()
    return found


def changed(minutes: int, share: Estimate, level: Measure) -> Estimate:
    """The step of a cause with the share that it has of a level, and its interval."""
    assert level.value is not None
    ends = []
    for end, of_share, sign in ((level.low, share.low, -1), (level.high, share.high, 1)):
        if end is None:
            ends.append(sign * math.inf if share.value > 0 else float(minutes))
        else:
            of_level = share.value * (end - level.value)
            ends.append(minutes + sign * math.hypot(level.value * (of_share - share.value), of_level))
    return Estimate(float(minutes), *ends)
