"""Who can do what, and who would take over: what a scenario says about skills and cover before any dice are rolled."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from simrisk.scenario.model import Person, Scenario, Task


def efficiency(scenario: Scenario, person: Person, skills: Iterable[str]) -> Fraction | None:
    """Return the factor at which `person` does work that takes `skills`; None when they cannot do it.

    The lowest level counts; a skill a person does not list is level 0. Without an efficiency map any level from 1 up
    does the work fully.
    """
    levels = [person.skills.get(skill, 0) for skill in skills]
    if not levels:
        return Fraction(1)
    level = min(levels)
    factor = scenario.efficiency.get(level) if scenario.efficiency else Fraction(int(level >= 1))
    return factor or None  # at a factor of 0 nothing would ever be done


def stand_ins(scenario: Scenario, skills: tuple[str, ...], backup: tuple[str, ...] | None) -> tuple[Person, ...]:
    """Return who is asked to take work over, in order: those named, else all at the backup level in all `skills`."""
    if backup is not None:
        people = {person.id: person for person in scenario.people}
        return tuple(people[name] for name in backup)
    if not skills:
        return ()
    return tuple(
        person
        for person in scenario.people
        if all(person.skills.get(skill, 0) >= scenario.backup_level for skill in skills)
    )


def backups(scenario: Scenario, task: Task) -> tuple[Person, ...]:
    """Return who may take the task over and is able to, in the order they are asked."""
    asked = stand_ins(scenario, task.skills, task.backup)
    return tuple(person for person in asked if efficiency(scenario, person, task.skills) is not None)


def planned_minutes(scenario: Scenario, task: Task) -> dict[str, Fraction]:
    """Return how many minutes of focused work the plan asks of each person for a task.

    `any` is shared out evenly, since nobody knows yet who will take it; `work` counts the person's own hours, an
    `effort` those of somebody fully skilled, so it takes longer at a lower level.
    """
    people = {person.id: person for person in scenario.people}
    if task.share == "work":
        return {name: Fraction(effort.planned) for name, effort in zip(task.who, task.efforts, strict=True)}
    shares = 1 if task.share == "together" else len(task.who)
    effort = Fraction(task.efforts[0].planned) / shares
    minutes = {}
    for name in task.who:
        factor = efficiency(scenario, people[name], task.skills)
        if factor is not None:
            minutes[name] = effort / factor
    return minutes
