"""Finds gates that wait for work that waits for the gate: in such a plan neither can ever happen."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from simrisk.errors import Issue
from simrisk.scenario.distributions import largest
from simrisk.scenario.faults import issue
from simrisk.scenario.model import Link, Scenario

Node = tuple[str, str]  # ("start", task), ("task", id): its finish, ("gate", id) or ("sprint", number)


def find_deadlocks(scenario: Scenario) -> Iterator[Issue]:
    """Yield a warning for each gate that waits, in the end, for itself, with the way there."""
    waits = _waits(scenario)
    reported: set[Node] = set()
    for gate in scenario.gates:
        node = ("gate", gate.id)
        way = [] if node in reported else _way_back(node, waits)
        if way:
            reported.update(way)
            steps = " -> ".join(step for step, _ in groupby(map(_shown, way)))
            found = f"This gate waits for itself, so the plan can never be finished: {steps} (each waits for the next)."
            yield issue("warning", "gate-deadlock", f"gates.{gate.id}", found)


def _waits(scenario: Scenario) -> dict[Node, list[Node]]:
    """List what each start and finish of a task, each gate and sprint waits for; what is over waits for nothing."""
    waits: dict[Node, list[Node]] = {}
    for gate in scenario.gates:
        if gate.passed is not None:
            continue
        node = ("gate", gate.id)
        waits[node] = [("task", task) for task in gate.requires]
        if isinstance(gate.due, int):
            waits[node].append(("sprint", str(gate.due)))
        for blocked in gate.blocks_tasks:
            waits.setdefault(("start", blocked), []).append(node)
        for sprint in gate.blocks_sprints:
            waits.setdefault(("sprint", str(sprint)), []).append(node)
    for number in range(2, scenario.sprints.count + 1 if scenario.sprints else 2):
        waits.setdefault(("sprint", str(number)), []).append(("sprint", str(number - 1)))
    for task in scenario.tasks:
        start, finish = ("start", task.id), ("task", task.id)
        if task.finished is not None:
            waits.pop(start, None)
            continue
        waits[finish] = [start]
        place = waits.setdefault(start, [])
        for link in task.links:
            (place if link.kind in ("FS", "SS") else waits[finish]).append(_linked(link))
        if task.sprint is not None:
            place.append(("sprint", str(task.sprint)))
    return waits


def _linked(link: Link) -> Node:
    """Return what a link waits for: with a lag that is always negative, the start from which the end is known."""
    ahead = link.lag is not None and largest(link.lag) < 0
    return ("start" if link.kind in ("SS", "SF") or ahead else "task", link.task)


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
    return f"sprint {name}" if sort == "sprint" else f"{'gate' if sort == 'gate' else 'task'} '{name}'"
