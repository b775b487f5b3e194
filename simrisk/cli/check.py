"""`simrisk check`: whether a plan keeps what its [[expect]] tables promise, and is no worse than the baseline."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from simrisk.cli.console import Console, global_options
from simrisk.cli.options import (
    WholeNumber,
    changes_option,
    seed_option,
    threads_option,
    trials_option,
    with_option,
    without_option,
)
from simrisk.cli.outputs import annotate, outputs_options, probe, publish
from simrisk.errors import Issue, SimriskError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from simrisk.agreed import Agreed
    from simrisk.dataset import Run
    from simrisk.scenario.model import Scenario
    from simrisk.verdict import Judgement

FAIL, UNDECIDED = 3, 4

HELP = """\b
Example:
  simrisk check scenarios/phase3.toml

Hold a plan to its [[expect]] tables and to the baseline in results/baselines/; for CI.

Trials are added until each verdict is certain, or a limit is reached. Exit code 0: PASS; 3: FAIL; 4: UNDECIDED.
"""


@click.command("check", help=HELP, short_help="Hold a plan to its expectations and its baseline, for CI.")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("--baseline", metavar="FILE", help="Of a single scenario. [default: results/baselines/<scenario>.json]")
@click.option("--update", is_flag=True, help="Accept the plan as it is as the new baseline, and show what changed.")
@trials_option("To begin with. [default: the scenario's]")
@seed_option("those of the baseline")
@click.option(
    "--most-trials",
    type=WholeNumber(1, 100_000_000),
    help="Before a verdict is left undecided. [default: 12 times those to begin with]",
)
@click.option(
    "--error",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.001,
    show_default=True,
    help="Chance that any verdict is wrong.",
)
@changes_option
@with_option
@without_option
@threads_option
@outputs_options
@global_options
@click.pass_obj
def command(
    console: Console,
    scenarios: tuple[str, ...],
    *,
    baseline: str | None,
    update: bool,
    trials: int | None,
    seed: int | None,
    most_trials: int | None,
    error: float,
    changes: tuple[tuple[str, str], ...],
    with_: tuple[str, ...],
    without: tuple[str, ...],
    threads: int | None,
    junit: Path | None,
    markdown: Path | None,
    annotations: str,
) -> int:
    """Hold a plan to its expectations and its baseline."""
    if baseline is not None and len(scenarios) > 1:
        raise click.UsageError("--baseline is that of one scenario; of several each has its own in results/baselines/.")
    probe(junit, markdown)
    with console.stage("read"):
        try:
            plans = _read(scenarios, baseline, changes=changes, with_=with_, without=without)
        except SimriskError as refused:
            annotate(refused.issues, annotations)
            raise
    options = {"trials": trials, "seed": seed, "most": most_trials, "error": error, "threads": threads}
    codes, checks = [], []
    for plan, file, agreed in plans:
        begun = time.perf_counter()
        judgement = check(console, plan, agreed, **options)  # type: ignore[arg-type]
        _say(console, judgement)
        codes.append(judgement.exit_code)
        if update or judgement.exit_code or junit or markdown or annotations != "none":
            from simrisk.report.rulings import changed, rulings_of

            seconds = time.perf_counter() - begun
            checks.append(rulings_of(judgement, plan, inputs=_inputs(plan, agreed), seconds=seconds))
            if update or judgement.exit_code:
                click.echo(changed(checks[-1]), nl=False)
        if update:
            _accept(console, judgement, file, plan.path)
    if written := publish(checks, junit=junit, markdown=markdown, annotations=annotations):
        console.say(f"Written: {', '.join(written)}.")
    return 0 if update else worst(codes)


def _read(scenarios: Sequence[str], baseline: str | None, **changes: Any) -> list[tuple[Scenario, Path, Agreed | None]]:
    """Every scenario with its baseline; what is wrong with any of them is said before the first is simulated.

    Raises
    ------
    SimriskError
    """
    from simrisk.agreed import baseline_file, read
    from simrisk.scenario.load import load

    plans = []
    faults: list[Issue] = []
    for name in scenarios:
        try:
            plan = load(name, **changes)
            file = Path(baseline) if baseline is not None else baseline_file(plan.id)
            plans.append((plan, file, read(file, plan.id, plan.path)))
        except SimriskError as error:
            faults += error.issues
    faults += _sharing([(plan.path, file) for plan, file, _ in plans])
    if faults:
        raise SimriskError(*faults)
    return plans


def _sharing(plans: Sequence[tuple[str, Path]]) -> list[Issue]:
    """What to say when two plans of one name would have the same baseline."""
    first: dict[Path, str] = {}
    found = []
    for name, file in plans:
        other = first.setdefault(file, name)
        if Path(other).resolve() != Path(name).resolve():
            said = f"'{other}' and this plan would have the same baseline, '{file.as_posix()}'. "
            said += "Check them one by one, each with its own --baseline, or rename one of them."
            found.append(Issue("baseline-of-another", "error", name, 0, "", said))
    return found


def worst(codes: Sequence[int]) -> int:
    """The exit code of several checks: one that fails fails all."""
    return next((code for code in (FAIL, UNDECIDED) if code in codes), 0)


def check(
    console: Console,
    scenario: Scenario,
    agreed: Agreed | None,
    *,
    trials: int | None = None,
    seed: int | None = None,
    most: int | None = None,
    error: float = 0.001,
    threads: int | None = None,
) -> Judgement:
    """Judge a loaded scenario against what it expects and against its baseline."""
    from simrisk.simulation import simulated_alike
    from simrisk.verdict import judge

    if seed is None:
        seed = agreed.seed if agreed is not None else scenario.simulation.seed
    first = scenario.simulation.trials if trials is None else trials
    now = _runs(console, scenario, seed, threads)
    old = _old_plan(agreed)
    before = None if old is None else now if simulated_alike(old, scenario) else _runs(console, old, seed, threads)

    def announce(done: int, more: int, left: int) -> None:
        console.say(f"{done:,} trials: {left} undecided; {more:,} may decide.")

    return judge(scenario, now, before, agreed, trials=first, error=error, most=most, announce=announce)


def _runs(console: Console, scenario: Scenario, seed: int, threads: int | None) -> Callable[[int], Run]:
    from simrisk.cli.run import begin, roll

    experiment = begin(console, scenario, seed=seed, engine="kernel", threads=threads)

    known: list[Run] = []  # the last one: a plan that is as it was is asked for the same trials twice

    def run(trials: int) -> Run:
        if not known or known[0].sizes["trial"] != trials:
            roll(console, experiment, trials)
            known[:] = [experiment.run()]
        return known[0]

    return run


def _old_plan(agreed: Agreed | None) -> Scenario | None:
    """The plan of a baseline; None when there is none, or this version does not read it any more."""
    from simrisk.dataset import restored_from
    from simrisk.errors import ScenarioError

    if agreed is None:
        return None
    try:
        with restored_from(agreed.attrs) as scenario:
            return scenario
    except ScenarioError:
        return None


def _inputs(scenario: Scenario, agreed: Agreed | None) -> list[str]:
    """What is not as in the plan of the baseline, in words."""
    from simrisk.dataset import sample_files
    from simrisk.scenario.difference import differences

    old = _old_plan(agreed)
    if old is None or agreed is None:
        return []
    samples = (json.loads(agreed.attrs["samples"]), sample_files(scenario))
    return [change.text for change in differences(old, scenario, samples=samples)]


def _say(console: Console, judgement: Judgement) -> None:
    from simrisk.report.judgement import Sentences

    said = Sentences(judgement)
    for judged in judgement.judged:
        click.echo(said.line(judged))
    click.echo(said.verdict())
    for notice in said.notices():
        console.say(notice)


def _accept(console: Console, judgement: Judgement, file: Path, plan: str) -> None:
    from simrisk.agreed import save
    from simrisk.report.summary import reported

    wanted = [*reported(judgement.run), *(judged.of.metric for judged in judgement.judged)]
    file.parent.mkdir(parents=True, exist_ok=True)
    save(judgement.run, wanted, file, plan)
    console.say(f"Accepted as the baseline: {file}.")
