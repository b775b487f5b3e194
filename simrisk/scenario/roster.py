"""Builds the people of a scenario: employment, skills, leave, absence and what happens while they are away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal, cast

from simrisk.scenario.faults import Faults
from simrisk.scenario.model import Absence, DateRange, Departure, LeaveRules, Person
from simrisk.scenario.names import check_ids
from simrisk.scenario.policy import TOO_FINE, Policies, countable, plain
from simrisk.scenario.tables import (
    AbsenceTable,
    DefaultsTable,
    DepartureTable,
    LeaveTable,
    OnboardingTable,
    PersonTable,
    RangeTable,
)
from simrisk.scenario.units import Units
from simrisk.scenario.validate import Checked

RAMP_FROM = Fraction(1, 2)  # of a replacement when the file does not say it; as the priors assume it


@dataclass(frozen=True)
class Roster:
    """What the people of a scenario are built with."""

    defaults: DefaultsTable
    everybody: Mapping[str, Absence]  # kind -> absence; faulty ones are missing
    start: date | None  # the project's
    policies: Policies
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
        kinds = {**self.everybody, **read_absence(table.absence, f"{where}.absence", self.faults, whole=checked.whole)}
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
            cover=self.policies.build(table.unavailable, where, whole=checked.whole),
            departure=self._departure(table.departure, onboarding),
        )

    def _departure(self, table: DepartureTable | None, onboarding: OnboardingTable | None) -> Departure | None:
        """Build the hazard that somebody leaves; None when there is none."""
        if table is None or not table.per_year:
            return None
        from_ = table.from_
        if from_ is None:
            from_ = onboarding.from_ if onboarding else RAMP_FROM
        return Departure(
            per_year=float(table.per_year),
            notice=plain(table.notice),
            replace=None if table.replace is None else plain(table.replace),
            ramp=table.ramp,
            ramp_from=from_,
        )


def read_absence(tables: Mapping[str, AbsenceTable], where: str, faults: Faults, *, whole: bool) -> dict[str, Absence]:
    """Build kinds of absence; those with ``per_year = 0`` stay, so that they can switch one off.

    What seems to be missing is no fault unless all of the tables could be read: `whole`.
    """
    check_ids(tables, where, faults)
    kinds = {}
    for kind, table in tables.items():
        duration = table.duration
        if duration is None:
            if table.per_year > 0 and whole:
                faults.add(
                    "missing-key", f"{where}.{kind}", "'duration' is missing: how long a spell of this absence lasts."
                )
            duration = Fraction(0)
        kinds[kind] = Absence(kind, float(table.per_year), plain(duration))
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
