"""Odds: which way each branch of the event kernel usually goes, for whoever compiles it as one piece.

LLVM lays out code so that what usually comes next stands next, keeps in registers what is usually needed, and pastes
what is usually called; it has to guess what that is. `odds.txt` says it, as `simrisk.engines.counting` has counted it
in the shipped scenarios: a line for each entry kernel and function, with a character for each of its branches. Where
numba writes a function down with another number of branches (another version, a changed source), LLVM guesses as
before. Nothing but time depends on it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

FILE = Path(__file__).with_name("odds.txt")
UNKNOWN, NEVER, ALWAYS = ".", "0", "9"  # how often a branch goes the first way; 1 to 8: by eighths
RARE = 0.01  # below it counts as never
EIGHTHS = 8

DEFINED = re.compile(r"^define .*?@_ZN15simrisk_kernels(\d+)(\w+)")
BRANCH = re.compile(r"^  br i1 ([^,]+), label [^,]+, label [^,]+$")
METADATA = re.compile(r"^!(\d+) = ", re.MULTILINE)


def known_odds(entry: str) -> dict[str, str]:
    """Return the odds of the branches of each function, in the order in which numba writes them down.

    Parameters
    ----------
    entry : str
        The entry kernel that they are called from: small plans go other ways than large ones.
    """
    rows = [line.split() for line in FILE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return {function: branches for name, function, branches in rows if name == entry}


def with_odds(code: str, odds: dict[str, str]) -> str:
    """Return LLVM's code, as text, with the odds of its branches written to them where they are known."""
    lines = code.splitlines()
    first = 1 + max((int(number) for number in METADATA.findall(code)), default=-1)
    used: dict[str, int] = {}
    for name, places in functions_of(lines):
        known = odds.get(name, "")
        if len(known) != len(places):
            continue
        for place, odd in zip(places, known, strict=True):
            if odd != UNKNOWN:
                lines[place] += f", !prof !{used.setdefault(odd, first + len(used))}"
    for odd, number in used.items():
        one, other = weights(odd)
        lines.append(f'!{number} = !{{!"branch_weights", i32 {one}, i32 {other}}}')
    return "\n".join(lines)


def functions_of(lines: list[str]) -> Iterator[tuple[str, list[int]]]:
    """Yield each kernel function in LLVM's code: module and name, and the lines with branches that have a condition."""
    name, places = "", list[int]()
    for place, line in enumerate(lines):
        if line.startswith("define "):
            found = DEFINED.match(line)
            name, places = _plain_name(int(found[1]), found[2]) if found else "", []
        elif line == "}" and name:
            yield name, places
        elif name and BRANCH.match(line):
            places.append(place)


def _plain_name(length: int, mangled: str) -> str:
    """Return "module.function" for "module", which is so long, and "8function..." behind it."""
    rest = re.match(r"(\d+)(\w+)", mangled[length:])
    return f"{mangled[:length]}.{rest[2][: int(rest[1])]}" if rest else ""


def odd(others: int, first: int) -> str:
    """Return the character for a branch that went the first way so often, and the other so often."""
    if others + first == 0:
        return UNKNOWN
    share = first / (others + first)
    if share < RARE:
        return NEVER
    return ALWAYS if share > 1 - RARE else str(1 + min(int(share * EIGHTHS), EIGHTHS - 1))


def weights(odd: str) -> tuple[int, int]:
    """Return how often a branch goes the first way and the other, in LLVM's weights: the middle of what `odd` says."""
    if odd in (NEVER, ALWAYS):
        return (1, 1000) if odd == NEVER else (1000, 1)
    return 2 * int(odd) - 1, 2 * (EIGHTHS - int(odd)) + 1
