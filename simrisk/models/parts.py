"""Parts: the pieces in which the work of a task, or the rework of a gate, is done, and who may do each of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from simrisk_kernels.layout import CANDIDATE, ONE_PERSON, PART, TASK, TOGETHER

from simrisk.models.cover import CoverTable, stand_ins
from simrisk.models.gates import gates_of_task
from simrisk.models.people import RateTable, skill_factor
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Gate, Scenario, Task
from simrisk.scenario.units import WorkingCalendar

NO_SPRINT = 1 << 30  # after all sprints


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
    stand_ins : list of int
        People, in the order in which they are asked.
    draw, share, n_shares : int
    """

    order: tuple[int, ...]
    record: int
    kind: int
    planned: tuple[int, ...]
    own_hours: bool
    skills: tuple[str, ...]
    stand_ins: list[int]
    draw: int
    share: int = 0
    n_shares: int = 1


def pieces_of_task(scenario: Scenario, record: int, draws: DrawBuilder) -> Iterator[Piece]:
    """Yield the parts of a task in the order of the file."""
    task = scenario.tasks[record]
    places = {person.id: i for i, person in enumerate(scenario.people)}
    who = tuple(places[name] for name in task.who)
    order = (1, NO_SPRINT if task.sprint is None else task.sprint, task.priority, record)
    backups = stand_ins(scenario, task.skills, task.backup)

    def piece(place: int, planned: tuple[int, ...], draw: int, n_shares: int = 1) -> Piece:
        kind = TOGETHER if task.share == "together" else ONE_PERSON
        share = place if n_shares > 1 else 0
        own = task.share == "work"
        return Piece((*order, place), record, kind, planned, own, task.skills, backups, draw, share, n_shares)

    stream = f"task/{task.id}/effort"
    if task.share == "work":
        for place, (name, effort) in enumerate(zip(task.who, task.efforts, strict=True)):
            yield piece(place, (who[place],), draws.add(f"{stream}/{name}", effort))
        return
    draw = draws.add(stream, task.efforts[0])
    if task.share == "split":
        for place, person in enumerate(who):
            yield piece(place, (person,), draw, len(who))
    else:
        yield piece(0, who, draw)


def pieces_of_rework(scenario: Scenario, g: int, draws: DrawBuilder) -> Iterator[Piece]:
    """Yield the parts of a gate's rework in the order of the file."""
    gate = scenario.gates[g]
    places = {person.id: i for i, person in enumerate(scenario.people)}
    due = gate.due if isinstance(gate.due, int) else NO_SPRINT
    backups = stand_ins(scenario, gate.rework_skills, gate.rework_backup)
    for place, (name, effort) in enumerate(gate.rework):
        draw = draws.add(f"gate/{gate.id}//rework/{name}", effort)
        record, planned = len(scenario.tasks) + g, (places[name],)
        yield Piece((0, due, g, 0, place), record, ONE_PERSON, planned, True, gate.rework_skills, backups, draw)


def candidates_of(scenario: Scenario, piece: Piece, rates: RateTable) -> list[tuple[int, int]]:
    """Return (person, efficiency) of those planned for a part, then of those who can stand in."""
    people = scenario.people
    planned = [skill_factor(scenario, people[i], piece.skills) for i in piece.planned]
    standing = [i for i in dict.fromkeys(piece.stand_ins) if i not in piece.planned]
    factors = [skill_factor(scenario, people[i], piece.skills) for i in standing]
    if piece.own_hours:
        measure = planned[0] or Fraction(1)
        planned = [planned[0] and Fraction(1)]
        factors = [factor and min(Fraction(1), factor / measure) for factor in factors]
    able = [(i, factor) for i, factor in zip(standing, factors, strict=True) if factor is not None]
    return [(i, rates.index(i, factor)) for i, factor in [*zip(piece.planned, planned, strict=True), *able]]


def lower_parts(
    scenario: Scenario, draws: DrawBuilder, rates: RateTable
) -> tuple[np.recarray, np.recarray, list[list[int]]]:
    """Return the parts in allocation order, their candidates, and the parts of each record in the order of the file."""
    pieces = [piece for i in range(len(scenario.tasks)) for piece in pieces_of_task(scenario, i, draws)]
    pieces += [piece for g in range(len(scenario.gates)) for piece in pieces_of_rework(scenario, g, draws)]
    pieces.sort(key=lambda piece: piece.order)
    rows: list[tuple[int, ...]] = []
    candidates: list[tuple[int, int]] = []
    parts_of: list[list[int]] = [[] for _ in range(len(scenario.tasks) + len(scenario.gates))]
    n_slots = 0
    for i, piece in enumerate(pieces):
        own = candidates_of(scenario, piece, rates)
        slots = len(piece.planned) if piece.kind == TOGETHER else 1
        asked = len(candidates), len(piece.planned), len(own)
        shared = piece.draw, piece.share, piece.n_shares
        rows.append((piece.record, piece.kind, *asked, n_slots, slots, *shared))
        candidates.extend(own)
        parts_of[piece.record].append(i)
        n_slots += slots
    return records(rows, PART), records(candidates, CANDIDATE), parts_of


@dataclass
class TaskSlices:
    """The lists that the tasks' records point into."""

    parts: Slices
    before: Slices
    after: Slices
    gates: Slices


def lower_tasks(
    scenario: Scenario, calendar: WorkingCalendar, covers: CoverTable, parts_of: list[list[int]], slices: TaskSlices
) -> np.recarray:
    """Return the tasks' records and behind them those of the gates' rework, shape (n_tasks + n_gates,)."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    before = [sorted({places[name] for name in task.after}) for task in scenario.tasks]
    after: list[list[int]] = [[] for _ in scenario.tasks]
    for i, earlier in enumerate(before):
        for place in earlier:
            after[place].append(i)
    rows = []
    for i, task in enumerate(scenario.tasks):
        links = slices.before.add(before[i]), slices.after.add(after[i]), slices.gates.add(gates_of_task(scenario, i))
        facts = own_facts(task, calendar, covers.index(task.cover))
        rows.append((*facts, *slices.parts.add(parts_of[i]), *links[0], *links[1], *links[2]))
    for g in range(len(scenario.gates)):
        parts = slices.parts.add(parts_of[len(scenario.tasks) + g])
        rows.append((-1, 0, 0, -1, g, *parts, 0, 0, 0, 0, 0, 0))
    return records(rows, TASK)


def own_facts(task: Task, calendar: WorkingCalendar, cover: int) -> tuple[int, int, int, int, int]:
    """Return sprint, earliest minute, whether optional, policy, and no gate."""
    earliest = 0 if task.not_before is None else max(0, calendar.minute_of(task.not_before))
    return -1 if task.sprint is None else task.sprint - 1, earliest, int(task.optional), cover, -1
