"""What everything is worth, in words and tables: on the terminal, as Markdown, as JSON for other programs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

from simrisk.measures import Measure
from simrisk.measures.difference import Difference, is_sure_of
from simrisk.measures.estimates import Estimate
from simrisk.report import advice, gains, words
from simrisk.report.columns import shortened
from simrisk.report.figures import ALL_ROWS, Figures, Table
from simrisk.report.story_words import listed
from simrisk.whatif.shapley import Shapley
from simrisk.whatif.study import WhatIf
from simrisk.whatif.worth import Worth, overlap_of

SCHEMA = 1
MOST = 15  # rows of a table on the terminal
P50, P80, MEAN_COST, P80_COST = "finish.p50", "finish.p80", "cost.mean", "cost.p80"
NOISE = "no more than the noise of the simulation"
LETTERS = 80  # of a name in a sentence
PER = 1000  # of currency
GROUP = 2  # so many times what its largest member is worth alone: worth a word of its own


class Advice:
    """A study in words.

    Parameters
    ----------
    found : WhatIf
    everything : bool
        Whether the tables have every cause, also those that move nothing for sure.
    """

    def __init__(self, found: WhatIf, *, everything: bool = False) -> None:
        self.found = found
        self.everything = everything
        self.figures = Figures(found.base)
        self.day = self.figures.day_minutes
        self.currency = str(found.base.attrs["currency"])

    def heading(self) -> str:
        """What was run."""
        attrs = self.found.base.attrs
        sampling = ", Latin hypercubes" if attrs["sampling"] == "lhs" else ""
        trials = words.count(self.found.worlds.trials, "trial")
        return f"{trials} each, seed {attrs['seed']}{sampling}, the same dice throughout"

    def answer(self) -> str:
        """Where P80 is, what it is late by, and what would move it most."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        level, planned = self.figures.measure(P80), float(self.found.planned["project_finish"].values[0])
        yield f"P80 is {self.figures.value(P80)}, P50 {self.figures.value(P50)}."
        if level.value is not None and math.isfinite(planned):
            day = self.figures.dates.finish_date(planned)
            late = (level.value - planned) / self.day
            yield f"With nothing left to chance the plan ends on {day}: P80 is {late:,.1f} working days later."
        shared = self.found.shares.get(P80)
        if shared:
            sure = [share for share in shared.shares[:3] if share.value.low > 0]
            largest = [f"{shortened(share.title, LETTERS)} ({self.days(share.value)})" for share in sure]
            if largest:
                yield f"The largest shares of that delay, in working days: {listed(largest)}."
        yield from self._decided()
        yield from self._bought_best()

    def _decided(self) -> Iterator[str]:
        """What of the plan's own decisions costs most, and the group that costs far more than any of its members."""
        one = self._largest(("rule", "scarce"))
        if one is None:
            return
        title = shortened(one.cause.title, LETTERS)
        if math.isinf(_size(one)):
            yield f"Of what the plan decides, {title} costs most: without it P80 is within the horizon again."
            return
        said = f"Of what the plan decides, {title} costs most by itself: {self._days_of(one)} days of P80"
        together = self._largest(("rule", "scarce"), groups=True)
        if together is not None and GROUP * _size(one) < _size(together) < math.inf:
            said += f"; {together.cause.title}, all in all {self._days_of(together)}"
        yield f"{said}."

    def _bought_best(self) -> Iterator[str]:
        """Which of the mitigations that are off would buy most, or that none does."""
        of = [w for w in self.found.worths if w.cause.mitigation is not None and not w.cause.mitigation.active]
        if not of:
            return
        sure = (w for w in of if (gain := w.gain(P80)) is not None and is_sure_of(gain, len(of)))
        best = max((w for w in sure if 0 < _size(w) < math.inf), key=_size, default=None)
        if best is None:
            yield "None of the mitigations that are off makes it earlier for sure."
            return
        assert best.cause.mitigation is not None
        name = shortened(best.cause.mitigation.name, LETTERS)
        money = _estimate(best.gain(MEAN_COST))
        cost = Estimate(abs(money.value), *sorted((abs(money.low), abs(money.high))))
        dear = "cheaper" if money.value > 0 else "dearer"
        yield (
            f"Of the mitigations that are off, '{name}' buys most: {self._days_of(best)} days, "
            f"{self._said(MEAN_COST, cost)} {self.currency} {dear}. Which of them go well together says simrisk "
            "portfolio."
        )

    def _days_of(self, worth: Worth) -> str:
        return self.days(_estimate(worth.gain(P80)))

    def _largest(self, kinds: Sequence[str], *, groups: bool = False) -> Worth | None:
        """The single cause of these kinds, or group, whose gain of P80 is the largest that is sure."""
        sure = [
            worth
            for worth in self.found.worths
            if worth.cause.kind in kinds and bool(worth.cause.members) == groups and worth.is_sure(P80)
        ]
        best = max(sure, key=_size, default=None)
        return best if best is not None and _size(best) > 0 else None

    # Tables

    def tables(self) -> tuple[Table, ...]:
        """Shares of the delay, what each cause is worth alone, how they overlap, mitigations."""
        return tuple(
            table
            for table in (
                self._shares(),
                self._alone("Left to chance: how much earlier without", ("dice",)),
                self._alone("Decided in the plan: how much earlier without", ("rule", "scarce")),
                self._overlaps(),
                self._mitigations(),
            )
            if table is not None
        )

    def _shares(self) -> Table | None:
        shared = {metric: found for metric, found in self.found.shares.items() if metric != P80_COST}
        if P80 not in shared:
            return None
        headers = ("", *(_header(metric, self.currency) for metric in shared))
        of = {metric: {share.name: share.value for share in found.shares} for metric, found in shared.items()}
        rows = [
            (share.title, *(self._said(metric, of[metric][share.name]) for metric in shared))
            for share in shared[P80].shares
        ]
        rows.append(("all together", *(self._said(metric, found.total) for metric, found in shared.items())))
        return Table("What makes it late: shares that add up", headers, tuple(rows), tuple(self._method(shared[P80])))

    def _method(self, shared: Shapley) -> Iterator[str]:
        how = (
            "all sets of them were run"
            if shared.exact
            else f"from {shared.sections} circles of orders, {words.count(shared.trials, 'trial')} each"
        )
        yield (
            "What dice add to the plan, shared out: the mean of what each adds over all orders in which they could "
            f"come in (Shapley values; {how}). Working days and {self.currency}; \N{PLUS-MINUS SIGN} is the 95 % "
            "interval."
        )
        level = self.figures.measure(P80)
        if level.value is not None and not shared.exact:
            late = (level.value - shared.planned) / self.day
            yield f"P80 of all trials together is {late:,.1f} working days after the plan without dice."

    def _alone(self, title: str, kinds: Sequence[str]) -> Table | None:
        of = [worth for worth in self.found.worths if worth.cause.kind in kinds]
        if not of:
            return None
        of.sort(key=lambda worth: -_size(worth))
        sure = [worth for worth in of if any(worth.is_sure(metric) for metric in (P80, P50))]
        largest = sorted(sure, key=lambda worth: -abs(_size(worth)))[:MOST]
        shown = of if self.everything else [worth for worth in sure if worth in largest]
        headers = ("without", *(_header(metric, self.currency) for metric in (P50, P80, MEAN_COST)))
        rows = [
            (worth.cause.title, *(self._gain(worth, metric) for metric in (P50, P80, MEAN_COST))) for worth in shown
        ]
        notes = []
        left, noise = len(sure) - len(shown), len(of) - len(sure)
        if left > 0:
            notes.append(f"{left} more with less.")
        if noise > 0 and not self.everything:
            notes.append(f"{words.count(noise, 'other')} {NOISE}; --all lists them.")
        return Table(title, headers, tuple(rows), tuple(notes), ALL_ROWS)

    def _overlaps(self) -> Table | None:
        of = {worth.cause.name: worth for worth in self.found.worths}
        rows = []
        for worth in self.found.worths:
            members = [of[name] for name in worth.cause.members if name in of]
            found = overlap_of(worth, members, P80) if len(members) > 1 else None
            of_one = worth.cause.name.startswith("person.")
            if found is None or of_one or not (found.together.value or found.one_by_one.value):
                continue
            rows.append(
                (
                    worth.cause.title,
                    *(self.days(part) for part in (found.together, found.one_by_one, found.between)),
                )
            )
        headers = ("without", "together", "one by one", "apart")
        notes = (
            "P80, working days. One by one is the sum of what its members are worth alone. Where both differ, causes "
            "overlap: take one away, and others do for it.",
        )
        return Table("Where causes overlap", headers, tuple(rows), notes) if rows else None

    def _mitigations(self) -> Table | None:
        of = [worth for worth in self.found.worths if worth.cause.mitigation is not None]
        if not of:
            return None
        of.sort(key=lambda worth: -_size(worth))
        headers = ("with", "is", "P50 d", "P80 d", f"mean cost {self.currency}", f"d per {PER:,}")
        rows, notes = [], []
        for worth in of:
            entry = worth.cause.mitigation
            assert entry is not None
            state = "on" if entry.active else "off"
            if worth.clash:
                rows.append((entry.name, state, *([words.NOTHING] * 4)))
                notes.append(f"{entry.name}: {worth.clash}")
                continue
            dear = self._gain(worth, MEAN_COST, turned=True)
            rows.append((entry.name, state, self._gain(worth, P50), self._gain(worth, P80), dear, self._bought(worth)))
        note = "How much earlier, and how much dearer, with the mitigation than without it, its price included."
        return Table("Mitigations", headers, tuple(rows), (note, *notes), left=(0, 1))

    def _bought(self, worth: Worth) -> str:
        """Days of P80 for each thousand of mean cost, with bounds that hold for both together at 90 % at least."""
        gain, saved = worth.gain(P80), worth.gain(MEAN_COST)
        if not worth.is_sure(P80) or not worth.is_sure(MEAN_COST):
            return words.NOTHING
        days, money = _estimate(gain), _estimate(saved)
        if days.value <= 0:
            return words.NOTHING
        if money.value > 0:
            return "saves money"
        low, high = (_ratio(a / self.day, -b / PER) for a, b in ((days.low, money.low), (days.high, money.high)))
        return f"{_ratio(days.value / self.day, -money.value / PER):.2f} ({low:.2f} .. {high:.2f})"

    # Figures

    def _gain(self, worth: Worth, metric: str, *, turned: bool = False) -> str:
        found = worth.gain(metric)
        if found is None:
            return words.NOTHING
        if found.value is None:
            return _moved(found)
        value = _estimate(found)
        return self._said(metric, Estimate(-value.value, -value.high, -value.low) if turned else value)

    def _said(self, metric: str, value: Estimate) -> str:
        return self.days(value) if metric.startswith("finish") else _with_error(value, "{:,.0f}")

    def days(self, value: Estimate) -> str:
        """Working days with their error."""
        return _with_error(Estimate(*(end / self.day for end in value)), "{:,.1f}")


def _with_error(value: Estimate, form: str) -> str:
    """``12.3 ± 0.4``."""
    if value.value == value.low == value.high:
        return form.format(value.value + 0.0)
    error = form.format(value.half_width) if math.isfinite(value.half_width) else "?"
    return f"{form.format(value.value)} \N{PLUS-MINUS SIGN} {error}"


def _moved(found: Difference) -> str:
    """A figure that is beyond the horizon with or without the cause."""
    sides = [side is not None and side.beyond_horizon for side in (found.before, found.after)]
    if all(sides):
        return "both beyond"
    now = found.after
    return f"to {now.date}" if now is not None and now.date is not None else "?"


def _estimate(found: Difference | None) -> Estimate:
    """The difference as an estimate; ends that are not known are infinite."""
    if found is None or found.value is None:
        return Estimate(math.nan, math.nan, math.nan)
    low, high = -math.inf if found.low is None else found.low, math.inf if found.high is None else found.high
    return Estimate(found.value, low, high)


def _size(worth: Worth) -> float:
    """By which causes are ranked; what brings P80 back from beyond the horizon is the largest."""
    found = worth.gain(P80)
    if found is None:
        return -math.inf
    if found.value is None:
        return math.inf if worth.brings_back(P80) else 0.0
    return found.value


def _ratio(days: float, money: float) -> float:
    return days / money if money else math.inf


def _header(metric: str, currency: str) -> str:
    return {P50: "P50 d", P80: "P80 d", MEAN_COST: f"mean cost {currency}", P80_COST: f"P80 cost {currency}"}[metric]


def text(study: Advice) -> str:
    """The study as a terminal shows it."""
    title = study.found.base.attrs["title"]
    return advice.terminal(f"{title}: {study.heading()}", study.answer(), study.tables())


def markdown(study: Advice, *, pictures: advice.Pictures = ()) -> str:
    """The study as Markdown."""
    title = f"What it is worth: {study.found.base.attrs['title']}"
    return advice.markdown(title, study.heading(), study.answer(), study.tables(), pictures)


def as_json(found: WhatIf) -> str:
    """The study as JSON text, one cause a line; docs/what-if.md says what is in it."""
    attrs = found.base.attrs
    kept = ("scenario", "title", "seed", "sampling", "currency", "day_minutes", "scenario_sha256")
    figures = Figures(found.base)
    head: dict[str, Any] = {
        "schema": SCHEMA,
        **{name: attrs[name] for name in kept},
        "trials": found.worlds.trials,
        "plan": {metric: _level(figures.measure(metric)) for metric in (P50, P80, MEAN_COST, P80_COST)},
        "without_dice": {
            "finish": gains.number(float(found.planned["project_finish"].values[0])),
            "cost": gains.number(float(found.planned["project_cost"].values[0])),
        },
        "shares": {metric: _shared(shared) for metric, shared in found.shares.items()},
    }
    return gains.lines_of(head, {"causes": [_cause(worth) for worth in found.worths]})


def _level(found: Measure) -> dict[str, Any]:
    day = None if found.date is None else found.date.isoformat()
    return {"value": gains.number(found.value), "ci": [gains.number(found.low), gains.number(found.high)], "date": day}


def _shared(found: Shapley) -> dict[str, Any]:
    shares = [
        {"name": share.name, "title": share.title, "members": list(share.members), **_value(share.value)}
        for share in found.shares
    ]
    method = {"exact": found.exact, "sections": found.sections, "trials": found.trials}
    return {"planned": gains.number(found.planned), "total": _value(found.total), **method, "shares": shares}


def _value(value: Estimate) -> dict[str, Any]:
    return {"value": gains.number(value.value), "ci": [gains.number(value.low), gains.number(value.high)]}


def _cause(worth: Worth) -> dict[str, Any]:
    cause, entry = worth.cause, worth.cause.mitigation
    of = {metric: worth.gain(metric) for metric in worth.differences}
    found: dict[str, Any] = {
        "name": cause.name,
        "title": cause.title,
        "kind": cause.kind,
        "members": list(cause.members),
        "gain": {
            metric: {**(gains.entry(gain, 1) or {}), "sure": worth.is_sure(metric)}
            for metric, gain in of.items()
            if gain is not None
        },
    }
    if entry is not None:
        found["mitigation"] = {"id": entry.id, "name": entry.name, "price": entry.price / 100, "active": entry.active}
    return {**found, "clash": worth.clash} if worth.clash else found
