"""The influence of a trial on a figure: its mean square over n is the variance of the figure."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from simrisk.measures.blocks import normal
from simrisk.measures.sample import How, Sample

N = 20_000


def _error(sample: Sample) -> float:
    influence = sample.influence()
    assert influence is not None
    assert abs(influence.mean()) <= 2 * np.abs(influence).max() / len(influence)
    return float(influence.std()) / math.sqrt(len(influence))


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("mean", 1.0),
        ("sd", math.sqrt(2.0)),  # Var(s^2) = (m4 - 1) / n = 8 / n for the exponential, over (2 s)^2
        (Fraction(1, 2), 1.0),  # sqrt(p (1 - p)) / f(q), and f(q) = 1 - p
        (Fraction(4, 5), 2.0),
    ],
)
def test_of_an_exponential_it_gives_the_known_error(how: How, expected: float) -> None:
    values = np.random.default_rng(7).exponential(1.0, N)
    # the fourth moment and the density are estimated: 5 % is seven times what they vary by
    assert _error(Sample(how, values)) * math.sqrt(N) == pytest.approx(expected, rel=0.05)


def test_of_a_share_it_is_binomial() -> None:
    hits = np.arange(N) % 5 == 0
    assert _error(Sample("share", hits)) == pytest.approx(math.sqrt(0.2 * 0.8 / N))


def test_over_some_of_the_trials_the_others_move_nothing() -> None:
    rng = np.random.default_rng(3)
    among = rng.random(N) < 0.25
    values = rng.normal(size=int(among.sum()))
    sample = Sample("mean", values, among)
    influence = sample.influence()
    assert influence is not None
    assert not influence[~among].any()
    # four times as much for each of a quarter of the trials
    np.testing.assert_allclose(influence[among], (values - values.mean()) * N / len(values))
    assert _error(sample) == pytest.approx(values.std() / math.sqrt(len(values)), rel=1e-3)


def test_a_quantile_beyond_the_horizon_has_none_and_neither_have_equal_values() -> None:
    rng = np.random.default_rng(5)
    values = np.where(rng.random(N) < 0.3, np.inf, rng.random(N))
    assert Sample(Fraction(4, 5), values).influence() is None
    assert Sample(Fraction(1, 2), values).influence() is not None
    assert Sample(Fraction(1, 2), np.full(N, 7.0)).influence() is None
    near = Sample(Fraction(69, 100), np.where(np.arange(N) < 0.7 * N, np.arange(N), np.inf)).influence()
    assert near is not None
    assert np.isfinite(near).all()


def test_intervals_widen_with_the_level_asked_for() -> None:
    values = np.random.default_rng(11).normal(size=N)
    wide, usual = (Sample("mean", values).estimate(tail).half_width for tail in (0.0005, 0.025))
    assert wide / usual == pytest.approx(normal(0.0005) / normal(0.025))
    for how in ("sd", "share", Fraction(9, 10)):
        sample = Sample(how, values > 0 if how == "share" else values)
        assert sample.estimate(0.0005).half_width > 1.5 * sample.estimate().half_width
