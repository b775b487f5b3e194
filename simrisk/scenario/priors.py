"""Documented defaults that a scenario may name: what each one says, and where the figure comes from.

A scenario writes ``{ prior = "sip" }`` where it would write the quantity itself; the report repeats the
source. Values are shaped as they would stand in the file. What no source gives says so in as many words.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class PriorEntry:
    """One documented default.

    Parameters
    ----------
    value : object
        As it would stand in the scenario file: a table, a text with a unit, or a number.
    source : str
        Where the figure comes from and how it was worked out, in plain words.
    """

    value: object
    source: str


_SPREAD = {
    "sip": PriorEntry(
        {"median": 1.0, "sigma": 0.6},
        "SiP task data, 7,916 finished or completed tasks, hours worked over hours estimated: the middle task takes "
        "what was estimated (median 1.0), log-sd 0.6 by robust measures (0.75 with every outlier). The mean of this "
        "log-normal is exp(0.6^2 / 2) = 1.20 times the estimate.",
    ),
    "sip-p90": PriorEntry(
        {"median": 1.0, "p90": 2.0},
        "SiP task data, all 10,266 tasks with hours: median 1.00, P90 2.00 times the estimate; the log-normal through "
        "both has log-sd ln(2) / 1.2816 = 0.54.",
    ),
}

_PROJECTS = (
    "The three project studies Landmark, Moløkken-Jørgensen and Kitchenham together: medians of actual over estimate "
    "from 1.0 to 1.8, log-sd 0.36 to 0.43. "
)

_COMMON = {
    "kitchenham": PriorEntry(
        {"median": 1.0, "sigma": 0.37},
        _PROJECTS + "Taken here: no bias (the lowest median) and log-sd 0.37, in the lower half of that range. Which "
        "figures belong to which study is this project's reading, an assumption.",
    ),
    "moloekken-joergensen": PriorEntry(
        {"median": 1.25, "sigma": 0.4},
        _PROJECTS + "Taken here: log-sd 0.40 from the middle, and the median at which the mean, 1.25 * exp(0.40^2 / "
        "2) = 1.35, is in the middle of the average effort overrun of 30 to 40 % that Moløkken and Jørgensen's review "
        "of surveys (2003) reports.",
    ),
    "landmark": PriorEntry(
        {"median": 1.8, "sigma": 0.43},
        _PROJECTS + "Taken here: both upper ends. Landmark (106 projects, Little 2006) measured durations and found "
        "hardly a project early. Which figures belong to which study is this project's reading, an assumption.",
    ),
}

_SPELL_LENGTHS = "How long a spell lasts has no source: an assumption. "

_ABSENCE = {
    "us": PriorEntry(
        {"per_year": 1.3, "duration": {"values": ["1d", "2d", "3d", "5d"], "weights": [5, 2, 2, 1]}},
        "Sickness in the US: about 1 % of working time, that is 2.6 of 260 working days a year. "
        + _SPELL_LENGTHS
        + "With a mean of (5*1 + 2*2 + 2*3 + 1*5) / 10 = 2.0 days it takes 1.3 spells a year: 1.3 * 2.0 = 2.6 days.",
    ),
    "uk": PriorEntry(
        {"per_year": 4.0, "duration": {"values": ["1d", "2d", "3d", "5d", "10d"], "weights": [10, 4, 3, 2, 1]}},
        "Sickness in the UK: 9.4 days a year. "
        + _SPELL_LENGTHS
        + "With a mean of (10*1 + 4*2 + 3*3 + 2*5 + 1*10) / 20 = 2.35 days it takes "
        "4 spells a year: 4 * 2.35 = 9.4 days.",
    ),
}

_LEAVE_RANGE = "Leave in the US: 11 to 20 days a year. "

_LEAVE = {
    "low": PriorEntry(11, _LEAVE_RANGE + "Taken here: the lower end, 11 days."),
    "middle": PriorEntry(
        15, _LEAVE_RANGE + "Taken here: 15 days, between the two ends; no source for the choice: an assumption."
    ),
    "high": PriorEntry(20, _LEAVE_RANGE + "Taken here: the upper end, 20 days."),
}

_ATTRITION = {
    "industry": PriorEntry(
        0.13, "Attrition: 13 % of people leave in a year, taken as the yearly hazard of one person."
    ),
}

_HIRING = {
    "application": PriorEntry(
        {"exactly": "7w"},
        "Hiring: 49 days from application to first day; 49 / 7 = 7 weeks. The time until somebody applies comes on "
        "top. Its spread has no source: none is assumed.",
    ),
}

_RAMP_RANGE = "Ramp-up of a new starter: 3 to 9 months. "
_RAMP_FROM = " That they begin at half speed has no source: an assumption."

_RAMP = {
    "low": PriorEntry(
        {"ramp": "13w", "from": 0.5},
        _RAMP_RANGE + "Taken here: 3 months = 3 * 52 / 12 = 13 weeks." + _RAMP_FROM,
    ),
    "middle": PriorEntry(
        {"ramp": "26w", "from": 0.5},
        _RAMP_RANGE + "Taken here: the middle, 6 months = 6 * 52 / 12 = 26 weeks." + _RAMP_FROM,
    ),
    "high": PriorEntry(
        {"ramp": "39w", "from": 0.5},
        _RAMP_RANGE + "Taken here: 9 months = 9 * 52 / 12 = 39 weeks." + _RAMP_FROM,
    ),
}

# by what they can stand for: spread and common in [defaults], absence for a kind of absence, leave for pto_days, ramp
# for onboarding; attrition and hiring are figures for departures and replacements
PRIORS: dict[str, dict[str, PriorEntry]] = {
    "spread": _SPREAD,
    "common": _COMMON,
    "absence": _ABSENCE,
    "leave": _LEAVE,
    "attrition": _ATTRITION,
    "hiring": _HIRING,
    "ramp": _RAMP,
}
