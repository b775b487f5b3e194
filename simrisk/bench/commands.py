"""Whole commands, each in a process of its own: how long it takes by the clock on the wall, and how much memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Cost:
    """What a command took.

    Parameters
    ----------
    seconds : float
        By the clock on the wall.
    memory : int or None
        Bytes in memory at its peak; None where the system does not say.
    """

    seconds: float
    memory: int | None


def cost_of(arguments: Sequence[str]) -> Cost:
    """Run `simrisk` with these arguments and nobody listening.

    Raises
    ------
    subprocess.CalledProcessError
        It did not leave with 0.
    """
    command = [sys.executable, "-m", "simrisk", *arguments]
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = _wait(process)
    seconds = time.perf_counter() - begin
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, memory)


def fastest(arguments: Sequence[str], times: int) -> Cost:
    """Return the fastest of several runs of a command, after one that does not count."""
    cost_of(arguments)
    return min((cost_of(arguments) for _ in range(times)), key=lambda cost: cost.seconds)


def cost_of_run(path: Path, trials: int, times: int = 0) -> Cost:
    """Return what `simrisk run` without charts costs: the only run, or the fastest of some after a first one."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = ["run", str(path), "--trials", str(trials), "--no-charts", "--out", folder]
        return fastest(arguments, times) if times else cost_of(arguments)


def _wait(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for the end; return the peak of its memory, if the system says."""
    if not hasattr(os, "wait4"):
        process.wait()
        return None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
