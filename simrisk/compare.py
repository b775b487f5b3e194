"""Two plans on the same dice: how every figure differs, and which differences are more than noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from simrisk.dataset import Results
from simrisk.measures.difference import Difference, difference
from simrisk.measures.distance import same_worlds


@dataclass(frozen=True)
class Comparison:
    """Two runs and how their figures differ.

    Parameters
    ----------
    before, after : Results
    names : (str, str)
        What the user calls them.
    paired : bool
        Whether both were drawn with the same dice.
    differences : tuple of Difference
    """

    before: Results
    after: Results
    names: tuple[str, str]
    paired: bool
    differences: tuple[Difference, ...]

    def of(self, name: str) -> Difference | None:
        """The difference of one metric; None where neither run has it."""
        return next((found for found in self.differences if found.name == name), None)


def compare(
    before: Results, after: Results, metrics: Iterable[str], *, names: tuple[str, str] = ("before", "after")
) -> Comparison:
    """Work out how each of the metrics differs.

    Parameters
    ----------
    before, after : xarray.Dataset
        Runs; with the same seed, sampling and number of trials for paired intervals.
    metrics : iterable of str
        Names; those that neither run has are an error.
    names : (str, str)
        For people.

    Raises
    ------
    MetricError
        ``unknown-metric``
    """
    found = tuple(difference(before, after, name) for name in dict.fromkeys(metrics))
    return Comparison(before, after, names, same_worlds(before, after), found)
