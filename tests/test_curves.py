"""Histogram, joint frontier, distances of quantiles, convergence, cash: against naive computations and closed forms."""

from __future__ import annotations

import json
import math
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from generate import make_scenario
from outcomes import CALENDAR, DAY, a_run, made_up_finishes, without
from simrisk.dataset import Trials
from simrisk.dataset.run import run_of
from simrisk.errors import MetricError
from simrisk.measures import measure, metric_names
from simrisk.measures.cashflow import spent
from simrisk.measures.convergence import convergence, nested_sizes
from simrisk.measures.distance import between_quantiles, moved, same_worlds
from simrisk.measures.histogram import histogram
from simrisk.measures.joint import joint_chance, joint_cost, joint_frontier, quadrants
from simrisk.report import text
from simrisk.report.curves import bins, frontier, settling
from simrisk.report.figures import Figures
from simrisk.report.gallery import GALLERY, charts_of
from simrisk.simulation import Experiment
from simrisk_kernels.layout import CENSORED

LEVEL = Fraction(7, 10)
SOUND = {"censored": 0, "stopped": 0}


@pytest.fixture(scope="module")
def run() -> xr.Dataset:
    return a_run()  # of 2,000 trials 20 are censored and 10 stopped


def of_pairs(finish: np.ndarray, cost: np.ndarray) -> xr.Dataset:
    """A run with these finishes (minutes, inf where there is none) and costs."""
    made = a_run(np.full(len(finish), DAY))
    done = np.isfinite(finish)
    made["project_finish"] = ("trial", finish.astype(float))
    made["project_cost"] = ("trial", np.where(done, cost, np.inf))
    made["project_outcome"] = ("trial", np.where(done, 0, CENSORED).astype(np.int8))
    return made


# --- histogram ---------------------------------------------------------------------------------


def test_bins_have_every_finish_once(run: xr.Dataset) -> None:
    found = histogram(run)
    assert found.unit == "week"
    assert all(day.astype(object).weekday() == 0 for day in found.first)
    np.testing.assert_array_equal(found.first[1:], found.last[:-1] + 1)
    n = run.sizes["trial"]
    assert found.hits.sum() + round((found.later.value + found.censored.value + found.stopped.value) * n) == n
    assert (found.censored.value, found.stopped.value) == (0.01, 0.005)
    days = [CALENDAR.finish_date(m) for m in run["project_finish"].values if np.isfinite(m)]
    for first, last, hits in zip(found.first, found.last, found.hits, strict=True):
        assert hits == sum(first.astype(object) <= day <= last.astype(object) for day in days)
    known = stats.binomtest(int(found.hits[4]), n).proportion_ci(0.95, "exact")
    assert (found.low[4], found.high[4]) == pytest.approx((known.low, known.high))


@pytest.mark.parametrize(
    ("days", "unit"), [(20, "day"), (200, "week"), (240, "week"), (1200, "month"), (3500, "quarter"), (20_000, "year")]
)
def test_the_unit_is_the_finest_that_fits(days: int, unit: str) -> None:
    """Finishes spread evenly over so many working days; no month or quarter is cut."""
    run = a_run(np.full(1000, DAY), plan=without(deadline=None))
    calendar = np.arange(np.datetime64("2026-01-05"), np.datetime64("2026-01-05") + days * 7 // 5 + 7)
    run = run.drop_vars("day_date").assign_coords(day_date=("day", calendar[np.is_busday(calendar)][:days]))
    run["project_finish"] = ("trial", np.linspace(1, days * DAY, 1000).round())
    found = histogram(run)
    assert found.unit == unit
    assert len(found.first) <= 60 or unit == "year"
    starts = {"month": range(1, 13), "quarter": (1, 4, 7, 10), "year": (1,)}
    if unit in starts:
        assert {day.astype(object).day for day in found.first} == {1}
        assert {day.astype(object).month for day in found.first} <= set(starts[unit])


@pytest.mark.parametrize(("deadline", "unit"), [("2026-03-02", "day"), ("2026-06-19", "week"), ("2031-01-01", "month")])
def test_bars_far_from_the_deadline_are_no_threads(deadline: str, unit: str) -> None:
    """One day of finishes, 5 January: a bar is at least a 240th of the way to the deadline."""
    run = a_run(np.full(100, DAY))
    run.attrs["deadline"] = deadline
    found = histogram(run)
    assert (found.unit, found.hits.tolist()) == (unit, [100])


def test_nothing_that_finishes_has_no_bins() -> None:
    found = histogram(a_run(np.full(9, 250 * DAY), np.full(9, CENSORED)))
    assert not len(found.first)
    assert found.censored.value == 1


# --- joint -------------------------------------------------------------------------------------


def brute_force(finish: np.ndarray, cost: np.ndarray, level: Fraction) -> list[tuple[float, float]]:
    """Every pair of a finish and a cost that is kept often enough, without those that can be bettered."""
    n = len(finish)
    kept = [
        (t, c)
        for t in finish[np.isfinite(finish)]
        for c in cost[np.isfinite(finish)]
        if ((finish <= t) & (cost <= c)).sum() >= level * n
    ]
    return sorted({p for p in kept if not any(q != p and q[0] <= p[0] and q[1] <= p[1] for q in kept)})


@pytest.mark.parametrize("seed", range(8))
def test_the_frontier_is_that_of_all_pairs_tried(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    finish = rng.integers(1, 12, n) * 100.0  # with ties
    cost = rng.integers(1, 12, n) * 10.0 + finish * rng.integers(0, 2)
    finish[rng.random(n) < 0.1] = np.inf
    cost[np.isinf(finish)] = np.inf
    level = Fraction(int(rng.integers(1, 10)), 10)
    found = joint_frontier(of_pairs(finish, cost), level)
    assert list(zip(found.finish, found.cost, strict=True)) == brute_force(finish, cost, level)
    for t, c, share_t, share_c in zip(found.finish, found.cost, found.finish_share, found.cost_share, strict=True):
        assert (share_t, share_c) == (np.mean(finish <= t), np.mean(cost <= c))


def test_the_frontier_of_independent_uniforms_is_a_hyperbola() -> None:
    """P(T <= t, C <= c) = t c = 0.7; 40,000 trials know each share to +- 0.01 (4 standard errors)."""
    rng = np.random.default_rng(3)
    t, c = rng.random(40_000), rng.random(40_000)
    found = joint_frontier(of_pairs(t, c), LEVEL)
    np.testing.assert_allclose(found.finish * found.cost, 0.7, atol=0.01)
    k = found.even
    assert found.finish[k] == pytest.approx(math.sqrt(0.7), abs=0.01)
    assert found.cost[k] == pytest.approx(math.sqrt(0.7), abs=0.01)
    assert found.finish_share[k] == pytest.approx(found.cost_share[k], abs=2e-4)


def test_date_and_cost_that_go_together_have_one_pair() -> None:
    values = np.arange(1.0, 101)
    found = joint_frontier(of_pairs(values, values), LEVEL)
    assert (list(found.finish), list(found.cost)) == ([70], [70])


def test_too_few_finish_for_a_frontier() -> None:
    finish = np.where(np.arange(100) < 69, 100.0, np.inf)
    assert not len(joint_frontier(of_pairs(finish, finish), LEVEL).finish)
    assert len(joint_frontier(of_pairs(np.full(1, 5.0), np.full(1, 5.0)), LEVEL).finish) == 1


def test_the_cost_for_a_date_is_on_the_frontier_with_its_interval(run: xr.Dataset) -> None:
    found = joint_frontier(run, LEVEL)
    for k in (0, len(found.finish) // 2, -1):
        cost = joint_cost(run, float(found.finish[k]), LEVEL)
        assert cost.value == found.cost[k]
        assert cost.low < cost.value < cost.high
    assert math.isinf(joint_cost(run, float(found.finish[0]) - 1, LEVEL).value)


def test_quadrants_are_shares_of_all_trials(run: xr.Dataset) -> None:
    parts = {(part.on_time, part.in_budget): part.share for part in quadrants(run)}
    assert sum(share.value for share in parts.values()) == pytest.approx(1)
    assert parts[True, True] == pytest.approx(
        tuple(getattr(measure(run, "joint"), e) for e in ("value", "low", "high"))
    )
    assert parts[False, False].value >= 0.015  # those that do not finish
    assert len(quadrants(a_run(plan=without(budget=None)))) == 2
    assert [part.share.value for part in quadrants(a_run(plan=without(budget=None, deadline=None)))] == [1]


def test_the_chance_of_a_pair(run: xr.Dataset) -> None:
    finish, cost = run["project_finish"].values, run["project_cost"].values
    found = joint_chance(run, 110 * DAY, 180_000)
    assert found.value == np.mean((finish <= 110 * DAY) & (cost <= 180_000))
    assert found.low < found.value < found.high


# --- distances ---------------------------------------------------------------------------------


@pytest.mark.slow
def test_distances_cover_the_truth_in_95_of_100() -> None:
    """X and X + Y, both exponential: 8,000 samples of 1,000, a standard error of 0.24 % (see test_coverage.py)."""
    rng = np.random.default_rng(1)
    p, n, repeats = Fraction(4, 5), 1_000, 8_000
    truth = stats.gamma(2).ppf(0.8) - stats.expon.ppf(0.8)
    hits = {True: 0, False: 0}
    widths = {True: 0.0, False: 0.0}
    for _ in range(repeats):
        x = rng.exponential(size=n)
        y = rng.exponential(size=n)
        for paired in hits:
            first = x if paired else rng.exponential(size=n)
            found = between_quantiles(first, x + y, p, paired=paired)
            hits[paired] += found.low <= truth <= found.high
            widths[paired] += found.half_width
    for covered in hits.values():
        assert 0.94 <= covered / repeats <= 0.96
    assert widths[True] < widths[False]


def test_equal_samples_are_not_apart_and_unfinished_ones_not_comparable() -> None:
    values = np.arange(1.0, 501)
    assert between_quantiles(values, values, Fraction(4, 5), paired=True) == (0, 0, 0)
    shifted = between_quantiles(values, values + 7, Fraction(4, 5), paired=True)
    assert shifted == pytest.approx((7, 7, 7), abs=1e-6)
    never = np.where(values > 300, np.inf, values)
    assert math.isnan(between_quantiles(values, never, Fraction(4, 5), paired=True).value)
    unbounded = between_quantiles(values[:3], values[:3], Fraction(4, 5), paired=True)
    assert unbounded.value == 0
    assert math.isinf(unbounded.half_width)


def test_the_gap_of_the_logic_is_a_metric(run: xr.Dataset) -> None:
    real, logic = measure(run, "finish.p80").value, measure(run, "logic.finish.p80").value
    found = measure(run, "logic.gap.p80")
    assert real is not None
    assert logic is not None
    assert (found.value, found.kind) == (real - logic, "duration")
    assert found.half_width < measure(run, "finish.p80").half_width / 2  # the same trials, one a tenth faster
    assert "logic.gap.p80" in set(metric_names(run))
    assert f"{found.value / DAY:.1f}" in text.render(run)
    never = a_run(np.full(9, 250 * DAY), np.full(9, CENSORED))
    assert measure(never, "logic.gap.p80").value is None


def test_runs_with_the_same_dice_are_compared_trial_by_trial() -> None:
    finish, outcome = made_up_finishes(2000, **SOUND)
    before, after = a_run(finish, outcome), a_run(finish - DAY, outcome)
    assert same_worlds(before, after)
    assert not same_worlds(before, a_run(finish, outcome, seed=8))
    assert not same_worlds(before, after.isel(trial=slice(100)))
    days = (finish / DAY, finish / DAY - 1)
    assert moved(before, after, Fraction(1, 2), days) == pytest.approx((-1, -1, -1), abs=1e-6)
    other = moved(before, a_run(finish, outcome, seed=8), Fraction(1, 2), days)
    assert other.value == pytest.approx(-1)
    assert other.half_width > 0.3


# --- convergence -------------------------------------------------------------------------------


def test_sizes_double_up_to_the_run() -> None:
    assert nested_sizes(10_000) == (50, 100, 200, 400, 800, 1600, 3200, 10_000)
    assert nested_sizes(400) == (50, 100, 200, 400)
    assert nested_sizes(40) == (5, 10, 20, 40)
    assert nested_sizes(1) == (1,)


@pytest.mark.parametrize(
    "name",
    ["finish.p80", "cost.mean", "finish.on_time", "joint", "gate.tier1.p_go", "task.alpha.criticality"],
)
def test_each_point_is_the_figure_of_a_shorter_run(run: xr.Dataset, name: str) -> None:
    sizes = nested_sizes(run.sizes["trial"])
    found = convergence(run, name)
    assert found[-1] == measure(run, name)
    for size, figure in zip(sizes, found, strict=True):
        assert figure == measure(run.isel(trial=slice(size)), name)
    assert found == convergence(run_of(run), name)


def test_every_metric_settles_or_says_why_not(run: xr.Dataset) -> None:
    for name in metric_names(run):
        if name.startswith(("baseline", "cash")):
            with pytest.raises(MetricError, match="no-convergence"):
                convergence(run, name, (50,))
        else:
            assert convergence(run, name, (50,))[0] == measure(run.isel(trial=slice(50)), name), name


def test_packed_trials_settle_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns that had to be packed are unpacked one at a time, and give the figures of those that were not."""
    monkeypatch.setattr("simrisk.dataset.store.slab_rows", lambda row_bytes: 64)
    experiments = []
    for kept in (1 << 28, 0):
        monkeypatch.setattr(Trials.__init__, "__kwdefaults__", {**Trials.__init__.__kwdefaults__, "kept_bytes": kept})
        experiments.append(Experiment(make_scenario(3), threads=1))
        experiments[-1].extend(200)
    plain, packed = (experiment.run() for experiment in experiments)
    assert experiments[1]._outcomes.is_packed
    task = str(plain["task"].values[0])
    for name in ("finish.p80", f"task.{task}.finish.p80", f"task.{task}.criticality"):
        assert convergence(plain, name, (50, 130, 200)) == convergence(packed, name, (50, 130, 200))


# --- cash and tables ---------------------------------------------------------------------------


def test_cumulative_cash(run: xr.Dataset) -> None:
    known = spent(run)
    assert known.levels == (5, 10, 25, 50, 75, 80, 90, 95)
    assert str(known.last[1]) == "2026-02-28"
    np.testing.assert_array_equal(known.level(80), run["cash_cumulative_quantile"].sel(quantile=0.8).values)
    assert known.plan[-1] == pytest.approx(run["baseline_cost"].item())
    month = known.month_of(100_000, 50)
    assert month is not None
    assert known.level(50)[month - 1] <= 100_000 < known.level(50)[month]
    assert known.month_of(1e12, 50) is None
    done = known.settled(80)
    assert known.level(80)[done] == known.level(80)[-1]
    assert known.level(80)[done - 1] < known.level(80)[-1]
    assert known.share == 0.985


def test_tables_have_the_numbers_of_the_charts(run: xr.Dataset) -> None:
    figures = Figures(run)
    table, found = bins(figures), histogram(run)
    assert table is not None
    assert table.rows[3][0] == str(found.first[3])
    assert table.rows[3][1] == f"{100 * found.value[3]:.1f} %"
    assert [row[0] for row in table.rows[-3:]] == ["later", "not by the horizon", "stopped at a gate"]
    far = bins(Figures(a_run(plan=without(deadline=date(2026, 12, 16)))))
    assert far is not None
    assert [row[3] for row in far.rows[-3:]] == [far.rows[-3][1], "0 %", "0 %"]  # also the latest are on time then
    pairs, line = frontier(figures), joint_frontier(run, LEVEL)
    assert pairs is not None
    assert pairs.rows[0][1] == str(CALENDAR.finish_date(line.finish[line.even]))
    assert pairs.rows[0][2] == f"{line.cost[line.even]:,.0f}"
    settled = settling(figures)
    assert settled is not None
    assert [row[0] for row in settled.rows] == ["50", "100", "200", "400", "800", "2,000"]
    assert settled.rows[-1][1:3] == figures.both("finish.p80")
    asked = run.assign_attrs(until=json.dumps(["cost.mean", 100, "100"]))
    wanted = settling(Figures(asked))
    assert wanted is not None
    assert wanted.headers == ("trials", "cost.mean", "95 % interval")


def test_the_gallery_shows_what_there_is(run: xr.Dataset) -> None:
    def shown(some: xr.Dataset) -> list[str]:
        ours = ("histogram", "logic", "joint", "cash", "convergence")
        return [chart.name for chart in charts_of(some) if chart.name in ours]

    assert shown(run) == ["histogram", "logic", "joint", "cash", "convergence"]
    assert shown(a_run(np.full(1, 100 * DAY))) == ["histogram", "logic", "joint", "cash"]
    assert shown(a_run(np.full(9, 250 * DAY), np.full(9, CENSORED))) == ["logic", "convergence"]
    assert "logic" not in shown(run.assign(logic_finish=run["project_finish"]))
    free = run.assign(project_spent=run["project_spent"] * 0, baseline_cost=run["baseline_cost"] * 0)
    del free.attrs["budget_limit_cents"]
    assert shown(free) == ["histogram", "logic", "convergence"]
    for chart in GALLERY:
        table = chart.table(Figures(run))
        assert table is None or len({len(row) for row in (table.headers, *table.rows)}) == 1
