"""Outcomes of the engines to a Run, and the check that a run is what the registry says."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from datetime import date
from importlib import metadata
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

import numpy as np

from simrisk.dataset.cash import late_cash_values
from simrisk.dataset.links import link_values
from simrisk.dataset.pairs import Pair, pair_values
from simrisk.dataset.registry import ATTRIBUTES, CURRENCY, GATE_FLAGS, OUTCOME_FLAGS, REGISTRY, SCHEMA, Variable
from simrisk.dataset.run import Late, Run, Stored, Values
from simrisk.dataset.store import Trials
from simrisk.errors import Issue, ResultsError
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import CAUSES, FINISHED, GATE_OUTCOMES, OUTCOMES, Outcomes

if TYPE_CHECKING:
    import xarray as xr

AnyRun = TypeVar("AnyRun", "xr.Dataset", Run)

if OUTCOMES != OUTCOME_FLAGS or GATE_OUTCOMES != GATE_FLAGS:  # pragma: no cover
    raise ImportError("the registry's flags are not those of simrisk_kernels.layout")

LIBRARIES = ("numpy", "scipy", "numba", "simpy", "xarray", "h5netcdf")


class Ends(NamedTuple):
    """When and how trials ended; `Outcomes` has both and much more."""

    end: np.ndarray  # (n,) int64, working minutes
    outcome: np.ndarray  # (n,) int8


class LogicOnly(NamedTuple):
    """The same trials, and the one without dice, with every resource unlimited."""

    trials: Ends  # one row a trial
    baseline: Ends  # one row


class Calendar(Protocol):
    """What is needed of the working calendar."""

    def days(self, count: int, /) -> Sequence[date]:
        """Return the first `count` working days."""

    def minute_of(self, day: date, /) -> int:
        """First working minute on or after `day`."""

    def end_of(self, day: date, /) -> int:
        """End of the last working day on or before `day`."""


class PlanView(Protocol):
    """What is needed of a compiled plan, which stands above this layer; see `simrisk.plan.Plan`."""

    @property
    def scenario(self) -> Scenario:
        """What the user wrote."""

    @property
    def calendar(self) -> Calendar:
        """The working calendar."""

    @property
    def task_ids(self) -> tuple[str, ...]:
        """Names in the order of the outcomes, and so on below."""

    @property
    def person_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def pool_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def equipment_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def risk_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def gate_ids(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def sprint_names(self) -> tuple[str, ...]: ...  # noqa: D102

    @property
    def day_minutes(self) -> int:
        """Working minutes of a day."""

    @property
    def horizon(self) -> int:
        """The last working minute that counts."""

    @property
    def deadline(self) -> int | None:
        """The last working minute that is on time."""

    @property
    def budget_limit(self) -> int | None:
        """Cents, contingency included."""


def to_run(
    plan: PlanView,
    trials: Trials,
    baseline: Outcomes,
    logic: LogicOnly,
    *,
    pairs: Sequence[Pair] = (),
    samples: Mapping[str, str] | None = None,
    seed: int,
    engine: str,
    sampling: str = "independent",
    block: int = 1,
    kernel_digest: str = "",
    versions: Mapping[str, str] | None = None,
) -> Run:
    """Everything a run found out, with names, units and provenance.

    Parameters
    ----------
    plan : Plan
        What was simulated.
    trials : Trials
        Their outcomes.
    baseline : Outcomes
        One row: the trial without dice.
    logic : LogicOnly
        Both again, with every resource unlimited.
    pairs : sequence of Pair
        Tasks whose efforts are correlated.
    samples : mapping, optional
        Files that the scenario reads besides its own: name to text.
    seed : int
    engine : str
        "kernel" or "reference".
    sampling : str
        "independent" or "lhs".
    block : int
        So many trials are one Latin hypercube; 1 when they are independent.
    kernel_digest : str
        Digest of the kernels' sources.
    versions : mapping, optional
        Library name to version; default: what is installed.

    Returns
    -------
    Run
        As the registry describes it; nothing else is needed to measure, chart or report it.
    """
    project = plan.scenario.project
    worked_out = {
        "trial": np.arange(len(trials)),
        **_plan_values(plan),
        **_project_values(Ends(trials.whole("end"), trials.whole("outcome")), trials.whole("cost"), baseline),
        **_logic_values(logic),
        **late_cash_values(project.start, trials, baseline.cash[0]),
        **pair_values(pairs, plan.task_ids, trials),
    }
    variables: dict[str, Values] = {}
    for variable in REGISTRY.values():
        values = worked_out.get(variable.name)
        if values is None and variable.origin == "baseline":
            values = getattr(baseline, variable.source)[0]
        elif values is None:
            values = _of_trials(variable, trials)
        variables[variable.name] = variable_values(variable, values, project.currency)
    coordinates = tuple(name for name in variables if REGISTRY[name].coordinate)
    attrs = {
        **attributes(plan, seed, engine, kernel_digest, versions),
        "samples": json.dumps(dict(samples or {}), sort_keys=True),
        "sampling": sampling,
        "block": block,
    }
    return Run(variables, coordinates, attrs)


def to_dataset(plan: PlanView, outcomes: Outcomes, baseline: Outcomes, logic: LogicOnly, **settings: Any) -> xr.Dataset:
    """The same for outcomes in memory, one row a trial, as an xarray.Dataset."""
    trials = Trials(outcomes)
    trials.add(outcomes)
    return to_run(plan, trials, baseline, logic, **settings).to_xarray()


def _of_trials(variable: Variable, trials: Trials) -> np.ndarray | Stored:
    """Outcomes of all trials; what is packed stays so until it is needed."""
    if trials.is_packed and len(variable.dims) == 2:
        return Stored(trials, variable.source, np.dtype(variable.dtype))
    return trials.whole(variable.source)


def variable_values(variable: Variable, values: Any, currency: str) -> Values:
    """The values of a variable as the registry wants them."""
    attrs: dict[str, Any] = {"long_name": variable.doc}
    if variable.unit:
        attrs["units"] = currency if variable.unit == CURRENCY else variable.unit
    if variable.flags:
        attrs["flag_values"] = np.arange(len(variable.flags), dtype=variable.dtype)
        attrs["flag_meanings"] = " ".join(variable.flags)
    if not isinstance(values, Stored | Late):
        dtype = np.dtype(object if variable.dtype == "str" else variable.dtype)
        found = np.asarray(values)
        alike = found.dtype == np.uint8 and dtype == np.bool_  # the kernels' flags are 0 and 1
        values = found.view(dtype) if alike else found.astype(dtype, copy=False)
    return Values(variable.dims, values, attrs)


def _project_values(ends: Ends, spent: np.ndarray, baseline: Outcomes) -> dict[str, np.ndarray]:
    """Finish in minutes and cost in currency, +inf unless finished: quantiles then sort such trials last."""
    return {
        "project_finish": finishes(ends),
        "project_cost": costs(ends, spent),
        "baseline_finish": finishes(baseline)[0],
        "baseline_cost": costs(baseline, baseline.cost)[0],
    }


def _logic_values(logic: LogicOnly) -> dict[str, np.ndarray]:
    return {
        "logic_finish": finishes(logic.trials),
        "logic_outcome": logic.trials.outcome,
        "baseline_logic_finish": finishes(logic.baseline)[0],
    }


def finishes(rows: Ends | Outcomes) -> np.ndarray:
    """When trials finished, +inf unless they did: (n,) working minutes."""
    found: np.ndarray = np.where(rows.outcome == FINISHED, rows.end, np.inf)
    return found


def costs(rows: Ends | Outcomes, spent: np.ndarray) -> np.ndarray:
    """What finished trials cost, +inf unless they did: (n,) in currency, from cents."""
    found: np.ndarray = np.where(rows.outcome == FINISHED, spent / 100, np.inf)
    return found


def _plan_values(plan: PlanView) -> dict[str, Any]:
    scenario, calendar, horizon = plan.scenario, plan.calendar, plan.horizon
    n_days = -(-horizon // plan.day_minutes) + 1
    tasks = {task.id: task for task in scenario.tasks}
    people = {person.id: person for person in scenario.people}
    gates = {gate.id: gate for gate in scenario.gates}
    staff = [people[i] for i in plan.person_ids]
    since = status_minute(plan)
    begins = [since if p.start is None else min(max(calendar.minute_of(p.start), since), horizon) for p in staff]
    pools = {pool.id: pool for pool in scenario.pools}
    equipment = {kind.id: kind for kind in scenario.equipment}
    risks = {risk.id: risk for risk in scenario.risks}
    ends = [horizon if p.end is None else min(max(calendar.end_of(p.end), 0), horizon) for p in staff]
    return {
        "task": _text(plan.task_ids),
        "person": _text(plan.person_ids),
        "pool": _text(plan.pool_ids),
        "equipment": _text(plan.equipment_ids),
        "risk": _text(plan.risk_ids),
        "gate": _text(plan.gate_ids),
        "sprint": np.arange(1, len(plan.sprint_names) + 1),
        "cause": _text(CAUSES),
        "day_date": np.array(calendar.days(n_days), dtype="datetime64[D]"),
        "task_name": _text(tasks[i].name for i in plan.task_ids),
        "task_sprint": [tasks[i].sprint or 0 for i in plan.task_ids],
        "task_milestone": [tasks[i].share == "milestone" for i in plan.task_ids],
        "task_timed": [tasks[i].share == "duration" for i in plan.task_ids],
        "task_done": [sum(tasks[i].done) for i in plan.task_ids],
        **link_values([tasks[i] for i in plan.task_ids], [gates[i] for i in plan.gate_ids]),
        "person_role": _text(p.role for p in staff),
        "person_from": begins,
        "person_until": ends,
        "pool_role": _text(pools[i].role for i in plan.pool_ids),
        "equipment_name": _text(equipment[i].name for i in plan.equipment_ids),
        "equipment_units": [equipment[i].units for i in plan.equipment_ids],
        "risk_name": _text(risks[i].name for i in plan.risk_ids),
        "risk_probability": [risks[i].probability for i in plan.risk_ids],
        "gate_name": _text(gates[i].name for i in plan.gate_ids),
        "sprint_name": _text(plan.sprint_names),
    }


def status_minute(plan: PlanView) -> int:
    """The first working minute that is simulated."""
    status = plan.scenario.project.status_date
    return 0 if status is None else max(0, plan.calendar.minute_of(status))


def _text(words: Any) -> np.ndarray:
    return np.array(list(words), dtype=object)


def attributes(
    plan: PlanView, seed: int, engine: str, kernel_digest: str, versions: Mapping[str, str] | None
) -> dict[str, Any]:
    """What a run says of itself besides its values."""
    scenario, project = plan.scenario, plan.scenario.project
    attrs: dict[str, Any] = {
        "simrisk_schema": SCHEMA,
        "scenario": _storable(scenario.id),
        "title": _storable(project.name),
        "scenario_text": scenario.text,
        "scenario_sha256": hashlib.sha256(scenario.text.encode()).hexdigest(),
        "scenario_changes": json.dumps([list(change) for change in scenario.changes]),
        "switched_on": json.dumps(list(scenario.switched_on)),
        "switched_off": json.dumps(list(scenario.switched_off)),
        "mitigations": json.dumps([[m.id, m.name, m.price, m.active] for m in scenario.mitigations]),
        "seed": seed,
        "engine": engine,
        "start": project.start.isoformat(),
        "status_date": None if project.status_date is None else project.status_date.isoformat(),
        "status_minute": status_minute(plan),
        "deadline": None if project.deadline is None else project.deadline.isoformat(),
        "deadline_minute": plan.deadline,
        "budget_cents": project.budget,
        "budget_limit_cents": plan.budget_limit,
        "currency": project.currency,
        "day_minutes": plan.day_minutes,
        "horizon": plan.horizon,
        "priors": json.dumps([[p.key, p.name, p.source] for p in scenario.priors]),
        "kernel_digest": kernel_digest,
        "versions": json.dumps(dict(installed_versions() if versions is None else versions), sort_keys=True),
    }
    return {name: value for name, value in attrs.items() if value is not None}


def _storable(text: str) -> str:
    """Text without the stand-ins that Python has for bytes of a file's name that are no letters of the locale."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def installed_versions() -> dict[str, str]:
    """Versions of what a run's figures depend on."""
    from simrisk import __version__

    found = {"simrisk": __version__, "python": platform.python_version()}
    for library in LIBRARIES:
        try:
            found[library] = metadata.version(library)
        except metadata.PackageNotFoundError:
            found[library] = "not installed"
    return found


def validate(dataset: AnyRun, file: str = "dataset") -> AnyRun:
    """Hand back `dataset` if it is what the registry describes.

    Raises
    ------
    ResultsError
        ``results-damaged``, with every missing, misshapen or unknown variable and attribute.
    """
    faults = [*_variable_faults(dataset), *_attribute_faults(dataset)]
    if faults:
        advice = "The file is damaged or was changed by another program; run the scenario again."
        raise ResultsError(*(Issue("results-damaged", "error", file, 0, w, f"{t} {advice}") for w, t in faults))
    return dataset


def _variable_faults(dataset: xr.Dataset | Run) -> list[tuple[str, str]]:
    faults = [(str(name), "This variable is not one of simrisk's.") for name in set(dataset.variables) - set(REGISTRY)]
    for variable in REGISTRY.values():
        if variable.name not in dataset.variables:
            faults.append((variable.name, "This variable is missing."))
            continue
        found = dataset.variables[variable.name]
        if found.dims != variable.dims:
            faults.append((variable.name, f"Its dimensions are {found.dims}, expected {variable.dims}."))
        kind = "OUT" if variable.dtype == "str" else np.dtype(variable.dtype).kind
        if found.dtype.kind not in kind:
            faults.append((variable.name, f"Its type is {found.dtype}, expected {variable.dtype}."))
    return sorted(faults)


def _attribute_faults(dataset: xr.Dataset | Run) -> list[tuple[str, str]]:
    faults = []
    for attribute in ATTRIBUTES.values():
        value = dataset.attrs.get(attribute.name)
        if value is None:
            if attribute.required:
                faults.append((attribute.name, "This attribute is missing."))
        elif not isinstance(value, str if attribute.kind is str else int | np.integer):
            faults.append((attribute.name, f"It is {value!r}, expected {attribute.kind.__name__}."))
    return faults
