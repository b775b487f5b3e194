"""What `simrisk show --json` prints: the plan without dice for other programs, schema 1."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from simrisk.baseline import Bar, Baseline, Load

SCHEMA = 1


def render(baseline: Baseline) -> str:
    """Return the plan as JSON text."""
    return json.dumps(summarize(baseline), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def summarize(baseline: Baseline) -> dict[str, Any]:
    """Return the plan as plain values: working minutes, dates, hours, an amount of money."""
    project = baseline.scenario.project
    months, heads = baseline.heads()
    return {
        "schema": SCHEMA,
        "scenario": baseline.scenario.id,
        "title": project.name,
        "outcome": baseline.outcome,
        "start": project.start.isoformat(),
        "deadline": None if project.deadline is None else project.deadline.isoformat(),
        "finish": _moment(baseline, baseline.end),
        "cost": baseline.cost / 100,
        "currency": project.currency,
        "bars": [_bar(baseline, bar) for bar in baseline.bars],
        "sprints": [
            {"name": name, "opens": None if opened is None else baseline.start_date(opened).isoformat()}
            for name, opened in baseline.sprints
        ],
        "chain": [
            {
                "from": baseline.start_date(piece.start).isoformat(),
                "to": baseline.finish_date(piece.finish).isoformat(),
                "minutes": piece.finish - piece.start,
                "cause": piece.cause,
                "what": piece.what,
            }
            for piece in baseline.chain
        ],
        "periods": [period.name for period in baseline.periods],
        "load": [_load(load) for load in baseline.loads],
        "pools": {
            "months": [f"{first:%Y-%m}" for first in months],
            "heads": {pool: [_number(value) for value in values] for pool, values in heads.items()},
            "total": [_number(sum(column, Fraction(0))) for column in zip(*heads.values(), strict=True)],
        },
    }


def _moment(baseline: Baseline, minute: int) -> dict[str, Any]:
    days = round(minute / baseline.view.day_minutes, 4)
    return {"minutes": minute, "days": days, "date": baseline.finish_date(minute).isoformat()}


def _bar(baseline: Baseline, bar: Bar) -> dict[str, Any]:
    return {
        "id": bar.id,
        "name": bar.name,
        "kind": bar.kind,
        "who": list(bar.who),
        "sprint": bar.sprint,
        "start": None if bar.start is None else baseline.start_date(bar.start).isoformat(),
        "finish": None if bar.finish is None else _moment(baseline, bar.finish),
        "critical": bar.critical,
        "dropped": bar.dropped,
    }


def _load(load: Load) -> dict[str, Any]:
    asked, has = ([_number(minutes / 60) for minutes in part] for part in (load.asked, load.has))
    return {"id": load.id, "kind": load.kind, "asked_hours": asked, "has_hours": has}


def _number(value: Fraction) -> float:
    return round(float(value), 4)
