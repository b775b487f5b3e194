"""Finds what has only been given another name: equal in everything else, and nothing else like it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from simrisk.scenario.changes import path_of
from simrisk.scenario.difference.edits import Comparison
from simrisk.scenario.difference.layout import ByName, layout
from simrisk.scenario.positions import dotted

SECTIONS = ("people", "pools", "equipment", "tasks", "gates", "risks", "mitigations")
_MOST_PAIRS = 100_000  # compared with each other; a plan in which so much has another name is another plan
_WORKERS = ("work", "who", "backup", "rework", "away", "raises", "done", "remaining", "people", "pool")
_TASKS = ("after", "task", "affects", "tasks", "requires", "blocks", "descope")
# keys under which the names of a section stand elsewhere in the file
_REFERENCES = {"people": _WORKERS, "pools": _WORKERS, "tasks": _TASKS, "equipment": ("uses",)}
_METRICS = {
    "people": "person",
    "pools": "pool",
    "equipment": "equipment",
    "tasks": "task",
    "gates": "gate",
    "risks": "risk",
}


def follow_renames(
    before: dict[str, Any], after: Mapping[str, Any], comparison: Comparison
) -> tuple[dict[str, Any], dict[str, dict[str, str]]]:
    """Give what was renamed its new name, wherever the earlier values speak of it.

    Returns
    -------
    dict
        The earlier values with the new names.
    dict
        By section, new name -> old name.
    """
    values = copy.deepcopy(before)
    renamed: dict[str, dict[str, str]] = {}
    while True:  # a task is like another only when those it waits for have their new names
        found = [(section, pairs) for section in SECTIONS if (pairs := _pairs(section, values, after, comparison))]
        if not found:
            return values, renamed
        for section, pairs in found:
            renamed.setdefault(section, {}).update({new: old for old, new in pairs.items()})
            values[section] = {pairs.get(name, name): table for name, table in values[section].items()}
            _rename_references(values, _REFERENCES.get(section, ()), pairs)
            _rename_metrics(values, _METRICS.get(section), pairs)
            _rename_changes(values, section, pairs)


def _pairs(section: str, before: Mapping[str, Any], after: Mapping[str, Any], comparison: Comparison) -> dict[str, str]:
    """Old name -> new name, where exactly one that is gone is like exactly one that is new."""
    ours, theirs = before.get(section, {}), after.get(section, {})
    gone = {name: table for name, table in ours.items() if name not in theirs and table}
    fresh = {name: table for name, table in theirs.items() if name not in ours and table}
    if not gone or not fresh or len(gone) * len(fresh) > _MOST_PAIRS:
        return {}
    node, _ = layout().fields[section]
    assert isinstance(node, ByName)  # sections that have names
    like = {
        old: [new for new, other in fresh.items() if comparison.same(node.entry, table, other, (section, new))]
        for old, table in gone.items()
    }
    chosen = [new for found in like.values() for new in found]
    return {old: found[0] for old, found in like.items() if len(found) == 1 and chosen.count(found[0]) == 1}


def _rename_references(value: Any, keys: tuple[str, ...], pairs: Mapping[str, str]) -> None:
    """Replace names under some keys, in place: texts, lists of them, and keys of tables."""
    if isinstance(value, list):
        for item in value:
            _rename_references(item, keys, pairs)
    if not isinstance(value, dict):
        return
    for key, inner in value.items():
        if key not in keys:
            _rename_references(inner, keys, pairs)
        elif isinstance(inner, str):
            value[key] = pairs.get(inner, inner)
        elif isinstance(inner, list):
            value[key] = [pairs.get(item, item) if isinstance(item, str) else item for item in inner]
            _rename_references(value[key], keys, pairs)
        elif isinstance(inner, dict) and _is_by_name(key, inner):
            value[key] = {pairs.get(name, name): entry for name, entry in inner.items()}
        else:
            _rename_references(inner, keys, pairs)


def _is_by_name(key: str, inner: Mapping[str, Any]) -> bool:
    """Whether the keys of a table are the names in question: those of [people] and [tasks] are no references."""
    return key not in ("people", "tasks") and not ("low" in inner or "task" in inner)


def _rename_metrics(values: dict[str, Any], prefix: str | None, pairs: Mapping[str, str]) -> None:
    for expected in values.get("expect", []):
        kind, _, rest = str(expected.get("metric", "")).partition(".")
        for old, new in pairs.items():
            if kind == prefix and rest.startswith(f"{old}."):
                expected["metric"] = f"{kind}.{new}{rest[len(old) :]}"
                break


def _rename_changes(values: dict[str, Any], section: str, pairs: Mapping[str, str]) -> None:
    """Rename in the keys of what mitigations would change."""
    for table in values.get("mitigations", {}).values():
        changes = table.get("changes", {})
        for key in list(changes):
            path = path_of(key)
            if path[:1] == (section,) and len(path) > 1 and path[1] in pairs:
                changes[dotted((section, pairs[str(path[1])], *path[2:]))] = changes.pop(key)
