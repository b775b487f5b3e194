"""Pictures of a run or a plan, one chart a file: `plot_x(what, *, ax=None) -> Axes`; each title says the answer."""

from simrisk.charts.canvas import save
from simrisk.charts.finish import plot_finish
from simrisk.charts.gantt import plot_gantt
from simrisk.charts.load import plot_load

__all__ = ["plot_finish", "plot_gantt", "plot_load", "save"]
