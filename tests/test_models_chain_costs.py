"""The driving chain and the costs of one trial. Every figure is worked out by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from build import DAY, Distribution, cover, day, gate, off, person, pert, scenario, sick, sprints, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines.reference import run_trial
from simrisk.models.events import Kind
from simrisk_kernels.layout import CALENDAR, GATE, WORK

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")


def test_chain__work_up_to_the_plan_then_overrun(tell):
    told = tell(scenario([ANN], [task("dig", "2h", "ANN")], common=Distribution("exactly", (1.25,), 1.0)))
    assert told.chain == {"work": 120, "overrun": 30}


def test_chain__a_minute_counts_by_the_state_at_its_beginning(tell):
    # 0.7 a minute: 100 minutes of plan are done within minute 143; 125 of effort take 179 minutes
    told = tell(
        scenario([person("ANN", focus="0.7")], [task("dig", 100, "ANN")], common=Distribution("exactly", (1.25,), 1.0))
    )
    assert told.chain == {"work": 143, "overrun": 36}


def test_chain__the_rest_of_the_last_minute_of_a_handover_is_work(tell):
    # 1 minute of cost and 10 of effort at 0.3 a minute: 4 minutes begin with cost left, 37 in all
    people = [person("ANN", leave=[off(0, 4)]), person("BOB", focus="0.3")]
    told = tell(scenario(people, [task("dig", 10, "ANN", backup=["BOB"])], cover=cover("1d", 1)))
    assert told.chain == {"handover": 4, "work": 33}


def test_chain__of_a_split_task_follows_the_part_done_last(tell):
    people = [ANN, person("BOB", focus="0.5")]
    told = tell(scenario(people, [task("dig", "4h", ["ANN", "BOB"])]))
    assert (told.end, told.chain, told.critical()) == (240, {"work": 240}, {"dig", "BOB"})


def test_chain__of_equal_parts_the_first_in_the_file(tell):
    told = tell(scenario([ANN, BOB], [task("dig", "4h", ["BOB", "ANN"])]))
    assert told.critical() == {"dig", "BOB"}


def test_chain__of_equal_parts_the_one_with_the_later_label(tell):
    # both end at 150; ANN's part ends with half an hour beyond its plan
    long = Distribution("exactly", (150.0,), 120.0)
    told = tell(scenario([ANN, BOB], [task("dig", {"BOB": 150, "ANN": long})]))
    assert (told.chain, told.critical()) == ({"work": 120, "overrun": 30}, {"dig", "ANN"})


def test_chain__gates_win_a_tie_at_the_finish(tell):
    tasks = [task("one", "2h", "ANN"), task("two", "1h", "BOB")]
    told = tell(scenario([ANN, BOB], tasks, [gate("go", requires=["two"], review="1h")]))
    assert (told.chain, told.critical()) == ({"work": 60, "gate": 60}, {"two", "go", "BOB"})


def test_chain__of_equal_predecessors_the_first_in_the_file(tell):
    tasks = [task("two", "1h", "BOB"), task("one", "1h", "ANN"), task("end", "1h", "CYD", after=["one", "two"])]
    assert tell(scenario([ANN, BOB, CYD], tasks)).critical() == {"two", "end", "BOB", "CYD"}


def test_chain__a_predecessor_with_a_later_label_wins(tell):
    late = Distribution("exactly", (60.0,), 30.0)
    tasks = [task("two", "1h", "BOB"), task("one", late, "ANN"), task("end", "1h", "CYD", after=["one", "two"])]
    told = tell(scenario([ANN, BOB, CYD], tasks))
    assert (told.chain, told.critical()) == ({"work": 90, "overrun": 30}, {"one", "end", "ANN", "CYD"})


def test_chain__an_opening_wins_over_a_predecessor(tell):
    tasks = [task("one", "5d", "ANN"), task("two", "1h", "BOB", after="one", sprint=2)]
    told = tell(scenario([ANN, BOB], tasks, sprints=sprints(2, 5)))
    assert (told.chain, told.critical()) == ({"calendar": 5 * DAY, "work": 60}, {"two", "BOB"})


def test_chain__a_gate_wins_over_an_opening(tell):
    # the gate takes the whole of day 4; the sprint opens in the minute in which it passes, its planned start too
    tasks = [task("one", "4d", "ANN", sprint=1), task("two", "1h", "BOB", sprint=2)]
    told = tell(
        scenario([ANN, BOB], tasks, [gate("go", requires=["one"], blocks=[2], review="1d")], sprints=sprints(2, 5))
    )
    assert (told.chain, told.critical()) == ({"work": 4 * DAY + 60, "gate": DAY}, {"one", "two", "go", "ANN", "BOB"})


def test_chain__the_planned_start_wins_over_the_wait_for_the_day(tell):
    tasks = [task("one", 4 * DAY + 60, "ANN", sprint=1), task("two", "1h", "BOB", sprint=2)]
    told = tell(scenario([ANN, BOB], tasks, [gate("go", requires=["one"], blocks=[2])], sprints=sprints(2, 5)))
    assert (told.chain, told.critical()) == ({"calendar": 5 * DAY, "work": 60}, {"two", "BOB"})


def test_chain__leave_wins_over_a_busy_owner(tell):
    # in the first hour ANN is busy and BOB on leave
    people = [ANN, person("BOB", leave=[off(0, 0)])]
    told = tell(scenario(people, [task("hold", "1h", "ANN"), task("talk", "1h", ["ANN", "BOB"], "together")]))
    assert told.chain == {"leave": DAY, "work": 60}


def test_chain__of_a_person_away_and_not_employed(tell):
    people = [person("ANN", start=1, leave=[off(2, 2)]), person("BOB", leave=[off(0, 3)])]
    told = tell(scenario(people, [task("talk", "1h", ["ANN", "BOB"], "together")]))
    # day 0: hiring (later than leave); 1 to 3: leave
    assert told.chain == {"hiring": DAY, "leave": 3 * DAY, "work": 60}


def test_chain__critical_people_of_any_are_those_who_had_it(tell):
    people = [person("ANN", leave=[off(1, 5)]), BOB, CYD]
    told = tell(scenario(people, [task("dig", "2d", ["ANN", "BOB"], "any", backup=["CYD"])], cover=cover("2d", 0)))
    assert (told.end, told.critical()) == (2 * DAY, {"dig", "ANN", "BOB"})


def crowded():
    """A plan in which everything happens."""
    people = [
        person(
            "ANN",
            rust=3,
            absence=[sick(20, pert("1d", "2d", "9d"))],
            pto_days=20,
            start=-3,
            ramp="10d",
            ramp_from="0.4",
        ),
        person("BOB", rust=2, focus="0.8", absence=[sick(20, pert("1d", "2d", "9d"))], rate=100),
        person("CYD", rust=2, start=8, end=60, pto_days=30, rate=90, paid="employed"),
    ]
    spread = pert("2d", "4d", "12d")
    tasks = [
        task("a", spread, "ANN", sprint=1, skill="rust"),
        task("b", spread, ["ANN", "BOB"], sprint=1),
        task("c", spread, ["BOB", "CYD"], "any", sprint=2, after="a", skill="rust"),
        task("d", spread, ["ANN", "BOB"], "together", sprint=2, after=["b", "c"], optional=True),
        task("e", {"ANN": spread, "CYD": spread}, sprint=3, after="c", skill="rust"),
        task("f", spread, "BOB", not_before=17, backup=["ANN"]),
    ]
    gates = [
        gate(
            "one",
            due=1,
            requires=["a", "b"],
            blocks=[2],
            chance=0.5,
            extend="2d",
            rework={"ANN": "1d", "BOB": "1d"},
            rework_skill="rust",
            review="4h",
            max_extensions=2,
            then="descope",
        ),
        gate(
            "two", due=day(30), requires=["c", "e"], chance=0.7, extend="1d", max_extensions=1, then="stop", review="1h"
        ),
    ]
    return scenario(
        people,
        tasks,
        gates,
        sprints=sprints(3, 5, "2h"),
        efficiency={1: "0.5", 2: "0.8", 3: 1},
        cover=cover("2d", "4h"),
        common=Distribution("lognormal", (1.0, 0.3), 1.0),
        horizon="90d",
        max_off=1,
        budget=10_000_000,
    )


@pytest.fixture(scope="module")
def many():
    """Two hundred trials of `crowded`."""
    return engines.run(compile_plan(crowded()), trials=200, seed=2)


def test_chain__adds_up_to_the_finish_in_every_trial(many):
    finished = many.outcome == 0
    assert 0 < finished.sum() < len(finished)
    np.testing.assert_array_equal(many.chain.sum(axis=1)[finished], many.end[finished])
    assert not many.chain[~finished].any()


@pytest.mark.parametrize("trial", range(6))
def test_chain__its_stretches_are_contiguous(trial):
    told = run_trial(compile_plan(crowded()), 2, trial)
    if told.stretches:
        assert told.stretches[0][0] == 0
        assert told.stretches[-1][1] == told.outcome["end"]
        assert all(before[1] == after[0] for before, after in zip(told.stretches, told.stretches[1:], strict=False))


def test_chain__stretches_tell_when(tell):
    tasks = [task("one", "1h", "ANN", sprint=1), task("two", "1h", "ANN", sprint=2)]
    plan = compile_plan(
        scenario([ANN], tasks, [gate("go", due=1, requires=["one"], blocks=[2], review="1h")], sprints=sprints(2, 1))
    )
    assert run_trial(plan, 1, 0).stretches == [
        (0, 480, CALENDAR),
        (480, 540, GATE),
        (540, 960, CALENDAR),
        (960, 1020, WORK),
    ]


def test_events__tell_the_story_in_order():
    told = run_trial(compile_plan(crowded()), 2, 0)
    minutes = [event.minute for event in told.events]
    assert minutes == sorted(minutes)
    assert any(event.kind is Kind.OPENS and event.what == "s1" for event in told.events)


# Costs


def test_cost__worked_is_paid_by_the_minute_of_clock_times_fte(tell):
    # 60 minutes of work at 0.5 * 0.8 take 150 minutes: 150/60 * 0.5 * 10000 cents
    told = tell(scenario([person("ANN", fte="0.5", focus="0.8", rate=10_000)], [task("dig", "1h", "ANN")]))
    assert told.cost == 12_500


def test_cost__worked_counts_rework_but_no_ceremony(tell):
    made = scenario(
        [person("ANN", rate=6_000)],
        [task("one", "1h", "ANN")],
        [gate("go", requires=["one"], chance=[(0.0, 1.0)], rework={"ANN": "2h"})],
        sprints=sprints(1, 5, "1h"),
    )
    told = tell(made)
    assert (told.end, told.cost) == (240, 18_000)


def test_cost__employed_is_paid_till_the_finish_leave_included(tell):
    people = [
        person("ANN", leave=[off(0, 1)]),
        person("BOB", fte="0.5", rate=6_000, paid="employed", leave=[off(0, 9)]),
    ]
    told = tell(scenario(people, [task("dig", "1d", "ANN")]))
    assert told.cost == 3 * DAY * 50  # 3 days at 100 cents a minute, half time


def test_cost__employed_from_the_start_to_the_end_of_employment(tell):
    people = [
        ANN,
        person("BOB", rate=60, paid="employed", start=2, end=3),
        person("CYD", rate=60, paid="employed", start=-9, end=0),
    ]
    told = tell(scenario([*people, person("DAN", rate=60, paid="employed", start=8)], [task("dig", "5d", "ANN")]))
    assert told.cost == 2 * DAY + DAY


def test_cost__each_item_is_rounded_half_up_once(tell):
    # 90 cents for 60 minutes: 61 minutes are 91.5; infrastructure at 1 cent an hour: 1.0166...
    people = [person("ANN", rate=90), person("BOB", rate=90)]
    told = tell(
        scenario(people, [task("dig", {"ANN": 61, "BOB": 61})], infrastructure_rate="1", infrastructure=7, spent=5)
    )
    assert told.cost == 92 + 92 + 1 + 7 + 5


def test_cost__of_a_trial_that_is_not_finished_runs_to_its_end(tell):
    people = [person("ANN", rate=60), person("BOB", rate=60, paid="employed")]
    told = tell(scenario(people, [task("dig", "9d", "ANN")], horizon="2d", infrastructure_rate="60"))
    assert (told.outcome, told.cost) == ("censored", 3 * 2 * DAY)


def test_budget__the_limit_includes_the_contingency():
    plan = compile_plan(scenario([ANN], [task("dig", "1h", "ANN")], budget=1_001, contingency="0.1"))
    assert plan.budget_limit == 1_101  # 1101.1 cents


def test_plan__deadline_is_the_end_of_its_last_working_day():
    plan = compile_plan(scenario([ANN], [task("dig", "1h", "ANN")], deadline=4))
    assert plan.deadline == 5 * DAY
    assert plan.calendar.finish_date(plan.deadline) == date(2026, 1, 9)
