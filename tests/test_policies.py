"""Gate policies: what another answer to a no-go, or another date of a gate, does to a plan."""

from __future__ import annotations

import contextlib
import io
import json
import re
from dataclasses import astuple, replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import simrisk
from build import DAY, day, gate, person, pert, scenario, sprints, task
from chart_checks import LONG, gids, nothing_overlaps
from generate import make_scenario
from pictures import numbers, words
from simrisk import engines
from simrisk.charts import plot_policies, title_of
from simrisk.charts.days import day_number
from simrisk.compare import compare
from simrisk.compile import compile_plan
from simrisk.measures import measure
from simrisk.report.policies import PolicyStory, as_json, markdown, text
from simrisk.scenario.deadlocks import find_deadlocks
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Gate, Scenario
from simrisk.simulation import simulate
from simrisk.whatif.policies import ALL, POLICIES, Policies, options_of, passes, run_policies, runs_of, with_policy
from simrisk.whatif.worlds import Worlds

SHIPPED = Path(__file__).parents[1] / "scenarios"


def three_sprints(gates: list[Gate], *, optional: bool = True, **facts: object) -> Scenario:
    """Three sprints of five days; ANN does 3 days in the first, 4 in the second, 3 and then 2 in the third."""
    tasks = [
        task("dig", "3d", "ANN", sprint=1),
        task("fill", "4d", "ANN", sprint=2),
        task("roof", "3d", "ANN", sprint=3),
        task("polish", "2d", "ANN", sprint=3, after="roof", optional=optional),
    ]
    return scenario([person("ANN")], tasks, gates, sprints=sprints(3), **facts)  # type: ignore[arg-type]


def middle(**facts: object) -> Gate:
    """After the second sprint; says no at first and go later, two days on."""
    known = {"due": 2, "requires": ["dig", "fill"], "blocks": [3], "chance": [(0.0, 1.0)], "extend": "2d"}
    return gate("middle", **{**known, **facts})  # type: ignore[arg-type]


def run(made: Scenario, **options: object) -> Policies:
    return run_policies(made, Worlds(4, 1), **options)  # type: ignore[arg-type]


def days_of(found: Policies, which: str = "middle") -> dict[str, float | None]:
    """Days until the finish, by policy; None where it never comes."""
    ends = {}
    for decided in found.decided:
        if decided.outcome is not None and decided.option.gate == which:
            value = decided.outcome.figures["finish.p50"].value
            ends[decided.option.policy] = None if value is None else value / DAY
    return ends


# Worked out by hand


def test_a_plan_worked_out_by_hand() -> None:
    """The review at the end of day 10 says no; as written sprint 3 begins on day 12 and takes 5 days.

    Going on at once, it begins on day 10; without `polish` that leaves 3 days. Held a sprint earlier, the no of day 5
    and the go of day 7 are over before sprint 3 begins. Held a sprint later, they come after all else, on day
    15 and 17.
    """
    found = run(three_sprints([middle()]))
    assert found.own.figures["finish.p50"].value == 17 * DAY
    assert days_of(found) == {"extend": 17, "proceed": 15, "descope": 13, "stop": None, "earlier": 15, "later": 17}
    shares = {
        decided.option.policy: [decided.outcome.figures[name].value for name in ("stopped", "gate.middle.p_pass")]
        for decided in found.decided
        if decided.outcome is not None
    }
    assert shares == {
        "extend": [0, 1],
        "proceed": [0, 0],
        "descope": [0, 0],
        "stop": [1, 0],
        "earlier": [0, 1],
        "later": [0, 1],
    }


def test_after_the_extensions() -> None:
    """A gate that never goes: after its one extension, on day 12, the work that may go is dropped."""
    made = three_sprints([middle(chance=0.0)])
    ends = {"extend": None, "proceed": 17, "descope": 15, "stop": None, "earlier": 15, "later": 17}
    assert days_of(run(made, when="last")) == ends
    decided = {each.option.policy: each for each in run(made, when="last").decided}
    assert decided["proceed"].same  # as written
    assert not decided["descope"].same


def test_named_tasks_are_dropped_where_the_gate_names_them() -> None:
    made = three_sprints([middle(then="descope", descope=["roof"])], optional=False)
    assert days_of(run(made))["descope"] == 12  # `polish` alone is left of sprint 3


def test_all_gates_together() -> None:
    """A second gate after the third sprint, of the same kind: each costs two days, the first none a sprint earlier."""
    last = replace(middle(), id="last", name="last", due=3, requires=("roof",), blocks_sprints=())
    found = run(three_sprints([middle(), last]))
    assert found.own.figures["finish.p50"].value == 19 * DAY
    assert days_of(found, "middle")["proceed"] == 17
    assert days_of(found, "last")["proceed"] == 17
    assert days_of(found, ALL) == {"extend": 19, "proceed": 15, "descope": 15, "stop": None, "earlier": 17, "later": 17}
    notes = {each.option.policy: each.option.note for each in found.decided if each.option.gate == ALL}
    assert notes["later"] == "last as written"
    assert notes["earlier"] == "last as written"  # its work is planned for the third sprint alone


# What a moved gate is


def test_a_moved_gate_blocks_what_it_blocked() -> None:
    made = three_sprints([middle(blocks=[3], blocks_tasks=["polish"])])
    (earlier,) = with_policy(made, "middle", "earlier").gates
    (later,) = with_policy(made, "middle", "later").gates
    assert (earlier.due, earlier.requires, earlier.blocks_sprints) == (1, ("dig",), (3,))
    assert (later.due, later.requires, later.blocks_sprints) == (3, ("dig", "fill"), ())  # sprint 3 ends before it
    assert earlier.blocks_tasks == later.blocks_tasks == ("polish",)
    assert earlier.criteria == later.criteria == made.gates[0].criteria


def test_a_gate_with_a_date_moves_by_the_length_of_a_sprint() -> None:
    made = three_sprints([middle(due=day(10), blocks=[2, 3])])
    (earlier,) = with_policy(made, "middle", "earlier").gates
    (later,) = with_policy(made, "middle", "later").gates
    assert (earlier.due, earlier.requires, earlier.blocks_sprints) == (day(5), ("dig",), (2, 3))
    assert (later.due, later.requires, later.blocks_sprints) == (day(15), ("dig", "fill"), ())
    weeks = replace(made, sprints=replace(made.sprints, length=(2, "w")))  # type: ignore[type-var]
    assert with_policy(weeks, "middle", "later").gates[0].due == date(2026, 2, 2)


@pytest.mark.parametrize("name", ["phase3", "tier3", "agentic-program"])
def test_no_policy_makes_a_shipped_plan_wait_for_itself(name: str) -> None:
    made = load(SHIPPED / f"{name}.toml")
    for option in options_of(made):
        if option.scenario is not None:
            assert not list(find_deadlocks(option.scenario)), option


@pytest.mark.parametrize("number", range(60, 110))
def test_both_engines_agree_and_every_policy_ends(number: int) -> None:
    made = make_scenario(number)
    for option in options_of(made)[number % 3 :: 3]:
        if option.scenario is not None:
            plan = compile_plan(option.scenario)
            one, other = (engines.run(plan, trials=2, seed=number, engine=engine) for engine in engines.ENGINES)
            assert np.array_equal(one.end, other.end), option
            assert np.array_equal(one.gate_outcome, other.gate_outcome), option


# What makes no sense


@pytest.mark.parametrize(
    ("made", "policy", "said"),
    [
        (three_sprints([middle(due=None)]), "earlier", "it has no due"),
        (three_sprints([middle(due=1, requires=["dig"])]), "earlier", "no sprint before"),
        (three_sprints([middle(due=3)]), "later", "no sprint after"),
        (three_sprints([middle(requires=["fill"])]), "earlier", "nothing that it requires is planned"),
        (three_sprints([middle(chance=1.0)]), "stop", "it always goes"),
        (three_sprints([middle(chance=1.0)]), "extend", "it always goes"),
        (three_sprints([middle(no_go=False, extend=0)]), "extend", "how long an extension takes"),
        (three_sprints([middle(extend=0)]), "extend", "how long an extension takes"),
        (three_sprints([middle()], optional=False), "descope", "it would drop nothing"),
        (scenario([person("ANN")], [task("dig", "3d", "ANN")], [middle(due=day(2), requires=["dig"], blocks=[])]),
         "later", "no sprints"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_not_run_and_said(made: Scenario, policy: str, said: str) -> None:
    (option,) = (option for option in options_of(made) if option.policy == policy)
    assert option.scenario is None
    assert said in option.note
    story = PolicyStory(run(made))
    assert said in text(story).replace("\n  ", " ")
    assert said in json.loads(as_json(story))["policies"][list(POLICIES).index(policy)]["note"]


def test_gates_that_passed_before_are_left_alone() -> None:
    over = replace(middle(), id="over", name="over", passed=day(0))
    made = three_sprints([over, middle()], status_date=1)
    assert {option.gate for option in options_of(made)} == {"middle"}


def test_what_the_plan_has_already_is_not_run_again() -> None:
    made = three_sprints([middle(no_go=False, extend=0)])
    found = run(made)
    (proceed,) = (decided for decided in found.decided if decided.option.policy == "proceed")
    assert not proceed.same  # a waived gate is one that proceeds, but the plan does not say so
    assert proceed.outcome.differences["finish.p80"].value == 0
    assert runs_of(made) == 1 + sum(decided.outcome is not None and not decided.same for decided in found.decided)


# On the same dice


PLAN = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-02-13
[people.ANN]
rate = "100/h"
[people.BEN]
[sprints]
length = "1w"
count = 4
[tasks.dig]
sprint = 1
effort = { low = "2d", likely = "3d", high = "9d" }
who = "ANN"
[tasks.fill]
sprint = 2
effort = { low = "1d", likely = "3d", high = "9d" }
who = "BEN"
after = ["dig"]
[tasks.roof]
sprint = 3
effort = { low = "1d", likely = "3d", high = "9d" }
who = "ANN"
after = ["fill"]
[tasks.polish]
sprint = 4
effort = "4d"
who = "ANN"
optional = true
[gates.shell]
name = "The shell stands"
due = "end of sprint 2"
criteria = { dry = 0.6, straight = 0.8 }
no_go = { extend = "1w", rework = { ANN = "8h" }, max_extensions = 2 }
[gates.done]
due = "end of sprint 4"
criteria = { good = 0.5 }
no_go = { extend = "3d", then = "stop" }
"""


@cache
def decided_plan(when: str = "first") -> Policies:
    return run_policies(loads(PLAN), Worlds(300, 7), when=when)  # type: ignore[arg-type]


def test_a_policy_is_what_the_file_would_be_with_it() -> None:
    found = decided_plan()
    stop = [("gates.shell.no_go.max_extensions", "0"), ("gates.shell.no_go.then", "stop")]
    base, stopped = (simulate(loads(PLAN, changes=changes), 300, 7) for changes in ((), stop))
    (decided,) = (each for each in found.decided if (each.option.gate, each.option.policy) == ("shell", "stop"))
    metrics = ("finish.p50", "cost.mean", "stopped", "gate.shell.p_pass")
    compared = compare(base, stopped, metrics)
    for metric in metrics:
        assert decided.outcome.figures[metric] == measure(stopped, metric)
        move, same = decided.outcome.differences[metric], compared.of(metric)
        assert (move.value, move.low, move.high, move.paired) == (same.value, same.low, same.high, same.paired)


def test_extending_until_go_passes_in_every_trial() -> None:
    (extend,) = (d for d in decided_plan().decided if (d.option.gate, d.option.policy) == ("shell", "extend"))
    assert extend.outcome.figures["gate.shell.p_pass"].value == 1
    assert decided_plan().own.figures["gate.shell.p_pass"].value < 1


def test_ways_through_a_gate_add_up() -> None:
    dataset = simulate(loads(PLAN), 300, 7)
    for name in ("shell", "done"):
        ways = ("p_pass", "p_waived", "p_descoped", "p_stop")
        assert sum(measure(dataset, f"gate.{name}.{way}").value for way in ways) == pytest.approx(1)
    gone = (dataset["gate_outcome"].values == 1).all(axis=1)
    assert measure(dataset, passes(ALL)).value == pytest.approx(gone.mean())
    assert "gates.p_pass" in simrisk.measures.metric_names(dataset)


def test_both_engines_give_the_same_figures() -> None:
    one, other = (run_policies(loads(PLAN), Worlds(10, 7, engine=engine)) for engine in engines.ENGINES)
    assert [d.outcome and d.outcome.figures for d in one.decided] == [
        d.outcome and d.outcome.figures for d in other.decided
    ]


# Words, the chart, the command


def test_tables_have_every_policy_that_was_run() -> None:
    story = PolicyStory(decided_plan())
    ran = [decided for decided in story.found.decided if decided.outcome is not None and not decided.same]
    assert [len(table.rows) for table in story.tables()] == [1 + len(ran)] * 3
    assert "The shell stands: a no-go extends it by 5d and rework, up to 2 times, then goes on" in story.written()[0]
    page = markdown(story)
    assert page.count("\n| The shell stands | extend until go |") == 3
    entries = json.loads(as_json(story))["policies"]
    assert [(entry["gate"], entry["policy"]) for entry in entries] == [
        (name, policy) for name in ("shell", "done", "*") for policy in POLICIES
    ]
    assert all(("metrics" in entry) == (entry["possible"] and not entry["as_written"]) for entry in entries)


@pytest.mark.parametrize("when", ["first", "last"])
def test_the_chart_can_be_read(when: str) -> None:
    nothing_overlaps(plot_policies(decided_plan(when)))


def test_the_chart_of_long_names_can_be_read() -> None:
    plan = PLAN.replace('"The shell stands"', f'"{LONG}"').replace('"Launch"', f'"{LONG}"')
    nothing_overlaps(plot_policies(run_policies(loads(plan), Worlds(60, 7))))


def test_points_stand_where_the_figures_are() -> None:
    found = run(three_sprints([middle()]))
    axes = plot_policies(found)
    (x,), (y,) = numbers(axes, "finish.p80-0")
    assert (x, y) == (day_number(day(16)) + 1, 0)  # as written it ends with the 17th day
    assert len(gids(axes, "finish.p80-")) == 6  # as written and all but stop
    assert "100 % of the trials are stopped, so P80 is no date" in words(axes)
    assert title_of(axes).startswith("test: ")


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed):  # type: ignore[no-untyped-def]
    (tmp_path / "launch.toml").write_text(PLAN, encoding="utf-8")
    (tmp_path / "plain.toml").write_text(PLAN[: PLAN.index("[gates.shell]")], encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return lambda *args: astuple(typed(*args))


def test_the_command_writes_and_prints(call) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("gates", "launch.toml", "--trials", "40", "--gate", "shell", "--png")
    assert code == 0
    assert "Written to results/launch: gates.json, gates.md, charts/policies.svg, charts/policies.png.\n" in err
    assert "The shell stands  extend until go" in out
    assert "all gates" not in out
    code, out, _ = call("gates", "launch.toml", "--trials", "40", "--json", "-q", "--after-extensions", "--no-charts")
    assert code == 0
    assert json.loads(out) == json.loads(Path("results/launch/gates.json").read_text(encoding="utf-8"))
    assert json.loads(out)["when"] == "last"
    assert not Path("results/launch/charts/policies.svg").exists()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("plain.toml",), "plain.toml has no gates, so there is no policy to compare."),
        (("launch.toml", "--gate", "shel"), "Did you mean 'shell'?"),
        (("launch.toml", "--set", "gates.shell.no_go.then=stop,proceed"), "has several values"),
    ],
)
def test_what_is_refused(call, args: tuple[str, ...], said: str) -> None:  # type: ignore[no-untyped-def]
    code, out, err = call("gates", *args)
    assert (code, out) == (2, "")
    assert said in err


def test_random_plans_have_figures_for_every_policy() -> None:
    """Also where a gate has no due, nothing to require, or a spread in its extension."""
    made = three_sprints([middle(extend=pert("1d", "2d", "9d"), due=None), gate("free", requires=["polish"])])
    found = run(made)
    assert {each.option.gate for each in found.decided if each.outcome is not None} == {"middle", ALL}


def test_the_page_prints_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    root = Path(__file__).parents[1]
    page = (root / "docs" / "gates.md").read_text(encoding="utf-8")
    monkeypatch.chdir(root)
    ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, re.DOTALL)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(code, "docs/gates.md", "exec"), {})
    assert said.getvalue() == printed
