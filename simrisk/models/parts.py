"""Parts: the pieces in which the work of a task, or the rework of a gate, is done, and who may do each of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.clock import Step
from simrisk.models.facts import cut
from simrisk.models.people import UNABLE, RateTable, Reason, Worker
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import records
from simrisk.scenario.ability import efficiency, stand_ins
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import (
    ABSENCE,
    BUSY,
    CALENDAR,
    CANDIDATE,
    GATE,
    HANDOVER,
    HIRING,
    LEAVE,
    MILLION,
    ONE_PERSON,
    OVERRUN,
    PART,
    TOGETHER,
    WORK,
)

if TYPE_CHECKING:
    from simrisk.models.world import World

NO_SPRINT = 1 << 30  # after all sprints
ENDLESS = 1 << 60  # minutes


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
    backups = [places[person.id] for person in stand_ins(scenario, task.skills, task.backup)]

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
    asked = stand_ins(scenario, gate.rework_skills, gate.rework_backup)
    backups = [places[person.id] for person in asked]
    for place, (name, effort) in enumerate(gate.rework):
        draw = draws.add(f"gate/{gate.id}//rework/{name}", effort)
        record, planned = len(scenario.tasks) + g, (places[name],)
        yield Piece((0, due, g, 0, place), record, ONE_PERSON, planned, True, gate.rework_skills, backups, draw)


def candidates_of(scenario: Scenario, piece: Piece, rates: RateTable) -> list[tuple[int, int]]:
    """Return (person, efficiency) of those planned for a part, then of those who can stand in."""
    people = scenario.people
    planned = [efficiency(scenario, people[i], piece.skills) for i in piece.planned]
    standing = [i for i in dict.fromkeys(piece.stand_ins) if i not in piece.planned]
    factors = [efficiency(scenario, people[i], piece.skills) for i in standing]
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


class Job(ABC):
    """What parts belong to: a task, or the rework of a gate."""

    def __init__(self, world: World, index: int, name: str) -> None:
        self.world = world
        self.index = index
        self.name = name
        self.record = world.facts.tasks[index]
        self.is_urgent = self.record.gate >= 0
        self.cover: int = self.record.cover
        self.parts: list[Part] = []  # in the order of the file
        self.ready_at: int | None = None
        self.handovers = 0

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether its parts can be taken and worked on."""

    def begun(self) -> None:  # noqa: B027  (a hook: rework has nothing to note)
        """A part of it has been taken."""

    @abstractmethod
    def part_done(self) -> None:
        """A part of it has been completed."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked to do a part."""

    worker: Worker
    efficiency: int  # place among the person's rates; `UNABLE`

    @property
    def is_able(self) -> bool:
        """Whether the level is one at which the work can be done."""
        return self.efficiency != UNABLE


class Part:
    """A piece of work in one trial: who has it, what is left of it, and what it has been waiting for."""

    def __init__(self, world: World, index: int, job: Job) -> None:
        self.world = world
        self.index = index
        self.job = job
        self.record = world.facts.parts[index]
        asked = cut(world.facts.candidates, self.record.cand_ptr, self.record.n_cand)
        self.candidates = [Candidate(world.workers[ask.person], ask.efficiency) for ask in asked]
        self.planned = self.candidates[: self.record.n_planned]
        self.is_together = self.record.kind == TOGETHER
        self.is_any = not self.is_together and len(self.planned) > 1
        self.lay_out(0)

    def lay_out(self, effort: int) -> None:
        """Begin anew, with this effort (millionths of a minute), in the hands of those planned."""
        self.effort = effort
        self.left = effort
        self.handover_left = 0  # how much of it is the cost of changes of hands
        self.owners = self.planned[: self.record.n_slots]  # one a slot; of `any` see `is_anybodys`
        self.is_taken = False
        self.done_at: int | None = None
        self.completes_at: int | None = None
        self.rate: int | None = None  # millionths a minute; None: it waits
        self.cause = BUSY  # for what it waits
        self.since = self.world.clock.now  # the minute up to which everything is accounted for
        self.stretches: list[tuple[int, int, int]] = []  # (from, to, label)
        self.had_by = set() if self.is_any else {owner.worker for owner in self.owners}  # at any time

    @property
    def is_anybodys(self) -> bool:
        """Whether it belongs to all of its people because none of them has taken it yet."""
        return self.is_any and not self.is_taken

    @property
    def owning_workers(self) -> list[Worker]:
        """The people it belongs to."""
        return [owner.worker for owner in (self.planned if self.is_anybodys else self.owners)]

    @property
    def waits_for_hands(self) -> bool:
        """Whether it could be taken, worked on or handed over."""
        return self.job.is_open and self.done_at is None

    def share_of(self, minutes: int) -> int:
        """Return this part's share of an effort, in millionths: equal, the first get one more."""
        whole, rest = divmod(minutes * MILLION, self.record.n_shares)
        return int(whole) + int(self.record.share < rest)

    @property
    def planned_effort(self) -> int:
        """Millionths of a minute when every quantity takes its planned value."""
        return self.share_of(self.world.planned_minutes(self.record.draw))

    # Hands

    def take(self, slot: int, candidate: Candidate) -> None:
        """Put it, or one slot of it, into somebody's hands."""
        self.owners = [candidate if i == slot else owner for i, owner in enumerate(self.owners)]
        self.had_by.add(candidate.worker)
        candidate.worker.hold(self)

    def started(self) -> None:
        """All who are needed for it have taken it."""
        self.is_taken = True
        self.world.note(f"{self.names_of_owners()} begin{'s' if len(self.owners) == 1 else ''} {self.job.name}")
        self.job.begun()
        self.complete_if_nothing_left()

    def hand_over(self, slot: int, candidate: Candidate, cost: int) -> None:
        """Change hands: it takes `cost` millionths of a minute more, and whoever had it is free of it."""
        self.account(self.world.clock.now)
        previous = self.owners[slot].worker
        self.left += cost
        self.handover_left += cost
        self.job.handovers += 1
        previous.let_go(self)
        self.take(slot, candidate)
        self.world.note(f"{self.job.name} goes from {previous.name} to {candidate.worker.name}")

    def complete_if_nothing_left(self) -> None:
        """Complete a piece of work of 0 minutes in this very minute."""
        if self.left == 0:
            self.complete_at(self.world.clock.now)

    def release(self) -> None:
        """Whoever holds it is free."""
        for owner in self.owners:
            owner.worker.let_go(self)

    def names_of_owners(self) -> str:
        """Return the names of the people it belongs to."""
        return " and ".join(worker.name for worker in self.owning_workers)

    # Work

    def account(self, now: int) -> None:
        """Do the work, or wait, from the minute accounted for up to `now`."""
        if now > self.since:
            if self.rate is None:
                self.stretches.append((self.since, now, self.cause))
            else:
                self.work(self.rate, now - self.since)
        self.since = now

    def work(self, rate: int, minutes: int) -> None:
        """Work on it for some minutes at one rate."""
        self.label_work(rate, minutes)
        for owner in self.owners:
            owner.worker.worked += minutes
        done = min(self.left, rate * minutes)
        self.left -= done
        self.handover_left = max(0, self.handover_left - done)
        if not self.job.is_urgent:
            self.world.work_done += done

    def label_work(self, rate: int, minutes: int) -> None:
        """Label each minute by the state at its beginning: handover, else work up to the plan, else overrun."""
        begin, end = self.since, self.since + minutes
        handover_end = min(end, begin + minutes_until(self.handover_left, rate))
        done = self.effort - (self.left - self.handover_left)
        gained = rate * (handover_end - begin) - self.handover_left  # effort done when the handover is over
        to_plan = self.planned_effort - done - max(0, gained)
        work_end = min(end, handover_end + minutes_until(to_plan, rate))
        for label, first, last in (
            (HANDOVER, begin, handover_end),
            (WORK, handover_end, work_end),
            (OVERRUN, work_end, end),
        ):
            if first < last:
                self.stretches.append((first, last, label))

    def settle(self) -> None:
        """Note at the end of a minute how it goes on from here."""
        now = self.world.clock.now
        self.account(now)
        self.rate = self.current_rate()
        if self.rate is None:
            self.cause = self.cause_of_waiting()
        if self.rate:
            self.complete_at(now + minutes_until(self.left, self.rate))
        else:
            self.completes_at = None

    def current_rate(self) -> int | None:
        """Return what is done of it in a minute; None: it waits."""
        if not self.is_taken or not all(owner.worker.works_on(self) for owner in self.owners):
            return None
        return min(owner.worker.rate_at(owner.efficiency) for owner in self.owners)

    def complete_at(self, minute: int) -> None:
        """Expect to be done in `minute`, unless something comes between."""
        if minute != self.completes_at:
            self.completes_at = minute
            self.world.clock.call_at(minute, Step.COMPLETE, self.index, self.complete)

    def complete(self) -> None:
        """Be done, if this is still the minute in which nothing is left."""
        now = self.world.clock.now
        if self.done_at is not None or self.completes_at != now or not self.job.is_open:
            return
        self.account(now)
        self.done_at = now
        self.release()
        self.job.part_done()

    # Waiting

    def cause_of_waiting(self) -> int:
        """Return the label of a minute of waiting: the latest in the list of all who keep it waiting."""
        return max((cause_of(worker, self) for worker in self.owning_workers), default=BUSY)

    def last_label(self) -> int:
        """Return the label of its last minute; `work` if it had none."""
        return self.stretches[-1][2] if self.stretches else WORK


def minutes_until(millionths: int, rate: int) -> int:
    """Return the first whole number of minutes in which so much is done; endless at rate 0."""
    if millionths <= 0:
        return 0
    return -(-millionths // rate) if rate > 0 else ENDLESS


def cause_of(worker: Worker, part: Part) -> int:
    """Return why a part waits for one of its owners; `busy` when they do not keep it waiting."""
    if worker.reason in (Reason.NOT_YET, Reason.GONE):
        return HIRING
    if worker.is_away:
        return LEAVE if worker.reason is Reason.LEAVE else ABSENCE
    if worker.ceremony_since is not None:
        return CALENDAR
    if worker.urgent is not None and worker.urgent is not part:
        return GATE
    return BUSY  # holds another part, or waits with the others: nobody in particular is `busy` as well
