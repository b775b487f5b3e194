"""The monthly cash flow: quantiles and means of every month over the trials; all of them would fill the file."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache, lru_cache, partial

import numpy as np

from simrisk.dataset.ranks import quantile_rank, quantile_ranks
from simrisk.dataset.run import Late
from simrisk.dataset.store import Trials
from simrisk_kernels.layout import FINISHED

KEPT = tuple(Fraction(percent, 100) for percent in (5, 10, 25, 50, 75, 80, 90, 95))
ENDS = tuple(f"{name}_quantile{end}" for name in ("cash", "cash_cumulative") for end in ("", "_low", "_high"))
MONTHS = 12


def cash_values(start: date, trials: Trials | Kept, baseline: np.ndarray) -> dict[str, np.ndarray]:
    """Every variable about cash, by its name.

    Only trials that finished are counted: how the flow of the others goes on beyond the horizon is not known. It
    goes month by month, so that never more than a few columns are in memory.

    Parameters
    ----------
    start : date
        Of the project: months are counted from the one it falls in.
    trials : Trials
        ``cash``: cents spent in each calendar month, 0 after the end.
    baseline : (n_months,) int64
        The same without dice.

    Returns
    -------
    dict
        Money in whole units of the currency. Months end with the last one in which any trial, or the plan without
        dice, spends; nan when no trial finished.
    """
    finished = trials.whole("outcome") == FINISHED
    n, n_months = int(finished.sum()), _last_month(trials, baseline)
    values = {
        "month": first_days(start, n_months),
        "quantile": np.array([float(p) for p in KEPT]),
        "cash_mean": np.full(n_months, np.nan),
        "cash_sd": np.full(n_months, np.nan),
        "baseline_cash": baseline[:n_months] / 100,
    }
    values |= {name: np.full((n_months, len(KEPT)), np.nan) for name in ENDS}
    total = np.zeros(n, np.int64)
    for month in range(n_months if n else 0):
        flow = trials.column("cash", month)[finished]
        total += flow
        values["cash_mean"][month] = flow.mean(dtype=np.float64) / 100
        if n > 1:
            values["cash_sd"][month] = flow.std(ddof=1, dtype=np.float64) / 100
        for name, found in zip(ENDS, (*_quantiles(flow), *_quantiles(total)), strict=True):
            values[name][month] = found
    return values


def late_cash_values(start: date, trials: Trials, baseline: np.ndarray) -> dict[str, np.ndarray | Late]:
    """The same, those that need all trials sorted only when somebody asks for them.

    A check with many trials asks for other figures. What is packed would be unpacked for trials that came since: it is
    worked out at once.
    """
    if trials.is_packed:
        return dict(cash_values(start, trials, baseline))
    kept = Kept(trials.whole("outcome"), trials.whole("cash"))
    n_months = _last_month(kept, baseline)
    shapes = {"cash_mean": (n_months,), "cash_sd": (n_months,), **dict.fromkeys(ENDS, (n_months, len(KEPT)))}
    work = cache(lambda: cash_values(start, kept, baseline))
    return {
        "month": first_days(start, n_months),
        "quantile": np.array([float(p) for p in KEPT]),
        "baseline_cash": baseline[:n_months] / 100,
        **{name: Late(shape, np.dtype(float), partial(_one_of, work, name)) for name, shape in shapes.items()},
    }


def _one_of(work: Callable[[], dict[str, np.ndarray]], name: str) -> np.ndarray:
    return work()[name]


@dataclass(frozen=True)
class Kept:
    """What is needed of trials, as they are now: more may be added to their store."""

    outcome: np.ndarray
    cash: np.ndarray

    def whole(self, field: str) -> np.ndarray:
        """A field of all trials."""
        found: np.ndarray = getattr(self, field)
        return found

    def column(self, field: str, place: int) -> np.ndarray:
        """One column of it."""
        found: np.ndarray = getattr(self, field)[:, place]
        return found


def _last_month(trials: Trials | Kept, baseline: np.ndarray) -> int:
    """Number (1-based) of the last month in which any trial, or the plan without dice, spends; 0: never."""
    for month in range(len(baseline), 0, -1):
        if baseline[month - 1] or trials.column("cash", month - 1).any():
            return month
    return 0


def first_days(start: date, n_months: int) -> np.ndarray:
    """First days of so many calendar months, from that of `start` on, (n_months,) datetime64[D]."""
    first = start.year * MONTHS + start.month - 1
    days = [date(*_year_and_month(first + k), 1) for k in range(n_months)]
    return np.array(days, dtype="datetime64[D]")


def _year_and_month(number: int) -> tuple[int, int]:
    """Year and month (1 to 12) of a month counted from that of the year 0."""
    return number // MONTHS, number % MONTHS + 1


def _quantiles(cents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles with their 95 % intervals, (n_quantiles,) each; an end that no trial bounds is infinite."""
    n = len(cents)
    ordered = np.sort(cents)
    ranks = _ranks(n)
    found = ordered[np.clip(ranks, 1, n) - 1] / 100
    return found[0], np.where(ranks[1] >= 1, found[1], -math.inf), np.where(ranks[2] <= n, found[2], math.inf)


@lru_cache(maxsize=2)
def _ranks(n: int) -> np.ndarray:
    """Ranks of the quantiles of n values and of the ends of their intervals, (3, n_quantiles)."""
    return np.array([(quantile_rank(n, p), *quantile_ranks(n, p)) for p in KEPT]).T
