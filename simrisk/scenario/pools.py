"""Builds the pools and the equipment of a scenario."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count, islice
from math import lcm
from typing import Literal, cast

from simrisk.scenario.faults import Faults
from simrisk.scenario.fields import LARGEST_MONEY
from simrisk.scenario.model import Equipment, Pool, Task
from simrisk.scenario.policy import TOO_FINE, countable, plain
from simrisk.scenario.tables import DefaultsTable, EquipmentTable, PoolTable
from simrisk.scenario.validate import Checked

MOST_MONTHS = 1200
MOST_PARTS = 3_000_000  # of a head, at once; their number squared, in millionths of work, fits an int64


@dataclass(frozen=True)
class PoolBuilder:
    """Builds pools from their tables; `start` is the project's, None when it cannot be told."""

    defaults: DefaultsTable
    start: date | None
    faults: Faults

    def build(self, name: str, checked: Checked[PoolTable]) -> Pool | None:
        """Build one pool; None when its table could not be read."""
        table, where = checked.table, checked.where
        if table is None:
            return None
        rate = self.defaults.rate if table.rate is None else table.rate
        if rate is not None and not countable(rate):
            self.faults.add("out-of-range", f"{where}.rate", TOO_FINE)
        onboarding = table.onboarding
        return Pool(
            id=name,
            role=table.role,
            headcount=self._headcount(table, checked),
            focus=self.defaults.focus if table.focus is None else table.focus,
            rate=rate,
            paid=cast(Literal["worked", "employed"], table.paid or self.defaults.paid),
            hire_delay=plain(table.hire_delay),
            ramp=onboarding.ramp if onboarding else 0,
            ramp_from=onboarding.from_ if onboarding else Fraction(1),
        )

    def _headcount(self, table: PoolTable, checked: Checked[PoolTable]) -> tuple[tuple[date, Fraction], ...]:
        where = checked.where
        if table.headcount is not None and table.monthly is not None:
            found = "'headcount' gives heads from a date on and 'monthly' month by month; keep one of them."
            self.faults.add("keys-clash", f"{where}.monthly", found)
        if table.headcount is not None:
            return table.headcount
        if table.monthly is None:
            if checked.whole:
                found = "A pool has 'headcount = { 2026-01-01 = 2 }' or 'monthly = [2, 3]'; this has neither."
                self.faults.add("missing-key", where, found)
            return ()
        if self.start is None:
            return ()
        if len(table.monthly) > MOST_MONTHS:
            self.faults.add("out-of-range", where, f"{len(table.monthly)} months; more than {MOST_MONTHS} are no plan.")
            return ()
        months = (_month(self.start, number) for number in count(1))
        days = [self.start, *islice(months, len(table.monthly) - 1)]
        return tuple(zip(days, table.monthly, strict=True))


def _month(start: date, number: int) -> date:
    """First day of the calendar month `number` months after that of `start`."""
    years, month = divmod(start.month - 1 + number, 12)
    return date(start.year + years, month + 1, 1)


def head_unit(pools: Sequence[Pool], tasks: Sequence[Task]) -> int:
    """Return the number of parts of a head in which all heads are whole numbers."""
    heads = [count for pool in pools for _, count in pool.headcount]
    heads += [task.max_fte for task in tasks if task.max_fte is not None]
    return lcm(*(count.denominator for count in heads))


def check_heads(pools: Sequence[Pool], tasks: Sequence[Task], faults: Faults) -> None:
    """Note a fault for each pool with more heads than can be counted exactly."""
    unit = head_unit(pools, tasks)
    for pool in pools:
        most = max((heads for _, heads in pool.headcount), default=Fraction(0))
        if most * unit > MOST_PARTS:
            found = f"{float(most):g} heads, counted in parts of 1/{unit}, are too many to be counted"
            faults.add("out-of-range", f"pools.{pool.id}", f"{found}. Round heads and max_fte.")


def build_equipment(name: str, checked: Checked[EquipmentTable], faults: Faults) -> Equipment | None:
    """Build one kind of equipment; None when its table could not be read."""
    table = checked.table
    if table is None:
        return None
    once, rate = (table.cost, None) if isinstance(table.cost, int) else (0, table.cost)
    if rate is not None and not countable(rate * table.units):
        faults.add("out-of-range", f"{checked.where}.cost", TOO_FINE)
    if once * table.units > LARGEST_MONEY:
        found = f"{table.units} units would cost more than 10^13, the most that is counted."
        faults.add("out-of-range", f"{checked.where}.cost", found)
    return Equipment(name, table.name or name, table.units, once, rate)
