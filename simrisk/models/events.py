"""Events: what the models note of a trial as it happens, for the story that is told of it afterwards."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class Kind(Enum):
    """What happened. `who` and `more` of the event say what stands behind each; without a word there they are empty."""

    BEGINS = "begins"  # the trial
    ENDS = "ends"  # the trial. more: how, of `OUTCOMES`
    # people
    ARRIVES = "arrives"  # first day of employment
    LEAVE = "goes on leave"  # more: days
    ABSENT = "is absent"  # more: (kind, days left of it), ... of every spell they are in
    TAKEN = "is taken away by a risk"
    RETURNS = "returns"
    RAMPED = "is fully productive"
    NOTICE = "gives notice"  # more: the minute in which they leave
    LEAVES = "leaves"  # more: the minute in which the replacement arrives; empty when nobody comes
    REPLACED = "is replaced"  # the replacement has arrived
    RETIRES = "ends employment"  # as the plan has it
    # parts of tasks, and of rework; `what` is the task, or the gate, and `part` the number of the part
    TAKES = "takes"  # who: in whose hands it begins
    HANDED = "is handed over"  # who: from, to. more: the factor at which the second works, minutes it costs
    CALLED = "a contractor is called"  # more: the minute in which they arrive
    CALLED_OFF = "the contractor is called off"
    CONTRACTED = "goes to a contractor"  # who: from. more: minutes that it costs
    WAITS = "waits"  # who: for whom. more: the cause, the job that each of them is at; or the equipment that is short
    GOES_ON = "goes on"  # who: who is at it
    HEADS = "gets heads"  # who: the pool. more: heads
    HANDED_IN = "handover is over"  # the cost of changes of hands is worked off
    BEYOND = "goes beyond the plan"  # from now on it is more work than planned. more: planned minutes
    DONE = "part is done"  # who: who had it
    # tasks
    READY = "can begin"  # all that it waited for has come
    DELAYED = "is delayed"  # by risks. who: the risks. more: minutes
    LINKED = "link is satisfied"  # one with a lag. who: the task that was waited for. more: minutes of lag
    HELD = "end is held"  # its work is done, a link holds its end
    FINISHED = "is finished"
    DROPPED = "is dropped"  # who: the gate, or the task and those whose absence was too long
    # gates; `what` is the gate
    REVIEW = "is reviewed"  # more: number of the review, from 1
    NO_GO = "no-go"  # who: who has rework. more: minutes of the extension, the criteria that failed, ...
    PASSES = "passes"  # or stops the project. more: how, of `GATE_OUTCOMES`, the criteria that failed, ...
    # the rest
    OPENS = "sprint opens"
    CLOSES = "sprint ends"  # more: 1 when its goal is met, minutes carried over
    STRIKES = "risk strikes"  # who: whom it takes away. more: cents, factor, then days of each
    STAFFED = "pool changes"  # more: heads


class Event(NamedTuple):
    """Something that happened in a trial.

    Parameters
    ----------
    minute : int
        Working minute.
    kind : Kind
    what : str
        Id of the task, gate, sprint or risk that it happened to; of a person or pool see `who`.
    who : tuple of str
        Ids of people and others that had to do with it.
    part : int
        Number of the part of the plan; -1: none.
    more : tuple
        What else there is to say, see `Kind`.
    """

    minute: int
    kind: Kind
    what: str = ""
    who: tuple[str, ...] = ()
    part: int = -1
    more: tuple[str | int | float, ...] = ()
