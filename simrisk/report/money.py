"""What a report says of money and of what to set aside: prices, contingency in time and cost, the monthly cash flow."""

from __future__ import annotations

import json

import numpy as np

from simrisk.dataset import Results
from simrisk.report import words
from simrisk.report.figures import Figures, Table, with_intervals


def has_costs(run: Results) -> bool:
    """Whether there is anything to say about money: somebody set a budget, or something costs."""
    baseline = run["baseline_cost"].item()
    spent = bool(run["project_spent"].values.any()) or (np.isfinite(baseline) and baseline > 0)
    return "budget_limit_cents" in run.attrs or spent


def mitigations(figures: Figures) -> Table | None:
    """Mitigations that are active, with their price."""
    known = json.loads(figures.run.attrs["mitigations"])
    rows = [
        (name if name == entry else f"{entry} ({name})", words.money(price / 100))
        for entry, name, price, active in known
        if active
    ]
    headers = ("", f"price {figures.run.attrs['currency']}")
    return Table("Active mitigations", headers, tuple(rows)) if rows else None


def contingency(figures: Figures) -> Table | None:
    """What P80 asks for on top of the plan without dice, beside what the plan has."""
    attrs = figures.run.attrs
    finish, cost = figures.measure("baseline.finish").value, figures.measure("baseline.cost").value
    if finish is None or cost is None:
        return None
    targets: list[str] = []
    notes: tuple[str, ...] = ()
    days_left = money_left = words.NOTHING
    if "deadline_minute" in attrs:
        targets.append("the deadline")
        days_left = words.days(attrs["deadline_minute"] - finish, figures.day_minutes)
    if "budget_limit_cents" in attrs:
        limit, budget = attrs["budget_limit_cents"] / 100, attrs["budget_cents"] / 100
        targets.append("the budget with its contingency")
        money_left = words.money(round(limit - cost, 2))
        notes = (f"The contingency of the file is {attrs['currency']} {words.money(limit - budget)}.",)
    rows = [("working days", *figures.both("contingency.time.p80"), days_left)]
    if has_costs(figures.run):
        rows.append((str(attrs["currency"]), *figures.both("contingency.cost.p80"), money_left))
    said = "Needed: P80 minus the plan without dice."
    if targets:
        said += f" There is: from the plan without dice to {' and '.join(targets)}."
    headers = ("", "needed for P80", "95 % interval", "there is")
    return Table("Contingency", headers, tuple(rows), (said, *notes))


def cash(figures: Figures) -> Table | None:
    """The monthly cash flow until 80 % of the trials that finish have spent all they spend."""
    run = figures.run
    months = np.datetime_as_string(run["month"].values, "M")
    middle, high = (_so_far(run, q) for q in (0.5, 0.8))
    if not has_costs(run) or not len(months) or np.isnan(high[0]).any():
        return None
    shown = int(np.searchsorted(high[0], high[0][-1])) + 1
    rows = [
        (
            str(month),
            words.money(round(float(run["baseline_cash"].values[i]))),
            *(cell for figure in ("mean", "p50", "p80") for cell in figures.both(f"cash.{month}.{figure}")),
            *_with_ends(middle, i),
            *_with_ends(high, i),
        )
        for i, month in enumerate(months[:shown])
    ]
    headers = ("", "without dice", *with_intervals("mean", "P50", "P80", "P50 so far", "P80 so far")[1:])
    over = figures.measure("finish.mean").share
    notes = [f"{run.attrs['currency']} spent in each calendar month, and by its end."]
    if over < 1:
        notes.append(f"Over the {words.percent(over)} of the trials that finished.")
    return Table("Cash flow", headers, tuple(rows), tuple(notes), short=0)


def _so_far(run: Results, quantile: float) -> tuple[np.ndarray, ...]:
    """A quantile of the money spent by the end of each month, and the ends of its interval; each (n_months,)."""
    return tuple(run[f"cash_cumulative_quantile{end}"].sel(quantile=quantile).values for end in ("", "_low", "_high"))


def _with_ends(found: tuple[np.ndarray, ...], month: int) -> tuple[str, str]:
    """A sum and its interval."""
    value, low, high = (float(of_months[month]) for of_months in found)
    if not np.isfinite([low, high]).any():
        return words.money(round(value)), words.NOTHING
    ends = [words.money(round(end)) if np.isfinite(end) else beyond for end, beyond in ((low, "?"), (high, "beyond"))]
    return words.money(round(value)), words.between(*ends)
