"""Distributions of the file: the parameters that are solved for must give back what was written."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simrisk.errors import ScenarioError
from simrisk.scenario.distributions import FACTOR, efforts, exactly, largest, read_distribution, scaled
from simrisk.scenario.model import Distribution
from simrisk.scenario.units import Units

EFFORT = efforts(Units())


def frozen(made: Distribution) -> stats.distributions.rv_frozen:
    """The same distribution by scipy, whose conventions are its own."""
    params = made.params
    if made.kind == "pert":
        low, likely, high = params
        place = (likely - low) / (high - low)
        return stats.beta(1 + 4 * place, 5 - 4 * place, low, high - low)
    if made.kind == "triangular":
        low, likely, high = params
        return stats.triang((likely - low) / (high - low), low, high - low)
    if made.kind == "lognormal":
        return stats.lognorm(params[1], scale=params[0])
    if made.kind == "gamma":
        return stats.gamma(params[0], scale=params[1])
    if made.kind == "weibull":
        return stats.weibull_min(params[0], scale=params[1])
    if made.kind == "normal":
        return stats.norm(*params)
    if made.kind == "exponential":
        return stats.expon(scale=params[0])
    assert made.kind == "uniform"
    return stats.uniform(params[0], params[1] - params[0])


@given(
    kind=st.sampled_from(["pert", "triangular"]),
    place=st.floats(0.1, 0.9),
    percents=st.sampled_from([(10, 90), (5, 95), (0, 80), (20, 70.5)]),
)
def test_percentiles_become_ends(kind: str, place: float, percents: tuple[float, float]) -> None:
    # forward: of a known distribution, take the percentiles; backward: find it again
    truth = frozen(Distribution(kind, (100.0, 100 + 200 * place, 300.0), 0.0))  # type: ignore[arg-type]
    low, high = (float(truth.ppf(percent / 100)) for percent in percents)
    likely = 100 + 200 * place
    if not low <= likely <= high:
        return
    table = {"low": low, "likely": likely, "high": high, "distribution": kind, "at": f"p{percents[0]}-p{percents[1]}"}
    made = read_distribution(dict(table), FACTOR)
    assert made.kind == kind
    assert made.params == pytest.approx((100.0, likely, 300.0), rel=1e-6)
    assert made.planned == pytest.approx(likely)


@given(mean=st.floats(0.1, 1000), variation=st.floats(0.01, 5), name=st.sampled_from(["lognormal", "gamma", "weibull"]))
def test_mean_and_deviation_come_back(mean: float, variation: float, name: str) -> None:
    made = read_distribution({"mean": mean, "sd": mean * variation, "distribution": name}, FACTOR)
    assert made.kind == name
    theirs = frozen(made)
    assert theirs.mean() == pytest.approx(mean, rel=1e-6)
    assert theirs.std() == pytest.approx(mean * variation, rel=1e-5)
    assert made.planned == pytest.approx(theirs.median(), rel=1e-6)


def test_median_and_percentile_come_back() -> None:
    made = read_distribution({"median": "10h", "p90": "25h"}, EFFORT)
    assert made.planned == 600.0
    assert frozen(made).ppf([0.5, 0.9]) == pytest.approx([600, 1500])


def test_other_forms() -> None:
    assert read_distribution({"median": 1, "sigma": 0.5}, FACTOR) == Distribution("lognormal", (1.0, 0.5), 1.0)
    assert read_distribution({"mean": "1h", "sd": "6m", "distribution": "normal"}, EFFORT) == Distribution(
        "normal", (60.0, 6.0), 60.0
    )
    made = read_distribution({"mean": "1h", "distribution": "exponential"}, EFFORT)
    assert (made.kind, made.params) == ("exponential", (60.0,))
    assert made.planned == pytest.approx(frozen(made).median())
    assert read_distribution({"from": "1h", "to": "2h"}, EFFORT) == Distribution("uniform", (60.0, 120.0), 90.0)
    assert read_distribution({"low": "1h", "likely": "2h", "high": "9h"}, EFFORT) == Distribution(
        "pert", (60.0, 120.0, 540.0), 120.0
    )


def test_values_are_sorted_and_planned_at_their_median() -> None:
    made = read_distribution({"values": ["3h", "1h", "2h"], "weights": [2, 1, 1]}, EFFORT)
    assert made == Distribution("values", (60.0, 120.0, 180.0), 120.0, (0.25, 0.25, 0.5))
    assert read_distribution({"values": ["3h", "1h"]}, EFFORT).weights == (0.5, 0.5)
    assert read_distribution({"values": ["3h", "1h"], "weights": [0, 1]}, EFFORT) == exactly(60)


@pytest.mark.parametrize(
    "table",
    [
        {"low": "8h", "likely": "8h", "high": "8h"},
        {"low": "8h", "likely": "8h", "high": "8h", "at": "p10-p90"},
        {"from": "8h", "to": "8h"},
        {"values": ["8h"], "weights": [3]},
        {"exactly": "8h"},
    ],
)
def test_no_spread_is_exactly(table: dict[str, object]) -> None:
    assert read_distribution(table, EFFORT) == Distribution("exactly", (480.0,), 480.0)


@given(
    st.sampled_from(
        [
            {"low": 0.5, "likely": 1.0, "high": 2.0},
            {"low": 0.5, "likely": 1.0, "high": 2.0, "distribution": "triangular"},
            {"median": 1.0, "p90": 1.7},
            {"mean": 1.0, "sd": 0.4, "distribution": "gamma"},
            {"mean": 1.0, "sd": 0.4, "distribution": "weibull"},
            {"mean": 1.0, "sd": 0.4, "distribution": "normal"},
            {"mean": 1.0, "distribution": "exponential"},
            {"from": 0.5, "to": 1.5},
        ]
    ),
    st.fractions(min_value=Fraction(1, 10), max_value=10_000, max_denominator=100),
)
def test_scaling_multiplies_every_quantile(table: dict[str, object], value: Fraction) -> None:
    spread = read_distribution(dict(table), FACTOR)
    chances = [0.01, 0.3, 0.5, 0.9]
    wide = scaled(spread, value)
    assert frozen(wide).ppf(chances) == pytest.approx(frozen(spread).ppf(chances) * float(value))
    assert wide.planned == pytest.approx(spread.planned * float(value))


def test_scaling_keeps_decimals() -> None:
    # 0.29 as a float times 50 is a little less than 14.5, which would be rounded down
    assert scaled(exactly(0.29), Fraction(50)).planned == 14.5
    assert scaled(read_distribution({"median": 1.0, "sigma": 0.5}, FACTOR), Fraction(0)) == exactly(0)


@pytest.mark.parametrize(
    "table",
    [
        {"low": 0.5, "likely": 1.0, "high": 2.0},
        {"median": 1.0, "sigma": 0.6},
        {"mean": 1.0, "sd": 0.4, "distribution": "gamma"},
        {"mean": 1.0, "sd": 3.0, "distribution": "gamma"},
        {"mean": 1.0, "sd": 2.0, "distribution": "weibull"},
        {"mean": 1.0, "sd": 0.4, "distribution": "normal"},
        {"mean": 1.0, "distribution": "exponential"},
        {"from": 0.5, "to": 1.5},
    ],
)
def test_nothing_is_drawn_beyond_the_bound(table: dict[str, object]) -> None:
    made = read_distribution(table, FACTOR)
    # half a step of 32 bits from the end
    assert frozen(made).isf(2.0**-33) <= largest(made) * (1 + 1e-12)
    assert math.isfinite(largest(made))


@pytest.mark.parametrize(
    ("table", "where"),
    [
        ({"low": "1h", "likely": "x", "high": "-3h"}, ["high", "likely"]),
        ({"values": ["1h", "x", 3], "weights": [1, 1, 1]}, ["values[1]", "values[2]"]),
        ({"median": "1h", "sigma": "2h"}, ["sigma"]),
        ({"mean": "1h", "sd": "30h", "distribution": "gamma"}, ["sd"]),
        ({"exactly": "1h", "distribution": "pert"}, ["distribution"]),
        ({}, [""]),
    ],
)
def test_faults_name_their_keys(table: dict[str, object], where: list[str]) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_distribution(table, EFFORT)
    assert [issue.where for issue in caught.value.issues] == where
