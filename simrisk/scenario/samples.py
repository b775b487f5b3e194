"""Samples from a file: each row is a value that was seen, and all of them are equally likely."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.faults import did_you_mean, listed
from simrisk.scenario.model import Distribution
from simrisk.scenario.shapes import one_of
from simrisk.scenario.units import exact, fault, shown

if TYPE_CHECKING:
    from simrisk.scenario.distributions import Measure

LARGEST_FILE = 10_000_000  # bytes
MOST_SAMPLES = 100_000  # more tell a curve no better, and each has a place in the plan
_KEYS = ("samples", "column", "unit")
_MOST_SHOWN = 5
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<size>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?)")
_LONGEST_NUMBER = 40


def read_samples(table: dict[str, object], measure: Measure) -> Distribution:
    """Turn ``{ samples = "file.csv", column = "name", unit = "h" }`` into a distribution.

    Without `column` the file has one number on each line; with it, it is a CSV file with a header. A number carries
    its unit, or `unit` says it; empty lines and lines that begin with # are passed over.

    Raises
    ------
    ScenarioError
        unknown-key, wrong-type, unknown-unit, bad-samples or out-of-range. What is wrong with a row has the file of
        samples and its line as its place, all else only `where`.
    """
    for key in table:
        if key not in _KEYS:
            found = f"'{key}' does not go with samples, which have {listed(_KEYS[1:])} beside them."
            raise fault("unknown-key", found, key)
    for key, value in table.items():
        if not isinstance(value, str) or not value.strip():
            raise fault("wrong-type", f"'{key}' is a text in quotes; got {shown(value)}.", key)
    unit = str(table["unit"]).strip() if "unit" in table else None
    if unit is not None and unit not in measure.units:
        units = f"The units here are {', '.join(measure.units)}" if measure.units else "This is a plain number"
        raise fault("unknown-unit", f"{units}; got '{unit}'.", "unit")
    path = Path(measure.folder, str(table["samples"]))
    text = _text(path)
    column = str(table["column"]).strip() if "column" in table else None
    rows = _lines(text) if column is None else _column(text, column, path)
    return _distribution(rows, path, _reader(measure, unit), has_column=column is not None)


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise fault("bad-samples", f"'{path}' is not a file.", "samples")
        with path.open("rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        hint = did_you_mean(path.name, _names_beside(path))
        raise fault("bad-samples", f"There is no file '{path}'.{hint}", "samples") from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "that is no file name"
        raise fault("bad-samples", f"The file '{path}' cannot be read: {reason}.", "samples") from None
    if len(raw) > LARGEST_FILE:
        most = LARGEST_FILE // 1_000_000
        raise fault("bad-samples", f"'{path}' is too large; a file of samples has at most {most} MB.", "samples")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"The byte 0x{raw[error.start]:02x} on this line is no UTF-8 text. Save the file as UTF-8."
        raise ScenarioError(_row_issue(path, line, found)) from None


def _names_beside(path: Path) -> list[str]:
    try:
        return [other.name for other in path.parent.iterdir() if other.is_file()]
    except OSError:
        return []


def _row_issue(path: Path, line: int, found: str) -> Issue:
    return Issue("bad-samples", "error", str(path), line, "samples", found)


def _lines(text: str) -> Iterator[tuple[int, str | Issue]]:
    """Yield line and text of each row of a file with one number on each line."""
    for line, row in enumerate(io.StringIO(text, newline=None), 1):
        written = row.strip()
        if written and not written.startswith("#"):
            yield line, written


def _column(text: str, column: str, path: Path) -> Iterator[tuple[int, str | Issue]]:
    """Yield line and text of each row of a column; an issue where a row cannot be split."""
    header, delimiter = _header(text, column, path)
    place = header.index(column)
    # universal newlines by hand: the reader would take a lone carriage return in a field for data
    reader = csv.reader(io.StringIO(text, newline=None), delimiter=delimiter, skipinitialspace=True, strict=True)
    is_header = True
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, _row_issue(path, reader.line_num, f"This row cannot be split into fields: {error}.")
            return
        if not row or not "".join(row).strip() or row[0].startswith("#"):
            continue
        if is_header:
            is_header = False
        elif len(row) != len(header):
            found = f"This row has not as many fields as the header: {len(row)} and not {len(header)}."
            yield reader.line_num, _row_issue(path, reader.line_num, found)
        else:
            yield reader.line_num, row[place].strip()


def _header(text: str, column: str, path: Path) -> tuple[list[str], str]:
    """Return the names of the columns and what stands between them."""
    first = next((row for _, row in _lines(text) if isinstance(row, str)), None)
    if first is None:
        raise fault("bad-samples", f"'{path}' is empty.", "samples")
    names: list[str] = []
    for delimiter in (",", ";", "\t"):
        try:
            split = [name.strip() for name in next(csv.reader([first], delimiter=delimiter, skipinitialspace=True))]
        except csv.Error:
            continue
        if split.count(column) > 1:
            raise fault("bad-samples", f"'{path}' has several columns '{column}'.", "column")
        if column in split:
            return split, delimiter
        names = max(names, split, key=len)
    hint = did_you_mean(column, names) or f" Its header has {listed(map(_short, names))}."
    raise fault("bad-samples", f"'{path}' has no column '{column}'.{hint}", "column")


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NUMBER else name[: _LONGEST_NUMBER - 3] + "..."


def _reader(measure: Measure, unit: str | None) -> Callable[[str], Fraction]:
    """Return what turns the text of a row into an exact number."""

    def read(written: str) -> Fraction:
        match = _NUMBER.fullmatch(written) if len(written) <= _LONGEST_NUMBER else None
        if match is None:
            if not measure.units:
                raise fault("wrong-type", f"This is a number; got {shown(written)}.")
            return measure.read(written)
        if measure.units and unit is None:
            found = f"A number needs a unit: {', '.join(measure.units)}; got '{written}'."
            raise fault("bare-number", f'{found} If all have the same, write unit = "h" beside samples.')
        number = exact(Decimal(match["size"])) * (measure.read(f"1{unit}") if unit else 1)
        if match["sign"] == "-" and number:
            if not measure.signed:
                raise fault("negative", f"This cannot be negative; got '{written}'.")
            number = -number
        return number

    return read


def _distribution(
    rows: Iterator[tuple[int, str | Issue]], path: Path, read: Callable[[str], Fraction], *, has_column: bool
) -> Distribution:
    """Read all rows; those that are damaged are reported together, the first few with their lines."""
    seen: dict[str, Fraction] = {}
    counts: Counter[Fraction] = Counter()
    issues: list[Issue] = []
    n_rows = 0
    for line, row in rows:
        n_rows += 1
        if isinstance(row, Issue):
            issues.append(row)
            continue
        try:
            if row not in seen:
                seen[row] = read(row)
            counts[seen[row]] += 1
        except ScenarioError as error:
            hint = "" if has_column or n_rows > 1 else _HEADER_HINT
            issues.append(_row_issue(path, line, error.issues[0].found + hint))
    if n_rows > MOST_SAMPLES:
        found = f"'{path}' has {n_rows} samples, and at most {MOST_SAMPLES} can be read. Take every so many."
        raise fault("out-of-range", found, "samples")
    if len(issues) > _MOST_SHOWN:
        more = f" {len(issues) - _MOST_SHOWN} more rows of this file are damaged."
        last = issues[_MOST_SHOWN - 1]
        issues = [*issues[: _MOST_SHOWN - 1], replace(last, found=last.found + more)]
    if issues:
        raise ScenarioError(*issues)
    if not counts:
        raise fault("bad-samples", f"'{path}' holds no samples.", "samples")
    return one_of((value, Fraction(count, n_rows)) for value, count in counts.items())


_HEADER_HINT = ' In a file with a header, say which column: column = "name".'
