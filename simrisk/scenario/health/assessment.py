"""The 14-point schedule assessment of the Defense Contract Management Agency, as far as a plan can be held to it.

Counts and thresholds are those of DCMA-EA PAM 200.1 (October 2012), section 4. They are taken on the logic with planned
durations, resources ignored. Sprints and gates count as logic: a sprint ties a start, a gate both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from simrisk.scenario.health.logic import Ties
from simrisk.scenario.health.network import Network, duration, network_of
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Link, Task
from simrisk.scenario.units import percent

FEW, MOST = 0.05, 0.90  # shares
LONG_DAYS = 44  # working days: two months
TEST_DAYS = 600
INDEX = 0.95
NO_BASELINE = "needs the dates of an agreed baseline"


@dataclass(frozen=True)
class Point:
    """One of the fourteen.

    Parameters
    ----------
    number : int
    name : str
    verdict : "ok", "over" or "none"
        "over" when the threshold is not kept, "none" when a plan like this cannot be held to it.
    threshold : str
    count, of : int, optional
        How many, of how many.
    figure : float, optional
        What is compared: a share of `of`, or an index.
    names : tuple of str
        Tasks or links counted.
    note : str
        Why there is no verdict, or what was done.
    """

    number: int
    name: str
    verdict: Literal["ok", "over", "none"]
    threshold: str
    count: int | None = None
    of: int | None = None
    figure: float | None = None
    names: tuple[str, ...] = ()
    note: str = ""


def assess(view: View) -> tuple[Point, ...]:
    """Return the fourteen points in their order; empty when the logic runs in a circle or nothing is left to do."""
    network = view.network
    tasks = [task for task in view.scenario.tasks if task.finished is None]
    if network is None or not tasks:
        return ()
    links = [(link, task) for task in tasks for link in task.links]
    work = [task for task in tasks if task.share != "milestone"]
    day = view.day_minutes
    leads = [_shown(*pair) for pair in links if _lag(pair[0]) < 0]
    lags = [_shown(*pair) for pair in links if _lag(pair[0]) > 0]
    others = [_shown(*pair) for pair in links if pair[0].kind != "FS"]
    high_float = [task.id for task in tasks if network.total_float(task.id) > LONG_DAYS * day]
    long_tasks = [task.id for task in work if duration(view, task) > LONG_DAYS * day]
    free = [task.id for task in work if not task.who and duration(view, task) >= day]
    return (
        _share(1, "missing logic", _untied(view, network, tasks), len(tasks), FEW),
        _share(2, "leads (negative lags)", leads, len(links), 0.0),
        _share(3, "lags", lags, len(links), FEW),
        _finish_to_start(others, len(links)),
        _share(5, "hard constraints", [], len(tasks), FEW, "dates only say 'not before', which is soft"),
        _share(6, f"float over {LONG_DAYS} days", high_float, len(tasks), FEW),
        _negative_float(view, network, tasks),
        _share(8, f"duration over {LONG_DAYS} days", long_tasks, len(work), FEW),
        _invalid_dates(view, tasks),
        _share(10, "without resources", free, len(work), 0.0),
        Point(11, "missed tasks", "none", "<= 5 %", note=NO_BASELINE),
        _path_test(view, network, work),
        _path_length(view, network),
        Point(
            14, "baseline execution index", "none", f">= {INDEX}", note="needs a baseline with dates to compare with"
        ),
    )


def _lag(link: Link) -> float:
    return 0.0 if link.lag is None else link.lag.planned


def _shown(link: Link, task: Task) -> str:
    return f"{link.task} {link.kind} {task.id}"


def _share(number: int, name: str, found: Sequence[str], of: int, most: float, note: str = "") -> Point:
    """A point that counts what should be rare."""
    threshold = f"<= {percent(most)}" if most else "0"
    if not of:
        return Point(number, name, "none", threshold, note="there is nothing of the kind")
    figure = len(found) / of
    verdict: Literal["ok", "over"] = "ok" if figure <= most else "over"
    return Point(number, name, verdict, threshold, len(found), of, figure, tuple(found), note)


def _finish_to_start(others: Sequence[str], n_links: int) -> Point:
    name, threshold = "finish-to-start links", f">= {percent(MOST)}"
    if not n_links:
        return Point(4, name, "none", threshold, note="there are no links")
    plain = n_links - len(others)
    verdict: Literal["ok", "over"] = "ok" if plain / n_links >= MOST else "over"
    return Point(4, name, verdict, threshold, plain, n_links, plain / n_links, tuple(others))


def _untied(view: View, network: Network, tasks: Sequence[Task]) -> list[str]:
    """Tasks without anything before or after them, but for the first and the last of the plan."""
    ties = Ties(view)
    begins = [task for task in tasks if task.id not in ties.before | ties.start_held]
    ends = [task for task in tasks if task.id not in ties.after]
    first = min(begins, key=lambda task: network.early[task.id], default=None)
    last = max(ends, key=lambda task: network.early[task.id][1], default=None)
    untied = {task.id for task in begins if task is not first} | {task.id for task in ends if task is not last}
    return [task.id for task in tasks if task.id in untied]


def _negative_float(view: View, network: Network, tasks: Sequence[Task]) -> Point:
    name, threshold = "negative float", "0"
    if view.deadline_day is None:
        return Point(7, name, "none", threshold, note="there is no deadline")
    spare = view.deadline_day * view.day_minutes - network.finish
    late = tuple(task.id for task in tasks if network.total_float(task.id) + spare < 0)
    return Point(7, name, "over" if late else "ok", threshold, len(late), len(tasks), len(late) / len(tasks), late)


def _invalid_dates(view: View, tasks: Sequence[Task]) -> Point:
    if view.scenario.project.status_date is None:
        return Point(9, "invalid dates", "none", "0", note="nothing has been done yet")
    return Point(
        9, "invalid dates", "ok", "0", 0, len(view.scenario.tasks), 0.0, note="a file that had any would be refused"
    )


def _path_test(view: View, network: Network, work: Sequence[Task]) -> Point:
    """Whether a critical task that takes so much longer moves the finish by as much."""
    name, threshold = "critical path test", f"+{TEST_DAYS} days"
    more = TEST_DAYS * view.day_minutes
    critical = next((task.id for task in work if network.total_float(task.id) == 0), None)
    moved = None if critical is None else network_of(view, {critical: more})
    if critical is None or moved is None:
        return Point(12, name, "over", threshold, note="no task is critical: dates and sprints alone set the finish")
    days = (moved.finish - network.finish) / view.day_minutes
    found = f"with '{critical}' {TEST_DAYS} days longer the finish moves by {days:g} days"
    return Point(12, name, "ok" if days == TEST_DAYS else "over", threshold, note=found)


def _path_length(view: View, network: Network) -> Point:
    name, threshold = "critical path length index", f">= {INDEX}"
    length = network.finish / view.day_minutes - view.first_day
    if view.deadline_day is None or length <= 0:
        return Point(13, name, "none", threshold, note="there is no deadline")
    index = (length + view.deadline_day - network.finish / view.day_minutes) / length
    left = view.deadline_day - network.finish / view.day_minutes
    side = "before" if left >= 0 else "after"
    note = f"the path is {length:.1f} working days long and ends {abs(left):.1f} {side} the deadline"
    return Point(13, name, "ok" if index >= INDEX else "over", threshold, figure=index, note=note)
