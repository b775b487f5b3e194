"""Telling the compiler what seldom happens, so that what usually happens gets the registers and stands together."""

from __future__ import annotations

from typing import Any

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic


@intrinsic
def _seldom(typing_context: Any, condition: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        truth, name = ir.IntType(1), "llvm.expect.i1"
        kind = ir.FunctionType(truth, [truth, truth])
        expect = builder.module.globals.get(name) or ir.Function(builder.module, kind, name)
        return builder.call(expect, [arguments[0], truth(0)])

    return types.boolean(types.boolean), generate


def _seldom_uncompiled(condition: Any) -> Any:
    return condition


# A condition as it is, of which the compiler knows that it seldom holds.
seldom = _seldom_uncompiled if numba.config.DISABLE_JIT else _seldom
