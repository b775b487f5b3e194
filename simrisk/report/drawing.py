"""Everything that is drawn for a run, its page included, by two processes where there may be two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, cast

from simrisk.baseline import planned
from simrisk.dataset import Results
from simrisk.garbage import undisturbed
from simrisk.report.beside import shared
from simrisk.report.gallery import charts_of
from simrisk.report.pictures import Picture, drawn, plan_pictures, quiet, saved
from simrisk.report.story_page import Tale, late_trial
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Scenario


class Drawn(NamedTuple):
    """What the page of a run shows.

    Parameters
    ----------
    charts : tuple of Picture
        Of the run, in the order of the gallery.
    plan : tuple of Picture
        Of the plan without dice.
    tale : Tale
        A typical late trial.
    """

    charts: tuple[Picture, ...]
    plan: tuple[Picture, ...]
    tale: Tale


def all_drawn(run: Results, scenario: Scenario, *, processes: int = 1) -> Drawn:
    """Draw everything, and write nothing."""
    with drawing(run, scenario, processes=processes) as finish:
        return finish()


@contextmanager
def drawing(
    run: Results,
    scenario: Scenario,
    *,
    folder: Path | None = None,
    endings: Sequence[str] = ("svg",),
    processes: int = 1,
) -> Iterator[Callable[[], Drawn]]:
    """Begin to draw everything, in a second process where there may be one; what it gives draws the rest.

    The pictures do not depend on who draws them.

    Parameters
    ----------
    scenario : Scenario
        That of the run.
    folder : Path, optional
        Where the charts are written, too.
    endings : sequence of str
        Of their files.
    processes : int
        How many there may be.
    """
    import simrisk.charts  # noqa: F401  # before there are two processes that would do it

    quiet()
    charts = charts_of(run)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)

    def chart(k: int) -> Picture:
        return drawn(charts[k], run)[0] if folder is None else saved(charts[k], run, folder, endings)

    def piece(k: int) -> object:
        """The trial that is told takes longest, so it comes first, then the plan, then the charts."""
        if k == 0:
            return late_trial(run, scenario)
        return tuple(plan_pictures(planned(View(scenario), run))) if k == 1 else chart(k - 2)

    with shared(piece, len(charts) + 2, processes=processes) as pieces:

        def finish() -> Drawn:
            with undisturbed():
                tale, plan, *made = pieces.finish()
            return Drawn(tuple(cast("list[Picture]", made)), cast("tuple[Picture, ...]", plan), cast("Tale", tale))

        yield finish
