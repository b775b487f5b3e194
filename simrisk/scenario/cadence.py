"""When things are planned: the project's calendar, its first and last minute, the windows of its sprints."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from simrisk.scenario.model import Project, Sprints
from simrisk.scenario.units import WorkingCalendar

OPEN_HORIZON = timedelta(weeks=520)
DEADLINES_TO_HORIZON = 3


def calendar_of(project: Project) -> WorkingCalendar:
    """Return the calendar in which the project's working minutes count."""
    return WorkingCalendar(project.start, project.work_week, project.holidays, project.day_minutes)


def first_minute(project: Project, calendar: WorkingCalendar) -> int:
    """Return the working minute from which on a trial is simulated: that of the status date."""
    return 0 if project.status_date is None else max(0, calendar.minute_of(project.status_date))


def last_minute(project: Project, calendar: WorkingCalendar) -> int:
    """Return the last working minute that counts: the horizon."""
    if isinstance(project.horizon, date):
        return calendar.minute_of(project.horizon)
    if project.horizon is not None:
        return project.horizon
    if project.deadline is not None:
        return DEADLINES_TO_HORIZON * calendar.end_of(project.deadline)
    return calendar.minute_of(project.start + OPEN_HORIZON)


def planned_sprints(calendar: WorkingCalendar, sprints: Sprints) -> tuple[tuple[int, int], ...]:
    """Return of each sprint its first working day and the one after its last, before any gate moves it.

    Sprints of weeks follow the calendar from the project's start, whatever holidays they contain; sprints
    of days have that many working days.
    """
    number, unit = sprints.length
    if unit == "d":
        return tuple((place * number, (place + 1) * number) for place in range(sprints.count))
    starts = [calendar.day_of(calendar.start + timedelta(weeks=number * place)) for place in range(sprints.count + 1)]
    return tuple(pairwise(starts))
