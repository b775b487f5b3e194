"""`simrisk replay`: the story of one trial, event by event, and why it ended when it did."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import (
    MOST_TRIALS,
    WholeNumber,
    changes_option,
    folder,
    sampling_option,
    seed_option,
    trials_option,
    with_option,
    without_option,
)
from simrisk.cli.run import begin, roll

if TYPE_CHECKING:
    from simrisk.models.sampling import Sampling
    from simrisk.scenario.model import Scenario
    from simrisk.story import Story

HELP = """\b
Example:
  simrisk replay scenarios/phase3.toml --at finish.p80

Tell one trial: who did what when, who was away, how gates were decided, and why it ended when it did.
Without --trial it is a typical late one, the trial whose finish is nearest P80.
"""


@dataclass(frozen=True)
class Request:
    """What the options ask for."""

    changes: tuple[tuple[str, str], ...]
    with_: tuple[str, ...]
    without: tuple[str, ...]
    trial: int | None
    at: str | None
    trials: int | None
    seed: int | None
    sampling: Sampling
    detail: str
    out: Path | None
    png: bool
    as_json: bool


@click.command("replay", help=HELP, short_help="The story of one trial, and why it ended when it did.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--trial", type=WholeNumber(0, MOST_TRIALS), help="Its number, from 0.")
@click.option("--at", metavar="METRIC", help="The trial nearest a quantile, e.g. cost.p90. [default: finish.p80]")
@trials_option("That --at is among. [default: the scenario's]")
@seed_option("the scenario's")
@sampling_option
@changes_option
@with_option
@without_option
@click.option("--all", "detail", flag_value="all", help="Everything that happened.")
@click.option("--brief", "detail", flag_value="brief", default="brief", help="What moved the finish. [default]")
@click.option("--out", callback=folder, metavar="DIR", help="Write trial-N.txt, trial-N.json and trial-N.svg there.")
@click.option(
    "--png", is_flag=True, help="Write the chart as PNG, too, for slides. [default folder: results/<scenario>/]"
)
@click.option("--json", "as_json", is_flag=True, help="Print the story as JSON, with everything that happened.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, **options: object) -> int:
    """Tell one trial."""
    from simrisk.scenario.load import load

    request = Request(**options)  # type: ignore[arg-type]
    if request.trial is not None and (request.at or request.trials):
        raise click.UsageError("--trial names the trial: leave out --at and --trials.")
    with console.stage("read"):
        loaded = load(scenario, changes=request.changes, with_=request.with_, without=request.without)
    target = request.out or (Path("results") / loaded.id if request.png else None)
    if target is not None:
        from simrisk.dataset import probe_folder

        probe_folder(target)
    story = tell(console, loaded, request)
    if target is not None:
        with console.stage("write"):
            written = _write(story, target, request)
        console.say(f"Written to {target}: {', '.join(written)}.")
    click.echo(_answer(console, story, request), nl=False)
    return 0


def tell(console: Console, scenario: Scenario, request: Request) -> Story:
    """Find the trial and live through it.

    Raises
    ------
    MetricError
    EngineError
    """
    seed = scenario.simulation.seed if request.seed is None else request.seed
    experiment = begin(console, scenario, seed=seed, engine="kernel", threads=None, sampling=request.sampling)
    from simrisk.story import LATE, nearest, retold

    number, chosen = request.trial, None
    if number is None:
        metric = request.at or LATE
        nearest(experiment.rehearsal(), metric)  # complains of the metric before any dice are rolled
        roll(console, experiment, scenario.simulation.trials if request.trials is None else request.trials)
        number, chosen = nearest(experiment.run(), metric)
    with console.stage("replay"):
        return retold(scenario, number, seed=seed, sampling=request.sampling, chosen=chosen)


def _answer(console: Console, story: Story, request: Request) -> str:
    from simrisk.report import story_json, story_text

    if request.as_json:
        return story_json.render(story)
    columns = shutil.get_terminal_size((100, 24)).columns
    return story_text.render(story, width=columns, everything=request.detail == "all", color=console.color)


def _write(story: Story, target: Path, request: Request) -> list[str]:
    """Write the story and its chart; returns the names of the files."""
    from simrisk.charts import plot_story, save
    from simrisk.charts.story import SLIDE_ROWS
    from simrisk.dataset import write_text
    from simrisk.report import story_json, story_text
    from simrisk.report.pictures import quiet

    quiet()
    target.mkdir(parents=True, exist_ok=True)
    name = f"trial-{story.number}"
    write_text(target / f"{name}.txt", story_text.render(story, everything=request.detail == "all"))
    write_text(target / f"{name}.json", story_json.render(story))
    save(plot_story(story), target / f"{name}.svg")
    endings = ["svg"]
    if request.png:
        save(plot_story(story, most=SLIDE_ROWS), target / f"{name}.png")  # all rows could not be read on a slide
        endings.append("png")
    return [f"{name}.{ending}" for ending in ("txt", "json", *endings)]
