"""Working days: when the next one begins."""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import ALL_BITS
from simrisk_kernels.layout import NEVER


@intrinsic
def _quotient(typing_context: Any, number: Any, divisor: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.udiv(*arguments)

    return types.int64(types.int64, types.int64), generate


def _quotient_uncompiled(number: Any, divisor: Any) -> Any:
    return number // divisor


# number // divisor, the first at least 0, the second above: nothing is asked about signs and zero.
quotient = _quotient_uncompiled if numba.config.DISABLE_JIT else _quotient


@intrinsic
def _upper_half(typing_context: Any, one: Any, other: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = ir.IntType(128)
        product = builder.mul(*(builder.zext(argument, wide) for argument in arguments))
        return builder.trunc(builder.lshr(product, ir.Constant(wide, 64)), ir.IntType(64))

    return types.int64(types.int64, types.uint64), generate


def _upper_half_uncompiled(one: Any, other: Any) -> Any:
    return np.int64(int(one) * int(other) >> 64)


# The upper 64 bits of a product of two numbers that are not negative.
upper_half = _upper_half_uncompiled if numba.config.DISABLE_JIT else _upper_half


@kernel
def share_of_minute(day_minutes):
    """Return by what `day_of` multiplies: 2**64 - 1 by the minutes of a day, rounded down."""
    return ALL_BITS // np.uint64(day_minutes)


@kernel
def day_of(state, minute):
    """Return the working day of `minute`: a multiplication takes a third of the time of a division.

    The product with `per_minute` falls short of (minute + 1) / day_minutes by less than one minute's share, so what is
    cut off is the same.

    Assumes: 0 <= minute < 2**53.
    """
    return upper_half(minute + 1, state.clock[0].per_minute)


@kernel
def whole_days(minute, day_minutes):
    """Return the first start of a working day at or after `minute`."""
    return (minute + day_minutes - 1) // day_minutes * day_minutes if minute < NEVER else NEVER
