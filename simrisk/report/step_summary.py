"""A check as Markdown: for the summary of a CI job, or a comment on a pull request."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from simrisk.report.columns import shortened
from simrisk.report.markdown import grid, plain
from simrisk.report.rulings import Ruling, Rulings, Standing, legal, shown_path, word_of, worst_of
from simrisk.report.words import count

MOST_BYTES = 1024 * 1024  # GitHub refuses a step's summary that is longer
LONGEST = 1000  # characters of one cell
CUT = "\n\nThe rest does not fit into a summary of 1 MiB: see the log.\n"
SAID: dict[Standing, str] = {  # from the worst to the best
    "failed": "failed",
    "undecided": "undecided",
    "warned": "failed as a warning",
    "unjudged": "not judged",
    "passed": "passed",
}


def render(checks: Sequence[Rulings], *, root: Path | None = None, most_bytes: int = MOST_BYTES) -> str:
    """The whole summary: the verdict first, then why, then what is different.

    Parameters
    ----------
    root : Path, optional
        Of the repository: files are named relative to it.
    most_bytes : int
        Longer tables lose their last rows, and say how many.
    """
    full = _render(checks, root, None)
    if _fits(full, most_bytes):
        return full
    fewest, many = 0, max((_longest(rulings) for rulings in checks), default=0)
    while fewest < many:  # the most rows a table that fit
        middle = (fewest + many + 1) // 2
        fewest, many = (middle, many) if _fits(_render(checks, root, middle), most_bytes) else (fewest, middle - 1)
    text = _render(checks, root, fewest)
    if _fits(text, most_bytes):
        return text
    room = most_bytes - len(CUT.encode())
    return text.encode()[:room].decode(errors="ignore").rpartition("\n")[0] + CUT


def _render(checks: Sequence[Rulings], root: Path | None, most: int | None) -> str:
    if len(checks) == 1:
        return "\n\n".join(_blocks(checks[0], root, most, level="#")) + "\n"
    rows = [(word_of(one.exit_code), legal(one.title), _told(one.each)) for one in checks]
    blocks = [f"# {word_of(worst_of(checks))}: {count(len(checks), 'scenario')}"]
    blocks.append(grid(("Verdict", "Scenario", "Expectations"), rows, left=(0, 1, 2)))
    for rulings in checks:
        blocks += _blocks(rulings, root, most, level="##")
    return "\n\n".join(blocks) + "\n"


def _blocks(rulings: Rulings, root: Path | None, most: int | None, *, level: str) -> list[str]:
    """Heading, verdict, tables of one scenario; `most` rows each."""
    blocks = [f"{level} {word_of(rulings.exit_code)}: {_cell(rulings.title)}"]
    blocks.append(f"{_cell(shown_path(rulings.file, root))}: {_told(rulings.each)} {rulings.doubt}".rstrip())
    blocks += [f"> **Note:** {_cell(notice)}" for notice in rulings.notices[:most]]
    worst_first = sorted(rulings.each, key=lambda one: list(SAID).index(one.standing))
    blocks += _table(
        "",
        ("Verdict", "Expectation", "What was found", "Line"),
        [(_verdict(one), one.name, one.found, str(one.line or "")) for one in worst_first],
        most,
        left=(0, 1, 2),
    )
    blocks += _table(
        f"{level}# What is not as in the baseline",
        ("Figure", "Baseline", "Now", "Difference", ""),
        [(one.metric, one.before, one.after, one.difference, one.verdict) for one in rulings.changes],
        most,
        left=(0, 4),
    )
    if rulings.inputs:
        listed = [f"- {_cell(sentence)}" for sentence in rulings.inputs[:most]]
        rest = _rest(len(rulings.inputs) - len(listed))
        blocks += [f"{level}# What changed in the plan", "\n".join(listed), *rest]
    return blocks


def _table(
    title: str, headers: Sequence[str], rows: Sequence[Sequence[str]], most: int | None, *, left: Sequence[int]
) -> list[str]:
    """Title, table, and how many rows are missing; nothing when there is nothing to show."""
    if not rows:
        return []
    shown = [[shortened(legal(cell), LONGEST) for cell in row] for row in rows[:most]]
    heading = [title] if title else []
    return [*heading, grid(headers, shown, left=left), *_rest(len(rows) - len(shown))]


def _rest(missing: int) -> list[str]:
    return [f"... and {missing:,} more, for which a summary has no room."] if missing else []


def _verdict(ruling: Ruling) -> str:
    if ruling.verdict == "NOTICE":
        return "not judged"
    return ruling.verdict if ruling.level == "error" or ruling.verdict == "PASS" else f"{ruling.verdict} (warning)"


def _told(each: Sequence[Ruling]) -> str:
    """How many expectations there are, and what came of them."""
    if not each:
        return "nothing is expected of this plan."
    standings = [one.standing for one in each]
    parts = [f"{standings.count(standing)} {said}" for standing, said in SAID.items() if standing in standings]
    return f"{count(len(each), 'expectation')}; {', '.join(parts)}."


def _longest(rulings: Rulings) -> int:
    return max(map(len, (rulings.each, rulings.changes, rulings.inputs, rulings.notices)))


def _cell(text: str) -> str:
    return plain(shortened(legal(text), LONGEST))


def _fits(text: str, most_bytes: int) -> bool:
    return len(text.encode()) <= most_bytes
