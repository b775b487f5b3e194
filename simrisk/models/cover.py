"""Cover: who takes over when somebody is away for long, when, and what the change of hands costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from simrisk.models.clock import Step
from simrisk.models.facts import Row
from simrisk.models.slices import records
from simrisk.scenario.model import Cover
from simrisk_kernels.layout import COVER, MILLION, NEVER

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.people import Worker


NEVER_OFFERED = Cover(None, 0)  # without any policy: the work waits, unless its owner is gone for good


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


def watch_thresholds(worker: Worker) -> None:
    """Somebody has gone away: look again when the thresholds of the policies pass."""
    clock = worker.world.clock
    for policy in worker.world.facts.covers:
        passes = worker.away_since + policy.after
        if policy.after < NEVER and passes > clock.now:
            clock.at(passes, Step.THRESHOLD, worker.index)


def policy_of(part: Part, owner: Worker) -> Row:
    """Return the policy for a part whose owner is away: the task's, else the owner's."""
    return owner.world.facts.covers[part.job.cover if part.job.cover >= 0 else owner.record.cover]


def is_overdue(owner: Worker, policy: Row) -> bool:
    """Whether the work of `owner` is offered to others: away for long enough, or known to be, or gone for good."""
    if owner.is_gone:
        return True
    if not owner.is_away or policy.after >= NEVER:
        return False
    if owner.world.clock.now - owner.away_since >= policy.after:
        return True
    return owner.known_return is not None and owner.known_return - owner.away_since >= policy.after
