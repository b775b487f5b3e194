"""The logic of a plan: its early and late dates, what hangs in the air, and the 14-point assessment."""

from __future__ import annotations

import random

import pytest

import build as b
from simrisk.compile import baseline_plan, compile_plan
from simrisk.engines.reference import run_trial
from simrisk.scenario.checks import check
from simrisk.scenario.health.assessment import Point, assess
from simrisk.scenario.health.network import Network, network_of
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Link, Scenario, Task

HOUR = 60


def network(plan: Scenario) -> Network:
    found = network_of(View(plan))
    assert found is not None
    return found


def found(plan: Scenario, slug: str) -> list[tuple[str, str]]:
    return [(issue.where, issue.found) for issue in check(plan) if issue.slug == slug]


# Early and late dates


def worked_example() -> Scenario:
    """
    Hours on the clock: a 10; b 20 after a; c 8, two hours after a starts; d 4, ends no earlier than 6 h after b ends,
    starts after c; e 5 after d, but its start is also 3 h before the end of b.
    """
    tasks = [
        b.task("a", duration="10h"),
        b.task("b", duration="20h", after="a"),
        b.task("c", duration="8h", after=b.link("a", "SS", "2h")),
        b.task("d", duration="4h", after=["c", b.link("b", "FF", "6h")]),
        b.task("e", duration="5h", after=[b.link("b", "FS", b.exactly("0h")), b.link("d", "SS")]),
    ]
    return b.scenario(tasks=tasks)


def test_early_and_late_dates_by_hand() -> None:
    """
    a 0-10, b 10-30, c 2-10, d starts at 10 (after c) and ends at 36 (6 h after b), e 30-35. The finish is 36.
    Backwards: e may end at 36, so it may start at 31 and float 1; d ends at 36 and may start at 31 (e's start) or 32
    (its own 4 h): 31; b may end at 30 (d's end less 6 h; e's start would allow 31); c may end at 31; a ends at 10.
    """
    dates = network(worked_example())
    hours = {task: tuple(minute / HOUR for minute in span) for task, span in dates.early.items()}
    assert hours == {"a": (0, 10), "b": (10, 30), "c": (2, 10), "d": (10, 36), "e": (30, 35)}
    late = {task: tuple(minute / HOUR for minute in span) for task, span in dates.late.items()}
    assert late == {"a": (0, 10), "b": (10, 30), "c": (23, 31), "d": (31, 36), "e": (31, 36)}
    assert dates.finish == 36 * HOUR
    assert {task: dates.total_float(task) / HOUR for task in late} == {"a": 0, "b": 0, "c": 21, "d": 0, "e": 1}


def test_negative_lags_begin_with_the_predecessor_at_the_earliest() -> None:
    tasks = [
        b.task("a", duration="10h"),
        b.task("b", duration="5h", after=b.link("a", "FS", b.exactly("-4h"))),
        b.task("c", duration="5h", after=b.link("a", "FS", b.exactly("-30h"))),
    ]
    early = network(b.scenario(tasks=tasks)).early
    assert (early["b"][0], early["c"][0]) == (6 * HOUR, 0)


def test_sprints_gates_and_dates() -> None:
    """
    Sprints of a day. `a` takes 12 h: the gate is reviewed at 12 h for 1 h, so sprint 2 opens with day 2 (16 h); b has
    4 h there; c may begin on day 3 (24 h) only; the date of d is in the past.
    """
    tasks = [
        b.task("a", duration="12h", sprint=1),
        b.task("b", duration="4h", sprint=2),
        b.task("c", duration="4h", not_before=3),
        b.task("d", duration="4h", not_before=-3),
    ]
    gate = b.gate("g", requires=["a"], blocks=[2], due=1, review="1h")
    dates = network(b.scenario(tasks=tasks, gates=[gate], sprints=b.sprints(2, 1)))
    assert [dates.early[name][0] / HOUR for name in "abcd"] == [0, 16, 24, 0]
    assert dates.finish == 28 * HOUR
    # b may begin 8 h later: the gate may pass a day later, by the end of day 2, and `a` end an hour before that
    assert [dates.late[name][0] / HOUR for name in "ab"] == [24 - 1 - 12, 24]


def test_only_what_is_still_to_be_done_counts() -> None:
    tasks = [
        b.task("a", duration="8h", finished=1),
        b.task("b", duration="20h", after=b.link("a", lag="4h"), done=["12h"]),
        b.task("c", {"ANNA": "8h"}, after="b"),
    ]
    dates = network(b.scenario([b.person("ANNA", focus="0.5")], tasks, status_date=4))
    # `a` ended at 16 h; the forecast begins at 32 h; 8 h of b and 16 h of clock of c are left
    assert [dates.early[name] for name in "abc"] == [
        (16 * HOUR, 16 * HOUR),
        (32 * HOUR, 40 * HOUR),
        (40 * HOUR, 56 * HOUR),
    ]


def test_durations_of_each_kind_of_work() -> None:
    people = [b.person("ANNA", fte="0.5", rust=2), b.person("BORIS", focus="0.8", rust=1), b.person("CARLA")]
    tasks = [
        b.task("work", {"ANNA": "4h", "BORIS": "16h"}, skill="rust"),
        b.task("split", "12h", ["ANNA", "BORIS"], skill="rust"),
        b.task("any", "12h", ["CARLA", "BORIS"], "any", skill="rust"),
        b.task("together", "6h", ["ANNA", "BORIS"], "together", skill="rust"),
        b.task("pool", "24h", "crew"),
        b.task("few", "24h", "crew", max_fte=2),
        b.milestone("stone"),
    ]
    plan = b.scenario(
        people, tasks, efficiency={1: "0.5", 2: 1}, pools=[b.pool("crew", {0: 1, 3: 4, 6: 0}, focus="0.5")]
    )
    took = {name: (end - start) / HOUR for name, (start, end) in network(plan).early.items()}
    # BORIS does their own hours at 1, and what is for somebody skilled at 0.5; CARLA cannot do it
    assert took == {"work": 20, "split": 15, "any": 30, "together": 15, "pool": 12, "few": 24, "stone": 0}


def test_a_circle_has_no_dates() -> None:
    tasks = [b.task("a", duration="8h"), b.task("b", duration="8h", after="a")]
    plan = b.scenario(tasks=tasks, gates=[b.gate("g", requires=["b"], blocks_tasks=["a"])])
    assert network_of(View(plan)) is None
    assert assess(View(plan)) == ()
    assert "gate-deadlock" in {issue.slug for issue in check(plan)}


def a_network(dice: random.Random) -> Scenario:
    """Tasks whose people are always free for them, so that only the logic counts; links of all kinds."""
    n = dice.randint(3, 12)
    people, tasks = [], []
    for i in range(n):
        links = []
        for j in sorted(dice.sample(range(i), min(i, dice.randint(0, 3)))):
            lag = dice.choice([None, None, f"{dice.randint(0, 20)}h"])
            links.append(Link(f"t{j}", dice.choice(["FS", "FS", "SS", "FF", "SF"]), lag and b.exactly(lag)))  # type: ignore[arg-type]
        facts = {
            "after": links,
            "not_before": dice.choice([None, None, None, dice.randint(0, 9)]),
            "sprint": dice.choice([None, 1, 2, 3] if i else [None, 1, 2]),  # the gate of sprint 3 requires the first
        }
        task: Task
        if dice.random() < 0.3:
            task = b.task(f"t{i}", duration=f"{dice.randint(0, 40)}h", **facts)  # type: ignore[arg-type]
        elif dice.random() < 0.2:
            task = b.milestone(f"t{i}", links, sprint=facts["sprint"])
        else:
            people.append(b.person(f"p{i}", fte=dice.choice(["1", "0.5"]), focus=dice.choice(["1", "0.8"])))
            task = b.task(f"t{i}", {f"p{i}": f"{dice.randint(0, 40)}h"}, **facts)  # type: ignore[arg-type]
        tasks.append(task)
    gate = b.gate("g", requires=["t0"], blocks=[3], due=dice.choice([1, 2]), review=f"{dice.randint(0, 9)}h")
    return b.scenario(people, tasks, [gate], sprints=b.sprints(3, dice.randint(1, 4)))


@pytest.mark.parametrize("seed", range(60))
def test_early_dates_are_those_of_the_baseline_when_nobody_is_short(seed: int) -> None:
    """The network and the reference engine reckon independently of each other."""
    plan = a_network(random.Random(seed))
    row = run_trial(baseline_plan(compile_plan(plan)), 0, 0).outcome
    early = network(plan).early.values()
    assert row["end"] == network(plan).finish
    assert row["task_finish"] == [finish for _, finish in early]
    assert row["task_start"] == [start for start, _ in early]


@pytest.mark.parametrize("seed", range(20))
def test_what_slips_by_its_float_does_not_move_the_finish(seed: int) -> None:
    view = View(a_network(random.Random(1000 + seed)))
    dates = network(view.scenario)
    for task in view.scenario.tasks:
        spare = dates.total_float(task.id)
        assert spare >= 0
        within, beyond = network_of(view, {task.id: spare}), network_of(view, {task.id: spare + 480})
        assert within is not None
        assert beyond is not None
        start, end = dates.early[task.id]
        if end - start == network_of_duration(view, task):  # nothing else holds its end
            assert within.finish == dates.finish
            assert beyond.finish >= dates.finish


def network_of_duration(view: View, task: Task) -> int:
    from simrisk.scenario.health.network import duration

    return duration(view, task)


# What hangs in the air


def chain(*extra: Task) -> Scenario:
    tasks = [b.task("a", duration="8h"), b.task("b", duration="8h", after="a"), b.task("c", duration="8h", after="b")]
    return b.scenario(tasks=[*tasks, *extra])


def test_a_start_that_nothing_holds() -> None:
    plan = chain(b.task("d", duration="8h", after=b.link("b", "FF")), b.milestone("end", ["c", "d"]))
    ((where, text),) = found(plan, "dangling-logic")
    assert where == "tasks.d.after"
    assert "nothing says when it may start" in text
    held = chain(b.task("d", duration="8h", after=b.link("b", "FF"), not_before=1), b.milestone("end", ["c", "d"]))
    assert found(held, "dangling-logic") == []


def test_an_end_that_nothing_waits_for() -> None:
    started = [b.task("d", duration="8h"), b.task("e", duration="8h", after=["c", b.link("d", "SS")])]
    ((where, text),) = found(chain(*started), "dangling-logic")
    assert where == "tasks.d"
    assert "nothing waits for its end" in text
    alone = b.task("d", duration="8h", after="a")
    ((where, text),) = found(chain(alone), "dangling-logic")
    assert (where, "Nothing waits for 'd'" in text) == ("tasks.d", True)
    assert found(chain(alone, b.milestone("end", ["c", "d"])), "dangling-logic") == []
    assert found(chain(b.task("d", duration="16h", after="a")), "dangling-logic") == []  # it ends last, too


def test_links_that_follow_from_others() -> None:
    extra = [b.task("d", duration="8h", after=["a", "c", b.link("b", "FF")])]
    ((where, text),) = found(chain(*extra), "redundant-link")
    assert where == "tasks.d.after"
    assert "'a' (before 'c')" in text
    lagged = [b.task("d", duration="8h", after=["c", b.link("a", lag="40h")])]
    assert found(chain(*lagged), "redundant-link") == []
    assert found(chain(b.milestone("end", ["a", "b", "c"])), "redundant-link") == []


# The assessment


def points(plan: Scenario) -> dict[int, Point]:
    return {point.number: point for point in assess(View(plan))}


def test_a_sound_network_keeps_all_that_applies() -> None:
    plan = chain(b.milestone("end", "c"))
    people = [b.person("ANNA")]
    tasks = [task if task.id == "end" else b.task(task.id, "8h", "ANNA", after=task.links) for task in plan.tasks]
    verdicts = {number: point.verdict for number, point in points(b.scenario(people, tasks, deadline=2)).items()}
    assert len(verdicts) == 14
    assert {number for number, verdict in verdicts.items() if verdict == "none"} == {9, 11, 14}
    assert "over" not in verdicts.values()
    assert points(b.scenario(people, tasks))[13].verdict == "none"  # without a deadline
    assert points(b.scenario(people, tasks, status_date=0))[9].verdict == "ok"


def test_counts_of_the_assessment() -> None:
    """
    20 tasks in a row, a day each; then: two that nothing follows, one of 45 days and one of 44; links: one lead, two
    lags, one SS in all 21. No task has people, which counts where it takes a day or more.
    """
    tasks = [b.task("t0", duration="8h")]
    links = {3: b.link("t2", "FS", b.exactly("-2h")), 5: b.link("t4", lag="8h"), 7: b.link("t6", "SS", "8h")}
    for i in range(1, 20):
        hours = "4h" if i == 19 else "8h"
        tasks.append(b.task(f"t{i}", duration=hours, after=links.get(i, b.link(f"t{i - 1}"))))
    tasks += [b.task("long", duration="45d", after="t0"), b.task("short", duration="44d", after="t0")]
    found = points(b.scenario(tasks=tasks, deadline=40))
    assert (found[1].count, found[1].of, found[1].names, found[1].verdict) == (2, 22, ("t19", "short"), "over")
    assert (found[2].count, found[2].of, found[2].verdict) == (1, 21, "over")
    assert (found[3].count, found[3].names, found[3].verdict) == (2, ("t4 FS t5", "t6 SS t7"), "over")
    assert (found[4].count, found[4].verdict) == (20, "ok")
    assert (found[5].count, found[5].verdict) == (0, "ok")
    assert (found[8].count, found[8].of, found[8].names, found[8].verdict) == (1, 22, ("long",), "ok")
    assert (found[10].count, found[10].of) == (21, 22)
    assert found[10].verdict == "over"
    # the plan takes 46 days and has 41: t0, `long` and `short` (1 day of float) are late
    assert found[7].names == ("t0", "long", "short")
    assert found[13].figure == pytest.approx(41 / 46)
    assert found[13].verdict == "over"
    assert found[12].verdict == "ok"


def test_float_of_more_than_two_months() -> None:
    tasks = [
        b.task("a", duration="60d"),
        b.task("b", duration="15d"),
        b.task("c", duration="16d"),
        b.milestone("end", "a"),
    ]
    assert points(b.scenario(tasks=tasks))[6].names == ("b",)  # 45 days; `c` has 44


def test_the_path_test_needs_a_critical_task() -> None:
    """A task that waits for a date is critical after it; when only the date of a gate counts, no task is."""
    tasks = [b.task("a", duration="8h"), b.task("b", duration="8h", not_before=20)]
    found = points(b.scenario(tasks=tasks))[12]
    assert (found.verdict, "'b'" in found.note) == ("ok", True)
    gate = b.gate("g", requires=["a"], due=b.day(40))
    late = points(b.scenario(tasks=[tasks[0]], gates=[gate]))[12]
    assert (late.verdict, late.note.startswith("no task is critical")) == ("over", True)
