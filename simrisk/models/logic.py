"""Logic only: the same dice with everything always there, as other tools see a plan (docs/model.md, section 13)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simrisk.models.facts import rows
from simrisk.models.slices import records
from simrisk.plan import Plan
from simrisk_kernels.layout import (
    ABSENCE_KIND,
    BLOCK,
    BY_POOL,
    CANDIDATE,
    CHARGE,
    NEVER,
    PIECE,
    RAISE,
    RISK_AWAY,
    UNPAID,
    PlanArrays,
)


def logic_plan(plan: Plan) -> Plan:
    """Return the plan in which every part has its people, heads and equipment to itself, fully productive.

    Its people and pools are other ones, one for each part they are named in; they keep the names. What it costs, and
    who is how busy, means nothing: it is there for the dates.
    """
    arrays = plan.arrays
    parts, people, pools = arrays.parts.copy(), People(arrays), Pools(arrays)
    for part in parts:
        if part.kind == BY_POOL:
            part.pool = pools.double(int(part.pool))
        part.cand_ptr = people.double_all(int(part.cand_ptr), int(part.n_planned))
        part.n_cand = part.n_planned
    without_limits = arrays._replace(**people.arrays(), **pools.arrays(), **_unlimited(arrays), parts=parts)
    return dataclasses.replace(
        plan,
        arrays=without_limits,
        person_ids=tuple(plan.person_ids[i] for i in people.origins),
        pool_ids=tuple(plan.pool_ids[i] for i in pools.origins),
    )


class People:
    """People of whom there is one for each place in a part: always there, at the full rate."""

    def __init__(self, arrays: PlanArrays) -> None:
        self._arrays = arrays
        self._asked: list[int] = []  # candidates
        self.origins: list[int] = []  # people

    def double_all(self, first: int, n: int) -> int:
        """Make people of their own for these candidates; return the place of the first."""
        place = len(self.origins)
        self._asked.extend(range(first, first + n))
        self.origins.extend(int(person) for person in self._arrays.candidates.person[first : first + n])
        return place

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of the people, of what they can do and of what they learn."""
        old, origins = self._arrays, np.array(self.origins, np.int64)
        people = chosen(old.people, origins)
        full = [old.rates[person, :, ramp] for person, ramp in zip(origins, people.ramp_days, strict=True)]
        rates = np.array(full, np.int64).reshape(len(origins), old.rates.shape[1], 1)
        people.start, people.end, people.start_day, people.ramp_days = -NEVER, NEVER, 0, 0
        people.leave_ptr, people.n_leave, people.absence_ptr, people.n_absence = 0, 0, 0, 0
        people.departure, people.paid = -1, UNPAID
        people.replace_ptr, people.replace_days = 0, 0
        people.absent_first, people.absent_end = 0, 0
        tasks, raises = lessons(old, self.origins)
        return {
            "people": people,
            "rates": rates,
            "levels": np.ascontiguousarray(old.levels[origins]),
            "leave": np.zeros((0, 2), np.int64),
            "absences": records([], ABSENCE_KIND),
            "blocks": records([], BLOCK),
            "candidates": records([(i,) for i in range(len(origins))], CANDIDATE),
            "abilities": np.ascontiguousarray(old.abilities[np.array(self._asked, np.int64)]),
            "tasks": tasks,
            "raises": raises,
        }


def lessons(arrays: PlanArrays, origins: Sequence[int]) -> tuple[np.recarray, np.recarray]:
    """Return the tasks and what they teach: whatever one learns all their doubles learn.

    Parameters
    ----------
    origins : sequence of int
        Of each person, whose double they are, or themselves.
    """
    tasks = arrays.tasks.copy()
    taught: list[tuple[int, int, int]] = []
    for task in tasks:
        learned = arrays.raises[task.raise_ptr : task.raise_ptr + task.n_raises].tolist()
        task.raise_ptr = len(taught)
        for who, skill, level in learned:
            taught += [(i, skill, level) for i, person in enumerate(origins) if person == who]
        task.n_raises = len(taught) - task.raise_ptr
    return tasks, records(taught, RAISE)


class Pools:
    """Pools of which there is one for each part: all the heads there ever are, fully productive."""

    def __init__(self, arrays: PlanArrays) -> None:
        self._arrays = arrays
        self.origins: list[int] = []

    def double(self, pool: int) -> int:
        """Make a pool like this one; return its place."""
        self.origins.append(pool)
        return len(self.origins) - 1

    def most_heads(self, pool: int) -> int:
        """Return the most parts of a head that are planned to be there at any time in the project."""
        record, status = self._arrays.pools[pool], int(self._arrays.project[0].status)
        pieces = rows(self._arrays.pieces)[record.piece_ptr : record.piece_ptr + record.n_pieces]
        moments = [max(status, piece.start) for piece in pieces]
        return max((sum(p.heads for p in pieces if p.start <= at < p.end) for at in moments), default=0)

    def arrays(self) -> dict[str, Any]:
        """Return the arrays of the pools."""
        old, origins = self._arrays, np.array(self.origins, np.int64)
        pools = chosen(old.pools, origins)
        rates = old.pool_rates[origins, pools.ramp_days].reshape(-1, 1)
        pools.piece_ptr, pools.n_pieces, pools.ramp_days = np.arange(len(origins)), 1, 0
        pieces = records([(self.most_heads(pool), 0, NEVER, -1, 0) for pool in self.origins], PIECE)
        return {"pools": pools, "pieces": pieces, "pool_rates": np.ascontiguousarray(rates)}


def chosen(table: np.recarray, places: NDArray[np.int64]) -> np.recarray:
    """Return the records at these places."""
    return table[places].view(np.recarray)


def _unlimited(arrays: PlanArrays) -> dict[str, Any]:
    """Return the arrays in which there are no ceremonies, enough equipment, nobody taken away and no task dropped."""
    project, equipment, risks, covers = (
        table.copy() for table in (arrays.project, arrays.equipment, arrays.risks, arrays.covers)
    )
    project.ceremony = 0
    # nobody comes or goes, and what it costs means nothing: neither days nor months need be walked through
    project.n_days = project.status // project.day_minutes + 1
    equipment.units = NEVER
    risks.away_ptr, risks.n_away = 0, 0
    covers.after, covers.contractor_after, covers.descope_after = NEVER, NEVER, NEVER
    return {
        "project": project,
        "equipment": equipment,
        "risks": risks,
        "risk_away": records([], RISK_AWAY),
        "covers": covers,
        "months": arrays.months[-1:].copy(),
        "charges": records([], CHARGE),
    }
