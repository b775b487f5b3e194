"""Facts: a plan's arrays as plain Python values, unpacked once for all trials of the reference engine."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator
from typing import Any

import numpy as np

from simrisk.plan import Plan

Row = Any  # a named tuple with the fields of the record


def rows(table: np.recarray) -> list[Row]:
    """Return the records as named tuples of Python numbers."""
    kind = namedtuple("kind", table.dtype.names or ())  # type: ignore[misc]
    return [kind(*record) for record in table.tolist()]


class Facts:
    """What all trials of a plan have in common."""

    def __init__(self, plan: Plan) -> None:
        arrays = plan.arrays
        self.plan = plan
        self.persons = {person.id: person for person in plan.scenario.people}
        self.arrays = arrays
        self.project = rows(arrays.project)[0]
        self.people, self.absences, self.blocks = rows(arrays.people), rows(arrays.absences), rows(arrays.blocks)
        self.tasks, self.parts, self.candidates = rows(arrays.tasks), rows(arrays.parts), rows(arrays.candidates)
        self.sprints, self.gates, self.criteria = rows(arrays.sprints), rows(arrays.gates), rows(arrays.criteria)
        self.covers, self.draws = rows(arrays.covers), rows(arrays.draws)
        self.rates: list[list[list[int]]] = arrays.rates.tolist()
        self.leave: list[tuple[int, int]] = [(first, end) for first, end in arrays.leave.tolist()]
        self.blackout: list[int] = arrays.blackout.tolist()
        self.task_parts: list[int] = arrays.task_parts.tolist()
        self.links, self.uses, self.raises = rows(arrays.links), rows(arrays.uses), rows(arrays.raises)
        self.equipment, self.charges = rows(arrays.equipment), rows(arrays.charges)
        self.pools, self.pieces = rows(arrays.pools), rows(arrays.pieces)
        self.pool_rates: list[list[int]] = arrays.pool_rates.tolist()
        self.contractor_rates: list[list[int]] = arrays.contractor_rates.tolist()
        self.cover_drops: list[int] = arrays.cover_drops.tolist()
        self.risks, self.risk_away = rows(arrays.risks), rows(arrays.risk_away)
        self.levels: list[list[int]] = arrays.levels.tolist()
        self.abilities: list[list[int]] = arrays.abilities.tolist()
        self.months: list[int] = arrays.months.tolist()
        self.task_skills: list[int] = arrays.task_skills.tolist()
        self.task_risks: list[int] = arrays.task_risks.tolist()
        self.task_gates: list[int] = arrays.task_gates.tolist()
        self.sprint_gates: list[int] = arrays.sprint_gates.tolist()
        self.gate_requires: list[int] = arrays.gate_requires.tolist()
        self.gate_drops: list[int] = arrays.gate_drops.tolist()

    def ordinary_tasks(self) -> Iterator[tuple[int, Row]]:
        """Yield number and record of the tasks without the rework of gates."""
        return ((i, record) for i, record in enumerate(self.tasks) if record.gate < 0)


def cut(items: list[Any], first: int, n: int) -> list[Any]:
    """Return a slice by its first place and its length."""
    return items[first : first + n]
