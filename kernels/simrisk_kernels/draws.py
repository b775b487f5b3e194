"""Single draws for callers outside compiled code: the reference engine and the tests."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.bundle import bundle_plan
from simrisk_kernels.quantile import draw_value, round_minutes, stream_value
from simrisk_kernels.random import draw_word, stream_key


@entry_kernel
def word_of(seed, name_hash, trial, index):
    """Return the 32-bit word (int64) of a stream; seed and name_hash are uint64."""
    return draw_word(stream_key(seed, name_hash), trial, index)


@entry_kernel
def keys_of(plan_arrays, seed):
    """Return the stream keys of all draws, (n_draws,) uint64."""
    keys = np.empty(len(plan_arrays.draws), np.uint64)
    for i in range(len(keys)):
        keys[i] = stream_key(seed, plan_arrays.draws[i].hash)
    return keys


@entry_kernel
def stream_value_of(plan_arrays, keys, trial, draw, index):
    """Return the value (float64) of quantity number `draw` in a trial, with its correlations."""
    return stream_value(bundle_plan(plan_arrays), keys, trial, draw, index)


@entry_kernel
def value_of(plan_arrays, draw, word):
    """Return the value (float64) of quantity number `draw` for a 32-bit word."""
    return draw_value(bundle_plan(plan_arrays), draw, word)


@entry_kernel
def minutes_of(value):
    """Return `value` in whole minutes, rounded half up, never below 0."""
    return round_minutes(value)
