"""Whether a plan is held to what it promises: PASS, FAIL or UNDECIDED, with a stated chance of a wrong verdict.

An expectation is judged by an interval of its figure: on the right side of the limit it is met, on the wrong side it is
not, across the limit it is not known yet. Then trials are added and it is asked again. Asking several times would
find what is not there; so the intervals are *repeated confidence intervals* (Jennison and Turnbull, Journal of the
Royal Statistical Society B 51, 1989, 305-361), which hold all at once: the chance of a wrong verdict is shared out
evenly over all expectations, and over the times they may be asked as the trials grow (`tails`), and added up
(Bonferroni), which needs no assumption about how they depend on each other. They hold as well when it is not asked any
more, for whatever reason; so none are added where that would hardly decide anything (`chance_to_decide`).

What may not worsen is compared with the old plan, run again on the same dice (`simrisk.measures.difference`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from statistics import NormalDist
from typing import Literal

from simrisk.agreed import Agreed
from simrisk.dataset import Results, Run, RunDates
from simrisk.errors import MetricError
from simrisk.measures.blocks import normal
from simrisk.measures.difference import apart, as_dated_by, direction
from simrisk.measures.estimates import Estimate
from simrisk.measures.figure import Measure, interval
from simrisk.measures.metrics import measure, sampled
from simrisk.scenario.model import Expectation, Scenario
from simrisk.scenario.units import Units

Sort = Literal["at_most", "at_least", "worsens_at_most"]
Verdict = Literal["PASS", "FAIL", "UNDECIDED", "NOTICE"]

ERROR = 0.001  # chance that any verdict of a check is wrong
MOST = 12  # times the first trials, before a verdict is left undecided
HOPELESS = 0.05  # a chance to be decided that is not worth more trials
PASS, FAIL, UNDECIDED = 0, 3, 4  # exit codes


@dataclass(frozen=True)
class Limit:
    """One limit of an expectation.

    Parameters
    ----------
    index : int
        Of the expectation in the file, from 0.
    metric : str
    level : "error" or "warn"
    sort : str
    written : object
        As it stands in the file.
    """

    index: int
    metric: str
    level: Literal["error", "warn"]
    sort: Sort
    written: object

    @property
    def where(self) -> str:
        """Dotted path of it in the scenario."""
        return f"expect[{self.index}].{self.sort}"


@dataclass(frozen=True)
class Judged:
    """A limit and what became of it.

    Parameters
    ----------
    verdict : str
        NOTICE: it cannot be judged, without fault of the plan.
    found : Measure, optional
        The figure; of `worsens_at_most` that of the new plan. None where there is none.
    agreed : Measure or float, optional
        What it was compared with.
    estimate : Estimate
        What was held against the limit: the figure, or how much it worsened, with the interval that decided.
    limit : float
        In the unit of the metric.
    trials : int
        With which it was decided, or given up.
    why : str
        Of a NOTICE.
    """

    of: Limit
    verdict: Verdict
    found: Measure | None
    agreed: float | None
    estimate: Estimate
    limit: float
    trials: int
    why: str = ""

    @property
    def needed(self) -> int | None:
        """About how many trials would decide; None when it is decided or nobody knows."""
        apart_by = abs(self.estimate.value - self.limit)
        half = self.estimate.half_width
        if self.verdict != "UNDECIDED" or not apart_by or not math.isfinite(half) or not math.isfinite(apart_by):
            return None
        return math.ceil(self.trials * (half / apart_by) ** 2)


@dataclass(frozen=True)
class Judgement:
    """Everything a check found out about a scenario.

    Parameters
    ----------
    run : Run
        The plan as it is now, with all trials that were needed.
    before : Run, optional
        The old plan on the same dice.
    agreed : Agreed, optional
        The baseline.
    error : float
        Chance that any of the verdicts is wrong, at most.
    drifted : tuple of str
        Metrics that the old plan, run again with the same dice, does not give as they are stored: the program has
        changed them.
    """

    judged: tuple[Judged, ...]
    run: Run
    before: Run | None
    agreed: Agreed | None
    error: float
    drifted: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """3 when anything fails, 4 when anything is undecided, else 0; warnings never count."""
        verdicts = {judged.verdict for judged in self.judged if judged.of.level == "error"}
        return FAIL if "FAIL" in verdicts else UNDECIDED if "UNDECIDED" in verdicts else PASS


def limits_of(scenario: Scenario) -> tuple[Limit, ...]:
    """What a scenario is held to, in the order of the file; those switched off are left out."""
    found = []
    for index, expectation in enumerate(scenario.expect):
        if expectation.level != "off":
            found += _limits(index, expectation)
    return tuple(found)


def _limits(index: int, expectation: Expectation) -> list[Limit]:
    level: Literal["error", "warn"] = "warn" if expectation.level == "warn" else "error"
    sorts: tuple[Sort, ...] = ("at_most", "at_least", "worsens_at_most")
    return [
        Limit(index, expectation.metric, level, sort, expectation.limits[sort])
        for sort in sorts
        if sort in expectation.limits
    ]


RunWith = Callable[[int], Run]  # the first so many trials of a plan


def judge(
    scenario: Scenario,
    now: RunWith,
    before: RunWith | None,
    agreed: Agreed | None,
    *,
    trials: int,
    error: float = ERROR,
    most: int | None = None,
    announce: Callable[[int, int, int], None] | None = None,
) -> Judgement:
    """Judge a plan, with as many trials as it takes.

    Parameters
    ----------
    now, before : callable
        Give a run of the first n trials of the plan as it is, and of the old one on the same dice.
    agreed : Agreed, optional
        The baseline, where there is one.
    trials : int
        To begin with.
    error : float
        Chance that any verdict is wrong, at most.
    most : int, optional
        Trials of either plan, at most; default: `MOST` times as many as to begin with.
    announce : callable, optional
        Told, before trials are added, how many there were, how many there will be, and how many limits are undecided.
    """
    limits = limits_of(scenario)
    units = Units(scenario.project.day_minutes, len(scenario.project.work_week))
    sizes = looks(trials, MOST * trials if most is None else most)
    chances = tails(error / max(len(limits), 1), sizes)
    open_ = set(range(len(limits)))
    judged: dict[int, Judged] = {}
    run, old = now(trials), None if before is None else before(trials)
    drifted = () if old is None or agreed is None else drift(old, agreed)
    for look in range(len(sizes)):
        for place in sorted(open_):
            judged[place] = _judged(limits[place], units, run, old, agreed, chances[look])
        open_ = {place for place in open_ if judged[place].verdict == "UNDECIDED"}
        left = [chance_to_decide(judged[place], sizes[look:], chances[look:]) for place in open_]
        if look + 1 == len(sizes) or all(chance < HOPELESS for chance in left):
            break
        if announce is not None:
            announce(sizes[look], sizes[look + 1], len(open_))
        run, old = now(sizes[look + 1]), None if before is None else before(sizes[look + 1])
    return Judgement(tuple(judged[place] for place in range(len(limits))), run, old, agreed, error, drifted)


def looks(trials: int, most: int) -> tuple[int, ...]:
    """With how many trials limits may be asked about: doubled again and again, and the most in the end."""
    found = [trials]
    while 2 * found[-1] < most:
        found.append(2 * found[-1])
    return (*found, most) if most > found[-1] else tuple(found)


def tails(error: float, sizes: Sequence[int]) -> tuple[float, ...]:
    """The chance that an interval is wrong, for each time that a limit may be asked about; together `error`.

    By the first k trials of n the share k / n of it is used up (the linear spending function of Lan and DeMets,
    Biometrika 70, 1983, 659-663): most of it is left for the last times, which are for the close cases.
    """
    return tuple(error * (size - last) / sizes[-1] for last, size in pairwise((0, *sizes)))


def chance_to_decide(judged: Judged, sizes: Sequence[int], chances: Sequence[float]) -> float:
    """The chance that an undecided limit would be decided if it was asked about again, at most.

    Predicted from where the figure is now, d of its standard errors from the limit, with nothing else known about it
    (predictive power: Spiegelhalter, Freedman and Blackburn, Controlled Clinical Trials 7, 1986, 8-17). When these
    trials are the share r of those then, it will be a normal deviate around d with the variance 1 - r, and is decided
    if that is at least z sqrt(r) on either side, where z standard errors are half an interval. The chances of all times
    are added up. 1 where the figure or its interval is no number yet.

    Parameters
    ----------
    judged : Judged
    sizes : sequence of int
        Trials, now and each time that may follow.
    chances : sequence of float
        That the interval is wrong, for each of them.
    """
    if len(sizes) == 1:
        return 0.0
    apart_by, half = abs(judged.estimate.value - judged.limit), judged.estimate.half_width
    if not math.isfinite(apart_by) or not math.isfinite(half) or half <= 0:
        return 1.0
    d, found = normal(chances[0]) * apart_by / half, 0.0
    for size, tail in zip(sizes[1:], chances[1:], strict=True):
        share = sizes[0] / size
        needed, spread = normal(tail) * math.sqrt(share), math.sqrt(1 - share)
        found += sum(NormalDist().cdf((side * d - needed) / spread) for side in (1, -1))
    return min(found, 1.0)


def _judged(limit: Limit, units: Units, run: Run, old: Run | None, agreed: Agreed | None, tail: float) -> Judged:
    trials = run.sizes["trial"]
    found = sampled(run, limit.metric)
    bound = number_of(limit, units, run, found)
    if limit.sort != "worsens_at_most":
        estimate = interval(found, tail)
        return Judged(limit, _side(limit.sort, estimate, bound), found, None, estimate, bound, trials)
    missing = Estimate(math.nan, math.nan, math.nan)
    if agreed is None:
        return Judged(limit, "NOTICE", found, None, missing, bound, trials, "there is no baseline yet")
    was = _agreed_figure(limit.metric, found, run, old, agreed)
    if was is None:
        return Judged(limit, "NOTICE", found, None, missing, bound, trials, "the baseline has no such figure")
    moved, _ = apart(was, found, paired=old is not None, tail=tail)
    worsened = moved if direction(limit.metric) <= 0 else Estimate(-moved.value, -moved.high, -moved.low)
    return Judged(limit, _side("at_most", worsened, bound), found, was.value, worsened, bound, trials)


def _agreed_figure(metric: str, found: Measure, run: Run, old: Run | None, agreed: Agreed) -> Measure | None:
    """The figure of the old plan: run again, or as the baseline has it where the old plan cannot be run."""
    if old is not None:
        return as_dated_by(sampled(old, metric), old, run)
    stored = agreed.figures.get(metric)
    if stored is None or stored.value is None:
        return None
    half = None if stored.error is None else normal() * stored.error
    low, high = (None, None) if half is None else (stored.value - half, stored.value + half)
    return Measure(metric, found.kind, stored.value, low, high, found.unit, exact=found.exact)


def _side(sort: Sort, estimate: Estimate, bound: float) -> Verdict:
    """On which side of a limit an interval lies."""
    if math.isnan(estimate.value):
        return "UNDECIDED"
    low, high = (estimate.low, estimate.high) if sort == "at_most" else (-estimate.high, -estimate.low)
    bound = bound if sort == "at_most" else -bound
    if high <= bound:
        return "PASS"
    return "FAIL" if low > bound else "UNDECIDED"


def number_of(limit: Limit, units: Units, run: Results, found: Measure) -> float:
    """A limit in the unit of its metric: minutes for times, the currency for money."""
    written, dates = limit.written, RunDates.of(run)
    if isinstance(written, date):
        # "at least" a day is met by what is finished within it: later than the end of the day before
        end = dates.end_of(written)
        return float(end) if limit.sort == "at_most" else float(end - int(run.attrs["day_minutes"]) + 1)
    if found.kind in ("finish", "start", "duration", "effort"):
        return float(units.duration(written))
    assert isinstance(written, int | float)
    return float(written)


def drift(old: Run, agreed: Agreed) -> tuple[str, ...]:
    """Stored figures that the old plan, run again with as many trials and the same seed, does not give any more."""
    if old.sizes["trial"] != agreed.trials or int(old.attrs["seed"]) != agreed.seed:
        return ()
    return tuple(
        name
        for name, stored in agreed.figures.items()
        if stored.value is not None and _differs(old, name, stored.value)
    )


def _differs(old: Run, name: str, stored: float) -> bool:
    try:
        value = measure(old, name).value
    except MetricError:
        return True
    return value is None or not math.isclose(value, stored, rel_tol=1e-9, abs_tol=1e-5)
