"""Equipment: what there are only so many units of, and a task holds from its start to its finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.slices import records
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import EQUIPMENT, USE

if TYPE_CHECKING:
    from simrisk.models.tasks import Assignment
    from simrisk.models.world import World


def lower_equipment(scenario: Scenario) -> np.recarray:
    """Return the records of the equipment, shape (n_equipment,)."""
    rows = []
    for kind in scenario.equipment:
        pay = (kind.rate or 0) * kind.units
        rows.append((kind.units, *divmod(pay.numerator, pay.denominator), pay.denominator))
    return records(rows, EQUIPMENT)


def lower_uses(scenario: Scenario) -> tuple[np.recarray, list[tuple[int, int]]]:
    """Return what the tasks use, shape (n,), and each task's slice of it."""
    places = {kind.id: i for i, kind in enumerate(scenario.equipment)}
    rows: list[tuple[int, ...]] = []
    slices = []
    for task in scenario.tasks:
        slices.append((len(rows), len(task.uses)))
        rows.extend((places[name], units) for name, units in task.uses)
    return records(rows, USE), slices


class Stock:
    """The units of one kind of equipment in one trial."""

    def __init__(self, world: World, index: int) -> None:
        self.world = world
        self.name = world.facts.plan.equipment_ids[index]
        self.record = world.facts.equipment[index]
        self.free: int = self.record.units
        self.used = 0  # minutes of units that were given back
        self.held: dict[Assignment, tuple[int, int]] = {}  # units, since

    def take(self, task: Assignment, units: int) -> None:
        """Give a task its units."""
        self.free -= units
        self.held[task] = units, self.world.clock.now

    def give_back(self, task: Assignment) -> None:
        """Take back what a task has, if it has any."""
        if task in self.held:
            units, since = self.held.pop(task)
            self.free += units
            self.used += units * (self.world.clock.now - since)

    def used_until(self, end: int) -> int:
        """Return the minutes of units that were held until `end`."""
        return self.used + sum(units * (end - since) for units, since in self.held.values())
