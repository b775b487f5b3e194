"""Risks: what happens in a trial or does not, when it strikes, and what it does to tasks, people and money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.events import Kind
from simrisk.models.facts import cut
from simrisk.models.quantities import DrawBuilder, chance_threshold, stream_hash
from simrisk.models.slices import records
from simrisk.scenario.model import Risk, Scenario
from simrisk_kernels.layout import RISK_AWAY, RISK_RECORD

if TYPE_CHECKING:
    from simrisk.models.tasks import Assignment
    from simrisk.models.world import World


def risks_of_task(scenario: Scenario, task: int) -> list[int]:
    """Return the risks that can still affect a task, in the order of the file."""
    if scenario.tasks[task].finished is not None:
        return []
    return [i for i, risk in enumerate(scenario.risks) if scenario.tasks[task].id in risk.affects]


def lower_risks(scenario: Scenario, draws: DrawBuilder) -> tuple[np.recarray, np.recarray]:
    """Return the risks' records, shape (n_risks,), and whom they take away, shape (n,)."""
    people = {person.id: i for i, person in enumerate(scenario.people)}
    finished = {task.id for task in scenario.tasks if task.finished is not None}
    rows: list[tuple[int, ...]] = []
    away: list[tuple[int, ...]] = []
    for risk in scenario.risks:
        stream = f"risk/{risk.id}"
        over = bool(risk.affects) and finished.issuperset(risk.affects)
        rows.append(
            (
                stream_hash(stream),
                0 if over else chance_threshold(risk.probability),
                -1 if risk.factor is None else draws.add(f"{stream}/factor", risk.factor),
                -1 if risk.delay is None else draws.add(f"{stream}/delay", risk.delay),
                risk.cost,
                len(set(risk.affects)),
                *_taken(risk, stream, people, draws, away),
            )
        )
    return records(rows, RISK_RECORD), records(away, RISK_AWAY)


def _taken(
    risk: Risk, stream: str, people: dict[str, int], draws: DrawBuilder, away: list[tuple[int, ...]]
) -> tuple[int, int]:
    """Add whom a risk takes away; return the slice of them."""
    first = len(away)
    away.extend((people[name], draws.add(f"{stream}/away/{name}", length)) for name, length in risk.away)
    return first, len(away) - first


class Threat:
    """A risk in one trial."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.record = world.facts.risks[index]
        self.name = world.facts.plan.risk_ids[index]
        self.happens = world.draws.word(self.record.hash) < self.record.chance
        self.struck_at: int | None = None
        self.delays_at: int | None = None  # the minute in which the first task could have been ready

    @property
    def factor(self) -> float | None:
        """What it multiplies efforts and durations by; None: nothing."""
        return self.world.draws.value(self.record.factor) if self.record.factor >= 0 else None

    def delay_now(self) -> int:
        """Return by how many minutes it delays a task whose conditions are satisfied now."""
        if self.delays_at is None:
            self.delays_at = self.world.clock.now
        if self.record.delay < 0 or self.delays_at != self.world.clock.now:
            return 0
        return self.world.draws.minutes(self.record.delay)

    def strikes_with(self, task: Assignment) -> None:
        """Strike with the start of the first task it affects, once everything that starts with it has."""
        task.started.callbacks.append(lambda _: self.strike())

    def strike(self) -> None:
        """Strike, unless it has already: it costs what it costs, and takes people away."""
        if self.struck_at is not None:
            return
        self.struck_at = self.world.clock.now
        day_minutes = self.world.facts.project.day_minutes
        away: dict[str, int] = {}  # days
        for taken in cut(self.world.facts.risk_away, self.record.away_ptr, self.record.n_away):
            minutes = self.world.draws.minutes(taken.draw)
            days = max(1, (2 * minutes + day_minutes) // (2 * day_minutes))
            worker = self.world.workers[taken.person]
            worker.take_away(days)
            away[worker.name] = away.get(worker.name, 0) + days
        effects = int(self.record.cost), self.factor or 1.0, *away.values()
        self.world.note(Kind.STRIKES, self.name, tuple(away), more=effects)

    def cost_until(self, end: int) -> int:
        """Return the cents it has cost when `end` begins, or by the end of the trial."""
        if self.world.outcome is not None:
            return int(self.record.cost) if self.happens else 0
        return int(self.record.cost) if self.struck_at is not None and self.struck_at < end else 0
