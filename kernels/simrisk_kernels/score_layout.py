"""What correlated scores need of a workspace; `scores` fills it."""

from __future__ import annotations

import numpy as np

from simrisk_kernels.layout import PlanArrays


def score_rooms(plan: PlanArrays, n_trials: int) -> dict[str, np.ndarray]:
    """Allocate what a workspace needs for the correlated scores of a block of so many trials.

    Returns
    -------
    dict
        `scored` (m,) int64: the draws that rows are made of; `score_bases` (k,) int64: the row whose sum that of each
        row begins with, -1: none; `normals` (n_draws, n_trials) float64, of those draws; `sums` (k, n_trials) float64:
        each score but for its last term.
    """
    scored = np.array(sorted(set(plan.score_draws.tolist())), np.int64)
    n_rows = len(plan.score_ptr) - 1
    return {
        "scored": scored,
        "score_bases": np.array([_base_of(plan, row) for row in range(n_rows)], np.int64),
        "normals": np.zeros((len(plan.draws) if len(scored) else 0, n_trials)),
        "sums": np.zeros((n_rows, n_trials)),
    }


def _base_of(plan: PlanArrays, row: int) -> int:
    """Return the row of the last draw before a row's own, if all terms before that are the same in both; else -1."""
    begin, own = int(plan.score_ptr[row]), int(plan.score_ptr[row + 1]) - 1
    before = int(plan.draws["row"][plan.score_draws[own - 1]])
    if before < 0:
        return -1
    other_begin, other_own = int(plan.score_ptr[before]), int(plan.score_ptr[before + 1]) - 1
    mine, theirs = slice(begin, own - 1), slice(other_begin, other_own)
    same = np.array_equal(plan.score_draws[mine], plan.score_draws[theirs])
    return before if same and np.array_equal(plan.loadings[mine], plan.loadings[theirs]) else -1
