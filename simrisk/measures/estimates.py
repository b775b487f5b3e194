"""Estimates from trials with their 95 % Monte Carlo intervals: means, quantiles, shares.

Trials are independent, or drawn in `Blocks`: then what varies from block to block gives the interval. "Interval"
only ever means how far the figure may be from that of infinitely many trials. Unbounded ends are infinite, what cannot
be estimated (the mean of nothing, the interval of one trial) is nan.

`tail` is the chance of each end to be on the wrong side of the truth: 2.5 % unless another level is asked for.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset.ranks import TAIL, quantile_places, quantile_rank, quantile_ranks
from simrisk.measures.blocks import Blocks, normal, rare
from simrisk.special import betaincinv

LEAST_SKEWNESS = 1e-6  # below it a distribution is as good as symmetric
MOST_ALIKE = 1e12  # independent trials that a quantile is taken to be worth at most


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


def mean(values: np.ndarray, blocks: Blocks | None = None, tail: float = TAIL) -> Estimate:
    """Mean with its normal interval, mean +- z s / sqrt(n), or +- t times the error that the blocks show.

    Parameters
    ----------
    values : (n,) finite numbers
    blocks : Blocks, optional
        Of these values; default: they are independent.
    """
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    centre = float(values.mean(dtype=np.float64))
    if n == 1:
        return Estimate(centre, math.nan, math.nan)
    half = half_width(values if blocks is None else values - centre, blocks, tail)
    return Estimate(centre, centre - half, centre + half)


def half_width(influence: np.ndarray, blocks: Blocks | None = None, tail: float = TAIL) -> float:
    """Half the width of the interval of a figure: z times the error of the mean of its influence, or as blocks have it.

    Parameters
    ----------
    influence : (n,) finite numbers, n > 1
        How far each trial moves the figure, in first approximation (the delta method); their mean does not matter
        when trials are independent, in blocks it is 0.
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    if blocks is None:
        return normal(tail) * float(influence.std(ddof=1, dtype=np.float64)) / math.sqrt(len(influence))
    return float(blocks.half_width(influence, tail))


def sd(values: np.ndarray, blocks: Blocks | None = None, tail: float = TAIL) -> Estimate:
    """Standard deviation (n - 1) with its interval from that of the variance.

    The variance is the mean of squared deviations, which are far from normal: large variances come with large errors,
    and an interval of the same width on both sides misses the truth above too often. `unskewed` puts that right. In
    blocks the interval is that of the logarithm by the delta method, to the same end.

    Parameters
    ----------
    values : (n,) finite numbers
    blocks : Blocks, optional
        Of these values; default: they are independent.
    """
    n = len(values)
    if n < 2:
        return Estimate(math.nan, math.nan, math.nan)
    deviations = values - values.mean(dtype=np.float64)
    squares = np.square(deviations)
    variance = float(squares.sum()) / (n - 1)
    spread = math.sqrt(variance)
    if spread == 0:
        return Estimate(0.0, 0.0, 0.0)
    if blocks is None:
        below, above = unskewed(squares, tail)
        return Estimate(spread, math.sqrt(max(variance - below, 0.0)), math.sqrt(variance + above))
    factor = math.exp(float(blocks.half_width(squares - squares.mean(), tail)) / (2 * variance))
    return Estimate(spread, spread / factor, spread * factor)


def unskewed(influence: np.ndarray, tail: float = TAIL) -> tuple[float, float]:
    """How far the interval of a figure with this influence reaches down and up, its skewness taken into account.

    A cubic makes the studentized mean of skewed values as good as symmetric, and is inverted in closed form
    (Hall, Journal of the Royal Statistical Society B 54, 1992, 221-228, with a = 1/3 and b = 1/6).

    Parameters
    ----------
    influence : (n,) finite numbers, independent
    """
    n, centred = len(influence), influence - influence.mean()
    scale = math.sqrt(float(np.square(centred).mean()))
    error = scale / math.sqrt(n)
    scores = centred / scale if scale > 0 else centred
    skewness = float((scores * scores * scores).mean())  # as a power it takes ten times as long
    if abs(skewness) < LEAST_SKEWNESS:
        return normal(tail) * error, normal(tail) * error

    def root(score: float) -> float:
        """The studentized mean that the cubic takes to `score`."""
        inner = 1 + skewness * (score / math.sqrt(n) - skewness / (6 * n))
        return 3 * math.sqrt(n) / skewness * (float(np.cbrt(inner)) - 1)

    return root(normal(tail)) * error, -root(-normal(tail)) * error


def quantile(values: np.ndarray, p: Fraction, blocks: Blocks | None = None, tail: float = TAIL) -> Estimate:
    """The smallest value x such that at least the share `p` of all trials is <= x.

    That is the order statistic number ceil(p n): always the value of a trial, and numpy's
    ``method="inverted_cdf"``. +inf sorts last, so a quantile among unfinished trials is +inf.
    The interval is that of `enclosing_ranks`.

    Parameters
    ----------
    values : (n,), may hold +inf
    p : Fraction
        0 < p < 1, exact, so that no rounding moves the rank.
    blocks : Blocks, optional
        Of these values; default: they are independent.
    """
    n = len(values)
    if n == 0:
        return Estimate(math.nan, math.nan, math.nan)
    rank = quantile_rank(n, p)
    low, high = enclosing_ranks(values, p, blocks, tail)
    wanted = sorted({rank, max(low, 1), min(high, n)})
    ordered = np.partition(values, [k - 1 for k in wanted])
    return Estimate(
        float(ordered[rank - 1]),
        float(ordered[low - 1]) if low >= 1 else -math.inf,
        float(ordered[high - 1]) if high <= n else math.inf,
    )


def enclosing_ranks(
    values: np.ndarray, p: Fraction, blocks: Blocks | None = None, tail: float = TAIL
) -> tuple[int, int]:
    """Order statistics (1-based) that enclose the true `p` quantile; 0 and n + 1 say that no trial does.

    Those of `quantile_ranks` when trials are independent. In blocks nothing is exact: the ranks nearest to the
    `quantile_places` of as many independent trials as would know the share at or below the quantile as well, scaled to
    these, and never less than `rare` trials away.
    """
    n = len(values)
    if blocks is None or n == 0:
        return quantile_ranks(n, p, tail)
    found = np.partition(values, quantile_rank(n, p) - 1)[quantile_rank(n, p) - 1]
    # of equal values either end may be the nearer one
    worth = blocks.size(np.stack([values <= found, values < found], axis=-1), tail).min()
    size = min(float(worth), MOST_ALIKE)
    low, high = ((n + 1) / (size + 1) * place for place in quantile_places(size, p, tail))
    return (
        max(0, min(round(low), math.floor(p * n - Fraction(rare(tail))) + 1)),
        min(n + 1, max(round(high), math.ceil(p * n + Fraction(rare(tail))))),
    )


def share(hits: int, n: int) -> Estimate:
    """A probability from `hits` of `n` independent trials, with the exact interval of Clopper and Pearson.

    Clopper and Pearson, Biometrika 26 (1934) 404-413; the bounds are quantiles of beta distributions.
    Of no trials nothing is known: nan in [0, 1].
    """
    low, high = share_bounds(np.array([hits]), n)
    return Estimate(hits / n if n else math.nan, float(low[0]), float(high[0]))


def shares(
    hits: np.ndarray, blocks: Blocks | None = None, tail: float = TAIL
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Probabilities and their bounds from columns of trials, (k,) each.

    The intervals are those of `share`, in blocks those of as many independent trials as would know it as well, and
    never closer than `rare` / n.

    Parameters
    ----------
    hits : (n, k) bool
    blocks : Blocks, optional
        Of the trials; default: they are independent.
    """
    n, counts = len(hits), hits.sum(axis=0)
    value = counts / n if n else np.full(counts.shape, np.nan)
    if blocks is None or n == 0:
        return value, *share_bounds(counts, n, tail=tail)
    size = np.minimum(blocks.size(hits.astype(bool, copy=False), tail), MOST_ALIKE)
    low, high = share_bounds(counts, n, size, tail)
    room = rare(tail) / n
    sometimes = (counts > 0) & (counts < n)
    low[sometimes] = np.minimum(low, np.maximum(value - room, 0.0))[sometimes]
    high[sometimes] = np.maximum(high, np.minimum(value + room, 1.0))[sometimes]
    return value, low, high


def share_of(hits: np.ndarray, blocks: Blocks | None = None, tail: float = TAIL) -> Estimate:
    """A probability from trials, (n,) bool, as `shares` has it."""
    value, low, high = (float(figure[0]) for figure in shares(hits[:, None], blocks, tail))
    return Estimate(value, low, high)


def share_bounds(
    hits: np.ndarray, n: int, size: np.ndarray | None = None, tail: float = TAIL
) -> tuple[np.ndarray, np.ndarray]:
    """Bounds of Clopper and Pearson for many counts out of the same `n`, each of the shape of `hits`.

    With `size`, of that shape, those of the same shares of so many trials.
    """
    trials = np.full(hits.shape, float(n)) if size is None else size
    counts = hits * (trials / n) if size is not None else hits.astype(float)
    inner_low, inner_high = hits > 0, hits < n
    low, high = np.zeros(hits.shape), np.ones(hits.shape)
    some, of = counts[inner_low], trials[inner_low]
    low[inner_low] = betaincinv(some, of - some + 1, tail)
    some, of = counts[inner_high], trials[inner_high]
    high[inner_high] = betaincinv(some + 1, of - some, 1 - tail)
    return low, high
