"""What has changed in one place of a plan, as a person would say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["added", "removed", "changed", "renamed"]


@dataclass(frozen=True)
class Change:
    """One difference between two plans.

    Parameters
    ----------
    where : str
        Dotted path, in the later plan; of what is removed, in the earlier one.
    line : int
        Line of that in its file; 0 when it was given on the command line.
    kind : "added", "removed", "changed" or "renamed"
    before, after : str
        As written; empty when there is nothing.
    text : str
        The sentence.
    by : str
        The mitigation that brings it about; empty when the plan itself says it.
    places : tuple of str
        Dotted paths of all that this sentence sums up; empty when it is one.
    """

    where: str
    line: int
    kind: Kind
    before: str
    after: str
    text: str
    by: str = ""
    places: tuple[str, ...] = ()
