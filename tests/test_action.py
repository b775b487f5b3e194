"""The steps of the GitHub action, run as shell: against a stub that notes its arguments, and against the real thing."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from lxml import etree

from rulings import PLAN

ACTION = Path(__file__).parents[1] / ".github" / "actions" / "simrisk-check"
BASH = shutil.which("bash") or "bash"
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))

STUB = """#!/usr/bin/env bash
printf '%s\\n' "$@" > arguments.txt
while [ $# -gt 0 ]; do
  case "$1" in
    --markdown) [ "$STUB_CODE" = 2 ] || echo "# told" > "$2" ;;
    --junit) [ "$STUB_CODE" = 2 ] || echo "<testsuites/>" > "$2" ;;
  esac
  shift
done
exit "$STUB_CODE"
"""
REAL = f"""#!/usr/bin/env bash
exec "{sys.executable}" -m simrisk "$@"
"""


@dataclass
class Left:
    """What a step left behind."""

    code: int
    out: str
    err: str
    summary: str
    outputs: dict[str, str]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with plans whose names are awkward, and a folder of programs."""
    place = tmp_path / "my repository"
    (place / "scenarios").mkdir(parents=True)
    (place / "bin").mkdir()
    for name in ("a.toml", "b c.toml", "$(touch hacked).toml"):
        (place / "scenarios" / name).write_text(PLAN, encoding="utf-8")
    return place


def program(repository: Path, text: str) -> None:
    file = repository / "bin" / "simrisk"
    file.write_text(text, encoding="utf-8")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def step(repository: Path):
    """Run the step that checks, with its inputs as the action's defaults and `inputs` have them."""
    action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    (described,) = (step for step in action["runs"]["steps"] if step.get("id") == "check")

    def run(environment: dict[str, str] | None = None, **inputs: str) -> Left:
        files = {name: repository / f"{name}.txt" for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
        for file in files.values():
            file.write_text("before\n", encoding="utf-8")
        given = {name: inputs.get(name, entry["default"]) for name, entry in action["inputs"].items()}
        variables = {
            name: value.replace("${{ github.action_path }}", str(ACTION)) for name, value in described["env"].items()
        }
        for name, value in given.items():
            variables = {key: v.replace(f"${{{{ inputs.{name} }}}}", value) for key, v in variables.items()}
        assert not any("${{" in value for value in variables.values())
        process = subprocess.run(
            # as the runner calls `shell: bash`
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", described["run"]],
            cwd=repository,
            env={
                **{name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")},
                "PATH": f"{repository / 'bin'}{os.pathsep}{os.environ['PATH']}",
                **{name: str(file) for name, file in files.items()},
                **variables,
                **(environment or {}),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        summary = files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8").removeprefix("before\n")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        assert lines[0] == "before"
        outputs = dict(line.split("=", 1) for line in lines[1:])
        return Left(process.returncode, process.stdout, process.stderr, summary, outputs)

    return run


def called(repository: Path) -> list[str]:
    return (repository / "arguments.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("code", "undecided", "left", "verdict"),
    [
        (0, "fail", 0, "PASS"),
        (3, "fail", 3, "FAIL"),
        (3, "warn", 3, "FAIL"),
        (4, "fail", 4, "UNDECIDED"),
        (4, "warn", 0, "UNDECIDED"),
        (2, "warn", 2, "ERROR"),
        (1, "warn", 1, "ERROR"),
    ],
)
def test_the_verdict_is_handed_on(repository, step, code, undecided, left, verdict):
    program(repository, STUB)
    found = step({"STUB_CODE": str(code)}, undecided=undecided)
    assert found.code == left, found.err
    assert found.outputs == {"verdict": verdict, "exit-code": str(code)}
    assert found.summary == ("" if code == 2 else "# told\n")


def test_the_inputs_reach_the_command(repository, step):
    program(repository, STUB)
    step({"STUB_CODE": "0"}, arguments="--trials 500  --seed\n7", junit="out/x.xml")
    *options, summary, trials, n, seed, s, dashes, first, second, third = called(repository)
    assert options == ["check", "--annotations", "github", "--junit", "out/x.xml", "--markdown"]
    assert (trials, n, seed, s, dashes) == ("--trials", "500", "--seed", "7", "--")
    assert not Path(summary).exists()  # a temporary file
    assert sorted([first, second, third]) == sorted(
        ["scenarios/a.toml", "scenarios/b c.toml", "scenarios/$(touch hacked).toml"]
    )


@pytest.mark.parametrize(
    ("scenarios", "files"),
    [
        ("scenarios/a.toml", ["scenarios/a.toml"]),
        ("scenarios/b c.toml\nscenarios/a.toml\n", ["scenarios/b c.toml", "scenarios/a.toml"]),
        ("scenarios/[ab]*.toml\n", ["scenarios/a.toml", "scenarios/b c.toml"]),
        ("scenarios/gone.toml", ["scenarios/gone.toml"]),  # the command says that it is not there
        ("-x.toml", ["-x.toml"]),
    ],
)
def test_scenarios_are_one_a_line_and_patterns(repository, step, scenarios, files):
    program(repository, STUB)
    assert step({"STUB_CODE": "0"}, scenarios=scenarios).code == 0
    words = called(repository)
    assert words[words.index("--") + 1 :] == files


def test_no_input_is_run_as_code(repository, step):
    program(repository, STUB)
    evil = '$(touch hacked) `touch hacked` "; touch hacked; "'
    for name in ("scenarios", "arguments", "undecided", "junit"):
        step({"STUB_CODE": "0"}, **{name: evil})
    assert not (repository / "hacked").exists()


@pytest.mark.parametrize("inputs", [{"scenarios": "nowhere/*.toml"}, {"scenarios": ""}, {"undecided": "maybe"}])
def test_inputs_that_say_nothing_are_refused(repository, step, inputs):
    program(repository, STUB)
    found = step({"STUB_CODE": "0"}, **inputs)
    assert found.code == 2
    assert found.out.startswith("::error title=simrisk::")
    assert not (repository / "arguments.txt").exists()


def test_an_old_report_is_not_taken_for_a_new_one(repository, step):
    program(repository, STUB)
    (repository / "simrisk-junit.xml").write_text("old", encoding="utf-8")
    step({"STUB_CODE": "2"})
    assert not (repository / "simrisk-junit.xml").exists()


def test_outside_of_a_runner_it_works_too(repository, step):
    program(repository, STUB)
    assert step({"STUB_CODE": "0", "GITHUB_STEP_SUMMARY": "/dev/null", "GITHUB_OUTPUT": "/dev/null"}).code == 0


def test_with_the_real_command(repository, step):
    """Two plans, one of which fails: summary, annotations at its line, a valid report, exit code 3."""
    program(repository, REAL)
    expect = '[[expect]]\nmetric = "finish.p80"\n'
    good, bad = repository / "scenarios" / "a.toml", repository / "scenarios" / "b c.toml"
    good.write_text(f"{PLAN}{expect}at_most = 2026-03-31\n", encoding="utf-8")
    bad.write_text(f"{PLAN}{expect}at_most = 2026-01-05\n", encoding="utf-8")
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "NUMBA_DISABLE_JIT": "1",  # a few trials: to compile would take longer
        "GITHUB_ACTIONS": "true",
        "GITHUB_WORKSPACE": str(repository),
    }
    found = step(environment, scenarios="scenarios/[ab]*.toml", arguments="--most-trials 1")
    assert found.code == 3, found.err
    assert found.outputs == {"verdict": "FAIL", "exit-code": "3"}
    assert found.summary.startswith("# FAIL: 2 scenarios\n")
    line = bad.read_text(encoding="utf-8").splitlines().index("at_most = 2026-01-05") + 1
    (annotation,) = (text for text in found.out.splitlines() if text.startswith("::"))
    assert annotation.startswith(f"::error file=scenarios/b c.toml,line={line},title=FAIL b c%3A finish.p80 at most")
    report = etree.parse(repository / "simrisk-junit.xml")
    SCHEMA.assertValid(report)
    assert [suite.get("failures") for suite in report.getroot()] == ["0", "1"]


def test_the_real_command_refuses_a_faulty_plan_at_its_line(repository, step):
    program(repository, REAL)
    file = repository / "scenarios" / "a.toml"
    file.write_text(PLAN.replace('who = "ANN"', 'who = "ANNE"'), encoding="utf-8")
    environment = {
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GITHUB_WORKSPACE": str(repository),
    }
    found = step(environment, scenarios="scenarios/a.toml")
    assert found.code == 2
    assert found.outputs["verdict"] == "ERROR"
    line = file.read_text(encoding="utf-8").splitlines().index('who = "ANNE"') + 1
    assert f"::error file=scenarios/a.toml,line={line},title=simrisk%3A unknown-person::tasks.design.who: " in found.out
