"""Plan health: what a scenario says that is allowed but does not look right. Warnings, before any dice are rolled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property

from simrisk.errors import Issue
from simrisk.scenario.ability import backups, efficiency, planned_minutes, stand_ins
from simrisk.scenario.cadence import calendar_of, planned_sprints
from simrisk.scenario.deadlocks import find_deadlocks
from simrisk.scenario.faults import did_you_mean, issue, listed, locate
from simrisk.scenario.model import DateRange, Gate, Person, Scenario, Task
from simrisk.scenario.units import WorkingCalendar, hours

_AS_WRITTEN = "The leave is taken as written."


def check(scenario: Scenario) -> tuple[Issue, ...]:
    """Return what does not look right about a loaded scenario, in the order of the file.

    Slugs: over-allocated, unused-person, single-point-of-failure, no-handover, unknown-skill, cannot-do, not-employed,
    gate-cannot-pass, gate-deadlock, gate-late, sprint-order, leave-rules,
    late-by-plan, no-rates.
    """
    view = _View(scenario)
    found = [
        *_target_issues(view),
        *_people_issues(view),
        *_unused_issues(view),
        *_load_issues(view),
        *_cover_issues(view),
        *_leave_issues(view),
        *_task_issues(view),
        *_gate_issues(view),
        *find_deadlocks(scenario),
    ]
    located = [locate(entry, scenario.path, scenario.lines) for entry in dict.fromkeys(found)]
    return tuple(sorted(located, key=lambda entry: entry.line))


@dataclass(frozen=True)
class _View:
    """A scenario, and what several checks need of it."""

    scenario: Scenario

    @cached_property
    def calendar(self) -> WorkingCalendar:
        return calendar_of(self.scenario.project)

    @cached_property
    def windows(self) -> tuple[tuple[int, int], ...]:
        """First working day of each sprint and the one after its last, as planned."""
        sprints = self.scenario.sprints
        return planned_sprints(self.calendar, sprints) if sprints else ()

    @cached_property
    def people(self) -> dict[str, Person]:
        return {person.id: person for person in self.scenario.people}

    @cached_property
    def load(self) -> dict[str, dict[str, Fraction]]:
        """Task -> person -> planned minutes of focused work."""
        return {task.id: planned_minutes(self.scenario, task) for task in self.scenario.tasks}

    def capacity(self, person: Person, window: tuple[int, int]) -> Fraction:
        """Minutes of focused work a person has in a sprint, after ceremonies and dated leave."""
        day_minutes = self.scenario.project.day_minutes
        ceremonies = self.scenario.sprints.ceremonies if self.scenario.sprints else 0
        total = Fraction(0)
        for day in range(*window):
            # ceremonies take the first minutes of the sprint, of whoever is there
            held = min(max(ceremonies - (day - window[0]) * day_minutes, 0), day_minutes)
            if self.present(person, self.calendar.date_of_day(day)):
                total += (day_minutes - held) * self.ramp(person, day)
        return total * person.fte * person.focus

    def time_until_end(self, person: Person) -> Fraction:
        """Minutes of focused work a person has from the project's start to the end of their employment."""
        assert person.end is not None
        end = self.calendar.end_of(person.end) // self.scenario.project.day_minutes
        days = (self.calendar.date_of_day(day) for day in range(end))
        minutes = sum(self.scenario.project.day_minutes for day in days if self.present(person, day))
        return minutes * person.fte * person.focus

    def present(self, person: Person, day: date) -> bool:
        """Whether a person is employed on `day` and has not asked for leave."""
        employed = (person.start is None or person.start <= day) and (person.end is None or day <= person.end)
        return employed and not any(leave.first <= day <= leave.last for leave in person.leave)

    def ramp(self, person: Person, day: int) -> Fraction:
        """Productivity of a person on a working day while they settle in."""
        days = -(-person.ramp // self.scenario.project.day_minutes)
        if not days:
            return Fraction(1)
        since = day - (0 if person.start is None else self.calendar.day_of(person.start))
        return person.ramp_from + (1 - person.ramp_from) * min(max(Fraction(since, days), Fraction(0)), Fraction(1))


def _warning(slug: str, where: str, found: str) -> Issue:
    return issue("warning", slug, where, found)


def _target_issues(view: _View) -> Iterator[Issue]:
    """Deadline, horizon and budget against the plan."""
    scenario, calendar = view.scenario, view.calendar
    project = scenario.project
    if project.deadline is not None and view.windows:
        last = calendar.date_of_day(view.windows[-1][1] - 1)
        if last > project.deadline:
            found = f"The last sprint is planned to end on {last}, after the deadline, {project.deadline}."
            yield _warning("late-by-plan", "sprints.count", found)
    unpaid = [person.id for person in scenario.people if person.rate is None]
    if project.budget is not None and unpaid:
        found = f"There is a budget, but no rate for {listed(unpaid)}: their work costs nothing."
        yield _warning("no-rates", "project.budget", found)


def _people_issues(view: _View) -> Iterator[Issue]:
    """Work outside somebody's employment."""
    for person in view.scenario.people:
        early, late = [], []
        for task in view.scenario.tasks:
            if person.id not in task.who:
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
            yield _warning("not-employed", f"people.{person.id}.start", found)
        asked = sum((view.load[task.id].get(person.id, Fraction(0)) for task in view.scenario.tasks), Fraction(0))
        if not late and person.end is not None and asked > (has := view.time_until_end(person)):
            found = f"{hours(asked)} of work is planned for {person.id}, who has {hours(has)} until {person.end}."
            yield _warning("not-employed", f"people.{person.id}.end", found)
        if late:
            found = f"{person.id} leaves on {person.end}, before {listed(late)}, which is planned for them, can begin."
            yield _warning("not-employed", f"people.{person.id}.end", found)


def _unused_issues(view: _View) -> Iterator[Issue]:
    """People with nothing to do, whoever is away."""
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


def _window(view: _View, task: Task) -> tuple[date | None, date | None]:
    """First day on which a task is planned to be open, and the last of its sprint."""
    first, last = task.not_before, None
    if task.sprint is not None and view.windows:
        opens, closes = view.windows[task.sprint - 1]
        opening = view.calendar.date_of_day(opens)
        first = opening if first is None else max(first, opening)
        last = view.calendar.date_of_day(closes - 1)
    return first, last


def worst_overloads(scenario: Scenario, n: int) -> tuple[Issue, ...]:
    """Return the `n` over-allocations of `check` with the most work too many, the worst first."""
    worst = sorted(_overloads(_View(scenario)), key=lambda entry: -entry[0])[:n]
    return tuple(locate(entry, scenario.path, scenario.lines) for _, entry in worst)


def _load_issues(view: _View) -> Iterator[Issue]:
    return (entry for _, entry in _overloads(view))


def _overloads(view: _View) -> Iterator[tuple[Fraction, Issue]]:
    """More work planned for a person in a sprint than they have time for, with the minutes that are too many."""
    for number, window in enumerate(view.windows, 1):
        planned: dict[str, Fraction] = {}
        for task in view.scenario.tasks:
            if task.sprint == number:
                for name, minutes in view.load[task.id].items():
                    planned[name] = planned.get(name, Fraction(0)) + minutes
        for person in view.scenario.people:
            asked = planned.get(person.id, Fraction(0))
            if not asked:
                continue
            has = view.capacity(person, window)
            if asked > has:
                found = f"{hours(asked)} of work is planned for sprint {number}, where {person.id} has {hours(has)}."
                yield asked - has, _warning("over-allocated", f"people.{person.id}", found)


def _cover_issues(view: _View) -> Iterator[Issue]:
    """Work that waits whenever one person is away: nobody could take it over, or no policy says that somebody does."""
    alone: dict[str, dict[str, Fraction]] = {}
    unruled: list[str] = []
    for task in view.scenario.tasks:
        for name in task.who:
            if not _stand_ins(view, task, name):
                alone.setdefault(name, {})[task.id] = view.load[task.id].get(name, Fraction(0))
            else:
                policy = task.cover or view.people[name].cover or view.scenario.cover
                if policy is None or policy.handover_after is None:
                    unruled.append(task.id)
    for person in view.scenario.people:
        if person.id in alone:
            tasks = alone[person.id]
            work = f"{listed(tasks)} ({hours(sum(tasks.values()))} of work)"
            waits, it = ("waits", "it") if len(tasks) == 1 else ("wait", "them")
            found = (
                f"While {person.id} is away, {work} {waits}: nobody else can do {it}. Name a backup, or raise a level."
            )
            yield _warning("single-point-of-failure", f"people.{person.id}", found)
    if unruled:
        tasks_shown = listed(dict.fromkeys(unruled))
        found = f"Others could take {tasks_shown} over, but no 'unavailable' says after how long; so it waits. "
        found += 'For example: [defaults.unavailable] with handover_after = "5d".'
        yield issue("notice", "no-handover", "defaults.unavailable", found)


def _stand_ins(view: _View, task: Task, owner: str) -> set[str]:
    """Say who else could do a person's part of a task: the others planned for the same part, and the backups."""
    planned = set(view.load[task.id]) if task.share == "any" else set()
    able = planned | {person.id for person in backups(view.scenario, task)}
    # who holds another slot of work done together cannot take this one too
    return able - (set(task.who) if task.share == "together" else {owner})


def _leave_issues(view: _View) -> Iterator[Issue]:
    """Dated leave against the team's own rules."""
    rules = view.scenario.leave
    spells = [(person, place, leave) for person in view.scenario.people for place, leave in enumerate(person.leave)]
    for person, place, leave in spells:
        where = f"people.{person.id}.pto[{place}]"
        for closed in rules.blackout:
            if leave.first <= closed.last and closed.first <= leave.last:
                found = f"{person.id} is off in the blackout from {closed.first} to {closed.last}."
                yield _warning("leave-rules", where, f"{found} {_AS_WRITTEN}")
        if rules.max_off is not None:
            day = _crowded(view, person, leave, rules.max_off)
            if day is not None:
                others = [other.id for other in view.scenario.people if _off(other, day)]
                found = f"On {day}, {listed(others)} are off together; the rule is at most {rules.max_off}."
                yield _warning("leave-rules", where, f"{found} {_AS_WRITTEN}")


def _off(person: Person, day: date) -> bool:
    return any(leave.first <= day <= leave.last for leave in person.leave)


def _crowded(view: _View, person: Person, leave: DateRange, most: int) -> date | None:
    """Find the first working day of a leave on which too many are off, counting those declared before this person."""
    earlier = []
    for other in view.scenario.people:
        if other is person:
            break
        earlier.append(other)
    # only days on which somebody else's leave begins, or this one, can be the first
    starts = [leave.first, *(spell.first for other in earlier for spell in other.leave)]
    for start in sorted(day for day in starts if leave.first <= day <= leave.last):
        day = view.calendar.date_of_day(view.calendar.day_of(start))
        if day <= leave.last and sum(_off(other, day) for other in earlier) + 1 > most:
            return day
    return None


def _task_issues(view: _View) -> Iterator[Issue]:
    """Skills nobody has, people who cannot do what is planned for them, sprints against the order of the work."""
    scenario = view.scenario
    skills = sorted({skill for person in scenario.people for skill, level in person.skills.items() if level > 0})
    tasks = {task.id: task for task in scenario.tasks}
    for task in scenario.tasks:
        where = f"tasks.{task.id}"
        missing = [skill for skill in task.skills if skill not in skills]
        for skill in missing:
            found = f"Nobody has the skill '{skill}', so nobody can do this task.{did_you_mean(skill, skills)}"
            yield _warning("unknown-skill", f"{where}.skill", found)
        if not missing:
            yield from _ability_issues(view, task)
        for before in task.after:
            sprint = tasks[before].sprint
            if task.sprint is not None and sprint is not None and sprint > task.sprint:
                found = f"This task is in sprint {task.sprint} and waits for '{before}', which is in sprint {sprint}."
                yield _warning("sprint-order", f"{where}.after", found)


def _ability_issues(view: _View, task: Task) -> Iterator[Issue]:
    for name in task.who:
        person = view.people[name]
        if efficiency(view.scenario, person, task.skills) is None:
            level = min(person.skills.get(skill, 0) for skill in task.skills)
            where = f"tasks.{task.id}.work.{name}" if task.share == "work" else f"tasks.{task.id}.who"
            found = f"{name} has level {level} in {listed(task.skills)}, which cannot do this task"
            levels = ", ".join(str(step) for step in view.scenario.efficiency) or "1 and up"
            yield _warning("cannot-do", where, f"{found}; levels that can: {levels}.")


def _gate_issues(view: _View) -> Iterator[Issue]:
    """Gates that nobody can pass, and gates that are due before their work is."""
    for gate in view.scenario.gates:
        yield from _impossible(gate)
        for name, _ in gate.rework:
            if efficiency(view.scenario, view.people[name], gate.rework_skills) is None:
                found = f"{name} has no level in {listed(gate.rework_skills)} that can do this rework: it never ends."
                yield _warning("cannot-do", f"gates.{gate.id}.no_go.rework.{name}", found)
        if isinstance(gate.due, int):
            late = [
                task.id for task in view.scenario.tasks if task.id in gate.requires and (task.sprint or 0) > gate.due
            ]
            if late:
                found = f"The gate is due at the end of sprint {gate.due} and requires {listed(late)} of later sprints."
                yield _warning("gate-late", f"gates.{gate.id}.requires", found)


def _impossible(gate: Gate) -> Iterator[Issue]:
    """Warn of a criterion that no review can meet."""
    never = [criterion.id for criterion in gate.criteria if criterion.chance == 0]
    if not gate.has_no_go:
        end = "every trial passes it by a waiver"
    else:
        if gate.max_extensions:
            never = [criterion.id for criterion in gate.criteria if criterion.chance == 0 == criterion.later]
        end = {
            "proceed": "every trial passes it by a waiver",
            "descope": "every trial drops work to pass it",
            "stop": "every trial ends there",
        }[gate.then]
    for criterion in never:
        found = f"'{criterion}' has no chance at any review, so nobody can pass this gate: {end}."
        yield _warning("gate-cannot-pass", f"gates.{gate.id}.criteria.{criterion}", found)
