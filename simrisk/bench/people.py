"""A plan with people by hand: the trial that the event kernel simulates, in a page of SimPy and in a page of Python.

Both know just this case (`simrisk.bench.cases.people_plan`): tasks in order of priority, each done by the first of its
people who is free, who stays with it until it is done, leave and illness aside. They are given efforts and absences,
draw nothing and note nothing but the minute in which each task is finished; the engines of simrisk draw, and return
costs, the driving chain and some thirty figures more.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections.abc import Generator
from dataclasses import dataclass

import simpy

from simrisk.models.facts import Facts
from simrisk.models.presence import Reason
from simrisk.models.quantities import Draws
from simrisk.models.world import World
from simrisk.plan import Plan

Spans = list[tuple[int, int]]  # minutes: from, up to


@dataclass(frozen=True)
class Team:
    """What stays the same from trial to trial.

    Parameters
    ----------
    n_people : int
    who : list of list of int
        The people who can do each task, in the order in which they are asked.
    n_before : list of int
        How many tasks each task waits for.
    successors : list of list of int
        The tasks that wait for each task.
    """

    n_people: int
    who: list[list[int]]
    n_before: list[int]
    successors: list[list[int]]


def team_of(plan: Plan) -> Team:
    """Return what a plan with people says, in plain Python."""
    tasks = plan.scenario.tasks
    people = {name: i for i, name in enumerate(plan.person_ids)}
    places = {task.id: i for i, task in enumerate(tasks)}
    successors: list[list[int]] = [[] for _ in tasks]
    for i, task in enumerate(tasks):
        for link in task.links:
            successors[places[link.task]].append(i)
    return Team(
        n_people=len(people),
        who=[[people[name] for name in task.who] for task in tasks],
        n_before=[len(task.links) for task in tasks],
        successors=successors,
    )


@dataclass(frozen=True)
class Given:
    """What the dice of one trial say.

    Parameters
    ----------
    efforts : list of int
        Minutes of each task, > 0.
    away : list of list of (int, int)
        For each person the minutes from which and up to which they are away: ascending, not touching, to the horizon.
    """

    efforts: list[int]
    away: list[Spans]


def given(plan: Plan, seed: int, trial: int) -> Given:
    """Return efforts and absences of a trial, as the reference engine draws them and its people live through them."""
    facts = Facts(plan)
    draws = Draws(plan.arrays, seed, trial)
    world = World(facts, draws)
    efforts = [task.draw_minutes(task.parts[0]) for task in world.tasks]
    day_minutes = plan.day_minutes
    away: list[Spans] = []
    for worker in world.workers:
        spans: Spans = []
        for day in range(facts.project.n_days):
            if worker.reason_on(day) is Reason.PRESENT:
                continue
            begin = day * day_minutes
            if spans and spans[-1][1] == begin:
                begin = spans.pop()[0]
            spans.append((begin, (day + 1) * day_minutes))
        away.append(spans)
    return Given(efforts, away)


# SimPy: a process for each person's work, one for each person's absences


class Office:
    """One trial in SimPy."""

    def __init__(self, team: Team, given: Given) -> None:
        self.team, self.given = team, given
        self.env = simpy.Environment()
        self.ready = [task for task, n in enumerate(team.n_before) if n == 0]
        self.waiting_for = team.n_before.copy()
        self.finish = [0] * len(team.who)
        self.n_left = len(team.who)
        self.is_away = [False] * team.n_people
        self.is_busy = [False] * team.n_people
        self.job = [self.env.event() for _ in range(team.n_people)]
        self.back = [self.env.event() for _ in range(team.n_people)]
        self.is_stirred = False
        self.over = self.env.event()
        self.workers = [self.env.process(self.work(person)) for person in range(team.n_people)]
        for person, spans in enumerate(given.away):
            self.env.process(self.be_away(person, spans))
        self.stir()

    def run(self) -> list[int]:
        """Return the minute in which each task is finished."""
        self.env.run(until=self.over)
        return self.finish

    def work(self, person: int) -> Generator[simpy.Event, int, None]:
        """Process: do one task after the other."""
        env = self.env
        while True:
            task = yield self.job[person]
            self.job[person] = env.event()
            left = self.given.efforts[task]
            while left > 0:
                begun = env.now
                try:
                    yield env.timeout(left)
                    left = 0
                except simpy.Interrupt:
                    left -= int(env.now - begun)
                    if left > 0:
                        yield self.back[person]
            self.is_busy[person] = False
            self.finished(task)

    def be_away(self, person: int, spans: Spans) -> Generator[simpy.Event, None, None]:
        """Process: go and come back."""
        env = self.env
        for begin, end in spans:
            yield env.timeout(begin - env.now)
            self.is_away[person] = True
            if self.is_busy[person]:
                self.workers[person].interrupt()
            yield env.timeout(end - env.now)
            self.is_away[person] = False
            back, self.back[person] = self.back[person], env.event()
            back.succeed()
            self.stir()

    def finished(self, task: int) -> None:
        """Note that a task is finished; others may be ready."""
        self.finish[task] = int(self.env.now)
        self.n_left -= 1
        for after in self.team.successors[task]:
            self.waiting_for[after] -= 1
            if self.waiting_for[after] == 0:
                insort(self.ready, after)
        if self.n_left == 0:
            self.over.succeed()
        self.stir()

    def stir(self) -> None:
        """Allocate once more, when everything else of this minute has happened."""
        if self.is_stirred:
            return
        self.is_stirred = True
        last = simpy.Event(self.env)
        last._ok, last._value = True, None
        assert last.callbacks is not None
        last.callbacks.append(self.allocate)
        self.env.schedule(last, priority=2)  # type: ignore[arg-type]  # after what SimPy calls normal

    def allocate(self, _: simpy.Event) -> None:
        """Give each task that is ready to the first of its people who is free."""
        self.is_stirred = False
        still_ready = []
        for task in self.ready:
            for person in self.team.who[task]:
                if not self.is_busy[person] and not self.is_away[person]:
                    self.is_busy[person] = True
                    self.job[person].succeed(task)
                    break
            else:
                still_ready.append(task)
        self.ready = still_ready


def run_in_simpy(team: Team, given: Given) -> list[int]:
    """Return the minute in which each task of a trial is finished."""
    return Office(team, given).run()


# Plain Python: a heap of events, sets of tasks and people as the bits of whole numbers


@dataclass(frozen=True)
class Masks:
    """A team whose sets are bits.

    Parameters
    ----------
    team : Team
    who : list of int
        Bit p of an entry is set when person p can do the task. So they are asked in the order of their numbers.
    """

    team: Team
    who: list[int]


def masks_of(team: Team) -> Masks:
    """Return a team with its sets as bits; its people are asked in ascending order."""
    return Masks(team, [sum(1 << person for person in who) for who in team.who])


def run_in_a_loop(masks: Masks, given: Given) -> list[int]:
    """Return the minute in which each task of a trial is finished."""
    team, who = masks.team, masks.who
    waiting_for = team.n_before.copy()
    finish = [0] * len(who)
    ready = sum(1 << task for task, n in enumerate(waiting_for) if n == 0)
    free = (1 << team.n_people) - 1
    doing = [-1] * team.n_people
    presence = [Presence(spans) for spans in given.away]
    events: list[tuple[int, int]] = []  # minute, person: who finishes a task or comes back
    now = 0
    while True:
        waiting = ready
        while waiting and free:
            bit = waiting & -waiting
            waiting ^= bit
            task = bit.bit_length() - 1
            able = free & who[task]
            while able:
                hand = able & -able
                able ^= hand
                free ^= hand
                person = hand.bit_length() - 1
                returns = presence[person].away_until(now)
                if returns:
                    heapq.heappush(events, (returns, person))
                    continue
                ready ^= bit
                doing[person] = task
                heapq.heappush(events, (presence[person].end_of_work(now, given.efforts[task]), person))
                break
        if not events:
            return finish
        now = events[0][0]
        while events and events[0][0] == now:
            person = heapq.heappop(events)[1]
            free |= 1 << person
            task, doing[person] = doing[person], -1
            if task >= 0:
                finish[task] = now
                for after in team.successors[task]:
                    waiting_for[after] -= 1
                    if waiting_for[after] == 0:
                        ready |= 1 << after


class Presence:
    """When one person is there; to be asked about minutes that never go back."""

    def __init__(self, spans: Spans) -> None:
        self._spans = spans
        self._next = 0  # the first span that is not over

    def away_until(self, minute: int) -> int:
        """Return the minute in which they are back; 0 when they are there."""
        spans, k = self._spans, self._next
        while k < len(spans) and spans[k][1] <= minute:
            k += 1
        self._next = k
        return spans[k][1] if k < len(spans) and spans[k][0] <= minute else 0

    def end_of_work(self, minute: int, left: int) -> int:
        """Return the minute in which so much work is done that they begin in `minute`, when they are there."""
        spans, k = self._spans, self._next
        while k < len(spans) and minute + left > spans[k][0]:
            left -= spans[k][0] - minute
            minute = spans[k][1]
            k += 1
        self._next = k
        return minute + left
