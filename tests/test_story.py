"""The story of a trial: the integers of the kernels, events that account for the chain, and sentences for people."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest

from build import (
    DAY,
    contractor,
    cover,
    departure,
    equipment,
    gate,
    link,
    milestone,
    off,
    person,
    pert,
    pool,
    risk,
    scenario,
    sick,
    sprints,
    task,
)
from generate import make_scenario
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines.reference import run_trial
from simrisk.errors import EngineError, MetricError
from simrisk.models.events import Kind
from simrisk.models.sampling import sampled
from simrisk.report import story_json, story_lines, story_text, story_why
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.story import Story, nearest, replay, retold
from simrisk.story.model import AT_WORK

SEED = 7
N_GENERATED, CHUNK = 80, 20
ANN, BOB = person("ANN"), person("BOB")


def told(made: Scenario, trial: int = 0, seed: int = SEED) -> list[tuple[str, str]]:
    """Everything that is told, and when."""
    story = retold(made, trial, seed=seed)
    return [(f"{line.moment:%d %H:%M}", line.text) for line in story_lines.lines(story)]


def made_up(number: int) -> Story:
    return retold(make_scenario(number), 0, seed=SEED, sampling="lhs" if number % 7 == 0 else "independent")


# Any scenario: `retold` compares all fields of the trial with the kernels'


def assert_chain_is_told(story: Story) -> None:
    """The steps follow each other from the start to the finish; an event that has to do with it is at both ends."""
    reached = 0
    for step in story.steps:
        assert step.start == reached < step.finish
        reached = step.finish
        for minute in (step.start, step.finish):
            events = [story.events[place] for place in story.moved if story.events[place].minute == minute]
            subjects = {name for event in events for name in (event.what, *event.who)}
            named = not subjects.isdisjoint((step.what, *step.who))
            begins = minute == 0 and events[0].kind is Kind.BEGINS
            next_day = step.behind == "day" and any(event.kind is Kind.OPENS for event in events)
            assert named or begins or next_day, (step, events)
    assert reached == (story.end if story.outcome == "finished" else 0)


def assert_people_are_told(story: Story, made: Scenario) -> None:
    """Spells away add up to what the kernels count, work in pieces to no more."""
    plan = sampled(compile_plan(made), story.sampling)
    row = engines.run(plan, trials=1, seed=SEED, first=story.number)
    away: Counter[tuple[str, bool]] = Counter()
    for spell in story.spells:
        if spell.kind in (Kind.LEAVE, Kind.ABSENT, Kind.TAKEN):
            away[spell.person, spell.kind is Kind.LEAVE] += spell.finish - spell.start
    worked: Counter[str] = Counter()
    on_clock = {entry.id for entry in made.tasks if entry.share == "duration"}
    for piece in story.pieces:
        if piece.is_work and piece.task not in on_clock:
            worked.update(dict.fromkeys(piece.who, piece.finish - piece.start))
    for i, one in enumerate(made.people):
        assert away[one.id, True] == row.person_leave[0, i]
        assert away[one.id, False] == row.person_absence[0, i]
        assert worked[one.id] <= row.person_worked[0, i]


@pytest.mark.parametrize("start", range(0, N_GENERATED, CHUNK))
def test_generated_scenarios__events_name_all_that_moved_the_finish(start):
    seen: Counter[str] = Counter()
    for number in range(start, start + CHUNK):
        story = made_up(number)
        assert_chain_is_told(story)
        assert_people_are_told(story, make_scenario(number))
        brief, everything = (story_text.render(story, everything=whole) for whole in (False, True))
        assert brief.count("\n") <= everything.count("\n")
        assert json.loads(story_json.render(story))["trial"] == 0
        seen.update([story.outcome, *(event.kind.name for event in story.events)])
    assert seen["finished"] > CHUNK / 3


def test_generated_scenarios__have_every_kind_of_event():
    seen: Counter[Kind] = Counter()
    for number in range(300):
        seen.update({event.kind for event in run_trial(compile_plan(make_scenario(number)), SEED, 0).events})
    assert {kind: seen[kind] for kind in Kind if seen[kind] < 3} == {}


def test_events_are_in_order_and_none_is_after_the_end():
    story = made_up(3)
    minutes = [event.minute for event in story.events]
    assert minutes == sorted(minutes)
    assert minutes[-1] == story.end
    assert story.events[-1].kind is Kind.ENDS
    moments = [line.moment for line in story_lines.lines(story)]
    assert moments == sorted(moments)


# Small plans, worked out by hand


def test_one_task():
    assert told(scenario([ANN], [task("dig", "2d", "ANN")])) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "ANN begins dig."),
        ("06 17:00", "ANN finishes dig, as planned."),
        ("06 17:00", "The project is finished, as planned."),
    ]


def test_without_people_and_tasks():
    assert told(scenario([], [])) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "The project is finished, as planned."),
    ]
    assert told(scenario([], [task("cure", duration="1d"), milestone("set", "cure")])) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "cure begins."),
        ("05 17:00", "cure is done, as planned."),
        ("05 17:00", "set is reached, as planned."),
        ("05 17:00", "The project is finished, as planned."),
    ]


def test_what_comes_next_is_in_the_same_sentence_and_waiting_has_a_reason():
    tasks = [task("dig", "4h", "ANN"), task("fill", "4h", "ANN", after="dig"), task("rest", "2h", "ANN")]
    assert told(scenario([ANN], tasks)) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "ANN begins dig."),
        ("05 09:00", "rest can begin, but waits for ANN, who is at dig."),
        ("05 13:00", "ANN finishes dig, as planned, and begins fill."),
        ("05 17:00", "ANN finishes fill, as planned."),
        ("06 09:00", "ANN begins rest."),
        ("06 11:00", "ANN finishes rest, as planned."),
        ("06 11:00", "The project is finished, as planned."),
    ]


def test_leave_and_a_handover():
    """ANN, away from Wednesday for a week, hands over at once to BOB, at a half: 4 h of handover take him a day."""
    skilled = {"efficiency": {1: "0.5", 2: 1}, "backup_level": 1}
    made = scenario(
        [person("ANN", leave=[off(2, 6)], rust=2), person("BOB", rust=1)],
        [task("dig", "3d", "ANN", skill="rust")],
        cover=cover("2d", "4h"),
        **skilled,
    )
    assert told(made) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "ANN begins dig."),
        (
            "07 09:00",
            "ANN goes on leave (5 days); dig goes to BOB, who does it at 50 % of full speed (handover 4 h).",
        ),
        ("07 17:00", "The handover of dig to BOB is over."),
        ("09 17:00", "BOB finishes dig, as planned."),
        ("09 17:00", "The project is finished, as planned."),
    ]


def test_a_handover_later_on_says_why():
    """ANN is ill from Tuesday on; after a day BOB is asked, who does it from Wednesday on."""
    dig = task("dig", "2d", "ANN", backup=["BOB"], cover=cover("1d"))
    made = scenario([person("ANN", absence=[sick(1e6, "9d")]), BOB], [dig])
    assert told(made)[2:4] == [
        ("06 09:00", "ANN falls ill (sick, 9 days); dig waits."),
        ("07 09:00", "dig goes from ANN (absent) to BOB."),
    ]


def test_somebody_falls_ill():
    """A hazard of nearly every minute: present on Monday, ill for two days, and so on; without dice it takes 2 days."""
    made = scenario([person("ANN", absence=[sick(1e6, "2d")])], [task("dig", "2d", "ANN")])
    story = retold(made, 0, seed=SEED)
    assert told(made)[2:5] == [
        ("06 09:00", "ANN falls ill (sick, 2 days); dig waits."),
        ("08 09:00", "ANN is back; dig goes on."),
        ("08 17:00", "ANN finishes dig, 2 days later than planned."),
    ]
    assert [(step.cause, step.who, step.minutes) for step in story.steps] == [
        ("work", ("ANN",), DAY),
        ("absence", ("ANN",), 2 * DAY),
        ("work", ("ANN",), DAY),
    ]
    assert story.delay == 2 * DAY
    assert story.causes == {"work": (2 * DAY, 2 * DAY), "absence": (2 * DAY, 0)}
    assert story_why.why(story) == "Why it was late"
    assert story_why.in_short(story) == "Of 2.0 days more than planned: absence 2.0."
    [row] = story_why.rows(story)
    assert (row.dates, row.days) == ("5 Jan - 8 Jan 2026", "4.0")
    assert (row.what, row.text) == ("dig", "ANN: work 2.0; ANN absent 2.0")
    assert story_why.by_cause(story)[1:] == [
        ("absence", "2.0", "0.0", "+2.0"),
        ("work up to the plan", "2.0", "2.0", "-"),
        ("together", "4.0", "2.0", "+2.0"),
    ]


def test_brief_leaves_out_who_holds_nothing_up():
    people = [person("ANN"), person("BOB", absence=[sick(1e6, "2d")])]
    story = retold(scenario(people, [task("dig", "2d", "ANN")]), 0, seed=SEED)
    assert "BOB falls ill" in story_text.render(story, everything=True)
    assert "BOB" not in story_text.render(story)
    assert story_why.why(story) == "What set the date"


def test_a_gate_fails_is_reworked_and_passes():
    made = scenario(
        [ANN],
        [task("dig", "1d", "ANN")],
        [gate("go", requires=["dig"], review="2h", chance=[(0.0, 1.0)], extend="10h", rework={"ANN": "4h"})],
    )
    assert told(made)[2:] == [
        ("05 17:00", "ANN finishes dig, as planned."),
        ("06 09:00", "Gate go is reviewed."),
        ("06 11:00", "Gate go: no-go, c0 failed; extended by 1.2 days; rework for ANN."),
        ("06 11:00", "ANN begins the rework of gate go."),
        ("06 15:00", "ANN finishes the rework of gate go."),
        ("07 13:00", "Gate go is reviewed for the second time."),
        ("07 15:00", "Gate go: go, 1.5 days later than planned."),
        ("07 15:00", "The project is finished, 1.5 days later than without dice."),
    ]
    story = retold(made, 0, seed=SEED)
    assert [(entry.outcome, entry.start, entry.finish) for entry in story.reviews] == [
        ("no-go", 480, 600),
        ("extension", 600, 1200),
        ("go", 1200, 1320),
    ]
    assert story_why.rows(story)[1].text == "review, extension, rework 1.8"


def test_a_gate_stops_the_project():
    made = scenario(
        [ANN],
        [task("dig", "1d", "ANN"), task("fill", "9d", "ANN")],
        [gate("go", requires=["dig"], chance=0.0, max_extensions=0, then="stop")],
    )
    assert told(made)[3:] == [
        ("05 17:00", "ANN finishes dig, as planned."),
        ("05 17:00", "Gate go: the project is stopped, c0 failed."),
        ("05 17:00", "The project is stopped."),
    ]
    text = story_text.render(retold(made, 0, seed=SEED))
    assert "It is stopped at a gate on Mon 5 Jan 2026, 17:00." in text
    assert "What was open when it was stopped\n  fill: waiting for ANN" in text


def test_the_horizon_is_reached():
    made = scenario([ANN, person("BOB", end=1)], [task("dig", "3d", "BOB")], horizon="4d")
    assert told(made)[2:] == [
        ("06 17:00", "BOB is no longer employed; dig waits."),
        ("08 17:00", "The horizon is reached, and the project is not finished."),
    ]
    story = retold(made, 0, seed=SEED)
    assert (story.outcome, story.steps, story.moved) == ("censored", (), frozenset())
    assert "What was open at the horizon\n  dig: BOB not there, since Wed 7 Jan 2026" in story_text.render(story)
    assert story.plan.outcome == "censored"
    assert story.delay is None


def test_risks_strike_and_delay():
    made = scenario(
        [ANN], [task("dig", "1d", "ANN")], risks=[risk("storm", 1.0, "dig", factor=1.5, delay="4h", cost=100_000)]
    )
    assert told(made) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "dig could begin, but storm delays it by 4 h."),
        ("05 13:00", "ANN begins dig."),
        ("05 13:00", "Risk storm strikes: costs 1,000 USD; its tasks take 1.50 times what they would."),
        ("06 13:00", "dig has had the 8 h that were planned, and is not finished."),
        ("06 17:00", "ANN finishes dig, 1 day later than planned."),
        ("06 17:00", "The project is finished, 1 day later than without dice."),
    ]
    [row] = story_why.rows(retold(made, 0, seed=SEED))
    assert row.text == "delay by storm 0.5; ANN: work 1.0, beyond the plan 0.5"


def test_a_risk_takes_somebody_away():
    made = scenario([ANN], [task("dig", "2d", "ANN")], risks=[risk("storm", 1.0, "dig", away={"ANN": "1d"})])
    assert told(made)[2:5] == [
        ("05 09:00", "Risk storm strikes: takes ANN away for 1 day."),
        ("06 09:00", "ANN is taken away by a risk; dig waits."),
        ("07 09:00", "ANN is back; dig goes on."),
    ]


def test_pools_and_equipment():
    tasks = [
        task("dig", {"crew": "4d"}, max_fte=2, uses={"rig": 1}),
        task("fill", {"crew": "1d"}, uses={"rig": 1}),
    ]
    made = scenario([], tasks, pools=[pool("crew", {0: 1, 1: 4})], equipment=[equipment("rig")])
    assert told(made) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "crew begins dig with 1 head."),
        ("05 09:00", "fill can begin, but waits for equipment (rig)."),
        ("06 09:00", "Pool crew has 4 heads."),
        ("06 09:00", "dig has 2 heads of crew."),
        ("07 13:00", "crew finishes dig, as planned."),
        ("07 13:00", "crew begins fill with 4 heads."),
        ("07 15:00", "crew finishes fill, as planned."),
        ("07 15:00", "The project is finished, as planned."),
    ]


def test_sprints_with_ceremonies():
    tasks = [task("dig", "6h", "ANN", sprint=1), task("fill", "4h", "ANN", sprint=2)]
    assert told(scenario([ANN], tasks, sprints=sprints(2, 1, "4h"))) == [
        ("05 09:00", "The project begins."),
        ("05 09:00", "Sprint s1 opens; dig waits until its ceremonies are over."),
        ("05 13:00", "ANN begins dig."),
        ("05 17:00", "Sprint s1 ends: goal missed, 2 h of work carried over."),
        ("06 09:00", "Sprint s2 opens; fill and dig wait until its ceremonies are over."),
        ("06 13:00", "dig (ANN) goes on."),
        ("06 13:00", "fill waits for ANN, who is at dig."),
        ("06 15:00", "ANN finishes dig, as planned, and begins fill."),
        ("06 17:00", "Sprint s2 ends: goal missed, 2 h of work carried over."),
        ("07 11:00", "ANN finishes fill, as planned."),
        ("07 11:00", "The project is finished, as planned."),
    ]


def test_links_with_lags():
    tasks = [task("cure", duration="1d"), task("dig", "2h", "ANN", after=link("cure", "FS", "4h"))]
    made = scenario([ANN], tasks)
    assert told(made)[2:5] == [
        ("05 17:00", "cure is done, as planned."),
        ("06 13:00", "The lag of 4 h between cure and dig is over."),
        ("06 13:00", "ANN begins dig."),
    ]
    assert [row.text for row in story_why.rows(retold(made, 0, seed=SEED))] == [
        "work 1.0, lag of a link after cure 0.5",
        "ANN: work 0.2",
    ]


def test_somebody_leaves_and_is_replaced():
    """Notice on the first day, gone after one more, replaced a day later."""
    leaver = person("ANN", departure=departure(1e6, "1d", "1d"))
    assert told(scenario([leaver], [task("dig", "3d", "ANN")]))[2:6] == [
        ("05 09:01", "ANN gives notice, and leaves on Wed 7 Jan."),
        ("06 17:00", "ANN leaves; the replacement comes on Thu 8 Jan; dig waits."),
        ("08 09:00", "ANN has been replaced; dig goes on."),
        ("08 17:00", "ANN finishes dig, 1 day later than planned."),
    ]


def test_a_contractor_is_called():
    policy = cover(None, "2h", contractor_after="1d", contractor=contractor("1d", 100))
    made = scenario([person("ANN", leave=[off(1, 20)])], [task("dig", "2d", "ANN", cover=policy)])
    assert told(made)[2:] == [
        ("06 09:00", "ANN goes on leave (20 days); dig waits."),
        ("06 09:00", "A contractor is called for dig, to come on Wed 7 Jan."),
        ("07 09:00", "A contractor takes dig over from ANN (on leave) (handover 2 h)."),
        ("07 11:00", "The handover of dig to a contractor is over."),
        ("08 11:00", "A contractor finishes dig, as planned."),
        ("08 11:00", "The project is finished, as planned."),
    ]


def test_days_longer_than_fifteen_hours_begin_at_midnight():
    story = retold(scenario([], [task("cure", duration="24h")], day_minutes=24 * 60), 0, seed=SEED)
    assert story.moment(60) == datetime(2026, 1, 5, 1)
    assert story.moment(24 * 60, ending=True) == datetime(2026, 1, 6)
    assert story.moment(24 * 60) == datetime(2026, 1, 6)


# Which trial


def test_nearest__is_the_trial_whose_value_the_quantile_is_and_of_equals_the_first():
    made = scenario([ANN], [task("dig", pert("1d", "2d", "9d"), "ANN")])
    experiment = Experiment(made, seed=3)
    experiment.extend(200)
    run = experiment.run()
    number, chosen = nearest(run, "finish.p80")
    finish = run["project_finish"].values
    assert finish[number] == chosen.level == chosen.value == sorted(finish)[159]
    assert (finish[:number] != chosen.level).all()
    assert chosen.trials == 200
    assert nearest(run, "task.dig.finish.p80")[0] == number


def test_nearest__beyond_the_horizon_is_the_first_that_did_not_finish():
    made = scenario([ANN], [task("dig", pert("1d", "2d", "9d"), "ANN")], horizon="2d")
    story = replay(made, at="finish.p80", trials=50, seed=3)
    assert story.chosen is not None
    assert (story.chosen.level, story.chosen.value, story.outcome) == (None, None, "censored")
    assert "of 50 trials the first of those among which P80 of the finish lies" in story_text.render(story)


@pytest.mark.parametrize("metric", ["finish.mean", "finish.on_time", "baseline.finish", "censored"])
def test_nearest__needs_a_quantile(metric):
    made = scenario([ANN], [task("dig", "1d", "ANN")], deadline=3)
    with pytest.raises(MetricError, match="no-quantile"):
        replay(made, at=metric, trials=1)


def test_engines_that_differ_are_an_error_of_simrisk(monkeypatch):
    run = engines.run

    def another(plan, **options):
        return run(plan, **{**options, "first": options["first"] + 1})

    monkeypatch.setattr(engines, "run", another)
    with pytest.raises(EngineError, match=r"task_finish.*please report it"):
        retold(scenario([ANN], [task("dig", pert("1d", "2d", "9d"), "ANN")]), 0, seed=1)


# Words on the page


def test_the_page_shows_what_is_told_of_phase3():
    root = Path(__file__).parents[1]
    told_there = re.search(r"## What happened\n\n```text\n(.*?)```", (root / "docs/replay.md").read_text(), re.DOTALL)
    made = load(root / "scenarios/phase3.toml")
    text = story_text.render(retold(made, 1609, seed=made.simulation.seed), width=100)
    assert told_there is not None
    assert told_there[1] in text


# For other programs


def test_json__has_the_story_the_chain_and_the_pieces():
    made = scenario([person("ANN", leave=[off(1, 1)])], [task("dig", "2d", "ANN")], deadline=3)
    found = json.loads(story_json.render(retold(made, 4, seed=9)))
    assert (found["schema"], found["trial"], found["seed"], found["at"]) == (1, 4, 9, None)
    assert found["finish"] == {"minutes": 3 * DAY, "at": "2026-01-07T17:00"}
    assert found["delay"] == 0
    assert [(step["cause"], step["what"], step["who"], step["minutes"]) for step in found["chain"]] == [
        ("work", "dig", ["ANN"], DAY),
        ("leave", "dig", ["ANN"], DAY),
        ("work", "dig", ["ANN"], DAY),
    ]
    assert [(piece["cause"], piece["from"][:10]) for piece in found["work"]] == [
        ("work", "2026-01-05"),
        ("leave", "2026-01-06"),
        ("work", "2026-01-07"),
    ]
    assert found["away"] == [
        {"person": "ANN", "kind": "leave", "from": "2026-01-06T09:00", "to": "2026-01-06T17:00", "minutes": DAY}
    ]
    assert sum(entry["here"] for entry in found["causes"].values()) == 3 * DAY
    assert all(entry["cause"] in AT_WORK or entry["cause"] == "leave" for entry in found["work"])
