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
    return factor_at(scenario, min(levels)) if levels else Fraction(1)


def factor_at(scenario: Scenario, level: int) -> Fraction | None:
    """Return the factor at which work is done by somebody whose lowest level in it is `level`; None: not at all."""
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


def productivity_on(start: Fraction, day: int, ramp: int) -> Fraction:
    """Return how productive somebody is on working day `day` of a ramp of `ramp` days that begins at `start`."""
    return start + (1 - start) * Fraction(max(day, 0), ramp) if day < ramp else Fraction(1)


def planned_minutes(scenario: Scenario, task: Task) -> dict[str, Fraction]:
    """Return how many minutes of focused work the plan still asks of each person and pool for a task.

    `any` is shared out evenly, since nobody knows yet who will take it; `work` counts the person's own hours, an
    `effort` those of somebody fully skilled, so it takes longer at a lower level. A duration takes all the time of
    those it holds.
    """
    people = {person.id: person for person in scenario.people}
    if task.finished is not None or not task.efforts:
        return {}
    done = task.done or (0,) * len(task.efforts)
    left = [max(Fraction(effort.planned) - made, Fraction(0)) for effort, made in zip(task.efforts, done, strict=True)]
    if task.share == "work":
        return dict(zip(task.who, left, strict=True))
    shares = 1 if task.share in ("together", "duration") else len(task.who)
    minutes = {}
    for name in task.who:
        person = people.get(name)
        if person is None:
            minutes[name] = left[0]  # a pool
        elif task.share == "duration":
            minutes[name] = left[0] * person.fte * person.focus
        elif (factor := efficiency(scenario, person, task.skills)) is not None:
            minutes[name] = left[0] / shares / factor
    return minutes
