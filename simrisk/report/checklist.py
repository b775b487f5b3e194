"""A checklist for reviews: GAO's best practices for schedules and the DCMA's counts, each with a verdict and evidence.

The practices are those of the GAO Schedule Assessment Guide (GAO-16-89G, December 2015), in our own words; "best
practice 8" is that on schedule risk analysis. What only people can judge is left to them, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simrisk.errors import Issue
from simrisk.measures.project import finished
from simrisk.report import money, words
from simrisk.report.assumptions import uncertain
from simrisk.report.figures import Figures, Table
from simrisk.report.lint_text import assessment_said, point_row
from simrisk.scenario.health.assessment import Point, assess
from simrisk.scenario.health.view import View

MET, NOT_MET, NOT_APPLICABLE = "met", "not met", "not applicable"
GUIDE = "GAO Schedule Assessment Guide, GAO-16-89G (December 2015), in our own words."
POINTS = (
    "Numbered by us. The guide's summary of practice 8 asks for a sound critical path schedule (8.1), data about risks "
    "in a statistical simulation (8.3), the confidence in the completion date (8.7), the contingency needed for a "
    "level of confidence (8.8), and the risks of high priority (8.10). Ranges (8.2) and correlation (8.4) are what "
    "such a simulation is made of (Hulett, Practical Schedule Risk Analysis, 2009); date and cost together (8.9) is "
    "NASA's joint confidence (Cost Estimating Handbook 4.0, 2015, appendix J). The others are our own."
)
DCMA = "DCMA-EA PAM 200.1 (October 2012), section 4. Counted on planned durations and the logic alone."
OVERLOADED = ("over-allocated", "over-capacity")


@dataclass(frozen=True)
class Checked:
    """One line of the checklist."""

    number: str
    asked: str
    verdict: str
    evidence: str


def tables(figures: Figures, view: View, issues: Sequence[Issue]) -> tuple[Table, ...]:
    """GAO's ten practices, what its practice 8 asks of a risk analysis, and the DCMA's fourteen counts.

    Parameters
    ----------
    issues : sequence of Issue
        What lint found.
    """
    points = {point.number: point for point in assess(view)}
    practices = tuple(_practices(figures, view, points, issues))
    analysis = tuple(_analysis(figures, view, points))
    made = [
        _table("GAO's ten best practices for schedules", practices, "practice", GUIDE),
        _table("GAO's best practice 8: conducting a schedule risk analysis", analysis, "what a review asks", POINTS),
    ]
    if points:
        verdicts = {"ok": MET, "over": NOT_MET, "none": NOT_APPLICABLE}
        rows = tuple((*point_row(point)[:5], verdicts[point.verdict], point_row(point)[6]) for point in points.values())
        head = ("", "what is counted", "found", "share", "limit", "verdict", "evidence")
        notes = (assessment_said(tuple(points.values())), DCMA)
        made.append(Table("The DCMA's 14 counts", head, rows, notes, left=(0, 1, 5, 6)))
    return tuple(made)


def _table(title: str, lines: Iterable[Checked], what: str, note: str) -> Table:
    rows = tuple((line.number, line.asked, line.verdict, line.evidence) for line in lines)
    return Table(title, ("", what, "verdict", "evidence"), rows, (note,), left=(0, 1, 2, 3))


def _verdict(*points: Point | None) -> str:
    """Met when all points that apply hold."""
    known = [point.verdict for point in points if point is not None and point.verdict != "none"]
    return NOT_APPLICABLE if not known else NOT_MET if "over" in known else MET


def _said(*points: Point | None) -> str:
    """What the points found."""
    said = []
    for point in points:
        if point is not None and point.verdict != "none":
            found = f"{point.count:,} of {point.of:,}" if point.count is not None else point_row(point)[3] or point.note
            said.append(f"{point.name}: {found}")
    return "; ".join(said) + "." if said else "The plan has nothing of the kind."


def _practices(figures: Figures, view: View, points: dict[int, Point], issues: Sequence[Issue]) -> Iterator[Checked]:
    scenario, get = view.scenario, points.get
    n = words.count(len(scenario.tasks), "task")
    yield Checked(
        "1",
        "All activities are in the schedule",
        NOT_APPLICABLE,
        f"A plan cannot show what it lacks. It has {n}; whether that is all the work is for its readers to say.",
    )
    logic = (get(1), get(2), get(3), get(4), get(5))
    yield Checked("2", "Activities are in sequence, by logic and not by dates", _verdict(*logic), _said(*logic))
    overloads = sum(issue.slug in OVERLOADED for issue in issues)
    staffed = _verdict(get(10))
    verdict = NOT_MET if overloads else staffed
    evidence = _said(get(10)) + f" {words.count(overloads, 'finding')} of more work than time."
    yield Checked("3", "Every activity has resources, and they have the time", verdict, evidence)
    yield Checked("4", "Durations are realistic and short enough to follow", _verdict(get(8)), _said(get(8)))
    yield Checked(
        "5",
        "The schedule can be traced, across and up and down",
        NOT_APPLICABLE,
        "The plan has one level, so there is nothing above it to trace to. Across: every link moves what follows it.",
    )
    path = get(12)
    evidence = f"{path.note}." if path is not None and path.note else "The plan has no logic to test."
    yield Checked("6", "The critical path is valid", _verdict(path), evidence)
    slack = (get(6), get(7))
    yield Checked("7", "Total float is reasonable", _verdict(*slack), _said(*slack))
    inner = [line.verdict for line in _analysis(figures, view, points)]
    met, missed = inner.count(MET), inner.count(NOT_MET)
    yield Checked(
        "8",
        "A schedule risk analysis was made",
        NOT_MET if missed else MET,
        f"This run. Of the points below {met} hold, {missed} {'does' if missed == 1 else 'do'} not.",
    )
    yield _updated("9", "The schedule is updated with actual progress", view)
    yield Checked(
        "10",
        "A baseline schedule is kept, and changes to it are controlled",
        NOT_APPLICABLE,
        "Whether this plan was agreed on is for its readers to say; its SHA-256 is above. The command simrisk check "
        "keeps an agreed plan with its figures and holds every change to it.",
    )


def _updated(number: str, asked: str, view: View) -> Checked:
    status = view.scenario.project.status_date
    if status is None:
        return Checked(number, asked, NOT_APPLICABLE, "The plan has no status date: nothing has been done yet.")
    done = sum(task.finished is not None for task in view.scenario.tasks)
    begun = sum(bool(task.done) for task in view.scenario.tasks)
    return Checked(
        number, asked, MET, f"Forecast as of {status}: {words.count(done, 'task')} finished, {begun} with progress."
    )


def _analysis(figures: Figures, view: View, points: dict[int, Point]) -> Iterator[Checked]:
    yield _sound(points)
    yield _estimates(view)
    yield _register(view)
    yield _correlated(view)
    yield _resources(view)
    yield _known(figures)
    yield _confidence(figures)
    yield _reserve(figures)
    yield _costs(figures)
    yield _paths(figures)
    yield _documented(figures)
    yield _updated("8.12", "The analysis is repeated as work goes on", view)


def _sound(points: dict[int, Point]) -> Checked:
    held = [point for point in points.values() if point.verdict != "none"]
    over = [point for point in held if point.verdict == "over"]
    asked = "It rests on a schedule whose logic is sound"
    if not held:
        return Checked("8.1", asked, NOT_APPLICABLE, "The logic runs in a circle, or nothing is left to do.")
    evidence = f"{len(held) - len(over)} of the {len(held)} DCMA counts that apply hold"
    evidence += f"; not: {', '.join(point.name for point in over)}." if over else "."
    return Checked("8.1", asked, NOT_MET if over else MET, evidence)


def _estimates(view: View) -> Checked:
    left = [task for task in view.scenario.tasks if task.efforts and task.finished is None]
    spread = [task for task in left if any(map(uncertain, task.efforts))]
    common = view.scenario.common is not None and uncertain(view.scenario.common)
    asked = "Durations or efforts are ranges, not single figures"
    if not left:
        return Checked("8.2", asked, NOT_APPLICABLE, "No task with work is left.")
    evidence = (
        f"{len(spread):,} of {len(left):,} tasks have a distribution{' and all share the common factor' * common}."
    )
    sourced = len({prior.name for prior in view.scenario.priors})
    evidence += f" {words.count(sourced, 'prior')} with a source." if sourced else ""
    return Checked("8.2", asked, MET if common or 2 * len(spread) >= len(left) else NOT_MET, evidence)


def _register(view: View) -> Checked:
    scenario = view.scenario
    away = sum(bool(person.absence or person.departure) for person in scenario.people)
    found = [
        *([words.count(len(scenario.risks), "risk")] if scenario.risks else []),
        *([words.count(len(scenario.gates), "gate") + " that can say no"] if scenario.gates else []),
        *([f"absence or departure of {words.count(away, 'person').replace('persons', 'people')}"] if away else []),
    ]
    evidence = f"Drawn in each trial: {', '.join(found)}." if found else "No risk, gate or absence is in the plan."
    return Checked("8.3", "Risks of the register are in it, with their chances", MET if found else NOT_MET, evidence)


def _correlated(view: View) -> Checked:
    scenario = view.scenario
    said = []
    if scenario.common is not None and uncertain(scenario.common):
        said.append("a common factor on all effort")
    if scenario.correlations:
        said.append(words.count(len(scenario.correlations), "group") + " of correlated tasks")
    shared = sum(len(risk.affects) > 1 for risk in scenario.risks)
    if shared:
        said.append(f"{words.count(shared, 'risk')} that several tasks share")
    evidence = f"There is {', '.join(said)}." if said else "All quantities are independent, so spreads cancel out."
    return Checked("8.4", "What goes wrong together is correlated", MET if said else NOT_MET, evidence)


def _resources(view: View) -> Checked:
    scenario = view.scenario
    counts = {"person": scenario.people, "pool": scenario.pools, "kind of equipment": scenario.equipment}
    said = [words.count(len(found), noun) for noun, found in counts.items() if found]
    text = ", ".join(said).replace("persons", "people").replace("kind of equipments", "kinds of equipment")
    evidence = f"{text}: whoever is missing makes work wait." if said else "Nobody is named: resources have no limits."
    return Checked("8.5", "Resources limit what can be done when", MET if said else NOT_MET, evidence)


def _known(figures: Figures) -> Checked:
    p80 = figures.measure("finish.p80")
    asked = "There are enough trials for the figures given"
    n = words.count(figures.run.sizes["trial"], "trial")
    if p80.value is None or p80.low is None or p80.high is None:
        return Checked("8.6", asked, NOT_MET, f"{n}: P80 of the finish has no interval with two ends.")
    half = words.days((p80.high - p80.low) / 2, figures.day_minutes)
    return Checked("8.6", asked, MET, f"{n}: P80 of the finish is known to ± {half} working days (95 % interval).")


def _confidence(figures: Figures) -> Checked:
    asked = "It says how likely the promised date is"
    if "deadline" not in figures.run.attrs:
        return Checked("8.7", asked, NOT_APPLICABLE, "The plan has no deadline.")
    value, ends = figures.both("finish.on_time")
    return Checked("8.7", asked, MET, f"{value} (95 % interval {ends}) for {figures.run.attrs['deadline']}.")


def _reserve(figures: Figures) -> Checked:
    asked = "The plan holds the time contingency that the level chosen (P80) needs"
    attrs, plan = figures.run.attrs, figures.measure("baseline.finish").value
    needed = figures.measure("contingency.time.p80").value
    if "deadline_minute" not in attrs or plan is None:
        return Checked(
            "8.8", asked, NOT_APPLICABLE, "Without a deadline, or a plan that ends, there is nothing to hold."
        )
    there = attrs["deadline_minute"] - plan
    has = words.days(abs(there), figures.day_minutes)
    ends = f"the plan ends {has} {'before' if there >= 0 else 'after'} the deadline"
    if needed is None:
        return Checked("8.8", asked, NOT_MET, f"In working days {ends}; what P80 needs is beyond the horizon.")
    wanted = words.days(needed, figures.day_minutes)
    evidence = f"P80 needs {wanted} working days on top of the plan without dice; {ends}."
    return Checked("8.8", asked, MET if there >= needed else NOT_MET, evidence)


def _costs(figures: Figures) -> Checked:
    asked = "Cost and schedule are looked at together"
    if not money.has_costs(figures.run):
        return Checked("8.9", asked, NOT_APPLICABLE, "Nothing in the plan costs anything.")
    attrs = figures.run.attrs
    if "deadline" in attrs and "budget_limit_cents" in attrs:
        value, ends = figures.both("joint")
        return Checked(
            "8.9", asked, MET, f"Both from the same trials; joint confidence {value} (95 % interval {ends})."
        )
    return Checked("8.9", asked, MET, f"Both from the same trials; P80 of the cost is {figures.value('cost.p80')}.")


def _paths(figures: Figures) -> Checked:
    asked = "It names the activities that drive the date, the nearly critical ones too"
    run = figures.run
    done = finished(run)
    if not done.any():
        return Checked("8.10", asked, NOT_MET, "No trial finished.")
    ever = int(run["task_critical"].values[done].any(axis=0).sum())
    planned = int(run["baseline_task_critical"].values.sum())
    names = run["task"].values
    first = str(names[int(np.argmax(run["task_critical"].values[done].mean(axis=0)))])
    evidence = f"{ever:,} of {len(names):,} tasks set the date in some trial; {planned:,} set it without dice. "
    evidence += f"Most often: {first} ({figures.value(f'task.{first}.criticality')})."
    return Checked("8.10", asked, MET, evidence)


def _documented(figures: Figures) -> Checked:
    attrs = figures.run.attrs
    evidence = (
        f"Seed {attrs['seed']}, scenario {attrs['scenario_sha256'][:12]}, versions and text below; it can be repeated."
    )
    return Checked("8.11", "Its data, assumptions and methods are documented", MET, evidence)
