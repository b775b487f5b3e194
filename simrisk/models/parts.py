"""Parts: the pieces in which the work of a task, or the rework of a gate, is done in a trial, and in whose hands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simrisk.models.clock import Step
from simrisk.models.contractors import CONTRACTOR, Outsider
from simrisk.models.events import Kind
from simrisk.models.facts import cut
from simrisk.models.people import UNABLE, Worker
from simrisk.models.pools import Crew
from simrisk.models.waiting import cause_of, waits_for
from simrisk_kernels.layout import (
    BUSY,
    BY_POOL,
    HANDOVER,
    HIRING,
    MILLION,
    ON_CLOCK,
    ONE_PERSON,
    OVERRUN,
    TOGETHER,
    WORK,
)

if TYPE_CHECKING:
    from simrisk.models.world import World

ENDLESS = 1 << 60  # minutes
AT_WORK = -1  # in place of a label of waiting


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
        self.contractor_took = False  # a part of it
        self.skills = cut(world.facts.task_skills, self.record.skill_ptr, self.record.n_skills)

    def level_of(self, worker: Worker) -> int:
        """Return the lowest of somebody's levels in the skills it takes; 0 without skills."""
        return min((self.world.levels[worker.index][skill] for skill in self.skills), default=0)

    @property
    def has_equipment(self) -> bool:
        """Whether it has what it uses, or could have it now."""
        return True

    @property
    @abstractmethod
    def is_open(self) -> bool:
        """Whether its parts can be taken and worked on."""

    def short_of(self) -> tuple[str, ...]:
        """Return the equipment it uses and cannot have now."""
        return ()

    def begun(self) -> None:  # noqa: B027  (a hook: rework has nothing to note)
        """A part of it has been taken."""

    @abstractmethod
    def part_done(self) -> None:
        """A part of it has been completed."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may be asked to do a part."""

    worker: Worker
    job: Job
    abilities: list[int]  # by level: place among the person's rates; `UNABLE`

    @property
    def efficiency(self) -> int:
        """Place among the person's rates with the levels of now; `UNABLE`."""
        return self.abilities[self.job.level_of(self.worker)]

    @property
    def is_able(self) -> bool:
        """Whether the level is one at which the work can be done, and the person is asked."""
        return self.efficiency != UNABLE


class Part:
    """A piece of work in one trial: who has it, what is left of it, and what it has been waiting for."""

    def __init__(self, world: World, index: int, job: Job) -> None:
        self.world = world
        self.index = index
        self.job = job
        self.record = world.facts.parts[index]
        asked = cut(world.facts.candidates, self.record.cand_ptr, self.record.n_cand)
        abilities = cut(world.facts.abilities, self.record.cand_ptr, self.record.n_cand)
        self.candidates = [
            Candidate(world.workers[ask.person], job, able) for ask, able in zip(asked, abilities, strict=True)
        ]
        self.planned = self.candidates[: self.record.n_planned]
        self.is_together = self.record.kind == TOGETHER
        self.is_on_clock = self.record.kind == ON_CLOCK
        self.is_any = self.record.kind == ONE_PERSON and len(self.planned) > 1
        self.crew: Crew | None = world.pools[self.record.pool] if self.record.kind == BY_POOL else None
        self.lay_out(0)

    def lay_out(self, effort: int) -> None:
        """Begin anew, with this effort (millionths of a minute), in the hands of those planned."""
        self.effort = effort
        self.left = effort
        self.handover_left = 0  # how much of it is the cost of changes of hands
        self.owners = self.planned[: self.record.n_slots]  # one a slot; of `any` see `is_anybodys`
        self.efficiencies = [UNABLE for _ in self.owners]  # as they were when the slot was taken
        self.at_it: list[Worker] = []  # who spends their time on it since the last minute in which something happened
        self.heads = self.told_heads = 0  # of a pool that work on it, in parts of a head; as last noted
        self.outsider = Outsider()
        self.is_taken = False
        self.taken_at: int | None = None
        self.done_at: int | None = None
        self.completes_at: int | None = None
        self.rate: int | None = None  # millionths a minute; None: it waits
        self.cause = BUSY  # for what it waits
        self.since = self.world.clock.now  # the minute up to which everything is accounted for
        self.stretches: list[tuple[int, int, int]] = []  # (from, to, label)
        self.worked_as: int | None = None  # label of the last minute of work
        self.told: int | None = None  # label of its waiting, or AT_WORK, as last noted for the story
        self.had_by = set() if self.is_any else {owner.worker for owner in self.owners}  # at any time

    @property
    def is_anybodys(self) -> bool:
        """Whether it belongs to all of its people because none of them has taken it yet."""
        return self.is_any and not self.is_taken

    @property
    def belongs_to(self) -> list[Candidate]:
        """Those to whom it belongs."""
        return self.planned if self.is_anybodys else self.owners

    @property
    def owning_workers(self) -> list[Worker]:
        """The people it belongs to."""
        return [owner.worker for owner in self.belongs_to]

    @property
    def is_for_contractors(self) -> bool:
        """Whether a contractor may do it, and none has it."""
        return self.record.kind == ONE_PERSON and not self.job.is_urgent and not self.outsider.has_part

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
        return self.share_of(max(0, self.world.planned_minutes(self.record.draw) - int(self.record.done)))

    @property
    def can_be_taken(self) -> bool:
        """Whether it is begun, or what its task uses is there."""
        return self.is_taken or self.job.has_equipment

    # Hands

    def take(self, slot: int, candidate: Candidate) -> None:
        """Put it, or one slot of it, into somebody's hands."""
        self.owners = [candidate if i == slot else owner for i, owner in enumerate(self.owners)]
        self.efficiencies[slot] = candidate.efficiency
        self.had_by.add(candidate.worker)
        candidate.worker.hold(self)

    def started(self) -> None:
        """All who are needed for it have taken it."""
        self.is_taken = True
        self.taken_at = self.world.clock.now
        self.note(Kind.TAKES, self.names_of_owners())
        self.job.begun()
        self.complete_if_nothing_left()

    def hand_over(self, slot: int, candidate: Candidate, cost: int) -> None:
        """Change hands: it takes `cost` millionths of a minute more, and whoever had it is free of it."""
        previous = self.owners[slot].worker
        self.add_handover(cost)
        previous.let_go(self)
        self.take(slot, candidate)
        factor = candidate.worker.factor_at(candidate.efficiency)
        self.note(Kind.HANDED, (previous.name, candidate.worker.name), (factor, cost // MILLION))

    def give_to_contractor(self, policy: int) -> None:
        """Put it into the hands of the contractor of a policy."""
        cost = self.world.facts.covers[policy].cost
        self.add_handover(cost)
        self.note(Kind.CONTRACTED, self.names_of_owners(), (cost // MILLION,))
        self.release()
        self.owners, self.efficiencies, self.outsider.policy = [], [], policy
        self.job.contractor_took = True
        if not self.is_taken:
            self.started()

    def add_handover(self, cost: int) -> None:
        """It changes hands, which costs so many millionths of a minute."""
        self.account(self.world.clock.now)
        self.left += cost
        self.handover_left += cost
        self.job.handovers += 1

    def get_heads(self, heads: int) -> None:
        """Get so many parts of a head of its pool, until they are shared out anew."""
        if heads != self.heads:
            self.account(self.world.clock.now)
            self.heads = heads
        if heads > 0 and not self.is_taken:
            self.started()

    def complete_if_nothing_left(self) -> None:
        """Complete a piece of work of 0 minutes in this very minute."""
        if self.left == 0:
            self.complete_at(self.world.clock.now)

    def release(self) -> None:
        """Whoever holds it is free."""
        self.heads = 0
        for owner in self.owners:
            owner.worker.let_go(self)

    @property
    def names_of_planned(self) -> tuple[str, ...]:
        """The people planned for it."""
        return tuple(candidate.worker.name for candidate in self.planned)

    def names_of_owners(self) -> tuple[str, ...]:
        """Return the names of those it belongs to, of a pool the pool's."""
        if self.crew is not None:
            return (self.crew.name,)
        if self.outsider.has_part:
            return (CONTRACTOR,)
        return tuple(worker.name for worker in self.owning_workers)

    def absentees(self) -> tuple[str, ...]:
        """Return the names of those it belongs to who are away."""
        return tuple(worker.name for worker in self.owning_workers if worker.is_away)

    # For the story

    def note(
        self, kind: Kind, who: tuple[str, ...] = (), more: tuple[str | int | float, ...] = (), minute: int | None = None
    ) -> None:
        """Keep what happened to it."""
        self.world.note(kind, self.job.name, who, self.index, more, minute=minute)

    def note_how_it_goes(self) -> None:
        """Note from this minute on it waits for something else, is worked on again, or has other heads of its pool."""
        label = AT_WORK if self.rate is not None else self.cause
        if label != self.told:
            if label != AT_WORK:
                self.note(Kind.WAITS, *waits_for(self, label))
            elif self.taken_at != self.world.clock.now:
                self.note(Kind.GOES_ON, self.names_of_owners())
        if self.heads != self.told_heads:
            self.told_heads = self.heads
            if self.crew is not None and self.heads > 0:
                self.note(Kind.HEADS, (self.crew.name,), (self.crew.in_heads(self.heads),))
        self.told = label

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
        for worker in self.at_it:
            worker.worked += minutes
        if self.crew is not None:
            self.crew.worked += self.heads * minutes
        if self.outsider.has_part:
            self.outsider.worked += minutes
        done = min(self.left, rate * minutes)
        self.left -= done
        self.handover_left = max(0, self.handover_left - done)
        if not self.job.is_urgent and not self.is_on_clock:
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
                if label != self.worked_as:
                    self.note_work(label, first)

    def note_work(self, label: int, minute: int) -> None:
        """Note for the story that the handover is over, or all that was planned is done, and the work goes on."""
        if self.worked_as == HANDOVER:
            self.note(Kind.HANDED_IN, self.names_of_owners(), minute=minute)
        elif label == OVERRUN:
            self.note(Kind.BEYOND, self.names_of_owners(), (self.planned_effort // MILLION,), minute)
        self.worked_as = label

    def settle(self) -> None:
        """Note at the end of a minute how it goes on from here."""
        now = self.world.clock.now
        self.account(now)
        self.rate = self.current_rate()
        self.at_it = [owner.worker for owner in self.owners if self.is_taken and owner.worker.works_on(self)]
        if self.rate is None:
            self.cause = self.cause_of_waiting()
        self.note_how_it_goes()
        if self.rate:
            self.complete_at(now + minutes_until(self.left, self.rate))
        else:
            self.completes_at = None

    def current_rate(self) -> int | None:
        """Return what is done of it in a minute; None: it waits."""
        if self.is_taken and self.is_on_clock:
            return MILLION
        if self.crew is not None:
            return self.crew.rate_of(self.heads) if self.heads > 0 else None
        if self.outsider.policy is not None:
            return self.world.facts.contractor_rates[self.index][self.outsider.policy]
        if not self.is_taken or not all(owner.worker.works_on(self) for owner in self.owners):
            return None
        hands = zip(self.owners, self.efficiencies, strict=True)
        return min(owner.worker.rate_at(efficiency) for owner, efficiency in hands)

    def complete_at(self, minute: int) -> None:
        """Expect to be done in `minute`, unless something comes between."""
        if minute != self.completes_at:
            self.completes_at = minute
            self.world.clock.call_silently_at(minute, Step.COMPLETE, self.index, self.complete)

    def complete(self) -> None:
        """Be done, if this is still the minute in which nothing is left; else nothing happens."""
        now = self.world.clock.now
        if self.done_at is not None or self.completes_at != now or not self.job.is_open:
            return
        self.world.clock.stir()
        self.account(now)
        self.done_at = now
        self.note(Kind.DONE, self.names_of_owners())
        self.release()
        self.job.part_done()

    # Waiting

    def cause_of_waiting(self) -> int:
        """Return the label of a minute of waiting: the latest in the list of all who keep it waiting."""
        if self.crew is not None:
            return BUSY if self.crew.there > 0 else HIRING
        return max((cause_of(worker, self) for worker in self.owning_workers), default=BUSY)

    def last_label(self) -> int:
        """Return the label of its last minute; `work` if it had none."""
        return self.label_before(ENDLESS)

    def label_before(self, minute: int) -> int:
        """Return the label of its last minute before another one; `work` if it had none."""
        return next((label for begin, _, label in reversed(self.stretches) if begin < minute), WORK)


def minutes_until(millionths: int, rate: int) -> int:
    """Return the first whole number of minutes in which so much is done; endless at rate 0."""
    if millionths <= 0:
        return 0
    return -(-millionths // rate) if rate > 0 else ENDLESS
