"""Whose minutes the driving chain's are: tasks, gates, people and pools. Every figure is worked out by hand."""

from __future__ import annotations

import pytest

from build import (
    DAY,
    Distribution,
    cover,
    gate,
    link,
    milestone,
    off,
    person,
    pool,
    risk,
    scenario,
    sprints,
    task,
)

ANN, BOB = person("ANN"), person("BOB")


def test_owners__each_task_has_its_own_stretch(tell):
    # `near` is done while `long` still runs: it is not on the chain
    tasks = [
        task("long", "3h", "ANN"),
        task("near", "1h", "BOB"),
        task("end", "2h", "BOB", after=["long", "near"]),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    assert told.on_chain() == {"long": 180, "end": 120, "ANN": 180, "BOB": 120}


def test_owners__waiting_for_somebody_belongs_to_the_task_that_waits_and_its_people(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN"), task("two", "2h", "ANN")]))
    # `two` waits an hour for ANN, who is at `one`: the chain is `two` alone
    assert (told.chain, told.on_chain()) == ({"busy": 60, "work": 120}, {"two": 180, "ANN": 180})


def test_owners__everybody_who_had_a_hand_in_it_has_all_its_minutes(tell):
    told = tell(scenario([ANN, BOB], [task("talk", "2h", ["ANN", "BOB"], "together")]))
    assert told.on_chain() == {"talk": 120, "ANN": 120, "BOB": 120}


def test_owners__whoever_handed_it_over_had_a_hand_in_it(tell):
    people = [person("ANN", leave=[off(1, 5)]), BOB]
    told = tell(scenario(people, [task("dig", "2d", "ANN", backup=["BOB"])], cover=cover("2d", 60)))
    assert told.end == 2 * DAY + 60
    assert told.on_chain() == {"dig": told.end, "ANN": told.end, "BOB": told.end}


def test_owners__a_lag_and_a_date_are_nobodys(tell):
    tasks = [
        task("one", "1h", "ANN", not_before=1),
        task("two", "2h", "BOB", after=link("one", "FS", "3h")),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    assert told.end == DAY + 360
    assert told.on_chain() == {"one": 60, "two": 120, "ANN": 60, "BOB": 120}


def test_owners__the_wait_for_a_sprint_is_nobodys(tell):
    tasks = [task("one", "1h", "ANN", sprint=1), task("two", "1h", "BOB", sprint=2)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(2, 5)))
    assert told.on_chain() == {"two": 60, "BOB": 60}


def test_owners__a_gate_has_its_reviews_and_what_lies_between_them(tell):
    made = scenario(
        [ANN],
        [task("one", "1h", "ANN")],
        [gate("go", requires=["one"], chance=[(0.0, 1.0)], review="2h", extend="3h", rework={"ANN": "1h"})],
    )
    told = tell(made)
    # reviewed from 60 to 180; again when the extension is over, rework as well: 360 to 480
    assert (told.end, told.on_chain()) == (480, {"one": 60, "go": 420, "ANN": 60})


def test_owners__a_delay_of_a_risk_belongs_to_the_task_alone(tell):
    storm = risk("storm", 1.0, "dig", delay="3h")
    told = tell(scenario([ANN], [task("dig", "1h", "ANN")], risks=[storm]))
    assert (told.chain, told.on_chain()) == ({"risk": 180, "work": 60}, {"dig": 240, "ANN": 60})


def test_owners__a_pool_has_the_minutes_of_its_parts(tell):
    tasks = [task("dig", "4h", "crew"), task("end", "1h", "ANN", after="dig")]
    told = tell(scenario([ANN], tasks, pools=[pool("crew", 2)]))
    assert (told.end, told.on_chain()) == (180, {"dig": 120, "end": 60, "crew": 120, "ANN": 60})


def test_owners__of_a_split_task_those_of_the_part_done_last(tell):
    told = tell(scenario([ANN, person("BOB", focus="0.5")], [task("dig", "4h", ["ANN", "BOB"])]))
    assert told.on_chain() == {"dig": 240, "BOB": 240}


def test_owners__over_a_start_only_the_waiting(tell):
    tasks = [
        task("first", "1h", "ANN"),
        task("dig", "8h", "ANN"),
        task("haul", "10h", "BOB", after=link("dig", "SS", "2h")),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    # `dig` begins at 60, two hours of lag, ten of `haul`
    assert (told.end, told.on_chain()) == (780, {"dig": 60, "haul": 600, "ANN": 60, "BOB": 600})


def test_owners__from_inside_the_waiting_and_the_work_since(tell):
    tasks = [
        task("first", "1h", "ANN"),
        task("dig", duration="4h", who="ANN"),
        task("haul", duration="3h", after=link("dig", "FS", -60)),
    ]
    told = tell(scenario([ANN], tasks))
    # `dig` runs from 60 to 300, `haul` from an hour before its end
    assert (told.end, told.on_chain()) == (420, {"dig": 240, "haul": 180, "ANN": 240})


def test_owners__a_task_whose_end_was_held_has_none(tell):
    tasks = [
        task("dig", duration="5h"),
        task("haul", duration="1h", after=link("dig", "FF", "2h")),
        task("end", duration="1h", after="haul"),
    ]
    assert tell(scenario([], tasks)).on_chain() == {"dig": 300, "end": 60}


def test_owners__a_milestone_takes_no_time_though_it_is_on_the_chain(tell):
    tasks = [task("dig", "1h", "ANN"), milestone("half", after="dig"), task("end", "1h", "ANN", after="half")]
    told = tell(scenario([ANN], tasks))
    assert told.critical() == {"dig", "half", "end", "ANN"}
    assert told.on_chain() == {"dig": 60, "end": 60, "ANN": 120}


def test_owners__what_was_over_before_the_status_date_is_nobodys(tell):
    tasks = [task("old", "1d", "ANN", finished=0), task("new", "1h", "ANN", after="old")]
    told = tell(scenario([ANN], tasks, status_date=2))
    assert (told.end, told.task("chain")) == (2 * DAY + 60, {"old": 0, "new": 60})


def test_owners__a_trial_that_does_not_finish_has_no_chain(tell):
    told = tell(scenario([ANN], [task("dig", "9d", "ANN")], horizon="2d"))
    assert (told.outcome, told.on_chain()) == ("censored", {})


@pytest.mark.parametrize(("common", "factor"), [(None, 1.0), (Distribution("exactly", (1.25,), 1.0), 1.25)])
def test_common_factor__is_told(tell, common, factor):
    told = tell(scenario([ANN], [task("dig", "2h", "ANN")], common=common))
    assert told.row.common_factor.tolist() == [factor]
