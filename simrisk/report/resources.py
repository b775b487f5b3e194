"""What a report says of resources and risks: the time they cost, who was there, what happened, what was correlated."""

from __future__ import annotations

import numpy as np

from simrisk.dataset import Results, column
from simrisk.dataset.pairs import JOINT
from simrisk.measures.correlation import spearman
from simrisk.measures.project import blocks
from simrisk.report import words
from simrisk.report.figures import INTERVAL, Figures, Table, with_intervals

MOST = 8  # rows on a terminal
BUSY = ("utilisation", "criticality")  # figures of a pool
REPAIRED = 1e-9  # a correlation that differs by more was repaired


def logic_only(figures: Figures) -> Table | None:
    """The same trials with every resource unlimited, and in words what is due to people and equipment."""
    run = figures.run
    if not run.sizes["person"] + run.sizes["pool"] + run.sizes["equipment"]:
        return None
    rows = [
        (label, figures.value(f"finish.{p}"), *figures.both(f"logic.finish.{p}"), *figures.both(f"logic.gap.{p}"))
        for label, p in (("P50", "p50"), ("P80", "p80"))
    ]
    planned = ("baseline.finish", "baseline.logic")
    values = (figures.value(planned[0]), *figures.both(planned[1]))
    rows.append(("without dice", *values, _days_between(figures, planned[1], planned[0]), words.NOTHING))
    headers = ("", "finish", "logic only", "95 % interval", "days earlier", "95 % interval")
    notes = ["Logic only: the same trials with everybody and everything always there, at full rate and never short."]
    return Table("With unlimited people and equipment", headers, tuple(rows), (*notes, *_said(figures)))


def _days_between(figures: Figures, early: str, late: str) -> str:
    first, last = figures.measure(early).value, figures.measure(late).value
    if first is None or last is None:
        return words.NOTHING
    return words.days(last - first, figures.day_minutes)


def _said(figures: Figures) -> tuple[str, ...]:
    """The difference at P80 in a sentence."""
    real, logic = figures.measure("finish.p80").value, figures.measure("logic.finish.p80").value
    if real is None or logic is None or real <= 0:
        return ()
    if real == logic:
        return ("At P80 nothing is lost to limited resources.",)
    days = words.days(abs(real - logic), figures.day_minutes)
    if logic > real:
        return (f"At P80 the limits save {days} days: policies that drop work when people are away.",)
    share = words.percent((real - logic) / real)
    return (f"At P80 {days} days, {share} of the time, are lost because people and equipment are limited.",)


def risks(figures: Figures) -> Table | None:
    """How often each risk happened."""
    chances = figures.run["risk_probability"].values
    rows = [
        (name, *figures.both(f"risk.{risk}.happened"), words.percent(float(chance)))
        for risk, name, chance in zip(figures.run["risk"].values, figures.named("risk", "name"), chances, strict=True)
    ]
    headers = ("", "happened", "95 % interval", "in the file")
    return Table("Risks", headers, tuple(rows), short=MOST) if rows else None


def pools(figures: Figures) -> Table | None:
    """How busy the heads of each pool are; those that set the date most often first, then the busiest."""
    labels = figures.run["pool"].values
    rank = [[figures.measure(f"pool.{pool}.{figure}").value or 0.0 for figure in reversed(BUSY)] for pool in labels]
    names = figures.named("pool", "role")
    rows = [
        (names[i], *(cell for figure in BUSY for cell in figures.both(f"pool.{labels[i]}.{figure}")))
        for i in sorted(range(len(labels)), key=lambda i: rank[i], reverse=True)
    ]
    headers = with_intervals("busy", "on the chain")
    notes = ("Busy: mean share of the heads' time spent on tasks, over the trials that finished.",)
    return Table("Pools", headers, tuple(rows), notes, MOST) if rows else None


def equipment(figures: Figures) -> Table | None:
    """How much of the equipment is in use."""
    labels = figures.run["equipment"].values
    units = figures.run["equipment_units"].values
    rows = [
        (name, str(n), *figures.both(f"equipment.{kind}.utilisation"))
        for kind, name, n in zip(labels, figures.named("equipment", "name"), units, strict=True)
    ]
    headers = ("", "units", "in use", "95 % interval")
    return Table("Equipment", headers, tuple(rows), short=MOST) if rows else None


def departures(figures: Figures) -> Table | None:
    """How often somebody left, and who."""
    left = figures.run["person_left"].values >= 0
    if not left.any():
        return None
    names = figures.named("person", "role")
    rows = [
        (names[i], *figures.both(f"person.{figures.run['person'].values[i]}.left"))
        for i in np.argsort(-left.mean(axis=0), kind="stable")
        if left[:, i].any()
    ]
    somebody = ("somebody", *figures.chance(np.any(left, axis=1)))
    return Table("People who left", ("", "in trials", "95 % interval"), (somebody, *rows), short=MOST)


def contractors(figures: Figures) -> Table | None:
    """How often contractors did the work, and which."""
    called = figures.run["task_contractor"].values
    if not called.any():
        return None
    names = figures.named("task", "name")
    rows = [
        (names[i], *figures.both(f"task.{figures.run['task'].values[i]}.contractor"))
        for i in np.argsort(-called.mean(axis=0), kind="stable")
        if called[:, i].any()
    ]
    anything = ("any task", *figures.chance(np.any(called, axis=1)))
    return Table("Work done by contractors", ("", "in trials", "95 % interval"), (anything, *rows), short=MOST)


def repaired_correlations(figures: Figures) -> Table | None:
    """Correlations that no efforts can have together, and what was taken instead."""
    run = figures.run
    asked, used = run["correlation_asked"].values, run["correlation_used"].values
    rows = [
        (str(run["pair"].values[i]), _signed(asked[i]), _signed(used[i]), *_drawn(run, i))
        for i in np.argsort(-np.abs(used - asked), kind="stable")
        if abs(used[i] - asked[i]) > REPAIRED
    ]
    headers = ("", "asked for", "used", "rank correlation drawn", INTERVAL)
    notes = (
        "No efforts can have all the correlations asked for at once; the nearest ones that are possible were used.",
    )
    return Table("Correlations that had to be repaired", headers, tuple(rows), notes, MOST) if rows else None


def _drawn(run: Results, pair: int) -> tuple[str, str]:
    """The rank correlation of what was drawn for a pair, and its interval."""
    first, second = (column(run, "task_effort", "task", task) for task in str(run["pair"].values[pair]).split(JOINT))
    found = spearman(first, second, blocks(run))
    between = words.NOTHING if np.isnan(found.low) else words.between(_signed(found.low), _signed(found.high))
    return _signed(float(run["correlation_produced"].values[pair])), between


def _signed(value: float) -> str:
    return words.NOTHING if np.isnan(value) else f"{value:+.3f}"
