"""Which mitigations are worth their money: by hand, and against every set tried one by one."""

from __future__ import annotations

import json
from itertools import combinations

import numpy as np
import pytest
from click.testing import CliRunner

from simrisk.charts import plot_portfolio, title_of
from simrisk.cli.console import Console
from simrisk.cli.portfolio import command
from simrisk.measures import measure
from simrisk.report import portfolio as report
from simrisk.scenario.load import loads
from simrisk.whatif import portfolio
from simrisk.whatif.portfolio import Portfolio, Selection, on_frontier, with_mitigations
from simrisk.whatif.worlds import Worlds

# dig 10 days, then fill 6: each mitigation takes days off one of them; paid once, nobody has a rate
CERTAIN = """
[project]
name = "Shed"
start = 2026-01-05
[people.ANN]
[tasks.dig]
effort = { exactly = "10d" }
who = "ANN"
[tasks.fill]
effort = { exactly = "6d" }
who = "ANN"
[mitigations.spade]
price = 100
changes = { "tasks.dig.effort" = { exactly = "8d" } }
[mitigations.sieve]
price = 300
changes = { "tasks.fill.effort" = { exactly = "1d" } }
[mitigations.paint]
price = 50
changes = { "people.ANN.role" = "painter" }
"""


def select(text: str, budget: float | None = None, trials: int = 64, seed: int = 1) -> Portfolio:
    return Selection(loads(text), Worlds(trials=trials, seed=seed), budget=budget).select()


def names(found: Portfolio, place: int | None) -> set[str]:
    assert place is not None
    return {entry.id for entry in found.choices[place].chosen}


@pytest.mark.parametrize(
    ("budget", "best", "days", "tried"),
    [(None, {"spade", "sieve"}, 7, 8), (399, {"sieve"}, 5, 6), (299, {"spade"}, 2, 4), (99, set(), 0, 2)],
)
def test_the_best_for_a_budget_by_hand(budget: float | None, best: set[str], days: float, tried: int) -> None:
    found = select(CERTAIN, budget)
    assert names(found, found.best) == best
    choice = found.choices[found.best or 0]
    assert choice.earlier.value == -days * 480
    assert choice.extra.value == choice.price == sum({"spade": 100, "sieve": 300}[name] for name in best)
    assert (choice.robust, choice.best) == (1, 1)
    assert found.tried == tried


def test_the_frontier_by_hand() -> None:
    found = select(CERTAIN)
    assert [names(found, place) for place in found.frontier] == [set(), {"spade"}, {"sieve"}, {"spade", "sieve"}]


UNCERTAIN = """
[project]
name = "House"
start = 2026-01-05
[people.ANN]
rate = "50/h"
[people.BOB]
rate = "40/h"
[tasks.dig]
effort = { low = "4d", likely = "8d", high = "20d" }
who = "ANN"
[tasks.wall]
effort = { low = "4d", likely = "8d", high = "20d" }
who = "BOB"
[tasks.roof]
effort = { low = "4d", likely = "6d", high = "9d" }
who = ["ANN", "BOB"]
after = ["dig", "wall"]
[mitigations.digger]
price = 1500
changes = { "tasks.dig.effort" = { low = "2d", likely = "4d", high = "10d" } }
[mitigations.bricks]
price = 2500
changes = { "tasks.wall.effort" = { low = "2d", likely = "4d", high = "10d" } }
[mitigations.crane]
price = 900
changes = { "tasks.roof.effort" = { low = "3d", likely = "4d", high = "8d" } }
[mitigations.beer]
price = 200
changes = { "people.BOB.focus" = 0.9 }
"""


def test_every_set_tried_one_by_one_finds_the_same() -> None:
    made, worlds = loads(UNCERTAIN), Worlds(trials=2000, seed=3)
    ids = [entry.id for entry in made.mitigations]
    sets = [frozenset(some) for size in range(5) for some in combinations(ids, size)]
    runs = {one: worlds.run(with_mitigations(made, one)) for one in sets}
    p80 = {one: measure(run, "finish.p80").value or 0.0 for one, run in runs.items()}
    base = runs[frozenset()]["project_spent"].values
    extra = {one: float((run["project_spent"].values - base).mean()) / 100 for one, run in runs.items()}
    for budget in (0, 500, 1000, 2500, 4000, 10_000):
        price = {one: sum(entry.price / 100 for entry in made.mitigations if entry.id in one) for one in sets}
        within = [one for one in sets if extra[one] <= budget and price[one] <= budget]
        expected = min(within, key=lambda one: p80[one])
        found = select(UNCERTAIN, budget, trials=2000, seed=3)
        assert names(found, found.best) == expected
        choice = found.choices[found.best or 0]
        assert choice.earlier.value == pytest.approx(p80[expected] - p80[frozenset()])
        assert choice.extra.value == pytest.approx(extra[expected])
    whole = select(UNCERTAIN, trials=2000, seed=3)
    frontier = {one for one in sets if not any(extra[o] <= extra[one] and p80[o] < p80[one] for o in sets)}
    assert {frozenset(names(whole, place)) for place in whole.frontier} == frontier


def test_a_search_finds_it_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = select(UNCERTAIN, 4000, trials=1000)
    monkeypatch.setattr(portfolio, "MOST_EXACT", 2)
    found = select(UNCERTAIN, 4000, trials=1000)
    assert not found.exact
    assert found.tried < 16
    assert names(found, found.best) == names(exact, exact.best)


def test_what_does_not_go_together_is_left_out() -> None:
    clash = """
[mitigations.gold]
price = 10
changes = { "tasks.dig.effort" = { exactly = "1d" } }
"""
    found = select(CERTAIN + clash)
    assert found.clashes == 4
    assert found.tried == 12
    assert names(found, found.best) == {"gold", "sieve"}


def test_the_frontier_never_has_a_set_that_another_beats() -> None:
    dice = np.random.default_rng(5)
    for _ in range(200):
        extra, p80 = dice.integers(0, 6, 12), dice.integers(0, 6, 12).astype(float)
        kept = on_frontier(extra, p80)
        for place in range(12):
            beaten = (extra <= extra[place]) & (p80 <= p80[place]) & ((extra < extra[place]) | (p80 < p80[place]))
            assert not (kept[place] and beaten.any())
        assert len({(extra[i], p80[i]) for i in np.flatnonzero(kept)}) == kept.sum()
        assert kept[np.argmin(extra * 100 + p80)]


# What is shown


def test_the_report_says_it_and_the_chart_shows_it() -> None:
    found = select(CERTAIN, 399)
    told = " ".join(report.text(found).split())
    assert "The earliest for 399 USD or less is with sieve: 5.0 working days earlier for 300" in told
    assert "sieve" in report.markdown(found)
    axes = plot_portfolio(found)
    assert "makes P80 5.0 days earlier" in title_of(axes)
    (line,) = (line for line in axes.lines if line.get_gid() == "frontier")
    assert np.asarray(line.get_xydata()).tolist() == [[0, 0], [100, 2], [300, 5]]


def call(folder, text: str, *args: str):
    plan = folder / "shed.toml"
    plan.write_text(text)
    arguments = [str(plan), "--trials", "40", "--out", str(folder / "out"), *args]
    return CliRunner().invoke(command, arguments, obj=Console(quiet=True), standalone_mode=False)


def test_the_command_writes_what_it_found(tmp_path) -> None:
    told = call(tmp_path, CERTAIN, "--budget", "0.3k", "--json")
    assert told.exception is None
    assert json.loads(told.output)["best"] == ["sieve"]
    names = sorted(path.name for path in (tmp_path / "out").rglob("*.*"))
    assert names == ["portfolio.json", "portfolio.md", "portfolio.svg"]


def test_a_plan_without_mitigations_says_so(tmp_path) -> None:
    plain = CERTAIN[: CERTAIN.index("[mitigations")]
    assert "no mitigation that could be switched on" in str(call(tmp_path, plain).exception)
    assert "amount of money" in str(call(tmp_path, CERTAIN, "--budget", "lots").exception)
