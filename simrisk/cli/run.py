"""`simrisk run`: when it will be done, what it will cost, how sure that is, and what drives it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.ahead import DRAWING, WRITING, imported_ahead
from simrisk.cli.brief import sweep_again
from simrisk.cli.console import Console, global_options
from simrisk.cli.options import Width, several_option, split_until
from simrisk.cli.questions import Question, question_options

if TYPE_CHECKING:
    from simrisk.dataset import Run
    from simrisk.engines import Engine
    from simrisk.models.sampling import Sampling
    from simrisk.plan import Plan
    from simrisk.report.pictures import Picture
    from simrisk.scenario.model import Scenario
    from simrisk.simulation import Experiment

SOME = 3  # findings about the plan that are shown in full


@dataclass(frozen=True, kw_only=True)
class Request(Question):
    """What the options ask for."""

    engine: Engine
    until: str | None


HELP = """\b
Example:
  simrisk run scenarios/phase3.toml

Simulate a scenario: when it is finished and what it costs, how sure that is, and what drives it.
Writes run.nc, summary.json, summary.md, charts/ and report.html to results/<scenario>/ and prints the answer.
"""


@click.command("run", help=HELP, short_help="Simulate a scenario: finish, cost, and what drives them.")
@click.argument("scenario", metavar="SCENARIO", required=False)
@click.option(
    "--engine",
    type=click.Choice(["kernel", "reference"]),
    default="kernel",
    show_default=True,
    help="Fast, or written to be read; both give the same numbers.",
)
@click.option(
    "--until",
    metavar="METRIC=WIDTH",
    help="Double the trials until the 95 % interval is within +- WIDTH, e.g. finish.p80=4h; 1,000,000 at most.",
)
@click.option(
    "--again",
    metavar="FILE",
    help="Repeat the run stored in FILE (run.nc) and say whether it is the same, "
    "bit for bit. Exit code 3 when it is not.",
)
@question_options(
    trials="Sampled worlds. [default: the scenario's]",
    name="summary",
    changes=several_option,
    no_charts="Draw no charts and write no report.html, which has them.",
)
@global_options
@click.pass_obj
def command(console: Console, /, scenario: str | None, again: str | None, **options: object) -> int:
    """Simulate a scenario: finish, cost, and what drives them."""
    request = Request(**options)  # type: ignore[arg-type]
    if again is not None:
        altered = request.changes or request.with_ or request.without
        if scenario or altered or request.trials or request.seed is not None or request.until or request.out:
            raise click.UsageError(
                "--again takes everything from FILE: leave out SCENARIO, --set, --with, --without, --trials, --seed, "
                "--until and --out."
            )
        if given("sampling"):
            raise click.UsageError("--again takes everything from FILE: leave out --sampling.")
        if request.as_json or request.png or not request.charts:
            raise click.UsageError("--again compares and writes nothing: leave out --json, --png and --no-charts.")
        from simrisk.cli.again import repeat

        return repeat(console, again, engine=request.engine if given("engine") else None, threads=request.threads)
    if scenario is None:
        raise click.UsageError("Which scenario? Example: simrisk run scenarios/phase3.toml")
    _run(console, scenario, request)
    return 0


def given(option: str) -> bool:
    """Whether the user named this option, rather than left it at its default."""
    return click.get_current_context().get_parameter_source(option) is not click.core.ParameterSource.DEFAULT


def _run(console: Console, path: str, request: Request) -> None:
    from simrisk.scenario.several import values_of

    values = [values_of(*change) for change in request.changes]
    if any(len(several) > 1 for several in values):
        _sweep(console, path, request)
        return
    changes = tuple((key, several[0]) for (key, _), several in zip(request.changes, values, strict=True))
    until = None if request.until is None else split_until(request.until)
    with console.stage("read"):
        scenario = request.load(path, changes)
        _mention(console, scenario, path)
    target = request.target(scenario)
    standing = next(place for place in (target, *target.parents) if place.exists())
    experiment = begin(
        console,
        scenario,
        seed=request.seed,
        engine=request.engine,
        threads=request.threads,
        sampling=request.sampling,
        folder=standing,
    )
    trials = scenario.simulation.trials if request.trials is None else request.trials
    with imported_ahead(*WRITING, *(DRAWING if request.endings else ())):
        run = _simulate(console, experiment, trials) if until is None else _until(console, experiment, trials, *until)
    written = store(console, run, scenario, target, charts=request.endings, threads=request.threads)
    _answer(console, run, as_json=request.as_json)
    console.say(f"Written to {target}: {', '.join(written)}.")


def _sweep(console: Console, path: str, request: Request) -> None:
    """Several values of a key: a table of all of them instead of a report of one."""
    from simrisk.cli.sweep import sweep

    sweep_again()
    if request.until is not None:
        raise click.UsageError("--until is for one plan; with several values of --set say how many --trials.")
    sweep(console, path, request, engine=request.engine)


def _mention(console: Console, scenario: Scenario, path: str) -> None:
    """A few findings in full, of many the worst overloads and one of each other kind: the answer was asked for."""
    from simrisk.scenario.checks import check, worst_overloads

    issues = check(scenario)
    if len(issues) <= SOME:
        console.issues(issues)
        return
    first = {issue.slug: issue for issue in reversed(issues) if issue.slug != "over-allocated"}
    console.issues((*worst_overloads(scenario, SOME), *reversed(first.values())))
    console.say(f"{len(issues)} findings about the plan, the worst above; `simrisk lint {path}` lists them.")


def begin(
    console: Console,
    scenario: Scenario,
    *,
    seed: int | None,
    engine: Engine,
    threads: int | None,
    sampling: Sampling = "independent",
    folder: Path | None = None,
) -> Experiment:
    """Compile the plan, and the kernels when they have not been on this machine.

    Parameters
    ----------
    folder : Path, optional
        Where trials lie meanwhile that are too many for the memory.
    """
    waiting = _kept_kernels(console) if engine == "kernel" else None
    with console.stage("compile"):
        from simrisk.simulation import Experiment

        return Experiment(
            scenario,
            seed=seed,
            engine=engine,
            threads=threads,
            sampling=sampling,
            stage=console.stage,
            waiting=waiting,
            folder=folder,
        )


def ready_kernels(console: Console, plan: Plan | None = None) -> None:
    """Keep compiled kernels on this machine, and say so when the first run of a plan, or any, has to wait for them."""
    from simrisk import engines

    waiting = _kept_kernels(console)
    if waiting and not engines.kernels_ready(plan):
        waiting()


def _kept_kernels(console: Console) -> Callable[[], None] | None:
    """Keep compiled kernels on this machine; return what says that a run has to wait for them, unless it is said."""
    from simrisk.engines import cache

    if cache.enable():
        return partial(console.say, "Compiling the kernels (once per machine, some forty seconds) ...")
    console.say("Compiling the kernels (40 seconds, in every run: the cache folder cannot be written) ...")
    return None


def _simulate(console: Console, experiment: Experiment, trials: int) -> Run:
    roll(console, experiment, trials)
    return experiment.run()


def roll(console: Console, experiment: Experiment, trials: int) -> None:
    """Run the trials, and the same with unlimited resources, each with its progress."""
    with console.progress(trials) as progress:
        experiment.extend(trials, progress)
    with console.progress(trials, "logic only") as progress:
        experiment.extend_logic(progress)


def _until(console: Console, experiment: Experiment, trials: int, metric: str, width: str) -> Run:
    from simrisk.measures import measure
    from simrisk.simulation import MOST_TRIALS as LIMIT
    from simrisk.simulation import simulate_until

    sweep_again()
    found = measure(experiment.rehearsal(), metric)
    if found.exact:
        raise click.UsageError(f"--until: '{metric}' is not estimated, it is exact with any number of trials.")
    project = experiment.plan.scenario.project
    wanted = Width(width, found.kind, day_minutes=project.day_minutes, week_days=len(project.work_week))

    def half_width_of(run: Run) -> float:
        return measure(run, metric).half_width

    def hopeless(run: Run) -> bool:
        now = measure(run, metric)
        return now.value is None and now.low is None

    def known(reached: float) -> str:
        return "not known" if reached == float("inf") else f"known to +- {wanted.shown(reached)}"

    def announce(done: int, reached: float) -> None:
        console.say(f"{done:,} trials: {metric} is {known(reached)}; doubling them.")

    limit = max(LIMIT, trials)
    with console.progress(limit) as progress:
        run, reached = simulate_until(
            experiment,
            half_width_of,
            wanted.value,
            trials=trials,
            most=limit,
            hopeless=hopeless,
            announce=announce,
            progress=progress,
        )
    done = run.sizes["trial"]
    if hopeless(run):
        why = "too many trials do not get there (stopped, or not finished by the horizon); more would not help"
        console.say(f"{done:,} trials: {metric} has no value: {why}. +- {width} is not reached.")
    else:
        verdict = "reached" if reached <= wanted.value else f"not reached (the limit is {limit:,} trials)"
        console.say(f"{done:,} trials: {metric} is {known(reached)}, +- {width} is {verdict}.")
    run.attrs["until"] = json.dumps([metric, wanted.value, width])
    return run


def store(
    console: Console,
    run: Run,
    scenario: Scenario,
    target: Path,
    *,
    charts: Sequence[str],
    threads: int | None = None,
) -> list[str]:
    """Write everything a run leaves behind; returns the names of the files, in the order written.

    Parameters
    ----------
    charts : sequence of str
        Endings of the charts' files; without any no chart is drawn, and there is no report.html.
    """
    from simrisk.dataset import together, write, write_text
    from simrisk.engines.kernels import usable_threads
    from simrisk.report import gallery, markdown, summary

    processors = threads or usable_threads()
    written = ["run.nc", "summary.json", "summary.md"]
    # pictures of an earlier run would contradict this one
    outdated = ["report.html", *(file for chart in gallery.GALLERY for file in chart.files())]
    with together(target, outdated=outdated) as place, ExitStack() as begun:
        if charts:  # a second process begins with them, if there is a processor for it
            from simrisk.report.drawing import drawing

            finish = begun.enter_context(
                drawing(run, scenario, folder=place / "charts", endings=charts, processes=processors)
            )
        with console.stage("write"):
            write(run, place / "run.nc", threads=processors)
            write_text(place / "summary.json", summary.render(run))
        shown: tuple[Picture, ...] = ()
        if charts:
            with console.stage("charts"):
                drawn = finish()
                shown = drawn.charts
            written += [f"charts/{picture.name}.{ending}" for picture in shown for ending in charts]
            with console.stage("report"):
                from simrisk.report import html

                write_text(place / "report.html", html.render(run, scenario, drawn))
            written.append("report.html")
        pictures = [(picture.caption, f"charts/{picture.name}.{charts[0]}") for picture in shown]
        write_text(place / "summary.md", markdown.render(run, charts=pictures))
    return written


def _answer(console: Console, run: Run, *, as_json: bool) -> None:
    from simrisk.report import summary, text

    click.echo(summary.render(run) if as_json else text.render(run, color=console.color), nl=False)
