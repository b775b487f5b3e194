"""The agreed baseline of a plan: a small JSON file with its figures, their errors, and the plan itself to be run again.

The figures are for people and for the diff in a review. What a plan is compared with is the old plan, run again on the
same dice as the new one: only so is a change of half a day seen in figures that are known to a few days.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from simrisk.dataset import Results, write_text
from simrisk.errors import Issue, ResultsError
from simrisk.measures import measure
from simrisk.measures.blocks import normal
from simrisk.simulation import MOST_SEED

SCHEMA = 1
DIGITS = 6
KEPT = ("scenario", "title", "seed", "engine", "sampling", "kernel_digest", "scenario_sha256")
PLAN = {"text": "scenario_text", "changes": "scenario_changes", "with": "switched_on", "without": "switched_off"}
PLAIN = ("scenario_text",)  # the others are JSON in a run's attributes


@dataclass(frozen=True)
class Figure:
    """A stored figure: its value and standard error, None where there is none."""

    value: float | None
    error: float | None


@dataclass(frozen=True)
class Agreed:
    """A baseline as it was read.

    Parameters
    ----------
    file : str
    scenario, title : str
    seed, trials : int
    sampling : str
    digest : str
        Of the scenario's text.
    versions : dict
        Of simrisk and its libraries.
    kernel_digest : str
    attrs : dict
        What a run's attributes say of its scenario: text, changes, switches, samples.
    figures : dict
        By name of the metric.
    """

    file: str
    scenario: str
    title: str
    seed: int
    trials: int
    sampling: str
    digest: str
    versions: dict[str, str]
    kernel_digest: str
    attrs: dict[str, Any]
    figures: dict[str, Figure]


def baseline_file(scenario: str) -> Path:
    """Where the baseline of a scenario lies unless it is said where."""
    return Path("results") / "baselines" / f"{scenario}.json"


def place_of(scenario_file: str, baseline: Path) -> str:
    """Where a scenario lies as seen from its baseline's folder; empty unless both lie below the current folder."""
    here = Path.cwd().resolve()
    plan, folder = Path(scenario_file).resolve(), baseline.resolve().parent
    if not plan.is_relative_to(here) or not folder.is_relative_to(here):
        return ""
    return Path(os.path.relpath(plan, folder)).as_posix()


def render(run: Results, metrics: Iterable[str], place: str = "") -> str:
    """A run as the text of a baseline: the same run gives the same text, one metric a line.

    Parameters
    ----------
    place : str
        Of the scenario, see `place_of`.
    """
    attrs = run.attrs
    head: dict[str, Any] = {"schema": SCHEMA, **{name: attrs[name] for name in KEPT}}
    head |= {"file": place} if place else {}
    head |= {"trials": run.sizes["trial"], "versions": json.loads(attrs["versions"])}
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    figures = ",\n".join(f"  {_json(name)}: {_json(_figure(run, name))}" for name in dict.fromkeys(metrics))
    lines.append(f' "metrics": {{\n{figures}\n }}')
    plan = {key: attrs[name] if name in PLAIN else json.loads(attrs[name]) for key, name in PLAN.items()}
    plan["samples"] = json.loads(attrs["samples"])
    lines.append(f' "plan": {_json(plan)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _figure(run: Results, name: str) -> dict[str, float | None]:
    found = measure(run, name)
    half = found.half_width
    error = round(half / normal(), DIGITS) if math.isfinite(half) else None
    return {"value": None if found.value is None else round(found.value, DIGITS), "error": error}


def save(run: Results, metrics: Iterable[str], file: Path, scenario_file: str = "") -> None:
    """Write a baseline, whole or not at all; with the place of the scenario, where that is known.

    Raises
    ------
    ResultsError
        ``results-unwritable``
    """
    write_text(file, render(run, metrics, place_of(scenario_file, file) if scenario_file else ""))


def read(file: Path, scenario: str, scenario_file: str = "") -> Agreed | None:
    """Read the baseline of a scenario; None when there is no such file.

    Plans of one name in two folders have the same place for their baseline, unless it is said where. Which of them it
    is of counts as long as both are there; of a plan that was moved the other one is gone.

    Parameters
    ----------
    scenario : str
        Its id.
    scenario_file : str, optional
        Where it lies.

    Raises
    ------
    ResultsError
        ``baseline-damaged``, ``baseline-newer``, ``baseline-of-another``: what is wrong, and what to do.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise _refuse("baseline-damaged", file, f"It cannot be read: {_reason(error)}.") from None
    try:
        values = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _refuse("baseline-damaged", file, f"This is no JSON: {error}.") from None
    schema = values.get("schema") if isinstance(values, dict) else None
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        found = f"It was written by a newer simrisk (schema {schema}; this one reads {SCHEMA}). Update simrisk."
        raise _refuse("baseline-newer", file, found)
    try:
        agreed = _agreed(str(file), values)
    except _WrongError as wrong:
        raise _refuse("baseline-damaged", file, f"{wrong}") from None
    if agreed.scenario != scenario:
        found = f"It is the baseline of '{agreed.scenario}', not of '{scenario}'. Name the right one with --baseline."
        raise _refuse("baseline-of-another", file, found)
    other = values.get("file")
    if scenario_file and isinstance(other, str) and other and _is_another(file.parent / other, Path(scenario_file)):
        found = f"It is the baseline of '{_shown(file.parent / other)}', and '{scenario_file}' has the same name. "
        raise _refuse("baseline-of-another", file, found + "Give each its own with --baseline, or rename one of them.")
    return agreed


def _is_another(recorded: Path, scenario: Path) -> bool:
    """Whether a baseline is of another plan that is still there."""
    try:
        return recorded.is_file() and not recorded.samefile(scenario)
    except (OSError, ValueError):  # a name with a zero byte, for one
        return False


def _shown(path: Path) -> str:
    """A path as seen from the current folder, where it lies below it."""
    found, here = path.resolve(), Path.cwd().resolve()
    return (found.relative_to(here) if found.is_relative_to(here) else found).as_posix()


class _WrongError(Exception):
    """What is wrong in a baseline, in words."""


def _agreed(file: str, values: Any) -> Agreed:
    if not isinstance(values, dict):
        raise _WrongError("It holds no table of names and values.")
    if values.get("schema") != SCHEMA or isinstance(values["schema"], bool):
        raise _WrongError(f"'schema' must be {SCHEMA}; got {values.get('schema')!r}.")
    text = {name: _of(values, name, str) for name in KEPT if name != "seed"}
    seed, trials = (_of(values, name, int) for name in ("seed", "trials"))
    if trials < 1:
        raise _WrongError(f"'trials' must be at least 1; got {trials}.")
    if not 0 <= seed <= MOST_SEED:
        raise _WrongError(f"'seed' must be from 0 to {MOST_SEED}; got {seed}.")
    if "file" in values:
        _of(values, "file", str)
    plan = _of(values, "plan", dict)
    attrs = {name: _of(plan, key, str if name in PLAIN else list) for key, name in PLAN.items()}
    attrs = {name: value if name in PLAIN else json.dumps(value) for name, value in attrs.items()}
    attrs |= {"samples": json.dumps(_of(plan, "samples", dict)), "scenario": text["scenario"]}
    figures = {name: _read_figure(name, entry) for name, entry in _of(values, "metrics", dict).items()}
    return Agreed(
        file,
        text["scenario"],
        text["title"],
        seed,
        trials,
        text["sampling"],
        text["scenario_sha256"],
        {str(key): str(value) for key, value in _of(values, "versions", dict).items()},
        text["kernel_digest"],
        attrs,
        figures,
    )


def _of(table: dict[str, Any], name: str, kind: type) -> Any:
    value = table.get(name)
    if not isinstance(value, kind) or isinstance(value, bool):
        shown = "nothing" if value is None else repr(value)[:40]
        raise _WrongError(f"'{name}' must be {_KINDS[kind]}; got {shown}.")
    return value


_KINDS: dict[type, str] = {str: "a text", int: "a whole number", dict: "a table", list: "a list"}


def _read_figure(name: str, entry: Any) -> Figure:
    if not isinstance(entry, dict) or set(entry) != {"value", "error"}:
        raise _WrongError(f"metrics.{name} must have a 'value' and an 'error'.")
    for key, number in entry.items():
        if number is not None and (isinstance(number, bool) or not isinstance(number, int | float)):
            raise _WrongError(f"metrics.{name}.{key} must be a number or null; got {number!r}.")
        if number is not None and not math.isfinite(number):
            raise _WrongError(f"metrics.{name}.{key} is too large.")
    if entry["error"] is not None and entry["error"] < 0:
        raise _WrongError(f"metrics.{name}.error must not be negative; got {entry['error']}.")
    return Figure(entry["value"], entry["error"])


def _no_number(text: str) -> float:
    raise ValueError(f"{text} is no number")


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or "it is not UTF-8 text"


def _refuse(slug: str, file: Path, found: str) -> ResultsError:
    advice = "" if slug != "baseline-damaged" else " Restore it, or delete it and accept a new one with --update."
    return ResultsError(Issue(slug, "error", str(file), 0, "", found + advice))
