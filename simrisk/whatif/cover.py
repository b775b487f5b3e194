"""Cover: what somebody who could take over would buy while a person is away, in days of P80 and for what money."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

import numpy as np

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.measures.difference import Difference, difference
from simrisk.models.absence import absent_on
from simrisk.scenario.ability import backups, planned_minutes
from simrisk.scenario.model import Contractor, Cover, Distribution, Person, Scenario, Task
from simrisk.whatif.away import MORE, P80, Absences, Absentee, on_other_trials

Progress = Callable[[int], None]
Away = tuple[str, int, int]  # person, first working day, working days
Kind = Literal["backup", "training", "contractor"]

HANDOVER_DAYS, CONTRACTOR_DAYS = 5, 10  # away until work is offered, a contractor called, where the plan does not say
LEAD_DAYS = 5  # until a contractor comes, where the plan does not say
DEARER = Fraction(3, 2)  # a contractor's rate beside that of the person, unless somebody says otherwise
MOST_CANDIDATES = 4  # who are tried as somebody's backup


@dataclass(frozen=True)
class Terms:
    """What cover takes.

    Parameters
    ----------
    training : int
        Minutes of full-time work that teacher and learner spend together.
    contractor : Fraction, optional
        Cents per working minute; default: `DEARER` times the rate of who is away.
    """

    training: int
    contractor: Fraction | None = None


@dataclass(frozen=True)
class Offer:
    """One way to have somebody's work covered.

    Parameters
    ----------
    kind : str
    who : str
        Who stands in; of a contractor empty.
    change : Scenario
        The plan with it.
    price : int, optional
        Cents that it surely costs; None: nobody knows, or it is paid when it is used.
    """

    kind: Kind
    who: str
    change: Scenario
    price: int | None


@dataclass(frozen=True)
class Bought:
    """What an offer buys.

    Parameters
    ----------
    offer : Offer
    while_away : Difference
        P80 with the offer minus P80 without it, both while the person is away.
    as_planned : Difference
        The same when they are not, or only as chance has it.
    price : float, optional
        Of the offer, in currency; of a contractor the mean pay while the person is away. None: not known.
    """

    offer: Offer
    while_away: Difference
    as_planned: Difference
    price: float | None


@dataclass(frozen=True)
class Missed:
    """Somebody who would be missed, and what cover would buy.

    Parameters
    ----------
    absentee : Absentee
    bought : tuple of Bought
        The surest offers first as they are made: a backup, training, a contractor.
    """

    absentee: Absentee
    bought: tuple[Bought, ...]


class CoverStudy:
    """What cover would buy for everybody who would be missed.

    Parameters
    ----------
    found : Absences
    terms : Terms
    """

    def __init__(self, found: Absences, terms: Terms) -> None:
        self.found, self.terms = found, terms
        self.scenario = found.scenario

    @property
    def work(self) -> int:
        """How many trials are run, at most."""
        return len(self.found.missed) * (6 * MORE + MOST_CANDIDATES) * self.found.worlds.trials

    def study(self, progress: Progress | None = None) -> tuple[Missed, ...]:
        """Run what there is to offer, for who is missed most first."""
        return tuple(Missed(one, self._bought(one, progress)) for one in self.found.missed)

    def _run(self, scenario: Scenario, progress: Progress | None, away: Away | None = None) -> Run:
        plan = compile_plan(scenario)
        return on_other_trials(self.found.worlds, plan if away is None else absent_on(plan, *away), progress)

    def _bought(self, one: Absentee, progress: Progress | None) -> tuple[Bought, ...]:
        assert one.place is not None
        away = one.person, self.found.weeks.first_days[one.place], self.found.lengths[-1]
        absent = self._run(self.scenario, progress, away)
        bought = []
        for offer in self._offers(away, progress):
            then = self._run(offer.change, progress, away)
            planned = self._run(offer.change, progress)
            price = None if offer.price is None else offer.price / 100
            if offer.kind == "contractor":
                price = self._pay(offer, then, away, progress)
            gained = difference(absent, then, P80), difference(self.found.other, planned, P80)
            bought.append(Bought(offer, *gained, price))
        return tuple(bought)

    def _pay(self, offer: Offer, then: Run, away: Away, progress: Progress | None) -> float | None:
        """Return what contractors are paid on average: the cost without their rate is less by just that."""
        unpaid = self._run(with_contractors_paid(offer.change, Fraction(0)), progress, away)
        pay = then["project_spent"].values - unpaid["project_spent"].values
        return float(np.mean(pay)) / 100

    def _offers(self, away: Away, progress: Progress | None) -> list[Offer]:
        person, offers = away[0], []
        who = self._best(away, progress)
        if who is not None:
            offers.append(Offer("backup", who, with_backup(self.scenario, person, who), None))
            offers.append(self._training(person, who))
        called = with_contractor(self.scenario, person, self.terms.contractor)
        if called is not None:
            offers.append(Offer("contractor", "", called, None))
        return offers

    def _training(self, person: str, who: str) -> Offer:
        made = with_training(self.scenario, person, who, self.terms.training)
        rates = [one.rate for one in self.scenario.people if one.id in (person, who)]
        price = None
        if all(rate is not None for rate in rates):
            price = round(self.terms.training * sum(rate for rate in rates if rate is not None))
        return Offer("training", who, made, price)

    def _best(self, away: Away, progress: Progress | None) -> str | None:
        """Return with whom as a backup P80 is earliest, on the trials of the absences; None: nobody could learn it."""
        names = candidates(self.scenario, away[0])[:MOST_CANDIDATES]
        worlds = self.found.worlds
        if len(names) < 2:
            return names[0] if names else None

        def finish(who: str) -> float:
            plan = absent_on(compile_plan(with_backup(self.scenario, away[0], who)), *away)
            run = worlds.run(plan, progress=progress)
            return difference(self.found.base, run, P80).value or 0.0

        return min(names, key=finish)


# Who could


def work_of(scenario: Scenario, person: str) -> tuple[Task, ...]:
    """Return the tasks of which somebody has a part that can be handed over."""
    return tuple(
        task
        for task in scenario.tasks
        if person in task.who and task.finished is None and task.share not in ("duration", "milestone")
    )


def stand_ins(scenario: Scenario, person: str) -> dict[str, tuple[str, ...]]:
    """Return who could take over each task of somebody's as the plan stands: planned for the same part, or backups."""
    found = {}
    for task in work_of(scenario, person):
        able = [one.id for one in backups(scenario, task) if one.id not in (person, *_beside(task))]
        shared = [name for name in task.who if name != person] if task.share == "any" else []
        found[task.id] = tuple(dict.fromkeys((*shared, *able)))
    return found


def hanging(scenario: Scenario, person: str) -> tuple[dict[str, int], int]:
    """Return the minutes of each task of somebody's that nobody else could take over, and of all their work."""
    others = stand_ins(scenario, person)
    minutes = {task.id: round(planned_minutes(scenario, task).get(person, 0)) for task in work_of(scenario, person)}
    return {name: amount for name, amount in minutes.items() if not others[name]}, sum(minutes.values())


def candidates(scenario: Scenario, person: str) -> tuple[str, ...]:
    """Return who could be made a backup for somebody: of those who lack something, who knows most of it first.

    They know something of every skill that it takes; if nobody does, whoever has work in the plan may learn it.
    """
    tasks = work_of(scenario, person)
    wanted = sorted({skill for task in tasks for skill in task.skills})
    others = [one for one in scenario.people if one.id != person]
    busy = {name for task in scenario.tasks for name in task.who}
    grounded = [one for one in others if wanted and all(one.skills.get(skill, 0) > 0 for skill in wanted)]
    able = grounded or [one for one in others if one.id in busy]
    lacking = [one for one in able if _learns(scenario, one, tasks) != scenario]
    return tuple(one.id for one in sorted(lacking, key=lambda one: -sum(one.skills.get(s, 0) for s in wanted)))


def _beside(task: Task) -> tuple[str, ...]:
    """Who holds another slot of work done together, and cannot take this one too."""
    return task.who if task.share == "together" else ()


def _learns(scenario: Scenario, learner: Person, tasks: Sequence[Task]) -> Scenario:
    raised = dict(learner.skills)
    for task in tasks:
        for skill in task.skills:
            raised[skill] = max(raised.get(skill, 0), scenario.backup_level)
    taught = replace(learner, skills=raised)
    people = tuple(taught if one.id == learner.id else one for one in scenario.people)
    return replace(scenario, people=people, tasks=_asked(scenario, learner.id, tasks))


# Changes


def with_backup(scenario: Scenario, person: str, who: str) -> Scenario:
    """Return the plan in which `who` has the backup level in all that somebody's tasks take, and is asked for them."""
    learner = next(one for one in scenario.people if one.id == who)
    return _handing_over(_learns(scenario, learner, work_of(scenario, person)), person)


def with_training(scenario: Scenario, person: str, who: str, minutes: int) -> Scenario:
    """Return the plan in which `who` learns it from the person first, which takes both of them so long."""
    learner = next(one for one in scenario.people if one.id == who)
    tasks = work_of(scenario, person)
    able = next(one for one in _learns(scenario, learner, tasks).people if one.id == who)
    raises = tuple((who, skill, level) for skill, level in able.skills.items() if level > learner.skills.get(skill, 0))
    names = {task.id for task in scenario.tasks}
    name = next(name for n in range(len(names) + 1) if (name := f"learning-{n}") not in names)
    lesson = Task(
        id=name,
        name=f"{who} learns from {person}",
        sprint=None if scenario.sprints is None else 1,
        priority=-1,  # before anything else of theirs, or it never happens
        skills=(),
        links=(),
        not_before=None,
        optional=False,
        share="together",
        who=(person, who),
        efforts=(Distribution("exactly", (float(minutes),), float(minutes)),),
        backup=None,
        cover=None,
        raises=raises,
    )
    return _handing_over(replace(scenario, tasks=(*_asked(scenario, who, tasks), lesson)), person)


def with_contractor(scenario: Scenario, person: str, rate: Fraction | None) -> Scenario | None:
    """Return the plan in which a contractor is called when somebody is away for long; None: all their work has one."""
    one = next(one for one in scenario.people if one.id == person)
    pay = rate if rate is not None else DEARER * (one.rate or Fraction(0))
    day = scenario.project.day_minutes
    lead = Distribution("exactly", (float(LEAD_DAYS * day),), float(LEAD_DAYS * day))

    def calling(cover: Cover | None) -> Cover:
        cover = cover or Cover(None, 0)
        if cover.contractor_after is not None:
            return cover
        later = max(CONTRACTOR_DAYS * day, cover.handover_after or 0)
        return replace(cover, contractor_after=later, contractor=Contractor(lead, pay, scenario.backup_level))

    changed = _with_policy(scenario, person, calling)
    same = [task.cover or one.cover or scenario.cover for task in work_of(scenario, person)]
    return None if all(cover is not None and cover.contractor_after is not None for cover in same) else changed


def with_contractors_paid(scenario: Scenario, rate: Fraction) -> Scenario:
    """Return the plan in which every contractor has this rate."""

    def paid(cover: Cover | None) -> Cover | None:
        if cover is None or cover.contractor is None:
            return cover
        return replace(cover, contractor=replace(cover.contractor, rate=rate))

    return replace(
        scenario,
        cover=paid(scenario.cover),
        people=tuple(replace(one, cover=paid(one.cover)) for one in scenario.people),
        tasks=tuple(replace(task, cover=paid(task.cover)) for task in scenario.tasks),
    )


def _asked(scenario: Scenario, who: str, tasks: Sequence[Task]) -> tuple[Task, ...]:
    """Return all tasks, `who` being asked last for these where backups have names or no skill says who could."""
    mine = {task.id for task in tasks}

    def asked(task: Task) -> Task:
        if task.id not in mine or who in _beside(task) or (task.backup is None and task.skills):
            return task
        return task if who in (task.backup or ()) else replace(task, backup=(*(task.backup or ()), who))

    return tuple(asked(task) for task in scenario.tasks)


def _handing_over(scenario: Scenario, person: str) -> Scenario:
    """Return the plan in which the person's work is offered to others at all."""
    after = HANDOVER_DAYS * scenario.project.day_minutes

    def offering(cover: Cover | None) -> Cover:
        cover = cover or Cover(None, 0)
        return cover if cover.handover_after is not None else replace(cover, handover_after=after)

    return _with_policy(scenario, person, offering)


def _with_policy(scenario: Scenario, person: str, change: Callable[[Cover | None], Cover]) -> Scenario:
    """Return the plan with another policy for a person, and for their tasks that have their own."""
    mine = {task.id for task in work_of(scenario, person)}
    return replace(
        scenario,
        people=tuple(
            replace(one, cover=change(one.cover or scenario.cover)) if one.id == person else one
            for one in scenario.people
        ),
        tasks=tuple(
            replace(task, cover=change(task.cover)) if task.id in mine and task.cover else task
            for task in scenario.tasks
        ),
    )
