"""Absence: unplanned spells away, a constant hazard for each kind that runs only while the person is present."""

from __future__ import annotations

import numpy as np
from simrisk_kernels.layout import ABSENCE_KIND

from simrisk.models.leave import YEAR_WEEKS
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario.model import Distribution, Scenario
from simrisk.scenario.units import WorkingCalendar


def lower_absences(
    scenario: Scenario, calendar: WorkingCalendar, draws: DrawBuilder
) -> tuple[np.recarray, list[tuple[int, int]]]:
    """Return the kinds of absence of all people, shape (n,), and each person's slice of them."""
    rows: list[tuple[int, ...]] = []
    slices = []
    year = YEAR_WEEKS * len(calendar.work_week) * calendar.day_minutes
    for person in scenario.people:
        slices.append((len(rows), len(person.absence)))
        for absence in person.absence:
            mean = year / absence.per_year
            stream = f"person/{person.id}/{absence.kind}"
            rows.append(
                (
                    draws.add(stream, Distribution("exponential", (mean,), mean)),
                    draws.add(f"{stream}/duration", absence.duration),
                )
            )
    return records(rows, ABSENCE_KIND), slices
