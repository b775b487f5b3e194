"""Costs: what everybody's time and the infrastructure cost until the end of a trial."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import PAID_EMPLOYED, PAID_WORKED


@kernel
def times_rate(minutes, num, den):
    """Return minutes * num / den rounded half up (all int64, none negative)."""
    return (2 * minutes * num + den) // (2 * den)


@kernel
def total_cost(plan, state):
    """Return the cost in cents until now."""
    end, project = state.clock[0].now, plan.project[0]
    total = project.cost_once + times_rate(end, project.cost_num, project.cost_den)
    for p in range(len(plan.people)):
        person = plan.people[p]
        if person.paid == PAID_WORKED:
            total += times_rate(state.people[p].worked, person.pay_num, person.pay_den)
        elif person.paid == PAID_EMPLOYED:
            minutes = max(0, min(person.end, end) - max(0, person.start))
            total += times_rate(minutes, person.pay_num, person.pay_den)
    return total
