"""Reads [[expect]]: whether a metric's name has the right form, and whether its limits are of its kind."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal, cast

from simrisk.errors import ScenarioError
from simrisk.scenario.faults import Faults, did_you_mean
from simrisk.scenario.model import Expectation, Project
from simrisk.scenario.names import Directory
from simrisk.scenario.tables import ExpectTable
from simrisk.scenario.units import Units, is_number, shown
from simrisk.scenario.validate import Checked

Kind = Literal["date", "duration", "money", "chance", "number"]

_PERCENTILE = r"p(?!0+(?:\.0+)?$)[0-9]{1,2}(?:\.[0-9]+)?"
_STATISTIC = rf"(?:mean|sd|{_PERCENTILE})"
_OWN: dict[str, Kind] = {
    "finish.on_time": "chance",
    "cost.in_budget": "chance",
    "joint": "chance",
    "censored": "chance",
    "stopped": "chance",
    "gates.p_pass": "chance",
    "baseline.finish": "date",
    "baseline.cost": "money",
    "baseline.logic": "date",
    "logic.on_time": "chance",
}
_OF: dict[str, Kind] = {
    "gate.p_go": "chance",
    "gate.p_pass": "chance",
    "gate.p_waived": "chance",
    "gate.p_descoped": "chance",
    "gate.p_stop": "chance",
    "gate.attempts": "number",
    "gate.review": "date",
    "gate.finish": "date",
    "gate.contingency": "duration",
    "gate.merge_bias": "duration",
    "gate.criticality": "chance",
    "gate.chain": "duration",
    "gate.stretch": "duration",
    "sprint.p_goal": "chance",
    "sprint.carry_over": "duration",
    "sprint.velocity": "duration",
    "task.start": "date",
    "task.finish": "date",
    "task.contingency": "duration",
    "task.criticality": "chance",
    "task.chain": "duration",
    "task.stretch": "duration",
    "task.cruciality": "number",
    "task.ssi": "number",
    "task.merge_bias": "duration",
    "task.contractor": "chance",
    "person.criticality": "chance",
    "person.chain": "duration",
    "person.stretch": "duration",
    "person.utilisation": "number",
    "person.absence": "duration",
    "person.leave": "duration",
    "person.left": "chance",
    "pool.criticality": "chance",
    "pool.chain": "duration",
    "pool.stretch": "duration",
    "pool.utilisation": "number",
    "equipment.utilisation": "number",
    "risk.happened": "chance",
}
_EXAMPLES = ("finish.p80", "cost.p80", "delay.mean", *_OWN, *(key.replace(".", ".<id>.") for key in _OF))
_PLAIN = re.compile(rf"(finish|cost|delay|logic\.finish)\.({_STATISTIC})")
_CONTINGENCY = re.compile(rf"contingency\.(time|cost)\.{_PERCENTILE}")
_GAP = re.compile(rf"logic\.gap\.{_PERCENTILE}")
_CASH = re.compile(r"cash\.[0-9]{4}-(?:0[1-9]|1[0-2])\.(?:mean|(?:total\.)?p(?:5|10|25|50|75|80|90|95))")
_NAMED = re.compile(rf"(gate|sprint|task|person|pool|equipment|risk)\.([A-Za-z0-9_-]+)\.([a-z_]+)(\.{_PERCENTILE})?")
_BY = re.compile(r"finish\.by\.([0-9]{4}-[0-9]{2}-[0-9]{2})")
_LEVELS = ("review", "start", "finish", "contingency")  # figures of a member of which there are percentiles
_LIMITS = ("at_most", "at_least", "worsens_at_most")
_WANTED: dict[Kind, str] = {
    "date": "a date such as 2026-07-17, without quotes",
    "duration": 'a duration such as "3d"',
    "money": "an amount of money such as 350_000",
    "chance": "a chance from 0 to 1",
    "number": "a number",
}


def read_expectations(
    checked: Sequence[Checked[ExpectTable]], project: Project | None, directory: Directory, units: Units, faults: Faults
) -> tuple[Expectation, ...]:
    """Build the expectations; faults in names and limits are noted."""
    found = []
    for entry in checked:
        if entry.table is None:
            continue
        table = entry.table
        kind = metric_kind(table.metric, f"{entry.where}.metric", directory, faults)
        limits = {name: getattr(table, name) for name in _LIMITS if getattr(table, name) is not None}
        if not limits and entry.whole:
            faults.add("missing-key", entry.where, "An expectation has a limit: at_most, at_least or worsens_at_most.")
        if kind is not None:
            _check_limits(limits, kind, entry.where, units, faults)
            _check_target(table.metric, project, f"{entry.where}.metric", faults)
        found.append(Expectation(table.metric, limits, cast(Literal["error", "warn", "off"], table.level)))
    return tuple(found)


def metric_kind(metric: str, where: str, directory: Directory, faults: Faults) -> Kind | None:
    """Return what a metric counts; None, and a fault, when there is no such metric in this scenario."""
    if metric in _OWN:
        return _OWN[metric]
    plain, by, named = _PLAIN.fullmatch(metric), _BY.fullmatch(metric), _NAMED.fullmatch(metric)
    if plain:
        if plain[1] == "cost":
            return "money"
        return "duration" if plain[1] == "delay" or plain[2] == "sd" else "date"
    if contingency := _CONTINGENCY.fullmatch(metric):
        return "duration" if contingency[1] == "time" else "money"
    if _GAP.fullmatch(metric):
        return "duration"
    if _CASH.fullmatch(metric):
        return "money"
    if by and _is_date(by[1]):
        return "chance"
    if named:
        sort, name, figure, percentile = named.groups()
        kind = _OF.get(f"{sort}.{figure}")
        if kind is not None and (percentile is not None) == (figure in _LEVELS):
            return kind if _is_there(sort, name, where, directory) else None
    hint = did_you_mean(metric, _EXAMPLES) or f" There are: {', '.join(_EXAMPLES)}."
    faults.add("unknown-metric", where, f"'{metric}' is not a metric.{hint}")
    return None


def _is_there(sort: str, name: str, where: str, directory: Directory) -> bool:
    before = len(directory.faults)
    if sort == "task":
        directory.check_task(name, where)
    elif sort == "gate":
        directory.check_gate(name, where)
    elif sort == "person":
        directory.check_person(name, where)
    elif sort == "pool":
        directory.check_pool(name, where)
    elif sort == "equipment":
        directory.check_equipment(name, where)
    elif sort == "risk":
        pass  # it may be switched off; the run knows those it has
    elif name.isdecimal():
        directory.check_sprint(int(name), where)
    else:
        directory.faults.add("unknown-sprint", where, f"Sprints are numbered from 1; got '{name}'.")
    return len(directory.faults) == before


def _check_limits(limits: dict[str, object], kind: Kind, where: str, units: Units, faults: Faults) -> None:
    for name, limit in limits.items():
        # how much later is a duration, even where the metric is a date
        wanted: Kind = "duration" if name == "worsens_at_most" and kind == "date" else kind
        if not _fits(limit, wanted, units):
            faults.add(
                "wrong-type", f"{where}.{name}", f"The limit of this metric is {_WANTED[wanted]}; got {shown(limit)}."
            )


def _fits(limit: object, wanted: Kind, units: Units) -> bool:
    if wanted == "date":
        return isinstance(limit, date)
    if wanted == "duration":
        try:
            units.duration(limit)
        except ScenarioError:
            return False
        return True
    if not isinstance(limit, int | float):
        return False
    return is_number(limit) and (wanted != "chance" or 0 <= limit <= 1)


def _check_target(metric: str, project: Project | None, where: str, faults: Faults) -> None:
    """Note a fault when a metric is measured against a target that the file does not have."""
    if project is None:
        return
    if project.deadline is None and (
        metric in ("finish.on_time", "logic.on_time", "joint") or metric.startswith("delay.")
    ):
        faults.add("missing-key", where, f"'{metric}' is measured against project.deadline, and the file has none.")
    if project.budget is None and metric in ("cost.in_budget", "joint"):
        faults.add("missing-key", where, f"'{metric}' is measured against project.budget, and the file has none.")


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
