"""The Gantt chart of one trial shows its work, waiting, reviews and absences where the trial has them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from matplotlib.dates import date2num

from build import DAY, cover, gate, milestone, off, person, pert, pool, risk, scenario, sick, sprints, task
from chart_checks import found, gids, nothing_overlaps
from pictures import words
from simrisk.charts import plot_story, save
from simrisk.charts.story import SLIDE_ROWS, joined, rows_of
from simrisk.scenario.model import Scenario
from simrisk.story import Story, retold

LONG = "an-extraordinarily-long-name-of-a-thing-with-all-its-parts"
ANN = person("ANN")


def worked_out() -> Scenario:
    """ANN digs on Monday and, after leave on Tuesday and Wednesday, on Thursday; a gate fails once; BOB was free."""
    return scenario(
        [person("ANN", leave=[off(1, 2)]), person("BOB", absence=[sick(1e6, "1d")])],
        [task("dig", "2d", "ANN"), task("fill", "1d", "BOB"), milestone("set", "dig")],
        [gate("go", requires=["dig"], review="4h", chance=[(0.0, 1.0)], extend="1d")],
        deadline=3,
    )


def told(made: Scenario, trial: int = 0) -> Story:
    return retold(made, trial, seed=7)


CASES = {
    "worked out": worked_out(),
    "one task": scenario([ANN], [task("dig", "1h", "ANN")]),
    "nothing": scenario([], []),
    "censored": scenario([ANN], [task("dig", "40d", "ANN")], horizon="9d", deadline=30),
    "stopped": scenario([ANN], [task("dig", "1d", "ANN")], [gate("go", chance=0.0, max_extensions=0, then="stop")]),
    "dropped": scenario(
        [ANN],
        [task("dig", "1d", "ANN"), task("fill", "4d", "ANN", optional=True)],
        [gate("go", requires=["dig"], chance=0.0, max_extensions=1, extend="1d", then="descope")],
    ),
    "pools": scenario([], [task("dig", {"crew": "40d"})], pools=[pool("crew", {0: 1, 9: 2})]),
    "many": scenario(
        [person(f"P{i}") for i in range(40)],
        [task(f"t{i}", pert("1d", "3d", "20d"), f"P{i % 40}", sprint=1 + i % 3) for i in range(150)],
        sprints=sprints(3, 10, "4h"),
    ),
    "long names": scenario([person(LONG)], [task(LONG, "9d", LONG)], [gate(LONG, requires=[LONG])], name=LONG),
    "everything": scenario(
        [person("ANN", leave=[off(3, 9)], absence=[sick(20, "3d")]), person("BOB")],
        [task("dig", pert("5d", "8d", "30d"), "ANN"), task("fill", "9d", "BOB", after="dig")],
        [gate("go", requires=["dig"], chance=[(0.0, 1.0)], extend="4d", rework={"ANN": "2d"}, review="1d")],
        cover=cover("2d", "1d"),
        risks=[risk("storm", 1.0, "fill", delay="3d", away={"BOB": "2d"})],
        deadline=12,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_overlaps(case: str, tmp_path: Path) -> None:
    axes = plot_story(told(CASES[case]))
    nothing_overlaps(axes)
    save(axes, tmp_path / "a.svg")
    save(axes, tmp_path / "b.svg")
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def day(number: int) -> float:
    """Day number of a day of January 2026."""
    return float(date2num(date(2026, 1, number)))


def test_bars_are_where_the_trial_has_them() -> None:
    axes = plot_story(told(worked_out()))
    on_chain = [bar for bar in axes.patches if bar.get_gid() == "chain-dig"]
    assert [(bar.get_x(), bar.get_width()) for bar in on_chain] == [(day(5), 1.0), (day(8), 1.0)]
    waited = found(axes, "waited-dig")
    assert (waited.get_x(), waited.get_width()) == (day(6), 2.0)
    plan = found(axes, "plan-fill")
    assert (plan.get_x(), plan.get_width()) == (day(5), 1.0)
    assert found(axes, "work-fill").get_x() == day(5)
    assert "chain-fill" not in gids(axes, "chain")
    away = found(axes, "away-ANN")
    assert (away.get_x(), away.get_width()) == (day(6), 2.0)
    assert found(axes, "milestone-set").get_xdata()[0] == day(9)


def test_reviews_and_lines() -> None:
    """The review takes Friday morning, the extension a day, the second review Monday afternoon."""
    story = told(worked_out())
    assert story.end == 6 * DAY
    axes = plot_story(story)
    spans = [(bar.get_x(), bar.get_width()) for bar in axes.patches if bar.get_gid() == "review-go"]
    assert spans == [(day(9), 0.5), (day(9) + 0.5, 3.0), (day(12) + 0.5, 0.5)]
    assert found(axes, "no-go-go").get_xdata()[0] == day(9) + 0.5
    assert found(axes, "passed-go").get_xdata()[0] == day(13)
    assert found(axes, "deadline").get_xdata()[0] == day(9)
    assert found(axes, "plan-finish").get_xdata()[0] == day(9) + 0.5


def test_title_says_how_it_ended() -> None:
    titles = {case: words(plot_story(told(CASES[case]))) for case in ("worked out", "censored", "stopped", "one task")}
    assert "test, trial 0: finished on 12 Jan 2026, 2 working days after the plan" in titles["worked out"]
    assert "test, trial 0: not finished by 15 Jan 2026" in titles["censored"]
    assert "test, trial 0: stopped on 5 Jan 2026" in titles["stopped"]
    assert "test, trial 0: finished on 5 Jan 2026" in titles["one task"]


def test_rows_have_names_and_ids_where_names_are_alike() -> None:
    long = "The second half of the training of everybody who"
    tasks = [
        replace(task("a1", "1d", "ANN"), name="Foundations"),
        replace(task("b1", "1d", "ANN"), name=f"{long} stays"),
        replace(task("b2", "1d", "ANN"), name=f"{long} comes"),
    ]
    shown = words(plot_story(told(scenario([person("ANN")], tasks))))
    assert "Foundations" in shown
    assert "a1" not in shown
    assert {"b1", "b2"} <= set(shown)
    assert not any("training" in text for text in shown)


def test_of_many_tasks_those_on_the_chain_and_those_that_moved_most_are_drawn() -> None:
    story = told(CASES["many"])
    rows = rows_of(story)
    assert (len(rows.bars), rows.left_out, len(rows.people)) == (60, 90, 20)
    shown = {bar.id for bar in rows.bars}
    assert {step.what for step in story.steps if step.behind == "part"} <= shown
    planned = {bar.id: bar.finish for bar in story.plan.bars}
    moved = {bar.id: abs(bar.finish - planned[bar.id]) for bar in story.told.bars if not bar.critical}
    assert min(moved[name] for name in shown & moved.keys()) >= max(moved[n] for n in moved.keys() - shown)
    assert "... and 90 that moved less" in words(plot_story(story))


def test_on_a_slide_there_are_fewer_rows() -> None:
    story = told(CASES["many"])
    rows = rows_of(story, *SLIDE_ROWS)
    assert (len(rows.bars), len(rows.people)) == SLIDE_ROWS
    assert (rows.left_out, rows.people_left_out) == (
        150 - SLIDE_ROWS[0],
        len(rows_of(story, 1, 999).people) - SLIDE_ROWS[1],
    )
    chain = {name: sum(step.finish - step.start for step in story.steps if name in step.who) for name in rows.people}
    others = [name for name in rows_of(story, 1, 999).people if name not in rows.people]
    rest = [sum(step.finish - step.start for step in story.steps if name in step.who) for name in others]
    assert min(chain.values()) >= max(rest)
    axes = plot_story(story, most=SLIDE_ROWS)
    nothing_overlaps(axes)
    assert f"... and {rows.people_left_out} more" in words(axes)


def test_spans_that_touch_are_one() -> None:
    assert list(joined([(5, 7), (0, 2), (2, 3), (6, 9)])) == [(0, 3), (5, 9)]
    assert list(joined([])) == []
