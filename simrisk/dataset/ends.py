"""A run of which only the ends of the trials are kept: enough for every figure of finish, cost and targets."""

from __future__ import annotations

import numpy as np

from simrisk.dataset.build import Ends, PlanView, attributes, costs, finishes, variable_values
from simrisk.dataset.registry import REGISTRY
from simrisk.dataset.run import Run, Values


def run_of_ends(
    plan: PlanView,
    ends: Ends,
    spent: np.ndarray,
    *,
    days: np.ndarray,
    first: int = 0,
    seed: int,
    engine: str,
    sampling: str = "independent",
    block: int = 1,
) -> Run:
    """The ends of trials as a Run that measures can read; it cannot be written to a file.

    Parameters
    ----------
    plan : Plan
        What was simulated.
    ends : Ends
        When and how the trials ended.
    spent : (n,) int64
        Cents until then.
    days : (n_days,) datetime64
        Working days from the start to beyond the horizon.
    first : int
        Number of the first trial.
    seed : int
    engine : str
        "kernel" or "reference".
    sampling : str
        "independent" or "lhs".
    block : int
        So many trials are one Latin hypercube; 1 when they are independent.
    """
    worked_out = {
        "trial": first + np.arange(len(ends.end)),
        "day_date": days,
        "project_finish": finishes(ends),
        "project_cost": costs(ends, spent),
        "project_end": ends.end,
        "project_spent": spent,
        "project_outcome": ends.outcome,
    }
    currency = plan.scenario.project.currency
    variables = {name: variable_values(REGISTRY[name], values, currency) for name, values in worked_out.items()}
    provenance = attributes(plan, seed, engine, "", {})
    return Run(variables, ("trial", "day_date"), {**provenance, "sampling": sampling, "block": block})


def some_trials(run: Run, rows: slice) -> Run:
    """The same of some of the trials alone.

    Parameters
    ----------
    run : Run
        As `run_of_ends` gives it.
    rows : slice
        Of the trials of the run.
    """
    variables = {
        name: Values(values.dims, values.values[rows] if "trial" in values.dims else values.values, values.attrs)
        for name, values in run.variables.items()
    }
    return Run(variables, run.coordinates, run.attrs)
