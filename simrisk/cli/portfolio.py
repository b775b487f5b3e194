"""`simrisk portfolio`: which mitigations buy most for a budget."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import WholeNumber, changes_option, folder, sampling_option, with_option, without_option

if TYPE_CHECKING:
    from simrisk.models.sampling import Sampling
    from simrisk.whatif.portfolio import Portfolio

CHART = "charts/portfolio"

HELP = """\b
Example:
  simrisk portfolio scenarios/tier3.toml --budget 50k

Which of the plan's mitigations together make it earliest for a budget? Runs the sets of them on the same dice and says
which are on the frontier of cost against P80, and how sure that is. Mitigations that are on stay on; --without makes
one of them a choice. Writes portfolio.json, portfolio.md and the chart to results/<scenario>/.
"""


@dataclass(frozen=True)
class Request:
    """What the options ask for."""

    budget: str | None
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


@click.command("portfolio", help=HELP, short_help="Which mitigations buy most for a budget.")
@click.argument("scenario", metavar="SCENARIO")
@click.option(
    "--budget",
    metavar="MONEY",
    help="For the prices, and for what is added to the mean cost, e.g. 50k. [default: no limit]",
)
@click.option("--trials", type=WholeNumber(1, 10_000_000), help="Of the best sets. [default: the scenario's]")
@click.option("--seed", type=WholeNumber(0, 2**63 - 1), help="Which dice. [default: the scenario's]")
@sampling_option
@changes_option
@with_option
@without_option
@click.option("--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]")
@click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]")
@click.option("--json", "as_json", is_flag=True, help="Print portfolio.json instead of the tables.")
@click.option("--png", is_flag=True, help="The chart as PNG, too, for slides.")
@click.option("--no-charts", is_flag=True, help="Draw no chart.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, *, no_charts: bool, **options: object) -> int:
    """Say which mitigations buy most for a budget."""
    from simrisk.report import portfolio as report
    from simrisk.scenario.load import load

    request = Request(charts=not no_charts, **options)  # type: ignore[arg-type]
    budget = _money(request.budget)
    made = load(scenario, changes=request.changes, with_=request.with_, without=request.without)
    if not any(not entry.active for entry in made.mitigations):
        raise click.UsageError(
            f"{scenario} has no mitigation that could be switched on: write [mitigations.NAME] with a price and "
            "changes, or make one that is on a choice with --without."
        )
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.dataset import probe_folder
    from simrisk.whatif.portfolio import Selection
    from simrisk.whatif.worlds import Worlds

    target = request.out or Path("results") / made.id
    probe_folder(target / "charts" if request.charts else target)
    ready_kernels(console, compile_plan(made))
    trials = made.simulation.trials if request.trials is None else request.trials
    seed = made.simulation.seed if request.seed is None else request.seed
    worlds = Worlds(trials=trials, seed=seed, sampling=request.sampling, threads=request.threads)
    selection = Selection(made, worlds, budget=budget)
    with console.stage("sets"), console.progress(selection.trials, "sets of mitigations") as progress:
        found = selection.select(progress)
    with console.stage("write"):
        written = _write(found, request, target)
    click.echo(report.as_json(found) if request.as_json else report.text(found), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")
    return 0


def _money(text: str | None) -> float | None:
    from simrisk.errors import ScenarioError
    from simrisk.scenario.units import money

    try:
        return None if text is None else float(money(text)) / 100
    except ScenarioError as error:
        raise click.UsageError(f"--budget: {error.issues[0].found}") from None


def _write(found: Portfolio, request: Request, target: Path) -> list[str]:
    from simrisk.dataset import together, write_text
    from simrisk.report import portfolio as report

    endings = ("svg", "png") if request.png else ("svg",)
    with together(target, outdated=[f"{CHART}.{ending}" for ending in ("svg", "png")]) as place:
        drawn = list(_draw(found, place, endings)) if request.charts else []
        pictures = [("How much earlier P80 is with each set of mitigations, against its cost", f"{CHART}.svg")]
        write_text(place / "portfolio.json", report.as_json(found))
        write_text(place / "portfolio.md", report.markdown(found, pictures=pictures if drawn else []))
    return ["portfolio.json", "portfolio.md", *drawn]


def _draw(found: Portfolio, place: Path, endings: tuple[str, ...]) -> Iterator[str]:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its fonts are kept is no concern of the user's
    from simrisk.charts import plot_portfolio, save

    (place / "charts").mkdir(exist_ok=True)
    axes = plot_portfolio(found)
    for ending in endings:
        save(axes, place / f"{CHART}.{ending}")
        yield f"{CHART}.{ending}"
