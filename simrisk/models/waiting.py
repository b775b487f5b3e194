"""Waiting: why a part of a task waits, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simrisk.models.presence import Reason
from simrisk_kernels.layout import ABSENCE, BUSY, CALENDAR, CAUSES, GATE, HIRING, LEAVE, RISK

if TYPE_CHECKING:
    from simrisk.models.parts import Part
    from simrisk.models.people import Worker

WAITING_FOR = {
    Reason.NOT_YET: HIRING,
    Reason.LEAVE: LEAVE,
    Reason.ABSENT: ABSENCE,
    Reason.TAKEN: RISK,
    Reason.DEPARTED: HIRING,
    Reason.GONE: HIRING,
}


def cause_of(worker: Worker, part: Part) -> int:
    """Return why a part waits for one of its owners; `busy` when they do not keep it waiting."""
    if worker.reason is not Reason.PRESENT:
        return WAITING_FOR[worker.reason]
    if worker.ceremony_since is not None:
        return CALENDAR
    if worker.urgent is not None and worker.urgent is not part:
        return GATE
    return BUSY  # holds another part, or waits with the others: nobody in particular is `busy` as well


def waits_for(part: Part, label: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return for whom a part waits for the cause with this label; then the cause and what each of them is at.

    When it waits for nobody, the cause is followed by the equipment that is short.
    """
    if part.crew is not None:
        short = part.job.short_of() if part.crew.there > 0 and not part.is_taken else ()
        return () if short else (part.crew.name,), (CAUSES[label], *short)
    workers = [worker for worker in part.owning_workers if cause_of(worker, part) == label]
    at = [worker.urgent if label == GATE else worker.ordinary for worker in workers]
    found = list(zip(workers, at, strict=True))
    if label == BUSY:  # those who are free keep nothing waiting
        found = [(worker, held) for worker, held in found if held is not None and held is not part]
    if label == BUSY and not found and not part.is_taken:
        return (), (CAUSES[label], *part.job.short_of())
    jobs = ("" if held is None else held.job.name for _, held in found)
    return tuple(worker.name for worker, _ in found), (CAUSES[label], *jobs)
