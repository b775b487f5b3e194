"""Equipment: whole units that a task takes with its first part and holds until it is finished."""

from __future__ import annotations

from simrisk_kernels._jit import kernel


@kernel
def reset_equipment(plan, state):
    """Everything is free."""
    for e in range(len(plan.equipment)):
        state.units_free[e] = plan.equipment[e].units
        state.units_used[e] = 0


@kernel
def has_equipment(plan, state, task):
    """Return whether `task` has all it uses or could have it at once."""
    record = plan.tasks[task]
    if state.tasks[task].start >= 0:
        return True
    for i in range(record.use_ptr, record.use_ptr + record.n_uses):
        if state.units_free[plan.uses[i].equipment] < plan.uses[i].units:
            return False
    return True


@kernel
def take_equipment(plan, state, task):
    """`task` starts: it takes all it uses."""
    record = plan.tasks[task]
    for i in range(record.use_ptr, record.use_ptr + record.n_uses):
        use = plan.uses[i]
        state.units_free[use.equipment] -= use.units
        state.units_used[use.equipment] -= use.units * state.clock[0].now


@kernel
def give_back(plan, state, task):
    """`task` is finished or dropped: what it held is free."""
    record = plan.tasks[task]
    if state.tasks[task].first_part < 0 or record.n_uses == 0:
        return
    for i in range(record.use_ptr, record.use_ptr + record.n_uses):
        use = plan.uses[i]
        state.units_free[use.equipment] += use.units
        state.units_used[use.equipment] += use.units * state.clock[0].now
    for w in range(len(state.ready)):
        state.hot[w] |= state.ready[w] & state.of_equipment[w]


@kernel
def count_units(plan, state):
    """At the end of a trial: count what is still held until now."""
    for e in range(len(plan.equipment)):
        state.units_used[e] += (plan.equipment[e].units - state.units_free[e]) * state.clock[0].now
