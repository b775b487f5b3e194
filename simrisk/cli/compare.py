"""`simrisk compare`: what changed between two plans or runs, on the same dice, and what changed in the plans."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import (
    changes_option,
    folder,
    sampling_option,
    seed_option,
    threads_option,
    trials_option,
    with_option,
    without_option,
)

if TYPE_CHECKING:
    from simrisk.dataset import Results
    from simrisk.models.sampling import Sampling
    from simrisk.report.comparison import Story
    from simrisk.sources import Source

CHARTS = {
    "comparison": "Chance to be finished by each date, before and after",
    "differences": "How far the main figures have moved, with 95 % intervals",
}

HELP = """\b
Example:
  simrisk compare main:scenarios/phase3.toml scenarios/phase3.toml

Run two plans on the same dice and say what changed: every figure with the interval of its difference, and the plans in
words. BEFORE and AFTER are scenario files, stored runs, or files of a git revision (REVISION:FILE; :FILE is what is
staged). --set, --with and --without change AFTER; with them AFTER may be left out.
"""


@click.command("compare", help=HELP, short_help="What changed between two plans or runs, on the same dice.")
@click.argument("before", metavar="BEFORE")
@click.argument("after", metavar="AFTER", required=False)
@trials_option("Of each. [default: a stored run's, else the plan's]")
@seed_option("a stored run's, else the plan's")
@sampling_option
@changes_option
@with_option
@without_option
@threads_option
@click.option("--json", "as_json", is_flag=True, help="Print every figure as JSON instead of the tables.")
@click.option("--markdown", metavar="FILE", help="Write the same as Markdown, for a pull request.")
@click.option("--out", callback=folder, metavar="DIR", help="Write comparison.json, comparison.md and charts there.")
@click.option("--png", is_flag=True, help="The charts as PNG, too; needs --out.")
@global_options
@click.pass_obj
def command(
    console: Console,
    before: str,
    after: str | None,
    *,
    trials: int | None,
    seed: int | None,
    sampling: Sampling,
    changes: tuple[tuple[str, str], ...],
    with_: tuple[str, ...],
    without: tuple[str, ...],
    threads: int | None,
    as_json: bool,
    markdown: str | None,
    out: Path | None,
    png: bool,
) -> int:
    """Say what changed between two plans or runs."""
    altered = bool(changes or with_ or without)
    if after is None and not altered:
        raise click.UsageError(
            "Compare with what? Name a second plan, or change this one with --set, --with, --without."
        )
    if png and out is None:
        raise click.UsageError("--png needs --out: where shall the charts be written?")
    from simrisk.report import comparison as report

    with contextlib.ExitStack() as stack:
        with console.stage("read"):
            from simrisk.sources import opened

            old = stack.enter_context(opened(before))
            new = stack.enter_context(opened(after or before, changes=changes, with_=with_, without=without))
        runs = _runs(console, old, new, trials=trials, seed=seed, sampling=sampling, threads=threads)
        with console.stage("compare"):
            story = _story(old, new, *runs, names=(before, _named(after or before, changes, with_, without)))
    written = _write(story, markdown, out, png=png)
    click.echo(report.as_json(story) if as_json else report.text(story), nl=False)
    if written:
        console.say(f"Written: {', '.join(written)}.")
    return 0


def _named(name: str, changes: tuple[tuple[str, str], ...], with_: tuple[str, ...], without: tuple[str, ...]) -> str:
    """What the user calls a changed plan."""
    said = [f"{key}={value}" for key, value in changes]
    said += [f"with {entry}" for entry in with_] + [f"without {entry}" for entry in without]
    return f"{name} ({', '.join(said)})" if said else name


def _runs(
    console: Console,
    old: Source,
    new: Source,
    *,
    trials: int | None,
    seed: int | None,
    sampling: Sampling,
    threads: int | None,
) -> tuple[Results, Results]:
    """Both runs on the same dice; a stored run that has them is taken as it is."""
    from simrisk.cli.run import begin, given, roll
    from simrisk.dataset.run import run_of
    from simrisk.engines import cache

    stored = next((source.run for source in (new, old) if source.run is not None), None)
    plan = new.scenario.simulation
    if stored is not None:
        seed = int(stored.attrs["seed"]) if seed is None else seed
        trials = int(stored.sizes["trial"]) if trials is None else trials
        sampling = sampling if given("sampling") else cast("Sampling", stored.attrs["sampling"])
    seed = plan.seed if seed is None else seed
    trials = plan.trials if trials is None else trials

    def run(source: Source) -> Results:
        wanted = (seed, trials, sampling)
        kept = source.run
        if kept is not None and (kept.attrs["seed"], kept.sizes["trial"], kept.attrs["sampling"]) == wanted:
            if kept.attrs["kernel_digest"] in ("", cache.kernel_digest()):
                return run_of(kept)
            console.say(f"{source.label} was made by other kernels; its plan is run again.")
        elif kept is not None:
            console.say(f"{source.label} has other dice; its plan is run again.")
        experiment = begin(console, source.scenario, seed=seed, engine="kernel", threads=threads, sampling=sampling)
        roll(console, experiment, trials)
        return experiment.run()

    return run(old), run(new)


def _story(old: Source, new: Source, before: Results, after: Results, *, names: tuple[str, str]) -> Story:
    from simrisk.compare import compare
    from simrisk.report.comparison import Story, compared
    from simrisk.scenario.difference import differences

    changes = differences(old.scenario, new.scenario, samples=(old.samples, new.samples))
    return Story(compare(before, after, compared(before, after), names=names), [change.text for change in changes])


def _write(story: Story, markdown: str | None, out: Path | None, *, png: bool) -> list[str]:
    from simrisk.dataset import probe_folder, together, write_text
    from simrisk.report import comparison as report

    written = []
    if out is not None:
        probe_folder(out / "charts")
        endings = ("svg", "png") if png else ("svg",)
        outdated = [f"charts/{chart}.{ending}" for chart in CHARTS for ending in ("svg", "png")]
        with together(out, outdated=outdated) as place:
            (place / "charts").mkdir()
            written += [str(out / file) for file in _draw(story, place, endings)]
            write_text(place / "comparison.json", report.as_json(story))
            pictures = [(caption, f"charts/{chart}.svg") for chart, caption in CHARTS.items()]
            write_text(place / "comparison.md", report.markdown(story, pictures=pictures))
        written = [str(out / "comparison.json"), str(out / "comparison.md"), *written]
    if markdown is not None:
        write_text(Path(markdown), report.markdown(story))
        written.append(markdown)
    return written


def _draw(story: Story, folder: Path, endings: tuple[str, ...]) -> Iterator[str]:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # where its fonts are kept is no concern of the user's
    from simrisk.charts import plot_comparison, plot_differences, save

    comparison = story.comparison
    drawn = {
        "comparison": plot_comparison(comparison.before, comparison.after, names=comparison.names),
        "differences": plot_differences(comparison),
    }
    for chart, axes in drawn.items():
        for ending in endings:
            save(axes, folder / "charts" / f"{chart}.{ending}")
            yield f"charts/{chart}.{ending}"
