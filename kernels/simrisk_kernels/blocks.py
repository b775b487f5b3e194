"""One quantity in a block of 64 trials at once: exactly what `quantile.stream_value` gives in each of them."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel
from simrisk_kernels.lanes import COMPILED, octave_lanes, triangular_lanes, uniform_lanes
from simrisk_kernels.layout import BY_OCTAVE, EXACT, TRIANGULAR, UNIFORM
from simrisk_kernels.quantile import (
    MIDDLE_U,
    distance,
    draw_value,
    round_minutes,
    value_at_score,
)
from simrisk_kernels.random import FIRST, indexed_key
from simrisk_kernels.scores import block_score, fill_sums
from simrisk_kernels.state import BLOCK_TRIALS, SPELLS
from simrisk_kernels.tables import STEP
from simrisk_kernels.words import empty_words, fill_block

LARGEST_MINUTES = np.int64(1 << 30)  # what a block can hold; more is cut off
NONE = np.int64(0)
ALL = np.int64(1 << 31)


@kernel
def whole_minutes(value):
    """Return `value` in whole minutes (int64), at most what a block can hold."""
    return min(round_minutes(min(value, 2.0**30)), LARGEST_MINUTES)


@kernel
def itself(value):
    """Return `value` as it is."""
    return value


@pasted_kernel
def fill_lanes(plan, draw, words, out, row):
    """Fill row number `row` of `out`, values (float64) or minutes (int32), as far as vectors can.

    Returns
    -------
    int64
        Words nearer to an end than this are left to the caller: all, none, or those in the tails.
    """
    record = plan.draws[draw]
    table, kind = record.table, record.kind
    if table < 0 or not COMPILED:
        return ALL
    if kind == BY_OCTAVE:
        return octave_lanes(words, plan.octaves, table, record.location, record.scale, out, row)
    if kind == TRIANGULAR:
        likely, rest = plan.octaves[table, 0, 0] * STEP, plan.octaves[table, 1, 0] * STEP
        turn = np.int64(plan.octaves[table, 2, 0]) << 16 | np.int64(plan.octaves[table, 3, 0])
        triangular_lanes(words, turn, likely, rest, record.location, record.scale, out, row)
        return NONE
    if kind == UNIFORM:
        middle = record.location + record.scale * MIDDLE_U
        uniform_lanes(words, middle, np.float32(record.scale) * STEP, out, row)
        return NONE
    return ALL


@pasted_kernel
def fill_row(plan, state, draw, index, first, out, row, as_put):
    """Fill row number `row` of `out`, each value as `as_put` makes it what the row holds."""
    record = plan.draws[draw]
    if record.table == EXACT:
        value = as_put(record.location)
        for i in range(BLOCK_TRIALS):
            out[row, i] = value
        return
    if record.row >= 0 and index == 0:
        for i in range(BLOCK_TRIALS):
            out[row, i] = as_put(value_at_score(plan, draw, block_score(plan, state, record.row, i)))
        return
    words = empty_words()
    fill_block(indexed_key(state.keys[draw], index), first, plan.project[0].strata, words)
    left = fill_lanes(plan, draw, words, out, row)
    if left != NONE:
        for i in range(BLOCK_TRIALS):
            word = np.int64(words[i])
            if distance(word) < left:
                out[row, i] = as_put(draw_value(plan, draw, word))


@kernel
def fill_values(plan, state, draw, index, first, out, row):
    """Fill row number `row` of `out` with the values of quantity number `draw` in trials first .. first + 63.

    Parameters
    ----------
    state : bundle
        With the stream `keys` of all draws, (n_draws,) uint64, and what `scores.fill_sums` fills.
    index : int64
        Of the value in its stream.
    first : int64
        A multiple of 64.
    out : (n, 64) float64
    """
    fill_row(plan, state, draw, index, first, out, row, itself)


@kernel
def fill_minutes(plan, state, draw, index, first, out, row):
    """Fill row number `row` of `out`, (n, 64) int32, with the same values in minutes: half up, never below 0."""
    fill_row(plan, state, draw, index, first, out, row, whole_minutes)


@kernel
def round_values(values, value_row, out, row):
    """Round a row of `values`, (n, 64) float64, to minutes in row number `row` of `out`, (m, 64) int32."""
    for i in range(BLOCK_TRIALS):
        out[row, i] = whole_minutes(values[value_row, i])


@kernel
def draw_leave(plan, state, b, first):
    """Draw on which day block number `b` of random leave is looked for in the trials from `first` on."""
    block, words = plan.blocks[b], empty_words()
    fill_block(indexed_key(state.block_keys[b], block.index), first, plan.project[0].strata, words)
    for i in range(BLOCK_TRIALS):
        state.leave_days[b, i] = block.first_day + ((np.int64(words[i]) * block.n_starts) >> 32)


@kernel
def draw_block(plan, state):
    """Draw what nearly every trial needs in the trials around this one, unless that was done for the one before.

    These are the first values of all streams, random leave and the first spells of absence.
    """
    clock = state.clock[0]
    block = clock.trial // BLOCK_TRIALS
    if block == clock.block:
        return
    clock.block = block
    first = block * BLOCK_TRIALS
    fill_sums(plan, state, first)
    for draw in range(len(plan.draws)):
        fill_values(plan, state, draw, FIRST, first, state.values, draw)
    for b in range(len(plan.blocks)):
        draw_leave(plan, state, b, first)
    for kind in range(len(plan.absences)):
        absence = plan.absences[kind]
        for spell in range(SPELLS):
            fill_minutes(plan, state, absence.gap, spell, first, state.gaps, kind * SPELLS + spell)
            fill_minutes(plan, state, absence.duration, spell, first, state.durations, kind * SPELLS + spell)
