"""Allocation: who takes which piece of work, in one pass over all parts in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simrisk.models.cover import is_overdue, policy_of

if TYPE_CHECKING:
    from simrisk.models.parts import Candidate, Part
    from simrisk.models.people import Worker
    from simrisk.models.world import World


def allocate(world: World) -> None:
    """Give every part that waits for hands to the first who is free; nobody is reserved for what waits on."""
    for part in world.parts:
        if not part.waits_for_hands:
            continue
        if part.is_taken:
            offer_on(part)
        elif part.is_together:
            gather(part)
        else:
            give(part)


def give(part: Part) -> None:
    """Give a part that nobody has begun to the first of its people, or, when they are overdue, to a stand-in."""
    for candidate in part.planned:
        if candidate.is_able and candidate.worker.is_free_for(part):
            part.take(0, candidate)
            part.started()
            return
    policy = policy_of(part, part.planned[0].worker)
    overdue = [is_overdue(candidate.worker, policy) for candidate in part.planned]
    lost = all(late or not candidate.is_able for late, candidate in zip(overdue, part.planned, strict=True))
    stand_in = first_free(part, part.candidates, not_among=[]) if lost and any(overdue) else None
    if stand_in is not None and policy is not None:
        part.hand_over(0, stand_in, policy.cost)
        part.started()


def gather(part: Part) -> None:
    """Begin a part that all its people hold together once each slot has its owner, or a stand-in for one overdue."""
    team: list[tuple[Candidate, int | None]] = []  # who, and at what cost if it changes hands
    taken = part.owning_workers
    for owner in part.owners:
        if owner.is_able and owner.worker.is_free_for(part):
            team.append((owner, None))
            continue
        policy = policy_of(part, owner.worker)
        stand_in = first_free(part, part.candidates, not_among=taken) if is_overdue(owner.worker, policy) else None
        if stand_in is None or policy is None:
            return
        team.append((stand_in, policy.cost))
        taken = [*taken, stand_in.worker]
    for slot, (candidate, cost) in enumerate(team):
        if cost is None:
            part.take(slot, candidate)
        else:
            part.hand_over(slot, candidate, cost)
    part.started()


def offer_on(part: Part) -> None:
    """Offer a part that is begun, slot by slot, when whoever has it is overdue."""
    for slot, owner in enumerate(part.owners):
        policy = policy_of(part, owner.worker)
        if not is_overdue(owner.worker, policy):
            continue
        stand_in = first_free(part, part.candidates, not_among=part.owning_workers)
        if stand_in is not None:
            part.hand_over(slot, stand_in, policy.cost)


def first_free(part: Part, candidates: list[Candidate], not_among: list[Worker]) -> Candidate | None:
    """Return the first who can do a part and is free for it: those planned come first, then the stand-ins as asked."""
    for candidate in candidates:
        if candidate.is_able and candidate.worker not in not_among and candidate.worker.is_free_for(part):
            return candidate
    return None
