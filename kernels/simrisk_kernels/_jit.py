"""The one decorator: every option of numba is set here and nowhere else.

No fastmath (results must be the same on every machine), numpy's division (no exceptions inside kernels),
and the GIL released (blocks of trials run on threads). Entry kernels may be cached on disk: numba keys a cached
kernel by its own file alone, so the application has to name a folder by the content of all kernel sources
(`enable_cache`) before the first kernel module is imported; a library user gets no cache.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

_cache_folder = ""
RARE: list[Any] = []  # the compiled functions behind those of `rare_kernel`


def enable_cache(folder: str) -> None:
    """Keep compiled entry kernels in `folder`. Call before importing kernel modules."""
    global _cache_folder
    _cache_folder = folder


def _numba() -> Any:
    """numba, told where its cache is; imported when a kernel module is, and not before."""
    import numba

    if _cache_folder:
        numba.config.CACHE_DIR = _cache_folder
    return numba


def kernel(function: Function) -> Function:
    """Compile a part of a kernel: it is called by compiled code only and cached as part of its entry.

    Leaving out the wrappers for other callers saves a fifth of the compile time. Nothing is allocated, so nothing
    counts references.
    """
    wrappers = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    return _numba().njit(nogil=True, error_model="numpy", _nrt=False, **wrappers)(function)  # type: ignore[no-any-return]


def pasted_kernel(function: Function) -> Function:
    """Compile a short part that is always pasted into the code of its callers: a call would cost as much as it does."""
    wrappers = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    options = {"nogil": True, "error_model": "numpy", "_nrt": False, "forceinline": True}
    return _numba().njit(**options, **wrappers)(function)  # type: ignore[no-any-return]


def entry_kernel(function: Function) -> Function:
    """Compile a kernel that the engine calls, cached on disk when the application says where."""
    return _numba().njit(nogil=True, error_model="numpy", cache=bool(_cache_folder))(function)  # type: ignore[no-any-return]


def own_entry(function: Function) -> Function:
    """Compile an entry for whoever goes on with what LLVM makes of it; it is not called, and not cached."""
    return _numba().njit(nogil=True, error_model="numpy", _nrt=False)(function)  # type: ignore[no-any-return]


def inlined_kernel(function: Function) -> Function:
    """Compile a part that is called from one place only as part of its caller.

    Use it near the entry, where each level of functions would be optimised once more with all it calls; further down
    it costs more than it saves.
    """
    return _numba().njit(nogil=True, error_model="numpy", _nrt=False, inline="always")(function)  # type: ignore[no-any-return]


def rare_kernel(function: Function) -> Function:
    """Compile a part that is seldom needed and never pasted into its callers: it would take the registers they need."""
    numba = _numba()
    part = kernel(function)
    if numba.config.DISABLE_JIT:
        return part
    RARE.append(part)
    return numba.extending.intrinsic(_calling(part))  # type: ignore[no-any-return]


def _calling(part: Any) -> Callable[..., Any]:
    """What emits calls of a compiled function that LLVM leaves as they are."""
    from llvmlite import ir

    def call(typing_context: Any, *arguments: Any) -> Any:
        kind = _numba().typeof(part)
        found = typing_context.resolve_function_type(kind, arguments, {})

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            result = context.get_function(kind, found)(builder, values)
            name = part.overloads[found.args].fndesc.llvm_func_name
            for block in builder.function.blocks:
                for each in block.instructions:
                    if isinstance(each, ir.CallInstr) and each.callee.name == name:
                        each.attributes.add("noinline")
            return result

        return found, generate

    own = inspect.signature(part.py_func)
    first = inspect.Parameter("typing_context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    call.__signature__ = own.replace(parameters=[first, *own.parameters.values()])  # type: ignore[attr-defined]
    return call
