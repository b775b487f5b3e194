"""Who would be missed, week by week, and what cover would buy: on the terminal, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simrisk.measures.difference import is_sure_of
from simrisk.report import advice, gains, words
from simrisk.report.figures import Figures, Table
from simrisk.report.story_words import listed, some
from simrisk.scenario.units import hours
from simrisk.whatif.away import MORE, P80, Absences, Absentee
from simrisk.whatif.cover import (
    CONTRACTOR_DAYS,
    HANDOVER_DAYS,
    LEAD_DAYS,
    Bought,
    Missed,
    Terms,
    hanging,
    stand_ins,
)

SCHEMA = 1
PER = 1000  # of currency


@dataclass(frozen=True)
class Story:
    """What was found about absence and cover.

    Parameters
    ----------
    found : Absences
    cover : tuple of Missed
        What cover would buy; empty when it was not looked at, or nobody would be missed.
    terms : Terms
        What cover takes.
    """

    found: Absences
    cover: tuple[Missed, ...]
    terms: Terms

    @property
    def day(self) -> int:
        """Working minutes of a day."""
        return self.found.scenario.project.day_minutes

    @property
    def currency(self) -> str:
        """Of all money."""
        return self.found.scenario.project.currency

    def heading(self) -> str:
        """What was run."""
        worlds, n = self.found.worlds, len(self.found.weeks.dates)
        sampling = ", Latin hypercubes" if worlds.sampling == "lhs" else ""
        return f"{words.count(n, 'week')}, {words.count(worlds.trials, 'trial')} each, seed {worlds.seed}{sampling}"

    def lengths(self) -> tuple[str, ...]:
        """How long somebody is away, in words."""
        week = len(self.found.scenario.project.work_week)
        return tuple(words.count(days // week, "week") for days in self.found.lengths)

    def answer(self) -> str:
        """Who would be missed most, and the best cover for money."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        yield f"P80 is {Figures(self.found.level).value(P80)}."
        missed = self.found.missed
        if not missed:
            yield "No one person's absence would move it by more than the noise of the simulation."
            return
        first = missed[0]
        assert first.place is not None
        yield (
            f"{first.person} would be missed most: {self.lengths()[-1]} away from "
            f"{self.found.weeks.dates[first.place]} would make it {gains.later(first.later[-1], self.day)} "
            "working days later."
        )
        alone = [one.person for one in missed if hanging(self.found.scenario, one.person)[0]]
        if alone:
            yield f"Work that nobody else could take over hangs on {listed(alone)}."
        best = max(self._priced(), key=lambda pair: self._per(pair[1]) or 0.0, default=None)
        if best is not None:
            yield (
                f"Of what has a price, {self._what(best[1])} buys most: "
                f"{gains.earlier(best[1].while_away, self.day)} days while {best[0]} is away, for "
                f"{self._price(best[1])} {self.currency}."
            )

    def _priced(self) -> list[tuple[str, Bought]]:
        """What helps in the worst weeks, and does no harm else."""
        offers = [(one.absentee.person, bought) for one in self.cover for bought in one.bought if bought.price]
        return [
            (person, bought)
            for person, bought in offers
            if self._per(bought) and is_sure_of(bought.while_away, len(offers)) and (bought.as_planned.low or 0.0) <= 0
        ]

    # Tables

    def tables(self) -> tuple[Table, ...]:
        """Who would be missed, and what cover would buy."""
        return tuple(table for table in (self._people(), self._cover()) if table is not None and table.rows)

    def _people(self) -> Table:
        headers = ("away from", "", *(f"{length} P80 d" for length in self.lengths()), "alone", "who could take over")
        rows = [self._row(one) for one in self.found.missed]
        named = {one.person for one in self.found.missed}
        others = [one.person for one in self.found.people if one.person not in named]
        notes = [
            "P80 is so many working days later when they are unexpectedly away from the worst week on (measured on "
            f"{words.count(MORE * self.found.worlds.trials, 'other trial')}). Alone: work that nobody else could take."
        ]
        if others:
            notes.append(f"No more than the noise of the simulation: {', '.join(others)}.")
        return Table("Who would be missed", headers, tuple(rows), tuple(notes), left=(0, 1, len(headers) - 1))

    def _row(self, one: Absentee) -> tuple[str, ...]:
        scenario = self.found.scenario
        alone, total = hanging(scenario, one.person)
        others = list(dict.fromkeys(name for able in stand_ins(scenario, one.person).values() for name in able))
        who = some(others) if others else "nobody"
        share = f"{hours(sum(alone.values()))} of {hours(total)}" if alone else "-"
        assert one.place is not None
        return (
            one.person,
            self.found.weeks.dates[one.place].isoformat(),
            *(gains.later(found, self.day) for found in one.later),
            share,
            who,
        )

    def _cover(self) -> Table | None:
        rows = [
            (
                one.absentee.person,
                self._what(bought),
                gains.earlier(bought.while_away, self.day),
                gains.earlier(bought.as_planned, self.day),
                self._price(bought),
                self._rate(bought),
            )
            for one in self.cover
            for bought in one.bought
        ]
        if not rows:
            return None
        length = self.lengths()[-1]
        headers = ("while away", "cover", f"{length} P80 d", "else P80 d", self.currency, f"d per {PER:,}")
        return Table("What cover would buy", headers, tuple(rows), tuple(self._terms()), left=(0, 1))

    def _terms(self) -> Iterator[str]:
        level = self.found.scenario.backup_level
        yield (
            f"P80 is so many working days earlier with it: when they are away as above, and else, as the plan is. A "
            f"backup has level {level} in all that their tasks take and is asked for them; training gets there with "
            f"{hours(self.terms.training)} of both, before anything else, and costs that time; a contractor costs "
            "what they are paid on average during the absence."
        )
        yield (
            f"Where the plan does not say otherwise, work is offered after {HANDOVER_DAYS} days away, and a contractor "
            f"is called after {CONTRACTOR_DAYS} and comes {LEAD_DAYS} later, at 1.5 times their rate."
        )

    def _what(self, bought: Bought) -> str:
        who = bought.offer.who
        return {
            "backup": f"{who} as backup",
            "training": f"{who} trained for {hours(self.terms.training)}",
            "contractor": "a contractor",
        }[bought.offer.kind]

    def _price(self, bought: Bought) -> str:
        return words.NOTHING if bought.price is None else f"{bought.price:,.0f}"

    def _per(self, bought: Bought) -> float | None:
        """Days of P80 for each thousand, while the person is away; None where it buys nothing for sure, or is free."""
        value, low, _ = gains.turned(bought.while_away)
        if value is None or low is None or low <= 0 or not bought.price:
            return None
        return value / self.day / (bought.price / PER)

    def _rate(self, bought: Bought) -> str:
        per = self._per(bought)
        if per is None:
            return words.NOTHING
        _, low, high = gains.turned(bought.while_away)
        each = self.day * (bought.price or 0) / PER
        return f"{per:.2f} ({(low or 0) / each:.2f} .. {(high or 0) / each:.2f})"


def text(story: Story) -> str:
    """The story as a terminal shows it."""
    title = story.found.scenario.project.name
    return advice.terminal(f"{title}, if somebody were away: {story.heading()}", story.answer(), story.tables())


def markdown(story: Story, *, pictures: advice.Pictures = ()) -> str:
    """The story as Markdown."""
    title = f"If somebody were away: {story.found.scenario.project.name}"
    return advice.markdown(title, story.heading(), story.answer(), story.tables(), pictures)


def as_json(story: Story) -> str:
    """The story as JSON text: every cell of the heat map, and what cover would buy; docs/away.md says what is in it."""
    found, attrs = story.found, story.found.base.attrs
    kept = ("scenario", "title", "seed", "sampling", "currency", "day_minutes", "scenario_sha256")
    p80 = Figures(found.level).measure(P80)
    head = {
        "schema": SCHEMA,
        **{name: attrs[name] for name in kept},
        "trials": found.worlds.trials,
        "p80": {"value": gains.number(p80.value), "ci": [gains.number(p80.low), gains.number(p80.high)]},
        "weeks": [day.isoformat() for day in found.weeks.dates],
        "lengths": list(found.lengths),
    }
    cells = [
        {"person": one.person, "days": days, "later": [gains.entry(cell, story.day) for cell in one.cells[days]]}
        for one in found.people
        for days in found.lengths
    ]
    lists = {
        "absences": cells,
        "missed": [_missed(story, one) for one in found.missed],
        "cover": [_bought(story, one.absentee.person, bought) for one in story.cover for bought in one.bought],
    }
    return gains.lines_of(head, lists)


def _missed(story: Story, one: Absentee) -> dict[str, object]:
    assert one.place is not None
    scenario = story.found.scenario
    alone, _ = hanging(scenario, one.person)
    return {
        "person": one.person,
        "from": story.found.weeks.dates[one.place].isoformat(),
        "trials": MORE * story.found.worlds.trials,
        "later": [gains.entry(found, story.day) for found in one.later],
        "alone": alone,
        "stand_ins": {task: list(names) for task, names in stand_ins(scenario, one.person).items()},
    }


def _bought(story: Story, person: str, bought: Bought) -> dict[str, object]:
    return {
        "person": person,
        "kind": bought.offer.kind,
        "who": bought.offer.who,
        "p80_while_away": gains.entry(bought.while_away, story.day),
        "p80_else": gains.entry(bought.as_planned, story.day),
        "price": None if bought.price is None else round(bought.price, 2),
    }
