"""Every text of the report has the contrast that WCAG 2.1 asks for (level AA, 1.4.3: 4.5 to 1)."""

from __future__ import annotations

import re

import pytest

from simrisk.report.html import stylesheet

WHITE = "#fff"
PAIRS = (  # text, background: all that the sheet sets
    ("--ink", WHITE),
    ("--ink", "--shade"),
    ("--ink", "#fff3e6"),
    ("--quiet", WHITE),
    ("--quiet", "--shade"),
    ("--blue", WHITE),
    ("--bad", WHITE),
    ("--bad", "--shade"),
    ("#00603d", WHITE),
    ("#00603d", "--shade"),
    (WHITE, "--ink"),
)


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2.1."""
    digits = color[1:] if len(color) == 7 else "".join(2 * digit for digit in color[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#fff") == pytest.approx(4.48, abs=0.01)  # the grey that just fails


@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_can_be_read(text: str, background: str) -> None:
    named = dict(re.findall(r"(--\w+): (#\w+);", stylesheet()))
    assert contrast(named.get(text, text), named.get(background, background)) >= 4.5


def test_no_colour_is_left_out() -> None:
    sheet = stylesheet()
    named = re.findall(r"(?:[^-]color|background): (?:var\((--\w+)\)|(#\w+))", sheet)
    assert {name or color for name, color in named} <= {color for pair in PAIRS for color in pair}
