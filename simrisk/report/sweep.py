"""A sweep in words and tables: on the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from simrisk.measures.difference import Difference, direction
from simrisk.report import words
from simrisk.report.columns import aligned, shortened, wrapped
from simrisk.report.figures import Table
from simrisk.report.markdown import grid, plain
from simrisk.report.variants import Line, VariantTables, as_entry, is_date, move, unit_of
from simrisk.whatif.sweep import Sweep
from simrisk.whatif.variants import Tried

SCHEMA = 1
WIDTH = 88
LETTERS = 30  # of a value in a table
TOGETHER = 3  # metrics beside each other
MAIN = "finish.p80"
OWN, AS_WRITTEN = "*", "as in the file"


class SweepStory:
    """A sweep in words.

    Parameters
    ----------
    found : Sweep
    """

    def __init__(self, found: Sweep) -> None:
        self.found = found
        self.keys = tuple(axis.key for axis in found.grid.axes)
        self.points = list(found.grid.points)
        names = [dict(zip(axis.values, axis.names, strict=True)) for axis in found.grid.axes]
        self.names = [tuple(of[value] for of, value in zip(names, point, strict=True)) for point in self.points]
        self.currency = str(found.base.attrs["currency"])
        self.tables_of = VariantTables(list(self._lines()), found.metrics, self.currency)

    def heading(self) -> str:
        """What was run."""
        attrs, found = self.found.base.attrs, self.found
        sampling = ", Latin hypercubes" if attrs["sampling"] == "lhs" else ""
        variants = words.count(len(self.points), "variant")
        return f"{variants}, {words.count(found.worlds.trials, 'trial')} each, seed {attrs['seed']}{sampling}"

    def answer(self) -> str:
        """Which of them is best, and how far from the plan as in the file."""
        metric = MAIN if MAIN in self.found.metrics else self.found.metrics[0]
        better = direction(metric)
        known = [
            (outcome.figures[metric].value, number)
            for number, outcome in enumerate(self.found.outcomes)
            if metric in outcome.figures and outcome.figures[metric].value is not None
        ]
        moves = {move_of.value for outcome in self.found.outcomes if (move_of := outcome.differences.get(metric))}
        if not known:
            return f"{metric} is beyond the horizon in all of them."
        if moves <= {0} and self.found.reference is not None:
            return f"{metric} is the same in all of them: {self._figure(self.found.own, metric)}."
        ranked = sorted(self._order(known, metric), reverse=better > 0)
        first, last = ("best", "worst") if better else ("smallest", "largest")
        best, worst = ranked[0][1], ranked[-1][1]
        own = f"{self.found.reference_name} ({self._figure(self.found.own, metric)})"
        if self._is_sure(best, metric):
            said = f"{metric} is {first} with {self._at(best, metric)}"
        else:
            said = f"No other is surely {'better' if better else 'smaller'} in {metric} than {own}"
        if self._is_sure(worst, metric):
            said += f", {last} with {self._at(worst, metric)}"
        return f"{said}; {own}." if self._is_sure(best, metric) and self.found.reference is None else f"{said}."

    def _is_sure(self, number: int, metric: str) -> bool:
        """Whether it differs from the reference by more than noise."""
        found = self.found.outcomes[number].differences.get(metric)
        return found is not None and found.verdict not in ("no change", "undecided")

    def _order(self, known: Sequence[tuple[float | None, int]], metric: str) -> list[tuple[float, int]]:
        """By what the figure moves by, which knows of other calendars; the reference itself does not move."""
        moved = {n: self.found.outcomes[n].differences.get(metric) for _, n in known}
        return [
            (0.0 if (found := moved[n]) is None else found.value if found.value is not None else value or 0.0, n)
            for value, n in known
        ]

    def _at(self, number: int, metric: str) -> str:
        outcome = self.found.outcomes[number]
        where = ", ".join(f"{key} = {name}" for key, name in zip(self.keys, self.names[number], strict=True))
        said = f"{shortened(where, 2 * LETTERS)}: {self._figure(outcome, metric)}"
        moved = outcome.differences.get(metric)
        if moved is None:
            return f"{said} ({self.found.reference_name})"
        return f"{said} ({self._spoken(moved, outcome)})"

    def _spoken(self, moved: Difference, outcome: Tried) -> str:
        unit = unit_of(moved, self.currency)
        return f"{move(moved, outcome.dates.day_minutes)} {'working days' if unit == 'd' else unit}".rstrip()

    def _figure(self, outcome: Tried, metric: str) -> str:
        found = outcome.figures.get(metric)
        if found is None:
            return words.NOTHING
        return words.figure(found, outcome.horizon, day_minutes=outcome.dates.day_minutes)

    # Tables

    def _lines(self) -> Iterator[Line]:
        if self.found.reference is None:
            yield Line((AS_WRITTEN, *("" for _ in self.keys[1:])), self.found.own)
        for number, (names, outcome) in enumerate(zip(self.names, self.found.outcomes, strict=True)):
            cells = tuple(shortened(name, LETTERS) for name in names)
            if number == self.found.reference:
                cells = (*cells[:-1], f"{cells[-1]} {OWN}")
            yield Line(cells, outcome)

    def tables(self) -> tuple[Table, ...]:
        """Dates beside each other, then the other metrics."""
        dates = [metric for metric in self.found.metrics if is_date(metric, self.found.outcomes)]
        rest = [metric for metric in self.found.metrics if metric not in dates]
        made = [
            self.tables_of.overview(title, self.keys, metrics[begin : begin + TOGETHER])
            for title, metrics in (("When", dates), ("What else", rest))
            for begin in range(0, len(metrics), TOGETHER)
        ]
        return tuple(made)

    def notes(self) -> tuple[str, ...]:
        """What the tables mean."""
        against = self.found.reference_name
        marked = f"; {OWN} is {against}" if self.found.reference is not None else ""
        notes = [
            f"All variants have the same dice. Moves are against {against}{marked}; "
            "\N{PLUS-MINUS SIGN} is the 95 % interval of the move itself."
        ]
        if any(is_date(metric, self.found.outcomes) for metric in self.found.metrics):
            notes.append("Dates move by working days (d).")
        return tuple(notes)

    def full_tables(self) -> tuple[Table, ...]:
        """Each metric with all its intervals."""
        return tuple(self.tables_of.in_full(metric, self.keys) for metric in self.found.metrics)


def text(story: SweepStory) -> str:
    """The sweep as a terminal shows it."""
    blocks = [f"{story.found.base.attrs['title']}: {story.heading()}", wrapped(story.answer(), WIDTH)]
    for table in story.tables():
        blocks.append("\n".join([table.title, *aligned([table.headers, *table.rows], table.left)]))
    blocks.append("\n".join(wrapped(note, WIDTH) for note in story.notes()))
    return "\n\n".join(blocks) + "\n"


def markdown(story: SweepStory, *, pictures: Iterable[tuple[str, str]] = ()) -> str:
    """The sweep as Markdown; the full tables are folded."""
    title = plain(f"{story.found.base.attrs['title']}: {', '.join(story.keys)}")
    blocks = [f"# {title}", plain(story.heading()), f"**{plain(story.answer())}**"]
    blocks += [f"![{plain(caption)}]({path})" for caption, path in pictures]
    for table in story.tables():
        blocks += [f"## {table.title}", _grid(table)]
    blocks += [plain(note) for note in story.notes()]
    for table in story.full_tables():
        blocks.append(f"<details>\n<summary>{table.title} with all intervals</summary>\n\n{_grid(table)}\n\n</details>")
    return "\n\n".join(blocks) + "\n"


def _grid(table: Table) -> str:
    return grid([plain(header) for header in table.headers], table.rows, left=table.left)


def as_json(story: SweepStory) -> str:
    """The sweep as JSON text, one variant a line; docs/sweep.md says what is in it."""
    found, attrs = story.found, story.found.base.attrs
    kept = ("scenario", "title", "seed", "sampling", "currency", "scenario_sha256")
    head: dict[str, Any] = {
        "schema": SCHEMA,
        **{name: attrs[name] for name in kept},
        "trials": found.worlds.trials,
        "changes": [list(change) for change in found.grid.fixed],
        "keys": {axis.key: list(axis.names) for axis in found.grid.axes},
        "against": "file" if found.variants.own is not None else "first",
        "own": as_entry(found.own, found.metrics),
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    entries = ",\n".join(f"  {_json(_entry(story, number))}" for number in range(len(story.points)))
    return "{\n" + ",\n".join([*lines, f' "variants": [\n{entries}\n ]']) + "\n}\n"


def _entry(story: SweepStory, number: int) -> dict[str, Any]:
    outcome = story.found.outcomes[number]
    return {
        "values": dict(zip(story.keys, story.names[number], strict=True)),
        "own": number == story.found.reference,
        "metrics": as_entry(outcome, story.found.metrics),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
