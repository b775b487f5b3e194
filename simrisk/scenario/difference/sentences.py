"""Turns each place at which two plans differ into a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from simrisk.scenario.difference.change import Change, Kind
from simrisk.scenario.difference.edits import Edit
from simrisk.scenario.difference.effective import Effective
from simrisk.scenario.difference.layout import Leaf
from simrisk.scenario.difference.meaning import plain, ratio
from simrisk.scenario.difference.words import THINGS, below, counted, described, label, subject
from simrisk.scenario.difference.written import default, listed, written
from simrisk.scenario.positions import Path, dotted

_INNER = {"low": "low", "likely": "likely", "high": "high", "median": "median", "mean": "mean", "p90": "P90 of"}
_ENDS = {"from": "lower end of", "to": "upper end of"}
_KEYED = {"efficiency": "efficiency of level {}", "headcount": "heads from {}", "done": "done by {}"}


@dataclass(frozen=True)
class Sentence:
    """A change, with what is needed to sum up many of its kind.

    Parameters
    ----------
    change : Change
    section : str
    about : str
        What was changed, without whose it is: ``likely effort``.
    factor : Fraction or None
        By how much it was multiplied.
    """

    change: Change
    section: str
    about: str = ""
    factor: Fraction | None = None


@dataclass(frozen=True)
class Writer:
    """Writes the sentences of two plans.

    Parameters
    ----------
    before, after : Effective
        The earlier plan has the names of the later one.
    """

    before: Effective
    after: Effective

    def sentence(self, edit: Edit) -> Sentence:
        """Say one difference."""
        path = edit.path
        if path[0] == "mitigations" and len(path) > 3:
            return self._within_mitigation(edit)
        if len(path) == 2 + (path[0] == "costs") and (edit.before is None or edit.after is None) and path[0] in _OWNERS:
            return self._thing(edit)
        if path[0] in ("expect", "correlations") and isinstance(path[-1], int):
            return self._entry(edit)
        if edit.gone or edit.new:
            return self._sets(edit)
        return self._value(edit)

    def handed_over(self, gone: Edit, new: Edit) -> Sentence:
        """Say that somebody else does the same work."""
        old, fresh = str(gone.path[-1]), str(new.path[-1])
        return self._made(new.path, "changed", old, fresh, f"done by {fresh} instead of {old} ({written(new.after)})")

    def renamed(self, section: str, new: str, old: str) -> Sentence:
        """Say that something has another name."""
        text = f"{THINGS[section]} '{old}' renamed to '{new}'"
        return self._made((section, new), "renamed", old, new, text, owner="")

    def switched(self, name: str, *, on: bool) -> Sentence:
        """Say that a mitigation was switched on or off."""
        values = (self.after if on else self.before).values["mitigations"].get(name, {})
        price = f" (price {written(values['price'])})" if on and values.get("price") else ""
        text = f"mitigation '{name}' switched {'on' if on else 'off'}{price}"
        states = ("off", "on") if on else ("on", "off")
        return self._made(("mitigations", name, "active"), "changed", *states, text, owner="")

    def risk_switched(self, edit: Edit) -> Sentence:
        """Say that a risk was switched on or off."""
        states = ("off", "on") if edit.before is None else ("on", "off")
        text = f"risk '{edit.path[1]}' switched {states[1]}"
        return self._made(edit.path, "changed", *states, text, owner="", about=f"switched {states[1]}")

    def samples(self, name: str, counts: tuple[int, int]) -> Sentence:
        """Say that a file of samples has other rows."""
        rows = (
            f"{counts[0]:,} -> {counts[1]:,} rows" if counts[0] != counts[1] else f"other values in {counts[0]:,} rows"
        )
        change = Change(name, 0, "changed", str(counts[0]), str(counts[1]), f"samples in {name} changed: {rows}")
        return Sentence(change, "samples")

    def _made(
        self,
        path: Path,
        kind: Kind,
        before: str,
        after: str,
        text: str,
        *,
        owner: str | None = None,
        about: str = "",
        factor: Fraction | None = None,
    ) -> Sentence:
        where = dotted(path)
        side = self.before if kind == "removed" else self.after
        by = self.after.mitigation(where) or self.before.mitigation(where)
        name = subject(path, self._shared) if owner is None else owner
        full = (f"{name}: {text}" if name else text) + (f" (mitigation {by})" if by else "")
        return Sentence(Change(where, side.line(where), kind, before, after, full, by), str(path[0]), about, factor)

    @cached_property
    def _shared(self) -> frozenset[str]:
        """Ids that are a person's and a task's."""
        sides = (self.before.values, self.after.values)
        people, tasks = ({name for side in sides for name in side.get(key, {})} for key in ("people", "tasks"))
        return frozenset(people & tasks)

    def _thing(self, edit: Edit) -> Sentence:
        section, name = str(edit.path[0]), str(edit.path[-1])
        kind: Kind = "added" if edit.before is None else "removed"
        table = edit.after if edit.before is None else edit.before
        text = f"{_OWNERS[section]} '{name}' {kind}{described(section, table)}"
        if section == "costs":
            text = f"{subject(edit.path, frozenset())} {kind}{described(section, table)}"
        elif section == "mitigations":
            active = name in (self.after if kind == "added" else self.before).active
            text = f"mitigation '{name}' {kind}, {'' if active else 'not '}active"
        return self._made(edit.path, kind, "", "", text, owner="")

    def _entry(self, edit: Edit) -> Sentence:
        """An expectation or a correlation that comes or goes."""
        kind: Kind = "added" if edit.before is None else "removed"
        table = edit.after if edit.before is None else edit.before
        limits = ", ".join(
            f"{key.replace('_', ' ')} {written(value)}"
            for key, value in table.items()
            if key not in ("metric", "tasks")
        )
        text = " ".join(filter(None, (self._about_entry(edit.path, table), limits, kind)))
        shown = (limits, "") if kind == "removed" else ("", limits)
        return self._made(edit.path, kind, *shown, text, owner="")

    def _about_entry(self, path: Path, table: Mapping[str, Any]) -> str:
        if path[0] == "expect":
            return f"expectation {table.get('metric')}"
        return f"correlation of {written(table.get('tasks', []))}"

    def _owner(self, path: Path) -> str | None:
        """Subject of what lies within an entry of a list."""
        if path[0] not in ("expect", "correlations") or len(path) < 3:
            return None
        depth = 2 if path[0] == "expect" else 3
        return self._about_entry(path, _at(self.after.values, path[:depth]))

    def _sets(self, edit: Edit) -> Sentence:
        gone, new = ([written(item) for item in items] for items in (edit.gone, edit.new))
        about, key = label(edit.path), edit.path[-1]
        kind: Kind = "changed" if gone and new else "added" if new else "removed"
        if key == "who" and len(gone) == len(new) == 1:
            text = f"done by {new[0]} instead of {gone[0]}"
        elif len(gone) == len(new) == 1:
            text = f"{about} {gone[0]} -> {new[0]}"
        else:
            many = counted(edit.path, len(gone) + len(new))
            halves = (f"{listed(items)} {verb}" for items, verb in ((new, "added"), (gone, "removed")) if items)
            text = f"{many} {', '.join(halves)}"
        place = self._place(edit, kind)
        return self._made(place, kind, ", ".join(gone), ", ".join(new), text, owner=self._owner(edit.path), about=about)

    def _place(self, edit: Edit, kind: Kind) -> Path:
        """The entry of a list that has changed, where it is only one."""
        items, side = (edit.gone, edit.before) if kind == "removed" else (edit.new, edit.after)
        if len(items) == 1 and isinstance(side, list):
            return (*edit.path, side.index(items[0]))
        return edit.path

    def _value(self, edit: Edit) -> Sentence:
        path, key, about = edit.path, edit.path[-1], self._label(edit.path)
        old, new = (
            default(edit.default, key) if value is None else written(value, edit.node, key)
            for value in (edit.before, edit.after)
        )
        kind: Kind = "changed" if old and new else "added" if new else "removed"
        factor = ratio(edit.before, edit.after, (self.before.units, self.after.units))
        inner = _inner_changes(edit)
        if len(inner) == 1 and isinstance(edit.before, dict):
            path = (*path, inner[0])
            about, old, new = (
                _inner_label(key, inner[0], about),
                *(written(value[inner[0]]) for value in (edit.before, edit.after)),
            )
            text = f"{about} {old} -> {new}"
        elif inner:
            text = _inner_text(edit, inner, about)
        elif isinstance(edit.node, Leaf) and len(old) + len(new) > _LONGEST:
            text = f"{about} {kind if kind != 'changed' else _lengths(edit)}"
        elif new == "none" and not old:
            text = f"{about} none"
        elif kind == "changed":
            text = f"{about} {old} -> {new}" if old != new else f"{about} changed"
        elif below(path)[:1] == ("work",) and len(below(path)) == 2:
            text = f"{key} {kind} ({old or new})"
        else:
            text = f"{about} {old or new} {kind}"
        made = {"owner": self._owner(edit.path), "about": _general(edit.path, about), "factor": factor}
        return self._made(path, kind, old, new, text.strip(), **made)  # type: ignore[arg-type]

    def _label(self, path: Path) -> str:
        """What a place says; the one person who does a task need not be named."""
        if below(path)[:1] == ("work",) and len(path) == 4 and path[0] == "tasks":
            both = [_at(side.values, path[:-1]) for side in (self.before, self.after)]
            if all(isinstance(table, dict) and set(table) == {path[-1]} for table in both):
                return "effort"
        return label(path)

    def _within_mitigation(self, edit: Edit) -> Sentence:
        """What has changed in a mitigation that is not active."""
        _, name, *rest = edit.path
        if rest[0] == "changes":
            inner = replace(edit, path=("mitigations", name, f"change of {rest[1]}"))
            made = self._value(inner).change
        else:
            plans = [
                replace(side, values=side.values["mitigations"].get(name, {})) for side in (self.before, self.after)
            ]
            made = Writer(*plans).sentence(replace(edit, path=tuple(rest))).change
            made = replace(made, text=f"mitigation {name}: {made.text}")
        where = dotted(edit.path)
        inner_where = dotted(tuple(rest))
        if rest[0] != "changes" and made.where.startswith(inner_where):
            where += made.where[len(inner_where) :]
        side = self.before if made.kind == "removed" else self.after
        return Sentence(replace(made, where=where, line=side.line(where), by=str(name)), "mitigations")


_LONGEST = 200  # letters of two values that are still read side by side
_OWNERS = {**THINGS, "costs": "cost"}


def _lengths(edit: Edit) -> str:
    """That a long value has changed, and of lists how long they are."""
    if isinstance(edit.before, list) and isinstance(edit.after, list):
        return f"changed ({len(edit.before)} -> {len(edit.after)} entries)"
    return "changed"


def _general(path: Path, about: str) -> str:
    """What many changes of a kind have in common."""
    return "effort" if below(path)[:1] == ("work",) and about == label(path) else about


def _at(values: Mapping[str, Any], path: Path) -> Any:
    """What stands at a path; nothing if nothing does."""
    found: Any = values
    for step in path:
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return {}
    return found


def _inner_changes(edit: Edit) -> list[Any]:
    """The keys or places at which two tables, or two lists of heads, of the same shape differ."""
    before, after = edit.before, edit.after
    if not isinstance(edit.node, Leaf):
        return []
    if isinstance(before, dict) and isinstance(after, dict) and set(before) == set(after) and "prior" not in before:
        return [key for key in before if plain(before[key]) != plain(after[key])]
    if (
        edit.path[-1] == "monthly"
        and isinstance(before, list)
        and isinstance(after, list)
        and len(before) == len(after)
    ):
        return [place for place, heads in enumerate(before) if plain(heads) != plain(after[place])]
    return []


def _inner_label(key: str | int, inner: Any, about: str) -> str:
    if key in _KEYED:
        return _KEYED[str(key)].format(inner)
    return f"{_INNER.get(inner) or _ENDS.get(inner) or f'{inner} of'} {about}"


def _inner_text(edit: Edit, inner: Sequence[Any], about: str) -> str:
    monthly = edit.path[-1] == "monthly"
    halves = (
        f"{f'month {key + 1}' if monthly else key} {written(edit.before[key])} -> {written(edit.after[key])}"
        for key in inner
    )
    return f"{'heads in' if monthly else about} {', '.join(halves)}"
