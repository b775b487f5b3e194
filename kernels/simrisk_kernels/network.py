"""The network kernel: plans in which nothing is ever short, 64 trials at once, forwards and backwards."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import entry_kernel, inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.bundle import empty_plan, make_opener, open_plan
from simrisk_kernels.layout import CENSORED, FINISHED, NEVER, STOPPED
from simrisk_kernels.lengths import draw_chunk, draw_factors, fill_row
from simrisk_kernels.network_layout import (
    ALONE,
    BLOCK,
    CHUNK,
    FIXED,
    TIME_LIMIT,
    empty_network,
    new_network_results,
    new_network_state,
)
from simrisk_kernels.random import fill_keys
from simrisk_kernels.vectors import backward_rows, forward_rows, latest_rows

_network = empty_network()
open_network = make_opener("network", _network)
open_network_state = make_opener("network state", new_network_state(_network, empty_plan()))
open_network_results = make_opener("network results", new_network_results(_network, 0))


@inlined_kernel
def prepare_network(plan, state, seed):
    """Write the stream keys of this run."""
    fill_keys(state.keys, seed, plan.draws)
    fill_keys(state.criterion_keys, seed, plan.criteria)
    fill_keys(state.risk_keys, seed, plan.risks)


@inlined_kernel
def pass_forwards(plan, network, state, first):
    """Draw all lengths of trials `first` to `first` + 63 and find the ends of all activities; return the latest."""
    draw_factors(plan, network, state, first)
    times, lengths, bases = state.times, state.lengths, network.bases
    in_ptr, in_rows, in_lags = network.in_ptr, network.in_rows, network.in_lags
    kinds, n = network.kinds, len(bases)
    for begin in range(0, n, CHUNK):
        end = min(begin + CHUNK, n)
        draw_chunk(plan, network, state, begin, end, first)
        row = begin
        while row < end:
            if kinds[row] > ALONE:
                fill_row(plan, network, state, row, first)
            stop = row + 1
            while stop < end and kinds[stop] <= ALONE:
                stop += 1
            forward_rows(times, lengths, row, stop, bases, in_ptr, in_rows, in_lags)
            row = stop
    return latest_rows(times, network.ends, len(network.ends), state.latest, network.facts[0].status)


@inlined_kernel
def settle_block(network, state, results, latest, block, first, end, run_first):
    """Write how those trials of a block ended that are from `first` to before `end`; return whether all count.

    Nearly always all are wanted and finished: then nothing has to be asked of each.

    Parameters
    ----------
    latest : int
        The latest finish of the block.
    """
    together = first <= block and block + BLOCK <= end and len(network.stops) == 0
    if together and latest <= network.facts[0].horizon:
        write_finishes(results.end, state.latest, block - run_first)
        write_outcomes(results.outcome, block - run_first)
        add_finishes(results.finish, state.latest)
        return True
    settle_trials(network, state, results, block, first, end, run_first)
    return False


@pasted_kernel
def write_finishes(end, latest, place):
    """Write the finishes of a block from a place on."""
    for lane in range(BLOCK):
        end[place + lane] = latest[0, lane]


@pasted_kernel
def write_outcomes(outcome, place):
    """Write from a place on that a block is finished."""
    for lane in range(BLOCK):
        outcome[place + lane] = FINISHED


@pasted_kernel
def add_finishes(finish, latest):
    """Add up the finishes of a block, and their squares."""
    total, squares = np.int64(0), np.int64(0)
    for lane in range(BLOCK):
        minute = np.int64(latest[0, lane])
        total += minute
        squares += minute * minute
    finish[0] += BLOCK
    finish[1] += total
    finish[2] += squares


@kernel
def settle_trials(network, state, results, block, first, end, run_first):
    """Do what `settle_block` does, trial by trial, and mark those that count."""
    horizon = network.facts[0].horizon
    for lane in range(BLOCK):
        trial, finish, stop = block + lane, state.latest[0, lane], NEVER
        wanted = first <= trial < end
        for s in range(len(network.stops)):
            if state.stopped[s, lane]:
                stop = min(stop, state.times[network.stops[s], lane])
        outcome, minute = FINISHED, np.int64(finish)
        if stop <= horizon:
            outcome, minute = STOPPED, stop
        elif stop < NEVER or finish > horizon:
            outcome, minute = CENSORED, horizon
        if wanted:
            results.end[trial - run_first] = minute
            results.outcome[trial - run_first] = outcome
        if wanted and outcome == FINISHED:
            state.counted[0, lane] = -1
            results.finish[0] += 1
            results.finish[1] += minute
            results.finish[2] += minute * minute
        else:
            state.counted[0, lane] = 0
            state.latest[0, lane] = finish + TIME_LIMIT  # so late that nothing is critical


@kernel
def leave_out(network, state):
    """Make all lengths 0 in the trials that do not count: what is added up of them is then 0."""
    for row in range(len(network.bases)):
        for lane in range(BLOCK):
            state.lengths[row, lane] &= state.counted[0, lane]


@kernel
def put_back(network, state):
    """Write those lengths once more that are not drawn in each block."""
    for row in range(len(network.bases)):
        if network.kinds[row] == FIXED:
            length = network.lengths[row]
            for lane in range(BLOCK):
                state.lengths[row, lane] = length


@inlined_kernel
def pass_backwards(network, state, results, latest):
    """Find the late starts of all activities; count where they are the early ones, and add up the sums.

    Parameters
    ----------
    latest : int
        The latest finish of the block, which no length of a trial that counts exceeds.
    """
    times, lengths, mornings = state.times, state.lengths, network.mornings
    end = len(network.bases)
    for i in range(len(mornings), -1, -1):
        first = mornings[i - 1] if i > 0 else 0
        backward_rows(
            times,
            lengths,
            first,
            end,
            state.latest,
            latest,
            network.out_ptr,
            network.out_rows,
            network.out_lags,
            results.critical,
            results.sums,
        )
        end = first
        if i > 0:
            # what is waited for may end at any time before the same morning, not just as long before as it did
            for lane in range(BLOCK):
                late = times[first, lane] + lengths[first, lane]
                times[first, lane] = late - late % network.facts[0].day_minutes


@entry_kernel
def run_network(packed_plan, packed_network, workspace, seed, first, end, packed_results, run_first, statistics):
    """Run trials `first` to before `end`, in blocks that begin at multiples of 64.

    Reads: packed_plan (`PlanArrays`: its draws, gates and risks), packed_network (`NetworkArrays`). Writes:
    packed_results (`NetworkResults`; the row of a trial is its number less `run_first`), and workspace
    (`NetworkState`), which belongs to one thread; all four as `bundle.pack` gives them. Sums are added to.
    Assumes: seed is uint64; statistics is 1, or 0: `end` and `outcome` alone.
    Cost: per trial, the number of activities and links; about a nanosecond each.
    Same for: any split of the trials into calls, any thread.
    """
    plan, network = open_plan(packed_plan), open_network(packed_network)
    state, results = open_network_state(workspace), open_network_results(packed_results)
    prepare_network(plan, state, seed)
    for block in range(first // BLOCK * BLOCK, end, BLOCK):
        latest = pass_forwards(plan, network, state, block)
        all_count = settle_block(network, state, results, latest, block, first, end, run_first)
        if statistics:
            if not all_count:
                leave_out(network, state)
            pass_backwards(network, state, results, latest)
            if not all_count:
                put_back(network, state)
    return 0
