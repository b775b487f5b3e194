"""Tasks: what makes them ready, when they begin and end, and how they are dropped."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simrisk.models.clock import Step
from simrisk.models.cover import CoverTable
from simrisk.models.facts import cut
from simrisk.models.gates import gates_of_task
from simrisk.models.parts import Job, Part
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Scenario, Task
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import TASK, WORK

if TYPE_CHECKING:
    from simrisk.models.gates import Decision
    from simrisk.models.sprints import TimeBox
    from simrisk.models.world import World


@dataclass
class TaskSlices:
    """The lists that the tasks' records point into."""

    parts: Slices
    before: Slices
    after: Slices
    gates: Slices


def lower_tasks(
    scenario: Scenario, calendar: WorkingCalendar, covers: CoverTable, parts_of: list[list[int]], slices: TaskSlices
) -> np.recarray:
    """Return the tasks' records and behind them those of the gates' rework, shape (n_tasks + n_gates,)."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    before = [sorted({places[name] for name in task.after}) for task in scenario.tasks]
    after: list[list[int]] = [[] for _ in scenario.tasks]
    for i, earlier in enumerate(before):
        for place in earlier:
            after[place].append(i)
    rows = []
    for i, task in enumerate(scenario.tasks):
        links = slices.before.add(before[i]), slices.after.add(after[i]), slices.gates.add(gates_of_task(scenario, i))
        facts = own_facts(task, calendar, covers.index(task.cover))
        rows.append((*facts, *slices.parts.add(parts_of[i]), *links[0], *links[1], *links[2]))
    for g in range(len(scenario.gates)):
        parts = slices.parts.add(parts_of[len(scenario.tasks) + g])
        rows.append((-1, 0, 0, -1, g, *parts, 0, 0, 0, 0, 0, 0))
    return records(rows, TASK)


def own_facts(task: Task, calendar: WorkingCalendar, cover: int) -> tuple[int, int, int, int, int]:
    """Return sprint, earliest minute, whether optional, policy, and no gate."""
    earliest = 0 if task.not_before is None else max(0, calendar.minute_of(task.not_before))
    return -1 if task.sprint is None else task.sprint - 1, earliest, int(task.optional), cover, -1


class Assignment(Job):
    """A task in one trial."""

    def __init__(self, world: World, index: int) -> None:
        super().__init__(world, index, world.facts.plan.task_ids[index])
        self.finished = simpy.Event(world.clock.env)  # or dropped
        self.started_at: int | None = None
        self.finished_at: int | None = None
        self.dropped_by: Decision | None = None
        self.effort_minutes = 0

    @property
    def predecessors(self) -> list[Assignment]:
        """In the order of the file."""
        return [self.world.tasks[i] for i in cut(self.world.facts.task_prev, self.record.prev_ptr, self.record.n_prev)]

    @property
    def gates(self) -> list[Decision]:
        """The gates that hold it."""
        return [
            self.world.gates[i] for i in cut(self.world.facts.task_gates, self.record.gate_ptr, self.record.n_gates)
        ]

    @property
    def opening(self) -> TimeBox | None:
        """The sprint whose opening it waits for."""
        waits = self.record.sprint >= 0 and not self.world.facts.project.pull
        return self.world.sprints[self.record.sprint] if waits else None

    @property
    def is_open(self) -> bool:
        """Whether it is ready and not over."""
        return self.ready_at is not None and self.finished_at is None

    @property
    def is_over(self) -> bool:
        """Whether it is finished or dropped."""
        return self.finished_at is not None

    @property
    def left(self) -> int:
        """Millionths of a minute of work that are left."""
        return 0 if self.is_over else sum(part.left for part in self.parts)

    def lay_out(self) -> None:
        """Draw the effort."""
        drawn = {part.record.draw: self.world.effort_minutes(part.record.draw) for part in self.parts}
        self.effort_minutes = sum(drawn.values())
        for part in self.parts:
            part.lay_out(part.share_of(drawn[part.record.draw]))

    def wait_until_ready(self) -> Generator[simpy.Event, None, None]:
        """Process: wait for everything that comes before."""
        conditions = [task.finished for task in self.predecessors] + [gate.passed for gate in self.gates]
        if self.opening is not None:
            conditions.append(self.opening.opened)
        if self.record.not_before > 0:
            conditions.append(self.world.clock.at(self.record.not_before, Step.DATE, self.index))
        yield self.world.clock.env.all_of(conditions)
        if self.is_over:  # dropped before
            return
        self.ready_at = self.world.clock.now
        for part in self.parts:
            part.since = self.ready_at
        self.world.clock.stir()

    def begun(self) -> None:
        """Its first part has been taken, if none was before."""
        if self.started_at is None:
            self.started_at = self.world.clock.now

    def part_done(self) -> None:
        """With the last part it is finished."""
        if all(part.done_at is not None for part in self.parts):
            self.end()

    def drop(self, gate: Decision) -> None:
        """Be dropped by a gate: started and finished in this minute, and nobody holds it any more."""
        for part in self.parts:
            if part.waits_for_hands:
                part.account(self.world.clock.now)
                part.release()
        self.dropped_by = gate
        self.begun()
        self.end()

    def end(self) -> None:
        """Be finished or dropped."""
        self.finished_at = self.world.clock.now
        self.finished.succeed()
        self.world.note(f"{self.name} is {'dropped' if self.dropped_by else 'finished'}")
        self.world.check_over()

    def last_part(self) -> Part:
        """Return the part that was done last; of several the one with the later label, then as in the file."""
        last = [part for part in self.parts if part.done_at == self.finished_at]
        return max(last, key=Part.last_label)

    def last_label(self) -> int:
        """Return the label of its last minute; `work` if it had none."""
        return self.last_part().last_label() if self.parts else WORK
