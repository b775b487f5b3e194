"""Plans with people: the engines, and the same trial by hand. Every one asserts that its integers are the kernel's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simrisk import engines
from simrisk.bench import cases, people
from simrisk.compile import compile_plan
from simrisk.engines.kernels import EVENTS, PLAIN, run_kernels
from simrisk.scenario.load import load
from simrisk.scenario.model import Correlation

SEED = 1
TRIALS, GIVEN = 512, 4
TEAMS = [(40, 10), (400, 30), (1_000, 100)]
SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.toml"))


class Crew:
    """A plan with people, the draws of its first trials, and what is right."""

    def __init__(self, n_tasks: int, n_people: int) -> None:
        self.plan = compile_plan(cases.people_plan(n_tasks, n_people))
        self.team = people.team_of(self.plan)
        self.masks = people.masks_of(self.team)
        self.given = [people.given(self.plan, SEED, trial) for trial in range(1 if n_tasks > 400 else GIVEN)]
        self.finishes = [people.run_in_a_loop(self.masks, one) for one in self.given]


@pytest.fixture(scope="module", params=TEAMS, ids=lambda team: f"{team[0]}x{team[1]}")
def crew(request):
    return Crew(*request.param)


def first(outcomes, crew):
    return outcomes.task_finish[: len(crew.given)].tolist()


@pytest.mark.parametrize("kernel", [PLAIN, EVENTS])
def test_kernel(benchmark, crew, kernel):
    trials = max(8, TRIALS * 40 // len(crew.plan.task_ids))
    outcomes = benchmark(run_kernels, crew.plan, trials=trials, seed=SEED, threads=1, kernel=kernel)
    assert first(outcomes, crew) == crew.finishes


@pytest.mark.parametrize("n", [0, 200])
def test_correlated(benchmark, n):
    """Tasks that go together, beside none."""
    made = cases.people_plan(400, 30)
    group = Correlation(tuple(task.id for task in made.tasks[:n]), 0.3, pair=False)
    plan = compile_plan(replace(made, correlations=(group,) if n else ()))
    outcomes = benchmark(run_kernels, plan, trials=256, seed=SEED, threads=1, kernel=PLAIN)
    reference = engines.run(plan, trials=1, seed=SEED, engine="reference")
    assert np.array_equal(outcomes.task_finish[:1], reference.task_finish)


def test_simpy_by_hand(benchmark, crew):
    assert benchmark(lambda: [people.run_in_simpy(crew.team, one) for one in crew.given]) == crew.finishes


def test_loop_by_hand(benchmark, crew):
    found = benchmark(lambda: [people.run_in_a_loop(crew.masks, one) for one in crew.given])
    assert found == engines.run(crew.plan, trials=len(crew.given), seed=SEED).task_finish.tolist()


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenario(benchmark, path):
    plan = compile_plan(load(path))
    outcomes = benchmark(engines.run, plan, trials=256, seed=SEED, threads=1)
    reference = engines.run(plan, trials=1, seed=SEED, engine="reference")
    for found, expected in zip(outcomes, reference, strict=True):
        assert np.array_equal(found[:1], expected)


def test_reference_engine(benchmark):
    plan = compile_plan(load(next(path for path in SCENARIOS if path.stem == "phase3")))
    reference = benchmark(engines.run, plan, trials=5, seed=SEED, engine="reference")
    assert np.array_equal(reference.end, engines.run(plan, trials=5, seed=SEED).end)
