"""Sets of days or parts as bits of 64-bit words: the lowest one, how many, the next one, the next gap."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels._jit import kernel

NO_BITS, ALL_BITS, LOWEST = np.uint64(0), np.uint64(0xFFFFFFFFFFFFFFFF), np.uint64(1)


@intrinsic
def _trailing_zeros(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.int64(types.uint64), generate


@intrinsic
def _ones(typing_context: Any, word: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.int64(types.uint64), generate


def _trailing_zeros_uncompiled(word: Any) -> Any:
    return np.int64((int(word) & -int(word)).bit_length() - 1 if word else 64)


def _ones_uncompiled(word: Any) -> Any:
    return np.int64(int(word).bit_count())


# Place of the lowest bit of a word (64: none), and the number of bits in it.
trailing_zeros = _trailing_zeros_uncompiled if numba.config.DISABLE_JIT else _trailing_zeros
ones = _ones_uncompiled if numba.config.DISABLE_JIT else _ones


@kernel
def bit(place):
    """Return the word (uint64) in which only this place is set; places count on from word to word."""
    return LOWEST << np.uint64(place & 63)


@kernel
def from_place(place):
    """Return the word (uint64) in which this place and all higher ones are set."""
    return ALL_BITS << np.uint64(place & 63)


@kernel
def without_lowest(word):
    """Return `word` without its lowest bit."""
    return word & (word - LOWEST)


@kernel
def nth_place(word, n):
    """Return the place of bit number `n`, from 0, of those that are set in `word`; it has more than `n`.

    Half of what is left is put aside six times, without a branch that would have to be foreseen.
    """
    place, width = 0, 32
    while width > 0:
        low = ones(word & ~from_place(width))
        aside = width if n >= low else 0
        n -= low if n >= low else 0
        word >>= np.uint64(aside)
        place += aside
        width >>= 1
    return place


@kernel
def has_bit(words, place):
    """Return whether a place is set."""
    return (words[place >> 6] >> np.uint64(place & 63)) & LOWEST != NO_BITS


@kernel
def shares_bits(words, others):
    """Return whether a place is set in both; `others` is a table."""
    for w in range(len(others)):
        if words[w] & others[w] != NO_BITS:
            return True
    return False


@kernel
def next_one(words, place, end):
    """Return the first place from `place` on that is set; `end`: none before it."""
    if place >= end:
        return end
    w = place >> 6
    rest = words[w] & from_place(place)
    while rest == NO_BITS:
        w += 1
        if w << 6 >= end:
            return end
        rest = words[w]
    return min(end, (w << 6) + trailing_zeros(rest))


@kernel
def next_gap(words, place, end):
    """Return the first place from `place` on that is not set; `end`: none before it."""
    if place >= end:
        return end
    w = place >> 6
    rest = ~words[w] & from_place(place)
    while rest == NO_BITS:
        w += 1
        if w << 6 >= end:
            return end
        rest = ~words[w]
    return min(end, (w << 6) + trailing_zeros(rest))


@kernel
def count_bits(words, first, end):
    """Return how many places from `first` to before `end` are set."""
    n = 0
    while first < end:
        w = first >> 6
        rest = words[w] & from_place(first)
        first = (w + 1) << 6
        if first > end:
            rest &= ~from_place(end)
        n += ones(rest)
    return n


@kernel
def move_bits(words, other, first, end):
    """Take the places from `first` to before `end` that are set out of `words` and put them into `other`."""
    while first < end:
        w = first >> 6
        mask = from_place(first)
        stop = (w + 1) << 6
        if stop > end:
            mask &= ~from_place(end)
        moved = words[w] & mask
        words[w] ^= moved
        other[w] |= moved
        first = stop


@kernel
def copy_bits(words, other, first, end):
    """Put the places from `first` to before `end` that are set in `words` into `other`, too."""
    for w in range(first >> 6, ((end - 1) >> 6) + 1):
        mask = from_place(first) if w == first >> 6 else ALL_BITS
        if w == end >> 6:
            mask &= ~from_place(end)
        other[w] |= words[w] & mask
