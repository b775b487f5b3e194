"""`simrisk what-if`: what it prints and writes, and what the charts show."""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from build import person, pert, risk, scenario, task
from simrisk.charts import plot_shares, plot_worth, title_of
from simrisk.cli import cli
from simrisk.report.what_if import Advice, as_json, markdown, text
from simrisk.scenario.load import loads
from simrisk.whatif.study import WhatIf, what_if

PLAN = """
[project]
name = "Shed"
start = 2026-01-05
deadline = 2026-02-06
budget = 20_000
[people.ANN]
rate = "100/h"
pto_days = 25
[people.BOB]
[absence.sick]
per_year = 20
duration = "2d"
[tasks.dig]
effort = { low = "5d", likely = "8d", high = "20d" }
who = "ANN"
[tasks.fill]
effort = "4d"
who = "ANN"
[tasks.paint]
effort = "2d"
who = "BOB"
[risks.rain]
name = "Rain"
probability = 0.3
affects = ["dig"]
delay = "4d"
[mitigations.roof]
name = "A roof"
price = 1_000
[mitigations.roof.changes]
"risks.rain.delay" = "1h"
[mitigations.help]
name = "BOB helps to dig"
[mitigations.help.changes]
"tasks.dig.who" = ["ANN", "BOB"]
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path, str]:
    """stdout of the command, the folder, stderr."""
    folder = tmp_path_factory.mktemp("shed")
    (folder / "shed.toml").write_text(PLAN)
    arguments = ["what-if", str(folder / "shed.toml"), "--trials", "1000", "--seed", "3", "--out", str(folder / "out")]
    result = CliRunner().invoke(cli, [*arguments, "--png"], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout, folder / "out", result.stderr


@pytest.fixture(scope="module")
def found(told) -> WhatIf:
    return what_if(told[1].parent / "shed.toml", 1000, 3)


def test_it_writes_what_it_says(told) -> None:
    stdout, out, stderr = told
    files = ["charts/shares.png", "charts/shares.svg", "charts/worth.png", "charts/worth.svg"]
    files += ["what_if.json", "what_if.md"]
    assert sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file()) == files
    assert "Written to" in stderr
    assert "What makes it late: shares that add up" in stdout
    assert "Mitigations" in stdout
    assert str(out) not in stdout


def test_the_same_question_has_the_same_answer(told, found) -> None:
    assert (told[1] / "what_if.json").read_text() == as_json(found)
    assert told[0] == text(Advice(found))


def test_json_has_every_cause_with_its_interval(told, found) -> None:
    written = json.loads((told[1] / "what_if.json").read_text())
    causes = {cause["name"]: cause for cause in written["causes"]}
    assert set(causes) == {worth.cause.name for worth in found.worths}
    for cause in causes.values():
        gain = cause["gain"]["finish.p80"]
        assert gain["ci"][0] <= gain["value"] <= gain["ci"][1]
    assert causes["mitigation.roof"]["mitigation"] == {"id": "roof", "name": "A roof", "price": 1000.0, "active": False}
    assert causes["person.BOB.away"]["gain"]["finish.p80"] == {"value": 0.0, "ci": [0.0, 0.0], "sure": False}
    assert causes["dice"]["gain"]["finish.on_time"]["value"] > 0  # a chance is better when it is larger
    shares = written["shares"]["finish.p80"]
    assert math.isclose(sum(share["value"] for share in shares["shares"]), shares["total"]["value"], abs_tol=1e-3)
    assert shares["planned"] == written["without_dice"]["finish"] == 12 * 480


def test_gains_are_those_of_a_run_without(found) -> None:
    alone = what_if(found.scenario, 1000, 3, shares=False)
    assert alone.shares == {}
    gain = alone.worth("person.ANN.scarcity").gain("finish.p80")
    assert gain.before.value - gain.after.value == gain.value > 0
    assert gain.low < gain.value < gain.high


def test_a_mitigation_gains_what_it_makes_earlier(found) -> None:
    gain = found.worth("mitigation.help").gain("finish.p80")
    assert gain.value > 480 * 2
    dear = found.worth("mitigation.roof").gain("cost.mean")
    assert dear.value < 0  # it costs its price
    row = next(line for line in text(Advice(found)).splitlines() if line.strip().startswith("A roof"))
    assert "off" in row


def test_an_active_mitigation_is_worth_the_same_as_the_inactive_one(told, found) -> None:
    from simrisk.scenario.load import load

    on = load(told[1].parent / "shed.toml", with_=("help",))
    switched = what_if(on, 1000, 3, shares=False)
    for metric in ("finish.p80", "cost.mean"):
        off_gain, on_gain = (study.worth("mitigation.help").gain(metric) for study in (found, switched))
        assert on_gain.value == off_gain.value
    assert switched.worth("mitigation.help").cause.mitigation.active


def test_mitigations_that_clash_say_so(tmp_path: Path) -> None:
    clash = PLAN + '[mitigations.other]\nname = "CYD digs"\n[mitigations.other.people.CYD]\n'
    clash += '[mitigations.other.changes]\n"tasks.dig.who" = ["CYD"]\n'
    (tmp_path / "shed.toml").write_text(clash)
    from simrisk.scenario.load import load

    made = load(tmp_path / "shed.toml", with_=("help",))
    found = what_if(made, 50, 3, shares=False)
    assert "'help'" in found.worth("mitigation.other").clash
    assert found.worth("mitigation.other").gain("finish.p80") is None
    assert "CYD digs: " in text(Advice(found))
    assert json.loads(as_json(found))["causes"][-1]["clash"]


def test_markdown_has_the_pictures_and_the_tables(told) -> None:
    written = (told[1] / "what_if.md").read_text()
    assert written.startswith("# What it is worth: Shed")
    assert "](charts/shares.svg)" in written
    assert "](charts/worth.svg)" in written
    assert "## Where causes overlap" not in written or "one by one" in written


def test_all_lists_what_moves_nothing(found) -> None:
    said = (text(Advice(found)), text(Advice(found, everything=True)))
    short, full = (table.partition("Left to chance")[2] for table in said)
    assert "absence of BOB" not in short
    assert "--all lists them" in short
    assert "absence of BOB" in full


def test_a_plan_beyond_the_horizon_is_told_honestly() -> None:
    risks = [risk("six", 0.5, "a", delay="6d")]
    found = what_if(scenario([person("ANN")], [task("a", "10d", "ANN")], risks=risks, horizon="12d"), 500, 1)
    said = text(Advice(found))
    assert "P80 is beyond 2026-01-20" in said
    assert "to 2026-01-16" in said  # without the risk
    assert title_of(plot_worth(found)) == "test: no single cause moves P80 for sure"
    assert markdown(Advice(found))


def test_a_plan_of_one_certain_task_is_told() -> None:
    found = what_if(scenario([person("ANN")], [task("a", "2d", "ANN")]), 10, 1)
    said = text(Advice(found))
    assert "P80 is 2026-01-06" in said
    assert "What makes it late" not in said


def bars(axes, gid: str) -> list[float]:
    """Lengths of the bars of a chart."""
    patches = [artist for artist in axes.get_children() if str(artist.get_gid()).startswith(gid)]
    return [patch.get_width() for patch in patches]


def test_the_chart_of_worth_shows_the_gains(found) -> None:
    axes = plot_worth(found)
    drawn = bars(axes, "worth-")
    assert drawn == sorted(drawn, reverse=True)
    best = max(worth.gain("finish.p80").value for worth in found.worths if not worth.cause.members) / 480
    assert np.isclose(drawn[0], best)
    assert "working day" in title_of(axes)


def test_the_chart_of_shares_leads_from_the_plan_to_p80(found) -> None:
    axes = plot_shares(found)
    steps = [artist for artist in axes.get_children() if str(artist.get_gid()).startswith("step-")]
    steps.sort(key=lambda step: int(step.get_gid().removeprefix("step-")))
    for one, other in itertools.pairwise(steps):
        assert np.isclose(one.get_x() + one.get_width(), other.get_x())


def test_faults_of_the_command_line() -> None:
    for arguments, said in (
        (["nothing.toml"], "nothing.toml"),
        ([], "SCENARIO"),
        (["x", "--trials", "0"], "whole number"),
    ):
        result = CliRunner().invoke(cli, ["what-if", *arguments])
        assert result.exit_code != 0
        assert said in f"{result.output}{result.exception}"


def test_help_says_what_it_does() -> None:
    result = CliRunner().invoke(cli, ["what-if", "--help"])
    assert result.exit_code == 0
    assert "Shapley" in result.output
    assert "what-if" in CliRunner().invoke(cli, ["--help"]).output


def test_the_answer_names_what_buys_most_and_what_only_a_group_does() -> None:
    # three tasks side by side, each of two people's: with one of them relieved the other two still take as long
    people = [person(name) for name in ("ANN", "BOB", "CYD")]
    tasks = [task(f"{name}-{i}", "10d", name) for name in ("ANN", "BOB", "CYD") for i in range(2)]
    told_ = text(Advice(what_if(scenario(people, tasks), 20, 1)))
    assert "Of what the plan decides" not in told_  # no one of them costs a day
    uneven = [*tasks, task("more", "4d", "ANN")]
    said = " ".join(text(Advice(what_if(scenario(people, uneven), 20, 1))).split())
    assert "waiting for ANN, busy or away costs most by itself: 4.0 days of P80" in said
    assert "; waiting for anybody or anything, all in all 14.0." in said


def test_the_answer_says_which_mitigation_buys_most_or_that_none_does() -> None:
    made = loads(PLAN)
    said = " ".join(text(Advice(what_if(made, 400, 1))).split())
    assert "Of the mitigations that are off, 'BOB helps to dig' buys most:" in said
    idle = (
        PLAN[: PLAN.index("[mitigations.roof]")]
        + """
[mitigations.paint]
changes = { "people.BOB.role" = "painter" }
"""
    )
    said = " ".join(text(Advice(what_if(loads(idle), 400, 1))).split())
    assert "None of the mitigations that are off makes it earlier for sure." in said


def test_long_names_fit() -> None:
    name = "A" * 200
    made = scenario(
        [person(name), person("BOB")],
        [task("a", pert("5d", "8d", "20d"), name), task("b", "4d", name)],
        risks=[risk("r" * 120, 0.5, "a", delay="5d")],
    )
    found = what_if(made, 200, 1)
    assert max(map(len, text(Advice(found)).splitlines())) < 140
    plot_worth(found)
    plot_shares(found)


@pytest.mark.parametrize(
    ("arguments", "error", "advice"),
    [
        ({"trials": 0}, ValueError, "at least one trial"),
        ({"seed": -1}, ValueError, "from 0 to"),
        ({"sampling": "steam"}, ValueError, "'independent' and 'lhs'"),
        ({"scenario": 5}, TypeError, r"simrisk\.load\(\)"),
    ],
)
def test_the_python_verb_says_what_it_wants(found, arguments, error, advice) -> None:
    with pytest.raises(error, match=advice):
        what_if(**{"scenario": found.scenario, **arguments})
