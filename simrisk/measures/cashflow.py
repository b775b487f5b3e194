"""Money spent by the end of each month: the quantiles that a run keeps, the plan's own, and when a sum is used up."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import project


@dataclass(frozen=True)
class Spent:
    """Money spent by the end of each month, of the trials that finished.

    Parameters
    ----------
    first, last : (n_months,) datetime64[D]
        First and last day of each month.
    levels : tuple of int
        Percentages of the quantiles.
    value, low, high : (n_months, n_levels) money
        Quantiles with their 95 % intervals; nan when no trial finished, an end that no trial bounds is infinite.
    plan : (n_months,) money
        Without dice.
    share : float
        Share of all trials that finished.
    """

    first: np.ndarray
    last: np.ndarray
    levels: tuple[int, ...]
    value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    plan: np.ndarray
    share: float

    def level(self, percent: int) -> np.ndarray:
        """One quantile by month, (n_months,)."""
        found: np.ndarray = self.value[:, self.levels.index(percent)]
        return found

    def month_of(self, amount: float, percent: int) -> int | None:
        """The first month by whose end that quantile is above an amount; None: it never is."""
        over = np.flatnonzero(self.level(percent) > amount)
        return int(over[0]) if len(over) else None

    def settled(self, percent: int) -> int:
        """The first month by whose end that quantile is at its last value; 0 when there is none."""
        values = self.level(percent)
        if not len(values) or np.isnan(values[-1]):
            return 0
        return int(np.argmax(values == values[-1]))


def spent(run: Results) -> Spent:
    """The cumulative cash flow that a run keeps."""
    months = project.months(run)
    value, low, high = (run[f"cash_cumulative_quantile{end}"].values for end in ("", "_low", "_high"))
    return Spent(
        months.astype("datetime64[D]"),
        (months + 1).astype("datetime64[D]") - np.timedelta64(1, "D"),
        tuple(int(100 * Fraction(str(p))) for p in run["quantile"].values),
        value,
        low,
        high,
        np.cumsum(run["baseline_cash"].values),
        float(project.finished(run).mean()) if run.sizes["trial"] else 0.0,
    )
