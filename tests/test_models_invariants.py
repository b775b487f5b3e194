"""What always holds: work is conserved, nobody is in two places, nothing begins before it may."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from build import Distribution, cover, gate, off, person, pert, scenario, sick, sprints, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.models.facts import Facts
from simrisk.models.presence import Reason
from simrisk.models.quantities import Draws
from simrisk.models.world import World
from simrisk.scenario.model import Scenario

COST = 90  # minutes per change of hands
TRIALS = 12


def crowded() -> Scenario:
    """Few people, much leave and absence, gates that fail: everything happens to everybody."""
    ill = [sick(30, pert("1d", "2d", "9d"))]
    people = [
        person("ANN", rust=3, absence=ill, pto_days=20, start=-3, ramp="10d", ramp_from="0.4"),
        person("BOB", rust=2, focus="0.8", absence=ill, leave=[off(3, 9)]),
        person("CYD", rust=1, fte="0.5", start=4, end=60, pto_days=30),
        person("DAN", absence=ill),
    ]
    spread = pert("4h", "2d", "8d")
    tasks = [
        task("a", spread, "ANN", sprint=1, skill="rust"),
        task("b", spread, ["ANN", "BOB"], sprint=1),
        task("c", spread, ["BOB", "CYD"], "any", sprint=2, after="a", skill="rust"),
        task("d", spread, ["ANN", "BOB"], "together", sprint=2, after="b", optional=True, backup=["DAN", "CYD"]),
        task("e", {"ANN": spread, "CYD": spread}, sprint=3, after="c", skill="rust"),
        task("f", spread, "BOB", not_before=7, backup=["ANN", "DAN"]),
        task("g", spread, ["ANN", "BOB", "DAN"], "any", after="b", backup=["CYD"]),
    ]
    gates = [
        gate(
            "one",
            due=1,
            requires=["a", "b"],
            blocks=[2],
            chance=0.4,
            extend="2d",
            rework={"ANN": "1d", "BOB": "1d"},
            rework_skill="rust",
            review="4h",
            max_extensions=2,
            then="descope",
        ),
        gate("two", requires=["c", "f"], chance=0.5, extend="1d", max_extensions=2, rework={"DAN": "5h"}),
    ]
    return scenario(
        people,
        tasks,
        gates,
        sprints=sprints(3, 4, "2h"),
        efficiency={1: "0.5", 2: "0.8", 3: 1},
        backup_level=2,
        cover=cover("1d", COST),
        common=Distribution("lognormal", (1.0, 0.3), 1.0),
        horizon="150d",
        max_off=1,
        block=2,
    )


class WatchedWorld(World):
    """A world that is looked at at the end of every minute, and keeps books of its own."""

    def __init__(self, facts: Facts, draws: Draws) -> None:
        super().__init__(facts, draws)
        self.books: dict[str, Counter[str]] = {worker.name: Counter() for worker in self.workers}
        self.doing: dict[str, str] = {}
        self.looked_at = 0

    def settle(self) -> None:
        super().settle()
        self.book()
        at_work = Counter(
            owner.worker.name
            for part in self.parts
            if part.rate is not None and part.waits_for_hands
            for owner in part.owners
        )
        assert max(at_work.values(), default=0) <= 1, "somebody does two things"
        self.doing = {worker.name: self.state_of(worker, at_work) for worker in self.workers}

    def state_of(self, worker, at_work) -> str:
        if at_work[worker.name]:
            assert worker.reason is Reason.PRESENT, "somebody works while away"
            assert worker.ceremony_since is None, "somebody works in a ceremony"
            return "work"
        if worker.ceremony_since is not None:
            assert worker.reason is Reason.PRESENT
            return "ceremony"
        return worker.reason.value

    def book(self) -> None:
        for name, state in self.doing.items():
            self.books[name][state] += self.clock.now - self.looked_at
        self.looked_at = self.clock.now


@pytest.fixture(scope="module", params=range(TRIALS))
def world(request) -> WatchedWorld:
    plan = compile_plan(crowded())
    world = WatchedWorld(Facts(plan), Draws(plan.arrays, 4, request.param))
    world.run()
    world.book()
    return world


def test_time_adds_up(world):
    for worker in world.workers:
        spent = world.books[worker.name]
        assert spent["work"] == worker.worked
        assert spent["ceremony"] == worker.ceremony_minutes
        assert spent["on leave"] == worker.away_minutes[Reason.LEAVE]
        assert spent["absent"] == worker.away_minutes[Reason.ABSENT]
        assert sum(spent.values()) == world.clock.now


def test_employment_adds_up(world):
    for worker in world.workers:
        spent = world.books[worker.name]
        employed = max(0, min(worker.record.end, world.clock.now) - max(0, worker.record.start))
        assert sum(spent[state] for state in ("work", "ceremony", "on leave", "absent", "present")) == employed


def test_work_is_conserved(world):
    ordinary = [part for part in world.parts if not part.job.is_urgent]
    costs = sum(task.handovers for task in world.tasks) * COST * 1_000_000
    assert world.work_done == sum(part.effort - part.left for part in ordinary) + costs
    assert all(part.left == 0 for part in ordinary if part.done_at is not None)


def test_nothing_begins_before_it_may(world):
    for task_ in world.tasks:
        if task_.started_at is None or task_.dropped_by:
            continue
        assert all(wait.satisfied_at is not None and wait.satisfied_at <= task_.started_at for wait in task_.waits)
        assert all(wait.before.finished_at <= wait.satisfied_at for wait in task_.waits)
        assert task_.started_at >= task_.record.not_before
        assert task_.opening is None or task_.started_at >= task_.opening.opened_at
        assert all(gate_.passed_at is not None and gate_.passed_at <= task_.started_at for gate_ in task_.gates)


def test_no_gate_passes_with_a_required_task_undone(world):
    for gate_ in world.gates:
        if gate_.first_review_at is not None:
            assert all(task_.is_over and task_.finished_at <= gate_.first_review_at for task_ in gate_.requires)


def test_no_more_than_max_off_on_random_leave(world):
    for day_ in range(world.facts.project.n_days):
        assert sum(day_ in worker.calendar.leave_days for worker in world.workers) <= 1


def row(outcomes, i: int) -> list:
    return [field[i].tolist() for field in outcomes]


def test_a_trial_alone_is_the_trial_of_the_run(engine):
    plan = compile_plan(crowded())
    run = engines.run(plan, trials=7, seed=9, first=2, engine=engine)
    for i in range(7):
        assert row(engines.run(plan, trials=1, seed=9, first=2 + i, engine=engine), 0) == row(run, i)


def test_progress_counts_the_trials():
    seen: list[int] = []
    engines.run(compile_plan(crowded()), trials=5, seed=1, engine="reference", progress=seen.append)
    assert sum(seen) == 5


@settings(max_examples=20, deadline=None)
@given(order=st.permutations(range(7)))
def test_the_order_of_the_file_changes_nothing_when_priorities_decide(order):
    """With a priority of its own for each task the order of tasks in the file does not matter."""
    made = crowded()
    ranked = [replace(task_, priority=i) for i, task_ in enumerate(made.tasks)]
    plan = compile_plan(replace(made, tasks=tuple(ranked)))
    shuffled = compile_plan(replace(made, tasks=tuple(ranked[i] for i in order)))
    first = engines.run(plan, trials=3, seed=5, engine="reference")
    second = engines.run(shuffled, trials=3, seed=5, engine="reference")
    np.testing.assert_array_equal(first.end, second.end)
    np.testing.assert_array_equal(first.cost, second.cost)
    np.testing.assert_array_equal(first.task_finish[:, order], second.task_finish)
    np.testing.assert_array_equal(first.person_worked, second.person_worked)


def test_common_random_numbers__a_task_of_somebody_else_leaves_the_others_alone(engine):
    made = crowded()
    more = replace(
        made,
        people=(person("ZOE"), *made.people),
        tasks=(task("new", pert("1h", "2h", "9h"), "ZOE"), *made.tasks),
    )
    # the newcomer is in no gate and no sprint, so nothing of the others' depends on it
    first = engines.run(compile_plan(made), trials=6, seed=5, engine=engine)
    second = engines.run(compile_plan(more), trials=6, seed=5, engine=engine)
    np.testing.assert_array_equal(first.task_finish, second.task_finish[:, 1:])
    np.testing.assert_array_equal(first.task_effort, second.task_effort[:, 1:])
    np.testing.assert_array_equal(first.person_absence[:, 0], second.person_absence[:, 1])


def test_without_uncertainty_every_trial_is_the_baseline(engine):
    certain = scenario(
        [person("ANN", leave=[off(1, 1)]), person("BOB")],
        [task("a", "2d", "ANN", sprint=1), task("b", "1d", ["ANN", "BOB"], after="a", sprint=2)],
        [gate("go", due=1, requires=["a"], blocks=[2], review="1h")],
        sprints=sprints(2, 5, "1h"),
    )
    plan = compile_plan(certain)
    baseline = engines.run_baseline(plan)
    run = engines.run(plan, trials=3, seed=1, engine=engine)
    # sprint 1 till day 5, an hour of review, sprint 2 from day 6, ceremony, half a day for each
    assert baseline.end.tolist() == [6 * 480 + 60 + 240]
    for i in range(3):
        assert row(run, i) == row(baseline, 0)
