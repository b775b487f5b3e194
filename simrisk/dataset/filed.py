"""Stored runs of very many trials: the tables of the trials stay in the file until somebody asks for them."""

from __future__ import annotations

import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simrisk.dataset.files import damaged, loaded, opened
from simrisk.dataset.run import Late, Run, Values, run_of

if TYPE_CHECKING:
    import xarray as xr

SMALL = 1 << 27  # bytes of tables that are read at once: it is faster, and the memory is there
KEPT = 1 << 27  # bytes of what was read last of larger ones: many figures are of the same columns
TRIAL = "trial"


class Shelf:
    """Arrays that were read last, so many bytes of them."""

    def __init__(self, most: int = KEPT) -> None:
        self.most = most
        self._known: OrderedDict[tuple[str, int | None], np.ndarray] = OrderedDict()

    def take(self, key: tuple[str, int | None], work: Callable[[], np.ndarray]) -> np.ndarray:
        """What `work` reads, from the shelf if it is there."""
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        found = work()
        self._known[key] = found
        while len(self._known) > 1 and sum(array.nbytes for array in self._known.values()) > self.most:
            self._known.popitem(last=False)
        return found


class Filed(Late):
    """A table of trials in a file that is open.

    Parameters
    ----------
    variable : xarray.Variable
        (n_trials, n_members), not read yet.
    name, path : str
        Of the variable and of the file.
    shelf : Shelf
    """

    def __init__(self, variable: xr.Variable, name: str, path: str, shelf: Shelf) -> None:
        super().__init__(variable.shape, variable.dtype, lambda: variable.values)
        self._variable, self._name, self._path, self._shelf = variable, name, path, shelf

    def whole(self) -> np.ndarray:
        """All values."""
        return self._shelf.take((self._name, None), lambda: self._read(slice(None)))

    def column(self, place: int) -> np.ndarray:
        """One column."""
        return self._shelf.take((self._name, place), lambda: self._read(place))

    def _read(self, place: int | slice) -> np.ndarray:
        try:
            found: np.ndarray = self._variable[:, place].values
        except Exception as error:  # as `loaded` has it
            raise damaged(error, self._path) from error
        return found


@contextlib.contextmanager
def reading(path: str | Path) -> Iterator[Run]:
    """A stored run, to be read while it is open: of many trials the tables are read when they are needed.

    Raises
    ------
    ResultsError
        As `read` does.
    """
    with opened(path) as dataset:
        tables = [name for name, v in dataset.variables.items() if v.dims[:1] == (TRIAL,) and v.ndim == 2]
        if sum(dataset[name].nbytes for name in tables) <= SMALL:
            yield run_of(loaded(dataset, str(path)))
            return
        rest = run_of(loaded(dataset.drop_vars(tables), str(path)))
        shelf = Shelf()
        variables = {
            str(name): Values(tuple(map(str, v.dims)), Filed(v, str(name), str(path), shelf), dict(v.attrs))
            if name in tables
            else rest.variables[str(name)]
            for name, v in dataset.variables.items()
        }
        yield Run(variables, rest.coordinates, rest.attrs)
