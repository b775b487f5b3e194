"""Builds the gates of a scenario: what they require, what they block, and what a no-go leads to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

from simrisk.scenario.faults import Faults, did_you_mean, listed
from simrisk.scenario.fields import Quantity
from simrisk.scenario.model import Criterion, Distribution, Gate
from simrisk.scenario.names import Directory, check_ids, sprint_named
from simrisk.scenario.policy import plain
from simrisk.scenario.status import Status
from simrisk.scenario.tables import GateTable, NoGoTable
from simrisk.scenario.units import WorkingCalendar
from simrisk.scenario.validate import Checked
from simrisk.scenario.work import Estimates


@dataclass(frozen=True)
class GateBuilder:
    """Builds gates from their tables.

    Parameters
    ----------
    windows : tuple of (int, int)
        Planned first working day of each sprint and the one after its last.
    """

    directory: Directory
    estimates: Estimates
    calendar: WorkingCalendar | None
    windows: tuple[tuple[int, int], ...]
    status: Status
    faults: Faults

    def build(self, name: str, checked: Checked[GateTable]) -> Gate | None:
        """Build one gate; None when its table could not be read."""
        table, where = checked.table, checked.where
        if table is None:
            return None
        if isinstance(table.due, int):
            self.directory.check_sprint(table.due, f"{where}.due")
        requires = self._requires(table, checked)
        blocks_sprints, blocks_tasks = self._blocks(table, where, requires)
        check_ids(table.criteria, f"{where}.criteria", self.faults)
        no_go = table.no_go or NoGoTable()
        self._check_no_go(table, where)
        rework = tuple(
            (person, self._rework(effort, f"{where}.no_go.rework.{person}")) for person, effort in no_go.rework.items()
        )
        return Gate(
            id=name,
            name=table.name or name,
            due=table.due,
            requires=requires,
            blocks_sprints=blocks_sprints,
            blocks_tasks=blocks_tasks,
            review=plain(table.review),
            criteria=tuple(
                Criterion(criterion, float(chance), float(no_go.criteria.get(criterion, chance)))
                for criterion, chance in table.criteria.items()
            ),
            has_no_go=table.no_go is not None,
            extend=plain(no_go.extend),
            rework=rework,
            rework_skills=tuple(dict.fromkeys(no_go.skill.items)) if no_go.skill else (),
            rework_backup=self.directory.find_people(no_go.backup, f"{where}.no_go.backup") if no_go.backup else None,
            max_extensions=no_go.max_extensions,
            then=cast(Literal["proceed", "descope", "stop"], no_go.then),
            descope=self.directory.find_tasks(no_go.descope, f"{where}.no_go.descope") if no_go.descope else None,
            passed=self.status.happened(table.passed, f"{where}.passed"),
        )

    def _requires(self, table: GateTable, checked: Checked[GateTable]) -> tuple[str, ...]:
        """Tasks that must be done before the review."""
        if table.requires is not None:
            return self.directory.find_tasks(table.requires, f"{checked.where}.requires")
        if table.due is None:
            if checked.whole:
                found = "A gate has 'due = \"end of sprint 2\"' (or a date), or 'requires', or both; it has neither."
                self.faults.add("gate-without-due", checked.where, found)
            return ()
        if isinstance(table.due, int):
            last = table.due
        else:
            last = sum(1 for _, end in self.windows if end <= self._day(table.due))
            if not last and checked.whole:
                found = "No sprint is planned to end before the gate is due; say which tasks it 'requires'."
                self.faults.add("missing-key", checked.where, found)
        return self._tasks_of(range(1, last + 1))

    def _blocks(
        self, table: GateTable, where: str, requires: tuple[str, ...]
    ) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Sprints and tasks that wait for the gate."""
        count = self.directory.sprints or 0
        if table.blocks is not None:
            return self._named_blocks(table, where)
        if isinstance(table.due, int):
            first = table.due + 1
        elif isinstance(table.due, date):
            day = self._day(table.due)
            first = next((place for place, (start, _) in enumerate(self.windows, 1) if start >= day), count + 1)
        else:
            first = max((self.directory.sprint_of.get(task, 0) for task in requires), default=count) + 1
            if first == 1:  # no required task has a sprint, so none comes after
                first = count + 1
        return tuple(range(first, count + 1)), ()

    def _named_blocks(self, table: GateTable, where: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
        assert table.blocks is not None
        sprints: dict[int, None] = {}
        tasks: dict[str, None] = {}
        for number, name in enumerate(table.blocks.items):
            place = f"{where}.blocks{table.blocks.place(number)}"
            sprint = sprint_named(name)
            if sprint is None:
                single = type(table.blocks)((name,), single=True)
                tasks.update(dict.fromkeys(self.directory.find_tasks(single, place)))
            elif self.directory.check_sprint(sprint, place):
                sprints[sprint] = None
        return tuple(sorted(sprints)), tuple(tasks)

    def _check_no_go(self, table: GateTable, where: str) -> None:
        """Note what a no-go policy says that cannot be."""
        no_go = table.no_go
        if no_go is None:
            return
        for person in no_go.rework:
            self.directory.check_person(person, f"{where}.no_go.rework.{person}")
        for criterion in no_go.criteria:
            if criterion not in table.criteria:
                hint = did_you_mean(criterion, table.criteria) or f" It has {listed(table.criteria)}."
                self.faults.add(
                    "unknown-criterion",
                    f"{where}.no_go.criteria.{criterion}",
                    f"'{criterion}' is not a criterion of this gate.{hint}",
                )
        if no_go.descope is not None and no_go.then != "descope":
            found = f'\'descope\' names what is dropped when then = "descope"; here then is "{no_go.then}".'
            self.faults.add("descope-not-used", f"{where}.no_go.descope", found)

    def _rework(self, effort: Quantity, where: str) -> Distribution:
        return self.estimates.bounded(plain(effort), where)

    def _tasks_of(self, sprints: Iterable[int]) -> tuple[str, ...]:
        wanted = set(sprints)
        return tuple(task for task in self.directory.tasks if self.directory.sprint_of.get(task) in wanted)

    def _day(self, due: date) -> int:
        return self.calendar.day_of(due) if self.calendar else 0
