"""Latin hypercube sampling: the words, the trials made of them, the intervals, and the option that asks for it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

import simrisk
from build import gate, person, scenario, sick, task
from generate import describe, make_scenario
from simrisk import engines
from simrisk.cli import main
from simrisk.compile import baseline_plan, compile_plan
from simrisk.measures import blocks, chain_shares, criticality, estimates, metric_names
from simrisk.models.logic import logic_plan
from simrisk.models.quantities import stream_hash
from simrisk.models.sampling import sampled
from simrisk.scenario.load import load
from simrisk.scenario.model import Distribution
from simrisk_kernels import draws as kernel_draws
from simrisk_kernels import random as generator
from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.layout import INDEPENDENT, STRATA
from simrisk_kernels.random import draw_word, fill_words, stream_key
from stat_checks import ALARM, assert_distribution
from test_randomness import GOLD, MASK, mix64, naive_word
from test_twin import assert_same
from validate_lhs import covered, figures, two_paths

PHASE3 = Path(__file__).parents[1] / "scenarios" / "phase3.toml"
SALT = 0x2545F4914F6CDD1D
SIZE = STRATA
P80 = Fraction(4, 5)


# --- words -------------------------------------------------------------------------------------


@entry_kernel
def write_words(seed, names, index, out):
    """Write the words of trials 0, 1 ... of the streams with these names, one row a stream."""
    for stream in range(len(names)):
        key = stream_key(seed, names[stream])
        for trial in range(out.shape[1]):
            out[stream, trial] = draw_word(key, trial, index, STRATA)


@entry_kernel
def write_filled(seed, name, first, strata, out):
    """Write a row of words by `fill_words`."""
    fill_words(stream_key(seed, name), first, strata, out)


def words(n_streams: int, n_blocks: int, index: int = 0, seed: int = 3) -> np.ndarray:
    """Words of streams with some name, (n_streams, n_blocks, SIZE)."""
    out = np.empty((n_streams, n_blocks * SIZE), np.int64)
    names = np.array([stream_hash(f"task/{i}/effort") for i in range(n_streams)], np.uint64)
    with np.errstate(over="ignore"):
        write_words(np.uint64(seed), names, np.int64(index), out)
    return out.reshape(n_streams, n_blocks, SIZE)


def naive_stratified_word(seed: int, name_hash: int, trial: int, index: int) -> int:
    """The definition in plain integers."""
    key = mix64(mix64((seed + GOLD) & MASK) ^ name_hash)
    if index:
        key = mix64((key + index * 0xD1342543DE82EF95) & MASK)
    block, place = divmod(trial, 256)
    q = mix64(((key ^ SALT) + block * GOLD) & MASK)
    for _ in range(4):
        place = (place * (q & 255 | 1) + (q >> 8 & 255)) % 256
        place ^= place >> 4
        q >>= 16
    return place << 24 | naive_word(seed, name_hash, trial, index) >> 8


@pytest.mark.parametrize("seed", [0, 1, 20251220, MASK])
def test_word__equals_plain_integers(seed):
    name_hash = stream_hash("task/a/effort")
    for trial in (0, 1, 2, 255, 256, 1000, 999_999):
        for index in (0, 1, 7):
            found = [
                kernel_draws.word_of(np.uint64(seed), np.uint64(name_hash), trial, index, strata)
                for strata in (INDEPENDENT, STRATA)
            ]
            assert found[0] == naive_word(seed, name_hash, trial, index)
            assert found[1] == naive_stratified_word(seed, name_hash, trial, index)


@pytest.mark.parametrize("n", [2, 64, 256])
def test_filled_words__equal_single_ones(n):
    out = np.empty(n, np.uint32)
    for strata, naive in ((INDEPENDENT, naive_word), (STRATA, naive_stratified_word)):
        for first in (0, n, 256, 5 * n, 1_000_192 // n * n):
            write_filled(np.uint64(9), np.uint64(77), np.int64(first), strata, out)
            assert out.tolist() == [naive(9, 77, first + i, 0) for i in range(n)]


def test_words__are_the_same_without_compilation():
    code = """
import sys
sys.path[:0] = {paths!r}
import numpy as np
from simrisk_kernels import draws, random
out = np.empty(64, np.uint32)
with np.errstate(over="ignore"):
    random.fill_words(random.stream_key(np.uint64(9), np.uint64(77)), np.int64(192), random.STRATA, out)
    print(out.tolist(), [int(draws.word_of(np.uint64(9), np.uint64(77), t, 0, random.STRATA)) for t in range(192, 256)])
"""
    root = Path(__file__).parents[1]
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", code.format(paths=[str(root), str(root / "kernels")])],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    expected = [naive_stratified_word(9, 77, trial, 0) for trial in range(192, 256)]
    assert process.stdout.strip() == f"{expected} {expected}"


@pytest.mark.parametrize("index", [0, 1, 5])
def test_every_block__has_each_stratum_once(index):
    strata = words(300, 20, index) >> 24
    assert (np.sort(strata, axis=-1) == np.arange(SIZE)).all()


def test_blocks_streams_and_indices__are_shuffled_apart():
    """Two equal shuffles among these have a chance of 1e-500 if shuffles are random."""
    shuffles = np.concatenate([(words(50, 8, index) >> 24).reshape(-1, SIZE) for index in (0, 1, 2)])
    assert len(np.unique(shuffles, axis=0)) == len(shuffles)


def test_words__are_uniform_and_so_are_their_lower_bits():
    """DKW on the place within the stratum; a whole block is stratified, so one trial of each is taken for the word."""
    found = words(200, 40)
    assert_distribution((found & 0xFFFFFF).ravel() / 2**24, lambda u: u, sees=0.01)
    apart = words(4, 10_000, seed=4)
    for place in (0, 1, 128, 255):
        assert_distribution(apart[:, :, place].ravel() / 2**32, lambda u: u, sees=0.035)


def test_pairs_of_streams__are_as_uncorrelated_as_random_shuffles():
    """Correlations within a block: mean 0 and variance 1 / (SIZE - 1), each within 6.1 standard errors (1e-9)."""
    strata = (words(40, 250) >> 24) - (SIZE - 1) / 2
    scale = (SIZE**2 - 1) / 12
    one, other = np.triu_indices(40, 1)
    found = np.concatenate([(b[one] * b[other]).mean(axis=-1) for b in strata.transpose(1, 0, 2)]) / scale
    n = len(found)  # of streams in pairs; pairs that share a stream are uncorrelated, too
    reach = stats.norm.isf(ALARM / 2)
    assert abs(found.mean()) * np.sqrt((SIZE - 1) * n) < reach
    spread = found.var() * (SIZE - 1)
    assert abs(spread - 1) < reach * np.sqrt(2 / n)
    assert stats.kurtosis(found) < 0.1  # no tail of pairs that go together


@pytest.mark.parametrize("distance", [1, 2, 4, 7, 16, 64, 127, 128])
def test_pairs_of_trials__meet_all_pairs_of_strata(distance):
    """What the variance of a Latin hypercube rests on; 16 x 16 pairs, chi-square below its 1e-9 quantile.

    With 80,000 pairs a deviation of a tenth in every cell would be seen: chi-square 255 + 800.
    """
    found = words(400, 200, seed=distance) >> 28
    pairs = (found[..., 3] * 16 + found[..., 3 ^ distance]).ravel()
    counts = np.bincount(pairs, minlength=256)
    expected = np.full((16, 16), 256.0)
    np.fill_diagonal(expected, 16 * 15)
    expected *= len(pairs) / expected.sum()
    assert ((counts - expected.ravel()) ** 2 / expected.ravel()).sum() < stats.chi2.isf(ALARM, 255)


# --- trials ------------------------------------------------------------------------------------


def test_trial_k_alone__is_trial_k():
    plan = sampled(compile_plan(make_scenario(21)), "lhs")
    together = engines.run(plan, trials=600, seed=5)
    for trial in (0, 1, 255, 256, 511, 599):
        alone = engines.run(plan, trials=1, seed=5, first=trial)
        for name, values in alone._asdict().items():
            assert (values[0] == getattr(together, name)[trial]).all(), (trial, name)


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_engines__are_the_same(start):
    for number in range(start, start + 100):
        made = make_scenario(number)
        plan = sampled(compile_plan(made), "lhs")
        assert_same(plan, 2, 7, f"scenario {number}\n{describe(made)}", first=255)
        assert_same(logic_plan(plan), 1, 7, f"logic of scenario {number}\n{describe(made)}", first=256)
        assert_same(baseline_plan(plan), 1, 7, f"baseline of scenario {number}\n{describe(made)}")


def test_engines__are_the_same_on_a_shipped_plan():
    plan = sampled(compile_plan(load(PHASE3)), "lhs")
    assert_same(plan, 60, 20251220, "phase3", first=226)


def test_independent_sampling__is_what_a_plan_has_anyway():
    plan = compile_plan(make_scenario(21))
    for one, other in zip(
        engines.run(plan, trials=50, seed=5), engines.run(sampled(plan, "independent"), trials=50, seed=5), strict=True
    ):
        assert (one == other).all()


def test_one_quantity__is_stratified_in_every_block():
    """The finish of one task, in the order of its quantiles: one trial in each stratum of its distribution."""
    spread = Distribution("exponential", (600_000.0,), 600_000.0)
    plan = sampled(compile_plan(scenario([], [task("a", duration=spread)], horizon="200000d")), "lhs")
    finish = engines.run(plan, trials=4 * SIZE, seed=1).end.reshape(4, SIZE)
    inner = np.arange(1, SIZE) / SIZE
    borders = np.round(-np.log1p(-inner) * 600_000)
    assert (np.abs(np.diff(borders)) > 100).all()  # rounding to minutes moves nothing across but at the border itself
    for row in finish:
        place = np.searchsorted(borders, np.sort(row))
        assert (np.abs(place - np.arange(SIZE)) <= 1).all()
        assert (place != np.arange(SIZE)).mean() < 0.02


# --- intervals ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_intervals__hold_the_truth_as_often_as_they_say():
    """400 runs of 9 blocks and a part: at least 349 hold it (a chance below 1e-9 to fail when 95 % do).

    It sees intervals that hold it in less than 80 % of runs (of those it misses one in 10,000).
    """
    runs, least = 400, 349
    assert stats.binom.cdf(least - 1, runs, 0.95) < ALARM
    assert stats.binom.sf(least - 1, runs, 0.80) < 1e-3
    for name, hits in covered(two_paths(), figures(), runs, 9 * SIZE + 100).items():
        assert hits >= least, f"{name}: {hits} of {runs}"


def test_intervals__are_narrower_where_sampling_together_helps():
    """A sum of five: nearly all of its variance is gone, so the mean's interval is a fifth as wide at most."""
    plan = two_paths()
    finish = engines.run(plan, trials=40 * SIZE, seed=1).end.astype(float)
    of_run = blocks.blocks_of(len(finish), SIZE)
    for estimate, least in ((estimates.mean, 1.8), (lambda x, b=None: estimates.quantile(x, P80, b), 1.1)):
        assert estimate(finish).half_width > least * estimate(finish, of_run).half_width


def shuffled_blocks(n_blocks: int, part: int = 0) -> tuple[np.ndarray, blocks.Blocks]:
    """Blocks that are far less different than their trials are."""
    rng = np.random.default_rng(1)
    rows = [rng.permutation(SIZE) for _ in range(n_blocks)]
    values = np.concatenate([*rows, rng.integers(0, SIZE, part)]).astype(float)
    found = blocks.blocks_of(len(values), SIZE)
    assert found is not None
    return values, found


def test_error__is_that_of_the_means_of_blocks():
    values = np.random.default_rng(2).normal(size=(20, SIZE)) + np.arange(20)[:, None] / 7
    of_run = blocks.blocks_of(20 * SIZE, SIZE)
    found = estimates.mean(values.ravel(), of_run)
    means = values.mean(axis=1)
    reach = stats.t.ppf(0.975, 19) * means.std(ddof=1) / np.sqrt(20)
    assert found.value == pytest.approx(means.mean())
    assert (found.low, found.high) == (pytest.approx(means.mean() - reach), pytest.approx(means.mean() + reach))


def test_error__a_part_of_a_block_counts_as_independent():
    values, of_run = shuffled_blocks(10, part=100)
    n = len(values)
    reach = estimates.mean(values, of_run).half_width
    assert reach == pytest.approx(stats.t.ppf(0.975, 9) * np.sqrt(100) * values.std() / n, rel=0.01)


def test_error__of_a_mean_over_some_trials_is_that_of_a_ratio():
    """Independent trials in blocks: the same as without them, within the chi-square error of 399 blocks (1e-9)."""
    rng = np.random.default_rng(3)
    values, among = rng.normal(size=400 * 64), rng.random(400 * 64) < 0.3
    of_run = blocks.blocks_of(400 * 64, 64)
    assert of_run is not None
    ratio = estimates.mean(values[among], of_run[among]).half_width / estimates.mean(values[among]).half_width
    low, high = np.sqrt(stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], 399) / 399)
    assert low < ratio < high


def test_shares__of_independent_trials_in_blocks_are_those_of_clopper_and_pearson():
    rng = np.random.default_rng(4)
    hits = rng.random((400 * 64, 3)) < [0.002, 0.3, 0.9]
    value, low, high = estimates.shares(hits, blocks.blocks_of(len(hits), 64))
    exact = estimates.shares(hits)
    assert (value == exact[0]).all()
    least, most = np.sqrt(stats.chi2.ppf([ALARM / 2, 1 - ALARM / 2], 399) / 399)
    ratio = (high - low) / (exact[2] - exact[1])
    assert ((least < ratio) & (ratio < most * 1.05)).all()


def test_shares__always_and_never_have_the_exact_bounds():
    n = 10 * SIZE
    hits = np.zeros((n, 2), bool)
    hits[:, 1] = True
    value, low, high = estimates.shares(hits, blocks.blocks_of(n, SIZE))
    assert value.tolist() == [0, 1]
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(1 - 0.025 ** (1 / n))
    assert low[1] == pytest.approx(0.025 ** (1 / n))


def test_blocks_that_agree__leave_room_by_the_rule_of_three():
    values, of_run = shuffled_blocks(10)
    n, room = len(values), -np.log(0.025)
    share = estimates.share_of(values < 64, of_run)
    assert (share.value, share.low, share.high) == (
        0.25,
        pytest.approx(0.25 - room / n),
        pytest.approx(0.25 + room / n),
    )
    assert estimates.mean(values, of_run).half_width == pytest.approx(room * (SIZE - 1) / n)
    rank = n * 4 // 5
    low, high = estimates.enclosing_ranks(np.arange(n), P80, blocks.blocks_of(n, SIZE))
    assert low < rank < high  # blocks one after the other differ as much as can be
    low, high = estimates.enclosing_ranks(values, P80, of_run)
    assert rank - 5 <= low < rank < high <= rank + 5


def test_ranks__unfinished_trials_leave_an_end_unbounded():
    values = np.full(10 * SIZE, np.inf)
    values[::3] = 1.0
    of_run = blocks.blocks_of(len(values), SIZE)
    found = estimates.quantile(values, P80, of_run)
    assert found == (np.inf, np.inf, np.inf)
    nearly = np.arange(10 * SIZE, dtype=float)
    assert estimates.quantile(nearly, Fraction(99_999, 100_000), of_run).high == np.inf
    assert estimates.quantile(np.ones(10 * SIZE), P80, of_run) == (1, 1, 1)


def test_few_blocks__are_taken_as_independent_trials():
    assert blocks.blocks_of(7 * SIZE + 200, SIZE) is None
    assert blocks.blocks_of(8 * SIZE, SIZE) is not None
    assert blocks.blocks_of(100_000, 1) is None


def test_some_trials_of_a_run__count_in_those_blocks_that_are_whole():
    trials = np.arange(100, 12 * SIZE)
    found = blocks.blocks_among(trials, SIZE)
    assert found is not None
    assert found.whole == 11
    assert (found.number == np.where(trials < SIZE, 11, trials // SIZE - 1)).all()
    assert blocks.blocks_among(np.arange(0, 12 * SIZE, 2), SIZE) is None


# --- runs --------------------------------------------------------------------------------------


def small():
    """A plan with a gate, sick leave and a spread, so that every kind of figure varies."""
    spread = Distribution("lognormal", (2000.0, 0.5), 2000.0)
    people = [person("ANN", rate=100, absence=[sick(12, 480)]), person("BOB", rate=80)]
    tasks = [task("a", spread, "ANN"), task("b", spread, "BOB"), task("c", spread, ["ANN", "BOB"], after=["a", "b"])]
    return scenario(people, tasks, [gate("g", requires=["a"], chance=0.8)], horizon="2000d")


def test_figures_of_a_run__have_the_intervals_of_its_blocks():
    made = small()
    together = simrisk.simulate(made, trials=12 * SIZE + 40, seed=2, sampling="lhs")
    alone = simrisk.simulate(made, trials=12 * SIZE + 40, seed=2)
    assert (together.attrs["sampling"], together.attrs["block"]) == ("lhs", SIZE)
    assert (alone.attrs["sampling"], alone.attrs["block"]) == ("independent", 1)
    of_run = blocks.blocks_of(12 * SIZE + 40, SIZE)
    finish = together["project_finish"].values
    for name, expected in (
        ("finish.mean", estimates.mean(finish, of_run)),
        ("finish.sd", estimates.sd(finish, of_run)),
        ("finish.p80", estimates.quantile(finish, P80, of_run)),
        ("task.a.criticality", estimates.share_of(together["task_critical"].values[:, 0], of_run)),
    ):
        found = simrisk.measure(together, name)
        assert (found.value, found.low, found.high) == expected
    for name in ("finish.mean", "cost.mean"):
        assert simrisk.measure(together, name).half_width < 0.6 * simrisk.measure(alone, name).half_width
    for name in metric_names(together):
        found = simrisk.measure(together, name)
        assert found.value is None or found.exact or found.low is None or found.low <= found.value
        assert found.value is None or found.exact or found.high is None or found.value <= found.high
    critical, exact = criticality(together, "task"), criticality(alone, "task")
    assert ((critical["high"] - critical["low"]) > 0).all()
    assert (exact["low"] <= exact["value"]).all()
    assert len(criticality(together, "pool")["value"]) == 0
    shares = chain_shares(together)
    assert (shares["low"] <= shares["value"]).all()
    assert (shares["value"] <= shares["high"]).all()


def test_sampling__is_one_of_two():
    with pytest.raises(ValueError, match="'independent' and 'lhs'"):
        simrisk.simulate(small(), trials=2, sampling="sobol")  # type: ignore[arg-type]


TEXT = """
[project]
name = "Launch"
start = 2026-01-05
[simulation]
trials = 40
[defaults]
spread = { low = 0.8, likely = 1.0, high = 1.6 }
[people.ANN]
[tasks.design]
effort = "40h"
who = "ANN"
[tasks.build]
effort = "60h"
who = "ANN"
after = ["design"]
"""


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys):
    """The command line as a function, in a folder with launch.toml: exit code, stdout, stderr."""
    (tmp_path / "launch.toml").write_text(TEXT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    def call(*args: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(args)
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return call


RUN = ("run", "launch.toml", "--engine", "reference", "--no-charts")


def test_option__is_said_stored_and_repeated(cli):
    code, out, _ = cli(*RUN, "--sampling", "lhs", "--json")
    assert code == 0
    assert json.loads(out)["sampling"] == "lhs"
    run = simrisk.read("results/launch/run.nc")
    assert run.attrs["sampling"] == "lhs"
    plan = sampled(compile_plan(load("launch.toml")), "lhs")
    assert (run["project_end"].values == engines.run(plan, trials=40, seed=1, engine="reference").end).all()
    code, out, _ = cli("run", "--again", "results/launch/run.nc")
    assert (code, "the same, bit for bit" in out) == (0, True)
    code, _, err = cli("run", "--again", "results/launch/run.nc", "--sampling", "lhs")
    assert (code, "--sampling" in err) == (2, True)
    code, out, _ = cli(*RUN, "--sampling", "lhs")
    assert "reference engine, Latin hypercubes" in out
    code, out, _ = cli(*RUN)
    assert "Latin" not in out
    assert cli(*RUN, "--sampling", "sobol")[0] == 2


def test_until__stops_by_the_error_of_the_blocks(cli):
    """The mean of a sum is known so much better that the trials to begin with are enough, which they are not alone."""
    wanted = ("--until", "finish.mean=20m", "--trials", str(8 * SIZE))
    _, _, err = cli("run", "launch.toml", "--no-charts", *wanted, "--sampling", "lhs")
    assert f"{8 * SIZE:,} trials: finish.mean is known" in err
    assert simrisk.read("results/launch/run.nc").sizes["trial"] == 8 * SIZE
    alone = simrisk.simulate("launch.toml", trials=8 * SIZE)
    assert simrisk.measure(alone, "finish.mean").half_width > 20


def test_constants__fit_each_other():
    assert (1 << generator.STRATA_BITS) == SIZE
    assert 4 * 2 * generator.STRATA_BITS == 64  # four rounds use all of a hash
    assert SIZE % 64 == 0
