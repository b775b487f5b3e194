"""Single draws for callers outside compiled code: the reference engine and the tests.

`packed_plan` is what `bundle.pack` gives for the arrays of a plan.
"""

from __future__ import annotations

from simrisk_kernels._jit import entry_kernel
from simrisk_kernels.bundle import open_plan
from simrisk_kernels.quantile import draw_value, round_minutes, stream_value
from simrisk_kernels.random import draw_word, fill_keys, stream_key


@entry_kernel
def word_of(seed, name_hash, trial, index, strata):
    """Return the 32-bit word (int64) of a stream; seed and name_hash are uint64, see `draw_word` for the rest."""
    return draw_word(stream_key(seed, name_hash), trial, index, strata)


@entry_kernel
def keys_of(packed_plan, seed, keys):
    """Write the stream keys of all draws to `keys`, (n_draws,) uint64."""
    plan = open_plan(packed_plan)
    fill_keys(keys, seed, plan.draws)


@entry_kernel
def stream_value_of(packed_plan, keys, trial, draw, index):
    """Return the value (float64) of quantity number `draw` in a trial, with its correlations."""
    return stream_value(open_plan(packed_plan), keys, trial, draw, index)


@entry_kernel
def value_of(packed_plan, draw, word):
    """Return the value (float64) of quantity number `draw` for a 32-bit word."""
    return draw_value(open_plan(packed_plan), draw, word)


@entry_kernel
def minutes_of(value):
    """Return `value` in whole minutes, rounded half up, never below 0."""
    return round_minutes(value)
