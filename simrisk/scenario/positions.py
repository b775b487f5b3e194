"""Where things stand in a TOML text: dotted path -> line, for a text that tomllib has accepted."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BASIC = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_LITERAL = re.compile(r"'[^'\n]*'")
# a multi-line text may end with up to two quotes of its own before the closing three
_LONG_BASIC = re.compile(r'"""(?:[^"\\]|\\.|"(?!""))*"""(?:"{1,2}(?!"))?', re.DOTALL)
_LONG_LITERAL = re.compile(r"'''(?:[^']|'(?!''))*'''(?:'{1,2}(?!'))?", re.DOTALL)
_SCALAR = re.compile(r"[^,\]}#\n]*")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([btnfre"\\]))')
_ESCAPED = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b", '"': '"', "\\": "\\"}

Path = tuple[str | int, ...]


def dotted(path: Iterable[str | int]) -> str:
    """Write a path as messages show it: ``tasks.build.after[1]``; what is no bare key is quoted."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            shown = step if _PLAIN.fullmatch(step) else f'"{step}"'
            text += f".{shown}" if text else shown
    return text


def line_of(lines: Mapping[str, int], where: str) -> int:
    """Line of the dotted path `where`, or of the nearest thing around it; 0 when there is none."""
    while where:
        if where in lines:
            return lines[where]
        where = parent(where)
    return 0


def parent(where: str) -> str:
    """Drop the last step of a dotted path."""
    if where.endswith("]"):
        return where[: where.rindex("[")]
    if where.endswith('"'):
        return where[: max(where.rfind('"', 0, -1), 0)].removesuffix(".")
    return where.rpartition(".")[0]


def positions(text: str) -> dict[str, int]:
    """Map every table, key and list item of `text` to its 1-based line.

    Parameters
    ----------
    text : str
        A TOML document that tomllib accepts; for anything else the map may be wrong or incomplete.
    """
    try:
        return _Scanner(text.replace("\r\n", "\n")).scan()
    except RecursionError:  # no plan is nested like this; messages then name no line
        return {}


class _Scanner:
    """One pass over a document, from statement to statement."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[str, int] = {}
        self.breaks = [found.start() for found in re.finditer("\n", text)]
        self.last_item: dict[Path, int] = {}  # arrays of tables: number of the latest

    def scan(self) -> dict[str, int]:
        """Read the whole text."""
        table: Path = ()
        while True:
            self.skip(_BLANK)
            if self.at >= len(self.text):
                return self.lines
            start = self.at
            if self.text.startswith("[[", start):
                self.at += 2
                keys = self.keys()
                self.at += 2
                table = self.new_item(keys)
                self.note_all(table, 0, start)
            elif self.text[start] == "[":
                self.at += 1
                table = self.place(self.keys())
                self.at += 1
                self.note_all(table, 0, start)
            else:
                self.pair(table)
                if self.at == start:  # not TOML; never loop
                    return self.lines

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match:
            self.at = match.end()

    def note(self, path: Path, start: int) -> None:
        self.lines[dotted(path)] = bisect_left(self.breaks, start) + 1

    def note_all(self, path: Path, known: int, start: int) -> None:
        """Note `path`, and the tables beyond its first `known` steps that nothing has named before."""
        for length in range(known + 1, len(path)):
            self.lines.setdefault(dotted(path[:length]), bisect_left(self.breaks, start) + 1)
        self.note(path, start)

    def place(self, keys: Path) -> Path:
        """Path of the keys of a header: below an array of tables, its latest item is meant."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.last_item:
                path = (*path, self.last_item[path])
        return path

    def new_item(self, keys: Path) -> Path:
        path = (*self.place(keys[:-1]), keys[-1])
        self.last_item[path] = self.last_item.get(path, -1) + 1
        return (*path, self.last_item[path])

    def keys(self) -> Path:
        """Read ``a."b c".d``, leaving the cursor behind it and its blanks."""
        found: list[str] = []
        while True:
            self.skip(_SPACE)
            found.append(self.key())
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(found)
            self.at += 1

    def key(self) -> str:
        for pattern in (_BARE_KEY, _BASIC, _LITERAL):
            match = pattern.match(self.text, self.at)
            if match:
                self.at = match.end()
                word = match[0]
                if pattern is _BASIC:
                    return _ESCAPE.sub(_unescaped, word[1:-1])
                return word[1:-1] if pattern is _LITERAL else word
        return ""

    def pair(self, table: Path) -> None:
        """Read ``key = value``."""
        start = self.at
        path = (*table, *self.keys())
        self.note_all(path, len(table), start)
        self.at += 1  # =
        self.skip(_SPACE)
        self.value(path)

    def value(self, path: Path) -> None:
        letter = self.text[self.at : self.at + 1]
        if letter == "[":
            self.items(path)
        elif letter == "{":
            self.pairs(path)
        elif letter == '"':
            self.skip(_LONG_BASIC if self.text.startswith('"""', self.at) else _BASIC)
        elif letter == "'":
            self.skip(_LONG_LITERAL if self.text.startswith("'''", self.at) else _LITERAL)
        else:
            self.skip(_SCALAR)

    def items(self, path: Path) -> None:
        """Read a list."""
        self.at += 1
        number = 0
        while True:
            self.skip(_BLANK)
            letter = self.text[self.at : self.at + 1]
            if letter == ",":
                self.at += 1
            elif letter in ("]", ""):
                self.at += 1
                return
            else:
                self.note((*path, number), self.at)
                self.value((*path, number))
                number += 1

    def pairs(self, path: Path) -> None:
        """Read an inline table."""
        self.at += 1
        while True:
            self.skip(_BLANK)
            letter = self.text[self.at : self.at + 1]
            if letter == ",":
                self.at += 1
            elif letter in ("}", ""):
                self.at += 1
                return
            else:
                before = self.at
                self.pair(path)
                if self.at == before:
                    return


def _unescaped(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _ESCAPED[match[3]]
