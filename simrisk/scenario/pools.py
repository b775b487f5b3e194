"""Builds the pools and the equipment of a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import count, islice
from typing import Literal, cast

from simrisk.scenario.faults import Faults
from simrisk.scenario.model import Equipment, Pool
from simrisk.scenario.policy import TOO_FINE, countable, plain
from simrisk.scenario.tables import DefaultsTable, EquipmentTable, PoolTable
from simrisk.scenario.validate import Checked


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
        months = (_month(self.start, number) for number in count(1))
        days = [self.start, *islice(months, len(table.monthly) - 1)]
        return tuple(zip(days, table.monthly, strict=True))


def _month(start: date, number: int) -> date:
    """First day of the calendar month `number` months after that of `start`."""
    years, month = divmod(start.month - 1 + number, 12)
    return date(start.year + years, month + 1, 1)


def build_equipment(name: str, checked: Checked[EquipmentTable], faults: Faults) -> Equipment | None:
    """Build one kind of equipment; None when its table could not be read."""
    table = checked.table
    if table is None:
        return None
    once, rate = (table.cost, None) if isinstance(table.cost, int) else (0, table.cost)
    if rate is not None and not countable(rate * table.units):
        faults.add("out-of-range", f"{checked.where}.cost", TOO_FINE)
    return Equipment(name, table.name or name, table.units, once, rate)
