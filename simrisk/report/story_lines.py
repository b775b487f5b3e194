"""The story of a trial line by line: when, in which words, whether it moved the finish, what is told in brief."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from simrisk.models.events import Event, Kind
from simrisk.report.story_sentences import Moment
from simrisk.story.model import ENDINGS, Story

ALWAYS = {
    Kind.BEGINS,
    Kind.ENDS,
    Kind.NOTICE,
    Kind.LEAVES,
    Kind.REPLACED,
    Kind.HANDED,
    Kind.CALLED,
    Kind.CONTRACTED,
    Kind.REVIEW,
    Kind.NO_GO,
    Kind.PASSES,
    Kind.STRIKES,
    Kind.DROPPED,
}  # told in brief even when they did not move the finish
HOLD_UP = {Kind.ABSENT, Kind.TAKEN}  # the same, when work waits because of it


@dataclass(frozen=True)
class Line:
    """What happened at one moment, in a sentence.

    Parameters
    ----------
    moved : bool
        Whether the finish would be another one without it, as far as the chain says.
    is_brief : bool
        Whether it is part of the brief story.
    """

    moment: datetime
    minute: int
    text: str
    moved: bool
    is_brief: bool


def lines(story: Story) -> list[Line]:
    """Return the whole story, line by line."""
    placed = list(enumerate(story.events))
    found = []
    for minute, together in groupby(placed, key=lambda entry: entry[1].minute):
        entries = list(together)
        moments = moments_of(story, [event for _, event in entries])
        for moment in sorted(set(moments)):
            now = [entry for entry, own in zip(entries, moments, strict=True) if own == moment]
            for text, places in Moment(story, now).sentences():
                moved = not story.moved.isdisjoint(places)
                kinds = {story.events[place].kind for place in places}
                is_brief = moved or bool(kinds & ALWAYS) or (Kind.WAITS in kinds and bool(kinds & HOLD_UP))
                found.append(Line(moment, minute, text, moved, is_brief))
    return found


def moments_of(story: Story, events: list[Event]) -> list[datetime]:
    """Return when each event of a minute is told: what begins and ends, or waits for who goes, with that end."""
    ended = {event.what for event in events if event.kind in (Kind.FINISHED, Kind.DROPPED, Kind.PASSES, Kind.NO_GO)}
    gone = {name for event in events if event.kind in (Kind.LEAVES, Kind.RETIRES) for name in event.who}
    return [
        story.moment(
            event.minute,
            ending=event.kind in ENDINGS
            or (event.kind in (Kind.READY, Kind.TAKES, Kind.REVIEW) and event.what in ended)
            or (event.kind is Kind.WAITS and not gone.isdisjoint(event.who)),
        )
        for event in events
    ]
