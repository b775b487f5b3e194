"""The world of one trial: its clock, its dice, and everything that lives in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from simrisk.models.allocation import allocate
from simrisk.models.clock import Clock, Step
from simrisk.models.costs import total_cost
from simrisk.models.cover import drop_tasks, has_descope
from simrisk.models.equipment import Stock
from simrisk.models.events import Event, Kind
from simrisk.models.facts import Facts, cut
from simrisk.models.gates import Decision
from simrisk.models.leave import leave_days
from simrisk.models.links import Wait
from simrisk.models.parts import Part
from simrisk.models.people import Worker
from simrisk.models.pools import Crew
from simrisk.models.quantities import Draws
from simrisk.models.risks import Threat
from simrisk.models.sprints import TimeBox
from simrisk.models.tasks import Assignment
from simrisk_kernels.layout import CENSORED, FINISHED, OUTCOMES, STOPPED


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
        self.clock = Clock(self.every_round(), self.settle)
        self.events: list[Event] = []
        self.outcome: int | None = None
        self.work_done = 0  # millionths of a minute of effort, on ordinary tasks
        self.spent: list[int] = []  # cents by the end of each calendar month
        common = facts.project.common
        self.common_factor = draws.value(common) if common >= 0 else 1.0
        self.levels = [list(levels) for levels in facts.levels]  # of people, by skill
        self.risks = [Threat(self, i) for i in range(len(facts.risks))]
        self.equipment = [Stock(self, i) for i in range(len(facts.equipment))]
        self.pools = [Crew(self, i) for i in range(len(facts.pools))]
        days = leave_days(facts, draws)
        self.workers = [Worker(self, i, days[i]) for i in range(len(facts.people))]
        self.tasks = [Assignment(self, i) for i, _ in facts.ordinary_tasks()]
        self.links = [Wait(self, i) for i in range(len(facts.links))]
        self.gates = [Decision(self, i) for i in range(len(facts.gates))]
        self.sprints = [TimeBox(self, i) for i in range(len(facts.sprints))]
        jobs = [*self.tasks, *(gate.rework for gate in self.gates)]
        self.parts = [Part(self, i, jobs[part.task]) for i, part in enumerate(facts.parts)]  # in allocation order
        for job in jobs:
            job.parts = [self.parts[i] for i in cut(facts.task_parts, job.record.part_ptr, job.record.n_parts)]

    def run(self) -> None:
        """Live through the trial."""
        env = self.clock.env
        self.note(Kind.BEGINS)
        self.look_at_months()
        for task in self.tasks:
            task.lay_out()
            if task.was_finished_before:
                self.teach(task)
        for life in (
            *map(Wait.live, self.links),
            *map(Assignment.live, self.tasks),
            *map(Worker.live, self.workers),
            *map(Crew.live, self.pools),
            *map(TimeBox.live, self.sprints),
            *map(Decision.live, self.gates),
        ):
            env.process(life)
        for risk in self.risks:
            if risk.happens and risk.record.n_affects == 0:
                self.clock.call_at(self.facts.project.status, Step.RETURN, 0, risk.strike)
        self.clock.call_at(self.facts.project.horizon, Step.HORIZON, 0, lambda: self.end(CENSORED))
        self.check_over()
        while self.outcome is None:
            env.step()

    def every_round(self) -> dict[Step, Callable[[], None]]:
        """Return what is done in every round of a minute."""
        allocation: dict[Step, Callable[[], None]] = {Step.ALLOCATE: lambda: allocate(self)}
        return {Step.DROP: lambda: drop_tasks(self), **allocation} if has_descope(self) else allocation

    # The end

    def check_over(self) -> None:
        """Look at the end of step 3 whether anything is left to do; before the status date nothing is over."""
        if all(task.is_over for task in self.tasks) and all(gate.passed_at is not None for gate in self.gates):
            over = max(self.clock.now, self.facts.project.status)
            self.clock.call_at(over, Step.OVER, 0, lambda: self.end(FINISHED))

    def teach(self, task: Assignment) -> None:
        """People have learned what a finished task teaches them."""
        for learned in cut(self.facts.raises, task.record.raise_ptr, task.record.n_raises):
            levels = self.levels[learned.person]
            levels[learned.skill] = max(levels[learned.skill], learned.level)

    def stop(self) -> None:
        """End at once, by the decision of a gate."""
        self.end(STOPPED)

    def end(self, outcome: int) -> None:
        """End the trial: account for everything up to this minute."""
        if self.outcome is not None:
            return
        self.outcome = outcome
        self.account_for_work()
        self.note(Kind.ENDS, more=(OUTCOMES[outcome],))
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

    def look_at_months(self) -> None:
        """Look, at the end of each calendar month, at what has been spent by then."""
        for minute in self.facts.months:
            if minute <= self.facts.project.horizon:
                self.clock.look_at(minute, self.look_at_money)

    def look_at_money(self) -> None:
        """Keep what has been spent by now."""
        self.account_for_work()
        self.spent.append(total_cost(self, self.clock.now))

    def note(
        self,
        kind: Kind,
        what: str = "",
        who: tuple[str, ...] = (),
        part: int = -1,
        more: tuple[str | int | float, ...] = (),
        *,
        minute: int | None = None,
    ) -> None:
        """Keep what happened, now or in another minute, for the story of the trial; see `Event`."""
        self.events.append(Event(self.clock.now if minute is None else minute, kind, what, who, part, more))

    # Quantities

    def effort_minutes(
        self, draw: int, index: int = 0, *, factors: Sequence[float] = (), on_clock: bool = False
    ) -> int:
        """Return a drawn effort times the common factor, or a drawn duration, times other factors, in whole minutes."""
        value = self.draws.value(draw, index)
        if not on_clock:
            value *= self.common_factor
        for factor in factors:
            value *= factor
        return self.draws.whole_minutes(value)

    def planned_minutes(self, draw: int) -> int:
        """Return the planned value of an effort, in whole minutes."""
        return max(0, math.floor(float(self.facts.draws[draw].planned) + 0.5))
