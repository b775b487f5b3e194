"""A process that is over soon: nobody looks for garbage in it, and it is not taken to pieces at the end.

Python searches for garbage (`simrisk.garbage`), and at the end it undoes every object that there is. Of a run with
charts that is a tenth of the time, and nothing comes of it: the memory goes anyhow.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
import threading
from contextlib import suppress
from typing import NoReturn


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
