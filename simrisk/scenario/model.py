"""The scenario as the user meant it: frozen values with names, dates and minutes, every default filled in.

Loaded scenarios satisfy everything the loader checks: names resolve, globs are expanded, durations
are working minutes, money is cents, decimals are exact fractions. Nothing here knows about arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

DistributionKind = Literal[
    "exactly",  # (value,)
    "pert",  # (low, likely, high), low < high
    "triangular",  # (low, likely, high), low < high
    "lognormal",  # (median, sigma)
    "normal",  # (mean, sd), cut off at 0
    "gamma",  # (shape, scale)
    "weibull",  # (shape, scale)
    "uniform",  # (low, high), low < high
    "exponential",  # (mean,)
    "values",  # (value, value, ...) ascending, with `weights`
    "scipy",  # (location, scale, shape, shape, ...) of the scipy.stats distribution called `name`
]


@dataclass(frozen=True)
class Distribution:
    """An uncertain quantity: working minutes for efforts and durations, a plain number for factors.

    Parameters
    ----------
    kind : str
        One of `DistributionKind`; the parameters are listed there.
    params : tuple of float
    weights : tuple of float
        Only for ``values``: the chances, as many as `params`, adding up to 1.
    planned : float
        What the plan says without dice: the likely value, else the median. Its unit is that of `params`.
    name : str
        Only for ``scipy``: the name in scipy.stats.
    """

    kind: DistributionKind
    params: tuple[float, ...]
    planned: float
    weights: tuple[float, ...] = ()
    name: str = ""


@dataclass(frozen=True)
class Project:
    """Calendar and targets. `work_week` holds Python weekday numbers (Monday 0), ascending."""

    name: str
    start: date
    deadline: date | None
    budget: int | None  # cents
    currency: str
    day_minutes: int  # working minutes of a day
    work_week: tuple[int, ...]
    holidays: frozenset[date]
    horizon: date | int | None  # calendar date before which all ends, or working minutes; None: the default
    status_date: date | None = None  # forecast from this day on


@dataclass(frozen=True)
class Simulation:
    """How often the dice are rolled, and which."""

    trials: int = 10_000
    seed: int = 1


@dataclass(frozen=True)
class Contractor:
    """Somebody from outside who is called for a piece of work."""

    lead: Distribution  # working minutes from the call to the arrival
    rate: Fraction  # cents per working minute
    level: int | None  # in the skills of the task; None: does any work fully


@dataclass(frozen=True)
class Cover:
    """What happens while somebody is away (`unavailable` in the file). Minutes."""

    handover_after: int | None  # working minutes away until the work is offered to others; None: never
    handover_cost: int  # minutes of effort each time a piece of work changes hands
    contractor_after: int | None = None  # working minutes away until a contractor is called; None: never
    contractor: Contractor | None = None  # there when `contractor_after` is
    descope_after: int | None = None  # working minutes away until tasks are dropped; None: never
    descope: tuple[str, ...] | None = None  # tasks; None: the optional ones not begun


@dataclass(frozen=True)
class Absence:
    """One kind of unplanned absence of a person."""

    kind: str
    per_year: float  # spells per 52 weeks of presence, > 0
    duration: Distribution  # working minutes; used in whole days, at least one


@dataclass(frozen=True)
class Departure:
    """The hazard that a person leaves, and their replacement. Minutes are working minutes."""

    per_year: float  # per 52 weeks of presence, > 0
    notice: Distribution  # from giving notice to leaving, minutes; used in whole days
    replace: Distribution | None  # from leaving to the arrival of the replacement; None: nobody comes
    ramp: int  # of the replacement
    ramp_from: Fraction


@dataclass(frozen=True)
class DateRange:
    """Calendar days from `first` to `last`, both included."""

    first: date
    last: date


@dataclass(frozen=True)
class LeaveAllowance:
    """Days of leave placed at random: `days` per 52 weeks of employment, or `days` in all until `by`."""

    days: Fraction
    by: date | None


@dataclass(frozen=True)
class Person:
    """Somebody who does the work."""

    id: str
    role: str
    fte: Fraction  # 0 < fte <= 1
    focus: Fraction  # 0 < focus <= 1
    rate: Fraction | None  # cents per working minute of full-time work
    paid: Literal["worked", "employed"]
    skills: dict[str, int]
    start: date | None  # first day of employment; None: since before the project
    end: date | None  # last day of employment; None: open
    ramp: int  # working minutes until fully productive, 0: at once
    ramp_from: Fraction  # productivity on the first day, 0 <= from <= 1
    leave: tuple[DateRange, ...]
    allowance: LeaveAllowance | None
    absence: tuple[Absence, ...]
    cover: Cover | None  # the person's own policy; None: the defaults'
    departure: Departure | None = None


@dataclass(frozen=True)
class Pool:
    """A role with a number of heads over time, no names and no skills."""

    id: str
    role: str
    headcount: tuple[tuple[date, Fraction], ...]  # heads from each date on, ascending; none before the first
    focus: Fraction  # 0 < focus <= 1
    rate: Fraction | None  # cents per working minute and head
    paid: Literal["worked", "employed"]
    hire_delay: Distribution  # working minutes by which each later upward step slips
    ramp: int  # working minutes until a hire is fully productive
    ramp_from: Fraction


@dataclass(frozen=True)
class Equipment:
    """Something there are `units` of, which a task holds from its start to its finish."""

    id: str
    name: str
    units: int  # >= 1
    cost: int  # cents per unit, once
    rate: Fraction | None  # cents per unit and working minute until the finish


@dataclass(frozen=True)
class LeaveRules:
    """Rules for leave placed at random."""

    max_off: int | None  # people off together at most
    blackout: tuple[DateRange, ...]
    block: int  # working days in a block, >= 1


@dataclass(frozen=True)
class Sprints:
    """The cadence. `length` is (n, "w") for calendar weeks or (n, "d") for working days."""

    length: tuple[int, Literal["w", "d"]]
    count: int
    ceremonies: int  # minutes per person and sprint
    names: tuple[str, ...]  # `count` names
    pull: bool


@dataclass(frozen=True)
class Link:
    """What a task waits for in another: its start (FS, SS) or end (FF, SF) comes after the other's finish or start."""

    task: str
    kind: Literal["FS", "SS", "FF", "SF"] = "FS"
    lag: Distribution | None = None  # working minutes; None: 0; may be negative from a duration-driven task (FS, FF)


@dataclass(frozen=True)
class Task:
    """Something to be done.

    `share` says how: "work", each of `who` does a part of their own (`efforts` has one entry each);
    "split", "any" or "together", one `efforts` entry for all of `who`; "duration", one entry, a duration, during which
    it holds all of `who` (maybe nobody); "milestone", no entry and nobody. `who` names people; pools only with
    "work", or a single one with "split". Progress is already in `efforts` and `done`.
    """

    id: str
    name: str
    sprint: int | None  # 1-based
    priority: int
    skills: tuple[str, ...]
    links: tuple[Link, ...]  # predecessors, as written
    not_before: date | None
    optional: bool
    share: Literal["work", "split", "any", "together", "duration", "milestone"]
    who: tuple[str, ...]  # people or pools
    efforts: tuple[Distribution, ...]
    backup: tuple[str, ...] | None  # None: whoever has `backup_level` in the task's skills
    cover: Cover | None  # the task's own policy; None: the person's
    uses: tuple[tuple[str, int], ...] = ()  # equipment, units
    max_fte: Fraction | None = None  # heads of a pool at most; None: all there are
    raises: tuple[tuple[str, str, int], ...] = ()  # person, skill, level from the moment it is finished
    done: tuple[int, ...] = ()  # minutes to take off each drawn effort; empty: none
    finished: date | None = None  # finished on that day, before or on the status date

    @property
    def after(self) -> tuple[str, ...]:
        """The tasks it is linked to."""
        return tuple(link.task for link in self.links)


@dataclass(frozen=True)
class Criterion:
    """One go criterion: its chance at the first review and at every later one."""

    id: str
    chance: float
    later: float


@dataclass(frozen=True)
class Gate:
    """A go/no-go decision.

    `due` is a 1-based sprint (its end), a date, or None (as soon as the required tasks are done).
    `descope` is None when the optional tasks not begun are dropped.
    """

    id: str
    name: str
    due: int | date | None
    requires: tuple[str, ...]
    blocks_sprints: tuple[int, ...]  # 1-based
    blocks_tasks: tuple[str, ...]
    review: Distribution
    criteria: tuple[Criterion, ...]
    has_no_go: bool  # without: a failed review is waived
    extend: Distribution
    rework: tuple[tuple[str, Distribution], ...]  # person, effort
    rework_skills: tuple[str, ...]
    rework_backup: tuple[str, ...] | None
    max_extensions: int
    then: Literal["proceed", "descope", "stop"]
    descope: tuple[str, ...] | None
    passed: date | None = None  # it has passed on that day, before or on the status date


@dataclass(frozen=True)
class Risk:
    """Something that happens in a trial or does not."""

    id: str
    name: str
    probability: float
    affects: tuple[str, ...]  # tasks, in the order of the file
    factor: Distribution | None  # multiplies the effort or duration of all of them
    delay: Distribution | None  # working minutes before the first of them that is ready may start
    cost: int  # cents
    away: tuple[tuple[str, Distribution], ...]  # person, working minutes; used in whole days


@dataclass(frozen=True)
class Correlation:
    """The correlation of the normal scores of what is drawn for these tasks, pair by pair."""

    tasks: tuple[str, ...]  # at least two
    rho: float  # -1 < rho < 1
    pair: bool  # written as a pair: goes before groups


@dataclass(frozen=True)
class Mitigation:
    """A switchable change to the scenario; an active one is already worked into the rest."""

    id: str
    name: str
    price: int  # cents, paid when active
    active: bool


@dataclass(frozen=True)
class Charge:
    """A contract, or compensation for overtime or being on call: money once or by time, within dates."""

    id: str
    kind: Literal["contract", "compensation"]
    amount: int  # cents, once, on `first` (if the project still runs then; without a date always)
    rate: Fraction | None  # cents per working minute from `first` to `last`, at most until the finish; all heads
    first: date | None  # None: the start
    last: date | None  # None: the finish


@dataclass(frozen=True)
class Costs:
    """Money beside the people's pay. Cents."""

    infrastructure: int  # once
    infrastructure_rate: Fraction | None  # cents per working minute until the finish
    contingency: Fraction  # share of the budget that may be used on top, e.g. 1/10
    spent: int
    charges: tuple[Charge, ...] = ()


@dataclass(frozen=True)
class Expectation:
    """What `simrisk check` holds the plan to; limits as written in the file."""

    metric: str
    limits: dict[str, object]
    level: Literal["error", "warn", "off"]


@dataclass(frozen=True)
class Prior:
    """A documented default that this scenario names."""

    key: str  # where the scenario uses it, e.g. "defaults.common"
    name: str
    source: str


@dataclass(frozen=True)
class Scenario:
    """A loaded scenario."""

    id: str  # the file's stem
    path: str  # as the user named it
    text: str  # the file's full text
    project: Project
    simulation: Simulation
    common: Distribution | None  # factor, one draw per trial on all effort
    efficiency: dict[int, Fraction]  # skill level -> factor; empty: any level from 1 up does it fully
    backup_level: int
    cover: Cover | None  # defaults
    people: tuple[Person, ...]
    leave: LeaveRules
    sprints: Sprints | None
    tasks: tuple[Task, ...]
    gates: tuple[Gate, ...]
    costs: Costs
    expect: tuple[Expectation, ...] = ()
    priors: tuple[Prior, ...] = ()
    changes: tuple[tuple[str, str], ...] = ()  # --set KEY=VALUE on top of `text`
    pools: tuple[Pool, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    risks: tuple[Risk, ...] = ()
    correlations: tuple[Correlation, ...] = ()
    mitigations: tuple[Mitigation, ...] = ()
    switched_on: tuple[str, ...] = ()  # --with NAME
    switched_off: tuple[str, ...] = ()  # --without NAME
    lines: dict[str, int] = field(default_factory=dict, compare=False)  # dotted path -> line, for later messages
