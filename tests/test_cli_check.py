"""`simrisk check` and `simrisk compare` as they are typed: what they print, their exit codes, the files they leave."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import simrisk

PLAN = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-03-27
budget = 40_000
[simulation]
trials = 1_000
seed = 3
[defaults]
spread = { low = 0.8, likely = 1.0, high = 1.6 }
[people.ANA]
rate = "80/h"
[people.BEN]
rate = "60/h"
[tasks.design]
effort = "10d"
who = "ANA"
[tasks.build]
effort = "20d"
who = ["ANA", "BEN"]
after = ["design"]
"""
EXPECT = """
[[expect]]
metric = "finish.on_time"
at_least = 0.5
[[expect]]
metric = "finish.p80"
worsens_at_most = "1h"
"""
LATER = '--set=tasks.build.effort="22d"'
BASELINE = Path("results/baselines/launch.json")


@pytest.fixture
def say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed):  # type: ignore[no-untyped-def]
    """The command line in a folder with a plan."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "launch.toml").write_text(PLAN + EXPECT, encoding="utf-8")
    return typed


def test_without_a_baseline_there_is_a_notice_and_update_makes_one(say) -> None:  # type: ignore[no-untyped-def]
    first = say("check", "launch.toml")
    assert first.code == 0
    assert "NOTICE finish.p80 may worsen by at most 1h, but there is no baseline yet." in first.out
    assert "PASS launch: 1 pass, 1 notice. Chance that any of this is wrong: at most 0.1 %." in first.out
    assert not BASELINE.exists()
    assert say("check", "launch.toml", "--update").code == 0
    second = say("check", "launch.toml")
    assert (second.code, "as in the baseline" in second.out) == (0, True)


def test_a_later_plan_fails_and_an_earlier_one_never_does(say) -> None:  # type: ignore[no-untyped-def]
    say("check", "launch.toml", "--update")
    kept = BASELINE.read_bytes()
    later = say("check", "launch.toml", LATER)
    assert later.code == 3
    assert re.search(r"FAIL finish\.p80 = \S+, worse than the baseline's \S+ by .* days", later.out)
    assert "What changed in the plan\n  build: effort 20d -> 22d\n" in later.out
    assert re.search(r"\n  finish\.p80 +\S+ +\S+ +\+\S+ d .*worse", later.out)
    earlier = say("check", "launch.toml", '--set=tasks.build.effort="18d"')
    assert (earlier.code, "better than the baseline" in earlier.out) == (0, True)
    assert BASELINE.read_bytes() == kept


def test_an_update_shows_what_it_accepts(say) -> None:  # type: ignore[no-untyped-def]
    assert "What" not in say("check", "launch.toml", "--update").out  # there is nothing to compare with
    accepted = say("check", "launch.toml", LATER, "--update")
    assert accepted.code == 0
    assert "What changed in the plan\n  build: effort 20d -> 22d\n" in accepted.out
    assert "What is not as in the baseline" in accepted.out
    assert "Accepted as the baseline: results/baselines/launch.json" in accepted.err.replace("\\", "/")
    assert "What" not in say("check", "launch.toml", LATER).out  # that is the plan now


def test_what_cannot_be_decided_has_an_exit_code_of_its_own(say) -> None:  # type: ignore[no-untyped-def]
    run = simrisk.simulate("launch.toml", trials=4_000, seed=3)
    metric = f"finish.by.{simrisk.measure(run, 'finish.p50').date}"
    edge = float(simrisk.measure(run, metric).value)
    assert 0.3 < edge < 0.9
    text = PLAN + f'[[expect]]\nmetric = "{metric}"\nat_least = {edge:.4f}\n'
    Path("launch.toml").write_text(text, encoding="utf-8")
    said = say("check", "launch.toml", "--most-trials", "2000")
    assert said.code == 4
    assert "The limit lies within the interval of 2,000 trials" in said.out
    assert "1,000 trials: 1 undecided; 2,000 may decide." in said.err


@pytest.mark.parametrize("damage", ["", "{", '{"schema": 99}', '{"schema": 1}'])
def test_a_damaged_baseline_is_refused_and_kept(say, damage: str) -> None:  # type: ignore[no-untyped-def]
    BASELINE.parent.mkdir(parents=True)
    BASELINE.write_text(damage, encoding="utf-8")
    for more in ((), ("--update",)):
        said = say("check", "launch.toml", *more)
        assert said.code == 2
        assert "error[baseline-" in said.err
        assert "Traceback" not in said.err
    assert BASELINE.read_text(encoding="utf-8") == damage


def test_a_plan_that_is_gone_is_said_so(say) -> None:  # type: ignore[no-untyped-def]
    assert say("check", "never.toml").code == 2
    assert say("compare", "launch.toml", "never.toml").code == 2


def test_two_plans_of_one_name_do_not_share_a_baseline(say) -> None:  # type: ignore[no-untyped-def]
    for folder, effort in (("north", "20d"), ("south", "30d")):
        Path(folder).mkdir()
        Path(folder, "launch.toml").write_text((PLAN + EXPECT).replace("20d", effort), encoding="utf-8")
    both = say("check", "north/launch.toml", "south/launch.toml")
    assert both.code == 2
    assert "'north/launch.toml' and this plan would have the same baseline" in both.err
    assert say("check", "north/launch.toml", "--update").code == 0
    kept = BASELINE.read_bytes()
    for more in ((), ("--update",)):
        other = say("check", "south/launch.toml", *more)
        assert other.code == 2
        assert "error[baseline-of-another]: results/baselines/launch.json" in other.err
        assert "It is the baseline of 'north/launch.toml', and 'south/launch.toml' has the same name." in other.err
    assert BASELINE.read_bytes() == kept
    assert say("check", "south/launch.toml", "--update", "--baseline", "results/baselines/south.json").code == 0
    Path("plans").mkdir()
    Path("north/launch.toml").rename("plans/launch.toml")  # moved: the baseline goes with it
    moved = say("check", "plans/launch.toml")
    assert (moved.code, "as in the baseline" in moved.out) == (0, True)


def test_only_the_program_changed_the_numbers(say) -> None:  # type: ignore[no-untyped-def]
    say("check", "launch.toml", "--update")
    values = json.loads(BASELINE.read_text(encoding="utf-8"))
    values["metrics"]["finish.p80"]["value"] -= 600
    values["versions"]["simrisk"] = "0.0.1"
    BASELINE.write_text(json.dumps(values), encoding="utf-8")
    said = say("check", "launch.toml")
    assert said.code == 0  # the plan is as it was
    assert "The program changed the baseline's own numbers (finish.p80): it was made by simrisk 0.0.1" in said.err


def test_a_comparison_says_what_changed_in_both(say) -> None:  # type: ignore[no-untyped-def]
    said = say("compare", "launch.toml", LATER, "--out", "diff", "--markdown", "change.md")
    assert said.code == 0
    assert "build: effort 20d -> 22d" in said.out
    assert re.search(r"finish\.p80 +\S+ +\S+ +\+\S+ d +\S+ \.\. \S+ +worse", said.out)
    written = {str(path.relative_to("diff")) for path in Path("diff").rglob("*") if path.is_file()}
    assert written == {"comparison.json", "comparison.md", "charts/comparison.svg", "charts/differences.svg"}
    values = json.loads(Path("diff/comparison.json").read_text(encoding="utf-8"))
    assert values["paired"] is True
    assert values["changes"] == ["build: effort 20d -> 22d"]
    assert values["metrics"]["finish.p80"]["verdict"] == "worse"
    assert "| finish.p80 |" in Path("change.md").read_text(encoding="utf-8")


def test_a_plan_compared_with_itself_has_not_changed(say) -> None:  # type: ignore[no-untyped-def]
    said = say("compare", "launch.toml", "launch.toml", "--json")
    values = json.loads(said.out)
    assert values["changes"] == []
    assert {entry["verdict"] for entry in values["metrics"].values()} <= {"no change", "undecided"}
    moved = {name for name, entry in values["metrics"].items() if entry["difference"] not in (0, None)}
    assert moved == set()


def test_a_stored_run_is_taken_as_it_is(say) -> None:  # type: ignore[no-untyped-def]
    say("run", "launch.toml", "--no-charts", "--trials", "500", "--seed", "9")
    said = say("compare", "results/launch", "launch.toml", LATER)
    assert said.code == 0
    assert "500 trials each, seed 9" in said.out
    other = say("compare", "results/launch", "launch.toml", "--seed", "1")
    assert "results/launch has other dice; its plan is run again." in other.err


def test_compare_says_what_it_lacks(say) -> None:  # type: ignore[no-untyped-def]
    assert "Compare with what?" in say("compare", "launch.toml").err
    assert "--png needs --out" in say("compare", "launch.toml", LATER, "--png").err
