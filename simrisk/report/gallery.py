"""The charts of a run, in the order in which they are shown, each with the sentence that helps to read it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from simrisk.dataset import Results
from simrisk.measures import measure, project
from simrisk.measures.absence import absences
from simrisk.measures.chain import anybody
from simrisk.measures.drivers import anything_moves
from simrisk.report import curves, drivers, money, timing
from simrisk.report.figures import Figures, Table, with_intervals

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SLIDE_ROWS = 18  # that can be read on a slide


def always(run: Results) -> bool:
    """Every run has it."""
    return True


def several(run: Results) -> bool:
    """There is more than one trial."""
    return run.sizes["trial"] > 1


def finishes(run: Results) -> bool:
    """Some trials finish."""
    return bool(project.finished(run).any())


def limited(run: Results) -> bool:
    """People, pools or equipment change the finish."""
    resources = run.sizes["person"] + run.sizes["pool"] + run.sizes["equipment"]
    return resources > 0 and not np.array_equal(run["logic_finish"].values, run["project_finish"].values)


def costs(run: Results) -> bool:
    """Some trials finish, and there is something to say about money."""
    return finishes(run) and money.has_costs(run)


def flows(run: Results) -> bool:
    """The same, and money is spent in some month."""
    return costs(run) and run.sizes["month"] > 0


def has_steps(run: Results) -> bool:
    """Whether the plan without dice and P80 are dates."""
    return all(measure(run, name).value is not None for name in ("baseline.finish", "finish.p80"))


def no_table(figures: Figures) -> Table | None:
    """The numbers stand in a table of the report already."""
    return None


def has(*dims: str) -> Callable[[Results], bool]:
    """Whether a run has something of one of these dimensions."""
    return lambda run: any(run.sizes[dim] for dim in dims)


def has_work(run: Results) -> bool:
    """Whether the tasks of the plan without dice have any effort."""
    return bool(run["baseline_task_effort"].values.any())


def anybody_finished(run: Results) -> bool:
    """Whether there are people or pools, and trials that finished, to say what their time went into."""
    return has("person", "pool")(run) and finishes(run)


def finish_levels(figures: Figures) -> Table:
    """Dates by confidence, beside those of the logic alone."""
    rows = tuple(
        (f"{percent} %", *figures.both(f"finish.p{percent}"), *figures.both(f"logic.finish.p{percent}"))
        for percent in (5, *range(10, 100, 10), 95)
    )
    headers = with_intervals("finished by", "logic only")
    return Table("Chance to be finished, and by when", headers, rows)


def ever_absent(run: Results) -> bool:
    """Whether P80 is a date, and anybody is absent in some trial that had the plan's time for it."""
    return measure(run, "finish.p80").value is not None and bool(absences(run).cells)


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
    slide_rows : int
        Of one with many rows: how many can be read on a slide; 0: it has no more than a slide takes.
    """

    name: str
    caption: str
    reading: str
    applies: Callable[[Results], bool] = always
    table: Callable[[Figures], Table | None] = no_table
    slide_rows: int = 0

    def plot(self, run: Results, *, rows: int = 0) -> Axes:
        """Draw it, with at most so many rows, if it can have fewer; 0: as many as a page takes."""
        charts = importlib.import_module("simrisk.charts")
        few = {"most": rows} if rows else {}
        axes: Axes = getattr(charts, f"plot_{self.name}")(run, **few)
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
        table=finish_levels,
    ),
    Chart(
        "histogram",
        "When the project finishes",
        "Each bar is the share of all simulated projects that finish in that week, month or quarter; hatched bars are "
        "on time. What does not finish has a bar of its own at the right.",
        finishes,
        curves.bins,
    ),
    Chart(
        "logic",
        "What limited people and equipment cost in time",
        "The dashed curve is what links and durations alone would allow. The arrows say how many working days later "
        "the project is with the people and equipment that it has.",
        limited,
    ),
    Chart(
        "tornado",
        "What moves the date",
        "A bar goes from P80 to what it is in the simulated projects in which that factor is in its low tenth (plain), "
        "and in its high tenth (hatched). The longer, the more of the uncertainty comes with it; what a change of the "
        "plan brings is another question.",
        anything_moves,
    ),
    Chart(
        "waterfall",
        "From the plan to P80",
        "Each step is the working time that a cause adds to the planned finish, or takes off it, on the chain of work "
        "and waiting that sets the date. Together they lead to the date that is kept four times out of five.",
        has_steps,
    ),
    Chart(
        "criticality",
        "Who sets the date",
        "A bar is how much of the chain that sets the date belongs to a task or gate, or had somebody's hand in it, "
        "on average; beside it, in how many projects it is on the chain at all. Several people can have the same days.",
        anybody,
        drivers.chain,
    ),
    Chart(
        "ranges",
        "When tasks are likely to run",
        "The full part of a bar goes from the middle of all starts to the middle of all finishes; with its faint ends "
        "it goes from P10 of the starts to P90 of the finishes. The thin line below is the plan without dice.",
        has("task", "gate"),
        timing.tasks,
        SLIDE_ROWS,
    ),
    Chart(
        "gates",
        "When gates are passed",
        "Each curve rises from never to always: how likely the gate has been passed by a date. It ends below the top "
        "where the project is stopped or the horizon comes first.",
        has("gate"),
        timing.gates,
    ),
    Chart(
        "burnup",
        "How the finished work grows",
        "At each date the line says how much of the work is in finished tasks in the middle one of all trials; four of "
        "five trials lie in the wide band. A task counts when it is finished, not before.",
        has_work,
        timing.finished_work,
    ),
    Chart(
        "people",
        "What people's time goes into",
        "A bar is all the time that somebody is employed until the finish. Free is time in which nothing waited for "
        "them: room for other work, and there is more of it when the project waits for somebody else.",
        anybody_finished,
        timing.occupations,
    ),
    Chart(
        "absence",
        "P80 by how long somebody is away",
        "A number is by how many working days P80 is later among the trials in which that person was absent, "
        "unplanned, for so long. Grey numbers may be chance. What cover would save "
        "is another question.",
        ever_absent,
        timing.absence,
    ),
    Chart(
        "joint",
        "Date and cost together",
        "Each point is a simulated project. A date and a cost on the black line are both kept in 70 % of them, in the "
        "same project; keeping P80 of both at once is less likely than 80 %.",
        costs,
        curves.frontier,
    ),
    Chart(
        "cash",
        "Money spent by the end of each month",
        "Half of the projects are in the dark band, nine of ten in the light one. A line that has become flat has paid "
        "everything.",
        flows,
    ),
    Chart(
        "convergence",
        "How the figures settle as trials are added",
        "The bars are 95 % intervals: how far a figure may be from that of infinitely many trials. They say nothing "
        "about whether the plan is right.",
        several,
        curves.settling,
    ),
)


def charts_of(run: Results) -> tuple[Chart, ...]:
    """Those that have something to show in a run."""
    return tuple(chart for chart in GALLERY if chart.applies(run))
