"""Figures against closed forms and naive computations; intervals against their promised coverage."""

from __future__ import annotations

import math
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from outcomes import CALENDAR, DAY, a_run, made_up_finishes, without
from simrisk.errors import MetricError
from simrisk.measures import chain_shares, criticality, mean, measure, metric_names, quantile, quantile_ranks, sd, share
from simrisk_kernels.layout import CENSORED, FINISHED, STOPPED

FALSE_ALARM = 1e-9  # chance that a statistical test below fails although all is well


# --- estimates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 7, 40])
@pytest.mark.parametrize("p", [0.001, 0.05, 0.3, 0.5, 0.83, 0.999])
def test_clopper_pearson_covers_at_least_95_percent(n: int, p: float) -> None:
    """Exact: the chances of all counts whose interval holds p, summed."""
    covered = sum(stats.binom.pmf(k, n, p) for k in range(n + 1) if share(k, n).low <= p <= share(k, n).high)
    assert covered >= 0.95 - 1e-12


def test_clopper_pearson_is_that_of_scipy() -> None:
    for k, n in ((0, 10), (3, 10), (10, 10), (231, 10_000), (1, 1)):
        known = stats.binomtest(k, n).proportion_ci(0.95, "exact")
        assert share(k, n) == pytest.approx((k / n, known.low, known.high), abs=1e-12)


def test_share_of_nothing_is_anything() -> None:
    found = share(0, 0)
    assert math.isnan(found.value)
    assert (found.low, found.high) == (0, 1)


@pytest.mark.parametrize("n", [1, 2, 10, 17, 100, 1001])
@pytest.mark.parametrize("percent", [5, 50, 80, 95])
def test_quantile_ranks_are_the_tightest_that_keep_each_tail(n: int, percent: int) -> None:
    """Naive: every rank tried against scipy's binomial."""
    p = percent / 100
    low, high = quantile_ranks(n, Fraction(percent, 100))
    assert low == max([0, *(k for k in range(1, n + 1) if stats.binom.cdf(k - 1, n, p) <= 0.025)])
    assert high == min([n + 1, *(k for k in range(1, n + 1) if stats.binom.sf(k - 1, n, p) <= 0.025)])


def test_quantile_interval_covers_as_often_as_it_should() -> None:
    """2,000 samples of 60 exponentials: the exact coverage of P80 is that of a binomial between the ranks."""
    rng = np.random.default_rng(1)
    n, repeats, p = 60, 2000, Fraction(4, 5)
    low, high = quantile_ranks(n, p)
    coverage = stats.binom.cdf(high - 1, n, 0.8) - stats.binom.cdf(low - 1, n, 0.8)
    assert coverage >= 0.95
    true = -math.log(0.2)
    hits = sum(e.low <= true <= e.high for e in (quantile(rng.exponential(size=n), p) for _ in range(repeats)))
    assert stats.binomtest(hits, repeats, coverage).pvalue > FALSE_ALARM


def test_mean_interval_covers_as_often_as_it_should() -> None:
    """2,000 samples of 50 normals: t with 49 degrees of freedom within +-1.96."""
    rng = np.random.default_rng(2)
    n, repeats = 50, 2000
    coverage = 1 - 2 * stats.t.sf(1.959963984540054, n - 1)
    hits = sum(e.low <= 3 <= e.high for e in (mean(rng.normal(3, 2, n)) for _ in range(repeats)))
    assert stats.binomtest(hits, repeats, coverage).pvalue > FALSE_ALARM


def test_sd_interval_covers_nearly_as_often_as_it_should() -> None:
    """2,000 samples of 2,000 exponentials (kurtosis 9): asymptotically 95 %; at least 90 % is demanded.

    With a true coverage of 93 % or more the chance of a false alarm is below 1e-6.
    """
    rng = np.random.default_rng(3)
    hits = sum(e.low <= 1 <= e.high for e in (sd(rng.exponential(size=2000)) for _ in range(2000)))
    assert hits >= 0.9 * 2000
    assert stats.binom.cdf(0.9 * 2000, 2000, 0.93) < 1e-6


def test_sd_is_numpys() -> None:
    values = np.random.default_rng(4).gamma(2, size=100)
    assert sd(values).value == pytest.approx(values.std(ddof=1))
    assert sd(np.full(5, 3.0)) == (0, 0, 0)


@pytest.mark.parametrize("p", [Fraction(1, 20), Fraction(1, 2), Fraction(4, 5), Fraction(975, 1000)])
def test_quantile_is_the_smallest_value_reached_by_p_of_the_trials(p: Fraction) -> None:
    rng = np.random.default_rng(5)
    for n in (1, 2, 3, 5, 10, 20, 99, 1000):
        values = rng.integers(0, 50, n).astype(float)
        naive = min(x for x in values if Fraction(int((values <= x).sum()), n) >= p)
        assert quantile(values, p).value == naive


def test_nothing_is_estimated_from_nothing() -> None:
    assert all(map(math.isnan, mean(np.array([]))))
    assert all(map(math.isnan, sd(np.array([1.0]))))
    assert mean(np.array([4.0])).value == 4
    assert math.isnan(mean(np.array([4.0])).low)
    assert math.isinf(quantile(np.array([4.0]), Fraction(1, 2)).high)


# --- metrics -----------------------------------------------------------------------------------


def test_every_name_that_is_offered_can_be_measured() -> None:
    for run in (a_run(), a_run(plan=without(deadline=None, budget=None)), a_run(np.array([DAY]))):
        for name in metric_names(run):
            found = measure(run, name)
            assert found.name == name
            if not found.exact and found.low is not None and found.high is not None and found.value is not None:
                assert found.low <= found.value <= found.high, name


def test_project_metrics_are_those_of_a_naive_count() -> None:
    finish, outcome = made_up_finishes(997, 3)
    run = a_run(finish, outcome)
    done = outcome == FINISHED
    deadline, limit = CALENDAR.end_of(date(2026, 6, 19)), 38_500_000
    spent = run["project_spent"].values
    on_time = [d and f <= deadline for d, f in zip(done, finish, strict=True)]
    affordable = [d and c <= limit for d, c in zip(done, spent, strict=True)]
    known = sorted(finish[done])
    expected = {
        "finish.mean": sum(known) / len(known),
        "finish.p80": known[math.ceil(0.8 * 997) - 1],
        "finish.p12.5": known[math.ceil(0.125 * 997) - 1],
        "cost.p50": sorted(spent[done])[math.ceil(0.5 * 997) - 1] / 100,
        "cost.mean": spent[done].sum() / len(known) / 100,
        "delay.mean": sum(max(0, f - deadline) for f in known) / len(known),
        "delay.p80": max(0, known[math.ceil(0.8 * 997) - 1] - deadline),
        "finish.on_time": sum(on_time) / 997,
        "finish.by.2026-06-19": sum(on_time) / 997,
        "finish.by.2026-05-30": sum(finish[done] <= CALENDAR.end_of(date(2026, 5, 29))) / 997,  # a Saturday
        "cost.in_budget": sum(affordable) / 997,
        "joint": sum(a and b for a, b in zip(on_time, affordable, strict=True)) / 997,
        "censored": (outcome == CENSORED).sum() / 997,
        "stopped": (outcome == STOPPED).sum() / 997,
        "baseline.finish": 100 * DAY,
    }
    for name, value in expected.items():
        assert measure(run, name).value == pytest.approx(float(value), rel=1e-12), name
    assert measure(run, "finish.mean").share == done.mean()
    assert measure(run, "finish.p80").date == CALENDAR.finish_date(float(expected["finish.p80"]))


def test_gates_sprints_tasks_and_people_are_those_of_a_naive_count() -> None:
    run = a_run()
    attempts, outcome = run["gate_attempts"].values[:, 0], run["gate_outcome"].values[:, 0]
    done = run["project_outcome"].values == FINISHED
    go = sum(a == 1 and o == 1 for a, o in zip(attempts, outcome, strict=True))
    busy = run["person_worked"].values[done, 1] + run["person_ceremony"].values[done, 1]
    employed = np.clip(run["project_end"].values[done], None, CALENDAR.end_of(date(2026, 3, 31))) - 5 * DAY
    present = employed - run["person_leave"].values[done, 1] - run["person_absence"].values[done, 1]
    passed = np.sort(np.where(outcome == 4, np.inf, run["gate_finish"].values[:, 0]))
    expected = {
        "gate.tier1.p_go": go / len(attempts),
        "gate.tier1.attempts": attempts.mean(),
        "gate.tier1.finish.p50": passed[999],
        "sprint.2.p_goal": run["sprint_goal_met"].values[:, 1].mean(),
        "sprint.1.carry_over": run["sprint_carry_over"].values[:, 0].mean(),
        "sprint.1.velocity": run["sprint_velocity"].values[:, 0].mean(),  # it opened in every trial
        "task.beta.criticality": run["task_critical"].values[done, 1].mean(),
        "task.beta.finish.p90": np.sort(run["task_finish"].values[:, 1])[1799],
        "person.ANN.criticality": run["person_critical"].values[done, 0].mean(),
        "person.BOB.utilisation": (busy / present).mean(),
    }
    for name, value in expected.items():
        assert measure(run, name).value == pytest.approx(float(value), rel=1e-12), name


def test_go_at_first_review_is_among_trials_that_were_reviewed() -> None:
    run = a_run(np.full(10, 100 * DAY))
    run["gate_attempts"].values[:, 0] = [0, 0, 1, 1, 1, 2, 2, 1, 0, 0]
    run["gate_outcome"].values[:, 0] = [0, 0, 1, 1, 2, 1, 1, 1, 0, 0]
    found = measure(run, "gate.tier1.p_go")
    assert found.value == 3 / 6
    assert found.share == 6 / 10
    run["gate_attempts"].values[:] = 0
    assert measure(run, "gate.tier1.p_go").value is None


def test_what_never_happened_is_left_out_of_means_and_last_in_quantiles() -> None:
    run = a_run(np.full(10, 100 * DAY))
    run["sprint_start"].values[:, 1] = [-1] * 5 + [DAY] * 5
    run["sprint_carry_over"].values[:, 1] = [0] * 5 + [60] * 5
    assert measure(run, "sprint.2.carry_over").value == 60
    assert measure(run, "sprint.2.carry_over").share == 0.5
    run["task_finish"].values[:, 0] = [-1] * 4 + [DAY] * 6
    assert measure(run, "task.alpha.finish.p60").value == DAY
    assert measure(run, "task.alpha.finish.p61").beyond_horizon


def test_a_quantile_among_the_unfinished_is_beyond_the_horizon_and_not_a_number() -> None:
    finish, outcome = made_up_finishes(1000, censored=150, stopped=50)
    run = a_run(finish, outcome)
    known = np.sort(finish[outcome == FINISHED])
    p80 = measure(run, "finish.p80")
    assert p80.value == known[-1]  # the 800th of 1,000
    assert p80.low is not None
    assert p80.high is None
    for name in ("finish.p81", "cost.p81", "delay.p90", "task.gamma.finish.p99"):
        found = measure(run, name)
        assert found.beyond_horizon
        assert found.value is None
    assert measure(run, "finish.by.2040-01-01").beyond_horizon
    sound = a_run(*made_up_finishes(100, censored=0, stopped=0))
    assert measure(sound, "finish.by.2040-01-01").value == 1


def test_nothing_finished() -> None:
    run = a_run(np.full(50, 250 * DAY), np.full(50, CENSORED))
    assert measure(run, "finish.mean").value is None
    assert measure(run, "finish.p5").beyond_horizon
    assert measure(run, "finish.on_time").value == 0
    assert measure(run, "task.alpha.criticality").value is None
    assert np.isnan(chain_shares(run)["value"]).all()


def test_chain_shares_add_up_and_know_their_error() -> None:
    """Two causes, half each on average; the error of the ratio against a bootstrap of the same trials."""
    run = a_run(np.full(4000, 100 * DAY))
    rng = np.random.default_rng(6)
    run["chain_minutes"].values[:] = 0
    run["chain_minutes"].values[:, 0] = rng.integers(0, 1000, 4000)
    run["chain_minutes"].values[:, 2] = rng.integers(0, 1000, 4000)
    found = chain_shares(run)
    assert found["value"].sum() == pytest.approx(1)
    minutes = run["chain_minutes"].values
    assert found["value"].values[2] == pytest.approx(minutes[:, 2].sum() / minutes.sum())
    again = minutes[rng.integers(0, 4000, (400, 4000))]
    ratios = again[:, :, 2].sum(axis=1) / again.sum(axis=(1, 2))
    half = float(found["high"][2] - found["low"][2]) / 2
    # the sd of 400 bootstrap ratios is within 20 % of the true one but for chances far below 1e-6
    assert half == pytest.approx(1.96 * ratios.std(), rel=0.2)


def test_criticality_is_each_members_metric() -> None:
    run = a_run()
    for dim in ("task", "person"):
        found = criticality(run, dim)
        for label in run[dim].values:
            single = measure(run, f"{dim}.{label}.criticality")
            one = found.sel({dim: label})
            assert (single.value, single.low, single.high) == (one["value"], one["low"], one["high"])


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("finish.p8O", "'finish.p80'"),
        ("finish.ontime", "'finish.on_time'"),
        ("finish.p0", "from above 0 to below 100"),
        ("finish.p100", "from above 0 to below 100"),
        ("gate.tier1.finish.p-5", "from above 0 to below 100"),
        ("banana", "finish.p80, cost.mean and finish.on_time are some"),
        ("finish.by.2026-02-30", "finish.by."),
        ("gate.teir1.p_go", "'gate.tier1.p_go'"),
        ("sprint.3.p_goal", "'sprint."),
        ("task.alpa.criticality", "'task.alpha.criticality'"),
        ("person.ANN.utilization", "'person.ANN.utilisation'"),
        ("joint.x", "'joint'"),
        ("", "is not a metric"),
        ("baseline.end", "baseline."),
    ],
)
def test_unknown_names_say_what_was_meant(name: str, hint: str) -> None:
    with pytest.raises(MetricError, match="is not a metric of this run") as caught:
        measure(a_run(), name)
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", ["finish.on_time", "delay.p80", "cost.in_budget", "joint"])
def test_metrics_that_need_a_target_say_so(name: str) -> None:
    with pytest.raises(MetricError, match=r"deadline|budget"):
        measure(a_run(plan=without(deadline=None, budget=None)), name)


def test_half_widths() -> None:
    run = a_run()
    found = measure(run, "finish.p80")
    assert found.low is not None
    assert found.high is not None
    assert found.half_width == (found.high - found.low) / 2
    assert measure(a_run(np.array([DAY])), "finish.p80").half_width == math.inf
    assert measure(run, "baseline.cost").half_width == 0


def test_the_page_on_results_names_every_kind_of_metric_and_real_variables() -> None:
    page = (Path(__file__).parent.parent / "docs" / "results.md").read_text(encoding="utf-8")
    metrics = page[page.index("## Metrics") : page.index("## summary.json")]
    run = a_run()
    members = {"tier1": "<id>", "alpha": "<id>", "beta": "<id>", "gamma": "<id>", "ANN": "<id>", "BOB": "<id>"}
    for name in metric_names(run):
        words = [members.get(word, "<n>" if word.isdigit() else word) for word in name.split(".")]
        last = "<p>" if words[-1].startswith("p") and words[-1][1:].isdigit() else words[-1]
        pattern = ".".join([*words[:-1], last])
        assert f"`{pattern.replace('2026-06-19', '2026-06-30')}`" in metrics, name
    sources = {word for line in metrics.splitlines()[4:] for word in re.findall(r"`(\w+_\w+)`", line)}
    assert sources <= set(run.variables) | set(run.attrs)


def test_sprints_that_never_opened_do_not_count_in_means():
    """A task of 2 or 8 days in sprints of a week: the second opens only when it takes 8, and does the rest."""
    from build import DAY, Distribution, person, scenario, sprints, task
    from simrisk import engines
    from simrisk.compile import compile_plan
    from simrisk.dataset import to_dataset

    effort = Distribution("values", (2.0 * DAY, 8.0 * DAY), 2.0 * DAY, (0.5, 0.5))
    plan = compile_plan(scenario([person("ANN")], [task("dig", effort, "ANN", sprint=1)], sprints=sprints(2)))
    outcomes = engines.run(plan, trials=400, seed=3)
    run = to_dataset(plan, outcomes, engines.run_baseline(plan), seed=3, engine="kernel")
    long = (outcomes.end == 8 * DAY).mean()
    found = measure(run, "sprint.2.velocity")
    assert found.value == 3 * DAY
    assert found.share == long
    assert 0 < long < 1
