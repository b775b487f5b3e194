"""When tasks run and gates are reviewed and passed: moments by trial, +inf where it never came to that."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column
from simrisk.dataset.ranks import quantile_rank

HALF = Fraction(1, 2)
STOP = "stop"  # the outcome of a gate that ends the project


def tenths(number: int) -> Fraction:
    """So many tenths, exactly."""
    return Fraction(number, 10)


def moments(run: Results, variable: str, dim: str, label: object) -> np.ndarray:
    """Minutes by trial, (n_trials,) float64, of a variable that has -1 where it never happened; +inf there."""
    minutes = column(run, variable, dim, label)
    found: np.ndarray = np.where(minutes < 0, np.inf, minutes)
    return found


def gate_decided(run: Results, gate: object, how: str) -> np.ndarray:
    """In which trials a gate was decided so, (n_trials,) bool; `how` as in the flags of ``gate_outcome``."""
    flags = str(run["gate_outcome"].attrs["flag_meanings"]).split()
    found: np.ndarray = column(run, "gate_outcome", "gate", gate) == flags.index(how)
    return found


def gate_passed(run: Results, gate: object) -> np.ndarray:
    """Minute in which a gate was passed, (n_trials,) float64; +inf where it never was or stopped the project."""
    return np.where(gate_decided(run, gate, STOP), np.inf, moments(run, "gate_finish", "gate", gate))


def several_quantiles(values: np.ndarray, shares: Sequence[Fraction]) -> tuple[float, ...]:
    """Quantiles as `estimates.quantile` has them, without their intervals; (n,) values that may hold +inf."""
    ranks = [quantile_rank(len(values), p) - 1 for p in shares]
    ordered = np.partition(values, sorted(set(ranks)))
    return tuple(float(ordered[rank]) for rank in ranks)


class Steps(NamedTuple):
    """The share of all trials in which something has happened by each minute: ascending, (k,) each."""

    minutes: np.ndarray
    shares: np.ndarray


def steps(values: np.ndarray, most: int, marked: Sequence[Fraction] = ()) -> Steps:
    """The empirical distribution of moments, thinned to at most `most` steps and those of the quantiles `marked`.

    Parameters
    ----------
    values : (n,), may hold +inf
    """
    minutes, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    shares = np.cumsum(counts) / max(len(values), 1)
    if len(minutes) > most:
        wanted = [float(p) for p in marked if float(p) <= shares[-1]]
        kept = np.union1d(np.linspace(0, len(minutes) - 1, most).astype(int), np.searchsorted(shares, wanted))
        minutes, shares = minutes[kept], shares[kept]
    return Steps(minutes, shares)
