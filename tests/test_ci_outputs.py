"""Step summaries and annotations: the verdict first, nothing a runner would misread, never more than it takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rulings import LATE, ODD, every_kind, odd, ruling, rulings
from simrisk.errors import Issue
from simrisk.report import remarks, step_summary
from simrisk.report.remarks import Annotation, commands
from simrisk.report.rulings import Moved, worst_of

COMMAND = re.compile(r"::(error|warning|notice) ([^:]*)::(.*)")


def read(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Commands as the runner reads them: kind, properties and message, escapes undone in its order."""
    found = []
    for line in text.splitlines():
        kind, properties, message = COMMAND.fullmatch(line).groups()
        pairs = (pair.partition("=") for pair in properties.split(","))
        plain = {key: undone(value, property_=True) for key, _, value in pairs}
        found.append((kind, plain, undone(message, property_=False)))
    return found


def undone(text: str, *, property_: bool) -> str:
    escapes = [("%0D", "\r"), ("%0A", "\n")]
    escapes += [("%3A", ":"), ("%2C", ",")] if property_ else []
    for escape, letter in (*escapes, ("%25", "%")):
        text = text.replace(escape, letter)
    return text


# --- exit codes --------------------------------------------------------------------------------


def test_the_worst_of_several_scenarios_counts():
    one = {code: rulings(exit_code=code) for code in (0, 3, 4)}
    assert worst_of([one[0], one[4], one[3]]) == 3
    assert worst_of([one[4], one[0]]) == 4
    assert worst_of([]) == 0


# --- annotations -------------------------------------------------------------------------------


def test_annotations_point_at_the_line():
    (kind, properties, message), *rest = read(remarks.render([rulings(ruling("FAIL"))]))
    assert not rest
    assert (kind, message) == ("error", LATE)
    assert properties == {
        "file": "scenarios/launch.toml",
        "line": "12",
        "title": "FAIL launch: finish.p80 at most 2027-03-31",
    }


def test_each_verdict_has_its_kind_and_a_pass_is_silent():
    found = [(kind, properties["line"]) for kind, properties, _ in read(remarks.render([every_kind()]))]
    assert found == [("error", "3"), ("error", "5"), ("warning", "4"), *(("notice", line) for line in "678")]
    assert remarks.render([rulings(ruling())]) == ""


def test_odd_letters_come_back_as_they_were():
    lines = read(remarks.render([odd()]))
    shown = re.sub("[\x00\x1b\udcff\u2028]", "\ufffd", ODD)
    assert {message for _, _, message in lines} == {shown}
    assert {properties["file"] for _, properties, _ in lines} == {"pläne/a, b: c/größe.toml"}
    assert any(properties["title"].endswith(shown) for _, properties, _ in lines)


def test_of_many_nine_and_how_many_more():
    for n in (1, 9, 10, 11, 500):
        lines = read(commands(Annotation("error", "t", f"message {i}") for i in range(n)))
        assert len(lines) == min(n, 10)
        if n > 10:
            assert f"{n - 9} more" in lines[-1][2]
        else:
            assert lines[-1][2] == f"message {n - 1}"


def test_each_kind_has_ten_of_its_own():
    many = [Annotation(kind, "t", "m") for kind in ("notice", "error", "warning") for _ in range(20)]
    kinds = [kind for kind, _, _ in read(commands(many))]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10


def test_files_are_named_from_the_root_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "plans").mkdir()
    monkeypatch.chdir(tmp_path / "plans")
    ((_, properties, _),) = read(remarks.render([rulings(ruling("FAIL"), file="a.toml")], root=tmp_path))
    assert properties["file"] == "plans/a.toml"


def test_faults_of_a_scenario_point_at_their_lines():
    faults = [
        Issue("unknown-task", "error", "plan.toml", 41, "tasks.a.after[0]", "'desing' is not a task."),
        Issue("bad-set", "error", "--set", 0, "tasks.b", "There is no such task."),
        Issue("no-backup", "warning", "plan.toml", 7, "", "Nobody can."),
    ]
    found = read(remarks.of_issues(faults))
    assert found[0] == (
        "error",
        {"file": "plan.toml", "line": "41", "title": "simrisk: unknown-task"},
        "tasks.a.after[0]: 'desing' is not a task.",
    )
    assert "file" not in found[1][1]
    assert found[2][0] == "warning"


# --- step summary ------------------------------------------------------------------------------


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def test_the_verdict_comes_first_and_the_worst_expectation_on_top():
    lines = step_summary.render([every_kind()]).splitlines()
    assert lines[0] == "# FAIL: Launch"
    told = "8 expectations; 1 failed, 1 undecided, 1 failed as a warning, 3 not judged, 2 passed."
    assert lines[2] == f"scenarios/launch.toml: {told}"
    verdicts = [cells(line)[0] for line in lines if line.startswith("|")][2:]
    assert verdicts == [
        "FAIL",
        "UNDECIDED",
        "FAIL (warning)",
        "UNDECIDED (warning)",
        "not judged",
        "not judged",
        "PASS",
        "PASS",
    ]


def test_several_scenarios_open_with_a_table():
    text = step_summary.render([rulings(ruling()), rulings(ruling("UNDECIDED"), title="Other")])
    assert text.startswith("# UNDECIDED: 2 scenarios\n")
    assert "| PASS | Launch | 1 expectation; 1 passed. |" in text
    assert "\n## PASS: Launch\n" in text
    assert "\n## UNDECIDED: Other\n" in text


def test_changes_and_inputs_are_listed():
    changed = rulings(
        ruling(),
        changes=(Moved("finish.p80", "2027-03-01", "2027-03-05", "4.0 days [3.5, 4.4]", "worse"),),
        inputs=("router: likely effort 60h -> 80h", "APEX: leave 2026-02-09 to 2026-02-13 added"),
        notices=("The baseline was made by simrisk 0.1.0.",),
    )
    text = step_summary.render([changed])
    assert "> **Note:** The baseline was made by simrisk 0.1.0." in text
    assert "| finish.p80 | 2027-03-01 | 2027-03-05 | 4.0 days \\[3.5, 4.4\\] | worse |" in text
    assert "\n- router: likely effort 60h -\\> 80h\n- APEX: leave" in text
    assert text.index("What is not as in the baseline") < text.index("What changed in the plan")


def test_a_plan_that_expects_nothing_says_so():
    assert "nothing is expected of this plan" in step_summary.render([rulings()])
    assert step_summary.render([]).startswith("# PASS: 0 scenarios")


def test_odd_letters_do_not_break_the_tables():
    text = step_summary.render([odd()])
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(cells(row)) for row in rows} == {4, 5}
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text)
    assert "\\<late\\>" in text


@pytest.mark.parametrize("most", [2_000, 20_000, 1024 * 1024])
def test_it_never_exceeds_what_a_step_may_have(most):
    many = rulings(
        *(ruling("FAIL", found="ü" * 400, line=i) for i in range(2_000)),
        changes=tuple(Moved(f"task.t{i}.finish.p80", "a", "b", "é" * 300, "worse") for i in range(2_000)),
        inputs=("x" * 5_000,) * 2_000,
    )
    text = step_summary.render([many], most_bytes=most)
    assert len(text.encode()) <= most
    assert text.startswith("# FAIL: Launch\n")
    assert "more, for which a summary has no room." in text
    assert len(text.encode()) > 0.85 * most or most < 10_000  # and it uses the room there is


def test_when_not_even_the_headings_fit_it_is_cut_at_a_line():
    text = step_summary.render([rulings(ruling(), title=f"Plan {i}") for i in range(500)], most_bytes=3_000)
    assert len(text.encode()) <= 3_000
    assert text.startswith("# PASS: 500 scenarios\n")
    assert text.endswith(step_summary.CUT)


def test_the_limit_is_that_of_the_runner():
    assert step_summary.MOST_BYTES == 1 << 20


def test_the_modules_read_no_environment():
    folder = Path(step_summary.__file__).parent
    for name in ("remarks", "junit", "rulings", "step_summary"):
        assert "environ" not in (folder / f"{name}.py").read_text(encoding="utf-8")
