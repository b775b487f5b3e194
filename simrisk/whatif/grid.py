"""The grid: every combination of the values that keys of a scenario are given, all checked before anything runs."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from simrisk.compile import compile_plan
from simrisk.errors import Issue, ScenarioError
from simrisk.plan import Plan
from simrisk.scenario.changes import path_of
from simrisk.scenario.faults import SET_OPTION, refuse
from simrisk.scenario.model import Scenario
from simrisk.scenario.several import values_of
from simrisk.scenario.source import parse_value

MOST = 400  # combinations
MOST_NAMED = 3  # values that a message names

Changes = tuple[tuple[str, str], ...]
Values = tuple[str, ...]


@dataclass(frozen=True)
class Axis:
    """A key and the values that it is given.

    Parameters
    ----------
    key : str
    values : tuple of str
        As written, at least two.
    """

    key: str
    values: Values

    @property
    def names(self) -> tuple[str, ...]:
        """The values as people read them: texts without their quotes."""
        return tuple(value_text(value) for value in self.values)


@dataclass(frozen=True)
class Grid:
    """Which keys are given several values, and what else is changed.

    Parameters
    ----------
    changes : tuple of (key, value)
        All changes in their order; of a key with several values the text that has them all.
    axes : tuple of Axis
        Those of several values, in their order.
    """

    changes: Changes
    axes: tuple[Axis, ...]

    @property
    def points(self) -> list[Values]:
        """Every combination, the last key going fastest."""
        return list(itertools.product(*(axis.values for axis in self.axes)))

    @property
    def fixed(self) -> Changes:
        """What is changed in all of them."""
        several = {axis.key for axis in self.axes}
        return tuple(change for change in self.changes if change[0] not in several)

    def at(self, point: Values) -> Changes:
        """All changes at a combination."""
        values = dict(zip((axis.key for axis in self.axes), point, strict=True))
        return tuple((key, values.get(key, text)) for key, text in self.changes)


def grid_of(changes: Iterable[tuple[str, str]]) -> Grid:
    """Find the keys that are given several values.

    Raises
    ------
    ScenarioError
        bad-set: what is no list of values, a key that is changed twice, dice that would not be common, a grid of more
        than `MOST` combinations.
    """
    changes = tuple(changes)
    found = [(key, values_of(key, text)) for key, text in changes]
    axes = tuple(Axis(key, values) for key, values in found if len(values) > 1)
    places = [path_of(key) or (key,) for key, _ in changes]
    for axis in axes:
        place = path_of(axis.key) or (axis.key,)
        if places.count(place) > 1:
            raise _refused(f"{axis.key} is changed twice; name all its values in one --set.")
        if place[0] == "simulation":
            raise _refused(f"{axis.key}: all values are tried with the same trials and seed; see --trials and --seed.")
    size = math.prod(len(axis.values) for axis in axes)
    if size > MOST:
        counts = " x ".join(str(len(axis.values)) for axis in axes)
        raise _refused(f"{counts} values are {size:,} combinations; {MOST} are possible. Name fewer values.")
    texts = [text if len(values) > 1 else values[0] for (_, values), (_, text) in zip(found, changes, strict=True)]
    return Grid(tuple(zip((key for key, _ in changes), texts, strict=True)), axes)


def _refused(found: str) -> ScenarioError:
    return refuse("bad-set", SET_OPTION, found)


def value_text(value: str) -> str:
    """A value as people read it: a text without its quotes, everything else as written."""
    parsed = parse_value(value)
    return parsed if isinstance(parsed, str) else value


@dataclass(frozen=True)
class Variants:
    """The scenarios of a grid.

    Parameters
    ----------
    grid : Grid
    scenarios : tuple of Scenario
        One for each of its points.
    plans : tuple of Plan
        The same, compiled.
    own : Scenario or None
        As the file has the keys of the axes; None where it cannot be simulated so.
    own_place : int or None
        Which of the points means the same as `own`.
    """

    grid: Grid
    scenarios: tuple[Scenario, ...]
    plans: tuple[Plan, ...]
    own: Scenario | None
    own_place: int | None


def variants_of(grid: Grid, load: Callable[[Changes], Scenario]) -> Variants:
    """Load every scenario of a grid.

    Parameters
    ----------
    grid : Grid
    load : callable
        Gives the scenario with changes made.

    Raises
    ------
    ScenarioError
        Every fault of every one of them, each once, with the values that it comes with.
    """
    points = grid.points
    faults: dict[Issue, list[Values]] = {}
    made: list[tuple[Scenario, Plan]] = []
    for point in points:
        try:
            scenario = load(grid.at(point))
            made.append((scenario, compile_plan(scenario)))
        except ScenarioError as error:
            for issue in error.issues:
                faults.setdefault(issue, []).append(point)
    if faults:
        raise ScenarioError(*(_with_values(issue, at, grid) for issue, at in faults.items()))
    try:
        own = load(grid.fixed)
        compile_plan(own)
    except ScenarioError:
        own = None
    alike = (place for place, (scenario, _) in enumerate(made) if own is not None and _bare(scenario) == _bare(own))
    scenarios, plans = zip(*made, strict=True)
    return Variants(grid, scenarios, plans, own, next(alike, None))


def _bare(scenario: Scenario) -> Scenario:
    """What the scenario means, without how it came about."""
    return replace(scenario, changes=())


def _with_values(issue: Issue, at: Sequence[Values], grid: Grid) -> Issue:
    """Add to a fault the values that it comes with, unless it is there with all, or says so itself."""
    if len(at) == len(grid.points) or issue.slug == "bad-set":
        return issue
    for place, axis in enumerate(grid.axes):  # as few words as possible: one key that makes the difference
        guilty = [value for value in axis.values if all(point in at for point in grid.points if point[place] == value)]
        if guilty and {point[place] for point in at} == set(guilty):
            return replace(issue, found=f"{issue.found} So with {axis.key} = {_listed(guilty)}.")
    some = [", ".join(f"{axis.key} = {value}" for axis, value in zip(grid.axes, point, strict=True)) for point in at]
    return replace(issue, found=f"{issue.found} So with {_listed(some, '; ')}.")


def _listed(values: Sequence[str], between: str = ", ") -> str:
    more = len(values) - MOST_NAMED
    return between.join(values[:MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
