"""Links of all four kinds, lags and leads, milestones and durations. Every figure is worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from build import DAY, Distribution, cover, equipment, gate, link, milestone, off, person, scenario, sprints, task

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")


def clock(id, length, **facts):
    """A task that runs on the clock and holds nobody."""
    return task(id, duration=length, **facts)


# The four kinds


@pytest.mark.parametrize(
    ("kind", "lag", "start", "finish"),
    [
        ("FS", None, 180, 240),
        ("FS", "2h", 300, 360),
        ("SS", None, 60, 120),
        ("SS", "2h", 180, 240),
        ("FF", None, 0, 180),
        ("FF", "2h", 0, 300),
        ("SF", None, 0, 60),
        ("SF", "2h", 0, 180),
    ],
)
def test_link__holds_the_start_or_the_end_until_the_others_start_or_finish_and_the_lag(tell, kind, lag, start, finish):
    # `first` runs from 60 to 180, `then` would from 0 to 60
    tasks = [
        clock("wait", "1h"),
        clock("first", "2h", after="wait"),
        clock("then", "1h", after=link("first", kind, lag)),
    ]
    told = tell(scenario([], tasks))
    assert (told.task("start")["then"], told.task("finish")["then"]) == (start, finish)


def test_link_that_holds_an_end__does_not_stretch_the_work(tell):
    # BOB's work is done at 60 and he is free, but the task is finished with ANN's, at 120
    tasks = [
        task("dig", "2h", "ANN"),
        task("haul", "1h", "BOB", after=link("dig", "FF")),
        task("rest", "1h", "BOB"),
        task("end", "1h", "CYD", after="haul"),
    ]
    told = tell(scenario([ANN, BOB, CYD], tasks))
    assert told.task("finish") == {"dig": 120, "haul": 120, "rest": 120, "end": 180}
    assert told.person("worked") == {"ANN": 120, "BOB": 120, "CYD": 60}


def test_several_links_to_one_task__all_have_to_be_satisfied(tell):
    tasks = [
        clock("first", "4h"),
        clock("then", "1h", after=[link("first", "SS", "1h"), link("first", "FF", "30m")]),
    ]
    told = tell(scenario([], tasks))
    assert (told.task("start")["then"], told.task("finish")["then"]) == (60, 270)


def test_lag__is_drawn_once_for_each_link(tell):
    # a choice of two values: whatever it is, both ends of the task see the same trial
    lag = Distribution("values", (60.0, 120.0), 60.0, (0.5, 0.5))
    made = scenario([], [clock("a", "1h"), clock("b", "1h", after=link("a", "FS", lag))])
    starts = {tell(made, trial).task("start")["b"] for trial in range(20)}
    assert starts == {120, 180}


def test_lag__half_a_minute_counts_up(tell):
    lag = Distribution("exactly", (30.5,), 30.5)
    assert tell(scenario([], [clock("a", 10), clock("b", 10, after=link("a", "FS", lag))])).task("start")["b"] == 41


def test_lag__ends_while_people_are_off(tell):
    # the lag ends in the morning of day 1, when ANN is on leave; what waits then is for her, not for the lag
    people = [person("ANN", leave=[off(1, 1)])]
    tasks = [clock("a", "1d"), task("b", "1h", "ANN", after=link("a", "FS", 60))]
    told = tell(scenario(people, tasks))
    assert (told.task("start")["b"], told.chain) == (2 * DAY, {"work": DAY + 60, "calendar": 60, "leave": DAY - 60})


# Leads


@pytest.mark.parametrize(
    ("lead", "start"),
    [(-60, 180), (-239, 1), (-240, 0), (-900, 0)],
)
def test_negative_lag__counts_back_from_the_known_end(tell, lead, start):
    tasks = [clock("first", "4h"), clock("then", "1h", after=link("first", "FS", lead))]
    told = tell(scenario([], tasks))
    assert told.task("start") == {"first": 0, "then": start}


def test_negative_lag__the_end_that_counts_is_that_of_the_work(tell):
    # `first` is done at 60 but held until 240; what waits for its end less 30 minutes starts at 30
    tasks = [
        clock("long", "4h"),
        clock("first", "1h", after=link("long", "FF")),
        clock("then", "1h", after=link("first", "FS", -30)),
    ]
    told = tell(scenario([], tasks))
    assert (told.task("finish")["first"], told.task("start")["then"]) == (240, 30)


def test_negative_lag__holds_an_end_as_well(tell):
    tasks = [clock("first", "4h"), clock("then", "1h", after=link("first", "FF", -60))]
    assert tell(scenario([], tasks)).task("finish")["then"] == 180


def test_negative_lag__progress_is_taken_off_the_length(tell):
    tasks = [clock("first", "4h", done=["1h"]), clock("then", "1h", after=link("first", "FS", -60))]
    told = tell(scenario([], tasks, status_date=1))
    assert told.task("start") == {"first": DAY, "then": DAY + 120}


def test_negative_lag__is_over_when_the_predecessor_is_dropped(tell):
    # the gate fails at 30 and drops `first`, which would have run to 240
    tasks = [clock("first", "4h"), clock("then", "1h", after=link("first", "FS", -60))]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["first"])]
    told = tell(scenario([], tasks, gates))
    assert (told.task("finish")["first"], told.task("start")["then"]) == (30, 30)
    # the chain goes back from `then` to the gate
    assert (told.chain, told.critical()) == ({"gate": 30, "work": 60}, {"g", "then"})


# A dropped task counts as started and finished, whatever the link


@pytest.mark.parametrize(("kind", "start", "finish"), [("FS", 90, 150), ("SS", 90, 150), ("FF", 0, 90), ("SF", 0, 90)])
def test_dropped_predecessor__lags_run_from_there(tell, kind, start, finish):
    tasks = [
        task("busy", "1d", "ANN"),
        task("dug", "4h", "ANN", optional=True),
        clock("then", "1h", after=link("dug", kind, 60)),
    ]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope")]
    told = tell(scenario([ANN], tasks, gates))
    assert (told.task("start")["dug"], told.task("finish")["dug"]) == (30, 30)
    assert (told.task("start")["then"], told.task("finish")["then"]) == (start, finish)


# Milestones


def test_milestones__are_finished_when_ready_one_after_the_other_in_the_same_minute(tell):
    tasks = [
        task("dig", "1h", "ANN"),
        milestone("m1", "dig"),
        milestone("m2", ["m1"]),
        task("haul", "1h", "BOB", after="m2"),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    assert told.task("finish") == {"dig": 60, "m1": 60, "m2": 60, "haul": 120}
    assert told.chain == {"work": 120}
    assert told.critical() == {"dig", "m1", "m2", "haul", "ANN", "BOB"}


def test_milestone__may_wait_for_a_date_a_lag_or_a_start(tell):
    tasks = [
        milestone("day", not_before=2),
        task("dig", "1h", "ANN"),
        milestone("dry", link("dig", "FS", "1d")),
        milestone("going", link("dig", "SS")),
    ]
    told = tell(scenario([ANN], tasks))
    assert told.task("start") == {"day": 2 * DAY, "dig": 0, "dry": DAY + 60, "going": 0}
    assert told.task("start")["dry"] == told.task("finish")["dry"]


def test_milestone__its_end_may_be_held(tell):
    tasks = [clock("dig", "1h"), milestone("done", link("dig", "FF", 30))]
    told = tell(scenario([], tasks))
    assert (told.task("start")["done"], told.task("finish")["done"]) == (0, 90)
    # the milestone took no time: it only waited for the link
    assert (told.chain, told.critical()) == ({"work": 60, "calendar": 30}, {"dig"})


def test_start_to_start__what_becomes_ready_is_allocated_in_the_same_minute(tell):
    # ANN takes `dig` in the first round; `haul` is ready by that and BOB takes it in the second one
    tasks = [task("haul", "1h", "BOB", after=link("dig", "SS")), task("dig", "2h", "ANN")]
    assert tell(scenario([ANN, BOB], tasks)).task("start") == {"haul": 0, "dig": 0}


def test_start_to_start__whoever_was_taken_in_the_first_round_is_not_free_in_the_second(tell):
    # in order `haul` comes first, but it is not ready when BOB is given away
    tasks = [
        task("haul", "1h", "BOB", after=link("dig", "SS"), priority=1),
        task("dig", "2h", "ANN"),
        task("rest", "1h", "BOB"),
    ]
    assert tell(scenario([ANN, BOB], tasks)).task("start") == {"haul": 60, "dig": 0, "rest": 0}


# Durations


def test_duration__is_not_lengthened_by_anybody(tell):
    # ANN works at a quarter of the rate, is on leave on day 1: the clock goes on
    people = [person("ANN", fte="0.5", focus="0.5", leave=[off(1, 1)], rate=6000)]
    told = tell(scenario(people, [task("cure", duration="3d", who="ANN")], common=Distribution("exactly", (2.0,), 1.0)))
    assert (told.end, told.chain) == (3 * DAY, {"work": 3 * DAY})
    # paid and counted for the two days there: 2 * 480 minutes at half of 100 cents
    assert (told.person("worked"), told.cost) == ({"ANN": 2 * DAY}, 48_000)


def test_duration__holds_all_of_its_people_and_waits_for_all_of_them(tell):
    tasks = [
        task("dig", "1h", "BOB"),
        task("meet", duration="2h", who=["ANN", "BOB"]),
        task("more", "1h", "ANN"),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    # nobody is reserved: ANN does `more` while BOB digs
    assert told.task("start") == {"dig": 0, "meet": 60, "more": 0}
    assert told.person("worked") == {"ANN": 180, "BOB": 180}


def test_duration__people_are_held_to_its_end(tell):
    tasks = [task("meet", duration="2h", who=["ANN", "BOB"]), task("more", "1h", "ANN")]
    assert tell(scenario([ANN, BOB], tasks)).task("start") == {"meet": 0, "more": 120}


def test_duration__ceremonies_and_rework_do_not_stop_it_but_are_not_paid_twice(tell):
    people = [person("ANN", rate=6000)]
    tasks = [task("cure", duration="3h", who="ANN", sprint=1)]
    told = tell(scenario(people, tasks, sprints=sprints(1, 5, "1h")))
    # ANN is free after the ceremony of the first hour
    assert (told.task("start"), told.end, told.person("ceremony")) == ({"cure": 60}, 240, {"ANN": 60})
    two = [task("cure", duration="6d", who="ANN"), task("next", "1h", "ANN", sprint=2)]
    told = tell(scenario(people, two, sprints=sprints(2, 5, "1h")))
    # begun after the first ceremony; the second one, on day 5, takes an hour of the six days
    assert (told.task("finish")["cure"], told.person("worked")) == (6 * DAY + 60, {"ANN": 6 * DAY - 60 + 60})


def test_duration__no_policy_takes_it_over(tell):
    people = [person("ANN", leave=[off(0, 0)]), BOB]
    made = scenario(people, [task("cure", duration="1h", who="ANN", backup=["BOB"])], cover=cover(0))
    told = tell(made)
    assert (told.task("start"), told.task("handovers")) == ({"cure": DAY}, {"cure": 0})


def test_duration__nobody_and_nothing(tell):
    told = tell(scenario([], [clock("a", "1h"), clock("b", 0, after="a"), clock("c", "1h", after="b")]))
    assert told.task("finish") == {"a": 60, "b": 60, "c": 120}


def test_duration__is_no_effort(tell):
    tasks = [task("cure", duration="10d", who="ANN", sprint=1), task("dig", "1d", "BOB", sprint=1)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(1, 5)))
    assert (told.sprint("velocity"), told.sprint("carry_over"), told.sprint("goal")) == ([DAY], [0], [0])
    assert told.task("effort") == {"cure": 10 * DAY, "dig": DAY}


def test_duration__beyond_the_plan_is_overrun(tell):
    length = Distribution("values", (240.0,), 180.0, (1.0,))
    assert tell(scenario([], [clock("cure", length)])).chain == {"work": 180, "overrun": 60}


# Cycles of kinds that are none


def test_two_tasks_may_hold_each_others_start_and_end(tell):
    # `walk` starts with `talk` and ends with it: no cycle, for one holds the start and one the end
    tasks = [clock("talk", "2h"), clock("walk", "1h", after=[link("talk", "SS"), link("talk", "FF")])]
    assert tell(scenario([], tasks)).task("finish") == {"talk": 120, "walk": 120}


# The driving chain


def test_chain__over_a_start_takes_the_waiting_and_not_the_work(tell):
    # ANN begins `dig` at 60 (busy until then); `haul` starts two hours later and drives the finish
    tasks = [
        task("first", "1h", "ANN"),
        task("dig", "8h", "ANN"),
        task("haul", "10h", "BOB", after=link("dig", "SS", "2h")),
    ]
    told = tell(scenario([ANN, BOB], tasks))
    assert (told.end, told.chain) == (780, {"busy": 60, "calendar": 120, "work": 600})
    assert told.critical() == {"dig", "haul", "ANN", "BOB"}


def test_chain__over_a_finish_to_finish_link_leaves_out_the_task_that_was_held(tell):
    tasks = [
        clock("dig", "5h"),
        clock("haul", "1h", after=link("dig", "FF", "2h")),
        clock("end", "1h", after="haul"),
    ]
    told = tell(scenario([], tasks))
    assert (told.end, told.chain) == (480, {"work": 360, "calendar": 120})
    assert told.critical() == {"dig", "end"}


def test_chain__a_held_end_in_the_minute_in_which_the_work_is_done_is_none(tell):
    tasks = [clock("dig", "2h"), clock("haul", "2h", after=link("dig", "FF"))]
    told = tell(scenario([], tasks))
    # both are finished at 120 with the label work: the first in the file
    assert told.critical() == {"dig"}


def test_chain__from_inside_takes_the_waiting_and_the_work_since(tell):
    # `dig` waits an hour for ANN, takes four; `haul` starts an hour before the end that is known and is the last
    tasks = [
        task("first", "1h", "ANN"),
        task("dig", duration="4h", who="ANN"),
        clock("haul", "3h", after=link("dig", "FS", -60)),
    ]
    told = tell(scenario([ANN], tasks))
    assert (told.end, told.chain) == (420, {"busy": 60, "work": 360})
    assert told.critical() == {"dig", "haul", "ANN"}


def test_chain__tie_between_a_lag_and_a_task__the_lag_counts(tell):
    # both links are satisfied at 120: one by work, one at the end of a lag, which is `calendar`, later in the list
    tasks = [
        clock("long", "2h"),
        clock("short", "1h"),
        clock("end", "1h", after=["long", link("short", "FS", "1h")]),
    ]
    told = tell(scenario([], tasks))
    assert (told.chain, told.critical()) == ({"work": 120, "calendar": 60}, {"short", "end"})


def test_chain__tie_between_a_date_and_a_start__the_start_counts_as_what_came_before_it(tell):
    # `dig` starts on day 1 after leave (leave comes after calendar in the list), `haul` may start on day 1
    people = [person("ANN", leave=[off(0, 0)]), BOB]
    tasks = [task("dig", "1h", "ANN"), task("haul", "2h", "BOB", after=link("dig", "SS"), not_before=1)]
    told = tell(scenario(people, tasks))
    assert (told.chain, told.critical()) == ({"leave": DAY, "work": 120}, {"dig", "haul", "ANN", "BOB"})


# Published figures


def graham(machines, lengths, order, before):
    """List scheduling on equal machines: hours; `before` (earlier, later)."""
    tasks = [
        clock(
            f"t{i}", f"{lengths[i]}h", uses={"machine": 1}, after=[f"t{a}" for a, b in before if b == i], priority=place
        )
        for place, i in enumerate(order)
    ]
    return scenario([], tasks, equipment=[equipment("machine", machines)])


LENGTHS = {1: 3, 2: 2, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 8: 4, 9: 9}
BEFORE = [(1, 9), (4, 5), (4, 6), (4, 7), (4, 8)]
IN_ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize(
    ("machines", "lengths", "order", "before", "hours"),
    [
        pytest.param(3, LENGTHS, IN_ORDER, BEFORE, 12, id="as it is"),
        pytest.param(3, LENGTHS, [1, 2, 4, 5, 6, 3, 9, 7, 8], BEFORE, 14, id="another list"),
        pytest.param(4, LENGTHS, IN_ORDER, BEFORE, 15, id="a machine more"),
        pytest.param(3, {i: n - 1 for i, n in LENGTHS.items()}, IN_ORDER, BEFORE, 13, id="shorter tasks"),
        pytest.param(3, LENGTHS, IN_ORDER, [(1, 9), (4, 7), (4, 8)], 16, id="fewer links"),
    ],
)
def test_graham__more_of_everything_takes_longer(tell, machines, lengths, order, before, hours):
    """R. L. Graham, Bounds on multiprocessing timing anomalies, SIAM J. Appl. Math. 17 (1969) 416-429."""
    assert tell(graham(machines, lengths, order, before)).end == 60 * hours


def test_critical_path__textbook_example(tell):
    """B. Taylor, Introduction to Management Science, chapter 8, problem solutions: arcs of a network, in weeks."""
    arcs = {(1, 2): 7, (1, 3): 10, (2, 4): 6, (3, 4): 5, (3, 5): 4, (4, 5): 3, (5, 6): 2}
    tasks = [
        clock(f"{a}-{b}", f"{weeks}h", after=[f"{x}-{y}" for x, y in arcs if y == a]) for (a, b), weeks in arcs.items()
    ]
    told = tell(scenario([], tasks))
    # published: earliest starts and finishes, the critical path 1-3-4-5-6 and its length
    starts = {"1-2": 0, "1-3": 0, "2-4": 7, "3-4": 10, "3-5": 10, "4-5": 15, "5-6": 18}
    finishes = {"1-2": 7, "1-3": 10, "2-4": 13, "3-4": 15, "3-5": 14, "4-5": 18, "5-6": 20}
    assert {name: start / 60 for name, start in told.task("start").items()} == starts
    assert {name: finish / 60 for name, finish in told.task("finish").items()} == finishes
    assert told.critical() == {"1-3", "3-4", "4-5", "5-6"}


def test_calendar_with_lags__as_a_scheduling_tool_dates_it(tell):
    """The hand-made plan of the schedule-risk project's test data (hand_basic): Monday to Friday, eight hours.

    Its tool pulls the start of D to two days before its end, which is held; here it starts when it can.
    """
    tasks = [
        milestone("S"),
        clock("A", "40h", after="S"),
        clock("B", "24h", after=link("A", "FS", "24h")),
        clock("C", "80h", after=link("A", "SS", "16h")),
        clock("D", "16h", after=link("B", "FF", "8h")),
        milestone("M", ["C", "D"]),
    ]
    told = tell(scenario([], tasks))
    calendar = told.plan.calendar
    starts = {name: calendar.start_date(minute) for name, minute in told.task("start").items()}
    ends = {name: calendar.finish_date(minute) for name, minute in told.task("finish").items()}
    assert (starts["A"], starts["B"], starts["C"]) == (date(2026, 1, 5), date(2026, 1, 15), date(2026, 1, 7))
    assert (ends["A"], ends["B"], ends["C"]) == (date(2026, 1, 9), date(2026, 1, 19), date(2026, 1, 20))
    assert (ends["D"], ends["M"]) == (date(2026, 1, 20), date(2026, 1, 20))
