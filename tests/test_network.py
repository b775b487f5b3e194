"""The network kernel: the logic alone of a plan without walking from event to event, and what is critical in it."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from build import (
    DAY,
    Distribution,
    exactly,
    gate,
    link,
    milestone,
    person,
    pert,
    risk,
    scenario,
    sprints,
    task,
)
from generate import make_scenario
from generate_wide import FEATURES
from simrisk import engines
from simrisk.compile import baseline_plan, compile_plan
from simrisk.engines.network import run_blocks
from simrisk.models import network as models_network
from simrisk.models.efforts import Ranges
from simrisk.models.graph import NotANetworkError
from simrisk.models.logic import logic_plan
from simrisk.models.network import lower_network, network_of
from simrisk.models.sampling import sampled
from simrisk.scenario.load import load
from simrisk.simulation import Experiment
from simrisk_kernels import draws
from simrisk_kernels.bundle import pack
from simrisk_kernels.layout import CENSORED, FINISHED, STOPPED
from simrisk_kernels.network_layout import (
    AHEAD,
    BEHIND,
    DELAYED,
    LAGGED,
    NEXT_DAY,
    REVIEWED,
    WORKED,
)
from stat_checks import assert_probability

ROOT = Path(__file__).parents[1]
SCENARIOS = sorted((ROOT / "scenarios").glob("*.toml"))
SEED = 7


def network_of_plan(plan):
    return network_of(logic_plan(plan))


def assert_same_ends(what, trials: int, first: int = 0, seed: int = SEED, engine: engines.Engine = "kernel"):
    """The network of a plan ends as its logic alone does in another engine; returns the network."""
    plan = logic_plan(what)
    network = lower_network(plan)
    run = run_blocks(network, trials=trials, seed=seed, first=first)
    expected = engines.run(plan, trials=trials, seed=seed, first=first, engine=engine)
    assert run.end.tolist() == expected.end.tolist()
    assert run.outcome.tolist() == expected.outcome.tolist()
    assert run.n_finished == (expected.outcome == FINISHED).sum()
    return network


# The same ends as the other engines


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_shipped_scenarios__end_as_in_the_event_kernel(path):
    plan = compile_plan(load(path))
    assert_same_ends(plan, 300 if len(plan.task_ids) < 150 else 60, first=1000)
    assert_same_ends(plan, 3, engine="reference")
    assert_same_ends(baseline_plan(plan), 1)


@pytest.mark.slow
def test_generated_scenarios__end_as_in_the_event_kernel():
    """Two in three are networks, with every kind of activity; the others say why they are none."""
    seen: Counter[str] = Counter()
    for number in range(500):
        plan = compile_plan(make_scenario(number))
        try:
            network = assert_same_ends(plan, 6, first=60)
        except NotANetworkError as reason:
            seen[str(reason)] += 1
            continue
        seen["networks"] += 1
        seen.update(network.arrays.kinds.tolist())
        if number % 10 == 0:
            assert_same_ends(plan, 1, engine="reference")
            assert_same_ends(baseline_plan(plan), 1, seed=0)
    assert seen["networks"] > 320
    assert min(seen[kind] for kind in (WORKED, DELAYED, LAGGED, REVIEWED, NEXT_DAY)) > 15
    assert min(seen[reason] for reason in ("a gate may drop tasks", "somebody learns before or after")) > 5


def test_order_of_large_networks__changes_no_number(monkeypatch):
    seen: Counter[int] = Counter()
    for number in range(200):
        plan = compile_plan(make_scenario(number))
        with monkeypatch.context() as patched:
            run, rows = run_of_network(plan)
            patched.setattr(models_network, "MANY", 1)
            other, other_rows = run_of_network(plan)
        if rows is not None and rows != other_rows:
            for name in ("end", "outcome", "finish_sums", "task_critical", "gate_critical", "task_sums"):
                assert getattr(run, name).tolist() == getattr(other, name).tolist(), name
            seen.update(network_of_plan(plan).arrays.kinds.tolist())
    assert min(seen[kind] for kind in (WORKED, DELAYED, LAGGED, REVIEWED, NEXT_DAY)) > 5


def run_of_network(plan):
    """Return a run of a plan as a network, and the rows of its activities; nothing if it is none."""
    network = network_of_plan(plan)
    if network is None:
        return None, None
    return run_blocks(network, trials=100, seed=SEED), [*network.task_rows, *network.work_rows, *network.gate_rows]


@pytest.mark.parametrize("feature", FEATURES)
def test_each_feature_by_itself__ends_as_in_the_event_kernel(feature):
    n = 0
    for number in range(50_000, 50_060):
        plan = compile_plan(make_scenario(number, (feature,)))
        if network_of_plan(plan) is not None:
            assert_same_ends(plan, 6, first=30)
            n += 1
    assert n > 35


def test_latin_hypercubes__end_as_in_the_event_kernel():
    for number in range(0, 200, 10):
        plan = sampled(compile_plan(make_scenario(number)), "lhs")
        if network_of_plan(plan) is not None:
            assert_same_ends(plan, 70, first=200)
    assert_same_ends(sampled(compile_plan(linked_tasks(4)), "lhs"), 300)


def linked_tasks(number: int, n: int = 14):
    """Tasks that wait for nothing but each other: durations, and efforts of people who have nothing else to do."""
    dice = random.Random(number)
    people, tasks = [], []
    for i in range(n):
        links = {}
        for before in dice.sample(range(i), min(i, dice.choice([0, 1, 2, 3]))):
            kind = dice.choice(["FS", "FS", "FS", "SS", "FF", "SF"])
            lag = dice.choice([None, None, exactly(dice.randint(1, 900)), Distribution("uniform", (0.0, 700.0), 300.0)])
            if tasks[before].share == "duration" and kind in ("FS", "FF"):
                lag = dice.choice([lag, exactly(-300), Distribution("uniform", (-500.0, 200.0), -100.0)])
            links[before, kind] = link(f"t{before}", kind, lag)
        length = dice.choice([pert(100, 700, 2000), pert(0, 1, 900), exactly(480)])
        if dice.random() < 0.4:
            people.append(person(f"p{i}", focus=dice.choice(["1", "0.7"])))
            tasks.append(task(f"t{i}", length, f"p{i}", after=list(links.values())))
        elif dice.random() < 0.2:
            tasks.append(milestone(f"t{i}", after=list(links.values())))
        else:
            tasks.append(task(f"t{i}", duration=length, after=list(links.values())))
    return scenario(people, tasks, horizon="400d")


def test_a_run_of_a_plan__takes_the_network(monkeypatch):
    """And says the same as without it, also when trials are added."""
    what = load(ROOT / "scenarios" / "phase3.toml")

    def curve():
        experiment = Experiment(what)
        for trials in (50, 130):
            experiment.extend(trials)
            experiment.extend_logic()
        return [experiment._logic.end.tolist(), experiment._logic.outcome.tolist()]

    found, asked = curve(), []
    monkeypatch.setattr("simrisk.simulation.network_of", asked.append)
    assert found == curve()
    assert len(asked) == 1
    assert len(found[0]) == 130


def test_plans_without_contention__end_as_in_the_event_kernel():
    """The plan itself, not only its logic."""
    kinds: Counter[int] = Counter()
    for number in range(150):
        plan = compile_plan(linked_tasks(number))
        network = network_of_plan(plan)
        run = run_blocks(network, trials=70, seed=SEED)
        assert run.end.tolist() == engines.run(plan, trials=70, seed=SEED).end.tolist(), number
        kinds.update(network.arrays.kinds.tolist())
    assert min(kinds[kind] for kind in (WORKED, LAGGED, AHEAD, BEHIND)) > 20


def test_a_delay__is_met_by_the_first_of_several_tasks_in_one_minute():
    """Now and then a and b could begin in the same minute: then both are delayed, else the first; c never."""
    late = risk("late", 0.7, ["a", "b", "c"], delay=pert(10, 100, 900))
    tasks = [
        task("x", duration=pert(1, 3, 9)),
        task("y", duration=pert(1, 3, 9)),
        task("a", duration="1d", after="x"),
        task("b", duration="1d", after="y"),
        task("c", duration="1d", after=["a", "b"]),
    ]
    network = assert_same_ends(compile_plan(scenario(tasks=tasks, risks=[late])), 2_000)
    assert (network.arrays.kinds == DELAYED).sum() == 3


# What is critical


def ends_of(what, lengths, lags, held=None):
    """Starts and finishes of tasks with these lengths by the rules of the links; task `held` starts a minute late."""
    start, finish = {}, {}
    for t in what.tasks:
        begin, end = 0, 0
        for each in t.links:
            at = (start if each.kind in ("SS", "SF") else finish)[each.task] + lags[t.id, each.task, each.kind]
            if each.kind in ("FS", "SS"):
                begin = max(begin, at)
            else:
                end = max(end, at)
        start[t.id] = begin + (t.id == held)
        finish[t.id] = max(start[t.id] + lengths[t.id], end)
    return finish


def test_critical__is_what_moves_the_finish_by_starting_a_minute_later():
    """The definition of a total float of 0, tried out on every task of every trial."""
    for number in range(12):
        dice = random.Random(number)
        tasks, lags = [], {}
        for i in range(10):
            links = []
            for before in dice.sample(range(i), min(i, dice.choice([1, 2, 3]))):
                kind, lag = dice.choice(["FS", "FS", "SS", "FF", "SF"]), dice.choice([0, 0, 30])
                lags[f"t{i}", f"t{before}", kind] = lag
                links.append(link(f"t{before}", kind, exactly(lag)))
            tasks.append(task(f"t{i}", duration=pert(0, 30, 90), after=links))
        what = scenario(tasks=tasks)
        plan = compile_plan(what)
        run = run_blocks(network_of_plan(plan), trials=20, seed=SEED)
        drawn = engines.run(plan, trials=20, seed=SEED).task_effort.tolist()
        critical = Counter()
        for trial, minutes in enumerate(drawn):
            lengths = dict(zip(plan.task_ids, minutes, strict=True))
            assert max(ends_of(what, lengths, lags).values()) == run.end[trial]
            for name in plan.task_ids:
                critical[name] += max(ends_of(what, lengths, lags, held=name).values()) > run.end[trial]
        assert run.task_critical.tolist() == [critical[name] for name in plan.task_ids]


def test_critical__parallel_paths_share_it_as_their_exponential_lengths_say():
    """Of two memoryless lengths the one with rate a is the longer with chance b / (a + b)."""
    short, long = Distribution("exponential", (5_000.0,), 5_000.0), Distribution("exponential", (15_000.0,), 15_000.0)
    plan = compile_plan(scenario(tasks=[task("a", duration=short), task("b", duration=long)], horizon="100000d"))
    run = run_blocks(network_of_plan(plan), trials=200_000, seed=SEED)
    both = run.task_critical.sum() - 200_000  # equal to the minute
    assert 0 <= both < 40
    assert_probability(int(run.task_critical[0] - both), 200_000, 5 / 20, sees=0.02)


def test_sums__are_those_of_the_trials():
    """A chain: the sums of lengths are those of what was drawn, and all of it is critical."""
    tasks = [task("a", duration=pert(10, 100, 900)), task("b", duration=pert(0, 50, 500), after="a")]
    plan = compile_plan(scenario(tasks=tasks))
    run = run_blocks(network_of_plan(plan), trials=1_000, seed=SEED)
    drawn = engines.run(plan, trials=1_000, seed=SEED).task_effort.astype(np.int64)
    finish = drawn.sum(axis=1)
    assert run.end.tolist() == finish.tolist()
    assert run.finish_sums.tolist() == [finish.sum(), (finish**2).sum()]
    expected = [drawn.sum(axis=0), (drawn**2).sum(axis=0), (drawn * finish[:, None]).sum(axis=0)]
    assert run.task_sums.T.tolist() == np.array(expected).tolist()
    assert run.task_critical.tolist() == [1_000, 1_000]


def test_only_finished_trials__count():
    tasks = [task("a", duration=Distribution("uniform", (0.0, 4 * DAY), 2 * DAY))]
    stop = gate("ready", requires=["a"], chance=0.5, max_extensions=0, then="stop")
    plan = compile_plan(scenario(tasks=tasks, gates=[stop], horizon="3d"))
    run = run_blocks(network_of_plan(plan), trials=500, seed=SEED)
    outcomes = np.bincount(run.outcome, minlength=3)
    assert min(outcomes[[FINISHED, CENSORED, STOPPED]]) > 50
    finished = run.outcome == FINISHED
    assert (run.n_finished, run.task_critical.tolist()) == (finished.sum(), [finished.sum()])
    assert run.gate_critical.tolist() == [finished.sum()]
    assert run.task_sums[0, 0] == run.end[finished].sum()


def test_a_gate_before_a_sprint__has_until_the_morning():
    """It passes at noon, the sprint opens on the next day: the gate could be later, what the sprint holds could not."""
    tasks = [task("dig", duration="4h"), task("sow", duration="1d", sprint=1)]
    open_it = gate("ready", requires=["dig"], blocks=[1])
    plan = compile_plan(scenario(tasks=tasks, gates=[open_it], sprints=sprints(1, 5)))
    run = run_blocks(network_of_plan(plan), trials=1, seed=SEED)
    assert (run.end[0], run.task_critical.tolist(), run.gate_critical.tolist()) == (2 * DAY, [0, 1], [0])


def test_before_the_status_date__nothing_is_critical():
    plan = compile_plan(
        scenario(
            tasks=[task("a", duration="2d", finished=1), task("b", duration="2d", after=link("a", lag="5d"))],
            gates=[gate("g", passed=1)],
            status_date=2,
        )
    )
    run = run_blocks(network_of_plan(plan), trials=3, seed=SEED)
    assert run.end.tolist() == engines.run(plan, trials=3, seed=SEED).end.tolist() == [9 * DAY] * 3
    assert (run.task_critical.tolist(), run.gate_critical.tolist()) == ([0, 3], [0])
    assert run.task_sums[0].tolist() == [0, 0, 0]


# What is no network


def test_not_a_network__what_a_gate_may_drop():
    tasks = [task("a", duration="1d"), task("b", duration="9d", optional=True)]
    drops = gate("g", requires=["a"], chance=0.5, max_extensions=0, then="descope")
    assert network_of_plan(compile_plan(scenario(tasks=tasks, gates=[drops]))) is None
    sure = gate("g", requires=["a", "b"], chance=0.5, max_extensions=0, then="descope")
    assert_same_ends(compile_plan(scenario(tasks=tasks, gates=[sure])), 100)


def test_not_a_network__what_somebody_may_have_learnt():
    people = [person("ANN", go=2)]
    learn = task("learn", pert("1d", "2d", "5d"), "ANN", raises=[("ANN", "go", 3)])
    dig = task("dig", "1d", "ANN", skill="go")
    after = task("dig", "1d", "ANN", skill="go", after="learn")
    makes = {"efficiency": {2: "0.5", 3: 1}}
    wait = task("wait", duration=pert("1d", "2d", "5d"))
    between = task("dig", "1d", "ANN", skill="go", after="wait")
    assert_same_ends(compile_plan(scenario(people, [learn, after], **makes)), 100)
    assert network_of_plan(compile_plan(scenario(people, [learn, dig], **makes))) is None
    assert network_of_plan(compile_plan(scenario(people, [learn, wait, between], **makes))) is None
    same = {"efficiency": {2: 1, 3: 1}}
    assert_same_ends(compile_plan(scenario(people, [learn, wait, between], **same)), 100)


def test_not_a_network__delays_in_a_circle():
    """Which of a and d begins first decides by which risk b and c are delayed, and so on."""
    tasks = [task(name, duration=pert(1, 5, 50)) for name in "ad"]
    tasks += [task("b", duration="1d", after="d"), task("c", duration="1d", after="a")]
    risks = [risk("r", 0.5, ["a", "b"], delay="1d"), risk("s", 0.5, ["d", "c"], delay="1d")]
    assert network_of_plan(compile_plan(scenario(tasks=tasks, risks=risks))) is None
    assert_same_ends(compile_plan(scenario(tasks=tasks, risks=risks[:1])), 100)


def test_not_a_network__times_that_do_not_fit():
    tasks = [task("a", duration=Distribution("uniform", (0.0, 2e8), 1e8)), task("b", duration="1d", after="a")]
    assert network_of_plan(compile_plan(scenario(tasks=tasks, horizon="2000d"))) is not None  # cut off at the horizon
    tasks.append(task("c", duration=Distribution("uniform", (0.0, 2e8), 1e8), after="b"))
    assert network_of_plan(compile_plan(scenario(tasks=tasks, horizon="1000000d"))) is None


@pytest.mark.parametrize("number", range(20, 60, 4))
def test_ranges__hold_whatever_is_drawn(number):
    """What the longest possible time rests on: words at both ends, beside every change of method, and at random."""
    arrays = compile_plan(make_scenario(number)).arrays
    ranges, packed = Ranges(arrays), pack(arrays)
    middle = [2**k + d for k in (15, 16, 17, 31) for d in (-1, 0, 1)]
    words = [*middle, *(2**32 - 1 - word for word in middle), 0, 2**32 - 1]
    words += np.random.default_rng(number).integers(0, 2**32, 20).tolist()
    for draw in range(len(arrays.draws)):
        values = [draws.value_of(packed, draw, word) for word in words]
        assert ranges.smallest(draw) <= min(values) + 0.5
        assert ranges.largest(draw) >= max(values) - 0.5


# As a machine


def digest_of(numbers, **options) -> str:
    """The digest of all that comes of the networks of generated scenarios."""
    digest = hashlib.sha256()
    for number in numbers:
        network = network_of_plan(compile_plan(make_scenario(number)))
        if network is not None:
            run = run_blocks(network, seed=3, **options)
            for array in (run.end, run.outcome, run.finish_sums, run.task_critical, run.gate_critical, run.task_sums):
                digest.update(array.tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("threads", [1, 2, 4])
@pytest.mark.parametrize("blocks", [None, 1, 3])
def test_run__does_not_depend_on_threads_or_chunks(threads, blocks):
    expected = digest_of(range(20, 26), trials=900, first=33, threads=1, blocks=100)
    assert digest_of(range(20, 26), trials=900, first=33, threads=threads, blocks=blocks) == expected


def test_a_trial__is_the_same_by_itself():
    network = network_of_plan(compile_plan(linked_tasks(21)))
    run = run_blocks(network, trials=150, seed=SEED, first=10)
    alone = [int(run_blocks(network, trials=1, seed=SEED, first=k).end[0]) for k in range(10, 160)]
    assert run.end.tolist() == alone


def test_sums_of_parts__are_the_sum_of_the_whole():
    network = network_of_plan(compile_plan(linked_tasks(3)))
    whole = run_blocks(network, trials=500, seed=SEED)
    parts = [run_blocks(network, trials=n, seed=SEED, first=first) for first, n in ((0, 77), (77, 323), (400, 100))]
    assert whole.task_critical.tolist() == sum(part.task_critical for part in parts).tolist()
    assert whole.task_sums.tolist() == sum(part.task_sums for part in parts).tolist()


def test_sums__may_be_too_large_for_a_machine_word():
    what = scenario(tasks=[task("a", duration="300000d")], horizon="500000d")
    run = run_blocks(network_of_plan(compile_plan(what)), trials=1_000, seed=SEED)
    assert run.task_sums.tolist() == [[1_000 * d, 1_000 * d * d, 1_000 * d * d] for d in [300_000 * DAY]]


def test_progress__counts_every_trial():
    seen: list[int] = []
    run_blocks(
        network_of_plan(compile_plan(linked_tasks(1))), trials=300, seed=1, first=50, blocks=2, progress=seen.append
    )
    assert sorted(seen) == [78, 94, 128]


def test_statistics__can_be_left_out():
    network = network_of_plan(compile_plan(linked_tasks(1)))
    ends, all_of_it = (run_blocks(network, trials=100, seed=1, statistics=each) for each in (False, True))
    assert ends.end.tolist() == all_of_it.end.tolist()
    assert ends.task_critical.sum() == 0 < all_of_it.task_critical.sum()


def test_kernel__has_one_compiled_signature():
    from simrisk_kernels.network import run_network as kernel

    digest_of(range(5), trials=3)
    assert len(kernel.signatures) == 1


ELSEWHERE = """
import sys
sys.path[:0] = {paths!r}
from test_network import digest_of
print(digest_of(range(8), trials=70))
"""


@pytest.mark.slow
@pytest.mark.parametrize("variable", ["NUMBA_DISABLE_JIT=1", "NUMBA_CPU_NAME=generic"])
def test_run__is_the_same_elsewhere(variable):
    paths = [str(ROOT), str(ROOT / "kernels"), str(ROOT / "tests")]
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", ELSEWHERE.format(paths=paths)],
        env={**os.environ, **dict([variable.split("=")])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.stdout.strip() == digest_of(range(8), trials=70), process.stderr
