"""Gate policies: what a no-go at a gate could lead to instead, and the gate a sprint earlier or later.

A moved gate is the same gate on another date: the same criteria with the same chances, the same people, the same
extension. Earlier it requires of its tasks those that are planned by then and blocks what it blocked. Later it requires
what it required and blocks what it blocked, but for the sprints that are planned to begin before it: they could never
open if they waited for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from simrisk.compile import compile_plan
from simrisk.dataset import Run
from simrisk.scenario.cadence import calendar_of, planned_sprints
from simrisk.scenario.deadlocks import find_deadlocks
from simrisk.scenario.model import Gate, Scenario
from simrisk.whatif.variants import Progress, Runner, Tried, tried
from simrisk.whatif.worlds import Worlds

Policy = Literal["extend", "proceed", "descope", "stop", "earlier", "later"]
When = Literal["first", "last"]

POLICIES: dict[Policy, str] = {
    "extend": "extend until go",
    "proceed": "proceed",
    "descope": "descope",
    "stop": "stop",
    "earlier": "a sprint earlier",
    "later": "a sprint later",
}
METRICS = ("finish.p50", "finish.p80", "cost.mean", "stopped")
ALL = ""  # in place of a gate's id: every gate
OFTEN = 100  # extensions that are as good as any number
CERTAIN = 1.0


class CannotBe(Exception):
    """A policy that makes no sense for a gate, and why."""


@dataclass(frozen=True)
class Option:
    """A policy for a gate, or for all of them.

    Parameters
    ----------
    gate : str
        Id; `ALL` for every gate.
    policy : str
    scenario : Scenario or None
        With it; None where it makes no sense.
    note : str
        Why not, or what is special about it; may be empty.
    """

    gate: str
    policy: Policy
    scenario: Scenario | None
    note: str = ""


@dataclass(frozen=True)
class Decided:
    """What became of a policy.

    Parameters
    ----------
    option : Option
    outcome : Tried or None
        None where the policy makes no sense; that of the plan as written where it changes nothing.
    same : bool
        Whether it is what the plan says.
    """

    option: Option
    outcome: Tried | None
    same: bool = False


@dataclass(frozen=True)
class Policies:
    """Every policy of every gate, on the same dice.

    Parameters
    ----------
    scenario : Scenario
    worlds : Worlds
    when : "first" or "last"
        Whether proceed, descope and stop take the place of the first extension or come after the last.
    gates : tuple of Gate
        Those in question.
    decided : tuple of Decided
        By gate, in the order of `POLICIES`; those of all gates last.
    own : Tried
        The plan as written.
    base : Run
        Of that.
    """

    scenario: Scenario
    worlds: Worlds
    when: When
    gates: tuple[Gate, ...]
    decided: tuple[Decided, ...]
    own: Tried
    base: Run


def passes(gate: str) -> str:
    """The metric that says how often a gate, or every gate, is passed with a go."""
    return f"gate.{gate}.p_pass" if gate != ALL else "gates.p_pass"


def options_of(scenario: Scenario, gates: Sequence[str] = (), when: When = "first") -> tuple[Option, ...]:
    """Return every policy for each of the gates that have not passed yet, and for all of them together.

    Parameters
    ----------
    gates : sequence of str
        Ids; default: all.
    """
    open_gates = [gate for gate in scenario.gates if gate.passed is None and gate.id in (gates or (gate.id,))]
    found = [_option(scenario, gate.id, policy, when) for gate in open_gates for policy in POLICIES]
    if len(open_gates) > 1:
        found += [_of_all(scenario, [gate.id for gate in open_gates], policy, when) for policy in POLICIES]
    return tuple(found)


def _option(scenario: Scenario, gate: str, policy: Policy, when: When) -> Option:
    try:
        made = with_policy(scenario, gate, policy, when)
    except CannotBe as reason:
        return Option(gate, policy, None, str(reason))
    return Option(gate, policy, made)


def _of_all(scenario: Scenario, gates: Sequence[str], policy: Policy, when: When) -> Option:
    made, left = scenario, []
    for gate in gates:
        try:
            made = with_policy(made, gate, policy, when)
        except CannotBe:
            left.append(gate)
    if len(left) == len(gates):
        return Option(ALL, policy, None, "it makes sense for none of them")
    return Option(ALL, policy, made, f"{', '.join(left)} as written" if left else "")


def with_policy(scenario: Scenario, gate: str, policy: Policy, when: When = "first") -> Scenario:
    """Return the scenario with a policy at a gate.

    Raises
    ------
    CannotBe
        It makes no sense for this gate; the text says why.
    """
    change: dict[str, Callable[[Gate], Gate]] = {
        "earlier": lambda one: _moved(scenario, one, -1),
        "later": lambda one: _moved(scenario, one, 1),
        "extend": _extended,
    }
    change |= {then: _ending(scenario, then, when) for then in ("proceed", "descope", "stop")}
    made = replace(
        scenario, gates=tuple(change[policy](entry) if entry.id == gate else entry for entry in scenario.gates)
    )
    known = {issue.where for issue in find_deadlocks(scenario)}
    for issue in find_deadlocks(made):
        if issue.where not in known:
            raise CannotBe("it would wait for itself")
    return made


def _ending(scenario: Scenario, then: str, when: When) -> Callable[[Gate], Gate]:
    """Decide so at the first no-go, or after the extensions as written."""

    def change(gate: Gate) -> Gate:
        _may_fail(gate)
        if then == "descope" and not gate.descope and not any(task.optional for task in scenario.tasks):
            raise CannotBe("no task is optional and none is named: it would drop nothing")
        extensions = gate.max_extensions if when == "last" and gate.has_no_go else 0
        return replace(gate, has_no_go=True, max_extensions=extensions, then=then)  # type: ignore[arg-type]

    return change


def _extended(gate: Gate) -> Gate:
    """Extend until it goes."""
    _may_fail(gate)
    if not gate.has_no_go or not (gate.extend.planned or gate.rework):
        raise CannotBe("the plan does not say how long an extension takes")
    return replace(gate, max_extensions=OFTEN)


def _may_fail(gate: Gate) -> None:
    if all(criterion.chance >= CERTAIN for criterion in gate.criteria):
        raise CannotBe("it always goes")


# Moving


def _moved(scenario: Scenario, gate: Gate, by: int) -> Gate:
    if gate.due is None:
        raise CannotBe("it has no due: it is reviewed when what it requires is done")
    if scenario.sprints is None:
        raise CannotBe("there are no sprints to move it by")
    due = _due(scenario, gate.due, by)
    planned = _planned_by(scenario, due)
    if by > 0:
        return replace(gate, due=due, blocks_sprints=tuple(s for s in gate.blocks_sprints if s > planned.begun))
    home = {task.id: task.sprint for task in scenario.tasks}
    requires = tuple(task for task in gate.requires if (home[task] or 0) <= planned.over)
    if gate.requires and not requires:
        raise CannotBe("nothing that it requires is planned by then")
    return replace(gate, due=due, requires=requires)


def _due(scenario: Scenario, due: int | date, by: int) -> int | date:
    """The end of the sprint before or after; of a date the same day a sprint's length earlier or later."""
    assert scenario.sprints is not None
    if isinstance(due, int):
        if not 1 <= due + by <= scenario.sprints.count:
            raise CannotBe("there is no sprint before" if by < 0 else "there is no sprint after")
        return due + by
    number, unit = scenario.sprints.length
    if unit == "w":
        return due + by * timedelta(weeks=number)
    calendar = calendar_of(scenario.project)
    return calendar.date_of_day(calendar.day_of(due) + by * number)


@dataclass(frozen=True)
class _Sprints:
    """The last sprint that is planned to be over by a due, and the last that is planned to have begun before it."""

    over: int
    begun: int


def _planned_by(scenario: Scenario, due: int | date) -> _Sprints:
    if isinstance(due, int):
        return _Sprints(due, due)
    assert scenario.sprints is not None
    calendar = calendar_of(scenario.project)
    day, windows = calendar.day_of(due), planned_sprints(calendar, scenario.sprints)
    return _Sprints(sum(end <= day for _, end in windows), sum(start < day for start, _ in windows))


# Running


def run_policies(
    scenario: Scenario,
    worlds: Worlds,
    gates: Sequence[str] = (),
    when: When = "first",
    progress: Progress | None = None,
) -> Policies:
    """Run the plan with every policy and compare it with the plan as written, trial by trial.

    Parameters
    ----------
    progress : callable, optional
        Told after each block how many trials it had; in all `runs_of` times the trials.
    """
    options = options_of(scenario, gates, when)
    named = list(dict.fromkeys(option.gate for option in options))
    metrics = (*METRICS, *(passes(gate) for gate in named))
    runner = Runner(worlds, metrics)
    base = runner.run(scenario, compile_plan(scenario), progress)
    own = tried(base, metrics)

    def decided() -> Iterator[Decided]:
        for option in options:
            if option.scenario is None:
                yield Decided(option, None)
            elif option.scenario == scenario:
                yield Decided(option, own, same=True)
            else:
                run = runner.run(option.scenario, compile_plan(option.scenario), progress)
                yield Decided(option, tried(run, (*METRICS, passes(option.gate)), base))

    of = tuple(gate for gate in scenario.gates if gate.id in named)
    return Policies(scenario, worlds, when, of, tuple(decided()), own, base)


def runs_of(scenario: Scenario, gates: Sequence[str] = (), when: When = "first") -> int:
    """How many times the trials are run."""
    options = options_of(scenario, gates, when)
    return 1 + sum(option.scenario is not None and option.scenario != scenario for option in options)
