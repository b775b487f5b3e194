"""Columns of text: rows whose cells stand below each other, and lines broken at a width."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,), indent: str = "  ") -> list[str]:
    """Return one line a row.

    Parameters
    ----------
    rows : sequence of sequence of str
        All of the same length; the last cell may be long.
    left : sequence of int
        Columns that are left-aligned; the others are right-aligned.
    indent : str
        Before each line.
    """
    if not rows:
        return []
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = (
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append((indent + "  ".join(cells)).rstrip())
    return lines


def broken(row: Sequence[str], width: int) -> list[tuple[str, ...]]:
    """Break the first cell of a row over several rows; the other cells stand in the first of them."""
    lines = textwrap.wrap(row[0], width, break_on_hyphens=False) or [""]
    blank = ("",) * (len(row) - 1)
    return [(line, *(blank if number else row[1:])) for number, line in enumerate(lines)]


def wrapped(text: str, width: int, hanging: str = "") -> str:
    """Break a text into lines, never within a word."""
    return textwrap.fill(text, width, subsequent_indent=hanging, break_on_hyphens=False, break_long_words=False)


def shortened(text: str, width: int) -> str:
    """Cut a text that is too long, and show that it was."""
    return text if len(text) <= width else text[: max(width - 2, 1)].rstrip() + ".."
