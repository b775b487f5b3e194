"""Correlated scores of the 64 trials of a block: what `quantile.correlated_score` gives, in a fraction of the time.

A score is a sum over the rows up to its own, so one by one a group of n costs n squared half draws. Here the normal of
each row is drawn once a block. And where all of a group have one correlation, the loadings in each column of the
Cholesky factor are the same below the diagonal, so the sum of a row begins with the sum of the row before it: n terms
are left. The terms are those of `correlated_score`, added in the same order, and so the scores are the same bits.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.quantile import standard_normal
from simrisk_kernels.state import BLOCK_TRIALS
from simrisk_kernels.tables import SCORE_MAX
from simrisk_kernels.words import empty_words, fill_block


@kernel
def fill_sums(plan, state, first):
    """Draw the normals of trials first .. first + 63 and add up all terms of each row but its own, the last."""
    normals, sums, strata = state.normals, state.sums, plan.project[0].strata
    for i in range(len(state.scored)):
        draw = state.scored[i]
        words = empty_words()
        fill_block(state.keys[draw], first, strata, words)
        for lane in range(BLOCK_TRIALS):
            normals[draw, lane] = standard_normal(np.int64(words[lane]), plan.normal)
    for row in range(len(state.score_bases)):
        base, term, own = state.score_bases[row], plan.score_ptr[row], plan.score_ptr[row + 1] - 1
        if base >= 0:
            term = own - 1
            for lane in range(BLOCK_TRIALS):
                sums[row, lane] = sums[base, lane]
        else:
            for lane in range(BLOCK_TRIALS):
                sums[row, lane] = 0.0
        while term < own:
            loading, draw = plan.loadings[term], plan.score_draws[term]
            for lane in range(BLOCK_TRIALS):
                sums[row, lane] += loading * normals[draw, lane]
            term += 1


@kernel
def block_score(plan, state, row, lane):
    """Return the score (float) of row number `row` in a trial of the block, once `fill_sums` has been there."""
    own = plan.score_ptr[row + 1] - 1
    score = state.sums[row, lane] + plan.loadings[own] * state.normals[plan.score_draws[own], lane]
    return min(max(score, -SCORE_MAX), SCORE_MAX)
