"""Cover: what is done about the work of somebody who is away for long, when, and what it costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simrisk.models.clock import Step
from simrisk.models.facts import Row, cut
from simrisk.models.quantities import DrawBuilder
from simrisk.models.slices import Slices, records
from simrisk.scenario.model import Contractor, Cover, Scenario
from simrisk_kernels.layout import COVER, MILLION, NEVER

if TYPE_CHECKING:
    from simrisk.models.parts import Candidate, Part
    from simrisk.models.people import Worker
    from simrisk.models.tasks import Assignment
    from simrisk.models.world import World


NEVER_OFFERED = Cover(None, 0)  # without any policy: the work waits, unless its owner is gone for good


class CoverTable:
    """The policies of a plan; equal ones are one."""

    def __init__(self) -> None:
        self._covers: dict[Cover, int] = {}

    def index(self, cover: Cover | None) -> int:
        """Return the place of a policy; -1 for none."""
        return -1 if cover is None else self._covers.setdefault(cover, len(self._covers))

    @property
    def contractors(self) -> list[Contractor | None]:
        """Whom each policy calls."""
        return [cover.contractor for cover in self._covers]

    def finish(self, scenario: Scenario, draws: DrawBuilder) -> tuple[np.recarray, NDArray[np.int64]]:
        """Return the policies, shape (n,), and the tasks that they drop."""
        places = {task.id: i for i, task in enumerate(scenario.tasks)}
        drops = Slices()
        rows = []
        for cover, i in self._covers.items():
            lead, pay = -1, (0, 0, 1)
            if cover.contractor is not None:
                lead = draws.add(f"cover/{i}/lead", cover.contractor.lead)  # drawn in the streams of the parts
                rate = cover.contractor.rate
                pay = *divmod(rate.numerator, rate.denominator), rate.denominator
            named = (0, -1) if cover.descope is None else drops.add(sorted({places[name] for name in cover.descope}))
            after = minute(cover.handover_after), cover.handover_cost * MILLION
            rows.append((*after, minute(cover.contractor_after), lead, *pay, minute(cover.descope_after), *named))
        return records(rows, COVER), drops.finish()


def minute(threshold: int | None) -> int:
    """Return a threshold in minutes; none is never reached."""
    return NEVER if threshold is None else threshold


def watch_thresholds(worker: Worker) -> None:
    """Somebody has gone away: look again when the thresholds of the policies pass."""
    clock = worker.world.clock
    for policy in worker.world.facts.covers:
        for after in {policy.after, policy.contractor_after, policy.descope_after}:
            if after < NEVER and worker.away_since + after > clock.now:
                clock.at(worker.away_since + after, Step.THRESHOLD, worker.index)


def policy_place(part: Part, slot: int = 0) -> int:
    """Return which policy holds for a part, or a slot of it, whose owner is away: the task's, else the owner's.

    For a part of `any` that nobody has taken yet the first of its people counts.
    """
    return int(part.job.cover if part.job.cover >= 0 else part.belongs_to[slot].worker.record.cover)


def policy_of(part: Part, slot: int = 0) -> Row:
    """Return the policy for a part, or a slot of it, whose owner is away."""
    return part.world.facts.covers[policy_place(part, slot)]


def is_overdue(owner: Worker, after: int) -> bool:
    """Whether `owner` has been away for `after` minutes, or is known to be, or is gone for good."""
    if owner.is_gone:
        return True
    if not owner.is_away or after >= NEVER:
        return False
    if owner.world.clock.now - owner.away_since >= after:
        return True
    return owner.known_return is not None and owner.known_return - owner.away_since >= after


def is_lost(owners: list[Candidate], after: int) -> bool:
    """Whether nobody of those to whom a part belongs will do it: one is overdue, all others are or cannot do it."""
    overdue = [is_overdue(owner.worker, after) for owner in owners]
    return any(overdue) and all(late or not owner.is_able for late, owner in zip(overdue, owners, strict=True))


def has_descope(world: World) -> bool:
    """Whether any policy drops tasks."""
    return any(policy.descope_after < NEVER for policy in world.facts.covers)


def drop_tasks(world: World) -> None:
    """Drop what policies say because somebody is away for too long, again and again until there is nothing more."""
    while any(drop_for(part) for part in world.parts if part.waits_for_hands and part.is_for_contractors):
        pass


def drop_for(part: Part) -> bool:
    """Drop what the policy of a part says if its owner is away for too long; return whether there was anything."""
    policy = policy_of(part)
    if policy.descope_after >= NEVER or not is_lost(part.belongs_to, policy.descope_after):
        return False
    tasks = to_drop(part.world, policy)
    for task in tasks:
        task.drop(part)
    part.world.clock.let_follow()
    return bool(tasks)


def to_drop(world: World, policy: Row) -> list[Assignment]:
    """Return the tasks that a policy drops: those named, or the optional ones not begun."""
    if policy.n_drops < 0:
        return [task for task in world.tasks if task.record.optional and task.started_at is None]
    named = cut(world.facts.cover_drops, policy.drop_ptr, policy.n_drops)
    return [world.tasks[i] for i in named if not world.tasks[i].is_over]
