"""The report as a terminal shows it."""

from __future__ import annotations

import textwrap

from simrisk.dataset import Results
from simrisk.report.columns import shortened
from simrisk.report.content import compose
from simrisk.report.figures import Table

WIDTH = 88
WIDEST = 100  # of a table: longer names are cut, and stand in full in summary.md
SHORTEST = 24  # name that is left
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"


def render(run: Results, *, color: bool = False) -> str:
    """The whole report; `color` sets headings bold and warnings red."""
    report = compose(run)

    def styled(text: str, code: str) -> str:
        return "\n".join(f"{code}{line}{PLAIN}" for line in text.splitlines()) if color else text

    blocks = [f"{styled(report.title, BOLD)}: {report.run}"]
    blocks += [styled(_wrapped(f"! {warning}", "  "), RED) for warning in report.warnings]
    blocks.append(styled(_wrapped(report.answer), BOLD))
    for table in (table for table in report.tables if table.short):
        notes = [_wrapped(note) for note in table.notes]
        blocks.append("\n".join([styled(table.title, BOLD), *_lines(table), *notes]))
    if report.priors:
        named = (f"{prior.name} ({_short(prior.keys)})" for prior in report.priors)
        said = f"Priors: {', '.join(named)}. Their sources stand in summary.md."
        blocks.append(_wrapped(said))
    return "\n\n".join(blocks) + "\n"


def _wrapped(text: str, hanging: str = "") -> str:
    return textwrap.fill(text, WIDTH, subsequent_indent=hanging, break_on_hyphens=False, break_long_words=False)


def _short(keys: tuple[str, ...]) -> str:
    """Where a prior is used: the first place, and how many more there are."""
    return keys[0] if len(keys) == 1 else f"{keys[0]} and {len(keys) - 1} more"


def _lines(table: Table) -> list[str]:
    kept = [i for i in range(len(table.headers)) if i not in table.spare]
    grid = [[row[i] for i in kept] for row in (table.headers, *table.rows[: table.short])]
    widths = [max(map(len, column)) for column in zip(*grid, strict=True)]
    widths[0] = min(widths[0], max(WIDEST - sum(width + 2 for width in widths[1:]) - 2, SHORTEST))
    lines = []
    for row in grid:
        first = shortened(row[0], widths[0]).ljust(widths[0])
        rest = (cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))
        lines.append("  ".join(["  " + first, *rest]).rstrip())
    if len(table.rows) > table.short:
        lines.append(f"  ... and {len(table.rows) - table.short} more in summary.md.")
    return lines
