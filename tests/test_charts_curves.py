"""The charts of dates and money show the run's numbers, say the answer, and nothing on them overlaps."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from chart_checks import nothing_overlaps
from outcomes import CALENDAR, DAY, a_plan, a_run, a_wide_scenario, made_up_finishes, outcomes_of, without
from pictures import assert_readable, bars, has, numbers, words
from simrisk.charts import (
    plot_cash,
    plot_comparison,
    plot_convergence,
    plot_histogram,
    plot_joint,
    plot_logic,
    save,
)
from simrisk.charts.clock import Clock
from simrisk.charts.frame import Spot, places, spread
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.measures import measure
from simrisk.measures.joint import joint_frontier

SOUND = {"censored": 0, "stopped": 0}
CHARTS: dict[str, Callable[..., Axes]] = {
    "histogram": plot_histogram,
    "logic": plot_logic,
    "joint": plot_joint,
    "cash": plot_cash,
    "convergence": plot_convergence,
}


def wide() -> xr.Dataset:
    plan = a_plan(a_wide_scenario(status_date=date(2026, 1, 14)))
    return a_run(outcomes=outcomes_of(*made_up_finishes(1000, **SOUND), plan=plan), plan=plan)


def costless() -> xr.Dataset:
    run = a_run(*made_up_finishes(200, **SOUND), plan=without(budget=None))
    for name in ("project_spent", "project_cost", "baseline_cost", "baseline_cash", "cash_mean", "cash_sd"):
        run[name] = run[name] * 0
    for name in ("cash_quantile", "cash_cumulative_quantile"):
        for end in ("", "_low", "_high"):
            run[name + end] = run[name + end] * 0
    return run.isel(month=slice(0))


LONG = "Das au\u00dferordentlich lange Projekt mit einem \u00fcberlangen Namen $a_{$ \u8a08\u753b"
CASES: dict[str, xr.Dataset] = {
    "plain": a_run(*made_up_finishes(3000, **SOUND)),
    "few": a_run(*made_up_finishes(100)),
    "beyond": a_run(*made_up_finishes(2000, censored=500)),
    "stopped": a_run(*made_up_finishes(1000, censored=100, stopped=400)),
    "all-censored": a_run(*made_up_finishes(200, censored=200, stopped=0)),
    "one": a_run(np.array([100 * DAY])),
    "equal": a_run(np.full(500, 120 * DAY)),
    "no-deadline": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=None)),
    "no-budget": a_run(*made_up_finishes(3000, **SOUND), plan=without(budget=None)),
    "no-targets": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=None, budget=None)),
    "tight": a_run(*made_up_finishes(3000, **SOUND), plan=without(budget=15_000_000)),
    "tiny-budget": a_run(*made_up_finishes(3000, **SOUND), plan=without(budget=1_000_000)),
    "close": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 6, 16)), baseline=115 * DAY),
    "early": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 2, 16)), baseline=40 * DAY),
    "late": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 12, 16)), baseline=90 * DAY),
    "no-costs": costless(),
    "wide": wide(),
    "long-name": a_run(plan=without(name=LONG)),
}


def day_of(minute: float) -> float:
    return float(mdates.date2num(CALENDAR.finish_date(minute)))


def moment(minute: float) -> float:
    """Day number of a finish: the day's tick is its end."""
    day = CALENDAR.finish_date(minute)
    return float(mdates.date2num(day)) - (CALENDAR.day_of(day) + 1 - minute / DAY) / 2


def level(values: np.ndarray, percent: int) -> float:
    """Order statistic number ceil(p n)."""
    return float(np.sort(values)[math.ceil(Fraction(percent, 100) * len(values)) - 1])


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("chart", CHARTS)
def test_nothing_overlaps(chart: str, case: str) -> None:
    assert_readable(CHARTS[chart](CASES[case]))


@pytest.mark.parametrize("chart", CHARTS)
def test_files_are_small_and_the_same_for_the_same_run(chart: str, tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(CHARTS[chart](CASES["plain"]), tmp_path / f"{name}.svg")
    picture = (tmp_path / "a.svg").read_bytes()
    assert picture == (tmp_path / "b.svg").read_bytes()
    assert len(picture) < 120_000
    assert b"Phase X: " in picture


@pytest.mark.parametrize("chart", CHARTS)
def test_they_draw_on_axes_they_are_given(chart: str) -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    assert CHARTS[chart](CASES["few"], ax=axes) is axes


# --- histogram ---------------------------------------------------------------------------------


def test_bars_are_shares_of_all_trials_and_split_at_the_deadline() -> None:
    run = CASES["plain"]
    axes = plot_histogram(run)
    early, late = bars(axes, "on-time"), bars(axes, "late")
    finish = run["project_finish"].values
    days = np.array([day_of(m) for m in finish])
    monday = min(days) - (min(days) + 3) % 7
    for k, (lower, upper) in enumerate(zip(early, late, strict=True)):
        inside = (days >= monday + 7 * k) & (days < monday + 7 * (k + 1))
        on_time = inside & (finish <= run.attrs["deadline_minute"])
        assert lower.get_height() == pytest.approx(on_time.mean())
        assert upper.get_height() == pytest.approx(inside.mean() - on_time.mean())
        assert monday + 7 * k - 0.5 <= lower.get_x() <= lower.get_x() + lower.get_width() <= monday + 7 * k + 6.5
    drawn = sum(bar.get_height() for bar in (*early, *late))
    assert drawn + sum(bar.get_height() for bar in bars(axes, "later")) == pytest.approx(1)


def test_what_does_not_finish_has_bars_of_its_own() -> None:
    axes = plot_histogram(CASES["stopped"])
    assert bars(axes, "not by\nhorizon")[0].get_height() == pytest.approx(0.1)
    assert bars(axes, "stopped\nat a gate")[0].get_height() == pytest.approx(0.4)
    assert {"10 %", "40 %"} <= set(words(axes))
    assert bars(axes, "not by\nhorizon")[0].get_x() > max(bar.get_x() for bar in bars(axes, "late"))


def test_deadline_and_quantiles_stand_at_their_days() -> None:
    run = CASES["plain"]
    axes = plot_histogram(run)
    assert numbers(axes, "deadline")[0][0] == mdates.date2num(date(2026, 6, 19)) + 0.5  # the end of the day
    for percent in (50, 80):
        minute = level(run["project_finish"].values, percent)
        assert numbers(axes, f"P{percent}")[0][0] == day_of(minute)
        day = CALENDAR.finish_date(minute)
        assert f"P{percent}: {day.day} {day:%b %Y}" in words(axes)
    first, last = (CALENDAR.finish_date(level(run["project_finish"].values, p)) for p in (5, 95))
    said = f"Phase X: 90 % sure to finish from {first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    assert said in words(axes)


# --- logic -------------------------------------------------------------------------------------


def test_both_curves_and_the_distance_between_them() -> None:
    run = CASES["plain"]
    axes = plot_logic(run)
    for gid, variable in (("finish-curve", "project_finish"), ("logic-curve", "logic_finish")):
        x, y = numbers(axes, gid)
        moments = np.array([moment(m) for m in run[variable].values])
        for place in (1, 60, 200, len(x) - 2):
            assert y[place] == np.mean(moments <= x[place] + 1e-6)
    for percent in (50, 80):
        logic, real = (level(run[name].values, percent) for name in ("logic_finish", "project_finish"))
        x, y = numbers(axes, f"gap-{percent}")
        np.testing.assert_allclose(x, [moment(logic), moment(real)], atol=1e-6)
        assert set(y) == {percent / 100}
        days = (real - logic) / DAY
        said = next(text for text in words(axes) if text.startswith(f"P{percent}: "))
        assert said.startswith(f"P{percent}: {days:.0f} working days (± ")
    assert f"Phase X: limited people cost {days:.0f} working days at P80" in words(axes)


def test_limits_that_cost_nothing_or_save_time_are_said_so() -> None:
    run = CASES["plain"]
    same = run.assign(logic_finish=run["project_finish"])
    assert "Phase X: limited people cost no time at P80" in words(plot_logic(same))
    faster = run.assign(logic_finish=run["project_finish"] + 12 * DAY)
    assert "Phase X: limited people save 12 working days at P80" in words(plot_logic(faster))
    never = words(plot_logic(CASES["stopped"]))
    assert any("by logic alone, never as it is" in text for text in never)


# --- joint -------------------------------------------------------------------------------------


def test_points_are_trials_and_the_line_is_the_frontier() -> None:
    run = CASES["few"]
    axes = plot_joint(run)
    x, y = numbers(axes, "trials")
    done = np.isfinite(run["project_finish"].values)
    np.testing.assert_allclose(x, [moment(m) for m in run["project_finish"].values[done]], atol=1e-6)
    np.testing.assert_allclose(y, run["project_cost"].values[done])
    run = CASES["plain"]
    axes, found = plot_joint(run), joint_frontier(run)
    x, y = numbers(axes, "frontier")
    np.testing.assert_allclose(x[1:-1], [moment(m) for m in found.finish], atol=1e-6)
    np.testing.assert_allclose(y[1:-1], found.cost)
    assert y[0] > axes.get_ylim()[1]  # earlier is not kept at any cost
    assert (x[-1], y[-1]) == (pytest.approx(axes.get_xlim()[1] + 1), found.cost[-1])


def test_marks_are_equal_quantiles_with_the_chance_of_both() -> None:
    run = CASES["plain"]
    axes = plot_joint(run)
    finish, cost = run["project_finish"].values, run["project_cost"].values
    for percent in (50, 80):
        t, c = level(finish, percent), level(cost, percent)
        x, y = numbers(axes, f"P{percent}")
        assert (x[0], y[0]) == (pytest.approx(moment(t)), c)
        both = np.mean((finish <= t) & (cost <= c))
        assert f"P{percent} date and P{percent} cost:\nboth kept in {100 * both:.0f} %" in words(axes)
    x, y = numbers(axes, "even")
    shares = np.mean([moment(m) <= x[0] + 1e-6 for m in finish]), np.mean(cost <= y[0])
    assert shares[0] == pytest.approx(shares[1], abs=0.005)


def test_quadrants_add_up_and_are_counted_in_cents() -> None:
    run = CASES["tight"]
    inset = plot_joint(run).child_axes[0]
    shown = {text.get_gid(): text.get_text() for text in inset.texts}
    early = run["project_finish"].values <= run.attrs["deadline_minute"]
    cheap = run["project_spent"].values <= run.attrs["budget_limit_cents"]
    for on_time in (True, False):
        for in_budget in (True, False):
            share = np.mean((early == on_time) & (cheap == in_budget))
            assert shown[f"share-{on_time}-{in_budget}"] == f"{100 * share:.0f} %"
    assert not plot_joint(CASES["no-targets"]).child_axes
    assert len(plot_joint(CASES["no-budget"]).child_axes[0].texts) == 2


def test_without_a_frontier_it_is_said() -> None:
    axes = plot_joint(CASES["stopped"])
    assert not has(axes, "frontier")
    assert "Phase X: no date and cost are 70 % sure together" in words(axes)


# --- cash --------------------------------------------------------------------------------------


def test_lines_are_the_quantiles_of_all_that_is_spent() -> None:
    run = CASES["plain"]
    axes = plot_cash(run)
    for percent in (50, 80):
        x, y = numbers(axes, f"P{percent}")
        known = run["cash_cumulative_quantile"].sel(quantile=percent / 100).values
        np.testing.assert_allclose(y[1:], known[: len(y) - 1])
        assert (x[0], y[0]) == (mdates.date2num(date(2026, 1, 1)), 0)
        np.testing.assert_array_equal(x[1:3], [mdates.date2num(date(2026, m, d)) for m, d in ((1, 31), (2, 28))])
    x, y = numbers(axes, "plan")
    np.testing.assert_allclose(y[1:], np.cumsum(run["baseline_cash"].values)[: len(y) - 1])
    assert y[-1] == run["baseline_cost"].item()
    assert numbers(axes, "budget")[1][0] == 385_000
    cost = level(run["project_cost"].values, 80)
    assert f"Phase X: {money_text(cost, 'USD')} is enough in 4 of 5 cases" in words(axes)
    assert f"P80 {money_text(cost)}" in words(axes)


def test_when_the_budget_is_used_up() -> None:
    run = CASES["tight"]  # 165,000 with contingency
    known = run["cash_cumulative_quantile"].sel(quantile=0.5).values
    month = run["month"].values[int(np.argmax(known > 165_000))].astype("datetime64[M]").item()
    said = f"Half have used up the budget by the end of {month:%B %Y}."
    assert any(said in text for text in words(plot_cash(run)))
    assert not any("used up" in text for text in words(plot_cash(CASES["plain"])))
    assert any("Over the 74 % that finish." in text for text in words(plot_cash(CASES["beyond"])))


# --- convergence -------------------------------------------------------------------------------


def test_points_are_figures_of_the_first_trials() -> None:
    run = CASES["plain"]
    axes = plot_convergence(run)
    x, y = numbers(axes, "finish.p80")
    assert list(x) == [50, 100, 200, 400, 800, 1600, 3000]
    finish = run["project_finish"].values
    np.testing.assert_allclose(y, [moment(level(finish[: int(n)], 80)) for n in x], atol=1e-6)
    x, y = numbers(axes, "finish.mean")
    np.testing.assert_allclose(y, [moment(finish[: int(n)].mean()) for n in x], atol=1e-6)
    assert set(numbers(axes, "last-finish.mean")[1]) == {y[-1]}
    half = measure(run, "finish.p80").half_width / DAY
    assert f"Phase X: P80 is known to ± {half:.1f} working days" in words(axes)
    assert "95 % interval of 3,000 trials; 12,000 would halve it." in words(axes)


@pytest.mark.parametrize(
    ("until", "name", "unit"),
    [
        ('["cost.p80", 2000, "2k"]', "cost.p80", 1),
        ('["finish.on_time", 0.01, "1%"]', "finish.on_time", 1),
        ('["delay.mean", 480, "1d"]', "delay.mean", DAY),
        ('["sprint.1.velocity", 600, "10h"]', "sprint.1.velocity", 60),
        ('["gate.tier1.attempts", 0.1, "0.1"]', "gate.tier1.attempts", 1),
    ],
)
def test_what_until_asked_for_is_a_band(until: str, name: str, unit: int) -> None:
    run = CASES["plain"].assign_attrs(until=until)
    axes = plot_convergence(run)
    assert_readable(axes)
    value = measure(run, name).value
    assert value is not None
    assert numbers(axes, name)[1][-1] == pytest.approx(value / unit)
    band = next(patch for patch in axes.patches if patch.get_gid() == "wanted")
    width = float(until.split(",")[1])
    assert band.get_height() == pytest.approx(2 * width / unit)
    assert band.get_y() == pytest.approx((value - width) / unit)


def test_what_cannot_settle_is_not_shown() -> None:
    run = CASES["plain"].assign_attrs(until='["cash.2026-03.p80", 100, "100"]')
    assert has(plot_convergence(run), "finish.p80")


# --- comparison --------------------------------------------------------------------------------


def shorter(**changes: object) -> xr.Dataset:
    finish, outcome = made_up_finishes(3000, **SOUND)
    return a_run((finish * 0.9).astype(np.int64), outcome, plan=without(**changes) if changes else None)


PAIRED = {
    "better": (CASES["plain"], shorter(name="Phase X with training")),
    "worse": (shorter(), CASES["plain"]),
    "same": (CASES["plain"], CASES["plain"]),
    "other trials and deadline": (CASES["few"], shorter(deadline=date(2026, 7, 10), name=LONG)),
    "one": (CASES["one"], CASES["plain"]),
    "beyond": (CASES["plain"], CASES["beyond"]),
    "never": (CASES["all-censored"], CASES["all-censored"]),
    "no deadline": (CASES["no-deadline"], CASES["plain"]),
}


@pytest.mark.parametrize("case", PAIRED)
def test_comparisons_are_readable(case: str) -> None:
    nothing_overlaps(plot_comparison(*PAIRED[case]))


def test_two_runs_and_how_far_they_moved() -> None:
    before, after = PAIRED["better"]
    axes = plot_comparison(before, after)
    for gid, run in (("before", before), ("after", after)):
        x, y = numbers(axes, gid)
        moments = np.array([moment(m) for m in run["project_finish"].values])
        assert y[100] == np.mean(moments <= x[100] + 1e-6)
    ends = [level(run["project_finish"].values, 80) for run in (before, after)]
    np.testing.assert_allclose(numbers(axes, "P80")[0], [moment(m) for m in ends], atol=1e-6)
    days = (CALENDAR.finish_date(ends[0]) - CALENDAR.finish_date(ends[1])).days
    said = words(axes)
    assert any(text.startswith(f"P80: {days} days earlier") for text in said)
    assert "Phase X with training (3,000 trials)" in said
    assert any(text.startswith(f"P80 is {days} days earlier: ") for text in said)


def test_equal_runs_have_not_moved() -> None:
    said = words(plot_comparison(*PAIRED["same"], names=("first", "second")))
    assert "P80: the same day" in said
    assert "second (3,000 trials)" in said


# --- what stands around them -------------------------------------------------------------------


def test_names_above_the_axes_find_rows() -> None:
    assert places([Spot(0.3, 0.2)]) == [(0, "left")]
    assert places([Spot(0.3, 0.2), Spot(0.35, 0.2)]) == [(0, "right"), (0, "left")]
    crowded = places([Spot(0.5, 0.4), Spot(0.52, 0.4), Spot(0.54, 0.4)])
    assert sorted({row for row, _ in crowded}) == [0, 1]
    assert len(places([Spot(0.5, 2.0), Spot(0.6, 2.0)])) == 2


def test_heights_are_spread_as_little_as_needed() -> None:
    assert spread([0.2, 0.8], 0.1, 0, 1) == [0.2, 0.8]
    np.testing.assert_allclose(spread([0.5, 0.5], 0.1, 0, 1), [0.45, 0.55])
    np.testing.assert_allclose(spread([0.99, 0.2, 1.0], 0.1, 0, 1), [0.9, 0.2, 1.0])
    np.testing.assert_allclose(spread([0.85, 0.99, 1.0], 0.1, 0, 1), [0.8, 0.9, 1.0])


@pytest.mark.parametrize(
    ("value", "said"),
    [(0, "0"), (5, "5"), (999, "999"), (1234, "1.23 k"), (385_000, "385 k"), (999_999, "1.00 M"), (-2.5e6, "−2.50 M")],
)
def test_money_has_three_digits(value: float, said: str) -> None:
    assert money_text(value) == said


def test_an_axis_of_money_has_one_unit() -> None:
    assert MoneyFormatter().format_ticks([0, 500_000, 1_000_000]) == ["0", "0.5 M", "1.0 M"]
    assert MoneyFormatter().format_ticks([250, 500]) == ["250", "500"]


def test_the_clock_of_a_chart_is_the_calendars() -> None:
    clock = Clock(CASES["few"])
    for minute in (1, DAY, DAY + 1, 118 * DAY):
        assert float(clock.x(minute)) == pytest.approx(moment(minute))
