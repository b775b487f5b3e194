"""The trials behind a figure: estimates from them at any level, and how far each of them moves the figure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from statistics import NormalDist
from typing import Literal

import numpy as np

from simrisk.dataset.ranks import TAIL, quantile_rank
from simrisk.measures import estimates
from simrisk.measures.blocks import Blocks
from simrisk.measures.estimates import Estimate

How = Literal["mean", "sd", "share"] | Fraction

_OF = {"mean": estimates.mean, "sd": estimates.sd, "share": estimates.share_of}


@dataclass(frozen=True, eq=False)
class Sample:
    """What a figure is estimated from, and how.

    Parameters
    ----------
    how : "mean", "sd", "share" or Fraction
        A fraction p stands for the p quantile.
    values : (m,) numbers, or bool for a share
        Of the trials in `among`; those of a quantile may be +inf.
    among : (n,) bool, optional
        Which trials of the run they are from; default: all.
    blocks : Blocks, optional
        Of all trials of the run; default: they are independent.
    """

    how: How
    values: np.ndarray
    among: np.ndarray | None = None
    blocks: Blocks | None = None

    @property
    def own_blocks(self) -> Blocks | None:
        """Blocks of the values."""
        return self.blocks if self.blocks is None or self.among is None else self.blocks[self.among]

    def estimate(self, tail: float = TAIL) -> Estimate:
        """The figure with the interval of which each end is wrong with the chance `tail`."""
        if isinstance(self.how, Fraction):
            return estimates.quantile(self.values, self.how, self.own_blocks, tail)
        return _OF[self.how](self.values, self.own_blocks, tail)

    def influence(self) -> np.ndarray | None:
        """How far each trial of the run moves the figure, (n,): their mean is its error, in first approximation.

        Zero for trials outside of `among`. None where that says nothing: the figure is not a number, or it is a
        quantile and the values next to it are all equal.
        """
        own = self._own_influence()
        if own is None or self.among is None:
            return own
        found = np.zeros(len(self.among))
        found[self.among] = own * (len(self.among) / len(own))
        return found

    def _own_influence(self) -> np.ndarray | None:
        if len(self.values) < 2:
            return None
        if isinstance(self.how, Fraction):
            return _of_quantile(self.values, self.how)
        centred: np.ndarray = self.values - self.values.mean(dtype=np.float64)
        if self.how != "sd":
            return centred
        squares = np.square(centred)
        spread = math.sqrt(float(squares.mean()))
        found: np.ndarray = (squares - squares.mean()) / (2 * spread) if spread else np.zeros(len(squares))
        return found


def _of_quantile(values: np.ndarray, p: Fraction) -> np.ndarray | None:
    """(p - [x <= q]) / f(q), with the density f at the quantile q.

    Bahadur, Annals of Mathematical Statistics 37 (1966) 577-580.
    """
    found = sparsity(values, p)
    if found is None:
        return None
    at, rareness = found
    return (float(p) - (values <= at)) * rareness


def sparsity(values: np.ndarray, p: Fraction, *, ordered: bool = False) -> tuple[float, float] | None:
    """A quantile q of values, and 1 / f(q), f their density there, from order statistics on both sides of it.

    Their distance is that of Hall and Sheather (Journal of the Royal Statistical Society B 50, 1988, 381-391).

    Parameters
    ----------
    values : (n,)
    p : Fraction
    ordered : bool
        Whether the values ascend.

    Returns
    -------
    tuple or None
        None when the quantile is not finite, or the values next to it are all equal.
    """
    n, rank = len(values), quantile_rank(len(values), p)
    aside = _bandwidth(n, float(p)) * n
    low, high = max(1, math.floor(rank - aside)), min(n, math.ceil(rank + aside))
    found = values if ordered else np.partition(values, [low - 1, rank - 1, high - 1])
    at = float(found[rank - 1])
    if not math.isfinite(found[high - 1]):  # trials that did not finish are near: the density of those below alone
        high = rank
    if high == low or not math.isfinite(at):
        return None
    rareness = float(found[high - 1] - found[low - 1]) * n / (high - low)
    return (at, rareness) if rareness > 0 else None


def _bandwidth(n: int, p: float) -> float:
    """Share of the values on each side of the p quantile from which its density is estimated, for 95 % intervals."""
    normal = NormalDist()
    z, x = normal.inv_cdf(1 - TAIL), normal.inv_cdf(p)
    density = normal.pdf(x)
    width: float = (z * z * 1.5 * density**2 / (n * (2 * x * x + 1))) ** (1 / 3)
    return width
