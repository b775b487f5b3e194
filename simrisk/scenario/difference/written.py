"""Values as they are written, in a sentence: "60h", "low 40h, likely 60h, high 120h", "2026-02-09 to 2026-02-13"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from simrisk.scenario.difference.layout import Leaf, Node
from simrisk.scenario.fields import read_text

_LONGEST = 60  # letters of a text that is quoted
_MOST_LISTED = 6
_BY_KEY: dict[str, dict[Any, str]] = {
    "hours_per_day": {480: "8"},
    "work_week": {(0, 1, 2, 3, 4): "mon, tue, wed, thu, fri"},
    "contingency": {0: "0%"},
    "handover_cost": {0: "0h"},
    "ceremonies": {0: "0h"},
    "ramp": {0: "0d"},
}


def written(value: Any, node: Node | None = None, key: str | int = "") -> str:
    """A value of the file in a sentence.

    Parameters
    ----------
    value : object
        As tomllib gives it.
    node : Node, optional
        What stands there: free texts are quoted, names and quantities are not.
    key : str or int
        The last step of its path.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and key != "seed":
        return f"{value:,}"
    if isinstance(value, Decimal):
        return f"{value:,f}" if abs(value.adjusted()) < 20 else str(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(written(item, node, key) for item in value) if value else "none"
    if isinstance(value, Mapping):
        return _table(value) if value else "none"
    text = str(value)
    if isinstance(node, Leaf) and node.value.read is read_text and key not in ("metric", "currency"):
        return f"'{text if len(text) <= _LONGEST else text[: _LONGEST - 3] + '...'}'"
    return text


def default(value: Any, key: str | int) -> str:
    """What holds when nothing is written, in a sentence; empty when that is nothing at all."""
    if value is None or value in ((), [], {}, ""):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    shown = _BY_KEY.get(str(key), {}).get(value)
    if shown is not None:
        return shown
    return f"{float(value):g}" if isinstance(value, Fraction) else written(value, key=key)


def listed(items: Iterable[str], most: int = _MOST_LISTED) -> str:
    """``a, b and c``; of many, the first few."""
    names = list(items)
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _table(table: Mapping[str, Any]) -> str:
    """A small table: a distribution, a link, a range of dates, heads by date."""
    if set(table) == {"from", "to"}:
        return f"{written(table['from'])} to {written(table['to'])}"
    if set(table) == {"exactly"}:
        return f"exactly {written(table['exactly'])}"
    if "task" in table:
        return _link(table)
    if all(isinstance(number, int | Decimal) and key[:1].isdigit() for key, number in table.items()):
        by_date = all("-" in key for key in table)
        return ", ".join(
            f"{written(value)} from {key}" if by_date else f"{key}: {written(value)}" for key, value in table.items()
        )
    return ", ".join(f"{key.replace('_', ' ')} {_inner(value)}" for key, value in table.items())


def _inner(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_inner(item) for item in value)}]"
    return f"({_table(value)})" if isinstance(value, Mapping) else written(value)


def _link(table: Mapping[str, Any]) -> str:
    kind = table.get("link", "FS")
    details = [kind] if kind != "FS" else []
    if "lag" in table:
        details.append(f"lag {written(table['lag'])}")
    return f"{table['task']} ({', '.join(details)})" if details else str(table["task"])
