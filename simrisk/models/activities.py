"""Activities: the tasks, gates, sprints and links of a plan in which nothing is ever short, and how long they take."""

from __future__ import annotations

from dataclasses import dataclass

from simrisk.models.efforts import Lesson, Ranges, level_of, longest_elapsed, rate_of
from simrisk.models.facts import Facts, Row, cut
from simrisk.models.graph import NO_ROW, Activity, Graph, NotANetworkError
from simrisk.models.quantities import WORDS
from simrisk.plan import Plan
from simrisk_kernels.layout import (
    DESCOPE,
    DUE_MINUTE,
    DUE_SPRINT,
    EXACT,
    FINISH_FINISH,
    FINISH_START,
    MILLION,
    ON_CLOCK,
    START_FINISH,
    START_START,
    STOP_PROJECT,
)
from simrisk_kernels.network_layout import (
    AHEAD,
    BEHIND,
    DELAYED,
    DRAWN,
    FIXED,
    LAGGED,
    NEXT_DAY,
    REVIEWED,
    TIME_LIMIT,
    WORKED,
)


@dataclass
class Spot:
    """The activities of a task: its conditions, delay, start, work and end; one activity can be several of these."""

    conditions: int = NO_ROW
    delay: int = NO_ROW
    start: int = NO_ROW
    work: int = NO_ROW
    end: int = NO_ROW


class Activities:
    """The activities of a plan as `logic_plan` returns it, and the tables that tell how long they take.

    Raises
    ------
    NotANetworkError
        Something depends on what happens first.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.facts = Facts(plan)
        self.ranges = Ranges(plan.arrays)
        self.graph = Graph()
        self.beyond = min(int(self.facts.project.horizon) + 1, TIME_LIMIT)  # as good as never
        self.tasks = [task for _, task in self.facts.ordinary_tasks()]
        self.spots = [Spot() for _ in self.tasks]
        self.gates: list[int] = []
        self.pieces: list[tuple[int, ...]] = []
        self.factors: list[int] = []
        self.delays: list[tuple[int, int, int]] = []
        self.others: list[int] = []
        self.reviews: list[tuple[int, ...]] = []
        self.stops: list[int] = []
        self.lessons = [
            (t, (lesson.person, lesson.skill, lesson.level))
            for t, task in enumerate(self.tasks)
            for lesson in cut(self.facts.raises, task.raise_ptr, task.n_raises)
        ]
        kinds = (START_START, START_FINISH)
        self.starts_wanted = {link.before for link in self.facts.links if link.kind in kinds}
        self.affected: list[list[int]] = [[] for _ in self.facts.risks]
        for t, task in enumerate(self.tasks):
            for risk in cut(self.facts.task_risks, task.risk_ptr, task.n_risks):
                self.affected[risk].append(t)
        self._bits: list[int] | None = None

        ahead = self._tasks_known_ahead()
        for t in range(len(self.tasks)):
            self._add_task(t, ahead)
        self.gates = [self._add_gate(gate) for gate in self.facts.gates]
        openings = self._add_sprints()
        for t, task in enumerate(self.tasks):
            if task.finished < 0:
                self._add_conditions(t, openings)
        for gate, number in zip(self.facts.gates, self.gates, strict=True):
            if gate.passed < 0:
                self._add_requirements(gate, number, openings)
        for link in self.facts.links:
            self._add_link(link)
        for t, task in enumerate(self.tasks):
            if task.finished < 0:
                self._add_work(t)
        for g, gate in enumerate(self.facts.gates):
            if gate.passed < 0:
                self._add_reviews(g)
        for t in range(len(self.tasks)):
            self._add_delays(t)
        for activity in self.graph.activities:
            if activity.kind == AHEAD:
                most = self.graph[activity.row].most + self.ranges.largest(activity.draw)
                activity.most = min(most, TIME_LIMIT)

    # The activities of tasks, gates and sprints

    def _tasks_known_ahead(self) -> set[int]:
        """Return the tasks from whose known end a lag may be counted backwards."""
        return {link.before for link in self.facts.links if self._may_look_ahead(link)}

    def _may_look_ahead(self, link: Row) -> bool:
        before = self.tasks[link.before]
        if link.lag < 0 or before.finished >= 0 or link.kind not in (FINISH_START, FINISH_FINISH):
            return False
        parts = self._parts(before)
        return bool(parts) and parts[0].kind == ON_CLOCK and self.ranges.smallest(link.lag) < 0

    def _parts(self, task: Row) -> list[Row]:
        return [self.facts.parts[i] for i in cut(self.facts.task_parts, task.part_ptr, task.n_parts)]

    def _risks(self, task: Row, effect: str) -> list[int]:
        """Return the risks that may happen and have an effect on a task, in the order of the file."""
        of_task = cut(self.facts.task_risks, task.risk_ptr, task.n_risks)
        return [r for r in of_task if self.facts.risks[r].chance > 0 and getattr(self.facts.risks[r], effect) >= 0]

    def _add_task(self, t: int, ahead: set[int]) -> None:
        """Add as few activities as the task can do with."""
        task, spot, add = self.tasks[t], self.spots[t], self.graph.add
        if task.finished >= 0:
            number = add(Activity(base=task.finished))
            self.spots[t] = Spot(conditions=number, start=number, end=number)
            return
        held = any(link.kind > START_START for link in cut(self.facts.links, task.link_ptr, task.n_links))
        from_start = t in self.starts_wanted
        delayed = bool(self._risks(task, "delay"))
        spot.conditions = add(Activity(base=task.not_before))
        spot.start = spot.work = spot.end = spot.conditions
        if delayed:
            spot.delay = add(Activity(DELAYED, row=spot.conditions, waits=[(spot.conditions, 0)]))
            # two activities, because the start is put off for ever when nobody can do it
            spot.start = spot.end = add(Activity(waits=[(spot.delay, 0)]))
        if task.n_parts == 0:
            spot.work = NO_ROW
        elif from_start or held or delayed or t in ahead:
            spot.work = spot.end = add(Activity(waits=[(spot.start, 0)]))
        if held:
            spot.end = add(Activity(waits=[(spot.end, 0)]))
        if spot.work >= 0:
            self.graph[spot.work].longest = TIME_LIMIT if t in ahead else self.beyond

    def _add_gate(self, gate: Row) -> int:
        if gate.passed >= 0:
            return self.graph.add(Activity(base=gate.passed))
        due = gate.due if gate.due_kind == DUE_MINUTE else 0
        return self.graph.add(Activity(REVIEWED, base=max(due, self.facts.project.status), longest=self.beyond))

    def _add_sprints(self) -> list[int]:
        """Add the openings of the sprints and the mornings after the gates that block them; return the openings."""
        mornings: dict[int, int] = {}
        openings: list[int] = []
        for k, sprint in enumerate(self.facts.sprints):
            if sprint.planned < 0:
                raise NotANetworkError("a sprint before the project never opens")
            opening = Activity(base=sprint.planned)
            if k > 0:
                opening.waits.append((openings[-1], self.facts.sprints[k - 1].length))
            for g in cut(self.facts.sprint_gates, sprint.gate_ptr, sprint.n_gates):
                if g not in mornings:
                    wait = Activity(NEXT_DAY, row=self.gates[g], waits=[(self.gates[g], 0)])
                    wait.most = self.facts.project.day_minutes - 1
                    mornings[g] = self.graph.add(wait)
                opening.waits.append((mornings[g], 0))
            openings.append(self.graph.add(opening))
        return openings

    # What they wait for

    def _add_conditions(self, t: int, openings: list[int]) -> None:
        """Let a task wait for its sprint and its gates."""
        task, waits = self.tasks[t], self.graph[self.spots[t].conditions].waits
        if task.sprint >= 0 and not self.facts.project.pull:
            waits.append((openings[task.sprint], 0))
        waits.extend((self.gates[g], 0) for g in cut(self.facts.task_gates, task.gate_ptr, task.n_gates))

    def _add_requirements(self, gate: Row, number: int, openings: list[int]) -> None:
        """Let a gate wait for its tasks and the end of its sprint."""
        waits = self.graph[number].waits
        required = cut(self.facts.gate_requires, gate.require_ptr, gate.n_requires)
        waits.extend((self.spots[t].end, 0) for t in required)
        if gate.due_kind == DUE_SPRINT:
            waits.append((openings[gate.due], self.facts.sprints[gate.due].length))

    def _add_link(self, link: Row) -> None:
        """Let the successor wait for the predecessor; a lag that is drawn is an activity of its own."""
        if self.tasks[link.after].finished >= 0:
            return
        before, after = self.spots[link.before], self.spots[link.after]
        waits = self.graph[after.conditions if link.kind <= START_START else after.end].waits
        place = before.end if link.kind in (FINISH_START, FINISH_FINISH) else before.start
        if self._may_look_ahead(link):
            waits.extend((number, 0) for number in self._look_ahead(link, before))
        elif link.lag < 0:
            waits.append((place, 0))
        elif self.facts.draws[link.lag].table == EXACT:
            waits.append((place, min(self.ranges.largest(link.lag), self.beyond)))
        else:
            lag = Activity(LAGGED, draw=link.lag, longest=self.beyond, waits=[(place, 0)])
            lag.most = min(self.ranges.largest(link.lag), self.beyond)
            waits.append((self.graph.add(lag), 0))

    def _look_ahead(self, link: Row, before: Spot) -> list[int]:
        """Add the wait for a minute before the end that is known when the predecessor starts.

        If the lag is not negative after all, it is a wait for the end itself, which may be held by another link: then
        there are two activities, and the second is of no effect when the lag is negative.
        """
        known = Activity(AHEAD, draw=link.lag, row=before.work, longest=TIME_LIMIT, waits=[(before.start, 0)])
        numbers = [self.graph.add(known)]  # how long it takes at most follows when that of the work is known
        most = self.ranges.largest(link.lag)
        if most > 0 and before.end != before.work:
            behind = Activity(BEHIND, draw=link.lag, longest=self.beyond, waits=[(before.end, 0)])
            behind.most = min(most, self.beyond)
            numbers.append(self.graph.add(behind))
        return numbers

    # How long they take

    def _add_work(self, t: int) -> None:
        """Say how long the work of a task takes."""
        task, spot = self.tasks[t], self.spots[t]
        if spot.work >= 0:
            lessons = self._lessons_before(task, spot.conditions)
            factors = self._risks(task, "factor")
            parts = self._parts(task)
            self._set_pieces(self.graph[spot.work], parts, lessons, factors)
            if spot.start != spot.work and all(rate_of(self.facts, part, lessons) is None for part in parts):
                start = self.graph[spot.start]
                start.length = start.most = self.beyond

    def _set_pieces(self, activity: Activity, parts: list[Row], lessons: list[Lesson], factors: list[int]) -> None:
        """Make an activity of parts that begin together."""
        first = len(self.pieces)
        factor_ptr = len(self.factors)
        self.factors.extend(factors)
        activity.most = max([0, *(self._add_piece(part, lessons, factor_ptr, factors) for part in parts)])
        if activity.most < activity.longest:
            activity.longest = TIME_LIMIT  # it need not be cut off
        activity.most = min(activity.most, activity.longest)
        pieces = self.pieces[first:]
        uncertain = factors or any(p[0] < 0 or self.facts.draws[p[0]].table != EXACT for p in pieces)
        if uncertain or (any(p[1] for p in pieces) and self.facts.project.common >= 0):
            draw, common, done, _, n_shares, rate, *_ = pieces[0]
            shared = common and self.facts.project.common >= 0
            plain = (draw >= 0 and not shared and not factors, done, n_shares, rate) == (True, 0, 1, MILLION)
            activity.kind = DRAWN if len(pieces) == 1 and plain else WORKED
            activity.draw = draw if activity.kind == DRAWN else -1
            activity.ptr, activity.n = first, len(pieces)
        else:
            activity.kind, activity.length = FIXED, activity.most

    def _add_piece(self, part: Row, lessons: list[Lesson], factor_ptr: int, factors: list[int]) -> int:
        """Add what is done of an effort by some people; return how long it takes at most."""
        rate = rate_of(self.facts, part, lessons)
        common = int(part.kind != ON_CLOCK)
        draw = -1 if rate is None else part.draw
        piece = (draw, common, part.done, part.share, part.n_shares, rate or 0, factor_ptr, len(factors))
        self.pieces.append(piece)
        if rate is None:
            return self.beyond
        multiplied = [self.facts.risks[r].factor for r in factors]
        if common and self.facts.project.common >= 0:
            multiplied.append(self.facts.project.common)
        minutes = max(0, self.ranges.largest(part.draw, multiplied) - part.done)
        return longest_elapsed(minutes, part.share, part.n_shares, rate)

    def _add_reviews(self, g: int) -> None:
        """Say how long a gate takes from its first review to its passing."""
        gate, activity = self.facts.gates[g], self.graph[self.gates[g]]
        chances = [c.chance for c in cut(self.facts.criteria, gate.criterion_ptr, gate.n_criteria)]
        may_fail = any(chance < WORDS for chance in chances) and gate.has_no_go
        if may_fail and gate.then == DESCOPE:
            self._refuse_drops(g)
        n_failed = gate.max_extensions if may_fail else 0
        rework = Activity(longest=self.beyond)
        first, factor_ptr = len(self.pieces), len(self.factors)
        if may_fail:
            parts = self._parts(self.facts.tasks[gate.rework])
            lessons = self._lessons_before(self.facts.tasks[gate.rework], self.gates[g])
            rework.most = max([0, *(self._add_piece(part, lessons, factor_ptr, []) for part in parts)])
        length, extension = self.ranges.largest(gate.review), self.ranges.largest(gate.extend)
        most = (n_failed + 1) * length + n_failed * max(extension, rework.most)
        activity.most = min(most, self.beyond)
        if not may_fail and self.facts.draws[gate.review].table == EXACT:
            activity.kind, activity.length = FIXED, activity.most
            return
        stop = NO_ROW
        if may_fail and gate.then == STOP_PROJECT:
            stop = len(self.stops)
            self.stops.append(self.gates[g])
        activity.ptr = len(self.reviews)
        self.reviews.append((g, first, len(self.pieces) - first, stop))

    def _refuse_drops(self, g: int) -> None:
        """Raise NotANetworkError if a gate may drop a task that is not sure to be finished (or begun) before it."""
        gate = self.facts.gates[g]
        named = gate.n_drops >= 0
        tasks = cut(self.facts.gate_drops, gate.drop_ptr, gate.n_drops) if named else range(len(self.tasks))
        for t in tasks:
            task, spot = self.tasks[t], self.spots[t]
            if task.finished >= 0 or (not named and not task.optional):
                continue
            if not self._is_before(spot.end if named else spot.start, self.gates[g]):
                raise NotANetworkError("a gate may drop tasks")

    def _is_before(self, first: int, second: int) -> bool:
        """Return whether `second` always waits for the end of `first`."""
        if self._bits is None:
            self._bits = self.graph.descendants()
        return bool(self._bits[first] >> second & 1)

    def _lessons_before(self, task: Row, number: int) -> list[Lesson]:
        """Return what the people of a task have learnt before; `number` is the activity with which it begins.

        Raises
        ------
        NotANetworkError
            They may learn something before or after that makes a difference.
        """
        learnt, uncertain = [], []
        for t, lesson in self.lessons:
            if self.tasks[t].finished >= 0:
                learnt.append(lesson)
            elif not self._concerns(lesson, task) or self._is_before(number, self.spots[t].end):
                continue
            elif self._is_before(self.spots[t].end, number):
                learnt.append(lesson)
            else:
                uncertain.append(lesson)
        for part in self._parts(task) if uncertain else ():
            for c in range(part.cand_ptr, part.cand_ptr + part.n_planned):
                person = self.facts.candidates[c].person
                low, high = (level_of(self.facts, person, task, known) for known in (learnt, learnt + uncertain))
                if len(set(self.facts.abilities[c][low : high + 1])) > 1:
                    raise NotANetworkError("somebody learns before or after")
        return learnt

    def _concerns(self, lesson: Lesson, task: Row) -> bool:
        """Return whether a lesson is about a person and a skill of a task."""
        person, skill, _ = lesson
        asked = (c for part in self._parts(task) for c in cut(self.facts.candidates, part.cand_ptr, part.n_planned))
        return skill in cut(self.facts.task_skills, task.skill_ptr, task.n_skills) and any(
            candidate.person == person for candidate in asked
        )

    def _add_delays(self, t: int) -> None:
        """Let risks delay a task: each of them in the first minute in which it meets one of the tasks it affects."""
        spot = self.spots[t]
        if spot.delay < 0:
            return
        risks, activity = self._risks(self.tasks[t], "delay"), self.graph[spot.delay]
        activity.ptr, activity.n, activity.longest = len(self.delays), len(risks), self.beyond
        for r in risks:
            # what never begins before this one meets the risk in the same minute at the earliest
            others = [
                self.spots[o].conditions
                for o in self.affected[r]
                if o != t and not self._is_before(spot.delay, self.spots[o].conditions)
            ]
            self.delays.append((r, len(self.others), len(others)))
            self.others.extend(others)
            activity.after.extend(others)
            activity.most += self.ranges.largest(self.facts.risks[r].delay)
        activity.most = min(activity.most, self.beyond)
