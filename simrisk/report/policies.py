"""Gate policies in words and tables: on the terminal, as Markdown, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from simrisk.dataset import RunDates
from simrisk.report import gains, quantities, words
from simrisk.report.columns import aligned, shortened, wrapped
from simrisk.report.figures import Figures, Table
from simrisk.report.markdown import grid, plain
from simrisk.report.variants import Line, VariantTables, as_entry
from simrisk.scenario.model import Gate
from simrisk.whatif.policies import ALL, METRICS, POLICIES, Decided, Policies, passes

SCHEMA = 1
WIDTH = 88
LETTERS = 44
EVERY, WRITTEN = "all gates", "as written"
P80 = "finish.p80"


class PolicyStory:
    """Gate policies in words.

    Parameters
    ----------
    found : Policies
    """

    def __init__(self, found: Policies) -> None:
        self.found = found
        self.figures = Figures(found.base)
        self.currency = str(found.base.attrs["currency"])
        self.names = {gate.id: gate.name for gate in found.gates} | {ALL: EVERY}

    def heading(self) -> str:
        """What was run."""
        attrs = self.found.base.attrs
        sampling = ", Latin hypercubes" if attrs["sampling"] == "lhs" else ""
        return f"gate policies, {words.count(self.found.worlds.trials, 'trial')} each, seed {attrs['seed']}{sampling}"

    def answer(self) -> str:
        """Where P80 is as written, and which policies move it most for sure, either way."""
        said = f"As written P80 is {self.figures.value(P80)}"
        stopped = self.found.own.figures["stopped"].value
        said += f", {words.percent(stopped)} are stopped." if stopped else "."
        ranked = sorted(self._sure(), key=lambda each: each[0])
        if not ranked:
            return f"{said} No policy moves it to another date for sure."
        best, worst = ranked[0], ranked[-1]
        if best[0] < 0:
            said += f" Earliest with {self._named(best[1])}: {self._moved(best[1])}."
        if worst[0] > 0:
            said += f" Latest with {self._named(worst[1])}: {self._moved(worst[1])}."
        return said

    def _sure(self) -> Iterator[tuple[float, Decided]]:
        for decided in self.found.decided:
            found = None if decided.outcome is None else decided.outcome.differences.get(P80)
            if found is not None and found.value is not None and found.verdict in ("better", "worse"):
                yield found.value, decided

    def _named(self, decided: Decided) -> str:
        return f"'{POLICIES[decided.option.policy]}' for {self.names[decided.option.gate]}"

    def _moved(self, decided: Decided) -> str:
        assert decided.outcome is not None
        found = decided.outcome.differences[P80]
        day = RunDates.of(self.found.base).day_minutes
        if (found.value or 0.0) < 0:
            return f"{gains.earlier(found, day)} working days earlier"
        return f"{gains.later(found, day)} working days later"

    # Tables

    def tables(self) -> tuple[Table, ...]:
        """What each policy does to the dates, and to money and decisions."""
        lines = list(self._lines())
        if not lines:
            return ()
        of = VariantTables(lines, METRICS, self.currency)
        names = ("gate", "policy")
        ends = of.overview("How it ends", names, ("stopped",))
        gates = [gate for gate, _ in self._rows()]
        rows = tuple(
            (*row, *self._passes(line, gate, of)) for row, line, gate in zip(ends.rows, lines, gates, strict=True)
        )
        return (
            of.overview("When", names, ("finish.p50", "finish.p80")),
            of.overview("What it costs", names, ("cost.mean",)),
            Table(ends.title, (*ends.headers, "passes with a go", "moves by, pt"), rows, left=(0, 1)),
        )

    def _passes(self, line: Line, gate: str | None, of: VariantTables) -> tuple[str, str]:
        only = self.found.gates[0].id if len(self.found.gates) == 1 else ALL
        metric = passes(only if gate is None else gate)
        return of.figure(line, metric), of.move(line, metric)

    def _rows(self) -> Iterator[tuple[str | None, Decided | None]]:
        """Gates and policies of the rows; first the plan as written, which is of no gate."""
        yield None, None
        for decided in self.found.decided:
            if decided.outcome is not None and not decided.same:
                yield decided.option.gate, decided

    def _lines(self) -> Iterator[Line]:
        last = None
        for gate, decided in self._rows():
            if decided is None:
                yield Line((WRITTEN, ""), self.found.own)
                continue
            assert gate is not None
            assert decided.outcome is not None
            name = "" if gate == last else shortened(self.names[gate], LETTERS)
            yield Line((name, POLICIES[decided.option.policy]), decided.outcome)
            last = gate

    def written(self) -> tuple[str, ...]:
        """What each gate does as written, a sentence each."""
        return tuple(f"{gate.name}: {self._written(gate)}." for gate in self.found.gates)

    def _written(self, gate: Gate) -> str:
        if not gate.has_no_go:
            return "a no-go is waived"
        then = {"proceed": "goes on without a go", "descope": "drops work and goes on", "stop": "stops the project"}
        if not gate.max_extensions:
            return f"a no-go {then[gate.then]}"
        shown = quantities.duration(self.figures.day_minutes)
        times = "once" if gate.max_extensions == 1 else f"up to {gate.max_extensions:,} times"
        work = " and rework" if gate.rework else ""
        return f"a no-go extends it by {shown(gate.extend.planned)}{work}, {times}, then {then[gate.then]}"

    def notes(self) -> tuple[str, ...]:
        """What the tables mean, and what is not in them."""
        when = "at the first no-go" if self.found.when == "first" else "after the extensions as written"
        notes = [
            "All have the same dice; moves are against the plan as written, \N{PLUS-MINUS SIGN} is their 95 % "
            "interval, d are working days. "
            f"Proceed, descope and stop come {when}.",
            "Mean cost is over the trials that finish; in P50 and P80 those that are stopped come last.",
            "What goes on without a go, or is not reviewed, has no price here but the time it saves: what it may cost "
            "later is not in the plan.",
        ]
        if any(each.outcome is not None and each.option.policy in ("earlier", "later") for each in self.found.decided):
            notes.append(
                "A gate held a sprint earlier requires what is planned by then, so the rest is not reviewed there; "
                "held a sprint later it no longer blocks the sprints that begin before it."
            )
        if len(self.found.gates) > 1:
            notes.append(
                "As written, and for all gates, the last columns say how often every gate is passed with a go."
            )
        same = [self._named(decided) for decided in self.found.decided if decided.same]
        if same:
            notes.append(f"As written already: {'; '.join(same)}.")
        return (*notes, *self._remarks())

    def _remarks(self) -> Iterator[str]:
        """What is not possible and why, said once for all gates of which it is true."""
        remarks: dict[tuple[str, str], list[str]] = {}
        for decided in self.found.decided:
            if decided.option.note and (decided.option.gate != ALL or decided.outcome is not None):
                what = ":" if decided.outcome is not None else " is not possible:"
                about = (POLICIES[decided.option.policy], f"{what} {decided.option.note}")
                remarks.setdefault(about, []).append(self.names[decided.option.gate])
        for (policy, note), names in remarks.items():
            yield f"{policy[0].upper()}{policy[1:]} ({', '.join(names)}){note}."


def text(story: PolicyStory) -> str:
    """The policies as a terminal shows them."""
    blocks = [f"{story.found.base.attrs['title']}: {story.heading()}", wrapped(story.answer(), WIDTH)]
    blocks.append("\n".join(["As written", *(wrapped(f"  {line}", WIDTH, "    ") for line in story.written())]))
    for table in story.tables():
        blocks.append("\n".join([table.title, *aligned([table.headers, *table.rows], table.left)]))
    blocks.append("\n".join(wrapped(note, WIDTH, "  ") for note in story.notes()))
    return "\n\n".join(blocks) + "\n"


def markdown(story: PolicyStory, *, pictures: Iterable[tuple[str, str]] = ()) -> str:
    """The policies as Markdown."""
    title = plain(f"Gate policies of {story.found.base.attrs['title']}")
    blocks = [f"# {title}", plain(story.heading()), f"**{plain(story.answer())}**"]
    blocks.append("\n".join(f"- {plain(line)}" for line in story.written()))
    blocks += [f"![{plain(caption)}]({path})" for caption, path in pictures]
    for table in story.tables():
        headers = [plain(header) for header in table.headers]
        blocks += [f"## {table.title}", grid(headers, table.rows, left=table.left)]
    blocks.append("\n".join(f"- {plain(note)}" for note in story.notes()))
    return "\n\n".join(blocks) + "\n"


def as_json(story: PolicyStory) -> str:
    """The policies as JSON text, one a line; docs/gates.md says what is in it."""
    found, attrs = story.found, story.found.base.attrs
    kept = ("scenario", "title", "seed", "sampling", "currency", "scenario_sha256")
    names = list(dict.fromkeys(decided.option.gate for decided in found.decided))
    head: dict[str, Any] = {
        "schema": SCHEMA,
        **{name: attrs[name] for name in kept},
        "trials": found.worlds.trials,
        "when": found.when,
        "as_written": as_entry(found.own, (*METRICS, *map(passes, names))),
    }
    lines = [f" {_json(key)}: {_json(value)}" for key, value in head.items()]
    entries = ",\n".join(f"  {_json(_entry(decided))}" for decided in found.decided)
    return "{\n" + ",\n".join([*lines, f' "policies": [\n{entries}\n ]']) + "\n}\n"


def _entry(decided: Decided) -> dict[str, Any]:
    option = decided.option
    made: dict[str, Any] = {
        "gate": option.gate or "*",
        "policy": option.policy,
        "possible": decided.outcome is not None,
        "as_written": decided.same,
        "note": option.note,
    }
    if decided.outcome is not None and not decided.same:
        made["metrics"] = as_entry(decided.outcome, (*METRICS, passes(option.gate)))
    return made


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
