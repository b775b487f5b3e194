"""A sweep: which values a ``--set`` names, every combination checked and run on the same dice, and what it says."""

from __future__ import annotations

import contextlib
import io
import json
import math
import re
import shlex
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pytest

import simrisk
from simrisk.compare import compare
from simrisk.errors import MetricError, ScenarioError
from simrisk.report.sweep import SweepStory, as_json, markdown, text
from simrisk.scenario.load import load, loads
from simrisk.scenario.several import MOST_VALUES, values_of
from simrisk.simulation import simulate
from simrisk.whatif import sweep as module
from simrisk.whatif.grid import MOST, Grid, grid_of, variants_of
from simrisk.whatif.sweep import Sweep, run_sweep, runs_of, sweep
from simrisk.whatif.worlds import Worlds

PLAN = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-01-30
budget = 20_000
[simulation]
trials = 400
seed = 3
[people.ANN]
fte = 1.0
rate = "100/h"
paid = "worked"
[people.BEN]
[tasks.dig]
effort = { values = ["2d", "4d", "8d", "12d"] }
who = "ANN"
priority = 5
[tasks.fill]
effort = { low = "1d", likely = "3d", high = "9d" }
who = "BEN"
after = ["dig"]
[gates.done]
requires = ["fill"]
criteria = { good = 0.5 }
no_go = { extend = "1d" }
"""
CERTAIN = PLAN.replace('{ values = ["2d", "4d", "8d", "12d"] }', '{ exactly = "4d" }').replace(
    '{ low = "1d", likely = "3d", high = "9d" }', '{ exactly = "3d" }'
)
CERTAIN = CERTAIN[: CERTAIN.index("[gates.done]")]
DAY = 480


def swept(
    plan: str, *changes: tuple[str, str], trials: int = 400, metrics: tuple[str, ...] = (), engine: str = "kernel"
) -> Sweep:
    found = variants_of(grid_of(changes), lambda changed: loads(plan, changes=changed))
    return run_sweep(found, Worlds(trials, 3, engine=engine), metrics)  # type: ignore[arg-type]


# Values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.8", ["0.8"]),
        ("0.8,1.0", ["0.8", "1.0"]),
        (" 4h , 1d ,2w", ["4h", "1d", "2w"]),
        ("[1, 2]", ["[1, 2]"]),
        ('["a", "b"], ["c"]', ['["a", "b"]', '["c"]']),
        ("{ low = 1, high = 2 }, 4h", ["{ low = 1, high = 2 }", "4h"]),
        ('"one, text"', ['"one, text"']),
        ("'one, text', another", ["'one, text'", "another"]),
        (r'"say \"yes, no\"",b', [r'"say \"yes, no\""', "b"]),
        ('"""a, b""",c', ['"""a, b"""', "c"]),
        ("Ann's plan, Ben's", ["Ann's plan", "Ben's"]),  # an apostrophe within a word is no quote
        ("2026-01-05,2026-01-12", ["2026-01-05", "2026-01-12"]),
        ("200k/y,220k/y", ["200k/y", "220k/y"]),
        ("true,false", ["true", "false"]),
        ("100,200,300", ["100", "200", "300"]),
        ("1,1.0,1.00", ["1"]),  # the same number
        ("1,true", ["1", "true"]),  # not the same
        ("0.5..1.0:0.1", ["0.5", "0.6", "0.7", "0.8", "0.9", "1.0"]),
        ("0.5..0.99:0.2", ["0.5", "0.7", "0.9"]),
        ("1w..3w:1w", ["1w", "2w", "3w"]),
        ("-1d..1d:1d", ["-1d", "0d", "1d"]),
        ("200k/y..240k/y:20k/y", ["200k/y", "220k/y", "240k/y"]),
        ("2026-01-05..2026-02-03:2w", ["2026-01-05", "2026-01-19", "2026-02-02"]),
        ("0.2, 0.5..0.6:0.1", ["0.2", "0.5", "0.6"]),
        ("../samples.csv", ["../samples.csv"]),
        ("", [""]),
    ],
)
def test_values_are_split_where_a_list_of_values_is_meant(text: str, values: list[str]) -> None:
    assert list(values_of("key", text)) == values


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1,,2", "nothing beside a comma"),
        ("a,", "'key=\"one, text\"'"),
        ("350,000", "350_000"),
        ("1,050", "1_050"),
        ("0.5..1.0", "0.5..1.0:STEP"),
        ("1d..2w:1d", "same unit"),
        ("1..0:0.5", "goes up"),
        ("0..1:0", "goes up"),
        ("0..1000:0.001", "1,000,001 values"),
        ("2026-01-05..2026-03-01", ":1w"),
        ("2026-02-30..2026-03-30:1w", "day"),
        (",".join(map(str, range(MOST_VALUES + 1))), "201 values"),
    ],
)
def test_what_is_no_list_of_values_is_said(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        values_of("key", text)
    (issue,) = caught.value.issues
    assert (issue.slug, issue.file) == ("bad-set", "--set")
    assert said in issue.found


# The grid


def test_the_last_key_goes_fastest_and_changes_keep_their_order() -> None:
    grid = grid_of([("tasks.dig.priority", "1,2"), ("people.BEN.fte", "0.5"), ("people.ANN.fte", "0.4,0.6,0.8")])
    assert grid.points == [(p, f) for p in ("1", "2") for f in ("0.4", "0.6", "0.8")]
    assert grid.at(("2", "0.4")) == (("tasks.dig.priority", "2"), ("people.BEN.fte", "0.5"), ("people.ANN.fte", "0.4"))
    assert grid.fixed == (("people.BEN.fte", "0.5"),)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ([("people.ANN.fte", "0.5,1"), ("people.ANN.fte", "0.7")], "changed twice"),
        ([("people.ANN.fte", "0.5,1"), ('people."ANN".fte', "0.7")], "changed twice"),
        ([("simulation.seed", "1,2")], "--seed"),
        ([("a.b", "1..100:1"), ("a.c", "1..100:1")], f"10,000 combinations; {MOST} are possible"),
    ],
)
def test_grids_that_cannot_be(changes: list[tuple[str, str]], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        grid_of(changes)


def test_every_fault_of_every_variant_is_said_at_once_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Worlds, "run", lambda *_, **__: pytest.fail("a variant was run"))
    changes = [("people.ANN.fte", "0.5,2,1.0"), ("gates.done.no_go.then", "stop,leave")]
    with pytest.raises(ScenarioError) as caught:
        swept(PLAN, *changes)
    found = {issue.where: issue.found for issue in caught.value.issues}
    assert set(found) == {"people.ANN.fte", "gates.done.no_go.then"}
    assert found["people.ANN.fte"].endswith("So with people.ANN.fte = 2.")
    assert found["gates.done.no_go.then"].endswith("So with gates.done.no_go.then = leave.")


def test_a_fault_of_all_variants_names_none() -> None:
    with pytest.raises(ScenarioError) as caught:
        swept(PLAN + "[tasks.roof]\n", ("people.ANN.fte", "0.5,1.0"))
    assert all("So with" not in issue.found for issue in caught.value.issues)


def test_a_fault_of_one_combination_names_it() -> None:
    plan = PLAN + '[people.ANN.onboarding]\nramp = "2w"\nfrom = 0.5\n'
    grid = Grid((("a", "1,2"), ("b", "1,2")), grid_of([("a", "1,2"), ("b", "1,2")]).axes)

    def load_one(changed: tuple[tuple[str, str], ...]) -> object:
        return loads(plan) if dict(changed) != {"a": "1", "b": "2"} else loads("x = ")

    with pytest.raises(ScenarioError, match=r"So with a = 1, b = 2\."):
        variants_of(grid, load_one)  # type: ignore[arg-type]


# What comes out


def test_a_plan_without_dice_worked_out_by_hand() -> None:
    """4 days of ANN at her share, then 3 days of BEN; ANN costs 100 an hour of effort whatever her share."""
    found = swept(CERTAIN, ("people.ANN.fte", "0.5,0.8,1.0"), trials=10)
    days = [out.figures["finish.p80"].value for out in found.outcomes]
    assert days == [11 * DAY, 8 * DAY, 7 * DAY]
    assert [str(out.figures["finish.p80"].date) for out in found.outcomes] == ["2026-01-19", "2026-01-14", "2026-01-13"]
    assert found.reference == 2
    assert [out.differences["finish.p80"].value for out in found.outcomes[:2]] == [4 * DAY, 1 * DAY]
    assert not found.outcomes[2].differences
    assert [out.figures["cost.mean"].value for out in found.outcomes] == [3200.0] * 3
    assert [out.differences["cost.mean"].value for out in found.outcomes[:2]] == [0, 0]


def test_a_later_start_is_later_by_the_working_days_between() -> None:
    found = swept(CERTAIN, ("project.start", "2026-01-12..2026-01-26:1w"), trials=10)
    assert found.reference is None
    assert [out.differences["finish.p80"].value for out in found.outcomes] == [5 * DAY, 10 * DAY, 15 * DAY]


def test_differences_are_paired_by_trial() -> None:
    """With half of ANN's time each trial takes as much longer as she works; the interval is that of those minutes."""
    found = swept(PLAN, ("people.ANN.fte", "0.5,1.0"), metrics=("finish.mean",))
    whole, half = (
        simulate(loads(PLAN, changes=[("people.ANN.fte", fte)]), seed=3)["project_finish"].values
        for fte in ("1", "0.5")
    )
    moved = half - whole
    assert set(moved) == {2 * DAY, 4 * DAY, 8 * DAY, 12 * DAY}
    difference = found.outcomes[0].differences["finish.mean"]
    assert difference.value == pytest.approx(moved.mean())
    assert (difference.high - difference.low) / 2 == pytest.approx(1.96 * moved.std() / math.sqrt(400), rel=0.01)


def test_each_variant_is_the_run_of_its_own_plan_and_each_move_what_compare_says() -> None:
    keys = ("people.ANN.fte", "gates.done.no_go.then")
    metrics = ("finish.p50", "finish.p80", "cost.mean", "finish.on_time", "stopped")
    found = swept(PLAN, (keys[0], "0.5,1.0"), (keys[1], "stop,proceed"))
    assert found.metrics == metrics
    base = simulate(loads(PLAN), seed=3)
    for point, outcome in zip(found.grid.points, found.outcomes, strict=True):
        run = simulate(loads(PLAN, changes=list(zip(keys, point, strict=True))), seed=3)
        compared = compare(base, run, metrics)
        for metric in metrics:
            assert outcome.figures[metric] == simrisk.measure(run, metric)
            move = compared.of(metric)
            if metric in outcome.differences:
                assert replace(outcome.differences[metric], before=None, after=None) == replace(
                    move, before=None, after=None
                )


def test_both_engines_give_the_same() -> None:
    changes = (("people.ANN.fte", "0.5,1.0"), ("gates.done.no_go.then", "stop,descope"))
    first, second = (swept(PLAN, *changes, trials=40, engine=engine) for engine in ("kernel", "reference"))
    assert [out.figures for out in first.outcomes] == [out.figures for out in second.outcomes]
    assert [out.differences for out in first.outcomes] == [out.differences for out in second.outcomes]


@pytest.mark.parametrize(
    ("key", "values", "place"),
    [
        ("people.ANN.fte", "0.5,1", 1),
        ("people.BEN.fte", "1.0,0.5", 0),  # a default that nobody wrote
        ("tasks.dig.effort", '{ values = ["16h", "4d", "64h", "96h"] },3d', 0),
        ("project.name", '"Launch", "Again, and again"', 0),
        ("people.ANN.fte", "0.5,0.6", None),
    ],
)
def test_the_plan_as_in_the_file_is_found_however_it_is_written(key: str, values: str, place: int | None) -> None:
    found = swept(PLAN, (key, values), trials=5)
    assert found.reference == place
    assert runs_of(found.variants) == 2 + (place is None)
    assert found.reference_name == "the plan as in the file"


def test_a_file_that_its_values_mend_is_compared_with_the_first() -> None:
    found = swept(PLAN.replace("fte = 1.0", "fte = 10"), ("people.ANN.fte", "0.5,1.0"), trials=50)
    assert (found.reference, found.reference_name) == (0, "the first of them")
    assert "* is the first of them" in text(SweepStory(found)).replace("\n", " ")


def test_what_moves_nothing_is_exactly_nothing() -> None:
    found = swept(PLAN, ("tasks.dig.priority", "5,7"))
    assert {out.value for metric, out in found.outcomes[1].differences.items() if metric != "finish.on_time"} == {0}
    assert "is the same in all of them" in SweepStory(found).answer()


def test_any_metric_can_be_asked_for() -> None:
    metrics = ("gate.done.p_go", "person.ANN.utilisation", "finish.p97.5")
    found = swept(PLAN, ("people.ANN.fte", "0.5,1.0"), metrics=metrics, trials=200)
    run = simulate(loads(PLAN), seed=3, trials=200)
    assert {m: found.own.figures[m].value for m in metrics} == {m: simrisk.measure(run, m).value for m in metrics}


def test_a_metric_that_is_none_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.Runner, "run", lambda *_: pytest.fail("a variant was run"))
    for metric in ("finish.p0", "gate.none.p_go"):
        with pytest.raises(MetricError, match=metric):
            swept(PLAN, ("people.ANN.fte", "0.5,1.0"), metrics=("finish.p80", metric))


def test_a_metric_that_only_some_variants_have() -> None:
    found = swept(PLAN.replace("deadline = 2026-01-30\n", ""), ("project.deadline", "2026-01-16,2026-01-30"), trials=50)
    assert "finish.on_time" not in found.own.figures
    assert [out.differences["finish.on_time"].verdict for out in found.outcomes] == ["new", "new"]
    low, high = (out.figures["finish.on_time"].value for out in found.outcomes)
    assert low < high
    story = SweepStory(found)
    assert json.loads(as_json(story))["own"]["finish.on_time"] is None
    assert "finish.on_time" in text(story)


# Words


def test_the_table_says_what_each_value_moves() -> None:
    said = text(SweepStory(swept(CERTAIN, ("people.ANN.fte", "0.5,1.0"), trials=50)))
    rows = [line.split() for line in said.splitlines()]
    assert ["0.5", "2026-01-19", "+4.0", "±", "0.0", "2026-01-19", "+4.0", "±", "0.0"] in rows
    assert ["1.0", "*", "2026-01-13", "-", "2026-01-13", "-"] in rows
    assert "worst with people.ANN.fte = 0.5: 2026-01-19" in said.replace("\n", " ")


def test_json_and_markdown_have_every_variant() -> None:
    story = SweepStory(swept(PLAN, ("people.ANN.fte", "0.5,1.0"), ("people.BEN.fte", "0.5,0.7"), trials=50))
    found = json.loads(as_json(story))
    assert [entry["values"] for entry in found["variants"]] == [
        {"people.ANN.fte": a, "people.BEN.fte": b} for a in ("0.5", "1.0") for b in ("0.5", "0.7")
    ]
    assert not any(entry["own"] for entry in found["variants"])
    first = found["variants"][0]["metrics"]["finish.p80"]
    assert first["difference"]["paired"]
    assert first["difference"]["ci"][0] <= first["difference"]["value"] <= first["difference"]["ci"][1]
    assert first["minutes"] - found["own"]["finish.p80"]["minutes"] == first["difference"]["value"]
    page = markdown(story)
    assert page.count("<details>") == len(story.found.metrics)
    assert page.count("\n| 0.5 | 0.7 |") == 2 + len(story.found.metrics)


def test_from_python(tmp_path: Path) -> None:
    file = tmp_path / "launch.toml"
    file.write_text(PLAN, encoding="utf-8")
    found = sweep(file, [("people.ANN.fte", "0.5,1.0"), ("people.BEN.fte", "0.9")], trials=20)
    assert found.base.attrs["seed"] == 3
    assert [axis.key for axis in found.grid.axes] == ["people.ANN.fte"]
    with pytest.raises(ValueError, match="at least one trial"):
        sweep(file, [("people.ANN.fte", "0.5,1.0")], trials=0)


# The commands


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed):  # type: ignore[no-untyped-def]
    (tmp_path / "launch.toml").write_text(PLAN, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *args: astuple(typed(*args))


def test_run_with_several_values_is_a_sweep(call) -> None:  # type: ignore[no-untyped-def]
    several = ("launch.toml", "--set", "people.ANN.fte=0.5,1.0", "--trials", "50")
    code, out, err = call("run", *several, "--no-charts")
    assert code == 0
    assert "Written to results/launch: sweep.json, sweep.md." in err
    code, said, err = call("sweep", *several)
    assert (code, said) == (0, out)
    assert err.splitlines()[-1] == "Written to results/launch: sweep.json, sweep.md, charts/sweep.svg."
    written = sorted(str(path.relative_to("results/launch")) for path in Path("results/launch").rglob("*.*"))
    assert written == ["charts/sweep.svg", "sweep.json", "sweep.md"]
    assert "![" in Path("results/launch/sweep.md").read_text(encoding="utf-8")
    code, out, _ = call("sweep", *several, "--json", "-q", "--out", "there", "--png")
    assert json.loads(out) == json.loads(Path("there/sweep.json").read_text(encoding="utf-8"))
    assert Path("there/charts/sweep.png").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("sweep", "launch.toml"), "Which values?"),
        (("sweep", "launch.toml", "--set", "people.ANN.fte=0.5"), "Which values?"),
        (
            ("run", "launch.toml", "--set", "people.ANN.fte=0.5,1", "--until", "finish.p80=1d"),
            "--until is for one plan",
        ),
        (("lint", "launch.toml", "--set", "people.ANN.fte=0.5,1"), "has several values"),
        (("compare", "launch.toml", "--set", "project.name=a, b"), "'project.name=\"a, b\"'"),
        (("sweep", "launch.toml", "--set", "people.ANN.fte=0.5,9"), "So with people.ANN.fte = 9."),
        (("run", "launch.toml", "--set", "project.budget=20,000"), "20_000"),
        (("sweep", "launch.toml", "--set", "people.ANN.fte=0.5,1", "--metric", "finish.p0"), "unknown-metric"),
    ],
)
def test_what_is_refused(call, args: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call(*args)
    assert (code, out) == (2, "")
    assert said in err


def test_one_quoted_text_with_a_comma_is_one_value(call) -> None:  # type: ignore[no-untyped-def]
    code, out, _ = call("run", "launch.toml", "--set", 'project.name="a, b"', "--trials", "5", "--no-charts")
    assert code == 0
    assert out.startswith("a, b")


def test_phase3_as_the_plans_page_tells_it() -> None:
    """ECLIPSE full-time is worth about 26 days of P80 there; a sweep on the same dice says so, too."""
    path = Path(__file__).parents[1] / "scenarios" / "phase3.toml"
    found = sweep(path, [("people.ECLIPSE.fte", "0.8,1.0")], trials=2000)
    move = found.outcomes[1].differences["finish.p80"]
    assert found.reference == 0
    assert move.low < -25.9 * DAY < move.high
    assert np.isfinite(load(path).simulation.seed)


def test_the_page_prints_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "sweep.md").read_text(encoding="utf-8")
    monkeypatch.chdir(root)
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/sweep.md", "exec"), {})
    assert said.getvalue() == printed


def test_the_values_on_the_page_are_lists_of_values() -> None:
    page = (Path(__file__).parents[1] / "docs" / "sweep.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`--set .*?) \|", page, re.MULTILINE)
    named = [shlex.split(words)[1::2] for row in rows for words in re.findall(r"`([^`]+)`", row)]
    assert len(named) >= 6
    for options in named:
        assert len(grid_of(tuple(option.split("=", 1)) for option in options).axes) == len(options)  # type: ignore[misc]
    assert loads(PLAN, changes=[("project.name", '"Phase 3, again"')]).project.name == "Phase 3, again"
