"""Uniform word -> value: a quantile function of one uniform, the same bits on every machine, compiled or not.

A word w stands for u = (w + 1/2) / 2**32. What is drawn alone goes one of three ways from w to the value of its shape:
u itself (uniform), a square root (triangular), or a polynomial of degree 5 in the mantissa of min(u, 1 - u), one for
each octave and side down to u = 2**-16. These are in single precision, so that a machine can look up 16 of them at once
in its registers (`lanes.py`); they only add, multiply, compare and take square roots, all of which every machine rounds
alike. Words beyond the last octave, one in 32,768, shapes or numbers too wild for single precision, and correlated
quantities go through the standard normal: one table over octaves turns w into a score z, a table per shape turns z into
the value, with a cubic in every cell, in double precision. Discrete quantities are steps. The tables are fitted in
`simrisk.models.quantities`. Correlated quantities share their normals: the score of each is a weighted sum of the
normals of several streams (`simrisk.models.correlation`).
"""

from __future__ import annotations

import math

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel
from simrisk_kernels.layout import BY_OCTAVE, BY_SCORE, EXACT, TRIANGULAR, UNIFORM
from simrisk_kernels.random import FIRST, draw_word
from simrisk_kernels.state import BLOCK_TRIALS
from simrisk_kernels.tables import CELLS_PER_Z, MIDDLE, N_OCTAVE_CELLS, SCORE_MAX, STEP, TAIL, Z_MAX

SINGLE_MANTISSA = np.int32(0x7FFFFF)
SINGLE_ONE = np.int32(0x3F800000)
DOUBLE_MANTISSA = np.int64((1 << 52) - 1)
DOUBLE_ONE = np.int64(1023 << 52)
HALF = np.float32(0.5)
ONE = np.float32(1.0)
IN_BLOCK = np.int64(BLOCK_TRIALS - 1)  # place of a trial in its block
FEW_STEPS = 16  # of a discrete quantity, up to which all are looked at, so that no branch depends on the word
MIDDLE_WORD = 1 << 31
MIDDLE_U = 0.5 + 2.0**-33  # what the word in the middle stands for


@kernel
def distance(word):
    """Return how far `word` is from the nearer end of its range (int64, below 2**31)."""
    return 4294967295 - word if word >= 2147483648 else word


@kernel
def standard_normal(word, normal):
    """Return z (float) for a 32-bit `word`.

    Parameters
    ----------
    normal : (N_OCTAVES, N_OCTAVE_CELLS, 4) float64
        Cubics for the lower half; the upper half is its mirror image.
    """
    bits = np.float64(2.0 * distance(word) + 1.0).view(np.int64)
    octave = (bits >> 52) - 1023
    mantissa = np.int64((bits & DOUBLE_MANTISSA) | DOUBLE_ONE).view(np.float64)
    place = (mantissa - 1.0) * N_OCTAVE_CELLS
    cell = int(place)
    t = place - cell
    z = ((normal[octave, cell, 3] * t + normal[octave, cell, 2]) * t + normal[octave, cell, 1]) * t + normal[
        octave, cell, 0
    ]
    return -z if word >= 2147483648 else z


@kernel
def shape_value(z, tables, table):
    """Return the value of shape number `table` at the standard normal `z`."""
    place = (z + Z_MAX) * CELLS_PER_Z
    cell = int(place)
    t = place - cell
    return ((tables[table, cell, 3] * t + tables[table, cell, 2]) * t + tables[table, cell, 1]) * t + tables[
        table, cell, 0
    ]


@kernel
def octave_value(word, octaves, table):
    """Return the value (float32) of shape number `table` for a `word` that is not in a tail.

    The place in the table is the exponent modulo 32, 16 away in the upper half: what a register's look-up takes.
    """
    bits = np.float32(distance(word)).view(np.int32)
    cell = (bits >> 23 ^ word >> 27 & 16) & 31
    t = np.int32((bits & SINGLE_MANTISSA) | SINGLE_ONE).view(np.float32) - MIDDLE
    value = octaves[table, 5, cell]
    for term in range(4, -1, -1):
        value = value * t + octaves[table, term, cell]
    return value


@kernel
def triangular_value(word, octaves, table):
    """Return the value (float32) on 0 to 1 of shape number `table`, a triangle; its row begins with c and 1 - c."""
    near = (np.float32(distance(word)) + HALF) * STEP
    far = ONE - near
    below, above = (far, near) if word >= 2147483648 else (near, far)
    if below < octaves[table, 0, 0]:
        return np.float32(math.sqrt(below * octaves[table, 0, 0]))
    return ONE - np.float32(math.sqrt(above * octaves[table, 1, 0]))


@kernel
def step_of_word(plan, table, word):
    """Return the value that a discrete quantity has for `word`."""
    low, high = plan.step_ptr[-2 - table], plan.step_ptr[-1 - table] - 1
    if high - low <= FEW_STEPS:
        place = low
        for step in range(low, high):
            place += word >= plan.step_words[step]
        return plan.step_values[place]
    while low < high:
        middle = (low + high) // 2
        if word < plan.step_words[middle]:
            high = middle
        else:
            low = middle + 1
    return plan.step_values[low]


@pasted_kernel
def single_value(record, word, octaves):
    """Return the value (float32) of an uncertain quantity that need not go through the normal."""
    scale = np.float32(record.scale)
    if record.kind == UNIFORM:
        middle = np.float32(record.location + record.scale * MIDDLE_U)
        return middle + (scale * STEP) * np.float32(word - MIDDLE_WORD)
    if record.kind == TRIANGULAR:
        return np.float32(record.location) + scale * triangular_value(word, octaves, record.table)
    return np.float32(record.location) + scale * octave_value(word, octaves, record.table)


@pasted_kernel
def draw_value(plan, draw, word):
    """Return the value (float) of quantity number `draw` of the plan for a 32-bit `word`."""
    record = plan.draws[draw]
    table, kind = record.table, record.kind
    if table == EXACT:
        return record.location
    if table < EXACT:
        return record.location + record.scale * step_of_word(plan, table, word)
    if kind == BY_SCORE or (kind == BY_OCTAVE and distance(word) < TAIL):
        return record.location + record.scale * shape_value(standard_normal(word, plan.normal), plan.tables, table)
    return np.float64(single_value(record, word, plan.octaves))


@kernel
def correlated_score(plan, keys, trial, row):
    """Return the standard normal score (float) of row number `row` of the correlations.

    It is the sum, over the rows up to this one in ascending order, of loading times the row's own normal, so what a row
    gets does not depend on the rows behind it.

    Parameters
    ----------
    keys : (n_draws,) uint64
        Stream keys of all draws, see `simrisk_kernels.random.stream_key`.
    """
    score = 0.0
    for i in range(plan.score_ptr[row], plan.score_ptr[row + 1]):
        word = draw_word(keys[plan.score_draws[i]], trial, FIRST, plan.project[0].strata)
        score += plan.loadings[i] * standard_normal(word, plan.normal)
    return min(max(score, -SCORE_MAX), SCORE_MAX)


@kernel
def value_at_score(plan, draw, z):
    """Return the value (float) of the uncertain quantity number `draw` at the standard normal score `z`."""
    record = plan.draws[draw]
    table = record.table
    if table < EXACT:
        low, high = plan.step_ptr[-2 - table], plan.step_ptr[-1 - table] - 1
        while low < high:
            middle = (low + high) // 2
            if z < plan.step_scores[middle]:
                high = middle
            else:
                low = middle + 1
        return record.location + record.scale * plan.step_values[low]
    return record.location + record.scale * shape_value(z, plan.tables, table)


@kernel
def stream_value(plan, keys, trial, draw, index):
    """Return the value (float) of quantity number `draw` in a trial, correlated with others where the plan says so.

    Parameters
    ----------
    keys : (n_draws,) uint64
        Stream keys of all draws.
    index : int
        Only the first value of a stream, number 0, is ever correlated.
    """
    record = plan.draws[draw]
    if record.table != EXACT and record.row >= 0 and index == 0:
        return value_at_score(plan, draw, correlated_score(plan, keys, trial, record.row))
    return draw_value(plan, draw, draw_word(keys[draw], trial, index, plan.project[0].strata))


@kernel
def round_minutes(value):
    """Return `value` rounded half up to whole minutes, never below 0 (int64)."""
    if value <= 0.0:
        return 0
    return int(value + 0.5)  # of what is positive, what is cut off is what is rounded down


@kernel
def drawn_value(plan, state, draw, index):
    """Return what `stream_value` gives in this trial; first values have been drawn for a whole block of trials."""
    trial = state.clock[0].trial
    if index == 0:
        return state.values[draw, trial & IN_BLOCK]
    return draw_value(plan, draw, draw_word(state.keys[draw], trial, index, plan.project[0].strata))


@kernel
def draw_minutes(plan, state, draw, index):
    """Return a drawn time in whole minutes."""
    return round_minutes(drawn_value(plan, state, draw, index))
