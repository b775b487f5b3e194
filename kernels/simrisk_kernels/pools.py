"""Pools: the heads that are there, how fast they are, and how they are shared out among parts."""

from __future__ import annotations

from simrisk_kernels._jit import kernel
from simrisk_kernels.bits import NO_BITS
from simrisk_kernels.days import whole_days
from simrisk_kernels.layout import NEVER
from simrisk_kernels.quantile import draw_minutes
from simrisk_kernels.random import FIRST


@kernel
def reset_pools(plan, state):
    """Draw when the hires of this trial arrive."""
    day_minutes = plan.project[0].day_minutes
    for i in range(len(plan.pieces)):
        record, piece = plan.pieces[i], state.pieces[i]
        piece.arrival = record.start
        if record.delay >= 0 and record.start > plan.project[0].status:
            piece.arrival = whole_days(record.start + draw_minutes(plan, state, record.delay, FIRST), day_minutes)
        piece.ramp_start = piece.arrival // day_minutes
        if piece.arrival >= record.end:
            piece.arrival = NEVER
    for p in range(len(plan.pools)):
        state.pools[p].worked = 0
        state.pools[p].present = 0
        state.pools[p].critical = 0
    state.clock[0].pools_since = 0
    count_heads(plan, state)


@kernel
def count_heads(plan, state):
    """Count the heads that are there now, and find out when the next ones come or go."""
    clock = state.clock[0]
    clock.next_pool = NEVER
    for p in range(len(plan.pools)):
        record, pool = plan.pools[p], state.pools[p]
        pool.total = 0
        pool.day = -1
        for i in range(record.piece_ptr, record.piece_ptr + record.n_pieces):
            arrival, end = state.pieces[i].arrival, plan.pieces[i].end
            if arrival > clock.now:
                clock.next_pool = min(clock.next_pool, arrival)
            elif end > clock.now:
                pool.total += plan.pieces[i].heads
                clock.next_pool = min(clock.next_pool, end)


@kernel
def move_heads(plan, state):
    """Step 1: heads of pools come and go."""
    count_presence(plan, state)
    count_heads(plan, state)
    for w in range(len(state.ready)):
        concerned = state.ready[w] & state.of_pools[w]
        state.hot[w] |= concerned
        state.stale[w] |= concerned


@kernel
def find_pace(plan, state, pool):
    """Work out how much the heads that are there do in a minute of today."""
    record, now, clock = plan.pools[pool], state.pools[pool], state.clock[0]
    today = clock.today
    if now.day == today:
        return
    now.day = today
    now.pace = 0
    now.ramping = 0
    for i in range(record.piece_ptr, record.piece_ptr + record.n_pieces):
        piece = state.pieces[i]
        if piece.arrival <= clock.now < plan.pieces[i].end:
            day = record.ramp_days
            if plan.pieces[i].ramps:
                day = min(day, today - piece.ramp_start)
            if day < record.ramp_days:
                now.ramping = 1
            now.pace += plan.pieces[i].heads * plan.pool_rates[pool, day]


@kernel
def round_half_even(num, den):
    """Return num / den rounded to the nearest whole number, halves to the even one."""
    whole = num // den
    rest = 2 * (num - whole * den)
    if rest > den or (rest == den and whole % 2 == 1):
        whole += 1
    return whole


@kernel
def pool_rate(plan, state, part):
    """Return the millionths of a minute of work that the heads on `part` do in a minute of today."""
    pool = plan.parts[part].pool
    find_pace(plan, state, pool)
    heads, now = state.parts[part].heads, state.pools[pool]
    return round_half_even(heads * now.pace, now.total * plan.project[0].head_unit)


@kernel
def share_heads_anew(state):
    """An allocation pass begins: if a part of a pool is hot, the heads of all pools are shared out anew."""
    hot = NO_BITS
    for w in range(len(state.hot)):
        hot |= state.hot[w] & state.of_pools[w]
    if hot == NO_BITS:
        return
    for w in range(len(state.hot)):
        state.hot[w] |= state.ready[w] & state.of_pools[w]
    for p in range(len(state.pools)):
        state.pools[p].left = state.pools[p].total


@kernel
def take_heads(plan, state, part):
    """Return the units of a head that `part` gets of those that are left."""
    record = plan.parts[part]
    pool = state.pools[record.pool]
    heads = min(record.max_heads, pool.left)
    pool.left -= heads
    return heads


@kernel
def count_presence(plan, state):
    """Add the minutes since they were counted last of all heads that are there."""
    clock = state.clock[0]
    minutes = max(0, clock.now - max(clock.pools_since, plan.project[0].status))
    clock.pools_since = clock.now
    for p in range(len(plan.pools)):
        state.pools[p].present += state.pools[p].total * minutes
