"""The kernel engine: blocks of trials on threads, every thread with a workspace of its own."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from queue import SimpleQueue
from typing import Any

import numpy as np

from simrisk.engines import entries
from simrisk.plan import Plan
from simrisk_kernels.layout import PLAN_SPEC, Outcomes, PlanArrays, new_outcomes
from simrisk_kernels.plain_layout import is_plain, new_plain_state
from simrisk_kernels.room import bytes_of, side_by_side
from simrisk_kernels.small import is_small
from simrisk_kernels.state import BLOCK_TRIALS, new_state

EVENTS, SMALL, PLAIN = "run_trials", "run_small", "run_plain"  # the entry kernels for any plan, small and plain ones
FIRST_TRIALS = 16  # run to see how long a trial takes
# The processor's time of the thread, as others may hold Python meanwhile; on Windows it is too coarse.
CLOCK = time.perf_counter if sys.platform == "win32" else time.thread_time
BLOCK_SECONDS = 0.01  # of work that a thread gets at a time: handing it out costs little, an interrupt waits for it
FEWEST_TOGETHER = 16  # from which on it pays not to draw a block of trials twice
MOST_TOGETHER = 1 << 14
MOST_IN_ONE_PIECE = 1 << 28  # bytes of outcomes: as many as a run keeps as they are


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


def kernel_for(plan: Plan) -> str:
    """Return the name of the entry kernel that runs the trials of a plan.

    It is the fastest for such a plan that has been compiled, and if none has been, the fastest: compiling takes longer
    than most runs would gain.
    """
    fitting = fitting_kernels(plan)
    return next((name for name in fitting if entries.is_ready(name)), fitting[0])


def event_kernel(plan: Plan) -> str:
    """Return the name of the fastest entry kernel that steps through all events of a plan."""
    return next(name for name in fitting_kernels(plan) if name != PLAIN)


def fitting_kernels(plan: Plan) -> list[str]:
    """Return the names of the entry kernels that can run a plan, the fastest first."""
    fits = {PLAIN: is_plain(plan.arrays), SMALL: is_small(plan.arrays), EVENTS: True}
    return [name for name, can in fits.items() if can]


def run_kernels(
    plan: Plan,
    *,
    trials: int,
    seed: int,
    first: int = 0,
    threads: int | None = None,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
    kernel: str | None = None,
) -> Outcomes:
    """Run trials `first` to `first + trials - 1` of a plan.

    Parameters
    ----------
    threads : int, optional
        Default: as many as the process may use, and one when there is little to do.
    block : int, optional
        Trials that a thread runs at a time; default: what takes a few milliseconds. Neither it nor `threads` changes a
        number.
    progress : callable, optional
        Called in this thread with the number of trials just finished.
    kernel : str, optional
        Name of the entry kernel: EVENTS, SMALL for a small plan, PLAIN for a plain one; default: as `kernel_for` says.
        The numbers are the same.

    Returns
    -------
    Outcomes
        One row a trial.
    """
    check_layout(plan.arrays)
    out = in_one_piece(new_outcomes(trials, plan.arrays))
    n_threads = max(1, min(threads or usable_threads(), trials))
    run_block = _block_runner(plan.arrays, seed, first, out, n_threads, kernel or kernel_for(plan))
    row, pace = 0, _Pace(run_block)
    if block is None:
        row = pace.run_block(0, min(FIRST_TRIALS, trials))
        if progress and row:
            progress(row)

    def size() -> int:
        return pace.block() if block is None else block

    n_threads = min(n_threads, -(-(trials - row) // size()))
    run_on_threads(pace.run_block, _blocks(first, row, trials, size), n_threads, progress)
    return out


def in_one_piece(outcomes: Outcomes) -> Outcomes:
    """Return empty outcomes with all fields side by side in one piece of memory, unless they are too many for that.

    The system gives memory of which nobody has written anything page by page as it is written, small pages for small
    pieces: that took an eighth of the time of a small plan's trials.
    """
    return outcomes if bytes_of(outcomes) > MOST_IN_ONE_PIECE else side_by_side(outcomes)


class _Pace:
    """How many trials a thread gets at a time: by the fastest so far, as whatever disturbs only makes them slower.

    The first are often slow (nothing of what they touch is at hand, other threads hold Python), so what they take says
    little of those behind them.
    """

    def __init__(self, run_block: Callable[[int, int], int]) -> None:
        self._run_block = run_block
        self._seconds = float("inf")  # that a trial takes

    def run_block(self, row: int, n: int) -> int:
        """Run a block of trials and see how long it takes."""
        begun = CLOCK()
        self._run_block(row, n)
        self._seconds = min(self._seconds, max((CLOCK() - begun) / max(n, 1), 1e-9))
        return n

    def block(self) -> int:
        """Return how many trials make a block now."""
        block = min(max(int(BLOCK_SECONDS / self._seconds), 1), MOST_TOGETHER)
        return block if block < FEWEST_TOGETHER else -(-block // BLOCK_TRIALS) * BLOCK_TRIALS


def _blocks(first: int, row: int, trials: int, size: Callable[[], int]) -> Iterator[tuple[int, int]]:
    """First row and number of trials of each block; a whole number of blocks of draws ends where one of them ends."""
    while row < trials:
        block = size()
        n = block - (first + row) % BLOCK_TRIALS if block % BLOCK_TRIALS == 0 else block
        yield row, min(n, trials - row)
        row += n


def _block_runner(
    arrays: PlanArrays, seed: int, first: int, out: Outcomes, n_threads: int, name: str
) -> Callable[[int, int], int]:
    run_trials = entries.kernel(name)
    pack = entries.packer(run_trials, small=name == SMALL)
    plan, packed_out = pack(arrays), entries.packer(run_trials)(out)
    workspaces: SimpleQueue[Any] = SimpleQueue()
    for _ in range(n_threads):
        workspace = new_plain_state(arrays) if name == PLAIN else new_state(arrays)
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
    if n_threads <= 1:
        for block in blocks:
            n = run_block(*block)
            if progress:
                progress(n)
        return
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
