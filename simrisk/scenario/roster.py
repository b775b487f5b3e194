"""Builds the people of a scenario: employment, skills, leave, absence and what happens while they are away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, cast

from simrisk.scenario.distributions import exactly
from simrisk.scenario.faults import Faults
from simrisk.scenario.model import Absence, Cover, DateRange, LeaveRules, Person
from simrisk.scenario.names import check_ids
from simrisk.scenario.tables import (
    AbsenceTable,
    DefaultsTable,
    LeaveTable,
    PersonTable,
    RangeTable,
    UnavailableTable,
)
from simrisk.scenario.units import Units
from simrisk.scenario.validate import Checked

TOO_FINE = "This rate, per minute and with fte, has too many digits to be counted exactly. Write fewer of them."


def countable(cents_per_minute: Fraction) -> bool:
    """Return whether money at this rate can be counted in 64-bit integers for as long as any plan lasts."""
    return cents_per_minute.denominator < 2**60 and cents_per_minute < 2**31


@dataclass(frozen=True)
class Roster:
    """What the people of a scenario are built with."""

    defaults: DefaultsTable
    everybody: Mapping[str, Absence]  # kind -> absence; faulty ones are missing
    start: date | None  # the project's
    faults: Faults

    def person(self, name: str, checked: Checked[PersonTable]) -> Person | None:
        """Build one person; None when the table could not be read."""
        table, where = checked.table, checked.where
        if table is None:
            return None
        if table.start and table.end and table.end < table.start:
            self.faults.add(
                "date-order",
                f"{where}.end",
                f"The employment would end on {table.end}, before its start on {table.start}.",
            )
        allowance = table.pto_days
        first = max((day for day in (self.start, table.start) if day), default=None)
        if allowance and allowance.by and first and allowance.by < first:
            self.faults.add("date-order", f"{where}.pto_days.by", f"{allowance.by} is before the first day, {first}.")
        kinds = {**self.everybody, **read_absence(table.absence, f"{where}.absence", self.faults)}
        onboarding = table.onboarding
        rate = self.defaults.rate if table.rate is None else table.rate
        if rate is not None and not countable(rate * table.fte):
            self.faults.add("out-of-range", f"{where}.{'fte' if table.rate is None else 'rate'}", TOO_FINE)
        return Person(
            id=name,
            role=table.role,
            fte=table.fte,
            focus=self.defaults.focus if table.focus is None else table.focus,
            rate=rate,
            paid=cast(Literal["worked", "employed"], table.paid or self.defaults.paid),
            skills=dict(table.skills),
            start=table.start,
            end=table.end,
            ramp=onboarding.ramp if onboarding else 0,
            ramp_from=onboarding.from_ if onboarding else Fraction(1),
            leave=date_ranges(table.pto, f"{where}.pto", self.faults),
            allowance=allowance if allowance and allowance.days else None,
            absence=tuple(absence for absence in kinds.values() if absence.per_year > 0),
            cover=cover_of(table.unavailable, where, self.faults),
        )


def read_absence(tables: Mapping[str, AbsenceTable], where: str, faults: Faults) -> dict[str, Absence]:
    """Build kinds of absence; those with ``per_year = 0`` stay, so that they can switch one off."""
    check_ids(tables, where, faults)
    kinds = {}
    for kind, table in tables.items():
        duration = table.duration
        if duration is None:
            if table.per_year > 0:
                faults.add(
                    "missing-key", f"{where}.{kind}", "'duration' is missing: how long a spell of this absence lasts."
                )
            duration = Fraction(0)
        kinds[kind] = Absence(
            kind, float(table.per_year), exactly(duration) if isinstance(duration, Fraction) else duration
        )
    return kinds


def leave_rules(checked: Checked[LeaveTable] | None, units: Units, faults: Faults) -> LeaveRules:
    """Build the team's rules for random leave; without any, blocks of a week and no limits."""
    table = checked.table if checked else None
    if checked is None or table is None:
        return LeaveRules(None, (), units.week_days)
    block = units.week_days
    if table.block is not None:
        block, rest = divmod(table.block, units.day_minutes)
        if rest or not block:
            faults.add(
                "out-of-range",
                f"{checked.where}.block",
                'A block of leave is one or more whole working days, such as "5d".',
            )
    return LeaveRules(table.max_off, date_ranges(table.blackout, f"{checked.where}.blackout", faults), block)


def date_ranges(tables: Sequence[RangeTable], where: str, faults: Faults) -> tuple[DateRange, ...]:
    """Build date ranges; one that ends before it begins is a fault."""
    for number, table in enumerate(tables):
        if table.last < table.first:
            faults.add("date-order", f"{where}[{number}]", f"from <= to must hold; got {table.first}, {table.last}.")
    return tuple(DateRange(table.first, table.last) for table in tables if table.first <= table.last)


def cover_of(table: UnavailableTable | None, where: str, faults: Faults) -> Cover | None:
    """Build a policy for absences; None when there is none."""
    if table is None:
        return None
    if table.handover_cost and table.handover_after is None:
        found = "A policy replaces others whole: 'handover_cost' needs 'handover_after' beside it."
        faults.add("missing-key", f"{where}.unavailable", found)
    return Cover(table.handover_after, table.handover_cost)
