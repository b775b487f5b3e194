"""Where compiled kernels are kept between runs: a folder named by everything they were made from."""

from __future__ import annotations

import hashlib
import os
import sys
from contextlib import suppress
from functools import lru_cache
from pathlib import Path


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
    """Return the folder of the kernels compiled from these sources by this numba and Python."""
    import numba

    version = f"{numba.__version__}-{sys.version_info.major}{sys.version_info.minor}"
    return user_cache() / f"{kernel_digest()}-{version}"


def enable() -> bool:
    """Keep compiled kernels on disk; to be called by an application before kernels are imported.

    Returns whether the folder can be used; when it cannot, kernels are compiled anew in every process.
    """
    try:
        path = folder()
        path.mkdir(parents=True, exist_ok=True)
        writable = os.access(path, os.W_OK)
    except (OSError, RuntimeError):
        return False
    if writable:
        from simrisk_kernels import _jit

        _jit.enable_cache(str(path))
    return writable


def ready() -> bool:
    """Return whether the folder holds compiled kernels."""
    try:
        return any(folder().rglob("*run_trials*.nbi"))
    except (OSError, RuntimeError):
        return False


def clear() -> None:
    """Delete what is in the folder; the folder stays, for numba has chosen it already."""
    for path in folder().rglob("*"):
        if path.is_file():
            with suppress(OSError):
                path.unlink()
