"""The plan: a compiled scenario, names turned into indices and dates into minutes, with nothing left to check."""

from __future__ import annotations

from dataclasses import dataclass

from simrisk.scenario.model import Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import PlanArrays


@dataclass(frozen=True)
class Plan:
    """Everything an engine reads, and the names that turn its numbers back into words.

    Parameters
    ----------
    arrays : PlanArrays
        What both engines simulate.
    scenario : Scenario
        What the user wrote.
    calendar : WorkingCalendar
    task_ids, person_ids, gate_ids, pool_ids, equipment_ids, risk_ids : tuple of str
        Names in the order of the arrays.
    sprint_names : tuple of str
    day_minutes : int
        Working minutes of a day.
    horizon : int
        The last working minute that counts.
    deadline : int or None
        Working minute; what finished at or before it is on time.
    budget_limit : int or None
        Cents, contingency included.
    """

    arrays: PlanArrays
    scenario: Scenario
    calendar: WorkingCalendar
    task_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    gate_ids: tuple[str, ...]
    sprint_names: tuple[str, ...]
    day_minutes: int
    horizon: int
    deadline: int | None
    budget_limit: int | None
    pool_ids: tuple[str, ...] = ()
    equipment_ids: tuple[str, ...] = ()
    risk_ids: tuple[str, ...] = ()
