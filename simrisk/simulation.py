"""A scenario in, a run out: compiles the plan, rolls the dice as often as asked, hands back the Dataset."""

from __future__ import annotations

import operator
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.dataset import to_dataset
from simrisk.engines import Engine, cache
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk_kernels.layout import Outcomes

if TYPE_CHECKING:
    import xarray as xr

Progress = Callable[[int], None]

MOST_TRIALS = 1_000_000  # where `until` gives up
ENOUGH_TRIALS = 1_000  # before it is believed that a figure never varies, or that there is none
MOST_SEED = 2**63 - 1


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
    """

    def __init__(
        self, scenario: Scenario, *, seed: int | None = None, engine: Engine = "kernel", threads: int | None = None
    ) -> None:
        self.seed = scenario.simulation.seed if seed is None else seed
        self.engine: Engine = engine
        self.threads = threads
        self.plan = compile_plan(scenario)
        self.baseline = engines.run_baseline(self.plan, engine=engine)
        self.outcomes: Outcomes | None = None

    @property
    def trials(self) -> int:
        """How many trials have been run."""
        return 0 if self.outcomes is None else len(self.outcomes.end)

    def extend(self, trials: int, progress: Progress | None = None) -> None:
        """Run trials until there are `trials` of them; `progress` is told how many more are done."""
        more = engines.run(
            self.plan,
            trials=trials - self.trials,
            seed=self.seed,
            first=self.trials,
            engine=self.engine,
            threads=self.threads,
            progress=progress,
        )
        before = self.outcomes
        if before is not None:
            more = Outcomes(*(np.concatenate(pair) for pair in zip(before, more, strict=True)))
        self.outcomes = more

    def dataset(self) -> xr.Dataset:
        """The trials so far as a Dataset."""
        return self._dataset(self.baseline if self.outcomes is None else self.outcomes)

    def rehearsal(self) -> xr.Dataset:
        """A run whose only trial is the baseline: shows which metrics there are before any dice are rolled."""
        return self._dataset(self.baseline)

    def _dataset(self, outcomes: Outcomes) -> xr.Dataset:
        digest = cache.kernel_digest() if self.engine == "kernel" else ""
        return to_dataset(self.plan, outcomes, self.baseline, seed=self.seed, engine=self.engine, kernel_digest=digest)


def simulate(
    scenario: Scenario | str | Path,
    trials: int | None = None,
    seed: int | None = None,
    engine: Engine = "kernel",
    threads: int | None = None,
    progress: Progress | None = None,
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
        Told after each block how many trials it had.

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
    if isinstance(scenario, (str, Path)):
        scenario = load(scenario)
    elif not isinstance(scenario, Scenario):
        kind = type(scenario).__name__
        raise TypeError(f"simulate() takes a scenario from simrisk.load(), or the path of its file; got {kind}")
    wanted = scenario.simulation.trials if trials is None else operator.index(trials)
    if wanted < 1:
        raise ValueError(f"at least one trial is needed; got {wanted}")
    seed = None if seed is None else operator.index(seed)
    if seed is not None and not 0 <= seed <= MOST_SEED:
        raise ValueError(f"a seed is a whole number from 0 to {MOST_SEED}; got {seed}")
    if engine not in engines.ENGINES:
        raise ValueError(f"the engines are 'kernel' and 'reference'; got {engine!r}")
    experiment = Experiment(scenario, seed=seed, engine=engine, threads=threads)
    experiment.extend(wanted, progress)
    return experiment.dataset()


def simulate_until(
    experiment: Experiment,
    half_width_of: Callable[[xr.Dataset], float],
    wanted: float,
    *,
    trials: int,
    most: int = MOST_TRIALS,
    hopeless: Callable[[xr.Dataset], bool] | None = None,
    announce: Callable[[int, float], None] | None = None,
    progress: Progress | None = None,
) -> tuple[xr.Dataset, float]:
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
    run : xarray.Dataset
    reached : float
        Half width reached; greater than `wanted` when the limit came first or it was hopeless.
    """
    while True:
        experiment.extend(min(trials, most), progress)
        run = experiment.dataset()
        reached = half_width_of(run)
        enough = min(trials, most) >= min(ENOUGH_TRIALS, most)
        if reached <= wanted and (reached > 0 or enough):
            return run, reached
        if trials >= most or (enough and hopeless is not None and hopeless(run)):
            return run, reached
        if announce is not None:
            announce(trials, reached)
        trials *= 2
