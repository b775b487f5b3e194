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
        return int(np.count_nonzero(self.trials))


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


class Among(NamedTuple):
    """A figure of all trials, and of those of a group.

    Parameters
    ----------
    values : (n,), may hold +inf
        Of all.
    group : Group
    ordered : (m,)
        Those of the group, ascending.
    """

    values: np.ndarray
    group: Group
    ordered: np.ndarray


def among(values: np.ndarray, group: Group) -> Among:
    """A figure of all trials, (n,), as it is in a group."""
    return Among(values, group, np.sort(values[group.trials]))


def level_among(found: Among, p: Fraction, blocks: Blocks | None = None) -> Estimate:
    """A quantile among the trials of a group, with an interval that knows that the edge of the group is an estimate.

    The value is that of a trial, as of every quantile. The interval reaches between the places, among the trials of
    the group, of `quantile_places` of as many independent trials as would know the share at or below it as well.
    Whole ranks would promise too much: of a tenth of a few thousand trials each is half a percent of the chance.

    Parameters
    ----------
    found : Among
    p : Fraction
        0 < p < 1
    blocks : Blocks, optional
        Of all the trials; default: they are independent.
    """
    own = found.ordered
    m = len(own)
    at = own[quantile_rank(m, p) - 1]
    size = min(*(_worth(found, at, float(p), blocks, ties=ties) for ties in (True, False)), MOST_ALIKE)
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


def change_among(both: tuple[Among, Among], p: Fraction, blocks: Blocks | None = None) -> float | None:
    """Half the width of the interval of a quantile among the second group minus that among the first.

    From what each trial moves in both. The ends of the two intervals will not do: each is a few order statistics away
    from the level and so as noisy as they are, which leaves one interval right, but makes sums of squares too large;
    and what moves both edges together would be lost.

    Parameters
    ----------
    both : pair of Among
        No trial is in both groups.

    Returns
    -------
    float or None
        None where the influence says nothing, see `Sample.influence`.
    """
    first, last = (_influence(found, p) for found in both)
    if first is None or last is None:
        return None
    if blocks is not None:
        return half_width(last.of_trials() - first.of_trials(), blocks)
    inside = first.counts + last.counts
    counts = np.array([*first.counts, *last.counts, first.n - sum(inside)])
    apart = np.array(
        [
            last.outside - first.below,
            last.outside - first.above,
            last.below - first.outside,
            last.above - first.outside,
            last.outside - first.outside,
        ]
    )
    squares = np.square(apart - (counts * apart).sum() / first.n)
    return normal() * math.sqrt(float((counts * squares).sum()) / (first.n - 1) / first.n)


class _Influence(NamedTuple):
    """How far a trial moves a figure of a group: only three numbers, whatever its values.

    Parameters
    ----------
    below, above, outside : float
        By a trial of the group that is at or below the level in question, by one above it, by one of no group.
    counts : (int, int)
        How many of the first two there are.
    found : Among
    at : float
        The level.
    ties : bool
        Whether the first are at it or below; else they are below it.
    """

    below: float
    above: float
    outside: float
    counts: tuple[int, int]
    found: Among
    at: float
    ties: bool

    @property
    def n(self) -> int:
        """How many trials there are."""
        return len(self.found.values)

    def of_trials(self) -> np.ndarray:
        """The same trial by trial, (n,)."""
        values = self.found.values
        inside = np.where(values <= self.at if self.ties else values < self.at, self.below, self.above)
        return np.where(self.found.group.trials, inside, self.outside)


def _influence(found: Among, p: Fraction) -> _Influence | None:
    """How far each trial moves a quantile among those of a group."""
    own = found.ordered
    known = sparsity(own, p, ordered=True) if len(own) > 1 else None
    if known is None:
        return None
    at, rareness = known
    moves = _of_share(found, at, float(p))
    return moves._replace(**{part: -getattr(moves, part) * rareness for part in ("below", "above", "outside")})


def _of_share(found: Among, at: float, p: float, *, ties: bool = True) -> _Influence:
    """How far each trial moves the share, about p, of those at or below a value in a group; without `ties` below it.

    Where the factor ends its low tenth is known from trials as well. If that is a little too high, trials come in of
    which the share h is hit instead of p; so the share has the influence
    ([hit] - p) [in the group] + (h - p) (s - [in the group]), over the share s of the group (delta method).
    """
    own, n = found.ordered, len(found.values)
    share, apart = len(own) / n, _apart(found, at, p, ties=ties)
    hits = int(np.searchsorted(own, at, "right" if ties else "left"))
    centre = hits / len(own)
    below, above = ((hit - centre + apart * (share - 1)) / share for hit in (1.0, 0.0))
    return _Influence(below, above, apart, (hits, len(own) - hits), found, at, ties)


def _apart(found: Among, at: float, p: float, *, ties: bool) -> float:
    """How much more of the trials about the edge of a group than the share p are at or below a value, or below it."""
    if found.group.edge is None:
        return 0.0
    near = found.values[found.group.edge]
    return float((near <= at if ties else near < at).mean()) - p


def _worth(found: Among, at: float, p: float, blocks: Blocks | None, *, ties: bool) -> float:
    """How many independent trials would know the share, about p, at or below a value in a group as well."""
    if blocks is None:
        m, apart = len(found.ordered), _apart(found, at, p, ties=ties)
        return m * p * (1 - p) / (p * (1 - p) + apart**2 * (1 - m / len(found.values)))
    moves = _of_share(found, at, p, ties=ties)
    half = half_width(moves.of_trials(), blocks)
    return p * (1 - p) * (normal() / half) ** 2 if half > 0 else MOST_ALIKE
