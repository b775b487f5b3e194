"""`simrisk report`: the HTML report of a stored run, from its file alone."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import file_name

STORED, WRITTEN = "run.nc", "report.html"

HELP = """\b
Example:
  simrisk report results/phase3/run.nc

Write the HTML report of a stored run: the answer, charts, tables, faults of the plan, assumptions, checklist.

RUN is a run.nc or the folder it lies in. The report is one file that needs nothing else, no network either.
"""


@click.command("report", help=HELP, short_help="The HTML report of a stored run.")
@click.argument("run", metavar="RUN")
@click.option("--out", callback=file_name, metavar="FILE", help="[default: report.html beside run.nc]")
@global_options
@click.pass_obj
def command(console: Console, run: str, *, out: Path | None) -> int:
    """Write the HTML report of a stored run."""
    from simrisk.dataset import probe_folder, restored, write_text
    from simrisk.dataset.filed import reading

    place = Path(run) / STORED if Path(run).is_dir() else Path(run)
    target = place.with_name(WRITTEN) if out is None else out / WRITTEN if out.is_dir() else out
    with contextlib.ExitStack() as files:
        with console.stage("read"):
            stored = files.enter_context(reading(place))
            with restored(stored) as scenario:
                pass
        probe_folder(target.parent)
        with console.stage("charts"):
            from simrisk.engines import cache
            from simrisk.engines.kernels import usable_threads

            cache.enable()  # one trial is told again by the models, whose draws are compiled
            from simrisk.report.drawing import all_drawn

            pictures = all_drawn(stored, scenario, processes=usable_threads())
        with console.stage("report"):
            from simrisk.report import html

            target.parent.mkdir(parents=True, exist_ok=True)
            write_text(target, html.render(stored, scenario, pictures))
    click.echo(str(target))
    return 0
