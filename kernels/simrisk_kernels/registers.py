"""Small tables that a kernel keeps in registers of vectors: when each of a few people is next due."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic, models, register_model

from simrisk_kernels.bundle import WORD, address_of
from simrisk_kernels.plain_layout import FEW, NO_CHANGE
from simrisk_kernels.smallest import NUMBER, everywhere, smallest_of

SIXTEEN = 16  # words that are looked at together
VECTOR = ir.VectorType(NUMBER, FEW)
WORDS = ir.VectorType(WORD, SIXTEEN)


class NumbersType(types.Type):
    """FEW numbers (int32) in a register."""

    def __init__(self) -> None:
        super().__init__("Numbers")


numbers = NumbersType()


@register_model(NumbersType)
class NumbersModel(models.PrimitiveModel):
    """A vector."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, VECTOR)


@intrinsic
def _no_numbers(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return ir.Constant(VECTOR, [NO_CHANGE] * FEW)

    return numbers(), generate


@intrinsic
def _with_number(typing_context: Any, vector: Any, lane: Any, number: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector, lane, number = arguments
        lane, number = (everywhere(builder, each, VECTOR) for each in (lane, number))
        here = builder.icmp_signed("==", lane, ir.Constant(VECTOR, list(range(FEW))))
        return builder.select(here, number, vector)

    return numbers(vector, types.int64, types.int64), generate


@intrinsic
def _least(typing_context: Any, vector: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return smallest_of(builder, arguments[0])

    return types.int64(vector), generate


@intrinsic
def _open_ones(typing_context: Any, needs: Any, group: Any, done: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        begin = address_of(context, builder, needs, arguments[0])
        place = builder.gep(begin, [builder.mul(arguments[1], WORD(SIXTEEN))])
        words = builder.load(builder.bitcast(place, WORDS.as_pointer()))
        words.align = 8
        missing = builder.and_(words, everywhere(builder, builder.not_(arguments[2]), WORDS))
        none = builder.icmp_unsigned("==", missing, ir.Constant(WORDS, [0] * SIXTEEN))
        return builder.zext(builder.bitcast(none, ir.IntType(SIXTEEN)), WORD)

    return types.uint64(needs, types.int64, types.uint64), generate


def _no_numbers_uncompiled() -> Any:
    return np.full(FEW, NO_CHANGE, np.int64)


def _with_number_uncompiled(vector: Any, lane: Any, number: Any) -> Any:
    vector[lane] = number
    return vector


def _least_uncompiled(vector: Any) -> Any:
    return np.int64(vector.min())


def _open_ones_uncompiled(needs: Any, group: Any, done: Any) -> Any:
    none = needs[SIXTEEN * group : SIXTEEN * (group + 1)] & ~done == 0
    return np.uint64(np.packbits(none, bitorder="little").view(np.uint16)[0])


no_numbers = _no_numbers_uncompiled if numba.config.DISABLE_JIT else _no_numbers
with_number = _with_number_uncompiled if numba.config.DISABLE_JIT else _with_number
least = _least_uncompiled if numba.config.DISABLE_JIT else _least
open_ones = _open_ones_uncompiled if numba.config.DISABLE_JIT else _open_ones
