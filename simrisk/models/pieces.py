"""Pieces: how tasks and rework are cut into parts, in allocation order, and who may do each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from simrisk.models.people import RateTable
from simrisk.models.pools import head_unit, max_heads
from simrisk.models.quantities import DrawBuilder, stream_hash
from simrisk.models.skills import SkillTable
from simrisk.models.slices import records
from simrisk.scenario.model import Person, Scenario, Task
from simrisk_kernels.layout import BY_POOL, CANDIDATE, NEVER, ON_CLOCK, ONE_PERSON, PART, TOGETHER

NO_SPRINT = 1 << 30  # after all sprints
NOBODY = -1  # in place of a pool among people


@dataclass(frozen=True)
class Piece:
    """One part before it is lowered.

    Parameters
    ----------
    order : tuple of int
        Place in the allocation order.
    record : int
        Of the task, or of the gate's rework.
    kind : int
    planned : tuple of int
        People.
    own_hours : bool
        Whether the effort is the planned person's own hours and not those of a fully skilled person.
    skills : tuple of str
    backup : tuple of str or None
        Who is asked to take it over, in order; None: whoever has the backup level by then.
    draw, share, n_shares, done : int
    contractor : str
        Stream of a contractor's lead time; empty: no contractor can do it.
    pool : int
        Whose heads do it; -1: people do.
    max_heads : int
        Parts of a head that work on it at most.
    """

    order: tuple[int, ...]
    record: int
    kind: int
    planned: tuple[int, ...]
    own_hours: bool
    skills: tuple[str, ...]
    backup: tuple[str, ...] | None
    draw: int
    share: int = 0
    n_shares: int = 1
    done: int = 0
    contractor: str = ""
    pool: int = -1
    max_heads: int = NEVER

    @property
    def for_contractors(self) -> bool:
        """Whether a contractor could do it."""
        return self.kind == ONE_PERSON and bool(self.contractor)

    @property
    def has_slots(self) -> bool:
        """Whether all who are planned hold it at once."""
        return self.kind in (TOGETHER, ON_CLOCK)


def pieces_of_task(scenario: Scenario, record: int, draws: DrawBuilder, unit: int) -> Iterator[Piece]:
    """Yield the parts of a task in the order of the file; heads are counted in parts of one, `unit` in each."""
    task = scenario.tasks[record]
    places = {person.id: i for i, person in enumerate(scenario.people)}
    pools = {pool.id: i for i, pool in enumerate(scenario.pools)}
    heads = max_heads(task.max_fte, unit)
    who = tuple(places.get(name, NOBODY) for name in task.who)
    order = (1, NO_SPRINT if task.sprint is None else task.sprint, task.priority, record)
    stream, lead = f"task/{task.id}/effort", f"task/{task.id}/contractor"
    own, skills, backup = task.share == "work", task.skills, task.backup

    if task.share == "milestone":
        return
    if task.share == "work":
        for place, (name, effort) in enumerate(zip(task.who, task.efforts, strict=True)):
            draw, done, planned = draws.add(f"{stream}/{name}", effort), done_of(task, place), (who[place],)
            if name in pools:
                yield Piece((*order, place), record, BY_POOL, (), own, (), (), draw, 0, 1, done, "", pools[name], heads)
                continue
            yield Piece(
                (*order, place), record, ONE_PERSON, planned, own, skills, backup, draw, 0, 1, done, f"{lead}/{name}"
            )
        return
    if task.share == "duration":
        draw = draws.add(f"task/{task.id}/duration", task.efforts[0])
        yield Piece((*order, 0), record, ON_CLOCK, who, False, (), (), draw, 0, 1, done_of(task, 0))
        return
    draw, done = draws.add(stream, task.efforts[0]), done_of(task, 0)
    if task.who[0] in pools:
        pool = pools[task.who[0]]
        yield Piece((*order, 0), record, BY_POOL, (), False, (), (), draw, 0, 1, done, "", pool, heads)
    elif task.share == "split":
        for place, (name, person) in enumerate(zip(task.who, who, strict=True)):
            shared = draw, place, len(who), done, f"{lead}/{name}"
            yield Piece((*order, place), record, ONE_PERSON, (person,), own, skills, backup, *shared)
    else:
        kind = TOGETHER if task.share == "together" else ONE_PERSON
        yield Piece((*order, 0), record, kind, who, own, skills, backup, draw, 0, 1, done, lead)


def done_of(task: Task, place: int) -> int:
    """Return the minutes to take off an effort of a task."""
    return task.done[place] if task.done else 0


def pieces_of_rework(scenario: Scenario, g: int, draws: DrawBuilder) -> Iterator[Piece]:
    """Yield the parts of a gate's rework in the order of the file."""
    gate = scenario.gates[g]
    places = {person.id: i for i, person in enumerate(scenario.people)}
    due = gate.due if isinstance(gate.due, int) else NO_SPRINT
    record = len(scenario.tasks) + g
    for place, (name, effort) in enumerate(gate.rework):
        draw = draws.add(f"gate/{gate.id}//rework/{name}", effort)
        order, planned = (0, due, g, 0, place), (places[name],)
        yield Piece(order, record, ONE_PERSON, planned, True, gate.rework_skills, gate.rework_backup, draw)


def factors_of(piece: Piece, person: Person, scenario: Scenario, skills: SkillTable) -> dict[int, Fraction]:
    """Return the factor at each level at which somebody is asked to do a part and can."""
    planned = [scenario.people[i] for i in piece.planned]
    if piece.kind == ON_CLOCK:
        return {0: Fraction(1)}
    if piece.own_hours:
        factors = skills.own_hours(person, piece.skills, planned[0])
    else:
        factors = skills.factors(person, piece.skills)
    if person in planned or piece.backup is not None:
        return factors
    return {level: factor for level, factor in factors.items() if piece.skills and level >= scenario.backup_level}


def asked_for(scenario: Scenario, piece: Piece) -> list[int]:
    """Return who is asked to do a part, in order: those planned, then the stand-ins."""
    places = {person.id: i for i, person in enumerate(scenario.people)}
    standing = range(len(places)) if piece.backup is None else [places[name] for name in piece.backup]
    if piece.kind == ON_CLOCK:
        standing = []
    return [*piece.planned, *(i for i in dict.fromkeys(standing) if i not in piece.planned)]


def candidates_of(
    scenario: Scenario, piece: Piece, rates: RateTable, skills: SkillTable
) -> list[tuple[int, list[int]]]:
    """Return those planned for a part and those who can ever stand in: who, and how well by level."""
    found = []
    for i in asked_for(scenario, piece):
        factors = factors_of(piece, scenario.people[i], scenario, skills)
        if factors or i in piece.planned:
            found.append((i, [rates.index(i, factors.get(level)) for level in range(skills.n_levels)]))
    return found


def asked_alike(piece: Piece) -> tuple[object, ...]:
    """Return what decides who can do a part and how well: parts for which it is the same have the same candidates."""
    return piece.planned, piece.kind, piece.own_hours, piece.skills, piece.backup


def keep_lesson(scenario: Scenario, piece: Piece) -> Piece:
    """Return the part of a task as it is, or without anybody to stand in: nobody learns in another's place."""
    learners = {person for person, _, _ in scenario.tasks[piece.record].raises}
    if any(scenario.people[person].id in learners for person in piece.planned):
        return replace(piece, backup=(), contractor="")
    return piece


@dataclass(frozen=True)
class LoweredParts:
    """The parts of a plan, in allocation order.

    Parameters
    ----------
    records, candidates : recarray
    abilities : ndarray
        By candidate and level, see `PlanArrays`.
    of : list of list of int
        The parts of each record in the order of the file.
    pieces : list of Piece
        What the records were made from.
    """

    records: np.recarray
    candidates: np.recarray
    abilities: NDArray[np.int64]
    of: list[list[int]]
    pieces: list[Piece]


def lower_parts(scenario: Scenario, draws: DrawBuilder, rates: RateTable, skills: SkillTable) -> LoweredParts:
    """Return the parts and who can do them."""
    unit = head_unit(scenario)
    of_tasks = (pieces_of_task(scenario, i, draws, unit) for i in range(len(scenario.tasks)))
    pieces = [keep_lesson(scenario, piece) for of_task in of_tasks for piece in of_task]
    pieces += [piece for g in range(len(scenario.gates)) for piece in pieces_of_rework(scenario, g, draws)]
    pieces.sort(key=lambda piece: piece.order)
    rows: list[tuple[int, ...]] = []
    candidates: list[tuple[int, list[int]]] = []
    parts_of: list[list[int]] = [[] for _ in range(len(scenario.tasks) + len(scenario.gates))]
    known: dict[tuple[object, ...], list[tuple[int, list[int]]]] = {}
    n_slots = 0
    for i, piece in enumerate(pieces):
        alike = asked_alike(piece)
        own = known[alike] = known[alike] if alike in known else candidates_of(scenario, piece, rates, skills)
        slots = len(piece.planned) if piece.has_slots else int(piece.kind == ONE_PERSON)
        asked = len(candidates), len(piece.planned), len(own)
        contractor = stream_hash(piece.contractor) if piece.for_contractors else 0
        drawn = piece.done, piece.draw, piece.share, piece.n_shares
        rows.append((piece.record, piece.kind, *asked, n_slots, slots, piece.pool, piece.max_heads, contractor, *drawn))
        candidates.extend(own)
        parts_of[piece.record].append(i)
        n_slots += slots
    people = records([(person,) for person, _ in candidates], CANDIDATE)
    abilities = np.array([levels for _, levels in candidates], np.int64).reshape(-1, skills.n_levels)
    return LoweredParts(records(rows, PART), people, abilities, parts_of, pieces)
