"""Applies ``--set KEY=VALUE`` and named priors to the values of a file before they are checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.faults import SET_OPTION, Faults, did_you_mean, refuse
from simrisk.scenario.model import Prior
from simrisk.scenario.positions import Path, dotted
from simrisk.scenario.source import parse_value
from simrisk.scenario.units import shown

_STEP = re.compile(r"""([A-Za-z0-9_-]+)|"([^"\\]*)"|'([^']*)'|\[([0-9]{1,6})\]""")
# a new key here would be a new person, not a change to one
_NAMED = {
    "people": "a person",
    "pools": "a pool",
    "equipment": "equipment",
    "tasks": "a task",
    "gates": "a gate",
    "risks": "a risk",
    "mitigations": "a mitigation",
}


def apply_changes(values: dict[str, Any], changes: Sequence[tuple[str, str]]) -> tuple[str, ...]:
    """Change `values` in place.

    Parameters
    ----------
    values : dict
        The file, as tomllib gives it.
    changes : sequence of (key, value)
        Dotted key as messages write it (``people.APEX.focus``, ``tasks.build.after[0]``), value as TOML or a bare text.

    Returns
    -------
    tuple of str
        Dotted paths that were changed.

    Raises
    ------
    ScenarioError
        bad-set: all changes that cannot be made.
    """
    issues: list[Issue] = []
    changed = []
    for key, text in changes:
        path = path_of(key)
        problem = (
            set_value(values, path, parse_value(text))
            if path
            else f"'{key}' is no key; write it as in tasks.build.priority."
        )
        if problem:
            issues.extend(refuse("bad-set", SET_OPTION, f"{key}={text}: {problem}").issues)
        else:
            changed.append(dotted(path))
    if issues:
        raise ScenarioError(*issues)
    return tuple(changed)


def path_of(key: str) -> Path:
    """Split a dotted key; empty when it is none."""
    path: list[str | int] = []
    at, text = 0, key.strip()
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return ()
        bare, basic, literal, number = match.groups()
        path.append(int(number) if number else next(word for word in (bare, basic, literal) if word is not None))
        at = match.end()
        if at == len(text):
            return tuple(path) if isinstance(path[0], str) else ()
        if text[at] == ".":
            at += 1
        elif text[at] != "[":
            return ()
    return ()


def set_value(values: dict[str, Any], path: Path, value: object) -> str:
    """Set one value; return what stands in the way, or an empty text."""
    place: Any = values
    for depth, step in enumerate(path):
        last = depth == len(path) - 1
        where = dotted(path[:depth])
        if isinstance(step, int):
            if not isinstance(place, list):
                return f"{where} is {shown(place)}, not a list."
            if step >= len(place):
                return f"{where} has {len(place)} entries; [{step}] would be number {step + 1}."
        elif not isinstance(place, dict):
            return f"{where} is {shown(place)}, not a table."
        elif step not in place and not last:
            if depth == 1 and path[0] in _NAMED:
                return f"'{step}' is not {_NAMED[str(path[0])]} in this scenario.{did_you_mean(step, place)}"
            place[step] = {}
        if last:
            place[step] = value
        else:
            place = place[step]
    return ""


def apply_priors(values: dict[str, Any], faults: Faults) -> tuple[Prior, ...]:
    """Put the documented defaults in the place of ``{ prior = "name" }``, in `values` itself.

    Returns
    -------
    tuple of Prior
        Which stand where, in the order of the file.
    """
    found: list[Prior] = []
    for holder, key, field, where in _prior_places(values, faults):
        table = holder[key]
        if not (isinstance(table, dict) and "prior" in table):
            continue
        prior = _prior(table, field, where, faults)
        if prior is None and field == "attrition":
            holder[key] = 0  # a departure cannot do without it
        elif prior is None:
            del holder[key]
        else:
            holder[key], used = prior
            found.append(used)
    return tuple(found)


def _prior_places(values: dict[str, Any], faults: Faults) -> list[tuple[dict[str, Any], str, str, str]]:
    """List where a prior may stand: the table that holds it, its key there, the kind of prior, the dotted path."""
    places: list[tuple[dict[str, Any], str, str, str]] = []

    def look(holder: object, key: str, field: str, *path: str) -> None:
        if isinstance(holder, dict) and key in holder:
            places.append((holder, key, field, dotted((*path, key))))

    def look_absence(holder: object, *path: str) -> None:
        kinds = holder.get("absence") if isinstance(holder, dict) else None
        if not isinstance(kinds, dict):
            return
        if isinstance(kinds.get("prior"), str):
            found = f"A prior stands for one kind of absence: absence.sick = {{ prior = {shown(kinds.pop('prior'))} }}."
            faults.add("unknown-prior", dotted((*path, "absence", "prior")), found)
        for kind in kinds:
            look(kinds, kind, "absence", *path, "absence")

    look(values.get("defaults"), "spread", "spread", "defaults")
    look(values.get("defaults"), "common", "common", "defaults")
    look_absence(values)
    pools = values.get("pools")
    for pool, table in pools.items() if isinstance(pools, dict) else ():
        look(table, "onboarding", "ramp", "pools", pool)
    people = values.get("people")
    for person, table in people.items() if isinstance(people, dict) else ():
        look_absence(table, "people", person)
        look(table, "pto_days", "leave", "people", person)
        look(table, "onboarding", "ramp", "people", person)
        departure = table.get("departure") if isinstance(table, dict) else None
        look(departure, "per_year", "attrition", "people", person, "departure")
        look(departure, "replace", "hiring", "people", person, "departure")
    return places


def _prior(table: dict[str, Any], field: str, where: str, faults: Faults) -> tuple[object, Prior] | None:
    """Look one prior up; None, and a fault, when there is no such prior."""
    from simrisk.scenario.priors import PRIORS  # texts that few files need

    name, known = table["prior"], PRIORS.get(field, {})
    others = sorted(set(table) - {"prior"})
    if others:
        faults.add(
            "unknown-key", f"{where}.{others[0]}", "A named prior stands alone; write its values out to change one."
        )
        return None
    if not isinstance(name, str) or name not in known:
        hint = did_you_mean(name, known) if isinstance(name, str) else ""
        faults.add(
            "unknown-prior",
            f"{where}.prior",
            f"{shown(name)} is not a prior for this; there are {', '.join(sorted(known))}.{hint}",
        )
        return None
    entry = known[name]
    return entry.value, Prior(where, name, entry.source)
