"""What can be compared: a scenario file, a stored run, or a scenario as it stands in a git revision."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from simrisk import revisions
from simrisk.dataset import read, restored, sample_files, unpacked
from simrisk.dataset.attachments import sample_names
from simrisk.dataset.files import SIGNATURE
from simrisk.errors import Issue, ScenarioError, SourceError
from simrisk.scenario.load import Changes, load, loads
from simrisk.scenario.model import Scenario

if TYPE_CHECKING:
    import xarray as xr

RUN_FILE = "run.nc"


@dataclass(frozen=True)
class Source:
    """One side of a comparison.

    Parameters
    ----------
    label : str
        As the user named it: ``scenarios/phase3.toml``, ``main:scenarios/phase3.toml``, ``results/phase3``.
    kind : "file", "revision" or "run"
    scenario : Scenario
        Of a run the one it was made of.
    run : xarray.Dataset, optional
        The stored run; None when there is only a plan, which is still to be simulated.
    samples : mapping
        Texts of the files of samples, by their names in the scenario.
    commit : str
        Full hash of the commit, of a revision; else, and of what is staged, empty.
    """

    label: str
    kind: Literal["file", "revision", "run"]
    scenario: Scenario
    run: xr.Dataset | None = field(default=None, compare=False)
    samples: Mapping[str, str] = field(default_factory=dict)
    commit: str = ""


@contextlib.contextmanager
def opened(
    name: str, *, changes: Changes = (), with_: Sequence[str] = (), without: Sequence[str] = ()
) -> Iterator[Source]:
    """Find what `name` stands for; its files of samples can be read until the block ends.

    Parameters
    ----------
    name : str
        A scenario file, a results folder or its run.nc, or ``REVISION:path/to/plan.toml``, the path as seen from the
        current folder or else from the top of the repository; without a revision, ``:path/to/plan.toml``, what is
        staged for the next commit. What exists as a file is never read as a revision.
    changes, with_, without
        As of `simrisk.scenario.load.load`; a stored run cannot be changed.

    Raises
    ------
    ScenarioError
        A scenario that cannot be simulated.
    ResultsError
        A run that cannot be read.
    SourceError
        ``not-a-source``, ``run-is-stored``, and what `simrisk.revisions.fetch` raises.
    """
    place = Path(name)
    revision = None if os.path.lexists(name) else revisions.split(name)
    if revision is not None:
        with _of_revision(name, *revision, changes=changes, with_=with_, without=without) as source:
            yield source
    elif _is_run(place):
        if changes or with_ or without:
            found = "This run is stored; --set, --with and --without cannot change it. Name its scenario file."
            raise SourceError(Issue("run-is-stored", "error", name, 0, "", found))
        with _of_run(name, place / RUN_FILE if place.is_dir() else place) as source:
            yield source
    else:
        if place.is_dir():
            raise SourceError(Issue("not-a-source", "error", name, 0, "", _no_run_in(place)))
        scenario = load(name, changes=changes, with_=with_, without=without)
        yield Source(name, "file", scenario, samples=sample_files(scenario))


def _is_run(place: Path) -> bool:
    if place.is_dir():
        return (place / RUN_FILE).exists()
    try:
        with place.open("rb") as file:
            return place.suffix == ".nc" or file.read(len(SIGNATURE)) == SIGNATURE
    except (OSError, ValueError):  # whoever reads it says what is wrong with it
        return place.suffix == ".nc"


def _no_run_in(folder: Path) -> str:
    try:
        plans = sorted(other.name for other in folder.glob("*.toml"))
    except OSError:
        plans = []
    there = f" Scenarios in it: {', '.join(plans[:8])}." if plans else ""
    return f"This is a folder without {RUN_FILE}. Name a results folder, a run.nc or a scenario file.{there}"


@contextlib.contextmanager
def _of_run(name: str, file: Path) -> Iterator[Source]:
    run = read(file)
    with contextlib.ExitStack() as stack:
        try:
            scenario = stack.enter_context(restored(run))
        except ScenarioError as error:  # of a text that lies in the file
            raise ScenarioError(*(replace(issue, file=name) for issue in error.issues)) from None
        yield Source(name, "run", scenario, run, json.loads(run.attrs["samples"]))


@contextlib.contextmanager
def _of_revision(
    name: str, revision: str, path: str, *, changes: Changes, with_: Sequence[str], without: Sequence[str]
) -> Iterator[Source]:
    file = revisions.fetch(revision, path, name)
    text = file.text()
    samples = {sample: file.beside(sample) for sample in sample_names(text, changes)}
    found = {sample: rows for sample, rows in samples.items() if rows is not None}
    with unpacked(found) as folder:
        # without samples nothing is read beside it, and messages can name it as the user does
        place = str(folder / Path(file.path).name) if found else name
        try:
            scenario = loads(text, place, changes=changes, with_=with_, without=without)
        except ScenarioError as error:
            if place == name:
                raise
            raise ScenarioError(*(_renamed(issue, str(folder), place, name) for issue in error.issues)) from None
        yield Source(name, "revision", scenario, samples=found, commit=file.commit)


def _renamed(issue: Issue, folder: str, place: str, name: str) -> Issue:
    """The issue with the name that the user knows, and without that of a temporary folder."""
    inside = folder + os.sep
    file = name if issue.file == place else issue.file.removeprefix(inside)
    return replace(issue, file=file, found=issue.found.replace(inside, ""))
