"""Judgements for the tests of what a check writes: made by hand, every verdict at both levels, awkward letters."""

from __future__ import annotations

from simrisk.report.rulings import Moved, Ruling, Rulings

LATE = "P(finish by 2027-03-31) = 0.710 [0.701, 0.719], required 0.80. P80 is 2027-05-12, 42 days late."
ODD = '100 % of «Größe», 50 % <late> & "loud"\r\n| \'n `x` *y* \x1b[31m \x00 \udcff \u2028 \U0001f600 ]]> end: a, b'

PLAN = """
[project]
name = "Launch"
start = 2026-01-05
deadline = 2026-01-30
[simulation]
trials = 40
[people.ANN]
[tasks.design]
effort = "40h"
who = "ANN"
"""


def ruling(
    verdict: str = "PASS", level: str = "error", metric: str = "finish.p80", limit: str = "2027-03-31", **more: object
) -> Ruling:
    values = {"sort": "at_most", "found": LATE, "line": 12, "trials": 10_000, "seconds": 0.25, **more}
    return Ruling(metric=metric, level=level, limit=limit, verdict=verdict, **values)  # type: ignore[arg-type]


def rulings(*all_rulings: Ruling, file: str = "scenarios/launch.toml", **more: object) -> Rulings:
    values = {"scenario": "launch", "title": "Launch", "exit_code": exit_code_of(all_rulings), **more}
    return Rulings(file=file, each=all_rulings, **values)  # type: ignore[arg-type]


def exit_code_of(all_rulings: tuple[Ruling, ...]) -> int:
    verdicts = {one.verdict for one in all_rulings if one.level == "error"}
    return 3 if "FAIL" in verdicts else 4 if "UNDECIDED" in verdicts else 0


def every_kind() -> Rulings:
    """PASS, FAIL, UNDECIDED and NOTICE, each as an error and as a warning, at the lines 1 to 8."""
    pairs = [(v, level) for v in ("PASS", "FAIL", "UNDECIDED", "NOTICE") for level in ("error", "warn")]
    return rulings(*(ruling(v, level, limit=f"{level} {v}", line=i) for i, (v, level) in enumerate(pairs, 1)))


def odd() -> Rulings:
    """Letters that mean something in XML, Markdown and workflow commands, and some that are none."""
    return rulings(
        *(ruling(verdict, found=ODD, limit=ODD) for verdict in ("PASS", "FAIL", "UNDECIDED", "NOTICE")),
        file="pläne/a, b: c/größe.toml",
        scenario="größe",
        title=ODD,
        notices=(ODD,),
        changes=(Moved("finish.p80", ODD, ODD, ODD, "worse"),),
        inputs=(ODD,),
    )
