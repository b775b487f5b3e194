"""A scenario in, a run out: compiles the plan, rolls the dice as often as asked, hands back the Dataset."""

from __future__ import annotations

import operator
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simrisk import engines
from simrisk.compile import compile_plan, planned_until
from simrisk.dataset import Ends, LogicOnly, Pair, Run, Trials, sample_files, to_run
from simrisk.engines import Engine, cache
from simrisk.engines.kernels import usable_threads
from simrisk.models.correlation import repaired
from simrisk.models.logic import logic_plan
from simrisk.models.network import Network, network_of
from simrisk.models.sampling import SAMPLINGS, Sampling, sampled, trials_drawn_together
from simrisk.plan import Plan
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario, Simulation
from simrisk_kernels.layout import Outcomes

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[int], None]

MOST_TRIALS = 1_000_000  # where `until` gives up
ENOUGH_TRIALS = 1_000  # before it is believed that a figure never varies, or that there is none
MOST_SEED = 2**63 - 1
LOGIC_TRIALS = 1 << 14  # run together: of each only the end is kept


class Experiment:
    """A scenario under simulation, which can be given more trials as needed.

    Trial k is the same world however many trials there are, so trials added later are those that a
    longer run would have had.

    Parameters
    ----------
    scenario : Scenario
    seed : int, optional
        Default: the scenario's.
    engine : "kernel" or "reference"
    threads : int, optional
        Default: one per core. The results do not depend on it.
    sampling : "independent" or "lhs"
        Each trial on its own, or blocks of trials that are Latin hypercubes.
    stage : callable, optional
        Gives a context, by name, in which a stage of the work is done; for timing it.
    waiting : callable, optional
        Called when the kernel has to be compiled first, which takes a while.
    folder : Path, optional
        Where trials lie that are too many for the memory; default: where temporary files do.
    """

    def __init__(
        self,
        scenario: Scenario,
        *,
        seed: int | None = None,
        engine: Engine = "kernel",
        threads: int | None = None,
        sampling: Sampling = "independent",
        stage: Callable[[str], AbstractContextManager[object]] = nullcontext,
        waiting: Callable[[], None] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.seed = scenario.simulation.seed if seed is None else seed
        self.engine: Engine = engine
        self.threads = threads
        self.sampling: Sampling = sampling
        self.stage = stage
        self.plan = sampled(compile_plan(scenario), sampling)
        self.pairs = correlated_pairs(scenario)
        self.samples = sample_files(scenario)
        if waiting and engine == "kernel" and not engines.kernels_ready(self.plan):
            waiting()
        self.baseline = engines.run_baseline(self.plan, engine=engine)
        self.plan = planned_until(self.plan, int(self.baseline.end[0]))
        self._outcomes = Trials(self.baseline, folder=folder, threads=threads or usable_threads())
        self._logic_plan = logic_plan(self.plan)
        self._logic_baseline = ends_of(engines.run_baseline(self._logic_plan, engine=engine, like=self.plan))
        self._logic = Ends(np.empty(0, np.int64), np.empty(0, np.int8))

    @property
    def trials(self) -> int:
        """How many trials have been run."""
        return len(self._outcomes)

    def extend(self, trials: int, progress: Progress | None = None) -> None:
        """Run trials until there are `trials` of them; `progress` is told how many more are done."""
        with self.stage("simulate"):
            while self.trials < trials:
                n = self._outcomes.run_together(trials - self.trials)
                self._outcomes.add(self._roll(self.plan, self.trials, n, progress))

    def extend_logic(self, progress: Progress | None = None) -> None:
        """Run the trials there are with unlimited resources, too; `progress` is told how many more are done."""
        known, first = [self._logic], len(self._logic.end)
        with self.stage("logic only"):
            if self._network is not None:
                known.append(self._run_network(self._network, first, self.trials - first, progress))
                first = self.trials
            for block in range(first, self.trials, LOGIC_TRIALS):
                n = min(LOGIC_TRIALS, self.trials - block)
                known.append(ends_of(self._roll(self._logic_plan, block, n, progress)))
            self._logic = Ends(*(np.concatenate(column) for column in zip(*known, strict=True)))

    @cached_property
    def _network(self) -> Network | None:
        """The logic alone in a form that is worked out much faster, to the same ends; None if it has none."""
        return network_of(self._logic_plan) if self.engine == "kernel" else None

    def _run_network(self, network: Network, first: int, trials: int, progress: Progress | None) -> Ends:
        run = engines.run_network(
            network,
            trials=trials,
            seed=self.seed,
            first=first,
            threads=self.threads,
            statistics=False,
            progress=progress,
        )
        return Ends(run.end, run.outcome)

    def _roll(self, plan: Plan, first: int, trials: int, progress: Progress | None) -> Outcomes:
        return engines.run(
            plan,
            trials=trials,
            seed=self.seed,
            first=first,
            engine=self.engine,
            threads=self.threads,
            progress=progress,
        )

    def run(self) -> Run:
        """The trials so far."""
        if not self.trials:
            return self.rehearsal()
        if len(self._logic.end) < self.trials:
            self.extend_logic()
        return self._run_of(self._outcomes, self._logic)

    def rehearsal(self) -> Run:
        """A run whose only trial is the baseline: shows which metrics there are before any dice are rolled."""
        only = Trials(self.baseline)
        only.add(self.baseline)
        return self._run_of(only, self._logic_baseline)

    def _run_of(self, trials: Trials, logic: Ends) -> Run:
        return to_run(
            self.plan,
            trials,
            self.baseline,
            LogicOnly(logic, self._logic_baseline),
            pairs=self.pairs,
            samples=self.samples,
            seed=self.seed,
            engine=self.engine,
            sampling=self.sampling,
            block=trials_drawn_together(self.plan),
            kernel_digest=cache.kernel_digest() if self.engine == "kernel" else "",
        )


def ends_of(outcomes: Outcomes) -> Ends:
    """When and how the trials ended, alone."""
    return Ends(outcomes.end, outcomes.outcome)


def simulated_alike(first: Scenario, second: Scenario) -> bool:
    """Whether two scenarios give the same trials with the same seed: all that is simulated is equal, order included.

    What they expect, how often they are run and how they are written down does not matter.
    """

    def bare(scenario: Scenario) -> Scenario:
        return replace(scenario, id="", path="", text="", changes=(), expect=(), simulation=Simulation())

    return bare(first) == bare(second)


def correlated_pairs(scenario: Scenario) -> tuple[Pair, ...]:
    """Pairs of tasks that are correlated, or have become so by a repair, in the order of the file.

    Of a task with several efforts of its own the mean over them counts.
    """
    matrix = repaired(scenario)
    rows: dict[str, list[int]] = {}
    for row, task in enumerate(matrix.tasks):
        rows.setdefault(task, []).append(row)
    pairs = []
    for first, second in combinations(rows, 2):
        place = np.ix_(rows[first], rows[second])
        asked, used = float(matrix.asked[place].mean()), float(matrix.used[place].mean())
        if asked or used:
            pairs.append(Pair(first, second, asked, used))
    return tuple(pairs)


def simulate(
    scenario: Scenario | str | Path,
    trials: int | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    threads: int | None = None,
    progress: Progress | None = None,
    sampling: Sampling = "independent",
) -> xr.Dataset:
    """Simulate a scenario.

    Parameters
    ----------
    scenario : Scenario, str or Path
        As `load` returns it, or the file to load.
    trials, seed : int, optional
        Default: the scenario's.
    engine : "kernel" or "reference"
        Both give the same integers; the reference engine is slow and written to be read.
    threads : int, optional
        Default: one per core. The results do not depend on it.
    progress : callable, optional
        Told after each block how many trials it had, before they are run with unlimited resources.
    sampling : "independent" or "lhs"
        With "lhs" blocks of 256 trials are Latin hypercubes: fewer trials give the same precision.

    Returns
    -------
    xarray.Dataset
        As `simrisk.dataset.REGISTRY` describes it.

    Raises
    ------
    ScenarioError
        The file cannot be simulated.
    TypeError, ValueError
        An argument is not what stands above.
    """
    made = scenario_of(scenario)
    wanted, dice = checked(made.simulation, trials, seed, sampling)
    if engine not in engines.ENGINES:
        raise ValueError(f"the engines are 'kernel' and 'reference'; got {engine!r}")
    experiment = Experiment(made, seed=dice, engine=engine, threads=threads, sampling=sampling)
    experiment.extend(wanted, progress)
    return experiment.run().to_xarray()


def scenario_of(scenario: Scenario | str | Path) -> Scenario:
    """Return a scenario as it is, or the one of a file.

    Raises
    ------
    ScenarioError
        The file cannot be simulated.
    TypeError
        It is neither.
    """
    if isinstance(scenario, (str, Path)):
        return load(scenario)
    if not isinstance(scenario, Scenario):
        kind = type(scenario).__name__
        raise TypeError(f"a scenario from simrisk.load(), or the path of its file, is needed; got {kind}")
    return scenario


def checked(settings: Simulation, trials: int | None, seed: int | None, sampling: str) -> tuple[int, int]:
    """Return how many trials there are to be and which dice, by default the scenario's.

    Raises
    ------
    TypeError, ValueError
        They, or the way of sampling, are not what a run can have.
    """
    wanted = settings.trials if trials is None else operator.index(trials)
    if wanted < 1:
        raise ValueError(f"at least one trial is needed; got {wanted}")
    dice = settings.seed if seed is None else operator.index(seed)
    if not 0 <= dice <= MOST_SEED:
        raise ValueError(f"a seed is a whole number from 0 to {MOST_SEED}; got {seed}")
    if sampling not in SAMPLINGS:
        raise ValueError(f"the ways of sampling are 'independent' and 'lhs'; got {sampling!r}")
    return wanted, dice


def simulate_until(
    experiment: Experiment,
    half_width_of: Callable[[Run], float],
    wanted: float,
    *,
    trials: int,
    most: int = MOST_TRIALS,
    hopeless: Callable[[Run], bool] | None = None,
    announce: Callable[[int, float], None] | None = None,
    progress: Progress | None = None,
) -> tuple[Run, float]:
    """Double the trials until a metric is known well enough.

    The outcome is that of a plain run with as many trials. A width of 0, and that a metric cannot be
    known, are believed from `ENOUGH_TRIALS` on.

    Parameters
    ----------
    half_width_of : callable
        Gives half the width of the interval in question from a run.
    wanted : float
        The half width that is narrow enough.
    trials : int
        To begin with.
    most : int
        Where to give up.
    hopeless : callable, optional
        Whether more trials would not help.
    announce : callable, optional
        Told the number of trials and the half width reached, before they are doubled.

    Returns
    -------
    run : Run
    reached : float
        Half width reached; greater than `wanted` when the limit came first or it was hopeless.
    """
    while True:
        experiment.extend(min(trials, most), progress)
        run = experiment.run()
        reached = half_width_of(run)
        enough = min(trials, most) >= min(ENOUGH_TRIALS, most)
        if reached <= wanted and (reached > 0 or enough):
            return run, reached
        if trials >= most or (enough and hopeless is not None and hopeless(run)):
            return run, reached
        if announce is not None:
            announce(trials, reached)
        trials *= 2
