"""What a run assumes: every distribution, person, rule, gate, risk and price of its scenario, and their sources."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from simrisk.report import words
from simrisk.report.figures import Table
from simrisk.report.quantities import duration, effort, plain, rate, share, spread
from simrisk.scenario.model import Cover, DateRange, Distribution, Gate, Link, Person, Risk, Scenario, Task
from simrisk.scenario.units import WEEKDAYS, hours

MOST_NAMES, MOST_DAYS = 6, 12
NONE = "none"


def tables(scenario: Scenario) -> tuple[Table, ...]:
    """Everything that is assumed, part by part; what the scenario has none of is left out."""
    parts: Sequence[Callable[[Scenario], Table | None]] = (
        _calendar,
        _defaults,
        _priors,
        _tasks,
        _people,
        _away,
        _leave_rules,
        _pools,
        _equipment,
        _gates,
        _risks,
        _correlations,
        _mitigations,
        _costs,
    )
    return tuple(table for table in (part(scenario) for part in parts) if table is not None)


def absent(scenario: Scenario) -> str:
    """A sentence on what a scenario could have had and has not, so that nothing is uncertain about it."""
    kinds = {
        "people": scenario.people,
        "pools": scenario.pools,
        "equipment": scenario.equipment,
        "sprints": scenario.sprints,
        "gates": scenario.gates,
        "risks": scenario.risks,
        "unplanned absence": [person for person in scenario.people if person.absence],
        "departures": [person for person in scenario.people if person.departure],
        "a common factor": scenario.common,
        "correlations": scenario.correlations,
    }
    missing = [name for name, found in kinds.items() if not found]
    return f"Not in this plan, and so not simulated: {', '.join(missing)}." if missing else ""


def _plain_table(title: str, rows: Sequence[tuple[str, ...]], *notes: str, head: tuple[str, ...] = ("", "")) -> Table:
    """A table of words: all columns stand at the left."""
    return Table(title, head, tuple(rows), tuple(notes), left=tuple(range(len(head))))


def _calendar(scenario: Scenario) -> Table:
    project = scenario.project
    horizon = project.horizon
    until = "520 weeks" if project.deadline is None else "three times as long as until the deadline"
    if isinstance(horizon, date):
        until = f"all before {horizon}"
    elif horizon is not None:
        until = f"{horizon / project.day_minutes:,.0f} working days"
    rows = [
        ("start", str(project.start)),
        ("deadline", str(project.deadline or NONE)),
        (
            "working time",
            f"{hours(project.day_minutes)} a day, {', '.join(WEEKDAYS[day] for day in project.work_week)}",
        ),
        ("holidays", _some([str(day) for day in sorted(project.holidays)], MOST_DAYS) or NONE),
        ("horizon: trials that take longer are cut off", until),
    ]
    if project.status_date:
        rows.append(("status date: simulated from here on", str(project.status_date)))
    if scenario.sprints:
        length, unit = scenario.sprints.length
        what = words.count(length, "week" if unit == "w" else "working day")
        held = f"{hours(scenario.sprints.ceremonies)} of ceremonies a person in each"
        pulled = (
            "later sprints' tasks may be started early" if scenario.sprints.pull else "no task starts before its sprint"
        )
        rows.append(("sprints", f"{scenario.sprints.count} of {what}; {held}; {pulled}"))
    return _plain_table("Calendar", rows)


def _defaults(scenario: Scenario) -> Table:
    rows = [("spread of an effort given as one number", _written_spread(scenario))]
    common = spread(scenario.common) if scenario.common else NONE
    rows.append(("common factor: one draw a trial, multiplies all task and rework effort", common))
    levels = ", ".join(f"level {level}: {share(factor)}" for level, factor in sorted(scenario.efficiency.items()))
    rows.append(("efficiency by skill level", levels or "any level from 1 up does the work fully"))
    rows.append(("backup level: the lowest that counts as cover", str(scenario.backup_level)))
    rows.append(("when whoever does a task is away", _policy(scenario.cover, scenario)))
    return _plain_table("Defaults", rows)


def _written_spread(scenario: Scenario) -> str:
    """The default spread as the file has it; it is already in the tasks' distributions."""
    try:
        found: Any = tomllib.loads(scenario.text).get("defaults", {}).get("spread")
    except tomllib.TOMLDecodeError:  # made in a program, not read from a file
        found = None
    for key, value in scenario.changes:
        found = value if key == "defaults.spread" else found
    if isinstance(found, dict):
        return ", ".join(f"{key} {value}" for key, value in found.items())
    return str(found) if found is not None else f"{NONE}: it is exact"


def _policy(cover: Cover | None, scenario: Scenario) -> str:
    if cover is None:
        return "the work waits"
    shown = duration(scenario.project.day_minutes)
    said = []
    if cover.handover_after is not None:
        cost = f", at {effort(cover.handover_cost)} of effort" if cover.handover_cost else ""
        said.append(f"handed over after {shown(cover.handover_after)}{cost}")
    if cover.contractor_after is not None and cover.contractor is not None:
        person = cover.contractor
        level = "" if person.level is None else f", level {person.level}"
        said.append(
            f"a contractor is called after {shown(cover.contractor_after)} "
            f"(arrives after {spread(person.lead, shown)}; {rate(person.rate, scenario.project)}{level})"
        )
    if cover.descope_after is not None:
        what = "the optional tasks not begun" if cover.descope is None else _some(cover.descope)
        said.append(f"dropped after {shown(cover.descope_after)}: {what}")
    return "; ".join(said) or "the work waits"


def _priors(scenario: Scenario) -> Table | None:
    places: dict[tuple[str, str], list[str]] = {}
    for prior in scenario.priors:
        places.setdefault((prior.name, prior.source), []).append(prior.key)
    rows = [(name, _some(keys), source) for (name, source), keys in places.items()]
    head = ("prior", "used in", "what it says, and its source")
    return _plain_table("Priors and their sources", rows, head=head) if rows else None


def _tasks(scenario: Scenario) -> Table:
    rows = [row for task in scenario.tasks for row in _task_rows(task, scenario)]
    head = ("task", "sprint", "after", "who", "planned", "distribution")
    notes = ("Planned: what the plan without dice takes, before the common factor and risks.",)
    return Table("Efforts and durations", head, tuple(rows), notes, left=(0, 1, 2, 3, 5))


def _task_rows(task: Task, scenario: Scenario) -> Iterator[tuple[str, ...]]:
    """One row for each quantity that is drawn."""
    shown = duration(scenario.project.day_minutes)
    name = task.id if task.name in ("", task.id) else f"{task.id} ({task.name})"
    start = (name, str(task.sprint or words.NOTHING), ", ".join(_link(link, shown) for link in task.links) or "-")
    if task.finished is not None:
        yield (*start, ", ".join(task.who) or "-", "-", f"finished on {task.finished}")
    elif not task.efforts:
        yield (*start, "-", "-", "milestone")
    elif task.share == "work":
        for who, quantity in zip(task.who, task.efforts, strict=True):
            yield (*start, who, effort(quantity.planned), spread(quantity, effort))
    else:
        how = {"any": "any of: ", "together": "together: "}.get(task.share, "")
        who = f"{how}{', '.join(task.who)}" if task.who else "nobody"
        in_unit = shown if task.share == "duration" else effort
        ran = " of elapsed working time" if task.share == "duration" else ""
        quantity = task.efforts[0]
        yield (*start, who, in_unit(quantity.planned), spread(quantity, in_unit) + ran)


def _link(link: Link, shown: Callable[[float], str]) -> str:
    kind = "" if link.kind == "FS" else f" {link.kind}"
    if link.lag is None:
        return link.task + kind
    lag = f"{shown(link.lag.planned)}" if link.lag.kind == "exactly" else spread(link.lag, shown)
    return f"{link.task}{kind} + {lag}"


def _people(scenario: Scenario) -> Table | None:
    rows = [
        (
            _who(person),
            share(person.fte),
            share(person.focus),
            _between(person.start, person.end),
            _ramp(person.ramp, share(person.ramp_from), scenario),
            rate(person.rate, scenario.project),
            {"employed": "while employed", "worked": "for work done"}[person.paid] if person.rate else "-",
            ", ".join(f"{skill} {level}" for skill, level in person.skills.items()) or "-",
        )
        for person in scenario.people
    ]
    head = ("person", "fte", "focus", "there", "new starter", _rate_head(scenario), "paid", "skills and levels")
    notes = ("Focus: the share of the day left for planned work.",)
    return Table("People", head, tuple(rows), notes, left=(0, 3, 4, 5, 6, 7)) if rows else None


def _rate_head(scenario: Scenario) -> str:
    return f"rate, {scenario.project.currency}"


def _who(person: Person) -> str:
    return person.id if person.role in ("", person.id) else f"{person.id} ({person.role})"


def _between(first: date | None, last: date | None) -> str:
    if first is None and last is None:
        return "all the time"
    if first is None or last is None:
        return f"until {last}" if first is None else f"from {first}"
    return f"{first} .. {last}"


def _ramp(minutes: int, begin: str, scenario: Scenario) -> str:
    if not minutes:
        return "-"
    return f"{duration(scenario.project.day_minutes)(minutes)} from {begin} of full speed"


def _away(scenario: Scenario) -> Table | None:
    shown = duration(scenario.project.day_minutes)
    alike: dict[tuple[str, ...], list[str]] = {}
    for person in scenario.people:
        dated = ", ".join(map(_range, person.leave)) or "-"
        allowed = "-"
        if person.allowance is not None:
            by = "a year" if person.allowance.by is None else f"until {person.allowance.by}"
            allowed = f"{share(person.allowance.days)} days {by}"
        kinds = "; ".join(
            f"{kind.kind}: {kind.per_year:g} spells a year, each {spread(kind.duration, shown)}"
            for kind in person.absence
        )
        leaves = "-"
        if person.departure is not None:
            gone = person.departure
            new = "nobody replaces them" if gone.replace is None else f"replaced after {spread(gone.replace, shown)}"
            ramp = _ramp(gone.ramp, share(gone.ramp_from), scenario)
            leaves = f"{gone.per_year:g} a year, notice {spread(gone.notice, shown)}, {new}, ramp-up {ramp}"
        alike.setdefault((dated, allowed, kinds or "-", leaves), []).append(person.id)
    rows = [(", ".join(names), *cells) for cells, names in alike.items()]
    head = ("people", "dated leave", "leave at random", "unplanned absence", "departure")
    notes = ("Per year: per 52 weeks of presence.",)
    if not any(cell != "-" for row in rows for cell in row[1:]):
        return None
    return _plain_table("Leave, absence and departures", rows, *notes, head=head)


def _range(days: DateRange) -> str:
    return str(days.first) if days.first == days.last else f"{days.first} .. {days.last}"


def _leave_rules(scenario: Scenario) -> Table | None:
    rules = scenario.leave
    if not any(person.allowance for person in scenario.people):
        return None
    rows = [
        ("people off together at most", str(rules.max_off or "any number")),
        ("days on which nobody takes leave", ", ".join(map(_range, rules.blackout)) or NONE),
        ("leave is taken in blocks of", words.count(rules.block, "working day")),
    ]
    return _plain_table("Rules for leave at random", rows)


def _pools(scenario: Scenario) -> Table | None:
    shown = duration(scenario.project.day_minutes)
    rows = [
        (
            pool.id if pool.role in ("", pool.id) else f"{pool.id} ({pool.role})",
            ", ".join(f"{share(heads)} from {first}" for first, heads in _changes(pool.headcount)),
            spread(pool.hire_delay, shown),
            _ramp(pool.ramp, share(pool.ramp_from), scenario),
            share(pool.focus),
            rate(pool.rate, scenario.project),
        )
        for pool in scenario.pools
    ]
    head = ("pool", "heads", "each later hire slips by", "new starter", "focus", f"{_rate_head(scenario)} a head")
    return Table("Pools of people", head, tuple(rows), left=(0, 1, 2, 3, 5)) if rows else None


def _changes(headcount: Sequence[tuple[date, Fraction]]) -> list[tuple[date, Fraction]]:
    """The days from which there are more or fewer heads than before."""
    before = [Fraction(0), *(heads for _, heads in headcount)]
    return [entry for entry, old in zip(headcount, before, strict=False) if entry[1] != old] or list(headcount[:1])


def _equipment(scenario: Scenario) -> Table | None:
    rows = [
        (
            kind.id if kind.name in ("", kind.id) else f"{kind.id} ({kind.name})",
            str(kind.units),
            words.money(kind.cost / 100),
            rate(kind.rate, scenario.project),
        )
        for kind in scenario.equipment
    ]
    head = ("equipment", "units", f"{scenario.project.currency} a unit", f"{_rate_head(scenario)} a unit")
    return Table("Equipment there is", head, tuple(rows), left=(0, 3)) if rows else None


def _gates(scenario: Scenario) -> Table | None:
    shown = duration(scenario.project.day_minutes)
    rows = [
        (
            gate.id if gate.name in ("", gate.id) else f"{gate.id} ({gate.name})",
            f"end of sprint {gate.due}" if isinstance(gate.due, int) else str(gate.due or "when its tasks are done"),
            ", ".join(f"{criterion.id} {_chances(criterion.chance, criterion.later)}" for criterion in gate.criteria)
            or "-",
            spread(gate.review, shown),
            _no_go(gate, shown),
        )
        for gate in scenario.gates
    ]
    head = ("gate", "due", "criteria and their chances", "review", "after a no-go")
    notes = ("All criteria must be met; a later review draws again only those that failed.",)
    return _plain_table("Gates and their chances", rows, *notes, head=head) if rows else None


def _chances(first: float, later: float) -> str:
    return words.percent(first) if first == later else f"{words.percent(first)}, later {words.percent(later)}"


def _no_go(gate: Gate, shown: Callable[[float], str]) -> str:
    if gate.passed is not None:
        return f"passed on {gate.passed}"
    if not gate.has_no_go:
        return "it is waived"
    said = [f"extension {spread(gate.extend, shown)}"]
    if gate.rework:
        said.append("rework " + ", ".join(f"{who} {spread(quantity, effort)}" for who, quantity in gate.rework))
    said.append(f"at most {words.count(gate.max_extensions, 'extension')}")
    then = {"proceed": "waived", "stop": "the project is stopped", "descope": "tasks are dropped"}[gate.then]
    return "; ".join([*said, f"then {then}"])


def _risks(scenario: Scenario) -> Table | None:
    rows = [
        (
            risk.id if risk.name in ("", risk.id) else f"{risk.id} ({risk.name})",
            words.percent(risk.probability),
            _some(risk.affects) or "-",
            _effect(risk, scenario),
        )
        for risk in scenario.risks
    ]
    head = ("risk", "probability", "tasks", "what it does")
    return Table("Risks and what they do", head, tuple(rows), left=(0, 2, 3)) if rows else None


def _effect(risk: Risk, scenario: Scenario) -> str:
    shown = duration(scenario.project.day_minutes)
    said = []
    if risk.factor is not None:
        said.append(f"effort times {spread(risk.factor, plain)}")
    if risk.delay is not None:
        said.append(f"delay of {spread(risk.delay, shown)}")
    if risk.cost:
        said.append(f"{scenario.project.currency} {words.money(risk.cost / 100)}")
    said += [f"{who} away for {spread(length, shown)}" for who, length in risk.away]
    return "; ".join(said) or "nothing"


def _correlations(scenario: Scenario) -> Table | None:
    rows = [
        (_some(entry.tasks), "pair" if entry.pair else "each with each other", f"{entry.rho:+.3g}")
        for entry in scenario.correlations
    ]
    head = ("tasks", "which", "correlation")
    notes = ("Of the normal scores of what is drawn (Gaussian copula).",)
    return Table("Correlations", head, tuple(rows), notes, left=(0, 1)) if rows else None


def _mitigations(scenario: Scenario) -> Table | None:
    rows = [
        (
            entry.id if entry.name in ("", entry.id) else f"{entry.id} ({entry.name})",
            words.money(entry.price / 100),
            "active" if entry.active else "not active",
        )
        for entry in scenario.mitigations
    ]
    head = ("mitigation", f"price {scenario.project.currency}", "in this run")
    return Table("Mitigations", head, tuple(rows), left=(0, 2)) if rows else None


def _costs(scenario: Scenario) -> Table | None:
    costs, project = scenario.costs, scenario.project
    rows = [] if project.budget is None else [("budget", words.money(project.budget / 100))]
    if project.budget is not None:
        rows.append(("contingency, on top of the budget", words.percent(float(costs.contingency))))
    if costs.infrastructure:
        rows.append(("infrastructure, once", words.money(costs.infrastructure / 100)))
    if costs.infrastructure_rate:
        rows.append(("infrastructure, until the finish", rate(costs.infrastructure_rate, project)))
    if costs.spent:
        rows.append(("spent until the status date", words.money(costs.spent / 100)))
    for charge in costs.charges:
        amount = words.money(charge.amount / 100) if charge.rate is None else rate(charge.rate, project)
        when = (
            ""
            if charge.first is None and charge.last is None
            else f", {charge.first or 'start'} .. {charge.last or 'finish'}"
        )
        rows.append((f"{charge.kind} {charge.id}", f"{amount}{when}"))
    return _plain_table(f"Money, in {project.currency}", rows) if rows else None


def _some(names: Sequence[str], most: int = MOST_NAMES) -> str:
    """Names, of many the first ones and how many more there are."""
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[:most])} and {len(names) - most} more"


def uncertain(distribution: Distribution) -> bool:
    """Whether there is anything to draw."""
    return distribution.kind != "exactly"
