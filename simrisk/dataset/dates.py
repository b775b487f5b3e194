"""Working minutes of a run as dates and back, from the run's own calendar (`day_date`)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from simrisk.dataset.run import Results


@dataclass(frozen=True)
class RunDates:
    """The working days of a run.

    Parameters
    ----------
    days : (n_days,) datetime64[D]
        Date of each working day, ascending, until the horizon.
    day_minutes : int
        Working minutes of a day, > 0.
    """

    days: np.ndarray
    day_minutes: int

    @classmethod
    def of(cls, run: Results) -> RunDates:
        """The calendar that a run carries."""
        return cls(run["day_date"].values.astype("datetime64[D]"), int(run.attrs["day_minutes"]))

    def finish_date(self, minute: float) -> date:
        """The day on which something that finishes at this minute finishes.

        Minute 480 of an eight-hour day is the end of day 0; minute 0 belongs to day 0 as well.
        """
        return self._date(math.ceil(minute / self.day_minutes) - 1)

    def start_date(self, minute: float) -> date:
        """The day on which something that starts at this minute starts: minute 480 belongs to day 1."""
        return self._date(math.floor(minute / self.day_minutes))

    def end_of(self, day: date) -> int:
        """The minute at which the last working day on or before `day` ends; 0 before the first."""
        return int(np.searchsorted(self.days, np.datetime64(day, "D"), side="right")) * self.day_minutes

    def alike(self, other: RunDates) -> bool:
        """Whether a minute is the same moment in both, as far as both go."""
        shorter = min(len(self.days), len(other.days))
        return self.day_minutes == other.day_minutes and np.array_equal(self.days[:shorter], other.days[:shorter])

    def on(self, other: RunDates, minutes: np.ndarray, *, starts: bool = False) -> np.ndarray:
        """The same dates and times of day in the working minutes of another calendar.

        On a day that is none there it is the end of the working day before. Days before its first and after its last
        one are counted as this calendar has them, so that a minute may become negative.

        Parameters
        ----------
        minutes : (n,), >= 0, may hold +inf
            Finishes, unless they are `starts`: minute 480 belongs to the day that it ends, or to the one it begins.

        Returns
        -------
        (n,), in the order of `minutes`
        """
        before, after = self.days < other.days[0], self.days > other.days[-1]
        theirs = np.concatenate([self.days[before], other.days, self.days[after]])
        found, finite = np.asarray(minutes, np.float64).copy(), np.isfinite(minutes)
        days = found[finite] / self.day_minutes
        index = np.clip(np.floor(days) if starts else np.ceil(days) - 1, 0, len(self.days) - 1).astype(np.int64)
        time = (found[finite] - index * self.day_minutes) * (other.day_minutes / self.day_minutes)
        place = np.searchsorted(theirs, self.days[index])
        worked = theirs[np.minimum(place, len(theirs) - 1)] == self.days[index]
        found[finite] = (place - before.sum()) * other.day_minutes + np.where(worked, time, 0.0)
        return found

    def _date(self, index: int) -> date:
        found: date = self.days[min(max(index, 0), len(self.days) - 1)].item()
        return found
