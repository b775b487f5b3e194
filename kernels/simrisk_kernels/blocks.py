"""One quantity in a block of trials at once: what `quantile.stream_value` gives, trial by trial."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.quantile import round_minutes, stream_value
from simrisk_kernels.random import FIRST

BLOCK_TRIALS = 64
LARGEST_MINUTES = np.int64(1 << 30)  # what a block can hold


@kernel
def fill_values(plan, keys, draw, first, words, out, row):
    """Fill row number `row` of `out` with the values of quantity number `draw` in trials first .. first + 63."""
    for i in range(BLOCK_TRIALS):
        out[row, i] = stream_value(plan, keys, first + i, draw, FIRST)


@kernel
def fill_minutes(plan, keys, draw, first, words, out, row):
    """Fill row number `row` of `out` with the minutes of quantity number `draw` in trials first .. first + 63."""
    for i in range(BLOCK_TRIALS):
        out[row, i] = min(round_minutes(stream_value(plan, keys, first + i, draw, FIRST)), LARGEST_MINUTES)


@kernel
def round_values(values, value_row, out, row):
    """Round row number `value_row` of `values` to minutes in row number `row` of `out`."""
    for i in range(BLOCK_TRIALS):
        out[row, i] = min(round_minutes(values[value_row, i]), LARGEST_MINUTES)
