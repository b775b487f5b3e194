"""Runs against closed forms: what is known exactly must come out within the sampling error."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from build import DAY, gate, person, scenario, sick, sprints, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.scenario.model import Distribution, Scenario
from stat_checks import assert_distribution, assert_mean, assert_probability

N = 100_000
MEAN = 6_000.0  # minutes; rounding a task to whole minutes moves a distribution by less than 1 / MEAN


def exponential(mean: float = MEAN) -> Distribution:
    return Distribution("exponential", (mean,), mean)


def run(made: Scenario, n: int = N):
    return engines.run(compile_plan(made), trials=n, seed=2026)


def finishes(made: Scenario, n: int = N) -> np.ndarray:
    outcomes = run(made, n)
    assert (outcomes.outcome == 0).all()
    return outcomes.end.astype(float)


def test_tasks_in_series__sum_of_exponentials_is_erlang():
    tasks = [task(f"t{i}", exponential(), "ANN") for i in range(5)]
    times = finishes(scenario([person("ANN")], tasks, horizon="2000d"))
    assert_distribution(times, lambda x: stats.gamma.cdf(x, 5, scale=MEAN), sees=0.025, slack=3 / MEAN)


def test_tasks_in_parallel__maximum_of_exponentials():
    names = [f"P{i}" for i in range(5)]
    times = finishes(scenario([person(n) for n in names], [task(n, exponential(), n) for n in names], horizon="2000d"))
    assert_distribution(times, lambda x: (1 - np.exp(-x / MEAN)) ** 5, sees=0.025, slack=3 / MEAN)


def test_five_arc_network__published_distribution():
    """Nelson, Foundations and Methods of Stochastic Simulation (2013): exponential arcs ab, ac, bc, bd, cd."""
    people = [person(f"X{i}") for i in range(1, 6)]
    tasks = [
        task("X1", exponential(), "X1"),
        task("X2", exponential(), "X2"),
        task("X3", exponential(), "X3", after="X1"),
        task("X4", exponential(), "X4", after="X1"),
        task("X5", exponential(), "X5", after=["X2", "X3"]),
    ]
    times = finishes(scenario(people, tasks, horizon="2000d")) / MEAN

    def cdf(t):
        return (t**2 / 2 - 3 * t - 3) * np.exp(-2 * t) + (-(t**2) / 2 - 3 * t + 3) * np.exp(-t) + 1 - np.exp(-3 * t)

    assert_distribution(times, cdf, sees=0.025, slack=3 / MEAN)
    assert_mean(times, 83 / 24, 1.6991623753, sees=0.07, slack=2 / MEAN)
    assert_probability(int((times <= 4.714519674838673).sum()), N, 0.8, sees=0.02)


@pytest.mark.parametrize(("n_jobs", "n_people", "expected"), [(10, 3, 7 / 3 + 11 / 6), (7, 1, 7.0), (5, 5, 137 / 60)])
def test_any_of_several_people__makespan_of_exponential_jobs(n_jobs, n_people, expected):
    """No idling: n jobs on m machines take (n - m) / m + H_m on average (memorylessness; Pinedo, Scheduling)."""
    names = [f"P{i}" for i in range(n_people)]
    jobs = [task(f"j{i}", exponential(), names, "any") for i in range(n_jobs)]
    times = finishes(scenario([person(n) for n in names], jobs, horizon="4000d")) / MEAN
    variance = (n_jobs - n_people) / n_people**2 + sum(1 / k**2 for k in range(1, n_people + 1))
    assert_mean(times, expected, variance**0.5, sees=0.12, slack=10 / MEAN)


def test_gate__reviews_until_go_are_geometric():
    """A gate of chance 0.6 that extends by one day: attempts are geometric, the finish follows them exactly."""
    made = scenario(
        [person("ANN")],
        [task("dig", "1d", "ANN")],
        [gate("g", requires=["dig"], chance=0.6, extend="1d", max_extensions=60)],
        horizon="1000d",
    )
    outcomes = run(made)
    attempts = outcomes.gate_attempts[:, 0]
    for k in range(1, 6):
        assert_probability(int((attempts == k).sum()), N, 0.6 * 0.4 ** (k - 1), sees=0.02)
    assert (outcomes.end == DAY * attempts).all()


def test_gate__rework_until_pass_has_the_mean_of_a_self_loop():
    """Time mu per pass, pass chance p: mean mu / p, variance mu^2 (1 - p) / p^2 (Pritsker and Happ 1966)."""
    made = scenario(
        [person("ANN")],
        [task("dig", 480, "ANN")],
        [gate("g", requires=["dig"], chance=0.7, rework={"ANN": 480}, max_extensions=60)],
        horizon="1000d",
    )
    assert_mean(finishes(made), 480 / 0.7, 480 * 0.3**0.5 / 0.7, sees=20)


def test_gates_that_stop__chances_of_each_end():
    """Stages of 6, 4 and 10 days with pass chances 0.9, 0.7, 0.8: 0.504 come through, 0.1, 0.27, 0.126 stop."""
    stages = [(6, 0.9), (4, 0.7), (10, 0.8)]
    tasks = [task(f"s{i}", f"{days}d", "ANN", after=[f"s{i - 1}"] if i else []) for i, (days, _) in enumerate(stages)]
    gates = [
        gate(
            f"g{i}",
            requires=[f"s{i}"],
            blocks_tasks=[f"s{i + 1}"] if i < 2 else [],
            chance=p,
            max_extensions=0,
            then="stop",
        )
        for i, (_, p) in enumerate(stages)
    ]
    outcomes = run(scenario([person("ANN")], tasks, gates, horizon="100d"))
    stopped = outcomes.outcome == 2
    for minute, chance in ((6, 0.1), (10, 0.27), (20, 0.126)):
        assert_probability(int((stopped & (outcomes.end == minute * DAY)).sum()), N, chance, sees=0.02)
    assert_probability(int((outcomes.outcome == 0).sum()), N, 0.504, sees=0.02)
    assert_mean(outcomes.end / DAY, 15.9, 6.0, sees=0.3)


def test_absence__one_day_spells_follow_a_two_state_chain():
    """Spells of one day: a day of presence is followed by one of absence with q = 1 - exp(-D / mean)."""
    n_days, per_year = 200, 26.0
    fires = 1 - np.exp(-per_year * DAY / (260 * DAY))
    made = scenario([person("ANN", absence=[sick(per_year, "1d")])], [task("dig", "300d", "ANN")], horizon=f"{n_days}d")
    outcomes = run(made, 20_000)
    present, absent, expected = 1.0, 0.0, 0.0
    for _ in range(n_days):
        expected += absent
        present, absent = present * (1 - fires) + absent, present * fires
    days = outcomes.person_absence[:, 0] / DAY
    assert_mean(days, expected, (n_days * fires) ** 0.5, sees=0.4)


def test_random_leave__every_start_is_equally_likely():
    """Five days of leave in one block until the 20th day, no rules: it begins on each of 16 days equally often."""
    made = scenario([person("ANN", pto_days=5, pto_by=19)], [task("dig", "1d", "ANN")], horizon="100d")
    outcomes = run(made)
    assert_probability(int((outcomes.end == 6 * DAY).sum()), N, 1 / 16, sees=0.01)
    assert ((outcomes.end == DAY) | (outcomes.end == 6 * DAY)).all()


def test_common_factor__scales_everything_at_once():
    """With exact efforts in a row the finish is the common factor times their sum."""
    common = Distribution("lognormal", (1.0, 0.37), 1.0)
    tasks = [task(f"t{i}", "10d", "ANN") for i in range(4)]
    times = finishes(scenario([person("ANN")], tasks, common=common, horizon="4000d")) / (40 * DAY)
    assert_distribution(times, lambda x: stats.lognorm.cdf(x, 0.37), sees=0.025, slack=1e-3)


def test_sprint__gate_extension_moves_all_later_sprints():
    """A gate of chance 0.5 that extends by one 2-day sprint: every failure delays all later sprints by 2 days."""
    made = scenario(
        [person("ANN")],
        [task("a", "1d", "ANN", sprint=1), task("b", "1d", "ANN", sprint=2), task("c", "1d", "ANN", sprint=3)],
        [gate("g", due=1, requires=["a"], blocks=[2, 3], chance=0.5, extend="2d", max_extensions=60)],
        sprints=sprints(3, 2),
        horizon="1000d",
    )
    outcomes = run(made)
    assert (outcomes.end == (4 + 1) * DAY + 2 * DAY * (outcomes.gate_attempts[:, 0] - 1)).all()
    assert_probability(int((outcomes.gate_attempts == 1).sum()), N, 0.5, sees=0.02)
