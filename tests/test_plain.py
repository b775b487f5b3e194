"""The kernel of plain plans gives the integers of both other engines; and it is known which plans are plain."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from build import (
    DAY,
    cover,
    departure,
    equipment,
    gate,
    link,
    milestone,
    off,
    person,
    risk,
    scenario,
    sick,
    sprints,
    task,
)
from generate import describe, make_plain_scenario, make_scenario
from generate_wide import only_people
from invariants import assert_invariants
from simrisk.bench.cases import people_plan
from simrisk.compile import baseline_plan, compile_plan
from simrisk.engines import entries
from simrisk.engines.kernels import EVENTS, PLAIN, SMALL, fitting_kernels, kernel_for, run_kernels
from simrisk.engines.reference import run_reference
from simrisk.models.logic import logic_plan
from simrisk.plan import Plan
from simrisk.scenario.model import Absence, Distribution, Scenario
from simrisk_kernels.layout import CENSORED, FINISHED, LEAVE, OVERRUN, Outcomes
from simrisk_kernels.plain_absence import day_at, inverse_of
from simrisk_kernels.plain_layout import is_plain, is_quick, new_plain_state, quick_places

ROOT = Path(__file__).parents[1]
N_GENERATED = 1_500
CHUNK = 250
SEED = 11


def assert_same(plan: Plan, trials: int, story: str, seed: int = SEED) -> Outcomes:
    assert is_plain(plan.arrays), story
    plain = run_kernels(plan, trials=trials, seed=seed, kernel=PLAIN)
    others = [run_kernels(plan, trials=trials, seed=seed, kernel=name) for name in fitting_kernels(plan)[1:]]
    for other in (*others, run_reference(plan, trials=trials, seed=seed)):
        for name, values in plain._asdict().items():
            assert np.array_equal(values, getattr(other, name)), f"{name}\n{story}"
    return plain


@pytest.mark.parametrize("start", range(0, N_GENERATED, CHUNK))
def test_generated_plans__are_the_same(start):
    seen: Counter[str] = Counter()
    for number in range(start, start + CHUNK):
        made = only_people(make_scenario(number), number)
        plan = compile_plan(made)
        if not is_plain(plan.arrays):  # under way already, or a lag counts back from a known end
            continue
        story = f"scenario {number}\n{describe(made)}"
        outcomes = assert_same(plan, 3, story)
        assert_same(baseline_plan(plan), 1, story, seed=0)
        assert_same(logic_plan(plan), 1, story)
        assert_invariants(plan, outcomes)
        seen["plain"] += 1
        seen["quick"] += is_quick(plan.arrays)
        seen["finished"] += (outcomes.outcome == FINISHED).any()
        seen["beyond the horizon"] += (outcomes.outcome == CENSORED).any()
        seen["waited for leave"] += (outcomes.chain[:, LEAVE] > 0).any()
        seen["overran"] += (outcomes.chain[:, OVERRUN] > 0).any()
        seen["on the clock"] += any(each.share == "duration" for each in made.tasks)
        seen["lags"] += any(each.lag for one in made.tasks for each in one.links)
        seen["ramps"] += any(each.ramp for each in made.people)
        seen["paid by the hour"] += any(each.paid == "worked" and each.rate for each in made.people)
    assert len(seen) == 10
    assert min(seen.values()) > CHUNK // 25, seen


@pytest.mark.parametrize(("n_tasks", "n_people"), [(40, 10), (200, 70), (150, 130)])
def test_plans_that_are_measured__are_the_same(n_tasks, n_people):
    assert_same(compile_plan(people_plan(n_tasks, n_people)), 5, f"{n_tasks} x {n_people}")


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("n_tasks", "n_people"), [(6, 1), (16, 2), (17, 16), (33, 7), (64, 16)])
def test_quick_plans__are_the_same(n_tasks, n_people, seed):
    """Of all sizes up to the largest, in any order of who may do a task, some people slow, some trials too long."""
    dice = random.Random(f"{n_tasks} x {n_people}, {seed}")
    made = people_plan(n_tasks, n_people, seed=seed)
    if seed % 2:
        tasks = (replace(each, who=tuple(dice.sample(each.who, len(each.who)))) for each in made.tasks)
        made = replace(made, tasks=tuple(tasks))
    if seed % 3 == 0:
        people = (replace(each, focus=Fraction(dice.choice([1, 2, 4]), 4), ramp=0) for each in made.people)
        made = replace(made, people=tuple(people))
    if seed % 5 == 0:
        made = replace(made, project=replace(made.project, horizon=made.project.horizon // 4))
    plan = compile_plan(made)
    assert is_quick(plan.arrays)
    assert_same(plan, 4, f"{n_tasks} x {n_people}, seed {seed}")


@pytest.mark.parametrize(("n_tasks", "n_people"), [(65, 16), (64, 17)])
def test_is_quick__up_to_64_tasks_and_16_people(n_tasks, n_people):
    assert not is_quick(compile_plan(people_plan(n_tasks, n_people)).arrays)


@pytest.mark.parametrize(
    "second",
    [
        pytest.param(task("b", "1d", "ANN", not_before=3), id="a date"),
        pytest.param(task("b", "1d", "ANN", after=link("a", lag="1d")), id="a lag"),
        pytest.param(task("b", duration="2d", after="a"), id="on the clock"),
        pytest.param(task("b", {"ANN": "1d", "BOB": "1d"}), id="two parts"),
        pytest.param(milestone("b", after="a"), id="no part"),
    ],
)
def test_is_quick__not_with(second):
    first, people = task("a", "2d", "ANN"), [person("ANN"), person("BOB")]
    assert is_quick(compile_plan(scenario(people, [first, task("b", "1d", "ANN", after="a")])).arrays)
    plan = compile_plan(scenario(people, [first, second]))
    assert is_plain(plan.arrays)
    assert not is_quick(plan.arrays)


def test_quick_plans__have_their_first_tables_where_the_compiler_looks_for_them():
    state = new_plain_state(compile_plan(people_plan(5, 2)).arrays)
    places = quick_places()
    assert state._fields[: len(places)] == tuple(places)
    for name, place in places.items():
        array = getattr(state, name)
        assert array.ctypes.data - state.clock.ctypes.data == place.first
        assert array.shape == place.shape


def test_nothing_to_do__takes_no_time_even_of_somebody_who_does_nothing_on_their_first_day():
    """Then half a day's work on the second day, and the other half in the first half of the third."""
    ann = person("ANN", start=1, ramp="2d", ramp_from=0)
    plan = compile_plan(scenario([ann], [task("nothing", "0d", "ANN"), task("dig", "1d", "ANN")]))
    outcomes = assert_same(plan, 1, "a task without effort")
    assert outcomes.task_start[0].tolist() == [DAY, DAY]
    assert outcomes.task_finish[0].tolist() == [DAY, 3 * DAY + DAY // 2]


def test_found_by_search__nothing_is_drawn_for_somebody_who_does_nothing_yet():
    """A normal effort below zero, in the first days of a long ramp."""
    plan = compile_plan(only_people(make_scenario(61495), 61495))
    assert_same(plan, 3, "scenario 61495", seed=7)


@pytest.mark.parametrize("seed", range(12))
def test_absence_of_several_kinds__is_the_same_up_to_the_horizon(seed):
    """Spells from rare and short to nearly always and far beyond the horizon, of up to three kinds at a time."""
    dice = random.Random(seed)
    made = people_plan(dice.choice([5, 8, 12]), dice.choice([3, 4]), seed=seed)
    people = tuple(replace(each, absence=hazards(dice)) for each in made.people)
    assert_same(compile_plan(replace(made, people=people)), 6, f"absence {seed}")


def hazards(dice: random.Random) -> tuple[Absence, ...]:
    kinds = []
    for number in range(dice.choice([0, 1, 2, 3])):
        longest = float(DAY * dice.choice([1, 10, 100]))
        length = Distribution("uniform", (1.0, longest), (1.0 + longest) / 2)
        kinds.append(Absence(f"kind {number}", dice.choice([0.5, 5.0, 20.0, 100.0, 260.0]), length))
    return tuple(kinds)


@pytest.mark.parametrize("day_minutes", [1, 2, 7, 60, 450, 480, 511, 512, 513, 1440])
def test_day_at__is_a_division(day_minutes):
    inverse, shift = inverse_of.py_func(day_minutes)
    state = SimpleNamespace(clock=[SimpleNamespace(inverse=inverse, shift=shift)])
    dice = random.Random(day_minutes)
    last = (1 << 31) - 1
    minutes = [0, last, last - 1, *(dice.randrange(last) for _ in range(500))]
    for whole in [day_minutes * dice.randrange(last // day_minutes) for _ in range(500)]:
        minutes += [whole, max(0, whole - 1)]
    for minute in minutes:
        assert day_at.py_func(state, minute) == minute // day_minutes
        assert minute * inverse < 1 << 63


WITHOUT_COMPILATION = """
from simrisk.bench.cases import people_plan
from simrisk.compile import compile_plan
from simrisk.engines.kernels import PLAIN, run_kernels
for field in run_kernels(compile_plan(people_plan(14, 4)), trials=2, seed=11, kernel=PLAIN):
    print(field.tobytes().hex())
"""


def test_trials__are_the_same_without_compilation():
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "kernels", ROOT / "tests")))
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", WITHOUT_COMPILATION],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": paths},
        capture_output=True,
        text=True,
        check=True,
    )
    compiled = run_kernels(compile_plan(people_plan(14, 4)), trials=2, seed=SEED, kernel=PLAIN)
    assert found.stdout.splitlines() == [field.tobytes().hex() for field in compiled]


def test_trials__are_the_same_in_any_split():
    plan = compile_plan(people_plan(30, 5))
    whole = run_kernels(plan, trials=200, seed=SEED, threads=2, kernel=PLAIN)
    for first, n in ((0, 1), (63, 2), (100, 100)):
        part = run_kernels(plan, trials=n, seed=SEED, first=first, block=7, threads=1, kernel=PLAIN)
        for name, values in whole._asdict().items():
            assert np.array_equal(values[first : first + n], getattr(part, name)), name


@pytest.mark.parametrize(
    ("ready", "plain", "other"),
    [
        pytest.param({PLAIN, SMALL, EVENTS}, PLAIN, SMALL, id="all are there"),
        pytest.param({PLAIN}, PLAIN, SMALL, id="the plain one is there"),
        pytest.param({SMALL}, SMALL, SMALL, id="the one for small plans is there"),
        pytest.param({EVENTS}, EVENTS, EVENTS, id="what is there does it, too"),
        pytest.param(set(), PLAIN, SMALL, id="none is there"),
    ],
)
def test_kernel_for__compiles_no_second_kernel(monkeypatch, ready, plain, other):
    monkeypatch.setattr(entries, "is_ready", lambda name: name in ready)
    assert kernel_for(compile_plan(people_plan(8, 3))) == plain
    assert kernel_for(compile_plan(make_plain_scenario(2))) == other


def test_run_kernels__takes_the_kernel_for_the_plan_or_the_one_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(entries, "kernel", lambda name, found=entries.kernel: asked.append(name) or found(name))
    monkeypatch.setattr(entries, "is_ready", lambda name: True)
    run_kernels(compile_plan(people_plan(8, 3)), trials=1, seed=SEED)
    run_kernels(compile_plan(people_plan(8, 3)), trials=1, seed=SEED, kernel=EVENTS)
    run_kernels(compile_plan(make_plain_scenario(2)), trials=1, seed=SEED)
    assert asked == [PLAIN, EVENTS, SMALL]


def team(**facts: object) -> Scenario:
    ann = person("ANN", absence=[sick(12, "2d")], leave=[off(3, 4)], ramp="3d", start=1)
    tasks = [
        task("dig", "3d", ["ANN", "BOB"], "any"),
        task("plant", {"ANN": "1d", "BOB": "2d"}, after=link("dig", lag="1d"), not_before=8),
        task("grow", duration="20d", after="plant"),
        milestone("harvest", after="grow"),
    ]
    return replace(scenario([ann, person("BOB")], tasks), **facts)  # type: ignore[arg-type]


def with_task(one: str, **facts: object) -> Scenario:
    made = team()
    return replace(made, tasks=tuple(replace(each, **facts) if each.id == one else each for each in made.tasks))


def with_ann(**facts: object) -> Scenario:
    ann, bob = team().people
    return replace(team(), people=(replace(ann, **facts), bob))


def test_is_plain__a_team_with_leave_illness_ramps_dates_and_lags():
    assert is_plain(compile_plan(team()).arrays)


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(team(sprints=sprints(2)), id="sprints"),
        pytest.param(team(gates=(gate("go", requires=["dig"]),)), id="gates"),
        pytest.param(team(risks=(risk("rain", 0.5, "dig", delay="1d"),)), id="risks"),
        pytest.param(team(cover=cover("2d")), id="a policy"),
        pytest.param(with_ann(end=off(9, 9).first), id="somebody's last day"),
        pytest.param(with_ann(departure=departure(0.5)), id="departures"),
        pytest.param(with_task("dig", share="together"), id="together"),
        pytest.param(with_task("grow", who=("ANN",)), id="on the clock, with people"),
        pytest.param(with_task("dig", raises=(("ANN", "digging", 3),)), id="cross-training"),
        pytest.param(with_task("harvest", links=(link("dig", "SS"),)), id="from start to start"),
        pytest.param(with_task("harvest", links=(link("grow", lag="-1d"),)), id="back from a known end"),
        pytest.param(
            replace(with_task("dig", uses=(("spade", 1),)), equipment=(equipment("spade"),)), id="equipment in use"
        ),
    ],
)
def test_is_plain__not_with(made):
    assert not is_plain(compile_plan(made).arrays)
