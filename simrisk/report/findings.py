"""What is at fault with a plan before any dice are rolled: lint's findings, and the work that hangs on one person."""

from __future__ import annotations

from collections.abc import Sequence

from simrisk.errors import Issue
from simrisk.report.figures import Table
from simrisk.report.lint_text import cover_said, points_of_failure
from simrisk.scenario.health.view import View

RANKS = ("error", "warning", "notice")


def tables(view: View, issues: Sequence[Issue]) -> tuple[Table, ...]:
    """Findings, the gravest first, and single points of failure."""
    found = sorted(issues, key=lambda issue: (RANKS.index(issue.severity), issue.line))
    head = ("severity", "line", "where", "what was found, and what to do")
    made = []
    if found:
        rows = tuple(map(_row, found))
        note = "Lines are those of the scenario, whose text stands at the end of this page."
        made.append(Table("Findings about the plan", head, rows, (note,), left=(0, 2, 3)))
    hanging = points_of_failure(view)
    if hanging:
        alone = tuple(hanging[1:])
        made.append(Table("Single points of failure", hanging[0], alone, (cover_said(view),), left=(0, 1, 3, 4)))
    return tuple(made)


def _row(issue: Issue) -> tuple[str, ...]:
    return issue.severity, str(issue.line) if issue.line else "-", f"{issue.where} [{issue.slug}]", issue.found
