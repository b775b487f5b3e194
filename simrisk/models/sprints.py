"""Sprints: time boxes on a cadence that open their tasks, begin with a ceremony and wait for gates."""

from __future__ import annotations

import numpy as np
from simrisk_kernels.layout import SPRINT

from simrisk.models.slices import Slices, records
from simrisk.scenario.cadence import planned_sprints
from simrisk.scenario.model import Scenario
from simrisk.scenario.units import WorkingCalendar


def lower_sprints(
    scenario: Scenario, calendar: WorkingCalendar, sprint_gates: Slices
) -> np.recarray:
    """Return the sprints' records, shape (n_sprints,)."""
    if scenario.sprints is None:
        return records([], SPRINT)
    rows = []
    for k, (first, end) in enumerate(planned_sprints(calendar, scenario.sprints)):
        blocking = [g for g, gate in enumerate(scenario.gates) if k + 1 in gate.blocks_sprints]
        length = (end - first) * calendar.day_minutes
        rows.append((first * calendar.day_minutes, length, *sprint_gates.add(blocking)))
    return records(rows, SPRINT)
