"""Risks: whether they happen, when they strike, and what they do. Every figure is worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from build import DAY, Distribution, exactly, gate, link, milestone, off, person, risk, scenario, task
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan

ANN, BOB = person("ANN"), person("BOB")


def happened(told):
    return told.row.risk_happened[0].tolist()


def test_chance__certain_and_impossible(tell):
    risks = [risk("sure", 1.0, "dig", factor=2.0), risk("never", 0.0, "dig", factor=10.0)]
    told = tell(scenario([ANN], [task("dig", "1h", "ANN")], risks=risks))
    assert (told.end, happened(told)) == (120, [1, 0])


def test_chance__as_often_as_it_says(engine):
    made = scenario([], [task("dig", duration="1h")], risks=[risk("rain", 0.3, "dig", delay="1d")])
    trials = 2_000
    outcomes = engines.run(compile_plan(made), trials=trials, seed=3, engine=engine)
    share = outcomes.risk_happened[:, 0].mean()
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / trials)
    assert (outcomes.end == np.where(outcomes.risk_happened[:, 0] == 1, DAY + 60, 60)).all()


# Factors


def test_factors__multiply_the_efforts_of_all_tasks_they_affect(tell):
    risks = [risk("hard", 1.0, ["dig", "bore"], factor=1.5), risk("wet", 1.0, ["bore", "cure"], factor=3.0)]
    tasks = [
        task("dig", "1h", "ANN"),
        task("bore", "1h", "BOB"),
        task("cure", duration="1h"),
        task("rest", "1h", "ANN"),
    ]
    told = tell(scenario([ANN, BOB], tasks, risks=risks))
    assert told.task("effort") == {"dig": 90, "bore": 270, "cure": 180, "rest": 60}


def test_factor__the_common_one_counts_as_well_but_not_for_durations(tell):
    tasks = [task("dig", "1h", "ANN"), task("cure", duration="1h")]
    made = scenario([ANN], tasks, risks=[risk("hard", 1.0, ["dig", "cure"], factor=1.5)], common=exactly(2))
    assert tell(made).task("effort") == {"dig": 180, "cure": 90}


def test_factor__rounded_once(tell):
    # 1 minute * 1.3 * 1.3 = 1.69: two; rounded after each factor it would be one
    risks = [risk("one", 1.0, "dig", factor=1.3), risk("two", 1.0, "dig", factor=1.3)]
    assert tell(scenario([ANN], [task("dig", 1, "ANN")], risks=risks)).task("effort") == {"dig": 2}


def test_factor__what_it_adds_is_overrun(tell):
    made = scenario([ANN], [task("dig", "1h", "ANN")], risks=[risk("hard", 1.0, "dig", factor=2.5)])
    assert tell(made).chain == {"work": 60, "overrun": 90}


def test_factor__of_nothing_left(tell):
    made = scenario([ANN], [task("dig", "1h", "ANN")], risks=[risk("easy", 1.0, "dig", factor=0.0)])
    assert (tell(made).end, tell(made).task("effort")) == (0, {"dig": 0})


def test_factor__progress_is_taken_off_what_it_makes(tell):
    tasks = [task("dig", "4h", "ANN", done=["1h"])]
    made = scenario([ANN], tasks, risks=[risk("hard", 1.0, "dig", factor=2.0)], status_date=1)
    assert tell(made).task("effort") == {"dig": 8 * 60 - 60}


# Delays


def test_delay__before_the_first_that_is_ready_and_all_that_are_in_the_same_minute(tell):
    tasks = [
        task("first", duration="1h"),
        task("dig", duration="1h", after="first"),
        task("bore", duration="1h", after="first"),
        task("haul", duration="1h", after="dig"),
    ]
    told = tell(scenario([], tasks, risks=[risk("permit", 1.0, ["dig", "bore", "haul"], delay="2h")]))
    # dig and bore are ready at 60 and wait until 180; haul, ready later, does not wait
    assert told.task("start") == {"first": 0, "dig": 180, "bore": 180, "haul": 240}
    assert told.chain == {"work": 180, "risk": 120}


def test_delay__the_minute_counts_in_which_the_conditions_are_satisfied_not_the_one_of_the_start(tell):
    # dig could start at 0 but for ANN's leave; the delay runs meanwhile and costs nothing
    people = [person("ANN", leave=[off(0, 0)])]
    told = tell(scenario(people, [task("dig", "1h", "ANN")], risks=[risk("permit", 1.0, "dig", delay="2h")]))
    assert (told.end, told.chain) == (DAY + 60, {"risk": 120, "leave": DAY - 120, "work": 60})


def test_delays_of_several_risks_add_up(tell):
    risks = [risk("one", 1.0, ["dig", "bore"], delay="1h"), risk("two", 1.0, "bore", delay="30m")]
    tasks = [task("dig", duration="1h"), task("bore", duration="1h")]
    told = tell(scenario([], tasks, risks=risks))
    assert told.task("start") == {"dig": 60, "bore": 90}


def test_delay__of_no_time(tell):
    tasks = [milestone("go"), task("dig", duration="1h", after="go")]
    told = tell(scenario([], tasks, risks=[risk("none", 1.0, ["go", "dig"], delay=0)]))
    assert (told.end, told.chain) == (60, {"work": 60})


def test_delay__a_milestone_waits_too(tell):
    told = tell(scenario([], [milestone("permit")], risks=[risk("late", 1.0, "permit", delay="3d")]))
    assert (told.task("finish"), told.chain) == ({"permit": 3 * DAY}, {"risk": 3 * DAY})


def test_delay__of_a_task_that_is_dropped_meanwhile(tell):
    tasks = [task("dig", duration="1h"), task("bore", duration="1h", after="dig")]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["dig"])]
    told = tell(scenario([], tasks, gates, risks=[risk("late", 1.0, "dig", delay="1d")]))
    assert (told.task("finish"), told.end) == ({"dig": 30, "bore": 90}, 90)


# Striking, and cost


def test_cost__when_it_strikes_or_at_the_end_if_it_has_not(tell):
    # the gate stops the project before `bore` begins: the risk has happened all the same
    tasks = [task("dig", duration="2h"), task("bore", duration="1h", after="dig")]
    gates = [gate("g", review=60, chance=0.0, max_extensions=0, then="stop")]
    told = tell(scenario([], tasks, gates, risks=[risk("fine", 1.0, "bore", cost=700), risk("not", 0.0, cost=9)]))
    assert (told.outcome, told.cost) == ("stopped", 700)


def test_cost__of_one_that_affects_no_task_falls_into_the_first_month(tell):
    tasks = [task("dig", duration="30d")]
    told = tell(scenario([], tasks, risks=[risk("fee", 1.0, cost=700)]))
    assert told.row.cash[0].tolist()[:3] == [700, 0, 0]


def test_cost__falls_into_the_month_in_which_it_strikes(tell):
    # January 2026 has 20 working days from the 5th on; `bore` begins on day 20, the first of February
    tasks = [task("dig", duration="20d"), task("bore", duration="1d", after="dig")]
    told = tell(scenario([], tasks, risks=[risk("one", 1.0, ["bore"], cost=700), risk("two", 1.0, ["dig"], cost=50)]))
    assert told.row.cash[0].tolist()[:3] == [50, 700, 0]


def test_being_dropped_is_no_start(tell):
    # the risk would strike with dig, which is dropped: it never does, so nobody is away
    tasks = [task("first", duration="1h"), task("dig", duration="1h", after="first"), task("rest", "2d", "ANN")]
    gates = [gate("g", review=30, chance=0.0, max_extensions=0, then="descope", descope=["dig"])]
    told = tell(scenario([ANN], tasks, gates, risks=[risk("flu", 1.0, "dig", away={"ANN": "1d"}, cost=70)]))
    assert (told.end, told.person("absence"), told.cost) == (2 * DAY, {"ANN": 0}, 70)


# Away


def test_away__from_the_day_after_it_struck(tell):
    # it strikes at 60, with `start`; ANN is away on day 1 and 2
    tasks = [task("wait", duration="1h"), milestone("start", "wait"), task("dig", "2d", "ANN")]
    told = tell(scenario([ANN], tasks, risks=[risk("flu", 1.0, "start", away={"ANN": "2d"})]))
    assert (told.end, told.person("absence")) == (4 * DAY, {"ANN": 2 * DAY})
    assert told.chain == {"work": 2 * DAY, "risk": 2 * DAY}


def test_away__days_of_leave_do_not_count(tell):
    people = [person("ANN", leave=[off(1, 1)])]
    tasks = [milestone("start"), task("dig", "2d", "ANN")]
    told = tell(scenario(people, tasks, risks=[risk("flu", 1.0, "start", away={"ANN": "1d"})]))
    # day 0 work, day 1 leave, day 2 taken, day 3 work
    assert (told.end, told.person("leave"), told.person("absence")) == (4 * DAY, {"ANN": DAY}, {"ANN": DAY})


def test_away__at_least_a_day_and_in_whole_days(tell):
    tasks = [milestone("start"), task("dig", "3d", "ANN")]
    for length, days in (("1m", 1), ("11h", 1), ("12h", 2)):
        told = tell(scenario([ANN], tasks, risks=[risk("flu", 1.0, "start", away={"ANN": length})]))
        assert told.person("absence") == {"ANN": days * DAY}


def test_away__two_risks_take_different_days(tell):
    tasks = [milestone("start"), task("dig", "2d", "ANN")]
    risks = [risk("flu", 1.0, "start", away={"ANN": "2d"}), risk("jury", 1.0, "start", away={"ANN": "1d"})]
    assert tell(scenario([ANN], tasks, risks=risks)).end == 5 * DAY


def test_away__once_even_if_it_affects_several_tasks(tell):
    tasks = [task("dig", "1d", "ANN"), task("bore", "1d", "BOB", after="dig")]
    told = tell(scenario([ANN, BOB], tasks, risks=[risk("flu", 1.0, ["dig", "bore"], away={"BOB": "1d"})]))
    # it strikes on day 0: BOB is away on day 1, and not again after he began on day 2
    assert (told.end, told.chain) == (3 * DAY, {"work": 2 * DAY, "risk": DAY})


# With links, progress and the baseline


def test_strikes_with_a_start_that_satisfies_a_link(tell):
    tasks = [
        task("dig", "1h", "ANN"),
        milestone("going", link("dig", "SS")),
        task("bore", "1d", "BOB", after="going"),
    ]
    told = tell(scenario([ANN, BOB], tasks, risks=[risk("flu", 1.0, "going", away={"BOB": "1d"}, cost=5)]))
    assert (told.end, told.cost) == (DAY, 5)


def test_a_risk_whose_tasks_are_all_finished_does_not_happen(tell):
    tasks = [task("dig", "1d", "ANN", finished=0), task("bore", "1d", "ANN")]
    risks = [risk("past", 1.0, "dig", cost=7, factor=2.0), risk("open", 1.0, ["dig", "bore"], cost=5)]
    told = tell(scenario([ANN], tasks, risks=risks, status_date=1))
    assert (happened(told), told.cost) == ([0, 1], 5)


def test_baseline__no_risk_happens(engine):
    risks = [risk("hard", 1.0, "dig", factor=2.0, delay="1d", cost=7, away={"ANN": "5d"})]
    plan = baseline_plan(compile_plan(scenario([ANN], [task("dig", "1h", "ANN")], risks=risks)))
    outcomes = engines.run(plan, trials=1, seed=1, engine=engine)
    assert (outcomes.end[0], outcomes.cost[0], outcomes.risk_happened.tolist()) == (60, 0, [[0]])


def test_draws__a_risks_own(engine):
    # another risk in the file changes nothing for the first one
    tasks = [task("dig", Distribution("uniform", (60.0, 600.0), 330.0), "ANN")]
    one = risk("hard", 0.5, "dig", factor=Distribution("uniform", (1.0, 3.0), 2.0))
    other = risk("fee", 0.5, cost=7)
    few = engines.run(compile_plan(scenario([ANN], tasks, risks=[one])), trials=50, seed=5, engine=engine)
    many = engines.run(compile_plan(scenario([ANN], tasks, risks=[other, one])), trials=50, seed=5, engine=engine)
    assert (few.end == many.end).all()
    assert (few.risk_happened[:, 0] == many.risk_happened[:, 1]).all()


@pytest.mark.parametrize(("probability", "share"), [(0.25, 0.25), (0.75, 0.75)])
def test_expected_delay__is_the_chance_times_the_delay(engine, probability, share):
    made = scenario([], [task("dig", duration="1d")], risks=[risk("rain", probability, "dig", delay="4d")])
    trials = 2_000
    ends = engines.run(compile_plan(made), trials=trials, seed=11, engine=engine).end / DAY
    assert abs(ends.mean() - (1 + 4 * share)) < 4 * 4 * np.sqrt(share * (1 - share) / trials)
