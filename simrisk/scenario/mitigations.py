"""Switches mitigations: which are active, and what they change in the values of the file before these are checked."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.changes import path_of, set_value
from simrisk.scenario.faults import Faults, did_you_mean, listed, refuse, within
from simrisk.scenario.model import Mitigation
from simrisk.scenario.names import check_ids
from simrisk.scenario.positions import Path, dotted
from simrisk.scenario.tables import MitigationTable
from simrisk.scenario.units import Units
from simrisk.scenario.validate import check_table

WITH_OPTION, WITHOUT_OPTION = "--with", "--without"
ALL_RISKS = "risks"
MANY = ("people", "pools", "equipment", "absence", "tasks", "gates", "risks")  # sections of tables by name
_LISTS = ("groups", "pairs")  # of correlations
_CHARGES = ("contracts", "compensation")  # of costs


@dataclass(frozen=True)
class Mitigations:
    """The mitigations of a file.

    Parameters
    ----------
    entries : tuple of Mitigation
        As the file says it; those whose frame is at fault are left out.
    tables : mapping
        By id, what the file says of each.
    """

    entries: tuple[Mitigation, ...]
    tables: Mapping[str, dict[str, Any]]

    @property
    def active(self) -> tuple[str, ...]:
        """Ids of the active ones, in the order of the file."""
        return tuple(entry.id for entry in self.entries if entry.active)

    @property
    def inactive(self) -> tuple[str, ...]:
        """Ids of the others."""
        return tuple(entry.id for entry in self.entries if not entry.active)

    def switched(self, on: Iterable[str], off: Iterable[str]) -> Mitigations:
        """Return the same mitigations, those named active and inactive."""
        switches = {**dict.fromkeys(on, True), **dict.fromkeys(off, False)}
        entries = tuple(
            Mitigation(entry.id, entry.name, entry.price, switches.get(entry.id, entry.active))
            for entry in self.entries
        )
        return Mitigations(entries, self.tables)


def take_mitigations(values: dict[str, Any], faults: Faults) -> Mitigations:
    """Take the mitigations out of the file's values; what they contain is checked where it is put to use."""
    written = values.pop("mitigations", {})
    if not isinstance(written, dict):
        found = "This holds one table for each of the mitigations: [mitigations.NAME]."
        faults.add("wrong-type", "mitigations", found)
        return Mitigations((), {})
    check_ids(written, "mitigations", faults)
    entries, tables = [], {}
    for name, table in written.items():
        inner = (*MANY, "correlations", "costs")
        frame = {key: value for key, value in table.items() if key not in inner} if isinstance(table, dict) else table
        checked = check_table(MitigationTable, frame, ("mitigations", name), Units(), faults)
        if checked.table is None:
            continue
        for key in inner:
            if not isinstance(table.get(key, {}), dict):
                found = f"This is a table of what the mitigation adds to [{key}]."
                faults.add("wrong-type", f"{checked.where}.{key}", found)
        entries.append(Mitigation(name, checked.table.name or name, checked.table.price, checked.table.active))
        # `changes` that are no table are a fault already
        kept = {**table, "changes": dict(checked.table.changes)}
        tables[name] = {key: value for key, value in kept.items() if key in (*inner, "changes")}
    return Mitigations(tuple(entries), tables)


@dataclass
class Merging:
    """The values of a file, with mitigations being worked in.

    Parameters
    ----------
    values : dict
        Changed in place.
    origins : dict
        Dotted path of what a mitigation brings -> where the file says it.
    changed_by : dict
        Dotted path of what has been changed -> the mitigation that did it, and the value it gave.
    """

    values: dict[str, Any]
    faults: Faults
    origins: dict[str, str] = field(default_factory=dict)
    changed_by: dict[str, tuple[str, object]] = field(default_factory=dict)

    def add(self, name: str, table: Mapping[str, Any]) -> None:
        """Work one mitigation in: first what it adds, then what it changes."""
        home: Path = ("mitigations", name)
        for key in MANY:
            self._add_entries((key,), table.get(key), home)
        costs, correlations = table.get("costs"), table.get("correlations")
        if isinstance(costs, dict):
            rest = {key: value for key, value in costs.items() if key not in _CHARGES}
            self._add_entries(("costs",), rest, home)
            for key in _CHARGES:
                self._add_entries(("costs", key), costs.get(key), home)
        if isinstance(correlations, dict):
            rest = {key: value for key, value in correlations.items() if key not in _LISTS}
            self._add_entries(("correlations",), rest, home)
            for key in _LISTS:
                self._add_items(("correlations", key), correlations.get(key), home)
        for key, value in table["changes"].items():
            self._change(name, key, value, dotted((*home, "changes", key)))

    def _add_entries(self, place: Path, entries: object, home: Path) -> None:
        holder = self._holder(place) if isinstance(entries, dict) and entries else None
        if not isinstance(entries, dict) or not isinstance(holder, dict):
            return
        for name, entry in entries.items():
            there, written = dotted((*place, name)), dotted((*home, *place, name))
            if name in holder:
                by = f" ({self.origins[there]})" if there in self.origins else ""
                found = f"'{there}' exists already{by}. What a mitigation changes stands in its 'changes': "
                self.faults.add("already-there", written, f'{found}{{ "{there}..." = ... }}.')
            else:
                holder[name] = copy.deepcopy(entry)
                self.origins[there] = written

    def _add_items(self, place: Path, items: object, home: Path) -> None:
        if not isinstance(items, list):
            if items is not None:
                written = dotted((*home, *place))
                self.faults.add("wrong-type", written, "This is a list of tables with 'tasks' and 'rho'.")
            return
        holder = self._holder(place[:-1])
        there = holder.setdefault(place[-1], []) if isinstance(holder, dict) else None
        if not isinstance(there, list):
            return
        for number, item in enumerate(items):
            self.origins[dotted((*place, len(there)))] = dotted((*home, *place, number))
            there.append(copy.deepcopy(item))

    def _holder(self, place: Path) -> object:
        """Find the table at a place of the file, made if it is missing; what is no table is a fault elsewhere."""
        holder: Any = self.values
        for step in place:
            if not isinstance(holder, dict):
                return None
            holder = holder.setdefault(step, {})
        return holder

    def _change(self, name: str, key: str, value: object, written: str) -> None:
        path = path_of(key)
        if not path or path[0] == "mitigations":
            found = f"'{key}' is no key that can be changed; write it as in \"tasks.build.priority\"."
            self.faults.add("bad-change", written, found)
            return
        there = dotted(path)
        others = [
            by
            for at, (by, given) in self.changed_by.items()
            if by != name and (within(at, there) or within(there, at)) and (at, given) != (there, value)
        ]
        if others:
            found = f"{listed(others)} changes this too, and both are active; switch one of them off, or join them."
            self.faults.add("bad-change", written, found)
            return
        problem = set_value(self.values, path, copy.deepcopy(value))
        if problem:
            self.faults.add("bad-change", written, problem)
        else:
            self.origins[there] = written
            self.changed_by[there] = (name, value)


@dataclass(frozen=True)
class Switches:
    """What the user switches on and off, resolved to ids."""

    on: tuple[str, ...]
    off: tuple[str, ...]
    risks_off: frozenset[str]


def resolve_switches(
    values: Mapping[str, Any], mitigations: Mitigations, on: Sequence[str], off: Sequence[str]
) -> Switches:
    """Find the mitigations and risks that are named.

    Raises
    ------
    ScenarioError
        bad-switch: all names that mean nothing, or two things.
    """
    risks = list(_names(values.get("risks")))
    for table in mitigations.tables.values():
        risks.extend(name for name in _names(table.get("risks")) if name not in risks)
    known = {"mitigations": tuple(mitigations.tables), "risks": tuple(risks)}
    issues: list[Issue] = []
    switched: dict[str, set[str]] = {"on": set(), "mitigations": set(), "risks": set()}
    for name in on:
        sort, ident, problem = _resolve(name, {"mitigations": known["mitigations"]}, ("a mitigation",))
        if problem:
            issues.extend(refuse("bad-switch", WITH_OPTION, problem).issues)
        switched["on"].add(ident)
    for name in off:
        if name == ALL_RISKS:
            switched["risks"].update(risks)
            continue
        sort, ident, problem = _resolve(name, known, ("a mitigation", "a risk"))
        if not problem and sort == "mitigations" and ident in switched["on"]:
            problem = f"'{name}' is switched on by {WITH_OPTION} as well; keep one of the two."
        if problem:
            issues.extend(refuse("bad-switch", WITHOUT_OPTION, problem).issues)
        switched[sort].add(ident)
    if issues:
        raise ScenarioError(*issues)
    order = mitigations.tables
    return Switches(
        on=tuple(name for name in order if name in switched["on"]),
        off=tuple(name for name in order if name in switched["mitigations"]),
        risks_off=frozenset(switched["risks"]),
    )


def _resolve(name: str, known: Mapping[str, Sequence[str]], what: tuple[str, ...]) -> tuple[str, str, str]:
    """Return which sort of thing a name means, its id, and what is wrong with it (or nothing)."""
    sort, dot, ident = name.partition(".")
    if dot and sort in known and ident in known[sort]:
        return sort, ident, ""
    sorts = [sort for sort, names in known.items() if name in names]
    if len(sorts) > 1:
        return sorts[0], name, f"'{name}' is a mitigation and a risk; write mitigations.{name} or risks.{name}."
    if sorts:
        return sorts[0], name, ""
    names = [entry for entries in known.values() for entry in entries]
    hint = did_you_mean(name, names) or f" There are: {listed(names)}."
    return "mitigations", name, f"'{name}' is not {' or '.join(what)} in this scenario.{hint}"


def _names(table: object) -> tuple[str, ...]:
    return tuple(table) if isinstance(table, dict) else ()
