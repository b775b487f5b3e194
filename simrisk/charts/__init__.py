"""Pictures of a run, one chart a file: `plot_x(dataset, *, ax=None) -> Axes`; each title says the answer."""

from simrisk.charts.canvas import save
from simrisk.charts.finish import plot_finish

__all__ = ["plot_finish", "save"]
