"""The words of a stream in a block of 64 trials, in explicit vectors: the same as `random.fill_words` writes.

Left alone, LLVM would write them in vectors half as wide as those in which `lanes.py` reads them on some processors,
and each read would have to wait until both halves are in the cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic
from numba.np.arrayobj import make_array, populate_array

from simrisk_kernels._jit import pasted_kernel
from simrisk_kernels.bundle import address_of
from simrisk_kernels.lanes import COMPILED, I32, I64, LANES, ROUNDS, WORDS
from simrisk_kernels.layout import STRATA
from simrisk_kernels.random import (
    FIRST,
    FIRST_FACTOR,
    FIRST_SHIFT,
    FOLD,
    GOLD,
    LAST_SHIFT,
    PLACE,
    REST,
    SECOND_FACTOR,
    SECOND_SHIFT,
    STRATA_BITS,
    block_hash,
    fill_words,
)

I16 = ir.IntType(16)
PAIRS, PLACES = ir.VectorType(I64, LANES // 2), ir.VectorType(I16, 2 * LANES)
ALL_BITS = (1 << 64) - 1
STEPS = (0, 16, 32, 48)  # where in a block's hash the factor and the addend of each round of `random.shuffled` begin


def _all(kind: ir.VectorType, value: int) -> ir.Constant:
    """Return a vector of equal constants."""
    return ir.Constant(kind, [int(value)] * kind.count)


def _spread(builder: Any, number: Any, kind: ir.VectorType) -> Any:
    """Return a vector with a number in every lane."""
    nothing = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(nothing, number, I32(0))
    return builder.shuffle_vector(first, nothing, _all(ir.VectorType(I32, kind.count), 0))


def _place(builder: Any, address: Any, row: Any, part: int) -> Any:
    """Return the address of 16 words of a row."""
    place = builder.add(builder.mul(row, I64(LANES * ROUNDS)), I64(LANES * part))
    return builder.bitcast(builder.gep(address, [place]), WORDS.as_pointer())


@intrinsic
def empty_words(typing_context: Any) -> Any:
    """Make room on the stack for the words of a block, (64,) uint32; gone when the function that asks ends."""
    kind = types.Array(types.uint32, 1, "C")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        space = cgutils.alloca_once(builder, ir.ArrayType(I32, LANES * ROUNDS))
        space.align = 64
        made = make_array(kind)(context, builder)
        populate_array(
            made,
            data=builder.bitcast(space, I32.as_pointer()),
            shape=cgutils.pack_array(builder, [I64(LANES * ROUNDS)]),
            strides=cgutils.pack_array(builder, [I64(4)]),
            itemsize=I64(4),
            meminfo=None,
        )
        return made._getvalue()

    return kind(), generate


if not COMPILED:

    def empty_words() -> np.ndarray:
        """Return an array for the words of a block."""
        return np.empty(LANES * ROUNDS, np.uint32)


@intrinsic
def _hash_lanes(typing_context: Any, start: Any, words: Any, row: Any) -> Any:
    """Write the halves of `random.mix64` of `start`, `start` + GOLD and so on to the 64 words of a row."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        counters = [int(GOLD) * i & ALL_BITS for i in range(PAIRS.count * ROUNDS)]
        first = _spread(builder, arguments[0], PAIRS)
        pairs = [
            builder.add(first, ir.Constant(PAIRS, counters[i : i + PAIRS.count]))
            for i in range(0, len(counters), PAIRS.count)
        ]
        for shift, factor in ((FIRST_SHIFT, FIRST_FACTOR), (SECOND_SHIFT, SECOND_FACTOR)):
            pairs = [builder.xor(z, builder.lshr(z, _all(PAIRS, shift))) for z in pairs]
            pairs = [builder.mul(z, _all(PAIRS, factor)) for z in pairs]
        pairs = [builder.xor(z, builder.lshr(z, _all(PAIRS, LAST_SHIFT))) for z in pairs]
        address = address_of(context, builder, signature.args[1], arguments[1])
        for part, pair in enumerate(pairs):
            builder.store(builder.bitcast(pair, WORDS), _place(builder, address, arguments[2], part)).align = 4
        return context.get_dummy_value()

    return types.void(start, words, types.int64), generate


@intrinsic
def _strata_lanes(typing_context: Any, q: Any, place: Any, words: Any, row: Any) -> Any:
    """Put `random.shuffled` of `place`, `place` + 1 and so on, with the hash q, in front of the 64 words of a row."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        hashed, mask = arguments[0], _all(PLACES, STRATA - 1)
        first = _spread(builder, builder.trunc(arguments[1], I16), PLACES)
        address = address_of(context, builder, signature.args[2], arguments[2])
        for half in range(ROUNDS // 2):
            lanes = range(half * PLACES.count, (half + 1) * PLACES.count)
            places = builder.add(first, ir.Constant(PLACES, list(lanes)))
            for step in STEPS:  # modulo STRATA only what is below it counts
                factor = builder.or_(builder.trunc(builder.lshr(hashed, I64(step)), I16), I16(1))
                addend = builder.trunc(builder.lshr(hashed, I64(step + STRATA_BITS)), I16)
                places = builder.mul(places, _spread(builder, factor, PLACES))
                places = builder.and_(builder.add(places, _spread(builder, addend, PLACES)), mask)
                places = builder.xor(places, builder.lshr(places, _all(PLACES, FOLD)))
            for part in (2 * half, 2 * half + 1):
                chosen = [LANES * (part % 2) + lane for lane in range(LANES)]
                own = builder.shuffle_vector(places, ir.Constant(PLACES, ir.Undefined), ir.Constant(WORDS, chosen))
                strata = builder.shl(builder.zext(own, WORDS), _all(WORDS, REST))
                at = _place(builder, address, arguments[3], part)
                word = builder.load(at)
                word.align = 4
                low = builder.lshr(word, _all(WORDS, STRATA_BITS))
                builder.store(builder.or_(strata, low), at).align = 4
        return context.get_dummy_value()

    return types.void(q, place, words, types.int64), generate


@pasted_kernel
def fill_block(key, first, strata, words):
    """Write the words of trials `first` to `first` + 63 and index 0 in a stream, as `random.draw_word` gives them.

    Parameters
    ----------
    key, first, strata
        As `random.fill_words` takes them.
    words : (64,) uint32, written
    """
    if COMPILED:
        fill_words_row(key, first, strata, words, FIRST)
    else:
        fill_words(key, first, strata, words)


@pasted_kernel
def fill_words_row(key, first, strata, rows, row):
    """Write the same words to a row of a table, (n, 64) of 32 bits. Assumes: it is compiled."""
    _hash_lanes(key + np.uint64(first >> 1) * GOLD, rows, row)
    if strata > 0:
        _strata_lanes(block_hash(key, first), first & PLACE, rows, row)
