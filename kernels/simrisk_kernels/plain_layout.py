"""Plain plans: which ones they are, and the workspace of the kernel that runs them.

In a plain plan nothing but people is short, and nobody's absence calls anybody else or has days that are given: no
gates, sprints, pools, equipment that is used, risks, cross-training or policies that act; every piece of work is one
person's, or runs on the clock and needs nobody; tasks wait for the ends of others and for dates. Then a part that has
been taken ends in a minute that is known at once, and what happens in between need not be followed.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from simrisk_kernels.layout import EXACT, FINISH_START, N_CAUSES, NEVER, ON_CLOCK, ONE_PERSON, PlanArrays, n_words
from simrisk_kernels.room import bytes_of, moved_together
from simrisk_kernels.score_layout import score_rooms
from simrisk_kernels.small import Place
from simrisk_kernels.state import BLOCK_TRIALS, N_STATUSES, PERSON_STATE, SPELLS, leave_rows

LATEST_HORIZON = 1 << 30  # minutes are held in 32 bits
MOST_PEOPLE = 1 << 16
WHO_BITS = np.int64(16)  # of a candidate: the person, and above them the index into rates[person]
WHO = np.int64(MOST_PEOPLE - 1)  # in them
NO_CHANGE = (1 << 31) - 1
NO_SPELL = (1 << 31) - 1  # presence at which the next spell begins, or one ends: none does
FOUR = 4  # tasks behind another one that are looked at together
FEW = 16  # people whose next changes fit into a register
FEW_BITS = 4  # of the number of one of them
LATEST_QUICK = 1 << 26  # minutes of the horizon: a minute and a person are held in 32 bits
WORD_BITS = 64
MOST_SKIPPED = (1 << 15) - 1  # days
LANES = 64  # changes that are compared at once: the people of a word

PLAIN_CLOCK = np.dtype(
    [
        ("now", np.int64),
        ("today", np.int64),  # day of `now`, the last one at most
        ("inverse", np.int64),  # by which a minute is multiplied, and then shifted so far, to give its day
        ("shift", np.int64),
        ("trial", np.int64),
        ("prepared", np.int64),  # 1: what all trials share is there, for this seed
        ("seed", np.uint64),
        ("block", np.int64),  # number of the block of trials in `values`; -1: none
        ("tasks_left", np.int64),
        ("n_moved", np.int64),  # tasks in `moved`
        ("n_new", np.int64),  # parts in `new`
        ("n_dates", np.int64),
        ("next_date", np.int64),
        ("low", np.int64),  # words of `ready` before this one are empty ...
        ("high", np.int64),  # ... and those behind this one
        ("lagging", np.int64),  # 1: some link has a lag
        ("dated", np.int64),  # 1: some task has an earliest date
        ("single", np.int64),  # 1: every task has one part
        ("simple", np.int64),  # 1: and none of these is on the clock, and no link has a lag
        ("sorted", np.int64),  # 1: it does not matter who takes a part but for the order, which is that of people
        ("even", np.int64),  # 1: every task has one part, and takes everybody as long as was drawn
        ("by_month", np.int64),  # 1: somebody is paid by the minute worked, so months are kept apart
        ("quick", np.int64),  # 1: `plain_quick.py` runs its trials
        ("free", np.int64),  # 1: nothing costs anything
    ],
    align=True,
)

PLAIN_PERSON = np.dtype(  # presence as in `plain_absence.py`
    [
        ("first", np.int32),  # presence at which the current spell of absence begins, or the next one
        ("end", np.int32),  # at which it ends
        ("spell", np.int32),  # its number; -1: before the first
        ("n_spells", np.int32),  # in `spell_first`
        ("lost", np.int32),  # minutes of presence that these take
        ("quick", np.int32),  # 1: the first spells are in `block_first`
        ("worked", np.int32),  # minutes
        ("marked", np.int32),  # 1: the days of spells are written into `days`
        ("varies", np.int32),  # 1: they have random leave
        ("hired", np.int32),  # the day from which on they are employed
        ("whole", np.int32),  # presence at the end of the days of the plan
        ("open", np.int32),  # 1: they are there on the last of these days, so from then on
    ],
    align=True,
)

PLAIN_TASK = np.dtype(  # what is the same in all trials
    [
        ("conditions", np.int32),  # links and date that hold its start
        ("n_parts", np.int32),
        ("part_ptr", np.int32),  # as in TASK
        ("part", np.int32),  # the first one
        ("out_ptr", np.int32),
        ("n_out", np.int32),
        ("heir_ptr", np.int32),  # heirs: the tasks behind it ...
        ("n_heirs", np.int32),  # ... and as many of those that stand for none as make fours of them
    ],
    align=True,
)

PLAIN_PART = np.dtype(
    [
        ("task", np.int32),
        ("place", np.int32),  # in task_parts
        ("cand_ptr", np.int32),  # as in PART
        ("n_planned", np.int32),
        ("n_able", np.int32),  # of them, as in `who`
        ("on_clock", np.int32),  # 1: it needs nobody
        ("n_shares", np.int32),
        ("start", np.int32),  # minute
        ("finish", np.int32),
        ("who", np.int32),  # who has it, as in `who`
    ],
    align=True,
)


class PlainState(NamedTuple):
    """The workspace of one thread; what `State` has, too, is called the same there."""

    clock: np.recarray  # (1,) PLAIN_CLOCK
    team: np.recarray  # (n_people,) PLAIN_PERSON
    before: np.ndarray  # (n_days + 1, n_people) int32: presence before a day
    skipped: np.ndarray  # (n_people, n_days) int16: how many days on which each is not there come before the first day
    # on which they are there but for absence, the second, and so on
    parts: np.recarray  # (n_parts,) PLAIN_PART
    able: np.ndarray  # (n_people, n_words) uint64, bits of parts in allocation order: what a person can do
    takers: np.ndarray  # (n_parts, n_words) uint64, bits of people: who can do a part
    held: np.ndarray  # (n_people,) int32: part; -1
    ready_at: np.ndarray  # (n_tasks + 1,) int32: minute in which the last condition so far has come
    start: np.ndarray  # (n_tasks,) int32: minute; -1
    finish: np.ndarray  # (n_tasks,) int32: minute; -1
    drawn: np.ndarray  # (BLOCK_TRIALS, len(task_parts)) int32: minutes of each part in a block of trials
    who: np.ndarray  # (n_candidates,) int32: those who can do a part: person, and index into rates[person] above them
    everybody: np.ndarray  # (n_words,) uint64
    needs: np.ndarray  # (64,) uint64, of quick plans: the parts that must be done before each is ready
    keys: np.ndarray
    values: np.ndarray
    scored: np.ndarray
    score_bases: np.ndarray
    normals: np.ndarray
    sums: np.ndarray
    gaps: np.ndarray
    durations: np.ndarray
    block_keys: np.ndarray
    leave_days: np.ndarray
    plan_days: np.ndarray
    days: np.ndarray
    plan_off: np.ndarray
    off: np.ndarray
    plan_full: np.ndarray
    full: np.ndarray
    firing: np.ndarray
    spell: np.ndarray
    people: np.recarray  # (n_people,) PERSON_STATE: what they worked by the end of a month
    minutes: np.ndarray  # (1, BLOCK_TRIALS) int32: scratch
    tasks: np.recarray  # (n_tasks + 1,) PLAIN_TASK; the last one of this and the next stands for none
    waits: np.ndarray  # (n_tasks + 1,) int32: of the conditions, those still to come
    parts_left: np.ndarray  # (n_tasks,) int32
    lags: np.ndarray  # (n_links,) int32: minutes
    after: np.ndarray  # (n_links,) int32: the task behind each of `task_out`
    heirs: np.ndarray  # (n_links + FOUR * n_tasks,) int32: tasks
    heir_parts: np.ndarray  # the first part of each
    change: np.ndarray  # (LANES * n_words,) int32: the next minute of each person; NO_CHANGE
    spell_first: np.ndarray  # (n_people, n_days + 2) int32: presence at which each spell begins; NO_SPELL
    spell_end: np.ndarray  # at which it ends
    block_first: np.ndarray  # (BLOCK_TRIALS, SPELLS * n_people) int32: of the first spells in a block of trials
    block_end: np.ndarray
    first_lanes: np.ndarray  # (1, BLOCK_TRIALS) int32: scratch
    end_lanes: np.ndarray
    passed: np.ndarray  # (1, BLOCK_TRIALS) int32: scratch
    fresh: np.ndarray  # (n_words,) uint64, bits of people: have become free, or have returned, in this minute
    idle: np.ndarray  # of people: hold nothing and wait for nothing but something new
    free: np.ndarray  # of people: have become free and are there
    ready: np.ndarray  # (n_words,) uint64, bits of parts: ready and not taken
    new: np.ndarray  # of them: since the last allocation pass
    moved: np.ndarray  # (n_tasks + 1,) int32: tasks that have become ready in this step
    date_minute: np.ndarray
    date_thing: np.ndarray
    by_month: np.ndarray  # (n_people, n_months) int64: those in each calendar month, of plans in which they are paid
    spent_by: np.ndarray
    spent: np.ndarray  # (N_CAUSES,) int64: minutes of one part, by label
    chain: np.ndarray


def is_plain(plan: PlanArrays) -> bool:
    """Return whether a plan is plain."""
    project, parts, people, links = plan.project[0], plan.parts, plan.people, plan.links
    others = (plan.gates, plan.sprints, plan.pools, plan.uses, plan.risks, plan.raises)
    if any(len(other) for other in others) or project.status > 0 or project.horizon >= LATEST_HORIZON:
        return False
    if project.n_days > MOST_SKIPPED:
        return False
    thresholds = (plan.covers["after"], plan.covers["contractor_after"], plan.covers["descope_after"])
    if any((after < NEVER).any() for after in thresholds) or len(people) >= MOST_PEOPLE - 1:
        return False
    if (people["departure"] >= 0).any() or (people["end"] < NEVER).any():
        return False
    if (people["absent_end"] > people["absent_first"]).any():
        return False
    alone = (parts["kind"] == ONE_PERSON) | ((parts["kind"] == ON_CLOCK) & (parts["n_slots"] == 0))
    if not alone.all() or (links["kind"] != FINISH_START).any() or (plan.tasks["finished"] >= 0).any():
        return False
    return not _known_ahead(plan)


def _known_ahead(plan: PlanArrays) -> bool:
    """Return whether a link counts back from a finish that is known ahead, which is that of a task on the clock."""
    for link in plan.links[plan.links["lag"] >= 0]:
        before, draw = plan.tasks[link["before"]], plan.draws[link["lag"]]
        if before["n_parts"] > 0 and plan.parts[plan.task_parts[before["part_ptr"]]]["kind"] == ON_CLOCK:
            if draw["table"] != EXACT or draw["location"] < 0:
                return True
    return False


def is_quick(plan: PlanArrays) -> bool:
    """Return whether a plain plan is small, and each of its tasks one person's work that waits for others alone."""
    room, project, tasks = room_for(plan), plan.project[0], plan.tasks
    if not all(own <= most for own, most in zip(room, QUICK_ROOM, strict=True)) or project.horizon >= LATEST_QUICK:
        return False
    alone = len(tasks) > 0 and (tasks["n_parts"] == 1).all() and (plan.parts["kind"] == ONE_PERSON).all()
    return bool(alone and (plan.links["lag"] < 0).all() and (tasks["not_before"] <= 0).all())


class Room(NamedTuple):
    """How much of everything there is room for in the first tables of a workspace."""

    people: int
    tasks: int
    parts: int
    days: int
    candidates: int


QUICK_ROOM = Room(people=FEW, tasks=WORD_BITS, parts=WORD_BITS, days=2_000, candidates=FEW * WORD_BITS)


def room_for(plan: PlanArrays) -> Room:
    """Return what a plan needs."""
    return Room(
        people=len(plan.people),
        tasks=len(plan.tasks),
        parts=len(plan.task_parts),
        days=int(plan.project[0].n_days),
        candidates=len(plan.candidates),
    )


def records(n: int, dtype: np.dtype) -> np.recarray:
    """Return records of zeros."""
    return np.zeros(n, dtype).view(np.recarray)


def bits(*shape: int) -> np.ndarray:
    """Return words without bits."""
    return np.zeros(shape, np.uint64)


def first_tables(room: Room) -> dict[str, np.ndarray]:
    """Allocate the first tables of a workspace: of quick plans they have places that the compiler knows."""
    return {
        "clock": records(1, PLAIN_CLOCK),
        "team": records(room.people, PLAIN_PERSON),
        "before": np.zeros((room.days + 1, room.people), np.int32),
        "skipped": np.zeros((room.people, room.days), np.int16),
        "parts": records(room.parts, PLAIN_PART),
        "able": bits(room.people, n_words(room.parts)),
        "takers": bits(room.parts, n_words(room.people)),
        "held": np.zeros(room.people, np.int32),
        "ready_at": np.zeros(room.tasks + 1, np.int32),
        "start": np.zeros(room.tasks, np.int32),
        "finish": np.zeros(room.tasks, np.int32),
        "drawn": np.zeros((BLOCK_TRIALS, room.parts), np.int32),
        "who": np.zeros(room.candidates, np.int32),
        "everybody": bits(n_words(room.people)),
        "needs": bits(WORD_BITS),
    }


def quick_places() -> dict[str, Place]:
    """Return where the first tables lie behind the first one in a workspace for a quick plan."""
    places, first = {}, 0
    for name, array in first_tables(QUICK_ROOM).items():
        size = bytes_of((array,))
        places[name] = Place(first, size, array.shape)
        first += size
    return places


def new_plain_state(plan: PlanArrays) -> PlainState:
    """Allocate a workspace for `plan`; `prepare_plain` fills what all trials share."""
    n_people, n_parts, n_days = len(plan.people), len(plan.parts), int(plan.project[0].n_days)
    n_tasks, n_months, n_links = len(plan.tasks), len(plan.months), len(plan.links)

    quick = is_quick(plan)
    state = PlainState(
        **first_tables(QUICK_ROOM if quick else room_for(plan)),
        keys=bits(len(plan.draws)),
        values=np.zeros((len(plan.draws), BLOCK_TRIALS)),
        **score_rooms(plan, BLOCK_TRIALS),
        gaps=np.zeros((len(plan.absences) * SPELLS, BLOCK_TRIALS), np.int32),
        durations=np.zeros((len(plan.absences) * SPELLS, BLOCK_TRIALS), np.int32),
        block_keys=bits(len(plan.blocks)),
        leave_days=np.zeros((len(plan.blocks), BLOCK_TRIALS), np.int32),
        plan_days=bits(n_people, N_STATUSES, n_words(n_days)),
        days=bits(n_people, N_STATUSES, n_words(n_days)),
        plan_off=np.zeros(leave_rows(plan), np.uint64),
        off=np.zeros(leave_rows(plan), np.uint64),
        plan_full=bits(n_words(n_days)),
        full=bits(n_words(n_days)),
        firing=np.zeros(len(plan.absences), np.int64),
        spell=np.zeros(len(plan.absences), np.int64),
        people=records(n_people, PERSON_STATE),
        minutes=np.zeros((1, BLOCK_TRIALS), np.int32),
        tasks=records(n_tasks + 1, PLAIN_TASK),
        waits=np.zeros(n_tasks + 1, np.int32),
        parts_left=np.zeros(n_tasks, np.int32),
        lags=np.zeros(n_links, np.int32),
        after=np.zeros(n_links, np.int32),
        heirs=np.zeros(n_links + FOUR * n_tasks, np.int32),
        heir_parts=np.zeros(n_links + FOUR * n_tasks, np.int32),
        change=np.zeros(LANES * n_words(n_people), np.int32),
        spell_first=np.zeros((n_people, n_days + 2), np.int32),
        spell_end=np.zeros((n_people, n_days + 2), np.int32),
        block_first=np.full((BLOCK_TRIALS, SPELLS * n_people), NO_SPELL, np.int32),
        block_end=np.full((BLOCK_TRIALS, SPELLS * n_people), NO_SPELL, np.int32),
        first_lanes=np.zeros((1, BLOCK_TRIALS), np.int32),
        end_lanes=np.zeros((1, BLOCK_TRIALS), np.int32),
        passed=np.zeros((1, BLOCK_TRIALS), np.int32),
        fresh=bits(n_words(n_people)),
        idle=bits(n_words(n_people)),
        free=bits(n_words(n_people)),
        ready=bits(n_words(n_parts)),
        new=bits(n_words(n_parts)),
        moved=np.zeros(n_tasks + 1, np.int32),
        date_minute=np.zeros(n_tasks + n_links + n_parts, np.int64),
        date_thing=np.zeros(n_tasks + n_links + n_parts, np.int64),
        by_month=np.zeros((n_people, n_months), np.int64),
        spent_by=np.zeros(n_months, np.int64),
        spent=np.zeros(N_CAUSES, np.int64),
        chain=np.zeros(N_CAUSES, np.int64),
    )
    state.clock[0].quick = quick
    return moved_together(state)
