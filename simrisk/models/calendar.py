"""The calendar: when the project ends at the latest, and what holds for the project as a whole.

The clock of both engines counts working minutes; dates are turned into minutes here and nowhere later.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario.cadence import first_minute, last_minute
from simrisk.scenario.model import Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import INDEPENDENT, NEVER, PROJECT

YEAR_WEEKS = 52


def horizon_minute(scenario: Scenario, calendar: WorkingCalendar) -> int:
    """Return the last working minute that counts."""
    return last_minute(scenario.project, calendar)


def history_minute(scenario: Scenario, calendar: WorkingCalendar, day: date | None) -> int:
    """Return the minute at which something ended that ended on `day`, at the latest the status date's; -1 for None."""
    return -1 if day is None else max(0, min(calendar.end_of(day), status_minute(scenario, calendar)))


def status_minute(scenario: Scenario, calendar: WorkingCalendar) -> int:
    """Return the minute from which on a trial is simulated."""
    return first_minute(scenario.project, calendar)


def horizon_days(scenario: Scenario, calendar: WorkingCalendar) -> int:
    """Return the number of working days until the horizon, the one that begins in its minute included."""
    return horizon_minute(scenario, calendar) // calendar.day_minutes + 1


def days_until(minute: int, calendar: WorkingCalendar) -> int:
    """Return how many working days begin before `minute`."""
    return -(-minute // calendar.day_minutes)


def lower_project(
    scenario: Scenario, calendar: WorkingCalendar, draws: DrawBuilder, *, head_unit: int, paid_once: int
) -> np.recarray:
    """Return the project's record, shape (1,).

    Parameters
    ----------
    head_unit : int
        Heads of pools are counted in so many parts of a head.
    paid_once : int
        Cents that are paid whatever happens.
    """
    horizon = horizon_minute(scenario, calendar)
    sprints = scenario.sprints
    running = scenario.costs.infrastructure_rate or 0
    row = (
        calendar.day_minutes,
        horizon,
        horizon_days(scenario, calendar),
        len(scenario.tasks),
        sprints.ceremonies if sprints else 0,
        int(sprints.pull) if sprints else 0,
        NEVER if scenario.leave.max_off is None else scenario.leave.max_off,
        -1 if scenario.common is None else draws.add("common", scenario.common),
        status_minute(scenario, calendar),
        head_unit,
        paid_once,
        *divmod(running.numerator, running.denominator),
        running.denominator,
        INDEPENDENT,
        horizon,
    )
    return records([row], PROJECT)
