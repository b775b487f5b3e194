"""A figure of a run with its interval, and how samples and counts become one."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Literal, cast

import numpy as np

from simrisk.dataset import Results, RunDates
from simrisk.measures import estimates, project
from simrisk.measures.blocks import Blocks, normal
from simrisk.measures.estimates import Estimate
from simrisk.measures.sample import How, Sample

Kind = Literal["finish", "start", "duration", "effort", "money", "share", "ratio", "count"]

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
UNITS = {
    "finish": "working minutes",
    "start": "working minutes",
    "duration": "working minutes",
    "effort": "minutes of effort",
    "share": "1",
    "ratio": "1",
    "count": "1",
}
MOMENTS = ("finish", "start")


@dataclass(frozen=True)
class Measure:
    """One figure of a run with its 95 % Monte Carlo interval.

    Parameters
    ----------
    name : str
    kind : str
        "finish" or "start" (a moment: minutes from the project's start, with dates), "duration", "effort", "money",
        "share" (a probability), "ratio" (a plain number) or "count".
    value, low, high : float or None
        None: beyond the horizon, unbounded, or nothing to estimate it from.
    unit : str
    beyond_horizon : bool
        Too many trials did not finish for this figure to be a number.
    stopped, high_stopped : bool
        The figure, the upper end of its interval, lies among the trials that were stopped at a gate, which
        never finish; they sort after those that were not finished by the horizon.
    share : float
        Share of all trials that the figure is over.
    exact : bool
        No estimate: a figure of the trial without dice.
    date, low_date, high_date : datetime.date or None
        The day on which something that finishes, or starts, at that minute does; for kinds "finish" and "start".
    sample : Sample or None
        The trials it is estimated from, where it is one plain estimate. `simrisk.measure` leaves it out.
    """

    name: str
    kind: Kind
    value: float | None
    low: float | None
    high: float | None
    unit: str
    beyond_horizon: bool = False
    share: float = 1.0
    exact: bool = False
    date: datetime.date | None = None
    low_date: datetime.date | None = None
    high_date: datetime.date | None = None
    stopped: bool = False
    high_stopped: bool = False
    sample: Sample | None = field(default=None, repr=False, compare=False)

    @property
    def half_width(self) -> float:
        """Half the width of the interval; inf when it is unbounded or there is none."""
        if self.exact:
            return 0.0
        return math.inf if self.low is None or self.high is None else (self.high - self.low) / 2


def interval(found: Measure, tail: float) -> Estimate:
    """A figure with the interval of which each end is wrong with the chance `tail`.

    Ends are infinite where there are none, and so is the figure where it lies beyond the horizon. The trials that it
    is estimated from give it; of a figure that does not know them (`Measure.sample`) the 95 % interval is stretched as
    a normal one would be.
    """
    if found.exact and found.value is not None:
        return Estimate(found.value, found.value, found.value)
    if found.sample is not None:
        value, low, high = found.sample.estimate(tail)
        shift = found.value - value if found.value is not None and math.isfinite(value) else 0.0
        return Estimate(value + shift, low + shift, high + shift)
    if found.value is None:
        return Estimate(math.inf if found.beyond_horizon else math.nan, -math.inf, math.inf)
    stretch = normal(tail) / normal()
    low, high = (
        infinite if end is None else found.value + stretch * (end - found.value)
        for end, infinite in ((found.low, -math.inf), (found.high, math.inf))
    )
    return Estimate(found.value, low, high)


def figure_of(
    run: Results, name: str, kind: Kind, estimate: Estimate, over: float = 1.0, sample: Sample | None = None
) -> Measure:
    """A Measure of an estimate: infinite and undefined figures become None, minutes get their dates."""

    def known(number: float) -> float | None:
        return number if math.isfinite(number) else None

    value, low, high = (known(number) for number in estimate)
    unit = run.attrs["currency"] if kind == "money" else UNITS[kind]
    made = Measure(name, kind, value, low, high, unit, math.isinf(estimate.value), over, sample=sample)
    return dated(run, made) if kind in MOMENTS else made


def dated(run: Results, made: Measure) -> Measure:
    """The same with the dates of its minutes."""
    dates = RunDates.of(run)
    day_of = dates.start_date if made.kind == "start" else dates.finish_date
    days = [None if m is None else day_of(m) for m in (made.value, made.low, made.high)]
    return replace(made, date=days[0], low_date=days[1], high_date=days[2])


def percentile(word: str) -> Fraction | None:
    """The share that ``p80`` or ``p97.5`` stands for, exactly; None for other words and for p0."""
    match = PERCENTILE.fullmatch(word)
    p = Fraction(match[1]) / 100 if match else Fraction(0)
    return p if p > 0 else None


def statistic(
    run: Results, name: str, kind: Kind, figure: str, values: np.ndarray, outcome: str = "project_outcome"
) -> Measure | None:
    """Mean, sd or percentile of a sample in which +inf stands for "not finished"; `outcome` says why it was not."""
    blocks = project.blocks(run)
    if figure in ("mean", "sd"):
        finite = np.isfinite(values)
        kind = "duration" if kind in MOMENTS and figure == "sd" else kind
        return _sampled(run, name, kind, Sample(cast("How", figure), values[finite], finite, blocks))
    p = percentile(figure)
    if p is None:
        return None
    made = _sampled(run, name, kind, Sample(p, values, None, blocks))
    return among_stopped(made, p, values, run[outcome].values == project.STOPPED, blocks)


def among_stopped(
    made: Measure, p: Fraction, values: np.ndarray, stopped: np.ndarray, blocks: Blocks | None
) -> Measure:
    """The same quantile, with what is known of trials that never finish.

    Parameters
    ----------
    made : Measure
        The `p` quantile of `values`, in which +inf stands for "not finished".
    values : (n,)
    stopped : (n,) bool
        Those that never finish.
    blocks : Blocks or None
        Of these.
    """
    n, never = len(values), int((np.isinf(values) & stopped).sum())
    if not never:
        return made
    high = estimates.enclosing_ranks(values, p, blocks)[1]
    return replace(made, stopped=math.ceil(p * n) > n - never, high_stopped=n - never < high <= n)


def _sampled(run: Results, name: str, kind: Kind, sample: Sample) -> Measure:
    """A Measure of a sample, which knows the sample."""
    n = run.sizes["trial"]
    return figure_of(run, name, kind, sample.estimate(), len(sample.values) / n if n else 0.0, sample)


def chance(run: Results, name: str, hits: np.ndarray, among: np.ndarray | None = None) -> Measure:
    """How often something is so, among all trials or those named."""
    some = hits if among is None else hits[among]
    return _sampled(run, name, "share", Sample("share", some, among, project.blocks(run)))


def average(run: Results, name: str, kind: Kind, values: np.ndarray, among: np.ndarray) -> Measure:
    """Mean over the trials named; `values` holds theirs alone."""
    return _sampled(run, name, kind, Sample("mean", values, among, project.blocks(run)))


def above_plan(level: Measure, planned: float) -> Measure:
    """A level minus what the plan says without dice; None where the plan says nothing."""
    if not math.isfinite(planned):
        return replace(level, value=None, low=None, high=None)
    ends = (level.value, level.low, level.high)
    value, low, high = (
        None if at is None else round(at - planned, 2) for at in ends
    )  # minutes are whole, money has cents
    return replace(level, value=value, low=low, high=high)
