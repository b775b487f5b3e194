"""The status date and progress, skills that tasks raise, charges and the cash flow. Worked out by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from build import (
    DAY,
    Distribution,
    charge,
    cover,
    day,
    equipment,
    gate,
    link,
    milestone,
    mitigation,
    off,
    person,
    risk,
    scenario,
    sick,
    sprints,
    task,
)
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan

ANN, BOB = person("ANN"), person("BOB")


# The status date


def test_nothing_starts_before_the_status_date(tell):
    tasks = [
        task("dig", "1h", "ANN"),
        milestone("m"),
        task("cure", duration="1h"),
        task("late", "1h", "BOB", not_before=4),
    ]
    told = tell(scenario([ANN, BOB], tasks, status_date=2))
    assert told.task("start") == {"dig": 2 * DAY, "m": 2 * DAY, "cure": 2 * DAY, "late": 4 * DAY}
    assert told.chain == {"calendar": 4 * DAY, "work": 60}


def test_no_review_begins_before(tell):
    gates = [gate("now", review=30), gate("due", due=day(1), review=60), gate("later", due=day(3))]
    told = tell(scenario([], [], gates, status_date=2))
    assert told.gate("first") == {"now": 2 * DAY, "due": 2 * DAY, "later": 3 * DAY}
    told = tell(scenario([], [], gates[:2], status_date=2))
    assert (told.chain, told.critical()) == ({"calendar": 2 * DAY, "gate": 60}, {"due"})


def test_done__is_taken_off_what_is_drawn(tell):
    tasks = [
        task("dig", "5h", "ANN", done=["2h"]),
        task("over", "1h", "BOB", done=["3h"]),
        task("cure", duration="4h", done=["1h"]),
    ]
    told = tell(scenario([ANN, BOB], tasks, status_date=1))
    assert told.task("effort") == {"dig": 180, "over": 0, "cure": 180}
    assert told.task("finish") == {"dig": DAY + 180, "over": DAY, "cure": DAY + 180}


def test_done__after_the_common_factor_and_before_the_shares(tell):
    # 4h * 1.5 = 360 minutes, 60 done, 300 for three: 100 each
    people = [person(name) for name in ("ANN", "BOB", "CYD")]
    tasks = [task("dig", "4h", ["ANN", "BOB", "CYD"], done=["1h"])]
    told = tell(scenario(people, tasks, common=Distribution("exactly", (1.5,), 1.5), status_date=1))
    assert told.person("worked") == {"ANN": 100, "BOB": 100, "CYD": 100}
    assert told.task("effort") == {"dig": 300}


def test_done__by_person(tell):
    tasks = [task("dig", {"ANN": "4h", "BOB": "4h"}, done=["1h", 0])]
    told = tell(scenario([ANN, BOB], tasks, status_date=1))
    assert told.person("worked") == {"ANN": 180, "BOB": 240}


def test_done__what_was_planned_beyond_it_is_work_the_rest_overrun(tell):
    # planned 4h, 1h done: three hours to go as planned; drawn 6h
    effort = Distribution("values", (360.0,), 240.0, (1.0,))
    told = tell(scenario([ANN], [task("dig", effort, "ANN", done=["1h"])], status_date=1))
    assert told.chain == {"calendar": DAY, "work": 180, "overrun": 120}


# Finished tasks


def test_finished__at_the_end_of_its_day_and_the_lag_runs_from_there(tell):
    tasks = [
        task("dig", "4d", "ANN", finished=1),
        task("bore", "1h", "ANN", after="dig"),
        task("haul", "1h", "BOB", after=link("dig", "FS", "3d")),
        milestone("set", link("dig", "SS", "4d")),
    ]
    told = tell(scenario([ANN, BOB], tasks, status_date=3))
    assert told.task("start") == {"dig": 2 * DAY, "bore": 3 * DAY, "haul": 5 * DAY, "set": 6 * DAY}
    assert (told.task("finish")["dig"], told.task("effort")["dig"]) == (2 * DAY, 0)
    assert told.person("worked") == {"ANN": 60, "BOB": 60}


def test_finished__is_not_critical_and_leads_back_to_the_start_as_calendar(tell):
    tasks = [task("dig", "4d", "ANN", finished=1), task("haul", "1h", "ANN", after=link("dig", "FS", "3d"))]
    told = tell(scenario([ANN], tasks, status_date=3))
    assert (told.chain, told.critical()) == ({"calendar": 5 * DAY, "work": 60}, {"haul", "ANN"})


def test_finished__everything(tell):
    told = tell(scenario([ANN], [task("dig", "4d", "ANN", finished=1)], status_date=3))
    assert (told.end, told.outcome, told.chain) == (3 * DAY, "finished", {"calendar": 3 * DAY})


def test_finished__counts_for_the_goal_of_a_sprint_that_is_over(tell):
    tasks = [
        task("dig", "1d", "ANN", sprint=1, finished=2),
        task("bore", "2d", "ANN", sprint=1),
        task("haul", "1d", "ANN", sprint=2, finished=7),
    ]
    told = tell(scenario([ANN], tasks[:1] + tasks[2:], sprints=sprints(2, 5), status_date=10))
    assert (told.sprint("start"), told.sprint("goal"), told.sprint("velocity")) == ([0, 5 * DAY], [1, 1], [0, 0])
    told = tell(scenario([ANN], tasks, sprints=sprints(2, 5), status_date=10))
    assert (told.sprint("goal"), told.sprint("carry_over")) == ([0, 1], [2 * DAY, 2 * DAY])


def test_sprints__those_in_the_past_open_as_planned_without_ceremonies(tell):
    tasks = [task("dig", "6d", "ANN", sprint=1), task("bore", "1h", "ANN", sprint=2)]
    told = tell(scenario([ANN], tasks, sprints=sprints(2, 5, "1h"), status_date=3))
    assert told.sprint("start") == [0, 5 * DAY]
    # no ceremony on day 0; that of day 5 takes an hour of ANN's six days from day 3 on
    assert (told.person("ceremony"), told.task("finish")) == ({"ANN": 60}, {"dig": 9 * DAY + 60, "bore": 9 * DAY + 120})


def test_gate_that_has_passed(tell):
    tasks = [task("dig", "1h", "ANN", after="m"), milestone("m"), task("bore", "1h", "BOB", sprint=2)]
    gates = [gate("old", due=1, requires=["dig"], blocks=[2], blocks_tasks=["m"], review="1d", chance=0.0, passed=6)]
    told = tell(scenario([ANN, BOB], tasks, gates, sprints=sprints(2, 5), status_date=8))
    # it passed at the end of day 6: sprint 2 opened on day 7
    assert (told.gate("finish"), told.gate("attempts"), told.gate("first")) == (
        {"old": 7 * DAY},
        {"old": 0},
        {"old": -1},
    )
    assert (told.passed, told.sprint("start")) == ({"old": "go"}, [0, 7 * DAY])
    assert told.task("start") == {"dig": 8 * DAY, "m": 8 * DAY, "bore": 8 * DAY}
    assert told.chain == {"calendar": 8 * DAY, "work": 60}


def test_pay__only_from_the_status_date_on(tell):
    people = [person("ANN", rate=60, paid="employed"), person("BOB", rate=60, paid="employed", start=3)]
    made = scenario(
        people,
        [task("dig", "2d", "ANN")],
        status_date=2,
        spent=10_000,
        infrastructure=500,
        infrastructure_rate="600",
        equipment=[equipment("rig", 2, rate=30)],
    )
    # from day 2 to 4: ANN two days, BOB one, at 1 a minute; the office at 10, two rigs at half a cent each a minute
    assert tell(made).cost == 10_000 + 500 + 2 * DAY + DAY + 2 * DAY * 10 + 2 * DAY


def test_hazards__run_from_the_status_date_on(tell):
    # the first spell needs presence counted from day 20 on: nobody was ever absent before it
    people = [person("ANN", absence=[sick(250.0, "1d")])]
    made = scenario(people, [task("dig", "20d", "ANN")])
    later = scenario(people, [task("dig", "20d", "ANN")], status_date=20)
    one, two = tell(made), tell(later)
    assert two.end == one.end + 20 * DAY
    assert two.person("absence") == one.person("absence") != {"ANN": 0}


def test_baseline__progress_stays(engine):
    tasks = [task("dig", "4h", "ANN", done=["1h"]), task("bore", "1h", "ANN", finished=0)]
    plan = baseline_plan(compile_plan(scenario([ANN], tasks, status_date=1)))
    assert engines.run(plan, trials=1, seed=1, engine=engine).end[0] == DAY + 180


# Raised skills


RUST = {1: "0.5", 2: "0.8", 3: "1"}


def test_raises__the_level_counts_when_a_part_is_taken(tell):
    people = [person("ANN", rust=1), BOB]
    tasks = [
        task("before", "1h", "ANN", skill="rust"),
        task("course", "1h", "BOB", raises=[("ANN", "rust", 3)]),
        task("after", "1h", "ANN", skill="rust"),
    ]
    told = tell(scenario(people, tasks, efficiency=RUST))
    # `before` is begun at level 1 and stays at half the rate though the course is over at 60
    assert told.task("finish") == {"before": 120, "course": 60, "after": 180}


def test_raises__somebody_who_could_not_do_it_can_then(tell):
    people = [ANN, BOB]
    tasks = [task("course", "1h", "BOB", raises=[("ANN", "rust", 2)]), task("dig", "48m", "ANN", skill="rust")]
    told = tell(scenario(people, tasks, efficiency=RUST))
    assert told.task("start") == {"course": 0, "dig": 60}
    assert (told.end, told.chain) == (120, {"busy": 60, "work": 60})


def test_raises__a_level_never_falls(tell):
    people = [person("ANN", rust=3), BOB]
    tasks = [milestone("easy"), task("dig", "1h", "ANN", skill="rust", after="easy")]
    tasks[0] = replace(tasks[0], raises=(("ANN", "rust", 1),))
    assert tell(scenario(people, tasks, efficiency=RUST)).end == 60


def test_raises__a_dropped_task_raises_nothing(tell):
    people = [person("ANN", rust=1), BOB]
    tasks = [
        task("course", "2h", "BOB", raises=[("ANN", "rust", 3)]),
        task("dig", "1h", "ANN", skill="rust", after="course"),
    ]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["course"])]
    assert tell(scenario(people, tasks, gates, efficiency=RUST)).end == 30 + 120


def test_raises__one_finished_before_has_raised_already(tell):
    people = [person("ANN", rust=1), BOB]
    tasks = [
        task("course", "2h", "BOB", raises=[("ANN", "rust", 3)], finished=0),
        task("dig", "1h", "ANN", skill="rust"),
    ]
    assert tell(scenario(people, tasks, efficiency=RUST, status_date=1)).end == DAY + 60


def test_raises__who_comes_up_to_the_backup_level_is_asked(tell):
    people = [person("ANN", rust=3, leave=[off(0, 4)]), person("BOB", rust=1)]
    tasks = [
        task("dig", "1h", "ANN", skill="rust"),
        task("course", duration="1h", raises=[("BOB", "rust", 2)]),
    ]
    told = tell(scenario(people, tasks, efficiency=RUST, backup_level=2, cover=cover(0)))
    # at 60 BOB is at level 2, and takes it at 0.8
    assert (told.task("start")["dig"], told.task("finish")["dig"], told.task("handovers")["dig"]) == (60, 135, 1)


def test_raises__own_hours_are_measured_by_the_level_of_the_file(tell):
    # ANN's hours are those of level 1 (0.5); BOB at level 3 would do two, but counts as at most one
    people = [person("ANN", rust=1, leave=[off(0, 4)]), person("BOB", rust=1)]
    tasks = [
        milestone("course"),
        task("dig", {"ANN": "1h"}, skill="rust", backup=["BOB"]),
    ]
    tasks[0] = replace(tasks[0], raises=(("ANN", "rust", 3), ("BOB", "rust", 2)))
    told = tell(scenario(people, tasks, efficiency=RUST, cover=cover(0)))
    # BOB at 0.8 against ANN's 0.5 of the file: min(1, 1.6); against her level of now it would be 0.8
    assert told.task("finish")["dig"] == 60


# Charges, mitigations, cash


def test_charges__once_and_by_time(tell):
    charges = [
        charge("licence", 1_000),
        charge("audit", 2_000, first=1),
        charge("too_late", 4_000, first=3),
        charge("support", rate=60, first=1, last=1),
        charge("lease", rate=60),
        charge("after", rate=60, first=2),
    ]
    told = tell(scenario([ANN], [task("dig", "3d", "ANN")], charges=charges))
    # the project ends after three days, in the first minute of day 3: what is due then is not owed
    assert told.cost == 1_000 + 2_000 + DAY + 3 * DAY + DAY


def test_charges__dated_before_the_status_date_are_paid_and_run_on_from_it(tell):
    charges = [charge("past", 1_000, first=1), charge("lease", rate=60, first=0, last=3)]
    told = tell(scenario([ANN], [task("dig", "4d", "ANN")], charges=charges, status_date=2))
    assert told.cost == 1_000 + 2 * DAY


def test_each_charge_is_rounded_on_its_own(tell):
    # a third of a cent for 50 minutes is 16.67: 17 each
    rate = "20"
    charges = [charge(name, rate=rate) for name in ("a", "b", "c")]
    assert tell(scenario([], [task("dig", duration="50m")], charges=charges)).cost == 3 * 17


def test_mitigation__its_price_is_paid_when_it_is_active(tell):
    prices = [mitigation("on", 700), mitigation("off", 900, active=False)]
    assert tell(scenario([], [task("dig", duration="1h")], mitigations=prices)).cost == 700


def test_cash__by_calendar_months_and_adding_up_to_the_cost(tell):
    # January 2026 has 20 working days from the 5th on, February 20
    people = [person("ANN", rate=60), person("BOB", rate=60, paid="employed")]
    tasks = [task("dig", "30d", "ANN")]
    made = scenario(people, tasks, infrastructure=500, spent=40, charges=[charge("audit", 7, first=25)], horizon="50d")
    told = tell(made)
    cash = told.row.cash[0].tolist()
    # 30 days, at 480 each for both
    assert cash == [540 + 2 * 20 * DAY, 2 * 10 * DAY + 7, 0]
    assert sum(cash) == told.cost


def test_cash__a_month_that_ends_in_the_minute_of_the_finish_has_all_the_work(tell):
    people = [person("ANN", rate=60)]
    made = scenario(people, [task("dig", "20d", "ANN")], risks=[risk("fee", 1.0, "none", cost=9)], horizon="30d")
    told = tell(made)
    # the risk never struck: it is paid at the end of the trial, which is no longer January
    assert told.row.cash[0].tolist() == [20 * DAY, 9]


def test_cash__before_the_status_date_is_what_is_paid_once(tell):
    people = [person("ANN", rate=60)]
    made = scenario(people, [task("dig", "2d", "ANN")], status_date=25, spent=100, horizon="45d")
    assert tell(made).row.cash[0].tolist() == [100, 2 * DAY, 0]


@pytest.mark.parametrize("horizon", ["10d", "19d"])
def test_cash__a_trial_that_is_censored_has_all_its_cost_in_its_months(tell, horizon):
    told = tell(scenario([person("ANN", rate=60)], [task("dig", "100d", "ANN")], horizon=horizon))
    assert (told.outcome, told.row.cash[0].sum()) == ("censored", told.cost)
