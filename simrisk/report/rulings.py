"""What came of the expectations of a scenario, in plain values: what the outputs for CI are written from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simrisk.compare import compare
from simrisk.report import words
from simrisk.report.columns import aligned
from simrisk.report.comparison import MOVED, Story, compared
from simrisk.report.judgement import Sentences
from simrisk.scenario.model import Scenario
from simrisk.verdict import FAIL, PASS, UNDECIDED, Judgement, Limit, Sort, Verdict

Standing = Literal["passed", "warned", "unjudged", "undecided", "failed"]  # from the best to the worst

HEADLINES = ("baseline", "finish", "cost", "joint", "censored", "stopped", "gate")  # figures shown when they changed
MOST = 20  # changes that a terminal shows
# what neither XML 1.0 nor a text in UTF-8 can hold, or what a reader would not see: control characters, half characters
ILLEGAL = re.compile("[^\t\n\r\u0020-\u007e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"


@dataclass(frozen=True)
class Ruling:
    """One limit of one ``[[expect]]``, and what came of it.

    Parameters
    ----------
    metric : str
    level : "error" or "warn"
    sort : "at_most", "at_least" or "worsens_at_most"
    limit : str
        As the file has it.
    verdict : "PASS", "FAIL", "UNDECIDED" or "NOTICE"
        NOTICE: not judged, for instance because there is no baseline yet.
    found : str
        One or two sentences for people: what was found against what is required.
    line : int
        1-based line of the limit in the scenario; 0 when it has none.
    trials : int
        Trials that the verdict rests on.
    seconds : float
        Time that it took.
    """

    metric: str
    level: Literal["error", "warn"]
    sort: Sort
    limit: str
    verdict: Verdict
    found: str
    line: int = 0
    trials: int = 0
    seconds: float = 0.0

    @property
    def name(self) -> str:
        """What is expected, in words: ``finish.p80 at most 2026-06-19``."""
        return expected(self.metric, self.sort, self.limit)

    @property
    def standing(self) -> Standing:
        """What it means for the plan: only "failed" and "undecided" stop a build."""
        if self.verdict == "PASS":
            return "passed"
        if self.verdict == "FAIL":
            return "failed" if self.level == "error" else "warned"
        return "undecided" if self.verdict == "UNDECIDED" and self.level == "error" else "unjudged"


@dataclass(frozen=True)
class Moved:
    """How a figure differs from the baseline's; everything as people read it."""

    metric: str
    before: str
    after: str
    difference: str  # with its interval
    verdict: str  # better, worse, no change ...


@dataclass(frozen=True)
class Rulings:
    """What a check says of one scenario.

    Parameters
    ----------
    scenario : str
        Its id.
    title : str
    file : str
        As the user named it.
    each : tuple of Ruling
        In the order of the file.
    exit_code : int
        0 PASS, 3 FAIL, 4 UNDECIDED.
    notices : tuple of str
        What else has to be said: that there is no baseline, that another version of the program made it.
    changes : tuple of Moved
        The figures that are not as in the baseline.
    inputs : tuple of str
        What is not as in the baseline's scenario, one sentence a change.
    doubt : str
        How likely any of the verdicts is wrong.
    """

    scenario: str
    title: str
    file: str
    each: tuple[Ruling, ...] = ()
    exit_code: int = PASS
    notices: tuple[str, ...] = ()
    changes: tuple[Moved, ...] = ()
    inputs: tuple[str, ...] = ()
    doubt: str = ""


def rulings_of(
    judgement: Judgement, scenario: Scenario, *, inputs: Iterable[str] = (), seconds: float = 0.0
) -> Rulings:
    """A judgement as it is written for CI.

    Parameters
    ----------
    judgement : simrisk.verdict.Judgement
    scenario : Scenario
        That was judged.
    inputs : iterable of str
        What is not as in the old plan, in words.
    seconds : float
        That the whole took; the expectations share it evenly, for they share the trials.
    """
    said = Sentences(judgement)
    share = seconds / max(len(judgement.judged), 1)
    each = tuple(
        Ruling(
            judged.of.metric,
            judged.of.level,
            judged.of.sort,
            str(judged.of.written),
            judged.verdict,
            said.found(judged),
            line_of_limit(scenario, judged.of),
            judged.trials,
            share,
        )
        for judged in judgement.judged
    )
    return Rulings(
        scenario.id,
        scenario.project.name,
        scenario.path,
        each,
        judgement.exit_code,
        tuple(said.notices()),
        tuple(_changes(judgement)),
        tuple(inputs),
        said.doubt(),
    )


def line_of_limit(scenario: Scenario, limit: Limit) -> int:
    """The line that sets a limit; 0 when it is not known."""
    return scenario.lines.get(limit.where) or scenario.lines.get(f"expect[{limit.index}]", 0)


def _changes(judgement: Judgement) -> Iterator[Moved]:
    """The figures of the project and its gates that are not as in the old plan."""
    if judgement.before is None:
        return
    metrics = [name for name in compared(judgement.before, judgement.run) if name.partition(".")[0] in HEADLINES]
    story = Story(compare(judgement.before, judgement.run, metrics, names=("the baseline", "the plan")))
    for found in story.comparison.differences:
        if found.verdict in MOVED:
            moved = words.NOTHING
            if found.value is not None:
                certain = found.value == found.low == found.high
                moved = story.change(found) if certain else f"{story.change(found)} [{story.between(found)}]"
            yield Moved(found.name, story.figure(found.before, 0), story.figure(found.after, 1), moved, found.verdict)


def changed(rulings: Rulings) -> str:
    """What is not as in the baseline, as a terminal shows it: the plan in words, and its figures; may be empty."""
    blocks = []
    if rulings.inputs:
        blocks.append(["What changed in the plan", *(f"  {sentence}" for sentence in rulings.inputs[:MOST])])
        blocks[-1] += _more(len(rulings.inputs))
    if rulings.changes:
        rows = [(one.metric, one.before, one.after, one.difference, one.verdict) for one in rulings.changes]
        headers = ("", "baseline", "now", "difference", "")
        blocks.append(["What is not as in the baseline", *aligned([headers, *rows[:MOST]], (0, 4)), *_more(len(rows))])
    return "".join("\n" + "\n".join(block) + "\n" for block in blocks)


def _more(n: int) -> list[str]:
    return [f"  ... and {n - MOST:,} more"] if n > MOST else []


def expected(metric: str, sort: str, limit: object) -> str:
    """An expectation in words: ``finish.p80 at most 2026-06-19``."""
    return f"{metric} {sort.replace('_', ' ')} {limit}"


def numbered(names: Iterable[str]) -> list[str]:
    """The same names, each of them once: the second "x" is "x (2)"; reports drop what they have seen before."""
    taken: set[str] = set()
    found = []
    for name in names:
        unique, n = name, 1
        while unique in taken:
            n += 1
            unique = f"{name} ({n})"
        taken.add(unique)
        found.append(unique)
    return found


def word_of(code: int) -> str:
    """The verdict that an exit code stands for."""
    return {FAIL: "FAIL", UNDECIDED: "UNDECIDED"}.get(code, "PASS")


def worst_of(checks: Sequence[Rulings]) -> int:
    """The exit code of several scenarios, after the same rule."""
    codes = {rulings.exit_code for rulings in checks}
    return FAIL if FAIL in codes else UNDECIDED if UNDECIDED in codes else PASS


def shown_path(file: str, root: Path | None) -> str:
    """A file as readers of a repository name it: relative to `root`, with slashes; as it is when it lies elsewhere."""
    path = Path(file)
    if root is not None:
        resolved, top = path.resolve(), root.resolve()
        if resolved.is_relative_to(top):
            path = resolved.relative_to(top)
    return path.as_posix()


def legal(text: str) -> str:
    """A text that every format of a report can hold; what has to go is shown to have been there."""
    return ILLEGAL.sub(REPLACEMENT, text)
