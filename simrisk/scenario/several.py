"""Several values of one ``--set``: ``KEY=V1,V2`` and ``KEY=0.5..1.0:0.1``; what is one value in TOML stays one."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from simrisk.errors import ScenarioError
from simrisk.scenario.faults import SET_OPTION, refuse
from simrisk.scenario.source import parse_value

MOST_VALUES = 200  # of one key

_QUOTED = re.compile(r'"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_NUMBER = r"([+-]?[0-9][0-9_]*(?:\.[0-9_]+)?)\s*([A-Za-z%]*(?:/[a-z]+)?)"
_RANGE = re.compile(rf"{_NUMBER}\s*\.\.\s*{_NUMBER}(?:\s*:\s*{_NUMBER})?")
_DATE = r"([0-9]{4}-[0-9]{2}-[0-9]{2})"
_DATES = re.compile(rf"{_DATE}\s*\.\.\s*{_DATE}(?:\s*:\s*([0-9]+)\s*([dw]))?")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})*,0[0-9]{2}(?:,[0-9]{3})*")


def values_of(key: str, text: str) -> tuple[str, ...]:
    """Split the value of a ``--set``.

    Commas count outside of quotes, lists and inline tables. ``first..last:step`` stands for the numbers, quantities of
    one unit, or dates (a step of days or weeks) from `first` up to `last`. Values that are equal are taken once.

    Parameters
    ----------
    key, text : str
        ``people.APEX.fte``, ``0.8,1.0``.

    Returns
    -------
    tuple of str
        One of them, `text` itself, where it is a single value.

    Raises
    ------
    ScenarioError
        bad-set: an empty value among several, a range that has no step or no end, more than `MOST_VALUES` values.
    """
    if _THOUSANDS.fullmatch(text.strip()):
        one = text.strip().replace(",", "_")
        raise _refused(key, text, f"a comma stands between two values; the one number is written {one}.")
    pieces = split(text)
    if len(pieces) > 1 and not all(pieces):
        quoted = "'" + key + '="one, text"' + "'"
        raise _refused(key, text, f"there is nothing beside a comma. One text with a comma is quoted: {quoted}.")
    found: dict[str, str] = {}
    for piece in pieces:
        for value in _range_of(key, piece) or (piece,):
            found.setdefault(_settled(parse_value(value)), value)
    if len(found) > MOST_VALUES:
        raise _refused(key, text, f"{len(found):,} values are too many; {MOST_VALUES} are possible.")
    return tuple(found.values()) if len(pieces) > 1 or _is_range(text) else (text,)


def split(text: str) -> list[str]:
    """Split at commas that are in no quotes, brackets or braces; blanks around the pieces are dropped."""
    pieces, begin, at, depth = [], 0, 0, 0
    while at < len(text):
        quoted = _QUOTED.match(text, at) if depth or not text[begin:at].strip() else None
        if quoted:
            at = quoted.end()
            continue
        character = text[at]
        if character in "[{":
            depth += 1
        elif character in "]}":
            depth = max(depth - 1, 0)
        elif character == "," and not depth:
            pieces.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return [*pieces, text[begin:].strip()]


def _settled(value: object) -> str:
    """Equal numbers in one form: 1 and 1.0."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool) and math.isfinite(value):
        return repr(Fraction(value))
    return repr(value)


def _is_range(text: str) -> bool:
    return bool(_RANGE.fullmatch(text.strip()) or _DATES.fullmatch(text.strip()))


def _range_of(key: str, piece: str) -> tuple[str, ...]:
    """Return the values of a range; none when the piece is no range."""
    dates = _DATES.fullmatch(piece)
    if dates:
        return _dates(key, piece, dates)
    numbers = _RANGE.fullmatch(piece)
    return _numbers(key, piece, numbers) if numbers else ()


def _numbers(key: str, piece: str, match: re.Match[str]) -> tuple[str, ...]:
    first, unit, last, its_unit, step, step_unit = match.groups()
    if step is None:
        raise _refused(key, piece, f"a range has a step: {first}{unit}..{last}{its_unit}:STEP.")
    if not unit == its_unit == step_unit:
        raise _refused(key, piece, "first, last and step of a range have the same unit, such as 1w..4w:1w.")
    begin, end, each = (Fraction(number.replace("_", "")) for number in (first, last, step))
    digits = max(len(number.partition(".")[2].replace("_", "")) for number in (first, step))

    def written(place: int) -> str:
        value = begin + place * each
        return f"{float(value):.{digits}f}{unit}" if digits else f"{value}{unit}"

    return _steps(key, piece, (end - begin) / each if each > 0 else Fraction(-1), written)


def _dates(key: str, piece: str, match: re.Match[str]) -> tuple[str, ...]:
    first, last, step, unit = match.groups()
    if step is None:
        raise _refused(key, piece, f"a range has a step: {first}..{last}:1w.")
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise _refused(key, piece, f"{error}.") from None
    each = int(step) * (7 if unit == "w" else 1)
    count = Fraction((end - begin).days, each) if each else Fraction(-1)
    return _steps(key, piece, count, lambda place: (begin + timedelta(place * each)).isoformat())


def _steps(key: str, piece: str, count: Fraction, written: Callable[[int], str]) -> tuple[str, ...]:
    if count < 0:
        raise _refused(key, piece, "a range goes up, by a step greater than 0, such as 0.5..1.0:0.1.")
    if count >= MOST_VALUES:
        raise _refused(key, piece, f"{int(count) + 1:,} values are too many; {MOST_VALUES} are possible.")
    return tuple(written(place) for place in range(int(count) + 1))


def _refused(key: str, text: str, problem: str) -> ScenarioError:
    return refuse("bad-set", SET_OPTION, f"{key}={text}: {problem}")
