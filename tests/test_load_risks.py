"""Loading risks, correlations and charges."""

from __future__ import annotations

import itertools
import random
from datetime import date
from fractions import Fraction

import pytest

from build import exactly, pair, risk, together
from simrisk.errors import ScenarioError
from simrisk.scenario.load import loads
from simrisk.scenario.model import Charge, Distribution, Scenario

PLAN = """
[project]
start = 2026-01-05
status_date = 2026-02-02

[people.ANNA]
[people.ANDREA]
[people.BORIS]

[sprints]
length = "2w"
count = 2

[tasks.ship]
sprint = 2
effort = "8h"
who = "ANNA"
[tasks.build-api]
sprint = 1
effort = "8h"
who = "ANNA"
[tasks.build-ui]
sprint = 1
effort = "8h"
who = "ANNA"
[tasks.build-old]
effort = "8h"
who = "ANNA"
progress = { finished = 2026-01-30 }
[tasks.end]
milestone = true
"""


def more(text: str) -> Scenario:
    return loads(PLAN + text)


def slugs(text: str) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        more(text)
    return [issue.slug for issue in caught.value.issues]


def test_a_risk_with_everything() -> None:
    (made,) = more(
        '[risks.late]\nname = "Late parts"\nprobability = 0.35\naffects = ["ship", "sprint 1"]\n'
        'factor = { low = 1.1, likely = 1.3, high = 1.8 }\ndelay = "1w"\ncost = "20k"\n'
        'away = { ANNA = "2w", BORIS = { from = "1d", to = "3d" } }\n'
    ).risks
    assert (made.id, made.name, made.probability, made.cost) == ("late", "Late parts", 0.35, 2_000_000)
    assert made.affects == ("ship", "build-api", "build-ui")
    assert made.factor == Distribution("pert", (1.1, 1.3, 1.8), 1.3)
    assert made.delay == exactly("1w")
    assert made.away == (("ANNA", exactly("2w")), ("BORIS", Distribution("uniform", (480.0, 1440.0), 960.0)))


def test_tasks_of_a_risk_stand_in_the_order_of_the_file() -> None:
    for written in itertools.permutations(["ship", "build-ui", "build-a*"]):
        names = ", ".join(f'"{name}"' for name in written)
        (made,) = more(f"[risks.late]\nprobability = 1\naffects = [{names}]\nfactor = 1.5\n").risks
        assert made == risk("late", 1.0, ["ship", "build-api", "build-ui"], factor=1.5)


def test_a_risk_that_only_costs_money_needs_no_tasks() -> None:
    assert more("[risks.fine]\nprobability = 0.1\ncost = 5_000\n").risks == (risk("fine", 0.1, cost=500_000),)
    assert slugs("[risks.fine]\nprobability = 0.1\ncost = 5_000\naffects = []\nfactor = 2\n") == ["missing-key"]


def test_groups_and_pairs_leave_out_what_is_not_drawn() -> None:
    made = more(
        '[correlations]\ngroups = [{ tasks = ["*"], rho = 0.4 }, { tasks = ["build-old", "ship"], rho = 0.1 }]\n'
        'pairs = [{ tasks = ["build-api", "ship"], rho = -0.2 }, { tasks = ["build-old", "ship"], rho = 0.3 }]\n'
    )
    assert made.correlations == (together(["ship", "build-api", "build-ui"], 0.4), pair("build-api", "ship", -0.2))


def test_contradictions_are_found_exactly_where_a_definition_by_pairs_has_them() -> None:
    dice = random.Random(3)
    names = ["ship", "build-api", "build-ui"]
    outcomes = set()
    for _ in range(300):
        groups = [(dice.sample(names, dice.choice([2, 3])), dice.choice([0.1, 0.2])) for _ in range(3)]
        pairs = [(both, 0.5) for both in itertools.combinations(names, 2) if dice.random() < 0.4]
        text = "[correlations]\n"
        for key, entries in (("groups", groups), ("pairs", pairs)):
            listed = ", ".join(
                "{ tasks = [" + ", ".join(f'"{name}"' for name in tasks) + f"], rho = {rho} }}"
                for tasks, rho in entries
            )
            text += f"{key} = [{listed}]\n"
        said: dict[frozenset[str], set[float]] = {}
        for tasks, rho in groups:
            for both in itertools.combinations(tasks, 2):
                said.setdefault(frozenset(both), set()).add(rho)
        settled = {frozenset(both) for both, _ in pairs}
        contradicted = any(len(rhos) > 1 for both, rhos in said.items() if both not in settled)
        outcomes.add(contradicted)
        if contradicted:
            assert set(slugs(text)) == {"correlation-conflict"}
        else:
            assert len(more(text).correlations) == len(groups) + len(pairs)
    assert outcomes == {True, False}


def test_charges() -> None:
    charges = more(
        "[costs.contracts]\naudit = { amount = 20_000, on = 2026-03-02 }\nlicence = { amount = 5, name = 'X' }\n"
        'cloud = { rate = "480/d" }\nhosting = { rate = "60/h", from = 2026-02-02, to = 2026-03-27 }\n'
        "[costs.compensation]\nnight = { people = 'AN*', rate = '12/h', from = 2026-06-15, to = 2026-06-19 }\n"
        'call = { people = "team", rate = "6/h" }\none = { people = ["BORIS"], rate = "6/h" }\n'
    ).costs.charges
    assert charges == (
        Charge("audit", "contract", 2_000_000, None, date(2026, 3, 2), None),
        Charge("licence", "contract", 500, None, None, None),
        Charge("cloud", "contract", 0, Fraction(100), None, None),
        Charge("hosting", "contract", 0, Fraction(100), date(2026, 2, 2), date(2026, 3, 27)),
        Charge("night", "compensation", 0, 2 * Fraction(20), date(2026, 6, 15), date(2026, 6, 19)),
        Charge("call", "compensation", 0, 3 * Fraction(10), None, None),
        Charge("one", "compensation", 0, Fraction(10), None, None),
    )
