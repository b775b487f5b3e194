"""When two values of a file mean the same: "8h" and "480m", 0.8 and 0.80, a prior and its values written out."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from simrisk.errors import ScenarioError
from simrisk.scenario.difference.layout import Leaf
from simrisk.scenario.fields import Names, read_uncertain_effort
from simrisk.scenario.links import WrittenLink
from simrisk.scenario.model import Distribution
from simrisk.scenario.priors import PRIORS
from simrisk.scenario.units import Units, split_quantity

_UNITS = ("m", "h", "d", "w", "mo")
_EFFORTS = ("work", "effort", "duration", "remaining")  # a single value has the default spread there, `exactly` none
_PRIORS = {
    "spread": "spread",
    "common": "common",
    "pto_days": "leave",
    "onboarding": "ramp",
    "per_year": "attrition",
    "replace": "hiring",
}


def meaning(leaf: Leaf, written: Any, path: tuple[str | int, ...], units: Units, *, ordered: bool = False) -> Hashable:
    """What a value means, for comparing.

    Parameters
    ----------
    leaf : Leaf
        How it is read.
    written : object
        As tomllib gives it.
    path : tuple
        Where it stands.
    units : Units
        Lengths of the project's day and week.
    ordered : bool
        Whether the order of a list of names matters.
    """
    written = spelled_out(written, path)
    if isinstance(written, dict) and "samples" in written:  # the file's content is compared by itself
        return plain(written)
    if leaf.listed:
        items = [meaning(Leaf(leaf.value), item, path, units) for item in written]
        return tuple(items) if ordered else frozenset(items)
    try:
        found = _progress(written, units) if path[-1] in ("done", "remaining") else leaf.value.read(written, units)
    except ScenarioError:  # such a scenario is not run; differences can be shown all the same
        return plain(written)
    return _hashable(found, path, ordered=ordered)


def spelled_out(written: Any, path: tuple[str | int, ...]) -> Any:
    """The value that a named prior stands for; anything else as it is."""
    if not (isinstance(written, dict) and set(written) == {"prior"}):
        return written
    kind = "absence" if "absence" in path[:-1] and path[-1] != "per_year" else _PRIORS.get(str(path[-1]), "")
    entry = PRIORS.get(kind, {}).get(written["prior"])
    return written if entry is None else entry.value


def _progress(written: Any, units: Units) -> object:
    """What is done or remains: one effort, or one for each of several people."""
    if not isinstance(written, dict):
        return read_uncertain_effort(written, units)
    try:
        return read_uncertain_effort(written, units)
    except ScenarioError:
        return {name: read_uncertain_effort(value, units) for name, value in written.items()}


def _hashable(found: object, path: tuple[str | int, ...], *, ordered: bool) -> Hashable:
    if isinstance(found, Names):
        return found.items if ordered else frozenset(found.items)
    if isinstance(found, tuple) and any(isinstance(item, WrittenLink) for item in found):
        return frozenset((link.name, link.kind, link.lag) for link in found)
    if isinstance(found, Distribution) and found.kind == "exactly" and not set(path[2:]) & set(_EFFORTS):
        return Fraction(found.params[0])
    return plain(found) if isinstance(found, dict | list) else found


def plain(written: Any) -> Hashable:
    """What a value means when nothing is known about it: numbers and quantities by their size."""
    if isinstance(written, dict):
        return frozenset((key, plain(value)) for key, value in written.items())
    if isinstance(written, list):
        return tuple(plain(item) for item in written)
    if isinstance(written, bool | date):
        return (type(written).__name__, written)
    size = amount(written)
    return written if size is None else size


def amount(written: Any, units: Units | None = None) -> tuple[str, Fraction] | None:
    """A number or a quantity by its size, with what it is counted in; None when it is neither."""
    if isinstance(written, bool):
        return None
    if isinstance(written, int | Decimal) and (isinstance(written, int) or written.is_finite()):
        return "", Fraction(written)
    if not isinstance(written, str):
        return None
    try:
        number, unit = split_quantity(written, "a quantity", _UNITS)
    except ScenarioError:
        return None
    return "minutes", number * (units or Units()).minutes(unit)


def ratio(before: Any, after: Any, units: tuple[Units, Units]) -> Fraction | None:
    """By which factor a value was multiplied, every part of a distribution alike; None when it was not."""
    if isinstance(before, dict) and isinstance(after, dict):
        if set(before) != set(after):
            return None
        scaled = {key for key in before if isinstance(before[key], str) and amount(before[key]) is not None}
        if not scaled or any(plain(before[key]) != plain(after[key]) for key in set(before) - scaled):
            return None
        found = {ratio(before[key], after[key], units) for key in scaled}
        return found.pop() if len(found) == 1 else None
    old, new = amount(before, units[0]), amount(after, units[1])
    if old is None or new is None or old[0] != new[0] or not old[1] or not new[1]:
        return None
    return new[1] / old[1]
