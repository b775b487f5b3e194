"""Finds the parameters of a distribution from its percentiles and mode, or from its mean and deviation; asks scipy."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from simrisk.scenario.model import Distribution, DistributionKind
from simrisk.scenario.units import fault, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BISECTIONS = 200
_MOST_POWER = 20.0  # 1/shape of a Weibull; at 20 its deviation is a million times its mean
_PERCENTILES = re.compile(r"p([0-9]{1,2}(?:\.[0-9]+)?)-p([0-9]{1,2}(?:\.[0-9]+)?)")


def ends_at(
    at: object, points: tuple[float, float, float], kind: DistributionKind, least: float = 0.0
) -> tuple[float, float, float]:
    """Find the ends of a PERT or triangular distribution from two of its percentiles and its mode.

    With c the place of the mode between the ends (0 to 1) and q(p, c) the quantiles of the distribution on
    [0, 1], the two distances from the mode are w (c - q(p, c)) and w (q(P, c) - c); their ratio fixes c, then w.

    Parameters
    ----------
    at : object
        Which percentiles, such as ``"p10-p90"``.
    points : tuple of float
        Lower percentile <= mode <= upper percentile, not all equal.
    kind : "pert" or "triangular"
    least : float
        Where the low end may lie at least.

    Returns
    -------
    tuple of float
        Low end, mode, high end.

    Raises
    ------
    ScenarioError
        wrong-type or impossible-distribution: an issue without a place.
    """
    match = _PERCENTILES.fullmatch(at) if isinstance(at, str) else None
    if match is None or not 0 <= float(match[1]) < float(match[2]) < 100:
        raise fault("wrong-type", f"'at' names two percentiles, such as \"p10-p90\"; got {shown(at)}.", "at")
    low, likely, high = points
    lower, upper = float(match[1]) / 100, float(match[2]) / 100
    quantile = _triangular_quantile if kind == "triangular" else _pert_quantile

    def side(mode: float) -> float:
        return (high - likely) * (mode - quantile(lower, mode)) - (likely - low) * (quantile(upper, mode) - mode)

    mode = _root(side)
    width = (high - low) / (quantile(upper, mode) - quantile(lower, mode))
    first, last = likely - width * mode, likely + width * (1 - mode)
    if first < least - 1e-9 * width:
        found = f"With low and high at {at} it would begin below 0. Bring low nearer to likely, or take 'at' out."
        raise fault("impossible-distribution", found)
    return max(first, least), likely, last


def one_of(chances: Iterable[tuple[Fraction, Fraction]]) -> Distribution:
    """Return the distribution of some values.

    Parameters
    ----------
    chances : iterable of (value, chance)
        The chances add up to 1.
    """
    pairs = sorted((value, chance) for value, chance in chances if chance > 0)
    reached = list(accumulate(chance for _, chance in pairs))
    median = float(next(value for (value, _), below in zip(pairs, reached, strict=True) if 2 * below >= 1))
    if len(pairs) == 1:
        return Distribution("exactly", (median,), median)
    values, weights = zip(*pairs, strict=True)
    return Distribution("values", tuple(map(float, values)), median, tuple(map(float, weights)))


def lognormal(mean: float, deviation: float) -> Distribution:
    """Return the lognormal with this mean and standard deviation."""
    sigma2 = math.log1p((deviation / mean) ** 2)
    median = mean * math.exp(-sigma2 / 2)
    return Distribution("lognormal", (median, math.sqrt(sigma2)), median)


def gamma(mean: float, deviation: float) -> Distribution:
    """Return the gamma distribution with this mean and standard deviation."""
    from simrisk.special import gammaincinv  # needs numpy, and few files need it

    shape = (mean / deviation) ** 2
    scale = mean / shape
    return Distribution("gamma", (shape, scale), scale * float(gammaincinv(shape, 0.5)))


def weibull(mean: float, deviation: float) -> Distribution:
    """Return the Weibull distribution with this mean and standard deviation.

    Its shape k solves 1 + (deviation / mean)^2 = Gamma(1 + 2/k) / Gamma(1 + 1/k)^2; the right side grows with 1/k.
    """
    wanted = math.log1p((deviation / mean) ** 2)

    def beyond(place: float) -> float:
        power = place * _MOST_POWER
        return math.lgamma(1 + 2 * power) - 2 * math.lgamma(1 + power) - wanted

    power = _root(beyond) * _MOST_POWER
    scale = mean / math.gamma(1 + power)
    return Distribution("weibull", (1 / power, scale), scale * math.log(2) ** power)


def _root(function: Callable[[float], float]) -> float:
    """Find where a function that is negative at 0 and positive at 1 crosses zero, by bisection."""
    left, right = 0.0, 1.0
    for _ in range(_BISECTIONS):
        middle = (left + right) / 2
        if middle in (left, right):
            break
        if function(middle) < 0:
            left = middle
        else:
            right = middle
    return (left + right) / 2


def _triangular_quantile(p: float, mode: float) -> float:
    return math.sqrt(p * mode) if p <= mode else 1 - math.sqrt((1 - p) * (1 - mode))


def _pert_quantile(p: float, mode: float) -> float:
    from simrisk.special import betaincinv  # needs numpy, and only files with `at` need it

    return float(betaincinv(1 + 4 * mode, 5 - 4 * mode, p))


def library_names() -> list[str]:
    """Return the names of the continuous distributions of scipy.stats."""
    from scipy import stats  # takes most of a second, and few files need it

    return sorted(name for name, thing in vars(stats).items() if isinstance(thing, stats.rv_continuous))


def library_shapes(name: str) -> tuple[str, ...] | None:
    """Return the names of the shape parameters of a distribution of scipy.stats; None when it has no such one."""
    from scipy import stats

    found = getattr(stats, name, None)
    if not isinstance(found, stats.rv_continuous):
        return None
    return tuple(found.shapes.replace(" ", "").split(",")) if found.shapes else ()


def library_quantiles(name: str, shapes: tuple[float, ...]) -> Callable[[Any], NDArray[np.float64]]:
    """Return the quantile function of a distribution of scipy.stats with location 0 and scale 1.

    Returns
    -------
    callable
        Standard normal scores -> values. Each half is worked out from the chance of its own tail, which keeps both
        tails exact. Raises ScenarioError (impossible-distribution, without a place) where scipy has no answer.
    """
    import numpy as np
    from scipy import stats

    from simrisk import special

    distribution = getattr(stats, name)

    def value(scores: Any) -> NDArray[np.float64]:
        z = np.atleast_1d(np.asarray(scores, dtype=float))
        values = np.full(z.shape, math.nan)
        below = z < 0
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")  # its integrals and solvers say when they are less exact than usual
                values[below] = distribution.ppf(special.ndtr(z[below]), *shapes)
                values[~below] = distribution.isf(special.ndtr(-z[~below]), *shapes)
        except (ArithmeticError, RuntimeError, ValueError):
            pass  # answered below, as what is no number is
        if not np.isfinite(values).all():
            given = ", ".join(f"{shape:g}" for shape in shapes)
            found = f"scipy.stats.{name}({given}) has no values here: its arguments are outside of what it allows"
            raise fault("impossible-distribution", f"{found}, or its tails too far out.")
        return values

    return value
