"""Images: machine code of compiled kernels, kept in files and loaded with llvmlite alone.

numba can load what it has compiled before, but only after importing all of itself and setting up its compiler: a third
of a second, for code that is there in three milliseconds. So the machine code of entry kernels is kept beside numba's
own cache, or in its place where it is compiled as one piece (`simrisk.engines.whole`). A file is used only when it is
complete, was made by these versions for this processor (`cache.folder`), and where the way arguments are passed has
been tried: 64-bit Linux. Otherwise numba does it.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import platform
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from simrisk.engines.whole import compile_whole

MAGIC = b"simrisk image 1\n"
TRIED = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64") and sys.maxsize > 2**32
# What numba's wrapper for callers in Python uses; what is left of it in the machine code is never called here.
WRAPPERS_OWN = {
    "NRT_Free",
    "NRT_MemInfo_call_dtor",
    "NRT_adapt_ndarray_from_python",
    "NRT_adapt_ndarray_to_python",
    "NRT_adapt_ndarray_to_python_acqref",
    "numba_do_raise",
    "numba_gil_ensure",
    "numba_gil_release",
    "numba_runtime_build_excinfo_struct",
    "numba_unpickle",
}
C_NAMES = {"numba_frexp": "frexp", "numba_ldexp": "ldexp"}  # the same as the C library's for finite numbers
SYMBOL = np.dtype("<u4,u1,u1,<u2,<u8,<u8")  # of an ELF file: name, information twice, section, value, size
ARRAY_WORDS = 7

_engines: list[Any] = []  # the code lies in their memory


class Image:
    """A kernel as machine code, to be called like the compiled function.

    Parameters
    ----------
    address : int
        Of the function as numba compiles it: it takes where to put its result and an error, then the arguments, an
        array as seven words: owner and parent (none), length, bytes of an item, address, shape, stride.
    arguments, gives : str
        As `entries.Entry` says them.
    """

    def __init__(self, address: int, arguments: str, gives: str = "i") -> None:
        self._arguments, self._gives = arguments, gives
        words = [ctypes.c_double if kind == "f" else ctypes.c_int64 for kind in arguments for _ in range(_words(kind))]
        self._function = ctypes.CFUNCTYPE(ctypes.c_int32, *[ctypes.c_void_p] * 2, *words)(address)

    def __call__(self, *arguments: Any) -> Any:
        """Call the kernel, which releases the GIL."""
        error = ctypes.c_void_p(0)
        result = ctypes.c_double(0) if self._gives == "f" else ctypes.c_int64(0)
        words: list[int | float] = []
        for kind, value in zip(self._arguments, arguments, strict=True):
            if kind in "ak":
                words += [0, 0, value.size, value.itemsize, value.ctypes.data, value.size, value.itemsize]
            else:
                words.append(float(value) if kind == "f" else int(value))
        if status := self._function(ctypes.addressof(result), ctypes.addressof(error), *words):
            raise RuntimeError(f"A kernel ended with status {status}.")
        return result.value if self._gives else None


def _words(kind: str) -> int:
    """How many words an argument is."""
    return ARRAY_WORDS if kind in "ak" else 1


def load(path: Path | None, arguments: str, gives: str = "i") -> Image | None:
    """The kernel of an image; None when there is none that can be used."""
    if path is None or not TRIED:
        return None
    try:
        magic, head, code = path.read_bytes().split(b"\n", 2)
        told = json.loads(head)
    except (OSError, ValueError):
        return None
    if magic + b"\n" != MAGIC or told["digest"] != _digest(code):
        return None
    return Image(_address(code, told["symbol"], told["needs"]), arguments, gives)


def loaded(code: bytes, symbol: str, arguments: str, gives: str = "i") -> Image:
    """The kernel of this name in machine code that has just been made."""
    return Image(_address(code, symbol, sorted(_needed(code))), arguments, gives)


def make(
    function: Callable[..., Any], types: tuple[Any, ...], arguments: str, gives: str, path: Path | None
) -> Image | None:
    """Compile a kernel as one piece, and keep its machine code if there is a place; None: it cannot be made.

    Parameters
    ----------
    function : callable
        The kernel as Python knows it.
    types : tuple of numba's types
        Of its arguments.
    """
    # numba and LLVM may look different inside one day
    with suppress(AttributeError, KeyError, RuntimeError, TypeError, ValueError):
        symbol, code = compile_whole(function, types)
        if path is not None:
            with suppress(OSError):
                _keep(symbol, code, path)
        return loaded(code, symbol, arguments, gives)
    return None


def save(dispatcher: Any, path: Path | None) -> None:
    """Keep the machine code of a kernel that numba has compiled; that it cannot be kept is no error.

    Parameters
    ----------
    dispatcher : numba's Dispatcher
        With one compiled signature.
    """
    if path is None or not TRIED:
        return
    with suppress(OSError, AttributeError, KeyError, ValueError):
        ((signature, compiled),) = dispatcher.overloads.items()
        _keep(compiled.fndesc.llvm_func_name, _machine_code(dispatcher, signature, compiled.library), path)


def _keep(symbol: str, code: bytes, path: Path) -> None:
    needs = sorted(_needed(code))
    told = {"symbol": symbol, "needs": needs, "digest": _digest(code)}
    if all(_is_known(name) for name in needs):
        temporary = path.with_name(f"{path.name}.{uuid.uuid4().hex}.tmp")
        try:
            temporary.write_bytes(MAGIC + json.dumps(told).encode() + b"\n" + code)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _machine_code(dispatcher: Any, signature: Any, library: Any) -> bytes:
    """Machine code of a library, from numba's cache when numba has taken it from there."""
    if library._compiled_object is not None:
        return bytes(library._compiled_object)
    cached = dispatcher._cache
    stored = cached._cache_file.load(cached._index_key(signature, library.codegen))
    return bytes(stored[0][2][0])


def _digest(code: bytes) -> str:
    return hashlib.blake2b(code).hexdigest()


def _needed(code: bytes) -> Iterator[str]:
    """Names that the machine code uses and does not define."""
    from llvmlite import binding

    sections = {part.name(): part.data() for part in binding.ObjectFileRef.from_data(code).sections()}
    names = sections[b".strtab"]
    for symbol in np.frombuffer(sections[b".symtab"], SYMBOL):
        begin, section = int(symbol["f0"]), int(symbol["f3"])
        if begin and not section:
            yield names[begin : names.index(b"\0", begin)].decode()


def _is_known(name: str) -> bool:
    return name in WRAPPERS_OWN or hasattr(_process(), C_NAMES.get(name, name))


def _process() -> ctypes.CDLL:
    """Everything the process has loaded: Python, the C library and its mathematics."""
    ctypes.CDLL("libm.so.6", mode=ctypes.RTLD_GLOBAL)
    return ctypes.CDLL(None)


def _address(code: bytes, symbol: str, needs: list[str]) -> int:
    """Load machine code; returns the address of a function in it."""
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    process = _process()
    for name in needs:
        if binding.address_of_symbol(name) is None:
            function = getattr(process, "abort" if name in WRAPPERS_OWN else C_NAMES.get(name, name))
            binding.add_symbol(name, ctypes.cast(function, ctypes.c_void_p).value)
    machine = binding.Target.from_default_triple().create_target_machine(jit=True, codemodel="jitdefault")
    # Code of one piece reaches its tables by their distance, so all of it has to lie side by side.
    engine = binding.create_mcjit_compiler(binding.parse_assembly(""), machine, use_lmm=True)
    engine.add_object_file(binding.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _engines.append(engine)
    return int(engine.get_function_address(symbol))
