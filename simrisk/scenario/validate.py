"""Checks one table of the file against its keys, and turns what pydantic finds into located faults."""

from __future__ import annotations

import copy
import types
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from simrisk.scenario.faults import Faults, did_you_mean, joined
from simrisk.scenario.positions import Path, dotted
from simrisk.scenario.tables import Table
from simrisk.scenario.units import Units, shown

AnyTable = TypeVar("AnyTable", bound=Table)


@dataclass(frozen=True)
class Checked(Generic[AnyTable]):
    """A table after its check.

    Parameters
    ----------
    table : Table or None
        What could be read of it; None when nothing could.
    whole : bool
        Whether all of it could be read. If not, what seems to be missing is no fault of its own.
    where : str
        Dotted path of the table.
    """

    table: AnyTable | None
    whole: bool
    where: str


def check_table(kind: type[AnyTable], values: object, where: Path, units: Units, faults: Faults) -> Checked[AnyTable]:
    """Read a table; note every fault in it, and go on with what is left without them.

    Parameters
    ----------
    kind : type
        Which table it should be.
    values : object
        What stands there, as tomllib gives it.
    where : tuple
        Path of the table in the file.
    units : Units
        Lengths of the project's day and week.
    faults : Faults
        Takes the faults.
    """
    place = dotted(where)
    if not isinstance(values, dict):
        faults.add("wrong-type", place, f"This is a table; got {shown(values)}.")
        return Checked(None, False, place)
    whole = True
    for _ in range(len(values) + 100):  # each round takes something away
        try:
            return Checked(kind.model_validate(values, context=units), whole, place)
        except ValidationError as error:
            details = error.errors(include_url=False)
        values = copy.deepcopy(values) if whole else values
        if whole:
            for detail in details:
                _note(detail, kind, place, faults)
        whole = False
        pruned = [_prune(values, detail["loc"], missing=detail["type"] == "missing") for detail in details]
        if not all(pruned):
            break
    return Checked(None, False, place)


class Remembered:
    """Checks tables, those that are known only once: as long as a table is the same object, so is what it says.

    Parameters
    ----------
    tables : iterable of dict
        Those that are known. They must not change.
    """

    def __init__(self, tables: Iterable[dict[str, Any]]) -> None:
        self._tables = {id(table): table for table in tables}  # kept, so that no other gets the same id
        self._checked: dict[tuple[int, type[Table], Units], Checked[Any]] = {}

    def check(
        self, kind: type[AnyTable], values: object, where: Path, units: Units, faults: Faults
    ) -> Checked[AnyTable]:
        """Read a table as `check_table` does."""
        if id(values) not in self._tables:
            return check_table(kind, values, where, units, faults)
        key = id(values), kind, units
        if key not in self._checked:
            found = check_table(kind, values, where, units, faults)
            if not found.whole:  # its faults are noted each time
                return found
            self._checked[key] = found
        return self._checked[key]


def check_keys(kind: type[Table], values: Mapping[str, object], where: Path, faults: Faults) -> None:
    """Note every key that a table of this kind does not have, without looking at the values."""
    for key in values:
        if key not in _keys(kind):
            _note_unknown(key, kind, (), dotted((*where, key)), faults)


def _note(detail: ErrorDetails, kind: type[Table], place: str, faults: Faults) -> None:
    """Say one of pydantic's findings in our words."""
    path = detail["loc"]
    where = joined(place, dotted(path))
    sort, given = detail["type"], detail["input"]
    if sort == "issues":
        faults.take(where, detail["ctx"]["issues"])
    elif sort == "extra_forbidden":
        _note_unknown(str(path[-1]), kind, path[:-1], where, faults)
    elif sort == "missing":
        table, key = joined(place, dotted(path[:-1])), path[-1]
        holder = _table_at(kind, path[:-1])
        if not (isinstance(given, dict) and _meant(str(key), holder, given)):
            faults.add("missing-key", table, f"'{key}' is missing; {table or 'the file'} cannot do without it.")
    elif sort == "list_type":
        faults.add("wrong-type", where, f"This is a list in [ ]; got {shown(given)}.")
    else:
        faults.add("wrong-type", where, f"This is a table; got {shown(given)}.")


def _note_unknown(key: str, kind: type[Table], path: Sequence[str | int], where: str, faults: Faults) -> None:
    """Say that a key is unknown, and which one was probably meant."""
    known = _keys(_table_at(kind, path))
    hint = did_you_mean(key, known) or f" There are: {', '.join(known)}."
    faults.add("unknown-key", where, f"'{key}' is not a key here.{hint}")


@cache
def _keys(table: type[Table]) -> tuple[str, ...]:
    return tuple(field.alias or name for name, field in table.model_fields.items())


def _meant(key: str, table: type[Table], given: dict[str, Any]) -> bool:
    """Whether an unknown key was probably meant to be the missing `key`; it is then reported already."""
    known = _keys(table)
    return any(name not in known and f"'{key}'" in did_you_mean(name, known) for name in given)


def _table_at(kind: type[Table], path: Sequence[str | int]) -> type[Table]:
    """Find which table stands at `path` below a table of `kind`."""
    table, inside = kind, False
    for step in path:
        if isinstance(step, int) or inside:  # a list's place or the name of an entry
            inside = False
            continue
        field = next((field for name, field in table.model_fields.items() if (field.alias or name) == step), None)
        below, inside = _below(field.annotation if field else None)
        table = below or table
    return table


def _below(annotation: Any) -> tuple[type[Table] | None, bool]:
    """Find the table within an annotation, and whether it stands there by names (a dict)."""
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return annotation, False
    origin, choices = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        choices = choices[:1]
    elif origin is dict:
        return _below(choices[1])[0], True
    elif origin not in (list, Union, types.UnionType):
        return None, False
    for choice in choices:
        table, named = _below(choice)
        if table is not None:
            return table, named
    return None, False


def _prune(values: Any, path: Sequence[str | int], *, missing: bool) -> bool:
    """Take what is faulty out of `values`; False when that is the whole table."""
    path = path[:-1] if missing else path
    # an entry of a list cannot go alone: the others would change places
    path = path[: next((depth for depth, step in enumerate(path) if isinstance(step, int)), len(path))]
    if not path:
        return False
    for step in path[:-1]:
        if not isinstance(values, dict) or step not in values:
            return True
        values = values[step]
    if isinstance(values, dict):
        values.pop(path[-1], None)
    return True
