"""Small plans: tables that lie where the compiler knows, and sets of people and parts that are one word.

A plan of up to MOST people and parts, and as many of everything else as `MOST_OF` says, is copied into one block of
memory in which each table has its place, and so is a workspace for it. The words that `words_of` gives, for those who
look tables up, are the head of the block. An eighth of the time of a trial goes otherwise into loading addresses and
into loops over one word.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

from simrisk_kernels.layout import NEVER, PLAN_SPEC, PlanArrays, words_of
from simrisk_kernels.room import LINE
from simrisk_kernels.state import State, new_state

MOST = 63  # people, parts: `n_words` of them is 1
MOST_DAYS = 2_000
MOST_SLOTS = 250

# Items of each table of a plan that has a place; others, of many numbers that are seldom looked at, are looked up.
MOST_OF = {
    "project": 1,
    "people": MOST,
    "rates": 1_000,
    "levels": 2_000,
    "leave": 500,
    "absences": 250,
    "blocks": 500,
    "tasks": 125,
    "task_parts": 125,
    "task_out": 500,
    "task_gates": 250,
    "task_skills": 500,
    "task_risks": 250,
    "links": 500,
    "uses": 125,
    "raises": 125,
    "parts": MOST,
    "contractor_rates": 500,
    "candidates": 1_000,
    "abilities": 5_000,
    "pools": MOST,
    "pieces": 250,
    "pool_rates": 1_000,
    "equipment": MOST,
    "risks": 125,
    "risk_away": 125,
    "charges": MOST,
    "months": 250,
    "sprints": MOST,
    "sprint_gates": 250,
    "gates": MOST,
    "gate_requires": 500,
    "gate_tasks": 500,
    "gate_drops": 250,
    "criteria": 250,
    "covers": MOST,
    "cover_drops": 250,
}
# Tables of a workspace that are as long as there are draws in a plan, or trials in a block.
LOOKED_UP = {"keys", "values", "scored", "score_bases", "normals", "sums", "gaps", "durations", "leave_days"}
ONE_WORD = {
    "ready",
    "hot",
    "stale",
    "begun",
    "offered",
    "handed",
    "spent_up",
    "unfinished",
    "of_tasks",
    "of_pools",
    "of_equipment",
    "due_by_word",
    "away",
    "critical_people",
}
ROWS_OF_ONE_WORD = {"of_person", "named", "alone", "touched", "of_sprints"}


class Place(NamedTuple):
    """Where a table lies in a block, and what is known of its shape."""

    first: int  # byte
    size: int  # bytes
    shape: tuple[int | None, ...]  # None: not known


def is_small(arrays: PlanArrays) -> bool:
    """Return whether a plan fits into its block, and a workspace for it into another."""
    return (
        all(getattr(arrays, name).size <= most for name, most in MOST_OF.items())
        and int(arrays.project[0].n_days) <= MOST_DAYS
        and int(arrays.parts.n_slots.sum()) <= MOST_SLOTS
    )


@cache
def plan_places() -> dict[str, Place]:
    """Return where the tables of a small plan lie."""
    return _places(_largest(), set(PlanArrays._fields) - set(MOST_OF))


@cache
def state_places() -> dict[str, Place]:
    """Return where the tables of a workspace for a small plan lie."""
    return _places(new_state(_largest()), LOOKED_UP)


def block_of(arrays: PlanArrays | State) -> np.ndarray:
    """Return the block of a small plan, or of a workspace for one.

    Returns
    -------
    (n,) int64
        Whoever uses it has to keep the arrays: some are looked up.
    """
    places = plan_places() if isinstance(arrays, PlanArrays) else state_places()
    size = max(place.first + place.size for place in places.values())
    room = np.zeros(size // 8 + LINE // 8, np.int64)
    block = room[-room.ctypes.data % LINE // 8 :][: size // 8]  # begins a line of the processor's cache
    told = {name: getattr(arrays, name) for name in arrays._fields}
    for name, place in places.items():
        begin, items = place.first // 8, np.ascontiguousarray(told[name])
        lies = block[begin : begin + place.size // 8].view(np.uint8)[: items.nbytes]
        lies[:] = items.reshape(-1).view(np.uint8)
        told[name] = lies.view(items.dtype).reshape(items.shape)
    words = words_of(tuple(told.values()))
    block[: len(words)] = words
    return block


def _largest() -> PlanArrays:
    """Return an empty plan of as much of everything as there is room for."""
    arrays: dict[str, Any] = {}
    for name, (dtype, n_dims) in PLAN_SPEC.items():
        array = np.zeros((MOST_OF.get(name, 1),) + (1,) * (n_dims - 1), dtype)
        arrays[name] = array.view(np.recarray) if array.dtype.names else array
    arrays["project"].n_days = MOST_DAYS
    arrays["project"].n_tasks = MOST_OF["tasks"]
    arrays["project"].max_off = NEVER - 1
    arrays["parts"].n_slots = MOST_SLOTS // MOST + 1
    return PlanArrays(**arrays)


def _places(largest: PlanArrays | State, looked_up: set[str]) -> dict[str, Place]:
    """Lay the tables behind the words that tell where each is."""
    places = {}
    first = _lines(8 * len(words_of(largest)))
    for name in largest._fields:
        array = getattr(largest, name)
        if name in looked_up:
            continue
        shape: tuple[int | None, ...] = (None,) * array.ndim
        if name in ONE_WORD or name in ("clock", "project"):
            shape = (1,)
        elif name in ROWS_OF_ONE_WORD:
            shape = (None, 1)
        size = _lines(array.nbytes)
        places[name] = Place(first, size, shape)
        first += size
    return places


def _lines(n_bytes: int) -> int:
    return -(-n_bytes // LINE) * LINE
