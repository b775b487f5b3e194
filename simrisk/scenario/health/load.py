"""Load against capacity: who is asked for more than they have, in a sprint or by when the logic needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from simrisk.errors import Issue
from simrisk.scenario.cadence import last_minute
from simrisk.scenario.faults import issue
from simrisk.scenario.health.network import duration
from simrisk.scenario.health.view import View, Window
from simrisk.scenario.model import Equipment, Person, Pool
from simrisk.scenario.units import hours

MOST_DAYS = 40  # of each kind that are tried as the ends of a window


@dataclass(frozen=True)
class Resource:
    """A person, a pool or a kind of equipment, with the minutes that each task asks of it."""

    thing: Person | Pool | Equipment
    demand: dict[str, Fraction]

    @property
    def where(self) -> str:
        """Its place in the file."""
        table = {Person: "people", Pool: "pools", Equipment: "equipment"}[type(self.thing)]
        return f"{table}.{self.thing.id}"


def resources(view: View) -> list[Resource]:
    """Return everybody and everything that tasks ask time of, in the order of the file."""
    asked: dict[str, dict[str, Fraction]] = {}
    for task, shares in view.load.items():
        for name, minutes in shares.items():
            asked.setdefault(name, {})[task] = minutes
    who: tuple[Person | Pool, ...] = (*view.scenario.people, *view.scenario.pools)
    found = [Resource(thing, asked[thing.id]) for thing in who if thing.id in asked]
    for kind in view.scenario.equipment:
        use = {
            task.id: Fraction(dict(task.uses)[kind.id] * duration(view, task))
            for task in view.scenario.tasks
            if kind.id in dict(task.uses) and task.finished is None
        }
        found += [Resource(kind, use)] if use else []
    return found


def capacity(view: View, resource: Resource, window: Window, *, sprint: bool = False) -> Fraction:
    """Return the minutes there are in a window: of focused work, or of use; `sprint`: the window is one."""
    thing = resource.thing
    if isinstance(thing, Person):
        return view.capacity_in_sprint(thing, window) if sprint else view.capacity_in_all(thing, window)
    if isinstance(thing, Pool):
        return view.pool_capacity(thing, window)
    return Fraction(thing.units * max(window[1] - window[0], 0) * view.day_minutes)


def overloads(view: View) -> Iterator[tuple[Fraction, Issue]]:
    """More asked than there is time for, with the minutes that are too many."""
    for number, window in enumerate(view.sprints, 1):
        left = (max(window[0], view.first_day), window[1])
        names = {task.id for task in view.scenario.tasks if task.sprint == number}
        if left[0] >= left[1] or not names:
            continue
        for resource in resources(view):
            asked = _sum(minutes for task, minutes in resource.demand.items() if task in names)
            has = capacity(view, resource, left, sprint=left == window)
            if asked > has:
                name = resource.thing.id
                found = f"{hours(asked)} of {_what(resource)} is planned for sprint {number}, "
                found += f"where {name} has {hours(has)}."
                yield asked - has, issue("warning", "over-allocated", resource.where, found)
    for resource in resources(view):
        if any(view.tasks[task].sprint is None for task in resource.demand):
            yield from _overload_by_logic(view, resource)


def _overload_by_logic(view: View, resource: Resource) -> Iterator[tuple[Fraction, Issue]]:
    """The days between which the links and the deadline leave a resource the least time for what falls within them.

    What cannot begin before the first of these days and has to be done by the last one has no other place.
    """
    network, deadline = view.network, view.deadline_day
    if network is None or deadline is None or deadline <= view.first_day:
        return
    if network.finish > last_minute(view.scenario.project, view.calendar):
        return  # far too late by its logic; there is no end to look for
    if isinstance(resource.thing, Pool) and lacks_time(view, resource.thing):
        return  # said of the whole plan
    day = view.day_minutes
    spare = max(deadline * day - network.finish, 0)  # a plan late by its logic is another finding
    spans = [
        (network.early[task][0] // day, -(-(network.late[task][1] + spare) // day), minutes)
        for task, minutes in resource.demand.items()
    ]
    worst: tuple[Fraction, Fraction, Fraction, Window] | None = None
    for begin in _some({first for first, _, _ in spans}):
        for end in _some({last for _, last, _ in spans if last > begin}):
            asked = _sum(minutes for first, last, minutes in spans if begin <= first and last <= end)
            if asked and (over := asked - (has := capacity(view, resource, (begin, end)))) > 0:
                worst = max(worst or (over, asked, has, (begin, end)), (over, asked, has, (begin, end)))
    if worst is not None:
        over, asked, has, (begin, end) = worst
        first_date, last_date = view.calendar.date_of_day(begin), view.calendar.date_of_day(end - 1)
        found = f"{hours(asked)} of {_what(resource)} has to be done from {first_date} to {last_date}, "
        found += f"where {resource.thing.id} has {hours(has)}."
        yield over, issue("warning", "over-allocated", resource.where, found)


def lacks_time(view: View, pool: Pool) -> bool:
    """Whether more work is planned for a pool than it can do in all the time that the plan gives itself."""
    window = length_of(view)
    return window is not None and view.asked.get(pool.id, Fraction(0)) > view.pool_capacity(pool, window)


def length_of(view: View) -> Window | None:
    """Return the days that the plan gives itself: to the end of the sprints, else to the deadline."""
    if view.sprints:
        end = view.sprints[-1][1]
    elif view.deadline_day is not None:
        end = view.deadline_day
    else:
        return None
    return (view.first_day, end) if end > view.first_day else None


def _some(days: set[int]) -> list[int]:
    """All of a few days; of many, some that are evenly spread, so that a long plan takes no long time."""
    ordered = sorted(days)
    return ordered[:: -(-len(ordered) // MOST_DAYS)] if ordered else []


def _what(resource: Resource) -> str:
    return "use" if isinstance(resource.thing, Equipment) else "work"


def _sum(minutes: Iterator[Fraction]) -> Fraction:
    return sum(minutes, Fraction(0))
