"""Changes: the scenario without one thing that delays it; each leaves everything else, and its draws, as it was."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction

from simrisk.scenario.model import Cover, Criterion, Distribution, Gate, Person, Scenario, Task

Change = Callable[[Scenario], Scenario]

ALWAYS = 1.0  # chance of a criterion of a gate that nobody fails
NO_TIME = Distribution("exactly", (0.0,), 0.0)


def planned(quantity: Distribution) -> Distribution:
    """Return the quantity as the plan has it."""
    return Distribution("exactly", (quantity.planned,), quantity.planned)


# Dice


def with_planned_work(scenario: Scenario) -> Scenario:
    """Return the scenario in which tasks, lags and the arrival of contractors take what is planned for them."""
    return replace(
        scenario,
        cover=_planned_lead(scenario.cover),
        people=tuple(replace(person, cover=_planned_lead(person.cover)) for person in scenario.people),
        tasks=tuple(_planned_task(task) for task in scenario.tasks),
        correlations=(),
    )


def _planned_task(task: Task) -> Task:
    links = tuple(replace(link, lag=None if link.lag is None else planned(link.lag)) for link in task.links)
    efforts = tuple(planned(effort) for effort in task.efforts)
    return replace(task, links=links, efforts=efforts, cover=_planned_lead(task.cover))


def _planned_lead(cover: Cover | None) -> Cover | None:
    if cover is None or cover.contractor is None:
        return cover
    return replace(cover, contractor=replace(cover.contractor, lead=planned(cover.contractor.lead)))


def without_common_factor(scenario: Scenario) -> Scenario:
    """Return the scenario in which work does not come out larger or smaller all together."""
    return replace(scenario, common=None)


def with_gates_passed(gates: Collection[str]) -> Change:
    """Return the change by which these gates go at the first review, in the planned time."""

    def passes(gate: Gate) -> Gate:
        criteria = tuple(Criterion(entry.id, ALWAYS, ALWAYS) for entry in gate.criteria)
        return replace(gate, criteria=criteria, review=planned(gate.review))

    return lambda scenario: replace(
        scenario, gates=tuple(passes(gate) if gate.id in gates else gate for gate in scenario.gates)
    )


def without_risks(risks: Collection[str]) -> Change:
    """Return the change by which these risks do not happen."""
    return lambda scenario: replace(scenario, risks=tuple(risk for risk in scenario.risks if risk.id not in risks))


def without_absence(people: Collection[str], kinds: Collection[str]) -> Change:
    """Return the change by which these people have no spells of these kinds of absence."""
    return _of_people(people, lambda one: replace(one, absence=tuple(a for a in one.absence if a.kind not in kinds)))


def without_random_leave(people: Collection[str]) -> Change:
    """Return the change by which these people take no leave but that with dates."""
    return _of_people(people, lambda one: replace(one, allowance=None))


def without_departures(people: Collection[str]) -> Change:
    """Return the change by which these people do not leave."""
    return _of_people(people, lambda one: replace(one, departure=None))


def with_hires_in_time(scenario: Scenario) -> Scenario:
    """Return the scenario in which everybody who is hired comes as planned."""
    return replace(scenario, pools=tuple(replace(pool, hire_delay=NO_TIME) for pool in scenario.pools))


# Rules


def without_dated_leave(people: Collection[str]) -> Change:
    """Return the change by which these people do not take the leave that has dates."""
    return _of_people(people, lambda one: replace(one, leave=()))


def without_ramps(people: Collection[str], pools: Collection[str]) -> Change:
    """Return the change by which these people and heads of these pools are fully productive from their first day."""

    def change(scenario: Scenario) -> Scenario:
        made = _of_people(people, lambda one: replace(one, ramp=0, ramp_from=Fraction(1)))(scenario)
        learned = (
            replace(pool, ramp=0, ramp_from=Fraction(1)) if pool.id in pools else pool for pool in scenario.pools
        )
        return replace(made, pools=tuple(learned))

    return change


def without_most_off(scenario: Scenario) -> Scenario:
    """Return the scenario in which any number of people may be on leave together."""
    return replace(scenario, leave=replace(scenario.leave, max_off=None))


def without_blackout(scenario: Scenario) -> Scenario:
    """Return the scenario in which random leave may fall on any day."""
    return replace(scenario, leave=replace(scenario.leave, blackout=()))


def with_single_days(scenario: Scenario) -> Scenario:
    """Return the scenario in which random leave is taken a day at a time."""
    return replace(scenario, leave=replace(scenario.leave, block=1))


def without_ceremonies(scenario: Scenario) -> Scenario:
    """Return the scenario in which sprints begin without ceremonies."""
    return scenario if scenario.sprints is None else replace(scenario, sprints=replace(scenario.sprints, ceremonies=0))


def with_open_sprints(scenario: Scenario) -> Scenario:
    """Return the scenario in which a task need not wait for its sprint to open, only for the gates before it."""
    return scenario if scenario.sprints is None else replace(scenario, sprints=replace(scenario.sprints, pull=True))


def without_gates(gates: Collection[str]) -> Change:
    """Return the change by which there are no such gates: no review, and nothing waits for one."""
    return lambda scenario: replace(scenario, gates=tuple(gate for gate in scenario.gates if gate.id not in gates))


# How they are put together


def one_after_the_other(*changes: Change) -> Change:
    """Return the change that makes all of these."""

    def change(scenario: Scenario) -> Scenario:
        for each in changes:
            scenario = each(scenario)
        return scenario

    return change


def _of_people(people: Collection[str], change: Callable[[Person], Person]) -> Change:
    return lambda scenario: replace(
        scenario, people=tuple(change(person) if person.id in people else person for person in scenario.people)
    )
