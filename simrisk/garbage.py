"""Python's search for garbage, put off where nothing comes of it."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def undisturbed() -> Iterator[None]:
    """Look for no garbage meanwhile.

    Python looks through all objects again and again for those that refer to each other alone. Work that makes many
    small objects that live on, as drawing does, has each of them visited for nothing: all charts of a run take a
    quarter less time without it, and some megabytes more.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
