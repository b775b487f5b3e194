"""A run: names, values, attributes. It reads like an xarray.Dataset, is made without xarray, and unpacks on demand.

Importing xarray takes a third of a second, and a Dataset holds every number of every trial in memory; `simrisk run`
needs neither. `Run.to_xarray` gives the Dataset.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from simrisk.dataset.store import Trials

if TYPE_CHECKING:
    import xarray as xr

Known = TypeVar("Known")


class Results(Protocol):
    """What measures, reports and charts need of a run: an xarray.Dataset has it, and so has a `Run`."""

    @property
    def attrs(self) -> dict[Any, Any]:
        """Provenance and settings."""

    @property
    def sizes(self) -> Mapping[Any, int]:
        """Lengths of the dimensions."""

    def __getitem__(self, name: Any, /) -> Any:
        """A variable: `values`, `attrs`, `sel`."""


class Stored:
    """A field of the trials in their store, as values of a variable.

    Parameters
    ----------
    trials : Trials
    field : str
        Of the engines' outcomes, with several columns.
    dtype : numpy dtype
        Of the variable; of the field's size.
    """

    def __init__(self, trials: Trials, field: str, dtype: np.dtype) -> None:
        self.trials, self.field, self.dtype = trials, field, dtype
        self.shape = (len(trials), trials.n_columns(field))

    def whole(self) -> np.ndarray:
        """All values."""
        return self.trials.whole(self.field).view(self.dtype)

    def column(self, place: int) -> np.ndarray:
        """One column."""
        return self.trials.column(self.field, place).view(self.dtype)

    def packed(self, place: int) -> list[bytes]:
        """One column as chunks of a results file."""
        return self.trials.packed_column(self.field, place)


class Late:
    """Values that are worked out when they are first needed.

    Parameters
    ----------
    shape : tuple of int
    dtype : numpy dtype
    work : callable
        Gives them.
    """

    def __init__(self, shape: tuple[int, ...], dtype: np.dtype, work: Callable[[], np.ndarray]) -> None:
        self.shape, self.dtype, self._work = shape, dtype, work

    @cached_property
    def _known(self) -> np.ndarray:
        return self._work()

    def whole(self) -> np.ndarray:
        """All values."""
        return self._known

    def column(self, place: int) -> np.ndarray:
        """One column."""
        return self._known[:, place]


class Values:
    """A variable of a run, with the part of xarray.DataArray that is needed.

    Parameters
    ----------
    dims : tuple of str
    data : array, Stored or Late
    attrs : dict
    """

    def __init__(self, dims: tuple[str, ...], data: np.ndarray | Stored | Late, attrs: dict[str, Any]) -> None:
        self.dims, self.data, self.attrs = dims, data, attrs
        self.place: Callable[[str, object], int] = _nowhere  # of a label; the run knows it

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""
        return self.data.dtype

    @property
    def shape(self) -> tuple[int, ...]:
        """Lengths of the dimensions."""
        return self.data.shape

    @property
    def size(self) -> int:
        """How many values there are."""
        return int(np.prod(self.shape, dtype=np.int64))

    @property
    def values(self) -> np.ndarray:
        """All values."""
        return self.data.whole() if isinstance(self.data, Stored | Late) else self.data

    def column(self, place: int) -> np.ndarray:
        """Values of one member: of one place of the second dimension."""
        return self.data.column(place) if isinstance(self.data, Stored | Late) else self.data[:, place]

    def sel(self, **labels: object) -> Values:
        """The values at a label of each dimension that is named."""
        found = self
        for dim, label in labels.items():
            axis = found.dims.index(dim)
            data = found.values.take(self.place(dim, label), axis=axis)
            found = Values(found.dims[:axis] + found.dims[axis + 1 :], data, self.attrs)
            found.place = self.place
        return found

    def item(self) -> Any:
        """The only value."""
        return self.values.item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())


def _nowhere(dim: str, label: object) -> int:
    raise KeyError(label)


class Run:
    """Everything a run found out, as the registry describes it.

    Parameters
    ----------
    variables : dict
        Name to values, coordinates among them.
    coordinates : collection of str
        Names of those that are coordinates.
    attrs : dict
    """

    def __init__(self, variables: dict[str, Values], coordinates: tuple[str, ...], attrs: dict[str, Any]) -> None:
        self.variables, self.coordinates, self.attrs = variables, coordinates, attrs
        self.sizes: dict[str, int] = {}
        self.known: dict[Hashable, Any] = {}  # figures that have been worked out, see `remembered`
        self._places: dict[str, dict[object, int]] = {}
        for values in variables.values():
            values.place = self.place
            self.sizes.update(zip(values.dims, values.shape, strict=True))

    def __getitem__(self, name: str) -> Values:
        """A variable."""
        return self.variables[name]

    def place(self, dim: str, label: object) -> int:
        """Where a label stands in its dimension."""
        if dim not in self._places:
            self._places[dim] = {known: place for place, known in enumerate(self.variables[dim].values.tolist())}
        return self._places[dim][label]

    def to_xarray(self) -> xr.Dataset:
        """The same as an xarray.Dataset, complete and in memory."""
        import xarray as xr

        made = {name: xr.Variable(v.dims, v.values, v.attrs) for name, v in self.variables.items()}
        coords = {name: made.pop(name) for name in self.coordinates}
        return xr.Dataset(made, coords, self.attrs)


def run_of(dataset: xr.Dataset | Run) -> Run:
    """A Dataset as a Run, which shares its values."""
    if isinstance(dataset, Run):
        return dataset
    variables = {
        str(name): Values(tuple(map(str, v.dims)), v.values, dict(v.attrs)) for name, v in dataset.variables.items()
    }
    return Run(variables, tuple(map(str, dataset.coords)), dict(dataset.attrs))


def remembered(run: Results, key: Hashable, work: Callable[[], Known]) -> Known:
    """What `work` gives, worked out once for a run: it never changes. A Dataset can, and remembers nothing."""
    if not isinstance(run, Run):
        return work()
    if key not in run.known:
        run.known[key] = work()
    found: Known = run.known[key]
    return found


def column(run: Results, variable: str, dim: str, label: object) -> np.ndarray:
    """One member's values, (n_trials,), of a variable whose dimensions are trial and `dim`."""
    values = run[variable]
    if isinstance(values, Values):
        return values.column(values.place(dim, label))
    found: np.ndarray = values.values[:, run[dim].values.tolist().index(label)]
    return found
