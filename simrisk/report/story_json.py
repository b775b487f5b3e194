"""What `simrisk replay --json` prints: the story of a trial for other programs, schema 1."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from simrisk.models.events import Event
from simrisk.report.story_lines import Line, lines
from simrisk.story import Story
from simrisk.story.model import Step

SCHEMA = 1


def render(story: Story) -> str:
    """Return the story as JSON text."""
    return json.dumps(summarize(story), ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def summarize(story: Story) -> dict[str, Any]:
    """Return the story as plain values: working minutes, dates with the time of day, an amount of money."""
    project, plan = story.scenario.project, story.plan
    return {
        "schema": SCHEMA,
        "scenario": story.scenario.id,
        "title": project.name,
        "trial": story.number,
        "seed": story.seed,
        "sampling": story.sampling,
        "at": None if story.chosen is None else asdict(story.chosen),
        "outcome": story.outcome,
        "start": project.start.isoformat(),
        "deadline": None if project.deadline is None else project.deadline.isoformat(),
        "finish": _moment(story, story.end),
        "cost": story.cost / 100,
        "currency": project.currency,
        "plan": {"outcome": plan.outcome, "finish": _moment(story, plan.end), "cost": plan.cost / 100},
        "delay": story.delay,
        "story": [_line(line) for line in lines(story)],
        "events": [_event(story, place, event) for place, event in enumerate(story.events)],
        "chain": [_step(story, step) for step in story.steps],
        "causes": {cause: {"here": own, "plan": planned} for cause, (own, planned) in story.causes.items()},
        "work": [
            {"task": p.task, "who": list(p.who), "cause": p.cause, **_span(story, p.start, p.finish)}
            for p in story.pieces
        ],
        "away": [
            {"person": spell.person, "kind": spell.kind.name.lower(), **_span(story, spell.start, spell.finish)}
            for spell in story.spells
        ],
        "open": [
            {"task": entry.task, "cause": entry.cause, "who": list(entry.who), "since": _moment(story, entry.since)}
            for entry in story.open
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    stamp = line.moment.isoformat(timespec="minutes")
    return {"at": stamp, "text": line.text, "moved": line.moved, "brief": line.is_brief}


def _step(story: Story, step: Step) -> dict[str, Any]:
    subject = {"cause": step.cause, "behind": step.behind, "what": step.what, "who": list(step.who)}
    return {**_span(story, step.start, step.finish), **subject}


def _moment(story: Story, minute: int) -> dict[str, Any]:
    return {"minutes": minute, "at": story.moment(minute, ending=True).isoformat(timespec="minutes")}


def _span(story: Story, start: int, finish: int) -> dict[str, Any]:
    return {
        "from": story.moment(start).isoformat(timespec="minutes"),
        "to": story.moment(finish, ending=True).isoformat(timespec="minutes"),
        "minutes": finish - start,
    }


def _event(story: Story, place: int, event: Event) -> dict[str, Any]:
    return {
        "minute": event.minute,
        "kind": event.kind.name.lower(),
        "what": event.what,
        "who": list(event.who),
        "more": list(event.more),
        "moved": place in story.moved,
    }
