"""Reads a scenario again with more of its mitigations on, many times: what they do not touch is read only once."""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from simrisk.errors import ScenarioError
from simrisk.scenario.build import Builder
from simrisk.scenario.changes import apply_changes, apply_priors, path_of
from simrisk.scenario.faults import Faults
from simrisk.scenario.load import taken_apart
from simrisk.scenario.mitigations import MANY, Merging
from simrisk.scenario.model import Scenario
from simrisk.scenario.validate import Remembered

Place = tuple[str, str]  # a section of the file, and a table in it


class Rereading:
    """A scenario that can be had with other mitigations.

    It is the same as to load the file with them: a test holds one against the other. What takes the time there, to
    find where everything stands and what each of the other mitigations would do, has been done when the scenario was
    loaded, and tables that no mitigation touches need not be checked again.

    Parameters
    ----------
    scenario : Scenario
        Loaded from a file.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        switches = scenario.switched_on, scenario.switched_off
        parts = taken_apart(scenario.text, scenario.path, scenario.changes, *switches, Faults())
        self._values, self._late = parts.values, parts.late
        self._mitigations, self._risks_off = parts.mitigations, parts.switches.risks_off
        self._always = {place for place, table in _tables(parts.values) if _has_prior(table)}
        self._always |= {_place(path_of(key)) for key, _ in parts.late}
        self._remembered = Remembered(table for _, table in _tables(parts.values))

    def with_mitigations(self, names: Iterable[str]) -> Scenario:
        """Return the scenario with these mitigations on as well.

        Raises
        ------
        ScenarioError
            They do not go together.
        """
        on = frozenset(names)
        if not on:
            return self.scenario
        active = self._mitigations.switched(on, ())
        touched = self._always.union(*(_touched(active.tables[name]) for name in active.active))
        values = {key: _copied(key, table, touched) for key, table in self._values.items()}
        faults = Faults()
        merging = Merging(values, faults)
        for name in active.active:
            merging.add(name, active.tables[name])
        apply_changes(values, self._late)
        priors = apply_priors(values, faults)
        base = self.scenario
        made = Builder(values, base.text, base.path, faults, self._remembered).build()
        if faults.issues or made is None:
            raise ScenarioError(*faults.issues)
        full = {name: f"mitigations.{name}" for name in sorted(on)}
        return replace(
            made,
            risks=tuple(risk for risk in made.risks if risk.id not in self._risks_off),
            mitigations=active.entries,
            priors=priors,
            changes=base.changes,
            switched_on=(*base.switched_on, *full.values()),
            switched_off=tuple(name for name in base.switched_off if name not in (*full, *full.values())),
            lines=base.lines,
        )


def _tables(values: Mapping[str, Any]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield the tables that stand in sections by name."""
    for section in MANY:
        tables = values.get(section)
        for name, table in tables.items() if isinstance(tables, dict) else ():
            if isinstance(table, dict):
                yield (section, name), table


def _has_prior(value: object) -> bool:
    """Whether a named prior stands in a value; its place is taken by what it stands for, in the value itself."""
    if isinstance(value, dict):
        return "prior" in value or any(map(_has_prior, value.values()))
    return isinstance(value, list) and any(map(_has_prior, value))


def _touched(mitigation: Mapping[str, Any]) -> set[Place]:
    """Return the tables that a mitigation changes; what it adds is new."""
    return {_place(path_of(key)) for key in mitigation["changes"]}


def _place(path: tuple[str | int, ...]) -> Place:
    return (str(path[0]), str(path[1])) if len(path) > 1 else ("", "")


def _copied(section: str, tables: object, touched: Collection[Place]) -> object:
    """Copy a section; tables in it that nothing touches are the same objects."""
    if section not in MANY or not isinstance(tables, dict):
        return copy.deepcopy(tables)
    return {name: copy.deepcopy(table) if (section, name) in touched else table for name, table in tables.items()}
