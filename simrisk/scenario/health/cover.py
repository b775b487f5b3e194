"""Cover: whose work waits whenever they are away, as the skill matrix has it, with the hours that hang on each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from simrisk.errors import Issue
from simrisk.scenario.ability import backups
from simrisk.scenario.faults import issue, listed
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Cover, Person, Task
from simrisk.scenario.units import hours


@dataclass(frozen=True)
class Hanging:
    """Tasks that hang on one person.

    Parameters
    ----------
    person : str
    skills : tuple of str
        What nobody else has at the backup level, alone or together.
    tasks : dict
        Task -> minutes of the person's work on it.
    weak : tuple of str
        Who could do it all the same, below the backup level.
    learning : tuple of (person, task)
        Who reaches the level, and with the end of which task.
    """

    person: str
    skills: tuple[str, ...]
    tasks: dict[str, Fraction]
    weak: tuple[str, ...]
    learning: tuple[tuple[str, str], ...]

    @property
    def minutes(self) -> Fraction:
        """Minutes of work in all."""
        return sum(self.tasks.values(), Fraction(0))


def single_points(view: View) -> tuple[Hanging, ...]:
    """Return what hangs on one person alone: parts of tasks with a skill that nobody else at its backup level may take.

    Who is planned for the same part of an `any` task counts as able to take it, whatever their level.
    """
    found: dict[tuple[str, tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]], dict[str, Fraction]] = {}
    for task, owner in _parts(view):
        able = _stand_ins(view, task, owner)
        if not task.skills or _shared(view, task, owner):
            continue
        if any(_reaches(view, view.people[name], task) for name in able):
            continue
        weak = tuple(name for name in view.people if name in able)
        key = (owner, _scarce(view, task, owner), weak, _learning(view, task, owner))
        found.setdefault(key, {})[task.id] = view.load[task.id].get(owner, Fraction(0))
    order = {person: place for place, person in enumerate(view.people)}
    by_person = sorted(found.items(), key=lambda entry: order[entry[0][0]])
    return tuple(Hanging(owner, skills, tasks, weak, learns) for (owner, skills, weak, learns), tasks in by_person)


@dataclass(frozen=True)
class Counts:
    """How many parts of people's work there are, and their minutes.

    Parameters
    ----------
    covered : tuple of (int, Fraction)
        Somebody else at the backup level, or with a name, could take them.
    unnamed : tuple of (int, Fraction)
        Nobody is said to: no skill, no backup.
    total : tuple of (int, Fraction)
    """

    covered: tuple[int, Fraction]
    unnamed: tuple[int, Fraction]
    total: tuple[int, Fraction]


def cover_of(view: View) -> Counts:
    """Count the parts of the work that could go to somebody else."""
    alone = {(entry.person, task) for entry in single_points(view) for task in entry.tasks}
    parts = {(owner, task.id): view.load[task.id].get(owner, Fraction(0)) for task, owner in _parts(view)}
    unnamed = {(owner, task.id) for task, owner in _unnamed(view)}

    def sums(chosen: set[tuple[str, str]]) -> tuple[int, Fraction]:
        return len(chosen), sum((parts[part] for part in chosen), Fraction(0))

    return Counts(sums(set(parts) - alone - unnamed), sums(unnamed), sums(set(parts)))


def _contractor_after(view: View, task: Task, owner: str) -> int | None:
    """Return the minutes of absence after which a contractor is called for somebody's part of a task."""
    return (policy_of(view, task, owner) or NO_POLICY).contractor_after


def _nobody_else(view: View, entry: Hanging) -> str:
    """Say that work waits for one person, and what will be done about it."""
    waits, it = ("waits", "it") if len(entry.tasks) == 1 else ("wait", "them")
    found = f"While {entry.person} is away, {_work(entry.tasks)} {waits}: nobody else can do {it}."
    by_id = {task.id: task for task in view.scenario.tasks}
    calls = {_contractor_after(view, by_id[task], entry.person) for task in entry.tasks}
    if None not in calls:
        days = max(minutes for minutes in calls if minutes is not None) / view.scenario.project.day_minutes
        found += f" A contractor is called after {days:g} days."
    learns = ", ".join(f"{who} learns it in '{task}'" for who, task in entry.learning)
    if learns:
        return f"{found} {learns}; until then it waits."
    return found if None not in calls else f"{found} Name a backup, or raise a level."


def cover_issues(view: View) -> Iterator[Issue]:
    """Work that waits whenever one person is away: nobody could take it over, or no policy says that somebody does."""
    alone = single_points(view)
    for name in dict.fromkeys(entry.person for entry in alone):
        mine = [entry for entry in alone if entry.person == name]
        for entry in mine:
            if not entry.weak:
                yield issue("warning", "single-point-of-failure", f"people.{name}", _nobody_else(view, entry))
        for weak in dict.fromkeys(entry.weak for entry in mine if entry.weak):
            some = {task: minutes for entry in mine if entry.weak == weak for task, minutes in entry.tasks.items()}
            found = f"While {name} is away, {_work(some)} can only go to {listed(weak)}, "
            found += f"below the backup level, {view.scenario.backup_level}. Raise a level."
            yield issue("warning", "single-point-of-failure", f"people.{name}", found)
    unnamed = list(dict.fromkeys(task.id for task, owner in _unnamed(view) if not _contractor_after(view, task, owner)))
    if unnamed:
        waits, it = ("waits", "it") if len(unnamed) == 1 else ("wait", "them")
        found = f"{listed(unnamed)} {waits} while those who do {it} are away: "
        found += "neither a skill nor a backup says who else could."
        yield issue("notice", "no-backup", f"tasks.{unnamed[0]}", found)
    unruled = [
        task.id
        for task, owner in _parts(view)
        if _stand_ins(view, task, owner) and (policy_of(view, task, owner) or NO_POLICY).handover_after is None
    ]
    if unruled:
        found = f"Others could take {listed(dict.fromkeys(unruled))} over, but no 'unavailable' says after how long; "
        found += 'so it waits. For example: [defaults.unavailable] with handover_after = "5d".'
        yield issue("notice", "no-handover", "defaults.unavailable", found)


NO_POLICY = Cover(None, 0)


def policy_of(view: View, task: Task, owner: str) -> Cover | None:
    """Return what holds when the owner of a part is away."""
    return task.cover or view.people[owner].cover or view.scenario.cover


def _parts(view: View) -> Iterator[tuple[Task, str]]:
    """Yield what people do in tasks, as long as it can be handed over."""
    for task in view.scenario.tasks:
        if task.finished is None and task.share not in ("duration", "milestone"):
            yield from ((task, name) for name in task.who if name in view.people)


def _unnamed(view: View) -> Iterator[tuple[Task, str]]:
    """Yield the parts that nobody could take because neither a skill nor a backup says who."""
    for task, owner in _parts(view):
        if not task.skills and not _stand_ins(view, task, owner):
            yield task, owner


def _stand_ins(view: View, task: Task, owner: str) -> set[str]:
    """Say who else could do a person's part of a task: the others planned for the same part, and the backups."""
    planned = set(view.load[task.id]) if task.share == "any" else set()
    able = planned | {person.id for person in backups(view.scenario, task)}
    # who holds another slot of work done together cannot take this one too
    return able - (set(task.who) if task.share == "together" else {owner})


def _shared(view: View, task: Task, owner: str) -> bool:
    return task.share == "any" and bool(set(view.load[task.id]) - {owner})


def _reaches(view: View, person: Person, task: Task) -> bool:
    return all(person.skills.get(skill, 0) >= view.scenario.backup_level for skill in task.skills)


def _scarce(view: View, task: Task, owner: str) -> tuple[str, ...]:
    """Return the skills of a task that no one else has at the backup level, or all when only together they are rare."""
    others = [person for person in view.scenario.people if person.id != owner]
    level = view.scenario.backup_level
    rare = tuple(skill for skill in task.skills if all(other.skills.get(skill, 0) < level for other in others))
    return rare or task.skills


def _learning(view: View, task: Task, owner: str) -> tuple[tuple[str, str], ...]:
    """Return who will reach the backup level in all skills of a task, and with which task the last lesson ends."""
    asked = None if task.backup is None else set(task.backup)
    found = []
    for person in view.scenario.people:
        if person.id == owner or not task.skills or (asked is not None and person.id not in asked):
            continue
        levels = {skill: person.skills.get(skill, 0) for skill in task.skills}
        last = ""
        for other in view.scenario.tasks:
            for who, skill, level in other.raises:
                if who == person.id and skill in levels and level > levels[skill]:
                    levels[skill], last = level, other.id
        if last and min(levels.values()) >= view.scenario.backup_level:
            found.append((person.id, last))
    return tuple(found)


def _work(tasks: dict[str, Fraction]) -> str:
    return f"{listed(tasks)} ({hours(sum(tasks.values(), Fraction(0)))} of work)"
