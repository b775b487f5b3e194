"""simrisk: when will the project be done, what will it cost, how sure are we, and what drives it.

The public verbs are bound when they are first used, so that importing simrisk costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from simrisk.compile import compile_plan
    from simrisk.dataset import read, write
    from simrisk.errors import MetricError, ResultsError, ScenarioError
    from simrisk.measures import measure
    from simrisk.scenario.load import load, loads
    from simrisk.simulation import simulate
    from simrisk.story import replay
    from simrisk.whatif.study import what_if

_HOMES = {
    "load": ("simrisk.scenario.load", "load"),
    "loads": ("simrisk.scenario.load", "loads"),
    "compile_plan": ("simrisk.compile", "compile_plan"),
    "simulate": ("simrisk.simulation", "simulate"),
    "what_if": ("simrisk.whatif.study", "what_if"),
    "replay": ("simrisk.story", "replay"),
    "measure": ("simrisk.measures", "measure"),
    "read": ("simrisk.dataset", "read"),
    "write": ("simrisk.dataset", "write"),
    "ScenarioError": ("simrisk.errors", "ScenarioError"),
    "ResultsError": ("simrisk.errors", "ResultsError"),
    "MetricError": ("simrisk.errors", "MetricError"),
}

__all__ = [
    "MetricError",
    "ResultsError",
    "ScenarioError",
    "__version__",
    "compile_plan",
    "load",
    "loads",
    "measure",
    "read",
    "replay",
    "simulate",
    "what_if",
    "write",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'simrisk' has no attribute {name!r}")
    module, attribute = _HOMES[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
