"""The one decorator: every option of numba is set here and nowhere else.

No fastmath (results must be the same on every machine), numpy's division (no exceptions inside kernels),
and the GIL released (blocks of trials run on threads). Entry kernels may be cached on disk: numba keys a cached
kernel by its own file alone, so the application has to name a folder by the content of all kernel sources
(`enable_cache`) before the first kernel module is imported; a library user gets no cache.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

_cache_folder = ""


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
