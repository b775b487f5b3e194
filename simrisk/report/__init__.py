"""What a run found, in words: the terminal's table, summary.md, summary.json and report.html, with the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import xarray as xr

    from simrisk.dataset import Run

__all__ = ["save_charts", "save_html"]


def save_charts(run: xr.Dataset | Run, folder: str | Path, *, endings: Sequence[str] = ("svg",)) -> list[str]:
    """Draw every chart that a run has something for into a folder; returns their names.

    Parameters
    ----------
    endings : sequence of str
        "svg", "png" or both.
    """
    from simrisk.dataset.run import run_of
    from simrisk.report.pictures import save_pictures

    return [picture.name for picture in save_pictures(run_of(run), Path(folder), endings)]


def save_html(run: xr.Dataset | Run, path: str | Path) -> None:
    """Write the report of a run as one HTML page that needs nothing else: what `simrisk report` writes.

    Raises
    ------
    ScenarioError
        This version of simrisk does not read the scenario that the run carries any more.
    """
    from simrisk.dataset import restored, write_text
    from simrisk.dataset.run import run_of
    from simrisk.report import html
    from simrisk.report.drawing import all_drawn

    known = run_of(run)
    with restored(known) as scenario:
        pass
    write_text(Path(path), html.render(known, scenario, all_drawn(known, scenario)))
