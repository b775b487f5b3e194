"""Blocks of trials drawn together: how well a figure is known when its trials are Latin hypercubes.

Within a block trials are not independent, whole blocks are: each is a Latin hypercube of its own. So how much blocks
differ says how far a figure may be from the truth, whatever the model does with the draws (Stein, Technometrics 29,
1987, 143-151).

A figure enters by its influence: one number a trial whose mean is how far the estimate is off, in first
approximation (the delta method). For a mean that is the value minus the mean.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

import numpy as np

from simrisk.dataset.ranks import TAIL
from simrisk.special import stdtrit

FEWEST = 8  # of fewer blocks the variance is hardly known
ROUNDING = 1e-10  # sums that differ by less, over the largest term, are equal


@dataclass(frozen=True)
class Blocks:
    """Which block each value was drawn in.

    Parameters
    ----------
    number : (n,) int64
        Of the block, from 0; equal to `whole` in blocks that are not complete, such as the last one.
    whole : int
        Complete blocks, whether or not any value comes from them.
    """

    number: np.ndarray
    whole: int

    def __getitem__(self, some: np.ndarray) -> Blocks:
        """The same for some of the values."""
        return Blocks(self.number[some], self.whole)

    def half_width(self, influence: np.ndarray, tail: float = TAIL) -> np.ndarray:
        """Half the width of the interval of a figure with this `influence`, (...) for (n, ...).

        The t quantile of the whole blocks times the error. Where the blocks agree exactly the interval leaves room for
        what was just not seen: one more value at the edge of those seen, by the rule of three.
        """
        half = _t_quantile(self.whole - 1, tail) * self.error(influence)
        return np.where(half > 0, half, rare(tail) * np.ptp(influence, axis=0) / len(influence))

    def error(self, influence: np.ndarray) -> np.ndarray:
        """Standard error of the mean of `influence`, (...) for (n, ...) of these values.

        The sums of whole blocks vary as they do. The trials of a part of a block are counted as if they were
        independent, which they are at worst: the variance of a Latin hypercube of n is never above n / (n - 1) of
        theirs (Owen, SIAM Journal on Numerical Analysis 34, 1997, 1884-1910).
        """
        n = len(influence)
        columns = influence.reshape(n, -1)
        sums = [np.bincount(self.number, column, self.whole + 1)[: self.whole] for column in columns.T]
        variance = self.whole * np.reshape(sums, (-1, self.whole)).var(axis=1, ddof=1)
        rest = self._members[-1]
        if rest:
            variance += rest * np.square(columns).mean(axis=0)
        variance[np.sqrt(variance) < ROUNDING * np.abs(columns).max(axis=0)] = 0.0
        error: np.ndarray = np.sqrt(variance).reshape(influence.shape[1:]) / n
        return error

    def size(self, hits: np.ndarray, tail: float = TAIL) -> np.ndarray:
        """How many independent trials would know a share as well, (...) for (n, ...) bool; inf when the blocks agree.

        The t quantile is in it, so that the intervals of that many trials are those of these blocks (Korn and Graubard,
        Survey Methodology 24, 1998, 193-201). What always or never happened is known as well as by independent trials.
        """
        n, members = len(hits), self._members
        counts = [np.bincount(self.number[column], minlength=self.whole + 1) for column in hits.reshape(n, -1).T]
        found = np.reshape(counts, (-1, self.whole + 1))
        share = found.sum(axis=1) / n
        influence = found[:, :-1] - share[:, None] * members[:-1]
        variance = self.whole * influence.var(axis=1, ddof=1) + members[-1] * share * (1 - share)
        variance[variance < ROUNDING**2] = 0.0
        with np.errstate(divide="ignore", invalid="ignore"):
            size = share * (1 - share) * np.square(n * normal(tail) / _t_quantile(self.whole - 1, tail)) / variance
        return np.where((share == 0) | (share == 1), float(n), size).reshape(hits.shape[1:])

    @cached_property
    def _members(self) -> np.ndarray:
        """How many of the values are in each whole block, and in none, (whole + 1,)."""
        return np.bincount(self.number, minlength=self.whole + 1)


@lru_cache(maxsize=8)
def blocks_of(n: int, block: int) -> Blocks | None:
    """Blocks of trials 0 to ``n - 1``, so many together; None when they are taken as independent.

    They are when each is drawn on its own, and when there are too few blocks to say how they vary. The intervals of
    independent trials are then too wide rather than too narrow, see `Blocks.error`.
    """
    return blocks_among(np.arange(n), block)


def blocks_among(trials: np.ndarray, block: int) -> Blocks | None:
    """The same for some trials of a run, given by their numbers."""
    if block <= 1 or len(trials) < FEWEST * block:
        return None
    _, place, count = np.unique(trials // block, return_inverse=True, return_counts=True)
    complete = count == block
    whole = int(complete.sum())
    if whole < FEWEST:
        return None
    return Blocks(np.where(complete, np.cumsum(complete) - 1, whole)[place], whole)


def rare(tail: float = TAIL) -> float:
    """The rule of three, on two sides: what never happened in n trials has a chance below `rare` / n."""
    return -math.log(tail)


@lru_cache(maxsize=64)
def normal(tail: float = TAIL) -> float:
    """Standard normal quantile of 1 - `tail`."""
    return NormalDist().inv_cdf(1 - tail)


@lru_cache(maxsize=64)
def _t_quantile(freedom: int, tail: float) -> float:
    return float(stdtrit(freedom, 1 - tail))
