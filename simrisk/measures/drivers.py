"""What moves the date and the cost: a level of them when a factor is low and when it is high, and rank correlations.

Both are conditional: they say how the trials in which something was large differ from those in which it was small.
What removing it would give is another question, which a run without it answers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, NamedTuple

import numpy as np

from simrisk.dataset import Results, remembered
from simrisk.dataset.ranks import TAIL
from simrisk.measures import correlation, project
from simrisk.measures.blocks import normal
from simrisk.measures.correlation import Ranks, ranks
from simrisk.measures.estimates import Estimate
from simrisk.measures.factors import Factor, factor_values, factors, had_its_time, level_with_time
from simrisk.measures.figure import Measure, among_stopped, figure_of
from simrisk.measures.metrics import measure
from simrisk.measures.tenths import Group, among, change_among, level_among, tenths

Of = Literal["finish", "cost"]

P80 = Fraction(4, 5)
FEWEST = 20  # trials of a group of which anything is sure


@dataclass(frozen=True)
class Swing:
    """A level among the trials in which a factor is low, and among those in which it is high.

    Parameters
    ----------
    factor : Factor
    low, high : Measure
        The level in either group, with the interval of `level_among`.
    n_low, n_high : int
        Trials in the groups.
    change : Measure
        The second minus the first, a duration or money; its interval is that of `change_among`, or of `difference`
        where that has none or an end is unbounded.
    is_noise : bool
        Chance alone may have moved the level so far, see `may_be_chance`.
    """

    factor: Factor
    low: Measure
    high: Measure
    n_low: int
    n_high: int
    change: Measure
    is_noise: bool

    @property
    def size(self) -> float:
        """How far it moves the level; inf when it moves it beyond the horizon."""
        if self.low.value is None or self.high.value is None:
            return 0.0 if self.low.value is None and self.high.value is None else math.inf
        return abs(self.high.value - self.low.value)


def tornado(run: Results, of: Of = "finish", p: Fraction = P80) -> tuple[Swing, ...]:
    """How far each factor moves a level of the finish or the cost, the largest first, those that may be noise last.

    For each factor the level is taken among the trials in which it is in its low tenth, and among those in which it is
    in its high tenth (see `tenths`). All trials count; those that did not finish are late and costly, as everywhere.
    Factors that never vary are left out.

    Parameters
    ----------
    run : xarray.Dataset
    of : "finish" or "cost"
    p : Fraction
        The level, 0 < p < 1.
    """
    return remembered(run, ("tornado", p), lambda: _tornadoes(run, p))[of]


def _tornadoes(run: Results, p: Fraction) -> dict[Of, tuple[Swing, ...]]:
    """That of the finish and that of the cost: the groups are those of both, and take longest to find."""
    found: dict[Of, list[Swing]] = {"finish": [], "cost": []}
    for factor in factors(run):
        contrast = _contrast(run, factor, p)
        if contrast is not None:
            for of, some in found.items():
                some.append(_moved(run, contrast, of))
    made: dict[Of, tuple[Swing, ...]] = {}
    for of, some in found.items():
        marked = [replace(one, is_noise=may_be_chance(one, len(some))) for one in some]
        made[of] = tuple(sorted(marked, key=lambda one: (one.is_noise, -one.size)))
    return made


class _Contrast(NamedTuple):
    """The trials in which a factor is low, and in which it is high.

    Parameters
    ----------
    factor : Factor
    fair : (n_trials,) bool or None
        The trials that are looked at; None: all of them.
    groups : pair of Group
        Of those.
    p : Fraction
        The level among them.
    """

    factor: Factor
    fair: np.ndarray | None
    groups: tuple[Group, Group]
    p: Fraction


def anything_moves(run: Results) -> bool:
    """Whether P80 is a date, and there is a factor that varies."""
    if measure(run, "finish.p80").value is None:
        return False
    return any(tenths(factor_values(run, factor)) is not None for factor in factors(run))


def swing(run: Results, factor: Factor, of: Of = "finish", p: Fraction = P80) -> Swing | None:
    """How far one factor moves a level; None when it never varies.

    Trials that end before the planned finish have had less time for absence and departures: of those factors the groups
    are of the others, at the level of `level_with_time`.
    """
    contrast = _contrast(run, factor, p)
    return None if contrast is None else _moved(run, contrast, of)


def _contrast(run: Results, factor: Factor, p: Fraction) -> _Contrast | None:
    fair = had_its_time(run, factor)
    level = p if fair is None else level_with_time(fair, p)
    if level is None:
        return None
    drawn = factor_values(run, factor)
    groups = tenths(drawn if fair is None else drawn[fair])
    return None if groups is None else _Contrast(factor, fair, groups, level)


def _moved(run: Results, contrast: _Contrast, of: Of) -> Swing:
    factor, fair, groups, p = contrast
    values, blocks = run[f"project_{of}"].values, project.blocks(run)
    stopped = run["project_outcome"].values == project.STOPPED
    if fair is not None:
        values, stopped, blocks = values[fair], stopped[fair], None if blocks is None else blocks[fair]
    both = among(values, groups[0]), among(values, groups[1])
    low, high = (level_among(found, p, blocks) for found in both)
    marked = []
    for group, found in zip(groups, (low, high), strict=True):
        end = figure_of(run, of, "finish" if of == "finish" else "money", found)
        if stopped.any():
            some = group.trials
            end = among_stopped(end, p, values[some], stopped[some], None if blocks is None else blocks[some])
        marked.append(end)
    half = change_among(both, p, blocks) if np.isfinite((*low, *high)).all() else None
    apart = high.value - low.value
    between = difference(high, low) if half is None else Estimate(apart, apart - half, apart + half)
    change = figure_of(run, of, "duration" if of == "finish" else "money", between)
    made = Swing(factor, marked[0], marked[1], groups[0].size, groups[1].size, change, is_noise=True)
    return replace(made, is_noise=may_be_chance(made))


def may_be_chance(made: Swing, factors: int = 1) -> bool:
    """Whether so much can be chance where so many factors were looked at.

    Of a hundred factors without any influence five have a 95 % interval without 0 in it. So the interval is widened
    until that happens to any of them in 5 % of all runs at most (Bonferroni), by the ratio of the normal quantiles.
    Where a level is beyond the horizon at one end alone, the intervals of both must not meet; and with fewer than
    `FEWEST` trials in a group nothing is sure.
    """
    if min(made.n_low, made.n_high) < FEWEST:
        return True
    value, low, high = made.change.value, made.change.low, made.change.high
    if made.low.beyond_horizon != made.high.beyond_horizon:
        there, beyond = (made.low, made.high) if made.high.beyond_horizon else (made.high, made.low)
        return there.high is None or (beyond.low is not None and beyond.low <= there.high)  # None: beyond as well
    if value is None or value == 0:
        return True
    end = low if value > 0 else high
    return end is None or abs(value) <= abs(value - end) * normal(TAIL / factors) / normal(TAIL)


def difference(one: Estimate, other: Estimate) -> Estimate:
    """One figure minus another from different trials, with the interval that theirs make.

    Each end lies as far out as the errors on that side add up to, as squares (Zou and Donner, Statistics in Medicine
    27, 2008, 1693-1702): right for intervals that reach further to one side than to the other.
    """
    value = one.value - other.value
    low = value - math.hypot(one.value - one.low, other.high - other.value)
    high = value + math.hypot(one.high - one.value, other.value - other.low)
    if math.isfinite(value):
        return Estimate(value, low if math.isfinite(low) else -math.inf, high if math.isfinite(high) else math.inf)
    return Estimate(value, -math.inf, math.inf)


def rank_correlation(run: Results, factor: Factor, of: Of = "finish") -> Estimate:
    """Spearman's correlation of a factor with the finish or the cost, over all trials; those not finished come last.

    Of absence and departures over the trials that had time for all of it.
    """
    return rank_correlations(run, (factor,), of)[0]


def rank_correlations(run: Results, several: Iterable[Factor], of: Of = "finish") -> list[Estimate]:
    """The same of several factors; the finish is ranked once."""
    values, blocks = run[f"project_{of}"].values, project.blocks(run)
    ranked: dict[bool, Ranks | None] = {}
    found = []
    for factor in several:
        fair = had_its_time(run, factor)
        some = slice(None) if fair is None else fair
        if (fair is None) not in ranked:
            ranked[fair is None] = ranks(values[some])
        own = None if blocks is None else blocks if fair is None else blocks[fair]
        found.append(correlation.of_ranks(ranks(factor_values(run, factor)[some]), ranked[fair is None], own))
    return found
