"""The clock: working minutes, and the order of what happens within one (docs/model.md, section 2).

Every moment at which something happens is an event with a priority: its round, its step, then the place of the thing
in the scenario. So the queue of SimPy runs a minute in the order of the steps. What one of the steps up to (4) brings
about for an earlier step of the same minute runs before what is left of the later ones; what dropping and the
allocation pass, steps (5) and (6), bring about for an earlier step waits for the next round.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import partial

import simpy
from simpy.events import EventPriority

PLACES = 100_000  # more than there are things of one kind
STEPS = 100  # more than there are steps
LAST_ROUND = 1_000_000_000  # more than a minute has: when nothing more happens


class Step(IntEnum):
    """The steps of a minute."""

    MONTH_END = 0  # before anything happens: what has been spent by the end of a month
    RETURN = 1  # (1) people return or arrive,
    CEREMONY_END = 2  # ceremonies end,
    OPEN = 3  # sprints end and open,
    DATE = 4  # earliest dates and due dates are reached, lags and delays of risks end,
    EXTENSION_END = 5  # extensions end
    COMPLETE = 6  # (2) parts are completed
    DECIDE = 7  # (3) reviews that end are decided,
    BEGIN = 8  # reviews that are due begin,
    OVER = 9  # and the trial may be over
    GO = 10  # (4) leave, absence, departures and the end of employment begin
    THRESHOLD = 11  # (5) thresholds of absence pass,
    DROP = 12  # and policies drop tasks
    ALLOCATE = 13  # (6) one allocation pass
    SETTLE = 14  # nothing more happens: what this minute has come to is noted
    HORIZON = 15  # the minute was the last one that counts


class Moment(simpy.Event):
    """An event that happens in a given step of a given round of a minute."""

    def __init__(self, env: simpy.Environment, delay: int, number: int, step: Step, place: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        self.number = number  # of the round
        self.step = step
        env.schedule(self, EventPriority((number * STEPS + step) * PLACES + place), delay)


class Clock:
    """Working minutes of one trial.

    Parameters
    ----------
    every_round : dict of Step to callable
        What is done in these steps of every round of a minute in which something happens.
    settle : callable
        What is done when nothing more happens in it.
    """

    def __init__(self, every_round: dict[Step, Callable[[], None]], settle: Callable[[], None]) -> None:
        self.env = simpy.Environment()
        self._last_steps = {**every_round, Step.SETTLE: settle}
        self._waiting: set[Step] = set()
        self._running: tuple[int, int, Step] = (0, 0, Step.MONTH_END)  # minute, round, step

    @property
    def now(self) -> int:
        """The minute."""
        return int(self.env.now)

    def at(self, minute: int, step: Step, place: int = 0) -> Moment:
        """Return the event of `step` in `minute`; the minute's last steps follow it."""
        moment = self._moment(minute, step, place)
        self._then(moment, self.stir)
        return moment

    def call_at(self, minute: int, step: Step, place: int, action: Callable[[], None]) -> None:
        """Do something in `step` of `minute`."""
        self._then(self.at(minute, step, place), action)

    def silently_at(self, minute: int, step: Step, place: int = 0) -> Moment:
        """Return the event of `step` in `minute`, at which maybe nothing happens."""
        return self._moment(minute, step, place)

    def call_silently_at(self, minute: int, step: Step, place: int, action: Callable[[], None]) -> None:
        """Do something in `step` of `minute` that stirs the minute itself if anything comes of it."""
        self._then(self._moment(minute, step, place), action)

    def look_at(self, minute: int, action: Callable[[], None]) -> None:
        """Look at how things are in `minute` before anything happens, and change nothing."""
        self._then(self._moment(minute, Step.MONTH_END, 0), action)

    def stir(self) -> None:
        """Something happens in this minute: allocate and settle once more."""
        for step, action in self._last_steps.items():
            if step not in self._waiting:
                self._waiting.add(step)
                self._then(self._moment(self.now, step, 0), partial(self._run, step, action))

    def let_follow(self) -> None:
        """Let everything happen that follows at once from what has just happened, before the next moment."""
        while self.env._queue and self.env._queue[0][:2] < (self.env.now, PLACES):
            self.env.step()

    def _moment(self, minute: int, step: Step, place: int) -> Moment:
        """Return the event of a step: for an earlier step after (5) or (6) it belongs to the next round."""
        now, number, running = self._running
        if step >= Step.SETTLE:
            number = LAST_ROUND
        elif minute != now:
            number = 0
        elif running >= Step.DROP and step <= running:
            number += 1
        moment = Moment(self.env, minute - self.now, number, step, place)
        self._then(moment, lambda: self._begin(moment))
        return moment

    def _begin(self, moment: Moment) -> None:
        self._running = self.now, moment.number, moment.step

    def _run(self, step: Step, action: Callable[[], None]) -> None:
        self._waiting.discard(step)
        action()

    @staticmethod
    def _then(moment: Moment, action: Callable[[], None]) -> None:
        assert moment.callbacks is not None
        moment.callbacks.append(lambda _: action())
