"""A scenario read again with mitigations on is the same as one loaded with them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, pairwise
from pathlib import Path

import pytest

from simrisk.compile import compile_plan
from simrisk.errors import ScenarioError
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Scenario
from simrisk.scenario.rereading import Rereading

SCENARIOS = Path(__file__).parent.parent / "scenarios"


def some_sets(ids: list[str]) -> Iterator[tuple[str, ...]]:
    """Nothing, each alone, all pairs of neighbours and all together."""
    return chain([()], combinations(ids, 1), pairwise(ids), [tuple(ids)])


def attempt(made: Scenario, names: tuple[str, ...], without: tuple[str, ...]) -> Scenario | None:
    try:
        off = tuple(name for name in without if name not in names)
        return loads(made.text, made.path, changes=made.changes, with_=names, without=off)
    except ScenarioError:
        return None


@pytest.mark.parametrize(
    ("plan", "changes", "without"),
    [
        ("tier3", (), ()),
        ("tier3", (("people.BE-Rust-1.focus", "0.7"),), ("cross-training", "risks")),
        ("agentic-program", (), ()),
    ],
)
def test_it_is_as_if_loaded_with_them(plan, changes, without) -> None:
    made = load(SCENARIOS / f"{plan}.toml", changes=changes, without=without)
    again = Rereading(made)
    ids = [entry.id for entry in made.mitigations if not entry.active]
    clashes = 0
    for names in some_sets(ids):
        loaded = attempt(made, names, without)
        if loaded is None:
            clashes += 1
            with pytest.raises(ScenarioError):
                again.with_mitigations(names)
            continue
        read = again.with_mitigations(names)
        alike = {"lines": {}, "switched_on": (), "switched_off": ()}  # where it is written, and how it was asked for
        assert replace(read, **alike) == replace(loaded, **alike)
        one, other = (compile_plan(scenario).arrays for scenario in (read, loaded))
        assert all(a.tobytes() == b.tobytes() for a, b in zip(one, other, strict=True))
    assert (clashes > 0) == (plan == "tier3")


PLAN = """
[project]
start = 2026-01-05
[defaults]
spread = { prior = "sip" }
[people.ANN]
skills = { masonry = 2 }
pto_days = { prior = "middle" }
[people.BOB]
[tasks.dig]
effort = "10d"
who = "ANN"
[tasks.wall]
effort = "6d"
who = "BOB"
after = ["dig"]
[risks.rain]
probability = 0.3
delay = "2d"
affects = ["dig"]
[mitigations.calm.changes]
"defaults.spread" = { low = 0.8, likely = 1.0, high = 1.6 }
[mitigations.help.people.CEM]
skills = { masonry = 3 }
[mitigations.help.changes]
"tasks.dig.who" = ["ANN", "CEM"]
[mitigations.dry.risks.wind]
probability = 0.1
delay = "1d"
affects = ["wall"]
[mitigations.straight.changes]
"tasks.wall.after" = []
[mitigations.rested.changes]
"people.ANN.pto_days" = 5
"""


@pytest.fixture(scope="module")
def loaded() -> Scenario:
    return loads(PLAN)


def test_every_set_of_a_small_plan(loaded: Scenario) -> None:
    again, ids = Rereading(loaded), [entry.id for entry in loaded.mitigations]
    for size in range(len(ids) + 1):
        for names in combinations(ids, size):
            expected = loads(loaded.text, with_=names)
            alike = {"lines": {}, "switched_on": ()}
            assert replace(again.with_mitigations(names), **alike) == replace(expected, **alike)


def test_what_was_read_before_leaves_no_trace(loaded: Scenario) -> None:
    again = Rereading(loaded)
    first = again.with_mitigations(["help", "rested"])
    again.with_mitigations(["calm", "straight", "dry"])
    assert again.with_mitigations(["help", "rested"]) == first
    assert again.with_mitigations([]) is loaded
