"""How a figure differs between two runs on the same dice: the difference with its paired interval, and what it means.

Trial k of both runs has the same draws wherever both plans ask for the same thing, so that most of the noise is in
both figures and leaves with the subtraction. What a trial moves in the difference is what it moves in the one figure
minus what it moves in the other (`Sample.influence`); the mean of that over all trials is the error.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from simrisk.dataset import Results, RunDates
from simrisk.dataset.ranks import TAIL
from simrisk.errors import MetricError
from simrisk.measures.blocks import normal
from simrisk.measures.distance import same_worlds
from simrisk.measures.estimates import Estimate, half_width
from simrisk.measures.figure import MOMENTS, Measure, interval
from simrisk.measures.metrics import sampled
from simrisk.measures.sample import Sample

Verdict = Literal["better", "worse", "changed", "no change", "undecided", "new", "gone"]

DAYS, MONEY, POINTS, NUMBER = 0.25, 0.001, 0.005, 0.01  # within these nobody calls it a change
BETTER_LARGE = ("on_time", "by", "in_budget", "joint", "p_go", "p_pass", "p_goal", "velocity")
BETTER_SMALL = (
    *("finish", "cost", "delay", "baseline", "logic", "contingency", "censored", "stopped"),
    *("attempts", "carry_over", "contractor", "absence", "left", "happened", "merge_bias"),
)


@dataclass(frozen=True)
class Difference:
    """A figure in two runs, `after` minus `before`.

    Parameters
    ----------
    name, kind, unit : str
        Of the metric.
    before, after : Measure, optional
        None where a run has no such figure.
    value, low, high : float, optional
        The difference and its 95 % interval; None where it is not a number.
    paired : bool
        Whether the interval knows that the trials had the same dice; one that does not is too wide, if anything.
    verdict : str
        better, worse, changed (where neither is better), no change, undecided; new or gone where one run has no such
        figure.
    """

    name: str
    kind: str
    unit: str
    before: Measure | None
    after: Measure | None
    value: float | None
    low: float | None
    high: float | None
    paired: bool
    verdict: Verdict


def difference(before: Results, after: Results, name: str, *, tail: float = TAIL) -> Difference:
    """How the figure called `name` differs between two runs.

    Parameters
    ----------
    before, after : xarray.Dataset
        Runs; on the same dice for a paired interval.
    tail : float
        Chance that an end of the interval is on the wrong side of the truth.

    Raises
    ------
    MetricError
        ``unknown-metric``: neither run has it.
    """
    first, last = _found(before, name), _found(after, name)
    if first is None or last is None:
        known = first or last or sampled(after, name)
        verdict: Verdict = "new" if first is None else "gone"
        return Difference(name, known.kind, known.unit, first, last, None, None, None, False, verdict)
    was = as_dated_by(first, before, after)
    estimate, paired = apart(was, last, paired=same_worlds(before, after), tail=tail)
    value, low, high = (end if math.isfinite(end) else None for end in estimate)
    verdict = _verdict(name, estimate, margin(first, int(before.attrs["day_minutes"])))
    return Difference(name, first.kind, first.unit, first, last, value, low, high, paired, verdict)


def _found(run: Results, name: str) -> Measure | None:
    try:
        return sampled(run, name)
    except MetricError:
        return None


def as_dated_by(found: Measure, run: Results, other: Results) -> Measure:
    """A moment of one run in the working minutes of another: the same date and time of day.

    With another start, other holidays or other hours the same minute is another day; a plan that begins two weeks
    later and takes as long is two weeks later. Figures that are no moments stay as they are.
    """
    dates, others = RunDates.of(run), RunDates.of(other)
    if found.kind not in MOMENTS or dates.alike(others):
        return found

    def shifted(minutes: np.ndarray) -> np.ndarray:
        return dates.on(others, minutes, starts=found.kind == "start")

    ends = (found.value, found.low, found.high)
    value, low, high = (None if end is None else float(shifted(np.array([end]))[0]) for end in ends)
    sample = found.sample
    if sample is not None:
        sample = replace(sample, values=shifted(sample.values))
        value = None if value is None else sample.estimate().value
    return replace(found, value=value, low=low, high=high, sample=sample)


def is_sure_of(found: Difference, n: int = 1) -> bool:
    """Whether a difference is more than noise, also when it was picked as the largest of `n`.

    Of many that are nothing the largest always seems to be something; so it is judged by an interval that would hold
    for all of them at once (Bonferroni's).
    """
    if found.value is None or found.low is None or found.high is None:
        return False
    wider = normal(TAIL / n) / normal(TAIL)
    return found.value - wider * (found.value - found.low) > 0 or found.value + wider * (found.high - found.value) < 0


def apart(before: Measure, after: Measure, *, paired: bool, tail: float = TAIL) -> tuple[Estimate, bool]:
    """The difference of two figures, and whether its interval is a paired one.

    Paired: the normal interval of the mean influence, or that of blocks; of chances over all trials that of Bonett and
    Price (Journal of Educational and Behavioral Statistics 37, 2012, 479-488), which holds for few discordant trials,
    too. Where there is no influence: that of independent figures, from both intervals (Zou and Donner, Statistics in
    Medicine 27, 2008, 1693-1702), which is too wide for figures that go up and down together.
    Ends are infinite where nothing bounds them, nan where there is no difference.
    """
    if before.value is None or after.value is None:
        return _beyond(before, after), False
    if before.exact and after.exact:
        moved = after.value - before.value
        return Estimate(moved, moved, moved), True
    if paired and before.sample is not None and after.sample is not None:
        found = _paired(before.sample, after.sample, after.value - before.value, tail)
        if found is not None:
            return found, True
    return _independent(before, after, tail), False


def _paired(first: Sample, last: Sample, moved: float, tail: float) -> Estimate | None:
    blocks = first.blocks
    if first.how == "share" and blocks is None and first.among is None and last.among is None:
        return _chances(first.values, last.values, moved, tail)
    if _same(first, last):
        return Estimate(moved, moved, moved)
    one, other = first.influence(), last.influence()
    if one is None or other is None:
        return None
    half = half_width(other - one, blocks, tail)
    return Estimate(moved, moved - half, moved + half)


def _same(first: Sample, last: Sample) -> bool:
    """Whether every trial gives both figures the same."""
    if first.among is not None and last.among is not None and not np.array_equal(first.among, last.among):
        return False
    return np.array_equal(first.values, last.values)


def _chances(before: np.ndarray, after: np.ndarray, moved: float, tail: float) -> Estimate:
    n = len(before)
    gained, lost = ((int((one & ~other).sum()) + 1) / (n + 2) for one, other in ((after, before), (before, after)))
    half = normal(tail) * math.sqrt((gained + lost - (gained - lost) ** 2) / (n + 2))
    centre = gained - lost
    return Estimate(moved, max(min(centre - half, moved), -1.0), min(max(centre + half, moved), 1.0))


def _independent(before: Measure, after: Measure, tail: float) -> Estimate:
    first, last = interval(before, tail), interval(after, tail)
    moved = last.value - first.value
    low = math.hypot(first.high - first.value, last.value - last.low)
    high = math.hypot(first.value - first.low, last.high - last.value)
    return Estimate(moved, moved - low, moved + high)


def _beyond(before: Measure, after: Measure) -> Estimate:
    """Of figures that are no numbers it is still known which is the later one, when only one of them is none."""
    if before.beyond_horizon and after.value is not None and after.high is not None and before.low is None:
        return Estimate(-math.inf, -math.inf, -math.inf)
    if after.beyond_horizon and before.value is not None and before.high is not None and after.low is None:
        return Estimate(math.inf, math.inf, math.inf)
    return Estimate(math.nan, math.nan, math.nan)


def margin(measure: Measure, day_minutes: int) -> float:
    """How far a figure may move, in its unit, before anybody calls it a change."""
    if measure.kind in ("finish", "duration", "effort"):
        return DAYS * day_minutes
    if measure.kind == "money":
        return MONEY * abs(measure.value or 0.0)
    return POINTS if measure.kind == "share" else NUMBER


def direction(name: str) -> int:
    """1 where more of a metric is better, -1 where less is, 0 where it is neither."""
    parts = name.split(".")
    if parts[0] == "cash":
        return 0
    words = parts if parts[0] not in ("task", "gate", "sprint", "person", "pool", "equipment", "risk") else parts[2:]
    if any(word in BETTER_LARGE for word in words):
        return 1
    return -1 if any(word in BETTER_SMALL for word in words) else 0


def _verdict(name: str, found: Estimate, margin: float) -> Verdict:
    value, low, high = found
    if math.isnan(value):
        return "undecided"
    if value == low == high == 0:
        return "no change"
    if -margin <= low and high <= margin:
        return "no change"
    if low <= 0 <= high:
        return "undecided"
    better = direction(name)
    if better == 0:
        return "changed"
    return "better" if (value > 0) == (better > 0) else "worse"
