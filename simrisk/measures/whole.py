"""Figures of the whole project: finish, cost, delay, what chance there is of targets, what to set aside, cash."""

from __future__ import annotations

import datetime
import math
import re
from dataclasses import replace

import numpy as np

from simrisk.dataset import Results, RunDates
from simrisk.measures import distance, project
from simrisk.measures.blocks import normal
from simrisk.measures.estimates import Estimate
from simrisk.measures.figure import UNITS, Measure, above_plan, chance, figure_of, percentile, statistic

ENDS = ("", "_low", "_high")  # of a quantile and of its interval, in the names of variables
MONTH = re.compile(r"(\d{4}-\d{2})\.(total\.)?(\w+)")


def finish(run: Results, name: str, rest: str) -> Measure | None:
    """When the project is finished, and with what chance by a date."""
    values = run["project_finish"].values
    if rest == "on_time":
        return chance(run, name, project.on_time(run)) if "deadline_minute" in run.attrs else None
    if rest.startswith("by."):
        try:
            day = datetime.date.fromisoformat(rest[3:])
        except ValueError:
            return None
        return _finished_by(run, name, day)
    return statistic(run, name, "finish", rest, values)


def _finished_by(run: Results, name: str, day: datetime.date) -> Measure:
    """Chance to be finished by a day; beyond the horizon that is known only when nothing was censored."""
    minute = RunDates.of(run).end_of(day)
    censored = run["project_outcome"].values == project.CENSORED
    if minute > run.attrs["horizon"] and censored.any():
        return Measure(name, "share", None, None, None, UNITS["share"], beyond_horizon=True)
    return chance(run, name, run["project_finish"].values <= minute)


def cost(run: Results, name: str, rest: str) -> Measure | None:
    """What the finished project costs."""
    if rest == "in_budget":
        return chance(run, name, project.in_budget(run)) if "budget_limit_cents" in run.attrs else None
    return statistic(run, name, "money", rest, run["project_cost"].values)


def delay(run: Results, name: str, rest: str) -> Measure | None:
    """Working time after the deadline."""
    return statistic(run, name, "duration", rest, project.delay(run)) if "deadline_minute" in run.attrs else None


def joint(run: Results, name: str, rest: str) -> Measure | None:
    """Chance of on time and in budget in the same trial."""
    if rest or not {"deadline_minute", "budget_limit_cents"} <= set(run.attrs):
        return None
    return chance(run, name, project.on_time(run) & project.in_budget(run))


def outcome(run: Results, name: str, rest: str) -> Measure | None:
    """How many trials did not finish."""
    flag = {"censored": project.CENSORED, "stopped": project.STOPPED}
    return None if rest else chance(run, name, run["project_outcome"].values == flag[name])


def baseline(run: Results, name: str, rest: str) -> Measure | None:
    """The plan without dice."""
    if rest not in ("finish", "cost", "logic"):
        return None
    value = float(run["baseline_logic_finish" if rest == "logic" else f"baseline_{rest}"])
    made = figure_of(run, name, "money" if rest == "cost" else "finish", Estimate(value, math.nan, math.nan))
    return replace(made, exact=True, stopped=int(run["baseline_outcome"]) == project.STOPPED)


def logic(run: Results, name: str, rest: str) -> Measure | None:
    """The same trials with every resource unlimited, and how much later the real ones are."""
    values = run["logic_finish"].values
    if rest == "on_time" and "deadline_minute" in run.attrs:
        return chance(run, name, values <= run.attrs["deadline_minute"])
    if rest.startswith("finish."):
        return statistic(run, name, "finish", rest.removeprefix("finish."), values, "logic_outcome")
    p = percentile(rest.removeprefix("gap.")) if rest.startswith("gap.") else None
    if p is not None:
        return figure_of(run, name, "duration", distance.logic_gap(run, p))
    return None


def contingency(run: Results, name: str, rest: str) -> Measure | None:
    """A level of the finish or the cost minus that of the plan without dice."""
    of, _, figure = rest.partition(".")
    if of not in ("time", "cost") or percentile(figure) is None:
        return None
    sample = "finish" if of == "time" else "cost"
    level = statistic(run, name, "duration" if of == "time" else "money", figure, run[f"project_{sample}"].values)
    assert level is not None
    return above_plan(level, float(run[f"baseline_{sample}"]))


def cash(run: Results, name: str, rest: str) -> Measure | None:
    """What is spent in one calendar month, or by its end, over the trials that finished."""
    found = MONTH.fullmatch(rest)
    if found is None or not 1 <= int(found[1][5:]) <= 12:
        return None
    month, months, (total, figure) = np.datetime64(found[1], "M"), project.months(run), found.groups()[1:]
    p, kept = percentile(figure), [round(100 * float(share)) for share in run["quantile"].values]
    if not project.first_month(run) <= month <= run["day_date"].values[-1]:
        return None
    if (figure != "mean" or total) and (p is None or 100 * p not in kept):
        return None
    done, place = project.finished(run), int(np.searchsorted(months, month))
    if total:
        place = min(place, len(months) - 1)  # after the last month with costs nothing is added
    if not 0 <= place < len(months):
        estimate = Estimate(0.0, 0.0, 0.0) if done.any() else Estimate(math.nan, math.nan, math.nan)
    elif p is None:
        centre, sd = (float(run[f"cash_{figure}"].values[place]) for figure in ("mean", "sd"))
        half = normal() * sd / math.sqrt(done.sum()) if done.any() else math.nan
        estimate = Estimate(centre, centre - half, centre + half)
    else:
        of = "cash_cumulative_quantile" if total else "cash_quantile"
        estimate = Estimate(*(float(run[f"{of}{end}"].values[place, kept.index(int(100 * p))]) for end in ENDS))
    return figure_of(run, name, "money", estimate, float(done.mean()))
