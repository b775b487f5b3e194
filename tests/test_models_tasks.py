"""Tasks: parts, readiness, the order of allocation, holding and preemption. Every figure is worked out by hand."""

from __future__ import annotations

import pytest

from build import DAY, Distribution, day, gate, off, person, pert, scenario, sprints, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.models.quantities import Draws

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")


def test_one_person_does_one_thing_at_a_time_in_the_order_of_the_file(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN"), task("two", "2h", "ANN")]))
    assert (told.task("start"), told.task("finish")) == ({"one": 0, "two": 60}, {"one": 60, "two": 180})
    assert told.chain == {"work": 120, "busy": 60}


def test_smaller_priority_goes_first(tell):
    tasks = [task("later", "1h", "ANN"), task("first", "2h", "ANN", priority=10)]
    assert tell(scenario([ANN], tasks)).task("start") == {"later": 120, "first": 0}


def test_priority_counts_within_a_sprint_only(tell):
    tasks = [
        task("none", "1h", "ANN", priority=1),
        task("second", "1h", "ANN", sprint=2, priority=1),
        task("first", "5d", "ANN", sprint=1, priority=900),
    ]
    told = tell(scenario([ANN], [*tasks, task("hold", "1h", "ANN", sprint=1)], sprints=sprints(2, 5)))
    # in sprint 1: hold (100) before first (900); the task without a sprint comes after those of all sprints
    assert told.task("start") == {"hold": 0, "first": 60, "second": 5 * DAY + 60, "none": 5 * DAY + 120}


def test_what_is_begun_is_kept(tell):
    # a task of smaller priority that becomes ready later does not take ANN off what she does
    tasks = [
        task("long", "1d", "ANN"),
        task("urgent", "1h", "ANN", priority=1, after="short"),
        task("short", "1h", "BOB"),
    ]
    assert tell(scenario([ANN, BOB], tasks)).task("start") == {"long": 0, "urgent": DAY, "short": 0}


def test_after__waits_for_all_predecessors(tell):
    tasks = [task("a", "1h", "ANN"), task("b", "3h", "BOB"), task("c", "1h", "ANN", after=["a", "b"])]
    told = tell(scenario([ANN, BOB], tasks))
    assert (told.task("start")["c"], told.end) == (180, 240)
    assert told.critical() == {"b", "c", "ANN", "BOB"}


def test_not_before__waits_for_the_day(tell):
    told = tell(scenario([ANN], [task("dig", "1h", "ANN", not_before=3)]))
    assert (told.task("start"), told.chain) == ({"dig": 3 * DAY}, {"calendar": 3 * DAY, "work": 60})


def test_work__everybody_has_a_part_of_their_own(tell):
    told = tell(scenario([ANN, BOB], [task("dig", {"ANN": "1h", "BOB": "3h"})]))
    assert (told.end, told.task("effort"), told.person("worked")) == (180, {"dig": 240}, {"ANN": 60, "BOB": 180})
    assert told.critical() == {"dig", "BOB"}


def test_split__equal_shares_and_the_rest_to_the_first():
    plan = compile_plan(scenario([ANN, BOB, CYD], [task("dig", 100, ["ANN", "BOB", "CYD"])]))
    parts = plan.arrays.parts
    assert parts.share.tolist() == [0, 1, 2]
    assert parts.n_shares.tolist() == [3, 3, 3]
    assert len(set(parts.draw.tolist())) == 1


def test_split__the_first_alone_gets_the_odd_millionth(tell):
    # a minute of work for three: 0.333334 for ANN, 0.333333 for the others; three minutes at 0.111111 do 0.333333
    people = [person(name, focus="0.111111") for name in ("ANN", "BOB", "CYD")]
    told = tell(scenario(people, [task("dig", 1, ["ANN", "BOB", "CYD"])]))
    assert told.person("worked") == {"ANN": 4, "BOB": 3, "CYD": 3}


def test_any__the_first_who_is_free_does_it_all(tell):
    tasks = [task("hold", "2h", "ANN"), task("dig", "4h", ["ANN", "BOB", "CYD"], "any")]
    told = tell(scenario([ANN, BOB, CYD], tasks))
    assert told.person("worked") == {"ANN": 120, "BOB": 240, "CYD": 0}
    assert told.critical() == {"dig", "BOB"}


def test_any__of_several_free_the_first_in_who(tell):
    told = tell(scenario([ANN, BOB, CYD], [task("dig", "4h", ["CYD", "ANN"], "any")]))
    assert told.person("worked") == {"ANN": 0, "BOB": 0, "CYD": 240}


def test_any__who_takes_it_keeps_it(tell):
    # ANN has it and goes on leave; BOB is free but nobody offers it to him
    people = [person("ANN", leave=[off(1, 2)]), BOB]
    told = tell(scenario(people, [task("dig", "2d", ["ANN", "BOB"], "any")]))
    assert (told.end, told.person("worked")) == (4 * DAY, {"ANN": 2 * DAY, "BOB": 0})


def test_any__waits_for_all_of_its_people(tell):
    # ANN is on leave, BOB is busy: leave is later in the list of labels
    people = [person("ANN", leave=[off(0, 1)]), BOB]
    tasks = [task("hold", "1h", "BOB"), task("dig", "1h", ["ANN", "BOB"], "any")]
    told = tell(scenario(people, tasks))
    assert (told.end, told.chain) == (120, {"leave": 60, "work": 60})


def test_together__each_spends_the_effort(tell):
    told = tell(scenario([ANN, BOB], [task("talk", "2h", ["ANN", "BOB"], "together")]))
    assert (told.end, told.person("worked"), told.task("effort")) == (120, {"ANN": 120, "BOB": 120}, {"talk": 120})


def test_together__at_the_slowest_rate(tell):
    people = [person("ANN", focus="0.8"), person("BOB", focus="0.5")]
    told = tell(scenario(people, [task("talk", "2h", ["ANN", "BOB"], "together")]))
    assert (told.end, told.person("worked")) == (240, {"ANN": 240, "BOB": 240})


def test_together__nobody_is_reserved_while_waiting(tell):
    # BOB is on leave on day 0; ANN does something else meanwhile, and is not free when he is back
    people = [ANN, person("BOB", leave=[off(0, 0)])]
    tasks = [task("talk", "1h", ["ANN", "BOB"], "together"), task("dig", "12h", "ANN")]
    told = tell(scenario(people, tasks))
    assert told.task("start") == {"talk": 720, "dig": 0}


def test_together__once_begun_the_others_wait_for_who_is_away(tell):
    people = [ANN, person("BOB", leave=[off(1, 2)])]
    tasks = [task("talk", "2d", ["ANN", "BOB"], "together"), task("dig", "1d", "ANN")]
    told = tell(scenario(people, tasks))
    assert told.task("finish") == {"talk": 4 * DAY, "dig": 5 * DAY}
    assert told.person("worked") == {"ANN": 3 * DAY, "BOB": 2 * DAY}  # waiting is not working
    assert told.chain == {"busy": 4 * DAY, "work": DAY}  # ANN's other task is what ends last


def test_skill__the_level_decides_how_fast(tell):
    people = [person("ANN", rust=1), person("BOB", rust=2), person("CYD", rust=3)]
    tasks = [task(name.lower(), "1d", name, skill="rust") for name in ("ANN", "BOB", "CYD")]
    told = tell(scenario(people, tasks, efficiency={1: "0.5", 2: "0.8", 3: 1}))
    assert told.task("finish") == {"ann": 960, "bob": 600, "cyd": 480}


def test_skill__the_lowest_of_several_counts(tell):
    told = tell(
        scenario(
            [person("ANN", rust=3, go=1)],
            [task("dig", "1d", "ANN", skill=["rust", "go"])],
            efficiency={1: "0.5", 2: "0.8", 3: 1},
        )
    )
    assert told.end == 960


def test_skill__without_a_map_any_level_from_1_does_it_fully(tell):
    told = tell(scenario([person("ANN", rust=1)], [task("dig", "1d", "ANN", skill="rust")]))
    assert told.end == DAY


def test_skill__work_is_the_own_hours_of_who_is_planned(tell):
    people = [person("ANN", rust=1)]
    told = tell(scenario(people, [task("dig", {"ANN": "1d"}, skill="rust")], efficiency={1: "0.5", 3: 1}))
    assert told.end == DAY


def test_skill__a_task_nobody_can_do_is_never_done(tell):
    people = [person("ANN", rust=1), person("BOB")]
    told = tell(
        scenario(people, [task("dig", "1d", ["ANN", "BOB"], "any", skill="rust")], efficiency={2: 1}, horizon="9d")
    )
    assert (told.outcome, told.end, told.chain) == ("censored", 9 * DAY, {})
    assert (told.task("start"), told.task("finish"), told.task("effort")) == ({"dig": -1}, {"dig": -1}, {"dig": DAY})
    assert told.critical() == set()


def test_effort_of_nothing__is_done_in_the_minute_in_which_it_is_taken(tell):
    tasks = [task("one", 0, "ANN"), task("two", 0, "ANN", after="one"), task("three", "1h", "ANN", after="two")]
    told = tell(scenario([ANN], tasks))
    assert told.task("finish") == {"one": 0, "two": 0, "three": 60}
    assert told.critical() == {"one", "two", "three", "ANN"}


def test_common_factor__multiplies_every_effort_also_an_exact_one(tell):
    common = Distribution("exactly", (1.5,), 1.0)
    told = tell(scenario([ANN], [task("dig", 101, "ANN"), task("fill", 3, "ANN")], common=common))
    assert told.task("effort") == {"dig": 152, "fill": 5}  # 151.5 and 4.5, half up
    assert told.chain == {"work": 3, "overrun": 2, "busy": 152}


def test_baseline__common_factor_is_one_whatever_is_likely():
    made = scenario([ANN], [task("dig", "2h", "ANN")], common=Distribution("exactly", (1.5,), 1.5))
    assert engines.run_baseline(compile_plan(made)).end.tolist() == [120]


def test_work__each_entry_has_its_own_draw(tell):
    spread = pert("1h", "4h", "20h")
    made = scenario([ANN, BOB], [task("dig", {"ANN": spread, "BOB": spread})])
    draws = Draws(compile_plan(made).arrays, 1, 0)
    told = tell(made)
    assert told.person("worked") == {"ANN": draws.minutes(0), "BOB": draws.minutes(1)}
    assert draws.minutes(0) != draws.minutes(1)


@pytest.mark.parametrize(("horizon", "outcome"), [(120, "finished"), (119, "censored")])
def test_horizon__what_finishes_in_its_minute_counts(tell, horizon, outcome):
    told = tell(scenario([ANN], [task("dig", "2h", "ANN")], horizon=horizon))
    assert (told.outcome, told.end) == (outcome, horizon)
    assert told.person("worked") == {"ANN": horizon}


def test_horizon__is_three_times_the_way_to_the_deadline():
    assert compile_plan(scenario([ANN], [task("dig", "2h", "ANN")], horizon=None, deadline=9)).horizon == 30 * DAY


def test_horizon__without_a_deadline_is_520_weeks():
    assert compile_plan(scenario([ANN], [task("dig", "2h", "ANN")], horizon=None)).horizon == 2600 * DAY


def rework_gate(**facts):
    """A gate that fails its first review, at once when `first` is done, and passes the second."""
    return gate("go", requires=["first"], chance=[(0.0, 1.0)], **facts)


def test_preemption__rework_takes_a_person_off_and_the_task_goes_on_afterwards(tell):
    tasks = [task("first", "1h", "BOB"), task("dig", "4h", "ANN")]
    told = tell(scenario([ANN, BOB], tasks, [rework_gate(rework={"ANN": "2h"})]))
    assert told.task("start")["dig"] == 0
    assert told.task("finish")["dig"] == 360  # one hour, two hours of rework, three hours
    assert (told.gate("attempts"), told.gate("first"), told.gate("finish")) == ({"go": 2}, {"go": 60}, {"go": 180})
    assert told.chain == {"work": 240, "gate": 120}


def test_preemption__a_part_that_ends_in_the_minute_is_done_first(tell):
    tasks = [task("first", "1h", "BOB"), task("dig", "1h", "ANN")]
    told = tell(scenario([ANN, BOB], tasks, [rework_gate(rework={"ANN": "2h"})]))
    assert (told.task("finish")["dig"], told.end) == (60, 180)


def test_preemption__together_waits_for_who_does_rework(tell):
    tasks = [task("first", "1h", "CYD"), task("talk", "2h", ["ANN", "BOB"], "together")]
    told = tell(scenario([ANN, BOB, CYD], tasks, [rework_gate(rework={"ANN": "30m"})]))
    assert told.task("finish")["talk"] == 150
    assert told.person("worked") == {"ANN": 150, "BOB": 120, "CYD": 60}


def test_urgent_work__by_due_sprint_then_as_declared(tell):
    # three gates fail at 60; ANN has the rework of all of them: due sprint 1 first, then as declared
    tasks = [task("first", "1h", "BOB")]
    rework = {"rework": {"ANN": "1h"}, "requires": ["first"], "chance": [(0.0, 1.0)]}
    gates = [gate("any", **rework), gate("date", due=day(0), **rework), gate("sprint", due=1, **rework)]
    told = tell(scenario([ANN, BOB], tasks, gates, sprints=sprints(1, 1)))
    # the sprint ends at 480, long after the others have been reworked
    assert told.gate("finish") == {"any": 120, "date": 180, "sprint": 540}
