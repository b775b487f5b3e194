"""A run as a NetCDF-4 file: named dimensions, values packed column by column, the same bytes for the same run.

NetCDF-4 is HDF5 with an agreement on how dimensions are told ("dimension scales"); to write it with h5py alone takes a
quarter of the time, and lets packed columns through as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from simrisk.dataset.packing import LEVEL, pack, slab_rows
from simrisk.dataset.registry import REGISTRY
from simrisk.dataset.run import Run, Stored, Values

SMALL = 1 << 12  # elements below which a variable is stored plainly
TRIAL = "trial"
DATES = {"units": "days since 1970-01-01", "calendar": "proleptic_gregorian"}
FLAG = {"dtype": "bool"}  # how xarray knows that bytes are flags
NO_VARIABLE = "This is a netCDF dimension but not a netCDF variable.{:10}"  # NetCDF's words


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
    plain = [name for name in run.coordinates if name not in run.sizes]  # those that xarray would not take for one
    with h5py.File(path, "w") as file, ThreadPoolExecutor(threads) as pool:
        chunked = {}
        for name, values in run.variables.items():
            many = values.dims[:1] == (TRIAL,) and values.size >= SMALL
            made = _create(file, name, values, (rows, *(1 for _ in values.dims[1:])) if many else None)
            if many:
                chunked[name] = made
        _tell_dimensions(file, run)
        for name, value in {**run.attrs, "coordinates": " ".join(plain)}.items():
            file.attrs[name] = np.int64(value) if isinstance(value, int) else value
        for name, made in chunked.items():
            for place, chunk in _chunks(run.variables[name], rows, pool):
                made.id.write_direct_chunk(place, chunk)


def _slab_rows(run: Run) -> int:
    """Trials in a chunk, as `Trials.slab_rows` has them."""
    tables = (run.variables[v.name] for v in REGISTRY.values() if v.dims[:1] == (TRIAL,) and len(v.dims) == 2)
    return slab_rows(sum(values.dtype.itemsize * values.shape[1] for values in tables))


def _create(file: h5py.File, name: str, values: Values, chunks: tuple[int, ...] | None) -> h5py.Dataset:
    """Make a variable with its attributes, and write it unless it comes in chunks."""
    data, dtype, attrs = None if chunks else values.values, values.dtype, values.attrs
    if dtype.kind == "M":
        data, dtype, attrs = values.values.astype("datetime64[D]").astype(np.int32), np.dtype(np.int32), attrs | DATES
    elif dtype.kind == "b":
        data, dtype, attrs = None if data is None else data.view(np.int8), np.dtype(np.int8), attrs | FLAG
    elif dtype.kind == "O":
        dtype = h5py.string_dtype()
    settings: dict[str, Any] = {"compression": "gzip", "compression_opts": LEVEL, "shuffle": True} if chunks else {}
    if 0 in values.shape:  # NetCDF takes a dimension without members for one that can grow
        settings["maxshape"] = tuple(length or None for length in values.shape)
    made = file.create_dataset(name, values.shape, dtype, data, chunks=chunks, track_times=False, **settings)
    for key, value in attrs.items():
        made.attrs[key] = value
    return made


def _tell_dimensions(file: h5py.File, run: Run) -> None:
    """Say which dimensions there are, and which a variable has."""
    for number, (dim, length) in enumerate(run.sizes.items()):
        if dim not in file:
            file.create_dataset(dim, (length,), ">f4", maxshape=(length or None,), track_times=False)
        file[dim].make_scale(dim if dim in run.variables else NO_VARIABLE.format(length))
        file[dim].attrs["_Netcdf4Dimid"] = np.int32(number)
    scales = {dim: file[dim] for dim in run.sizes}
    for name, values in run.variables.items():
        if name not in scales:
            made = file[name]
            for axis, dim in enumerate(values.dims):
                made.dims[axis].attach_scale(scales[dim])


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
        places = [(first, column) for column in range(data.shape[1]) for first in range(0, len(data), rows)]
        parts = [data[first : first + rows, column] for first, column in places]
    yield from zip(places, pool.map(lambda part: pack(part, rows), parts), strict=True)
