"""Links: what a task waits for in another one, its start or its end, and how long after."""

from __future__ import annotations

from collections.abc import Generator
from enum import Enum
from math import floor
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simrisk.models.clock import Step
from simrisk.models.events import Kind
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario.model import Link, Scenario
from simrisk_kernels.layout import FINISH_FINISH, FINISH_START, LINK, START_FINISH, START_START

if TYPE_CHECKING:
    from simrisk.models.tasks import Assignment
    from simrisk.models.world import World

KINDS = {"FS": FINISH_START, "SS": START_START, "FF": FINISH_FINISH, "SF": START_FINISH}


def lower_links(scenario: Scenario, draws: DrawBuilder) -> tuple[np.recarray, list[tuple[int, int]], list[list[int]]]:
    """Return the links, each task's slice of those it waits for, and the links each task is the predecessor of."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    rows: list[tuple[int, ...]] = []
    slices = []
    out: list[list[int]] = [[] for _ in scenario.tasks]
    for i, task in enumerate(scenario.tasks):
        own: dict[tuple[str, str], Link] = {}
        for link in sorted(task.links, key=lambda link: places[link.task]):
            own.setdefault((link.task, link.kind), link)
        slices.append((len(rows), len(own)))
        for link in own.values():
            lag = -1
            if link.lag is not None:
                lag = draws.add(f"task/{task.id}/lag/{link.task}/{link.kind}", link.lag)
            out[places[link.task]].append(len(rows))
            rows.append((places[link.task], i, KINDS[link.kind], lag))
    return records(rows, LINK), slices, out


class Place(Enum):
    """Where in its predecessor a link that is satisfied stands."""

    START = "at its start"
    INSIDE = "between its start and its finish"
    FINISH = "at its finish"


class Wait:
    """A link in one trial: one task waits for the start or the finish of another one."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.index = index
        self.record = world.facts.links[index]
        self.satisfied = simpy.Event(world.clock.env)
        self.satisfied_at: int | None = None
        self.lag = 0 if self.record.lag < 0 else floor(world.draws.value(self.record.lag) + 0.5)
        self.stands = Place.FINISH if self.record.kind in (FINISH_START, FINISH_FINISH) else Place.START

    @property
    def before(self) -> Assignment:
        """The task that is waited for."""
        task: Assignment = self.world.tasks[self.record.before]
        return task

    @property
    def holds_start(self) -> bool:
        """Whether the task that waits cannot start, or else cannot be finished."""
        return self.record.kind in (FINISH_START, START_START)

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: wait for the predecessor and the lag."""
        if self.lag < 0 and self.stands is Place.FINISH and self.before.known_length is not None:
            yield from self.wait_ahead(self.before.known_length)
        else:
            yield self.before.finished if self.stands is Place.FINISH else self.before.started
            if self.lag > 0:
                yield self.world.clock.at(self.world.clock.now + self.lag, Step.DATE, self.index)
        self.satisfied_at = self.world.clock.now
        if self.lag != 0:
            after = self.world.facts.plan.task_ids[self.record.after]
            self.world.note(Kind.LINKED, after, (self.before.name,), more=(self.lag,))
        self.satisfied.succeed()

    def wait_ahead(self, length: int) -> Generator[simpy.Event, None, None]:
        """Wait until so long before the end that is known when the predecessor starts, which then takes `length`."""
        yield self.before.started
        clock = self.world.clock
        ahead = max(0, length + self.lag)
        if not self.before.is_over:
            self.stands = Place.INSIDE
            if ahead > 0:
                yield clock.at(clock.now + ahead, Step.DATE, self.index) | self.before.finished
        if self.before.is_over:
            self.stands = Place.FINISH
