"""Builds the tasks of a scenario: who does how much of what, after what; finds cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from simrisk.scenario.distributions import exactly, largest, scaled
from simrisk.scenario.faults import Faults
from simrisk.scenario.fields import Quantity
from simrisk.scenario.model import Distribution, Task
from simrisk.scenario.names import Directory
from simrisk.scenario.roster import cover_of
from simrisk.scenario.tables import TaskTable
from simrisk.scenario.validate import Checked

# results keep the minutes of a task's effort in an int32
MOST_EFFORT = 2.0**31


@dataclass(frozen=True)
class Estimates:
    """Turns efforts as written into distributions.

    Parameters
    ----------
    spread : Distribution or None
        Factors on an effort given as one value.
    common : Distribution or None
        One factor per trial on all efforts.
    """

    spread: Distribution | None
    common: Distribution | None
    faults: Faults

    def effort(self, value: Quantity, where: str) -> Distribution:
        """Return the distribution of a task's effort, in minutes."""
        if isinstance(value, Fraction):
            effort = scaled(self.spread, value) if self.spread else exactly(value)
        else:
            effort = value
        return self.bounded(effort, where)

    def bounded(self, effort: Distribution, where: str) -> Distribution:
        """Note a fault when the largest draw of an effort is more than can be counted."""
        self.check_most(largest(effort), where)
        return effort

    def check_most(self, minutes: float, where: str) -> None:
        """Note a fault when `minutes`, the most an effort can be, are more than can be counted."""
        most = minutes * (largest(self.common) if self.common else 1.0)
        if not most < MOST_EFFORT:
            found = f"This effort could come out at {most:.0e} minutes, more than can be counted."
            self.faults.add("out-of-range", where, f"{found} Narrow its spread or the common factor.")


@dataclass(frozen=True)
class TaskBuilder:
    """Builds tasks from their tables."""

    directory: Directory
    estimates: Estimates
    faults: Faults

    def build(self, name: str, checked: Checked[TaskTable]) -> Task | None:
        """Build one task; None when its table could not be read."""
        table, where = checked.table, checked.where
        if table is None:
            return None
        if table.sprint is not None:
            self.directory.check_sprint(table.sprint, f"{where}.sprint")
        who, share, efforts = self._assignment(table, checked)
        find = self.directory
        after = find.find_tasks(table.after, f"{where}.after", but=name) if table.after else ()
        return Task(
            id=name,
            name=table.name or name,
            sprint=table.sprint,
            priority=table.priority,
            skills=tuple(dict.fromkeys(table.skill.items)) if table.skill else (),
            after=after,
            not_before=table.not_before,
            optional=table.optional,
            share=share,
            who=who,
            efforts=efforts,
            backup=find.find_people(table.backup, f"{where}.backup") if table.backup else None,
            cover=cover_of(table.unavailable, where, self.faults),
        )

    def _assignment(
        self, table: TaskTable, checked: Checked[TaskTable]
    ) -> tuple[tuple[str, ...], Literal["work", "split", "any", "together"], tuple[Distribution, ...]]:
        """Say who does how much."""
        where, add = checked.where, self.faults.add
        if table.work is not None and table.effort is not None:
            add(
                "effort-and-work",
                f"{where}.effort",
                "'work' gives each person their part and 'effort' one amount for all of 'who'; keep one of them.",
            )
        elif table.work is not None:
            for key in ("who", "share"):
                if getattr(table, key) is not None:
                    add(
                        "effort-and-work",
                        f"{where}.{key}",
                        f"'{key}' goes with 'effort'; 'work' names its people itself.",
                    )
        elif table.effort is None and checked.whole:
            add("missing-key", where, "A task has 'work = { NAME = \"8h\" }', or 'effort' and 'who'; it has neither.")
        if table.work is not None:
            return self._parts(table.work, checked)
        if table.who is None:
            if table.effort is not None and checked.whole:
                add(
                    "effort-without-who", f"{where}.effort", "An effort needs 'who': the person, or several, who do it."
                )
            who: tuple[str, ...] = ()
        else:
            who = self.directory.find_people(table.who, f"{where}.who")
            if not table.who.items or (not who and not self.directory.people):
                add("effort-without-who", f"{where}.who", "An effort needs at least one person who does it.")
        effort = self.estimates.effort(table.effort, f"{where}.effort") if table.effort is not None else exactly(0)
        return who, cast(Literal["split", "any", "together"], table.share or "split"), (effort,)

    def _parts(
        self, work: Mapping[str, Quantity], checked: Checked[TaskTable]
    ) -> tuple[tuple[str, ...], Literal["work"], tuple[Distribution, ...]]:
        where = checked.where
        if not work and checked.whole:
            self.faults.add("effort-without-who", f"{where}.work", "'work' needs at least one person who does it.")
        for person in work:
            self.directory.check_person(person, f"{where}.work.{person}")
        efforts = tuple(self.estimates.effort(value, f"{where}.work.{person}") for person, value in work.items())
        self.estimates.check_most(sum(map(largest, efforts)), f"{where}.work")
        return tuple(work), "work", efforts


def find_cycles(tasks: Sequence[Task], faults: Faults) -> None:
    """Note a fault for each cycle of predecessors: tasks that wait for each other can never start."""
    after = {task.id: set(task.after) for task in tasks}
    while after:
        _peel(after)
        if not after:
            return
        cycle = _cycle(after)
        order = [task.id for task in tasks if task.id in cycle]
        turn = cycle.index(order[0])
        cycle = cycle[turn:] + cycle[:turn]
        # walked from successor to predecessor; people read plans the other way
        chain = [cycle[0], *reversed(cycle[1:]), cycle[0]]
        shown = chain if len(chain) <= 12 else [*chain[:6], f"... ({len(chain) - 11} more)", *chain[-5:]]
        faults.add(
            "cycle",
            f"tasks.{cycle[0]}.after",
            f"These tasks wait for each other: {' -> '.join(shown)}. Take one of the links out.",
        )
        for task in cycle:
            del after[task]
        for rest in after.values():
            rest.difference_update(cycle)


def _peel(after: dict[str, set[str]]) -> None:
    """Take out all tasks that can be ordered, leaving those in cycles and behind them."""
    followers: dict[str, list[str]] = {}
    for task, before in after.items():
        before.intersection_update(after)
        for name in before:
            followers.setdefault(name, []).append(task)
    ready = [task for task, before in after.items() if not before]
    while ready:
        done = ready.pop()
        del after[done]
        for task in followers.get(done, ()):
            after[task].discard(done)
            if not after[task]:
                ready.append(task)


def _cycle(after: Mapping[str, set[str]]) -> list[str]:
    """Walk from predecessor to predecessor, all of which are left, until one comes again."""
    seen: dict[str, int] = {}
    task = next(iter(after))
    while task not in seen:
        seen[task] = len(seen)
        task = min(after[task])
    return list(seen)[seen[task] :]
