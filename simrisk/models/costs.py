"""Costs: pay by the hour worked or by employment, infrastructure by time, each item rounded half up to cents once."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import PAID_EMPLOYED, PAID_WORKED

if TYPE_CHECKING:
    from simrisk.models.people import Worker
    from simrisk.models.world import World


def budget_limit(scenario: Scenario) -> int | None:
    """Return the cents that may be spent, contingency included."""
    budget = scenario.project.budget
    return None if budget is None else floor(budget * (1 + Fraction(scenario.costs.contingency)))


def total_cost(world: World, end: int) -> int:
    """Return the cents spent until minute `end`: every person's pay is one item, infrastructure by time another."""
    project = world.facts.project
    items = [times_rate(end, project.cost_whole, project.cost_num, project.cost_den)]
    for worker in world.workers:
        record = worker.record
        items.append(times_rate(paid_minutes(worker, end), record.pay_whole, record.pay_num, record.pay_den))
    return int(project.cost_once) + sum(items)


def paid_minutes(worker: Worker, end: int) -> int:
    """Return the minutes of clock for which somebody is paid."""
    if worker.record.paid == PAID_EMPLOYED:
        first, last = int(worker.record.start), int(worker.record.end)
        return max(0, min(last, end) - max(0, first))
    return worker.worked if worker.record.paid == PAID_WORKED else 0


def times_rate(minutes: int, whole: int, num: int, den: int) -> int:
    """Return minutes * (whole + num / den) rounded half up."""
    return (2 * minutes * (whole * den + num) + den) // (2 * den)
