"""`simrisk gates`: what another policy at each gate would do, on the same dice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import WholeNumber, changes_option, folder, sampling_option, with_option, without_option

if TYPE_CHECKING:
    from simrisk.models.sampling import Sampling
    from simrisk.report.policies import PolicyStory
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.policies import When

CHART = "charts/policies"

HELP = """\b
Example:
  simrisk gates scenarios/phase3.toml

Compare what a no-go could lead to, gate by gate and for all gates together, on the same dice: extend until it goes,
proceed without a go, descope, stop, or hold the gate a sprint earlier or later. Says what that does to P50, P80 and
cost, how often the project is stopped, and how often the gate is passed with a go. Writes gates.json, gates.md and
charts/policies.svg to results/<scenario>/.
"""


@dataclass(frozen=True)
class Request:
    """What the options ask for."""

    gates: tuple[str, ...]
    after: bool
    changes: tuple[tuple[str, str], ...]
    with_: tuple[str, ...]
    without: tuple[str, ...]
    trials: int | None
    seed: int | None
    sampling: Sampling
    threads: int | None
    out: Path | None
    as_json: bool
    png: bool
    charts: bool


@click.command("gates", help=HELP, short_help="What another policy at each gate would do.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--gate", "gates", multiple=True, metavar="ID", help="This gate alone; may be repeated. [default: all]")
@click.option(
    "--after-extensions",
    "after",
    is_flag=True,
    help="Proceed, descope and stop after the extensions as written, not at the first no-go.",
)
@click.option("--trials", type=WholeNumber(1, 10_000_000), help="Of each policy. [default: the scenario's]")
@click.option("--seed", type=WholeNumber(0, 2**63 - 1), help="Which dice. [default: the scenario's]")
@sampling_option
@changes_option
@with_option
@without_option
@click.option("--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]")
@click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]")
@click.option("--json", "as_json", is_flag=True, help="Print gates.json instead of the tables.")
@click.option("--png", is_flag=True, help="The chart as PNG, too, for slides.")
@click.option("--no-charts", is_flag=True, help="Draw no chart.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, *, no_charts: bool, **options: object) -> int:
    """Compare gate policies."""
    from simrisk.scenario.load import load

    request = Request(charts=not no_charts, **options)  # type: ignore[arg-type]
    made = load(scenario, changes=request.changes, with_=request.with_, without=request.without)
    _check(made, request.gates)
    target = request.out or Path("results") / made.id
    from simrisk.dataset import probe_folder

    for place in (target, target / "charts") if request.charts else (target,):
        probe_folder(place)
    story = _run(console, made, request)
    with console.stage("write"):
        written = _write(story, target, request)
    from simrisk.report import policies as report

    click.echo(report.as_json(story) if request.as_json else report.text(story), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")
    return 0


def _check(scenario: Scenario, gates: tuple[str, ...]) -> None:
    """See that there is something to compare.

    Raises
    ------
    click.UsageError
    """
    from simrisk.scenario.faults import did_you_mean, listed

    known = {gate.id: gate for gate in scenario.gates}
    if not known:
        raise click.UsageError("The scenario has no gates.")
    for name in gates:
        if name not in known:
            hint = did_you_mean(name, known) or f" There are {listed(known)}."
            raise click.UsageError(f"--gate: '{name}' is not a gate of this scenario.{hint}")
    wanted = gates or tuple(known)
    if all(known[name].passed is not None for name in wanted):
        raise click.UsageError(f"{listed(wanted)}: passed before the status date, there is nothing left to decide.")


def _run(console: Console, scenario: Scenario, request: Request) -> PolicyStory:
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.report.policies import PolicyStory
    from simrisk.whatif.policies import run_policies, runs_of
    from simrisk.whatif.worlds import Worlds

    ready_kernels(console, compile_plan(scenario))
    plan = scenario.simulation
    trials = plan.trials if request.trials is None else request.trials
    seed = plan.seed if request.seed is None else request.seed
    worlds = Worlds(trials=trials, seed=seed, sampling=request.sampling, threads=request.threads)
    when: When = "last" if request.after else "first"
    runs = runs_of(scenario, request.gates, when)
    with console.stage("simulate"), console.progress(trials * runs, f"{runs} plans") as progress:
        return PolicyStory(run_policies(scenario, worlds, request.gates, when, progress))


def _write(story: PolicyStory, target: Path, request: Request) -> list[str]:
    from simrisk.dataset import together, write_text
    from simrisk.report import policies as report

    pictures = []
    with together(target, outdated=[f"{CHART}.{ending}" for ending in ("svg", "png")]) as place:
        if request.charts:
            from simrisk.charts import plot_policies, save, title_of
            from simrisk.report.pictures import quiet

            quiet()
            (place / "charts").mkdir()
            axes = plot_policies(story.found)
            for ending in ("svg", "png") if request.png else ("svg",):
                save(axes, place / f"{CHART}.{ending}")
                pictures.append((title_of(axes), f"{CHART}.{ending}"))
        write_text(place / "gates.json", report.as_json(story))
        write_text(place / "gates.md", report.markdown(story, pictures=pictures[:1]))
    return ["gates.json", "gates.md", *(name for _, name in pictures)]
