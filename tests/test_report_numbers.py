"""Every figure in every table of the report is the Dataset's, worked out with plain numpy; no table is left out.

A new table needs a function in `plain_tables`, or here: `FIGURES` has one for each table of figures, `WRITTEN` a row of
each table of words.
Intervals of quantiles, chances and means are worked out anew; those by the delta method have their coverage tested
elsewhere, and here only that they hold their figure.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from pages import Cells
from plain_figures import (
    DAY,
    DEADLINE,
    bounds,
    dates,
    days,
    ends,
    money,
    number,
    of,
    percent,
    place,
    quantile,
    starts,
    told,
)
from plain_tables import (
    absence,
    bins,
    burnup,
    cash,
    chain,
    chances,
    confidence,
    contingency,
    contractors,
    correlations,
    cost_drivers,
    critical_people,
    critical_tasks,
    date_drivers,
    departures,
    drivers,
    equipment,
    finish_and_cost,
    frontier,
    gate_dates,
    gates,
    joins,
    members,
    milestones,
    mitigations,
    named_cause,
    pools,
    ranges,
    risks,
    settling,
    sprints,
    steps,
    time_spent,
    unlimited,
)
from simrisk.scenario.checks import check

# --- the plan without dice ----------------------------------------------------------------------


def plan_dates(table: Cells) -> None:
    for name, kind, start, finish, critical in table.rows:
        dim = "gate" if kind == "gate" else "task"
        i = place(dim, name)
        assert finish == str(ends(of(f"baseline_{dim}_finish")[i]))
        assert critical == ("yes" if of(f"baseline_{dim}_critical")[i] else "-")
        assert start == (str(starts(of("baseline_task_start")[i])) if kind == "task" else "-")


def load_of_plan(table: Cells) -> None:
    # 10, 9 and 10 days of 8 hours; 2 hours of ceremonies in each sprint; BOB has two days of leave in the third
    assert table.rows[:3] == [
        ["ANN", "30 of 78", "0 of 70", "0 of 78"],
        ["BOB", "10 of 62", "60 of 56", "0 of 50"],
        ["devs", "0 of 80", "80 of 72", "0 of 160"],
    ]
    assert table.rows[3:] == [["rig", "0 of 80", "0 of 72", "32 of 80"]]


# --- the trial that is told ---------------------------------------------------------------------


def told_trial() -> int:
    """The one whose finish is nearest to P80; of several the first."""
    finish = of("project_finish")
    return int(np.argmin(np.abs(finish - quantile(finish, 80))))


def its_stretches(table: Cells) -> None:
    trial = told_trial()
    for dim in ("task", "gate"):
        for label, minutes in zip(of(dim), of(f"{dim}_chain_minutes")[trial], strict=True):
            name = f"gate {label}" if dim == "gate" else label
            length = sum(number(row[1]) for row in table.rows if row[2] == name)
            assert length == pytest.approx(minutes / DAY, abs=0.051 * len(table.rows))
    whole = sum(number(row[1]) for row in table.rows)
    assert whole == pytest.approx(of("project_finish")[trial] / DAY, abs=0.051 * len(table.rows))


def its_causes(table: Cells) -> None:
    here, plan = of("chain_minutes")[told_trial()], of("baseline_chain_minutes")
    for name, *cells in table.rows:
        i = slice(None) if name == "together" else named_cause(name)
        found, planned = float(here[i].sum()), float(plan[i].sum())
        assert cells == [days(found), days(planned), f"{(found - planned) / DAY:+.1f}"]
    assert table.rows[-1][0] == "together"


FIGURES: dict[str, Callable[[Cells], None]] = {
    "Why it was late": its_stretches,
    "The same by cause": its_causes,
    "Chance to be finished, and by when": confidence,
    "When it finishes": bins,
    "When tasks are likely to run": ranges,
    "When gates are passed": gate_dates,
    "Work finished": burnup,
    "What people's time goes into": time_spent,
    "P80 by absence": absence,
    "Date and cost together": frontier,
    "How the figures settle": settling,
    "The plan without dice, in dates": plan_dates,
    "Hours planned, of hours there are": load_of_plan,
    "Active mitigations": mitigations,
    "Finish and cost": finish_and_cost,
    "With unlimited people and equipment": unlimited,
    "Chances": chances,
    "Contingency": contingency,
    "Contingency by milestone": milestones,
    "Risks": risks,
    "Gates": gates,
    "Sprints": sprints,
    "What the finish is made of": chain,
    "From the plan to P80": steps,
    "What moves the date": date_drivers,
    "What moves the cost": cost_drivers,
    "Who sets the date": members,
    "Tasks that set the date most often": critical_tasks,
    "Tasks that drive the date": drivers,
    "Where paths join": joins,
    "People who set the date most often": critical_people,
    "Pools": pools,
    "Equipment": equipment,
    "People who left": departures,
    "Work done by contractors": contractors,
    "Correlations that had to be repaired": correlations,
    "Cash flow": cash,
}

SPELLS = "sick: 4 spells a year, each PERT: low 1d, likely 3d, high 15d"
WRITTEN: dict[str, list[str]] = {
    "What happened": ["Mon 5 Jan 2026, 09:00", "The project begins."],
    "Findings about the plan": ["warning", "20", "people.BOB [over-allocated]"],
    "Single points of failure": ["BOB", "rust", "10h", "contractor after 4 days", "design"],
    "Calendar": ["deadline", "2026-03-13"],
    "Defaults": [
        "common factor: one draw a trial, multiplies all task and rework effort",
        "log-normal: median 1, log-sd 0.3",
    ],
    "Efforts and durations": [
        *("design (Design it)", "1", "-", "BOB", "10h"),
        "PERT: low 8h, likely 10h, high 16h",
    ],
    "People": [*("BOB", "0.8", "1", "all the time", "-"), "166,400 a year (80 an hour)", "for work done", "rust 2"],
    "Leave, absence and departures": ["BOB", "2026-02-09 .. 2026-02-10", "10 days a year", SPELLS, "-"],
    "Rules for leave at random": ["leave is taken in blocks of", "5 working days"],
    "Pools of people": [
        *("devs (Developers)", "1 from 2026-01-05, 2 from 2026-02-02", "PERT: low 0h, likely 5d, high 15d", "-", "1"),
        "187,200 a year (90 an hour)",
    ],
    "Equipment there is": ["rig", "1", "0", "26,000 a year (12.50 an hour)"],
    "Gates and their chances": [
        *("alpha (Alpha)", "end of sprint 2", "tests 70.0 %, speed 80.0 %", "exactly 4h"),
        "extension exactly 2d; rework ANN exactly 8h; at most 2 extensions; then waived",
    ],
    "Risks and what they do": [
        *("storm", "25.0 %", "build, port"),
        "effort times PERT: low 1.1, likely 1.3, high 1.8; delay of exactly 2d",
    ],
    "Correlations": ["design, port", "each with each other", "-0.5"],
    "Mitigations": ["train", "3,000", "active"],
    "Money, in USD": ["contingency, on top of the budget", "10.0 %"],
    "Settings and versions": ["trials", "300"],
    "Where the figures and their intervals come from": ["means"],
    "GAO's ten best practices for schedules": ["4", "Durations are realistic and short enough to follow", "met"],
    "GAO's best practice 8: conducting a schedule risk analysis": [
        *("8.2", "Durations or efforts are ranges, not single figures", "met"),
        "3 of 4 tasks have a distribution and all share the common factor.",
    ],
    "The DCMA's 14 counts": ["10", "without resources", "1 of 4", "25 %", "0", "not met", "soak"],
}


def test_no_table_is_left_out() -> None:
    found = {table.caption for table in told()[2].tables}
    assert not found - set(FIGURES) - set(WRITTEN), "write a function for this table, or a row of it"
    assert not (set(FIGURES) | set(WRITTEN)) - found, "this plan has everything, so these tables are gone"


@pytest.mark.parametrize("caption", FIGURES)
def test_figures_are_those_of_the_dataset(caption: str) -> None:
    table = told()[2].table(caption)
    assert table.rows
    FIGURES[caption](table)


# Columns of figures without an interval: of the plan, of the scenario, counts, of one trial, or the figure before them
# in another unit.
CERTAIN = {
    "Active mitigations": {"price USD"},
    "The same by cause": {"here", "without dice", "difference"},
    "Why it was late": {"days", "what everything waited for", "what its days went into"},
    "The plan without dice, in dates": {"kind", "start", "finish", "sets the date"},
    "Hours planned, of hours there are": None,
    "When tasks are likely to run": {"planned"},
    "When gates are passed": {"planned"},
    "Work finished": {"without dice"},
    "P80 by absence": {"weeks away", "trials", "days later", "beyond chance"},
    "Date and cost together": {"by"},  # given: the cost is what is estimated
    "Finish and cost": {"days"},
    "With unlimited people and equipment": {"finish"},  # stands in the first table
    "Contingency": {"there is"},
    "Contingency by milestone": {"without dice"},
    "Risks": {"in the file"},
    "What the finish is made of": {"without dice"},
    "From the plan to P80": {"without dice", "at P80"},  # their difference has it
    "Where paths join": {"paths"},
    "Equipment": {"units"},
    "Correlations that had to be repaired": {"asked for", "used"},
    "Cash flow": {"without dice"},
}


@pytest.mark.parametrize("caption", FIGURES)
def test_every_figure_that_is_estimated_has_its_interval(caption: str) -> None:
    parts = [table for table in told()[2].tables if table.caption.partition(": ")[0] == caption]
    assert parts
    for table in parts:
        heads = table.head[1:]
        alone = {
            head
            for head, following in zip(heads, [*heads[1:], ""], strict=True)
            if head != "95 % interval" and following != "95 % interval"
        }
        certain = CERTAIN.get(caption, set())
        assert certain is None or alone <= certain


@pytest.mark.parametrize("caption", WRITTEN)
def test_words_are_those_of_the_scenario(caption: str) -> None:
    row = WRITTEN[caption]
    assert row in [found[: len(row)] for found in told()[2].table(caption).rows]


def test_every_finding_is_in_the_page() -> None:
    _, scenario, page = told()
    found = {row[-1] for row in page.table("Findings about the plan").rows}
    assert found == {" ".join(issue.found.split()) for issue in check(scenario)}


def test_the_answer_is_that_of_the_dataset() -> None:
    finish, cost = of("project_finish"), of("project_cost")
    text = told()[2].text
    p80, (low, high) = ends(quantile(finish, 80)), map(ends, bounds(finish, 80))
    apart = (DEADLINE - p80).days
    said = f"it is finished by {p80} (95 % interval {dates(low, high)}): {apart} calendar days before the deadline"
    assert said in text
    spare = money(round(66_000 - quantile(cost, 80), 2))
    assert f"at most USD {money(quantile(cost, 80))}" in text
    assert f": {spare} less than the budget of 60,000, with contingency 66,000." in text
    on_time = np.array([ends(minute) <= DEADLINE for minute in finish]).mean()
    assert f"finished by the deadline, 2026-03-13, is {percent(on_time)}" in text
    late = quantile(finish, 80) - float(of("baseline_finish"))
    assert f"P80 is {days(late)} working days (95 % interval " in text
    largest = told()[2].table("From the plan to P80").rows[0]
    assert f"What adds most: {largest[0]}, {largest[3]} ({largest[4]})" in text
    factor = told()[2].table("What moves the date").rows[0]
    assert f"P80 moves most with {factor[0]}: {factor[5]} ({factor[6]}) working days" in text


def test_checklist_evidence_is_that_of_the_dataset() -> None:
    rows = {row[0]: row[-1] for row in told()[2].table(next(t for t in WRITTEN if "practice 8" in t)).rows}
    finish = of("project_finish")
    low, high = bounds(finish, 80)
    assert f"known to ± {days((high - low) / 2)} working days" in rows["8.6"]
    needed = quantile(finish, 80) - float(of("baseline_finish"))
    assert f"P80 needs {days(needed)} working days" in rows["8.8"]
    ever = of("task_critical").any(axis=0).sum()
    assert f"{ever} of 5 tasks set the date in some trial" in rows["8.10"]
