"""A run as a NetCDF-4 file: named dimensions, values packed column by column, the same bytes for the same run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5netcdf
import h5py
import numpy as np

from simrisk.dataset.packing import LEVEL, pack, slab_rows
from simrisk.dataset.registry import REGISTRY
from simrisk.dataset.run import Run, Stored, Values

SMALL = 1 << 12  # elements below which a variable is stored plainly
TRIAL = "trial"
DATES = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
FLAG = {"dtype": "bool"}  # how xarray knows that bytes are flags


def write_netcdf(run: Run, path: Path, *, threads: int = 1) -> None:
    """Write a run to a new file.

    A variable of many trials has one chunk for each column and slab of trials. They are packed here, or
    have been while the trials were run, and go to the file as they are; deflate's own checksum finds damage.

    Parameters
    ----------
    threads : int
        How many columns are packed at the same time.
    """
    rows = min(_slab_rows(run), run.sizes[TRIAL])
    chunked = [name for name, v in run.variables.items() if v.dims[:1] == (TRIAL,) and v.size >= SMALL]
    with h5netcdf.File(path, "w") as file:
        file.dimensions = dict(run.sizes)
        for name, values in run.variables.items():
            _create(file, name, values, (rows, *(1 for _ in values.dims[1:])) if name in chunked else None)
        plain = [name for name in run.coordinates if name not in run.variables[name].dims]
        for name, value in {**run.attrs, "coordinates": " ".join(plain)}.items():
            file.attrs[name] = np.int64(value) if isinstance(value, int) else value
    with h5py.File(path, "r+") as file, ThreadPoolExecutor(threads) as pool:
        for name in chunked:
            for place, chunk in _chunks(run.variables[name], rows, pool):
                file[name].id.write_direct_chunk(place, chunk)


def _slab_rows(run: Run) -> int:
    """Trials in a chunk, as `Trials.slab_rows` has them."""
    tables = (run.variables[v.name] for v in REGISTRY.values() if v.dims[:1] == (TRIAL,) and len(v.dims) == 2)
    return slab_rows(sum(values.dtype.itemsize * values.shape[1] for values in tables))


def _create(file: h5netcdf.File, name: str, values: Values, chunks: tuple[int, ...] | None) -> None:
    """Make a variable with its attributes, and write it unless it comes in chunks."""
    data, attrs = None if chunks else values.values, values.attrs
    dtype = values.dtype
    if dtype.kind == "M":
        data, dtype, attrs = values.values.astype("datetime64[D]").astype(np.int32), np.dtype(np.int32), attrs | DATES
    elif dtype.kind == "b":
        data, dtype, attrs = None if data is None else data.view(np.int8), np.dtype(np.int8), attrs | FLAG
    elif dtype.kind == "O":
        dtype = h5py.string_dtype()
    packing: dict[str, Any] = {"compression": "gzip", "compression_opts": LEVEL, "shuffle": True} if chunks else {}
    made = file.create_variable(name, values.dims, dtype, data=data, chunks=chunks, **packing)
    for key, value in attrs.items():
        made.attrs[key] = value


def _chunks(values: Values, rows: int, pool: ThreadPoolExecutor) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Places and contents of the chunks of a variable of trials."""
    if isinstance(values.data, Stored):
        for column in range(values.shape[1]):
            for slab, chunk in enumerate(values.data.packed(column)):
                yield (slab * rows, column), chunk
        return
    data = values.values
    if data.ndim == 1:
        places: list[tuple[int, ...]] = [(first,) for first in range(0, len(data), rows)]
        parts = [data[first : first + rows] for (first,) in places]
    else:
        places = [(first, column) for first in range(0, len(data), rows) for column in range(data.shape[1])]
        parts = [data[first : first + rows, column] for first, column in places]
    yield from zip(places, pool.map(lambda part: pack(part, rows), parts), strict=True)
