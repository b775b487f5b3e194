"""Scenario to plan: each model lowers itself into its arrays."""

from __future__ import annotations

import dataclasses

from simrisk.models.absence import lower_absences
from simrisk.models.calendar import horizon_minute, lower_project
from simrisk.models.cash import lower_charges, month_ends, paid_once
from simrisk.models.contractors import contractor_rates
from simrisk.models.correlation import lower_correlation
from simrisk.models.costs import budget_limit
from simrisk.models.cover import NEVER_OFFERED, CoverTable
from simrisk.models.equipment import lower_equipment, lower_uses
from simrisk.models.gates import GateSlices, lower_criteria, lower_gates
from simrisk.models.leave import lower_blackout, lower_blocks, lower_leave
from simrisk.models.links import lower_links
from simrisk.models.people import RateTable, lower_people
from simrisk.models.pieces import lower_parts
from simrisk.models.pools import head_unit, lower_pools
from simrisk.models.quantities import WORDS, DrawBuilder, normal_table
from simrisk.models.risks import lower_risks
from simrisk.models.skills import SkillTable
from simrisk.models.slices import Slices, records
from simrisk.models.sprints import lower_sprints
from simrisk.models.tasks import OfTasks, TaskSlices, lower_tasks
from simrisk.plan import Plan
from simrisk.scenario.cadence import calendar_of
from simrisk.scenario.model import Scenario
from simrisk.scenario.units import WorkingCalendar
from simrisk_kernels.layout import ABSENCE_KIND, BLOCK, EXACT, PlanArrays


def compile_plan(scenario: Scenario) -> Plan:
    """Return the plan of a loaded scenario."""
    calendar = calendar_of(scenario.project)
    deadline = scenario.project.deadline
    return Plan(
        arrays=lower(scenario, calendar),
        scenario=scenario,
        calendar=calendar,
        task_ids=tuple(task.id for task in scenario.tasks),
        person_ids=tuple(person.id for person in scenario.people),
        gate_ids=tuple(gate.id for gate in scenario.gates),
        sprint_names=scenario.sprints.names if scenario.sprints else (),
        day_minutes=calendar.day_minutes,
        horizon=horizon_minute(scenario, calendar),
        deadline=None if deadline is None else calendar.end_of(deadline),
        budget_limit=budget_limit(scenario),
        pool_ids=tuple(pool.id for pool in scenario.pools),
        equipment_ids=tuple(kind.id for kind in scenario.equipment),
        risk_ids=tuple(risk.id for risk in scenario.risks),
    )


def lower(scenario: Scenario, calendar: WorkingCalendar) -> PlanArrays:
    """Return everything the engines read."""
    draws, rates, covers, skills = DrawBuilder(), RateTable(scenario, calendar), CoverTable(), SkillTable(scenario)
    own_covers = [covers.index(person.cover or scenario.cover or NEVER_OFFERED) for person in scenario.people]
    once = paid_once(scenario, calendar)
    project = lower_project(scenario, calendar, draws, head_unit=head_unit(scenario), paid_once=once)
    leave, leave_of = lower_leave(scenario, calendar)
    absences, absences_of = lower_absences(scenario, calendar, draws)
    parts = lower_parts(scenario, draws, rates, skills)
    links, links_of, out_of = lower_links(scenario, draws)
    uses, uses_of = lower_uses(scenario)
    raises, raises_of = skills.raises()
    of_tasks = TaskSlices(Slices(), Slices(), Slices(), Slices(), Slices())
    of_gates = GateSlices(Slices(), Slices(), Slices())
    sprint_gates = Slices()
    criteria, criteria_of = lower_criteria(scenario)
    lists = OfTasks(parts.of, links_of, out_of, uses_of, raises_of)
    tasks = lower_tasks(scenario, calendar, covers, skills, lists, of_tasks)
    sprints = lower_sprints(scenario, calendar, sprint_gates)
    gates = lower_gates(scenario, calendar, draws, criteria_of, of_gates)
    risks, risk_away = lower_risks(scenario, draws)
    people = lower_people(scenario, calendar, draws, leave_of, absences_of, own_covers)
    pools, pieces, pool_rates = lower_pools(scenario, calendar, draws)
    policies, cover_drops = covers.finish(scenario, draws)
    scores = lower_correlation(scenario, draws)
    quantities = draws.finish()
    return PlanArrays(
        project=project,
        people=people,
        rates=rates.finish(),
        levels=skills.levels(),
        leave=leave,
        absences=absences,
        blocks=lower_blocks(scenario, calendar),
        blackout=lower_blackout(scenario, calendar),
        tasks=tasks,
        task_parts=of_tasks.parts.finish(),
        task_out=of_tasks.out.finish(),
        task_gates=of_tasks.gates.finish(),
        task_skills=of_tasks.skills.finish(),
        task_risks=of_tasks.risks.finish(),
        links=links,
        uses=uses,
        raises=raises,
        parts=parts.records,
        contractor_rates=contractor_rates(scenario, parts.pieces, covers.contractors),
        candidates=parts.candidates,
        abilities=parts.abilities,
        pools=pools,
        pieces=pieces,
        pool_rates=pool_rates,
        equipment=lower_equipment(scenario),
        risks=risks,
        risk_away=risk_away,
        charges=lower_charges(scenario, calendar),
        months=month_ends(scenario, calendar),
        sprints=sprints,
        sprint_gates=sprint_gates.finish(),
        gates=gates,
        gate_requires=of_gates.requires.finish(),
        gate_tasks=of_gates.tasks.finish(),
        gate_drops=of_gates.drops.finish(),
        criteria=criteria,
        covers=policies,
        cover_drops=cover_drops,
        **quantities,
        **scores,
        normal=normal_table(),
    )


def planned_until(plan: Plan, minute: int) -> Plan:
    """Return the plan with this as its planned end, until which absence is counted on its own.

    How long somebody is absent until a trial ends depends on when it ends; until a fixed minute it depends on chance.
    """
    project = plan.arrays.project.copy()
    project.planned_end = minute
    return dataclasses.replace(plan, arrays=plan.arrays._replace(project=project))


def baseline_plan(plan: Plan) -> Plan:
    """Return the plan of the trial without dice: nothing is uncertain, nobody absent, no risk happens, gates go."""
    arrays = plan.arrays
    project, people, pieces, draws = (
        table.copy() for table in (arrays.project, arrays.people, arrays.pieces, arrays.draws)
    )
    criteria, risks = arrays.criteria.copy(), arrays.risks.copy()
    project.common = -1  # the factor is 1, whatever is likely
    people.n_absence = 0
    people.absent_first, people.absent_end = 0, 0
    people.departure = -1
    pieces.delay = -1
    draws.table = EXACT
    draws.location = draws.planned
    draws.scale = 0.0
    draws.row = -1
    criteria.chance = WORDS
    criteria.later = WORDS
    risks.chance = 0
    without_dice = arrays._replace(
        project=project,
        people=people,
        pieces=pieces,
        absences=records([], ABSENCE_KIND),
        blocks=records([], BLOCK),
        draws=draws,
        criteria=criteria,
        risks=risks,
        score_ptr=arrays.score_ptr[:1].copy(),
        loadings=arrays.loadings[:0].copy(),
        score_draws=arrays.score_draws[:0].copy(),
    )
    return dataclasses.replace(plan, arrays=without_dice)
