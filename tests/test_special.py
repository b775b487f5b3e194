"""Functions of scipy.special without importing all of it: they are its own, and it is there for whoever wants it."""

import subprocess
import sys

import pytest
from scipy import special as library

from simrisk import special

ALONE = """
import sys
from simrisk import special
heavy = "scipy._lib.array_api_compat.numpy"
assert heavy not in sys.modules
{}
"""


def told(lines: str) -> str:
    """What a fresh interpreter prints that has imported our functions and nothing else of scipy's."""
    done = subprocess.run([sys.executable, "-c", ALONE.format(lines)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("name", special.__all__)
def test_functions_are_scipys_own(name: str) -> None:
    assert getattr(special, name) is getattr(library, name)


def test_the_package_is_read_when_something_else_of_it_is_asked_for() -> None:
    """`ours is theirs`, as a module that was imported first would have it; scipy.stats needs all of it."""
    theirs = "import scipy.special as s; print(s.erf(0.0), heavy in sys.modules, s.ndtri is special.ndtri, type(s))"
    assert told(theirs) == "0.0 True True <class 'module'>"
    assert told("from scipy.special import erf; print(erf(0.0))") == "0.0"
    assert told("import scipy.stats; print(scipy.stats.norm.ppf(0.5), scipy.special.erf(0.0))") == "0.0 0.0"
    assert told("import scipy.special; print(hasattr(scipy.special, 'nonsense'), heavy in sys.modules)") == "False True"


def test_several_threads_may_ask_for_it_at_once() -> None:
    ask = "from concurrent.futures import ThreadPoolExecutor as Pool; import scipy.special as s"
    assert told(f"{ask}; print(*Pool(8).map(lambda _: s.erf(0.0), range(8)))") == " ".join(["0.0"] * 8)


def test_a_scipy_that_has_its_functions_elsewhere_is_imported_as_a_whole() -> None:
    elsewhere = "del sys.modules[special.PACKAGE]; special.__all__ = ['softmax']"
    assert told(f"{elsewhere}; print(special._functions().softmax([0.0]), heavy in sys.modules)") == "[1.] True"
