"""The tables of a report, row by row, as `plain_figures` has them."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

from pages import Cells
from plain_figures import (
    DAY,
    DEADLINE,
    N,
    average,
    bounds,
    chance,
    dates,
    days,
    ends,
    holds,
    level,
    money,
    number,
    of,
    percent,
    place,
    quantile,
    starts,
    told,
)
from simrisk.measures.project import CAUSES

# --- tables of the finish and of money ----------------------------------------------------------


def finish_and_cost(table: Cells) -> None:
    finish, cost = of("project_finish"), of("project_cost")
    for p in (10, 50, 80, 90):
        minute = quantile(finish, p)
        assert table.row(f"P{p}") == [*level(finish, p), days(minute), *level(cost, p, money)]
    mean, low, high = average(finish)
    paid = average(cost)
    spread = f"{money(paid[1])} .. {money(paid[2])}"
    assert table.row("mean") == [str(ends(mean)), dates(ends(low), ends(high)), days(mean), money(paid[0]), spread]
    planned = float(of("baseline_finish"))
    plain = [str(ends(planned)), "-", days(planned), money(float(of("baseline_cost"))), "-"]
    assert table.row("without dice") == plain


def confidence(table: Cells) -> None:
    assert [row[0] for row in table.rows] == [f"{p} %" for p in (5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)]
    for name, *cells in table.rows:
        p = number(name)
        assert cells == [*level(of("project_finish"), p), *level(of("logic_finish"), p)]


def bins(table: Cells) -> None:
    assert table.head[0] == "week from"
    finished = np.array([ends(minute) for minute in of("project_finish")])
    for first, *cells in table.rows:
        begin = date.fromisoformat(first)
        inside = (finished >= begin) & (finished < begin + timedelta(7))
        assert cells == [*chance(inside), *chance(inside & (finished <= DEADLINE))]
    assert sum(number(share) for share in table.column("chance")) == pytest.approx(100, abs=0.5)


def unlimited(table: Cells) -> None:
    finish, logic = of("project_finish"), of("logic_finish")
    for p in (50, 80):
        apart = days(quantile(finish, p) - quantile(logic, p))
        cells = table.row(f"P{p}")
        assert cells[:4] == [str(ends(quantile(finish, p))), *level(logic, p), apart]
        assert holds(*cells[3:])
    planned, alone = float(of("baseline_finish")), float(of("baseline_logic_finish"))
    assert table.row("without dice")[:4] == [str(ends(planned)), str(ends(alone)), "-", days(planned - alone)]


def chances(table: Cells) -> None:
    on_time = np.array([ends(minute) <= DEADLINE for minute in of("project_finish")])
    paid = of("project_spent") <= 6_600_000
    assert [row[1:] for row in table.rows] == [chance(on_time), chance(paid), chance(on_time & paid)]
    assert table.rows[1][0] == "within the budget, USD 60,000 (with contingency 66,000)"


def contingency(table: Cells) -> None:
    finish, cost = of("project_finish") - of("baseline_finish"), of("project_cost") - of("baseline_cost")
    deadline = (np.searchsorted(of("day_date"), np.datetime64(DEADLINE), "right")) * DAY
    assert table.row("working days") == [*level(finish, 80, days), days(deadline - float(of("baseline_finish")))]
    assert table.row("USD") == [*level(cost, 80, money), money(round(66_000 - float(of("baseline_cost")), 2))]


def milestones(table: Cells) -> None:
    late = {
        "project": (of("project_finish"), float(of("baseline_finish"))),
        "ship": (of("task_finish", 4), of("baseline_task_finish")[4]),
        "gate alpha (Alpha)": (of("gate_finish", 0), of("baseline_gate_finish")[0]),
    }
    assert [row[0] for row in table.rows] == list(late)
    for name, (minutes, planned) in late.items():
        levels = [cell for p in (50, 80, 90) for cell in level(minutes - planned, p, days)]
        assert table.row(name) == [str(ends(planned)), *levels]


def cash(table: Cells) -> None:
    run = told()[0]
    kept = [round(100 * q) for q in run["quantile"].values]
    for i, (month, *cells) in enumerate(table.rows):
        assert month == str(np.datetime_as_string(run["month"].values[i], "M"))
        mean, half = of("cash_mean")[i], 1.959963984540054 * of("cash_sd")[i] / math.sqrt(N)
        shown = [
            money(round(float(of("baseline_cash")[i]))),
            money(mean),
            f"{money(mean - half)} .. {money(mean + half)}",
        ]
        for name, whole in (("cash", float), ("cash_cumulative", round)):
            value, low, high = (run[f"{name}_quantile{end}"].values[i] for end in ("", "_low", "_high"))
            for p in (50, 80):
                at, least, most = (money(whole(float(ends[kept.index(p)]))) for ends in (value, low, high))
                shown += [at, f"{least} .. {most}"]
        assert cells == shown
    paid = of("project_cost")
    assert table.rows[-1][-2] == money(round(quantile(paid, 80)))  # all is spent by then


def frontier(table: Cells) -> None:
    finish, cost = of("project_finish"), of("project_cost")
    for name, day, limit, interval in table.rows:
        if name.startswith("P"):
            minute = quantile(finish, number(name[1:]))
            assert day == str(ends(minute))
            within = cost[finish <= minute]
            assert limit == money(np.sort(within)[math.ceil(0.7 * N) - 1])
        else:
            both = [(np.array([str(ends(m)) <= day for m in finish]) & (cost <= number(limit) + 0.5)).mean()]
            assert both[0] >= 0.7
        assert interval.split(" .. ")[1] == "beyond" or holds(limit, interval)


def settling(table: Cells) -> None:
    for trials, *cells in table.rows:
        some = of("project_finish")[: int(number(trials))]
        mean, low, high = average(some)
        assert cells == [*level(some, 80), str(ends(mean)), dates(ends(low), ends(high))]
    assert table.rows[-1][0] == str(N)


# --- tables of tasks, gates, people -------------------------------------------------------------


def named_cause(name: str) -> int:
    """Where a cause with that name is."""
    (cause,) = [cause for cause, said in CAUSES.items() if said == name]
    return of("cause").tolist().index(cause)  # type: ignore[no-any-return]


def chain(table: Cells) -> None:
    minutes, whole = of("chain_minutes"), of("project_finish").sum()
    for cause, share, interval, length, spread, planned in table.rows:
        i = named_cause(cause)
        assert share == percent(minutes[:, i].sum() / whole)
        assert holds(share, interval)
        assert (length, planned) == (days(minutes[:, i].mean()), days(of("baseline_chain_minutes")[i]))
        _, low, high = average(minutes[:, i])
        assert spread == f"{days(low)} .. {days(high)}"
    missing = set(range(len(CAUSES))) - {named_cause(row[0]) for row in table.rows}
    assert not minutes[:, sorted(missing)].any()


def risks(table: Cells) -> None:
    assert table.rows == [["storm", *chance(of("risk_happened", 0)), "25.0 %"]]


def gates(table: Cells) -> None:
    go = (of("gate_attempts", 0) == 1) & (of("gate_outcome", 0) == 1)
    passed = of("gate_finish", 0)
    reviews, low, high = (f"{number:.2f}" for number in average(of("gate_attempts", 0)))
    last = [cell for p in (50, 80) for cell in level(passed, p)]
    waived = chance(of("gate_outcome", 0) == 2)
    assert table.rows == [["alpha (Alpha)", *chance(go), reviews, f"{low} .. {high}", *last, *waived]]
    assert not (of("gate_outcome", 0) == 4).any()  # so nothing is said of stops


def gate_dates(table: Cells) -> None:
    passed = of("gate_finish", 0)
    plan, reviewed = of("baseline_gate_finish")[0], of("gate_first_review", 0)
    cells = [str(ends(plan)), *level(reviewed, 50), *(cell for p in (10, 50, 80) for cell in level(passed, p))]
    assert table.rows == [["alpha (Alpha)", *cells]]


def sprints(table: Cells) -> None:
    for i, (name, *cells) in enumerate(table.rows):
        opened = of("sprint_start", i) >= 0
        hours = []
        for what in ("velocity", "carry_over"):
            mean, low, high = (f"{minutes / 60:,.0f}" for minutes in average(of(f"sprint_{what}", i)[opened]))
            hours += [f"{mean} h", f"{low} .. {high} h"]
        assert name == f"{i + 1} Sprint {i + 1}"
        assert cells == [*chance(of("sprint_goal_met", i)), *hours]


def critical_tasks(table: Cells) -> None:
    for name, *cells in table.rows:
        i = place("task", name)
        on_it, low, high = average(of("task_chain_minutes", i))
        stretch = [days(on_it), f"{days(low)} .. {days(high)}"]
        assert cells == [*chance(of("task_critical", i)), *stretch, *level(of("task_finish", i), 80)]


def factor(name: str) -> np.ndarray:
    """What differs from trial to trial, by its name in the tables."""
    kind, _, label = name.partition(" of ")
    if kind == "common factor":
        return of("project_common_factor")
    if kind in ("effort", "duration"):
        i = of("task_name").tolist().index(label)
        left, done, common = of("task_effort", i), of("task_done")[i], of("project_common_factor")
        if kind == "duration":
            return left
        return np.where((left > 0) | (done == 0), (left + done) / common, 0.0)
    if kind == "absence":
        return of("person_absence_planned", place("person", label))
    if kind == "departure":
        left = of("person_left", place("person", label))
        return (left >= 0) & (left <= float(of("baseline_finish")))
    if kind == "another review":
        return of("gate_attempts", of("gate_name").tolist().index(label)) > 1
    return of("risk_happened", of("risk_name").tolist().index(name.removeprefix("risk: ")))


def low_and_high(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest tenth with equal values; what happens or not is split into without and with."""
    k = math.ceil(len(values) / 10)
    low, high = np.sort(values)[k - 1], np.sort(values)[-k]
    if low < high:
        return values <= low, values >= high
    return (values < low if (values < low).any() else values <= low), (
        values > low if (values > low).any() else values >= low
    )


def tornado(table: Cells, sample: np.ndarray, shown: Callable[[float], Any], said: Callable[[float], str]) -> None:
    whole = sample
    for name, *cells in table.rows:
        values, sample, p = factor(name), whole, 80.0
        if name.startswith(("absence", "departure")):  # only trials that had time for all of it
            fair = of("project_end") >= float(of("baseline_finish"))
            early = 1 - fair.mean()
            values, sample, p = values[fair], whole[fair], 100 * (0.8 - early) / (1 - early)
        low, high = (quantile(sample[some], p) for some in low_and_high(values))
        assert (cells[0], cells[2]) == (str(shown(low)), str(shown(high)))
        assert cells[4].removesuffix(" ~") == said(high - low)
        assert cells[6] == f"{stats.spearmanr(values, sample).statistic:+.2f}"
        assert "?" in cells[5] or "beyond" in cells[5] or holds(cells[4].removesuffix(" ~"), cells[5])
        assert holds(*cells[6:])


def date_drivers(table: Cells) -> None:
    tornado(table, of("project_finish"), ends, days)


def cost_drivers(table: Cells) -> None:
    tornado(table, of("project_cost"), money, money)


def steps(table: Cells) -> None:
    finish, planned = of("project_finish"), of("baseline_chain_minutes")
    low, high = bounds(finish, 80)
    ordered = np.sort(finish)
    near = (finish >= min(low, ordered[239 - 8])) & (finish <= max(high, ordered[239 + 8]))
    made = of("chain_minutes")[near].sum(axis=0) / of("chain_minutes")[near].sum() * quantile(finish, 80)
    for name, *cells in table.rows[:-1]:
        i = named_cause(name)
        assert cells[0] == days(planned[i])
        assert abs(number(cells[1]) - made[i] / DAY) <= 0.05 + 1 / DAY
        assert abs(number(cells[2]) - (made[i] - planned[i]) / DAY) <= 0.05 + 1 / DAY
        assert holds(*cells[2:])
    whole = (float(of("baseline_finish")), quantile(finish, 80))
    assert table.rows[-1] == ["finish", *(days(m) for m in (*whole, whole[1] - whole[0])), "-"]


def members(table: Cells) -> None:
    for name, *cells in table.rows:
        dim, _, label = name.partition(" ")
        i = place(dim, label)
        minutes, on = of(f"{dim}_chain_minutes", i), of(f"{dim}_critical", i)
        mean, low, high = average(minutes)
        when_on, low_on, high_on = average(minutes[on])
        assert cells[:-1] == [days(mean), f"{days(low)} .. {days(high)}", *chance(on), days(when_on)]
        assert cells[-1] == (f"{days(low_on)} .. {days(high_on)}" if on.sum() > 1 else "-")


def drivers(table: Cells) -> None:
    finish = of("project_finish")
    for name, *cells in table.rows:
        i = place("task", name)
        took = (of("task_finish", i) - of("task_start", i)).astype(float)
        critical = of("task_critical", i)
        index = critical.mean() * took.std(ddof=1) / finish.std(ddof=1)
        alike = abs(np.corrcoef(took, finish)[0, 1])
        assert (cells[0], cells[2]) == (f"{index:.3f}", f"{alike:.3f}")
        assert holds(*cells[:2])
        assert holds(*cells[2:4])
        assert cells[4:] == chance(critical)


def joins(table: Cells) -> None:
    before = {"soak": ["build", "port"], "gate alpha (Alpha)": ["design", "build", "port"]}
    for name, paths, length, interval, last, bounds_of_last in table.rows:
        names = before[name]
        ended = np.stack([of("task_finish", place("task", task)) for task in names], axis=1)
        assert paths == str(len(names))
        assert length == days(ended.max(axis=1).mean() - ended.mean(axis=0).max())
        assert holds(length, interval)
        task, share = last.split(", ")
        behind = (ended[:, [names.index(task)]] >= ended).all(axis=1).mean()
        assert number(share) <= 100 * behind + 0.05
        assert holds(share, bounds_of_last)


def critical_people(table: Cells) -> None:
    for name, *cells in table.rows:
        i = place("person", name)
        away, absent, gone = (of(f"person_{what}", i) for what in ("leave", "absence", "departed"))
        there = of("project_end") - of("person_from")[i] - away - absent - gone
        busy, low, high = average((of("person_worked", i) + of("person_ceremony", i)) / there)
        rest = [percent(busy), f"{percent(low).removesuffix(' %')} .. {percent(high)}"]
        in_days = [average(minutes) for minutes in (of("person_chain_minutes", i), away, absent)]
        on_it, left, ill = ([days(mean), f"{days(low)} .. {days(high)}"] for mean, low, high in in_days)
        assert cells == [*chance(of("person_critical", i)), *on_it, *rest, *left, *ill]


def time_spent(table: Cells) -> None:
    for name, *cells in table.rows:
        if name.startswith("devs"):
            busy = of("pool_worked", 0) / of("pool_present", 0)
            assert (cells[0], cells[4]) == (percent(busy.mean()), percent(1 - busy.mean()))
            assert holds(*cells[:2])
            assert holds(*cells[4:6])
            assert cells[2:4] == cells[6:8] == ["-", "-"]
            continue
        i = place("person", name)
        parts = {what: of(f"person_{what}", i) for what in ("worked", "ceremony", "leave", "absence", "departed")}
        there = of("project_end") - of("person_from")[i]
        shares = {what: (minutes / there).mean() for what, minutes in parts.items()}
        free = 1 - sum(shares.values())
        order = [shares["worked"], shares["ceremony"], free, shares["leave"], shares["absence"], shares["departed"]]
        assert cells[::2] == [percent(share) for share in order]
        assert all(holds(*cells[k : k + 2]) for k in range(0, 12, 2))


def ranges(table: Cells) -> None:
    for name, planned, *rest in table.rows:
        if name.startswith("alpha"):
            begun, done, plan = of("gate_first_review", 0), of("gate_finish", 0), of("baseline_gate_finish")[0]
        else:
            i = place("task", name)
            begun, done, plan = of("task_start", i), of("task_finish", i), of("baseline_task_finish")[i]
        assert planned == str(ends(plan))
        assert rest[4:] == [*level(done, 50), *level(done, 90)]
        if name == "ship":
            assert rest[:4] == ["-"] * 4
            continue
        assert [rest[0], rest[2]] == [str(starts(quantile(begun, p))) for p in (10, 50)]
        for p, cell in ((10, rest[1]), (50, rest[3])):
            low, high = bounds(begun, p)
            assert cell == dates(starts(low), starts(high))


def absence(table: Cells) -> None:
    finish = of("project_finish")
    had_time = of("project_end") >= float(of("baseline_finish"))
    p80 = 100 * (had_time.mean() - 0.2) / had_time.mean()  # trials without the time are early in every row
    overall, upper = quantile(finish, 80), {"none": 0, "up to 1": 1, "1 to 2": 2, "2 to 4": 4, "over 4": math.inf}
    for name, weeks, trials, *rest in table.rows:
        away = of("person_absence_planned", place("person", name)) / (5 * DAY)
        below = max((end for end in upper.values() if end < upper[weeks]), default=-1)
        some = finish[had_time & (away > below) & (away <= upper[weeks])]
        assert trials == f"{len(some):,}"
        if len(some) < 50:
            assert rest == ["-"] * 4
            continue
        assert rest[:2] == level(some, p80)
        assert rest[2] == f"{(quantile(some, p80) - overall) / DAY:+.1f}"


def burnup(table: Cells) -> None:
    effort, done = of("task_effort").astype(float), of("task_finish")
    planned = of("baseline_task_effort").astype(float)
    for day, *cells in table.rows:
        minute = np.searchsorted(of("day_date"), np.datetime64(day), "right") * DAY
        share = (effort * (done <= minute)).sum(axis=1) / effort.sum(axis=1)
        plain = planned[of("baseline_task_finish") <= minute].sum() / planned.sum()
        assert [cells[0], cells[1], cells[3], cells[5]] == [
            percent(value) for value in (plain, *(quantile(share, p) for p in (10, 50, 90)))
        ]
        for p, interval in ((10, cells[2]), (50, cells[4]), (90, cells[6])):
            low, high = bounds(share, p)
            assert interval == f"{percent(low).removesuffix(' %')} .. {percent(high)}"


def pools(table: Cells) -> None:
    busy = of("pool_worked", 0) / of("pool_present", 0)
    mean, low, high = average(busy)
    spread = f"{percent(low).removesuffix(' %')} .. {percent(high)}"
    assert table.rows == [["devs (Developers)", percent(mean), spread, *chance(of("pool_critical", 0))]]


def equipment(table: Cells) -> None:
    mean, low, high = average(of("equipment_used", 0) / of("project_end"))
    spread = f"{percent(low).removesuffix(' %')} .. {percent(high)}"
    assert table.rows == [["rig", "1", percent(mean), spread]]


def departures(table: Cells) -> None:
    left = of("person_left") >= 0
    assert table.row("somebody") == chance(left.any(axis=1))
    assert table.row("ANN (Lead)") == chance(left[:, 0])
    assert not left[:, 1].any()


def contractors(table: Cells) -> None:
    called = of("task_contractor")
    assert table.row("any task") == chance(called.any(axis=1))
    for name, *cells in table.rows[1:]:
        assert cells == chance(called[:, place("task", name)])
    assert len(table.rows) - 1 == called.any(axis=0).sum()


def correlations(table: Cells) -> None:
    effort = of("task_effort")
    asked = {"design ~ build": 0.9, "build ~ port": 0.9, "design ~ port": -0.5}
    for pair, *cells in table.rows:
        first, second = (effort[:, place("task", task)] for task in pair.split(" ~ "))
        assert cells[0] == f"{asked[pair]:+.3f}"
        assert float(cells[1]) == pytest.approx(float(of("correlation_used")[place("pair", pair)]), abs=5e-4)
        assert cells[2] == f"{stats.spearmanr(first, second).statistic:+.3f}"
        assert holds(*cells[2:])


def mitigations(table: Cells) -> None:
    assert table.rows == [["train", "3,000"]]
