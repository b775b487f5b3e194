"""Variants in words: a figure of each, and how far it is from that of the plan they are compared with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from simrisk.measures.difference import Difference
from simrisk.measures.figure import MOMENTS
from simrisk.report import words
from simrisk.report.figures import Table
from simrisk.report.summary import figure_entry
from simrisk.whatif.variants import Tried

TIMED = ("finish", "start", "duration")
SAME = "0"
DIGITS = {"effort": 1, "money": 0, "share": 1}


@dataclass(frozen=True)
class Line:
    """One variant of a table.

    Parameters
    ----------
    names : tuple of str
        What tells it apart, a cell each.
    outcome : Tried
    """

    names: tuple[str, ...]
    outcome: Tried


class VariantTables:
    """Tables of variants.

    Parameters
    ----------
    lines : sequence of Line
    metrics : sequence of str
    currency : str
    """

    def __init__(self, lines: Sequence[Line], metrics: Sequence[str], currency: str) -> None:
        self.lines, self.metrics, self.currency = tuple(lines), tuple(metrics), currency

    def overview(self, title: str, headers: Sequence[str], metrics: Sequence[str]) -> Table:
        """Some metrics beside each other, each with what it moves by."""
        heads = [head for metric in metrics for head in (metric, f"moves by, {self.unit(metric)}")]
        rows = tuple(
            (
                *line.names,
                *(cell for metric in metrics for cell in (self.figure(line, metric), self.move(line, metric))),
            )
            for line in self.lines
        )
        return Table(title, (*headers, *heads), rows, left=tuple(range(len(headers))))

    def in_full(self, metric: str, headers: Sequence[str]) -> Table:
        """One metric with all its intervals."""
        heads = (metric, "95 % interval", f"moves by, {self.unit(metric)}", "95 % interval", "verdict")
        rows = tuple((*line.names, *self._cells(line, metric)) for line in self.lines)
        return Table(metric, (*headers, *heads), rows, left=(*range(len(headers)), len(headers) + 4))

    def _cells(self, line: Line, metric: str) -> Iterator[str]:
        yield self.figure(line, metric)
        found = line.outcome.figures.get(metric)
        day = line.outcome.dates.day_minutes
        yield words.NOTHING if found is None else words.interval(found, day_minutes=day)
        moved = line.outcome.differences.get(metric)
        if moved is None or moved.value is None:
            yield from (words.NOTHING, words.NOTHING, words.NOTHING if moved is None else moved.verdict)
            return
        low, high = (signed(moved, end, day) if end is not None else "?" for end in (moved.low, moved.high))
        yield from (signed(moved, moved.value, day), f"{low} .. {high}", moved.verdict)

    def figure(self, line: Line, metric: str) -> str:
        """A figure of a variant."""
        found = line.outcome.figures.get(metric)
        if found is None:
            return words.NOTHING
        return words.figure(found, line.outcome.horizon, day_minutes=line.outcome.dates.day_minutes)

    def move(self, line: Line, metric: str) -> str:
        """What it moves by, with half its interval."""
        found = line.outcome.differences.get(metric)
        return words.NOTHING if found is None else move(found, line.outcome.dates.day_minutes)

    def unit(self, metric: str) -> str:
        """What moves are counted in."""
        known = [line.outcome.differences.get(metric) for line in self.lines]
        for found in known:
            if found is not None:
                return unit_of(found, self.currency)
        return ""


def unit_of(found: Difference, currency: str) -> str:
    """What a difference is counted in."""
    if found.kind in TIMED:
        return "d"
    return {"effort": "h", "money": currency, "share": "pt"}.get(found.kind, "")


def move(found: Difference, day_minutes: int) -> str:
    """``+12.3 ± 0.4``; an exact 0 where no trial moves."""
    if found.value is None:
        return "?"
    if found.value == found.low == found.high == 0:
        return SAME
    half = "?" if found.low is None or found.high is None else _amount(found, (found.high - found.low) / 2, day_minutes)
    return f"{signed(found, found.value, day_minutes)} \N{PLUS-MINUS SIGN} {half}"


def signed(found: Difference, value: float, day_minutes: int) -> str:
    """An end of a difference with its sign."""
    text = _amount(found, value, day_minutes)
    return text if text.startswith("-") else f"+{text}"


def _amount(found: Difference, value: float, day_minutes: int) -> str:
    return f"{_scaled(found, value, day_minutes):,.{1 if found.kind in TIMED else DIGITS.get(found.kind, 3)}f}"


def _scaled(found: Difference, value: float, day_minutes: int) -> float:
    if found.kind in TIMED:
        return value / day_minutes
    return value / 60 if found.kind == "effort" else 100 * value if found.kind == "share" else value


def as_entry(outcome: Tried, metrics: Sequence[str]) -> dict[str, Any]:
    """A variant's figures as JSON has them."""
    found = {}
    for metric in metrics:
        figure, moved = outcome.figures.get(metric), outcome.differences.get(metric)
        made = None if figure is None else figure_entry(figure, outcome.dates.day_minutes)
        found[metric] = made if moved is None else {**(made or {}), "difference": _moved(moved)}
    return found


def _moved(found: Difference) -> dict[str, Any]:
    def number(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    return {
        "value": number(found.value),
        "ci": None if found.value is None else [number(found.low), number(found.high)],
        "unit": found.unit,
        "paired": found.paired,
        "verdict": found.verdict,
    }


def is_date(metric: str, outcomes: Sequence[Tried]) -> bool:
    """Whether a metric is a date."""
    return any(metric in outcome.figures and outcome.figures[metric].kind in MOMENTS for outcome in outcomes)
