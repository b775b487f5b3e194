"""Builds what happens while somebody is away: the `unavailable` of the defaults, a person or a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from simrisk.scenario.distributions import exactly
from simrisk.scenario.fields import Quantity
from simrisk.scenario.model import Contractor, Cover, Distribution
from simrisk.scenario.names import Directory
from simrisk.scenario.tables import ContractorTable, UnavailableTable

TOO_FINE = "This rate, per minute and with fte, has too many digits to be counted exactly. Write fewer of them."


def countable(cents_per_minute: Fraction) -> bool:
    """Return whether money at this rate can be counted in 64-bit integers for as long as any plan lasts."""
    return cents_per_minute.denominator < 2**60 and cents_per_minute < 2**31


def plain(value: Quantity | None) -> Distribution:
    """Return a quantity; one given as a plain value is exactly that, none is 0."""
    if value is None:
        return exactly(0)
    return exactly(value) if isinstance(value, Fraction) else value


@dataclass(frozen=True)
class Policies:
    """What policies are built with.

    Parameters
    ----------
    directory : Directory
    efficiency : mapping
        Skill level -> factor; empty: any level from 1 up.
    """

    directory: Directory
    efficiency: Mapping[int, Fraction]

    def build(
        self, table: UnavailableTable | None, where: str, skills: Sequence[str] | None = None, *, whole: bool
    ) -> Cover | None:
        """Build a policy; None when there is none.

        Parameters
        ----------
        table : UnavailableTable or None
        where : str
            Dotted path of what has the policy.
        skills : sequence of str, optional
            Of the task that has it; None for a person's or the defaults', which may meet any task.
        whole : bool
            Whether all of the table could be read; if not, what seems to be missing is no fault of its own.
        """
        if table is None:
            return None
        where = f"{where}.unavailable"
        if whole:
            self._check_pairs(table, where)
        names = table.descope
        return Cover(
            handover_after=table.handover_after,
            handover_cost=table.handover_cost,
            contractor_after=table.contractor_after,
            contractor=self._contractor(table.contractor, f"{where}.contractor", skills),
            descope_after=table.descope_after,
            descope=None if names is None else self.directory.find_tasks(names, f"{where}.descope"),
        )

    def _check_pairs(self, table: UnavailableTable, where: str) -> None:
        """Note a fault when a key stands without the one that gives it a meaning."""
        add = self.directory.faults.add
        replaces = "A policy replaces others whole"
        if table.handover_cost and table.handover_after is None and table.contractor_after is None:
            add("missing-key", where, f"{replaces}: 'handover_cost' needs 'handover_after' beside it.")
        if table.contractor is not None and table.contractor_after is None:
            add(
                "missing-key",
                where,
                f"{replaces}: 'contractor' needs 'contractor_after' beside it: when one is called.",
            )
        if table.contractor_after is not None and table.contractor is None:
            add("missing-key", where, "'contractor_after' needs 'contractor' beside it: who is called, at which rate.")
        if table.descope is not None and table.descope_after is None:
            add("missing-key", where, f"{replaces}: 'descope' needs 'descope_after' beside it: when tasks are dropped.")

    def _contractor(self, table: ContractorTable | None, where: str, skills: Sequence[str] | None) -> Contractor | None:
        if table is None:
            return None
        level = table.level
        if level is not None and skills != () and not self._can(level):
            named = ", ".join(map(str, sorted(key for key, factor in self.efficiency.items() if factor)))
            can = f"defaults.efficiency has {named}" if self.efficiency else "that takes level 1"
            found = f"A contractor of level {level} could not do work that takes a skill; {can}."
            self.directory.faults.add("contractor-cannot", f"{where}.level", found)
        if not countable(table.rate):
            self.directory.faults.add("out-of-range", f"{where}.rate", TOO_FINE)
        return Contractor(plain(table.lead), table.rate, level)

    def _can(self, level: int) -> bool:
        return bool(self.efficiency.get(level)) if self.efficiency else level >= 1
