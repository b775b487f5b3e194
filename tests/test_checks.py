"""Plan health: each warning where it belongs, and only there."""

from __future__ import annotations

import pytest

from simrisk.errors import Issue
from simrisk.scenario.checks import check
from simrisk.scenario.load import loads

SOUND = """
[project]
start = 2026-01-05
deadline = 2026-02-27

[defaults]
focus = 0.8
backup_level = 2
efficiency = { 1 = 0.5, 2 = 0.8, 3 = 1.0 }
unavailable = { handover_after = "3d" }

[people.ANNA]
skills = { rust = 3 }
[people.BORIS]
skills = { rust = 2 }

[sprints]
length = "2w"
count = 3

[tasks.build]
sprint = 1
effort = "60h"
who = "ANNA"
skill = "rust"
[tasks.ship]
sprint = 2
work = { BORIS = "60h" }
backup = ["ANNA"]
after = ["build"]

[gates.ready]
due = "end of sprint 1"
criteria = { tests = 0.9 }
"""


def warnings(text: str) -> list[tuple[str, str]]:
    return [(issue.slug, issue.where) for issue in check(loads(text))]


def only(text: str) -> Issue:
    (issue,) = check(loads(text, "plan.toml"))
    assert issue.severity == "warning"
    assert issue.file == "plan.toml"
    return issue


def line_with(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


def changed(*pairs: tuple[str, str], more: str = "") -> str:
    text = SOUND
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new, 1)
    return text + more


def test_a_sound_plan_has_none() -> None:
    assert check(loads(SOUND)) == ()


def test_over_allocation_says_both_figures() -> None:
    text = changed(('effort = "60h"', 'effort = "70h"'))
    issue = only(text)
    # two weeks of five days of eight hours at a focus of 0.8
    assert issue.found == "70h of work is planned for sprint 1, where ANNA has 64h."
    assert (issue.slug, issue.where, issue.line) == ("over-allocated", "people.ANNA", line_with(text, "[people.ANNA]"))


@pytest.mark.parametrize(
    ("old", "new", "has"),
    [
        ("[people.ANNA]", "[people.ANNA]\npto = [{ from = 2026-01-08, to = 2026-01-11 }]", "51.2h"),
        ("[people.ANNA]", "[people.ANNA]\nfte = 0.5", "32h"),
        ("[people.ANNA]", "[people.ANNA]\nstart = 2026-01-14", "19.2h"),
        ("[people.ANNA]", "[people.ANNA]\nend = 2026-01-14", "51.2h"),
        ("count = 3", 'count = 3\nceremonies = "5h"', "60h"),
        ("deadline", "holidays = [2026-01-06, 2026-01-10]\ndeadline", "57.6h"),
        # ten days from 50 % in steps of 5 %: 8h * 0.8 * (0.50 + 0.55 + ... + 0.95)
        ("[people.ANNA]", '[people.ANNA]\nstart = 2026-01-05\nonboarding = { ramp = "2w", from = 0.5 }', "46.4h"),
    ],
)
def test_capacity_is_what_is_left(old: str, new: str, has: str) -> None:
    text = changed(('effort = "60h"', 'effort = "63h"'), (old, new))
    assert [issue.found for issue in check(loads(text)) if issue.slug == "over-allocated"] == [
        f"63h of work is planned for sprint 1, where ANNA has {has}."
    ]


def test_effort_takes_longer_at_a_lower_level_and_is_shared() -> None:
    # BORIS works at 0.8: his half of 100h takes 62.5h, within the 64h he has; of 104h it takes 65h
    shared = (('who = "ANNA"', 'who = ["ANNA", "BORIS"]\nbackup = "team"'),)
    assert warnings(changed(('effort = "60h"', 'effort = "100h"'), *shared)) == []
    issue = only(changed(('effort = "60h"', 'effort = "104h"'), *shared))
    assert issue.found.startswith("65h of work is planned for sprint 1, where BORIS")


def test_work_is_the_persons_own_hours() -> None:
    text = changed(('effort = "60h"\nwho = "ANNA"', 'work = { BORIS = "64h" }'))
    assert warnings(text) == []


def test_a_single_point_of_failure_is_found() -> None:
    text = changed(("skills = { rust = 2 }", "skills = { rust = 1 }"))
    issue = only(text)
    assert (issue.slug, issue.where) == ("single-point-of-failure", "people.ANNA")
    assert "'build' (60h of work)" in issue.found


@pytest.mark.parametrize(
    ("share", "alone"),
    [("any", []), ("split", ["people.ANNA"]), ("together", ["people.ANNA", "people.BORIS"])],
)
def test_cover_of_shared_work(share: str, alone: list[str]) -> None:
    # only ANNA reaches the backup level: she covers BORIS's part, nobody covers hers; together there is nobody left
    text = changed(
        ("skills = { rust = 2 }", "skills = { rust = 1 }"),
        ('effort = "60h"\nwho = "ANNA"', f'effort = "20h"\nwho = ["ANNA", "BORIS"]\nshare = "{share}"'),
    )
    assert [where for slug, where in warnings(text) if slug == "single-point-of-failure"] == alone


def test_work_that_waits_is_one_or_many() -> None:
    rare = ('backup = ["ANNA"]\n', 'skill = "go"\n'), ("skills = { rust = 2 }", "skills = { rust = 2, go = 3 }")
    (one,) = (i.found for i in check(loads(changed(*rare))) if i.slug == "single-point-of-failure")
    assert "'ship' (60h of work) waits: nobody else can do it." in one
    both = changed(*rare, more='[tasks.more]\nwork = { BORIS = "8h" }\nskill = "go"\n')
    (many,) = (i.found for i in check(loads(both)) if i.slug == "single-point-of-failure")
    assert "'ship' and 'more' (68h of work) wait: nobody else can do them." in many


def test_work_of_which_nothing_says_who_could_do_it() -> None:
    (issue,) = check(loads(changed(('backup = ["ANNA"]\n', ""))))
    assert (issue.severity, issue.slug, issue.where) == ("notice", "no-backup", "tasks.ship")


@pytest.mark.parametrize(
    ("pairs", "more", "used"),
    [
        ((), "", False),
        ((('backup = ["ANNA"]', 'backup = ["ANNA", "CARLA"]'),), "", True),
        ((), '[tasks.talk]\neffort = "8h"\nwho = "team"\nbackup = "team"\n', True),
        ((), '[gates.ready.no_go]\nrework = { CARLA = "8h" }\n', True),
        ((), '[gates.ready.no_go]\nrework = { ANNA = "8h" }\nskill = ["rust"]\nbackup = ["CARLA"]\n', True),
        ((), '[gates.ready.no_go]\nrework = { ANNA = "8h" }\nskill = ["go"]\n', True),
        ((('skill = "rust"', "skill = []"),), "", False),
    ],
)
def test_somebody_with_nothing_to_do(pairs: tuple[tuple[str, str], ...], more: str, used: bool) -> None:
    text = changed(*pairs, ("[people.BORIS]", "[people.CARLA]\nskills = { go = 2 }\n[people.BORIS]"), more=more)
    found = [(i.severity, i.where) for i in check(loads(text)) if i.slug == "unused-person"]
    assert found == ([] if used else [("notice", "people.CARLA")])


def test_a_backup_who_cannot_do_it_is_no_cover() -> None:
    text = changed(
        ("skills = { rust = 2 }", "skills = { go = 3 }"), ('skill = "rust"', 'skill = "rust"\nbackup = ["BORIS"]')
    )
    assert warnings(text) == [("single-point-of-failure", "people.ANNA")]


def test_cover_that_no_policy_calls_upon_is_a_notice() -> None:
    (issue,) = check(loads(changed(('unavailable = { handover_after = "3d" }\n', ""))))
    assert (issue.severity, issue.slug) == ("notice", "no-handover")
    assert "'build' and 'ship'" in issue.found


def test_a_skill_nobody_has() -> None:
    text = changed(('skill = "rust"', 'skill = "rusty"'))
    found = {issue.slug: issue for issue in check(loads(text))}
    assert set(found) == {"unknown-skill", "single-point-of-failure"}
    assert "Did you mean 'rust'?" in found["unknown-skill"].found
    assert found["unknown-skill"].line == line_with(text, "skill = ")


def test_a_level_that_cannot_do_it() -> None:
    text = changed(("skills = { rust = 3 }", "skills = { rust = 4 }"))
    issue = only(text)
    assert (issue.slug, issue.where, issue.line) == ("cannot-do", "tasks.build.who", line_with(text, 'who = "ANNA"'))
    assert "level 4" in issue.found
    assert "1, 2, 3" in issue.found


def test_work_outside_employment() -> None:
    early = changed(("[people.BORIS]", "[people.BORIS]\nstart = 2026-02-02"))
    assert ("not-employed", "people.BORIS.start") in warnings(early)
    late = changed(("[people.BORIS]", "[people.BORIS]\nend = 2026-01-18"))
    assert ("not-employed", "people.BORIS.end") in warnings(late)
    # one day of the sprint is enough for these two
    just = changed(("[people.BORIS]", "[people.BORIS]\nstart = 2026-01-30"))
    assert "not-employed" not in {slug for slug, _ in warnings(just)}


def test_employment_that_is_too_short_for_the_work() -> None:
    """BORIS can work one week; more than that is planned for him in a task that may begin at once."""
    end = ("[people.BORIS]", "[people.BORIS]\nend = 2026-02-06")
    text = changed(end, more='[tasks.more]\nwork = { BORIS = "9w" }\n')
    assert ("not-employed", "people.BORIS.end") in warnings(text)


def test_rework_nobody_can_do() -> None:
    text = changed(more='[gates.g]\nrequires = ["*"]\nno_go = { skill = "cobol", rework = { ANNA = "1h" } }\n')
    assert ("cannot-do", "gates.g.no_go.rework.ANNA") in warnings(text)


@pytest.mark.parametrize(
    ("gate", "words"),
    [
        ("criteria = { tests = 0 }", "waiver"),
        ("criteria = { tests = 0 }\nno_go = { then = 'stop' }", "every trial ends there"),
        ("criteria = { tests = 0 }\nno_go = { then = 'descope' }", "drops work"),
        ("criteria = { tests = 0 }\nno_go = { then = 'stop', criteria = { tests = 0.5 }, max_extensions = 0 }", "ends"),
    ],
)
def test_a_gate_nobody_can_pass(gate: str, words: str) -> None:
    issue = only(changed(("criteria = { tests = 0.9 }", gate)))
    assert (issue.slug, issue.where) == ("gate-cannot-pass", "gates.ready.criteria.tests")
    assert words in issue.found


def test_a_gate_that_can_be_passed_later_is_fine() -> None:
    gate = "criteria = { tests = 0 }\nno_go = { criteria = { tests = 0.5 } }"
    assert warnings(changed(("criteria = { tests = 0.9 }", gate))) == []


@pytest.mark.parametrize(
    ("extra", "way"),
    [
        ('requires = ["ship"]\nblocks = ["ship"]', "gate 'ready' -> task 'ship' -> gate 'ready'"),
        ('requires = ["ship"]\nblocks = ["build"]', "gate 'ready' -> task 'ship' -> task 'build' -> gate 'ready'"),
        ('requires = ["ship"]\nblocks = "sprint 2"', "gate 'ready' -> task 'ship' -> sprint 2 -> gate 'ready'"),
        ('blocks = "sprint 1"', "gate 'ready' -> sprint 1 -> gate 'ready'"),
    ],
)
def test_a_gate_that_waits_for_itself(extra: str, way: str) -> None:
    text = changed(("criteria = { tests = 0.9 }", f"criteria = {{ tests = 0.9 }}\n{extra}"))
    found = [issue for issue in check(loads(text)) if issue.slug == "gate-deadlock"]
    assert [issue.where for issue in found] == ["gates.ready"]
    assert way in found[0].found


def test_two_gates_that_wait_for_each_other_are_one_deadlock() -> None:
    more = '[gates.a]\nrequires = ["build"]\nblocks = ["ship"]\n[gates.b]\nrequires = ["ship"]\nblocks = ["build"]\n'
    issue = only(changed(('[gates.ready]\ndue = "end of sprint 1"\ncriteria = { tests = 0.9 }\n', ""), more=more))
    assert (issue.slug, issue.where) == ("gate-deadlock", "gates.a")


def test_a_gate_due_before_its_work_is_planned() -> None:
    text = changed(("criteria", 'requires = ["ship"]\nblocks = "sprint 3"\ncriteria'))
    issue = only(text)
    assert (issue.slug, issue.line) == ("gate-late", line_with(text, "requires"))


def test_sprints_against_the_order_of_the_work() -> None:
    text = changed(("sprint = 1", "sprint = 3"))
    assert ("sprint-order", "tasks.ship.after") in warnings(text)


def test_leave_against_the_rules() -> None:
    people = (
        ("[people.ANNA]", "[people.ANNA]\npto = [{ from = 2026-02-16, to = 2026-02-20 }]"),
        (
            "[people.BORIS]",
            "[people.BORIS]\npto = [\n{ from = 2026-01-02, to = 2026-01-03 },\n{ from = 2026-02-18, to = 2026-02-18 }]",
        ),
    )
    assert warnings(changed(*people, more="[pto]\nmax_off = 2\n")) == []
    text = changed(*people, more="[pto]\nmax_off = 1\n")
    issue = only(text)
    assert (issue.slug, issue.where) == ("leave-rules", "people.BORIS.pto[1]")
    assert issue.line == line_with(text, "2026-02-18")
    assert "On 2026-02-18, 'ANNA' and 'BORIS' are off together" in issue.found
    closed = "[pto]\nblackout = [{ from = 2026-02-20, to = 2026-02-27 }]\n"
    assert warnings(changed(*people, more=closed)) == [("leave-rules", "people.ANNA.pto[0]")]


def test_leave_together_on_a_free_day_only_is_fine() -> None:
    text = changed(
        ("[people.ANNA]", "[people.ANNA]\npto = [{ from = 2026-02-16, to = 2026-02-22 }]"),
        ("[people.BORIS]", "[people.BORIS]\npto = [{ from = 2026-02-21, to = 2026-02-24 }]"),
        more="[pto]\nmax_off = 1\n",
    )
    assert warnings(text) == []


def test_targets_against_the_plan() -> None:
    assert warnings(changed(("deadline = 2026-02-27", "deadline = 2026-02-12"))) == [("late-by-plan", "sprints.count")]
    assert warnings(changed(("deadline", 'horizon = "40d"\ndeadline'))) == []
    issue = only(changed(("deadline", "budget = 100_000\ndeadline"), ("[people.ANNA]", "[people.ANNA]\nrate = '90/h'")))
    assert (issue.slug, "'BORIS'" in issue.found) == ("no-rates", True)
