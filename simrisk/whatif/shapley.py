"""Shapley values: the whole delay shared out among its causes, so that the shares add up.

What a cause is worth depends on which others are there: a gate costs little in a plan that is late anyway. Its Shapley
value is the mean of what it adds over all orders in which the causes could come in (Shapley, Contributions to the
Theory of Games II, 1953, 307-317). The shares of any order add up to the figure with all causes minus that with none,
and so do their means.

With few players all sets of them are run. With more, orders are sampled: players are seated in a circle at random, and
the circle is read from every seat in both directions. These 2 p orders put every player in every place equally often
and hold each order with its reverse, both of which makes the mean more precise (Castro, Gomez and Tejada, Computers &
Operations Research 36, 2009, 1726-1730; Mitchell et al., Journal of Machine Learning Research 23(43), 2022), and they
need the p (p - 1) arcs of the circle only.

**Error.** The trials are cut into sections; each has a circle of its own. How much the sections differ shows the error
of the trials and that of the orders at once: a t interval of the mean of their shares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations

import numpy as np

from simrisk.dataset import Run, some_trials
from simrisk.dataset.ranks import TAIL
from simrisk.measures import measure
from simrisk.measures.estimates import Estimate
from simrisk.plan import Plan
from simrisk.scenario.model import Scenario
from simrisk.special import stdtrit
from simrisk.whatif.causes import Cause, group, without
from simrisk.whatif.worlds import Worlds
from simrisk.whatif.worth import Worth

Progress = Callable[[int], None]
Coalition = frozenset[int]  # players whose dice are rolled

MOST_PLAYERS = 9
MOST_EXACT = 6  # players of whom all sets are run
SECTIONS, FEWEST = 10, 100  # of how many trials a section is at least
STRATA = 256  # trials of a Latin hypercube
REST = {"gates": "other gates", "risks": "other risks", "away": "other people's time away"}
WHOLE = {"gates": "gates", "risks": "risks", "away": "everybody's time away"}


@dataclass(frozen=True)
class Share:
    """A player's share of a figure.

    Parameters
    ----------
    name, title : str
    members : tuple of str
        Causes that it stands for.
    value : Estimate
        In the unit of the metric, with its 95 % interval; its ends are nan when there are too few trials.
    """

    name: str
    title: str
    members: tuple[str, ...]
    value: Estimate


@dataclass(frozen=True)
class Shapley:
    """A figure shared out.

    Parameters
    ----------
    metric : str
    planned : float
        The figure with no dice at all.
    total : Estimate
        What dice add to it, by the same trials: the sum of the shares.
    shares : tuple of Share
        The largest first.
    exact : bool
        Whether all sets of players were run; else orders were sampled.
    sections, trials : int
        How many sections, and of how many trials each.
    """

    metric: str
    planned: float
    total: Estimate
    shares: tuple[Share, ...]
    exact: bool
    sections: int
    trials: int


def players_of(worths: Iterable[Worth], metric: str = "finish.p80", most: int = MOST_PLAYERS) -> tuple[Cause, ...]:
    """Return at most so many players that are all dice together: the largest causes alone, the rest by family.

    Parameters
    ----------
    worths : iterable of Worth
        Of all causes.
    metric : str
        By which they are large.
    """
    single = [worth for worth in worths if worth.cause.family]
    families: dict[str, list[Worth]] = {}
    for worth in single:
        families.setdefault(worth.cause.family, []).append(worth)
    ordered = sorted(single, key=lambda worth: -abs(_size(worth, metric)))
    alone: list[Worth] = []
    for worth in ordered:  # one at a time leaves its family, as long as there is room
        wanted = [*alone, worth]
        left = sum(any(member not in wanted for member in members) for members in families.values())
        if len(wanted) + left <= most:
            alone = wanted
    found = [worth.cause for worth in single if worth in alone]
    for family, members in families.items():
        rest = [worth.cause for worth in members if worth not in alone]
        if len(rest) == 1:
            found.append(rest[0])
        elif rest:
            titles = WHOLE if len(rest) == len(members) else REST
            found.append(group(f"{family}.rest", titles[family], rest))
    return tuple(found)


def _size(worth: Worth, metric: str) -> float:
    found = worth.differences.get(metric)
    return 0.0 if found is None or found.value is None else found.value


def runs_needed(players: int) -> int:
    """Return how many times all trials are run for so many players."""
    return (1 << players) - 1 if players <= MOST_EXACT else players * (players - 1) + 1


def shapley_values(
    scenario: Scenario,
    players: Sequence[Cause],
    worlds: Worlds,
    metrics: Sequence[str],
    progress: Progress | None = None,
) -> dict[str, Shapley]:
    """Share out what dice add to each of the metrics.

    Parameters
    ----------
    players : sequence of Cause
        At least one; all dice of the scenario, each in one of them.
    progress : callable, optional
        Told how many more trials are done, `runs_needed` times the trials in all.

    Returns
    -------
    dict
        By metric; those that are no number for some set of players are left out: too many trials did not finish.
    """
    game = Game(scenario, players, worlds, metrics)
    size = section_size(worlds)
    if len(players) <= MOST_EXACT:
        found, by_section = _exactly(game, size, progress)
        total = game.figures(game.everybody) - game.planned
    else:
        by_section = np.array(list(_by_circles(game, size, progress)))
        found = by_section.mean(axis=0)
        total = found.sum(axis=0)
    return {
        metric: _shared_out(game, metric, (found[:, k], by_section[:, :, k], float(total[k])), size)
        for k, metric in enumerate(metrics)
        if np.isfinite(found[:, k]).all()
    }


def section_size(worlds: Worlds) -> int:
    """Return how many trials a section has; whole Latin hypercubes, where that is how they are drawn."""
    least = STRATA if worlds.sampling == "lhs" else 1
    sections = max(1, min(SECTIONS, worlds.trials // max(FEWEST, least)))
    return max(1, worlds.trials // sections // least * least) if worlds.trials >= least else worlds.trials


def _shared_out(game: Game, metric: str, found: tuple[np.ndarray, np.ndarray, float], size: int) -> Shapley:
    values, by_section, total = found
    sections = len(by_section)
    players = zip(game.players, values, by_section.T, strict=True)
    shares = [
        Share(player.name, player.title, _stands_for(player), _estimate(float(value), of_sections))
        for player, value, of_sections in players
    ]
    return Shapley(
        metric=metric,
        planned=float(game.planned[game.metrics.index(metric)]),
        total=_estimate(total, by_section.sum(axis=1)),
        shares=tuple(sorted(shares, key=lambda share: -share.value.value)),
        exact=len(game.players) <= MOST_EXACT,
        sections=sections,
        trials=size,
    )


def _stands_for(player: Cause) -> tuple[str, ...]:
    return (player.name,) if player.family else player.members


def _estimate(value: float, by_section: np.ndarray) -> Estimate:
    """A figure with the t interval of the mean of its sections.

    Asmussen and Glynn, Stochastic Simulation, 2007, section III.5.
    """
    n = len(by_section)
    half = float(stdtrit(n - 1, 1 - TAIL)) * float(by_section.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    return Estimate(value, value - half, value + half)


class Game:
    """What the dice of any set of players make of the figures.

    Parameters
    ----------
    scenario : Scenario
    players : sequence of Cause
        All dice of it, each in one player.
    worlds : Worlds
    metrics : sequence of str
    """

    def __init__(self, scenario: Scenario, players: Sequence[Cause], worlds: Worlds, metrics: Sequence[str]) -> None:
        self.players, self.metrics = players, metrics
        self.everybody: Coalition = frozenset(range(len(players)))
        self._scenario, self._worlds = scenario, worlds
        self._plans: dict[Coalition, Plan] = {}
        self.planned = self.figures_in(worlds.run(self._plan(frozenset()), trials=1))

    @property
    def trials(self) -> int:
        """How many there are."""
        return self._worlds.trials

    @property
    def seed(self) -> int:
        """Of the dice."""
        return self._worlds.seed

    def figures(self, coalition: Coalition) -> np.ndarray:
        """Return the figures with the dice of these players alone, (n_metrics,); nan where there is none."""
        return self.figures_in(self.run(coalition)) if coalition else self.planned

    def run(
        self, coalition: Coalition, first: int = 0, trials: int | None = None, progress: Progress | None = None
    ) -> Run:
        """Run trials with the dice of these players alone."""
        return self._worlds.run(self._plan(coalition), first=first, trials=trials, progress=progress)

    def figures_in(self, run: Run) -> np.ndarray:
        """Return the figures of a run, (n_metrics,)."""
        values = (measure(run, metric).value for metric in self.metrics)
        return np.array([math.nan if value is None else value for value in values])

    def _plan(self, coalition: Coalition) -> Plan:
        if coalition not in self._plans:
            off = [player for i, player in enumerate(self.players) if i not in coalition]
            self._plans[coalition] = without(self._scenario, off)
        return self._plans[coalition]


def _exactly(game: Game, size: int, progress: Progress | None) -> tuple[np.ndarray, np.ndarray]:
    """Run all sets of players: the shares, (n_players, n_metrics), and those of each section, one more in front."""
    n, sections = len(game.players), game.trials // size
    whole: dict[Coalition, np.ndarray] = {frozenset(): game.planned}
    cut: list[dict[Coalition, np.ndarray]] = [{frozenset(): game.planned} for _ in range(sections)]
    for coalition in map(frozenset, chain.from_iterable(combinations(range(n), k) for k in range(1, n + 1))):
        run = game.run(coalition, progress=progress)
        whole[coalition] = game.figures_in(run)
        for k, values in enumerate(cut):
            values[coalition] = game.figures_in(some_trials(run, slice(k * size, (k + 1) * size)))
    return shares_of(whole, n), np.array([shares_of(values, n) for values in cut])


def shares_of(worth: Mapping[Coalition, np.ndarray], n: int) -> np.ndarray:
    """Return the Shapley values of `n` players from what each set of them is worth.

    Parameters
    ----------
    worth : mapping
        Of all 2 ** n sets, to arrays of one shape.
    """
    found = np.zeros((n, *worth[frozenset()].shape))
    for before, value in worth.items():
        size = len(before)
        if size == n:
            continue
        # in this share of the n! orders these come first, and then one certain other
        weight = math.factorial(size) * math.factorial(n - size - 1) / math.factorial(n)
        for i in range(n):
            if i not in before:
                found[i] += weight * (worth[before | {i}] - value)
    return found


def _by_circles(game: Game, size: int, progress: Progress | None) -> Iterator[np.ndarray]:
    """Yield the shares of each section, (n_players, n_metrics), each from a circle of its own."""
    n = len(game.players)
    dice = np.random.Generator(np.random.PCG64([game.seed, n]))
    for section in range(game.trials // size):
        seats = dice.permutation(n).tolist()
        found: dict[Coalition, np.ndarray] = {frozenset(): game.planned}
        for arc in arcs_of(seats):
            found[arc] = game.figures_in(game.run(arc, section * size, size, progress))
        yield shares_in_circle(found, seats)


def arcs_of(seats: Sequence[int]) -> list[Coalition]:
    """Return all sets of neighbours in a circle, the whole circle last."""
    n = len(seats)
    return [*(frozenset(seats[(i + k) % n] for k in range(m)) for m in range(1, n) for i in range(n)), frozenset(seats)]


def shares_in_circle(worth: Mapping[Coalition, np.ndarray], seats: Sequence[int]) -> np.ndarray:
    """Return the mean of what each player adds over the 2 n orders that read a circle from each seat both ways.

    Parameters
    ----------
    worth : mapping
        Of no players and of all arcs of the circle, to arrays of one shape.
    seats : sequence of int
        The players as they sit.
    """
    n = len(seats)
    found = np.zeros((n, *worth[frozenset()].shape))
    for reading in (seats, seats[::-1]):
        for start in range(n):
            before: Coalition = frozenset()
            for k in range(n):
                player = reading[(start + k) % n]
                after = before | {player}
                found[player] += worth[after] - worth[before]
                before = after
    return found / (2 * n)
