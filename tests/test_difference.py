"""What has changed between two plans: one sentence for each change, and none for what means the same."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from simrisk.scenario.difference import Change, differences
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Scenario
from simrisk.scenario.positions import dotted
from simrisk.scenario.source import parse

SCENARIOS = Path(__file__).parent.parent / "scenarios"
PLAN = """
[project]
start = 2026-01-05
deadline = 2026-06-19
budget = 350_000

[defaults]
spread = { prior = "sip" }
efficiency = { 1 = 0.5, 2 = 0.8 }

[people.ANN]
fte = 0.8
skills = { go = 3 }
onboarding = { ramp = "3d", from = 0.5 }
[people.BEN]
rate = "95/h"

[pools.ops]
monthly = [1, 2, 2]
[equipment.rig]
units = 2

[sprints]
length = "2w"
count = 4

[tasks.design]
sprint = 1
work = { ANN = "40h" }
skill = "go"
backup = ["BEN"]
[tasks.router]
sprint = 2
effort = { low = "40h", likely = "60h", high = "120h" }
who = "ANN"
after = ["design"]
[tasks.api]
effort = "30h"
who = ["ANN", "BEN"]
share = "any"
after = ["design", { task = "router", link = "SS", lag = "1d" }]
unavailable = { handover_after = "5d", handover_cost = "8h" }
[tasks.rollout]
effort = "10d"
pool = "ops"
uses = { rig = 1 }

[gates.tier1]
due = "end of sprint 2"
review = "4h"
criteria = { throughput = 0.80, bugs = 0.9 }
no_go = { extend = "1w", rework = { ANN = "24h" } }

[risks.vendor]
probability = 0.3
affects = ["router", "api"]
factor = { low = 1.1, likely = 1.3, high = 1.8 }

[correlations]
groups = [{ tasks = ["router", "api"], rho = 0.4 }]

[mitigations.second-vendor]
price = 8_000
changes = { "risks.vendor.probability" = 0.1 }

[costs]
infrastructure = 50_000
contracts.audit = { amount = 20_000 }

[[expect]]
metric = "finish.on_time"
at_least = 0.9
[[expect]]
metric = "finish.p80"
worsens_at_most = "3d"

[simulation]
trials = 10_000
seed = 20251220
"""


def told(*substitutions: tuple[str, str], plan: str = PLAN, **options: Any) -> list[Change]:
    """What is said of PLAN with some texts replaced by others, each of which stands in it once."""
    text = plan
    for old, new in substitutions:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return list(differences(loads(plan), loads(text, **options)))


def sentences(*substitutions: tuple[str, str], **options: Any) -> list[str]:
    return [change.text for change in told(*substitutions, **options)]


# --- one sentence for each kind of change ----------------------------------------------------------

CASES = [
    ("deadline = 2026-06-19", "deadline = 2026-07-31", "deadline 2026-06-19 -> 2026-07-31"),
    ("budget = 350_000", "", "budget 350,000 removed"),
    ("budget = 350_000", 'budget = "400k"', "budget 350,000 -> 400k"),
    ("[defaults]", "holidays = [2026-05-01]\n[defaults]", "holiday 2026-05-01 added"),
    ("[defaults]", "hours_per_day = 7.5\n[defaults]", "hours per day 8 -> 7.5"),
    ('spread = { prior = "sip" }', 'spread = { prior = "sip-p90" }', "defaults: spread prior sip -> prior sip-p90"),
    ("2 = 0.8 }", "2 = 0.7 }", "defaults: efficiency of level 2 0.8 -> 0.7"),
    ("[people.ANN]", "focus = 0.8\n[people.ANN]", "defaults: focus 1 -> 0.8"),
    ("fte = 0.8", "fte = 0.5", "ANN: fte 0.8 -> 0.5"),
    ("fte = 0.8", "", "ANN: fte 0.8 -> 1"),
    ("go = 3", "go = 2", "ANN: skill go 3 -> 2"),
    ("go = 3", "go = 3, rust = 1", "ANN: skill rust 1 added"),
    ('ramp = "3d"', 'ramp = "5d"', "ANN: onboarding ramp 3d -> 5d"),
    ('onboarding = { ramp = "3d", from = 0.5 }', "", "ANN: onboarding ramp 3d, from 0.5 removed"),
    (
        "fte = 0.8",
        "fte = 0.8\npto = [{ from = 2026-02-09, to = 2026-02-13 }]",
        "ANN: leave 2026-02-09 to 2026-02-13 added",
    ),
    (
        "[people.BEN]",
        '[people.EVE]\nrole = "Backend"\nfte = 0.5\nstart = 2026-03-02\n[people.BEN]',
        "person 'EVE' added (role Backend, fte 0.5, start 2026-03-02)",
    ),
    ('"95/h"', '"110/h"', "BEN: rate 95/h -> 110/h"),
    ("[pools.ops]", "[pto]\nmax_off = 2\n[pools.ops]", "leave rules: max off 2 added"),
    ("[pools.ops]", '[absence.sick]\nprior = "us"\n[pools.ops]', "absence 'sick' added (prior us)"),
    ("[1, 2, 2]", "[1, 2, 3]", "pool ops: heads in month 3 2 -> 3"),
    ("[1, 2, 2]", "[1, 2]", "pool ops: heads by month 1, 2, 2 -> 1, 2"),
    ("units = 2", "units = 3", "equipment rig: units 2 -> 3"),
    ("count = 4", "count = 5", "sprints: count 4 -> 5"),
    ("count = 4", "count = 4\npull = true", "sprints: pull no -> yes"),
    ('ANN = "40h"', 'ANN = "50h"', "design: effort 40h -> 50h"),
    ('ANN = "40h"', 'BEN = "40h"', "design: done by BEN instead of ANN (40h)"),
    ('ANN = "40h"', 'ANN = "40h", BEN = "10h"', "design: BEN added (10h)"),
    ("sprint = 1", "sprint = 2", "design: sprint 1 -> 2"),
    ('backup = ["BEN"]', "backup = []", "design: backup BEN -> none"),
    ('backup = ["BEN"]', "", "design: backup BEN removed"),
    ('likely = "60h"', 'likely = "80h"', "router: likely effort 60h -> 80h"),
    (
        'low = "40h", likely = "60h"',
        'low = "50h", likely = "70h"',
        "router: effort low 40h -> 50h, likely 60h -> 70h",
    ),
    (
        '{ low = "40h", likely = "60h", high = "120h" }',
        '"60h"',
        "router: effort low 40h, likely 60h, high 120h -> 60h",
    ),
    ('who = "ANN"', 'who = "BEN"', "router: done by BEN instead of ANN"),
    ('after = ["design"]', 'after = ["design", "rollout"]', "router: predecessor rollout added"),
    ('after = ["design"]', 'after = ["rollout"]', "router: predecessor design -> rollout"),
    ('lag = "1d"', 'lag = "3d"', "api: predecessor router (SS, lag 1d) -> router (SS, lag 3d)"),
    ('["ANN", "BEN"]', '["BEN", "ANN"]', "api: who ANN, BEN -> BEN, ANN"),
    ('handover_after = "5d"', 'handover_after = "2d"', "api: handover after 5d -> 2d"),
    (', handover_cost = "8h"', "", "api: handover cost 8h -> 0h"),
    ("[tasks.rollout]", "milestone = false\n[tasks.rollout]\npriority = 50", "rollout: priority 100 -> 50"),
    ("uses = { rig = 1 }", "uses = { rig = 2 }", "rollout: use of rig 1 -> 2"),
    (
        "[tasks.rollout]",
        '[tasks.monitoring]\nwork = { BEN = "40h" }\nafter = ["api"]\n[tasks.rollout]',
        "task 'monitoring' added (BEN 40h, after api)",
    ),
    ("throughput = 0.80", "throughput = 0.90", "gate tier1: criterion throughput 0.80 -> 0.90"),
    (", bugs = 0.9", "", "gate tier1: criterion bugs 0.9 removed"),
    ("end of sprint 2", "end of sprint 3", "gate tier1: due end of sprint 2 -> end of sprint 3"),
    ('extend = "1w"', 'extend = "2w"', "gate tier1: extension 1w -> 2w"),
    ('ANN = "24h"', 'ANN = "36h"', "gate tier1: rework of ANN 24h -> 36h"),
    ("probability = 0.3", "probability = 0.5", "risk vendor: probability 0.3 -> 0.5"),
    ("likely = 1.3", "likely = 1.4", "risk vendor: likely factor 1.3 -> 1.4"),
    ('affects = ["router", "api"]', 'affects = ["router"]', "risk vendor: affected task api removed"),
    ("rho = 0.4", "rho = 0.6", "correlation of router, api: rho 0.4 -> 0.6"),
    ('groups = [{ tasks = ["router", "api"], rho = 0.4 }]', "", "correlation of router, api rho 0.4 removed"),
    ("price = 8_000", "price = 12_000", "mitigation second-vendor: price 8,000 -> 12,000"),
    (
        '"risks.vendor.probability" = 0.1',
        '"risks.vendor.probability" = 0.2',
        "mitigation second-vendor: change of risks.vendor.probability 0.1 -> 0.2",
    ),
    ("infrastructure = 50_000", "infrastructure = 60_000", "costs: infrastructure 50,000 -> 60,000"),
    ("amount = 20_000", "amount = 25_000", "contract audit: amount 20,000 -> 25,000"),
    ("contracts.audit = { amount = 20_000 }", "", "contract audit removed (amount 20,000)"),
    ("at_least = 0.9", "at_least = 0.8", "expectation finish.on_time: at least 0.9 -> 0.8"),
    ('metric = "finish.p80"', 'metric = "finish.p90"', "expectation finish.p90: metric finish.p80 -> finish.p90"),
    (
        "[simulation]",
        '[[expect]]\nmetric = "cost.in_budget"\nat_least = 0.5\n[simulation]',
        "expectation cost.in_budget at least 0.5 added",
    ),
    ("trials = 10_000", "trials = 20_000", "trials 10,000 -> 20,000"),
    ("seed = 20251220", "seed = 1", "seed 20251220 -> 1"),
]


@pytest.mark.parametrize(("old", "new", "expected"), CASES, ids=[case[2] for case in CASES])
def test_one_change_is_one_sentence(old: str, new: str, expected: str) -> None:
    assert sentences((old, new)) == [expected]


def test_what_a_change_says_beside_its_sentence() -> None:
    (change,) = told(('likely = "60h"', 'likely = "80h"'))
    assert (change.where, change.kind, change.before, change.after) == (
        "tasks.router.effort.likely",
        "changed",
        "60h",
        "80h",
    )
    assert PLAN.splitlines()[change.line - 1].startswith("effort = { low")
    (change,) = told((", bugs = 0.9", ""))
    assert (change.where, change.kind, change.before, change.after) == (
        "gates.tier1.criteria.bugs",
        "removed",
        "0.9",
        "",
    )
    assert PLAN.splitlines()[change.line - 1].startswith("criteria")
    (change,) = told(changes=(("tasks.router.sprint", "3"),))
    assert (change.text, change.line) == ("router: sprint 2 -> 3", 0)


def test_the_order_is_that_of_the_sections_with_the_targets_first() -> None:
    found = sentences(
        ("trials = 10_000", "trials = 500"),
        ("start = 2026-01-05", "start = 2026-01-12"),
        ("budget = 350_000", "budget = 1_000"),
        ("deadline = 2026-06-19", "deadline = 2026-06-26"),
        ("count = 4", "count = 5"),
        ("units = 2", "units = 3"),
        ("review = ", 'name = "One"\nreview = '),
    )
    assert found == [
        "deadline 2026-06-19 -> 2026-06-26",
        "budget 350,000 -> 1,000",
        "start 2026-01-05 -> 2026-01-12",
        "equipment rig: units 2 -> 3",
        "sprints: count 4 -> 5",
        "gate tier1: name 'One' added",
        "trials 10,000 -> 500",
    ]


def test_ids_that_a_person_and_a_task_share_are_told_apart() -> None:
    plan = PLAN.replace("[people.BEN]", "[people.router]\nfte = 0.7\n[people.BEN]")
    assert sentences(("fte = 0.7", "fte = 0.6"), plan=plan) == ["person router: fte 0.7 -> 0.6"]
    assert sentences(('likely = "60h"', 'likely = "80h"'), plan=plan) == ["task router: likely effort 60h -> 80h"]


# --- no change --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("throughput = 0.80", "throughput = 0.8"),
        ('review = "4h"', 'review = "240m"'),
        ('review = "4h"', 'review = { exactly = "0.5d" }'),
        ("budget = 350_000", 'budget = "350k"'),
        ('who = "ANN"', 'who = ["ANN"]'),
        ('after = ["design"]', 'after = "design"'),
        ('skill = "go"', 'skill = ["go"]'),
        ('affects = ["router", "api"]', 'affects = ["api", "router"]'),
        ('tasks = ["router", "api"]', 'tasks = ["api", "router"]'),
        ('spread = { prior = "sip" }', "spread = { median = 1, sigma = 0.60 }"),
        ('"95/h"', '"0.095k/h"'),
        ("fte = 0.8", "fte = 0.80   # four days"),
        ("units = 2", "units = 2\ncost = 0"),
        ("[tasks.rollout]", "[tasks.rollout]\npriority = 100\nmilestone = false"),
        ("[defaults]", 'currency = "USD"\nwork_week = ["fri", "mon", "tue", "wed", "thu"]\nholidays = []\n[defaults]'),
        ("[pools.ops]", "[pto]\n[pools.ops]"),
        ('after = ["design", {', 'after = [{ task = "design", link = "FS" }, {'),
        ("contracts.audit = { amount = 20_000 }", '[costs.contracts.audit]\namount = "20k"'),
    ],
)
def test_what_means_the_same_is_no_change(old: str, new: str) -> None:
    assert sentences((old, new)) == []


def test_an_effort_with_spread_and_an_exact_one_are_not_the_same() -> None:
    assert sentences(('effort = "30h"', 'effort = { exactly = "30h" }')) == ["api: effort 30h -> exactly 30h"]


def test_a_day_of_other_hours_is_said_once() -> None:
    assert sentences(("start = 2026-01-05", "start = 2026-01-05\nhours_per_day = 7")) == ["hours per day 8 -> 7"]


@pytest.mark.parametrize("name", ["phase3", "tier3", "agentic-program"])
def test_the_order_of_the_file_is_no_change(name: str) -> None:
    scenario = load(SCENARIOS / f"{name}.toml")
    head, *tables = re.split(r"(?m)^(?=\[)", scenario.text)
    random.Random(5).shuffle(tables)
    single = [table for table in tables if not table.startswith("[[")]  # the expectations keep their order
    shuffled = replace(scenario, text="\n".join([head, *single, *(t for t in tables if t.startswith("[["))]))
    assert shuffled.text != scenario.text
    assert differences(scenario, shuffled) == ()


# --- names ----------------------------------------------------------------------------------------


def renamed(text: str, old: str, new: str) -> str:
    return re.sub(rf"(?<![\w-]){old}(?![\w-])", new, text)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("ANN", "ANNA", "person 'ANN' renamed to 'ANNA'"),
        ("router", "proxy", "task 'router' renamed to 'proxy'"),
        ("rig", "bench", "equipment 'rig' renamed to 'bench'"),
        ("ops", "crew", "pool 'ops' renamed to 'crew'"),
        ("vendor", "supplier", "risk 'vendor' renamed to 'supplier'"),
        ("tier1", "first", "gate 'tier1' renamed to 'first'"),
    ],
)
def test_another_name_and_nothing_else(old: str, new: str, expected: str) -> None:
    after = loads(renamed(PLAN, old, new))
    assert [change.text for change in differences(loads(PLAN), after)] == [expected]


def test_names_that_depend_on_each_other() -> None:
    text = PLAN
    for old, new in (("ANN", "ANNA"), ("design", "draft"), ("router", "proxy"), ("api", "interface")):
        text = renamed(text, old, new)
    found = [change.text for change in differences(loads(PLAN), loads(text))]
    assert sorted(found) == [
        "person 'ANN' renamed to 'ANNA'",
        "task 'api' renamed to 'interface'",
        "task 'design' renamed to 'draft'",
        "task 'router' renamed to 'proxy'",
    ]


def test_a_new_name_with_another_value_is_not_guessed() -> None:
    text = renamed(PLAN, "vendor", "supplier").replace("probability = 0.3", "probability = 0.4")
    found = [change for change in differences(loads(PLAN), loads(text)) if change.where.startswith("risks")]
    assert [(change.kind, change.where) for change in found] == [
        ("removed", "risks.vendor"),
        ("added", "risks.supplier"),
    ]


def test_of_two_that_are_alike_none_is_guessed() -> None:
    twins = PLAN + "[tasks.one]\nmilestone = true\n[tasks.two]\nmilestone = true\n"
    after = PLAN + "[tasks.three]\nmilestone = true\n"
    found = [change.text for change in differences(loads(twins), loads(after))]
    assert found == [
        "task 'one' removed (milestone)",
        "task 'two' removed (milestone)",
        "task 'three' added (milestone)",
    ]


# --- mitigations, risks and samples ------------------------------------------------------------------


def test_a_mitigation_that_is_switched_on() -> None:
    on = told(with_=("second-vendor",))
    assert [change.text for change in on] == [
        "risk vendor: probability 0.3 -> 0.1 (mitigation second-vendor)",
        "mitigation 'second-vendor' switched on (price 8,000)",
    ]
    assert [change.by for change in on] == ["second-vendor", ""]
    assert PLAN.splitlines()[on[0].line - 1].startswith("changes =")
    assert sentences(("price = 8_000", "price = 8_000\nactive = true")) == [change.text for change in on]
    back = differences(loads(PLAN, with_=("second-vendor",)), loads(PLAN))
    assert [change.text for change in back] == [
        "risk vendor: probability 0.1 -> 0.3 (mitigation second-vendor)",
        "mitigation 'second-vendor' switched off",
    ]


def test_risks_that_are_switched_off() -> None:
    assert sentences(without=("vendor",)) == ["risk 'vendor' switched off"]
    more = PLAN + "".join(f"[risks.r{n}]\nprobability = 0.{n}\ncost = 5\n" for n in (1, 2))
    (change,) = told(plan=more, without=("risks",))
    assert (change.text, change.places) == ("all 3 risks switched off", ("risks.vendor", "risks.r1", "risks.r2"))
    assert [c.text for c in differences(loads(PLAN, without=("vendor",)), loads(PLAN))] == ["risk 'vendor' switched on"]


def test_other_samples_of_the_same_name() -> None:
    plan = loads(PLAN)
    before, after = {"past.csv": "1\n2\n"}, {"past.csv": "1\n2\n# old\n3\n"}
    assert differences(plan, plan, samples=(before, dict(before))) == ()
    (change,) = differences(plan, plan, samples=(before, after))
    assert change.text == "samples in past.csv changed: 2 -> 3 rows"
    (change,) = differences(plan, plan, samples=(before, {"past.csv": "1\n4\n"}))
    assert change.text == "samples in past.csv changed: other values in 2 rows"


# --- many changes alike -----------------------------------------------------------------------------


def many(effort: str, n: int = 5, odd: str | None = None) -> str:
    efforts = [effort] * n if odd is None else [effort] * (n - 1) + [odd]
    return PLAN + "".join(f'[tasks.t{k}]\neffort = "{e}"\nwho = "BEN"\n' for k, e in enumerate(efforts))


def test_many_changes_are_summed_up_when_they_are_exactly_alike() -> None:
    (change,) = differences(loads(many("8h")), loads(many("10h")))
    assert change.text == "effort of 5 tasks 8h -> 10h"
    assert change.places == tuple(f"tasks.t{k}.effort" for k in range(5))
    (change,) = differences(loads(many("8h", odd="40h")), loads(many("10h", odd="50h")))
    assert change.text == "effort of 5 tasks x 1.25"


def test_many_changes_are_listed_when_one_is_different() -> None:
    found = differences(loads(many("8h", odd="40h")), loads(many("10h", odd="60h")))
    assert [change.text for change in found][-1] == "t4: effort 40h -> 60h"
    assert len(found) == 5


def test_two_alike_are_two_sentences() -> None:
    assert len(differences(loads(many("8h", 2)), loads(many("10h", 2)))) == 2


# --- every key of the shipped scenarios ---------------------------------------------------------------


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each single value of a file with its path."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path, value
    else:
        for step, inner in items:
            yield from leaves(inner, (*path, step))


def other(value: Any, number: int) -> str:
    """Another value of the same kind, as TOML."""
    if isinstance(value, bool):
        return "false" if value else "true"
    if isinstance(value, int | Decimal):
        return str(value + number)
    if isinstance(value, date):
        return str(value + timedelta(days=4000 + number))
    digits = re.match(r"[0-9]+", value)
    return json.dumps(f"{int(digits[0]) + number}{value[digits.end() :]}" if digits else f"{value}x")


def field_of(path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """The field that a value belongs to, as which it may be reported: without places in lists and inner keys."""
    start = 2 if path[0] == "mitigations" else 0
    if path[start] == "changes":
        return path[: start + 2]
    depth = {"expect": 2, "correlations": 3, "project": 2, "simulation": 2, "defaults": 2, "sprints": 2, "pto": 2}
    by_name = next((k for k, step in enumerate(path) if step in ("work", "criteria", "skills", "rework")), None)
    if by_name is not None:
        return path[: by_name + 2]
    return path[: start + depth.get(str(path[start]), 3)]


def batches(text: str) -> list[list[tuple[tuple[str | int, ...], Any]]]:
    """All values of a file, such that no two of a batch are of one field."""
    by_field: dict[Any, list[Any]] = {}
    for path, value in leaves(parse(text, "")):
        if path[0] != "mitigations" or path[2] != "active":
            by_field.setdefault(field_of(path), []).append((path, value))
    longest = max(map(len, by_field.values()))
    return [[values[k] for values in by_field.values() if k < len(values)] for k in range(longest)]


def reported(scenario: Scenario, batch: list[tuple[tuple[str | int, ...], Any]]) -> list[str]:
    changes = tuple((dotted(path), other(value, number + 1)) for number, (path, value) in enumerate(batch))
    found = differences(scenario, replace(scenario, changes=changes))
    return [place for change in found for place in (change.places or (change.where,))]


@pytest.mark.parametrize("name", ["phase3", "tier3", "agentic-program"])
def test_each_value_that_is_changed_is_reported_once(name: str) -> None:
    scenario = load(SCENARIOS / f"{name}.toml")
    active = [entry.id for entry in scenario.mitigations if entry.active]
    n = 0
    for batch in batches(scenario.text):
        n += len(batch)
        places = reported(scenario, batch)
        expected = [
            path[2:] if path[0] == "mitigations" and path[1] in active and path[2] not in ("name", "price") else path
            for path, _ in batch
        ]
        assert len(places) == len(expected), sorted(set(map(dotted, expected)) ^ set(places))
        for path in expected:
            above = [dotted(path[:depth]) for depth in range(1, len(path) + 1)]
            assert sum(place in above for place in places) == 1, dotted(path)
    assert n > 400


# --- the same file in another style, and with less in it ------------------------------------------------


def inline(value: Any) -> str:
    """A value as TOML in one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(inline, value))}]"
    return json.dumps(value) if isinstance(value, str) else str(value)


AS_BY_DEFAULT = ("trials", "currency", "hours_per_day", "work_week", "fte", "then", "price", "share", "focus")


def dumped(values: dict[str, Any]) -> str:
    """A file without a single header."""
    return "\r\n".join(f"{key} = {inline(value)}" for key, value in reversed(values.items()))


@pytest.mark.parametrize("name", ["phase3", "tier3", "agentic-program"])
def test_another_style_of_the_same_file_is_no_change(name: str) -> None:
    scenario = load(SCENARIOS / f"{name}.toml")
    text = dumped(parse(scenario.text, ""))
    assert differences(scenario, loads(text, f"{name}.toml")) == ()


@pytest.mark.parametrize("name", ["phase3", "tier3"])
def test_what_is_deleted_is_reported_and_so_is_what_comes_back(name: str) -> None:
    scenario = load(SCENARIOS / f"{name}.toml")
    rng = random.Random(11)
    for _ in range(15):
        values = parse(scenario.text, "")
        place: Any = values
        path: list[Any] = []
        while isinstance(place, dict | list) and place and (not path or rng.random() < 0.7):
            step = rng.choice(list(place) if isinstance(place, dict) else range(len(place)))
            holder, place = place, place[step]
            path.append(step)
        del holder[step]
        if "active" in path or path in (["mitigations"], ["mitigations", "cross-training"]):
            continue  # what a switch brings with it is another test
        less = replace(scenario, text=dumped(values))
        gone, back = differences(scenario, less), differences(less, scenario)
        assert gone or path[-1] in AS_BY_DEFAULT, path
        assert len(gone) == len(back), path
        for change in (*gone, *back):
            assert change.text.isprintable(), change
            assert "None" not in change.text, change
            assert "  " not in change.text, change


def test_the_example_of_the_documentation() -> None:
    page = (SCENARIOS.parent / "docs" / "compare.md").read_text(encoding="utf-8")
    example = page.split("```\n")[1].splitlines()
    before = (SCENARIOS / "phase3.toml").read_text(encoding="utf-8")
    effort = '{{ SYNAPSE = {{ low = "40h", likely = "{}", high = "120h" }} }}'.format
    before = before.replace('{ SYNAPSE = "60h" }', effort("60h"), 1)
    after = before.replace(effort("60h"), effort("80h"))
    for old, new in (
        ("deadline      = 2026-06-19", "deadline = 2026-07-31"),
        ("[people.APEX]", "[people.APEX]\npto = [{ from = 2026-02-09, to = 2026-02-13 }]"),
        ('{ SYNAPSE = "40h" }', '{ APEX = "40h" }'),
        ("[gates.tier1]", '[tasks.monitoring]\nwork = { ECLIPSE = "40h" }\nafter = ["router"]\n[gates.tier1]'),
        ("throughput           = 0.80", "throughput = 0.90"),
        ("at_least = 0.9", "at_least = 0.8"),
        ("trials = 10_000", "trials = 20_000"),
    ):
        after = after.replace(old, new, 1)
    assert [change.text for change in differences(loads(before), loads(after))] == example


def test_letters_of_other_languages_and_very_long_texts() -> None:
    plan = PLAN.replace("[people.BEN]", '[people.BEN]\nrole = "Entwicklerin für Überlast"')
    assert sentences(("für Überlast", "für Größe"), plan=plan) == [
        "BEN: role 'Entwicklerin für Überlast' -> 'Entwicklerin für Größe'"
    ]
    (sentence,) = sentences(('role = "Entwicklerin für Überlast"', f'role = "{"工" * 500}"'), plan=plan)
    assert len(sentence) < 130
