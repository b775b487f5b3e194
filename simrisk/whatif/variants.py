"""Variants: several plans on the same dice, each with its figures and how far they are from those of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from simrisk.dataset import Run, RunDates
from simrisk.errors import MetricError
from simrisk.measures.difference import Difference, difference
from simrisk.measures.figure import Measure
from simrisk.measures.metrics import sampled
from simrisk.plan import Plan
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.whatif.worlds import Worlds

Progress = Callable[[int], None]

OF_ENDS = ("finish", "cost", "delay", "joint", "censored", "stopped")  # what the ends of trials are enough for


@dataclass(frozen=True)
class Tried:
    """What became of a variant.

    Parameters
    ----------
    figures : mapping
        By metric, without the trials behind them; a metric that the variant does not have is missing.
    differences : mapping
        By metric, its figure minus that of the reference; empty for the reference itself.
    dates : RunDates
        Its working days.
    horizon : date
        The last day that was simulated.
    """

    figures: Mapping[str, Measure]
    differences: Mapping[str, Difference]
    dates: RunDates
    horizon: date


@dataclass(frozen=True)
class Runner:
    """How variants are run: as briefly as the metrics allow.

    Parameters
    ----------
    worlds : Worlds
        The dice.
    metrics : tuple of str
    """

    worlds: Worlds
    metrics: tuple[str, ...]

    def run(self, scenario: Scenario, plan: Plan, progress: Progress | None = None) -> Run:
        """All trials of a variant."""
        if self._ends_are_enough:
            return self.worlds.run(plan, progress=progress)
        experiment = self._experiment(scenario)
        experiment.extend(self.worlds.trials, progress)
        return experiment.run()

    def check(self, variants: Iterable[tuple[Scenario, Plan]]) -> None:
        """See before anything is run that each metric is one of some variant.

        Raises
        ------
        MetricError
            ``unknown-metric``, as the first variant has it.
        """
        errors: dict[str, MetricError] = {}
        for number, (scenario, plan) in enumerate(variants):
            run = self.worlds.run(plan, trials=1) if self._ends_are_enough else self._experiment(scenario).rehearsal()
            for metric in self.metrics if not number else tuple(errors):
                try:
                    sampled(run, metric)
                except MetricError as error:
                    errors.setdefault(metric, error)
                else:
                    errors.pop(metric, None)
            if not errors:
                return
        if errors:
            raise next(iter(errors.values()))

    @property
    def _ends_are_enough(self) -> bool:
        return all(metric.partition(".")[0] in OF_ENDS for metric in self.metrics)

    def _experiment(self, scenario: Scenario) -> Experiment:
        of = self.worlds
        return Experiment(scenario, seed=of.seed, engine=of.engine, threads=of.threads, sampling=of.sampling)


def tried(run: Run, metrics: Sequence[str], reference: Run | None = None) -> Tried:
    """Work out a variant's figures and how they differ from those of the reference, trial by trial.

    Parameters
    ----------
    reference : Run, optional
        Default: the variant is itself what the others are compared with.
    """
    figures = {metric: found for metric in metrics if (found := _figure(run, metric)) is not None}
    differences = {}
    for metric in metrics if reference is not None else ():
        assert reference is not None
        if metric in figures or _figure(reference, metric) is not None:
            differences[metric] = _bare(difference(reference, run, metric))
    dates = RunDates.of(run)
    return Tried(figures, differences, dates, dates.finish_date(run.attrs["horizon"]))


def _figure(run: Run, metric: str) -> Measure | None:
    try:
        return replace(sampled(run, metric), sample=None)
    except MetricError:
        return None


def _bare(found: Difference) -> Difference:
    """The same without the trials: of many variants they would fill the memory."""
    before, after = (None if side is None else replace(side, sample=None) for side in (found.before, found.after))
    return replace(found, before=before, after=after)
