"""Loads a scenario: TOML text -> Scenario, with every fault of the file reported at once, each with its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from simrisk.errors import ScenarioError
from simrisk.scenario.changes import apply_changes, apply_priors
from simrisk.scenario.faults import Faults
from simrisk.scenario.model import Scenario
from simrisk.scenario.positions import positions
from simrisk.scenario.source import parse, read_text


def load(path: str | Path, *, changes: Sequence[tuple[str, str]] = ()) -> Scenario:
    """Load a scenario file.

    Parameters
    ----------
    path : str or Path
        A TOML file in UTF-8.
    changes : sequence of (key, value), optional
        What ``--set KEY=VALUE`` changes: dotted keys of the file; values as in the file, texts also without quotes.

    Raises
    ------
    ScenarioError
        With every fault as an `Issue`; the slugs are listed in docs/scenario.md.
    """
    return loads(read_text(path), str(path), changes=changes)


def loads(text: str, path: str | Path = "scenario.toml", changes: Sequence[tuple[str, str]] = ()) -> Scenario:
    """Load a scenario from the text of a file; `path` names it in messages. Otherwise as `load`."""
    from simrisk.scenario.build import Builder  # brings pydantic, which only loading needs

    name = str(path)
    values = parse(text, name)
    changed = apply_changes(values, changes)
    faults = Faults()
    priors = apply_priors(values, faults)
    scenario = Builder(values, text, name, faults).build()
    lines = positions(text)
    if faults or scenario is None:
        raise ScenarioError(*faults.located(name, lines, changed))
    return replace(scenario, priors=priors, changes=tuple(changes), lines=lines)
