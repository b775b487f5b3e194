"""Who would be missed and what cover would buy: worked out by hand on plans without dice."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from click.testing import CliRunner
from matplotlib.patches import Rectangle

from build import DAY, contractor, cover, person, pert, pool, scenario, sick, task
from simrisk.charts import plot_away, title_of
from simrisk.cli.away import TRIALS, command
from simrisk.cli.console import Console
from simrisk.measures import measure
from simrisk.measures.difference import Difference
from simrisk.report import away as report
from simrisk.scenario.model import Scenario, Simulation
from simrisk.whatif import away
from simrisk.whatif.away import Absences, Survey
from simrisk.whatif.cover import CoverStudy, Missed, Terms, candidates, hanging, stand_ins, with_contractor
from simrisk.whatif.worlds import Worlds

TWO = scenario(
    [person("ANN"), person("BOB"), person("IDLE")],
    [task("dig", "10d", "ANN"), task("fill", "4d", "BOB", after="dig"), task("sign", "1d", "ANN", after="fill")],
)


def survey(made: Scenario, *weeks: int, trials: int = 64, people: tuple[str, ...] = ()) -> Absences:
    return Survey(made, Worlds(trials=trials, seed=1), weeks=weeks, people=people).price()


def days(found: Difference | None) -> float:
    """Working days; the interval must be as narrow as the plan is certain."""
    assert found is not None
    assert found.value is not None
    assert found.low == found.value == found.high
    return found.value / DAY


def test_each_week_costs_what_is_missed_in_it() -> None:
    found = survey(TWO, 1)
    assert [day.isoformat() for day in found.weeks.dates] == ["2026-01-05", "2026-01-12", "2026-01-19"]
    assert found.lengths == (5,)
    assert [one.person for one in found.people] == ["ANN", "BOB"]
    assert [days(cell) for cell in found.of("ANN").cells[5]] == [5, 5, 1]  # BOB is at it until day 14
    assert [days(cell) for cell in found.of("BOB").cells[5]] == [0, 0, 5]  # nothing for BOB to do at first: nothing


def test_the_worst_week_is_looked_at_again_with_other_trials() -> None:
    found = survey(TWO, 1, 2)
    ann = found.of("ANN")
    assert ann.place == 0
    assert [days(later) for later in ann.later] == [5, 10]
    assert found.other["trial"].values[0] == 64
    assert found.other.sizes["trial"] == 64 * away.MORE
    assert [one.person for one in found.missed] == ["ANN", "BOB"]


def test_who_has_nothing_left_to_do_is_not_looked_at_any_more() -> None:
    made = scenario([person("ANN"), person("BOB")], [task("dig", "4d", "ANN"), task("fill", "12d", "BOB")])
    found = survey(made, 1)
    assert [cell is None for cell in found.of("ANN").cells[5]] == [False, True, True]
    assert days(found.of("ANN").cells[5][0]) == 0  # 9 days in all, 12 are needed anyhow
    assert found.of("ANN").place is None
    assert found.of("ANN").later == ()


def test_absence_that_is_drawn_goes_on_as_it_would_have() -> None:
    made = replace(TWO, people=tuple(replace(one, absence=(sick(30, pert("1d", "2d", "5d")),)) for one in TWO.people))
    found = survey(made, 1, trials=600)
    cell = found.of("BOB").cells[5][0]
    assert cell is not None
    assert cell.paired
    assert (cell.value, cell.low, cell.high) == (0, 0, 0)  # BOB has no work in that week, in no trial
    worst = found.of("ANN").cells[5][1]
    assert worst is not None
    assert (worst.low or 0) > 0


# Cover

RATE = 6_000  # cents an hour


def covered(**facts: object) -> Scenario:
    people = [person("ANN", rate=RATE, rust=3), person("BOB", rate=RATE // 2, rust=1)]
    return scenario(people, [task("dig", "10d", "ANN", skill="rust")], backup_level=2, **facts)


def bought(made: Scenario, terms: Terms | None = None) -> dict[str, tuple[str, float, float, float | None]]:
    found = survey(made, 4)
    (missed,) = CoverStudy(found, terms or Terms(DAY)).study()
    assert isinstance(missed, Missed)
    assert missed.absentee.person == "ANN"
    assert days(missed.absentee.later[0]) == 20
    return {
        one.offer.kind: (one.offer.who, days(one.while_away), days(one.as_planned), one.price) for one in missed.bought
    }


def test_what_cover_buys_by_hand() -> None:
    found = bought(covered())
    assert found["backup"] == ("BOB", -15, 0, None)  # offered after 5 days: 15 in place of 30
    # nobody learns from who is away: one day on the return of ANN, for whom it comes too late
    assert found["training"] == ("BOB", 1, 1, pytest.approx((RATE + RATE / 2) * 8 / 100))
    # called after 10 days, there after 15, at half as much again
    assert found["contractor"] == ("", -5, 0, pytest.approx(10 * 8 * RATE * 1.5 / 100))


def test_a_policy_of_the_plan_is_kept() -> None:
    quick = cover("1d", "1d", contractor_after="2d", contractor=contractor("1d", RATE))
    found = bought(covered(cover=replace(quick, contractor_after=None, contractor=None)))
    assert found["backup"][1] == -18  # offered after one day, and a day to take over
    assert with_contractor(covered(cover=quick), "ANN", None) is None  # somebody is called already
    assert bought(covered(), Terms(DAY, Fraction(100)))["contractor"][3] == 10 * 8 * 60


def test_who_could_take_over() -> None:
    people = [person("ANN", rust=3), person("BOB", rust=2, go=1), person("CYD", rust=1), person("EVE")]
    tasks = [
        task("dig", "2d", "ANN", skill="rust"),
        task("fill", "3d", "ANN", skill="go"),
        task("roof", "1d", "ANN", backup=["EVE"]),
        task("both", "1d", ["ANN", "BOB"], "together", skill="rust"),
        task("wait", duration="1d", who="ANN"),
    ]
    made = scenario(people, tasks, pools=[pool("crew")], backup_level=2)
    assert stand_ins(made, "ANN") == {"dig": ("BOB",), "fill": (), "roof": ("EVE",), "both": ()}
    alone, total = hanging(made, "ANN")
    assert alone == {"fill": 0, "both": DAY}  # ANN cannot do 'fill' either: the plan has no hours of hers for it
    assert total == 4 * DAY
    assert candidates(made, "ANN") == ("BOB",)  # knows something of both; CYD knows no go


# What is shown


def test_the_report_says_it_and_the_chart_shows_it() -> None:
    found = survey(covered(), 2, 4)
    story = report.Story(found, CoverStudy(found, Terms(DAY)).study(), Terms(DAY))
    told = " ".join(report.text(story).split())
    assert "ANN would be missed most: 4 weeks away from 2026-01-05 would make it 20.0 working days later." in told
    assert "Of what has a price, a contractor buys most: 5.0 days while ANN is away, for 7,200 USD." in told
    assert "BOB as backup" in report.markdown(story)
    axes = plot_away(found)
    assert "20 days later when ANN is away 4 weeks from 5 Jan 2026" in title_of(axes)
    cells = {patch.get_gid(): patch for patch in axes.findobj(Rectangle) if patch.get_gid()}
    assert set(cells) == {f"ANN-{n}-{week}" for n in (10, 20) for week in range(2)}
    assert sorted(text.get_text() for text in axes.texts if text.get_text().startswith("+")) == ["+10.0 d", "+20.0 d"]


def test_p80_is_that_of_the_scenarios_own_trials() -> None:
    people, tasks = [person("ANN")], [task("dig", pert("5d", "8d", "20d"), "ANN")]
    made = replace(scenario(people, tasks), simulation=Simulation(trials=900, seed=1))
    found = Survey(made, Worlds(trials=30, seed=1)).price()
    assert found.base.sizes["trial"] == 30
    same = measure(Worlds(trials=900, seed=1).run(made), "finish.p80")
    assert measure(found.level, "finish.p80").value == same.value != measure(found.base, "finish.p80").value
    assert f"P80 is {same.date}." in report.text(report.Story(found, (), Terms(DAY)))


def test_what_does_harm_without_the_absence_is_not_recommended() -> None:
    found = survey(covered(), 2, 4)
    (missed,) = CoverStudy(found, Terms(DAY)).study()
    late = replace(missed.bought[-1].as_planned, value=60.0, low=30.0, high=90.0)
    harmful = replace(missed, bought=tuple(replace(one, as_planned=late) for one in missed.bought))
    story = report.Story(found, (missed,), Terms(DAY))
    assert "Of what has a price" in story.answer()
    assert "Of what has a price" not in replace(story, cover=(harmful,)).answer()


PLAN = """
[project]
name = "Two"
start = 2026-01-05
[people.ANN]
[people.BOB]
[tasks.dig]
effort = "4d"
who = "ANN"
"""


def call(folder, *args: str):
    plan = folder / "two.toml"
    plan.write_text(PLAN)
    arguments = [str(plan), "--trials", "40", "--out", str(folder / "out"), *args]
    return CliRunner().invoke(command, arguments, obj=Console(quiet=True), standalone_mode=False)


def test_the_command_writes_what_it_found(tmp_path) -> None:
    told = call(tmp_path)
    assert told.exception is None
    assert "20.0" in told.output
    assert sorted(path.name for path in (tmp_path / "out").rglob("*.*")) == ["away.json", "away.md", "away.svg"]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (["--person", "EVE"], "'EVE' is nobody of this plan. There are: ANN, BOB."),
        (["--training", "3"], "needs a unit"),
        (["--contractor", "3"], "/h"),
    ],
)
def test_what_cannot_be_asked_is_said(tmp_path, wrong: list[str], said: str) -> None:
    assert said in str(call(tmp_path, *wrong).exception)


def test_the_default_is_said_right() -> None:
    assert TRIALS == away.TRIALS


def test_around_p80_is_what_it_says_and_its_interval_holds() -> None:
    """Against the whole distribution: an absence of one week moves every trial by five days, give or take."""
    made = scenario([person("ANN")], [task("dig", pert("10d", "20d", "60d"), "ANN")])
    worlds = Worlds(trials=400, seed=1)
    found = Survey(made, worlds, weeks=[1]).price().of("ANN").cells[5][0]
    assert found is not None
    assert found.value == pytest.approx(5 * DAY)
    assert (found.low, found.high) == pytest.approx((5 * DAY, 5 * DAY))
    half = replace(made, tasks=(replace(made.tasks[0], efforts=(pert("0d", "1d", "30d"),)),))
    cells = [Survey(half, Worlds(trials=400, seed=seed), weeks=[1]).price().of("ANN").cells[5][1] for seed in range(60)]
    # whoever has not finished by day 5 is five days later: all of the late end
    assert all(cell is not None and (cell.low or 0) <= 5 * DAY <= (cell.high or 0) for cell in cells)
