"""What a run says about the project: samples of finish, cost and delay, and what the chain is made of."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from simrisk.measures.blocks import Blocks, Z, blocks_among, blocks_of
from simrisk.measures.estimates import shares

FINISHED, CENSORED, STOPPED = range(3)  # flag values of project_outcome


def blocks(run: xr.Dataset) -> Blocks | None:
    """Which trials were drawn together; None when they are taken as independent.

    Of some trials of a run those blocks count of which all trials are among them.
    """
    n, block, trials = run.sizes["trial"], int(run.attrs["block"]), run["trial"].values
    if n == 0 or (trials[0] == 0 and trials[-1] == n - 1):
        return blocks_of(n, block)
    return blocks_among(trials, block)


def _finished_blocks(run: xr.Dataset) -> Blocks | None:
    found = blocks(run)
    return None if found is None else found[finished(run)]


def finished(run: xr.Dataset) -> np.ndarray:
    """Which trials finished, (n_trials,) bool."""
    found: np.ndarray = run["project_outcome"].values == FINISHED
    return found


def delay(run: xr.Dataset) -> np.ndarray:
    """Working minutes after the deadline, (n_trials,), >= 0, +inf where not finished."""
    late: np.ndarray = np.maximum(run["project_finish"].values - run.attrs["deadline_minute"], 0.0)
    return late


def on_time(run: xr.Dataset) -> np.ndarray:
    """Which trials finished by the end of the deadline's day, (n_trials,) bool."""
    found: np.ndarray = run["project_finish"].values <= run.attrs["deadline_minute"]
    return found


def in_budget(run: xr.Dataset) -> np.ndarray:
    """Which trials finished within budget and contingency, (n_trials,) bool; compared in cents."""
    found: np.ndarray = finished(run) & (run["project_spent"].values <= run.attrs["budget_limit_cents"])
    return found


def months(run: xr.Dataset) -> np.ndarray:
    """First days of the months with costs, (n_months,) datetime64[M]."""
    found: np.ndarray = run["month"].values.astype("datetime64[M]")
    return found


def first_month(run: xr.Dataset) -> np.datetime64:
    """The calendar month in which the project starts."""
    return np.datetime64(run.attrs["start"], "M")


def chain_shares(run: xr.Dataset) -> xr.Dataset:
    """What the finish is made of: minutes of each cause over all minutes of the driving chains.

    Over finished trials; the shares add up to 1. The interval is that of a ratio of two means, by
    the delta method: the error of sum(c) / sum(f) is that of the mean of c - share f, over mean(f).

    Returns
    -------
    xarray.Dataset
        ``value``, ``low``, ``high`` by cause; nan when no trial finished.
    """
    minutes = run["chain_minutes"].values[finished(run)].astype(np.float64)
    totals = minutes.sum(axis=1)
    n, whole = len(totals), totals.sum()
    value = minutes.sum(axis=0) / whole if whole else np.full(minutes.shape[1], np.nan)
    half = np.full(minutes.shape[1], np.nan)
    if n > 1 and whole:
        rest = minutes - value * totals[:, None]
        of_trials = _finished_blocks(run)
        if of_trials is None:
            half = Z * rest.std(axis=0, ddof=1) / (whole / n) / np.sqrt(n)
        else:
            half = of_trials.half_width(rest) / (whole / n)
    return _estimates(run, "cause", value, np.clip(value - half, 0, 1), np.clip(value + half, 0, 1))


def criticality(run: xr.Dataset, dim: Literal["task", "person", "pool", "gate"]) -> xr.Dataset:
    """How often each task, person, pool or gate is on the driving chain, over finished trials.

    Returns
    -------
    xarray.Dataset
        ``value``, ``low``, ``high`` by `dim`; exact binomial intervals; nan when no trial finished.
    """
    critical = run[f"{dim}_critical"].values[finished(run)]
    return _estimates(run, dim, *shares(critical, _finished_blocks(run)))


def _estimates(run: xr.Dataset, dim: str, value: np.ndarray, low: np.ndarray, high: np.ndarray) -> xr.Dataset:
    variables = {"value": (dim, value), "low": (dim, low), "high": (dim, high)}
    return xr.Dataset(variables, {dim: run[dim]})
