"""Reads a scenario file: bytes -> text -> TOML values, and says what is wrong with a file that is none."""

from __future__ import annotations

import os
import re
import tomllib
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from simrisk.scenario.faults import refuse

LARGEST_FILE = 10_000_000  # bytes; a plan of 10,000 tasks has about 2 million

_PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


def read_text(path: str | Path) -> str:
    """Return the text of the file.

    Raises
    ------
    ScenarioError
        file-missing, file-is-a-directory, file-unreadable, file-too-large, file-not-text or file-empty.
    """
    name = str(path)
    if os.path.isdir(name):
        raise refuse("file-is-a-directory", name, "This is a directory; name the scenario file in it.")
    try:
        with open(name, "rb") as file:
            raw = file.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise refuse("file-missing", name, _neighbours(name)) from None
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "that is no file name"
        raise refuse("file-unreadable", name, f"The file cannot be read: {reason}.") from None
    if len(raw) > LARGEST_FILE:
        raise refuse(
            "file-too-large",
            name,
            f"A scenario has at most {LARGEST_FILE // 1_000_000} MB; this does not look like one.",
        )
    return decoded(raw, name)


def _neighbours(name: str) -> str:
    """Say that a file is missing, and which scenarios stand where it was looked for."""
    found = f"There is no file '{name}'."
    folder = Path(name).parent
    try:
        others = sorted(other.name for other in folder.glob("*.toml"))
    except OSError:
        others = []
    if others:
        found += f" In '{folder}' there are: {', '.join(others[:8])}."
    return found


def decoded(raw: bytes, name: str) -> str:
    """Return the text of a file's bytes; `name` is the file's, for messages.

    Raises
    ------
    ScenarioError
        file-not-text
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refuse(
            "file-not-text", name, "This is UTF-16 text; a scenario is a TOML file in UTF-8. Save it as UTF-8."
        )
    if b"\0" in raw:
        line = raw.count(b"\n", 0, raw.index(b"\0")) + 1
        raise refuse("file-not-text", name, "This is a binary file; a scenario is a TOML file in UTF-8.", line)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        found = f"The byte 0x{raw[error.start]:02x} on this line is no UTF-8 text; a scenario is a TOML file in UTF-8."
        raise refuse("file-not-text", name, found, line) from None
    return text


def parse(text: str, name: str) -> dict[str, Any]:
    """Turn the text into TOML values, with decimals kept as they are written.

    Parameters
    ----------
    text : str
    name : str
        The file as the user named it.

    Raises
    ------
    ScenarioError
        file-empty, duplicate-key or toml-syntax.
    """
    try:
        values = tomllib.loads(text, parse_float=_decimal)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = _PLACE.search(message)
        line = int(place[1]) if place and place[1] else text.rstrip().count("\n") + 1
        said = _PLACE.sub("", message)
        if "overwrite" in said or "twice" in said or "Duplicate" in said:
            found = "This key or table has been written before; each stands once. Join the two, or rename one."
            raise refuse("duplicate-key", name, found, line) from None
        found = f"This is not TOML: {said[:1].lower()}{said[1:]}. Texts stand in quotes, dates are YYYY-MM-DD."
        raise refuse("toml-syntax", name, found, line) from None
    except RecursionError:
        raise refuse("toml-syntax", name, "Lists or tables are nested too deeply to be read.") from None
    except ValueError as error:  # a date that does not exist, a number of thousands of digits
        raise refuse("toml-syntax", name, f"This is not TOML: {error}.", _bad_value_line(text)) from None
    if not values:
        raise refuse("file-empty", name, "The file is empty; a scenario has at least [project] and one task.")
    return values


def parse_value(text: str) -> object:
    """Read the value of a ``--set``: TOML, or else the text itself.

    Parameters
    ----------
    text : str
        ``0.6``, ``2026-03-02``, ``["a", "b"]``, ``{ low = "1h", likely = "2h", high = "3h" }``, ``80h``.
    """
    try:
        values = tomllib.loads(f"value = {text}", parse_float=_decimal)
    except (ValueError, RecursionError):
        return text
    return values["value"] if len(values) == 1 else text


def _decimal(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:  # an exponent beyond what a Decimal can have
        return Decimal("Infinity")


def _bad_value_line(text: str) -> int:
    """Find the line of a value that TOML's grammar allows but Python cannot hold."""
    for number, line in enumerate(text.splitlines(), 1):
        try:
            tomllib.loads(line)
        except tomllib.TOMLDecodeError:
            continue
        except ValueError:
            return number
    return 0
