"""Words of a story: lists of names, verbs that agree with them, hours, days of the week, how sentences begin."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from simrisk.report import words

MOST_NAMES = 4  # of tasks in one sentence
OPENINGS = {"the", "gate", "sprint", "risk", "pool", "a"}


def listed(names: Iterable[str]) -> str:
    """``a, b and c``."""
    known = list(names)
    return " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)


def some(names: Iterable[str]) -> str:
    """The same of the first few, and how many others there are."""
    known = list(dict.fromkeys(names))
    more = len(known) - MOST_NAMES
    return listed([*known[:MOST_NAMES], words.count(more, "other")] if more > 1 else known)


def agree(things: Sequence[object], one: str, several: str) -> str:
    """Return the form of a verb for so many."""
    return one if len(things) <= 1 else several


def hours(minutes: float) -> str:
    """``8 h``, ``3.5 h``, of less than an hour ``20 min``."""
    return f"{minutes / 60:,.1f}".removesuffix(".0") + " h" if minutes >= 60 else f"{minutes:.0f} min"


def capital(text: str) -> str:
    """A sentence's beginning; the ids of tasks and gates stay as they are written."""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first in OPENINGS else text


def weekday(moment: datetime) -> str:
    """``Tue 3 Mar``."""
    return f"{moment:%a} {moment.day} {moment:%b}"
