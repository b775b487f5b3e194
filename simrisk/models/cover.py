"""Cover: who takes over when somebody is away for long, when, and what the change of hands costs."""

from __future__ import annotations

import numpy as np
from simrisk_kernels.layout import COVER, MILLION, NEVER

from simrisk.models.slices import records
from simrisk.scenario.model import Cover, Scenario


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
