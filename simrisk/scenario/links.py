"""What a task waits for in others: reads `after`, resolves its names to links with their lags, and finds cycles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, cast

from simrisk.errors import Issue, ScenarioError
from simrisk.scenario.distributions import LARGEST_Z, exactly, lags, largest, read_distribution
from simrisk.scenario.faults import Faults, did_you_mean, joined, listed
from simrisk.scenario.fields import LAG_SCHEMA, Names, Value, read_text
from simrisk.scenario.model import Distribution, Link, Task
from simrisk.scenario.names import Directory
from simrisk.scenario.shapes import library_quantiles
from simrisk.scenario.units import Units, fault, round_half_up, shown

LinkKind = Literal["FS", "SS", "FF", "SF"]
KINDS = ("FS", "SS", "FF", "SF")
MOST_LAG = 2.0**31  # minutes; so many fit the clock of any plan
_MAY_BE_NEGATIVE = ("exactly", "pert", "triangular", "uniform", "values")
_KEYS = ("task", "link", "lag")


@dataclass(frozen=True)
class WrittenLink:
    """One entry of `after`: a name or glob, how it links, and where entry and name stand relative to the field."""

    name: str
    place: str
    name_place: str
    kind: LinkKind = "FS"
    lag: Distribution | None = None


def read_links(value: object, units: Units) -> tuple[WrittenLink, ...]:
    """Read predecessors: names, or tables with the kind of the link and its lag."""
    single = isinstance(value, str | dict)
    entries = [value] if single else value
    if not isinstance(entries, list):
        example = '["design", { task = "build", link = "SS", lag = "3d" }]'
        raise fault("wrong-type", f"This is a list of names or links such as {example}; got {shown(value)}.")
    issues: list[Issue] = []
    links = []
    for number, entry in enumerate(entries):
        place = "" if single else f"[{number}]"
        try:
            links.append(_read_link(entry, place, units))
        except ScenarioError as error:
            issues.extend(replace(issue, where=joined(place, issue.where)) for issue in error.issues)
    if issues:
        raise ScenarioError(*issues)
    return tuple(links)


def _read_link(entry: object, place: str, units: Units) -> WrittenLink:
    if isinstance(entry, str):
        return WrittenLink(entry, place, place)
    if not isinstance(entry, dict):
        example = '{ task = "build", link = "SS" }'
        raise fault("wrong-type", f"This is {example}, or just a name in quotes; got {shown(entry)}.")
    issues: list[Issue] = []
    found: dict[str, Any] = {}
    for key, value in entry.items():
        try:
            if key not in _KEYS:
                hint = did_you_mean(key, _KEYS) or " There are: task, link, lag."
                raise fault("unknown-key", f"'{key}' is not a key here.{hint}")
            found[key] = _READERS[key](value, units)
        except ScenarioError as error:
            issues.extend(replace(issue, where=joined(key, issue.where)) for issue in error.issues)
    if issues:
        raise ScenarioError(*issues)
    if "task" not in found:
        raise fault("missing-key", "'task' is missing: the task this one is linked to.")
    return WrittenLink(found["task"], place, joined(place, "task"), found.get("link", "FS"), found.get("lag"))


def _read_kind(value: object, _: Units) -> LinkKind:
    if value not in KINDS:
        hint = did_you_mean(value, KINDS) if isinstance(value, str) else ""
        found = f"A link is 'FS' (finish to start), 'SS', 'FF' or 'SF'; got {shown(value)}.{hint}"
        raise fault("wrong-type", found)
    return cast(LinkKind, value)


def _read_lag(value: object, units: Units) -> Distribution | None:
    """Read a lag: a duration that may be negative, or a distribution of such; None when it is always 0."""
    measure = lags(units)
    lag = read_distribution(value, measure) if isinstance(value, dict) else exactly(round_half_up(measure.read(value)))
    if not max(largest(lag), -lowest(lag)) < MOST_LAG:
        raise fault("out-of-range", "This lag could be more minutes than can be counted. Narrow it.")
    if lag.kind not in _MAY_BE_NEGATIVE and lowest(lag) < 0:
        found = "A lag that can be negative is one value, or one of { exactly }, { low, likely, high }, { from, to } "
        raise fault("impossible-distribution", f"{found}and {{ values }}.")
    return None if lag.kind == "exactly" and not lag.params[0] else lag


_READERS = {"task": read_text, "link": _read_kind, "lag": _read_lag}


def lowest(distribution: Distribution) -> float:
    """Bound of the smallest value that can be drawn."""
    if distribution.kind == "scipy":
        location, scale, *shapes = distribution.params
        return location + scale * float(library_quantiles(distribution.name, tuple(shapes))([-LARGEST_Z])[0])
    return min(distribution.params) if distribution.kind in _MAY_BE_NEGATIVE else 0.0


def find_links(written: Sequence[WrittenLink], where: str, task: str, directory: Directory) -> tuple[Link, ...]:
    """Resolve the names of `after` to links, each predecessor once for each kind of link.

    Parameters
    ----------
    written : sequence of WrittenLink
    where : str
        Dotted path of the field.
    task : str
        The task that has the field; a glob or a sprint does not mean it.
    directory : Directory
    """
    faults = directory.faults
    links: dict[tuple[str, str], Link] = {}
    named: set[tuple[str, str]] = set()
    for entry in written:
        place = joined(where, entry.name_place)
        if (entry.name, entry.kind) in named:
            found = f"'{entry.name}' stands here twice with the link {entry.kind}; keep one of the two."
            faults.add("duplicate", place, found)
            continue
        named.add((entry.name, entry.kind))
        before = directory.find_tasks(Names((entry.name,), single=True), place, but=task)
        _check_negative(entry, before, joined(where, entry.place), directory)
        for name in before:
            link = links.setdefault((name, entry.kind), Link(name, entry.kind, entry.lag))
            if link.lag != entry.lag:
                found = f"'{name}' is linked twice as {entry.kind}, with two lags; keep one of the two."
                faults.add("duplicate", place, found)
    return tuple(links.values())


def _check_negative(entry: WrittenLink, before: Sequence[str], place: str, directory: Directory) -> None:
    """Note a fault when a lag can be negative where the end it counts from is not known in time."""
    if entry.lag is None or lowest(entry.lag) >= 0:
        return
    if entry.kind in ("SS", "SF"):
        found = f"A lag from a start ({entry.kind}) cannot be negative: nobody knows when something will start."
        directory.faults.add("negative-lag", joined(place, "lag"), found)
        return
    others = [name for name in before if name not in directory.durations]
    if others:
        found = f"A lag can be negative only after a task with a 'duration', whose end is known; {listed(others)} "
        directory.faults.add(
            "negative-lag", joined(place, "lag"), f"{found}{'has' if len(others) == 1 else 'have'} none."
        )


def find_cycles(tasks: Sequence[Task], faults: Faults) -> None:
    """Note a fault for each cycle of predecessors, whatever the links: such tasks wait for each other."""
    after = {task.id: set(task.after) for task in tasks}
    while after:
        _peel(after)
        if not after:
            return
        cycle = _cycle(after)
        order = [task.id for task in tasks if task.id in cycle]
        turn = cycle.index(order[0])
        cycle = cycle[turn:] + cycle[:turn]
        # walked from successor to predecessor; people read plans the other way
        chain = [cycle[0], *reversed(cycle[1:]), cycle[0]]
        shown = chain if len(chain) <= 12 else [*chain[:6], f"... ({len(chain) - 11} more)", *chain[-5:]]
        faults.add(
            "cycle",
            f"tasks.{cycle[0]}.after",
            f"These tasks wait for each other: {' -> '.join(shown)}. Take one of the links out.",
        )
        for task in cycle:
            del after[task]
        for rest in after.values():
            rest.difference_update(cycle)


def _peel(after: dict[str, set[str]]) -> None:
    """Take out all tasks that can be ordered, leaving those in cycles and behind them."""
    followers: dict[str, list[str]] = {}
    for task, before in after.items():
        before.intersection_update(after)
        for name in before:
            followers.setdefault(name, []).append(task)
    ready = [task for task, before in after.items() if not before]
    while ready:
        done = ready.pop()
        del after[done]
        for task in followers.get(done, ()):
            after[task].discard(done)
            if not after[task]:
                ready.append(task)


def _cycle(after: Mapping[str, set[str]]) -> list[str]:
    """Walk from predecessor to predecessor, all of which are left, until one comes again."""
    seen: dict[str, int] = {}
    task = next(iter(after))
    while task not in seen:
        seen[task] = len(seen)
        task = min(after[task])
    return list(seen)[seen[task] :]


_ENTRY = {
    "anyOf": [
        {"type": "string"},
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["task"],
            "properties": {"task": {"type": "string"}, "link": {"enum": list(KINDS)}, "lag": LAG_SCHEMA},
        },
    ]
}
Links = Annotated[
    tuple[WrittenLink, ...],
    Value(read_links, {"anyOf": [*_ENTRY["anyOf"], {"type": "array", "items": _ENTRY}]}),
]
