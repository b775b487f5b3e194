"""Loading scenarios: the corpus of faulty files, files that are none, and what a good file becomes."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from simrisk.errors import ScenarioError
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Cover, DateRange, LeaveAllowance

FAULTY = sorted((Path(__file__).parent / "scenarios_faulty").glob("*.toml"))
_EXPECTED = re.compile(r"# error\[(?P<slug>[a-z-]+)\]: line (?P<line>\d+): ?(?P<where>.*)\n# expects: (?P<found>.*)")


@pytest.mark.parametrize("path", FAULTY, ids=[path.stem for path in FAULTY])
def test_faulty_file_gets_exactly_these_issues(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = [match.groupdict() for match in _EXPECTED.finditer(text)]
    assert expected, "the file says what it expects"
    with pytest.raises(ScenarioError) as caught:
        load(path)
    found = [(issue.slug, issue.line, issue.where) for issue in caught.value.issues]
    assert found == [(want["slug"], int(want["line"]), want["where"]) for want in expected], str(caught.value)
    for issue, want in zip(caught.value.issues, expected, strict=True):
        assert want["found"] in issue.found
        assert issue.file == str(path)
        assert issue.severity == "error"


PLAN = """
[project]
start = 2026-01-05

[people.ANNA]
[people.BORIS]

[tasks.build]
effort = "8h"
who = "ANNA"
"""

FULL = """
[project]
name = "Trial balloon"
start = 2026-01-05
deadline = 2026-03-27
budget = "120k"
hours_per_day = 7.5
holidays = [2026-01-19]
horizon = "20w"

[simulation]
trials = 2_000
seed = 7

[defaults]
spread = { low = 0.5, likely = 1.0, high = 2.0 }
common = { median = 1.0, p90 = 1.6 }
focus = 0.8
efficiency = { 1 = 0.5, 3 = 1.0 }
rate = "75/h"
unavailable = { handover_after = "2d" }

[people.ANNA]
focus = 0.7
skills = { rust = 3 }
start = 2026-01-12
onboarding = { ramp = "1w", from = 0.25 }
pto = [{ from = 2026-02-02, to = 2026-02-06 }]
pto_days = { days = 2.5, by = 2026-03-01 }
absence = { sick = { per_year = 0 }, care = { per_year = 1, duration = "1d" } }
[people.BORIS]
rate = "104k/y"
paid = "employed"

[absence.sick]
per_year = 2.5
duration = { values = ["3d", "1d"], weights = [1, 3] }

[sprints]
length = "2w"
count = 3
ceremonies = "2.25h"
names = ["First"]

[tasks.design-api]
sprint = 1
work = { ANNA = "1d", BORIS = { exactly = "1_0h" } }
[tasks.design-ui]
sprint = 1
effort = { low = "1h", likely = "2h", high = "3h" }
who = "team"
share = "together"
[tasks.build]
sprint = 2
effort = "1mo"
who = ["BORIS", "ANNA"]
share = "any"
after = "design-*"
unavailable = { handover_after = "1w", handover_cost = "30m" }
[tasks.ship]
effort = "0.5m"
who = "ANNA"
after = ["sprint 1", "sprint 2", "build"]
not_before = 2026-03-02
optional = true

[gates.first]
due = "end of sprint 1"
criteria = { tests = 0.9, speed = 0.5 }
no_go = { criteria = { speed = 0.75 }, rework = { ANNA = "8h" }, then = "descope", descope = ["sh*"] }
[gates.dated]
due = 2026-01-27
[gates.named]
requires = ["build"]
review = "4h"
[gates.last]
requires = ["design-ui"]
blocks = ["sprint 3", "ship"]

[costs]
infrastructure = "520/w"
contingency = "12.5%"
"""


def test_values_become_exact_numbers() -> None:
    scenario = loads(FULL, "plans/balloon.toml")
    project = scenario.project
    assert (scenario.id, scenario.path, scenario.text) == ("balloon", "plans/balloon.toml", FULL)
    assert (project.name, project.day_minutes, project.work_week) == ("Trial balloon", 450, (0, 1, 2, 3, 4))
    assert project.budget == 12_000_000
    assert project.holidays == {date(2026, 1, 19)}
    assert project.horizon == date(2026, 1, 5).fromordinal(date(2026, 1, 5).toordinal() + 140)
    assert (scenario.simulation.trials, scenario.simulation.seed) == (2000, 7)
    assert scenario.efficiency == {1: Fraction(1, 2), 3: Fraction(1)}
    assert scenario.backup_level == 2
    assert scenario.costs.infrastructure == 0
    # 52,000 cents in a week of five days of 450 minutes
    assert scenario.costs.infrastructure_rate == Fraction(52_000, 5 * 450)
    assert scenario.costs.contingency == Fraction(1, 8)
    assert scenario.leave.block == 5
    assert scenario.sprints is not None
    assert scenario.sprints.names == ("First", "Sprint 2", "Sprint 3")
    assert scenario.sprints.ceremonies == 135


def test_people_get_the_defaults_they_do_not_overrule() -> None:
    anna, boris = loads(FULL).people
    assert (anna.focus, boris.focus) == (Fraction(7, 10), Fraction(4, 5))
    assert anna.rate == Fraction(7500, 60)
    assert boris.rate == Fraction(10_400_000, 52 * 5 * 450)
    assert (anna.paid, boris.paid) == ("worked", "employed")
    assert (anna.ramp, anna.ramp_from) == (2250, Fraction(1, 4))
    assert anna.leave == (DateRange(date(2026, 2, 2), date(2026, 2, 6)),)
    assert anna.allowance == LeaveAllowance(Fraction(5, 2), date(2026, 3, 1))
    assert [(absence.kind, absence.per_year) for absence in anna.absence] == [("care", 1.0)]
    (sick,) = boris.absence
    assert (sick.duration.params, sick.duration.weights) == ((450.0, 1350.0), (0.75, 0.25))
    assert sick.duration.planned == 450.0  # the median
    assert boris.cover is None
    assert loads(FULL).cover == Cover(900, 0)


def test_only_plain_efforts_get_the_spread() -> None:
    api, interface, build, ship = loads(FULL).tasks
    spread, fixed = api.efforts
    assert (spread.kind, spread.params, spread.planned) == ("pert", (225.0, 450.0, 900.0), 450.0)
    assert (fixed.kind, fixed.params) == ("exactly", (600.0,))
    assert (interface.efforts[0].kind, interface.efforts[0].params) == ("pert", (60.0, 120.0, 180.0))
    month = 52 * 5 * 450 / 12
    assert build.efforts[0].params == (month / 2, month, month * 2)
    assert ship.efforts[0].planned == 0.5
    (rework,) = loads(FULL).gates[0].rework
    assert (rework[0], rework[1].kind, rework[1].params) == ("ANNA", "exactly", (480.0,))


def test_names_globs_and_sprints_are_expanded() -> None:
    api, interface, build, ship = loads(FULL).tasks
    assert (api.share, api.who) == ("work", ("ANNA", "BORIS"))
    assert (interface.share, interface.who) == ("together", ("ANNA", "BORIS"))
    assert (build.share, build.who, build.after) == ("any", ("BORIS", "ANNA"), ("design-api", "design-ui"))
    assert build.cover == Cover(2250, 30)
    assert (ship.share, ship.after) == ("split", ("design-api", "design-ui", "build"))
    assert (ship.sprint, ship.optional, ship.not_before) == (None, True, date(2026, 3, 2))


def test_gates_get_their_defaults() -> None:
    first, dated, named, last = loads(FULL).gates
    assert first.requires == ("design-api", "design-ui")
    assert (first.blocks_sprints, first.blocks_tasks) == ((2, 3), ())
    assert [(c.id, c.chance, c.later) for c in first.criteria] == [("tests", 0.9, 0.9), ("speed", 0.5, 0.75)]
    assert (first.has_no_go, first.then, first.descope, first.max_extensions) == (True, "descope", ("ship",), 1)
    assert (first.extend.kind, first.extend.params) == ("exactly", (0.0,))
    # sprint 1 has ended on 27 January, sprint 2 has begun, so the third is the first that can wait
    assert dated.requires == ("design-api", "design-ui")
    assert dated.blocks_sprints == (3,)
    assert not dated.has_no_go
    assert (named.due, named.blocks_sprints, named.review.params) == (None, (3,), (240.0,))
    assert (last.blocks_sprints, last.blocks_tasks) == ((3,), ("ship",))


def test_a_sprint_or_glob_in_after_does_not_mean_the_task_itself() -> None:
    text = PLAN + '[tasks.build-more]\neffort = "1h"\nwho = "ANNA"\nafter = "build*"\n'
    assert loads(text).tasks[1].after == ("build",)


def test_what_is_missing_means_no_uncertainty() -> None:
    scenario = loads(PLAN)
    (task,) = scenario.tasks
    assert (task.efforts[0].kind, task.efforts[0].params) == ("exactly", (480.0,))
    assert scenario.common is None
    assert scenario.people[0].focus == 1
    assert scenario.people[0].absence == ()
    assert (scenario.sprints, scenario.gates, scenario.expect, scenario.priors) == (None, (), (), ())
    assert (scenario.project.name, scenario.project.currency) == ("scenario", "USD")


def test_named_priors_stand_for_their_values_and_are_recorded() -> None:
    from simrisk.scenario.priors import PRIORS

    text = PLAN.replace("[people.BORIS]", '[people.BORIS]\npto_days = { prior = "middle" }')
    text += '[defaults]\nspread = { prior = "sip" }\n[absence.sick]\nprior = "uk"\n'
    scenario = loads(text)
    assert scenario.tasks[0].efforts[0].kind == "lognormal"
    assert scenario.people[1].allowance == LeaveAllowance(Fraction(15), None)
    assert scenario.people[0].absence[0].kind == "sick"
    assert {prior.key: prior.name for prior in scenario.priors} == {
        "defaults.spread": "sip",
        "absence.sick": "uk",
        "people.BORIS.pto_days": "middle",
    }
    assert {prior.source for prior in scenario.priors} == {
        PRIORS["spread"]["sip"].source,
        PRIORS["absence"]["uk"].source,
        PRIORS["leave"]["middle"].source,
    }


@pytest.mark.parametrize("field", ["spread", "common", "absence", "leave", "ramp"])
def test_every_prior_can_be_loaded(field: str) -> None:
    from simrisk.scenario.priors import PRIORS

    table = {
        "spread": "[defaults]\nspread",
        "common": "[defaults]\ncommon",
        "absence": "[absence]\nsick",
        "leave": "[people.CARL]\npto_days",
        "ramp": "[people.CARL]\nonboarding",
    }[field]
    for name in PRIORS[field]:
        (prior,) = loads(f'{PLAN}{table} = {{ prior = "{name}" }}\n').priors
        assert prior.name == name


def test_expectations_are_kept_as_written() -> None:
    text = PLAN.replace("start = 2026-01-05", "start = 2026-01-05\ndeadline = 2026-02-27")
    text += '[[expect]]\nmetric = "finish.p80"\nat_most = 2026-03-06\nworsens_at_most = "3d"\n'
    text += '[[expect]]\nmetric = "finish.on_time"\nat_least = 0.6\nlevel = "warn"\n'
    first, second = loads(text).expect
    assert (first.metric, first.limits, first.level) == (
        "finish.p80",
        {"at_most": date(2026, 3, 6), "worsens_at_most": "3d"},
        "error",
    )
    assert (second.limits, second.level) == ({"at_least": 0.6}, "warn")


@pytest.mark.parametrize(
    "metric",
    [
        *("finish.p5", "finish.p97.5", "finish.by.2026-03-01", "cost.mean", "cost.sd", "task.build.finish.p80"),
        *("task.build.criticality", "person.ANNA.utilisation", "censored", "stopped", "baseline.finish"),
        "baseline.cost",
    ],
)
def test_metrics_of_the_right_form_are_accepted(metric: str) -> None:
    limits = {"finish": "2026-03-01", "baseline.finish": "2026-03-01", "task.build.finish.p80": "2026-03-01"}
    limit = limits.get(metric) or ("2026-03-01" if re.match(r"finish\.p", metric) else "0.5")
    assert loads(f'{PLAN}[[expect]]\nmetric = "{metric}"\nat_most = {limit}\n').expect[0].metric == metric


@pytest.mark.parametrize(
    "metric", ["finish", "finish.80", "finish.by.2026-02-30", "task.build", "gate.p_go", "p80", ""]
)
def test_metrics_of_the_wrong_form_are_refused(metric: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(f'{PLAN}[[expect]]\nmetric = "{metric}"\nat_most = 0.5\n')
    assert [issue.slug for issue in caught.value.issues] == ["unknown-metric"]


def test_changes_are_values_of_toml_or_bare_texts() -> None:
    changes = [
        ("tasks.build.effort", "16h"),
        ("people.ANNA.focus", "0.5"),
        ("project.start", "2026-02-02"),
        ("tasks.build.who", '["BORIS"]'),
        ("simulation.seed", "42"),
        ('people."BORIS".fte', "0.25"),
    ]
    scenario = loads(PLAN, changes=changes)
    assert scenario.tasks[0].efforts[0].params == (960.0,)
    assert scenario.people[0].focus == Fraction(1, 2)
    assert scenario.people[1].fte == Fraction(1, 4)
    assert scenario.project.start == date(2026, 2, 2)
    assert scenario.tasks[0].who == ("BORIS",)
    assert scenario.simulation.seed == 42
    assert scenario.changes == tuple(changes)
    assert scenario.text == PLAN


def test_a_change_reaches_into_lists() -> None:
    text = PLAN.replace('who = "ANNA"', 'who = ["ANNA"]')
    assert loads(text, changes=[("tasks.build.who[0]", "BORIS")]).tasks[0].who == ("BORIS",)


@pytest.mark.parametrize(
    ("key", "value", "slug", "found"),
    [
        ("tasks.bild.effort", "8h", "bad-set", "Did you mean 'build'?"),
        ("tasks.build.who[3]", "ANNA", "bad-set", "not a list"),
        ("project.start.year", "3", "bad-set", "not a table"),
        ("tasks..effort", "8h", "bad-set", "is no key"),
        ("", "8h", "bad-set", "is no key"),
        ("people.ANNA.foucs", "0.5", "unknown-key", "Did you mean 'focus'?"),
        ("tasks.build.effort", "80", "bare-number", "needs a unit"),
        ("people.ANNA.fte", "x\ny = 3", "wrong-type", "This is a number"),
        ("tasks.build.after", '["build"]', "cycle", "build -> build"),
    ],
)
def test_a_change_that_cannot_be_made_is_the_options_fault(key: str, value: str, slug: str, found: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(PLAN, changes=[(key, value)])
    (issue,) = caught.value.issues
    assert (issue.slug, issue.file, issue.line) == (slug, "--set", 0)
    assert found in issue.found


def test_faults_of_the_file_stay_the_files_when_something_is_changed() -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(PLAN.replace("ANNA]", "ANA]"), changes=[("tasks.build.priority", "high")])
    assert [(issue.slug, issue.file, issue.line) for issue in caught.value.issues] == [
        ("unknown-person", "scenario.toml", 10),
        ("wrong-type", "--set", 0),
    ]


def refusal(path: Path) -> tuple[str, int, str]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    (issue,) = caught.value.issues
    assert issue.file == str(path)
    return issue.slug, issue.line, issue.found


def test_a_missing_file_names_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "phase3.toml").write_text(PLAN)
    slug, line, found = refusal(tmp_path / "phase4.toml")
    assert (slug, line) == ("file-missing", 0)
    assert "phase3.toml" in found


def test_a_directory_is_no_scenario(tmp_path: Path) -> None:
    assert refusal(tmp_path)[0] == "file-is-a-directory"


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing yet\n"])
def test_an_empty_file_is_no_scenario(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.toml"
    path.write_text(text)
    assert refusal(path)[0] == "file-empty"


def test_a_binary_file_is_no_scenario(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    path.write_bytes(b"PK\x03\x04\n\x00\x00" + bytes(range(256)))
    assert refusal(path)[:2] == ("file-not-text", 2)


@pytest.mark.parametrize("codec", ["latin-1", "utf-16"])
def test_other_encodings_are_named(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes('[project]\nname = "Müller"\n'.encode(codec))
    slug, _, found = refusal(path)
    assert slug == "file-not-text"
    assert "UTF-8" in found


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_bytes(PLAN.replace("\n", "\r\n").encode("utf-8-sig"))
    assert load(path).lines["tasks.build.effort"] == 9


def test_a_huge_file_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "huge.toml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    before = time.perf_counter()
    assert refusal(path)[0] == "file-too-large"
    # parsing 50 MB takes half a minute; refusing them takes none of it
    assert time.perf_counter() - before < 2.0


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 5000 + "]" * 5000,
        "a = " + "9" * 5000,
        "a = 1e99999999999999999999999",
        PLAN + "priority = " + "9" * 4000,
        PLAN + "priority = 1e999999",
        PLAN.replace('"8h"', '"' + "9" * 100_000 + 'h"'),
        PLAN.replace('"8h"', '{ low = "0h", likely = "0h", high = "0h" }').replace("who", "share = 3\nwho"),
        PLAN.replace("2026-01-05", "9999-12-31"),
        PLAN + "[sprints]\nlength = '1000w'\ncount = 1000\n",
        "project = 3\ntasks = 4\npeople = 5\ngates = 6\nsprints = 7\ndefaults = 8\nexpect = 9\nabsence = 10\npto = 11",
        "[[project]]\n[[tasks]]\n[[people]]\n[[sprints]]\n[[defaults]]\n[expect]\n[[absence]]",
        "[tasks]\na = 1\n[people]\nb = []\n[gates]\nc = true\n[absence]\nd = 1.5",
        '[project]\nstart = 2026-01-05\n[people.""]\n[tasks.""]\neffort = "1h"\nwho = ""\nafter = [""]\n',
    ],
    ids=range(13),
)
def test_strange_files_are_refused_in_words(text: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        loads(text)
    assert all(len(issue.found) < 400 for issue in caught.value.issues)


def test_loading_brings_no_heavy_package(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(FULL)
    code = (
        "import sys; from simrisk.scenario.load import load; before = set(sys.modules); load(sys.argv[1]); "
        "from simrisk.scenario.checks import check; "
        "print([m for m in ('numpy', 'scipy', 'numba', 'xarray', 'matplotlib', 'simpy') if m in sys.modules], "
        "'pydantic' in before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] False"


STRANGE = (
    *('""', '"x"', "0", "-1", "1.5", "1e30", "nan", "true", "2026-02-30", "1999-12-31", "10:00:00", "[]", "{}", "[[]]"),
    *('["*"]', '["x", 1]', "[{}]", '{ a = "8h" }', '{ low = "1h" }', '{ prior = "x" }', '"sprint 1"', '"999999999w"'),
)


def test_no_value_brings_a_traceback() -> None:
    """Each value of a full scenario in turn becomes something else: it loads, or is refused in words."""
    from simrisk.scenario.checks import check

    lines = FULL.split("\n")
    refusals: list[ScenarioError] = []
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if not equals:
            continue
        for value in STRANGE:
            text = "\n".join([*lines[:number], f"{key} = {value}", *lines[number + 1 :]])
            try:
                check(loads(text))
            except ScenarioError as error:
                refusals.append(error)
    assert len(refusals) > 1000
    assert all(issue.found and issue.line for error in refusals for issue in error.issues)


def test_every_slug_is_documented_and_has_a_faulty_file() -> None:
    page = (Path(__file__).parent.parent / "docs" / "scenario.md").read_text(encoding="utf-8")
    listed = page.partition("## Slugs of errors")[2].partition("## ")[0]
    documented = set(re.findall(r"`([a-z][a-z-]+)`", listed))
    shown = {match["slug"] for path in FAULTY for match in _EXPECTED.finditer(path.read_text(encoding="utf-8"))}
    not_in_a_toml_file = {
        *("file-missing", "file-is-a-directory", "file-unreadable", "file-too-large", "file-not-text", "bad-set"),
        "bad-switch",
    }
    assert documented == shown | not_in_a_toml_file
