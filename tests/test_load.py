"""Loading scenarios: the corpus of faulty files, all faults at once, files that are none, and what a good file becomes."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from simrisk.errors import ScenarioError
from simrisk.scenario.load import load, loads
from simrisk.scenario.model import Cover, DateRange, LeaveAllowance

FAULTY = sorted((Path(__file__).parent / "scenarios_faulty").glob("*.toml"))
_EXPECTED = re.compile(r"# error\[(?P<slug>[a-z-]+)\]: line (?P<line>\d+): ?(?P<where>.*)\n# expects: (?P<found>.*)")


@pytest.mark.parametrize("path", FAULTY, ids=[path.stem for path in FAULTY])
def test_faulty_file_gets_exactly_these_issues(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    expected = [match.groupdict() for match in _EXPECTED.finditer(text)]
    assert expected, "the file says what it expects"
    with pytest.raises(ScenarioError) as caught:
        load(path)
    found = [(issue.slug, issue.line, issue.where) for issue in caught.value.issues]
    assert found == [(want["slug"], int(want["line"]), want["where"]) for want in expected], str(caught.value)
    for issue, want in zip(caught.value.issues, expected, strict=True):
        assert want["found"] in issue.found
        assert issue.file == str(path)
        assert issue.severity == "error"
