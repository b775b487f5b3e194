"""The registry: every variable that a results file holds, with its dimensions, type, unit and meaning.

`source` names the array of the engines' outcomes that a variable is copied from; variables without
one are worked out in `build`. Nothing is written, read or charted that does not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SCHEMA = 4  # version of the file format: raised when a reader of the old one would misread the new one

MINUTES = "working minutes"
EFFORT = "minutes of effort"
HEADS = "minutes of heads"
CURRENCY = "currency"  # stands for the project's currency in the units of a variable

Origin = Literal["run", "baseline", "plan"]


@dataclass(frozen=True)
class Variable:
    """One variable of the Dataset.

    Parameters
    ----------
    name : str
        Its dimension first, then what it is.
    dims : tuple of str
    dtype : str
        numpy type in memory; "str" for text, "datetime64[ns]" for dates.
    unit : str
        Empty for flags, names and counts.
    doc : str
        One sentence.
    flags : tuple of str
        Meaning of the values 0, 1, 2 ...; empty when the variable is a number.
    source : str
        Field of the engines' outcomes it is copied from; empty when it is worked out.
    origin : "run", "baseline" or "plan"
        Whose outcomes; "plan" for what comes from the scenario.
    coordinate : bool
    """

    name: str
    dims: tuple[str, ...]
    dtype: str
    unit: str
    doc: str
    flags: tuple[str, ...] = ()
    source: str = ""
    origin: Origin = "run"
    coordinate: bool = False


TRIAL = ("trial",)
TASKS = ("trial", "task")
PEOPLE = ("trial", "person")
POOLS = ("trial", "pool")
GATES = ("trial", "gate")
SPRINTS = ("trial", "sprint")
CASH = ("month", "quantile")

OUTCOME_FLAGS = ("finished", "censored", "stopped")
GATE_FLAGS = ("undecided", "go", "waived", "descoped", "stop")


def _coordinate(name: str, dim: str, dtype: str, doc: str) -> Variable:
    return Variable(name, (dim,), dtype, "", doc, origin="plan", coordinate=True)


_COORDINATES = (
    _coordinate("trial", "trial", "int32", "Number of the trial, from 0; the same number is the same sampled world."),
    _coordinate("task", "task", "str", "Id of the task."),
    _coordinate("person", "person", "str", "Id of the person."),
    _coordinate("pool", "pool", "str", "Id of the pool."),
    _coordinate("equipment", "equipment", "str", "Id of the equipment."),
    _coordinate("risk", "risk", "str", "Id of the risk."),
    _coordinate("gate", "gate", "str", "Id of the gate."),
    _coordinate("sprint", "sprint", "int32", "Number of the sprint, from 1."),
    _coordinate("cause", "cause", "str", "What a stretch of the driving chain is due to."),
    _coordinate(
        "month", "month", "datetime64[ns]", "First day of the calendar month; the last is the last with costs."
    ),
    _coordinate("quantile", "quantile", "float64", "Share of the finished trials at or below the value."),
    _coordinate("pair", "pair", "str", "Ids of two tasks whose efforts are correlated, joined by ' ~ '."),
    _coordinate("day_date", "day", "datetime64[ns]", "Calendar date of each working day, day 0 first."),
)

_PLAN = (
    Variable("task_name", ("task",), "str", "", "Name of the task.", origin="plan"),
    Variable("task_sprint", ("task",), "int32", "", "Sprint of the task, from 1; 0: none.", origin="plan"),
    Variable("task_milestone", ("task",), "bool", "", "The task is a milestone.", origin="plan"),
    Variable("task_timed", ("task",), "bool", "", "It has a duration, not an effort: no common factor.", origin="plan"),
    Variable("task_done", ("task",), "int32", EFFORT, "Effort or duration done before the run.", origin="plan"),
    Variable("link_after", ("link",), "str", "", "Id of the task that a link waits for.", origin="plan"),
    Variable("link_task", ("link",), "str", "", "Id of the task that waits.", origin="plan"),
    Variable(
        "link_kind",
        ("link",),
        "str",
        "",
        "FS, SS, FF or SF: finish or start of the one waited for, then what it holds of the one that waits.",
        origin="plan",
    ),
    Variable("link_lag", ("link",), "int32", MINUTES, "Lag without dice; negative: a lead.", origin="plan"),
    Variable("requirement_gate", ("requirement",), "str", "", "Id of a gate that requires a task.", origin="plan"),
    Variable("requirement_task", ("requirement",), "str", "", "Id of the task that it requires.", origin="plan"),
    Variable("person_role", ("person",), "str", "", "Role of the person.", origin="plan"),
    Variable(
        "person_from",
        ("person",),
        "int32",
        MINUTES,
        "Start of employment, at the earliest the minute from which the run is simulated.",
        origin="plan",
    ),
    Variable("person_until", ("person",), "int32", MINUTES, "End of employment, at most the horizon.", origin="plan"),
    Variable("pool_role", ("pool",), "str", "", "Role of the pool.", origin="plan"),
    Variable("equipment_name", ("equipment",), "str", "", "Name of the equipment.", origin="plan"),
    Variable("equipment_units", ("equipment",), "int32", "", "How many of it there are.", origin="plan"),
    Variable("risk_name", ("risk",), "str", "", "Name of the risk.", origin="plan"),
    Variable("risk_probability", ("risk",), "float64", "1", "Chance that the scenario gives the risk.", origin="plan"),
    Variable("gate_name", ("gate",), "str", "", "Name of the gate.", origin="plan"),
    Variable("sprint_name", ("sprint",), "str", "", "Name of the sprint.", origin="plan"),
)

_PROJECT = (
    Variable("project_finish", TRIAL, "float64", MINUTES, "Finish of the project; inf where it did not finish."),
    Variable("project_cost", TRIAL, "float64", CURRENCY, "Cost of the finished project; inf where it did not finish."),
    Variable("project_end", TRIAL, "int32", MINUTES, "Finish, stop at a gate, or the horizon.", source="end"),
    Variable("project_spent", TRIAL, "int64", "cents", "Money spent until the end.", source="cost"),
    Variable("project_outcome", TRIAL, "int8", "", "How the trial ended.", OUTCOME_FLAGS, source="outcome"),
    Variable(
        "chain_minutes",
        ("trial", "cause"),
        "int32",
        MINUTES,
        "Driving chain by cause: adds up to the finish; 0 where the project did not finish.",
        source="chain",
    ),
    Variable(
        "project_common_factor",
        TRIAL,
        "float64",
        "1",
        "Common factor of all effort; 1 when the scenario has none.",
        source="common_factor",
    ),
    Variable(
        "logic_finish",
        TRIAL,
        "float64",
        MINUTES,
        "Finish of the same trial with every resource unlimited and always there; inf where it did not finish.",
    ),
    Variable("logic_outcome", TRIAL, "int8", "", "How that trial ended.", OUTCOME_FLAGS),
)

_TASKS = (
    Variable("task_start", TASKS, "int32", MINUTES, "Start of the task; -1: never.", source="task_start"),
    Variable("task_finish", TASKS, "int32", MINUTES, "Finish of the task; -1: never.", source="task_finish"),
    Variable(
        "task_effort",
        TASKS,
        "int32",
        EFFORT,
        "Effort or duration drawn, all parts, progress taken off.",
        source="task_effort",
    ),
    Variable("task_handovers", TASKS, "int16", "", "How often its work changed hands.", source="task_handovers"),
    Variable("task_contractor", TASKS, "bool", "", "A contractor took a part of it.", source="task_contractor"),
    Variable("task_dropped", TASKS, "bool", "", "Dropped by a descope.", source="task_dropped"),
    Variable("task_critical", TASKS, "bool", "", "On the driving chain.", source="task_critical"),
    Variable(
        "task_chain_minutes",
        TASKS,
        "int32",
        MINUTES,
        "What the task took of the driving chain, delays of risks included.",
        source="task_chain",
    ),
)

_PEOPLE = (
    Variable("person_worked", PEOPLE, "int32", MINUTES, "On tasks and rework until the end.", source="person_worked"),
    Variable("person_ceremony", PEOPLE, "int32", MINUTES, "In sprint ceremonies.", source="person_ceremony"),
    Variable("person_leave", PEOPLE, "int32", MINUTES, "On leave until the end.", source="person_leave"),
    Variable("person_absence", PEOPLE, "int32", MINUTES, "Absent unplanned until the end.", source="person_absence"),
    Variable(
        "person_absence_planned",
        PEOPLE,
        "int32",
        MINUTES,
        "Absent unplanned until the end of the plan without dice, or that of the trial.",
        source="person_absence_planned",
    ),
    Variable(
        "person_departed",
        PEOPLE,
        "int32",
        MINUTES,
        "Gone by a departure, until the replacement came or the end.",
        source="person_departed",
    ),
    Variable(
        "person_left",
        PEOPLE,
        "int32",
        MINUTES,
        "When they left by a departure; -1: they did not.",
        source="person_left",
    ),
    Variable("person_critical", PEOPLE, "bool", "", "On the driving chain.", source="person_critical"),
    Variable(
        "person_chain_minutes",
        PEOPLE,
        "int32",
        MINUTES,
        "What work they had a hand in took of the driving chain; several people can have a hand in the same minutes.",
        source="person_chain",
    ),
)

_POOLS = (
    Variable("pool_worked", POOLS, "int64", HEADS, "On tasks until the end.", source="pool_worked"),
    Variable("pool_present", POOLS, "int64", HEADS, "There until the end.", source="pool_present"),
    Variable("pool_critical", POOLS, "bool", "", "On the driving chain.", source="pool_critical"),
    Variable(
        "pool_chain_minutes",
        POOLS,
        "int32",
        MINUTES,
        "What its parts of tasks took of the driving chain.",
        source="pool_chain",
    ),
    Variable(
        "equipment_used",
        ("trial", "equipment"),
        "int64",
        "minutes of units",
        "Held by tasks until the end.",
        source="equipment_used",
    ),
)

_RISKS = (
    Variable("risk_happened", ("trial", "risk"), "bool", "", "It happened in this trial.", source="risk_happened"),
    Variable(
        "correlation_asked", ("pair",), "float64", "1", "Correlation of normal scores that the scenario asks for."
    ),
    Variable(
        "correlation_used",
        ("pair",),
        "float64",
        "1",
        "The same in the nearest matrix that is possible; differs from the one asked for where that was repaired.",
    ),
    Variable(
        "correlation_produced",
        ("pair",),
        "float64",
        "1",
        "Rank correlation of the efforts drawn in this run, all factors included; nan when one of them never varies.",
    ),
)


def _cash(name: str, what: str) -> tuple[Variable, ...]:
    of = f"{what}, over the trials that finished"
    return (
        Variable(f"{name}_quantile", CASH, "float64", CURRENCY, f"{of}."),
        Variable(f"{name}_quantile_low", CASH, "float64", CURRENCY, "Lower end of its 95 % interval; -inf: none."),
        Variable(f"{name}_quantile_high", CASH, "float64", CURRENCY, "Upper end of its 95 % interval; inf: none."),
    )


_CASH = (
    *_cash("cash", "Money spent in the month"),
    *_cash("cash_cumulative", "Money spent by the end of the month"),
    Variable("cash_mean", ("month",), "float64", CURRENCY, "Mean spent in the month, over the trials that finished."),
    Variable("cash_sd", ("month",), "float64", CURRENCY, "Standard deviation of what is spent in the month."),
)

_GATES = (
    Variable("gate_attempts", GATES, "int16", "", "Reviews decided.", source="gate_attempts"),
    Variable(
        "gate_first_review", GATES, "int32", MINUTES, "Start of the first review; -1: never.", source="gate_first"
    ),
    Variable(
        "gate_finish",
        GATES,
        "int32",
        MINUTES,
        "End of the review with which the gate passed or stopped the project; -1: never.",
        source="gate_finish",
    ),
    Variable("gate_outcome", GATES, "int8", "", "How the gate was passed.", GATE_FLAGS, source="gate_outcome"),
    Variable("gate_critical", GATES, "bool", "", "On the driving chain.", source="gate_critical"),
    Variable(
        "gate_chain_minutes",
        GATES,
        "int32",
        MINUTES,
        "What the gate took of the driving chain, from its first review to its passing.",
        source="gate_chain",
    ),
)

_SPRINTS = (
    Variable("sprint_start", SPRINTS, "int32", MINUTES, "Start of the sprint; -1: never.", source="sprint_start"),
    Variable(
        "sprint_goal_met",
        SPRINTS,
        "bool",
        "",
        "All its non-optional tasks were done by its end.",
        source="sprint_goal",
    ),
    Variable(
        "sprint_carry_over",
        SPRINTS,
        "int64",
        EFFORT,
        "Effort left at its end, of its own and earlier tasks (0 when the project was done).",
        source="sprint_carry_over",
    ),
    Variable(
        "sprint_velocity",
        SPRINTS,
        "int64",
        EFFORT,
        "Effort done on tasks while it ran; 0 when it never opened.",
        source="sprint_velocity",
    ),
)

_BASELINE_ROWS = (
    Variable("baseline_finish", (), "float64", MINUTES, "Finish without dice; inf: not by the horizon."),
    Variable("baseline_cost", (), "float64", CURRENCY, "Cost without dice; inf: not finished by the horizon."),
    Variable(
        "baseline_logic_finish",
        (),
        "float64",
        MINUTES,
        "Finish without dice and with every resource unlimited; inf: not by the horizon.",
    ),
    Variable("baseline_cash", ("month",), "float64", CURRENCY, "Money spent in the month without dice."),
    Variable("baseline_outcome", (), "int8", "", "How the plan ends without dice.", OUTCOME_FLAGS, "outcome"),
    Variable("baseline_chain_minutes", ("cause",), "int32", MINUTES, "Driving chain without dice.", source="chain"),
    Variable("baseline_task_start", ("task",), "int32", MINUTES, "Start without dice.", source="task_start"),
    Variable("baseline_task_finish", ("task",), "int32", MINUTES, "Finish without dice.", source="task_finish"),
    Variable(
        "baseline_task_effort",
        ("task",),
        "int32",
        EFFORT,
        "Effort or duration without dice, all parts, progress taken off.",
        source="task_effort",
    ),
    Variable("baseline_task_critical", ("task",), "bool", "", "On the chain without dice.", source="task_critical"),
    Variable("baseline_gate_finish", ("gate",), "int32", MINUTES, "Gate passed without dice.", source="gate_finish"),
    Variable("baseline_gate_critical", ("gate",), "bool", "", "On the chain without dice.", source="gate_critical"),
    Variable("baseline_sprint_start", ("sprint",), "int32", MINUTES, "Start without dice.", source="sprint_start"),
)

# The baseline's variables are those of one row of outcomes; said once here instead of in each line above.
_BASELINE = tuple(Variable(**{**vars(v), "origin": "baseline"}) for v in _BASELINE_ROWS)

REGISTRY: dict[str, Variable] = {
    v.name: v
    for group in (
        *(_COORDINATES, _PLAN, _PROJECT, _TASKS, _PEOPLE, _POOLS, _RISKS, _CASH),
        *(_GATES, _SPRINTS, _BASELINE),
    )
    for v in group
}


@dataclass(frozen=True)
class Attribute:
    """One attribute of the Dataset; an optional one is absent when the scenario does not say it."""

    name: str
    kind: type
    doc: str
    required: bool = True


ATTRIBUTES: dict[str, Attribute] = {
    a.name: a
    for a in (
        Attribute("simrisk_schema", int, "Version of this file format."),
        Attribute("scenario", str, "Id of the scenario: the stem of its file."),
        Attribute("title", str, "Name of the project."),
        Attribute("scenario_text", str, "The scenario file, in full."),
        Attribute("scenario_sha256", str, "SHA-256 of scenario_text in UTF-8."),
        Attribute("scenario_changes", str, "Changes made on the command line: JSON list of [key, value]."),
        Attribute("switched_on", str, "Mitigations switched on by --with: JSON list."),
        Attribute("switched_off", str, "Mitigations and risks switched off by --without: JSON list."),
        Attribute("mitigations", str, "Mitigations: JSON list of [id, name, price in cents, whether it is active]."),
        Attribute("samples", str, "Files of samples that the scenario reads: JSON object, name to text."),
        Attribute("seed", int, "Seed of the run."),
        Attribute("engine", str, "Which engine: kernel or reference."),
        Attribute("sampling", str, "How trials are drawn: independent, or lhs for Latin hypercubes."),
        Attribute("block", int, "So many trials are one Latin hypercube, from trial 0 on; 1: none."),
        Attribute(
            "until", str, "What --until asked for: JSON list of metric, half width in its unit, and as written.", False
        ),
        Attribute("start", str, "Date of the project's start."),
        Attribute("status_date", str, "Date from which on the run is simulated.", False),
        Attribute("status_minute", int, "First working minute that is simulated; 0 without a status date."),
        Attribute("deadline", str, "Date that lateness is measured against.", False),
        Attribute("deadline_minute", int, "Last working minute that is on time.", False),
        Attribute("budget_cents", int, "Budget without contingency.", False),
        Attribute("budget_limit_cents", int, "Budget with contingency: what in_budget compares with.", False),
        Attribute("currency", str, "Unit of money."),
        Attribute("day_minutes", int, "Working minutes of a day."),
        Attribute("horizon", int, "Last working minute that counts."),
        Attribute("priors", str, "Documented defaults the scenario names: JSON list of [key, name, source]."),
        Attribute("kernel_digest", str, "Digest of the kernels' sources; empty for the reference engine."),
        Attribute("versions", str, "Versions of simrisk, Python and libraries: JSON object."),
    )
}
