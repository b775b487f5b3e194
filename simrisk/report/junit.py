"""JUnit XML of a check: one suite a scenario, one case an expectation, valid under Jenkins' junit-10.xsd.

The format is what JUnit reports have become: Apache Ant's, as Jenkins' xUnit plugin (junit-10.xsd) and GitLab read it.
A case can only pass, fail, err or be skipped there:

- PASS passes; FAIL of level "warn" passes, too, and says so in its output.
- FAIL of level "error" is a failure.
- UNDECIDED of level "error" is an error: the case could not be decided, and the exit code is not 0 either.
- What stops nobody and has no verdict (no baseline yet, an undecided warning) is skipped, with the reason.

Attributes that the schema lacks (line of a case) stand in the text. There are no time stamps: equal checks differ by
their durations only.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from simrisk.report.rulings import Ruling, Rulings, legal, numbered, shown_path, word_of

ELEMENTS = {"failed": "failure", "undecided": "error", "unjudged": "skipped"}


def render(checks: Sequence[Rulings], *, root: Path | None = None) -> str:
    """The whole report.

    Parameters
    ----------
    checks : sequence of Rulings
    root : Path, optional
        Of the repository: files are named relative to it.
    """
    top = ET.Element("testsuites", name="simrisk check")
    for rulings in checks:
        _add_suite(top, rulings, shown_path(rulings.file, root))
    _count(top, [ruling for rulings in checks for ruling in rulings.each], skipped=False)
    ET.indent(top, " ")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(top, encoding="unicode")}\n'


def _add_suite(top: ET.Element, rulings: Rulings, file: str) -> None:
    name = class_name(file)
    suite = ET.SubElement(top, "testsuite", name=name, package=_token(rulings.scenario), file=_token(file))
    suite.set("id", str(len(top) - 1))
    _count(suite, rulings.each, skipped=True)
    properties = ET.SubElement(suite, "properties")
    for key, value in (("title", rulings.title), ("verdict", word_of(rulings.exit_code))):
        ET.SubElement(properties, "property", name=key, value=_token(value))
    for ruling, case in zip(rulings.each, numbered(_token(one.name) for one in rulings.each), strict=True):
        _add_case(suite, ruling, case, name, file)
    if rulings.notices:
        ET.SubElement(suite, "system-out").text = legal("\n".join(rulings.notices))


def _add_case(suite: ET.Element, ruling: Ruling, name: str, class_: str, file: str) -> None:
    case = ET.SubElement(suite, "testcase", classname=class_, name=name, time=f"{ruling.seconds:.3f}")
    place = f"{file}:{ruling.line}" if ruling.line else file
    told = legal(f"{place}\n{ruling.verdict}: {ruling.found}\n{ruling.trials:,} trials.")
    if element := ELEMENTS.get(ruling.standing):
        made = ET.SubElement(case, element, type=ruling.verdict, message=_token(ruling.found))
        made.text = told
    else:
        level = "level = warn, so it stops nobody.\n" if ruling.standing == "warned" else ""
        ET.SubElement(case, "system-out").text = level + told


def _count(element: ET.Element, each: Sequence[Ruling], *, skipped: bool) -> None:
    """Set the counts of a suite, or of all of them, where the schema knows no count of what is skipped."""
    standings = [one.standing for one in each]
    element.set("tests", str(len(standings)))
    element.set("failures", str(standings.count("failed")))
    element.set("errors", str(standings.count("undecided")))
    if skipped:
        element.set("skipped", str(standings.count("unjudged")))
    element.set("time", f"{sum(one.seconds for one in each):.3f}")


def class_name(file: str) -> str:
    """A file's name as that of a test's class, by which servers tell suites apart: ``simrisk.scenarios.phase3``."""
    path = Path(file)
    parts = [part for part in path.with_suffix("").parts if part not in (path.anchor, "..")]
    return ".".join(["simrisk", *(_token(part) for part in parts)])


def _token(text: str) -> str:
    """One line without spaces at its ends, as the schema wants names."""
    return " ".join(legal(text).split())
