"""Costs: pay by the hour worked or by employment, infrastructure by time, each item rounded half up to cents once."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from simrisk.scenario.model import Scenario



def budget_limit(scenario: Scenario) -> int | None:
    """Return the cents that may be spent, contingency included."""
    budget = scenario.project.budget
    return None if budget is None else floor(budget * (1 + Fraction(scenario.costs.contingency)))
