"""Scenarios made up from a number, for comparing the engines: every feature and many of their combinations.

`make_scenario(number)` always gives the same scenario for the same number. Plans are small and crowded on purpose:
few people, much leave, high hazards, gates that fail, so that rare coincidences (a gate that fails while its owner is
away, a backup who is away too, two people away at once, nothing left to do in a sprint, a task nobody can do) are
common.
"""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from build import DAY, cover, day, exactly, gate, off, person, scenario, sick, sprints, task
from generate_wide import FEATURES, widen
from simrisk.scenario.model import Criterion, Distribution, Gate, Person, Scenario, Sprints, Task

NAMES = ("ANN", "BOB", "CYD", "DAN", "EVE")
SKILLS = ("rust", "go")
EFFICIENCY = {1: "0.5", 2: "0.83", 3: "1"}


def make_scenario(number: int, features: tuple[str, ...] = tuple(FEATURES)) -> Scenario:
    """Return scenario number `number`, widened by some of `features`; two in five are as they were without any."""
    made = make_plain_scenario(number)
    return made if number % 5 < 2 else widen(made, number, features)


def make_plain_scenario(number: int) -> Scenario:
    """Return a scenario of people, leave, absence, sprints, tasks, cover and gates."""
    dice = random.Random(number)
    names = NAMES[: dice.randint(1, 5)]
    cadence = _sprints(dice) if dice.random() < 0.7 else None
    tasks = _tasks(dice, names, cadence)
    facts: dict[str, Any] = {
        "efficiency": EFFICIENCY if dice.random() < 0.7 else None,
        "backup_level": dice.randint(1, 3),
        "cover": _cover(dice, 0.6),
        "common": _common(dice),
        "horizon": dice.choice(["15d", "60d", "100d", "200d", "200d", "400d", "30011m"]),
        "max_off": dice.choice([None, 1, 1, 2]),
        "blackout": [off(3, 5)] if dice.random() < 0.3 else [],
        "block": dice.choice([1, 2, 5]),
        "infrastructure": dice.choice([0, 12_345]),
        "infrastructure_rate": dice.choice([None, "333.3"]),
        "spent": dice.choice([0, 5_000]),
        "day_minutes": dice.choice([DAY, DAY, DAY, 450]),
        "work_week": dice.choice([(0, 1, 2, 3, 4), (0, 1, 2, 3, 4), (0, 1, 2, 3, 4, 5), (1, 3)]),
        "holidays": [day(k) for k in dice.sample(range(1, 30), dice.randint(0, 2))],
    }
    people = [_person(dice, name) for name in names]
    gates = _gates(dice, names, tasks, cadence) if dice.random() < 0.7 else []
    return scenario(people, tasks, gates, sprints=cadence, **facts)


def _chance(dice: random.Random, p: float) -> bool:
    return dice.random() < p


def _minutes(dice: random.Random, low: int, high: int) -> Distribution:
    """An uncertain number of minutes between about `low` and `high`."""
    a, b, c = sorted(dice.randint(low, high) for _ in range(3))
    kind = dice.randrange(10)
    if kind < 3 or a == c:
        return exactly(b)
    if kind == 3:
        return Distribution("values", (float(a), float(c)), float(a), (0.3, 0.7))
    if kind == 4:
        return Distribution("lognormal", (float(max(b, 1)), 0.7), float(max(b, 1)))
    if kind == 5:
        return Distribution("exponential", (float(max(b, 1)),), float(max(b, 1)))
    if kind == 6:
        return Distribution("uniform", (float(a), float(c)), (a + c) / 2)
    if kind == 7:
        return Distribution("triangular", (float(a), float(b), float(c)), float(b))
    if kind == 8:
        return Distribution("normal", (float(b), (c - a) / 2), float(b))
    return Distribution("pert", (float(a), float(b), float(c)), float(b))


def _common(dice: random.Random) -> Distribution | None:
    return Distribution("lognormal", (1.0, 0.4), 1.0) if _chance(dice, 0.4) else None


def _cover(dice: random.Random, p: float) -> Any:
    if not _chance(dice, p):
        return None
    after = dice.choice([None, 0, DAY // 2, DAY, DAY, 2 * DAY, 2 * DAY, 3 * DAY, 5 * DAY, 700])
    return cover(after, dice.choice([0, 60, 240, 481]))


def _sprints(dice: random.Random) -> Sprints:
    cadence = sprints(dice.randint(1, 5), dice.randint(1, 6), dice.choice([0, 0, 60, 240]), pull=_chance(dice, 0.3))
    return replace(cadence, length=(dice.randint(1, 2), "w")) if _chance(dice, 0.3) else cadence


def _person(dice: random.Random, name: str) -> Person:
    start = dice.choice([None, None, None, 0, dice.randint(-6, 8)])
    end = (start or 0) + dice.randint(3, 60) if _chance(dice, 0.1) else None
    leave = []
    for _ in range(dice.randint(0, 3)):
        first = dice.randint(-2, 25)
        leave.append(off(first, first + dice.randint(0, 5)))
    kinds = []
    if _chance(dice, 0.6):
        kinds.append(sick(dice.choice([5.0, 30.0, 120.0]), _minutes(dice, 0, 4 * DAY)))
    if _chance(dice, 0.3):
        kinds.append(sick(dice.choice([10.0, 90.0]), _minutes(dice, 200, 9 * DAY), "care"))
    return person(
        name,
        fte=dice.choice(["1", "1", "0.8", "0.35", "0.333333333"]),
        focus=dice.choice(["1", "0.8", "0.7"]),
        rate=dice.choice([None, "9500", "6666.67", "9021.36298"]),
        paid=dice.choice(["worked", "employed"]),
        start=start,
        end=end,
        ramp=dice.choice([0, 0, DAY, 3 * DAY + 1, 10 * DAY]) if start is not None else 0,
        ramp_from=dice.choice(["0", "0.3", "0.5"]),
        leave=leave,
        pto_days=dice.choice([0, 0, "25", "60.5"]),
        pto_by=dice.choice([None, None, dice.randint(2, 30)]),
        absence=kinds,
        cover=_cover(dice, 0.3),
        **{skill: dice.choice([0, 1, 2, 2, 3, 3]) for skill in SKILLS if _chance(dice, 0.9)},
    )


def _some(dice: random.Random, names: tuple[str, ...], least: int = 1) -> list[str]:
    return dice.sample(names, dice.randint(min(least, len(names)), len(names)))


def _tasks(dice: random.Random, names: tuple[str, ...], cadence: Sprints | None) -> list[Task]:
    tasks: list[Task] = []
    for i in range(dice.randint(1, 9)):
        share = dice.choice(["work", "split", "split", "split", "any", "together"])
        who = _some(dice, names) if _chance(dice, 0.5) else [dice.choice(names)]
        size = dice.choice([(0, 60), (10, 600), (100, 2500)])
        effort: Any = _minutes(dice, *size)
        if share == "work":
            effort = {name: _minutes(dice, *size) for name in who}
        tasks.append(
            task(
                f"t{i}",
                effort,
                who,
                share if share != "work" else "split",  # type: ignore[arg-type]
                after=[f"t{k}" for k in dice.sample(range(i), min(i, dice.choice([0, 0, 1, 1, 2])))],
                sprint=dice.randint(1, cadence.count) if cadence and _chance(dice, 0.8) else None,
                priority=dice.choice([100, 100, 10, 200]),
                skill=[skill for skill in SKILLS if _chance(dice, 0.15)],
                not_before=dice.choice([None, None, None, dice.randint(0, 20)]),
                optional=_chance(dice, 0.3),
                backup=_some(dice, names, 0) if _chance(dice, 0.5) else None,
                cover=_cover(dice, 0.3),
            )
        )
    return tasks


def _gates(dice: random.Random, names: tuple[str, ...], tasks: list[Task], cadence: Sprints | None) -> list[Gate]:
    gates = []
    for g in range(dice.randint(1, 3)):
        due: Any = None
        if cadence and _chance(dice, 0.6):
            due = dice.randint(1, cadence.count)
        elif _chance(dice, 0.5):
            due = day(dice.randint(0, 15))
        required = [t.id for t in tasks if (not cadence or not t.sprint or t.sprint <= 2) and _chance(dice, 0.4)]
        if isinstance(due, int) and _chance(dice, 0.5):
            required = [t.id for t in tasks if t.sprint is not None and t.sprint <= due]
        later = range(due + 1, cadence.count + 1) if cadence and isinstance(due, int) else ()
        held = [t.id for t in tasks if t.id not in required and not t.after and _chance(dice, 0.15)]
        rework = {name: _minutes(dice, 0, 900) for name in _some(dice, names)} if _chance(dice, 0.6) else {}
        chances = [(dice.choice([0.0, 0.3, 0.7, 1.0]), dice.choice([0.3, 0.6, 1.0])) for _ in range(dice.randint(0, 3))]
        then: Any = dice.choice(["proceed", "proceed", "descope", "descope", "stop"])
        made = gate(
            f"g{g}",
            due=due,
            requires=required,
            blocks=[k for k in later if _chance(dice, 0.8)],
            blocks_tasks=held,
            review=_minutes(dice, 0, 500) if _chance(dice, 0.6) else 0,
            no_go=_chance(dice, 0.9),
            extend=_minutes(dice, 0, 1500) if _chance(dice, 0.6) else 0,
            rework=rework,
            rework_skill=[skill for skill in SKILLS if _chance(dice, 0.2)],
            rework_backup=_some(dice, names, 0) if _chance(dice, 0.4) else None,
            max_extensions=dice.randint(0, 3),
            then=then,
            descope=dice.choice([None, dice.sample([t.id for t in tasks], dice.randint(0, len(tasks)))]),
        )
        criteria = tuple(Criterion(f"c{i}", first, after) for i, (first, after) in enumerate(chances))
        gates.append(replace(made, criteria=criteria))
    return gates


def describe(made: Scenario) -> str:
    """A scenario in lines, for looking at a difference."""
    parts: list[Any] = [*made.people, *made.pools, *made.equipment, *made.tasks, *made.gates, *made.risks]
    parts += [*made.correlations, made.sprints, made.leave, made.cover, made.efficiency, made.costs, made.project]
    return "\n".join(str(part) for part in parts).replace("Fraction", "F")
