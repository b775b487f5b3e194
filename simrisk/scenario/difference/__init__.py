"""What has changed between two plans, in the words of a review: "router: likely effort 60h -> 80h"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from simrisk.scenario.difference.change import Change, Kind
from simrisk.scenario.difference.edits import Comparison, Edit
from simrisk.scenario.difference.effective import Effective, effective
from simrisk.scenario.difference.layout import Leaf, layout
from simrisk.scenario.difference.meaning import meaning
from simrisk.scenario.difference.renames import SECTIONS, follow_renames
from simrisk.scenario.difference.sentences import Sentence, Writer
from simrisk.scenario.difference.summing import summed_up
from simrisk.scenario.model import Scenario

__all__ = ["Change", "Kind", "differences"]

ORDER = (
    *("project", "defaults", "people", "absence", "pto", "pools", "equipment", "sprints", "tasks", "samples"),
    *("gates", "risks", "correlations", "mitigations", "costs", "expect", "simulation"),
)
_FIRST = ("deadline", "budget")  # of the project: what it is held to
NO_SAMPLES: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})


def differences(
    before: Scenario, after: Scenario, *, samples: tuple[Mapping[str, str], Mapping[str, str]] = NO_SAMPLES
) -> tuple[Change, ...]:
    """List what has changed from one scenario to another.

    Compared is what counts: the file with its active mitigations, with ``--set``, ``--with`` and ``--without``. The
    order of the file, comments, and the same value written in another way are no change.

    Parameters
    ----------
    before, after : Scenario
        Both loaded.
    samples : tuple of mapping, optional
        Texts of the files of samples of each, by their names in the scenario.

    Returns
    -------
    tuple of Change
        By section: project (deadline and budget first), defaults, people, ... expectations, simulation.
    """
    old, new = effective(before), effective(after)
    _leave_to_switches(old, new)
    comparison = Comparison((old.units, new.units))
    values, renamed = follow_renames(old.values, new.values, comparison)
    old = replace(old, values=values)
    writer = Writer(old, new)
    found = [writer.renamed(section, name, was) for section in renamed for name, was in renamed[section].items()]
    found += _sentences(writer, list(comparison.edits(layout(), old.values, new.values)), comparison)
    found += _switches(writer)
    found += _samples(writer, *samples)
    found.sort(key=lambda sentence: (ORDER.index(sentence.section), _rank(sentence.change)))
    sizes = {section: max(len(side.values.get(section, ())) for side in (old, new)) for section in SECTIONS}
    return tuple(summed_up(found, sizes))


def _leave_to_switches(old: Effective, new: Effective) -> None:
    """Leave out what mitigations contain that are active in one plan only: what they do is said where they do it."""
    for name in old.active ^ new.active:
        for side in (old, new):
            table = side.values["mitigations"].get(name, {})
            for key in set(table) - {"name", "price"}:
                del table[key]


def _rank(change: Change) -> int:
    key = change.where.removeprefix("project.")
    return _FIRST.index(key) if key in _FIRST else len(_FIRST)


def _sentences(writer: Writer, edits: Sequence[Edit], comparison: Comparison) -> Iterator[Sentence]:
    handed = _handed_over(edits, comparison)
    taken = {id(gone) for gone, _ in handed.values()}
    off = writer.before.risks_off ^ writer.after.risks_off
    for edit in edits:
        if id(edit) in taken:
            continue
        if id(edit) in handed:
            yield writer.handed_over(*handed[id(edit)])
        elif edit.path[0] == "risks" and len(edit.path) == 2 and edit.path[1] in off:
            yield writer.risk_switched(edit)
        else:
            yield writer.sentence(edit)


def _handed_over(edits: Sequence[Edit], comparison: Comparison) -> dict[int, tuple[Edit, Edit]]:
    """Parts of tasks that somebody else does, otherwise the same: by the id of the edit that adds them."""
    parts: dict[object, tuple[list[Edit], list[Edit]]] = {}
    for edit in edits:
        if edit.path[0] == "tasks" and len(edit.path) == 4 and edit.path[2] == "work":
            gone, new = parts.setdefault(edit.path[1], ([], []))
            if edit.before is None or edit.after is None:
                (new if edit.before is None else gone).append(edit)
    return {
        id(new[0]): (gone[0], new[0])
        for gone, new in parts.values()
        if len(gone) == len(new) == 1 and _same_work(gone[0], new[0], comparison)
    }


def _same_work(gone: Edit, new: Edit, comparison: Comparison) -> bool:
    if not isinstance(gone.node, Leaf):
        return False
    old, fresh = (
        meaning(gone.node, value, new.path, units)
        for value, units in zip((gone.before, new.after), comparison.units, strict=True)
    )
    return old == fresh


def _switches(writer: Writer) -> Iterator[Sentence]:
    """Mitigations that are in both plans, active in one of them."""
    old, new = writer.before, writer.after
    for name in old.values["mitigations"]:
        if name in new.values["mitigations"] and (name in old.active) != (name in new.active):
            yield writer.switched(name, on=name in new.active)


def _samples(writer: Writer, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Sentence]:
    for name in before:
        if name in after and (old := _rows(before[name])) != (new := _rows(after[name])):
            yield writer.samples(name, (len(old), len(new)))


def _rows(text: str) -> list[str]:
    """Rows of a file of samples that count."""
    rows = (row.strip() for row in text.splitlines())
    return [row for row in rows if row and not row.startswith("#")]
