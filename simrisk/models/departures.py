"""Departures: the hazard that somebody leaves, the notice, the gap, and the replacement who ramps up anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simrisk.models.calendar import YEAR_WEEKS, days_until
from simrisk.models.events import Kind
from simrisk.models.facts import Row
from simrisk.models.quantities import DrawBuilder
from simrisk.scenario.model import Distribution, Person
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import NEVER

if TYPE_CHECKING:
    from simrisk.models.world import World


def lower_departure(
    person: Person, calendar: WorkingCalendar, draws: DrawBuilder, ramp: int
) -> tuple[int, int, int, int, int]:
    """Return the draws of departure, notice and replacement (-1: none), and place and days of the replacement's ramp.

    Parameters
    ----------
    ramp : int
        Days of the person's own ramp: the replacement's rates stand behind those.
    """
    departure = person.departure
    if departure is None:
        return -1, -1, -1, 0, 0
    stream = f"person/{person.id}//"
    mean = YEAR_WEEKS * len(calendar.work_week) * calendar.day_minutes / departure.per_year
    return (
        draws.add(f"{stream}departure", Distribution("exponential", (mean,), mean)),
        draws.add(f"{stream}notice", departure.notice),
        -1 if departure.replace is None else draws.add(f"{stream}replace", departure.replace),
        ramp + 1,
        days_until(departure.ramp, calendar),
    )


class Farewell:
    """When one person leaves in a trial and the replacement comes, in working days; `NEVER` as long as nobody knows."""

    def __init__(self, world: World, name: str, person: Row) -> None:
        self.world = world
        self.name = name
        self.person = person
        self.leaves = NEVER
        self.comes = NEVER
        has_hazard = person.departure >= 0
        self.fires_at = max(1, world.draws.minutes(person.departure)) if has_hazard else NEVER  # minute of presence

    def live_through(self, day: int, presence: int) -> None:
        """Give notice on a day of presence if the hazard fires: `presence` minutes have passed at its end."""
        if presence < self.fires_at:
            return
        gives_notice = (day + 1) * self.world.facts.project.day_minutes - (presence - self.fires_at)
        self.fires_at = NEVER
        leaves = day + 1 + self.whole_days(self.person.notice)
        project = self.world.facts.project
        if leaves >= min(self.person.end // project.day_minutes, project.n_days - 1):
            return
        self.leaves = leaves
        if self.person.replace >= 0:
            self.comes = leaves + self.whole_days(self.person.replace)
        self.world.note(Kind.NOTICE, who=(self.name,), more=(leaves * project.day_minutes,), minute=gives_notice)

    def whole_days(self, draw: int) -> int:
        """Return a drawn time in whole working days, half up."""
        day_minutes: int = self.world.facts.project.day_minutes
        return (2 * self.world.draws.minutes(draw) + day_minutes) // (2 * day_minutes)

    def is_gap(self, day: int) -> bool:
        """Whether the person has left and the replacement is not there yet."""
        return self.leaves <= day < self.comes

    @property
    def is_for_good(self) -> bool:
        """Whether nobody comes after the one who leaves."""
        return self.leaves < NEVER and self.comes >= NEVER

    def ramp_day(self, day: int) -> int | None:
        """Return the day of the replacement's ramp; None: it is still the first one who works."""
        return day - self.comes if day >= self.comes else None

    def unpaid_minutes(self, begin: int, end: int) -> int:
        """Return the minutes between two within which they are departed."""
        day_minutes: int = self.world.facts.project.day_minutes
        if self.leaves >= NEVER:
            return 0
        last = end if self.comes >= NEVER else min(end, self.comes * day_minutes)
        return max(0, last - max(begin, self.leaves * day_minutes))
