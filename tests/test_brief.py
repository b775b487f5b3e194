"""A process that ends at once still tells everybody, and looks for garbage where many runs are made."""

import gc
import subprocess
import sys

import pytest

from simrisk.cli import main
from simrisk.cli.brief import sweep_again
from simrisk.garbage import undisturbed

LEAVING = """
import atexit, sys, threading
atexit.register(lambda: print("told"))
print("first")
print("of errors", file=sys.stderr)
{}
from simrisk.cli.brief import leave
leave(7)
"""


@pytest.mark.parametrize(
    "before",
    [
        "",
        "sys.settrace(lambda *_: None)",
        "threading.Thread(target=lambda: print(end='')).start()",
        "sys.stderr.close()",
    ],
    ids=["plain", "watched", "with a thread", "closed"],
)
def test_leaving_flushes_and_tells(before: str) -> None:
    done = subprocess.run([sys.executable, "-c", LEAVING.format(before)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (7, "first\ntold\n", "of errors\n")


def test_garbage_is_looked_for_as_before() -> None:
    assert gc.isenabled()
    with undisturbed():
        assert not gc.isenabled()
        sweep_again()
        assert gc.isenabled()
    with undisturbed(), undisturbed():
        pass
    assert gc.isenabled()
    with pytest.raises(SystemExit):
        main(["--version"])
    assert gc.isenabled()
