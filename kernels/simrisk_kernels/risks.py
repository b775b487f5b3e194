"""Risks: which happen in a trial, how they delay the first task they affect, and whom they take away."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.absence import draw_days, mark_spell, serve_until
from simrisk_kernels.people import plan_change, status_on, wake
from simrisk_kernels.quantile import draw_minutes
from simrisk_kernels.random import FIRST, draw_word
from simrisk_kernels.state import TAKEN


@kernel
def reset_risks(plan, state):
    """Draw which risks happen in this trial."""
    for r in range(len(plan.risks)):
        record, risk = plan.risks[r], state.risks[r]
        word = draw_word(state.risk_keys[r], state.clock[0].trial, FIRST, plan.project[0].strata)
        risk.happens = 1 if word < record.chance else 0
        risk.struck = -1
        if record.n_affects == 0:
            risk.struck = plan.project[0].status
        risk.met = -1


@kernel
def delay_by_risks(plan, state, task):
    """Return the minutes by which risks delay `task`, whose conditions are satisfied in this minute."""
    clock, record = state.clock[0], plan.tasks[task]
    delay = 0
    for i in range(record.risk_ptr, record.risk_ptr + record.n_risks):
        r = plan.task_risks[i]
        if state.risks[r].met < 0:
            state.risks[r].met = clock.now
        if state.risks[r].happens and state.risks[r].met == clock.now and plan.risks[r].delay >= 0:
            delay += draw_minutes(plan, state, plan.risks[r].delay, FIRST)
    return delay


@kernel
def strike(plan, state, task):
    """`task` has started: risks that affect it and have not struck do so now."""
    clock, record = state.clock[0], plan.tasks[task]
    for i in range(record.risk_ptr, record.risk_ptr + record.n_risks):
        r = plan.task_risks[i]
        risk = state.risks[r]
        if risk.happens == 0 or risk.struck >= 0:
            continue
        risk.struck = clock.now
        for a in range(plan.risks[r].away_ptr, plan.risks[r].away_ptr + plan.risks[r].n_away):
            take_away(plan, state, plan.risk_away[a].person, plan.risk_away[a].draw)


@kernel
def take_away(plan, state, person, draw):
    """Take a person away for a drawn number of the days on which they would be there, from tomorrow on."""
    clock = state.clock[0]
    today = clock.today
    length = max(1, draw_days(plan, state, draw, FIRST))
    wake(plan, state, person)
    serve_until(plan, state, person, plan.project[0].n_days)  # what it takes are days that nothing else has taken
    mark_spell(plan, state, person, today + 1, length, TAKEN, state.people[person].left_at >= 0)
    if state.people[person].changes > clock.now:
        plan_change(plan, state, person, clock.now, today, status_on(state, person, today))
        state.next_change[person] = state.people[person].changes
        clock.away_moves = 1
