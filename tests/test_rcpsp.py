"""Resource-constrained scheduling with durations and equipment: published figures of one instance, and lower bounds.

The instance is J30 1 1 of PSPLIB (Kolisch and Sprecher 1997, doi 10.1016/S0377-2217(96)00170-1). Its expected makespan
with exponential durations, under the policy that starts whatever fits in the order of a list, is exact: the mean time
to absorption of a Markov chain of 37,503 states. docs/validation.md says how the other 237 are checked.
"""

from __future__ import annotations

import pytest

from simrisk import engines
from simrisk.compile import compile_plan
from stat_checks import assert_mean
from validate_rcpsp import UNIT, Instance, scenario_of

J301_1 = Instance(
    durations=[
        int(d)
        for d in [
            "0",
            "8",
            "4",
            "6",
            "3",
            "8",
            "5",
            "9",
            "2",
            "7",
            "9",
            "2",
            "6",
            "3",
            "9",
            "10",
            "6",
            "5",
            "3",
            "7",
            "2",
            "7",
            "2",
            "3",
            "3",
            "7",
            "8",
            "3",
            "7",
            "2",
            "2",
            "0",
        ]
    ],
    demands=[
        [units if k == resource else 0 for k in range(4)]
        for resource, units in (
            *((0, 0), (0, 4), (0, 10), (3, 3), (0, 3), (3, 8), (0, 4), (1, 1), (0, 6), (3, 1), (1, 5), (1, 7), (0, 4)),
            *((1, 8), (0, 3), (3, 5), (3, 8), (3, 7), (1, 1), (1, 10), (3, 6), (0, 2), (0, 3), (1, 9), (0, 4), (2, 4)),
            *((3, 7), (1, 8), (1, 7), (1, 7), (2, 2), (0, 0)),
        )
    ],
    successors=[
        *([2, 3, 4], [6, 11, 15], [7, 8, 13], [5, 9, 10], [20], [30], [27], [12, 19, 27], [14], [16, 25], [20, 26]),
        *([14], [17, 18], [17], [25], [21, 22], [22], [20, 22], [24, 29], [23, 25], [28], [23], [24], [30], [30]),
        *([31], [28], [31], [32], [32], [32], []),
    ],
    capacities=[12, 13, 4, 12],
    critical_path=38,
)
LATEST_FINISH_FIRST = [
    *(1, 3, 4, 8, 10, 2, 9, 12, 13, 14, 5, 11, 16, 17, 18, 7, 19, 20, 22, 15, 21, 23, 27, 6, 24, 25, 26, 28),
    *(29, 30, 31, 32),
]
EXACT_MEAN, EXACT_SD = 60.385915435, 15.698692871


@pytest.mark.parametrize("engine", ["kernel", "reference"])
def test_without_dice__critical_path_and_the_policy_s_makespan(engine):
    free = compile_plan(scenario_of(J301_1, None, exponential=False))
    assert engines.run(free, trials=1, seed=1, engine=engine).end.tolist() == [38 * UNIT]
    scarce = compile_plan(scenario_of(J301_1, LATEST_FINISH_FIRST, exponential=False))
    assert engines.run(scarce, trials=1, seed=1, engine=engine).end.tolist() == [43 * UNIT]


def test_exponential_durations__exact_expected_makespan():
    trials = 40_000
    plan = compile_plan(scenario_of(J301_1, LATEST_FINISH_FIRST, exponential=True))
    ends = engines.run(plan, trials=trials, seed=3).end / UNIT
    assert_mean(ends, EXACT_MEAN, EXACT_SD, sees=1.0, slack=1 / UNIT)
