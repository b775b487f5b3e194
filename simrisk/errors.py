"""What can go wrong, said so that a person can mend it: every issue and exception of simrisk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "notice"]


@dataclass(frozen=True, order=True)
class Issue:
    """One finding about a scenario, a file or an option.

    Parameters
    ----------
    slug : str
        Stable name of the kind of finding, e.g. ``unknown-task``.
    severity : "error", "warning" or "notice"
    file : str
        The file as the user named it, or the option (``--out``).
    line : int
        1-based line in `file`; 0 when no line can be named.
    where : str
        Dotted path of the field, e.g. ``tasks.build.after[0]``; may be empty.
    found : str
        What was found against what was expected, and what to do.
    """

    slug: str
    severity: Severity
    file: str
    line: int
    where: str
    found: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        head = f"{self.severity}[{self.slug}]: {place}"
        return f"{head}: {self.where}\n  {self.found}" if self.where else f"{head}\n  {self.found}"


class SimriskError(Exception):
    """Anything simrisk refuses to do, with the issues that say why."""

    def __init__(self, *issues: Issue) -> None:
        super().__init__("\n".join(str(issue) for issue in issues))
        self.issues: tuple[Issue, ...] = issues


class ScenarioError(SimriskError):
    """A scenario that cannot be simulated; `issues` lists every fault of the file."""


class ResultsError(SimriskError):
    """A results file or folder that cannot be read or written."""


class SourceError(SimriskError):
    """Something to compare that cannot be had: neither a file nor a run nor a file of a git revision."""


class MetricError(SimriskError):
    """A metric name that this run does not have."""


class EngineError(SimriskError):
    """The two engines disagree about a trial: an error of simrisk itself."""
