"""`simrisk replay`: which trial it tells, what it writes, and what it says of options that do not go together."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from conftest import Said
from simrisk.scenario.load import load
from simrisk.simulation import Experiment
from test_cli import SCENARIO


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed):  # type: ignore[no-untyped-def]
    """The command line in a folder with launch.toml."""
    (tmp_path / "launch.toml").write_text(SCENARIO, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return typed


def test_a_typical_late_trial_is_the_one_nearest_p80(cli) -> None:  # type: ignore[no-untyped-def]
    said: Said = cli("replay", "launch.toml", "--trials", "50")
    assert said.code == 0
    experiment = Experiment(load("launch.toml"))
    experiment.extend(50)
    finish = experiment.run()["project_finish"].values
    number = int(re.search(r"trial (\d+) of seed", said.out)[1])  # type: ignore[index]
    assert number == int(np.flatnonzero(finish == sorted(finish)[39])[0])
    assert "of 50 trials the one nearest P80 of the finish" in " ".join(said.out.split())
    found = json.loads(cli("replay", "launch.toml", "--at", "cost.p20", "--trials", "50", "--json").out)
    assert found["at"]["metric"] == "cost.p20"
    assert found["at"]["level"] == found["at"]["value"] == found["cost"]


def test_a_trial_by_its_number_is_that_of_the_run(cli) -> None:  # type: ignore[no-untyped-def]
    for options in ((), ("--sampling", "lhs"), ("--seed", "9"), ("--set", "people.ANN.fte=0.5")):
        found = json.loads(cli("replay", "launch.toml", "--trial", "7", "--json", *options).out)
        cli("run", "launch.toml", "--trials", "8", "--no-charts", "--out", "out", "-q", *options)
        from simrisk.dataset import read

        run = read("out/run.nc")
        assert found["finish"]["minutes"] == run["project_finish"].values[7]
        assert found["cost"] == run["project_cost"].values[7]
        assert found["sampling"] == run.attrs["sampling"]


def test_files(cli) -> None:  # type: ignore[no-untyped-def]
    said = cli("replay", "launch.toml", "--trial", "3", "--out", "stories", "--png", "--all")
    names = ["trial-3.txt", "trial-3.json", "trial-3.svg", "trial-3.png"]
    assert said.err.splitlines()[-1] == f"Written to stories: {', '.join(names)}."  # it may have compiled before
    assert sorted(path.name for path in Path("stories").iterdir()) == sorted(names)
    assert "Why it was" in Path("stories/trial-3.txt").read_text() or "What set" in said.out
    assert json.loads(Path("stories/trial-3.json").read_text())["trial"] == 3


def test_brief_is_part_of_all(cli) -> None:  # type: ignore[no-untyped-def]
    brief, everything = (cli("replay", "launch.toml", "--trial", "3", how).out for how in ("--brief", "--all"))
    told, of_all = (
        {line.lstrip("* ") for line in text.split("  Times take it")[0].splitlines()} for text in (brief, everything)
    )
    assert "ANN begins design." in told <= of_all
    assert brief.split("\n\n")[-1] == everything.split("\n\n")[-1]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("--trial", "3", "--at", "finish.p80"), "leave out --at and --trials"),
        (("--trial", "-1"), "a whole number from 0"),
        (("--at", "finish.mean"), "no-quantile"),
        (("--at", "finsh.p80"), "Did you mean 'finish.p80'"),
        (("--out", " "), "the name of a folder is needed"),
        (("--set", "people.BEN.fte=1"), "people.BEN"),
    ],
)
def test_what_does_not_go_together_is_said(cli, args: tuple[str, ...], message: str) -> None:  # type: ignore[no-untyped-def]
    said = cli("replay", "launch.toml", *args)
    assert (said.code, said.out) == (2, "")
    assert message in said.err
