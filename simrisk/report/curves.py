"""The numbers behind the charts of dates and money: bins, frontier, and how figures settle."""

from __future__ import annotations

import numpy as np

from simrisk.measures import Measure, measure, share
from simrisk.measures.convergence import convergence, nested_sizes, shown_metrics
from simrisk.measures.estimates import Estimate
from simrisk.measures.histogram import Histogram, histogram
from simrisk.measures.joint import LEVEL, joint_chance, joint_cost, joint_frontier, quadrants
from simrisk.report import words
from simrisk.report.figures import Figures, Table, with_intervals

SURE = ("p75", "p80", "p85", "p90", "p95")  # dates for which the joint frontier is written down
FORMS = {"day": "D", "week": "D", "month": "M", "year": "Y"}  # of a bin's first day


def bins(figures: Figures) -> Table | None:
    """How often the project finishes in each period."""
    found = histogram(figures.run)
    labels = found.first.astype(f"datetime64[{FORMS.get(found.unit, 'M')}]").astype(str)
    n = figures.run.sizes["trial"]
    rows: list[tuple[str, ...]] = [
        (
            str(label),
            *_chance(Estimate(*ends)),
            *_chance(Estimate(*ends) if on_time == hits else share(int(on_time), n)),
        )
        for label, hits, on_time, *ends in zip(
            labels, found.hits, found.on_time, found.value, found.low, found.high, strict=True
        )
    ]
    others = (("later", found.later), ("not by the horizon", found.censored), ("stopped at a gate", found.stopped))
    in_time = measure(figures.run, "finish.on_time").value if "deadline" in figures.run.attrs else None
    left = {"later": (in_time or 0.0) - float(found.on_time.sum()) / n}  # of those on time, what is in no bin
    rows += [
        (label, *_chance(found_share), *_chance(share(round(max(left.get(label, 0.0), 0.0) * n), n)))
        for label, found_share in others
        if found_share.value > 0
    ]
    headers: tuple[str, ...] = (_first_column(found), *with_intervals("chance", "on time")[1:])
    if "deadline" not in figures.run.attrs:
        headers, rows = headers[:-2], [row[:-2] for row in rows]
    notes = ("Shares of all trials.",)
    return Table("When it finishes", headers, tuple(rows), notes, short=0)


def _first_column(found: Histogram) -> str:
    return {"day": "day", "week": "week from", "quarter": "quarter from"}.get(found.unit, found.unit)


def frontier(figures: Figures) -> Table | None:
    """Pairs of date and cost that are both kept in 70 % of all trials."""
    run = figures.run
    found = joint_frontier(run, LEVEL)
    if not len(found.finish):
        return None
    k = found.even
    points = [("evenly sure", float(found.finish[k]))]
    for name in SURE:
        at = measure(run, f"finish.{name}").value
        if at is not None and at >= found.finish[0]:
            points.append((name.upper(), at))
    rows = []
    for name, minute in points:
        cost = joint_cost(run, minute, LEVEL)
        money = words.money(cost.value)
        rows.append((name, str(figures.dates.finish_date(minute)), money, _money_between(cost)))
    headers = ("finish", "by", f"and at most {run.attrs['currency']}", "95 % interval")
    level = words.percent(float(LEVEL))
    notes = [f"Date and cost in a row are both kept, in the same trial, with a chance of {level}."]
    for p in (50, 80):
        date, cost_at = measure(run, f"finish.p{p}"), measure(run, f"cost.p{p}")
        if date.value is not None and cost_at.value is not None:
            both = _chance(joint_chance(run, date.value, cost_at.value))
            notes.append(f"P{p} of the date and P{p} of the cost are both kept in {both[0]} ({both[1]}).")
    return Table("Date and cost together", headers, tuple(rows), (*notes, *_quadrants(figures)), short=0)


def _quadrants(figures: Figures) -> tuple[str, ...]:
    """Shares of what is kept of deadline and budget, where there are both."""
    parts = quadrants(figures.run)
    if len(parts) < 4:
        return ()
    said = []
    for part in parts:
        time, money = "on time" if part.on_time else "late", "in budget" if part.in_budget else "over budget"
        value, ends = _chance(part.share)
        said.append(f"{time} and {money} {value} ({ends})")
    return (f"Of all trials are {', '.join(said)}.",)


def settling(figures: Figures) -> Table | None:
    """P80 and the mean of the finish, and what --until asked for, from the first trials of the run."""
    run = figures.run
    names, sizes = shown_metrics(run), nested_sizes(run.sizes["trial"])
    series = [convergence(run, name, sizes) for name in names]
    rows = [
        (f"{size:,}", *(cell for found in series for cell in _both(figures, found[k]))) for k, size in enumerate(sizes)
    ]
    headers = ("trials", *(head for name in names for head in (_spoken(name), "95 % interval")))
    notes = ("Each row is what a run of so many trials gives: trial k is the same however many there are.",)
    return Table("How the figures settle", headers, tuple(rows), notes, short=0)


def _spoken(metric: str) -> str:
    """A metric in words where it is one of the finish."""
    known = {"finish.mean": "mean finish"} | {f"finish.p{p}": f"P{p} of the finish" for p in range(1, 100)}
    return known.get(metric, metric)


def _both(figures: Figures, found: Measure) -> tuple[str, str]:
    day = figures.day_minutes
    return words.figure(found, figures.horizon, day_minutes=day), words.interval(found, day_minutes=day)


def _chance(share: Estimate) -> tuple[str, str]:
    return words.percent(share.value), words.between(words.percent(share.low), words.percent(share.high))


def _money_between(cost: Estimate) -> str:
    ends = [words.money(end) if np.isfinite(end) else other for end, other in ((cost.low, "?"), (cost.high, "beyond"))]
    return words.between(*ends)
