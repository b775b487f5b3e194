"""A plan without people by hand: passes over its network in NumPy, in plain Python and in SimPy.

All are given durations and give the finish of each trial; NumPy gives, if asked, what the network kernel gives too, and
can draw for itself. Times are minutes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import simpy
from numpy.typing import NDArray

from simrisk.models.quantities import Draws
from simrisk.plan import Plan
from simrisk.scenario.model import Distribution, Scenario

Minutes = NDArray[np.int32]
Sums = NDArray[np.int64]


@dataclass(frozen=True)
class Tie:
    """A link between two activities: `other` is the predecessor or the successor, whichever is listed."""

    other: int
    kind: str  # FS, SS or FF
    lag: int  # minutes


@dataclass(frozen=True)
class Network:
    """Activities in an order in which each comes after its predecessors.

    Parameters
    ----------
    before, after : list of list of Tie
        The links of each activity to its predecessors and to its successors.
    """

    before: list[list[Tie]]
    after: list[list[Tie]]

    def __len__(self) -> int:
        """Return the number of activities."""
        return len(self.before)


def network_of(scenario: Scenario) -> Network:
    """Return the links of a plan whose tasks stand in order and whose lags are exact."""
    places = {task.id: i for i, task in enumerate(scenario.tasks)}
    before: list[list[Tie]] = [[] for _ in scenario.tasks]
    after: list[list[Tie]] = [[] for _ in scenario.tasks]
    for i, task in enumerate(scenario.tasks):
        for link in task.links:
            j, lag = places[link.task], 0 if link.lag is None else round(link.lag.planned)
            before[i].append(Tie(j, link.kind, lag))
            after[j].append(Tie(i, link.kind, lag))
    return Network(before, after)


def durations_of(plan: Plan, seed: int, trials: int) -> Minutes:
    """Return the durations that both engines draw in trials 0 to `trials` - 1, shape (n_activities, trials)."""
    drawn = np.empty((len(plan.task_ids), trials), np.int32)
    order = sorted(range(len(plan.arrays.parts)), key=lambda part: plan.arrays.parts.task[part])
    quantities = plan.arrays.parts.draw[order].tolist()
    for trial in range(trials):
        draws = Draws(plan.arrays, seed, trial)
        drawn[:, trial] = [draws.minutes(quantity) for quantity in quantities]
    return drawn


# NumPy: an operation on a row of trials at a time


@dataclass(frozen=True)
class Statistics:
    """What is known of a network after its trials.

    Parameters
    ----------
    finish : ndarray
        Of the project, shape (trials,).
    critical : ndarray
        Trials in which each activity had no float, shape (n_activities,).
    sum_duration, sum_square, sum_product : ndarray
        Sums over the trials of the duration, of its square, and of duration times finish, shape (n_activities,).
    """

    finish: Minutes
    critical: Sums
    sum_duration: Sums
    sum_square: Sums
    sum_product: Sums


def numpy_finish(network: Network, durations: Minutes) -> Minutes:
    """Return the finish of each trial."""
    return _forward(network, durations)[1]


def numpy_statistics(network: Network, durations: Minutes) -> Statistics:
    """Return the finish of each trial, the criticality, and the sums for correlations with the finish."""
    starts, finish = _forward(network, durations)
    late = _late_starts(network, durations, finish)
    wide = durations.astype(np.int64)
    return Statistics(
        finish=finish,
        critical=(late == starts).sum(axis=1),
        sum_duration=wide.sum(axis=1),
        sum_square=np.einsum("it,it->i", wide, wide),
        sum_product=wide @ finish.astype(np.int64),
    )


def _forward(network: Network, durations: Minutes) -> tuple[Minutes, Minutes]:
    """Return the early starts, shape (n_activities, trials), and the finish of each trial."""
    starts, ends = np.zeros_like(durations), np.empty_like(durations)
    for i, ties in enumerate(network.before):
        start, end = starts[i], ends[i]
        for tie in ties:
            if tie.kind == "FS":
                np.maximum(start, ends[tie.other] + tie.lag if tie.lag else ends[tie.other], out=start)
            elif tie.kind == "SS":
                np.maximum(start, starts[tie.other] + tie.lag, out=start)
        np.add(start, durations[i], out=end)
        for tie in ties:
            if tie.kind == "FF":
                np.maximum(end, ends[tie.other] + tie.lag, out=end)
    return starts, ends.max(axis=0)


def _late_starts(network: Network, durations: Minutes, finish: Minutes) -> Minutes:
    """Return the latest starts that leave the finish as it is, shape (n_activities, trials)."""
    starts, ends = np.empty_like(durations), np.empty_like(durations)
    for i in range(len(network) - 1, -1, -1):
        start, end = starts[i], ends[i]
        end[:] = finish
        for tie in network.after[i]:
            if tie.kind != "SS":
                latest = starts[tie.other] if tie.kind == "FS" else ends[tie.other]
                np.minimum(end, latest - tie.lag if tie.lag else latest, out=end)
        np.subtract(end, durations[i], out=start)
        for tie in network.after[i]:
            if tie.kind == "SS":
                np.minimum(start, starts[tie.other] - tie.lag, out=start)
    return starts


def numpy_draws(plan: Plan, rng: np.random.Generator, trials: int) -> Minutes:
    """Return durations drawn by NumPy's own generators, shape (n_activities, trials): not those of the engines."""
    drawn = np.empty((len(plan.task_ids), trials), np.int32)
    for row, task in zip(drawn, plan.scenario.tasks, strict=True):
        np.rint(_numpy_draw(task.efforts[0], rng, trials), out=row, casting="unsafe")
    return drawn


def _numpy_draw(quantity: Distribution, rng: np.random.Generator, trials: int) -> NDArray[np.float64]:
    if quantity.kind == "lognormal":
        median, sigma = quantity.params
        return median * np.exp(sigma * rng.standard_normal(trials))
    low, likely, high = quantity.params
    if quantity.kind == "triangular":
        return rng.triangular(low, likely, high, trials)
    assert quantity.kind == "pert"
    shape = 4 * (likely - low) / (high - low)
    return low + (high - low) * rng.beta(1 + shape, 5 - shape, trials)


# Plain Python: one trial after the other


def loop_finish(network: Network, durations: list[int]) -> int:
    """Return the finish of one trial."""
    starts, ends = [0] * len(durations), [0] * len(durations)
    for i, ties in enumerate(network.before):
        start = 0
        held_until = 0
        for tie in ties:
            kind = tie.kind
            if kind == "FS":
                start = max(start, ends[tie.other] + tie.lag)
            elif kind == "SS":
                start = max(start, starts[tie.other] + tie.lag)
            else:
                held_until = max(held_until, ends[tie.other] + tie.lag)
        starts[i] = start
        ends[i] = max(start + durations[i], held_until)
    return max(ends)


def loop_draws(scenario: Scenario, dice: random.Random) -> list[int]:
    """Return durations drawn by Python's own generators: not those of the engines."""
    drawn = []
    for task in scenario.tasks:
        quantity = task.efforts[0]
        if quantity.kind == "lognormal":
            median, sigma = quantity.params
            value = median * math.exp(dice.gauss(0.0, sigma))
        else:
            low, likely, high = quantity.params
            if quantity.kind == "triangular":
                value = dice.triangular(low, high, likely)
            else:
                shape = 4 * (likely - low) / (high - low)
                value = low + (high - low) * dice.betavariate(1 + shape, 5 - shape)
        drawn.append(round(value))
    return drawn


# SimPy: a process for each activity


def simpy_finish(network: Network, durations: list[int]) -> int:
    """Return the finish of one trial."""
    env = simpy.Environment()
    started = [env.event() for _ in durations]
    finished = [env.event() for _ in durations]

    def satisfied(tie: Tie) -> Generator[simpy.Event, None, None]:
        yield started[tie.other] if tie.kind == "SS" else finished[tie.other]
        if tie.lag:
            yield env.timeout(tie.lag)

    def wait_for(ties: list[Tie]) -> simpy.Event:
        plain = [finished[tie.other] for tie in ties if tie.kind != "SS" and not tie.lag]
        return env.all_of(plain + [env.process(satisfied(tie)) for tie in ties if tie.kind == "SS" or tie.lag])

    def activity(i: int, duration: int) -> Generator[simpy.Event, None, None]:
        held = wait_for([tie for tie in network.before[i] if tie.kind == "FF"])
        yield wait_for([tie for tie in network.before[i] if tie.kind != "FF"])
        started[i].succeed()
        yield env.timeout(duration)
        yield held
        finished[i].succeed()

    for i, duration in enumerate(durations):
        env.process(activity(i, duration))
    env.run()
    return int(env.now)
