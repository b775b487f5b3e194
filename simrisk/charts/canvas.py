"""How every chart looks and is stored: colours, type sizes, deterministic SVG and PNG files."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from simrisk.charts.letters import FAMILY, fitting_size
from simrisk.dataset import replacing

# Okabe and Ito's colours (2008) keep apart for the colour-blind; line styles keep them apart in grey.
INK, CURVE, BAND, TARGET, QUIET = "#222222", "#0072B2", "#56B4E9", "#D55E00", "#6E6E6E"
LOGIC = "#9C9C9C"
WIDTH, HEIGHT, DPI = 10.0, 5.625, 160  # inches, a 16:9 slide
NAMES_LEFT = -0.33  # of tall axes: where the names begin, in widths of the axes
TITLE = "_title"  # label of the text that is the title; legends leave out what begins with a line
EDGE = 0.03  # of the figure, beside what is written at its left and right
MARGINS = {"left": 0.095, "right": 0.965, "bottom": 0.225, "top": 0.76}

STYLE: Any = {  # Any: matplotlib's stubs want every key as a literal
    "font.family": FAMILY,
    "font.size": 12.0,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "text.parse_math": False,  # a name with two dollar signs is no formula
    "svg.fonttype": "none",
    "svg.hashsalt": "simrisk",
}


def new_axes() -> Axes:
    """Axes on a new slide-sized figure; no window, no pyplot state."""
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.subplots_adjust(**MARGINS)
    return figure.add_subplot()


def tall_axes(height: float, *, below: float = 1.35) -> Axes:
    """Axes of this height in inches on a new figure of a slide's width, with room for names, title and legend.

    Parameters
    ----------
    below : float
        Inches for what stands below the axes.
    """
    above = 1.1
    whole = height + above + below
    figure = Figure(figsize=(WIDTH, whole), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    figure.subplots_adjust(left=0.26, right=0.97, bottom=below / whole, top=1 - above / whole)
    return figure.add_subplot()


def headline(axes: Axes, text: str) -> None:
    """A title above tall axes, from the left edge of the names, smaller when it is long."""
    box = axes.get_position()
    room = (1 - EDGE - box.x0 - NAMES_LEFT * box.width) * axes.figure.get_figwidth()  # type: ignore[union-attr]
    axes.annotate(
        text,
        (NAMES_LEFT, 1),
        (0, 40),
        xycoords="axes fraction",
        textcoords="offset points",
        fontsize=fitting_size(text, room, 17.0, "bold"),
        weight="bold",
        label=TITLE,
    )


def mixed(color: str, strength: float) -> tuple[float, float, float]:
    """So much of a colour in white."""
    red, green, blue = (1 - strength * (1 - part) for part in to_rgb(color))
    return red, green, blue


def room_for_names(axes: Axes) -> float:
    """Inches between the left edge of the picture and the axes, for names of rows."""
    width = float(axes.figure.get_figwidth())  # type: ignore[union-attr]
    return (float(axes.get_position().x0) - EDGE / 2) * width


def save(axes: Axes, path: str | Path) -> None:
    """Write the figure of `axes` as SVG or PNG, by the ending of `path`; the same chart gives the same bytes.

    Raises
    ------
    ResultsError
        ``results-unwritable``
    """
    target = Path(path)
    kind = target.suffix.removeprefix(".")
    if kind not in ("svg", "png"):
        raise ValueError(f"a chart is saved as .svg or .png; got '{target.name}'")
    metadata = {"Date": None} if kind == "svg" else {"Software": None}
    with replacing(target) as temporary, _printing():
        _settled(axes).savefig(temporary, format=kind, metadata=metadata)


def svg_text(axes: Axes) -> str:
    """The figure of `axes` as the text of an SVG file; the same as `save` writes."""
    text = io.StringIO()
    with _printing():
        _settled(axes).savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def title_of(axes: Axes) -> str:
    """What a chart says above all: its title, however small it had to be set to fit."""
    titles = (text.get_text() for text in axes.texts if text.get_label() == TITLE)
    return " ".join(next(titles, axes.get_title()).split())


@contextmanager
def _printing() -> Iterator[None]:
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():
        # letters that the font lacks: an SVG is shown with the reader's fonts, a PNG has boxes in their place
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        yield


def _settled(axes: Axes) -> Figure:
    """The figure, ready to be drawn; beside an axis that has no label no room is looked for, which takes time."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    for one in figure.axes:
        for axis in (one.xaxis, one.yaxis):
            if not axis.label.get_text():
                axis.set_label_coords(0, 0)
    return figure
