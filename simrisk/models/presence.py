"""Presence: on which days somebody is employed, on leave or taken away by a risk, and what it is called."""

from __future__ import annotations

from enum import Enum

from simrisk.models.departures import Farewell
from simrisk.models.facts import Facts, Row
from simrisk_kernels.layout import NEVER


class Reason(Enum):
    """Whether somebody is there, and if not, why."""

    NOT_YET = "not yet employed"
    PRESENT = "present"
    LEAVE = "on leave"
    ABSENT = "absent"
    TAKEN = "taken by a risk"
    DEPARTED = "departed"
    GONE = "gone for good"


class Taken:
    """How long one person is taken away by risks.

    Parameters
    ----------
    is_possible : bool
        Whether any risk could.
    """

    def __init__(self, is_possible: bool) -> None:
        self.is_possible = is_possible
        self.strikes: list[tuple[int, int]] = []  # (day of the strike, days)
        self.days = 0  # that they have been away so far

    def add(self, day: int, days: int) -> None:
        """Be struck on a day: gone for so many days more, from the next one on."""
        self.strikes.append((day, days))

    def takes(self, day: int) -> bool:
        """Whether a risk takes this day, on which they would be present; asked once a day."""
        is_taken = sum(days for struck, days in self.strikes if struck < day) > self.days
        self.days += is_taken
        return is_taken

    def end(self) -> None:
        """Whatever is left of it is void."""
        self.strikes, self.days = [], 0


class PersonalCalendar:
    """When somebody is employed and on leave, in working days."""

    def __init__(self, facts: Facts, record: Row, leave_days: set[int], farewell: Farewell) -> None:
        day_minutes = facts.project.day_minutes
        self.record = record
        self.farewell = farewell
        self.leave_days = leave_days
        self.n_days: int = facts.project.n_days
        self.start = record.start // day_minutes
        self.end = record.end // day_minutes

    def reason_on(self, day: int) -> Reason:
        """Return how it is on a working day, absence aside."""
        if day < self.start:
            return Reason.NOT_YET
        if day >= self.end:
            return Reason.GONE
        if self.farewell.is_gap(day):
            return Reason.GONE if self.farewell.is_for_good else Reason.DEPARTED
        return Reason.LEAVE if day in self.leave_days else Reason.PRESENT

    def place_in_ramp(self, day: int) -> int:
        """Return the place of this day among the person's rates."""
        anew = self.farewell.ramp_day(day)
        if anew is not None:
            return int(self.record.replace_ptr + min(self.record.replace_days, anew))
        return int(min(self.record.ramp_days, day - self.record.start_day))

    def ramps_on(self, day: int) -> bool:
        """Whether the rate of this day differs from that of the day before."""
        anew = self.farewell.ramp_day(day)
        if anew is not None:
            return anew <= int(self.record.replace_days)
        return 0 < day - int(self.record.start_day) <= int(self.record.ramp_days)

    def ramp_ends_on(self, day: int) -> bool:
        """Whether this is the first day after a ramp."""
        anew = self.farewell.ramp_day(day)
        if anew is not None:
            return bool(0 < anew == self.record.replace_days)
        return bool(0 < day - self.record.start_day == self.record.ramp_days)

    def leave_from(self, day: int) -> int:
        """Return how many days of leave follow each other from a day on."""
        last = day
        while last in self.leave_days:
            last += 1
        return last - day

    def leave_start(self, day: int) -> int:
        """Return the first day of the leave that lasts until `day`; leave may have begun before the project."""
        while day - 1 in self.leave_days:
            day -= 1
        return day

    def known_end(self, day: int) -> int:
        """Return the day on which leave, or being departed, ends for all that is known on `day`; `NEVER`."""
        while day < min(self.end, self.n_days):
            if self.farewell.is_gap(day):
                day = self.farewell.comes
                if day >= self.n_days - 1:
                    return NEVER
            elif day in self.leave_days:
                day += 1
            else:
                return day
        return NEVER
