"""The HTML report is one sound, accessible page for every kind of run, and nothing in a name can break out of it."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from outcomes import DAY, a_plan, a_run, a_scenario, a_wide_scenario, made_up_finishes, without
from pages import Page
from simrisk.dataset import Run
from simrisk.dataset.run import run_of
from simrisk.report import html
from simrisk.report.drawing import all_drawn
from simrisk.report.figures import Table
from simrisk.report.pictures import inlined
from simrisk.scenario.load import loads
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.story import nearest
from simrisk_kernels.layout import CENSORED

SMALL = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-01-30
[defaults]
spread = { low = 0.8, likely = 1.0, high = 1.6 }
[people.ANN]
[tasks.design]
effort = "40h"
who = "ANN"
"""


def simulated(text: str, trials: int = 20) -> tuple[Run, Scenario]:
    """A run of a scenario, by the engine that needs no compiling."""
    scenario = loads(text, path="launch.toml")
    experiment = Experiment(scenario, engine="reference", seed=1)
    experiment.extend(trials)
    return experiment.run(), scenario


def written(run: Run, scenario: Scenario) -> str:
    return html.render(run, scenario, all_drawn(run, scenario))


def made_up(**settings: object) -> tuple[Run, Scenario]:
    """A run of made-up outcomes with its scenario."""
    plan = settings.setdefault("plan", a_plan())
    return run_of(a_run(**settings)), plan.scenario  # type: ignore[arg-type, attr-defined]


def many_tasks(n: int) -> str:
    tasks = (f'[tasks.t{i}]\neffort = "1h"\nwho = "ANN"\n' for i in range(n))
    return SMALL.partition("[tasks")[0] + "".join(tasks)


WIDE = replace(a_wide_scenario(), text="")
ODD = 'Pläne <script>alert("1")</script> & $a_{$ b$ \u8a08\u753b ' + "long" * 30
CASES = {
    "plain": lambda: simulated(SMALL),
    "one trial": lambda: simulated(SMALL, 1),
    "no people": lambda: simulated(SMALL.partition("[people")[0] + '[tasks.wait]\nduration = "5d"\n'),
    "no deadline": lambda: simulated(SMALL.replace("deadline = 2026-01-30\n", "")),
    "2,000 tasks": lambda: simulated(many_tasks(2000), 2),
    "odd names": lambda: simulated(SMALL.replace('"Launch"', json.dumps(ODD, ensure_ascii=False))),
    "censored": lambda: made_up(finish=np.full(9, 250 * DAY), outcome=np.full(9, CENSORED)),
    "some stopped": lambda: made_up(**dict(zip(("finish", "outcome"), made_up_finishes(300), strict=True))),
    "without anything": lambda: made_up(plan=without(deadline=None, budget=None)),
    "wide": lambda: made_up(plan=a_plan(WIDE)),
}


@pytest.fixture(scope="module", params=CASES)
def page(request: pytest.FixtureRequest) -> str:
    return written(*CASES[request.param]())


def test_the_page_is_sound_and_accessible(page: str) -> None:
    read = Page(page)
    assert page.startswith("<!DOCTYPE html>\n")
    assert not read.faults
    assert read.of("html")[0]["lang"] == "en"
    levels = [level for level, _ in read.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later <= earlier + 1 for earlier, later in itertools.pairwise(levels))
    assert {"main", "nav", "header"} <= {tag for tag, _ in read.elements}
    ids = [attributes["id"] for _, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    for name in ("aria-labelledby", "href"):
        targets = [str(a[name]) for _, a in read.elements if a.get(name)]
        inner = [target for target in targets if not target.startswith("data:image/png;base64,")]
        assert {target.removeprefix("#") for target in inner} <= set(map(str, ids))
    for figure in read.of("figure"):
        assert figure["role"] == "img"
        assert len(figure["aria-label"] or "") > 20
    for table in read.tables:
        assert table.caption
        assert set(table.scopes) <= {"row", "col"}
        assert table.scopes.count("row") == len(table.rows) > 0
        assert {len(row) for row in table.rows} == {len(table.head)} or not any(table.head)
    captions = [table.caption for table in read.tables]
    assert len(captions) == len(set(captions))


def test_the_page_needs_nothing_else(page: str) -> None:
    scenario = re.search(r"<pre.*?</pre>", page, re.DOTALL)
    assert scenario is not None
    rest = page.replace(scenario[0], "")
    assert not re.findall(r"https?:|=\"//|@import|<link|<iframe|src=", rest)
    assert {found[:1] for found in re.findall(r"url\((.)", rest)} <= {"#"}
    references = re.findall(r'(?:url\(#|href="#)([^")]+)', rest)
    assert all(f' id="{name}"' in rest for name in references)


def test_names_are_text_and_nothing_else() -> None:
    page = written(*CASES["odd names"]())
    assert "<script>alert" not in page
    assert len(re.findall("<script", page)) == 2
    read = Page(page)
    assert read.headings[0] == (1, " ".join(ODD.split()))
    assert "$a_{$ b$" in read.text
    assert "\u8a08\u753b" in read.text
    assert "<wbr>" in page  # a line can end within a name that is too long


def test_the_same_run_gives_the_same_page() -> None:
    assert written(*CASES["plain"]()) == written(*CASES["plain"]())


def test_what_a_run_has_not_is_not_in_the_page() -> None:
    read = Page(written(*CASES["without anything"]()))
    assert "deadline" not in read.text.partition("What drives it")[0].replace("deadline without", "")
    for title in ("Chances", "Pools", "Risks", "Correlations"):
        assert title not in [table.caption for table in read.tables]
    assert "Not in this plan, and so not simulated: pools, equipment" in read.text


def test_warnings_come_before_the_answer() -> None:
    text = Page(written(*CASES["some stopped"]())).text
    places = [text.index(said) for said in ("did not finish", "were stopped at a gate", "With 80 % confidence")]
    assert places == sorted(places)
    assert Page(written(*CASES["censored"]())).text.count("There is no date that is 80 % sure") == 1


def test_a_plan_that_is_late_without_dice_is_a_warning() -> None:
    late = made_up(plan=without(deadline=a_scenario().project.start.replace(month=3)))
    text = Page(written(*late)).text
    assert "Warning: Without dice" in text
    assert "the plan itself is late" in text
    assert "Warning: Without dice" not in Page(written(*made_up())).text


def test_long_tables_unfold_and_long_plans_have_no_bars() -> None:
    page = written(*CASES["2,000 tasks"]())
    assert "Efforts and durations: all 2,000 rows" in page
    assert 'data-chart="plan-gantt"' not in page
    assert len(page) < 2_000_000


def test_the_plan_comes_out_of_the_run_as_the_reference_engine_has_it() -> None:
    from simrisk.baseline import baseline_of, planned

    plan = Path(__file__).parent.parent / "scenarios" / "phase3.toml"
    scenario = loads(plan.read_text(encoding="utf-8"), path="phase3.toml")
    experiment = Experiment(scenario, engine="reference", seed=1)
    told, taken = baseline_of(scenario), planned(scenario, experiment.rehearsal())
    assert taken.bars == tuple(replace(bar, start=bar.finish) if bar.kind == "gate" else bar for bar in told.bars)
    assert (taken.end, taken.cost, taken.outcome, taken.sprints) == (told.end, told.cost, told.outcome, told.sprints)
    assert taken.loads == told.loads


def test_charts_in_one_page_do_not_clash() -> None:
    svg = (
        '<?xml version="1.0"?>\n<svg xmlns:xlink="x" width="720pt" viewBox="0 0 720 405" xmlns="y">\n'
        '<metadata>made by</metadata>\n<defs>\n<style type="text/css">*{a: b}</style>\n</defs>\n'
        '<g id="figure_1"><g id="finish-curve"><path d="M 1.23456 2 \nL 3.5 4.999999 \nz\n" clip-path="url(#p1)"/></g>'
        '<defs><clipPath id="p1"><rect/></clipPath><path id="m1" d="M 0 0"/></defs><use xlink:href="#m1"/></g></svg>\n'
    )
    assert inlined(svg, "a") == (
        '<svg viewBox="0 0 720 405" aria-hidden="true" focusable="false"><g><g data-gid="finish-curve">'
        '<path d="M1.23 2L3.5 4.99z" clip-path="url(#a-p1)"/></g><defs><clipPath id="a-p1"><rect/></clipPath>'
        '<path id="a-m1" d="M0 0"/></defs><use href="#a-m1"/></g></svg>'
    )


def test_each_chart_says_its_answer_and_shows_its_numbers() -> None:
    run, scenario = CASES["plain"]()
    drawn = all_drawn(run, scenario)
    pictures = drawn.charts
    assert pictures[0].answer.startswith("Launch: 80 % sure to be finished by")
    page = html.render(run, scenario, drawn)
    labels = [figure["aria-label"] for figure in Page(page).of("figure")]
    for picture in pictures:
        assert f"{picture.caption}. {picture.answer}." in labels
        assert picture.table is None or Page(page).table(picture.table.title).rows


def test_a_typical_late_trial_is_told() -> None:
    run, scenario = simulated(SMALL)
    page = Page(written(run, scenario))
    number, chosen = nearest(run, "finish.p80")
    assert f"Trial {number} of seed 1, of 20 trials the one nearest P80 of the finish." in page.text
    [row] = page.table("Why it was late").rows
    assert row[2] == "design"
    assert row[3].startswith("ANN: work 5.0, beyond the plan")
    assert chosen.level is not None
    assert page.table("The same by cause").row("together")[0] == f"{chosen.level / DAY:.1f}"
    assert page.table("What happened").rows[0][1] == "The project begins."
    assert 'data-chart="story"' in written(run, scenario)


def test_a_trial_that_cannot_be_told_is_named() -> None:
    page = written(*made_up())
    assert "This version of simrisk gives other numbers for it, so it is not told here." in Page(page).text
    assert 'data-chart="story"' not in page


def test_of_a_large_plan_the_trial_is_named() -> None:
    page = Page(written(*simulated(many_tasks(301), 1)))
    assert "The plan is large; simrisk replay tells it: --trial 0 --seed 1." in page.text


def test_a_table_of_many_columns_comes_in_parts() -> None:
    many = Table("Load", ("", *(f"m{i}" for i in range(30))), (("ANN", *map(str, range(30))),), ("A note.",))
    parts = html._parts(many)
    assert [len(part.headers) for part in parts] == [11, 11, 11]
    assert [part.title for part in parts] == ["Load: m0 to m9", "Load: m10 to m19", "Load: m20 to m29"]
    assert [cell for part in parts for cell in part.rows[0][1:]] == list(many.rows[0][1:])
    assert {part.rows[0][0] for part in parts} == {"ANN"}
    assert [part.notes for part in parts] == [(), (), ("A note.",)]
    assert html._parts(parts[0]) == (parts[0],)


def test_a_figure_and_its_interval_stay_in_one_part() -> None:
    heads = ("", "planned", *(head for k in range(7) for head in (f"P{k}0", "95 % interval")))
    row = ("a task", "2026-01-05", *("2026-01-05", "2026-01-02 .. 01-09") * 7)
    parts = html._parts(Table("When", heads, (row,)))
    assert len(parts) > 1
    for part in parts:
        assert part.headers[1] != "95 % interval"
        assert sum(map(len, part.rows[0])) <= html.MOST_LETTERS + 20
    assert [head for part in parts for head in part.headers[1:]] == list(heads[1:])
    assert parts[0].title == "When: planned to P30"


def test_no_line_ends_between_a_number_and_what_it_is_of() -> None:
    text = "35 of 35, low 40h, high 120h: 2d (20.0 %) from 2026-01-05, log-sd 0.6 and 31 more: --seed 1."
    said = html._said(text)
    for whole in (
        "35\xa0of\xa035",
        "high 120h",
        "2d\xa0(20.0\xa0%)",
        ">from 2026-01-05<",
        ">log-sd 0.6<",
        ">--seed 1<",
        "31\xa0more",
    ):
        assert whole in said
    assert " ".join(re.sub("<[^>]*>", "", said).split()) == text


def test_paper_is_no_phone() -> None:
    assert re.findall(r"@media ([^{]*\(max-width[^{]*) {", html.stylesheet()) == ["screen and (max-width: 45rem)"]
