"""Scenario to plan: each model lowers itself into its arrays."""

from __future__ import annotations

import dataclasses

from simrisk.models.absence import lower_absences
from simrisk.models.calendar import horizon_minute, lower_project
from simrisk.models.costs import budget_limit
from simrisk.models.cover import NEVER_OFFERED, CoverTable
from simrisk.models.gates import GateSlices, lower_criteria, lower_gates
from simrisk.models.leave import lower_blackout, lower_blocks, lower_leave
from simrisk.models.parts import lower_parts
from simrisk.models.people import RateTable, lower_people
from simrisk.models.quantities import WORDS, DrawBuilder, normal_table
from simrisk.models.slices import Slices, records
from simrisk.models.sprints import lower_sprints
from simrisk.models.tasks import TaskSlices, lower_tasks
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
    )


def lower(scenario: Scenario, calendar: WorkingCalendar) -> PlanArrays:
    """Return everything the engines read."""
    draws, rates, covers = DrawBuilder(), RateTable(scenario, calendar), CoverTable()
    own_covers = [covers.index(person.cover or scenario.cover or NEVER_OFFERED) for person in scenario.people]
    project = lower_project(scenario, calendar, draws)
    leave, leave_of = lower_leave(scenario, calendar)
    absences, absences_of = lower_absences(scenario, calendar, draws)
    parts, candidates, parts_of = lower_parts(scenario, draws, rates)
    of_tasks = TaskSlices(Slices(), Slices(), Slices(), Slices())
    of_gates = GateSlices(Slices(), Slices(), Slices())
    sprint_gates = Slices()
    criteria, criteria_of = lower_criteria(scenario)
    tasks = lower_tasks(scenario, calendar, covers, parts_of, of_tasks)
    sprints = lower_sprints(scenario, calendar, sprint_gates)
    gates = lower_gates(scenario, calendar, draws, criteria_of, of_gates)
    drawn, tables, step_ptr, step_words, step_values = draws.finish()
    return PlanArrays(
        project=project,
        people=lower_people(scenario, calendar, leave_of, absences_of, own_covers),
        rates=rates.finish(),
        leave=leave,
        absences=absences,
        blocks=lower_blocks(scenario, calendar),
        blackout=lower_blackout(scenario, calendar),
        tasks=tasks,
        task_parts=of_tasks.parts.finish(),
        task_prev=of_tasks.before.finish(),
        task_next=of_tasks.after.finish(),
        task_gates=of_tasks.gates.finish(),
        parts=parts,
        candidates=candidates,
        sprints=sprints,
        sprint_gates=sprint_gates.finish(),
        gates=gates,
        gate_requires=of_gates.requires.finish(),
        gate_tasks=of_gates.tasks.finish(),
        gate_drops=of_gates.drops.finish(),
        criteria=criteria,
        covers=covers.finish(),
        draws=drawn,
        tables=tables,
        step_ptr=step_ptr,
        step_words=step_words,
        step_values=step_values,
        normal=normal_table(),
    )


def baseline_plan(plan: Plan) -> Plan:
    """Return the plan of the trial without dice: nothing is uncertain, nobody absent, every gate goes at once."""
    arrays = plan.arrays
    project, people, draws, criteria = (
        table.copy() for table in (arrays.project, arrays.people, arrays.draws, arrays.criteria)
    )
    project.common = -1  # the factor is 1, whatever is likely
    people.n_absence = 0
    draws.table = EXACT
    draws.location = draws.planned
    draws.scale = 0.0
    criteria.chance = WORDS
    criteria.later = WORDS
    without_dice = arrays._replace(
        project=project,
        people=people,
        absences=records([], ABSENCE_KIND),
        blocks=records([], BLOCK),
        draws=draws,
        criteria=criteria,
    )
    return dataclasses.replace(plan, arrays=without_dice)
