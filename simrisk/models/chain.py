"""The driving chain: the walk back from the finish over what everything waited for last (docs/model.md, section 11)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from simrisk.models.gates import Decision
from simrisk.models.links import Place, Wait
from simrisk.models.parts import Part
from simrisk.models.people import Worker
from simrisk.models.pools import Crew
from simrisk.models.sprints import TimeBox
from simrisk.models.tasks import Assignment
from simrisk.models.world import World
from simrisk_kernels.layout import CALENDAR, DUE_MINUTE, GATE, N_CAUSES, RISK, WORK


@dataclass(frozen=True)
class Spot:
    """A place in a task's life from which the walk goes back: its start, its finish, or a minute between."""

    task: Assignment
    place: Place
    minute: int

    @property
    def is_at_drop(self) -> bool:
        """Whether what happened there is that the task was dropped."""
        if self.task.dropped_by is None or self.minute != self.task.finished_at:
            return False
        return self.place is Place.FINISH or not self.task.was_begun

    @property
    def holding(self) -> Wait | None:
        """The link that held the task's end, when it is its finish that others waited for."""
        if self.place is not Place.FINISH or self.is_at_drop or not self.task.end_was_held:
            return None
        held = [(label_of_link(wait), wait) for wait in self.task.waits if wait.satisfied_at == self.minute]
        return max((entry for entry in held if not entry[1].holds_start), key=lambda entry: entry[0])[1]

    @property
    def part(self) -> Part | None:
        """The part whose stretch leads here; a milestone has none."""
        return self.task.last_part if self.place is Place.FINISH else self.task.first_part

    @property
    def label(self) -> int:
        """How it counts against other causes of the same minute."""
        task = self.task
        if task.was_finished_before:
            return CALENDAR
        if self.is_at_drop:
            by = task.dropped_by
            return label_of_part(by, self.minute) if isinstance(by, Part) else GATE
        if self.holding is not None:
            return label_of_link(self.holding)
        return label_of_stretch(task, self.part, self.minute)


class Behind(Enum):
    """What can stand behind a stretch of the chain."""

    PART = "part"  # of a task, worked on or waiting
    DELAY = "delay"  # of risks, before a task
    GATE = "gate"  # from its first review to its passing
    LAG = "lag"  # of a link, after a task
    DATE = "date"  # earliest date of a task, due date of a gate, planned start of a sprint
    SPRINT = "sprint"  # its days
    DAY = "day"  # a sprint waits for the next day, after a gate
    HISTORY = "history"  # a task was finished, or a gate passed, before the status date


class Ground(NamedTuple):
    """What stands behind a stretch: its kind, the id of the task, gate or sprint, and the number of a part; -1."""

    kind: Behind
    name: str
    part: int = -1


Item = Spot | Decision | TimeBox | Wait
Owner = Assignment | Decision | Worker | Crew  # of minutes of the chain
Cause = tuple[int, Item | None]  # label in ties, and with what the chain goes on; None: it began with the project


class Chain:
    """The chain of a finished trial.

    Attributes
    ----------
    stretches : list of (from, to, label)
        Minutes, from the finish back to the start; contiguous.
    names : list of str
        For each stretch the id of the task or gate that worked or waited in it.
    grounds : list of Ground
        For each stretch what stands behind it.
    tasks, gates, people, pools : set
        Who is on it.
    minutes_of : Counter
        The minutes of it that are a task's or a gate's, each of one at most; and of a person and a pool, those in parts
        they had a hand in: they can be of several. A lag, a date and the wait for a sprint are nobody's.
    """

    def __init__(self, world: World) -> None:
        self.stretches: list[tuple[int, int, int]] = []
        self.names: list[str] = []
        self.grounds: list[Ground] = []
        self.name = ""  # of the task or gate the walk is at
        self.tasks: set[Assignment] = set()
        self.gates: set[Decision] = set()
        self.people: set[Worker] = set()
        self.pools: set[Crew] = set()
        self.minutes_of: Counter[Owner] = Counter()
        self.reached = world.clock.now
        item = self.follow(last_of(world), "")
        while item is not None:
            item = self.go_back(item)

    def minutes(self) -> list[int]:
        """Return the minutes of each label."""
        total = [0] * N_CAUSES
        for begin, end, label in self.stretches:
            total[label] += end - begin
        return total

    def extend(self, begin: int | None, label: int, behind: Behind, name: str, part: int = -1) -> None:
        """Add a stretch back to `begin`."""
        assert begin is not None
        if begin < self.reached:
            self.stretches.append((begin, self.reached, label))
            self.names.append(self.name)
            self.grounds.append(Ground(behind, name, part))
        self.reached = begin

    def go_back(self, item: Item) -> Item | None:
        """Add what an item of the chain took; return the one before."""
        if isinstance(item, Spot):
            return self.go_back_over_task(item)
        if isinstance(item, Wait):
            return self.go_back_over_link(item)
        if isinstance(item, Decision):
            return self.go_back_over_gate(item)
        return self.go_back_over_opening(item)

    def go_back_over_task(self, spot: Spot) -> Item | None:
        """From a place in a task's life to the minute in which its conditions were satisfied, or to what ended it."""
        task = spot.task
        if task.was_finished_before:
            self.extend(0, CALENDAR, Behind.HISTORY, task.name)
            return None
        if spot.is_at_drop:
            by = task.dropped_by
            return self.go_back_over_part(by.job, by) if isinstance(by, Part) else by
        return spot.holding or self.go_back_over_part(task, spot.part)

    def go_back_over_part(self, job: object, part: Part | None) -> Item | None:
        """Take the stretch of a part, as far as it has been reached, and the delays of risks before it."""
        assert isinstance(job, Assignment)
        self.tasks.add(job)
        self.name = job.name
        end = self.reached
        if part is not None:
            crews = set() if part.crew is None else {part.crew}
            self.people |= part.had_by
            self.pools |= crews
            for begin, _, label in reversed(part.stretches):
                if begin < self.reached:
                    self.extend(begin, label, Behind.PART, job.name, part.index)
            self.minutes_of.update(dict.fromkeys((*part.had_by, *crews), end - self.reached))
        self.extend(job.conditions_at, RISK, Behind.DELAY, job.name)
        self.minutes_of[job] += end - self.reached
        return self.follow(causes_for_task(job, self.reached), job.name)

    def go_back_over_link(self, wait: Wait) -> Item:
        """From the minute in which a link was satisfied, over its lag, to where it stands in the predecessor."""
        spot = spot_of(wait)
        self.extend(spot.minute, CALENDAR, Behind.LAG, spot.task.name)
        return spot

    def go_back_over_gate(self, gate: Decision) -> Item | None:
        """From the passing of a gate to the beginning of its first review."""
        if gate.has_passed_before:
            self.extend(0, CALENDAR, Behind.HISTORY, gate.name)
            return None
        self.gates.add(gate)
        self.name = gate.name
        end = self.reached
        self.extend(gate.first_review_at, GATE, Behind.GATE, gate.name)
        self.minutes_of[gate] += end - self.reached
        item = self.follow(causes_for_review(gate, self.reached), gate.name)
        if isinstance(item, TimeBox):  # its end: the sprint's days themselves
            self.extend(item.opened_at, CALENDAR, Behind.SPRINT, item.name)
        return item

    def go_back_over_opening(self, sprint: TimeBox) -> Item | None:
        """From the opening of a sprint to what it waited for."""
        opening = self.reached
        for gate in sprint.gates:
            if gate.passed_at == opening:
                return gate
        if sprint.record.planned == opening:
            return self.follow([(CALENDAR, None)], sprint.name)
        for gate in sprint.gates:
            if sprint.day_after(gate) == opening:
                self.extend(gate.passed_at, CALENDAR, Behind.DAY, gate.name)
                return gate
        before = sprint.before
        assert before is not None
        self.extend(before.opened_at, CALENDAR, Behind.SPRINT, before.name)
        return before

    def follow(self, causes: list[Cause], name: str) -> Item | None:
        """Choose the cause with the latest label, the first of equal ones; without an item it lasts from the start.

        Parameters
        ----------
        name : str
            Id of the task, gate or sprint that has these causes.
        """
        label, item = max(causes, key=lambda cause: cause[0], default=(CALENDAR, None))
        if item is None:
            self.extend(0, label, Behind.DATE, name)
        return item


def spot_of(wait: Wait) -> Spot:
    """Return where in the predecessor a satisfied link stands."""
    before = wait.before
    minute = wait.satisfied_at
    if wait.stands is Place.START:
        minute = before.started_at
    elif wait.stands is Place.FINISH:
        minute = before.finished_at
    assert minute is not None
    return Spot(before, wait.stands, minute)


def label_of_link(wait: Wait) -> int:
    """Return how a link counts against other causes of the minute in which it was satisfied."""
    return CALENDAR if wait.lag > 0 else spot_of(wait).label


def label_of_gate(gate: Decision) -> int:
    """Return how the passing of a gate counts against other causes of that minute."""
    return CALENDAR if gate.has_passed_before else GATE


def label_of_part(part: Part, minute: int) -> int:
    """Return the last label of a part's stretch before a minute."""
    assert isinstance(part.job, Assignment)
    return label_of_stretch(part.job, part, minute)


def label_of_stretch(task: Assignment, part: Part | None, minute: int) -> int:
    """Return the last label of a task's stretch before a minute, that of `part` after delays of risks; else `work`."""
    if part is not None and any(begin < minute for begin, _, _ in part.stretches):
        return part.label_before(minute)
    return RISK if task.ready_at != task.conditions_at else WORK


def last_of(world: World) -> list[Cause]:
    """Return the tasks and gates that ended last; gates first, no task that a gate dropped."""
    now = world.clock.now
    last: list[Cause] = [(label_of_gate(gate), gate) for gate in world.gates if gate.passed_at == now]
    for task in world.tasks:
        if task.finished_at == now and not isinstance(task.dropped_by, Decision):
            spot = Spot(task, Place.FINISH, now)
            last.append((spot.label, spot))
    return last


def causes_for_task(task: Assignment, minute: int) -> list[Cause]:
    """Return what satisfied the last of a task's conditions in this minute."""
    causes: list[Cause] = [
        (label_of_link(wait), wait) for wait in task.waits if wait.holds_start and wait.satisfied_at == minute
    ]
    if task.opening is not None and task.opening.opened_at == minute:
        causes.append((CALENDAR, task.opening))
    if task.record.not_before > 0 and task.record.not_before == minute:
        causes.append((CALENDAR, None))
    causes += [(label_of_gate(gate), gate) for gate in task.gates if gate.passed_at == minute]
    return causes


def causes_for_review(gate: Decision, begin: int) -> list[Cause]:
    """Return what made a gate's first review begin in this minute."""
    ended = [Spot(task, Place.FINISH, begin) for task in gate.requires if task.finished_at == begin]
    causes: list[Cause] = [(spot.label, spot) for spot in ended]
    if gate.due_sprint is not None and gate.due_sprint.ended_at == begin:
        causes.append((CALENDAR, gate.due_sprint))
    if gate.record.due_kind == DUE_MINUTE and gate.record.due == begin:
        causes.append((CALENDAR, None))
    if 0 < gate.world.facts.project.status == begin:
        causes.append((CALENDAR, None))
    return causes
