"""What changes during a trial: the workspace of one thread, allocated once and reset for every trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simrisk_kernels.layout import N_CAUSES, NEVER, PlanArrays, n_words
from simrisk_kernels.room import moved_together
from simrisk_kernels.score_layout import score_rooms

# What a person does on a day.
PRESENT, ON_LEAVE, ABSENT, NOT_EMPLOYED, DEPARTED, TAKEN = (np.int64(status) for status in range(6))
N_STATUSES = 6

# How far a part is.
DORMANT, READY, BEGUN, DONE = range(4)

# How a task was dropped.
BY_GATE, BY_POLICY = np.int64(1), np.int64(2)

BLOCK_TRIALS = 64  # trials whose first values are drawn together

SPELLS = 4  # of each kind of absence that are drawn so, too

CONTRACTOR = -2  # the owner of a slot that a contractor has

# How far a gate is.
PENDING, IN_REVIEW, PASSED = range(3)

CLOCK = np.dtype(
    [
        ("now", np.int64),
        ("today", np.int64),  # working day of `now`
        ("trial", np.int64),
        ("prepared", np.int64),  # 1: what all trials share is there, for this seed
        ("seed", np.uint64),
        ("per_minute", np.uint64),  # days in a minute, times 2**64: what `days.day_of` needs
        ("block", np.int64),  # number of the block of trials in `values`; -1: none
        ("common", np.float64),
        ("n_queued", np.int64),  # links in `queue`
        ("n_moved", np.int64),  # tasks in `moved`
        ("n_started", np.int64),  # tasks in `started`
        ("tasks_left", np.int64),
        ("gates_left", np.int64),
        ("done", np.int64),  # millionths done on ordinary tasks so far
        ("ceremony_end", np.int64),  # next minute in which somebody's ceremony ends; NEVER
        ("next_person", np.int64),  # next minute in which somebody's status changes
        ("sent_away", np.int64),  # the last minute of which step 4 is over
        ("away_moves", np.int64),  # 1: who is away, and matters, is not as it was
        ("next_dated", np.int64),  # next minute in which something is due that is planned; 0: to be found
        ("next_due", np.int64),  # next minute in which a part is due
        ("next_gate", np.int64),  # next minute at which a review begins or ends by the clock alone
        ("gates_stir", np.int64),  # 1: what a gate waits for may have come in this minute
        ("parts_spent", np.int64),  # 1: a part was begun of which nothing is left to do
        ("next_threshold", np.int64),  # next minute in which somebody has been away for as long as a policy says
        ("next_call", np.int64),  # next minute in which a contractor arrives
        ("pools_since", np.int64),  # minute up to which heads' presence is counted
        ("next_date", np.int64),  # next earliest date of a task, end of a lag or of a risk's delay
        ("n_dates", np.int64),  # in the heap of dates
        ("next_pool", np.int64),  # next minute in which heads of a pool come or go
        ("month", np.int64),  # the calendar month
        ("monthly", np.int64),  # 1: what is spent by the end of a month is counted when it comes
        ("next_month", np.int64),  # the end of the month; NEVER where it is known ahead what has been spent by then
        ("contractors", np.int64),  # 1: some policy calls contractors
        ("thresholds", np.int64),  # in `afters`
        ("descopes", np.int64),  # 1: some policy drops tasks
        ("next_sprint", np.int64),  # the sprint that opens next
        ("opens", np.int64),  # when it opens; NEVER while a gate is pending
        ("ending", np.int64),  # the sprint that ends next
        ("ends", np.int64),  # when it ends; NEVER while it has not opened
        ("stopped", np.int64),
    ],
    align=True,
)

PERSON_STATE = np.dtype(
    [
        ("status", np.int64),  # PRESENT ...
        ("changes", np.int64),  # minute at which the status changes next, they leave or are replaced
        ("since", np.int64),  # minute up to which their time is counted
        ("frontier", np.int64),  # spells that fire before this day are placed
        ("presence", np.int64),  # minutes of presence before it
        ("notice", np.int64),  # presence minute at which they give notice; NEVER
        ("next_firing", np.int64),  # presence minute of what fires next
        ("away_since", np.int64),  # NEVER: not away
        ("known_until", np.int64),  # on leave: its end
        ("ceremony_until", np.int64),
        ("held", np.int64),  # ordinary part; -1
        ("urgent", np.int64),  # rework part; -1
        ("leaves_at", np.int64),  # minute of leaving by a departure; -1: no notice has been given; NEVER: of no effect
        ("left_at", np.int64),  # the same once it has come; -1
        ("rejoined", np.int64),  # minute of the replacement's arrival; NEVER
        ("worked", np.int64),
        ("ceremony", np.int64),
        ("leave", np.int64),
        ("absence", np.int64),
        ("absence_planned", np.int64),  # of it until the planned end
        ("departed", np.int64),
    ],
    align=True,
)

TASK_STATE = np.dtype(
    [
        ("waits", np.int64),  # links that hold its start, sprint, date and gates still to come
        ("end_waits", np.int64),  # links that hold its end
        ("parts_left", np.int64),
        ("ready", np.int64),  # minute in which its conditions were satisfied
        ("released", np.int64),  # minute in which it became ready; later by delays of risks; NEVER
        ("start", np.int64),
        ("begun", np.int64),  # 1: it has started other than by being dropped
        ("first_part", np.int64),  # the part taken first; -1
        ("start_label", np.int64),  # of its last minute before the start
        ("finish", np.int64),
        ("end_link", np.int64),  # the link that held its end last; -1
        ("end_label", np.int64),  # of its last minute
        ("dropped", np.int64),  # 0, BY_GATE or BY_POLICY
        ("dropped_by", np.int64),  # gate or part
        ("effort", np.int64),
        ("handovers", np.int64),
        ("contractor", np.int64),
        ("critical", np.int64),
        ("awaited", np.int64),  # 1: a gate that could be reviewed otherwise has found it unfinished
    ],
    align=True,
)

PART_STATE = np.dtype(
    [
        ("state", np.int64),
        ("left", np.int64),  # millionths
        ("handover_mark", np.int64),  # while more than this is left, the handover is being paid
        ("overrun_mark", np.int64),  # at or below this, more than the plan has been done
        ("rate", np.int64),  # millionths per minute from `since` on; -1: nobody works on it
        ("since", np.int64),  # minute up to which work and waiting are counted
        ("waits_for", np.int64),  # label of the minutes from `since` on, while nobody works on it
        ("finish", np.int64),
        ("label", np.int64),  # of the last minute
        ("heads", np.int64),  # units of a head of its pool that are on it
        ("call", np.int64),  # minute at which a contractor called for it arrives; NEVER
        ("n_calls", np.int64),
        ("contract", np.int64),  # the policy by which a contractor took it; -1
        ("contracted", np.int64),  # minutes a contractor has worked on it
    ],
    align=True,
)

LINK_STATE = np.dtype(
    [
        ("lag", np.int64),
        ("release", np.int64),  # minute in which it is satisfied, as far as it is known
        ("satisfied", np.int64),
        ("by_end", np.int64),  # 1: the predecessor was over when it was
    ],
    align=True,
)

POOL_STATE = np.dtype(
    [
        ("total", np.int64),  # units of a head that are there
        ("left", np.int64),  # of them, not yet shared out in this pass
        ("pace", np.int64),  # sum of size times millionths per minute and head ...
        ("day", np.int64),  # ... on this day; -1: to be worked out
        ("ramping", np.int64),  # 1: the pace changes tomorrow
        ("worked", np.int64),  # minutes times units of a head
        ("present", np.int64),
        ("critical", np.int64),
    ],
    align=True,
)

PIECE_STATE = np.dtype(
    [
        ("arrival", np.int64),  # minute; NEVER: they never come
        ("ramp_start", np.int64),  # day
    ],
    align=True,
)

RISK_STATE = np.dtype(
    [
        ("happens", np.int64),
        ("struck", np.int64),  # minute; -1
        ("met", np.int64),  # minute in which the conditions of an affected task were first satisfied; -1
    ],
    align=True,
)

GATE_STATE = np.dtype(
    [
        ("state", np.int64),
        ("attempts", np.int64),
        ("first", np.int64),  # minute at which the first review began
        ("review_end", np.int64),
        ("begins", np.int64),  # minute from which on the clock lets a review begin; NEVER: that is not known, or over
        ("rework_left", np.int64),  # 1 while rework is not finished
        ("n_required", np.int64),  # required tasks known to be finished, in the order of the list
        ("finish", np.int64),
        ("outcome", np.int64),
        ("critical", np.int64),
    ],
    align=True,
)

SPRINT_STATE = np.dtype(
    [
        ("start", np.int64),
        ("done_at_start", np.int64),
        ("goal", np.int64),
        ("carry_over", np.int64),
        ("velocity", np.int64),
    ],
    align=True,
)


class State(NamedTuple):
    """The workspace of one thread."""

    clock: np.recarray  # (1,) CLOCK
    keys: np.ndarray  # (n_draws,) uint64, stream keys under this run's seed
    values: np.ndarray  # (n_draws, BLOCK_TRIALS) float64: the first value of every stream in a block of trials
    scored: np.ndarray  # see `score_layout`, as the next three
    score_bases: np.ndarray
    normals: np.ndarray
    sums: np.ndarray
    gaps: np.ndarray  # (n_absences * SPELLS, BLOCK_TRIALS) int32: minutes, of the first spells of each kind
    durations: np.ndarray  # the same
    criterion_keys: np.ndarray  # (n_criteria,) uint64
    met: np.ndarray  # (n_criteria,) uint8: passed at an earlier review
    block_keys: np.ndarray  # (n_blocks,) uint64
    leave_days: np.ndarray  # (n_blocks, BLOCK_TRIALS) int32: the day on which a block of random leave is looked for
    risk_keys: np.ndarray  # (n_risks,) uint64
    contractor_keys: np.ndarray  # (n_parts,) uint64
    plan_days: np.ndarray  # (n_people, N_STATUSES, n_words) uint64, bits of days: employment and dated leave
    days: np.ndarray  # the same with what this trial adds
    plan_off: np.ndarray  # see `leave_rows`, uint64, bits of days: at least one person is on dated leave, two ...
    off: np.ndarray  # the same with what this trial adds
    plan_full: np.ndarray  # (n_words,) uint64, bits of days: no more random leave beside dated leave
    full: np.ndarray  # the same with what this trial adds
    firing: np.ndarray  # (n_absences,) int64: presence minute of the next firing
    spell: np.ndarray  # (n_absences,) int64: number of the next spell
    levels: np.ndarray  # (n_people, n_skills) int64: skill levels now
    ability: np.ndarray  # (n_candidates,) int64: their efficiency at the task now, see `people.ability`
    people: np.recarray
    away: np.ndarray  # (n_words,) uint64, bits of people: not present
    next_change: np.ndarray  # (n_people,) int64: `changes` of those who matter at the time, else NEVER
    tasks: np.recarray
    conditions: np.ndarray  # (n_tasks,) int64: things that every task waits for before it starts ...
    end_conditions: np.ndarray  # ... and before it ends
    from_start: np.ndarray  # (n_tasks,) uint8: 1: something may be linked to its start, or to a minute it tells
    parts: np.recarray
    planned: np.ndarray  # (n_parts,) int64: millionths in the plan
    gates: np.recarray
    sprints: np.recarray
    links: np.recarray
    pools: np.recarray
    pieces: np.recarray
    risks: np.recarray
    date_minute: np.ndarray  # (2 n_tasks + 2 n_links,) int64: a heap, see dates.py
    date_thing: np.ndarray  # the same: what comes then
    units_free: np.ndarray  # (n_equipment,) int64
    units_used: np.ndarray  # (n_equipment,) int64: minutes of units held
    slot_owner: np.ndarray  # (n_slots,) int64: -1 while nobody in particular owns it, CONTRACTOR
    slot_efficiency: np.ndarray  # (n_slots,) int64
    slot_works: np.ndarray  # (n_slots,) uint8: its owner works on the part from `since` on
    pick_person: np.ndarray  # (n_slots,) int64: a `together` part about to begin
    pick_efficiency: np.ndarray  # (n_slots,) int64
    touched: np.ndarray  # (n_parts, n_words) uint64, bits of people: who has owned it
    afters: np.ndarray  # (3 n_covers,) int64: minutes away after which some policy does something
    spent: np.ndarray  # (n_parts, N_CAUSES) int64: minutes since its task became ready, by label
    start_spent: np.ndarray  # (n_tasks, N_CAUSES) int64: `spent` of its first part at the start of a task
    drop_spent: np.ndarray  # (n_tasks, N_CAUSES) int64: `spent` of the part that made a policy drop the task
    due: np.ndarray  # (64 * n_words,) int64: minute in which its work ends or its rate changes; NEVER
    due_by_word: np.ndarray  # (n_words,) int64: the first of them among the 64 parts of a word; `progress.OPEN`
    ready: np.ndarray  # (n_words,) uint64, bits of parts in allocation order: ready, unfinished
    hot: np.ndarray  # of them: the next allocation pass looks at these
    stale: np.ndarray  # of them: who works on them, or why nobody does, has to be found out anew
    begun: np.ndarray  # of them: somebody holds it
    offered: np.ndarray  # of them: a stand-in was sought and nobody found
    spent_up: np.ndarray  # of them: begun, and nothing is left to do
    of_person: np.ndarray  # (n_people, n_words) uint64, bits of parts: those they might hold
    named: np.ndarray  # the same of those for which they are planned
    alone: np.ndarray  # (n_people, n_part_words) uint64: ordinary parts that nobody else begins unless they are away
    unfinished: np.ndarray  # (n_words,) uint64, bits of parts: those of tasks that are not finished, without rework
    of_tasks: np.ndarray  # the same of all tasks
    handed: np.ndarray  # those of tasks that have changed hands
    of_sprints: np.ndarray  # (n_sprints, n_words) uint64, bits of parts: those due by the end of a sprint, no durations
    sprint_ptr: np.ndarray  # (n_sprints + 1,) int64: where in `sprint_tasks` those of a sprint are
    sprint_tasks: np.ndarray  # (n_tasks,) int64: the tasks of each sprint
    of_pools: np.ndarray  # (n_words,) uint64, bits of parts: those of pools
    of_equipment: np.ndarray  # (n_words,) uint64, bits of parts: those whose task uses equipment
    finished: np.ndarray  # (n_parts,) int64: parts completed in this step
    queue: np.ndarray  # (n_links,) int64: links that are satisfied in this step
    moved: np.ndarray  # (4 n_tasks,) int64: tasks of which the last condition or the last part has come in this step
    started: np.ndarray  # (n_tasks,) int64: tasks that started in this pass
    critical_people: np.ndarray  # (n_words,) uint64, bits of people
    chain: np.ndarray  # (N_CAUSES,) int64
    task_chain: np.ndarray  # (n_tasks,) int64: minutes of the chain, without the tasks of rework
    person_chain: np.ndarray  # (n_people,) int64
    pool_chain: np.ndarray  # (n_pools,) int64
    gate_chain: np.ndarray  # (n_gates,) int64
    spent_by: np.ndarray  # (n_months,) int64: cents until the end of each calendar month


def leave_rows(plan: PlanArrays) -> tuple[int, int]:
    """Return the shape of sets of days on which at least one, two ... people are on leave, as far as a rule asks.

    Row k is for k + 1 people; there is one more of them than people, where no rule could be reached.
    """
    max_off = int(plan.project[0].max_off)
    return min(max_off, len(plan.people) + 1) if max_off < NEVER else 0, n_words(int(plan.project[0].n_days))


def new_state(plan: PlanArrays) -> State:
    """Allocate a workspace for `plan`; `prepare_state` fills what all trials share."""
    n_people, n_parts, n_days = len(plan.people), len(plan.parts), int(plan.project[0].n_days)
    n_slots = int(plan.parts.n_slots.sum()) if n_parts else 0

    def records(n: int, dtype: np.dtype) -> np.recarray:
        return np.zeros(n, dtype).view(np.recarray)

    state = State(
        clock=records(1, CLOCK),
        keys=np.zeros(len(plan.draws), np.uint64),
        values=np.zeros((len(plan.draws), BLOCK_TRIALS)),
        **score_rooms(plan, BLOCK_TRIALS),
        gaps=np.zeros((len(plan.absences) * SPELLS, BLOCK_TRIALS), np.int32),
        durations=np.zeros((len(plan.absences) * SPELLS, BLOCK_TRIALS), np.int32),
        criterion_keys=np.zeros(len(plan.criteria), np.uint64),
        met=np.zeros(len(plan.criteria), np.uint8),
        block_keys=np.zeros(len(plan.blocks), np.uint64),
        leave_days=np.zeros((len(plan.blocks), BLOCK_TRIALS), np.int32),
        risk_keys=np.zeros(len(plan.risks), np.uint64),
        contractor_keys=np.zeros(n_parts, np.uint64),
        plan_days=np.zeros((n_people, N_STATUSES, n_words(n_days)), np.uint64),
        days=np.zeros((n_people, N_STATUSES, n_words(n_days)), np.uint64),
        plan_off=np.zeros(leave_rows(plan), np.uint64),
        off=np.zeros(leave_rows(plan), np.uint64),
        plan_full=np.zeros(n_words(n_days), np.uint64),
        full=np.zeros(n_words(n_days), np.uint64),
        firing=np.zeros(len(plan.absences), np.int64),
        spell=np.zeros(len(plan.absences), np.int64),
        levels=np.zeros(plan.levels.shape, np.int64),
        ability=np.zeros(len(plan.candidates), np.int64),
        people=records(n_people, PERSON_STATE),
        away=np.zeros(n_words(n_people), np.uint64),
        next_change=np.zeros(n_people, np.int64),
        tasks=records(len(plan.tasks), TASK_STATE),
        conditions=np.zeros(len(plan.tasks), np.int64),
        end_conditions=np.zeros(len(plan.tasks), np.int64),
        from_start=np.zeros(len(plan.tasks), np.uint8),
        parts=records(n_parts, PART_STATE),
        planned=np.zeros(n_parts, np.int64),
        gates=records(len(plan.gates), GATE_STATE),
        sprints=records(len(plan.sprints), SPRINT_STATE),
        links=records(len(plan.links), LINK_STATE),
        pools=records(len(plan.pools), POOL_STATE),
        pieces=records(len(plan.pieces), PIECE_STATE),
        risks=records(len(plan.risks), RISK_STATE),
        date_minute=np.zeros(2 * (len(plan.tasks) + len(plan.links)), np.int64),
        date_thing=np.zeros(2 * (len(plan.tasks) + len(plan.links)), np.int64),
        units_free=np.zeros(len(plan.equipment), np.int64),
        units_used=np.zeros(len(plan.equipment), np.int64),
        slot_owner=np.zeros(n_slots, np.int64),
        slot_efficiency=np.zeros(n_slots, np.int64),
        slot_works=np.zeros(n_slots, np.uint8),
        pick_person=np.zeros(n_slots, np.int64),
        pick_efficiency=np.zeros(n_slots, np.int64),
        touched=np.zeros((n_parts, n_words(n_people)), np.uint64),
        afters=np.zeros(3 * len(plan.covers), np.int64),
        spent=np.zeros((n_parts, N_CAUSES), np.int64),
        start_spent=np.zeros((len(plan.tasks), N_CAUSES), np.int64),
        drop_spent=np.zeros((len(plan.tasks), N_CAUSES), np.int64),
        due=np.zeros(64 * n_words(n_parts), np.int64),
        due_by_word=np.zeros(n_words(n_parts), np.int64),
        ready=np.zeros(n_words(n_parts), np.uint64),
        hot=np.zeros(n_words(n_parts), np.uint64),
        stale=np.zeros(n_words(n_parts), np.uint64),
        begun=np.zeros(n_words(n_parts), np.uint64),
        offered=np.zeros(n_words(n_parts), np.uint64),
        spent_up=np.zeros(n_words(n_parts), np.uint64),
        of_person=np.zeros((n_people, n_words(n_parts)), np.uint64),
        named=np.zeros((n_people, n_words(n_parts)), np.uint64),
        alone=np.zeros((n_people, n_words(n_parts)), np.uint64),
        unfinished=np.zeros(n_words(n_parts), np.uint64),
        of_tasks=np.zeros(n_words(n_parts), np.uint64),
        handed=np.zeros(n_words(n_parts), np.uint64),
        of_sprints=np.zeros((len(plan.sprints), n_words(n_parts)), np.uint64),
        sprint_ptr=np.zeros(len(plan.sprints) + 1, np.int64),
        sprint_tasks=np.zeros(len(plan.tasks), np.int64),
        of_pools=np.zeros(n_words(n_parts), np.uint64),
        of_equipment=np.zeros(n_words(n_parts), np.uint64),
        finished=np.zeros(n_parts, np.int64),
        queue=np.zeros(len(plan.links), np.int64),
        moved=np.zeros(4 * len(plan.tasks), np.int64),
        started=np.zeros(len(plan.tasks), np.int64),
        critical_people=np.zeros(n_words(n_people), np.uint64),
        chain=np.zeros(N_CAUSES, np.int64),
        task_chain=np.zeros(int(plan.project[0].n_tasks), np.int64),
        person_chain=np.zeros(n_people, np.int64),
        pool_chain=np.zeros(len(plan.pools), np.int64),
        gate_chain=np.zeros(len(plan.gates), np.int64),
        spent_by=np.zeros(len(plan.months), np.int64),
    )
    return moved_together(state)
