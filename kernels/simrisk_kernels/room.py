"""Room for the arrays of a named tuple: all of them side by side, each at the beginning of a line of the cache."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

LINE = 64  # bytes of a line of the cache

Arrays = TypeVar("Arrays", bound=tuple[np.ndarray, ...])


def bytes_of(arrays: tuple[np.ndarray, ...]) -> int:
    """Return the bytes that the arrays take side by side."""
    return sum(-(-array.nbytes // LINE) * LINE for array in arrays)


def side_by_side(arrays: Arrays) -> Arrays:
    """Return arrays like those of a named tuple, with nothing in them yet, in one piece of memory.

    What is in use together then lies together, no vector reaches across two lines, and the system can give the memory
    in large pages.
    """
    room = np.empty(bytes_of(arrays) + LINE, np.uint8)
    place, made = -room.ctypes.data % LINE, []
    for array in arrays:
        made.append(np.ndarray(array.shape, array.dtype, room, place).view(type(array)))
        place += -(-array.nbytes // LINE) * LINE
    return type(arrays)(*made)


def moved_together(arrays: Arrays) -> Arrays:
    """Return copies of the arrays of a named tuple side by side."""
    made = side_by_side(arrays)
    for copy, array in zip(made, arrays, strict=True):
        copy[...] = array
    return made
