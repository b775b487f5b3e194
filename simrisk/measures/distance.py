"""How far apart two quantiles are: of two samples from the same trials, or of two runs.

The interval is by the delta method from the influence of each trial on a quantile (Bahadur, Annals of Mathematical
Statistics 37, 1966, 577-580), with the slope of the distribution there from the order statistics at the ends of the
binomial interval (Woodruff, JASA 47, 1952, 635-646). So trials that are late in both samples cancel out.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import estimates, project
from simrisk.measures.blocks import Blocks, normal
from simrisk.measures.estimates import Estimate

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
    """What each value does to the quantile, (n,): (p - [value <= quantile]) times the slope dx / dp there.

    The slope is such that the interval of the quantile alone is as wide as that of the order statistics.
    """
    n, share = len(values), float(p)
    slope = (level.high - level.low) / (2 * normal() * math.sqrt(share * (1 - share) / n))
    below: np.ndarray = values <= level.value
    found: np.ndarray = (float(below.mean()) - below) * slope
    return found


def logic_gap(run: Results, p: Fraction) -> Estimate:
    """Working minutes that the real `p` quantile of the finish is later than that of the logic alone."""
    logic, real = run["logic_finish"].values, run["project_finish"].values
    return between_quantiles(logic, real, p, paired=True, blocks=project.blocks(run))


def same_worlds(before: Results, after: Results) -> bool:
    """Whether trial k of both runs is drawn with the same dice: then what moves is due to what was changed."""
    alike = ("seed", "sampling", "block")
    return before.sizes["trial"] == after.sizes["trial"] and all(before.attrs[a] == after.attrs[a] for a in alike)


def moved(before: Results, after: Results, p: Fraction, days: tuple[np.ndarray, np.ndarray]) -> Estimate:
    """How many calendar days later the `p` quantile of the finish is in `after` than in `before`.

    Parameters
    ----------
    days : (before, after)
        Finishes of both as day numbers, inf where not finished: calendars may differ.
    """
    paired = same_worlds(before, after)
    return between_quantiles(*days, p, paired=paired, blocks=project.blocks(after) if paired else None)
