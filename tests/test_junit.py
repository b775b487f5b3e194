"""JUnit XML: valid, complete, and read by a server the way it was meant."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import etree

from rulings import LATE, ODD, every_kind, odd, ruling, rulings
from simrisk.report import junit

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).with_name("junit.xsd")))


def read(text: str) -> etree._Element:
    """The report as a server reads it: bytes in the encoding that they say they have."""
    root = etree.fromstring(text.encode())
    SCHEMA.assertValid(root)
    return root


def outcome(case: etree._Element) -> str:
    return next((child.tag for child in case if child.tag != "system-out"), "passed")


@pytest.mark.parametrize(
    "checks",
    [(), (rulings(),), (every_kind(),), (odd(),), (every_kind(), odd(), rulings(ruling(), file="b.toml"))],
)
def test_it_is_valid(checks):
    root = read(junit.render(checks))
    assert len(root) == len(checks)
    assert [suite.get("id") for suite in root] == [str(i) for i in range(len(checks))]


def test_the_schema_refuses_what_servers_refuse():
    """A test of the yardstick: without it anything might be valid."""
    good = junit.render([every_kind()])
    for damage in (
        (' classname="', ' class_name="'),
        ('time="0.250"', 'time="a while"'),
        ("<failure ", "<failing "),
        (' tests="8"', ""),
        ("<properties>", "<properties/><properties>"),
    ):
        text = good.replace(*damage).replace("</failure>", "</failing>" if damage[0] == "<failure " else "</failure>")
        assert text != good
        assert not SCHEMA.validate(etree.fromstring(text.encode())), damage


def test_each_verdict_has_its_outcome():
    (suite,) = read(junit.render([every_kind()]))
    cases = {case.get("name").removeprefix("finish.p80 at most "): outcome(case) for case in suite.iter("testcase")}
    assert cases == {
        "error PASS": "passed",
        "warn PASS": "passed",
        "error FAIL": "failure",
        "warn FAIL": "passed",
        "error UNDECIDED": "error",
        "warn UNDECIDED": "skipped",
        "error NOTICE": "skipped",
        "warn NOTICE": "skipped",
    }


def test_the_counts_are_those_of_the_cases():
    root = read(junit.render([every_kind(), rulings(ruling("FAIL"), ruling(), file="b.toml")]))
    for suite in root:
        found = [outcome(case) for case in suite.iter("testcase")]
        assert int(suite.get("tests")) == len(found)
        for attribute, kind in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(attribute)) == found.count(kind)
        assert float(suite.get("time")) == 0.25 * len(found)
    for attribute in ("tests", "failures", "errors"):
        assert int(root.get(attribute)) == sum(int(suite.get(attribute)) for suite in root)


def test_sentence_and_place_are_where_servers_look():
    (suite,) = read(junit.render([rulings(ruling("FAIL"), ruling("FAIL", "warn", limit="x"))]))
    failure, said = suite.find(".//failure"), suite.find(".//testcase/system-out").text
    assert failure.get("message") == LATE  # Jenkins
    assert LATE in failure.text  # GitLab shows the text and not the message
    assert failure.text.startswith("scenarios/launch.toml:12\n")
    assert LATE in said
    assert "level = warn" in said


def test_a_name_occurs_once():
    """GitLab drops the second case of a name."""
    (suite,) = read(junit.render([rulings(ruling(), ruling("FAIL"), ruling())]))
    names = [case.get("name") for case in suite.iter("testcase")]
    assert names == ["finish.p80 at most 2027-03-31" + ending for ending in ("", " (2)", " (3)")]


def test_suites_of_equal_files_in_two_folders_are_two():
    root = read(junit.render([rulings(ruling(), file="a/plan.toml"), rulings(ruling(), file="b/plan.toml")]))
    assert [suite[1].get("classname") for suite in root] == ["simrisk.a.plan", "simrisk.b.plan"]


def test_files_are_named_from_the_root_of_the_repository(tmp_path, monkeypatch):
    (tmp_path / "sub").mkdir()
    monkeypatch.chdir(tmp_path / "sub")
    (suite,) = read(junit.render([rulings(ruling(), file="plan.toml")], root=tmp_path))
    assert suite.get("file") == "sub/plan.toml"
    (suite,) = read(junit.render([rulings(ruling(), file=str(tmp_path / "sub" / "plan.toml"))], root=tmp_path))
    assert suite.get("file") == "sub/plan.toml"
    (suite,) = read(junit.render([rulings(ruling(), file="../../plan.toml")], root=tmp_path / "sub"))
    assert suite.get("file") == "../../plan.toml"


def test_odd_letters_survive_or_are_shown_to_be_missing():
    text = junit.render([odd()])
    failure = read(text).find(".//failure")
    for letters in ("«Größe»", '<late> & "loud"', "\U0001f600", "]]>", "\ufffd"):
        assert letters in failure.text
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]", text)
    assert "\x1b" in ODD


def test_equal_checks_give_equal_reports():
    assert junit.render([every_kind()]) == junit.render([every_kind()])
    slower = replace(every_kind(), each=tuple(replace(one, seconds=9.0) for one in every_kind().each))
    timeless = re.compile(r' time="[^"]*"')
    assert timeless.sub("", junit.render([slower])) == timeless.sub("", junit.render([every_kind()]))
