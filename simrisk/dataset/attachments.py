"""Files of samples that a scenario reads: they are kept with the results, and come out to repeat a run."""

from __future__ import annotations

import contextlib
import json
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from simrisk.scenario.model import Scenario
from simrisk.scenario.source import parse_value

if TYPE_CHECKING:
    from simrisk.dataset.run import Results

KEY = "samples"


def sample_files(scenario: Scenario) -> dict[str, str]:
    """Texts of the files of samples, by their names in the scenario; those with a machine's full path stay out."""
    found = {}
    for name in sample_names(scenario.text, scenario.changes):
        with contextlib.suppress(OSError, ValueError):  # loading has complained of what is needed
            found[name] = Path(scenario.path).parent.joinpath(name).read_bytes().decode("utf-8-sig")
    return found


def sample_names(text: str, changes: Sequence[tuple[str, str]] = ()) -> list[str]:
    """Names of the files of samples that a scenario speaks of, in order; those with a machine's full path stay out."""
    try:
        values = tomllib.loads(text)
    except ValueError:  # loading says what is wrong with it
        return []
    changed = [{key: parse_value(value)} for key, value in changes]
    named = {name for table in (values, *changed) for name in _named(table)}
    return sorted(name for name in named if not Path(name).is_absolute())


def _named(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, str) and key.rpartition(".")[2] == KEY:
                yield inner
            yield from _named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner)


@contextlib.contextmanager
def unpacked(samples: Mapping[str, str]) -> Iterator[Path]:
    """A folder from which a scenario finds its files of samples; it is there until the block ends."""
    if not samples:
        yield Path()
        return
    climbs = max(PurePath(name).parts.count("..") for name in samples)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place, *("in" for _ in range(climbs)))
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in samples.items():
            target = (folder / name).resolve()
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
        yield folder


def restored(run: Results) -> contextlib.AbstractContextManager[Scenario]:
    """The scenario of a run, from the text it carries; its files of samples are there until the block ends.

    Raises
    ------
    ScenarioError
        This version of simrisk does not read the text any more.
    """
    return restored_from(run.attrs)


@contextlib.contextmanager
def restored_from(attrs: Mapping[str, str]) -> Iterator[Scenario]:
    """The same from what a run's attributes say of its scenario."""
    from simrisk.scenario.load import loads

    name = f"{attrs['scenario']}.toml"
    with unpacked(json.loads(attrs["samples"])) as folder:
        yield loads(
            attrs["scenario_text"],
            path=folder / name,
            changes=tuple((key, value) for key, value in json.loads(attrs["scenario_changes"])),
            with_=json.loads(attrs["switched_on"]),
            without=json.loads(attrs["switched_off"]),
        )
