"""Two processes make the same as one, whoever takes what, and whatever becomes of the second."""

from __future__ import annotations

import os
import sys
import time

import pytest

from simrisk.report.beside import shared

two_processes = pytest.mark.skipif(sys.platform != "linux", reason="there is a second process on Linux alone")


def test_one_process_does_everything_in_order() -> None:
    with shared(lambda k: (k, os.getpid()), 5, processes=1) as pieces:
        assert pieces.finish() == [(k, os.getpid()) for k in range(5)]


@two_processes
def test_each_takes_what_is_left() -> None:
    first, seen, tell = os.getpid(), *os.pipe()

    def work(k: int) -> tuple[int, int]:
        if os.getpid() == first:
            os.read(seen, 1)  # until the other one has begun a piece
            os.write(tell, b"1")
        else:
            os.write(tell, b"1")
        return k, os.getpid()

    with shared(work, 6, processes=2) as pieces:
        made = pieces.finish()
    assert [k for k, _ in made] == [*range(6)]
    assert len({process for _, process in made}) == 2
    os.close(seen)
    os.close(tell)


@two_processes
def test_what_the_second_process_fails_at_is_done_by_the_first() -> None:
    first = os.getpid()

    def work(k: int) -> int:
        if os.getpid() != first:
            raise MemoryError
        time.sleep(0.01)
        return k

    with shared(work, 6, processes=2) as pieces:
        assert pieces.finish() == [*range(6)]


@two_processes
def test_an_error_here_ends_the_second_process() -> None:
    def never() -> None:
        with shared(lambda _: time.sleep(60), 6, processes=2):
            raise KeyboardInterrupt

    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        never()
    assert time.monotonic() - begun < 30
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
