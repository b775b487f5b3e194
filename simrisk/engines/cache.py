"""Where compiled kernels are kept between runs: a folder named by everything they were made from."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
from contextlib import suppress
from functools import lru_cache
from importlib import metadata
from pathlib import Path

# Settings of numba that say nothing about the code it makes.
NO_MATTER = {"NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT", "NUMBA_NUM_THREADS"}
NAME = re.compile(r"[0-9a-f]{16}-[0-9a-z.+]+-\d+(-[0-9a-f]{8})?")  # of such a folder
OURS = {".nbc", ".nbi", ".image"}  # endings of what lies in it
UNUSED_DAYS = 30

_enabled: Path | None = None


def kernel_sources() -> list[Path]:
    """Return the source files of the kernels, sorted by name."""
    from importlib.util import find_spec

    spec = find_spec("simrisk_kernels")
    assert spec is not None
    assert spec.submodule_search_locations
    return sorted(Path(spec.submodule_search_locations[0]).glob("*.py"))


@lru_cache(maxsize=1)
def kernel_digest() -> str:
    """Return the digest of all kernel sources: equal digests give equal numbers."""
    digest = hashlib.sha256()
    for path in kernel_sources():
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@lru_cache(maxsize=1)
def target_digest() -> str:
    """Return the digest of what code is made for: the processor, and what numba and LLVM are told about it.

    numba itself tells code for different processors apart, but not code compiled with other settings, or as one piece
    (`simrisk.engines.whole`, `simrisk.engines.odds`).
    """
    from llvmlite import binding

    whole = [Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("whole.py", "odds.py", "odds.txt")]
    told = {name: value for name, value in os.environ.items() if name.startswith("NUMBA_") and name not in NO_MATTER}
    features = binding.get_host_cpu_features().flatten()
    processor = [binding.get_process_triple(), binding.get_host_cpu_name(), features]
    target = [*processor, metadata.version("llvmlite"), told, *whole]
    return hashlib.sha256(json.dumps(target, sort_keys=True).encode()).hexdigest()[:8]


def user_cache() -> Path:
    """Return the folder for files that can be made again, as the platform has it."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Caches")
    else:
        base = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(base) if base else Path.home() / ".cache") / "simrisk"


@lru_cache(maxsize=1)
def folder() -> Path:
    """Return the folder of the kernels compiled from these sources by this numba and Python for this processor."""
    version = f"{metadata.version('numba')}-{sys.version_info.major}{sys.version_info.minor}"
    return user_cache() / f"{kernel_digest()}-{version}-{target_digest()}"


def enable() -> bool:
    """Keep compiled kernels on disk; to be called by an application before kernels are imported.

    Returns whether the folder can be used; when it cannot, kernels are compiled anew in every process.
    """
    global _enabled  # noqa: PLW0603
    try:
        path = folder()
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK)
        os.utime(path)  # it is in use
    except (OSError, RuntimeError):
        return False
    if writable:
        from simrisk_kernels import _jit

        _jit.enable_cache(str(path))
        _enabled = path
    return writable


def image_path(name: str) -> Path | None:
    """Return where the machine code of an entry kernel is kept; None when nothing is to be kept or taken."""
    if _enabled is None or os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        return None
    return _enabled / f"{name}.image"


def ready(name: str) -> bool:
    """Return whether the folder holds the compiled entry kernel of this name."""
    try:
        return any(any(folder().rglob(pattern)) for pattern in (f"{name}.image", f"*{name}*.nbi"))
    except (OSError, RuntimeError):
        return False


def clear() -> None:
    """Delete what is in the folder; the folder stays, for numba has chosen it already."""
    _empty(folder())


def remove_unused(now: float | None = None) -> list[Path]:
    """Remove folders of other kernels, numbas or processors that nobody has used for a month; returns them.

    Only folders with our names lose anything, and only files of our kinds; what else lies in one stays, with it.
    """
    now = time.time() if now is None else now
    removed: list[Path] = []
    if _enabled is None:
        return removed
    with suppress(OSError):
        for place in list(user_cache().iterdir()):
            if place == folder() or not NAME.fullmatch(place.name) or place.is_symlink() or not place.is_dir():
                continue
            with suppress(OSError):
                if now - place.stat().st_mtime > UNUSED_DAYS * 86_400:
                    _empty(place)
                    for inner in (*(path for path in place.iterdir() if path.is_dir()), place):
                        inner.rmdir()
                    removed.append(place)
    return removed


def _empty(place: Path) -> None:
    for path in place.rglob("*"):
        if path.suffix in OURS or ".tmp" in path.suffixes:
            with suppress(OSError):
                path.unlink()
