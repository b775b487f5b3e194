"""What a careful reader finds in the three plans as written, found by the tool: figures taken from the documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from simrisk.baseline import pool_heads
from simrisk.report import lint_text
from simrisk.scenario.checks import check
from simrisk.scenario.health.cover import single_points
from simrisk.scenario.health.view import View
from simrisk.scenario.load import load

PLANS = Path(__file__).parent.parent / "scenarios"

# heads of all roles of the four streams, month by month, added up by hand
TOTALS = [9, 14.5, 23.5, 30.5, 36, 36, 43.5, 44, 44, 54, 54, 54, 54, 48, 44.5, 33.5, 26.5, 26.5]
STREAMS = {"vs2": 205, "vs3": 164, "vs4": 149, "vs5": 158}
# weeks planned at 100 %, which is more than the 80 % there are, by engineer
FULL_WEEKS = {
    "BE-Rust-1": [1, 2, 3, 5, 9, 12],
    "BE-Go-1": [1, 3, 4, 8, 9, 12],
    "BE-Go-2": [1, 4, 5, 8, 9, 12],
    "FE-Elm-1": [5, 6, 7, 8, 9, 12],
    "FE-Elm-2": [6, 7, 8, 9, 12],
    "DevOps-1": [1, 5, 10, 11, 12],
    "DevOps-2": [10, 12],
}


@pytest.fixture(scope="module")
def tier3() -> View:
    return View(load(PLANS / "tier3.toml"))


def said(view: View, slug: str) -> list[tuple[str, str]]:
    return [(issue.where, issue.found) for issue in check(view) if issue.slug == slug]


def test_tier3_has_200_hours_more_than_its_own_80_percent(tier3: View) -> None:
    """2,888 hours (5.4 of the document) of 7 x 12 x 40; 80 % of these are 2,688."""
    ((_, text),) = said(tier3, "over-capacity")
    assert text.startswith(
        "2888h of work is planned for the team until 2026-03-27, which has 2688h (80 % of 3360h): 200h"
    )
    assert text.endswith("It would take 86 %.")


def test_tier3_is_over_in_every_week_at_100_percent_and_in_no_other(tier3: View) -> None:
    found = said(tier3, "over-allocated")
    expected = [
        (f"people.{name}", f"40h of work is planned for sprint {week}, where {name} has 32h.")
        for name, weeks in FULL_WEEKS.items()
        for week in weeks
    ]
    assert found == expected


def test_tier3_hangs_on_the_people_that_the_document_names(tier3: View) -> None:
    """4.1: seven critical tasks with a bus factor of 1; 4.2: four of their owners; Rust is BE-Rust-1's alone by 1.2."""
    found = single_points(tier3)
    assert {"BE-Rust-1", "FE-Elm-1", "DevOps-1", "DevOps-2"} <= {entry.person for entry in found}
    assert {entry.person for entry in found} == {"BE-Rust-1", "BE-Go-1", "BE-Go-2", "FE-Elm-1", "DevOps-1", "DevOps-2"}
    assert {task for entry in found for task in entry.tasks} >= {"validator-core", "composer-1-2", "clock-sync-ntp"}
    assert ("BE-Rust-1", ("rust",)) in {(entry.person, entry.skills) for entry in found}
    # 34 hours of training: six backups learn it, nobody learns the Elm architecture or Rust itself
    assert {who for entry in found for who, _ in entry.learning} == {
        *("BE-Go-2", "BE-Rust-1", "BE-Go-1", "FE-Elm-2", "DevOps-2", "DevOps-1"),
    }


def test_phase3_as_written() -> None:
    """2,480 hours, 350,000 and 24 weeks; the documents themselves say 550,000 and 16 to 20 weeks elsewhere."""
    view = View(load(PLANS / "phase3.toml"))
    ((_, hours),) = said(view, "over-capacity")
    assert hours.startswith("2480h of work is planned for the team until 2026-04-10")
    assert said(view, "over-budget")
    assert [where for where, _ in said(view, "late-by-plan")] == ["project.deadline"]
    ((where, tensor),) = said(view, "single-point-of-failure")
    assert (where, "'qlora-adapter' and 'training-loop' (180h of work)" in tensor) == ("people.TENSOR", True)
    assert any("240h of work is planned for sprint 3" in text for _, text in said(view, "over-allocated"))
    assert [where for where, _ in said(view, "gate-unlikely")] == ["gates.tier2.criteria"]  # 0.95^3 * 0.85^2 * 0.8
    assert "'sparse-local' (before 'sparse-strided')" in said(view, "redundant-link")[0][1]


def test_the_programmes_heads_are_the_column_sums() -> None:
    view = View(load(PLANS / "agentic-program.toml"))
    assert view.deadline_day is not None
    months, heads = pool_heads(view, view.deadline_day)
    assert len(months) == 18
    assert [sum(column) for column in zip(*heads.values(), strict=True)] == TOTALS
    assert {stream: sum(sum(heads[pool]) for pool in heads if pool.startswith(stream)) for stream in STREAMS} == STREAMS
    assert sum(TOTALS) == sum(STREAMS.values()) == 676


def test_the_programme_has_no_room_for_ramps() -> None:
    """Its work is all the person-months of the curves: with ramps the heads do less, without them enough."""
    plan = load(PLANS / "agentic-program.toml")
    assert [where for where, _ in said(View(plan), "over-capacity")] == ["pools"]
    full = {f"pools.{pool.id}.onboarding": "{ ramp = '0d', from = 1 }" for pool in plan.pools}
    assert said(View(load(PLANS / "agentic-program.toml", changes=list(full.items()))), "over-capacity") == []


@pytest.mark.parametrize("name", ["phase3", "tier3", "agentic-program"])
def test_every_plan_gets_its_tables(name: str) -> None:
    text = lint_text.render(View(load(PLANS / f"{name}.toml")))
    assert "DCMA 14-point assessment" in text
    assert ("Single points of failure:" in text) == (name != "agentic-program")
    assert sum(line.lstrip().split(" ")[0].isdigit() for line in text.splitlines()) >= 14
