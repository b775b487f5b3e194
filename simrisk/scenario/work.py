"""Who does how much of a task, in which form, and how much of it is done already."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal, TypeVar, cast

from simrisk.errors import ScenarioError
from simrisk.scenario.distributions import exactly, largest, scaled
from simrisk.scenario.faults import Faults, did_you_mean
from simrisk.scenario.fields import (
    Quantity,
    read_duration,
    read_fixed_effort,
    read_uncertain_duration,
    read_uncertain_effort,
)
from simrisk.scenario.model import Distribution
from simrisk.scenario.names import Directory
from simrisk.scenario.status import Status
from simrisk.scenario.tables import ProgressTable, TaskTable
from simrisk.scenario.units import Units, shown
from simrisk.scenario.validate import Checked

# results keep the minutes of a task's effort in an int32
MOST_EFFORT = 2.0**31

Share = Literal["work", "split", "any", "together", "duration", "milestone"]
Amount = TypeVar("Amount")

_CLASHES = {
    "milestone": (
        ("work", "effort", "duration", "who", "share", "pool", "max_fte", "skill", "backup", "unavailable", "uses"),
        "a milestone takes no time and nobody",
    ),
    "duration": (
        ("work", "effort", "share", "pool", "max_fte", "skill", "backup", "unavailable"),
        "it runs on the clock and only holds who is named in 'who', whatever their skills",
    ),
    "pool": (("who", "share", "skill", "backup", "unavailable"), "a pool has heads without names and skills"),
}


@dataclass(frozen=True)
class Estimates:
    """Turns efforts and durations as written into distributions.

    Parameters
    ----------
    spread : Distribution or None
        Factors on an effort or duration given as one value.
    common : Distribution or None
        One factor per trial on all efforts.
    """

    spread: Distribution | None
    common: Distribution | None
    faults: Faults

    def effort(self, value: Quantity, where: str) -> Distribution:
        """Return the distribution of a task's effort, in minutes."""
        return self.bounded(self._spread(value), where)

    def duration(self, value: Quantity, where: str) -> Distribution:
        """Return the distribution of a task's duration, in minutes: no common factor applies."""
        duration = self._spread(value)
        self._check(largest(duration), where, "duration")
        return duration

    def _spread(self, value: Quantity) -> Distribution:
        if isinstance(value, Fraction):
            return scaled(self.spread, value) if self.spread else exactly(value)
        return value

    def bounded(self, effort: Distribution, where: str) -> Distribution:
        """Note a fault when the largest draw of an effort is more than can be counted."""
        self.check_most(largest(effort), where)
        return effort

    def check_most(self, minutes: float, where: str) -> None:
        """Note a fault when `minutes`, the most an effort can be, are more than can be counted."""
        self._check(minutes * (largest(self.common) if self.common else 1.0), where, "effort")

    def _check(self, most: float, where: str, what: str) -> None:
        if not most < MOST_EFFORT:
            found = f"This {what} could come out at {most:.0e} minutes, more than can be counted."
            self.faults.add("out-of-range", where, f"{found} Narrow its spread or the common factor.")


@dataclass(frozen=True)
class Work:
    """Who does how much; the fields are those of a task."""

    share: Share
    who: tuple[str, ...] = ()
    efforts: tuple[Distribution, ...] = ()
    done: tuple[int, ...] = ()
    finished: date | None = None


@dataclass(frozen=True)
class WorkBuilder:
    """Builds the work of tasks from their tables."""

    directory: Directory
    estimates: Estimates
    status: Status
    units: Units
    faults: Faults

    def build(self, table: TaskTable, checked: Checked[TaskTable]) -> Work:
        """Build the work of one task."""
        where = checked.where
        if table.milestone:
            self._check_clashes("milestone", table, where)
            work = Work("milestone")
        elif table.duration is not None:
            self._check_clashes("duration", table, where)
            who = self.directory.find_people(table.who, f"{where}.who") if table.who else ()
            work = Work("duration", who, (self.estimates.duration(table.duration, f"{where}.duration"),))
        elif table.work is not None:
            work = self._parts(table, checked)
        elif table.pool is not None:
            work = self._by_pool(table, checked)
        else:
            work = self._by_people(table, checked)
        by_people = work.share in ("work", "split", "any", "together") and set(work.who) <= set(self.directory.people)
        if table.max_fte is not None and by_people and checked.whole:
            self._clash(f"{where}.max_fte", "'max_fte' is how many heads of a pool work on it; here is no pool.")
        return self._progress(table.progress, f"{where}.progress", work) if table.progress else work

    def _clash(self, where: str, found: str) -> None:
        self.faults.add("keys-clash", where, found)

    def _check_clashes(self, form: str, table: TaskTable, where: str) -> None:
        """Note a fault for every key that has no meaning for a task of this form."""
        keys, reason = _CLASHES[form]
        what = {"pool": "a task that only pools do"}.get(form, f"'{form}'")
        for key in keys:
            if key in table.model_fields_set:
                self._clash(f"{where}.{key}", f"'{key}' does not go with {what}: {reason}.")

    def _parts(self, table: TaskTable, checked: Checked[TaskTable]) -> Work:
        """Build `work`: everybody their own part."""
        where, work = checked.where, table.work or {}
        if table.effort is not None:
            found = "'work' gives each their part and 'effort' one amount for all of 'who'; keep one of them."
            self.faults.add("effort-and-work", f"{where}.effort", found)
        else:
            for key in ("who", "share", "pool"):
                if getattr(table, key) is not None:
                    found = f"'{key}' goes with 'effort'; 'work' names who does it itself."
                    self.faults.add("effort-and-work", f"{where}.{key}", found)
        if not work and checked.whole:
            found = "'work' needs at least one person or pool that does it."
            self.faults.add("effort-without-who", f"{where}.work", found)
        for name in work:
            self.directory.check_worker(name, f"{where}.work.{name}")
        if work and all(name in self.directory.pools for name in work):
            for key in ("skill", "backup", "unavailable"):
                if getattr(table, key) is not None:
                    found = f"'{key}' does not go with a task that only pools do: {_CLASHES['pool'][1]}."
                    self._clash(f"{where}.{key}", found)
        efforts = tuple(self.estimates.effort(value, f"{where}.work.{name}") for name, value in work.items())
        self.estimates.check_most(sum(map(largest, efforts)), f"{where}.work")
        return Work("work", tuple(work), efforts)

    def _by_pool(self, table: TaskTable, checked: Checked[TaskTable]) -> Work:
        """Build an effort that a pool does."""
        where = checked.where
        assert table.pool is not None
        self.directory.check_pool(table.pool, f"{where}.pool")
        self._check_clashes("pool", table, where)
        if table.effort is None and checked.whole:
            self.faults.add("missing-key", where, "'effort' is missing: how much the pool has to do.")
        return Work("split", (table.pool,), (self._effort(table, where),))

    def _by_people(self, table: TaskTable, checked: Checked[TaskTable]) -> Work:
        """Build one effort of a person, or of several."""
        where, add = checked.where, self.faults.add
        if table.effort is None and checked.whole:
            found = "A task has 'work = { NAME = \"8h\" }', or 'effort' and 'who' or 'pool', or a 'duration', or is a "
            add("missing-key", where, f"{found}'milestone'; this has none of them.")
        who: tuple[str, ...] = ()
        if table.who is not None:
            who = self.directory.find_people(table.who, f"{where}.who")
            if not table.who.items or (not who and not self.directory.people):
                add("effort-without-who", f"{where}.who", "An effort needs at least one person who does it.")
        elif table.effort is not None and checked.whole:
            found = "An effort needs 'who': the person, or several, who do it; or a 'pool'."
            add("effort-without-who", f"{where}.effort", found)
        return Work(cast(Share, table.share or "split"), who, (self._effort(table, where),))

    def _effort(self, table: TaskTable, where: str) -> Distribution:
        return self.estimates.effort(table.effort, f"{where}.effort") if table.effort is not None else exactly(0)

    def _progress(self, table: ProgressTable, where: str, work: Work) -> Work:
        """Work the progress into the work."""
        given = [key for key in ("done", "remaining", "finished") if key in table.model_fields_set]
        if not given:
            found = "Progress says what is 'done', what is 'remaining', or when the task was 'finished'; it is empty."
            self.faults.add("missing-key", where, found)
            return work
        if len(given) > 1:
            for key in given[1:]:
                self._clash(f"{where}.{key}", f"'{given[0]}' says how far the task is; take '{key}' out.")
            return work
        if given == ["finished"]:
            return replace(work, finished=self.status.happened(table.finished, f"{where}.finished"))
        self.status.needed(where)
        if work.share == "milestone":
            found = "A milestone has no work to be done; it is 'finished' on a day, or it is not."
            self._clash(f"{where}.{given[0]}", found)
            return work
        clock = work.share == "duration"
        if given == ["done"]:
            read_done = read_duration if clock else read_fixed_effort
            done = self._amounts(table.done, f"{where}.done", work, read_done)
            return replace(work, done=tuple(done.get(place, 0) for place in range(len(work.efforts))))
        read_left = read_uncertain_duration if clock else read_uncertain_effort
        left = self._amounts(table.remaining, f"{where}.remaining", work, read_left)
        estimate = self.estimates.duration if clock else self.estimates.effort
        efforts = list(work.efforts)
        for place, amount in left.items():
            efforts[place] = estimate(amount, f"{where}.remaining")
        if len(left) > 1:
            self.estimates.check_most(sum(map(largest, efforts)), f"{where}.remaining")
        return replace(work, efforts=tuple(efforts))

    def _amounts(
        self, value: object, where: str, work: Work, read: Callable[[object, Units], Amount]
    ) -> dict[int, Amount]:
        """Read an amount of the task's one effort, or those of some of its people, by their place."""
        places = {name: place for place, name in enumerate(work.who)} if work.share == "work" else {}
        parts = value if isinstance(value, dict) else {}
        by_name = isinstance(value, dict) and (len(places) > 1 or (bool(places) and set(value) <= set(places)))
        if len(places) > 1 and not by_name:
            found = f'Several do this task; say it of each, such as {{ {work.who[0]} = "8h" }}; got {shown(value)}.'
            self.faults.add("wrong-type", where, found)
            return {}
        amounts = {}
        for name, amount in parts.items() if by_name else [("", value)]:
            at = f"{where}.{name}" if by_name else where
            if by_name and name not in places:
                found = f"'{name}' has no part of this task's work.{did_you_mean(name, places)}"
                self.faults.add("unknown-person", at, found)
                continue
            try:
                amounts[places.get(name, 0)] = read(amount, self.units)
            except ScenarioError as error:
                self.faults.take(at, error.issues)
        return amounts
