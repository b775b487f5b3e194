"""Causes: everything in a plan that can be taken out of it to see what it is worth, each by a name of its own.

Three kinds. **Dice** are what chance does: without all of them the plan runs as planned, in every trial. **Rules** and
**scarce** resources are what the plan decides: they hold up the plan without dice as well. **Mitigations** are switched
over, on or off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from simrisk.compile import compile_plan
from simrisk.models.unlimited import unlimited
from simrisk.plan import Plan
from simrisk.scenario.load import loads
from simrisk.scenario.model import Mitigation, Person, Scenario
from simrisk.whatif import changes
from simrisk.whatif.changes import Change

Kind = Literal["dice", "rule", "scarce", "mitigation"]
Family = Literal["", "estimates", "common", "gates", "risks", "away", "hiring"]

GROUPS = {
    "away": "everybody's time away",
    "gates": "a no-go at any gate",
    "risks": "any risk",
    "dice": "anything left to chance",
}
REASONS = {
    "absence": "everybody's unplanned absence",
    "leave": "everybody's random leave",
    "departure": "anybody leaving for good",
}


@dataclass(frozen=True)
class Cause:
    """Something that can be taken out of a plan.

    Parameters
    ----------
    name : str
        E.g. ``person.APEX.absence``.
    title : str
        In words that follow "without": "absence of APEX". Of a mitigation its name.
    kind : str
    change : callable
        Scenario -> Scenario without it; of a mitigation with it switched over.
    loosen : callable, optional
        Plan -> Plan without it, after `change`; for what no scenario can say.
    family : str
        Of dice that are in no other's: those of all families together are all there is.
    members : tuple of str
        Of a group: the names of the causes it takes out together.
    person : str
        Whose time away it is, and nobody else's; else empty.
    mitigation : Mitigation, optional
        Whose switch it is.
    """

    name: str
    title: str
    kind: Kind
    change: Change
    loosen: Callable[[Plan], Plan] | None = None
    family: Family = ""
    members: tuple[str, ...] = ()
    person: str = ""
    mitigation: Mitigation | None = None


def without(scenario: Scenario, causes: Iterable[Cause]) -> Plan:
    """Return the plan without these causes."""
    taken = list(causes)
    plan = compile_plan(changes.one_after_the_other(*(cause.change for cause in taken))(scenario))
    for cause in taken:
        plan = plan if cause.loosen is None else cause.loosen(plan)
    return plan


def causes_of(scenario: Scenario) -> tuple[Cause, ...]:
    """Return everything that can be taken out of a scenario; what it does not have is not among it."""
    found = (*_dice(scenario), *_rules(scenario), *_scarce(scenario), *_mitigations(scenario))
    return tuple(cause for cause in found if cause.loosen or cause.mitigation or cause.change(scenario) != scenario)


def cannot_matter(cause: Cause, scenario: Scenario, plan: Plan) -> bool:
    """Whether a cause is the time away of somebody whom no work ever waits for.

    They are planned for nothing and stand in for nobody, do not leave for good, which would save their pay, and keep
    nobody else from taking leave.

    Parameters
    ----------
    plan : Plan
        Of the scenario.
    """
    person = next((person for person in scenario.people if person.id == cause.person), None)
    if person is None or person.departure is not None:
        return False
    keeps_others = scenario.leave.max_off is not None and person.allowance is not None
    return not keeps_others and plan.person_ids.index(person.id) not in plan.arrays.candidates.person


def players(causes: Iterable[Cause]) -> tuple[Cause, ...]:
    """Return the dice of which each is in no other: without all of these nothing is left to chance."""
    return tuple(cause for cause in causes if cause.family)


# Dice


def _dice(scenario: Scenario) -> Iterator[Cause]:
    single = [*_chance(scenario), *(cause for person in scenario.people for cause in _away(person))]
    yield from single
    yield from _of_everybody(scenario)
    for name, title in GROUPS.items():
        family = [cause for cause in single if cause.family and name in (cause.family, "dice")]
        if len(family) > 1:
            yield group(name, title, family)


def _of_everybody(scenario: Scenario) -> Iterator[Cause]:
    """Each reason to be away, of all people together."""
    kinds = list(dict.fromkeys(absence.kind for person in scenario.people for absence in person.absence))
    everybody = [person.id for person in scenario.people]
    if len(kinds) > 1:
        for kind in kinds:
            change = changes.without_absence(everybody, [kind])
            yield Cause(f"absence.{kind}", f"everybody's absence: {kind}", "dice", change)
    for name, title in REASONS.items():
        of = {person.id: found for person in scenario.people for found in _reasons(person) if found.name == name}
        if len(of) > 1:
            change = changes.one_after_the_other(*(found.change for found in of.values()))
            members = tuple(f"person.{person}.{name}" for person in of)
            yield Cause(name, title, "dice", change, members=members)


def group(name: str, title: str, members: Iterable[Cause]) -> Cause:
    """Return the cause that is all of these together."""
    of = tuple(members)
    change = changes.one_after_the_other(*(cause.change for cause in of))
    return Cause(name, title, of[0].kind, change, members=tuple(cause.name for cause in of))


def _chance(scenario: Scenario) -> Iterator[Cause]:
    yield _dice_of("estimates", "the spread of the estimates", changes.with_planned_work, "estimates")
    yield _dice_of("common", "the common factor of all effort", changes.without_common_factor, "common")
    for gate in scenario.gates:
        yield _dice_of(f"gate.{gate.id}", f"a no-go at '{gate.name}'", changes.with_gates_passed([gate.id]), "gates")
    for risk in scenario.risks:
        title = f"the risk '{risk.name}'"
        yield _dice_of(f"risk.{risk.id}", title, changes.without_risks([risk.id]), "risks")
    yield _dice_of("hiring", "late hires", changes.with_hires_in_time, "hiring")


@dataclass(frozen=True)
class Reason:
    """Why a person may be away, and the change by which they are not."""

    name: str
    title: str
    change: Change


def _reasons(person: Person) -> list[Reason]:
    of, kinds = [person.id], [absence.kind for absence in person.absence]
    found = []
    if kinds:
        found.append(Reason("absence", f"absence of {person.id}", changes.without_absence(of, kinds)))
    if person.allowance:
        found.append(Reason("leave", f"random leave of {person.id}", changes.without_random_leave(of)))
    if person.departure:
        found.append(Reason("departure", f"{person.id} leaving for good", changes.without_departures(of)))
    return found


def _away(person: Person) -> Iterator[Cause]:
    """All of a person's reasons to be away together, and each by itself."""
    found = _reasons(person)
    if not found:
        return
    whole = changes.one_after_the_other(*(reason.change for reason in found))
    members = tuple(f"person.{person.id}.{reason.name}" for reason in found)
    title = f"time away of {person.id}" if len(found) > 1 else found[0].title
    yield Cause(f"person.{person.id}.away", title, "dice", whole, None, "away", members, person.id)
    if len(found) > 1:
        for name, reason in zip(members, found, strict=True):
            yield Cause(name, reason.title, "dice", reason.change, person=person.id)


def _dice_of(name: str, title: str, change: Change, family: Family = "") -> Cause:
    return Cause(name, title, "dice", change, family=family)


# Rules


def _rules(scenario: Scenario) -> Iterator[Cause]:
    for person in scenario.people:
        title = f"dated leave of {person.id}"
        yield _rule(f"person.{person.id}.dated_leave", title, changes.without_dated_leave([person.id]))
    rules = scenario.leave
    together = f"the rule that {rules.max_off} may be on leave together at most"
    yield _rule("leave.max_off", together, changes.without_most_off)
    yield _rule("leave.blackout", "days without random leave", changes.without_blackout)
    if any(person.allowance for person in scenario.people):
        yield _rule("leave.block", f"leave in blocks of {rules.block} days", changes.with_single_days)
    yield _rule("sprints.ceremonies", "ceremonies of sprints", changes.without_ceremonies)
    yield _rule("sprints.boxes", "waiting for a sprint to open", changes.with_open_sprints)
    for gate in scenario.gates:
        yield _rule(f"gate.{gate.id}.at_all", f"the gate '{gate.name}'", changes.without_gates([gate.id]))
    if len(scenario.gates) > 1:
        every = [gate.id for gate in scenario.gates]
        at_all = tuple(f"gate.{name}.at_all" for name in every)
        yield Cause("gates.at_all", "all gates", "rule", changes.without_gates(every), members=at_all)
    people, pools = [person.id for person in scenario.people], [pool.id for pool in scenario.pools]
    yield _rule("ramps", "ramp-up of newcomers", changes.without_ramps(people, pools))


def _rule(name: str, title: str, change: Change) -> Cause:
    return Cause(name, title, "rule", change)


# What is short


def _scarce(scenario: Scenario) -> Iterator[Cause]:
    wanted = {name for task in scenario.tasks for name in task.who}
    wanted |= {name for gate in scenario.gates for name, _ in gate.rework}
    used = {name for task in scenario.tasks for name, _ in task.uses}
    people = [person.id for person in scenario.people if person.id in wanted]
    pools = [pool.id for pool in scenario.pools if pool.id in wanted]
    equipment = [kind.id for kind in scenario.equipment if kind.id in used]
    for name in people:
        yield _enough(f"person.{name}.scarcity", f"waiting for {name}, busy or away", people=[name])
    for name in pools:
        yield _enough(f"pool.{name}.scarcity", f"waiting for heads of {name}", pools=[name])
    for name in equipment:
        yield _enough(f"equipment.{name}.scarcity", f"waiting for {name}", equipment=[name])
    if len(people) + len(pools) + len(equipment) > 1:
        members = [f"{kind}.{n}.scarcity" for kind, names in _by_kind(people, pools, equipment) for n in names]
        every = {"people": people, "pools": pools, "equipment": equipment}
        yield _enough("scarcity", "waiting for anybody or anything", tuple(members), **every)


def _by_kind(*names: Collection[str]) -> Iterator[tuple[str, Collection[str]]]:
    yield from zip(("person", "pool", "equipment"), names, strict=True)


def _enough(name: str, title: str, members: tuple[str, ...] = (), **of: Collection[str]) -> Cause:
    return Cause(name, title, "scarce", changes.one_after_the_other(), lambda plan: unlimited(plan, **of), "", members)


# Mitigations


def _mitigations(scenario: Scenario) -> Iterator[Cause]:
    for entry in scenario.mitigations if scenario.text else ():
        title = f"the mitigation '{entry.name}'"
        yield Cause(f"mitigation.{entry.id}", title, "mitigation", _switched(entry), mitigation=entry)


def _switched(entry: Mitigation) -> Change:
    """Return the change that reads the file anew with this mitigation switched over, everything else as it was."""
    full = f"mitigations.{entry.id}"

    def change(scenario: Scenario) -> Scenario:
        on, off = (
            tuple(name for name in names if name not in (entry.id, full))
            for names in (scenario.switched_on, scenario.switched_off)
        )
        on, off = (on, (*off, full)) if entry.active else ((*on, full), off)
        return loads(scenario.text, scenario.path, changes=scenario.changes, with_=on, without=off)

    return change
