"""Why a trial ended when it did: its chain, a row for each task and gate that everything waited for, and its causes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from simrisk.measures.project import CAUSES
from simrisk.report import words
from simrisk.report.story_words import listed
from simrisk.story import Story
from simrisk.story.model import AT_WORK, Step

MOST_JOBS = 3  # that are named of those who are busy
MOST_CAUSES = 3  # that are named in short
WORK = {"work": "work", "overrun": "beyond the plan", "handover": "handover"}
OTHERS = {
    "gate": "review, extension, rework",
    "sprint": "its days",
    "day": "until the next day",
    "history": "before the status date",
}  # by what is behind


@dataclass(frozen=True)
class Row:
    """A task, gate or sprint on the chain.

    Parameters
    ----------
    dates, days, what, text : str
        When, how long, which, and what its days went into.
    start, finish : int
        Working minutes.
    """

    dates: str
    days: str
    what: str
    text: str
    start: int
    finish: int


def why(story: Story) -> str:
    """Return the heading."""
    if story.outcome == "stopped":
        return "What was open when it was stopped"
    if story.outcome == "censored":
        return "What was open at the horizon"
    if not story.delay:
        return "What set the date"
    return "Why it was late" if story.delay > 0 else "Why it was early"


def rows(story: Story) -> list[Row]:
    """Return the chain from the start to the finish; the days add up to the finish."""
    found = []
    for (what, kind), group in groupby(story.steps, key=lambda step: (step.what, _kind(step))):
        steps = list(group)
        start, finish = steps[0].start, steps[-1].finish
        dates = span(story.date(start), story.date(finish, ending=True))
        name = f"{kind} {what}" if kind else what
        found.append(Row(dates, _days(story, finish - start), name, spent(story, steps), start, finish))
    return found


def _kind(step: Step) -> str:
    return {"gate": "gate", "day": "gate", "sprint": "sprint"}.get(step.behind, "")


def spent(story: Story, steps: list[Step]) -> str:
    """Return what the days of one row went into, in the order in which it happened, what is alike together."""
    total: dict[tuple[str, str], int] = {}
    for step in steps:
        holder = listed(step.who) if step.cause in AT_WORK and step.behind == "part" else ""
        key = (holder, _words(story, step))
        total[key] = total.get(key, 0) + step.minutes
    return "; ".join(_by_holder(story, total, steps))


def _meanwhile(story: Story, text: str, steps: list[Step]) -> str:
    """What those were at for whom it waited, the longest first."""
    total: dict[str, int] = {}
    for step in (step for step in steps if step.cause == "busy" and _words(story, step) == text):
        for piece in story.pieces:
            both = min(piece.finish, step.finish) - max(piece.start, step.start)
            if both > 0 and piece.is_work and not set(piece.who).isdisjoint(step.who):
                total[piece.task] = total.get(piece.task, 0) + both
    longest = sorted(total.items(), key=lambda entry: -entry[1])[:MOST_JOBS]
    if not longest:
        return ""
    said = ", ".join(f"{task} {_days(story, minutes)}" for task, minutes in longest)
    return f" (at {said}{', ...' if len(total) > len(longest) else ''})"


def _by_holder(story: Story, total: dict[tuple[str, str], int], steps: list[Step]) -> Iterator[str]:
    for holder in dict.fromkeys(holder for holder, _ in total):
        said = ", ".join(
            f"{text} {_days(story, minutes)}{_meanwhile(story, text, steps)}"
            for (who, text), minutes in total.items()
            if who == holder
        )
        yield f"{holder}: {said}" if holder else said


def _words(story: Story, step: Step) -> str:
    who = listed(step.who)
    if step.behind == "part":
        return state(story, step.cause, step.who)
    if step.behind == "delay":
        return f"delay by {who}"
    if step.behind == "lag":
        return f"lag of a link after {step.what}"
    if step.behind == "date":
        return "until its date"
    return OTHERS[step.behind]


def state(story: Story, cause: str, names: tuple[str, ...]) -> str:
    """Return how a part of a task is: at work, or what it waits for."""
    who = listed(names)
    if cause in WORK:
        return WORK[cause]
    if not set(names).isdisjoint(story.told.view.pools):
        return f"waiting for heads of {who}"
    waiting = {
        "busy": f"waiting for {who}" if who else "waiting for equipment or people",
        "calendar": "ceremonies",
        "leave": f"{who} on leave",
        "absence": f"{who} absent",
        "gate": f"{who} at rework",
        "hiring": f"{who} not there",
        "risk": f"{who} taken away by a risk",
    }
    return waiting[cause]


def by_cause(story: Story) -> list[tuple[str, ...]]:
    """Return days by cause in the trial and in the plan without dice, which add up, and the differences."""
    planned = bool(story.plan_steps)
    head = ("by cause, in working days", "here", *(("without dice", "difference") if planned else ()))
    found: list[tuple[str, ...]] = [head]
    for cause, (own, plan) in sorted(story.causes.items(), key=lambda entry: entry[1][1] - entry[1][0]):
        other = (_days(story, plan), signed(story, own - plan)) if planned else ()
        found.append((CAUSES[cause], _days(story, own), *other))
    other = (_days(story, story.plan.end), signed(story, story.end - story.plan.end)) if planned else ()
    return [*found, ("together", _days(story, story.end), *other)]


def in_short(story: Story) -> str:
    """Return the causes that take most of what a trial is late by; empty when it is not."""
    if not story.delay or story.delay < 0 or not story.plan_steps:
        return ""
    more = sorted(((own - plan, cause) for cause, (own, plan) in story.causes.items() if own > plan), reverse=True)
    said = [f"{CAUSES[cause]} {_days(story, minutes)}" for minutes, cause in more[:MOST_CAUSES]]
    return f"Of {_days(story, story.delay)} days more than planned: {listed(said)}."


def _days(story: Story, minutes: int) -> str:
    return words.days(minutes, story.told.view.day_minutes)


def signed(story: Story, minutes: int) -> str:
    """``+3.5``; a hyphen for nothing."""
    days = round(minutes / story.told.view.day_minutes, 1)
    return f"{days:+,.1f}" if days else "0.0" if minutes else words.NOTHING


def span(first: date, last: date) -> str:
    """``5 Jan - 3 Mar 2026``: the year of both once where it is the same."""
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    return f"{first.day} {first:%b}{'' if first.year == last.year else f' {first.year}'} - {end}"


def against_deadline(story: Story) -> str:
    """Return how it stands to the plan without dice and the deadline: after what has been said of the end."""
    day = story.told.view.day_minutes
    said = []
    if story.delay is not None:
        said.append("as planned" if not story.delay else f"{_apart(story.delay, day)} the plan without dice")
    deadline, last = story.scenario.project.deadline, story.told.view.deadline_day
    if deadline is not None and last is not None and story.outcome == "finished":
        late = story.end - last * day
        said.append("at the end of the deadline" if not late else f"{_apart(late, day)} the deadline")
    return "".join(f", {text}" for text in said)


def _apart(minutes: int, day: int) -> str:
    return f"{words.days(abs(minutes), day)} working days {'after' if minutes > 0 else 'before'}"
