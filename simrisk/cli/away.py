"""`simrisk away`: who would be missed, week by week, who could take over, and what cover would buy."""

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
    from simrisk.report.away import Story
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.cover import Terms

TRIALS = 1_200  # as `simrisk.whatif.away`, which takes long to import
CHART = "charts/away"

HELP = """\b
Example:
  simrisk away scenarios/phase3.toml

What would it do if somebody were unexpectedly away? For every person and each week of the plan, by how much P80 is
later when they are away for two and for four weeks, and nobody knows for how long. Says who would be missed, who could
take over, and what a backup, training or a contractor would buy. Writes away.json, away.md and the heat map to
results/<scenario>/.
"""


@dataclass(frozen=True)
class Request:
    """What the options ask for."""

    people: tuple[str, ...]
    weeks: tuple[int, ...]
    cover: bool
    training: str
    contractor: str | None
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


@click.command("away", help=HELP, short_help="Who would be missed when, and what cover would buy.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--person", "people", multiple=True, metavar="NAME", help="Only this one; may be repeated.")
@click.option(
    "--weeks", multiple=True, type=WholeNumber(1, 52), help="How long they are away; may be repeated. [default: 2, 4]"
)
@click.option("--no-cover", is_flag=True, help="The heat map alone.")
@click.option(
    "--training", default="16h", show_default=True, metavar="EFFORT", help="That teacher and learner spend together."
)
@click.option("--contractor", metavar="RATE", help="What one is paid, e.g. 120/h. [default: 1.5 times the person's]")
@click.option("--trials", type=WholeNumber(1, 10_000_000), help=f"Of each absence. [default: {TRIALS}]")
@click.option("--seed", type=WholeNumber(0, 2**63 - 1), help="Which dice. [default: the scenario's]")
@sampling_option
@changes_option
@with_option
@without_option
@click.option("--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]")
@click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]")
@click.option("--json", "as_json", is_flag=True, help="Print away.json instead of the tables.")
@click.option("--png", is_flag=True, help="The chart as PNG, too, for slides.")
@click.option("--no-charts", is_flag=True, help="Draw no chart.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, *, no_cover: bool, no_charts: bool, **options: object) -> int:
    """Say who would be missed when, and what cover would buy."""
    from simrisk.report import away as report
    from simrisk.scenario.load import load

    request = Request(cover=not no_cover, charts=not no_charts, **options)  # type: ignore[arg-type]
    made = load(scenario, changes=request.changes, with_=request.with_, without=request.without)
    _check_people(made, request.people)
    terms = _terms(made, request)
    target = request.out or Path("results") / made.id
    from simrisk.dataset import probe_folder

    probe_folder(target / "charts" if request.charts else target)
    story = _story(console, made, request, terms)
    with console.stage("write"):
        written = _write(story, request, target)
    click.echo(report.as_json(story) if request.as_json else report.text(story), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")
    return 0


def _check_people(scenario: Scenario, names: tuple[str, ...]) -> None:
    known = [person.id for person in scenario.people]
    if not known:
        raise click.UsageError(f"{scenario.path} has no people with names: nobody whose absence could be looked at.")
    for name in names:
        if name not in known:
            raise click.UsageError(f"--person: '{name}' is nobody of this plan. There are: {', '.join(known)}.")


def _terms(scenario: Scenario, request: Request) -> Terms:
    from simrisk.errors import ScenarioError
    from simrisk.scenario.units import Units
    from simrisk.whatif.cover import Terms

    project = scenario.project
    units = Units(project.day_minutes, len(project.work_week))
    try:
        training = units.effort(request.training)
    except ScenarioError as error:
        raise click.UsageError(f"--training: {error.issues[0].found}") from None
    try:
        rate = None if request.contractor is None else units.rate(request.contractor)
    except ScenarioError as error:
        raise click.UsageError(f"--contractor: {error.issues[0].found}") from None
    return Terms(round(training), rate)


def _story(console: Console, scenario: Scenario, request: Request, terms: Terms) -> Story:
    from simrisk.cli.run import ready_kernels
    from simrisk.report.away import Story
    from simrisk.whatif.away import WEEKS, Survey
    from simrisk.whatif.cover import CoverStudy
    from simrisk.whatif.worlds import Worlds

    ready_kernels(console)  # plain plans are not plain any more when somebody is absent: both are needed
    trials = TRIALS if request.trials is None else request.trials
    seed = scenario.simulation.seed if request.seed is None else request.seed
    worlds = Worlds(trials=trials, seed=seed, sampling=request.sampling, threads=request.threads)
    survey = Survey(scenario, worlds, people=request.people, weeks=request.weeks or WEEKS)
    with console.stage("absences"), console.progress(survey.runs * trials, f"{survey.runs:,} absences") as progress:
        found = survey.price(progress)
    if not request.cover:
        return Story(found, (), terms)
    study = CoverStudy(found, terms)
    with console.stage("cover"), console.progress(study.work, "what cover would buy") as progress:
        return Story(found, study.study(progress), terms)


def _write(story: Story, request: Request, target: Path) -> list[str]:
    from simrisk.dataset import together, write_text
    from simrisk.report import away as report

    endings = ("svg", "png") if request.png else ("svg",)
    with together(target, outdated=[f"{CHART}.{ending}" for ending in ("svg", "png")]) as place:
        drawn = list(_draw(story, place, endings)) if request.charts and story.found.people else []
        pictures = [("By how much later P80 is when somebody is away from each week on", f"{CHART}.svg")]
        write_text(place / "away.json", report.as_json(story))
        write_text(place / "away.md", report.markdown(story, pictures=pictures if drawn else []))
    return ["away.json", "away.md", *drawn]


def _draw(story: Story, place: Path, endings: tuple[str, ...]) -> Iterator[str]:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its fonts are kept is no concern of the user's
    from simrisk.charts import plot_away, save

    (place / "charts").mkdir(exist_ok=True)
    axes = plot_away(story.found)
    for ending in endings:
        save(axes, place / f"{CHART}.{ending}")
        yield f"{CHART}.{ending}"
