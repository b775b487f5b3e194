"""How wide a text is, from the font itself: names cut to the room there is, titles set as large as fits."""

from __future__ import annotations

from functools import cache
from typing import Literal

from matplotlib.font_manager import FontProperties, findfont, get_font

Weight = Literal["normal", "bold"]

FAMILY = "DejaVu Sans"  # of every chart
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"
WIDEST = 1.0  # ems of a letter that the font lacks: another font shows it, and most of those are square
SIZE = 100.0  # points at which letters are measured
AIR = 0.98  # of the room that a text takes: drawn letters stand on whole points


@cache
def _advance(letter: str, weight: Weight) -> float:
    """How far a letter moves the pen, in ems."""
    font = get_font(findfont(FontProperties(family=[FAMILY], weight=weight)))
    if ord(letter) not in font.get_charmap():
        return WIDEST
    font.set_size(SIZE, 72)
    return float(font.load_char(ord(letter)).linearHoriAdvance) / 65536 / SIZE


def ems(text: str, weight: Weight = "normal") -> float:
    """How wide a text is, in multiples of its size in points."""
    return sum(_advance(letter, weight) for letter in text)


def fitting_size(text: str, inches: float, most: float, weight: Weight = "normal") -> float:
    """The size in points at which a text is at most so wide, and never more than `most`."""
    wide, room = ems(text, weight), 72 * inches * AIR
    return most if wide * most <= room else room / wide


def within(text: str, inches: float, size: float, weight: Weight = "normal") -> str:
    """A text that is at most so wide when it is set in `size` points, cut so that one sees it."""
    room = 72 * inches * AIR / size
    if ems(text, weight) <= room:
        return text
    kept, wide = "", ems(ELLIPSIS, weight)
    for letter in text:
        wide += _advance(letter, weight)
        if wide > room:
            break
        kept += letter
    return kept.rstrip() + ELLIPSIS


def wrapped(text: str, inches: float, size: float, *, lines: int = 2) -> str:
    """A text in at most so many lines of this width, broken between words; what is left is cut."""
    done: list[str] = []
    words = text.split(" ")
    while len(words) > 1 and len(done) < lines - 1 and ems(" ".join(words)) > 72 * inches * AIR / size:
        fits = [n for n in range(1, len(words)) if ems(" ".join(words[:n])) <= 72 * inches * AIR / size]
        n = max(fits, default=1)
        done.append(within(" ".join(words[:n]), inches, size))
        words = words[n:]
    return "\n".join([*done, within(" ".join(words), inches, size)])
