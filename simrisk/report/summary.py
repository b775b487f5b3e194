"""summary.json, schema 1: the figures of a run for other programs; the same run gives the same bytes."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import Measure, measure
from simrisk.measures.merge import joining_gates, joining_tasks
from simrisk.measures.project import CENSORED, shares_of_chain

SCHEMA = 1
LONG = ("metrics", "cash")  # one entry a line
FIGURES = ("mean", "sd", "p10", "p50", "p80", "p90")
CORRELATIONS = ("asked", "used", "produced")


def summarize(run: Results) -> dict[str, Any]:
    """The summary as plain values; figures are rounded to 0.1 minutes, a cent, or six decimals."""
    attrs = run.attrs
    budget = attrs.get("budget_cents")
    chain = shares_of_chain(run).value
    return {
        "schema": SCHEMA,
        "scenario": attrs["scenario"],
        "title": attrs["title"],
        "trials": run.sizes["trial"],
        "seed": attrs["seed"],
        "engine": attrs["engine"],
        "sampling": attrs["sampling"],
        "censored": int((run["project_outcome"].values == CENSORED).sum()),
        "start": attrs["start"],
        "status_date": attrs.get("status_date"),
        "deadline": attrs.get("deadline"),
        "budget": None if budget is None else _number(budget / 100, 2),
        "currency": attrs["currency"],
        "metrics": {name: figure_entry(measure(run, name), attrs["day_minutes"]) for name in reported(run)},
        "mitigations": [
            {"id": entry, "name": name, "price": _number(price / 100, 2)}
            for entry, name, price, active in json.loads(attrs["mitigations"])
            if active
        ],
        "correlations": [
            {
                "pair": str(pair),
                **{of: _number(float(run[f"correlation_{of}"].sel(pair=pair)), 6) for of in CORRELATIONS},
            }
            for pair in run["pair"].values
        ],
        "cash": _cash(run),
        "chain": {str(c): _number(float(part), 6) for c, part in zip(run["cause"].values, chain, strict=True)},
        "provenance": {
            "scenario_sha256": attrs["scenario_sha256"],
            "changes": json.loads(attrs["scenario_changes"]),
            "with": json.loads(attrs["switched_on"]),
            "without": json.loads(attrs["switched_off"]),
            **json.loads(attrs["versions"]),
            "kernel_digest": attrs["kernel_digest"],
        },
    }


def render(run: Results) -> str:
    """The summary as JSON text, one metric a line."""
    lines = []
    for key, value in summarize(run).items():
        if key in LONG and value:
            inner = ",\n".join(f"  {_json(name)}: {_json(entry)}" for name, entry in value.items())
            lines.append(f" {_json(key)}: {{\n{inner}\n }}")
        else:
            lines.append(f" {_json(key)}: {_json(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def reported(run: Results) -> Iterator[str]:
    """Names of the metrics in the summary."""
    deadline, budget = "deadline_minute" in run.attrs, "budget_limit_cents" in run.attrs
    yield from ("baseline.finish", "baseline.cost", "baseline.logic")
    for sample in ("finish", "cost", *(["delay"] if deadline else [])):
        yield from (f"{sample}.{figure}" for figure in FIGURES)
    yield from (["finish.on_time"] if deadline else [])
    yield from (["cost.in_budget"] if budget else [])
    yield from (["joint"] if deadline and budget else [])
    yield from ("censored", "stopped")
    yield from (f"logic.finish.{figure}" for figure in FIGURES)
    yield from (["logic.on_time"] if deadline else [])
    yield from (f"contingency.{of}.{p}" for of in ("time", "cost") for p in ("p50", "p80", "p90"))
    yield from (f"risk.{risk}.happened" for risk in run["risk"].values)
    for gate in run["gate"].values:
        yield from (f"gate.{gate}.{f}" for f in ("p_go", "attempts", "finish.p50", "finish.p80", "contingency.p80"))
    yield from (f"gate.{gate}.merge_bias" for gate in joining_gates(run))
    for sprint in run["sprint"].values:
        yield from (f"sprint.{sprint}.{figure}" for figure in ("p_goal", "carry_over", "velocity"))
    for task in run["task"].values:
        yield from (f"task.{task}.{f}" for f in ("criticality", "cruciality", "ssi", "finish.p50", "finish.p80"))
    milestones = run["task"].values[run["task_milestone"].values]
    yield from (f"task.{task}.contingency.p80" for task in milestones)
    yield from (f"task.{task}.merge_bias" for task in joining_tasks(run))
    yield from (f"task.{task}.contractor" for task in _ever(run, "task", run["task_contractor"].values))
    for person in run["person"].values:
        yield from (f"person.{person}.{figure}" for figure in ("criticality", "utilisation", "absence", "leave"))
    yield from (f"person.{person}.left" for person in _ever(run, "person", run["person_left"].values >= 0))
    for pool in run["pool"].values:
        yield from (f"pool.{pool}.{figure}" for figure in ("criticality", "utilisation"))
    yield from (f"equipment.{kind}.utilisation" for kind in run["equipment"].values)


def _ever(run: Results, dim: str, happened: np.ndarray) -> np.ndarray:
    """Labels of those to whom it happened in some trial."""
    found: np.ndarray = run[dim].values[happened.any(axis=0)]
    return found


def _cash(run: Results) -> dict[str, dict[str, Any]]:
    """The cash flow by month: mean, median and P80 of the month, and of all until its end."""
    months = np.datetime_as_string(run["month"].values, "M")
    middle, high = (run["cash_cumulative_quantile"].sel(quantile=q).values for q in (0.5, 0.8))
    found = {}
    for i, month in enumerate(months):
        amounts = {figure: measure(run, f"cash.{month}.{figure}").value for figure in ("mean", "p50", "p80")}
        sums = {"cumulative_p50": float(middle[i]), "cumulative_p80": float(high[i])}
        found[str(month)] = {name: _number(amount, 2) for name, amount in {**amounts, **sums}.items()}
    return found


def figure_entry(found: Measure, day_minutes: int) -> dict[str, Any]:
    """A figure as JSON has it."""
    if found.beyond_horizon:
        return {"beyond_horizon": True}
    timed = found.kind in ("finish", "start", "duration", "effort")
    digits = 1 if timed else 2 if found.kind == "money" else 6
    made: dict[str, Any] = {"minutes" if timed else "value": _number(found.value, digits)}
    if timed:
        made["days"] = None if found.value is None else _number(found.value / day_minutes, 4)
    if found.date is not None:
        made["date"] = found.date.isoformat()
    if not found.exact:
        made["ci"] = [_number(found.low, digits), _number(found.high, digits)]
    return made


def _number(value: float | None, digits: int) -> float | int | None:
    """Rounded, and whole numbers without a decimal point; what is not a number is null."""
    if value is None or math.isnan(value):
        return None
    rounded = round(float(value), digits)
    return int(rounded) if rounded == int(rounded) else rounded
