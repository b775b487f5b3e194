"""Working days: when the next one begins."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import types
from numba.extending import intrinsic

from simrisk_kernels._jit import kernel
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


@kernel
def whole_days(minute, day_minutes):
    """Return the first start of a working day at or after `minute`."""
    return (minute + day_minutes - 1) // day_minutes * day_minutes if minute < NEVER else NEVER
