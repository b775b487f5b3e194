"""The driving chain: the walk back from the finish over what everything waited for last (docs/model.md, section 10)."""

from __future__ import annotations

from simrisk.models.gates import Decision
from simrisk.models.people import Worker
from simrisk.models.sprints import TimeBox
from simrisk.models.tasks import Assignment
from simrisk.models.world import World
from simrisk_kernels.layout import CALENDAR, DUE_MINUTE, GATE, N_CAUSES

Link = Assignment | Decision | TimeBox
Cause = tuple[int, Link | None]  # label in ties, and with whom the chain goes on; None: it began with the project


class Chain:
    """The chain of a finished trial.

    Attributes
    ----------
    stretches : list of (from, to, label)
        Minutes, from the finish back to the start; contiguous.
    tasks, gates, people : set
        Who is on it.
    """

    def __init__(self, world: World) -> None:
        self.stretches: list[tuple[int, int, int]] = []
        self.tasks: set[Assignment] = set()
        self.gates: set[Decision] = set()
        self.people: set[Worker] = set()
        self.reached = world.clock.now
        link = last_of(world)
        while link is not None:
            link = self.go_back(link)

    def minutes(self) -> list[int]:
        """Return the minutes of each label."""
        total = [0] * N_CAUSES
        for begin, end, label in self.stretches:
            total[label] += end - begin
        return total

    def extend(self, begin: int, label: int) -> None:
        """Add a stretch back to `begin`."""
        if begin < self.reached:
            self.stretches.append((begin, self.reached, label))
        self.reached = begin

    def go_back(self, link: Link) -> Link | None:
        """Add what a link of the chain took; return the link before."""
        if isinstance(link, Assignment):
            return self.go_back_over_task(link)
        if isinstance(link, Decision):
            return self.go_back_over_gate(link)
        return self.go_back_over_opening(link)

    def go_back_over_task(self, task: Assignment) -> Link | None:
        """From the finish of a task to the minute in which it became ready."""
        if task.dropped_by is not None:
            return task.dropped_by
        self.tasks.add(task)
        part = task.last_part()
        self.people |= part.had_by
        for begin, _, label in reversed(part.stretches):
            self.extend(begin, label)
        return self.follow(causes_for_task(task, self.reached))

    def go_back_over_gate(self, gate: Decision) -> Link | None:
        """From the passing of a gate to the beginning of its first review."""
        self.gates.add(gate)
        assert gate.first_review_at is not None
        self.extend(gate.first_review_at, GATE)
        link = self.follow(causes_for_review(gate, self.reached))
        if isinstance(link, TimeBox):  # its end: the sprint's days themselves
            assert link.opened_at is not None
            self.extend(link.opened_at, CALENDAR)
        return link

    def go_back_over_opening(self, sprint: TimeBox) -> Link | None:
        """From the opening of a sprint to what it waited for."""
        opening = self.reached
        for gate in sprint.gates:
            if gate.passed_at == opening:
                return gate
        if sprint.record.planned == opening:
            return self.follow([(CALENDAR, None)])
        for gate in sprint.gates:
            if sprint.day_after(gate) == opening:
                assert gate.passed_at is not None
                self.extend(gate.passed_at, CALENDAR)
                return gate
        before = sprint.before
        assert before is not None
        assert before.opened_at is not None
        self.extend(before.opened_at, CALENDAR)
        return before

    def follow(self, causes: list[Cause]) -> Link | None:
        """Choose the cause with the latest label, the first of equal ones; without a link it lasts from the start."""
        if not causes:
            return None
        label, link = max(causes, key=lambda cause: cause[0])
        if link is None:
            self.extend(0, label)
        return link


def last_of(world: World) -> Link | None:
    """Return the task or gate that ended last; of several the one with the later label, gates first."""
    now = world.clock.now
    last: list[tuple[int, Link]] = [(GATE, gate) for gate in world.gates if gate.passed_at == now]
    last += [(task.last_label(), task) for task in world.tasks if task.finished_at == now and task.dropped_by is None]
    return max(last, key=lambda cause: cause[0])[1] if last else None


def label_in_ties(task: Assignment) -> int:
    """Return how a task that ended counts against other causes of the same minute."""
    return task.last_label() if task.dropped_by is None else GATE


def causes_for_task(task: Assignment, ready: int) -> list[Cause]:
    """Return what made a task ready in this minute."""
    causes: list[Cause] = [(label_in_ties(prev), prev) for prev in task.predecessors if prev.finished_at == ready]
    if task.opening is not None and task.opening.opened_at == ready:
        causes.append((CALENDAR, task.opening))
    if task.record.not_before > 0 and task.record.not_before == ready:
        causes.append((CALENDAR, None))
    causes += [(GATE, gate) for gate in task.gates if gate.passed_at == ready]
    return causes


def causes_for_review(gate: Decision, begin: int) -> list[Cause]:
    """Return what made a gate's first review begin in this minute."""
    causes: list[Cause] = [(label_in_ties(task), task) for task in gate.requires if task.finished_at == begin]
    if gate.due_sprint is not None and gate.due_sprint.ended_at == begin:
        causes.append((CALENDAR, gate.due_sprint))
    if gate.record.due_kind == DUE_MINUTE and gate.record.due == begin:
        causes.append((CALENDAR, None))
    return causes
