"""What the speed is held to, and whether it is met here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simrisk.bench.commands import MIB, Cost
from simrisk.bench.comparisons import LOOP, MIXED, NUMPY_FINISH, REFERENCE, Comparison
from simrisk.bench.timing import Timing

MOST_NS = {"AVX-512": 1.0, "AVX2": 2.0}  # of the network kernel, by the vectors of the machine
LEAST_TO_NUMPY, LEAST_TO_LOOP, LEAST_TO_REFERENCE = 30, 1_000, 150
MOST_US = {"40 x 10": 2.5, "1,000 x 100": 130.0}  # of the plain kernel
RUN_TRIALS, RUN_SECONDS = 100_000, 1.0  # of phase3, on two threads
START_TRIALS, START_SECONDS, HELP_SECONDS = 10_000, 1.0, 0.1
MEMORY_TRIALS, MEMORY = 1_000_000, 1024 * MIB
NOT_QUICKLY, NO_SCENARIOS = "not measured with --quick", "the scenario is not here"


@dataclass(frozen=True)
class Target:
    """One target.

    Parameters
    ----------
    what, wanted, measured : str
    met : bool or None
        None when it was not measured; then `measured` says why.
    """

    what: str
    wanted: str
    measured: str
    met: bool | None


@dataclass(frozen=True)
class Whole:
    """What was measured of whole commands; a text says why one was not.

    Parameters
    ----------
    threads : Timing or str
        Of phase3 on two threads.
    start, help, memory : Cost or str
        Of `simrisk run` with few trials, of `simrisk --help`, of `simrisk run` with very many.
    """

    threads: Timing | str
    start: Cost | str
    help: Cost | str
    memory: Cost | str


def judge(
    people: Sequence[Comparison],
    scenarios: Sequence[Comparison],
    networks: Sequence[Comparison],
    whole: Whole,
    vectors: str,
) -> list[Target]:
    """Return all targets; those whose case was not measured say so."""
    return [
        *_of_networks([network for network in networks if not network.case.endswith(MIXED)], vectors),
        *_of_people(people),
        *_of_phase3([scenario for scenario in scenarios if scenario.case == "phase3"], whole),
        _of_equality([*people, *scenarios, *networks]),
        *_of_commands(whole),
    ]


def _of_networks(networks: Sequence[Comparison], vectors: str) -> list[Target]:
    sizes = " / ".join(network.case for network in networks)
    costs = [network.cost(network.ours) for network in networks]
    to_numpy = [network.timing(NUMPY_FINISH).ratio_to(network.ours) for network in networks]
    to_loop = [network.timing(LOOP).ratio_to(network.ours) for network in networks]
    most = MOST_NS.get(vectors)
    wanted = "no target for these vectors" if most is None else f"<= {most} ns with {vectors}"
    return [
        Target(
            f"network of {sizes}, per activity and trial",
            wanted,
            " / ".join(f"{cost:.2f}" for cost in costs) + " ns",
            None if most is None else max(costs) <= most,
        ),
        _at_least("... NumPy, finish only", to_numpy, LEAST_TO_NUMPY),
        _at_least("... pure Python, finish only", to_loop, LEAST_TO_LOOP),
    ]


def _at_least(what: str, ratios: Sequence[float], least: float) -> Target:
    measured = " / ".join(f"x {ratio:,.0f}" for ratio in ratios)
    return Target(what, f">= x {least:,.0f}", measured, min(ratios) >= least)


def _of_people(people: Sequence[Comparison]) -> list[Target]:
    costs = {case.case: case.cost(case.ours) for case in people}
    targets = []
    for case, most in MOST_US.items():
        cost = costs.get(case)
        measured = NOT_QUICKLY if cost is None else f"{cost:.1f} us"
        targets.append(
            Target(f"plain kernel, {case}, a trial", f"<= {most} us", measured, None if cost is None else cost <= most)
        )
    return targets


def _of_phase3(phase3: Sequence[Comparison], whole: Whole) -> list[Target]:
    if not phase3:
        return [Target("event kernel, phase3", f">= x {LEAST_TO_REFERENCE}", NO_SCENARIOS, None)]
    ratio = phase3[0].timing(REFERENCE).ratio_to(phase3[0].ours)
    what, wanted = f"... {RUN_TRIALS:,} trials on two threads", f"<= {RUN_SECONDS} s"
    if isinstance(whole.threads, str):
        quick = Target(what, wanted, whole.threads, None)
    else:
        seconds = whole.threads.least * RUN_TRIALS
        quick = Target(what, wanted, f"{seconds:.2f} s, from {whole.threads.trials:,} trials", seconds <= RUN_SECONDS)
    return [_at_least("event kernel, phase3, to the reference engine", [ratio], LEAST_TO_REFERENCE), quick]


def _of_equality(comparisons: Sequence[Comparison]) -> Target:
    compared, differing = (sum(getattr(one, field) for one in comparisons) for field in ("compared", "differing"))
    return Target("integers that differ", "0", f"{differing:,} of {compared:,}", differing == 0)


def _of_commands(whole: Whole) -> list[Target]:
    start = f"simrisk run phase3, {START_TRIALS:,} trials, no charts, kernels compiled before"
    return [
        _seconds(start, whole.start, START_SECONDS),
        _seconds("simrisk --help", whole.help, HELP_SECONDS),
        _memory(f"simrisk run phase3, {MEMORY_TRIALS:,} trials, peak memory", whole.memory),
    ]


def _seconds(what: str, cost: Cost | str, most: float) -> Target:
    if isinstance(cost, str):
        return Target(what, f"<= {most} s", cost, None)
    return Target(what, f"<= {most} s", f"{cost.seconds:.2f} s", cost.seconds <= most)


def _memory(what: str, cost: Cost | str) -> Target:
    wanted = f"<= {MEMORY // MIB:,} MiB"
    if isinstance(cost, str):
        return Target(what, wanted, cost, None)
    if cost.memory is None:
        return Target(what, wanted, "not known on this system", None)
    return Target(what, wanted, f"{cost.memory // MIB:,} MiB, {cost.seconds:.1f} s", cost.memory <= MEMORY)
