"""The smallest numbers of a table, in explicit vectors: what comes next, and who it is."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from simrisk_kernels.bundle import WORD, address_of, length_of
from simrisk_kernels.plain_layout import LANES, NO_CHANGE

NUMBER = ir.IntType(32)
VECTOR = ir.VectorType(NUMBER, LANES)
FEW = 16  # numbers that are written together
SHORT = ir.VectorType(NUMBER, FEW)


def _smaller(builder: Any, one: Any, other: Any) -> Any:
    return builder.select(builder.icmp_signed("<", one, other), one, other)


def smallest_of(builder: Any, numbers: Any) -> Any:
    """Return the smallest number of a vector of int32, as int64, for an intrinsic."""
    n = numbers.type.count
    while n > 1:
        n //= 2
        lower, upper = (
            builder.shuffle_vector(numbers, numbers, ir.Constant(ir.VectorType(NUMBER, n), list(range(i, i + n))))
            for i in (0, n)
        )
        numbers = _smaller(builder, lower, upper)
    return builder.sext(builder.extract_element(numbers, NUMBER(0)), WORD)


def _load(builder: Any, first: Any, group: Any) -> Any:
    place = builder.gep(first, [builder.mul(group, WORD(LANES))])
    numbers = builder.load(builder.bitcast(place, VECTOR.as_pointer()))
    numbers.align = 4
    return numbers


@intrinsic
def _smallest(typing_context: Any, table: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = address_of(context, builder, table, arguments[0])
        found = cgutils.alloca_once_value(builder, ir.Constant(VECTOR, [NO_CHANGE] * LANES))
        with cgutils.for_range(builder, builder.udiv(length_of(builder, table, arguments[0]), WORD(LANES))) as loop:
            builder.store(_smaller(builder, _load(builder, first, loop.index), builder.load(found)), found)
        return smallest_of(builder, builder.load(found))

    return types.int64(table), generate


def everywhere(builder: Any, number: Any, kind: Any) -> Any:
    """Return a vector of one kind with an int64 everywhere, for an intrinsic."""
    if kind.element != WORD:
        number = builder.trunc(number, kind.element)
    one = builder.insert_element(ir.Constant(kind, ir.Undefined), number, NUMBER(0))
    return builder.shuffle_vector(one, one, ir.Constant(ir.VectorType(NUMBER, kind.count), [0] * kind.count))


def _store(builder: Any, numbers: Any, place: Any) -> None:
    builder.store(numbers, builder.bitcast(place, numbers.type.as_pointer())).align = 4


@intrinsic
def _equal_ones(typing_context: Any, table: Any, group: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = address_of(context, builder, table, arguments[0])
        same = everywhere(builder, arguments[2], VECTOR)
        return builder.bitcast(builder.icmp_signed("==", _load(builder, first, arguments[1]), same), WORD)

    return types.uint64(table, types.int64, types.int64), generate


@intrinsic
def _put(typing_context: Any, table: Any, place: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = address_of(context, builder, table, arguments[0])
        lane = builder.and_(arguments[1], WORD(FEW - 1))
        place = builder.gep(first, [builder.sub(arguments[1], lane)])
        numbers = builder.load(builder.bitcast(place, SHORT.as_pointer()))
        numbers.align = 4
        here = builder.icmp_signed("==", ir.Constant(SHORT, list(range(FEW))), everywhere(builder, lane, SHORT))
        _store(builder, builder.select(here, everywhere(builder, arguments[2], SHORT), numbers), place)
        return context.get_dummy_value()

    return types.none(table, types.int64, types.int64), generate


def _smallest_uncompiled(table: Any) -> Any:
    return np.int64(table.min())


def _equal_ones_uncompiled(table: Any, group: Any, number: Any) -> Any:
    same = table[LANES * group : LANES * (group + 1)] == number
    return np.packbits(same, bitorder="little").view(np.uint64)[0]


def _put_uncompiled(table: Any, place: Any, number: Any) -> None:
    table[place] = number


# Of a table of int32 whose length is a multiple of LANES: the smallest number; which numbers of one of its groups of
# LANES are equal to a number, as the bits of a word; and writing a number together with its neighbours, because a
# processor that reads a vector waits for a single number that has just been written into it.
smallest = _smallest_uncompiled if numba.config.DISABLE_JIT else _smallest
equal_ones = _equal_ones_uncompiled if numba.config.DISABLE_JIT else _equal_ones
put = _put_uncompiled if numba.config.DISABLE_JIT else _put
