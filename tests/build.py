"""Scenarios in a few words, for tests: `scenario(people=[person("ANN")], tasks=[task("dig", "2d", "ANN")])`.

Amounts are written as in the file ("4h", "2d" of 8 hours, "1w") or given in minutes; dates as working days from
2026-01-05, a Monday, in a calendar without holidays unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from simrisk.scenario.model import (
    Absence,
    Costs,
    Cover,
    Criterion,
    DateRange,
    Distribution,
    Gate,
    LeaveAllowance,
    LeaveRules,
    Person,
    Project,
    Scenario,
    Simulation,
    Sprints,
    Task,
)

DAY = 480
MILLION = 1_000_000
START = date(2026, 1, 5)
UNITS = {"m": 1, "h": 60, "d": DAY, "w": 5 * DAY}

Amount = str | int | Distribution


def minutes(amount: str | int) -> int:
    """Working minutes of "4h", "2d" or 240."""
    return amount if isinstance(amount, int) else round(Fraction(amount[:-1]) * UNITS[amount[-1]])


def exactly(amount: str | int) -> Distribution:
    value = float(minutes(amount))
    return Distribution("exactly", (value,), value)


def pert(low: str | int, likely: str | int, high: str | int) -> Distribution:
    a, m, b = (float(minutes(amount)) for amount in (low, likely, high))
    return Distribution("pert", (a, m, b), m)


def quantity(amount: Amount) -> Distribution:
    return amount if isinstance(amount, Distribution) else exactly(amount)


def day(number: int) -> date:
    """Date of a working day: 0 is Monday, 5 January 2026; negative before."""
    weeks, place = divmod(number, 5)
    return START + timedelta(days=7 * weeks + place)


def off(first: int, last: int) -> DateRange:
    """Working days from `first` to `last`, both included."""
    return DateRange(day(first), day(last))


def person(
    id: str,
    *,
    fte: str | int = 1,
    focus: str | int = 1,
    rate: str | int | None = None,
    paid: Literal["worked", "employed"] = "worked",
    start: int | None = None,
    end: int | None = None,
    ramp: str | int = 0,
    ramp_from: str | int = 1,
    leave: Sequence[DateRange] = (),
    pto_days: str | int = 0,
    pto_by: int | None = None,
    absence: Sequence[Absence] = (),
    cover: Cover | None = None,
    **skills: int,
) -> Person:
    """`rate` in cents per hour; other keywords are skills."""
    return Person(
        id=id,
        role="",
        fte=Fraction(fte),
        focus=Fraction(focus),
        rate=None if rate is None else Fraction(rate) / 60,
        paid=paid,
        skills=skills,
        start=None if start is None else day(start),
        end=None if end is None else day(end),
        ramp=minutes(ramp),
        ramp_from=Fraction(ramp_from),
        leave=tuple(leave),
        allowance=LeaveAllowance(Fraction(pto_days), None if pto_by is None else day(pto_by)) if pto_days else None,
        absence=tuple(absence),
        cover=cover,
    )


def sick(per_year: float, duration: Amount, kind: str = "sick") -> Absence:
    return Absence(kind, per_year, quantity(duration))


def cover(after: str | int | None = None, cost: str | int = 0) -> Cover:
    return Cover(None if after is None else minutes(after), minutes(cost))


def task(
    id: str,
    effort: Amount | Mapping[str, Amount],
    who: str | Sequence[str] = (),
    share: Literal["split", "any", "together"] = "split",
    *,
    after: str | Sequence[str] = (),
    sprint: int | None = None,
    priority: int = 100,
    skill: str | Sequence[str] = (),
    not_before: int | None = None,
    optional: bool = False,
    backup: Sequence[str] | None = None,
    cover: Cover | None = None,
) -> Task:
    """`effort` with `who`, or a mapping from people to their own work."""
    work = isinstance(effort, Mapping)
    efforts = [quantity(amount) for amount in effort.values()] if isinstance(effort, Mapping) else [quantity(effort)]
    names = tuple(effort) if isinstance(effort, Mapping) else _names(who)
    return Task(
        id=id,
        name=id,
        sprint=sprint,
        priority=priority,
        skills=_names(skill),
        after=_names(after),
        not_before=None if not_before is None else day(not_before),
        optional=optional,
        share="work" if work else share,
        who=names,
        efforts=tuple(efforts),
        backup=None if backup is None else tuple(backup),
        cover=cover,
    )


def gate(
    id: str,
    *,
    due: int | date | None = None,
    requires: Sequence[str] = (),
    blocks: Sequence[int] = (),
    blocks_tasks: Sequence[str] = (),
    review: Amount = 0,
    chance: float | Sequence[tuple[float, float]] = 1.0,
    no_go: bool = True,
    extend: Amount = 0,
    rework: Mapping[str, Amount] | None = None,
    rework_skill: str | Sequence[str] = (),
    rework_backup: Sequence[str] | None = None,
    max_extensions: int = 1,
    then: Literal["proceed", "descope", "stop"] = "proceed",
    descope: Sequence[str] | None = None,
) -> Gate:
    """`chance` of one criterion at every review, or (first, later) of several."""
    chances = [(chance, chance)] if isinstance(chance, int | float) else list(chance)
    return Gate(
        id=id,
        name=id,
        due=due,
        requires=tuple(requires),
        blocks_sprints=tuple(blocks),
        blocks_tasks=tuple(blocks_tasks),
        review=quantity(review),
        criteria=tuple(Criterion(f"c{i}", first, later) for i, (first, later) in enumerate(chances)),
        has_no_go=no_go,
        extend=quantity(extend),
        rework=tuple((name, quantity(amount)) for name, amount in (rework or {}).items()),
        rework_skills=_names(rework_skill),
        rework_backup=None if rework_backup is None else tuple(rework_backup),
        max_extensions=max_extensions,
        then=then,
        descope=None if descope is None else tuple(descope),
    )


def sprints(count: int, days: int = 5, ceremonies: str | int = 0, *, pull: bool = False) -> Sprints:
    return Sprints((days, "d"), count, minutes(ceremonies), tuple(f"s{k + 1}" for k in range(count)), pull)


def scenario(
    people: Sequence[Person],
    tasks: Sequence[Task],
    gates: Sequence[Gate] = (),
    *,
    sprints: Sprints | None = None,
    efficiency: Mapping[int, str | int] | None = None,
    backup_level: int = 2,
    cover: Cover | None = None,
    common: Distribution | None = None,
    horizon: str | int | date | None = "200d",
    deadline: int | None = None,
    budget: int | None = None,
    max_off: int | None = None,
    blackout: Sequence[DateRange] = (),
    block: int = 5,
    infrastructure: int = 0,
    infrastructure_rate: str | None = None,
    spent: int = 0,
    contingency: str | int = 0,
    holidays: Sequence[date] = (),
    **project: Any,
) -> Scenario:
    """Everything a test does not name is absent or certain. `infrastructure_rate` in cents per hour."""
    facts: dict[str, Any] = {
        "name": "test",
        "start": START,
        "deadline": None if deadline is None else day(deadline),
        "budget": budget,
        "currency": "USD",
        "day_minutes": DAY,
        "work_week": (0, 1, 2, 3, 4),
        "holidays": frozenset(holidays),
        "horizon": minutes(horizon) if isinstance(horizon, str) else horizon,
    }
    rate = None if infrastructure_rate is None else Fraction(infrastructure_rate) / 60
    return Scenario(
        id="test",
        path="test.toml",
        text="",
        project=Project(**{**facts, **project}),
        simulation=Simulation(),
        common=common,
        efficiency={level: Fraction(factor) for level, factor in (efficiency or {}).items()},
        backup_level=backup_level,
        cover=cover,
        people=tuple(people),
        leave=LeaveRules(max_off, tuple(blackout), block),
        sprints=sprints,
        tasks=tuple(tasks),
        gates=tuple(gates),
        costs=Costs(infrastructure, rate, Fraction(contingency), spent),
    )


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)
