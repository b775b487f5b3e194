"""Lengths: how long the activities of a network take in the 64 trials of a block."""

from __future__ import annotations

import math

import numpy as np

from simrisk_kernels._jit import inlined_kernel, kernel, pasted_kernel
from simrisk_kernels.blocks import NONE, fill_minutes, fill_values, round_values
from simrisk_kernels.efforts import share_of
from simrisk_kernels.lanes import COMPILED, octave_lanes, triangular_lanes
from simrisk_kernels.layout import MILLION, STOP_PROJECT
from simrisk_kernels.network_layout import (
    AHEAD,
    BEHIND,
    BLOCK,
    DELAYED,
    DRAWN,
    LAGGED,
    NEXT_DAY,
    TIME_LIMIT,
    WORKED,
)
from simrisk_kernels.quantile import round_minutes, stream_value
from simrisk_kernels.random import FIRST, draw_word
from simrisk_kernels.scores import fill_sums
from simrisk_kernels.words import fill_words_row

SCRATCH, COMMON = np.int64(0), np.int64(1)  # rows of `values`; typed: a plain number would be compiled apart


@inlined_kernel
def draw_factors(plan, network, state, first):
    """Draw what activities share in trials `first` to `first` + 63: the common factor, risks' factors and delays."""
    fill_sums(plan, state, first)
    common = network.facts[0].common
    if common >= 0:
        fill_values(plan, state, common, FIRST, first, state.values, COMMON)
    for i in range(len(network.multiplying)):
        risk = network.multiplying[i]
        fill_values(plan, state, plan.risks[risk].factor, FIRST, first, state.factors, risk)
        keep_where_it_happens(plan, state, risk, first, state.factors, 1.0)
    for i in range(len(network.delaying)):
        risk = network.delaying[i]
        fill_minutes(plan, state, plan.risks[risk].delay, FIRST, first, state.delays, risk)
        keep_where_it_happens(plan, state, risk, first, state.delays, 0)


@kernel
def keep_where_it_happens(plan, state, risk, first, row_of, otherwise):
    """Put `otherwise` into the row of a risk for every trial from `first` on in which it does not happen."""
    for lane in range(BLOCK):
        word = draw_word(state.risk_keys[risk], first + lane, FIRST, plan.project[0].strata)
        if word >= plan.risks[risk].chance:
            row_of[risk, lane] = otherwise


@inlined_kernel
def draw_chunk(plan, network, state, begin, end, first):
    """Write the lengths that are drawn alone of activities `begin` to before `end`: all words first, then all lengths.

    Each is a short loop, so that the processor can work on several rows at a time.
    """
    shapes, lengths, strata = network.shapes, state.lengths, plan.project[0].strata
    if COMPILED:
        for row in range(begin, end):
            draw = np.int64(shapes[row].draw)
            if draw >= 0:
                fill_words_row(state.keys[draw], first, strata, lengths, row)
    for row in range(begin, end):
        draw, longest = np.int64(shapes[row].draw), np.int64(shapes[row].longest)
        if draw >= 0:
            if not COMPILED or fill_shape(plan, shapes[row], lengths, row) != NONE:
                fill_minutes(plan, state, draw, FIRST, first, lengths, row)
            if longest < TIME_LIMIT:
                cut_off(lengths, row, longest)


@pasted_kernel
def fill_shape(plan, shape, lengths, row):
    """Make lengths of the words in a row; returns NONE, or something else if some have to be drawn one by one."""
    table, location, scale = np.int64(shape.table), shape.location, shape.scale
    if table >= 0:
        return octave_lanes(lengths, plan.octaves, table, location, scale, lengths, row)
    triangular_lanes(lengths, np.int64(shape.turn), shape.likely, shape.rest, location, scale, lengths, row)
    return NONE


@inlined_kernel
def fill_row(plan, network, state, row, first):
    """Write the lengths of activity number `row`, which are not fixed; what it depends on comes before it."""
    kind = network.kinds[row]
    if kind == DRAWN:
        draw = network.activities[row].draw
        fill_minutes(plan, state, draw, FIRST, first, state.lengths, row)
        if network.activities[row].longest < TIME_LIMIT:
            cut_off(state.lengths, row, network.activities[row].longest)
    elif kind == WORKED:
        fill_worked(plan, network, state, row, first)
    elif kind == DELAYED:
        fill_delayed(network, state, row)
    elif kind == NEXT_DAY:
        day_minutes, before = network.facts[0].day_minutes, network.activities[row].row
        for lane in range(BLOCK):
            state.lengths[row, lane] = -state.times[before, lane] % day_minutes
    elif kind in (LAGGED, AHEAD, BEHIND):
        fill_lagged(plan, network, state, row, first)
    else:
        fill_reviewed(plan, network, state, row, first)


@kernel
def cut_off(rows, row, longest):
    """Let no length of a row be more than `longest`."""
    most = np.int32(longest)  # so that the vectors are of 32 bits, too
    for lane in range(BLOCK):
        rows[row, lane] = min(rows[row, lane], most)


@kernel
def elapsed(minutes, share, n_shares, rate):
    """Return the minutes in which a share of an effort is done at `rate`; TIME_LIMIT if never."""
    left = share_of(minutes, share, n_shares)
    if left <= 0:
        return 0
    return (left + rate - 1) // rate if rate > 0 else TIME_LIMIT


@inlined_kernel
def fill_worked(plan, network, state, row, first):
    """Write how long the pieces of work take that are done at the same time, each by its own people."""
    activity = network.activities[row]
    lengths, longest = state.lengths, activity.longest
    for lane in range(BLOCK):
        lengths[row, lane] = 0
    drawn = -1
    for p in range(activity.ptr, activity.ptr + activity.n):
        piece = network.pieces[p]
        if piece.draw < 0:
            for lane in range(BLOCK):
                lengths[row, lane] = longest
            return
        if piece.draw != drawn:
            drawn = piece.draw
            draw_effort(plan, network, state, p, first)
        done, share, n_shares, rate = piece.done, piece.share, piece.n_shares, piece.rate
        if n_shares == 1 and rate > 0:
            work_alone(state.minutes, done, rate, lengths, row, longest)
            continue
        for lane in range(BLOCK):
            minutes = max(0, state.minutes[SCRATCH, lane] - done)
            lengths[row, lane] = max(lengths[row, lane], min(longest, elapsed(minutes, share, n_shares, rate)))


@kernel
def work_alone(minutes, done, rate, lengths, row, longest):
    """Let a row of lengths be at least the minutes in which the efforts of the scratch row are done at `rate`.

    The same as `elapsed` for efforts that are not shared. Vectors can only divide floats, which is at most one off, and
    put right.
    """
    most = float(longest)
    for lane in range(BLOCK):
        left = max(0, minutes[SCRATCH, lane] - done) * MILLION
        passed = np.int64(np.int32(min(left / rate, most)))
        rest = left - passed * rate
        if rest > 0:
            passed += 1
        elif rest <= -rate:
            passed -= 1
        lengths[row, lane] = max(lengths[row, lane], min(longest, passed))


@kernel
def draw_effort(plan, network, state, p, first):
    """Write the minutes of the effort of a piece of work, all factors in it, to the scratch row."""
    piece = network.pieces[p]
    fill_values(plan, state, piece.draw, FIRST, first, state.values, SCRATCH)
    if piece.common and network.facts[0].common >= 0:
        for lane in range(BLOCK):
            state.values[SCRATCH, lane] *= state.values[COMMON, lane]
    for f in range(piece.factor_ptr, piece.factor_ptr + piece.n_factors):
        risk = network.factors[f]
        for lane in range(BLOCK):
            state.values[SCRATCH, lane] *= state.factors[risk, lane]
    round_values(state.values, SCRATCH, state.minutes, SCRATCH)


@inlined_kernel
def fill_delayed(network, state, row):
    """Write by how much risks delay a task: each of them in the first minute in which it meets one that it affects."""
    activity = network.activities[row]
    for lane in range(BLOCK):
        minute, delay = state.times[activity.row, lane], 0
        for d in range(activity.ptr, activity.ptr + activity.n):
            met = minute
            for o in range(network.delays[d].other_ptr, network.delays[d].other_ptr + network.delays[d].n_others):
                met = min(met, state.times[network.others[o], lane])
            if met == minute:
                delay += state.delays[network.delays[d].risk, lane]
        state.lengths[row, lane] = min(delay, activity.longest)


@inlined_kernel
def fill_lagged(plan, network, state, row, first):
    """Write a drawn lag: after a finish or start, or, negative, what it leaves of a length that is known ahead."""
    activity = network.activities[row]
    kind, longest, before = network.kinds[row], activity.longest, activity.row
    fill_values(plan, state, activity.draw, FIRST, first, state.values, SCRATCH)
    for lane in range(BLOCK):
        lag = math.floor(state.values[SCRATCH, lane] + 0.5)
        lag = int(min(max(lag, -TIME_LIMIT), TIME_LIMIT))
        if kind == AHEAD:
            state.lengths[row, lane] = min(max(0, state.lengths[before, lane] + lag), longest)
        elif kind == BEHIND and lag < 0:
            state.lengths[row, lane] = -TIME_LIMIT
        else:
            state.lengths[row, lane] = min(max(0, lag), longest)


@inlined_kernel
def fill_reviewed(plan, network, state, row, first):
    """Write how long a gate takes from the beginning of its first review to its passing, and whether it stops all."""
    review = network.reviews[network.activities[row].ptr]
    longest = network.activities[row].longest
    for lane in range(BLOCK):
        minutes, stops = hold_reviews(plan, network, state, review, first + lane, state.values[COMMON, lane])
        state.lengths[row, lane] = min(minutes, longest)
        if review.stop >= 0:
            state.stopped[review.stop, lane] = stops


@kernel
def hold_reviews(plan, network, state, review, trial, common):
    """Return the minutes of all reviews, extensions and rework of a gate in one trial, and whether it stops all."""
    gate = plan.gates[review.gate]
    for c in range(gate.criterion_ptr, gate.criterion_ptr + gate.n_criteria):
        state.met[c] = 0
    minutes, n_reviews = 0, FIRST
    while True:
        minutes += round_minutes(stream_value(plan, state.keys, trial, gate.review, n_reviews))
        if meet_criteria(plan, state, gate, trial, n_reviews) or gate.has_no_go == 0:
            return minutes, False
        if n_reviews >= gate.max_extensions:
            return minutes, gate.then == STOP_PROJECT
        wait = round_minutes(stream_value(plan, state.keys, trial, gate.extend, n_reviews))
        for p in range(review.piece_ptr, review.piece_ptr + review.n_pieces):
            piece = network.pieces[p]
            if piece.draw < 0:
                return TIME_LIMIT, False
            value = stream_value(plan, state.keys, trial, piece.draw, n_reviews)
            if piece.common and network.facts[0].common >= 0:
                value *= common
            effort = max(0, round_minutes(value) - piece.done)
            wait = max(wait, elapsed(effort, piece.share, piece.n_shares, piece.rate))
        minutes += wait
        n_reviews += 1


@kernel
def meet_criteria(plan, state, gate, trial, n_reviews):
    """Draw the criteria that are still open; return whether all are met."""
    all_met = True
    for c in range(gate.criterion_ptr, gate.criterion_ptr + gate.n_criteria):
        if state.met[c] == 0:
            word = draw_word(state.criterion_keys[c], trial, n_reviews, plan.project[0].strata)
            if word < (plan.criteria[c].chance if n_reviews == 0 else plan.criteria[c].later):
                state.met[c] = 1
            else:
                all_met = False
    return all_met
