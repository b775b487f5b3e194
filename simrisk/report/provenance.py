"""How a run was computed, and how to repeat it."""

from __future__ import annotations

import json

from simrisk.dataset import Results
from simrisk.report import words
from simrisk.report.figures import Table

METHODS = (
    ("quantiles", "order statistics of all trials; intervals with binomial ranks, exact for any distribution"),
    ("chances", "shares of all trials; intervals of Clopper and Pearson (1934), exact"),
    ("means", "over the trials that finished; normal intervals"),
    ("shares of the chain", "ratios of sums; intervals by the delta method"),
    ("band of the finish chart", "Dvoretzky, Kiefer and Wolfowitz with Massart's constant (1990), for the whole curve"),
)


def tables(run: Results) -> tuple[Table, ...]:
    """Settings and versions, and what the intervals are."""
    attrs = run.attrs
    lhs = attrs["sampling"] == "lhs"
    sampling = f"Latin hypercubes of {attrs['block']} trials" if lhs else "each trial on its own"
    rows = [
        ("trials", f"{run.sizes['trial']:,}"),
        ("seed", str(attrs["seed"])),
        ("sampling", sampling),
        ("engine", str(attrs["engine"])),
        ("scenario", f"{attrs['scenario']}.toml"),
        ("SHA-256 of the scenario", str(attrs["scenario_sha256"])),
    ]
    changes = [f"{key} = {value}" for key, value in json.loads(attrs["scenario_changes"])]
    rows += [("changed", "; ".join(changes))] if changes else []
    for name, said in (("switched_on", "switched on"), ("switched_off", "switched off")):
        rows += [(said, ", ".join(names))] if (names := json.loads(attrs[name])) else []
    rows += [("digest of the kernels", str(attrs["kernel_digest"]))] if attrs["kernel_digest"] else []
    rows += sorted(json.loads(attrs["versions"]).items())
    rows.append(("to repeat it, bit for bit", "simrisk run --again run.nc"))
    methods = list(METHODS)
    if lhs:
        methods.append(("with Latin hypercubes", "all of these from what varies between whole hypercubes"))
    note = (
        "An interval says how far a figure may be from that of infinitely many trials, 95 times in 100. "
        "It says nothing about whether the scenario is right."
    )
    return (
        Table("Settings and versions", ("", ""), tuple(rows), left=(0, 1)),
        Table("Where the figures and their intervals come from", ("", ""), tuple(methods), (note,), left=(0, 1)),
    )


def settings(run: Results) -> str:
    """The settings in a line."""
    attrs = run.attrs
    said = f"{words.count(run.sizes['trial'], 'trial')}, seed {attrs['seed']}"
    said += ", Latin hypercubes" if attrs["sampling"] == "lhs" else ""
    said += f", as of {attrs['status_date']}" if "status_date" in attrs else ""
    return f"{said}, simrisk {json.loads(attrs['versions'])['simrisk']}"
