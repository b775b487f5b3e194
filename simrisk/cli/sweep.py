"""`simrisk sweep`: a plan with several values of some of its keys, every combination on the same dice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import several_option
from simrisk.cli.questions import Answer, Chart, Question, give, question_options

if TYPE_CHECKING:
    from simrisk.engines import Engine
    from simrisk.report.sweep import SweepStory
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.grid import Variants
    from simrisk.whatif.worlds import Worlds

HELP = """\b
Example:
  simrisk sweep scenarios/phase3.toml --set people.ECLIPSE.fte=0.6..1.0:0.1

Try several values of a key of the scenario, or every combination of several keys, on the same dice: when it is
finished, what it costs, and how far each value moves that from the plan as in the file. Writes sweep.json, sweep.md and
charts/sweep.svg to results/<scenario>/ and prints the table.
"""


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    metrics: tuple[str, ...]


@click.command("sweep", help=HELP, short_help="Try several values of keys: a table and a chart.")
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="Which figure, e.g. finish.p90 or gate.tier1.p_go; may be repeated. [default: P50, P80, cost, on time]",
)
@question_options(trials="Of each variant. [default: the scenario's]", name="sweep", changes=several_option)
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Try several values of keys."""
    request = Request(**options)  # type: ignore[arg-type]
    sweep(console, scenario, request, metrics=request.metrics)
    return 0


def sweep(
    console: Console, path: str, question: Question, *, metrics: tuple[str, ...] = (), engine: Engine = "kernel"
) -> None:
    """Run every variant, write what came out, print it.

    Raises
    ------
    click.UsageError
        No key has several values.
    ScenarioError
        With every fault of every variant, before anything is run.
    MetricError, ResultsError
    """
    from simrisk.report import sweep as report

    with console.stage("read"):
        variants = _variants(path, question)
    first = variants.own or variants.scenarios[0]
    target = question.target(first)
    if engine == "kernel":
        _ready(console, first)
    story = _run(console, variants, question.worlds(first, engine=engine), metrics)
    give(
        console,
        question,
        target,
        Answer(
            "sweep",
            text=partial(report.text, story),
            json=partial(report.as_json, story),
            markdown=lambda pictures: report.markdown(story, pictures=pictures),
            charts=[Chart("sweep", story.found)],
        ),
    )


def _variants(path: str, question: Question) -> Variants:
    from simrisk.engines import cache
    from simrisk.scenario.several import values_of

    if all(len(values_of(*change)) < 2 for change in question.changes):
        raise click.UsageError(
            "Which values? Name several of at least one key, e.g. --set people.APEX.fte=0.8,1.0 or "
            "--set people.APEX.fte=0.5..1.0:0.1"
        )
    cache.enable()  # before anything imports a kernel
    from simrisk.whatif.grid import grid_of, variants_of

    return variants_of(grid_of(question.changes), lambda changes: question.load(path, changes))


def _ready(console: Console, scenario: Scenario) -> None:
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan

    ready_kernels(console, compile_plan(scenario))


def _run(console: Console, variants: Variants, worlds: Worlds, metrics: tuple[str, ...]) -> SweepStory:
    from simrisk.report.sweep import SweepStory
    from simrisk.whatif.sweep import run_sweep, runs_of

    runs = runs_of(variants)
    with console.stage("simulate"), console.progress(worlds.trials * runs, f"{runs} plans") as progress:
        return SweepStory(run_sweep(variants, worlds, metrics, progress))
