"""Sprints: time boxes on a cadence that open their tasks, begin with a ceremony and wait for gates."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simrisk.models.clock import Step
from simrisk.models.events import Kind
from simrisk.models.facts import cut
from simrisk.models.slices import Slices, records
from simrisk.scenario.cadence import planned_sprints
from simrisk.scenario.model import Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import MILLION, SPRINT

if TYPE_CHECKING:
    from simrisk.models.gates import Decision
    from simrisk.models.people import Worker
    from simrisk.models.world import World


def lower_sprints(scenario: Scenario, calendar: WorkingCalendar, sprint_gates: Slices) -> np.recarray:
    """Return the sprints' records, shape (n_sprints,)."""
    if scenario.sprints is None:
        return records([], SPRINT)
    rows = []
    for k, (first, end) in enumerate(planned_sprints(calendar, scenario.sprints)):
        blocking = [g for g, gate in enumerate(scenario.gates) if k + 1 in gate.blocks_sprints]
        length = (end - first) * calendar.day_minutes
        rows.append((first * calendar.day_minutes, length, *sprint_gates.add(blocking)))
    return records(rows, SPRINT)


class TimeBox:
    """A sprint in one trial."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.index = index
        self.name = world.facts.plan.sprint_names[index]
        self.record = world.facts.sprints[index]
        self.opened = simpy.Event(world.clock.env)
        self.ended = simpy.Event(world.clock.env)
        self.opened_at: int | None = None
        self.ended_at: int | None = None
        self.work_before = 0  # millionths of a minute done when it opened
        self.is_counted = False
        self.goal_met = False
        self.carry_over = 0  # minutes
        self.velocity = 0  # minutes

    @property
    def before(self) -> TimeBox | None:
        """The sprint before."""
        return self.world.sprints[self.index - 1] if self.index > 0 else None

    @property
    def gates(self) -> list[Decision]:
        """The gates that block it."""
        facts = self.world.facts
        return [self.world.gates[i] for i in cut(facts.sprint_gates, self.record.gate_ptr, self.record.n_gates)]

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: open when nothing blocks it any more, end after its number of days."""
        clock = self.world.clock
        yield clock.env.all_of([gate.passed for gate in self.gates] + ([self.before.ended] if self.before else []))
        yield clock.at(self.earliest_opening(), Step.OPEN, self.index)
        self.open()
        yield clock.at(clock.now + self.record.length, Step.OPEN, self.index)
        self.ended_at = clock.now
        self.ended.succeed()

    def earliest_opening(self) -> int:
        """Return the minute in which it opens, once all that blocked it is over."""
        opening: int = self.record.planned
        if self.before is not None and self.before.ended_at is not None:
            opening = max(opening, self.before.ended_at)
        return max([opening, *(self.day_after(gate) for gate in self.gates)])

    def day_after(self, gate: Decision) -> int:
        """Return the first start of a working day at or after the passing of a gate."""
        assert gate.passed_at is not None
        day_minutes: int = self.world.facts.project.day_minutes
        return -(-gate.passed_at // day_minutes) * day_minutes

    def open(self) -> None:
        """Open, and hold everybody who has work in the project for the ceremony."""
        clock = self.world.clock
        self.opened_at = clock.now
        self.world.account_for_work()
        self.work_before = self.world.work_done
        self.world.note(Kind.OPENS, self.name)
        self.opened.succeed()
        if self.world.facts.project.ceremony > 0 and clock.now >= self.world.facts.project.status:
            end = clock.now + self.world.facts.project.ceremony
            for worker in self.attendants():
                worker.begin_ceremony(end)
            clock.call_at(end, Step.CEREMONY_END, self.index, self.end_ceremony)

    def attendants(self) -> list[Worker]:
        """Return who is present, has ordinary work to do in the project and is not doing rework."""
        concerned: set[Worker] = set()
        for task in self.world.tasks:
            if not task.is_over:
                for part in task.parts:
                    concerned.update(candidate.worker for candidate in part.planned)
                    concerned.update(part.owning_workers)
        return [
            worker
            for worker in self.world.workers
            if worker in concerned and worker.is_present and worker.urgent is None
        ]

    def end_ceremony(self) -> None:
        """Release everybody whose ceremony ends now."""
        for worker in self.world.workers:
            if worker.ceremony_since is not None and worker.ceremony_end == self.world.clock.now:
                worker.end_ceremony()

    def count(self) -> None:
        """Count what has come of it, at its end or at the end of the trial."""
        self.is_counted = True
        of_it = [task for task in self.world.tasks if task.record.sprint == self.index]
        so_far = [task for task in self.world.tasks if 0 <= task.record.sprint <= self.index]
        self.goal_met = all(task.is_over for task in of_it if not task.record.optional)
        self.carry_over = nearest_minute(sum(task.left for task in so_far))
        self.velocity = 0 if self.opened_at is None else nearest_minute(self.world.work_done - self.work_before)
        if self.ended_at is not None:
            self.world.note(Kind.CLOSES, self.name, more=(int(self.goal_met), self.carry_over))


def nearest_minute(millionths: int) -> int:
    """Return an amount of work in whole minutes, halves up."""
    return (millionths + MILLION // 2) // MILLION
