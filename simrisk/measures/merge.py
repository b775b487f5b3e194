"""Where paths join: how much later the last of several is than the one that is latest on average.

Of two paths that each take ten days on average the later one takes more. A plan of averages does not know this, and
the difference, the merge bias, is the classical reason why projects are late (MacCrimmon and Ryavec, Operations
Research 12, 1964, 16-37).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from simrisk.dataset import Results, column, remembered
from simrisk.measures import estimates, project
from simrisk.measures.blocks import Blocks
from simrisk.measures.estimates import Estimate, half_width
from simrisk.measures.project import Shares

PATHS = 2  # or more of them join
FEWEST = 2  # trials from which on there is an interval
HOLDS_START = {"FS": "task_finish", "SS": "task_start"}  # kind of a link to the moment that it waits for


class Path(NamedTuple):
    """One of the paths that join.

    Parameters
    ----------
    task : str
        What is waited for.
    moment : str
        The variable with the minute that is waited for.
    lag : int
        Working minutes after it.
    """

    task: str
    moment: str
    lag: int


@dataclass(frozen=True)
class Join:
    """What happens where paths join.

    Parameters
    ----------
    paths : tuple of Path
    bias : Estimate
        Working minutes by which the latest moment is later, on average, than the largest of the mean moments; >= 0.
    last : Shares
        How often each path was the last one, (n_paths,) each; of several at once each counts.
    share : float
        Share of all trials that this is over.
    """

    paths: tuple[Path, ...]
    bias: Estimate
    last: Shares
    share: float


def paths_to_task(run: Results, task: str) -> tuple[Path, ...]:
    """What holds the start of a task, in the order of its links."""
    links = np.flatnonzero(run["link_task"].values == task)
    after, kinds, lags = (run[f"link_{part}"].values[links].tolist() for part in ("after", "kind", "lag"))
    return tuple(
        Path(before, HOLDS_START[kind], lag)
        for before, kind, lag in zip(after, kinds, lags, strict=True)
        if kind in HOLDS_START
    )


def paths_to_gate(run: Results, gate: str) -> tuple[Path, ...]:
    """What a gate requires."""
    required = run["requirement_task"].values[run["requirement_gate"].values == gate].tolist()
    return tuple(Path(task, "task_finish", 0) for task in required)


def joining_tasks(run: Results) -> list[str]:
    """Tasks whose start waits for several links, in the order of the file."""
    holds = np.isin(run["link_kind"].values.astype(str), list(HOLDS_START))
    times = Counter(run["link_task"].values[holds].tolist())
    return [task for task in run["task"].values.tolist() if times[task] >= PATHS]


def joining_gates(run: Results) -> list[str]:
    """Gates that require several tasks, in the order of the file."""
    times = Counter(run["requirement_gate"].values.tolist())
    return [gate for gate in run["gate"].values.tolist() if times[gate] >= PATHS]


def join_of(run: Results, paths: tuple[Path, ...]) -> Join:
    """What happens where these paths join, over the trials that finished and in which all of them came to the join.

    Of a lag there is the planned one.
    """
    return remembered(run, ("join", paths), lambda: _joined(run, paths))


def _joined(run: Results, paths: tuple[Path, ...]) -> Join:
    among = project.finished(run)
    for path in paths:
        among = among & (column(run, path.moment, "task", path.task) >= 0)
    blocks = project.blocks(run)

    def moments(place: int) -> np.ndarray:
        path = paths[place]
        found: np.ndarray = column(run, path.moment, "task", path.task)[among] + np.int64(path.lag)
        return found

    bias, last = merged(moments, len(paths), None if blocks is None else blocks[among])
    return Join(paths, bias, last, float(among.mean()) if len(among) else 0.0)


def merged(moments: Callable[[int], np.ndarray], n_paths: int, blocks: Blocks | None = None) -> tuple[Estimate, Shares]:
    """The merge bias of some paths, and how often each was the last one.

    The bias is the mean of how much later the last one is than the path k that is latest on average, and has the
    interval of a mean. Where k cannot be told from other paths (the interval of the difference of their means has
    0 in it) the interval reaches over those of all of them: it then holds the truth in more than 95 % of all runs, and
    the bias itself is a little too small, by less than the interval says.

    Parameters
    ----------
    moments : callable
        Gives the minutes of a path by its place, (n,) int64; it is asked twice for each, so that many need not be in
        memory together.
    n_paths : int
        At least 1.
    blocks : Blocks, optional
        Of these trials; default: they are independent.
    """
    latest, means = moments(0).copy(), []
    for place in range(n_paths):
        minutes = moments(place)
        means.append(minutes.mean() if len(minutes) else 0.0)
        np.maximum(latest, minutes, out=latest)
    chosen = int(np.argmax(means))
    wait = latest - moments(chosen)  # of the path that is latest on average, for the last one
    bias = estimates.mean(wait, blocks)
    low, high = bias.low, bias.high
    last = []
    for place in range(n_paths):
        other = latest - moments(place)
        last.append(estimates.share_of(other == 0, blocks))
        if place == chosen or len(wait) < FEWEST:
            continue
        apart = (other - wait) - (means[chosen] - means[place])
        if means[chosen] - means[place] <= half_width(apart, blocks):
            alike = estimates.mean(other, blocks)
            low, high = min(low, alike.low), max(high, alike.high)
    return Estimate(bias.value, max(low, 0.0), high), Shares(*np.array(last).T)
