"""Columns of numbers, packed as a results file stores them: HDF5's filters "shuffle" and "deflate", in memory."""

from __future__ import annotations

import zlib

import numpy as np

LEVEL = 1  # of deflate, as the file says it; readers do not need it
SLAB_BYTES = 1 << 25  # of the rows of trials that are packed together, before packing


def slab_rows(row_bytes: int) -> int:
    """How many trials are packed together: a power of two, the same for a given size of one trial in bytes."""
    return max(1 << 10, 1 << (SLAB_BYTES // max(row_bytes, 1)).bit_length() - 1)


def pack(values: np.ndarray, rows: int | None = None) -> bytes:
    """Values of one dimension, as one chunk of a file.

    First come the lowest bytes of all values, then the next ones (HDF5's shuffle), so that bytes that hardly vary
    stand together; of those deflate looks only for runs, which is faster than looking for more, and packs better here.

    Parameters
    ----------
    values : (n,), n > 0, any numeric dtype
    rows : int, optional
        How many values the chunk has; 0 stands behind the last.
    """
    if rows is not None and rows > len(values):
        values = np.concatenate([values, np.zeros(rows - len(values), values.dtype)])
    octets = np.ascontiguousarray(values).view(np.uint8).reshape(len(values), -1)
    deflate = zlib.compressobj(LEVEL, zlib.DEFLATED, zlib.MAX_WBITS, 9, zlib.Z_RLE)
    return deflate.compress(np.ascontiguousarray(octets.T).data) + deflate.flush()


def unpack(chunk: bytes, dtype: np.dtype) -> np.ndarray:
    """The values of a chunk, (rows,)."""
    octets = np.frombuffer(zlib.decompress(chunk), np.uint8).reshape(dtype.itemsize, -1)
    found: np.ndarray = np.ascontiguousarray(octets.T).view(dtype).reshape(-1)
    return found
