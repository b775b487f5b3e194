"""Loads a scenario: TOML text -> Scenario, with every fault of the file reported at once, each with its line."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.changes import apply_changes, apply_priors, path_of
from simrisk.scenario.faults import Faults, joined, locate, within, written_at
from simrisk.scenario.model import Prior, Scenario
from simrisk.scenario.positions import positions
from simrisk.scenario.source import parse, read_text

if TYPE_CHECKING:
    from simrisk.scenario.mitigations import Mitigations, Switches

Changes = Sequence[tuple[str, str]]


def load(
    path: str | Path, *, changes: Changes = (), with_: Sequence[str] = (), without: Sequence[str] = ()
) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path : str or Path
        A TOML file in UTF-8.
    changes : sequence of (key, value), optional
        What ``--set KEY=VALUE`` changes: dotted keys of the file; values as in the file, texts also without quotes.
    with_ : sequence of str, optional
        Mitigations to switch on, by id.
    without : sequence of str, optional
        Mitigations and risks to switch off, by id; ``"risks"`` is all risks. An id that is both is written as
        ``"risks.x"`` or ``"mitigations.x"``.

    Raises
    ------
    ScenarioError
        With every fault as an `Issue`; the slugs are listed in docs/scenario.md.
    """
    return loads(read_text(path), str(path), changes=changes, with_=with_, without=without)


def loads(
    text: str,
    path: str | Path = "scenario.toml",
    changes: Changes = (),
    with_: Sequence[str] = (),
    without: Sequence[str] = (),
) -> Scenario:
    """Load a scenario from the text of a file; `path` names it in messages. Otherwise as `load`."""
    name = str(path)
    faults = Faults()
    parts = taken_apart(text, name, changes, with_, without, faults)
    mitigations, switches = parts.mitigations, parts.switches
    reading = _Reading(parts.values, text, name, mitigations.tables, parts.late)
    attempt = reading.attempt(mitigations.active, strict=True)
    changed = (*parts.changed, *attempt.changed)
    lines = positions(text)
    issues = [*faults.located(name, lines, changed), *attempt.faults.located(name, lines, changed, attempt.origins)]
    for entry in mitigations.inactive:
        found = reading.faults_of(entry, mitigations.active, attempt)
        issues.extend(locate(issue, name, lines, changed) for issue in found)
    if issues or attempt.scenario is None:
        raise ScenarioError(*sorted(dict.fromkeys(issues), key=lambda issue: (issue.file != name, issue.line)))
    scenario = attempt.scenario
    return replace(
        scenario,
        risks=tuple(risk for risk in scenario.risks if risk.id not in switches.risks_off),
        mitigations=mitigations.entries,
        priors=attempt.priors,
        changes=tuple(changes),
        switched_on=tuple(with_),
        switched_off=tuple(without),
        lines=with_origins(lines, attempt.origins),
    )


@dataclass(frozen=True)
class Parts:
    """A file taken apart: what it says without its mitigations, these, and what of them is switched on.

    Parameters
    ----------
    values : dict
        As tomllib gives them, without the mitigations, changes to these made.
    changed : tuple of str
        Dotted paths within the mitigations that have been changed.
    late : sequence of (key, value)
        Changes that are made when the mitigations have been worked in.
    mitigations : Mitigations
    switches : Switches
    """

    values: dict[str, Any]
    changed: tuple[str, ...]
    late: Changes
    mitigations: Mitigations
    switches: Switches


def taken_apart(
    text: str, name: str, changes: Changes, with_: Sequence[str], without: Sequence[str], faults: Faults
) -> Parts:
    """Take a file apart, with what the user changes in its mitigations and switches on and off.

    Raises
    ------
    ScenarioError
        What is no TOML, changes that cannot be made, switches that mean nothing.
    """
    from simrisk.scenario.mitigations import resolve_switches, take_mitigations  # brings pydantic

    values = parse(text, name)
    early = [change for change in changes if path_of(change[0])[:1] == ("mitigations",)]
    late = [change for change in changes if change not in early]
    changed = apply_changes(values, early)
    mitigations = take_mitigations(values, faults)
    switches = resolve_switches(values, mitigations, with_, without)
    return Parts(values, changed, late, mitigations.switched(switches.on, switches.off), switches)


@dataclass(frozen=True)
class _Attempt:
    """The scenario with some of its mitigations, or what is wrong with it."""

    scenario: Scenario | None
    faults: Faults
    origins: Mapping[str, str]  # what mitigations bring -> where it is written
    changed: tuple[str, ...]
    priors: tuple[Prior, ...]


@dataclass(frozen=True)
class _Reading:
    """A file on its way to a scenario, its mitigations taken out."""

    values: Mapping[str, Any]
    text: str
    name: str
    tables: Mapping[str, Mapping[str, Any]]  # of the mitigations
    changes: Changes

    def attempt(self, active: Iterable[str], *, strict: bool) -> _Attempt:
        """Build the scenario with these mitigations; unless `strict`, changes that cannot be made are passed over."""
        from simrisk.scenario.build import Builder
        from simrisk.scenario.mitigations import Merging

        faults = Faults()
        values = copy.deepcopy(dict(self.values))
        merging = Merging(values, faults)
        for entry in active:
            merging.add(entry, self.tables[entry])
        if strict:
            changed = apply_changes(values, self.changes)
        else:
            changed = tuple(key for change in self.changes for key in _if_possible(values, change))
        priors = apply_priors(values, faults)
        scenario = Builder(values, self.text, self.name, faults).build()
        return _Attempt(scenario, faults, merging.origins, changed, priors)

    def faults_of(self, entry: str, active: Sequence[str], main: _Attempt) -> list[Issue]:
        """Find what would be wrong if an inactive mitigation were active: alone, or together with the active ones."""
        home = f"mitigations.{entry}"
        plain = self.attempt((), strict=False) if active else main
        alone = self._new(self.attempt((entry,), strict=False), plain, home)
        if not alone or not active:
            return alone
        together = self._new(self.attempt((*active, entry), strict=False), main, home)
        return together and alone

    def _new(self, attempt: _Attempt, without: _Attempt, home: str) -> list[Issue]:
        """List the faults that come with a mitigation, each at a place within it."""
        known = set(without.faults.issues)
        found = []
        for issue in attempt.faults.issues:
            if issue in known:
                continue
            written = written_at(issue, attempt.origins)
            if not within(written.where, home) and not issue.file:
                written = replace(issue, where=home, found=f"With this mitigation, {issue.where}: {issue.found}")
            found.append(written)
        return found


def _if_possible(values: dict[str, Any], change: tuple[str, str]) -> tuple[str, ...]:
    try:
        return apply_changes(values, [change])
    except ScenarioError:
        return ()


def with_origins(lines: Mapping[str, int], origins: Mapping[str, str]) -> dict[str, int]:
    """Add to the lines of what is written those of what it stands for."""
    found = dict(lines)
    for there, written in origins.items():
        for key, line in lines.items():
            if within(key, written):
                found[joined(there, key[len(written) :].removeprefix("."))] = line
    return found
