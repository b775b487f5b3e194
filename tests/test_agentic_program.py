"""scenarios/agentic-program.toml against the staffing tables it was transcribed from.

The curves were typed in from the document a second time, and what the plan without dice does with them is worked out
here with a calendar of its own.
"""

import tomllib
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise
from math import exp
from pathlib import Path

import pytest

FILE = Path(__file__).parents[1] / "scenarios" / "agentic-program.toml"

# heads in months 1 to 18, row by row in the order of the four tables
CURVES = """
VS2 lead           1   1   1   1   1   1   1   1   1   1   1   1   1   1   1   0.5 0.5 0.5
VS2 orchestration  1   2   3   3   4   4   4   4   4   5   5   5   5   5   4   3   2   2
VS2 mcp-tools      1   1   2   2   2   2   3   3   3   3   3   3   3   2   2   1   1   1
VS2 memory-bus     0.5 1   1   1   1   1   2   2   2   2   2   2   2   2   1   1   0.5 0.5
VS2 security       0.5 0.5 0.5 1   1   1   1   1   1   1   1   1   1   1   1   0.5 0.5 0.5
VS2 qa             0.5 0.5 1   1   1   1   1   1   1   1.5 1.5 1.5 1.5 1.5 1.5 1   1   1
VS2 sre            0.5 0.5 1   1   1   1   1   1.5 1.5 2   2   2   2   2   2   2   1.5 1.5
VS3 lead           0.5 0.5 0.5 1   1   1   1   1   1   1   1   1   1   1   1   0.5 0.5 0.5
VS3 frontend       0   0   0.5 2   2   2   2   2   2   3   3   3   3   3   2   1   1   1
VS3 rag            0   0.5 1   1   1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   1   1   1
VS3 data-rag       0   0.5 1   1   1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   1   1   1
VS3 prompt         0   0   0.5 1   1   1   1.5 1.5 1.5 2   2   2   2   1.5 1.5 1   0.5 0.5
VS3 evaluation     0   0   0.5 1   1   1   1.5 1.5 1.5 2   2   2   2   1.5 1.5 1   0.5 0.5
VS3 qa             0   0.5 0.5 1   1   1   1   1   1   1.5 1.5 1.5 1.5 1.5 1   1   0.5 0.5
VS4 lead           0.5 0.5 0.5 1   1   1   1   1   1   1   1   1   1   1   1   0.5 0.5 0.5
VS4 registry       0   0.5 1   1   1.5 1.5 2   2   2   2   2   2   2   1.5 1.5 1   0.5 0.5
VS4 evaluation     0   0.5 0.5 1   1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   1   1   1
VS4 prompt-lab     0   0   0.5 1   1   1   1.5 1.5 1.5 2   2   2   2   1.5 1.5 1   0.5 0.5
VS4 mlops          0.5 0.5 1   1   1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   1.5 1   1
VS4 data-science   0   0   0.5 0.5 1   1   1   1   1   1   1   1   1   1   1   0.5 0.5 0.5
VS4 qa             0   0.5 0.5 0.5 1   1   1   1   1   1.5 1.5 1.5 1.5 1.5 1.5 1   0.5 0.5
VS5 lead           0.5 0.5 1   1   1   1   1   1   1   1   1   1   1   1   1   1   1   1
VS5 observability  0.5 1   1   1.5 1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   2   1.5 1.5
VS5 finops         0   0.5 0.5 1   1   1   1   1   1   1.5 1.5 1.5 1.5 1.5 1.5 1.5 1   1
VS5 cicd           1   1   1   1.5 1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2   2   2   1.5 1.5
VS5 sre            0.5 0.5 1   1   1.5 1.5 2   2   2   2.5 2.5 2.5 2.5 2.5 2.5 3   3   3
VS5 chaos          0   0   0.5 0.5 1   1   1   1   1   1.5 1.5 1.5 1.5 1.5 1.5 2   2   2
"""
HEADS = [9, 14.5, 23.5, 30.5, 36, 36, 43.5, 44, 44, 54, 54, 54, 54, 48, 44.5, 33.5, 26.5, 26.5]
PERSON_MONTHS = {"vs2": 205, "vs3": 164, "vs4": 149, "vs5": 158}

# phase -> its months (first, last), as the file's comment on the work has them
SPINE = {
    "foundation": (1, 3),
    "build": (4, 6),
    "extend": (7, 9),
    "scale": (10, 12),
    "consolidate": (13, 15),
    "handover": (16, 18),
}
ON_TOP = {
    "foundation": (1, 4),
    "build": (5, 9),
    "scale": (10, 12),
    "consolidate": (13, 15),
    "handover": (16, 18),
}

START = date(2026, 4, 1)
PERSON_MONTH = Fraction(52 * 5, 12)  # working days
REVIEW = 2  # working days


def curves() -> dict[str, list[Fraction]]:
    rows = [line.split() for line in CURVES.strip().splitlines()]
    return {f"{stream.lower()}-{role}": [Fraction(heads) for heads in months] for stream, role, *months in rows}


def phases_of(role: str) -> dict[str, tuple[int, int]]:
    return SPINE if role[:3] in ("vs2", "vs5") else ON_TOP


def planned(role: str, phase: str) -> Fraction:
    """Person-months of a role in a phase: the sum of its heads over the phase's months."""
    first, last = phases_of(role)[phase]
    return sum(curves()[role][first - 1 : last], Fraction(0))


@pytest.fixture(scope="module")
def plan() -> dict:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def scenario():
    from simrisk.scenario.load import load

    return load(FILE)


@pytest.fixture(scope="module")
def as_drawn():
    """The programme with everybody there on time and productive at once."""
    from simrisk.scenario.load import load

    changes = [(f"pools.{role}.onboarding", '{ ramp = "0d", from = 1.0 }') for role in curves()]
    changes += [(f"pools.{role}.hire_delay", "0w") for role in curves()]
    return load(FILE, changes=changes)


def test_the_tables_add_up_as_they_are_quoted():
    """What was typed in above has the column sums and stream sums of the document."""
    assert len(curves()) == 27
    assert [sum(months) for months in zip(*curves().values(), strict=True)] == HEADS
    assert sum(HEADS) == 676
    assert sum(PERSON_MONTHS.values()) == 676
    for stream, total in PERSON_MONTHS.items():
        assert sum(sum(months) for role, months in curves().items() if role.startswith(stream)) == total


def test_every_row_is_a_pool_with_its_curve(plan):
    found = {role: [Fraction(str(heads)) for heads in pool["monthly"]] for role, pool in plan["pools"].items()}
    assert found == curves()
    assert list(found) == list(curves())


def test_work_of_every_role_is_its_person_months_phase_by_phase(plan):
    for role in curves():
        for phase in phases_of(role):
            task = plan["tasks"][f"{role}-{phase}"]
            assert task["pool"] == role
            assert Fraction(task["effort"].removesuffix("mo")) == planned(role, phase)
            assert "max_fte" not in task
    for stream, total in PERSON_MONTHS.items():
        tasks = [task for name, task in plan["tasks"].items() if name.startswith(stream) and "effort" in task]
        assert sum(Fraction(task["effort"].removesuffix("mo")) for task in tasks) == total
    work = [task for task in plan["tasks"].values() if "effort" in task]
    assert len(work) == 13 * len(SPINE) + 14 * len(ON_TOP)


def test_phases_of_a_role_follow_one_another(plan):
    for role in curves():
        names = [f"{role}-{phase}" for phase in phases_of(role)]
        assert "after" not in plan["tasks"][names[0]]
        for before, name in pairwise(names):
            assert plan["tasks"][name]["after"] == [before]


def test_phases_cover_the_months_the_document_names():
    """Scale in months 10 to 15, handover in 16 to 18; every month is in exactly one phase."""
    for phases in (SPINE, ON_TOP):
        assert (phases["scale"][0], phases["consolidate"][1]) == (10, 15)
        assert phases["handover"] == (16, 18)
        assert [month for first, last in phases.values() for month in range(first, last + 1)] == list(range(1, 19))


def test_deadline_is_the_end_of_month_18(plan):
    assert plan["project"]["start"] == START
    assert plan["project"]["deadline"] == date(2027, 9, 30)
    assert "holidays" not in plan["project"]


def test_gates_hold_the_streams_in_the_documents_order(scenario):
    gates = {gate.id: gate for gate in scenario.gates}
    spine, on_top = ("vs2", "vs5"), ("vs3", "vs4")

    def names(streams: tuple[str, ...], phase: str) -> set[str]:
        return {f"{role}-{phase}" for role in curves() if role.startswith(streams)}

    assert set(gates["spine"].requires) == names(spine, "foundation")
    assert set(gates["spine"].blocks_tasks) == names(on_top, "build")
    assert set(gates["scale"].requires) == names(spine, "build")
    assert set(gates["scale"].blocks_tasks) == names((*spine, *on_top), "scale")
    assert set(gates["handover"].requires) == names((*spine, *on_top), "scale")
    assert set(gates["handover"].blocks_tasks) == names((*spine, *on_top), "handover")


def test_attrition_is_the_share_that_leaves_in_a_year_role_by_role(plan):
    """13 % a year; each who leaves is missed for 7 weeks and a quarter of 13 more."""
    lost = (7 + 13 / 4) * 12 / 52  # person-months
    assert len(plan["risks"]) == 27
    for role, months in curves().items():
        risk = plan["risks"][f"attrition-{role}"]
        total = float(sum(months))
        leavers = 0.13 * total / 12
        chance = 1 - exp(-leavers)
        assert risk["probability"] == pytest.approx(chance, abs=6e-4)
        assert risk["affects"] == [f"{role}-*"]
        # on the average over all trials the role loses what its leavers lose
        assert (risk["factor"] - 1) * risk["probability"] * total == pytest.approx(leavers * lost, rel=0.01)


def test_loaded_curves_are_heads_by_calendar_month(scenario):
    first_of = [date(2026 + (3 + month) // 12, (3 + month) % 12 + 1, 1) for month in range(18)]
    assert len(scenario.pools) == 27
    for pool in scenario.pools:
        steps = dict(pool.headcount)
        heads = [max((day, value) for day, value in steps.items() if day <= first)[1] for first in first_of]
        assert heads == curves()[pool.id]
        assert pool.focus == 1
        assert pool.paid == "employed"


def test_loaded_column_sums_are_those_of_the_tables(scenario):
    sums = []
    for month in range(18):
        day = date(2026 + (3 + month) // 12, (3 + month) % 12 + 1, 15)
        heads = [[value for step, value in pool.headcount if step <= day] for pool in scenario.pools]
        sums.append(sum(values[-1] for values in heads if values))
    assert sums == HEADS


def test_loaded_work_is_676_person_months(scenario):
    minutes = dict.fromkeys(PERSON_MONTHS, 0.0)
    for task in scenario.tasks:
        if task.share == "milestone":
            continue
        minutes[task.id[:3]] += sum(effort.planned for effort in task.efforts)
    months = {stream: total / float(PERSON_MONTH * 480) for stream, total in minutes.items()}
    assert months == pytest.approx(PERSON_MONTHS, rel=1e-12)


def working_days() -> Iterator[date]:
    day = START
    while True:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


def finishes(role: str, blocked: dict[str, Fraction]) -> tuple[dict[str, Fraction], Fraction]:
    """When a role's phases end, in working days from the start, and how long its heads wait.

    `blocked` says before when a phase cannot begin. Heads are those of the calendar month; a phase uses all of them.
    """
    table, days = curves()[role], working_days()
    ends: dict[str, Fraction] = {}
    clock, idle = Fraction(0), Fraction(0)
    calendar: list[Fraction] = []
    for phase in phases_of(role):
        begin = max(clock, blocked.get(phase, Fraction(0)))
        idle += begin - clock
        clock, left = begin, planned(role, phase) * PERSON_MONTH
        while left:
            whole = int(clock)
            while len(calendar) <= whole:
                day = next(days)
                month = (day.year - START.year) * 12 + day.month - START.month
                calendar.append(table[min(month, 17)])
            step = whole + 1 - clock
            done = min(left, calendar[whole] * step)
            clock += done / calendar[whole] if calendar[whole] else step
            left -= done
        ends[phase] = clock
    return ends, idle


def programme() -> tuple[dict[str, dict[str, Fraction]], dict[str, Fraction]]:
    """The plan without dice, hiring delay or ramp-up, worked out by hand: the ends of all phases, and the waits."""
    blocked: dict[str, dict[str, Fraction]] = {role: {} for role in curves()}
    # gates only ever move a phase later, so three rounds settle the three gates
    for _ in range(3):
        told = {role: finishes(role, blocked[role]) for role in curves()}
        ends = {role: found[0] for role, found in told.items()}
        spine = [role for role in curves() if role.startswith(("vs2", "vs5"))]
        founded = max(ends[role]["foundation"] for role in spine) + REVIEW
        built = max(ends[role]["build"] for role in spine) + REVIEW
        scaled = max(ends[role]["scale"] for role in curves()) + REVIEW
        for role in curves():
            blocked[role] = {"scale": built, "handover": scaled}
            if role not in spine:
                blocked[role]["build"] = founded
    return ends, {role: idle for role, (_, idle) in told.items()}


def test_capacity_and_work_fit_role_by_role():
    """Every role ends in the last month of the table, by its last working day, and no head waits for a gate."""
    ends, waits = programme()
    days = working_days()
    calendar = [next(days) for _ in range(400)]
    month_18 = [place for place, day in enumerate(calendar) if (day.year, day.month) == (2027, 9)]
    assert month_18[-1] + 1 == 392
    for role in curves():
        assert waits[role] == 0, role
        assert month_18[0] < ends[role]["handover"] <= month_18[-1] + 1, role
    # within the last day of the last month
    assert 391 < max(found["handover"] for found in ends.values()) <= 392


def test_the_plan_without_dice_ends_with_the_last_month(as_drawn):
    """Both engines' baseline against the calculation above, to the minute."""
    from simrisk import engines
    from simrisk.compile import compile_plan

    ends, _ = programme()
    compiled = compile_plan(as_drawn)
    baseline = engines.run_baseline(compiled)
    places = {name: place for place, name in enumerate(compiled.task_ids)}
    for role, found in ends.items():
        for phase, end in found.items():
            finish = int(baseline.task_finish[0, places[f"{role}-{phase}"]])
            # a phase ends at the first whole minute, and so begins up to a minute later than in the calculation
            assert 0 <= finish - end * 480 <= len(found), (role, phase)
    assert int(baseline.end[0]) == max(int(baseline.task_finish[0, place]) for place in places.values())
    assert 391 * 480 < int(baseline.end[0]) <= 392 * 480


def test_ramps_alone_cost_a_role_that_tapers_to_half_a_head_three_months(scenario):
    """Prompt engineers: two heads are hired, in halves; each is slow for 65 days, and half a head is left at the end.

    On day k of 65 a hire does 1/2 + k/130 of a day, so 16.5 days are missing in the end; for two heads 33, which half a
    head catches up with in 66.
    """
    from simrisk import engines
    from simrisk.compile import compile_plan

    missing = sum(Fraction(1, 2) - Fraction(k, 130) for k in range(65))
    assert missing == Fraction(33, 2)
    ends, _ = programme()
    compiled = compile_plan(scenario)
    baseline = engines.run_baseline(compiled)
    for role in ("vs3-prompt", "vs3-evaluation", "vs4-prompt-lab"):
        assert sum(max(after - before, 0) for before, after in pairwise(curves()[role])) == 2
        finish = int(baseline.task_finish[0, compiled.task_ids.index(f"{role}-handover")])
        expected = ends[role]["handover"] + 2 * missing / Fraction(1, 2)
        # rates are rounded to millionths, phases to minutes
        assert finish / 480 == pytest.approx(float(expected), abs=0.05)
        assert int(baseline.end[0]) >= finish > 392 * 480
