"""`simrisk gates`: what another policy at each gate would do, on the same dice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.questions import Answer, Chart, Question, give, question_options

if TYPE_CHECKING:
    from simrisk.report.policies import PolicyStory
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.policies import When

HELP = """\b
Example:
  simrisk gates scenarios/phase3.toml

Compare what a no-go could lead to, gate by gate and for all gates together, on the same dice: extend until it goes,
proceed without a go, descope, stop, or hold the gate a sprint earlier or later. Says what that does to P50, P80 and
cost, how often the project is stopped, and how often the gate is passed with a go. Writes gates.json, gates.md and
charts/policies.svg to results/<scenario>/.
"""


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    gates: tuple[str, ...]
    after: bool


@click.command("gates", help=HELP, short_help="What another policy at each gate would do.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--gate", "gates", multiple=True, metavar="ID", help="This gate alone; may be repeated. [default: all]")
@click.option(
    "--after-extensions",
    "after",
    is_flag=True,
    help="Proceed, descope and stop after the extensions as written, not at the first no-go.",
)
@question_options(trials="Of each policy. [default: the scenario's]", name="gates")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Compare gate policies."""
    from simrisk.report import policies as report

    request = Request(**options)  # type: ignore[arg-type]
    made = request.load(scenario)
    _check(made, request.gates)
    target = request.target(made)
    story = _run(console, made, request)
    give(
        console,
        request,
        target,
        Answer(
            "gates",
            text=partial(report.text, story),
            json=partial(report.as_json, story),
            markdown=lambda pictures: report.markdown(story, pictures=pictures),
            charts=[Chart("policies", story.found)],
        ),
    )
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
        raise click.UsageError(
            f"{scenario.path} has no gates, so there is no policy to compare. What else delays it says: simrisk "
            f"what-if {scenario.path}"
        )
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

    ready_kernels(console, compile_plan(scenario))
    worlds = request.worlds(scenario)
    when: When = "last" if request.after else "first"
    runs = runs_of(scenario, request.gates, when)
    with console.stage("simulate"), console.progress(worlds.trials * runs, f"{runs} plans") as progress:
        return PolicyStory(run_policies(scenario, worlds, request.gates, when, progress))
