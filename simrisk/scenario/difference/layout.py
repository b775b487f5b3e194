"""What may stand where in a scenario file, as a tree: tables, maps by name, lists of tables, and single values."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from pydantic_core import PydanticUndefined

from simrisk.scenario.fields import Value
from simrisk.scenario.tables import ScenarioFile, Table


@dataclass(frozen=True, eq=False)
class Leaf:
    """A value, or a plain list of such.

    Parameters
    ----------
    value : Value
        How it is read.
    listed : bool
        Whether it is a list of them.
    """

    value: Value
    listed: bool = False


@dataclass(frozen=True, eq=False)
class Record:
    """A table with known keys.

    Parameters
    ----------
    fields : mapping
        Key as in the file -> what stands there, and what holds when it is left out; None: nothing.
    """

    fields: Mapping[str, tuple[Node, Any]]


@dataclass(frozen=True, eq=False)
class ByName:
    """A table whose keys are names: of people, of criteria, of skills."""

    entry: Node


@dataclass(frozen=True, eq=False)
class Tables:
    """A list of tables."""

    entry: Record


Node = Leaf | Record | ByName | Tables


@cache
def layout(kind: type[Table] = ScenarioFile) -> Record:
    """The tree below a kind of table; of the whole file if none is named."""
    hints = get_type_hints(kind, include_extras=True)
    fields: dict[str, tuple[Node, Any]] = {}
    for name, field in kind.model_fields.items():
        default = None if field.default is PydanticUndefined else field.default
        fields[field.alias or name] = (_node(hints[name]), default)
    return Record(fields)


def _node(hint: Any) -> Node:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _node(next(option for option in inner if option is not type(None)))
    if origin is Annotated:
        reader = next((note for note in inner[1:] if isinstance(note, Value)), None)
        return _node(inner[0]) if reader is None else Leaf(reader)
    if origin is dict:
        return ByName(_node(inner[1]))
    if origin is list:
        entry = _node(inner[0])
        return Leaf(entry.value, listed=True) if isinstance(entry, Leaf) else Tables(layout(inner[0]))
    return layout(hint)
