"""Gates: those nobody can pass, those that end the project or seldom go at once, those due before their work is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import prod

from simrisk.errors import Issue
from simrisk.scenario.ability import efficiency
from simrisk.scenario.faults import issue, listed
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Gate
from simrisk.scenario.units import percent

SELDOM = 0.5  # a chance to go at the first review below which it is said
STOPS = 0.05  # a chance to end the project from which it is said


def gate_issues(view: View) -> Iterator[Issue]:
    """Everything about the gates that have not passed yet."""
    for gate in view.scenario.gates:
        if gate.passed is not None:
            continue
        never = list(_impossible(gate))
        yield from never
        if not never:
            yield from _chances(gate)
        yield from _rework_issues(view, gate)
        yield from _late(view, gate)


def chance_to_pass(gate: Gate, reviews: int) -> float:
    """Return the chance that all criteria have been met by the review of this number; one that was met stays so."""
    return prod(1 - (1 - entry.chance) * (1 - entry.later) ** (reviews - 1) for entry in gate.criteria)


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
        yield issue("warning", "gate-cannot-pass", f"gates.{gate.id}.criteria.{criterion}", found)


def _chances(gate: Gate) -> Iterator[Issue]:
    first = chance_to_pass(gate, 1)
    if gate.has_no_go and gate.then == "stop":
        reviews = gate.max_extensions + 1
        stops = 1 - chance_to_pass(gate, reviews)
        if stops >= STOPS:
            found = f"{percent(stops)} of all trials end here: 'then' is 'stop', "
            found += f"and that is the chance that {_reviews(reviews)} not enough."
            yield issue("warning", "gate-stops", f"gates.{gate.id}.no_go.then", found)
    if first < SELDOM and len(gate.criteria) > 1:
        weakest = min(gate.criteria, key=lambda entry: entry.chance)
        found = f"Its {len(gate.criteria)} criteria are met together at the first review in {percent(first)} of all "
        found += f"trials, although none has a chance below {percent(weakest.chance)} ('{weakest.id}'). "
        found += "Plan for a second review."
        yield issue("notice", "gate-unlikely", f"gates.{gate.id}.criteria", found)


def _reviews(n: int) -> str:
    return "one review is" if n == 1 else f"{n} reviews are"


def _rework_issues(view: View, gate: Gate) -> Iterator[Issue]:
    for name, _ in gate.rework:
        where = f"gates.{gate.id}.no_go.rework.{name}"
        person = view.people[name]
        learns = any(who == name and skill in gate.rework_skills for who, skill, _ in view.lessons)
        if not learns and efficiency(view.scenario, person, gate.rework_skills) is None:
            found = f"{name} has no level in {listed(gate.rework_skills)} that can do this rework: it never ends."
            yield issue("warning", "cannot-do", where, found)
        due = _due(view, gate)
        if person.end is not None and due is not None and person.end <= due:
            found = f"{name} leaves on {person.end}, and the first review is on {due} at the earliest."
            yield issue("warning", "not-employed", where, found)


def _due(view: View, gate: Gate) -> date | None:
    """Return the day on or after which the first review begins; None when no date says so."""
    if isinstance(gate.due, int):
        return view.calendar.date_of_day(view.sprints[gate.due - 1][1] - 1)
    return gate.due


def _late(view: View, gate: Gate) -> Iterator[Issue]:
    if isinstance(gate.due, int):
        late = [task.id for task in view.scenario.tasks if task.id in gate.requires and (task.sprint or 0) > gate.due]
        if late:
            found = f"The gate is due at the end of sprint {gate.due} and requires {listed(late)} of later sprints."
            yield issue("warning", "gate-late", f"gates.{gate.id}.requires", found)
    elif gate.due is not None and view.network is not None:
        due = view.calendar.minute_of(gate.due)
        late = [task for task in gate.requires if view.network.early[task][1] > due]
        if late:
            end = view.calendar.finish_date(max(view.network.early[task][1] for task in late))
            found = f"The gate is due on {gate.due}; with everybody free for it, {listed(late)} needs until {end}."
            yield issue("warning", "gate-late", f"gates.{gate.id}.requires", found)
