"""`simrisk what-if`: what each person, gate, risk, rule and mitigation is worth, in days and money."""

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
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.study import WhatIf

CHARTS = ("shares", "worth")

HELP = """\b
Example:
  simrisk what-if scenarios/phase3.toml

Run the plan without each of its causes, one at a time, on the same dice: every person's time away, gate, risk, rule and
bottleneck, and every mitigation switched over. Says how many days of P50 and P80 and how much money each is worth, and
shares the whole delay out among what is left to chance (Shapley values). Writes what_if.json, what_if.md and charts to
results/<scenario>/.
"""


@dataclass(frozen=True)
class Request:
    """What the options ask for."""

    changes: tuple[tuple[str, str], ...]
    with_: tuple[str, ...]
    without: tuple[str, ...]
    trials: int | None
    seed: int | None
    sampling: Sampling
    threads: int | None
    shares: bool
    everything: bool
    out: Path | None
    as_json: bool
    png: bool
    charts: bool


@click.command("what-if", help=HELP, short_help="What everything is worth, in days and money, and its share.")
@click.argument("scenario", metavar="SCENARIO")
@click.option("--trials", type=WholeNumber(1, 10_000_000), help="Of each variant. [default: the scenario's]")
@click.option("--seed", type=WholeNumber(0, 2**63 - 1), help="Which dice. [default: the scenario's]")
@sampling_option
@changes_option
@with_option
@without_option
@click.option("--no-shares", is_flag=True, help="Each cause by itself alone, in less than half the time.")
@click.option("--all", "everything", is_flag=True, help="List every cause, also those that move nothing for sure.")
@click.option("--threads", type=WholeNumber(1, 1024), help="Results do not depend on it. [default: all cores]")
@click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]")
@click.option("--json", "as_json", is_flag=True, help="Print what_if.json instead of the tables.")
@click.option("--png", is_flag=True, help="Charts as PNG, too, for slides.")
@click.option("--no-charts", is_flag=True, help="Draw no charts.")
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str, *, no_shares: bool, no_charts: bool, **options: object) -> int:
    """Say what everything is worth."""
    from simrisk.report import what_if as report
    from simrisk.scenario.load import load

    request = Request(shares=not no_shares, charts=not no_charts, **options)  # type: ignore[arg-type]
    made = load(scenario, changes=request.changes, with_=request.with_, without=request.without)
    target = request.out or Path("results") / made.id
    from simrisk.dataset import probe_folder

    probe_folder(target / "charts" if request.charts else target)
    found = _study(console, made, request)
    with console.stage("write"):
        written = _write(found, request, target)
    advice = report.Advice(found, everything=request.everything)
    click.echo(report.as_json(found) if request.as_json else report.text(advice), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")
    return 0


def _study(console: Console, scenario: Scenario, request: Request) -> WhatIf:
    from simrisk.cli.run import ready_kernels
    from simrisk.compile import compile_plan
    from simrisk.whatif.study import Study
    from simrisk.whatif.worlds import Worlds

    ready_kernels(console, compile_plan(scenario))
    plan = scenario.simulation
    trials = plan.trials if request.trials is None else request.trials
    seed = plan.seed if request.seed is None else request.seed
    worlds = Worlds(trials=trials, seed=seed, sampling=request.sampling, threads=request.threads)
    study = Study(scenario, worlds)
    with console.stage("one by one"), console.progress(study.runs * trials, f"{study.runs - 1} causes") as progress:
        found = study.weigh(progress)
    if not request.shares:
        return found
    with console.stage("shares"), console.progress(study.sharing_runs(found) * trials, "their shares") as progress:
        return study.share_out(found, progress)


def _write(found: WhatIf, request: Request, target: Path) -> list[str]:
    from simrisk.dataset import together, write_text
    from simrisk.report import what_if as report

    endings = ("svg", "png") if request.png else ("svg",)
    outdated = [f"charts/{name}.{ending}" for name in CHARTS for ending in ("svg", "png")]
    with together(target, outdated=outdated) as place:
        drawn = list(_draw(found, place / "charts", endings)) if request.charts else []
        write_text(place / "what_if.json", report.as_json(found))
        pictures = [(caption, f"charts/{name}.svg") for name, caption in drawn]
        write_text(place / "what_if.md", report.markdown(report.Advice(found), pictures=pictures))
    return ["what_if.json", "what_if.md", *(f"charts/{name}.{ending}" for name, _ in drawn for ending in endings)]


def _draw(found: WhatIf, place: Path, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Draw the charts there is something for; yield name and caption of each."""
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its fonts are kept is no concern of the user's
    from simrisk.charts import plot_shares, plot_worth, save

    place.mkdir(exist_ok=True)
    wanted = [("worth", "How much earlier P80 would be without each cause", plot_worth)]
    if "finish.p80" in found.shares:
        wanted.insert(0, ("shares", "From the plan without dice to P80: the share of each cause", plot_shares))
    for name, caption, plot in wanted:
        axes = plot(found)
        for ending in endings:
            save(axes, place / f"{name}.{ending}")
        yield name, caption
