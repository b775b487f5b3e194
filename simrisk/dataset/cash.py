"""The monthly cash flow: quantiles and means of every month over the trials; all of them would fill the file."""

from __future__ import annotations

import math
from datetime import date
from fractions import Fraction

import numpy as np

from simrisk.dataset.ranks import quantile_rank, quantile_ranks

KEPT = tuple(Fraction(percent, 100) for percent in (5, 10, 25, 50, 75, 80, 90, 95))
MONTHS = 12


def cash_values(start: date, cash: np.ndarray, finished: np.ndarray, baseline: np.ndarray) -> dict[str, np.ndarray]:
    """Every variable about cash, by its name.

    Only trials that finished are counted: how the flow of the others goes on beyond the horizon is not known.

    Parameters
    ----------
    start : date
        Of the project: months are counted from the one it falls in.
    cash : (n_trials, n_months) int64
        Cents spent in each calendar month, 0 after the end.
    finished : (n_trials,) bool
    baseline : (n_months,) int64
        The same without dice.

    Returns
    -------
    dict
        Money in whole units of the currency. Months end with the last one in which any trial, or the plan without
        dice, spends; nan when no trial finished.
    """
    spent = np.flatnonzero(cash.any(axis=0) | (baseline != 0))
    n_months = int(spent[-1]) + 1 if len(spent) else 0
    flow = cash[finished, :n_months]
    values = {
        "month": first_days(start, n_months),
        "quantile": np.array([float(p) for p in KEPT]),
        "cash_mean": np.full(n_months, np.nan),
        "cash_sd": np.full(n_months, np.nan),
        "baseline_cash": baseline[:n_months] / 100,
    }
    if len(flow):
        values["cash_mean"] = flow.mean(axis=0, dtype=np.float64) / 100
    if len(flow) > 1:
        values["cash_sd"] = flow.std(axis=0, ddof=1, dtype=np.float64) / 100
    for name, rows in (("cash", flow), ("cash_cumulative", np.cumsum(flow, axis=1))):
        found = _quantiles(rows)
        values[f"{name}_quantile"], values[f"{name}_quantile_low"], values[f"{name}_quantile_high"] = found
    return values


def first_days(start: date, n_months: int) -> np.ndarray:
    """First days of so many calendar months, from that of `start` on, (n_months,) datetime64[D]."""
    first = start.year * MONTHS + start.month - 1
    days = [date(*_year_and_month(first + k), 1) for k in range(n_months)]
    return np.array(days, dtype="datetime64[D]")


def _year_and_month(number: int) -> tuple[int, int]:
    """Year and month (1 to 12) of a month counted from that of the year 0."""
    return number // MONTHS, number % MONTHS + 1


def _quantiles(cents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Quantiles with their 95 % intervals, (n_months, n_quantiles) each; an end that no trial bounds is infinite."""
    n = len(cents)
    found = np.full((3, cents.shape[1], len(KEPT)), np.nan)
    if n:
        ordered = np.sort(cents, axis=0) / 100
        for q, p in enumerate(KEPT):
            low, high = quantile_ranks(n, p)
            found[0, :, q] = ordered[quantile_rank(n, p) - 1]
            found[1, :, q] = ordered[low - 1] if low >= 1 else -math.inf
            found[2, :, q] = ordered[high - 1] if high <= n else math.inf
    return found[0], found[1], found[2]
