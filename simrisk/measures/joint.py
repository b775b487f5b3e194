"""Date and cost together: what pairs of them are kept, in the same trial, with a given chance.

A chance of 70 % of both is what the Joint Cost and Schedule Confidence Level of NASA asks for (NASA Cost Estimating
Handbook 4.0, 2015, appendix J; GAO, Cost Estimating and Assessment Guide, GAO-20-195G, 2020).
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import estimates, project
from simrisk.measures.estimates import Estimate

LEVEL = Fraction(7, 10)


@dataclass(frozen=True)
class Frontier:
    """Pairs of a finish and a cost that are both kept with a chance of `level`, and no pair that is better in both.

    Parameters
    ----------
    level : Fraction
    finish : (n_points,) working minutes, ascending
    cost : (n_points,) money, descending
        The smallest cost such that at least `level` of all trials finish by `finish` and cost no more; it holds
        until the next finish. Both are empty when fewer trials finish.
    finish_share, cost_share : (n_points,)
        Share of all trials that finish by then, and that cost no more: how sure each is on its own.
    """

    level: Fraction
    finish: np.ndarray
    cost: np.ndarray
    finish_share: np.ndarray
    cost_share: np.ndarray

    @property
    def even(self) -> int:
        """The point whose date and cost are most nearly equally sure, the earliest of several."""
        return int(np.argmin(np.abs(self.finish_share - self.cost_share)))


def joint_frontier(run: Results, level: Fraction = LEVEL) -> Frontier:
    """All pairs (finish, cost) with P(finish <= its finish and cost <= its cost) >= `level`, of the trials as they are.

    Trials enter in the order of their finish; the cost is the k-th smallest among those that have entered, k being
    ceil(level n). What did not finish never enters.
    """
    finish, cost, n = run["project_finish"].values, run["project_cost"].values, run.sizes["trial"]
    k = max(math.ceil(level * n), 1)
    order = np.argsort(finish, kind="stable")[: int(np.isfinite(finish).sum())]
    if len(order) < k:
        nothing = np.empty(0)
        return Frontier(level, nothing, nothing, nothing, nothing)
    at, costs = finish[order], cost[order]
    smallest = (-costs[:k]).tolist()  # of those that have entered the k smallest costs, the largest on top
    heapq.heapify(smallest)
    moments, limits = [at[k - 1]], [-smallest[0]]
    for moment, its_cost in zip(at[k:].tolist(), costs[k:].tolist(), strict=True):
        if its_cost < -smallest[0]:
            heapq.heapreplace(smallest, -its_cost)
        if moment == moments[-1]:
            limits[-1] = -smallest[0]
        elif -smallest[0] < limits[-1]:
            moments.append(moment)
            limits.append(-smallest[0])
    points, most = np.array(moments), np.array(limits)
    by_then = np.searchsorted(at, points, side="right") / n
    no_more = np.searchsorted(np.sort(costs), most, side="right") / n
    return Frontier(level, points, most, by_then, no_more)


def joint_cost(run: Results, minute: float, level: Fraction = LEVEL) -> Estimate:
    """The cost that is kept together with a finish by `minute` with a chance of `level`, with its interval.

    A quantile of a sample in which what finishes later is infinite, so its interval is exact.
    """
    sample = np.where(run["project_finish"].values <= minute, run["project_cost"].values, np.inf)
    return estimates.quantile(sample, level, project.blocks(run))


def joint_chance(run: Results, minute: float, cost: float) -> Estimate:
    """The chance to finish by `minute` and cost no more than `cost`, both in the same trial."""
    kept = (run["project_finish"].values <= minute) & (run["project_cost"].values <= cost)
    return estimates.share_of(kept, project.blocks(run))


class Quadrant(NamedTuple):
    """Share of all trials on one side of each target that there is; None: there is no such target."""

    on_time: bool | None
    in_budget: bool | None
    share: Estimate


def quadrants(run: Results) -> tuple[Quadrant, ...]:
    """How often deadline and budget are kept or not, together; they add up to 1.

    One part without either target, two with one of them, else four: on time in budget, on time over budget, late in
    budget, late over budget. What did not finish is late and over budget.
    """
    blocks, n = project.blocks(run), run.sizes["trial"]
    everything = np.ones(n, dtype=bool)
    on_time = project.on_time(run) if "deadline_minute" in run.attrs else None
    in_budget = project.in_budget(run) if "budget_limit_cents" in run.attrs else None
    found = []
    for early in (None,) if on_time is None else (True, False):
        for cheap in (None,) if in_budget is None else (True, False):
            hits = everything
            if on_time is not None and early is not None:
                hits = hits & (on_time == early)
            if in_budget is not None and cheap is not None:
                hits = hits & (in_budget == cheap)
            found.append(Quadrant(early, cheap, estimates.share_of(hits, blocks)))
    return tuple(found)
