"""A comparison in words and tables: on the terminal, as Markdown for a pull request, as JSON for other programs."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from simrisk.compare import Comparison
from simrisk.dataset import Results, RunDates
from simrisk.measures import Measure
from simrisk.measures.difference import Difference
from simrisk.report import words
from simrisk.report.columns import aligned, wrapped
from simrisk.report.figures import Table
from simrisk.report.markdown import grid, plain
from simrisk.report.summary import reported

SCHEMA = 1
WIDTH = 88
MOST = 12  # moved figures of tasks, people, gates and sprints that are listed
MAIN = (
    *("finish.mean", "finish.p50", "finish.p80", "finish.p90", "finish.on_time"),
    *("cost.mean", "cost.p80", "cost.in_budget", "joint", "censored", "stopped", "baseline.finish"),
)
MOVED = ("better", "worse", "changed", "new", "gone")
ORDER = ("worse", "better", "changed", "undecided", "no change", "new", "gone")


def compared(before: Results, after: Results) -> tuple[str, ...]:
    """Metrics that either run reports, in their order."""
    return tuple(dict.fromkeys((*reported(after), *reported(before))))


class Story:
    """A comparison in words.

    Parameters
    ----------
    comparison : Comparison
    changes : sequence of str
        What differs in the plans, a sentence each.
    """

    def __init__(self, comparison: Comparison, changes: Sequence[str] = ()) -> None:
        self.comparison = comparison
        self.changes = tuple(changes)
        self.sides = [
            (RunDates.of(run), int(run.attrs["day_minutes"]), RunDates.of(run).finish_date(run.attrs["horizon"]))
            for run in (comparison.before, comparison.after)
        ]

    def answer(self) -> str:
        """What became of P80 and of the chance of the deadline, in a sentence or two."""
        p80 = self.comparison.of("finish.p80")
        assert p80 is not None
        said = f"P80 {self._said(p80)}."
        for name, what in (("finish.on_time", "The chance to meet the deadline"), ("cost.p80", "The P80 cost")):
            found = self.comparison.of(name)
            if found is not None and found.verdict not in ("new", "gone") and not _nothing(found):
                said += f" {what} {self._said(found)}."
        return said

    def _said(self, found: Difference) -> str:
        """How a figure went from one value to the other."""
        was, now = self.figure(found.before, 0), self.figure(found.after, 1)
        if found.value == 0:
            return f"stays at {now}"
        verdict = "" if found.verdict in ("better", "worse") else f" ({found.verdict})"
        amount = "" if found.value is None else f", {self.change(found)} [{self.between(found)}]"
        return f"goes from {was} to {now}{amount}{verdict}"

    def tables(self) -> tuple[Table, ...]:
        """The main figures, and those of members of the plan that moved."""
        headers = ("", "before", "after", "difference", "95 % interval", "verdict")
        main = [found for name in MAIN if (found := self.comparison.of(name)) is not None]
        rest = [d for d in self.comparison.differences if d.name not in MAIN and d.verdict in MOVED]
        rest.sort(key=lambda d: (ORDER.index(d.verdict), -_strength(d)))
        tables = [Table("What changed", headers, tuple(map(self._row, main)), self._notes(), left=(0, 5))]
        if rest:
            notes = () if len(rest) <= MOST else (f"{len(rest) - MOST} more have moved; --json has them all.",)
            rows = tuple(map(self._row, rest[:MOST]))
            tables.append(Table("What else moved, the surest first", headers, rows, notes, left=(0, 5)))
        return tuple(tables)

    def _notes(self) -> tuple[str, ...]:
        if self.comparison.paired:
            return ("Both were drawn with the same dice: the intervals are those of the difference itself.",)
        return ("The runs have other dice or trials: the intervals have the noise of both. Run both anew to see more.",)

    def _row(self, found: Difference) -> tuple[str, ...]:
        known = found.value is not None
        return (
            found.name,
            self.figure(found.before, 0),
            self.figure(found.after, 1),
            self.change(found) if known else words.NOTHING,
            self.between(found) if known else words.NOTHING,
            found.verdict,
        )

    def figure(self, found: Measure | None, side: int) -> str:
        """A figure of one of the runs."""
        _, day_minutes, horizon = self.sides[side]
        return words.NOTHING if found is None else words.figure(found, horizon, day_minutes=day_minutes)

    def change(self, found: Difference) -> str:
        """How much a figure moved, with its sign and unit."""
        return self._amount(found, found.value)

    def between(self, found: Difference) -> str:
        """The interval of that."""
        return f"{self._amount(found, found.low, bare=True)} .. {self._amount(found, found.high, bare=True)}"

    def _amount(self, found: Difference, value: float | None, *, bare: bool = False) -> str:
        if value is None:
            return "?"
        day = self.sides[1][1]
        if found.kind in ("finish", "start", "duration"):
            return f"{value / day:+,.2f}" + ("" if bare else " d")
        if found.kind == "effort":
            return f"{value / 60:+,.1f}" + ("" if bare else " h")
        if found.kind == "share":
            return f"{100 * value:+.2f}" + ("" if bare else " pt")
        return f"{value:+,.0f}" if found.kind == "money" else f"{value:+.3f}"


def _nothing(found: Difference) -> bool:
    """Whether it is a cost where nothing costs anything."""
    sides = (found.before, found.after)
    return found.kind == "money" and all(side is None or side.value == 0 for side in sides)


def _strength(found: Difference) -> float:
    """How many half widths a difference is away from nothing."""
    if found.value is None or found.low is None or found.high is None:
        return math.inf
    half = (found.high - found.low) / 2
    return math.inf if half == 0 else abs(found.value) / half


def text(story: Story) -> str:
    """The comparison as a terminal shows it."""
    before, after = story.comparison.names
    blocks = [f"{before} -> {after}: {_settings(story.comparison)}", wrapped(story.answer(), WIDTH)]
    if story.changes:
        blocks.append(
            "\n".join(["What differs in the plans", *(wrapped(f"  {c}", WIDTH, "    ") for c in story.changes)])
        )
    for table in story.tables():
        lines = aligned([table.headers, *table.rows], table.left)
        blocks.append("\n".join([table.title, *lines, *(wrapped(note, WIDTH) for note in table.notes)]))
    return "\n\n".join(blocks) + "\n"


def _settings(comparison: Comparison) -> str:
    attrs = comparison.after.attrs
    sampling = ", Latin hypercubes" if attrs["sampling"] == "lhs" else ""
    return f"{words.count(comparison.after.sizes['trial'], 'trial')} each, seed {attrs['seed']}{sampling}"


def markdown(story: Story, *, pictures: Iterable[tuple[str, str]] = ()) -> str:
    """The comparison as Markdown, for a pull request."""
    before, after = map(plain, story.comparison.names)
    blocks = [f"# {before} → {after}", plain(_settings(story.comparison)), f"**{plain(story.answer())}**"]
    if story.changes:
        blocks += ["## What differs in the plans", "\n".join(f"- {plain(change)}" for change in story.changes)]
    blocks += [f"![{plain(caption)}]({path})" for caption, path in pictures]
    for table in story.tables():
        blocks += [f"## {table.title}", grid(table.headers, table.rows, left=table.left), *map(plain, table.notes)]
    return "\n\n".join(blocks) + "\n"


def as_json(story: Story) -> str:
    """The comparison as JSON text, one metric a line."""
    comparison = story.comparison
    head: dict[str, Any] = {
        "schema": SCHEMA,
        "before": _about(comparison, 0),
        "after": _about(comparison, 1),
        "paired": comparison.paired,
        "changes": list(story.changes),
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    entries = ",\n".join(f"  {_json(d.name)}: {_json(_entry(d))}" for d in comparison.differences)
    return "{\n" + ",\n".join([*lines, f' "metrics": {{\n{entries}\n }}']) + "\n}\n"


def _about(comparison: Comparison, side: int) -> dict[str, Any]:
    run = (comparison.before, comparison.after)[side]
    kept = ("scenario", "title", "seed", "sampling", "scenario_sha256")
    return {"name": comparison.names[side], **{name: run.attrs[name] for name in kept}, "trials": run.sizes["trial"]}


def _entry(found: Difference) -> dict[str, Any]:
    def number(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    ends: Callable[[Measure | None], float | None] = lambda m: None if m is None else number(m.value)  # noqa: E731
    return {
        "before": ends(found.before),
        "after": ends(found.after),
        "difference": number(found.value),
        "ci": None if found.value is None else [number(found.low), number(found.high)],
        "unit": found.unit,
        "paired": found.paired,
        "verdict": found.verdict,
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
