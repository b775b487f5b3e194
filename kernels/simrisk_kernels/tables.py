"""Sizes of the tables of quantile functions, and constants of their arithmetic; see `quantile.py`."""

from __future__ import annotations

N_OCTAVES = 32
N_OCTAVE_CELLS = 8
N_CELLS = 64
Z_MAX = 6.4  # beyond the largest |z| that a 32-bit word can give (6.34)
CELLS_PER_Z = N_CELLS / (2 * Z_MAX)
SCORE_MAX = 6.33  # sums of normals are cut off just inside the furthest single one
