"""Plans without people: the kernels, and the same passes in NumPy, in Python and in SimPy, with equal finishes."""

from __future__ import annotations

import numpy as np
import pytest

from simrisk import engines
from simrisk.bench import cases, networks
from simrisk.compile import compile_plan
from simrisk.models.network import network_of

SEED = 1
GIVEN, BLOCK = 4, 256


class Net:
    """A plan without people, the draws of its first trials, and what is right."""

    def __init__(self, n_tasks: int, *, mixed: bool) -> None:
        self.plan = compile_plan(cases.network_plan(n_tasks, mixed=mixed))
        self.network = networks.network_of(self.plan.scenario)
        self.durations = networks.durations_of(self.plan, SEED, GIVEN)
        self.columns = self.durations.T.tolist()
        self.finishes = networks.numpy_finish(self.network, self.durations).tolist()


@pytest.fixture(scope="module", params=[(50, False), (1_000, False), (1_000, True)], ids=["50", "1000", "1000-mixed"])
def net(request):
    n_tasks, mixed = request.param
    return Net(n_tasks, mixed=mixed)


def test_network_kernel(benchmark, net):
    """Its counts and sums are those of NumPy for the same trials."""
    run = benchmark(engines.run_network, network_of(net.plan), trials=BLOCK, seed=SEED, threads=1)
    assert run.end[:GIVEN].tolist() == net.finishes
    few = engines.run_network(network_of(net.plan), trials=GIVEN, seed=SEED, threads=1)
    expected = networks.numpy_statistics(net.network, net.durations)
    assert np.array_equal(few.task_critical, expected.critical)
    sums = np.stack([expected.sum_duration, expected.sum_square, expected.sum_product], axis=1)
    assert np.array_equal(few.task_sums, sums)


def test_event_kernel(benchmark, net):
    outcomes = benchmark(engines.run, net.plan, trials=16, seed=SEED, threads=1)
    assert outcomes.end[:GIVEN].tolist() == net.finishes


def test_numpy_finish(benchmark, net):
    tiled = np.tile(net.durations, (1, BLOCK // GIVEN))
    finish = benchmark(networks.numpy_finish, net.network, tiled)
    assert finish.tolist() == net.finishes * (BLOCK // GIVEN)


def test_numpy_statistics(benchmark, net):
    tiled = np.tile(net.durations, (1, BLOCK // GIVEN))
    found = benchmark(networks.numpy_statistics, net.network, tiled)
    assert found.finish.tolist() == net.finishes * (BLOCK // GIVEN)
    assert found.sum_duration.tolist() == (net.durations.sum(axis=1) * (BLOCK // GIVEN)).tolist()


def test_loop(benchmark, net):
    assert benchmark(lambda: [networks.loop_finish(net.network, one) for one in net.columns]) == net.finishes


def test_simpy(benchmark, net):
    assert benchmark(lambda: networks.simpy_finish(net.network, net.columns[0])) == net.finishes[0]
