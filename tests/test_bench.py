"""The benchmark compares the same work: every way gives the integers of the kernels; and it measures what it says."""

from __future__ import annotations

import json
import random
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from simrisk import engines
from simrisk.bench import cases, commands, comparisons, machine, networks, peers, people, report, targets, timing
from simrisk.bench.networks import Network, Tie
from simrisk.bench.people import Given, Team
from simrisk.cli import bench
from simrisk.cli.console import Console
from simrisk.compile import compile_plan
from simrisk.scenario.model import Distribution
from simrisk_kernels.layout import BUSY, LEAVE

SEED = 5


# The cases


@pytest.mark.parametrize("n_tasks", [40, 400, 1_000])
def test_layered_network__has_a_way_through_all_layers_and_the_predecessors_asked_for(n_tasks):
    predecessors = cases.layered_network(cases.Dice(1), n_tasks)
    depth = [0] * n_tasks
    for i, before in enumerate(predecessors):
        assert before == sorted(set(before))
        assert all(j < i for j in before)
        depth[i] = 1 + max((depth[j] for j in before), default=0)
    assert max(depth) == max(5, round(n_tasks**0.5))
    assert sum(map(len, predecessors)) / n_tasks == pytest.approx(cases.PREDECESSORS, abs=0.3)


def test_plans__are_the_same_whenever_they_are_made():
    assert cases.people_plan(40, 10) == cases.people_plan(40, 10)
    assert cases.network_plan(50, mixed=True) == cases.network_plan(50, mixed=True)
    assert cases.people_plan(40, 10) != cases.people_plan(40, 10, seed=4)


def test_people_plan__people_are_short_and_away():
    """Otherwise it would measure a network."""
    plan = compile_plan(cases.people_plan(40, 10))
    outcomes = engines.run(plan, trials=20, seed=SEED)
    assert (outcomes.outcome == 0).all()
    assert (outcomes.chain[:, [BUSY, LEAVE]].sum(axis=0) > 0).all()
    assert (outcomes.person_leave.sum(axis=1) > 0).all()
    assert outcomes.person_absence.sum() > 0


def test_network_plan__mixed_has_three_kinds_of_links():
    kinds = {link.kind for task in cases.network_plan(50, mixed=True).tasks for link in task.links}
    assert kinds == {"FS", "SS", "FF"}
    assert {link.kind for task in cases.network_plan(50).tasks for link in task.links} == {"FS"}


# People by hand

BOTH = [people.run_in_simpy, lambda team, given: people.run_in_a_loop(people.masks_of(team), given)]


@pytest.mark.parametrize("run", BOTH, ids=["simpy", "loop"])
def test_by_hand__hand_worked(run):
    """Three tasks, two people: 0 and 1 at once, then 2, which only person 0 can do.

    Person 0 takes task 0 and is away in its middle, [40, 60): 100 minutes end at 120. Person 1 is away at first: task 1
    begins at 30 and ends at 80, the minute in which they go again. Task 2 is ready at 120; person 0 is away [120, 200).
    """
    team = Team(2, [[0, 1], [0, 1], [0]], [0, 0, 2], [[2], [2], []])
    assert run(team, Given([100, 50, 10], [[(40, 60), (120, 200)], [(0, 30), (80, 90)]])) == [120, 80, 210]


@pytest.mark.parametrize("run", BOTH, ids=["simpy", "loop"])
def test_by_hand__the_first_who_is_free_takes_the_first_task(run):
    """Tasks 0, 1 and 2 are ready; 0 and 1 are taken, 2 waits for whoever is done first, and 3 for person 1 alone."""
    team = Team(2, [[0, 1], [0, 1], [0, 1], [1]], [0, 0, 0, 0], [[], [], [], []])
    assert run(team, Given([30, 20, 25, 5], [[], []])) == [30, 20, 45, 50]


@st.composite
def crowds(draw: st.DrawFn) -> tuple[Team, Given]:
    n_people, n_tasks = draw(st.integers(1, 4)), draw(st.integers(1, 8))
    who = [sorted(draw(st.sets(st.integers(0, n_people - 1), min_size=1))) for _ in range(n_tasks)]
    before = [sorted(draw(st.sets(st.integers(0, i - 1), max_size=3))) if i else [] for i in range(n_tasks)]
    successors = [[i for i in range(n_tasks) if j in before[i]] for j in range(n_tasks)]
    efforts = draw(st.lists(st.integers(1, 12), min_size=n_tasks, max_size=n_tasks))
    away = []
    for _ in range(n_people):
        edges = sorted(draw(st.sets(st.integers(0, 40), max_size=8)))
        away.append(list(zip(edges[::2], edges[1::2], strict=False)))
    return Team(n_people, who, [len(one) for one in before], successors), Given(efforts, away)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(crowds())
def test_by_hand__both_give_the_same_finishes(crowd):
    team, given = crowd
    assert people.run_in_simpy(team, given) == people.run_in_a_loop(people.masks_of(team), given)


def test_people__all_four_ways_give_the_same_integers():
    plan = compile_plan(cases.people_plan(40, 10))
    team, trials = people.team_of(plan), 12
    kernel = engines.run(plan, trials=trials, seed=SEED)
    reference = engines.run(plan, trials=trials, seed=SEED, engine="reference")
    dice = [people.given(plan, SEED, trial) for trial in range(trials)]
    for found, expected in zip(kernel, reference, strict=True):
        assert np.array_equal(found, expected)
    assert kernel.task_effort.tolist() == [one.efforts for one in dice]
    assert kernel.task_finish.tolist() == [people.run_in_simpy(team, one) for one in dice]
    assert kernel.task_finish.tolist() == [people.run_in_a_loop(people.masks_of(team), one) for one in dice]


# Networks by hand


def fan(*lengths: int) -> tuple[Network, np.ndarray]:
    """Paths of one activity each, side by side."""
    return Network([[] for _ in lengths], [[] for _ in lengths]), np.array([lengths], np.int32).T


@pytest.mark.parametrize("mixed", [False, True], ids=["finish-start", "mixed"])
@pytest.mark.parametrize("n_tasks", [50, 200])
def test_networks__all_ways_give_the_same_finishes(n_tasks, mixed):
    plan = compile_plan(cases.network_plan(n_tasks, mixed=mixed))
    network, trials = networks.network_of(plan.scenario), 8
    durations = networks.durations_of(plan, SEED, trials)
    kernel = engines.run(plan, trials=trials, seed=SEED)
    assert np.array_equal(kernel.task_effort, durations.T)
    by_numpy = networks.numpy_statistics(network, durations)
    assert np.array_equal(kernel.end, by_numpy.finish)
    equality = comparisons.Equality()
    comparisons.check_statistics(plan, SEED, equality, by_numpy)
    assert equality.compared == trials + 4 * n_tasks
    assert equality.differing == 0
    assert kernel.end.tolist() == [networks.loop_finish(network, column) for column in durations.T.tolist()]
    assert kernel.end.tolist() == [networks.simpy_finish(network, column) for column in durations.T.tolist()]


def test_network__hand_worked_links():
    """0 [0, 10); 1 starts 3 after 0 starts: [3, 7); 2 starts 2 after 1: [9, 10), but ends 5 after 0 ends: 15."""
    ties = [[], [Tie(0, "SS", 3)], [Tie(1, "FS", 2), Tie(0, "FF", 5)]]
    after = [[Tie(1, "SS", 3), Tie(2, "FF", 5)], [Tie(2, "FS", 2)], []]
    network, durations = Network(ties, after), np.array([[10], [4], [1]], np.int32)
    found = networks.numpy_statistics(network, durations)
    assert found.finish.tolist() == [15]
    assert networks.loop_finish(network, [10, 4, 1]) == networks.simpy_finish(network, [10, 4, 1]) == 15
    # 1 can begin 5 later (9 + 5 + 1 = 15), so can 2; 0 cannot
    assert found.critical.tolist() == [1, 0, 0]


def test_numpy_statistics__critical_is_what_would_delay_the_finish():
    plan = compile_plan(cases.network_plan(50))
    network, trials = networks.network_of(plan.scenario), 20
    durations = networks.durations_of(plan, SEED, trials)
    found = networks.numpy_statistics(network, durations)
    for i in range(50):
        longer = durations.copy()
        longer[i] += 1
        assert found.critical[i] == (networks.numpy_finish(network, longer) > found.finish).sum()
    assert 0 < found.critical.sum() < 50 * trials


def test_numpy_statistics__sums():
    network, durations = fan(3, 5)
    found = networks.numpy_statistics(network, np.repeat(durations, 2, axis=1))
    assert found.sum_duration.tolist() == [6, 10]
    assert found.sum_square.tolist() == [18, 50]
    assert found.sum_product.tolist() == [30, 50]
    assert found.critical.tolist() == [0, 2]


QUANTITIES = [
    (Distribution("pert", (100.0, 200.0, 500.0), 200.0), stats.beta(2, 4, 100, 400)),
    (Distribution("triangular", (100.0, 200.0, 500.0), 200.0), stats.triang(0.25, 100, 400)),
    (Distribution("lognormal", (200.0, 0.35), 200.0), stats.lognorm(0.35, scale=200)),
]


@pytest.mark.parametrize(("quantity", "law"), QUANTITIES, ids=lambda value: getattr(value, "kind", ""))
def test_own_draws__follow_the_same_law(quantity, law):
    """Kolmogorov-Smirnov at a false-alarm rate of 1e-9; rounding to minutes moves the curve by less than 0.005."""
    n = 20_000
    bound = np.sqrt(-0.5 * np.log(0.5e-9) / n) + 0.005
    plan = cases.network_plan(50)
    one = replace(plan, tasks=(replace(plan.tasks[0], efforts=(quantity,), links=()),))
    by_numpy = networks.numpy_draws(compile_plan(one), np.random.default_rng(SEED), n)[0]
    dice = random.Random(SEED)
    by_python = [networks.loop_draws(one, dice)[0] for _ in range(n)]
    for drawn in (by_numpy, by_python):
        assert stats.ks_1samp(drawn, law.cdf).statistic < bound


# Timing


class Clock:
    """A clock that work moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def way(self, what: str, cost: float, log: list[str], step: int = 1) -> timing.Way:
        def run(trials: int) -> None:
            assert trials % step == 0
            log.append(what)
            self.now += cost * trials

        return timing.Way(what, run, step)


def test_watch__ways_take_turns_and_fill_them():
    clock, log = Clock(), []
    watch = timing.Watch(timing.Effort(repetitions=5, seconds=1.0), clock)
    quick, slow = watch.measure([clock.way("quick", 0.001, log, step=64), clock.way("slow", 10.0, log)])
    assert log[-10:] == ["quick", "slow"] * 5
    assert quick.trials == 960  # the most multiples of 64 in a second
    assert slow.trials == 1
    assert quick.least == pytest.approx(0.001)
    assert slow.ratio_to(quick) == pytest.approx(10_000)
    assert len(quick.seconds) == 5


def test_timing__ratio_is_that_of_each_round():
    """A round in which the machine is twice as slow for both changes no ratio."""
    way = timing.Way("", lambda trials: None)
    ours, other = timing.Timing(way, 1, (1.0, 2.0, 1.0)), timing.Timing(way, 1, (30.0, 60.0, 33.0))
    assert other.ratio_to(ours) == 30.0
    assert other.least == 30.0
    assert other.median == 33.0


def test_equality__counts_what_differs():
    equality = comparisons.Equality()
    equality.check([1, 2, 3], [1, 5, 3])
    equality.check([[1, 2]], [1, 2])
    assert (equality.compared, equality.differing) == (5, 3)


def test_over_and_over__begins_anew_with_the_items():
    seen: list[int] = []
    comparisons.over_and_over(seen.append, [1, 2, 3])(7)
    assert seen == [1, 2, 3, 1, 2, 3, 1]


# Targets and table


def compared(case: str, **seconds: float) -> comparisons.Comparison:
    """A comparison in which each way took so many seconds a trial; the first is ours."""
    names = {"numpy": comparisons.NUMPY_FINISH, "loop": comparisons.LOOP, "reference": comparisons.REFERENCE}
    ways = [
        timing.Timing(timing.Way(names.get(name, name), lambda trials: None), 1, (second,) * 5)
        for name, second in seconds.items()
    ]
    return comparisons.Comparison(case, "made up", "us per trial", 1e6, tuple(ways), 10, 0)


def network(case: str, ns: float) -> comparisons.Comparison:
    return replace(compared(case, ours=ns * 1e-9, numpy=30e-9, loop=1.2e-6), scale=1e9)


NOTHING = targets.Whole("no", "no", "no", "no")


def judged(**given: Any) -> dict[str, bool | None]:
    facts = {"people": [], "scenarios": [], "networks": [network("50", 0.5)], "whole": NOTHING, "vectors": "AVX-512"}
    return {target.what: target.met for target in targets.judge(**{**facts, **given})}


def test_targets__networks_are_held_to_the_slowest():
    what = "network of 50 / 1,000, per activity and trial"
    assert judged(networks=[network("50", 0.5), network("1,000", 0.99)])[what] is True
    assert judged(networks=[network("50", 0.5), network("1,000", 1.01)])[what] is False
    assert judged(networks=[network("50", 0.5), network("1,000", 1.99)], vectors="AVX2")[what] is True
    assert judged(networks=[network("50", 0.5), network("1,000", 0.5)], vectors="SSE2")[what] is None


def test_targets__people_and_phase3():
    met = judged(people=[compared("40 x 10", ours=2.6e-6)], scenarios=[compared("phase3", ours=1e-5, reference=1.6e-3)])
    assert met["plain kernel, 40 x 10, a trial"] is False
    assert met["plain kernel, 1,000 x 100, a trial"] is None
    assert met["event kernel, phase3, to the reference engine"] is True
    assert met["... 100,000 trials on two threads"] is None


def test_targets__one_integer_that_differs_is_too_many():
    assert judged()["integers that differ"] is True
    assert judged(people=[replace(compared("40 x 10", ours=1e-6), differing=1)])["integers that differ"] is False


def test_targets__whole_commands():
    rate = timing.Timing(timing.Way("", lambda trials: None), 100, (0.9e-5, 1.2e-5))
    whole = targets.Whole(rate, commands.Cost(1.01, None), commands.Cost(0.09, None), commands.Cost(20.0, 1 << 30))
    met = judged(scenarios=[compared("phase3", ours=1e-5, reference=1.4e-3)], whole=whole)
    assert list(met.values())[-6:] == [False, True, True, False, True, True]


def made_up_report(differing: int = 0) -> report.Report:
    one = replace(compared("40 x 10", ours=2e-6, reference=4e-4), differing=differing)
    return report.Report(
        machine=machine.Machine("Abacus", "wood", "AVX2", 2, 0.5, {"numpy": "2"}, "abc"),
        effort=timing.Effort(5, 0.1),
        people=(one,),
        scenarios=(),
        networks=(network("50", 0.5),),
        peers=None,
        threads=(("phase3", 2, one.ours),),
        targets=tuple(targets.judge([one], [], [network("50", 0.5)], NOTHING, "AVX2")),
    )


def test_table__has_every_way_with_its_ratio():
    text = report.render(made_up_report())
    assert "Abacus (wood, AVX2), 2 threads, load 0.5" in text
    rows = {" ".join(line.split()) for line in text.splitlines()}
    assert f"{comparisons.REFERENCE} 400 400 200 1" in rows
    assert "phase3 2 threads 500,000 trials/s" in rows
    assert "plain kernel, 40 x 10, a trial <= 2.5 us 2.0 us yes" in rows
    assert max(map(len, text.splitlines())) <= 130


def test_json__says_the_same_and_every_repetition():
    found = json.loads(report.render_json(made_up_report()))
    assert found["schema"] == 1
    ours, other = found["people"][0]["ways"]
    assert (ours["best"], other["ratio"], other["trials"]) == (pytest.approx(2.0), pytest.approx(200.0), 1)
    assert len(other["seconds_per_trial"]) == found["repetitions"] == 5
    assert {"what", "wanted", "measured", "met"} == set(found["targets"][0])


@pytest.mark.parametrize(("differing", "code"), [(0, 0), (1, 3)])
def test_command__leaves_with_3_when_integers_differ(monkeypatch, differing, code):
    monkeypatch.setattr(report, "measure_all", lambda quick, say: made_up_report(differing))
    monkeypatch.setattr(engines, "kernels_ready", lambda: True)
    monkeypatch.setattr("simrisk.engines.cache.enable", lambda: True)
    result = CliRunner().invoke(bench.command, ["--quick"], obj=Console(quiet=True), standalone_mode=False)
    assert result.return_value == code
    assert result.output.startswith("simrisk bench\n")


def test_measure_all__compares_everything_and_nothing_differs(monkeypatch):
    """The whole of it on the smallest plans, each way run as few times as it can be."""
    monkeypatch.setattr(report, "QUICK", timing.Effort(repetitions=2, seconds=0.0))
    monkeypatch.setattr(report, "TEAMS", ((40, 10),))
    monkeypatch.setattr(report, "SIZES", (50, 60))
    monkeypatch.setattr(report, "scenario_files", list)
    said: list[str] = []
    found = report.measure_all(quick=True, say=said.append)
    assert found.differing == 0
    assert [one.case for one in found.people] == ["40 x 10"]
    assert [one.case for one in found.networks] == ["50", "60", "60, mixed links"]
    assert all(one.compared > 0 for one in (*found.people, *found.networks))
    assert all(second > 0 for one in found.networks for way in one.timings for second in way.seconds)
    assert said[0] == "40 tasks x 10 people ..."
    assert "the scenario is not here" in report.render(found)


def test_shipped_scenarios__are_compared_and_timed_on_threads():
    watch = timing.Watch(timing.Effort(repetitions=1, seconds=0.0))
    path = next(path for path in report.scenario_files() if path.stem == "phase3")
    found = comparisons.compare_scenario(watch, path, check_trials=2)
    assert found.compared > 400
    assert found.differing == 0
    assert comparisons.time_threads(watch, path, 2).trials == 2_048


def test_scenario_files__are_those_of_the_checkout():
    assert [path.stem for path in report.scenario_files()] == list(report.SCENARIOS)


def test_machine__tells_what_the_kernels_are_compiled_for():
    here = machine.this_machine()
    assert here.threads >= 1
    assert here.versions["numpy"] == np.__version__
    assert here.line.count("\n") == 0


def test_commands__are_run_and_fail_loudly():
    cost = commands.fastest(["--version"], 1)
    assert cost.seconds > 0
    assert cost.memory is None or cost.memory > 4 * commands.MIB
    with pytest.raises(commands.subprocess.CalledProcessError):
        commands.cost_of(["run", "no-such-file.toml"])


# Other tools: stand-ins with their interface, which walk the network as we do


def install(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    for key, value in members.items():
        setattr(module, key, value)
    monkeypatch.setitem(sys.modules, name, module)


class PlanacoTask:
    def __init__(self, name: str, min_duration: float, mode_duration: float, max_duration: float) -> None:
        self.name, self.likely = name, mode_duration


class PlanacoProject:
    def __init__(self, name: str, unit: str) -> None:
        self.ends: dict[str, float] = {}

    def add_task(self, task: PlanacoTask, depends_on: list[PlanacoTask] | None = None) -> None:
        self.ends[task.name] = task.likely + max((self.ends[before.name] for before in depends_on or ()), default=0)

    def estimate(self) -> float:
        return max(self.ends.values())


class McprojsimProject:
    @staticmethod
    def model_validate(found: dict[str, Any]) -> float:
        ends: dict[str, float] = {}
        for task in found["tasks"]:
            start = max((ends[before] for before in task["dependencies"]), default=0)
            ends[task["id"]] = start + task["estimate"]["expected"]
        return max(ends.values())


class McprojsimEngine:
    def __init__(self, iterations: int, random_seed: int, show_progress: bool) -> None:
        self.iterations = iterations

    def run(self, project: float) -> SimpleNamespace:
        return SimpleNamespace(durations=np.full(self.iterations, project))


def test_peers__get_the_plan_in_their_own_words(monkeypatch):
    install(monkeypatch, "planaco", Task=PlanacoTask, Project=PlanacoProject)
    install(monkeypatch, "mcprojsim", Project=McprojsimProject, SimulationEngine=McprojsimEngine)
    scenario = cases.peers_plan(50)
    likely = [round(task.efforts[0].planned) for task in scenario.tasks]
    expected = networks.loop_finish(networks.network_of(scenario), likely)
    found = peers.installed_peers(scenario)
    assert [peer.name for peer in found] == ["mcprojsim", "planaco"]
    for peer in found:
        assert peer.finishes(3) == pytest.approx([expected] * 3)


def test_peers__without_any_there_is_nothing_to_compare(monkeypatch):
    monkeypatch.setattr(peers, "find_spec", lambda name: None)
    watch = timing.Watch(timing.Effort(1, 0.0))
    assert comparisons.compare_peers(watch, 50) is None
