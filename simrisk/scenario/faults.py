"""Collects every fault of a scenario while it is read, and gives each its line in the end."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from simrisk.errors import Issue, ScenarioError, Severity
from simrisk.scenario.positions import line_of, parent

SET_OPTION = "--set"


class Faults:
    """The faults found so far; `where` is a dotted path everywhere."""

    def __init__(self) -> None:
        self._issues: list[Issue] = []

    def __len__(self) -> int:
        """Count the faults found so far."""
        return len(self._issues)

    def add(self, slug: str, where: str, found: str) -> None:
        """Note one fault."""
        self._issues.append(Issue(slug, "error", "", 0, where, found))

    def take(self, where: str, issues: Iterable[Issue]) -> None:
        """Note issues whose own `where` is relative to `where`."""
        for issue in issues:
            self._issues.append(replace(issue, where=joined(where, issue.where)))

    @property
    def issues(self) -> tuple[Issue, ...]:
        """The faults as they were noted, without file and line."""
        return tuple(self._issues)

    def located(
        self,
        file: str,
        lines: Mapping[str, int],
        changed: Sequence[str],
        origins: Mapping[str, str] | None = None,
    ) -> tuple[Issue, ...]:
        """Return each fault once, with its file and line, in the order of the file.

        Parameters
        ----------
        file : str
            As the user named it.
        lines : mapping
            Dotted path -> line.
        changed : sequence of str
            Dotted paths that ``--set`` has changed: what is wrong there is not the file's fault.
        origins : mapping, optional
            Dotted path of what a mitigation brings -> where the file says it.
        """
        written = [written_at(issue, origins or {}, changed) for issue in self._issues]
        located = dict.fromkeys(locate(issue, file, lines, changed) for issue in written)
        return tuple(sorted(located, key=lambda issue: (issue.file == SET_OPTION, issue.line)))


def written_at(issue: Issue, origins: Mapping[str, str], changed: Sequence[str] = ()) -> Issue:
    """Return `issue` with its place as the file says it, when a mitigation has brought it."""
    if issue.file or any(within(issue.where, key) for key in changed):
        return issue
    around = issue.where
    while around:
        if around in origins:
            return replace(issue, where=origins[around] + issue.where[len(around) :])
        around = parent(around)
    return issue


def locate(issue: Issue, file: str, lines: Mapping[str, int], changed: Sequence[str] = ()) -> Issue:
    """Return `issue` with its file and line."""
    if issue.file:
        return issue
    if any(within(issue.where, key) for key in changed):
        return replace(issue, file=SET_OPTION)
    return replace(issue, file=file, line=line_of(lines, issue.where))


def issue(severity: Severity, slug: str, where: str, found: str) -> Issue:
    """Make an issue whose place is still to be filled in by `locate`."""
    return Issue(slug, severity, "", 0, where, found)


def joined(where: str, inner: str) -> str:
    """Append the relative path `inner` to `where`."""
    if not where or not inner:
        return where or inner
    return f"{where}{inner}" if inner.startswith("[") else f"{where}.{inner}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the known word nearest to `word`, or nothing when none is near."""
    names = list(known)
    by_lower = {name.lower(): name for name in reversed(names)}
    close = difflib.get_close_matches(word.lower()[:200], by_lower, 1)
    return f" Did you mean '{by_lower[close[0]]}'?" if close else ""


def listed(names: Iterable[str], most: int = 8) -> str:
    """Write names for a message: ``'a', 'b' and 'c'``; of many, the first few."""
    quoted = [f"'{name}'" for name in names]
    if len(quoted) > most:
        return ", ".join(quoted[:most]) + f" and {len(quoted) - most} more"
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " and " + quoted[-1] if quoted else "none"


def refuse(slug: str, file: str, found: str, line: int = 0) -> ScenarioError:
    """Make the exception for a file that cannot be read at all."""
    return ScenarioError(Issue(slug, "error", file, line, "", found))


def within(where: str, key: str) -> bool:
    """Whether the dotted path `where` is `key` or lies below it."""
    return where == key or (where.startswith(key) and where[len(key)] in ".[")
