"""What a run says about the project: samples of finish, cost and delay, and what the chain is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from simrisk.dataset import Results, remembered
from simrisk.measures import estimates
from simrisk.measures.blocks import Blocks, blocks_among, blocks_of

if TYPE_CHECKING:
    import xarray as xr

FINISHED, CENSORED, STOPPED = range(3)  # flag values of project_outcome
CAUSES = {  # what the causes of the driving chain are called in charts and tables
    "work": "work up to the plan",
    "overrun": "work beyond the plan",
    "busy": "people busy elsewhere",
    "calendar": "dates, sprints and lags",
    "leave": "leave",
    "absence": "absence",
    "gate": "gates",
    "handover": "handovers",
    "hiring": "hires and departures",
    "risk": "risks",
}


def blocks(run: Results) -> Blocks | None:
    """Which trials were drawn together; None when they are taken as independent.

    Of some trials of a run those blocks count of which all trials are among them.
    """
    n, block, trials = run.sizes["trial"], int(run.attrs["block"]), run["trial"].values
    if n == 0 or (trials[0] == 0 and trials[-1] == n - 1):
        return blocks_of(n, block)
    return blocks_among(trials, block)


def finished_blocks(run: Results) -> Blocks | None:
    """The same of the trials that finished alone."""
    found = blocks(run)
    return None if found is None else found[finished(run)]


def finished(run: Results) -> np.ndarray:
    """Which trials finished, (n_trials,) bool."""
    found: np.ndarray = run["project_outcome"].values == FINISHED
    return found


def delay(run: Results) -> np.ndarray:
    """Working minutes after the deadline, (n_trials,), >= 0, +inf where not finished."""
    late: np.ndarray = np.maximum(run["project_finish"].values - run.attrs["deadline_minute"], 0.0)
    return late


def on_time(run: Results) -> np.ndarray:
    """Which trials finished by the end of the deadline's day, (n_trials,) bool."""
    found: np.ndarray = run["project_finish"].values <= run.attrs["deadline_minute"]
    return found


def in_budget(run: Results) -> np.ndarray:
    """Which trials finished within budget and contingency, (n_trials,) bool; compared in cents."""
    found: np.ndarray = finished(run) & (run["project_spent"].values <= run.attrs["budget_limit_cents"])
    return found


def months(run: Results) -> np.ndarray:
    """First days of the months with costs, (n_months,) datetime64[M]."""
    found: np.ndarray = run["month"].values.astype("datetime64[M]")
    return found


def first_month(run: Results) -> np.datetime64:
    """The calendar month in which the project starts."""
    return np.datetime64(run.attrs["start"], "M")


class Shares(NamedTuple):
    """A share for each member of a dimension, with its 95 % interval; (n,) each."""

    value: np.ndarray
    low: np.ndarray
    high: np.ndarray


def shares_of_chain(run: Results) -> Shares:
    """What the finish is made of: minutes of each cause over all minutes of the driving chains.

    Over finished trials; the shares add up to 1, nan when no trial finished. The interval is that of a ratio of two
    means, see `ratios`.
    """
    return remembered(run, ("chain",), lambda: ratios(run["chain_minutes"].values[finished(run)], finished_blocks(run)))


def ratios(parts: np.ndarray, blocks: Blocks | None = None) -> Shares:
    """Sums of parts over the sum of all of them, with the intervals of ratios of means; nan when all are 0.

    By the delta method: the error of sum(c) / sum(f) is that of the mean of c - share f, over mean(f). What is seldom
    on the chain is there for long, so of few trials that mean is lopsided; `unskewed` puts that right.

    Parameters
    ----------
    parts : (n, k), numbers >= 0
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    parts = parts.astype(np.float64)
    totals = parts.sum(axis=1)
    n, whole = len(totals), totals.sum()
    value = parts.sum(axis=0) / whole if whole else np.full(parts.shape[1], np.nan)
    below = above = np.full(parts.shape[1], np.nan)
    if n > 1 and whole:
        rest = parts - value * totals[:, None]
        if blocks is None:
            below, above = np.array([estimates.unskewed(column) for column in rest.T]).reshape(-1, 2).T / (whole / n)
        else:
            below = above = blocks.half_width(rest) / (whole / n)
    return Shares(value, np.clip(value - below, 0, 1), np.clip(value + above, 0, 1))


def shares_critical(run: Results, dim: Literal["task", "person", "pool", "gate"]) -> Shares:
    """How often each task, person, pool or gate is on the driving chain, over finished trials.

    The intervals are those of `estimates.shares`; nan when no trial finished.
    """

    def found() -> Shares:
        critical = run[f"{dim}_critical"].values[finished(run)]
        return Shares(*estimates.shares(critical, finished_blocks(run)))

    return remembered(run, ("critical", dim), found)


def chain_shares(run: Results) -> xr.Dataset:
    """`shares_of_chain` as a Dataset: ``value``, ``low``, ``high`` by cause."""
    return _by_label(run, "cause", shares_of_chain(run))


def criticality(run: Results, dim: Literal["task", "person", "pool", "gate"]) -> xr.Dataset:
    """`shares_critical` as a Dataset: ``value``, ``low``, ``high`` by `dim`."""
    return _by_label(run, dim, shares_critical(run, dim))


def _by_label(run: Results, dim: str, shares: Shares) -> xr.Dataset:
    import xarray as xr

    return xr.Dataset({name: (dim, values) for name, values in shares._asdict().items()}, {dim: run[dim].values})
