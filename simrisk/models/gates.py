"""Gates: go/no-go decisions with criteria that pass by chance, and what a no-go sets off."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simrisk.models.calendar import history_minute
from simrisk.models.clock import Step
from simrisk.models.events import Kind
from simrisk.models.facts import cut
from simrisk.models.parts import Job
from simrisk.models.quantities import DrawBuilder, chance_threshold, stream_hash
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Gate, Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import (
    CRITERION,
    DESCOPE,
    DESCOPED,
    DUE_AT_ONCE,
    DUE_MINUTE,
    DUE_SPRINT,
    GATE_OUTCOMES,
    GATE_RECORD,
    GO,
    PROCEED,
    STOP,
    STOP_PROJECT,
    UNDECIDED,
    WAIVED,
)

if TYPE_CHECKING:
    from simrisk.models.sprints import TimeBox
    from simrisk.models.tasks import Assignment
    from simrisk.models.world import World

THEN = {"proceed": PROCEED, "descope": DESCOPE, "stop": STOP_PROJECT}


def gates_of_task(scenario: Scenario, task: int) -> list[int]:
    """Return the gates that hold a task itself; with `pull` also those that hold its sprint or an earlier one."""
    sprint = scenario.tasks[task].sprint if scenario.sprints and scenario.sprints.pull else None
    return [
        g
        for g, gate in enumerate(scenario.gates)
        if scenario.tasks[task].id in gate.blocks_tasks
        or (sprint is not None and any(blocked <= sprint for blocked in gate.blocks_sprints))
    ]


def due_of(gate: Gate, calendar: WorkingCalendar) -> tuple[int, int]:
    """Return the kind of a gate's due and its sprint or minute."""
    if gate.due is None:
        return DUE_AT_ONCE, 0
    if isinstance(gate.due, int):
        return DUE_SPRINT, gate.due - 1
    return DUE_MINUTE, max(0, calendar.minute_of(gate.due))


def lower_criteria(scenario: Scenario) -> tuple[np.recarray, list[tuple[int, int]]]:
    """Return the criteria of all gates, shape (n,), and each gate's slice of them."""
    rows: list[tuple[int, ...]] = []
    slices = []
    for gate in scenario.gates:
        slices.append((len(rows), len(gate.criteria)))
        for criterion in gate.criteria:
            chances = chance_threshold(criterion.chance), chance_threshold(criterion.later)
            rows.append((stream_hash(f"gate/{gate.id}/{criterion.id}"), *chances))
    return records(rows, CRITERION), slices


@dataclass
class GateSlices:
    """The lists that the gates' records point into."""

    requires: Slices
    tasks: Slices
    drops: Slices


def lower_gates(
    scenario: Scenario,
    calendar: WorkingCalendar,
    draws: DrawBuilder,
    criteria: list[tuple[int, int]],
    slices: GateSlices,
) -> np.recarray:
    """Return the gates' records, shape (n_gates,)."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    held = [gates_of_task(scenario, i) for i in range(len(scenario.tasks))]
    rows = []
    for g, gate in enumerate(scenario.gates):
        drops = (0, -1)
        if gate.descope is not None:
            drops = slices.drops.add(sorted({places[name] for name in gate.descope}))
        rows.append(
            (
                *due_of(gate, calendar),
                draws.add(f"gate/{gate.id}//review", gate.review),
                draws.add(f"gate/{gate.id}//extend", gate.extend),
                int(gate.has_no_go),
                gate.max_extensions,
                THEN[gate.then],
                history_minute(scenario, calendar, gate.passed),
                len(scenario.tasks) + g,
                *criteria[g],
                *slices.requires.add(sorted({places[name] for name in gate.requires})),
                *slices.tasks.add(i for i, gates in enumerate(held) if g in gates),
                *drops,
            )
        )
    return records(rows, GATE_RECORD)


class Rework(Job):
    """The urgent work that the people named do before a gate is reviewed again."""

    def __init__(self, world: World, index: int, gate: Decision) -> None:
        super().__init__(world, index, gate.name)
        self.done = simpy.Event(world.clock.env)

    @property
    def is_open(self) -> bool:
        """Whether it has been ordered and is not done."""
        return self.ready_at is not None

    def order(self, review: int) -> simpy.Event:
        """Draw the rework after a review and ask for it now; return the event of its end."""
        self.done = simpy.Event(self.world.clock.env)
        for part in self.parts:
            part.lay_out(part.share_of(self.world.effort_minutes(part.record.draw, review)))
        if self.parts:
            self.ready_at = self.world.clock.now
        else:
            self.done.succeed()
        return self.done

    def part_done(self) -> None:
        """One of the people is done; with the last the gate may be reviewed again."""
        if all(part.done_at is not None for part in self.parts):
            self.ready_at = None
            self.done.succeed()


class Decision:
    """A gate in one trial."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.index = index
        self.name = world.facts.plan.gate_ids[index]
        self.record = world.facts.gates[index]
        self.rework = Rework(world, self.record.rework, self)
        self.passed = simpy.Event(world.clock.env)
        self.passed_at: int | None = None  # or stopped
        self.first_review_at: int | None = None
        self.reviews = 0
        self.outcome = UNDECIDED
        criteria = cut(world.facts.criteria, self.record.criterion_ptr, self.record.n_criteria)
        self.open_criteria = list(enumerate(criteria))  # with their places

    @property
    def requires(self) -> list[Assignment]:
        """In the order of the file."""
        facts = self.world.facts
        return [self.world.tasks[i] for i in cut(facts.gate_requires, self.record.require_ptr, self.record.n_requires)]

    @property
    def has_passed_before(self) -> bool:
        """Whether it passed before the status date."""
        return bool(self.record.passed >= 0)

    @property
    def due_sprint(self) -> TimeBox | None:
        """The sprint at whose end it is due."""
        return self.world.sprints[self.record.due] if self.record.due_kind == DUE_SPRINT else None

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: be reviewed, and reviewed again, until it passes; nothing is reviewed before the status date."""
        clock, draws = self.world.clock, self.world.draws
        if self.has_passed_before:
            yield clock.at(self.record.passed, Step.RETURN, self.index)
            self.close(GO)
            return
        status = clock.at(self.world.facts.project.status, Step.DATE, self.index)
        yield clock.env.all_of([self.due(), status, *(task.finished for task in self.requires)])
        while True:
            yield clock.at(clock.now, Step.BEGIN, self.index)
            if self.first_review_at is None:
                self.first_review_at = clock.now
            self.world.note(Kind.REVIEW, self.name, more=(self.reviews + 1,))
            length = draws.minutes(self.record.review, self.reviews)
            yield clock.at(clock.now + length, Step.DECIDE, self.index)
            outcome = self.decide()
            if outcome != UNDECIDED:
                self.close(outcome)
                return
            failed = self.reviews - 1
            extension = draws.minutes(self.record.extend, failed)
            reworkers = tuple(name for part in self.rework.parts for name in part.names_of_planned)
            self.world.note(Kind.NO_GO, self.name, reworkers, more=(extension, *self.failed))
            yield clock.at(clock.now + extension, Step.EXTENSION_END, self.index) & self.rework.order(failed)

    def due(self) -> simpy.Event:
        """Return the event at which it is due."""
        if self.due_sprint is not None:
            return self.due_sprint.ended
        minute = self.record.due if self.record.due_kind == DUE_MINUTE else 0
        return self.world.clock.at(minute, Step.DATE, self.index)

    def decide(self) -> int:
        """Draw the criteria still open; return the outcome, `UNDECIDED` when there is another review."""
        review = self.reviews
        self.reviews += 1
        self.open_criteria = [
            (place, criterion)
            for place, criterion in self.open_criteria
            if self.world.draws.word(criterion.hash, review) >= (criterion.chance if review == 0 else criterion.later)
        ]
        if not self.open_criteria:
            return GO
        if not self.record.has_no_go:
            return WAIVED
        if self.reviews <= self.record.max_extensions:
            return UNDECIDED
        return {PROCEED: WAIVED, DESCOPE: DESCOPED, STOP_PROJECT: STOP}[self.record.then]

    @property
    def failed(self) -> tuple[str, ...]:
        """The criteria that are open: after a review those that failed."""
        criteria = self.world.facts.plan.scenario.gates[self.index].criteria
        return tuple(criteria[place].id for place, _ in self.open_criteria)

    def close(self, outcome: int) -> None:
        """Pass, or stop the project."""
        self.outcome = outcome
        self.passed_at = self.world.clock.now
        failed = () if self.has_passed_before else self.failed
        self.world.note(Kind.PASSES, self.name, more=(GATE_OUTCOMES[outcome], *failed))
        if outcome == STOP:
            self.world.stop()
            return
        if outcome == DESCOPED:
            for task in self.to_drop():
                task.drop(self)
        self.passed.succeed()
        self.world.check_over()

    def to_drop(self) -> list[Assignment]:
        """Return the tasks that a descope drops: those named, or the optional ones not begun."""
        if self.record.n_drops < 0:
            return [task for task in self.world.tasks if task.record.optional and task.started_at is None]
        named = cut(self.world.facts.gate_drops, self.record.drop_ptr, self.record.n_drops)
        return [self.world.tasks[i] for i in named if not self.world.tasks[i].is_over]
