"""The chart of differences: what is drawn are the differences, each with its interval and its verdict."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import xarray as xr

from chart_checks import LONG, found, gids, hard, nothing_overlaps
from outcomes import DAY, a_run, made_up_finishes, without
from pictures import words
from simrisk.charts import plot_differences
from simrisk.charts.differences import RARE, ROWS
from simrisk.charts.frame import told_apart
from simrisk.compare import Comparison, compare

SOUND = {"censored": 0, "stopped": 0}


def moved(days: float, **changes: object) -> xr.Dataset:
    """The sound run, every trial later by so many days."""
    finish, outcome = made_up_finishes(3_000, **SOUND)
    plan = without(**changes) if changes else None
    return a_run((np.asarray(finish) + days * DAY).astype(np.int64), outcome, plan=plan)


def of(before: xr.Dataset, after: xr.Dataset, **names: tuple[str, str]) -> Comparison:
    metrics = [name for name in ROWS if any(name in known for known in (_known(before), _known(after)))]
    return compare(before, after, metrics, **names)


def _known(run: xr.Dataset) -> set[str]:
    targets = {"deadline": ("finish.on_time", "joint"), "budget_limit": ("cost.in_budget", "joint")}
    lacking = {name for attr, names in targets.items() if attr not in run.attrs for name in names}
    return set(ROWS) - lacking


PAIRS = {
    "later": lambda: of(moved(0), moved(6)),
    "earlier": lambda: of(moved(0), moved(-6)),
    "nothing": lambda: of(moved(0), moved(0)),
    "other dice": lambda: of(moved(0), moved(2).assign_attrs(seed=99)),
    "beyond": lambda: of(moved(0), hard("all censored")),
    "back": lambda: of(hard("all stopped"), moved(0)),
    "one trial": lambda: of(hard("one trial"), hard("one trial")),
    "no targets": lambda: of(hard("no targets"), hard("no targets")),
    "a deadline more": lambda: of(hard("no targets"), moved(0)),
    "long names": lambda: of(moved(0), moved(3, name=LONG), names=(LONG, "plans/" + LONG)),
    "another currency": lambda: of(moved(0), moved(2).assign_attrs(currency="EUR")),
    "much later": lambda: of(moved(0), moved(400, deadline=date(2026, 7, 10))),
}


@pytest.mark.parametrize("case", PAIRS)
def test_differences_are_readable(case: str) -> None:
    nothing_overlaps(plot_differences(PAIRS[case]()))


def test_markers_and_lines_are_the_differences() -> None:
    comparison = of(moved(0), moved(2).assign_attrs(seed=99))
    axes = plot_differences(comparison)
    scales = {"finish": 1 / DAY, "money": 1.0, "share": 100.0}
    drawn = 0
    for difference in comparison.differences:
        if not gids(axes, f"interval-{difference.name}"):
            assert difference.name in RARE  # it happens in neither
            continue
        drawn += 1
        scale = scales[difference.kind]
        assert found(axes, difference.name).get_xdata() == pytest.approx([difference.value * scale])
        ends = [difference.low * scale, difference.high * scale]
        assert found(axes, f"interval-{difference.name}").get_xdata() == pytest.approx(ends)
    assert drawn >= 8
    assert len(axes.child_axes) == 3  # days, money and points have scales of their own


def test_what_is_sure_is_filled_and_verdicts_have_shapes_of_their_own() -> None:
    axes = plot_differences(of(moved(0), moved(6)))
    late, sooner = found(axes, "finish.p80"), found(plot_differences(of(moved(0), moved(-6))), "finish.p80")
    assert (late.get_marker(), sooner.get_marker()) == ("D", "o")
    assert late.get_markerfacecolor() == late.get_markeredgecolor()
    unsure = of(moved(0), moved(0.3).assign_attrs(seed=99))
    p80 = unsure.of("finish.p80")
    assert p80 is not None
    assert p80.verdict == "undecided"
    assert found(plot_differences(unsure), "finish.p80").get_markerfacecolor() == "white"


def test_the_title_counts_the_verdicts() -> None:
    comparison = of(moved(0), moved(6))
    verdicts = [difference.verdict for difference in comparison.differences]
    worse = verdicts.count("worse")
    said = words(plot_differences(comparison))
    assert any(text.startswith(f"{worse} figures are worse") for text in said)
    assert "+6.0 d worse" in said
    assert "Nothing has changed" in words(plot_differences(of(moved(0), moved(0))))


def test_what_has_no_number_is_said_in_words() -> None:
    said = words(plot_differences(of(moved(0), hard("all censored"))))
    assert {"beyond the horizon now \N{RIGHTWARDS ARROW}", "worse"} <= set(said)
    assert "new" in words(plot_differences(of(hard("no targets"), moved(0))))


def test_names_of_one_file_are_told_apart() -> None:
    long = "plans/of/a/very/long/folder/for/everything/launch.toml"
    assert told_apart((long, f"{long} (with training)"), 42) == ("launch.toml", "launch.toml (with training)")
    assert told_apart(("main:plans/a.toml", "plans/a.toml"), 42) == ("main:plans/a.toml", "plans/a.toml")
    cut = told_apart(("a.toml (people.ANN.fte=0.5)", "a.toml (people.ANN.fte=0.75)"), 20)
    assert cut[0] != cut[1]
    assert {len(name) for name in cut} <= {19, 20}
    assert told_apart(("same", "same"), 20) == ("same", "same")
