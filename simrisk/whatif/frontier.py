"""The frontier of cost against P80: which sets are on it, on other dice as well, and which can be left out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

LEVEL = 0.8
RESAMPLES = 200


@dataclass(frozen=True)
class Field:
    """Sets of mitigations, run on the same trials.

    Parameters
    ----------
    finish : ndarray, (n_sets, n_trials), minutes
        +inf where a trial does not end.
    spent : ndarray, (n_sets, n_trials), currency
        What the trial costs.
    none : int
        Place of the plan as it is.
    block : int
        Trials that are drawn together.
    """

    finish: np.ndarray
    spent: np.ndarray
    none: int = 0
    block: int = 1

    def resamples(self, seed: int, n: int = RESAMPLES) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield what each set adds to the mean cost, and its P80, of trials drawn again with replacement.

        They are the same for all sets; of Latin hypercubes whole blocks are drawn. (Efron and Tibshirani, An
        Introduction to the Bootstrap, 1993.)
        """
        trials, block = self.finish.shape[1], self.block
        dice = np.random.default_rng(seed)
        for _ in range(n):
            blocks = dice.integers(0, -(-trials // block), -(-trials // block))
            rows = (blocks[:, None] * block + np.arange(block)).ravel()
            rows = rows[rows < trials]
            yield self._extra(np.bincount(rows, minlength=trials)), p80_of(self.finish[:, rows])

    def means(self) -> tuple[np.ndarray, np.ndarray]:
        """What each set adds to the mean cost, and its P80, of all trials."""
        return self._extra(np.ones(self.finish.shape[1])), p80_of(self.finish)

    def _extra(self, times: np.ndarray) -> np.ndarray:
        """What each set adds to the mean cost of trials that finish, each taken so many times; inf where none does."""
        with np.errstate(invalid="ignore"):
            means = self._known[1] @ times / (self._known[0] @ times)
            extra: np.ndarray = np.nan_to_num(means - means[self.none], nan=np.inf)
        return extra

    @cached_property
    def _known(self) -> tuple[np.ndarray, np.ndarray]:
        """Which trials finish, as 0 and 1, and what these cost."""
        done = np.isfinite(self.finish)
        return done.astype(float), np.where(done, self.spent, 0.0)


@dataclass(frozen=True)
class Kept:
    """Which sets are left of many.

    Parameters
    ----------
    places : ndarray of int
    missed : ndarray, (n_resamples,), minutes
        By how much the earliest of all sets within the budget is earlier than the earliest of those kept.
    """

    places: np.ndarray
    missed: np.ndarray


def keep(field: Field, most: int, *, budget: float | None, seed: int) -> Kept:
    """Leave out the sets that would hardly ever be on the frontier.

    Kept are the plan as it is, those on the frontier, and those that are on it in most of half of the resamples. The
    other half, in which they were not picked, says what is missed by that.

    Parameters
    ----------
    field : Field
    most : int
        Sets to keep.
    budget : float, optional
        For what is added to the mean cost.
    seed : int
    """
    limit = np.inf if budget is None else budget
    extra, p80 = field.means()
    often = np.zeros(len(p80))
    often[field.none] += 2 * RESAMPLES
    often += RESAMPLES * within_frontier(extra, p80, limit)
    missed = []
    places = np.zeros(0, int)
    for number, (means, found) in enumerate(field.resamples(seed)):
        if number < RESAMPLES // 2:
            often += within_frontier(means, found, limit)
            continue
        if not len(places):
            order = np.argsort(-often, kind="stable")[:most]
            places = np.sort(order[often[order] > 0])
        within = means <= limit
        best, left = np.min(found[within], initial=np.inf), np.min(found[places][within[places]], initial=np.inf)
        missed.append(0.0 if left == best else float(left - best))
    return Kept(places, np.array(missed))


def within_frontier(extra: np.ndarray, p80: np.ndarray, limit: float) -> np.ndarray:
    """Whether each set is on the frontier of those within the budget, (n,) bool."""
    return on_frontier(extra, np.where(extra <= limit, p80, np.inf))


def on_frontier(extra: np.ndarray, p80: np.ndarray) -> np.ndarray:
    """Whether each set is earlier than every other that costs no more; of equal ones the first, (n,) bool."""
    order = np.lexsort((np.arange(len(extra)), p80, extra))
    sorted_p80 = np.asarray(p80, float)[order]
    before = np.concatenate([[np.inf], np.minimum.accumulate(sorted_p80)[:-1]])
    found = np.zeros(len(extra), bool)
    found[order] = sorted_p80 < before
    return found


def p80_of(finish: np.ndarray) -> np.ndarray:
    """P80 of each set: the order statistic of its trials."""
    rank = max(int(np.ceil(LEVEL * finish.shape[1] - 1e-9)), 1) - 1
    found: np.ndarray = np.partition(finish, rank, axis=1)[:, rank]
    return found
