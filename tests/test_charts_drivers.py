"""Tornado, waterfall and criticality: the numbers on the axes, and nothing that overlaps."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from chart_checks import HARD, found, gids, hard, nothing_overlaps
from outcomes import CALENDAR, DAY, a_run, made_up_finishes, without
from pictures import words
from simrisk.charts import plot_criticality, plot_tornado, plot_waterfall, save
from simrisk.measures import measure
from simrisk.measures.chain import chain_members
from simrisk.measures.drivers import tornado
from simrisk.measures.project import CAUSES
from simrisk.measures.waterfall import waterfall
from simrisk.report import drivers
from simrisk.report.figures import Figures, Table
from simrisk.report.gallery import GALLERY

CHARTS = {chart.name: chart for chart in GALLERY}
NO_P80 = ("all censored", "all stopped", "some stopped")


def place_of(minute: float) -> float:
    """Day number of a finish, from the calendar: the tick of a day is its end."""
    day = CALENDAR.finish_date(minute)
    return float(mdates.date2num(day)) - (CALENDAR.day_of(day) + 1 - minute / DAY) / 2


def ends_of(axes: Axes, gid: str) -> tuple[float, float]:
    """From where to where a bar goes."""
    bar = found(axes, gid)
    return bar.get_x(), bar.get_x() + bar.get_width()


def numbers_of(axes: Axes, gid: str) -> list[float]:
    return [float(x) for x in found(axes, gid).get_xdata()]


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps_in_the_tornado(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHARTS["tornado"].applies(run) == (case not in (*NO_P80, "one trial"))
    for of in ("finish", "cost"):
        axes = plot_tornado(run, of=of)
        nothing_overlaps(axes)
        save(axes, tmp_path / "a.svg")


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps_in_the_waterfall(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHARTS["waterfall"].applies(run) == (case not in NO_P80)
    axes = plot_waterfall(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps_in_criticality(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHARTS["criticality"].applies(run) == (case not in ("all censored", "all stopped", "nothing"))
    axes = plot_criticality(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


@pytest.mark.parametrize("plot", [plot_tornado, plot_waterfall, plot_criticality])
def test_it_draws_on_axes_it_is_given(plot) -> None:  # type: ignore[no-untyped-def]
    figure = Figure(figsize=(10, 6))
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    assert plot(hard("plain"), ax=axes) is axes


@pytest.mark.parametrize("plot", [plot_tornado, plot_waterfall, plot_criticality])
def test_the_same_run_gives_the_same_file(plot, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for name in ("a", "b"):
        save(plot(hard("pools")), tmp_path / f"{name}.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()
    assert (tmp_path / "a.svg").stat().st_size < 100_000


# Tornado


def varied() -> xr.Dataset:
    """Alpha's effort moves the finish, nothing else does."""
    finish, _ = made_up_finishes(3000, censored=0, stopped=0)
    run = a_run(finish, plan=without()).copy(deep=True)
    run["task_effort"].values[:, 0] = finish // 10 + np.random.default_rng(1).integers(0, 2000, 3000)
    run["project_common_factor"].values[:] = 1.0
    return run


def test_bars_go_from_p80_to_p80_of_the_tenths() -> None:
    run = varied()
    axes = plot_tornado(run)
    finish, effort = run["project_finish"].values, run["task_effort"].values[:, 0]
    order = np.sort(effort)
    zero = place_of(np.sort(finish)[2399])
    for name, some in (("low", effort <= order[299]), ("high", effort >= order[2700])):
        level = np.sort(finish[some])[math.ceil(0.8 * some.sum()) - 1]
        start, stop = ends_of(axes, f"{name}-0")
        assert (start, stop) == (pytest.approx(zero), pytest.approx(place_of(level)))
        made = next(m for m in tornado(run) if m.factor.label == "alpha" and m.factor.kind == "effort")
        end = made.low if name == "low" else made.high
        assert end.low is not None
        assert end.high is not None
        assert numbers_of(axes, f"{name}-interval-0") == pytest.approx([place_of(end.low), place_of(end.high)])
        days = (level - np.sort(finish)[2399]) / DAY
        assert f"{'+' if days > 0 else '−'}{abs(days):.0f} d" in words(axes)
    assert "effort of Alpha" in words(axes)
    assert any(text.startswith("The effort of Alpha moves P80 most: by ") for text in words(axes))


def test_what_may_be_chance_is_an_empty_bar() -> None:
    axes = plot_tornado(varied())
    faces = [found(axes, gid).get_facecolor()[:3] for gid in gids(axes, "low-") if "interval" not in gid]
    assert faces[0] != (1, 1, 1)
    assert set(faces[1:]) == {(1.0, 1.0, 1.0)}
    assert any("Empty: may be chance." in text for text in words(axes))


def test_a_level_beyond_the_horizon_goes_to_the_edge() -> None:
    run = varied().copy(deep=True)
    late = run["project_finish"].values > np.sort(run["project_finish"].values)[-450]
    run["project_finish"].values[late] = np.inf
    run["project_outcome"].values[late] = 1
    axes = plot_tornado(run)
    assert ends_of(axes, "high-0")[1] == axes.get_xlim()[1]
    assert not gids(axes, "high-interval-0")
    assert any("beyond the horizon" in text for text in words(axes))


def test_the_tornado_of_the_cost_has_money_below_it() -> None:
    run = varied()
    axes = plot_tornado(run, of="cost")
    level = measure(run, "cost.p80").value
    assert level is not None
    assert ends_of(axes, "low-0")[0] == pytest.approx(level)
    assert axes.get_xlabel() == "USD"


def test_two_thousand_factors_are_a_dozen_rows() -> None:
    axes = plot_tornado(hard("2,000 tasks"))
    assert len([gid for gid in gids(axes, "low-") if "interval" not in gid]) == 12
    n = len(tornado(hard("2,000 tasks")))
    assert any(f"{n - 12:,} not shown" in text for text in words(axes))


# Waterfall


@pytest.mark.parametrize("case", ["plain", "sound", "no targets", "early deadline"])
def test_steps_lead_from_the_plan_to_p80(case: str) -> None:
    run = hard(case)
    axes, made = plot_waterfall(run), waterfall(run)
    assert made is not None
    steps = sorted((s for s in made.steps if s.expected != s.planned), key=lambda s: s.planned - s.expected)
    at = float(run["baseline_finish"])
    for row, step in enumerate(steps):
        begin, end = at, at + step.expected - step.planned
        assert ends_of(axes, f"step-{row}") == pytest.approx((place_of(begin), place_of(end)))
        assert step.change.low is not None
        assert step.change.high is not None
        bounds = [place_of(begin + step.change.low), place_of(begin + step.change.high)]
        assert numbers_of(axes, f"interval-{row}") == pytest.approx(bounds)
        at = end
    assert at == measure(run, "finish.p80").value
    assert numbers_of(axes, "P80")[0] == pytest.approx(place_of(at))
    assert numbers_of(axes, "plan")[0] == pytest.approx(place_of(float(run["baseline_finish"])))
    assert bool(gids(axes, "deadline")) == (case != "no targets")
    later = (at - float(run["baseline_finish"])) / DAY
    assert any(f"P80 is {abs(later):.0f} working day" in text for text in words(axes))


@pytest.mark.parametrize("case", sorted(set(HARD) - set(NO_P80)))
def test_no_length_of_a_step_is_written_across_the_line_of_p80(case: str) -> None:
    axes = plot_waterfall(hard(case))
    x = axes.transData.transform((float(found(axes, "P80").get_xdata()[0]), 0))[0]
    for text in axes.texts:
        if text.get_text().endswith(" d") and text.get_weight() == "bold":
            box = text.get_window_extent()
            assert not box.x0 < x < box.x1, text.get_text()


def test_without_p80_the_waterfall_says_why() -> None:
    assert any("P80 is beyond the horizon" in text for text in words(plot_waterfall(hard("all censored"))))


# Criticality


def test_bars_are_mean_days_of_the_chain() -> None:
    run = hard("pools")
    axes = plot_criticality(run)
    done = run["project_outcome"].values == 0
    members = [member for member in chain_members(run) if member.minutes.value > 0]
    ordered = [m for m in members if m.dim in ("task", "gate")] + [m for m in members if m.dim in ("person", "pool")]
    for row, member in enumerate(ordered):
        minutes = run[f"{member.dim}_chain_minutes"].sel({member.dim: member.label}).values[done]
        assert ends_of(axes, f"bar-{row}") == (0, pytest.approx(minutes.mean() / DAY))
        half = 1.959964 * minutes.std(ddof=1) / math.sqrt(len(minutes))
        bounds = [(minutes.mean() - half) / DAY, (minutes.mean() + half) / DAY]
        assert numbers_of(axes, f"interval-{row}") == pytest.approx(bounds)
        on = run[f"{member.dim}_critical"].sel({member.dim: member.label}).values[done].mean()
        assert any(f"in {100 * on:.0f} % of trials" in text for text in words(axes))
    assert len(ordered) == len(gids(axes, "bar-"))


def test_at_most_fifteen_are_shown() -> None:
    axes = plot_criticality(hard("many"))
    assert len(gids(axes, "bar-")) == 15
    hidden = sum(member.minutes.value > 0 for member in chain_members(hard("many"))) - 15
    assert any(f"{hidden:,} with less are not shown" in text for text in words(axes))


# Tables


def cells(table: Table | None, first: str) -> tuple[str, ...]:
    assert table is not None
    return next(row for row in table.rows if row[0].startswith(first))


def test_the_table_of_the_tornado_has_the_charts_numbers() -> None:
    run = varied()
    made = next(made for made in tornado(run) if made.factor.label == "alpha")
    row = cells(drivers.date_drivers(Figures(run)), "effort of Alpha")
    assert row[1] == str(made.low.date)
    assert row[3] == str(made.high.date)
    assert made.change.value is not None
    assert row[5] == f"{made.change.value / DAY:.1f}"
    effort, finish = run["task_effort"].values[:, 0], run["project_finish"].values
    assert row[7] == f"{spearmanr(effort, finish).statistic:+.2f}"
    costs = cells(drivers.cost_drivers(Figures(run)), "effort of Alpha")
    low = effort <= np.sort(effort)[299]
    assert costs[1] == f"{np.sort(run['project_cost'].values[low])[math.ceil(0.8 * low.sum()) - 1]:,.0f}"
    noise = [r for r in (drivers.date_drivers(Figures(run)) or Table("", (), ())).rows if r[5].endswith("~")]
    assert len(noise) == sum(m.is_noise for m in tornado(run)[:12])


@pytest.mark.parametrize("case", ["plain", "sound", "pools"])
def test_the_table_of_the_waterfall_adds_up(case: str) -> None:
    run = hard(case)
    table = drivers.steps(Figures(run))
    assert table is not None
    made = waterfall(run)
    assert made is not None
    for step in made.steps:
        if step.planned or step.expected:
            row = cells(table, CAUSES[step.cause])
            assert row[1:4] == tuple(
                f"{m / DAY:,.1f}" for m in (step.planned, step.expected, step.expected - step.planned)
            )
    p80 = measure(run, "finish.p80").value
    assert p80 is not None
    assert cells(table, "finish")[1:4] == ("100.0", f"{p80 / DAY:,.1f}", f"{p80 / DAY - 100:,.1f}")


def test_the_table_of_the_chain() -> None:
    run = hard("plain")
    done = run["project_outcome"].values == 0
    minutes = run["gate_chain_minutes"].values[done, 0]
    row = cells(drivers.chain(Figures(run)), "gate tier1 (Tier 1)")
    assert (row[1], row[3]) == (f"{minutes.mean() / DAY:.1f}", "100 %")


@pytest.mark.parametrize("case", HARD)
def test_tables_of_hard_runs(case: str) -> None:
    figures = Figures(hard(case))
    for table in (drivers.date_drivers, drivers.cost_drivers, drivers.steps, drivers.chain):
        made = table(figures)
        if made is not None:
            assert all(len(row) == len(made.headers) for row in made.rows)
            assert not any("nan" in cell for row in made.rows for cell in row[1:])
