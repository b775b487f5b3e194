"""Absence until the planned finish: the same time to be absent in for every trial, however late it is."""

from __future__ import annotations

import numpy as np
import pytest

from build import DAY, milestone, person, pert, risk, scenario, sick, task
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan, with_planned_end
from simrisk.simulation import simulate


@pytest.fixture
def plan():
    """ANN is taken away on the days 1 to 4 of a task of two days."""
    flood = risk("flood", 1.0, "start", away={"ANN": "4d"})
    return compile_plan(scenario([person("ANN")], [milestone("start"), task("dig", "2d", "ANN")], risks=[flood]))


@pytest.mark.parametrize(("planned", "counted"), [(0, 0), (3, 2), (5, 4), (90, 4)])
def test_it_counts_the_minutes_before_the_planned_end(plan, engine, planned, counted):
    out = engines.run(with_planned_end(plan, planned * DAY), trials=1, seed=1, engine=engine)
    assert (out.end[0], out.person_absence[0].tolist()) == (6 * DAY, [4 * DAY])
    assert out.person_absence_by_plan[0].tolist() == [counted * DAY]


def test_without_a_planned_end_all_absence_counts(plan, engine):
    out = engines.run(plan, trials=1, seed=1, engine=engine)
    assert out.person_absence_by_plan[0].tolist() == [4 * DAY]


def test_a_run_counts_until_the_finish_without_dice():
    ill = person("ANN", absence=[sick(30, pert("1d", "2d", "9d"))])
    run = simulate(scenario([ill], [task("dig", "20d", "ANN")]), trials=300, seed=3)
    assert run["baseline_finish"].item() == 20 * DAY
    absence, by_plan = run["person_absence"].values[:, 0], run["person_absence_by_plan"].values[:, 0]
    # nothing else is in the way: of 20 days with absence in them the rest is worked
    assert (run["project_finish"].values == 20 * DAY + absence).all()
    assert (by_plan <= absence).all()
    assert (by_plan < absence).any()
    assert (by_plan > 0).any()


def test_a_plan_that_does_not_finish_counts_until_the_end():
    ill = person("ANN", absence=[sick(30, pert("1d", "2d", "9d"))])
    run = simulate(scenario([ill], [task("dig", "20d", "ANN")], horizon="5d"), trials=50, seed=3)
    assert (run["person_absence_by_plan"].values == run["person_absence"].values).all()


def test_both_engines_count_the_same():
    fewer = 0
    for number in range(70_000, 70_150):
        plan = compile_plan(make_scenario(number))
        plan = with_planned_end(plan, plan.horizon // 8)
        kernel = engines.run(plan, trials=2, seed=7)
        reference = engines.run(plan, trials=2, seed=7, engine="reference")
        np.testing.assert_array_equal(kernel.person_absence_by_plan, reference.person_absence_by_plan, str(number))
        assert (kernel.person_absence_by_plan <= kernel.person_absence).all()
        fewer += int((kernel.person_absence_by_plan < kernel.person_absence).sum())
    assert fewer > 100
