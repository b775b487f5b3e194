"""`simrisk show`: the plan without dice in text, JSON and pictures, against a plan that can be worked out by hand."""

from __future__ import annotations

import itertools
import json
import re
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg

import build as b
import simrisk.cli
from simrisk.baseline import Baseline, baseline_of
from simrisk.charts import plot_gantt, plot_load, save
from simrisk.charts.gantt import SLIDE_ROWS, moment
from simrisk.report import plan_json, plan_text
from simrisk.scenario.model import Scenario

TOML = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-01-16

[people.ANNA]
rate = "100/h"
[people.BORIS]
pto = [{ from = 2026-01-08, to = 2026-01-08 }]

[tasks.design]
work = { ANNA = "16h" }
[tasks.build]
work = { BORIS = "24h" }
after = ["design"]
[tasks.write]
work = { ANNA = "8h" }
[tasks.launch]
milestone = true
after = ["build", "write"]
"""


def by_sprint() -> Scenario:
    """
    Two sprints of a week. ANNA has 48 h of work in the first and 16 h in the second, BORIS 8 h there at half speed. A
    gate between them is due with sprint 1 and takes half a day of review after ANNA's first task.
    """
    people = [b.person("ANNA", rate=10_000), b.person("BORIS", focus="0.5")]
    tasks = [
        b.task("a", {"ANNA": "48h"}, sprint=1),
        b.task("b", {"ANNA": "16h"}, sprint=2),
        b.task("c", {"BORIS": "8h"}, sprint=2),
    ]
    gate = b.gate("ready", requires=["a"], due=1, blocks=[2], review="4h")
    return b.scenario(people, tasks, [gate], sprints=b.sprints(2), deadline=9)


@pytest.fixture(scope="module")
def sprinted() -> Baseline:
    return baseline_of(by_sprint())


@pytest.fixture(scope="module")
def pooled() -> Baseline:
    """A pool of one head, two from day 20 (2 February) on, with 320 hours of work: 30 days. A rig of two, two days."""
    pool = b.pool("crew", {0: 1, 20: 2}, rate=1_000)
    tasks = [b.task("a", "80h", "crew"), b.task("b", "240h", "crew", after="a"), b.milestone("end", "b")]
    rig = b.task("c", duration="16h", uses={"rig": 1})
    return baseline_of(b.scenario(tasks=[*tasks, rig], pools=[pool], equipment=[b.equipment("rig", 2)], deadline=39))


def bar(baseline: Baseline, name: str) -> tuple[float | None, float | None, bool]:
    found = next(bar for bar in baseline.bars if bar.id == name)
    hours = [None if minute is None else minute / 60 for minute in (found.start, found.finish)]
    return hours[0], hours[1], found.critical


def test_bars_and_chain_of_the_plan(sprinted: Baseline) -> None:
    """The gate, reviewed from 48 to 52 h, passes on day 6; so sprint 2 opens with day 7, at 56 h."""
    assert bar(sprinted, "a") == (0, 48, True)
    assert bar(sprinted, "ready") == (48, 52, True)
    assert bar(sprinted, "b") == (56, 72, True)
    assert bar(sprinted, "c") == (56, 72, False)
    assert sprinted.sprints == (("s1", 0), ("s2", 56 * 60))
    assert [(piece.start / 60, piece.finish / 60, piece.cause, piece.what) for piece in sprinted.chain] == [
        (0, 48, "work", "a"),
        (48, 52, "gate", "ready"),
        (52, 56, "calendar", "b"),
        (56, 72, "work", "b"),
    ]
    assert sprinted.cost == 64 * 10_000
    assert sprinted.finish_date(sprinted.end) == b.day(8)


def test_load_by_sprint_is_the_plans(sprinted: Baseline) -> None:
    anna, boris = sprinted.loads
    assert (anna.asked, anna.has) == ((48 * 60, 16 * 60), (40 * 60, 40 * 60))
    assert (boris.asked, boris.has) == ((0, 8 * 60), (20 * 60, 20 * 60))
    text = plan_text.render(sprinted)
    assert re.search(r"ANNA +120! +40 +64 of 80", text)
    assert re.search(r"BORIS +\. +40 +8 of 40", text)


def test_load_by_month_is_the_trials(pooled: Baseline) -> None:
    """All 160 hours of January and 160 of the 320 in February; a rig of two for 16 hours."""
    crew, rig = pooled.loads
    assert [period.name for period in pooled.periods] == ["Jan 26", "Feb 26"]
    assert crew.asked == (160 * 60, 160 * 60)
    assert crew.has == (160 * 60, 320 * 60)
    assert (rig.kind, rig.asked, rig.has) == ("equipment", (16 * 60, 0), (320 * 60, 320 * 60))
    assert pooled.end == 30 * 480


def test_heads_of_pools_by_month(pooled: Baseline) -> None:
    """A number that changes within a month counts with its days."""
    months, heads = pooled.heads()
    assert months == (date(2026, 1, 1), date(2026, 2, 1))
    assert heads == {"crew": (1, 2)}
    half = b.pool("crew", {0: 1, 10: "2.5"})
    plan = baseline_of(b.scenario(tasks=[b.task("a", "8h", "crew")], pools=[half], deadline=19))
    assert plan.heads()[1] == {"crew": (Fraction(7, 4),)}
    assert re.search(r"crew +1\.75 +1\.75", plan_text.render(plan))


@pytest.mark.parametrize("width", [40, 80, 100, 140, 400])
def test_the_chart_fits_its_width(sprinted: Baseline, pooled: Baseline, width: int) -> None:
    for baseline in (sprinted, pooled):
        for letters in (False, True):
            text = plan_text.render(baseline, width=width, letters=letters)
            assert max(map(len, text.splitlines())) <= min(max(width, plan_text.LEAST), plan_text.MOST)
            assert text.isascii() == letters


def test_the_chart_has_its_bars_in_place(sprinted: Baseline) -> None:
    """Ten days until the deadline in fifty columns: five columns a day."""
    width = 50 + len("ready") + 19
    lines = plan_text.gantt(sprinted, 1 + width - 1, plan_text.LETTERS)
    chart = {line.split()[0]: line[len("ready") + 19 :] for line in lines[1:-1]}
    assert chart["a"].rstrip(" |") == "#" * 30
    assert chart["b"].rstrip(" |") == " " * 35 + "#" * 10
    assert chart["ready"].rstrip(" |") == " " * 32 + "o"
    assert chart["1."].rstrip(" |") == "." * 25
    assert all(line.rstrip()[-1] == "|" and len(line) == 50 for line in chart.values())
    assert "05 Jan-12 Jan" in next(line for line in lines if line.startswith("  a "))
    assert lines[0].split() == ["Jan", "26"]


def test_the_answer_says_when_and_how_late() -> None:
    plan = b.scenario(
        [b.person("ANNA", rate=10_000)], [b.task("a", {"ANNA": "20h"}), b.task("c", {"ANNA": "4h"})], deadline=1
    )
    text = " ".join(plan_text.render(baseline_of(plan)).split())
    assert "finished on 2026-01-07, after 3.0 working days, 1.0 working days after the deadline (2026-01-06)" in text
    assert "costs 2,400 USD. With everybody free whenever needed it would be 2026-01-07." in text


def test_a_plan_that_does_not_finish() -> None:
    late = b.scenario([b.person("ANNA")], [b.task("a", {"ANNA": "80h"}), b.task("c", {"ANNA": "8h"})], horizon="2d")
    baseline = baseline_of(late)
    assert (baseline.outcome, baseline.chain) == ("censored", ())
    text = plan_text.render(baseline)
    assert "not finished by the horizon, 2026-01-06" in " ".join(text.split())
    assert "What sets the date" not in text
    assert re.search(r"\n  c +never", text)
    assert plan_json.summarize(baseline)["bars"][1]["start"] is None
    plot_gantt(baseline)


def test_json_says_the_same(sprinted: Baseline, pooled: Baseline) -> None:
    found = json.loads(plan_json.render(sprinted))
    assert found["finish"] == {"minutes": 72 * 60, "days": 9.0, "date": "2026-01-15"}
    assert found["bars"][0]["finish"] == {"minutes": 48 * 60, "days": 6.0, "date": "2026-01-12"}
    assert sum(piece["minutes"] for piece in found["chain"]) == 72 * 60
    assert found["load"][0] == {"id": "ANNA", "kind": "person", "asked_hours": [48, 16], "has_hours": [40, 40]}
    assert json.loads(plan_json.render(pooled))["pools"] == {
        "months": ["2026-01", "2026-02"],
        "heads": {"crew": [1, 2]},
        "total": [1, 2],
    }


# Pictures


def overlapping(axes: Axes) -> list[tuple[str, str]]:
    """Texts that lie on each other or leave the picture."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    renderer = FigureCanvasAgg(figure).get_renderer()  # type: ignore[arg-type]
    figure.draw(renderer)  # type: ignore[arg-type]
    legend = axes.get_legend()
    assert legend is not None
    texts = [*axes.texts, *legend.get_texts(), *axes.get_yticklabels(), axes.xaxis.label]
    texts += [
        label for tick in axes.xaxis.get_major_ticks() for label in (tick.label1, tick.label2) if label.get_visible()
    ]
    boxes = [(t.get_text(), t.get_window_extent(renderer)) for t in texts if t.get_text()]
    whole = figure.bbox
    bad = [(text, "") for text, box in boxes if box.x0 < 0 or box.y0 < 0 or box.x1 > whole.x1 or box.y1 > whole.y1]
    return bad + [(one, other) for (one, a), (other, c) in itertools.combinations(boxes, 2) if a.overlaps(c)]


def many() -> Baseline:
    """Sixty tasks with long names over two years, and long names of people."""
    people = [b.person(f"somebody-with-a-very-long-name-{i}") for i in range(20)]
    tasks = [
        b.task(f"a-task-with-quite-a-long-name-number-{i}", {people[i % 20].id: "160h"}, not_before=8 * i)
        for i in range(60)
    ]
    return baseline_of(
        b.scenario(people, tasks, deadline=500, horizon="900d", name="The project with the longest name " * 3)
    )


@pytest.mark.parametrize("which", ["sprinted", "pooled", "many"])
def test_nothing_lies_on_anything_else(which: str, sprinted: Baseline, pooled: Baseline) -> None:
    baseline = {"sprinted": sprinted, "pooled": pooled}.get(which) or many()
    assert overlapping(plot_gantt(baseline)) == []
    assert overlapping(plot_load(baseline)) == []


def test_on_a_slide_are_what_sets_the_date_and_what_takes_long() -> None:
    baseline = many()
    axes = plot_gantt(baseline, most=SLIDE_ROWS)
    assert overlapping(axes) == []
    shown = {str(patch.get_gid()).removeprefix("bar-") for patch in axes.patches if patch.get_gid()}
    assert len(shown) == SLIDE_ROWS
    assert {bar.id for bar in baseline.bars if bar.critical} <= shown
    assert axes.get_yticklabels()[-1].get_text() == f"... and {60 - SLIDE_ROWS} more"


def test_bars_stand_at_their_dates(sprinted: Baseline) -> None:
    axes = plot_gantt(sprinted)
    bars = {patch.get_gid(): patch for patch in axes.patches if str(patch.get_gid()).startswith("bar-")}
    first = date(2026, 1, 5).toordinal() - date(1970, 1, 1).toordinal()
    assert (bars["bar-a"].get_x(), bars["bar-a"].get_width()) == (first, 8)  # type: ignore[attr-defined]  # over a weekend
    assert bars["bar-b"].get_x() == first + 9  # type: ignore[attr-defined]
    deadline = next(line for line in axes.lines if line.get_gid() == "deadline")
    assert deadline.get_xdata()[0] == first + 12  # type: ignore[index]  # the end of Friday, 16 January
    assert moment(sprinted, 5 * 480, end=True) == first + 5
    assert moment(sprinted, 5 * 480, end=False) == first + 7
    assert moment(sprinted, 5 * 480 + 240, end=True) == first + 7.5


def test_cells_say_the_percentages(sprinted: Baseline) -> None:
    axes = plot_load(sprinted)
    cells = {text.get_position(): text.get_text() for text in axes.texts if text.get_text().endswith(" %")}
    assert cells == {(0, 0): "120 %", (1, 0): "40 %", (1, 1): "40 %"}


def test_equal_plans_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save(plot_gantt(baseline_of(by_sprint())), tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


# The command


def show(capsys: pytest.CaptureFixture[str], *args: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as left:
        simrisk.cli.main(["show", *args])
    said = capsys.readouterr()
    return int(left.value.code or 0), said.out, said.err


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "launch.toml").write_text(TOML)
    return tmp_path


def test_show_prints_and_writes_nothing(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`write` is done by ANNA after `design`; BORIS builds on days 2, 4 and 5, for he is off on day 3."""
    code, out, err = show(capsys, "launch.toml")
    assert (code, err) == (0, "")
    assert "finished on 2026-01-12, after 6.0 working days, 4.0 working days before the deadline" in " ".join(
        out.split()
    )
    assert re.search(r"2026-01-08 +2026-01-08 +1\.0 +build +leave", out)
    assert sorted(path.name for path in place.iterdir()) == ["launch.toml"]


def test_show_writes_the_charts(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = show(capsys, "launch.toml", "--png", "--json", "--set", "people.BORIS.pto=[]")
    assert code == 0
    assert json.loads(out)["finish"]["date"] == "2026-01-09"
    assert "Written to results/launch" in err.replace("\\", "/")
    charts = place / "results" / "launch" / "charts"
    assert sorted(path.name for path in charts.iterdir()) == ["gantt.png", "gantt.svg", "load.png", "load.svg"]
    assert show(capsys, "launch.toml", "--out", "here", "-q")[2] == ""
    assert sorted(path.name for path in (place / "here" / "charts").iterdir()) == ["gantt.svg", "load.svg"]


def test_show_of_what_cannot_be_simulated(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "launch.toml").write_text(TOML.replace('after = ["design"]', 'after = ["desing"]'))
    code, out, err = show(capsys, "launch.toml")
    assert (code, out) == (2, "")
    assert "Did you mean 'design'?" in err


def test_the_chain_names_who_worked_or_waited():
    """A milestone works nothing; behind a link from a start it is the waiting before that start that counts."""
    after_milestone = b.scenario(
        [b.person("A")], [b.task("x", "5d", "A"), b.milestone("m", "x"), b.task("w", "1d", "A", after="m")]
    )
    assert [(s.what, s.cause) for s in baseline_of(after_milestone).chain] == [("x", "work"), ("w", "work")]
    with_start = b.scenario(
        [b.person("A"), b.person("B")],
        [
            b.task("w", "5d", "A", priority=1),
            b.task("x", "20d", "A"),
            b.task("y", "2d", "B", after=b.link("x", "SS")),
            b.task("z", "30d", "B", after="y"),
        ],
    )
    found = [(s.what, s.cause, s.finish - s.start) for s in baseline_of(with_start).chain]
    assert found == [("x", "busy", 5 * b.DAY), ("y", "work", 2 * b.DAY), ("z", "work", 30 * b.DAY)]
    ahead = b.scenario(
        [b.person("A")], [b.task("x", duration="5d"), b.task("y", "3d", "A", after=b.link("x", "FS", "-2d"))]
    )
    found = [(s.what, s.cause, s.finish - s.start) for s in baseline_of(ahead).chain]
    assert found == [("x", "work", 3 * b.DAY), ("y", "work", 3 * b.DAY)]
