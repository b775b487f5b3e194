"""The logic of a plan as a network: early and late dates with planned durations, as if resources were unlimited.

The critical path method (Kelley and Walker 1959) over the starts and finishes of tasks, the openings and ends of
sprints and the reviews of gates, which all pass at once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from simrisk.scenario.ability import efficiency
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Gate, Task

Node = tuple[str, str | int]  # what happens, and to which task, gate or sprint
Span = tuple[int, int]

START, FINISH, OPEN, END, REVIEW, PASS = "start", "finish", "open", "end", "review", "pass"


@dataclass(frozen=True)
class Edge:
    """`after` comes `lag` minutes after `before` or later; `next_day`: at the first start of a day from then on."""

    before: Node
    after: Node
    lag: int = 0
    next_day: bool = False


@dataclass(frozen=True)
class Network:
    """Early and late dates.

    Parameters
    ----------
    finish : int
        Working minute in which the last task or gate ends.
    early, late : dict
        Task -> (start, finish), in working minutes; `late` so that the project still ends at `finish`.
    """

    finish: int
    early: dict[str, Span]
    late: dict[str, Span]

    def total_float(self, task: str) -> int:
        """Minutes by which a task can slip without moving the finish."""
        (start, finish), (late_start, late_finish) = self.early[task], self.late[task]
        return min(late_start - start, late_finish - finish)


def network_of(view: View, longer: Mapping[str, int] | None = None) -> Network | None:
    """Return the network of a plan; None when its logic runs in a circle.

    Parameters
    ----------
    longer : mapping, optional
        Task -> minutes by which it takes longer than planned.
    """
    edges = list(_edges(view, longer or {}))
    earliest = dict(_earliest(view))
    nodes = list(dict.fromkeys([*earliest, *(node for edge in edges for node in (edge.before, edge.after))]))
    order = _sorted(nodes, edges)
    if order is None:
        return None
    day = view.day_minutes
    incoming: dict[Node, list[Edge]] = {node: [] for node in nodes}
    outgoing: dict[Node, list[Edge]] = {node: [] for node in nodes}
    for edge in edges:
        incoming[edge.after].append(edge)
        outgoing[edge.before].append(edge)
    early: dict[Node, int] = {}
    for node in order:
        times = [earliest.get(node, 0)]
        for edge in incoming[node]:
            time = early[edge.before] + edge.lag
            times.append(-(-time // day) * day if edge.next_day else time)
        early[node] = max(times)
    finish = max((time for (what, _), time in early.items() if what in (FINISH, PASS)), default=0)
    late: dict[Node, int] = {}
    never = max(early.values(), default=0) + finish  # the project does not wait for a sprint that nothing is in
    for node in reversed(order):
        times = [never if node[0] in (OPEN, END) else finish]
        for edge in outgoing[node]:
            time = late[edge.after]
            times.append((time // day * day if edge.next_day else time) - edge.lag)
        late[node] = min(times)
    tasks = [task.id for task in view.scenario.tasks]
    return Network(
        finish,
        {task: (early[START, task], early[FINISH, task]) for task in tasks},
        {task: (late[START, task], late[FINISH, task]) for task in tasks},
    )


def _edges(view: View, longer: Mapping[str, int]) -> Iterator[Edge]:
    scenario = view.scenario
    pull = scenario.sprints is not None and scenario.sprints.pull
    for task in scenario.tasks:
        if task.finished is not None:
            continue
        yield Edge((START, task.id), (FINISH, task.id), duration(view, task) + longer.get(task.id, 0))
        for link in task.links:
            lag = 0 if link.lag is None else round(link.lag.planned)
            before = (START if link.kind in ("SS", "SF") else FINISH, link.task)
            after = (START if link.kind in ("FS", "SS") else FINISH, task.id)
            yield Edge(before, after, lag)
            if lag < 0:  # never before it has started
                yield Edge((START, link.task), after)
        if task.sprint is not None and not pull:
            yield Edge((OPEN, task.sprint), (START, task.id))
    for number, (first, end) in enumerate(view.sprints, 1):
        yield Edge((OPEN, number), (END, number), (end - first) * view.day_minutes)
        if number > 1:
            yield Edge((END, number - 1), (OPEN, number))
    for gate in scenario.gates:
        yield from _gate_edges(view, gate, pull=pull)


def _gate_edges(view: View, gate: Gate, *, pull: bool) -> Iterator[Edge]:
    if gate.passed is None:
        yield Edge((REVIEW, gate.id), (PASS, gate.id), round(gate.review.planned))
        for task in gate.requires:
            yield Edge((FINISH, task), (REVIEW, gate.id))
        if isinstance(gate.due, int):
            yield Edge((END, gate.due), (REVIEW, gate.id))
    for sprint in gate.blocks_sprints:
        yield Edge((PASS, gate.id), (OPEN, sprint), next_day=True)
    held = set(gate.blocks_tasks)
    if pull and gate.blocks_sprints:
        held.update(task.id for task in view.scenario.tasks if (task.sprint or 0) >= min(gate.blocks_sprints))
    for name in held:
        if view.tasks[name].finished is None:
            yield Edge((PASS, gate.id), (START, name))


def _earliest(view: View) -> Iterator[tuple[Node, int]]:
    """Dates before which nothing of the kind happens; the first minute of the forecast for all that is to be done."""
    calendar, begin = view.calendar, view.first_day * view.day_minutes
    for task in view.scenario.tasks:
        if task.finished is not None:
            done = calendar.end_of(task.finished)
            yield (START, task.id), done
            yield (FINISH, task.id), done
            continue
        yield (START, task.id), max(begin, calendar.minute_of(task.not_before) if task.not_before else 0)
        yield (FINISH, task.id), begin
    for number, (first, _) in enumerate(view.sprints, 1):
        yield (OPEN, number), first * view.day_minutes
    for gate in view.scenario.gates:
        if gate.passed is not None:
            yield (PASS, gate.id), calendar.end_of(gate.passed)
            continue
        due = gate.due if gate.due is not None and not isinstance(gate.due, int) else None
        yield (REVIEW, gate.id), max(begin, calendar.minute_of(due) if due else 0)


def _sorted(nodes: list[Node], edges: list[Edge]) -> list[Node] | None:
    """Return the nodes, each after all it waits for; None when some wait for themselves."""
    waits = dict.fromkeys(nodes, 0)
    following: dict[Node, list[Node]] = {node: [] for node in nodes}
    for edge in edges:
        waits[edge.after] += 1
        following[edge.before].append(edge.after)
    order = [node for node, n in waits.items() if n == 0]
    for node in order:  # grows while it is walked
        for after in following[node]:
            waits[after] -= 1
            if waits[after] == 0:
                order.append(after)
    return order if len(order) == len(nodes) else None


def duration(view: View, task: Task) -> int:
    """Return the minutes of clock a task takes as planned, with its people there, productive and doing nothing else."""
    if task.finished is not None or not task.efforts:
        return 0
    done = task.done[0] if task.done else 0
    left = max(Fraction(task.efforts[0].planned) - done, Fraction(0))
    if task.share == "duration":
        return math.ceil(left)
    if task.share == "any":  # the first who can do it does all of it
        for name in task.who:
            person = view.people[name]
            factor = efficiency(view.scenario, person, task.skills)
            if factor is not None:
                return math.ceil(left / (person.fte * person.focus * factor))
        return 0
    return max((math.ceil(part) for part in _parts(view, task)), default=0)


def _parts(view: View, task: Task) -> Iterator[Fraction]:
    """Minutes of clock of each part of a task."""
    for name, minutes in view.load[task.id].items():
        if name in view.people:
            person = view.people[name]
            yield minutes / (person.fte * person.focus)
            continue
        pool = view.pools[name]
        most = max((heads for _, heads in pool.headcount), default=Fraction(0))
        heads = most if task.max_fte is None else min(most, task.max_fte)
        if heads:
            yield minutes / (heads * pool.focus)
