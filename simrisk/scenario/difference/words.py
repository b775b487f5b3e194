"""Says what a place in the file is about, as people say it: "likely effort", "criterion throughput", "leave"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from simrisk.scenario.difference.written import listed, written
from simrisk.scenario.positions import Path

THINGS = {
    "people": "person",
    "pools": "pool",
    "equipment": "equipment",
    "tasks": "task",
    "gates": "gate",
    "risks": "risk",
    "mitigations": "mitigation",
    "absence": "absence",
}
_PLAIN_SECTIONS = {"project": "", "simulation": "", "defaults": "defaults", "sprints": "sprints", "pto": "leave rules"}
_CHARGES = {"contracts": "contract", "compensation": "compensation"}

# below the thing itself; * is a name, which stands in the label as {0}, {1}
_LABELS: dict[tuple[str, ...], str] = {
    ("after",): "predecessor",
    ("absence", "*"): "absence {0}",
    ("absence", "*", "*"): "{1} of absence {0}",
    ("away", "*"): "{0} away",
    ("criteria", "*"): "criterion {0}",
    ("work", "*"): "effort of {0}",
    ("rework", "*"): "rework of {0}",
    ("skills", "*"): "skill {0}",
    ("uses", "*"): "use of {0}",
    ("raises", "*"): "cross-training of {0}",
    ("raises", "*", "*"): "cross-training of {0} in {1} to level",
    ("requires",): "required task",
    ("blocks",): "held up",
    ("affects",): "affected task",
    ("pto",): "leave",
    ("pto_days",): "days of leave",
    ("passed",): "passed on",
    ("no_go",): "consequence of failing",
    ("no_go", "criteria", "*"): "criterion {0} at later reviews",
    ("no_go", "extend"): "extension",
    ("no_go", "max_extensions"): "extensions at most",
    ("no_go", "rework", "*"): "rework of {0}",
    ("no_go", "skill"): "skill for rework",
    ("no_go", "backup"): "backup for rework",
    ("no_go", "then"): "after the last extension",
    ("no_go", "descope"): "dropped after the last extension",
    ("departure", "per_year"): "departures a year",
    ("unavailable",): "plan for absence",
    ("unavailable", "contractor"): "contractor",
    ("unavailable", "contractor", "*"): "contractor's {0}",
    ("unavailable", "*"): "{0}",
    ("descope",): "dropped task",
    ("holidays",): "holiday",
    ("monthly",): "heads by month",
    ("headcount",): "heads",
    ("on",): "paid on",
    ("from",): "first day",
    ("to",): "last day",
}

_COUNTED = ("after", "requires", "affects", "holidays", "descope")  # labels that take a plural s


def subject(path: Path, shared: frozenset[str]) -> str:
    """Whom or what a place belongs to: ``router``, ``gate tier1``; empty for the project as a whole.

    Parameters
    ----------
    path : tuple
    shared : frozenset of str
        Ids that several things have, so that they are not enough.
    """
    section = str(path[0])
    if section == "costs" and len(path) > 2:
        return f"{_CHARGES[str(path[1])]} {path[2]}"
    if section in THINGS and len(path) > 1:
        bare = section in ("people", "tasks") and path[1] not in shared
        return str(path[1]) if bare else f"{THINGS[section]} {path[1]}"
    return _PLAIN_SECTIONS.get(section, section)


def below(path: Path) -> tuple[str, ...]:
    """The part of a path that a label is about."""
    section = path[0]
    named = section in THINGS or section == "expect"
    within = section == "correlations" or (section == "costs" and len(path) > 2)
    start = 2 if named else 3 if within else 1
    return tuple(str(step) for step in path[start:])


def label(path: Path) -> str:
    """What a place says, in words."""
    rest = below(path)
    for pattern, words in _LABELS.items():
        if len(pattern) == len(rest) and all(want in ("*", step) for want, step in zip(pattern, rest, strict=True)):
            names = [step for want, step in zip(pattern, rest, strict=True) if want == "*"]
            return words.format(*names).replace("_", " ") if pattern[0] == "unavailable" else words.format(*names)
    return " ".join(rest).replace("_", " ")


def counted(path: Path, number: int) -> str:
    """The label of a list of things, in the plural when there are several."""
    return f"{label(path)}s" if number > 1 and path[-1] in _COUNTED else label(path)


def described(section: str, table: Mapping[str, Any]) -> str:
    """What there is to say of a thing that comes or goes, in brackets; empty when there is nothing."""
    parts = _task(table) if section == "tasks" else _thing(section, table)
    return f" ({', '.join(parts)})" if parts else ""


def _task(table: Mapping[str, Any]) -> list[str]:
    parts = []
    if isinstance(table.get("work"), dict):
        parts += [f"{who} {written(effort)}" for who, effort in table["work"].items()]
    for key in ("effort", "duration"):
        if key in table:
            by = table.get("who", table.get("pool"))
            parts.append(f"{_by(by)}{written(table[key])}" if key == "effort" else f"takes {written(table[key])}")
    if table.get("milestone") is True:
        parts.append("milestone")
    if "sprint" in table:
        parts.append(f"sprint {table['sprint']}")
    if table.get("after"):
        parts.append(f"after {_names(table['after'])}")
    return parts


def _by(who: Any) -> str:
    return "" if who is None else f"{_names(who)} "


def _names(value: Any) -> str:
    return listed(written(item) for item in value) if isinstance(value, list) else written(value)


def _thing(section: str, table: Mapping[str, Any]) -> list[str]:
    """The first few facts, except for the name."""
    parts = []
    for key, value in table.items():
        if key == "name":
            continue
        path = (section, "", key) if section in THINGS else (section, key)
        if isinstance(value, dict) and len(value) > 2 and not {"low", "prior"} & set(value):
            parts.append(f"{len(value)} {key.replace('_', ' ')}")
        elif isinstance(value, bool):
            parts += [key.replace("_", " ")] if value else []
        else:
            number = len(value) if isinstance(value, list) else 1
            parts.append(f"{counted(path, number)} {written(value)}")
    return parts[:4]


def things(section: str, count: int) -> str:
    """``3 tasks``, ``2 people``."""
    plural = {"people": "people", "equipment": "kinds of equipment", "absence": "kinds of absence"}
    return f"{count} {plural.get(section, section)}"
