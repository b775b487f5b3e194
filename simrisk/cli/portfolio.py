"""`simrisk portfolio`: which mitigations buy most for a budget."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.questions import Answer, Chart, Question, give, question_options

HELP = """\b
Example:
  simrisk portfolio scenarios/tier3.toml --budget 50k

Which of the plan's mitigations together make it earliest for a budget? Runs the sets of them on the same dice and says
which are on the frontier of cost against P80, and how sure that is. Mitigations that are on stay on; --without makes
one of them a choice. Writes portfolio.json, portfolio.md and the chart to results/<scenario>/.
"""


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    budget: str | None


@click.command("portfolio", help=HELP, short_help="Which mitigations buy most for a budget.")
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--budget",
    metavar="MONEY",
    help="For the prices, and for what is added to the mean cost, e.g. 50k. [default: no limit]",
)
@question_options(trials="Of the best sets. [default: the scenario's]", name="portfolio")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Say which mitigations buy most for a budget."""
    request = Request(**options)  # type: ignore[arg-type]
    budget = _money(request.budget)
    made = request.load(scenario)
    if not any(not entry.active for entry in made.mitigations):
        raise click.UsageError(
            f"{scenario} has no mitigation that could be switched on: write [mitigations.NAME] with a price and "
            "changes, as docs/scenario.md shows, or make one that is on a choice with --without. What would be worth "
            f"a mitigation says: simrisk what-if {scenario}"
        )
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.report import portfolio as report
    from simrisk.whatif.portfolio import Selection

    target = request.target(made)
    ready_kernels(console, compile_plan(made))
    selection = Selection(made, request.worlds(made), budget=budget)
    with console.stage("sets"), console.progress(selection.trials, "sets of mitigations") as progress:
        found = selection.select(progress)
    give(
        console,
        request,
        target,
        Answer(
            "portfolio",
            text=partial(report.text, found),
            json=partial(report.as_json, found),
            markdown=lambda pictures: report.markdown(found, pictures=pictures),
            charts=[Chart("portfolio", found)],
        ),
    )
    return 0


def _money(text: str | None) -> float | None:
    from simrisk.errors import ScenarioError
    from simrisk.scenario.units import money

    try:
        return None if text is None else float(money(text)) / 100
    except ScenarioError as error:
        raise click.UsageError(f"--budget: {error.issues[0].found}") from None
