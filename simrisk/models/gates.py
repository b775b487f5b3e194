"""Gates: go/no-go decisions with criteria that pass by chance, and what a no-go sets off."""

from __future__ import annotations

import numpy as np
from simrisk_kernels.layout import (
    CRITERION,
    DESCOPE,
    DUE_AT_ONCE,
    DUE_MINUTE,
    DUE_SPRINT,
    GATE_RECORD,
    PROCEED,
    STOP_PROJECT,
)

from simrisk.models.quantities import DrawBuilder, chance_threshold, stream_hash
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Gate, Scenario
from simrisk.scenario.units import WorkingCalendar

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


def lower_gates(
    scenario: Scenario,
    calendar: WorkingCalendar,
    draws: DrawBuilder,
    criteria: list[tuple[int, int]],
    gate_requires: Slices,
    gate_tasks: Slices,
    gate_drops: Slices,
) -> np.recarray:
    """Return the gates' records, shape (n_gates,)."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    held = [gates_of_task(scenario, i) for i in range(len(scenario.tasks))]
    rows = []
    for g, gate in enumerate(scenario.gates):
        drops = (0, -1)
        if gate.descope is not None:
            drops = gate_drops.add(sorted({places[name] for name in gate.descope}))
        rows.append(
            (
                *due_of(gate, calendar),
                draws.add(f"gate/{gate.id}//review", gate.review),
                draws.add(f"gate/{gate.id}//extend", gate.extend),
                int(gate.has_no_go),
                gate.max_extensions,
                THEN[gate.then],
                len(scenario.tasks) + g,
                *criteria[g],
                *gate_requires.add(sorted({places[name] for name in gate.requires})),
                *gate_tasks.add(i for i, gates in enumerate(held) if g in gates),
                *drops,
            )
        )
    return records(rows, GATE_RECORD)
