"""What can be read in a picture: its texts and lines, and whether any text meets another or leaves the picture."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SLACK = 1.0  # pixels by which lines of text may touch


def line(axes: Axes, gid: str) -> Line2D:
    """The line with this gid."""
    return next(found for found in axes.lines if found.get_gid() == gid)


def has(axes: Axes, gid: str) -> bool:
    """Whether anything has this gid."""
    return any(child.get_gid() == gid for child in axes.get_children())


def numbers(axes: Axes, gid: str) -> tuple[np.ndarray, np.ndarray]:
    """What a line goes through."""
    x, y = line(axes, gid).get_data()
    return np.asarray(x, dtype=float), np.asarray(y, dtype=float)


def bars(axes: Axes, gid: str) -> list[Any]:
    """Rectangles with this gid, from left to right."""
    return sorted((patch for patch in axes.patches if patch.get_gid() == gid), key=lambda patch: patch.get_x())


def words(axes: Axes) -> list[str]:
    """Every text of the picture."""
    return [text.get_text() for text in texts(axes)]


def texts(axes: Axes) -> list[Text]:
    """Every text that is seen: titles, labels, ticks within the limits, legends, also of inset axes."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    figure.canvas.draw()
    found: list[Text] = []
    for part in (axes, *axes.child_axes):
        found += part.texts
        found += [part.xaxis.label, part.yaxis.label]
        for axis, (low, high) in ((part.xaxis, sorted(part.get_xlim())), (part.yaxis, sorted(part.get_ylim()))):
            ticks = axis.get_major_ticks()
            for tick, place in zip(ticks, axis.get_majorticklocs(), strict=False):
                if low <= place <= high:
                    found += [label for label in (tick.label1, tick.label2) if label.get_visible()]
        legend = part.get_legend()
        found += legend.get_texts() if legend is not None else []
    return [text for text in found if text.get_text().strip()]


def assert_readable(axes: Axes) -> None:
    """No text meets another, and none leaves the picture."""
    figure = axes.get_figure(root=True)
    assert figure is not None
    boxes: list[tuple[str, Bbox]] = [(text.get_text(), Text.get_window_extent(text)) for text in texts(axes)]
    for name, box in boxes:
        assert box.x0 >= 0, f"{name!r} leaves the picture"
        assert box.y0 >= 0, f"{name!r} leaves the picture"
        assert box.x1 <= figure.bbox.x1, f"{name!r} leaves the picture"
        assert box.y1 <= figure.bbox.y1, f"{name!r} leaves the picture"
    for (name, box), (other, its) in itertools.combinations(boxes, 2):
        across = box.x1 <= its.x0 + SLACK or its.x1 <= box.x0 + SLACK
        apart = across or box.y1 <= its.y0 + SLACK or its.y1 <= box.y0 + SLACK
        assert apart, f"{name!r} meets {other!r}"
