"""Costs: what everybody's time and the infrastructure cost until the end of a trial."""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import PAID_EMPLOYED, PAID_WORKED
from simrisk_kernels.pools import count_presence
from simrisk_kernels.progress import count_all_work
from simrisk_kernels.times import count_everybody

SMALL = np.int64(1 << 30)  # the product of two numbers below this, doubled, fits
RUNNING, OVER = np.bool_(False), np.bool_(True)  # the trial


@kernel
def times_rate(minutes, whole, num, den):
    """Return minutes * (whole + num / den) rounded half up, exactly.

    Where the product with the fraction is larger than 63 bits, it is divided as it is built, bit by bit from the top.

    Assumes: 0 <= minutes < 2**47, 0 <= num < den < 2**60, and minutes * whole fits.
    """
    if num == 0:
        return minutes * whole
    if minutes < SMALL and num < SMALL and den < SMALL:
        return minutes * whole + (2 * minutes * num + den) // (2 * den)
    cents = 0
    rest = 0
    highest = 46
    while highest > 0 and minutes >> highest == 0:
        highest -= 1
    for bit in range(highest, -1, -1):
        cents *= 2
        rest *= 2
        if (minutes >> bit) & 1:
            rest += num
        while rest >= den:
            rest -= den
            cents += 1
    return minutes * whole + cents + (1 if 2 * rest >= den else 0)


@kernel
def pay_of_people(plan, state):
    """Return the cents paid to people until now."""
    end, total = state.clock[0].now, 0
    for p in range(len(plan.people)):
        person = plan.people[p]
        if person.paid == PAID_WORKED:
            total += times_rate(state.people[p].worked, person.pay_whole, person.pay_num, person.pay_den)
        elif person.paid == PAID_EMPLOYED:
            minutes = max(0, min(person.end, end) - max(plan.project[0].status, person.start))
            minutes -= state.people[p].departed
            total += times_rate(minutes, person.pay_whole, person.pay_num, person.pay_den)
    return total


@kernel
def pay_of_others(plan, state):
    """Return the cents paid for pools and contractors until now."""
    total = 0
    for p in range(len(plan.pools)):
        pool, now = plan.pools[p], state.pools[p]
        minutes = now.worked if pool.paid == PAID_WORKED else now.present if pool.paid == PAID_EMPLOYED else 0
        total += times_rate(minutes, pool.pay_whole, pool.pay_num, pool.pay_den)
    if state.clock[0].contractors == 0:
        return total
    for q in range(len(plan.parts)):
        policy = state.parts[q].contract
        if policy >= 0:
            cover = plan.covers[policy]
            total += times_rate(state.parts[q].contracted, cover.pay_whole, cover.pay_num, cover.pay_den)
    return total


@kernel
def pay_of_project(plan, state):
    """Return the cents that the project costs until now."""
    project = plan.project[0]
    minutes = max(0, state.clock[0].now - project.status)
    return project.cost_once + times_rate(minutes, project.cost_whole, project.cost_num, project.cost_den)


@kernel
def pay_of_charges(plan, state):
    """Return the cents of equipment and charges until now."""
    end, since, total = state.clock[0].now, plan.project[0].status, 0
    for e in range(len(plan.equipment)):
        item = plan.equipment[e]
        total += times_rate(max(0, end - since), item.pay_whole, item.pay_num, item.pay_den)
    for c in range(len(plan.charges)):
        charge = plan.charges[c]
        if charge.first < end:
            minutes = max(0, min(charge.end, end) - max(since, charge.first))
            total += charge.once + times_rate(minutes, charge.pay_whole, charge.pay_num, charge.pay_den)
    return total


@kernel
def total_cost(plan, state, over):
    """Return the cents spent until now; when the trial is `over`, with the cost of risks that have not struck."""
    total = 0
    for r in range(len(plan.risks)):
        risk = state.risks[r]
        if risk.happens and (over or 0 <= risk.struck < state.clock[0].now):
            total += plan.risks[r].cost
    total += pay_of_others(plan, state)
    return total + pay_of_project(plan, state) + pay_of_people(plan, state) + pay_of_charges(plan, state)


@kernel
def count_everything(plan, state):
    """Bring all that is counted, and what it costs depends on, up to now."""
    count_all_work(plan, state)
    count_everybody(plan, state)
    count_presence(plan, state)


@kernel
def spends_alike(plan, state):
    """Return whether what has been spent until a minute is the same in all trials that last until then.

    Then nothing is paid by the work done, and nobody comes or goes but by the calendar of the plan.
    """
    if state.clock[0].contractors or len(plan.pools) > 0:
        return False
    for r in range(len(plan.risks)):
        if plan.risks[r].cost != 0:
            return False
    for p in range(len(plan.people)):
        person = plan.people[p]
        if person.paid == PAID_WORKED or (person.paid == PAID_EMPLOYED and person.departure >= 0):
            return False
    return True


@kernel
def prepare_months(plan, state):
    """Where all trials spend alike, work out what has been spent by the end of each month; else months are events."""
    clock = state.clock[0]
    clock.monthly = 0 if spends_alike(plan, state) else 1
    if clock.monthly:
        return
    for p in range(len(plan.people)):
        state.people[p].departed = 0
    for m in range(len(plan.months) - 1):  # the last one is beyond the horizon
        clock.now = plan.months[m]
        spent = pay_of_project(plan, state) + pay_of_people(plan, state) + pay_of_charges(plan, state)
        state.spent_by[m] = spent


@kernel
def close_month(plan, state):
    """A calendar month ends now: note what has been spent until then."""
    clock = state.clock[0]
    count_everything(plan, state)
    state.spent_by[clock.month] = total_cost(plan, state, RUNNING)
    clock.month += 1
    clock.next_month = plan.months[clock.month]


@kernel
def write_costs(plan, state, out, row):
    """Write what the trial has cost, and what was spent in each month, into row `row` of the outcomes.

    Assumes: the clock stands at the end of the trial.
    """
    clock = state.clock[0]
    while plan.months[clock.month] <= clock.now:  # those that were no events
        clock.month += 1
    total = total_cost(plan, state, OVER)
    out.cost[row] = total
    before = 0
    for m in range(len(plan.months)):
        if m > clock.month:
            out.cash[row, m] = 0
            continue
        spent = state.spent_by[m] if m < clock.month else total
        out.cash[row, m] = spent - before
        before = spent
