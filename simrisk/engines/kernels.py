"""The kernel engine: blocks of trials on threads, every thread with a workspace of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue
from typing import Any

import numpy as np

from simrisk.engines import entries
from simrisk.plan import Plan
from simrisk_kernels.layout import PLAN_SPEC, Outcomes, PlanArrays, new_outcomes


def check_layout(arrays: PlanArrays) -> None:
    """Raise AssertionError unless every array is as the kernels were compiled for."""
    for name, (dtype, n_dims) in PLAN_SPEC.items():
        array = getattr(arrays, name)
        if array.dtype != dtype or array.ndim != n_dims or not array.flags.c_contiguous:
            raise AssertionError(f"{name}: {array.dtype} {array.shape} does not fit {dtype} with {n_dims} dimensions")


def usable_threads() -> int:
    """Return the number of processors this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def run_kernels(
    plan: Plan,
    *,
    trials: int,
    seed: int,
    first: int = 0,
    threads: int | None = None,
    block: int = 256,
    progress: Callable[[int], None] | None = None,
) -> Outcomes:
    """Run trials `first` to `first + trials - 1` of a plan.

    Parameters
    ----------
    threads : int, optional
        Default: as many as the process may use. Neither it nor `block` changes a number.
    progress : callable, optional
        Called in this thread with the number of trials just finished.

    Returns
    -------
    Outcomes
        One row a trial.
    """
    check_layout(plan.arrays)
    out = new_outcomes(trials, plan.arrays)
    n_threads = max(1, min(threads or usable_threads(), -(-trials // block)))
    run_block = _block_runner(plan.arrays, seed, first, out, n_threads)
    blocks = ((row, min(block, trials - row)) for row in range(0, trials, block))
    if n_threads == 1:
        for row, n in blocks:
            run_block(row, n)
            if progress:
                progress(n)
        return out
    run_on_threads(run_block, blocks, n_threads, progress)
    return out


def _block_runner(
    arrays: PlanArrays, seed: int, first: int, out: Outcomes, n_threads: int
) -> Callable[[int, int], int]:
    from simrisk_kernels.bundle import pack
    from simrisk_kernels.state import new_state

    run_trials = entries.kernel("run_trials")
    plan, packed_out = pack(arrays), pack(out)
    workspaces: SimpleQueue[Any] = SimpleQueue()
    for _ in range(n_threads):
        workspace = new_state(arrays)
        workspaces.put((workspace, pack(workspace)))  # the packed one alone would not keep the arrays
    key = np.uint64(seed)

    def run_block(row: int, n: int) -> int:
        workspace, packed = workspaces.get()
        try:
            # Unsigned arithmetic wraps around by design; only uncompiled code would complain.
            with np.errstate(over="ignore"):
                run_trials(plan, packed, key, first + row, n, packed_out, row)
        finally:
            workspaces.put((workspace, packed))
        return n

    return run_block


def run_on_threads(
    run_block: Callable[[int, int], int],
    blocks: Iterator[tuple[int, int]],
    n_threads: int,
    progress: Callable[[int], None] | None,
) -> None:
    """Keep every thread busy with a few blocks waiting, so that an interrupt takes effect within a block's time."""
    with ThreadPoolExecutor(n_threads) as pool:
        waiting: set[Future[int]] = {pool.submit(run_block, *b) for b in islice(blocks, 2 * n_threads)}
        try:
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    n = future.result()
                    if progress:
                        progress(n)
                waiting |= {pool.submit(run_block, *b) for b in islice(blocks, len(done))}
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
