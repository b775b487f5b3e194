"""Plan health: what a scenario says that is allowed but does not look right. Warnings, before any dice are rolled."""

from __future__ import annotations

from simrisk.errors import Issue
from simrisk.scenario.deadlocks import find_deadlocks
from simrisk.scenario.faults import locate
from simrisk.scenario.health.cover import cover_issues
from simrisk.scenario.health.figures import figure_issues
from simrisk.scenario.health.gates import gate_issues
from simrisk.scenario.health.leave import leave_issues
from simrisk.scenario.health.load import overloads
from simrisk.scenario.health.logic import logic_issues
from simrisk.scenario.health.people import employment_issues, skill_issues, unused_issues
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Scenario


def check(scenario: Scenario | View) -> tuple[Issue, ...]:
    """Return what does not look right about a loaded scenario, in the order of the file.

    The slugs stand in docs/scenario.md; each file of `simrisk.scenario.health` has those of one idea.
    """
    view = scenario if isinstance(scenario, View) else View(scenario)
    found = [
        *figure_issues(view),
        *employment_issues(view),
        *unused_issues(view),
        *(entry for _, entry in overloads(view)),
        *cover_issues(view),
        *leave_issues(view),
        *skill_issues(view),
        *logic_issues(view),
        *gate_issues(view),
        *find_deadlocks(view.scenario),
    ]
    path, lines = view.scenario.path, view.scenario.lines
    located = [locate(entry, path, lines) for entry in dict.fromkeys(found)]
    return tuple(sorted(located, key=lambda entry: entry.line))


def worst_overloads(scenario: Scenario, n: int) -> tuple[Issue, ...]:
    """Return the `n` over-allocations of `check` with the most work too many, the worst first."""
    worst = sorted(overloads(View(scenario)), key=lambda entry: -entry[0])[:n]
    return tuple(locate(entry, scenario.path, scenario.lines) for _, entry in worst)
