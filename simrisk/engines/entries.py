"""The entry kernels, compiled functions that are called from outside, in one table; and how one is got ready.

An entry is compiled once, for the types that its row of the table says; from then on its machine code is loaded as it
is (`simrisk.engines.images`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal

from simrisk.engines import cache, images
from simrisk.models.quantities import Drawing
from simrisk_kernels.layout import words_of
from simrisk_kernels.small import block_of

Kernel = Callable[..., Any]
State = Literal["loaded", "compiled"]


@dataclass(frozen=True)
class Entry:
    """An entry kernel.

    Parameters
    ----------
    module, name : str
        Where it stands.
    arguments : str
        A letter for each: "a" an array of int64 such as `bundle.pack` gives, "k" an array of uint64, "u" uint64,
        "i" int64, "f" float64.
    gives : str
        "i" or "f" as above, "" nothing.
    whole : bool
        Whether it is faster when it is compiled as one piece: many functions that call each other, not a few loops.
    """

    module: str
    name: str
    arguments: str
    gives: str = "i"
    whole: bool = False


ENTRIES = (
    Entry("trials", "run_trials", "aauiiai", whole=True),
    Entry("trials", "run_small", "aauiiai", whole=True),
    Entry("plain", "run_plain", "aauiiai"),
    Entry("network", "run_network", "aaauiiaii"),
    Entry("draws", "word_of", "uuiii"),
    Entry("draws", "keys_of", "auk", gives=""),
    Entry("draws", "stream_value_of", "akiii", gives="f"),
    Entry("draws", "value_of", "aii", gives="f"),
    Entry("draws", "minutes_of", "f"),
)

_ready: dict[str, tuple[Kernel, State]] = {}


def kernel(name: str) -> Kernel:
    """The entry kernel of this name, ready to be called: its machine code if it is there, otherwise compiled."""
    return _prepared(name)[0]


def is_ready(name: str) -> bool:
    """Return whether the entry kernel of this name need not be compiled here any more."""
    return name in _ready or (cache.image_path(name) is not None and cache.ready(name))


def packer(kernel: Kernel, *, small: bool = False) -> Callable[[Any], Any]:
    """What turns named tuples of arrays into arguments for an entry kernel; `small`: plans and workspaces for them."""
    if isinstance(kernel, images.Image):
        return block_of if small else words_of
    from simrisk_kernels.bundle import pack, pack_small

    return pack_small if small else pack


def drawing() -> Drawing:
    """The kernels that draw single values: to draw those of a trial or two numba need not be imported."""
    kernels = {entry.name: kernel(entry.name) for entry in ENTRIES if entry.module == "draws"}
    return Drawing(**kernels, pack=packer(kernels["stream_value_of"]))


def prepare(name: str) -> State:
    """Get the entry kernel of this name ready; returns whether it was there, or had to be compiled."""
    return _prepared(name)[1]


def _prepared(name: str) -> tuple[Kernel, State]:
    if name not in _ready:
        entry = next(entry for entry in ENTRIES if entry.name == name)
        _ready[name] = _image(entry) or _compiled(entry)
    return _ready[name]


def _image(entry: Entry) -> tuple[Kernel, State] | None:
    """The machine code of an entry that is kept; that of one piece is made unless it is there."""
    path = cache.image_path(entry.name)
    image = images.load(path, entry.arguments, entry.gives)
    if image is not None:
        return image, "loaded"
    kernel: Any = function(entry) if images.TRIED and entry.whole else None
    if not hasattr(kernel, "py_func"):  # nor has it one under NUMBA_DISABLE_JIT=1
        return None
    image = images.make(kernel.py_func, types_of(entry.arguments), entry.arguments, entry.gives, path)
    if path is not None:
        cache.remove_unused()
    return None if image is None else (image, "compiled")


def _compiled(entry: Entry) -> tuple[Kernel, State]:
    """Let numba compile an entry, or load it from its own cache; a damaged cache is emptied and made again."""
    found: Any = function(entry)
    if not hasattr(found, "compile"):  # under NUMBA_DISABLE_JIT=1
        return found, "loaded"
    types = types_of(entry.arguments)
    try:
        found.compile(types)
    except Exception:  # whatever unpickling a damaged file may raise
        cache.clear()
        found.compile(types)
    images.save(found, cache.image_path(entry.name))
    if found.stats.cache_hits:
        return found, "loaded"
    cache.remove_unused()
    return found, "compiled"


def function(entry: Entry) -> Any:
    """Return an entry kernel as numba has it, or uncompiled as it stands there."""
    return getattr(import_module(f"simrisk_kernels.{entry.module}"), entry.name)


def types_of(arguments: str) -> tuple[Any, ...]:
    """Return numba's types of arguments that are written as letters."""
    from numba import types

    known = {
        "a": types.int64[::1],
        "k": types.uint64[::1],
        "u": types.uint64,
        "i": types.int64,
        "f": types.float64,
    }
    return tuple(known[letter] for letter in arguments)
