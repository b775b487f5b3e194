"""What a report says, in order: warnings, the answer, tables; how it is set is the renderers' business."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np

from simrisk.dataset import Results, remembered
from simrisk.measures.estimates import mean
from simrisk.measures.project import CAUSES, finished, finished_blocks, shares_critical, shares_of_chain
from simrisk.report import drivers, money, resources, sensitivity, words
from simrisk.report.figures import Figures, Table, with_intervals

MOST = 5  # tasks and people listed
REVIEWED = {"p_go": "go at first review", "attempts": "reviews", "finish.p50": "passed P50", "finish.p80": "passed P80"}
ENDS = {"p_waived": "passed without a go", "p_stop": "stops the project"}  # of a gate that has no go; where any is so
PERSONAL = ("criticality", "chain", "utilisation", "leave", "absence")  # figures of each of those people


@dataclass(frozen=True)
class Prior:
    """A documented default, where the scenario uses it, and where it comes from."""

    keys: tuple[str, ...]
    name: str
    source: str


@dataclass(frozen=True)
class Report:
    """Everything a reader of a run is told."""

    title: str
    run: str
    warnings: tuple[str, ...]
    answer: str
    tables: tuple[Table, ...]
    priors: tuple[Prior, ...]


def compose(run: Results) -> Report:
    """Say what a run found; said once, for the terminal, for summary.md and for the page."""
    return remembered(run, ("report",), lambda: _composed(run))


def _composed(run: Results) -> Report:
    figures = Figures(run)
    attrs = run.attrs
    trials = words.count(run.sizes["trial"], "trial")
    parts: Sequence[Callable[[Figures], Table | None]] = (
        money.mitigations,
        _finish_and_cost,
        resources.logic_only,
        _chances,
        money.contingency,
        sensitivity.contingencies,
        resources.risks,
        _gates,
        _sprints,
        _chain,
        drivers.steps,
        drivers.date_drivers,
        drivers.cost_drivers,
        _tasks,
        sensitivity.drivers,
        sensitivity.joins,
        _people,
        resources.pools,
        resources.equipment,
        resources.departures,
        resources.contractors,
        resources.repaired_correlations,
        money.cash,
    )
    tables = tuple(table for table in (part(figures) for part in parts) if table is not None)
    settings = f"{trials}, seed {attrs['seed']}, {attrs['engine']} engine"
    if attrs["sampling"] == "lhs":
        settings += ", Latin hypercubes"
    if "status_date" in attrs:
        settings += f"; as of {attrs['status_date']}"
    for how, name in (("with", "switched_on"), ("without", "switched_off")):
        if switched := json.loads(attrs[name]):
            settings += f"; {how} {', '.join(switched)}"
    changes = [f"{key} = {value}" for key, value in json.loads(attrs["scenario_changes"])]
    if changes:
        settings += f"; changed: {', '.join(changes)}"
    return Report(str(attrs["title"]), settings, _warnings(figures), answer(figures), tables, _priors(run))


def _priors(run: Results) -> tuple[Prior, ...]:
    """Priors the scenario names, those used in several places once."""
    places: dict[tuple[str, str], list[str]] = {}
    for key, name, source in json.loads(run.attrs["priors"]):
        places.setdefault((name, source), []).append(key)
    return tuple(Prior(tuple(keys), name, source) for (name, source), keys in places.items())


def _warnings(figures: Figures) -> tuple[str, ...]:
    """Trials that did not finish come before everything else."""
    found = []
    flags: tuple[tuple[Literal["censored", "stopped"], str], ...] = (
        ("censored", f"did not finish by the horizon, {figures.horizon}"),
        ("stopped", "were stopped at a gate"),
    )
    costly = " and over budget" if "budget_limit_cents" in figures.run.attrs else ""
    for name, what in flags:
        share = figures.measure(name).value or 0.0
        n = round(share * figures.run.sizes["trial"])
        if n:
            said = what.replace("were", "was") if n == 1 else what
            trials = words.count(n, "trial")
            found.append(f"{trials} ({words.percent(share)}) {said}; counted as late{costly}.")
    if np.isinf(figures.run["baseline_finish"].item()):
        stopped = figures.measure("baseline.finish").stopped
        why = "stopped at a gate" if stopped else f"not finished by the horizon, {figures.horizon}"
        found.append(f"Even without dice the plan is {why}.")
    return tuple(found)


def answer(figures: Figures) -> str:
    """The sentence a manager takes away: the P80 date, and the chance of the deadline."""
    title, deadline = figures.run.attrs["title"], figures.run.attrs.get("deadline")
    p80 = figures.measure("finish.p80")
    if p80.date is None and p80.stopped:
        n = round((figures.measure("stopped").value or 0.0) * figures.run.sizes["trial"])
        said = f"There is no P80 date: {title} is stopped at a gate in {n:,} of "
        said += f"{words.count(figures.run.sizes['trial'], 'trial')}."
    elif p80.date is None:
        said = f"Fewer than 80 % of the trials finish {title} by the horizon, {figures.horizon}: there is no P80 date."
    else:
        said = f"With 80 % confidence {title} is finished by {p80.date}"
        if deadline:
            said += _against(p80.date, date.fromisoformat(deadline))
        said += "."
    if deadline:
        said += f" The chance to meet the deadline ({deadline}) is {figures.value('finish.on_time')}."
    return said


def _against(finish: date, deadline: date) -> str:
    late = (finish - deadline).days
    if late == 0:
        return ", the day of the deadline"
    return f", {words.count(abs(late), 'calendar day')} {'after' if late > 0 else 'before'} the deadline"


def _finish_and_cost(figures: Figures) -> Table:
    costs = money.has_costs(figures.run)
    labels = {"mean": "mean", "P10": "p10", "P50": "p50", "P80": "p80", "P90": "p90"}
    names = {label: (f"finish.{figure}", f"cost.{figure}") for label, figure in labels.items()}
    names["without dice"] = ("baseline.finish", "baseline.cost")
    rows = tuple(
        (label, *figures.both(finish), figures.days(finish), *(figures.both(cost) if costs else ()))
        for label, (finish, cost) in names.items()
    )
    headers: tuple[str, ...] = ("", "finish", "95 % interval", "days")
    if costs:
        headers = (*headers, f"cost {figures.run.attrs['currency']}", "95 % interval")
    notes = ["P80: 80 % of the trials finish by then; days are working days from the start."]
    over = figures.measure("finish.mean").share
    if over < 1:
        notes.append(f"Means are over the {words.percent(over)} of the trials that finished.")
    return Table("Finish and cost" if costs else "Finish", headers, rows, tuple(notes))


def _chances(figures: Figures) -> Table | None:
    attrs, rows = figures.run.attrs, []
    if "deadline" in attrs:
        rows.append((f"finished by the deadline, {attrs['deadline']}", *figures.both("finish.on_time")))
    if "budget_limit_cents" in attrs:
        limit, budget = attrs["budget_limit_cents"] / 100, attrs["budget_cents"] / 100
        extra = f" (with contingency {words.money(limit)})" if limit > budget else ""
        label = f"within the budget, {attrs['currency']} {words.money(budget)}{extra}"
        rows.append((label, *figures.both("cost.in_budget")))
    if len(rows) == 2:
        rows.append(("both", *figures.both("joint")))
    return Table("Chances", ("", "chance", "95 % interval"), tuple(rows)) if rows else None


def _gates(figures: Figures) -> Table | None:
    gates = [str(gate) for gate in figures.run["gate"].values]
    ways = [way for way in ENDS if any(figures.measure(f"gate.{gate}.{way}").value for gate in gates)]
    rows = [
        (name, *(cell for figure in (*REVIEWED, *ways) for cell in figures.both(f"gate.{gate}.{figure}")))
        for gate, name in zip(gates, figures.named("gate", "name"), strict=True)
    ]
    headers = with_intervals(*REVIEWED.values(), *(ENDS[way] for way in ways))
    spare = (6, *range(8, len(headers)))
    return Table("Gates", headers, tuple(rows), spare=spare) if rows else None


def _sprints(figures: Figures) -> Table | None:
    run = figures.run
    rows = [
        (
            f"{sprint} {name}",
            *figures.both(f"sprint.{sprint}.p_goal"),
            *figures.both(f"sprint.{sprint}.velocity"),
            *figures.both(f"sprint.{sprint}.carry_over"),
        )
        for sprint, name in zip(run["sprint"].values, run["sprint_name"].values, strict=True)
    ]
    headers = ("", "goal met", "95 % interval", "done", "95 % interval", "carried over", "95 % interval")
    notes = ("Done and carried over are means, in hours of effort.",)
    return Table("Sprints", headers, tuple(rows), notes) if rows else None


def _chain(figures: Figures) -> Table | None:
    run, shares = figures.run, shares_of_chain(figures.run)
    minutes, blocks = run["chain_minutes"].values[finished(run)], finished_blocks(run)
    baseline = run["baseline_chain_minutes"]
    whole = figures.measure("finish.mean").value
    if whole is None:
        return None
    rows = []
    for i in np.argsort(-shares.value, kind="stable"):
        value, low, high = (float(ends[i]) for ends in shares)
        if value == 0 and baseline.values[i] == 0:
            continue
        bounds = "-" if np.isnan(low) else f"{words.percent(low).removesuffix(' %')} .. {words.percent(high)}"
        rows.append(
            (
                CAUSES[str(run["cause"].values[i])],
                words.percent(value),
                bounds,
                words.days(value * whole, figures.day_minutes),
                figures.days_between(mean(minutes[:, i].astype(np.float64), blocks)),
                words.days(float(baseline.values[i]), figures.day_minutes),
            )
        )
    headers = (*with_intervals("share", "days"), "without dice")
    notes = (
        "What everything waited for, walking back from the finish: the days add up to the mean finish.",
        "Effort that a risk adds is work beyond the plan.",
    )
    return Table("What the finish is made of", headers, tuple(rows), notes, spare=(4,))


def _most(figures: Figures, dim: Literal["task", "person"]) -> list[str]:
    """Those most often on the driving chain, at most `MOST`, never those that are not."""
    values = shares_critical(figures.run, dim).value
    order = np.argsort(-np.nan_to_num(values), kind="stable")[:MOST]
    return [str(figures.run[dim].values[i]) for i in order if values[i] > 0]


def _tasks(figures: Figures) -> Table | None:
    names = dict(zip(figures.run["task"].values, figures.named("task", "name"), strict=True))
    rows = [
        (
            names[task],
            *figures.both(f"task.{task}.criticality"),
            *figures.both(f"task.{task}.chain"),
            *figures.both(f"task.{task}.finish.p80"),
        )
        for task in _most(figures, "task")
    ]
    headers = with_intervals("on the chain", "days on it", "finished P80")
    notes = ("Days on it: mean working days of the chain that are the task's.",)
    return Table("Tasks that set the date most often", headers, tuple(rows), notes, spare=(6,)) if rows else None


def _people(figures: Figures) -> Table | None:
    names = dict(zip(figures.run["person"].values, figures.named("person", "role"), strict=True))
    rows = [
        (
            names[person],
            *(cell for figure in PERSONAL for cell in figures.both(f"person.{person}.{figure}")),
        )
        for person in _most(figures, "person")
    ]
    headers = with_intervals("on the chain", "days on it", "busy", "on leave", "absent")
    notes = (
        "Days on it: mean working days of the chain in which work they had a hand in was done or waited for.",
        "Busy: share of the time they are there spent on tasks, rework and ceremonies. On leave, absent: mean working "
        "days until the finish.",
    )
    return (
        Table("People who set the date most often", headers, tuple(rows), notes, spare=(4, 6, 8, 10)) if rows else None
    )
