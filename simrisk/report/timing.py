"""The numbers behind the charts of tasks, gates, finished work and people, as tables."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from simrisk.measures.absence import CLASSES, Cell, absences
from simrisk.measures.burnup import burnup, dates
from simrisk.measures.estimates import Estimate
from simrisk.measures.figure import figure_of
from simrisk.measures.moments import tenths
from simrisk.measures.occupation import USES, ranked
from simrisk.measures.schedule import Kind, activities, gates_in_order
from simrisk.report import words
from simrisk.report.figures import Figures, Table, with_intervals

PASSING = ("review.p50", "finish.p10", "finish.p50", "finish.p80")  # figures of a gate
MOST_TASKS, MOST_PEOPLE, MOST_DATES = 60, 15, 12


def tasks(figures: Figures) -> Table | None:
    """When tasks start and finish, and gates are passed."""
    rows, left_out = activities(figures.run, MOST_TASKS)
    names = {
        dim: dict(zip(figures.run[dim].values, figures.named(dim, "name"), strict=True)) for dim in ("task", "gate")
    }
    cells = []
    for row in rows:
        dim = "gate" if row.kind == "gate" else "task"
        start = f"gate.{row.id}.review" if dim == "gate" else f"task.{row.id}.start"
        finish = f"{dim}.{row.id}.finish"
        planned = words.NOTHING if row.finish < 0 else str(figures.dates.finish_date(row.finish))
        cells.append(
            (
                names[dim][row.id],
                planned,
                *_starts(figures, start, row.kind),
                *figures.both(f"{finish}.p50"),
                *figures.both(f"{finish}.p90"),
            )
        )
    headers = ("", "planned", *with_intervals("starts P10", "P50", "finishes P50", "P90")[1:])
    notes = ["Planned: finish in the plan without dice. A gate starts with its first review."]
    if left_out:
        notes.append(f"{words.count(left_out, 'task')} less often critical left out.")
    return Table("When tasks are likely to run", headers, tuple(cells), tuple(notes)) if cells else None


def _starts(figures: Figures, name: str, kind: Kind) -> tuple[str, ...]:
    """P10 and P50 of a start; a milestone has an end alone: as a start its minute is the next morning."""
    if kind == "milestone":
        return (words.NOTHING,) * 4
    return (*figures.both(f"{name}.p10"), *figures.both(f"{name}.p50"))


def gates(figures: Figures) -> Table | None:
    """When gates are reviewed and passed."""
    run, rows = figures.run, []
    names = dict(zip(run["gate"].values, figures.named("gate", "name"), strict=True))
    planned = dict(zip(run["gate"].values, run["baseline_gate_finish"].values, strict=True))
    for gate in gates_in_order(run):
        rows.append(
            (
                names[gate],
                words.NOTHING if planned[gate] < 0 else str(figures.dates.finish_date(float(planned[gate]))),
                *(cell for figure in PASSING for cell in figures.both(f"gate.{gate}.{figure}")),
            )
        )
    headers = ("", "planned", *with_intervals("reviewed P50", "passed P10", "passed P50", "passed P80")[1:])
    return Table("When gates are passed", headers, tuple(rows)) if rows else None


def finished_work(figures: Figures) -> Table | None:
    """Which share of the work is finished by some dates."""
    run = figures.run
    found = burnup(run, dates(run, MOST_DATES))
    rows = []
    for place, minute in list(enumerate(found.minutes))[1:]:  # at the first nothing has been done
        levels = [_share(found.level(place, p)) for p in (tenths(1), Fraction(1, 2), tenths(9))]
        planned = words.percent(float(found.plan[place]))
        rows.append(
            (str(figures.dates.finish_date(float(minute))), planned, *(cell for level in levels for cell in level))
        )
    interval = "95 % interval"
    headers = ("by", "without dice", "P10", interval, "P50", interval, "P90", interval)
    notes = ("Share of the effort of all tasks that are not dropped; a task counts when it is finished.",)
    return Table("Work finished", headers, tuple(rows), notes)


def occupations(figures: Figures) -> Table | None:
    """What people's time goes into."""
    everybody = ranked(figures.run)
    roles = {
        dim: dict(zip(figures.run[dim].values, figures.named(dim, "role"), strict=True)) for dim in ("person", "pool")
    }
    rows = [
        (
            roles[one.kind][one.label],
            *(
                cell
                for use in USES
                for cell in (_share(one.shares[use]) if use in one.shares else (words.NOTHING,) * 2)
            ),
        )
        for one in everybody[:MOST_PEOPLE]
    ]
    headers = with_intervals(*USES)
    notes = ["Mean shares of the time employed (of pools: there) until the finish, over the trials that finished."]
    if len(everybody) > MOST_PEOPLE:
        notes.append(f"{len(everybody) - MOST_PEOPLE:,} less busy left out.")
    return Table("What people's time goes into", headers, tuple(rows), tuple(notes)) if rows else None


def absence(figures: Figures) -> Table | None:
    """P80 of the finish by person and weeks away."""
    found = absences(figures.run)
    if math.isinf(found.overall):
        return None
    roles = dict(zip(figures.run["person"].values, figures.named("person", "role"), strict=True))
    rows = [
        (roles[person], CLASSES[place], f"{cell.trials:,}", *_later(figures, cell, found.overall))
        for person, cells in list(found.cells.items())[:MOST_PEOPLE]
        for place, cell in enumerate(cells)
    ]
    headers = ("", "weeks away", "trials", "P80", "95 % interval", "days later", "beyond chance")
    notes = [
        "Unplanned absence until the end of the plan without dice; days later than P80 of all trials, "
        f"{figures.value('finish.p80')}, whose own error is not in the interval.",
        "Trials that end before the plan does had less time for absence: they count in every row as often as in all.",
        "Beyond chance: P80 of all trials is outside the interval even when as many cells are looked at as there are.",
    ]
    if len(found.cells) > MOST_PEOPLE:
        notes.append(f"{words.count(len(found.cells) - MOST_PEOPLE, 'other')} left out.")
    return Table("P80 by absence", headers, tuple(rows), tuple(notes)) if rows else None


def _later(figures: Figures, cell: Cell, overall: float) -> tuple[str, str, str, str]:
    """P80 of a cell, its interval, how many working days later it is, and whether that is sure."""
    if cell.few:
        return words.NOTHING, words.NOTHING, words.NOTHING, words.NOTHING
    made = figure_of(figures.run, "", "finish", cell.finish)
    text = words.figure(made, figures.horizon, day_minutes=figures.day_minutes)
    interval = words.interval(made, day_minutes=figures.day_minutes)
    if math.isinf(cell.finish.value):
        return text, interval, words.BEYOND, "yes" if cell.sure else "no"
    return text, interval, f"{(cell.finish.value - overall) / figures.day_minutes:+.1f}", "yes" if cell.sure else "no"


def _share(found: Estimate) -> tuple[str, str]:
    """A share and its interval as text; an end that no trial bounds is that of all shares."""
    if np.isnan(found.low):
        return words.percent(found.value), words.NOTHING
    low, high = (words.percent(min(max(end, 0.0), 1.0)) for end in (found.low, found.high))
    return words.percent(found.value), words.between(low, high)
