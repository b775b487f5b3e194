"""Verdicts: they are right far more often than they have to be, and say so when they cannot be sure."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import pytest
from scipy.stats import norm

from simrisk.agreed import Agreed, Figure
from simrisk.dataset import Run
from simrisk.measures import Estimate, measure
from simrisk.scenario.load import loads
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment, simulated_alike
from simrisk.verdict import ERROR, HOPELESS, Judged, Judgement, Limit, chance_to_decide, judge, limits_of, looks, tails

SEEDS = 60
MEDIAN, SIGMA = 40, 0.3  # days, log-normal: the finish of the plan below
TEXT = """
[project]
name = "One task"
start = 2026-01-05
deadline = {deadline}
[simulation]
trials = 2_000
[people.ANN]
[tasks.only]
effort = {{ median = "{median}d", sigma = 0.3 }}
who = "ANN"
"""


def a_plan(expect: str = "", median: float = MEDIAN, deadline: str = "2026-03-20") -> Scenario:
    """One task, log-normal."""
    return loads(TEXT.format(median=median, deadline=deadline) + expect, path="one.toml")


def runs_of(scenario: Scenario, seed: int) -> Callable[[int], Run]:
    """Its first so many trials."""
    experiment = Experiment(scenario, seed=seed)

    def run(trials: int) -> Run:
        experiment.extend(trials)
        return experiment.run()

    return run


def checked(scenario: Scenario, before: Scenario | None = None, seed: int = 1, most: int = 32_000) -> Judgement:
    """A plan judged against the old one."""
    old = None if before is None else runs_of(before, seed)
    agreed = None if before is None else an_agreement(before, seed)
    return judge(scenario, runs_of(scenario, seed), old, agreed, trials=2_000, most=most)


@lru_cache(maxsize=8)
def _figures(text: str, seed: int) -> dict[str, Figure]:
    run = runs_of(loads(text, path="one.toml"), seed)(2_000)
    found = measure(run, "finish.p80")
    return {"finish.p80": Figure(found.value, found.half_width / 1.96)}


def an_agreement(before: Scenario, seed: int) -> Agreed:
    """The baseline of a plan."""
    figures = _figures(before.text, seed)
    return Agreed("b.json", before.id, "One task", seed, 2_000, "independent", "", {"simrisk": "x"}, "", {}, figures)


def chance(days: float) -> float:
    """That the plan above is finished within so many working days; whole minutes move it by nothing that counts."""
    return float(norm.cdf(math.log(days / MEDIAN) / SIGMA))


ON_TIME = chance(55)  # working days from 5 January to 20 March 2026, both included


def an_expectation(metric: str, limit: str) -> str:
    return f'[[expect]]\nmetric = "{metric}"\n{limit}\n'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("apart", "expected"), [(0.03, "FAIL"), (-0.03, "PASS"), (0.0, "UNDECIDED")], ids=["broken", "kept", "on the edge"]
)
def test_a_verdict_is_right_for_every_seed(apart: float, expected: str) -> None:
    scenario = a_plan(an_expectation("finish.on_time", f"at_least = {ON_TIME + apart:.6f}"))
    verdicts = [checked(scenario, seed=seed).judged[0].verdict for seed in range(SEEDS)]
    # 3 points are 7 standard errors of the last look; a wrong verdict has a chance below ERROR for each seed
    assert ERROR * SEEDS < 0.1
    assert set(verdicts) == {expected}


def test_trials_are_added_only_where_they_are_needed() -> None:
    plain = checked(a_plan(an_expectation("finish.on_time", f"at_least = {ON_TIME - 0.2:.6f}")))
    assert (plain.judged[0].verdict, plain.run.sizes["trial"]) == ("PASS", 2_000)
    close = checked(a_plan(an_expectation("finish.on_time", f"at_least = {ON_TIME:.6f}")), most=8_000)
    judged = close.judged[0]
    assert (judged.verdict, close.exit_code) == ("UNDECIDED", 4)
    assert judged.trials in (2_000, 4_000, 8_000)  # fewer where more would hardly decide it
    assert judged.needed is None or judged.needed > judged.trials


@pytest.mark.parametrize(
    ("trials", "most", "expected"),
    [
        (10, 120, (10, 20, 40, 80, 120)),
        (10, 80, (10, 20, 40, 80)),
        (10, 81, (10, 20, 40, 80, 81)),
        (10, 10, (10,)),
        (10, 5, (10,)),
        (1, 2, (1, 2)),
    ],
)
def test_the_chance_to_be_wrong_is_used_up_as_the_trials_are(trials: int, most: int, expected: tuple[int, ...]) -> None:
    sizes = looks(trials, most)
    assert sizes == expected
    assert np.cumsum(tails(0.01, sizes)) == pytest.approx([0.01 * size / sizes[-1] for size in sizes])


def at(distance: float, tail: float) -> Judged:
    """A limit so many standard errors away from a figure."""
    half = norm.isf(tail)
    limit = Limit(0, "finish.mean", "error", "at_most", "1d")
    return Judged(limit, "UNDECIDED", None, None, Estimate(0.0, -half, half), distance, 1_000)


def test_the_chance_to_decide_is_what_happens() -> None:
    """Means of n and of 2 n normal values around an unknown mean: how often the second is decided, given the first."""
    rng, chances, distance = np.random.default_rng(1), (1e-4, 2e-4), 2.5
    later = (distance + rng.normal(0, math.sqrt(0.5), 200_000)) * math.sqrt(2)  # in standard errors of 2 n trials
    decided = (np.abs(later) >= norm.isf(chances[1])).mean()
    # the standard error is 0.0011
    assert chance_to_decide(at(distance, chances[0]), (1, 2), chances) == pytest.approx(decided, abs=0.006)


def test_more_trials_are_not_worth_it_where_they_would_decide_nothing() -> None:
    sizes = looks(1_000, 8_000)
    chances = tails(0.001, sizes)

    def chance(distance: float, look: int) -> float:
        return chance_to_decide(at(distance, chances[look]), sizes[look:], chances[look:])

    assert chance(0.0, 2) < HOPELESS < chance(2.0, 2)
    assert chance(0.0, 3) == 0  # none are left
    assert chance(0.0, 0) > HOPELESS  # eight times the trials may well show it
    assert chance(math.nan, 0) == 1


def test_a_plan_as_it_was_is_simulated_alike_and_one_in_another_order_is_not() -> None:
    plan = a_plan()
    text = plan.text.replace("[people.ANN]", "[people.ANN]  # Ann\n") + an_expectation(
        "finish.p80", "at_most = 2026-05-01"
    )
    assert simulated_alike(plan, loads(text, path="other.toml"))
    two = plan.text + '[tasks.two]\neffort = "1d"\nwho = "ANN"\n'
    other = plan.text.replace("[tasks.only]", '[tasks.two]\neffort = "1d"\nwho = "ANN"\n[tasks.only]')
    assert not simulated_alike(loads(two, path="one.toml"), loads(other, path="one.toml"))
    assert not simulated_alike(plan, a_plan(median=41))


@pytest.mark.slow
def test_a_plan_is_never_worse_than_itself() -> None:
    plan = a_plan(an_expectation("finish.p80", 'worsens_at_most = "0m"'))
    for seed in range(SEEDS):
        judged = checked(plan, plan, seed).judged[0]
        assert judged.verdict == "PASS"
        assert judged.estimate == (0, 0, 0)


@pytest.mark.slow
def test_half_a_day_is_found_with_every_seed() -> None:
    """P80 of a log-normal is median exp(0.8416 s): half a day later for a median 0.97 % larger."""
    factor = 1 + 0.5 / (MEDIAN * math.exp(norm.ppf(0.8) * SIGMA))
    plan, old = (a_plan(an_expectation("finish.p80", 'worsens_at_most = "2h"'), median) for median in (factor * 40, 40))
    verdicts = [checked(plan, old, seed).judged[0].verdict for seed in range(SEEDS)]
    assert set(verdicts) == {"FAIL"}
    better = [checked(old, plan, seed).judged[0].verdict for seed in range(3)]
    assert set(better) == {"PASS"}  # an improvement never fails


def test_without_the_old_plan_the_stored_figures_are_compared() -> None:
    plan = a_plan(an_expectation("finish.p80", 'worsens_at_most = "10d"'))
    agreed = an_agreement(plan, 5)
    judged = judge(plan, runs_of(plan, 6), None, agreed, trials=2_000).judged[0]
    assert judged.verdict == "PASS"
    assert judged.estimate.half_width > 0  # other dice: the noise of both
    strict = a_plan(an_expectation("finish.p80", 'worsens_at_most = "0m"'))
    assert judge(strict, runs_of(strict, 6), None, agreed, trials=2_000, most=2_000).judged[0].verdict == "UNDECIDED"


def test_a_missing_baseline_is_a_notice() -> None:
    found = checked(a_plan(an_expectation("finish.p80", 'worsens_at_most = "1d"')))
    assert (found.judged[0].verdict, found.exit_code) == ("NOTICE", 0)


def test_warnings_do_not_count_and_what_is_off_is_not_asked() -> None:
    never = an_expectation("finish.on_time", "at_least = 0.999")
    assert checked(a_plan(never)).exit_code == 3
    assert checked(a_plan(never + 'level = "warn"\n')).exit_code == 0
    assert limits_of(a_plan(never + 'level = "off"\n')) == ()


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        ("at_most = 2026-12-31", "PASS"),
        ("at_most = 2026-01-06", "FAIL"),
        ("at_least = 2026-01-06", "PASS"),
        ("at_least = 2026-12-31", "FAIL"),
    ],
)
def test_a_date_is_kept_until_its_day_ends(limit: str, expected: str) -> None:
    assert checked(a_plan(an_expectation("finish.p80", limit))).judged[0].verdict == expected
    exact = an_expectation("baseline.finish", "at_most = 2026-02-27") + an_expectation(
        "baseline.finish", "at_least = 2026-02-27"
    )
    both = checked(a_plan(exact)).judged  # forty working days end on Friday 27 February
    assert [judged.verdict for judged in both] == ["PASS", "PASS"]


def test_what_the_program_alone_changed_is_told_apart() -> None:
    plan = a_plan(an_expectation("finish.p80", 'worsens_at_most = "0m"'))
    stored = an_agreement(plan, 1)
    moved = Figure((stored.figures["finish.p80"].value or 0.0) + 60, 30.0)
    agreed = Agreed(**{**vars(stored), "figures": {"finish.p80": moved}})
    found = judge(plan, runs_of(plan, 1), runs_of(plan, 1), agreed, trials=2_000)
    assert (found.drifted, found.judged[0].verdict) == (("finish.p80",), "PASS")
    assert judge(plan, runs_of(plan, 1), runs_of(plan, 1), stored, trials=2_000).drifted == ()
