"""Portfolio: which mitigations together make a plan earlier for what money, and which choices hold up.

All sets of some fifteen mitigations are run on the same dice, with few trials; those that may be worth their money are
run with more, and the best with all. Of more mitigations the sets that a greedy search comes by are run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.errors import ScenarioError
from simrisk.measures.difference import Difference, difference, is_sure_of
from simrisk.measures.estimates import Estimate
from simrisk.scenario.model import Mitigation, Scenario
from simrisk.scenario.rereading import Rereading
from simrisk.whatif.frontier import RESAMPLES, Field, keep, p80_of, within_frontier
from simrisk.whatif.worlds import Worlds

Progress = Callable[[int], None]
Set = frozenset[str]

P80, COST = "finish.p80", "cost.mean"
MOST_EXACT = 1 << 15  # sets of which all are run
SCREENING = 500  # trials of each set at first,
SCREENING_IN_ALL = 1 << 22  # fewer when these are more,
LEAST = 128  # but so many
HALFWAY = 400, 2000  # sets at most that are run again, and their trials
MOST_CONTENDERS = 40  # sets that are run with all trials
SURE = 0.975  # of each of two steps, so that both together are 95 % sure
NOTHING: Set = frozenset()


@dataclass(frozen=True)
class Choice:
    """A set of mitigations, run with all trials.

    Parameters
    ----------
    chosen : tuple of Mitigation
        In the order of the file; empty: the plan as it is.
    earlier : Difference
        P80 with them minus P80 as it is.
    extra : Estimate
        What they add to the mean cost, in currency: their prices and what they bring about, less what an earlier finish
        saves.
    robust : float
        Share of the resamples of all trials in which the set is on the frontier: no other that costs as much or less
        has an earlier P80.
    best : float
        Share of the resamples in which it is the earliest within the budget.
    """

    chosen: tuple[Mitigation, ...]
    earlier: Difference
    extra: Estimate
    robust: float
    best: float

    @property
    def price(self) -> float:
        """What the file says that they cost, in currency."""
        return sum(entry.price for entry in self.chosen) / 100


@dataclass(frozen=True)
class Portfolio:
    """Sets of mitigations that may be worth their money.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
    budget : float, optional
        In currency, for the prices as well as for what is added to the mean cost; None: as much as it takes.
    base : Run
        The plan as it is.
    options : tuple of Mitigation
        What there was to choose from: those that are not on already.
    exact : bool
        Whether all sets of them were run whose prices are within the budget.
    tried, clashes : int
        Sets that were run, and those that do not go together.
    screening : int
        Trials of each of them at first.
    missed : float
        Working minutes by which sets that were left out are earlier, at most, with 95 % confidence: the earliest of all
        within the budget, against the earliest choice.
    choices : tuple of Choice
        The contenders, the cheapest first.
    frontier : tuple of int
        Places of those on the frontier: within the budget, and each earlier than all that cost no more.
    best : int, optional
        Place of the earliest within the budget; None when nothing is.
    """

    scenario: Scenario
    worlds: Worlds
    budget: float | None
    base: Run
    options: tuple[Mitigation, ...]
    exact: bool
    tried: int
    clashes: int
    screening: int
    missed: float
    choices: tuple[Choice, ...]
    frontier: tuple[int, ...]
    best: int | None

    @property
    def recommended(self) -> Choice | None:
        """The best, when it is earlier for sure although it was picked from so many sets."""
        found = None if self.best is None else self.choices[self.best]
        if found is None or not found.chosen or not is_sure_of(found.earlier, self.tried):
            return None
        return found if (found.earlier.value or 0.0) < 0 else None


@dataclass(frozen=True)
class Ends:
    """What counts of a set's trials: finish in minutes (+inf: none) and money spent in currency, (n,) each."""

    finish: np.ndarray
    spent: np.ndarray

    @classmethod
    def of(cls, run: Run) -> Ends:
        """What a run has of it."""
        return cls(np.asarray(run["project_finish"].values, np.float64), run["project_spent"].values / 100)

    @property
    def p80(self) -> float:
        """The order statistic that is P80."""
        return float(p80_of(self.finish[None])[0])


class Selection:
    """The search for the sets that are worth their money, step by step.

    Parameters
    ----------
    scenario : Scenario
        Read from a file: its text says what a mitigation changes.
    worlds : Worlds
        The dice, and how many trials contenders get.
    budget : float, optional
        In currency.
    """

    def __init__(self, scenario: Scenario, worlds: Worlds, *, budget: float | None = None) -> None:
        self.scenario, self.worlds, self.budget = scenario, worlds, budget
        self.options = tuple(entry for entry in scenario.mitigations if not entry.active)
        self.ids = tuple(entry.id for entry in self.options)
        self.every = self._every_set()
        per_set = max(SCREENING_IN_ALL // len(self.every or [NOTHING]), LEAST)
        self.screening = min(SCREENING, per_set, worlds.trials)
        self.clashes: set[Set] = set()
        self._rereading = Rereading(scenario)

    @property
    def trials(self) -> int:
        """How many trials there will be, at most."""
        n = len(self.every or [NOTHING]) if self.is_exact else 2 * len(self.options) ** 2
        found = n * self.screening
        for most, trials in self._steps():
            found += min(n, most) * trials
        return found

    @property
    def is_exact(self) -> bool:
        """Whether every set that could be paid is run."""
        return self.every is not None

    @cached_property
    def base(self) -> Run:
        """The plan as it is."""
        return self.worlds.run(self.scenario)

    def select(self, progress: Progress | None = None) -> Portfolio:
        """Screen, run again what may be worth its money and compare; `progress` is told of trials, `trials` in all."""
        done = 0

        def advance(trials: int) -> None:
            nonlocal done
            done += trials
            if progress:
                progress(trials)

        chosen = self._selected(advance)
        advance(self.trials - done)  # of sets that were left out sooner
        return chosen

    def _selected(self, progress: Progress) -> Portfolio:
        found = self.search(progress) if self.every is None else self.screen(self.every, progress)
        tried, missed = len(found), 0.0
        for most, trials in self._steps():
            sets, lost = self._keep(found, most)
            missed += lost
            if trials < self.worlds.trials:
                found = self.screen(sets, progress, trials=trials)
        runs = {one: self.base if not one else self._run(one, self.worlds, progress) for one in sets}
        return self._compared(runs, tried, missed)

    def _steps(self) -> list[tuple[int, int]]:
        """How many sets are run again after the screening, at most, and with how many trials."""
        again = [HALFWAY] if self.screening < HALFWAY[1] < self.worlds.trials else []
        return [*again, (MOST_CONTENDERS, self.worlds.trials)]

    # Screening

    def _every_set(self) -> list[Set] | None:
        """Return all sets whose prices are within the budget; None when there are too many."""
        limit = None if self.budget is None else round(self.budget * 100)
        found = [(NOTHING, 0)]
        for entry in self.options:
            more = ((some | {entry.id}, price + entry.price) for some, price in found)
            found += [(some, price) for some, price in more if limit is None or price <= limit]
            if len(found) > MOST_EXACT:
                return None
        return sorted((some for some, _ in found), key=len)

    def _is_affordable(self, some: Set) -> bool:
        price = sum(entry.price for entry in self.options if entry.id in some) / 100
        return self.budget is None or price <= self.budget

    def screen(
        self, sets: Iterable[Set], progress: Progress | None = None, *, trials: int | None = None
    ) -> dict[Set, Ends]:
        """Run sets with few trials, side by side; those that do not go together are left out.

        Few trials are drawn one by one, since a Latin hypercube or two say nothing about what others would say.
        """
        few = replace(self.worlds, trials=self.screening if trials is None else trials, threads=1)
        if few.trials < self.worlds.trials:
            few = replace(few, sampling="independent")
        wanted = list(sets)

        def ends(one: Set) -> Ends | None:
            try:
                return Ends.of(self._run(one, few))
            except ScenarioError:
                return None

        found = {}
        with ThreadPoolExecutor(self.worlds.threads or os.cpu_count() or 1) as pool:
            try:
                for one, ended in zip(wanted, pool.map(ends, wanted), strict=True):
                    if ended is None:
                        self.clashes.add(one)
                    else:
                        found[one] = ended
                    if progress:
                        progress(few.trials)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return found

    def search(self, progress: Progress | None = None) -> dict[Set, Ends]:
        """Add one mitigation after the other, twice: what gains most, and what gains most for its money.

        From the set reached each is taken out again, and each exchanged for one outside, once.
        """
        found = self.screen([NOTHING], progress)
        for by_money in (False, True):
            at = NOTHING
            while True:
                near = [more for name in self.ids if name not in at and self._is_affordable(more := at | {name})]
                found |= self.screen([one for one in near if one not in found and one not in self.clashes], progress)
                better = [one for one in near if one in found and self._gain(found, at, one, by_money=by_money) > 0]
                if not better:
                    break
                at = max(better, key=lambda one: self._gain(found, at, one, by_money=by_money))
            aside = [at - {name} for name in at]
            aside += [one | {other} for one in aside for other in self.ids if other not in at]
            aside = [one for one in dict.fromkeys(aside) if self._is_affordable(one)]
            found |= self.screen([one for one in aside if one not in found and one not in self.clashes], progress)
        return found

    def _gain(self, found: Mapping[Set, Ends], at: Set, to: Set, *, by_money: bool) -> float:
        """Days gained by going from one set to another, per unit of money if asked for; 0 beyond the budget."""
        one, other, none = found[at], found[to], found[NOTHING]
        if self.budget is not None and float((other.spent - none.spent).mean()) > self.budget:
            return 0.0
        gain = one.p80 - other.p80
        dearer = float((other.spent - one.spent).mean())
        return gain / max(dearer, 1.0) if by_money else gain

    def _run(self, one: Set, worlds: Worlds, progress: Progress | None = None) -> Run:
        return worlds.run(compile_plan(self._rereading.with_mitigations(one)), progress=progress)

    def _keep(self, found: Mapping[Set, Ends], most: int) -> tuple[list[Set], float]:
        """Return the sets to go on with, and the minutes that those left out are earlier, at most."""
        sets = [NOTHING, *(one for one in found if one)]
        kept = keep(self._field(found, sets), most, budget=self.budget, seed=self.worlds.seed)
        ran = len(found[NOTHING].finish)
        # with all trials the frontier is as they say; what other dice would say is said of each choice
        lost = 0.0 if ran == self.worlds.trials else float(np.quantile(kept.missed, SURE, method="higher"))
        return [sets[place] for place in kept.places], lost

    def _field(self, found: Mapping[Set, Ends], sets: Sequence[Set]) -> Field:
        finish, spent = (np.stack([getattr(found[one], name) for one in sets]) for name in ("finish", "spent"))
        block = int(self.base.attrs["block"]) if finish.shape[1] == self.worlds.trials else 1
        return Field(finish, spent, sets.index(NOTHING), block)

    # Comparing

    def _compared(self, runs: Mapping[Set, Run], tried: int, missed: float) -> Portfolio:
        ends = {one: Ends.of(run) for one, run in runs.items()}
        extra = {one: difference(runs[NOTHING], run, COST) for one, run in runs.items()}
        sets = sorted(runs, key=lambda one: (_value(extra[one]), len(one), sorted(one)))
        field = self._field(ends, sets)
        robust, best = self._resampled(field)
        choices = tuple(
            Choice(
                tuple(entry for entry in self.options if entry.id in one),
                difference(runs[NOTHING], runs[one], P80),
                _estimate(extra[one]),
                float(robust[place]),
                float(best[place]),
            )
            for place, one in enumerate(sets)
        )
        means, p80 = field.means()
        return Portfolio(
            self.scenario,
            self.worlds,
            self.budget,
            runs[NOTHING],
            self.options,
            self.is_exact,
            tried,
            len(self.clashes),
            self.screening,
            missed,
            choices,
            tuple(int(place) for place in np.flatnonzero(within_frontier(means, p80, self._limit))),
            self._earliest(means, p80),
        )

    @property
    def _limit(self) -> float:
        """What a set may add to the mean cost."""
        return np.inf if self.budget is None else self.budget

    def _earliest(self, extra: np.ndarray, p80: np.ndarray) -> int | None:
        """Place of the earliest within the budget, the cheapest of equal ones."""
        within = extra <= self._limit
        if not within.any() or not np.isfinite(p80[within]).any():
            return None
        places = np.flatnonzero(within)
        return int(min(places, key=lambda i: (p80[i], extra[i])))

    def _resampled(self, field: Field) -> tuple[np.ndarray, np.ndarray]:
        """How often each set is on the frontier, and how often the earliest within the budget, of all resamples."""
        robust, best = np.zeros(len(field.finish)), np.zeros(len(field.finish))
        for means, p80 in field.resamples(self.worlds.seed):
            robust += within_frontier(means, p80, self._limit)
            earliest = self._earliest(means, p80)
            if earliest is not None:
                best[earliest] += 1
        return robust / RESAMPLES, best / RESAMPLES


def _value(found: Difference) -> float:
    return np.inf if found.value is None else found.value


def _estimate(found: Difference) -> Estimate:
    value, low, high = (np.nan if end is None else end for end in (found.value, found.low, found.high))
    return Estimate(value, low, high)
