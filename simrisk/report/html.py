"""The report as one HTML page that needs nothing else: the answer, charts, tables, faults, assumptions, provenance."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from simrisk.dataset import Results
from simrisk.report import answers, assumptions, checklist, findings, provenance
from simrisk.report.content import compose
from simrisk.report.drawing import Drawn
from simrisk.report.figures import INTERVAL, Figures, Table
from simrisk.report.pictures import inlined
from simrisk.scenario.checks import check
from simrisk.scenario.health.view import View
from simrisk.scenario.model import Scenario

if TYPE_CHECKING:
    from markupsafe import Markup

LONG_WORD = re.compile(r"[0-9a-f]{16}(?=[0-9a-f]{16})|[^\s-]{24}(?=[^\s-]{4})")  # a digest, or any other
UNIT = re.compile(
    r"(?<=\d) (?=%)|(?<=[<>]) (?=\d)|(?<=\b[A-Z]{3}) (?=\d)|(?<=[\d%]) (?=\.\. )|(?<=\.\.) (?=[\d<>-])"
    r"|(?<=\d) (?=of \d)|(?<=\d of) (?=\d)|(?<=\d) (?=more\b)"
    r"|(?<=\w) (?=\d[\d.,]*(?:[hdmw]\b| %)?(?:[,;.)]|$))|(?<=\d[hdmw]) (?=\()"
)  # no line ends between number and unit, nor between a name and its number
# Nor within a date, an interval of dates, a word with a hyphen and its number, or an option, which is copied as it is.
DATES = re.compile(
    r"(?:[\d.]+ )?(?:from )?\d{4}-\d\d-\d\d(?: \.\. (?:\d{4}-)?\d\d-\d\d)?"
    r"|log-(?:sd|normal)(?: [\d.]+)?|--[a-z-]+ [\w.]*\w"
)
MOST_COLUMNS, MOST_LETTERS = 13, 136  # of a table's figures; a wider one comes in parts, each with the names
LONG_NAME = 14  # letters of a name that needs room beside many columns
MOST_OPEN = 60  # rows of a table that is shown at once; of a longer one they unfold


@dataclass(frozen=True)
class Part:
    """A section of the page."""

    anchor: str
    title: str
    short: str  # in the table of contents


PARTS = (
    Part("answer", "The answer", "Answer"),
    Part("drivers", "What drives it, in short", "Drivers"),
    Part("charts", "Charts", "Charts"),
    Part("story", "A typical late trial", "Late trial"),
    Part("tables", "Tables", "Tables"),
    Part("faults", "Faults of the plan", "Faults"),
    Part("assumptions", "What it assumes", "Assumptions"),
    Part("method", "How it was computed", "Method"),
    Part("checklist", "Checklist for reviews", "Checklist"),
)


def render(run: Results, scenario: Scenario, drawn: Drawn) -> str:
    """The whole page; the same run gives the same bytes.

    Parameters
    ----------
    scenario : Scenario
        That of the run.
    drawn : Drawn
        Its pictures.
    """
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    figures, view = Figures(run), View(scenario)
    issues = check(view)
    charts, tale = (*drawn.charts, *drawn.plan), drawn.tale
    report = compose(run)
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"slug": slug, "breakable": _breakable, "said": _said, "parts": _parts, "looks": _looks}
    template = environment.from_string(_stored("report.html.jinja"))
    return template.render(
        parts={part.anchor: part for part in PARTS},
        style=Markup(stylesheet()),
        script=Markup(_stored("report.js")),
        title=report.title,
        settings=provenance.settings(run),
        warnings=report.warnings,
        plan=answers.without_dice(figures),
        answer=answers.sentences(figures),
        reasons=answers.reasons(figures),
        charts=[(chart, Markup(inlined(chart.svg, chart.name))) for chart in charts],
        tale=tale,
        tale_svg="" if tale.picture is None else Markup(inlined(tale.picture.svg, tale.picture.name)),
        tables=report.tables,
        findings=findings.tables(view, issues),
        clean=not issues,
        assumptions=assumptions.tables(scenario),
        absent=assumptions.absent(scenario),
        provenance=provenance.tables(run),
        scenario_text=run.attrs["scenario_text"],
        checklist=checklist.tables(figures, view, issues),
        levels=Markup(json.dumps(_levels(figures))),
        most_open=MOST_OPEN,
    )


def _levels(figures: Figures) -> dict[str, object]:
    """Percentiles of the finish with their dates, for whoever moves a pointer over the curve."""
    days = {percent: figures.measure(f"finish.p{percent}").date for percent in range(1, 100)}
    known = [[percent / 100, str(day)] for percent, day in days.items() if day is not None]
    return {"finished": float(np.isfinite(figures.run["project_finish"].values).mean()), "levels": known}


def _breakable(text: str) -> Markup:
    """Text in which a line can end within words that are too long for any column."""
    from markupsafe import Markup, escape

    words = (escape(piece) for piece in LONG_WORD.sub("\\g<0>\0", text).split("\0"))
    return Markup("<wbr>").join(words)


def _said(text: str) -> Markup:
    """Text of which lines can end, as of `_breakable`, but not within a date nor between a number and its unit."""
    from markupsafe import Markup

    pieces, dates = DATES.split(text), DATES.findall(text)
    made = _breakable(UNIT.sub("\N{NO-BREAK SPACE}", pieces[0]))
    for day, piece in zip(dates, pieces[1:], strict=True):
        made += Markup('<span class="one">{}</span>').format(day)
        made += _breakable(UNIT.sub("\N{NO-BREAK SPACE}", piece))
    return made


def _parts(table: Table) -> tuple[Table, ...]:
    """A table that is too wide for a page as several of about the same width, each with the names."""
    n = len(table.headers) - 1
    names, *others = (max(map(len, column)) for column in zip(*table.rows, strict=True))
    letters = sum(others) + n + min(names // 10, 5)
    wide = letters > MOST_LETTERS and not set(table.left) - {0}  # words take several lines
    if n < MOST_COLUMNS and not wide:
        return (table,)
    size = -(-n // max(-(-n // (MOST_COLUMNS - 1)), -(-letters // MOST_LETTERS) if wide else 1))
    made = []
    begin = 1
    while begin <= n:
        end = min(begin + size, n + 1)
        end += end <= n and table.headers[end] == INTERVAL  # stays beside its figure
        kept = (0, *range(begin, end))
        headers = tuple(table.headers[i] for i in kept)
        begin, figures = end, [head for head in headers[1:] if head != INTERVAL]
        title = f"{table.title}: {figures[0]}" + (f" to {figures[-1]}" if len(figures) > 1 else "")
        rows = tuple(tuple(row[i] for i in kept) for row in table.rows)
        left = tuple(place for place, i in enumerate(kept) if i in table.left)
        made.append(replace(table, title=title, headers=headers, rows=rows, left=left))
    last = made[-1]
    return (*(replace(part, notes=()) for part in made[:-1]), last)


def _looks(table: Table) -> str:
    """Classes of a table: broad or crowded, with long names, of words more than of numbers."""
    found = [
        ("broad", len(table.headers) > 7),
        ("crowded", len(table.headers) > 8),
        ("named", any(len(row[0]) > LONG_NAME for row in table.rows)),
        ("prose", len(table.headers) > 2 and len(table.headers) - 1 in table.left),
    ]
    return " ".join(name for name, so in found if so)


def slug(text: str) -> str:
    """A title as an anchor."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def stylesheet() -> str:
    """The page's CSS."""
    return _stored("report.css")


def _stored(name: str) -> str:
    return files("simrisk.report").joinpath("page", name).read_text(encoding="utf-8")
