"""Every figure that is printed is the Dataset's, in the table, in Markdown and in JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
import xarray as xr

from outcomes import (
    CALENDAR,
    DAY,
    PAIRS,
    a_plan,
    a_run,
    a_scenario,
    a_wide_scenario,
    made_up_finishes,
    outcomes_of,
    without,
)
from simrisk.measures import measure
from simrisk.measures.project import CAUSES
from simrisk.report import markdown, summary, text, words
from simrisk.scenario.model import Prior
from simrisk_kernels.layout import CENSORED, FINISHED


@pytest.fixture(scope="module")
def run() -> xr.Dataset:
    return a_run()


def row(page: str, label: str, *, after: str = "") -> list[str]:
    """Cells of the row that begins with `label`, after the heading `after`."""
    lines = page[page.index(after) :].splitlines()
    found = next(line for line in lines if line.strip().startswith(label))
    return re.split(r"\s{2,}", found.strip())


def quantile(run: xr.Dataset, variable: str, percent: int) -> float:
    """Order statistic number ceil(p n), the naive way."""
    values = sorted(run[variable].values)
    return float(values[-(-percent * len(values) // 100) - 1])


@pytest.mark.parametrize("percent", [10, 50, 80, 90])
def test_quantiles_in_the_table(run: xr.Dataset, percent: int) -> None:
    cells = row(text.render(run), f"P{percent}")
    minute, cost = quantile(run, "project_finish", percent), quantile(run, "project_cost", percent)
    assert cells[1] == str(CALENDAR.finish_date(minute))
    assert cells[3] == f"{minute / DAY:.1f}"
    assert cells[4] == f"{cost:,.0f}"
    finish = measure(run, f"finish.p{percent}")
    assert finish.low_date is not None
    assert finish.high_date is not None
    assert cells[2] == f"{finish.low_date} .. {finish.high_date:%m-%d}"


def test_means_and_the_plan_in_the_table(run: xr.Dataset) -> None:
    page = text.render(run)
    done = run["project_outcome"].values == FINISHED
    mean = run["project_finish"].values[done].mean()
    assert row(page, "mean")[1] == str(CALENDAR.finish_date(mean))
    assert row(page, "mean")[4] == f"{run['project_cost'].values[done].mean():,.0f}"
    assert row(page, "without dice")[1:4] == [str(CALENDAR.finish_date(100 * DAY)), "-", "100.0"]
    assert f"over the {100 * done.mean():.1f} % of the trials that finished" in page


def test_chances_in_the_table(run: xr.Dataset) -> None:
    page = text.render(run)
    on_time = run["project_finish"].values <= run.attrs["deadline_minute"]
    affordable = run["project_cost"].values <= 385_000
    assert row(page, "finished by the deadline, 2026-06-19")[1] == f"{100 * on_time.mean():.1f} %"
    label = "within the budget, USD 350,000 (with contingency 385,000)"
    assert row(page, label)[1] == f"{100 * affordable.mean():.1f} %"
    assert row(page, "both")[1] == f"{100 * (on_time & affordable).mean():.1f} %"


def test_gates_and_sprints_in_the_table(run: xr.Dataset) -> None:
    page = text.render(run)
    first = (run["gate_attempts"].values == 1) & (run["gate_outcome"].values == 1)
    assert row(page, "tier1", after="Gates")[1] == f"{100 * first.mean():.1f} %"
    assert row(page, "tier1", after="Gates")[3] == f"{run['gate_attempts'].values.mean():.2f}"
    cells = row(page, "2 Two", after="Sprints")
    assert cells[1] == f"{100 * run['sprint_goal_met'].values[:, 1].mean():.1f} %"
    assert cells[3] == f"{run['sprint_velocity'].values[:, 1].mean() / 60:,.0f} h"
    assert cells[5] == f"{run['sprint_carry_over'].values[:, 1].mean() / 60:,.0f} h"


def test_the_chain_in_the_table_adds_up_to_the_mean(run: xr.Dataset) -> None:
    page = text.render(run)
    done = run["project_outcome"].values == FINISHED
    section = page[page.index("What the finish is made of") :].split("\n\n")[0].splitlines()[2:]
    cells = [re.split(r"\s{2,}", line.strip()) for line in section if "  " in line.strip()]
    minutes = dict(zip(run["cause"].values, run["chain_minutes"].values[done].mean(axis=0), strict=True))
    for name, share, _, days, _ in cells:
        cause = next(cause for cause, said in CAUSES.items() if said == name)
        assert days == f"{minutes[cause] / DAY:.1f}"
        assert share == f"{100 * minutes[cause] / run['project_finish'].values[done].mean():.1f} %"
    assert [c[0] for c in cells] == [
        CAUSES[cause] for cause in ("work", "gate", "busy", "leave")
    ]  # the largest first, none that is 0
    assert sum(float(c[3]) for c in cells) == pytest.approx(run["project_finish"].values[done].mean() / DAY, abs=0.2)


def test_the_most_critical_in_the_table(run: xr.Dataset) -> None:
    page = text.render(run)
    done = run["project_outcome"].values == FINISHED
    share = run["task_critical"].values[done].mean(axis=0)
    assert row(page, "alpha (Alpha)")[1] == f"{100 * share[0]:.1f} %"
    assert "gamma (Gamma)" not in page  # never on the chain
    people = page[page.index("People who") :]
    assert people.index("ANN (role of ANN)") < people.index("BOB (role of BOB)")


def test_trials_that_did_not_finish_come_first(run: xr.Dataset) -> None:
    page = text.render(run)
    places = [page.index(said) for said in ("20 trials (1.0 %) did not", "10 trials (0.5 %) were", "With 80 %")]
    assert places == sorted(places)
    assert "!" not in text.render(a_run(*made_up_finishes(50, censored=0, stopped=0)))


@pytest.mark.parametrize(
    ("days", "said"),
    [
        (118, "finished by 2026-06-19, the day of the deadline"),
        (117, "finished by 2026-06-18, 1 calendar day before the deadline"),
        (119, "finished by 2026-06-22, 3 calendar days after the deadline"),
    ],
)
def test_the_answer(days: int, said: str) -> None:
    assert said in " ".join(text.render(a_run(np.full(40, days * DAY))).split())


def test_answers_without_a_deadline_and_without_a_date() -> None:
    run = a_run(np.full(40, 10 * DAY), plan=without(deadline=None, budget=None))
    assert "finished by 2026-01-16." in text.render(run)
    assert "Chances" not in text.render(run)
    run = a_run(np.full(40, 250 * DAY), np.full(40, CENSORED))
    assert "there is no P80 date" in " ".join(text.render(run).split())
    assert row(text.render(run), "P80")[1] == "beyond 2026-12-22"


def test_among_stopped_trials_there_is_no_talk_of_the_horizon() -> None:
    finish, outcome = made_up_finishes(1000, censored=0, stopped=400)
    page = " ".join(text.render(a_run(finish, outcome)).split())
    assert "There is no P80 date: Phase X is stopped at a gate in 400 of 1,000 trials." in page
    assert row(text.render(a_run(finish, outcome)), "P80")[1:5] == ["stopped", "-", "-", "stopped"]
    assert "beyond" not in page.replace("beyond the plan", "")
    # the stopped sort last: 40 % are censored before them, so P80 is one of those
    finish, outcome = made_up_finishes(1000, censored=400, stopped=50)
    assert row(text.render(a_run(finish, outcome)), "P80")[1] == "beyond 2026-12-22"
    assert "fewer than 80 %" in " ".join(text.render(a_run(finish, outcome)).lower().split())


def test_without_money_there_is_no_column_of_it() -> None:
    run = a_run(*made_up_finishes(50, censored=0, stopped=0), plan=without(budget=None))
    assert row(text.render(run), "P80")[4] != "-"  # no budget, but the work costs something
    for name in ("project_spent", "project_cost", "baseline_cost"):
        run[name] = run[name] * 0
    for page in (text.render(run), markdown.render(run)):
        assert "cost" not in page.partition("Chances")[0].lower()
        assert "budget" not in page
    assert "cost.p80" in json.loads(summary.render(run))["metrics"]
    budgeted = a_run()
    budgeted["project_spent"] = budgeted["project_spent"] * 0
    assert "cost USD" in text.render(budgeted)


def test_the_terminal_is_not_too_wide(run: xr.Dataset) -> None:
    assert max(map(len, text.render(run).splitlines())) <= 100
    assert "\x1b" not in text.render(run)
    assert "\x1b" in text.render(run, color=True)


def test_settings_changes_and_priors_are_named() -> None:
    scenario = replace(
        a_scenario(),
        changes=(("people.ANN.focus", "0.7"),),
        priors=tuple(Prior(key, "landmark", "Somebody (2001), p. 3") for key in ("defaults.common", "other.place")),
    )
    run = a_run(plan=a_plan(scenario))
    for page in (text.render(run), markdown.render(run)):
        assert "2,000 trials, seed 7, kernel engine" in page
        assert "people.ANN.focus = 0.7" in page
        assert "landmark" in page
        assert "defaults.common" in page
    assert "- **landmark** (`defaults.common`, `other.place`): Somebody (2001), p. 3" in markdown.render(run)


def test_markdown_has_the_same_figures_and_escapes_names() -> None:
    run = a_run(plan=without(name="A | B <i>*x*"))
    page, terminal = markdown.render(run, charts=[("Finish", "charts/finish.svg")]), text.render(run)
    assert page.startswith("# A \\| B \\<i\\>\\*x\\*\n")
    assert "![Finish](charts/finish.svg)" in page
    table = next(line for line in page.splitlines() if line.startswith("| P80"))
    assert [cell.strip() for cell in table.strip("|").split("|")] == row(terminal, "P80")
    for block in page.split("\n\n"):
        if block.startswith("|"):
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1


def test_markdown_is_a_page_and_the_rest_unfolds() -> None:
    run = a_wide_run()
    page = markdown.render(run, charts=[("Finish", "charts/finish.svg"), ("Cost", "charts/cost.svg")])
    folded = re.findall(r"<details>\n<summary>(.*?)</summary>\n\n.*?\n\n</details>", page, re.DOTALL)
    shown = re.sub(r"<details>.*?</details>", "", page, flags=re.DOTALL)
    assert {"Cash flow", "Sprints", "More charts"} <= set(folded)
    for title in ("Finish and cost", "Chances", "Contingency", "Gates", "Tasks that set the date most often"):
        assert f"## {title}\n" in shown
        assert title not in folded
    assert "charts/finish.svg" in shown
    assert "charts/cost.svg" not in shown
    assert sum(bool(line) for line in shown.splitlines()) < 60
    assert "Without dice" in shown


def test_summary_has_the_promised_shape(run: xr.Dataset) -> None:
    found = json.loads(summary.render(run))
    assert list(found) == [
        "schema",
        "scenario",
        "title",
        "trials",
        "seed",
        "engine",
        "sampling",
        "censored",
        "start",
        "status_date",
        "deadline",
        "budget",
        "currency",
        "metrics",
        "mitigations",
        "correlations",
        "cash",
        "chain",
        "provenance",
    ]
    assert (found["schema"], found["scenario"], found["title"], found["trials"]) == (1, "phasex", "Phase X", 2000)
    assert (found["censored"], found["start"], found["deadline"]) == (20, "2026-01-05", "2026-06-19")
    assert (found["budget"], found["currency"]) == (350000, "USD")
    assert found["provenance"]["scenario_sha256"] == run.attrs["scenario_sha256"]
    assert found["provenance"]["simrisk"] == "test"
    assert sum(found["chain"].values()) == pytest.approx(1, abs=1e-5)
    assert set(found["chain"]) == set(run["cause"].values)


def test_summary_figures_are_the_datasets(run: xr.Dataset) -> None:
    metrics = json.loads(summary.render(run))["metrics"]
    minute = quantile(run, "project_finish", 80)
    assert metrics["finish.p80"]["minutes"] == minute
    assert metrics["finish.p80"]["days"] == pytest.approx(minute / DAY, abs=1e-4)
    assert metrics["finish.p80"]["date"] == str(CALENDAR.finish_date(minute))
    assert metrics["cost.p80"]["value"] == quantile(run, "project_cost", 80)
    assert metrics["baseline.finish"] == {"minutes": 48000, "days": 100, "date": "2026-05-26"}
    for name, entry in metrics.items():
        known = measure(run, name)
        assert entry.get("value", entry.get("minutes")) == pytest.approx(known.value, abs=0.051)
        if not known.exact:
            assert entry["ci"] == pytest.approx([known.low, known.high], abs=0.051)


def test_summary_beyond_the_horizon_and_without_targets() -> None:
    finish, outcome = made_up_finishes(100, censored=60)
    text_of = summary.render(a_run(finish, outcome, plan=without(deadline=None, budget=None)))
    found = json.loads(text_of, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert found["deadline"] is None
    assert found["budget"] is None
    assert found["metrics"]["finish.p80"] == {"beyond_horizon": True}
    assert "finish.on_time" not in found["metrics"]
    nothing = json.loads(summary.render(a_run(np.full(3, 250 * DAY), np.full(3, CENSORED))))
    assert nothing["metrics"]["finish.mean"]["minutes"] is None
    assert set(nothing["chain"].values()) == {None}


def test_same_run_same_pages() -> None:
    for module in (summary, text, markdown):
        assert module.render(a_run()) == module.render(a_run())
        assert module.render(a_wide_run()) == module.render(a_wide_run())


def a_wide_run() -> xr.Dataset:
    """Everything that a report can have: pools, equipment, risks, departures, contractors, repaired correlations."""
    plan = a_plan(a_wide_scenario(status_date=date(2026, 1, 14)))
    made = outcomes_of(*made_up_finishes(1000, censored=0, stopped=0), plan=plan)
    made.person_left[:300, 1], made.person_left[200:400, 0] = 30 * DAY, 40 * DAY
    made.task_contractor[:50, 2], made.task_contractor[40:60, 0] = 1, 1
    return a_run(outcomes=made, plan=plan, pairs=PAIRS)


def test_logic_only_stands_beside_the_real_finish() -> None:
    run = a_wide_run()
    page = text.render(run)
    real, logic = (quantile(run, f"{name}_finish", 80) for name in ("project", "logic"))
    cells = row(page, "P80", after="With unlimited people")
    assert cells[1:3] == [str(CALENDAR.finish_date(real)), str(CALENDAR.finish_date(logic))]
    assert cells[4] == f"{(real - logic) / DAY:.1f}"
    assert row(page, "without dice", after="With unlimited people")[4] == "10.0"
    said = (
        f"At P80 {(real - logic) / DAY:.1f} days, {100 * (real - logic) / real:.1f} % of the time, are lost because "
        "people"
    )
    assert said in " ".join(page.split())
    run["logic_finish"] = run["project_finish"]
    assert "nothing is lost to limited resources" in text.render(run)
    run["logic_finish"] = run["project_finish"] + DAY
    assert "At P80 the limits save 1.0 days" in text.render(run)


def test_contingency_stands_beside_what_there_is() -> None:
    run = a_wide_run()
    page = text.render(run)
    need = quantile(run, "project_finish", 80) / DAY - 100
    assert row(page, "working days", after="Contingency")[1] == f"{need:.1f}"
    assert row(page, "working days", after="Contingency")[3] == "18.0"  # the deadline is day 118
    planned = run["baseline_cost"].item()
    assert row(page, "USD", after="Contingency")[1] == f"{quantile(run, 'project_cost', 80) - planned:,.0f}"
    assert row(page, "USD", after="Contingency")[3] == f"{385_000 - planned:,.0f}"
    assert "The contingency of the file is USD 35,000." in page
    free = text.render(a_run(plan=without(deadline=None, budget=None)))
    assert row(free, "working days", after="Contingency")[3] == "-"
    assert "There is:" not in free


def test_what_the_scenario_has_is_in_the_report_and_nothing_else() -> None:
    run, plain = a_wide_run(), text.render(a_run())
    page = text.render(run)
    assert "seed 7, kernel engine; as of 2026-01-14; with train; without insure" in " ".join(page.split())
    assert row(page, "train (Train Bob)", after="Active mitigations")[1] == "5,000"
    assert "insure  " not in page
    storm = run["risk_happened"].values[:, 0].mean()
    cells = row(page, "storm (Storm over the sea)", after="Risks")
    assert (cells[1], cells[3]) == (f"{100 * storm:.1f} %", "25.0 %")
    busy = (run["pool_worked"].values / run["pool_present"].values).mean(axis=0)
    pools = page[page.index("\nPools") :]
    assert row(pools, "devs (Developers)")[1] == f"{100 * busy[0]:.1f} %"
    assert row(pools, "testers ")[1] == f"{100 * busy[1]:.1f} %"
    assert row(page, "rig (Test rig)", after="Equipment")[1] == "2"
    assert [row(page, who, after="People who left")[1] for who in ("somebody", "BOB", "ANN")] == [
        "40.0 %",
        "30.0 %",
        "20.0 %",
    ]
    assert row(page, "any task", after="Work done by")[1] == "6.0 %"
    assert row(page, "gamma (Gamma)", after="Work done by")[1] == "5.0 %"
    assert row(page, "alpha ~ beta", after="repaired")[1:3] == ["+0.900", "+0.600"]
    assert "alpha ~ gamma" not in page  # as asked for
    for title in (
        "Active",
        "Risks",
        "Pools",
        "Equipment",
        "who left",
        "contractors",
        "Correlations",
        "as of",
        "without ",
    ):
        assert title in page
        assert title not in plain.replace("without dice", ""), title


def test_long_tables_are_cut_on_a_terminal_only() -> None:
    scenario = a_wide_scenario()
    risks = tuple(replace(scenario.risks[0], id=f"risk-{n:02}", name="") for n in range(20))
    run = a_run(plan=a_plan(replace(scenario, risks=risks)))
    page, whole = text.render(run), markdown.render(run)
    assert "risk-07" in page
    assert "risk-08" not in page
    assert "... and 12 more in summary.md." in page
    assert "risk-19" in whole


def test_the_cash_flow_is_a_page_of_its_own() -> None:
    run = a_wide_run()
    assert "Cash flow" not in text.render(run)
    table = markdown.render(run).partition("<summary>Cash flow</summary>\n\n")[2].split("\n\n")[0].splitlines()
    header, months = table[0], [[cell.strip() for cell in line.strip("|").split("|")] for line in table[2:]]
    heads = [
        name for figure in ("mean", "P50", "P80", "P50 so far", "P80 so far") for name in (figure, "95 % interval")
    ]
    assert header == f"|  | without dice | {' | '.join(heads)} |"
    assert months[0][0] == "2026-01"
    may = next(cells for cells in months if cells[0] == "2026-05")
    kept = run.sel(month="2026-05-01")
    assert may[2] == f"{kept['cash_mean'].item():,.0f}"
    for place, variable, share in ((4, "cash", 0.5), (6, "cash", 0.8), (8, "cash_cumulative", 0.5)):
        assert may[place] == f"{kept[f'{variable}_quantile'].sel(quantile=share).item():,.0f}"
    assert months[-1][10] == f"{quantile(run, 'project_cost', 80):,.0f}"  # the sum of all months is the cost
    assert months[-2][10] != months[-1][10]  # later months, in which some of the last fifth still spend, are left out
    assert "Cash flow" not in markdown.render(a_run(np.full(9, 250 * DAY), np.full(9, CENSORED)))


def test_the_summary_has_mitigations_correlations_and_cash() -> None:
    run = a_wide_run()
    found = json.loads(summary.render(run))
    assert found["status_date"] == "2026-01-14"
    assert found["mitigations"] == [{"id": "train", "name": "Train Bob", "price": 5000}]
    assert [entry["pair"] for entry in found["correlations"]] == ["alpha ~ beta", "alpha ~ gamma"]
    assert (found["correlations"][0]["asked"], found["correlations"][0]["used"]) == (0.9, 0.6)
    assert (found["provenance"]["with"], found["provenance"]["without"]) == (["train"], ["insure"])
    assert next(iter(found["cash"])) == "2026-01"
    assert sum(month["mean"] for month in found["cash"].values()) == pytest.approx(
        run["project_cost"].mean().item(), abs=0.1
    )
    assert list(found["cash"].values())[-1]["cumulative_p80"] == quantile(run, "project_cost", 80)
    names = set(found["metrics"])
    assert {"pool.devs.utilisation", "equipment.rig.utilisation", "risk.storm.happened", "person.BOB.left"} <= names
    assert {"task.gamma.contractor", "logic.finish.p80", "contingency.cost.p80", "logic.on_time"} <= names
    assert "task.beta.contractor" not in names  # never called


@pytest.mark.parametrize(
    ("share", "said"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.0001, "< 0.1 %"), (0.99999, "> 99.9 %"), (0.231, "23.1 %"), (0.0005, "0.1 %")],
)
def test_percent_never_claims_certainty(share: float, said: str) -> None:
    assert words.percent(share) == said
