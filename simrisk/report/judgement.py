"""A judgement in words: one line for each limit, as `simrisk check` prints it and CI shows it."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from datetime import date

from simrisk.dataset import RunDates
from simrisk.measures import Measure
from simrisk.measures.estimates import Estimate
from simrisk.report import words
from simrisk.verdict import Judged, Judgement

LIMIT = {"at_most": "at most", "at_least": "at least"}
SHOWN = 3  # drifted figures that are named


class Sentences:
    """A judgement in words.

    Parameters
    ----------
    judgement : Judgement
    """

    def __init__(self, judgement: Judgement) -> None:
        self.judgement = judgement
        self.run = judgement.run
        self.dates = RunDates.of(self.run)
        self.day_minutes = int(self.run.attrs["day_minutes"])
        self.horizon: date = self.dates.finish_date(self.run.attrs["horizon"])

    def verdict(self) -> str:
        """PASS, FAIL or UNDECIDED of the whole, with how many limits are what."""
        name = {0: "PASS", 3: "FAIL", 4: "UNDECIDED"}[self.judgement.exit_code]
        counts = [
            f"{n} {verdict.lower()}" + (" (warning)" if level == "warn" else "")
            for level in ("error", "warn")
            for verdict in ("FAIL", "UNDECIDED", "PASS", "NOTICE")
            if (n := sum(j.verdict == verdict and j.of.level == level for j in self.judgement.judged))
        ]
        said = f"{name} {self.run.attrs['scenario']}: {', '.join(counts) or 'nothing is expected of it'}."
        return f"{said} {self.doubt()}".rstrip()

    def doubt(self) -> str:
        """How likely any of the verdicts is wrong; empty when there is none."""
        if not any(judged.verdict in ("PASS", "FAIL") for judged in self.judgement.judged):
            return ""
        return f"Chance that any of this is wrong: at most {100 * self.judgement.error:.3g} %."

    def line(self, judged: Judged) -> str:
        """One limit: its verdict, what was found, what was required."""
        head = judged.verdict if judged.of.level == "error" or judged.verdict in ("PASS", "NOTICE") else "WARN"
        return f"{head} {self.found(judged)}"

    def found(self, judged: Judged) -> str:
        """What was found, what was required, and what follows."""
        if judged.verdict == "NOTICE":
            return f"{judged.of.metric} may worsen by at most {judged.of.written}, but {judged.why}."
        said = self._worsening(judged) if judged.of.sort == "worsens_at_most" else self._figure(judged)
        if judged.verdict != "UNDECIDED":
            return said
        said += f" The limit lies within the interval of {judged.trials:,} trials"
        return said + (f"; about {judged.needed:,} would decide." if judged.needed else ".")

    def _figure(self, judged: Judged) -> str:
        assert judged.found is not None
        shown = self._ends(judged.found, judged.estimate)
        value = words.figure(shown, self.horizon, day_minutes=self.day_minutes)
        interval = words.interval(shown, day_minutes=self.day_minutes)
        between = "" if interval == words.NOTHING else f" [{interval}]"
        return f"{judged.of.metric} = {value}{between}, {LIMIT[judged.of.sort]} {self._written(judged)}."

    def _ends(self, found: Measure, estimate: Estimate) -> Measure:
        """The figure with the interval that decided instead of its 95 % one."""
        low, high = (end if math.isfinite(end) else None for end in (estimate.low, estimate.high))
        made = replace(found, low=low, high=high)
        if found.kind not in ("finish", "start"):
            return made
        days = [None if end is None else self.dates.finish_date(end) for end in (low, high)]
        return replace(made, low_date=days[0], high_date=days[1])

    def _worsening(self, judged: Judged) -> str:
        found = judged.found
        assert found is not None
        now = words.figure(found, self.horizon, day_minutes=self.day_minutes)
        if judged.agreed is None or not math.isfinite(judged.estimate.value):
            was = words.BEYOND if judged.agreed is None else self._number(found, judged.agreed)
            return f"{judged.of.metric} = {now}; it was {was}."
        was = self._number(found, judged.agreed)
        value, low, high = judged.estimate
        if low == value == high == 0:
            moved = "as in the baseline"
        else:
            better = "better" if value < 0 else "worse"
            amounts = (self._amount(found, abs(value)), self._amount(found, low), self._amount(found, high))
            moved = f"{better} than the baseline's {was} by {amounts[0]} [{amounts[1]} .. {amounts[2]}]"
        return f"{judged.of.metric} = {now}, {moved}; it may worsen by at most {self._written(judged)}."

    def _number(self, found: Measure, value: float) -> str:
        if found.kind in ("finish", "start"):
            return str(self.dates.finish_date(value))
        return words.number(found, value, self.day_minutes)

    def _amount(self, found: Measure, value: float) -> str:
        if found.kind in ("finish", "start", "duration"):
            return f"{value / self.day_minutes:,.2f} days"
        if found.kind == "share":
            return f"{100 * value:.2f} points"
        return words.number(found, value, self.day_minutes)

    def _written(self, judged: Judged) -> str:
        written = judged.of.written
        if isinstance(written, int | float) and judged.found is not None and judged.found.kind == "money":
            return words.money(float(written))
        return str(written)

    def notices(self) -> list[str]:
        """What else has to be said: no baseline, a program that changed its own numbers."""
        judgement, said = self.judgement, []
        if judgement.agreed is None and any(j.of.sort == "worsens_at_most" for j in judgement.judged):
            said.append("There is no baseline yet; `simrisk check --update` accepts the plan as it is.")
        if judgement.drifted and judgement.agreed is not None:
            was = judgement.agreed.versions.get("simrisk", "unknown")
            now = json.loads(self.run.attrs["versions"]).get("simrisk", "unknown")
            names = ", ".join(judgement.drifted[:SHOWN])
            more = len(judgement.drifted) - SHOWN
            names += f" and {more} more" if more > 0 else ""
            said.append(
                f"The program changed the baseline's own numbers ({names}): it was made by simrisk {was}, this is "
                f"{now}. The plan is judged against the old plan as this version runs it; `simrisk check --update` "
                "stores the new numbers."
            )
        elif judgement.agreed is not None and judgement.before is None:
            said.append(
                "The old plan in the baseline cannot be run by this version: its stored figures are compared, which "
                "needs many more trials."
            )
        return said
