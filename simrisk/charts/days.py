"""Days on an axis: matplotlib's numbers of them, and how they are written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from matplotlib import dates as mdates
from matplotlib.axis import Axis
from matplotlib.ticker import Formatter

EPOCH = date(1970, 1, 1).toordinal()


def day_number(day: date) -> float:
    """Number of a day as matplotlib counts: days since 1970."""
    return float(day.toordinal() - EPOCH)


def date_of(number: float) -> date:
    """The day nearest to a number."""
    return date.fromordinal(math.floor(number + 0.5) + EPOCH)


def day_text(day: date) -> str:
    """``5 Jun 2026``."""
    return f"{day.day} {day:%b %Y}"


class DayLocator(mdates.AutoDateLocator):
    """Places ticks at days, months and years; where there are hardly any days at each of them, and never at hours."""

    def get_locator(self, dmin: datetime, dmax: datetime) -> mdates.DateLocator:
        """What places the ticks between two moments."""
        if dmax - dmin >= timedelta(days=self.minticks):
            return super().get_locator(dmin, dmax)  # type: ignore[no-any-return, no-untyped-call]
        daily = mdates.DayLocator()  # type: ignore[no-untyped-call]
        daily.set_axis(self.axis)
        return daily


def show_days(axis: Axis, *, least: int, most: int) -> None:
    """Dates along an axis, so many as there are ticks; the year where it changes."""
    axis.set_major_locator(DayLocator(minticks=least, maxticks=most))  # type: ignore[no-untyped-call]
    axis.set_major_formatter(DayFormatter())


class DayFormatter(Formatter):
    """``5 Jun``; the year below the first and wherever it changes."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Text of one tick."""
        return day_text(date_of(x))

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Texts of all ticks."""
        days = [date_of(x) for x in values]
        years = [None, *(day.year for day in days)]
        return [
            f"{day.day} {day:%b}" + (f"\n{day.year}" if day.year != before else "")
            for day, before in zip(days, years, strict=False)
        ]
