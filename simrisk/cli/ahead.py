"""Modules that are needed later, imported while the kernels are at work: they need no Python meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from threading import Thread

WRITING = ("simrisk.dataset.netcdf", "simrisk.report.gallery", "simrisk.report.markdown", "simrisk.report.summary")
DRAWING = (
    "simrisk.report.drawing",
    "simrisk.charts",
    "matplotlib.backends.backend_svg",
    "simrisk.report.html",
    "jinja2",
)


@contextmanager
def imported_ahead(*modules: str) -> Iterator[None]:
    """Import modules in a thread of their own, which has ended when this ends.

    What cannot be imported is no concern here: it fails again, and is told, where it is needed.
    """
    thread = Thread(target=_import, args=(modules,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _import(modules: tuple[str, ...]) -> None:
    for name in modules:
        with suppress(Exception):
            import_module(name)
