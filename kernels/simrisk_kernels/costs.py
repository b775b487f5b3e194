"""Costs: what everybody's time and the infrastructure cost until the end of a trial."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import PAID_EMPLOYED, PAID_WORKED


@kernel
def times_rate(minutes, whole, num, den):
    """Return minutes * (whole + num / den) rounded half up, exactly.

    The product with the fraction can be larger than 64 bits, so it is divided as it is built, bit by bit from the top.

    Assumes: 0 <= minutes < 2**31, 0 <= num < den < 2**60, and minutes * whole fits.
    """
    cents = 0
    rest = 0
    for bit in range(30, -1, -1):
        cents *= 2
        rest *= 2
        if (minutes >> bit) & 1:
            rest += num
        while rest >= den:
            rest -= den
            cents += 1
    return minutes * whole + cents + (1 if 2 * rest >= den else 0)


@kernel
def total_cost(plan, state):
    """Return the cost in cents until now."""
    end, project = state.clock[0].now, plan.project[0]
    total = project.cost_once + times_rate(end, project.cost_whole, project.cost_num, project.cost_den)
    for p in range(len(plan.people)):
        person = plan.people[p]
        if person.paid == PAID_WORKED:
            total += times_rate(state.people[p].worked, person.pay_whole, person.pay_num, person.pay_den)
        elif person.paid == PAID_EMPLOYED:
            minutes = max(0, min(person.end, end) - max(0, person.start))
            total += times_rate(minutes, person.pay_whole, person.pay_num, person.pay_den)
    return total
