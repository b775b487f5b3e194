"""Cash: what is paid besides people's pay, and how much of it all falls into each calendar month."""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from simrisk.models.calendar import horizon_minute, status_minute
from simrisk.models.slices import records
from simrisk.scenario.model import Charge, Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import CHARGE, NEVER

MONTHS = 12


def month_ends(scenario: Scenario, calendar: WorkingCalendar) -> NDArray[np.int64]:
    """Return the minute at which each calendar month ends, from that of the start on; the last beyond the horizon."""
    horizon = horizon_minute(scenario, calendar)
    year, month = scenario.project.start.year, scenario.project.start.month
    ends: list[int] = []
    while not ends or ends[-1] <= horizon:
        year, month = (year, month + 1) if month < MONTHS else (year + 1, 1)
        ends.append(calendar.minute_of(date(year, month, 1)))
    return np.array(ends, np.int64)


def is_dated(charge: Charge, scenario: Scenario, calendar: WorkingCalendar) -> bool:
    """Whether a sum that is paid once falls due on a day after the first minute that is simulated."""
    return charge.first is not None and calendar.minute_of(charge.first) > status_minute(scenario, calendar)


def paid_once(scenario: Scenario, calendar: WorkingCalendar) -> int:
    """Return the cents that are paid whatever happens: once, at the start or before."""
    costs = scenario.costs
    return (
        costs.infrastructure
        + costs.spent
        + sum(kind.cost * kind.units for kind in scenario.equipment)
        + sum(charge.amount for charge in costs.charges if not is_dated(charge, scenario, calendar))
        + sum(mitigation.price for mitigation in scenario.mitigations if mitigation.active)
    )


def lower_charges(scenario: Scenario, calendar: WorkingCalendar) -> np.recarray:
    """Return the charges' records, shape (n_charges,)."""
    start = status_minute(scenario, calendar)
    rows = []
    for charge in scenario.costs.charges:
        pay = charge.rate or 0
        rows.append(
            (
                start if charge.first is None else max(start, calendar.minute_of(charge.first)),
                NEVER if charge.last is None else calendar.end_of(charge.last),
                charge.amount if is_dated(charge, scenario, calendar) else 0,
                *divmod(pay.numerator, pay.denominator),
                pay.denominator,
            )
        )
    return records(rows, CHARGE)
