"""Departures: when somebody leaves, who comes, and what becomes of the work meanwhile."""

from __future__ import annotations

import math

import pytest

from build import DAY, cover, departure, off, person, risk, scenario, sick, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk_kernels.layout import CENSORED
from stat_checks import assert_probability

AT_ONCE = 1e9  # a hazard that fires on the first day of presence
BOB = person("BOB")


def leaver(notice="0d", replace=None, ramp="0d", ramp_from=0, **facts):
    """Gives notice on the first day of presence."""
    return person("ANN", departure=departure(AT_ONCE, notice, replace, ramp, ramp_from), **facts)


def test_departure__without_replacement_the_work_is_offered_for_good(tell):
    told = tell(scenario([leaver(), BOB], [task("dig", "3d", "ANN", backup=["BOB"])]))
    assert (told.end, told.person("left")) == (3 * DAY, {"ANN": DAY, "BOB": -1})
    assert told.person("worked") == {"ANN": DAY, "BOB": 2 * DAY}


def test_departure__without_anybody_else_the_work_is_never_done(tell):
    told = tell(scenario([leaver()], [task("dig", "3d", "ANN")], horizon="20d"))
    assert (told.outcome, told.person("worked")) == ("censored", {"ANN": DAY})


@pytest.mark.parametrize(("notice", "days"), [("0d", 0), ("2d", 2), ("2.4d", 2), ("2.5d", 3)])
def test_notice__in_whole_days_after_the_day_it_is_given(tell, notice, days):
    told = tell(scenario([leaver(notice), BOB], [task("dig", "9d", "ANN", backup=["BOB"])]))
    assert (told.person("left")["ANN"], told.person("worked")["ANN"]) == ((1 + days) * DAY, (1 + days) * DAY)


def test_replacement__goes_on_with_the_work_when_it_arrives(tell):
    told = tell(scenario([leaver(replace="4d")], [task("dig", "3d", "ANN")]))
    assert (told.end, told.chain) == (7 * DAY, {"work": 3 * DAY, "hiring": 4 * DAY})
    assert told.person("left") == {"ANN": DAY}


def test_replacement__never_leaves(tell):
    assert tell(scenario([leaver(replace="1d")], [task("dig", "90d", "ANN")])).end == 91 * DAY


def test_replacement__ramps_up_from_its_first_day(tell):
    # a day's work before, then a half, three quarters, and three quarters of a full day
    told = tell(scenario([leaver(replace="4d", ramp="2d", ramp_from="0.5")], [task("dig", "3d", "ANN")]))
    assert told.end == 7 * DAY + DAY * 3 // 4


def test_replacement__of_somebody_who_was_still_ramping_up(tell):
    ann = leaver(replace="1d", ramp="4d", ramp_from="0.5")
    ann = person("ANN", departure=ann.departure, ramp="10d", ramp_from="0.1")
    # day 0 at 0.1; away on day 1; then 0.5, 0.625, 0.75, 0.875, 1
    assert tell(scenario([ann], [task("dig", "3.85d", "ANN")])).end == 7 * DAY


def test_replacement__at_once_ramps_up_all_the_same(tell):
    told = tell(scenario([leaver(replace="0d", ramp="1d", ramp_from="0.5")], [task("dig", "2d", "ANN")]))
    assert (told.end, told.person("left")) == (2 * DAY + DAY // 2, {"ANN": DAY})


def test_replacement__takes_the_leave_that_is_still_to_come(tell):
    # leave on days 2 to 6, gone from day 1 to 3: four days of it are left
    told = tell(scenario([leaver(replace="3d", leave=[off(2, 6)])], [task("dig", "2d", "ANN")]))
    assert (told.end, told.person("leave")) == (8 * DAY, {"ANN": 3 * DAY})
    assert told.chain == {"work": 2 * DAY, "hiring": 3 * DAY, "leave": 3 * DAY}


def test_replacement__knows_nothing_of_spells_of_absence(tell):
    # day 0: 9 days of absence begin tomorrow, and notice; gone on days 1 and 2; the replacement is there on day 3
    ann = leaver(replace="2d", absence=[sick(AT_ONCE, "9d")])
    told = tell(scenario([ann], [task("dig", "2d", "ANN")]))
    assert (told.end, told.person("absence")) == (4 * DAY, {"ANN": 0})


def test_departure__during_a_spell_ends_it(tell):
    ann = leaver("2d", replace="2d", absence=[sick(AT_ONCE, "9d")])
    told = tell(scenario([ann], [task("dig", "2d", "ANN")]))  # absent on days 1 and 2, gone on 3 and 4
    assert (told.end, told.chain) == (6 * DAY, {"work": 2 * DAY, "absence": 2 * DAY, "hiring": 2 * DAY})


def test_departure__during_leave_ends_it(tell):
    told = tell(scenario([leaver("1d", replace="4d", leave=[off(1, 3)])], [task("dig", "2d", "ANN")]))
    assert (told.end, told.person("leave")) == (7 * DAY, {"ANN": DAY})


@pytest.mark.parametrize(("notice", "left"), [("2d", 3 * DAY), ("3d", -1), ("4d", -1)])
def test_departure__at_the_end_of_employment_or_later_is_none(tell, notice, left):
    told = tell(scenario([leaver(notice, end=3), BOB], [task("dig", "9d", "ANN", backup=["BOB"])]))
    assert told.person("left")["ANN"] == left


def test_departure__fires_on_presence_only(tell):
    # on leave on days 0 to 4; notice is given on day 5
    told = tell(scenario([leaver(leave=[off(0, 4)]), BOB], [task("dig", "9d", "ANN", backup=["BOB"])]))
    assert told.person("left")["ANN"] == 6 * DAY


def test_departure__a_status_date_is_when_presence_begins_to_count(tell):
    told = tell(scenario([leaver(), BOB], [task("dig", "9d", "ANN", backup=["BOB"])], status_date=4))
    assert told.person("left")["ANN"] == 5 * DAY


@pytest.mark.parametrize(("replace", "end", "handovers"), [("2d", 4 * DAY, 0), ("3d", 2 * DAY, 1), ("30d", 2 * DAY, 1)])
def test_cover__a_departure_is_known_to_last_until_the_replacement_comes(tell, replace, end, handovers):
    tasks = [task("dig", "2d", "ANN", backup=["BOB"])]
    told = tell(scenario([leaver(replace=replace), BOB], tasks, cover=cover("3d")))
    assert (told.end, told.task("handovers")) == (end, {"dig": handovers})


@pytest.mark.parametrize(("notice", "handovers"), [("2d", 1), ("3d", 0)])
def test_cover__leave_that_a_departure_follows_counts_until_the_replacement_comes(tell, notice, handovers):
    # on leave on days 1 and 2; leaves on day 3 (away from 1 to 7) or, after a day of work, on day 4
    ann = leaver(notice, replace="5d", leave=[off(1, 2)])
    told = tell(scenario([ann, BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=cover("6d")))
    assert told.task("handovers") == {"dig": handovers}
    assert told.end == (2 if handovers else 4) * DAY


def test_cover__without_a_threshold_the_work_waits_for_the_replacement(tell):
    told = tell(scenario([leaver(replace="5d"), BOB], [task("dig", "2d", "ANN", backup=["BOB"])]))
    assert (told.end, told.task("handovers")) == (7 * DAY, {"dig": 0})


def test_pay__ends_with_leaving_and_begins_with_the_replacement(tell):
    told = tell(scenario([leaver(replace="4d", rate=60, paid="employed")], [task("dig", "3d", "ANN")]))
    assert told.cost == 3 * 8 * 60


def test_pay__ends_for_good_when_nobody_comes(tell):
    told = tell(scenario([leaver(rate=60, paid="employed"), BOB], [task("dig", "9d", "ANN", backup=["BOB"])]))
    assert told.cost == 8 * 60


def test_baseline__nobody_leaves(engine):
    plan = compile_plan(scenario([leaver()], [task("dig", "3d", "ANN")]))
    out = engines.run_baseline(plan, engine=engine)
    assert (out.end[0], out.person_left[0, 0]) == (3 * DAY, -1)


def test_hazard__is_as_likely_as_the_exponential_says(engine):
    # 60 days' work are lost when notice is given within the first 59 days of presence
    plan = compile_plan(
        scenario([person("ANN", departure=departure(2.0))], [task("dig", "60d", "ANN")], horizon="100d")
    )
    out = engines.run(plan, trials=1000, seed=2, engine=engine)
    lost = out.outcome == CENSORED
    assert_probability(int(lost.sum()), 1000, 1 - math.exp(-59 * 2.0 / 260), sees=0.2)
    assert ((out.person_left[:, 0] >= 0) == lost).all()


# Taken by a risk


def taken(days, **facts):
    """A risk that takes ANN away from the day after "dig" starts."""
    return risk("strike", 1.0, "dig", away={"ANN": days}, **facts)


def test_taken__from_the_next_day_on_and_labelled_so(tell):
    told = tell(scenario([person("ANN")], [task("dig", "3d", "ANN")], risks=[taken("2d")]))
    assert (told.end, told.chain) == (5 * DAY, {"work": 3 * DAY, "risk": 2 * DAY})


def test_taken__on_days_on_which_they_would_be_present(tell):
    told = tell(scenario([person("ANN", leave=[off(2, 3)])], [task("dig", "2d", "ANN")], risks=[taken("2d")]))
    # taken on day 1, on leave on days 2 and 3, taken on day 4
    assert (told.end, told.person("leave")) == (6 * DAY, {"ANN": 2 * DAY})
    assert told.chain == {"work": 2 * DAY, "leave": 2 * DAY, "risk": 2 * DAY}


def test_taken__by_two_risks_one_after_the_other(tell):
    risks = [taken("2d"), risk("again", 1.0, "dig", away={"ANN": "1d"})]
    assert tell(scenario([person("ANN")], [task("dig", "2d", "ANN")], risks=risks)).end == 5 * DAY


def test_taken__the_clocks_of_absence_run_on(tell):
    # one day present, one absent, and so on: absent on days 1, 3, 5; taken on days 2 and 4
    ann = person("ANN", absence=[sick(AT_ONCE, "1d")])
    told = tell(scenario([ann], [task("dig", "2d", "ANN")], risks=[taken("2d")]))
    assert (told.end, told.chain) == (7 * DAY, {"work": 2 * DAY, "absence": 3 * DAY, "risk": 2 * DAY})
    assert told.person("absence") == {"ANN": 5 * DAY}


def test_taken__ends_with_leaving(tell):
    told = tell(scenario([leaver("1d", replace="1d")], [task("dig", "2d", "ANN")], risks=[taken("9d")]))
    # taken on day 1, departed on day 2, the replacement is there on day 3
    assert (told.end, told.chain) == (4 * DAY, {"work": 2 * DAY, "risk": DAY, "hiring": DAY})


def test_taken__the_work_is_handed_over_when_it_has_lasted_long_enough(tell):
    tasks = [task("dig", "2d", "ANN", backup=["BOB"])]
    told = tell(scenario([person("ANN"), BOB], tasks, risks=[taken("9d")], cover=cover("2d")))
    assert (told.end, told.person("worked")) == (4 * DAY, {"ANN": DAY, "BOB": DAY})
