"""The trials in which a factor is low, or high, and a level among them that knows where they end."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset.ranks import quantile_places, quantile_rank
from simrisk.measures.blocks import Blocks, normal
from simrisk.measures.estimates import MOST_ALIKE, Estimate, half_width
from simrisk.measures.sample import sparsity

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

    The value is that of a trial, as of every quantile. The interval reaches between the places, among the trials of
    the group, of `quantile_places` of as many independent trials as would know the share at or below it as well.
    Whole ranks would promise too much: of a tenth of a few thousand trials each is half a percent of the chance.

    Parameters
    ----------
    values : (n,), may hold +inf
    group : Group
    p : Fraction
        0 < p < 1
    blocks : Blocks, optional
        Of all the trials; default: they are independent.
    """
    own = np.sort(values[group.trials])
    m = len(own)
    at = own[quantile_rank(m, p) - 1]
    size = min(_worth(values <= at, group, float(p), blocks), _worth(values < at, group, float(p), blocks), MOST_ALIKE)
    low, high = ((m + 1) / (size + 1) * place for place in quantile_places(size, p))
    return Estimate(float(at), _between(own, low), _between(own, high))


def _between(ordered: np.ndarray, place: float) -> float:
    """The value at a place (1-based) between two of them; infinite before the first and after the last."""
    if place < 1:
        return -math.inf
    if place > len(ordered):
        return math.inf
    first, part = math.floor(place), place % 1
    low, high = float(ordered[first - 1]), float(ordered[min(first, len(ordered) - 1)])
    return low + part * (high - low) if part > 0 and high > low else low


def change_among(
    values: np.ndarray, groups: tuple[Group, Group], p: Fraction, blocks: Blocks | None = None
) -> float | None:
    """Half the width of the interval of a quantile among the second group minus that among the first.

    From what each trial moves in both. The ends of the two intervals will not do: each is a few order statistics away
    from the level and so as noisy as they are, which leaves one interval right, but makes sums of squares too large;
    and what moves both edges together would be lost.

    Returns
    -------
    float or None
        None where the influence says nothing, see `Sample.influence`.
    """
    first, last = (_influence(values, group, p) for group in groups)
    return None if first is None or last is None else half_width(last - first, blocks)


def _influence(values: np.ndarray, group: Group, p: Fraction) -> np.ndarray | None:
    """How far each trial moves a quantile among those of a group, (n,)."""
    own = values[group.trials]
    found = sparsity(own, p) if len(own) > 1 else None
    if found is None:
        return None
    at, rareness = found
    return -_of_share(values <= at, group, float(p)) * rareness


def _of_share(hits: np.ndarray, group: Group, p: float) -> np.ndarray:
    """How far each trial moves the share of the hits, about p, in a group, (n,).

    Where the factor ends its low tenth is known from trials as well. If that is a little too high, trials come in of
    which the share h is hit instead of p; so the share has the influence
    ([hit] - p) [in the group] + (h - p) (s - [in the group]), over the share s of the group (delta method).
    """
    share = group.size / len(hits)
    apart = 0.0 if group.edge is None else float(hits[group.edge].mean()) - p
    centre = float(hits[group.trials].mean())
    found: np.ndarray = np.where(group.trials, hits - centre + apart * (share - 1), apart * share) / share
    return found


def _worth(hits: np.ndarray, group: Group, p: float, blocks: Blocks | None) -> float:
    """How many independent trials would know the share of the hits, about p, in a group as well."""
    if blocks is None:
        share = group.size / len(hits)
        apart = 0.0 if group.edge is None else float(hits[group.edge].mean()) - p
        return group.size * p * (1 - p) / (p * (1 - p) + apart**2 * (1 - share))
    half = half_width(_of_share(hits, group, p), blocks)
    return p * (1 - p) * (normal() / half) ** 2 if half > 0 else MOST_ALIKE
