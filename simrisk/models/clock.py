"""The clock: working minutes, and the order of what happens within one (docs/model.md, section 2).

Every moment at which something happens is an event with a priority: its step, then the place of the thing in the
scenario. So the queue of SimPy runs a minute in the order of the steps, and what a step brings about for an earlier
step of the same minute runs before what is left of the later ones.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import partial

import simpy
from simpy.events import EventPriority

PLACES = 100_000  # more than there are things of one kind


class Step(IntEnum):
    """The steps of a minute."""

    RETURN = 1  # (1) people return or arrive,
    CEREMONY_END = 2  # ceremonies end,
    OPEN = 3  # sprints end and open,
    DATE = 4  # earliest dates and due dates are reached,
    EXTENSION_END = 5  # extensions end
    COMPLETE = 6  # (2) parts are completed
    DECIDE = 7  # (3) reviews that end are decided,
    BEGIN = 8  # reviews that are due begin,
    OVER = 9  # and the trial may be over
    GO = 10  # (4) leave, absence and the end of employment begin
    THRESHOLD = 11  # (5) thresholds of absence pass
    ALLOCATE = 12  # (6) one allocation pass
    SETTLE = 13  # nothing more happens: what this minute has come to is noted
    HORIZON = 14  # the minute was the last one that counts


class Moment(simpy.Event):
    """An event that happens in a given step of a given minute."""

    def __init__(self, env: simpy.Environment, delay: int, step: Step, place: int) -> None:
        super().__init__(env)
        self._ok = True
        self._value = None
        env.schedule(self, EventPriority(step * PLACES + place), delay)


class Clock:
    """Working minutes of one trial.

    Parameters
    ----------
    allocate, settle : callable
        What is done in the last two steps of every minute in which something happens.
    """

    def __init__(self, allocate: Callable[[], None], settle: Callable[[], None]) -> None:
        self.env = simpy.Environment()
        self._last_steps = {Step.ALLOCATE: allocate, Step.SETTLE: settle}
        self._waiting: set[Step] = set()

    @property
    def now(self) -> int:
        """The minute."""
        return int(self.env.now)

    def at(self, minute: int, step: Step, place: int = 0) -> Moment:
        """Return the event of `step` in `minute`; the minute's last steps follow it."""
        moment = Moment(self.env, minute - self.now, step, place)
        self._then(moment, self.stir)
        return moment

    def call_at(self, minute: int, step: Step, place: int, action: Callable[[], None]) -> None:
        """Do something in `step` of `minute`."""
        self._then(self.at(minute, step, place), action)

    def stir(self) -> None:
        """Something happens in this minute: allocate and settle once more."""
        for step, action in self._last_steps.items():
            if step not in self._waiting:
                self._waiting.add(step)
                self._then(Moment(self.env, 0, step, 0), partial(self._run, step, action))

    def _run(self, step: Step, action: Callable[[], None]) -> None:
        self._waiting.discard(step)
        action()

    @staticmethod
    def _then(moment: Moment, action: Callable[[], None]) -> None:
        moment.callbacks.append(lambda _: action())
