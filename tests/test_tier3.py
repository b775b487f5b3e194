"""scenarios/tier3.toml against the resource allocation plan it was transcribed from.

Everything here was typed in from the document a second time: the utilisation chart and the hours, the skill matrix,
task ownership, critical tasks, thresholds, cross-training, on-call, contractors, bottlenecks.
"""

import tomllib
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "scenarios" / "tier3.toml"
TEAM = ("BE-Rust-1", "BE-Go-1", "BE-Go-2", "FE-Elm-1", "FE-Elm-2", "DevOps-1", "DevOps-2")

# 5.1: percent of a week, weeks 1 to 12, and the team's average as the document has it
CHART = """
 1  100  100  100   60   40  100   80   83
 2  100   80   80   80   60   60   80   77
 3  100  100   80   80   80   80   80   86
 4   80  100  100   80   80   80   60   83
 5  100   60  100  100   80  100   60   86
 6   80   80   80  100  100   60   80   83
 7   80   80   80  100  100   60   80   83
 8   80  100  100  100  100   80   60   89
 9  100  100  100  100  100   80   80   94
10   80   80   80   80   80  100  100   86
11   80   80   80   80   80  100   80   83
12  100  100  100  100  100  100  100  100
"""
# 5.4: hours in months 1, 2, 3 and in all
HOURS = """
BE-Rust-1  152  136  144   432
BE-Go-1    152  128  144   424
BE-Go-2    144  144  144   432
FE-Elm-1   120  160  144   424
FE-Elm-2   104  152  144   400
DevOps-1   128  120  152   400
DevOps-2   120  112  144   376
"""
HOURS_BY_MONTH = {1: 920, 2: 952, 3: 1016}

# 1.2: stars, in the order of the team
MATRIX = """
rust           5 2 2 0 0 1 0
go             3 5 5 0 0 3 2
elm            0 0 0 5 5 0 0
typescript     2 2 3 4 3 2 2
tidb           4 3 3 1 1 3 2
redis          3 4 3 0 0 3 2
ci-cd          2 2 3 2 2 5 4
docker-k8s     3 3 3 1 1 5 4
ntp            1 0 0 0 0 3 5
accessibility  0 0 0 4 5 0 2
security       4 3 3 2 2 5 3
api-design     4 5 4 3 2 2 3
"""

# appendix A: first and last week, owner, task of the file
OWNERSHIP = """
1 1 BE-Rust-1  metadata-tables
1 1 BE-Go-1    ai-cortex-tables
1 1 BE-Go-2    extension-tables
1 1 DevOps-1   cicd-pipeline
1 1 DevOps-2   clock-sync-research
2 2 BE-Rust-1  seed-standards
2 2 BE-Go-1    api-config-seeding
2 2 BE-Go-2    go-api-scaffolding
2 2 FE-Elm-1   panel-scaffolding
2 2 FE-Elm-2   extension-status-ui
3 4 BE-Rust-1  validator-core validator-bin
3 4 BE-Go-1    token-tracking token-apis
3 4 BE-Go-2    proxy-foundation proxy-protocol
3 4 FE-Elm-1   violation-display violation-alerts
3 4 FE-Elm-2   accessibility-audit keyboard-navigation
3 4 DevOps-1   monitoring grafana-dashboards
3 4 DevOps-2   clock-sync-ntp clock-sync-ptp
"""

# 4.1: the seven critical tasks with bus factor 1, and the tasks of the file; the eighth, TiDB, needs two people
CRITICAL = {
    ("BE-Rust-1", "rust-validation"): ["validator-core", "validator-bin"],
    ("BE-Go-1", "token-tracking"): ["token-tracking", "token-apis"],
    ("BE-Go-2", "extension-proxy"): ["proxy-foundation", "proxy-protocol", "proxy-production", "proxy-fallback"],
    ("FE-Elm-1", "composer"): ["composer-1-2", "composer-3-4", "composer-5-6", "composer-7"],
    ("FE-Elm-1", "elm-architecture"): ["elm-architecture"],
    ("DevOps-2", "clock-sync"): ["clock-sync-ntp", "clock-sync-ptp"],
    ("DevOps-1", "deployment"): ["deployment-rehearsal", "production-deployment"],
}

# 4.4: primary, backup, hours, weeks, skill of the file
TRAINING = """
BE-Rust-1 BE-Go-2   8  2 2    rust-validation
BE-Go-1   BE-Rust-1 4  4 4    token-tracking
BE-Go-2   BE-Go-1   6  5 5    extension-proxy
FE-Elm-1  FE-Elm-2  8  6 7    composer
DevOps-1  DevOps-2  4  11 11  deployment
DevOps-2  DevOps-1  4  2 2    clock-sync
"""

# 2.1-2.3: what has to be there for what, and the week of the task that waits for it
INTEGRATION = [
    ("metadata-tables", "go-api-scaffolding", 2),
    ("ai-cortex-tables", "violation-display", 3),
    ("extension-tables", "extension-status-ui", 2),
    ("clock-sync-ntp", "validator-bin", 4),
    ("dashboard-builder-ui", "dashboard-import-export", 6),
    ("validator-bin", "template-vibe-coding", 6),
    ("validator-bin", "template-note-taking", 6),
    ("context-window-apis", "composer-1-2", 7),
    ("validator-bin", "export-stages", 7),
    ("export-stages", "bin-integration", 7),
    ("tri-surface", "db-state-sharing", 8),
    ("tri-surface", "sse-delivery", 8),
    ("prompt-hub-ui", "prompt-hub-agents", 9),
    ("prompt-hub-ui", "agent-control-apis", 9),
    ("agent-control-apis", "composer-7", 10),
    ("export-preview-publish", "preset-library", 10),
    ("security-audit-prep", "security-hardening", 11),
    ("load-testing", "performance-optimization", 12),
]

# 6.1: the primaries, hours of the day; the rate of somebody at 180,000 a year
ON_CALL = [
    ("DevOps-1", date(2026, 3, 23), 8, 20),
    ("DevOps-1", date(2026, 3, 24), 8, 20),
    ("DevOps-2", date(2026, 3, 25), 8, 20),
    ("DevOps-1", date(2026, 3, 26), 8, 22),
    ("DevOps-1", date(2026, 3, 27), 6, 24),
]
HOURLY = 180_000 / (52 * 40)

# 2.1-2.3: the bottlenecks of each month, in their order
BOTTLENECKS = {
    "tidb-migration": "high",
    "clock-sync-complexity": "medium",
    "validator-performance": "medium",
    "proxy-architecture": "high",
    "template-migration": "high",
    "composer-overrun": "high",
    "proxy-performance": "medium",
    "sse-reliability": "medium",
    "tier-x-delay": "medium",
    "audit-findings": "low",
    "load-bottlenecks": "medium",
    "beta-bugs": "medium",
}


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.strip().splitlines()]


def hours(text: str) -> int:
    assert text.endswith("h")
    return int(text[:-1])


@pytest.fixture(scope="module")
def plan() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tasks(plan) -> dict:
    """The tasks of the plan as it stands: with the cross-training, which is switched on."""
    training = plan["mitigations"]["cross-training"]
    assert training["active"] is True
    assert [name for name, table in plan["mitigations"].items() if table.get("active")] == ["cross-training"]
    return {**plan["tasks"], **training["tasks"]}


@pytest.fixture(scope="module")
def scenario():
    from simrisk.scenario.load import load

    return load(FILE)


def hours_of(scenario) -> dict[tuple[int, str], float]:
    """Planned hours of a loaded scenario by week and person."""
    totals = {(week, person): 0.0 for week in range(1, 13) for person in TEAM}
    for task in scenario.tasks:
        if task.share != "milestone":
            assert task.share == "work", task.id
            for person, effort in zip(task.who, task.efforts, strict=True):
                totals[task.sprint, person] += effort.planned / 60
    return totals


def by_month(totals: dict[tuple[int, str], float]) -> dict[int, float]:
    months = dict.fromkeys(HOURS_BY_MONTH, 0.0)
    for (week, _), minutes in totals.items():
        months[(week + 3) // 4] += minutes
    return months


def test_the_documents_tables_agree_with_each_other():
    """The percentages of the chart are the hours of the table; so the hours may be planned week by week."""
    chart = [[int(cell) for cell in row] for row in rows(CHART)]
    table = {person: [int(cell) for cell in cells] for person, *cells in rows(HOURS)}
    for place, person in enumerate(TEAM):
        weeks = [row[1 + place] * 40 // 100 for row in chart]
        assert [*(sum(weeks[month : month + 4]) for month in (0, 4, 8)), sum(weeks)] == table[person]
    assert [round(sum(row[1:8]) / 7) for row in chart] == [row[8] for row in chart]
    assert [sum(cells[month] for cells in table.values()) for month in range(3)] == list(HOURS_BY_MONTH.values())
    assert sum(HOURS_BY_MONTH.values()) == 2888


def test_every_week_of_every_engineer_has_the_hours_of_the_chart(tasks):
    for week, *cells in rows(CHART):
        for person, percent in zip(TEAM, cells, strict=False):
            planned = [
                hours(task["work"][person])
                for task in tasks.values()
                if task.get("sprint") == int(week) and person in task["work"]
            ]
            assert sum(planned) * 100 == int(percent) * 40, (week, person)


def test_skill_matrix_has_the_stars_of_the_document(plan):
    assert list(plan["people"]) == list(TEAM)
    for place, person in enumerate(TEAM):
        skills = plan["people"][person]["skills"]
        assert {skill: skills[skill] for skill, *_ in rows(MATRIX)} == {
            skill: int(stars[place]) for skill, *stars in rows(MATRIX)
        }
    assert len(rows(MATRIX)) == 12


def test_ownership_of_month_1_is_that_of_appendix_a(plan):
    assert len(rows(OWNERSHIP)) == 17
    for first, last, owner, *names in rows(OWNERSHIP):
        assert [plan["tasks"][name]["sprint"] for name in names] == list(range(int(first), int(last) + 1))
        assert all(owner in plan["tasks"][name]["work"] for name in names)


def test_bus_factors_of_the_eight_critical_tasks(plan):
    """One person has each of seven kinds of knowledge; the eighth task needs two at once."""
    levels = {person: table["skills"] for person, table in plan["people"].items()}
    cover = plan["defaults"]["backup_level"]
    assert len(CRITICAL) + 1 == 8
    for (owner, skill), names in CRITICAL.items():
        assert [person for person in TEAM if levels[person].get(skill, 0) >= cover] == [owner]
        assert {name for name, task in plan["tasks"].items() if task.get("skill") == skill} == set(names)
        assert all(list(plan["tasks"][name]["work"]) == [owner] for name in names)
    assert set(plan["tasks"]["metadata-tables"]["work"]) == {"BE-Rust-1", "DevOps-1"}
    # "only Rust expert"; by the matrix alone there would be two people for everything else
    assert [person for person in TEAM if levels[person]["rust"] >= cover] == ["BE-Rust-1"]
    assert len([person for person in TEAM if levels[person]["elm"] >= cover]) == 2


def test_nobody_can_take_over_critical_work_before_the_training(plan):
    able = plan["defaults"]["efficiency"]
    assert set(able) == {"2", "3", "4", "5"}
    for (_, skill), names in CRITICAL.items():
        for name in names:
            for person in plan["tasks"][name]["backup"]:
                assert str(plan["people"][person]["skills"][skill]) not in able


def test_contingency_thresholds_of_the_four_single_points_of_failure(plan):
    """4.2, 4.3: over 3 days, over 1 week, over 2 weeks; with who takes over and what is given up."""
    found = plan["tasks"]
    assert plan["defaults"]["unavailable"]["handover_after"] == "3d"
    for name in ("validator-core", "validator-bin"):
        assert found[name]["backup"] == ["BE-Go-2"]
        assert found[name]["unavailable"]["handover_after"] == "1w"
        assert found[name]["unavailable"]["contractor_after"] == "1w"
    for name in ("composer-1-2", "composer-3-4"):
        assert found[name]["backup"] == ["FE-Elm-2"]
        assert found[name]["unavailable"]["handover_after"] == "3d"
        assert found[name]["unavailable"]["descope_after"] == "2w"
        assert found[name]["unavailable"]["descope"] == ["composer-5-6", "composer-7"]
    for name in ("deployment-rehearsal", "production-deployment"):
        assert found[name]["backup"] == ["DevOps-2"]
        assert found[name]["unavailable"]["contractor_after"] == "1w"
    for name in ("clock-sync-ntp", "clock-sync-ptp"):
        assert found[name]["backup"] == ["DevOps-1"]
        assert found[name]["unavailable"]["descope"] == ["clock-sync-ptp"]


def test_cross_training_has_its_34_hours_in_their_weeks(plan):
    training = plan["mitigations"]["cross-training"]["tasks"]
    total = 0
    for primary, backup, effort, first, last, skill in rows(TRAINING):
        sessions = [task for task in training.values() if set(task["work"]) == {primary, backup}]
        sessions = [task for task in sessions if int(first) <= task["sprint"] <= int(last)]
        for person in (primary, backup):
            assert sum(hours(task["work"][person]) for task in sessions) == int(effort), (primary, person)
        assert sessions[-1]["raises"] == {backup: {skill: plan["defaults"]["backup_level"]}}
        total += int(effort)
    assert total == 34
    assert sum(hours(effort) for task in training.values() for effort in task["work"].values()) == 2 * 34


def test_leave_rules(plan):
    """Two weeks' notice, at most two off, none in launch week."""
    start = plan["project"]["start"]
    assert start.weekday() == 0
    assert plan["pto"]["max_off"] == 2
    notice, launch = plan["pto"]["blackout"]
    assert (notice["from"], notice["to"]) == (start, start + timedelta(days=11))
    assert (launch["from"], launch["to"]) == (start + timedelta(weeks=11), start + timedelta(weeks=11, days=4))
    assert launch["to"] == plan["project"]["deadline"]


def test_day_60_is_the_deadline(plan):
    start, deadline = plan["project"]["start"], plan["project"]["deadline"]
    days = [start + timedelta(days=n) for n in range((deadline - start).days + 1)]
    assert len([day for day in days if day.weekday() < 5]) == 60
    assert "holidays" not in plan["project"]
    assert (plan["sprints"]["length"], plan["sprints"]["count"]) == ("1w", 12)


def test_integration_points_are_links(plan):
    for before, name, week in INTEGRATION:
        after = plan["tasks"][name]["after"]
        linked = {entry if isinstance(entry, str) else entry["task"] for entry in after}
        assert before in linked, (before, name)
        assert plan["tasks"][name]["sprint"] == week


def test_bottlenecks_are_risks_with_the_documents_levels(plan):
    chances = {level: set() for level in ("high", "medium", "low")}
    assert list(plan["risks"]) == list(BOTTLENECKS)
    for name, level in BOTTLENECKS.items():
        chances[level].add(plan["risks"][name]["probability"])
    assert all(len(found) == 1 for found in chances.values())
    assert max(chances["low"]) < max(chances["medium"]) < max(chances["high"])
    assert plan["risks"]["audit-findings"]["delay"] == "5d"


def test_on_call_is_time_and_a_half_over_eight_hours(plan):
    found = list(plan["costs"]["compensation"].values())
    assert len(found) == len(ON_CALL)
    for entry, (person, day, first, last) in zip(found, ON_CALL, strict=True):
        assert (entry["people"], entry["from"], entry["to"]) == ([person], day, day)
        per_day = float(entry["rate"].removesuffix("/d"))
        assert per_day == pytest.approx((last - first - 8) * 1.5 * HOURLY, abs=0.005)
    weekend = plan["costs"]["contracts"]["weekend"]["amount"]
    assert weekend == pytest.approx(2 * 8 * HOURLY, abs=0.005)


def test_contractors_cost_what_the_document_says(plan):
    """8,000 a month for two months of 20 hours a week, 6,000 for one of 40; a month has four weeks: 22,000."""
    rust = plan["mitigations"]["rust-contractor"]["people"]["rust-contractor"]
    quality = plan["mitigations"]["qa-contractor"]["people"]["qa-contractor"]
    total = 0.0
    for person, months, weekly in ((rust, 2, 20), (quality, 1, 40)):
        assert person.get("fte", 1.0) * 40 == weekly
        assert person["end"] - person["start"] == timedelta(weeks=4 * months, days=-3)
        assert person["end"] == plan["project"]["deadline"]
        total += float(person["rate"].removesuffix("/h")) * weekly * 4 * months
    assert total == 22_000


def test_hires_come_in_months_4_6_and_8(plan):
    first = plan["project"]["start"]
    people = [table["people"] for name, table in plan["mitigations"].items() if name.startswith("hire-")]
    hires = {name: table for entry in people for name, table in entry.items()}
    assert {name: (table["start"], table["rate"]) for name, table in hires.items()} == {
        "senior-rust": (first + timedelta(weeks=12), "180k/y"),
        "qa-lead": (first + timedelta(weeks=20), "140k/y"),
        "technical-writer": (first + timedelta(weeks=28), "100k/y"),
    }


def test_changes_of_the_contractors_keep_the_hours(plan):
    """What a contractor takes over is taken off the engineer: switching one on adds no work."""
    for name in ("rust-contractor", "qa-contractor"):
        for key, value in plan["mitigations"][name]["changes"].items():
            _, task, field = key.split(".")
            if field == "work":
                assert sum(map(hours, value.values())) == sum(map(hours, plan["tasks"][task]["work"].values())), key


def test_loads_without_a_fault(scenario):
    assert scenario.id == "tier3"
    assert [person.id for person in scenario.people] == list(TEAM)
    assert all(person.fte == 1 and person.focus == Fraction(8, 10) for person in scenario.people)
    assert len(scenario.risks) == 12
    assert len([task for task in scenario.tasks if task.share == "milestone"]) == 3


def test_loaded_hours_are_those_of_the_document(scenario):
    """Planned effort by person and month from the loaded scenario, and what is left of the plan's own 80 %."""
    totals = hours_of(scenario)
    assert by_month(totals) == pytest.approx(HOURS_BY_MONTH, rel=1e-12)
    for person, *months, total in rows(HOURS):
        of_person = {key: value for key, value in totals.items() if key[1] == person}
        assert list(by_month(of_person).values()) == pytest.approx([float(month) for month in months], rel=1e-12)
        assert sum(of_person.values()) == pytest.approx(float(total), rel=1e-12)
    planned, team = sum(totals.values()), 7 * 60 * 8
    assert planned == pytest.approx(2888)
    assert round(100 * planned / team) == 86
    assert planned - 0.8 * team == pytest.approx(200)


def test_without_cross_training_the_rest_of_the_plan_is_left():
    from simrisk.scenario.load import load

    totals = hours_of(load(FILE, without=["cross-training"]))
    assert sum(totals.values()) == pytest.approx(2888 - 2 * 34)


@pytest.mark.parametrize(
    "name",
    ["rust-pairing", "rust-contractor", "qa-contractor", "hire-rust-engineer", "hire-qa-lead", "hire-technical-writer"],
)
def test_every_mitigation_can_be_switched_on(name, scenario):
    from simrisk.scenario.load import load

    loaded = load(FILE, with_=[name])
    assert {entry.id for entry in loaded.mitigations if entry.active} == {"cross-training", name}
    people = {person.id for person in loaded.people} - set(TEAM)
    assert bool(people) == (name != "rust-pairing")
    work = sum(effort.planned for task in loaded.tasks for effort in task.efforts)
    added = 34 * 60 if name == "rust-pairing" else 0
    assert work == pytest.approx(sum(effort.planned for task in scenario.tasks for effort in task.efforts) + added)


def test_loaded_links_of_the_export(scenario):
    """The week's two halves of the export start and end with each other."""
    links = {task.id: task.links for task in scenario.tasks}["bin-integration"]
    assert {link.kind for link in links if link.task == "export-stages"} == {"SS", "FF"}


def test_loaded_policies_are_in_working_time(scenario):
    """Three days, one week and two weeks of eight hours: 1,440, 2,400 and 4,800 minutes."""
    covers = {task.id: task.cover for task in scenario.tasks}
    assert scenario.cover.handover_after == 1440
    assert covers["validator-core"].handover_after == covers["validator-core"].contractor_after == 2400
    assert covers["validator-core"].contractor.rate == Fraction(100 * 100, 60)
    assert covers["composer-3-4"].descope_after == 4800
    assert covers["composer-3-4"].descope == ("composer-5-6", "composer-7")
    assert covers["clock-sync-ntp"].descope_after == 2400
