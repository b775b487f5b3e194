"""The chart of gates shows how often each has been reviewed and passed by each date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from chart_checks import HARD, found, hard, many, moment, nothing_overlaps, quantile
from outcomes import CALENDAR, a_run
from pictures import words
from simrisk.charts import plot_gates, save
from simrisk.charts.gates import CURVE_HEIGHT, FOOT, MOST_STEPS
from simrisk.measures import measure
from simrisk.measures.moments import steps
from simrisk.measures.schedule import gates_in_order
from simrisk.report.figures import Figures
from simrisk.report.gallery import GALLERY
from simrisk.report.timing import gates

CHART = next(chart for chart in GALLERY if chart.name == "gates")


@pytest.mark.parametrize("case", HARD)
def test_nothing_overlaps(case: str, tmp_path: Path) -> None:
    run = hard(case)
    assert CHART.applies(run) == (run.sizes["gate"] > 0)
    axes = plot_gates(run)
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")


def passed_minutes(case: str) -> np.ndarray:
    run = hard(case)
    minutes: np.ndarray = np.where(run["gate_outcome"].values[:, 0] == 4, -1, run["gate_finish"].values[:, 0])
    return minutes


@pytest.mark.parametrize("case", ["plain", "some stopped", "one trial"])
def test_the_curve_is_the_share_of_trials_that_have_passed(case: str) -> None:
    passed = passed_minutes(case)
    x, y = (np.asarray(data, float) for data in found(plot_gates(hard(case)), "passed-tier1").get_data())
    shares = (FOOT - y) / CURVE_HEIGHT
    assert shares[0] == 0
    assert shares[-1] == pytest.approx((passed >= 0).mean())
    moments = np.array([moment(m, end=True) for m in passed if m >= 0])
    for place in range(1, len(x) - 1, 7):
        assert shares[place] == pytest.approx((moments <= x[place] + 1e-6).sum() / len(passed))
    assert len(x) <= MOST_STEPS + 5
    assert np.diff(shares).max() <= max(0.03, 1 / len(passed))


def test_the_first_reviews_are_another_curve() -> None:
    run = hard("plain")
    x, y = (np.asarray(data, float) for data in found(plot_gates(run), "reviewed-tier1").get_data())
    moments = np.array([moment(m, end=True) for m in run["gate_first_review"].values[:, 0]])
    place = len(x) // 2
    assert (FOOT - y[place]) / CURVE_HEIGHT == pytest.approx((moments <= x[place] + 1e-6).mean())


def test_marks_stand_at_quantiles_and_the_plan() -> None:
    axes = plot_gates(hard("plain"))
    for percent in (10, 50, 80):
        mark = found(axes, f"p{percent}-tier1")
        minute = quantile(passed_minutes("plain"), percent)
        assert mark.get_xdata()[0] == pytest.approx(moment(minute, end=True))
        assert mark.get_ydata()[0] == pytest.approx(FOOT - CURVE_HEIGHT * percent / 100)
    day = CALENDAR.finish_date(quantile(passed_minutes("plain"), 80))
    assert f"P80 {day.day} {day:%b %Y}" in words(axes)
    assert f"Phase X: 80 % sure to pass Tier 1 by {day.day} {day:%b %Y}" in words(axes)
    planned = int(hard("plain")["baseline_gate_finish"].values[0])
    assert found(axes, "plan-tier1").get_xdata()[0] == pytest.approx(moment(planned, end=True))


def test_stops_are_said_and_no_date_is_promised() -> None:
    axes = plot_gates(hard("some stopped"))
    label = axes.get_yticklabels()[0].get_text()
    assert "stops the project 40 %" in label
    first = (hard("some stopped")["gate_attempts"].values == 1) & (hard("some stopped")["gate_outcome"].values == 1)
    assert f"go at first review {100 * first.mean():.0f} %" in label
    assert "Phase X: no date is 80 % sure for Tier 1" in words(axes)


def test_decisions_are_metrics() -> None:
    run = hard("some stopped")
    outcome = run["gate_outcome"].values[:, 0]
    for figure, flag in (("p_waived", 2), ("p_descoped", 3), ("p_stop", 4)):
        share = measure(run, f"gate.tier1.{figure}")
        assert share.value == (outcome == flag).mean()
        assert share.low is not None
        assert share.low <= share.value <= share.high


def test_gates_are_in_the_order_of_the_plan_and_few() -> None:
    run = many(a_run(), "gate", 30)
    run["baseline_gate_finish"].values[:] = np.random.default_rng(3).permutation(30)
    run["baseline_gate_finish"].values[4] = -1
    order = gates_in_order(run)
    known = [f"gate {i}" for i in np.argsort(run["baseline_gate_finish"].values) if i != 4]
    assert order == [*known, "gate 4"]
    assert "... and 15 more" in [label.get_text() for label in plot_gates(run).get_yticklabels()]


def test_the_numbers_behind_it() -> None:
    run = hard("some stopped")
    table = gates(Figures(run))
    assert table is not None
    (row,) = table.rows
    cells = dict(zip(table.headers, row, strict=True))
    passed = passed_minutes("some stopped")
    assert cells["passed P10"] == str(CALENDAR.finish_date(quantile(passed, 10)))
    assert cells["passed P50"] == str(CALENDAR.finish_date(quantile(passed, 50)))
    assert cells["passed P80"] == "stopped"
    assert cells["reviewed P50"] == str(CALENDAR.start_date(quantile(run["gate_first_review"].values[:, 0], 50)))


def test_thinned_steps_are_exact_where_they_are() -> None:
    values = np.random.default_rng(1).integers(0, 5000, 4000).astype(float)
    values[:100] = np.inf
    thin = steps(values, 50)
    for minute, share in zip(*thin, strict=True):
        assert share == np.mean(values <= minute)
    assert len(thin.minutes) <= 50
    assert thin.shares[-1] == 0.975
