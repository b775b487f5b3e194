"""Efforts without contention: who does a part, how fast, and how long it can take at most."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from simrisk.models.facts import Facts, Row, cut
from simrisk_kernels import draws
from simrisk_kernels.bundle import pack
from simrisk_kernels.layout import BY_POOL, MILLION, ON_CLOCK, TOGETHER
from simrisk_kernels.network_layout import TIME_LIMIT

HIGHEST_WORD = (1 << 32) - 1
Lesson = tuple[int, int, int]  # person, skill, level


class Ranges:
    """Between which values the draws of a plan lie."""

    def __init__(self, facts: Facts) -> None:
        arrays = facts.arrays
        packed = pack(arrays)
        ends = []
        with np.errstate(over="ignore"):  # of unsigned integers, when nothing is compiled
            for draw in range(len(arrays.draws)):
                low, high = (draws.value_of(packed, draw, word) for word in (0, HIGHEST_WORD))
                # what is correlated stays just inside; a table is never wrong by so much
                margin = (high - low) / 1000
                ends.append((low - margin, high + margin))
        self._ends = ends

    def smallest(self, draw: int) -> int:
        """Return a number of minutes below which the draw never is, rounded half up; not below -TIME_LIMIT."""
        return whole_minutes(self._ends[draw][0])

    def largest(self, draw: int, factors: Sequence[int] = ()) -> int:
        """Return minutes above which the draw, times draws as factors, never is; not above TIME_LIMIT."""
        value = self._ends[draw][1]
        for factor in factors:
            value *= max(1.0, self._ends[factor][1])
        return max(0, whole_minutes(value))


def whole_minutes(value: float) -> int:
    """Return a value in minutes rounded half up, within TIME_LIMIT; what is no number counts as the limit."""
    if not value < TIME_LIMIT:
        return TIME_LIMIT
    return int(np.floor(max(value, -TIME_LIMIT) + 0.5))


def rate_of(facts: Facts, part: Row, lessons: Sequence[Lesson]) -> int | None:
    """Return the millionths of a part that are done in a minute when nothing is short; None: nobody can take it.

    Parameters
    ----------
    facts : Facts
        Of what is left of a plan when nothing is ever short.
    lessons : list of (person, skill, level)
        What people have learnt before.
    """
    if part.kind == ON_CLOCK:
        return MILLION
    if part.kind == BY_POOL:
        return pool_rate(facts, part)
    rates = []
    for c in range(part.cand_ptr, part.cand_ptr + part.n_planned):
        person = facts.candidates[c].person
        able = facts.abilities[c][level_of(facts, person, facts.tasks[part.task], lessons)]
        if able >= 0:
            rates.append(facts.rates[person][able][0])
    if part.kind == TOGETHER:
        return min(rates) if len(rates) == part.n_planned else None
    return rates[0] if rates else None


def pool_rate(facts: Facts, part: Row) -> int | None:
    """Return the rate of a part of a pool; None: it never has any heads."""
    pool = facts.pools[part.pool]
    there = facts.pieces[pool.piece_ptr].heads
    heads = min(part.max_heads, there)
    if heads <= 0:
        return None
    pace = there * facts.pool_rates[part.pool][pool.ramp_days]
    return round(Fraction(heads * pace, there * facts.project.head_unit))


def level_of(facts: Facts, person: int, task: Row, lessons: Sequence[Lesson]) -> int:
    """Return the lowest of somebody's levels in the skills of a task; 0 without skills."""
    levels = list(facts.levels[person])
    for who, skill, level in lessons:
        if who == person:
            levels[skill] = max(levels[skill], level)
    skills = cut(facts.task_skills, task.skill_ptr, task.n_skills)
    return min((levels[skill] for skill in skills), default=0)


def longest_elapsed(minutes: int, share: int, n_shares: int, rate: int | None) -> int:
    """Return the minutes in which a share of an effort is done; TIME_LIMIT: never, or later than that."""
    total = minutes * MILLION
    left = total // n_shares + (1 if share < total % n_shares else 0)
    if rate is not None and left <= 0:
        return 0
    return min(TIME_LIMIT, -(-left // rate)) if rate else TIME_LIMIT
