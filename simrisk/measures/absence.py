"""What somebody's unplanned absence goes with: P80 of the finish among trials in which they were away so long.

Absence counts until the end of the plan without dice only. How long somebody is away until the end of a trial depends
on the end, since a longer project has more time to be ill in: trials with much absence would be late whoever is ill.
Until a fixed minute absence depends on chance alone, so that trials with much of it differ from others by what it does,
up to the error of sampling (and by what came with it, where risks take people away). Trials that end before the plan
had less time for it; they count in every class as often as in all trials, as in the tornado.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column, remembered
from simrisk.dataset.ranks import TAIL
from simrisk.measures import project
from simrisk.measures.estimates import Estimate, quantile
from simrisk.measures.factors import Factor, had_its_time, level_with_time

WEEKS = (0, 1, 2, 4)  # upper ends of the classes; the last class has no end
CLASSES = ("none", "up to 1", "1 to 2", "2 to 4", "over 4")
LEAST_TRIALS = 50  # of fewer, P80 is hardly known
P80 = Fraction(4, 5)


class Cell(NamedTuple):
    """Trials in which somebody was away so long.

    Parameters
    ----------
    trials : int
        Those that had the plan's time for absence.
    finish : Estimate
        P80 of the finish among them and as many that ended early as in all trials, with its 95 % interval; +inf: too
        many did not finish; nan: no trials.
    sure : bool
        Whether P80 of all trials is outside the interval even at a level at which, if nobody's absence did anything,
        none of all cells of the run would be with 95 % probability (Bonferroni).
    """

    trials: int
    finish: Estimate
    sure: bool

    @property
    def few(self) -> bool:
        """Whether there are too few trials to say anything."""
        return self.trials < LEAST_TRIALS


class Absences(NamedTuple):
    """P80 of all trials, and by person and class of `CLASSES` the cells, those that matter most first."""

    overall: float
    cells: dict[str, tuple[Cell, ...]]


def week_minutes(run: Results) -> int:
    """Working minutes of a week without holidays: of as many days as weekdays on which anybody ever works."""
    weekdays = (run["day_date"].values.astype("datetime64[D]").astype(np.int64) + 3) % 7
    return len(np.unique(weekdays)) * int(run.attrs["day_minutes"])


def classes(run: Results, person: object) -> np.ndarray:
    """In which of `CLASSES` each trial is, (n_trials,): a class has its upper end and not its lower one."""
    away = column(run, "person_absence_planned", "person", person)
    found: np.ndarray = np.searchsorted(np.array(WEEKS) * week_minutes(run), away, side="left")
    return found


def absences(run: Results) -> Absences:
    """How P80 of the finish goes with the absence of each person who is ever absent.

    There are no cells when so many trials end before the plan does that P80 is one of them.
    """
    return remembered(run, ("absences",), lambda: _absences(run))


def _absences(run: Results) -> Absences:
    finish, blocks = run["project_finish"].values, project.blocks(run)
    overall = quantile(finish, P80).value
    had_time = had_its_time(run, Factor("absence"))
    assert had_time is not None
    among = level_with_time(had_time, P80)
    if among is None:
        return Absences(overall, {})
    finish, blocks = finish[had_time], None if blocks is None else blocks[had_time]
    of = {str(person): classes(run, person) for person in run["person"].values}
    of = {person: those[had_time] for person, those in of.items() if those.any()}
    counts = {person: np.bincount(those, minlength=len(CLASSES)) for person, those in of.items()}
    tail = TAIL / max(sum(int((count >= LEAST_TRIALS).sum()) for count in counts.values()), 1)
    found: dict[str, tuple[Cell, ...]] = {}
    for person, those in of.items():
        cells = []
        for place, count in enumerate(counts[person]):
            some = those == place
            of_some = None if blocks is None else blocks[some]
            wide = quantile(finish[some], among, of_some, tail)
            sure = count >= LEAST_TRIALS and not wide.low <= overall <= wide.high
            cells.append(Cell(int(count), quantile(finish[some], among, of_some), bool(sure)))
        found[person] = tuple(cells)
    order = sorted(found, key=lambda person: -_most(found[person], overall))
    return Absences(overall, {person: found[person] for person in order})


def _most(cells: tuple[Cell, ...], overall: float) -> float:
    """How much later P80 is at most, in a cell that is sure."""
    return max((cell.finish.value - overall for cell in cells if cell.sure), default=0.0)
