"""Compare simrisk with published results of the resource-constrained project scheduling problem.

Not a test: it needs files that are not part of this project, see docs/validation.md. Run from the checkout:

    PYTHONPATH=tests python tests/validate_rcpsp.py FOLDER [--trials 10000]

FOLDER holds ``psplib/`` (j30.sm.zip, j60.sm.zip, j120.sm.zip) and ``srcpsp/`` (priority lists and exact results).
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from build import Distribution, equipment, exactly, scenario, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import FINISHED

UNIT = 2400  # minutes in a time unit of the instances: rounding to minutes is far below the sampling error


@dataclass(frozen=True)
class Instance:
    """An instance of PSPLIB; jobs are numbered from 1, the first and the last are dummies."""

    durations: list[int]
    demands: list[list[int]]
    successors: list[list[int]]
    capacities: list[int]
    critical_path: int  # as the file states it


def read_instance(text: str) -> Instance:
    """Read the .sm format."""
    lines = text.splitlines()

    def block(title: str, skip: int) -> list[list[int]]:
        first = next(i for i, line in enumerate(lines) if line.startswith(title)) + skip
        rows = []
        for line in lines[first:]:
            if not line.strip() or line.startswith("*"):
                break
            rows.append([int(word) for word in line.split()])
        return rows

    jobs = block("REQUESTS/DURATIONS", 3)
    return Instance(
        durations=[row[2] for row in jobs],
        demands=[row[3:] for row in jobs],
        successors=[row[3:] for row in block("PRECEDENCE", 2)],
        capacities=block("RESOURCEAVAILABILITIES", 2)[0],
        critical_path=block("pronr.", 1)[0][-1],
    )


def scenario_of(instance: Instance, order: list[int] | None, *, exponential: bool) -> Scenario:
    """Return the instance as a scenario of durations and equipment; without an order, of durations alone."""
    before: dict[int, list[str]] = {}
    for job, successors in enumerate(instance.successors, 1):
        for successor in successors:
            before.setdefault(successor, []).append(f"j{job}")
    tasks = []
    for job, length in enumerate(instance.durations, 1):
        duration = exactly(length * UNIT)
        if exponential and length:
            mean = float(length * UNIT)
            duration = Distribution("exponential", (mean,), mean)
        demand = {f"r{k}": units for k, units in enumerate(instance.demands[job - 1]) if units}
        tasks.append(
            task(
                f"j{job}",
                duration=duration,
                after=before.get(job, []),
                uses=demand if order else None,
                priority=order.index(job) if order else 100,
            )
        )
    stock = [equipment(f"r{k}", units) for k, units in enumerate(instance.capacities)] if order else []
    return scenario(tasks=tasks, equipment=stock, horizon=sum(instance.durations) * 40 * UNIT)


def read_archive(path: Path) -> dict[str, Instance]:
    """Read all instances of an archive."""
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.endswith(".sm"))
        return {Path(name).name: read_instance(archive.read(name).decode()) for name in names}


def check_critical_paths(folder: Path) -> None:
    """Print for each set how many of the critical-path lengths stated in the files are met, and their sum."""
    for name in ("j30", "j60", "j120"):
        met = total = 0
        instances = read_archive(folder / f"{name}.sm.zip")
        for instance in instances.values():
            plan = compile_plan(scenario_of(instance, None, exponential=False))
            minutes = int(engines.run_baseline(plan).end[0])
            met += minutes == instance.critical_path * UNIT
            total += instance.critical_path
        print(f"{name}: {met} of {len(instances)} critical paths met, sum {total}")


def check_makespans(folder: Path, archive: Path, trials: int) -> None:
    """Print the z-scores of the simulated against the exact expected makespans, and the deterministic ones met."""
    instances = read_archive(archive)
    orders = json.loads((folder / "j30_lists.json").read_text())["lists"]
    with (folder / "j30_exp_rb_lft_exact.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["exact_mean"]]
    scores, spreads, met = [], [], 0
    for number, row in enumerate(rows):
        instance, order = instances[row["instance"]], orders[row["instance"]]
        certain = compile_plan(scenario_of(instance, order, exponential=False))
        met += int(engines.run_baseline(certain).end[0]) == int(row["det_makespan_same_policy"]) * UNIT
        plan = compile_plan(scenario_of(instance, order, exponential=True))
        outcomes = engines.run(plan, trials=trials, seed=1000 + number)
        assert (outcomes.outcome == FINISHED).all()
        ends = outcomes.end / UNIT
        spread = float(row["exact_sd"] or ends.std())
        scores.append((ends.mean() - float(row["exact_mean"])) / (spread / math.sqrt(trials)))
        if row["exact_sd"]:
            spreads.append(ends.std() / spread)
    z = np.array(scores)
    print(f"deterministic makespans of the same policy: {met} of {len(rows)} met")
    print(f"expected makespans: {len(z)} z-scores, mean {z.mean():+.3f} (error {1 / math.sqrt(len(z)):.3f}),")
    print(f"  sd {z.std(ddof=1):.3f} (error {1 / math.sqrt(2 * len(z)):.3f}), largest {np.abs(z).max():.2f}")
    print(f"standard deviations: mean ratio to the exact ones {np.mean(spreads):.4f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--trials", type=int, default=10_000)
    options = parser.parse_args()
    check_makespans(options.folder / "srcpsp", options.folder / "psplib" / "j30.sm.zip", options.trials)
    check_critical_paths(options.folder / "psplib")


if __name__ == "__main__":
    main()
