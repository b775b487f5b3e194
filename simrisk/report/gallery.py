"""The charts of a run, in the order in which they are shown, each with the sentence that helps to read it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from simrisk.dataset import Results
from simrisk.report.figures import Figures, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def always(run: Results) -> bool:
    """Every run has it."""
    return True


def no_table(figures: Figures) -> Table | None:
    """The numbers stand in a table of the report already."""
    return None


@dataclass(frozen=True)
class Chart:
    """A chart of a run.

    Parameters
    ----------
    name : str
        Of its file, without an ending, and of its function in `simrisk.charts`: ``plot_<name>``.
    caption : str
    reading : str
        How to read it, in a sentence or two.
    applies : callable
        Whether a run has what it shows.
    table : callable
        Its numbers, where no other table has them.
    """

    name: str
    caption: str
    reading: str
    applies: Callable[[Results], bool] = always
    table: Callable[[Figures], Table | None] = no_table

    def plot(self, run: Results) -> Axes:
        """Draw it."""
        charts = importlib.import_module("simrisk.charts")
        axes: Axes = getattr(charts, f"plot_{self.name}")(run)
        return axes

    def files(self, endings: Sequence[str] = ("svg", "png")) -> tuple[str, ...]:
        """Where it lies in the folder of a run."""
        return tuple(f"charts/{self.name}.{ending}" for ending in endings)


GALLERY: tuple[Chart, ...] = (
    Chart(
        "finish",
        "Chance to be finished by each date",
        "The curve says for each date how likely it is that everything is done by then; P80 is the date that is kept "
        "four times out of five.",
    ),
)


def charts_of(run: Results) -> tuple[Chart, ...]:
    """Those that have something to show in a run."""
    return tuple(chart for chart in GALLERY if chart.applies(run))
