"""What moves the date: tornado, rank correlations, waterfall, the chain's members; by closed forms and numpy."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from scipy import stats

from chart_checks import hard, many
from outcomes import DAY, a_measure, a_plan, a_run, a_wide_scenario, made_up_finishes, outcomes_of
from simrisk.dataset.ranks import quantile_places
from simrisk.dataset.run import run_of
from simrisk.measures import measure
from simrisk.measures.blocks import Blocks
from simrisk.measures.chain import chain_members
from simrisk.measures.drivers import (
    P80,
    Swing,
    difference,
    may_be_chance,
    rank_correlation,
    rank_correlations,
    swing,
    tornado,
)
from simrisk.measures.estimates import Estimate, mean, quantile, share
from simrisk.measures.factors import Factor, factor_name, factor_values, factors
from simrisk.measures.tenths import Group, among, change_among, level_among, tenths
from simrisk.measures.waterfall import apportioned, around, waterfall
from simrisk_kernels.layout import CENSORED, FINISHED, STOPPED

ALPHA, BETA, GAMMA = (Factor("effort", task) for task in ("alpha", "beta", "gamma"))


def a_sum(n: int, dice: int = 1, *, unfinished: int = 0, flag: int = CENSORED) -> xr.Dataset:
    """The finish is the sum of alpha, uniform from 0 to 1,000, and beta, uniform from 0 to 10,000; gamma has no part.

    The last `unfinished` of the trials by their finish do not finish.
    """
    rng = np.random.default_rng(dice)
    efforts = rng.integers(0, [1_001, 10_001, 5_001], (n, 3))
    finish = efforts[:, 0] + efforts[:, 1]
    outcome = np.full(n, FINISHED)
    outcome[np.argsort(finish)[n - unfinished :]] = flag
    made = outcomes_of(finish, outcome)
    made.task_effort[:], made.common_factor[:] = efforts, 1.0
    return a_run(outcomes=made)


# Factors


def test_factors_are_all_that_is_drawn() -> None:
    found = list(factors(a_run(plan=a_plan(a_wide_scenario()))))
    assert found[0] == Factor("common")
    assert found[1:4] == [ALPHA, BETA, GAMMA]
    assert found[4:] == [
        *(Factor(kind, person) for person in ("ANN", "BOB") for kind in ("absence", "departure")),
        *(Factor("risk", risk) for risk in ("storm", "strike")),
        Factor("review", "tier1"),
    ]


def test_effort_is_that_of_the_task_alone() -> None:
    run = a_sum(100).copy(deep=True)
    common = np.linspace(0.5, 2, 100)
    run["project_common_factor"].values[:] = common
    drawn = np.arange(100) * 60.0
    run["task_effort"].values[:, 0] = np.round(drawn * common)
    np.testing.assert_allclose(factor_values(run, ALPHA), drawn, atol=1)
    run["task_timed"].values[0] = True  # a duration knows no common factor
    assert list(factors(run))[1] == Factor("duration", "alpha")
    np.testing.assert_array_equal(factor_values(run, Factor("duration", "alpha")), run["task_effort"].values[:, 0])
    run["task_done"].values[1] = 1_000  # of which this is left
    run["task_effort"].values[:, 1] = np.maximum(np.round(drawn * common) - 1_000, 0)
    left = run["task_effort"].values[:, 1] > 0
    np.testing.assert_allclose(factor_values(run, BETA)[left], drawn[left], atol=1.5)
    assert (factor_values(run, BETA)[~left] == 0).all()


def test_what_happens_by_the_planned_finish() -> None:
    run = a_run(plan=a_plan(a_wide_scenario())).copy(deep=True)
    run["person_left"].values[:, 0] = np.resize([-1, 99 * DAY, 100 * DAY, 101 * DAY], run.sizes["trial"])
    assert factor_values(run, Factor("departure", "ANN"))[:4].tolist() == [False, True, True, False]
    absence = factor_values(run, Factor("absence", "BOB"))
    np.testing.assert_array_equal(absence, run["person_absence_planned"].values[:, 1])
    np.testing.assert_array_equal(factor_values(run, Factor("review", "tier1")), run["gate_attempts"].values[:, 0] > 1)
    np.testing.assert_array_equal(factor_values(run, Factor("risk", "strike")), run["risk_happened"].values[:, 1])


def test_names_of_factors() -> None:
    run = a_run(plan=a_plan(a_wide_scenario()))
    for of in (run, run_of(run)):
        said = [factor_name(of, factor) for factor in factors(of)]
        assert said[:2] == ["common factor of all effort", "effort of Alpha"]
        assert said[4:] == [
            *("absence of ANN", "departure of ANN", "absence of BOB", "departure of BOB"),
            *("risk: Storm over the sea", "risk: strike", "another review of Tier 1"),
        ]


# Tenths


def groups_of(values: list[float]) -> tuple[list[float], list[float]]:
    numbers = np.array(values)
    found = tenths(numbers)
    assert found is not None
    return numbers[found[0].trials].tolist(), numbers[found[1].trials].tolist()


def test_tenths_of_different_values() -> None:
    assert groups_of(list(range(20, 0, -1))) == ([2, 1], [20, 19])
    assert groups_of([*range(25)]) == ([0, 1, 2], [22, 23, 24])  # ceil(2.5)
    assert groups_of([1, 2]) == ([1], [2])


@pytest.mark.parametrize("happened", [1, 2, 7, 13, 18, 19])
def test_what_happens_or_not_is_split_into_without_and_with(happened: int) -> None:
    low, high = groups_of([0] * (20 - happened) + [1] * happened)
    assert (low, high) == ([0] * (20 - happened), [1] * happened)


def test_tenths_of_equal_values_stay_together() -> None:
    assert groups_of([0] * 7 + [1] * 6 + [2] * 7) == ([0] * 7, [2] * 7)
    # nine of ten are 5: what lies below, and what lies above
    assert groups_of([1, *([5] * 28), 9]) == ([1], [9])
    assert groups_of([*([5] * 28), 8, 9]) == ([5] * 28, [8, 9])
    assert groups_of([1, 2, *([5] * 28)]) == ([1, 2], [5] * 28)


@pytest.mark.parametrize("values", [[], [3], [3, 3, 3]])
def test_what_never_varies_has_no_tenths(values: list[float]) -> None:
    assert tenths(np.array(values)) is None


# Tornado


def test_the_tornado_of_a_sum_is_as_worked_out() -> None:
    """Alpha's low tenth is uniform up to 100: P80 is 50 above that of beta, and 950 in the high tenth.

    In beta's low tenth two uniforms up to 1,000 add up: P80 = 2000 - sqrt(0.4) 1000; in its high one 9,000 more. The
    interval fails to hold the truth in 5 % of all runs; with this seed it does hold it.
    """
    run = a_sum(40_000)
    triangle = 2000 - math.sqrt(0.4) * 1000
    truth = {ALPHA: (8050, 8950, 900), BETA: (triangle, 9000 + triangle, 9000)}
    for factor, expected in truth.items():
        found = swing(run, factor)
        assert found is not None
        assert abs(found.n_low - 4000) < 60
        for figure, value in zip((found.low, found.high, found.change), expected, strict=True):
            assert figure.low is not None
            assert figure.high is not None
            assert figure.low <= value <= figure.high, (factor, value, figure)
            assert figure.high - figure.low < 400
    assert [made.factor for made in tornado(run) if not made.is_noise] == [BETA, ALPHA]
    assert {GAMMA, Factor("review", "tier1")} <= {made.factor for made in tornado(run) if made.is_noise}


def test_each_end_is_an_order_statistic_of_its_trials() -> None:
    run = a_sum(1_000)
    for factor in (ALPHA, BETA, GAMMA):
        found = swing(run, factor)
        assert found is not None
        values, finish = factor_values(run, factor), run["project_finish"].values
        order = np.sort(values)
        for end, some in ((found.low, values <= order[99]), (found.high, values >= order[900])):
            assert end.value == np.sort(finish[some])[math.ceil(0.8 * some.sum()) - 1]
            assert end.low is not None
            assert end.high is not None
            assert end.low < end.value < end.high
        assert found.change.value == found.high.value - found.low.value  # type: ignore[operator]
        assert found.change.kind == "duration"
        assert found.low.date is not None


def test_the_largest_comes_first_and_what_may_be_chance_last() -> None:
    for case in ("plain", "pools", "some stopped"):
        found = tornado(hard(case))
        sure = [made.size for made in found if not made.is_noise]
        noise = [made.size for made in found if made.is_noise]
        assert [made.is_noise for made in found] == [False] * len(sure) + [True] * len(noise)
        assert sure == sorted(sure, reverse=True)
        assert noise == sorted(noise, reverse=True)
        assert len({made.factor for made in found}) == len(found)


def test_the_cost_has_a_tornado_of_its_own_and_levels_are_free() -> None:
    run = a_sum(2_000)
    found = swing(run, BETA, "cost", Fraction(1, 2))
    assert found is not None
    values = run["task_effort"].values[:, 1]
    low = values <= np.sort(values)[199]
    assert found.low.value == quantile(run["project_cost"].values[low], Fraction(1, 2)).value
    assert (found.low.kind, found.change.kind) == ("money", "money")
    assert found.factor in [made.factor for made in tornado(run, "cost", Fraction(1, 2))[:2]]


def test_absence_is_compared_among_trials_that_had_time_for_it() -> None:
    """Whoever is in no task does not delay anything, though trials that end early have less absence until then."""
    rng = np.random.default_rng(12)
    wrong = []
    for _ in range(40):
        finish = np.round(rng.gamma(16, 3000, 2_000))
        run = a_run(finish.astype(np.int64), baseline=40_000).copy(deep=True)  # a third ends before
        time = np.minimum(finish, 40_000)
        run["person_absence_planned"].values[:, 0] = rng.poisson(time / 10_000) * DAY
        found = swing(run, Factor("absence", "ANN"))
        assert found is not None
        change = found.change
        assert change.value is not None
        assert change.low is not None
        assert change.high is not None
        wrong.append(not change.low <= 0 <= change.high)
        fair = finish >= 40_000
        early = 1 - fair.mean()
        none = finish[fair & (run["person_absence_planned"].values[:, 0] == 0)]
        p = Fraction(round((0.8 - early) * 2_000), int(fair.sum()))
        if found.n_low == len(none):
            assert found.low.value == np.sort(none)[math.ceil(p * len(none)) - 1]
    assert sum(wrong) <= 6  # 40 runs at 5 %: more has a chance of 1 %


def test_departures_and_absence_need_a_planned_finish() -> None:
    run = a_run(plan=a_plan(a_wide_scenario())).copy(deep=True)
    run["baseline_finish"] = np.inf
    assert swing(run, Factor("absence", "ANN")) is None


def test_trials_that_did_not_finish_sort_last() -> None:
    run = a_sum(5_000, unfinished=400)
    found = swing(run, BETA)
    assert found is not None
    assert found.high.beyond_horizon  # most of beta's high tenth is among the latest 8 %
    assert not found.low.beyond_horizon
    assert not found.is_noise
    assert found.size == math.inf
    assert tornado(run)[0].factor == BETA
    stopped = swing(a_sum(5_000, unfinished=400, flag=STOPPED), BETA)
    assert stopped is not None
    assert stopped.high.stopped
    assert not stopped.low.stopped


def test_a_run_of_one_trial_has_no_tornado() -> None:
    assert tornado(hard("one trial")) == ()
    assert all(made.is_noise for made in tornado(hard("all censored")))


@pytest.mark.parametrize("n", [4, 30])
def test_a_few_trials_are_sure_of_nothing(n: int) -> None:
    assert all(made.is_noise for made in tornado(a_sum(n)))


def test_with_many_factors_a_swing_has_to_be_larger() -> None:
    found = swing(a_sum(8_000), ALPHA)
    assert found is not None
    assert found.change.low is not None
    assert found.change.value is not None
    assert not may_be_chance(found)
    # the error, times the normal quantile of 0.025 / factors
    error = (found.change.value - found.change.low) / stats.norm.isf(0.025)
    enough = stats.norm.sf(found.change.value / error) * 2
    assert not may_be_chance(found, int(0.05 / enough))
    assert may_be_chance(found, int(0.05 / enough) + 2)


def test_chance_alone_is_rarely_called_sure() -> None:
    """Of 200 runs with 60 factors that move nothing 5 % may be wrong somewhere: more than 21 has a chance of 5e-4."""
    rng = np.random.default_rng(8)
    wrong = 0
    for _ in range(200):
        finish = rng.gamma(4, 1000, 600)
        made = [null_swing(rng.random(600), finish) for _ in range(60)]
        wrong += any(not chance for chance in made)
    assert wrong <= 21


def null_swing(values: np.ndarray, finish: np.ndarray) -> bool:
    groups = tenths(values)
    assert groups is not None
    first, last = (among(finish, group) for group in groups)
    low, high = level_among(first, P80), level_among(last, P80)
    half, apart = change_among((first, last), P80), high.value - low.value
    assert half is not None
    change = a_measure("duration", Estimate(apart, apart - half, apart + half))
    ends = (a_measure("finish", low), a_measure("finish", high))
    return may_be_chance(Swing(ALPHA, *ends, *(group.size for group in groups), change, is_noise=True), 60)


# Intervals


def test_the_interval_of_a_difference_is_that_of_zou_and_donner() -> None:
    found = difference(Estimate(10, 7, 14), Estimate(4, 1, 9))
    assert found == Estimate(6, 6 - math.hypot(3, 5), 6 + math.hypot(4, 3))
    assert difference(Estimate(10, 7, math.inf), Estimate(4, 1, 9)) == Estimate(6, 6 - math.hypot(3, 5), math.inf)
    assert difference(Estimate(10, 7, 14), Estimate(4, -math.inf, 9)).high == math.inf
    assert difference(Estimate(math.inf, 9, math.inf), Estimate(4, 1, 9)) == Estimate(math.inf, -math.inf, math.inf)
    assert math.isnan(difference(Estimate(math.inf, 1, math.inf), Estimate(math.inf, 2, math.inf)).value)


def test_a_firm_edge_leaves_the_interval_of_a_quantile_between_the_ranks() -> None:
    rng = np.random.default_rng(6)
    happened, finish = rng.random(1_000) < 0.4, rng.gamma(4, 1000, 1_000)
    rounded = np.round(rng.gamma(4, 1, 1_000))
    for values in (happened, rounded):
        found = tenths(values)
        assert found is not None
        for group in found:
            assert group.edge is None
            own = np.sort(finish[group.trials])
            value, low, high = level_among(among(finish, group), P80)
            whole, places = quantile(own, P80), quantile_places(len(own), P80)
            assert (low, high) == pytest.approx(np.interp(places, np.arange(1, len(own) + 1), own))
            assert value == whole.value
            assert whole.low <= low < value < high <= whole.high
    loose = tenths(rng.random(1_000))
    assert loose is not None
    assert [int(group.edge.sum()) for group in loose if group.edge is not None] == [21, 21]


def test_the_edge_of_a_group_adds_what_theory_says() -> None:
    """Y = X: P80 of the low tenth is the 8 % quantile of all, and its error that of this quantile."""
    x = np.random.default_rng(7).random(20_000)
    found = tenths(x)
    assert found is not None
    low = level_among(among(x, found[0]), P80)
    whole = quantile(x, Fraction(8, 100))
    assert low.value == whole.value
    assert low.high - low.low == pytest.approx(whole.high - whole.low, rel=0.1)
    alone = quantile(x[found[0].trials], P80)
    assert low.high - low.low > 1.8 * (alone.high - alone.low)
    assert isinstance(found[0], Group)


def test_the_error_of_a_change_is_the_same_from_counts_and_from_every_trial() -> None:
    """Blocks of one trial each are looked at trial by trial; they only have a t quantile in place of a normal one."""
    rng = np.random.default_rng(9)
    n = 3_000
    drawn = np.round(rng.gamma(4, 5, n))
    for values in (drawn, drawn + rng.random(n), drawn > 30):
        groups = tenths(values)
        assert groups is not None
        finish = np.round(100 * drawn + rng.gamma(4, 500, n))
        both = among(finish, groups[0]), among(finish, groups[1])
        counted, looked_at = change_among(both, P80), change_among(both, P80, Blocks(np.arange(n), n))
        assert counted is not None
        assert looked_at == pytest.approx(counted * stats.t.ppf(0.975, n - 1) / stats.norm.ppf(0.975), rel=1e-9)


def test_rank_correlations_of_several_factors_are_those_of_each() -> None:
    run = a_sum(2_000, unfinished=100)
    several = (ALPHA, Factor("absence", "ANN"), BETA, Factor("departure", "ANN"))
    assert repr(rank_correlations(run, several)) == repr([rank_correlation(run, factor) for factor in several])


def test_rank_correlations_are_spearmans_over_all_trials() -> None:
    run = a_sum(3_000, unfinished=300)
    finish = np.where(np.isinf(run["project_finish"].values), 1e9, run["project_finish"].values)
    for factor in (ALPHA, BETA, GAMMA, Factor("review", "tier1")):
        found = rank_correlation(run, factor)
        assert found.value == pytest.approx(stats.spearmanr(factor_values(run, factor), finish).statistic, abs=1e-9)
        assert found.low < found.value < found.high
    cost = rank_correlation(run, BETA, "cost")
    spent = np.where(np.isinf(run["project_cost"].values), 1e12, run["project_cost"].values)
    assert cost.value == pytest.approx(stats.spearmanr(run["task_effort"].values[:, 1], spent).statistic, abs=1e-9)
    assert math.isnan(rank_correlation(run, Factor("common")).value)


# Waterfall


def with_chains(finish: np.ndarray, chains: np.ndarray, planned: list[int]) -> xr.Dataset:
    """A run with these chains, (n, 3): work, overrun, busy; and those of the plan."""
    made = outcomes_of(finish)
    made.chain[:] = 0
    made.chain[:, :3] = chains
    run = a_run(outcomes=made, baseline=sum(planned)).copy(deep=True)
    run["baseline_chain_minutes"].values[:] = [*planned, *[0] * 7]
    return run


def test_the_waterfall_by_hand() -> None:
    # trials of 1 to 200 minutes; around number 160 half is work, in all others everything
    finish = np.arange(1, 201)
    lows, highs = (binomial_rank(200, tail) for tail in ("low", "high"))
    near = (finish >= min(lows, 155)) & (finish <= max(highs, 165))
    chains = np.where(near[:, None], finish[:, None] * [0.5, 0.25, 0.25], finish[:, None] * [1, 0, 0])
    exact = np.floor(chains).astype(int)
    exact[:, 0] += finish - exact.sum(axis=1)
    run = with_chains(finish, exact, [70, 0, 10])
    found = waterfall(run)
    assert found is not None
    assert (found.plan.value, found.level.value, found.trials) == (80, 160, near.sum())
    shares = exact[near].sum(axis=0) / exact[near].sum()
    assert [step.cause for step in found.steps[:3]] == ["work", "overrun", "busy"]
    np.testing.assert_allclose([step.expected for step in found.steps[:3]], 160 * shares, atol=1)
    assert sum(step.expected for step in found.steps) == 160
    assert [step.planned for step in found.steps[:3]] == [70, 0, 10]
    assert sum(step.change.value or 0 for step in found.steps) == 80


def binomial_rank(n: int, tail: str) -> int:
    """Ends of the interval of P80 from scipy's binomial distribution."""
    law = stats.binom(n, 0.8)
    if tail == "low":
        return max(k for k in range(1, n + 1) if law.cdf(k - 1) <= 0.025)
    return min(k for k in range(1, n + 1) if law.sf(k - 1) <= 0.025)


@pytest.mark.parametrize("case", ["plain", "sound", "all equal", "one trial", "some stopped", "one task", "no targets"])
@pytest.mark.parametrize("p", [Fraction(1, 20), Fraction(1, 2), P80, Fraction(39, 40)])
def test_the_steps_add_up_exactly(case: str, p: Fraction) -> None:
    run = hard(case)
    found = waterfall(run, p)
    level = measure(run, f"finish.p{float(100 * p):g}").value
    if level is None:
        assert found is None
        return
    assert found is not None
    assert sum(step.expected for step in found.steps) == level
    assert sum(step.change.value or 0 for step in found.steps) == level - run["baseline_chain_minutes"].values.sum()
    assert all(step.change.value == step.expected - step.planned for step in found.steps)


def test_no_waterfall_without_both_ends() -> None:
    assert waterfall(hard("all censored")) is None
    run = hard("plain").copy(deep=True)
    run["baseline_finish"] = np.inf
    assert waterfall(run) is None


def test_trials_around_a_level() -> None:
    finish = np.random.default_rng(2).permutation(10_000).astype(float)
    low, high = binomial_rank(10_000, "low"), binomial_rank(10_000, "high")
    assert low > 7750  # so that the 2.5 % count
    assert high < 8250
    assert np.sort(finish[around(finish, P80)]).tolist() == [*range(7749, 8250)]
    few = np.arange(20.0)
    assert few[around(few, P80)].tolist() == [*range(binomial_rank(20, "low") - 1, binomial_rank(20, "high"))]
    unfinished = np.where(np.arange(100) < 85, np.arange(100), np.inf)
    assert around(unfinished, P80).sum() == 85 - binomial_rank(100, "low") + 1
    assert around(np.array([5.0]), P80).tolist() == [True]


def test_parts_add_up_to_the_whole() -> None:
    assert apportioned(10, np.array([1 / 3, 1 / 3, 1 / 3])) == [4, 3, 3]
    assert apportioned(100, np.array([0.505, 0.495, 0.0])) == [51, 49, 0]
    assert apportioned(7, np.array([0.1, 0.2, 0.7])) == [1, 1, 5]
    assert apportioned(0, np.array([np.nan, np.nan])) == [0, 0]


# Members of the chain


@pytest.mark.parametrize("case", ["plain", "pools", "some stopped"])
def test_members_are_on_the_chain_so_often_and_so_long(case: str) -> None:
    run = hard(case)
    done = run["project_outcome"].values == FINISHED
    found = chain_members(run)
    assert {(m.dim, m.label) for m in found} == {
        (dim, label) for dim in ("task", "gate", "person", "pool") for label in run[dim].values
    }
    assert [m.minutes.value for m in found] == sorted((m.minutes.value for m in found), reverse=True)
    for member in found:
        on = run[f"{member.dim}_critical"].sel({member.dim: member.label}).values[done]
        minutes = run[f"{member.dim}_chain_minutes"].sel({member.dim: member.label}).values[done]
        assert member.often == pytest.approx(share(int(on.sum()), len(on)))
        assert member.minutes == mean(minutes)
        assert member.when_on == pytest.approx(mean(minutes[on]), nan_ok=True)
        for figure, expected in (("criticality", on.mean()), ("chain", minutes.mean())):
            assert measure(run, f"{member.dim}.{member.label}.{figure}").value == pytest.approx(expected)
        stretch = measure(run, f"{member.dim}.{member.label}.stretch")
        assert stretch.value == (pytest.approx(minutes[on].mean()) if on.any() else None)
        assert stretch.share == on.sum() / run.sizes["trial"]


def test_members_of_one_kind() -> None:
    assert {member.dim for member in chain_members(hard("plain"), "person")} == {"person"}
    assert chain_members(hard("nothing")) == ()
    assert all(math.isnan(member.minutes.value) for member in chain_members(hard("all censored")))


# Size


def test_two_thousand_tasks_take_two_seconds() -> None:
    run = run_of(many(a_run(*made_up_finishes(10_000)), "task", 2000))
    rng = np.random.default_rng(4)
    run.variables["task_effort"].data[:] = rng.integers(0, 10_000, (10_000, 2_000))
    begun = time.process_time()
    found = tornado(run)
    assert time.process_time() - begun < 4  # half of it on an idle machine
    assert len(found) > 2_000
    assert tornado(run) is found  # a run never changes
    assert waterfall(run) is not None
