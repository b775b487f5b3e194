"""Scenarios in a few words, for tests: `scenario(people=[person("ANN")], tasks=[task("dig", "2d", "ANN")])`.

Amounts are written as in the file ("4h", "2d" of 8 hours, "1w", "-1d") or given in minutes; dates as working days from
2026-01-05, a Monday, in a calendar without holidays unless a test says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any, Literal

from simrisk.scenario.model import (
    Absence,
    Charge,
    Contractor,
    Correlation,
    Costs,
    Cover,
    Criterion,
    DateRange,
    Departure,
    Distribution,
    Equipment,
    Gate,
    LeaveAllowance,
    LeaveRules,
    Link,
    Mitigation,
    Person,
    Pool,
    Project,
    Risk,
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
    departure: Departure | None = None,
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
        departure=departure,
    )


def sick(per_year: float, duration: Amount, kind: str = "sick") -> Absence:
    return Absence(kind, per_year, quantity(duration))


def departure(
    per_year: float,
    notice: Amount = 0,
    replace: Amount | None = None,
    ramp: str | int = 0,
    ramp_from: str | int = 0,
) -> Departure:
    """`replace` None: nobody comes after."""
    coming = None if replace is None else quantity(replace)
    return Departure(per_year, quantity(notice), coming, minutes(ramp), Fraction(ramp_from))


def contractor(lead: Amount = 0, rate: str | int = 0, level: int | None = None) -> Contractor:
    """`rate` in cents per hour."""
    return Contractor(quantity(lead), Fraction(rate) / 60, level)


def cover(
    after: str | int | None = None,
    cost: str | int = 0,
    *,
    contractor_after: str | int | None = None,
    contractor: Contractor | None = None,
    descope_after: str | int | None = None,
    descope: Sequence[str] | None = None,
) -> Cover:
    return Cover(
        handover_after=_maybe(after),
        handover_cost=minutes(cost),
        contractor_after=_maybe(contractor_after),
        contractor=contractor,
        descope_after=_maybe(descope_after),
        descope=None if descope is None else tuple(descope),
    )


def pool(
    id: str,
    heads: str | int | Mapping[int, str | int] = 1,
    *,
    focus: str | int = 1,
    rate: str | int | None = None,
    paid: Literal["worked", "employed"] = "worked",
    hire_delay: Amount = 0,
    ramp: str | int = 0,
    ramp_from: str | int = 1,
) -> Pool:
    """`heads` from the first day on, or {working day: heads from then on}; `rate` in cents per hour."""
    steps = heads if isinstance(heads, Mapping) else {0: heads}
    return Pool(
        id=id,
        role="",
        headcount=tuple((day(number), Fraction(count)) for number, count in sorted(steps.items())),
        focus=Fraction(focus),
        rate=None if rate is None else Fraction(rate) / 60,
        paid=paid,
        hire_delay=quantity(hire_delay),
        ramp=minutes(ramp),
        ramp_from=Fraction(ramp_from),
    )


def equipment(id: str, units: int = 1, *, cost: int = 0, rate: str | int | None = None) -> Equipment:
    """`cost` in cents per unit, once; `rate` in cents per hour and unit."""
    return Equipment(id, id, units, cost, None if rate is None else Fraction(rate) / 60)


def link(task: str, kind: Literal["FS", "SS", "FF", "SF"] = "FS", lag: Amount | None = None) -> Link:
    return Link(task, kind, None if lag is None else quantity(lag))


def task(
    id: str,
    effort: Amount | Mapping[str, Amount] | None = None,
    who: str | Sequence[str] = (),
    share: Literal["split", "any", "together"] = "split",
    *,
    duration: Amount | None = None,
    after: str | Link | Sequence[str | Link] = (),
    sprint: int | None = None,
    priority: int = 100,
    skill: str | Sequence[str] = (),
    not_before: int | None = None,
    optional: bool = False,
    backup: Sequence[str] | None = None,
    cover: Cover | None = None,
    uses: Mapping[str, int] | None = None,
    max_fte: str | int | None = None,
    raises: Sequence[tuple[str, str, int]] = (),
    done: Sequence[str | int] = (),
    finished: int | None = None,
) -> Task:
    """`effort` with `who`, a mapping from people or pools to their own work, or a `duration` that holds `who`.

    `after` holds ids or `link(...)`s; `raises` (person, skill, level); `done` what has been done of each effort.
    """
    efforts = [quantity(amount) for amount in effort.values()] if isinstance(effort, Mapping) else []
    if effort is not None and not isinstance(effort, Mapping):
        efforts = [quantity(effort)]
    if duration is not None:
        efforts = [quantity(duration)]
    links = [after] if isinstance(after, str | Link) else after
    return Task(
        id=id,
        name=id,
        sprint=sprint,
        priority=priority,
        skills=_names(skill),
        links=tuple(entry if isinstance(entry, Link) else Link(entry) for entry in links),
        not_before=None if not_before is None else day(not_before),
        optional=optional,
        share="duration" if duration is not None else "work" if isinstance(effort, Mapping) else share,
        who=tuple(effort) if isinstance(effort, Mapping) else _names(who),
        efforts=tuple(efforts),
        backup=None if backup is None else tuple(backup),
        cover=cover,
        uses=tuple((uses or {}).items()),
        max_fte=None if max_fte is None else Fraction(max_fte),
        raises=tuple(raises),
        done=tuple(minutes(amount) for amount in done),
        finished=None if finished is None else day(finished),
    )


def milestone(id: str, after: str | Link | Sequence[str | Link] = (), **facts: Any) -> Task:
    """Other facts (`sprint`, `not_before`, `optional`, `priority`, `finished`) as for `task`."""
    return replace(task(id, after=after, **facts), share="milestone")


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
    passed: int | None = None,
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
        passed=None if passed is None else day(passed),
    )


def risk(
    id: str,
    probability: float,
    affects: str | Sequence[str] = (),
    *,
    factor: float | Distribution | None = None,
    delay: Amount | None = None,
    cost: int = 0,
    away: Mapping[str, Amount] | None = None,
) -> Risk:
    """`factor` a plain number or a distribution of them; `cost` in cents."""
    if isinstance(factor, int | float):
        factor = Distribution("exactly", (float(factor),), float(factor))
    return Risk(
        id=id,
        name=id,
        probability=probability,
        affects=_names(affects),
        factor=factor,
        delay=None if delay is None else quantity(delay),
        cost=cost,
        away=tuple((name, quantity(amount)) for name, amount in (away or {}).items()),
    )


def together(tasks: Sequence[str], rho: float) -> Correlation:
    """A group of tasks whose draws go together."""
    return Correlation(tuple(tasks), rho, pair=False)


def pair(one: str, other: str, rho: float) -> Correlation:
    return Correlation((one, other), rho, pair=True)


def mitigation(id: str, price: int = 0, *, active: bool = True) -> Mitigation:
    """`price` in cents; what it changes is in the rest of the scenario."""
    return Mitigation(id, id, price, active)


def charge(
    id: str,
    amount: int = 0,
    *,
    rate: str | int | None = None,
    first: int | None = None,
    last: int | None = None,
    kind: Literal["contract", "compensation"] = "contract",
) -> Charge:
    """`amount` in cents, once; `rate` in cents per hour; `first` and `last` working days."""
    return Charge(
        id=id,
        kind=kind,
        amount=amount,
        rate=None if rate is None else Fraction(rate) / 60,
        first=None if first is None else day(first),
        last=None if last is None else day(last),
    )


def sprints(count: int, days: int = 5, ceremonies: str | int = 0, *, pull: bool = False) -> Sprints:
    return Sprints((days, "d"), count, minutes(ceremonies), tuple(f"s{k + 1}" for k in range(count)), pull)


def scenario(
    people: Sequence[Person] = (),
    tasks: Sequence[Task] = (),
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
    pools: Sequence[Pool] = (),
    equipment: Sequence[Equipment] = (),
    risks: Sequence[Risk] = (),
    correlations: Sequence[Correlation] = (),
    mitigations: Sequence[Mitigation] = (),
    charges: Sequence[Charge] = (),
    status_date: int | None = None,
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
        "status_date": None if status_date is None else day(status_date),
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
        costs=Costs(infrastructure, rate, Fraction(contingency), spent, tuple(charges)),
        pools=tuple(pools),
        equipment=tuple(equipment),
        risks=tuple(risks),
        correlations=tuple(correlations),
        mitigations=tuple(mitigations),
    )


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _maybe(amount: str | int | None) -> int | None:
    return None if amount is None else minutes(amount)
