"""Worlds: the same dice for as many variants of a plan as asked for, of each trial only how it ended.

Draws are named by what they are for, so a variant has the same luck as the plan wherever both ask for the same thing,
and what moves between two runs is due to what was changed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.dataset import Ends, Run, run_of_ends
from simrisk.engines import Engine
from simrisk.models.sampling import Sampling, sampled, trials_drawn_together
from simrisk.plan import Plan
from simrisk.scenario.model import Project, Scenario

Variant = Scenario | Plan
Progress = Callable[[int], None]

TOGETHER = 1 << 13  # trials of which all outcomes are in memory at a time


@dataclass(frozen=True)
class Worlds:
    """One set of dice, under which variants of a plan can be run.

    Parameters
    ----------
    trials : int
        Of each variant.
    seed : int
    sampling : "independent" or "lhs"
    engine : "kernel" or "reference"
        Both give the same integers.
    threads : int, optional
        Default: one per core. The results do not depend on it.
    """

    trials: int
    seed: int
    sampling: Sampling = "independent"
    engine: Engine = "kernel"
    threads: int | None = None
    _days: dict[tuple[Project, int], np.ndarray] = field(default_factory=dict, repr=False, compare=False)

    def run(
        self, variant: Variant, *, first: int = 0, trials: int | None = None, progress: Progress | None = None
    ) -> Run:
        """Run a variant; the Run knows every figure of finish, cost and targets.

        Parameters
        ----------
        variant : Scenario or Plan
        first, trials : int
            Trials `first` to ``first + trials - 1``; default: all.
        progress : callable, optional
            Told after each block how many trials it had.
        """
        plan = sampled(compile_plan(variant) if isinstance(variant, Scenario) else variant, self.sampling)
        last = first + (self.trials if trials is None else trials)
        pieces = [
            self._ends(plan, begin, min(TOGETHER, last - begin), progress) for begin in range(first, last, TOGETHER)
        ]
        end, outcome, spent = (np.concatenate(column) for column in zip(*pieces, strict=True))
        return run_of_ends(
            plan,
            Ends(end, outcome),
            spent,
            days=self._days_of(plan),
            first=first,
            seed=self.seed,
            engine=self.engine,
            sampling=self.sampling,
            block=trials_drawn_together(plan),
        )

    def _ends(
        self, plan: Plan, first: int, trials: int, progress: Progress | None
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        found = engines.run(
            plan,
            trials=trials,
            seed=self.seed,
            first=first,
            engine=self.engine,
            threads=self.threads,
            progress=progress,
        )
        return found.end, found.outcome, found.cost

    def _days_of(self, plan: Plan) -> np.ndarray:
        """Working days until beyond the horizon, (n,) datetime64; worked out once for all variants."""
        key = plan.scenario.project, plan.horizon
        if key not in self._days:
            n_days = -(-plan.horizon // plan.day_minutes) + 1
            self._days[key] = np.array(plan.calendar.days(n_days), dtype="datetime64[ns]")
        return self._days[key]
