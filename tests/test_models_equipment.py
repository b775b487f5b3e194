"""Equipment: units that a task holds from its start to its finish, and what they cost. Worked out by hand."""

from __future__ import annotations

import pytest

from build import DAY, cover, equipment, gate, link, milestone, off, person, pool, scenario, sprints, task

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")
RIG = equipment("rig")


def used(told):
    return told.row.equipment_used[0].tolist()


def test_one_unit__tasks_take_turns_in_the_order_of_allocation(tell):
    tasks = [
        task("dig", "2h", "ANN", uses={"rig": 1}),
        task("bore", "1h", "BOB", uses={"rig": 1}, priority=10),
        task("haul", "1h", "CYD"),
    ]
    told = tell(scenario([ANN, BOB, CYD], tasks, equipment=[RIG]))
    assert told.task("start") == {"dig": 60, "bore": 0, "haul": 0}
    assert (used(told), told.chain) == ([180], {"busy": 60, "work": 120})
    # ANN waited for the rig only
    assert told.critical() == {"dig", "ANN"}


def test_several_units__as_many_as_there_are(tell):
    tasks = [task(f"t{i}", duration="1h", uses={"rig": units}) for i, units in enumerate([2, 2, 1, 1])]
    told = tell(scenario([], tasks, equipment=[equipment("rig", 3)]))
    # t0 has two and t2 the third; nothing is kept for t1, which waits for two of three at 60
    assert told.task("start") == {"t0": 0, "t1": 60, "t2": 0, "t3": 60}
    assert used(told) == [60 * (2 + 2 + 1 + 1)]


def test_several_kinds__all_of_them_or_none(tell):
    tasks = [
        task("a", duration="2h", uses={"rig": 1}),
        task("b", duration="1h", uses={"rig": 1, "van": 1}),
        task("c", duration="3h", uses={"van": 1}),
    ]
    told = tell(scenario([], tasks, equipment=[RIG, equipment("van")]))
    # at 0 there is no rig for b, so c has the van, until 180
    assert told.task("start") == {"a": 0, "b": 180, "c": 0}
    assert used(told) == [180, 240]


def test_held_from_the_first_part_to_the_last_even_while_nobody_works(tell):
    # ANN is away on day 1; the rig stays with her task
    people = [person("ANN", leave=[off(1, 1)]), BOB]
    tasks = [task("dig", "2d", "ANN", uses={"rig": 1}), task("bore", "1h", "BOB", uses={"rig": 1})]
    told = tell(scenario(people, tasks, equipment=[RIG]))
    assert (told.task("start")["bore"], used(told)) == (3 * DAY, [3 * DAY + 60])


def test_parts_of_one_task_share_it(tell):
    tasks = [task("dig", {"ANN": "2h", "BOB": "1h"}, uses={"rig": 1}), task("bore", "1h", "BOB", uses={"rig": 1})]
    told = tell(scenario([ANN, BOB], tasks, equipment=[RIG]))
    assert (told.task("start"), used(told)) == ({"dig": 0, "bore": 120}, [180])


def test_people_are_free_when_their_part_is_done_equipment_when_the_task_is_finished(tell):
    # `bore` is done at 60 but its end is held until 180; BOB goes on, the rig does not
    tasks = [
        task("dig", "3h", "ANN"),
        task("bore", "1h", "BOB", uses={"rig": 1}, after=link("dig", "FF")),
        task("next", "1h", "BOB"),
        task("last", "1h", "CYD", uses={"rig": 1}),
    ]
    told = tell(scenario([ANN, BOB, CYD], tasks, equipment=[RIG]))
    assert told.task("start") == {"dig": 0, "bore": 0, "next": 60, "last": 180}
    assert used(told) == [240]


def test_given_back_by_a_task_that_is_dropped(tell):
    tasks = [task("dig", "1d", "ANN", uses={"rig": 1}), task("bore", "1h", "BOB", uses={"rig": 1})]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["dig"])]
    told = tell(scenario([ANN, BOB], tasks, gates, equipment=[RIG]))
    assert (told.task("start")["bore"], used(told)) == (30, [90])


def test_a_task_that_is_dropped_before_it_begins_takes_none(tell):
    tasks = [
        task("first", duration="1h"),
        task("dig", duration="1h", uses={"rig": 1}, after="first"),
        task("bore", duration="2h", uses={"rig": 1}),
    ]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["dig"])]
    told = tell(scenario([], tasks, gates, equipment=[RIG]))
    assert (told.task("finish")["dig"], used(told)) == (30, [120])


def test_taken_by_a_task_of_no_time_and_given_back_in_the_same_minute(tell):
    tasks = [task(f"t{i}", duration=0, uses={"rig": 1}) for i in range(3)]
    told = tell(scenario([], [*tasks, milestone("m", [t.id for t in tasks])], equipment=[RIG]))
    assert (told.task("finish"), used(told)) == ({"t0": 0, "t1": 0, "t2": 0, "m": 0}, [0])


def test_together__waits_for_the_equipment_with_all_hands(tell):
    tasks = [
        task("bore", duration="1h", uses={"rig": 1}),
        task("dig", "1h", ["ANN", "BOB"], "together", uses={"rig": 1}),
        task("rest", "3h", "BOB", priority=200),
    ]
    told = tell(scenario([ANN, BOB], tasks, equipment=[RIG]))
    # nobody is reserved: BOB rests until 180
    assert told.task("start") == {"bore": 0, "dig": 180, "rest": 0}
    assert told.chain == {"busy": 180, "work": 60}


def test_pool__gets_no_heads_before_the_equipment_is_there(tell):
    tasks = [
        task("bore", duration="1h", uses={"rig": 1}),
        task("dig", "1h", "crew", uses={"rig": 1}),
        task("haul", "30m", "crew"),
    ]
    told = tell(scenario([], tasks, pools=[pool("crew")], equipment=[RIG]))
    assert told.task("start") == {"bore": 0, "dig": 60, "haul": 0}


def test_a_stand_in_takes_no_part_without_it(tell):
    people = [person("ANN", leave=[off(0, 0)]), BOB]
    tasks = [task("bore", duration="1h", uses={"rig": 1}), task("dig", "1h", "ANN", uses={"rig": 1}, backup=["BOB"])]
    told = tell(scenario(people, tasks, equipment=[RIG], cover=cover(0)))
    assert (told.task("start")["dig"], told.task("handovers")["dig"]) == (60, 1)


def test_waiting_for_equipment_and_for_somebody_on_leave__is_leave(tell):
    people = [person("ANN", leave=[off(0, 0)])]
    tasks = [task("bore", duration="2d", uses={"rig": 1}), task("dig", "1h", "ANN", uses={"rig": 1})]
    told = tell(scenario(people, tasks, equipment=[RIG]))
    assert told.chain == {"leave": DAY, "busy": DAY, "work": 60}


def test_in_the_minute_in_which_it_is_given_back_it_can_be_taken(tell):
    # with a sprint between: `bore` is ready at the opening, in which `dig` is done
    tasks = [task("dig", "5d", "ANN", uses={"rig": 1}, sprint=1), task("bore", "1h", "BOB", uses={"rig": 1}, sprint=2)]
    told = tell(scenario([ANN, BOB], tasks, equipment=[RIG], sprints=sprints(2, 5)))
    assert told.task("start")["bore"] == 5 * DAY


@pytest.mark.parametrize(("status", "cost"), [(None, 2 * 500 + 2 * 100 * 8), (1, 2 * 500 + 2 * 100 * 8)])
def test_cost__once_for_each_unit_and_by_time_until_the_end(tell, status, cost):
    # two units at 5.00 once and 1.00 an hour, whoever uses them, for the day that the project takes
    tasks = [task("dig", "1d", "ANN")]
    made = scenario([ANN], tasks, equipment=[equipment("rig", 2, cost=500, rate=100)], status_date=status)
    assert tell(made).cost == cost
