"""Rows of the network kernel: the passes against NumPy, and the lengths that vectors draw alone."""

from __future__ import annotations

import numpy as np
import pytest

from build import Distribution, person, scenario, task
from simrisk.compile import compile_plan
from simrisk.models.drawn import LOWEST, in_vectors
from simrisk_kernels import draws, vectors
from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.bundle import pack
from simrisk_kernels.network_layout import ALONE, DRAWN, TIME_LIMIT, aligned_rows
from simrisk_kernels.tables import TAIL
from test_network import assert_same_ends

# The passes


@entry_kernel
def all_forward(times, lengths, bases, in_ptr, in_rows, in_lags, chosen, latest, least):
    n = len(bases)
    for first, end in ((0, n // 3), (n // 3, n - 1), (n - 1, n)):
        vectors.forward_rows(times, lengths, first, end, bases, in_ptr, in_rows, in_lags)
    return vectors.latest_rows(times, chosen, len(chosen), latest, least)


@entry_kernel
def all_backward(times, lengths, latest, most, out_ptr, out_rows, out_lags, critical, sums):
    n = len(out_ptr) - 1
    for first, end in ((n - 1, n), (n // 3, n - 1), (0, n // 3)):
        vectors.backward_rows(times, lengths, first, end, latest, most, out_ptr, out_rows, out_lags, critical, sums)


@pytest.mark.parametrize("number", range(5))
def test_passes__are_those_of_plain_numpy(number):
    """64-bit NumPy over the links of random graphs, with lengths up to the limit."""
    dice = np.random.default_rng(number)
    n = 40
    lengths, times = aligned_rows(n), aligned_rows(n)
    lengths[:] = dice.integers(0, (TIME_LIMIT if number == 0 else 5000) // n, lengths.shape)
    before, after = np.nonzero(np.triu(dice.random((n, n)) < 0.08, 1))
    lags = dice.integers(0, 500, len(before)).astype(np.int32)
    bases = dice.integers(0, 900, n).astype(np.int32)

    def by(own, other):
        order = np.lexsort((other, own))
        ptr = np.concatenate([[0], np.cumsum(np.bincount(own, minlength=n))])
        return ptr, other[order].astype(np.int32), lags[order]

    latest, everything = aligned_rows(1), np.arange(n)
    found = all_forward(times, lengths, bases, *by(after, before), everything, latest, 0)

    long, ends = lengths.astype(np.int64), np.zeros((n, 64), np.int64)
    for i in range(n):
        starts = [np.full(64, bases[i]), *(ends[before[k]] + lags[k] for k in np.flatnonzero(after == i))]
        ends[i] = np.max(starts, axis=0) + long[i]
    assert (times == ends).all()
    assert (latest[0] == ends.max(axis=0)).all()
    assert found == ends.max()

    critical, sums = np.zeros(n, np.int64), np.zeros((n, 3), np.int64)
    all_backward(times, lengths, latest, found, *by(before, after), critical, sums)
    late, finish = np.zeros((n, 64), np.int64), ends.max(axis=0)
    for i in reversed(range(n)):
        bounds = [finish, *(late[after[k]] - long[after[k]] - lags[k] for k in np.flatnonzero(before == i))]
        late[i] = np.min(bounds, axis=0)
    assert (times == late - long).all()
    assert (critical == (late == ends).sum(axis=1)).all()
    for i, values in enumerate((long, long * long, long * finish)):
        assert (sums[:, i] == values.sum(axis=1)).all()


def test_passes__of_nothing_end_when_nothing_ends_before():
    times, latest = aligned_rows(0), aligned_rows(1)
    nothing, start = np.zeros(0, np.int32), np.zeros(1, np.int64)
    no_rows = np.zeros(0, np.int64)
    assert all_forward(times, times, nothing, start, nothing, nothing, no_rows, latest, 700) == 700
    assert (latest == 700).all()


@pytest.mark.parametrize("length", [TIME_LIMIT - 1, -TIME_LIMIT, (1 << 26) - 1, 1 << 26])
def test_passes__sums_hold_the_longest_lengths(length):
    """One activity as long, or as much shorter than nothing, as can be, in all 64 trials."""
    times, lengths, latest = aligned_rows(1), aligned_rows(1), aligned_rows(1)
    lengths[:] = length
    nothing, none_out = np.zeros(0, np.int32), np.zeros(2, np.int64)
    bases = np.array([max(0, -length)], np.int32)
    all_forward(times, lengths, bases, none_out, nothing, nothing, np.zeros(1, np.int64), latest, 0)
    critical, sums = np.zeros(1, np.int64), np.ones((1, 3), np.int64)
    all_backward(times, lengths, latest, abs(length), none_out, nothing, nothing, critical, sums)
    assert critical.tolist() == [64]
    assert sums[0].tolist() == [1 + 64 * length, 1 + 64 * length**2, 1 + 64 * length * max(0, length)]


# Lengths that are drawn alone

DRAWN_ALONE = {
    "from 0": (Distribution("triangular", (0.0, 30.0, 90.0), 30.0), ALONE),
    "hardly below 0": (Distribution("triangular", (-1.4, 0.5, 3.0), 0.5), ALONE),
    "below 0": (Distribution("triangular", (-2.0, 30.0, 90.0), 30.0), DRAWN),
    "pert from 0": (Distribution("pert", (0.0, 5.0, 60.0), 5.0), ALONE),
    "pert": (Distribution("pert", (480.0, 960.0, 4800.0), 960.0), ALONE),
    "lognormal": (Distribution("lognormal", (600.0, 0.8), 600.0), ALONE),
    "often below 0": (Distribution("normal", (2.0, 4.0), 2.0), DRAWN),
    "uniform": (Distribution("uniform", (0.5, 7.25), 3.0), DRAWN),
}


@pytest.mark.parametrize(("effort", "kind"), DRAWN_ALONE.values(), ids=DRAWN_ALONE)
def test_lengths__that_vectors_draw_alone_are_those_of_the_event_kernel(effort, kind):
    network = assert_same_ends(compile_plan(scenario([person("ANN")], [task("a", effort, "ANN")])), 3000)
    assert kind in network.arrays.kinds


@pytest.mark.parametrize(("effort", "kind"), DRAWN_ALONE.values(), ids=DRAWN_ALONE)
def test_lengths__that_vectors_round_are_within_their_range(effort, kind):
    """All 32-bit words but those in the tails, in steps: none is drawn in vectors that could be rounded otherwise."""
    plan = compile_plan(scenario([person("ANN")], [task("a", effort, "ANN")])).arrays
    words = np.arange(TAIL, 2**32 - TAIL, 40_009)
    least = min(draws.value_of(pack(plan), 0, int(word)) for word in words)
    assert bool(in_vectors(plan)[0]) == (kind == ALONE)
    assert kind != ALONE or least > LOWEST
