"""How closely two quantities go together over the trials: Pearson's and Spearman's correlation with intervals.

The error is that of the delta method, whatever the joint distribution (Browne, British Journal of Mathematical and
Statistical Psychology 37, 1984, 62-83): durations are skewed and finishes are maxima of sums, so that the usual
1 / (n - 3) of normal pairs would promise too much. The interval is made on Fisher's scale, artanh r, on which the
error hardly depends on r (Fisher, Metron 1, 1921), and then taken back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from simrisk.measures.blocks import Blocks
from simrisk.measures.estimates import Estimate, half_width

FEWEST = 8  # of fewer trials the error is hardly known
FEWEST_KNOWN = 3  # two points always lie on a line
ONE = 1 - 1e-12  # correlations beyond it are 1 up to rounding

UNKNOWN = Estimate(math.nan, math.nan, math.nan)


def pearson(x: np.ndarray, y: np.ndarray, blocks: Blocks | None = None) -> Estimate:
    """Correlation of two quantities; nan when one of them never varies.

    Parameters
    ----------
    x, y : (n,) finite numbers
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    a, b = standard(x), standard(y)
    if a is None or b is None:
        return UNKNOWN
    products = a * b
    r = float(products.mean())
    return _on_fishers_scale(r, products - r * (np.square(a) + np.square(b)) / 2, blocks)


class Ranks(NamedTuple):
    """The ranks of a quantity, those of equal values their mean.

    Parameters
    ----------
    standard : (n,)
        With mean 0 and mean square 1.
    spread : float
        Of the ranks as shares of n.
    groups : (n,) int
        The number of each trial's value among the different ones.
    own : (n,)
        How far each trial moves the mean square of the ranks, in first approximation.
    """

    standard: np.ndarray
    spread: float
    groups: np.ndarray
    own: np.ndarray


def spearman(x: np.ndarray, y: np.ndarray, blocks: Blocks | None = None) -> Estimate:
    """Correlation of the ranks of two quantities, those of equal values their mean; nan when one never varies.

    Parameters
    ----------
    x, y : (n,) numbers, may hold +inf
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    return of_ranks(ranks(x), ranks(y), blocks)


def of_ranks(first: Ranks | None, second: Ranks | None, blocks: Blocks | None = None) -> Estimate:
    """The same from ranks, which can be kept where one quantity is compared with many.

    Ranks are estimates themselves, which the influence of a trial takes into account: it moves the ranks of all
    trials above it (Hoeffding, Annals of Mathematical Statistics 19, 1948, 293-325).
    """
    if first is None or second is None:
        return UNKNOWN
    a, b = first.standard, second.standard
    r = float((a * b).mean())
    both = a * b + _above(first.groups, b) / first.spread + _above(second.groups, a) / second.spread - 3 * r
    return _on_fishers_scale(r, both - r * (first.own + second.own - 6) / 2, blocks)


def ranks(values: np.ndarray) -> Ranks | None:
    """Ranks of a quantity, (n,) numbers, may hold +inf; None of fewer than three, or when they are all equal."""
    if len(values) < FEWEST_KNOWN or values.min() == values.max():
        return None
    _, groups, counts = np.unique(values, return_inverse=True, return_counts=True)
    shares = ((np.cumsum(counts) - counts / 2) / len(values) - 0.5)[groups]
    spread = math.sqrt(float(np.square(shares).mean()))
    scaled = shares / spread
    return Ranks(scaled, spread, groups, np.square(scaled) + 2 * _above(groups, scaled) / spread)


def _above(groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Mean over all trials of the weights of those with a larger value, of those with an equal one half; (n,)."""
    sums = np.bincount(groups, weights)
    found: np.ndarray = (sums.sum() - np.cumsum(sums) + sums / 2)[groups] / len(weights)
    return found


def magnitude(found: Estimate) -> Estimate:
    """The size of a figure that can have either sign; its interval reaches down to 0 where the sign is not known."""
    value, low, high = found
    if math.isnan(low) or low * high > 0:
        ends = sorted((abs(low), abs(high)))
        return Estimate(abs(value), *ends)
    return Estimate(abs(value), 0.0, max(-low, high))


def standard(values: np.ndarray) -> np.ndarray | None:
    """Centred, with mean square 1; None of fewer than three values, or when they are all equal."""
    if len(values) < FEWEST_KNOWN or values.min() == values.max():
        return None
    centred = values - values.mean(dtype=np.float64)
    scaled: np.ndarray = centred / math.sqrt(float(np.square(centred).mean()))
    return scaled


def _on_fishers_scale(r: float, influence: np.ndarray, blocks: Blocks | None) -> Estimate:
    """Interval of a correlation from the influence of each trial on it."""
    if len(influence) < FEWEST:
        return Estimate(r, math.nan, math.nan)
    if abs(r) >= ONE:
        one = math.copysign(1.0, r)
        return Estimate(one, one, one)
    half = half_width(influence, blocks) / (1 - r * r)
    return Estimate(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))
