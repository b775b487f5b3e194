"""Builds the Scenario from the values of a file: tables checked, names resolved, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, TypeVar

from simrisk.scenario.cadence import calendar_of, planned_sprints
from simrisk.scenario.expectations import read_expectations
from simrisk.scenario.faults import Faults
from simrisk.scenario.gates import GateBuilder
from simrisk.scenario.links import find_cycles
from simrisk.scenario.model import (
    Absence,
    Distribution,
    Equipment,
    Pool,
    Project,
    Risk,
    Scenario,
    Simulation,
    Sprints,
    Task,
)
from simrisk.scenario.money import CostsBuilder
from simrisk.scenario.names import Directory, check_ids
from simrisk.scenario.policy import Policies
from simrisk.scenario.pools import PoolBuilder, build_equipment, check_heads
from simrisk.scenario.project import build_project, build_sprints, check_windows, units_of
from simrisk.scenario.risks import CorrelationBuilder, build_risk, check_factors
from simrisk.scenario.roster import Roster, leave_rules, read_absence
from simrisk.scenario.status import Status
from simrisk.scenario.tables import (
    MOST_SPRINTS,
    AbsenceTable,
    CorrelationsTable,
    CostsTable,
    DefaultsTable,
    EquipmentTable,
    ExpectTable,
    GateTable,
    LeaveTable,
    PersonTable,
    PoolTable,
    ProjectTable,
    RiskTable,
    ScenarioFile,
    SimulationTable,
    SprintsTable,
    Table,
    TaskTable,
)
from simrisk.scenario.tasks import TaskBuilder
from simrisk.scenario.units import Units
from simrisk.scenario.validate import Checked, Remembered, check_keys, check_table
from simrisk.scenario.work import Estimates, WorkBuilder

AnyTable = TypeVar("AnyTable", bound=Table)


class Builder:
    """One pass over the values of a file. Faults are collected; the scenario counts only when there are none."""

    def __init__(
        self, values: Mapping[str, Any], text: str, path: str, faults: Faults, remembered: Remembered | None = None
    ) -> None:
        self.values = values
        self.check = remembered.check if remembered else check_table
        self.text = text
        self.path = path
        self.faults = faults
        self.units = Units(folder=str(FilePath(path).parent))

    def build(self) -> Scenario | None:
        """Build everything; None when too much is wrong to go on."""
        check_keys(ScenarioFile, self.values, (), self.faults)
        project = self._project()
        checked = self._one(DefaultsTable, "defaults")
        defaults = (checked.table if checked else None) or DefaultsTable()
        checked_sprints = self._one(SprintsTable, "sprints")
        sprints = build_sprints(checked_sprints.table if checked_sprints else None, project, self.units, self.faults)
        estimates = Estimates(defaults.spread, defaults.common, self.faults)
        status = self._status(project)
        pools = self._pools(defaults, project)
        equipment = self._equipment()
        directory = self._directory(sprints)
        policies = Policies(directory, defaults.efficiency)
        work = WorkBuilder(directory, estimates, status, self.units, self.faults)
        built = self._tasks(TaskBuilder(directory, work, policies, equipment, self.faults))
        roster = Roster(defaults, self._everybody(), project.start if project else None, policies, self.faults)
        people = [roster.person(name, table) for name, table in self._many(PersonTable, "people").items()]
        gate_builder = self._gate_builder(project, sprints, directory, estimates, status)
        gates = [gate_builder.build(name, table) for name, table in self._many(GateTable, "gates").items()]
        risks = self._risks(directory, built, defaults.common)
        correlations = CorrelationBuilder(directory, self.faults).build(self._one(CorrelationsTable, "correlations"))
        leave = leave_rules(self._one(LeaveTable, "pto"), self.units, self.faults)
        cover = policies.build(defaults.unavailable, "defaults", whole=checked is None or checked.whole)
        simulation = self._simulation()
        costs = CostsBuilder(directory, self.faults).build(self._one(CostsTable, "costs"))
        expect = read_expectations(self._expected(), project, directory, self.units, self.faults)
        if project is None:
            return None
        check_heads(pools, built, self.faults)
        return Scenario(
            id=FilePath(self.path).stem,
            path=self.path,
            text=self.text,
            project=project,
            simulation=simulation,
            common=defaults.common,
            efficiency=dict(defaults.efficiency),
            backup_level=defaults.backup_level,
            cover=cover,
            people=tuple(person for person in people if person),
            leave=leave,
            sprints=sprints,
            tasks=built,
            gates=tuple(gate for gate in gates if gate),
            costs=costs,
            expect=expect,
            pools=pools,
            equipment=tuple(equipment.values()),
            risks=risks,
            correlations=correlations,
        )

    def _project(self) -> Project | None:
        if "project" not in self.values:
            found = "'[project]' is missing; it says at least when the project starts: start = 2026-01-05."
            self.faults.add("missing-key", "project", found)
            return None
        checked = self._one(ProjectTable, "project")
        table = checked.table if checked else None
        if table is None:
            return None
        self.units = units_of(table, self.units.folder)
        return build_project(table, self.path, self.faults)

    def _status(self, project: Project | None) -> Status:
        table = self.values.get("project")
        written = isinstance(table, dict) and "status_date" in table
        day = project.status_date if project else None
        known = project is not None and (day is not None) == written
        return Status(project.start if project else None, day, known, self.faults)

    def _tasks(self, builder: TaskBuilder) -> tuple[Task, ...]:
        tables = self._many(TaskTable, "tasks")
        if not tables and isinstance(self.values.get("tasks", {}), dict):
            found = "A scenario has at least one task: [tasks.NAME] with 'work', or 'effort' and 'who'."
            self.faults.add("no-tasks", "tasks", found)
        built = [builder.build(name, table) for name, table in tables.items()]
        tasks = tuple(task for task in built if task)
        find_cycles(tasks, self.faults)
        return tasks

    def _pools(self, defaults: DefaultsTable, project: Project | None) -> tuple[Pool, ...]:
        builder = PoolBuilder(defaults, project.start if project else None, self.faults)
        people = self._table("people")
        built = []
        for name, checked in self._many(PoolTable, "pools").items():
            if name in people:
                found = f"There is a person '{name}' already; people and pools are named apart."
                self.faults.add("duplicate", checked.where, found)
            built.append(builder.build(name, checked))
        return tuple(pool for pool in built if pool)

    def _equipment(self) -> dict[str, Equipment]:
        tables = self._many(EquipmentTable, "equipment")
        built = {name: build_equipment(name, checked, self.faults) for name, checked in tables.items()}
        return {name: entry for name, entry in built.items() if entry}

    def _risks(self, directory: Directory, tasks: tuple[Task, ...], common: Distribution | None) -> tuple[Risk, ...]:
        tables = self._many(RiskTable, "risks")
        built = [build_risk(name, checked, directory, self.faults) for name, checked in tables.items()]
        risks = tuple(risk for risk in built if risk)
        check_factors(risks, tasks, common, self.faults)
        return risks

    def _gate_builder(
        self,
        project: Project | None,
        sprints: Sprints | None,
        directory: Directory,
        estimates: Estimates,
        status: Status,
    ) -> GateBuilder:
        calendar = calendar_of(project) if project else None
        windows = planned_sprints(calendar, sprints) if calendar and sprints else ()
        if calendar and sprints:
            check_windows(sprints, windows, calendar, self.faults)
        return GateBuilder(directory, estimates, calendar, windows, status, self.faults)

    def _one(self, kind: type[AnyTable], key: str) -> Checked[AnyTable] | None:
        """Check one table; None when the file has none."""
        return check_table(kind, self.values[key], (key,), self.units, self.faults) if key in self.values else None

    def _many(self, kind: type[AnyTable], key: str) -> dict[str, Checked[AnyTable]]:
        """Check all tables of a kind, by id."""
        tables = self.values.get(key, {})
        if not isinstance(tables, dict):
            what = key if key == "equipment" else f"the {key}"
            self.faults.add("wrong-type", key, f"This holds one table for each of {what}: [{key}.NAME].")
            return {}
        check_ids(tables, key, self.faults)
        return {name: self.check(kind, table, (key, name), self.units, self.faults) for name, table in tables.items()}

    def _table(self, key: str) -> Mapping[str, Any]:
        """Return what stands under a key, without a look at it; nothing when that is no table."""
        tables = self.values.get(key)
        return tables if isinstance(tables, dict) else {}

    def _simulation(self) -> Simulation:
        checked = self._one(SimulationTable, "simulation")
        table = (checked.table if checked else None) or SimulationTable()
        return Simulation(table.trials, table.seed)

    def _directory(self, sprints: Sprints | None) -> Directory:
        tasks = {name: table if isinstance(table, dict) else {} for name, table in self._table("tasks").items()}
        in_sprint = {}
        for name, table in tasks.items():
            sprint = table.get("sprint")
            if isinstance(sprint, int) and 1 <= sprint <= MOST_SPRINTS:
                in_sprint[name] = sprint
        return Directory(
            people=tuple(self._table("people")),
            pools=tuple(self._table("pools")),
            equipment=tuple(self._table("equipment")),
            tasks=tuple(tasks),
            gates=tuple(self._table("gates")),
            sprint_of=in_sprint,
            sprints=sprints.count if sprints else (None if "sprints" in self.values else 0),
            durations=frozenset(name for name, table in tasks.items() if "duration" in table),
            milestones=frozenset(name for name, table in tasks.items() if table.get("milestone") is True),
            finished=frozenset(name for name, table in tasks.items() if _finished(table)),
            faults=self.faults,
        )

    def _everybody(self) -> dict[str, Absence]:
        """Kinds of absence that everybody has."""
        tables = self._many(AbsenceTable, "absence")
        read = {kind: checked.table for kind, checked in tables.items() if checked.table is not None}
        whole = all(checked.whole for checked in tables.values())
        return read_absence(read, "absence", self.faults, whole=whole)

    def _expected(self) -> list[Checked[ExpectTable]]:
        tables = self.values.get("expect", [])
        if not isinstance(tables, list):
            self.faults.add("wrong-type", "expect", "Expectations stand in [[expect]], with two brackets.")
            return []
        return [
            check_table(ExpectTable, table, ("expect", number), self.units, self.faults)
            for number, table in enumerate(tables)
        ]


def _finished(table: Mapping[str, Any]) -> bool:
    progress = table.get("progress")
    return isinstance(progress, dict) and "finished" in progress
