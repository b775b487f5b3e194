"""A sweep: a plan with every combination of values for some of its keys, on the same dice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.models.sampling import Sampling
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk.simulation import checked
from simrisk.whatif.grid import Grid, Variants, grid_of, variants_of
from simrisk.whatif.variants import Progress, Runner, Tried, tried
from simrisk.whatif.worlds import Worlds

METRICS = ("finish.p50", "finish.p80", "cost.mean")
ON_TIME = "finish.on_time"  # of plans with a deadline
STOPPED = "stopped"  # of plans with a gate that may stop them


@dataclass(frozen=True)
class Sweep:
    """What came out of a grid.

    Parameters
    ----------
    variants : Variants
    worlds : Worlds
        The dice.
    metrics : tuple of str
    outcomes : tuple of Tried
        One for each point of the grid.
    own : Tried
        What they are compared with: the plan as the file has it, or the first of them where the file's own values
        cannot be simulated.
    base : Run
        Of that.
    """

    variants: Variants
    worlds: Worlds
    metrics: tuple[str, ...]
    outcomes: tuple[Tried, ...]
    own: Tried
    base: Run

    @property
    def grid(self) -> Grid:
        """Keys and values."""
        return self.variants.grid

    @property
    def reference(self) -> int | None:
        """Which point of the grid the others are compared with; None: the plan as in the file is none of them."""
        return 0 if self.variants.own is None else self.variants.own_place

    @property
    def reference_name(self) -> str:
        """What they are compared with, in words."""
        return "the first of them" if self.variants.own is None else "the plan as in the file"


def metrics_for(scenarios: Iterable[Scenario]) -> tuple[str, ...]:
    """Return the metrics of a sweep for which none are asked."""
    known = tuple(scenarios)
    has_deadline = any(scenario.project.deadline is not None for scenario in known)
    may_stop = any(gate.has_no_go and gate.then == "stop" for scenario in known for gate in scenario.gates)
    return (*METRICS, *([ON_TIME] if has_deadline else []), *([STOPPED] if may_stop else []))


def runs_of(variants: Variants) -> int:
    """How many times the trials are run."""
    extra = variants.own is not None and variants.own_place is None
    return len(variants.scenarios) + extra


def run_sweep(
    variants: Variants, worlds: Worlds, metrics: Sequence[str] = (), progress: Progress | None = None
) -> Sweep:
    """Run every variant on the same dice.

    Parameters
    ----------
    metrics : sequence of str, optional
        Any that a run knows; default: P50 and P80 of the finish, the mean cost, the chance of the deadline.
    progress : callable, optional
        Told after each block how many trials it had; in all `runs_of` times the trials.

    Raises
    ------
    MetricError
        ``unknown-metric``: none of the variants has it.
    """
    named = tuple(dict.fromkeys(metrics)) or metrics_for(variants.scenarios)
    place = 0 if variants.own is None else variants.own_place
    scenario = variants.own if place is None else variants.scenarios[place]
    assert scenario is not None
    plan = compile_plan(scenario) if place is None else variants.plans[place]
    pairs = tuple(zip(variants.scenarios, variants.plans, strict=True))
    runner = Runner(worlds, named)
    runner.check(((scenario, plan), *pairs))
    base = runner.run(scenario, plan, progress)
    own = tried(base, named)
    outcomes = tuple(
        own if number == place else tried(runner.run(*pair, progress), named, base) for number, pair in enumerate(pairs)
    )
    return Sweep(variants, worlds, named, outcomes, own, base)


def sweep(
    scenario: str | Path,
    changes: Sequence[tuple[str, str]],
    trials: int | None = None,
    seed: int | None = None,
    *,
    metrics: Sequence[str] = (),
    with_: Sequence[str] = (),
    without: Sequence[str] = (),
    sampling: Sampling = "independent",
    threads: int | None = None,
    progress: Progress | None = None,
) -> Sweep:
    """Try several values of keys of a scenario.

    Parameters
    ----------
    scenario : str or Path
        The file.
    changes : sequence of (key, value)
        As ``--set`` takes them: ``("people.APEX.fte", "0.8,1.0")``, ``("project.start", "2026-01-05..2026-03-02:2w")``.
    trials, seed : int, optional
        Default: the scenario's.
    metrics : sequence of str, optional
        As `run_sweep`.
    with_, without : sequence of str, optional
        As `load`.
    sampling : "independent" or "lhs"
    threads : int, optional
        Default: one per core. The results do not depend on it.
    progress : callable, optional
        As `run_sweep`.

    Raises
    ------
    ScenarioError
        With every fault of every variant.
    MetricError
        As `run_sweep`.
    TypeError, ValueError
        An argument is not what stands above.
    """
    variants = variants_of(
        grid_of(changes), lambda changed: load(scenario, changes=changed, with_=with_, without=without)
    )
    settings = (variants.own or variants.scenarios[0]).simulation
    wanted, dice = checked(settings, trials, seed, sampling)
    return run_sweep(variants, Worlds(wanted, dice, sampling, threads=threads), metrics, progress)
