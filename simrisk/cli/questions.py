"""What the commands that run a plan have in common: which plan, on which dice, and where the answer goes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from simrisk.cli.console import AnyFunction, Console
from simrisk.cli.options import (
    Decorator,
    changes_option,
    folder,
    no_charts_option,
    sampling_option,
    seed_option,
    threads_option,
    trials_option,
    with_option,
    without_option,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simrisk.engines import Engine
    from simrisk.models.sampling import Sampling
    from simrisk.scenario.model import Scenario
    from simrisk.whatif.worlds import Worlds

ENDINGS = ("svg", "png")


@dataclass(frozen=True, kw_only=True)
class Question:
    """The options that such commands share; each adds its own."""

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

    @property
    def endings(self) -> tuple[str, ...]:
        """Of the files of each chart; none when there is to be no chart."""
        return () if not self.charts else ENDINGS if self.png else ENDINGS[:1]

    def load(self, path: str, changes: tuple[tuple[str, str], ...] | None = None) -> Scenario:
        """Read the scenario with the changes asked for, or with others.

        Raises
        ------
        ScenarioError
        """
        from simrisk.scenario.load import load

        given = self.changes if changes is None else changes
        return load(path, changes=given, with_=self.with_, without=self.without)

    def target(self, scenario: Scenario) -> Path:
        """Where the files go; it can be written, which is found out before the trials are run, not after.

        Raises
        ------
        ResultsError
        """
        from simrisk.dataset import probe_folder

        target = self.out or Path("results") / scenario.id
        for place in (target, target / "charts") if self.charts else (target,):
            probe_folder(place)
        return target

    def worlds(self, scenario: Scenario, *, trials: int | None = None, engine: Engine = "kernel") -> Worlds:
        """The dice.

        Parameters
        ----------
        trials : int, optional
            Unless the user says how many. Default: the scenario's.
        """
        from simrisk.whatif.worlds import Worlds

        plan = scenario.simulation
        usual = plan.trials if trials is None else trials
        return Worlds(
            trials=usual if self.trials is None else self.trials,
            seed=plan.seed if self.seed is None else self.seed,
            sampling=self.sampling,
            engine=engine,
            threads=self.threads,
        )


@dataclass(frozen=True)
class Chart:
    """A chart of an answer.

    Parameters
    ----------
    name : str
        Of its files, without folder and ending; `simrisk.charts.plot_NAME` draws it.
    of : object, optional
        What it shows. Without it there is none this time, and one of an earlier run is removed.
    """

    name: str
    of: object | None

    def draw(self) -> Axes:
        """Draw it."""
        from simrisk import charts

        axes: Axes = getattr(charts, f"plot_{self.name}")(self.of)
        return axes

    def files(self, endings: Sequence[str] = ENDINGS) -> list[str]:
        """Names of its files."""
        return [f"charts/{self.name}.{ending}" for ending in endings]


@dataclass(frozen=True)
class Answer:
    """What is printed and written.

    Parameters
    ----------
    name : str
        Of its files, without ending.
    text, json : callable
        Give what is printed, and NAME.json.
    markdown : callable
        Gives NAME.md from captions and files of the charts.
    charts : sequence of Chart
    """

    name: str
    text: Callable[[], str]
    json: Callable[[], str]
    markdown: Callable[[list[tuple[str, str]]], str]
    charts: Sequence[Chart]


def question_options(
    *, trials: str, name: str, changes: Decorator = changes_option, no_charts: str = "Draw no charts."
) -> Decorator:
    """The options of a `Question`.

    Parameters
    ----------
    trials : str
        What they are, and how many by default.
    name : str
        Of the answer's files.
    changes : decorator
        `changes_option` or `several_option`.
    no_charts : str
        What goes without them.
    """
    options = (
        changes,
        with_option,
        without_option,
        trials_option(trials),
        seed_option("the scenario's"),
        sampling_option,
        threads_option,
        click.option("--out", callback=folder, metavar="DIR", help="[default: results/<scenario>/]"),
        click.option("--json", "as_json", is_flag=True, help=f"Print {name}.json instead of the tables."),
        click.option("--png", is_flag=True, help="Charts as PNG, too, for slides."),
        no_charts_option(no_charts),
    )

    def decorate(function: AnyFunction) -> AnyFunction:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def give(console: Console, question: Question, target: Path, answer: Answer) -> None:
    """Write the answer's files, all or none, print it, and say where they are.

    Raises
    ------
    ResultsError
    """
    with console.stage("write"):
        written = _write(answer, target, question.endings)
    click.echo(answer.json() if question.as_json else answer.text(), nl=False)
    console.say(f"Written to {target}: {', '.join(written)}.")


def _write(answer: Answer, target: Path, endings: Sequence[str]) -> list[str]:
    from simrisk.dataset import together, write_text

    outdated = [file for chart in answer.charts for file in chart.files()]
    written, pictures = [f"{answer.name}.json", f"{answer.name}.md"], []
    with together(target, outdated=outdated) as place:
        for chart in answer.charts if endings else ():
            if chart.of is not None:
                caption = _draw(chart, [place / file for file in chart.files(endings)])
                pictures.append((caption, chart.files(endings)[0]))
                written += chart.files(endings)
        write_text(place / f"{answer.name}.json", answer.json())
        write_text(place / f"{answer.name}.md", answer.markdown(pictures))
    return written


def _draw(chart: Chart, files: Sequence[Path]) -> str:
    """Draw a chart into files; returns its title."""
    from simrisk.charts import save, title_of
    from simrisk.report.pictures import quiet

    quiet()
    axes = chart.draw()
    for file in files:
        file.parent.mkdir(exist_ok=True)
        save(axes, file)
    return title_of(axes)
