"""`simrisk show`: the plan without dice, as a Gantt chart, load against capacity, and the chain that sets the date."""

from __future__ import annotations

import logging
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import changes_option, folder, with_option, without_option

if TYPE_CHECKING:
    from simrisk.baseline import Baseline

HELP = """\b
Example:
  simrisk show scenarios/phase3.toml

Show the plan without dice: when each task runs, what sets the date, who is planned beyond their time.
"""


@click.command("show", help=HELP, short_help="The plan without dice: Gantt chart, load, what sets the date.")
@click.argument("scenario", metavar="SCENARIO")
@changes_option
@with_option
@without_option
@click.option("--out", callback=folder, metavar="DIR", help="Write charts/gantt.svg and charts/load.svg there.")
@click.option(
    "--png", is_flag=True, help="Write the charts as PNG, too, for slides. [default folder: results/<scenario>/]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the plan as JSON.")
@global_options
@click.pass_obj
def command(
    console: Console,
    scenario: str,
    changes: tuple[tuple[str, str], ...],
    *,
    with_: tuple[str, ...],
    without: tuple[str, ...],
    out: Path | None,
    png: bool,
    as_json: bool,
) -> int:
    """Show the plan without dice."""
    from simrisk.scenario.load import load

    with console.stage("read"):
        loaded = load(scenario, changes=changes, with_=with_, without=without)
    with console.stage("plan"):
        from simrisk.engines import cache

        cache.enable()  # before anything imports a kernel
        from simrisk.baseline import baseline_of

        baseline = baseline_of(loaded)
    if out is not None or png:
        target = out or Path("results") / loaded.id
        with console.stage("write"):
            written = _write(baseline, target, png=png)
        console.say(f"Written to {target}: {', '.join(written)}.")
    click.echo(_answer(console, baseline, as_json=as_json), nl=False)
    return 0


def _answer(console: Console, baseline: Baseline, *, as_json: bool) -> str:
    from simrisk.report import plan_json, plan_text

    if as_json:
        return plan_json.render(baseline)
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    columns = shutil.get_terminal_size((100, 24)).columns
    return plan_text.render(baseline, width=columns, letters=not encoding.startswith("utf"), color=console.color)


def _write(baseline: Baseline, target: Path, *, png: bool) -> list[str]:
    """Write the charts; returns their names."""
    from simrisk.dataset import probe_folder

    probe_folder(target / "charts")
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its fonts are kept is no concern of the user's
    from simrisk.charts import plot_gantt, plot_load, save
    from simrisk.charts.gantt import SLIDE_ROWS

    (target / "charts").mkdir(parents=True, exist_ok=True)
    written = []
    load = plot_load(baseline)
    drawn = [("gantt.svg", plot_gantt(baseline)), ("load.svg", load)]
    if png:  # for slides, on which many rows cannot be read
        drawn += [("gantt.png", plot_gantt(baseline, most=SLIDE_ROWS)), ("load.png", load)]
    for name, axes in drawn:
        save(axes, target / "charts" / name)
        written.append(f"charts/{name}")
    return written
