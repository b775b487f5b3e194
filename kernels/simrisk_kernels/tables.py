"""Sizes of the tables of quantile functions, and constants of their arithmetic; see `quantile.py`."""

from __future__ import annotations

import numpy as np

N_OCTAVES = 32
N_OCTAVE_CELLS = 8
N_CELLS = 192
Z_MAX = 6.4  # beyond the largest |z| that a 32-bit word can give (6.34)
CELLS_PER_Z = N_CELLS / (2 * Z_MAX)
SCORE_MAX = 6.33  # sums of normals are cut off just inside the furthest single one

N_TERMS = 6  # of a polynomial over an octave
FIRST_OCTAVE = 16
TAIL = 1 << FIRST_OCTAVE  # words nearer to an end than this go through the normal
MIDDLE = np.float32(1.5)  # polynomials are in the mantissa, 1 to 2, less this: then rounding never makes them fall
STEP = np.float32(2.0**-32)  # from a word to the next
