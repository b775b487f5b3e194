"""Which trial's value is a quantile, and between which trials' values the true one lies."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

from simrisk.special import bdtrik, betainc

LEVEL = 0.95
TAIL = (1 - LEVEL) / 2


def quantile_rank(n: int, p: Fraction) -> int:
    """Number (1-based) of the order statistic that is the `p` quantile of `n` values: ceil(p n), exactly."""
    return max(math.ceil(p * n), 1)


@lru_cache(maxsize=256)
def quantile_ranks(n: int, p: Fraction, tail: float = TAIL) -> tuple[int, int]:
    """Order statistics (1-based) that enclose the true `p` quantile with at least 95 % probability, 1 - 2 `tail`.

    The lower is the largest l with P(Bin(n, p) <= l - 1) <= `tail`, the upper the smallest u with
    P(Bin(n, p) >= u) <= `tail`; exact for any distribution, also with ties (David and Nagaraja,
    Order Statistics, 2003, section 7.1). 0 and n + 1 say that no trial bounds it on that side.
    """

    def below(k: int) -> float:
        """P(Bin(n, p) <= k)."""
        return _binomial_cdf(k, n, float(p))

    def above(k: int) -> float:
        """P(Bin(n, p) >= k), from its own tail so that nothing cancels."""
        return _binomial_cdf(n - k, n, float(1 - p))

    low, beyond = 0, n + 1  # below(low - 1) is small enough, below(beyond - 1) is not
    while beyond - low > 1:
        middle = (low + beyond) // 2
        low, beyond = (middle, beyond) if below(middle - 1) <= tail else (low, middle)
    under, high = 0, n + 1
    while high - under > 1:
        middle = (under + high) // 2
        under, high = (under, middle) if above(middle) <= tail else (middle, high)
    return low, high


def quantile_places(size: float, p: Fraction, tail: float = TAIL) -> tuple[float, float]:
    """The same between the order statistics, for intervals that hold the quantile neither more nor less than promised.

    The ends of `quantile_ranks` are whole numbers, so that each is wrong less often than `tail`; these are the places
    in between where the same chances, continued by the incomplete beta function, are `tail` exactly. A value there is
    interpolated between its neighbours (Hettmansperger and Sheather, Statistics and Probability Letters 4, 1986, 75-79;
    Nyblom, Statistics and Probability Letters 14, 1992, 129-134).

    Parameters
    ----------
    size : float
        How many independent trials know the share below the quantile as well; need not be whole.

    Returns
    -------
    tuple of float
        0 and `size` + 1 say that no trial bounds it on that side.
    """
    share = float(p)
    low = 1 + float(bdtrik(tail, size, share)) if (1 - share) ** size <= tail else 0.0
    high = size - float(bdtrik(tail, size, 1 - share)) if share**size <= tail else size + 1.0
    return low, high


def _binomial_cdf(k: int, n: int, p: float) -> float:
    if k < 0:
        return 0.0
    return 1.0 if k >= n else float(betainc(n - k, k + 1, 1 - p))
