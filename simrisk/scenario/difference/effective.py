"""The values of a scenario that count: mitigations worked in, changes made, what is switched off left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from simrisk.scenario.changes import apply_changes
from simrisk.scenario.faults import Faults, within
from simrisk.scenario.load import taken_apart, with_origins
from simrisk.scenario.mitigations import Merging
from simrisk.scenario.model import Scenario
from simrisk.scenario.positions import line_of, parent, positions
from simrisk.scenario.source import parse
from simrisk.scenario.units import Units, exact


@dataclass(frozen=True)
class Effective:
    """What a scenario says in the end, as it is written.

    Parameters
    ----------
    values : dict
        The tables of the file with its active mitigations in them, risks that are off left out. Under ``mitigations``
        stand those that are not active, in full, and of the active ones name and price.
    active : frozenset of str
        Ids of the mitigations that are active.
    risks_off : frozenset of str
        Ids of the risks that are switched off.
    origins : mapping
        Dotted path of what a mitigation brings -> where the file says it.
    lines : mapping
        Dotted path -> line of the file.
    changed : tuple of str
        Dotted paths that ``--set`` has changed, which have no line.
    units : Units
    """

    values: dict[str, Any]
    active: frozenset[str]
    risks_off: frozenset[str]
    origins: Mapping[str, str]
    lines: Mapping[str, int]
    changed: tuple[str, ...]
    units: Units

    def line(self, where: str) -> int:
        """Line of a dotted path; 0 when it was given on the command line."""
        if any(within(where, key) for key in self.changed):
            return 0
        return line_of(self.lines, where)

    def mitigation(self, where: str) -> str:
        """Id of the mitigation that brings what stands at a dotted path; empty when none does."""
        while where:
            if where in self.origins:
                return self.origins[where].split(".")[1].strip('"')
            where = parent(where)
        return ""


def effective(scenario: Scenario) -> Effective:
    """Work out what counts of a scenario that has been loaded."""
    text, name = scenario.text, scenario.path
    parts = taken_apart(text, name, scenario.changes, scenario.switched_on, scenario.switched_off, Faults())
    values, mitigations = parts.values, parts.mitigations
    merging = Merging(values, Faults())
    for entry in mitigations.active:
        merging.add(entry, mitigations.tables[entry])
    changed = (*parts.changed, *apply_changes(values, parts.late))
    risks_off = parts.switches.risks_off
    if "risks" in values:
        values["risks"] = {name: risk for name, risk in values["risks"].items() if name not in risks_off}
    written = parse(text, name).get("mitigations", {})
    apply_changes({"mitigations": written}, [change for change in scenario.changes if change not in parts.late])
    active = frozenset(mitigations.active)
    values["mitigations"] = {
        name: {key: value for key, value in table.items() if name not in active or key in ("name", "price")}
        for name, table in written.items()
    }
    for table in values["mitigations"].values():
        table.pop("active", None)  # what counts is whether it is, whoever says so
    return Effective(
        values=values,
        active=active,
        risks_off=risks_off,
        origins=merging.origins,
        lines=with_origins(positions(text), merging.origins),
        changed=changed,
        units=_units(values.get("project", {})),
    )


def _units(project: Mapping[str, Any]) -> Units:
    days = project.get("work_week", range(5))
    return Units(int(exact(project.get("hours_per_day", 8)) * 60), len(set(days)))
