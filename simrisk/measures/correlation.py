"""How closely two quantities go together over the trials: Pearson's and Spearman's correlation with intervals.

The error is that of the delta method, whatever the joint distribution (Browne, British Journal of Mathematical and
Statistical Psychology 37, 1984, 62-83): durations are skewed and finishes are maxima of sums, so that the usual
1 / (n - 3) of normal pairs would promise too much. The interval is made on Fisher's scale, artanh r, on which the
error hardly depends on r (Fisher, Metron 1, 1921), and then taken back.
"""

from __future__ import annotations

import math

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


def spearman(x: np.ndarray, y: np.ndarray, blocks: Blocks | None = None) -> Estimate:
    """Correlation of the ranks of two quantities, those of equal values their mean; nan when one never varies.

    Ranks are estimates themselves, which the influence of a trial takes into account: it moves the ranks of all
    trials above it (Hoeffding, Annals of Mathematical Statistics 19, 1948, 293-325).

    Parameters
    ----------
    x, y : (n,) numbers, may hold +inf
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    first, second = _ranked(x), _ranked(y)
    if first is None or second is None:
        return UNKNOWN
    (a, spread_a, groups_a), (b, spread_b, groups_b) = first, second
    r = float((a * b).mean())
    both = a * b + _above(groups_a, b) / spread_a + _above(groups_b, a) / spread_b - 3 * r
    own = np.square(a) + 2 * _above(groups_a, a) / spread_a + np.square(b) + 2 * _above(groups_b, b) / spread_b - 6
    return _on_fishers_scale(r, both - r * own / 2, blocks)


def _ranked(values: np.ndarray) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Ranks with mean 0 and mean square 1, their spread as shares of n, and the number of each trial's value."""
    if len(values) < FEWEST_KNOWN or values.min() == values.max():
        return None
    _, groups, counts = np.unique(values, return_inverse=True, return_counts=True)
    shares = ((np.cumsum(counts) - counts / 2) / len(values) - 0.5)[groups]
    spread = math.sqrt(float(np.square(shares).mean()))
    return shares / spread, spread, groups


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
