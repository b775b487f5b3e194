"""A scale: figures of one kind on an axis and in words."""

from __future__ import annotations

import math
from collections.abc import Sequence

from matplotlib.ticker import Formatter, FuncFormatter, PercentFormatter

from simrisk.charts.clock import Clock
from simrisk.charts.days import DayFormatter, day_text
from simrisk.charts.frame import shortened
from simrisk.charts.money import MoneyFormatter, money_text
from simrisk.dataset import Results
from simrisk.measures import Measure
from simrisk.measures.figure import PERCENTILE

NAME_LETTERS = 44  # of a metric
SPOKEN = {"finish": "", "cost": "cost", "delay": "delay"}


class Scale:
    """Figures of one kind on the axis and in words."""

    def __init__(self, run: Results, kind: str) -> None:
        self.kind, self.clock, self.currency = kind, Clock(run), str(run.attrs["currency"])
        self.day_minutes = int(run.attrs["day_minutes"])

    def y(self, value: float | None) -> float:
        """Where a figure is on the axis; nan when it is none."""
        if value is None or not math.isfinite(value):
            return math.nan
        if self.kind == "finish":
            return float(self.clock.x(value))
        return value / {"duration": self.day_minutes, "effort": 60}.get(self.kind, 1)

    def text(self, found: Measure) -> str:
        """A figure in words."""
        if found.value is None:
            return "no value"
        if self.kind == "finish" and found.date is not None:
            return day_text(found.date)
        return self.width(found.value)

    def width(self, value: float) -> str:
        """The width of an interval in words; of dates in working days."""
        if self.kind in ("finish", "duration"):
            days = value / self.day_minutes
            return f"{days:.{1 if days < 9.95 else 0}f} working days"
        if self.kind == "effort":
            return f"{value / 60:,.3g} h"
        if self.kind == "money":
            return money_text(value, self.currency)
        return f"{100 * value:.2g} %" if self.kind == "share" else f"{value:.3g}"

    def formatter(self) -> Formatter:
        """Of the axis."""
        if self.kind == "finish":
            return DayFormatter()
        if self.kind == "money":
            return MoneyFormatter()
        if self.kind == "share":
            return PercentFormatter(1.0, symbol=" %")
        return FuncFormatter(lambda y, _: f"{y:,.6g}")

    def label(self, names: Sequence[str]) -> str:
        """Of the axis."""
        unit = {"duration": ", working days", "effort": ", hours", "money": f", {self.currency}"}.get(self.kind, "")
        return f"{' and '.join(shortened(name, NAME_LETTERS) for name in names)}{unit}"


def spoken(name: str) -> str:
    """``P80`` of ``finish.p80``, ``mean cost`` of ``cost.mean``; other names as they are."""
    head, _, rest = name.partition(".")
    if head in SPOKEN and (rest == "mean" or PERCENTILE.fullmatch(rest)):
        return f"{rest.replace('p', 'P')} {SPOKEN[head]}".strip()
    return shortened(name, NAME_LETTERS)
