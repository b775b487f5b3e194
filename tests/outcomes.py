"""A small scenario with a plan and made-up outcomes, for tests of everything that stands after the engines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from types import SimpleNamespace
from typing import Any

import numpy as np
import xarray as xr

from simrisk.dataset import Ends, LogicOnly, Pair, to_dataset
from simrisk.measures import Measure
from simrisk.measures.estimates import Estimate
from simrisk.measures.figure import Kind
from simrisk.scenario.model import (
    Costs,
    Distribution,
    Equipment,
    Gate,
    LeaveRules,
    Link,
    Mitigation,
    Person,
    Pool,
    Project,
    Risk,
    Scenario,
    Simulation,
    Sprints,
    Task,
)
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import CENSORED, FINISHED, GO, N_CAUSES, STOP, STOPPED, WAIVED, Outcomes, new_outcomes

DAY = 480
START = date(2026, 1, 5)  # a Monday
HOLIDAYS = frozenset({date(2026, 1, 19), date(2026, 2, 16)})
CALENDAR = WorkingCalendar(START, (0, 1, 2, 3, 4), HOLIDAYS, DAY)
TASKS, PEOPLE, GATES, SPRINTS = ("alpha", "beta", "gamma"), ("ANN", "BOB"), ("tier1",), ("One", "Two")
N_MONTHS = 13  # until the horizon, 22 December 2026, and the one after it
VERSIONS = {"simrisk": "test"}
PAIRS = (Pair("alpha", "beta", 0.9, 0.6), Pair("alpha", "gamma", -0.3, -0.3))


@dataclass(frozen=True)
class StandInPlan:
    """What `to_dataset` needs of a compiled plan."""

    scenario: Scenario
    calendar: WorkingCalendar
    task_ids: tuple[str, ...]
    person_ids: tuple[str, ...]
    gate_ids: tuple[str, ...]
    sprint_names: tuple[str, ...]
    day_minutes: int
    horizon: int
    deadline: int | None
    budget_limit: int | None
    pool_ids: tuple[str, ...] = ()
    equipment_ids: tuple[str, ...] = ()
    risk_ids: tuple[str, ...] = ()

    @property
    def arrays(self) -> Any:
        """As many records of everything as `new_outcomes` counts."""
        return SimpleNamespace(
            project=[SimpleNamespace(n_tasks=len(self.task_ids))],
            people=self.person_ids,
            gates=self.gate_ids,
            sprints=self.sprint_names,
            pools=self.pool_ids,
            equipment=self.equipment_ids,
            risks=self.risk_ids,
            months=range(N_MONTHS),
        )


def exactly(minutes: float) -> Distribution:
    """A quantity without uncertainty."""
    return Distribution("exactly", (minutes,), minutes)


def a_scenario(*, deadline: date | None = date(2026, 6, 19), budget: int | None = 35_000_000) -> Scenario:
    """Three tasks, two people, one gate, two sprints."""
    project = Project("Phase X", START, deadline, budget, "USD", DAY, CALENDAR.work_week, HOLIDAYS, 250 * DAY)
    people = tuple(
        Person(
            id=i,
            role=f"role of {i}",
            fte=Fraction(1),
            focus=Fraction(1),
            rate=None,
            paid="worked",
            skills={"any": 3},
            start=begin,
            end=end,
            ramp=0,
            ramp_from=Fraction(1),
            leave=(),
            allowance=None,
            absence=(),
            cover=None,
        )
        for i, begin, end in (("ANN", None, None), ("BOB", date(2026, 1, 12), date(2026, 3, 31)))
    )
    tasks = tuple(
        Task(i, i.title(), sprint, 100, (), (), None, False, "split", ("ANN",), (exactly(2400),), None, None)
        for i, sprint in zip(TASKS, (1, 2, None), strict=True)
    )
    gate = Gate(
        id="tier1",
        name="Tier 1",
        due=1,
        requires=("alpha",),
        blocks_sprints=(2,),
        blocks_tasks=(),
        review=exactly(240),
        criteria=(),
        has_no_go=False,
        extend=exactly(0),
        rework=(),
        rework_skills=(),
        rework_backup=None,
        max_extensions=1,
        then="proceed",
        descope=None,
    )
    return Scenario(
        id="phasex",
        path="somewhere/phasex.toml",
        text='[project]\nname = "Phase X"  # größer\n',
        project=project,
        simulation=Simulation(),
        common=None,
        efficiency={},
        backup_level=2,
        cover=None,
        people=people,
        leave=LeaveRules(None, (), 5),
        sprints=Sprints((2, "w"), 2, 240, SPRINTS, False),
        tasks=tasks,
        gates=(gate,),
        costs=Costs(0, None, Fraction(1, 10), 0),
    )


def a_wide_scenario(**project: Any) -> Scenario:
    """The same with a pool, equipment, risks and mitigations; where alpha and beta join: a milestone and the gate."""
    scenario = a_scenario()
    alpha, beta, gamma = scenario.tasks
    joined = replace(gamma, share="milestone", who=(), efforts=(), links=(Link("alpha"), Link("beta")))
    risks = (("storm", "Storm over the sea", 0.25), ("strike", "strike", 0.5))
    return replace(
        scenario,
        project=replace(scenario.project, **project),
        tasks=(alpha, beta, joined),
        gates=(replace(scenario.gates[0], requires=("alpha", "beta")),),
        pools=(
            Pool(
                "devs", "Developers", ((START, Fraction(3)),), Fraction(1), None, "worked", exactly(0), 0, Fraction(1)
            ),
            Pool("testers", "", ((START, Fraction(1)),), Fraction(1), None, "worked", exactly(0), 0, Fraction(1)),
        ),
        equipment=(Equipment("rig", "Test rig", 2, 0, None),),
        risks=tuple(Risk(i, name, chance, ("alpha",), None, None, 0, ()) for i, name, chance in risks),
        mitigations=(
            Mitigation("train", "Train Bob", 500_000, True),
            Mitigation("insure", "insure", 100_000, False),
        ),
        switched_on=("train",),
        switched_off=("insure",),
    )


def a_plan(scenario: Scenario | None = None) -> StandInPlan:
    """A plan for `a_scenario`."""
    scenario = scenario or a_scenario()
    project = scenario.project
    return StandInPlan(
        scenario=scenario,
        calendar=CALENDAR,
        task_ids=tuple(t.id for t in scenario.tasks),
        person_ids=tuple(p.id for p in scenario.people),
        gate_ids=tuple(g.id for g in scenario.gates),
        sprint_names=() if scenario.sprints is None else scenario.sprints.names,
        day_minutes=DAY,
        horizon=250 * DAY,
        deadline=None if project.deadline is None else CALENDAR.end_of(project.deadline),
        budget_limit=None if project.budget is None else project.budget + project.budget // 10,
        pool_ids=tuple(p.id for p in scenario.pools),
        equipment_ids=tuple(e.id for e in scenario.equipment),
        risk_ids=tuple(r.id for r in scenario.risks),
    )


def outcomes_of(
    finish: np.ndarray, outcome: np.ndarray | None = None, *, dice: int = 1, plan: StandInPlan | None = None
) -> Outcomes:
    """Outcomes whose `end` is `finish`; everything else hangs together with it but is made up.

    Parameters
    ----------
    finish : (n,) int, working minutes
    outcome : (n,) int8, optional
        Default: all finished.
    dice : int
        Seed of what is made up.
    """
    n = len(finish)
    rng = np.random.default_rng(dice)
    made = new_outcomes(n, (plan or a_plan()).arrays)
    outcome = np.full(n, FINISHED, np.int8) if outcome is None else np.asarray(outcome, np.int8)
    finished = outcome == FINISHED
    made.end[:], made.outcome[:] = finish, outcome
    made.cost[:] = made.end * 300 + rng.integers(0, 2_000_000, n)
    made.chain[:] = 0
    for cause, share in ((0, 3), (2, 4), (4, 10)):
        made.chain[:, cause] = made.end // share
    made.chain[:, 6] = made.end - made.chain[:, :].sum(axis=1)
    made.chain[~finished] = 0
    assert made.chain.shape[1] == N_CAUSES
    fractions = np.array([0.3, 0.6, 1.0])
    made.task_finish[:] = made.end[:, None] * fractions
    made.task_start[:] = np.maximum(made.task_finish - 2400, 0)
    made.task_finish[~finished, -1] = -1
    made.task_effort[:] = rng.integers(1000, 4000, made.task_effort.shape)
    made.task_handovers[:] = rng.integers(0, 2, made.task_handovers.shape)
    made.task_dropped[:] = 0
    made.task_critical[:] = (rng.random(made.task_critical.shape) < [0.9, 0.2, 0.0]) & finished[:, None]
    made.person_critical[:] = (rng.random(made.person_critical.shape) < [0.7, 0.4]) & finished[:, None]
    share_out_the_chain(made)
    made.person_worked[:] = made.end[:, None] * np.array([0.6, 0.25])
    made.person_ceremony[:] = 480
    made.person_leave[:] = made.end[:, None] // 20
    made.person_absence[:] = made.end[:, None] // 50
    made.person_absence_planned[:] = (np.random.default_rng(dice + 1000).geometric(1 / 4, (n, 2)) - 1) * DAY
    made.gate_attempts[:, 0] = rng.integers(1, 4, n)
    made.gate_first[:, 0] = made.task_finish[:, 0]
    made.gate_finish[:, 0] = made.gate_first[:, 0] + made.gate_attempts[:, 0] * 240
    made.gate_outcome[:, 0] = np.where(made.gate_attempts[:, 0] == 3, WAIVED, GO)
    made.gate_outcome[outcome == STOPPED, 0] = STOP
    made.gate_critical[:, 0] = finished
    made.gate_chain[:, 0] = finished * (made.end // 10)
    made.sprint_start[:] = [0, 10 * DAY]
    made.sprint_goal[:] = rng.random(made.sprint_goal.shape) < [0.8, 0.3]
    made.sprint_carry_over[:] = rng.integers(0, 2000, made.sprint_carry_over.shape)
    made.sprint_velocity[:] = rng.integers(2000, 5000, made.sprint_velocity.shape)
    make_up_the_rest(made, rng)
    return made


def share_out_the_chain(made: Outcomes) -> None:
    """Each task, person and gate on the chain has its part of the finish: a third, a quarter, a tenth."""
    made.common_factor[:] = 1 + made.task_effort[:, 0] / 10_000
    made.task_chain[:] = made.task_critical * (made.end[:, None] // 3)
    made.person_chain[:] = made.person_critical * (made.end[:, None] // 4)
    made.gate_chain[:] = 0


def make_up_the_rest(made: Outcomes, rng: np.random.Generator) -> None:
    """Contractors, departures, pools, equipment, risks; and a fifth of the cost at once, the rest month by month."""
    n = len(made.end)
    made.task_contractor[:] = 0
    made.person_left[:] = -1
    made.person_departed[:] = 0
    made.pool_worked[:] = made.end[:, None] * rng.uniform(0.5, 1.5, made.pool_worked.shape)
    made.pool_present[:] = made.end[:, None] * 2
    made.pool_critical[:] = rng.random(made.pool_critical.shape) < 0.3
    made.pool_chain[:] = made.pool_critical * (made.end[:, None] // 5)
    made.equipment_used[:] = made.end[:, None] * rng.uniform(0, 2, made.equipment_used.shape)
    made.risk_happened[:] = rng.random(made.risk_happened.shape) < 0.4
    running = np.minimum(made.end // (21 * DAY) + 1, made.cash.shape[1])  # months with costs
    each = (made.cost - made.cost // 5) // running
    made.cash[:] = np.where(np.arange(made.cash.shape[1]) < running[:, None], each[:, None], 0)
    made.cash[:, 0] += made.cost - made.cash.sum(axis=1)
    assert made.cash.shape == (n, N_MONTHS)


def a_run(
    finish: np.ndarray | None = None,
    outcome: np.ndarray | None = None,
    *,
    plan: StandInPlan | None = None,
    baseline: int = 100 * DAY,
    dice: int = 1,
    seed: int = 7,
    outcomes: Outcomes | None = None,
    pairs: tuple[Pair, ...] = (),
) -> xr.Dataset:
    """A Dataset of made-up trials; by default 2,000 of which 20 are censored and 10 stopped."""
    if finish is None:
        finish, outcome = made_up_finishes(2000, dice)
    plan = plan or a_plan()
    made = outcomes_of(finish, outcome, dice=dice, plan=plan) if outcomes is None else outcomes
    return to_dataset(
        plan,
        made,
        outcomes_of(np.array([baseline]), plan=plan),
        logic_of(made, baseline),
        pairs=pairs,
        seed=seed,
        engine="kernel",
        kernel_digest="0" * 64,
        versions=VERSIONS,
    )


def logic_of(made: Outcomes, baseline: int = 100 * DAY) -> LogicOnly:
    """The logic alone takes nine tenths of the time, and never fails to finish."""
    n = len(made.end)
    trials = Ends(made.end * 9 // 10, np.full(n, FINISHED, np.int8))
    return LogicOnly(trials, Ends(np.array([baseline * 9 // 10]), np.full(1, FINISHED, np.int8)))


def made_up_finishes(n: int, dice: int = 1, *, censored: int = 20, stopped: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Finishes around day 118 (deadline: day 118 ends on 2026-06-19), some not reached."""
    rng = np.random.default_rng(dice)
    finish = np.minimum((rng.lognormal(np.log(115), 0.15, n) * DAY).astype(np.int64), 250 * DAY)
    outcome = np.full(n, FINISHED, np.int8)
    outcome[:censored], outcome[censored : censored + stopped] = CENSORED, STOPPED
    finish[:censored] = 250 * DAY
    order = rng.permutation(n)
    return finish[order], outcome[order]


def a_measure(kind: Kind, found: Estimate) -> Measure:
    """A figure without a name or dates."""
    return Measure("", kind, *found, "")


def without(**changes: Any) -> StandInPlan:
    """A plan whose project says something else, e.g. ``deadline=None``."""
    return a_plan(replace(a_scenario(), project=replace(a_scenario().project, **changes)))
