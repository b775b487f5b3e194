"""The events of one moment of a trial as sentences, each with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from simrisk.models.events import Event, Kind
from simrisk.report import words
from simrisk.report.story_words import agree, capital, hours, listed, some, weekday
from simrisk.story.model import Story
from simrisk.story.telling import AWAY

TIMES = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}
SICK = ("sick", "ill", "flu")


class Moment:
    """What happened at one moment, from which sentences take what belongs to them."""

    def __init__(self, story: Story, entries: list[tuple[int, Event]]) -> None:
        self.story = story
        self.day = story.told.view.day_minutes
        self.left = dict(entries)
        self.used: list[int] = []
        self.order = 0  # of the sentence, among those of the moment

    def sentences(self) -> list[tuple[str, list[int]]]:
        """Return each sentence with the places of the events that it tells, in the order in which they happened."""
        found = []
        for kind in (*FIRST, *(kind for kind in Kind if kind not in FIRST)):
            for place in [place for place, event in self.left.items() if event.kind is kind]:
                if place in self.left:
                    event = self.left.pop(place)
                    self.used, self.order = [place], place
                    text = TELLERS[kind](self, event)
                    if text:
                        found.append((self.order, f"{capital(text)}.", self.used))
        return [(text, used) for _, text, used in sorted(found)]

    def take(self, kind: Kind, fits: Callable[[Event], bool] = lambda _: True) -> list[Event]:
        """Take the events of a kind that belong to the sentence; those that moved the finish come first."""
        found = [(place, event) for place, event in self.left.items() if event.kind is kind and fits(event)]
        for place, _ in found:
            del self.left[place]
            self.used.append(place)
        return [event for _, event in sorted(found, key=lambda entry: entry[0] not in self.story.moved)]

    # Words

    def job(self, event: Event) -> str:
        """What a part belongs to."""
        return f"the rework of gate {event.what}" if event.part in self.story.rework else event.what

    def days(self, minutes: float) -> str:
        """``4 days``, ``3.5 h``."""
        if minutes < self.day:
            return hours(minutes)
        shown = words.days(minutes, self.day).removesuffix(".0")
        return f"{shown} day" if shown == "1" else f"{shown} days"

    def on(self, minute: int) -> str:
        """The day on which something happens later."""
        return weekday(self.story.moment(minute))

    def against_plan(self, what: str, minute: int, kind: str) -> str:
        """How much later than planned a task is finished, or a gate passed."""
        planned = next(
            (bar.finish for bar in self.story.plan.bars if bar.id == what and (bar.kind == "gate") == (kind == "gate")),
            None,
        )
        if planned is None:
            return ""
        return f", {self.later(minute - planned)} than planned" if minute != planned else ", as planned"

    def later(self, minutes: int) -> str:
        """``3.5 days later``."""
        return f"{self.days(abs(minutes))} {'later' if minutes > 0 else 'earlier'}"

    # People

    def goes(self, event: Event) -> str:
        """Somebody goes away, and what waits because of it."""
        text = f"{listed(event.who)} {self._how(event)}"
        names = set(event.who)
        waiting = self.take(Kind.WAITS, lambda other: not names.isdisjoint(other.who) and other.more[0] != "busy")
        if waiting:
            jobs = list(dict.fromkeys(self.job(other) for other in waiting))
            text += f"; {some(jobs)} {agree(jobs, 'waits', 'wait')}"
        return text

    def _how(self, event: Event) -> str:
        if event.kind is Kind.LEAVE:
            return f"goes on leave ({self.days(int(event.more[0]) * self.day)})"
        if event.kind is Kind.ABSENT:
            spells = list(zip(event.more[::2], event.more[1::2], strict=True))
            length = [f"{kind}, {self.days(int(days) * self.day)}" for kind, days in spells]
            verb = "falls ill" if any(str(kind).lower().startswith(SICK) for kind, _ in spells) else "is absent"
            return f"{verb} ({'; '.join(length)})"
        if event.kind is Kind.TAKEN:
            return "is taken away by a risk"
        if event.kind is Kind.LEAVES:
            if not event.more:
                return "leaves; nobody comes instead"
            return f"leaves; the replacement comes on {self.on(int(event.more[0]))}"
        return "is no longer employed"

    def comes(self, event: Event) -> str:
        """Somebody comes, and what goes on with them."""
        how = {Kind.RETURNS: "is back", Kind.ARRIVES: "has their first day", Kind.REPLACED: "has been replaced"}
        text = f"{listed(event.who)} {how[event.kind]}"
        names = set(event.who)
        going = self.take(Kind.GOES_ON, lambda other: not names.isdisjoint(other.who))
        if going:
            jobs = list(dict.fromkeys(self.job(other) for other in going))
            text += f"; {some(jobs)} {agree(jobs, 'goes on', 'go on')}"
        begun = self.take(Kind.TAKES, lambda other: other.who == event.who)
        self._forget_ready(begun)
        if begun:
            text += f"{' and' if not going else ';'} begins {some(self.job(other) for other in begun)}"
        return text

    def notice(self, event: Event) -> str:
        """Somebody will leave."""
        return f"{listed(event.who)} gives notice, and leaves on {self.on(int(event.more[0]))}"

    def ramped(self, event: Event) -> str:
        """Somebody has become fully productive."""
        others = self.take(Kind.RAMPED)
        names = [name for one in (event, *others) for name in one.who]
        return f"{listed(names)} {agree(names, 'is', 'are')} fully productive from now on"

    # Work

    def done(self, event: Event) -> str:
        """A part is done, with it the task, and whoever did it begins something else."""
        finished = self.take(Kind.FINISHED, lambda other: other.what == event.what) if self._is_task(event) else []
        job = self.job(event)
        who = listed(event.who)
        text = f"{who} {agree(event.who, 'finishes', 'finish')} {job}" if who else f"{job} is done"
        if who and self._is_task(event) and not finished:
            text = f"{who} {agree(event.who, 'has', 'have')} done their part of {job}"
        if finished:
            text += self.against_plan(event.what, event.minute, "task")
        begun = self.take(Kind.TAKES, lambda other: bool(event.who) and other.who == event.who)
        self._forget_ready(begun)
        going = self.take(Kind.GOES_ON, lambda other: bool(event.who) and other.who == event.who)
        if begun:
            text += f", and {agree(event.who, 'begins', 'begin')} {some(self.job(other) for other in begun)}"
        if going:
            text += f", and {agree(event.who, 'goes', 'go')} on with {some(self.job(other) for other in going)}"
        return text

    def _is_task(self, event: Event) -> bool:
        return event.part not in self.story.rework

    def finished(self, event: Event) -> str:
        """A milestone is reached, or the last link that held the end is satisfied."""
        self.take(Kind.READY, lambda other: other.what == event.what)
        self.take(Kind.HELD, lambda other: other.what == event.what)
        self.take(Kind.LINKED, lambda other: other.what == event.what)
        if event.minute < self.story.told.view.first_day * self.day:
            return f"{event.what} had been finished before the status date"
        kind = next((bar.kind for bar in self.story.told.bars if bar.id == event.what and bar.kind != "gate"), "task")
        verb = "is reached" if kind == "milestone" else "is finished"
        return f"{event.what} {verb}{self.against_plan(event.what, event.minute, 'task')}"

    def takes(self, event: Event) -> str:
        """Work begins."""
        self._forget_ready([event])
        who = listed(event.who)
        return f"{who} {agree(event.who, 'begins', 'begin')} {self.job(event)}" if who else f"{self.job(event)} begins"

    def _forget_ready(self, begun: Sequence[Event]) -> None:
        """That a task can begin need not be said where it begins."""
        names = {event.what for event in begun}
        self.take(Kind.READY, lambda other: other.what in names)

    def ready(self, event: Event) -> str:
        """A task can begin, and waits."""
        waiting = self.take(Kind.WAITS, lambda other: other.what == event.what and self._is_task(other))
        self.order = max(self.used)  # after what those begin for whom it waits
        return f"{event.what} can begin" + (f", but waits {self._for_what(waiting[0])}" if waiting else "")

    def waits(self, event: Event) -> str:
        """Work waits."""
        return f"{self.job(event)} waits {self._for_what(event)}"

    def _for_what(self, event: Event) -> str:
        cause, *at = (str(word) for word in event.more)
        who = listed(event.who)
        if cause == "calendar":
            return "until the ceremonies are over"
        pool = not self._are_people(event.who)
        if not who:
            return f"for equipment ({listed(at)})" if at else "for somebody to be free"
        if pool:
            return f"for heads of {who}" + (", which are all at other work" if cause == "busy" else "")
        is_or_are = agree(event.who, "is", "are")
        jobs = listed(dict.fromkeys(name for name in at if name))
        why = {
            "busy": f"who {is_or_are} at {jobs}",
            "leave": f"who {is_or_are} on leave",
            "absence": f"who {is_or_are} absent",
            "gate": f"who {is_or_are} at the rework of gate {jobs}",
            "hiring": f"who {is_or_are} not there",
            "risk": "taken away by a risk",
        }
        return f"for {who}, {why[cause]}"

    def _are_people(self, names: Iterable[str]) -> bool:
        known = {person.id for person in self.story.scenario.people}
        return all(name in known for name in names)

    def goes_on(self, event: Event) -> str:
        """Work goes on, of several tasks at once."""
        others = [event, *self.take(Kind.GOES_ON)]
        named = [self.job(other) + (f" ({listed(other.who)})" if other.who else "") for other in others]
        return f"{some(named)} {agree(list(dict.fromkeys(named)), 'goes on', 'go on')}"

    def beyond(self, event: Event) -> str:
        """More work than planned."""
        planned = int(event.more[0])
        if not planned:
            return ""
        return f"{self.job(event)} has had the {hours(planned)} that were planned, and is not finished"

    def handed(self, event: Event) -> str:
        """Work changes hands."""
        first, second = event.who
        factor, cost = (float(value) for value in event.more)
        away = [other for kind in AWAY for other in self.take(kind, lambda other: other.who == (first,))]
        if away:
            text = f"{self.goes(away[0])}; {self.job(event)} goes to {second}"
        else:
            text = f"{self.job(event)} goes from {first}{self._absent(first, event.minute)} to {second}"
        if factor < 0.995:
            text += f", who does it at {100 * factor:.0f} % of full speed"
        begun = self.take(Kind.TAKES, lambda other: other.part == event.part)
        self._forget_ready(begun)
        self.take(Kind.GOES_ON, lambda other: other.part == event.part)
        return text + (f" (handover {hours(cost)})" if cost else "")

    def _absent(self, name: str, minute: int) -> str:
        """Why somebody is not there, in brackets."""
        kinds = [s.kind for s in self.story.spells if s.person == name and s.start <= minute < s.finish]
        how = {
            Kind.LEAVE: "on leave",
            Kind.ABSENT: "absent",
            Kind.TAKEN: "taken away by a risk",
            Kind.LEAVES: "gone",
            Kind.RETIRES: "gone",
        }
        return f" ({how[kinds[0]]})" if kinds else ""

    def handed_in(self, event: Event) -> str:
        """The handover is over."""
        return f"the handover of {self.job(event)}" + (f" to {listed(event.who)}" if event.who else "") + " is over"

    def called(self, event: Event) -> str:
        """A contractor is called, and maybe there at once."""
        taken = self.take(Kind.CONTRACTED, lambda other: other.part == event.part)
        if taken:
            return self.contracted(taken[0])
        return f"a contractor is called for {event.what}, to come on {self.on(int(event.more[0]))}"

    def contracted(self, event: Event) -> str:
        """A contractor takes over."""
        self._forget_ready(self.take(Kind.TAKES, lambda other: other.part == event.part))
        self.take(Kind.GOES_ON, lambda other: other.part == event.part)
        cost = float(event.more[0])
        absent = self._absent(event.who[0], event.minute)
        text = f"a contractor takes {event.what} over from {listed(event.who)}{absent}"
        return text + (f" (handover {hours(cost)})" if cost else "")

    def heads(self, event: Event) -> str:
        """A pool's heads are shared out."""
        begun = self.take(Kind.TAKES, lambda other: other.part == event.part)
        going = self.take(Kind.GOES_ON, lambda other: other.part == event.part)
        self._forget_ready([event])
        heads = f"{float(event.more[0]):.3g} {'head' if event.more[0] == 1 else 'heads'}"
        if begun:
            return f"{listed(event.who)} begins {event.what} with {heads}"
        return f"{event.what} {'goes on with' if going else 'has'} {heads} of {listed(event.who)}"

    # Tasks, gates, sprints

    def delayed(self, event: Event) -> str:
        """Risks delay a task."""
        return f"{event.what} could begin, but {listed(event.who)} delays it by {self.days(int(event.more[0]))}"

    def linked(self, event: Event) -> str:
        """A lag is over."""
        lag = int(event.more[0])
        if lag < 0:
            return f"{listed(event.who)} is so far that {event.what} need not wait for it any more"
        return f"the lag of {self.days(lag)} between {listed(event.who)} and {event.what} is over"

    def held(self, event: Event) -> str:
        """The end of a task waits."""
        return f"the work of {event.what} is done, but a link holds its end"

    def dropped(self, event: Event) -> str:
        """A task is dropped."""
        others = self.take(Kind.DROPPED, lambda other: other.who == event.who)
        tasks = [event.what, *(other.what for other in others)]
        by, *away = event.who
        why = f"because {listed(away)} of {by} {agree(away, 'is', 'are')} away for so long" if away else f"by gate {by}"
        return f"{some(tasks)} {agree(tasks, 'is', 'are')} dropped {why}"

    def review(self, event: Event) -> str:
        """A review begins."""
        number = int(event.more[0])
        time = f" for the {TIMES.get(number, f'{number}th')} time" if number > 1 else ""
        return f"gate {event.what} is reviewed{time}"

    def no_go(self, event: Event) -> str:
        """Another review is needed."""
        self.take(Kind.REVIEW, lambda other: other.what == event.what)
        extension, *failed = event.more
        text = f"gate {event.what}: no-go, {listed(map(str, failed))} failed"
        if extension:
            text += f"; extended by {self.days(int(extension))}"
        if event.who:
            text += f"; rework for {listed(dict.fromkeys(event.who))}"
        return text

    def passes(self, event: Event) -> str:
        """A gate is decided for good."""
        self.take(Kind.REVIEW, lambda other: other.what == event.what)
        how, *failed = (str(word) for word in event.more)
        why = f" although {listed(failed)} failed" if failed else ""
        said = {
            "go": "go",
            "waived": f"passed{why}",
            "descoped": f"passed with less{why}",
            "stop": f"the project is stopped, {listed(failed)} failed",
        }
        text = f"gate {event.what}: {said[how]}"
        return text if how == "stop" else text + self.against_plan(event.what, event.minute, "gate")

    def opens(self, event: Event) -> str:
        """A sprint opens, with ceremonies that hold up work."""
        waiting = self.take(Kind.WAITS, lambda other: other.more[0] == "calendar")
        names = {other.what for other in waiting}
        self.take(Kind.READY, lambda other: other.what in names)
        text = f"sprint {event.what} opens"
        if waiting:
            jobs = list(dict.fromkeys(self.job(other) for other in waiting))
            text += f"; {some(jobs)} {agree(jobs, 'waits', 'wait')} until its ceremonies are over"
        return text

    def closes(self, event: Event) -> str:
        """A sprint ends."""
        met, carried = event.more
        left = f", {hours(float(carried))} of work carried over" if carried else ""
        return f"sprint {event.what} ends: goal {'met' if met else 'missed'}{left}"

    def strikes(self, event: Event) -> str:
        """A risk strikes."""
        cents, factor, *days = event.more
        effects = []
        if cents:
            effects.append(f"costs {words.money(float(cents) / 100)} {self.story.scenario.project.currency}")
        if factor != 1.0:
            effects.append(f"its tasks take {float(factor):.2f} times what they would")
        for name, length in zip(event.who, days, strict=True):
            effects.append(f"takes {name} away for {self.days(int(length) * self.day)}")
        return f"risk {event.what} strikes" + (f": {'; '.join(effects)}" if effects else "")

    def staffed(self, event: Event) -> str:
        """A pool has other heads."""
        return f"pool {listed(event.who)} has {float(event.more[0]):.4g} {'head' if event.more[0] == 1 else 'heads'}"

    # The trial

    def begins(self, event: Event) -> str:
        """The trial begins."""
        return "the project begins"

    def ends(self, event: Event) -> str:
        """The trial ends."""
        if self.story.outcome == "stopped":
            return "the project is stopped"
        if self.story.outcome == "censored":
            return "the horizon is reached, and the project is not finished"
        if not self.story.delay:
            return "the project is finished" + (", as planned" if self.story.delay == 0 else "")
        return f"the project is finished, {self.later(self.story.delay)} than without dice"


FIRST = (
    Kind.HANDED,
    Kind.CALLED,
    Kind.CONTRACTED,
    Kind.HEADS,
    Kind.DONE,
    *AWAY,
    Kind.RETURNS,
    Kind.ARRIVES,
    Kind.REPLACED,
    Kind.OPENS,
    Kind.TAKES,
    Kind.FINISHED,
    Kind.READY,
    Kind.NO_GO,
    Kind.PASSES,
)  # of several that could tell something the first does
TELLERS: dict[Kind, Callable[[Moment, Event], str]] = {
    **dict.fromkeys(AWAY, Moment.goes),
    Kind.BEGINS: Moment.begins,
    Kind.ENDS: Moment.ends,
    Kind.ARRIVES: Moment.comes,
    Kind.RETURNS: Moment.comes,
    Kind.REPLACED: Moment.comes,
    Kind.RAMPED: Moment.ramped,
    Kind.NOTICE: Moment.notice,
    Kind.TAKES: Moment.takes,
    Kind.HANDED: Moment.handed,
    Kind.CALLED: Moment.called,
    Kind.CALLED_OFF: lambda _, event: f"the contractor for {event.what} is called off",
    Kind.CONTRACTED: Moment.contracted,
    Kind.WAITS: Moment.waits,
    Kind.GOES_ON: Moment.goes_on,
    Kind.HEADS: Moment.heads,
    Kind.HANDED_IN: Moment.handed_in,
    Kind.BEYOND: Moment.beyond,
    Kind.DONE: Moment.done,
    Kind.READY: Moment.ready,
    Kind.DELAYED: Moment.delayed,
    Kind.LINKED: Moment.linked,
    Kind.HELD: Moment.held,
    Kind.FINISHED: Moment.finished,
    Kind.DROPPED: Moment.dropped,
    Kind.REVIEW: Moment.review,
    Kind.NO_GO: Moment.no_go,
    Kind.PASSES: Moment.passes,
    Kind.OPENS: Moment.opens,
    Kind.CLOSES: Moment.closes,
    Kind.STRIKES: Moment.strikes,
    Kind.STAFFED: Moment.staffed,
}
