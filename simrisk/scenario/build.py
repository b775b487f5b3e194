"""Builds the Scenario from the values of a file: tables checked, names resolved, defaults filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path as FilePath
from typing import Any, Literal, TypeVar, cast

from simrisk.scenario.cadence import calendar_of, planned_sprints
from simrisk.scenario.expectations import read_expectations
from simrisk.scenario.faults import Faults
from simrisk.scenario.fields import LARGEST_MINUTES, LATEST
from simrisk.scenario.gates import GateBuilder
from simrisk.scenario.model import Absence, Costs, Project, Scenario, Simulation, Sprints, Task
from simrisk.scenario.names import Directory, check_ids
from simrisk.scenario.roster import TOO_FINE, Roster, countable, cover_of, leave_rules, read_absence
from simrisk.scenario.tables import (
    MOST_SPRINTS,
    AbsenceTable,
    CostsTable,
    DefaultsTable,
    ExpectTable,
    GateTable,
    LeaveTable,
    PersonTable,
    ProjectTable,
    ScenarioFile,
    SimulationTable,
    SprintsTable,
    Table,
    TaskTable,
)
from simrisk.scenario.tasks import Estimates, TaskBuilder, find_cycles
from simrisk.scenario.units import Units, WorkingCalendar, hours
from simrisk.scenario.validate import Checked, check_keys, check_table

AnyTable = TypeVar("AnyTable", bound=Table)


class Builder:
    """One pass over the values of a file. Faults are collected; the scenario counts only when there are none."""

    def __init__(self, values: Mapping[str, Any], text: str, path: str, faults: Faults) -> None:
        self.values = values
        self.text = text
        self.path = path
        self.faults = faults
        self.units = Units()

    def build(self) -> Scenario | None:
        """Build everything; None when too much is wrong to go on."""
        check_keys(ScenarioFile, self.values, (), self.faults)
        project = self._project()
        checked = self._one(DefaultsTable, "defaults")
        defaults = (checked.table if checked else None) or DefaultsTable()
        sprints = self._sprints(project)
        estimates = Estimates(defaults.spread, defaults.common, self.faults)
        tables = self._many(TaskTable, "tasks"), self._many(PersonTable, "people"), self._many(GateTable, "gates")
        directory = self._directory(*tables, sprints)
        tasks = self._tasks(tables[0], directory, estimates)
        roster = Roster(defaults, self._everybody(), project.start if project else None, self.faults)
        people = [roster.person(name, table) for name, table in tables[1].items()]
        gate_builder = self._gate_builder(project, sprints, directory, estimates)
        gates = [gate_builder.build(name, table) for name, table in tables[2].items()]
        leave = leave_rules(self._one(LeaveTable, "pto"), self.units, self.faults)
        simulation, costs = self._simulation(), self._costs()
        expect = read_expectations(self._expected(), project, directory, self.units, self.faults)
        if project is None:
            return None
        return Scenario(
            id=FilePath(self.path).stem,
            path=self.path,
            text=self.text,
            project=project,
            simulation=simulation,
            common=defaults.common,
            efficiency=dict(defaults.efficiency),
            backup_level=defaults.backup_level,
            cover=cover_of(defaults.unavailable, "defaults", self.faults),
            people=tuple(person for person in people if person),
            leave=leave,
            sprints=sprints,
            tasks=tasks,
            gates=tuple(gate for gate in gates if gate),
            costs=costs,
            expect=expect,
        )

    def _tasks(
        self, tables: Mapping[str, Checked[TaskTable]], directory: Directory, estimates: Estimates
    ) -> tuple[Task, ...]:
        if not tables and isinstance(self.values.get("tasks", {}), dict):
            found = "A scenario has at least one task: [tasks.NAME] with 'work', or 'effort' and 'who'."
            self.faults.add("no-tasks", "tasks", found)
        builder = TaskBuilder(directory, estimates, self.faults)
        built = [builder.build(name, table) for name, table in tables.items()]
        tasks = tuple(task for task in built if task)
        find_cycles(tasks, self.faults)
        return tasks

    def _gate_builder(
        self, project: Project | None, sprints: Sprints | None, directory: Directory, estimates: Estimates
    ) -> GateBuilder:
        calendar = calendar_of(project) if project else None
        windows = planned_sprints(calendar, sprints) if calendar and sprints else ()
        if calendar and sprints:
            self._check_windows(sprints, windows, calendar)
        return GateBuilder(directory, estimates, calendar, windows, self.faults)

    def _one(self, kind: type[AnyTable], key: str) -> Checked[AnyTable] | None:
        """Check one table; None when the file has none."""
        return check_table(kind, self.values[key], (key,), self.units, self.faults) if key in self.values else None

    def _many(self, kind: type[AnyTable], key: str) -> dict[str, Checked[AnyTable]]:
        """Check all tables of a kind, by id."""
        tables = self.values.get(key, {})
        if not isinstance(tables, dict):
            self.faults.add("wrong-type", key, f"This holds one table for each of the {key}: [{key}.NAME].")
            return {}
        check_ids(tables, key, self.faults)
        return {name: check_table(kind, table, (key, name), self.units, self.faults) for name, table in tables.items()}

    def _project(self) -> Project | None:
        if "project" not in self.values:
            self.faults.add(
                "missing-key",
                "project",
                "'[project]' is missing; it says at least when the project starts: start = 2026-01-05.",
            )
            return None
        checked = self._one(ProjectTable, "project")
        table = checked.table if checked else None
        if table is None:
            return None
        self.units = Units(table.hours_per_day, len(table.work_week))
        deadline = table.deadline
        if deadline is not None and deadline < table.start:
            self.faults.add(
                "date-order", "project.deadline", f"The deadline, {deadline}, is before the start, {table.start}."
            )
            deadline = None
        if not table.name and table.name is not None:
            self.faults.add(
                "wrong-type", "project.name", "The project's name is empty; leave the key out, or write a name."
            )
        project = Project(
            name=table.name or FilePath(self.path).stem,
            start=table.start,
            deadline=deadline,
            budget=table.budget,
            currency=table.currency,
            day_minutes=table.hours_per_day,
            work_week=table.work_week,
            holidays=frozenset(table.holidays),
            horizon=self._horizon(table),
        )
        if deadline is not None and calendar_of(project).end_of(deadline) <= 0:
            found = f"Between the start, {table.start}, and the deadline, {deadline}, there is no working day."
            self.faults.add("no-working-days", "project.deadline", found)
        self._check_horizon(project)
        return project

    def _check_horizon(self, project: Project) -> None:
        """Note a fault when trials end before the deadline: whether they would have met it is unknown then."""
        horizon, calendar = project.horizon, calendar_of(project)
        limit = calendar.minute_of(horizon) if isinstance(horizon, date) else horizon
        if project.deadline is not None and limit is not None and limit < calendar.end_of(project.deadline):
            found = f"Trials would be given up before the deadline, {project.deadline}. Move the horizon behind it."
            self.faults.add("horizon-before-deadline", "project.horizon", found)

    def _horizon(self, table: ProjectTable) -> date | int | None:
        """Where a trial is given up: a date for calendar weeks, else working minutes."""
        if table.horizon is None:
            return None
        number, unit = table.horizon
        where = "project.horizon"
        if unit == "w":
            if number > (LATEST - table.start).days // 7:
                self.faults.add(
                    "out-of-range", where, f"The horizon lies after {LATEST}, the last day that can be simulated."
                )
                return None
            return table.start + timedelta(days=int(number * 7))
        minutes = number * self.units.minutes(unit)
        weeks = minutes / self.units.week_minutes
        if minutes > LARGEST_MINUTES or weeks > (LATEST - table.start).days // 7:
            self.faults.add(
                "out-of-range", where, f"The horizon lies after {LATEST}, the last day that can be simulated."
            )
            return None
        if minutes < 1:
            self.faults.add("out-of-range", where, "The horizon is at least a minute.")
        return int(minutes)

    def _simulation(self) -> Simulation:
        checked = self._one(SimulationTable, "simulation")
        table = (checked.table if checked else None) or SimulationTable()
        return Simulation(table.trials, table.seed)

    def _sprints(self, project: Project | None) -> Sprints | None:
        checked = self._one(SprintsTable, "sprints")
        table = checked.table if checked else None
        if table is None:
            return None
        if len(table.names) > table.count:
            self.faults.add(
                "too-many-names",
                "sprints.names",
                f"{len(table.names)} names are given, and sprints.count is {table.count}.",
            )
        unnamed = range(len(table.names) + 1, table.count + 1)
        names = [*table.names[: table.count], *(f"Sprint {number}" for number in unnamed)]
        number, unit = table.length
        weeks = number * table.count / (1 if unit == "w" else self.units.week_days)
        if project is not None and weeks > (LATEST - project.start).days // 7:
            found = f"The last sprint ends after {LATEST}, the last day that can be simulated."
            self.faults.add("out-of-range", "sprints.count", found)
            return None
        return Sprints((number, cast(Literal["w", "d"], unit)), table.count, table.ceremonies, tuple(names), table.pull)

    def _check_windows(self, sprints: Sprints, windows: tuple[tuple[int, int], ...], calendar: WorkingCalendar) -> None:
        """Every sprint needs a working day, and time left beside its ceremonies."""
        for number, (start, end) in enumerate(windows, 1):
            if end == start:
                found = f"Sprint {number} has no working day: holidays take all of it. Make the sprints longer."
                self.faults.add("no-working-days", "sprints.length", found)
                return
        shortest = min(range(len(windows)), key=lambda place: windows[place][1] - windows[place][0])
        minutes = (windows[shortest][1] - windows[shortest][0]) * calendar.day_minutes
        if sprints.ceremonies >= minutes:
            found = f"{hours(sprints.ceremonies)} of ceremonies leave no time for work in sprint {shortest + 1}, "
            self.faults.add("ceremonies-too-long", "sprints.ceremonies", f"{found}which has {hours(minutes)}.")

    def _directory(
        self,
        tasks: Mapping[str, Checked[TaskTable]],
        people: Mapping[str, object],
        gates: Mapping[str, object],
        sprints: Sprints | None,
    ) -> Directory:
        in_sprint = {}
        for name in tasks:
            table = self.values["tasks"][name]
            sprint = table.get("sprint") if isinstance(table, dict) else None
            if isinstance(sprint, int) and 1 <= sprint <= MOST_SPRINTS:
                in_sprint[name] = sprint
        pools = self.values.get("pools")
        return Directory(
            people=tuple(people),
            tasks=tuple(tasks),
            gates=tuple(gates),
            sprint_of=in_sprint,
            sprints=sprints.count if sprints else (None if "sprints" in self.values else 0),
            unknown_kinds=frozenset(pools if isinstance(pools, dict) else ()),
            faults=self.faults,
        )

    def _everybody(self) -> dict[str, Absence]:
        """Kinds of absence that everybody has."""
        tables = self._many(AbsenceTable, "absence")
        read = {kind: checked.table for kind, checked in tables.items() if checked.table is not None}
        return read_absence(read, "absence", self.faults)

    def _costs(self) -> Costs:
        checked = self._one(CostsTable, "costs")
        table = (checked.table if checked else None) or CostsTable()
        once, rate = (
            (table.infrastructure, None) if isinstance(table.infrastructure, int) else (0, table.infrastructure)
        )
        if rate is not None and not countable(rate):
            self.faults.add("out-of-range", "costs.infrastructure", TOO_FINE)
        return Costs(once, rate, table.contingency, table.spent)

    def _expected(self) -> list[Checked[ExpectTable]]:
        tables = self.values.get("expect", [])
        if not isinstance(tables, list):
            self.faults.add("wrong-type", "expect", "Expectations stand in [[expect]], with two brackets.")
            return []
        return [
            check_table(ExpectTable, table, ("expect", number), self.units, self.faults)
            for number, table in enumerate(tables)
        ]
