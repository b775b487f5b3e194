"""What has happened before the status date: the days on which tasks were finished and gates passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from simrisk.scenario.faults import Faults


@dataclass(frozen=True)
class Status:
    """How far the project is.

    Parameters
    ----------
    start : date or None
        Of the project; None when it cannot be told.
    day : date or None
        The status date; None when there is none.
    known : bool
        Whether `day` is what the file says; if not, its fault is noted already.
    """

    start: date | None
    day: date | None
    known: bool
    faults: Faults

    def needed(self, where: str) -> None:
        """Note a fault when there is no status date for something that needs one."""
        if self.known and self.day is None:
            found = "This is how things are on project.status_date, and the file has none. Say what day that is."
            self.faults.add("missing-key", where, found)

    def happened(self, day: date | None, where: str) -> date | None:
        """Return the day on which something happened; one that is not yet over, or before the start, is a fault."""
        if day is None:
            return None
        self.needed(where)
        if self.day is not None and day > self.day:
            found = f"{day} is after the status date, {self.day}: it has not happened yet."
            self.faults.add("date-order", where, found)
        elif self.start is not None and day < self.start:
            self.faults.add("date-order", where, f"{day} is before the project's start, {self.start}.")
        return day
