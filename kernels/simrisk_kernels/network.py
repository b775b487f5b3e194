"""The network kernel: plans in which nothing is ever short, 64 trials at once, forwards and backwards."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import entry_kernel, inlined_kernel
from simrisk_kernels.bundle import empty_plan, make_opener, open_plan
from simrisk_kernels.layout import CENSORED, FINISHED, NEVER, STOPPED
from simrisk_kernels.lengths import draw_factors, fill_row
from simrisk_kernels.network_layout import (
    BLOCK,
    FIXED,
    NEXT_DAY,
    TIME_LIMIT,
    empty_network,
    new_network_results,
    new_network_state,
)
from simrisk_kernels.random import fill_keys
from simrisk_kernels.vectors import backward_row, forward_row, latest_row

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
    """Draw all lengths of trials `first` to `first` + 63 and find the ends of all activities."""
    draw_factors(plan, network, state, first)
    times, lengths, bases = state.times, state.lengths, network.bases
    in_ptr, in_rows, in_lags = network.in_ptr, network.in_rows, network.in_lags
    kinds = network.kinds
    for row in range(len(bases)):
        if kinds[row] != FIXED:
            fill_row(plan, network, state, row, first)
        forward_row(times, lengths, row, bases, in_ptr, in_rows, in_lags)
    for lane in range(BLOCK):
        state.latest[0, lane] = network.facts[0].status
    for i in range(len(network.ends)):
        latest_row(times, network.ends, state.latest, i)


@inlined_kernel
def settle_trials(network, state, results, block, first, end, run_first):
    """Write how those trials of a block ended that are from `first` to before `end`; mark those that are finished."""
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


@inlined_kernel
def pass_backwards(network, state, results):
    """Find the late starts of all activities; count where they are the early ones, and add up the sums."""
    times, lengths = state.times, state.lengths
    out_ptr, out_rows, out_lags = network.out_ptr, network.out_rows, network.out_lags
    for row in range(len(network.bases) - 1, -1, -1):
        backward_row(
            times,
            lengths,
            row,
            state.latest,
            state.counted,
            out_ptr,
            out_rows,
            out_lags,
            results.critical,
            results.sums,
        )
        if network.kinds[row] == NEXT_DAY:
            # what is waited for may end at any time before the same morning, not just as long before as it did
            for lane in range(BLOCK):
                late = times[row, lane] + lengths[row, lane]
                times[row, lane] = late - late % network.facts[0].day_minutes


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
        pass_forwards(plan, network, state, block)
        settle_trials(network, state, results, block, first, end, run_first)
        if statistics:
            pass_backwards(network, state, results)
    return 0
