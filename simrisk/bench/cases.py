"""The plans that are measured: made up from a number, the same on every machine."""

from __future__ import annotations

import random
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from simrisk.scenario.model import (
    Absence,
    Costs,
    DateRange,
    Distribution,
    LeaveRules,
    Link,
    Person,
    Project,
    Scenario,
    Simulation,
    Task,
)

DAY = 480  # minutes
WEEK_DAYS = 5
YEAR_DAYS = 52 * WEEK_DAYS
START = date(2026, 1, 5)  # a Monday

# layered networks
REACH = 5  # layers that a predecessor lies back at most
MORE_PREDECESSORS = 4  # beside the first; each with the chance that gives the average
TRIES = 20  # to find one that is not yet among them; a small layer may have no more
PREDECESSORS = 2.5  # of a task on average
HELD_BY_LAYER_BEFORE = 0.6  # of the further predecessors

# plans with people
MEDIANS = tuple(range(240, 4801, 240))  # minutes of effort
SIGMA = 0.3
WHO = 3  # people who can do a task
LEAVES, LONGEST_LEAVE = 2, 10  # dated leaves of a person, working days
LONGEST_ILLNESS = 5  # working days; one spell is expected in the time in which leave is taken

# plans without people
LIKELY = tuple(range(480, 7201, 480))  # minutes of duration
LOWS = (Fraction(1, 2), Fraction(3, 4))  # of the likely value
HIGHS = (Fraction(5, 4), Fraction(3, 2), Fraction(2))
SIGMAS = (0.2, 0.35, 0.5)
LAGGING = 0.3  # of the links from finish to start
LONGEST_LAG = 5  # days
OTHER_KINDS: tuple[tuple[Literal["SS", "FF"], float], ...] = (("SS", 0.1), ("FF", 0.1))


class Dice:
    """Choices made from `random.Random.random` alone: Python promises that its numbers never change."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random

    def below(self, n: int) -> int:
        """Return a whole number from 0 to `n` - 1."""
        return int(self._random() * n)

    def happens(self, chance: float) -> bool:
        """Whether something of this chance happens."""
        return self._random() < chance


def layers_of(dice: Dice, n_tasks: int) -> list[range]:
    """Return the tasks of each layer, one at least: as many layers as the square root of the tasks, 5 at least."""
    n_layers = max(5, round(n_tasks**0.5))
    sizes = [1] * n_layers
    for _ in range(n_tasks - n_layers):
        sizes[dice.below(n_layers)] += 1
    layers, first = [], 0
    for size in sizes:
        layers.append(range(first, first + size))
        first += size
    return layers


def layered_network(dice: Dice, n_tasks: int) -> list[list[int]]:
    """Return the predecessors of each task, ascending: one in the layer before, others there or a little earlier."""
    layers = layers_of(dice, n_tasks)
    predecessors: list[list[int]] = [[] for _ in layers[0]]
    average = PREDECESSORS * n_tasks / (n_tasks - len(layers[0]))  # of those that have any
    chance = (average - 1) / MORE_PREDECESSORS
    for place, layer in enumerate(layers[1:], 1):
        before = layers[place - 1]
        reach = range(layers[max(0, place - REACH)].start, layer.start)
        for _ in layer:
            found = {before[dice.below(len(before))]}
            wanted = 1 + sum(dice.happens(chance) for _ in range(MORE_PREDECESSORS))
            for _ in range(TRIES):
                if len(found) < wanted:
                    among = before if dice.happens(HELD_BY_LAYER_BEFORE) else reach
                    found.add(among[dice.below(len(among))])
            predecessors.append(sorted(found))
    return predecessors


# Plans with people


def people_plan(n_tasks: int, n_people: int, *, seed: int = 3) -> Scenario:
    """Return a plan in which people are short: each task can be done by any of three, people take leave and fall ill.

    Priorities are the order of the tasks. Nobody has a focus, a ramp or a rate, there are no policies, sprints, gates
    or costs, so that the same trial fits into a page of Python (`simrisk.bench.people`).
    """
    dice = Dice(seed)
    predecessors = layered_network(dice, n_tasks)
    leave_days = max(20, 8 * n_tasks // n_people)
    ids = [f"P{i:03d}" for i in range(n_people)]
    people = tuple(_person(dice, name, leave_days) for name in ids)
    tasks = []
    for i, before in enumerate(predecessors):
        who: set[int] = set()
        while len(who) < min(WHO, n_people):
            who.add(dice.below(n_people))
        median = float(MEDIANS[dice.below(len(MEDIANS))])
        links = tuple(Link(_task_id(j)) for j in before)
        effort = Distribution("lognormal", (median, SIGMA), median)
        tasks.append(_task(i, "any", effort, links, tuple(ids[p] for p in sorted(who))))
    longest = len(layers_of(Dice(seed), n_tasks)) * max(MEDIANS) // DAY
    return _scenario(f"people-{n_tasks}x{n_people}", people, tuple(tasks), horizon=2 * (longest + leave_days))


def _person(dice: Dice, name: str, leave_days: int) -> Person:
    leave = []
    for _ in range(LEAVES):
        first = dice.below(leave_days)
        leave.append(DateRange(_date(first), _date(first + dice.below(LONGEST_LEAVE))))
    low, high = float(DAY), float(LONGEST_ILLNESS * DAY)
    ill = Absence("ill", YEAR_DAYS / leave_days, Distribution("uniform", (low, high), (low + high) / 2))
    return Person(
        id=name,
        role="",
        fte=Fraction(1),
        focus=Fraction(1),
        rate=None,
        paid="worked",
        skills={},
        start=None,
        end=None,
        ramp=0,
        ramp_from=Fraction(1),
        leave=tuple(leave),
        allowance=None,
        absence=(ill,),
        cover=None,
    )


# Plans without people


def network_plan(n_tasks: int, *, seed: int = 1, mixed: bool = False) -> Scenario:
    """Return a plan of durations alone: PERT, triangular and lognormal, three links in ten with a lag of whole days.

    Parameters
    ----------
    mixed : bool
        Whether a tenth of the links each holds the start from a start, and the end from an end, with a lag.
    """
    dice = Dice(seed)
    predecessors = layered_network(dice, n_tasks)
    tasks = []
    for i, before in enumerate(predecessors):
        links = tuple(_link(dice, j, mixed=mixed) for j in before)
        tasks.append(_task(i, "duration", _duration(dice), links, ()))
    longest = len(layers_of(Dice(seed), n_tasks)) * (2 * max(LIKELY) // DAY + LONGEST_LAG)
    return _scenario(f"network-{n_tasks}{'-mixed' * mixed}", (), tuple(tasks), horizon=longest)


def peers_plan(n_tasks: int, *, seed: int = 1) -> Scenario:
    """Return a plan that other tools know, too: triangular durations, links from finish to start without lags."""
    dice = Dice(seed)
    tasks = []
    for i, before in enumerate(layered_network(dice, n_tasks)):
        links = tuple(Link(_task_id(j)) for j in before)
        tasks.append(_task(i, "duration", _three_points(dice, "triangular"), links, ()))
    longest = len(layers_of(Dice(seed), n_tasks)) * 2 * max(LIKELY) // DAY
    return _scenario(f"peers-{n_tasks}", (), tuple(tasks), horizon=longest)


def _link(dice: Dice, before: int, *, mixed: bool) -> Link:
    for kind, chance in OTHER_KINDS if mixed else ():
        if dice.happens(chance):
            return Link(_task_id(before), kind, _lag(dice))
    return Link(_task_id(before), "FS", _lag(dice) if dice.happens(LAGGING) else None)


def _lag(dice: Dice) -> Distribution:
    lag = float(DAY * (1 + dice.below(LONGEST_LAG)))
    return Distribution("exactly", (lag,), lag)


def _duration(dice: Dice) -> Distribution:
    kind = dice.below(3)
    if kind == 0:
        return _three_points(dice, "pert")
    if kind == 1:
        return _three_points(dice, "triangular")
    median = float(LIKELY[dice.below(len(LIKELY))])
    return Distribution("lognormal", (median, SIGMAS[dice.below(len(SIGMAS))]), median)


def _three_points(dice: Dice, kind: Literal["pert", "triangular"]) -> Distribution:
    likely = LIKELY[dice.below(len(LIKELY))]
    low, high = likely * LOWS[dice.below(len(LOWS))], likely * HIGHS[dice.below(len(HIGHS))]
    return Distribution(kind, (float(low), float(likely), float(high)), float(likely))


# What both have in common


def _task_id(i: int) -> str:
    return f"t{i}"


def _date(day: int) -> date:
    """Return the date of a working day."""
    weeks, place = divmod(day, WEEK_DAYS)
    return START + timedelta(days=7 * weeks + place)


def _task(
    i: int, share: Literal["any", "duration"], amount: Distribution, links: tuple[Link, ...], who: tuple[str, ...]
) -> Task:
    return Task(
        id=_task_id(i),
        name=_task_id(i),
        sprint=None,
        priority=i,
        skills=(),
        links=links,
        not_before=None,
        optional=False,
        share=share,
        who=who,
        efforts=(amount,),
        backup=None,
        cover=None,
    )


def _scenario(name: str, people: tuple[Person, ...], tasks: tuple[Task, ...], *, horizon: int) -> Scenario:
    """Return the scenario; `horizon` in working days."""
    project = Project(
        name=name,
        start=START,
        deadline=None,
        budget=None,
        currency="USD",
        day_minutes=DAY,
        work_week=tuple(range(WEEK_DAYS)),
        holidays=frozenset(),
        horizon=horizon * DAY,
    )
    return Scenario(
        id=name,
        path="",
        text="",
        project=project,
        simulation=Simulation(),
        common=None,
        efficiency={},
        backup_level=1,
        cover=None,
        people=people,
        leave=LeaveRules(None, (), 1),
        sprints=None,
        tasks=tasks,
        gates=(),
        costs=Costs(0, None, Fraction(0), 0),
    )
