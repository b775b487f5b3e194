"""Figures of one run as text, and the tables they stand in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simrisk.dataset import Results, RunDates
from simrisk.measures import Measure, measure, share
from simrisk.measures.estimates import Estimate
from simrisk.report import words

ALL_ROWS = 1_000_000
INTERVAL = "95 % interval"


@dataclass(frozen=True)
class Table:
    """A titled table; `notes` stand below it. The first column is left-aligned, the others right-aligned.

    Parameters
    ----------
    short : int
        Rows that a terminal shows; with 0 it does not show the table.
    left : tuple of int
        Columns that are left-aligned all the same, because they hold words.
    spare : tuple of int
        Columns that a terminal has no room for.
    """

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    short: int = ALL_ROWS
    left: tuple[int, ...] = (0,)
    spare: tuple[int, ...] = ()


def with_intervals(*names: str) -> tuple[str, ...]:
    """Headers of a table that has the interval of each figure beside it."""
    return ("", *(head for name in names for head in (name, INTERVAL)))


class Figures:
    """Figures of one run as text."""

    def __init__(self, run: Results) -> None:
        self.run = run
        self.dates = RunDates.of(run)
        self.day_minutes = int(run.attrs["day_minutes"])
        self.horizon: date = self.dates.finish_date(run.attrs["horizon"])

    def measure(self, name: str) -> Measure:
        """The measure called `name`."""
        return measure(self.run, name)

    def value(self, name: str) -> str:
        """Its value as text."""
        return words.figure(self.measure(name), self.horizon, day_minutes=self.day_minutes)

    def both(self, name: str) -> tuple[str, str]:
        """Its value and its interval as text."""
        found = self.measure(name)
        text = words.figure(found, self.horizon, day_minutes=self.day_minutes)
        return text, words.interval(found, day_minutes=self.day_minutes)

    def days(self, name: str) -> str:
        """Its value in working days from the project's start."""
        value = self.measure(name).value
        return words.NOTHING if value is None else words.days(value, self.day_minutes)

    def days_between(self, found: Estimate) -> str:
        """The interval of a number of working minutes, in days."""
        if np.isnan(found.low):
            return words.NOTHING
        return words.between(*(words.days(end, self.day_minutes) for end in (found.low, found.high)))

    def chance(self, hits: np.ndarray) -> tuple[str, str]:
        """How often something is so among all trials, (n_trials,) bool, and the interval, as text."""
        found = share(int(hits.sum()), len(hits))
        return words.percent(found.value), words.between(words.percent(found.low), words.percent(found.high))

    def named(self, dim: str, text: str) -> list[str]:
        """Labels of a dimension, each with its name or role behind it where it has one of its own."""
        labels, names = self.run[dim].values, self.run[f"{dim}_{text}"].values
        return [
            str(label) if name in ("", label) else f"{label} ({name})"
            for label, name in zip(labels, names, strict=True)
        ]
