"""Distribution functions of scipy.special, without the tenth of a second that importing scipy.special takes.

The functions lie in an extension module that is loaded in milliseconds. The package around it gets ready for arrays of
other libraries, which nobody here has, and takes thirty times as long. So it is left for whoever asks for something
else of it: then it is imported in the usual way, at that moment.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from threading import RLock, get_ident
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scipy.special import bdtrik, betainc, betaincinv, gammainccinv, gammaincinv, log_ndtr, ndtr, ndtri, stdtrit

__all__ = ["bdtrik", "betainc", "betaincinv", "gammainccinv", "gammaincinv", "log_ndtr", "ndtr", "ndtri", "stdtrit"]

PACKAGE = "scipy.special"

_LOCK = RLock()
_AT_WORK: list[int] = []  # the thread that loads something here: what it finds missing is missing


class _Unread(ModuleType):
    """A package of which the parts can be imported, and which is read itself when something of its own is asked for."""

    def __getattr__(self, name: str) -> Any:
        if get_ident() in _AT_WORK:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        with _at_work():
            if type(self) is _Unread:  # no other thread was faster
                assert self.__spec__ is not None
                assert self.__spec__.loader is not None
                self.__spec__.loader.exec_module(self)
                self.__class__ = ModuleType  # type: ignore[assignment]
        return getattr(self, name)


@contextmanager
def _at_work() -> Iterator[None]:
    with _LOCK:
        _AT_WORK.append(get_ident())
        try:
            yield
        finally:
            _AT_WORK.pop()


def _functions() -> ModuleType:
    """The extension module that has them; the package itself where it is loaded already, or has them elsewhere."""
    spec = None if PACKAGE in sys.modules else find_spec(PACKAGE)
    if spec is not None:
        package = module_from_spec(spec)
        package.__class__ = _Unread
        with _at_work():
            sys.modules[PACKAGE] = package
            try:
                found = importlib.import_module(f"{PACKAGE}._ufuncs")
            except ImportError:
                found = package
        if all(name in vars(found) for name in __all__):
            return found
        del sys.modules[PACKAGE]
    return importlib.import_module(PACKAGE)


_FOUND = _functions()
globals().update({name: getattr(_FOUND, name) for name in __all__})
