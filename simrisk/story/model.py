"""What the story of a trial is made of: its events, the chain that set its date, pieces of work, who was away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from simrisk.baseline import Baseline
from simrisk.models.events import Event, Kind
from simrisk.scenario.model import Scenario

DAY_BEGINS, LONGEST_DAY = 9, 15  # hours; a longer day begins at midnight
AT_WORK = ("work", "overrun", "handover")  # causes
ENDINGS = {
    Kind.ENDS,
    Kind.LEAVES,
    Kind.RETIRES,
    Kind.HANDED_IN,
    Kind.BEYOND,
    Kind.DONE,
    Kind.HELD,
    Kind.FINISHED,
    Kind.DROPPED,
    Kind.NO_GO,
    Kind.PASSES,
    Kind.CLOSES,
}  # what happens at the end of something: the instant between two days is in the first


@dataclass(frozen=True)
class Chosen:
    """Why a trial was taken: of all trials its value is nearest to a quantile.

    Parameters
    ----------
    metric : str
        E.g. ``finish.p80``.
    level, value : float, optional
        The quantile, and the value of the trial: working minutes or an amount of money; None: beyond the horizon.
    trials : int
        How many trials the quantile is of.
    """

    metric: str
    level: float | None
    value: float | None
    trials: int


@dataclass(frozen=True)
class Step:
    """A stretch of the driving chain: from minute `start` to `finish` everything waited for this.

    Parameters
    ----------
    cause : str
        Of `CAUSES`.
    behind : str
        What it is a stretch of: "part" of a task, "gate", "delay" of risks, "lag" of a link, "date", "sprint", "day" (a
        sprint waits for it to begin) or "history" (before the status date).
    what : str
        Id of the task, gate or sprint.
    who : tuple of str
        Who was at work on it; or for whom it waited.
    part : int
        Number of the part; -1: none.
    """

    start: int
    finish: int
    cause: str
    behind: str
    what: str
    who: tuple[str, ...]
    part: int = -1

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.finish - self.start


@dataclass(frozen=True)
class Piece:
    """A part of a task at work, or waiting after it had begun, from minute `start` to `finish`."""

    task: str
    who: tuple[str, ...]
    start: int
    finish: int
    cause: str

    @property
    def is_work(self) -> bool:
        """Whether it is being worked on."""
        return self.cause in AT_WORK


@dataclass(frozen=True)
class Spell:
    """Somebody is away from minute `start` to `finish`: on leave, absent, taken by a risk or gone."""

    person: str
    kind: Kind
    start: int
    finish: int


@dataclass(frozen=True)
class Review:
    """A gate under review, or extended, from minute `start` to `finish`; None: the trial ended before."""

    gate: str
    start: int
    finish: int | None
    outcome: str  # of `GATE_OUTCOMES`; "no-go"; "extension"; "undecided" where the trial ended before


@dataclass(frozen=True)
class Open:
    """A task that was not finished when the trial ended.

    Parameters
    ----------
    since : int
        The minute since which it had been as it was.
    cause : str
        What it waited for, of `CAUSES`; one of `AT_WORK` when it was being worked on.
    who : tuple of str
        Who was at it, or for whom it waited.
    """

    task: str
    since: int
    cause: str
    who: tuple[str, ...]


@dataclass(frozen=True)
class Story:
    """One trial as people read it, beside the plan without dice.

    Parameters
    ----------
    told, plan : Baseline
        The trial, and the plan without dice: bars, sprints, end and cost.
    number, seed : int
    sampling : str
    chosen : Chosen, optional
        Why this trial.
    events : tuple of Event
        Everything that happened, in order.
    moved : frozenset of int
        Places of the events that moved the finish: that stand where a stretch of the chain begins or ends.
    steps, plan_steps : tuple of Step
        The chain of the trial and of the plan, contiguous from the start to the finish; empty when it was not finished.
    pieces : tuple of Piece
        Of all tasks, in the order of the plan's parts.
    spells : tuple of Spell
        In the order in which they begin.
    reviews : tuple of Review
        In the order in which they begin.
    open : tuple of Open
        What could be begun, or was, and was not finished at the end.
    rework : frozenset of int
        Numbers of the parts that are rework of gates.
    """

    told: Baseline
    plan: Baseline
    number: int
    seed: int
    sampling: str
    chosen: Chosen | None
    events: tuple[Event, ...]
    moved: frozenset[int]
    steps: tuple[Step, ...]
    plan_steps: tuple[Step, ...]
    pieces: tuple[Piece, ...]
    spells: tuple[Spell, ...]
    reviews: tuple[Review, ...]
    open: tuple[Open, ...]
    rework: frozenset[int]

    @property
    def scenario(self) -> Scenario:
        """The scenario it is a trial of."""
        return self.told.scenario

    @property
    def outcome(self) -> str:
        """finished, censored or stopped."""
        return self.told.outcome

    @property
    def end(self) -> int:
        """Working minute in which it ended."""
        return self.told.end

    @property
    def cost(self) -> int:
        """Cents."""
        return self.told.cost

    @property
    def delay(self) -> int | None:
        """Working minutes after the plan without dice, below 0 before it; None unless both are finished."""
        both = self.outcome == self.plan.outcome == "finished"
        return self.end - self.plan.end if both else None

    @property
    def causes(self) -> dict[str, tuple[int, int]]:
        """Working minutes of each cause on the chain of the trial and on that of the plan, of causes that have any."""
        found: dict[str, list[int]] = {}
        for place, steps in enumerate((self.steps, self.plan_steps)):
            for step in steps:
                found.setdefault(step.cause, [0, 0])[place] += step.minutes
        return {cause: (own, planned) for cause, (own, planned) in found.items()}

    # Time of day

    @cached_property
    def _first_hour(self) -> int:
        """When a working day begins; a scenario says how long it is, and not when it begins."""
        return DAY_BEGINS if self.told.view.day_minutes <= LONGEST_DAY * 60 else 0

    def moment(self, minute: int, *, ending: bool = False) -> datetime:
        """Return date and time of day of a working minute: days begin at 9:00, without a break.

        Parameters
        ----------
        ending : bool
            Something ends then: the instant between two days is the end of the first one.
        """
        day, rest = divmod(minute, self.told.view.day_minutes)
        if ending and rest == 0 and minute > 0:
            day, rest = day - 1, self.told.view.day_minutes
        morning = datetime.combine(self.told.view.calendar.date_of_day(day), time(self._first_hour))
        return morning + timedelta(minutes=rest)

    def date(self, minute: int, *, ending: bool = False) -> date:
        """Return the day of a working minute."""
        return self.told.finish_date(minute) if ending else self.told.start_date(minute)

    def moment_of(self, event: Event) -> datetime:
        """Return date and time of day of an event."""
        return self.moment(event.minute, ending=event.kind in ENDINGS)
