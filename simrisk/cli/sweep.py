"""`simrisk sweep`: a plan with several values of some of its keys, every combination on the same dice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import (
    WholeNumber,
    folder,
    sampling_option,
    several_option,
    with_option,
    without_option,
)

if TYPE_CHECKING:
    from simrisk.engines import Engine
    from simrisk.models.sampling import Sampling
    from simrisk.report.sweep import SweepStory
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.grid import Changes, Variants

CHART = "charts/sweep"

HELP = """\b
Example:
  simrisk sweep scenarios/phase3.toml --set people.ECLIPSE.fte=0.6..1.0:0.1

Try several values of a key of the scenario, or every combination of several keys, on the same dice: when it is
finished, what it costs, and how far each value moves that from the plan as in the file. Writes sweep.json, sweep.md and
charts/sweep.svg to results/<scenario>/ and prints the table.
"""


@dataclass(frozen=True)
class Wanted:
    """What the options ask for."""

    changes: Changes
    with_: tuple[str, ...]
    without: tuple[str, ...]
    metrics: tuple[str, ...]
    trials: int | None
    seed: int | None
    sampling: Sampling
    threads: int | None
    out: Path | None
    as_json: bool
    png: bool
    charts: bool
    engine: Engine = "kernel"


@click.command("sweep", help=HELP, short_help="Try several values of keys: a table and a chart.")
@click.argument("scenario", metavar="SCENARIO")
@several_option
@with_option
@without_option
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Which figure, e.g. finish.p90 or gate.tier1.p_go; may be repeated. [default: P50, P80, cost, on time]",
)
@click.option("--trials", type=WholeNumber(1, 10_000_000), help="Of each variant. [default: the scenario's]")
@click.option("--seed", type=WholeNumber(0, 2**63 - 1), help="Which dice. [default: the scenario's]")
@sampling_option
@click.option("--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]")
@click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]")
@click.option("--json", "as_json", is_flag=True, help="Print sweep.json instead of the table.")
@click.option("--png", is_flag=True, help="The chart as PNG, too, for slides.")
@click.option("--no-charts", is_flag=True, help="Draw no chart.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, *, no_charts: bool, **options: object) -> int:
    """Try several values of keys."""
    sweep(console, scenario, Wanted(charts=not no_charts, **options))  # type: ignore[arg-type]
    return 0


def sweep(console: Console, path: str, wanted: Wanted) -> None:
    """Run every variant, write what came out, print it.

    Raises
    ------
    click.UsageError
        No key has several values.
    ScenarioError
        With every fault of every variant, before anything is run.
    MetricError, ResultsError
    """
    from simrisk.dataset import probe_folder

    with console.stage("read"):
        variants = _variants(path, wanted)
    first = variants.own or variants.scenarios[0]
    target = wanted.out or Path("results") / first.id
    for place in (target, target / "charts") if wanted.charts else (target,):
        probe_folder(place)
    story = _run(console, variants, first, wanted)
    written = _write(story, target, wanted)
    from simrisk.report import sweep as report

    click.echo(report.as_json(story) if wanted.as_json else report.text(story), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")


def _variants(path: str, wanted: Wanted) -> Variants:
    from simrisk.engines import cache
    from simrisk.scenario.several import values_of

    if all(len(values_of(*change)) < 2 for change in wanted.changes):
        raise click.UsageError(
            "Which values? Name several of at least one key, e.g. --set people.APEX.fte=0.8,1.0 or "
            "--set people.APEX.fte=0.5..1.0:0.1"
        )
    cache.enable()  # before anything imports a kernel
    from simrisk.scenario.load import load
    from simrisk.whatif.grid import grid_of, variants_of

    return variants_of(
        grid_of(wanted.changes),
        lambda changes: load(path, changes=changes, with_=wanted.with_, without=wanted.without),
    )


def _run(console: Console, variants: Variants, first: Scenario, wanted: Wanted) -> SweepStory:
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.report.sweep import SweepStory
    from simrisk.whatif.sweep import run_sweep, runs_of
    from simrisk.whatif.worlds import Worlds

    if wanted.engine == "kernel":
        ready_kernels(console, compile_plan(first))
    trials = first.simulation.trials if wanted.trials is None else wanted.trials
    seed = first.simulation.seed if wanted.seed is None else wanted.seed
    worlds = Worlds(trials, seed, wanted.sampling, wanted.engine, wanted.threads)
    total = trials * runs_of(variants)
    with console.stage("simulate"), console.progress(total, f"{runs_of(variants)} plans") as progress:
        return SweepStory(run_sweep(variants, worlds, wanted.metrics, progress))


def _write(story: SweepStory, target: Path, wanted: Wanted) -> list[str]:
    from simrisk.dataset import together, write_text
    from simrisk.report import sweep as report

    pictures = []
    with together(target, outdated=[f"{CHART}.{ending}" for ending in ("svg", "png")]) as place:
        if wanted.charts:
            from simrisk.charts import plot_sweep, save, title_of
            from simrisk.report.pictures import quiet

            quiet()
            (place / "charts").mkdir()
            axes = plot_sweep(story.found)
            for ending in ("svg", "png") if wanted.png else ("svg",):
                save(axes, place / f"{CHART}.{ending}")
                pictures.append((title_of(axes), f"{CHART}.{ending}"))
        write_text(place / "sweep.json", report.as_json(story))
        write_text(place / "sweep.md", report.markdown(story, pictures=pictures[:1]))
    return ["sweep.json", "sweep.md", *(name for _, name in pictures)]
