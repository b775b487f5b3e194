"""Which trial is told: one by its number, or the one nearest a quantile; and whether the kernels have the same."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from simrisk import engines
from simrisk.baseline import describe
from simrisk.compile import baseline_plan, compile_plan, planned_until
from simrisk.dataset import Results
from simrisk.engines.reference import Trial, run_trial
from simrisk.errors import EngineError, Issue, MetricError
from simrisk.measures.metrics import sampled as sampled_figure
from simrisk.models.sampling import Sampling, sampled
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment, Progress
from simrisk.story.model import Chosen, Story
from simrisk.story.telling import tell

LATE = "finish.p80"  # of a typical late trial


def replay(
    scenario: Scenario | str | Path,
    trial: int | None = None,
    *,
    at: str = LATE,
    seed: int | None = None,
    trials: int | None = None,
    sampling: Sampling = "independent",
    progress: Progress | None = None,
) -> Story:
    """Tell one trial of a scenario by the SimPy models, and see that the kernels have the same.

    Parameters
    ----------
    scenario : Scenario, str or Path
        As `simrisk.load` returns it, or the file to load.
    trial : int, optional
        Its number, from 0. Default: the trial nearest `at`.
    at : str
        A quantile such as ``finish.p80`` or ``cost.p90``, of `trials` trials.
    seed, trials : int, optional
        Default: the scenario's.
    sampling : "independent" or "lhs"
        As of the run that the trial is one of.
    progress : callable, optional
        Told how many trials more are done.

    Raises
    ------
    ScenarioError
        The file cannot be simulated.
    MetricError
        ``unknown-metric``, or ``no-quantile``: `at` is none.
    EngineError
        ``engines-differ``: an error of simrisk.
    """
    if isinstance(scenario, (str, Path)):
        scenario = load(scenario)
    number = trial if trial is None else operator.index(trial)
    seed = scenario.simulation.seed if seed is None else operator.index(seed)
    chosen = None
    if number is None:
        experiment = Experiment(scenario, seed=seed, sampling=sampling)
        nearest(experiment.rehearsal(), at)  # complains of the metric before any dice are rolled
        experiment.extend(scenario.simulation.trials if trials is None else operator.index(trials), progress)
        number, chosen = nearest(experiment.run(), at)
    return retold(scenario, number, seed=seed, sampling=sampling, chosen=chosen)


def retold(
    scenario: Scenario, number: int, *, seed: int, sampling: Sampling = "independent", chosen: Chosen | None = None
) -> Story:
    """Tell a trial by the models, and see that the kernels have the same.

    Raises
    ------
    EngineError
        ``engines-differ``
    """
    lived = Lived(scenario, number, seed=seed, sampling=sampling)
    found = lived.differences(engines.run(lived.plan, trials=1, seed=seed, first=number)._asdict())
    if found:
        raise EngineError(
            Issue(
                "engines-differ",
                "error",
                scenario.path,
                0,
                f"trial {number}, seed {seed}, {sampling}",
                f"The models and the kernels differ in {', '.join(found)}. This is an error of simrisk, not of the "
                "scenario: please report it, with the scenario and this message.",
            )
        )
    return lived.story(chosen)


def retold_of(run: Results, scenario: Scenario, metric: str = LATE) -> Story | None:
    """Tell the trial of a run that is nearest a quantile; None when this version does not give the trial's numbers.

    Parameters
    ----------
    scenario : Scenario
        That of the run.
    """
    number, chosen = nearest(run, metric)
    lived = Lived(scenario, number, seed=int(run.attrs["seed"]), sampling=run.attrs["sampling"])
    place = run["trial"].values.tolist().index(number)
    stored = {
        "outcome": run["project_outcome"].values[place],
        **{name: run[name].values[place] for name in ("task_start", "task_finish", "gate_finish", "person_worked")},
    }
    return None if lived.differences(stored) else lived.story(chosen)


class Lived:
    """A trial that the models have lived through, beside the plan without dice.

    Parameters
    ----------
    scenario : Scenario
    number, seed, sampling
        See `replay`.
    """

    def __init__(self, scenario: Scenario, number: int, *, seed: int, sampling: Sampling) -> None:
        plan = sampled(compile_plan(scenario), sampling)
        self._without_dice = run_trial(baseline_plan(plan), 0, 0)
        self.plan = planned_until(plan, whole_number(self._without_dice, "end"))
        self._trial = run_trial(self.plan, seed, number)
        self._tell = partial(tell, self.plan, number=number, seed=seed, sampling=sampling)

    def differences(self, others: Mapping[str, Any]) -> list[str]:
        """Return the names of the fields that are not the same; each field a row, or an array of one row."""
        own = self._trial.outcome
        return [name for name, values in others.items() if not np.array_equal(np.ravel(values), np.ravel(own[name]))]

    def story(self, chosen: Chosen | None) -> Story:
        """Return its story."""
        planned = describe(self.plan.scenario, self._without_dice)
        return self._tell((planned, self._without_dice), self._trial, chosen=chosen)


def whole_number(trial: Trial, field: str) -> int:
    """Return a field of a trial that is one number."""
    value = trial.outcome[field]
    assert isinstance(value, int)
    return value


def nearest(run: Results, metric: str) -> tuple[int, Chosen]:
    """Return the trial whose value is nearest to a quantile, of equal ones the first, and how near it is.

    A quantile that lies among the trials that did not finish has the first of these.

    Raises
    ------
    MetricError
        ``unknown-metric``, or ``no-quantile``.
    """
    sample = sampled_figure(run, metric).sample
    if sample is None or not isinstance(sample.how, Fraction):
        found = f"'{metric}' is no quantile of which a trial could be the nearest. finish.p80 and cost.p90 are some."
        raise MetricError(Issue("no-quantile", "error", metric, 0, "", found))
    numbers = run["trial"].values if sample.among is None else run["trial"].values[sample.among]
    level = sample.estimate().value
    away = np.abs(sample.values - level) if math.isfinite(level) else -sample.values.astype(np.float64)
    place = int(np.argmin(away))
    value = float(sample.values[place])
    chosen = Chosen(metric, _known(level), _known(value), len(sample.values))
    return int(numbers[place]), chosen


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None
