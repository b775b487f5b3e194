"""Randomness: the generator bit for bit, the quantile tables against scipy, and what common random numbers promise."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from build import gate, person, scenario, sick, task
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.models.quantities import DrawBuilder, normal_table, stream_hash
from simrisk.scenario.model import Distribution
from simrisk_kernels import draws as kernel_draws
from simrisk_kernels.bundle import pack
from simrisk_kernels.layout import INDEPENDENT

MASK = (1 << 64) - 1
GOLD = 0x9E3779B97F4A7C15


def mix64(z: int) -> int:
    """splitmix64's output function in plain integers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def naive_word(seed: int, name_hash: int, trial: int, index: int) -> int:
    key = mix64(mix64((seed + GOLD) & MASK) ^ name_hash)
    if index:
        key = mix64((key + index * 0xD1342543DE82EF95) & MASK)
    pair = mix64((key + (trial >> 1) * GOLD) & MASK)
    return pair >> 32 if trial & 1 else pair & 0xFFFFFFFF


def test_mix64__published_first_output():
    """splitmix64 seeded with 0 begins with this number (Vigna's reference program, prng.di.unimi.it)."""
    assert mix64(GOLD) == 0xE220A8397B1DCDAF


@pytest.mark.parametrize("seed", [0, 1, 20251220, MASK])
def test_word__equals_plain_integers(seed):
    name_hash = stream_hash("task/a/effort")
    for trial in (0, 1, 2, 3, 1000, 999_999):
        for index in (0, 1, 7):
            word = kernel_draws.word_of(np.uint64(seed), np.uint64(name_hash), trial, index, INDEPENDENT)
            assert word == naive_word(seed, name_hash, trial, index)


def test_words__are_uniform_over_trials_and_streams():
    """Chi-square over 256 bins of trials, of indices and of streams; each p-value above 1e-9."""
    many = range(200_000)
    key = np.uint64(stream_hash("person/ANN/sick"))
    trials = [kernel_draws.word_of(np.uint64(3), key, t, 0, INDEPENDENT) for t in many]
    indices = [kernel_draws.word_of(np.uint64(3), key, 5, i, INDEPENDENT) for i in many]
    names = (np.uint64(stream_hash(f"task/{i}/effort")) for i in range(50_000))
    streams = [kernel_draws.word_of(np.uint64(3), name, 5, 0, INDEPENDENT) for name in names]
    for words in (trials, indices, streams):
        counts = np.bincount(np.array(words) >> 24, minlength=256)
        assert stats.chisquare(counts).pvalue > 1e-9


SHAPES = [
    (Distribution("pert", (0.0, 0.3, 1.0), 0.3), stats.beta(2.2, 3.8), 1e-6),
    (Distribution("pert", (2.0, 2.0, 7.0), 2.0), stats.beta(1, 5, loc=2, scale=5), 1e-6),
    (Distribution("triangular", (0.0, 0.3, 1.0), 0.3), stats.triang(0.3), 1e-4),
    (Distribution("lognormal", (3.0, 0.6), 3.0), stats.lognorm(0.6, scale=3), 1e-5),
    (Distribution("gamma", (2.0, 1.5), 3.0), stats.gamma(2, scale=1.5), 1e-6),
    (Distribution("weibull", (1.5, 2.0), 2.0), stats.weibull_min(1.5, scale=2), 1e-6),
    (Distribution("uniform", (2.0, 5.0), 3.5), stats.uniform(2, 3), 1e-6),
    (Distribution("exponential", (4.0,), 4.0), stats.expon(scale=4), 1e-6),
    (Distribution("normal", (10.0, 2.0), 10.0), stats.norm(10, 2), 1e-6),
]


# of scipy.stats by name: bounded, light and heavy tails; the heavier the tail, the coarser a cubic is in its last cells
LIBRARY = [
    ("norm", (), 1e-6),
    ("expon", (), 1e-6),
    ("beta", (0.5, 0.5), 1e-5),
    ("trapezoid", (0.2, 0.8), 1e-4),
    ("skewnorm", (4.0,), 1e-6),
    ("truncnorm", (-1.0, 3.0), 1e-5),
    ("lognorm", (0.6,), 1e-6),
    ("johnsonsu", (0.5, 1.3), 1e-6),
    ("burr12", (2.0, 3.0), 1e-5),
    ("t", (3.0,), 1e-4),
    ("pareto", (2.5,), 1e-4),
    ("pareto", (1.2,), 1e-3),
]
SHAPES += [
    (Distribution("scipy", (3.0, 2.0, *shapes), 0.0, name=name), getattr(stats, name)(*shapes, 3, 2), allowed)
    for name, shapes, allowed in LIBRARY
]


@pytest.mark.parametrize(
    ("distribution", "exact", "allowed"), SHAPES, ids=lambda x: getattr(x, "name", "") or getattr(x, "kind", "")
)
def test_quantiles__equal_scipy_tails_included(distribution, exact, allowed):
    """`allowed` is a share of the range from 0.1 % to 99.9 %; the words reach into both tails to 2**-33."""
    builder = DrawBuilder()
    builder.add("x", distribution)
    plan = _arrays_of(builder)
    words = np.concatenate(
        [np.arange(200), np.linspace(200, 2**32 - 201, 3000).astype(int), 2**32 - 1 - np.arange(200)]
    )
    values = np.array([kernel_draws.value_of(pack(plan), 0, int(word)) for word in words])
    below, above = (words + 0.5) / 2**32, (2**32 - 1 - words + 0.5) / 2**32
    expected = np.where(below < 0.5, exact.ppf(below), exact.isf(above))
    scale = np.maximum(exact.ppf(0.999) - exact.ppf(0.001), np.abs(expected))
    assert (np.abs(values - expected) / scale).max() < allowed
    assert (np.diff(values[np.argsort(words)]) >= -1e-12).all(), "a quantile function never falls"


def test_steps__values_with_their_weights():
    builder = DrawBuilder()
    builder.add("x", Distribution("values", (1.0, 2.0, 5.0), 2.0, (0.25, 0.25, 0.5)))
    plan = _arrays_of(builder)
    words = [0, 2**30 - 1, 2**30, 2**31 - 1, 2**31, 2**32 - 1]
    assert [kernel_draws.value_of(pack(plan), 0, word) for word in words] == [1, 1, 2, 2, 5, 5]


def test_steps__of_thousands_of_samples_are_found():
    n = 5_000
    builder = DrawBuilder()
    builder.add("first", Distribution("values", (1.0, 2.0), 1.0, (0.5, 0.5)))
    builder.add("x", Distribution("values", tuple(map(float, range(n))), n / 2, (1 / n,) * n))
    plan = _arrays_of(builder)
    for place in (0, 1, 2, n // 2, n - 2, n - 1):
        # the thresholds are rounded to whole words
        low, high = place * 2**32 / n, (place + 1) * 2**32 / n
        for word in (low + 2, (low + high) / 2, high - 2):
            assert kernel_draws.value_of(pack(plan), 1, int(word)) == place
    assert kernel_draws.value_of(pack(plan), 1, 0) == 0
    assert kernel_draws.value_of(pack(plan), 1, 2**32 - 1) == n - 1


def _arrays_of(builder: DrawBuilder):
    empty = compile_plan(scenario([person("ANN")], [task("a", "1d", "ANN")])).arrays
    draws, tables, step_ptr, step_words, step_values, step_scores = builder.finish()
    return empty._replace(
        draws=draws,
        tables=tables,
        step_ptr=step_ptr,
        step_words=step_words,
        step_values=step_values,
        step_scores=step_scores,
        normal=normal_table(),
    )


# Common random numbers: what concerns one thing does not touch another's draws.


def busy_plan(**changes):
    people = [person(n, pto_days=10, absence=[sick(10.0, "2d")]) for n in ("ANN", "BOB")]
    pert = Distribution("pert", (100.0, 400.0, 2000.0), 400.0)
    facts = {
        "people": people,
        "tasks": [
            task("a", pert, "ANN"),
            task("b", pert, ["ANN", "BOB"]),
            task("c", {"ANN": pert, "BOB": pert}, after="a"),
        ],
        "gates": [gate("g", requires=["a"], chance=0.5, extend="1d", max_extensions=9)],
    }
    facts.update(changes)
    return scenario(**facts)


def efforts(made, seed=5, n=300):
    plan = compile_plan(made)
    outcomes = engines.run(plan, trials=n, seed=seed)
    return {name: outcomes.task_effort[:, i] for i, name in enumerate(plan.task_ids)}, outcomes


def test_adding_a_task__leaves_the_others_draws_alone():
    before, _ = efforts(busy_plan())
    pert = Distribution("pert", (100.0, 400.0, 2000.0), 400.0)
    more = busy_plan()
    after, _ = efforts(replace(more, tasks=(task("new", pert, "BOB"), *more.tasks)))
    assert all((after[name] == before[name]).all() for name in before)


def test_reordering_the_file__leaves_all_draws_alone():
    before, first = efforts(busy_plan())
    made = busy_plan()
    after, _ = efforts(replace(made, tasks=made.tasks[::-1], people=made.people[::-1]))
    assert all((after[name] == before[name]).all() for name in before)
    assert (first.person_absence[:, 0] > 0).any()


def test_renaming_a_person__leaves_the_others_absence_alone():
    made = busy_plan(tasks=[task("a", "40d", "ANN"), task("b", "40d", "BOB")], gates=[])
    renamed = replace(
        made,
        people=(made.people[0], replace(made.people[1], id="ROB")),
        tasks=(made.tasks[0], replace(made.tasks[1], who=("ROB",))),
    )
    _, first = efforts(made)
    _, second = efforts(renamed)
    assert (first.task_finish[:, 0] == second.task_finish[:, 0]).all()
    assert (first.task_finish[:, 1] != second.task_finish[:, 1]).any()


def test_different_streams_and_seeds__are_different():
    one, _ = efforts(busy_plan())
    other, _ = efforts(busy_plan(), seed=6)
    assert (one["a"] != one["b"]).any()
    assert (one["a"] != other["a"]).any()


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8])
def test_a_trial_alone__is_that_trial_of_the_run(number):
    plan = compile_plan(make_scenario(number))
    run = engines.run(plan, trials=40, seed=11)
    for trial in (0, 1, 17, 39):
        alone = engines.run(plan, trials=1, first=trial, seed=11)
        for name, whole in run._asdict().items():
            assert (getattr(alone, name)[0] == whole[trial]).all(), name
