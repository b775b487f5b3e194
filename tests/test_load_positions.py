"""Line numbers: the map of dotted paths against documents written together with their map."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from simrisk.scenario.positions import dotted, line_of, positions

KEYS = ("a", "b-1", "c_2", "3", "with space", "d.e", "", "x#y", "ü", "quo'te", "br[0]", 'say "hi"')
TEXTS = (
    '"plain"',
    "'literal'",
    '"with # and ] and } and ="',
    r'"escaped \" quote \\"',
    "'back\\slash'",
    '""',
    "''",
    '"""one line"""',
    "'''one line'''",
    '"""\n[not.a.header]\nkey = 1 # no comment\n"""',
    "'''\n[[neither]]\n'''",
    '"""ends with quotes"""""',
    "'''ends with quotes'''''",
    '"""a "quoted" and ""doubly"" part"""',
    r'"""escaped \""" inside"""',
    '"""\\\n   folded"""',
)
SCALARS = ("1", "-2.5e3", "1_000", "true", "2026-01-05", "2026-01-05 10:00:00", "10:30:00", "0xff", "inf")


class Writer:
    """Writes a random document and, as it goes, the line of everything in it."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.text = ""
        self.lines: dict[str, int] = {}

    def put(self, text: str) -> None:
        self.text += text

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def note(self, path: tuple[str | int, ...], line: int) -> None:
        self.lines[dotted(path)] = line

    def key_text(self, key: str) -> str:
        bare = key and all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in key)
        choices = ['"' + key.replace('"', '\\"') + '"']
        if bare:
            choices += [key, key]
        if "'" not in key:
            choices.append(f"'{key}'")
        return self.dice.choice(choices)

    def blank(self, *, multiline: bool) -> None:
        self.put(self.dice.choice(["", " ", "\t "]))
        while multiline and self.dice.random() < 0.25:
            self.put(self.dice.choice(["\n", ' # a comment, with ] and = and "\n', "\n\n  "]))

    def value(self, path: tuple[str | int, ...], depth: int, *, inline: bool) -> None:
        roll = self.dice.random()
        if depth < 3 and roll < 0.2:
            self.array(path, depth, inline=inline)
        elif depth < 3 and roll < 0.4:
            self.inline_table(path, depth)
        else:
            choices = TEXTS + SCALARS
            # a text of several lines may stand in an inline table too: TOML forbids only bare line breaks there
            self.put(self.dice.choice(choices))

    def array(self, path: tuple[str | int, ...], depth: int, *, inline: bool) -> None:
        self.put("[")
        count = self.dice.randrange(4)
        for number in range(count):
            self.blank(multiline=True)
            self.note((*path, number), self.line)
            self.value((*path, number), depth + 1, inline=inline)
            self.blank(multiline=True)
            if number < count - 1 or self.dice.random() < 0.5:
                self.put(",")
        self.blank(multiline=True)
        self.put("]")

    def inline_table(self, path: tuple[str | int, ...], depth: int) -> None:
        self.put("{")
        keys = self.dice.sample(KEYS, self.dice.randrange(4))
        for number, key in enumerate(keys):
            self.put(", " if number else " ")
            self.pair(path, key, depth + 1, inline=True)
        self.put(" }")

    def pair(self, path: tuple[str | int, ...], key: str, depth: int, *, inline: bool) -> None:
        here = (*path, key)
        self.note(here, self.line)
        self.put(self.key_text(key))
        if self.dice.random() < 0.15:  # a dotted key makes a table of its own
            inner = self.dice.choice(KEYS)
            here = (*here, inner)
            self.note(here, self.line)
            self.put(self.dice.choice([".", " . "]) + self.key_text(inner))
        self.put(self.dice.choice([" = ", "=", "\t=\t"]))
        self.value(here, depth, inline=inline)

    def pairs(self, path: tuple[str | int, ...]) -> None:
        for key in self.dice.sample(KEYS, self.dice.randrange(4)):
            self.blank(multiline=True)
            self.pair(path, key, 0, inline=False)
            self.put(self.dice.choice(["\n", " # done\n", "\n\n"]))

    def document(self) -> None:
        self.pairs(())
        taken = set(self.lines)
        for key in self.dice.sample(KEYS, 5):
            if dotted((key,)) in taken:
                continue
            kind = self.dice.choice(["table", "array", "nested"])
            if kind == "array":
                for number in range(self.dice.randrange(1, 4)):
                    self.put(self.dice.choice(["", "  "]))
                    self.note((key, number), self.line)
                    self.lines.setdefault(dotted((key,)), self.line)
                    self.put(f"[[{self.key_text(key)}]]\n")
                    self.pairs((key, number))
                    if self.dice.random() < 0.3 and dotted((key, number, "sub")) not in self.lines:
                        self.note((key, number, "sub"), self.line)
                        self.put(f"[{self.key_text(key)}.sub] # below the latest\n")
                        self.pairs((key, number, "sub"))
            else:
                path = (key,) if kind == "table" else (key, "inner")
                for length in range(1, len(path) + 1):
                    self.note(path[:length], self.line)
                self.put("[ " + " . ".join(self.key_text(step) for step in path) + " ]\n")
                self.pairs(path)


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Every path of a parsed document."""
    if path:
        yield dotted(path)
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in entries:
        yield from paths(inner, (*path, step))


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_generated_documents(ends: str) -> None:
    for seed in range(1500):
        writer = Writer(seed)
        writer.document()
        text = writer.text.replace("\n", ends)
        parsed = tomllib.loads(text)
        found = positions(text)
        assert found == writer.lines, f"seed {seed}:\n{writer.text}"
        assert set(found) == set(paths(parsed)), f"seed {seed}:\n{writer.text}"


def test_a_table_opened_late_gets_its_own_line() -> None:
    text = "[tasks.build.unavailable]\nhandover_after = '5d'\n\n[tasks.build]\neffort = '8h'\n[tasks]\n"
    found = positions(text)
    assert (found["tasks.build"], found["tasks"], found["tasks.build.unavailable"]) == (4, 6, 1)


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("tasks.build.effort", 3),
        ("tasks.build.effort.low", 3),
        ("tasks.build.who[7]", 2),
        ("tasks.test", 1),
        ("people", 0),
        ('tasks."two words".who', 4),
        ('tasks."two words"', 4),
        ("", 0),
    ],
)
def test_what_has_no_line_gets_that_of_what_is_around_it(where: str, line: int) -> None:
    lines = {"tasks": 1, "tasks.build": 2, "tasks.build.effort": 3, 'tasks."two words"': 4}
    assert line_of(lines, where) == line


@pytest.mark.parametrize("text", ["a", "[", "[[", "= 1", "a = [1, ", "a = {b", 'a = "', "]", "[a]]\n]", "a = {,,}"])
def test_text_that_is_not_toml_does_not_hang(text: str) -> None:
    assert isinstance(positions(text), dict)
