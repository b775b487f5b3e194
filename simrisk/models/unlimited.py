"""Unlimited: some people, pools or kinds of equipment of which there is always enough, the rest as it is.

What everybody waits for one person costs is the difference that it makes when nobody ever has to: every piece of work
planned for them has somebody like them to itself, who is always there. `simrisk.models.logic` does that to everything
at once, and takes away what else people are held by.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simrisk.models.logic import Pools, chosen, lessons
from simrisk.models.slices import records
from simrisk.plan import Plan
from simrisk_kernels.layout import BY_POOL, NEVER, PAID_WORKED, PIECE, RISK_AWAY, UNPAID, PlanArrays


def unlimited(
    plan: Plan,
    *,
    people: Collection[str] = (),
    pools: Collection[str] = (),
    equipment: Collection[str] = (),
) -> Plan:
    """Return the plan in which these people, pools and kinds of equipment are never short.

    Each piece of work planned for one of the people has a double of theirs to itself: always there, fully productive
    from the first day, and held by nothing but ceremonies. They themselves are never away, stand in for others as
    before, and are paid as before; a double is paid for its work where the person would be, and never for being there.
    A piece of a pool's work has all the heads that the pool ever has to itself, and the same holds for their pay.

    Parameters
    ----------
    people, pools, equipment : collection of str
        Ids of the plan's.
    """
    arrays, ids = plan.arrays, plan.person_ids
    if people:
        arrays, ids = _with_doubles(arrays, ids, {i for i, name in enumerate(plan.person_ids) if name in people})
    pool_ids = plan.pool_ids
    if pools:
        arrays, pool_ids = _with_own_heads(arrays, pool_ids, {i for i, name in enumerate(pool_ids) if name in pools})
    if equipment:
        kinds = arrays.equipment.copy()
        kinds.units[[name in equipment for name in plan.equipment_ids]] = NEVER
        arrays = arrays._replace(equipment=kinds)
    return dataclasses.replace(plan, arrays=arrays, person_ids=ids, pool_ids=pool_ids)


def _with_doubles(arrays: PlanArrays, ids: tuple[str, ...], scarce: set[int]) -> tuple[PlanArrays, tuple[str, ...]]:
    """Return the arrays, and the names of the people, with a double for every place of these people in a part."""
    candidates, origins = arrays.candidates.copy(), list(range(len(arrays.people)))
    for part in arrays.parts:
        for place in range(part.cand_ptr, part.cand_ptr + part.n_planned):
            person = int(candidates.person[place])
            if person in scarce:
                candidates.person[place] = len(origins)
                origins.append(person)
    n, whose = len(arrays.people), np.array(origins, np.int64)
    people = chosen(arrays.people, whose)
    rates = arrays.rates[whose]
    for i in range(n, len(origins)):
        rates[i] = arrays.rates[origins[i], :, int(people.ramp_days[i])][:, None]
    people.start[n:], people.end[n:], people.start_day[n:], people.ramp_days[n:] = -NEVER, NEVER, 0, 0
    people.paid[n:] = _for_work_alone(people.paid[n:])
    there = np.isin(whose, list(scarce))
    people.leave_ptr[there], people.n_leave[there] = 0, 0
    people.absence_ptr[there], people.n_absence[there] = 0, 0
    people.departure[there], people.replace_ptr[there], people.replace_days[there] = -1, 0, 0
    people.absent_first[there], people.absent_end[there] = 0, 0
    tasks, raises = lessons(arrays, origins)
    changed = arrays._replace(
        people=people,
        rates=np.ascontiguousarray(rates),
        levels=np.ascontiguousarray(arrays.levels[whose]),
        candidates=candidates,
        blocks=arrays.blocks[~np.isin(arrays.blocks.person, list(scarce))].view(np.recarray),
        tasks=tasks,
        raises=raises,
        **_not_taken(arrays, scarce),
    )
    return changed, tuple(ids[i] for i in origins)


def _for_work_alone(paid: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how doubles are paid: the presence of those they stand for is paid already."""
    return np.where(paid == PAID_WORKED, PAID_WORKED, UNPAID)


def _not_taken(arrays: PlanArrays, scarce: set[int]) -> dict[str, Any]:
    """Return the risks and whom they take away: none of these people."""
    risks = arrays.risks.copy()
    taken: list[tuple[int, int]] = []
    for risk in risks:
        away = arrays.risk_away[risk.away_ptr : risk.away_ptr + risk.n_away].tolist()
        risk.away_ptr = len(taken)
        taken += [entry for entry in away if entry[0] not in scarce]
        risk.n_away = len(taken) - risk.away_ptr
    return {"risks": risks, "risk_away": records(taken, RISK_AWAY)}


def _with_own_heads(arrays: PlanArrays, ids: tuple[str, ...], scarce: set[int]) -> tuple[PlanArrays, tuple[str, ...]]:
    """Return the arrays, and the names of the pools, with a pool of its own for every part of these pools."""
    parts, heads = arrays.parts.copy(), Pools(arrays)
    n = len(arrays.pools)
    for part in parts:
        if part.kind == BY_POOL and int(part.pool) in scarce:
            part.pool = n + heads.double(int(part.pool))
    whose = np.array([*range(n), *heads.origins], np.int64)
    pools = chosen(arrays.pools, whose)
    pools.paid[n:] = _for_work_alone(pools.paid[n:])
    n_pieces = len(arrays.pieces)
    pools.piece_ptr[n:], pools.n_pieces[n:] = n_pieces + np.arange(len(heads.origins)), 1
    rates = arrays.pool_rates[whose]
    rates[n:] = _full(arrays, heads.origins)
    pools.ramp_days[n:] = 0
    own = [(heads.most_heads(pool), 0, NEVER, -1, 0) for pool in heads.origins]
    pieces = records([*arrays.pieces.tolist(), *own], PIECE)
    changed = arrays._replace(pools=pools, pool_rates=np.ascontiguousarray(rates), pieces=pieces, parts=parts)
    return changed, tuple(ids[i] for i in whose)


def _full(arrays: PlanArrays, pools: list[int]) -> NDArray[np.int64]:
    """Return the full rate of a head of each of these pools, for every day, shape (n, 1)."""
    return np.array([[arrays.pool_rates[i, arrays.pools.ramp_days[i]]] for i in pools], np.int64).reshape(-1, 1)
