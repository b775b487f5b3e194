"""Differences between two runs on the same dice: their intervals hold the truth as often as they say."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import gamma

from outcomes import DAY, a_run, made_up_finishes
from simrisk.errors import MetricError
from simrisk.measures.difference import Difference, Verdict, _paired, difference, direction, is_sure_of
from simrisk.measures.sample import How, Sample

RUNS, TRIALS = 8_000, 2_000
SHAPE, SCALE = 4, 100.0
BAND = (0.94, 0.96)  # what the product is held to; at 95 % and 8,000 runs the standard error is 0.24 %

Draw = Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray]]


def _grown(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Everything takes 2 % longer."""
    before = rng.gamma(SHAPE, SCALE, TRIALS)
    return before, 1.02 * before


def _struck(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Three in ten trials are later, by 50 on average."""
    before = rng.gamma(SHAPE, SCALE, TRIALS)
    return before, np.where(rng.random(TRIALS) < 0.3, before + rng.exponential(50.0, TRIALS), before)


def _likelier(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Two in a hundred trials more."""
    draw = rng.random(TRIALS)
    return draw < 0.5, draw < 0.52


CASES: dict[str, tuple[Draw, How, float]] = {
    "mean": (_struck, "mean", 15.0),
    "sd": (_grown, "sd", 0.02 * SCALE * math.sqrt(SHAPE)),
    "P10": (_grown, Fraction(1, 10), 0.02 * gamma.ppf(0.1, SHAPE, scale=SCALE)),
    "P50": (_grown, Fraction(1, 2), 0.02 * gamma.ppf(0.5, SHAPE, scale=SCALE)),
    "P80": (_grown, Fraction(4, 5), 0.02 * gamma.ppf(0.8, SHAPE, scale=SCALE)),
    "chance": (_likelier, "share", 0.02),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_paired_intervals_hold_the_truth_as_often_as_they_say(case: str) -> None:
    draw, how, truth = CASES[case]
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(RUNS):
        before, after = (Sample(how, values) for values in draw(rng))
        moved = after.estimate().value - before.estimate().value
        found = _paired(before, after, moved, 0.025)
        assert found is not None
        held += found.low <= truth <= found.high
    assert BAND[0] <= held / RUNS <= BAND[1]


def test_a_pair_is_known_far_better_than_two_runs_by_themselves() -> None:
    finish = made_up_finishes(4_000, censored=0, stopped=0)[0]
    later = np.asarray(finish) + 30
    paired = difference(a_run(finish), a_run(later), "finish.p80")
    alone = difference(a_run(finish), a_run(later).assign_attrs(seed=99), "finish.p80")
    assert (paired.value, paired.low, paired.high, paired.paired) == (30, 30, 30, True)
    assert alone.low is not None
    assert alone.low < 30 - DAY
    assert not alone.paired


@pytest.mark.parametrize(
    ("name", "later", "expected"),
    [
        ("finish.p80", 5 * DAY, "worse"),
        ("finish.p80", -5 * DAY, "better"),
        ("finish.on_time", 5 * DAY, "worse"),
        ("finish.p80", 0, "no change"),
        ("finish.mean", 20, "no change"),  # a third of an hour is nobody's change
        ("finish.sd", 0, "no change"),
    ],
)
def test_verdicts_say_which_way_it_went(name: str, later: int, expected: Verdict) -> None:
    finish = np.asarray(made_up_finishes(4_000, censored=0, stopped=0)[0])
    found = difference(a_run(finish), a_run(finish + later), name)
    assert found.verdict == expected


def test_what_only_one_run_has_is_new_or_gone() -> None:
    run, lacking = a_run(), a_run()
    lacking.attrs = {key: value for key, value in run.attrs.items() if not key.startswith("deadline")}
    assert difference(lacking, run, "finish.on_time").verdict == "new"
    assert difference(run, lacking, "finish.on_time").verdict == "gone"
    with pytest.raises(MetricError, match="unknown-metric"):
        difference(run, run, "finish.never")


def test_a_quantile_that_moves_beyond_the_horizon_is_worse() -> None:
    sound = np.asarray(made_up_finishes(2_000, censored=0, stopped=0)[0])
    late, outcome = made_up_finishes(2_000, censored=800, stopped=0)
    found = difference(a_run(sound), a_run(late, outcome), "finish.p80")
    assert (found.verdict, found.value) == ("worse", None)
    assert difference(a_run(late, outcome), a_run(sound), "finish.p80").verdict == "better"
    assert difference(a_run(late, outcome), a_run(late, outcome), "finish.p80").verdict != "worse"


def test_every_kind_of_metric_has_its_direction() -> None:
    for name in (
        "finish.on_time",
        "joint",
        "gate.tier1.p_go",
        "sprint.2.p_goal",
        "cost.in_budget",
        "finish.by.2026-06-01",
    ):
        assert direction(name) == 1
    for name in ("finish.p80", "cost.mean", "delay.p90", "gate.tier1.finish.p50", "task.joint.finish.p80", "censored"):
        assert direction(name) == -1
    for name in ("person.ANN.utilisation", "task.a.criticality", "cash.2026-01.p50", "task.finish.cruciality"):
        assert direction(name) == 0


@pytest.mark.parametrize(
    ("value", "half", "n", "sure"), [(2.0, 1.0, 1, True), (2.0, 1.0, 1000, False), (-5.0, 1.0, 1000, True)]
)
def test_what_was_picked_from_many_is_judged_by_a_wider_interval(value: float, half: float, n: int, sure: bool) -> None:
    """Two half widths are 3.92 standard errors, of the largest of 1,000 that are nothing 4.06 are needed."""
    found = Difference("finish.p80", "finish", "", None, None, value, value - half, value + half, True, "better")
    assert is_sure_of(found, n) == sure
