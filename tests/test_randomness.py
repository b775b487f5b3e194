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
from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.bundle import open_plan, pack
from simrisk_kernels.layout import BY_OCTAVE, BY_SCORE, INDEPENDENT, TRIANGULAR, UNIFORM
from simrisk_kernels.quantile import draw_value, standard_normal, value_at_score
from simrisk_kernels.random import FIRST

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


# What is allowed, of words and of normal scores, is a share of the range from 0.1 % to 99.9 %, or of the value where
# that is larger. 5e-5 is the least that is good enough; the heavier the tail, the coarser a polynomial is in it.
SHAPES = [
    (Distribution("pert", (0.0, 0.3, 1.0), 0.3), stats.beta(2.2, 3.8), 3e-6, 3e-7),
    (Distribution("pert", (2.0, 2.0, 7.0), 2.0), stats.beta(1, 5, loc=2, scale=5), 3e-6, 3e-7),
    (Distribution("pert", (0.0, 0.99, 1.0), 0.99), stats.beta(4.96, 1.04), 3e-6, 3e-7),
    (Distribution("triangular", (0.0, 0.3, 1.0), 0.3), stats.triang(0.3), 2e-7, 5e-6),
    (Distribution("triangular", (1.0, 1.0, 4.0), 1.0), stats.triang(0.0, 1, 3), 2e-7, 5e-6),
    (Distribution("triangular", (1.0, 4.0, 4.0), 4.0), stats.triang(1.0, 1, 3), 2e-7, 5e-6),
    (Distribution("lognormal", (3.0, 0.6), 3.0), stats.lognorm(0.6, scale=3), 5e-6, 2e-6),
    (Distribution("lognormal", (3.0, 1.2), 3.0), stats.lognorm(1.2, scale=3), 2e-5, 2e-6),
    (Distribution("gamma", (2.0, 1.5), 3.0), stats.gamma(2, scale=1.5), 3e-6, 3e-7),
    (Distribution("gamma", (0.1, 1.0), 1.0), stats.gamma(0.1), 1e-5, 3e-7),
    (Distribution("weibull", (1.5, 2.0), 2.0), stats.weibull_min(1.5, scale=2), 3e-6, 3e-7),
    (Distribution("weibull", (0.5, 2.0), 2.0), stats.weibull_min(0.5, scale=2), 1e-5, 3e-7),
    (Distribution("uniform", (2.0, 5.0), 3.5), stats.uniform(2, 3), 2e-7, 3e-7),
    (Distribution("exponential", (4.0,), 4.0), stats.expon(scale=4), 4e-6, 3e-7),
    (Distribution("normal", (10.0, 2.0), 10.0), stats.norm(10, 2), 2e-6, 3e-7),
    (Distribution("normal", (1000.0, 1.0), 1000.0), stats.norm(1000, 1), 1e-5, 3e-7),
]


# of scipy.stats by name: bounded, light and heavy tails, kinks
LIBRARY = [
    ("norm", (), 2e-6, 3e-7),
    ("expon", (), 4e-6, 3e-7),
    ("beta", (0.5, 0.5), 5e-7, 5e-7),
    ("trapezoid", (0.2, 0.8), 1e-6, 5e-6),
    ("skewnorm", (4.0,), 3e-6, 3e-7),
    ("truncnorm", (-1.0, 3.0), 3e-6, 3e-7),
    ("lognorm", (0.6,), 5e-6, 2e-6),
    ("johnsonsu", (0.5, 1.3), 1e-5, 5e-7),
    ("burr12", (2.0, 3.0), 1e-5, 5e-7),
    ("t", (3.0,), 2e-5, 1e-6),
    ("pareto", (2.5,), 3e-5, 2e-6),
    ("pareto", (1.2,), 2e-5, 2e-5),
]
SHAPES += [
    (Distribution("scipy", (3.0, 2.0, *shapes), 0.0, name=name), getattr(stats, name)(*shapes, 3, 2), *allowed)
    for name, shapes, *allowed in LIBRARY
]
EXPECTED_KINDS = {"uniform": UNIFORM, "triangular": TRIANGULAR}


@entry_kernel
def _values_of_words(packed_plan, words, values, scored_values):
    """The values of the first quantity at words, alone and as if it were correlated."""
    plan = open_plan(packed_plan)
    for i in range(len(words)):
        values[i] = draw_value(plan, FIRST, words[i])
        scored_values[i] = value_at_score(plan, FIRST, standard_normal(words[i], plan.normal))


def telling_words() -> np.ndarray:
    """Words from every octave of both halves, the ends, the middle and where one way meets another."""
    random = np.random.default_rng(7)
    octave = 2.0 ** random.integers(0, 31, 20_000)
    near = [(octave * (1 + random.random(len(octave)))).astype(np.int64), np.arange(500), 2**31 - 1 - np.arange(500)]
    near += [2**k + np.arange(-20, 20) for k in range(6, 31)]
    small = np.concatenate(near)
    return np.unique(np.concatenate([small, 2**32 - 1 - small]))


def values_at(plan, words: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    values, scored = np.empty(len(words)), np.empty(len(words))
    _values_of_words(pack(plan), words, values, scored)
    return values, scored


@pytest.mark.parametrize(
    ("distribution", "exact", "allowed", "allowed_scored"),
    SHAPES,
    ids=[f"{shape[0].name or shape[0].kind}-{i}" for i, shape in enumerate(SHAPES)],
)
def test_quantiles__equal_scipy_tails_included(distribution, exact, allowed, allowed_scored):
    """In both tails to 2**-33; sorted words give sorted values, but for 2e-7 of the range where rounding tells."""
    builder = DrawBuilder()
    builder.add("x", distribution)
    plan = _arrays_of(builder)
    words = telling_words()
    below, above = (words + 0.5) / 2**32, (2**32 - 1 - words + 0.5) / 2**32
    expected = np.where(below < 0.5, exact.ppf(below), exact.isf(above))
    scale = np.maximum(exact.ppf(0.999) - exact.ppf(0.001), np.abs(expected))
    assert max(allowed, allowed_scored) <= 5e-5
    for values, most in zip(values_at(plan, words), (allowed, allowed_scored), strict=True):
        assert (np.abs(values - expected) / scale).max() < most
        assert (np.diff(values) >= -2e-7 * scale[1:]).all(), "a quantile function never falls"


@pytest.mark.parametrize(
    ("distribution", "exact"), [shape[:2] for shape in SHAPES if not shape[0].name and shape[0].kind != "weibull"]
)
def test_quantiles__keep_mean_and_spread(distribution, exact):
    """Over words at equal distances values and exact ones have the same mean and standard deviation."""
    builder = DrawBuilder()
    builder.add("x", distribution)
    words = np.arange(2**13, 2**32, 2**14)
    values, _ = values_at(_arrays_of(builder), words)
    expected = exact.ppf((words + 0.5) / 2**32)
    assert values.mean() == pytest.approx(expected.mean(), abs=1e-6 * exact.std())
    assert values.std() == pytest.approx(expected.std(), rel=1e-5)
    assert values.mean() == pytest.approx(exact.mean(), abs=1e-4 * exact.std())


def kind_of(distribution: Distribution) -> int:
    builder = DrawBuilder()
    builder.add("x", distribution)
    return int(builder.finish()["draws"][0].kind)


def test_kinds__the_usual_shapes_are_drawn_by_octaves():
    for distribution, *_ in SHAPES:
        wild = distribution.name == "pareto" and distribution.params[2] < 2
        expected = BY_SCORE if wild else EXPECTED_KINDS.get(distribution.kind, BY_OCTAVE)
        assert kind_of(distribution) == expected, distribution


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution("uniform", (1e9, 1e9 + 1), 1e9),  # single precision cannot tell its values apart ...
        Distribution("pert", (4800.0, 4801.0, 4805.0), 4801.0),
        Distribution("triangular", (0.0, 1.0, 2.0**31), 1.0),  # ... nor hold these in whole minutes
        Distribution("lognormal", (1.0, 4.0), 1.0),
        Distribution("lognormal", (1e-30, 0.5), 1e-30),
    ],
)
def test_kinds__what_single_precision_cannot_hold_goes_through_the_normal(distribution):
    assert kind_of(distribution) == BY_SCORE


def naive_octave_value(arrays, word: int) -> np.float32:
    """The definition once more, with `frexp` instead of bits, in numpy's single precision."""
    small = min(word, 2**32 - 1 - word)
    mantissa, exponent = np.frexp(np.float32(small))
    t = mantissa * np.float32(2) - np.float32(1.5)
    place = (int(exponent) - 1 + 127 + (16 if word >= 2**31 else 0)) % 32
    value = np.float32(0)
    for term in arrays.octaves[0, ::-1, place]:
        value = value * t + term
    return np.float32(arrays.draws[0].location) + np.float32(arrays.draws[0].scale) * value


def test_octaves__the_same_bits_from_the_definition():
    builder = DrawBuilder()
    builder.add("x", Distribution("pert", (480.0, 960.0, 4800.0), 960.0))
    plan = _arrays_of(builder)
    words = telling_words()
    words = words[(words >= 2**16) & (words < 2**32 - 2**16)][::7]
    values, _ = values_at(plan, words)
    assert values.tolist() == [float(naive_octave_value(plan, int(word))) for word in words]


@pytest.mark.parametrize(
    ("likely", "turn"),
    [
        (0.0, 0),
        (0.25, 2**30 - 32),  # single precision rounds the 32 words below 2**30 up to it, being 64 apart there
        (0.5, 2**31 - 64),
        (0.75, 2**32 - 2**30 - 192),  # from above; numbers are 256 apart there, distances 128, and ties go to it
        (1.0, 2**32 - 128),  # and what is nearer than 2**-25 to 1 is 1
    ],
)
def test_triangle__the_word_at_which_it_turns(likely, turn):
    arrays = _arrays_of(built(Distribution("triangular", (0.0, likely, 1.0), likely)))
    high, low = arrays.octaves[0, 2:4, 0]
    assert int(high) * 2**16 + int(low) == turn


def built(distribution: Distribution) -> DrawBuilder:
    builder = DrawBuilder()
    builder.add("x", distribution)
    return builder


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
    return empty._replace(**builder.finish(), normal=normal_table())


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
