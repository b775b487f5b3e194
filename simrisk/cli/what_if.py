"""`simrisk what-if`: what each person, gate, risk, rule and mitigation is worth, in days and money."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.questions import Answer, Chart, Question, give, question_options

if TYPE_CHECKING:
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.study import WhatIf

HELP = """\b
Example:
  simrisk what-if scenarios/phase3.toml

Run the plan without each of its causes, one at a time, on the same dice: every person's time away, gate, risk, rule and
bottleneck, and every mitigation switched over. Says how many days of P50 and P80 and how much money each is worth, and
shares the whole delay out among what is left to chance (Shapley values). Writes what_if.json, what_if.md and charts to
results/<scenario>/.
"""


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    no_shares: bool
    everything: bool


@click.command("what-if", help=HELP, short_help="What everything is worth, in days and money, and its share.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--no-shares", is_flag=True, help="Each cause by itself alone, in less than half the time.")
@click.option("--all", "everything", is_flag=True, help="List every cause, also those that move nothing for sure.")
@question_options(trials="Of each variant. [default: the scenario's]", name="what_if")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Say what everything is worth."""
    from simrisk.report import what_if as report

    request = Request(**options)  # type: ignore[arg-type]
    made = request.load(scenario)
    target = request.target(made)
    found = _study(console, made, request)
    give(
        console,
        request,
        target,
        Answer(
            "what_if",
            text=lambda: report.text(report.Advice(found, everything=request.everything)),
            json=partial(report.as_json, found),
            markdown=lambda pictures: report.markdown(report.Advice(found), pictures=pictures),
            charts=[Chart("shares", found if "finish.p80" in found.shares else None), Chart("worth", found)],
        ),
    )
    return 0


def _study(console: Console, scenario: Scenario, request: Request) -> WhatIf:
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.whatif.study import Study

    ready_kernels(console, compile_plan(scenario))
    study = Study(scenario, request.worlds(scenario))
    trials = study.worlds.trials
    with console.stage("one by one"), console.progress(study.runs * trials, f"{study.runs - 1} causes") as progress:
        found = study.weigh(progress)
    if request.no_shares:
        return found
    with console.stage("shares"), console.progress(study.sharing_runs(found) * trials, "their shares") as progress:
        return study.share_out(found, progress)
