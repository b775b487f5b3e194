"""Contractors: somebody from outside who is called for a piece of work whose owner is away for long."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from simrisk.models.clock import Step
from simrisk.models.cover import is_lost, policy_place
from simrisk.models.events import Kind
from simrisk.models.people import UNABLE, whole_rate
from simrisk.scenario.ability import efficiency, factor_at
from simrisk.scenario.model import Contractor, Scenario

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.pieces import Piece


def contractor_rates(
    scenario: Scenario, pieces: Sequence[Piece], contractors: Sequence[Contractor | None]
) -> NDArray[np.int64]:
    """Return what the contractor of each policy does of each part in a minute, shape (n_parts, n_covers)."""
    rates = np.full((len(pieces), len(contractors)), UNABLE, np.int64)
    for i, piece in enumerate(pieces):
        for k, contractor in enumerate(contractors):
            factor = factor_of(scenario, piece, contractor) if contractor and piece.for_contractors else None
            if factor is not None:
                rates[i, k] = whole_rate(factor)
    return rates


def factor_of(scenario: Scenario, piece: Piece, contractor: Contractor) -> Fraction | None:
    """Return the factor at which a contractor does a part; None: not at all."""
    does_all = contractor.level is None or not piece.skills
    factor = Fraction(1) if contractor.level is None or does_all else factor_at(scenario, contractor.level)
    if factor is None or not piece.own_hours:
        return factor
    measure = efficiency(scenario, scenario.people[piece.planned[0]], piece.skills)
    return factor if measure is None else min(Fraction(1), factor / measure)


CONTRACTOR = "a contractor"  # what they are called in the story


class Outsider:
    """The contractor of one part in one trial: not called, on the way, or at work."""

    def __init__(self) -> None:
        self.calls = 0
        self.arrives: int | None = None  # if called
        self.policy: int | None = None  # under which they have taken the part
        self.worked = 0

    @property
    def has_part(self) -> bool:
        """Whether they have taken the part, which they keep until it is done."""
        return self.policy is not None


def attend_to(part: Part) -> None:
    """After people have been asked: call a contractor, or call them off, or let them take the part if they are here."""
    world, outsider = part.world, part.outsider
    place = policy_place(part)
    policy = world.facts.covers[place]
    rate = world.facts.contractor_rates[part.index][place]
    if rate == UNABLE or not is_lost(part.belongs_to, policy.contractor_after):
        if outsider.arrives is not None:
            world.note(Kind.CALLED_OFF, part.job.name, part=part.index)
        outsider.arrives = None
        return
    if outsider.arrives is None:
        outsider.arrives = world.clock.now + world.draws.minutes_at(policy.lead, part.record.contractor, outsider.calls)
        outsider.calls += 1
        world.note(Kind.CALLED, part.job.name, part=part.index, more=(outsider.arrives,))
        if outsider.arrives > world.clock.now:
            world.clock.at(outsider.arrives, Step.THRESHOLD, part.index)
    if outsider.arrives <= world.clock.now and part.can_be_taken:
        part.give_to_contractor(place)
