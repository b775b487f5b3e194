"""When things are planned: the project's calendar and the windows of its sprints, in working days."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from simrisk.scenario.model import Project, Sprints
from simrisk.scenario.units import WorkingCalendar


def calendar_of(project: Project) -> WorkingCalendar:
    """Return the calendar in which the project's working minutes count."""
    return WorkingCalendar(project.start, project.work_week, project.holidays, project.day_minutes)


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
