"""The features that widen a made-up scenario, each with dice of its own, so that leaving one out changes no other."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from build import DAY, charge, contractor, day, departure, equipment, exactly, pair, pool, risk, together
from simrisk.scenario.model import Cover, Distribution, Link, Person, Pool, Scenario, Task

Feature = Callable[[random.Random, Scenario], Scenario]


def _minutes(dice: random.Random, low: int, high: int) -> Distribution:
    a, b, c = sorted(dice.randint(low, high) for _ in range(3))
    if dice.random() < 0.1:  # location, scale, shape
        return Distribution("scipy", (float(a), float(c - a + 1), 2.0), float(b), name="gamma")
    if dice.random() < 0.1:
        return Distribution("values", (float(a), float(b), float(c) + 1), float(b), (0.25, 0.5, 0.25))
    if a == c or dice.random() < 0.5:
        return exactly(b)
    if dice.random() < 0.5:
        return Distribution("uniform", (float(a), float(c)), (a + c) / 2)
    return Distribution("triangular", (float(a), float(b), float(c)), float(b))


def _change_tasks(made: Scenario, change: Callable[[int, Task], Task]) -> Scenario:
    return replace(made, tasks=tuple(change(i, task) for i, task in enumerate(made.tasks)))


def _on_clock(dice: random.Random, made: Scenario) -> Scenario:
    """Some tasks are durations, with people or without, and some are milestones."""

    def change(_: int, task: Task) -> Task:
        roll = dice.random()
        bare = {"skills": (), "backup": None, "cover": None}
        if roll < 0.25:
            who = task.who if dice.random() < 0.5 else ()
            return replace(task, share="duration", who=who, efforts=(_minutes(dice, 0, 2000),), **bare)
        if roll < 0.4:
            return replace(task, share="milestone", who=(), efforts=(), **bare)
        return task

    return _change_tasks(made, change)


def _links(dice: random.Random, made: Scenario) -> Scenario:
    """Links of all kinds, with lags, back to any earlier task."""

    def change(i: int, task: Task) -> Task:
        links = {}
        for _ in range(dice.choice([0, 1, 1, 2, 3])):
            if i == 0:
                break
            before = made.tasks[dice.randrange(i)]
            kind: Any = dice.choice(["FS", "FS", "SS", "FF", "SF"])
            lag = dice.choice([None, None, exactly(dice.choice([0, 1, 60, DAY])), _minutes(dice, 0, 1500)])
            if before.share == "duration" and kind in ("FS", "FF") and dice.random() < 0.5:
                lag = dice.choice([exactly(-dice.randint(1, 900)), Distribution("uniform", (-800.0, 300.0), -250.0)])
            links[before.id, kind] = Link(before.id, kind, lag)
        return replace(task, links=tuple(links.values()))

    return _change_tasks(made, change)


def _equipment(dice: random.Random, made: Scenario) -> Scenario:
    items = [
        equipment(f"rig{i}", dice.randint(1, 3), cost=dice.choice([0, 100]), rate=dice.choice([None, "77.7"]))
        for i in range(dice.randint(1, 2))
    ]

    def change(_: int, task: Task) -> Task:
        if task.share == "milestone" or dice.random() < 0.4:
            return task
        used = dice.sample(items, dice.randint(1, len(items)))
        return replace(task, uses=tuple((item.id, dice.randint(1, item.units)) for item in used))

    return replace(_change_tasks(made, change), equipment=tuple(items))


def _pool(dice: random.Random, name: str) -> Pool:
    first = dice.choice([0, 0, 0, -5, 3])
    steps: dict[int, Any] = {first: dice.choice(["0", "1", "1.5", "2", "0.25"])}
    for _ in range(dice.randint(0, 4)):
        steps[dice.randint(first + 1, 40)] = dice.choice(["0", "0.5", "1", "2", "3", "4.25"])
    return pool(
        name,
        steps,
        focus=dice.choice(["1", "0.8", "0.333333"]),
        rate=dice.choice([None, "9021.36298", "6000"]),
        paid=dice.choice(["worked", "employed"]),
        hire_delay=_minutes(dice, 0, 12 * DAY) if dice.random() < 0.7 else 0,
        ramp=dice.choice([0, DAY, 7 * DAY]),
        ramp_from=dice.choice(["0", "0.3", "1"]),
    )


def _pools(dice: random.Random, made: Scenario) -> Scenario:
    pools = [_pool(dice, f"pool{i}") for i in range(dice.randint(1, 2))]

    def change(_: int, task: Task) -> Task:
        roll, chosen = dice.random(), dice.choice(pools)
        heads = dice.choice([None, None, Fraction(1), Fraction("0.5"), Fraction("1.3")])
        bare = {"skills": (), "backup": None, "cover": None, "max_fte": heads}
        if task.share in ("duration", "milestone") or roll > 0.5:
            return task
        if roll < 0.35:
            return replace(task, share="split", who=(chosen.id,), efforts=(_minutes(dice, 0, 4000),), **bare)
        if task.share == "work":
            return replace(
                task, who=(*task.who, chosen.id), efforts=(*task.efforts, _minutes(dice, 0, 3000)), max_fte=heads
            )
        return task

    return replace(_change_tasks(made, change), pools=tuple(pools))


def _departures(dice: random.Random, made: Scenario) -> Scenario:
    def change(person: Person) -> Person:
        if dice.random() < 0.4:
            return person
        coming = None if dice.random() < 0.25 else _minutes(dice, 0, 20 * DAY)
        notice = _minutes(dice, 0, 8 * DAY)
        leaving = departure(
            dice.choice([4.0, 20.0]), notice, coming, dice.choice([0, DAY, 5 * DAY]), dice.choice([0, "0.5"])
        )
        return replace(person, departure=leaving)

    return replace(made, people=tuple(change(person) for person in made.people))


def _policies(dice: random.Random, made: Scenario) -> Scenario:
    """Contractors and descoping in the policies that are there, and in new ones."""
    ids = [task.id for task in made.tasks]

    def change(cover: Cover | None) -> Cover | None:
        if dice.random() < 0.4:
            return cover
        cover = cover or Cover(None, dice.choice([0, 60]))
        if dice.random() < 0.7:
            called = contractor(_minutes(dice, 0, 3 * DAY), dice.choice(["110", "87.654"]), dice.choice([None, 2, 3]))
            cover = replace(cover, contractor_after=dice.choice([0, DAY, 2 * DAY, 700]), contractor=called)
        if dice.random() < 0.4:
            named = None if dice.random() < 0.5 else tuple(dice.sample(ids, dice.randint(0, len(ids))))
            cover = replace(cover, descope_after=dice.choice([0, DAY, 3 * DAY, 1000]), descope=named)
        return cover

    people = tuple(replace(person, cover=change(person.cover)) for person in made.people)

    def of_task(_: int, task: Task) -> Task:
        alone = task.share in ("duration", "milestone") or task.max_fte is not None or not task.who
        return task if alone or dice.random() < 0.6 else replace(task, cover=change(task.cover))

    return replace(_change_tasks(made, of_task), people=people, cover=change(made.cover))


def _raises(dice: random.Random, made: Scenario) -> Scenario:
    def change(_: int, task: Task) -> Task:
        if dice.random() < 0.5:
            return task
        lessons = {
            (dice.choice(made.people).id, dice.choice(["rust", "go"])): dice.randint(1, 3)
            for _ in range(dice.randint(1, 3))
        }
        return replace(task, raises=tuple((person, skill, level) for (person, skill), level in lessons.items()))

    return _change_tasks(made, change)


def _risks(dice: random.Random, made: Scenario) -> Scenario:
    ids = [task.id for task in made.tasks]
    risks = []
    for i in range(dice.randint(1, 3)):
        chosen = set(dice.sample(ids, dice.randint(1, len(ids))))
        affected = [name for name in ids if name in chosen]
        factor = Distribution("triangular", (0.5, 1.2, 2.5), 1.2) if dice.random() < 0.5 else None
        delay = _minutes(dice, 0, 1500) if dice.random() < 0.6 else None
        away = {dice.choice(made.people).id: _minutes(dice, 0, 5 * DAY) for _ in range(dice.randint(0, 2))}
        chance = dice.choice([0.5, 0.8, 1.0])
        if dice.random() < 0.15:
            affected, factor, delay, away = [], None, None, {}
        risks.append(risk(f"r{i}", chance, affected, factor=factor, delay=delay, cost=dice.choice([0, 777]), away=away))
    return replace(made, risks=tuple(risks))


def _progress(dice: random.Random, made: Scenario) -> Scenario:
    """A status date, with tasks finished and begun before it, and gates passed."""
    status = dice.randint(0, 8)

    def change(_: int, task: Task) -> Task:
        if dice.random() < 0.3:
            return replace(task, finished=day(dice.randint(0, status)))
        if task.efforts and dice.random() < 0.4:
            return replace(task, done=tuple(dice.choice([0, 100, 600]) for _ in task.efforts))
        return task

    gates = tuple(
        replace(gate, passed=day(dice.randint(0, status))) if dice.random() < 0.3 else gate for gate in made.gates
    )
    project = replace(made.project, status_date=day(status))
    return replace(_change_tasks(made, change), gates=gates, project=project)


def _charges(dice: random.Random, made: Scenario) -> Scenario:
    charges = []
    for i in range(dice.randint(1, 3)):
        first, length = dice.randint(0, 30), dice.randint(0, 20)
        if dice.random() < 0.5:
            charges.append(charge(f"c{i}", 12_345, first=dice.choice([None, first])))
        else:
            charges.append(
                charge(f"c{i}", rate="33.3", first=dice.choice([None, first]), last=dice.choice([None, first + length]))
            )
    return replace(made, costs=replace(made.costs, charges=tuple(charges)))


def _correlations(dice: random.Random, made: Scenario) -> Scenario:
    ids = [task.id for task in made.tasks if task.efforts and task.finished is None]
    if len(ids) < 2:
        return made
    found = [together(dice.sample(ids, dice.randint(2, len(ids))), dice.choice([-0.2, 0.4, 0.8]))]
    if dice.random() < 0.5:
        found.append(pair(*dice.sample(ids, 2), dice.choice([-0.9, 0.5])))
    return replace(made, correlations=tuple(found))


FEATURES: dict[str, tuple[float, Feature]] = {
    "on_clock": (0.5, _on_clock),
    "links": (0.5, _links),
    "equipment": (0.4, _equipment),
    "pools": (0.4, _pools),
    "departures": (0.4, _departures),
    "policies": (0.5, _policies),
    "raises": (0.4, _raises),
    "risks": (0.5, _risks),
    "progress": (0.3, _progress),
    "charges": (0.3, _charges),
    "correlations": (0.3, _correlations),
}


def widen(made: Scenario, number: int, features: tuple[str, ...]) -> Scenario:
    """Return `made` with some of the named features, as the dice of each for this number fall."""
    for name, (chance, feature) in FEATURES.items():
        dice = random.Random(f"{number} {name}")
        if name in features and dice.random() < chance:
            made = feature(dice, made)
    return made


def only_people(made: Scenario, number: int) -> Scenario:
    """Return a plan of the tasks of `made` in which nothing but people is short, and nobody stands in for anybody."""
    dice = random.Random(f"{number} only people")
    names = [person.id for person in made.people]
    people = (replace(person, end=None, departure=None, cover=None) for person in made.people)
    return replace(
        made,
        people=tuple(people),
        tasks=tuple(_by_people_alone(dice, names, task) for task in made.tasks),
        cover=None,
        sprints=None,
        gates=(),
        pools=(),
        equipment=(),
        risks=(),
        mitigations=(),
    )


def _by_people_alone(dice: random.Random, names: list[str], task: Task) -> Task:
    """Return a task that needs nobody but people, each for themselves, or nobody, and waits for ends and dates."""
    links = tuple(replace(link, kind="FS", lag=_not_back(link.lag)) for link in task.links)
    task = replace(task, links=links, sprint=None, cover=None, uses=(), raises=(), finished=None)
    if task.share == "duration":
        return replace(task, who=())
    if any(name not in names for name in task.who):
        return replace(task, share="split", who=(dice.choice(names),), efforts=task.efforts[:1], done=(), max_fte=None)
    if task.share == "together":
        return replace(task, share="any")
    return task


def _not_back(lag: Distribution | None) -> Distribution | None:
    return None if lag is not None and lag.planned < 0 else lag
