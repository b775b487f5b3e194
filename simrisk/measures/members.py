"""Figures of one member of the project: a gate, a sprint, a task, a person, a pool, equipment, a risk."""

from __future__ import annotations

import numpy as np

from simrisk.dataset import Results, column
from simrisk.measures import merge, project, sensitivity
from simrisk.measures.figure import Measure, above_plan, average, chance, figure_of, statistic
from simrisk.measures.merge import Path
from simrisk.measures.moments import gate_decided, gate_passed, moments

# figures of a gate that say how it was decided, and the flag of that
DECIDED = {"p_waived": "waived", "p_descoped": "descoped", "p_stop": "stop"}
ON_CHAIN = ("criticality", "chain", "stretch")  # figures of all that can be on the driving chain


def _member(run: Results, dim: str, rest: str) -> tuple[str, str] | None:
    member, _, figure = rest.partition(".")
    return (member, figure) if member in {str(label) for label in run[dim].values} else None


def _on_chain(run: Results, name: str, dim: str, label: str, figure: str) -> Measure:
    """How often it is on the driving chain, how much of that is its on average, and how much when it is on it."""
    done, critical = project.finished(run), column(run, f"{dim}_critical", dim, label)
    if figure == "criticality":
        return chance(run, name, critical, done)
    among = done if figure == "chain" else done & critical
    return average(run, name, "duration", column(run, f"{dim}_chain_minutes", dim, label)[among], among)


def gate(run: Results, name: str, rest: str) -> Measure | None:
    """Its reviews, when it passed, how much later than planned, how often and how long it set the date."""
    found = _member(run, "gate", rest)
    if found is None:
        return None
    gate, figure = found
    attempts = column(run, "gate_attempts", "gate", gate)
    if figure == "p_go":  # at the first review, among trials in which it was reviewed
        return chance(run, name, (attempts == 1) & gate_decided(run, gate, "go"), attempts > 0)
    if figure == "p_pass":  # at whichever review, among all trials
        return chance(run, name, gate_decided(run, gate, "go"))
    if figure in DECIDED:
        return chance(run, name, gate_decided(run, gate, DECIDED[figure]))
    if figure == "attempts":
        reviewed = attempts > 0
        return average(run, name, "count", attempts[reviewed], reviewed)
    if figure in ON_CHAIN:
        return _on_chain(run, name, "gate", gate, figure)
    if figure.startswith("finish.p"):
        return statistic(run, name, "finish", figure.partition(".")[2], gate_passed(run, gate))
    if figure.startswith("review.p"):
        first = moments(run, "gate_first_review", "gate", gate)
        return statistic(run, name, "start", figure.partition(".")[2], first)
    if figure.startswith("contingency.p"):
        planned = float(run["baseline_gate_finish"].sel(gate=gate))
        return _contingency(run, name, figure, gate_passed(run, gate), planned)
    if figure == "merge_bias":
        return _merge_bias(run, name, merge.paths_to_gate(run, gate))
    return None


def gates(run: Results, name: str, rest: str) -> Measure | None:
    """How often every gate is passed with a go."""
    labels = run["gate"].values
    if rest != "p_pass" or not len(labels):
        return None
    return chance(run, name, np.logical_and.reduce([gate_decided(run, label, "go") for label in labels]))


def sprint(run: Results, name: str, rest: str) -> Measure | None:
    """Whether its goal was met, how much was done and left."""
    found = _member(run, "sprint", rest)
    if found is None:
        return None
    sprint, figure = int(found[0]), found[1]
    if figure == "p_goal":
        return chance(run, name, column(run, "sprint_goal_met", "sprint", sprint))
    if figure in ("carry_over", "velocity"):
        minutes = column(run, f"sprint_{figure}", "sprint", sprint)
        happened = column(run, "sprint_start", "sprint", sprint) >= 0
        return average(run, name, "effort", minutes[happened], happened)
    return None


def task(run: Results, name: str, rest: str) -> Measure | None:
    """When it finished, how often it set the date or was done by a contractor, what the date owes to it."""
    found = _member(run, "task", rest)
    if found is None:
        return None
    task, figure = found
    if figure in ON_CHAIN:
        return _on_chain(run, name, "task", task, figure)
    if figure == "contractor":
        return chance(run, name, column(run, "task_contractor", "task", task))
    if figure.startswith("finish.p"):
        return statistic(run, name, "finish", figure.partition(".")[2], moments(run, "task_finish", "task", task))
    if figure.startswith("start.p"):
        return statistic(run, name, "start", figure.partition(".")[2], moments(run, "task_start", "task", task))
    if figure.startswith("contingency.p"):
        planned = float(run["baseline_task_finish"].sel(task=task))
        return _contingency(run, name, figure, moments(run, "task_finish", "task", task), planned)
    if figure in ("cruciality", "ssi"):
        both = sensitivity.sensitivity_of(run, task)
        return figure_of(run, name, "ratio", getattr(both, figure), both.share)
    if figure == "merge_bias":
        return _merge_bias(run, name, merge.paths_to_task(run, task))
    return None


def _contingency(run: Results, name: str, figure: str, minutes: np.ndarray, planned: float) -> Measure | None:
    """A level of a moment minus the moment in the plan without dice, which has none where it is -1."""
    level = statistic(run, name, "duration", figure.partition(".")[2], minutes)
    return None if level is None else above_plan(level, planned if planned >= 0 else np.inf)


def _merge_bias(run: Results, name: str, paths: tuple[Path, ...]) -> Measure | None:
    """How much later the last of some paths is than the one that is latest on average; None of a single one."""
    if len(paths) < merge.PATHS:
        return None
    found = merge.join_of(run, paths)
    return figure_of(run, name, "duration", found.bias, found.share)


def person(run: Results, name: str, rest: str) -> Measure | None:
    """How busy they were and how long away, how often they set the date or left."""
    found = _member(run, "person", rest)
    if found is None:
        return None
    person, figure = found
    if figure in ON_CHAIN:
        return _on_chain(run, name, "person", person, figure)
    if figure == "left":
        return chance(run, name, column(run, "person_left", "person", person) >= 0)
    if figure in ("absence", "leave"):
        done = project.finished(run)
        return average(run, name, "duration", column(run, f"person_{figure}", "person", person)[done], done)
    if figure == "utilisation":
        busy, present = busy_and_present(run, person)
        return _utilisation(run, name, busy, present)
    return None


def pool(run: Results, name: str, rest: str) -> Measure | None:
    """How busy its heads were, how often it set the date."""
    found = _member(run, "pool", rest)
    if found is None:
        return None
    label, figure = found
    if figure in ON_CHAIN:
        return _on_chain(run, name, "pool", label, figure)
    if figure == "utilisation":
        worked, present = (column(run, f"pool_{minutes}", "pool", label) for minutes in ("worked", "present"))
        return _utilisation(run, name, worked, present)
    return None


def equipment(run: Results, name: str, rest: str) -> Measure | None:
    """How much of it was held by tasks, from the first minute simulated to the finish."""
    found = _member(run, "equipment", rest)
    if found is None or found[1] != "utilisation":
        return None
    units = int(run["equipment_units"].sel(equipment=found[0]))
    there = units * (run["project_end"].values.astype(np.int64) - int(run.attrs["status_minute"]))
    return _utilisation(run, name, column(run, "equipment_used", "equipment", found[0]), there)


def risk(run: Results, name: str, rest: str) -> Measure | None:
    """How often it happened."""
    found = _member(run, "risk", rest)
    if found is None or found[1] != "happened":
        return None
    return chance(run, name, column(run, "risk_happened", "risk", found[0]))


def _utilisation(run: Results, name: str, used: np.ndarray, there: np.ndarray) -> Measure:
    """Mean of used / there over the finished trials in which it was there at all."""
    some = project.finished(run) & (there > 0)
    return average(run, name, "share", used[some] / there[some], some)


def busy_and_present(run: Results, person: str) -> tuple[np.ndarray, np.ndarray]:
    """Minutes on tasks, rework and ceremonies, and minutes employed and not away, until the end; (n_trials,) each."""
    figures = ("worked", "ceremony", "leave", "absence", "departed")
    worked, ceremony, leave, absence, departed = (
        column(run, f"person_{figure}", "person", person) for figure in figures
    )
    begin, until = (int(run[f"person_{end}"].sel(person=person)) for end in ("from", "until"))
    employed = np.maximum(np.minimum(run["project_end"].values, until) - begin, 0)
    return worked + ceremony, employed - leave - absence - departed
