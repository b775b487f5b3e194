"""The trials in which a factor is low, or high, and a level among them that knows where they end."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset.ranks import quantile_rank, quantile_ranks
from simrisk.measures import estimates
from simrisk.measures.blocks import Blocks, normal
from simrisk.measures.estimates import MOST_ALIKE, Estimate

TENTH = Fraction(1, 10)
ASIDE = Fraction(1, 100)  # of the trials, on either side of the edge of a group, that show how they are there
FIRM = 4  # standard errors that an edge may move within equal values without any trial changing its group


class Group(NamedTuple):
    """Trials in which a factor is low, or high.

    Parameters
    ----------
    trials : (n,) bool
    edge : (n,) bool or None
        Trials about the value with which the group ends; None when it is known exactly, as that of what happens or
        does not.
    """

    trials: np.ndarray
    edge: np.ndarray | None

    @property
    def size(self) -> int:
        """How many trials it has."""
        return int(self.trials.sum())


def tenths(values: np.ndarray) -> tuple[Group, Group] | None:
    """Trials in which a factor is low and in which it is high; None when it never varies.

    Low: at or below order statistic number ceil(n / 10), high: at or above number n + 1 - ceil(n / 10), equal values
    included. Where that is one and the same value, as of what happens in few trials, what lies below it is low and
    what lies above it is high; if there is nothing on one side, the value itself stands for it: a risk that happens in
    3 % of the trials has those as its high tenth, all others as its low one.

    Parameters
    ----------
    values : (n,)
    """
    n = len(values)
    if n == 0:
        return None
    k, aside = math.ceil(n * TENTH), math.ceil(n * ASIDE)
    ranks = [max(k - aside, 1), k, min(k + aside, n), max(n + 1 - k - aside, 1), n + 1 - k, min(n + 1 - k + aside, n)]
    found = np.partition(values, sorted({rank - 1 for rank in ranks}))[[rank - 1 for rank in ranks]]
    low, high = found[1], found[4]
    if low < high:
        edges = (_edge(values, found[:3]), _edge(values, found[3:]))
        return Group(values <= low, edges[0]), Group(values >= high, edges[1])
    below, above = values < low, values > low
    if not below.any():
        below = ~above
    elif not above.any():
        above = ~below
    return (Group(below, None), Group(above, None)) if below.any() and above.any() else None


def _edge(values: np.ndarray, around: np.ndarray) -> np.ndarray | None:
    """Trials between the outer two of three values, unless so many have the middle one that it is the edge for sure."""
    n, (first, at, last) = len(values), around
    share = float(TENTH)
    if (values == at).sum() > FIRM * math.sqrt(n * share * (1 - share)):
        return None
    found: np.ndarray = (values >= first) & (values <= last)
    return found


def level_among(values: np.ndarray, group: Group, p: Fraction, blocks: Blocks | None = None) -> Estimate:
    """A quantile among the trials of a group, with an interval that knows that the edge of the group is an estimate.

    Where the factor ends its low tenth is known from trials as well. If that is a little too high, trials come in of
    which the share h is at or below the quantile, instead of p; so the share at or below it has the influence
    (p - [x <= q]) [in the group] + (p - h) (s - [in the group]), over the share s of the group (delta method). The
    interval is made of the order statistics that as many independent trials would have that know the share as well.

    Parameters
    ----------
    values : (n,), may hold +inf
    group : Group
    p : Fraction
        0 < p < 1
    blocks : Blocks, optional
        Of all the trials; default: they are independent.
    """
    own = values[group.trials]
    if group.edge is None:
        return estimates.quantile(own, p, None if blocks is None else blocks[group.trials])
    n, m, rank = len(values), len(own), quantile_rank(len(own), p)
    at = np.partition(own, rank - 1)[rank - 1]
    size = min(_worth(values <= at, group, float(p), blocks), _worth(values < at, group, float(p), blocks), MOST_ALIKE)
    whole = max(1, round(size))
    low, high = quantile_ranks(whole, p)
    first, last = max(low * m // whole, 0), min(m + 1 - (whole + 1 - high) * m // whole, m + 1)
    ordered = np.partition(own, sorted({max(first, 1) - 1, min(last, m) - 1}))
    assert n >= m
    return Estimate(
        float(at),
        float(ordered[first - 1]) if first >= 1 else -math.inf,
        float(ordered[last - 1]) if last <= m else math.inf,
    )


def _worth(hits: np.ndarray, group: Group, p: float, blocks: Blocks | None) -> float:
    """How many independent trials would know the share of the hits in a group as well."""
    assert group.edge is not None
    n, m = len(hits), group.size
    share = m / n
    apart = p - float(hits[group.edge].mean())
    if blocks is None:
        return m * p * (1 - p) / (p * (1 - p) + apart**2 * (1 - share))
    influence = np.where(group.trials, hits[group.trials].mean() - hits + apart * (share - 1), apart * share)
    half = float(blocks.half_width(influence)) / share
    return p * (1 - p) * (normal() / half) ** 2 if half > 0 else MOST_ALIKE
