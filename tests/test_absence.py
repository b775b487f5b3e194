"""P80 by absence: what the cells hold, and that they blame nobody whose absence does nothing."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from chart_checks import HARD, found, hard, nothing_overlaps
from outcomes import CALENDAR, DAY, a_run, made_up_finishes
from pictures import words
from simrisk.charts import plot_absence, save
from simrisk.measures.absence import CLASSES, LEAST_TRIALS, absences, classes, week_minutes
from simrisk.report import timing
from simrisk.report.figures import Figures
from simrisk.report.gallery import GALLERY

CHART = next(chart for chart in GALLERY if chart.name == "absence")
WEEK = 5 * DAY
SOUND = {"censored": 0, "stopped": 0}


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps(case: str, tmp_path: Path) -> None:
    run = hard(case)
    p80 = np.sort(run["project_finish"].values)[math.ceil(0.8 * run.sizes["trial"]) - 1]
    had_time = run["project_end"].values >= run["baseline_finish"].item()
    ever = run["person_absence_planned"].values.any() and 10 * had_time.sum() > 2 * len(had_time)
    assert CHART.applies(run) == (bool(ever) and math.isfinite(p80))
    axes = plot_absence(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


def in_class(minutes: int) -> int:
    """Naive: none, up to 1 week, up to 2, up to 4, more."""
    weeks = minutes / WEEK
    return 0 if weeks == 0 else 1 if weeks <= 1 else 2 if weeks <= 2 else 3 if weeks <= 4 else 4


def some_weeks() -> xr.Dataset:
    """4,000 trials of which the early third ends with the plan; each day that ANN is away adds two, BOB's add none."""
    finish, _ = made_up_finishes(4000, **SOUND)
    finish = np.maximum(finish, 100 * DAY)
    run = a_run(finish).copy(deep=True)
    away = run["person_absence_planned"].values
    away[:, 0] = np.random.default_rng(5).choice([0, 3, 8, 15, 25], 4000) * DAY
    run["project_finish"].values[:] += 2 * away[:, 0]
    return run


def test_classes_are_by_weeks_of_the_project() -> None:
    run = some_weeks()
    assert week_minutes(run) == WEEK
    away = [0, 1, WEEK, WEEK + 1, 2 * WEEK, 4 * WEEK, 4 * WEEK + 1]
    run["person_absence_planned"].values[: len(away), 1] = away
    assert classes(run, "BOB")[: len(away)].tolist() == [in_class(minutes) for minutes in away]
    assert classes(run, "BOB")[: len(away)].tolist() == [0, 1, 1, 2, 2, 3, 4]


def test_cells_are_p80_among_those_trials() -> None:
    run = some_weeks()
    cells = absences(run).cells
    for place, person in enumerate(("ANN", "BOB")):
        of = np.array([in_class(int(minutes)) for minutes in run["person_absence_planned"].values[:, place]])
        for number, cell in enumerate(cells[person]):
            values = np.sort(run["project_finish"].values[of == number])
            assert cell.trials == len(values)
            if len(values):
                assert cell.finish.value == values[math.ceil(0.8 * len(values)) - 1]
            assert cell.few == (len(values) < LEAST_TRIALS)
    assert absences(run).overall == np.sort(run["project_finish"].values)[3199]


def test_trials_that_end_before_the_plan_count_in_every_cell_alike() -> None:
    run = some_weeks()
    early = np.random.default_rng(6).random(4000) < 0.25
    run["project_finish"].values[early] = run["project_end"].values[early] = 90 * DAY
    e = early.mean()
    away = run["person_absence_planned"].values[:, 0]
    some = np.sort(run["project_finish"].values[~early & (away == 8 * DAY)])
    cell = absences(run).cells["ANN"][in_class(8 * DAY)]
    assert cell.trials == len(some)
    assert cell.finish.value == some[math.ceil((0.8 - e) / (1 - e) * len(some) - 1e-9) - 1]
    run["project_finish"].values[:3200] = run["project_end"].values[:3200] = 90 * DAY
    assert not absences(run).cells  # P80 itself is before the end of the plan
    assert not CHART.applies(run)


def test_whoever_is_in_no_task_shows_no_effect_on_average() -> None:
    """Of 60 runs: absence grows until the plan or the trial ends, and the mean difference of each class is no more
    than five standard errors from 0; without the correction "none" is days too early."""
    differences, naive = [], []
    for number in range(60):
        rng = np.random.default_rng(100 + number)
        finish = (rng.lognormal(np.log(110), 0.35, 2000) * DAY).astype(np.int64)
        run = a_run(np.minimum(finish, 249 * DAY), np.zeros(2000, np.int8)).copy(deep=True)
        there = np.minimum(run["project_end"].values, 100 * DAY) / DAY
        run["person_absence_planned"].values[:, 1] = 5 * DAY * rng.poisson(there * 0.012)
        found_cells = absences(run)
        first = found_cells.cells["BOB"][:2]
        differences.append([(cell.finish.value - found_cells.overall) / DAY for cell in first])
        none = run["project_finish"].values[run["person_absence_planned"].values[:, 1] == 0]
        naive.append((np.sort(none)[math.ceil(0.8 * len(none)) - 1] - found_cells.overall) / DAY)
    error = np.std(differences, axis=0, ddof=1) / math.sqrt(len(differences))
    assert (np.abs(np.mean(differences, axis=0)) < 5 * error).all()
    assert np.mean(naive) < -5 * np.std(naive, ddof=1) / math.sqrt(len(naive))


def test_whoever_delays_the_project_is_named_and_nobody_else() -> None:
    run = some_weeks()
    found_cells = absences(run)
    assert next(iter(found_cells.cells)) == "ANN"
    assert found_cells.cells["ANN"][0].sure
    assert found_cells.cells["ANN"][4].sure
    assert not any(cell.sure for cell in found_cells.cells["BOB"])
    title = next(text for text in words(plot_absence(run)) if text.startswith("Phase X"))
    days = round((found_cells.cells["ANN"][4].finish.value - found_cells.overall) / DAY)
    assert title == f"Phase X: P80 is {days} working days later when ANN is away over 4 weeks"


def test_where_absence_does_nothing_a_colour_is_rare() -> None:
    """Of 400 runs without any effect at most 5 % may have one: the chance of more than 40 is below 1e-4."""
    rng = np.random.default_rng(11)
    run = a_run(*made_up_finishes(600, **SOUND)).copy(deep=True)
    blamed = 0
    for _ in range(400):
        run["person_absence_planned"].values[:] = (rng.geometric(1 / 4, (600, 2)) - 1) * DAY
        blamed += any(cell.sure for cells in absences(run).cells.values() for cell in cells)
    assert blamed <= 40


def test_numbers_and_words_of_the_cells() -> None:
    run = some_weeks()
    axes, cells = plot_absence(run), absences(run)
    rows = [label.get_text() for label in axes.get_yticklabels()]
    shown = {(round(text.get_position()[0]), round(text.get_position()[1])): text.get_text() for text in axes.texts}
    for row, person in enumerate(rows):
        for place, cell in enumerate(cells.cells[person]):
            days = round((cell.finish.value - cells.overall) / DAY) if cell.trials else 0
            said = (
                ("too few" if cell.trials else "never")
                if cell.few
                else f"{days:+d}".replace("-", "\N{MINUS SIGN}")
                if days
                else "0"
            )
            assert shown[(place, row)] == said
    colors = {gid: found(axes, gid).get_facecolor() for gid in ("ANN-none", "ANN-over 4", "BOB-none")}
    assert len(set(colors.values())) == 3  # earlier, later, perhaps chance


def test_the_table_has_the_same_numbers() -> None:
    run = some_weeks()
    table = timing.absence(Figures(run))
    assert table is not None
    cells = absences(run)
    by = {(row[0].split()[0], row[1]): row for row in table.rows}
    for person in ("ANN", "BOB"):
        for place, cell in enumerate(cells.cells[person]):
            row = by[person, CLASSES[place]]
            assert row[2] == f"{cell.trials:,}"
            if cell.few:
                assert row[3:] == ("-", "-", "-", "-")
                continue
            assert row[3] == str(CALENDAR.finish_date(cell.finish.value))
            assert row[6] == ("yes" if cell.sure else "no")
            assert row[5] == f"{(cell.finish.value - cells.overall) / DAY:+.1f}"
    assert timing.absence(Figures(hard("all censored"))) is None
