"""The world of one trial: its clock, its dice, and everything that lives in it."""

from __future__ import annotations

import math

from simrisk.models.allocation import allocate
from simrisk.models.clock import Clock, Step
from simrisk.models.facts import Facts, cut
from simrisk.models.gates import Decision
from simrisk.models.leave import leave_days
from simrisk.models.parts import Part
from simrisk.models.people import Worker
from simrisk.models.quantities import Draws
from simrisk.models.sprints import TimeBox
from simrisk.models.tasks import Assignment
from simrisk_kernels.layout import CENSORED, FINISHED, STOPPED


class World:
    """One trial of a plan.

    Parameters
    ----------
    facts : Facts
        What all trials have in common.
    draws : Draws
        The dice of this one.
    """

    def __init__(self, facts: Facts, draws: Draws) -> None:
        self.facts = facts
        self.draws = draws
        self.clock = Clock(lambda: allocate(self), self.settle)
        self.log: list[tuple[int, str]] = []
        self.outcome: int | None = None
        self.work_done = 0  # millionths of a minute, on ordinary tasks
        common = facts.project.common
        self.common_factor = draws.value(common) if common >= 0 else 1.0
        days = leave_days(facts, draws)
        self.workers = [Worker(self, i, days[i]) for i in range(len(facts.people))]
        self.tasks = [Assignment(self, i) for i, _ in facts.ordinary_tasks()]
        self.gates = [Decision(self, i) for i in range(len(facts.gates))]
        self.sprints = [TimeBox(self, i) for i in range(len(facts.sprints))]
        jobs = [*self.tasks, *(gate.rework for gate in self.gates)]
        self.parts = [Part(self, i, jobs[part.task]) for i, part in enumerate(facts.parts)]  # in allocation order
        for job in jobs:
            job.parts = [self.parts[i] for i in cut(facts.task_parts, job.record.part_ptr, job.record.n_parts)]

    def run(self) -> None:
        """Live through the trial."""
        env = self.clock.env
        for task in self.tasks:
            task.lay_out()
            env.process(task.wait_until_ready())
        for life in (
            *map(Worker.live, self.workers),
            *map(TimeBox.live, self.sprints),
            *map(Decision.live, self.gates),
        ):
            env.process(life)
        self.clock.call_at(self.facts.project.horizon, Step.HORIZON, 0, lambda: self.end(CENSORED))
        self.check_over()
        while self.outcome is None:
            env.step()

    # The end

    def check_over(self) -> None:
        """Look at the end of step 3 whether anything is left to do."""
        if all(task.is_over for task in self.tasks) and all(gate.passed_at is not None for gate in self.gates):
            self.clock.call_at(self.clock.now, Step.OVER, 0, lambda: self.end(FINISHED))

    def stop(self) -> None:
        """End at once, by the decision of a gate."""
        self.end(STOPPED)

    def end(self, outcome: int) -> None:
        """End the trial: account for everything up to this minute."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        self.account_for_work()
        for worker in self.workers:
            worker.end_ceremony()
            worker.note_time_away(self.clock.now)
        for sprint in self.sprints:
            if not sprint.is_counted:
                sprint.count()

    # Accounts

    def settle(self) -> None:
        """Note, when nothing more happens in this minute, how everything goes on."""
        for part in self.parts:
            if part.waits_for_hands:
                part.settle()
        for sprint in self.sprints:
            if sprint.ended_at is not None and not sprint.is_counted:
                sprint.count()

    def account_for_work(self) -> None:
        """Bring the accounts of all parts up to now."""
        for part in self.parts:
            if part.waits_for_hands:
                part.account(self.clock.now)

    def note(self, text: str) -> None:
        """Keep what happened, for the story of the trial."""
        self.log.append((self.clock.now, text))

    # Quantities

    def effort_minutes(self, draw: int, index: int = 0) -> int:
        """Return a drawn effort times the common factor, in whole minutes."""
        return self.draws.minutes(draw, index, self.common_factor)

    def planned_minutes(self, draw: int) -> int:
        """Return the planned value of an effort, in whole minutes."""
        return max(0, math.floor(float(self.facts.draws[draw].planned) + 0.5))
