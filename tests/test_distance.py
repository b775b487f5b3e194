"""How far a quantile of the finish has moved between two runs, as an analyst asks for it."""

import functools
import math

import numpy as np
import pytest

import simrisk
from simrisk.measures import finish_moved

PLAN = """
[project]
name = "Two steps"
start = 2026-01-05
[people.ANA]
[tasks.first]
effort = { low = "5d", likely = "10d", high = "30d" }
who = "ANA"
"""


@functools.cache
def run_of(text: str = PLAN, **options: int):  # type: ignore[no-untyped-def]
    return simrisk.simulate(simrisk.loads(text), **{"trials": 100, "seed": 3, **options}, engine="reference")


def test_same_run_has_not_moved() -> None:
    run = run_of()
    found = finish_moved(run, run)
    assert (found.value, found.low, found.high) == (0, 0, 0)


def test_distance_is_that_of_the_quantiles() -> None:
    """Every trial is later by the same two days, so that the difference is exact on the same dice."""
    before = run_of()
    after = before.copy()
    after["project_finish"] = before.project_finish + 960
    found = finish_moved(before, after, "p50")
    assert (found.name, found.kind, found.value, found.low, found.high) == ("finish.p50", "duration", 960, 960, 960)


def test_other_dice_are_independent() -> None:
    before, after = run_of(), run_of(seed=4)
    found = finish_moved(before, after)
    levels = [np.sort(run.project_finish.values)[math.ceil(0.8 * 100) - 1] for run in (before, after)]
    assert found.value == levels[1] - levels[0]
    assert found.low < 0 < found.high


def test_other_working_days_cannot_be_compared() -> None:
    with pytest.raises(ValueError, match="working days"):
        finish_moved(run_of(), run_of(PLAN.replace("2026-01-05", "2026-02-02")))
    with pytest.raises(ValueError, match="a level is"):
        finish_moved(run_of(), run_of(), "mean")
