"""What `simrisk check` leaves for CI: reports, annotations at lines, exit codes; and the plugin judging for real."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from lxml import etree

import simrisk.cli.check
from conftest import Said
from rulings import PLAN
from simrisk import pytest_plugin, verdict
from simrisk.report.rulings import line_of_limit, rulings_of
from simrisk.scenario.load import loads
from simrisk.simulation import Experiment

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))
LATE_BY_FAR = '[[expect]]\nmetric = "finish.p80"\nat_most = 2026-01-05\n'
IN_TIME = '[[expect]]\nmetric = "finish.p80"\nat_most = 2026-03-31\n'
NO_WORSE = '[[expect]]\nmetric = "finish.p80"\nworsens_at_most = "1d"\n'


def runs(scenario, engine="reference"):
    experiment = Experiment(scenario, engine=engine)

    def run(trials: int):
        experiment.extend(trials)
        experiment.extend_logic()
        return experiment.run()

    return run


@pytest.fixture
def judging(monkeypatch):
    """Judge with the reference engine, which need not be compiled; an old plan may be set to compare with."""
    old: list[str] = []

    def check(console, scenario, agreed, **_):
        before = runs(loads(old[0])) if old else None
        return verdict.judge(scenario, runs(scenario), before, agreed, trials=60, most=60)

    monkeypatch.setattr(simrisk.cli.check, "check", check)
    return old


@pytest.fixture
def cli(tmp_path, monkeypatch, typed, judging):
    """The command line in a folder with good.toml and bad.toml, on no CI server."""
    for name in ("GITHUB_ACTIONS", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "good.toml").write_text(PLAN + IN_TIME, encoding="utf-8")
    (tmp_path / "bad.toml").write_text(PLAN + LATE_BY_FAR, encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    return typed


def annotations(said: Said) -> list[str]:
    return [line for line in said.out.splitlines() if line.startswith("::")]


def test_several_scenarios_one_report_and_the_worst_code(cli):
    said = cli("check", "good.toml", "bad.toml", "--junit", "ci/junit.xml", "--markdown", "ci/summary.md")
    assert said.code == verdict.FAIL
    assert "Written: ci/junit.xml, ci/summary.md." in said.err.replace(os.sep, "/")
    root = etree.parse("ci/junit.xml").getroot()
    SCHEMA.assertValid(root)
    assert [(suite.get("file"), suite.get("failures")) for suite in root] == [("good.toml", "0"), ("bad.toml", "1")]
    assert all(float(case.get("time")) > 0 for case in root.iter("testcase"))
    assert Path("ci/summary.md").read_text(encoding="utf-8").startswith("# FAIL: 2 scenarios\n")
    assert cli("check", "good.toml").code == 0


def test_annotations_come_when_asked_for_or_on_github(cli, monkeypatch):
    assert not annotations(cli("check", "bad.toml"))
    (line,) = annotations(cli("check", "bad.toml", "--annotations", "github"))
    place = Path("bad.toml").read_text(encoding="utf-8").splitlines().index("at_most = 2026-01-05") + 1
    assert line.startswith(f"::error file=bad.toml,line={place},")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert annotations(cli("check", "bad.toml")) == [line]
    assert not annotations(cli("check", "bad.toml", "--annotations", "none"))


@pytest.mark.parametrize("variable", ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"])
def test_files_are_named_from_the_root_of_the_checkout(cli, tmp_path, monkeypatch, variable):
    folder = tmp_path / "plans"
    folder.mkdir()
    (folder / "bad.toml").write_text(PLAN + LATE_BY_FAR, encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv(variable, str(tmp_path))
    (line,) = annotations(cli("check", "bad.toml", "--annotations", "github"))
    assert line.startswith("::error file=plans/bad.toml,line=")


def test_faults_of_all_scenarios_are_said_at_their_lines_and_nothing_is_judged(cli):
    for name in ("one.toml", "two.toml"):
        Path(name).write_text(PLAN.replace('who = "ANN"', 'who = "ANNE"'), encoding="utf-8")
    args = ("one.toml", "good.toml", "two.toml", "gone.toml", "--junit", "x.xml", "--annotations", "github")
    said = cli("check", *args)
    assert said.code == 2
    assert [line.partition(",")[0] for line in annotations(said)] == [
        f"::error file={name}" for name in ("one.toml", "two.toml")
    ] + ["::error file=gone.toml"]
    assert said.err.count("error[unknown-person]") == 2
    assert "error[file-missing]" in said.err
    assert not Path("x.xml").exists()


def test_one_baseline_is_not_that_of_two_scenarios(cli):
    said = cli("check", "good.toml", "bad.toml", "--baseline", "x.json")
    assert said.code == 2
    assert "--baseline" in said.err


@pytest.mark.parametrize("option", ["--junit", "--markdown"])
def test_a_report_that_cannot_be_written_is_found_out_first(cli, judging, option):
    Path("file").write_text("", encoding="utf-8")
    said = cli("check", "good.toml", option, "file/x")
    assert said.code == 2
    assert "PASS" not in said.out
    assert cli("check", "good.toml", option, " ").code == 2


def test_what_moved_is_told_with_both_values():
    before, after = loads(PLAN + NO_WORSE), loads(PLAN.replace("40h", "80h") + NO_WORSE)
    now, old = runs(after), runs(before)
    judgement = verdict.judge(after, now, old, None, trials=40, most=40)
    told = rulings_of(judgement, after, seconds=3.0)
    moved = {one.metric: one for one in told.changes}
    # 40 h more by one person, eight hours a day: five days, the same in every trial
    assert moved["finish.p80"].difference.startswith("+5.00 d")
    assert (moved["finish.p80"].before, moved["finish.p80"].after) == ("2026-01-09", "2026-01-16")
    assert moved["finish.p80"].verdict == "worse"
    assert "censored" not in moved
    assert [one.seconds for one in told.each] == [3.0]


def test_the_page_tells_what_changed_in_the_plan(cli, judging):
    assert cli("check", "good.toml", "--update").code == 0
    assert "What changed in the plan" not in page(cli("check", "good.toml", "--markdown", "x.md"))
    judging.append(Path("good.toml").read_text(encoding="utf-8"))
    Path("good.toml").write_text(PLAN.replace("40h", "48h") + IN_TIME, encoding="utf-8")
    text = page(cli("check", "good.toml", "--markdown", "x.md"))
    figures, _, inputs = text.partition("## What changed in the plan")
    assert "| finish.p80 | 2026-01-09 | 2026-01-12 | +1.00 d | worse |" in figures
    (sentence,) = (line for line in inputs.splitlines() if line.startswith("- "))
    assert "design" in sentence
    assert "40h" in sentence
    assert "48h" in sentence


def page(said: Said) -> str:
    assert said.code == 0
    return Path("x.md").read_text(encoding="utf-8")


def test_lines_are_those_of_the_limits():
    scenario = loads(PLAN + IN_TIME + 'at_least = 2026-01-06\n\n[[expect]]\nmetric = "censored"\nat_most = 0.1\n')
    lines = scenario.text.splitlines()
    found = [lines[line_of_limit(scenario, limit) - 1] for limit in verdict.limits_of(scenario)]
    assert found == ["at_most = 2026-03-31", "at_least = 2026-01-06", "at_most = 0.1"]


# --- the pytest plugin -------------------------------------------------------------------------


def test_the_plugin_judges_as_the_command_does(cli, tmp_path):
    good, bad = (pytest_plugin.judge_file(name, tmp_path) for name in ("good.toml", "bad.toml"))
    assert [one.verdict for one in good.each] == ["PASS"]
    assert [one.verdict for one in bad.each] == ["FAIL"]
    assert bad.exit_code == verdict.FAIL


def test_the_plugin_has_as_many_tests_as_there_are_verdicts(cli, tmp_path):
    both = PLAN + IN_TIME + "at_least = 2026-01-06\n" + NO_WORSE
    (tmp_path / "good.toml").write_text(both, encoding="utf-8")
    told = pytest_plugin.judge_file("good.toml", tmp_path)
    limits = verdict.limits_of(loads(both))
    assert [(one.metric, one.sort) for one in told.each] == [(limit.metric, limit.sort) for limit in limits]
    assert told.each[-1].verdict == "NOTICE"  # there is no baseline
