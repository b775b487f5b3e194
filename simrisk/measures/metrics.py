"""The metric names of scenarios, options and summaries, and the figure behind each.

A name's first word says what it is about, the rest which figure of it; `measure` gives the figure.
Quantiles and probabilities are over all trials: what did not finish counts as late, over budget
and last. Means and criticalities are over the trials that finished, means of gates and sprints over
those in which the thing happened; `Measure.share` says how many that are.
"""

from __future__ import annotations

import datetime
import difflib
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np
import xarray as xr

from simrisk.dataset import RunDates
from simrisk.errors import Issue, MetricError
from simrisk.measures import estimates, project
from simrisk.measures.estimates import Estimate

Kind = Literal["finish", "duration", "effort", "money", "share", "count"]

PERCENTILE = re.compile(r"p(\d{1,2}(?:\.\d+)?)")
OUTSIDE = re.compile(r"\.p-?\d+(\.\d+)?$")  # where a percentile stands, whatever its number
NEAR = 0.75  # how alike names are before one is taken for the other
PERCENTILES = ("p5", "p10", "p25", "p50", "p75", "p80", "p90", "p95")  # those offered; any other is given too
UNITS = {
    "finish": "working minutes",
    "duration": "working minutes",
    "effort": "minutes of effort",
    "share": "1",
    "count": "1",
}


@dataclass(frozen=True)
class Measure:
    """One figure of a run with its 95 % Monte Carlo interval.

    Parameters
    ----------
    name : str
    kind : str
        "finish" (a moment: minutes from the project's start, with dates), "duration", "effort", "money",
        "share" (a probability) or "count".
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
        The day on which something finishing at that minute finishes; for kind "finish" only.
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

    @property
    def half_width(self) -> float:
        """Half the width of the interval; inf when it is unbounded or there is none."""
        if self.exact:
            return 0.0
        return math.inf if self.low is None or self.high is None else (self.high - self.low) / 2


def measure(run: xr.Dataset, name: str) -> Measure:
    """The figure that `name` stands for.

    Parameters
    ----------
    run : xarray.Dataset
        As `simulate` or `read` returns it.
    name : str
        E.g. ``finish.p80``, ``gate.tier1.p_go``.

    Raises
    ------
    MetricError
        ``unknown-metric``: no such name, or this run lacks what it needs (a deadline, a budget).
    """
    found = _find(run, name)
    if found is None:
        raise _unknown(run, name)
    return found


def _find(run: xr.Dataset, name: str) -> Measure | None:
    head, _, rest = name.partition(".")
    about = _ABOUT.get(head)
    return about(run, name, rest) if about else None


def metric_names(run: xr.Dataset) -> Iterator[str]:
    """Every name this run can give; of percentiles and dates the usual ones."""
    figures = ("mean", "sd", *PERCENTILES)
    yield from (f"finish.{f}" for f in figures)
    yield from (f"cost.{f}" for f in figures)
    deadline, budget = run.attrs.get("deadline"), "budget_limit_cents" in run.attrs
    if deadline:
        yield from (f"delay.{f}" for f in figures)
        yield from ("finish.on_time", f"finish.by.{deadline}")
    if budget:
        yield "cost.in_budget"
    if deadline and budget:
        yield "joint"
    yield from ("censored", "stopped", "baseline.finish", "baseline.cost")
    for gate in run["gate"].values:
        yield from (f"gate.{gate}.{f}" for f in ("p_go", "attempts", *(f"finish.{p}" for p in PERCENTILES)))
    for sprint in run["sprint"].values:
        yield from (f"sprint.{sprint}.{f}" for f in ("p_goal", "carry_over", "velocity"))
    for task in run["task"].values:
        yield from (f"task.{task}.{f}" for f in ("criticality", *(f"finish.{p}" for p in PERCENTILES)))
    for person in run["person"].values:
        yield from (f"person.{person}.{f}" for f in ("criticality", "utilisation"))


def _unknown(run: xr.Dataset, name: str) -> MetricError:
    lacking = {"delay": "deadline", "finish.on_time": "deadline", "cost.in_budget": "budget_limit_cents"}
    needs = lacking.get(name.partition(".")[0]) or lacking.get(name)
    if needs and needs not in run.attrs:
        found = f"The scenario has no {needs.partition('_')[0]}, so there is no '{name}'."
    elif name == "joint":
        found = "'joint' needs a deadline and a budget; the scenario does not have both."
    elif OUTSIDE.search(name) and _find(run, OUTSIDE.sub(".p50", name)):
        found = f"'{name}' is not a metric of this run: percentiles go from above 0 to below 100, such as p97.5."
    else:
        near = difflib.get_close_matches(name, list(metric_names(run)), 1, NEAR)
        found = f"'{name}' is not a metric of this run."
        found += f" Did you mean '{near[0]}'?" if near else " finish.p80, cost.mean and finish.on_time are some."
    return MetricError(Issue("unknown-metric", "error", name, 0, "", found))


def _figure(run: xr.Dataset, name: str, kind: Kind, estimate: Estimate, over: float = 1.0) -> Measure:
    """A Measure of an estimate: infinite and undefined figures become None, minutes get their dates."""

    def known(number: float) -> float | None:
        return number if math.isfinite(number) else None

    value, low, high = (known(number) for number in estimate)
    unit = run.attrs["currency"] if kind == "money" else UNITS[kind]
    made = Measure(name, kind, value, low, high, unit, math.isinf(estimate.value), over)
    return _dated(run, made) if kind == "finish" else made


def _dated(run: xr.Dataset, made: Measure) -> Measure:
    dates = RunDates.of(run)
    days = [None if m is None else dates.finish_date(m) for m in (made.value, made.low, made.high)]
    return replace(made, date=days[0], low_date=days[1], high_date=days[2])


def percentile(word: str) -> Fraction | None:
    """The share that ``p80`` or ``p97.5`` stands for, exactly; None for other words and for p0."""
    match = PERCENTILE.fullmatch(word)
    p = Fraction(match[1]) / 100 if match else Fraction(0)
    return p if p > 0 else None


def _statistic(run: xr.Dataset, name: str, kind: Kind, figure: str, values: np.ndarray) -> Measure | None:
    """Mean, sd or percentile of a sample in which +inf stands for "not finished"."""
    if figure in ("mean", "sd"):
        some = values[np.isfinite(values)]
        estimate = estimates.mean(some) if figure == "mean" else estimates.sd(some)
        kind = "duration" if kind == "finish" and figure == "sd" else kind
        return _figure(run, name, kind, estimate, len(some) / len(values) if len(values) else 0.0)
    p = percentile(figure)
    if p is None:
        return None
    made, n = _figure(run, name, kind, estimates.quantile(values, p)), len(values)
    never = int((np.isinf(values) & (run["project_outcome"].values == project.STOPPED)).sum())
    if not never:
        return made
    high = estimates.quantile_ranks(n, p)[1]
    return replace(made, stopped=math.ceil(p * n) > n - never, high_stopped=n - never < high <= n)


def _chance(run: xr.Dataset, name: str, hits: np.ndarray, among: np.ndarray | None = None) -> Measure:
    """How often something is so, among all trials or those named."""
    some = hits if among is None else hits[among]
    over = len(some) / len(hits) if len(hits) else 0.0
    return _figure(run, name, "share", estimates.share(int(some.sum()), len(some)), over)


def _finish(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    values = run["project_finish"].values
    if rest == "on_time":
        return _chance(run, name, project.on_time(run)) if "deadline_minute" in run.attrs else None
    if rest.startswith("by."):
        try:
            day = datetime.date.fromisoformat(rest[3:])
        except ValueError:
            return None
        return _finished_by(run, name, day)
    return _statistic(run, name, "finish", rest, values)


def _finished_by(run: xr.Dataset, name: str, day: datetime.date) -> Measure:
    """Chance to be finished by a day; beyond the horizon that is known only when nothing was censored."""
    minute = RunDates.of(run).end_of(day)
    censored = run["project_outcome"].values == project.CENSORED
    if minute > run.attrs["horizon"] and censored.any():
        return Measure(name, "share", None, None, None, UNITS["share"], beyond_horizon=True)
    return _chance(run, name, run["project_finish"].values <= minute)


def _cost(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    if rest == "in_budget":
        return _chance(run, name, project.in_budget(run)) if "budget_limit_cents" in run.attrs else None
    return _statistic(run, name, "money", rest, run["project_cost"].values)


def _delay(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    return _statistic(run, name, "duration", rest, project.delay(run)) if "deadline_minute" in run.attrs else None


def _joint(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    if rest or not {"deadline_minute", "budget_limit_cents"} <= set(run.attrs):
        return None
    return _chance(run, name, project.on_time(run) & project.in_budget(run))


def _outcome(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    flag = {"censored": project.CENSORED, "stopped": project.STOPPED}
    return None if rest else _chance(run, name, run["project_outcome"].values == flag[name])


def _baseline(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    if rest not in ("finish", "cost"):
        return None
    value = float(run[f"baseline_{rest}"])
    made = _figure(run, name, "finish" if rest == "finish" else "money", Estimate(value, math.nan, math.nan))
    return replace(made, exact=True, stopped=int(run["baseline_outcome"]) == project.STOPPED)


def _column(run: xr.Dataset, variable: str, dim: str, label: object) -> np.ndarray:
    """One member's values, (n_trials,); the dimensions of such a variable are trial and `dim`."""
    found: np.ndarray = run[variable].values[:, run.get_index(dim).get_loc(label)]
    return found


def _minutes(run: xr.Dataset, variable: str, dim: str, label: object) -> np.ndarray:
    """Minutes by trial, +inf where it never happened (-1)."""
    minutes = _column(run, variable, dim, label)
    found: np.ndarray = np.where(minutes < 0, np.inf, minutes)
    return found


def _member(run: xr.Dataset, dim: str, rest: str) -> tuple[str, str] | None:
    member, _, figure = rest.partition(".")
    return (member, figure) if member in {str(label) for label in run[dim].values} else None


def _gate(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    found = _member(run, "gate", rest)
    if found is None:
        return None
    gate, figure = found
    attempts = _column(run, "gate_attempts", "gate", gate)
    outcome = _column(run, "gate_outcome", "gate", gate)
    flags = str(run["gate_outcome"].attrs["flag_meanings"]).split()
    if figure == "p_go":  # at the first review, among trials in which it was reviewed
        return _chance(run, name, (attempts == 1) & (outcome == flags.index("go")), attempts > 0)
    if figure == "attempts":
        reviewed = attempts > 0
        return _figure(run, name, "count", estimates.mean(attempts[reviewed]), float(reviewed.mean()))
    if figure.startswith("finish.p"):
        passed = np.where(outcome == flags.index("stop"), np.inf, _minutes(run, "gate_finish", "gate", gate))
        return _statistic(run, name, "finish", figure.partition(".")[2], passed)
    return None


def _sprint(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    found = _member(run, "sprint", rest)
    if found is None:
        return None
    sprint, figure = int(found[0]), found[1]
    if figure == "p_goal":
        return _chance(run, name, _column(run, "sprint_goal_met", "sprint", sprint))
    if figure in ("carry_over", "velocity"):
        minutes = _column(run, f"sprint_{figure}", "sprint", sprint)
        happened = _column(run, "sprint_start", "sprint", sprint) >= 0
        return _figure(run, name, "effort", estimates.mean(minutes[happened]), float(happened.mean()))
    return None


def _task(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    found = _member(run, "task", rest)
    if found is None:
        return None
    task, figure = found
    if figure == "criticality":
        return _chance(run, name, _column(run, "task_critical", "task", task), project.finished(run))
    if figure.startswith("finish.p"):
        return _statistic(run, name, "finish", figure.partition(".")[2], _minutes(run, "task_finish", "task", task))
    return None


def _person(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    found = _member(run, "person", rest)
    if found is None:
        return None
    person, figure = found
    if figure == "criticality":
        return _chance(run, name, _column(run, "person_critical", "person", person), project.finished(run))
    if figure == "utilisation":
        busy, present = busy_and_present(run, person)
        some = project.finished(run) & (present > 0)
        return _figure(run, name, "share", estimates.mean(busy[some] / present[some]), float(some.mean()))
    return None


def busy_and_present(run: xr.Dataset, person: str) -> tuple[np.ndarray, np.ndarray]:
    """Minutes on tasks, rework and ceremonies, and minutes employed and not away, until the end; (n_trials,) each."""
    worked, ceremony, leave, absence = (
        _column(run, f"person_{figure}", "person", person) for figure in ("worked", "ceremony", "leave", "absence")
    )
    begin, until = (int(run[f"person_{end}"].sel(person=person)) for end in ("from", "until"))
    employed = np.maximum(np.minimum(run["project_end"].values, until) - begin, 0)
    return worked + ceremony, employed - leave - absence


_ABOUT: dict[str, Callable[[xr.Dataset, str, str], Measure | None]] = {
    "finish": _finish,
    "cost": _cost,
    "delay": _delay,
    "joint": _joint,
    "censored": _outcome,
    "stopped": _outcome,
    "baseline": _baseline,
    "gate": _gate,
    "sprint": _sprint,
    "task": _task,
    "person": _person,
}
