"""The tables of a scenario file, key by key: what may stand where."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from simrisk.errors import ScenarioError
from simrisk.scenario.fields import (
    Chance,
    Day,
    DayHours,
    Duration,
    Factor,
    FixedEffort,
    Flag,
    Levels,
    Links,
    Money,
    MoneyOrRate,
    NameList,
    Percentage,
    PositiveShare,
    Proportion,
    Rate,
    Text,
    UncertainDuration,
    UncertainEffort,
    Value,
    one_of,
    pattern,
    read_date,
    read_weekdays,
    whole,
)
from simrisk.scenario.model import LeaveAllowance
from simrisk.scenario.units import WEEKDAYS, Units, exact, fault, is_number, shown, split_quantity

END_OF_SPRINT = re.compile(r"end of sprint ([0-9]{1,6})")
MOST_SPRINTS = 1000
MOST_TRIALS = 10_000_000  # beyond it the results would not fit in memory


class Table(BaseModel):
    """A table of the file; `later`: keys of the format that this version cannot simulate yet, and what they are."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)
    later: ClassVar[dict[str, str]] = {}


def _read_length(value: object, _: Units) -> tuple[int, str]:
    """Read a sprint's length: calendar weeks or working days."""
    number, unit = split_quantity(value, "a sprint's length", ("d", "w"))
    if number.denominator != 1 or not 1 <= number <= 1000:
        raise fault(
            "out-of-range", f"A sprint is 1 to 1000 whole weeks (w) or working days (d) long; got {shown(value)}."
        )
    return int(number), unit


def _read_horizon(value: object, _: Units) -> tuple[Fraction, str]:
    """Read the horizon: calendar weeks, or working time."""
    number, unit = split_quantity(value, "the horizon", ("m", "h", "d", "w"))
    if number == 0:
        raise fault(
            "out-of-range",
            "The horizon is where a trial is given up; it lies after the start. Leave it out for the default.",
        )
    if unit == "w" and (number * 7).denominator != 1:
        raise fault(
            "out-of-range", f"The horizon is in calendar weeks; this is no whole number of days: {shown(value)}."
        )
    return number, unit


def _read_work_week(value: object, units: Units) -> tuple[int, ...]:
    """Read the days of a work week, each once."""
    days = read_weekdays(value, units)
    if isinstance(value, list) and len(days) < len(value):
        place = next(place for place, day in enumerate(value) if day in value[:place])
        raise fault("duplicate", f"{shown(value[place])} stands here twice; name each day once.", f"[{place}]")
    return days


def _read_allowance(value: object, units: Units) -> LeaveAllowance:
    """Read days of leave per 52 weeks, or until a date."""
    if not isinstance(value, dict):
        if not is_number(value):
            example = "5, or { days = 5, by = 2026-06-30 }"
            raise fault("wrong-type", f"This is a number of days per 52 weeks such as {example}; got {shown(value)}.")
        return LeaveAllowance(_days(value), None)
    for key in value:
        if key not in ("days", "by"):
            raise fault("unknown-key", f"'{key}' is not a key of pto_days; it has days and by.", key)
    if "days" not in value:
        raise fault("missing-key", "'days' is missing: how many days of leave.")
    issues = []
    days, by = Fraction(0), None
    for key in value:
        try:
            if key == "days":
                days = _days(value[key])
            else:
                by = read_date(value[key], units)
        except ScenarioError as error:
            issues.append(replace(error.issues[0], where=key))
    if issues:
        raise ScenarioError(*issues)
    return LeaveAllowance(days, by)


def _days(value: object) -> Fraction:
    days = exact(value)
    if not 0 <= days <= 366:
        raise fault("out-of-range", f"Days of leave are from 0 to 366; got {shown(value)}.")
    return days


def _read_per_year(value: object, _: Units) -> Fraction:
    number = exact(value)
    if not 0 <= number <= 1000:
        raise fault("out-of-range", f"Spells of absence per year are from 0 to 1000; got {shown(value)}.")
    return number


def _read_due(value: object, units: Units) -> int | date:
    """Read when a gate is due: the end of a sprint, or a date."""
    if isinstance(value, str):
        match = END_OF_SPRINT.fullmatch(value.strip())
        if match is None:
            raise fault(
                "wrong-type",
                f'This is "end of sprint 2", or a date such as 2026-03-02 without quotes; got {shown(value)}.',
            )
        return int(match[1])
    return read_date(value, units)


def _read_limit(value: object, _: Units) -> object:
    """Read a limit of an expectation: which kind fits is up to its metric."""
    if is_number(value):
        exact(value)
        return float(value) if isinstance(value, Decimal) else value
    if isinstance(value, str) or type(value) is date:
        return value
    raise fault("wrong-type", f'A limit is a number, a date, or a duration such as "3d"; got {shown(value)}.')


_WEEKDAYS = {"type": "array", "minItems": 1, "items": {"enum": list(WEEKDAYS)}}
_DATE = {"type": "string", "format": "date"}
_DAYS = {"anyOf": [{"type": "number", "minimum": 0}, {"definition": "DaysBy"}, {"definition": "NamedPrior"}]}

Length = Annotated[tuple[int, str], Value(_read_length, pattern("[0-9_]+ *[dw]", "2w"))]
WorkWeek = Annotated[tuple[int, ...], Value(_read_work_week, {**_WEEKDAYS, "uniqueItems": True})]
Horizon = Annotated[tuple[Fraction, str], Value(_read_horizon, pattern(r"[0-9_]+(\.[0-9]+)? *(m|h|d|w)", "78w"))]
Allowance = Annotated[LeaveAllowance, Value(_read_allowance, _DAYS)]
PerYear = Annotated[Fraction, Value(_read_per_year, {"type": "number", "minimum": 0})]
Due = Annotated[int | date, Value(_read_due, {"anyOf": [pattern("end of sprint [0-9]+", "end of sprint 2"), _DATE]})]
Limit = Annotated[object, Value(_read_limit, {"anyOf": [{"type": "number"}, {"type": "string"}]})]


class ProjectTable(Table):
    """Calendar and targets of the project."""

    later = {"status_date": "re-forecasts from a status date"}
    name: Text | None = None
    start: Day
    deadline: Day | None = None
    budget: Money | None = None
    currency: Text = "USD"
    hours_per_day: DayHours = 480
    work_week: WorkWeek = (0, 1, 2, 3, 4)
    holidays: list[Day] = []
    horizon: Horizon | None = None


class SimulationTable(Table):
    """How many trials, and which random numbers."""

    trials: Annotated[int, whole(1, MOST_TRIALS)] = 10_000
    seed: Annotated[int, whole(0, 2**63 - 1)] = 1


class UnavailableTable(Table):
    """What happens while whoever does a task is away."""

    later = {
        "contractor_after": "contractors",
        "contractor": "contractors",
        "descope_after": "dropping tasks in an absence",
        "descope": "dropping tasks in an absence",
    }
    handover_after: Duration | None = None
    handover_cost: FixedEffort = 0


class DefaultsTable(Table):
    """What holds for every person and task that does not say otherwise."""

    spread: Factor | None = None
    common: Factor | None = None
    focus: PositiveShare = Fraction(1)
    efficiency: Levels = {}
    backup_level: Annotated[int, whole(0, 100)] = 2
    rate: Rate | None = None
    paid: Annotated[str, one_of("employed", "worked")] = "worked"
    unavailable: UnavailableTable | None = None


class RangeTable(Table):
    """Calendar days, both ends included."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class OnboardingTable(Table):
    """Productivity of a new starter, rising by working day."""

    ramp: Duration
    from_: Proportion = Field(alias="from")


class AbsenceTable(Table):
    """One kind of unplanned absence."""

    per_year: PerYear
    duration: UncertainDuration | None = None


class PersonTable(Table):
    """Somebody who does the work."""

    later = {"departure": "departures"}
    role: Text = ""
    fte: PositiveShare = Fraction(1)
    focus: PositiveShare | None = None
    rate: Rate | None = None
    paid: Annotated[str, one_of("employed", "worked")] | None = None
    skills: dict[str, Annotated[int, whole(0, 100)]] = {}
    start: Day | None = None
    end: Day | None = None
    onboarding: OnboardingTable | None = None
    pto: list[RangeTable] = []
    pto_days: Allowance | None = None
    absence: dict[str, AbsenceTable] = {}
    unavailable: UnavailableTable | None = None


class LeaveTable(Table):
    """The team's rules for leave placed at random."""

    max_off: Annotated[int, whole(1, 1_000_000)] | None = None
    blackout: list[RangeTable] = []
    block: Duration | None = None


class SprintsTable(Table):
    """The cadence."""

    length: Length
    count: Annotated[int, whole(1, MOST_SPRINTS)]
    ceremonies: Duration = 0
    names: list[Text] = []
    pull: Flag = False


class TaskTable(Table):
    """A piece of work."""

    later = {
        "duration": "tasks that run on the clock",
        "milestone": "milestones",
        "pool": "pools",
        "max_fte": "pools",
        "uses": "equipment",
        "progress": "progress",
        "raises": "cross-training",
    }
    name: Text | None = None
    sprint: Annotated[int, whole(1, MOST_SPRINTS)] | None = None
    work: dict[str, UncertainEffort] | None = None
    effort: UncertainEffort | None = None
    who: NameList | None = None
    share: Annotated[str, one_of("split", "any", "together")] | None = None
    skill: NameList | None = None
    backup: NameList | None = None
    after: Links | None = None
    priority: Annotated[int, whole(-1_000_000, 1_000_000)] = 100
    optional: Flag = False
    not_before: Day | None = None
    unavailable: UnavailableTable | None = None


class NoGoTable(Table):
    """What a failed review leads to."""

    extend: UncertainDuration | None = None
    rework: dict[str, UncertainEffort] = {}
    skill: NameList | None = None
    backup: NameList | None = None
    criteria: dict[str, Chance] = {}
    max_extensions: Annotated[int, whole(0, 10_000)] = 1
    then: Annotated[str, one_of("proceed", "descope", "stop")] = "proceed"
    descope: NameList | None = None


class GateTable(Table):
    """A go/no-go decision."""

    name: Text | None = None
    due: Due | None = None
    requires: NameList | None = None
    blocks: NameList | None = None
    review: UncertainDuration | None = None
    criteria: dict[str, Chance] = {}
    no_go: NoGoTable | None = None


class CostsTable(Table):
    """Money beside the people's pay."""

    infrastructure: MoneyOrRate = 0
    contingency: Percentage = Fraction(0)
    spent: Money = 0


class ExpectTable(Table):
    """What `simrisk check` holds the plan to."""

    metric: Text
    at_most: Limit | None = None
    at_least: Limit | None = None
    worsens_at_most: Limit | None = None
    level: Annotated[str, one_of("error", "warn", "off")] = "error"


class ScenarioFile(Table):
    """A simrisk scenario."""

    later = {
        "pools": "pools",
        "equipment": "equipment",
        "risks": "risks",
        "correlations": "correlations",
        "mitigations": "mitigations",
    }
    project: ProjectTable
    simulation: SimulationTable | None = None
    defaults: DefaultsTable | None = None
    people: dict[str, PersonTable] = {}
    absence: dict[str, AbsenceTable] = {}
    pto: LeaveTable | None = None
    sprints: SprintsTable | None = None
    tasks: dict[str, TaskTable]
    gates: dict[str, GateTable] = {}
    costs: CostsTable | None = None
    expect: list[ExpectTable] = []
