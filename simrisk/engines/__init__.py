"""The engines: two ways to run the same trials, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from simrisk.engines.network import NetworkRun
    from simrisk.models.network import Network
    from simrisk.plan import Plan
    from simrisk_kernels.layout import Outcomes

Engine = Literal["kernel", "reference"]
ENGINES: tuple[Engine, ...] = ("kernel", "reference")


def run(
    plan: Plan,
    *,
    trials: int,
    seed: int,
    first: int = 0,
    engine: Engine = "kernel",
    threads: int | None = None,
    block: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Outcomes:
    """Run trials `first` to `first + trials - 1` with either engine; the numbers are the same."""
    if engine == "reference":
        from simrisk.engines.reference import run_reference

        return run_reference(plan, trials=trials, seed=seed, first=first, progress=progress)
    from simrisk.engines.kernels import run_kernels

    return run_kernels(plan, trials=trials, seed=seed, first=first, threads=threads, block=block, progress=progress)


def run_network(
    network: Network,
    *,
    trials: int,
    seed: int,
    first: int = 0,
    threads: int | None = None,
    statistics: bool = True,
    progress: Callable[[int], None] | None = None,
) -> NetworkRun:
    """Run the logic alone of a plan that has the form of a network: the same ends, and what is critical."""
    from simrisk.engines.network import run_blocks

    return run_blocks(
        network,
        trials=trials,
        seed=seed,
        first=first,
        threads=threads,
        statistics=statistics,
        progress=progress,
    )


def run_baseline(plan: Plan, *, engine: Engine = "kernel", like: Plan | None = None) -> Outcomes:
    """Run the one trial without dice: every quantity as planned, no absence, no random leave.

    Parameters
    ----------
    like : Plan, optional
        Take the kernel that runs this plan, which is used anyway: compiling another one for a single trial takes much
        longer than it saves. Default: `plan`.
    """
    from simrisk.compile import baseline_plan

    if engine == "reference":
        return run(baseline_plan(plan), trials=1, seed=0, engine=engine)
    from simrisk.engines.kernels import fitting_kernels, kernel_for, run_kernels

    without_dice, kernel = baseline_plan(plan), kernel_for(like or plan)
    fits = kernel in fitting_kernels(without_dice)
    return run_kernels(without_dice, trials=1, seed=0, kernel=kernel if fits else None)


def kernels_ready(plan: Plan | None = None) -> bool:
    """Return whether the kernel of a plan, or of any, has been compiled before, so that a run need not wait for it."""
    from simrisk.engines import cache
    from simrisk.engines.kernels import EVENTS, PLAIN, SMALL, kernel_for

    names = (EVENTS, SMALL, PLAIN) if plan is None else (kernel_for(plan),)
    return all(cache.ready(name) for name in names)
