"""Blocks of one quantity in 64 trials: the same numbers as one by one, on every kind of machine."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from llvmlite.binding import get_host_cpu_features

from build import pair, person, scenario, task, together
from simrisk.compile import compile_plan
from simrisk.models.sampling import Sampling, sampled
from simrisk.scenario.model import Distribution
from simrisk_kernels import draws as kernel_draws
from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.blocks import BLOCK_TRIALS, fill_lanes, fill_minutes, fill_values, round_values
from simrisk_kernels.bundle import open_plan, open_state, pack
from simrisk_kernels.lanes import COMPILED
from simrisk_kernels.layout import BY_OCTAVE, BY_SCORE, EXACT, TRIANGULAR, UNIFORM
from simrisk_kernels.quantile import round_minutes, stream_value
from simrisk_kernels.random import FIRST
from simrisk_kernels.scores import fill_sums
from simrisk_kernels.state import new_state

ROOT = Path(__file__).parents[1]
SEED = 20251220
GROUP = ("one", "two", "three", "four", "five")
EFFORTS = {
    "pert": Distribution("pert", (480.0, 960.0, 4800.0), 960.0),
    "narrow": Distribution("pert", (4800.0, 4801.0, 4805.0), 4801.0),
    "lognormal": Distribution("lognormal", (600.0, 0.8), 600.0),
    "triangular": Distribution("triangular", (1.0, 30.0, 90.0), 30.0),
    "below 0": Distribution("triangular", (-900.0, 30.0, 90.0), 30.0),
    "uniform": Distribution("uniform", (0.5, 7.25), 3.0),
    "normal": Distribution("normal", (2.0, 4.0), 2.0),  # often below 0
    "pareto": Distribution("scipy", (0.0, 100.0, 1.2), 100.0, name="pareto"),
    "huge": Distribution("uniform", (0.0, 2.0**33), 2.0**32),
    "values": Distribution("values", (1.0, 2.5, 5.0), 2.5, (0.25, 0.25, 0.5)),
    "exactly": Distribution("exactly", (480.5,), 480.5),
    "first": Distribution("pert", (10.0, 20.0, 80.0), 20.0),
    "second": Distribution("triangular", (10.0, 20.0, 80.0), 20.0),
    "third": Distribution("values", (1.0, 2.5, 5.0), 2.5, (0.25, 0.25, 0.5)),
    **{name: Distribution("pert", (10.0, 20.0, 80.0), 20.0) for name in GROUP},
}


def drawn_plan(sampling: Sampling = "independent"):
    """A plan whose draws are the efforts above, in this order; three go together in pairs, five as a group."""
    tasks = [task(name, effort, "ANN") for name, effort in EFFORTS.items()]
    pairs = pair("first", "second", 0.5), pair("second", "third", -0.4)
    made = scenario([person("ANN")], tasks, correlations=[*pairs, together(GROUP, 0.3)])
    plan = sampled(compile_plan(made), sampling)
    keys = np.empty(len(plan.arrays.draws), np.uint64)
    with np.errstate(over="ignore"):
        kernel_draws.keys_of(pack(plan.arrays), np.uint64(SEED), keys)
    return plan.arrays, keys


@entry_kernel
def _in_blocks(packed_plan, packed_state, draw, first, values, minutes):
    """Fill rows of 64 trials, from `first` on."""
    plan, state = open_plan(packed_plan), open_state(packed_state)
    for row in range(len(values)):
        fill_sums(plan, state, first + row * BLOCK_TRIALS)
        fill_values(plan, state, draw, FIRST, first + row * BLOCK_TRIALS, values, row)
        fill_minutes(plan, state, draw, FIRST, first + row * BLOCK_TRIALS, minutes, row)


@entry_kernel
def _one_by_one(packed_plan, keys, draw, first, values, minutes):
    """The same rows, trial by trial."""
    plan = open_plan(packed_plan)
    for row in range(len(values)):
        for i in range(BLOCK_TRIALS):
            values[row, i] = stream_value(plan, keys, first + row * BLOCK_TRIALS + i, draw, FIRST)
            minutes[row, i] = round_minutes(values[row, i])


@entry_kernel
def _rounded(values, minutes):
    for row in range(len(values)):
        round_values(values, row, minutes, row)


def drawn(
    fill, draw: int, *, first: int, n_rows: int, sampling: Sampling = "independent"
) -> tuple[np.ndarray, np.ndarray]:
    arrays, keys = drawn_plan(sampling)
    whole = np.int64 if fill is _one_by_one else np.int32
    values, minutes = np.empty((n_rows, BLOCK_TRIALS)), np.empty((n_rows, BLOCK_TRIALS), whole)
    state = new_state(arrays)
    state.keys[:] = keys
    with np.errstate(over="ignore"):
        fill(pack(arrays), keys if fill is _one_by_one else pack(state), draw, first, values, minutes)
    return values, minutes


def digest() -> str:
    """A digest of all kinds of draws, block by block; run by itself on other kinds of machine."""
    import hashlib

    total = hashlib.sha256()
    samplings: tuple[Sampling, ...] = "independent", "lhs"
    for sampling, draw in itertools.product(samplings, range(len(EFFORTS))):
        for array in drawn(_in_blocks, draw, first=640, n_rows=4, sampling=sampling):
            total.update(array.tobytes())
    return total.hexdigest()


def test_plan__has_every_kind_of_draw():
    records = drawn_plan()[0].draws
    assert {int(kind) for kind in records.kind} == {BY_SCORE, BY_OCTAVE, TRIANGULAR, UNIFORM}
    assert (records.table == EXACT).any()
    assert (records.table < EXACT).any()
    assert (records.row >= 0).sum() == 6


def test_scores__of_a_group_with_one_correlation_begin_with_those_before_them():
    """Rows 0 and 1 are of the pairs; that of `two` is the first of the group, as `one` is drawn alone."""
    state = new_state(drawn_plan()[0])
    assert state.score_bases.tolist() == [-1, -1, -1, 2, 3, 4]


@pytest.mark.parametrize("draw", range(len(EFFORTS)), ids=list(EFFORTS))
def test_blocks__equal_one_by_one(draw):
    values, minutes = drawn(_in_blocks, draw, first=128, n_rows=1500)
    alone, alone_minutes = drawn(_one_by_one, draw, first=128, n_rows=1500)
    assert (values == alone).all()
    assert (minutes == np.minimum(alone_minutes, 2**30)).all()
    assert (minutes[:100] == np.clip(np.floor(values[:100] + 0.5), 0, 2**30)).all()


@pytest.mark.parametrize("draw", range(len(EFFORTS)), ids=list(EFFORTS))
def test_blocks__equal_one_by_one_in_latin_hypercubes(draw):
    values, minutes = drawn(_in_blocks, draw, first=128, n_rows=20, sampling="lhs")
    alone, alone_minutes = drawn(_one_by_one, draw, first=128, n_rows=20, sampling="lhs")
    assert (values == alone).all()
    assert (minutes == np.minimum(alone_minutes, 2**30)).all()


def test_blocks__reach_the_tails():
    """Words beyond the octaves are few: in the trials above some must have been met, or nothing was shown of them."""
    _, keys = drawn_plan()
    n_tails = 0
    for key in keys:
        pairs = np.arange(64, 64 + 1500 * 32, dtype=np.uint64)
        with np.errstate(over="ignore"):
            z = key + pairs * np.uint64(0x9E3779B97F4A7C15)
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        words = (z ^ (z >> np.uint64(31))).view(np.uint32).astype(np.int64)
        n_tails += int((np.minimum(words, 2**32 - 1 - words) < 2**16).sum())
    assert n_tails >= 10


@entry_kernel
def _of_words(packed_plan, draw, words, values, minutes):
    """Fill a row from given words, as far as vectors can; returns which words are left."""
    plan = open_plan(packed_plan)
    fill_lanes(plan, draw, words, minutes, FIRST)
    return fill_lanes(plan, draw, words, values, FIRST)


TRIANGLES = [(0.0, 0.0, 90.0), (-700.0, 20.0, 90.0), (0.0, 45.0, 90.0), (-1e5, -9e4, 2e4), (-20.0, 30.0, 30.0)]


@pytest.mark.skipif(not COMPILED, reason="nothing is drawn in vectors")
@pytest.mark.parametrize("draw", range(len(TRIANGLES)))
def test_triangles__equal_one_by_one_at_the_words_where_they_turn(draw):
    tasks = [task(f"t{i}", Distribution("triangular", points, points[1]), "ANN") for i, points in enumerate(TRIANGLES)]
    plan = compile_plan(scenario([person("ANN")], tasks)).arrays
    high, low = plan.octaves[plan.draws[draw].table, 2:4, 0]
    turn, steps = int(high) << 16 | int(low), np.r_[-40:40:5, -3, -2, -1, 0, 1, 2]
    around = [place + step for place in (turn, 2**31, 0, 2**32 - 1) for step in steps]
    words = np.resize([word for word in around if 0 <= word < 2**32], 64).astype(np.uint32)
    values, minutes = np.empty((1, 64)), np.empty((1, 64), np.int32)
    assert _of_words(pack(plan), draw, words, values, minutes) == 0
    expected = [kernel_draws.value_of(pack(plan), draw, int(word)) for word in words]
    assert values[0].tolist() == expected
    assert minutes[0].tolist() == [kernel_draws.minutes_of(value) for value in expected]


def test_rounding__of_products_is_half_up():
    values = np.zeros((2, BLOCK_TRIALS))
    values[1, :8] = [-3.0, -0.4, 0.4999, 0.5, 1.4999, 2.5, 1e300, 2.0**30 - 0.25]
    minutes = np.full((2, BLOCK_TRIALS), 9, np.int32)
    _rounded(values, minutes)
    assert minutes[1, :8].tolist() == [0, 0, 0, 1, 1, 3, 2**30, 2**30]
    assert not minutes[0].any()


def digest_elsewhere(**environment: str) -> str:
    paths = os.pathsep.join([str(ROOT), str(ROOT / "kernels"), str(ROOT / "tests")])
    process = subprocess.run(
        [sys.executable, "-c", "import test_blocks; print(test_blocks.digest())"],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip()


MACHINES = {"plain processor": {"NUMBA_CPU_NAME": "generic"}, "not compiled": {"NUMBA_DISABLE_JIT": "1"}}
if get_host_cpu_features().get("avx2"):
    MACHINES["registers of eight"] = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "+avx,+avx2"}


@pytest.mark.parametrize("environment", MACHINES.values(), ids=MACHINES)
def test_blocks__the_same_bits_on_other_machines(environment):
    assert digest_elsewhere(**environment) == digest()
