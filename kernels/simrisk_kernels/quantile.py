"""Uniform word -> value: every continuous quantity goes through the standard normal, discrete ones through steps.

A word w stands for u = (w + 1/2) / 2**32. One table, indexed by the octave of min(u, 1 - u), turns it into a
standard normal z; a table per shape turns z into the value, with a cubic in every cell. Both only add and multiply, so
the same word gives the same bits on every machine, compiled or not. The tables are fitted in
`simrisk.models.quantities`. Correlated quantities share their normals: the score of each is a weighted sum of the
normals of several streams (`simrisk.models.correlation`).
"""

from __future__ import annotations

import math

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import EXACT
from simrisk_kernels.random import FIRST, draw_word
from simrisk_kernels.tables import CELLS_PER_Z, N_OCTAVE_CELLS, SCORE_MAX, Z_MAX


@kernel
def standard_normal(word, normal):
    """Return z (float) for a 32-bit `word`.

    Parameters
    ----------
    normal : (N_OCTAVES, N_OCTAVE_CELLS, 4) float64
        Cubics for the lower half; the upper half is its mirror image.
    """
    upper = word >= 2147483648
    small = 4294967295 - word if upper else word
    mantissa, exponent = math.frexp(2.0 * small + 1.0)
    place = (2.0 * mantissa - 1.0) * N_OCTAVE_CELLS
    cell = int(place)
    t = place - cell
    octave = exponent - 1
    z = ((normal[octave, cell, 3] * t + normal[octave, cell, 2]) * t + normal[octave, cell, 1]) * t + normal[
        octave, cell, 0
    ]
    return -z if upper else z


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
def draw_value(plan, draw, word):
    """Return the value (float) of quantity number `draw` of the plan for a 32-bit `word`."""
    record = plan.draws[draw]
    table = record.table
    if table == EXACT:
        return record.location
    if table < EXACT:
        low, high = plan.step_ptr[-2 - table], plan.step_ptr[-1 - table] - 1
        while low < high:
            middle = (low + high) // 2
            if word < plan.step_words[middle]:
                high = middle
            else:
                low = middle + 1
        return record.location + record.scale * plan.step_values[low]
    z = standard_normal(word, plan.normal)
    return record.location + record.scale * shape_value(z, plan.tables, table)


@kernel
def correlated_score(plan, keys, trial, row):
    """Return the standard normal score (float) of row number `row` of `loadings`.

    It is the sum, over the rows up to this one in ascending order, of loading times the row's own normal, so what a row
    gets does not depend on the rows behind it.

    Parameters
    ----------
    keys : (n_draws,) uint64
        Stream keys of all draws, see `simrisk_kernels.random.stream_key`.
    """
    score = 0.0
    for j in range(row + 1):
        loading = plan.loadings[row, j]
        if loading != 0.0:
            word = draw_word(keys[plan.score_draws[j]], trial, FIRST)
            score += loading * standard_normal(word, plan.normal)
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
    return draw_value(plan, draw, draw_word(keys[draw], trial, index))


@kernel
def round_minutes(value):
    """Return `value` rounded half up to whole minutes, never below 0 (int64)."""
    if value <= 0.0:
        return 0
    return int(math.floor(value + 0.5))  # noqa: RUF046  (a float in compiled code)


@kernel
def draw_minutes(plan, state, draw, index):
    """Return a drawn time in whole minutes."""
    return round_minutes(stream_value(plan, state.keys, state.clock[0].trial, draw, index))
