"""Builds the tasks of a scenario from their tables."""

from __future__ import annotations

from dataclasses import dataclass

from simrisk.scenario.faults import Faults
from simrisk.scenario.links import find_links
from simrisk.scenario.model import Equipment, Task
from simrisk.scenario.names import Directory
from simrisk.scenario.policy import Policies
from simrisk.scenario.tables import TaskTable
from simrisk.scenario.validate import Checked
from simrisk.scenario.work import WorkBuilder


@dataclass(frozen=True)
class TaskBuilder:
    """Builds tasks from their tables.

    Parameters
    ----------
    equipment : dict
        By id; faulty ones are missing.
    """

    directory: Directory
    work: WorkBuilder
    policies: Policies
    equipment: dict[str, Equipment]
    faults: Faults

    def build(self, name: str, checked: Checked[TaskTable]) -> Task | None:
        """Build one task; None when its table could not be read."""
        table, where = checked.table, checked.where
        if table is None:
            return None
        find = self.directory
        if table.sprint is not None:
            find.check_sprint(table.sprint, f"{where}.sprint")
        work = self.work.build(table, checked)
        skills = tuple(dict.fromkeys(table.skill.items)) if table.skill else ()
        return Task(
            id=name,
            name=table.name or name,
            sprint=table.sprint,
            priority=table.priority,
            skills=skills,
            links=find_links(table.after, f"{where}.after", name, find) if table.after else (),
            not_before=table.not_before,
            optional=table.optional,
            share=work.share,
            who=work.who,
            efforts=work.efforts,
            backup=find.find_people(table.backup, f"{where}.backup") if table.backup else None,
            cover=self.policies.build(table.unavailable, where, skills, whole=checked.whole),
            uses=self._uses(table, where),
            max_fte=table.max_fte,
            raises=self._raises(table, where),
            done=work.done,
            finished=work.finished,
        )

    def _uses(self, table: TaskTable, where: str) -> tuple[tuple[str, int], ...]:
        """Equipment that the task holds, no more of it than there is."""
        for name, units in table.uses.items():
            place = f"{where}.uses.{name}"
            if self.directory.check_equipment(name, place) and name in self.equipment:
                there = self.equipment[name].units
                if units > there:
                    found = f"The task could never start: it uses {units} units of '{name}', and there are {there}."
                    self.faults.add("too-many-units", place, found)
        return tuple(table.uses.items())

    def _raises(self, table: TaskTable, where: str) -> tuple[tuple[str, str, int], ...]:
        """Skill levels that people reach with the task."""
        raised: list[tuple[str, str, int]] = []
        for person, skills in table.raises.items():
            if self.directory.check_person(person, f"{where}.raises.{person}"):
                raised.extend((person, skill, level) for skill, level in skills.items())
        return tuple(raised)
