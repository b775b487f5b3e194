"""The tables of a scenario file, key by key: what may stand where."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from simrisk.scenario.fields import (
    Chance,
    Day,
    DayHours,
    Duration,
    Factor,
    FixedEffort,
    Flag,
    Levels,
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
    UncertainFactor,
    one_of,
    whole,
)
from simrisk.scenario.links import Links
from simrisk.scenario.values import (
    Allowance,
    Anything,
    Done,
    Due,
    Hazard,
    Headcount,
    Horizon,
    Length,
    Limit,
    Monthly,
    MostHeads,
    PerYear,
    Remaining,
    Rho,
    WorkWeek,
)

MOST_SPRINTS = 1000
MOST_TRIALS = 10_000_000  # beyond it the results would not fit in memory
MOST_UNITS = 1_000_000


class Table(BaseModel):
    """A table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


class ProjectTable(Table):
    """Calendar and targets of the project."""

    name: Text | None = None
    start: Day
    deadline: Day | None = None
    budget: Money | None = None
    currency: Text = "USD"
    hours_per_day: DayHours = 480
    work_week: WorkWeek = (0, 1, 2, 3, 4)
    holidays: list[Day] = []
    horizon: Horizon | None = None
    status_date: Day | None = None


class SimulationTable(Table):
    """How many trials, and which random numbers."""

    trials: Annotated[int, whole(1, MOST_TRIALS)] = 10_000
    seed: Annotated[int, whole(0, 2**63 - 1)] = 1


class ContractorTable(Table):
    """Somebody from outside who is called for a piece of work."""

    lead: UncertainDuration
    rate: Rate
    level: Annotated[int, whole(0, 100)] | None = None


class UnavailableTable(Table):
    """What happens while whoever does a task is away."""

    handover_after: Duration | None = None
    handover_cost: FixedEffort = 0
    contractor_after: Duration | None = None
    contractor: ContractorTable | None = None
    descope_after: Duration | None = None
    descope: NameList | None = None


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


class DepartureTable(Table):
    """The hazard that a person leaves, and who comes after."""

    per_year: Hazard
    notice: UncertainDuration | None = None
    replace: UncertainDuration | None = None
    ramp: Duration = 0
    from_: Proportion | None = Field(default=None, alias="from")


class PersonTable(Table):
    """Somebody who does the work."""

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
    departure: DepartureTable | None = None


class PoolTable(Table):
    """A role with a number of heads over time."""

    role: Text = ""
    headcount: Headcount | None = None
    monthly: Monthly | None = None
    focus: PositiveShare | None = None
    rate: Rate | None = None
    paid: Annotated[str, one_of("employed", "worked")] | None = None
    hire_delay: UncertainDuration | None = None
    onboarding: OnboardingTable | None = None


class EquipmentTable(Table):
    """Something that tasks hold while they run."""

    name: Text | None = None
    units: Annotated[int, whole(1, MOST_UNITS)] = 1
    cost: MoneyOrRate = 0


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


class ProgressTable(Table):
    """How far a task is on the status date."""

    done: Done | None = None
    remaining: Remaining | None = None
    finished: Day | None = None


class TaskTable(Table):
    """Something to be done."""

    name: Text | None = None
    sprint: Annotated[int, whole(1, MOST_SPRINTS)] | None = None
    work: dict[str, UncertainEffort] | None = None
    effort: UncertainEffort | None = None
    who: NameList | None = None
    share: Annotated[str, one_of("split", "any", "together")] | None = None
    pool: Text | None = None
    max_fte: MostHeads | None = None
    duration: UncertainDuration | None = None
    milestone: Flag = False
    skill: NameList | None = None
    backup: NameList | None = None
    after: Links | None = None
    uses: dict[str, Annotated[int, whole(1, MOST_UNITS)]] = {}
    priority: Annotated[int, whole(-1_000_000, 1_000_000)] = 100
    optional: Flag = False
    not_before: Day | None = None
    unavailable: UnavailableTable | None = None
    raises: dict[str, dict[str, Annotated[int, whole(1, 100)]]] = {}
    progress: ProgressTable | None = None


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
    passed: Day | None = None


class RiskTable(Table):
    """Something that happens in a trial or does not."""

    name: Text | None = None
    probability: Chance
    affects: NameList | None = None
    factor: UncertainFactor | None = None
    delay: UncertainDuration | None = None
    cost: Money = 0
    away: dict[str, UncertainDuration] = {}


class CorrelatedTable(Table):
    """Tasks whose efforts or durations go together."""

    tasks: NameList
    rho: Rho


class CorrelationsTable(Table):
    """Which tasks' efforts and durations go together."""

    groups: list[CorrelatedTable] = []
    pairs: list[CorrelatedTable] = []


class ContractTable(Table):
    """Money for somebody outside: once, or by time."""

    name: Text | None = None
    amount: Money | None = None
    on: Day | None = None
    rate: Rate | None = None
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class CompensationTable(Table):
    """Extra pay by time, for overtime or for being on call."""

    name: Text | None = None
    people: NameList
    rate: Rate
    first: Day | None = Field(default=None, alias="from")
    last: Day | None = Field(default=None, alias="to")


class CostsTable(Table):
    """Money beside the people's pay."""

    infrastructure: MoneyOrRate = 0
    contingency: Percentage = Fraction(0)
    spent: Money = 0
    contracts: dict[str, ContractTable] = {}
    compensation: dict[str, CompensationTable] = {}


class MitigationTable(Table):
    """A switchable change to the scenario, with its price; its tables are added when it is active."""

    name: Text | None = None
    price: Money = 0
    active: Flag = False
    changes: dict[str, Anything] = {}
    people: dict[str, PersonTable] = {}
    pools: dict[str, PoolTable] = {}
    equipment: dict[str, EquipmentTable] = {}
    absence: dict[str, AbsenceTable] = {}
    tasks: dict[str, TaskTable] = {}
    gates: dict[str, GateTable] = {}
    risks: dict[str, RiskTable] = {}
    correlations: CorrelationsTable | None = None
    costs: CostsTable | None = None


class ExpectTable(Table):
    """What `simrisk check` holds the plan to."""

    metric: Text
    at_most: Limit | None = None
    at_least: Limit | None = None
    worsens_at_most: Limit | None = None
    level: Annotated[str, one_of("error", "warn", "off")] = "error"


class ScenarioFile(Table):
    """A simrisk scenario."""

    project: ProjectTable
    simulation: SimulationTable | None = None
    defaults: DefaultsTable | None = None
    people: dict[str, PersonTable] = {}
    absence: dict[str, AbsenceTable] = {}
    pto: LeaveTable | None = None
    pools: dict[str, PoolTable] = {}
    equipment: dict[str, EquipmentTable] = {}
    sprints: SprintsTable | None = None
    tasks: dict[str, TaskTable]
    gates: dict[str, GateTable] = {}
    risks: dict[str, RiskTable] = {}
    correlations: CorrelationsTable | None = None
    mitigations: dict[str, MitigationTable] = {}
    costs: CostsTable | None = None
    expect: list[ExpectTable] = []
