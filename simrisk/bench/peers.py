"""Other tools on the same plan, when they are installed: mcprojsim and planaco.

Both know tasks with triangular durations and links from finish to start. They draw for themselves, so that only the
mean finish can be held against simrisk's. simrisk needs neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simrisk.scenario.model import Scenario

HOUR = 60
NAMES = ("mcprojsim", "planaco")


@dataclass(frozen=True)
class Peer:
    """Another tool, with a plan in its own words.

    Parameters
    ----------
    name : str
    finishes : callable
        Gives the finishes (minutes) of so many trials.
    """

    name: str
    finishes: Callable[[int], NDArray[np.float64]]


def installed_peers(scenario: Scenario) -> list[Peer]:
    """Return the tools that are installed, each with the plan."""
    makers = {"mcprojsim": _mcprojsim, "planaco": _planaco}
    return [Peer(name, makers[name](scenario)) for name in NAMES if find_spec(name) is not None]


def _mcprojsim(scenario: Scenario) -> Callable[[int], NDArray[np.float64]]:
    """As of mcprojsim 0.15; hours."""
    tool: Any = import_module("mcprojsim")
    tasks = []
    for task in scenario.tasks:
        low, likely, high = (minutes / HOUR for minutes in task.efforts[0].params)
        estimate = {"distribution": "triangular", "low": low, "expected": likely, "high": high, "unit": "hours"}
        tasks.append(
            {
                "id": task.id,
                "name": task.name,
                "estimate": estimate,
                "dependencies": list(task.after),
                "uncertainty_factors": None,
            }
        )
    about = {"name": scenario.id, "start_date": scenario.project.start.isoformat()}
    project = tool.Project.model_validate({"project": about, "tasks": tasks})

    def finishes(trials: int) -> NDArray[np.float64]:
        engine = tool.SimulationEngine(iterations=trials, random_seed=1, show_progress=False)
        return np.asarray(engine.run(project).durations, np.float64) * HOUR

    return finishes


def _planaco(scenario: Scenario) -> Callable[[int], NDArray[np.float64]]:
    """As of planaco 0.2; minutes. It has no other way to all finishes than one estimate after the other."""
    tool: Any = import_module("planaco")
    project = tool.Project(name=scenario.id, unit="minutes")
    made: dict[str, Any] = {}
    for task in scenario.tasks:
        low, likely, high = task.efforts[0].params
        made[task.id] = tool.Task(name=task.id, min_duration=low, mode_duration=likely, max_duration=high)
        project.add_task(made[task.id], depends_on=[made[name] for name in task.after] or None)

    def finishes(trials: int) -> NDArray[np.float64]:
        return np.array([project.estimate() for _ in range(trials)])

    return finishes
