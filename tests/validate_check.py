"""How often `simrisk check` is right on scenarios/phase3.toml, over many seeds; not part of the test suite.

    python tests/validate_check.py
    python tests/validate_check.py --first 1 --last 20 --threads 1

With its default settings, and nothing allowed to worsen: says what became of P80's limit in each case, with how many
trials, and between what the chance of the commonest verdict lies (Clopper and Pearson). Forty minutes on one core.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as cache_of
from pathlib import Path

from scipy.stats import beta

from simrisk.agreed import Agreed
from simrisk.dataset import Run
from simrisk.engines import cache
from simrisk.scenario.load import Changes, load
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.verdict import Judged, judge

PLAN = Path(__file__).parent.parent / "scenarios" / "phase3.toml"
LIMIT = (("expect[3].worsens_at_most", '"0m"'),)
# Half a working day of P80 each, as 400,000 trials have it: an hour and a half more of the last task, or three and a
# quarter more of one of the first, after which much else happens in another order and trials differ far more.
LAST = (("tasks.release-validation.work.ECLIPSE", '"81.5h"'),)
FIRST = (("tasks.batching-v0.work.VELOCITY", '"83.25h"'),)
PLANS: dict[str, Changes] = {"plan": (), "again": (), "late": LAST, "early": FIRST}
FAR = 10**6  # from a seed to that of other dice


@dataclass(frozen=True)
class Case:
    """A plan, the one of the baseline, how far their seeds are apart, and with how many seeds it is asked."""

    now: str
    old: str
    seeds: int
    apart: int = 0


CASES = {
    "the same": Case("plan", "again", 500),
    "half a day later, in the end": Case("late", "plan", 200),
    "half a day later, at the beginning": Case("early", "plan", 200),
    "half a day earlier": Case("plan", "late", 200),
    "the same with other dice": Case("plan", "plan", 100, FAR),
}


class Dice:
    """Runs of all plans, each made once."""

    def __init__(self, threads: int | None) -> None:
        self.threads = threads
        self.experiments: dict[tuple[str, int], Experiment] = {}
        self.runs: dict[tuple[str, int, int], Run] = {}

    def of(self, plan: str, seed: int) -> Callable[[int], Run]:
        """The first so many trials of a plan."""

        def run(trials: int) -> Run:
            experiment = self.experiments.get((plan, seed))
            if experiment is None:
                experiment = Experiment(loaded(plan), seed=seed, threads=self.threads)
                self.experiments[plan, seed] = experiment
            if (plan, seed, trials) not in self.runs:
                experiment.extend(trials)
                # a run made of fewer trials stays as it is
                self.runs[plan, seed, trials] = experiment.run()
            return self.runs[plan, seed, trials]

        return run


@cache_of
def loaded(plan: str) -> Scenario:
    """One of the plans."""
    return load(PLAN, changes=(*LIMIT, *PLANS[plan]))


def judged(case: Case, seed: int, dice: Dice) -> Judged:
    """P80's limit of a plan that is judged against the old one."""
    now, old = loaded(case.now), dice.of(case.old, seed + case.apart)
    agreed = Agreed("", now.id, "", seed, 0, "independent", "", {}, "", {}, {})
    found = judge(now, dice.of(case.now, seed), old, agreed, trials=now.simulation.trials)
    return next(limit for limit in found.judged if limit.of.sort == "worsens_at_most")


def said(name: str, found: list[Judged]) -> str:
    """What became of all seeds of a case."""
    n, verdicts = len(found), Counter(limit.verdict for limit in found)
    verdict, count = verdicts.most_common(1)[0]
    low = beta.ppf(0.025, count, n - count + 1)
    high = beta.ppf(0.975, count + 1, n - count) if count < n else 1.0
    moved = sum(limit.estimate.value for limit in found) / n / 480
    trials = dict(sorted(Counter(limit.trials for limit in found).items()))
    return f"{name}: {dict(verdicts)} of {n}, {verdict} {low:.2%} to {high:.2%}; {moved:+.2f} days, trials {trials}"


def main() -> None:
    """Print everything, and every fifty seeds what there is so far."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--last", type=int, default=max(case.seeds for case in CASES.values()))
    parser.add_argument("--threads", type=int)
    asked = parser.parse_args()
    cache.enable()
    found: dict[str, list[Judged]] = {name: [] for name in CASES}
    begun = time.process_time()
    for seed in range(asked.first, asked.last + 1):
        dice = Dice(asked.threads)
        for name, case in CASES.items():
            if seed <= case.seeds:
                found[name].append(judged(case, seed, dice))
        if seed % 50 == 0 or seed == asked.last:
            print(f"after seed {seed}, {(time.process_time() - begun) / 60:.0f} minutes of a processor")
            print(*(f"  {said(name, limits)}" for name, limits in found.items() if limits), sep="\n", flush=True)


if __name__ == "__main__":
    main()
