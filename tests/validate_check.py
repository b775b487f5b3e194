"""How often `simrisk check` is right on scenarios/phase3.toml, over many seeds; not part of the test suite.

    python tests/validate_check.py

The same plan against itself with 500 seeds, and half a day of P80 more, and less, with 200; prints the verdicts, and
how many trials and seconds they took. Some twenty minutes on two cores.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from pathlib import Path

from simrisk.agreed import Agreed
from simrisk.dataset import Run
from simrisk.engines import cache
from simrisk.scenario.load import load
from simrisk.scenario.model import Scenario
from simrisk.simulation import Experiment
from simrisk.verdict import Judgement, judge

PLAN = Path(__file__).parent.parent / "scenarios" / "phase3.toml"
AA, AB = 500, 200
HALF_A_DAY = (("tasks.release-validation.work.ECLIPSE", '"82h"'),)  # 80h in the file: P80 + 0.5 working days
LIMIT = (("expect[3].worsens_at_most", '"0m"'),)


def judged(now: Scenario, old: Scenario, seed: int) -> Judgement:
    """A plan judged against the old one on the same dice."""

    def runs(scenario: Scenario):  # type: ignore[no-untyped-def]
        experiment = Experiment(scenario, seed=seed)

        def run(trials: int) -> Run:
            experiment.extend(trials)
            return experiment.run()

        return run

    agreed = Agreed("", now.id, "", seed, 0, "independent", "", {}, "", {}, {})
    return judge(now, runs(now), runs(old), agreed, trials=now.simulation.trials)


def verdicts(name: str, now: Scenario, old: Scenario, seeds: int) -> None:
    """Print what became of P80's limit for each of the seeds."""
    found: Counter[str] = Counter()
    trials: Counter[int] = Counter()
    moved, begun = [], time.perf_counter()
    for seed in range(seeds):
        limit = next(j for j in judged(now, old, seed).judged if j.of.sort == "worsens_at_most")
        found[limit.verdict] += 1
        trials[limit.trials] += 1
        moved.append(limit.estimate.value / 480)
    seconds = (time.perf_counter() - begun) / seeds
    mean = sum(moved) / len(moved)
    print(f"{name}: {dict(found)}, moved by {mean:.2f} days on average, trials {dict(trials)}, {seconds:.1f} s each")


def main() -> None:
    """Print everything."""
    cache.enable()
    plan = load(PLAN, changes=LIMIT)
    later = load(PLAN, changes=(*LIMIT, *HALF_A_DAY))
    seeds = [int(word) for word in sys.argv[1:]] or [AA, AB]
    verdicts("the plan against itself", plan, plan, seeds[0])
    verdicts("half a day later", later, plan, seeds[-1])
    verdicts("half a day earlier", plan, later, seeds[-1])


if __name__ == "__main__":
    main()
