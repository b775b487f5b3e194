"""Widths of texts are those that are drawn; names are cut to the room there is; dates on axes are days."""

from __future__ import annotations

from datetime import date

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from simrisk.charts.days import day_number, show_days
from simrisk.charts.letters import ELLIPSIS, ems, fitting_size, within, wrapped

TEXTS = ("Phase 3: 80 % sure", "ANNABELLE-CONSTANTINOPOLITANSKA", "illi filli", "Größe «Ночь» Ελλάδα", "")


def drawn(text: str, size: float, weight: str = "normal") -> float:
    """Inches that a text takes in a picture."""
    figure = Figure(dpi=720)
    FigureCanvasAgg(figure)
    return float(figure.text(0, 0, text, fontsize=size, weight=weight).get_window_extent().width) / 720


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("weight", ["normal", "bold"])
def test_a_text_is_as_wide_as_it_is_drawn(text: str, weight: str) -> None:
    assert ems(text, weight) * 40 / 72 == pytest.approx(drawn(text, 40, weight), abs=0.02 * 40 * len(text) / 72 + 0.01)  # type: ignore[arg-type]


def test_letters_that_the_font_lacks_are_square() -> None:
    assert ems("\u8a08\u753b") == 2


@pytest.mark.parametrize("text", TEXTS[:-1])
@pytest.mark.parametrize("inches", [0.5, 1.0, 9.0])
def test_a_name_is_cut_at_the_width_there_is(text: str, inches: float) -> None:
    cut = within(text, inches, 11)
    assert drawn(cut, 11) <= inches
    if cut == text:
        return
    kept = cut.removesuffix(ELLIPSIS)
    assert cut.endswith(ELLIPSIS)
    assert text.startswith(kept)
    assert drawn(text[: len(kept) + 2] + ELLIPSIS, 11) > 0.97 * inches  # no more would have fitted


@pytest.mark.parametrize("inches", [0.8, 1.5, 2.3, 9.0])
def test_a_name_of_several_words_takes_two_lines(inches: float) -> None:
    name = "Tier 3 features complete, production ready"
    lines = wrapped(name, inches, 11).split("\n")
    assert len(lines) <= 2
    assert all(drawn(line, 11) <= inches for line in lines)
    whole = " ".join(lines)
    assert whole == name or (lines[-1].endswith(ELLIPSIS) and name.startswith(whole.removesuffix(ELLIPSIS)))
    if len(lines) == 2:  # no more words would have stood in the first one
        words = name.split(" ")[: len(lines[0].split(" ")) + 1]
        assert drawn(" ".join(words), 11) > 0.97 * inches


def test_a_long_word_is_cut() -> None:
    assert wrapped("portingThisToThat", 0.5, 11) == within("portingThisToThat", 0.5, 11)


def test_a_title_is_as_large_as_fits() -> None:
    assert fitting_size("short", 5, 18, "bold") == 18
    size = fitting_size("A long title of a chart, " * 4 + ".", 5, 18, "bold")
    assert size < 18
    assert drawn("A long title of a chart, " * 4 + ".", size, "bold") == pytest.approx(5, rel=0.03)


@pytest.mark.parametrize("days", [1, 2, 5, 40, 900])
def test_an_axis_of_dates_names_no_day_twice(days: int) -> None:
    axes = Figure().add_subplot()
    begin = day_number(date(2026, 2, 6)) - 0.5
    axes.set_xlim(begin, begin + days)
    show_days(axes.xaxis, least=4, most=9)
    places = [place for place in axes.get_xticks() if begin <= place <= begin + days]
    labels = axes.xaxis.get_major_formatter().format_ticks(places)
    assert 1 <= len(places) <= 9
    assert all(place == round(place) for place in places)
    assert days > 40 or len(set(labels)) == len(labels)
