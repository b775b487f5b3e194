"""Counter-based randomness: (seed, stream, trial, index) -> a 32-bit word, with no state anywhere.

A stream's key is a hash of the seed and of the stream's name. The words of a stream are halves of splitmix64's
output function (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195) over the counter
``key + (trial >> 1) * GOLD``.
Never step the counter by 1 or a power of two: the output function is weak there.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel

GOLD = np.uint64(0x9E3779B97F4A7C15)
INDEX_STEP = np.uint64(0xD1342543DE82EF95)
LOW_WORD = np.uint64(0xFFFFFFFF)
FIRST = np.int64(0)  # index of a draw that is made once; typed: a plain 0 would be compiled apart


@kernel
def mix64(z):
    """Return splitmix64's output function of `z` (uint64): a bijection on 64 bits."""
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@kernel
def stream_key(seed, name_hash):
    """Return the key (uint64) of the stream with this `name_hash` (uint64) under `seed` (uint64)."""
    return mix64(mix64(seed + GOLD) ^ name_hash)


@kernel
def draw_word(key, trial, index):
    """Return the 32-bit word (int64) of `trial` and `index` (both int64, >= 0) in the stream `key`."""
    if index > 0:
        key = mix64(key + np.uint64(index) * INDEX_STEP)
    pair = mix64(key + np.uint64(trial >> 1) * GOLD)
    if trial & 1:
        return np.int64(pair >> np.uint64(32))
    return np.int64(pair & LOW_WORD)
