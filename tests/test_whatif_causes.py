"""What can be taken out of a plan: each cause alone, all dice together, everything that is short together."""

from dataclasses import replace

import numpy as np
import pytest

from build import (
    DAY,
    contractor,
    cover,
    departure,
    equipment,
    gate,
    link,
    off,
    person,
    pert,
    pool,
    risk,
    scenario,
    sick,
    sprints,
    task,
)
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.measures import measure
from simrisk.measures.difference import difference
from simrisk.models.logic import logic_plan
from simrisk.models.unlimited import unlimited
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.whatif.causes import Cause, causes_of, players, without
from simrisk.whatif.worlds import Worlds
from simrisk_kernels.layout import Outcomes

NUMBERS = range(40, 100)


def by_name(made: Scenario) -> dict[str, Cause]:
    return {cause.name: cause for cause in causes_of(made)}


def ends(plan, *, trials: int = 5, seed: int = 1, engine: engines.Engine = "kernel") -> np.ndarray:
    found = engines.run(plan, trials=trials, seed=seed, engine=engine)
    return np.stack([found.end, found.outcome, found.cost])


@pytest.mark.parametrize("number", NUMBERS)
def test_without_any_dice_every_trial_is_the_plan_without_dice(number: int) -> None:
    made = make_scenario(number)
    plan = without(made, players(causes_of(made)))
    trials, alone = engines.run(plan, trials=8, seed=number), engines.run_baseline(compile_plan(made))
    drawn = ("task_effort",)  # of tasks that are not needed any more the plan without dice does not draw
    for name in set(Outcomes._fields) - {*drawn, "person_absence_planned"}:
        of_trials, planned = getattr(trials, name), getattr(alone, name)
        if of_trials.shape[1:] == planned.shape[1:]:  # a risk that is taken out has no column
            assert (of_trials == planned[0]).all(), name


@pytest.mark.parametrize("number", NUMBERS)
def test_both_engines_agree_without_each_cause(number: int) -> None:
    made = make_scenario(number)
    causes = causes_of(made)
    for cause in causes[number % 7 :: 7]:
        plan = without(made, [cause])
        assert (ends(plan, trials=2) == ends(plan, trials=2, engine="reference")).all(), cause.name


@pytest.mark.parametrize("number", NUMBERS)
def test_with_enough_of_everything_only_the_logic_is_left(number: int) -> None:
    made = make_scenario(number)
    if made.sprints is not None:
        made = replace(made, sprints=replace(made.sprints, ceremonies=0))
    plan = compile_plan(made)
    enough = unlimited(plan, people=plan.person_ids, pools=plan.pool_ids, equipment=plan.equipment_ids)
    assert (ends(enough)[:2] == ends(logic_plan(plan))[:2]).all()


def everything() -> Scenario:
    """A plan in which every kind of cause has something to take out."""
    ann = person(
        "ANN",
        start=0,
        ramp="2d",
        ramp_from="0.5",
        leave=[off(3, 4)],
        pto_days=30,
        absence=[sick(20, "2d"), sick(5, "3d", "care")],
        departure=departure(1, "1d", "2d"),
        cover=cover("1d", contractor_after="1d", contractor=contractor(pert("1h", "2h", "9h"))),
    )
    bob = person("BOB", pto_days=30, absence=[sick(20, "2d")], departure=departure(1, "1d", "2d"))
    tasks = [
        task("dig", pert("1d", "2d", "5d"), "ANN", sprint=1, uses={"pump": 1}),
        task("fill", pert("1d", "2d", "5d"), "BOB", sprint=2, after=link("dig", "FS", pert("1h", "2h", "9h"))),
        task("roof", pert("1d", "2d", "5d"), "crew", sprint=2),
        task("tile", pert("1d", "2d", "5d"), "crew", sprint=2, uses={"pump": 1}),
    ]
    gates = [
        gate("first", due=1, blocks=[2], chance=0.5, extend="2d", review=pert("1h", "2h", "9h")),
        gate("last", due=2, chance=0.5, extend="1d", rework={"BOB": "1d"}),
    ]
    return scenario(
        [ann, bob],
        tasks,
        gates,
        sprints=sprints(2, 5, "2h"),
        pools=[pool("crew", {0: 1, 5: 2}, hire_delay=pert("1d", "2d", "9d"), ramp="2d", ramp_from="0.5")],
        equipment=[equipment("pump")],
        risks=[risk("rain", 0.3, "roof", delay="2d"), risk("flu", 0.3, "dig", away={"ANN": "2d"})],
        common=pert(1, 1, 2),
        max_off=1,
        blackout=[off(1, 2)],
    )


def test_every_kind_of_thing_is_found() -> None:
    names = set(by_name(everything()))
    assert names == {
        *("estimates", "common", "hiring", "dice", "gates", "risks", "away"),
        *("absence", "absence.sick", "absence.care", "leave", "departure"),
        *("gate.first", "gate.last", "gate.first.at_all", "gate.last.at_all", "gates.at_all"),
        *("risk.rain", "risk.flu"),
        *(f"person.ANN.{name}" for name in ("away", "absence", "leave", "departure", "dated_leave", "scarcity")),
        *(f"person.BOB.{name}" for name in ("away", "absence", "leave", "departure", "scarcity")),
        *("pool.crew.scarcity", "equipment.pump.scarcity", "scarcity"),
        *("leave.max_off", "leave.blackout", "leave.block", "sprints.ceremonies", "sprints.boxes", "ramps"),
    }


def test_members_of_groups_are_causes() -> None:
    causes = by_name(everything())
    for cause in causes.values():
        assert set(cause.members) <= set(causes), cause.name
    assert causes["absence"].members == ("person.ANN.absence", "person.BOB.absence")
    assert causes["away"].members == ("person.ANN.away", "person.BOB.away")
    assert causes["person.BOB.away"].members == ("person.BOB.absence", "person.BOB.leave", "person.BOB.departure")


def test_what_a_plan_does_not_have_is_no_cause() -> None:
    made = scenario([person("ANN"), person("BOB")], [task("dig", "2d", "ANN")])
    assert set(by_name(made)) == {"person.ANN.scarcity"}


def test_all_dice_are_in_one_family_each() -> None:
    families = {cause.name: cause.family for cause in players(causes_of(everything()))}
    assert families == {
        "estimates": "estimates",
        "common": "common",
        "gate.first": "gates",
        "gate.last": "gates",
        "risk.rain": "risks",
        "risk.flu": "risks",
        "hiring": "hiring",
        "person.ANN.away": "away",
        "person.BOB.away": "away",
    }


# What single causes are worth in plans worked out by hand: one task after the other, all of them certain.


def finish(made: Scenario, *names: str) -> list[float]:
    """Days until the finish in two trials, without these causes."""
    causes = by_name(made)
    run = Worlds(trials=2, seed=3).run(without(made, [causes[name] for name in names]))
    return [minute / DAY for minute in run["project_finish"].values]


def test_waiting_for_one_person_who_has_two_tasks() -> None:
    made = scenario(
        [person("ANN"), person("BOB")], [task("a", "3d", "ANN"), task("b", "2d", "ANN"), task("c", "4d", "BOB")]
    )
    assert finish(made) == [5, 5]
    assert finish(made, "person.ANN.scarcity") == [4, 4]  # both at once: BOB takes longer
    assert finish(made, "person.BOB.scarcity") == [5, 5]  # nobody waits for BOB
    assert finish(made, "scarcity") == [4, 4]


def test_waiting_for_a_person_on_leave_who_comes_late_and_learns() -> None:
    late = person("ANN", start=2, ramp="2d", ramp_from="0.5", leave=[off(4, 5)])
    made = scenario([late], [task("a", "2d", "ANN")])
    assert finish(made) == [6.75, 6.75]  # days 2 (half), 3 (three quarters), then away until 6: 0.75 left
    assert finish(made, "person.ANN.dated_leave") == [4.75, 4.75]
    assert finish(made, "ramps") == [4, 4]
    assert finish(made, "person.ANN.scarcity") == [2, 2]


def test_doubles_cost_no_more_than_the_person() -> None:
    worked = scenario([person("ANN", rate=6000)], [task("a", "3d", "ANN"), task("b", "2d", "ANN")])
    employed = replace(worked, people=(replace(worked.people[0], paid="employed"),))
    for made, cost in ((worked, 5), (employed, 3)):  # five days of work in all; or three days of being there
        run = Worlds(trials=1, seed=1).run(without(made, [by_name(made)["person.ANN.scarcity"]]))
        assert run["project_spent"].values.tolist() == [cost * 8 * 6000]


def test_heads_and_equipment() -> None:
    tasks = [task("a", "4d", "crew", uses={"pump": 1}), task("b", "4d", "crew", uses={"pump": 1})]
    made = scenario([], tasks, pools=[pool("crew", {0: 1, 2: 2})], equipment=[equipment("pump")])
    assert finish(made) == [5, 5]  # a: two days alone, one with both; b: two with both
    assert finish(made, "equipment.pump.scarcity") == [5, 5]
    assert finish(made, "pool.crew.scarcity") == [4, 4]
    assert finish(made, "scarcity") == [2, 2]


def test_sprints_and_gates() -> None:
    tasks = [task("a", "2d", "ANN", sprint=1), task("b", "2d", "ANN", sprint=2)]
    facts = {"sprints": sprints(2, 5, "4h"), "people": [person("ANN")], "tasks": tasks}
    made = scenario(**facts, gates=[gate("go", due=1, blocks=[2], review="8h")])
    assert finish(made) == [8.5, 8.5]  # the review takes day 5, sprint 2 opens on day 6 with half a day of ceremonies
    assert finish(made, "sprints.ceremonies") == [8, 8]
    assert finish(made, "gate.go.at_all") == [7.5, 7.5]
    assert finish(made, "gate.go.at_all", "sprints.boxes") == [4.5, 4.5]


def test_a_gate_that_never_goes_is_passed_at_once_without_its_dice() -> None:
    made = scenario([], [], [gate("go", chance=0.0, review=pert("1d", "2d", "9d"), extend="3d", max_extensions=2)])
    assert finish(made, "gate.go") == [2, 2]
    assert finish(made, "gate.go.at_all") == [0, 0]
    assert min(finish(made)) > 6


def test_rules_of_leave() -> None:
    people = [person(name, pto_days=52, pto_by=4) for name in ("ANN", "BOB")]  # every day until day 4
    made = scenario(people, [task("a", "1d", "ANN"), task("b", "1d", "BOB")], max_off=1, block=5)
    assert finish(made) == [6, 6]
    assert finish(made, "leave") == [1, 1]
    assert finish(made, "person.ANN.away") == [6, 6]


def test_lags_and_contractors_take_what_is_planned() -> None:
    spread = pert("1d", "2d", "9d")
    ann = person("ANN", leave=[off(0, 29)])
    policy = cover(contractor_after="0d", contractor=contractor(spread))
    tasks = [task("a", "1d", "ANN"), task("b", duration="1d", after=link("a", "FS", spread))]
    made = scenario([ann], tasks, cover=policy)
    assert finish(made, "estimates") == [6, 6]  # the contractor comes after 2 days, works 1; 2 of lag; 1


# On mitigations

TEXT = """
[project]
name = "Two ways"
start = 2026-01-05
[people.ANN]
[people.BOB]
[tasks.a]
effort = "4d"
who = "ANN"
[risks.rain]
probability = 0.5
affects = ["a"]
delay = "1d"
[mitigations.help]
name = "BOB helps"
price = 1000
[mitigations.help.changes]
"tasks.a.who" = ["ANN", "BOB"]
[mitigations.roof]
name = "A roof"
active = true
[mitigations.roof.changes]
"risks.rain.delay" = "1h"
"""


def test_mitigations_are_switched_over() -> None:
    made = loads(TEXT, changes=(("tasks.a.effort", '"8d"'),), without=("risks.rain",))
    causes = by_name(made)
    assert causes["mitigation.help"].mitigation == made.mitigations[0]
    assert finish(made) == [8, 8]
    assert finish(made, "mitigation.help") == [4, 4]
    plain = loads(TEXT)
    assert not causes["mitigation.help"].change(made).risks  # as it was switched off
    assert by_name(plain)["mitigation.roof"].change(plain).switched_off == ("mitigations.roof",)
    on = loads(TEXT, with_=("help",))
    assert by_name(on)["mitigation.help"].change(on) == replace(loads(TEXT), switched_off=("mitigations.help",))


# Worlds


def test_a_world_has_the_figures_of_the_run() -> None:
    made = load("scenarios/phase3.toml")
    for sampling in ("independent", "lhs"):
        experiment = Experiment(made, seed=5, sampling=sampling)
        experiment.extend(3000)
        run, world = experiment.run(), Worlds(trials=3000, seed=5, sampling=sampling).run(made)
        for name in ("finish.mean", "finish.p80", "finish.on_time", "cost.p80", "cost.in_budget", "joint", "stopped"):
            assert measure(world, name) == measure(run, name)


def test_part_of_a_world_is_that_part() -> None:
    made = everything()
    worlds = Worlds(trials=50, seed=5)
    whole, part = worlds.run(made), worlds.run(made, first=20, trials=10)
    assert part["project_finish"].values.tolist() == whole["project_finish"].values[20:30].tolist()
    assert part["trial"].values.tolist() == list(range(20, 30))


def test_what_moves_nothing_is_worth_exactly_nothing() -> None:
    made = replace(everything(), people=(*everything().people, person("CYD", absence=[sick(50, "2d")])))
    worlds = Worlds(trials=500, seed=5)
    found = difference(worlds.run(made), worlds.run(without(made, [by_name(made)["person.CYD.away"]])), "finish.p80")
    assert (found.value, found.low, found.high, found.verdict) == (0, 0, 0, "no change")
