"""The arrays that cross the door: record types, codes and the order of everything a kernel reads or writes.

Times are working minutes from the project's start (int64), work is counted in millionths of a minute
(int64), money in cents (int64), days are working days from the project's first (0). Index fields named ``*_ptr`` with
``n_*`` are slices ``[ptr : ptr + n]`` of the array named in the comment.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

NEVER = 1 << 60  # a time that does not come
MILLION = 1_000_000  # millionths in a minute of work

# Causes of a stretch of the driving chain, in the order that breaks ties (the later wins).
WORK, OVERRUN, BUSY, CALENDAR, LEAVE, ABSENCE, GATE, HANDOVER, HIRING, RISK = range(10)
CAUSES = ("work", "overrun", "busy", "calendar", "leave", "absence", "gate", "handover", "hiring", "risk")
N_CAUSES = 10

# How a trial ended.
FINISHED, CENSORED, STOPPED = range(3)
OUTCOMES = ("finished", "censored", "stopped")

# How a gate was passed.
UNDECIDED, GO, WAIVED, DESCOPED, STOP = range(5)
GATE_OUTCOMES = ("undecided", "go", "waived", "descoped", "stop")

# What a gate does when its reviews are used up.
PROCEED, DESCOPE, STOP_PROJECT = range(3)

# When a gate is due.
DUE_AT_ONCE, DUE_SPRINT, DUE_MINUTE = range(3)

# How a part is done.
ONE_PERSON, TOGETHER, ON_CLOCK, BY_POOL = range(4)

# What a task waits for in another one: the first two hold its start, the others its end.
FINISH_START, START_START, FINISH_FINISH, START_FINISH = range(4)

UNPAID, PAID_WORKED, PAID_EMPLOYED = range(3)

# How the words of a run's draws are made: each on its own, or stratified in blocks of so many trials, see random.py.
INDEPENDENT, STRATA = 0, 256

EXACT = -1  # DRAW.table of a quantity without uncertainty; tables below EXACT are steps number -2 - table

# How a word becomes the value of a shape: through its normal score, u itself, in closed form, by a table over octaves.
BY_SCORE, UNIFORM, TRIANGULAR, BY_OCTAVE = range(4)

PROJECT = np.dtype(
    [
        ("day_minutes", np.int64),
        ("horizon", np.int64),  # the last minute that counts
        ("n_days", np.int64),  # working days, the one in which the horizon lies included
        ("n_tasks", np.int64),  # without the rework of gates
        ("ceremony", np.int64),  # minutes of ceremonies at the start of each sprint
        ("pull", np.int64),  # 1: later sprints' tasks may be started early
        ("max_off", np.int64),  # people on leave together at most, for random leave; NEVER: no rule
        ("common", np.int64),  # draw: the common factor; -1: none
        ("status", np.int64),  # minute from which on the trial is simulated; 0: the start
        ("head_unit", np.int64),  # heads of pools are counted in so many parts of a head
        ("cost_once", np.int64),  # cents
        ("cost_whole", np.int64),  # cents per minute until the end: whole ones ...
        ("cost_num", np.int64),  # ... and a fraction below 1
        ("cost_den", np.int64),
        ("strata", np.int64),  # INDEPENDENT or STRATA
        ("planned_end", np.int64),  # end of the trial without dice; absence until then is counted on its own
    ],
    align=True,
)

PERSON = np.dtype(
    [
        ("start", np.int64),  # first minute of employment, may be negative; -NEVER: since ever
        ("end", np.int64),  # minute at which employment is over; NEVER: open
        ("start_day", np.int64),  # working day on which employment began (ramp day 0); may be negative
        ("ramp_days", np.int64),  # rates[person, :, ramp_days] is the full rate
        ("cover", np.int64),  # covers: own policy, else the default's, else one of never
        ("paid", np.int64),
        ("pay_whole", np.int64),  # cents per minute of clock, fte included: whole ones ...
        ("pay_num", np.int64),  # ... and a fraction below 1
        ("pay_den", np.int64),
        ("leave_ptr", np.int64),  # leave
        ("n_leave", np.int64),
        ("absence_ptr", np.int64),  # absences
        ("n_absence", np.int64),
        ("departure", np.int64),  # draw: minutes of presence until notice is given; -1: none
        ("notice", np.int64),  # draw: minutes
        ("replace", np.int64),  # draw: minutes from leaving to the arrival of the replacement; -1: nobody comes
        (
            "replace_ptr",
            np.int64,
        ),  # rates[person, :, replace_ptr + k] is the rate on day k of the replacement's ramp ...
        ("replace_days", np.int64),  # ... of so many days; the one behind it is the full rate
        ("absent_first", np.int64),  # working days on which they are absent in every trial: from this one ...
        ("absent_end", np.int64),  # ... to the one before this; equal: none
    ],
    align=True,
)

ABSENCE_KIND = np.dtype(
    [
        ("gap", np.int64),  # draw: minutes of presence from one spell to the next firing; index = spell
        ("duration", np.int64),  # draw: minutes; index = spell
    ],
    align=True,
)

BLOCK = np.dtype(  # one block of random leave, in the order in which they are placed
    [
        ("person", np.int64),
        ("hash", np.uint64),  # stream
        ("index", np.int64),  # of the draw in the stream
        ("first_day", np.int64),  # the first day it may be drawn to begin on
        ("n_starts", np.int64),  # so many days from first_day on are equally likely; >= 1
        ("length", np.int64),  # working days, >= 1
        ("limit_day", np.int64),  # it must end before this day, else it is not taken
    ],
    align=True,
)

TASK = np.dtype(  # tasks in the order of the file, then one record per gate: its rework
    [
        ("sprint", np.int64),  # 0-based; -1: none
        ("not_before", np.int64),  # minute, 0: no earliest date
        ("optional", np.int64),
        ("cover", np.int64),  # covers: the task's own policy; -1: the person's
        ("gate", np.int64),  # the gate whose rework this is; -1: an ordinary task
        ("part_ptr", np.int64),  # task_parts
        ("n_parts", np.int64),
        ("link_ptr", np.int64),  # links: what it waits for
        ("n_links", np.int64),
        ("out_ptr", np.int64),  # task_out: links of which it is the predecessor
        ("n_out", np.int64),
        ("gate_ptr", np.int64),  # task_gates: gates that must have passed
        ("n_gates", np.int64),
        ("skill_ptr", np.int64),  # task_skills
        ("n_skills", np.int64),
        ("use_ptr", np.int64),  # uses
        ("n_uses", np.int64),
        ("risk_ptr", np.int64),  # task_risks: risks that affect it
        ("n_risks", np.int64),
        ("raise_ptr", np.int64),  # raises
        ("n_raises", np.int64),
        ("finished", np.int64),  # minute at which it was finished before the trial; -1: it was not
    ],
    align=True,
)

LINK = np.dtype(  # in the order of the successors, for each in the order of the predecessors
    [
        ("before", np.int64),  # task
        ("after", np.int64),  # task
        ("kind", np.int64),
        ("lag", np.int64),  # draw: minutes, may be negative; -1: none
    ],
    align=True,
)

USE = np.dtype(
    [
        ("equipment", np.int64),
        ("units", np.int64),
    ],
    align=True,
)

RAISE = np.dtype(
    [
        ("person", np.int64),
        ("skill", np.int64),
        ("level", np.int64),
    ],
    align=True,
)

EQUIPMENT = np.dtype(
    [
        ("units", np.int64),
        ("pay_whole", np.int64),  # cents per minute until the end, all units: whole ones ...
        ("pay_num", np.int64),  # ... and a fraction below 1
        ("pay_den", np.int64),
    ],
    align=True,
)

POOL = np.dtype(
    [
        ("piece_ptr", np.int64),  # pieces
        ("n_pieces", np.int64),
        ("paid", np.int64),
        ("pay_whole", np.int64),  # cents per minute and unit of a head: whole ones ...
        ("pay_num", np.int64),  # ... and a fraction below 1
        ("pay_den", np.int64),
        ("ramp_days", np.int64),  # pool_rates[pool, ramp_days] is the full rate
    ],
    align=True,
)

PIECE = np.dtype(  # heads of a pool that come and go together
    [
        ("heads", np.int64),  # units of a head; not "size", which every record has of its own
        ("start", np.int64),  # minute at which they are planned to come; may be negative
        ("end", np.int64),  # minute at which they go; NEVER
        ("delay", np.int64),  # draw: minutes by which they slip; -1: not
        ("ramps", np.int64),  # 1: they ramp up
    ],
    align=True,
)

RISK_RECORD = np.dtype(
    [
        ("hash", np.uint64),  # stream
        ("chance", np.int64),  # happens when the draw's 32-bit word is below this
        ("factor", np.int64),  # draw; -1: none
        ("delay", np.int64),  # draw: minutes; -1: none
        ("cost", np.int64),  # cents
        ("n_affects", np.int64),  # tasks it affects
        ("away_ptr", np.int64),  # risk_away
        ("n_away", np.int64),
    ],
    align=True,
)

RISK_AWAY = np.dtype(
    [
        ("person", np.int64),
        ("draw", np.int64),  # minutes
    ],
    align=True,
)

CHARGE = np.dtype(
    [
        ("first", np.int64),  # minute; money once is owed when the trial goes on after it
        ("end", np.int64),  # minute; NEVER
        ("once", np.int64),  # cents
        ("pay_whole", np.int64),  # cents per minute between the two, at most until the end of the trial ...
        ("pay_num", np.int64),
        ("pay_den", np.int64),
    ],
    align=True,
)

PART = np.dtype(  # in allocation order: rework first
    [
        ("task", np.int64),
        ("kind", np.int64),  # ONE_PERSON or TOGETHER
        ("cand_ptr", np.int64),  # candidates: those planned, then the backups in the order they are asked
        (
            "n_planned",
            np.int64,
        ),  # ONE_PERSON: any one of these does it; TOGETHER and ON_CLOCK: all of these, one slot each
        ("n_cand", np.int64),
        ("slot_ptr", np.int64),  # first slot; ONE_PERSON has one, TOGETHER and ON_CLOCK n_planned, BY_POOL none
        ("n_slots", np.int64),
        ("pool", np.int64),  # BY_POOL; else -1
        ("max_heads", np.int64),  # BY_POOL: units of a head that work on it at most; NEVER: no limit
        ("contractor", np.uint64),  # stream of a contractor's lead time; index = call
        ("done", np.int64),  # minutes to take off the draw
        ("draw", np.int64),  # minutes of effort, ON_CLOCK: of duration; rework: index = review
        ("share", np.int64),  # this is number `share` ...
        ("n_shares", np.int64),  # ... of so many equal parts of the draw
    ],
    align=True,
)

CANDIDATE = np.dtype(
    [
        ("person", np.int64),  # what they can do: abilities
    ],
    align=True,
)

SPRINT = np.dtype(
    [
        ("planned", np.int64),  # minute of the planned start
        ("length", np.int64),  # minutes from start to end
        ("gate_ptr", np.int64),  # sprint_gates: gates that block it
        ("n_gates", np.int64),
    ],
    align=True,
)

GATE_RECORD = np.dtype(
    [
        ("due_kind", np.int64),
        ("due", np.int64),  # 0-based sprint or minute
        ("review", np.int64),  # draw: minutes; index = review
        ("extend", np.int64),  # draw: minutes; index = review
        ("has_no_go", np.int64),
        ("max_extensions", np.int64),
        ("then", np.int64),
        ("passed", np.int64),  # minute at which it passed before the trial; -1: it did not
        ("rework", np.int64),  # tasks: the record of its rework
        ("criterion_ptr", np.int64),  # criteria
        ("n_criteria", np.int64),
        ("require_ptr", np.int64),  # gate_requires
        ("n_requires", np.int64),
        ("task_ptr", np.int64),  # gate_tasks: tasks that wait for this gate (inverse of task_gates)
        ("n_tasks", np.int64),
        ("drop_ptr", np.int64),  # gate_drops: tasks that a descope drops
        ("n_drops", np.int64),  # -1: the optional tasks not begun
    ],
    align=True,
)

CRITERION = np.dtype(
    [
        ("hash", np.uint64),  # stream; index = review
        ("chance", np.int64),  # passes when the draw's 32-bit word is below this; 2**32: always
        ("later", np.int64),  # the same at every later review
    ],
    align=True,
)

COVER = np.dtype(
    [
        ("after", np.int64),  # minutes away; NEVER: the work waits
        ("cost", np.int64),  # millionths of a minute of effort per change of hands
        ("contractor_after", np.int64),  # minutes away; NEVER
        ("lead", np.int64),  # draw whose shape is the lead time, on the part's own stream; -1
        ("pay_whole", np.int64),  # cents per minute of a contractor ...
        ("pay_num", np.int64),
        ("pay_den", np.int64),
        ("descope_after", np.int64),  # minutes away; NEVER
        ("drop_ptr", np.int64),  # cover_drops
        ("n_drops", np.int64),  # -1: the optional tasks not begun
    ],
    align=True,
)

DRAW = np.dtype(
    [
        ("hash", np.uint64),  # stream
        ("table", np.int64),  # EXACT, a table (>= 0) or a step function (< EXACT)
        ("kind", np.int64),  # how a word becomes the value of a quantity with a table, unless correlated
        ("location", np.float64),
        ("scale", np.float64),  # value = location + scale * value of the shape
        ("planned", np.float64),  # without dice
        ("row", np.int64),  # of its score: score_ptr; -1: not correlated
    ],
    align=True,
)


class PlanArrays(NamedTuple):
    """Everything a kernel reads. Record arrays are `numpy.recarray`, C-contiguous and writeable."""

    project: np.recarray  # (1,) PROJECT
    people: np.recarray  # (n_people,) PERSON
    rates: np.ndarray  # (n_people, n_efficiencies, days of ramps) int64, millionths of work per minute
    levels: np.ndarray  # (n_people, n_skills) int64: skill levels at the start
    leave: np.ndarray  # (n, 2) int64: [first day, day after the last), ascending per person, not touching
    absences: np.recarray  # (n,) ABSENCE_KIND
    blocks: np.recarray  # (n,) BLOCK
    blackout: np.ndarray  # (n_days,) uint8, 1: no random leave
    tasks: np.recarray  # (n_tasks + n_gates,) TASK
    task_parts: np.ndarray  # int64, parts of each task in the order of the file
    task_out: np.ndarray  # int64
    task_gates: np.ndarray  # int64
    task_skills: np.ndarray  # int64
    task_risks: np.ndarray  # int64
    links: np.recarray  # LINK
    uses: np.recarray  # USE
    raises: np.recarray  # RAISE
    parts: np.recarray  # (n_parts,) PART
    contractor_rates: np.ndarray  # (n_parts, n_covers) int64: millionths of work per minute; -1: none for this part
    candidates: np.recarray  # CANDIDATE
    abilities: np.ndarray  # (n_candidates, n_levels) int64: index into rates[person] by lowest level; -1: not asked
    pools: np.recarray  # (n_pools,) POOL
    pieces: np.recarray  # PIECE
    pool_rates: np.ndarray  # (n_pools, longest ramp + 1) int64: millionths of work per minute and head
    equipment: np.recarray  # (n_equipment,) EQUIPMENT
    risks: np.recarray  # (n_risks,) RISK_RECORD
    risk_away: np.recarray  # RISK_AWAY
    charges: np.recarray  # CHARGE
    months: np.ndarray  # (n_months,) int64: the minute at which each calendar month ends, the last beyond the horizon
    sprints: np.recarray  # (n_sprints,) SPRINT
    sprint_gates: np.ndarray  # int64
    gates: np.recarray  # (n_gates,) GATE_RECORD
    gate_requires: np.ndarray  # int64
    gate_tasks: np.ndarray  # int64
    gate_drops: np.ndarray  # int64
    criteria: np.recarray  # CRITERION
    covers: np.recarray  # COVER
    cover_drops: np.ndarray  # int64
    draws: np.recarray  # DRAW
    tables: np.ndarray  # (n_tables, N_CELLS, 4) float64, see quantile.py
    step_ptr: np.ndarray  # (n_steps + 1,) int64 into the two below
    step_words: np.ndarray  # int64: the value holds for words below this
    step_values: np.ndarray  # float64
    step_scores: np.ndarray  # float64: the value holds for standard normal scores below this
    score_ptr: np.ndarray  # (k + 1,) int64 into the two below; score = sum of loadings * independent scores
    loadings: np.ndarray  # float64
    score_draws: np.ndarray  # int64: the draw whose independent score it is, ascending rows
    normal: np.ndarray  # (N_OCTAVES, N_OCTAVE_CELLS, 4) float64: uniform -> standard normal
    octaves: np.ndarray  # (n_tables, N_TERMS, 32) float32: uniform -> value of the shape, see quantile.py


# Name, dtype and number of dimensions of every array of a plan.
PLAN_SPEC: dict[str, tuple[np.dtype, int]] = {
    "project": (PROJECT, 1),
    "people": (PERSON, 1),
    "rates": (np.dtype(np.int64), 3),
    "levels": (np.dtype(np.int64), 2),
    "leave": (np.dtype(np.int64), 2),
    "absences": (ABSENCE_KIND, 1),
    "blocks": (BLOCK, 1),
    "blackout": (np.dtype(np.uint8), 1),
    "tasks": (TASK, 1),
    "task_parts": (np.dtype(np.int64), 1),
    "task_out": (np.dtype(np.int64), 1),
    "task_gates": (np.dtype(np.int64), 1),
    "task_skills": (np.dtype(np.int64), 1),
    "task_risks": (np.dtype(np.int64), 1),
    "links": (LINK, 1),
    "uses": (USE, 1),
    "raises": (RAISE, 1),
    "parts": (PART, 1),
    "contractor_rates": (np.dtype(np.int64), 2),
    "candidates": (CANDIDATE, 1),
    "abilities": (np.dtype(np.int64), 2),
    "pools": (POOL, 1),
    "pieces": (PIECE, 1),
    "pool_rates": (np.dtype(np.int64), 2),
    "equipment": (EQUIPMENT, 1),
    "risks": (RISK_RECORD, 1),
    "risk_away": (RISK_AWAY, 1),
    "charges": (CHARGE, 1),
    "months": (np.dtype(np.int64), 1),
    "sprints": (SPRINT, 1),
    "sprint_gates": (np.dtype(np.int64), 1),
    "gates": (GATE_RECORD, 1),
    "gate_requires": (np.dtype(np.int64), 1),
    "gate_tasks": (np.dtype(np.int64), 1),
    "gate_drops": (np.dtype(np.int64), 1),
    "criteria": (CRITERION, 1),
    "covers": (COVER, 1),
    "cover_drops": (np.dtype(np.int64), 1),
    "draws": (DRAW, 1),
    "tables": (np.dtype(np.float64), 3),
    "step_ptr": (np.dtype(np.int64), 1),
    "step_words": (np.dtype(np.int64), 1),
    "step_values": (np.dtype(np.float64), 1),
    "step_scores": (np.dtype(np.float64), 1),
    "score_ptr": (np.dtype(np.int64), 1),
    "loadings": (np.dtype(np.float64), 1),
    "score_draws": (np.dtype(np.int64), 1),
    "normal": (np.dtype(np.float64), 3),
    "octaves": (np.dtype(np.float32), 3),
}


def n_words(n: int) -> int:
    """Return how many words hold `n` bits and one more, so that a search for a gap ends."""
    return n // 64 + 1


def words_of(arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return where each array lies, and its shape: what `bundle.open_plan` and its like make a bundle of.

    Returns
    -------
    (n_words,) int64
        Whoever uses it has to keep the arrays.
    """
    return np.array([word for array in arrays for word in (array.ctypes.data, *array.shape)], np.int64)


class Outcomes(NamedTuple):
    """Everything a kernel writes, one row a trial. -1 stands for "did not happen"."""

    end: np.ndarray  # (n,) int64: minute of the finish, the stop or the horizon
    outcome: np.ndarray  # (n,) int8: FINISHED, CENSORED, STOPPED
    cost: np.ndarray  # (n,) int64 cents until the end
    chain: np.ndarray  # (n, N_CAUSES) int32 minutes; 0 unless finished
    common_factor: np.ndarray  # (n,) float64: drawn for all effort; 1 when there is none
    task_start: np.ndarray  # (n, n_tasks) int32
    task_finish: np.ndarray  # (n, n_tasks) int32
    task_effort: np.ndarray  # (n, n_tasks) int32: minutes drawn, all parts: effort, or the duration; progress taken off
    task_handovers: np.ndarray  # (n, n_tasks) int16: changes of hands
    task_dropped: np.ndarray  # (n, n_tasks) uint8
    task_critical: np.ndarray  # (n, n_tasks) uint8: on the driving chain
    task_chain: np.ndarray  # (n, n_tasks) int32: minutes of the chain that are this task's, delays of risks included
    task_contractor: np.ndarray  # (n, n_tasks) uint8: a contractor took a part of it
    person_worked: np.ndarray  # (n, n_people) int32: minutes of clock on tasks and rework until the end
    person_ceremony: np.ndarray  # (n, n_people) int32
    person_leave: np.ndarray  # (n, n_people) int32
    person_absence: np.ndarray  # (n, n_people) int32
    person_absence_planned: np.ndarray  # (n, n_people) int32: the same until `planned_end`
    person_departed: np.ndarray  # (n, n_people) int32: minutes between leaving and the replacement, until the end
    person_left: np.ndarray  # (n, n_people) int32: minute at which they left by a departure
    person_critical: np.ndarray  # (n, n_people) uint8
    person_chain: np.ndarray  # (n, n_people) int32: minutes of the chain in parts they had a hand in
    pool_worked: np.ndarray  # (n, n_pools) int64: minutes of heads on tasks until the end, rounded half up
    pool_present: np.ndarray  # (n, n_pools) int64: minutes of heads there until the end, rounded half up
    pool_critical: np.ndarray  # (n, n_pools) uint8
    pool_chain: np.ndarray  # (n, n_pools) int32: minutes of the chain in its parts
    equipment_used: np.ndarray  # (n, n_equipment) int64: minutes of units held until the end
    risk_happened: np.ndarray  # (n, n_risks) uint8
    gate_attempts: np.ndarray  # (n, n_gates) int16: reviews decided
    gate_first: np.ndarray  # (n, n_gates) int32: start of the first review
    gate_finish: np.ndarray  # (n, n_gates) int32: end of the last review decided when the gate passed or stopped
    gate_outcome: np.ndarray  # (n, n_gates) int8
    gate_critical: np.ndarray  # (n, n_gates) uint8
    gate_chain: np.ndarray  # (n, n_gates) int32: minutes of the chain from its first review to its passing
    sprint_start: np.ndarray  # (n, n_sprints) int32
    sprint_goal: np.ndarray  # (n, n_sprints) uint8
    sprint_carry_over: np.ndarray  # (n, n_sprints) int64: minutes of effort left at its end, of its and earlier tasks
    sprint_velocity: np.ndarray  # (n, n_sprints) int64: minutes of effort done on tasks while it ran
    cash: np.ndarray  # (n, n_months) int64: cents spent in each calendar month until the end


def new_outcomes(n: int, plan: PlanArrays) -> Outcomes:
    """Allocate outcomes for `n` trials of a plan; the kernel fills every element."""
    tasks, people, gates = (n, int(plan.project[0].n_tasks)), (n, len(plan.people)), (n, len(plan.gates))
    sprints, pools = (n, len(plan.sprints)), (n, len(plan.pools))
    return Outcomes(
        end=np.empty(n, np.int64),
        outcome=np.empty(n, np.int8),
        cost=np.empty(n, np.int64),
        chain=np.empty((n, N_CAUSES), np.int32),
        common_factor=np.empty(n, np.float64),
        task_start=np.empty(tasks, np.int32),
        task_finish=np.empty(tasks, np.int32),
        task_effort=np.empty(tasks, np.int32),
        task_handovers=np.empty(tasks, np.int16),
        task_dropped=np.empty(tasks, np.uint8),
        task_critical=np.empty(tasks, np.uint8),
        task_chain=np.empty(tasks, np.int32),
        task_contractor=np.empty(tasks, np.uint8),
        person_worked=np.empty(people, np.int32),
        person_ceremony=np.empty(people, np.int32),
        person_leave=np.empty(people, np.int32),
        person_absence=np.empty(people, np.int32),
        person_absence_planned=np.empty(people, np.int32),
        person_departed=np.empty(people, np.int32),
        person_left=np.empty(people, np.int32),
        person_critical=np.empty(people, np.uint8),
        person_chain=np.empty(people, np.int32),
        pool_worked=np.empty(pools, np.int64),
        pool_present=np.empty(pools, np.int64),
        pool_critical=np.empty(pools, np.uint8),
        pool_chain=np.empty(pools, np.int32),
        equipment_used=np.empty((n, len(plan.equipment)), np.int64),
        risk_happened=np.empty((n, len(plan.risks)), np.uint8),
        gate_attempts=np.empty(gates, np.int16),
        gate_first=np.empty(gates, np.int32),
        gate_finish=np.empty(gates, np.int32),
        gate_outcome=np.empty(gates, np.int8),
        gate_critical=np.empty(gates, np.uint8),
        gate_chain=np.empty(gates, np.int32),
        sprint_start=np.empty(sprints, np.int32),
        sprint_goal=np.empty(sprints, np.uint8),
        sprint_carry_over=np.empty(sprints, np.int64),
        sprint_velocity=np.empty(sprints, np.int64),
        cash=np.empty((n, len(plan.months)), np.int64),
    )
