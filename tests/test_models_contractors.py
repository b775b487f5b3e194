"""Contractors and descoping: what is done when nobody takes the work of somebody who is away for long."""

from __future__ import annotations

import pytest

from build import (
    DAY,
    Distribution,
    contractor,
    cover,
    equipment,
    gate,
    milestone,
    off,
    person,
    scenario,
    sick,
    task,
)
from simrisk import engines
from simrisk.compile import compile_plan

BOB, CYD = person("BOB"), person("CYD")


def absent(name, duration, **facts):
    """Present on one day, absent for `duration`, present on one day, ..."""
    return person(name, absence=[sick(1e9, duration)], **facts)


def calls(threshold, lead="0d", rate=0, level=None, **facts):
    return cover(contractor_after=threshold, contractor=contractor(lead, rate, level), **facts)


# Contractors


def test_contractor__takes_the_work_after_threshold_and_lead_and_keeps_it(tell):
    # ANN works on day 0 and is absent from day 1: called on day 3, there on day 4, 2 days and an hour are left
    policy = calls("2d", "1d", rate=60, cost="1h")
    told = tell(scenario([absent("ANN", "9d")], [task("dig", "3d", "ANN")], cover=policy))
    assert (told.end, told.chain) == (6 * DAY + 60, {"work": 3 * DAY, "absence": 3 * DAY, "handover": 60})
    assert (told.task("handovers"), told.task("contractor")) == ({"dig": 1}, {"dig": 1})
    assert (told.cost, told.person("worked")) == (17 * 60, {"ANN": DAY})


def test_contractor__frees_the_one_who_is_away(tell):
    tasks = [task("dig", "9d", "ANN"), task("sow", "1d", "ANN")]
    told = tell(scenario([absent("ANN", "4d")], tasks, cover=calls("2d", "1d")))
    # sow, too, waits for ANN when the contractors come on day 4
    assert told.task("start") == {"dig": 0, "sow": 4 * DAY}
    assert told.task("finish") == {"dig": 12 * DAY, "sow": 5 * DAY}


def test_contractor__is_called_off_when_the_owner_returns_in_that_very_minute(tell):
    # away on days 1 to 3; called on day 3, would be there on day 4
    told = tell(scenario([absent("ANN", "3d")], [task("dig", "2d", "ANN")], cover=calls("2d", "1d", rate=60)))
    assert (told.end, told.task("contractor"), told.cost) == (5 * DAY, {"dig": 0}, 0)


def test_contractor__is_called_off_when_somebody_else_takes_it(tell):
    tasks = [task("hold", "3d", "BOB"), task("dig", "3d", "ANN", backup=["BOB"])]
    told = tell(scenario([absent("ANN", "9d"), BOB], tasks, cover=calls("1d", "2d", rate=60, after="1d")))
    assert told.person("worked") == {"ANN": DAY, "BOB": 5 * DAY}
    assert (told.task("contractor"), told.cost) == ({"hold": 0, "dig": 0}, 0)


def test_contractor__is_not_called_while_people_can_take_it(tell):
    tasks = [task("dig", "3d", "ANN", backup=["BOB"])]
    told = tell(scenario([absent("ANN", "9d"), BOB], tasks, cover=calls("2d", after="2d")))
    assert (told.task("contractor"), told.person("worked")) == ({"dig": 0}, {"ANN": DAY, "BOB": 2 * DAY})


def test_contractor__comes_though_the_policy_names_no_handover(tell):
    told = tell(scenario([absent("ANN", "9d"), BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=calls("2d")))
    assert (told.end, told.task("contractor"), told.person("worked")["BOB"]) == (4 * DAY, {"dig": 1}, 0)


def test_contractor__leave_that_is_long_enough_calls_at_once(tell):
    told = tell(scenario([person("ANN", leave=[off(1, 5)])], [task("dig", "2d", "ANN")], cover=calls("5d", "2d")))
    assert (told.end, told.task("contractor")) == (4 * DAY, {"dig": 1})


@pytest.mark.parametrize("begun", [True, False])
def test_contractor__of_somebody_gone_for_good(tell, begun):
    ann = person("ANN", end=0 if begun else -1)
    told = tell(scenario([ann], [task("dig", "2d", "ANN")], cover=calls("9d", "1d")))
    assert (told.end, told.task("contractor")) == (3 * DAY, {"dig": 1})
    assert told.task("start") == {"dig": 0 if begun else DAY}


def test_contractor__never_of_somebody_who_has_not_begun_yet(tell):
    told = tell(scenario([person("ANN", start=9)], [task("dig", "1d", "ANN")], cover=calls("1d")))
    assert (told.end, told.task("contractor")) == (10 * DAY, {"dig": 0})


@pytest.mark.parametrize(("level", "share"), [(None, 1), (3, 1), (2, 2)])
def test_contractor__works_at_the_factor_of_the_level(tell, level, share):
    tasks = [task("dig", "1d", "ANN", skill="go"), task("sow", "1d", "BOB")]
    people = [person("ANN", go=3, leave=[off(0, 9)]), person("BOB", leave=[off(0, 9)])]
    told = tell(scenario(people, tasks, cover=calls("1d", level=level), efficiency={2: "0.5", 3: 1}))
    assert told.task("finish") == {"dig": share * DAY, "sow": DAY}  # a task without a skill is done fully


def test_contractor__does_the_own_hours_of_somebody_weaker_no_faster(tell):
    tasks = [task("dig", {"ANN": "1d"}, skill="go"), task("sow", {"BOB": "1d"}, skill="go")]
    people = [person("ANN", go=1, leave=[off(0, 9)]), person("BOB", go=3, leave=[off(0, 9)])]
    told = tell(scenario(people, tasks, cover=calls("1d", level=2), efficiency={1: "0.25", 2: "0.5", 3: 1}))
    assert told.task("finish") == {"dig": DAY, "sow": 2 * DAY}


def test_contractor__for_any_when_all_of_its_people_are_away_long_enough(tell):
    people = [person("ANN", leave=[off(0, 9)]), person("BOB", leave=[off(0, 1)])]
    tasks = [task("dig", "1d", ["ANN", "BOB"], "any")]
    assert tell(scenario(people, tasks, cover=calls("3d"))).task("contractor") == {"dig": 0}
    assert tell(scenario(people, tasks, cover=calls("2d"))).task("contractor") == {"dig": 1}


@pytest.mark.parametrize("share", ["together", "duration"])
def test_contractor__not_for_what_several_hold_or_runs_on_the_clock(tell, share):
    ann = person("ANN", leave=[off(0, 4)])
    work = task("dig", duration="1d", who="ANN") if share == "duration" else task("dig", "1d", ["ANN"], "together")
    assert tell(scenario([ann], [work], cover=calls("1d"))).end == 6 * DAY


def test_contractor__not_for_rework(tell):
    ann = person("ANN", leave=[off(0, 4)])
    review = gate("ready", chance=[(0.0, 1.0)], rework={"ANN": "1d"})
    told = tell(scenario([ann, BOB], [task("dig", "1d", "BOB")], [review], cover=calls("1d")))
    assert told.end == 6 * DAY


def test_contractor__waits_for_equipment(tell):
    tasks = [task("hold", "3d", "BOB", uses={"rig": 1}), task("dig", "1d", "ANN", uses={"rig": 1})]
    people = [person("ANN", leave=[off(0, 9)]), BOB]
    told = tell(scenario(people, tasks, equipment=[equipment("rig")], cover=calls("1d", "1d", rate=60)))
    assert (told.task("start")["dig"], told.cost) == (3 * DAY, 8 * 60)


def test_contractor__every_call_is_a_new_draw(engine):
    # ANN works on every fifth day; called on the second day away; whoever needs 3 days or more comes too late
    lead = Distribution("values", (float(DAY), float(4 * DAY)), DAY, (0.5, 0.5))
    policy = cover(contractor_after="1d", contractor=contractor(lead))
    plan = compile_plan(scenario([absent("ANN", "4d")], [task("dig", "9d", "ANN")], cover=policy))
    out = engines.run(plan, trials=400, seed=1, engine=engine)
    # after c calls in vain the contractor does what is left from day 5c + 3 on, in which ANN did c + 1 days
    seen = set((out.end // DAY).tolist())
    assert seen >= {3 + 8, 8 + 7, 13 + 6}
    assert abs((out.end == 11 * DAY).mean() - 0.5) < 0.15


def test_contractor__of_the_tasks_policy_before_the_persons(tell):
    own = calls("1d", rate=120)
    ann = person("ANN", leave=[off(0, 9)], cover=calls("1d", rate=60))
    told = tell(scenario([ann], [task("dig", "1d", "ANN", cover=own), task("sow", "1d", "ANN")]))
    assert told.cost == 8 * 120 + 8 * 60


def test_contractor__of_a_part_is_one_item(tell):
    # half a cent each, rounded half up by itself
    ann = person("ANN", leave=[off(0, 9)])
    told = tell(scenario([ann], [task("a", 30, "ANN"), task("b", 30, "ANN")], cover=calls("1d", rate=1)))
    assert told.cost == 2


def test_contractor__comes_in_the_baseline_when_leave_is_long(engine):
    lead = Distribution("uniform", (0.0, 4.0 * DAY), 2.0 * DAY)
    policy = cover(contractor_after="5d", contractor=contractor(lead))
    people = [person("ANN", leave=[off(0, 9)]), absent("BOB", "9d")]
    plan = compile_plan(scenario(people, [task("dig", "1d", "ANN"), task("sow", "4d", "BOB")], cover=policy))
    out = engines.run_baseline(plan, engine=engine)
    assert (out.task_finish[0].tolist(), out.task_contractor[0].tolist()) == ([3 * DAY, 4 * DAY], [1, 0])


# Descope


def test_descope__drops_the_tasks_named_when_the_threshold_passes(tell):
    policy = cover(descope_after="2d", descope=["extra"])
    tasks = [task("dig", "3d", "ANN"), task("extra", "9d", "BOB"), task("after", "1d", "BOB", after="extra")]
    told = tell(scenario([absent("ANN", "4d"), BOB], tasks, cover=policy))
    # absent from day 1: on day 3 extra, begun by BOB, is dropped, and BOB is free for what comes after it
    assert told.task("dropped") == {"dig": 0, "extra": 1, "after": 0}
    assert told.task("start") == {"dig": 0, "extra": 0, "after": 3 * DAY}
    assert told.task("finish")["extra"] == 3 * DAY


def test_descope__drops_the_optional_ones_not_begun(tell):
    tasks = [
        task("dig", "3d", "ANN"),
        task("begun", "9d", "BOB", optional=True),
        task("wish", "1d", "BOB", optional=True),
        task("must", "1d", "BOB"),
    ]
    told = tell(scenario([absent("ANN", "4d"), BOB], tasks, cover=cover(descope_after="2d")))
    assert told.task("dropped") == {"dig": 0, "begun": 0, "wish": 1, "must": 0}


def test_descope__again_and_again_while_there_is_something_to_drop(tell):
    # dropping a makes b ready, whose owner is away as well, and so on; all in the minute in which the leave begins
    tasks = [
        task("a", "1d", "ANN", cover=cover(descope_after="1d", descope=["a"])),
        task("b", "1d", "ANN", after="a", cover=cover(descope_after="1d", descope=["b", "c"])),
        task("c", "1d", "ANN", after="b"),
        milestone("end", after="c"),
    ]
    told = tell(scenario([person("ANN", leave=[off(0, 4)])], tasks))
    assert (told.end, told.task("dropped")) == (0, {"a": 1, "b": 1, "c": 1, "end": 0})


def test_descope__not_while_nobody_is_away_long_enough(tell):
    policy = cover(descope_after="3d", descope=["extra"])
    tasks = [task("dig", "2d", "ANN"), task("extra", "4d", "BOB")]
    told = tell(scenario([person("ANN", leave=[off(1, 2)]), BOB], tasks, cover=policy))
    assert told.task("dropped") == {"dig": 0, "extra": 0}


def test_descope__not_when_the_work_is_in_good_hands(tell):
    policy = cover("1d", descope_after="2d", descope=["extra"])
    tasks = [task("dig", "3d", "ANN", backup=["CYD"]), task("extra", "9d", "BOB")]
    told = tell(scenario([absent("ANN", "9d"), BOB, CYD], tasks, cover=policy))
    assert told.task("dropped") == {"dig": 0, "extra": 0}  # CYD took dig on day 2


def test_descope__comes_before_the_allocation_of_its_minute(tell):
    # both thresholds pass at once: dig is dropped before BOB could take it
    policy = cover("2d", descope_after="2d", descope=["dig"])
    told = tell(scenario([absent("ANN", "9d"), BOB], [task("dig", "3d", "ANN", backup=["BOB"])], cover=policy))
    assert (told.end, told.task("dropped"), told.task("handovers")) == (3 * DAY, {"dig": 1}, {"dig": 0})


def test_descope__a_review_that_it_makes_due_begins_in_the_next_round(tell):
    # day 3: dig is dropped; BOB takes what that makes ready, before the gate, passed at once, lets the other one go
    tasks = [
        task("dig", "3d", "ANN", cover=cover(descope_after="2d", descope=["dig"])),
        task("low", "1d", "BOB", after="dig", priority=9),
        task("high", "1d", "BOB", priority=1),
    ]
    told = tell(scenario([absent("ANN", "9d"), BOB], tasks, [gate("ready", requires=["dig"], blocks_tasks=["high"])]))
    assert told.task("start") == {"dig": 0, "low": 3 * DAY, "high": 4 * DAY}


def test_descope__with_which_the_project_ends(tell):
    policy = cover(descope_after="2d", descope=["dig"])
    told = tell(scenario([absent("ANN", "9d")], [task("dig", "9d", "ANN")], cover=policy))
    assert (told.end, told.outcome, told.chain) == (3 * DAY, "finished", {"work": DAY, "absence": 2 * DAY})


def test_descope__labels_of_the_way_back(tell):
    # first: 1 day; dig: ANN is on leave from day 2 to day 30; extra is dropped on day 2; after: 40 days from then on
    policy = cover(descope_after="5d", descope=["extra"])
    tasks = [
        task("first", "1d", "BOB"),
        task("dig", "3d", "ANN", after="first"),
        task("extra", "20d", "BOB", after="first"),
        task("after", "40d", "BOB", after="extra"),
    ]
    told = tell(scenario([person("ANN", leave=[off(2, 30)]), BOB], tasks, cover=policy))
    assert (told.end, told.chain) == (42 * DAY, {"work": 42 * DAY})
    assert told.critical() == {"first", "dig", "after", "ANN", "BOB"}  # extra took no time


def test_a_lesson__waits_for_who_is_to_learn_it(tell):
    # ANN is away on days 1 to 4 of her lesson: neither BOB nor a contractor learns in her place
    policy = calls("1d", after="1d")
    lesson = task("lesson", "2d", "ANN", backup=["BOB"], raises=[("ANN", "rust", 3)])
    told = tell(scenario([absent("ANN", "4d"), BOB], [lesson], cover=policy))
    assert (told.task("handovers"), told.task("contractor")) == ({"lesson": 0}, {"lesson": 0})
    assert (told.end, told.chain) == (6 * DAY, {"work": 2 * DAY, "absence": 4 * DAY})
    other = task("other", "2d", "ANN", backup=["BOB"], raises=[("BOB", "rust", 3)])
    assert tell(scenario([absent("ANN", "4d"), BOB], [other], cover=policy)).task("handovers") == {"other": 1}
