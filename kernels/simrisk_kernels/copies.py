"""Copying whole tables, as fast as the machine does."""

from __future__ import annotations

from typing import Any

import numba
from numba.core import cgutils, types
from numba.extending import intrinsic

from simrisk_kernels.bundle import address_of, size_of


@intrinsic
def _copy(typing_context: Any, source: Any, target: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        begin, end = (address_of(context, builder, signature.args[k], arguments[k]) for k in (0, 1))
        item = context.get_abi_sizeof(context.get_data_type(source.dtype))
        cgutils.raw_memcpy(builder, end, begin, size_of(builder, source, arguments[0]), item)
        return context.get_dummy_value()

    return types.none(source, target), generate


def _copy_uncompiled(source: Any, target: Any) -> None:
    target[...] = source


# Write all of a table into another of the same shape.
copy = _copy_uncompiled if numba.config.DISABLE_JIT else _copy
