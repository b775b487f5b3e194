"""Counter-based randomness: (seed, stream, trial, index) -> a 32-bit word, with no state anywhere.

A stream's key is a hash of the seed and of the stream's name. The words of a stream are halves of splitmix64's
output function (Steele, Lea and Flood 2014, doi 10.1145/2660193.2660195) over the counter
``key + (trial >> 1) * GOLD``.
Never step the counter by 1 or a power of two: the output function is weak there.

In a Latin hypercube the upper bits of the word are a stratum instead, and those of the hash follow behind it: within
each block of `STRATA` trials every stream meets every stratum once (McKay, Beckman and Conover, Technometrics 21, 1979,
239-245). Which trial gets which is a bijection of the trial's place in its block, keyed by the stream and the block:
rounds of multiply, add and xor-shift modulo `STRATA`, each of which can be undone. So it needs no state, either, and
blocks are independent of each other.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel, pasted_kernel
from simrisk_kernels.layout import STRATA

GOLD = np.uint64(0x9E3779B97F4A7C15)
INDEX_STEP = np.uint64(0xD1342543DE82EF95)
FIRST_FACTOR, SECOND_FACTOR = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)  # of splitmix64
FIRST_SHIFT, SECOND_SHIFT, LAST_SHIFT = np.uint64(30), np.uint64(27), np.uint64(31)
LOW_WORD = np.uint64(0xFFFFFFFF)
FIRST = np.int64(0)  # index of a draw that is made once; typed: a plain 0 would be compiled apart

STRATA_BITS = 8
STRATA_SALT = np.uint64(0x2545F4914F6CDD1D)  # keeps the hashes of blocks apart from those of words
PLACE = np.int64(STRATA - 1)
MASK = np.uint32(STRATA - 1)
ODD = np.uint32(1)
FOLD = np.uint32((STRATA_BITS + 1) // 2)
REST = np.uint32(32 - STRATA_BITS)
BITS = np.uint32(STRATA_BITS)


@kernel
def mix64(z):
    """Return splitmix64's output function of `z` (uint64): a bijection on 64 bits."""
    z = (z ^ (z >> FIRST_SHIFT)) * FIRST_FACTOR
    z = (z ^ (z >> SECOND_SHIFT)) * SECOND_FACTOR
    return z ^ (z >> LAST_SHIFT)


@kernel
def stream_key(seed, name_hash):
    """Return the key (uint64) of the stream with this `name_hash` (uint64) under `seed` (uint64)."""
    return mix64(mix64(seed + GOLD) ^ name_hash)


@kernel
def fill_keys(keys, seed, records):
    """Write the keys of the streams that the `hash` of each of `records` names, under `seed`, to `keys`."""
    for i in range(len(keys)):
        keys[i] = stream_key(seed, records[i].hash)


@kernel
def block_hash(key, trial):
    """Return the hash (uint64) that decides how the block of `trial` is stratified in the stream `key`."""
    return mix64((key ^ STRATA_SALT) + np.uint64(trial >> STRATA_BITS) * GOLD)


@kernel
def shuffled(place, q):
    """Return the stratum (uint32) of a `place` (uint32) in the block with the hash `q`: a bijection.

    Its 64 bits are the multipliers and addends of four rounds. With three, places half a block apart still met each
    other's strata unequally often.
    """
    for shift in (0, 16, 32, 48):
        factor = np.uint32(q >> np.uint64(shift)) & MASK | ODD
        addend = np.uint32(q >> np.uint64(shift + STRATA_BITS)) & MASK
        place = np.uint32(place * factor + addend) & MASK
        place = np.uint32(place ^ (place >> FOLD))
    return place


@kernel
def indexed_key(key, index):
    """Return the key (uint64) from which the words number `index` of the stream `key` are made."""
    return mix64(key + np.uint64(index) * INDEX_STEP) if index > 0 else key


@kernel
def draw_word(key, trial, index, strata):
    """Return the 32-bit word (int64) of `trial` and `index` (both int64, >= 0) in the stream `key`.

    Parameters
    ----------
    strata : int64
        INDEPENDENT, or STRATA for a Latin hypercube.
    """
    key = indexed_key(key, index)
    pair = mix64(key + np.uint64(trial >> 1) * GOLD)
    word = np.int64(pair >> np.uint64(32)) if trial & 1 else np.int64(pair & LOW_WORD)
    if strata > 0:
        stratum = shuffled(np.uint32(trial & PLACE), block_hash(key, trial))
        return np.int64(stratum) << np.int64(REST) | word >> np.int64(BITS)
    return word


@pasted_kernel
def fill_words(key, first, strata, words):
    """Write the words of trials ``first``, ``first + 1`` ... and index 0 in a stream, as `draw_word` gives them.

    Parameters
    ----------
    first : int64
        A multiple of the number of words, so that all lie in one block.
    strata : int64
        INDEPENDENT, or STRATA for a Latin hypercube.
    words : (n,) uint32, written
        n is a power of two, from 2 to STRATA.
    """
    half = first >> 1
    for i in range(len(words) >> 1):
        pair = mix64(key + np.uint64(half + i) * GOLD)
        words[2 * i] = np.uint32(pair)
        words[2 * i + 1] = np.uint32(pair >> np.uint64(32))
    if strata > 0:
        q, place = block_hash(key, first), first & PLACE
        for i in range(len(words)):
            words[i] = shuffled(np.uint32(place + i), q) << REST | words[i] >> BITS
