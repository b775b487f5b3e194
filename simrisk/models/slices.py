"""Slices: lists laid end to end in one array, each known by its first place and its length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class Slices:
    """Many short lists of indices in one int64 array."""

    def __init__(self) -> None:
        self._items: list[int] = []

    def add(self, items: Iterable[int]) -> tuple[int, int]:
        """Append a list; return (place of its first item, number of items)."""
        first = len(self._items)
        self._items.extend(items)
        return first, len(self._items) - first

    def finish(self) -> NDArray[np.int64]:
        """Return the array, shape (n,)."""
        return np.array(self._items, dtype=np.int64)


def records(rows: Sequence[tuple[int, ...]], dtype: np.dtype[np.void]) -> np.recarray:
    """Return `rows` as a record array of shape (n,)."""
    return np.array(list(rows), dtype=dtype).view(np.recarray)
