"""Figures that do not add up: planned hours against capacity, money against the budget, dates against the deadline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from simrisk.errors import Issue
from simrisk.scenario.faults import issue, listed
from simrisk.scenario.health.load import lacks_time, length_of
from simrisk.scenario.health.view import View, Window
from simrisk.scenario.model import Person, Pool
from simrisk.scenario.units import hours, percent


@dataclass(frozen=True)
class Totals:
    """Minutes of a team over the length of a plan.

    Parameters
    ----------
    asked : Fraction
        Focused work planned.
    has : Fraction
        Focused work there is time for, after leave, ramps, ceremonies and all that `focus` leaves out.
    there : Fraction
        Minutes of presence, times fte.
    """

    asked: Fraction
    has: Fraction
    there: Fraction


def figure_issues(view: View) -> Iterator[Issue]:
    """Everything that is wrong in the sums."""
    yield from _date_issues(view)
    yield from _capacity_issues(view)
    yield from _money_issues(view)


def _date_issues(view: View) -> Iterator[Issue]:
    deadline = view.scenario.project.deadline
    if deadline is None:
        return
    if view.sprints:
        last = view.calendar.date_of_day(view.sprints[-1][1] - 1)
        if last > deadline:
            found = f"The last sprint is planned to end on {last}, after the deadline, {deadline}."
            yield issue("warning", "late-by-plan", "sprints.count", found)
            return
    if view.network is not None and view.network.finish > view.calendar.end_of(deadline):
        end = view.calendar.finish_date(view.network.finish)
        found = f"Even with everybody free whenever needed the plan ends on {end}, after the deadline, {deadline}."
        yield issue("warning", "late-by-plan", "project.deadline", found)


def team_totals(view: View, window: Window) -> Totals:
    """Return what is asked of the people with work, and what they have."""
    people = [view.people[name] for name in view.asked if name in view.people]
    there = Fraction(0)
    for person in people:
        days = sum(view.present(person, view.calendar.date_of_day(day)) for day in range(*window))
        there += days * view.day_minutes * person.fte
    asked = sum((view.asked[person.id] for person in people), Fraction(0))
    return Totals(asked, sum((view.capacity_in_all(person, window) for person in people), Fraction(0)), there)


def _capacity_issues(view: View) -> Iterator[Issue]:
    window = length_of(view)
    if window is None:
        return
    last = view.calendar.date_of_day(window[1] - 1)
    totals = team_totals(view, window)
    if totals.asked > totals.has and totals.there:
        share = totals.has / totals.there
        found = f"{hours(totals.asked)} of work is planned for the team until {last}, which has {hours(totals.has)} "
        found += f"({percent(share)} of {hours(totals.there)}): {hours(totals.asked - totals.has)} too many. "
        found += f"It would take {percent(totals.asked / totals.there)}."
        yield issue("warning", "over-capacity", "tasks", found)
    short = {
        pool.id: (view.asked[pool.id], view.pool_capacity(pool, window))
        for pool in view.scenario.pools
        if lacks_time(view, pool)
    }
    if short:
        names = sorted(short, key=lambda name: short[name][1] - short[name][0])
        asked, has = (sum(amounts, Fraction(0)) for amounts in zip(*short.values(), strict=True))
        have = "which has" if len(names) == 1 else "which have"
        found = f"{hours(asked)} of work is planned for {listed(names)} until {last}, {have} {hours(has)}: "
        found += f"{hours(asked - has)} too many."
        yield issue("warning", "over-capacity", f"pools.{names[0]}" if len(names) == 1 else "pools", found)


def _money_issues(view: View) -> Iterator[Issue]:
    project = view.scenario.project
    if project.budget is None:
        return
    unpaid = [who.id for who in _paid(view) if who.rate is None]
    if unpaid:
        found = f"There is a budget, but no rate for {listed(unpaid)}: their work costs nothing."
        yield issue("warning", "no-rates", "project.budget", found)
    if view.end_day <= view.first_day:
        return
    pay, rest = planned_pay(view), planned_rest(view)
    limit = project.budget * (1 + view.scenario.costs.contingency)
    if pay + rest > limit:
        last = view.calendar.date_of_day(view.end_day - 1)
        found = (
            f"Until {last}, when the plan ends if nobody is kept waiting, people cost {_money(pay)} {project.currency}"
        )
        found += f" and all else {_money(rest)}: " if rest else ": "
        found += f"{_money(pay + rest - limit)} more than there is ({_money(limit)})."
        yield issue("warning", "over-budget", "project.budget", found)


def planned_pay(view: View) -> Fraction:
    """Return what people and pools cost until the plan's end, in cents."""
    window = (view.first_day, view.end_day)
    total = Fraction(0)
    for who in _paid(view):
        if who.rate is None:
            continue
        if who.paid == "worked":
            total += view.asked.get(who.id, Fraction(0)) / who.focus * who.rate
        else:
            total += _minutes_employed(view, who, window) * who.rate
    return total


def _paid(view: View) -> tuple[Person | Pool, ...]:
    return (*view.scenario.people, *view.scenario.pools)


def _minutes_employed(view: View, who: Person | Pool, window: Window) -> Fraction:
    if isinstance(who, Pool):
        return view.head_days(who, window) * view.day_minutes
    first = window[0] if who.start is None else max(window[0], view.calendar.day_of(who.start))
    end = window[1] if who.end is None else min(window[1], view.calendar.end_of(who.end) // view.day_minutes)
    return max(end - first, 0) * view.day_minutes * who.fte


def planned_rest(view: View) -> Fraction:
    """Return what all but people and pools costs until the plan's end, in cents; risks do not happen."""
    scenario, costs = view.scenario, view.scenario.costs
    begin, end = view.first_day * view.day_minutes, view.end_day * view.day_minutes
    total = Fraction(costs.infrastructure + costs.spent) + (costs.infrastructure_rate or 0) * (end - begin)
    for kind in scenario.equipment:
        total += kind.units * (kind.cost + (kind.rate or 0) * (end - begin))
    for charge in costs.charges:
        first = begin if charge.first is None else max(begin, view.calendar.minute_of(charge.first))
        last = end if charge.last is None else min(end, view.calendar.end_of(charge.last))
        total += (charge.rate or 0) * max(last - first, 0)
        total += charge.amount if charge.first is None or first < end else 0
    return total + sum(entry.price for entry in scenario.mitigations if entry.active)


def _money(cents: Fraction) -> str:
    return f"{float(cents) / 100:,.0f}"
