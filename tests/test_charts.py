"""The finish chart shows the run's numbers, names its dates, and nothing on it overlaps."""

from __future__ import annotations

import itertools
import math
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import xarray as xr
from matplotlib import dates as mdates
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from outcomes import CALENDAR, DAY, a_run, made_up_finishes, without
from simrisk.charts import plot_finish, save
from simrisk.errors import ResultsError
from simrisk.measures import measure


def line(axes: Axes, gid: str) -> Line2D:
    return next(found for found in axes.lines if found.get_gid() == gid)


def words(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts if text.get_text()]


def moment(minute: float) -> float:
    """Day number of a finish, from the calendar and not from the chart's own arithmetic."""
    day = CALENDAR.finish_date(minute)
    left = CALENDAR.day_of(day) + 1 - minute / DAY
    return float(mdates.date2num(day)) - left / 2  # the day's tick is its end


SOUND = {"censored": 0, "stopped": 0}
CASES: dict[str, xr.Dataset] = {
    "plain": a_run(*made_up_finishes(3000, **SOUND)),
    "few": a_run(*made_up_finishes(100)),
    "beyond": a_run(*made_up_finishes(2000, censored=500)),
    "all-censored": a_run(*made_up_finishes(200, censored=200, stopped=0)),
    "one": a_run(np.array([100 * DAY])),
    "equal": a_run(np.full(500, 120 * DAY)),
    "no-deadline": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=None)),
    "close": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 6, 16)), baseline=115 * DAY),
    "early": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 2, 16)), baseline=40 * DAY),
    "late": a_run(*made_up_finishes(3000, **SOUND), plan=without(deadline=date(2026, 12, 16)), baseline=90 * DAY),
    "long-name": a_run(plan=without(name="The extraordinarily long name of a project, with all its parts")),
}


def test_the_curve_is_the_share_finished_by_each_moment() -> None:
    finish, outcome = made_up_finishes(300)
    run = a_run(finish, outcome)
    axes = plot_finish(run)
    x, y = (np.asarray(data, dtype=float) for data in line(axes, "finish-curve").get_data())
    known = np.unique(finish[outcome == 0])
    np.testing.assert_allclose(x[1:-1], [moment(m) for m in known], atol=1e-6)
    expected = [sum(f <= m for f in finish[outcome == 0]) / 300 for m in known]
    np.testing.assert_allclose(y[1:-1], expected)
    assert y[0] == 0
    assert y[-1] == (outcome == 0).mean()


def test_the_lighter_curve_is_that_of_the_logic_alone() -> None:
    run = CASES["few"]
    axes = plot_finish(run)
    x, y = (np.asarray(data, dtype=float) for data in line(axes, "logic-curve").get_data())
    known = np.unique(run["logic_finish"].values)
    np.testing.assert_allclose(x[1:-1], [moment(m) for m in known], atol=1e-6)
    np.testing.assert_allclose(y[1:-1], [(run["logic_finish"].values <= m).mean() for m in known])
    labels = [text.get_text() for text in axes.get_legend().get_texts()]  # type: ignore[union-attr]
    assert labels[0] == "100 simulated projects"
    assert labels[-1].startswith("logic only")
    assert axes.get_xlim()[0] < moment(np.sort(known)[1])  # it is in the picture
    same = run.assign(logic_finish=run["project_finish"])
    assert not [found for found in plot_finish(same).lines if found.get_gid() == "logic-curve"]


def test_a_thinned_curve_is_still_exact_where_it_bends() -> None:
    run = CASES["plain"]
    x, y = (np.asarray(data, dtype=float) for data in line(plot_finish(run), "finish-curve").get_data())
    moments = np.array([moment(m) for m in run["project_finish"].values])
    for place in (1, 17, 200, len(x) - 2):
        assert y[place] == np.mean(moments <= x[place] + 1e-6)
    assert np.diff(y).max() < 0.005  # no step of the drawn curve is visible


def test_the_band_is_as_wide_as_dvoretzky_kiefer_and_wolfowitz_say() -> None:
    axes = plot_finish(CASES["few"])
    band = next(c for c in axes.collections if isinstance(c, PolyCollection))
    height = math.sqrt(math.log(2 / 0.05) / 200)
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(0.7 + height)  # 30 of 100 never finish
    assert any("Dvoretzky" in text.get_text() for text in axes.get_legend().get_texts())  # type: ignore[union-attr]


@pytest.mark.parametrize("percent", [50, 80])
def test_quantiles_are_marked_where_they_are_and_named_by_their_date(percent: int) -> None:
    run = CASES["plain"]
    axes = plot_finish(run)
    values = np.sort(run["project_finish"].values)
    minute = values[math.ceil(Fraction(percent, 100) * len(values)) - 1]
    x, y = line(axes, f"P{percent}").get_data()
    assert (float(x[0]), y[0]) == (pytest.approx(moment(minute)), percent / 100)
    day = CALENDAR.finish_date(minute)
    assert f"P{percent}: {day.day} {day:%b %Y}" in words(axes)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0])
def test_on_a_short_axis_every_date_is_at_its_own_tick(share: float) -> None:
    finish = np.full(100, round((3 + share) * DAY))  # on the fourth day, Thursday 8 January
    axes = plot_finish(a_run(finish, plan=without(deadline=date(2026, 1, 8)), baseline=3 * DAY))
    assert "P80: 8 Jan 2026" in words(axes)
    low, high = axes.get_xlim()
    ticks = {x: label for x, label in tick_labels(axes).items() if low <= x <= high}
    assert len(set(ticks.values())) == len(ticks) >= 4  # days, and none of them twice
    for gid, day in (("P80", 8), ("deadline", 8), ("without dice", 7)):
        x = float(line(axes, gid).get_xdata()[0])
        nearest = min(ticks, key=lambda tick: abs(tick - x))
        assert ticks[nearest].startswith(f"{day} Jan"), gid
    curve = line(axes, "finish-curve")
    assert line(axes, "deadline").get_xdata()[0] >= curve.get_xdata()[1]  # finished that day is on time


def tick_labels(axes: Axes) -> dict[float, str]:
    places = axes.get_xticks()
    return dict(zip(map(float, places), axes.xaxis.get_major_formatter().format_ticks(list(places)), strict=True))


def test_letters_the_font_lacks_and_dollar_signs_are_no_trouble(tmp_path: Path) -> None:
    axes = plot_finish(a_run(plan=without(name="\u8a08\u753b $a_{$ b$")))  # warnings are errors in the tests
    for ending in ("svg", "png"):
        save(axes, tmp_path / f"a.{ending}")
    assert "\u8a08\u753b $a_{$ b$" in (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_a_quantile_among_stopped_trials_is_not_beyond_the_horizon() -> None:
    run = a_run(*made_up_finishes(1000, censored=0, stopped=400))
    said = words(plot_finish(run))
    assert "P80: stopped at a gate" in said
    assert not any("horizon" in text for text in said)
    assert plot_finish(run).get_xlim()[1] < mdates.date2num(CALENDAR.finish_date(240 * DAY))


def test_deadline_and_plan_stand_at_their_days() -> None:
    axes = plot_finish(CASES["plain"])
    assert line(axes, "deadline").get_xdata()[0] == mdates.date2num(date(2026, 6, 19))
    assert line(axes, "without dice").get_xdata()[0] == pytest.approx(moment(100 * DAY))
    chance = measure(CASES["plain"], "finish.on_time").value
    assert chance is not None
    assert f"deadline: 19 Jun 2026 ({100 * chance:.0f} % chance)" in words(axes)
    assert "plan without dice: 26 May 2026" in words(axes)
    assert not [found for found in plot_finish(CASES["no-deadline"]).lines if found.get_gid() == "deadline"]


def test_the_title_says_the_answer() -> None:
    day = measure(CASES["plain"], "finish.p80").date
    assert day is not None
    assert f"Phase X: 80 % sure to be finished by {day.day} {day:%b %Y}" in words(plot_finish(CASES["plain"]))
    assert any("no date is 80 % sure before 22 Dec 2026" in text for text in words(plot_finish(CASES["beyond"])))
    assert any("Of 2,000 trials 500 did not finish" in text for text in words(plot_finish(CASES["beyond"])))
    assert any("Too few trials" in text for text in words(plot_finish(CASES["one"])))


@pytest.mark.parametrize("case", CASES)
def test_no_text_meets_another_or_leaves_the_picture(case: str) -> None:
    axes = plot_finish(CASES[case])
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    ticks = [label for axis in (axes.xaxis, axes.yaxis) for label in axis.get_ticklabels() if label.get_text()]
    low, high = axes.get_xlim()
    shown = [t for t in ticks if t not in axes.get_xticklabels() or low <= t.get_position()[0] <= high]
    legend = axes.get_legend()
    assert legend is not None
    boxes = [(text.get_text(), text.get_window_extent()) for text in (*axes.texts, *shown, *legend.get_texts())]
    for name, box in boxes:
        assert box.x0 >= 0, name
        assert box.x1 <= figure.bbox.x1, name
        assert box.y0 >= 0, name
        assert box.y1 <= figure.bbox.y1, name
    for (name, box), (other, its) in itertools.combinations(boxes, 2):
        apart = box.x1 <= its.x0 or its.x1 <= box.x0 or box.y1 <= its.y0 + 1 or its.y1 <= box.y0 + 1
        assert apart, f"{name!r} meets {other!r}"


def test_it_draws_on_axes_it_is_given() -> None:
    figure = Figure()
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    assert plot_finish(CASES["few"], ax=axes) is axes


def test_files_are_the_same_for_the_same_run_and_keep_text_as_text(tmp_path: Path) -> None:
    for ending in ("svg", "png"):
        for name in ("a", "b"):
            save(plot_finish(CASES["plain"]), tmp_path / f"{name}.{ending}")
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()
    picture = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "P80: " in picture
    assert "<dc:date>" not in picture
    assert len(picture) < 120_000
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_unwritable_and_unknown_files(tmp_path: Path) -> None:
    with pytest.raises(ResultsError, match="results-unwritable"):
        save(plot_finish(CASES["one"]), tmp_path / "none" / "a.svg")
    with pytest.raises(ValueError, match=r"svg or \.png"):
        save(plot_finish(CASES["one"]), tmp_path / "a.pdf")
