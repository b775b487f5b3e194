"""Pools: heads that come and go, are shared out among tasks, ramp up, and cost."""

from __future__ import annotations

import pytest

from build import DAY, Distribution, equipment, person, pool, scenario, task
from simrisk import engines
from simrisk.compile import compile_plan
from stat_checks import assert_probability


def uniform(low, high):
    return Distribution("uniform", (float(low), float(high)), (low + high) / 2)


def test_heads__work_together_on_a_task(tell):
    told = tell(scenario(tasks=[task("dig", "10d", "DEV")], pools=[pool("DEV", 2)]))
    assert (told.end, told.pool("worked"), told.pool("present")) == (5 * DAY, {"DEV": 10 * DAY}, {"DEV": 10 * DAY})
    assert (told.chain, told.critical()) == ({"work": 5 * DAY}, {"dig", "DEV"})


def test_heads__not_more_than_max_fte_and_the_rest_does_the_next_task(tell):
    tasks = [task("a", "6d", "DEV", max_fte="1.5"), task("b", "3d", "DEV")]
    told = tell(scenario(tasks=tasks, pools=[pool("DEV", 2)]))
    # b gets half a head for 4 days, then both for half a day
    assert told.task("finish") == {"a": 4 * DAY, "b": 4 * DAY + DAY // 2}
    assert told.task("start") == {"a": 0, "b": 0}


def test_heads__go_to_the_first_task_in_allocation_order(tell):
    tasks = [task("a", "4d", "DEV"), task("b", "4d", "DEV", priority=1)]
    told = tell(scenario(tasks=tasks, pools=[pool("DEV", 2)]))
    assert told.task("start") == {"a": 2 * DAY, "b": 0}
    assert told.chain == {"busy": 2 * DAY, "work": 2 * DAY}


def test_heads__are_shared_out_anew_when_something_more_urgent_comes(tell):
    tasks = [task("a", "4d", "DEV"), task("b", "1d", "DEV", priority=1, not_before=2)]
    told = tell(scenario(tasks=tasks, pools=[pool("DEV", 1)]))
    assert told.task("finish") == {"a": 5 * DAY, "b": 3 * DAY}
    assert told.chain == {"work": 4 * DAY, "busy": DAY}


def test_heads__with_focus(tell):
    told = tell(scenario(tasks=[task("dig", "4d", "DEV")], pools=[pool("DEV", 2, focus="0.8")]))
    assert told.end == 4 * DAY * 10 // 16


def test_curve__later_heads_join_in_their_minute(tell):
    # 2 days' work done by day 2, then 3 heads for the other 5: 1 2/3 days
    told = tell(scenario(tasks=[task("dig", "7d", "DEV")], pools=[pool("DEV", {0: 1, 2: 3})]))
    assert (told.end, told.pool("present")) == (2 * DAY + 800, {"DEV": 2 * DAY + 3 * 800})


def test_curve__nobody_is_there_before_the_first_number(tell):
    told = tell(scenario(tasks=[task("dig", "2d", "DEV")], pools=[pool("DEV", {3: 2}, ramp="9d", ramp_from=0)]))
    assert (told.end, told.chain) == (4 * DAY, {"hiring": 3 * DAY, "work": DAY})  # the first number has no ramp


def test_curve__heads_that_go_leave_in_their_minute(tell):
    told = tell(scenario(tasks=[task("dig", "5d", "DEV")], pools=[pool("DEV", {0: 2, 2: 1})]))
    assert (told.end, told.pool("worked")) == (3 * DAY, {"DEV": 5 * DAY})


def test_curve__without_heads_for_a_while_the_work_waits_for_hiring(tell):
    told = tell(scenario(tasks=[task("dig", "2d", "DEV")], pools=[pool("DEV", {0: 1, 1: 0, 4: 1})]))
    assert (told.end, told.chain) == (5 * DAY, {"work": 2 * DAY, "hiring": 3 * DAY})


def test_hire__slips_and_arrives_when_a_day_begins(tell):
    # planned for day 2, late by a day and a half: there on day 4
    told = tell(scenario(tasks=[task("dig", "6d", "DEV")], pools=[pool("DEV", {0: 1, 2: 2}, hire_delay="1.5d")]))
    assert told.end == 5 * DAY


def test_hire__that_would_arrive_after_it_is_taken_away_never_comes(tell):
    pools = [pool("DEV", {0: 1, 2: 3, 4: 2}, hire_delay="3d")]
    # of the two hired for day 2, who come on day 5, one is taken away on day 4: 5 days alone, then two
    assert tell(scenario(tasks=[task("dig", "8d", "DEV")], pools=pools)).end == 6 * DAY + DAY // 2


def test_hire__those_planned_last_go_first(tell):
    # two planned for day 1 come on day 3; the one for day 2 would come on day 4, when two are taken away: it and one
    # of the others. On day 4 the one who is left is on its second day: 1, 1, 1, 1 and then 1.5 days' work are done
    pools = [pool("DEV", {0: 1, 1: 3, 2: 4, 4: 2}, hire_delay="2d", ramp="2d", ramp_from=0)]
    told = tell(scenario(tasks=[task("dig", "5.5d", "DEV")], pools=pools))
    assert (told.end, told.pool("present")) == (5 * DAY, {"DEV": 8 * DAY})


def test_hire__ramps_up_from_its_arrival(tell):
    # a new one on day 2 is worth a half, then three quarters, then all: 2 + 1.5 of 5 days' work are done by day 3
    pools = [pool("DEV", {0: 1, 2: 2}, ramp="2d", ramp_from="0.5")]
    left = 3 * DAY // 2  # at 1.75 a minute
    assert tell(scenario(tasks=[task("dig", "5d", "DEV")], pools=pools)).end == 3 * DAY + -(-left * 4 // 7)


def test_hire__one_head_of_a_mixed_pool_works_at_their_mean(tell):
    pools = [pool("DEV", {0: 1, 2: 2}, ramp="2d", ramp_from="0.5")]
    # 2 days at 1, one at (1 + 0.5) / 2, one at (1 + 0.75) / 2
    assert tell(scenario(tasks=[task("dig", "3.625d", "DEV", max_fte=1)], pools=pools)).end == 4 * DAY


def test_hire__before_the_status_date_has_come_as_planned(tell):
    pools = [pool("DEV", {0: 1, 3: 2}, hire_delay="9d", ramp="4d", ramp_from=0)]
    told = tell(scenario(tasks=[task("dig", "5.25d", "DEV")], pools=pools, status_date=5))
    # on day 5 the new one is on day 2 of 4: 1.5, 1.75 and 2 on the days to come
    assert (told.end, told.pool("present")) == (8 * DAY, {"DEV": 6 * DAY})


def test_hire__of_one_date_slips_as_one(engine):
    # both halves of the hire for day 1 come with one draw, though one of them goes again
    pools = [pool("DEV", {0: 1, 1: 3, 40: 2}, hire_delay=uniform(1, 10 * DAY))]
    plan = compile_plan(scenario(tasks=[task("dig", "14d", "DEV")], pools=pools))
    ends = engines.run(plan, trials=40, seed=3, engine=engine).end
    alone = {day * DAY + (14 - day) * DAY // 3 for day in range(2, 12)}
    assert set(ends.tolist()) <= alone


def test_hire__how_long_the_work_takes_is_as_the_slip_says(engine):
    # the slip is uniform on 10 days: the second head comes on day 2, 3, ... or 11, each in a tenth of the trials
    pools = [pool("DEV", {0: 1, 1: 2}, hire_delay=uniform(1, 10 * DAY))]
    plan = compile_plan(scenario(tasks=[task("dig", "8d", "DEV")], pools=pools))
    ends = engines.run(plan, trials=1000, seed=5, engine=engine).end
    assert set(ends.tolist()) == {4 * DAY + day * DAY // 2 for day in range(2, 9)}
    for day in (4, 6):
        assert_probability(int((ends <= 4 * DAY + day * DAY // 2).sum()), 1000, (day - 1) / 10, sees=0.2)


def test_parts__of_people_and_pools_in_one_task(tell):
    told = tell(scenario([person("ANN")], [task("dig", {"ANN": "1d", "DEV": "4d"})], pools=[pool("DEV", 2)]))
    assert (told.end, told.person("worked"), told.pool("worked")) == (2 * DAY, {"ANN": DAY}, {"DEV": 4 * DAY})
    assert told.task("effort") == {"dig": 5 * DAY}


def test_parts__that_take_no_time_are_done_at_once(tell):
    told = tell(scenario(tasks=[task("a", 0, "DEV"), task("b", "1d", "DEV", after="a")], pools=[pool("DEV")]))
    assert (told.task("finish"), told.chain) == ({"a": 0, "b": DAY}, {"work": DAY})


def test_equipment__without_it_a_task_gets_no_heads(tell):
    tasks = [
        task("a", "2d", "ANN", uses={"rig": 1}),
        task("b", "2d", "DEV", uses={"rig": 1}),
        task("c", "2d", "DEV"),
    ]
    told = tell(scenario([person("ANN")], tasks, pools=[pool("DEV")], equipment=[equipment("rig")]))
    assert told.task("start") == {"a": 0, "b": 2 * DAY, "c": 0}
    assert told.task("finish") == {"a": 2 * DAY, "b": 4 * DAY, "c": 2 * DAY}


@pytest.mark.parametrize(("paid", "cents"), [("worked", 6 * 8 * 60), ("employed", 2 * 6 * 8 * 60)])
def test_pay__for_work_or_for_being_there(tell, paid, cents):
    told = tell(scenario(tasks=[task("dig", "6d", "DEV", max_fte=1)], pools=[pool("DEV", 2, rate=60, paid=paid)]))
    assert told.cost == cents


def test_pay__of_parts_of_a_head_is_one_item(tell):
    # a third and a seventh of a head for 480 minutes at 1 cent an hour: 10/21 of 8 cents
    pools = [pool("DEV", {0: "1/3"}, rate=1, paid="employed"), pool("OPS", {0: "1/7"}, rate=1, paid="employed")]
    told = tell(scenario([person("ANN")], [task("dig", "1d", "ANN")], pools=pools))
    assert (told.cost, told.pool("present")) == (3 + 1, {"DEV": 160, "OPS": 69})  # 8/3, 8/7; 480/7 = 68.57


def test_pay__starts_at_the_status_date(tell):
    told = tell(
        scenario(
            tasks=[task("dig", "2d", "DEV")], pools=[pool("DEV", 1, rate=60, paid="employed")], status_date=3, spent=5
        )
    )
    assert told.cost == 5 + 2 * 8 * 60


def test_pools__are_never_lent_out_twice(engine):
    tasks = [task(f"t{i}", uniform(DAY, 9 * DAY), "DEV", max_fte=i % 3 + 1, not_before=i) for i in range(8)]
    pools = [pool("DEV", {0: 2, 4: 5, 9: 3}, hire_delay=uniform(0, 9 * DAY), ramp="5d", ramp_from="0.2")]
    plan = compile_plan(scenario(tasks=tasks, pools=pools))
    out = engines.run(plan, trials=50, seed=1, engine=engine)
    assert (out.pool_worked <= out.pool_present).all()
    assert (out.pool_present <= 5 * out.end[:, None]).all()
    assert (out.pool_worked.sum(axis=1) >= out.task_effort.sum(axis=1)).all()  # nobody does more than a minute a minute
