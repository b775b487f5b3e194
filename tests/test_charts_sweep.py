"""Charts of a sweep: what stands on the axes, and that everything can be read."""

from __future__ import annotations

from datetime import date
from functools import cache

import numpy as np
import pytest
from matplotlib.axes import Axes

from chart_checks import LONG, gids, nothing_overlaps
from pictures import numbers, words
from simrisk.charts import plot_sweep, title_of
from simrisk.charts.days import day_number
from simrisk.scenario.load import loads
from simrisk.whatif.grid import grid_of, variants_of
from simrisk.whatif.sweep import Sweep, run_sweep
from simrisk.whatif.worlds import Worlds
from test_sweep import CERTAIN, PLAN

SHAPES: dict[str, tuple[tuple[str, str], ...]] = {
    "numbers": (("people.ANN.fte", "0.4..1.0:0.1"),),
    "numbers without that of the file": (("people.ANN.fte", "0.4,0.6"),),
    "many numbers": (("people.ANN.fte", "0.40..1.00:0.02"),),
    "quantities": (("gates.done.no_go.extend", "1d..5d:1d"),),
    "dates": (("project.start", "2026-01-05..2026-01-23:3d"),),
    "words": (("gates.done.no_go.then", "proceed,stop,descope"),),
    "tables": (("tasks.fill.effort", '{ low = "1d", likely = "3d", high = "9d" }, { exactly = "3d" }, 12d'),),
    "numbers and words": (("people.ANN.fte", "0.5..1.0:0.1"), ("gates.done.no_go.then", "proceed,stop")),
    "numbers and numbers": (("people.ANN.fte", "0.6..1.0:0.2"), ("people.BEN.fte", "0.5..1.0:0.1")),
    "many of both": (("people.ANN.fte", "0.3..1.0:0.1"), ("people.BEN.fte", "0.2..1.0:0.1")),
    "three": (("people.ANN.fte", "0.5,1.0"), ("people.BEN.fte", "0.5,1.0"), ("gates.done.no_go.then", "proceed,stop")),
    "too many for rows": (
        ("people.ANN.fte", "0.5,0.7,1.0"),
        ("people.BEN.fte", "0.5,0.7,1.0"),
        ("tasks.dig.priority", "1,2,3,4,5"),
    ),
    "two": (("people.ANN.fte", "0.5,1.0"),),
    "no date": (("gates.done.criteria.good", "0.001,0.5"), ("gates.done.no_go.then", "stop,proceed")),
}


@cache
def made(shape: str, metrics: tuple[str, ...] = (), plan: str = PLAN) -> Sweep:
    found = variants_of(grid_of(SHAPES[shape]), lambda changed: loads(plan, changes=changed))
    return run_sweep(found, Worlds(120, 3), metrics)


def line(axes: Axes, gid: str) -> tuple[list[float], list[float]]:
    x, y = numbers(axes, gid)
    return x.tolist(), y.tolist()


@pytest.mark.parametrize("shape", SHAPES)
def test_everything_can_be_read(shape: str) -> None:
    axes = plot_sweep(made(shape))
    nothing_overlaps(axes)
    assert title_of(axes)


@pytest.mark.parametrize(
    "metrics", [("cost.mean", "cost.p80"), ("finish.on_time",), ("delay.mean",), ("gate.done.attempts",)]
)
@pytest.mark.parametrize("shape", ["numbers", "words", "numbers and numbers", "many of both"])
def test_other_figures_can_be_read(shape: str, metrics: tuple[str, ...]) -> None:
    nothing_overlaps(plot_sweep(made(shape, metrics)))


@pytest.mark.parametrize("name", [LONG, "\u8a08\u753b $a_{$ b$"])
def test_long_and_odd_names_can_be_read(name: str) -> None:
    plan = PLAN.replace('"Launch"', f'"{name}"')
    for shape in ("numbers", "words", "many of both"):
        nothing_overlaps(plot_sweep(made(shape, (), plan)))


def test_dates_against_numbers_are_those_worked_out_by_hand() -> None:
    """4 days of ANN at her share, then 3 days of BEN: 13, 11 and 7 working days from 5 January."""
    found = variants_of(grid_of([("people.ANN.fte", "0.4,0.5,1.0")]), lambda changed: loads(CERTAIN, changes=changed))
    axes = plot_sweep(run_sweep(found, Worlds(5, 1)))
    ends = [day_number(date(2026, 1, day)) + 1 for day in (21, 19, 13)]
    for name in ("P50", "P80"):
        assert line(axes, f"line-{name}") == ([0.4, 0.5, 1.0], ends)
        assert line(axes, f"own-{name}") == ([1.0], [ends[2]])
    assert title_of(axes) == "Launch: nothing here is surely better for P80"


def test_lines_are_sorted_by_the_value_and_not_as_it_was_written() -> None:
    found = variants_of(grid_of([("people.ANN.fte", "1.0,0.4,0.5")]), lambda changed: loads(CERTAIN, changes=changed))
    assert line(plot_sweep(run_sweep(found, Worlds(5, 1))), "line-P80")[0] == [0.4, 0.5, 1.0]


def test_the_plan_as_in_the_file_is_a_line_where_it_is_none_of_them() -> None:
    axes = plot_sweep(made("numbers without that of the file"))
    found = made("numbers without that of the file")
    day = found.own.figures["finish.p80"].date
    assert day is not None
    assert day_number(day) <= numbers(axes, "own-finish.p80")[1][0] <= day_number(day) + 1
    assert any("Dotted: as in the file" in text for text in words(axes))


def test_two_keys_give_a_line_for_each_value_of_the_shorter() -> None:
    axes = plot_sweep(made("numbers and numbers"))
    assert set(gids(axes, "line-")) == {"line-0.6", "line-0.8", "line-1.0"}
    assert line(axes, "line-0.6")[0] == [0.5, 0.6, 0.7, 0.8, 0.9, 1.0]


def test_a_heat_map_has_a_field_for_every_pair() -> None:
    found = made("many of both")
    axes = plot_sweep(found)
    assert len(gids(axes, "field-")) == len(found.outcomes) == 8 * 9
    shown = [text for text in words(axes) if text.lstrip("+\N{MINUS SIGN}").replace(".", "").isdigit()]
    assert len(shown) >= 8 * 9 - 1


def test_rows_stand_where_the_figures_are() -> None:
    found = made("words")
    axes = plot_sweep(found)
    for row, outcome in enumerate(found.outcomes):
        day = outcome.figures["finish.p80"].date
        if day is None:
            continue
        (x,), (y,) = numbers(axes, f"finish.p80-{row}")
        assert y == row
        assert day_number(day) <= x <= day_number(day) + 1


def test_what_never_finishes_says_so() -> None:
    found = made("no date")
    assert any(out.figures["finish.p80"].stopped for out in found.outcomes)
    axes = plot_sweep(found)
    top = axes.get_ylim()[1]
    arrows = [one for one in axes.lines if one.get_marker() == "^" and np.ravel(one.get_ydata())[0] == top]
    assert len(arrows) == sum(out.figures["finish.p80"].value is None for out in found.outcomes)
