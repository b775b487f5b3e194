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

import simrisk
from outcomes import CALENDAR, DAY, PAIRS, a_plan, a_run, a_wide_scenario, made_up_finishes, outcomes_of, without
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
    wide = a_run(plan=a_plan(a_wide_scenario()), pairs=PAIRS)
    for run in (a_run(), wide, a_run(plan=without(deadline=None, budget=None)), a_run(np.array([DAY]))):
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
        ("logic.p80", "is not a metric"),
        ("contingency.time.mean", "'contingency.time.p"),
        ("contingency.p80", "'contingency."),
        ("cash.2026-03.p33", "only these percentiles are kept: p5, p10, p25, p50, p75, p80, p90, p95"),
        ("cash.2026-03.sd", "'cash.2026-03."),
        ("cash.2026-03.total.p33", "only these percentiles are kept: p5"),
        ("cash.2026-03.total.mean", "'cash.2026-03.total.p"),
        ("task.alpha.merge_bias", "fewer than two paths join there"),
        ("gate.tier1.merge_bias", "fewer than two paths join there"),
        ("task.alpha.contingency.p0", "from above 0 to below 100"),
        ("task.alpha.crucialty", "'task.alpha.cruciality'"),
        ("cash.2026-13.mean", "'cash.2026-1"),
        ("cash.2025-12.mean", "'cash.2026-12.mean'"),
        ("cash.2027-01.mean", "'cash.2026-"),
        ("person.ANN.gone", "'person.ANN."),
        ("task.alpha.contractors", "'task.alpha.contractor'"),
    ],
)
def test_unknown_names_say_what_was_meant(name: str, hint: str) -> None:
    with pytest.raises(MetricError, match="is not a metric of this run") as caught:
        measure(a_run(), name)
    assert hint in str(caught.value)


@pytest.mark.parametrize("name", ["finish.on_time", "logic.on_time", "delay.p80", "cost.in_budget", "joint"])
def test_metrics_that_need_a_target_say_so(name: str) -> None:
    with pytest.raises(MetricError, match=r"deadline|budget"):
        measure(a_run(plan=without(deadline=None, budget=None)), name)


def test_logic_only_is_a_sample_of_its_own() -> None:
    finish, outcome = made_up_finishes(1000, censored=30, stopped=0)
    run = a_run(finish, outcome)
    logic = np.sort(finish * 9 // 10)
    assert measure(run, "logic.finish.mean").value == pytest.approx(logic.mean())
    assert measure(run, "logic.finish.p80").value == logic[799]
    assert measure(run, "logic.finish.p80").date == CALENDAR.finish_date(float(logic[799]))
    assert measure(run, "logic.finish.sd").kind == "duration"
    assert measure(run, "logic.on_time").value == (logic <= CALENDAR.end_of(date(2026, 6, 19))).mean()
    assert measure(run, "baseline.logic").value == 90 * DAY
    run["logic_finish"].values[:300], run["logic_outcome"].values[:300] = np.inf, STOPPED
    assert measure(run, "logic.finish.p80").stopped
    assert not measure(run, "finish.p98").stopped


def test_contingency_is_a_level_minus_the_plan_without_dice() -> None:
    finish, outcome = made_up_finishes(1000, censored=100, stopped=0)
    run = a_run(finish, outcome)
    for of, sample in (("time", "finish"), ("cost", "cost")):
        for p in ("p2.5", "p50", "p80"):
            level, planned = measure(run, f"{sample}.{p}"), measure(run, f"baseline.{sample}").value
            found = measure(run, f"contingency.{of}.{p}")
            assert found.kind == ("duration" if of == "time" else "money")
            ends = zip((found.value, found.low, found.high), (level.value, level.low, level.high), strict=True)
            for got, wanted in ends:
                assert got == pytest.approx(wanted - planned, abs=0.005)  # type: ignore[operator]
    assert measure(run, "contingency.time.p1").value < 0  # type: ignore[operator]
    assert measure(run, "contingency.cost.p95").beyond_horizon
    run["baseline_finish"] = np.inf
    found = measure(run, "contingency.time.p80")
    assert (found.value, found.low, found.high) == (None, None, None)


def test_cash_of_a_month_with_its_interval() -> None:
    made = outcomes_of(*made_up_finishes(500))
    run = a_run(outcomes=made)
    flow = np.sort(made.cash[made.outcome == FINISHED, 4]) / 100
    n = len(flow)
    found = measure(run, "cash.2026-05.p80")
    low, high = quantile_ranks(n, Fraction(4, 5))
    assert (found.value, found.low, found.high) == (flow[-(-4 * n // 5) - 1], flow[low - 1], flow[high - 1])
    assert (found.kind, found.unit, found.share) == ("money", "USD", n / 500)
    found = measure(run, "cash.2026-05.mean")
    assert found.value == pytest.approx(flow.mean())
    assert found.half_width == pytest.approx(1.96 * flow.std(ddof=1) / math.sqrt(n), rel=1e-4)
    short = a_run(np.full(30, 30 * DAY), baseline=30 * DAY)
    assert short.sizes["month"] == 2
    for figure in ("mean", "p80"):  # nothing is spent in a later month, which is known
        later = measure(short, f"cash.2026-09.{figure}")
        assert (later.value, later.low, later.high) == (0, 0, 0)
    never = a_run(np.full(30, 250 * DAY), np.full(30, CENSORED))
    assert measure(never, "cash.2026-05.p80").value is None
    assert measure(never, "cash.2026-12.mean").value is None


def test_pools_equipment_risks_and_people_who_left_are_those_of_a_naive_count() -> None:
    plan = a_plan(a_wide_scenario(status_date=date(2026, 1, 14)))
    made = outcomes_of(*made_up_finishes(800), plan=plan)
    made.person_left[:200, 1] = 30 * DAY
    made.person_departed[:200, 1] = 5 * DAY
    made.task_contractor[::8, 2] = 1
    made.pool_present[:10, 1] = 0
    run = a_run(outcomes=made, plan=plan)
    done = made.outcome == FINISHED
    there = done & (made.pool_present[:, 1] > 0)
    end = made.end[done] - 7 * DAY  # nothing is simulated before the status date
    expected = {
        "pool.devs.utilisation": (made.pool_worked[done, 0] / made.pool_present[done, 0]).mean(),
        "pool.testers.utilisation": (made.pool_worked[there, 1] / made.pool_present[there, 1]).mean(),
        "pool.testers.criticality": made.pool_critical[done, 1].mean(),
        "equipment.rig.utilisation": (made.equipment_used[done, 0] / (2 * end)).mean(),
        "risk.strike.happened": made.risk_happened[:, 1].mean(),
        "person.BOB.left": 200 / 800,
        "person.ANN.left": 0,
        "task.gamma.contractor": 100 / 800,
    }
    for name, value in expected.items():
        assert measure(run, name).value == pytest.approx(float(value), rel=1e-12), name
    begin, until = (int(run[f"person_{place}"].sel(person="BOB")) for place in ("from", "until"))
    away = made.person_leave[:, 1] + made.person_absence[:, 1] + made.person_departed[:, 1]
    present = np.minimum(made.end, until) - begin - away
    busy = made.person_worked[:, 1] + made.person_ceremony[:, 1]
    expected_share = (busy[done] / present[done]).mean()
    assert measure(run, "person.BOB.utilisation").value == pytest.approx(float(expected_share), rel=1e-12)


def test_expectations_know_every_metric_of_a_run() -> None:
    """The loader takes each name that a run of the same scenario gives."""
    limits = {"finish": "2026-03-01", "duration": '"3d"', "effort": '"3d"', "money": "5", "share": "0.5", "count": "1"}
    limits.update(ratio="0.5", start="2026-03-01")
    run = simrisk.simulate(simrisk.loads(WIDE), trials=5)
    names = list(metric_names(run))
    wanted = [f'[[expect]]\nmetric = "{name}"\nat_most = {limits[measure(run, name).kind]}\n' for name in names]
    assert [expected.metric for expected in simrisk.loads(WIDE + "\n" + "\n".join(wanted)).expect] == names


WIDE = """
[project]
start = 2026-01-05
deadline = 2026-02-27
budget = 10_000
[people.ANN]
rate = "60/h"
[pools.devs]
monthly = [2, 3]
rate = "50/h"
[equipment.rig]
units = 2
[sprints]
length = "2w"
count = 1
[tasks.dig]
effort = "40h"
who = "ANN"
sprint = 1
uses = { rig = 1 }
[tasks.sow]
effort = "80h"
pool = "devs"
[tasks.reap]
duration = "1d"
after = ["dig", "sow"]
[gates.review]
requires = ["dig", "reap"]
due = "end of sprint 1"
[risks.storm]
probability = 0.5
affects = ["dig"]
factor = 1.5
"""


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
    run = a_run(plan=a_plan(a_wide_scenario()))
    dims = ("gate", "task", "person", "pool", "equipment", "risk")
    members = {str(label): "<id>" for dim in dims for label in run[dim].values}
    for name in metric_names(run):
        words = [members.get(word, "<n>" if word.isdigit() else word) for word in name.split(".")]
        last = "<p>" if words[-1].startswith("p") and words[-1][1:].isdigit() else words[-1]
        pattern = ".".join([*words[:-1], last])
        if words[0] == "cash":
            pattern = f"cash.<yyyy-mm>.{last}"
        assert f"`{pattern.replace('2026-06-19', '2026-06-30')}`" in metrics, name
    sources = {word for line in metrics.splitlines()[4:] for word in re.findall(r"`(\w+_\w+)`", line)}
    assert sources <= set(run.variables) | set(run.attrs)


def test_figures_of_a_run_that_can_be_worked_out_by_hand():
    """ANN digs 2 days and sows 3: 5 days, logic alone 3. The rig (2 units) is held for 2 of 5 days by 1 task.

    The pool has 3 heads, of whom 2 may work on the 4 days of reaping: they are done after 2 days.
    All of them are paid 60 an hour, ANN when she works, the heads for being there.
    """
    from build import equipment, mitigation, person, pool, risk, scenario, task

    what = scenario(
        [person("ANN", rate=6000)],
        [
            task("dig", "2d", "ANN", uses={"rig": 1}),
            task("sow", "3d", "ANN"),
            task("reap", "4d", "heads", max_fte=2),
        ],
        pools=[pool("heads", {0: 3}, rate=6000, paid="employed")],
        equipment=[equipment("rig", 2, cost=10_000)],
        risks=[risk("sure", 1, cost=70_000), risk("never", 0, cost=1)],
        mitigations=[mitigation("train", 50_000), mitigation("insure", 1, active=False)],
        budget=1_000_000,
        contingency="1/10",
        deadline=4,
    )
    run = simrisk.simulate(what, trials=3)
    paid = 5 * 8 * 60 + 5 * 8 * 60 * 3 + 200 + 700 + 500
    expected = {
        "finish.p80": 5 * DAY,
        "logic.finish.p80": 3 * DAY,
        "logic.on_time": 1,
        "finish.on_time": 1,
        "baseline.logic": 3 * DAY,
        "contingency.time.p80": 0,
        "contingency.cost.p80": 700,  # in the plan without dice no risk happens
        "cost.p80": paid,
        "cost.in_budget": 1,  # 11,000 are 10,000 with a tenth on top
        "joint": 1,
        "cash.2026-01.p50": paid,
        "cash.2026-02.p50": 0,
        "pool.heads.utilisation": 4 / 15,
        "equipment.rig.utilisation": 2 / 10,
        "risk.sure.happened": 1,
        "risk.never.happened": 0,
        "person.ANN.utilisation": 1,
    }
    assert paid == 11_000
    for name, value in expected.items():
        assert measure(run, name).value == pytest.approx(value), name


def test_correlated_efforts_have_the_rank_correlation_that_was_asked_for():
    """Scores with correlation r have rank correlation (6 / pi) asin(r / 2); and the other tasks have none.

    In 4,000 trials the standard error is at most 0.016; 6.2 of them are exceeded once in 10^9 runs.
    """
    from build import Distribution, pair, person, scenario, task, together

    effort = Distribution("lognormal", (480.0, 0.5), 480.0)
    people = [person(name) for name in "ABCD"]
    tasks = [task(name.lower(), effort, name) for name in "ABCD"]
    wishes = [together(["a", "b", "c"], 0.6), pair("a", "c", -0.2)]
    run = simrisk.simulate(scenario(people, tasks, correlations=wishes), trials=4000, seed=5)
    assert run["pair"].values.tolist() == ["a ~ b", "a ~ c", "b ~ c"]
    assert run["correlation_asked"].values.tolist() == pytest.approx([0.6, -0.2, 0.6])
    np.testing.assert_array_equal(run["correlation_used"], run["correlation_asked"])
    for asked, produced in zip((0.6, -0.2, 0.6), run["correlation_produced"].values, strict=True):
        assert abs(produced - 6 / math.pi * math.asin(asked / 2)) < 6.2 * 0.016
    impossible = [together(["a", "b", "c"], 0.9), pair("a", "c", -0.9)]
    run = simrisk.simulate(scenario(people, tasks, correlations=impossible), trials=2)
    assert run["correlation_asked"].values.tolist() == pytest.approx([0.9, -0.9, 0.9])
    first, far, last = run["correlation_used"].values
    matrix = np.array([[1, first, far], [first, 1, last], [far, last, 1]])
    assert np.linalg.eigvalsh(matrix).min() > 0
    assert np.abs(matrix).max() == 1


def test_sprints_that_never_opened_do_not_count_in_means():
    """A task of 2 or 8 days in sprints of a week: the second opens only when it takes 8, and does the rest."""
    from build import DAY, Distribution, person, scenario, sprints, task

    effort = Distribution("values", (2.0 * DAY, 8.0 * DAY), 2.0 * DAY, (0.5, 0.5))
    plan = scenario([person("ANN")], [task("dig", effort, "ANN", sprint=1)], sprints=sprints(2))
    run = simrisk.simulate(plan, trials=400, seed=3)
    long = (run["project_end"] == 8 * DAY).mean().item()
    found = measure(run, "sprint.2.velocity")
    assert found.value == 3 * DAY
    assert found.share == long
    assert 0 < long < 1
