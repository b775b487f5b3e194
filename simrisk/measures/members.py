"""Figures of one member of the project: a gate, a sprint, a task, a person, a pool, equipment, a risk."""

from __future__ import annotations

import numpy as np
import xarray as xr

from simrisk.measures import project
from simrisk.measures.figure import Measure, average, chance, statistic


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


def gate(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """Its first review, how many there were, when it passed."""
    found = _member(run, "gate", rest)
    if found is None:
        return None
    gate, figure = found
    attempts = _column(run, "gate_attempts", "gate", gate)
    outcome = _column(run, "gate_outcome", "gate", gate)
    flags = str(run["gate_outcome"].attrs["flag_meanings"]).split()
    if figure == "p_go":  # at the first review, among trials in which it was reviewed
        return chance(run, name, (attempts == 1) & (outcome == flags.index("go")), attempts > 0)
    if figure == "attempts":
        reviewed = attempts > 0
        return average(run, name, "count", attempts[reviewed], reviewed)
    if figure.startswith("finish.p"):
        passed = np.where(outcome == flags.index("stop"), np.inf, _minutes(run, "gate_finish", "gate", gate))
        return statistic(run, name, "finish", figure.partition(".")[2], passed)
    return None


def sprint(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """Whether its goal was met, how much was done and left."""
    found = _member(run, "sprint", rest)
    if found is None:
        return None
    sprint, figure = int(found[0]), found[1]
    if figure == "p_goal":
        return chance(run, name, _column(run, "sprint_goal_met", "sprint", sprint))
    if figure in ("carry_over", "velocity"):
        minutes = _column(run, f"sprint_{figure}", "sprint", sprint)
        happened = _column(run, "sprint_start", "sprint", sprint) >= 0
        return average(run, name, "effort", minutes[happened], happened)
    return None


def task(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """When it finished, how often it set the date or was done by a contractor."""
    found = _member(run, "task", rest)
    if found is None:
        return None
    task, figure = found
    if figure == "criticality":
        return chance(run, name, _column(run, "task_critical", "task", task), project.finished(run))
    if figure == "contractor":
        return chance(run, name, _column(run, "task_contractor", "task", task))
    if figure.startswith("finish.p"):
        return statistic(run, name, "finish", figure.partition(".")[2], _minutes(run, "task_finish", "task", task))
    return None


def person(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """How busy they were, how often they set the date or left."""
    found = _member(run, "person", rest)
    if found is None:
        return None
    person, figure = found
    if figure == "criticality":
        return chance(run, name, _column(run, "person_critical", "person", person), project.finished(run))
    if figure == "left":
        return chance(run, name, _column(run, "person_left", "person", person) >= 0)
    if figure == "utilisation":
        busy, present = busy_and_present(run, person)
        return _utilisation(run, name, busy, present)
    return None


def pool(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """How busy its heads were, how often it set the date."""
    found = _member(run, "pool", rest)
    if found is None:
        return None
    label, figure = found
    if figure == "criticality":
        return chance(run, name, _column(run, "pool_critical", "pool", label), project.finished(run))
    if figure == "utilisation":
        worked, present = (_column(run, f"pool_{minutes}", "pool", label) for minutes in ("worked", "present"))
        return _utilisation(run, name, worked, present)
    return None


def equipment(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """How much of it was held by tasks, from the first minute simulated to the finish."""
    found = _member(run, "equipment", rest)
    if found is None or found[1] != "utilisation":
        return None
    units = int(run["equipment_units"].sel(equipment=found[0]))
    there = units * (run["project_end"].values.astype(np.int64) - int(run.attrs["status_minute"]))
    return _utilisation(run, name, _column(run, "equipment_used", "equipment", found[0]), there)


def risk(run: xr.Dataset, name: str, rest: str) -> Measure | None:
    """How often it happened."""
    found = _member(run, "risk", rest)
    if found is None or found[1] != "happened":
        return None
    return chance(run, name, _column(run, "risk_happened", "risk", found[0]))


def _utilisation(run: xr.Dataset, name: str, used: np.ndarray, there: np.ndarray) -> Measure:
    """Mean of used / there over the finished trials in which it was there at all."""
    some = project.finished(run) & (there > 0)
    return average(run, name, "share", used[some] / there[some], some)


def busy_and_present(run: xr.Dataset, person: str) -> tuple[np.ndarray, np.ndarray]:
    """Minutes on tasks, rework and ceremonies, and minutes employed and not away, until the end; (n_trials,) each."""
    figures = ("worked", "ceremony", "leave", "absence", "departed")
    worked, ceremony, leave, absence, departed = (
        _column(run, f"person_{figure}", "person", person) for figure in figures
    )
    begin, until = (int(run[f"person_{end}"].sel(person=person)) for end in ("from", "until"))
    employed = np.maximum(np.minimum(run["project_end"].values, until) - begin, 0)
    return worked + ceremony, employed - leave - absence - departed
