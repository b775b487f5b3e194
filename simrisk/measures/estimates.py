"""Estimates from independent trials with their 95 % Monte Carlo intervals: means, quantiles, shares.

"Interval" only ever means how far the figure may be from that of infinitely many trials. Unbounded
ends are infinite, what cannot be estimated (the mean of nothing, the interval of one trial) is nan.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset.ranks import TAIL, quantile_rank, quantile_ranks

Z = 1.959963984540054  # standard normal quantile of 1 - TAIL


class Estimate(NamedTuple):
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def half_width(self) -> float:
        """Half the width of the interval; inf when an end is unbounded, nan when there is no interval."""
        if math.isinf(self.low) or math.isinf(self.high):
            return math.inf
        return (self.high - self.low) / 2


def mean(values: np.ndarray) -> Estimate:
    """Mean with its normal interval, mean +- z s / sqrt(n).

    Parameters
    ----------
    values : (n,) finite numbers
    """
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    centre = float(values.mean(dtype=np.float64))
    if n == 1:
        return Estimate(centre, math.nan, math.nan)
    half = Z * float(values.std(ddof=1, dtype=np.float64)) / math.sqrt(n)
    return Estimate(centre, centre - half, centre + half)


def sd(values: np.ndarray) -> Estimate:
    """Standard deviation (n - 1) with its normal interval by the delta method.

    Var(s^2) = (m4 - s^4 (n - 3) / (n - 1)) / n, and the error of s is that of s^2 over 2 s
    (Kendall and Stuart, The Advanced Theory of Statistics, vol. 1, 1977, ch. 10).

    Parameters
    ----------
    values : (n,) finite numbers
    """
    n = len(values)
    if n < 2:
        return Estimate(math.nan, math.nan, math.nan)
    deviations = values - values.mean(dtype=np.float64)
    variance = float(np.square(deviations).sum()) / (n - 1)
    spread = math.sqrt(variance)
    if spread == 0:
        return Estimate(0.0, 0.0, 0.0)
    fourth = float(np.square(np.square(deviations)).mean())
    error = math.sqrt(max(fourth - variance**2 * (n - 3) / (n - 1), 0.0) / n) / (2 * spread)
    return Estimate(spread, max(spread - Z * error, 0.0), spread + Z * error)


def quantile(values: np.ndarray, p: Fraction) -> Estimate:
    """The smallest value x such that at least the share `p` of all trials is <= x.

    That is the order statistic number ceil(p n): always the value of a trial, and numpy's
    ``method="inverted_cdf"``. +inf sorts last, so a quantile among unfinished trials is +inf.
    The interval is that of `quantile_ranks`.

    Parameters
    ----------
    values : (n,), may hold +inf
    p : Fraction
        0 < p < 1, exact, so that no rounding moves the rank.
    """
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    rank = quantile_rank(n, p)
    low, high = quantile_ranks(n, p)
    wanted = sorted({rank, max(low, 1), min(high, n)})
    ordered = np.partition(values, [k - 1 for k in wanted])
    return Estimate(
        float(ordered[rank - 1]),
        float(ordered[low - 1]) if low >= 1 else -math.inf,
        float(ordered[high - 1]) if high <= n else math.inf,
    )


def share(hits: int, n: int) -> Estimate:
    """A probability from `hits` of `n` trials, with the exact interval of Clopper and Pearson.

    Clopper and Pearson, Biometrika 26 (1934) 404-413; the bounds are quantiles of beta distributions.
    Of no trials nothing is known: nan in [0, 1].
    """
    low, high = share_bounds(np.array([hits]), n)
    return Estimate(hits / n if n else math.nan, float(low[0]), float(high[0]))


def share_bounds(hits: np.ndarray, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of Clopper and Pearson for many counts out of the same `n`, each of the shape of `hits`."""
    from scipy.special import betaincinv

    inner_low, inner_high = hits > 0, hits < n
    low, high = np.zeros(hits.shape), np.ones(hits.shape)
    some = hits[inner_low].astype(float)
    low[inner_low] = betaincinv(some, n - some + 1, TAIL)
    some = hits[inner_high].astype(float)
    high[inner_high] = betaincinv(some + 1, n - some, 1 - TAIL)
    return low, high
