"""Resolves the names in a scenario: tasks, globs over tasks, sprints and people; unknown ones get the nearest known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from simrisk.scenario.faults import Faults, did_you_mean, joined
from simrisk.scenario.fields import ID, Names

TEAM = "team"
_SPRINT = re.compile(r"sprint\s+([0-9]{1,6})")


@dataclass(frozen=True)
class Directory:
    """Everything that has a name, in the order of the file.

    Parameters
    ----------
    people, pools, equipment, tasks, gates : tuple of str
        All ids, those of faulty tables too, so that one fault does not bring others with it.
    sprint_of : mapping
        Task -> its 1-based sprint; tasks without one are left out.
    sprints : int or None
        Number of sprints; None when it cannot be told, 0 when the file has none.
    durations, milestones, finished : frozenset of str
        Tasks that run on the clock, that are milestones, that are finished.
    faults : Faults
        Takes what cannot be resolved.
    """

    people: tuple[str, ...]
    pools: tuple[str, ...]
    equipment: tuple[str, ...]
    tasks: tuple[str, ...]
    gates: tuple[str, ...]
    sprint_of: Mapping[str, int]
    sprints: int | None
    durations: frozenset[str]
    milestones: frozenset[str]
    finished: frozenset[str]
    faults: Faults

    def find_tasks(self, names: Names, where: str, *, but: str | None = None) -> tuple[str, ...]:
        """Expand ids, globs and ``sprint N`` to task ids, each once.

        Parameters
        ----------
        names : Names
        where : str
            Dotted path of the field.
        but : str, optional
            A task that a glob or a sprint does not mean: the one that has the field.
        """
        found: dict[str, None] = {}
        for number, name in self._once(names, where):
            place = where + names.place(number)
            sprint = sprint_named(name)
            if sprint is not None:
                matches = self.sprint_tasks(sprint, place, name)
            elif is_glob(name):
                matches = [task for task in self.tasks if fnmatchcase(task, name)]
                if not matches:
                    self.faults.add("empty-match", place, f"No task's id matches '{name}'.")
            else:
                if self.check_task(name, place):
                    found[name] = None
                continue
            found.update(dict.fromkeys(task for task in matches if task != but))
        return tuple(found)

    def sprint_tasks(self, sprint: int, place: str, name: str) -> list[str]:
        """Tasks of a sprint; that there is no such sprint, or nothing in it, is a fault."""
        if not self.check_sprint(sprint, place):
            return []
        matches = [task for task in self.tasks if self.sprint_of.get(task) == sprint]
        if not matches:
            self.faults.add("empty-match", place, f"'{name}' stands for the tasks of that sprint, and it has none.")
        return matches

    def check_task(self, name: str, place: str) -> bool:
        """Whether there is such a task; if not, that is a fault."""
        if name in self.tasks:
            return True
        self.faults.add(
            "unknown-task", place, f"'{name}' is not a task in this scenario.{did_you_mean(name, self.tasks)}"
        )
        return False

    def check_gate(self, name: str, place: str) -> None:
        """Note a fault if there is no such gate."""
        if name not in self.gates:
            self.faults.add(
                "unknown-gate", place, f"'{name}' is not a gate in this scenario.{did_you_mean(name, self.gates)}"
            )

    def check_sprint(self, sprint: int, place: str) -> bool:
        """Whether there is such a sprint; if not, that is a fault."""
        if self.sprints is None or 1 <= sprint <= self.sprints:
            return True
        there = f"there are sprints 1 to {self.sprints}" if self.sprints else "the scenario has no [sprints]"
        self.faults.add("unknown-sprint", place, f"There is no sprint {sprint}: {there}.")
        return False

    def check_person(self, name: str, place: str) -> bool:
        """Whether there is such a person; if not, that is a fault."""
        if name in self.people:
            return True
        if name in self.pools:
            found = f"'{name}' is a pool, not a person; a pool does tasks by 'pool = \"{name}\"' or in their 'work'."
        else:
            found = f"'{name}' is not a person in this scenario.{did_you_mean(name, self.people)}"
        self.faults.add("unknown-person", place, found)
        return False

    def check_worker(self, name: str, place: str) -> bool:
        """Whether there is such a person or pool; if not, that is a fault."""
        if name in self.people or name in self.pools:
            return True
        what = "neither a person nor a pool" if self.pools else "not a person"
        hint = did_you_mean(name, (*self.people, *self.pools))
        self.faults.add("unknown-person", place, f"'{name}' is {what} in this scenario.{hint}")
        return False

    def check_pool(self, name: str, place: str) -> bool:
        """Whether there is such a pool; if not, that is a fault."""
        if name in self.pools:
            return True
        hint = f' It is a person: who = "{name}".' if name in self.people else did_you_mean(name, self.pools)
        self.faults.add("unknown-pool", place, f"'{name}' is not a pool in this scenario.{hint}")
        return False

    def check_equipment(self, name: str, place: str) -> bool:
        """Whether there is such equipment; if not, that is a fault."""
        if name in self.equipment:
            return True
        hint = did_you_mean(name, self.equipment)
        self.faults.add("unknown-equipment", place, f"'{name}' is not equipment of this scenario.{hint}")
        return False

    def _once(self, names: Names, where: str) -> list[tuple[int, str]]:
        """Names with their numbers; one that stands there a second time is a fault and left out."""
        first: dict[str, int] = {}
        for number, name in enumerate(names.items):
            if name in first:
                self.faults.add(
                    "duplicate", where + names.place(number), f"'{name}' stands here twice; name each once."
                )
            first.setdefault(name, number)
        return [(number, name) for name, number in first.items()]

    def find_people(self, names: Names, where: str, *, globs: bool = False) -> tuple[str, ...]:
        """Resolve people, each once; the single name ``team`` is everybody. Globs only where `globs` says so."""
        if names.items == (TEAM,):
            return self.people
        found: dict[str, None] = {}
        for number, name in self._once(names, where):
            place = where + names.place(number)
            if globs and is_glob(name):
                matches = [person for person in self.people if fnmatchcase(person, name)]
                if not matches:
                    self.faults.add("empty-match", place, f"No person's id matches '{name}'.")
                found.update(dict.fromkeys(matches))
            elif self.check_person(name, place):
                found[name] = None
        return tuple(found)


def is_glob(name: str) -> bool:
    """Whether a name stands for all that match it."""
    return any(letter in name for letter in "*?[")


def sprint_named(name: str) -> int | None:
    """Return the number of ``sprint 3``; None when the text names no sprint."""
    match = _SPRINT.fullmatch(name.strip())
    return int(match[1]) if match else None


def check_ids(ids: Iterable[str], where: str, faults: Faults) -> None:
    """Note a fault for every id with letters that ids cannot have."""
    for name in ids:
        if not ID.fullmatch(name):
            place = joined(where, f'"{name}"')
            faults.add(
                "bad-id",
                place,
                f"The id '{name}' can have letters, digits, '_' and '-' only; a free text goes into 'name'.",
            )
        elif name == TEAM and where in ("people", "pools"):
            faults.add("bad-id", f"{where}.{name}", "'team' stands for everybody; call this one something else.")
