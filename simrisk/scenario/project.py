"""Builds the project and its sprints: calendar, targets, horizon, status date, cadence."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path as FilePath
from typing import Literal, cast

from simrisk.scenario.cadence import calendar_of, first_minute, last_minute
from simrisk.scenario.faults import Faults
from simrisk.scenario.fields import LARGEST_MINUTES, LATEST
from simrisk.scenario.model import Project, Sprints
from simrisk.scenario.tables import ProjectTable, SprintsTable
from simrisk.scenario.units import Units, WorkingCalendar, hours

_TOO_LATE = f"lies after {LATEST}, the last day that can be simulated."


def units_of(table: ProjectTable, folder: str = "") -> Units:
    """Return how long the project's day and week are; `folder` is where its file stands."""
    return Units(table.hours_per_day, len(table.work_week), folder)


def build_project(table: ProjectTable, path: str, faults: Faults) -> Project:
    """Build the project; `path` names it when it has no name."""
    deadline = table.deadline
    if deadline is not None and deadline < table.start:
        found = f"The deadline, {deadline}, is before the start, {table.start}."
        faults.add("date-order", "project.deadline", found)
        deadline = None
    if table.status_date is not None and table.status_date < table.start:
        found = f"The status date, {table.status_date}, is before the start, {table.start}: nothing has happened yet."
        faults.add("date-order", "project.status_date", found)
    if not table.name and table.name is not None:
        faults.add("wrong-type", "project.name", "The project's name is empty; leave the key out, or write a name.")
    project = Project(
        name=table.name or FilePath(path).stem,
        start=table.start,
        deadline=deadline,
        budget=table.budget,
        currency=table.currency,
        day_minutes=table.hours_per_day,
        work_week=table.work_week,
        holidays=frozenset(table.holidays),
        horizon=_horizon(table, units_of(table), faults),
        status_date=table.status_date,
    )
    if deadline is not None and calendar_of(project).end_of(deadline) <= 0:
        found = f"Between the start, {table.start}, and the deadline, {deadline}, there is no working day."
        faults.add("no-working-days", "project.deadline", found)
    _check_horizon(project, faults)
    return project


def _check_horizon(project: Project, faults: Faults) -> None:
    """Note a fault when trials end before what they are to tell: then it would be unknown."""
    calendar = calendar_of(project)
    limit = last_minute(project, calendar)
    if project.deadline is not None and limit < calendar.end_of(project.deadline):
        found = f"Trials would be given up before the deadline, {project.deadline}. Move the horizon behind it."
        faults.add("horizon-before-deadline", "project.horizon", found)
    elif project.status_date is not None and limit <= first_minute(project, calendar):
        found = f"Trials would be given up before they begin, on {project.status_date}. "
        if project.horizon is None:
            way = "520 weeks after the start" if project.deadline is None else "three times the way to the deadline"
            faults.add("horizon-before-status", "project.status_date", f"{found}Without a 'horizon' it is {way}.")
        else:
            faults.add("horizon-before-status", "project.horizon", f"{found}Move the horizon behind it.")


def _horizon(table: ProjectTable, units: Units, faults: Faults) -> date | int | None:
    """Where a trial is given up: a date for calendar weeks, else working minutes."""
    if table.horizon is None:
        return None
    number, unit = table.horizon
    where = "project.horizon"
    if unit == "w":
        if number > (LATEST - table.start).days // 7:
            faults.add("out-of-range", where, f"The horizon {_TOO_LATE}")
            return None
        return table.start + timedelta(days=int(number * 7))
    minutes = number * units.minutes(unit)
    weeks = minutes / units.week_minutes
    if minutes > LARGEST_MINUTES or weeks > (LATEST - table.start).days // 7:
        faults.add("out-of-range", where, f"The horizon {_TOO_LATE}")
        return None
    if minutes < 1:
        faults.add("out-of-range", where, "The horizon is at least a minute.")
    return int(minutes)


def build_sprints(table: SprintsTable | None, project: Project | None, units: Units, faults: Faults) -> Sprints | None:
    """Build the cadence; None when there is none, or it cannot be told."""
    if table is None:
        return None
    if len(table.names) > table.count:
        found = f"{len(table.names)} names are given, and sprints.count is {table.count}."
        faults.add("too-many-names", "sprints.names", found)
    unnamed = range(len(table.names) + 1, table.count + 1)
    names = [*table.names[: table.count], *(f"Sprint {number}" for number in unnamed)]
    number, unit = table.length
    weeks = number * table.count / (1 if unit == "w" else units.week_days)
    if project is not None and weeks > (LATEST - project.start).days // 7:
        faults.add(
            "out-of-range", "sprints.count", f"The last sprint ends after {LATEST}, the last day that can be simulated."
        )
        return None
    return Sprints((number, cast(Literal["w", "d"], unit)), table.count, table.ceremonies, tuple(names), table.pull)


def check_windows(
    sprints: Sprints, windows: tuple[tuple[int, int], ...], calendar: WorkingCalendar, faults: Faults
) -> None:
    """Every sprint needs a working day, and time left beside its ceremonies."""
    for number, (start, end) in enumerate(windows, 1):
        if end == start:
            found = f"Sprint {number} has no working day: holidays take all of it. Make the sprints longer."
            faults.add("no-working-days", "sprints.length", found)
            return
    shortest = min(range(len(windows)), key=lambda place: windows[place][1] - windows[place][0])
    minutes = (windows[shortest][1] - windows[shortest][0]) * calendar.day_minutes
    if sprints.ceremonies >= minutes:
        found = f"{hours(sprints.ceremonies)} of ceremonies leave no time for work in sprint {shortest + 1}, "
        faults.add("ceremonies-too-long", "sprints.ceremonies", f"{found}which has {hours(minutes)}.")
