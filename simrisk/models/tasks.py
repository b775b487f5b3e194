"""Tasks: what makes them ready, when they begin and end, and how they are dropped."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import simpy

from simrisk.models.calendar import history_minute, status_minute
from simrisk.models.clock import Step
from simrisk.models.cover import CoverTable
from simrisk.models.events import Kind
from simrisk.models.facts import cut
from simrisk.models.gates import gates_of_task
from simrisk.models.parts import Job, Part
from simrisk.models.risks import risks_of_task
from simrisk.models.skills import SkillTable
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Scenario, Task
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import MILLION, TASK

if TYPE_CHECKING:
    from simrisk.models.equipment import Stock
    from simrisk.models.gates import Decision
    from simrisk.models.links import Wait
    from simrisk.models.risks import Threat
    from simrisk.models.sprints import TimeBox
    from simrisk.models.world import World


@dataclass
class TaskSlices:
    """The lists that the tasks' records point into."""

    parts: Slices
    out: Slices
    gates: Slices
    skills: Slices
    risks: Slices


@dataclass(frozen=True)
class OfTasks:
    """What has been lowered for the tasks before their records are: each task's slice, or list, of it."""

    parts: list[list[int]]  # of tasks and of rework
    links: list[tuple[int, int]]
    out: list[list[int]]  # links it is the predecessor of
    uses: list[tuple[int, int]]
    raises: list[tuple[int, int]]


def lower_tasks(
    scenario: Scenario,
    calendar: WorkingCalendar,
    covers: CoverTable,
    skills: SkillTable,
    of: OfTasks,
    slices: TaskSlices,
) -> np.recarray:
    """Return the tasks' records and behind them those of the gates' rework, shape (n_tasks + n_gates,)."""
    rows: list[tuple[int, ...]] = []
    for i, task in enumerate(scenario.tasks):
        rows.append(
            (
                *own_facts(scenario, task, calendar, covers.index(task.cover)),
                *slices.parts.add(of.parts[i]),
                *of.links[i],
                *slices.out.add(of.out[i]),
                *slices.gates.add(gates_of_task(scenario, i)),
                *slices.skills.add(skills.indices(task.skills)),
                *of.uses[i],
                *slices.risks.add(risks_of_task(scenario, i)),
                *of.raises[i],
                history_minute(scenario, calendar, task.finished),
            )
        )
    for g, gate in enumerate(scenario.gates):
        parts = slices.parts.add(of.parts[len(scenario.tasks) + g])
        needed = slices.skills.add(skills.indices(gate.rework_skills))
        rows.append((-1, 0, 0, -1, g, *parts, 0, 0, 0, 0, 0, 0, *needed, 0, 0, 0, 0, 0, 0, -1))
    return records(rows, TASK)


def own_facts(scenario: Scenario, task: Task, calendar: WorkingCalendar, cover: int) -> tuple[int, int, int, int, int]:
    """Return sprint, earliest minute, whether optional, policy, and no gate."""
    earliest = 0 if task.not_before is None else max(0, calendar.minute_of(task.not_before))
    if task.finished is None:
        earliest = max(earliest, status_minute(scenario, calendar))
    return -1 if task.sprint is None else task.sprint - 1, earliest, int(task.optional), cover, -1


class Assignment(Job):
    """A task in one trial."""

    def __init__(self, world: World, index: int) -> None:
        super().__init__(world, index, world.facts.plan.task_ids[index])
        self.started = simpy.Event(world.clock.env)  # or dropped
        self.finished = simpy.Event(world.clock.env)  # or dropped
        self.conditions_at: int | None = None  # when its conditions were satisfied, delays of risks aside
        self.started_at: int | None = None
        self.parts_done_at: int | None = None
        self.finished_at: int | None = None
        self.dropped_by: Decision | Part | None = None
        self.was_begun = False  # before it was dropped, if it was
        self.effort_minutes = 0

    # What it waits for

    @property
    def waits(self) -> list[Wait]:
        """The links to its predecessors, in the order of the file."""
        return cut(self.world.links, self.record.link_ptr, self.record.n_links)

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
    def risks(self) -> list[Threat]:
        """The risks that happen and affect it, in the order of the file."""
        places = cut(self.world.facts.task_risks, self.record.risk_ptr, self.record.n_risks)
        return [self.world.risks[i] for i in places if self.world.risks[i].happens]

    @property
    def uses(self) -> list[tuple[Stock, int]]:
        """The equipment it takes, and how many units."""
        uses = cut(self.world.facts.uses, self.record.use_ptr, self.record.n_uses)
        return [(self.world.equipment[use.equipment], use.units) for use in uses]

    # How it stands

    @property
    def was_finished_before(self) -> bool:
        """Whether it was finished before the status date."""
        return bool(self.record.finished >= 0)

    @property
    def is_open(self) -> bool:
        """Whether it is ready and not over."""
        return self.ready_at is not None and self.finished_at is None

    @property
    def is_over(self) -> bool:
        """Whether it is finished or dropped."""
        return self.finished_at is not None

    @property
    def has_equipment(self) -> bool:
        """Whether it has what it uses, or could have it now."""
        return self.started_at is not None or all(units <= stock.free for stock, units in self.uses)

    def short_of(self) -> tuple[str, ...]:
        """Return the equipment it uses and cannot have now."""
        return tuple(stock.name for stock, units in self.uses if units > stock.free)

    @property
    def known_length(self) -> int | None:
        """The minutes it takes from its start to the end of its work; None unless it runs on the clock."""
        return self.parts[0].effort // MILLION if self.parts and self.parts[0].is_on_clock else None

    @property
    def left(self) -> int:
        """Millionths of a minute of effort that are left."""
        return 0 if self.is_over else sum(part.left for part in self.parts if not part.is_on_clock)

    def lay_out(self) -> None:
        """Draw the effort, or the duration."""
        if self.was_finished_before:
            return
        drawn = {part.record.draw: self.draw_minutes(part) for part in self.parts}
        self.effort_minutes = sum(drawn.values())
        for part in self.parts:
            part.lay_out(part.share_of(drawn[part.record.draw]))

    def draw_minutes(self, part: Part) -> int:
        """Return the minutes drawn for a part and those that share its draw, what has been done taken off."""
        factors = [risk.factor for risk in self.risks if risk.factor is not None]
        drawn = self.world.effort_minutes(part.record.draw, factors=factors, on_clock=part.is_on_clock)
        return max(0, drawn - int(part.record.done))

    def live(self) -> Generator[simpy.Event, None, None]:
        """Process: wait for everything that comes before; a milestone is finished at once."""
        clock = self.world.clock
        if self.was_finished_before:
            yield clock.at(self.record.finished, Step.RETURN, self.index)
            self.start()
            self.parts_done_at = clock.now
            self.end()
            return
        yield clock.env.all_of(self.conditions())
        if self.is_over:  # dropped before
            return
        self.conditions_at = clock.now
        delays = {risk.name: risk.delay_now() for risk in self.risks}
        delay = sum(delays.values())
        if delay > 0:
            by = tuple(name for name, minutes in delays.items() if minutes > 0)
            self.world.note(Kind.DELAYED, self.name, by, more=(delay,))
            yield clock.at(clock.now + delay, Step.DATE, self.index)
            if self.is_over:
                return
        self.become_ready()

    def conditions(self) -> list[simpy.Event]:
        """Return the events that all have to come before it is ready, but for delays of risks."""
        events: list[simpy.Event] = [wait.satisfied for wait in self.waits if wait.holds_start]
        events += [gate.passed for gate in self.gates]
        if self.opening is not None:
            events.append(self.opening.opened)
        if self.record.not_before > 0:
            events.append(self.world.clock.at(self.record.not_before, Step.DATE, self.index))
        return events

    def become_ready(self) -> None:
        """Its parts may be taken from now on; a milestone has none and starts."""
        self.ready_at = self.world.clock.now
        self.world.note(Kind.READY, self.name)
        for part in self.parts:
            part.since = self.ready_at
        if not self.parts:
            self.begun()
            self.part_done()
        self.world.clock.stir()

    # Beginning and end

    def begun(self) -> None:
        """Its first part has been taken, if none was before: it takes its equipment, and risks may strike."""
        if self.started_at is not None:
            return
        self.was_begun = True
        for stock, units in self.uses:
            stock.take(self, units)
        self.start()
        for risk in self.risks:
            risk.strikes_with(self)

    def start(self) -> None:
        """Be started, or count as started."""
        if self.started_at is None:
            self.started_at = self.world.clock.now
            self.started.succeed()

    def part_done(self) -> None:
        """With the last part it is finished, unless a link still holds its end."""
        if all(part.done_at is not None for part in self.parts):
            self.parts_done_at = self.world.clock.now
            self.world.clock.env.process(self.finish())

    def finish(self) -> Generator[simpy.Event, None, None]:
        """Process: be finished as soon as no link holds the end any more."""
        holding = [wait.satisfied for wait in self.waits if not wait.holds_start]
        if not all(satisfied.triggered for satisfied in holding):
            self.world.note(Kind.HELD, self.name)
        yield self.world.clock.env.all_of(holding)
        if not self.is_over:
            self.world.teach(self)
            self.end()

    def drop(self, by: Decision | Part) -> None:
        """Be dropped by a gate, or because the owner of a part is away: started and finished in this minute."""
        for part in self.parts:
            if part.waits_for_hands:
                part.account(self.world.clock.now)
                part.release()
        self.dropped_by = by
        self.world.note(Kind.DROPPED, self.name, (by.job.name, *by.absentees()) if isinstance(by, Part) else (by.name,))
        self.start()
        self.end()

    def end(self) -> None:
        """Be finished or dropped."""
        self.finished_at = self.world.clock.now
        for stock, _ in self.uses:
            stock.give_back(self)
        self.finished.succeed()
        self.world.clock.stir()  # what it used is free
        if self.dropped_by is None:
            self.world.note(Kind.FINISHED, self.name)
        self.world.check_over()

    # On the driving chain

    @property
    def end_was_held(self) -> bool:
        """Whether a link held its end when its last part was done."""
        return self.dropped_by is None and self.parts_done_at != self.finished_at

    @property
    def last_part(self) -> Part | None:
        """The part that was done last; of several the one with the later label, then as in the file."""
        last = [part for part in self.parts if part.done_at == self.parts_done_at]
        return max(last, key=Part.last_label, default=None)

    @property
    def first_part(self) -> Part | None:
        """The part that was taken first."""
        first = [part for part in self.parts if part.taken_at is not None]
        return min(first, key=lambda part: (part.taken_at, part.index), default=None)
