"""The metric names of scenarios, options and summaries, and the figure behind each.

A name's first word says what it is about, the rest which figure of it; `measure` gives the figure.
Quantiles and probabilities are over all trials: what did not finish counts as late, over budget
and last. Means and criticalities are over the trials that finished, means of gates and sprints over
those in which the thing happened; `Measure.share` says how many that are.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from simrisk.dataset import Results, remembered
from simrisk.errors import Issue, MetricError
from simrisk.measures import members, merge, project, whole
from simrisk.measures.figure import Measure

OUTSIDE = re.compile(r"\.p-?\d+(\.\d+)?$")  # where a percentile stands, whatever its number
NEAR = 0.75  # how alike names are before one is taken for the other
PERCENTILES = ("p5", "p10", "p25", "p50", "p75", "p80", "p90", "p95")  # those offered; any other is given too


def measure(run: Results, name: str) -> Measure:
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
    return remembered(run, name, lambda: _alone(sampled(run, name)))


def _alone(made: Measure) -> Measure:
    """A figure without its trials: of many figures they would fill the memory."""
    return made if made.sample is None else replace(made, sample=None)


def sampled(run: Results, name: str) -> Measure:
    """The same with the trials that it is estimated from, where it is one plain estimate."""
    found = _find(run, name)
    if found is None:
        raise _unknown(run, name)
    return found


def _find(run: Results, name: str) -> Measure | None:
    head, _, rest = name.partition(".")
    about = _ABOUT.get(head)
    return about(run, name, rest) if about else None


def metric_names(run: Results) -> Iterator[str]:
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
    yield from ("censored", "stopped", "baseline.finish", "baseline.cost", "baseline.logic")
    yield from (f"logic.finish.{f}" for f in figures)
    yield from (f"logic.gap.{p}" for p in PERCENTILES)
    if deadline:
        yield "logic.on_time"
    yield from (f"contingency.{of}.{p}" for of in ("time", "cost") for p in PERCENTILES)
    for month in np.datetime_as_string(project.months(run), "M"):
        yield from (f"cash.{month}.{f}" for f in ("mean", *PERCENTILES))
        yield from (f"cash.{month}.total.{p}" for p in PERCENTILES)
    yield from ["gates.p_pass"] if len(run["gate"].values) else []
    joins = set(merge.joining_gates(run))
    for gate in run["gate"].values:
        yield from (
            f"gate.{gate}.{f}"
            for f in (
                "p_go",
                "p_pass",
                "attempts",
                *members.DECIDED,
                *members.ON_CHAIN,
                *_levels("review", "finish", "contingency"),
            )
        )
        yield from [f"gate.{gate}.merge_bias"] if gate in joins else []
    for sprint in run["sprint"].values:
        yield from (f"sprint.{sprint}.{f}" for f in ("p_goal", "carry_over", "velocity"))
    joins = set(merge.joining_tasks(run))
    for task in run["task"].values:
        yield from (f"task.{task}.{f}" for f in (*members.ON_CHAIN, "cruciality", "ssi", "contractor"))
        yield from (f"task.{task}.{f}" for f in _levels("start", "finish", "contingency"))
        yield from [f"task.{task}.merge_bias"] if task in joins else []
    for person in run["person"].values:
        yield from (f"person.{person}.{f}" for f in (*members.ON_CHAIN, "utilisation", "absence", "leave", "left"))
    for pool in run["pool"].values:
        yield from (f"pool.{pool}.{f}" for f in (*members.ON_CHAIN, "utilisation"))
    yield from (f"equipment.{kind}.utilisation" for kind in run["equipment"].values)
    yield from (f"risk.{risk}.happened" for risk in run["risk"].values)


def _levels(*what: str) -> Iterator[str]:
    """Percentiles of several figures: ``start.p80``."""
    yield from (f"{figure}.{p}" for figure in what for p in PERCENTILES)


def _unknown(run: Results, name: str) -> MetricError:
    lacking = {
        "delay": "deadline",
        "finish.on_time": "deadline",
        "logic.on_time": "deadline",
        "cost.in_budget": "budget_limit_cents",
    }
    needs = lacking.get(name.partition(".")[0]) or lacking.get(name)
    if needs and needs not in run.attrs:
        found = f"The scenario has no {needs.partition('_')[0]}, so there is no '{name}'."
    elif name == "joint":
        found = "'joint' needs a deadline and a budget; the scenario does not have both."
    elif name.startswith("cash.") and (whole.cash(run, name, OUTSIDE.sub(".p50", name).removeprefix("cash."))):
        kept = ", ".join(PERCENTILES)
        found = f"'{name}' is not a metric of this run: of the cash flow only these percentiles are kept: {kept}."
    elif name.endswith(".merge_bias") and _find(run, name.replace(".merge_bias", ".finish.p50")):
        found = f"'{name}' is not a metric of this run: fewer than two paths join there."
    elif OUTSIDE.search(name) and _find(run, OUTSIDE.sub(".p50", name)):
        found = f"'{name}' is not a metric of this run: percentiles go from above 0 to below 100, such as p97.5."
    else:
        near = difflib.get_close_matches(name, list(metric_names(run)), 1, NEAR)
        found = f"'{name}' is not a metric of this run."
        found += f" Did you mean '{near[0]}'?" if near else " finish.p80, cost.mean and finish.on_time are some."
    return MetricError(Issue("unknown-metric", "error", name, 0, "", found))


_ABOUT: dict[str, Callable[[Results, str, str], Measure | None]] = {
    "finish": whole.finish,
    "cost": whole.cost,
    "delay": whole.delay,
    "joint": whole.joint,
    "censored": whole.outcome,
    "stopped": whole.outcome,
    "baseline": whole.baseline,
    "logic": whole.logic,
    "contingency": whole.contingency,
    "cash": whole.cash,
    "gate": members.gate,
    "gates": members.gates,
    "sprint": members.sprint,
    "task": members.task,
    "person": members.person,
    "pool": members.pool,
    "equipment": members.equipment,
    "risk": members.risk,
}
