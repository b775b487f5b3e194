"""Timing: ways of doing the same work, measured in turn so that a change of the machine's mood meets all of them."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from simrisk.garbage import undisturbed

MOST = 1_000_000  # trials in one turn


@dataclass(frozen=True)
class Way:
    """A way of doing a piece of work.

    Parameters
    ----------
    what : str
        For the table.
    run : callable
        Does the work for so many trials.
    step : int
        The number of trials is a multiple of this.
    """

    what: str
    run: Callable[[int], object]
    step: int = 1


@dataclass(frozen=True)
class Timing:
    """How long a way took.

    Parameters
    ----------
    way : Way
    trials : int
        In each repetition.
    seconds : tuple of float
        For one trial, of each repetition.
    """

    way: Way
    trials: int
    seconds: tuple[float, ...]

    @property
    def least(self) -> float:
        """Seconds of the fastest repetition."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """Seconds of the repetition in the middle."""
        return statistics.median(self.seconds)

    def ratio_to(self, other: Timing) -> float:
        """Return how many times longer than another it took: the median over the repetitions, each against its own."""
        return statistics.median(own / its for own, its in zip(self.seconds, other.seconds, strict=True))


@dataclass(frozen=True)
class Effort:
    """How thoroughly it is measured.

    Parameters
    ----------
    repetitions : int
        Rounds in which every way has its turn.
    seconds : float
        That one turn should take, if the trials allow it.
    """

    repetitions: int
    seconds: float


@dataclass
class Watch:
    """Measures with one clock: the processor's time in this thread, or the wall's.

    Parameters
    ----------
    effort : Effort
    clock : callable
    """

    effort: Effort
    clock: Callable[[], float] = field(default=time.thread_time)

    def measure(self, ways: Sequence[Way]) -> list[Timing]:
        """Return how long each way takes for a trial. All have been run before."""
        gc.collect()
        with undisturbed():
            trials = [self._enough_trials(way) for way in ways]
            rounds = [
                [self._seconds(way, n) for way, n in zip(ways, trials, strict=True)]
                for _ in range(self.effort.repetitions)
            ]
        columns = zip(*rounds, strict=True)
        return [Timing(way, n, column) for way, n, column in zip(ways, trials, columns, strict=True)]

    def _enough_trials(self, way: Way) -> int:
        """Return how many trials fill a turn; the first run, which compiles or fills caches, does not count."""
        trials = way.step
        way.run(trials)
        took = self._took(way, trials)
        while took < self.effort.seconds / 2 and trials < MOST:
            trials = min(MOST, trials * 4)
            took = self._took(way, trials)
        fitting = round(trials * self.effort.seconds / took) if took > 0 else MOST
        return max(way.step, min(MOST, fitting) // way.step * way.step)

    def _took(self, way: Way, trials: int) -> float:
        return self._seconds(way, trials) * trials

    def _seconds(self, way: Way, trials: int) -> float:
        begin = self.clock()
        way.run(trials)
        return (self.clock() - begin) / trials
