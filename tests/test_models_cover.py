"""Cover: whose work is handed over, when, to whom, at what cost, and how it goes on from there."""

from __future__ import annotations

import pytest

from build import DAY, cover, gate, off, person, scenario, sick, sprints, task

BOB, CYD = person("BOB"), person("CYD")
TWO_DAYS = cover("2d", "1h")


def absent(name: str, duration: str, **facts):
    """Present on one day, absent for `duration`, present on one day, ..."""
    return person(name, absence=[sick(1e9, duration)], **facts)


def test_absence__is_handed_over_when_the_threshold_passes(tell):
    # ANN does 1 of 3 days and is absent from day 1; after 2 days BOB takes over: 2 days and an hour of cost are left
    told = tell(scenario([absent("ANN", "9d"), BOB], [task("dig", "3d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert told.end == 5 * DAY + 60
    assert (told.task("handovers"), told.person("worked")) == ({"dig": 1}, {"ANN": DAY, "BOB": 2 * DAY + 60})
    assert told.chain == {"work": 3 * DAY, "absence": 2 * DAY, "handover": 60}
    assert told.critical() == {"dig", "ANN", "BOB"}


def test_absence__a_return_in_the_minute_of_the_threshold_wins(tell):
    told = tell(scenario([absent("ANN", "2d"), BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (4 * DAY, {"dig": 0})


def test_absence__nobody_knows_how_long_it_will_be(tell):
    longer = cover("2d", 0)
    told = tell(scenario([absent("ANN", "3d"), BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=longer))
    assert (told.end, told.task("handovers")) == (4 * DAY, {"dig": 1})  # waits on days 1 and 2, BOB works on 3


@pytest.mark.parametrize(("days", "end", "handovers"), [(1, 3 * DAY, 0), (2, 2 * DAY + 60, 1), (9, 2 * DAY + 60, 1)])
def test_leave__that_is_long_enough_hands_over_at_once(tell, days, end, handovers):
    people = [person("ANN", leave=[off(1, days)]), BOB]
    told = tell(scenario(people, [task("dig", "2d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (end, {"dig": handovers})


def test_leave__that_has_begun_before_the_project_counts_from_its_beginning(tell):
    # days -1 to 0: two days, though only one of them is in the project
    people = [person("ANN", leave=[off(-1, 0)]), BOB]
    told = tell(scenario(people, [task("dig", "1d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (DAY + 60, {"dig": 1})


def test_leave__after_absence_counts_as_one_time_away(tell):
    # absent on day 1, on leave on day 2: 2 days are known when the leave begins
    told = tell(
        scenario(
            [absent("ANN", "1d", leave=[off(2, 2)]), BOB], [task("dig", "3d", "ANN", backup=["BOB"])], cover=TWO_DAYS
        )
    )
    assert (told.end, told.task("handovers")) == (4 * DAY + 60, {"dig": 1})
    assert told.chain == {"work": 3 * DAY, "absence": DAY, "handover": 60}


def test_employment__that_is_over_hands_over_at_once(tell):
    told = tell(scenario([person("ANN", end=0), BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (2 * DAY + 60, {"dig": 1})


def test_employment__before_it_begins_nobody_is_away(tell):
    told = tell(scenario([person("ANN", start=5), BOB], [task("dig", "1d", "ANN", backup=["BOB"])], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (6 * DAY, {"dig": 0})


@pytest.mark.parametrize("policy", [None, cover(None, "1h")])
def test_without_a_threshold_the_work_waits(tell, policy):
    people = [person("ANN", leave=[off(1, 6)]), BOB]
    told = tell(scenario(people, [task("dig", "2d", "ANN", backup=["BOB"])], cover=policy))
    assert (told.end, told.person("worked")) == (8 * DAY, {"ANN": 2 * DAY, "BOB": 0})


@pytest.mark.parametrize(("policy", "cost"), [(None, 0), (cover(None, "1h"), 60)])
def test_without_a_threshold_the_work_of_who_is_gone_for_good_is_offered(tell, policy, cost):
    told = tell(scenario([person("ANN", end=0), BOB], [task("dig", "2d", "ANN", backup=["BOB"])], cover=policy))
    assert (told.end, told.person("worked")) == (2 * DAY + cost, {"ANN": DAY, "BOB": DAY + cost})


def test_policy__of_the_task_before_the_persons_before_the_defaults(tell):
    ann = person("ANN", leave=[off(0, 2)], cover=cover("3d", "2h"))
    tasks = [
        task("own", "1h", "ANN", backup=["BOB"], cover=cover("1d", "4h")),
        task("hers", "1h", "ANN", backup=["CYD"]),
        task("his", "1h", "DAN", backup=["EVE"]),
    ]
    people = [ann, BOB, CYD, person("DAN", leave=[off(0, 2)]), person("EVE")]
    told = tell(scenario(people, tasks, cover=cover("2d", "3h")))
    assert told.task("finish") == {"own": 300, "hers": 180, "his": 240}


def test_backups__are_asked_in_order_and_the_first_free_takes_it(tell):
    tasks = [task("hold", "1d", "BOB"), task("dig", "1h", "ANN", backup=["BOB", "CYD"])]
    told = tell(scenario([person("ANN", leave=[off(0, 4)]), BOB, CYD], tasks, cover=TWO_DAYS))
    assert told.person("worked") == {"ANN": 0, "BOB": DAY, "CYD": 120}


def test_backups__without_a_list_whoever_has_the_level_in_all_skills(tell):
    people = [
        person("ANN", rust=3, go=3, leave=[off(0, 4)]),
        person("BOB", rust=3, go=1),
        person("CYD", rust=2, go=3),
        person("DAN", rust=3, go=3),
    ]
    told = tell(
        scenario(
            people,
            [task("dig", "1h", "ANN", skill=["rust", "go"])],
            cover=TWO_DAYS,
            efficiency={1: "0.5", 2: "0.8", 3: 1},
        )
    )
    assert told.person("worked") == {"ANN": 0, "BOB": 0, "CYD": 150, "DAN": 0}  # 120 minutes at 0.8


def test_backups__a_task_without_list_and_skill_has_none(tell):
    told = tell(scenario([person("ANN", leave=[off(0, 4)]), BOB], [task("dig", "1h", "ANN")], cover=TWO_DAYS))
    assert (told.end, told.task("handovers")) == (5 * DAY + 60, {"dig": 0})


def test_backups__one_who_cannot_do_it_is_not_asked(tell):
    people = [person("ANN", rust=3, leave=[off(0, 4)]), person("BOB", rust=1), person("CYD", rust=2)]
    told = tell(
        scenario(
            people,
            [task("dig", "1h", "ANN", skill="rust", backup=["BOB", "CYD"])],
            cover=TWO_DAYS,
            efficiency={2: "0.8", 3: 1},
        )
    )
    assert told.person("worked") == {"ANN": 0, "BOB": 0, "CYD": 150}


def test_work__a_stand_in_does_own_hours_at_most_as_fast(tell):
    # ANN's own hours at level 2 (0.8): BOB at level 1 does them at 0.5 / 0.8 = 0.625, CYD at level 3 no faster
    def end(backup: str) -> int:
        people = [person("ANN", rust=2, leave=[off(0, 4)]), person("BOB", rust=1), person("CYD", rust=3)]
        made = scenario(
            people,
            [task("dig", {"ANN": "5h"}, skill="rust", backup=[backup])],
            cover=cover(0, 0),
            efficiency={1: "0.5", 2: "0.8", 3: 1},
        )
        return tell(made).end

    assert (end("BOB"), end("CYD")) == (480, 300)


def test_handover__cost_is_done_at_the_takers_rate_and_efficiency(tell):
    # 60 of effort and 60 of cost at 0.5 * 0.8
    people = [person("ANN", rust=3, leave=[off(0, 4)]), person("BOB", focus="0.5", rust=2)]
    told = tell(
        scenario(
            people,
            [task("dig", "1h", "ANN", skill="rust", backup=["BOB"])],
            cover=TWO_DAYS,
            efficiency={2: "0.8", 3: 1},
        )
    )
    assert (told.end, told.chain) == (300, {"handover": 150, "work": 150})


def test_handover__who_takes_it_keeps_it(tell):
    # ANN is back on day 2, BOB goes on leave for a day then; it is not long enough to hand it back
    people = [person("ANN", leave=[off(0, 1)]), person("BOB", leave=[off(2, 2)])]
    told = tell(scenario(people, [task("dig", "3d", "ANN", backup=["BOB"])], cover=cover("2d", 0)))
    assert (told.end, told.person("worked")) == (4 * DAY, {"ANN": 0, "BOB": 3 * DAY})


def test_handover__the_backup_away_too__first_back_to_the_person_planned(tell):
    # BOB takes over on day 0 and goes on leave on day 2, when ANN is back: she is asked before CYD
    people = [person("ANN", leave=[off(0, 1)]), person("BOB", leave=[off(2, 9)]), CYD]
    told = tell(scenario(people, [task("dig", "3d", "ANN", backup=["BOB", "CYD"])], cover=cover("2d", "1h")))
    assert told.task("handovers") == {"dig": 2}
    assert told.person("worked") == {"ANN": DAY + 120, "BOB": 2 * DAY, "CYD": 0}
    assert told.end == 3 * DAY + 120
    assert told.chain == {"handover": 120, "work": 3 * DAY}


def test_handover__the_backup_away_too__then_to_the_next(tell):
    people = [person("ANN", leave=[off(0, 4)]), person("BOB", leave=[off(2, 9)]), CYD]
    told = tell(scenario(people, [task("dig", "3d", "ANN", backup=["BOB", "CYD"])], cover=cover("2d", 0)))
    assert told.person("worked") == {"ANN": 0, "BOB": 2 * DAY, "CYD": DAY}


def test_handover__nobody_free_then_the_first_who_is(tell):
    tasks = [task("hold", "3h", "BOB"), task("dig", "1h", "ANN", backup=["BOB"])]
    told = tell(scenario([person("ANN", leave=[off(0, 4)]), BOB], tasks, cover=cover("2d", 0)))
    assert (told.task("start")["dig"], told.chain) == (180, {"leave": 180, "work": 60})


def test_handover__all_work_that_becomes_ready_meanwhile(tell):
    tasks = [
        task("first", "1d", "CYD"),
        task("dig", "1h", "ANN", after="first", backup=["BOB"]),
        task("fill", "1h", "ANN", backup=["BOB"]),
    ]
    told = tell(scenario([person("ANN", leave=[off(0, 4)]), BOB, CYD], tasks, cover=cover("2d", 0)))
    assert told.task("start") == {"first": 0, "dig": DAY, "fill": 0}


def test_any__not_begun__goes_to_backups_when_all_of_its_people_are_overdue(tell):
    people = [person("ANN", leave=[off(0, 4)]), person("BOB", leave=[off(0, 0)]), CYD]
    told = tell(scenario(people, [task("dig", "1h", ["ANN", "BOB"], "any", backup=["CYD"])], cover=cover("2d", 0)))
    assert (told.task("start")["dig"], told.person("worked")["BOB"]) == (DAY, 60)  # BOB's day is too short
    people[1] = person("BOB", leave=[off(0, 1)])
    told = tell(scenario(people, [task("dig", "1h", ["ANN", "BOB"], "any", backup=["CYD"])], cover=cover("2d", 0)))
    assert (told.task("start")["dig"], told.task("handovers"), told.person("worked")["CYD"]) == (0, {"dig": 1}, 60)


def test_any__who_cannot_do_it_does_not_count(tell):
    people = [person("ANN", rust=2, leave=[off(0, 4)]), person("BOB"), person("CYD", rust=2)]
    told = tell(scenario(people, [task("dig", "1h", ["ANN", "BOB"], "any", skill="rust")], cover=cover("2d", 0)))
    assert told.person("worked") == {"ANN": 0, "BOB": 0, "CYD": 60}


def test_together__a_slot_is_handed_over_on_its_own(tell):
    # both work on day 0; ANN is away from day 1: CYD takes her slot, the hour of cost is done together
    people = [person("ANN", leave=[off(1, 9)]), BOB, CYD]
    told = tell(
        scenario(people, [task("talk", "2d", ["ANN", "BOB"], "together", backup=["BOB", "CYD"])], cover=TWO_DAYS)
    )
    assert told.end == 2 * DAY + 60
    assert told.person("worked") == {"ANN": DAY, "BOB": 2 * DAY + 60, "CYD": DAY + 60}


def test_together__begins_with_a_stand_in_for_who_is_overdue(tell):
    people = [person("ANN", leave=[off(0, 9)]), BOB, CYD]
    told = tell(
        scenario(people, [task("talk", "1h", ["ANN", "BOB"], "together", backup=["BOB", "CYD"])], cover=TWO_DAYS)
    )
    assert (told.end, told.task("handovers")) == (120, {"talk": 1})
    assert told.person("worked") == {"ANN": 0, "BOB": 120, "CYD": 120}


def test_together__nobody_fills_two_slots(tell):
    people = [person("ANN", leave=[off(0, 2)]), BOB]
    told = tell(
        scenario(people, [task("talk", "1h", ["ANN", "BOB"], "together", backup=["BOB"])], cover=cover("1d", 0))
    )
    assert (told.task("start"), told.task("handovers")) == ({"talk": 3 * DAY}, {"talk": 0})


def test_rework__is_handed_over_when_the_gate_names_backups(tell):
    people = [person("ANN", leave=[off(0, 4)]), BOB, CYD]

    def made(**facts):
        go = gate("go", requires=["one"], chance=[(0.0, 1.0)], rework={"ANN": "1h"}, **facts)
        return scenario(people, [task("one", "1h", "BOB")], [go], cover=cover("2d", "30m"))

    assert tell(made(rework_backup=["CYD"])).gate("finish") == {"go": 60 + 90}
    assert tell(made()).gate("finish") == {"go": 5 * DAY + 60}


def test_rework__of_the_next_review_is_the_planned_persons_again(tell):
    # away on days 0 and 1 only: the first rework goes to BOB, the second, from day 2 on, is ANN's
    people = [person("ANN", leave=[off(0, 1)]), BOB]
    go = gate(
        "go", requires=["one"], chance=0.0, rework={"ANN": "1h"}, rework_backup=["BOB"], extend="2d", max_extensions=2
    )
    told = tell(scenario(people, [task("one", "1h", "BOB")], [go], cover=cover("2d", 0)))
    assert told.person("worked") == {"ANN": 60, "BOB": 120}


def test_ceremony__holds_who_has_taken_over(tell):
    people = [person("ANN", leave=[off(0, 9)]), BOB]
    told = tell(
        scenario(people, [task("dig", "2d", "ANN", backup=["BOB"])], sprints=sprints(2, 1, "1h"), cover=cover("2d", 0))
    )
    # nobody named is there when sprint 1 opens; BOB owns it when sprint 2 opens
    assert (told.person("ceremony"), told.end) == ({"ANN": 0, "BOB": 60}, 2 * DAY + 60)
