"""Efforts without contention: who does a part, how fast, and how long it can take at most."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from simrisk.models.facts import Facts, Row, cut
from simrisk_kernels.layout import BY_POOL, EXACT, MILLION, ON_CLOCK, TOGETHER, PlanArrays
from simrisk_kernels.network_layout import TIME_LIMIT

Lesson = tuple[int, int, int]  # person, skill, level


class Ranges:
    """Between which values the draws of a plan lie."""

    def __init__(self, arrays: PlanArrays) -> None:
        draws = arrays.draws
        ends = np.zeros((len(draws), 2))  # of the shape; 0 for what is exact
        by_table = draws.table >= 0
        last = arrays.tables[:, -1].sum(axis=-1)  # the cubic of the last cell, at its end
        ends[by_table] = np.stack([arrays.tables[:, 0, 0], last], axis=-1)[draws.table[by_table]]
        for draw in np.flatnonzero(draws.table < EXACT):
            steps = EXACT - 1 - draws.table[draw]
            values = arrays.step_values[arrays.step_ptr[steps] : arrays.step_ptr[steps + 1]]
            ends[draw] = values.min(), values.max()
        # the tables are those of the tails; elsewhere values may be off, but never by so much
        margin = (ends[:, 1] - ends[:, 0]) / 1000
        ends += margin[:, None] * (-1, 1)
        self._ends: list[tuple[float, float]] = (draws.location[:, None] + draws.scale[:, None] * ends).tolist()

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
