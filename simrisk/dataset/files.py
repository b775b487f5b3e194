"""Results files: written beside their name and renamed, the same bytes for the same run, read with care."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from simrisk.dataset.build import validate
from simrisk.dataset.registry import REGISTRY, SCHEMA
from simrisk.dataset.run import Run, run_of
from simrisk.errors import Issue, ResultsError

if TYPE_CHECKING:
    import xarray as xr

SIGNATURE = b"\x89HDF\r\n\x1a\n"


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A temporary name beside `path` to write to; renamed to `path` when the block ends well.

    A crash or an interrupt leaves the old file as it was and no half-written one.

    Raises
    ------
    ResultsError
        ``results-unwritable``
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield temporary
        with temporary.open("rb+") as written:
            os.fsync(written.fileno())
        temporary.replace(path)
    except OSError as error:
        raise _unwritable(str(path), error) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text` (UTF-8, line ends as they are) to `path`, whole or not at all."""
    with replacing(path) as temporary:
        temporary.write_bytes(text.encode())


def probe_folder(folder: Path) -> None:
    """See that files can be written to `folder`, before any time is spent on a run; leaves nothing behind.

    Raises
    ------
    ResultsError
        ``results-unwritable``
    """
    trial = folder / f".probe.{os.getpid()}"
    made: list[Path] = []
    try:
        made = _make(folder)
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        raise _unwritable(str(folder), error) from error
    finally:
        _unmake(made)


@contextlib.contextmanager
def together(folder: Path, *, outdated: Sequence[str] = ()) -> Iterator[Path]:
    """A temporary folder to write files to, which all move to `folder` when the block ends well.

    Of several runs that end at the same time one moves all its files after the other, so that the files
    of a folder are always of one run. A run that fails leaves the folder as it was.

    Parameters
    ----------
    outdated : sequence of str
        Files, as paths relative to `folder`, that would contradict the new ones: deleted unless written anew.

    Raises
    ------
    ResultsError
        ``results-unwritable``
    """
    made: list[Path] = []
    staging = str(folder)
    try:
        made = _make(folder)
        with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=folder) as staging:
            yield Path(staging)
            with _locked(folder):
                _move(Path(staging), folder, outdated)
    except OSError as error:
        raise _unwritable(str(folder), error) from error
    except ResultsError as error:  # name the place the user knows
        issues = (replace(issue, file=issue.file.replace(staging, str(folder))) for issue in error.issues)
        raise ResultsError(*issues) from error
    finally:
        _unmake(made)


def _move(staging: Path, folder: Path, outdated: Sequence[str]) -> None:
    written = sorted(path.relative_to(staging) for path in staging.rglob("*") if path.is_file())
    for name in outdated:
        if Path(name) not in written:
            (folder / name).unlink(missing_ok=True)
    for path in written:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (staging / path).replace(folder / path)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Wait until nobody else moves files to `folder`; where the system cannot lock a folder there is no waiting."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    handle = os.open(folder, os.O_RDONLY)
    try:
        with contextlib.suppress(OSError):  # some network file systems have no locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)  # which also unlocks


def _make(folder: Path) -> list[Path]:
    """Make a folder with those above it; returns the ones that were not there, the innermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    return missing


def _unmake(folders: Sequence[Path]) -> None:
    """Remove those that are still empty."""
    for place in folders:
        with contextlib.suppress(OSError):
            place.rmdir()


def _unwritable(place: str, error: OSError) -> ResultsError:
    reason = error.strerror or str(error)
    return ResultsError(
        Issue("results-unwritable", "error", place, 0, "", f"Cannot write here: {reason}. Name another folder (--out).")
    )


def write(dataset: xr.Dataset | Run, path: str | Path, *, threads: int = 1) -> None:
    """Write a run as one NetCDF-4 file; the same run gives the same bytes.

    Raises
    ------
    ResultsError
        ``results-unwritable``, ``results-damaged``
    """
    from simrisk.dataset.netcdf import write_netcdf

    run = validate(run_of(dataset), str(path))
    with replacing(Path(path)) as temporary:
        write_netcdf(run, temporary, threads=threads)


def read(path: str | Path) -> xr.Dataset:
    """Read a run back, complete and in memory.

    Raises
    ------
    ResultsError
        ``results-missing``, ``results-foreign``, ``results-newer``, ``results-older``, ``results-damaged``
    """
    with opened(path) as found:
        return loaded(found, str(path))


def loaded(dataset: xr.Dataset, path: str) -> xr.Dataset:
    """The same with all its values in memory."""
    try:
        return dataset.load()
    except Exception as error:  # h5py, h5netcdf and xarray raise nearly anything on a damaged file
        raise damaged(error, path) from error


@contextlib.contextmanager
def opened(path: str | Path) -> Iterator[xr.Dataset]:
    """Open a stored run; of its values those are read that somebody asks for, until the block ends.

    Raises
    ------
    ResultsError
        As `read` does, of what is seen before the values are.
    """
    import xarray as xr

    place = Path(path)
    _check_signature(place)
    with contextlib.ExitStack() as open_files:
        try:
            _check_schema(_stored_schema(place), str(path))
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is wrong, `validate` says more
                run = open_files.enter_context(
                    xr.open_dataset(place, engine="h5netcdf", decode_timedelta=False, cache=False)
                )
                run.attrs = {name: int(v) if isinstance(v, np.integer) else v for name, v in run.attrs.items()}
                for name, variable in REGISTRY.items():
                    if variable.dtype == "str" and name in run.variables:
                        run[name] = run[name].astype(object)
        except ResultsError:
            raise
        except Exception as error:  # as above
            raise damaged(error, str(path)) from error
        yield validate(run, str(path))


def damaged(error: Exception, path: str) -> ResultsError:
    """What is said of a file that cannot be read."""
    found = f"The file cannot be read: {error}. It is damaged or incomplete; run the scenario again."
    return ResultsError(Issue("results-damaged", "error", path, 0, "", found))


def _check_signature(path: Path) -> None:
    def refuse(slug: str, found: str) -> ResultsError:
        return ResultsError(Issue(slug, "error", str(path), 0, "", found))

    if path.is_dir():
        raise refuse("results-foreign", f"This is a folder. Name the file in it: {path / 'run.nc'}.")
    try:
        with path.open("rb") as file:
            head = file.read(len(SIGNATURE))
    except FileNotFoundError:
        raise refuse("results-missing", "There is no such file. `simrisk run SCENARIO` writes run.nc.") from None
    except OSError as error:
        raise refuse("results-missing", f"The file cannot be opened: {error.strerror or error}.") from error
    if head != SIGNATURE:
        raise refuse("results-foreign", "This is not a NetCDF-4 file. Expected the run.nc of a `simrisk run`.")


def _stored_schema(path: Path) -> int | None:
    """The schema that the file names; None when it names none.

    With h5py alone: it closes files whose root is damaged without a word, and h5netcdf does not.
    """
    import h5py

    with h5py.File(path, "r") as file:
        schema = dict(file.attrs).get("simrisk_schema")
        return None if schema is None else int(np.ravel(schema)[0])


def _check_schema(schema: int | None, path: str) -> None:
    if schema is None:
        found = "This NetCDF file was not written by simrisk. Expected the run.nc of a `simrisk run`."
        raise ResultsError(Issue("results-foreign", "error", path, 0, "", found))
    if schema != SCHEMA:
        age, cure = ("newer", "Update simrisk") if schema > SCHEMA else ("older", "Run the scenario again")
        found = f"The file has results schema {schema}, this simrisk reads {SCHEMA}. {cure}."
        raise ResultsError(Issue(f"results-{age}", "error", path, 0, "", found))
