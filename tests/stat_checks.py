"""Statistical assertions that state how often they are wrong and what they can see.

Each assertion fails by chance with probability at most `ALARM`, whatever the true distribution, and refuses to run
with too few samples to notice a deviation of the size the test is about.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

ALARM = 1e-9


def dkw_distance(n: int) -> float:
    """Distance that an empirical distribution exceeds with probability ALARM (Massart 1990, 10.1214/aop/1176990746)."""
    return float(np.sqrt(np.log(2 / ALARM) / (2 * n)))


def assert_distribution(
    samples: NDArray[np.float64],
    cdf: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    sees: float,
    slack: float = 0.0,
) -> None:
    """Samples come from `cdf`, up to `slack` (known rounding); a deviation of `sees` anywhere would be noticed."""
    n = len(samples)
    assert 2 * dkw_distance(n) + slack <= sees, f"{n} samples cannot see a deviation of {sees}"
    ordered = np.sort(samples)
    expected = cdf(ordered)
    above = np.arange(1, n + 1) / n - expected
    below = expected - np.arange(n) / n
    distance = max(above.max(), below.max())
    assert distance <= dkw_distance(n) + slack, f"distance {distance:.5f}, allowed {dkw_distance(n) + slack:.5f}"


def assert_probability(successes: int, n: int, p: float, *, sees: float) -> None:
    """`successes` of `n` have chance `p` each (exact binomial); a deviation of `sees` would be noticed."""
    low, high = stats.binom.ppf([ALARM / 2, 1 - ALARM / 2], n, p)
    assert (high - low) / n <= sees, f"{n} samples cannot see a deviation of {sees}"
    assert low <= successes <= high, f"{successes} of {n}, expected {p * n:.0f} [{low:.0f}, {high:.0f}]"


def assert_mean(samples: NDArray[np.float64], mean: float, sd: float, *, sees: float, slack: float = 0.0) -> None:
    """Samples with known `sd` have this `mean`, up to `slack`; a deviation of `sees` would be noticed.

    The bound is the normal one, justified by the central limit theorem for the thousands of samples it asks for.
    """
    n = len(samples)
    assert n >= 10_000
    reach = float(stats.norm.isf(ALARM / 2)) * sd / np.sqrt(n)
    assert 2 * reach + slack <= sees, f"{n} samples cannot see a deviation of {sees}"
    found = samples.mean()
    assert abs(found - mean) <= reach + slack, f"mean {found:.4f}, expected {mean:.4f} +- {reach + slack:.4f}"
