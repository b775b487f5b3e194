"""Pictures of a run or a plan, one chart a file: `plot_x(what, *, ax=None) -> Axes`; each title says the answer."""

from simrisk.charts.absence import plot_absence
from simrisk.charts.away import plot_away
from simrisk.charts.burnup import plot_burnup
from simrisk.charts.canvas import save, svg_text, title_of
from simrisk.charts.cash import plot_cash
from simrisk.charts.comparison import plot_comparison
from simrisk.charts.convergence import plot_convergence
from simrisk.charts.criticality import plot_criticality
from simrisk.charts.differences import plot_differences
from simrisk.charts.finish import plot_finish
from simrisk.charts.gantt import plot_gantt
from simrisk.charts.gates import plot_gates
from simrisk.charts.histogram import plot_histogram
from simrisk.charts.joint import plot_joint
from simrisk.charts.load import plot_load
from simrisk.charts.logic import plot_logic
from simrisk.charts.people import plot_people
from simrisk.charts.policies import plot_policies
from simrisk.charts.portfolio import plot_portfolio
from simrisk.charts.ranges import plot_ranges
from simrisk.charts.shares import plot_shares
from simrisk.charts.story import plot_story
from simrisk.charts.sweep import plot_sweep
from simrisk.charts.tornado import plot_tornado
from simrisk.charts.waterfall import plot_waterfall
from simrisk.charts.worth import plot_worth

__all__ = [
    "plot_absence",
    "plot_away",
    "plot_burnup",
    "plot_cash",
    "plot_comparison",
    "plot_differences",
    "plot_convergence",
    "plot_criticality",
    "plot_finish",
    "plot_gantt",
    "plot_gates",
    "plot_histogram",
    "plot_joint",
    "plot_load",
    "plot_logic",
    "plot_people",
    "plot_policies",
    "plot_portfolio",
    "plot_ranges",
    "plot_shares",
    "plot_story",
    "plot_sweep",
    "plot_tornado",
    "plot_waterfall",
    "plot_worth",
    "save",
    "svg_text",
    "title_of",
]
