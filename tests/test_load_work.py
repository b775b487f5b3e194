"""Loading what tasks are and wait for: links, durations, milestones, pools, equipment, progress, policies."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction

import pytest

from build import contractor, cover, departure, equipment, exactly, gate, link, milestone, pert, scenario, task
from simrisk.errors import ScenarioError
from simrisk.scenario.deadlocks import find_deadlocks
from simrisk.scenario.load import loads
from simrisk.scenario.model import Contractor, Cover, Departure, Distribution, Gate, Scenario, Task

PLAN = """
[project]
start = 2026-01-05
status_date = 2026-02-02

[defaults]
spread = { low = 0.5, likely = 1.0, high = 2.0 }
focus = 0.8
rate = "60/h"

[people.ANNA]
onboarding = { ramp = "1w", from = 0.25 }
[people.BORIS]

[tasks.design]
effort = "8h"
who = "ANNA"
[tasks.wait]
duration = "5d"
"""


def more(text: str) -> Scenario:
    return loads(PLAN + text)


def last(text: str) -> Task:
    return more(text).tasks[-1]


def slugs(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    return [issue.slug for issue in caught.value.issues]


SHIP = '[tasks.ship]\neffort = "8h"\nwho = "ANNA"\n'


def test_links_of_every_kind_with_their_lags() -> None:
    ship = last(
        SHIP + 'after = ["design", { task = "wait", lag = "-1d" }, { task = "design", link = "SS", lag = "3d" },\n'
        '{ task = "wait", link = "FF", lag = { from = "-2d", to = "1d" } }, { task = "design", link = "SF" }]\n'
    )
    uniform = Distribution("uniform", (-960.0, 480.0), -240.0)
    assert ship.links == (
        link("design"),
        link("wait", lag="-1d"),
        link("design", "SS", "3d"),
        link("wait", "FF", uniform),
        link("design", "SF"),
    )
    assert ship.after == ("design", "wait", "design", "wait", "design")


def test_one_link_stands_without_a_list() -> None:
    assert last(SHIP + 'after = { task = "design", link = "SS" }\n').links == (link("design", "SS"),)


def test_a_link_to_a_glob_is_one_to_each_that_matches_but_the_task_itself() -> None:
    ship = last(SHIP + 'after = { task = "*", link = "FF", lag = "1d" }\n')
    assert ship.links == (link("design", "FF", "1d"), link("wait", "FF", "1d"))


def test_the_same_link_by_two_globs_is_one() -> None:
    ship = last(SHIP + 'after = [{ task = "d*", lag = "1d" }, { task = "*n", lag = "1d" }, "wait"]\n')
    assert ship.links == (link("design", lag="1d"), link("wait"))


def test_a_lag_of_nothing_is_none_and_one_of_parts_is_rounded_half_up() -> None:
    for lag, minutes in (("0d", 0), ("0.4m", 0), ("0.5m", 1), ("1.5m", 2), ("2.5d", 1200)):
        (made,) = last(SHIP + f'after = {{ task = "design", lag = "{lag}" }}\n').links
        assert made == link("design", lag=minutes or None)


def test_a_sprint_in_a_link() -> None:
    text = PLAN.replace("[tasks.design]", "[tasks.design]\nsprint = 1") + '[sprints]\nlength = "2w"\ncount = 1\n'
    ship = loads(text + SHIP + 'after = [{ task = "sprint 1", link = "SS" }]\n').tasks[-1]
    assert ship.links == (link("design", "SS"),)


@pytest.mark.parametrize(
    "lag",
    [
        *('"-1m"', '{ exactly = "-1d" }', '{ low = "-1d", likely = "0d", high = "1d" }', '{ from = "-1d", to = "1d" }'),
        *('{ low = "-1d", likely = "0d", high = "1d", distribution = "triangular" }', '{ values = ["-1d", "1d"] }'),
    ],
)
def test_a_negative_lag_needs_a_known_end(lag: str) -> None:
    def after(other: str, kind: str) -> str:
        return f'{PLAN}{SHIP}after = {{ task = "{other}", link = "{kind}", lag = {lag} }}\n'

    for kind in ("FS", "FF"):
        assert loads(after("wait", kind)).tasks[-1].links[0].kind == kind
        assert slugs(after("design", kind)) == ["negative-lag"]
        assert slugs(after("*", kind)) == ["negative-lag"]
    for kind in ("SS", "SF"):
        assert slugs(after("wait", kind)) == ["negative-lag"]


def test_random_graphs_are_refused_exactly_when_they_have_a_cycle() -> None:
    dice = random.Random(7)
    outcomes = set()
    for _ in range(150):
        n = dice.randrange(2, 7)
        edges = {(dice.randrange(n), dice.randrange(n)) for _ in range(dice.randrange(1, 7))}
        text = PLAN
        for k in range(n):
            before = [
                f'{{ task = "t{j}", link = "{dice.choice(["FS", "SS", "FF", "SF"])}" }}' for i, j in edges if i == k
            ]
            text += f'[tasks.t{k}]\nduration = "1d"\nafter = [{", ".join(before)}]\n'
        # independent: powers of the adjacency relation, until nothing new is reached
        reach = set(edges)
        while bigger := {(a, d) for a, b in reach for c, d in edges if b == c} - reach:
            reach |= bigger
        cyclic = any(a == b for a, b in reach)
        outcomes.add(cyclic)
        if cyclic:
            assert set(slugs(text)) == {"cycle"}
        else:
            assert len(loads(text).tasks) == n + 2
    assert outcomes == {True, False}


def test_a_duration_gets_the_spread_and_holds_who_is_named() -> None:
    alone = more("").tasks[1]
    assert (alone.share, alone.who, alone.efforts) == ("duration", (), (pert("2.5d", "5d", "10d"),))
    held = last('[tasks.test]\nduration = { exactly = "5d" }\nwho = ["BORIS", "ANNA"]\n')
    assert (held.share, held.who, held.efforts) == ("duration", ("BORIS", "ANNA"), (exactly("5d"),))


def test_a_milestone_has_no_work() -> None:
    done = last('[tasks.done]\nmilestone = true\nafter = ["wait"]\nnot_before = 2026-03-02\n')
    assert (done.share, done.who, done.efforts, done.links) == ("milestone", (), (), (link("wait"),))
    assert done.not_before == date(2026, 3, 2)
    plain = last(SHIP + "milestone = false\n")
    assert plain.share == "split"


POOLS = '[pools.ops]\nmonthly = [1, 2.5, 2.5, 0]\nrole = "Operations"\nhire_delay = { from = "0w", to = "4w" }\n'


def test_monthly_heads_begin_with_the_project_and_go_on_with_the_calendar_months() -> None:
    text = PLAN.replace("2026-01-05", "2025-11-17").replace("status_date = 2026-02-02", "")
    (pool,) = loads(text + POOLS + 'onboarding = { prior = "low" }\n').pools
    assert pool.headcount == (
        (date(2025, 11, 17), Fraction(1)),
        (date(2025, 12, 1), Fraction(5, 2)),
        (date(2026, 1, 1), Fraction(5, 2)),
        (date(2026, 2, 1), Fraction(0)),
    )
    assert (pool.role, pool.focus, pool.rate, pool.paid) == ("Operations", Fraction(4, 5), Fraction(100), "worked")
    assert pool.hire_delay == Distribution("uniform", (0.0, 4 * 2400.0), 4800.0)
    assert (pool.ramp, pool.ramp_from) == (13 * 2400, Fraction(1, 2))


def test_headcount_is_put_in_the_order_of_its_dates() -> None:
    (pool,) = more('[pools.ops]\nheadcount = { 2026-03-02 = 2, 2025-01-01 = 0.125 }\npaid = "employed"\n').pools
    assert pool.headcount == ((date(2025, 1, 1), Fraction(1, 8)), (date(2026, 3, 2), Fraction(2)))
    assert (pool.hire_delay, pool.ramp, pool.ramp_from, pool.paid) == (exactly(0), 0, 1, "employed")


def test_pools_work_alone_or_beside_people() -> None:
    alone = last(POOLS + '[tasks.run]\neffort = { exactly = "3mo" }\npool = "ops"\nmax_fte = 1.5\n')
    assert (alone.share, alone.who, alone.max_fte) == ("split", ("ops",), Fraction(3, 2))
    assert alone.efforts == (exactly(3 * 52 * 2400 // 12),)
    mixed = last(
        POOLS + '[tasks.run]\nwork = { ops = { exactly = "2d" }, ANNA = "20h" }\nskill = "rust"\nbackup = ["BORIS"]\n'
    )
    assert (mixed.share, mixed.who, mixed.max_fte) == ("work", ("ops", "ANNA"), None)
    assert mixed.efforts == (exactly("2d"), pert("10h", "20h", "40h"))
    assert mixed.backup == ("BORIS",)


def test_team_is_people_without_pools() -> None:
    assert last(POOLS + '[tasks.all]\nduration = "1d"\nwho = "team"\n').who == ("ANNA", "BORIS")


def test_equipment_and_what_uses_it() -> None:
    text = '[equipment.rig]\nunits = 2\ncost = "480/d"\nname = "Test rig"\n[equipment.room]\ncost = "2k"\n'
    made = more(text + SHIP + "uses = { rig = 2, room = 1 }\n")
    rig, room = made.equipment
    assert (rig.id, rig.name, rig.units, rig.cost, rig.rate) == ("rig", "Test rig", 2, 0, Fraction(100))
    assert room == equipment("room", cost=200_000)
    assert made.tasks[-1].uses == (("rig", 2), ("room", 1))


def test_levels_that_a_task_raises() -> None:
    ship = last(SHIP + "raises = { BORIS = { rust = 2, go = 1 }, ANNA = { go = 3 } }\n")
    assert ship.raises == (("BORIS", "rust", 2), ("BORIS", "go", 1), ("ANNA", "go", 3))


def test_done_is_taken_off_and_remaining_stands_in_its_place() -> None:
    done = last(SHIP + 'progress = { done = "2.5h" }\n')
    assert (done.efforts, done.done) == (last(SHIP).efforts, (150,))
    for left in ('"20h"', '{ exactly = "20h" }', '{ low = "1h", likely = "2h", high = "3h" }'):
        ship = last(SHIP + f"progress = {{ remaining = {left} }}\n")
        assert ship == last(SHIP.replace('"8h"', left)), left


def test_progress_of_parts_is_that_of_each() -> None:
    work = '[tasks.run]\nwork = { ANNA = "8h", BORIS = "4h" }\n'
    done = last(work + 'progress = { done = { BORIS = "1h" } }\n')
    assert (done.efforts, done.done) == (last(work).efforts, (0, 60))
    left = last(work + 'progress = { remaining = { BORIS = { exactly = "1h" } } }\n')
    assert (left.efforts, left.done) == ((last(work).efforts[0], exactly("1h")), ())
    alone = '[tasks.run]\nwork = { ANNA = "8h" }\n'
    for written in ('"1h"', '{ ANNA = "1h" }'):
        assert last(f"{alone}progress = {{ done = {written} }}\n").done == (60,)
    spread = last(alone + 'progress = { remaining = { low = "1h", likely = "2h", high = "3h" } }\n')
    assert spread.efforts == (pert("1h", "2h", "3h"),)


def test_progress_on_the_clock_and_of_finished_tasks() -> None:
    wait = '[tasks.more]\nduration = { exactly = "5d" }\n'
    assert last(wait + 'progress = { done = "2d" }\n').done == (960,)
    left = last(wait + 'progress = { remaining = "2d" }\n')
    assert left.efforts == (pert("1d", "2d", "4d"),)
    for text in (wait, SHIP, "[tasks.end]\nmilestone = true\n"):
        finished = last(text + "progress = { finished = 2026-02-02 }\n")
        assert finished.finished == date(2026, 2, 2)
        assert finished.efforts == last(text).efforts


def test_a_gate_that_has_passed() -> None:
    made = more('[gates.first]\nrequires = ["design"]\npassed = 2026-01-05\n')
    assert made.gates[0].passed == date(2026, 1, 5)
    assert made.project.status_date == date(2026, 2, 2)


def test_policies_with_contractors_and_descopes() -> None:
    made = more(
        SHIP + 'skill = "rust"\noptional = true\n[tasks.ship.unavailable]\nhandover_cost = "8h"\n'
        'contractor_after = "10d"\ncontractor = { lead = { from = "2d", to = "4d" }, rate = "120/h", level = 2 }\n'
        'descope_after = "15d"\ndescope = ["s*"]\n[defaults.unavailable]\ndescope_after = "1w"\n'
    )
    lead = Distribution("uniform", (960.0, 1920.0), 1440.0)
    assert made.tasks[-1].cover == Cover(None, 480, 4800, Contractor(lead, Fraction(200), 2), 7200, ("ship",))
    assert made.cover == cover(descope_after="1w")
    anybody = last(SHIP + 'unavailable = { contractor_after = "1d", contractor = { lead = "0d", rate = "60/h" } }\n')
    assert anybody.cover == cover(contractor_after="1d", contractor=contractor(rate=6000))


@pytest.mark.parametrize(
    ("efficiency", "skill", "level", "can"),
    [
        *(("{ 2 = 0.8 }", "rust", 2, True), ("{ 2 = 0.8 }", "rust", 3, False), ("{ 2 = 0.8 }", "", 3, True)),
        *(("{}", "rust", 1, True), ("{}", "rust", 0, False), ("{}", "", 0, True)),
    ],
)
def test_a_contractor_can_do_the_task(efficiency: str, skill: str, level: int, can: bool) -> None:
    text = PLAN.replace("focus = 0.8", f"focus = 0.8\nefficiency = {efficiency}") + SHIP
    text += f'skill = "{skill}"\n' if skill else ""
    text += '[tasks.ship.unavailable]\ncontractor_after = "1d"\n'
    text += f'contractor = {{ lead = "0d", rate = "60/h", level = {level} }}\n'
    if can:
        assert loads(text).tasks[-1].cover is not None
    else:
        assert slugs(text) == ["contractor-cannot"]


def test_departures() -> None:
    text = PLAN.replace(
        "[people.BORIS]", '[people.BORIS]\ndeparture = { per_year = 0.12, notice = "2w", replace = "10w", ramp = "8w" }'
    ).replace("[people.ANNA]", '[people.ANNA]\ndeparture = { per_year = 0.5, ramp = "1w" }')
    anna, boris = loads(text).people
    assert boris.departure == departure(0.12, "2w", "10w", "8w", "0.5")
    assert anna.departure == departure(0.5, ramp="1w", ramp_from="0.25")
    assert anna.departure == Departure(0.5, exactly(0), None, 2400, Fraction(1, 4))
    gone = PLAN.replace("[people.BORIS]", "[people.BORIS]\ndeparture = { per_year = 0 }")
    assert loads(gone).people[1].departure is None


def test_priors_for_departures_are_recorded() -> None:
    text = PLAN.replace(
        "[people.BORIS]",
        '[people.BORIS]\n[people.BORIS.departure]\nper_year = { prior = "industry" }\n'
        'replace = { prior = "application" }\nfrom = 0',
    )
    made = loads(text)
    assert made.people[1].departure == departure(0.13, replace="7w")
    assert [(prior.key, prior.name) for prior in made.priors] == [
        ("people.BORIS.departure.per_year", "industry"),
        ("people.BORIS.departure.replace", "application"),
    ]


def deadlocks(tasks: list[Task], held: Gate) -> list[str]:
    return [issue.found for issue in find_deadlocks(scenario([], tasks, [held]))]


def test_deadlocks_follow_links_from_starts_and_to_ends() -> None:
    held = gate("g", requires=["end"], blocks_tasks=["a"])
    start, end = task("a", duration="1d"), milestone("end", "a")
    assert len(deadlocks([start, end], held)) == 1
    assert "gate 'g' -> task 'end' -> task 'a' -> gate 'g'" in deadlocks([start, end], held)[0]
    for kind in ("FS", "SS", "FF", "SF"):  # whichever link it is, the end waits for a start that waits for the gate
        assert len(deadlocks([start, task("end", duration="1d", after=link("a", kind))], held)) == 1
    # the end of `b` waits for the gate's task, its start does not: what hangs on the start alone is no deadlock
    b = task("b", duration="1d", after=link("a", "FF"))
    assert deadlocks([start, b, milestone("end", link("b", "SS"))], held) == []
    assert len(deadlocks([start, b, milestone("end", link("b", "FS"))], held)) == 1
    # with a negative lag the link stands as soon as `b` has started
    assert deadlocks([start, b, milestone("end", link("b", "FS", "-1h"))], held) == []
    # what has happened waits for nothing
    assert deadlocks([task("a", duration="1d", finished=0), end], held) == []
    assert deadlocks([start, milestone("end", "a", finished=0)], held) == []
    assert deadlocks([start, end], gate("g", requires=["end"], blocks_tasks=["a"], passed=0)) == []


def test_monthly__of_more_than_a_century_is_refused():
    many = ", ".join(["1"] * 1201)
    text = f'[project]\nstart = 2026-01-05\n[pools.p]\nmonthly = [{many}]\n[tasks.a]\neffort = "8h"\npool = "p"\n'
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert [issue.slug for issue in caught.value.issues] == ["out-of-range"]
