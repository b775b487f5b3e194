"""The burn-up and the chart of people's time against naive computations."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from chart_checks import HARD, found, gids, hard, many, moment, nothing_overlaps
from outcomes import CALENDAR, DAY, a_run, made_up_finishes
from pictures import words
from simrisk.charts import plot_burnup, plot_people, save
from simrisk.measures.burnup import burnup, dates
from simrisk.measures.estimates import mean, quantile
from simrisk.measures.occupation import occupations, ranked
from simrisk.report import timing
from simrisk.report.figures import Figures
from simrisk.report.gallery import GALLERY

CHARTS = {chart.name: chart for chart in GALLERY}


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps_in_the_burnup(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHARTS["burnup"].applies(run) == (case != "nothing")
    axes = plot_burnup(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps_among_people(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHARTS["people"].applies(run) == (case not in ("nothing", "one task", "all censored", "all stopped"))
    axes = plot_people(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


# --- finished work -----------------------------------------------------------------------------


def naive_share(run: xr.Dataset, trial: int, minute: int) -> float:
    """Effort of the tasks that are finished by a minute over that of all, dropped ones aside."""
    done = whole = 0
    for task in range(run.sizes["task"]):
        if run["task_dropped"].values[trial, task]:
            continue
        effort, finish = (int(run[f"task_{what}"].values[trial, task]) for what in ("effort", "finish"))
        whole += effort
        done += effort if 0 <= finish <= minute else 0
    return done / whole if whole else 1.0


def with_drops() -> xr.Dataset:
    run = a_run(*made_up_finishes(400)).copy(deep=True)
    run["task_dropped"].values[::7, 1] = True
    run["task_effort"].values[::11, :] = 0
    return run


def test_the_share_of_finished_work_is_that_of_a_naive_count() -> None:
    run = with_drops()
    grown = burnup(run)
    for place in (0, 5, 20, 33, len(grown.minutes) - 1):
        expected = [naive_share(run, trial, int(grown.minutes[place])) for trial in range(400)]
        np.testing.assert_allclose(grown.done[place], expected)
    finish, effort = run["baseline_task_finish"].values, run["baseline_task_effort"].values
    np.testing.assert_allclose(grown.plan, [effort[finish <= m].sum() / effort.sum() for m in grown.minutes])


def test_the_fan_is_the_quantiles_over_the_trials() -> None:
    run = with_drops()
    axes, grown = plot_burnup(run), burnup(run)
    x, middle = found(axes, "p50").get_data()
    ordered = np.sort(grown.done, axis=1)
    np.testing.assert_allclose(middle, ordered[:, 199])
    np.testing.assert_allclose(x[1:], [moment(m, end=True) for m in grown.minutes[1:]])
    for gid, low, high in (("p10-p90", 39, 359), ("p25-p75", 99, 299)):
        (path,) = found(axes, gid).get_paths()
        heights = path.vertices[:, 1]
        place = 20
        at = np.isclose(path.vertices[:, 0], x[place])
        assert sorted(set(heights[at].round(9))) == pytest.approx([ordered[place, low], ordered[place, high]])
    np.testing.assert_allclose(found(axes, "plan").get_ydata(), grown.plan)


def test_the_deadline_is_among_the_dates_and_in_the_title() -> None:
    run = hard("plain")
    minutes = dates(run)
    assert len(minutes) <= 61
    assert run.attrs["deadline_minute"] in minutes
    assert (minutes % DAY == 0).all()
    share = np.sort([naive_share(run, trial, run.attrs["deadline_minute"]) for trial in range(2000)])[999]
    assert f"Phase X: {100 * share:.0f} % of the work done by the deadline" in words(plot_burnup(run))
    title = words(plot_burnup(hard("no targets")))
    grown = burnup(hard("no targets"))
    first = next(m for m, done in zip(grown.minutes, grown.done, strict=True) if np.sort(done)[999] >= 0.5)
    day = CALENDAR.finish_date(int(first))
    assert f"Phase X: half of the work is done by {day.day} {day:%b %Y}" in title


def test_sprints_are_marked_where_the_plan_opens_them() -> None:
    axes = plot_burnup(hard("plain"))
    assert found(axes, "sprint-2").get_xdata()[0] == moment(10 * DAY, end=False)
    assert len(gids(plot_burnup(hard("one task")), "sprint-")) == 0


def test_trials_that_stand_still_stay_where_they_are() -> None:
    run = hard("all censored")  # the last task is never finished
    grown = burnup(run, np.array([250 * DAY]))
    effort = run["task_effort"].values
    np.testing.assert_allclose(grown.done[0], effort[:, :2].sum(axis=1) / effort.sum(axis=1))


def test_many_trials_are_thinned_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    run = with_drops()
    whole = burnup(run)
    monkeypatch.setitem(burnup.__globals__, "MOST_TRIALS", 150)
    np.testing.assert_array_equal(burnup(run, whole.minutes).done, whole.done[:, :150])


def test_it_is_quick_and_levels_are_estimates() -> None:
    run = many(a_run(*made_up_finishes(10_000)), "task", 40)
    begun = time.process_time()
    grown = burnup(run)
    grown.levels([Fraction(1, 10), Fraction(1, 2)])
    assert time.process_time() - begun < 1.5  # 0.15 s on an idle machine
    assert grown.level(30, Fraction(1, 2)) == quantile(grown.done[30], Fraction(1, 2))


def test_the_numbers_behind_the_burnup() -> None:
    run = with_drops()
    table = timing.finished_work(Figures(run))
    assert table is not None
    by = {str(CALENDAR.finish_date(int(m))): int(m) for m in dates(run, timing.MOST_DATES)[1:]}
    assert [row[0] for row in table.rows] == list(by)
    for row in table.rows[:: len(table.rows) // 3]:
        shares = np.sort([naive_share(run, trial, by[row[0]]) for trial in range(400)])
        for cell, rank in ((row[2], 40), (row[4], 200), (row[6], 360)):
            share = shares[rank - 1]
            assert cell == ("0 %" if share == 0 else "100 %" if share == 1 else f"{100 * share:.1f} %")


# --- people's time -----------------------------------------------------------------------------


def naive_uses(run: xr.Dataset, person: int, trial: int) -> dict[str, float]:
    figures = {"work": "worked", "ceremonies": "ceremony", "leave": "leave", "absence": "absence", "gone": "departed"}
    minutes = {use: int(run[f"person_{figure}"].values[trial, person]) for use, figure in figures.items()}
    begin, until = (int(run[f"person_{end}"].values[person]) for end in ("from", "until"))
    employed = min(int(run["project_end"].values[trial]), until) - begin
    return {**{use: m / employed for use, m in minutes.items()}, "free": 1 - sum(minutes.values()) / employed}


def test_shares_of_time_are_means_over_the_finished_trials() -> None:
    run = hard("plain")
    trials = np.flatnonzero(run["project_outcome"].values == 0)
    for place, one in enumerate(occupations(run)):
        known = [naive_uses(run, place, trial) for trial in trials]
        for use, share in one.shares.items():
            values = np.array([uses[use] for uses in known])
            assert share == pytest.approx(mean(values), abs=1e-12)
        assert sum(share.value for share in one.shares.values()) == pytest.approx(1)


def test_the_bars_are_the_shares_and_fill_the_row() -> None:
    run = hard("pools")
    axes = plot_people(run)
    rows = ranked(run)
    assert [label.get_text() for label in axes.get_yticklabels()] == [row.label for row in rows]
    assert [row.busy for row in rows] == sorted((row.busy for row in rows), reverse=True)
    for row in rows:
        for use, share in row.shares.items():
            if share.value > 0:
                assert found(axes, f"{use}-{row.label}").get_width() == pytest.approx(share.value)
    assert f"Phase X: {rows[0].label} is busiest, at work {100 * rows[0].busy:.0f} % of the time" in words(axes)
    devs = next(row for row in rows if row.label == "devs")
    worked, there = (run[f"pool_{what}"].values[:, 0] for what in ("worked", "present"))
    done = run["project_outcome"].values == 0
    assert devs.shares["work"].value == pytest.approx((worked[done] / there[done]).mean())


def test_of_many_people_the_busiest_are_drawn() -> None:
    axes = plot_people(hard("many"))
    assert "... and 25 less busy" in [label.get_text() for label in axes.get_yticklabels()]


def test_the_numbers_behind_the_people() -> None:
    run = hard("pools")
    table = timing.occupations(Figures(run))
    assert table is not None
    row = next(row for row in table.rows if row[0].startswith("ANN"))
    known = [naive_uses(run, 0, trial) for trial in np.flatnonzero(run["project_outcome"].values == 0)]
    cells = dict(zip(("work", "ceremonies", "free", "leave", "absence", "gone"), row[1::2], strict=True))
    for use, cell in cells.items():
        value = np.mean([uses[use] for uses in known])
        assert cell == ("0 %" if value == 0 else f"{100 * value:.1f} %")
    assert timing.occupations(Figures(hard("all censored"))) is None
