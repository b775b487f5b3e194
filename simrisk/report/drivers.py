"""What a report says of what moves the date: the tornado, the waterfall, who is on the driving chain."""

from __future__ import annotations

from simrisk.measures.chain import chain_members
from simrisk.measures.drivers import Of, Swing, rank_correlations, tornado
from simrisk.measures.estimates import Estimate
from simrisk.measures.factors import factor_name
from simrisk.measures.project import CAUSES
from simrisk.measures.waterfall import waterfall
from simrisk.report import words
from simrisk.report.figures import Figures, Table, with_intervals

MOST = 12  # factors listed, as in the chart
MOST_MEMBERS = 30  # of the chain
CHANCE = " ~"  # behind a change that may be chance


def date_drivers(figures: Figures) -> Table | None:
    """How far each factor moves P80 of the finish."""
    return _tornado(figures, "finish", "What moves the date", "days")


def cost_drivers(figures: Figures) -> Table | None:
    """How far each factor moves P80 of the cost."""
    from simrisk.report.money import has_costs

    if not has_costs(figures.run):
        return None
    return _tornado(figures, "cost", "What moves the cost", str(figures.run.attrs["currency"]))


def _tornado(figures: Figures, of: Of, title: str, unit: str) -> Table | None:
    found = [made for made in tornado(figures.run, of) if made.low.value is not None or made.high.value is not None]
    shown = found[:MOST]
    correlations = rank_correlations(figures.run, [made.factor for made in shown], of)
    rows = [_row(figures, *row) for row in zip(shown, correlations, strict=True)]
    interval = "95 % interval"
    headers = ("", "P80 when low", interval, "P80 when high", interval, unit, interval, "rank correlation", interval)
    notes = [
        "P80 among the trials in which the factor is in its low tenth, and in its high tenth; of what happens or does "
        "not, among those without it and with it. Conditional: what a change would bring, a run with it says.",
    ]
    if any(made.is_noise for made in shown):
        notes.append("~: with so many factors it may be chance.")
    if len(found) > MOST:
        notes.append(f"{words.count(len(found) - MOST, 'factor')} more with less, or with nothing that is sure.")
    return Table(title, headers, tuple(rows), tuple(notes), short=0) if rows else None


def _row(figures: Figures, made: Swing, correlation: Estimate) -> tuple[str, ...]:
    day_minutes = figures.day_minutes
    ends = [
        text
        for end in (made.low, made.high)
        for text in (
            words.figure(end, figures.horizon, day_minutes=day_minutes),
            words.interval(end, day_minutes=day_minutes),
        )
    ]
    change = words.figure(made.change, figures.horizon, day_minutes=day_minutes) + CHANCE * made.is_noise
    interval = words.interval(made.change, day_minutes=day_minutes)
    return (factor_name(figures.run, made.factor), *ends, change, interval, *_correlation(correlation))


def _correlation(found: Estimate) -> tuple[str, str]:
    if found.value != found.value:
        return words.NOTHING, words.NOTHING
    bounds = words.NOTHING if found.low != found.low else words.between(_signed(found.low), _signed(found.high))
    return _signed(found.value), bounds


def _signed(value: float) -> str:
    """With two decimals and its sign; what is written as nothing has none."""
    rounded = round(value, 2)
    return f"{rounded:+.2f}" if rounded else "0.00"


def steps(figures: Figures) -> Table | None:
    """What makes P80 later than the plan without dice, cause by cause."""
    found = waterfall(figures.run)
    if found is None or found.plan.value is None or found.level.value is None:
        return None
    days = figures.day_minutes
    rows: list[tuple[str, ...]] = [
        (
            CAUSES[step.cause],
            words.days(step.planned, days),
            words.days(step.expected, days),
            words.figure(step.change, figures.horizon, day_minutes=days),
            words.interval(step.change, day_minutes=days),
        )
        for step in sorted(found.steps, key=lambda step: step.planned - step.expected)
        if step.planned or step.expected
    ]
    whole = (found.plan.value, found.level.value, found.level.value - found.plan.value)
    rows.append(("finish", *(words.days(minutes, days) for minutes in whole), words.NOTHING))
    headers = ("", "without dice", "at P80", "days more", "95 % interval")
    notes = (
        f"What the chains of the {words.count(found.trials, 'trial')} that finish about P80 are made of, as shares of "
        f"P80, {found.level.date}, against the chain of the plan without dice, {found.plan.date}; working days.",
    )
    return Table("From the plan to P80", headers, tuple(rows), notes, short=0)


def chain(figures: Figures) -> Table | None:
    """All who have something of the chain that sets the date, as in the chart."""
    members = [member for member in chain_members(figures.run) if member.minutes.value > 0]
    names = {
        (dim, label): name
        for dim, text in (("task", "name"), ("gate", "name"), ("person", "role"), ("pool", "role"))
        for label, name in zip(figures.run[dim].values.tolist(), figures.named(dim, text), strict=True)
    }
    rows = []
    for member in members[:MOST_MEMBERS]:
        metric = f"{member.dim}.{member.label}"
        found = (cell for figure in ("chain", "criticality", "stretch") for cell in figures.both(f"{metric}.{figure}"))
        rows.append((f"{member.dim} {names[member.dim, member.label]}", *found))
    headers = with_intervals("days on it", "on the chain", "days when on it")
    notes = ["Working days of the chain that sets the date, means; tasks and gates share it, people can have the same."]
    if len(members) > len(rows):
        notes.append(f"{len(members) - len(rows):,} more with less.")
    return Table("Who sets the date", headers, tuple(rows), tuple(notes), short=0) if rows else None
