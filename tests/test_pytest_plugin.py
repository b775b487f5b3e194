"""`pytest --simrisk`: one test an expectation, sentences instead of tracebacks, nothing without the option."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rulings import LATE, PLAN, ruling, rulings
from simrisk import pytest_plugin
from simrisk.errors import Issue, ResultsError
from simrisk.report.rulings import Rulings
from simrisk.scenario.load import loads
from simrisk.verdict import limits_of

pytest_plugins = ["pytester"]

EXPECTS = """
[[expect]]
metric = "finish.p80"
at_most = 2026-01-16

[[expect]]
metric = "finish.on_time"
at_least = 0.9
level = "warn"

[[expect]]
metric = "censored"
at_most = 0.01
level = "off"
"""
loads(PLAN + EXPECTS)  # what pytester's runs import is forgotten after each, unless it was there before


@pytest.fixture
def plan(pytester: pytest.Pytester) -> Path:
    """scenarios/launch.toml with two expectations that are judged."""
    folder = pytester.mkdir("scenarios")
    (folder / "launch.toml").write_text(PLAN + EXPECTS, encoding="utf-8")
    return folder / "launch.toml"


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch):
    """Say what the check finds, one verdict for each expectation; returns the files that were judged."""
    asked: list[str] = []

    def prepare(*verdicts: str) -> list[str]:
        def judge_file(file: str, baselines: Path) -> Rulings:
            asked.append(file)
            limits = limits_of(loads(Path(file).read_text(encoding="utf-8")))
            return rulings(*(ruling(verdict, one.level) for one, verdict in zip(limits, verdicts, strict=True)))

        monkeypatch.setattr(pytest_plugin, "judge_file", judge_file)
        return asked

    return prepare


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Call pytest in the folder, with this plugin alone: it may be installed, and then it would come twice."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def call(*args: str) -> pytest.RunResult:
        return pytester.runpytest_inprocess("-p", pytest_plugin.__name__, "-p", "no:cacheprovider", *args)

    return call


def test_each_expectation_is_a_test(plan, judge, run):
    asked = judge("PASS", "PASS")
    found = run("--simrisk", "scenarios", "-v")
    found.assert_outcomes(passed=2)
    found.stdout.fnmatch_lines(
        [
            "scenarios/launch.toml::finish.p80 at most 2026-01-16 PASSED*",
            "scenarios/launch.toml::finish.on_time at least 0.9 PASSED*",
        ]
    )
    assert asked == [str(Path("scenarios/launch.toml"))]  # simulated once


def test_a_failure_shows_its_sentence_and_no_traceback(plan, judge, run):
    judge("FAIL", "PASS")
    found = run("--simrisk", "scenarios/launch.toml")
    assert found.ret == pytest.ExitCode.TESTS_FAILED
    found.assert_outcomes(failed=1, passed=1)
    line = plan.read_text().splitlines().index("at_most = 2026-01-16") + 1
    text = found.stdout.str()
    assert f"\nscenarios/launch.toml:{line}: FAIL: {LATE}\n" in text
    assert "Traceback" not in text
    assert "runtest" not in text
    assert text.count(LATE) <= 2  # once as the failure, once in the short summary


@pytest.mark.parametrize(("option", "outcomes"), [((), {"failed": 1}), (("--simrisk-undecided=warn",), {"skipped": 1})])
def test_what_is_undecided_fails_unless_asked_otherwise(plan, judge, run, option, outcomes):
    judge("UNDECIDED", "PASS")
    run("--simrisk", *option, "scenarios").assert_outcomes(passed=1, **outcomes)


@pytest.mark.parametrize("verdict", ["UNDECIDED", "NOTICE"])
def test_what_stops_nobody_and_has_no_verdict_is_skipped(plan, judge, run, verdict):
    judge("PASS", verdict)
    found = run("--simrisk", "scenarios", "-rs")
    found.assert_outcomes(passed=1, skipped=1)
    line = plan.read_text().splitlines().index("at_least = 0.9") + 1
    text = found.stdout.str()
    assert f"SKIPPED [1] scenarios/launch.toml:{line}: {verdict}: {LATE}" in text.replace("\\", "/")


def test_a_missing_baseline_is_skipped_whatever_the_level(plan, judge, run):
    judge("NOTICE", "PASS")
    run("--simrisk", "scenarios").assert_outcomes(passed=1, skipped=1)


def test_a_warning_passes_and_is_told(plan, judge, run):
    judge("PASS", "FAIL")
    found = run("--simrisk", "scenarios", "-W", "error")
    found.assert_outcomes(passed=2)
    found.stdout.fnmatch_lines(["*simrisk warning*", f"*launch.toml:*: FAIL: {LATE.replace('[', '[[]')}"])


def test_one_expectation_can_be_chosen(plan, judge, run):
    judge("FAIL", "PASS")
    run("--simrisk", "scenarios/launch.toml::finish.on_time at least 0.9").assert_outcomes(passed=1)
    run("--simrisk", "scenarios", "-k", "on_time").assert_outcomes(passed=1, deselected=1)
    run("--simrisk", "scenarios", "-m", "not simrisk").assert_outcomes(deselected=2)


def test_a_faulty_scenario_is_an_error_with_its_line(plan, judge, run):
    judge("PASS", "PASS")
    plan.write_text(plan.read_text().replace('"ANN"', '"ANNE"'), encoding="utf-8")
    found = run("--simrisk", "scenarios")
    found.assert_outcomes(errors=1)
    line = plan.read_text().splitlines().index('who = "ANNE"') + 1
    assert f"\nerror[unknown-person]: scenarios/launch.toml:{line}: tasks.design.who\n" in found.stdout.str()
    assert "Traceback" not in found.stdout.str()


def test_what_cannot_be_judged_fails_each_test_with_the_reason(plan, run, monkeypatch):
    asked = []

    def judge_file(file: str, baselines: Path) -> Rulings:
        asked.append(file)
        raise ResultsError(Issue("bad-baseline", "error", "launch.json", 1, "", "It is truncated."))

    monkeypatch.setattr(pytest_plugin, "judge_file", judge_file)
    found = run("--simrisk", "scenarios")
    found.assert_outcomes(failed=2)
    found.stdout.fnmatch_lines(["error[[]bad-baseline]: launch.json:1", "*It is truncated."])
    assert "Traceback" not in found.stdout.str()
    assert len(asked) == 1


def test_equal_expectations_are_two_tests(plan, judge, run):
    judge("PASS", "PASS", "FAIL")
    plan.write_text(PLAN + EXPECTS + '[[expect]]\nmetric = "finish.p80"\nat_most = 2026-01-16\n', encoding="utf-8")
    found = run("--simrisk", "scenarios", "-v")
    found.assert_outcomes(passed=2, failed=1)
    found.stdout.fnmatch_lines(["*::finish.p80 at most 2026-01-16 (2) FAILED*"])


def test_other_files_are_left_alone(plan, judge, run, pytester):
    judge("PASS", "PASS")
    (plan.parent / "settings.toml").write_text("[tool]\nx = 1\n", encoding="utf-8")
    (plan.parent / "broken.toml").write_bytes(b"\xff\xfe [[")
    pytester.makepyfile("def test_one(): pass")
    run("--simrisk").assert_outcomes(passed=3)
    run().assert_outcomes(passed=1)


def test_without_the_option_nothing_is_imported(plan, pytester):
    """Neither the rest of simrisk nor a library: the plugin is loaded at every start of pytest."""
    pytester.makepyfile(
        """
        import sys

        def test_one():
            ours = [name for name in sys.modules if name.partition(".")[0] in ("simrisk", "simrisk_kernels")]
            assert set(ours) <= {"simrisk", "simrisk.pytest_plugin"}
            assert not {"numpy", "pydantic", "click", "numba"} & set(sys.modules)
        """
    )
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST_"))},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # other plugins import what they like
    }
    command = [sys.executable, "-m", "pytest", "-p", pytest_plugin.__name__, "-q", "."]
    found = subprocess.run(command, cwd=pytester.path, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "1 passed" in found.stdout


def test_the_package_registers_it():
    import tomllib

    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"simrisk": pytest_plugin.__name__}
