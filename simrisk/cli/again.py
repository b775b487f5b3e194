"""`simrisk run --again FILE`: whether a stored scenario still gives the stored numbers, bit for bit."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

import click
import numpy as np

from simrisk.cli.console import Console

if TYPE_CHECKING:
    import xarray as xr

    from simrisk.dataset import Results, Run
    from simrisk.engines import Engine
    from simrisk.models.sampling import Sampling

SAME, DIFFERENT = 0, 3


def repeat(console: Console, file: str, *, engine: Engine | None, threads: int | None) -> int:
    """Run what is stored in `file` again, say how the two compare, and return the exit code."""
    from simrisk.cli.run import begin, roll
    from simrisk.dataset import read, restored

    with console.stage("read"):
        stored = read(file)
    used = engine or cast("Engine", stored.attrs["engine"])
    with restored(stored) as scenario:
        experiment = begin(
            console,
            scenario,
            seed=stored.attrs["seed"],
            engine=used,
            threads=threads,
            sampling=cast("Sampling", stored.attrs["sampling"]),
        )
    trials = stored.sizes["trial"]
    roll(console, experiment, trials)
    fresh = experiment.run()
    if "until" in stored.attrs:  # it only says why there are so many trials
        fresh.attrs["until"] = stored.attrs["until"]
    lines = differing_values(stored, fresh)
    notes = differing_settings(stored, fresh)
    if lines:
        click.echo(f"{file}: not the same.")
    else:
        kept = "the same, bit for bit" if not notes else "the same numbers, bit for bit"
        click.echo(f"{file}: {kept}: {len(stored.variables)} variables of {trials:,} trials.")
    for line in [*lines, *notes]:
        click.echo(f"  {line}")
    return DIFFERENT if lines else SAME


def differing_values(stored: xr.Dataset, fresh: Run) -> list[str]:
    """One line for each variable whose values differ."""
    lines = []
    for name in sorted(map(str, {*stored.variables, *fresh.variables})):
        if name not in stored.variables or name not in fresh.variables:
            lines.append(f"{name} is only in {'the file' if name in stored.variables else 'the new run'}")
            continue
        old, new = stored.variables[name], fresh.variables[name]
        if old.shape != new.shape:
            lines.append(f"{name}: its shape was {old.shape} and is {new.shape}")
        elif n := int((~_same(old.values, new.values)).sum()):
            lines.append(f"{name}: {n:,} of {old.size:,} values differ")
    return lines


def _same(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Where values are equal; what is not a number is equal to its like."""
    equal: np.ndarray = np.asarray(old == new)
    if old.dtype.kind == "f" and new.dtype.kind == "f":
        equal = equal | (np.isnan(old) & np.isnan(new))
    return equal


def differing_settings(stored: xr.Dataset, fresh: Run) -> list[str]:
    """One line for each attribute that differs: engine, versions, digest of the kernels."""
    lines = []
    old, new = _flat(stored), _flat(fresh)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            lines.append(f"{name} was {old.get(name) or 'none'}, is {new.get(name) or 'none'}")
    return lines


def _flat(run: Results) -> dict[str, object]:
    """Attributes, each library's version on its own, the long ones left to their digest."""
    attrs = {str(name): value for name, value in run.attrs.items() if name not in ("versions", "scenario_text")}
    return {**attrs, **json.loads(run.attrs["versions"])}
