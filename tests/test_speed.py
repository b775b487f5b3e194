"""How much faster the kernel is than the SimPy models it mirrors: a ratio, on this machine, in one run."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.scenario.load import load

PHASE3 = Path(__file__).parents[1] / "scenarios" / "phase3.toml"
LEAST = 60  # about 350 where it was measured; a busy machine must not make it fail


def seconds(engine: engines.Engine, plan, trials: int):
    """Processor time of one thread, so that what else the machine does hardly counts, and the finishes."""
    begin = time.thread_time()
    outcomes = engines.run(plan, trials=trials, seed=1, engine=engine, threads=1)
    return time.thread_time() - begin, outcomes.end


@pytest.mark.slow
def test_phase3__kernel_is_many_times_faster_than_the_models_it_mirrors():
    plan = compile_plan(load(PHASE3))
    engines.run(plan, trials=1, seed=1)  # compile
    slow, expected = seconds("reference", plan, 40)
    fast, found = seconds("kernel", plan, 2_000)
    assert np.array_equal(found[:40], expected)
    assert (slow / 40) / (fast / 2_000) > LEAST
