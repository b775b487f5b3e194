"""Worth: what date and cost would be without each cause, one at a time, on the same dice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.errors import ScenarioError
from simrisk.measures.blocks import Blocks
from simrisk.measures.difference import Difference, difference, direction
from simrisk.measures.estimates import Estimate, half_width
from simrisk.measures.sample import Sample
from simrisk.scenario.model import Scenario
from simrisk.whatif.causes import Cause, cannot_matter, without
from simrisk.whatif.worlds import Worlds

Progress = Callable[[int], None]

FIGURES = ("finish.p50", "finish.p80", "cost.mean", "cost.p80")
ON_TIME = "finish.on_time"  # of plans with a deadline


@dataclass(frozen=True)
class Worth:
    """What one cause is worth.

    Parameters
    ----------
    cause : Cause
    differences : mapping
        By metric: the figure without the cause minus that of the plan; of a mitigation with it switched over.
    clash : str
        Why it cannot be said: of a mitigation that does not go together with those that are on. Else empty.
    """

    cause: Cause
    differences: Mapping[str, Difference]
    clash: str = ""

    def gain(self, metric: str) -> Difference | None:
        """By how much the figure is better without the cause, or with the mitigation; None where it cannot be said.

        Dates and costs are better when they are smaller, chances when they are larger.
        """
        found = self.differences.get(metric)
        if found is None:
            return None
        mitigation = self.cause.mitigation
        taken_away = mitigation is not None and mitigation.active
        return turned(found) if (direction(metric) < 0) != taken_away else found

    def is_sure(self, metric: str) -> bool:
        """Whether the gain is more than noise; what brings a figure back from beyond the horizon is."""
        gain = self.gain(metric)
        if gain is None:
            return False
        if gain.value is None:
            return self.brings_back(metric)
        return (gain.low is not None and gain.low > 0) or (gain.high is not None and gain.high < 0)

    def brings_back(self, metric: str) -> bool:
        """Whether the figure is beyond the horizon with the cause, and within without it."""
        gain = self.gain(metric)
        sides = None if gain is None else (gain.before, gain.after)
        if sides is None or sides[0] is None or sides[1] is None:
            return False
        return sides[0].beyond_horizon and sides[1].value is not None


def turned(found: Difference) -> Difference:
    """Return the difference the other way round: `before` minus `after`."""

    def negative(number: float | None) -> float | None:
        return None if number is None else 0.0 - number  # never minus nothing

    return replace(found, value=negative(found.value), low=negative(found.high), high=negative(found.low))


def figures_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the metrics that a cause is judged by."""
    return FIGURES if scenario.project.deadline is None else (*FIGURES, ON_TIME)


def worth_of(
    scenario: Scenario, causes: Iterable[Cause], worlds: Worlds, base: Run, progress: Progress | None = None
) -> tuple[Worth, ...]:
    """Run the plan without each cause and compare it with the plan, trial by trial.

    A cause of which it is certain beforehand that it moves nothing is not run.

    Parameters
    ----------
    worlds : Worlds
        The dice.
    base : Run
        Of the plan as it is, under these.
    progress : callable, optional
        Told how many more trials are done; those not run count as well.
    """
    plan, found = compile_plan(scenario), []
    metrics = figures_of(scenario)
    for cause in causes:
        if cannot_matter(cause, scenario, plan):
            run = base
            if progress:
                progress(worlds.trials)
        else:
            try:
                run = worlds.run(without(scenario, [cause]), progress=progress)
            except ScenarioError as error:
                if cause.mitigation is None:
                    raise
                found.append(Worth(cause, {}, error.issues[0].found))
                if progress:
                    progress(worlds.trials)
                continue
        found.append(Worth(cause, {metric: difference(base, run, metric) for metric in metrics}))
    return tuple(found)


@dataclass(frozen=True)
class Overlap:
    """A group of causes taken out together, and the sum of what its members are worth one by one.

    Parameters
    ----------
    together, one_by_one, between : Estimate
        The same figure's gain, and the first minus the second: above 0 where taking out one helps little as long as the
        others are there, below where any of them does for all.
    """

    cause: Cause
    together: Estimate
    one_by_one: Estimate
    between: Estimate


def overlap_of(group: Worth, members: Iterable[Worth], metric: str) -> Overlap | None:
    """Return how the members of a group overlap; None where one of the figures or its error is not known."""
    whole = group.differences.get(metric)
    of = [worth.differences.get(metric) for worth in members]
    if whole is None or any(found is None or found.value is None for found in (whole, *of)):
        return None
    gains = [_gain_by_trial(found) for found in (whole, *of) if found is not None]
    if any(gain is None for gain in gains):
        return None
    known = [gain for gain in gains if gain is not None]
    blocks = _blocks(whole)
    values = [0.0 - (found.value or 0.0) for found in (whole, *of) if found is not None]
    parts = np.sum(known[1:], axis=0)
    pairs = ((values[0], known[0]), (sum(values[1:]), parts), (values[0] - sum(values[1:]), known[0] - parts))
    return Overlap(group.cause, *(_estimate(value, moved, blocks) for value, moved in pairs))


def _gain_by_trial(found: Difference) -> np.ndarray | None:
    """How far each trial moves the gain, (n,); None where it is not known."""
    samples = [side.sample if side is not None else None for side in (found.before, found.after)]
    if samples[0] is None or samples[1] is None:
        return None
    if np.array_equal(samples[0].values, samples[1].values):
        return np.zeros(len(samples[0].values))
    before, after = (_influence(sample) for sample in samples if sample is not None)
    return None if before is None or after is None else before - after


def _influence(sample: Sample) -> np.ndarray | None:
    """How far each trial moves a figure; not at all where all are alike, as without dice."""
    alike = len(sample.values) > 0 and (sample.values == sample.values[0]).all()
    return np.zeros(len(sample.values)) if alike else sample.influence()


def _blocks(found: Difference) -> Blocks | None:
    return None if found.before is None or found.before.sample is None else found.before.sample.blocks


def _estimate(value: float, moved: np.ndarray, blocks: Blocks | None) -> Estimate:
    half = half_width(moved, blocks) if len(moved) > 1 else math.nan
    return Estimate(value, value - half, value + half)
