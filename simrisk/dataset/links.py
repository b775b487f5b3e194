"""The logic of a plan as variables: its links, and what its gates require."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor

import numpy as np

from simrisk.scenario.model import Gate, Link, Task


def link_values(tasks: Sequence[Task], gates: Sequence[Gate]) -> dict[str, np.ndarray]:
    """Every variable about links and requirements, by its name.

    Links stand in the order of the tasks that wait, for each in the order of those waited for, each kind once. Of an
    uncertain lag there is the planned one.
    """
    places = {task.id: i for i, task in enumerate(tasks)}
    links = [(link, task) for task in tasks for link in _links_of(task, places)]
    required = [(gate.id, task) for gate in gates for task in gate.requires]
    lags = [0 if link.lag is None else floor(link.lag.planned + 0.5) for link, _ in links]
    return {
        "link_after": _words([link.task for link, _ in links]),
        "link_task": _words([task.id for _, task in links]),
        "link_kind": _words([link.kind for link, _ in links]),
        "link_lag": np.array(lags, dtype=np.int32),
        "requirement_gate": _words([gate for gate, _ in required]),
        "requirement_task": _words([task for _, task in required]),
    }


def _links_of(task: Task, places: dict[str, int]) -> list[Link]:
    """What a task waits for; of links of the same kind to the same task the first counts, as in the plan."""
    own: dict[tuple[str, str], Link] = {}
    for link in sorted(task.links, key=lambda link: places[link.task]):
        own.setdefault((link.task, link.kind), link)
    return list(own.values())


def _words(words: Sequence[str]) -> np.ndarray:
    return np.array(words, dtype=object)
