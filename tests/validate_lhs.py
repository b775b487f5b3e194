"""How often the intervals of Latin hypercube sampling hold the truth, and how many trials it saves.

Not a test (test_lhs.py has a short form): it takes minutes. Run from the checkout; docs/validation.md has what it
printed:

    PYTHONPATH=tests python tests/validate_lhs.py [--runs 2000] [--trials 10000]
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy import integrate, optimize, stats

from build import scenario, task
from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.engines import cache
from simrisk.measures import blocks, estimates
from simrisk.measures.estimates import Estimate
from simrisk.models.sampling import sampled, trials_drawn_together
from simrisk.plan import Plan
from simrisk.scenario.load import load
from simrisk.scenario.model import Distribution

MEAN = 6_000.0  # minutes; rounding a task to whole minutes moves nothing by more than 1 / MEAN
LENGTH = 5  # tasks of each path
P80, P95 = Fraction(4, 5), Fraction(19, 20)
SCENARIOS = Path(__file__).parents[1] / "scenarios"


class Figure(NamedTuple):
    """A figure of the finishes of a run, in units of MEAN, and what it is with infinitely many trials."""

    of: Callable[[np.ndarray, blocks.Blocks | None], Estimate]
    truth: float


def two_paths(length: int = LENGTH) -> Plan:
    """Two independent paths of exponential tasks: the finish is the greater of two Erlang variables."""
    spread = Distribution("exponential", (MEAN,), MEAN)
    tasks = [
        task(f"{path}{i}", duration=spread, after=[f"{path}{i - 1}"] if i else [])
        for path in "AB"
        for i in range(length)
    ]
    return sampled(compile_plan(scenario([], tasks, horizon="5000d")), "lhs")


def figures(length: int = LENGTH) -> dict[str, Figure]:
    """Figures of `two_paths` in closed form, or integrated numerically from one."""
    path = stats.gamma(length)
    most = 20.0 * length

    def beyond(x: float) -> float:
        return 1 - float(path.cdf(x)) ** 2

    def quantile(p: Fraction) -> float:
        return float(path.ppf(math.sqrt(p)))

    mean = integrate.quad(beyond, 0, most, limit=500)[0]
    square = integrate.quad(lambda x: 2 * x * beyond(x), 0, most, limit=500)[0]
    rare = optimize.brentq(lambda x: beyond(x) - 0.0005, 0, most)
    return {
        "mean": Figure(estimates.mean, mean),
        "sd": Figure(estimates.sd, math.sqrt(square - mean**2)),
        "P50": Figure(lambda x, b: estimates.quantile(x, Fraction(1, 2), b), quantile(Fraction(1, 2))),
        "P80": Figure(lambda x, b: estimates.quantile(x, P80, b), quantile(P80)),
        "P95": Figure(lambda x, b: estimates.quantile(x, P95, b), quantile(P95)),
        "chance of 0.8": Figure(lambda x, b: estimates.share_of(x <= quantile(P80), b), 0.8),
        "chance of 0.0005": Figure(lambda x, b: estimates.share_of(x > rare, b), 0.0005),
    }


def covered(plan: Plan, wanted: dict[str, Figure], runs: int, trials: int) -> dict[str, int]:
    """How often, in so many runs with seeds of their own, each interval holds the truth."""
    of_run = blocks.blocks_of(trials, trials_drawn_together(plan))
    hits = dict.fromkeys(wanted, 0)
    for seed in range(1, runs + 1):
        finish = engines.run(plan, trials=trials, seed=seed).end / MEAN
        for name, figure in wanted.items():
            found = figure.of(finish, of_run)
            hits[name] += found.low <= figure.truth <= found.high
    return hits


def saved(plan: Plan, trials: int) -> dict[str, tuple[float, float]]:
    """How many times as many independent trials would be needed, with its standard error.

    The variance of independent trials over that of trials in blocks; for a quantile that of the share at or below it.
    """
    finish = engines.run(sampled(plan, "independent"), trials=trials, seed=12).end.astype(float)
    together = sampled(plan, "lhs")
    size = trials_drawn_together(together)
    in_blocks = engines.run(together, trials=trials // size * size, seed=11).end.astype(float)

    def ratio(of: Callable[[np.ndarray], np.ndarray]) -> tuple[float, float]:
        means = of(in_blocks).reshape(-1, size).mean(axis=1)
        found = of(finish).var() / (size * means.var(ddof=1))
        return found, found * math.sqrt(2 / (len(means) - 1))

    found = {"mean": ratio(lambda x: x)}
    for p in (0.5, 0.8, 0.95):
        level = np.quantile(finish, p)
        found[f"P{round(100 * p)}"] = ratio(lambda x, level=level: (x <= level).astype(float))  # type: ignore[misc]
    return found


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--trials", type=int, default=10_000)
    given = parser.parse_args()
    cache.enable()
    plan, wanted = two_paths(), figures()
    error = math.sqrt(0.95 * 0.05 / given.runs)
    print(f"coverage of 95 % intervals in {given.runs} runs of {given.trials} trials, standard error {error:.4f}")
    for name, hits in covered(plan, wanted, given.runs, given.trials).items():
        print(f"  {name:18} {hits / given.runs:.3f}")
    print("times as many independent trials, with standard error")
    plans = {path.stem: compile_plan(load(path)) for path in sorted(SCENARIOS.glob("*.toml"))}
    for story, made in {"two paths of 5": plan, "two paths of 25": two_paths(25), **plans}.items():
        trials = 51_200 if len(made.task_ids) > 50 else 204_800
        shown = "  ".join(f"{name} {found:.2f} +- {off:.2f}" for name, (found, off) in saved(made, trials).items())
        print(f"  {story:18} {shown}", flush=True)


if __name__ == "__main__":
    main()
