"""Distributions of the file: the parameters that are solved for must give back what was written."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from simrisk.errors import ScenarioError
from simrisk.scenario.distributions import (
    Measure,
    efforts,
    exactly,
    factors,
    lags,
    largest,
    read_distribution,
    scaled,
)
from simrisk.scenario.load import loads
from simrisk.scenario.model import Distribution
from simrisk.scenario.units import Units

EFFORT = efforts(Units())
FACTOR = factors(Units())


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
    if made.kind == "scipy":
        return getattr(stats, made.name)(*made.params[2:], made.params[0], made.params[1])
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
            {"distribution": "burr12", "c": 2, "d": 3, "loc": 0.2},
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
        {"distribution": "burr12", "c": 2, "d": 3, "loc": 0.2},
        {"distribution": "gamma", "a": 0.5},
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


# Distributions of scipy.stats


def test_library__arguments_have_their_units() -> None:
    made = read_distribution({"distribution": "burr12", "c": 2, "d": 3, "loc": "1h", "scale": "10h"}, EFFORT)
    assert (made.kind, made.name, made.params) == ("scipy", "burr12", (60.0, 600.0, 2.0, 3.0))
    # its distribution function is 1 - (1 + x^c)^-d, so the median is (2^(1/d) - 1)^(1/c)
    assert made.planned == pytest.approx(60 + 600 * math.sqrt(2 ** (1 / 3) - 1))
    assert read_distribution({"distribution": "arcsine"}, FACTOR).params == (0.0, 1.0)


def test_library__names_that_both_know_go_by_their_keys() -> None:
    theirs = read_distribution({"distribution": "gamma", "a": 4, "scale": "2h"}, EFFORT)
    ours = read_distribution({"distribution": "gamma", "mean": "8h", "sd": "4h"}, EFFORT)
    assert (theirs.kind, ours.kind) == ("scipy", "gamma")
    assert frozen(theirs).ppf([0.1, 0.9]) == pytest.approx(frozen(ours).ppf([0.1, 0.9]))
    wide = read_distribution({"distribution": "uniform", "loc": "2h", "scale": "5h"}, EFFORT)
    assert (wide.kind, wide.planned) == ("scipy", pytest.approx(270))


@pytest.mark.parametrize(
    ("table", "slug", "where", "says"),
    [
        ({"distribution": "lognrm", "s": 1}, "wrong-type", "distribution", "Did you mean 'lognorm'?"),
        ({"distribution": "triangle"}, "wrong-type", "distribution", "Did you mean 'triang"),
        ({"distribution": "weibull_min", "scale": "1h"}, "missing-key", "", "needs 'c'"),
        ({"distribution": "expon"}, "missing-key", "", "needs 'scale'"),
        ({"distribution": "burr12", "c": 1, "d": 1, "scale": "1h", "e": 1}, "unknown-key", "e", "'c', 'd', 'loc'"),
        ({"distribution": "expon", "scael": "1h", "scale": "1h"}, "unknown-key", "scael", "Did you mean 'scale'?"),
        ({"distribution": "beta", "a": -1, "b": 2, "scale": "1h"}, "impossible-distribution", "", "beta(-1, 2)"),
        ({"distribution": "expon", "scale": "0h"}, "impossible-distribution", "scale", "above 0"),
        ({"distribution": "expon", "scale": 3}, "bare-number", "scale", "unit"),
        ({"distribution": "weibull_min", "c": "1h", "scale": "3h"}, "wrong-type", "c", "number"),
        ({"distribution": "norm", "loc": "10h", "scale": "6h"}, "impossible-distribution", "", "often below 0"),
        ({"distribution": "cauchy", "scale": "6h"}, "impossible-distribution", "", "often below 0"),
        ({"distribution": "expon", "loc": "-1h", "scale": "1h"}, "impossible-distribution", "", "often below 0"),
        ({"distribution": "multinomial"}, "wrong-type", "distribution", "is not a distribution"),
    ],
)
def test_library__faults(table: dict[str, object], slug: str, where: str, says: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        read_distribution(table, EFFORT)
    assert [(issue.slug, issue.where) for issue in caught.value.issues] == [(slug, where)]
    assert says in caught.value.issues[0].found


def test_library__below_zero_up_to_one_in_forty() -> None:
    # P(X < 0) of a normal is 1/40 at a mean of 1.96 deviations
    assert read_distribution({"distribution": "norm", "loc": "197h", "scale": "100h"}, EFFORT).planned == 197 * 60
    with pytest.raises(ScenarioError):
        read_distribution({"distribution": "norm", "loc": "195h", "scale": "100h"}, EFFORT)


def test_scipy_stays_out_of_the_way() -> None:
    """Loading a file without such a distribution must not wait for it."""
    text = '[project]\nstart = 2026-01-05\n[people.A]\n[tasks.t]\nwho = "A"\neffort = { median = "8h", p90 = "9h" }'
    code = f"import sys; from simrisk.scenario.load import loads; loads({text!r}); assert 'scipy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# Samples from a file


def measure_in(folder: Path, kind: str = "effort") -> Measure:
    units = Units(folder=str(folder))
    return {"effort": efforts, "factor": factors, "lag": lags}[kind](units)


def test_samples__one_number_on_each_line(tmp_path: Path) -> None:
    (tmp_path / "past.txt").write_text("# hours\n12h\n\n7.5h\n  12 h\n1d\n")
    made = read_distribution({"samples": "past.txt"}, measure_in(tmp_path))
    assert made == Distribution("values", (450.0, 480.0, 720.0), 480.0, (0.25, 0.25, 0.5))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_samples__a_column_of_a_csv_file(tmp_path: Path, delimiter: str, newline: str) -> None:
    rows = [["task", "hours", "note"], ["a", "3", '"x, ""y"""'], ["b", "4.5", ""], ["c", "1e1", "z"]]
    text = "\ufeff" + newline.join(delimiter.join(row) for row in rows) + newline
    (tmp_path / "past.csv").write_bytes(text.encode())
    made = read_distribution({"samples": "past.csv", "column": "hours", "unit": "h"}, measure_in(tmp_path))
    assert made.params == (180.0, 270.0, 600.0)
    assert made.weights == pytest.approx((1 / 3,) * 3)
    assert made.planned == 270.0


def test_samples__of_factors_and_of_lags(tmp_path: Path) -> None:
    (tmp_path / "past").write_text("1.5\n-0\n.5\n")
    assert read_distribution({"samples": "past"}, measure_in(tmp_path, "factor")).params == (0.0, 0.5, 1.5)
    (tmp_path / "lags").write_text("-1d\n2d\n-3\n")
    assert read_distribution({"samples": "lags", "unit": "h"}, measure_in(tmp_path, "lag")).params == (-480, -180, 960)


def test_samples__all_the_same_are_no_spread(tmp_path: Path) -> None:
    (tmp_path / "past").write_text("8h\n480m\n")
    assert read_distribution({"samples": "past"}, measure_in(tmp_path)) == exactly(480)


@pytest.mark.parametrize(
    ("text", "table", "where", "says"),
    [
        ("", {}, "samples", "holds no samples"),
        ("# nothing\n\n", {}, "samples", "holds no samples"),
        ("", {"column": "x"}, "samples", "is empty"),
        ("hours,days\n1,2", {"column": "hour"}, "column", "Did you mean 'hours'?"),
        ("hours,hours\n1,2", {"column": "hours"}, "column", "several columns"),
        ("hours\n", {"column": "hours"}, "samples", "holds no samples"),
    ],
)
def test_samples__what_is_wrong_with_the_whole_file(
    tmp_path: Path, text: str, table: dict[str, object], where: str, says: str
) -> None:
    (tmp_path / "past").write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_distribution({"samples": "past", "unit": "h", **table}, measure_in(tmp_path))
    assert [(issue.slug, issue.where, issue.line) for issue in caught.value.issues] == [("bad-samples", where, 0)]
    assert says in caught.value.issues[0].found


@pytest.mark.parametrize(
    ("text", "table", "lines", "says"),
    [
        ("1h\nx\n2h\n-3h\n", {}, [2, 4], "'x'"),
        ("hours\n1h\n", {}, [1], 'column = "name"'),
        ("1h\n\n5\n", {}, [3], "needs a unit"),
        ("1\n2s\n", {"unit": "h"}, [2], "'2s'"),
        ("n,h\na,1\nb\nc,2,3\nd,nan\ne,\n", {"column": "h", "unit": "h"}, [3, 4, 5, 6], "fields"),
        ('n,h\na,1\n"b,2\n', {"column": "h", "unit": "h"}, [3], "cannot be split"),
        ("1\n1e999\n1" + "0" * 50, {"unit": "h"}, [2, 3], "10^18"),
    ],
)
def test_samples__damaged_rows_have_their_lines(
    tmp_path: Path, text: str, table: dict[str, object], lines: list[int], says: str
) -> None:
    path = tmp_path / "past"
    path.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        read_distribution({"samples": "past", **table}, measure_in(tmp_path))
    assert [(issue.file, issue.line) for issue in caught.value.issues] == [(str(path), line) for line in lines]
    assert {issue.slug for issue in caught.value.issues} == {"bad-samples"}
    assert says in caught.value.issues[0].found


def test_samples__of_many_damaged_rows_the_first_few_are_shown(tmp_path: Path) -> None:
    (tmp_path / "past").write_text("1h\n" + "x\n" * 30)
    with pytest.raises(ScenarioError) as caught:
        read_distribution({"samples": "past"}, measure_in(tmp_path))
    assert [issue.line for issue in caught.value.issues] == [2, 3, 4, 5, 6]
    assert "25 more rows" in caught.value.issues[-1].found


def test_samples__files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "past.csv").write_text("1h\n")
    (tmp_path / "latin").write_bytes(b"1h\n\xfc\n")
    (tmp_path / "long").write_text("1h\n" * 100_001)
    expected = {
        "pats.csv": ("bad-samples", "Did you mean 'past.csv'?"),
        ".": ("bad-samples", "is not a file"),
        "nul\0": ("bad-samples", "cannot be read"),
        "latin": ("bad-samples", "0xfc"),
        "long": ("out-of-range", "100001 samples"),
        "": ("wrong-type", "a text in quotes"),
    }
    for name, (slug, says) in expected.items():
        with pytest.raises(ScenarioError) as caught:
            read_distribution({"samples": name}, measure_in(tmp_path))
        assert caught.value.issues[0].slug == slug
        assert says in caught.value.issues[0].found


@pytest.mark.parametrize(
    ("table", "slug", "where"),
    [
        ({"low": "1h"}, "unknown-key", "low"),
        ({"unit": "s"}, "unknown-unit", "unit"),
        ({"column": 3}, "wrong-type", "column"),
    ],
)
def test_samples__faults_of_the_table(tmp_path: Path, table: dict[str, object], slug: str, where: str) -> None:
    (tmp_path / "past").write_text("1h\n")
    with pytest.raises(ScenarioError) as caught:
        read_distribution({"samples": "past", **table}, measure_in(tmp_path))
    assert [(issue.slug, issue.where) for issue in caught.value.issues] == [(slug, where)]


SAMPLED = """
[project]
start = 2026-01-05
[defaults]
spread = { samples = "factors.txt" }
[people.ANNA]
[tasks.build]
who = "ANNA"
effort = { samples = "past.txt" }
[tasks.test]
who = "ANNA"
effort = "10h"
"""


def test_samples__stand_beside_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "past.txt").write_text("1h\n3h\n")
    (tmp_path / "factors.txt").write_text("1\n2\n2\n")
    made = loads(SAMPLED, tmp_path / "plan.toml")
    assert [task.efforts[0].params for task in made.tasks] == [(60.0, 180.0), (600.0, 1200.0)]
    assert made.tasks[1].efforts[0].planned == 1200.0
    monkeypatch.chdir(tmp_path)
    assert loads(SAMPLED).tasks == made.tasks, "a text without a path is read from the current folder"


def test_samples__damaged_rows_of_a_scenario(tmp_path: Path) -> None:
    (tmp_path / "past.txt").write_text("1h\nthree\n")
    with pytest.raises(ScenarioError) as caught:
        loads(SAMPLED, tmp_path / "plan.toml")
    found = [(Path(issue.file).name, issue.line, issue.where) for issue in caught.value.issues]
    assert ("past.txt", 2, "tasks.build.effort.samples") in found
    assert ("plan.toml", 5, "defaults.spread.samples") in found  # there is no factors.txt


# What may be negative


@pytest.mark.parametrize(
    ("table", "params"),
    [
        ({"exactly": "-2h"}, (-120.0,)),
        ({"low": "-3h", "likely": "-1h", "high": "2h"}, (-180.0, -60.0, 120.0)),
        ({"from": "-1d", "to": "1d"}, (-480.0, 480.0)),
        ({"values": ["-1h", "2h"]}, (-60.0, 120.0)),
    ],
)
def test_lags_may_be_negative_and_efforts_not(table: dict[str, object], params: tuple[float, ...]) -> None:
    assert read_distribution(dict(table), lags(Units())).params == params
    with pytest.raises(ScenarioError):
        read_distribution(dict(table), EFFORT)


def test_percentiles_of_a_lag_may_reach_below_zero() -> None:
    table = {"low": "1h", "likely": "2h", "high": "9h", "at": "p10-p90", "distribution": "triangular"}
    made = read_distribution(dict(table), lags(Units()))
    assert made.params[0] < 0
    assert frozen(made).ppf([0.1, 0.9]) == pytest.approx([60, 540])
    with pytest.raises(ScenarioError):
        read_distribution(dict(table), EFFORT)
