"""Mitigations: switched on and off, worked into the rest, and their faults at the lines where they are written."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction

import pytest

from build import exactly, mitigation, together
from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.checks import check
from simrisk.scenario.load import loads
from simrisk.scenario.model import Scenario

PLAN = """
[project]
start = 2026-01-05

[people.ANNA]
skills = { rust = 3 }
[people.BORIS]

[tasks.build]
effort = "8h"
who = "ANNA"
[tasks.ship]
effort = "8h"
who = "BORIS"
after = ["build"]

[risks.sync]
probability = 0.35
affects = ["build"]
factor = 1.5
[risks.flood]
probability = 0.1
cost = 5_000

[costs.contracts.audit]
amount = 1_000
"""

TRAIN = """
[mitigations.train]
name = "Cross-training"
price = 2_500
changes = { "risks.sync.probability" = 0.15, "tasks.ship.after" = ["build", "course"] }
[mitigations.train.people.CARL]
rate = "60/h"
[mitigations.train.pools.ops]
monthly = [1]
[mitigations.train.equipment.rig]
[mitigations.train.absence.sick]
per_year = 2
duration = "2d"
[mitigations.train.tasks.course]
who = ["ANNA", "CARL"]
share = "together"
effort = "8h"
raises = { CARL = { rust = 2 } }
[mitigations.train.gates.trained]
requires = ["course"]
[mitigations.train.risks.bored]
probability = 0.5
affects = ["course"]
delay = "1d"
[mitigations.train.correlations]
groups = [{ tasks = ["build", "course"], rho = 0.4 }]
[mitigations.train.costs]
spent = 300
contracts.trainer = { amount = 200 }
"""

ADDED = """
[people.CARL]
rate = "60/h"
[pools.ops]
monthly = [1]
[equipment.rig]
[absence.sick]
per_year = 2
duration = "2d"
[tasks.course]
who = ["ANNA", "CARL"]
share = "together"
effort = "8h"
raises = { CARL = { rust = 2 } }
[gates.trained]
requires = ["course"]
[risks.bored]
probability = 0.5
affects = ["course"]
delay = "1d"
[correlations]
groups = [{ tasks = ["build", "course"], rho = 0.4 }]
[costs]
spent = 300
contracts.audit = { amount = 1_000 }
contracts.trainer = { amount = 200 }
"""

# the same by hand
TRAINED = (
    PLAN.replace("0.35", "0.15")
    .replace('after = ["build"]', 'after = ["build", "course"]')
    .replace("[costs.contracts.audit]\namount = 1_000\n", "")
    + ADDED
)


def bare(scenario: Scenario) -> Scenario:
    """Without what tells how it was written or switched."""
    return replace(scenario, text="", mitigations=(), switched_on=(), switched_off=(), changes=())


def issues(text: str, **switches: object) -> list[Issue]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, **switches)  # type: ignore[arg-type]
    return list(caught.value.issues)


def line_with(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_an_active_mitigation_is_the_plan_with_it_written_in() -> None:
    by_hand = bare(loads(TRAINED))
    assert bare(loads(PLAN + TRAIN)) == bare(loads(PLAN)) != by_hand
    on = loads(PLAN + TRAIN, with_=["train"])
    assert bare(on) == by_hand
    assert on.correlations == (together(["build", "course"], 0.4),)
    assert on.tasks[-1].efforts == (exactly("8h"),)
    assert bare(loads((PLAN + TRAIN).replace("price", "active = true\nprice"))) == by_hand
    assert bare(loads(PLAN + TRAIN, changes=[("mitigations.train.active", "true")])) == by_hand


def test_what_was_switched_is_told() -> None:
    text = PLAN + TRAIN + "[mitigations.rest]\nactive = true\n"
    plain = loads(text)
    train = mitigation("train", 250_000, active=False)
    assert plain.mitigations == (replace(train, name="Cross-training"), mitigation("rest"))
    assert (plain.switched_on, plain.switched_off) == ((), ())
    turned = loads(text, with_=["train"], without=["rest"])
    assert [(entry.id, entry.active) for entry in turned.mitigations] == [("train", True), ("rest", False)]
    assert (turned.switched_on, turned.switched_off) == (("train",), ("rest",))
    assert (turned.text, turned.changes) == (text, ())


def test_switching_off_what_is_active_gives_the_plan_without_it() -> None:
    text = (PLAN + TRAIN).replace("price", "active = true\nprice")
    assert bare(loads(text, without=["train"])) == bare(loads(PLAN))


def test_risks_are_switched_off_by_name_or_all() -> None:
    def left(*without: str, with_: tuple[str, ...] = ()) -> list[str]:
        return [risk.id for risk in loads(PLAN + TRAIN, with_=with_, without=without).risks]

    assert left() == ["sync", "flood"]
    assert left("sync") == ["flood"]
    assert left("risks.sync") == ["flood"]
    assert left("risks") == []
    assert left("bored", "flood", with_=("train",)) == ["sync"]
    assert left("risks", with_=("train",)) == []


def test_a_name_that_is_both_is_asked_for() -> None:
    text = PLAN + TRAIN + "[mitigations.sync]\nactive = true\n"
    (issue,) = issues(text, without=["sync"])
    assert (issue.slug, issue.file, issue.line) == ("bad-switch", "--without", 0)
    assert "write mitigations.sync or risks.sync" in issue.found
    assert [entry.id for entry in loads(text, without=["risks.sync"]).risks] == ["flood"]
    off = loads(text, without=["mitigations.sync"])
    assert ([entry.id for entry in off.risks], off.mitigations[1].active) == (["sync", "flood"], False)
    assert loads(text, with_=["sync"]).mitigations[1].active  # a risk cannot be switched on


@pytest.mark.parametrize(
    ("switches", "option", "found"),
    [
        ({"with_": ["trian"]}, "--with", "Did you mean 'train'?"),
        ({"with_": ["flood"]}, "--with", "is not a mitigation in this scenario"),
        ({"without": ["fluod"]}, "--without", "Did you mean 'flood'?"),
        ({"without": ["zzz"]}, "--without", "There are: 'train', 'sync', 'flood' and 'bored'."),
        ({"with_": ["train"], "without": ["train"]}, "--without", "switched on by --with as well"),
    ],
)
def test_a_name_that_means_nothing_is_the_options_fault(switches: dict[str, object], option: str, found: str) -> None:
    (issue,) = issues(PLAN + TRAIN, **switches)
    assert (issue.slug, issue.file) == ("bad-switch", option)
    assert found in issue.found


def test_set_goes_after_mitigations() -> None:
    changes = [("risks.sync.probability", "0.6"), ("tasks.course.effort", "2d")]
    made = loads(PLAN + TRAIN, changes=changes, with_=["train"])
    assert made.risks[0].probability == 0.6
    assert made.tasks[-1].efforts == (exactly("2d"),)
    (issue,) = issues(PLAN + TRAIN, changes=changes)
    assert (issue.slug, issue.file) == ("bad-set", "--set")
    (issue,) = issues(PLAN + TRAIN, changes=[("tasks.course.effort", "80")], with_=["train"])
    assert (issue.slug, issue.file, issue.where) == ("bare-number", "--set", "tasks.course.effort")


def test_a_change_of_a_mitigation_can_itself_be_set() -> None:
    changes = [('mitigations.train.changes."risks.sync.probability"', "0.2"), ("mitigations.train.price", "100")]
    made = loads(PLAN + TRAIN, changes=changes, with_=["train"])
    assert (made.risks[0].probability, made.mitigations[0].price) == (0.2, 10_000)
    bad = [('mitigations.train.changes."risks.sync.probability"', "2")]
    for switches in ({"with_": ["train"]}, {}):
        (issue,) = issues(PLAN + TRAIN, changes=bad, **switches)
        assert (issue.slug, issue.file, issue.line) == ("probability-range", "--set", 0)


FAULTS = [
    ('rate = "60/h"', 'rate = "60"', "mitigations.train.people.CARL.rate"),
    ("monthly = [1]", "monthly = [-1]", "mitigations.train.pools.ops.monthly[0]"),
    ("per_year = 2", "per_year = -2", "mitigations.train.absence.sick.per_year"),
    ('share = "together"', 'share = "togther"', "mitigations.train.tasks.course.share"),
    ("CARL = { rust = 2 }", "CARLA = { rust = 2 }", "mitigations.train.tasks.course.raises.CARLA"),
    ('requires = ["course"]', 'requires = ["curse"]', "mitigations.train.gates.trained.requires[0]"),
    ('delay = "1d"', "delay = 1", "mitigations.train.risks.bored.delay"),
    ("rho = 0.4", "rho = 4", "mitigations.train.correlations.groups[0].rho"),
    ("amount = 200", "amount = -200", "mitigations.train.costs.contracts.trainer.amount"),
    ("spent = 300", "spent = 'x'", "mitigations.train.costs.spent"),
    ("= 0.15", "= 15", 'mitigations.train.changes."risks.sync.probability"'),
    ('"build", "course"]', '"build", "coarse"]', 'mitigations.train.changes."tasks.ship.after"[1]'),
]


@pytest.mark.parametrize(("good", "bad", "where"), FAULTS, ids=[where for *_, where in FAULTS])
def test_faults_stand_at_their_lines_whether_it_is_active_or_not(good: str, bad: str, where: str) -> None:
    text = (PLAN + TRAIN).replace(good, bad, 1)
    for active in ("false", "true"):
        written = text.replace("price = 2_500", f"price = 2_500\nactive = {active}")
        (issue,) = issues(written)
        assert (issue.where, issue.line) == (where, line_with(written, bad)), active


def test_all_faults_of_all_mitigations_are_told_at_once() -> None:
    text = PLAN + TRAIN
    for good, bad, _ in FAULTS[:3]:
        text = text.replace(good, bad, 1)
    text = text.replace('who = "BORIS"', 'who = "BORS"')
    text += '[mitigations.other]\nprize = 3\n[mitigations.other.tasks.course]\neffort = 5\nwho = "ANNA"\n'
    assert [(issue.slug, issue.line) for issue in issues(text)] == [
        ("unknown-person", line_with(text, "BORS")),
        ("bare-number", line_with(text, 'rate = "60"')),
        ("out-of-range", line_with(text, "[-1]")),
        ("out-of-range", line_with(text, "-2\n")),
        ("unknown-key", line_with(text, "prize")),
        ("bare-number", line_with(text, "effort = 5\n")),
    ]


def test_an_inactive_one_may_need_an_active_one_but_not_another() -> None:
    extra = '[mitigations.exam.tasks.exam]\nduration = "1d"\nafter = ["course"]\n'
    assert loads((PLAN + TRAIN).replace("price", "active = true\nprice") + extra).tasks[-1].id == "course"
    (issue,) = issues(PLAN + TRAIN + extra)
    assert (issue.slug, issue.where) == ("unknown-task", "mitigations.exam.tasks.exam.after[0]")
    # two that add the same are alternatives
    other = '[mitigations.other.tasks.course]\nduration = "1d"\n'
    assert loads((PLAN + TRAIN).replace("price", "active = true\nprice") + other)
    (issue,) = issues(PLAN + TRAIN + other, with_=["train", "other"])
    assert (issue.slug, issue.where) == ("already-there", "mitigations.other.tasks.course")
    assert "mitigations.train.tasks.course" in issue.found


def test_two_may_change_a_key_to_the_same_value_or_one_at_a_time() -> None:
    def both(one: str, other: str) -> str:
        return PLAN + f'[mitigations.a.changes]\n"{one}\n[mitigations.b.changes]\n"{other}\n'

    same = both('tasks.build.effort" = "4h"', 'tasks.build.effort" = "4h"')
    assert loads(same, with_=["a", "b"]).tasks[0].efforts == (exactly("4h"),)
    for other in ('tasks.build.effort" = "5h"', 'tasks.build" = { duration = "1d" }'):
        text = both('tasks.build.effort" = "4h"', other)
        assert loads(text, with_=["a"]).tasks[0].share == "split"
        assert loads(text, with_=["b"]).tasks[0].efforts != (exactly("4h"),)
        (issue,) = issues(text, with_=["a", "b"])
        assert (issue.slug, issue.line) == ("bad-change", line_with(text, other))


def test_warnings_about_what_a_mitigation_brings_have_its_line() -> None:
    text = PLAN + '[mitigations.hire]\nactive = true\n[mitigations.hire.people.DORA]\nrole = "Nobody needs her"\n'
    found = [issue for issue in check(loads(text)) if issue.slug == "unused-person"]
    assert [issue.line for issue in found] == [line_with(text, "[mitigations.hire.people.DORA]")]


def test_a_table_says_the_same_in_a_mitigation_as_in_the_file() -> None:
    """Whatever a task says, faulty or not: moved into a mitigation it means, or is refused as, the same."""
    dice = random.Random(11)
    choices = {
        "effort": ['"8h"', "8", '"8x"', '{ low = "3h", likely = "2h", high = "4h" }'],
        "duration": ['"1d"', '"1mo"'],
        "who": ['"ANNA"', '"ANA"', '["ANNA", "BORIS"]'],
        "after": ['["build"]', '["biuld"]', '[{ task = "build", link = "SS" }]', '[{ task = "build", link = "S" }]'],
        "raises": ["{ BORIS = { rust = 1 } }", "{ BORIS = { rust = -1 } }", "{ BOB = { rust = 1 } }"],
        "share": ['"any"', '"some"'],
        "nothing": ["1"],
    }
    outcomes = set()
    for _ in range(200):
        keys = dice.sample(sorted(choices), dice.randrange(1, 4))
        body = "".join(f"{key} = {dice.choice(choices[key])}\n" for key in keys)
        told = []
        for header, home in (("[tasks.new]", ""), ("[mitigations.m.tasks.new]", "mitigations.m.")):
            text = f"{PLAN}[mitigations.m]\nactive = true\n{header}\n{body}"
            try:
                told.append(loads(text).tasks[-1])
            except ScenarioError as error:
                told.append([(i.slug, i.line, i.where.removeprefix(home), i.found) for i in error.issues])
        outcomes.add(isinstance(told[0], list))
        assert told[0] == told[1], body
    assert outcomes == {True, False}


WIDE = (
    (PLAN + TRAIN)
    .replace("start = 2026-01-05", "start = 2026-01-05\nstatus_date = 2026-01-12")
    .replace(
        "[people.BORIS]",
        '[people.BORIS]\ndeparture = { per_year = 0.1, notice = "2w", replace = "10w", ramp = "8w", from = 0.5 }',
    )
    + """
[pools.dev]
headcount = { 2026-01-01 = 1, 2026-02-01 = 2 }
hire_delay = { from = "0w", to = "3w" }
onboarding = { ramp = "6w", from = 0.3 }
[equipment.rack]
units = 2
cost = "20/w"
[tasks.pooled]
effort = "3mo"
pool = "dev"
max_fte = 1.5
uses = { rack = 1 }
[tasks.clock]
duration = "5d"
who = "team"
after = [{ task = "pooled", link = "SS", lag = "3d" }, { task = "build", link = "FF" }]
progress = { done = "1d" }
[tasks.parts]
work = { ANNA = "8h", dev = "4d" }
progress = { remaining = { ANNA = "2h" } }
[tasks.parts.unavailable]
contractor_after = "10d"
contractor = { lead = "5d", rate = "110/h", level = 2 }
descope_after = "15d"
descope = ["clock"]
[tasks.end]
milestone = true
progress = { finished = 2026-01-09 }
[gates.old]
requires = ["end"]
passed = 2026-01-09
[risks.away]
probability = 0.5
affects = ["*"]
factor = { low = 1.1, likely = 1.3, high = 1.8 }
away = { ANNA = "2w" }
[correlations]
groups = [{ tasks = ["clock", "build"], rho = 0.4 }]
pairs = [{ tasks = ["clock", "parts"], rho = -0.2 }]
[costs.compensation.night]
people = ["A*"]
rate = "10/h"
from = 2026-02-02
to = 2026-02-06
"""
)

STRANGE = (
    *('""', '"x"', "0", "-1", "1.5", "1e30", "nan", "true", "2026-02-30", "1999-12-31", "10:00:00", "[]", "{}", "[[]]"),
    *('["*"]', '["x", 1]', "[{}]", '{ a = "8h" }', '{ low = "1h" }', '{ prior = "x" }', '"sprint 1"', '"999999999w"'),
    *("{ ANNA = {} }", '{ ANNA = "1h", "b c" = 2 }', '{ task = "build" }', "{ finished = 2026-01-06 }", "[1, 2]"),
)


def test_no_value_brings_a_traceback() -> None:
    """Each value of a wide scenario in turn becomes some of what it cannot be: it loads, or is refused in words."""
    dice = random.Random(5)
    assert loads(WIDE).people[1].departure is not None
    assert loads(WIDE).pools[0].focus == Fraction(1)
    lines = WIDE.split("\n")
    refusals: list[ScenarioError] = []
    for number, line in enumerate(lines):
        key, equals, _ = line.partition(" = ")
        if not equals:
            continue
        for value in dice.sample(STRANGE, 9):
            text = "\n".join([*lines[:number], f"{key} = {value}", *lines[number + 1 :]])
            try:
                loads(text)
            except ScenarioError as error:
                refusals.append(error)
    assert len(refusals) > 400
    assert all(issue.found and issue.line for error in refusals for issue in error.issues)
