"""Finds where two sets of values differ: the smallest places that do, each once, whatever the order of the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simrisk.errors import ScenarioError
from simrisk.scenario.difference.layout import ByName, Leaf, Node, Record, Tables
from simrisk.scenario.difference.meaning import meaning, plain, spelled_out
from simrisk.scenario.links import read_links
from simrisk.scenario.positions import Path
from simrisk.scenario.units import Units

ABSENT: Any = None  # TOML has no null
_ALWAYS = ("project", "simulation", "defaults", "costs", "pto", "correlations")  # left out is as good as empty
_NAME_LISTS = (
    *("who", "backup", "skill", "after", "requires", "blocks", "descope", "affects", "people", "holidays"),
    "names",
)

_SUBJECTS = ("expect", "groups", "pairs")  # lists whose entries have a subject; others have dates only

_NAMING = ("metric", "tasks")  # what such an entry is about


@dataclass(frozen=True)
class Edit:
    """One place at which two scenarios differ.

    Parameters
    ----------
    path : tuple
        Keys and list positions, in the later scenario; in the earlier one of what is removed.
    node : Node
        What stands there.
    before, after : object
        As tomllib gives them; None: nothing stands there.
    default : object
        What holds when nothing does; None: nothing.
    gone, new : tuple
        Of a list without order: what only the one has, and only the other.
    """

    path: Path
    node: Node
    before: Any
    after: Any
    default: Any = None
    gone: tuple[Any, ...] = ()
    new: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Comparison:
    """Compares values below a node.

    Parameters
    ----------
    units : tuple of Units
        Of the earlier and the later scenario.
    """

    units: tuple[Units, Units]

    def edits(self, node: Node, before: Any, after: Any, path: Path = (), default: Any = None) -> Iterator[Edit]:
        """Yield the places that differ, in the order of the earlier file, what is new after it."""
        if before == after:
            return
        if isinstance(node, Leaf):
            yield from self._leaf(node, before, after, path, default)
        elif isinstance(node, Record):
            yield from self._record(node, before, after, path)
        elif isinstance(node, ByName):
            yield from self._by_name(node, before or {}, after or {}, path)
        else:
            yield from self._tables(node, before or [], after or [], path)

    def same(self, node: Node, before: Any, after: Any, path: Path) -> bool:
        """Whether two values mean the same."""
        return next(self.edits(node, before, after, path), None) is None

    def _record(self, node: Record, before: Any, after: Any, path: Path) -> Iterator[Edit]:
        if len(path) == 1 and path[0] in _ALWAYS:
            before, after = before or {}, after or {}
        if before is ABSENT and after is ABSENT:
            return
        if before is ABSENT or after is ABSENT:
            yield Edit(path, node, before, after)
            return
        if ("prior" in before) != ("prior" in after) or before.get("prior") != after.get("prior"):
            if not self._same_when_spelled_out(node, before, after, path):
                yield Edit(path, node, before, after)
            return
        shares = (before.get("share"), after.get("share"))
        for key, (inner, default) in node.fields.items():
            there = (*path, key)
            ordered = key in ("backup", "names") or (key == "who" and "any" in shares)
            if isinstance(inner, Leaf) and key in _NAME_LISTS:
                yield from self._list(inner, before.get(key), after.get(key), there, ordered=ordered, default=default)
            else:
                yield from self.edits(inner, before.get(key), after.get(key), there, default)

    def _same_when_spelled_out(self, node: Record, before: Any, after: Any, path: Path) -> bool:
        old, new = (spelled_out(value, path) for value in (before, after))
        return "prior" not in old and "prior" not in new and self.same(node, old, new, path)

    def _by_name(self, node: ByName, before: Mapping[str, Any], after: Mapping[str, Any], path: Path) -> Iterator[Edit]:
        for name in dict.fromkeys((*before, *after)):
            there, old, new = (*path, name), before.get(name), after.get(name)
            if name in before and name in after:
                yield from self.edits(node.entry, old, new, there)
            elif not isinstance(node.entry, ByName) or old or new:
                yield Edit(there, node.entry, old, new)

    def _leaf(self, node: Leaf, before: Any, after: Any, path: Path, default: Any) -> Iterator[Edit]:
        if plain(before) == plain(after):  # as written: that a day has other hours is said once
            return
        old, new = (
            default if value is ABSENT else meaning(node, value, path, units)
            for value, units in zip((before, after), self.units, strict=True)
        )
        if old != new:
            yield Edit(path, node, before, after, default)

    def _list(self, node: Leaf, before: Any, after: Any, path: Path, *, ordered: bool, default: Any) -> Iterator[Edit]:
        """Lists of names, dates or links: as sets, where their order means nothing."""
        if plain(before) == plain(after):
            return
        default = () if default is not None else None
        old, new = (
            default if value is ABSENT else meaning(node, value, path, units, ordered=ordered)
            for value, units in zip((before, after), self.units, strict=True)
        )
        if old == new or (not old and not new and default is not None):
            return
        if ordered:
            yield Edit(path, node, before, after, default)
            return
        ours, theirs = (self._items(value) for value in (before, after))
        gone = tuple(item for key, item in ours.items() if key not in theirs)
        fresh = tuple(item for key, item in theirs.items() if key not in ours)
        yield Edit(path, node, before, after, default, gone, fresh)

    def _items(self, written: Any) -> dict[Any, Any]:
        """Entries of a list by what they mean."""
        items = written if isinstance(written, list) else [] if written is ABSENT else [written]
        return {_key(item, self.units[0]): item for item in items}

    def _tables(self, node: Tables, before: list[Any], after: list[Any], path: Path) -> Iterator[Edit]:
        """Lists of tables: what is the same is passed over wherever it stands, the rest matched by what it is about."""
        ours, theirs = dict(enumerate(before)), dict(enumerate(after))
        for place, old in enumerate(before):
            like = (number for number, new in theirs.items() if self.same(node.entry, old, new, (*path, number)))
            found = next(like, None)
            if found is not None:
                del ours[place], theirs[found]
        if path[-1] not in _SUBJECTS:
            if ours or theirs:
                yield Edit(path, node, before or ABSENT, after or ABSENT, None, (*ours.values(),), (*theirs.values(),))
            return
        for place, old in ours.items():
            number = _partner(old, theirs, ours, path)
            if number is None:
                yield Edit((*path, place), node.entry, old, ABSENT)
            else:
                yield from self.edits(node.entry, old, theirs.pop(number), (*path, number))
        for place, new in theirs.items():
            yield Edit((*path, place), node.entry, ABSENT, new)


def _key(item: Any, units: Units) -> Any:
    if isinstance(item, str | dict):
        try:
            (link,) = read_links([item], units)
        except ScenarioError:
            return str(item)
        return link.name, link.kind, link.lag
    return item


def _partner(item: Mapping[str, Any], theirs: Mapping[int, Any], ours: Mapping[int, Any], path: Path) -> int | None:
    """Place of the entry about the same thing; else of one that says the same about a thing that is new here."""
    same = (place for place, other in theirs.items() if _about(item, path) == _about(other, path))
    found = next(same, None)
    if found is not None:
        return found
    known = [_about(other, path) for other in ours.values()]
    alike = (
        place for place, other in theirs.items() if _about(other, path) not in known and _said(other) == _said(item)
    )
    return next(alike, None)


def _said(item: Mapping[str, Any]) -> dict[str, object]:
    """What an entry says, but not of what."""
    return {key: plain(value) for key, value in item.items() if key not in _NAMING}


def _about(item: Mapping[str, Any], path: Path) -> object:
    """What an entry of a list of tables is about: a metric and how it is limited, or some tasks."""
    if path[-1] == "expect":
        return item.get("metric"), frozenset(item) - {"metric", "level"}
    tasks = item.get("tasks")
    return frozenset(tasks) if isinstance(tasks, list) else tasks
