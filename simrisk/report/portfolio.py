"""Which mitigations are worth their money, in words and tables: on the terminal, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from simrisk.report import advice, gains, words
from simrisk.report.figures import Figures, Table
from simrisk.report.story_words import listed
from simrisk.scenario.model import Mitigation
from simrisk.whatif.frontier import RESAMPLES
from simrisk.whatif.portfolio import MOST_EXACT, P80, Choice, Portfolio

SCHEMA = 1
MOST = 12


@dataclass(frozen=True)
class Advice:
    """A portfolio in words."""

    found: Portfolio

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
        found, worlds = self.found, self.found.worlds
        sets = f"{words.count(found.tried, 'set')} of {words.count(len(found.options), 'mitigation')}"
        trials = words.count(worlds.trials, "trial")
        sampling = ", Latin hypercubes" if worlds.sampling == "lhs" else ""
        return f"{sets}, {trials} of the {len(found.choices)} best, seed {worlds.seed}{sampling}"

    def answer(self) -> str:
        """What to do."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        found = self.found
        yield f"P80 is {Figures(found.base).value(P80)} as the plan is."
        within = "" if found.budget is None else f" for {found.budget:,.0f} {self.currency} or less"
        best = None if found.best is None else found.choices[found.best]
        if best is None or not best.chosen:
            yield f"No mitigation{within} makes it earlier."
            return
        gain = f"{self.names(best)}: {gains.earlier(best.earlier, self.day)} working days earlier {self.paid(best)}"
        if found.recommended is None:
            yield f"No mitigation{within} makes it earlier beyond the noise of the simulation; nearest comes {gain}."
            return
        yield f"The earliest{within} is with {gain}. In {share(best.best)} of the resamples nothing is earlier."

    def names(self, choice: Choice) -> str:
        """What a set is called."""
        return names_of(choice) or "nothing"

    def paid(self, choice: Choice) -> str:
        """What a set costs or saves, as the end of a sentence."""
        extra = choice.extra
        amount = f"{abs(extra.value):,.0f} \N{PLUS-MINUS SIGN} {extra.half_width:,.0f} {self.currency}"
        return f"for {amount} more on average" if extra.value > 0 else f"and {amount} cheaper on average"

    def money(self, choice: Choice) -> str:
        """What a set adds to the mean cost."""
        extra = choice.extra
        if not choice.chosen:
            return "0"
        return f"{extra.value:,.0f} \N{PLUS-MINUS SIGN} {extra.half_width:,.0f}"

    def tables(self) -> tuple[Table, ...]:
        """The frontier, and what else comes near it."""
        choices, frontier = self.found.choices, self.found.frontier
        others = [place for place in range(len(choices)) if place not in frontier and choices[place].robust > 0]
        others.sort(key=lambda place: -choices[place].robust)
        headers = ("mitigations", "price", f"mean cost {self.currency}", "earlier P80 d", "robust", "best")
        tables = [
            Table("The frontier", headers, tuple(map(self._row, frontier)), tuple(self._notes()), left=(0,)),
        ]
        if others:
            rows = tuple(map(self._row, others[:MOST]))
            tables.append(Table("What comes near it", headers, rows, (), left=(0,)))
        return tuple(tables)

    def _row(self, place: int) -> tuple[str, ...]:
        choice = self.found.choices[place]
        return (
            self.names(choice),
            f"{choice.price:,.0f}",
            self.money(choice),
            gains.earlier(choice.earlier, self.day),
            share(choice.robust),
            share(choice.best),
        )

    def _notes(self) -> Iterator[str]:
        found = self.found
        yield (
            "Each set is earlier than all that cost no more. Mean cost is what it adds: its price and what it brings "
            f"about, less what an earlier finish saves. Robust: on the frontier in so many of {RESAMPLES} resamples of "
            "the trials; best: the earliest within the budget."
        )
        yield self._searched()
        free = [entry.name for entry in found.options if not entry.price and self._is_shown(entry)]
        if free:
            yield f"The file gives no price for {listed(free)}: only what comes of it is counted."
        if found.clashes:
            yield f"{words.count(found.clashes, 'set')} cannot be had: what they change does not go together."

    def _searched(self) -> str:
        """How the sets were found, and what may have been missed."""
        found = self.found
        priced = "" if found.budget is None else " whose prices are within the budget"
        ran = f"run with {words.count(found.screening, 'trial')} each"
        said = (
            f"All sets{priced} were {ran}"
            if found.exact
            else f"There are more than {MOST_EXACT:,} sets{priced}; those that a greedy search came by were {ran}"
        )
        if found.screening == found.worlds.trials:
            return f"{said}."
        ahead = words.days(found.missed, self.day)
        missed = (
            "nothing that was left out on the way makes P80 earlier than the best (95 % sure)."
            if ahead == "0.0"
            else f"what was left out on the way makes P80 at most {ahead} days earlier than the best (95 % sure)."
        )
        return f"{said}, and the best of them with all: {missed}"

    def _is_shown(self, entry: Mitigation) -> bool:
        return any(entry in self.found.choices[place].chosen for place in self.found.frontier)


def share(of_resamples: float) -> str:
    """A share of the resamples."""
    return f"{100 * of_resamples:.0f} %"


def names_of(choice: Choice) -> str:
    """What is in a set; nothing for the plan as it is."""
    return " + ".join(entry.name for entry in choice.chosen)


def text(found: Portfolio) -> str:
    """The portfolio as a terminal shows it."""
    said = Advice(found)
    return advice.terminal(f"{found.scenario.project.name}: {said.heading()}", said.answer(), said.tables())


def markdown(found: Portfolio, *, pictures: advice.Pictures = ()) -> str:
    """The portfolio as Markdown."""
    said = Advice(found)
    title = f"Mitigations worth their money: {found.scenario.project.name}"
    return advice.markdown(title, said.heading(), said.answer(), said.tables(), pictures)


def as_json(found: Portfolio) -> str:
    """The portfolio as JSON text; docs/portfolio.md says what is in it."""
    day, attrs = found.scenario.project.day_minutes, found.base.attrs
    kept = ("scenario", "title", "seed", "sampling", "currency", "day_minutes", "scenario_sha256")
    head = {
        "schema": SCHEMA,
        **{name: attrs[name] for name in kept},
        "trials": found.worlds.trials,
        "budget": found.budget,
        "exact": found.exact,
        "screening_trials": found.screening,
        "missed_days": gains.number(found.missed, day),
        "tried": found.tried,
        "clashes": found.clashes,
        "best": None if found.best is None else [entry.id for entry in found.choices[found.best].chosen],
    }
    choices = [
        {
            "mitigations": [entry.id for entry in choice.chosen],
            "frontier": place in found.frontier,
            "price": choice.price,
            "extra_cost": {
                "value": gains.number(choice.extra.value),
                "ci": [gains.number(choice.extra.low), gains.number(choice.extra.high)],
            },
            "p80": gains.entry(choice.earlier, day),
            "robust": choice.robust,
            "best": choice.best,
        }
        for place, choice in enumerate(found.choices)
    ]
    return gains.lines_of(head, {"choices": choices})
