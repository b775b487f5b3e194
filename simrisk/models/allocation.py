"""Allocation: who takes which piece of work, in one pass over all parts in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simrisk.models.contractors import attend_to
from simrisk.models.cover import is_lost, is_overdue, policy_of

if TYPE_CHECKING:
    from simrisk.models.parts import Candidate, Part
    from simrisk.models.people import Worker
    from simrisk.models.world import World


def allocate(world: World) -> None:
    """Give every part that waits for hands to the first who is free; nobody is reserved for what waits on."""
    for crew in world.pools:
        crew.assemble()
    for part in world.parts:
        if not part.waits_for_hands or part.outsider.has_part:
            continue
        if part.crew is not None:
            part.crew.lend(part)
        elif part.is_taken:
            if not part.is_on_clock:
                offer_on(part)
        elif part.is_on_clock:
            hold_all(part)
        elif part.is_together:
            gather(part)
        else:
            give(part)
        if part.is_for_contractors:
            attend_to(part)


def give(part: Part) -> None:
    """Give a part that nobody has begun to the first of its people, or, when they are overdue, to a stand-in."""
    for candidate in part.planned if part.can_be_taken else []:
        if candidate.is_able and candidate.worker.is_free_for(part):
            part.take(0, candidate)
            part.started()
            return
    policy = policy_of(part)
    is_offered = part.can_be_taken and is_lost(part.planned, policy.after)
    stand_in = first_free(part, part.candidates, not_among=[]) if is_offered else None
    if stand_in is not None:
        part.hand_over(0, stand_in, policy.cost)
        part.started()


def hold_all(part: Part) -> None:
    """Begin a part that runs on the clock once all of its people are free."""
    if part.can_be_taken and all(candidate.worker.is_free_for(part) for candidate in part.planned):
        for slot, candidate in enumerate(part.planned):
            part.take(slot, candidate)
        part.started()


def gather(part: Part) -> None:
    """Begin a part that all its people hold together once each slot has its owner, or a stand-in for one overdue."""
    if not part.can_be_taken:
        return
    team: list[tuple[Candidate, int | None]] = []  # who, and at what cost if it changes hands
    taken = part.owning_workers
    for slot, owner in enumerate(part.owners):
        if owner.is_able and owner.worker.is_free_for(part):
            team.append((owner, None))
            continue
        policy = policy_of(part, slot)
        stand_in = (
            first_free(part, part.candidates, not_among=taken) if is_overdue(owner.worker, policy.after) else None
        )
        if stand_in is None:
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
        policy = policy_of(part, slot)
        if not is_overdue(owner.worker, policy.after):
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
