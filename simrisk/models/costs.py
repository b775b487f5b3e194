"""Costs: pay by the hour worked or by employment, infrastructure by time, each item rounded half up to cents once."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import PAID_EMPLOYED, PAID_WORKED

if TYPE_CHECKING:
    from simrisk.models.people import Worker
    from simrisk.models.pools import Crew
    from simrisk.models.world import World


def budget_limit(scenario: Scenario) -> int | None:
    """Return the cents that may be spent, contingency included."""
    budget = scenario.project.budget
    return None if budget is None else floor(budget * (1 + Fraction(scenario.costs.contingency)))


def total_cost(world: World, end: int) -> int:
    """Return the cents spent until minute `end`; each item that is paid by time is rounded on its own.

    Asked at the end of the trial, or in the minute `end` before anything happens in it.
    """
    facts, project = world.facts, world.facts.project
    simulated = max(0, end - project.status)
    items = [times_rate(simulated, project.cost_whole, project.cost_num, project.cost_den)]
    items += [times_rate(simulated, kind.pay_whole, kind.pay_num, kind.pay_den) for kind in facts.equipment]
    for charge in facts.charges:
        minutes = max(0, min(end, charge.end) - charge.first)
        items.append(times_rate(minutes, charge.pay_whole, charge.pay_num, charge.pay_den))
        items.append(charge.once if end > charge.first else 0)
    items += [risk.cost_until(end) for risk in world.risks]
    for worker in world.workers:
        record = worker.record
        items.append(times_rate(paid_minutes(worker, end), record.pay_whole, record.pay_num, record.pay_den))
    for crew in world.pools:
        record = crew.record
        items.append(times_rate(paid_heads(crew, end), record.pay_whole, record.pay_num, record.pay_den))
    for part in world.parts:
        if part.outsider.policy is not None:
            policy = facts.covers[part.outsider.policy]
            items.append(times_rate(part.outsider.worked, policy.pay_whole, policy.pay_num, policy.pay_den))
    return int(project.cost_once) + sum(items)


def paid_minutes(worker: Worker, end: int) -> int:
    """Return the minutes of clock for which somebody is paid."""
    if worker.record.paid == PAID_EMPLOYED:
        return worker.employed_minutes(end)
    return worker.worked if worker.record.paid == PAID_WORKED else 0


def paid_heads(crew: Crew, end: int) -> int:
    """Return the minutes times parts of a head for which a pool is paid."""
    if crew.record.paid == PAID_EMPLOYED:
        return crew.present(end)
    return crew.worked if crew.record.paid == PAID_WORKED else 0


def times_rate(minutes: int, whole: int, num: int, den: int) -> int:
    """Return minutes * (whole + num / den) rounded half up."""
    return (2 * minutes * (whole * den + num) + den) // (2 * den)
