"""The answer in a few sentences: date, cost and chance, each with what it is measured against; and what drives it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from simrisk.measures import measure
from simrisk.measures.drivers import tornado
from simrisk.measures.factors import factor_name
from simrisk.measures.figure import Measure
from simrisk.measures.project import CAUSES, shares_of_chain
from simrisk.measures.waterfall import waterfall
from simrisk.report import money, words
from simrisk.report.figures import Figures

MOST_CAUSES, MOST_MEMBERS, MOST_FACTORS = 4, 3, 3
RARELY = 0.005  # a share that would read as 0 %


@dataclass(frozen=True)
class Sentence:
    """One part of the answer.

    Parameters
    ----------
    label, figure : str
        What it is about, and the figure that is remembered.
    text : str
        The whole sentence.
    bad : bool
        Whether what it is measured against is missed: in plan, or at 80 % confidence.
    """

    label: str
    figure: str
    text: str
    bad: bool = False


def sentences(figures: Figures) -> tuple[Sentence, ...]:
    """Date, cost and chance."""
    found = (_date(figures), _cost(figures), _chance(figures))
    return tuple(sentence for sentence in found if sentence is not None)


def _date(figures: Figures) -> Sentence:
    p80, deadline = figures.measure("finish.p80"), figures.run.attrs.get("deadline")
    label = "finished by, with 80 % confidence"
    if p80.date is None:
        why = "it is stopped at a gate too often" if p80.stopped else f"too many trials run into {figures.horizon}"
        return Sentence(label, "no date", f"There is no date that is 80 % sure: {why}.", bad=True)
    text = f"With 80 % confidence it is finished by {p80.date}{_error(figures, 'finish.p80')}"
    late = 0
    if deadline:
        late = (p80.date - date.fromisoformat(deadline)).days
        text += f": {against(late)}, {deadline}"
    return Sentence(label, str(p80.date), text + ".", late > 0)


def against(late: int) -> str:
    """Calendar days after the deadline in words."""
    if late == 0:
        return "the day of the deadline"
    return f"{words.count(abs(late), 'calendar day')} {'after' if late > 0 else 'before'} the deadline"


def _error(figures: Figures, name: str) -> str:
    """The interval of a figure in brackets."""
    low_to_high = figures.both(name)[1]
    return "" if low_to_high == words.NOTHING else f" (95 % interval {low_to_high})"


def _cost(figures: Figures) -> Sentence | None:
    run = figures.run
    if not money.has_costs(run):
        return None
    p80, currency = figures.measure("cost.p80"), run.attrs["currency"]
    label = "cost at most, with 80 % confidence"
    if p80.value is None:
        return Sentence(
            label, "no figure", "There is no cost that is 80 % sure: too many trials do not finish.", bad=True
        )
    amount = f"{currency} {words.money(p80.value)}"
    text = f"With 80 % confidence it costs at most {amount}{_error(figures, 'cost.p80')}"
    over = False
    if "budget_limit_cents" in run.attrs:
        limit, budget = run.attrs["budget_limit_cents"] / 100, run.attrs["budget_cents"] / 100
        over = p80.value > limit
        apart = words.money(abs(round(p80.value - limit, 2)))
        text += f": {apart} {'more' if over else 'less'} than the budget of {words.money(budget)}"
        text += f", with contingency {words.money(limit)}" if limit > budget else ""
    return Sentence(label, amount, text + ".", over)


def _chance(figures: Figures) -> Sentence | None:
    attrs = figures.run.attrs
    names = {}
    if "deadline" in attrs:
        names["finish.on_time"] = f"to be finished by the deadline, {attrs['deadline']},"
    if "budget_limit_cents" in attrs:
        names["cost.in_budget"] = "to stay within budget and contingency"
    if len(names) == 2:
        names["joint"] = "of both together"
    if not names:
        return None
    said = [f"{what} {'is ' if not i else ''}{figures.value(name)}" for i, (name, what) in enumerate(names.items())]
    last = list(names)[-1]
    text = f"The chance {_listed(said)}{_error(figures, last)}."
    label = {"finish.on_time": "chance to be on time", "cost.in_budget": "chance to be in budget"}
    share = figures.measure(last).value or 0.0
    return Sentence(label.get(last, "chance to be on time and in budget"), figures.value(last), text, share < 0.5)


def _listed(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])}, and {parts[-1]}"


def without_dice(figures: Figures) -> Sentence | None:
    """Whether the plan itself keeps what it promised: a plan that is late without dice needs no simulation."""
    plan, deadline = figures.measure("baseline.finish"), figures.run.attrs.get("deadline")
    if plan.date is None:
        return None
    text = f"Without dice (likely efforts, nobody ill, every gate passed at once) the plan ends on {plan.date}"
    late = 0
    if deadline:
        late = (plan.date - date.fromisoformat(deadline)).days
        text += f", {against(late)}"
    if late > 0:
        text += ": the plan itself is late, before anything goes wrong"
    return Sentence("without dice", str(plan.date), text + ".", late > 0)


def reasons(figures: Figures) -> tuple[str, ...]:
    """What drives the date, in a few sentences; the tables and charts have it in full."""
    found = (_steps(figures), _factors(figures), _on_the_chain(figures), _limits(figures), _setbacks(figures))
    return tuple(sentence for sentence in found if sentence)


def _steps(figures: Figures) -> str:
    """What makes P80 later than the plan without dice; where there is no P80, what the mean finish is made of."""
    found = waterfall(figures.run)
    if found is None:
        return _causes(figures)
    late = figures.measure("contingency.time.p80").value or 0.0
    if late <= 0:
        return f"P80 is {words.days(-late, figures.day_minutes)} working days before the end of the plan without dice."
    error = _error(figures, "contingency.time.p80")
    said = (
        f"P80 is {words.days(late, figures.day_minutes)} working days{error} after the end of the plan without dice, "
        f"{found.plan.date}"
    )
    more = sorted(found.steps, key=lambda step: step.planned - step.expected)[:MOST_FACTORS]
    parts = [f"{CAUSES[step.cause]}, {_days(figures, step.change)}" for step in more if step.expected > step.planned]
    return f"{said}. What adds most: {'; '.join(parts)}."


def _factors(figures: Figures) -> str:
    """What P80 goes with most, of what is beyond chance."""
    sure = [made for made in tornado(figures.run) if not made.is_noise and made.change.value is not None]
    if not sure:
        return ""
    first, *others = [(factor_name(figures.run, made.factor), made.change) for made in sure[:MOST_FACTORS]]
    said = (
        f"P80 moves most with {first[0]}: {_days(figures, first[1])} working days between the tenth of the trials "
        "where it is smallest and that where it is largest"
    )
    rest = "; ".join(f"{name}: {_days(figures, change)}" for name, change in others)
    return f"{said}; then with {rest}." if rest else f"{said}."


def _days(figures: Figures, change: Measure) -> str:
    """Working days and their interval, e.g. ``30.7 (27.0 .. 34.4)``."""
    value = words.figure(change, figures.horizon, day_minutes=figures.day_minutes)
    bounds = words.interval(change, day_minutes=figures.day_minutes)
    return value if bounds == words.NOTHING else f"{value} ({bounds})"


def _causes(figures: Figures) -> str:
    run, shares = figures.run, shares_of_chain(figures.run)
    whole = figures.measure("finish.mean").value
    if whole is None:
        return ""
    parts = []
    for i in np.argsort(-shares.value, kind="stable")[:MOST_CAUSES]:
        share, cause = float(shares.value[i]), str(run["cause"].values[i])
        if share >= RARELY:
            days = words.days(share * whole, figures.day_minutes)
            parts.append(f"{CAUSES[cause]}, {days} ({words.percent(share)})")
    days = words.days(whole, figures.day_minutes)
    return f"On average the trials that finish take {days} working days: {'; '.join(parts)}." if parts else ""


def _on_the_chain(figures: Figures) -> str:
    said, run = [], figures.run
    for dim, noun in (("task", "tasks"), ("gate", "gates"), ("person", "people"), ("pool", "pools")):
        if not run[f"{dim}_critical"].size:
            continue
        labels = run[dim].values
        names = run[f"{dim}_name"].values if dim in ("task", "gate") else labels
        shares = [
            (_criticality(figures, dim, str(label)), str(name) or str(label))
            for label, name in zip(labels, names, strict=True)
        ]
        first = sorted((pair for pair in shares if pair[0] >= RARELY), key=lambda pair: -pair[0])[:MOST_MEMBERS]
        if first:
            said.append(f"{noun} {', '.join(f'{name} ({words.percent(share)})' for share, name in first)}")
    return f"Most often on the chain of work and waiting that sets the date: {'; '.join(said)}." if said else ""


def _criticality(figures: Figures, dim: str, name: str) -> float:
    from simrisk.measures.project import finished

    done = finished(figures.run)
    if dim != "gate":
        return measure(figures.run, f"{dim}.{name}.criticality").value or 0.0
    place = figures.run["gate"].values.tolist().index(name)
    return float(figures.run["gate_critical"].values[done, place].mean()) if done.any() else 0.0


def _limits(figures: Figures) -> str:
    run = figures.run
    if not run.sizes["person"] + run.sizes["pool"] + run.sizes["equipment"]:
        return ""
    real, logic = figures.measure("finish.p80").value, figures.measure("logic.finish.p80").value
    if real is None or logic is None or real <= logic:
        return ""
    days, share = words.days(real - logic, figures.day_minutes), words.percent((real - logic) / real)
    return (
        f"With everybody always there and free P80 would be {figures.value('logic.finish.p80')}: {days} working days"
        f"{_error(figures, 'logic.gap.p80')}, {share} of the time until P80, are lost because people and equipment "
        "are limited."
    )


def _setbacks(figures: Figures) -> str:
    """The gate that most often says no."""
    gates = [str(gate) for gate in figures.run["gate"].values]
    chances = {gate: figures.measure(f"gate.{gate}.p_go").value for gate in gates}
    known = {gate: chance for gate, chance in chances.items() if chance is not None and chance < 1}
    if not known:
        return ""
    worst = min(known, key=lambda gate: known[gate] or 0.0)
    name = str(figures.run["gate_name"].values[gates.index(worst)]) or worst
    return (
        f"The gate that says no most often is {name}: go at the first review in {figures.value(f'gate.{worst}.p_go')} "
        f"of the trials, {figures.value(f'gate.{worst}.attempts')} reviews on average."
    )
