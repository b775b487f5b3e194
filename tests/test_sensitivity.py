"""Sensitivity, merge bias and contingency of members against naive computations and closed forms."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from outcomes import CALENDAR, DAY, a_plan, a_run, a_scenario, a_wide_scenario, made_up_finishes, outcomes_of
from simrisk.measures import correlation, measure, quantile_ranks, sensitivity
from simrisk.measures.estimates import Estimate, half_width, unskewed
from simrisk.measures.merge import Path, join_of, joining_gates, joining_tasks, merged, paths_to_gate, paths_to_task
from simrisk.measures.sensitivity import Durations, sensitivity_index
from simrisk.report import markdown, text
from simrisk.scenario.model import Link
from simrisk_kernels.layout import CENSORED, FINISHED, STOP


def a_varied_run(n: int = 500, plan: Any = None) -> xr.Dataset:
    """A run of which the tasks take 2 to 40 days, some of them dropped."""
    rng = np.random.default_rng(11)
    made = outcomes_of(*made_up_finishes(n), plan=plan)
    made.task_start[:] = rng.integers(0, 5 * DAY, made.task_start.shape)
    ran = made.task_finish >= 0
    share = rng.uniform(0.05, 0.4, made.task_finish.shape) * (made.end[:, None] / made.end.max())
    made.task_finish[:] = np.where(ran, made.task_start + share * 100 * DAY, -1)
    made.task_dropped[::7, 1] = 1
    return a_run(outcomes=made, plan=plan)


def naive(run: xr.Dataset, task: int) -> tuple[np.ndarray, np.ndarray]:
    """Durations and finishes of the finished trials in which a task was not dropped."""
    some = (run["project_outcome"].values == FINISHED) & ~run["task_dropped"].values[:, task]
    took = run["task_finish"].values[some, task] - run["task_start"].values[some, task]
    return took, run["project_finish"].values[some]


# --- correlations --------------------------------------------------------------------------------


def test_correlations_are_scipys() -> None:
    rng = np.random.default_rng(1)
    x = rng.integers(0, 30, 400)
    y = x + rng.integers(-20, 20, 400)
    assert correlation.pearson(x, y).value == pytest.approx(stats.pearsonr(x, y).statistic, abs=1e-12)
    assert correlation.spearman(x, y).value == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert correlation.pearson(x, -y).value == pytest.approx(-stats.pearsonr(x, y).statistic, abs=1e-12)


def jackknifed(figure: Any, *samples: np.ndarray) -> float:
    """Half the width of an interval from the errors that leaving out one trial at a time shows."""
    n = len(samples[0])
    without = [figure(*(np.delete(sample, i) for sample in samples)) for i in range(n)]
    return 1.959963984540054 * math.sqrt((n - 1) ** 2 / n * float(np.var(without, ddof=1)))


@pytest.mark.parametrize("which", ["pearson", "spearman"])
@pytest.mark.parametrize("ties", [1, 10])
def test_errors_of_correlations_are_those_of_the_jackknife(which: str, ties: int) -> None:
    """Both estimate the same error; they differ by some 1 / n of it."""
    rng = np.random.default_rng(2)
    x = rng.gamma(2, size=300) // (0.1 * ties)
    y = (x + rng.gamma(2, size=300) * 20 // ties) // 1
    of = getattr(correlation, which)
    found = of(x, y)
    known = jackknifed(lambda a, b: math.atanh(of(a, b).value), x, y)
    assert (math.atanh(found.high) - math.atanh(found.low)) / 2 == pytest.approx(known, rel=0.04)


def test_correlations_without_variation_and_with_too_few_trials() -> None:
    same, other = np.full(20, 3.0), np.arange(20.0)
    for of in (correlation.pearson, correlation.spearman):
        assert all(map(math.isnan, of(same, other)))
        assert all(map(math.isnan, of(other[:2], other[:2])))
        assert all(map(math.isnan, of(other[:0], other[:0])))
        assert of(other, 2 * other + 1) == pytest.approx((1, 1, 1), abs=1e-9)
        assert of(other, -other) == pytest.approx((-1, -1, -1), abs=1e-9)
        few = of(other[:5], other[:5] ** 2)
        assert few.value > 0.9
        assert math.isnan(few.low)


@pytest.mark.parametrize(
    ("signed", "size"),
    [
        ((0.5, 0.2, 0.7), (0.5, 0.2, 0.7)),
        ((-0.5, -0.7, -0.2), (0.5, 0.2, 0.7)),
        ((0.1, -0.3, 0.4), (0.1, 0, 0.4)),
        ((-0.1, -0.3, 0.2), (0.1, 0, 0.3)),
    ],
)
def test_the_size_of_a_figure_of_unknown_sign_may_be_0(
    signed: tuple[float, float, float], size: tuple[float, float, float]
) -> None:
    assert correlation.magnitude(Estimate(*signed)) == pytest.approx(size)


def test_the_cubic_takes_the_ends_of_an_interval_to_the_normal_quantiles() -> None:
    """g(T) = T + G T^2 / 3 + G^2 T^3 / 27 + G / 6 with G the skewness over sqrt(n), as Hall (1992) has it."""
    values = np.random.default_rng(8).exponential(size=50)
    below, above = unskewed(values)
    error = values.std() / math.sqrt(50)
    skewness = stats.skew(values) / math.sqrt(50)
    for t, wanted in ((below / error, 1.959964), (-above / error, -1.959964)):
        g = t + skewness * t**2 / 3 + skewness**2 * t**3 / 27 + skewness / 6
        assert g == pytest.approx(wanted, rel=1e-6)
    assert above > below
    assert unskewed(np.array([-2.0, -1, 1, 2])) == pytest.approx((1.959964 * math.sqrt(2.5) / 2,) * 2)
    assert unskewed(np.full(5, 0.1)) == pytest.approx((0, 0), abs=1e-12)


# --- cruciality and the sensitivity index --------------------------------------------------------


def test_cruciality_is_the_correlation_of_duration_and_finish() -> None:
    run = a_varied_run()
    for place, task in enumerate(("alpha", "beta")):
        took, finish = naive(run, place)
        found = measure(run, f"task.{task}.cruciality")
        assert found.value == pytest.approx(abs(stats.pearsonr(took, finish).statistic), abs=1e-12)
        assert found.share == len(took) / 500
        assert (found.kind, found.unit) == ("ratio", "1")
        ranked = sensitivity.cruciality(run, task, ranked=True)
        assert ranked.value == pytest.approx(abs(stats.spearmanr(took, finish).statistic), abs=1e-12)
        assert ranked.low < ranked.value < ranked.high


def test_the_sensitivity_index_is_the_product_of_its_parts() -> None:
    run = a_varied_run()
    finished = run["project_outcome"].values == FINISHED
    for place, task in enumerate(("alpha", "beta")):
        took, _ = naive(run, place)
        spread = took.std(ddof=1) / run["project_finish"].values[finished].std(ddof=1)
        often = run["task_critical"].values[finished, place].mean()
        found = measure(run, f"task.{task}.ssi")
        assert found.value == pytest.approx(often * spread)
        assert found.low is not None
        assert found.high is not None
        assert 0 < found.low < found.value < found.high


def test_the_error_of_the_sensitivity_index_is_that_of_the_jackknife() -> None:
    rng = np.random.default_rng(3)
    took, other = rng.gamma(3, size=400), rng.gamma(3, size=400)
    critical, ran, finish = took > other, rng.random(400) < 0.8, np.maximum(took, other)
    found = sensitivity_index(Durations(took, ran), critical, finish)

    def log_index(took: np.ndarray, ran: np.ndarray, critical: np.ndarray, finish: np.ndarray) -> float:
        return math.log(critical.mean() * took[ran].std() / finish.std())

    known = jackknifed(log_index, took, ran, critical, finish)
    assert math.log(found.high / found.low) / 2 == pytest.approx(known, rel=0.03)


def test_what_never_was_critical_has_an_upper_end() -> None:
    run = a_varied_run()
    run["task_critical"].values[:, 0] = False
    finished = run["project_outcome"].values == FINISHED
    took, _ = naive(run, 0)
    found = measure(run, "task.alpha.ssi")
    seldom = stats.binomtest(0, int(finished.sum())).proportion_ci(0.95, "exact").high
    ratio = took.std(ddof=1) / run["project_finish"].values[finished].std(ddof=1)
    assert (found.value, found.low, found.high) == (0, 0, pytest.approx(seldom * ratio))


def test_sensitivity_where_nothing_varies_or_nothing_happened() -> None:
    steady = a_varied_run()
    steady["task_finish"].values[:, 0] = steady["task_start"].values[:, 0] + DAY
    assert measure(steady, "task.alpha.cruciality").value is None
    assert measure(steady, "task.alpha.ssi").value == 0
    sure = a_run(np.full(50, 100 * DAY))
    sure["task_start"].values[:, 0] = np.arange(50)
    never = a_run(np.full(50, 250 * DAY), np.full(50, CENSORED))
    dropped = a_varied_run()
    dropped["task_dropped"].values[:, 0] = True
    for run in (sure, never, dropped, a_run(np.array([DAY]))):
        for figure in ("cruciality", "ssi"):
            found = measure(run, f"task.alpha.{figure}")
            assert (found.value, found.low, found.high) == (None, None, None)


def test_a_project_of_one_task_is_that_task() -> None:
    run = a_run(np.arange(20, 60) * DAY)
    run["task_start"].values[:, 0], run["task_finish"].values[:, 0] = 0, run["project_end"].values
    run["task_critical"].values[:, 0] = True
    for figure in ("cruciality", "ssi"):
        found = measure(run, f"task.alpha.{figure}")
        assert (found.value, found.low, found.high) == pytest.approx((1, 1, 1))


# --- where paths join ----------------------------------------------------------------------------


def joined(*links: Link) -> Any:
    """A plan in which gamma waits for others."""
    scenario = a_scenario()
    alpha, beta, gamma = scenario.tasks
    return a_plan(replace(scenario, tasks=(alpha, beta, replace(gamma, links=links))))


def test_paths_join_where_several_links_hold_the_start() -> None:
    run = a_run(plan=joined(Link("alpha", "SS"), Link("beta"), Link("alpha", "FF")))
    assert joining_tasks(run) == ["gamma"]
    assert paths_to_task(run, "gamma") == (Path("alpha", "task_start", 0), Path("beta", "task_finish", 0))
    assert joining_gates(run) == []  # it requires one task
    assert joining_tasks(a_run(plan=joined(Link("alpha"), Link("beta", "FF")))) == []
    wide = a_run(plan=a_plan(a_wide_scenario()))
    assert joining_gates(wide) == ["tier1"]
    assert paths_to_gate(wide, "tier1") == (Path("alpha", "task_finish", 0), Path("beta", "task_finish", 0))


def test_merge_bias_by_hand() -> None:
    """Finishes of alpha: 2, 4, 6 days, mean 4; of beta: 5, 5, 2, mean 4, with a lag of a day 5. Latest: 6, 6, 6."""
    lag = replace(a_scenario().tasks[0].efforts[0], params=(DAY,), planned=DAY)
    run = a_run(np.full(3, 100 * DAY), plan=joined(Link("alpha"), Link("beta", "FS", lag)))
    run["task_finish"].values[:, 0] = [2 * DAY, 4 * DAY, 6 * DAY]
    run["task_finish"].values[:, 1] = [5 * DAY, 5 * DAY, 2 * DAY]
    found = measure(run, "task.gamma.merge_bias")
    assert (found.value, found.kind, found.share) == (DAY, "duration", 1)
    join = join_of(run, paths_to_task(run, "gamma"))
    assert join.last.value.tolist() == [1 / 3, 2 / 3]
    run["task_finish"].values[0, 0] = 6 * DAY  # both at once: each of them was the last one
    assert join_of(run, join.paths).last.value.tolist() == [2 / 3, 2 / 3]
    run["task_finish"].values[2, 1] = -1  # it did not come to the join
    assert join_of(run, join.paths).share == 2 / 3


def test_merge_bias_is_that_of_a_naive_count_with_the_interval_of_a_mean() -> None:
    rng = np.random.default_rng(5)
    times = [rng.gamma(4, 100, 900) + later for later in (0, 60, 300)]
    bias, last = merged(times.__getitem__, 3)
    wait = np.max(times, axis=0) - times[2]
    half = 1.959963984540054 * wait.std(ddof=1) / 30
    assert bias == pytest.approx((wait.mean(), wait.mean() - half, wait.mean() + half))
    assert last.value == pytest.approx([(np.argmax(times, axis=0) == k).mean() for k in range(3)])
    known = stats.binomtest(round(900 * last.value[2]), 900).proportion_ci(0.95, "exact")
    assert (last.low[2], last.high[2]) == pytest.approx((known.low, known.high))


def test_paths_that_are_equally_late_on_average_widen_the_interval() -> None:
    rng = np.random.default_rng(6)
    times = [rng.gamma(4, 100, 400) for _ in range(3)]
    bias, _ = merged(times.__getitem__, 3)
    waits = [np.max(times, axis=0) - time for time in times]
    assert bias.value == min(wait.mean() for wait in waits)
    assert bias.low == pytest.approx(min(wait.mean() - half_width(wait) for wait in waits))
    assert bias.high == pytest.approx(max(wait.mean() + half_width(wait) for wait in waits))


def test_one_path_is_always_last() -> None:
    rng = np.random.default_rng(7)
    first = rng.gamma(4, 100, 400)
    bias, last = merged([first, first + 1].__getitem__, 2)
    assert bias == (0, 0, 0)
    assert last.value.tolist() == [0, 1]
    assert last.high[0] < 0.01


def test_joins_of_nothing_and_of_one_trial() -> None:
    plan = a_plan(a_wide_scenario())
    never = a_run(np.full(5, 250 * DAY), np.full(5, CENSORED), plan=plan)
    one = a_run(np.array([100 * DAY]), plan=plan)
    for name in ("task.gamma.merge_bias", "gate.tier1.merge_bias"):
        assert measure(never, name).value is None
        assert measure(never, name).share == 0
        found = measure(one, name)
        assert (found.value, found.low, found.high) == (0, None, None)


# --- contingency, time away, cash so far ---------------------------------------------------------


def test_contingency_of_members_is_a_level_minus_the_plan() -> None:
    run = a_varied_run()
    finish = np.sort(np.where(run["task_finish"].values[:, 2] < 0, np.inf, run["task_finish"].values[:, 2]))
    planned = run["baseline_task_finish"].values[2]
    low, high = quantile_ranks(500, measure_share("p80"))
    found = measure(run, "task.gamma.contingency.p80")
    assert (found.value, found.low, found.high) == tuple(finish[[399, low - 1, high - 1]] - planned)
    assert found.kind == "duration"
    assert found.date is None
    assert measure(run, "task.gamma.contingency.p99").beyond_horizon
    passed = np.where(run["gate_outcome"].values[:, 0] == STOP, np.inf, run["gate_finish"].values[:, 0])
    level = np.sort(passed)[249]
    assert measure(run, "gate.tier1.contingency.p50").value == level - run["baseline_gate_finish"].values[0]
    run["baseline_task_finish"].values[2] = -1
    found = measure(run, "task.gamma.contingency.p80")
    assert (found.value, found.low, found.high) == (None, None, None)


def measure_share(word: str) -> Any:
    from simrisk.measures.figure import percentile

    return percentile(word)


def test_time_away_is_a_mean_over_finished_trials() -> None:
    run = a_varied_run()
    done = run["project_outcome"].values == FINISHED
    for what in ("absence", "leave"):
        away = run[f"person_{what}"].values[done, 1]
        found = measure(run, f"person.BOB.{what}")
        assert found.value == pytest.approx(away.mean())
        assert found.half_width == pytest.approx(1.959964 * away.std(ddof=1) / math.sqrt(len(away)), rel=1e-5)
        assert (found.kind, found.share) == ("duration", done.mean())


def test_cash_so_far_is_kept_with_its_interval() -> None:
    made = outcomes_of(*made_up_finishes(500))
    run = a_run(outcomes=made)
    spent = np.sort(made.cash[made.outcome == FINISHED, :4].sum(axis=1)) / 100
    n = len(spent)
    low, high = quantile_ranks(n, measure_share("p80"))
    found = measure(run, "cash.2026-04.total.p80")
    assert (found.value, found.low, found.high) == tuple(spent[[-(-4 * n // 5) - 1, low - 1, high - 1]])
    last = np.datetime_as_string(run["month"].values[-1], "M")
    short = a_run(np.full(30, 30 * DAY), baseline=30 * DAY)
    assert short.sizes["month"] == 2
    ends = [measure(short, f"cash.2026-{month}.total.p80").value for month in ("02", "09")]
    assert ends[0] == ends[1] == measure(short, "cost.p80").value
    assert last <= "2026-12"


# --- the report ----------------------------------------------------------------------------------


def test_tables_of_sensitivity_and_joins_in_the_report() -> None:
    run = a_varied_run(plan=a_plan(a_wide_scenario()))
    page = text.render(run)
    for title in ("Contingency by milestone", "Tasks that drive the date", "Where paths join"):
        assert title in page
    block = page[page.index("Contingency by milestone") :].split("\n\n")[0].splitlines()
    assert [line.split("  ")[1].strip() for line in block[2:5]] == ["project", "gamma (Gamma)", "gate tier1 (Tier 1)"]
    planned = CALENDAR.finish_date(float(run["baseline_gate_finish"].values[0]))
    assert str(planned) in block[4]
    value = measure(run, "gate.tier1.contingency.p80").value
    assert value is not None
    assert f" {value / DAY:.1f} " in block[4]
    index = measure(run, "task.alpha.ssi").value
    row = next(line for line in page[page.index("Tasks that drive") :].splitlines() if "alpha" in line)
    assert f" {index:.3f} " in row
    merges = page[page.index("Where paths join") :].split("\n\n")[0]
    bias = measure(run, "gate.tier1.merge_bias").value
    assert bias is not None
    assert f" {bias / DAY:.1f} " in next(line for line in merges.splitlines() if "gate tier1" in line)


def test_a_plan_without_joins_and_milestones_has_no_such_tables() -> None:
    run = a_run(np.full(20, 100 * DAY)).isel(gate=[])
    page = text.render(run)
    for title in ("Contingency by milestone", "Tasks that drive the date", "Where paths join"):
        assert title not in page


def test_long_names_are_cut_on_a_terminal_alone() -> None:
    scenario = a_wide_scenario()
    name = "Überprüfung der Übertragungsstrecken und aller ihrer Nebenanlagen samt Abnahme durch die Behörde"
    tasks = tuple(replace(task, name=name) for task in scenario.tasks)
    run = a_varied_run(plan=a_plan(replace(scenario, tasks=tasks)))
    assert max(map(len, text.render(run).splitlines())) <= 100
    assert name in markdown.render(run)
