"""Workflow commands of GitHub Actions: what came of a check, shown at the scenario's line in a pull request.

The commands are lines on stdout, ``::error file=...,line=...,title=...::message``. A step shows ten of each kind and
drops the rest, so the tenth of many says how many there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simrisk.errors import Issue
from simrisk.report.rulings import Ruling, Rulings, Standing, legal, shown_path

Kind = Literal["error", "warning", "notice"]

MOST = 10  # of a kind in one step
KINDS: dict[Standing, Kind] = {"failed": "error", "undecided": "error", "warned": "warning", "unjudged": "notice"}


@dataclass(frozen=True)
class Annotation:
    """One remark at a line of a file; line 0 and an empty file mean that there is none to point at."""

    kind: Kind
    title: str
    message: str
    file: str = ""
    line: int = 0


def render(checks: Sequence[Rulings], *, root: Path | None = None) -> str:
    """Commands for everything that is not a pass, and for the notices; text for stdout, empty when all is well."""
    return commands((remark for rulings in checks for remark in _of(rulings)), root=root)


def of_issues(issues: Iterable[Issue], *, root: Path | None = None) -> str:
    """Commands for the faults and findings of a scenario, at their lines."""
    return commands((_of_issue(issue) for issue in issues), root=root)


def commands(annotations: Iterable[Annotation], *, root: Path | None = None) -> str:
    """Workflow commands, at most ten of a kind, one a line.

    Parameters
    ----------
    root : Path, optional
        Of the repository: GitHub shows a remark at a line only when its file is named relative to it.
    """
    by_kind: dict[Kind, list[Annotation]] = {"error": [], "warning": [], "notice": []}
    for annotation in annotations:
        by_kind[annotation.kind].append(annotation)
    lines = []
    for kind, found in by_kind.items():
        shown = found if len(found) <= MOST else found[: MOST - 1]
        lines += [_command(annotation, root) for annotation in shown]
        if rest := len(found) - len(shown):
            said = f"... and {rest} more: see the summary or the log."
            lines.append(_command(Annotation(kind, "simrisk", said), root))
    return "".join(f"{line}\n" for line in lines)


def _of(rulings: Rulings) -> list[Annotation]:
    found = [_of_ruling(ruling, rulings) for ruling in rulings.each if ruling.standing != "passed"]
    said = [Annotation("notice", f"simrisk: {rulings.scenario}", text, rulings.file) for text in rulings.notices]
    return found + said


def _of_ruling(ruling: Ruling, rulings: Rulings) -> Annotation:
    title = f"{ruling.verdict} {rulings.scenario}: {ruling.name}"
    return Annotation(KINDS[ruling.standing], title, ruling.found, rulings.file, ruling.line)


def _of_issue(issue: Issue) -> Annotation:
    option = issue.file.startswith("--")
    title = f"simrisk: {issue.slug}"
    message = f"{issue.where}: {issue.found}" if issue.where else issue.found
    return Annotation(issue.severity, title, message, "" if option else issue.file, 0 if option else issue.line)


def _command(annotation: Annotation, root: Path | None) -> str:
    properties = {}
    if annotation.file:
        properties["file"] = shown_path(annotation.file, root)
        if annotation.line:
            properties["line"] = str(annotation.line)
    properties["title"] = annotation.title
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{annotation.kind} {written}::{_data(annotation.message)}"


def _data(text: str) -> str:
    """A message as the runner reads it back; the sign of escapes first, or it would be escaped twice."""
    return legal(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    """The same of a property, which also ends at a colon or a comma."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")
