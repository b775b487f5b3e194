"""People and things against their work: not there when it is planned, not able to do it, or with nothing to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from simrisk.errors import Issue
from simrisk.scenario.ability import backups, efficiency, stand_ins
from simrisk.scenario.faults import did_you_mean, issue, listed
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Task
from simrisk.scenario.units import hours


def employment_issues(view: View) -> Iterator[Issue]:
    """Work outside somebody's employment."""
    for person in view.scenario.people:
        where = f"people.{person.id}"
        early, late = [], []
        for task in view.scenario.tasks:
            if person.id not in task.who or task.finished is not None:
                continue
            first, last = _window(view, task)
            if person.start is not None and last is not None and last < person.start:
                early.append(task.id)
            if person.end is not None and first is not None and first > person.end:
                late.append(task.id)
        if early:
            found = (
                f"{person.id} starts on {person.start}, after the sprint in which {listed(early)} is planned for them."
            )
            yield issue("warning", "not-employed", f"{where}.start", found)
        if late:
            found = f"{person.id} leaves on {person.end}, before {listed(late)}, which is planned for them, can begin."
            yield issue("warning", "not-employed", f"{where}.end", found)
        elif person.end is not None:
            end = max(view.calendar.end_of(person.end) // view.day_minutes, view.first_day)
            asked, has = view.asked.get(person.id, Fraction(0)), view.capacity(person, (view.first_day, end))
            if asked > has:
                found = f"{hours(asked)} of work is planned for {person.id}, who has {hours(has)} until {person.end}."
                yield issue("warning", "not-employed", f"{where}.end", found)


def _window(view: View, task: Task) -> tuple[date | None, date | None]:
    """First day on which a task is planned to be open, and the last of its sprint."""
    first, last = task.not_before, None
    if task.sprint is not None and view.sprints:
        opens, closes = view.sprints[task.sprint - 1]
        opening = view.calendar.date_of_day(opens)
        first = opening if first is None else max(first, opening)
        last = view.calendar.date_of_day(closes - 1)
    return first, last


def unused_issues(view: View) -> Iterator[Issue]:
    """People with nothing to do, whoever is away; pools and equipment that nothing asks for."""
    scenario = view.scenario
    used = {name for task in scenario.tasks for name in task.who}
    used.update(person.id for task in scenario.tasks for person in backups(scenario, task))
    for gate in scenario.gates:
        used.update(name for name, _ in gate.rework)
        if gate.rework:
            used.update(person.id for person in stand_ins(scenario, gate.rework_skills, gate.rework_backup))
    for person in scenario.people:
        if person.id not in used:
            found = f"{person.id} is in no task and no rework, and stands in for nobody."
            found += " Give them a part, or leave them out."
            yield issue("notice", "unused-person", f"people.{person.id}", found)
    for pool in scenario.pools:
        if pool.id not in used:
            found = f"{pool.id} is in no task. Give it work, or leave it out."
            yield issue("notice", "unused-pool", f"pools.{pool.id}", found)
    held = {kind for task in scenario.tasks for kind, _ in task.uses}
    for kind in scenario.equipment:
        if kind.id not in held:
            found = f"No task uses {kind.id}. Say which do, or leave it out."
            yield issue("notice", "unused-equipment", f"equipment.{kind.id}", found)


def skill_issues(view: View) -> Iterator[Issue]:
    """Skills nobody has, and people who cannot do what is planned for them."""
    scenario = view.scenario
    raised = {skill for task in scenario.tasks for _, skill, level in task.raises if level > 0}
    have = {skill for person in scenario.people for skill, level in person.skills.items() if level > 0}
    skills = sorted(have | raised)
    for task in scenario.tasks:
        where = f"tasks.{task.id}"
        missing = [skill for skill in task.skills if skill not in skills]
        for skill in missing:
            found = f"Nobody has the skill '{skill}', so nobody can do this task.{did_you_mean(skill, skills)}"
            yield issue("warning", "unknown-skill", f"{where}.skill", found)
        if not missing and task.share not in ("duration", "milestone"):
            yield from _ability_issues(view, task)


def _ability_issues(view: View, task: Task) -> Iterator[Issue]:
    for name in task.who:
        person = view.people.get(name)
        if person is None or any(who == name and skill in task.skills for who, skill, _ in view.lessons):
            continue  # a pool, or somebody who learns it
        if efficiency(view.scenario, person, task.skills) is None:
            level = min(person.skills.get(skill, 0) for skill in task.skills)
            where = f"tasks.{task.id}.work.{name}" if task.share == "work" else f"tasks.{task.id}.who"
            found = f"{name} has level {level} in {listed(task.skills)}, which cannot do this task"
            levels = ", ".join(str(step) for step in view.scenario.efficiency) or "1 and up"
            yield issue("warning", "cannot-do", where, f"{found}; levels that can: {levels}.")
