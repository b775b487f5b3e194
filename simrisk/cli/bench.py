"""`simrisk bench`: how fast this machine is, beside the same work in NumPy, in plain Python and in SimPy."""

from __future__ import annotations

import click

from simrisk.cli.console import Console, global_options

HELP = """\b
Example:
  simrisk bench --quick

Measure the kernels on this machine beside the same work in NumPy, in plain Python and in SimPy.

Takes some three minutes, with --quick a few seconds. Exit code 3 when integers differ that ought to be equal; a missed
target is no failure.
"""

DIFFERENT = 3


@click.command("bench", help=HELP, short_help="Measure how fast it is on this machine, and beside what.")
@click.option("--quick", is_flag=True, help="Fewer cases and shorter turns: rough figures in a few seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON, each repetition too.")
@global_options
@click.pass_obj
def command(console: Console, *, quick: bool, as_json: bool) -> int:
    """Measure and print."""
    from simrisk.engines import cache, kernels_ready

    cache.enable()  # before anything imports a kernel
    if not kernels_ready():
        console.say("Compiling the kernels (some forty seconds) ...")
    from simrisk.bench import report

    measured = report.measure_all(quick=quick, say=console.say)
    click.echo(report.render_json(measured) if as_json else report.render(measured), nl=False)
    return DIFFERENT if measured.differing else 0
