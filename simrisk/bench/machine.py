"""The machine on which it is measured."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from simrisk import __version__
from simrisk.engines import cache
from simrisk.engines.kernels import usable_threads

VECTORS = (("avx512f", "AVX-512"), ("avx2", "AVX2"), ("sse2", "SSE2"), ("neon", "NEON"))  # the widest first
PACKAGES = ("numba", "numpy", "simpy")


@dataclass(frozen=True)
class Machine:
    """What the figures depend on.

    Parameters
    ----------
    cpu, target : str
        As the maker calls it, and what kernels are compiled for.
    vectors : str
        The widest vectors that kernels can use.
    threads : int
        That this process may use.
    load : float
        Processes that wanted to run in the last minute, on average; -1: not known. A busy machine's figures are worth
        less.
    versions : dict
    kernel_digest : str
    """

    cpu: str
    target: str
    vectors: str
    threads: int
    load: float
    versions: dict[str, str]
    kernel_digest: str

    @property
    def line(self) -> str:
        """All of it in a line."""
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        busy = "" if self.load < 0 else f", load {self.load:.1f}"
        return f"{self.cpu} ({self.target}, {self.vectors}), {self.threads} threads{busy}; {versions}"

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return asdict(self)


def this_machine() -> Machine:
    """Return the machine this runs on."""
    target, features = _compiled_for()
    return Machine(
        cpu=_cpu_name(),
        target=target,
        vectors=next((name for feature, name in VECTORS if feature in features), "no vectors known"),
        threads=usable_threads(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0,
        versions={
            "simrisk": __version__,
            "Python": platform.python_version(),
            **{name: _version(name) for name in PACKAGES},
        },
        kernel_digest=cache.kernel_digest(),
    )


def _compiled_for() -> tuple[str, set[str]]:
    """Return name and features of the processor that numba compiles for; NUMBA_CPU_NAME and _FEATURES can change it."""
    from llvmlite.binding import get_host_cpu_name
    from numba.core import codegen, config

    asked: Any = config  # whose variables are made when it is imported
    compiler: Any = codegen
    listed = compiler.get_host_cpu_features() if asked.CPU_FEATURES is None else asked.CPU_FEATURES
    features = {name[1:] for name in listed.split(",") if name.startswith("+")}
    if platform.machine() in ("x86_64", "AMD64"):
        features.add("sse2")  # which every one of them has
    return asked.CPU_NAME or get_host_cpu_name(), features


def _cpu_name() -> str:
    """Return what the maker calls the processor."""
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
