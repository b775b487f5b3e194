"""Logic only: the same dice with everybody and everything always there."""

from __future__ import annotations

import numpy as np
import pytest

from build import (
    DAY,
    Distribution,
    cover,
    departure,
    equipment,
    gate,
    link,
    milestone,
    off,
    person,
    pert,
    pool,
    risk,
    scenario,
    sick,
    sprints,
    task,
)
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.engines.kernels import check_layout
from simrisk.models.logic import logic_plan
from simrisk_kernels.layout import Outcomes


@pytest.fixture
def logic(engine):
    """`logic(scenario)` runs trials of what is left of a plan when nothing is ever short."""

    def run(what, trials=1) -> Outcomes:
        plan = logic_plan(compile_plan(what))
        check_layout(plan.arrays)
        return engines.run(plan, trials=trials, seed=1, engine=engine)

    return run


def test_people__do_everything_at_once(logic):
    tasks = [task("a", "2d", "ANN"), task("b", "3d", "ANN"), task("c", {"ANN": "1d", "BOB": "4d"}, after="a")]
    out = logic(scenario([person("ANN"), person("BOB")], tasks))
    assert out.task_start.tolist() == [[0, 0, 2 * DAY]]
    assert out.task_finish.tolist() == [[2 * DAY, 3 * DAY, 6 * DAY]]


def test_people__are_always_there_and_fully_productive_but_no_more(logic):
    ann = person(
        "ANN",
        fte="0.5",
        focus="0.8",
        start=9,
        end=99,
        ramp="20d",
        ramp_from="0.1",
        leave=[off(10, 12)],
        pto_days=50,
        absence=[sick(1e9, "5d")],
        departure=departure(1e9, "0d", "9d", "9d"),
        go=2,
    )
    policy = cover(0, descope_after=0, descope=["dig"])
    out = logic(
        scenario(
            [ann, person("BOB", go=3)],
            [task("dig", "2d", "ANN", skill="go")],
            efficiency={2: "0.5", 3: 1},
            cover=policy,
        ),
    )
    assert (out.end[0], out.task_handovers[0, 0]) == (10 * DAY, 0)  # at 0.5 * 0.8 * 0.5


def test_people__of_any_it_is_the_first_who_can(logic):
    people = [person("ANN", go=0), person("BOB", go=2), person("CYD", go=3)]
    what = scenario(people, [task("dig", "1d", ["ANN", "BOB", "CYD"], "any", skill="go")], efficiency={2: "0.5", 3: 1})
    assert logic(what).end[0] == 2 * DAY


def test_people__together_at_the_slowest_of_their_rates(logic):
    people = [person("ANN", leave=[off(0, 9)]), person("BOB", focus="0.5")]
    tasks = [task("dig", "1d", ["ANN", "BOB"], "together"), task("sow", duration="4d", who="BOB")]
    out = logic(scenario(people, tasks))
    assert out.task_finish.tolist() == [[2 * DAY, 4 * DAY]]


def test_people__learn_all_the_same(logic):
    tasks = [
        task("learn", "2d", "ANN", raises=[("ANN", "go", 3)]),
        task("before", "2d", "ANN", skill="go", priority=1),
        task("after", "2d", "ANN", skill="go", after="learn"),
    ]
    out = logic(scenario([person("ANN", go=2)], tasks, efficiency={2: "0.5", 3: 1}))
    assert out.task_finish.tolist() == [[2 * DAY, 4 * DAY, 4 * DAY]]


def test_pools__have_all_their_heads_for_every_part(logic):
    pools = [pool("DEV", {0: 1, 3: 5, 6: 2}, focus="0.5", hire_delay="9d", ramp="9d", ramp_from=0)]
    tasks = [task("a", "10d", "DEV"), task("b", "10d", "DEV"), task("c", "3d", "DEV", max_fte="1.5")]
    out = logic(scenario(tasks=tasks, pools=pools))
    assert out.task_finish.tolist() == [[4 * DAY, 4 * DAY, 4 * DAY]]


def test_equipment__is_never_short(logic):
    tasks = [task(name, "2d", "ANN", uses={"rig": 1}) for name in "abc"]
    out = logic(scenario([person("ANN")], tasks, equipment=[equipment("rig")]))
    assert out.end[0] == 2 * DAY


def test_time__sprints_dates_links_and_gates_stay(logic):
    ann = person("ANN")
    tasks = [
        task("a", "7d", "ANN", sprint=1),
        task("b", "1d", "ANN", sprint=2),
        task("c", "1d", "ANN", after=link("b", "SS", "3d")),
        task("d", "1d", "ANN", not_before=2),
        milestone("e", after=["a", "b", "c", "d"]),
    ]
    review = gate("ready", due=1, requires=["a"], blocks=[2], review="1d", chance=[(0.0, 1.0)], rework={"ANN": "2d"})
    out = logic(scenario([ann], tasks, [review], sprints=sprints(2, ceremonies="4h")))
    # reviewed on day 7, rework on days 8 and 9, reviewed on day 10: sprint 2 opens on day 11
    assert out.task_start.tolist() == [[0, 11 * DAY, 14 * DAY, 2 * DAY, 15 * DAY]]
    assert (out.gate_finish[0, 0], out.person_ceremony.sum()) == (11 * DAY, 0)


def test_risks__delay_and_multiply_but_take_nobody_away(logic):
    happens = risk("late", 1.0, "dig", factor=2.0, delay="3d", away={"ANN": "9d"})
    assert logic(scenario([person("ANN")], [task("dig", "2d", "ANN")], risks=[happens])).end[0] == 7 * DAY


def test_draws__are_those_of_the_plan(engine, logic):
    """What comes out is the longest path over the durations that the plan itself has drawn."""
    names = "abcdefgh"
    before = {"c": "a", "d": "ab", "e": "b", "f": "cd", "g": "e", "h": "fg"}
    people = [person("ANN", absence=[sick(9.0, "4d")], pto_days=25), person("BOB", focus="0.8")]
    tasks = [task(name, pert("2d", "3d", "9d"), "ANN", after=list(before.get(name, ""))) for name in names]
    what = scenario(people, tasks, common=Distribution("lognormal", (1.0, 0.3), 1.0), horizon="900d")
    real = engines.run(compile_plan(what), trials=50, seed=1, engine=engine)
    out = logic(what, trials=50)
    assert (out.task_effort == real.task_effort).all()
    finish = np.zeros((50, len(names)), np.int64)
    for i, name in enumerate(names):
        start = np.max([finish[:, names.index(n)] for n in before.get(name, "")] or [np.zeros(50, np.int64)], axis=0)
        finish[:, i] = start + real.task_effort[:, i]
    assert (out.task_finish == finish).all()
    assert (out.end < real.end).all()


def test_baseline__of_the_logic_alone(engine):
    what = scenario(
        [person("ANN", leave=[off(0, 9)])], [task("a", pert("1d", "2d", "9d"), "ANN"), task("b", "1d", "ANN")]
    )
    plan = baseline_plan(logic_plan(compile_plan(what)))
    assert engines.run(plan, trials=1, seed=0, engine=engine).end[0] == 2 * DAY


def test_nobody__is_needed(logic):
    out = logic(scenario(tasks=[task("wait", duration="3d"), milestone("end", after="wait")]))
    assert out.end[0] == 3 * DAY
