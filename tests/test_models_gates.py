"""Sprints and gates: openings, ceremonies, carry-over, reviews, extensions, and what a no-go leads to."""

from __future__ import annotations

import pytest

from build import DAY, day, exactly, gate, off, person, scenario, sprints, task
from simrisk import engines
from simrisk.compile import compile_plan

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")
FAILS_ONCE = {"chance": [(0.0, 1.0)]}


def test_sprint__opens_its_tasks_on_the_cadence(tell):
    tasks = [task("two", "1h", "ANN", sprint=2), task("one", "1h", "ANN", sprint=1)]
    told = tell(scenario([ANN], tasks, sprints=sprints(2, 5)))
    assert (told.sprint("start"), told.task("start")) == ([0, 5 * DAY], {"one": 0, "two": 5 * DAY})
    assert told.chain == {"calendar": 5 * DAY, "work": 60}


def test_sprint__unfinished_tasks_carry_over_and_go_first(tell):
    tasks = [task("two", "1d", "ANN", sprint=2), task("one", "7d", "ANN", sprint=1), task("opt", "1h", "BOB", sprint=1)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(2, 5)))
    assert told.task("finish") == {"two": 8 * DAY, "one": 7 * DAY, "opt": 60}
    assert told.sprint("goal") == [0, 1]
    assert told.sprint("carry_over") == [2 * DAY, 0]
    assert told.sprint("velocity") == [5 * DAY + 60, 3 * DAY]


def test_sprint__optional_tasks_are_no_part_of_the_goal_but_of_the_carry_over(tell):
    tasks = [task("one", "1d", "ANN", sprint=1), task("opt", "7d", "BOB", sprint=1, optional=True)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(1, 5)))
    assert (told.sprint("goal"), told.sprint("carry_over")) == ([1], [2 * DAY])


def test_sprint__what_ends_in_its_last_minute_belongs_to_it(tell):
    told = tell(
        scenario([ANN], [task("one", "5d", "ANN", sprint=1), task("two", "1h", "ANN", sprint=2)], sprints=sprints(2, 5))
    )
    assert (told.sprint("goal"), told.sprint("carry_over"), told.sprint("velocity")) == ([1, 1], [0, 0], [5 * DAY, 60])


def test_sprint__carry_over_and_velocity_are_rounded_half_up_once(tell):
    people = [person("ANN", focus="0.5"), person("BOB", focus="0.501")]
    tasks = [task("one", 300, "ANN", sprint=1), task("two", 300, "BOB", sprint=1)]
    told = tell(scenario(people, tasks, sprints=sprints(1, 1)))
    # in the day of 480 minutes ANN does 240 and BOB 240.48: 480.48 are done, 119.52 are left
    assert (told.sprint("velocity"), told.sprint("carry_over")) == ([480], [120])


def test_sprint__the_project_ends_before_it_opens(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN", sprint=1)], sprints=sprints(3, 5)))
    assert told.sprint("start") == [0, -1, -1]
    assert (told.sprint("goal"), told.sprint("velocity"), told.sprint("carry_over")) == (
        [1, 1, 1],
        [60, 0, 0],
        [0, 0, 0],
    )


def test_sprint__a_censored_trial_counts_what_it_has(tell):
    tasks = [task("one", "3d", "ANN", sprint=1), task("two", "1d", "BOB", sprint=2)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(3, 5), horizon="2d"))
    assert told.outcome == "censored"
    assert (told.sprint("goal"), told.sprint("velocity")) == ([0, 0, 1], [2 * DAY, 0, 0])
    assert told.sprint("carry_over") == [DAY, 2 * DAY, 2 * DAY]


def test_pull__later_tasks_are_started_early_behind_those_of_earlier_sprints(tell):
    tasks = [task("two", "1d", "ANN", sprint=2), task("one", "1d", "ANN", sprint=1)]
    told = tell(scenario([ANN], tasks, sprints=sprints(2, 5, pull=True)))
    assert told.task("start") == {"two": DAY, "one": 0}


def test_pull__a_gate_that_blocks_an_earlier_sprint_still_holds(tell):
    tasks = [task("one", "1h", "ANN", sprint=1), task("three", "1h", "ANN", sprint=3)]
    made = scenario([ANN], tasks, [gate("go", due=day(1), blocks=[2])], sprints=sprints(3, 5, pull=True))
    assert tell(made).task("start") == {"one": 0, "three": DAY}


def test_ceremony__takes_the_first_minutes_from_everybody_with_work(tell):
    tasks = [task("one", "1h", "ANN", sprint=1), task("two", "2h", "BOB", sprint=2)]
    told = tell(scenario([ANN, BOB, CYD], tasks, sprints=sprints(2, 1, "2h")))
    assert told.task("start") == {"one": 120, "two": DAY + 120}
    # ANN has nothing to do any more when sprint 2 opens, CYD never had
    assert told.person("ceremony") == {"ANN": 120, "BOB": 240, "CYD": 0}
    assert told.chain == {"calendar": DAY + 120, "work": 120}


def test_ceremony__is_not_scaled_by_focus(tell):
    told = tell(
        scenario([person("ANN", focus="0.5")], [task("one", "1h", "ANN", sprint=1)], sprints=sprints(1, 5, "2h"))
    )
    assert told.end == 240


def test_ceremony__pauses_what_is_in_hand(tell):
    told = tell(scenario([ANN], [task("one", "2d", "ANN")], sprints=sprints(3, 1, "1h")))
    assert told.end == 2 * DAY + 180
    assert told.chain == {"work": 2 * DAY, "calendar": 180}


def test_ceremony__going_away_ends_it(tell):
    # the ceremony takes a day and an hour; ANN goes on leave after the day, is back a day later and free
    told = tell(scenario([person("ANN", leave=[off(1, 1)])], [task("one", "1h", "ANN")], sprints=sprints(1, 5, 540)))
    assert (told.task("start"), told.person("ceremony")) == ({"one": 2 * DAY}, {"ANN": DAY})


def test_ceremony__nobody_is_called_back_from_leave(tell):
    told = tell(scenario([person("ANN", leave=[off(0, 0)])], [task("one", "1h", "ANN")], sprints=sprints(1, 5, "2d")))
    assert (told.end, told.person("ceremony")) == (DAY + 60, {"ANN": 0})


def test_ceremony__who_does_rework_is_not_held(tell):
    tasks = [task("first", "7h", "BOB"), task("one", "9h", "ANN")]
    made = scenario(
        [ANN, BOB],
        tasks,
        [gate("go", requires=["first"], rework={"ANN": "2h"}, **FAILS_ONCE)],
        sprints=sprints(2, 1, "1h"),
    )
    told = tell(made)
    # the first ceremony ends at 60, first is done at 480 when sprint 2 opens: its ceremony holds both (step 1), and the
    # rework of step 3 waits for the end of the ceremony
    assert told.gate("finish") == {"go": 540 + 120}
    # rework from 420 on is not interrupted at 480
    tasks = [task("first", "6h", "BOB"), task("one", "9h", "ANN")]
    made = scenario(
        [ANN, BOB],
        tasks,
        [gate("go", requires=["first"], rework={"ANN": "2h"}, **FAILS_ONCE)],
        sprints=sprints(2, 1, "1h"),
    )
    told = tell(made)
    assert (told.gate("finish"), told.person("ceremony")["ANN"]) == ({"go": 540}, 60)


def test_gate__review_takes_its_time_and_passes(tell):
    told = tell(
        scenario(
            [ANN],
            [task("one", "1h", "ANN"), task("two", "1h", "ANN")],
            [gate("go", requires=["one"], blocks_tasks=["two"], review="4h")],
        )
    )
    assert (told.gate("first"), told.gate("finish"), told.passed) == ({"go": 60}, {"go": 300}, {"go": "go"})
    assert (told.task("start")["two"], told.chain) == (300, {"work": 120, "gate": 240})
    assert told.critical() == {"one", "two", "go", "ANN"}


def test_gate__is_due_at_the_end_of_the_sprint(tell):
    told = tell(
        scenario(
            [ANN], [task("one", "1h", "ANN", sprint=1)], [gate("go", due=1, requires=["one"])], sprints=sprints(1, 5)
        )
    )
    assert (told.end, told.chain) == (5 * DAY, {"calendar": 5 * DAY})


def test_gate__is_due_on_a_date(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [gate("go", due=day(2), requires=["one"], review="1h")]))
    assert (told.end, told.chain) == (2 * DAY + 60, {"calendar": 2 * DAY, "gate": 60})


def test_gate__waits_for_its_tasks_after_it_is_due(tell):
    told = tell(scenario([ANN], [task("one", "3d", "ANN")], [gate("go", due=day(2), requires=["one"])]))
    assert (told.gate("finish"), told.chain) == ({"go": 3 * DAY}, {"work": 3 * DAY})


def test_gate__an_extension_shifts_the_sprints_that_follow(tell):
    # fails at day 5, extended by 3 days: sprint 2 opens on day 8 and keeps its 5 days, so sprint 3 opens on day 13
    tasks = [task(f"t{k}", "1h", "ANN", sprint=k) for k in (1, 2, 3)]
    made = scenario(
        [ANN], tasks, [gate("go", due=1, requires=["t1"], blocks=[2], extend="3d", **FAILS_ONCE)], sprints=sprints(3, 5)
    )
    told = tell(made)
    assert told.sprint("start") == [0, 8 * DAY, 13 * DAY]
    assert (told.gate("attempts"), told.gate("first"), told.gate("finish")) == (
        {"go": 2},
        {"go": 5 * DAY},
        {"go": 8 * DAY},
    )
    assert told.chain == {"calendar": 10 * DAY, "gate": 3 * DAY, "work": 60}


def test_gate__a_blocked_sprint_opens_at_the_start_of_a_day(tell):
    # the review ends one hour into day 5
    tasks = [task("t1", "1h", "ANN", sprint=1), task("t2", "1h", "ANN", sprint=2)]
    told = tell(
        scenario([ANN], tasks, [gate("go", due=1, requires=["t1"], blocks=[2], review="1h")], sprints=sprints(2, 5))
    )
    assert told.sprint("start") == [0, 6 * DAY]
    assert told.chain == {"calendar": 5 * DAY + 420, "gate": 60, "work": 60}


def test_gate__a_blocked_sprint_never_opens_before_its_planned_start(tell):
    tasks = [task("t1", "1h", "ANN", sprint=1), task("t2", "1h", "ANN", sprint=2)]
    told = tell(scenario([ANN], tasks, [gate("go", requires=["t1"], blocks=[2])], sprints=sprints(2, 5)))
    assert told.sprint("start") == [0, 5 * DAY]


def test_gate__a_sprint_opens_in_the_minute_of_the_decision_with_its_ceremony(tell):
    tasks = [task("t1", "1h", "ANN", sprint=1), task("t2", "1h", "ANN", sprint=2)]
    told = tell(scenario([ANN], tasks, [gate("go", due=1, requires=["t1"], blocks=[2])], sprints=sprints(2, 5, "1h")))
    assert (told.sprint("start"), told.task("start")["t2"]) == ([0, 5 * DAY], 5 * DAY + 60)


def test_gate__rework_and_extension_must_both_be_over(tell):
    def finish(extend: str, rework: str) -> int:
        told = tell(
            scenario(
                [ANN],
                [task("one", "1h", "ANN")],
                [gate("go", requires=["one"], extend=extend, rework={"ANN": rework}, **FAILS_ONCE)],
            )
        )
        return told.gate("finish")["go"]

    assert (finish("3h", "1h"), finish("1h", "3h")) == (240, 240)


def test_gate__rework_of_several_people(tell):
    made = scenario(
        [ANN, BOB],
        [task("one", "1h", "ANN")],
        [gate("go", requires=["one"], rework={"ANN": "1h", "BOB": "4h"}, **FAILS_ONCE)],
    )
    told = tell(made)
    assert (told.end, told.person("worked"), told.sprint("velocity")) == (300, {"ANN": 120, "BOB": 240}, [])


@pytest.mark.parametrize("extensions", [0, 1, 3])
def test_gate__is_waived_after_its_extensions(tell, extensions):
    made = scenario(
        [ANN],
        [task("one", "1h", "ANN")],
        [gate("go", requires=["one"], chance=0.0, review="1h", extend="1d", max_extensions=extensions)],
    )
    told = tell(made)
    assert (told.passed, told.gate("attempts")) == ({"go": "waived"}, {"go": 1 + extensions})
    assert told.end == 60 + 60 + extensions * (DAY + 60)


def test_gate__without_no_go_is_waived_at_once(tell):
    told = tell(
        scenario(
            [ANN], [task("one", "1h", "ANN")], [gate("go", requires=["one"], chance=0.0, no_go=False, extend="1d")]
        )
    )
    assert (told.passed, told.gate("attempts"), told.end) == ({"go": "waived"}, {"go": 1}, 60)


def test_gate__a_criterion_that_passed_is_not_drawn_again(tell):
    # one is certain at first and impossible later, the other the other way round
    told = tell(
        scenario(
            [ANN],
            [task("one", "1h", "ANN")],
            [gate("go", requires=["one"], chance=[(1.0, 0.0), (0.0, 1.0)], extend="1d")],
        )
    )
    assert (told.passed, told.gate("attempts")) == ({"go": "go"}, {"go": 2})


def test_gate__chances_multiply():
    """Two criteria of 0.8 and 0.7 pass the first review with 0.56; binomial at a false alarm of 1e-9."""
    trials = 20_000
    plan = compile_plan(
        scenario([ANN], [task("one", "1h", "ANN")], [gate("go", requires=["one"], chance=[(0.8, 0.0), (0.7, 0.0)])])
    )
    first = engines.run(plan, trials=trials, seed=11).gate_attempts[:, 0] == 1
    assert abs(first.mean() - 0.56) < 6.2 * (0.56 * 0.44 / trials) ** 0.5


def test_gate__stop_ends_the_project_at_once(tell):
    tasks = [task("one", "1h", "ANN"), task("two", "1d", "BOB")]
    told = tell(
        scenario(
            [ANN, BOB], tasks, [gate("go", requires=["one"], chance=0.0, max_extensions=0, then="stop", review="1h")]
        )
    )
    assert (told.outcome, told.end, told.passed, told.gate("finish")) == ("stopped", 120, {"go": "stop"}, {"go": 120})
    assert (told.task("finish"), told.person("worked")) == ({"one": 60, "two": -1}, {"ANN": 60, "BOB": 120})
    assert (told.chain, told.critical()) == ({}, set())


def descoping(**facts):
    return gate("go", requires=["one"], chance=0.0, max_extensions=0, then="descope", **facts)


def test_gate__descope_drops_the_optional_tasks_not_begun(tell):
    tasks = [
        task("one", "1h", "ANN"),
        task("begun", "2h", "BOB", optional=True),
        task("open", "2h", "BOB", optional=True),
        task("needed", "2h", "BOB", after="open"),
    ]
    told = tell(scenario([ANN, BOB], tasks, [descoping()]))
    assert told.passed == {"go": "descoped"}
    assert told.task("dropped") == {"one": 0, "begun": 0, "open": 1, "needed": 0}
    assert (told.task("start")["open"], told.task("finish")["open"]) == (60, 60)
    assert told.task("start")["needed"] == 120  # takes the dropped task as done


def test_gate__descope_drops_the_tasks_named_even_when_begun(tell):
    tasks = [task("one", "1h", "ANN"), task("begun", "2d", "BOB"), task("next", "1h", "BOB")]
    told = tell(scenario([ANN, BOB], tasks, [descoping(descope=["one", "begun"])]))
    assert told.task("dropped") == {"one": 0, "begun": 1, "next": 0}  # what is finished is finished
    assert told.task("start") == {"one": 0, "begun": 0, "next": 60}  # BOB is free at once
    assert (told.end, told.chain) == (120, {"busy": 60, "work": 60})
    assert told.person("worked") == {"ANN": 60, "BOB": 120}


def test_gate__the_chain_goes_back_from_a_dropped_task_to_its_gate(tell):
    tasks = [task("one", "1h", "ANN"), task("gone", "2d", "BOB", not_before=9), task("next", "1h", "BOB", after="gone")]
    told = tell(scenario([ANN, BOB], tasks, [descoping(descope=["gone"], review="1h")]))
    assert (told.end, told.chain) == (180, {"work": 120, "gate": 60})
    assert told.critical() == {"one", "next", "go", "ANN", "BOB"}


def test_gate__all_that_is_left_is_dropped(tell):
    told = tell(
        scenario([ANN, BOB], [task("one", "1h", "ANN"), task("gone", "2d", "BOB")], [descoping(descope=["gone"])])
    )
    assert (told.outcome, told.end) == ("finished", 60)


def test_gate__reviews_of_nothing_follow_each_other_in_one_minute(tell):
    gates = [
        gate("a", requires=["one"], blocks_tasks=["two"]),
        gate("b", requires=["two"], chance=0.0, max_extensions=3),
        gate("c", requires=["one"], chance=0.0, max_extensions=2, extend=exactly(0)),
    ]
    told = tell(scenario([ANN], [task("one", "1h", "ANN"), task("two", 0, "ANN")], gates))
    assert told.gate("finish") == {"a": 60, "b": 60, "c": 60}
    assert told.gate("attempts") == {"a": 1, "b": 4, "c": 3}


def test_gate__the_project_ends_with_the_last_review(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [gate("go", due=day(1), review="2h")]))
    assert (told.end, told.critical()) == (DAY + 120, {"go"})
