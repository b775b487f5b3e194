"""Leave against the team's rules: dated leave that breaks them, and allowances for which they leave no room."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from simrisk.errors import Issue
from simrisk.scenario.faults import issue, listed
from simrisk.scenario.health.view import View
from simrisk.scenario.model import DateRange, Person

_AS_WRITTEN = "The leave is taken as written."


def leave_issues(view: View) -> Iterator[Issue]:
    """Dated leave against the team's own rules, then leave placed at random."""
    rules = view.scenario.leave
    spells = [(person, place, leave) for person in view.scenario.people for place, leave in enumerate(person.leave)]
    for person, place, leave in spells:
        where = f"people.{person.id}.pto[{place}]"
        for closed in rules.blackout:
            if leave.first <= closed.last and closed.first <= leave.last:
                found = f"{person.id} is off in the blackout from {closed.first} to {closed.last}. {_AS_WRITTEN}"
                yield issue("warning", "leave-rules", where, found)
        if rules.max_off is not None:
            day = _crowded(view, person, leave, rules.max_off)
            if day is not None:
                others = [other.id for other in view.scenario.people if _off(other, day)]
                found = f"On {day}, {listed(others)} are off together; the rule is at most {rules.max_off}."
                yield issue("warning", "leave-rules", where, f"{found} {_AS_WRITTEN}")
    yield from _room_issues(view)


def _off(person: Person, day: date) -> bool:
    return any(leave.first <= day <= leave.last for leave in person.leave)


def _crowded(view: View, person: Person, leave: DateRange, most: int) -> date | None:
    """Find the first working day of a leave on which too many are off, counting those declared before this person."""
    earlier = []
    for other in view.scenario.people:
        if other is person:
            break
        earlier.append(other)
    # only days on which somebody else's leave begins, or this one, can be the first
    starts = [leave.first, *(spell.first for other in earlier for spell in other.leave)]
    for start in sorted(day for day in starts if leave.first <= day <= leave.last):
        day = view.calendar.date_of_day(view.calendar.day_of(start))
        if day <= leave.last and sum(_off(other, day) for other in earlier) + 1 > most:
            return day
    return None


def _room_issues(view: View) -> Iterator[Issue]:
    """Allowances that the rules leave no room for, one person's or those of all with the same last day."""
    most = view.scenario.leave.max_off
    wanting = [person for person in view.scenario.people if person.allowance is not None]
    if wanting and most == 0:
        found = f"Nobody may be off, so the leave of {listed(person.id for person in wanting)} is never taken."
        yield issue("warning", "leave-rules", "pto.max_off", found)
        return
    together: dict[date, list[Person]] = {}
    for person in wanting:
        assert person.allowance is not None
        if person.allowance.by is None:
            continue
        together.setdefault(person.allowance.by, []).append(person)
        open_days = sum(
            view.employed(person, day) and not _off(person, day) for day in _open_days(view, person.allowance.by)
        )
        if person.allowance.days > open_days:
            found = f"{person.id} has {float(person.allowance.days):g} days to take by {person.allowance.by}, "
            found += f"and {open_days} on which it is allowed; what finds no place is not taken."
            yield issue("warning", "leave-rules", f"people.{person.id}.pto_days", found)
    for by, people in together.items():
        asked = sum(person.allowance.days for person in people if person.allowance is not None)
        if most is not None and asked > (room := most * len(_open_days(view, by))):
            found = f"{listed(person.id for person in people)} have {float(asked):g} days to take by {by}; "
            found += f"with at most {most} off at a time there is room for {room}."
            yield issue("warning", "leave-rules", "pto.max_off", found)


def _open_days(view: View, by: date) -> list[date]:
    """Return the working days from the start to `by` on which leave is allowed."""
    end = max(view.calendar.end_of(by) // view.day_minutes, 0)
    days = (view.calendar.date_of_day(day) for day in range(end))
    return [
        day for day in days if not any(closed.first <= day <= closed.last for closed in view.scenario.leave.blackout)
    ]
