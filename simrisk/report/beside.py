"""A second process that draws some of the charts while this one writes the results and draws the others."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Made = TypeVar("Made")

FEWEST = 3  # pieces of work from which on a second process is worth its start


class Shared(Generic[Made]):
    """Pieces of work, each of which one of two processes takes and does.

    Which one does a piece changes nothing about what it makes. Whatever the second process does not hand over, because
    there is none or it failed, is done here.

    Parameters
    ----------
    work : callable
        Makes piece number k, something that can be pickled.
    n : int
        How many pieces there are, 255 at most.
    """

    def __init__(self, work: Callable[[int], Made], n: int) -> None:
        self._work, self._n = work, n
        self._made: dict[int, Made] = {}
        self._waiting, give = os.pipe()  # numbers of pieces that nobody has taken; reading one takes it
        os.write(give, bytes(range(n)))
        os.close(give)
        self._pid = self._results = 0

    def begin(self) -> None:
        """Start the second process; it has everything that this one has now."""
        self._results, give = os.pipe()
        sys.stdout.flush()
        sys.stderr.flush()
        with warnings.catch_warnings():  # newer versions of Python warn of threads, of which there is none
            warnings.simplefilter("ignore", DeprecationWarning)
            self._pid = os.fork()
        if self._pid:
            os.close(give)
            return
        failed = 1
        gc.disable()  # it is gone before there is anything to collect
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)  # an interrupt is told by the first process alone
            with os.fdopen(give, "wb") as results:
                pickle.dump(dict(self._taken()), results, pickle.HIGHEST_PROTOCOL)
            failed = 0
        finally:
            os._exit(failed)  # nothing of what the first process has begun is finished here

    def _taken(self) -> Iterator[tuple[int, Made]]:
        while piece := os.read(self._waiting, 1):
            yield piece[0], self._work(piece[0])

    def finish(self) -> list[Made]:
        """Do what is left, and wait for the second process; returns all pieces in order."""
        self._made |= self._taken()
        if self._pid:
            with os.fdopen(self._results, "rb", closefd=False) as results:
                handed = results.read()
            _, status = os.waitpid(self._pid, 0)
            self._pid = 0
            if status == 0:
                self._made |= pickle.loads(handed)
        return [self._made[k] if k in self._made else self._work(k) for k in range(self._n)]

    def close(self) -> None:
        """End the second process if it still runs."""
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        for end in (self._waiting, *([self._results] if self._results else [])):
            os.close(end)


@contextmanager
def shared(work: Callable[[int], Made], n: int, *, processes: int) -> Iterator[Shared[Made]]:
    """Pieces of work that a second process has a part in, where there can and may be one.

    There can be one on Linux while this process has no other threads, whose locks it could find locked for good.
    """
    pieces = Shared(work, n)
    try:
        alone = threading.active_count() == 1 and sys.platform == "linux"
        if processes > 1 and n >= FEWEST and alone:
            pieces.begin()
        yield pieces
    finally:
        pieces.close()
