"""How far apart two quantiles are: of two samples from the same trials, or of two runs.

The interval is by the delta method, from how far each trial moves either quantile (`Sample.influence`), so that trials
that are late in both samples cancel out.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import estimates, project
from simrisk.measures.blocks import Blocks
from simrisk.measures.estimates import Estimate
from simrisk.measures.sample import Sample

UNKNOWN = Estimate(math.nan, math.nan, math.nan)


def between_quantiles(
    first: np.ndarray, second: np.ndarray, p: Fraction, *, paired: bool, blocks: Blocks | None = None
) -> Estimate:
    """The `p` quantile of `second` minus that of `first`, with its 95 % interval.

    Parameters
    ----------
    first, second : (n,), (m,), may hold +inf
    p : Fraction
        0 < p < 1.
    paired : bool
        Value k of both comes from the same trial; then n = m.
    blocks : Blocks, optional
        Of the trials of paired samples; default: they are independent.

    Returns
    -------
    Estimate
        nan where a quantile is infinite; an interval without ends where one of theirs has none.
    """
    if not len(first) or not len(second):
        return UNKNOWN
    levels = [estimates.quantile(values, p) for values in (first, second)]
    if not all(math.isfinite(level.value) for level in levels):
        return UNKNOWN
    apart = levels[1].value - levels[0].value
    if not all(math.isfinite(end) for level in levels for end in (level.low, level.high)):
        return Estimate(apart, -math.inf, math.inf)
    influences = [_influence(values, p, level) for values, level in zip((first, second), levels, strict=True)]
    if paired:
        half = estimates.half_width(influences[1] - influences[0], blocks)
    else:
        half = math.hypot(*(estimates.half_width(one) for one in influences))
    return Estimate(apart, apart - half, apart + half)


def _influence(values: np.ndarray, p: Fraction, level: Estimate) -> np.ndarray:
    """How far each value moves the quantile, (n,), their mean 0; nan where that is not known.

    A quantile whose own interval has no width is one that nothing moves.
    """
    if level.low == level.high:
        return np.zeros(len(values))
    found = Sample(p, values).influence()
    return np.full(len(values), np.nan) if found is None else found - found.mean()


def logic_gap(run: Results, p: Fraction) -> Estimate:
    """Working minutes that the real `p` quantile of the finish is later than that of the logic alone."""
    logic, real = run["logic_finish"].values, run["project_finish"].values
    return between_quantiles(logic, real, p, paired=True, blocks=project.blocks(run))


def same_worlds(before: Results, after: Results) -> bool:
    """Whether trial k of both runs is drawn with the same dice: then what moves is due to what was changed."""
    alike = ("seed", "sampling", "block")
    return before.sizes["trial"] == after.sizes["trial"] and all(before.attrs[a] == after.attrs[a] for a in alike)


def moved(before: Results, after: Results, p: Fraction, days: tuple[np.ndarray, np.ndarray]) -> Estimate:
    """How much later the `p` quantile of the finish is in `after` than in `before`, in the unit of `days`.

    Parameters
    ----------
    days : (before, after)
        Finishes of both, inf where not finished: as day numbers, since calendars may differ, or in working minutes.
    """
    paired = same_worlds(before, after)
    return between_quantiles(*days, p, paired=paired, blocks=project.blocks(after) if paired else None)
