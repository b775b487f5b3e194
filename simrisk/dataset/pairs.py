"""Correlated pairs of tasks: what was asked for, what was used, and what the trials of a run made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from simrisk.dataset.store import Trials

JOINT = " ~ "  # between the ids of the tasks of a pair


class Pair(NamedTuple):
    """Two tasks whose efforts are correlated.

    Parameters
    ----------
    first, second : str
        In the order of the file.
    asked, used : float
        Correlation of their normal scores: as the scenario says it, and in the nearest matrix that scores can have.
    """

    first: str
    second: str
    asked: float
    used: float


def pair_values(pairs: Sequence[Pair], task_ids: Sequence[str], trials: Trials) -> dict[str, np.ndarray]:
    """Every variable about pairs, by its name.

    Parameters
    ----------
    trials : Trials
        ``task_effort``: as drawn, with all factors.
    """
    places = {task: place for place, task in enumerate(task_ids)}
    named = sorted({task for pair in pairs for task in pair[:2]}, key=places.__getitem__)
    scores = {task: _standard(ranks(trials.column("task_effort", places[task]))) for task in named}
    produced = [float((scores[pair.first] * scores[pair.second]).sum()) for pair in pairs]
    return {
        "pair": np.array([JOINT.join(pair[:2]) for pair in pairs], dtype=object),
        "correlation_asked": np.array([pair.asked for pair in pairs], dtype=np.float64),
        "correlation_used": np.array([pair.used for pair in pairs], dtype=np.float64),
        "correlation_produced": np.array(produced, dtype=np.float64),
    }


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 1, those of equal values their mean, (n,) float64."""
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    found: np.ndarray = (np.cumsum(counts) - (counts - 1) / 2)[places]
    return found


def _standard(numbers: np.ndarray) -> np.ndarray:
    """Centred, with sum of squares 1: the sum of products of two such is their correlation; nan when all are equal."""
    centred = numbers - numbers.mean()
    length = np.sqrt(np.square(centred).sum())
    return centred / length if length > 0 else np.full(len(numbers), np.nan)
