"""Sums up what was done alike to many: "effort of 14 tasks x 1.25", but only where it was exactly alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from simrisk.scenario.difference.change import Change
from simrisk.scenario.difference.sentences import Sentence
from simrisk.scenario.difference.words import things
from simrisk.scenario.positions import parent

ENOUGH = 3  # of two one reads both sentences as fast


def summed_up(sentences: Sequence[Sentence], sizes: dict[str, int]) -> list[Change]:
    """Give one change for all that were done alike, in the place of the first of them.

    Parameters
    ----------
    sentences : sequence of Sentence
    sizes : dict
        How many things each section has, to say when it is all of them.
    """
    groups: dict[tuple[str, str, str], list[Sentence]] = {}
    for sentence in sentences:
        groups.setdefault((sentence.section, sentence.about, sentence.change.by), []).append(sentence)
    summaries = {key: _summary(group, sizes.get(key[0], 0)) for key, group in groups.items() if key[1]}
    found: list[Change] = []
    for sentence in sentences:
        key = (sentence.section, sentence.about, sentence.change.by)
        summary = summaries.get(key)
        if summary is None:
            found.append(sentence.change)
        elif sentence is groups[key][0]:
            found.append(summary)
    return found


def _summary(group: Sequence[Sentence], size: int) -> Change | None:
    """What a group has in common; None when its members were not all changed alike."""
    changes = [sentence.change for sentence in group]
    owners = {_owner(change.where) for change in changes}
    if len(owners) < ENOUGH or {change.kind for change in changes} != {"changed"}:
        return None
    first, section, about = changes[0], group[0].section, group[0].about
    whose = f"all {things(section, size)}" if len(owners) == size else things(section, len(owners))
    factor = group[0].factor
    if about.startswith("switched "):
        text = f"{whose} {about}"
    elif len({(change.before, change.after) for change in changes}) == 1 and first.before != first.after:
        text = f"{about} of {whose} {first.before} -> {first.after}"
    elif factor is not None and all(sentence.factor == factor for sentence in group):
        text = f"{about} of {whose} x {_shown(factor)}"
    else:
        return None
    text += f" (mitigation {first.by})" if first.by else ""
    return replace(first, text=text, places=tuple(change.where for change in changes))


def _owner(where: str) -> str:
    """The thing a dotted path belongs to: its first two steps."""
    while (above := parent(where)) and parent(above):
        where = above
    return where


def _shown(factor: Fraction) -> str:
    """A factor as a decimal where it is one of few digits, else as a fraction."""
    short = f"{float(factor):.4g}"
    return short if Fraction(short) == factor else f"{factor.numerator}/{factor.denominator}"
