"""scenarios/phase3.toml edited as in a pull request: whatever is not about the edit keeps its draws, to the integer.

The file's text is edited, loaded and compiled; then every stream of dice of both plans is compared, by its name in
docs/model.md section 10, and what came of them in a run. When somebody works, and so when everything ends, may well
move: that is what the edit does.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from simrisk import engines
from simrisk.compile import compile_plan
from simrisk.models.quantities import Draws, stream_hash
from simrisk.plan import Plan
from simrisk.scenario.load import load, loads
from simrisk_kernels.layout import Outcomes

FILE = Path(__file__).parents[1] / "scenarios" / "phase3.toml"
TEXT = FILE.read_text(encoding="utf-8")
SEED, TRIALS, INDICES, RUN = 20251220, 40, 3, 300
ADDED = """
[tasks.load-shedding]
name   = "Load shedding"
sprint = 2
work   = { SYNAPSE = "24h" }
skill  = "api-design"
after  = ["router"]
"""
OLD, NEW = "ECLIPSE", "NOVA"


def reordered(text: str) -> str:
    """The same tables in the opposite order; a table stays before those within it."""
    head, *tables = re.split(r"(?m)^(?=\[)", text)
    groups: list[list[str]] = []
    for table in tables:
        name = table[: table.index("]")]
        if groups and name.startswith(groups[-1][0][: groups[-1][0].index("]")] + "."):
            groups[-1].append(table)
        else:
            groups.append([table])
    return head + "\n".join("".join(group) for group in reversed(groups))


EDITS = {
    "as it is": TEXT,
    "a task added": TEXT + ADDED,
    "a person renamed": re.sub(rf"\b{OLD}\b", NEW, TEXT),
    "reordered": reordered(TEXT),
}


@cache
def plan_of(edit: str) -> Plan:
    return compile_plan(loads(EDITS[edit], path="phase3.toml"))


@cache
def dice_of(edit: str) -> dict[int, tuple[object, ...]]:
    """What each stream of the plan gives, by the hash of its name, in the first trials."""
    plan = plan_of(edit)
    trials = [Draws(plan.arrays, SEED, trial) for trial in range(TRIALS)]
    found: dict[int, tuple[object, ...]] = {}
    for number, draw in enumerate(plan.arrays.draws):
        values = tuple(dice.minutes(number, index) for dice in trials for index in range(INDICES))
        found[int(draw.hash)] = (float(draw.planned), *values)
    for criterion in plan.arrays.criteria:
        passes = [dice.word(criterion.hash, review) < criterion.chance for dice in trials for review in range(INDICES)]
        found[int(criterion.hash)] = (*map(bool, passes),)
    for block in plan.arrays.blocks:  # blocks of leave of a person share a stream
        words = [dice.word(block.hash, int(block.index)) for dice in trials]
        kept = (int(block.first_day), int(block.n_starts), int(block.length), int(block.limit_day))
        found[int(block.hash)] = (*found.get(int(block.hash), ()), kept, *words)
    return found


@cache
def run_of(edit: str) -> Outcomes:
    return engines.run(plan_of(edit), trials=RUN, seed=SEED)


def own_streams(person: str) -> set[str]:
    """Names of all streams that speak of a person, as docs/model.md has them."""
    scenario = load(FILE) if person == OLD else loads(EDITS["a person renamed"], path="phase3.toml")
    found = {
        f"task/{task.id}/effort/{person}" for task in scenario.tasks if task.share == "work" and person in task.who
    }
    found |= {f"gate/{gate.id}//rework/{person}" for gate in scenario.gates}
    for who in scenario.people:
        if who.id == person:
            found |= {f"person/{person}/{kind.kind}{end}" for kind in who.absence for end in ("", "/duration")}
    return found | {f"person/{person}//{what}" for what in ("pto", "departure", "notice", "replace")}


def test_a_reordered_file_has_the_same_dice() -> None:
    assert EDITS["reordered"] != TEXT
    assert plan_of("reordered").task_ids == plan_of("as it is").task_ids[::-1]
    assert dice_of("reordered") == dice_of("as it is")


def test_an_added_task_brings_its_own_dice_and_leaves_all_others_alone() -> None:
    before, after = dice_of("as it is"), dice_of("a task added")
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {stream_hash("task/load-shedding/effort/SYNAPSE")}


def test_a_renamed_person_has_other_dice_and_nobody_else() -> None:
    before, after = dice_of("as it is"), dice_of("a person renamed")
    gone, new = set(before) - set(after), set(after) - set(before)
    theirs, others = ({stream_hash(name) for name in own_streams(person)} for person in (OLD, NEW))
    assert gone
    assert gone <= theirs
    assert new <= others
    assert len(gone) == len(new)
    assert {name: after[name] for name in set(before) - gone} == {name: before[name] for name in set(before) - gone}
    # of work shared by everybody, the parts of the others are among those kept
    assert {stream_hash("task/integration-testing/effort/APEX"), stream_hash("common")} & set(before) <= set(after)


@pytest.mark.parametrize("edit", ["a task added", "a person renamed", "reordered"])
def test_in_a_run_other_tasks_take_as_much_work_and_gates_go_the_same_way(edit: str) -> None:
    (plan, run), (other, edited) = ((plan_of(name), run_of(name)) for name in ("as it is", edit))
    touched = set()
    if edit == "a person renamed":  # what is shared by several, whoever they are, is one draw
        touched = {task.id for task in plan.scenario.tasks if task.share == "work" and OLD in task.who}
    for row, task in enumerate(plan.task_ids):
        same = np.array_equal(run.task_effort[:, row], edited.task_effort[:, other.task_ids.index(task)])
        assert same == (task not in touched), task
    # reviews are the same wherever both trials came to them
    done = (run.outcome == 0) & (edited.outcome == 0)
    assert done.sum() > 0.9 * RUN
    for row, gate in enumerate(plan.gate_ids):
        there = other.gate_ids.index(gate)
        for field in ("gate_attempts", "gate_outcome"):
            assert (getattr(run, field)[done, row] == getattr(edited, field)[done, there]).all(), (gate, field)
    assert (run.end != edited.end).any()  # the edit itself is not lost
