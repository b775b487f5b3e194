"""Dates: the minutes in which an earliest date is reached, a lag or the delay of a risk ends, soonest first.

A binary heap of (minute, thing). Things of one minute come in ascending order: for each task its earliest date and
the end of its delay, then links.
"""

from __future__ import annotations

import numpy as np

from simrisk_kernels._jit import kernel
from simrisk_kernels.layout import NEVER

TOP = np.int64(0)  # of the heap; typed: a plain 0 would be compiled apart


@kernel
def comes_before(state, one, other):
    """Return whether the entry at place `one` of the heap comes before the one at `other`."""
    first, second = state.date_minute[one], state.date_minute[other]
    return first < second or (first == second and state.date_thing[one] < state.date_thing[other])


@kernel
def swap_dates(state, one, other):
    """Let two entries of the heap change places."""
    minute, thing = state.date_minute[one], state.date_thing[one]
    state.date_minute[one] = state.date_minute[other]
    state.date_thing[one] = state.date_thing[other]
    state.date_minute[other] = minute
    state.date_thing[other] = thing


@kernel
def add_date(state, minute, thing):
    """Something comes in `minute`, which is later than now."""
    clock = state.clock[0]
    place = clock.n_dates
    state.date_minute[place] = minute
    state.date_thing[place] = thing
    clock.n_dates += 1
    while place > 0 and comes_before(state, place, (place - 1) // 2):
        swap_dates(state, place, (place - 1) // 2)
        place = (place - 1) // 2
    clock.next_date = state.date_minute[0]


@kernel
def take_date(state):
    """Take out the first entry and return its thing."""
    clock = state.clock[0]
    thing = state.date_thing[TOP]
    clock.n_dates -= 1
    swap_dates(state, TOP, clock.n_dates)
    place = 0
    while 2 * place + 1 < clock.n_dates:
        child = 2 * place + 1
        if child + 1 < clock.n_dates and comes_before(state, child + 1, child):
            child += 1
        if not comes_before(state, child, place):
            break
        swap_dates(state, place, child)
        place = child
    clock.next_date = state.date_minute[0] if clock.n_dates > 0 else NEVER
    return thing
