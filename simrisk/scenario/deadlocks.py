"""Finds gates that wait for work that waits for the gate: in such a plan neither can ever happen."""

from __future__ import annotations

from collections.abc import Iterator

from simrisk.errors import Issue
from simrisk.scenario.faults import issue
from simrisk.scenario.model import Scenario

Node = tuple[str, str]  # ("task", id), ("gate", id) or ("sprint", number)


def find_deadlocks(scenario: Scenario) -> Iterator[Issue]:
    """Yield a warning for each gate that waits, in the end, for itself, with the way there."""
    waits = _waits(scenario)
    reported: set[Node] = set()
    for gate in scenario.gates:
        node = ("gate", gate.id)
        way = [] if node in reported else _way_back(node, waits)
        if way:
            reported.update(way)
            steps = " -> ".join(_shown(step) for step in way)
            found = f"This gate waits for itself, so the plan can never be finished: {steps} (each waits for the next)."
            yield issue("warning", "gate-deadlock", f"gates.{gate.id}", found)


def _waits(scenario: Scenario) -> dict[Node, list[Node]]:
    """List what each task, gate and sprint waits for."""
    waits: dict[Node, list[Node]] = {}
    for gate in scenario.gates:
        node = ("gate", gate.id)
        waits[node] = [("task", task) for task in gate.requires]
        if isinstance(gate.due, int):
            waits[node].append(("sprint", str(gate.due)))
        for blocked in gate.blocks_tasks:
            waits.setdefault(("task", blocked), []).append(node)
        for sprint in gate.blocks_sprints:
            waits.setdefault(("sprint", str(sprint)), []).append(node)
    for number in range(2, scenario.sprints.count + 1 if scenario.sprints else 2):
        waits.setdefault(("sprint", str(number)), []).append(("sprint", str(number - 1)))
    for task in scenario.tasks:
        place = waits.setdefault(("task", task.id), [])
        place.extend(("task", before) for before in task.after)
        if task.sprint is not None:
            place.append(("sprint", str(task.sprint)))
    return waits


def _way_back(start: Node, waits: dict[Node, list[Node]]) -> list[Node]:
    """Find the shortest way from `start` back to itself; empty when there is none."""
    came_from: dict[Node, Node] = {}
    rim = [start]
    while rim:
        following = []
        for node in rim:
            for target in waits.get(node, ()):
                if target == start:
                    way = [start, node]
                    while way[-1] != start:
                        way.append(came_from[way[-1]])
                    return [*reversed(way[1:]), start] if node != start else [start, start]
                if target not in came_from:
                    came_from[target] = node
                    following.append(target)
        rim = following
    return []


def _shown(node: Node) -> str:
    sort, name = node
    return f"sprint {name}" if sort == "sprint" else f"{sort} '{name}'"
