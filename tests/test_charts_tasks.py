"""The simulated Gantt chart shows when tasks run and gates are passed, as the trials have it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.dates import date2num

from chart_checks import HARD, found, gids, hard, moment, nothing_overlaps, quantile
from outcomes import CALENDAR, DAY, a_run, made_up_finishes
from pictures import words
from simrisk.charts import plot_ranges, save
from simrisk.charts.canvas import DPI
from simrisk.measures import measure
from simrisk.measures.schedule import activities, likely
from simrisk.report.figures import Figures
from simrisk.report.gallery import GALLERY
from simrisk.report.pictures import save_pictures
from simrisk.report.timing import tasks

CHART = next(chart for chart in GALLERY if chart.name == "ranges")


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHART.applies(run) == (case != "nothing")
    axes = plot_ranges(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


@pytest.mark.parametrize("task", ["alpha", "beta"])
def test_bars_are_the_quantiles_of_starts_and_finishes(task: str) -> None:
    run = hard("plain")
    axes = plot_ranges(run)
    place = list(run["task"].values).index(task)
    starts, finishes = (run[f"task_{end}"].values[:, place] for end in ("start", "finish"))
    bar, ends, plan = (found(axes, f"{what}-{task}") for what in ("bar", "range", "plan"))
    assert bar.get_x() == pytest.approx(moment(quantile(starts, 50), end=False))
    assert bar.get_x() + bar.get_width() == pytest.approx(moment(quantile(finishes, 50), end=True))
    assert ends.get_x() == pytest.approx(moment(quantile(starts, 10), end=False))
    assert ends.get_x() + ends.get_width() == pytest.approx(moment(quantile(finishes, 90), end=True))
    begin, end = (int(run[f"baseline_task_{end}"].values[place]) for end in ("start", "finish"))
    assert plan.get_x() == pytest.approx(moment(begin, end=False))
    assert plan.get_x() + plan.get_width() == pytest.approx(moment(end, end=True))


def test_a_gate_is_marked_where_half_of_the_trials_have_passed_it() -> None:
    run = hard("some stopped")
    axes = plot_ranges(run)
    passed = np.where(run["gate_outcome"].values[:, 0] == 4, -1, run["gate_finish"].values[:, 0])
    low, high = found(axes, "range-tier1").get_xdata()
    assert low == pytest.approx(moment(quantile(passed, 10), end=True))
    assert quantile(passed, 90) == np.inf
    assert high == axes.get_xlim()[1]  # it goes on beyond the picture
    assert found(axes, "bar-tier1").get_xdata()[0] == pytest.approx(moment(quantile(passed, 50), end=True))
    assert found(axes, "plan-tier1").get_xdata()[0] == pytest.approx(
        moment(int(run["baseline_gate_finish"].values[0]), end=True)
    )


def test_rows_are_by_sprint_and_planned_start_and_gates_among_them() -> None:
    run = hard("plain")  # alpha in sprint 1, beta in 2, gamma in none; the gate passes while sprint 2 runs
    rows, left_out = activities(run, 60)
    assert [row.id for row in rows] == ["alpha", "tier1", "beta", "gamma"]
    assert left_out == 0
    starts = {row.id: row.start for row in rows}
    assert starts["beta"] == run["baseline_task_start"].values[1]
    labels = [label.get_text() for label in plot_ranges(run).get_yticklabels()]
    names = {"alpha": "Alpha", "beta": "Beta", "gamma": "Gamma", "tier1": "Tier 1"}
    assert labels == [names[row.id] for row in rows]


def test_of_many_tasks_the_most_critical_are_drawn_and_all_gates() -> None:
    run = hard("2,000 tasks")
    rows, left_out = activities(run, 60)
    assert (len(rows), left_out) == (60, 1941)
    kept = {row.id for row in rows}
    assert "tier1" in kept
    critical = run["task_critical"].values[run["project_outcome"].values == 0].mean(axis=0)
    least = min(row.critical for row in rows if row.kind == "task")
    assert (critical > least).sum() <= 59
    axes = plot_ranges(run)
    assert axes.get_yticklabels()[-1].get_text() == "... and 1,941 more"
    assert len(gids(axes, "plan-")) == 60


def test_on_a_slide_there_are_fewer_rows(tmp_path: Path) -> None:
    run = hard("2,000 tasks")
    assert CHART.slide_rows < 20
    axes = CHART.plot(run, rows=CHART.slide_rows)
    nothing_overlaps(axes)
    assert len(gids(axes, "plan-")) == CHART.slide_rows
    assert axes.get_figure().get_figheight() < 7  # type: ignore[union-attr]  # inches, of a width of 10
    save_pictures(run, tmp_path, ("svg", "png"))
    pixels = {ending: height_of(tmp_path / f"ranges.{ending}") for ending in ("svg", "png")}
    assert pixels["svg"] > 16 * 72  # points: all rows of a page
    assert pixels["png"] < 7 * DPI


def height_of(path: Path) -> float:
    """Points of an SVG file, pixels of a PNG file."""
    if path.suffix == ".png":
        return float(int.from_bytes(path.read_bytes()[20:24]))
    return float(path.read_text(encoding="utf-8").split('height="', 1)[1].split("pt", 1)[0])


def test_colours_say_how_often_a_task_sets_the_date() -> None:
    axes = plot_ranges(hard("sound"))  # alpha in nine of ten trials, beta in two, gamma never
    colors = [found(axes, f"bar-{task}").get_facecolor() for task in ("alpha", "beta", "gamma")]
    assert len(set(colors)) == 3
    hatches = [found(axes, f"bar-{task}").get_hatch() or "" for task in ("alpha", "beta", "gamma")]
    greys = [0.2126 * red + 0.7152 * green + 0.0722 * blue for red, green, blue, _ in colors]
    looks = sorted(zip(hatches, greys, strict=True))  # in grey, what is not hatched differs in lightness
    assert [bool(hatch) for hatch, _ in looks] == [False, False, True]
    assert looks[1][1] - looks[0][1] > 0.1


def test_a_milestone_is_a_point() -> None:
    run = hard("plain").copy(deep=True)
    run["task_milestone"].values[1] = True
    axes = plot_ranges(run)
    middle = quantile(run["task_finish"].values[:, 1], 50)
    assert found(axes, "bar-beta").get_xdata()[0] == pytest.approx(moment(middle, end=True))
    labels = [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[union-attr]
    assert "milestone, P50" in labels


def test_what_hardly_ever_starts_says_so() -> None:
    run = hard("plain").copy(deep=True)
    for end in ("start", "finish"):
        run[f"task_{end}"].values[100:, 2] = -1
        run[f"baseline_task_{end}"].values[2] = -1
    axes = plot_ranges(run)
    assert "hardly ever" in words(axes)
    assert not gids(axes, "bar-gamma")
    assert likely(run, activities(run, 9)[0][-1]).early == np.inf


def test_the_title_and_the_deadline() -> None:
    run = hard("plain")
    days = []
    for percent in (10, 90):
        day = CALENDAR.finish_date(
            quantile(np.where(np.isinf(run["project_finish"]), -1, run["project_finish"]), percent)
        )
        days.append(f"{day.day} {day:%b %Y}")
    axes = plot_ranges(run)
    assert f"Phase X: 80 % chance to finish between {days[0]} and {days[1]}" in words(axes)
    assert found(axes, "deadline").get_xdata()[0] == date2num(CALENDAR.finish_date(run.attrs["deadline_minute"])) + 1
    assert any("one trial in ten" in text for text in words(plot_ranges(hard("all censored"))))
    assert any("may be stopped" in text for text in words(plot_ranges(hard("some stopped"))))


def test_the_numbers_behind_it() -> None:
    run = hard("sound")
    table = tasks(Figures(run))
    assert table is not None
    row = next(row for row in table.rows if row[0].startswith("beta"))
    starts, finishes = run["task_start"].values[:, 1], run["task_finish"].values[:, 1]
    assert (row[2], row[4]) == tuple(str(CALENDAR.start_date(quantile(starts, p))) for p in (10, 50))
    assert (row[6], row[8]) == tuple(str(CALENDAR.finish_date(quantile(finishes, p))) for p in (50, 90))
    gate = next(row for row in table.rows if row[0].startswith("tier1"))
    assert gate[4] == str(CALENDAR.start_date(quantile(run["gate_first_review"].values[:, 0], 50)))


def test_starts_are_metrics_with_the_day_they_begin_on() -> None:
    finish = np.full(100, 40 * DAY + 2400 + 480 * 5)
    run = a_run(finish, baseline=40 * DAY)
    run["task_start"].values[:, 0] = 2 * DAY  # the third day begins
    found = measure(run, "task.alpha.start.p50")
    assert (found.value, found.date) == (2 * DAY, CALENDAR.start_date(2 * DAY))
    run["task_start"].values[:60, 0] = -1
    assert measure(run, "task.alpha.start.p50").beyond_horizon
    assert measure(a_run(*made_up_finishes(50)), "gate.tier1.review.p80").kind == "start"
