"""docs/ci.md, the action and the hooks: valid, and naming only options, inputs and exit codes that there are."""

from __future__ import annotations

import re
import shlex
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
