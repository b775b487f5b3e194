"""Correlation of what is drawn for tasks: a Gaussian copula on the standard normal scores.

Lowering: the wishes of the scenario become a matrix over the draws concerned, repaired when no scores can have it, and
that a triangular matrix of loadings. Behaviour: a score is the sum of its loadings times the independent normals of its
own stream and of those before it, so every quantity keeps its own distribution.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simrisk.scenario.model import Scenario, Task

if TYPE_CHECKING:
    from simrisk.models.quantities import DrawBuilder

Matrix = NDArray[np.float64]
SMALLEST_EIGENVALUE = 1e-8
_MOST_STEPS = 1000
_TOLERANCE = 1e-8
_DECIMALS = 12  # what eigenvalue solvers agree on, so that a repaired plan is the same on every machine


@dataclass(frozen=True, eq=False)
class ScoreMatrix:
    """The correlations of the normal scores of a scenario.

    Parameters
    ----------
    tasks : tuple of str
        The task of each row, in the order of the file; one with several uncertain efforts has several rows.
    streams : tuple of str
        The stream of each row.
    asked : (k, k) float64
        What the scenario says; 0 where it says nothing.
    used : (k, k) float64
        The nearest matrix that scores can have; the same as `asked` where that is one.
    """

    tasks: tuple[str, ...]
    streams: tuple[str, ...]
    asked: Matrix
    used: Matrix


def repaired(scenario: Scenario) -> ScoreMatrix:
    """Return the correlations of a scenario, repaired group by group.

    Draws that are correlated with no other one are left out, and so are quantities without uncertainty. What hangs
    together is repaired by itself: a change to one group leaves all others alone.
    """
    named = {name for each in scenario.correlations for name in each.tasks}
    members = [member for task in scenario.tasks if task.id in named for member in _uncertain(task)]
    asked = _asked(scenario, [task for task, _ in members])
    linked = [i for i in range(len(members)) if np.count_nonzero(asked[i]) > 1]
    asked = asked[np.ix_(linked, linked)]
    used = asked.copy()
    for rows in _blocks(asked):
        block = np.ix_(rows, rows)
        used[block] = nearest_correlation(asked[block])
    tasks, streams = tuple(members[i][0] for i in linked), tuple(members[i][1] for i in linked)
    return ScoreMatrix(tasks, streams, asked, used)


def lower_correlation(scenario: Scenario, draws: DrawBuilder) -> dict[str, Any]:
    """Return `score_ptr`, `loadings` and `score_draws` of `PlanArrays`, and give the draws their rows.

    Call it when all tasks have added their draws. What goes with nothing before it is drawn as if it
    were alone.
    """
    matrix = repaired(scenario)
    drawn = np.array([draws.number_of(stream) for stream in matrix.streams], dtype=np.int64)
    terms: dict[int, tuple[NDArray[np.int64], Matrix]] = {}
    for rows in _blocks(matrix.asked):
        for row, loadings in zip(rows, cholesky(matrix.used[np.ix_(rows, rows)]), strict=True):
            used = np.flatnonzero(loadings)
            if len(used) > 1:
                terms[row] = drawn[rows][used], loadings[used]
    ordered = [terms[row] for row in sorted(terms)]
    draws.correlate(int(drawn[row]) for row in sorted(terms))
    return {
        "score_ptr": np.cumsum([0, *(len(loadings) for _, loadings in ordered)], dtype=np.int64),
        "loadings": np.concatenate([np.zeros(0), *(loadings for _, loadings in ordered)]),
        "score_draws": np.concatenate([drawn[:0], *(numbers for numbers, _ in ordered)]),
    }


def nearest_correlation(asked: Matrix) -> Matrix:
    """Return the nearest correlation matrix (Frobenius norm) with no eigenvalue below `SMALLEST_EIGENVALUE`.

    Alternating projections with Dykstra's correction (Higham 2002, doi 10.1093/imanum/22.3.329): onto the matrices
    with large enough eigenvalues, and onto those with ones on the diagonal. A matrix that is fine is returned as it is.

    Parameters
    ----------
    asked : (k, k) float64
        Symmetric, ones on the diagonal.
    """
    if not len(asked) or np.linalg.eigvalsh(asked)[0] >= SMALLEST_EIGENVALUE:
        return asked
    unit, correction = asked, np.zeros_like(asked)
    for _ in range(_MOST_STEPS):
        shifted = unit - correction
        values, vectors = np.linalg.eigh(shifted)
        lifted = (vectors * np.maximum(values, SMALLEST_EIGENVALUE)) @ vectors.T
        correction = lifted - shifted
        before, unit = unit, (lifted + lifted.T) / 2
        np.fill_diagonal(unit, 1.0)
        if np.linalg.norm(unit - before) <= _TOLERANCE * np.linalg.norm(unit):
            break
    # the last projection was onto the diagonal, so the smallest eigenvalue can be a little too small; the
    # way to no correlation at all leads through matrices with larger ones
    smallest = np.linalg.eigvalsh(unit)[0]
    wanted = 2 * SMALLEST_EIGENVALUE
    away = max(0.0, (wanted - smallest) / (1.0 - smallest))
    rounded: Matrix = np.round((1.0 - away) * unit, _DECIMALS)
    np.fill_diagonal(rounded, 1.0)
    return rounded


def cholesky(matrix: Matrix) -> Matrix:
    """Return the lower triangular L with L L' = `matrix`, element by element.

    Written out because a library's summation order depends on the machine; row i only depends on the rows up to it.
    """
    rest = matrix.copy()
    factor = np.zeros_like(matrix)
    for j in range(len(matrix)):
        factor[j, j] = np.sqrt(rest[j, j])
        column = rest[j + 1 :, j] / factor[j, j]
        factor[j + 1 :, j] = column
        rest[j + 1 :, j + 1 :] -= column[:, None] * column[None, :]
    return factor


def _uncertain(task: Task) -> Iterator[tuple[str, str]]:
    """Yield (task, stream) of what is drawn for a task, in the order of the file."""
    stream = f"task/{task.id}/{'duration' if task.share == 'duration' else 'effort'}"
    streams = [f"{stream}/{name}" for name in task.who] if task.share == "work" else [stream]
    for name, effort in zip(streams, task.efforts, strict=False):  # a milestone has no effort
        if effort.kind != "exactly":
            yield task.id, name


def _asked(scenario: Scenario, tasks: list[str]) -> Matrix:
    """Return what the scenario says about the draws of these tasks: groups, then pairs over them, shape (k, k)."""
    asked = np.eye(len(tasks))
    rows: dict[str, list[int]] = {}
    for row, task in enumerate(tasks):
        rows.setdefault(task, []).append(row)
    # of several groups the largest rho counts: it only matters between the entries of one task
    groups = sorted((each for each in scenario.correlations if not each.pair), key=lambda group: group.rho)
    for group in groups:
        members = [row for task in group.tasks for row in rows.get(task, ())]
        asked[np.ix_(members, members)] = group.rho
    for pair in scenario.correlations:
        if pair.pair:
            first, second = (rows.get(task, []) for task in pair.tasks)
            asked[np.ix_(first, second)] = pair.rho
            asked[np.ix_(second, first)] = pair.rho
    np.fill_diagonal(asked, 1.0)
    return asked


def _blocks(matrix: Matrix) -> Iterator[list[int]]:
    """Yield the rows that hang together, each block ascending."""
    left = set(range(len(matrix)))
    while left:
        block, ahead = set(), {min(left)}
        while ahead:
            row = ahead.pop()
            block.add(row)
            ahead.update(set(np.flatnonzero(matrix[row]).tolist()) - block)
        left -= block
        yield sorted(block)
