"""Figures of one run worked out with plain numpy, and as a report writes them: what `test_report_numbers` expects."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from pages import Page
from simrisk.dataset import Run
from simrisk.report import html
from simrisk.report.drawing import all_drawn
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment

DAY, N = 480, 300
DEADLINE = date(2026, 3, 13)


@cache
def told() -> tuple[Run, Scenario, Page]:
    """A run of a plan that has everything, and its page."""
    scenario = load(Path(__file__).with_name("everything.toml"))
    experiment = Experiment(scenario, engine="reference", seed=1)
    experiment.extend(N)
    run = experiment.run()
    assert (run["project_outcome"].values == 0).all()  # nothing is beyond the horizon: figures all
    return run, scenario, Page(html.render(run, scenario, all_drawn(run, scenario)))


# --- figures, the naive way ---------------------------------------------------------------------


def of(name: str, place: int | None = None) -> np.ndarray:
    values = told()[0][name].values
    return values if place is None else values[:, place]


def place(dim: str, label: str) -> int:
    """Where something stands; a label may have its name behind it."""
    return of(dim).tolist().index(label.partition(" (")[0])


def ends(minute: float) -> date:
    return of("day_date")[max(math.ceil(minute / DAY) - 1, 0)].astype("datetime64[D]").item()


def starts(minute: float) -> date:
    return of("day_date")[math.floor(minute / DAY)].astype("datetime64[D]").item()


def quantile(values: np.ndarray, percent: float) -> float:
    return float(np.sort(values)[math.ceil(percent * len(values) / 100 - 1e-9) - 1])


def bounds(values: np.ndarray, percent: float) -> tuple[float, float]:
    n, p, ordered = len(values), percent / 100, np.sort(values)
    low = max(k for k in range(n + 1) if k == 0 or stats.binom.cdf(k - 1, n, p) <= 0.025)
    high = min(k for k in range(1, n + 2) if k == n + 1 or stats.binom.sf(k - 1, n, p) <= 0.025)
    return (ordered[low - 1] if low else -math.inf), (ordered[high - 1] if high <= n else math.inf)


def average(values: np.ndarray) -> tuple[float, float, float]:
    half = 1.959963984540054 * values.std(ddof=1) / math.sqrt(len(values))
    return values.mean(), values.mean() - half, values.mean() + half


# --- as they are written ------------------------------------------------------------------------


def percent(share: float) -> str:
    if 0 < share < 0.0005:
        return "< 0.1 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return {0.0: "0 %", 1.0: "100 %"}.get(share, f"{100 * share:.1f} %")


def dates(low: date, high: date) -> str:
    return f"{low} .. {high:%m-%d}" if low.year == high.year else f"{low} .. {high}"


def chance(hits: np.ndarray) -> list[str]:
    test = stats.binomtest(int(hits.sum()), len(hits)).proportion_ci(method="exact")
    return [percent(hits.mean()), f"{percent(test.low).removesuffix(' %')} .. {percent(test.high)}"]


def money(amount: float) -> str:
    return f"{amount:,.0f}" if abs(amount) >= 1000 or amount == int(amount) else f"{amount:,.2f}"


def days(minutes: float) -> str:
    return f"{minutes / DAY:,.1f}"


def level(values: np.ndarray, p: float, shown: Callable[[float], Any] = ends) -> list[str]:
    """A quantile and its interval."""
    low, high = bounds(values, p)
    if shown is ends:
        return [str(ends(quantile(values, p))), dates(ends(low), ends(high))]
    return [shown(quantile(values, p)), f"{shown(low)} .. {shown(high) if math.isfinite(high) else 'beyond'}"]


def number(text: str) -> float:
    return float(text.replace(",", "").removesuffix("%").strip(" h<>"))


def holds(value: str, interval: str) -> bool:
    """An interval holds its figure."""
    low, high = interval.split(" .. ")
    return number(low) <= number(value) <= number(high)
