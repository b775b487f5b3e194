"""The outcomes of all trials: as they are while they are few, packed in a temporary file when they are many."""

from __future__ import annotations

import os
import tempfile
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import numpy as np

from simrisk.dataset.packing import pack, slab_rows, unpack
from simrisk_kernels.layout import Outcomes

KEPT_BYTES = 1 << 28  # of outcomes that stay in memory as they are
NOT_FILED = ("cash",)  # a column for each month, of which a results file has quantiles only


class Trials:
    """Outcomes of a run, to which more can be added.

    Many trials are packed slab by slab, each column on its own and in the form in which a results file has it. No
    figure depends on it: a column comes out as it went in. Fields with one number a trial always stay in memory.

    Parameters
    ----------
    like : Outcomes
        Outcomes of the same plan, of any number of trials.
    kept_bytes : int
        Outcomes of up to so many bytes stay as they are; more are packed.
    folder : Path, optional
        Where the temporary file lies. It has no name there: however we end, nothing of it remains.
    threads : int
        How many columns are packed at the same time.
    """

    def __init__(
        self, like: Outcomes, *, kept_bytes: int = KEPT_BYTES, folder: Path | None = None, threads: int = 1
    ) -> None:
        self._like = Outcomes(*(values[:0] for values in like))
        self._kept_bytes, self._folder, self._threads = kept_bytes, folder, threads
        self._packing = False
        self._pieces: list[Outcomes] = []  # trials that are not packed, after all that are
        self._narrow: list[Outcomes] = []  # of packed trials, the fields with one number a trial; empty tables
        self._places: dict[tuple[str, int], list[tuple[int, int]]] = {}  # where in the file each slab of a column is
        self._file: IO[bytes] | None = None
        self._latest: tuple[tuple[str, int], np.ndarray] | None = None  # the column unpacked last
        self.row_bytes = sum(map(_row_bytes, like))
        self.slab_rows = slab_rows(sum(_row_bytes(getattr(like, name)) for name in self._tables() if _is_filed(name)))

    def __len__(self) -> int:
        """How many trials there are."""
        return len(self._narrow) * self.slab_rows + sum(len(piece.end) for piece in self._pieces)

    @property
    def is_packed(self) -> bool:
        """Whether trials had to be packed."""
        return bool(self._narrow)

    def run_together(self, wanted: int) -> int:
        """How many of `wanted` more trials to run before they are added: all of them, or those that fill a slab."""
        self._packing = (len(self) + wanted) * self.row_bytes > self._kept_bytes
        if not self._packing:
            return wanted
        return min(wanted, self.slab_rows - len(self) % self.slab_rows)

    def add(self, outcomes: Outcomes) -> None:
        """Add trials; their arrays belong to the store from now on."""
        self._pieces.append(outcomes)
        self._latest = None
        if self._packing:
            self._pack_slabs()

    def whole(self, field: str) -> np.ndarray:
        """A field of all trials, (n_trials,) or (n_trials, n_columns)."""
        like, rest = getattr(self._like, field), self._field(field)
        if not self._narrow:
            return rest
        if like.ndim == 1:
            return np.concatenate([*(getattr(slab, field) for slab in self._narrow), rest])
        found = np.empty((len(self), like.shape[1]), like.dtype, order="F")
        for place in range(like.shape[1]):
            found[:, place] = self._unpacked(field, place)
        return found

    def n_columns(self, field: str) -> int:
        """How many columns a field has."""
        return int(getattr(self._like, field).shape[1])

    def column(self, field: str, place: int) -> np.ndarray:
        """One column of a field with several, (n_trials,)."""
        if not self._narrow:
            return self._field(field)[:, place]
        if self._latest is None or self._latest[0] != (field, place):
            self._latest = (field, place), self._unpacked(field, place)
        return self._latest[1]

    def packed_column(self, field: str, place: int) -> list[bytes]:
        """One column of a field with several as chunks of a results file, a slab each."""
        chunks = [self._piece(begin, size) for begin, size in self._places.get((field, place), ())]
        rest = self._field(field)[:, place]
        rows = min(self.slab_rows, len(self))
        return [*chunks, *(pack(rest[first : first + rows], rows) for first in range(0, len(rest), rows))]

    def _piece(self, begin: int, size: int) -> bytes:
        """Bytes of the file; where it stands is left alone, for a second process may read it, too."""
        assert self._file is not None
        if hasattr(os, "pread"):
            return os.pread(self._file.fileno(), size, begin)
        self._file.seek(begin)
        return self._file.read(size)

    def _unpacked(self, field: str, place: int) -> np.ndarray:
        like = getattr(self._like, field)
        found = np.empty(len(self), like.dtype)
        for slab, chunk in enumerate(self.packed_column(field, place)):
            first = slab * self.slab_rows
            found[first : first + self.slab_rows] = unpack(chunk, like.dtype)[: len(self) - first]
        return found

    def _field(self, field: str) -> np.ndarray:
        """A field of the trials that are not packed, each of its columns in one piece.

        The kernels write trial by trial, and everybody else reads column by column.
        """
        rest = self._rest()
        values: np.ndarray = getattr(rest, field)
        if not values.flags.f_contiguous:
            values = np.asfortranarray(values)
            self._pieces = [rest._replace(**{field: values})]
        return values

    def _rest(self) -> Outcomes:
        """The trials that are not packed."""
        if len(self._pieces) > 1:
            self._pieces = [Outcomes(*(np.concatenate(parts) for parts in zip(*self._pieces, strict=True)))]
        return self._pieces[0] if self._pieces else self._like

    def _tables(self) -> list[str]:
        """Fields with several columns."""
        return [name for name in Outcomes._fields if getattr(self._like, name).ndim == 2]

    def _pack_slabs(self) -> None:
        """Pack trials as long as they fill a slab; those left over wait for more."""
        columns = [(name, place) for name in self._tables() for place in range(self.n_columns(name))]
        if self._file is None:
            self._file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
            weakref.finalize(self, self._file.close)
        with ThreadPoolExecutor(self._threads) as pool:
            while sum(len(piece.end) for piece in self._pieces) >= self.slab_rows:
                slab = self._take(self.slab_rows)
                chunks = pool.map(lambda column, slab=slab: pack(getattr(slab, column[0])[:, column[1]]), columns)
                for column, chunk in zip(columns, chunks, strict=True):
                    self._places.setdefault(column, []).append((self._file.seek(0, 2), len(chunk)))
                    self._file.write(chunk)
                # copies, for a view would keep the whole slab
                self._narrow.append(Outcomes(*(v.copy() if v.ndim == 1 else v[:0].copy() for v in slab)))
        self._file.flush()
        self._pieces = [Outcomes(*(values.copy() for values in piece)) for piece in self._pieces]

    def _take(self, rows: int) -> Outcomes:
        """Take the first trials out of those that are not packed."""
        taken: list[Outcomes] = []
        while rows:
            piece = self._pieces.pop(0)
            if len(piece.end) > rows:
                self._pieces.insert(0, Outcomes(*(values[rows:] for values in piece)))
                piece = Outcomes(*(values[:rows] for values in piece))
            taken.append(piece)
            rows -= len(piece.end)
        return taken[0] if len(taken) == 1 else Outcomes(*map(np.concatenate, zip(*taken, strict=True)))


def _row_bytes(values: np.ndarray) -> int:
    """Bytes of one trial."""
    return values.itemsize * int(np.prod(values.shape[1:], dtype=np.int64))


def _is_filed(field: str) -> bool:
    return field not in NOT_FILED
