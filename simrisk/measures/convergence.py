"""How a figure settles as trials are added: the same metric from the first 50, 100, 200 ... trials of a run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from simrisk.dataset import Results
from simrisk.dataset.run import Stored, Values
from simrisk.errors import Issue, MetricError
from simrisk.measures.figure import Measure
from simrisk.measures.metrics import measure

FEWEST = 50  # trials to begin with
NEAR = 1.6  # a number of trials is left out when there are not so many times as many in the whole run
USUAL = ("finish.p80", "finish.mean")
WHOLE = ("baseline", "cash")  # families of figures that are kept for all trials together, not for each


class First:
    """The first trials of a run: it reads like a run of so many trials.

    Parameters
    ----------
    run : Results
    n : int
        At most as many as there are.
    """

    def __init__(self, run: Results, n: int) -> None:
        self._run, self._n = run, n

    @property
    def attrs(self) -> dict[Any, Any]:
        """Those of the run."""
        return self._run.attrs

    @property
    def sizes(self) -> Mapping[Any, int]:
        """Lengths of the dimensions."""
        return {**self._run.sizes, "trial": self._n}

    def __getitem__(self, name: Any, /) -> Values:
        """A variable; what is packed stays so until it is needed."""
        found = self._run[name]
        data = found.data if isinstance(found, Values) else found.values
        if "trial" in found.dims:
            data = _FirstStored(data, self._n) if isinstance(data, Stored) else found.values[: self._n]
        made = Values(tuple(map(str, found.dims)), data, dict(found.attrs))
        made.place = self._place
        return made

    def _place(self, dim: str, label: object) -> int:
        found: int = self._run[dim].values.tolist().index(label)
        return found


class _FirstStored(Stored):
    """The first rows of packed columns."""

    def __init__(self, data: Stored, n: int) -> None:
        super().__init__(data.trials, data.field, data.dtype)
        self.shape = (n, self.shape[1])

    def whole(self) -> np.ndarray:
        return super().whole()[: self.shape[0]]

    def column(self, place: int) -> np.ndarray:
        return super().column(place)[: self.shape[0]]


def nested_sizes(n: int) -> tuple[int, ...]:
    """50, 100, 200 ... and `n` itself; of few trials it begins with less."""
    size = FEWEST if n >= 4 * FEWEST else max(n // 8, 1)
    found = []
    while size * NEAR <= n:
        found.append(size)
        size *= 2
    return (*found, n)


def asked_for(run: Results) -> tuple[str, float, str] | None:
    """What ``--until`` asked for: metric, half width in its unit, the width as it was written."""
    if "until" not in run.attrs:
        return None
    metric, width, text = json.loads(run.attrs["until"])
    return str(metric), float(width), str(text)


def shown_metrics(run: Results) -> tuple[str, ...]:
    """Of which it is shown how they settle: what ``--until`` asked for, else P80 and the mean of the finish."""
    asked = asked_for(run)
    return (asked[0],) if asked is not None and settles(run, asked[0]) else USUAL


def settles(run: Results, name: str) -> bool:
    """Whether `name` can be worked out from some of the trials."""
    return not measure(run, name).exact and name.partition(".")[0] not in WHOLE


def convergence(run: Results, name: str, sizes: Sequence[int] | None = None) -> tuple[Measure, ...]:
    """The figure `name` with its interval from the first trials of a run, as many as each of `sizes`.

    Trial k is the same world however many there are, so each is the figure that a run of so many trials gives.

    Parameters
    ----------
    run : xarray.Dataset
    name : str
        Any metric of the run, but not those that are kept for all trials together (the cash flow by month), or that
        no dice decide.
    sizes : sequence of int, optional
        Default: those of `nested_sizes`.

    Raises
    ------
    MetricError
        ``unknown-metric``, ``no-convergence``
    """
    last = measure(run, name)
    if not settles(run, name):
        why = "is exact with any number of trials" if last.exact else "is kept for all trials together"
        raise MetricError(Issue("no-convergence", "error", name, 0, "", f"'{name}' {why}."))
    n = run.sizes["trial"]
    wanted = nested_sizes(n) if sizes is None else sizes
    return tuple(last if size == n else measure(First(run, size), name) for size in wanted)
