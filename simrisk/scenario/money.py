"""Builds the costs of a scenario beside people's pay: infrastructure, contracts, compensation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from simrisk.scenario.faults import Faults
from simrisk.scenario.model import Charge, Costs
from simrisk.scenario.names import Directory, check_ids
from simrisk.scenario.policy import TOO_FINE, countable
from simrisk.scenario.tables import CompensationTable, ContractTable, CostsTable
from simrisk.scenario.validate import Checked


@dataclass(frozen=True)
class CostsBuilder:
    """Builds costs from their table."""

    directory: Directory
    faults: Faults

    def build(self, checked: Checked[CostsTable] | None) -> Costs:
        """Build the costs; without a table there are none."""
        table = (checked.table if checked else None) or CostsTable()
        once, rate = (
            (table.infrastructure, None) if isinstance(table.infrastructure, int) else (0, table.infrastructure)
        )
        if rate is not None and not countable(rate):
            self.faults.add("out-of-range", "costs.infrastructure", TOO_FINE)
        return Costs(
            once,
            rate,
            table.contingency,
            table.spent,
            tuple(self._charges(table, whole=checked is None or checked.whole)),
        )

    def _charges(self, table: CostsTable, *, whole: bool) -> Iterator[Charge]:
        check_ids(table.contracts, "costs.contracts", self.faults)
        check_ids(table.compensation, "costs.compensation", self.faults)
        for name, contract in table.contracts.items():
            yield self._contract(name, contract, f"costs.contracts.{name}", whole=whole)
        for name, compensation in table.compensation.items():
            where = f"costs.compensation.{name}"
            if name in table.contracts:
                self.faults.add("duplicate", where, f"There is a contract '{name}' already; give this another name.")
            yield self._compensation(name, compensation, where)

    def _contract(self, name: str, table: ContractTable, where: str, *, whole: bool) -> Charge:
        if table.amount is None and table.rate is None and whole:
            found = "A contract has an 'amount', paid once, or a 'rate', paid by time; this has neither."
            self.faults.add("missing-key", where, found)
        if table.rate is not None and table.amount is not None:
            found = "'amount' is paid once and 'rate' by time; keep one of them, or make two contracts."
            self.faults.add("keys-clash", f"{where}.rate", found)
        elif table.amount is not None:
            for key, value in (("from", table.first), ("to", table.last)):
                if value is not None:
                    found = f"'{key}' goes with a 'rate'; an amount is paid 'on' a date."
                    self.faults.add("keys-clash", f"{where}.{key}", found)
            return Charge(name, "contract", table.amount, None, table.on, None)
        elif table.on is not None:
            found = "'on' goes with an 'amount'; a rate is paid 'from' a date 'to' another."
            self.faults.add("keys-clash", f"{where}.on", found)
        self._check_order(table.first, table.last, where)
        if table.rate is not None and not countable(table.rate):
            self.faults.add("out-of-range", f"{where}.rate", TOO_FINE)
        return Charge(name, "contract", 0, table.rate, table.first, table.last)

    def _compensation(self, name: str, table: CompensationTable, where: str) -> Charge:
        people = self.directory.find_people(table.people, f"{where}.people", globs=True)
        if not table.people.items:
            found = "Somebody is paid for this: 'people' names them, or is \"team\" for everybody."
            self.faults.add("missing-key", f"{where}.people", found)
        self._check_order(table.first, table.last, where)
        rate = table.rate * len(people)
        if not countable(rate):
            self.faults.add("out-of-range", f"{where}.rate", TOO_FINE)
        return Charge(name, "compensation", 0, rate, table.first, table.last)

    def _check_order(self, first: date | None, last: date | None, where: str) -> None:
        if first is not None and last is not None and last < first:
            self.faults.add("date-order", where, f"from <= to must hold; got {first}, {last}.")
