"""Both engines count absence until the end of the plan without dice on its own."""

from __future__ import annotations

import numpy as np
import pytest

import simrisk
from simrisk.simulation import Engine

PLAN = """
[project]
start = 2026-01-05
horizon = "60w"
[people.ANN]
[people.BOB]
[absence.sick]
per_year = 25
duration = { low = "1d", likely = "2d", high = "20d" }
[tasks.a]
effort = { low = "40h", likely = "200h", high = "700h" }
who = ["ANN"]
"""


@pytest.mark.parametrize("engine", ["reference", "kernel"])
def test_until_the_planned_finish_and_never_more(engine: Engine) -> None:
    run = simrisk.simulate(simrisk.loads(PLAN), trials=200, seed=4, engine=engine)
    early, whole = (run[name].values for name in ("person_absence_planned", "person_absence"))
    planned, end = int(run["baseline_finish"]), run["project_end"].values
    assert (early <= whole).all()
    assert (early <= planned).all()
    short = end <= planned
    assert 0 < short.sum() < 200
    np.testing.assert_array_equal(early[short], whole[short])
    assert (early[~short] < whole[~short]).any()
    assert (whole - early <= np.maximum(end - planned, 0)[:, None]).all()


def test_both_engines_agree() -> None:
    runs = [simrisk.simulate(simrisk.loads(PLAN), trials=100, seed=4, engine=e) for e in ("reference", "kernel")]
    np.testing.assert_array_equal(*(run["person_absence_planned"].values for run in runs))
