"""What a report says of sensitivity: which tasks drive the date, where paths join, what each milestone needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from simrisk.measures import merge
from simrisk.measures.merge import Join
from simrisk.report import words
from simrisk.report.columns import shortened
from simrisk.report.figures import INTERVAL, Figures, Table, with_intervals

MOST = 5  # rows of a ranking
SHOWN = 8  # milestones on a terminal
LEVELS = ("p50", "p80", "p90")
NAME = 30  # letters of a name in a cell


def drivers(figures: Figures) -> Table | None:
    """The tasks whose durations the finish depends on most, by their schedule sensitivity index."""
    labels = [str(task) for task in figures.run["task"].values]
    index = np.array([figures.measure(f"task.{task}.ssi").value or 0.0 for task in labels])
    names = figures.named("task", "name")
    rows = [
        (
            names[i],
            *figures.both(f"task.{labels[i]}.ssi"),
            *figures.both(f"task.{labels[i]}.cruciality"),
            *figures.both(f"task.{labels[i]}.criticality"),
        )
        for i in np.argsort(-index, kind="stable")[:MOST]
        if index[i] > 0
    ]
    headers = with_intervals("SSI", "cruciality", "on the chain")
    notes = (
        "SSI, the schedule sensitivity index: how often a task is on the chain, times the spread of its duration over "
        "that of the finish. Cruciality: correlation of its duration with the finish.",
    )
    return Table("Tasks that drive the date", headers, tuple(rows), notes, spare=(6,)) if rows else None


def joins(figures: Figures) -> Table | None:
    """Where paths join and the last of them is much later than each is on average."""
    run = figures.run
    tasks = dict(zip(run["task"].values.tolist(), figures.named("task", "name"), strict=True))
    places = [(f"task.{task}", tasks[task], merge.paths_to_task(run, task)) for task in merge.joining_tasks(run)]
    gates = dict(zip(run["gate"].values.tolist(), figures.named("gate", "name"), strict=True))
    places += [
        (f"gate.{gate}", f"gate {gates[gate]}", merge.paths_to_gate(run, gate)) for gate in merge.joining_gates(run)
    ]
    bias = np.array([figures.measure(f"{place}.merge_bias").value or 0.0 for place, _, _ in places])
    rows = []
    for i in np.argsort(-bias, kind="stable")[:MOST]:
        place, name, paths = places[i]
        if bias[i] > 0:
            found = figures.both(f"{place}.merge_bias")
            rows.append((name, str(len(paths)), *found, *_latest(merge.join_of(run, paths))))
    headers = ("", "paths", "days", INTERVAL, "last most often", INTERVAL)
    notes = (
        "Merge bias: so many working days later comes the last of the paths than the one that is latest on average.",
    )
    return Table("Where paths join", headers, tuple(rows), notes, spare=(5,)) if rows else None


def _latest(join: Join) -> tuple[str, str]:
    """The path that most often is the last one, and how often; the interval of that."""
    place = int(np.argmax(join.last.value))
    share, low, high = (float(ends[place]) for ends in join.last)
    between = words.NOTHING if np.isnan(low) else words.between(words.percent(low), words.percent(high))
    return f"{shortened(join.paths[place].task, NAME)}, {words.percent(share)}", between


def contingencies(figures: Figures) -> Table | None:
    """What the project, each milestone and each gate need on top of the plan without dice."""
    run = figures.run
    named = {
        kind: dict(zip(run[kind].values.tolist(), figures.named(kind, "name"), strict=True))
        for kind in ("task", "gate")
    }
    kinds: Sequence[tuple[Literal["task", "gate"], list[str]]] = (
        ("task", run["task"].values[run["task_milestone"].values].tolist()),
        ("gate", run["gate"].values.tolist()),
    )
    rows = [
        (
            f"{'gate ' * (kind == 'gate')}{named[kind][label]}",
            *_levels(figures, f"{kind}.{label}.contingency", _planned(figures, kind, label)),
        )
        for kind, labels in kinds
        for label in labels
    ]
    if not rows:
        return None
    whole = ("project", *_levels(figures, "contingency.time", run["baseline_finish"].item()))
    headers = ("", "without dice", *with_intervals("P50", "P80", "P90")[1:])
    notes = ("Working days that each level is later than the plan without dice.",)
    return Table("Contingency by milestone", headers, (whole, *rows), notes, SHOWN, spare=(3, 7))


def _planned(figures: Figures, kind: Literal["task", "gate"], label: str) -> float:
    minute = float(figures.run[f"baseline_{kind}_finish"].sel(**{kind: label}))
    return minute if minute >= 0 else np.inf


def _levels(figures: Figures, name: str, planned: float) -> tuple[str, ...]:
    """The planned date, and by how much each level is later, with its interval."""
    levels = (cell for level in LEVELS for cell in figures.both(f"{name}.{level}"))
    date = str(figures.dates.finish_date(planned)) if np.isfinite(planned) else words.NOTHING
    return date, *levels
