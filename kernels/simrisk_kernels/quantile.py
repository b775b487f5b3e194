"""Uniform word -> value: every continuous quantity goes through the standard normal, discrete ones through steps.

A word w stands for u = (w + 1/2) / 2**32. One table, indexed by the octave of min(u, 1 - u), turns it into a
standard normal z; a table per shape turns z into the value, with a cubic in every cell. Both only add and multiply, so
the same word gives the same bits on every machine, compiled or not. The tables are fitted in
`simrisk.models.quantities`.
"""

from __future__ import annotations

import math

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import EXACT

N_OCTAVES = 32
N_OCTAVE_CELLS = 8
N_CELLS = 64
Z_MAX = 6.4  # beyond the largest |z| that a 32-bit word can give (6.34)
CELLS_PER_Z = N_CELLS / (2 * Z_MAX)


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
        i = plan.step_ptr[-2 - table]
        while word >= plan.step_words[i]:
            i += 1
        return record.location + record.scale * plan.step_values[i]
    z = standard_normal(word, plan.normal)
    return record.location + record.scale * shape_value(z, plan.tables, table)


@kernel
def round_minutes(value):
    """Return `value` rounded half up to whole minutes, never below 0 (int64)."""
    if value <= 0.0:
        return 0
    return int(math.floor(value + 0.5))  # noqa: RUF046  (a float in compiled code)
