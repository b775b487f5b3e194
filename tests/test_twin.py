"""The two engines give the same integers, trial by trial: on the shipped plans, and on thousands of generated ones."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from generate import describe, make_plain_scenario, make_scenario
from generate_wide import FEATURES
from invariants import assert_invariants
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.engines.kernels import PLAIN, fitting_kernels, run_kernels
from simrisk.engines.reference import run_trial
from simrisk.models.events import Event, Kind
from simrisk.models.logic import logic_plan
from simrisk.plan import Plan
from simrisk.scenario.load import load
from simrisk_kernels.layout import DESCOPED, RISK, STOPPED, Outcomes

SCENARIOS = sorted((Path(__file__).parents[1] / "scenarios").glob("*.toml"))
N_GENERATED = 3_000
CHUNK = 200
TRIALS = 2
SEED = 7


def assert_same(plan: Plan, trials: int, seed: int, story: str, first: int = 0) -> Outcomes:
    reference = engines.run(plan, trials=trials, seed=seed, first=first, engine="reference")
    for kernel in set(fitting_kernels(plan)) - {PLAIN}:  # which has tests of its own
        made = run_kernels(plan, trials=trials, seed=seed, first=first, kernel=kernel)
        for name, values in made._asdict().items():
            expected = getattr(reference, name)
            differing = np.argwhere(values != expected)
            assert not len(differing), (
                f"{name}{differing[0].tolist()}: {kernel} {values[tuple(differing[0])]}, "
                f"reference {expected[tuple(differing[0])]}\n{story}"
            )
    return made


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios__are_the_same(path):
    plan = compile_plan(load(path))
    trials = 500 if len(plan.task_ids) < 50 else 100  # SimPy takes longer for more tasks
    assert_same(plan, trials, plan.scenario.simulation.seed, path.name)
    assert_same(baseline_plan(plan), 1, 0, path.name)


def test_a_tie_at_the_finish_between_a_gate_and_a_handover__is_the_same():
    """Found by a longer search: the last task is nothing but the cost of a handover, and its gate passes at once."""
    plan = compile_plan(make_plain_scenario(62787))
    assert_same(plan, 20, SEED, "scenario 62787")


def test_a_task_begun_and_dropped_in_one_minute__does_not_send_the_walk_in_circles():
    """Found by a longer search: its start lets a task end, whose gate passes at once and drops it."""
    plan = compile_plan(make_scenario(20918))
    assert_same(plan, 3, SEED, "scenario 20918")


def test_found_by_search__a_gate_passed_before_counts_among_what_ended_last():
    plan = compile_plan(make_scenario(3428))
    assert_same(plan, 3, SEED, "scenario 3428")


def test_found_by_search__somebody_nobody_waits_for_leaves_in_the_minute_of_the_finish():
    """The finish comes in a second round of that minute, after people have gone away."""
    plan = compile_plan(make_scenario(80818))
    assert_same(plan, 3, SEED, "scenario 80818")


@pytest.mark.parametrize("start", range(0, N_GENERATED, CHUNK))
def test_generated_scenarios__are_the_same(start):
    for number in range(start, start + CHUNK):
        made = make_scenario(number)
        plan = compile_plan(made)
        outcomes = assert_same(plan, TRIALS, SEED, f"scenario {number}\n{describe(made)}")
        assert_invariants(plan, outcomes)


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_by_itself__is_the_same(feature):
    for number in range(50_000, 50_060):
        made = make_scenario(number, (feature,))
        plan = compile_plan(made)
        assert_same(plan, TRIALS, SEED, f"scenario {number} with {feature}\n{describe(made)}")
        assert_same(baseline_plan(plan), 1, 0, f"baseline of scenario {number} with {feature}")
        assert_same(logic_plan(plan), 1, SEED, f"logic of scenario {number} with {feature}")


def test_generated_scenarios__have_the_coincidences_that_matter():
    """Each must be frequent among the plans compared above; the stories come from the reference engine's log."""
    seen: Counter[str] = Counter()
    for number in range(0, 600):
        plan = compile_plan(make_scenario(number))
        trial = run_trial(plan, SEED, 0)
        seen.update(coincidences(plan, trial.events))
        outcome = trial.outcome
        seen["stopped"] += outcome["outcome"] == STOPPED
        seen["handed over"] += max(outcome["task_handovers"]) > 0
        seen["handed over twice"] += max(outcome["task_handovers"]) > 1
        seen["dropped"] += max(outcome["task_dropped"]) > 0
        starts = outcome["sprint_start"]
        planned = plan.arrays.sprints.planned.tolist()
        seen["a gate later than the next sprint's start"] += any(s > p for s, p in zip(starts, planned, strict=True))
        seen["nothing left to do in a sprint"] += any(
            start >= 0 and all(0 <= f <= start for f in finishes_of(plan, outcome["task_finish"], k))
            for k, start in enumerate(starts)
        )
        seen.update(wide_coincidences(outcome))
    assert {name: n for name, n in seen.items() if n < 10} == {}
    assert len(seen) == 18


def wide_coincidences(outcome: dict[str, Any]) -> set[str]:
    """What of the wider model came about in one trial."""
    by_gate = DESCOPED in outcome["gate_outcome"]
    worked, there = sum(outcome["pool_worked"]), sum(outcome["pool_present"])
    found = {
        "a contractor took over": max(outcome["task_contractor"]) > 0,
        "a policy dropped tasks": not by_gate and max(outcome["task_dropped"]) > 0,
        "somebody left": max(outcome["person_left"]) >= 0,
        "a risk happened": any(outcome["risk_happened"]),
        "a risk was on the chain": outcome["chain"][RISK] > 0,
        "a pool was on the chain": any(outcome["pool_critical"]),
        "a pool was short of nothing but work": 0 < worked < there,
        "equipment was held": any(outcome["equipment_used"]),
    }
    return {name for name, happened in found.items() if happened}


def finishes_of(plan: Plan, finishes: list[int], sprint: int) -> list[int]:
    return [finish for task, finish in enumerate(finishes) if plan.arrays.tasks[task].sprint == sprint]


def coincidences(plan: Plan, events: list[Event]) -> set[str]:
    """Replay who is away from the events of one trial and see what came together."""
    seen: set[str] = set()
    away: set[str] = set()
    scenario = plan.scenario
    for task in scenario.tasks:
        skill_levels = [min((p.skills.get(s, 0) for s in task.skills), default=1) for p in scenario.people]
        if scenario.efficiency and max(skill_levels) < min(scenario.efficiency):
            seen.add("a task nobody can do")
    for event in events:
        if event.kind in (Kind.ARRIVES, Kind.RETURNS, Kind.REPLACED):
            away.difference_update(event.who)
        elif event.kind in (Kind.LEAVE, Kind.ABSENT, Kind.TAKEN, Kind.LEAVES, Kind.RETIRES):
            away.update(event.who)
            if len(away) >= 2:
                seen.add("two people away at once")
            for task in scenario.tasks:
                if away & set(task.who) and away & set(task.backup or ()) - set(task.who):
                    seen.add("a backup who is away too")
        if event.kind is Kind.NO_GO and away.intersection(event.who):
            seen.add("a gate that fails while its owner is away")
    return seen
