"""Plan health: load, cover, leave, gates and figures, each against figures worked out by hand."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest

import build as b
from simrisk.errors import Issue
from simrisk.scenario.checks import check
from simrisk.scenario.health.cover import cover_of, single_points
from simrisk.scenario.health.figures import planned_pay, planned_rest, team_totals
from simrisk.scenario.health.gates import chance_to_pass
from simrisk.scenario.health.view import View
from simrisk.scenario.load import loads
from simrisk.scenario.model import Scenario

PLAN = """
[project]
start = 2026-01-05
deadline = 2026-03-27
budget = 200_000

[defaults]
focus = 0.8
backup_level = 2
rate = "50/h"
unavailable = { handover_after = "3d" }

[people.ANNA]
skills = { rust = 3, go = 2 }
[people.BORIS]
skills = { rust = 2, go = 3 }
pto = [{ from = 2026-02-09, to = 2026-02-13 }]

[pools.testers]
headcount = { 2026-01-05 = 1, 2026-02-02 = 2 }
rate = "40/h"

[equipment.rig]
cost = "10/h"

[pto]
max_off = 1

[tasks.design]
effort = "60h"
who = "ANNA"
skill = "rust"
[tasks.build]
work = { ANNA = "80h", BORIS = "80h" }
skill = "go"
after = ["design"]
[tasks.try-out]
duration = "5d"
after = [{ task = "build", link = "SS", lag = "2d" }]
uses = { rig = 1 }
who = "BORIS"
[tasks.test]
effort = "3w"
pool = "testers"
after = ["build", "try-out"]
[tasks.release]
milestone = true
after = ["test"]

[gates.ready]
requires = ["test"]
blocks = ["release"]
criteria = { tests = 0.9, docs = 0.95 }
no_go = { rework = { ANNA = "8h" }, then = "stop", max_extensions = 3 }
"""


def found(scenario: Scenario, slug: str) -> list[Issue]:
    return [issue for issue in check(scenario) if issue.slug == slug]


def texts(scenario: Scenario, slug: str) -> list[str]:
    return [issue.found for issue in found(scenario, slug)]


def test_a_sound_plan_with_everything_gives_nothing() -> None:
    assert check(loads(PLAN)) == ()


# Load


def test_a_pool_by_sprint() -> None:
    """Half a head from day 5 on besides one: 40 h and 60 h in two weeks of five days, at a focus of 0.5 half of it."""
    pool = b.pool("crew", {0: 1, 5: "1.5"}, focus="0.5")
    tasks = [b.task("a", "20h", "crew", sprint=1), b.task("b", "31h", "crew", sprint=2)]
    plan = b.scenario(tasks=tasks, pools=[pool], sprints=b.sprints(2))
    (issue,) = found(plan, "over-allocated")
    assert (issue.where, issue.found) == ("pools.crew", "31h of work is planned for sprint 2, where crew has 30h.")


def test_equipment_by_sprint() -> None:
    """Two rigs have 80 hours in a week; one task holds both for 24 h, another one of them for 40 h."""
    tasks = [
        b.task("a", duration="24h", uses={"rig": 2}, sprint=1),
        b.task("b", duration="40h", uses={"rig": 1}, sprint=1),
    ]
    plan = b.scenario(tasks=tasks, equipment=[b.equipment("rig", 2)], sprints=b.sprints(1))
    assert texts(plan, "over-allocated") == ["88h of use is planned for sprint 1, where rig has 80h."]


def by_logic(deadline: int) -> Scenario:
    """A week of waiting, then 160 hours of a pool of one head, then a week of waiting."""
    tasks = [
        b.task("before", duration="40h"),
        b.task("a", "80h", "crew", after="before"),
        b.task("b", "80h", "crew", after="before"),
        b.task("after", duration="40h", after=["a", "b"]),
    ]
    return b.scenario(tasks=tasks, pools=[b.pool("crew")], deadline=deadline)


def test_more_than_fits_between_what_the_links_and_the_deadline_leave() -> None:
    """Of 30 days ten are waiting: 20 days of eight hours are just enough, 19 are not. Day 5 is 12 January."""
    assert found(by_logic(29), "over-allocated") == []
    (text,) = texts(by_logic(28), "over-allocated")
    assert text == "160h of work has to be done from 2026-01-12 to 2026-02-05, where crew has 152h."
    assert texts(by_logic(28), "over-capacity") == []  # 29 days in all are enough for 160 hours
    assert texts(by_logic(28), "late-by-plan") == []  # and so is the logic alone


def test_a_pool_that_grows_too_late() -> None:
    """Working day 20 is Monday, 2 February: 20 days of one head lie before it, 168 hours do not fit."""
    tasks = [b.task("a", "168h", "crew"), b.task("last", duration="80h", after="a")]
    plan = b.scenario(tasks=tasks, pools=[b.pool("crew", {0: 1, 20: 3})], deadline=29)
    # three heads, of whom there are some later, would need 56 h; what `last` needs leaves until 30 January
    (text,) = texts(plan, "over-allocated")
    assert text == "168h of work has to be done from 2026-01-05 to 2026-01-30, where crew has 160h."
    assert not found(b.scenario(tasks=tasks, pools=[b.pool("crew", {0: 1, 20: 3})], deadline=30), "over-allocated")


def test_what_is_done_is_not_asked_for_again() -> None:
    task = b.task("a", {"ANNA": "60h"}, sprint=1, done=["25h"])
    plan = b.scenario([b.person("ANNA")], [task], sprints=b.sprints(1))
    assert found(plan, "over-allocated") == []
    over = b.scenario([b.person("ANNA")], [b.task("a", {"ANNA": "60h"}, sprint=1, done=["15h"])], sprints=b.sprints(1))
    assert texts(over, "over-allocated") == ["45h of work is planned for sprint 1, where ANNA has 40h."]
    finished = b.task("a", {"ANNA": "60h"}, sprint=1, finished=3)
    assert (
        found(b.scenario([b.person("ANNA")], [finished], sprints=b.sprints(1), status_date=4), "over-allocated") == []
    )


def test_after_the_status_date_only_the_rest_of_a_sprint_counts() -> None:
    task = b.task("a", {"ANNA": "60h"}, sprint=1, done=["40h"])
    plan = b.scenario([b.person("ANNA")], [task], sprints=b.sprints(1), status_date=3)
    assert texts(plan, "over-allocated") == ["20h of work is planned for sprint 1, where ANNA has 16h."]


def test_pools_and_equipment_that_nothing_asks_for() -> None:
    plan = b.scenario(tasks=[b.milestone("m")], pools=[b.pool("crew")], equipment=[b.equipment("rig")])
    assert [(i.slug, i.severity) for i in check(plan)] == [("unused-pool", "notice"), ("unused-equipment", "notice")]


# Figures


def team(hours: int, focus: str = "0.8") -> Scenario:
    """Two people, one of them half of the time, for two sprints of a week: 120 hours, 96 of them focused."""
    people = [b.person("ANNA", focus=focus), b.person("BORIS", fte="0.5", focus=focus)]
    tasks = [b.task("a", {"ANNA": f"{hours}h", "BORIS": "16h"}, sprint=1)]
    return b.scenario(people, tasks, sprints=b.sprints(2))


def test_the_hours_of_the_team() -> None:
    totals = team_totals(View(team(80)), (0, 10))
    assert (totals.asked, totals.has, totals.there) == (96 * 60, 96 * 60, 120 * 60)
    assert found(team(80), "over-capacity") == []
    (text,) = texts(team(92), "over-capacity")
    assert text.startswith(
        "108h of work is planned for the team until 2026-01-16, which has 96h (80 % of 120h): 12h too"
    )
    assert text.endswith("It would take 90 %.")


def test_leave_and_people_without_work_are_not_in_the_teams_hours() -> None:
    people = [b.person("ANNA", leave=[b.off(2, 3)]), b.person("BORIS")]
    plan = b.scenario(people, [b.task("a", {"ANNA": "30h"}, sprint=1)], sprints=b.sprints(1))
    totals = team_totals(View(plan), (0, 5))
    assert totals.there == 24 * 60
    (text,) = texts(plan, "over-capacity")
    assert text.startswith(
        "30h of work is planned for the team until 2026-01-09, which has 24h (100 % of 24h): 6h too many"
    )


def test_the_hours_of_a_pool_until_the_deadline() -> None:
    tasks = [b.task("a", "100h", "crew")]
    plan = b.scenario(tasks=tasks, pools=[b.pool("crew", {0: 1, 5: 2}, focus="0.8")], deadline=8)
    # five days of one head and four of two: 13 head-days of 6.4 hours
    (issue,) = found(plan, "over-capacity")
    assert issue.where == "pools.crew"
    assert issue.found == "100h of work is planned for 'crew' until 2026-01-15, which has 83.2h: 16.8h too many."


def test_a_pools_ramp_is_not_capacity() -> None:
    """
    One head; two more on day 5, at 0 then 1/2 of their work in their first two days; one of them goes on day 6, the
    other one stays. Head-days: 5, then 1 and 0, then 1 and 1/2, then 2 each of days 7 and 8.
    """
    pool = b.pool("crew", {0: 1, 5: 3, 6: 2}, ramp="2d", ramp_from=0)
    view = View(b.scenario(tasks=[b.task("a", "8h", "crew")], pools=[pool]))
    assert view.pool_capacity(pool, (0, 9)) == (5 + 1 + Fraction(3, 2) + 4) * 480
    assert view.pool_capacity(pool, (6, 7)) == Fraction(3, 2) * 480
    assert view.head_days(pool, (0, 9)) == 5 + 3 + 2 + 4


def test_several_pools_without_the_time_are_said_at_once() -> None:
    tasks = [b.task("a", "50h", "one"), b.task("b", "60h", "two"), b.task("c", "8h", "three")]
    plan = b.scenario(tasks=tasks, pools=[b.pool("one"), b.pool("two"), b.pool("three")], deadline=4)
    (issue,) = found(plan, "over-capacity")
    assert issue.where == "pools"
    assert issue.found == "110h of work is planned for 'two' and 'one' until 2026-01-09, which have 80h: 30h too many."
    assert found(plan, "over-allocated") == []


def paid(budget: int, **facts: object) -> Scenario:
    """
    ANNA is employed for 10 days at 100 an hour, BORIS works 20 hours at a focus of 0.5 and 60 an hour, a pool of two
    at 50 an hour; a rig for 500 and 10 an hour, infrastructure 1,000, a contract from day 5 on at 8 an hour.
    """
    people = [b.person("ANNA", rate=10_000, paid="employed"), b.person("BORIS", rate=6_000, focus="0.5")]
    tasks = [
        b.task("a", duration="80h", uses={"rig": 1}),
        b.task("b", {"BORIS": "20h"}),
        b.task("c", "40h", "crew"),
        b.milestone("end", ["a", "b", "c"]),
    ]
    return b.scenario(
        people,
        tasks,
        pools=[b.pool("crew", 2, rate=5_000, paid="employed")],
        equipment=[b.equipment("rig", cost=50_000, rate=1_000)],
        infrastructure=100_000,
        charges=[b.charge("licence", rate=800, first=5)],
        mitigations=[b.mitigation("insurance", 20_000), b.mitigation("other", 7_000, active=False)],
        budget=budget,
        **facts,  # type: ignore[arg-type]
    )


def test_money_until_the_plans_end() -> None:
    view = View(paid(0))
    # 80 h of ANNA, 40 h of clock of BORIS, 160 h of heads
    assert planned_pay(view) == 80 * 10_000 + 40 * 6_000 + 160 * 5_000
    assert planned_rest(view) == 100_000 + 50_000 + 80 * 1_000 + 40 * 800 + 20_000
    assert view.end_day == 10


def test_a_budget_that_is_too_small() -> None:
    cost = 1_840_000 + 282_000
    assert found(paid(cost), "over-budget") == []
    (text,) = texts(paid(cost - 100_000), "over-budget")
    assert text.endswith("people cost 18,400 USD and all else 2,820: 1,000 more than there is (20,220).")
    assert found(paid(cost - 100_000, contingency="0.05"), "over-budget") == []


def test_a_deadline_before_what_the_logic_needs() -> None:
    tasks = [b.task("a", duration="40h"), b.task("b", duration="40h", after="a")]
    assert found(b.scenario(tasks=tasks, deadline=9), "late-by-plan") == []
    (text,) = texts(b.scenario(tasks=tasks, deadline=8), "late-by-plan")
    assert (
        text == "Even with everybody free whenever needed the plan ends on 2026-01-16, after the deadline, 2026-01-15."
    )


# Cover


def crew(*, boris: int, backup: list[str] | None = None, **facts: object) -> Scenario:
    people = [b.person("ANNA", rust=3, go=3), b.person("BORIS", rust=boris, go=3)]
    tasks = [
        b.task("engine", "60h", "ANNA", skill="rust", backup=backup),
        b.task("both", {"ANNA": "10h", "BORIS": "20h"}, skill=["rust", "go"], backup=backup),
        b.task("api", "8h", "BORIS", skill="go"),
    ]
    return b.scenario(people, tasks, cover=b.cover("3d"), **facts)  # type: ignore[arg-type]


def test_hours_that_hang_on_each() -> None:
    (entry,) = single_points(View(crew(boris=1)))
    assert (entry.person, entry.skills, entry.weak) == ("ANNA", ("rust",), ())
    assert entry.tasks == {"engine": 60 * 60, "both": 10 * 60}
    assert entry.minutes == 70 * 60
    counts = cover_of(View(crew(boris=1)))
    # BORIS's parts of `both` and `api` could go to ANNA
    assert (counts.covered, counts.total) == ((2, 28 * 60), (4, 98 * 60))
    assert single_points(View(crew(boris=2))) == ()


def test_somebody_below_the_backup_level_is_no_cover_but_is_named() -> None:
    plan = crew(boris=1, backup=["BORIS", "ANNA"])
    (entry,) = single_points(View(plan))
    assert entry.weak == ("BORIS",)
    (text,) = texts(plan, "single-point-of-failure")
    assert "'engine' and 'both' (70h of work) can only go to 'BORIS', below the backup level, 2." in text


def test_skills_that_are_rare_only_together() -> None:
    people = [b.person("ANNA", rust=3, go=3), b.person("BORIS", rust=3), b.person("CARLA", go=3)]
    tasks = [b.task("a", "8h", "ANNA", skill=["rust", "go"]), b.task("b", "8h", "BORIS", skill="rust")]
    (entry,) = single_points(View(b.scenario(people, tasks)))
    assert (entry.person, entry.skills) == ("ANNA", ("rust", "go"))


def test_who_learns_it_is_said() -> None:
    people = [b.person("ANNA", rust=3), b.person("BORIS", rust=1)]
    tasks = [
        b.task("lesson", "8h", ["ANNA", "BORIS"], "together", raises=[("BORIS", "rust", 2)]),
        b.task("engine", "60h", "ANNA", skill="rust", backup=["BORIS"], after="lesson"),
    ]
    plan = b.scenario(people, tasks, efficiency={2: "0.8", 3: 1})
    (entry,) = single_points(View(plan))
    assert entry.learning == (("BORIS", "lesson"),)
    (text,) = texts(plan, "single-point-of-failure")
    assert "BORIS learns it in 'lesson'; until then it waits." in text
    # who learns it may be planned for it, too
    later = b.scenario(people, [tasks[0], b.task("engine", "60h", "BORIS", skill="rust")], efficiency={2: "0.8", 3: 1})
    assert found(later, "cannot-do") == []


# Leave


def test_leave_that_finds_no_place() -> None:
    """Ten working days until 16 January, five of them closed."""
    closed = [b.off(5, 9)]
    person = b.person("ANNA", pto_days=6, pto_by=9)
    (issue,) = found(b.scenario([person], [b.task("a", "8h", "ANNA")], blackout=closed), "leave-rules")
    assert issue.where == "people.ANNA.pto_days"
    assert "ANNA has 6 days to take by 2026-01-16, and 5 on which it is allowed" in issue.found
    five = b.person("ANNA", pto_days=5, pto_by=9)
    assert found(b.scenario([five], [b.task("a", "8h", "ANNA")], blackout=closed), "leave-rules") == []


def test_leave_of_all_that_finds_no_place() -> None:
    people = [b.person(name, pto_days=4, pto_by=4) for name in ("ANNA", "BORIS", "CARLA")]
    tasks = [b.task("a", "8h", ["ANNA", "BORIS", "CARLA"])]
    assert found(b.scenario(people, tasks, max_off=3), "leave-rules") == []
    (text,) = texts(b.scenario(people, tasks, max_off=2), "leave-rules")
    assert "have 12 days to take by 2026-01-09; with at most 2 off at a time there is room for 10." in text
    (text,) = texts(b.scenario(people, tasks, max_off=0), "leave-rules")
    assert text.startswith("Nobody may be off, so the leave of 'ANNA', 'BORIS' and 'CARLA' is never taken.")


# Gates


def gated(**facts: object) -> Scenario:
    tasks = [b.task("a", "8h", "ANNA"), b.milestone("end", "a")]
    return b.scenario([b.person("ANNA")], tasks, [b.gate("g", requires=["a"], blocks_tasks=["end"], **facts)])  # type: ignore[arg-type]


def test_the_chance_to_pass_by_a_review() -> None:
    """One criterion at 1/2 then 1/4, another at 2/3 then 1/3; what was met stays met."""
    (gate,) = gated(chance=[(0.5, 0.25), (2 / 3, 1 / 3)]).gates
    assert chance_to_pass(gate, 1) == pytest.approx(1 / 3)
    by_hand = Fraction(0)
    for one in range(3):  # how the two reviews went, criterion by criterion: met at once, met then, not met
        for other in range(3):
            chances = [Fraction(1, 2), Fraction(1, 2) * Fraction(1, 4), Fraction(1, 2) * Fraction(3, 4)][one]
            chances *= [Fraction(2, 3), Fraction(1, 3) * Fraction(1, 3), Fraction(1, 3) * Fraction(2, 3)][other]
            by_hand += chances if 2 not in (one, other) else 0
    assert chance_to_pass(gate, 2) == pytest.approx(float(by_hand))


def test_a_gate_that_ends_the_project() -> None:
    (text,) = texts(gated(chance=0.5, then="stop", max_extensions=2), "gate-stops")
    assert text.startswith("12.5 % of all trials end here")
    assert "3 reviews are not enough" in text
    assert found(gated(chance=0.5, then="stop", max_extensions=4), "gate-stops") == []
    assert found(gated(chance=0.5, then="proceed", max_extensions=0), "gate-stops") == []


def test_criteria_that_are_seldom_met_together() -> None:
    assert found(gated(chance=[(0.9, 0.9)] * 6), "gate-unlikely") == []
    (issue,) = found(gated(chance=[(0.9, 0.9)] * 6 + [(0.8, 0.8)] * 2), "gate-unlikely")
    assert issue.severity == "notice"
    assert "Its 8 criteria are met together at the first review in 34 % of all trials" in issue.found  # 0.9^6 * 0.8^2
    assert "below 80 % ('c6')" in issue.found


def test_a_gate_that_has_passed_is_not_looked_at() -> None:
    assert found(gated(chance=0.0, passed=2), "gate-cannot-pass") == []


def test_a_gate_that_is_due_before_its_work_can_be_done() -> None:
    assert found(gated(due=b.day(1)), "gate-late") == []
    tasks = [b.task("a", "12h", "ANNA"), b.milestone("end", "a")]
    gate = b.gate("g", requires=["a"], blocks_tasks=["end"], due=b.day(1))
    (text,) = texts(b.scenario([b.person("ANNA")], tasks, [gate]), "gate-late")
    assert text == "The gate is due on 2026-01-06; with everybody free for it, 'a' needs until 2026-01-06."


def test_rework_by_somebody_who_has_left() -> None:
    gate = b.gate("g", requires=["a"], due=date(2026, 2, 2), rework={"ANNA": "8h"}, chance=0.9)
    plan = b.scenario([b.person("ANNA", end=10)], [b.task("a", "8h", "ANNA")], [gate])
    assert [(i.slug, i.where) for i in check(plan) if i.slug == "not-employed"] == [
        ("not-employed", "gates.g.no_go.rework.ANNA")
    ]
