"""The study of a plan: what each cause is worth by itself, and its share of the whole delay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from simrisk.dataset import Run
from simrisk.models.sampling import Sampling
from simrisk.scenario.model import Scenario
from simrisk.simulation import checked, scenario_of
from simrisk.whatif.causes import Cause, causes_of, players, without
from simrisk.whatif.shapley import Shapley, players_of, runs_needed, shapley_values
from simrisk.whatif.worlds import Worlds
from simrisk.whatif.worth import FIGURES, Worth, worth_of

Progress = Callable[[int], None]


@dataclass(frozen=True)
class WhatIf:
    """What the causes of a plan's date and cost are worth.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
        The dice.
    base : Run
        The plan as it is: finish, cost and targets of each trial.
    planned : Run
        The plan without dice: one trial.
    worths : tuple of Worth
        Of every cause by itself, in the order of the plan.
    shares : mapping
        By metric, what dice add to it shared out among them (Shapley values). Empty when nothing is left to chance;
        a metric that is no number without some of the dice is missing.
    """

    scenario: Scenario
    worlds: Worlds
    base: Run
    planned: Run
    worths: tuple[Worth, ...]
    shares: Mapping[str, Shapley]

    def worth(self, name: str) -> Worth:
        """What the cause called `name` is worth."""
        return next(worth for worth in self.worths if worth.cause.name == name)


class Study:
    """A plan under study, step by step; `what_if` takes them all.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
    """

    def __init__(self, scenario: Scenario, worlds: Worlds) -> None:
        self.scenario, self.worlds = scenario, worlds
        self.causes = causes_of(scenario)

    @property
    def runs(self) -> int:
        """How many times the trials are run for what causes are worth."""
        return 1 + len(self.causes)

    def weigh(self, progress: Progress | None = None) -> WhatIf:
        """Run the plan, and the plan without each cause."""
        base = self.worlds.run(self.scenario, progress=progress)
        planned = self.worlds.run(without(self.scenario, players(self.causes)), trials=1)
        worths = worth_of(self.scenario, self.causes, self.worlds, base, progress)
        return WhatIf(self.scenario, self.worlds, base, planned, worths, {})

    def share_out(self, found: WhatIf, progress: Progress | None = None) -> WhatIf:
        """Add the shares; `progress` is told of `sharing_runs` times the trials."""
        if not self.players_in(found):
            return found
        shares = shapley_values(self.scenario, self.players_in(found), self.worlds, FIGURES, progress)
        return replace(found, shares=shares)

    def players_in(self, found: WhatIf) -> tuple[Cause, ...]:
        """Return among whom the delay is shared out."""
        return players_of(found.worths)

    def sharing_runs(self, found: WhatIf) -> int:
        """How many times the trials are run for that."""
        n = len(self.players_in(found))
        return runs_needed(n) if n else 0


def what_if(
    scenario: Scenario | str | Path,
    trials: int | None = None,
    seed: int | None = None,
    *,
    sampling: Sampling = "independent",
    threads: int | None = None,
    shares: bool = True,
    progress: Progress | None = None,
) -> WhatIf:
    """Say what everything that delays a plan is worth.

    Parameters
    ----------
    scenario : Scenario, str or Path
        As `load` returns it, or the file to load.
    trials, seed : int, optional
        Default: the scenario's.
    sampling : "independent" or "lhs"
    threads : int, optional
        Default: one per core. The results do not depend on it.
    shares : bool
        Whether the delay is shared out among its causes, too; that takes most of the time.
    progress : callable, optional
        Told after each block how many trials it had.

    Raises
    ------
    ScenarioError
        The file cannot be simulated.
    TypeError, ValueError
        An argument is not what stands above.
    """
    made = scenario_of(scenario)
    wanted, dice = checked(made.simulation, trials, seed, sampling)
    study = Study(made, Worlds(trials=wanted, seed=dice, sampling=sampling, threads=threads))
    found = study.weigh(progress)
    return study.share_out(found, progress) if shares else found
