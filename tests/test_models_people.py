"""People: rates, ramps, employment, dated and random leave, absence. Every figure is worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import ceil

import numpy as np
import pytest

from build import DAY, day, off, person, pert, scenario, sick, task
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.models.people import rate


def test_capacity__fte_times_focus(tell):
    # 0.5 * 0.8 = 0.4 minutes of work a minute: 4 hours take 10
    told = tell(scenario([person("ANN", fte="0.5", focus="0.8")], [task("dig", "4h", "ANN")]))
    assert (told.end, told.person("worked")) == (600, {"ANN": 600})


def test_capacity__a_part_ends_at_the_first_whole_minute(tell):
    # 100 minutes at 0.3 a minute: 333 minutes do 99.9
    told = tell(scenario([person("ANN", focus="0.3")], [task("dig", 100, "ANN")]))
    assert told.end == 334


def test_rate__is_rounded_half_to_even_after_the_exact_product():
    half = person("ANN", fte="0.0000005", focus=1)
    three_halves = person("ANN", fte="0.0000015", focus=1)
    assert [rate(half, Fraction(1)), rate(three_halves, Fraction(1))] == [0, 2]
    # 0.7 * 0.1 in doubles is 0.06999999999999999
    assert rate(person("ANN", fte="0.7", focus="0.1"), Fraction(1)) == 70_000


def test_ramp__grows_by_working_day_of_employment(tell):
    # from 0.5 over 2 days: 0.5, 0.75, then 1. 240 + 360 minutes are done in two days, the other 120 on the third.
    told = tell(scenario([person("ANN", start=0, ramp="2d", ramp_from="0.5")], [task("dig", 720, "ANN")]))
    assert told.end == 2 * DAY + 120


def test_ramp__from_zero_does_nothing_on_the_first_day(tell):
    told = tell(scenario([person("ANN", start=0, ramp="2d", ramp_from=0)], [task("dig", 241, "ANN")]))
    assert told.end == 2 * DAY + 1  # 0, 240, then full
    assert told.task("start") == {"dig": 0}


def test_ramp__began_before_the_project(tell):
    # employed since day -1, so day 0 is day 1 of the ramp: 0.75
    told = tell(scenario([person("ANN", start=-1, ramp="2d", ramp_from="0.5")], [task("dig", 300, "ANN")]))
    assert told.end == 400


def test_ramp__without_a_start_it_begins_with_the_project(tell):
    # nothing on day 0, half of day 1, and the last 60 of 300 minutes on day 2
    told = tell(scenario([person("ANN", ramp="2d", ramp_from=0)], [task("dig", 300, "ANN")]))
    assert told.end == 2 * DAY + 60


def test_employment__work_waits_for_the_start(tell):
    told = tell(scenario([person("ANN", start=3)], [task("dig", "1h", "ANN")]))
    assert (told.end, told.chain) == (3 * DAY + 60, {"hiring": 3 * DAY, "work": 60})


def test_employment__ends_with_the_last_day(tell):
    told = tell(scenario([person("ANN", end=1)], [task("dig", "2d", "ANN")]))
    assert (told.outcome, told.end) == ("finished", 2 * DAY)
    late = tell(scenario([person("ANN", end=1)], [task("dig", 2 * DAY + 1, "ANN")], horizon="9d"))
    assert (late.outcome, late.end, late.person("worked")) == ("censored", 9 * DAY, {"ANN": 2 * DAY})


@pytest.mark.parametrize("days", [1, 2, 5, 7])
def test_leave__shifts_a_finish_by_exactly_its_days(tell, days):
    told = tell(scenario([person("ANN", leave=[off(2, 1 + days)])], [task("dig", "4d", "ANN")]))
    assert told.end == (4 + days) * DAY
    assert told.person("leave") == {"ANN": days * DAY}
    assert told.chain == {"work": 4 * DAY, "leave": days * DAY}


def test_leave__weekends_and_holidays_cost_nothing(tell):
    # Friday (4) to Monday (5) are two working days; a holiday on Tuesday (6) does not exist at all
    told = tell(scenario([person("ANN", leave=[off(4, 5)])], [task("dig", "6d", "ANN")], holidays=[day(6)]))
    assert told.end == 8 * DAY
    assert told.plan.calendar.finish_date(told.end) == date(2026, 1, 15)  # Mon-Thu, Wed, Thu


def test_leave__overlapping_ranges_count_once(tell):
    told = tell(scenario([person("ANN", leave=[off(1, 3), off(2, 2), off(4, 4)])], [task("dig", "2d", "ANN")]))
    assert (told.end, told.person("leave")) == (6 * DAY, {"ANN": 4 * DAY})


def test_leave__before_employment_does_not_count(tell):
    told = tell(scenario([person("ANN", start=2, leave=[off(0, 2)])], [task("dig", "1d", "ANN")]))
    assert (told.end, told.person("leave")) == (4 * DAY, {"ANN": DAY})


def blocked(first: int, last: int, **facts):
    """ANN takes one day of leave at random; only days outside the blackout are left."""
    people = [person("ANN", pto_days=1, pto_by=9), person("BOB", leave=[off(0, 4)])]
    return scenario(people, [task("dig", "12d", "ANN")], blackout=[off(first, last)], block=1, **facts)


@pytest.mark.parametrize("trial", range(8))
def test_random_leave__a_blackout_moves_it_to_the_next_admissible_day(tell, trial):
    # drawn on one of days 0 to 9; all of them but 9 are blacked out
    told = tell(blocked(0, 8), trial)
    assert told.person("leave")["ANN"] == DAY
    assert told.end == 13 * DAY


@pytest.mark.parametrize("trial", range(8))
def test_random_leave__max_off_moves_it_behind_the_others(tell, trial):
    # BOB is on dated leave on days 0 to 4; after day 5 there is a blackout: only day 5 is left for every draw up to it
    told = tell(blocked(6, 9, max_off=1), trial)
    leave = told.person("leave")["ANN"]
    assert leave in (0, DAY)  # a draw after day 5 finds no place before `by`
    assert told.end == 12 * DAY + leave


def test_random_leave__without_a_place_is_not_taken(tell):
    told = tell(blocked(0, 9))
    assert (told.end, told.person("leave")["ANN"]) == (12 * DAY, 0)


def test_random_leave__each_first_day_is_as_likely():
    """The first day of a block of 2 within 10 days: nine equally likely starts; false alarm 1e-9."""
    trials = 20_000
    people = [person("ANN", pto_days=2, pto_by=9)]
    plan = compile_plan(scenario(people, [task("dig", "1d", "ANN")], block=2))
    outcomes = engines.run(plan, trials=trials, seed=3)
    # a block that begins on day 0 puts the day of work off to day 2; any other comes too late to matter
    late = int((outcomes.end == 3 * DAY).sum())
    mean, sd = trials / 9, np.sqrt(trials * (1 / 9) * (8 / 9))
    assert set(np.unique(outcomes.end)) == {DAY, 3 * DAY}
    assert abs(late - mean) < 6.2 * sd  # two-sided normal tail of 6e-10; would see a bias of 14 % of a ninth


def test_random_leave__the_days_of_a_year_and_of_its_rest(tell):
    # 260 days a year: 20 days in the first, 26/260 of 20 = 2 in the rest (employment of 286 days)
    people = [person("ANN", pto_days=20, end=285)]
    told = tell(scenario(people, [task("dig", "300d", "ANN")], horizon="300d"))
    assert told.person("leave") == {"ANN": 22 * DAY}


def test_random_leave__a_half_day_is_rounded_up(tell):
    people = [person("ANN", pto_days="2.5", pto_by=20)]
    assert tell(scenario(people, [task("dig", "30d", "ANN")])).person("leave") == {"ANN": 3 * DAY}


def certain_absence(duration: str | int = "2d", **facts):
    """A hazard so high that it fires on every first day of presence."""
    return person("ANN", absence=[sick(1e9, duration)], **facts)


def test_absence__begins_on_the_day_after_it_fires(tell):
    # present on day 0, absent 1 and 2, present 3, absent 4 and 5, ...
    told = tell(scenario([certain_absence()], [task("dig", "3d", "ANN")]))
    assert told.end == 7 * DAY
    assert told.person("absence") == {"ANN": 4 * DAY}
    assert told.chain == {"work": 3 * DAY, "absence": 4 * DAY}


@pytest.mark.parametrize(("minutes", "days"), [(1, 1), (719, 1), (720, 2), (1199, 2), (1200, 3)])
def test_absence__whole_days_rounded_half_up_at_least_one(tell, minutes, days):
    told = tell(scenario([certain_absence(minutes)], [task("dig", "2d", "ANN")]))
    assert told.person("absence") == {"ANN": days * DAY}


def test_absence__is_split_by_leave(tell):
    # absent on 1, on leave 2 to 4, absent on 5, present on 6
    told = tell(scenario([certain_absence(leave=[off(2, 4)])], [task("dig", "2d", "ANN")]))
    assert told.end == 7 * DAY
    assert told.person("leave") == {"ANN": 3 * DAY}
    assert told.person("absence") == {"ANN": 2 * DAY}


def test_absence__spells_of_two_kinds_follow_each_other(tell):
    ann = person("ANN", absence=[sick(1e9, "1d"), sick(1e9, "3d", "care")])
    told = tell(scenario([ann], [task("dig", "2d", "ANN")]))
    assert told.end == 6 * DAY  # both fire on day 0: away 1 to 4


def test_absence__does_not_run_before_employment(tell):
    told = tell(scenario([certain_absence(start=5)], [task("dig", "2d", "ANN")]))
    assert told.end == 9 * DAY  # present on 5, absent 6 and 7, present on 8


def test_absence__share_of_time_away_of_a_renewal_process():
    """With one day per spell and a rate of r a year, firings come at most once per day of presence.

    A day of presence fires with q = 1 - exp(-r / 260), each costing one day away. Over 200 days of work the number of
    days away is binomial(199, q) (a firing on the last day costs nothing); tested at a false alarm of 1e-9.
    """
    trials, r = 4_000, 26.0
    ann = person("ANN", absence=[sick(r, "1d")])
    plan = compile_plan(scenario([ann], [task("dig", "200d", "ANN")], horizon="500d"))
    outcomes = engines.run(plan, trials=trials, seed=5)
    q = 1 - np.exp(-r / 260)
    n = 199 * trials
    away = int((outcomes.end // DAY - 200).sum())
    # the gap is rounded to whole minutes and runs anew after each firing's day: q per day, exactly up to 1/960 of a day
    assert abs(away - n * q) < 6.2 * np.sqrt(n * q * (1 - q)) + n / 960 * (r / 260)


def test_baseline__has_no_absence_and_no_random_leave_but_dated_leave():
    ann = certain_absence(leave=[off(0, 0)], pto_days=20)
    made = scenario([ann], [task("dig", pert("1d", "2d", "9d"), "ANN")])
    outcomes = engines.run_baseline(compile_plan(made))
    assert outcomes.end.tolist() == [3 * DAY]


def test_baseline__leaves_the_plan_as_it_was():
    plan = compile_plan(scenario([certain_absence()], [task("dig", pert("1d", "2d", "9d"), "ANN")]))
    before = [array.tobytes() for array in plan.arrays]
    baseline_plan(plan)
    assert [array.tobytes() for array in plan.arrays] == before


def test_rates__after_the_own_ramp_are_full():
    people = [person("ANN", start=0, ramp="1d", ramp_from=0), person("BOB", start=0, ramp="3d", ramp_from="0.4")]
    plan = compile_plan(scenario(people, [task("dig", {"ANN": "1h", "BOB": "1h"})]))
    assert plan.arrays.rates[:, 0].tolist() == [[0, 10**6, 10**6, 10**6], [400_000, 600_000, 800_000, 10**6]]


def test_ramp__length_in_days_is_rounded_up(tell):
    # 481 minutes are 2 days of ramp: 0, then half
    told = tell(scenario([person("ANN", start=0, ramp=DAY + 1, ramp_from=0)], [task("dig", "1h", "ANN")]))
    assert told.end == DAY + ceil(60 / 0.5)
