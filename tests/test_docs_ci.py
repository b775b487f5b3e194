"""docs/ci.md, the action and the hooks: valid, and naming only options, inputs and exit codes that there are."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest
import yaml

import simrisk
from rulings import PLAN
from simrisk import pytest_plugin, verdict
from simrisk.cli import cli
from simrisk.scenario.load import loads

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION = ROOT / ".github" / "actions" / "simrisk-check"


def blocks(language: str) -> list[str]:
    """Code of a language, without the indentation of a list that it stands in."""
    found = re.findall(rf"^( *)```{language}\n(.*?)^ *```", PAGE, re.DOTALL | re.MULTILINE)
    return [re.sub(rf"(?m)^{indent}", "", code) for indent, code in found]


EXAMPLES = [yaml.safe_load(block) for block in blocks("yaml")]
GITHUB, GITLAB, PRE_COMMIT = EXAMPLES


def commands(text: str, program: str) -> list[list[str]]:
    """The words of each call of a program, on a line of its own or within backticks."""
    found = re.findall(rf"(?:^\s*(?:- )?|`){program} ([^`#\n]*)", text, re.MULTILINE)
    return [shlex.split(words) for words in found]


def options_of(name: str) -> set[str]:
    command = cli.get_command(click.Context(cli), name)
    assert command is not None, name
    return {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}


def named(words: list[str]) -> set[str]:
    return {word.partition("=")[0] for word in words if word.startswith("--") and word != "--"}


class Parser:
    """Takes note of the options that a plugin declares."""

    def __init__(self) -> None:
        self.options: set[str] = set()

    def getgroup(self, *_: str) -> Parser:
        return self

    def addoption(self, name: str, **_: object) -> None:
        self.options.add(name)


def test_every_call_of_simrisk_has_options_that_exist():
    calls = commands(PAGE, "simrisk")
    assert len(calls) >= 4
    for name, *words in calls:
        assert named(words) <= options_of(name), words


def test_every_option_on_the_page_exists():
    parser = Parser()
    pytest_plugin.pytest_addoption(parser)
    known = options_of("check") | parser.options
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known
    assert parser.options <= set(re.findall(r"--[a-z][a-z-]+", PAGE))


def test_every_call_of_pytest_has_options_that_exist():
    parser = Parser()
    pytest_plugin.pytest_addoption(parser)
    calls = commands(PAGE, "pytest")
    assert len(calls) >= 3
    for words in calls:
        assert named(words) <= parser.options


def test_the_expectations_load():
    (example,) = blocks("toml")
    scenario = loads(PLAN + example)
    assert [(entry.metric, entry.level) for entry in scenario.expect] == [
        ("finish.on_time", "error"),
        ("finish.p80", "warn"),
    ]


def test_exit_codes_are_those_of_the_verdicts():
    rows = re.findall(r"^\| (PASS|FAIL|UNDECIDED) \|[^|]*\| (\d+) \|", PAGE, re.MULTILINE)
    assert {word: int(code) for word, code in rows} == {
        word: getattr(verdict, word) for word in ("PASS", "FAIL", "UNDECIDED")
    }


def test_the_github_example_gives_the_action_what_it_takes():
    (step,) = (step for step in GITHUB["jobs"]["plan"]["steps"] if "simrisk-check" in step.get("uses", ""))
    place = step["uses"].partition("@")[0].split("/", 2)[2]
    action = yaml.safe_load((ROOT / place / "action.yml").read_text(encoding="utf-8"))
    assert set(step["with"]) <= set(action["inputs"])
    assert named(step["with"]["arguments"].split()) <= options_of("check")
    assert step["with"]["undecided"] in ("fail", "warn")
    version = re.search(r"@v([0-9.]+)", step["uses"])[1]
    assert version == simrisk.__version__


def test_the_gitlab_example_calls_what_exists():
    script = "\n".join(GITLAB["plan"]["script"])
    ((name, *words),) = commands(script, "simrisk")
    assert named(words) <= options_of(name)
    assert GITLAB["plan"]["artifacts"]["reports"]["junit"] in words
    assert GITLAB["plan"]["allow_failure"]["exit_codes"] == [verdict.UNDECIDED]


PROGRAMS = {
    "pip": 'echo "pip $*" >> called.txt',
    "python": 'echo "python $*" >> called.txt',
    "simrisk": f'exec "{sys.executable}" -m simrisk "$@"',
}


@pytest.fixture
def shell(tmp_path: Path):
    """Run a script in a checkout with a plan, with a pip that only takes notes and the real simrisk."""
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "bin").mkdir()
    for name, line in PROGRAMS.items():
        (tmp_path / "bin" / name).write_text(f"#!/bin/sh\n{line}\n", encoding="utf-8")
        (tmp_path / "bin" / name).chmod(0o755)

    def run(script: str, *, plan: str = PLAN, **variables: str) -> subprocess.CompletedProcess[str]:
        (tmp_path / "scenarios" / "launch.toml").write_text(plan, encoding="utf-8")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "CI_"))},
            "PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "NUMBA_DISABLE_JIT": "1",  # a few trials: to compile would take longer
            **variables,
        }
        command = [shutil.which("bash") or "bash", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    return run


@pytest.mark.parametrize(("limit", "code"), [("2026-12-31", 0), ("2026-01-05", 3)])
def test_the_gitlab_example_runs(shell, tmp_path, limit, code):
    plan = f'{PLAN}[[expect]]\nmetric = "finish.p80"\nat_most = {limit}\n'
    done = shell("\n".join(GITLAB["plan"]["script"]), plan=plan, SIMRISK="simrisk==0.1.0")
    assert done.returncode == code, done.stderr
    assert (tmp_path / "called.txt").read_text(encoding="utf-8") == "pip install simrisk==0.1.0\n"
    reports = [GITLAB["plan"]["artifacts"]["reports"]["junit"], *GITLAB["plan"]["artifacts"]["paths"]]
    assert all((tmp_path / report).stat().st_size > 100 for report in reports)


@pytest.mark.parametrize(("given", "installed"), [("action", ROOT), ("simrisk==0.1.0", "simrisk==0.1.0")])
def test_the_action_installs_its_own_repository_or_what_it_is_told(shell, tmp_path, given, installed):
    (step,) = (
        step
        for step in yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))["runs"]["steps"]
        if "INSTALL" in step["env"]
    )
    done = shell(step["run"], ACTION=str(ACTION), INSTALL=given)
    assert done.returncode == 0, done.stderr
    *words, last = (tmp_path / "called.txt").read_text(encoding="utf-8").removesuffix("\n").split(" ")
    assert words[:4] == ["python", "-m", "pip", "install"]
    assert last == installed or Path(last).resolve() == installed


def test_the_hooks_are_there_and_call_what_exists():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    known = {hook["id"]: hook for hook in hooks}
    (repository,) = PRE_COMMIT["repos"]
    assert {hook["id"] for hook in repository["hooks"]} == set(known)
    for hook in hooks:
        program, command, *words = hook["entry"].split()
        assert program == "simrisk"
        given = next(entry for entry in repository["hooks"] if entry["id"] == hook["id"]).get("args", [])
        assert named([*words, *given]) <= options_of(command)
        argument = next(p for p in cli.get_command(click.Context(cli), command).params if isinstance(p, click.Argument))
        assert argument.nargs == -1  # pre-commit names all files in one call
        assert re.search(hook["files"], "scenarios/plan.toml")
        assert not re.search(hook["files"], "pyproject.toml")


def test_the_action_is_whole():
    """Every input reaches the script through its environment, and no input is pasted into a command."""
    action = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    script = (ACTION / "check.sh").read_text(encoding="utf-8")
    steps = action["runs"]["steps"]
    given = {value for step in steps for value in step["env"].values()}
    assert {f"${{{{ inputs.{name} }}}}" for name in action["inputs"]} <= given
    for step in steps:
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]
        for name in step["env"]:
            assert f"${name}" in step["run"] or f"${name}" in script, name
    (output,) = (step["id"] for step in steps if "id" in step)
    for name in ("verdict", "exit-code"):
        assert action["outputs"][name]["value"] == f"${{{{ steps.{output}.outputs.{name} }}}}"
        assert f"{name}=" in script


@pytest.mark.parametrize("name", ["README.md", "docs/README.md"])
def test_the_page_is_found(name):
    assert "ci.md" in (ROOT / name).read_text(encoding="utf-8")


def test_the_package_declares_what_the_page_says():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "pytest11" in project["entry-points"]
