"""The reference engine: one SimPy world per trial, written to be read; the kernel must give the same integers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise

from simrisk.engines import entries
from simrisk.models.chain import Chain, Ground, Owner
from simrisk.models.costs import total_cost
from simrisk.models.events import Event, Kind
from simrisk.models.facts import Facts
from simrisk.models.presence import Reason
from simrisk.models.quantities import Drawing, Draws
from simrisk.models.world import World
from simrisk.plan import Plan
from simrisk_kernels.layout import FINISHED, N_CAUSES, Outcomes, new_outcomes

Row = dict[str, "int | float | list[int]"]


@dataclass(frozen=True)
class Trial:
    """One trial and how it went.

    Parameters
    ----------
    outcome : dict
        One row of `Outcomes`, by the names of its fields.
    events : list of Event
        What happened, in order.
    stretches : list of (from, to, label)
        The driving chain from the start to the finish; empty unless the trial is finished.
    names : list of str
        For each stretch the id of the task or gate that worked or waited in it.
    grounds : list of Ground
        For each stretch what stands behind it.
    pieces : list of list of (from, to, label)
        For each part of the plan how its minutes were spent, work and waiting, from when it could be taken; of rework
        the last time.
    """

    outcome: Row
    events: list[Event]
    stretches: list[tuple[int, int, int]]
    names: list[str]
    grounds: list[Ground]
    pieces: list[list[tuple[int, int, int]]]


def run_reference(
    plan: Plan, *, trials: int, seed: int, first: int = 0, progress: Callable[[int], None] | None = None
) -> Outcomes:
    """Run trials `first` to ``first + trials - 1`` of a plan.

    Parameters
    ----------
    plan : Plan
    trials : int
    seed : int
    first : int
        Number of the first trial.
    progress : callable, optional
        Gets the number of trials just finished.

    Returns
    -------
    Outcomes
        One row a trial.
    """
    facts = Facts(plan)
    outcomes = new_outcomes(trials, facts.arrays)
    for i in range(trials):
        row = _row(*_run(facts, seed, first + i))
        for name, column in zip(Outcomes._fields, outcomes, strict=True):
            column[i] = row[name]
        if progress is not None:
            progress(1)
    return outcomes


def run_trial(plan: Plan, seed: int, trial: int) -> Trial:
    """Run one trial, which can be any, alone."""
    world, chain = _run(Facts(plan), seed, trial, entries.drawing())
    row, events, pieces = _row(world, chain), in_order(world), [part.stretches for part in world.parts]
    if chain is None:
        return Trial(row, events, [], [], [], pieces)
    return Trial(row, events, chain.stretches[::-1], chain.names[::-1], chain.grounds[::-1], pieces)


def in_order(world: World) -> list[Event]:
    """Return what was noted until the end, minute by minute; some things are noted before or after they happen."""
    found = [event for event in world.events if event.minute <= world.clock.now]
    return sorted(found, key=lambda event: (event.minute, event.kind is Kind.ENDS))


def _run(facts: Facts, seed: int, trial: int, drawing: Drawing | None = None) -> tuple[World, Chain | None]:
    world = World(facts, Draws(facts.arrays, seed, trial, drawing))
    world.run()
    return world, Chain(world) if world.outcome == FINISHED else None


def _row(world: World, chain: Chain | None) -> Row:
    row = {**_project(world, chain), **_tasks(world, chain), **_people(world, chain), **_gates(world, chain)}
    return row | {**_pools(world, chain), **_rest(world), **_sprints(world)}


def _or_never(minute: int | None) -> int:
    return -1 if minute is None else minute


def _minutes_of(owners: Iterable[Owner], chain: Chain | None) -> list[int]:
    return [0 if chain is None else chain.minutes_of[owner] for owner in owners]


def _project(world: World, chain: Chain | None) -> Row:
    end = world.clock.now
    assert world.outcome is not None
    cost = total_cost(world, end)
    spent = [*world.spent, *(cost for _ in world.facts.months[len(world.spent) :])]
    return {
        "end": end,
        "outcome": world.outcome,
        "cost": cost,
        "cash": [later - earlier for earlier, later in pairwise([0, *spent])],
        "chain": chain.minutes() if chain else [0] * N_CAUSES,
        "common_factor": world.common_factor,
    }


def _tasks(world: World, chain: Chain | None) -> Row:
    tasks = world.tasks
    return {
        "task_start": [_or_never(task.started_at) for task in tasks],
        "task_finish": [_or_never(task.finished_at) for task in tasks],
        "task_effort": [task.effort_minutes for task in tasks],
        "task_handovers": [task.handovers for task in tasks],
        "task_dropped": [int(task.dropped_by is not None) for task in tasks],
        "task_contractor": [int(task.contractor_took) for task in tasks],
        "task_critical": [int(chain is not None and task in chain.tasks) for task in tasks],
        "task_chain": _minutes_of(tasks, chain),
    }


def _people(world: World, chain: Chain | None) -> Row:
    workers = world.workers
    return {
        "person_worked": [worker.worked for worker in workers],
        "person_ceremony": [worker.ceremony_minutes for worker in workers],
        "person_leave": [worker.away_minutes[Reason.LEAVE] for worker in workers],
        "person_absence": [worker.absent_minutes for worker in workers],
        "person_absence_planned": [worker.absent_as_planned for worker in workers],
        "person_departed": [worker.departed_minutes(world.clock.now) for worker in workers],
        "person_left": [_or_never(worker.left_at) for worker in workers],
        "person_critical": [int(chain is not None and worker in chain.people) for worker in workers],
        "person_chain": _minutes_of(workers, chain),
    }


def _pools(world: World, chain: Chain | None) -> Row:
    unit = world.facts.project.head_unit
    return {
        "pool_worked": [whole(crew.worked, unit) for crew in world.pools],
        "pool_present": [whole(crew.present(world.clock.now), unit) for crew in world.pools],
        "pool_critical": [int(chain is not None and crew in chain.pools) for crew in world.pools],
        "pool_chain": _minutes_of(world.pools, chain),
    }


def whole(parts: int, unit: int) -> int:
    """Return an amount counted in parts of a head in whole heads, halves up."""
    return (2 * parts + unit) // (2 * unit)


def _rest(world: World) -> Row:
    return {
        "equipment_used": [stock.used_until(world.clock.now) for stock in world.equipment],
        "risk_happened": [int(risk.happens) for risk in world.risks],
    }


def _gates(world: World, chain: Chain | None) -> Row:
    gates = world.gates
    return {
        "gate_attempts": [gate.reviews for gate in gates],
        "gate_first": [_or_never(gate.first_review_at) for gate in gates],
        "gate_finish": [_or_never(gate.passed_at) for gate in gates],
        "gate_outcome": [gate.outcome for gate in gates],
        "gate_critical": [int(chain is not None and gate in chain.gates) for gate in gates],
        "gate_chain": _minutes_of(gates, chain),
    }


def _sprints(world: World) -> Row:
    sprints = world.sprints
    return {
        "sprint_start": [_or_never(sprint.opened_at) for sprint in sprints],
        "sprint_goal": [int(sprint.goal_met) for sprint in sprints],
        "sprint_carry_over": [sprint.carry_over for sprint in sprints],
        "sprint_velocity": [sprint.velocity for sprint in sprints],
    }
