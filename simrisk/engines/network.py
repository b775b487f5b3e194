"""The network engine: what is left of a plan when nothing is ever short, in blocks of 64 trials on threads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simrisk.engines import entries
from simrisk.engines.kernels import run_on_threads, usable_threads
from simrisk.models.network import Network
from simrisk_kernels.network_layout import BLOCK, NetworkResults, new_network_results, new_network_state

CHUNK_SECONDS = 0.005  # of work at least, for a thread to be worth its while
SECONDS_PER_ACTIVITY = 8e-10  # and trial; only the size of the chunks depends on it
SECONDS_PER_TRIAL = 5e-9
MOST_SUM = 1 << 62


@dataclass(frozen=True)
class NetworkRun:
    """Trials of a network.

    "Critical" is what the method of the critical path calls so: a total float of 0, the late start is the early one.
    It is not the driving chain of a plan with people. Only trials that are finished are counted and added up.

    Parameters
    ----------
    end : (n_trials,) int64
        Working minute of the finish, the stop or the horizon.
    outcome : (n_trials,) int8
        Code of `simrisk_kernels.layout.OUTCOMES`.
    n_finished : int
    finish_sums : (2,)
        Of the finish and of its square.
    task_critical, gate_critical : (n_tasks,), (n_gates,) int64
        Number of trials; 0 for what was over before the status date.
    task_sums : (n_tasks, 3)
        Of the minutes that a task's work takes without its waiting, of their square, and of the product with the
        finish: with `finish_sums` they give its mean and variance, and the correlation with the finish. int64, or
        Python integers where these could overflow.
    """

    end: NDArray[np.int64]
    outcome: NDArray[np.int8]
    n_finished: int
    finish_sums: NDArray[Any]
    task_critical: NDArray[np.int64]
    gate_critical: NDArray[np.int64]
    task_sums: NDArray[Any]


class _Totals:
    """Counts and sums of all chunks: integers, so that the order does not matter."""

    def __init__(self, network: Network, trials: int) -> None:
        n = len(network.arrays.activities)
        kind = np.int64 if network.latest_finish**2 * trials < MOST_SUM else object
        self._lock = Lock()
        self.critical = np.zeros(n, np.int64)
        self.sums = np.zeros((n, 3), kind)
        self.finish = np.zeros(3, kind)

    def take(self, results: NetworkResults) -> None:
        """Add what a chunk has counted, and leave nothing of it to the next."""
        with self._lock:
            self.critical += results.critical
            self.sums += results.sums
            self.finish += results.finish
        for counted in (results.critical, results.sums, results.finish):
            counted[...] = 0


def run_blocks(
    network: Network,
    *,
    trials: int,
    seed: int,
    first: int = 0,
    threads: int | None = None,
    blocks: int | None = None,
    statistics: bool = True,
    progress: Callable[[int], None] | None = None,
) -> NetworkRun:
    """Run trials `first` to `first + trials - 1` of a network; they are those of its plan in the other engines.

    Parameters
    ----------
    network : Network
        As `simrisk.models.network.network_of` returns it.
    threads : int, optional
        Default: as many as the process may use; fewer when there is little to do. Neither it nor `blocks` changes a
        number.
    blocks : int, optional
        Blocks of 64 trials that a thread runs at a time.
    statistics : bool
        False: `end` and `outcome` alone; all counts and sums are 0.
    progress : callable, optional
        Called in this thread with the number of trials just finished.
    """
    out = new_network_results(network.arrays, trials)
    totals = _Totals(network, trials)
    chunk = BLOCK * (blocks or blocks_worth_a_thread(network))
    end = first + trials
    starts = range(first // BLOCK * BLOCK, end, chunk)
    chunks = ((max(first, start), min(end, start + chunk)) for start in starts)
    n_threads = max(1, min(threads or usable_threads(), len(starts)))
    run_chunk = _chunk_runner(network, seed, first, out, totals, n_threads, statistics)
    run_on_threads(run_chunk, chunks, n_threads, progress)
    return _named(network, out, totals)


def blocks_worth_a_thread(network: Network) -> int:
    """Return the number of blocks that take about `CHUNK_SECONDS`, and of which no sum overflows."""
    seconds = BLOCK * (SECONDS_PER_TRIAL + SECONDS_PER_ACTIVITY * len(network.arrays.activities))
    most = MOST_SUM // (BLOCK * max(1, network.latest_finish) ** 2)
    return min(max(1, round(CHUNK_SECONDS / seconds)), most)


def _chunk_runner(
    network: Network, seed: int, first: int, out: NetworkResults, totals: _Totals, n_threads: int, statistics: bool
) -> Callable[[int, int], int]:
    run_network = entries.kernel("run_network")
    pack = entries.packer(run_network)
    arrays = network.plan.arrays
    plan, packed_network, key = pack(arrays), pack(network.arrays), np.uint64(seed)
    workspaces: SimpleQueue[Any] = SimpleQueue()
    for _ in range(n_threads):
        state = new_network_state(network.arrays, arrays)
        sums = new_network_results(network.arrays, 0)._replace(end=out.end, outcome=out.outcome)
        workspaces.put((state, sums, pack(state), pack(sums)))  # the packed ones alone would not keep the arrays

    def run_chunk(begin: int, end: int) -> int:
        workspace = workspaces.get()
        _, sums, packed_state, packed_sums = workspace
        try:
            # Unsigned arithmetic wraps around by design; only uncompiled code would complain.
            with np.errstate(over="ignore"):
                run_network(plan, packed_network, packed_state, key, begin, end, packed_sums, first, int(statistics))
            totals.take(sums)
        finally:
            workspaces.put(workspace)
        return end - begin

    return run_chunk


def _named(network: Network, out: NetworkResults, totals: _Totals) -> NetworkRun:
    """Return the results by task and gate."""
    critical = np.append(totals.critical, 0)  # the last for what has no activity
    sums = np.concatenate([totals.sums, np.zeros((1, 3), totals.sums.dtype)])
    return NetworkRun(
        end=out.end,
        outcome=out.outcome,
        n_finished=int(totals.finish[0]),
        finish_sums=totals.finish[1:],
        task_critical=critical[network.task_rows],
        gate_critical=critical[network.gate_rows],
        task_sums=sums[network.work_rows],
    )
