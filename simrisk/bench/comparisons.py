"""What is compared: each plan with every way of doing its work, and how many of their integers differ."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from simrisk import engines
from simrisk.bench import cases, networks, peers, people
from simrisk.bench.timing import Timing, Watch, Way
from simrisk.compile import compile_plan
from simrisk.engines import kernels
from simrisk.engines.kernels import run_kernels
from simrisk.models.network import Network, network_of
from simrisk.plan import Plan
from simrisk.scenario.load import load

if TYPE_CHECKING:
    from simrisk_kernels.layout import Outcomes

SEED = 1
SOME = 64  # trials that NumPy, a loop and SimPy are given, of small plans
MOST_FOR_EVENTS = 1_000  # activities; of more, the event kernel takes too long to wait for
THREADED = 6  # times as long is a turn on several threads
CELLS, BLOCK = 10 << 20, 2_048  # activities times trials in one array of NumPy, and trials, at most: as suits it best

Unit = Literal["us per trial", "ns per activity and trial"]
Item = TypeVar("Item")

KERNEL, REFERENCE = "simrisk, event kernel", "simrisk, reference engine (SimPy)"
PLAIN = "simrisk, plain kernel"
NETWORK = "simrisk, network kernel, all statistics"
BY_HAND, IN_A_LOOP = "SimPy", "Python loop"
NUMPY_ALL, NUMPY_FINISH = "NumPy, all statistics", "NumPy, finish only"
NUMPY_ALL_GIVEN, NUMPY_FINISH_GIVEN = "NumPy, all statistics, draws given", "NumPy, finish only, draws given"
LOOP, LOOP_GIVEN = "Python loop, finish only", "Python loop, finish only, draws given"
SIMPY_GIVEN = "SimPy, finish only, draws given"
MIXED = ", mixed links"


@dataclass(frozen=True)
class Comparison:
    """One plan, done in several ways.

    Parameters
    ----------
    case : str
    about : str
        What the plan is.
    unit : str
    scale : float
        Times the seconds for a trial gives that unit.
    timings : tuple of Timing
        The first is that of simrisk's kernel, to which the others are compared.
    compared, differing : int
        Integers that were held against each other, and how many of them differed.
    """

    case: str
    about: str
    unit: Unit
    scale: float
    timings: tuple[Timing, ...]
    compared: int = 0
    differing: int = 0

    @property
    def ours(self) -> Timing:
        """How long simrisk's kernel took."""
        return self.timings[0]

    def timing(self, what: str) -> Timing:
        """Return how long the way called `what` took."""
        return next(timing for timing in self.timings if timing.way.what == what)

    def cost(self, timing: Timing) -> float:
        """Return the fastest repetition of a way, in the unit."""
        return timing.least * self.scale


@dataclass
class Equality:
    """Counts integers that ought to be equal."""

    compared: int = 0
    differing: int = 0

    def check(self, expected: ArrayLike, found: ArrayLike) -> None:
        """Hold some integers against others; if there are not as many, all of them differ."""
        one, other = np.asarray(expected), np.asarray(found)
        self.compared += one.size
        self.differing += int(np.count_nonzero(one != other)) if one.shape == other.shape else one.size


def over_and_over(work: Callable[[Item], object], items: Sequence[Item]) -> Callable[[int], object]:
    """Return what does a piece of work for so many trials, with one item after the other and then from the start."""

    def run(trials: int) -> object:
        turn: Iterator[Item] = itertools.islice(itertools.cycle(items), trials)
        return [work(item) for item in turn]

    return run


# Plans with people


def compare_people(watch: Watch, n_tasks: int, n_people: int, *, given_trials: int) -> Comparison:
    """Compare both engines and two ways by hand, which are given the draws of `given_trials` trials, over and over."""
    plan = compile_plan(cases.people_plan(n_tasks, n_people))
    team = people.team_of(plan)
    masks = people.masks_of(team)
    given = [people.given(plan, SEED, trial) for trial in range(given_trials)]
    equality = Equality()
    finishes = _check_engines(plan, equality, given_trials, kernels.PLAIN).task_finish
    equality.check(finishes, [people.run_in_simpy(team, one) for one in given])
    equality.check(finishes, [people.run_in_a_loop(masks, one) for one in given])
    by_events = run_kernels(plan, trials=given_trials, seed=SEED, kernel=kernels.event_kernel(plan))
    equality.check(finishes, by_events.task_finish)
    ways = [
        Way(PLAIN, lambda n: run_kernels(plan, trials=n, seed=SEED, threads=1, kernel=kernels.PLAIN), 64),
        _kernel_way(plan),
        _reference_way(plan),
        Way(
            f"{BY_HAND}, this case alone, draws given", over_and_over(lambda one: people.run_in_simpy(team, one), given)
        ),
        Way(
            f"{IN_A_LOOP}, this case alone, draws given",
            over_and_over(lambda one: people.run_in_a_loop(masks, one), given),
        ),
    ]
    about = f"{n_tasks:,} tasks, {n_people} people, leave, illness, priorities"
    return _by_trial(f"{n_tasks:,} x {n_people}", about, watch.measure(ways), equality)


def compare_scenario(watch: Watch, path: Path, *, check_trials: int) -> Comparison:
    """Compare both engines on a scenario file."""
    plan = compile_plan(load(str(path)))
    equality = Equality()
    _check_engines(plan, equality, check_trials, kernels.event_kernel(plan))
    counts = {"tasks": plan.task_ids, "people": plan.person_ids, "pools": plan.pool_ids, "gates": plan.gate_ids}
    about = ", ".join(f"{len(ids)} {kind}" for kind, ids in counts.items() if ids)
    return _by_trial(path.stem, about, watch.measure([_kernel_way(plan), _reference_way(plan)]), equality)


def time_threads(watch: Watch, path: Path, threads: int) -> Timing:
    """Measure the event kernel on several threads, by the clock on the wall."""
    plan, effort = compile_plan(load(str(path))), watch.effort
    # As long as a run of 100,000 trials: starting threads and waiting for the last one count as they do there.
    longer = Watch(replace(effort, seconds=effort.seconds * THREADED), time.perf_counter)
    return longer.measure([_kernel_way(plan, threads=threads, step=1_024 * threads)])[0]


def _check_engines(plan: Plan, equality: Equality, trials: int, name: str) -> Outcomes:
    kernel = run_kernels(plan, trials=trials, seed=SEED, threads=1, kernel=name)
    reference = engines.run(plan, trials=trials, seed=SEED, engine="reference")
    for expected, found in zip(reference, kernel, strict=True):
        equality.check(expected, found)
    return kernel


def _kernel_way(plan: Plan, *, threads: int = 1, step: int = 64) -> Way:
    """Return the event kernel, small or not, even where there is a faster one for this plan."""
    name = kernels.event_kernel(plan)
    return Way(KERNEL, lambda n: run_kernels(plan, trials=n, seed=SEED, threads=threads, kernel=name), step)


def _reference_way(plan: Plan) -> Way:
    return Way(REFERENCE, lambda n: engines.run(plan, trials=n, seed=SEED, engine="reference"))


def _by_trial(case: str, about: str, timings: Sequence[Timing], equality: Equality) -> Comparison:
    return Comparison(case, about, "us per trial", 1e6, tuple(timings), equality.compared, equality.differing)


# Plans without people


def compare_network(watch: Watch, n_tasks: int, *, mixed: bool = False) -> Comparison:
    """Compare the network kernel with passes by hand, which draw for themselves or are given the kernel's draws."""
    plan = compile_plan(cases.network_plan(n_tasks, mixed=mixed))
    network = networks.network_of(plan.scenario)
    few = max(4, min(SOME, 20_000 // n_tasks))
    durations = networks.durations_of(plan, SEED, few)
    columns = durations.T.tolist()
    equality = Equality()
    finishes = check_statistics(plan, SEED, equality, networks.numpy_statistics(network, durations))
    equality.check(finishes, engines.run(plan, trials=few, seed=SEED, threads=1).end)
    equality.check(finishes, [networks.loop_finish(network, column) for column in columns])
    equality.check(finishes, [networks.simpy_finish(network, column) for column in columns])
    ways = [
        _network_way(plan),
        *([_kernel_way(plan, step=16)] if n_tasks <= MOST_FOR_EVENTS else []),
        *_numpy_ways(plan, network, durations),
        Way(LOOP, _loop_way(plan, network)),
        Way(LOOP_GIVEN, over_and_over(lambda one: networks.loop_finish(network, one), columns)),
        Way(SIMPY_GIVEN, over_and_over(lambda one: networks.simpy_finish(network, one), columns)),
    ]
    kinds = "finish to start, start to start and finish to finish" if mixed else "finish to start"
    links = sum(len(task.links) for task in plan.scenario.tasks)
    about = f"{n_tasks:,} activities, {links / n_tasks:.1f} predecessors on average, {kinds}, with lags"
    case = f"{n_tasks:,}{MIXED if mixed else ''}"
    timings = tuple(watch.measure(ways))
    return Comparison(
        case, about, "ns per activity and trial", 1e9 / n_tasks, timings, equality.compared, equality.differing
    )


def check_statistics(plan: Plan, seed: int, equality: Equality, expected: networks.Statistics) -> NDArray[np.int64]:
    """Hold the network kernel's figures against those of NumPy; return the finishes."""
    found = engines.run_network(_lowered(plan), trials=len(expected.finish), seed=seed, threads=1)
    equality.check(expected.finish, found.end)
    equality.check(expected.critical, found.task_critical)
    sums = np.stack([expected.sum_duration, expected.sum_square, expected.sum_product], axis=1)
    equality.check(sums, found.task_sums)
    return found.end


def _network_way(plan: Plan) -> Way:
    network = _lowered(plan)
    return Way(NETWORK, lambda n: engines.run_network(network, trials=n, seed=SEED, threads=1), step=64)


def _lowered(plan: Plan) -> Network:
    network = network_of(plan)
    assert network is not None  # there is nothing in these plans that keeps them from being one
    return network


def _loop_way(plan: Plan, network: networks.Network) -> Callable[[int], object]:
    dice = random.Random(SEED)
    return lambda n: [networks.loop_finish(network, networks.loop_draws(plan.scenario, dice)) for _ in range(n)]


def _numpy_ways(plan: Plan, network: networks.Network, durations: networks.Minutes) -> list[Way]:
    """Return NumPy's ways, on blocks of so many trials as suit it best."""
    block = min(BLOCK, CELLS // len(network))
    given = np.tile(durations, (1, -(-block // durations.shape[1])))[:, :block].copy()
    rng = np.random.default_rng(SEED)

    def in_blocks(work: Callable[[], object]) -> Callable[[int], object]:
        return lambda trials: [work() for _ in range(trials // block)]

    return [
        Way(
            NUMPY_ALL,
            in_blocks(lambda: networks.numpy_statistics(network, networks.numpy_draws(plan, rng, block))),
            step=block,
        ),
        Way(
            NUMPY_FINISH,
            in_blocks(lambda: networks.numpy_finish(network, networks.numpy_draws(plan, rng, block))),
            step=block,
        ),
        Way(NUMPY_ALL_GIVEN, in_blocks(lambda: networks.numpy_statistics(network, given)), step=block),
        Way(NUMPY_FINISH_GIVEN, in_blocks(lambda: networks.numpy_finish(network, given)), step=block),
    ]


def compare_peers(watch: Watch, n_tasks: int) -> Comparison | None:
    """Compare the network kernel with the other tools that are installed; None when there are none."""
    plan = compile_plan(cases.peers_plan(n_tasks))
    found = peers.installed_peers(plan.scenario)
    if not found:
        return None
    ways = [_network_way(plan), *(Way(peer.name, peer.finishes) for peer in found)]
    about = f"{n_tasks:,} activities, triangular, finish to start, no lags; everybody draws"
    return Comparison("peers", about, "ns per activity and trial", 1e9 / n_tasks, tuple(watch.measure(ways)))
