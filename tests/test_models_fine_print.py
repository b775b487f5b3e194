"""The fine print of the model, a test for each line that this version supports; the numbers are those of the list.

Lines 5 (pools), 6 (delays), 7 (durations) and 12 (other links) belong to what is refused, 19 to the loader.
"""

from __future__ import annotations

from build import DAY, Distribution, cover, day, gate, off, person, scenario, sick, sprints, task
from simrisk.compile import compile_plan

ANN, BOB, CYD = person("ANN"), person("BOB"), person("CYD")


def test_fine_print_01_ranges_include_both_ends(tell):
    people = [person("ANN", leave=[off(1, 2)], start=0, end=4)]
    told = tell(scenario(people, [task("dig", "3d", "ANN")]))
    assert told.end == 5 * DAY  # days 0, 3 and 4
    blackout = scenario(
        [person("ANN", pto_days=1, pto_by=2)], [task("dig", "3d", "ANN")], blackout=[off(0, 1)], block=1
    )
    assert compile_plan(blackout).arrays.blackout[:4].tolist() == [1, 1, 0, 0]
    assert tell(blackout).end == 4 * DAY  # day 2, the last of the period, is left


def test_fine_print_02_ramp_days_run_whether_or_not_the_person_is_there(tell):
    # from 0 over 4 days, on leave on days 0 to 2: on day 3 the ramp stands at 3/4
    people = [person("ANN", start=0, ramp="4d", ramp_from=0, leave=[off(0, 2)])]
    assert tell(scenario(people, [task("dig", "3h", "ANN")])).end == 3 * DAY + 240


def test_fine_print_02_ramp_days_are_rounded_up(tell):
    # a ramp of 1.5 days is one of 2: 0, then half
    people = [person("ANN", start=0, ramp=720, ramp_from=0)]
    assert tell(scenario(people, [task("dig", "3h", "ANN")])).end == DAY + 360


def test_fine_print_03_a_task_without_a_sprint_comes_last(tell):
    tasks = [task("none", "1h", "ANN", priority=1), task("last", "1h", "ANN", sprint=1, priority=999)]
    assert tell(scenario([ANN], tasks, sprints=sprints(1, 5))).task("start") == {"none": 60, "last": 0}


def test_fine_print_04_ceremonies_hold_who_is_named_in_an_unfinished_task(tell):
    # BOB's task comes much later, CYD is in none; ANN's work is interrupted and goes on
    tasks = [task("one", 600, "ANN"), task("two", "1h", "BOB", not_before=5)]
    told = tell(scenario([ANN, BOB, CYD], tasks, sprints=sprints(2, 1, "1h")))
    assert told.person("ceremony") == {"ANN": 120, "BOB": 120, "CYD": 0}
    assert told.task("finish")["one"] == 720


def test_fine_print_08_together_waits_once_begun(tell):
    people = [ANN, person("BOB", leave=[off(1, 1)])]
    told = tell(scenario(people, [task("talk", "2d", ["ANN", "BOB"], "together"), task("dig", "1h", "ANN")]))
    assert told.task("start") == {"talk": 0, "dig": 3 * DAY}


def test_fine_print_08_any_goes_to_the_first_in_who(tell):
    told = tell(scenario([ANN, BOB], [task("dig", "1h", ["BOB", "ANN"], "any")]))
    assert told.person("worked") == {"ANN": 0, "BOB": 60}


def test_fine_print_08_split_gives_the_first_the_odd_millionth(tell):
    people = [person(name, focus="0.111111") for name in ("ANN", "BOB", "CYD")]
    told = tell(scenario(people, [task("dig", 1, ["CYD", "ANN", "BOB"])]))
    assert told.person("worked") == {"ANN": 3, "BOB": 3, "CYD": 4}


def test_fine_print_09_all_work_is_offered_in_task_order(tell):
    # ANN is away from day 1 on; BOB goes on with what she has begun, then with what has become ready since, by priority
    people = [person("ANN", leave=[off(1, 9)]), BOB]
    tasks = [
        task("begun", "3d", "ANN", priority=1, backup=["BOB"]),
        task("last", "1d", "ANN", backup=["BOB"], not_before=2),
        task("next", "1d", "ANN", priority=10, backup=["BOB"], not_before=2),
    ]
    told = tell(scenario(people, tasks, cover=cover("2d", "1h")))
    assert told.task("finish") == {"begun": 3 * DAY + 60, "next": 4 * DAY + 120, "last": 5 * DAY + 180}
    assert told.task("handovers") == {"begun": 1, "next": 1, "last": 1}


def test_fine_print_09_the_cost_is_added_every_time(tell):
    people = [person("ANN", leave=[off(0, 9)]), person("BOB", leave=[off(1, 9)]), CYD]
    told = tell(scenario(people, [task("dig", "2d", "ANN", backup=["BOB", "CYD"])], cover=cover("2d", "1h")))
    assert (told.end, told.task("handovers")) == (2 * DAY + 120, {"dig": 2})


def test_fine_print_09_a_return_in_the_minute_of_the_threshold_wins(tell):
    ann = person("ANN", absence=[sick(1e9, "1d")])
    told = tell(scenario([ann, BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=cover("1d", 0)))
    assert told.task("handovers") == {"dig": 0}


def test_fine_print_09_who_is_not_there_yet_is_not_away_and_who_has_left_is(tell):
    def handovers(ann) -> int:
        return tell(scenario([ann, BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=cover("1d", 0))).task(
            "handovers"
        )["dig"]

    assert (handovers(person("ANN", start=5)), handovers(person("ANN", end=0))) == (0, 1)


def test_fine_print_10_leave_splits_a_spell(tell):
    # fires on day 0, would be day 1 and 2; leave on day 2: days 1 and 3
    ann = person("ANN", absence=[sick(1e9, "2d")], leave=[off(2, 2)])
    told = tell(scenario([ann], [task("dig", 481, "ANN")]))
    assert (told.end, told.person("absence"), told.person("leave")) == (4 * DAY + 1, {"ANN": 2 * DAY}, {"ANN": DAY})


def test_fine_print_11_nothing_is_reserved_for_what_waits(tell):
    # `talk` comes first but waits for BOB; ANN begins `dig` and is not there for it an hour later
    tasks = [
        task("hold", "1h", "BOB", priority=1),
        task("talk", "1h", ["ANN", "BOB"], "together"),
        task("dig", "4h", "ANN"),
    ]
    assert tell(scenario([ANN, BOB], tasks)).task("start") == {"hold": 0, "talk": 240, "dig": 0}


def test_fine_print_13_without_no_go_a_failed_gate_is_waived(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [gate("go", requires=["one"], chance=0.0, no_go=False)]))
    assert (told.passed, told.end) == ({"go": "waived"}, 60)


def test_fine_print_13_extend_runs_from_the_decision(tell):
    go = gate("go", requires=["one"], chance=[(0.0, 1.0)], review="2h", extend="1d")
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [go]))
    assert told.end == 60 + 120 + DAY + 120


def test_fine_print_13_a_date_is_due_at_its_first_minute(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [gate("go", due=day(3))]))
    assert told.gate("first") == {"go": 3 * DAY}


def test_fine_print_13_without_due_when_the_tasks_are_done(tell):
    told = tell(scenario([ANN], [task("one", "1h", "ANN")], [gate("go", requires=["one"])]))
    assert told.gate("first") == {"go": 60}


def test_fine_print_14_a_dropped_task_counts_as_started_and_finished(tell):
    tasks = [task("one", "1h", "ANN"), task("begun", "9h", "BOB"), task("open", "9h", "BOB")]
    go = gate("go", requires=["one"], chance=0.0, max_extensions=0, then="descope", descope=["begun", "open"])
    told = tell(scenario([ANN, BOB], tasks, [go]))
    assert told.task("start") == {"one": 0, "begun": 0, "open": 60}
    assert told.task("finish") == {"one": 60, "begun": 60, "open": 60}


def test_fine_print_15_the_product_of_a_rate_is_exact(tell):
    # 0.35 * 0.8 * 0.8333335 is 0.23333338 exactly: 233333 millionths, so 70 minutes take 301 minutes
    people = [person("ANN", fte="0.35", focus="0.8", rust=2)]
    told = tell(scenario(people, [task("dig", 70, "ANN", skill="rust")], efficiency={2: "0.8333335"}))
    assert compile_plan(told.plan.scenario).arrays.rates[0, 0].tolist() == [233_333]
    assert told.end == 301


def test_fine_print_15_efficiency_is_not_rounded_before(tell):
    # a stand-in's 0.5 / 0.7 is 0.714285714..., times 0.7 is 0.5 exactly
    people = [person("ANN", rust=2, leave=[off(0, 9)]), person("BOB", focus="0.7", rust=1)]
    told = tell(
        scenario(
            people,
            [task("dig", {"ANN": "1h"}, skill="rust", backup=["BOB"])],
            efficiency={1: "0.5", 2: "0.7"},
            cover=cover(0, 0),
        )
    )
    assert told.end == 120


def test_fine_print_16_employed_pay_counts_from_the_project_on_leave_included(tell):
    people = [ANN, person("BOB", rate=60, paid="employed", start=-5, leave=[off(0, 1)])]
    assert tell(scenario(people, [task("dig", "3d", "ANN")])).cost == 3 * DAY


def test_fine_print_17_each_entry_of_work_has_its_own_draw():
    spread = Distribution("uniform", (0.0, 1000.0), 500.0)
    arrays = compile_plan(scenario([ANN, BOB], [task("dig", {"ANN": spread, "BOB": spread})])).arrays
    assert len(set(arrays.parts.draw.tolist())) == 2
    assert len(set(arrays.draws.hash.tolist())) == 2


def test_fine_print_17_exactly_has_the_common_factor(tell):
    told = tell(scenario([ANN], [task("dig", "1h", "ANN")], common=Distribution("exactly", (2.0,), 1.0)))
    assert told.task("effort") == {"dig": 120}


def test_fine_print_18_what_finishes_in_the_horizons_minute_counts(tell):
    assert tell(scenario([ANN], [task("dig", "1h", "ANN")], horizon=60)).outcome == "finished"
    assert tell(scenario([ANN], [task("dig", 61, "ANN")], horizon=60)).outcome == "censored"


def test_fine_print_18_a_review_that_ends_in_the_horizons_minute_counts(tell):
    made = scenario([ANN], [task("dig", "1h", "ANN")], [gate("go", requires=["dig"], review="1h")], horizon=120)
    assert tell(made).passed == {"go": "go"}
