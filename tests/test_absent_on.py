"""Absence on given days: the same in both engines, and by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from build import DAY, cover, departure, off, person, pert, scenario, sick, task
from generate import describe, make_scenario
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.models.absence import absent_on
from simrisk.models.logic import logic_plan
from simrisk.models.unlimited import unlimited
from simrisk.scenario.model import Scenario
from test_twin import assert_same

NUMBERS = range(400)
CHUNK = 100


@pytest.mark.parametrize("start", range(NUMBERS.start, NUMBERS.stop, CHUNK))
def test_both_engines_agree_on_generated_plans(start: int) -> None:
    for number in range(start, start + CHUNK):
        made = make_scenario(number)
        dice = np.random.default_rng(number)
        plan = compile_plan(made)
        for name in dice.permutation(plan.person_ids)[:2]:
            plan = absent_on(plan, str(name), int(dice.integers(0, 25)), int(dice.integers(1, 25)))
        assert_same(plan, 2, number, f"scenario {number}\n{describe(made)}")


def finish(made: Scenario, *absences: tuple[str, int, int]) -> float:
    """Days until the finish; who is absent from which day on, for how many."""
    plan = compile_plan(made)
    for absence in absences:
        plan = absent_on(plan, *absence)
    ends = [int(engines.run(plan, trials=1, seed=1, engine=engine).end[0]) for engine in ("kernel", "reference")]
    assert ends[0] == ends[1]
    return ends[0] / DAY


TWO = scenario(
    [person("ANN"), person("BOB")],
    [task("dig", "10d", "ANN"), task("fill", "4d", "BOB", after="dig"), task("sign", "1d", "ANN", after="fill")],
)


@pytest.mark.parametrize(
    ("absence", "days"),
    [
        (("ANN", 0, 5), 20),
        (("ANN", 5, 5), 20),
        (("ANN", 5, 0), 15),
        (("ANN", 9, 5), 20),
        (("ANN", 10, 4), 15),  # BOB is at it
        (("ANN", 10, 5), 16),  # one day of them would have been needed
        (("ANN", 13, 5), 19),
        (("ANN", 15, 5), 15),  # all is done
        (("BOB", 0, 10), 15),
        (("BOB", 0, 11), 16),
        (("BOB", 12, 5), 20),
    ],
)
def test_a_week_away_moves_the_finish_by_what_is_missed(absence: tuple[str, int, int], days: float) -> None:
    assert finish(TWO, absence) == days


def test_leave_within_the_absence_is_not_made_up_for() -> None:
    made = replace(TWO, people=(person("ANN", leave=[off(6, 8)]), person("BOB")))
    assert finish(made) == 18
    assert finish(made, ("ANN", 5, 5)) == 20  # days 5 to 9, of which three were lost anyway


def test_nobody_knows_how_long_it_will_last() -> None:
    """Known leave of a week hands over at once, absence after the two days of the policy."""
    tasks = [task("dig", "10d", "ANN", backup=["BOB"])]
    ann, bob = person("ANN"), person("BOB")
    policy = cover("2d", "1d")
    assert finish(scenario([person("ANN", leave=[off(5, 9)]), bob], tasks, cover=policy)) == 11
    made = scenario([ann, bob], tasks, cover=policy)
    assert finish(made, ("ANN", 5, 5)) == 13
    assert finish(made, ("ANN", 5, 2)) == 12  # back in the minute of the threshold


def test_other_spells_and_departures_come_as_they_would_have() -> None:
    made = scenario(
        [person("ANN", absence=[sick(60, pert("1d", "2d", "5d"))], departure=departure(4, "1d", "5d"))],
        [task("dig", "60d", "ANN")],
    )
    plan = compile_plan(made)
    was = engines.run(plan, trials=200, seed=3)
    now = engines.run(absent_on(plan, "ANN", 0, 5), trials=200, seed=3)
    early = (was.person_left[:, 0] >= 0) & (was.person_left[:, 0] <= now.end)
    assert early.sum() > 50
    assert (now.person_left[early] == was.person_left[early]).all()
    moved = (now.end - was.end)[(was.person_left[:, 0] < 0) & (now.person_left[:, 0] < 0)] / DAY
    assert len(moved) > 5
    assert moved.min() >= 0


def test_days_before_the_status_date_are_over() -> None:
    made = replace(TWO, project=replace(TWO.project, status_date=off(5, 5).first))
    assert finish(made) == 20  # nothing was done before it
    assert finish(made, ("ANN", 0, 5)) == 20
    assert finish(made, ("ANN", 3, 4)) == 22


def test_without_dice_and_with_enough_of_everybody_nobody_is_absent() -> None:
    plan = absent_on(compile_plan(TWO), "ANN", 0, 20)
    assert engines.run(plan, trials=1, seed=1).end.tolist() == [35 * DAY]
    for other in (baseline_plan(plan), logic_plan(plan), unlimited(plan, people=plan.person_ids)):
        assert engines.run(other, trials=1, seed=1).end.tolist() == [15 * DAY]
