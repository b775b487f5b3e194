"""The page on which advice stands: what was run, the answer, tables with their notes; on a terminal, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from simrisk.report.columns import aligned, broken, wrapped
from simrisk.report.figures import Table
from simrisk.report.markdown import grid, plain

WIDTH = 100
LETTERS = 60  # of the first cell of a row; what is longer goes on in the next line

Pictures = Iterable[tuple[str, str]]  # caption and path


def terminal(heading: str, answer: str, tables: Sequence[Table]) -> str:
    """The page as a terminal shows it."""
    blocks = [heading, wrapped(answer, WIDTH)]
    for table in tables:
        rows = [line for row in table.rows for line in broken(row, LETTERS)]
        lines = aligned([table.headers, *rows], table.left)
        blocks.append("\n".join([table.title, *lines, *(wrapped(note, WIDTH) for note in table.notes)]))
    return "\n\n".join(blocks) + "\n"


def markdown(title: str, heading: str, answer: str, tables: Sequence[Table], pictures: Pictures = ()) -> str:
    """The page as Markdown."""
    blocks = [f"# {plain(title)}", plain(heading), f"**{plain(answer)}**"]
    blocks += [f"![{plain(caption)}]({path})" for caption, path in pictures]
    for table in tables:
        rows = grid(table.headers, table.rows, left=table.left)
        blocks += [f"## {plain(table.title)}", rows, *map(plain, table.notes)]
    return "\n\n".join(blocks) + "\n"
