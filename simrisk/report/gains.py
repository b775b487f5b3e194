"""Paired differences of days in words and as JSON: what is later or earlier, and how sure that is."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from simrisk.measures.difference import Difference
from simrisk.report import words

BEYOND = "beyond"


def later(found: Difference | None, day_minutes: int) -> str:
    """By how many working days something is later: ``12.3 ± 0.4``; ``0`` when no trial moves it."""
    if found is None:
        return words.NOTHING
    return _days(found.value, found.low, found.high, day_minutes)


def earlier(found: Difference | None, day_minutes: int) -> str:
    """By how many working days something is earlier."""
    if found is None:
        return words.NOTHING
    return _days(*turned(found), day_minutes)


def turned(found: Difference) -> tuple[float | None, float | None, float | None]:
    """Return value and interval the other way round: `before` minus `after`."""
    value, low, high = (None if end is None else 0.0 - end for end in (found.value, found.high, found.low))
    return value, low, high


def is_sure(found: Difference | None) -> bool:
    """Whether it differs from nothing by more than the noise of the simulation."""
    return found is not None and ((found.low or 0.0) > 0 or (found.high or 0.0) < 0)


def _days(value: float | None, low: float | None, high: float | None, day_minutes: int) -> str:
    if value is None:
        return BEYOND
    said = f"{round(value / day_minutes, 1) + 0.0:,.1f}"  # never minus nothing
    if value == low == high:
        return "0" if value == 0 else said
    if low is None or high is None:
        return f"{said} \N{PLUS-MINUS SIGN} ?"
    return f"{said} \N{PLUS-MINUS SIGN} {(high - low) / 2 / day_minutes:,.1f}"


def entry(found: Difference | None, unit: float) -> dict[str, Any] | None:
    """Value and interval for JSON, in units of `unit`; None where there is no difference."""
    if found is None:
        return None
    return {"value": number(found.value, unit), "ci": [number(found.low, unit), number(found.high, unit)]}


def number(value: float | None, unit: float = 1.0) -> float | None:
    """A number for JSON; null where it is none."""
    return None if value is None or not math.isfinite(value) else round(value / unit, 4)


def as_text(value: object) -> str:
    """One value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def lines_of(head: dict[str, Any], lists: Mapping[str, Sequence[object]]) -> str:
    """A JSON object: each of `head` on a line, then lists with an entry a line."""
    parts = [f" {as_text(key)}: {as_text(value)}" for key, value in head.items()]
    for key, entries in lists.items():
        rows = ",\n".join(f"  {as_text(one)}" for one in entries)
        parts.append(f" {as_text(key)}: [\n{rows}\n ]" if entries else f" {as_text(key)}: []")
    return "{\n" + ",\n".join(parts) + "\n}\n"
