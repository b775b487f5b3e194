"""Builds the risks of a scenario, and which of its tasks are correlated."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from simrisk.scenario.distributions import largest
from simrisk.scenario.faults import Faults, listed
from simrisk.scenario.fields import Names
from simrisk.scenario.model import Correlation, Distribution, Risk, Task
from simrisk.scenario.names import Directory
from simrisk.scenario.policy import plain
from simrisk.scenario.tables import CorrelatedTable, CorrelationsTable, RiskTable
from simrisk.scenario.validate import Checked
from simrisk.scenario.work import MOST_EFFORT

LARGEST_FACTOR = 1e6


def build_risk(name: str, checked: Checked[RiskTable], directory: Directory, faults: Faults) -> Risk | None:
    """Build one risk; None when its table could not be read."""
    table, where = checked.table, checked.where
    if table is None:
        return None
    affects = directory.find_tasks(table.affects, f"{where}.affects") if table.affects is not None else ()
    effects = [key for key in ("factor", "delay", "away") if getattr(table, key)]
    if checked.whole:
        if not effects and not table.cost:
            found = "A risk does something when it happens: 'factor', 'delay', 'cost' or 'away'; this does nothing."
            faults.add("no-effect", where, found)
        elif effects and (table.affects is None or not table.affects.items):
            found = f"{listed(effects)} needs 'affects': the tasks it comes upon, by ids, globs or \"sprint 2\"."
            faults.add("missing-key", where, found)
    for person in table.away:
        directory.check_person(person, f"{where}.away.{person}")
    factor = table.factor
    if factor is not None and not largest(factor) <= LARGEST_FACTOR:
        found = f"This factor could come out at {largest(factor):.0e}; at most {LARGEST_FACTOR:.0e} is counted."
        faults.add("out-of-range", f"{where}.factor", found)
        factor = None
    return Risk(
        id=name,
        name=table.name or name,
        probability=float(table.probability),
        affects=tuple(task for task in directory.tasks if task in set(affects)),
        factor=factor,
        delay=None if table.delay is None else plain(table.delay),
        cost=table.cost,
        away=tuple((person, plain(amount)) for person, amount in table.away.items()),
    )


def check_factors(risks: Sequence[Risk], tasks: Sequence[Task], common: Distribution | None, faults: Faults) -> None:
    """Note a fault when risks together could make more of a task than can be counted."""
    factors: dict[str, list[Risk]] = {}
    for risk in risks:
        if risk.factor is not None and risk.probability > 0:
            for name in risk.affects:
                factors.setdefault(name, []).append(risk)
    for task in tasks:
        upon = factors.get(task.id, [])
        if not upon or not task.efforts:
            continue
        shared = largest(common) if common and task.share != "duration" else 1.0
        alone = sum(map(largest, task.efforts)) * shared
        most = alone * math.prod(max(largest(risk.factor), 1.0) for risk in upon if risk.factor)
        if alone < MOST_EFFORT <= most:
            found = f"Task '{task.id}' could come out at {most:.0e} minutes, more than can be counted, "
            names = listed(risk.id for risk in upon)
            faults.add("out-of-range", f"risks.{upon[-1].id}.factor", f"{found}with the factors of {names}.")


@dataclass(frozen=True)
class CorrelationBuilder:
    """Builds correlations from their table."""

    directory: Directory
    faults: Faults

    def build(self, checked: Checked[CorrelationsTable] | None) -> tuple[Correlation, ...]:
        """Build all correlations, groups first; pairs go before groups."""
        table = checked.table if checked else None
        if table is None:
            return ()
        pairs = self._pairs(table.pairs)
        drawn = map(self._drawn, (*self._groups(table.groups, pairs), *pairs.values()))
        return tuple(correlation for correlation in drawn if len(correlation.tasks) >= 2)

    def _pairs(self, tables: Sequence[CorrelatedTable]) -> dict[frozenset[str], Correlation]:
        pairs: dict[frozenset[str], Correlation] = {}
        for number, entry in enumerate(tables):
            where = f"correlations.pairs[{number}].tasks"
            tasks = self._tasks(entry.tasks, where)
            if tasks is None:
                continue
            if len(entry.tasks.items) != 2 or len(tasks) != 2:
                found = f"A pair names two tasks; got {listed(entry.tasks.items)}. More of them are a group."
                self.faults.add("wrong-type", where, found)
            elif frozenset(tasks) in pairs:
                found = f"The pair {listed(tasks)} stands here twice; keep one of the two."
                self.faults.add("duplicate", where, found)
            else:
                pairs[frozenset(tasks)] = Correlation(tasks, float(entry.rho), pair=True)
        return pairs

    def _groups(
        self, tables: Sequence[CorrelatedTable], pairs: Mapping[frozenset[str], Correlation]
    ) -> list[Correlation]:
        groups: list[Correlation] = []
        for number, entry in enumerate(tables):
            where = f"correlations.groups[{number}]"
            tasks = self._tasks(entry.tasks, f"{where}.tasks")
            if tasks is None:
                continue
            if len(tasks) < 2:
                found = f"Only several tasks can be correlated; {listed(entry.tasks.items)} names fewer than two."
                self.faults.add("wrong-type", f"{where}.tasks", found)
                continue
            group = Correlation(tasks, float(entry.rho), pair=False)
            clash = next((pair for other in groups for pair in _contradicted(other, group, pairs)), None)
            if clash is not None:
                found = f"{listed(clash)} are in two groups of different rho; say in 'pairs' which one holds."
                self.faults.add("correlation-conflict", where, found)
            groups.append(group)
        return groups

    def _tasks(self, names: Names, where: str) -> tuple[str, ...] | None:
        """Tasks of a group or pair, without the milestones that a glob matches; None when a name is at fault."""
        before = len(self.faults)
        found = self.directory.find_tasks(names, where)
        milestones = self.directory.milestones
        for number, name in enumerate(names.items):
            if name in milestones:
                text = f"'{name}' is a milestone: nothing of it is drawn, so nothing can be correlated with it."
                self.faults.add("not-drawn", where + names.place(number), text)
        return None if len(self.faults) > before else tuple(name for name in found if name not in milestones)

    def _drawn(self, correlation: Correlation) -> Correlation:
        """Leave out what is finished: nothing of it is drawn any more."""
        left = tuple(task for task in correlation.tasks if task not in self.directory.finished)
        return replace(correlation, tasks=left)


def _contradicted(
    one: Correlation, other: Correlation, pairs: Mapping[frozenset[str], Correlation]
) -> list[tuple[str, str]]:
    """Pairs of tasks to which two groups give different correlations, and no pair decides."""
    if one.rho == other.rho:
        return []
    both = [task for task in one.tasks if task in set(other.tasks)]
    return [pair for pair in combinations(both, 2) if frozenset(pair) not in pairs]
