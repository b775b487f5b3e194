"""`simrisk away`: who would be missed, week by week, who could take over, and what cover would buy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import WholeNumber
from simrisk.cli.questions import Answer, Chart, Question, give, question_options

if TYPE_CHECKING:
    from simrisk.report.away import Story
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.cover import Terms

TRIALS = 1_200  # as `simrisk.whatif.away`, which takes long to import

HELP = """\b
Example:
  simrisk away scenarios/phase3.toml

What would it do if somebody were unexpectedly away? For every person and each week of the plan, by how much P80 is
later when they are away for two and for four weeks, and nobody knows for how long. Says who would be missed, who could
take over, and what a backup, training or a contractor would buy. Writes away.json, away.md and the heat map to
results/<scenario>/.
"""


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    people: tuple[str, ...]
    weeks: tuple[int, ...]
    no_cover: bool
    training: str
    contractor: str | None


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
@question_options(trials=f"Of each absence. [default: {TRIALS}]", name="away")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Say who would be missed when, and what cover would buy."""
    from simrisk.report import away as report

    request = Request(**options)  # type: ignore[arg-type]
    made = request.load(scenario)
    _check_people(made, request.people)
    terms = _terms(made, request)
    target = request.target(made)
    story = _story(console, made, request, terms)
    give(
        console,
        request,
        target,
        Answer(
            "away",
            text=partial(report.text, story),
            json=partial(report.as_json, story),
            markdown=lambda pictures: report.markdown(story, pictures=pictures),
            charts=[Chart("away", story.found if story.found.people else None)],
        ),
    )
    return 0


def _check_people(scenario: Scenario, names: tuple[str, ...]) -> None:
    known = [person.id for person in scenario.people]
    if not known:
        raise click.UsageError(
            f"{scenario.path} has no people with names, only pools: nobody whose absence could be looked at. What "
            f"waiting for the heads of each pool, late hires and who leaves are worth says: simrisk what-if "
            f"{scenario.path}"
            if scenario.pools
            else f"{scenario.path} has no people: nobody whose absence could be looked at."
        )
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
    from simrisk.models.absence import absent_on
    from simrisk.report.away import Story
    from simrisk.whatif.away import WEEKS, Survey
    from simrisk.whatif.cover import CoverStudy

    worlds = request.worlds(scenario, trials=TRIALS)
    survey = Survey(scenario, worlds, people=request.people, weeks=request.weeks or WEEKS)
    anybody = scenario.people[0].id
    ready_kernels(console, absent_on(survey.plan, anybody, 0, 1))  # with an absence, a plain plan is not plain
    absences = survey.runs * worlds.trials
    with console.stage("absences"), console.progress(absences, f"{survey.runs:,} absences") as progress:
        found = survey.price(progress)
    if request.no_cover:
        return Story(found, (), terms)
    study = CoverStudy(found, terms)
    with console.stage("cover"), console.progress(study.work, "what cover would buy") as progress:
        return Story(found, study.study(progress), terms)
