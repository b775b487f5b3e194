"""A process that is over soon: nobody looks for garbage in it, and it is not taken to pieces at the end.

Python looks through all objects again and again for those that refer to each other alone, and at the end it undoes
every one of them. Of a run with charts that is a tenth of the time, and nothing comes of it: the memory goes anyhow.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import NoReturn


@contextmanager
def unswept() -> Iterator[None]:
    """Look for no garbage, unless somebody says `sweep_again`."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def sweep_again() -> None:
    """Look for garbage from now on: many runs are made, one after the other, and each has to give its memory back."""
    gc.enable()


def leave(code: int) -> NoReturn:
    """End the process at once; what has asked to be told of the end is told, and everything printed is shown."""
    if threading.active_count() > 1 or _is_watched():
        sys.exit(code)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def _is_watched() -> bool:
    """Whether a debugger, or something that measures us, waits for the end."""
    tools = getattr(sys, "monitoring", None)
    watched = any(tools.get_tool(number) for number in range(6)) if tools else False
    return watched or sys.gettrace() is not None or sys.getprofile() is not None
