"""Correlation: the matrix that is asked for, the nearest one that can be had, and what the draws then do together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats

from build import exactly, milestone, pair, person, pert, risk, scenario, task, together
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.models.correlation import SMALLEST_EIGENVALUE, ScoreMatrix, cholesky, nearest_correlation, repaired
from simrisk.plan import Plan
from simrisk.scenario.model import Distribution
from simrisk_kernels import draws as kernel_draws
from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.bundle import open_plan, pack
from simrisk_kernels.layout import INDEPENDENT
from simrisk_kernels.quantile import stream_value
from simrisk_kernels.random import FIRST
from simrisk_kernels.tables import SCORE_MAX, Z_MAX
from stat_checks import ALARM, assert_distribution, assert_probability

SEED = 20251220
MANY = 200_000


@entry_kernel
def _values(packed_plan, keys, n, draw):
    """The first `n` trials of a quantity."""
    plan = open_plan(packed_plan)
    values = np.empty(n)
    for trial in range(n):
        values[trial] = stream_value(plan, keys, trial, draw, FIRST)
    return values


def draw_of(plan: Plan, name: str, place: int = 0) -> int:
    """The draw of an effort of a task."""
    record = plan.arrays.tasks[plan.task_ids.index(name)]
    return int(plan.arrays.parts[plan.arrays.task_parts[record.part_ptr + place]].draw)


def keys_of(plan: Plan) -> np.ndarray:
    """The stream keys of all draws."""
    keys = np.empty(len(plan.arrays.draws), np.uint64)
    kernel_draws.keys_of(pack(plan.arrays), np.uint64(SEED), keys)
    return keys


def values_of(made, name: str, place: int = 0, n: int = MANY) -> np.ndarray:
    plan = made if isinstance(made, Plan) else compile_plan(made)
    keys = keys_of(plan)
    return _values(pack(plan.arrays), keys, n, draw_of(plan, name, place))


def lognormal(sigma: float = 0.5, median: float = 600.0) -> Distribution:
    return Distribution("lognormal", (median, sigma), median)


def project(*correlations, names: str = "abcde", **efforts: Distribution):
    tasks = [task(name, efforts.get(name, lognormal()), "ANN") for name in names]
    return scenario([person("ANN")], tasks, correlations=correlations)


def scores_of(made, name: str, place: int = 0, n: int = MANY) -> np.ndarray:
    """The normal scores of a task with the effort `lognormal()`."""
    return np.log(values_of(made, name, place, n) / 600) / 0.5


def largest_change(matrix: ScoreMatrix) -> float:
    return float(np.abs(matrix.used - matrix.asked).max())


# The nearest correlation matrix


def test_nearest_correlation__published_example():
    """Higham (2002), doi 10.1093/imanum/22.3.329, section 4: the 3 x 3 matrix and its nearest one, to four digits."""
    asked = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    expected = np.array([[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]])
    assert nearest_correlation(asked) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_nearest_correlation__of_one_rho_that_is_too_low(n):
    """By symmetry the nearest one has one rho too, and below -1/(n - 1) no n scores can have it."""
    asked = np.full((n, n), -0.999999999 if n == 2 else -0.9)
    np.fill_diagonal(asked, 1.0)
    found = nearest_correlation(asked)
    off = found[~np.eye(n, dtype=bool)]
    assert off == pytest.approx(-1 / (n - 1), abs=1e-6)
    assert np.linalg.eigvalsh(found)[0] >= SMALLEST_EIGENVALUE


@st.composite
def wishes(draw):
    n = draw(st.integers(2, 7))
    rho = st.floats(-0.99, 0.99)
    below = draw(st.lists(rho, min_size=n * (n - 1) // 2, max_size=n * (n - 1) // 2))
    asked = np.eye(n)
    asked[np.tril_indices(n, -1)] = below
    return np.tril(asked) + np.tril(asked, -1).T


@settings(max_examples=60, deadline=None)
@given(wishes(), st.integers(0, 2**31))
def test_nearest_correlation__is_one_and_none_is_nearer(asked, seed):
    """X is nearest in a convex set exactly if <A - X, Y - X> <= 0 for all its Y; tried with random ones."""
    found = nearest_correlation(asked)
    assert (found == found.T).all()
    assert (np.diag(found) == 1).all()
    assert np.linalg.eigvalsh(found)[0] >= SMALLEST_EIGENVALUE * (1 - 1e-6)
    if np.linalg.eigvalsh(asked)[0] >= SMALLEST_EIGENVALUE:
        assert (found == asked).all()
    random = np.random.default_rng(seed)
    for _ in range(50):
        rows = random.standard_normal((len(asked), random.integers(1, len(asked) + 1)))
        rows /= np.linalg.norm(rows, axis=1)[:, None]
        assert np.sum((asked - found) * (rows @ rows.T - found)) <= 1e-5
    factor = cholesky(found)
    assert (np.triu(factor, 1) == 0).all()
    assert factor @ factor.T == pytest.approx(found, abs=1e-12)


# What a scenario asks for


def test_asked__groups_then_pairs_and_nothing_that_is_certain():
    made = project(
        together("abc", 0.4), together("cd", 0.2), pair("a", "b", -0.1), pair("b", "e", 0.3), c=exactly("3d")
    )
    matrix = repaired(made)
    assert matrix.tasks == ("a", "b", "e")  # c is certain, so d has nobody to go with
    assert matrix.streams == tuple(f"task/{name}/effort" for name in "abe")
    assert matrix.asked == pytest.approx(np.array([[1, -0.1, 0], [-0.1, 1, 0.3], [0, 0.3, 1]]))
    assert (matrix.used == matrix.asked).all()


def test_asked__entries_of_one_task_go_with_each_other():
    made = scenario(
        [person("ANN"), person("BOB")],
        [
            task("both", {"ANN": lognormal(), "BOB": lognormal()}),
            task("one", lognormal(), "ANN"),
            task("clock", duration=lognormal()),
        ],
        correlations=[together(["both", "one"], 0.4), pair("both", "clock", -0.2)],
    )
    matrix = repaired(made)
    assert matrix.streams == ("task/both/effort/ANN", "task/both/effort/BOB", "task/one/effort", "task/clock/duration")
    expected = [[1, 0.4, 0.4, -0.2], [0.4, 1, 0.4, -0.2], [0.4, 0.4, 1, 0], [-0.2, -0.2, 0, 1]]
    assert matrix.asked == pytest.approx(np.array(expected))


def test_asked__a_pair_alone_leaves_the_entries_of_a_task_independent():
    made = scenario(
        [person("ANN"), person("BOB")],
        [task("both", {"ANN": lognormal(), "BOB": lognormal()}), task("one", lognormal(), "ANN")],
        correlations=[pair("one", "both", 0.5)],
    )
    assert repaired(made).asked == pytest.approx(np.array([[1, 0, 0.5], [0, 1, 0.5], [0.5, 0.5, 1]]))


def test_repaired__changes_as_little_as_it_can_and_leaves_other_groups_alone():
    bad = [together("abc", -0.9), together("de", 0.7)]
    matrix = repaired(project(*bad))
    assert largest_change(matrix) == pytest.approx(0.4, abs=1e-6)  # from -0.9 to -1/2
    assert matrix.used[3, 4] == 0.7
    assert not matrix.used[:3, 3:].any()


# What is drawn


def test_scores__worked_out_by_hand():
    """Of two with rho 0.6 the first keeps its own normal z1, and the second gets 0.6 z1 + 0.8 z2."""
    made = project(pair("a", "b", 0.6))
    plan = compile_plan(made)
    hashes = [plan.arrays.draws[draw_of(plan, name)].hash for name in "ab"]
    words = [
        [kernel_draws.word_of(np.uint64(SEED), key, trial, 0, INDEPENDENT) for trial in range(500)] for key in hashes
    ]
    z1, z2 = special.ndtri((np.array(words) + 0.5) / 2**32)
    assert scores_of(made, "a", n=500) == pytest.approx(z1, abs=5e-5)  # drawn alone, in single precision
    assert scores_of(made, "b", n=500) == pytest.approx(0.6 * z1 + 0.8 * z2, abs=1e-6)


def test_scores__are_kept_for_what_goes_with_something_before_it():
    """Of a and b, which only go with c, c alone has a score: of a, b and itself."""
    plan = compile_plan(project(pair("a", "c", 0.6), pair("b", "c", 0.64)))
    draws = [draw_of(plan, name) for name in "abcde"]
    assert plan.arrays.draws.row[draws].tolist() == [-1, -1, 0, -1, -1]
    assert plan.arrays.score_ptr.tolist() == [0, 3]
    assert plan.arrays.score_draws.tolist() == draws[:3]
    assert plan.arrays.loadings == pytest.approx([0.6, 0.64, np.sqrt(1 - 0.6**2 - 0.64**2)])


def test_without_correlations__each_draw_is_the_word_of_its_own_stream():
    plan = compile_plan(project())
    keys = keys_of(plan)
    for draw in range(len(plan.arrays.draws)):
        name_hash = plan.arrays.draws[draw].hash
        for trial in range(50):
            word = kernel_draws.word_of(np.uint64(SEED), name_hash, trial, 0, INDEPENDENT)
            value = kernel_draws.stream_value_of(pack(plan.arrays), keys, trial, draw, 0)
            assert value == kernel_draws.value_of(pack(plan.arrays), draw, word)
    assert plan.arrays.score_ptr.tolist() == [0]
    assert len(plan.arrays.loadings) == 0
    assert (plan.arrays.draws.row == -1).all()


def assert_correlation(one: np.ndarray, other: np.ndarray, rho: float) -> None:
    """Fisher's transform of Pearson's and of Spearman's coefficient is normal to its order; false alarm 1e-9 each.

    Spearman's expectation is 6/pi asin(rho/2) (Pearson 1907), its variance after Bonett and Wright (2000,
    doi 10.1007/BF02294183). A deviation of 0.03 would be noticed.
    """
    n = len(one)
    reach = stats.norm.isf(ALARM / 2) / np.sqrt(n - 3)
    rank = 6 / np.pi * np.arcsin(rho / 2)
    assert 2 * reach * np.sqrt(1.5) <= 0.04
    assert abs(np.arctanh(np.corrcoef(one, other)[0, 1]) - np.arctanh(rho)) <= reach
    found = stats.spearmanr(one, other).statistic
    assert abs(np.arctanh(found) - np.arctanh(rank)) <= reach * np.sqrt(1 + rank**2 / 2)


def test_scores__have_the_correlations_asked_for():
    made = project(together("abc", 0.4), pair("c", "d", -0.7), pair("a", "b", 0.9))
    matrix = repaired(made)
    assert (matrix.used == matrix.asked).all()
    scores = {name: scores_of(made, name) for name in "abcde"}
    for (one, other), rho in {
        ("a", "b"): 0.9,
        ("a", "c"): 0.4,
        ("b", "c"): 0.4,
        ("c", "d"): -0.7,
        ("a", "d"): 0.0,
        ("b", "d"): 0.0,
        ("a", "e"): 0.0,
    }.items():
        assert_correlation(scores[one], scores[other], rho)


def test_scores__have_the_repaired_correlations():
    made = project(together("abcd", -0.8))
    scores = [scores_of(made, name) for name in "abcd"]
    for i in range(4):
        for j in range(i):
            assert_correlation(scores[i], scores[j], -1 / 3)
    # the nearest matrix is almost singular: the scores add up to nothing
    assert np.abs(sum(scores)).max() < 0.01


@pytest.mark.parametrize("rho", [0.99999999, -0.99999999])
def test_scores__at_the_ends_move_as_one(rho):
    made = project(pair("a", "b", rho))
    one, other = (scores_of(made, name, n=5_000) for name in "ab")
    assert other == pytest.approx(np.sign(rho) * one, abs=0.01)


def test_marginals__are_what_they_are_without_correlation():
    kinds = {
        "a": lognormal(),
        "b": pert(60, 240, 960),
        "c": Distribution("values", (60.0, 120.0, 600.0), 120.0, (0.2, 0.5, 0.3)),
        "d": Distribution("scipy", (0.0, 600.0, 2.0, 3.0), 300.0, name="burr12"),
    }
    made = project(together("abcd", 0.6), **kinds)
    assert_distribution(values_of(made, "a"), stats.lognorm(0.5, scale=600).cdf, sees=0.02)
    place = (240 - 60) / 900
    assert_distribution(values_of(made, "b"), stats.beta(1 + 4 * place, 5 - 4 * place, 60, 900).cdf, sees=0.02)
    assert_distribution(values_of(made, "d"), stats.burr12(2, 3, scale=600).cdf, sees=0.02)
    steps = values_of(made, "c")
    for value, chance in ((60.0, 0.2), (120.0, 0.5), (600.0, 0.3)):
        assert_probability(int((steps == value).sum()), MANY, chance, sees=0.02)
    # and they do go together: in the best fifth of c, a is on average where E[z | z_c < q] = -rho phi(q)/0.2 puts it
    q = special.ndtri(0.2)
    given_best = scores_of(made, "a")[steps == 60]
    expected = -0.6 * stats.norm.pdf(q) / 0.2
    assert abs(given_best.mean() - expected) <= stats.norm.isf(ALARM / 2) / np.sqrt(len(given_best))


# What it leaves alone


def all_values(made, n=2_000):
    return {name: values_of(made, name, n=n) for name in "abcde"}


def test_a_group__leaves_the_draws_of_all_other_tasks_alone():
    before, after = all_values(project()), all_values(project(together("bd", 0.5)))
    assert all((before[name] == after[name]).all() for name in "ace")
    assert (before["b"] == after["b"]).all(), "the first of a group keeps its own draws"
    assert (before["d"] != after["d"]).any()


@pytest.mark.parametrize("rho", [0.5, -0.9])
def test_another_group__leaves_the_first_one_alone(rho):
    """Whether or not one of them has to be repaired."""
    first = together("ace", rho)
    before, after = all_values(project(first)), all_values(project(first, together("bd", rho)))
    assert all((before[name] == after[name]).all() for name in "ace")
    assert (before["d"] != after["d"]).any()


def test_another_member_at_the_end__leaves_those_before_it_alone():
    before, after = all_values(project(together("abc", 0.5))), all_values(project(together("abce", 0.5)))
    assert all((before[name] == after[name]).all() for name in "abcd")
    assert (before["e"] != after["e"]).any()


def test_rho_zero__is_no_correlation():
    before, after = all_values(project()), all_values(project(together("abcde", 0.0)))
    assert all((before[name] == after[name]).all() for name in "abcde")


def test_baseline__has_no_dice_to_correlate():
    made = project(together("abcde", 0.8), b=pert(60, 240, 960))
    plan = baseline_plan(compile_plan(made))
    assert [values_of(plan, name, n=3).tolist() for name in "ab"] == [[600.0] * 3, [240.0] * 3]


# Both engines


def test_engines__draw_the_same_correlated_efforts():
    made = scenario(
        [person("ANN"), person("BOB")],
        [
            task("a", {"ANN": lognormal(0.8), "BOB": pert(60, 240, 2000)}),
            task("b", lognormal(1.1), ["ANN", "BOB"], "any", after="a"),
            task("c", duration=lognormal(), who="BOB"),
            task("d", Distribution("values", (60.0, 120.0, 600.0), 120.0, (0.2, 0.5, 0.3)), "ANN"),
            milestone("end", after="b"),
        ],
        correlations=[together("abcd", 0.7), pair("a", "d", -0.7)],
        risks=[risk("late", 0.5, "b", factor=lognormal(0.2, 1.3))],
        common=Distribution("lognormal", (1.0, 0.3), 1.0),
    )
    assert largest_change(repaired(made)) > 0.1
    plan = compile_plan(made)
    kernel = engines.run(plan, trials=60, seed=SEED)
    reference = engines.run(plan, trials=60, seed=SEED, engine="reference")
    assert (kernel.task_effort == reference.task_effort).all()
    assert (kernel.end == reference.end).all()
    apart = engines.run(compile_plan(replace(made, correlations=())), trials=60, seed=SEED)
    assert (kernel.task_effort != apart.task_effort).any()


def test_scores__beyond_the_table_are_cut_off():
    plan = compile_plan(project(pair("a", "b", 0.5)))
    far = replace(plan, arrays=plan.arrays._replace(loadings=plan.arrays.loadings * 1e6))
    scores = scores_of(far, "b", n=100)
    assert np.abs(scores) == pytest.approx(SCORE_MAX, abs=1e-3)
    assert -special.ndtri(2.0**-33) <= Z_MAX
    assert -special.ndtri(2.0**-33) >= SCORE_MAX
