"""Portfolio: which mitigations together make a plan earlier for what money, and which choices hold up.

All sets of a dozen mitigations are run on the same dice, with few trials; those that may be worth their money are run
again with all. Of more mitigations the sets that a greedy search comes by are run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.errors import ScenarioError
from simrisk.measures.difference import Difference, difference
from simrisk.measures.estimates import Estimate, half_width
from simrisk.scenario.load import loads
from simrisk.scenario.model import Mitigation, Scenario
from simrisk.whatif.worlds import Worlds

Progress = Callable[[int], None]
Set = frozenset[str]

P80 = "finish.p80"
LEVEL = 0.8
MOST_EXACT = 12  # mitigations of which all sets are run
SCREENING = 500  # trials of each set at first
MOST_CONTENDERS = 40  # sets that are run with all trials
RESAMPLES = 200
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
        Whether all sets of them were run.
    tried, clashes : int
        Sets that were run, and those that do not go together.
    choices : tuple of Choice
        The contenders, the cheapest first.
    frontier : tuple of int
        Places of those on the frontier: each is earlier than all that cost no more.
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
    choices: tuple[Choice, ...]
    frontier: tuple[int, ...]
    best: int | None


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
        return float(_p80(self.finish[:, None])[0])


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
        self.is_exact = len(self.options) <= MOST_EXACT
        self.screening = min(SCREENING, worlds.trials)
        self.clashes: set[Set] = set()

    @property
    def sets(self) -> int:
        """How many sets are screened, at most."""
        n = len(self.options)
        return 1 << n if self.is_exact else 2 * n * n

    @cached_property
    def base(self) -> Run:
        """The plan as it is."""
        return self.worlds.run(self.scenario)

    def select(self, progress: Progress | None = None) -> Portfolio:
        """Screen, run the contenders again and compare them; `progress` is told of each set that was screened."""
        screened = self.screen(self._all_sets(), progress) if self.is_exact else self.search(progress)
        contenders = self._contenders(screened)
        runs = {one: self.base if not one else self._run(one, self.worlds) for one in contenders}
        return self._compared(runs, len(screened))

    # Screening

    def _all_sets(self) -> Iterator[Set]:
        for size in range(len(self.ids) + 1):
            yield from (some for names in combinations(self.ids, size) if self._is_affordable(some := frozenset(names)))

    def _is_affordable(self, some: Set) -> bool:
        price = sum(entry.price for entry in self.options if entry.id in some) / 100
        return self.budget is None or price <= self.budget

    def screen(self, sets: Iterable[Set], progress: Progress | None = None) -> dict[Set, Ends]:
        """Run sets with few trials, side by side; those that do not go together are left out."""
        few = replace(self.worlds, trials=self.screening, threads=1)
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
                        progress(1)
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

    def _run(self, one: Set, worlds: Worlds) -> Run:
        return worlds.run(compile_plan(with_mitigations(self.scenario, one)))

    def _contenders(self, screened: Mapping[Set, Ends]) -> list[Set]:
        """Return the sets of which another that costs no more is not surely earlier, the earliest of them first."""
        sets = list(screened)
        finish = np.stack([screened[one].finish for one in sets], axis=1)
        spent = np.stack([screened[one].spent for one in sets], axis=1)
        extra, p80 = (spent - spent[:, [sets.index(NOTHING)]]).mean(axis=0), _p80(finish)
        late = finish > p80  # who is late moves P80, by the distance between its neighbours
        reach = _sparsity(finish)
        margins = np.full(len(sets), np.inf)
        for best in np.flatnonzero(on_frontier(extra, p80)):
            moved = late * reach - (late[:, [best]] * reach[best])
            half = 1.96 * moved.std(axis=0) / np.sqrt(len(finish))
            with np.errstate(invalid="ignore"):
                margin = np.where(extra[best] <= extra, half - (p80 - p80[best]), np.inf)
            margins = np.fmin(margins, margin)
        within = np.ones(len(sets), bool) if self.budget is None else extra <= self.budget + _slack(spent, sets)
        order = sorted(np.flatnonzero((margins >= 0) & within), key=lambda i: (-margins[i], len(sets[i])))
        kept = [sets[i] for i in order[:MOST_CONTENDERS]]
        return kept if NOTHING in kept else [NOTHING, *kept]

    # Comparing

    def _compared(self, runs: Mapping[Set, Run], tried: int) -> Portfolio:
        ends = {one: Ends.of(run) for one, run in runs.items()}
        none = ends[NOTHING]
        moved = {one: end.spent - none.spent for one, end in ends.items()}
        sets = sorted(runs, key=lambda one: (float(moved[one].mean()), len(one), sorted(one)))
        finish = np.stack([ends[one].finish for one in sets], axis=1)
        extra = np.stack([moved[one] for one in sets], axis=1)
        robust, best = self._resampled(finish, extra)
        choices = tuple(
            Choice(
                tuple(entry for entry in self.options if entry.id in one),
                difference(runs[NOTHING], runs[one], P80),
                _mean(moved[one], self.base),
                float(robust[place]),
                float(best[place]),
            )
            for place, one in enumerate(sets)
        )
        means, p80 = extra.mean(axis=0), _p80(finish)
        frontier = tuple(int(place) for place in np.flatnonzero(on_frontier(means, p80)))
        return Portfolio(
            self.scenario,
            self.worlds,
            self.budget,
            runs[NOTHING],
            self.options,
            self.is_exact,
            tried,
            len(self.clashes),
            choices,
            frontier,
            self._earliest(means, p80),
        )

    def _earliest(self, extra: np.ndarray, p80: np.ndarray) -> int | None:
        """Place of the earliest within the budget, the cheapest of equal ones."""
        within = extra <= (np.inf if self.budget is None else self.budget)
        if not within.any() or not np.isfinite(p80[within]).any():
            return None
        places = np.flatnonzero(within)
        return int(min(places, key=lambda i: (p80[i], extra[i])))

    def _resampled(self, finish: np.ndarray, extra: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How often each set is on the frontier, and how often the earliest within the budget, of all resamples.

        Trials are drawn with replacement (Efron and Tibshirani, An Introduction to the Bootstrap, 1993), the same for
        all sets; of Latin hypercubes whole blocks are.
        """
        n, block = len(finish), int(self.base.attrs["block"])
        dice = np.random.default_rng(self.worlds.seed)
        robust, best = np.zeros(finish.shape[1]), np.zeros(finish.shape[1])
        for _ in range(RESAMPLES):
            blocks = dice.integers(0, -(-n // block), -(-n // block))
            rows = (blocks[:, None] * block + np.arange(block)).ravel()
            rows = rows[rows < n]
            means, p80 = extra[rows].mean(axis=0), _p80(finish[rows])
            robust += on_frontier(means, p80)
            earliest = self._earliest(means, p80)
            if earliest is not None:
                best[earliest] += 1
        return robust / RESAMPLES, best / RESAMPLES


def with_mitigations(scenario: Scenario, names: Iterable[str]) -> Scenario:
    """Return the scenario read anew with these mitigations on as well.

    Raises
    ------
    ScenarioError
        They do not go together.
    """
    full = {name: f"mitigations.{name}" for name in sorted(names)}
    if not full:
        return scenario
    off = tuple(name for name in scenario.switched_off if name not in (*full, *full.values()))
    on = (*scenario.switched_on, *full.values())
    return loads(scenario.text, scenario.path, changes=scenario.changes, with_=on, without=off)


def on_frontier(extra: np.ndarray, p80: np.ndarray) -> np.ndarray:
    """Whether each set is earlier than every other that costs no more; of equal ones the first, (n,) bool."""
    found = np.zeros(len(extra), bool)
    earliest = np.inf
    for place in np.lexsort((np.arange(len(extra)), p80, extra)):
        if p80[place] < earliest:
            found[place], earliest = True, p80[place]
    return found


def _p80(finish: np.ndarray) -> np.ndarray:
    """P80 of each column of trials."""
    rank = max(int(np.ceil(LEVEL * len(finish) - 1e-9)), 1) - 1
    found: np.ndarray = np.partition(finish, rank, axis=0)[rank]
    return found


def _sparsity(finish: np.ndarray) -> np.ndarray:
    """Minutes by which P80 of each column moves for each whole share of trials: from the quantiles around it."""
    n = len(finish)
    low, high = int(0.72 * n), min(int(0.88 * n), n - 1)
    found = np.partition(finish, [low, high], axis=0)
    with np.errstate(invalid="ignore"):
        apart = (found[high] - found[low]) * (n / max(high - low, 1))
    return np.where(np.isfinite(apart), apart, 0.0)


def _slack(spent: np.ndarray, sets: Sequence[Set]) -> np.ndarray:
    moved = spent - spent[:, [sets.index(NOTHING)]]
    found: np.ndarray = 1.96 * moved.std(axis=0) / np.sqrt(len(spent))
    return found


def _mean(moved: np.ndarray, base: Run) -> Estimate:
    """The mean of paired differences with its interval; of Latin hypercubes from the differences between blocks."""
    centre, block = float(moved.mean()), int(base.attrs["block"])
    if len(moved) < 2:
        return Estimate(centre, float("nan"), float("nan"))
    whole = moved[: len(moved) // block * block].reshape(-1, block).mean(axis=1) if block > 1 else moved
    half = half_width(whole if len(whole) > 1 else moved)
    return Estimate(centre, centre - half, centre + half)
