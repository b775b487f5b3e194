"""Cover: who takes over when somebody is away for long, when, and what the change of hands costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.clock import Step
from simrisk.models.facts import Row
from simrisk.models.slices import records
from simrisk.scenario.model import Cover, Scenario
from simrisk_kernels.layout import COVER, MILLION, NEVER

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.people import Worker


class CoverTable:
    """The policies of a plan; equal ones are one."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, int], int] = {}

    def index(self, cover: Cover | None) -> int:
        """Return the place of a policy; -1 for none."""
        if cover is None:
            return -1
        after = NEVER if cover.handover_after is None else cover.handover_after
        return self._rows.setdefault((after, cover.handover_cost * MILLION), len(self._rows))

    def finish(self) -> np.recarray:
        """Return the policies, shape (n,)."""
        return records(list(self._rows), COVER)


def stand_ins(scenario: Scenario, skills: tuple[str, ...], backup: tuple[str, ...] | None) -> list[int]:
    """Return the people asked to stand in, in order: those named, else everybody who is good enough at all `skills`."""
    if backup is not None:
        places = {person.id: i for i, person in enumerate(scenario.people)}
        return [places[name] for name in backup]
    if not skills:
        return []
    return [
        i
        for i, person in enumerate(scenario.people)
        if all(person.skills.get(skill, 0) >= scenario.backup_level for skill in skills)
    ]


def watch_thresholds(worker: Worker) -> None:
    """Somebody has gone away: look again when the thresholds of the policies pass."""
    clock = worker.world.clock
    for policy in worker.world.facts.covers:
        passes = worker.away_since + policy.after
        if policy.after < NEVER and passes > clock.now:
            clock.at(passes, Step.THRESHOLD, worker.index)


def policy_of(part: Part, owner: Worker) -> Row | None:
    """Return the policy for a part whose owner is away: the task's, else the owner's; None: there is none."""
    place = part.job.cover if part.job.cover >= 0 else owner.record.cover
    return owner.world.facts.covers[place] if place >= 0 else None


def is_overdue(owner: Worker, policy: Row | None) -> bool:
    """Whether the work of `owner` is offered to others: away for long enough, or known to be, or gone for good."""
    if policy is None or policy.after >= NEVER or not owner.is_away:
        return False
    if owner.is_gone or owner.world.clock.now - owner.away_since >= policy.after:
        return True
    return owner.known_return is not None and owner.known_return - owner.away_since >= policy.after
